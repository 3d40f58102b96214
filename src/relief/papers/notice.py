"""The public notice (公示): who is to get how much, until when to object, and the seal of the record.

In    a `Round`; what a person adds: who posts it, when, the telephone for complaints
Out   a `Paper`, with nothing on it but what `relief.papers.whitelist` lets through
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relief.errors import PaperError, StepError
from relief.intake.districts import NOT_STATED
from relief.messages import Figure, mask, say
from relief.money import yuan
from relief.papers.capitals import in_capitals
from relief.papers.paper import Grid, Heading, Paper, Text
from relief.papers.whitelist import columns_of, plan_of, shown_rows
from relief.public.published import grouped, read_fingerprint
from relief.round.summary import claim_title
from relief.steps.deadlines import LEAST_DAYS, day_of, last_day

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    import pandas as pd

    from relief.messages import Language
    from relief.papers.paper import Block
    from relief.papers.whitelist import Extra
    from relief.round.pipeline import Round
    from relief.rulepack.contents import Pack

__all__ = ["NoticeDetails", "long_date", "notice"]

_NUMBERS = frozenset({"members", "award_fen"})
# More columns than these need the page on its side.
_PORTRAIT_COLUMNS = 8
_SHORTEST_PHONE = 7


@dataclass(frozen=True)
class NoticeDetails:
    """What a person adds to a notice.

    Attributes
    ----------
    organisation : str
        Who posts it and hears objections: 江门市总工会.
    phone : str
        Telephone of the organisation for complaints, never a person's.
    posted_on : str or date
        Day of posting. It does not count: the days run from the next (民法典 art. 201).
    days : int
        Working days, at least seven.
    contact : str
        Where else objections go: an office, a mail box.
    fingerprint : str
        Of the published record, 64 hexadecimal digits; empty where nothing is published.
    title : str
        In place of the title made from the pack's.
    basis : tuple of str
        The texts that the relief rests on, in place of those that the pack names.
    extras : tuple of Extra
        Further fields, each with a reason and a name.
    hidden : frozenset of str
        Which of union, category, members to leave out.
    households : frozenset of str
        Whom alone the notice is about: those noticed again after an objection. Empty: everybody.
    lang : {'zh', 'en'}
    """

    organisation: str
    phone: str
    posted_on: dt.date | str
    days: int = LEAST_DAYS
    contact: str = ""
    fingerprint: str = ""
    title: str = ""
    basis: tuple[str, ...] = ()
    extras: tuple[Extra, ...] = ()
    hidden: frozenset[str] = frozenset()
    households: frozenset[str] = frozenset()
    lang: Language = "zh"


def notice(round_: Round, details: NoticeDetails) -> Paper:
    """Return the public notice of a round.

    Parameters
    ----------
    round_ : Round
        With an allocation.
    details : NoticeDetails

    Returns
    -------
    Paper

    Raises
    ------
    PaperError
        If a field may not be shown, nobody has an award, a household named has none, the organisation or
        telephone is missing, or the telephone is an applicant's.
    StepError
        If the days are too few, or the pack's calendar lacks a year that they reach into.
    PublicError
        If the fingerprint is none.

    Examples
    --------
    >>> import pandas as pd
    >>> from relief import split
    >>> roster = pd.DataFrame({"户编号": ["a", "b"], "姓名": ["王小明", "欧阳娜"], "个人自付": [100, 300]})
    >>> paper = notice(split(roster, 200_00), NoticeDetails("某市总工会", "0750-1234567", "2021-09-29"))
    >>> [row for block in paper.blocks if isinstance(block, Grid) for row in block.rows][-2:]
    [('1', '王*', '50.00'), ('2', '欧阳*', '150.00')]
    """
    _check(round_, details)
    rows = shown_rows(round_, details.extras, details.hidden, details.lang)
    rows = _by_district(round_, rows)
    if details.households:
        rows = _only(rows, details.households)
    posted = day_of(details.posted_on)
    ends = last_day(round_.pack.calendar, posted, details.days)
    grids = list(_grids(rows, details))
    parts: list[tuple[str, list[Block]]] = [
        ("basis", [Text(text) for text in _basis(round_, details)]),
        ("period", [_say("period", details, first=long_date(posted, details.lang),
                         last=long_date(ends, details.lang), days=details.days)]),
        ("list", [_summary(round_, rows, details), *grids]),
        ("how", list(_how(round_, details))),
        ("objections", list(_objections(details, ends))),
        ("record", list(_record(details))),
    ]  # fmt: skip
    blocks: list[Block] = [_opening(round_, rows, details)]
    told = [(name, inside) for name, inside in parts if inside]
    for at, (name, inside) in enumerate(told):
        blocks += [Heading(_numbered(at, name, details.lang)), *inside]
    signed = "\n".join([details.organisation, long_date(posted, details.lang)])
    blocks += [Text(say("notice.privacy", details.lang), "note"), Text(signed, "right")]
    wide = any(len(grid.header) > _PORTRAIT_COLUMNS for grid in grids)
    return Paper(_title(round_, details), tuple(blocks), details.lang, posted.isoformat(), landscape=wide)


def long_date(day: dt.date, lang: Language) -> str:
    """Return a date as a paper writes it.

    Examples
    --------
    >>> from datetime import date
    >>> long_date(date(2021, 9, 5), "zh"), long_date(date(2021, 9, 5), "en")
    ('2021年9月5日', '5 September 2021')
    """
    month = say("notice.months", lang).split()[day.month - 1]
    return say("notice.date", lang, year=day.year, month=month, day=day.day)


def _check(round_: Round, details: NoticeDetails) -> None:
    for name in ("organisation", "phone"):
        if not getattr(details, name).strip():
            raise PaperError("notice.lacks", what=name)
    if details.days < LEAST_DAYS:
        raise StepError("step.too_few_days", least=LEAST_DAYS, days=details.days)
    frame = round_.tables.frames["households"]
    phones = {_digits(phone) for phone in frame["phone"].dropna()} if "phone" in frame else set()
    given = {_digits(details.phone), _digits(details.contact)}
    if any(len(phone) >= _SHORTEST_PHONE and phone in text for phone in phones for text in given):
        raise PaperError("notice.phone_of_applicant")


def _digits(phone: object) -> str:
    return re.sub(r"\D", "", str(phone))


def _only(rows: pd.DataFrame, households: frozenset[str]) -> pd.DataFrame:
    missing = households - set(map(str, rows.index))
    if missing:
        raise PaperError("notice.not_awarded", household=min(missing))
    return rows[rows.index.astype(str).isin(households)]


def _by_district(round_: Round, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows in the order of the districts, within each in that of the roster."""
    rows = rows.assign(district=rows["district"].fillna(NOT_STATED).map(str))
    places = {name: at for at, name in enumerate(map(str, round_.districts.index))}
    return rows.sort_values("district", key=lambda names: names.map(places), kind="stable")


