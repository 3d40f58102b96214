"""What is owed -> payments, and the files that a bank takes, with totals that add up to them.

In    the ledger's debts, accounts that may be used, a layout
Out   `Batch`: payments, files as bytes, control totals by file, district and source; who was held back

The same debts give the same bytes. Nothing here knows what was paid before: the ledger says what is owed.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from relief.errors import PaymentError
from relief.messages import say
from relief.payment.accounts import Finding
from relief.payment.layout import GIVEN, can_hold
from relief.payment.ledger import Payment
from relief.payment.writing import Line, written
from relief.sheets.places import UNSTATED
from relief.steps.deadlines import day_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from relief.payment.accounts import Account, Accounts
    from relief.payment.layout import Layout, What
    from relief.payment.ledger import Key

__all__ = ["Batch", "ControlTotal", "batch"]

_PREFIX = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9-])?")
_DIGITS = 4
_NOT_IN_FILE_NAMES = re.compile(r'[\x00-\x1f<>:"/\\|?*\s]')
_MOST_IN_NAME = 40


@dataclass(frozen=True)
class ControlTotal:
    """What one file pays to one district from one source."""

    file: str
    district: str
    source: str
    count: int
    fen: int


@dataclass(frozen=True)
class Batch:
    """Payments and the files that ask a bank for them.

    Attributes
    ----------
    payments : tuple of Payment
        In the order of the files.
    files : dict of str to bytes
        By name. They hold names and accounts.
    totals : tuple of ControlTotal
    held_back : tuple of Finding
        Who is owed money and is not paid by this batch, and why.

    Raises
    ------
    PaymentError
        If the totals are not those of the payments, or two payments are for one debt.
    """

    payments: tuple[Payment, ...]
    files: Mapping[str, bytes] = field(repr=False)
    totals: tuple[ControlTotal, ...]
    held_back: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        for field_ in ("ref", "key"):
            twice = [key for key, count in Counter(getattr(p, field_) for p in self.payments).items()
                     if count > 1]  # fmt: skip
            if twice:
                raise PaymentError("batch.paid_twice", what=str(twice[0]))
        counted = (len(self.payments), sum(payment.fen for payment in self.payments))
        told = (sum(total.count for total in self.totals), sum(total.fen for total in self.totals))
        if counted != told or {total.file for total in self.totals} != set(self.files):
            raise PaymentError("batch.totals", count=counted[0], fen=counted[1], counted=told[0], sum=told[1])


def batch(
    owed: Mapping[Key, int],
    accounts: Accounts,
    layout: Layout,
    *,
    ref_prefix: str,
    dated: dt.date | str,
    districts: Mapping[str, str],
    given: Mapping[str, str] | None = None,
) -> Batch:
    """Return the payments of what is owed and the bank's files for them.

    Parameters
    ----------
    owed : mapping of (household_id, source) to int
        Fen, as `Ledger.owed`. Each gets one payment.
    accounts : Accounts
    layout : Layout
    ref_prefix : str
        Letters, digits and dashes that no other batch of the round begins its references with: references
        are the prefix and a number.
    dated : date or ISO text
        The day that the files bear.
    districts : mapping of str to str
        By household.
    given : mapping of str to str, optional
        What is the same in every row, by its name in `relief.payment.layout.GIVEN`.

    Returns
    -------
    Batch

    Raises
    ------
    PaymentError
        If an amount is not above zero, the prefix is none, or the layout wants something that is not given.
    MissingExtraError
        If the layout is of an .xlsx and XlsxWriter is not installed.

    Examples
    --------
    >>> from relief.payment import Account, Accounts, load_layout
    >>> accounts = Accounts({"a": Account("a", "王小明", "6222020000000000109")})
    >>> made = batch({("a", ""): 12345}, accounts, load_layout("generic"), ref_prefix="R1-",
    ...              dated="2021-11-01", districts={"a": "江海区"})
    >>> made.totals
    (ControlTotal(file='R1-01.csv', district='江海区', source='', count=1, fen=12345),)
    >>> print(made.files["R1-01.csv"].decode("utf-8-sig"))
    付款编号,收款账号名称,收款账号,收款账号开户行,金额,汇款用途
    R1-0001,王小明,6222020000000000109,,123.45,困难职工帮扶金
    """
    if not _PREFIX.fullmatch(ref_prefix):
        raise PaymentError("batch.prefix", prefix=ref_prefix)
    told = _given(layout, given or {})
    for (household, _), fen in owed.items():
        if fen <= 0:
            raise PaymentError("payment.nothing", ref=household, fen=fen)
    held = _held_back(owed, accounts, layout, districts)
    lines: list[tuple[tuple[str, ...], Payment, str]] = []
    kept = [key for key in owed if key[0] not in held]
    digits = max(_DIGITS, len(str(len(kept))))
    for at, (household, source) in enumerate(kept, start=1):
        payment = Payment(f"{ref_prefix}{at:0{digits}d}", household, source, owed[household, source])
        district = districts.get(household) or UNSTATED
        parts = {"district": district, "source": source}
        lines.append((tuple(parts[name] for name in layout.one_file_per), payment, district))
    return _made(lines, accounts, layout, ref_prefix, day_of(dated), told, tuple(held.values()))


def _made(
    lines: Sequence[tuple[tuple[str, ...], Payment, str]],
    accounts: Accounts,
    layout: Layout,
    prefix: str,
    dated: dt.date,
    given: Mapping[What, str],
    held_back: tuple[Finding, ...],
) -> Batch:
    payments: list[Payment] = []
    files: dict[str, bytes] = {}
    totals: list[ControlTotal] = []
    for number, (part, group) in enumerate(_parts(lines, layout.most_rows), start=1):
        name = _file_name(prefix, number, part, layout.format)
        rows = [
            Line(payment, accounts.usable[payment.household_id], district, at)
            for at, (payment, district) in enumerate(group, start=1)
        ]
        files[name] = written(rows, layout, dated, given)
        payments += [payment for payment, _ in group]
        totals += _totals(name, group)
    return Batch(tuple(payments), files, tuple(totals), held_back)


def _parts(
    lines: Sequence[tuple[tuple[str, ...], Payment, str]], most: int
) -> Iterator[tuple[tuple[str, ...], Sequence[tuple[Payment, str]]]]:
    """Yield what goes into each file: parts in the order in which they first occur, none too long."""
    parts: dict[tuple[str, ...], list[tuple[Payment, str]]] = {}
    for part, payment, district in lines:
        parts.setdefault(part, []).append((payment, district))
    for part, group in parts.items():
        for at in range(0, len(group), most):
            yield part, group[at : at + most]


def _totals(name: str, group: Iterable[tuple[Payment, str]]) -> Iterator[ControlTotal]:
    counts: Counter[tuple[str, str]] = Counter()
    sums: Counter[tuple[str, str]] = Counter()
    for payment, district in group:
        counts[district, payment.source] += 1
        sums[district, payment.source] += payment.fen
    for (district, source), count in counts.items():
        yield ControlTotal(name, district, source, count, sums[district, source])


def _file_name(prefix: str, number: int, part: tuple[str, ...], ending: str) -> str:
    words = [_NOT_IN_FILE_NAMES.sub("", word)[:_MOST_IN_NAME] for word in part]
    return "-".join([f"{prefix.rstrip('-')}-{number:02d}", *filter(None, words)]) + f".{ending}"


def _given(layout: Layout, given: Mapping[str, str]) -> dict[What, str]:
    """Return what stands in every row, by what it is; refuse what is not asked for or not told."""
    for name, text in given.items():
        if name not in GIVEN:
            raise PaymentError("batch.no_given", name=name, known="、".join(GIVEN))
        if not can_hold(layout, text):
            raise PaymentError("batch.given_text", name=name)
    told: dict[What, str] = {}
    for column in layout.columns:
        if column.what in GIVEN:
            text = given.get(column.what, "").strip() or column.text
            if not text:
                raise PaymentError("batch.lacks_given", name=column.what, header=column.header)
            told[column.what] = text
    return told


def _held_back(
    owed: Mapping[Key, int], accounts: Accounts, layout: Layout, districts: Mapping[str, str]
) -> dict[str, Finding]:
    """Return by household why it is not paid: its account, or a text that the file cannot hold."""
    held = {found.household_id: found for found in accounts.held_back}
    found: dict[str, Finding] = {}
    for household, source in owed:
        account = accounts.usable.get(household)
        if account is None:
            found[household] = held.get(household, Finding(household, "account.none"))
            continue
        what = _unfit(account, layout, (household, source, districts.get(household) or UNSTATED))
        if what:
            facts = {f"what_{lang}": say(f"account.what.{what}", lang) for lang in ("zh", "en")}
            found[household] = Finding(
                household, "account.cannot_hold", {**facts, "encoding": layout.encoding}
            )
    return found


def _unfit(account: Account, layout: Layout, row: tuple[str, str, str]) -> str:
    """Return what of a payment the file cannot hold, empty if it can hold all."""
    texts: dict[What, str] = dict(zip(("household", "source", "district"), row, strict=True))
    texts |= {"holder": account.holder, "bank": account.bank}
    for column in layout.columns:
        text = texts.get(column.what, "")
        if not can_hold(layout, text):
            return column.what
    return ""
