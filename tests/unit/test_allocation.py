"""Tests of relief.allocation: worked examples, inputs, errors, and what the outcome tells."""

from __future__ import annotations

import pickle
import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests import oracles

from relief import errors
from relief.allocation import METHODS, ROUNDINGS, Allocation, allocate
from relief.messages import catalogue

MOST = 2**63 - 1


def awards(*args: Any, **kwargs: Any) -> list[int]:
    return allocate(*args, **kwargs).awards_fen.tolist()


def jiangmen() -> pd.Series:
    """80 claims that total 2,338,400.00 yuan."""
    claims = [1_000_000 + 48_151 * (i % 17) + i for i in range(79)]
    ids = [f"H{i:04d}" for i in range(80)]
    return pd.Series([*claims, 233_840_000 - sum(claims)], index=pd.Index(ids, name="household_id"))


# Worked examples


def test_jiangmen_gives_out_the_whole_fund_at_one_rate() -> None:
    claims = jiangmen()
    plan = allocate(claims, 30_000_000)
    assert plan.awards_fen.sum() == 30_000_000
    assert all(plan.quotas == [Fraction(375, 2923) * int(claim) for claim in claims])
    assert all(abs(award - quota) < 1 for award, quota in zip(plan.awards_fen, plan.quotas, strict=True))
    assert plan.awards_fen.tolist() == oracles.allocate(claims.tolist(), 30_000_000)[1]
    assert plan.awards_fen.index.equals(claims.index)
    assert plan.awards_fen.index.name == "household_id"
    assert plan.awards_fen.dtype == "int64"
    assert plan.awards_fen.name == "award_fen"


def test_balinski_and_young_textbook_seats() -> None:
    """Quotas 10.3, 7.7 and 3.0 of 21: the spare unit goes to .7."""
    assert awards([103, 77, 30], 21) == [10, 8, 3]


def test_one_fen_goes_to_the_largest_claim() -> None:
    assert awards([3, 5, 4], 1) == [0, 1, 0]
    assert awards({"b": 5, "a": 5}, 1) == [0, 1]
    assert awards([5, 5], 1) == [1, 0]


def test_a_fund_of_nothing_gives_nothing() -> None:
    plan = allocate([1, 2], 0)
    assert plan.awards_fen.tolist() == [0, 0]
    assert plan.quotas.tolist() == [0, 0]
    assert plan.reconciliation["cut"] is None


def test_the_whole_claim_can_be_met() -> None:
    assert awards([1, 0, 7], 8) == [1, 0, 7]


def test_bounds_hold_while_the_rest_stays_proportional() -> None:
    plan = allocate([100, 200, 300, 400], 500, floors_fen=[80, 0, 0, 0], caps_fen={3: 150})
    assert plan.quotas.tolist() == [80, 108, 162, 150]


def test_a_floor_and_a_cap_that_balance_are_both_kept() -> None:
    plan = allocate([100, 100, 200], 200, floors_fen=[60, 0, 0], caps_fen=[100, 40, 100])
    assert plan.quotas.tolist() == [60, 40, 100]


def test_bounds_become_whole_units_inwards() -> None:
    plan = allocate([1000, 1000], 1000, unit_fen=100, floors_fen=[601, 0], caps_fen=[1000, 399])
    assert plan.awards_fen.tolist() == [700, 300]
    assert plan.table["floor_fen"].tolist() == [700, 0]
    assert plan.table["cap_fen"].tolist() == [1000, 300]


def test_a_unit_keeps_awards_within_their_claims() -> None:
    assert awards([150, 250], 300, unit_fen=100) == [100, 200]
    with pytest.raises(errors.SurplusError, match=r"the awards can take, 3\.00 yuan"):
        allocate([150, 250], 400, unit_fen=100)


def test_awards_may_pass_claims_only_if_asked() -> None:
    assert awards([100, 300], 800, allow_above_claim=True) == [200, 600]
    assert awards([100, 300], 800, allow_above_claim=True, caps_fen=[300, 500]) == [300, 500]
    assert awards([100, 300], 800, allow_above_claim=True, caps_fen={0: 150}) == [150, 650]
    assert awards([100, 300], 300, caps_fen=[999, 200]) == [100, 200]


