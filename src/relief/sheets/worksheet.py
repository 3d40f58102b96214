"""The XML of one worksheet -> its cells as they stood, in one pass, whatever its size.

In    the part of a package as a stream of bytes, and what the whole workbook says: shared texts,
      which styles show a number as a day
Out   `Found`: a line of cells per row that holds something, what is hidden, what is merged

Read by expat, which holds no more than the cell at hand. A document type is refused where it begins,
so that no entity is ever declared. Nothing is filled in between two cells but what a table needs:
a sheet of few cells far apart is refused before it fills the memory.
"""

from __future__ import annotations

import datetime as dt
import re
import warnings
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any
from xml.parsers import expat

from relief.errors import FileError
from relief.sheets.sheet import MOST_COLUMNS, BadCell

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Book", "Found", "read_texts", "read_worksheet"]

_MOST_STRAY_CELLS = 10
# More blanks than these, and than most tables have beside their cells, are no table.
_MOST_BLANKS, _BLANKS_PER_CELL = 30_000_000, 20
_MOST_ROWS = 2**20  # as Excel has them
_LONGEST_TEXT = 2**18
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_DIGITS = "0123456789"
_TRUE = ("1", "true")


@dataclass(frozen=True)
class Book:
    """What a workbook says of all its worksheets.

    Attributes
    ----------
    name : str
        Its file.
    texts : list of str
        The shared texts, by number.
    days, spans : frozenset of str
        The styles that show a number as a day or time, and those that show it as a duration.
    odd : dict of str to str
        The styles that show a number otherwise than it is stored, and their formats.
    epoch_1904 : bool
        Whether days count from 1904.
    """

    name: str
    texts: list[str]
    days: frozenset[str]
    spans: frozenset[str]
    odd: Mapping[str, str]
    epoch_1904: bool


@dataclass
class Found:
    """What a worksheet holds; a line ends with its last cell that is not blank, `used` are their places."""

    rows: list[int] = field(default_factory=list)
    lines: list[list[Any]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    merged: list[tuple[int, int, int]] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    formats: dict[tuple[int, str], list[int]] = field(default_factory=dict)
    stray: int = 0


def read_worksheet(stream: IO[bytes], book: Book) -> Found:
    """Read a worksheet.

    Raises
    ------
    FileError
        If it declares a document type, or its cells stand too far apart.
    ValueError, expat.ExpatError, and others
        If it is damaged.
    """
    reader = _Worksheet(book)
    _parse(stream, book.name, reader.start, reader.end, reader.data)
    return reader.found


def read_texts(stream: IO[bytes], name: str) -> list[str]:
    """Read the table of shared texts; what only says how a text sounds is left out."""
    texts: list[str] = []
    parts: list[str] = []
    heard: list[str] = []
    silent = 0

    def start(tag: str, _: Mapping[str, str]) -> None:
        nonlocal silent
        silent += _local(tag) == "rPh"
        heard.clear()

    def end(tag: str) -> None:
        nonlocal silent
        local = _local(tag)
        silent -= local == "rPh"
        if local == "t" and not silent:
            parts.append("".join(heard))
        elif local == "si":
            texts.append(_unescaped("".join(parts)))
            parts.clear()
        heard.clear()

    _parse(stream, name, start, end, heard.append)
    return texts


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _parse(
    stream: IO[bytes],
    name: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    data: Callable[[str], None],
) -> None:
    def refuse(*_: object) -> None:
        raise FileError("file.entities", name=name)

    parser = expat.ParserCreate()
    parser.buffer_text, parser.buffer_size = True, _LONGEST_TEXT
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data
    parser.ParseFile(stream)


def _unescaped(text: str) -> str:
    """Return a text with what XML cannot hold as it was: a line break written as _x000D_."""
    if "_x" not in text:
        return text
    found = _ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)), text)
    return "".join(letter for letter in found if letter >= " " or letter in "\t\n\r")


class _Places(dict[str, int]):
    """The position of a column by its letters, from 0; any other reference is damage."""

    def __missing__(self, letters: str) -> int:
        if not re.fullmatch("[A-Z]{1,3}", letters):
            raise ValueError(letters)
        place = 0
        for letter in letters:
            place = place * 26 + ord(letter) - 64
        self[letters] = place - 1
        return place - 1


