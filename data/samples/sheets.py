"""Rows -> a workbook that is the same to the byte on every machine.

In    rows by table, with the dictionary's column names; money in fen
Out   the workbook's bytes: a title, a unit, Chinese headers, text ids, yuan, real dates
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path
from typing import Any
from zipfile import ZipFile, ZipInfo

import xlsxwriter
from texts import SHEETS, SUBTITLE

_DICTIONARY = Path(__file__).parents[2] / "src" / "relief" / "columns.csv"
_FORMATS = {"money": "0.00", "date": "yyyy-mm-dd", "count": "0"}
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_HEADER_ROW = 2


def workbook(tables: dict[str, list[dict[str, Any]]]) -> bytes:
    """Return the tables as a workbook."""
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, _OPTIONS)
    book.set_properties({"title": "合成示例数据", "author": "示例", "created": dt.datetime(2021, 9, 30)})
    for table, (sheet, title) in SHEETS.items():
        _write_table(book, book.add_worksheet(sheet), title, _columns(table, tables[table]), tables[table])
    book.close()
    return _stored(data)


def _stored(data: io.BytesIO) -> bytes:
    """Store the parts uncompressed: another zlib would compress them to other bytes."""
    packed = io.BytesIO()
    with ZipFile(data) as source, ZipFile(packed, "w") as target:
        for name in source.namelist():
            part = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            part.create_system = 3
            target.writestr(part, source.read(name))
    return packed.getvalue()


def _columns(table: str, rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    with _DICTIONARY.open(encoding="utf-8", newline="") as file:
        columns = [column for column in csv.DictReader(file) if column["table"] == table]
    return [column for column in columns if column["column"] in rows[0]]


def _write_table(
    book: Any, page: Any, title: str, columns: list[dict[str, str]], rows: list[dict[str, Any]]
) -> None:
    bold = book.add_format({"bold": True})
    page.write_string(0, 0, title, bold)
    page.write_string(1, 0, SUBTITLE)
    page.freeze_panes(_HEADER_ROW + 1, 1)
    for at, column in enumerate(columns):
        page.write_string(_HEADER_ROW, at, column["title"], bold)
        style = book.add_format({"num_format": _FORMATS.get(column["dtype"], "@")})
        page.set_column(at, at, max(12, 2 * len(column["title"])), style)
        for line, row in enumerate(rows, start=_HEADER_ROW + 1):
            if row[column["column"]] is not None:
                _write_cell(page, line, at, row[column["column"]], style, column["dtype"])


def _write_cell(page: Any, line: int, at: int, value: Any, style: Any, dtype: str) -> None:
    if dtype == "date":
        page.write_datetime(line, at, value, style)
    elif dtype == "money":
        page.write_number(line, at, value / 100, style)
    elif dtype == "count":
        page.write_number(line, at, value, style)
    else:
        page.write_string(line, at, value, style)
