"""Tests of evidence.discrepancies: each conflict is a row with both values, both days the right effect."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from relief.evidence.discrepancies import _difference, discrepancies
from relief.judging.eligibility import Assessment, assess
from relief.judging.statements import answers
from relief.rulepack.crosschecks import USUAL

ON = "2021-09-30"
ONE, TWO = "440703198001011234", "440703198001011242"
CITY = {
    "户编号": "H1",
    "区县": "蓬江区",
    "城乡": "城镇",
    "共同生活人口": "2",
    "是否工会会员": "是",
    "家庭年度总收入": "18000",
    "刚性支出": "0",
    "房产套数": "1",
    "机动车数": "0",
    "是否有商事登记": "无",
    "是否低保": "否",
    "金融资产余额": "1000",
    "主要致困原因": "本人大病",
    "有无住院记录": "是",
    "有无疾病证明书": "是",
    "有无医疗收据": "是",
    "医疗费用个人自付": "8000",
    "申请日期": "2021-07-01",
    "入户调查日期": "2021-08-02",
    "评议结果": "通过",
    "公示工作日数": "7",
    "公示有无异议": "无异议",
}
OWN = {
    "户编号": "H1",
    "姓名": "示例甲",
    "身份证号": ONE,
    "关系": "本人",
    "是否计入家庭": "是",
    "工作状态": "失业",
    "年收入": "0",
    "转移净收入": "0",
}
SPOUSE = OWN | {"姓名": "示例乙", "身份证号": TWO, "关系": "配偶", "工作状态": "在岗", "年收入": "18000"}


def judged(
    *facts: dict[str, Any], people: tuple[dict[str, str], ...] = (OWN, SPOUSE), **household: Any
) -> Assessment:
    base = {"数据来源": "公安局", "身份证号": ONE, "数据日期": "2021-09-10"}
    frames = {
        "households": pd.DataFrame([CITY | household, CITY | {"户编号": "H2"}]),
        "members": pd.DataFrame(people),
        "registry": pd.DataFrame([base | fact for fact in facts]),
    }
    return assess(frames, "jiangmen-2021", on=ON)


def answer(kind: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"核对事项": kind, "核对结果": value, **more}


@pytest.mark.parametrize(
    ("fact", "declared", "found", "effect", "outcome"),
    [
        (answer("不动产", "2套"), "1", "2", "outcome", "ineligible"),
        (answer("不动产", "无"), "1", "0", "none", "eligible"),
        (answer("机动车", "粤J·示例"), "0", "1", "outcome", "ineligible"),
        (answer("商事登记", "个体工商户"), "无", "有", "none", "eligible"),
        (answer("低保", "享受"), "无", "有", "none", "eligible"),
        (answer("存款余额", "有", 核对金额="50000"), "1,000.00", "50,000.00", "none", "eligible"),
        (answer("就业", "某公司参保"), "失业", "就业", "outcome", "pending"),
        (answer("养老保险", "领取待遇"), "0.00", "领取", "outcome", "pending"),
        (answer("婚姻", "离婚"), "已婚", "无配偶", "outcome", "pending"),
        (answer("死亡", "已注销", 身份证号=TWO), "在世", "死亡", "outcome", "pending"),
    ],
)
def test_a_conflict_is_told_with_both_values_and_what_hangs_on_it(
    fact: dict[str, Any], declared: str, found: str, effect: str, outcome: str
) -> None:
    (row,) = discrepancies(judged(fact)).to_dict("records")
    assert (row["household_id"], row["kind"], row["row"]) == ("H1", fact["核对事项"], 1)
    assert (row["declared"], row["found"]) == (declared, found)
    assert (row["declared_on"], row["found_on"]) == (pd.Timestamp("2021-07-01"), pd.Timestamp("2021-09-10"))
    assert (row["effect"], row["outcome_if_declared"], row["outcome_if_found"]) == (
        effect,
        "eligible",
        outcome,
    )


@pytest.mark.parametrize(
    "fact",
    [
        answer("不动产", "1套"), answer("不动产", "待查"), answer("机动车", "无"), answer("商事登记", "无"),
        answer("存款余额", "有", 核对金额="1000"), answer("存款余额", "有"), answer("就业", "无"),
        answer("养老保险", "正常参保"), answer("婚姻", "已婚"), answer("死亡", "无"),
        answer("不动产", "2套", 身份证号="440703199901011234"),
    ],
)  # fmt: skip
def test_what_agrees_is_open_or_about_nobody_is_no_discrepancy(fact: dict[str, Any]) -> None:
    assert discrepancies(judged(fact)).empty


def test_a_statement_that_was_not_made_is_no_discrepancy() -> None:
    assert discrepancies(judged(answer("不动产", "2套"), 房产套数=None)).empty


def test_the_pack_says_which_source_it_went_by() -> None:
    told = discrepancies(judged(answer("不动产", "2套"), answer("死亡", "已注销", 身份证号=TWO)))
    assert dict(zip(told["kind"], told["went_by"], strict=True)) == {"不动产": "found", "死亡": "declared"}


def test_each_conflict_of_a_household_is_weighed_alone() -> None:
    both = judged(answer("不动产", "2套"), answer("机动车", "有"))
    assert discrepancies(both)["effect"].tolist() == ["none", "none"]
    assert discrepancies(judged(answer("不动产", "2套"), answer("商事登记", "有")))["effect"].tolist() == [
        "outcome", "none",
    ]  # fmt: skip


def test_the_effect_is_that_of_judging_the_household_so() -> None:
    fact = answer("死亡", "已注销", 身份证号=TWO)
    (row,) = discrepancies(judged(fact)).to_dict("records")
    without = judged(fact, people=(OWN, SPOUSE | {"是否计入家庭": "否"}), 共同生活人口="1")
    assert row["outcome_if_found"] == without.decisions.loc["H1", "outcome"]


def test_no_registry_has_no_answers() -> None:
    read = assess({"households": pd.DataFrame([CITY])}, "jiangmen-2021", on=ON)
    assert list(answers(read.tables, USUAL)) == []
    assert discrepancies(read).empty


@pytest.mark.parametrize(
    ("amounts", "difference"),
    [
        ([(1, 1)], "0"),
        ([(5, 2), (1, 1)], "3"),
        ([(1, pd.NA)], "<NA>"),
        ([(1, 1), (pd.NA, 2)], "<NA>"),
        ([], "<NA>"),
    ],
)
def test_a_difference_is_zero_only_between_amounts_that_are_known(amounts: Any, difference: str) -> None:
    assert str(_difference(amounts)) == difference
