"""Tests of relief.intake.cells."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from relief.columns import DICTIONARY, Header
from relief.intake.cells import read_cells, read_text, shown
from relief.sheets.sheet import BadCell

HOUSEHOLDS = DICTIONARY["households"]
ERROR = BadCell("cell.error", "#N/A")


def cells(*values: Any) -> np.ndarray[Any, Any]:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def read(
    name: str, *values: Any, factor: int = 1, epoch_1904: bool = False, table: str = "households"
) -> tuple[list[Any], dict[int, str]]:
    header = Header(DICTIONARY[table][name], None, False)
    typed, bad = read_cells(cells(*values), header, factor=factor, epoch_1904=epoch_1904)
    return [None if pd.isna(value) else value for value in typed], bad


def test_amounts() -> None:
    values, bad = read(
        "out_of_pocket_fen", "1,234.50元", 3, 0.1 + 0.2, Decimal("0.01"), "３万", None, "", "—", "无"
    )
    assert values == [123_450, 300, 30, 1, 3_000_000, None, None, None, None]
    assert bad == {}


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("约五千", "fault.money"), ("5万余元", "fault.money"), (True, "fault.money"), ("inf", "fault.money"),
        (float("inf"), "fault.money"), ("1e400", "fault.money"),
        (-1, "fault.negative"), ("-0.01", "fault.negative"),
        ("1234.565", "fault.not_whole_fen"), (1234.565, "fault.not_whole_fen"), ("9" * 20, "fault.too_large"),
        (2**70, "fault.too_large"), (ERROR, "cell.error"), ([1], "fault.money"), ({"a": 1}, "fault.money"),
    ],
)  # fmt: skip
def test_what_is_no_amount(cell: object, code: str) -> None:
    assert read("out_of_pocket_fen", "1", cell) == ([100, None], {1: code})


def test_none_is_zero_only_where_the_dictionary_says_so() -> None:
    assert read("other_income_fen", "无", "没有", "") == ([0, 0, None], {})
    assert read("out_of_pocket_fen", "无", "没有", "") == ([None, None, None], {})
    assert read("homes_count", "无", "2套", "1.0", 3.0) == ([0, 2, 1, 3], {})


def test_the_factor_is_for_bare_amounts() -> None:
    assert read("out_of_pocket_fen", "1.2", "1.2万", "5元", factor=10_000)[0] == [1_200_000, 1_200_000, 500]


def test_a_loss_may_be_negative() -> None:
    assert read("business_income_fen", "-5") == ([-500], {})


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("两套", "fault.count"),
        ("1.5", "fault.count"),
        ("-1", "fault.minimum"),
        ("10000", "fault.count_large"),
        (13_812_345_678, "fault.count_large"),
        (True, "fault.count"),
        ("9" * 30, "fault.count"),
    ],
)
def test_what_is_no_count(cell: object, code: str) -> None:
    assert read("homes_count", cell) == ([None], {0: code})


@pytest.mark.parametrize(
    ("cell", "hundredths"),
    [
        (89.56, 8956), ("89.56", 8956), ("89.56㎡", 8956), ("89.56平方米", 8956), ("90 m2", 9000),
        ("８９．５６", 8956), ("９０ ㎡", 9000), (" 1,089.5平米\u200b", 108950), (0.1 + 0.2, 30), (90, 9000),
        ("0.30000000000000004", 30), (Decimal("0.01"), 1), (0, 0), ("无", 0), ("90M²", 9000),
        ("", None), ("—", None),
    ],
)  # fmt: skip
def test_an_area_is_whole_hundredths(cell: object, hundredths: int | None) -> None:
    assert read("housing_area", cell, factor=10_000) == ([hundredths], {})


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("约90", "fault.area"), ("90左右", "fault.area"), ("两间", "fault.area"), ("90元", "fault.area"),
        ("9万", "fault.area"), ("12²", "fault.area"), ("90亩", "fault.area"), ("50-70", "fault.area"),
        ("㎡", "fault.area"), (True, "fault.area"), (float("inf"), "fault.area"), ("9" * 20, "fault.area"),
        (2**70, "fault.area"), (dt.date(2021, 9, 30), "fault.area"), ([90], "fault.area"),
        ("89.565", "fault.area_decimals"), ("89.559999999999997", "fault.area_decimals"),
        (89.565, "fault.area_decimals"), ("-0.01", "fault.minimum"), (-90, "fault.minimum"),
        (ERROR, "cell.error"),
    ],
)  # fmt: skip
def test_what_is_no_area(cell: object, code: str) -> None:
    assert read("housing_area", "1㎡", cell) == ([100, None], {1: code})


def test_an_area_of_the_registry_that_is_none_is_unknown() -> None:
    assert read("area", "无", 89.5, table="registry") == ([None, 8950], {})


def test_ids_stay_text_and_are_folded() -> None:
    values, bad = read("household_id", "001", 1, 1.0, " Ｈ２\u3000", "H\u200b3", None, float("nan"))
    assert values == ["001", "1", "1", "H2", "H3", None, None]
    assert bad == {3: "notice.trimmed", 4: "notice.trimmed"}


@pytest.mark.parametrize("cell", [4.40703e17, 440703198001011234, "4.40703E+17", "6.2e18"])
def test_a_rounded_number_is_never_padded(cell: object) -> None:
    assert read("applicant_id_number", "440703198001011234", cell) == (
        ["440703198001011234", None],
        {1: "fault.rounded"},
    )


def test_an_old_id_number_and_a_short_account_may_be_numbers() -> None:
    assert read("applicant_id_number", 440703800101123) == (["440703800101123"], {})
    assert read("household_id", "1E5") == (["1E5"], {})


def test_flags_and_choices() -> None:
    assert read("union_member", "是", "N", 1, 0, True, "√", None, "大概")[0] == [
        True,
        False,
        True,
        False,
        True,
        True,
        None,
        None,
    ]
    assert read("union_member", "大概") == ([None], {0: "fault.flag"})
    assert read("residence", "城镇户口", "农业", "外地") == (["城镇", "农村", None], {2: "fault.choice"})
    assert read("cause", "本人大病", "突发事件", "养宠物") == (
        ["本人大病", "重大意外事故", "养宠物"],
        {2: "warning.label"},
    )


def test_dates() -> None:
    day = dt.date(2021, 9, 30)
    written = [
        "2021-09-30",
        "2021.9.30",
        "2021/9/30",
        "2021年9月30日",
        "20210930",
        44469,
        "44469",
        44469.5,
        day,
    ]
    written += [dt.datetime(2021, 9, 30, 8), pd.Timestamp(day), "2021-09-30 08:15:00", "20210930081500"]
    values, bad = read("applied_on", *written)
    assert {value.date() for value in values} == {day}
    assert bad == {}
    assert read("applied_on", 43007, epoch_1904=True)[0][0].date() == day


@pytest.mark.parametrize(
    "cell",
    [
        "2021-13-40",
        "30/9/21",
        60,
        "60",
        0,
        "2021-02-29",
        "2021-13",
        "昨天",
        dt.date(1900, 2, 28),
        "2021-9.30",
        dt.time(8),
    ],
)
def test_what_is_no_date_is_never_a_nearby_day(cell: object) -> None:
    assert read("applied_on", cell) == ([None], {0: "fault.date"})


@pytest.mark.parametrize("cell", ["2021-9", "2021年09月", "2021.12", 2021.9, "２０２１／９"])
def test_a_month_is_told_from_what_is_no_date(cell: object) -> None:
    assert read("applied_on", cell) == ([None], {0: "fault.month"})


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("1900-01-01", dt.date(1900, 1, 1)), ("1900年2月28日", dt.date(1900, 2, 28)),
        ("19000115", dt.date(1900, 1, 15)), (dt.date(1900, 1, 15), dt.date(1900, 1, 15)),
        (dt.datetime(1931, 5, 4), dt.date(1931, 5, 4)), (18264, dt.date(1950, 1, 1)),
        ("10000", dt.date(1927, 5, 18)), ("2021.9.30", dt.date(2021, 9, 30)),
    ],
)  # fmt: skip
def test_a_day_of_birth_may_lie_long_ago(cell: object, day: dt.date) -> None:
    values, bad = read("born_on", cell, table="members")
    assert [value.date() for value in values] == [day]
    assert bad == {}


@pytest.mark.parametrize("cell", ["1899-12-31", 1950, "1950", 45, dt.datetime(1900, 2, 14), "1950-02-30"])
def test_a_year_or_an_age_is_no_day_of_birth(cell: object) -> None:
    assert read("born_on", cell, table="members") == ([None], {0: "fault.date"})


@pytest.mark.parametrize("cell", ["1900-01-15", 18264])
def test_other_days_begin_as_late_as_before(cell: object) -> None:
    assert read("together_since", cell, table="members") == ([None], {0: "fault.date"})


def test_stages_of_education() -> None:
    stages = read("education_stage", "幼儿园", "技校", "高职", "博士", "普高", table="members")
    assert stages == (["学前", "中职", "大专", "研究生", "高中"], {})


def test_clean_text_is_not_copied() -> None:
    clean = cells("张三", "李四")
    assert read_text(clean) is clean
    assert read_text(cells("张三 ", None, 3.0, ERROR)).tolist() == ["张三", None, "3", None]


@pytest.mark.parametrize("name", HOUSEHOLDS)
def test_every_column_reads_blanks_errors_and_nothing(name: str) -> None:
    values, bad = read(name, None, "", ERROR, float("nan"))
    assert values == [None] * 4
    assert bad == {2: "cell.error"}
    assert read(name) == ([], {})


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("applicant_name", "张三", "张*"), ("applicant_name", "张三丰", "张*丰"),
        ("phone", 13800138000, "1*********0"),
        ("applicant_id_number", 4.40703199001011e17, "4****************7"),
        ("household_id", "H0042", "H0042"),
        ("household_id", "440703198001011234", "440*************34"),
        ("household_id", 4.40703e17, "4*********7"),
        ("out_of_pocket_fen", "电话１３８００１３８０００", "电话138******00"),
        ("out_of_pocket_fen", "约五千", "约五千"),
        ("applied_on", dt.datetime(1900, 2, 28), "1900-02-28"),
    ],
)  # fmt: skip
def test_what_is_shown_names_nobody(name: str, value: object, text: str) -> None:
    assert shown(value, HOUSEHOLDS[name]) == text


def test_a_truth_value_is_a_word_of_yes_or_no_and_of_no_other_list() -> None:
    assert read("residence", False, "城镇") == ([None, "城镇"], {0: "fault.choice"})
    assert read("on_subsistence", True, np.False_) == ([True, False], {})


def test_a_decimal_number_in_a_column_of_text_is_the_number_that_it_is() -> None:
    numbers = [Decimal("1E+3"), Decimal("7.0"), Decimal("0.5"), Decimal("NaN"), Decimal("1E+17")]
    assert read("member_id", *numbers, table="members") == (
        ["1000", "7", "0.5", None, None],
        {4: "fault.rounded"},
    )


def test_a_day_that_excel_made_of_words_is_the_day_without_its_midnight() -> None:
    days = [dt.datetime(2021, 9, 30), dt.datetime(2021, 9, 30, 8, 5), dt.date(2021, 9, 30)]
    assert read("schooling", *days, table="members")[0] == ["2021-09-30", "2021-09-30 08:05:00", "2021-09-30"]