def _say(code: str, details: NoticeDetails, **facts: object) -> Text:
    return Text(say(f"notice.{code}", details.lang, **facts))


def _numbered(at: int, name: str, lang: Language) -> str:
    number = say("notice.numerals", lang).split()[at]
    return say("notice.numbered", lang, number=number, text=say(f"notice.head.{name}", lang))


def _programme(round_: Round, lang: Language) -> str:
    """Return what the money is called; a roster that was only split has no rules to name it."""
    if round_.assessment is None:
        return say("notice.programme", lang)
    return round_.pack.title if lang == "zh" else round_.pack.title_en


def _title(round_: Round, details: NoticeDetails) -> str:
    name = "title_again" if details.households else "title"
    programme = _programme(round_, details.lang)
    return mask(details.title) or say(f"notice.{name}", details.lang, programme=programme)


def _opening(round_: Round, rows: pd.DataFrame, details: NoticeDetails) -> Text:
    total = sum(map(int, rows["award_fen"]))
    facts = {"count": len(rows), "total": _money(total), "capitals": in_capitals(total),
             "programme": _programme(round_, details.lang)}  # fmt: skip
    if details.households:
        return _say("opening_again", details, **facts)
    if round_.assessment is None:
        return _say("opening_split", details, **facts)
    return _say("opening", details, on=long_date(round_.assessment.on, details.lang), **facts)


def _basis(round_: Round, details: NoticeDetails) -> list[str]:
    """Return the texts that were named, or else those that the pack's rules, categories and claim rest on."""
    if details.basis or round_.assessment is None:
        return [mask(text) for text in details.basis]
    return list(dict.fromkeys(_documents(round_.pack)))


def _documents(pack: Pack) -> Iterator[str]:
    """Yield each document without what is said of whose copy of it was read."""
    for item in (*pack.rules, *pack.categories, *((pack.claim,) if pack.claim else ())):
        source = item.provenance.source
        if source is not None:
            yield " ".join(filter(None, [source.document.partition("，据")[0], source.number]))


