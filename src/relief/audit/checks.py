"""The sheet of checks: each is a formula that comes to TRUE or FALSE.

In    where inputs, split, passes and districts stand
Out   the sheet 核对: may the inputs be divided, were the passes enough, do the results hold

An award is only shown where all checks of the inputs and passes are TRUE.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from relief.audit.districts import FIRST_DISTRICT_ROW, total_row
from relief.audit.places import ASKED, ASKED_ROW, LIVE, PASS_COLUMNS, SHOWN, pass_row
from relief.audit.roll import AMOUNTS_BELOW
from relief.audit.sheet import FIRST_ROW, HEAD_ROW, lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from relief.audit.passes import Worked
    from relief.audit.places import Sheets, SplitColumns, Working
    from relief.audit.roll import Roll

__all__ = ["write_checks"]

_WIDTHS = (12, 78, 20, 20, 12)
_HEADS = ("kind", "what", "left", "right", "holds")


class Check(NamedTuple):
    """One check: its sentence, what must be true, and two figures where it compares two.

    `kind` is ``input`` (may it be divided), ``pass``, ``result``, ``district`` or ``record``.
    """

    kind: str
    name: str
    holds: str
    left: tuple[str, float] | None = None
    right: tuple[str, float] | None = None


def write_checks(
    sheets: Sheets, working: Working | None, roll: Roll, done: Worked, districts: Sequence[str]
) -> None:
    """Write every check, above them whether the inputs may be divided and whether all hold."""
    sheet, book = sheets.checks, sheets.checks.book
    sheet.widths(_WIDTHS)
    sheet.said("A1", sheet.title, "title")
    note = "audit.note.checks" if working else "audit.note.checks_shown"
    sheet.wide(2, "E", book.say(note), "note", sum(_WIDTHS))
    sheet.head(HEAD_ROW, [book.say(f"audit.checks.{name}") for name in _HEADS])
    checks = list(_checks(sheets, working, roll, done, districts))
    for row, check in enumerate(checks, start=FIRST_ROW):
        text = book.say(f"audit.check.{check.name}")
        sheet.at.set_row(row - 1, 15 * lines_of(text, _WIDTHS[1]))
        sheet.said(f"A{row}", book.say(f"audit.kind.{check.kind}"))
        sheet.said(f"B{row}", text)
        for column, figure in (("C", check.left), ("D", check.right)):
            if figure is None:
                sheet.said(f"{column}{row}", "")
            else:
                sheet.formula(f"{column}{row}", f'IFERROR({figure[0]},"—")', figure[1], "whole")
        sheet.formula(f"E{row}", f"IFERROR({check.holds},FALSE)", value=True, look="truth")
    last = FIRST_ROW + len(checks) - 1
    before = [row for row, check in enumerate(checks, start=FIRST_ROW) if check.kind in ("input", "pass")]
    for row, name, until in ((ASKED_ROW, "valid", max(before)), (ASKED_ROW + 1, "all", last)):
        sheet.said(f"B{row}", book.say(f"audit.checks.{name}"), "total")
        sheet.formula(f"E{row}", f"AND(E{FIRST_ROW}:E{until})", value=True, look="truth")
    wrong = book.book.add_format({"bg_color": "#FFC7CE", "font_color": "#9C0006"})
    is_false = {"type": "cell", "criteria": "==", "value": "FALSE", "format": wrong}
    for first, until in ((ASKED_ROW, ASKED_ROW + 1), (FIRST_ROW, last)):
        sheet.at.conditional_format(f"E{first}:E{until}", is_false)
    sheet.freeze(FIRST_ROW)
    sheet.at.fit_to_pages(1, 0)


def _checks(
    sheets: Sheets, working: Working | None, roll: Roll, done: Worked, districts: Sequence[str]
) -> Iterator[Check]:
    yield from _of_inputs(sheets, roll, done)
    if working:
        yield from _of_division(sheets, working, roll, done)
    yield from _of_results(sheets, LIVE if working else SHOWN, roll)
    if working:
        yield from _of_rounding(sheets, working, done)
    yield from _of_districts(sheets, LIVE if working else SHOWN, roll, districts)
    if working:
        recorded = f"SUMPRODUCT(--({sheets.split.column(LIVE.difference)}<>0))=0"
        yield Check("record", "recorded", recorded)


def _of_inputs(sheets: Sheets, roll: Roll, done: Worked) -> Iterator[Check]:
    """Yield what must hold of what was typed."""
    inputs, split, say = sheets.inputs, sheets.split, sheets.checks.book.say
    claims, bounds = inputs.column(ASKED.claim), inputs.column(ASKED.floor, ASKED.paid)
    fund, unit = (inputs.cell(column, ASKED_ROW) for column in (ASKED.fund, ASKED.unit))
    fund_fen, unit_fen = (split.cell(column, ASKED_ROW) for column in (LIVE.fund, LIVE.unit))
    yield Check("input", "claims", f"SUMPRODUCT({_is_amount(claims)})={len(roll.ids)}")
    blank_or = f'({bounds}="")+{_is_amount(bounds)}'
    yield Check("input", "bounds", f"SUMPRODUCT({blank_or})={3 * max(1, len(roll.ids))}")
    amounts = ",".join(f"ISNUMBER({cell}),{cell}>=0,ROUND({cell},2)={cell}" for cell in (fund, unit))
    yield Check("input", "fund", f"AND({amounts},{unit_fen}>=1)")
    choices = [inputs.cell(column, ASKED_ROW) for column in (ASKED.above, ASKED.returns)]
    is_one = ",".join(f'OR({cell}="{say("audit.yes")}",{cell}="{say("audit.no")}")' for cell in choices)
    yield Check("input", "choices", f"AND({is_one})")
    yield Check("input", "unit", f"INT({fund_fen}/{unit_fen})*{unit_fen}={fund_fen}")
    total = f"SUM({split.column(LIVE.claim)})"
    most = f"MAX({fund_fen},{total},MAX({bounds})*100)"
    largest = max([roll.fund, sum(roll.claims), *filter(None, (*roll.floors, *roll.caps, *roll.paid))])
    yield Check(
        "input", "size", f"{most}<{AMOUNTS_BELOW}", (most, largest), (str(AMOUNTS_BELOW), AMOUNTS_BELOW)
    )
    if roll.ids:
        yield Check("input", "claimed", f"{total}>0", (total, sum(roll.claims)))
    floors, caps = split.column(LIVE.floor), split.column(LIVE.cap)
    yield Check("input", "order", f"SUMPRODUCT(--({floors}>{caps}))=0")
    paid, cap = inputs.column(ASKED.paid), inputs.column(ASKED.cap)
    yield Check("input", "paid", f'SUMPRODUCT(({paid}>0)*({cap}=""))=0')
    units = f"{fund_fen}/{unit_fen}"
    figures = (f"SUM({floors})", sum(done.floors)), (units, roll.fund // roll.unit)
    yield Check("input", "floors", f"SUM({floors})<={units}", *figures)


def _is_amount(cells: str) -> str:
    return f"ISNUMBER({cells})*({cells}>=0)*(ROUND({cells},2)={cells})"


def _of_division(sheets: Sheets, working: Working, roll: Roll, done: Worked) -> Iterator[Check]:
    """Yield whether the fund fits the bounds, and whether the passes were enough."""
    split = sheets.split
    units = f"{split.cell(LIVE.fund, ASKED_ROW)}/{split.cell(LIVE.unit, ASKED_ROW)}"
    room = split.cell(LIVE.room, ASKED_ROW)
    returns = f'{sheets.inputs.cell(ASKED.returns, ASKED_ROW)}="{split.book.say("audit.yes")}"'
    figures = (units, roll.fund // roll.unit), (room, done.room)
    yield Check("input", "room", f"OR({returns},{units}<={room})", *figures)
    first, last = (
        working.passes.cell(PASS_COLUMNS.fixes, pass_row(number)) for number in (1, len(done.passes))
    )
    fixes = f"{first}:{last.rpartition('!')[2]}"
    needed = f'COUNTIF({fixes},"<>0")+1'
    count = sum(made.fixes != 0 for made in done.passes) + 1
    yield Check("pass", "passes", f"{last}=0", (needed, count), (str(len(done.passes)), len(done.passes)))


def _of_results(sheets: Sheets, at: SplitColumns, roll: Roll) -> Iterator[Check]:
    """Yield what must hold of awards however they were made."""
    split = sheets.split
    awards, floors, caps = (split.column(column) for column in (at.award, at.floor, at.cap))
    fund, unit, returned = (split.cell(column, ASKED_ROW) for column in (at.fund, at.unit, at.returned))
    spent = f"SUM({awards})+{returned}"
    yield Check("result", "sum", f"{spent}={fund}", (spent, roll.fund), (fund, roll.fund))
    yield Check("result", "above_floor", f"SUMPRODUCT(--({awards}<{floors}*{unit}))=0")
    yield Check("result", "below_cap", f"SUMPRODUCT(--({awards}>{caps}*{unit}))=0")
    yield Check("result", "units", f"SUMPRODUCT(--(INT({awards}/{unit})*{unit}<>{awards}))=0")


def _of_rounding(sheets: Sheets, working: Working, done: Worked) -> Iterator[Check]:
    """Yield what must hold of quotas, remainders and who got a unit more, however that was found."""
    split = sheets.split
    claims, floors, whole, rest, got, awards = (
        split.column(getattr(LIVE, name)) for name in ("claim", "floor", "whole", "remainder", "got", "award")
    )
    unit, spare, cut, level = (
        split.cell(getattr(LIVE, name), ASKED_ROW) for name in ("unit", "spare", "cut", "claim_at_cut")
    )
    upper, lower = (
        working.passes.cell(column, pass_row(len(done.passes)))
        for column in (PASS_COLUMNS.together_high, PASS_COLUMNS.together_low)
    )
    highs, lows = f"SUMPRODUCT(INT({rest}/1000000))", f"SUMPRODUCT({rest}-INT({rest}/1000000)*1000000)"
    yield Check("result", "quotas", f"({highs}-{spare}*{upper})*1000000+({lows}-{spare}*{lower})=0")
    near = f"({awards}<>{whole}*{unit})*({awards}<>({whole}+1)*{unit})"
    yield Check("result", "quota_rule", f"SUMPRODUCT({near})=0")
    handed = f"SUM({got})", done.served.spare
    yield Check("result", "spare", f"{handed[0]}={spare}", handed, (spare, done.served.spare))
    worst = f"SUMPRODUCT(MAX(({got}=0)*{rest}))"
    best = f"SUMPRODUCT(MIN({rest}+({got}=0)*{AMOUNTS_BELOW}))"
    yield Check("result", "largest", f"AND({worst}<={best},SUMPRODUCT({got}*({rest}=0))=0)")
    yield Check("result", "ties", _ties(sheets, (claims, rest, got), cut, level))
    yield Check("result", "zero", f"SUMPRODUCT(({claims}=0)*({awards}<>{floors}*{unit}))=0")


def _ties(sheets: Sheets, columns: tuple[str, str, str], cut: str, level: str) -> str:
    """Return whether among equal remainders larger claims came first, among equal claims earlier ids."""
    claims, rest, got = columns
    order = sheets.inputs.column(ASKED.order)
    tied = f"({rest}={cut})"
    alike = f"{tied}*({claims}={level})"
    none = AMOUNTS_BELOW
    largest_left = f"SUMPRODUCT(MAX({tied}*({got}=0)*{claims}))"
    least_served = f"SUMPRODUCT(MIN({claims}+(1-{tied}*({got}=1))*{none}))"
    last_served = f"SUMPRODUCT(MAX({alike}*({got}=1)*{order}))"
    first_left = f"SUMPRODUCT(MIN({order}+(1-{alike}*({got}=0))*{none}))"
    return f"AND({largest_left}<={least_served},{last_served}<{first_left})"


def _of_districts(sheets: Sheets, at: SplitColumns, roll: Roll, districts: Sequence[str]) -> Iterator[Check]:
    """Yield whether the districts add up to the whole."""
    row, split = total_row(districts), sheets.split
    count = sheets.districts.cell("B", row)
    yield Check("district", "households", f"{count}={len(roll.ids)}", (count, len(roll.ids)),
                (str(len(roll.ids)), len(roll.ids)))  # fmt: skip
    for name, column, whole, value in (
        ("district_claims", "C", at.claim, sum(roll.claims)),
        ("district_awards", "D", at.award, sum(roll.awards)),
    ):
        listed = f"'{sheets.districts.title}'!${column}${FIRST_DISTRICT_ROW}:${column}${row - 1}"
        parts, total = f"SUMPRODUCT(ROUND({listed}*100,0))", f"SUM({split.column(whole)})"
        yield Check("district", name, f"{parts}={total}", (parts, value), (total, value))
