"""An Excel workbook (.xlsx, .xlsm) -> its sheets, read without running anything in it.

In    the bytes of a package of XML parts
Out   a `Sheet` per worksheet: stored values, errors, formulas that were never computed

XML that declares entities is refused before anything is parsed.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from relief.errors import FileError
from relief.sheets.packages import open_package, refuse_entities
from relief.sheets.sheet import MOST_COLUMNS, BadCell, Cells, Sheet, Source, make_sheet

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["read_workbook"]

_MOST_STRAY_CELLS = 10


def read_workbook(source: Source) -> list[Sheet]:
    """Read every worksheet.

    Raises
    ------
    FileError
        If it is damaged or declares entities.
    """
    from defusedxml.common import DefusedXmlException

    notes = _notes(source)
    try:
        # openpyxl warns about styles and extensions that do not touch the values.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read_worksheets(source, notes)
    except FileError:
        raise
    except DefusedXmlException as error:
        raise FileError("file.entities", name=source.name) from error
    except Exception as error:
        # openpyxl raises at least eight kinds of exception on damaged workbooks.
        raise FileError("file.damaged", name=source.name) from error


def _notes(source: Source) -> tuple[str, ...]:
    """Refuse XML that declares entities before reading it; tell what will not be run."""
    with open_package(source) as package:
        refuse_entities(source, package)
        names = package.namelist()
    told = {
        "note.macros": any(name.endswith("vbaProject.bin") for name in names),
        "note.links": any(name.startswith("xl/externalLinks/") for name in names),
        "note.other_ending": Path(source.name).suffix.lower() not in (".xlsx", ".xlsm"),
    }
    return tuple(code for code, holds in told.items() if holds)


def _read_worksheets(source: Source, notes: tuple[str, ...]) -> list[Sheet]:
    from openpyxl import load_workbook

    values = load_workbook(io.BytesIO(source.data), read_only=True, data_only=True, keep_links=False)
    formulas: Any = None
    sheets = []
    for sheet in values.worksheets:
        xml = _Xml.of(source, sheet)
        if xml.has_formulas and formulas is None:
            formulas = load_workbook(io.BytesIO(source.data), read_only=True, keep_links=False)
        written = formulas[sheet.title] if xml.has_formulas else None
        sheets.append(_read_worksheet(source, values, sheet, written, xml, notes))
    return sheets


class _Xml:
    """What streaming leaves out of a worksheet: whether it has formulas, what it hides, what is merged."""

    def __init__(self, xml: bytes) -> None:
        self.has_formulas = b"<f" in xml
        self.hidden_rows = _numbers(rb'<row (?=[^>]*\bhidden="(?:1|true)")[^>]*\br="(\d+)"', xml)
        self.hidden_columns = _numbers(rb'<col (?=[^>]*\bhidden="(?:1|true)")[^>]*\bmin="(\d+)"', xml)
        self.merged = re.findall(rb'<mergeCell [^>]*?ref="\$?([A-Z]+)\$?(\d+):\$?[A-Z]+\$?(\d+)"', xml)

    @classmethod
    def of(cls, source: Source, sheet: Any) -> _Xml:
        with zipfile.ZipFile(io.BytesIO(source.data)) as package:
            return cls(package.read(sheet._worksheet_path.lstrip("/")))


def _numbers(pattern: bytes, xml: bytes) -> tuple[int, ...]:
    return tuple(map(int, re.findall(pattern, xml)))


def _read_worksheet(
    source: Source, book: Any, sheet: Any, formulas: Any, xml: _Xml, notes: tuple[str, ...]
) -> Sheet:
    rows: list[int] = []
    lines: list[list[Any]] = []
    for number, line in _lines(sheet, formulas):
        rows.append(number)
        lines.append(line)
    stray = _drop_stray_cells(source, lines)
    used = sorted({place for line in lines for place, cell in enumerate(line) if cell is not None})
    return make_sheet(
        source.name,
        sheet.title,
        _columns(lines, used),
        np.array(rows, dtype=np.int64),
        hidden_rows=xml.hidden_rows,
        hidden_columns=xml.hidden_columns,
        is_hidden=sheet.sheet_state != "visible",
        epoch_1904=book.epoch.year == 1904,
        merged=tuple(_merged(xml.merged, used)),
        places=tuple(place + 1 for place in used),
        notes=(*notes, "note.stray_cells") if stray else notes,
    )


def _lines(sheet: Any, formulas: Any) -> Any:
    """Yield the number and the cells of every row that holds something."""
    sheet.reset_dimensions()
    written: Any = iter(lambda: None, 0)
    if formulas is not None:
        formulas.reset_dimensions()
        written = formulas.iter_rows()
    for number, (row, formula_row) in enumerate(zip(sheet.iter_rows(), written, strict=False), start=1):
        line = [_value(cell) for cell in row]
        if row and formula_row is not None:
            _mark_uncomputed(line, row, formula_row)
        while line and line[-1] is None:
            line.pop()
        if line:
            yield number, line


def _value(cell: Any) -> Any:
    return BadCell("cell.error", str(cell.value)) if cell.data_type == "e" else cell.value


def _mark_uncomputed(line: list[Any], row: Any, formula_row: Any) -> None:
    """Tell a formula that was never computed from one whose result is an empty text."""
    for place, cell in enumerate(formula_row[: len(line)]):
        if line[place] is None and cell.data_type == "f" and row[place].data_type != "str":
            line[place] = BadCell("cell.formula", str(cell.value)[:40])


def _drop_stray_cells(source: Source, lines: list[list[Any]]) -> int:
    """Cut off the few cells that stand far to the right of any table; many of them are refused."""
    width = max(map(len, lines), default=0)
    if width <= MOST_COLUMNS:
        return 0
    stray = sum(cell is not None for line in lines for cell in line[MOST_COLUMNS:])
    if stray > _MOST_STRAY_CELLS:
        raise FileError("file.too_wide", name=source.name, width=width, most=MOST_COLUMNS)
    for line in lines:
        del line[MOST_COLUMNS:]
    return stray


def _merged(found: list[tuple[bytes, bytes, bytes]], used: list[int]) -> Iterator[tuple[int, int, int]]:
    """Yield the cells that are merged downwards, by the position of their column among those used."""
    from openpyxl.utils import column_index_from_string

    places = {column: place for place, column in enumerate(used)}
    for letters, first, last in found:
        column = column_index_from_string(letters.decode()) - 1
        if int(last) > int(first) and column in places:
            yield places[column], int(first), int(last)


def _columns(lines: list[list[Any]], used: list[int]) -> list[Cells]:
    """Return the columns that hold anything, so that a cell far out costs no memory."""
    columns = []
    for place in used:
        column = np.empty(len(lines), dtype=object)
        column[:] = [line[place] if place < len(line) else None for line in lines]
        columns.append(column)
    return columns
