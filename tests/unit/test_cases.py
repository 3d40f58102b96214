"""Tests of relief.review.cases and the form of cases.yaml."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from relief.errors import PackError
from relief.review.cases import Case, Expected, batched, case_text, parse_cases, read_cases, run_cases
from relief.review.coverage import cover
from relief.review.mutation import mutate
from relief.rulepack.pack import parse_pack

if TYPE_CHECKING:
    from pathlib import Path

    from relief.rulepack import Pack

STATED = "status: illustrative, note: test"
PACK = f"""
name: small
title: 小
title_en: small
parameters:
  standard:
    {{title: 标准, title_en: standard, per: 人·月, values: [{{from: 2020-01-01, at_least: 0, {STATED}}}]}}
measures:
  income: {{title: 收入, title_en: income, amount: monthly(income_fen / household_size), {STATED}}}
rules:
  - {{id: member, title: 会员, title_en: member, requires: union_member, {STATED}}}
  - {{id: home, title: 住房, title_en: homes, requires: homes_count <= 1, effect: warn, {STATED}}}
  - {{id: spouse, title: 配偶, title_en: spouse, requires: 'count(members) >= persons(1)', {STATED}}}
categories:
  - {{id: deep, title: 深度, title_en: deep, when: income < standard, {STATED}}}
  - {{id: wide, title: 宽, title_en: wide, when: income < 2 * standard, {STATED}}}
claim: {{title: 自付, title_en: cost, amount: out_of_pocket_fen, {STATED}}}
"""
CASES = """
cases:
  - id: deep-below
    title: 少一分
    title_en: one fen below
    on: 2021-09-30
    parameters: {standard: 853}
    household: {家庭年度总收入: 20471.99, 共同生活人口: 2, 工会会员: 是, 房产套数: 1, 个人自付（万元）: 0.1}
    members: [{与户主关系: 本人}]
    expect: {outcome: eligible, category: deep, claim: 1000, failed: [], unknown: [], checks: []}
  - id: deep-exactly
    like: deep-below
    household: {income_fen: 2047200, 房产套数: 2}
    expect: {outcome: eligible, category: wide, checks: [home]}
  - id: no-standard
    like: deep-below
    parameters: {}
    expect: {outcome: pending, unknown: [deep, wide]}
  - id: no-members
    like: deep-below
    members: []
    expect: {outcome: ineligible, category: null, failed: [spouse]}
  - id: members-not-handed-in
    like: deep-below
    members: null
    household: {工会会员: null, 个人自付: null}
    expect: {outcome: pending, claim: null, unknown: [member, spouse, claim]}
