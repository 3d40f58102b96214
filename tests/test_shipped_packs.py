"""Every pack that ships answers its own cases, and those that are complete notice nearly every change."""

from __future__ import annotations

from fractions import Fraction

import pytest

from relief import load_pack
from relief.review.cases import case_text, parse_cases, read_cases, run_cases
from relief.review.coverage import cover
from relief.review.mutation import mutate
from relief.rulepack import installed_packs
from relief.rulepack.review import review

PACKS = installed_packs()
JUDGING = [name for name in PACKS if load_pack(name).stated]
COMPLETE = [name for name in PACKS if not load_pack(name).partial]


@pytest.mark.parametrize("name", JUDGING)
def test_a_pack_answers_its_own_cases(name: str) -> None:
    cases = read_cases(name)
    assert len(cases) > 0
    assert {r.case.id: r.lines("en") for r in run_cases(load_pack(name), cases) if not r.passed} == {}


@pytest.mark.parametrize("name", PACKS)
def test_the_cases_of_a_pack_see_each_rule_hold_and_fail(name: str) -> None:
    seen = cover(load_pack(name), read_cases(name))
    assert {id_: found for id_, found in seen.results.items() if not found >= {"pass", "fail"}} == {}


@pytest.mark.parametrize("name", COMPLETE)
def test_the_cases_of_a_complete_pack_notice_nearly_every_change(name: str) -> None:
    found = mutate(load_pack(name), read_cases(name))
    assert found.score >= Fraction(95, 100), [mutant.line("en") for mutant in found.survivors]


@pytest.mark.parametrize("name", PACKS)
def test_nothing_of_a_pack_must_be_looked_at(name: str) -> None:
    assert [f.text("en") for f in review(load_pack(name)) if f.level == "warning"] == []


@pytest.mark.parametrize("name", JUDGING)
def test_the_cases_of_a_pack_can_be_written_again(name: str) -> None:
    cases = read_cases(name)
    text = "cases:\n" + "".join(map(case_text, cases))
    assert parse_cases(f"{name}/cases.yaml", text.encode()) == cases
