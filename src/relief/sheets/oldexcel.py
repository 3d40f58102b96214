"""A workbook of Excel 97-2003, as WPS and old programs still write it (.xls, .et) -> its sheets.

In    the bytes of an OLE file
Out   a `Sheet` per worksheet, with the same cells as an .xlsx of the same content

The format keeps no trace of a formula that was never computed but an empty result, so such a
cell reads as blank: unknown, never zero.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from relief.errors import FileError, MissingExtraError
from relief.sheets.formats import PLAIN, shown_by
from relief.sheets.sheet import BadCell, Sheet, Source, columns_of, formats_of, make_sheet

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

__all__ = ["OLD_EXCEL", "read_old_excel"]

OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENDINGS = (".xls", ".et")
_MOST_EXACT = 2**53


def read_old_excel(source: Source) -> list[Sheet]:
    """Read every worksheet of an .xls.

    Raises
    ------
    FileError
        If it is protected by a password, is damaged, or is another kind of OLE file.
    MissingExtraError
        If xlrd is not installed.
    """
    if "EncryptedPackage".encode("utf-16-le") in source.data:
        raise FileError("file.encrypted", name=source.name)
    try:
        import xlrd
    except ImportError as error:
        raise MissingExtraError("extra.missing", what="xlrd (.xls)", extra="excel") from error
    try:
        book = xlrd.open_workbook(file_contents=source.data, logfile=io.StringIO(), formatting_info=True,
                                  ragged_rows=True)  # fmt: skip
        return [_sheet(source, book, sheet) for sheet in book.sheets()]
    except FileError:
        raise
    except Exception as error:
        # On damaged files xlrd raises its own error, and those of struct and of indexing.
        raise _refused(source, error) from error


def _refused(source: Source, error: Exception) -> FileError:
    text = str(error)
    if "encrypted" in text:
        return FileError("file.encrypted", name=source.name)
    if "Can't find workbook" in text:
        return FileError("file.not_a_table", name=source.name, kind="OLE (.doc, .msg, .msi …)")
    return FileError("file.damaged", name=source.name)


def _sheet(source: Source, book: Any, sheet: Any) -> Sheet:
    lines = [[_value(book, cell) for cell in sheet.row(at)] for at in range(sheet.nrows)]
    rows = [at for at, line in enumerate(lines) if any(cell is not None for cell in line)]
    used = sorted({place for at in rows for place, cell in enumerate(lines[at]) if cell is not None})
    macros = ("note.macros",) if b"_\0V\0B\0A\0_\0P\0R\0O\0J\0E\0C\0T" in source.data else ()
    ending = () if Path(source.name).suffix.lower() in _ENDINGS else ("note.other_ending",)
    return make_sheet(
        source.name,
        sheet.name,
        columns_of([lines[at] for at in rows], used),
        np.array(rows, dtype=np.int64) + 1,
        hidden_rows=tuple(at + 1 for at, row in sorted(sheet.rowinfo_map.items()) if row.hidden),
        hidden_columns=tuple(at + 1 for at, info in sorted(sheet.colinfo_map.items()) if info.hidden),
        is_hidden=sheet.visibility != 0,
        epoch_1904=book.datemode == 1,
        merged=tuple(_merged(sheet.merged_cells, used)),
        notes=(*macros, *ending),
        places=tuple(place + 1 for place in used),
        formats=formats_of(_formats(book, sheet), used),
    )


def _formats(book: Any, sheet: Any) -> dict[tuple[int, str], list[int]]:
    """Return the formats that show another number than is stored, by place and format the rows."""
    import xlrd

    codes = [book.format_map[style.format_key].format_str for style in book.xf_list]
    odd = {at: code for at, code in enumerate(codes) if shown_by(code) != PLAIN}
    found: dict[tuple[int, str], list[int]] = {}
    for at in range(sheet.nrows if odd else 0):
        for place, cell in enumerate(sheet.row(at)):
            if cell.xf_index in odd and cell.ctype in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
                found.setdefault((place, odd[cell.xf_index]), []).append(at + 1)
    return found


def _value(book: Any, cell: Any) -> Any:
    """Return a cell as openpyxl would give it from the same sheet in an .xlsx."""
    import xlrd

    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK) or cell.value == "":
        return None
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return BadCell("cell.error", xlrd.error_text_from_code.get(cell.value, "#ERROR"))
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    if cell.ctype == xlrd.XL_CELL_DATE:
        return _moment(cell.value, book.datemode)
    number = cell.value
    if isinstance(number, float) and number.is_integer() and abs(number) < _MOST_EXACT:
        return int(number)
    return number


def _moment(serial: float, datemode: int) -> dt.datetime | float:
    """Return a serial as a moment; one that no calendar has stays a number, for the column to refuse."""
    import xlrd

    try:
        moment: dt.datetime = xlrd.xldate_as_datetime(serial, datemode)
    except (ValueError, OverflowError):
        return serial
    return moment if serial > 60 or datemode else serial


def _merged(found: list[tuple[int, int, int, int]], used: list[int]) -> Iterator[tuple[int, int, int]]:
    """Yield the cells that are merged downwards, by the position of their column among those used."""
    for first, end, left, _ in found:
        if end - first > 1 and left in used:
            yield used.index(left), first + 1, end