def test_zero_claims_stay_at_their_floor() -> None:
    assert awards([0, 100], 50) == [0, 50]
    assert awards([0, 100], 50, floors_fen=[10, 0], allow_above_claim=True) == [10, 40]
    with pytest.raises(errors.SurplusError):
        allocate([0, 100], 50, caps_fen=[100, 20], allow_above_claim=True)


def test_amounts_that_pass_64_bits_are_exact() -> None:
    claims = [MOST, MOST, MOST - 1]
    assert awards(claims, sum(claims)) == claims
    quotas, expected = oracles.allocate(claims, 10**19 + 7)
    plan = allocate(claims, 10**19 + 7)
    assert plan.awards_fen.tolist() == expected
    assert plan.quotas.tolist() == quotas
    assert plan.awards_fen.dtype == "int64"
    assert plan.reconciliation["difference_fen"] == 0
    assert awards([MOST, 1], MOST) == oracles.allocate([MOST, 1], MOST)[1]
    assert awards([1, 2], 3, caps_fen=10**30, floors_fen=0) == [1, 2]


def test_ties_between_categorical_labels_go_by_the_label_not_by_the_category() -> None:
    labels = pd.CategoricalIndex(["c", "a", "b"], categories=["c", "a", "b"])
    assert allocate(pd.Series([1, 1, 1], index=labels), 1).awards_fen.tolist() == [0, 1, 0]


def test_an_award_that_no_int64_holds_is_refused() -> None:
    with pytest.raises(errors.FundError, match="64 bits"):
        allocate([1], 2**63, allow_above_claim=True)
    assert awards([1, 1], 2**64 - 2, allow_above_claim=True) == [MOST, MOST]


@pytest.mark.parametrize("fund", [10**9, 10**11])
def test_a_million_claims_are_divided_to_the_fen(fund: int) -> None:
    claims = pd.Series(np.random.default_rng(5).integers(0, 10**7, 10**6))
    assert allocate(claims, fund).awards_fen.sum() == fund


def test_a_unit_that_no_int64_holds_is_exact_too() -> None:
    assert awards([5, 6], 0, unit_fen=10**30) == [0, 0]
    assert awards([5, 6], 0, unit_fen=10**30, caps_fen=[1, 10**40]) == [0, 0]
    with pytest.raises(errors.SurplusError):
        allocate([MOST] * 11, 10**20, unit_fen=10**20)


# Ties


def test_ties_go_to_the_larger_claim_then_the_label() -> None:
    plan = allocate({"d": 1, "c": 3, "b": 3, "a": 1}, 4)
    assert plan.awards_fen.to_dict() == {"d": 0, "c": 2, "b": 2, "a": 0}
    plan = allocate({"d": 1, "c": 1, "b": 1, "a": 1}, 2)
    assert plan.awards_fen.to_dict() == {"d": 0, "c": 0, "b": 1, "a": 1}


def test_number_labels_are_ordered_as_numbers() -> None:
    assert awards(pd.Series([1, 1], index=[10, 9]), 1) == [0, 1]
    assert awards(pd.Series([1, 1], index=["10", "9"]), 1) == [1, 0]


def test_labels_that_do_not_compare_still_have_one_order() -> None:
    labels: list[Any] = [("a", 1), "b", 2, Decimal(3)]
    claims = pd.Series([1, 1, 1, 1], index=pd.Index(labels, tupleize_cols=False))
    plan = allocate(claims, 2)
    assert allocate(claims[::-1], 2).awards_fen.to_dict() == plan.awards_fen.to_dict()


def test_labels_of_several_levels() -> None:
    index = pd.MultiIndex.from_tuples([("y", 1), ("x", 2), ("x", 1)])
    plan = allocate(pd.Series([1, 1, 1], index=index), 1)
    assert plan.awards_fen.tolist() == [0, 0, 1]
    assert "3.00" not in plan.explain(("x", 1))


