"""The cells of a workbook, one kind at a time, and against openpyxl as a second reader of the same bytes."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.books.writers import xlsx, xlsx_of_xlsxwriter

from relief.errors import FileError
from relief.sheets.files import read_sheets
from relief.sheets.sheet import BadCell, Sheet, Source, is_blank

if TYPE_CHECKING:
    from collections.abc import Callable

SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"


def packed(parts: dict[str, bytes | str], of: bytes | None = None) -> bytes:
    """Return a workbook with some parts replaced or added."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(of or xlsx({"名单": [["a"]]}))) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in dict.fromkeys([*old.namelist(), *parts]):
            new.writestr(name, parts[name] if name in parts else old.read(name))
    return stream.getvalue()


def with_rows(rows: str, *, root: str = f'<worksheet xmlns="{MAIN}">', before: str = "") -> bytes:
    xml = f"{before}{root}<sheetData>{rows}</sheetData></worksheet>"
    return packed({SHEET: xml.encode()})


def read(data: bytes) -> Sheet:
    (sheet,) = read_sheets(Source("名单.xlsx", data))
    return sheet


def cells(data: bytes) -> list[list[Any]]:
    sheet = read(data)
    return [sheet.row(at) for at in range(len(sheet))]


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=("C",)), max_size=5).filter(lambda text: "_x" not in text),
    st.sampled_from(["=1+1", "#N/A", " a ", "1", "a\nb", "-"]),
    st.dates(dt.date(1901, 1, 1), dt.date(2100, 1, 1)),
    st.datetimes(dt.datetime(1901, 1, 1), dt.datetime(2100, 1, 1)),
)  # fmt: skip


def told(rows: list[Any]) -> list[list[Any]]:
    """Return rows without blanks; an error is a text to openpyxl, and a formula without a value is None."""
    kept = [
        [str(c) if isinstance(c, BadCell) else c for c in row if not is_blank(c) and str(c)[:1] != "="]
        for row in rows
    ]
    return [row for row in kept if row]


@settings(max_examples=40)
@given(st.lists(st.lists(VALUES, max_size=5), min_size=1, max_size=5))
@pytest.mark.parametrize("write", [xlsx, xlsx_of_xlsxwriter])
def test_every_cell_is_what_openpyxl_reads(write: Callable[[Any], bytes], rows: list[list[Any]]) -> None:
    data = write({"名单": rows})
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    assert told(cells(data)) == told(list(book["名单"].iter_rows(values_only=True)))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('<c r="A1"><v>12.50</v></c>', 12.5),
        ('<c r="A1"><v>440703198001011234</v></c>', 440703198001011234),
        ('<c r="A1"><v>1E3</v></c>', 1000.0),
        ('<c r="A1" t="b"><v>0</v></c>', False),
        ('<c r="A1" t="str"><f>A2</f><v>名</v></c>', "名"),
        ('<c r="A1" t="d"><v>2021-09-30</v></c>', dt.datetime(2021, 9, 30)),
        ('<c r="A1" t="inlineStr"><is><r><t>张</t></r><r><t>三</t></r><rPh><t>zh</t></rPh></is></c>', "张三"),
        ('<c r="A1" t="inlineStr"><is><t>户_x000D_\n编号</t></is></c>', "户\r\n编号"),
        ('<c r="A1" t="inlineStr"><is><t>_x005F_x000D_</t></is></c>', "_x000D_"),
        ("<c><v>7</v></c>", 7),
    ],
)
def test_a_cell_of_each_kind(cell: str, expected: object) -> None:
    assert cells(with_rows(f'<row r="1">{cell}</row>')) == [[expected]]


def test_what_was_never_computed_is_no_blank() -> None:
    row = '<c r="A1"><f>B1+1</f></c><c r="B1"><f t="shared" si="0"/></c><c r="C1" t="e"><v>#N/A</v></c>'
    found = cells(with_rows(f'<row r="1">{row}</row>'))[0]
    assert [(cell.code, str(cell)) for cell in found] == [
        ("cell.formula", "=B1+1"), ("cell.formula", "="), ("cell.error", "#N/A"),
    ]  # fmt: skip


def test_a_workbook_with_prefixes_or_in_the_strict_form_is_read_as_another() -> None:
    row = "<x:row><x:c><x:v>1</x:v></x:c><x:c><x:v>2</x:v></x:c></x:row>"
    xml = f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>{row}</x:sheetData></x:worksheet>'
    assert cells(packed({SHEET: xml})) == [[1, 2]]
    assert cells(with_rows("<row><c><v>1</v></c></row>", root=f'<worksheet xmlns="{STRICT}">')) == [[1]]


def test_a_sheet_in_another_encoding_is_read() -> None:
    xml = f'<?xml version="1.0" encoding="UTF-16"?><worksheet xmlns="{MAIN}"><sheetData><row hidden="1">' \
        '<c t="inlineStr"><is><t>名</t></is></c></row></sheetData></worksheet>'  # fmt: skip
    sheet = read(packed({SHEET: xml.encode("utf-16")}))
    assert (sheet.row(0), sheet.hidden_rows) == (["名"], (1,))


def test_entities_are_refused_however_late_they_are_declared() -> None:
    before = f'<?xml version="1.0"?><!--{"x" * 5_000}--><!DOCTYPE a [<!ENTITY b "c">]>'
    with pytest.raises(FileError) as refused:
        cells(with_rows("<row><c><v>1</v></c></row>", before=before))
    assert refused.value.code == "file.entities"


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="ABCD1"><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>9</v></c></row>',
        '<row r="x"><c><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>abc</v></c></row>',
    ],
)
def test_cells_that_no_program_writes_so_are_damage(rows: str) -> None:
    with pytest.raises(FileError) as refused:
        cells(with_rows(rows))
    assert refused.value.code == "file.damaged"


def test_cells_far_apart_do_not_fill_the_memory() -> None:
    row = '<row><c r="BXX{0}"><v>1</v></c></row>'
    rows = "".join(row.format(at) for at in range(1, 20_000))
    with pytest.raises(FileError) as refused:
        cells(with_rows(rows))
    assert refused.value.code == "file.sparse"


@pytest.mark.parametrize("number", [14, 31, 57])
def test_days_in_formats_that_excel_knows_by_number_are_days(number: int) -> None:
    used = f'<cellXfs><xf numFmtId="0"/><xf numFmtId="{number}"/></cellXfs>'
    styles = f'<styleSheet xmlns="{MAIN}">{used}</styleSheet>'
    data = with_rows('<row><c s="1"><v>44469</v></c><c s="1"><v>1E9</v></c></row>')
    day, never = cells(packed({"xl/styles.xml": styles}, data))[0]
    assert (day, never.code) == (dt.datetime(2021, 9, 30), "cell.error")
