"""The working sheets: one row per pass, and for each household what every pass makes of it.

In    what the formulas come to
Out   the sheets 轮次 and 演算, which fix who is held at a floor or a cap
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from relief.audit import products
from relief.audit.passes import LIMB
from relief.audit.places import ASKED_ROW, LIVE, PASS_COLUMNS, PassColumns, letters, pass_row
from relief.audit.products import Halved
from relief.audit.sheet import FIRST_ROW, HEAD_ROW

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relief.audit.passes import Pass, Worked
    from relief.audit.places import Sheets, Working
    from relief.audit.roll import Roll
    from relief.audit.sheet import Sheet

__all__ = ["final_columns", "write_passes", "write_work"]

_BEFORE, _HIGH, _LOW = "B", "C", "D"
_FIRST_PLACE = 4
_STEPS = ("guess", "guess_high", "rest", "whole", "remainder", "outside", "held")
_HEADS = ("id", "before", "high", "low")


class _Steps(NamedTuple):
    """The columns of one pass."""

    guess: str
    guess_high: str
    rest: str
    whole: str
    remainder: str
    outside: str
    held: str


def _steps(number: int) -> _Steps:
    start = _FIRST_PLACE + len(_STEPS) * (number - 1)
    return _Steps(*(letters(start + place) for place in range(len(_STEPS))))


def _held_before(number: int) -> str:
    return _BEFORE if number == 1 else _steps(number - 1).held


def final_columns(work: Sheet, passes: int) -> tuple[str, str, str]:
    """Return who is held, the whole part and the remainder after the last pass; ``#`` stands for the row."""
    steps = _steps(passes)
    held, whole, remainder = (
        f"'{work.title}'!{column}#" for column in (steps.held, steps.whole, steps.remainder)
    )
    return held, whole, remainder


# --- a row per household --------------------------------------------------------------------------


