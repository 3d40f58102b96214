"""The accounts that a round may pay into: each held to its check digit and to the applicant's name.

In    a round's tables, a table of corrections, the households that are owed money
Out   `Accounts`: those that may be used, whom to hold back and how to mend it, what a person is told

No sentence holds more of an account than its last four digits. Source of the check digit: ISO/IEC 7812-1,
annex B (Luhn).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from relief.errors import PaymentError
from relief.intake.identifiers import folded_name
from relief.intake.tables import read_tables
from relief.messages import say
from relief.round.outputs import GUARDED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    import pandas as pd

    from relief.intake.tables import Tables
    from relief.messages import Language

__all__ = ["Account", "Accounts", "Finding", "accounts_of", "is_card", "problem_of_text"]

_CARD_LENGTHS = range(16, 20)
# Excel keeps 15 digits of a number and fills up with zeros: by chance so in one of a thousand at most.
_EXCEL_KEEPS, _LOST_FROM = 15, 18
_BETWEEN = re.compile(r"[\s-]")
_HAN_GAP = re.compile(r"(?<=[\u3400-\u9fff\U00020000-\U000323af])\s+(?=[\u3400-\u9fff\U00020000-\U000323af])")
_FORMULA = re.compile(GUARDED)
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


@dataclass(frozen=True)
class Account:
    """Where the money of one household goes. Its `repr` shows neither the holder nor the number."""

    household_id: str
    holder: str = field(repr=False)
    number: str = field(repr=False)
    bank: str = field(default="", repr=False)

    @property
    def tail(self) -> str:
        """The last four digits, as people tell accounts apart."""
        return self.number[-4:]


@dataclass(frozen=True)
class Finding:
    """What is said of one household's account: a sentence of ``sentences/payment.toml`` and its cure."""

    household_id: str
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def reason(self, lang: Language = "zh") -> str:
        """Return what is the matter, as a sentence."""
        return say(self.code, lang, **self.facts)

    def cure(self, lang: Language = "zh") -> str:
        """Return how to mend it, as a sentence."""
        return say(f"{self.code}.cure", lang, **self.facts)


@dataclass(frozen=True)
class Accounts:
    """The accounts of those who are owed money.

    Attributes
    ----------
    usable : mapping of str to Account
        By household id, in the order asked for.
    held_back : tuple of Finding
        Who cannot be paid yet.
    told : tuple of Finding
        Usable, but for a person to look at.
    """

    usable: Mapping[str, Account]
    held_back: tuple[Finding, ...] = ()
    told: tuple[Finding, ...] = ()


def is_card(number: str) -> bool:
    """Return whether the last digit of a card number is the one that follows from the others (Luhn).

    Examples
    --------
    >>> is_card("6222020000000000109"), is_card("6222020000000000280"), is_card("4111111111111111")
    (True, False, True)
    """
    doubled = [int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(number))]
    return sum(amount - 9 * (amount > 9) for amount in doubled) % 10 == 0


def problem_of_text(text: str) -> str | None:
    """Return why a text must not go into a file for a bank: a formula, or what nobody sees; None if it may.

    Examples
    --------
    >>> problem_of_text("=1+1"), problem_of_text("王\u200b小明"), problem_of_text("𠮷田")
    ('formula', 'unseen', None)
    """
    if _FORMULA.match(text):
        return "formula"
    return "unseen" if any(unicodedata.category(letter) in _UNSEEN for letter in text) else None


