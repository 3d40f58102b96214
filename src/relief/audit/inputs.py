"""The sheet of inputs: what an auditor may change, and the terms of the split.

In    a `Roll`
Out   the sheet 输入: fund, unit and two choices above, claims and bounds per household below, in yuan
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from relief.audit.places import ASKED, ASKED_ROW
from relief.audit.sheet import FIRST_ROW, HEAD_ROW

if TYPE_CHECKING:
    from relief.audit.roll import Roll
    from relief.audit.sheet import Sheet

__all__ = ["write_inputs"]

_HEADS = ("id", "district", "claim", "floor", "cap", "paid", "order")
_TERMS = ("fund", "unit", "above", "returns", "method", "rounding")
_WIDTHS = (20, 16, 16, 16, 18, 18, 10, 14)


def write_inputs(sheet: Sheet, roll: Roll) -> None:
    """Write the sheet."""
    book = sheet.book
    sheet.widths(_WIDTHS)
    sheet.said("A1", book.say("audit.title"), "title")
    note = "audit.note.inputs" if roll.is_live else "audit.note.inputs_shown"
    sheet.wide(2, "H", book.say(note), "note" if roll.is_live else "warning", sum(_WIDTHS))
    _write_terms(sheet, roll)
    names = [*_HEADS, *(["name"] if roll.names is not None else [])]
    sheet.at.set_row(HEAD_ROW - 1, 32)
    sheet.head(HEAD_ROW, [book.say(f"audit.inputs.{name}") for name in names])
    amount = "asked_yuan" if roll.is_live else "yuan"
    for at, label in enumerate(roll.ids):
        row = FIRST_ROW + at
        sheet.outside(f"{ASKED.id}{row}", label)
        sheet.outside(f"{ASKED.district}{row}", roll.districts[at])
        for column, fen in (
            (ASKED.claim, roll.claims[at]), (ASKED.floor, roll.floors[at]), (ASKED.cap, roll.caps[at]),
            (ASKED.paid, roll.paid[at]),
        ):  # fmt: skip
            sheet.number(f"{column}{row}", None if fen is None else fen / 100, amount)
        sheet.number(f"{ASKED.order}{row}", at + 1, "whole")
        if roll.names is not None:
            sheet.outside(f"{ASKED.name}{row}", roll.names[at])
    _guard(sheet)
    sheet.freeze(FIRST_ROW)
    sheet.at.fit_to_pages(1, 0)


def _write_terms(sheet: Sheet, roll: Roll) -> None:
    """Write what the whole split is asked by; where nothing is worked out it is only told."""
    book = sheet.book
    sheet.at.set_row(ASKED_ROW - 2, 32)
    sheet.head(ASKED_ROW - 1, [book.say(f"audit.inputs.{name}") for name in _TERMS])
    sheet.number(f"{ASKED.fund}{ASKED_ROW}", roll.fund / 100, "asked_yuan")
    sheet.number(f"{ASKED.unit}{ASKED_ROW}", roll.unit / 100, "asked_yuan")
    yes, no = book.say("audit.yes"), book.say("audit.no")
    for column, choice in ((ASKED.above, roll.above), (ASKED.returns, roll.returns)):
        cell = f"{column}{ASKED_ROW}"
        sheet.said(cell, yes if choice else no, "asked_word")
        sheet.at.data_validation(cell, {"validate": "list", "source": [yes, no]})
    sheet.said(f"E{ASKED_ROW}", book.say(f"methods.title.{roll.method}"), "state")
    sheet.said(f"F{ASKED_ROW}", book.say(f"methods.rounding.{roll.rounding}"), "state")


def _guard(sheet: Sheet) -> None:
    """Let amounts be typed only as amounts; what is pasted over is found by the checks."""
    amount = {
        "validate": "decimal", "criteria": ">=", "value": 0, "ignore_blank": True,
        "error_message": sheet.book.say("audit.inputs.wrong"),
    }  # fmt: skip
    sheet.at.data_validation(f"{ASKED.fund}{ASKED_ROW}:{ASKED.unit}{ASKED_ROW}", amount)
    sheet.at.data_validation(f"{ASKED.claim}{FIRST_ROW}:{ASKED.paid}{sheet.last_row}", amount)