@pytest.mark.parametrize(
    "ties",
    [
        {"a": 2, "b": 1, "c": 2},
        pd.Series([2, 1, 2], index=["c", "b", "a"]),
        [2, 1, 2],
        np.array(["n", "m", "n"]),
    ],
)
def test_ties_override_the_label_and_fall_back_to_it(ties: Any) -> None:
    plan = allocate({"a": 1, "b": 1, "c": 1}, 1, ties=ties)
    assert plan.awards_fen.tolist() == [0, 1, 0]
    assert plan.reconciliation["ties_at_cut"] == {"count": 3, "served": 1, "broken_by": "ties"}
    plan = allocate({"a": 1, "b": 1, "c": 1}, 2, ties=ties)
    assert plan.awards_fen.tolist() == [1, 1, 0]
    assert plan.reconciliation["ties_at_cut"]["broken_by"] == "label"


def test_ties_never_beat_a_larger_claim() -> None:
    assert awards([3, 1], 2, ties=[2, 1]) == [2, 0]


# Inputs


@pytest.mark.parametrize(
    "claims",
    [
        [100, 300],
        (100, 300),
        np.array([100, 300]),
        np.array([100, 300], dtype=np.uint16),
        np.array([100, 300], dtype=object),
        pd.Series([100, 300]),
        pd.Series([100, 300], dtype="Int64"),
        pd.Series([100, 300], dtype=object),
        [np.int32(100), np.uint64(300)],
        {0: 100, 1: 300},
    ],
)
def test_claims_come_in_many_kinds(claims: Any) -> None:
    plan = allocate(claims, np.int64(200), unit_fen=np.int64(1))
    assert plan.awards_fen.tolist() == [50, 150]
    assert plan.awards_fen.index.tolist() == [0, 1]
    assert plan.awards_fen.dtype == "int64"


def test_bounds_come_in_many_kinds() -> None:
    claims = pd.Series([100, 100], index=["a", "b"])
    for caps in (pd.Series([30], index=["b"]), {"b": 30}, [100, 30], np.array([100, 30])):
        assert awards(claims, 100, caps_fen=caps) == [70, 30]
    assert awards(claims, 100, floors_fen=50) == [50, 50]


def test_the_method_may_stand_in_the_third_place() -> None:
    assert awards([1, 1], 2, "proportional", "largest_remainder") == [1, 1]
    assert set(METHODS) >= {"proportional"}
    assert set(ROUNDINGS) >= {"largest_remainder"}


@pytest.mark.parametrize("kind", [np.array, pd.Series])
def test_a_later_change_of_the_input_does_not_reach_the_plan(kind: Any) -> None:
    claims = kind([100, 300])
    plan = allocate(claims, 200)
    claims[:] = 0
    assert plan.claims_fen.tolist() == [100, 300]


# Errors

