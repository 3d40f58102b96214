"""Tests of relief.why.missing, relief.why.wanted and relief.why.variants: what a pending household lacks."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from relief.judging.eligibility import assess
from relief.rulepack.pack import Pack, parse_pack

STATED = {"title": "某", "title_en": "some", "status": "illustrative", "note": "test"}
ROW = {"household_id": "H", "out_of_pocket_fen": 100}
FLOOR = {"standard": {"per": "人·月", "title": "低保标准", "values": [
    {"from": "2021-01-01", "at_least": 853, "status": "illustrative", "note": "test"}]}}  # fmt: skip


def pack(requires: str, *, when: str = "true", **more: Any) -> Pack:
    rule = {"id": "x", "requires": requires, **STATED} | more.pop("rule", {})
    content = {
        "name": "small", "title": "测试", "title_en": "test", "rules": [rule],
        "categories": [{"id": "deep", "when": when, **STATED}],
        "claim": {"amount": "out_of_pocket_fen", **STATED}, **more,
    }  # fmt: skip
    return parse_pack({"small": {"pack.yaml": json.dumps(content).encode()}}, "small")


def lacks(
    rules: Pack, *rows: dict[str, Any], household: dict[str, Any] | None = None, **tables: Any
) -> set[Any]:
    frames = {"households": pd.DataFrame([ROW | (household or {})], dtype=object)}
    frames |= {name: pd.DataFrame(table, dtype=object) for name, table in tables.items()}
    table = assess(frames, rules, on="2021-09-30").missing()
    return set(zip(table["fact"], table["row"], table["settles_alone"], strict=True))


@pytest.mark.parametrize(
    ("requires", "missing"),
    [
        ("union_member", {("是否工会会员", "", True)}),
        # One of two will do, so either could settle it; a refusal would take both.
        ("union_member or review_passed", {("是否工会会员", "", True), ("评议结果", "", True)}),
        ("union_member and true or not union_member", {("是否工会会员", "", True)}),
        (
            "homes_count <= 1 or homes_count > 1 and union_member",
            {("房产套数", "", True), ("是否工会会员", "", False)},
        ),
        # What stands in for a fact that is missing too is named if it can settle the case as it is.
        ("coalesce(homes_count, vehicles_count) <= 1", {("房产套数", "", True), ("机动车数", "", True)}),
        (
            "coalesce(homes_count, 0) <= 1 and union_member",
            {("是否工会会员", "", True), ("房产套数", "", True)},
        ),
        ("(false if union_member else false) or review_passed", {("评议结果", "", True)}),
    ],
)
def test_facts_of_a_household(requires: str, missing: set[Any]) -> None:
    assert lacks(pack(requires)) == missing


def test_a_fact_that_cannot_matter_is_not_named() -> None:
    """Two rules that only look as if they depended on a fact: whatever it is, they come to the same."""
    assert lacks(pack("review_passed and (union_member or not union_member)")) == {("评议结果", "", True)}


def test_a_parameter_of_which_only_a_floor_is_known() -> None:
    rules = pack("true", when="monthly(income_fen) < persons(1) * standard", parameters=FLOOR)
    assert lacks(rules, household={"income_fen": 12 * 90_000}) == {("低保标准", "", True)}
    assert lacks(rules, household={"income_fen": 12 * 85_299}) == set()


def test_a_band_of_which_only_a_floor_is_known() -> None:
    """The claim waits for what the band gives, and so does the household; below the band nothing is open."""
    told = {"status": "illustrative", "note": "test"}
    bands = [
        {"from": 0, "below": 10, "exactly": 1, **told},
        {"from": 10, "at_least": 2, "at_most": 5, **told},
    ]
    tiers = {"t": {"title": "补助档", "title_en": "aid", "bands": bands}}
    rules = pack("true", claim={"amount": "tier(t, deposits_fen)", **STATED}, tiers=tiers)
    assert lacks(rules, household={"deposits_fen": 1000}) == {("补助档", "", True)}
    assert lacks(rules, household={"deposits_fen": 999}) == set()
    assert lacks(rules) == {("金融资产余额", "", True), ("补助档", "", False)}


def test_a_ceiling_may_matter_by_a_value_between_nothing_and_itself() -> None:
    """10,000 a year are 833.33 a month: below twice 853 for anybody, below twice a fourth of it for two."""
    ceiling = [{"from": "2021-01-01", "at_most": 853, "status": "illustrative", "note": "test"}]
    parameters = {"standard": {**FLOOR["standard"], "values": ceiling}}
    rules = pack("true", when="monthly(income_fen / household_size) < 2 * standard", parameters=parameters)
    assert lacks(rules, household={"income_fen": 1_000_000}) == {
        ("低保标准", "", True),
        ("共同生活人口", "", False),
    }


def test_a_floor_of_one_residence_settles_alone_where_the_residence_is_not_known() -> None:
    """In town the standard is 800, elsewhere at least 700: were it 1000, 799.99 would lie below either."""
    values = [({"residence": ["城镇"]}, {"exactly": 800}), ({"residence": ["农村"]}, {"at_least": 700})]
    told = {"from": "2021-01-01", "status": "illustrative", "note": "test"}
    values = [{"where": where, **bound, **told} for where, bound in values]
    by_residence = {"standard": {"per": "人·月", "by": ["residence"], "title": "低保标准", "values": values}}
    rules = pack("true", when="monthly(income_fen) < persons(1) * standard", parameters=by_residence)
    household = {"income_fen": 12 * 79_999}
    assert lacks(rules, household=household) == {("城乡", "", True), ("低保标准", "", True)}


def test_an_area_of_which_only_a_floor_is_known() -> None:
    """At the floor of 36 the home is too large and all hangs on the membership; from 50 up it is not."""
    told = {"from": "2021-01-01", "at_least": 36, "status": "illustrative", "note": "test"}
    area = {"area": {"unit": "m2", "title": "面积", "values": [told]}}
    rules = pack("housing_area <= area or union_member", parameters=area)
    missing = {("面积", "", True), ("是否工会会员", "", True)}
    assert lacks(rules, household={"housing_area": 50}) == missing


YEAR_2021 = "2021年的工作日历（规则包尚无，公布后由规则包维护单位补充）"


def test_a_value_that_the_pack_lacks_on_a_day_of_the_household() -> None:
    told = {"from": "2020-01-01", "exactly": 5, "status": "illustrative", "note": "test"}
    limit = {"limit": {"title": "限额", "unit": "yuan", "values": [told]}}
    rules = pack("deposits_fen < at(limit, applied_on)", parameters=limit)
    limit_lacks = ("限额（规则包对该日期没有取值）", "", True)
    for day, missing in (("2019-12-31", {limit_lacks}), ("2020-01-01", set())):
        assert lacks(rules, household={"deposits_fen": 1, "applied_on": pd.Timestamp(day)}) == missing
    rules = pack("every(members, at(limit, born_on) > 0)", parameters=limit)
    member = {"household_id": "H", "member_id": "M1", "born_on": pd.Timestamp("1990-01-01")}
    assert lacks(rules, members=[member]) == {limit_lacks}
    unborn = {"household_id": "H", "member_id": "M1", "born_on": None}
    assert ("成员M1的“出生日期”", "M1") in {row[:2] for row in lacks(rules, members=[unborn])}


CALENDAR = [{"year": 2020, "status": "illustrative", "note": "test"}]


@pytest.mark.parametrize(
    ("noticed", "missing"),
    [
        # From Wednesday 2020-12-30 on one working day is left of 2020; whatever is worked in 2021 decides.
        (("2020-12-30", "2021-01-08"), {(YEAR_2021, "", True)}),
        (("2020-12-28", "2021-01-01"), set()),  # three in 2020
        (("2020-12-31", "2021-01-02"), set()),  # two days are not three, however they are spent
        (("2021-01-08", "2021-01-04"), set()),
    ],
)  # fmt: skip
def test_a_year_that_the_calendar_lacks(noticed: tuple[str, str], missing: set[Any]) -> None:
    rules = pack("working_days(noticed_from, noticed_until) >= 3", calendar=CALENDAR)
    dates = dict(zip(("noticed_from", "noticed_until"), map(pd.Timestamp, noticed), strict=True))
    assert lacks(rules, household=dates) == missing


def test_a_year_that_the_calendar_lacks_is_named_beside_a_day_that_is_not_known() -> None:
    rules = pack("working_days(noticed_from, noticed_until) >= 3", calendar=CALENDAR)
    named = {fact for fact, *_ in lacks(rules, household={"noticed_from": pd.Timestamp("2021-02-01")})}
    assert named == {"公示结束日期", YEAR_2021}


def test_a_year_that_the_calendar_lacks_is_named_for_papers() -> None:
    """Of two papers the one that counts spans two years without a calendar, the other none at all."""
    fits = 'kind == "医疗收据" and working_days(admission_on, discharge_on) >= 3'
    rules = pack(f"held(documents, where={fits})", calendar=CALENDAR)
    days = [("医疗收据", "2020-12-30", "2021-01-08"), ("医疗收据", "2020-12-28", "2020-12-29")]
    papers = [
        {"household_id": "H", "kind": kind, "admission_on": pd.Timestamp(a), "discharge_on": pd.Timestamp(b)}
        for kind, a, b in days
    ]
    ((fact, _, alone),) = lacks(rules, documents=papers)
    assert (fact, alone) == (YEAR_2021, True)


def test_the_letter_names_the_year_that_the_calendar_lacks() -> None:
    rules = pack("working_days(noticed_from, noticed_until) >= 3", calendar=CALENDAR)
    row = ROW | {"noticed_from": pd.Timestamp("2020-12-30"), "noticed_until": pd.Timestamp("2021-01-08")}
    judged = assess({"households": pd.DataFrame([row], dtype=object)}, rules, on="2021-09-30")
    assert "尚缺：2021年的工作日历（规则包尚无" in judged.explain("H")
    assert "calendar of working days of 2021 (the rule pack lacks it" in judged.explain("H", "en")


def test_a_paper_is_named_by_its_cell_and_only_if_it_counts() -> None:
    rules = pack('sum(documents.total_fen, where=kind == "医疗收据") >= yuan(10)')
    papers = [
        {"household_id": "H", "document_id": "D1", "kind": "医疗收据", "total_fen": None},
        {"household_id": "H", "document_id": "D2", "kind": "住院记录", "total_fen": None},
        {"household_id": "H", "document_id": "D3", "kind": "医疗收据", "total_fen": 999},
    ]
    assert lacks(rules, documents=papers) == {("材料D1（医疗收据）的“医疗费总额”", "D1", True)}
    assert lacks(rules, documents=[papers[2] | {"total_fen": 1000}, papers[0]]) == set()


def test_a_paper_that_another_must_agree_with_is_named_though_it_does_not_count_itself() -> None:
    stay = 'held(documents, where=kind == "住院记录", same=[stay_id])'
    rules = pack(f'held(documents, where=kind == "医疗收据" and {stay})')
    papers = [
        {"household_id": "H", "document_id": "D1", "kind": "医疗收据", "stay_id": "S1"},
        {"household_id": "H", "document_id": "D2", "kind": "住院记录", "stay_id": None},
        {"household_id": "H", "document_id": "D3", "kind": "疾病证明书", "stay_id": None},
    ]
    assert lacks(rules, documents=papers) == {("材料D2（住院记录）的“住院号”", "D2", True)}
    assert lacks(rules, documents=[papers[0], papers[1] | {"stay_id": "S1"}]) == set()


def test_a_table_that_was_not_handed_in_is_asked_for_by_the_kind_of_its_rows() -> None:
    rules = pack('sum(documents.total_fen, where=kind == "医疗收据") >= yuan(10)')
    assert lacks(rules) == {("医疗材料“医疗收据”", "", True)}
    assert lacks(pack("count(members) <= 2")) == {("完整的成员表", "", True)}


def test_what_lies_before_us_is_not_missing() -> None:
    """No table of papers: `held` is no, and the flag alone decides."""
    assert lacks(pack('has_medical_receipt or held(documents, where=kind == "医疗收据")')) == {
        ("有无医疗收据", "", True)
    }


def test_a_rule_that_asks_a_person_names_the_ruling_and_its_facts() -> None:
    found = lacks(pack("homes_count <= 1", rule={"missing": "ask"}))
    assert found == {("房产套数", "", True), ("专人对“某”的裁定（规则编号 x）", "", True)}


def test_a_fact_whose_absence_fails_a_bar_still_matters() -> None:
    rules = pack("homes_count <= 1", rule={"missing": "fail", "bars": ["deep"]}, categories=[
        {"id": "deep", "when": "union_member", **STATED}, {"id": "other", "when": "union_member", **STATED},
    ])  # fmt: skip
    assert lacks(rules) == {("是否工会会员", "", True), ("房产套数", "", False)}


def test_a_district_without_a_value_is_passed_over() -> None:
    values = [{"where": {"residence": ["城镇"]}, "from": "2021-01-01", "exactly": 900,
               "status": "illustrative", "note": "test"}]  # fmt: skip
    rules = pack(
        "union_member", when="monthly(income_fen) < persons(1) * standard",
        parameters={"standard": {"per": "人·月", "by": ["residence"], "values": values}},
    )  # fmt: skip
    assert {fact for fact, *_ in lacks(rules, household={"income_fen": 0})} >= {"是否工会会员"}


def test_the_order_is_by_household_and_what_settles_alone_first() -> None:
    rules = pack("union_member and (review_passed or homes_count > 1 and vehicles_count > 1)")
    table = assess({"households": pd.DataFrame([ROW], dtype=object)}, rules, on="2021-09-30").missing("en")
    assert list(table["settles_alone"]) == sorted(table["settles_alone"], reverse=True)
    assert set(table["fact"]) == {"union member", "review passed", "homes owned", "motor vehicles"}


def test_of_many_missing_facts_those_of_one_rule_are_tried_together() -> None:
    """More ways to give them all than are tried: 2 to the 7th, times 17, 17 and 15."""
    flags = (
        "in_service",
        "local_hukou",
        "on_subsistence",
        "business_registered",
        "visit_signed",
        "review_passed",
    )
    rules = pack(
        "homes_count > 1 and union_member or vehicles_count > 1 or out_of_pocket_fen > yuan(100)",
        categories=[{"id": "deep", "when": " and ".join(flags), **STATED}],
    )
    found = {fact: alone for fact, _, alone in lacks(rules, household={"out_of_pocket_fen": None})}
    assert found["是否工会会员"] is False
    assert found["房产套数"] is False
    assert len(found) == len(flags) + 4


def test_what_matters_only_where_two_facts_open_a_bar_together_is_named() -> None:
    """No income alone and no ceiling alone lets the bar hold; only if it does, the homes matter."""
    ceiling = {"standard": {**FLOOR["standard"], "values": [
        {"from": "2021-01-01", "at_most": 853, "status": "illustrative", "note": "test"}]}}  # fmt: skip
    net = "monthly(income_fen) / persons(1)"
    bar = {"id": "bar", "requires": f"standard <= {net} and {net} < 2 * standard", "bars": ["deep"], **STATED}
    member = {"id": "x", "requires": "union_member", **STATED}
    categories = [
        {"id": "deep", "when": "homes_count <= 2", **STATED},
        {"id": "any", "when": "true", **STATED},
    ]
    rules = pack("true", parameters=ceiling, rules=[bar, member], categories=categories)
    assert lacks(rules) == {
        ("是否工会会员", "", True),
        ("家庭年度总收入", "", False),
        ("低保标准", "", False),
        ("房产套数", "", False),
    }


def test_households_of_one_pattern_are_each_told_their_own_rows() -> None:
    """What is tried once for many is what is tried for each alone."""
    rules = pack("sum(members.income_fen) < rigid_expenditure_fen and union_member")
    people = [("A", "a1", 5), ("B", "b1", 5), ("B", "b2", None), ("A", "a2", None), ("C", "c1", 9000)]
    members = [{"household_id": h, "member_id": m, "income_fen": fen} for h, m, fen in people]
    frames = {
        "households": pd.DataFrame(
            [ROW | {"household_id": id_, "rigid_expenditure_fen": 900} for id_ in "ABC"], dtype=object
        ),
        "members": pd.DataFrame(members, dtype=object),
    }
    together = assess(frames, rules, on="2021-09-30").missing()
    for id_ in "AB":
        alone = {name: frame[frame["household_id"] == id_] for name, frame in frames.items()}
        own = together[together["household_id"] == id_].reset_index(drop=True)
        pd.testing.assert_frame_equal(own, assess(alone, rules, on="2021-09-30").missing())
        assert f"{id_.lower()}2" in set(own["row"])
    assert "c1" not in set(together["row"])
