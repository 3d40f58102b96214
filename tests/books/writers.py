"""The same rows written as every kind of file: by openpyxl, XlsxWriter, xlwt, odfpy, or as text."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import openpyxl
import xlsxwriter
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

Rows = Sequence[Sequence[Any]]
Sheets = Mapping[str, Rows]


def xlsx(sheets: Sheets, change: Callable[[openpyxl.Workbook], Any] = lambda _: None) -> bytes:
    """By openpyxl; `change` may merge, hide, format."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    change(workbook)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def xlsx_of_xlsxwriter(sheets: Sheets, change: Callable[[Any, Any], Any] = lambda *_: None) -> bytes:
    """By XlsxWriter, which can store the result of a formula."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for title, rows in sheets.items():
        sheet = book.add_worksheet(title)
        for at, row in enumerate(rows):
            for place, cell in enumerate(row):
                sheet.write(at, place, cell, *([day] if isinstance(cell, dt.date) else []))
        change(book, sheet)
    book.close()
    return stream.getvalue()


def xls(sheets: Sheets, change: Callable[[Any], Any] = lambda _: None) -> bytes:
    """By xlwt: Excel 97-2003."""
    book = xlwt.Workbook(encoding="utf-8")
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for title, rows in sheets.items():
        sheet = book.add_sheet(title)
        for at, row in enumerate(rows):
            for place, cell in enumerate(row):
                if cell is not None:
                    sheet.write(at, place, cell, *([day] if isinstance(cell, dt.date) else []))
    change(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def ods(sheets: Sheets, change: Callable[[Any], Any] = lambda _: None) -> bytes:
    """By odfpy: OpenDocument, as LibreOffice writes it."""
    document = OpenDocumentSpreadsheet()
    for title, rows in sheets.items():
        table = Table(name=title)
        for row in rows:
            line = TableRow()
            for cell in row:
                line.addElement(ods_cell(cell))
            table.addElement(line)
        document.spreadsheet.addElement(table)
    change(document)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def ods_cell(cell: Any, **about: Any) -> TableCell:
    """One cell of an .ods, of the kind that its value has."""
    if cell is None:
        return TableCell(**about)
    if isinstance(cell, bool):
        made = TableCell(valuetype="boolean", booleanvalue=str(cell).lower(), **about)
    elif isinstance(cell, (int, float)):
        made = TableCell(valuetype="float", value=repr(cell), **about)
    elif isinstance(cell, dt.date):
        made = TableCell(valuetype="date", datevalue=cell.isoformat(), **about)
    else:
        made = TableCell(valuetype="string", **about)
    for line in str(cell).split("\n"):
        made.addElement(P(text=line))
    return made


def csv(rows: Rows, encoding: str = "utf-8-sig", separator: str = ",") -> bytes:
    """As text, dates as ISO."""
    text = "".join(separator.join("" if cell is None else str(cell) for cell in row) + "\r\n" for row in rows)
    return text.encode(encoding)


class _WindowsName(zipfile.ZipInfo):
    """An entry named as Chinese Windows does: in GB18030, without saying so."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802
        return self.filename.encode("gb18030"), self.flag_bits


def zipped(files: Mapping[str, bytes], *, by_windows: bool = False) -> bytes:
    """As a zipped folder."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            entry = _WindowsName(name) if by_windows else zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return stream.getvalue()
