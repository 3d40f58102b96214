"""Tests of judging.settling: the pack says what counts of a conflict, or a person, and nobody else."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relief.evidence.confirmation import confirmation
from relief.evidence.discrepancies import discrepancies
from relief.judging.departments import columns_needed
from relief.judging.eligibility import Assessment, assess
from relief.judging.statements import answers
from relief.rulepack.crosschecks import comparisons
from relief.rulepack.pack import Pack, parse_pack

ON = "2021-09-30"
ONE, TWO = "440703198001011234", "440703198001011242"
STATED = "status: illustrative, note: 例"
HEAD = f"""
name: small
title: 小
title_en: small
rules:
  - {{id: homes, title: 房, title_en: homes, requires: homes_count <= 1, {STATED}}}
  - {{id: savings, title: 存款, title_en: savings, requires: deposits_fen <= yuan(10000), {STATED}}}
  - {{id: work, title: 收入, title_en: income, requires: income_fen <= yuan(30000) / years(1), {STATED}}}
categories:
  - {{id: any, title: 困难, title_en: any, when: household_size >= 2, {STATED}}}
claim: {{title: 付, title_en: paid, amount: out_of_pocket_fen, {STATED}}}
"""
HOUSEHOLD = {
    "户编号": "H1", "房产套数": "1", "金融资产余额": "1000", "共同生活人口": "2", "家庭年度总收入": "20000",
    "医疗费用个人自付": "800", "申请日期": "2021-07-01",
}  # fmt: skip
PEOPLE = [
    {"户编号": "H1", "成员编号": "M1", "姓名": "示例甲", "身份证号": ONE, "关系": "本人",
     "是否计入家庭": "是", "工作状态": "失业", "年收入": "0", "转移净收入": "0"},
    {"户编号": "H1", "成员编号": "M2", "姓名": "示例乙", "身份证号": TWO, "关系": "配偶",
     "是否计入家庭": "是", "工作状态": "在岗", "年收入": "20000", "转移净收入": "0"},
]  # fmt: skip


def pack(*entries: str) -> Pack:
    listed = "".join(f"\n  - {{{entry}, {STATED}}}" for entry in entries)
    text = HEAD + (f"crosschecks:{listed}\n" if entries else "")
    return parse_pack({"small": {"pack.yaml": text.encode()}}, "small")


def fact(kind: str, value: Any, **more: Any) -> dict[str, Any]:
    return {
        "数据来源": "民政局",
        "身份证号": ONE,
        "数据日期": "2021-09-10",
        "核对事项": kind,
        "核对结果": value,
        **more,
    }


def ruling(matter: str, value: Any, **more: Any) -> dict[str, Any]:
    told = {"裁定人": "示例裁定员", "裁定日期": "2021-09-20", "理由": "产权证核实"}
    return {"户编号": "H1", "规则编号": matter, "核定值": value, **told, **more}


def judged(
    rules: Pack, *facts: dict[str, Any], rulings: tuple[dict[str, Any], ...] = (), **cells: Any
) -> Assessment:
    frames = {"households": pd.DataFrame([HOUSEHOLD | cells]), "members": pd.DataFrame(PEOPLE)}
    frames |= {"registry": pd.DataFrame(facts)} if facts else {}
    frames |= {"rulings": pd.DataFrame(rulings)} if rulings else {}
    return assess(frames, rules, on=ON)


def outcome(found: Assessment) -> str:
    return str(found.decisions.loc["H1", "outcome"])


def codes(found: Assessment) -> list[str]:
    return [fault.code for fault in found.faults]


CONFLICTS = {
    "不动产": fact("不动产", "2套"),
    "存款余额": fact("存款余额", "有", 核对金额="50000"),
    "就业": fact("就业", "示例企业参保"),
    "养老保险": fact("养老保险", "领取待遇"),
    "死亡": fact("死亡", "已注销", 身份证号=TWO),
    "婚姻": fact("婚姻", "离婚"),
}
# As if the answer were right: a second home, too much in the bank, an income not known, one person less.
FOUND = {"不动产": "ineligible", "存款余额": "ineligible", "就业": "pending", "养老保险": "pending",
         "死亡": "ineligible", "婚姻": "ineligible"}  # fmt: skip


@pytest.mark.parametrize("kind", CONFLICTS)
def test_the_pack_says_which_side_counts(kind: str) -> None:
    told = {
        wins: judged(pack(f"kind: {kind}, wins: {wins}"), CONFLICTS[kind])
        for wins in ("declared", "registry", "ask")
    }
    assert outcome(judged(pack(), CONFLICTS[kind])) == "eligible"
    assert outcome(told["declared"]) == "eligible"
    assert outcome(told["registry"]) == FOUND[kind]
    assert outcome(told["ask"]) == "pending"
    assert codes(told["registry"]) == codes(told["declared"]) == []
    assert codes(told["ask"]) == ["warning.crosscheck_ask"]
    (row,) = discrepancies(told["registry"]).to_dict("records")
    assert (row["went_by"], row["counts"]) == ("found", row["found"])
    (row,) = discrepancies(told["declared"]).to_dict("records")
    assert (row["went_by"], row["counts"]) == ("declared", row["declared"])
    (row,) = discrepancies(told["ask"]).to_dict("records")
    assert (row["went_by"], row["counts"], row["settled_by"]) == ("nobody", None, None)


@pytest.mark.parametrize("kind", CONFLICTS)
def test_the_effect_is_the_same_whoever_wins(kind: str) -> None:
    rows = [
        discrepancies(judged(pack(*told), CONFLICTS[kind])).to_dict("records")[0]
        for told in (
            (),
            (f"kind: {kind}, wins: declared",),
            (f"kind: {kind}, wins: registry",),
            (f"kind: {kind}, wins: ask",),
        )
    ]
    assert {(row["effect"], row["outcome_if_declared"], row["outcome_if_found"]) for row in rows} == {
        ("outcome", "eligible", FOUND[kind])
    }


@pytest.mark.parametrize("kind", CONFLICTS)
@pytest.mark.parametrize("wins", ["", ", wins: ask", ", wins: registry", ", wins: declared"])
def test_a_person_goes_before_the_pack(kind: str, wins: str) -> None:
    rules = pack(f"kind: {kind}{wins}")
    for word, expected in (("申报", "eligible"), ("部门反馈", FOUND[kind])):
        found = judged(rules, CONFLICTS[kind], rulings=(ruling(kind, word),))
        assert outcome(found) == expected
        assert codes(found) == []
        (row,) = discrepancies(found).to_dict("records")
        side = "declared" if word == "申报" else "found"
        assert (row["went_by"], row["counts"], row["settled_by"]) == ("ruling", row[side], "示例裁定员")
        assert (row["settled_on"], row["settled_why"]) == (pd.Timestamp("2021-09-20"), "产权证核实")


@pytest.mark.parametrize(
    ("kind", "value", "expected", "shown"),
    [
        ("不动产", "0", "eligible", "0"), ("不动产", "3", "ineligible", "3"),
        ("不动产", "2", "ineligible", "2"),
        ("存款余额", "1万", "eligible", "10,000.00"), ("存款余额", "10000.01", "ineligible", "10,000.01"),
        ("房产", "1", "eligible", "1"),
    ],
)  # fmt: skip
def test_a_person_may_state_the_value(kind: str, value: str, expected: str, shown: str) -> None:
    matter = {"房产": "不动产"}.get(kind, kind)
    found = judged(pack(), CONFLICTS[matter], rulings=(ruling(kind, value),))
    assert (outcome(found), codes(found)) == (expected, [])
    assert discrepancies(found)["counts"].tolist() == [shown]


def test_a_pack_that_reads_the_register_goes_by_the_ruling_too() -> None:
    facts = (fact("不动产", "2套"), fact("不动产", "示例路1号"))
    base = {"区县": "蓬江区", "房产套数": "1"}
    for told, failed in (((), True), ((ruling("不动产", "1"),), False), ((ruling("不动产", "申报"),), False)):
        frames = {
            "households": pd.DataFrame([HOUSEHOLD | base]),
            "members": pd.DataFrame(PEOPLE),
            "registry": pd.DataFrame(facts),
            **({"rulings": pd.DataFrame(told)} if told else {}),
        }
        found = assess(frames, "jiangmen-2021", on=ON)
        assert ("homes" in str(found.decisions.loc["H1", "failed_rules"]).split(";")) is failed
        assert codes(found) == []


@pytest.mark.parametrize("part", ["裁定人", "裁定日期", "理由", "核定值"])
def test_a_ruling_that_is_not_signed_dated_and_reasoned_is_refused(part: str) -> None:
    found = judged(
        pack(),
        CONFLICTS["不动产"],
        rulings=(ruling("不动产", "0") | {part: None}, ruling("homes", None, 裁定="是")),
    )
    assert codes(found) == ["warning.ruling_incomplete"]
    assert part in found.faults[0].problem("zh")
    assert discrepancies(found)["settled_by"].tolist() == [None]


def test_a_ruling_of_a_later_day_or_against_another_settles_nothing() -> None:
    later = judged(
        pack("kind: 不动产, wins: ask"),
        CONFLICTS["不动产"],
        rulings=(ruling("不动产", "0", 裁定日期="2021-10-01"),),
    )
    assert (outcome(later), codes(later)) == ("pending", ["notice.ruling_later", "warning.crosscheck_ask"])
    split = judged(
        pack("kind: 不动产, wins: ask"),
        CONFLICTS["不动产"],
        rulings=(ruling("不动产", "0"), ruling("不动产", "2")),
    )
    assert outcome(split) == "pending"
    assert codes(split) == ["warning.ruling_conflict", "warning.ruling_conflict", "warning.crosscheck_ask"]
    again = (
        ruling("不动产", "2"),
        ruling("不动产", "0", 裁定日期="2021-09-21"),
        ruling("不动产", "3", 裁定日期="2021-09-19"),
    )
    assert discrepancies(judged(pack(), CONFLICTS["不动产"], rulings=again))["counts"].tolist() == ["0"]


def test_a_value_that_cannot_be_read_leaves_the_matter_unknown() -> None:
    for kind, value in (("不动产", "若干"), ("死亡", "不清楚"), ("存款余额", "-1")):
        found = judged(pack(), CONFLICTS[kind], rulings=(ruling(kind, value),))
        assert (outcome(found), codes(found)) == ("pending", ["warning.ruling_value"])


@pytest.mark.parametrize(
    "facts", [(), (fact("不动产", "1套"),), (fact("不动产", "待查"),), (fact("死亡", "已注销"),)]
)
def test_a_ruling_where_nothing_conflicts_changes_nothing_and_is_told(
    facts: tuple[dict[str, Any], ...],
) -> None:
    found = judged(pack(), *facts, rulings=(ruling("不动产", "3"),))
    assert (outcome(found), codes(found)) == ("eligible", ["notice.ruling_idle"])


@pytest.mark.parametrize(
    ("value", "outcome_then", "told"),
    [("1", "eligible", []), ("部门反馈", "ineligible", []), ("申报", "pending", ["warning.ruling_value"])],
)
def test_a_ruling_counts_too_where_the_household_left_the_matter_blank(
    value: str, outcome_then: str, told: list[str]
) -> None:
    """It was dropped as idle, and the household refused for a home that a person had ruled out."""
    by_register = pack("kind: 不动产, wins: registry")
    found = judged(by_register, CONFLICTS["不动产"], rulings=(ruling("不动产", value),), 房产套数=None)
    assert (outcome(found), codes(found)) == (outcome_then, told)


def test_a_ruling_may_be_about_one_member() -> None:
    facts = (fact("死亡", "已注销"), fact("死亡", "已注销", 身份证号=TWO))
    rules = pack("kind: 死亡, wins: declared")
    found = judged(rules, *facts, rulings=(ruling("死亡", "部门反馈", 成员编号="M2"),), 共同生活人口="3")
    assert discrepancies(found)["went_by"].tolist() == ["declared", "ruling"]
    assert found.tables["members"]["counts_in_household"].tolist() == [True, False]
    assert found.tables["households"]["household_size"].tolist() == [2]
    assert found.stated["members"]["counts_in_household"].tolist() == [True, True]
    both = judged(rules, *facts, rulings=(ruling("死亡", "部门反馈"),), 共同生活人口="3")
    assert both.tables["households"]["household_size"].tolist() == [1]


def test_an_answer_that_is_too_old_is_as_none_and_told() -> None:
    rules = pack("kind: 不动产, months: 6, wins: registry")
    for day, expected in (("2021-03-30", "ineligible"), ("2021-03-29", "eligible"), (None, "eligible")):
        found = judged(rules, fact("不动产", "2套", 数据日期=day))
        assert outcome(found) == expected
        assert codes(found) == ([] if expected == "ineligible" else ["warning.registry_old"])
        assert discrepancies(found).empty is (expected == "eligible")
        states = confirmation(found).loc[("民政局", "不动产")]
        assert states["contradicted"] == (expected == "ineligible")
        assert states["stale"] == (expected == "eligible")
    assert (
        outcome(judged(pack("kind: 存款余额, months: 6, wins: registry"), fact("不动产", "2套")))
        == "eligible"
    )


@pytest.mark.parametrize(
    ("balance", "differs"), [("1999.99", False), ("2000", False), ("2000.01", True), ("0", False)]
)
def test_what_differs_by_less_than_the_tolerance_agrees(balance: str, differs: bool) -> None:
    found = judged(pack("kind: 存款余额, tolerance: 1000"), fact("存款余额", "有", 核对金额=balance))
    assert discrepancies(found).empty is not differs


@pytest.mark.parametrize(("paid", "differs"), [("19999.99", False), ("20000", False), ("20000.01", True)])
def test_a_part_of_an_income_only_contradicts_a_smaller_statement(paid: str, differs: bool) -> None:
    rules = pack("kind: 就业, stated: members.income_fen, found: part, wins: registry")
    found = judged(rules, fact("就业", "有", 核对金额=paid, 身份证号=TWO))
    assert discrepancies(found).empty is not differs
    added = 1 if differs else 0
    assert found.tables["members"]["income_fen"].tolist() == [0, 20_000_00 + added]
    assert found.tables["households"]["income_fen"].tolist() == [20_000_00 + added]


@pytest.mark.parametrize("value", ["待查", None])
def test_no_answer_is_unknown_and_wins_nothing(value: Any) -> None:
    rules = pack("kind: 不动产, wins: registry")
    assert outcome(judged(rules)) == "eligible"
    assert confirmation(judged(rules)).loc[("自然资源局", "不动产"), "no_reply"] == 0
    assert outcome(judged(rules, fact("不动产", value))) == "eligible"


OLD_HOUSE = fact("不动产", "示例村老屋", 用途="祖屋")


@pytest.mark.parametrize(
    ("facts", "found", "outcome_then"),
    [
        ((fact("不动产", "示例路1号", 用途="住宅"), OLD_HOUSE), None, "eligible"),
        ((OLD_HOUSE,), "0", "eligible"),
        (
            (fact("不动产", "示例路1号", 用途="住宅"), fact("不动产", "示例路2号", 用途="住宅"), OLD_HOUSE),
            "2",
            "ineligible",
        ),
        (
            (fact("不动产", "示例路1号", 用途="住宅"), fact("不动产", "示例路2号", 用途=None)),
            None,
            "eligible",
        ),
    ],
)
def test_what_the_pack_leaves_out_is_no_finding(
    facts: tuple[Any, ...], found: str | None, outcome_then: str
) -> None:
    rules = pack("kind: 不动产, wins: registry, where: 'use != \"祖屋\"'")
    then = judged(rules, *facts)
    assert outcome(then) == outcome_then
    assert discrepancies(then)["found"].tolist() == ([] if found is None else [found])
    assert [place for place in then.stated["registry"]["value"] if place == "无"] == []
    states = confirmation(then).loc[("民政局", "不动产")]
    is_open = len(facts) == 2 and facts[1] is not OLD_HOUSE
    assert (states["contradicted"], states["open"]) == (int(found is not None), int(is_open))
    pd.testing.assert_frame_equal(assess(then.tables, rules, on=ON).decisions, then.decisions)


def test_an_open_answer_stays_open_whatever_the_pack_leaves_out() -> None:
    rules = pack("kind: 不动产, wins: registry, where: 'use != \"祖屋\"'")
    then = judged(rules, fact("不动产", "待查", 用途="住宅"), fact("不动产", "示例路2号", 用途="住宅"))
    assert discrepancies(then).empty
    assert confirmation(then).loc[("民政局", "不动产"), "open"] == 1


def test_the_department_is_asked_for_what_the_comparison_reads() -> None:
    rules = pack('kind: 不动产, wins: registry, where: use != "祖屋" and households.household_size > 0')
    assert columns_needed(rules, ["不动产"]) == {"use"}
    assert columns_needed(pack("kind: 不动产, wins: registry"), ["不动产"]) == set()


def test_a_comparison_without_a_source_is_told_as_a_rule_is() -> None:
    found = judged(pack("kind: 不动产, wins: ask"))
    assert found.not_sourced("zh")["数据比对（不动产）"].endswith("例")
    assert "crosscheck of 不动产" in found.not_sourced("en")
    assert "数据比对（不动产）" not in judged(pack()).not_sourced("zh")


@pytest.mark.parametrize("kind", CONFLICTS)
@pytest.mark.parametrize("said", ["declared", "registry", "ask", "申报", "部门反馈"])
def test_a_settled_conflict_is_none_any_more(kind: str, said: str) -> None:
    is_ruling = said in ("申报", "部门反馈")
    rules = pack() if is_ruling else pack(f"kind: {kind}, wins: {said}")
    rulings = (ruling(kind, said),) if is_ruling else ()
    found = judged(rules, CONFLICTS[kind], rulings=rulings, 共同生活人口="3")
    assert not [answer for answer in answers(found.tables, comparisons(rules)) if answer.differs]
    again = assess(found.tables, rules, on=ON)
    pd.testing.assert_frame_equal(again.decisions, found.decisions)
    for table in ("households", "members", "registry"):
        pd.testing.assert_frame_equal(again.tables[table], found.tables[table], check_dtype=False)


def test_judging_what_was_judged_changes_nothing() -> None:
    rules = pack("kind: 不动产, wins: ask", "kind: 死亡, wins: registry")
    facts = (*(CONFLICTS[kind] for kind in ("不动产", "存款余额", "死亡")),)
    found = judged(rules, *facts, rulings=(ruling("不动产", "0"),), 共同生活人口="3")
    again = assess(found.tables, rules, on=ON)
    pd.testing.assert_frame_equal(again.decisions, found.decisions)
    assert outcome(found) == "eligible"


def test_without_a_registry_or_a_ruling_the_tables_are_the_same_ones() -> None:
    found = judged(pack())
    assert found.tables is found.stated
    found = judged(pack(), CONFLICTS["不动产"])
    assert found.tables is found.stated


def test_a_spouse_who_was_not_stated_counts_and_nothing_else_is_known_of_them() -> None:
    frames = {
        "households": pd.DataFrame([HOUSEHOLD | {"共同生活人口": "1"}]),
        "members": pd.DataFrame(PEOPLE[:1]).drop(columns="是否计入家庭"),
        "registry": pd.DataFrame([fact("婚姻", "已婚")]),
    }
    rules = pack("kind: 婚姻, wins: registry")
    found = assess(frames, rules, on=ON)
    assert (outcome(assess(frames, pack(), on=ON)), outcome(found)) == ("ineligible", "eligible")
    assert found.tables["members"]["relation"].tolist() == ["本人", "配偶"]
    assert found.tables["members"]["income_fen"].isna().tolist() == [False, True]
    (row,) = discrepancies(found).to_dict("records")
    assert (row["declared"], row["found"], row["effect"], row["went_by"]) == (
        "无配偶",
        "已婚",
        "outcome",
        "found",
    )
    pd.testing.assert_frame_equal(assess(found.tables, rules, on=ON).decisions, found.decisions)


VALUES = {
    "不动产": ["无", "1套", "2套", "待查", "示例路1号"],
    "存款余额": ["无", "有", "待查"],
    "就业": ["无", "示例企业", "待查"],
    "养老保险": ["无", "领取", "参保"],
    "死亡": ["无", "已注销"],
    "婚姻": ["已婚", "离婚", "待查"],
}
FACTS = st.sampled_from(sorted(VALUES)).flatmap(
    lambda kind: st.builds(
        fact, st.just(kind), st.sampled_from(VALUES[kind]), 身份证号=st.sampled_from([ONE, TWO]),
        核对金额=st.sampled_from([None, "1000", "50000"]),
        数据日期=st.sampled_from(["2021-09-10", "2020-01-01", None]),
    )
)  # fmt: skip
SAID = ["", "wins: declared", "wins: registry", "wins: ask", "months: 6", "months: 6, wins: registry"]
ENTRIES = st.fixed_dictionaries({kind: st.sampled_from(SAID) for kind in VALUES}).map(
    lambda said: {kind: words for kind, words in said.items() if words}
)
RULINGS = st.lists(
    st.builds(ruling, st.sampled_from(sorted(VALUES)), st.sampled_from(["申报", "部门反馈", "2", "若干"])),
    max_size=3,
)


@settings(max_examples=20, deadline=None)
@given(st.lists(FACTS, max_size=5), ENTRIES, RULINGS, st.randoms(use_true_random=False))
def test_whatever_is_answered_and_ruled(
    facts: list[Any], entries: dict[str, str], rulings: list[Any], luck: Any
) -> None:
    rules = pack(*(f"kind: {kind}, {said}" for kind, said in entries.items()))
    found = judged(rules, *facts, rulings=tuple(rulings), 共同生活人口="3")
    again = assess(found.tables, rules, on=ON)
    pd.testing.assert_frame_equal(again.decisions, found.decisions)
    told = discrepancies(found)
    luck.shuffle(facts)
    shuffled = judged(rules, *facts, rulings=tuple(rulings), 共同生活人口="3")
    pd.testing.assert_frame_equal(shuffled.decisions, found.decisions)
    names = ["household_id", "kind", "declared", "found", "went_by", "effect", "counts", "settled_by"]
    columns = told[names].fillna("").sort_values(names, ignore_index=True)
    pd.testing.assert_frame_equal(
        discrepancies(shuffled)[names].fillna("").sort_values(names, ignore_index=True), columns
    )
    waits = set(told["went_by"]) - {"declared", "found", "ruling", "either", "measures"}
    assert ("nobody" in waits) == any(
        f.code in ("warning.crosscheck_ask", "warning.ruling_value") for f in found.faults
    )
    # The rules of this pack read statements only, so what is not settled otherwise is as without answers.
    if not entries and not rulings:
        pd.testing.assert_frame_equal(
            judged(rules, rulings=tuple(rulings), 共同生活人口="3").decisions, found.decisions
        )


@pytest.mark.parametrize(
    ("wins", "rulings", "told"),
    [
        ("wins: declared", (), "不动产：申报 1，部门反馈 2，按规则以申报为准。"),
        ("wins: registry", (), "不动产：申报 1，部门反馈 2，按规则以部门反馈为准。"),
        ("wins: ask", (), "不动产：申报 1，部门反馈 2，须由专人裁定以何为准。"),
        ("wins: ask", (ruling("不动产", "0"),), "不动产：申报 1，部门反馈 2，按 2021-09-20 的裁定取 0。"),
        ("wins: ask", (ruling("不动产", "若干"),), "不动产：申报 1，部门反馈 2，须由专人裁定以何为准。"),
        ("tolerance: 0", (), None),
    ],
)
def test_a_letter_tells_what_counts_and_not_who_ruled(
    wins: str, rulings: tuple[Any, ...], told: str | None
) -> None:
    found = judged(pack(f"kind: 不动产, {wins}"), CONFLICTS["不动产"], rulings=rulings)
    letter = found.explain("H1")
    assert (told is None) == ("申报与部门数据不一致的事项" not in letter)
    assert told is None or told in letter
    assert "示例裁定员" not in letter + found.explain("H1", "en")
    assert (told is None) == ("department answered" not in found.explain("H1", "en"))


def test_a_spouse_who_died_makes_the_household_smaller_once() -> None:
    rules = pack("kind: 死亡, wins: registry", "kind: 婚姻, wins: registry")
    for facts in ((CONFLICTS["死亡"], fact("婚姻", "丧偶")), (fact("婚姻", "丧偶"), CONFLICTS["死亡"])):
        found = judged(rules, *facts, 共同生活人口="3")
        assert found.tables["households"]["household_size"].tolist() == [2]
        assert found.tables["members"]["counts_in_household"].tolist() == [True, False]
