"""An empty workbook made from the data dictionary, so that what it asks is what is read.

In    `DICTIONARY`; a pack, where only what it reads is wanted
Out   .xlsx as bytes: a sheet that explains every column, a sheet per table with headers, text formats,
      drop-downs and checks, and a sheet with an invented household filled in

The extra ``excel`` brings XlsxWriter.
"""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING, Any

from relief.columns import DICTIONARY, EXAMPLE, EXAMPLE_SHEET, EXPLAINED_SHEET, TABLE_TITLES
from relief.errors import MissingExtraError
from relief.messages import say
from relief.template.checks import LAST_ROW, allowed, validation
from relief.template.example import example_of, examples

if TYPE_CHECKING:
    from relief.columns import Column
    from relief.messages import Language
    from relief.rulepack.contents import Pack

__all__ = ["template"]

_FORMATS = {"money": "#,##0.00", "count": "0", "area": "0.00", "date": "yyyy-mm-dd"}
_COLOURS = {"required": "#F8CBAD", "rules": "#FFE699", "optional": "#DDEBF7"}
_HEADS = ("sheet", "column", "needed", "kind", "unit", "allowed", "meaning", "example", "personal")
_WIDTHS = (10, 22, 10, 18, 8, 36, 50, 22, 8)
_NOTES = ("columns", "blank", "text", "example", "check", "private")
_CREATED = dt.datetime(2000, 1, 1)  # a fixed stamp keeps the bytes the same
_A4 = 9
# Who somebody is, what allows or dates a look into registers, and what a person holds to be so where one says
# otherwise, is asked whatever a pack reads.
_IDENTITY = frozenset({"id", "name", "id_number", "account"})
_ALWAYS = frozenset({
    ("members", "authorised"), ("households", "applied_on"), ("registry", "as_of"),
    ("rulings", "fact_value"),
})  # fmt: skip

Asked = dict[str, list["Column"]]


