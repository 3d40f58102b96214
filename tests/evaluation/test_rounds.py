"""Figures that come from rounds: computed, not typed, and held against each other."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from tests.evaluation.plans import SEED, plan, scored

import relief
from relief.errors import EvaluationError
from relief.evaluation import evaluate, parse_plan

if TYPE_CHECKING:
    from relief.round.pipeline import Round


def round_of(costs: dict[str, int], fund_fen: int) -> Round:
    """Return a split over households of two districts by turns; a third has none."""
    homes = ["新会区", "台山市"] * len(costs)
    table = {"户编号": list(costs), "个人自付": list(costs.values()), "区县": homes[: len(costs)]}
    return relief.split(pd.DataFrame(table), fund_fen)


FIRST = round_of({"H1": 100, "H2": 300, "H3": 500}, 450_00)
SECOND = round_of({"H3": 100, "H4": 300}, 100_00)


def content(actual: str, target: str = "≥1") -> dict[str, Any]:
    made = scored()
    made["绩效指标"][0] |= {"实际完成值": actual, "年度指标值": target, "三级指标": "取数"}
    made["勾稽关系"] = []
    return made


@pytest.mark.parametrize(
    ("name", "rounds", "shown"),
    [("受助户数", (FIRST,), "3户"), ("受助户数", (FIRST, SECOND), "4户"),
     ("受助户数.新会区", (FIRST,), "2户"), ("受助户数.江海区", (FIRST,), "0户"),
     ("受助户数.新会区", (FIRST, SECOND), "2户"),  # H3 is helped twice, in one district
     ("申请户数", (FIRST, SECOND), "5户"), ("发放金额", (FIRST, SECOND), "0.055万元"),
     ("资金总额", (FIRST,), "0.045万元"), ("自付费用", (FIRST, SECOND), "0.13万元"),
     ("发放金额.台山市", (FIRST,), "0.015万元"), ("自付费用.台山市", (FIRST, SECOND), "0.06万元")],
)  # fmt: skip
def test_a_figure_comes_from_the_rounds(name: str, rounds: tuple[Round, ...], shown: str) -> None:
    done = evaluate(plan(content(f"=轮次.{name}", "≥0元" if "元" in shown else "≥0")), rounds)
    assert done.results[0].actual == shown
    assert done.results[0].verdict == "met"


def test_districts_must_come_to_the_households_and_awards_to_the_fund() -> None:
    made = content("=轮次.受助户数")
    made["勾稽关系"] = [
        {"名称": "户", "各项": "=轮次.受助户数.各区县", "合计": "=轮次.受助户数"},
        {"名称": "报表", "各项": "=轮次.发放金额.各区县", "合计": "450.01元"},
    ]
    done = evaluate(plan(made), (FIRST,))
    assert [each.name for each in done.broken] == ["报表"]
    household, *_ = (each for each in done.sums if each.name == "户")
    assert [name for name, _ in household.parts][2] == "江海区"  # a district with nobody is a part too
    of_round = [each for each in done.sums if each.name.startswith("第1轮")]
    assert [each.holds for each in of_round] == [True, True, True]


def test_the_sample_round_gives_what_the_report_states() -> None:
    sample = SEED.parents[1] / "jiangmen-2021"
    round_ = relief.run(sample / "申请.xlsx", sample / "rules", 300_000_00, on="2021-09-30")
    text = SEED.read_text("utf-8").replace("80户", "=轮次.受助户数").replace(": 30万元", ": =轮次.发放金额")
    text = re.sub(r"各项: \{市直.*", "各项: =轮次.受助户数.各区县", text)
    done = evaluate(parse_plan("自评.yaml", text.encode()), (round_,))
    assert done.broken == ()
    shown = {each.name: each.shown_parts for each in done.sums}
    assert shown["各区县帮扶户数"] == shown["第1轮各区县受助户数"] == "7+6+0+27+13+11+15+1"
    assert [each.actual for each in done.results[6:8]] == ["80户", "30.00万元"]


def test_a_round_whose_districts_do_not_add_up_is_told() -> None:
    wrong = FIRST.districts.copy()
    wrong.loc["台山市", "award_fen"] += 1
    done = evaluate(plan(content("1")), (replace(FIRST, districts=wrong),))
    assert [each.name for each in done.broken] == ["第1轮各区县发放金额"]


@pytest.mark.parametrize("name", ["受助", "受助户数.新惠区", "申请户数.新会区", "资金总额.各区县", ""])
def test_what_a_round_does_not_have_is_told(name: str) -> None:
    with pytest.raises(EvaluationError) as told:
        evaluate(plan(content(f"=轮次.{name}")), (FIRST,))
    assert told.value.code == "evaluation.unknown"


def test_a_round_given_twice_is_refused() -> None:
    with pytest.raises(EvaluationError, match="twice"):
        evaluate(plan(content("=轮次.受助户数")), (FIRST, FIRST))
