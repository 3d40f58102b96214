"""Tests of relief.review.mutation: which changes are made, and which of them cases notice."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from relief.review.cases import parse_cases
from relief.review.mutation import mutants, mutate
from relief.rulepack.pack import parse_pack

if TYPE_CHECKING:
    from relief.rulepack import Pack

STATED = "status: illustrative, note: test"
BASE = f"""
name: base
title: 基
title_en: base
rules:
  - {{id: member, title: 会员, title_en: member, requires: union_member, {STATED}}}
categories:
  - {{id: deep, title: 深度, title_en: deep, when: income_fen < yuan(100) / years(1), {STATED}}}
claim: {{title: 自付, title_en: cost, amount: out_of_pocket_fen, {STATED}}}
"""
OVER = f"""
name: over
title: 上
title_en: over
extends: base
rules:
  - {{id: home, title: 住房, title_en: homes, requires: homes_count <= 1, {STATED}}}
"""
WIDE = f"""
name: wide
title: 宽
title_en: wide
parameters:
  limit:
    {{title: 限, title_en: limit, unit: person, values: [{{from: 2020-01-01, exactly: 3, {STATED}}}]}}
tiers:
  award: {{title: 奖, title_en: award, bands: [
    {{above: 0, upto: 100, exactly: 10, {STATED}}}, {{above: 100, exactly: 20, {STATED}}}]}}
rules:
  - {{id: a, title: 甲, title_en: a, missing: fail, {STATED},
     requires: not notice_objection or household_size <= limit}}
  - {{id: b, title: 乙, title_en: b, requires: union_member, bars: [x, y], {STATED}}}
categories:
  - {{id: x, title: 一, title_en: x, when: income_fen * 0.8 < yuan(8) / years(1), {STATED}}}
  - {{id: y, title: 二, title_en: y, when: 'true', {STATED}}}
claim: {{title: 自付, title_en: cost, amount: 'tier(award, out_of_pocket_fen)', {STATED}}}
"""
CASES = """
cases:
  - id: below
    title: 少一分
    on: 2021-09-30
    household: {家庭年度总收入: 99.99, 工会会员: 是, 个人自付: 10}
    expect: {outcome: eligible, category: deep, claim: 10}
  - {id: at, like: below, household: {家庭年度总收入: 100}, expect: {outcome: ineligible, failed: [deep]}}
  - {id: no-member, like: below, household: {工会会员: 否}, expect: {outcome: ineligible, failed: [member]}}