def template(pack: Pack | None = None, lang: Language = "zh") -> bytes:
    """Return the workbook to fill in.

    Parameters
    ----------
    pack : Pack, optional
        Only the tables and columns that its rules read, beside who each household is.
    lang : {'zh', 'en'}
        Language of the explanations; headers and drop-downs are Chinese.

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
    asked = _asked(pack)
    _explain(book, asked, pack, lang)
    for table, columns in asked.items():
        _add_sheet(book, TABLE_TITLES[table][0], columns, pack, lang)
    _show_example(book, asked, pack)
    book.close()
    return stream.getvalue()


def _asked(pack: Pack | None) -> Asked:
    """Return the columns by table: all of them, or what a pack reads and who each household is."""
    if pack is None:
        return {table: list(columns.values()) for table, columns in DICTIONARY.items()}
    tables = {"households", "members"} | {table for table, _ in pack.columns}
    kept = pack.columns | _ALWAYS
    return {
        table: [c for c in columns.values() if c.required or c.dtype in _IDENTITY or (table, c.name) in kept]
        for table, columns in DICTIONARY.items()
        if table in tables
    }


def _need(column: Column, pack: Pack | None) -> str:
    if column.required:
        return "required"
    return "rules" if pack is not None and (column.table, column.name) in pack.columns else "optional"


def _words(column: Column, pack: Pack | None) -> list[str]:
    places = [] if pack is None else [district.name for district in pack.districts]
    return places if column.dtype == "district" else allowed(column)


def _add_sheet(book: Any, title: str, columns: list[Column], pack: Pack | None, lang: Language) -> None:
    from xlsxwriter.utility import xl_col_to_name

    sheet = book.add_worksheet(title)
    for place, column in enumerate(columns):
        form = book.add_format({"num_format": _FORMATS.get(column.dtype, "@")})
        sheet.set_column(place, place, max(12, 2 * len(column.title) + 4), form)
        sheet.write_string(0, place, _header(column), _head(book, _need(column, pack)))
        check = validation(column, xl_col_to_name(place), _words(column, pack), lang)
        sheet.data_validation(1, place, LAST_ROW - 1, place, check)
    sheet.set_row(0, 30)
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.repeat_rows(0)


def _header(column: Column) -> str:
    return f"*{column.title}" if column.required else column.title


def _head(book: Any, need: str) -> Any:
    look = {"bold": True, "border": 1, "text_wrap": True, "valign": "vcenter", "bg_color": _COLOURS[need]}
    return book.add_format(look)


# --- what explains it -----------------------------------------------------------------------------


def _explain(book: Any, asked: Asked, pack: Pack | None, lang: Language) -> None:
    sheet = book.add_worksheet(EXPLAINED_SHEET)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for place, width in enumerate(_WIDTHS):
        sheet.set_column(place, place, width, wrapped)
    sheet.write_string(0, 0, say("template.title", lang), book.add_format({"bold": True, "font_size": 14}))
    notes = [say(f"template.note.{note}", lang) for note in _NOTES]
    if pack is not None:
        notes.append(say("template.note.pack", lang, title=pack.title if lang == "zh" else pack.title_en))
    for row, note in enumerate(notes, start=1):
        sheet.merge_range(row, 0, row, len(_WIDTHS) - 1, note, wrapped)
        sheet.set_row(row, 15 * _lines(note, sum(_WIDTHS)))
    top = len(notes) + 1
    head = _head(book, "optional")
    for place, name in enumerate(_HEADS):
        sheet.write_string(top, place, say(f"template.head.{name}", lang), head)
    rows = [_explained(column, pack, lang) for columns in asked.values() for column in columns]
    for at, cells in enumerate(rows, start=top + 1):
        sheet.set_row(at, 15 * max(map(_lines, cells, _WIDTHS)))
        for place, cell in enumerate(cells):
            sheet.write_string(at, place, cell)
    sheet.freeze_panes(top + 1, 2)
    sheet.autofilter(top, 0, top + len(rows), len(_HEADS) - 1)
    sheet.repeat_rows(top)


def _lines(text: str, width: int) -> int:
    """Return how many lines a wrapped text takes; a Chinese character is as wide as two letters."""
    return max(1, -(-sum(2 if ord(letter) > 0x2E7F else 1 for letter in text) // width))


def _explained(column: Column, pack: Pack | None, lang: Language) -> tuple[str, ...]:
    # What is counted in pieces is named: homes are 套, vehicles 辆.
    unit = column.name if column.unit == "piece" else column.unit.replace("/", "_")
    return (
        TABLE_TITLES[column.table][0],
        _header(column),
        say(f"template.needed.{_need(column, pack)}", lang),
        say(f"template.kind.{column.dtype}", lang),
        say(f"template.unit.{unit}", lang) if unit else "",
        "、".join(_words(column, pack)),
        column.description_zh if lang == "zh" else column.description,
        example_of(column.table, column.name),
        say("template.personal", lang) if column.is_personal else "",
    )


def _show_example(book: Any, asked: Asked, pack: Pack | None) -> None:
    """Write the invented household on a sheet of its own: each row says in front that it is an example."""
    sheet = book.add_worksheet(EXAMPLE_SHEET)
    sheet.set_tab_color("#A6A6A6")
    sheet.protect()  # without a password: nobody fills this sheet in by mistake
    sheet.set_column(0, 60, 16)
    row = 0
    for table, columns in asked.items():
        sheet.write_string(row, 0, f"{EXAMPLE}：{TABLE_TITLES[table][0]}", book.add_format({"bold": True}))
        for place, column in enumerate(columns, start=1):
            sheet.write_string(row, place, _header(column), _head(book, _need(column, pack)))
        for at, values in enumerate(examples()[table], start=row + 1):
            sheet.write_string(at, 0, EXAMPLE)
            for place, column in enumerate(columns, start=1):
                _write(book, sheet, at, place, column, values.get(column.name, ""))
        row += len(examples()[table]) + 2


def _write(book: Any, sheet: Any, row: int, place: int, column: Column, value: str) -> None:
    form = book.add_format({"num_format": _FORMATS.get(column.dtype, "@"), "font_color": "#7F7F7F"})
    if not value:
        sheet.write_blank(row, place, None, form)
    elif column.dtype == "date":
        sheet.write_datetime(row, place, dt.datetime.fromisoformat(value), form)
    elif column.dtype in ("money", "area", "count"):
        sheet.write_number(row, place, float(value), form)
    else:
        sheet.write_string(row, place, value, form)
