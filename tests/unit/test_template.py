"""The empty workbook asks what the reader reads."""

from __future__ import annotations

import io
import sys

import openpyxl
import pytest

from relief.columns import DICTIONARY, TABLE_TITLES
from relief.errors import MissingExtraError
from relief.intake.tables import parse
from relief.sheets.files import Source
from relief.template import template


def filled(rows: dict[str, list[dict[str, object]]]) -> Source:
    """Return the template with rows typed in under its headers."""
    book = openpyxl.load_workbook(io.BytesIO(template()))
    for table, lines in rows.items():
        sheet = book[TABLE_TITLES[table][0]]
        places = {cell.value: cell.column for cell in sheet[1]}
        for number, line in enumerate(lines, start=2):
            for title, value in line.items():
                sheet.cell(number, places[title], value)
    stream = io.BytesIO()
    book.save(stream)
    return Source("模板.xlsx", stream.getvalue())


def test_the_template_has_every_column_of_every_table() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template()))
    for table, columns in DICTIONARY.items():
        header = [cell.value for cell in book[TABLE_TITLES[table][0]][1]]
        assert header == [column.title for column in columns.values()]


def test_the_same_bytes_come_out_every_time() -> None:
    assert template() == template()


def test_a_filled_template_reads_without_a_finding() -> None:
    household = {
        "户编号": "001",
        "区县": "蓬江区",
        "城乡": "城镇",
        "评议结果": "通过",
        "公示有无异议": "无异议",
        "医疗费用个人自付": 1200.5,
        "住房面积": 89.56,
        "申请人身份证号": "440703198001010004",
    }
    tables = parse(
        [filled({"households": [household], "documents": [{"户编号": "001", "材料类型": "医疗收据"}]})]
    )
    assert tables.faults == ()
    assert tables["households"]["household_id"].tolist() == ["001"]
    assert tables["households"]["out_of_pocket_fen"].tolist() == [120050]
    assert tables["households"]["housing_area"].tolist() == [8956]
    assert tables["documents"]["kind"].tolist() == ["医疗收据"]


def test_every_drop_down_word_is_a_word_that_the_reader_takes() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template()))
    offered = 0
    for table, columns in DICTIONARY.items():
        by_title = {column.title: column for column in columns.values()}
        sheet = book[TABLE_TITLES[table][0]]
        for check in sheet.data_validations.dataValidation:
            column = by_title[sheet.cell(1, next(iter(check.sqref.ranges)).min_col).value]
            words = check.formula1.strip('"').split(",")
            assert set(words) <= set(column.choices), (table, column.title)
            offered += 1
    assert offered > 15


def test_without_xlsxwriter_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'relief\[excel\]'"):
        template()
