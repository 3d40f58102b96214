"""The roster by which money is handed out (实名制发放花名册): who signs for how much, into which account.

In    a `Round`, its payments and the accounts they go to
Out   a `Paper`: a table per district, each sum in figures and in capital numerals

It names people in full, so it is for those who pay and check, and never published.
"""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING

from relief.errors import PaperError
from relief.messages import Figure, say
from relief.money import yuan
from relief.papers.capitals import in_capitals
from relief.papers.notice import long_date
from relief.papers.paper import Grid, Paper, Text, plain
from relief.sheets.places import UNSTATED
from relief.steps.deadlines import day_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from relief.messages import Language
    from relief.papers.paper import Block
    from relief.payment.accounts import Account, Accounts
    from relief.payment.ledger import Payment
    from relief.round.pipeline import Round

__all__ = ["roster"]

_FIRST, _LAST, _FEWEST_HIDDEN = 3, 4, 4
# An ID number by place, birthday and rest; anything else, such as an account, by fours.
_ID_PARTS = re.compile(r"([0-9]{6})([0-9]{8})([0-9]{3}[0-9X])", re.IGNORECASE)
_GROUPS = re.compile(".{1,4}")
_AMOUNT = "amount"
_NUMBERS = frozenset({"number", _AMOUNT})


def roster(
    round_: Round,
    payments: Iterable[Payment],
    accounts: Accounts,
    *,
    full: bool = False,
    lang: Language = "zh",
    dated: dt.date | str,
    organisation: str,
) -> Paper:
    """Return the roster of some payments.

    Parameters
    ----------
    round_ : Round
    payments : iterable of Payment
        Those of a batch, or all that were not returned.
    accounts : Accounts
        With a usable account for each.
    full : bool
        Show ID numbers and accounts whole, where the paper must have them; else only their ends.
    lang : {'zh', 'en'}
    dated : date or ISO text
        The day that the paper bears.
    organisation : str
        Who pays.

    Returns
    -------
    Paper

    Raises
    ------
    PaperError
        If there is no payment, the organisation lacks, or a payment has no account here.

    Examples
    --------
    >>> import pandas as pd
    >>> from relief import split
    >>> from relief.payment import Payment, accounts_of
    >>> rows = {"户编号": ["a"], "申请人": ["王小明"], "银行卡号": ["6222020000000000109"], "个人自付": [300]}
    >>> round_ = split(pd.DataFrame(rows), 123_45)
    >>> paper = roster(round_, [Payment("R1-0001", "a", "", 123_45)], accounts_of(round_.tables, ["a"]),
    ...                dated="2021-11-01", organisation="某市总工会")
    >>> paper.blocks[1].rows
    (('1', '王小明', '622************0109', '123.45', '人民币壹佰贰拾叁元肆角伍分', ''),)
    """
    listed = list(payments)
    if not listed:
        raise PaperError("roster.nobody")
    if not organisation.strip():
        raise PaperError("roster.organisation")
    day = day_of(dated)
    total = sum(payment.fen for payment in listed)
    facts = {"count": len(listed), "total": _money(total), "capitals": in_capitals(total)}
    blocks: list[Block] = [
        Text(say("roster.opening", lang, organisation=organisation.strip(), **facts)),
        *_grids(round_, listed, accounts, lang, full=full),
        Text(say("roster.total", lang, **facts), "strong"),
        Text(say("roster.signatures", lang)),
        Text(say("roster.private", lang), "note"),
        Text(f"{organisation.strip()}\n{long_date(day, lang)}", "right"),
    ]
    return Paper(say("roster.title", lang), tuple(blocks), lang, day.isoformat(), landscape=True)


