"""Rates, scores and grades: exact, never full marks for what is missing."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.evaluation.plans import indicator, plan, scored

from relief.evaluation import evaluate
from relief.evaluation.quantities import agrees, percent, points, read_quantity, read_target

FEN = st.integers(1, 10**12)


def codes(content: dict[str, Any]) -> list[str]:
    return [each.code for each in evaluate(plan(content)).findings]


def test_a_scored_plan_comes_to_its_points() -> None:
    done = evaluate(plan(scored()))
    assert [each.verdict for each in done.results] == ["met", "missed", "missed", "worded", "unmeasured"]
    assert [each.score for each in done.results] == [20, 15, 0, Decimal("28.5"), None]
    assert done.budget_score == Decimal("9.97")  # 10 × 37.44 / 37.54 = 9.9733…
    assert (done.score, done.open_points, done.grade) == (Decimal("73.47"), 10, "中")
    told = {each.code: each.text("zh") for each in done.findings}
    assert told["evaluation.unmeasured"] == "未测评 1 项，不计分：满意度。"
    assert "73.47 至 83.47" in told["evaluation.open"]
    assert "中—良" in told["evaluation.open"]


@pytest.mark.parametrize(
    ("score", "grade"),
    [("100", "优"), ("90", "优"), ("89.99", "良"), ("89.5", "良"), ("80", "良"), ("79.99", "中"),
     ("60", "中"), ("59.99", "差"), ("0", "差")],
)  # fmt: skip
def test_every_score_has_one_grade_and_a_limit_belongs_to_the_better(score: str, grade: str) -> None:
    content = scored()
    content["资金"]["分值"] = "0"
    content["绩效指标"] = [indicator("户数", "达成预期指标", "达成", "100", 得分=score)]
    content["勾稽关系"] = []
    assert evaluate(plan(content)).grade == grade
    content["自评等级"] = {"优": "优秀", "良": "良好", "中": "中", "差": "差"}[grade]
    assert "evaluation.grade_differs" not in codes(content)
    content["自评等级"] = "差" if grade != "差" else "优秀"
    assert "evaluation.grade_differs" in codes(content)


@given(st.lists(st.integers(1, 10000), min_size=1, max_size=5, unique=True), st.integers(0, 10000))
@settings(max_examples=30)
def test_a_grade_is_the_best_whose_limit_is_reached(limits: list[int], score: int) -> None:
    limits = [*sorted(limits, reverse=True), 0]
    content = scored()
    content["等级标准"] = [{"等级": f"g{at}", "至少": f"{at / 100:.2f}"} for at in limits]
    done = evaluate(plan(content))
    best = max(limit for limit in limits if limit <= score)
    assert done.grade_of(Decimal(score).scaleb(-2)) == f"g{best}"


@given(FEN, FEN)
@example(999_999, 1_000_000)
@example(10**12 - 1, 10**12)
def test_only_all_of_it_is_shown_as_100_per_cent_and_gets_full_marks(used: int, approved: int) -> None:
    rate = Fraction(used, approved)
    assert (Decimal(percent(rate)[:-1]) == 100) == (used == approved)
    assert agrees(percent(rate), rate)
    assert agrees("100%", rate) == (used == approved)
    share = min(rate, Fraction(1))
    assert (points(10 * share) == 10) == (used >= approved)
    assert 0 <= 10 * share - Fraction(points(10 * share)) < Fraction(1, 100)


@pytest.mark.parametrize(
    ("stated", "code"),
    [("99.73%", "rate_of_approved"), ("99.44%", "rate_of_budget"), ("100%", "rate_wrong"),
     ("99%", "rate_of_budget"), ("全部", "rate_wrong")],
)  # fmt: skip
def test_a_stated_rate_is_told_by_what_it_is_of(stated: str, code: str) -> None:
    content = scored()
    content["资金"]["合计"]["执行率"] = stated
    told = [each for each in evaluate(plan(content)).findings if each.code.startswith("evaluation.rate")]
    assert [each.code for each in told] == [f"evaluation.{code}"]
    for lang in ("zh", "en"):
        assert "99.73%" in told[0].text(lang)
        assert "99.44%" in told[0].text(lang)


def test_more_used_than_approved_is_told_and_gives_no_more_than_the_weight() -> None:
    content = scored()
    content["资金"]["各项"][0]["全年执行数"] = "31万"
    done = evaluate(plan(content))
    assert done.budget_score == 10
    assert "evaluation.overspent" in [each.code for each in done.findings]


def test_a_budget_of_nothing_has_no_rate_and_no_points() -> None:
    content = scored()
    for row in content["资金"]["各项"]:
        row |= {"年初预算数": 0, "全年预算数": 0, "全年执行数": 0}
    del content["资金"]["合计"]
    done = evaluate(plan(content))
    assert (done.total.of_approved, done.total.of_budget, done.budget_score) == (None, None, None)
    assert done.open_points == 20


UNMEASURED = [None, "", "未测评", "not measured"]


@pytest.mark.parametrize("actual", UNMEASURED)
@pytest.mark.parametrize("score", ["达标得分", "按比例得分", "10", None])
def test_what_is_not_measured_never_gets_points(actual: str | None, score: str | None) -> None:
    content = scored()
    content["绩效指标"][4] |= {"实际完成值": actual, "得分": score}
    done = evaluate(plan(content))
    assert (done.results[4].verdict, done.results[4].score) == ("unmeasured", None)
    assert done.score == Decimal("73.47")
    assert ("evaluation.scored_unmeasured" in [each.code for each in done.findings]) == (score == "10")


def test_full_marks_for_a_target_that_was_missed_and_a_missing_reason_are_told() -> None:
    content = scored()
    content["绩效指标"][2] |= {"得分": "10", "偏差原因": " "}
    told = codes(content)
    assert "evaluation.full_though_missed" in told
    assert "evaluation.no_reason" in told


def test_stated_score_is_held_against_the_sum() -> None:
    content = scored() | {"自评得分": "73.47"}
    assert "evaluation.score_differs" not in codes(content)
    assert "evaluation.score_differs" in codes(content | {"自评得分": "98"})


def test_a_rule_without_figures_to_go_by_gives_nothing() -> None:
    content = scored()
    content["绩效指标"][3]["得分"] = "达标得分"
    content["绩效指标"][0]["年度指标值"] = "80人"  # beside 80户
    content["绩效指标"][1]["年度指标值"] = "2万人"  # no more, or no fewer?
    done = evaluate(plan(content))
    assert [each.verdict for each in done.results][:4] == ["unclear", "unclear", "missed", "worded"]
    assert [each.score for each in done.results][:4] == [None, None, 0, None]
    assert done.open_points == 80


SIGNS = {"≥": "__ge__", "≤": "__le__", ">": "__gt__", "<": "__lt__", "=": "__eq__", "不少于": "__ge__",
         "不超过": "__le__", ">=": "__ge__", "＞": "__gt__", "至多": "__le__"}  # fmt: skip


@given(st.sampled_from(sorted(SIGNS)), st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_target_is_judged_by_its_sign(sign: str, wanted: int, got: int) -> None:
    target, actual = read_target(f"{sign}{wanted / 100:.2f}万元"), read_quantity(f"{got * 100}元")
    assert target is not None
    assert actual is not None
    assert target.is_met(actual) == getattr(got, SIGNS[sign])(wanted)


@pytest.mark.parametrize(
    "text", ["达成预期指标", "50多个", "5万余元", "95%以上", "1-2万元", "约30", "3e5", "", "12 34"]
)
def test_what_is_no_figure_is_not_read_as_one(text: str) -> None:
    assert read_quantity(text) is None
