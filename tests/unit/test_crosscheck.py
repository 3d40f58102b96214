"""Tests of relief.judging.crosscheck."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from relief.intake.answers import things
from relief.intake.identifiers import folded
from relief.intake.tables import Tables, read_tables
from relief.judging.crosscheck import attributed

if TYPE_CHECKING:
    from relief.sheets.faults import Fault

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


def told_of(read: Tables) -> list[Fault]:
    return [fault for fault in read.faults if fault.table == "registry"]


def test_a_fact_goes_to_the_household_of_the_person() -> None:
    read = attributed(tables(ONE.lower(), TWO))
    assert households(read) == ["H1", "H2"]
    assert told_of(read) == []


def test_a_fact_about_nobody_is_told_and_not_guessed() -> None:
    read = attributed(tables(ONE, "440703199001011111", "440703********123X", None))
    assert households(read) == ["H1", None, None, None]
    (told,) = told_of(read)
    assert (told.code, told.severity, told.row) == ("warning.registry_nobody", "warning", 2)
    assert told.facts == {"count": 3}


def test_a_fact_about_a_person_of_two_households_counts_for_both_and_is_told() -> None:
    read = attributed(tables(THREE, ONE))
    assert households(read) == ["H1", "H2", "H1"]
    assert read.origins["registry"]["row"].tolist() == [1, 1, 2]
    (told,) = told_of(read)
    assert (told.code, told.severity, told.row) == ("warning.registry_several", "warning", 1)
    assert told.facts == {"count": 1}
    assert THREE not in told.problem("en")


@pytest.mark.parametrize(
    "written", [" 440703 19800101 123X ", "440703-19800101-123x", "４４０７０３19800101123X"]
)
def test_an_id_number_is_found_however_it_is_written(written: str) -> None:
    assert folded(written) == ONE
    read = attributed(tables(written))
    assert households(read) == ["H1"]
    assert told_of(read) == []


def test_an_id_number_of_15_digits_is_the_one_of_18() -> None:
    households = pd.DataFrame({"户编号": ["H1"], "个人自付": 1, "身份证号": ["440703198001011234"]})
    registry = pd.DataFrame(
        {"数据来源": "公安局", "核对事项": "机动车", "核对结果": "无", "身份证号": ["440703800101123"]}
    )
    read = attributed(read_tables({"households": households, "registry": registry}))
    assert read["registry"]["household_id"].tolist() == ["H1"]


@pytest.mark.parametrize(
    "answer",
    ["无", " 无。", "无记录", "无车辆", "没有", "0", "0辆", "零", "否", "未登记", "未查到", "经查询，无",
     "名下无机动车", "未查询到车辆登记信息"],
)  # fmt: skip
def test_nothing_found_is_read_however_it_is_worded(answer: str) -> None:
    assert things("机动车", answer) == ["无"]


@pytest.mark.parametrize(
    ("answer", "least", "most"),
    [
        ("2套", 2, 2), ("两套", 2, 2), ("名下2套", 2, 2), ("名下 ２ 套住房", 2, 2), ("2辆", 2, 2),
        ("十二套", 12, 12), ("二十处", 20, 20), ("十套", 10, 10), ("多套", 2, 2), ("一套", 1, 1),
        ("1套", 1, 1), ("2", 2, 2),
        ("00003套", 3, 3), ("99999999套", 99, 99), ("住宅1套、商铺1套", 1, 2), ("第2套", 1, 1),
        ("示例路1号 住宅 82平方米", 1, 1), ("粤房1", 1, 1), ("2021001234", 1, 1), ("1/2套", 1, 1),
        ("有", 1, 1), ("无证房屋", 1, 1),
    ],
)  # fmt: skip
def test_an_answer_that_states_a_number_is_as_many_things(answer: str, least: int, most: int) -> None:
    found = things("不动产", answer)
    assert len(found) == most
    assert sum(thing is not None for thing in found) == least
    assert "无" not in found


@pytest.mark.parametrize(
    ("kind", "answer", "found"),
    [
        ("不动产", "已查，无", "无"), ("不动产", "名下无不动产权登记", "无"), ("不动产", "未办理登记", "无"),
        ("不动产", "无（截至2021年8月）", "无"), ("低保", "未享受", "无"), ("低保", "非低保对象", "无"),
        ("死亡", "健在", "无"), ("就业", "失业", "无"), ("不动产", "/", None), ("死亡", "查无此人", None),
        ("低保", "身份证号有误", None), ("商事登记", "未注销", "未注销"), ("低保", "享受", "享受"),
        ("不动产", "不动产权第0001号", "不动产权第0001号"),
    ],
)  # fmt: skip
def test_a_no_in_other_words_is_nothing_and_a_person_not_known_is_open(
    kind: str, answer: str, found: str | None
) -> None:
    assert things(kind, answer) == [found]


def test_a_number_that_a_program_wrote_with_decimals_is_that_number() -> None:
    assert things("不动产", "2.0") == ["第1项", "第2项"]


def test_a_number_counts_only_where_things_are_counted() -> None:
    assert things("存款余额", "20") == ["20"]
    assert things("机动车", "待查") == [None]
    assert things("机动车", None) == [None]


def test_a_row_that_became_several_keeps_its_place_and_is_read_once() -> None:
    rows = pd.DataFrame(
        {"数据来源": "自然资源局", "核对事项": "不动产", "核对结果": ["2套", "无"], "身份证号": [ONE, TWO]}
    )
    households = pd.DataFrame({"户编号": ["H1", "H2"], "个人自付": 1, "身份证号": [ONE, TWO]})
    read = attributed(read_tables({"households": households, "registry": rows}))
    assert read["registry"]["value"].tolist() == ["第1项", "第2项", "无"]
    assert read.origins["registry"]["row"].tolist() == [1, 1, 2]
    assert attributed(read)["registry"]["value"].tolist() == ["第1项", "第2项", "无"]


def test_a_household_that_is_named_is_kept() -> None:
    assert households(attributed(tables(ONE, 户编号=["H2"]))) == ["H2"]


def test_without_a_registry_nothing_changes() -> None:
    read = read_tables({"households": pd.DataFrame({"户编号": ["H1"], "个人自付": [1]})})
    assert attributed(read) is read


@pytest.mark.parametrize(
    ("kind", "value", "number", "is_told"),
    [
        ("死亡", "已注销", None, True), ("死亡", "无", None, False), ("死亡", "待查", None, False),
        ("死亡", "已注销", ONE, False), ("不动产", "2套", None, False), ("就业", "示例企业", None, True),
    ],
)  # fmt: skip
def test_what_was_found_of_a_person_whom_nobody_named_is_told(
    kind: str, value: str, number: str | None, is_told: bool
) -> None:
    fact = {"数据来源": "公安局", "户编号": "H1", "核对事项": kind, "核对结果": value, "身份证号": number}
    read = attributed(
        read_tables(
            {
                "households": pd.DataFrame({"户编号": ["H1"], "身份证号": [ONE]}),
                "registry": pd.DataFrame([fact]),
            }
        )
    )
    assert [fault.code for fault in told_of(read)] == (["warning.registry_whom"] if is_told else [])


def test_an_answer_that_stands_twice_is_told() -> None:
    days = ["2021-08-25", "2021-08-20", None, "2021-08-25", "2021-08-20"]
    values: list[str | None] = ["粤J00001", "粤J00001", "粤J00001", "粤J00002", "粤J00001"]
    read = attributed(tables(ONE, ONE, ONE, ONE, TWO, 核对结果=values, 数据日期=days))
    assert households(read) == ["H1", "H1", "H1", "H1", "H2"]
    (told,) = told_of(read)
    assert (told.code, told.severity, told.row) == ("warning.registry_twice", "warning", 2)
    assert told.facts == {"count": 2}


def test_several_things_of_one_row_are_no_repetition() -> None:
    """Two things are certain and two open; the open ones say the same."""
    read = attributed(tables(ONE, 核对结果=["轿车2辆、货车2辆"]))
    assert read["registry"]["value"].isna().sum() == 2
    assert told_of(attributed(read)) == []


@pytest.mark.parametrize(
    ("other", "is_told"),
    [
        ({}, True), ({"数据日期": "2021-08-01"}, True), ({"核对结果": "示例路2号"}, False),
        ({"面积": "80"}, False),
        ({"身份证号": ONE}, False), ({"核对事项": "商事登记"}, False),
    ],
)  # fmt: skip
def test_what_two_members_have_in_the_same_words_may_be_one(other: dict[str, str], is_told: bool) -> None:
    """One home, answered for both spouses, stands twice in the register and counts twice."""
    fact = {"数据来源": "自然资源局", "核对事项": "不动产", "核对结果": "1套", "身份证号": ONE, "面积": "90",
            "数据日期": "2021-08-20"}  # fmt: skip
    frames = {
        "households": pd.DataFrame({"户编号": ["H1"], "身份证号": [ONE]}),
        "members": pd.DataFrame({"户编号": "H1", "身份证号": [ONE, TWO]}),
        "registry": pd.DataFrame([fact, fact | {"身份证号": TWO} | other]),
    }
    told = [f for f in attributed(read_tables(frames)).faults if f.code == "warning.registry_shared"]
    assert [(f.household_id, f.row, f.facts) for f in told] == (
        [("H1", 2, {"kind": "不动产", "count": 2})] if is_told else []
    )
    ruling = {
        "户编号": "H1",
        "事项": "不动产",
        "核定值": "1",
        "裁定人": "示例丙",
        "裁定日期": "2021-09-01",
        "理由": "例",
    }
    ruled = attributed(read_tables(frames | {"rulings": pd.DataFrame([ruling])}))
    assert "warning.registry_shared" not in {fault.code for fault in ruled.faults}


def test_nothing_found_of_two_members_is_not_one_thing() -> None:
    read = attributed(tables(ONE, TWO))
    assert told_of(read) == []