"""


def parsed(text: str) -> Pack:
    folders = {
        name: {"pack.yaml": part.encode()} for name, part in (("base", BASE), ("over", OVER), ("wide", WIDE))
    }
    return parse_pack(folders, text)


def changes(name: str) -> list[str]:
    return [mutant.line("en") for mutant in mutants(parsed(name))]


def test_every_operator_number_value_rule_and_category_is_changed() -> None:
    assert sorted(changes("wide")) == sorted([
        "a: not notice_objection [or → and] household_size <= limit",
        "a: not notice_objection → notice_objection",
        "a: not notice_objection or household_size [<= → <] limit",
        "a: missing: fail → pending",
        "a: removed (not notice_objection or household_size <= limit)",
        "b: missing: pending → fail",
        "b: no longer bars x",
        "b: no longer bars y",
        "b: removed (union_member)",
        "x: income_fen * 0.8 [< → <=] yuan(8) / years(1)",
        "x: income_fen * [0.8 → 0.79] < yuan(8) / years(1)",
        "x: income_fen * [0.8 → 0.81] < yuan(8) / years(1)",
        "x: income_fen * 0.8 < yuan([8 → 7.99]) / years(1)",
        "x: income_fen * 0.8 < yuan([8 → 8.01]) / years(1)",
        "x: income_fen * 0.8 < yuan(8) / years([1 → 2])",
        "x: removed (income_fen * 0.8 < yuan(8) / years(1))",
        "y: removed (true)",
        "y: put before x",
        "limit: 2020-01-01 exactly 3 → 2",
        "limit: 2020-01-01 exactly 3 → 4",
        "award: exactly 10 → 9.99",
        "award: exactly 10 → 10.01",
        "award: exactly 20 → 19.99",
        "award: exactly 20 → 20.01",
        "award: > 0 → > -0.01",
        "award: > 0 → > 0.01",
        "award: > 0 → >= 0",
        "award: > 100 → > 99.99",
        "award: > 100 → > 100.01",
        "award: > 100 → >= 100",
    ])  # fmt: skip


def test_what_is_inherited_is_not_changed() -> None:
    assert changes("over") == [
        "home: homes_count [<= → <] 1",
        "home: homes_count <= [1 → 0]",
        "home: homes_count <= [1 → 2]",
        "home: removed (homes_count <= 1)",
        "home: missing: pending → fail",
    ]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        # What is written stays as it was written, quotes, spaces and all.
        ("homes_count<=1  and  (homes_count < 1)",
         ["homes_count[<= → <]1  and  (homes_count < 1)", "homes_count<=1  [and → or]  (homes_count < 1)",
          "homes_count<=1  and  (homes_count [< → <=] 1)", "homes_count<=[1 → 2]  and  (homes_count < 1)",
          "homes_count<=1  and  (homes_count < [1 → 2])"]),
        ('held(documents, where=kind == "住院>2天" and issued_on > on - months(12))',
         ['held(documents, where=kind == "住院>2天" and issued_on [> → >=] on - months(12))',
          'held(documents, where=kind == "住院>2天" and issued_on > on - months([12 → 11]))']),
        ("out_of_pocket_fen < percent(80) * deposits_fen",
         ["out_of_pocket_fen < percent([80 → 79]) * deposits_fen"]),
        ("1 if union_member and homes_count > 2 else 3) > 2".replace("1 if", "(1 if"),
         ["(1 if union_member and homes_count [> → >=] 2 else 3) > 2",
          "(1 if union_member and homes_count > [2 → 1] else 3) > 2",
          "(1 if union_member and homes_count > 2 else [3 → 4]) > 2"]),
        # Of several at once, or of what is written in another way, the part that changes is shown.
        ("union_member and review_passed and visit_signed",
         ["union_member and review_passed and visit_signed → union_member or review_passed or visit_signed"]),
        ('out_of_pocket_fen < yuan("1.2万")', ["yuan(12000) → yuan(11999.99)"]),
        ('cause == "自然灾害"', ['cause == "自然灾害" → not cause == "自然灾害"']),
    ],
)  # fmt: skip
def test_a_change_is_shown_within_what_was_written(written: str, found: list[str]) -> None:
    text = BASE.replace("requires: union_member", f"requires: {json.dumps(written, ensure_ascii=False)}")
    pack = parse_pack({"base": {"pack.yaml": text.encode()}}, "base")
    told = [mutant.change("en") for mutant in mutants(pack) if mutant.id == "member"]
    assert [line for line in found if line not in told] == []


def test_sums_extremes_and_lists_of_words_are_changed() -> None:
    cause = """'cause in ["自然灾害", "本人大病"]'"""
    claim = "'max(out_of_pocket_fen, sum(documents.total_fen) + yuan(5))'"
    text = BASE.replace("union_member", cause).replace("out_of_pocket_fen", claim)
    pack = parse_pack({"base": {"pack.yaml": text.encode()}}, "base")
    found = [f"{m.before} → {m.after}" for m in mutants(pack) if m.kind == "changed" and m.id != "deep"]
    assert found == [
        'cause in ["自然灾害", "本人大病"] → not cause in ["自然灾害", "本人大病"]',
        'cause in ["自然灾害", "本人大病"] → cause == "本人大病"',
        'cause in ["自然灾害", "本人大病"] → cause == "自然灾害"',
        "max(out_of_pocket_fen, sum(documents, total_fen) + yuan(5))"
        " → min(out_of_pocket_fen, sum(documents, total_fen) + yuan(5))",
        "sum(documents, total_fen) + yuan(5) → sum(documents, total_fen) - yuan(5)",
        "yuan(5) → yuan(4.99)",
        "yuan(5) → yuan(5.01)",
    ]


def test_the_pack_itself_stays_as_it_is() -> None:
    pack = parsed("wide")
    before = [item.node for item in pack.stated]
    assert len(list(mutants(pack))) > 10
    assert [item.node for item in pack.stated] == before


def test_what_no_case_notices_survives() -> None:
    pack = parsed("base")
    cases = parse_cases("base/cases.yaml", CASES.encode())
    found = mutate(pack, cases)
    assert [mutant.line("en") for mutant in found.survivors] == ["member: missing: pending → fail"]
    assert found.score == Fraction(found.made - 1, found.made)
    fewer = mutate(pack, [case for case in cases if case.id != "at"])
    assert {mutant.line("en") for mutant in fewer.survivors} == {
        "member: missing: pending → fail",
        "deep: income_fen [< → <=] yuan(100) / years(1)",
        "deep: income_fen < yuan([100 → 100.01]) / years(1)",
    }


def test_a_case_that_fails_notices_nothing() -> None:
    wrong = CASES.replace("outcome: eligible, category: deep", "outcome: pending").replace(
        "ineligible", "pending"
    )
    found = mutate(parsed("base"), parse_cases("base/cases.yaml", wrong.encode()))
    assert len(found.survivors) == found.made > 0


@pytest.mark.parametrize("name", ["over", "wide"])
def test_without_cases_nothing_is_noticed(name: str) -> None:
    found = mutate(parsed(name), [])
    assert found.score == 0