def write_work(sheets: Sheets, working: Working, roll: Roll, done: Worked) -> None:
    """Write what every pass makes of each household."""
    sheet = working.work
    _write_heads(sheet, len(done.passes))
    for at, label in enumerate(roll.ids):
        row, claim = FIRST_ROW + at, roll.claims[at]
        of_claim = sheets.split.cell(LIVE.claim, row)
        sheet.outside(f"A{row}", label)
        sheet.formula(f"{_BEFORE}{row}", f"IF({of_claim}=0,-1,0)", 0 if claim else -1, "held")
        sheet.formula(f"{_HIGH}{row}", products.high(of_claim), claim // LIMB, "whole")
        sheet.formula(f"{_LOW}{row}", products.low(of_claim, f"{_HIGH}{row}"), claim % LIMB, "whole")
        for number, made in enumerate(done.passes, start=1):
            _write_steps(sheets, working, number, made, at)
    sheet.freeze(FIRST_ROW)
    sheet.at.repeat_columns(0)
    sheet.at.set_print_scale(60)


def _write_heads(sheet: Sheet, passes: int) -> None:
    book, above = sheet.book, HEAD_ROW - 1
    sheet.at.set_column(0, 0, 16)
    sheet.at.set_column(1, _FIRST_PLACE + len(_STEPS) * passes - 1, 13)
    sheet.said("A1", sheet.title, "title")
    sheet.said("A2", book.say("audit.note.work"), "aside")
    titles = [book.say(f"audit.work.{name}") for name in _HEADS]
    for number in range(1, passes + 1):
        steps, title = _steps(number), book.say("audit.work.pass", number=number)
        sheet.at.merge_range(f"{steps.guess}{above}:{steps.held}{above}", title, book.look("head"))
        titles += [book.say(f"audit.work.{name}") for name in _STEPS]
    sheet.at.set_row(HEAD_ROW - 1, 32)
    sheet.head(HEAD_ROW, titles)


def _write_steps(sheets: Sheets, working: Working, number: int, made: Pass, at: int) -> None:
    """Write one pass of one household: its share of what is left, and whether a bound holds it."""
    row, steps, share = FIRST_ROW + at, _steps(number), made.shares[at]
    claim, floor, cap = (sheets.split.cell(column, row) for column in (LIVE.claim, LIVE.floor, LIVE.cap))
    ours = PassColumns(*(working.passes.cell(column, pass_row(number)) for column in PASS_COLUMNS))
    guess, high, rest, whole, remainder, outside, _ = (f"{column}{row}" for column in steps)
    is_free = f"{_held_before(number)}{row}=0"
    product = products.rest(
        Halved(claim, f"{_HIGH}{row}", f"{_LOW}{row}"),
        Halved(ours.left, ours.left_high, ours.left_low),
        Halved(guess, high, f"({guess}-{high}*{LIMB})"),
        Halved(ours.together, ours.together_high, ours.together_low),
    )
    right = products.whole(guess, rest, ours.together)
    over = f"OR({whole}>{cap},AND({whole}={cap},{remainder}>0))"
    cells: Iterable[tuple[str, int]] = (
        (f"IF({is_free},{products.guess(claim, ours.left, ours.together)},0)", share.guess),
        (products.high(guess), share.guess // LIMB),
        (f"IF({is_free},{product},0)", share.rest),
        (f"IF({is_free},{right},0)", share.whole),
        (products.remainder(guess, rest, whole, ours.together), share.remainder),
        (f"IF({is_free},IF({whole}<{floor},-1,IF({over},1,0)),0)", made.outside[at]),
        (f"IF({is_free},IF({outside}={ours.fixes},{outside},0),{_held_before(number)}{row})", made.held[at]),
    )
    for column, (formula, value) in zip(steps, cells, strict=True):
        look = "held" if column in (steps.outside, steps.held) else "whole"
        working.work.formula(f"{column}{row}", formula, value, look)


# --- a row per pass -------------------------------------------------------------------------------


def write_passes(sheets: Sheets, working: Working, done: Worked) -> None:
    """Write what each pass has to share, who falls outside, and which bounds it fixes."""
    sheet = working.passes
    book, widths = sheet.book, (6, *[14] * len(PASS_COLUMNS))
    sheet.widths(widths)
    sheet.said("A1", sheet.title, "title")
    sheet.wide(2, PASS_COLUMNS.fixes, book.say("audit.note.passes"), "note", sum(widths))
    sheet.at.set_row(pass_row(0) - 1, 48)
    sheet.head(pass_row(0), [book.say(f"audit.passes.{name}") for name in ("number", *PASS_COLUMNS._fields)])
    for number, made in enumerate(done.passes, start=1):
        _write_pass(sheets, working, number, made)
    sheet.freeze(pass_row(1))
    sheet.at.fit_to_pages(1, 0)


def _write_pass(sheets: Sheets, working: Working, number: int, made: Pass) -> None:
    sheet, work, row = working.passes, working.work, pass_row(number)
    held, outside = work.column(_held_before(number)), work.column(_steps(number).outside)
    claim, floor, cap = (sheets.split.column(column) for column in (LIVE.claim, LIVE.floor, LIVE.cap))
    given = sheets.split.cell(LIVE.given, ASKED_ROW)
    ours, rate = PassColumns(*(f"{column}{row}" for column in PASS_COLUMNS)), made.by_rate
    product = products.rest(
        Halved(ours.claims, ours.claims_high, f"({products.low(ours.claims, ours.claims_high)})"),
        Halved(ours.left, ours.left_high, ours.left_low),
        Halved(ours.guess, ours.guess_high, f"({products.low(ours.guess, ours.guess_high)})"),
        Halved(ours.together, ours.together_high, ours.together_low),
    )
    is_high = f"OR({ours.bounds}>{ours.whole},AND({ours.bounds}={ours.whole},{ours.remainder}=0))"
    some = f"{ours.claims}>0"
    right = products.whole(ours.guess, ours.rest, ours.together)
    cells: Iterable[tuple[str, int]] = (
        (f"{given}-SUMIF({held},-1,{floor})-SUMIF({held},1,{cap})", made.left),
        (f"SUMIF({held},0,{claim})", made.together),
        (products.high(ours.left), made.left // LIMB),
        (products.low(ours.left, ours.left_high), made.left % LIMB),
        (products.high(ours.together), made.together // LIMB),
        (products.low(ours.together, ours.together_high), made.together % LIMB),
        (f"COUNTIF({outside},-1)", made.outside.count(-1)),
        (f"COUNTIF({outside},1)", made.outside.count(1)),
        (f"SUMIF({outside},-1,{claim})+SUMIF({outside},1,{claim})", made.claims_outside),
        (f"SUMIF({outside},-1,{floor})+SUMIF({outside},1,{cap})", made.bounds_outside),
        (products.high(ours.claims), made.claims_outside // LIMB),
        (f"IF({some},{products.guess(ours.claims, ours.left, ours.together)},0)", rate.guess),
        (products.high(ours.guess), rate.guess // LIMB),
        (f"IF({some},{product},0)", rate.rest),
        (f"IF({some},{right},0)", rate.whole),
        (products.remainder(ours.guess, ours.rest, ours.whole, ours.together), rate.remainder),
        (f"IF({ours.below}+{ours.above}=0,0,IF({is_high},-1,1))", made.fixes),
    )
    sheet.number(f"A{row}", number, "whole")
    for column, (formula, value) in zip(PASS_COLUMNS, cells, strict=True):
        sheet.formula(f"{column}{row}", formula, value, "fixes" if column == PASS_COLUMNS.fixes else "whole")
