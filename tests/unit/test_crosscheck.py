"""Tests of relief.crosscheck."""

from __future__ import annotations

import pandas as pd

from relief.crosscheck import attributed
from relief.tables import Tables, read_tables

ONE, TWO, THREE = "44070319800101123X", "440703198001011242", "440703198001011250"


def tables(*numbers: str | None, **columns: list[str | None]) -> Tables:
    return read_tables(
        {
            "households": pd.DataFrame({"户编号": ["H1", "H2"], "个人自付": 1, "身份证号": [ONE, TWO]}),
            "members": pd.DataFrame({"户编号": ["H1", "H1", "H2"], "身份证号": [ONE, THREE, THREE]}),
            "registry": pd.DataFrame(
                {"数据来源": "公安局", "核对事项": "机动车", "核对结果": "无", "身份证号": numbers, **columns}
            ),
        }
    )


def households(read: Tables) -> list[str | None]:
    return [None if pd.isna(value) else value for value in read["registry"]["household_id"]]


def test_a_fact_goes_to_the_household_of_the_person() -> None:
    read = attributed(tables(ONE.lower(), TWO))
    assert households(read) == ["H1", "H2"]
    assert read.faults == ()


def test_a_fact_about_nobody_or_about_two_is_told_and_not_guessed() -> None:
    read = attributed(tables(THREE, "440703199001011111", None, ONE))
    assert households(read) == [None, None, None, "H1"]
    (notice,) = read.faults
    assert (notice.code, notice.row, notice.facts) == ("notice.registry_nobody", 1, {"count": 3})
    assert THREE not in notice.problem("en")


def test_a_household_that_is_named_is_kept() -> None:
    assert households(attributed(tables(ONE, 户编号=["H2"]))) == ["H2"]


def test_without_a_registry_nothing_changes() -> None:
    read = read_tables({"households": pd.DataFrame({"户编号": ["H1"], "个人自付": [1]})})
    assert attributed(read) is read
