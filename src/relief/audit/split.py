"""The sheet of the split: from each claim to its award, as formulas over inputs and passes.

In    a `Roll`, what the formulas come to
Out   the sheet 分配: bounds, whole units, remainders, who gets one more, and the award beside the round's
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from relief.audit.places import ASKED, ASKED_ROW, LIVE, PASS_COLUMNS, SHOWN, pass_row
from relief.audit.sheet import FIRST_ROW, HEAD_ROW
from relief.audit.work import final_columns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relief.audit.passes import Worked
    from relief.audit.places import Sheets, Working
    from relief.audit.roll import Roll
    from relief.audit.sheet import Sheet

__all__ = ["write_split"]

_NONE = "1000000000000"
_COMMON = ("id", "district", "claim", "floor", "cap")
_LIVE_HEADS = (
    "whole", "remainder", "share", "bound", "tied", "place", "got", "award", "yuan", "recorded", "difference",
)  # fmt: skip
_SHOWN_HEADS = ("quota", "award", "yuan")
_LIVE_TERMS = (
    "fund", "unit", "given", "room", "together", "spare", "cut", "left_at_cut", "claim_at_cut",
    "left_at_claim", "place_at_cut", "returned", "total",
)  # fmt: skip
_SHOWN_TERMS = ("fund", "unit", "returned", "total")
_LIVE_WIDTHS = (16, 12, 14, 12, 13, 13, 14, 10, 9, 14, 12, 12, 14, 14, 14, 10)
_SHOWN_WIDTHS = (18, 14, 16, 14, 14, 30, 16, 16)


def write_split(sheets: Sheets, working: Working | None, roll: Roll, done: Worked) -> None:
    """Write the sheet, live or as the round has it."""
    sheet, book = sheets.split, sheets.split.book
    widths = _LIVE_WIDTHS if working else _SHOWN_WIDTHS
    last = "P" if working else "H"
    sheet.widths(widths)
    sheet.said("A1", sheet.title, "title")
    note = "audit.note.split" if working else "audit.note.split_shown"
    sheet.wide(2, last, book.say(note), "note" if working else "warning", sum(widths))
    sheet.at.set_row(ASKED_ROW - 2, 48)
    sheet.at.set_row(HEAD_ROW - 1, 48)
    terms, heads = (_LIVE_TERMS, _LIVE_HEADS) if working else (_SHOWN_TERMS, _SHOWN_HEADS)
    sheet.head(ASKED_ROW - 1, [book.say(f"audit.split.{name}") for name in terms])
    sheet.head(HEAD_ROW, [book.say(f"audit.split.{name}") for name in (*_COMMON, *heads)])
    for at, label in enumerate(roll.ids):
        _write_bounds(sheets, roll, done, at, label)
    if working:
        _write_terms(sheets, working, roll, done)
        _write_awards(sheets, working, roll, done)
    else:
        _show_awards(sheets, roll)
    _write_totals(sheet, roll, done)
    sheet.freeze(FIRST_ROW)
    sheet.at.fit_to_pages(1, 0)


def _write_bounds(sheets: Sheets, roll: Roll, done: Worked, at: int, label: str) -> None:
    """Write who it is, the claim in fen and the bounds in units: floors up, caps down."""
    sheet, row = sheets.split, FIRST_ROW + at
    asked = {name: sheets.inputs.cell(column, row) for name, column in ASKED._asdict().items()}
    is_above = f'{sheets.inputs.cell(ASKED.above, ASKED_ROW)}="{sheet.book.say("audit.yes")}"'
    unit, fund = f"$B${ASKED_ROW}", f"$A${ASKED_ROW}"
    sheet.outside(f"A{row}", label)
    sheet.formula(f"B{row}", asked["district"], roll.districts[at], "shown")
    sheet.formula(f"C{row}", f"ROUND({asked['claim']}*100,0)", roll.claims[at], "whole")
    sheet.formula(f"D{row}", f"-INT(-ROUND({asked['floor']}*100,0)/{unit})", done.floors[at], "whole")
    most = f"IF({is_above},{fund},C{row})"
    left = f"MAX(0,ROUND({asked['cap']}*100,0)-ROUND({asked['paid']}*100,0))"
    cap = f'IF({asked["cap"]}="",{most},IF({is_above},{left},MIN(C{row},{left})))'
    sheet.formula(f"E{row}", f"INT({cap}/{unit})", done.caps[at], "whole")


def _write_terms(sheets: Sheets, working: Working, roll: Roll, done: Worked) -> None:
    """Write what all rows share: units to give, where they run out, what is returned."""
    sheet, served = sheets.split, done.served
    inputs, passes = sheets.inputs, working.passes
    claim, floor, cap, whole, rest, tied, place = (
        sheet.column(getattr(LIVE, name))
        for name in ("claim", "floor", "cap", "whole", "remainder", "tied", "place")
    )
    fund, unit, given, room, spare, cut, at_cut, level, at_level = (
        f"${column}${ASKED_ROW}" for column in "ABCDFGHIJ"
    )
    returns = f'{inputs.cell(ASKED.returns, ASKED_ROW)}="{sheet.book.say("audit.yes")}"'
    terms: Iterable[tuple[str, str, int, str]] = (
        ("A", f"ROUND({inputs.cell(ASKED.fund, ASKED_ROW)}*100,0)", roll.fund, "whole"),
        ("B", f"ROUND({inputs.cell(ASKED.unit, ASKED_ROW)}*100,0)", roll.unit, "whole"),
        ("C", f"IF({returns},MIN(INT({fund}/{unit}),{room}),INT({fund}/{unit}))", done.given, "whole"),
        ("D", f"SUM({cap})-SUMIF({claim},0,{cap})+SUMIF({claim},0,{floor})", done.room, "whole"),
        ("E", passes.cell(PASS_COLUMNS.together, pass_row(len(done.passes))), done.together, "whole"),
        ("F", f"{given}-SUM({whole})", served.spare, "whole"),
        ("G", f"IF({spare}>0,LARGE({rest},{spare}),{_NONE})", served.cut, "if_any"),
        ("H", f"{spare}-SUMPRODUCT(--({rest}>{cut}))", served.left_at_cut, "whole"),
        ("I", f"IF({at_cut}>0,LARGE({tied},{at_cut}),{_NONE})", served.claim, "if_any"),
        ("J", f"{at_cut}-SUMPRODUCT(--({tied}>{level}))", served.left_at_claim, "whole"),
        ("K", f"IF({at_level}>0,SMALL({place},{at_level}),0)", served.place, "whole"),
        ("L", f"{fund}-{given}*{unit}", roll.returned, "whole"),
        ("M", f"SUM({sheet.column(LIVE.award)})", roll.fund - roll.returned, "total_whole"),
    )
    for column, formula, value, look in terms:
        sheet.formula(f"{column}{ASKED_ROW}", formula, value, look)


def _write_awards(sheets: Sheets, working: Working, roll: Roll, done: Worked) -> None:
    """Write each row from its whole units to its award; where an input is wrong there is no award."""
    sheet, served = sheets.split, done.served
    last = final_columns(working.work, len(done.passes))
    valid = sheets.checks.cell("E", ASKED_ROW)
    words = {1: sheet.book.say("audit.at_cap"), -1: sheet.book.say("audit.at_floor"), 0: ""}
    cut, level, place = (f"${column}${ASKED_ROW}" for column in "GIK")
    for at, (claim, whole, rest, got, award) in enumerate(
        zip(roll.claims, done.whole, done.remainders, done.got, done.awards, strict=True)
    ):
        row = FIRST_ROW + at
        held, share, left = (column.replace("#", str(row)) for column in last)
        bound = done.passes[-1].held[at] if done.passes[-1].held[at] > 0 or done.floors[at] else 0
        is_tied = rest == served.cut
        is_level = is_tied and claim == served.claim
        order = sheets.inputs.cell(ASKED.order, row)
        cells: Iterable[tuple[str, str, float | str, str]] = (
            ("F", f"IF({held}<0,D{row},IF({held}>0,E{row},{share}))", whole, "whole"),
            ("G", f"IF({held}=0,{left},0)", rest, "whole"),
            ("H", f"IF($E${ASKED_ROW}=0,0,G{row}/$E${ASKED_ROW})", _ratio(rest, done.together), "share"),
            ("I", f'IF({held}>0,"{words[1]}",IF(AND({held}<0,D{row}>0),"{words[-1]}",""))', words[bound],
             "state"),
            ("J", f"IF(G{row}={cut},C{row},-1)", claim if is_tied else -1, "if_any"),
            ("K", f'IF(J{row}={level},{order},"")', at + 1 if is_level else "", "whole"),
            ("L", f"IF(OR(G{row}>{cut},J{row}>{level},AND(J{row}={level},{order}<={place})),1,0)", int(got),
             "yes_if_one"),
            ("M", f"IF({valid},(F{row}+L{row})*$B${ASKED_ROW},NA())", award, "whole"),
            ("N", f"M{row}/100", award / 100, "total_yuan"),
            ("P", f"ROUND(N{row}-O{row},2)", (award - roll.awards[at]) / 100, "yuan"),
        )  # fmt: skip
        for column, formula, value, look in cells:
            sheet.formula(f"{column}{row}", formula, value, look)
        sheet.number(f"O{row}", roll.awards[at] / 100, "yuan")
    changed = sheet.book.book.add_format({"bg_color": "#F8CBAD"})
    rows = f"P{FIRST_ROW}:P{sheet.last_row}"
    sheet.at.conditional_format(rows, {"type": "cell", "criteria": "!=", "value": 0, "format": changed})


def _show_awards(sheets: Sheets, roll: Roll) -> None:
    """Write quotas and awards as the round has them."""
    sheet, inputs = sheets.split, sheets.inputs
    fund, unit = (inputs.cell(column, ASKED_ROW) for column in (ASKED.fund, ASKED.unit))
    sheet.formula(f"A{ASKED_ROW}", f"ROUND({fund}*100,0)", roll.fund, "whole")
    sheet.formula(f"B{ASKED_ROW}", f"ROUND({unit}*100,0)", roll.unit, "whole")
    sheet.number(f"C{ASKED_ROW}", roll.returned, "whole")
    sheet.formula(f"D{ASKED_ROW}", f"SUM({sheet.column(SHOWN.award)})", sum(roll.awards), "total_whole")
    for at, (quota, award) in enumerate(zip(roll.quotas, roll.awards, strict=True)):
        row = FIRST_ROW + at
        sheet.outside(f"F{row}", quota)
        sheet.number(f"G{row}", award, "whole")
        sheet.formula(f"H{row}", f"G{row}/100", award / 100, "total_yuan")


def _ratio(part: int, together: int) -> float:
    return part / together if together else 0.0


def _write_totals(sheet: Sheet, roll: Roll, done: Worked) -> None:
    """Write what the columns add up to, above their headers where it stays in sight."""
    row = HEAD_ROW - 1
    sheet.said(f"A{row}", sheet.book.say("audit.total"), "total")
    sums: list[tuple[str, float, str]] = [
        ("C", sum(roll.claims), "total_whole"),
        ("D", sum(done.floors), "total_whole"),
        ("E", sum(done.caps), "total_whole"),
    ]
    yuan = sum(roll.awards) / 100
    if roll.is_live:
        sums += [
            ("F", sum(done.whole), "total_whole"), ("L", sum(done.got), "total_whole"),
            ("M", sum(done.awards), "total_whole"), ("N", yuan, "total_yuan"), ("O", yuan, "total_yuan"),
        ]  # fmt: skip
    else:
        sums += [("G", sum(roll.awards), "total_whole"), ("H", yuan, "total_yuan")]
    for column, value, look in sums:
        total = f"SUM({sheet.column(column)})"
        sheet.formula(f"{column}{row}", f"ROUND({total},2)" if look == "total_yuan" else total, value, look)