"""


def packed(text: str) -> Pack:
    return parse_pack({"small": {"pack.yaml": text.encode()}}, "small")


def cased(text: str) -> tuple[Case, ...]:
    return parse_cases("small/cases.yaml", text.encode())


def test_cases_get_the_answers_that_they_expect() -> None:
    assert [result.lines("en") for result in run_cases(packed(PACK), cased(CASES))] == [[], [], [], [], []]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("outcome: pending", "outcome: expected pending, found eligible"),
        ("outcome: eligible, category: wide", "category: expected wide, found deep"),
        ("outcome: eligible, category: null", "category: expected —, found deep"),
        ("outcome: eligible, claim: 1000.01", "claim: expected 1000.01, found 1000"),
        ("outcome: eligible, failed: [member]", "failed: expected member, found —"),
        ("outcome: eligible, unknown: [deep]", "unknown: expected deep, found —"),
        ("outcome: eligible, checks: [home]", "checks: expected home, found —"),
        ("outcome: eligible, benefits: {aid: 500}", "benefits: expected aid 500, found —"),
    ],
)
def test_each_difference_is_told(wrong: str, told: str) -> None:
    text = CASES.replace(
        "outcome: eligible, category: deep, claim: 1000, failed: [], unknown: [], checks: []", wrong
    )
    result = run_cases(packed(PACK), cased(text))[0]
    assert not result.passed
    assert result.lines("en") == [told]


def test_a_failed_case_sets_what_was_expected_above_what_was_found() -> None:
    text = CASES.replace("failed: [], unknown: [], checks: []", "failed: [member, home], unknown: []")
    text = text.replace("category: null, failed: [spouse]", "category: wide, failed: [member, home]")
    first, second, *_, last, _ = run_cases(packed(PACK), cased(text))
    assert first.block("zh") == [
        "✗ deep-below  少一分", "    failed", "      应为  home, member", "      实为  —",
    ]  # fmt: skip
    assert second.passed
    assert last.block("en") == [
        "✗ no-members  (like deep-below: one fen below)",
        "    category", "      expected  wide", "      found     —",
        "    failed", "      expected  home, member", "      found     spouse",
        "      lacking   home, member", "      beside    spouse",
    ]  # fmt: skip


def test_a_case_has_the_title_of_the_one_it_is_like_unless_it_gives_one() -> None:
    text = CASES.replace(
        "    like: deep-below\n    members: null", "    like: deep-exactly\n    members: null"
    )
    text = text.replace(
        "    like: deep-below\n    members: []", "    like: deep-below\n    title: 己\n    members: []"
    )
    titles = [(case.title, case.title_en, case.titled_like) for case in cased(text)]
    of_below = ("少一分", "one fen below", "deep-below")
    assert titles == [("少一分", "one fen below", ""), of_below, of_below, ("己", "", ""), of_below]


def test_a_table_without_rows_is_handed_in() -> None:
    pack = packed(PACK.replace("count(members) >= persons(1)", "count(history, where=awarded_on <= on) == 0"))
    text = CASES[: CASES.index("  - id: deep-exactly")]
    without = run_cases(pack, cased(text.replace("members: [{与户主关系: 本人}]", "history: []")))[0]
    unseen = run_cases(pack, cased(text))[0]
    assert (without.lines("en"), unseen.found and unseen.found.outcome) == ([], "pending")


def test_a_case_that_is_like_another_takes_over_all_but_what_it_is_to_get() -> None:
    first, second, *_, last = cased(CASES)
    (household,) = second.tables["households"]
    assert household == first.tables["households"][0] | {"income_fen": 2047200, "homes_count": 2}
    assert (second.title_en, second.on, second.parameters) == (
        "one fen below",
        dt.date(2021, 9, 30),
        {"standard": 853},
    )
    assert second.expect.model_fields_set == {"outcome", "category", "checks"}
    assert "members" not in last.tables
    assert last.tables["households"][0].keys() == {"income_fen", "household_size", "homes_count"}


def test_the_text_of_a_case_reads_back_as_the_case() -> None:
    odd = Case(
        "odd", "是: #1", "", dt.date(2021, 1, 1),
        {"households": [{"applicant_name": "null", "income_fen": -5, "housing_area": Fraction(177, 2)}],
         "documents": [{"issued_on": "2021-01-01", "kind": "医疗收据"}, {}], "members": []},
        Expected(outcome="pending", claim=None, benefits={"aid": Fraction(1, 2), "x": True}, failed=("a-b",)),
        {"share": Fraction(2, 37)},
    )  # fmt: skip
    cases = [*cased(CASES), odd]
    again = cased("cases:\n" + "".join(map(case_text, cases)))
    assert list(again[:-1]) == cases[:-1]
    assert again[-1].expect == odd.expect
    assert again[-1].parameters == odd.parameters
    sizes = {table: len(rows) for table, rows in again[-1].tables.items()}
    assert sizes == {"households": 1, "documents": 2, "members": 0}
    assert case_text(again[-1]) == case_text(odd)


def test_people_of_two_cases_never_meet() -> None:
    member = "members: [{身份证号: 440703198001010013, 与户主关系: 本人}]"
    receipt = "documents: [{材料类型: 医疗收据, 票据号码: 007}]"
    text = CASES.replace("members: [{与户主关系: 本人}]", f"{member}\n    {receipt}")
    cases = cased(text)
    assert cases[0].tables["documents"] == [{"kind": "医疗收据", "number": "007"}]
    assert [result.passed for result in run_cases(packed(PACK), cases)] == [True] * 5


def test_a_household_that_cannot_be_judged_says_why() -> None:
    text = CASES.replace("共同生活人口: 2", "共同生活人口: 两个")
    result = run_cases(packed(PACK), cased(text))[0]
    assert result.found is None
    assert not result.passed
    told = "small/cases.yaml:3:5: the household cannot be judged: '两个' is not a whole number"
    assert result.lines("en") == [told]


def test_two_categories_at_once_fail_where_the_pack_excludes_them() -> None:
    strict = packed(PACK + "exclusive_categories: true\n")
    results = {result.case.id: result for result in run_cases(strict, cased(CASES))}
    assert results["deep-below"].overlapping == ("deep", "wide")
    assert not results["deep-below"].passed
    assert results["deep-exactly"].passed


def test_cases_of_one_day_and_of_the_same_tables_are_judged_together() -> None:
    batches = batched(packed(PACK), cased(CASES))
    assert [[case.id for case in batch.cases] for batch in batches] == [
        ["deep-below", "deep-exactly", "no-members"], ["no-standard"], ["members-not-handed-in"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("no-members\n    like: deep-below", "no-members\n    like: deep-bellow",
         "20:11: no case before this one is called 'deep-bellow' (near: deep-below)"),
        ("id: no-members", "id: deep-below", "19:9: the case 'deep-below' stands twice"),
        ("    on: 2021-09-30\n", "", "3:5: the case lacks 'on'"),
        ("房产套数: 1", "房产数目: 1", "'房产数目' is no column of households (near: 房产套数)"),
        ("房产套数: 1", "家庭年收入: 1", "'家庭年收入' is income_fen, which stands here already"),
        ("房产套数: 1", "户编号: H1", "'户编号' is household_id, which stands here already or is filled in"),
        ("房产套数: 1", "房产套数: [1]", "the fact '房产套数' is one word or one number"),
        ("（万元）: 0.1", "（万元）: 0.1元", "the fact '医疗费用个人自付' is one word or one number"),
        ("房产套数: 1", "房产套数: 1e90", "the fact '房产套数' is one word or one number"),
        ("20471.99", "20471.999", "not a whole number of fen"),
        ("20471.99", "true", "not an amount"),
        ("20471.99", "99999999999999999999", "yuan is more fen than a 64-bit column holds"),
        ("standard: 853", "standart: 853", "which is no parameter of the pack. Parameters: standard"),
        ("outcome: ineligible", "outcome: refused", "expect.outcome: the value is none of those allowed"),
        ("checks: [home]", "check: [home]", "expect.check: there is no such key (near: checks)"),
        ("    members: []", "    member: []", "21:5: cases.3.member: there is no such key (near: members)"),
        ("failed: [spouse]", "failed: spouse", "expect.failed: a list is needed here"),
        ("id: deep-exactly", "id: Deep", "cases.1.id: this is no name"),
        ("members: []", "members: {}", "cases.3.members: a list is needed here"),
    ],
)  # fmt: skip
def test_a_malformed_case_is_told_with_its_place(old: str, new: str, told: str) -> None:
    assert CASES.count(old) >= 1
    with pytest.raises(PackError) as caught:
        run_cases(packed(PACK), cased(CASES.replace(old, new, 1)))
    assert told in caught.value.text("en")
    if "no parameter" not in told:
        assert "small/cases.yaml:" in caught.value.text("zh")


def test_a_case_that_cannot_be_judged_fails_alone() -> None:
    """Two cases of a day before any value of a parameter: each is told with its place, the rest goes on."""
    early = """
  - id: early
    like: no-standard
    on: 1999-12-31
    expect: {outcome: pending}
  - id: early-too
    like: early
    household: {房产套数: 2}
    expect: {outcome: pending}
  - id: late
    like: deep-below
    expect: {outcome: eligible}
"""
    results = run_cases(packed(PACK), cased(CASES + early))
    assert [result.passed for result in results] == [*[True] * 5, False, False, True]
    line = CASES.count("\n") + 2
    told = "the household cannot be judged: The parameter 标准 has no value for 1999-12-31"
    assert results[5].lines("en")[0].startswith(f"small/cases.yaml:{line}:5: {told}")
    assert results[6].block("zh")[1].startswith(f"    small/cases.yaml:{line + 4}:5：该户无法认定：")
    assert [len(batch.cases) for batch in batched(packed(PACK), cased(CASES + early))] == [4, 1, 1]
    assert mutate(packed(PACK), cased(CASES + early)).made
    assert cover(packed(PACK), cased(CASES + early)).results


def test_cases_are_read_from_the_pack_s_folder(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "pack.yaml").write_text(PACK, "utf-8")
    assert read_cases(folder) == ()
    (folder / "cases.yaml").write_text(CASES, "utf-8")
    assert read_cases(folder) == cased(CASES)
    (tmp_path / "elsewhere.yaml").write_text(CASES, "utf-8")
    (folder / "cases.yaml").unlink()
    (folder / "cases.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    with pytest.raises(PackError, match="leads out of the pack's folder"):
        read_cases(folder)
