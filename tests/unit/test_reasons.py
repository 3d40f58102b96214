"""Tests of relief.reasons and relief.assessment: why, as people read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from relief.eligibility import assess

if TYPE_CHECKING:
    from relief.assessment import Assessment

ROW = {
    "户编号": "H1", "区县": "蓬江区", "工会会员": "是", "入户日期": "2021-06-01", "公示天数": "6",
    "房产套数": "",
    "个人自付": "1234.50", "家庭年收入": "30671.99", "刚性支出": "0", "家庭人口": "3",
}  # fmt: skip


def judged(**cells: Any) -> Assessment:
    frame = pd.DataFrame([{**ROW, **cells}], dtype=object)
    return assess({"households": frame}, "jiangmen-2021", on="2021-09-30")


def reason(rule_id: str, lang: Any = "zh", **cells: Any) -> pd.Series:
    table = judged(**cells).reasons(lang)
    return table[table["rule_id"] == rule_id].iloc[0]


@pytest.mark.parametrize(
    ("rule_id", "figures"),
    [
        ("union-member", ("pass", "是", "", "")),
        ("visited", ("pass", "2021-06-01", "2021-09-30", "121 天")),
        ("review-passed", ("unknown", "未知", "", "")),
        ("notice-days", ("fail", "6", "7", "1")),
        ("homes", ("unknown", "未知", "1", "")),
        ("out-of-pocket", ("pass", "1,234.50", "0.00", "1,234.50")),
        ("deep", ("pass", "851.99", "不低于 853.00", "")),
        ("relative", ("pass", "851.99", "不低于 1,706.00", "")),
    ],
)
def test_figures(rule_id: str, figures: tuple[str, ...]) -> None:
    row = reason(rule_id)
    assert (row["result"], row["observed"], row["limit"], row["margin"]) == figures
    assert row["message"].startswith(row["title"])
    assert row["source"]


def test_reasons_in_english() -> None:
    row = reason("notice-days", "en")
    assert row["message"].startswith(
        "publicly posted for at least 7 working days: 6, required ≥ 7, apart by 1"
    )
    assert row["message"].endswith("not met")


def test_a_share_is_shown_rounded_down_also_below_zero() -> None:
    assert reason("deep", 刚性支出="30672.00")["observed"] == "-0.01"


def test_what_is_missing_and_cannot_matter_is_not_named() -> None:
    missing = judged(公示天数="7").missing()
    facts = set(missing["fact"])
    assert {"房产套数", "机动车数", "评议结果"} <= facts
    assert not {"城乡", "联系电话", "主要致困原因", "家庭年度总收入"} & facts
    assert judged().missing().empty, "refused already: nothing is missing"


def test_an_explanation_reads_from_the_outcome_to_what_is_missing() -> None:
    lines = judged(公示天数="7").explain("H1", "en").splitlines()
    assert lines[0].startswith("Household H1: pending")
    assert lines[1] == "Out-of-pocket cost counted as claim: 1,234.50 yuan."
    assert sum(line.startswith("  [") for line in lines) == 18
    assert lines[-1].startswith("Still missing: ")
    assert "homes_count" in lines[-1]


def test_two_households_have_their_own_figures() -> None:
    frame = pd.DataFrame([ROW, {**ROW, "户编号": "H2", "公示天数": "9"}], dtype=object)
    table = assess({"households": frame}, "jiangmen-2021", on="2021-09-30").reasons()
    days = table[table["rule_id"] == "notice-days"].set_index("household_id")["observed"]
    assert days.to_dict() == {"H1": "6", "H2": "9"}
    assert table["household_id"].tolist() == ["H1"] * 18 + ["H2"] * 18
