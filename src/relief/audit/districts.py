"""The sheet of districts: households, claims and awards added up by formulas.

In    a round's districts, a `Roll`
Out   the sheet 区县, a row for every district, and its total
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from relief.audit.places import ASKED, LIVE, SHOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from relief.audit.places import Sheets
    from relief.audit.roll import Roll

__all__ = ["FIRST_DISTRICT_ROW", "total_row", "write_districts"]

FIRST_DISTRICT_ROW = 5
_HEADS = ("district", "households", "claim", "award", "share", "mean", "rate", "recorded", "difference")
_WIDTHS = (18, 10, 18, 18, 12, 16, 12, 18, 14)


def total_row(districts: Sequence[str]) -> int:
    """Return the row of the total."""
    return FIRST_DISTRICT_ROW + max(1, len(districts))


def write_districts(sheets: Sheets, roll: Roll, districts: Sequence[str]) -> None:
    """Write a row for each of `districts`; a household elsewhere makes a check fail."""
    sheet, book = sheets.districts, sheets.districts.book
    sheet.widths(_WIDTHS)
    sheet.said("A1", sheet.title, "title")
    sheet.wide(2, "I", book.say("audit.note.districts"), "note", sum(_WIDTHS))
    sheet.at.set_row(FIRST_DISTRICT_ROW - 2, 32)
    sheet.head(FIRST_DISTRICT_ROW - 1, [book.say(f"audit.districts.{name}") for name in _HEADS])
    for row, district in enumerate(districts, start=FIRST_DISTRICT_ROW):
        ours = [at for at, home in enumerate(roll.districts) if home == district]
        sheet.outside(f"A{row}", district)
        claim, award = (sum(column[at] for at in ours) for column in (roll.claims, roll.awards))
        _write_row(sheets, roll, row, (len(ours), claim, award), f"$A${row}")
        sheet.number(f"H{row}", award / 100, "yuan")
    last = total_row(districts)
    sheet.said(f"A{last}", book.say("audit.total"), "total")
    _write_row(sheets, roll, last, (len(roll.ids), sum(roll.claims), sum(roll.awards)), "")
    recorded = f"ROUND(SUM(H{FIRST_DISTRICT_ROW}:H{last - 1}),2)"
    sheet.formula(f"H{last}", recorded, sum(roll.awards) / 100, "total_yuan")
    sheet.freeze(FIRST_DISTRICT_ROW)
    sheet.at.fit_to_pages(1, 0)


def _write_row(sheets: Sheets, roll: Roll, row: int, figures: tuple[int, int, int], district: str) -> None:
    """Write the sums of one district, or of all rows above where none is named."""
    sheet, columns = sheets.districts, LIVE if roll.is_live else SHOWN
    count, claim, award = figures
    is_here = f"EXACT({sheets.inputs.column(ASKED.district)},{district})"
    claims, awards = (sheets.split.column(column) for column in (columns.claim, columns.award))
    sums = (
        [
            f"SUMPRODUCT(--{is_here})",
            f"SUMPRODUCT({is_here}*{claims})/100",
            f"SUMPRODUCT({is_here}*{awards})/100",
        ]
        if district
        else [f"SUM({column}{FIRST_DISTRICT_ROW}:{column}{row - 1})" for column in "BCD"]
    )
    if not district:
        sums[1:] = [f"ROUND({total},2)" for total in sums[1:]]
    given, paid = f"SUM({awards})/100", sum(roll.awards)
    kind = "" if district else "total_"
    cells: Iterable[tuple[str, str, float, str]] = (
        ("B", sums[0], count, f"{kind}whole"),
        ("C", sums[1], claim / 100, f"{kind}yuan"),
        ("D", sums[2], award / 100, f"{kind}yuan"),
        ("E", f"IF({given}=0,0,D{row}/({given}))", award / paid if paid else 0, "percent"),
        ("F", f"IF(B{row}=0,0,D{row}/B{row})", award / 100 / count if count else 0, f"{kind}yuan"),
        ("G", f"IF(C{row}=0,0,D{row}/C{row})", award / claim if claim else 0, "percent"),
        ("I", f"ROUND(D{row}-H{row},2)", 0, f"{kind}yuan"),
    )
    for column, formula, value, look in cells:
        sheet.formula(f"{column}{row}", formula, value, look)