ERRORS: list[tuple[type[errors.ReliefError], str, dict[str, Any]]] = [
    (errors.ClaimsError, "There are no claims", {"claims_fen": []}),
    (errors.ClaimsError, "is one int, not a column", {"claims_fen": 5}),
    (errors.ClaimsError, "is one ndarray", {"claims_fen": np.ones((2, 2), dtype=int)}),
    (errors.ClaimsError, "is one DataFrame", {"claims_fen": pd.DataFrame({"a": [1]})}),
    (errors.ClaimsError, "is one str", {"claims_fen": "12"}),
    (errors.ClaimsError, r"claim of b is -0\.05 yuan", {"claims_fen": {"a": 1, "b": -5}}),
    (errors.ClaimsError, "claim of b is missing", {"claims_fen": {"a": 1, "b": None}}),
    (errors.ClaimsError, "claim of 1 is missing", {"claims_fen": [1, float("nan")]}),
    (errors.ClaimsError, "claim of 1 is missing", {"claims_fen": pd.Series([1, None], dtype="Int64")}),
    (errors.ClaimsError, r"claim of 0 is 1\.0, not an integer", {"claims_fen": np.array([1.0, 2.0])}),
    (errors.ClaimsError, r"claim of 1 is 2\.5, not an integer", {"claims_fen": [1, 2.5]}),
    (errors.ClaimsError, "claim of 1 is True, not an integer", {"claims_fen": [1, True]}),
    (errors.ClaimsError, "claim of 0 is True, not an integer", {"claims_fen": pd.Series([True, False])}),
    (errors.ClaimsError, "claim of 0 is '12', not an integer", {"claims_fen": ["12"]}),
    (errors.ClaimsError, "claim of 0 is Decimal", {"claims_fen": [Decimal(1)]}),
    (errors.ClaimsError, r"claim of 1 is 92233720368547758\.08 yuan, more", {"claims_fen": [1, 2**63]}),
    (errors.ClaimsError, "Two claims are labelled a", {"claims_fen": pd.Series([1, 2], index=["a", "a"])}),
    (
        errors.ClaimsError,
        "Row 2 of the claims has no label",
        {"claims_fen": pd.Series([1, 2], index=["a", None])},
    ),
    (errors.ClaimsError, "ties has 1 values for 2 claims", {"ties": [1]}),
    (errors.ClaimsError, "ties has no key for b", {"claims_fen": {"a": 60, "b": 50}, "ties": {"a": 1}}),
    (errors.ClaimsError, "ties has no key for 1", {"ties": [1, None]}),
    (errors.ClaimsError, "ties is one int", {"ties": 3}),
    (errors.ZeroClaimsError, "All 2 claims are zero", {"claims_fen": [0, 0]}),
    (errors.ZeroClaimsError, "All 2 claims are zero", {"claims_fen": [0, 0], "fund_fen": 0}),
    (errors.FundError, r"fund is -0\.01 yuan", {"fund_fen": -1}),
    (errors.FundError, r"fund is 1\.0, not", {"fund_fen": 1.0}),
    (errors.FundError, "fund is True, not", {"fund_fen": True}),
    (errors.FundError, "fund is None, not", {"fund_fen": None}),
    (errors.FundError, "fund is '100', not", {"fund_fen": "100"}),
    (errors.UnitError, r"unit 0\.03 yuan; 0\.01 yuan would be left", {"unit_fen": 3}),
    (errors.UnitError, "unit is 0", {"unit_fen": 0}),
    (errors.UnitError, r"unit is 1\.0", {"unit_fen": 1.0}),
    (errors.UnitError, "unit is True", {"unit_fen": True}),
    (errors.BoundsError, r"floors_fen of 1 is -0\.01 yuan", {"floors_fen": [0, -1]}),
    (errors.BoundsError, r"caps_fen of 0 is -0\.01 yuan", {"caps_fen": -1}),
    (errors.BoundsError, r"floors_fen is 1\.5", {"floors_fen": 1.5}),
    (errors.BoundsError, "caps_fen is True", {"caps_fen": True}),
    (errors.BoundsError, r"caps_fen of 1 is 2\.5, not", {"caps_fen": [1, 2.5]}),
    (errors.BoundsError, "caps_fen of 1 is None, not", {"caps_fen": [1, None]}),
    (errors.BoundsError, "caps_fen has 3 values for 2 claims", {"caps_fen": [1, 2, 3]}),
    (errors.BoundsError, "caps_fen has a value for zz", {"caps_fen": {"zz": 1}}),
    (errors.BoundsError, "floors_fen has two values for 1", {"floors_fen": pd.Series([1, 2], index=[1, 1])}),
    (errors.BoundsError, r"0: the floor 0\.70 yuan is above the cap 0\.60", {"floors_fen": [70, 0]}),
    (
        errors.BoundsError,
        r"1: the floor 0\.30 yuan is above the cap 0\.20",
        {"floors_fen": 30, "caps_fen": [60, 20]},
    ),
    (
        errors.BoundsError,
        r"0: the floor 0\.20 yuan is above the cap 0\.10",
        {"fund_fen": 30, "unit_fen": 10, "floors_fen": [15, 0], "caps_fen": [19, 50]},
    ),
    (errors.ShortageError, r"floors need 1\.01 yuan.* 0\.01 yuan short", {"floors_fen": [60, 41]}),
    (errors.ShortageError, "floors need", {"fund_fen": 0, "floors_fen": [1, 0]}),
    (errors.SurplusError, r"fund of 1\.11 yuan is 0\.01 yuan more than all claims", {"fund_fen": 111}),
    (errors.SurplusError, r"is 0\.20 yuan more than the awards can take, 0\.80", {"caps_fen": 40}),
    (
        errors.SurplusError,
        "more than the awards",
        {"fund_fen": 100, "caps_fen": 40, "allow_above_claim": True},
    ),
    (errors.MethodError, "'proportional'", {"method": "proportionl"}),
    (errors.MethodError, "Methods: proportional", {"method": None}),
    (errors.MethodError, "nearest name is 'largest_remainder'", {"rounding": "largest-remainder"}),
]


