"""An empty workbook made from the data dictionary, so that what it asks is what is read.

In    `DICTIONARY`
Out   .xlsx as bytes: a sheet per table with headers, text formats and drop-downs, and a sheet
      that explains every column

The extra ``excel`` brings XlsxWriter.
"""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING, Any

from relief.columns import DICTIONARY, TABLE_TITLES, TABLES
from relief.errors import MissingExtraError

if TYPE_CHECKING:
    from relief.columns import Column

__all__ = ["template"]

_ROWS = 5_000
_FORMATS = {"money": "#,##0.00", "count": "0", "area": "0.00", "date": "yyyy-mm-dd"}
# A column's own words for yes and no, where it has them, before 是 and 否.
_FLAG_WORDS = {"true": ("通过", "有异议", "是"), "false": ("不通过", "无异议", "否")}
_CREATED = dt.datetime(2000, 1, 1)  # a fixed stamp keeps the bytes the same


def template() -> bytes:
    """Return the empty workbook.

    Raises
    ------
    MissingExtraError
        If XlsxWriter is not installed.

    Examples
    --------
    >>> template()[:2]
    b'PK'
    """
    try:
        import xlsxwriter
    except ImportError as error:
        raise MissingExtraError("extra.missing", what="XlsxWriter", extra="excel") from error
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(stream, options)
    book.set_properties({"created": _CREATED})
    for table in TABLES:
        _add_sheet(book, TABLE_TITLES[table][0], list(DICTIONARY[table].values()))
    _explain(book)
    book.close()
    return stream.getvalue()


def _add_sheet(book: Any, title: str, columns: list[Column]) -> None:
    sheet = book.add_worksheet(title)
    colours = {True: "#FCE4D6", False: "#DDEBF7"}
    bold = {flag: book.add_format({"bold": True, "bg_color": colour}) for flag, colour in colours.items()}
    for place, column in enumerate(columns):
        form = book.add_format({"num_format": _FORMATS.get(column.dtype, "@")})
        sheet.set_column(place, place, max(12, 2 * len(column.title) + 2), form)
        sheet.write_string(0, place, column.title, bold[column.required])
        allowed = _allowed(column)
        if allowed:
            strict = column.dtype in ("choice", "flag")
            check = {"validate": "list", "source": allowed, "error_type": "stop" if strict else "information"}
            sheet.data_validation(1, place, _ROWS, place, check)
    sheet.freeze_panes(1, 1)


def _allowed(column: Column) -> list[str]:
    """Return what a drop-down offers: the words that the reader takes, canonical ones only."""
    if column.dtype == "flag":
        return [
            next(word for word in _FLAG_WORDS[value] if word in column.choices) for value in ("true", "false")
        ]
    return list(dict.fromkeys(column.choices.values()))


def _explain(book: Any) -> None:
    sheet = book.add_worksheet("填写说明")
    header = ("工作表", "列名", "必填", "类型", "单位", "可选值", "说明")
    types = {
        "money": "金额（元）", "count": "整数", "area": "面积（平方米）", "date": "日期", "flag": "是/否",
    }  # fmt: skip
    bold = book.add_format({"bold": True})
    for place, (title, width) in enumerate(zip(header, (10, 22, 6, 12, 10, 40, 60), strict=True)):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, title, bold)
    row = 1
    for table in TABLES:
        for column in DICTIONARY[table].values():
            unit = "元" if column.unit.startswith("fen") else column.unit.replace("m2", "㎡")
            cells = (
                TABLE_TITLES[table][0],
                column.title,
                "是" if column.required else "",
                types.get(column.dtype, "文本"),
                unit,
                "、".join(_allowed(column)),
                column.description_zh,
            )
            for place, cell in enumerate(cells):
                sheet.write_string(row, place, cell)
            row += 1
