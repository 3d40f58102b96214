"""Files as people send them: a workbook, a CSV, a folder of either.

In    a path
Out   `Source`: the bytes as they were, with their hash; `Sheet`: its cells, each still as it
      stood, with the numbers of its rows

What a file is, its content says, not its ending. Nothing is guessed: a file that cannot be
read rightly is refused by a message that names what it is. Macros, links and formulas never
run; XML is read by a parser that refuses entities.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from relief.errors import FileError

__all__ = ["BadCell", "Sheet", "Source", "read_sheets", "read_sources"]

READABLE = (".xlsx", ".xlsm", ".csv", ".tsv", ".txt")
_LARGEST_PART = 2**30
_LARGEST_RATIO = 200
_SMALL_PART = 50 * 2**20
_WIDEST = 2_000


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
    cells : DataFrame of object
        Columns by position; str, numbers, dates, None or `BadCell`; blank rows left out.
    rows : ndarray of int64
        The row number of each row as the file counts it, from 1.
    hidden_rows, hidden_columns : tuple of int
        Numbers of what the sheet does not show; used all the same.
    is_hidden : bool
        Whether the sheet itself is hidden.
    epoch_1904 : bool
        Whether its serial dates count from 1904.
    notes : tuple of str
        Codes of what must be mentioned about the file: macros, links, another ending.
    """

    source: str
    name: str
    cells: pd.DataFrame
    rows: np.ndarray[Any, np.dtype[np.int64]]
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    is_hidden: bool = False
    epoch_1904: bool = False
    notes: tuple[str, ...] = ()


def read_sources(path: str | Path) -> list[Source]:
    """Read a file, or every readable file of a folder in the order of its names.

    Raises
    ------
    FileError
        If nothing is there, or a folder holds no file that can be read.
    """
    place = Path(path)
    try:
        if place.is_dir():
            found = sorted(
                file
                for file in place.iterdir()
                if file.suffix.lower() in READABLE and not file.name.startswith(("~$", "."))
            )
            if not found:
                raise FileError("file.folder_empty", name=place.name, endings=" ".join(READABLE))
            return [Source(file.name, file.read_bytes()) for file in found]
        return [Source(place.name, place.read_bytes())]
    except OSError as error:
        raise FileError("file.cannot_open", name=str(path), why=error.strerror or str(error)) from error


def read_sheets(source: Source) -> list[Sheet]:
    """Read every sheet of a file.

    Raises
    ------
    FileError
        If the content is not a workbook or a table of text, is damaged, protected or a bomb.
    """
    data, name = source.data, source.name
    if not data.strip(b"\0 \r\n\t"):
        raise FileError("file.empty", name=name)
    if data.startswith(b"PK"):
        return _read_workbook(source)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        locked = "EncryptedPackage".encode("utf-16-le") in data
        raise FileError("file.encrypted" if locked else "file.old_excel", name=name)
    if data.startswith(b"%PDF"):
        raise FileError("file.not_a_table", name=name, kind="PDF")
    if re.match(rb"(\xef\xbb\xbf)?\s*<(!doctype html|html|table|\?xml)", data[:200], re.IGNORECASE):
        raise FileError("file.not_a_table", name=name, kind="HTML/XML")
    return [_read_text(source)]


# --- text -------------------------------------------------------------------------------------