@pytest.mark.parametrize(
    ("kind", "says", "call"), ERRORS, ids=lambda part: part if isinstance(part, str) else ""
)
def test_each_bad_input_has_its_own_error(
    kind: type[errors.ReliefError], says: str, call: dict[str, Any]
) -> None:
    with pytest.raises(errors.ReliefError, match=says) as caught:
        allocate(**{"claims_fen": [60, 50], "fund_fen": 100} | call)
    assert type(caught.value) is kind
    assert re.search(r"[\u4e00-\u9fff]", caught.value.text("zh"))
    copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301
    assert copy.text("zh") == caught.value.text("zh")


def test_an_id_number_never_stands_in_a_message() -> None:
    """A label may be an ID number, as text or as a number."""
    for label in ("440703199001011234", 440703199001011234):
        with pytest.raises(errors.ClaimsError) as caught:
            allocate(pd.Series([-1], index=[label]), 1)
        assert "199001011234" not in str(caught.value) + caught.value.text("zh")
        assert "440" in str(caught.value)


def test_both_languages_take_the_same_facts() -> None:
    for code, said in catalogue().items():
        if code.startswith(("allocation.", "districts.")):
            assert set(re.findall(r"{(\w+)", said["zh"])) == set(re.findall(r"{(\w+)", said["en"])), code


# What the outcome tells


def plan_with_everything() -> Allocation:
    return allocate(
        {"a": 100, "b": 100, "c": 333, "d": 400, "e": 0}, 501, caps_fen={"d": 150}, floors_fen={"a": 90}
    )


def test_the_table_shows_each_step() -> None:
    table = plan_with_everything().table
    assert table.columns.tolist() == [
        "claim_fen", "floor_fen", "cap_fen", "quota_fen", "remainder", "got_leftover", "award_fen",
    ]  # fmt: skip
    assert table["cap_fen"].tolist() == [100, 100, 333, 150, 0]
    assert table["floor_fen"].tolist() == [90, 0, 0, 0, 0]
    assert table["quota_fen"].tolist() == [90, Fraction(26100, 433), Fraction(86913, 433), 150, 0]
    assert table["remainder"].tolist() == [0, Fraction(120, 433), Fraction(313, 433), 0, 0]
    assert table["got_leftover"].tolist() == [False, False, True, False, False]
    assert table["award_fen"].tolist() == [90, 60, 201, 150, 0]


def test_no_cap_is_shown_as_missing() -> None:
    table = allocate([100, 300], 800, allow_above_claim=True, caps_fen={0: 150}).table
    assert table["cap_fen"][0] == 150
    assert table["cap_fen"][1] is pd.NA
    assert str(table["cap_fen"].dtype) == "Int64"
    huge = allocate([100, 300], 2**63, allow_above_claim=True, caps_fen={0: 10**30}).table
    assert huge["cap_fen"][0] == 10**30
    assert pd.isna(huge["cap_fen"][1])


def test_quotas_are_fractions_that_sum_to_the_fund() -> None:
    plan = plan_with_everything()
    assert {type(quota) for quota in plan.quotas} == {Fraction}
    assert sum(plan.quotas) == 501
    assert plan.quotas.index.tolist() == list("abcde")
    assert sum(allocate([170, 330], 300, unit_fen=100).quotas) == 300