def accounts_of(
    tables: Tables,
    households: Iterable[str],
    corrected: Tables | pd.DataFrame | str | Path | None = None,
    *,
    earlier: Iterable[Tables] = (),
    holders: Mapping[str, str] | None = None,
    numbers: Mapping[str, str] | None = None,
    returned: Mapping[str, str] | None = None,
) -> Accounts:
    """Return the accounts of some households, checked.

    Parameters
    ----------
    tables : Tables
        Of the round: columns `applicant_name`, `account_holder`, `bank_account`, `bank_name`.
    households : iterable of str
        Whom to pay.
    corrected : Tables, or anything that `read_tables` takes, optional
        Household id, holder, account, bank. A row replaces all that the round has of that account.
    earlier : iterable of Tables
        The corrections of batches before, in their order.
    holders : mapping of str to str, optional
        Why the account is another person's than the applicant's, by household.
    numbers : mapping of str to str, optional
        Why a number is right that fails the check of a card (a passbook), or from which a payment came back
        (the bank's own fault), by household.
    returned : mapping of str to str, optional
        Why a payment came back, by household: not paid again into the same account without a reason.

    Returns
    -------
    Accounts

    Raises
    ------
    PaymentError
        If a correction or a reason is for a household that the round does not know, or a reason is blank,
        or two corrections are for one household.
    ReliefError
        If the corrections cannot be read.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = {"户编号": ["a", "b"], "申请人": ["王小明", "李娜"], "收款户名": ["王小明", "李四"],
    ...         "银行卡号": ["6222020000000000109", "6222020000000000208"]}
    >>> accounts = accounts_of(read_tables(pd.DataFrame(rows)), ["a", "b"])
    >>> list(accounts.usable), [(found.household_id, found.code) for found in accounts.held_back]
    (['a'], [('b', 'account.other_holder')])
    """
    stated = {row.household_id: row for row in _stated(tables)}
    fresh: set[str] = set()
    for source in (*earlier, corrected):
        rows = {row.household_id: row for row in _corrections(source, stated)}
        stated, fresh = stated | rows, set(rows)
    came_back = {household: why for household, why in (returned or {}).items() if household not in fresh}
    reasons = _Reasons(holders or {}, numbers or {}, came_back)
    reasons.check(stated)
    usable: dict[str, Account] = {}
    held_back: list[Finding] = []
    told: list[Finding] = []
    for household in dict.fromkeys(households):
        row = stated.get(household, _Row(household))
        wrong = _wrong(row, reasons)
        if wrong is None:
            usable[household] = Account(household, row.holder or row.applicant, row.number, row.bank)
            told += _worth_a_look(row, reasons)
        else:
            held_back.append(wrong)
    return Accounts(usable, tuple(held_back), (*told, *_shared(usable)))


@dataclass(frozen=True, repr=False)
class _Row:
    household_id: str
    applicant: str = ""
    holder: str = ""
    number: str = ""
    bank: str = ""
    is_lost: bool = False


@dataclass(frozen=True)
class _Reasons:
    holders: Mapping[str, str]
    numbers: Mapping[str, str]
    returned: Mapping[str, str]

    def check(self, known: Mapping[str, object]) -> None:
        """Refuse a reason that says nothing, or that is for nobody here."""
        for reasons in (self.holders, self.numbers):
            for household, reason in reasons.items():
                if household not in known:
                    raise PaymentError("account.unknown_household", household=household)
                if not reason.strip():
                    raise PaymentError("account.blank_reason", household=household)


def _stated(tables: Tables) -> Iterator[_Row]:
    """Yield what a table of households says of accounts; whose number Excel has cut is marked."""
    frame = tables.frames["households"]
    lost = {
        fault.household_id
        for fault in tables.faults
        if (fault.column, fault.code) == ("bank_account", "fault.rounded")
    }
    names = ("household_id", "applicant_name", "account_holder", "bank_account", "bank_name")
    columns = [frame[name].astype(object).where(frame[name].notna(), "").tolist() if name in frame
               else [""] * len(frame) for name in names]  # fmt: skip
    for household, applicant, holder, number, bank in zip(*columns, strict=True):
        plain = _BETWEEN.sub("", unicodedata.normalize("NFKC", str(number)))
        names_ = _named(applicant), _named(holder)
        yield _Row(str(household), *names_, plain, str(bank).strip(), household in lost)


def _named(name: Any) -> str:
    """Return a name as a bank has it: no blank between Chinese characters."""
    return _HAN_GAP.sub("", str(name).strip())


