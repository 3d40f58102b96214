"""The sheets of reasons and sources: why each household was decided so, by what, from what.

In    a `Round`
Out   the sheets 理由 and 来源; words of the round, which no formula reads
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relief.audit.sheet import lines_of
from relief.messages import mask
from relief.round.record import pinned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from relief.audit.roll import Roll
    from relief.audit.sheet import Sheet
    from relief.judging.assessment import Assessment
    from relief.round.pipeline import Round

__all__ = ["MOST_REASONS", "write_reasons", "write_sources"]

MOST_REASONS = 200_000
"""Rows; what is beyond them stands in ``reasons.csv``, and the last row says so."""
_JUDGED = ("id", "outcome", "title", "kind", "result", "observed", "limit", "margin", "formula", "status")
_JUDGED_WIDTHS = (18, 10, 28, 9, 9, 14, 14, 14, 60, 12)
_SPLIT = ("id", "reason")
_SPLIT_WIDTHS = (20, 120)
_SOURCE_WIDTHS = (30, 26, 24, 90)
_TOP = 4


def write_reasons(sheet: Sheet, round_: Round, roll: Roll) -> None:
    """Write one row per household and rule; of a roster why each award is what it is."""
    judged = round_.assessment
    heads: Sequence[str] = _SPLIT if judged is None else _JUDGED
    widths: Sequence[int] = _SPLIT_WIDTHS if judged is None else _JUDGED_WIDTHS
    rows = _told(round_, roll, sheet) if judged is None else _judged(round_, judged, sheet)
    sheet.widths(widths)
    sheet.said("A1", sheet.title, "title")
    sheet.wide(2, chr(ord("A") + len(heads) - 1), sheet.book.say("audit.note.reasons"), "note", sum(widths))
    sheet.head(_TOP, [sheet.book.say(f"audit.reasons.{name}") for name in heads])
    last = _write_rows(sheet, _TOP + 1, rows, widths)
    sheet.at.autofilter(_TOP - 1, 0, last - 1, len(heads) - 1)
    sheet.freeze(_TOP + 1)
    sheet.at.fit_to_pages(1, 0)


def _write_rows(sheet: Sheet, row: int, rows: Iterable[Sequence[str]], widths: Sequence[int]) -> int:
    """Write rows of text, each as high as it needs, and return the last."""
    for row, cells in enumerate(rows, start=row):  # noqa: B020
        for place, text in enumerate(cells):
            sheet.outside(f"{chr(ord('A') + place)}{row}", text, "wrapped")
        sheet.at.set_row(row - 1, 15 * min(27, max(map(lines_of, cells, widths))))
    return row


def _judged(round_: Round, judged: Assessment, sheet: Sheet) -> Iterator[list[str]]:
    """Yield what every rule made of every household."""
    book = sheet.book
    outcomes = {
        str(label): book.say(f"outcome.{outcome}")
        for label, outcome in round_.decisions["outcome"].astype(str).items()
    }
    table = judged.reasons(book.lang)
    for reason in table.head(MOST_REASONS).to_dict("records"):
        yield [
            str(reason["household_id"]),
            outcomes[str(reason["household_id"])],
            reason["title"],
            book.say(f"audit.rule.{reason['kind']}"),
            book.say(f"result.{reason['result']}"),
            *(mask(str(reason[name])) for name in ("observed", "limit", "margin", "formula")),
            book.say(f"audit.status.{reason['status']}"),
        ]
    if len(table) > MOST_REASONS:
        more = book.say("audit.reasons.more", count=len(table) - MOST_REASONS)
        yield [more, *[""] * (len(_JUDGED) - 1)]


def _told(round_: Round, roll: Roll, sheet: Sheet) -> Iterator[list[str]]:
    plan = round_.allocation
    if plan is not None:
        yield from ([label, plan.explain(label, sheet.book.lang)] for label in roll.ids)


# --- where rules, parameters and figures come from ------------------------------------------------


def write_sources(sheet: Sheet, round_: Round) -> None:
    """Write the rules and parameter values with their sources, the inputs with their hashes, the seal."""
    book = sheet.book
    sheet.widths(_SOURCE_WIDTHS)
    sheet.said("A1", sheet.title, "title")
    sheet.wide(2, "D", book.say("audit.note.sources"), "note", sum(_SOURCE_WIDTHS))
    row = _TOP
    for name, rows in (
        ("rules", _rules(round_, sheet)),
        ("parameters", _parameters(round_, sheet)),
        ("inputs_read", _inputs(round_)),
        ("round", _terms(round_, sheet)),
    ):
        found = list(rows)
        if not found:
            continue
        sheet.head(row, [book.say(f"audit.{name}.{at}") for at in ("first", "second", "third", "fourth")])
        row = _write_rows(sheet, row + 1, found, _SOURCE_WIDTHS) + 2
    sheet.at.freeze_panes(2, 0)
    sheet.at.fit_to_pages(1, 0)


def _rules(round_: Round, sheet: Sheet) -> Iterator[list[str]]:
    book = sheet.book
    for rule, _ in round_.assessment.told(book.lang) if round_.assessment else ():
        yield [
            rule["title"], book.say(f"audit.rule.{rule['kind']}"), book.say(f"audit.status.{rule['status']}"),
            rule["source"],
        ]  # fmt: skip


def _parameters(round_: Round, sheet: Sheet) -> Iterator[list[str]]:
    for value in round_.assessment.parameters_used(sheet.book.lang) if round_.assessment else ():
        since, until = (str(value.get(name, "")) for name in ("effective_from", "until"))
        title = f"{value['title']} {value['where']}".rstrip()
        yield [title, _amount(value), f"{since} – {until}", str(value["source"])]


def _amount(value: dict[str, Any]) -> str:
    """Return the value of a parameter as it is written, or the end by which it is known."""
    signs = {"exactly": "", "at_least": "≥ ", "at_most": "≤ "}
    return ", ".join(f"{sign}{value[name]}" for name, sign in signs.items() if name in value)


def _inputs(round_: Round) -> Iterator[list[str]]:
    for source in round_.tables.sources:
        pin = pinned(source)
        yield [str(pin["name"]), f"{pin['bytes']:,}", "SHA-256", str(pin["sha256"])]


def _terms(round_: Round, sheet: Sheet) -> Iterator[list[str]]:
    """Yield which pack judged, on which day, and the seal of the record."""
    book, pack = sheet.book, round_.pack
    title = pack.title if book.lang == "zh" else pack.title_en
    yield [book.say("audit.round.pack"), pack.name, round_.call.get("on", ""), title]
    yield [book.say("audit.round.seal"), "", "SHA-256", round_.seal]