def test_reconciliation_shows_the_cut() -> None:
    told = plan_with_everything().reconciliation
    assert told == {
        "fund_fen": 501,
        "sum_fen": 501,
        "returned_fen": 0,
        "difference_fen": 0,
        "unit_fen": 1,
        "units_by_remainder": 1,
        "cut": {"remainder": Fraction(313, 433), "claim_fen": 333, "label": "c"},
        "ties_at_cut": {"count": 1, "served": 1, "broken_by": None},
    }


def test_reconciliation_says_how_a_tie_was_broken() -> None:
    assert allocate([1, 1], 1).reconciliation["ties_at_cut"]["broken_by"] == "position"
    assert allocate({"a": 1, "b": 1}, 1).reconciliation["ties_at_cut"]["broken_by"] == "label"
    assert allocate({"a": 1, "b": 3}, 2).reconciliation["ties_at_cut"] == {
        "count": 2, "served": 1, "broken_by": "claim",
    }  # fmt: skip


def test_awards_by_district() -> None:
    table = plan_with_everything().by({"a": "新会区", "b": "新会区", "c": "开平市"}, ["江海区", "新会区"])
    assert table["award_fen"].to_dict() == {"江海区": 0, "新会区": 150, "开平市": 201, "未注明": 150}
    assert table["claim_fen"].sum() == 933
    assert table.loc["新会区", "share"] == Fraction(150, 501)


def test_the_explanation_names_every_step() -> None:
    plan = plan_with_everything()
    assert (
        plan.explain("a").splitlines()[1] == "取整前的精确金额：90 分（按比例），按下限计；若无下限则更少。"
    )
    assert "held at its cap" in plan.explain("d", "en")
    assert plan.explain("c", "en").splitlines() == [
        "c: claim 3.33 yuan, 35.6913 % of all claims of 9.33 yuan; fund 5.01 yuan.",
        "Exact award: 86913/433 fen (proportional).",
        "The same rate for all, 261/433 fen for each fen claimed, but nobody outside the own floor and cap.",
        "Rounded to units of 0.01 yuan: 120/433 fen gained. By remainder (313/433 of a unit) it is number 1; "
        "units left over: 1, so it got one.",
        "Award: 2.01 yuan.",
    ]
    assert "120/433 fen lost. By remainder (120/433 of a unit) it is number 2" in plan.explain("b", "en")
    assert "held" not in plan.explain("e", "en")


def test_only_bounds_that_bind_in_the_end_are_named() -> None:
    """At the first rate c passes its cap of 95; once a is fixed at 90, it no longer does."""
    plan = allocate({"a": 100, "b": 100, "c": 200}, 200, floors_fen={"a": 90}, caps_fen={"c": 95})
    assert plan.quotas.tolist() == [90, Fraction(110, 3), Fraction(220, 3)]
    assert "held at its floor" in plan.explain("a", "en")
    assert "held" not in plan.explain("b", "en") + plan.explain("c", "en")
    plan = allocate({"a": 0, "b": 9}, 8, floors_fen={"a": 1}, allow_above_claim=True)
    assert "held at its floor" in plan.explain("a", "en")


def test_the_rank_follows_the_tie_order() -> None:
    plan = allocate({"c": 1, "b": 1, "a": 3}, 2, ties={"c": 1, "b": 2, "a": 3})
    ranks = {label: re.search(r"number (\d)", plan.explain(label, "en"))[1] for label in "bc"}
    assert ranks == {"c": "2", "b": "3"} or ranks == {"c": "1", "b": "2"}


@pytest.mark.parametrize("label", ["zz", 0, None, ["a"], slice(None), float("nan")])
def test_an_unknown_household_is_named(label: Any) -> None:
    with pytest.raises(errors.UnknownHouseholdError, match="No claim is labelled") as caught:
        plan_with_everything().explain(label)
    assert (caught.value.code, caught.value.facts) == ("allocation.unknown_household", {"label": str(label)})


def test_part_of_a_label_is_no_household() -> None:
    claims = pd.Series([1, 2], index=pd.MultiIndex.from_tuples([("x", 1), ("x", 2)]))
    with pytest.raises(errors.UnknownHouseholdError):
        allocate(claims, 1).explain("x")


