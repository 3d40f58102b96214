"""Tests of relief.judging.eligibility: the Jiangmen pack around each of its boundaries."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from relief.errors import TableError, UnknownHouseholdError
from relief.judging.eligibility import assess
from relief.rulepack.pack import Pack, load_pack, parse_pack

if TYPE_CHECKING:
    from pathlib import Path

    from relief.judging.assessment import Assessment

ON = "2021-09-30"
GOOD: dict[str, Any] = {
    "district": "蓬江区",
    "residence": "城镇",
    "union_member": "是",
    "visited_on": "2021-06-01",
    "review_passed": "通过",
    "notice_working_days": "7",
    "notice_objection": "无异议",
    "homes_count": "1",
    "vehicles_count": "0",
    "has_hospital_record": "是",
    "has_illness_certificate": "是",
    "has_medical_receipt": "是",
    "out_of_pocket_yuan": "1234.50",
    "income_yuan": "12000",
    "rigid_expenditure_yuan": "0",
    "household_size": "3",
    "cause": "本人大病",
}
EXACT = """\
name: exact
title: 确定标准
title_en: exact standard
extends: jiangmen-2021
parameters:
  subsistence_standard:
    values:
      - {where: {district: [蓬江区]}, from: 2021-01-01, exactly: 1000, <<}
      - {where: {district: [台山市], residence: [城镇]}, from: 2021-01-01, exactly: 880, <<}
      - {where: {district: [台山市], residence: [农村]}, from: 2021-01-01, exactly: 640, <<}
