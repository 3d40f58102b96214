"""Tests of relief.columns."""

from __future__ import annotations

import pytest

from relief.columns import DICTIONARY, TABLES, match, normalised, table_named

OUT_OF_POCKET = ["个人自付", "医疗费用个人自付", "自付医疗费用(元)", "个人自付金额（元）", "claim_yuan"]


@pytest.mark.parametrize("table", TABLES)
def test_no_header_means_two_columns(table: str) -> None:
    spellings = [
        (normalised(spelling), column.name)
        for column in DICTIONARY[table].values()
        for spelling in {column.name, column.title, *column.headers}
    ]
    assert len({spelling for spelling, _ in spellings}) == len(set(spellings))


@pytest.mark.parametrize("table", TABLES)
def test_every_header_is_found_with_marks_and_units(table: str) -> None:
    for column in DICTIONARY[table].values():
        for spelling in (column.title, *column.headers):
            for written in (spelling, f"* {spelling}\n（必填）", f"{spelling}*"):
                assert match(table, written).column is column


@pytest.mark.parametrize(
    ("written", "name"),
    [
        *[
            (header, "household_id")
            for header in ("户编号", "家庭编号", "档案编号", "户号", "household_id", "Household ID")
        ],
        *[
            (header, "district")
            for header in ("区县", "所属区", "所属区县", "县（市、区）", "县(市、区)", "district")
        ],
        *[(header, "out_of_pocket_fen") for header in OUT_OF_POCKET],
    ],
)
def test_the_headers_that_users_rely_on(written: str, name: str) -> None:
    assert match("households", written).column.name == name


@pytest.mark.parametrize(
    ("written", "factor", "in_fen"),
    [
        ("个人自付", None, False),
        ("个人自付（元）", 1, False),
        ("claim_yuan", 1, False),
        ("个人自付（万元）", 10_000, False),
        ("个人自付（万元）（必填）", 10_000, False),
        ("个人自付(必填)万元", 10_000, False),
        ("个人自付【单位：万元】", 10_000, False),
        ("个人自付（人民币千元）", 1_000, False),
        ("个人自付/元", 1, False),
        ("家庭年收入（元/年）", 1, False),
        ("个人自付（分）", None, True),
        ("out_of_pocket_fen", None, True),
    ],
)
def test_a_header_says_the_unit(written: str, factor: int | None, in_fen: bool) -> None:
    header = match("households", written)
    assert (header.factor, header.in_fen) == (factor, in_fen)


@pytest.mark.parametrize(
    "written", ["星座", "", "工资性收入（元/月）", "家庭年收入（元/人·月）", "支出（元）"]
)
def test_what_means_another_quantity_is_unknown(written: str) -> None:
    assert match("households", written) is None


@pytest.mark.parametrize(
    ("sheet", "table"),
    [
        ("家庭成员信息表", "members"),
        ("医疗材料", "documents"),
        ("rulings", "rulings"),
        ("household", "households"),
        ("1", None),
    ],
)
def test_a_sheet_says_its_table(sheet: str, table: str | None) -> None:
    assert table_named(sheet) == table


def test_amounts_dates_and_ids_are_named_for_what_they_are() -> None:
    for columns in DICTIONARY.values():
        for column in columns.values():
            assert column.name.endswith("_fen") == (column.dtype == "money")
            assert column.dtype != "date" or column.name.endswith(("_on", "as_of"))
            assert column.is_personal or column.dtype not in ("name", "id_number", "account")
