"""Sums: whichever figure is changed, it is found, with both figures."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.evaluation.plans import SEED, plan, scored

from relief.evaluation import evaluate, parse_plan

TEXT = SEED.read_text("utf-8")
# Every figure of the seed's budget, of its sums, and of the indicators that are totals of sums.
_HELD = re.compile(
    r"(?:预算数|执行数): (?P<amount>[0-9.]+)万"
    r"|(?:市直|[^\W\d]{2}[区市]|个人|集体|全国\w+|省\w+): (?P<count>[0-9]+)"
    r"|实际完成值: (?P<actual>24|80|30)(?=[个户万])"
)
PLACES = [found.span(found.lastgroup or 0) for found in _HELD.finditer(TEXT)]


def found(content: dict[str, Any]) -> list[str]:
    return [each.name for each in evaluate(plan(content)).broken]


def test_all_sums_of_the_seed_hold_as_they_stand() -> None:
    done = evaluate(parse_plan("自评.yaml", TEXT.encode()))
    assert [each.holds for each in done.sums] == [True] * 8
    assert len(PLACES) == 12 + 5 + 2 + 8 + 3


@pytest.mark.parametrize("place", PLACES, ids=[str(at) for at in range(len(PLACES))])
def test_each_figure_of_the_seed_that_is_changed_breaks_a_sum(place: tuple[int, int]) -> None:
    start, end = place
    more = TEXT[:start] + TEXT[start:end] + "1" + TEXT[end:]
    if TEXT[start:end] == "0":
        more = TEXT[:start] + "1" + TEXT[end:]
    done = evaluate(parse_plan("自评.yaml", more.encode()))
    assert done.broken
    told = [each.text("zh") for each in done.findings if each.code == "evaluation.sum_broken"]
    assert len(told) == len(done.broken)
    for each, text in zip(done.broken, told, strict=True):
        assert each.shown_total in text
        assert each.shown_parts in text


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=8), st.integers(0, 7), st.integers(1, 10**6))
@settings(max_examples=40)
def test_a_sum_is_broken_by_any_change_of_a_part(parts: list[int], at: int, more: int) -> None:
    named = {f"p{place}": f"{part}户" for place, part in enumerate(parts)}
    content = scored()
    content["勾稽关系"] = [{"名称": "和", "各项": named, "合计": sum(parts)}]
    assert found(content) == []
    at %= len(parts)
    named[f"p{at}"] = f"{parts[at] + more}户"
    assert found(content) == ["和"]


@pytest.mark.parametrize(
    ("total", "holds"), [(">50", True), (">52", False), ("≥52", True), ("≤51", False), ("52", True)]
)
def test_a_total_with_a_sign_is_what_the_sum_must_be(total: str, holds: bool) -> None:
    content = scored()
    content["勾稽关系"] = [{"名称": "工种", "各项": {"一类": 23, "二类": 29}, "合计": total}]
    assert found(content) == ([] if holds else ["工种"])


def test_total_of_nothing_beside_rows_with_money_is_told() -> None:
    """As a table of 2022 has it: total 0, executed 0, beside 90 and 89.974."""
    content = scored()
    content["资金"]["各项"] = [
        {"名称": "帮扶", "年初预算数": "90万", "全年预算数": "90万", "全年执行数": "89.974万"}
    ]
    content["资金"]["合计"] = {"年初预算数": "90万", "全年预算数": "0", "全年执行数": "0", "执行率": "0%"}
    done = evaluate(plan(content))
    assert [each.name for each in done.broken] == ["全年预算数", "全年执行数"]
    told = {each.code: each.text("zh") for each in done.findings}
    assert "各项合计为 89.974万元" in told["evaluation.sum_broken"]
    assert "填报为 0.00万元" in told["evaluation.sum_broken"]
    assert "99.97%" in told["evaluation.rate_wrong"]


def test_a_part_that_is_not_measured_leaves_the_sum_unknown() -> None:
    content = scored()
    content["勾稽关系"] = [{"名称": "和", "各项": {"a": "=指标.满意度", "b": "1"}, "合计": "2"}]
    done = evaluate(plan(content))
    assert [each.name for each in done.sums if each.holds is None] == ["和"]
    assert "evaluation.sum_unknown" in [each.code for each in done.findings]
    assert done.broken == ()