def _grids(
    round_: Round, payments: Sequence[Payment], accounts: Accounts, lang: Language, *, full: bool
) -> Iterator[Grid]:
    """Yield one table per district, in the order of the round's, numbered through."""
    known = _known(round_)
    homes = round_.household_districts.astype(object).dropna().to_dict()
    places = {str(name): at for at, name in enumerate(round_.districts.index)}
    groups: dict[str, list[Payment]] = {}
    for payment in payments:
        groups.setdefault(str(homes.get(payment.household_id, UNSTATED)), []).append(payment)
    in_order = sorted(groups, key=lambda name: places.get(name, len(places)))
    numbers = count(1)
    rows = {
        district: [
            _row(next(numbers), each, known.get(each.household_id, {}), _account(each, accounts), full=full)
            for each in groups[district]
        ]
        for district in in_order
    }
    for district in in_order:
        total = sum(payment.fen for payment in groups[district])
        yield _grid(district, rows[district], _names(rows), total, lang)


def _names(rows: Mapping[str, Sequence[Mapping[str, str]]]) -> list[str]:
    """Return the columns, without one in which nobody has anything."""
    listed = [row for group in rows.values() for row in group]
    return [name for name in listed[0] if name == "signature" or any(row[name] for row in listed)]


def _grid(
    district: str, rows: Sequence[Mapping[str, str]], names: Sequence[str], total: int, lang: Language
) -> Grid:
    sums = {"number": say("roster.sum", lang), _AMOUNT: _money(total), "capitals": in_capitals(total)}
    return Grid(
        say("roster.of_district", lang, district=district, count=len(rows), total=_money(total)),
        tuple(say(f"roster.column.{name}", lang) for name in names),
        tuple(tuple(row[name] for name in names) for row in rows),
        frozenset(at for at, name in enumerate(names) if name in _NUMBERS),
        tuple(sums.get(name, "") for name in names),
    )


def _row(
    number: int, payment: Payment, person: Mapping[str, str], account: Account, *, full: bool
) -> dict[str, str]:
    name = person.get("applicant_name", "")
    return {
        "number": str(number),
        "name": name or plain(account.holder),
        "id_number": _shown(person.get("applicant_id_number", ""), full=full),
        "union": person.get("union_name", ""),
        "holder": plain(account.holder) if name and name != account.holder else "",
        # One below the other: a column more would leave no room for the amounts.
        "account": "\n".join(filter(None, [_shown(account.number, full=full), plain(account.bank)])),
        "source": plain(payment.source),
        _AMOUNT: _money(payment.fen),
        "capitals": in_capitals(payment.fen),
        "signature": "",
    }


def _account(payment: Payment, accounts: Accounts) -> Account:
    account = accounts.usable.get(payment.household_id)
    if account is None:
        raise PaperError("roster.no_account", household=payment.household_id)
    return account


def _known(round_: Round) -> dict[str, dict[str, str]]:
    """Return what the round knows of each household's applicant, as text."""
    frame = round_.tables.frames["households"]
    names = [name for name in ("applicant_name", "applicant_id_number", "union_name") if name in frame]
    columns: list[list[Any]] = [frame[name].astype(object).where(frame[name].notna(), "").tolist()
                                for name in names]  # fmt: skip
    rows = zip(*columns, strict=True) if names else iter([()] * len(frame))
    return {
        str(household): dict(zip(names, (plain(str(cell)) for cell in row), strict=True))
        for household, row in zip(frame["household_id"], rows, strict=True)
    }


def _shown(number: str, *, full: bool) -> str:
    """Return a number in groups, as people compare it, or its ends with stars between; of a short one stars.

    A line may break between groups; an unbroken number would run into the next column.
    """
    if full or not number:
        parts = _ID_PARTS.fullmatch(number)
        return " ".join(parts.groups() if parts else _GROUPS.findall(plain(number)))
    hidden = len(number) - _FIRST - _LAST
    if hidden < _FEWEST_HIDDEN:
        return "*" * len(number)
    return number[:_FIRST] + "*" * hidden + number[-_LAST:]


def _money(fen: int) -> Figure:
    return Figure(f"{yuan(fen):,}")