""".replace("<<", "status: illustrative, note: test")
BARE = load_pack("jiangmen-2021")
WITH_VALUES = parse_pack({"exact": {"pack.yaml": EXACT.encode()}}, "exact")


def judged(
    pack: Pack = BARE, *, on: str = ON, tables: dict[str, list[dict[str, Any]]] | None = None, **cells: Any
) -> Assessment:
    """Judge one good household H1 with some cells changed; None leaves a cell blank."""
    row = {"household_id": "H1", **GOOD, **cells}
    frames = {"households": pd.DataFrame([row], dtype=object)}
    for table, rows in (tables or {}).items():
        frames[table] = pd.DataFrame([{"household_id": "H1", **line} for line in rows], dtype=object)
    return assess(frames, pack, on=on)


def decision(*args: Any, **cells: Any) -> tuple[str, str]:
    row = judged(*args, **cells).decisions.loc["H1"]
    return row["outcome"], row["category"]


ELIGIBLE, INELIGIBLE, PENDING = ("eligible", "深度困难"), ("ineligible", ""), ("pending", "")


def test_a_household_that_meets_everything() -> None:
    row = judged().decisions.loc["H1"]
    assert (row["outcome"], row["category"], row["claim_fen"]) == ("eligible", "深度困难", 123450)
    assert row["net_income_fen"] == 33333
    assert row["failed_rules"] == row["unknown_rules"] == ""


# --- the standard -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("income", "expected"),
    [
        ("35999.99", ("eligible", "深度困难")),
        ("36000.00", ("eligible", "相对困难")),
        ("36000.01", ("eligible", "相对困难")),
        ("71999.99", ("eligible", "相对困难")),
        ("72000.00", INELIGIBLE),
        ("72000.01", INELIGIBLE),
        ("0", ("eligible", "深度困难")),
    ],
)
def test_one_fen_around_the_standard_and_twice_it(income: str, expected: tuple[str, str]) -> None:
    assert decision(WITH_VALUES, income_yuan=income) == expected


@pytest.mark.parametrize(
    ("income", "expected"),
    [
        ("30707.99", ELIGIBLE),  # 852.999… a head
        ("30708.00", PENDING),
        ("30708.01", PENDING),
        ("61416.00", PENDING),
        ("9000000", PENDING),
    ],
)
def test_a_floor_decides_below_it_and_leaves_the_rest_open(income: str, expected: tuple[str, str]) -> None:
    assert decision(income_yuan=income) == expected


def test_a_share_is_never_rounded_before_it_is_compared() -> None:
    """30,671.99 yuan for three are 851.9997… a month each: shown as 851.99, below 852 and not at it."""
    judgement = judged(income_yuan="30671.99")
    assert judgement.decisions.loc["H1", "net_income_fen"] == 85199
    assert judgement.decisions.loc["H1", "outcome"] == "eligible"


@pytest.mark.parametrize(
    ("residence", "income", "expected"),
    [
        ("城镇", "31679.99", ("eligible", "深度困难")),
        ("城镇", "31680", ("eligible", "相对困难")),
        ("农村", "23039.99", ("eligible", "深度困难")),
        ("农村", "23040", ("eligible", "相对困难")),
        (None, "23039.99", ("eligible", "深度困难")),
        (None, "23040", PENDING),
        (None, "46079.99", ("eligible", "相对困难")),
        (None, "46080", PENDING),
        (None, "63360", INELIGIBLE),
    ],
)
def test_residence_matters_where_the_standard_differs(
    residence: str | None, income: str, expected: Any
) -> None:
    assert decision(WITH_VALUES, district="台山市", residence=residence, income_yuan=income) == expected


def test_residence_does_not_matter_in_the_city() -> None:
    assert decision(WITH_VALUES, residence=None) == ELIGIBLE


def test_a_missing_district_spans_all_standards() -> None:
    assert decision(district=None, residence=None, income_yuan="19835.99") == ELIGIBLE
    assert decision(district=None, residence=None, income_yuan="19836") == PENDING
    assert decision(district=None, residence="城镇", income_yuan="28799.99") == ELIGIBLE


def test_an_unknown_district_is_set_aside() -> None:
    judgement = judged(district="天河区")
    assert judgement.decisions.empty
    assert judgement.quarantined == judgement.rows_in == 1


# --- what the standard is compared with -------------------------------------------------------------


def test_income_by_kinds_stands_in_for_the_total() -> None:
    kinds = {f"{kind}_income_yuan": "2000" for kind in ("wage", "business", "property", "transfer", "other")}
    row = judged(income_yuan=None, **kinds).decisions.loc["H1"]
    assert (row["outcome"], row["annual_income_fen"]) == ("eligible", 1_000_000)
    kinds["business_income_yuan"] = "-2000"
    assert judged(income_yuan=None, **kinds).decisions.loc["H1", "annual_income_fen"] == 600_000
    assert judged(**kinds).decisions.loc["H1", "annual_income_fen"] == 1_200_000, "the total goes first"
    assert decision(income_yuan=None, **{**kinds, "wage_income_yuan": None}) == PENDING


def test_income_of_the_members_who_count() -> None:
    members = [
        {"counts_in_household": "是", "income_yuan": "6000"},
        {"counts_in_household": "是", "income_yuan": "0"},
        {"counts_in_household": "否", "income_yuan": "900000"},
    ]
    row = judged(income_yuan=None, household_size=None, tables={"members": members}).decisions.loc["H1"]
    assert (row["outcome"], row["annual_income_fen"], row["net_income_fen"]) == ("eligible", 600_000, 25_000)


@pytest.mark.parametrize(
    ("size", "flags", "expected"),
    [
        ("1", ["是"], 600_000),
        ("3", ["是"], None),
        ("2", ["是", "否"], None),
        ("2", ["是", None], None),
        ("1", ["是", "是"], None),
        (None, ["是", "是"], 1_200_000),
        (None, ["否"], None),
    ],
)
def test_the_members_incomes_are_the_household_s_only_if_all_are_listed(
    size: str | None, flags: list[str | None], expected: int | None
) -> None:
    members = [{"counts_in_household": flag, "income_yuan": "6000"} for flag in flags]
    judgement = judged(income_yuan=None, household_size=size, tables={"members": members})
    income = judgement.decisions.loc["H1", "annual_income_fen"]
    assert (None if pd.isna(income) else income) == expected


KINDS = {f"{kind}_income_yuan": "0" for kind in ("wage", "business", "property", "transfer", "other")}
COSTS = {f"rigid_{kind}_yuan": "0" for kind in ("illness", "schooling", "disability", "accident", "other")}


@pytest.mark.parametrize(
    ("rule_id", "cells", "fires"),
    [
        ("income-total", {"income_yuan": "1", **KINDS, "wage_income_yuan": "10000000"}, True),
        ("income-total", {"income_yuan": "1", **KINDS, "wage_income_yuan": "1"}, False),
        ("income-total", {"income_yuan": "1", "wage_income_yuan": "10000000"}, False),
        ("income-total", {"income_yuan": "0", **KINDS, "business_income_yuan": "-9"}, False),
        ("income-total", {"income_yuan": None, **KINDS, "business_income_yuan": "-9"}, False),
        ("rigid-total", {"rigid_expenditure_yuan": "5", **COSTS}, True),
        ("rigid-total", {"rigid_expenditure_yuan": "5", **COSTS, "rigid_illness_yuan": "5"}, False),
        ("rigid-total", {"rigid_expenditure_yuan": "5", **COSTS, "rigid_illness_yuan": None}, False),
        ("rigid-total", {"rigid_expenditure_yuan": None, **COSTS}, False),
    ],
)
def test_a_total_that_is_not_its_kinds_is_told(rule_id: str, cells: dict[str, Any], fires: bool) -> None:
    assert (rule_id in judged(**cells).attention["rule_id"].tolist()) == fires


@pytest.mark.parametrize(
    ("size", "flags", "fires"),
    [
        ("5", ["是"], True),
        ("3", ["否"], True),
        ("1", ["是", "否"], False),
        ("2", ["是", None], False),
        ("3", ["是", None], True),
        (None, ["否"], False),
        ("3", [], False),
    ],
)
def test_a_size_that_is_not_the_members_listed_is_told(
    size: str | None, flags: list[str | None], fires: bool
) -> None:
    members = {"members": [{"counts_in_household": flag} for flag in flags]} if flags else None
    found = judged(household_size=size, tables=members).attention["rule_id"].tolist()
    assert found == (["size-listed"] if fires else [])


def test_no_member_is_no_income_and_no_heads() -> None:
    """Other households have members in the table; that this one has none says nothing about it."""
    rows = pd.DataFrame(
        [{"household_id": name, **GOOD, "income_yuan": None, "household_size": None} for name in ("H1", "H2")]
    )
    members = pd.DataFrame([{"household_id": "H2", "counts_in_household": "是", "income_yuan": "1200"}])
    judgement = assess({"households": rows, "members": members}, BARE, on=ON)
    assert judgement.decisions["outcome"].to_dict() == {"H1": "pending", "H2": "eligible"}
    missing = judgement.missing()
    assert set(missing.loc[missing["household_id"] == "H1", "fact"]) >= {"共同生活人口", "家庭年度总收入"}


def test_one_household_without_members_does_not_keep_the_others_open() -> None:
    rows = pd.DataFrame([{"household_id": name, **GOOD} for name in ("H1", "H2")])
    rows.loc[1, "household_size"] = None
    outcomes = assess({"households": rows}, BARE, on=ON).decisions["outcome"]
    assert outcomes.to_dict() == {"H1": "eligible", "H2": "pending"}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"household_size": None, "income_yuan": "10235.99"}, ELIGIBLE),
        ({"household_size": None, "income_yuan": "10236"}, PENDING),
        ({"income_yuan": "40000", "rigid_expenditure_yuan": "9292.01"}, ELIGIBLE),
        ({"income_yuan": "40000", "rigid_expenditure_yuan": "9292"}, PENDING),
        ({"income_yuan": "0", "rigid_expenditure_yuan": "5"}, ELIGIBLE),
        ({"rigid_expenditure_yuan": None}, ELIGIBLE),
        ({"rigid_expenditure_yuan": None, "income_yuan": "40000"}, PENDING),
    ],
)
def test_net_income_with_a_fact_missing(cells: dict[str, Any], expected: tuple[str, str]) -> None:
    """Even alone they would be poor: the number of members cannot matter. Nor can costs nobody told."""
    assert decision(**cells) == expected


# --- documents and registry -------------------------------------------------------------------------


def receipts(*rows: tuple[str | None, str | None]) -> dict[str, list[dict[str, Any]]]:
    return {
        "documents": [
            {"kind": "医疗收据", "issued_on": day, "out_of_pocket_yuan": cost} for day, cost in rows
        ]
    }


@pytest.mark.parametrize(
    ("rows", "claim"),
    [
        ([("2021-03-01", "100"), ("2021-09-30", "20")], 12000),
        ([("2021-01-01", "100"), ("2020-12-31", "900")], 10000),
        ([("2021-09-30", "100"), ("2021-10-01", "900")], 10000),
        ([("2021-03-01", "100"), (None, "20")], None),
        ([("2021-03-01", "100"), (None, "0")], 10000),
        ([("2021-03-01", "100"), ("2020-03-01", None)], 10000),
        ([("2021-03-01", "100"), ("2021-03-01", None)], None),
    ],
)
def test_receipts_of_the_year_are_the_claim(
    rows: list[tuple[str | None, str | None]], claim: int | None
) -> None:
    row = judged(tables=receipts(*rows)).decisions.loc["H1"]
    assert row["outcome"] == ("pending" if claim is None else "eligible")
    assert (None if pd.isna(row["claim_fen"]) else row["claim_fen"]) == claim
    assert row["unknown_rules"] == ("" if claim else "claim")


def test_receipts_of_the_year_before_alone_are_no_claim() -> None:
    judgement = judged(tables=receipts(("2020-12-31", "900")))
    assert judgement.decisions.loc["H1", "outcome"] == "ineligible"
    assert judgement.decisions.loc["H1", "failed_rules"] == "out-of-pocket"


def test_other_papers_leave_the_declared_cost() -> None:
    papers = {"documents": [{"kind": "住院记录", "issued_on": "2021-03-01"}]}
    assert judged(tables=papers).decisions.loc["H1", "claim_fen"] == 123450


def test_a_declared_cost_that_differs_is_told_and_decides_nothing() -> None:
    judgement = judged(tables=receipts(("2021-03-01", "100")))
    assert judgement.decisions.loc["H1", "outcome"] == "eligible"
    assert judgement.attention["rule_id"].tolist() == ["declared-cost"]
    assert judged(tables=receipts(("2021-03-01", "1234.5"))).attention.empty


@pytest.mark.parametrize(
    ("flag", "kind"),
    [
        ("has_hospital_record", "住院记录"),
        ("has_illness_certificate", "疾病证明书"),
        ("has_medical_receipt", "医疗收据"),
    ],
)
def test_a_paper_proves_what_the_flag_does_not(flag: str, kind: str) -> None:
    paper = {"documents": [{"kind": kind, "issued_on": "2021-03-01", "out_of_pocket_yuan": "100"}]}
    other = {"documents": [{"kind": "医保结算单", "issued_on": "2021-03-01", "out_of_pocket_yuan": "100"}]}
    for value in ("否", None):
        assert decision(tables=paper, **{flag: value}) == ELIGIBLE
    assert decision(tables=other, **{flag: "否"}) == INELIGIBLE
    assert decision(tables=other, **{flag: None}) == ("pending", "深度困难")


@pytest.mark.parametrize(
    ("kind", "values", "declared", "outcome"),
    [
        ("不动产", ["粤房1"], "9", "eligible"),
        ("不动产", ["粤房1", "粤房2"], "0", "ineligible"),
        ("不动产", ["无"], None, "eligible"),
        ("机动车", ["粤J1"], "0", "ineligible"),
        ("机动车", ["无"], "3", "eligible"),
        ("商事登记", ["粤J1"], "1", "eligible"),
        ("机动车", ["无车辆"], "3", "eligible"),
        ("不动产", ["名下2套"], "1", "ineligible"),
        ("不动产", ["住宅1套、商铺1套"], "1", "pending"),
        ("机动车", ["待查"], "0", "pending"),
    ],
)
def test_the_register_goes_before_the_statement(
    kind: str, values: list[str], declared: str | None, outcome: str
) -> None:
    rows = [{"source": "自然资源局", "kind": kind, "value": value} for value in values]
    column = "vehicles_count" if kind == "机动车" else "homes_count"
    assert decision(tables={"registry": rows}, **{column: declared})[0] == outcome


@pytest.mark.parametrize("kind", ["机动车辆", "机动车登记", "小汽车", "汽车", "车辆信息"])
def test_a_vehicle_is_one_however_the_department_calls_it(kind: str) -> None:
    rows = [{"source": "公安局", "kind": kind, "value": "粤J12345"}]
    assert decision(tables={"registry": rows}) == INELIGIBLE


@pytest.mark.parametrize("kind", ["不动产登记", "房产信息", "不动产权", "房产"])
def test_a_home_is_one_however_the_department_calls_it(kind: str) -> None:
    rows = [{"source": "自然资源局", "kind": kind, "value": "两套"}]
    assert decision(tables={"registry": rows}) == INELIGIBLE


# --- each rule --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule_id", "column", "refused", "met"),
    [
        ("union-member", "union_member", "否", "是"),
        ("visited", "visited_on", "2021-10-01", "2021-09-30"),
        ("review-passed", "review_passed", "不通过", "通过"),
        ("notice-days", "notice_working_days", "6", "8"),
        ("notice-objection", "notice_objection", "有异议", "无异议"),
        ("homes", "homes_count", "2", "0"),
        ("vehicles", "vehicles_count", "1", "0"),
        ("hospital-record", "has_hospital_record", "否", "是"),
        ("illness-certificate", "has_illness_certificate", "否", "是"),
        ("medical-receipt", "has_medical_receipt", "否", "是"),
        ("out-of-pocket", "out_of_pocket_yuan", "0", "0.01"),
    ],
)
def test_each_rule_alone_refuses_and_each_missing_fact_alone_leaves_open(
    rule_id: str, column: str, refused: str, met: str
) -> None:
    assert decision(**{column: met}) == ELIGIBLE
    failed = judged(**{column: refused}).decisions.loc["H1"]
    assert (failed["outcome"], failed["failed_rules"]) == ("ineligible", rule_id)
    open_ = judged(**{column: None})
    assert open_.decisions.loc["H1", "outcome"] == "pending"
    assert rule_id in open_.decisions.loc["H1", "unknown_rules"].split(";")
    assert len(open_.missing()) == 1


def test_a_missing_fact_that_cannot_matter_leaves_nothing_open() -> None:
    row = judged(union_member="否", visited_on=None, income_yuan=None, out_of_pocket_yuan=None).decisions.loc[
        "H1"
    ]
    assert (row["outcome"], row["failed_rules"]) == ("ineligible", "union-member")
    assert decision(cause=None, applied_on=None, bank_name=None) == ELIGIBLE


# --- rulings ----------------------------------------------------------------------------------------


def ruling(rule_id: str, value: str, day: str) -> dict[str, str]:
    return {"rule_id": rule_id, "value": value, "ruled_by": "某人", "ruled_on": day, "why": "测试"}


def ruled(*rows: dict[str, str], **cells: Any) -> tuple[str, str]:
    return decision(tables={"rulings": list(rows)}, **cells)


def test_a_ruling_goes_before_the_formula_either_way() -> None:
    assert ruled(ruling("homes", "是", "2021-09-01"), homes_count="2") == ELIGIBLE
    assert ruled(ruling("homes", "否", "2021-09-01"), homes_count="1") == INELIGIBLE
    assert ruled(ruling("deep", "否", "2021-09-01")) == ("eligible", "相对困难")
    assert ruled(ruling("homes", "是", "2021-09-01"), homes_count=None) == ELIGIBLE


def test_the_later_ruling_holds_whatever_the_order() -> None:
    rows = [ruling("homes", "是", "2021-09-01"), ruling("homes", "否", "2021-09-02")]
    assert ruled(*rows) == ruled(*rows[::-1]) == INELIGIBLE


def test_rulings_of_one_day_that_differ_say_nothing_and_are_told() -> None:
    rows = [ruling("homes", "是", "2021-09-01"), ruling("homes", "否", "2021-09-01")]
    assert ruled(*rows, homes_count="2") == INELIGIBLE
    assert ruled(*rows, homes_count="1") == ELIGIBLE
    codes = [fault.code for fault in judged(tables={"rulings": rows}).faults]
    assert codes == ["warning.ruling_conflict"] * 2
    assert ruled(rows[0], rows[0], homes_count="2") == ELIGIBLE


def test_a_ruling_after_the_day_waits_and_is_told() -> None:
    late = ruling("homes", "是", "2021-10-01")
    assert ruled(late, homes_count="2") == INELIGIBLE
    assert [fault.code for fault in judged(tables={"rulings": [late]}).faults] == ["notice.ruling_later"]
    assert ruled(ruling("homes", "是", "2021-09-30"), homes_count="2") == ELIGIBLE


def test_a_ruling_on_nothing_is_told() -> None:
    judgement = judged(tables={"rulings": [ruling("home", "是", "2021-09-01")]})
    (fault,) = judgement.faults
    assert (fault.code, fault.severity, fault.household_id) == ("warning.ruling_unknown", "warning", "H1")
    assert "home" in fault.problem("en")
    assert "homes" in fault.cure("en")


@pytest.mark.parametrize(
    ("part", "title"),
    [
        ("rule_id", "规则编号"),
        ("value", "裁定"),
        ("ruled_by", "裁定人"),
        ("ruled_on", "裁定日期"),
        ("why", "理由"),
    ],
)
@pytest.mark.parametrize("blank", [None, "  "])
def test_a_ruling_without_one_of_its_parts_is_not_obeyed_and_told(
    part: str, title: str, blank: str | None
) -> None:
    partial = {**ruling("homes", "是", "2021-09-01"), part: blank}
    judgement = judged(tables={"rulings": [partial]}, homes_count="2")
    assert judgement.decisions.loc["H1", "outcome"] == "ineligible"
    (fault,) = judgement.faults
    assert (fault.code, fault.severity) == ("warning.ruling_incomplete", "warning")
    assert (fault.household_id, fault.row) == ("H1", 1)
    assert title in fault.problem("zh")


@pytest.mark.parametrize("part", ["ruled_by", "why"])
@pytest.mark.parametrize("mark", ["/", "——", "无", "。"])
def test_a_mark_is_neither_a_name_nor_a_reason(part: str, mark: str) -> None:
    judgement = judged(
        tables={"rulings": [{**ruling("homes", "是", "2021-09-01"), part: mark}]}, homes_count="2"
    )
    assert judgement.decisions.loc["H1", "outcome"] == "ineligible"
    assert [fault.code for fault in judgement.faults] == ["warning.ruling_incomplete"]


def test_a_whole_ruling_is_obeyed_beside_one_that_is_not() -> None:
    good, partial = ruling("homes", "是", "2021-09-01"), {**ruling("homes", "否", "2021-09-02"), "why": None}
    assert ruled(partial, good, homes_count="2") == ELIGIBLE
    assert ruled(good, partial, homes_count="2") == ELIGIBLE


def test_an_accident_needs_cause_and_ruling() -> None:
    poor = {"income_yuan": "9000000", "cause": "意外事故"}
    still = ruling("still-in-hardship", "是", "2021-09-01")
    assert decision(WITH_VALUES, tables={"rulings": [still]}, **poor) == ("eligible", "意外致困")
    assert decision(WITH_VALUES, **poor) == PENDING
    assert decision(WITH_VALUES, tables={"rulings": [{**still, "value": "否"}]}, **poor) == INELIGIBLE
    assert decision(WITH_VALUES, income_yuan="9000000", cause="收入低") == INELIGIBLE


# --- the round --------------------------------------------------------------------------------------


def test_households_in_are_judged_or_set_aside() -> None:
    rows = pd.DataFrame([{"household_id": f"H{at}", **GOOD} for at in range(6)])
    rows.loc[1, "income_yuan"] = "-5"
    rows.loc[2, "household_id"] = "H3"
    rows.loc[4, "phone"] = "not read by any rule"
    rows.loc[5, "household_id"] = None
    judgement = assess({"households": rows}, BARE, on=ON)
    assert set(judgement.decisions.index) == {"H0", "H4"}
    assert (judgement.rows_in, judgement.quarantined) == (6, 4)
    assert sum(judgement.counts.values()) + judgement.quarantined == judgement.rows_in


def test_nobody_at_all() -> None:
    judgement = assess({"households": pd.DataFrame(columns=["household_id", *GOOD])}, BARE, on=ON)
    assert judgement.counts == {"eligible": 0, "ineligible": 0, "pending": 0}
    assert judgement.claims_fen.empty
    assert judgement.reasons().empty
    assert judgement.missing().empty


def test_the_day_may_be_given_as_text_date_or_moment() -> None:
    days = [ON, dt.date(2021, 9, 30), dt.datetime(2021, 9, 30, 23, 59), pd.Timestamp("2021-09-30 08:00")]
    rows = {"households": pd.DataFrame([{"household_id": "H1", **GOOD, "visited_on": "2021-09-30"}])}
    assert {assess(rows, BARE, on=day).on for day in days} == {dt.date(2021, 9, 30)}
    assert {assess(rows, BARE, on=day).counts["eligible"] for day in days} == {1}


@pytest.mark.parametrize("day", ["2021/9/30", "30.9.2021", "2021-02-30", "today", "", None])
def test_what_is_no_day_is_refused(day: Any) -> None:
    with pytest.raises(TableError, match=r"is not a date. Write year-month-day"):
        judged(on=day)


def test_a_claim_beyond_all_money_is_pending() -> None:
    rows = receipts(*[("2021-03-01", "90000000000000000")] * 2)
    row = judged(tables=rows).decisions.loc["H1"]
    assert (row["outcome"], row["unknown_rules"]) == ("pending", "claim")


def test_a_household_that_was_not_judged_cannot_be_explained() -> None:
    with pytest.raises(UnknownHouseholdError, match="No household 'H9' is here"):
        judged().explain("H9")


def test_a_pack_may_be_named_or_be_a_folder(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text(EXACT, encoding="utf-8")
    rows = {"households": pd.DataFrame([{"household_id": "H1", **GOOD, "income_yuan": "36000"}])}
    assert assess(rows, "jiangmen-2021", on=ON).counts["pending"] == 1
    assert assess(rows, tmp_path, on=ON).counts["eligible"] == 1


def test_the_reason_of_a_rule_that_asks_a_person_says_whom_and_how() -> None:
    told = "status: illustrative, note: test"
    text = (
        "name: small\ntitle: 小\ntitle_en: small\nrules:\n"
        f"  - {{id: few, title: 房, title_en: few homes, requires: homes_count < 2, missing: ask, {told}}}\n"
        f"  - {{id: member, title: 会员, title_en: a member, requires: union_member, {told}}}\n"
    )
    pack = parse_pack({"small": {"pack.yaml": text.encode()}}, "small")
    households = pd.DataFrame({"户编号": ["H1", "H2"], "房产套数": [None, 1]})
    reasons = assess({"households": households}, pack, on="2021-09-30").reasons("en")
    asks = reasons["message"].str.endswith("a named person must rule: a row of the rulings with rule_id few")
    assert asks.tolist() == [True, False, False, False]
