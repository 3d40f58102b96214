"""A file and a sheet as they were found: every cell still as it stood, column by column.

In    the bytes of a file; columns of cells and the number of each row
Out   `Source`, pinned by its hash; `Sheet`, without the rows that are blank in every column
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "MOST_COLUMNS",
    "BadCell",
    "Cells",
    "Sheet",
    "Source",
    "columns_of",
    "formats_of",
    "is_blank",
    "make_sheet",
]

Cells = np.ndarray[Any, np.dtype[np.object_]]
Rows = np.ndarray[Any, np.dtype[np.int64]]

MOST_COLUMNS = 2_000


@dataclass(frozen=True, slots=True)
class Source:
    """One input file, pinned: what is parsed is what is hashed and stored."""

    name: str
    data: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """Return the hash of the bytes, in hex."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that has no usable value: an error, or a formula that was never computed."""

    code: str
    shown: str

    def __str__(self) -> str:
        return self.shown


@dataclass(frozen=True)
class Sheet:
    """The cells of one sheet.

    Attributes
    ----------
    source, name : str
        File, and sheet title (for a CSV the file's name without ending).
    columns : tuple of ndarray of object
        Per position the cells: str, numbers, dates, None or `BadCell`; blank rows left out.
    rows : ndarray of int64
        The row number of each row as the file counts it, from 1.
    kind : {'workbook', 'text', 'frame'}
        Where it came from: in a text the number of fields counts, in a frame the header is known.
    hidden_rows, hidden_columns : tuple of int
        Numbers of what the sheet does not show; used all the same.
    is_hidden : bool
        Whether the sheet itself is hidden.
    epoch_1904 : bool
        Whether its serial dates count from 1904.
    merged : tuple of (int, int, int)
        Cells merged downwards: position of the column, first and last row number.
    notes : tuple of str
        Codes of what must be mentioned about the file: macros, links, another ending.
    places : tuple of int
        Per position the column's number in the file, from 1; empty where they are the same.
    formats : tuple of (int, str, tuple of int)
        Formats that show another number than is stored, or a unit: position, format, row numbers.
    """

    source: str
    name: str
    columns: tuple[Cells, ...]
    rows: Rows
    kind: Literal["workbook", "text", "frame"] = "workbook"
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    is_hidden: bool = False
    epoch_1904: bool = False
    merged: tuple[tuple[int, int, int], ...] = ()
    notes: tuple[str, ...] = ()
    places: tuple[int, ...] = ()
    formats: tuple[tuple[int, str, tuple[int, ...]], ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def row(self, at: int) -> list[Any]:
        """Return the cells of one row, by its position."""
        return [column[at] for column in self.columns]

    def head(self, count: int) -> list[list[Any]]:
        """Return the first rows."""
        return [self.row(at) for at in range(min(count, len(self)))]


def columns_of(lines: Sequence[Sequence[Any]], used: Sequence[int]) -> list[Cells]:
    """Return the columns of lines of cells at the places that hold anything; others cost no memory."""
    columns = []
    for place in used:
        column = np.empty(len(lines), dtype=object)
        column[:] = [line[place] if place < len(line) else None for line in lines]
        columns.append(column)
    return columns


def formats_of(
    found: Mapping[tuple[int, str], Sequence[int]], used: Sequence[int]
) -> tuple[tuple[int, str, tuple[int, ...]], ...]:
    """Return what `Sheet.formats` holds: by place and format the rows, of the columns that are used."""
    places = {place: at for at, place in enumerate(used)}
    return tuple(
        (places[at], code, tuple(rows)) for (at, code), rows in sorted(found.items()) if at in places
    )


def make_sheet(source: str, name: str, columns: Sequence[Cells], rows: Rows, **about: Any) -> Sheet:
    """Make a sheet without its blank rows: rows blank in every column, whatever their format."""
    blank = np.ones(len(rows), dtype=bool)
    for column in columns:
        if not blank.any():
            break
        blank[blank] = _are_blank(column[blank])
    if blank.any():
        columns, rows = [column[~blank] for column in columns], rows[~blank]
    return Sheet(source, name, tuple(columns), rows, **about)


def _are_blank(cells: Cells) -> np.ndarray[Any, np.dtype[np.bool_]]:
    try:
        if all(map(str.strip, cells)):
            return np.zeros(len(cells), dtype=bool)
    except TypeError:
        pass
    return np.fromiter(map(is_blank, cells), dtype=bool, count=len(cells))


def is_blank(cell: object) -> bool:
    """Return whether a cell holds nothing: no value, not a number, or only white space."""
    if isinstance(cell, str):
        return not cell.strip()
    return cell is None or (isinstance(cell, (float, Decimal)) and cell != cell)