def _money(fen: int) -> Figure:
    return Figure(f"{yuan(fen):,}")


def _summary(round_: Round, rows: pd.DataFrame, details: NoticeDetails) -> Grid:
    """Return the districts with their sums, also of none: a district that is missing looks forgotten."""
    lang = details.lang
    names = map(str, round_.districts.index)
    sums = {name: rows.loc[rows["district"] == name, "award_fen"] for name in names}
    lines = [(name, str(len(fens)), _money(sum(map(int, fens)))) for name, fens in sums.items()]
    total = (say("summary.total", lang), str(len(rows)), _money(sum(map(int, rows["award_fen"]))))
    header = tuple(say(f"summary.column.{name}", lang) for name in ("district", "households", "award"))
    return Grid(say("notice.by_district", lang), header, tuple(lines), frozenset({1, 2}), total)


def _grids(rows: pd.DataFrame, details: NoticeDetails) -> Iterator[Grid]:
    """Yield one table per district, numbered through; a column without a single value is left out."""
    lang = details.lang
    titles = {
        name: say(f"notice.column.{name}", lang)
        for name in ("name", "union", "category", "members", "award_fen")
    }
    titles |= {
        column.name: column.title if lang == "zh" else column.title_en
        for column in columns_of(details.extras)
    }
    names = [name for name in titles if name in rows and (rows[name] != "").any()]
    header = (say("notice.column.number", lang), *(titles[name] for name in names))
    numbers = frozenset({0, *(at for at, name in enumerate(names, start=1) if name in _NUMBERS)})
    done = 0
    for district, group in rows.groupby("district", sort=False):
        award = _money(sum(map(int, group["award_fen"])))
        caption = say("notice.of_district", lang, district=str(district), count=len(group), total=award)
        cells = zip(*(map(_cell, group[name]) for name in names), strict=True)
        lines = tuple((str(done + at), *row) for at, row in enumerate(cells, start=1))
        yield Grid(caption, header, lines, numbers, _total(group, names, lang))
        done += len(group)


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else _money(int(value))


def _total(group: pd.DataFrame, names: list[str], lang: Language) -> tuple[str, ...]:
    """Return the last line of a district: households, persons where all are known, money."""
    persons = [int(size) if size else None for size in group["members"]] if "members" in group else []
    known = [size for size in persons if size is not None]
    told = {
        "name": say("notice.count", lang, count=len(group)),
        "members": str(sum(known)) if len(known) == len(persons) else "",
        "award_fen": _money(sum(map(int, group["award_fen"]))),
    }
    return (say("summary.total", lang), *(told.get(name, "") for name in names))


def _how(round_: Round, details: NoticeDetails) -> Iterator[Text]:
    """Yield how the fund was divided, how it was rounded, and who goes first when all is equal."""
    plan, lang = plan_of(round_), details.lang
    claim = claim_title(round_, lang)
    yield _say("fund", details, fund=_money(plan.fund_fen), method=say(f"methods.title.{plan.method}", lang),
               how=say(f"methods.how.{plan.method}", lang, claim=claim))  # fmt: skip
    terms = [say(f"summary.term.{name}", lang) for name in round_.call.get("terms", {})]
    if terms:
        yield _say("terms", details, terms=say("list.join", lang).join(terms))
    rounding = say(f"methods.rounding.{plan.rounding}", lang)
    by_remainder = plan.rounding == "largest_remainder"
    yield _say("ties" if by_remainder else "ties_of_divisor", details, unit=yuan(plan.unit_fen), claim=claim,
               rounding=rounding)  # fmt: skip


def _objections(details: NoticeDetails, ends: dt.date) -> Iterator[Text]:
    yield _say("objections", details, organisation=details.organisation, last=long_date(ends, details.lang))
    yield _say("phone", details, phone=Figure(details.phone.strip()))
    if details.contact.strip():
        yield _say("contact", details, contact=Figure(details.contact.strip()))


def _record(details: NoticeDetails) -> Iterator[Text]:
    if not details.fingerprint:
        return
    groups = grouped(read_fingerprint(details.fingerprint))
    half = len(groups) // 2
    yield _say("fingerprint", details)
    yield Text(f"{groups[:half].rstrip()}\n{groups[half:].lstrip()}", "code")
    yield _say("verify", details)
