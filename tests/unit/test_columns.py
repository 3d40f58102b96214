"""Tests of relief.columns."""

from __future__ import annotations

import pytest

from relief.columns import DICTIONARY, TABLES, match, normalised, table_named
from relief.money import JIAO
from relief.units import title_units

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


@pytest.mark.parametrize("words", ["月均", "月", "每月", "2019年", "上年", "%", "占比", "次数", "备注"])
def test_words_in_a_bracket_that_change_the_meaning_make_another_column(words: str) -> None:
    assert match("households", f"家庭年度总收入（{words}）") is None
    assert match("households", f"个人自付（{words}）") is None


@pytest.mark.parametrize(
    "written",
    [
        "家庭年度总收入（年）",
        "工资性收入（近12个月）",
        "个人自付（可不填）",
        "是否低保（是/否）",
        "申请日期（年/月/日）",
    ],
)
def test_words_in_a_bracket_that_change_nothing_are_passed_over(written: str) -> None:
    assert match("households", written).column.title in (written.split("（")[0], "医疗费用个人自付")


@pytest.mark.parametrize(
    "written",
    [
        "住房面积（㎡）", "住房面积（m²）", "住房面积(平方米)", "住房面积㎡", "住房面积/平米", "housing_area",
        "住房面积【单位：平方米】",
    ],
)  # fmt: skip
def test_an_area_is_known_in_square_metres(written: str) -> None:
    assert match("households", written).column.name == "housing_area"


@pytest.mark.parametrize(
    "written", ["住房面积（亩）", "住房面积（公顷）", "住房面积（平方公里）", "人均住房面积㎡"]
)
def test_an_area_in_another_unit_is_unknown(written: str) -> None:
    assert match("households", written) is None


@pytest.mark.parametrize(
    ("table", "written", "name"),
    [
        ("members", "教育阶段", "schooling"), ("members", "就学阶段", "education_stage"),
        ("registry", "截止日期", "as_of"), ("registry", "终止日期", "valid_until"),
        ("registry", "核对结果", "value"), ("registry", "余额（万元）", "amount_fen"),
        ("households", "存款余额", "deposits_fen"), ("documents", "住院日期", "admission_on"),
        ("documents", "住院号", "stay_id"),
    ],
)  # fmt: skip
def test_a_newer_column_takes_no_header_from_an_older(table: str, written: str, name: str) -> None:
    assert match(table, written).column.name == name


@pytest.mark.parametrize(
    "unit", ["税前，万元", "金额：万元", "人民币：万元", "含税，万元", "以万元计", "万元人民币", "RMB万元"]
)
def test_a_unit_is_read_among_the_words_that_go_with_it(unit: str) -> None:
    assert match("households", f"个人自付（{unit}）").factor == 10_000


@pytest.mark.parametrize(
    ("unit", "factor"),
    [
        ("百元", 100),
        ("千元", 1_000),
        ("十万元", 100_000),
        ("角", JIAO),
        ("单位：角", JIAO),
    ],
)
def test_every_unit_of_yuan_is_known_in_a_header(unit: str, factor: object) -> None:
    assert match("households", f"个人自付（{unit}）").factor == factor


@pytest.mark.parametrize(
    "written",
    ["个人自付（万元，2021年）", "个人自付（百美元）", "个人自付（百元、角）", "个人自付（美元）",
     "个人自付（元）（万元）",
     "claim_yuan（万元）", "out_of_pocket_fen（元）"],
)  # fmt: skip
def test_a_unit_that_is_not_understood_is_unclear(written: str) -> None:
    assert match("households", written).is_unclear


@pytest.mark.parametrize(
    "title",
    ["单位：户、万元", "单位：人、万元", "单位：万", "单位:RMB万元", "（万元）", "2021年名单（万元）",
     "金额：万元",
     "单位为万元", "以万元为单位"],
)  # fmt: skip
def test_a_title_states_the_unit_in_many_ways(title: str) -> None:
    assert [unit.factor for unit in title_units(title)] == [10_000]


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
            assert column.dtype != "date" or column.name.endswith(
                ("_on", "_from", "_until", "_since", "as_of")
            )
            assert (column.name.rpartition("_")[2] == "area") == (column.dtype == "area")
            assert (column.unit == "m2") == (column.dtype == "area")
            assert column.is_personal or column.dtype not in ("name", "id_number", "account")


@pytest.mark.parametrize("table", TABLES)
def test_every_column_has_an_english_title_of_its_own(table: str) -> None:
    titles = [column.title_en for column in DICTIONARY[table].values()]
    assert len(set(titles)) == len(titles)
    assert not [title for title in titles if "_" in title or title.endswith(" on") or title[:4] == "has "]


def test_what_can_be_supplied_is_a_wished_fact_of_the_household() -> None:
    columns = [column for table in DICTIONARY.values() for column in table.values()]
    assert {column.wished for column in columns} == {"", "more", "less", "either"}
    assert {column.table for column in columns if column.wished} == {"households", "members"}
    assert {column.name for column in columns if column.is_supplied} == {
        "union_member", "has_hospital_record", "has_illness_certificate", "has_medical_receipt", "authorised",
        "notice_working_days", "visitors_count", "visit_signed",
    }  # fmt: skip
    assert all(column.wished == "more" for column in columns if column.is_supplied)