class _Worksheet:
    """A worksheet while its XML goes by."""

    def __init__(self, book: Book) -> None:
        self.book, self.found = book, Found()
        self.places = _Places()
        self.moments: dict[tuple[str, bool], Any] = {}
        self.row, self.place, self.blanks, self.cells, self.widest = 0, 0, 0, 0, 0
        self.line: list[Any] = []
        self.about: dict[str, str] = {}
        self.text, self.written, self.inline, self.silent = "", "", "", 0
        self.formula: str | None = None
        self.cell, self.value = "c", "v"
        self.prefix: str | None = None

    # --- what expat calls, for every cell: no more than needed ----------------------------------

    def start(self, tag: str, about: dict[str, str]) -> None:
        """Take the beginning of an element."""
        self.text = ""
        if tag == self.cell:
            self.about, self.written, self.inline, self.formula = about, "", "", None
        elif tag != self.value:
            self._start_other(tag, about)

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        if tag == self.value:
            self.written = self.text
        elif tag == self.cell:
            self._take_cell()
        else:
            self._end_other(tag)

    def data(self, text: str) -> None:
        """Take text; a very long one comes in several parts."""
        self.text = self.text + text if self.text else text

    # --- rows, columns, merged cells --------------------------------------------------------------

    def _start_other(self, tag: str, about: dict[str, str]) -> None:
        if self.prefix is None:
            self.prefix = tag[: -len(_local(tag))]
            self.cell, self.value = f"{self.prefix}c", f"{self.prefix}v"
        local = tag.removeprefix(self.prefix)
        if local == "row":
            self._begin_row(int(about.get("r", self.row + 1)))
            if about.get("hidden") in _TRUE:
                self.found.hidden_rows.append(self.row)
        elif local == "rPh":
            self.silent += 1
        elif local == "col" and about.get("hidden") in _TRUE:
            self.found.hidden_columns.append(int(about["min"]))
        elif local == "mergeCell":
            self._take_merged(about["ref"])

    def _begin_row(self, number: int) -> None:
        if not self.row < number <= _MOST_ROWS:
            raise ValueError(number)
        self.row, self.place, self.line = number, 0, []

    def _end_other(self, tag: str) -> None:
        local = tag.removeprefix(self.prefix or "")
        if local == "f":
            self.formula = self.text
        elif local == "t" and not self.silent:
            self.inline += self.text
        elif local == "rPh":
            self.silent -= 1
        elif local == "row" and self.line:
            self.found.rows.append(self.row)
            self.found.lines.append(self.line)
        elif local == "sheetData":
            self._check_shape()

    def _check_shape(self) -> None:
        if self.found.stray > _MOST_STRAY_CELLS:
            raise FileError("file.too_wide", name=self.book.name, width=self.widest, most=MOST_COLUMNS)
        self._check_blanks(len(self.found.rows) * len(self.found.used) - self.cells)

    def _check_blanks(self, blanks: int) -> None:
        if blanks > _MOST_BLANKS and blanks > _BLANKS_PER_CELL * self.cells:
            raise FileError("file.sparse", name=self.book.name)

    def _take_merged(self, ref: str) -> None:
        first, _, last = ref.replace("$", "").partition(":")
        letters = first.rstrip(_DIGITS)
        top, bottom = int(first[len(letters) :]), int(last.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") or 0)
        if bottom > top:
            self.found.merged.append((self.places[letters], top, bottom))

    # --- one cell ---------------------------------------------------------------------------------

    def _take_cell(self) -> None:
        reference = self.about.get("r")
        place = self.places[reference.rstrip(_DIGITS)] if reference else self.place
        self.place = place + 1
        value = self._value()
        if value is None:
            return
        if place >= MOST_COLUMNS:
            self.found.stray += 1
            self.widest = max(self.widest, self.place)
            return
        if place != len(self.line):
            self._fill(place)
        self.line.append(value)
        self.found.used.add(place)
        self.cells += 1

    def _fill(self, place: int) -> None:
        """Fill a line up to a place; cells that stand backwards in it are damage."""
        gap = place - len(self.line)
        if gap < 0:
            raise ValueError(place)
        self.blanks += gap
        self._check_blanks(self.blanks)
        self.line.extend([None] * gap)

    def _value(self) -> Any:
        kind, written = self.about.get("t", "n"), self.written
        if kind == "s":
            return self.book.texts[int(written)] or None if written else None
        if kind == "n" and written:
            return self._number(written)
        if not written and self.formula is not None and kind != "str":
            return BadCell("cell.formula", f"={self.formula}"[:40])
        return self._other(kind, written)

    def _number(self, written: str) -> Any:
        style = self.about.get("s", "0")
        if style in self.book.odd:
            key = self.place - 1, self.book.odd[style]
            self.found.formats.setdefault(key, []).append(self.row)
        if style in self.book.days:
            serial = written, style in self.book.spans
            if serial not in self.moments:
                self.moments[serial] = _moment(*serial, epoch_1904=self.book.epoch_1904)
            return self.moments[serial]
        return int(written) if written.lstrip("-").isdigit() else float(written)

    def _other(self, kind: str, written: str) -> Any:
        if kind == "inlineStr":
            return _unescaped(self.inline) or None
        if not written:
            return None
        if kind == "e":
            return BadCell("cell.error", written)
        if kind == "b":
            return bool(int(written))
        return _day(written) if kind == "d" else _unescaped(written)


def _moment(written: str, is_span: bool, *, epoch_1904: bool) -> Any:
    """Return a serial as a moment; one that no calendar has is an error, as Excel shows it."""
    from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

    epoch = MAC_EPOCH if epoch_1904 else WINDOWS_EPOCH
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return from_excel(float(written), epoch, timedelta=is_span)
    except (OverflowError, ValueError):
        return BadCell("cell.error", "#VALUE!")


def _day(written: str) -> dt.datetime | str:
    try:
        return dt.datetime.fromisoformat(written).replace(tzinfo=None)
    except ValueError:
        return written