def test_a_plan_can_be_sent_to_another_process() -> None:
    plan = plan_with_everything()
    copy = pickle.loads(pickle.dumps(plan))  # noqa: S301
    assert copy.awards_fen.equals(plan.awards_fen)
    assert (
        repr(copy)
        == "Allocation(501 fen among 5 claims, method='proportional', rounding='largest_remainder')"
    )


def test_an_exact_amount_of_many_digits_is_told_whole_and_a_name_of_many_digits_hidden() -> None:
    claims = pd.Series({"440703000002310015": 15_355_564, "b": 233_840_000 - 15_355_564})
    exact = Fraction(30_000_000 * 15_355_564, 233_840_000)
    lines = allocate(claims, 30_000_000).explain("440703000002310015", "en").splitlines()
    assert lines[0].startswith("440*************15: claim")
    assert lines[1] == f"Exact award: {exact} fen (proportional)."


def test_what_is_told_of_one_award_is_in_yuan_whatever_the_unit() -> None:
    plan = allocate({"a": 300, "b": 600, "c": 600}, 900, unit_fen=100)
    assert "Exact award: 360 fen" in plan.explain("b", lang="en")
    assert "Rounded to units of 1.00 yuan: 40 fen gained" in plan.explain("b", lang="en")
    exact = allocate({"a": 100, "b": 300}, 200, unit_fen=50).explain("a", lang="en")
    assert "It is whole units of 0.50 yuan, so nothing was rounded." in exact


def test_a_source_of_nothing_is_a_source() -> None:
    plan = allocate([10, 20], 15, sources_fen={"first": 0, "second": 15})
    assert plan.awards_fen.tolist() == [5, 10]
    with pytest.raises(errors.FundError):
        allocate([10, 20], 15, sources_fen={"first": -1, "second": 16})


def test_nothing_to_tie_is_told_with_every_name() -> None:
    told = allocate([1, 1], 1, groups=["x", "y"], group_funds_fen={"x": 1, "y": 0}).reconciliation
    assert told["cut"] is None
    assert told["ties_at_cut"] == {"count": 0, "served": 0, "broken_by": None}


@pytest.mark.parametrize(
    ("rounding", "by"),
    [("largest_remainder", "remainder"), ("webster", "quotient"), ("huntington_hill", "quotient_squared")],
)
def test_the_cut_says_what_it_is_measured_in(rounding: str, by: str) -> None:
    assert by in allocate([5, 3, 1], 7, rounding=rounding).reconciliation["cut"]


def test_a_group_keeps_the_weights_of_its_own() -> None:
    plan = allocate(
        [10, 10, 10, 10], 16, method="weighted", weights=[1, 3, 3, 1], groups=list("aabb"),
        group_funds_fen={"a": 8, "b": 8},
    )  # fmt: skip
    assert plan.awards_fen.tolist() == [2, 6, 6, 2]


def test_the_fault_named_is_the_one_that_is_wrong() -> None:
    with pytest.raises(errors.ClaimsError, match="b") as caught:
        allocate({"a": 0, "b": -1, "c": 5}, 3)
    assert caught.value.facts["label"] == "b"
    with pytest.raises(errors.ClaimsError):
        allocate(pd.Series([1, 2], index=pd.MultiIndex.from_tuples([("x", 1), ("y", None)])), 2)
    with pytest.raises(errors.ReliefError):
        allocate([1, 2**65], 2**65)
    with pytest.raises(errors.UnknownHouseholdError) as unknown:
        allocate({"a": 1}, 1).explain("z")
    assert unknown.value.code == "allocation.unknown_household"


def test_a_divisor_is_explained_where_there_is_something_to_round() -> None:
    plan = allocate({"a": 250, "b": 500, "c": 500, "d": 0}, 800, unit_fen=100, rounding="webster")
    assert "by Webster's method" in plan.explain("b", lang="en")
    assert "Webster" not in plan.explain("d", lang="en")
    assert "nothing was rounded" in plan.explain("d", lang="en")