def _corrections(source: Any, stated: Mapping[str, _Row]) -> Iterator[_Row]:
    """Yield the corrected rows; the applicant is whom the round knows, whatever a correction says."""
    if source is None:
        return
    tables = read_tables(source)
    for fault in tables.faults:
        if fault.severity == "fault" and fault.column == "household_id":
            raise PaymentError("account.correction_unclear", place_zh=fault.place("zh"),
                               place_en=fault.place("en"), problem_zh=fault.problem("zh"),
                               problem_en=fault.problem("en"))  # fmt: skip
    for row in _stated(tables):
        if row.household_id not in stated:
            raise PaymentError("account.unknown_household", household=row.household_id)
        applicant = stated[row.household_id].applicant
        yield _Row(row.household_id, applicant, row.holder, row.number, row.bank, row.is_lost)


def _wrong(row: _Row, reasons: _Reasons) -> Finding | None:
    """Return why nothing may be paid into an account, None where it may."""
    code, facts = _wrong_number(row, reasons) or _wrong_holder(row, reasons) or ("", {})
    return Finding(row.household_id, code, facts) if code else None


def _wrong_number(row: _Row, reasons: _Reasons) -> tuple[str, dict[str, object]] | None:
    number, household = row.number, row.household_id
    if household in reasons.returned and household not in reasons.numbers:
        return "account.came_back", {"why": reasons.returned[household]}
    if row.is_lost or (len(number) >= _LOST_FROM and not number[_EXCEL_KEEPS:].strip("0")):
        return "account.digits_lost", {}
    if not number:
        return "account.none", {}
    facts: dict[str, object] = {"tail": number[-4:], "count": len(number)}
    if not (number.isascii() and number.isdecimal()):
        return "account.not_digits", {}
    if len(number) in _CARD_LENGTHS and not is_card(number) and household not in reasons.numbers:
        return "account.check_digit", facts
    return None


def _wrong_holder(row: _Row, reasons: _Reasons) -> tuple[str, dict[str, object]] | None:
    holder = row.holder or row.applicant
    if not holder:
        return "account.no_holder", {}
    if "*" in holder:
        return "account.masked_holder", {}
    for what, text in (("holder", holder), ("bank", row.bank)):
        problem = problem_of_text(text)
        if problem:
            return f"account.{problem}", {f"what_{lang}": say(f"account.what.{what}", lang)
                                          for lang in ("zh", "en")}  # fmt: skip
    if folded_name(holder) != folded_name(row.applicant) and row.household_id not in reasons.holders:
        return "account.other_holder", {}
    return None


def _worth_a_look(row: _Row, reasons: _Reasons) -> Iterator[Finding]:
    """Yield what a person is told of an account that is used."""
    household, count = row.household_id, len(row.number)
    if count not in _CARD_LENGTHS:
        yield Finding(household, "account.no_card", {"tail": row.number[-4:], "count": count})
    elif not is_card(row.number):
        reason = reasons.numbers[household].strip()
        yield Finding(household, "account.check_excused", {"tail": row.number[-4:], "reason": reason})
    if household in reasons.returned:
        facts = {"why": reasons.returned[household], "reason": reasons.numbers[household].strip()}
        yield Finding(household, "account.sent_again", facts)
    if not row.holder:
        yield Finding(household, "account.holder_assumed")
    elif folded_name(row.holder) != folded_name(row.applicant):
        yield Finding(household, "account.holder_excused", {"reason": reasons.holders[household].strip()})


def _shared(usable: Mapping[str, Account]) -> Iterator[Finding]:
    """Yield the households whose account is another's as well."""
    owners: dict[str, list[str]] = {}
    for household, account in usable.items():
        owners.setdefault(account.number, []).append(household)
    for number, sharing in owners.items():
        for household in sharing if len(sharing) > 1 else ():
            others = [other for other in sharing if other != household]
            yield Finding(household, "account.shared", {"tail": number[-4:], "others": "、".join(others)})
