"""Tests of relief.verdicts: what rules, bars, categories and benefits come to for a household."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest
from tests.packs import small_pack

from relief import verdicts as module
from relief.errors import PackError, ParameterError
from relief.intake.tables import read_tables
from relief.judging.eligibility import assess
from relief.rulepack.facts import Facts
from relief.verdicts import judged

ON = dt.date(2021, 9, 30)
YES, NO, BLANK = "是", "否", None


def decided(households: dict[str, list[Any]], **parts: Any) -> pd.DataFrame:
    """Return the decisions on households H0, H1 and so on."""
    rulings = parts.pop("rulings", None)
    size = len(next(iter(households.values())))
    frame = pd.DataFrame({"户编号": [f"H{at}" for at in range(size)], **households}, dtype=object)
    tables = {"households": frame}
    if rulings:
        columns = ["household_id", "rule_id", "value", "ruled_on"]
        told = pd.DataFrame(rulings, columns=columns)
        tables["rulings"] = told.assign(ruled_by="某人", why="测试")
    return assess(tables, small_pack(**parts), on=ON).decisions


MEMBER = {"是否工会会员": [YES, NO, BLANK]}
CLAIM = {"claim": "yuan(1)"}


def test_a_rule_refuses_passes_or_waits() -> None:
    table = decided(MEMBER, rules={"member": "union_member"}, **CLAIM)
    assert table["outcome"].tolist() == ["eligible", "ineligible", "pending"]
    assert table["failed_rules"].tolist() == ["", "member", ""]
    assert table["unknown_rules"].tolist() == ["", "", "member"]
    assert table["claim_fen"].tolist() == [100] * 3


def test_a_check_refuses_nobody() -> None:
    table = decided(MEMBER, rules={"look": {"requires": "union_member", "effect": "warn"}}, **CLAIM)
    assert table["outcome"].tolist() == ["eligible"] * 3
    assert table["failed_rules"].tolist() == table["unknown_rules"].tolist() == [""] * 3


def test_what_is_not_proven_fails_where_the_pack_says_so() -> None:
    rules = {"member": {"requires": "union_member", "missing": "fail"}}
    table = decided(MEMBER, rules=rules, **CLAIM)
    assert table["outcome"].tolist() == ["eligible", "ineligible", "ineligible"]
    assert table["failed_rules"].tolist() == ["", "member", "member"]


def test_a_rule_that_asks_waits_for_a_ruling() -> None:
    rules = {"member": {"requires": "union_member", "missing": "ask"}}
    rulings = [("H1", "member", True, "2021-09-30"), ("H3", "member", False, "2021-09-30")]
    flags = {"是否工会会员": [YES, NO, BLANK, BLANK]}
    table = decided(flags, rules=rules, rulings=rulings, **CLAIM)
    assert table["outcome"].tolist() == ["eligible", "eligible", "pending", "ineligible"]


@pytest.mark.parametrize(
    ("liftable", "outcome"),
    [(True, ["ineligible", "eligible", "eligible"]), (False, ["eligible", "ineligible", "pending"])],
)
def test_a_ruling_lifts_only_what_may_be_lifted(liftable: bool, outcome: list[str]) -> None:
    rules = {"member": {"requires": "union_member", "liftable": liftable}}
    rulings = [
        ("H0", "member", False, "2021-09-01"),
        ("H1", "member", False, "2021-09-01"),
        ("H1", "member", True, "2021-09-30"),
        ("H2", "member", True, "2021-09-30"),
        ("H2", "member", False, "2021-10-01"),
    ]
    assert decided(MEMBER, rules=rules, rulings=rulings, **CLAIM)["outcome"].tolist() == outcome


def test_a_ruling_goes_before_a_failure_for_want_of_proof() -> None:
    rules = {"member": {"requires": "union_member", "missing": "fail"}}
    rulings = [("H2", "member", True, "2021-09-01")]
    table = decided(MEMBER, rules=rules, rulings=rulings, **CLAIM)
    assert table["outcome"].tolist() == ["eligible", "ineligible", "eligible"]


CATEGORIES = {"deep": "homes_count <= 0", "relative": "homes_count <= 1"}
HOMES = {"房产套数": [0, 1, 2, None]}


def test_the_first_category_that_holds() -> None:
    table = decided(HOMES, categories=CATEGORIES, **CLAIM)
    assert table["outcome"].tolist() == ["eligible", "eligible", "ineligible", "pending"]
    assert table["category"].tolist() == ["项deep", "项relative", "", ""]
    assert table["failed_rules"].tolist() == ["", "", "deep;relative", ""]
    assert table["unknown_rules"].tolist() == ["", "", "", "deep;relative"]


def test_a_category_after_a_certain_one_is_not_asked() -> None:
    categories = {"first": "union_member", "second": "homes_count <= 0"}
    table = decided({**MEMBER, "房产套数": [None] * 3}, categories=categories, **CLAIM)
    assert table["outcome"].tolist() == ["eligible", "pending", "pending"]
    assert table["unknown_rules"].tolist() == ["", "second", "first;second"]


def test_a_bar_takes_one_category_and_leaves_the_other() -> None:
    rules = {"no-car": {"requires": "vehicles_count <= 0", "bars": ["deep"]}}
    cars = {"房产套数": [0, 0, 0, 2, 1], "车辆数": [0, 1, None, 0, None]}
    table = decided(cars, rules=rules, categories=CATEGORIES, **CLAIM)
    assert table["category"].tolist() == ["项deep", "项relative", "", "", "项relative"]
    assert table["outcome"].tolist() == ["eligible", "eligible", "pending", "ineligible", "eligible"]
    # It refuses only where nothing else fits, and is open only where that could matter.
    assert table["failed_rules"].tolist() == ["", "", "", "deep;relative", ""]
    assert table["unknown_rules"].tolist()[:4] == ["", "", "no-car;deep", ""]


def test_bars_of_all_categories_refuse() -> None:
    rules = {"no-car": {"requires": "vehicles_count <= 0", "bars": ["deep", "relative"]}}
    cars = {"房产套数": [0, 0], "车辆数": [1, 0]}
    table = decided(cars, rules=rules, categories=CATEGORIES, **CLAIM)
    assert table["outcome"].tolist() == ["ineligible", "eligible"]
    assert table["failed_rules"].tolist() == ["no-car;deep;relative", ""]


def test_a_bar_can_be_lifted() -> None:
    rules = {"no-car": {"requires": "vehicles_count <= 0", "bars": ["deep"]}}
    rulings = [("H0", "no-car", True, "2021-09-01")]
    table = decided(
        {"房产套数": [0], "车辆数": [1]}, rules=rules, categories=CATEGORIES, rulings=rulings, **CLAIM
    )
    assert table["category"].tolist() == ["项deep"]


def test_an_unknown_claim_waits() -> None:
    table = decided({"个人自付": ["12.34", None]}, claim="out_of_pocket_fen")
    assert table["outcome"].tolist() == ["eligible", "pending"]
    assert table["unknown_rules"].tolist() == ["", "claim"]
    assert table["claim_fen"].tolist()[0] == 1234


def test_a_claim_is_rounded_down_to_the_fen() -> None:
    table = decided({"个人自付": ["0.05", "0.02"]}, claim="out_of_pocket_fen * 0.5 - out_of_pocket_fen")
    assert table["claim_fen"].tolist() == [-3, -1]


# --- benefits -------------------------------------------------------------------------------------


def test_benefits_come_after_the_outcome() -> None:
    benefits = {
        "subsidy": {"when": "eligible", "amount": "claim / 2"},
        "appeal": "not eligible",
        "deep_only": {"when": 'category == "deep"', "amount": "yuan(7)"},
        "nobody": 'category == ""',
    }
    table = decided(HOMES, categories=CATEGORIES, benefits=benefits, claim="yuan(3)")
    assert table["benefit"].tolist() == ["项subsidy、项deep_only", "项subsidy", "项appeal、项nobody", ""]
    assert table["subsidy_fen"].fillna(-1).tolist() == [150, 150, -1, -1]
    assert table["deep_only_fen"].fillna(-1).tolist() == [700, -1, -1, -1]


def test_a_category_is_known_among_those_that_are_possible() -> None:
    benefits = {"either": 'category in ["deep", "relative"]', "only": 'category == "deep"'}
    table = decided(
        {**MEMBER, "房产套数": [None] * 3},
        rules={}, categories={"deep": "homes_count <= 0", "relative": "union_member or homes_count <= 1"},
        benefits=benefits, **CLAIM,
    )  # fmt: skip
    # H0 is in one of both, whichever; of the others nothing is known.
    assert table["benefit"].tolist() == ["项either", "", ""]


def test_a_benefit_of_those_refused_asks_no_claim() -> None:
    benefits = {"relief": {"when": "not eligible and homes_count > 1", "amount": "yuan(5)"}}
    table = decided(
        {**HOMES, "个人自付": [None] * 4}, categories=CATEGORIES, benefits=benefits, claim="out_of_pocket_fen"
    )
    assert table["relief_fen"].fillna(-1).tolist() == [-1, -1, 500, -1]


def test_a_pack_without_a_claim_judges_by_its_rules() -> None:
    table = decided(MEMBER, rules={"member": "union_member"})
    assert table["outcome"].tolist() == ["eligible", "ineligible", "pending"]
    assert table["unknown_rules"].tolist() == ["", "", "member"]


def test_a_bar_names_a_category_of_the_pack() -> None:
    with pytest.raises(PackError, match="deap"):
        small_pack(rules={"r": {"requires": "union_member", "bars": ["deap"]}}, categories=CATEGORIES)


# --- blocks ---------------------------------------------------------------------------------------

LATE = {"limit": {"unit": "yuan", "values": [{"from": "2021-01-01", "exactly": 5}]}}


def test_a_day_that_is_missing_is_no_day_without_a_value() -> None:
    """What stands in for a missing day must not be looked up: it may have no value."""
    rules = {"r": "out_of_pocket_fen >= at(limit, visited_on - years(1))"}
    cells = {"个人自付": ["7", "7"], "入户调查日期": ["2022-03-01", None]}
    table = decided(cells, rules=rules, parameters=LATE, claim="out_of_pocket_fen")
    assert table["outcome"].tolist() == ["eligible", "pending"]


def test_a_day_of_a_household_without_a_value_leaves_that_household_open() -> None:
    """Its own day stops nobody; a day that all have in common is one for which the pack must have a value."""
    rules = {"r": "out_of_pocket_fen >= at(limit, visited_on - years(1))"}
    cells = {"个人自付": ["7", "7", "4"], "入户调查日期": ["2022-03-01", "2021-03-01", "2022-03-01"]}
    table = decided(cells, rules=rules, parameters=LATE, **CLAIM)
    assert table["outcome"].tolist() == ["eligible", "pending", "ineligible"]
    common = {"r": "out_of_pocket_fen >= at(limit, on - years(20))"}
    with pytest.raises(ParameterError, match="no value for 200"):
        decided(cells, rules=common, parameters=LATE, **CLAIM)


@pytest.mark.parametrize(
    ("rule", "outcomes"),
    [
        ("every(members, at(limit, born_on) > 0, where=counts_in_household)", ["eligible", "pending"]),
        (
            "not held(members, where=counts_in_household and at(limit, born_on) > 0)",
            ["ineligible", "pending"],
        ),
        ('sum(members, months(12) * by_work, where=employment == "在岗") >= 0', ["eligible", "eligible"]),
    ],
)
def test_a_row_that_does_not_count_is_asked_for_no_value(rule: str, outcomes: list[str]) -> None:
    """Of either household one member was born before the first value, or has a word without one."""
    values = [{"where": {"employment": ["在岗"]}, "from": "2000-01-01", "exactly": 5}]
    by_work = {"unit": "yuan", "per": "月", "by": ["employment"], "values": values}
    pack = small_pack(rules={"r": rule}, parameters=LATE | {"by_work": by_work})
    members = {
        "户编号": ["A", "A", "B"], "成员编号": ["1", "2", "1"], "是否计入家庭": ["否", "是", "是"],
        "出生日期": ["1990-01-01", "2021-06-01", "1990-01-01"], "工作状态": ["退休", "在岗", "失业"],
    }  # fmt: skip
    tables = {"households": pd.DataFrame({"户编号": ["A", "B"]}), "members": pd.DataFrame(members)}
    assert assess(tables, pack, on="2024-01-01").decisions["outcome"].tolist() == outcomes


@pytest.mark.parametrize("word", ["城镇", "农村"])
def test_a_word_that_is_missing_is_no_word_without_a_value(word: str) -> None:
    values = [{"where": {"residence": [word]}, "from": "2021-01-01", "exactly": 5}]
    limit = {"limit": {"unit": "yuan", "by": ["residence"], "values": values}}
    cells = {"个人自付": ["7", "7"], "城乡": [word, None]}
    table = decided(
        cells, rules={"r": "out_of_pocket_fen >= limit"}, parameters=limit, claim="out_of_pocket_fen"
    )
    assert table["outcome"].tolist() == ["eligible", "pending"]


def test_only_values_that_a_decision_came_from_are_told() -> None:
    values = [
        {"where": {"residence": ["城镇"]}, "from": "2021-01-01", "exactly": 5},
        {"where": {"residence": ["农村"]}, "from": "2021-01-01", "exactly": 3},
    ]
    pack = small_pack(
        rules={"r": "out_of_pocket_fen >= limit"}, claim="out_of_pocket_fen",
        parameters={"limit": {"unit": "yuan", "by": ["residence"], "values": values}},
    )  # fmt: skip
    sheet = pd.DataFrame({"户编号": ["A", "B"], "城乡": ["农村", "农村"], "个人自付": ["7", None]})
    used = assess({"households": sheet}, pack, on=ON).parameters_used()
    assert [value["where"] for value in used] == ["农村"]


@pytest.mark.parametrize("size", [0, 1, 2, 3, 5])
def test_any_size_of_block(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BLOCK", 2)
    ids = [f"H{at}" for at in range(size)]
    homes = pd.array([at % 3 if at != 1 else None for at in range(size)], dtype="Int64")
    tables = read_tables({"households": pd.DataFrame({"household_id": ids, "homes_count": homes})})
    found = judged(Facts(tables, small_pack(rules={"r": "homes_count <= 1"}, claim="yuan(1)"), ON))
    assert found.outcome.tolist() == [0, 2, 1, 0, 0][:size]