def _decode(source: Source) -> str:
    data = source.data
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decode_as(source, "utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if not data.startswith(b"\xef\xbb\xbf"):
            _refuse_two_encodings(source, error.start)
            return _decode_as(source, "gb18030")
        raise FileError("file.two_encodings", name=source.name, offset=error.start) from error


def _decode_as(source: Source, encoding: str) -> str:
    try:
        return source.data.decode(encoding)
    except UnicodeDecodeError as error:
        raise FileError("file.encoding", name=source.name, offset=error.start) from error


def _refuse_two_encodings(source: Source, failed_at: int) -> None:
    """Refuse a file of which some lines are UTF-8 Chinese: GB18030 would turn them into other words."""
    offset = 0
    for line in source.data.splitlines(keepends=True):
        if not line.isascii():
            try:
                text = line.decode("utf-8")
            except UnicodeDecodeError:
                pass
            else:
                if sum("\u4e00" <= letter <= "\u9fff" for letter in text) > 1:
                    at = failed_at if failed_at > offset else offset
                    raise FileError("file.two_encodings", name=source.name, offset=at)
        offset += len(line)


def _read_text(source: Source) -> Sheet:
    text = _decode(source)
    if "\0" in text:
        raise FileError("file.not_a_table", name=source.name, kind="binary")
    head = text[:20_000].splitlines()[:30]
    separator = max(",\t;", key=lambda mark: (max(line.count(mark) for line in head), mark == ","))
    width = max(line.count(separator) for line in head) + 1
    if width > _WIDEST:
        raise FileError("file.too_wide", name=source.name, width=width, most=_WIDEST)
    try:
        cells = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            header=None,
            names=range(width),
            index_col=False,
            dtype=object,
            na_filter=False,
            skip_blank_lines=False,
            on_bad_lines="error",
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        found = re.search(r"line (\d+)|row (\d+)", str(error))
        raise FileError(
            "file.broken_csv", name=source.name, row=found[1] or int(found[2]) + 1 if found else "?"
        ) from error
    ending = Path(source.name).suffix.lower()
    notes = () if ending in (".csv", ".tsv", ".txt") else ("note.other_ending",)
    return _sheet(source.name, Path(source.name).stem, cells, np.arange(1, len(cells) + 1), notes=notes)


def _sheet(
    source: str, name: str, cells: pd.DataFrame, rows: np.ndarray[Any, np.dtype[np.int64]], **about: Any
) -> Sheet:
    """Make a sheet without its blank rows: rows blank in every column, whatever their format."""
    blank = np.ones(len(cells), dtype=bool)
    for place in cells.columns:
        if not blank.any():
            break
        column = cells[place].to_numpy()
        blank[blank] = [
            value is None or value != value or (isinstance(value, str) and not value.strip())  # noqa: PLR0124
            for value in column[blank]
        ]
    if blank.any():
        cells, rows = cells[~blank].reset_index(drop=True), rows[~blank]
    return Sheet(source, name, cells, rows, **about)


# --- workbooks --------------------------------------------------------------------------------


def _read_workbook(source: Source) -> list[Sheet]:
    from openpyxl import load_workbook

    notes = _inspect_package(source)
    try:
        values = load_workbook(io.BytesIO(source.data), read_only=True, data_only=True, keep_links=False)
        formulas = load_workbook(io.BytesIO(source.data), read_only=True, keep_links=False)
        return [
            _read_worksheet(source, values, formulas[sheet.title], sheet, notes)
            for sheet in values.worksheets
        ]
    except FileError:
        raise
    except Exception as error:
        # openpyxl raises at least eight kinds of exception on damaged workbooks.
        raise FileError("file.damaged", name=source.name) from error


def _inspect_package(source: Source) -> tuple[str, ...]:
    """Refuse what only looks like a workbook, and one made to exhaust memory, before reading it."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(source.data)).infolist()
    except zipfile.BadZipFile as error:
        raise FileError("file.damaged", name=source.name) from error
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        kind = "ods" if "content.xml" in names else "zip"
        raise FileError("file.not_xlsx", name=source.name, kind=kind)
    for part in parts:
        bomb = part.file_size > _SMALL_PART and part.file_size > _LARGEST_RATIO * max(part.compress_size, 1)
        if bomb or part.file_size > _LARGEST_PART:
            raise FileError("file.bomb", name=source.name, part=part.filename, size=part.file_size)
    notes = []
    if any(name.endswith("vbaProject.bin") for name in names):
        notes.append("note.macros")
    if any(name.startswith("xl/externalLinks/") for name in names):
        notes.append("note.links")
    if Path(source.name).suffix.lower() not in (".xlsx", ".xlsm"):
        notes.append("note.other_ending")
    return tuple(notes)


def _read_worksheet(source: Source, book: Any, formulas: Any, sheet: Any, notes: tuple[str, ...]) -> Sheet:
    rows: list[int] = []
    cells: list[list[Any]] = []
    sheet.reset_dimensions()
    formulas.reset_dimensions()
    has_formulas, hidden_rows, hidden_columns = _scan_xml(source, sheet)
    written = formulas.iter_rows() if has_formulas else iter(lambda: None, 0)
    for number, (row, formula_row) in enumerate(zip(sheet.iter_rows(), written, strict=False), start=1):
        if not row:
            continue
        line = [_value(cell) for cell in row]
        if formula_row is not None:
            _mark_uncomputed(line, formula_row)
        while line and line[-1] is None:
            line.pop()
        if len(line) > _WIDEST and sum(value is not None for value in line) <= 2:
            line = [value for value in line if value is not None]
        if line:
            rows.append(number)
            cells.append(line)
    width = max(map(len, cells), default=0)
    if width > _WIDEST:
        raise FileError("file.too_wide", name=source.name, width=width, most=_WIDEST)
    frame = pd.DataFrame([line + [None] * (width - len(line)) for line in cells], dtype=object)
    return _sheet(
        source.name,
        sheet.title,
        frame,
        np.array(rows, dtype=np.int64),
        hidden_rows=hidden_rows,
        hidden_columns=hidden_columns,
        is_hidden=sheet.sheet_state != "visible",
        epoch_1904=book.epoch.year == 1904,
        notes=notes,
    )


def _scan_xml(source: Source, sheet: Any) -> tuple[bool, tuple[int, ...], tuple[int, ...]]:
    """Return whether a sheet has formulas, and its hidden rows and columns: what streaming leaves out."""
    with zipfile.ZipFile(io.BytesIO(source.data)) as package:
        xml = package.read(sheet._worksheet_path.lstrip("/"))
    hidden_rows = re.findall(rb'<row (?=[^>]*\bhidden="(?:1|true)")[^>]*\br="(\d+)"', xml)
    hidden_columns = re.findall(rb'<col (?=[^>]*\bhidden="(?:1|true)")[^>]*\bmin="(\d+)"', xml)
    return b"<f" in xml, tuple(map(int, hidden_rows)), tuple(map(int, hidden_columns))


def _value(cell: Any) -> Any:
    if cell.data_type == "e":
        return BadCell("cell.error", str(cell.value))
    return cell.value


def _mark_uncomputed(line: list[Any], formula_row: Any) -> None:
    for place, cell in enumerate(formula_row[: len(line)]):
        if line[place] is None and cell.data_type == "f":
            line[place] = BadCell("cell.formula", str(cell.value)[:40])
