"""Where everything stands: the columns of each sheet, and the cells above the lists.

In    whether the workbook works the split out or shows it
Out   letters and rows, as people see them
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from relief.audit.sheet import Sheet

__all__ = [
    "ASKED", "ASKED_ROW", "LIVE", "PASS_COLUMNS", "SHOWN", "Asked", "PassColumns", "Sheets", "SplitColumns",
    "Working", "letters", "pass_row",
]  # fmt: skip

ASKED_ROW = 4
"""Where the fund and what else is asked for stands, on the first two sheets."""

_PASS_HEAD_ROW = 4


class Asked(NamedTuple):
    """The columns of the inputs; in `ASKED_ROW` the fund, the unit and two choices."""

    id: str = "A"
    district: str = "B"
    claim: str = "C"
    floor: str = "D"
    cap: str = "E"
    paid: str = "F"
    order: str = "G"
    name: str = "H"
    fund: str = "A"
    unit: str = "B"
    above: str = "C"
    returns: str = "D"


ASKED = Asked()


class SplitColumns(NamedTuple):
    """The columns of the split, and which cells of `ASKED_ROW` hold what is returned and the total."""

    award: str
    yuan: str
    returned: str
    total: str
    claim: str = "C"
    floor: str = "D"
    cap: str = "E"
    whole: str = "F"
    remainder: str = "G"
    tied: str = "J"
    place: str = "K"
    got: str = "L"
    recorded: str = "O"
    difference: str = "P"
    fund: str = "A"
    unit: str = "B"
    given: str = "C"
    room: str = "D"
    together: str = "E"
    spare: str = "F"
    cut: str = "G"
    left_at_cut: str = "H"
    claim_at_cut: str = "I"
    left_at_claim: str = "J"
    place_at_cut: str = "K"


LIVE = SplitColumns(award="M", yuan="N", returned="L", total="M")
SHOWN = SplitColumns(award="G", yuan="H", returned="C", total="D")


class PassColumns(NamedTuple):
    """The columns of the table that has a row per pass."""

    left: str = "B"
    together: str = "C"
    left_high: str = "D"
    left_low: str = "E"
    together_high: str = "F"
    together_low: str = "G"
    below: str = "H"
    above: str = "I"
    claims: str = "J"
    bounds: str = "K"
    claims_high: str = "L"
    guess: str = "M"
    guess_high: str = "N"
    rest: str = "O"
    whole: str = "P"
    remainder: str = "Q"
    fixes: str = "R"


PASS_COLUMNS = PassColumns()


@dataclass(frozen=True, eq=False)
class Sheets:
    """The sheets that every workbook has, in the order in which they are read."""

    inputs: Sheet
    split: Sheet
    districts: Sheet
    checks: Sheet
    reasons: Sheet
    sources: Sheet


@dataclass(frozen=True, eq=False)
class Working:
    """The sheets on which the split is worked out; there are none where it is only shown."""

    passes: Sheet
    work: Sheet


def pass_row(number: int) -> int:
    """Return the row of a pass, counted from 1, in the table of passes."""
    return _PASS_HEAD_ROW + number


def letters(place: int) -> str:
    """Return the letters of a column counted from 0.

    Examples
    --------
    >>> letters(0), letters(25), letters(26), letters(701), letters(702)
    ('A', 'Z', 'AA', 'ZZ', 'AAA')
    """
    more, at = divmod(place, 26)
    return (letters(more - 1) if more else "") + chr(ord("A") + at)
