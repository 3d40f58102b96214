"""Tests of relief.review.coverage: what cases have seen, and the cases that it makes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from tests.packs import small_pack

from relief.review.cases import Case, Expected, case_text, parse_cases, run_cases
from relief.review.coverage import boundaries, boundary_cases, cover
from relief.rulepack.pack import parse_pack

if TYPE_CHECKING:
    from relief.rulepack import Pack

STATED = "status: illustrative, note: test"
PACK = f"""
name: small
title: 小
title_en: small
tiers:
  award: {{title: 奖, title_en: award, bands: [
    {{above: 0, upto: 100, exactly: 10, {STATED}}}, {{above: 100, exactly: 20, {STATED}}}]}}
measures:
  income: {{title: 收入, title_en: income, amount: income_fen / household_size, {STATED}}}
  burden: {{title: 负担, title_en: burden, {STATED},
    amount: 'out_of_pocket_fen / max(yuan(1), deposits_fen)'}}
rules:
  - {{id: home, title: 住房, title_en: homes, requires: homes_count <= 0, {STATED}}}
  - {{id: visit, title: 入户, title_en: visited, requires: visited_on + days(7) <= on, {STATED}}}
  - {{id: heavy, title: 重, title_en: heavy, requires: burden > percent(60), {STATED}}}
categories:
  - id: deep
    title: 深度
    title_en: deep
    when: income < yuan(3000) / persons(1) / years(1)
    status: illustrative
    note: test
benefits:
  - {{id: aid, title: 奖, title_en: aid, when: 'tier(award, out_of_pocket_fen) > 0', {STATED}}}
claim: {{title: 自付, title_en: cost, amount: out_of_pocket_fen, {STATED}}}
"""
CASE = Case(
    "plain", "一", "", dt.date(2021, 9, 30),
    {"households": [{
        "income_fen": 500_000, "household_size": 3, "homes_count": 2, "visited_on": "2021-09-01",
        "out_of_pocket_fen": 9_000, "deposits_fen": 11_000,
    }]},
    Expected(outcome="ineligible"),
)  # fmt: skip


@pytest.fixture(scope="module")
def pack() -> Pack:
    return parse_pack({"small": {"pack.yaml": PACK.encode()}}, "small")


def test_limits_are_those_of_rules_categories_and_tiers(pack: Pack) -> None:
    found = {limit.text: (limit.id, limit.possible) for limit in boundaries(pack)}
    assert found == {
        "homes_count <= 0": ("home", ("at", "above")),
        "visited_on + days(7) <= on": ("visit", ("below", "at", "above")),
        "burden > 0.6": ("heavy", ("below", "at", "above")),
        "income < yuan(3000) / persons(1) / years(1)": ("deep", ("below", "at", "above")),
        "tier(award, out_of_pocket_fen) > 0": ("aid", ("at", "above")),
        "tier(award, out_of_pocket_fen) 0": ("aid", ("below", "at", "above")),
        "tier(award, out_of_pocket_fen) 100": ("aid", ("below", "at", "above")),
    }


def test_one_case_sees_one_side(pack: Pack) -> None:
    seen = cover(pack, [CASE])
    assert seen.results == {
        "home": {"fail"}, "visit": {"pass"}, "heavy": {"pass"}, "deep": {"pass"}, "aid": {"pass"},
    }  # fmt: skip
    assert {limit.text: sides for limit, sides in seen.positions if sides} == {}
    assert "home: no case has it holding, open" in seen.lines("en")
    assert "home: no case stands at the limit homes_count <= 0: exactly at, just above" in seen.lines("en")


def test_a_fact_that_is_not_known_stands_at_no_limit(pack: Pack) -> None:
    blank = {"income_fen": None, "household_size": 3, "homes_count": None}
    case = Case("blank", "空", "", CASE.on, {"households": [blank]}, Expected(outcome="pending"))
    seen = cover(pack, [case])
    assert seen.results["home"] == {"unknown"}
    assert all(not sides for _, sides in seen.positions)


def test_made_cases_stand_at_the_limits_that_none_stood_at(pack: Pack) -> None:
    made = boundary_cases(pack, [CASE])
    assert [case.id for case in made if case.id.startswith("home")] == ["home-at", "home-above"]
    facts = {case.id: case.tables["households"][0] for case in made}
    assert facts["visit-at"]["visited_on"] == "2021-09-23"
    assert facts["visit-below"]["visited_on"] == "2021-09-22"
    assert facts["deep-below"]["income_fen"] == 899_999
    assert facts["deep-at"]["income_fen"] == 900_000
    assert facts["heavy-at"]["out_of_pocket_fen"] == 6_600
    assert facts["heavy-below"]["out_of_pocket_fen"] == 6_599
    left = {(limit.text, side) for limit, side in cover(pack, [CASE, *made]).unseen}
    # No cost is below nothing, and no tier gives one fen.
    assert left == {
        ("tier(award, out_of_pocket_fen) 0", "below"),
        ("tier(award, out_of_pocket_fen) > 0", "above"),
    }


def test_made_cases_say_what_the_pack_decides_and_read_back(pack: Pack) -> None:
    made = boundary_cases(pack, [CASE])
    assert {case.id: case.expect.failed for case in made if case.id.startswith("home")} == {
        "home-at": (), "home-above": ("home",),
    }  # fmt: skip
    text = "cases:\n" + "".join(map(case_text, made))
    again = parse_cases("small/cases.yaml", text.encode())
    assert [result.lines("en") for result in run_cases(pack, again)] == [[] for _ in made]
    assert len({case.id for case in again}) == len(made)


def test_made_cases_step_by_hundredths_of_an_area() -> None:
    most = {"unit": "m2", "values": [{"from": "2020-01-01", "exactly": 60}]}
    pack = small_pack(rules={"room": "housing_area <= most"}, parameters={"most": most})
    household = {"household_size": 2, "housing_area": Decimal("73.01")}
    case = Case("room", "住房", "", CASE.on, {"households": [household]}, Expected(outcome="ineligible"))
    made = {case.id: case.tables["households"][0] for case in boundary_cases(pack, [case])}
    assert made["room-at"]["housing_area"] == 60
    assert made["room-above"]["housing_area"] == Decimal("60.01")


@pytest.mark.parametrize(
    ("requires", "may_be_open"),
    [
        ("held(documents)", False),
        ('held(documents, where=kind == "医疗收据") and not held(registry, where=kind == "不动产")', False),
        ("certified", False),
        ("stated(cause) or coalesce(union_member, false)", False),
        ('held(documents, where=kind == "医疗收据" and issued_on <= on)', True),
        ("held(documents) and union_member", True),
        ("count(documents) >= 1", True),
    ],
)
def test_an_open_case_is_asked_for_only_where_there_can_be_one(requires: str, may_be_open: bool) -> None:
    certified = {"holds": 'held(documents, where=kind == "疾病证明书")'}
    pack = small_pack(rules={"one": requires}, measures={"certified": certified}, claim="out_of_pocket_fen")
    (line,) = (line for line in cover(pack, []).lines("en") if line.startswith("one: no case has"))
    assert line == "one: no case has it holding, failing" + ", open" * may_be_open
