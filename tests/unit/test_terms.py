"""Tests of what allocate is told beside claims and fund: every argument refused by name, and what it does."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from relief.allocation import Allocation, Bracket, allocate
from relief.errors import BoundsError, FundError, MethodError, ReliefError, ShortageError, SurplusError

CLAIMS = {"a": 300, "b": 200, "c": 100}
FLAT: dict[str, Any] = {"method": "flat_by_category", "categories": {"a": "deep", "b": "deep", "c": "other"}}
AMOUNTS: dict[str, Any] = {"amounts_fen": {"deep": 100, "other": 50}}
PRIORITY: dict[str, Any] = {"method": "by_priority", "categories": {"a": "x", "b": "y", "c": "y"}}
GROUPS: dict[str, Any] = {"groups": {"a": "n", "b": "s", "c": "s"}}


def refused(error: type[ReliefError], code: str, fund: int = 300, **arguments: Any) -> dict[str, Any]:
    """Return the facts of the error that `allocate` raises."""
    with pytest.raises(error) as caught:
        allocate(CLAIMS, fund, **arguments)
    assert caught.value.code == f"allocation.{code}"
    assert str(caught.value)
    return caught.value.facts


REFUSED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("choice", {"surplus": "keep"}, {"argument": "surplus", "value": "keep", "known": "error, return"}),
    ("choice", {"shortage": "cut"}, {"argument": "shortage", "value": "cut", "known": "error, scale"}),
    ("choice", {**GROUPS, "group_funds_fen": "equal"},
     {"argument": "group_funds_fen", "value": "equal", "known": "claims"}),
    ("term_unused", {"shortage": "scale"},
     {"method": "proportional", "argument": "shortage", "users": "flat_by_category, tiered"}),
    ("term_unused", {"weights": [1, 1, 1]},
     {"method": "proportional", "argument": "weights", "users": "weighted"}),
    ("term_unused", {"method": "weighted", "weights": [1, 1, 1], "categories": list("abc")},
     {"method": "weighted", "argument": "categories", "users": "flat_by_category, by_priority"}),
    ("term_missing", {"method": "weighted"}, {"method": "weighted", "argument": "weights"}),
    ("term_missing", FLAT, {"method": "flat_by_category", "argument": "amounts_fen"}),
    ("term_missing", {**PRIORITY, "order": ["x", "y"], "within": "weighted"},
     {"method": "by_priority", "argument": "weights"}),
    ("within_itself", {**PRIORITY, "order": ["x", "y"], "within": "by_priority"}, {}),
    ("method_unknown", {**PRIORITY, "order": ["x", "y"], "within": "talmut"},
     {"name": "talmut", "near": "talmud"}),
    ("argument_no_column", {"method": "weighted", "weights": 3}, {"argument": "weights", "kind": "int"}),
    ("argument_no_column", {"groups": 3, "group_funds_fen": "claims"}, {"argument": "groups", "kind": "int"}),
    ("argument_length", {"method": "weighted", "weights": [1]},
     {"argument": "weights", "count": 1, "expected": 3}),
    ("argument_label_missing", {"method": "weighted", "weights": {"a": 1, "c": 1}},
     {"argument": "weights", "label": "b"}),
    ("argument_label_missing", {"groups": {"a": "n", "b": "s"}, "group_funds_fen": "claims"},
     {"argument": "groups", "label": "c"}),
    ("argument_label_missing", {"groups": {"a": "n", "b": None, "c": "s"}, "group_funds_fen": "claims"},
     {"argument": "groups", "label": "b"}),
    ("argument_label_unknown", {"method": "weighted", "weights": {"a": 1, "b": 1, "d": 1}},
     {"argument": "weights", "label": "d"}),
    ("weight_wrong", {"method": "weighted", "weights": {"c": 1, "a": 0.5, "b": 1}},
     {"label": "a", "value": 0.5}),
    ("weight_wrong", {"method": "weighted", "weights": [1, 1, -1]}, {"label": "c", "value": -1}),
    ("weight_wrong", {"method": "weighted", "weights": [1, "1/0", 1]}, {"label": "b", "value": "1/0"}),
    ("weight_wrong", {"method": "weighted", "weights": [True, 1, 1]}, {"label": "a", "value": True}),
    ("weight_wrong", {"method": "weighted", "weights": [1, Decimal("inf"), 1]},
     {"label": "b", "value": Decimal("inf")}),
    ("weight_wrong", {"method": "weighted", "weights": [1, "much", 1]}, {"label": "b", "value": "much"}),
    ("category_missing", {**FLAT, **AMOUNTS, "categories": {"c": "other", "a": "deep", "b": None}},
     {"label": "b"}),
    ("category_unknown", {**FLAT, "amounts_fen": {"deep": 100, "none": 1}},
     {"argument": "amounts_fen", "category": "other", "known": "deep, none"}),
    ("category_unknown", {**PRIORITY, "order": ["y", "z"]},
     {"argument": "order", "category": "x", "known": "y, z"}),
    ("amounts_no_mapping", {**FLAT, "amounts_fen": 100}, {"value": 100}),
    ("amounts_no_mapping", {**FLAT, "amounts_fen": {}}, {"value": {}}),
    ("amount_wrong", {**FLAT, "amounts_fen": {"deep": 1.5, "other": 50}}, {"category": "deep", "value": 1.5}),
    ("amount_wrong", {**FLAT, "amounts_fen": {"deep": 1, "other": -1}}, {"category": "other", "value": -1}),
    ("order_wrong", {**PRIORITY, "order": "xy"}, {"value": "xy"}),
    ("order_wrong", {**PRIORITY, "order": ["x", "y", "x"]}, {"value": ["x", "y", "x"]}),
    ("order_wrong", {**PRIORITY, "order": 5}, {"value": 5}),
    ("brackets_wrong", {"method": "tiered", "brackets": []}, {"value": []}),
    ("brackets_wrong", {"method": "tiered", "brackets": 3}, {"value": 3}),
    ("brackets_wrong", {"method": "tiered", "brackets": [{"from": 0}]}, {"value": [{"from": 0}]}),
    ("bracket_wrong", {"method": "tiered", "brackets": [Bracket(0, "1.2")]},
     {"number": 1, "value": Bracket(0, "1.2")}),
    ("bracket_wrong", {"method": "tiered", "brackets": [Bracket(0), Bracket(5, "-1/2")]},
     {"number": 2, "value": Bracket(5, "-1/2")}),
    ("bracket_wrong", {"method": "tiered", "brackets": [Bracket(-1)]}, {"number": 1, "value": Bracket(-1)}),
    ("bracket_wrong", {"method": "tiered", "brackets": [Bracket(0, amount_fen=-1)]},
     {"number": 1, "value": Bracket(0, amount_fen=-1)}),
    ("bracket_wrong", {"method": "tiered", "brackets": [{"from_fen": 1.5}]},
     {"number": 1, "value": Bracket(1.5)}),  # type: ignore[arg-type]
    ("bracket_wrong", {"method": "tiered", "brackets": [{"from_fen": 1, "amount_fen": 0.5}]},
     {"number": 1, "value": Bracket(1, amount_fen=0.5)}),  # type: ignore[arg-type]
    ("bracket_order", {"method": "tiered", "brackets": [Bracket(9), Bracket(9)]}, {"number": 2, "value": 9}),
    ("groups_and_funds", GROUPS, {"argument": "group_funds_fen"}),
    ("groups_and_funds", {"group_funds_fen": "claims"}, {"argument": "groups"}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "arguments", "facts"), REFUSED)
def test_what_a_method_cannot_use_is_refused_by_name(
    code: str, arguments: dict[str, Any], facts: dict[str, Any]
) -> None:
    told = refused(MethodError, code, **arguments)
    assert {name: told[name] for name in facts} == facts


REFUSED_FUNDS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("group_funds_no_mapping", {**GROUPS, "group_funds_fen": 300}, {"value": 300}),
    ("group_without_fund", {**GROUPS, "group_funds_fen": {"n": 300}}, {"group": "s"}),
    ("fund_without_group", {**GROUPS, "group_funds_fen": {"n": 100, "s": 100, "w": 100}}, {"group": "w"}),
    ("group_fund_wrong", {**GROUPS, "group_funds_fen": {"n": 150.5, "s": 149.5}},
     {"group": "n", "value": 150.5, "unit_yuan": Decimal("0.01")}),
    ("group_fund_wrong", {**GROUPS, "group_funds_fen": {"n": 310, "s": -10}}, {"group": "s", "value": -10}),
    ("group_fund_wrong", {**GROUPS, "group_funds_fen": {"n": 155, "s": 145}, "unit_fen": 10},
     {"group": "n", "value": 155, "unit_yuan": Decimal("0.10")}),
    ("group_funds_differ", {**GROUPS, "group_funds_fen": {"n": 100, "s": 100}},
     {"together_yuan": Decimal("2.00"), "fund_yuan": Decimal("3.00")}),
    ("group_funds_differ", {**GROUPS, "group_funds_fen": {"n": 20, "s": 30}, "unit_fen": 10},
     {"together_yuan": Decimal("0.50"), "fund_yuan": Decimal("3.00")}),
    ("sources_no_mapping", {"sources_fen": [300]}, {"value": [300]}),
    ("sources_no_mapping", {"sources_fen": {}}, {"value": {}}),
    ("source_wrong", {"sources_fen": {"city": 150.0, "union": 150}}, {"source": "city", "value": 150.0}),
    ("source_wrong", {"sources_fen": {"city": 301, "union": -1}}, {"source": "union", "value": -1}),
    ("sources_differ", {"sources_fen": {"city": 100, "union": 100}},
     {"together_yuan": Decimal("2.00"), "fund_yuan": Decimal("3.00")}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "arguments", "facts"), REFUSED_FUNDS)
def test_funds_that_do_not_fit_are_refused_by_name(
    code: str, arguments: dict[str, Any], facts: dict[str, Any]
) -> None:
    told = refused(FundError, code, **arguments)
    assert {name: told[name] for name in facts} == facts


# Groups


def test_no_group_can_touch_the_fund_of_another() -> None:
    plan = allocate(CLAIMS, 300, **GROUPS, group_funds_fen={"s": 200, "n": 100})
    assert plan.awards_fen.to_dict() == {"a": 100, "b": 133, "c": 67}
    assert plan.quotas.to_dict() == {"a": 100, "b": Fraction(400, 3), "c": Fraction(200, 3)}
    groups = plan.groups
    assert groups.index.tolist() == ["n", "s"]
    assert groups["fund_fen"].tolist() == groups["award_fen"].tolist() == [100, 200]
    assert groups["claim_fen"].tolist() == [300, 300]
    assert groups["households"].tolist() == [1, 2]
    assert groups["returned_fen"].tolist() == [0, 0]
    assert groups["units_by_remainder"].tolist() == [0, 1]
    told = plan.reconciliation
    assert told["cut"] is None
    assert told["cuts"]["s"]["cut"] == {"remainder": Fraction(2, 3), "claim_fen": 100, "label": "c"}
    assert told["cuts"]["n"] == {"cut": None, "ties_at_cut": {"count": 0, "served": 0, "broken_by": None}}
    assert told["units_by_remainder"] == 1
    assert "Group s, with a fund of its own." in plan.explain("c", "en")
    assert plan.table["got_leftover"].to_dict() == {"a": False, "b": False, "c": True}


def test_a_fund_is_divided_among_groups_by_their_claims_within_their_bounds() -> None:
    plan = allocate(CLAIMS, 300, **GROUPS, group_funds_fen="claims", caps_fen={"a": 90}, floors_fen={"c": 80})
    assert plan.groups["award_fen"].to_dict() == {"n": 90, "s": 210}
    assert plan.awards_fen.to_dict() == {"a": 90, "b": 130, "c": 80}
    even = allocate(CLAIMS, 301, **GROUPS, group_funds_fen="claims")
    assert even.groups["fund_fen"].to_dict() == {"n": 151, "s": 150}


def test_group_funds_may_be_a_series_and_groups_unlabelled_numbers() -> None:
    plan = allocate([300, 200, 100], 300, groups=[2, 1, 1], group_funds_fen=pd.Series({1: 150, 2: 150}))
    assert plan.awards_fen.tolist() == [150, 100, 50]
    assert plan.groups.index.tolist() == [1, 2]


def test_a_group_short_or_over_is_named() -> None:
    short = refused(ShortageError, "group_shortage", **GROUPS, group_funds_fen={"n": 250, "s": 50},
                    floors_fen={"b": 40, "c": 20})  # fmt: skip
    assert short == {"group": "s", "fund_yuan": Decimal("0.50"), "floors_yuan": Decimal("0.60")}
    over = refused(SurplusError, "group_surplus", 350, **GROUPS, group_funds_fen={"n": 40, "s": 310})
    assert over == {"group": "s", "fund_yuan": Decimal("3.10"), "caps_yuan": Decimal("3.00"),
                    "surplus_yuan": Decimal("0.10")}  # fmt: skip
    plan = allocate(CLAIMS, 350, **GROUPS, group_funds_fen={"n": 40, "s": 310}, surplus="return")
    assert plan.awards_fen.to_dict() == {"a": 40, "b": 200, "c": 100}
    assert plan.groups["returned_fen"].to_dict() == {"n": 0, "s": 10}


def test_a_group_without_claims_may_have_a_fund_of_nothing() -> None:
    plan = allocate({"a": 0, "b": 10}, 5, groups={"a": "n", "b": "s"}, group_funds_fen={"n": 0, "s": 5})
    assert plan.awards_fen.to_dict() == {"a": 0, "b": 5}
    assert "claim 0.00 yuan, 0.0000 % of all claims of 0.00 yuan" in plan.explain("a", "en")


# Sources


def test_sources_are_spent_in_order_and_meet_every_award() -> None:
    plan = allocate(CLAIMS, 301, sources_fen={"city": 100, "union": 200, "gifts": 1})
    assert plan.by_source.columns.tolist() == ["city", "union", "gifts"]
    assert plan.by_source.sum().to_dict() == {"city": 100, "union": 200, "gifts": 1}
    assert (plan.by_source.sum(axis=1) == plan.awards_fen).all()
    assert plan.by_source["city"].to_dict() == {"a": 50, "b": 33, "c": 17}
    assert plan.reconciliation["sources"]["union"] == {"fund_fen": 200, "sum_fen": 200, "returned_fen": 0}
    assert "city 0.50; union 1.00; gifts 0.01" in plan.explain("a", "en")
    assert allocate(CLAIMS, 301).by_source.shape == (3, 0)


def test_what_is_not_needed_is_returned_to_the_last_source() -> None:
    plan = allocate({"a": 100, "b": 50}, 200, sources_fen={"city": 120, "union": 80}, surplus="return")
    assert plan.by_source.sum().to_dict() == {"city": 120, "union": 30}
    assert plan.reconciliation["sources"]["union"]["returned_fen"] == 50
    assert plan.reconciliation["difference_fen"] == 0


# Earlier payments, surplus and shortage


def test_what_was_paid_before_counts_against_the_cap_of_the_year() -> None:
    plan = allocate(CLAIMS, 110, caps_fen=120, paid_fen={"a": 100, "b": 130})
    assert plan.table["cap_fen"].to_dict() == {"a": 20, "b": 0, "c": 100}
    told = refused(BoundsError, "paid_without_cap", caps_fen={"b": 100}, paid_fen={"a": 1})
    assert told == {}
    assert allocate(CLAIMS, 100, paid_fen=0).awards_fen.sum() == 100


def test_a_surplus_is_an_error_or_returned() -> None:
    plan = allocate(CLAIMS, 1000, surplus="return")
    assert plan.awards_fen.to_dict() == CLAIMS
    assert plan.returned_fen == plan.reconciliation["returned_fen"] == 400
    assert plan.fund_fen == 1000
    for method in ("constrained_equal_awards", "constrained_equal_losses", "talmud", "equal", "piniles"):
        assert allocate(CLAIMS, 1000, method=method, surplus="return").awards_fen.to_dict() == CLAIMS
    whole = allocate(CLAIMS, 1000, unit_fen=100, caps_fen=150, surplus="return")
    assert whole.awards_fen.to_dict() == {"a": 100, "b": 100, "c": 100}


# Methods of practice


def test_flat_amounts_are_paid_scaled_or_refused() -> None:
    assert allocate(CLAIMS, 250, **FLAT, **AMOUNTS).awards_fen.to_dict() == {"a": 100, "b": 100, "c": 50}
    short = refused(ShortageError, "shortage_entitled", 125, **FLAT, **AMOUNTS)
    assert short == {
        "fund_yuan": Decimal("1.25"),
        "needed_yuan": Decimal("2.50"),
        "short_yuan": Decimal("1.25"),
    }
    scaled = allocate(CLAIMS, 125, **FLAT, **AMOUNTS, shortage="scale")
    assert scaled.quotas.tolist() == [50, 50, 25]
    refused(SurplusError, "surplus_caps", 251, **FLAT, **AMOUNTS)
    left = allocate(CLAIMS, 251, **FLAT, **AMOUNTS, surplus="return")
    assert (left.awards_fen.tolist(), left.returned_fen) == ([100, 100, 50], 1)


def test_an_amount_is_never_above_the_claim_and_whole_units() -> None:
    plan = allocate(CLAIMS, 300, **FLAT, amounts_fen={"deep": 100, "other": 150})
    assert plan.awards_fen.to_dict() == {"a": 100, "b": 100, "c": 100}
    units = allocate(
        CLAIMS, 400, **FLAT, amounts_fen={"deep": 155, "other": 55}, unit_fen=50, surplus="return"
    )
    assert units.awards_fen.to_dict() == {"a": 150, "b": 150, "c": 50}
    assert units.returned_fen == 50
    higher = allocate(CLAIMS, 330, **FLAT, **AMOUNTS, floors_fen={"a": 180})
    assert higher.awards_fen.to_dict() == {"a": 180, "b": 100, "c": 50}


BRACKETS: list[Any] = [Bracket(100, amount_fen=10), {"from_fen": 200, "amount_fen": 20, "included": False}]


@pytest.mark.parametrize(("claim", "award"), [(99, 0), (100, 10), (200, 10), (201, 20), (900, 20)])
def test_each_end_of_a_bracket_belongs_where_it_is_said_to(claim: int, award: int) -> None:
    plan = allocate([claim, 900], 1000, method="tiered", brackets=BRACKETS, surplus="return")
    assert plan.awards_fen.tolist() == [award, 20]


@pytest.mark.parametrize(
    ("claim", "award"), [(0, 0), (99, 89), (100, 90), (101, 90), (102, 91), (300, 230), (999, 250)]
)
def test_shares_of_parts_are_rounded_down_and_capped(claim: int, award: int) -> None:
    shares = [Bracket(0, "9/10"), Bracket(100, Decimal("0.7"))]  # type: ignore[arg-type]
    plan = allocate([claim, 1], 10_000, method="tiered", brackets=shares, caps_fen=250, surplus="return")
    assert plan.awards_fen.tolist() == [award, 0]


def test_classes_are_served_in_order() -> None:
    def served(fund: int, **more: Any) -> list[int]:
        return allocate(CLAIMS, fund, **{**PRIORITY, "order": ["y", "x"], **more}).awards_fen.tolist()

    assert served(150) == [0, 100, 50]
    assert served(300) == [0, 200, 100]
    assert served(301) == [1, 200, 100]
    assert served(300, floors_fen={"a": 30}) == [30, 180, 90]
    assert served(310, caps_fen={"b": 50}) == [160, 50, 100]
    assert served(400, order=["x", "y", "z"], within="constrained_equal_awards") == [300, 50, 50]
    assert served(400, order=["x", "y"], within="constrained_equal_losses") == [300, 100, 0]
    refused(SurplusError, "surplus_claims", 700, **PRIORITY, order=["x", "y"])
    plan = allocate(CLAIMS, 700, **PRIORITY, order=["x", "y"], surplus="return")
    assert (plan.awards_fen.to_dict(), plan.returned_fen) == (CLAIMS, 100)
    amounts = {"x": 150, "y": 60}
    flat: dict[str, Any] = {
        **PRIORITY,
        "order": ["y", "x"],
        "within": "flat_by_category",
        "amounts_fen": amounts,
    }
    assert allocate(CLAIMS, 270, **flat).awards_fen.to_dict() == {"a": 150, "b": 60, "c": 60}
    assert allocate(CLAIMS, 240, **flat, shortage="scale").awards_fen.tolist() == [120, 60, 60]
    refused(ShortageError, "shortage_entitled", 240, **flat)
    refused(SurplusError, "surplus_caps", 271, **flat)


def test_weights_are_exact_whatever_they_are_written_as() -> None:
    written: list[Any] = [2, "2/1", Fraction(2), Decimal("2.0"), np.int64(2)]
    for two in written:
        plan = allocate([100, 100], 90, method="weighted", weights=[two, 1])
        assert plan.awards_fen.tolist() == [60, 30]
    assert allocate([100, 100], 90, method="weighted", weights=["1/3", "1/6"]).awards_fen.tolist() == [60, 30]
    assert allocate([100, 100], 100, method="weighted", weights=[0, 1]).awards_fen.tolist() == [0, 100]
    refused(SurplusError, "surplus_caps", 350, method="weighted", weights=[1, 0, 0])
    large = allocate([2**60, 2**60], 2**60, method="weighted", weights=[2**40, 2**40 + 1])
    assert large.awards_fen.sum() == 2**60
    assert large.quotas[0] == Fraction(2**60 * 2**40, 2**41 + 1)


def line(plan: Allocation, label: str, number: int) -> str:
    """Return one line of an explanation in English."""
    return plan.explain(label, "en").splitlines()[number]


def test_a_class_is_told_with_what_the_classes_before_it_took() -> None:
    floors = {"a": 0, "b": 120, "c": 7}
    how: dict[str, Any] = {"method": "by_priority", "categories": {"a": "x", "b": "y", "c": "z"}}
    plan = allocate(CLAIMS, 420, **how, order=["none", "x", "y", "z"], floors_fen=floors)
    assert plan.awards_fen.tolist() == [293, 120, 7]
    held = "held at its floor; without it the award would be less."
    assert line(plan, "a", 1) == "Class x, number 2 in the order; the classes before it got 0.00 yuan."
    assert line(plan, "c", 1) == "Class z, number 4 in the order; the classes before it got 4.13 yuan."
    # Nothing is left after the first class, so that a floor alone settles the others.
    assert line(plan, "a", 2) == "Exact award: 293 fen (by priority)."
    assert [held in line(plan, label, 2) for label in "abc"] == [False, True, True]
    capped = allocate(CLAIMS, 420, **how, order=["x", "y", "z"], caps_fen={"a": 250, "b": 200, "c": 100})
    assert [line(capped, label, 2) for label in "ab"] == [
        "Exact award: 250 fen (by priority), held at its cap; without it the award would be more.",
        "Exact award: 170 fen (by priority).",
    ]


@pytest.mark.parametrize("within", ["minimal_overlap", "random_arrival", "proportional"])
def test_who_is_cut_short_by_the_fund_is_not_told_of_a_cap(within: str) -> None:
    plan = allocate(CLAIMS, 450, **PRIORITY, order=["x", "y"], within=within)
    assert "cap" not in plan.explain("b", "en")


def test_terms_are_told_with_the_rate_that_all_share() -> None:
    flat = allocate(CLAIMS, 150, **FLAT, **AMOUNTS, shortage="scale")
    assert line(flat, "b", 2) == (
        "By the terms 1.00 yuan are due, within floor and cap; "
        "everybody gets the same part of what is due, 3/5."
    )
    weighted = allocate(CLAIMS, 200, method="weighted", weights={"a": "1/2", "b": 1, "c": 1}, unit_fen=5)
    assert line(weighted, "a", 2) == (
        "The claim times its weight (of weights brought to whole numbers: 1); "
        "of that, the same rate for all, 2/9."
    )
    bounded = allocate(CLAIMS, 200, caps_fen=80, unit_fen=5)
    assert line(bounded, "c", 2) == (
        "The same rate for all, 2/5 fen for each fen claimed, but nobody outside the own floor and cap."
    )
    assert "rate" not in allocate(CLAIMS, 200).explain("a", "en")


def test_ends_of_what_may_be_given_are_taken() -> None:
    nothing = allocate(CLAIMS, 200, **FLAT, amounts_fen={"deep": 100, "other": 0})
    assert nothing.awards_fen.tolist() == [100, 100, 0]
    shares = [Bracket(0, np.int64(1)), Bracket(150, "0.5")]
    assert allocate(CLAIMS, 500, method="tiered", brackets=shares).awards_fen.tolist() == [225, 175, 100]
    assert allocate(CLAIMS, 10, method="weighted", weights=[0, 1, 0]).awards_fen.tolist() == [0, 10, 0]


def test_floors_of_a_class_are_part_of_what_it_takes() -> None:
    how: dict[str, Any] = {"method": "by_priority", "categories": {"a": "x", "b": "y", "c": "z"}}
    how |= {"order": ["x", "y", "z"], "floors_fen": {"a": 100, "b": 0, "c": 1}}
    assert allocate(CLAIMS, 521, **how).awards_fen.tolist() == [300, 200, 21]
    plan = allocate(CLAIMS, 351, **how)
    assert plan.awards_fen.tolist() == [300, 50, 1]
    assert ["floor" in line(plan, label, 2) for label in "abc"] == [False, False, True]
    nothing = allocate(CLAIMS, 101, **how)
    assert nothing.awards_fen.tolist() == [100, 0, 1]
    assert ["floor" in line(nothing, label, 2) for label in "abc"] == [True, False, True]


def test_a_floor_that_decides_within_the_class_cut_short_is_told() -> None:
    plan = allocate(CLAIMS, 420, **PRIORITY, order=["x", "y"], floors_fen={"a": 0, "b": 0, "c": 60})
    assert plan.awards_fen.tolist() == [300, 60, 60]
    assert ["floor" in line(plan, label, 2) for label in "abc"] == [False, False, True]


def test_a_part_between_two_brackets_ends_where_the_next_begins() -> None:
    brackets = [Bracket(0, 1), Bracket(100, "1/2"), Bracket(200, 0)]
    plan = allocate({"a": 500, "b": 250}, 300, method="tiered", brackets=brackets)
    assert plan.awards_fen.tolist() == [150, 150]


def test_too_few_categories_are_told_as_categories() -> None:
    facts = refused(MethodError, "argument_length", **{**FLAT, **AMOUNTS, "categories": ["deep"]})
    assert facts == {"argument": "categories", "count": 1, "expected": 3}
