"""Tests of relief.why.reasons and relief.judging.assessment: why, as people read it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from tests.packs import small_pack

from relief.judging.eligibility import assess
from relief.rulepack.pack import parse_pack

if TYPE_CHECKING:
    from relief.judging.assessment import Assessment
    from relief.rulepack.pack import Pack

ROW = {
    "户编号": "H1", "区县": "蓬江区", "工会会员": "是", "入户日期": "2021-06-01", "公示天数": "6",
    "房产套数": "",
    "个人自付": "1234.50", "家庭年收入": "30671.99", "刚性支出": "0", "家庭人口": "3",
}  # fmt: skip


def judged(**cells: Any) -> Assessment:
    frame = pd.DataFrame([{**ROW, **cells}], dtype=object)
    return assess({"households": frame}, "jiangmen-2021", on="2021-09-30")


def reason(rule_id: str, lang: Any = "zh", **cells: Any) -> pd.Series:
    table = judged(**cells).reasons(lang)
    return table[table["rule_id"] == rule_id].iloc[0]


@pytest.mark.parametrize(
    ("rule_id", "figures"),
    [
        ("union-member", ("pass", "是", "", "")),
        ("visited", ("pass", "2021-06-01", "2021-09-30", "121 天")),
        ("review-passed", ("unknown", "未知", "", "")),
        ("notice-days", ("fail", "6", "7", "1")),
        ("homes", ("unknown", "未知", "1", "")),
        ("out-of-pocket", ("pass", "1,234.50", "0.00", "1,234.50")),
        ("deep", ("pass", "851.99", "不低于 853.00", "")),
        ("relative", ("pass", "851.99", "不低于 1,706.00", "")),
    ],
)
def test_figures(rule_id: str, figures: tuple[str, ...]) -> None:
    row = reason(rule_id)
    assert (row["result"], row["observed"], row["limit"], row["margin"]) == figures
    assert row["message"].startswith(row["title"])
    assert row["source"]


def test_reasons_in_english() -> None:
    row = reason("notice-days", "en")
    assert row["message"].startswith(
        "publicly posted for at least 7 working days: 6, required ≥ 7, apart by 1"
    )
    assert row["message"].endswith("not met")


def test_what_differs_from_a_bound_looks_different_from_it() -> None:
    """30,708.01 ÷ 3 ÷ 12 is 853.0002…: no longer the floor of 853.00, which would be just at it."""
    row = reason("deep", "en", 家庭年收入="30708.01")
    assert "853.0002, required < a value not known yet (at least 853.0000)" in row["message"]
    assert (
        "853.00, required < a value not known yet (at least 853.00)"
        in (reason("deep", "en", 家庭年收入="30708")["message"])
    )


def test_a_share_is_shown_rounded_down_also_below_zero() -> None:
    assert reason("deep", 刚性支出="30672.00")["observed"] == "-0.01"


@pytest.mark.parametrize(
    ("rule_id", "lang", "formula"),
    [
        ("deep", "zh", "(30,671.99 − 0.00［刚性支出］) ÷ 3 ÷ 12 = 851.99… < 不低于 853.00（元/人·月）"),
        (
            "relative",
            "en",
            "(30,671.99 − 0.00 [rigid expenditure]) ÷ 3 ÷ 12 = 851.99… < at least 1,706.00 = 2 × "
            "at least 853.00 yuan/person/month",
        ),
        ("notice-days", "zh", "6 ≥ 7（天）"),
        ("visited", "zh", "2021-06-01 ≤ 2021-09-30"),
        ("homes", "en", "unknown ≤ 1"),
        ("union-member", "zh", "是否工会会员：是"),
        ("notice-objection", "en", "not (objection during the notice: unknown)"),
        ("medical-receipt", "zh", "有无医疗收据：未知 或 医疗材料“医疗收据”：否"),
        (
            "accidental",
            "en",
            "main cause of hardship among 重大意外事故, 自然灾害: unknown and a named person's ruling on "
            "'hardship by accident' (rule_id still-in-hardship): unknown",
        ),
    ],
)
def test_a_formula_has_its_numbers_put_in(rule_id: str, lang: Any, formula: str) -> None:
    assert reason(rule_id, lang)["formula"] == formula


def test_a_formula_shows_the_figures_of_what_may_be_unknown_and_of_a_choice() -> None:
    price = 'vehicles_count == 0 or coalesce(vehicle_price_fen < yuan("10万"), false)'
    choice = "income_fen > rigid_expenditure_fen if union_member else homes_count < 2"
    pack = small([{"id": "x", "requires": price}, {"id": "y", "requires": choice}])
    row = {"household_id": "H", "vehicles_count": 1, "vehicle_price_fen": 15_000_000, "union_member": True,
           "income_fen": 1, "rigid_expenditure_fen": 0, "homes_count": 3}  # fmt: skip
    told = assess({"households": pd.DataFrame([row])}, pack, on="2021-09-30").reasons()["formula"]
    assert told[0] == "机动车数 1 = 0 或 车辆购置价 150,000.00 < 100,000.00（元）（未知时为：否）"
    assert told[1] == ("如果是否工会会员：是，则家庭年度总收入 0.01 > 0.00（元/年），否则房产套数 3 < 2")


def test_a_source_says_how_its_phrase_was_read() -> None:
    assert reason("relative")["source"].endswith("“低于…2倍以内”（来源等级B）；按“<”（低于）执行")
    assert reason("notice-days", "en")["source"].endswith("; read as ≥ (not below)")
    assert "执行" not in reason("union-member")["source"]


PACK = {
    "title": "某", "title_en": "some", "status": "illustrative", "note": "test",
}  # fmt: skip


def small(rules: list[dict[str, Any]], **more: Any) -> Pack:
    content = {
        "name": "small", "title": "测试", "title_en": "test",
        "rules": [PACK | rule for rule in rules],
        "categories": [{"id": "deep", **PACK, "title": "深度困难", "when": "union_member"},
                       {"id": "other", **PACK, "title": "其他困难", "when": "true"}],
        "claim": {**PACK, "amount": "out_of_pocket_fen"}, **more,
    }  # fmt: skip
    return parse_pack({"small": {"pack.yaml": json.dumps(content).encode()}}, "small")


@pytest.mark.parametrize(
    ("requires", "figures"),
    [
        # 100.00 and a third of a fen is not at most 100.00.
        ("income_fen / 3 <= rigid_expenditure_fen", ("100.00…", "100.00", "fail")),
        ("income_fen / 3 > rigid_expenditure_fen", ("100.00…", "100.00", "pass")),
        (
            "income_fen / 3 < (income_fen + yearly(monthly(wage_income_fen))) / 3",
            ("100.003…", "100.006…", "pass"),
        ),
        ("income_fen / 3 < income_fen / 3", ("100.00", "100.00", "fail")),
    ],
)
def test_figures_that_differ_look_different(requires: str, figures: tuple[str, ...]) -> None:
    row = {"household_id": "H", "income_fen": 30_001, "rigid_expenditure_fen": 10_000, "wage_income_fen": 1}
    found = assess(
        {"households": pd.DataFrame([row])}, small([{"id": "x", "requires": requires}]), on="2021-09-30"
    )
    told = found.reasons().iloc[0]
    assert (told["observed"], told["limit"], told["result"]) == figures


def test_a_bar_names_the_categories_that_it_bars() -> None:
    pack = small([{"id": "x", "requires": "homes_count < 2", "bars": ["deep"]}])
    row = {"household_id": "H", "homes_count": 2, "union_member": True, "out_of_pocket_fen": 1}
    told = assess({"households": pd.DataFrame([row])}, pack, on="2021-09-30").reasons().iloc[0]
    assert told["kind"] == "bar"
    assert told["message"].endswith("不符合；因此不能认定为深度困难")


@pytest.mark.parametrize(
    ("homes", "told"), [(2, "因“某”不符合，不能认定为此类别"), (None, "且“某”尚不能判断")]
)
def test_a_category_is_told_with_what_bars_it(homes: int | None, told: str) -> None:
    pack = small([{"id": "x", "requires": "homes_count < 2", "bars": ["deep"]}])
    row = {"household_id": "H", "homes_count": homes, "union_member": True, "out_of_pocket_fen": 1}
    judged_ = assess({"households": pd.DataFrame([row], dtype=object)}, pack, on="2021-09-30")
    reasons = judged_.reasons().set_index("rule_id")["message"]
    assert reasons["deep"].endswith(told)
    assert "某" not in reasons["other"]
    if homes:
        assert "不能认定为某些类别的原因：" in judged_.explain("H"), "eligible, but not in the first category"


def test_a_claim_that_is_open_is_told_as_the_reason() -> None:
    pack = small([{"id": "x", "requires": "homes_count < 2"}])
    row = {"household_id": "H", "homes_count": 1, "union_member": True, "out_of_pocket_fen": None}
    text = assess({"households": pd.DataFrame([row], dtype=object)}, pack, on="2021-09-30").explain("H")
    assert "计入分配的金额（某）：尚不能确定。" in text
    assert "[？] 某：未知，尚不能判断 [claim]" in text


def proposed(pack: Pack, row: dict[str, Any], members: list[dict[str, Any]] | None = None) -> list[str]:
    base = {"household_id": "H", "union_member": True, "out_of_pocket_fen": 1}
    frames = {"households": pd.DataFrame([base | row])}
    if members:
        frames["members"] = pd.DataFrame([{"household_id": "H"} | member for member in members])
    text = assess(frames, pack, on="2021-09-30").explain("H")
    return [line for line in text.splitlines() if line.startswith("  - ")]


def test_a_letter_proposes_nothing_that_nobody_would_ask_for() -> None:
    pack = small(
        [{"id": "x", "requires": 'count(members, where=employment == "在岗" and counts_in_household) == 0'}]
    )
    people = [
        {"member_id": "a", "relation": "本人", "counts_in_household": True, "employment": "在岗"},
        {"member_id": "b", "relation": "配偶", "counts_in_household": True, "employment": "退休"},
    ]
    recorded = "  - 成员a（本人）的“工作状态”登记为“在岗”，如实际为“下岗”：认定（深度困难）"
    assert proposed(pack, {}, people) == [recorded], "and not that the applicant does not count"
    people[0]["relation"] = "配偶"
    assert len(proposed(pack, {}, people)) == 2


def test_like_amounts_are_one_proposal_and_a_letter_has_six() -> None:
    spent = ("illness", "schooling", "disability", "accident", "other")
    total = " + ".join(f"rigid_{kind}_fen" for kind in spent)
    pack = small([{"id": "x", "requires": f"{total} > income_fen"}])
    lines = proposed(pack, {f"rigid_{kind}_fen": 0 for kind in spent} | {"income_fen": 999})
    assert len(lines) == 1, "less income than nothing is no way"
    assert "中任一项，如实际比登记的多 10.00 元" in lines[0]
    flags = ("in_service", "on_subsistence", "review_passed", "visit_signed", "has_medical_receipt")
    counts = ("household_size", "visitors_count", "notice_working_days")
    ways = [*flags, *(f"{name} > {least}" for least, name in enumerate(counts, start=2))]
    many = small([{"id": "x", "requires": " or ".join(ways)}])
    lines = proposed(many, dict.fromkeys(counts, 1) | dict.fromkeys(flags, False))
    assert len(lines) == 7
    assert lines[-1] == "  - 另有 2 种变化也会改变结果"


def test_a_benefit_is_told_with_its_amount() -> None:
    gift = {
        **PACK,
        "id": "gift",
        "title": "慰问金",
        "when": 'category == "deep"',
        "amount": "min(claim, yuan(20))",
    }
    pack = small([{"id": "x", "requires": "homes_count < 2"}], benefits=[gift])
    row = {"household_id": "H", "homes_count": 1, "union_member": True, "out_of_pocket_fen": 1500}
    found = assess({"households": pd.DataFrame([row])}, pack, on="2021-09-30")
    told = found.reasons().iloc[-1]
    assert (told["kind"], told["result"]) == ("benefit", "pass")
    assert told["message"].endswith("；15.00 元")
    assert told["message"] in found.explain("H")


# --- letters ----------------------------------------------------------------------------------------


def test_what_is_missing_and_cannot_matter_is_not_named() -> None:
    missing = judged(公示天数="7").missing()
    facts = set(missing["fact"])
    assert {"房产套数", "机动车数", "评议结果"} <= facts
    assert not {"城乡", "联系电话", "主要致困原因", "家庭年度总收入"} & facts
    assert judged().missing().empty, "refused already: nothing is missing"


def test_a_letter_of_a_pending_household_tells_what_is_open_and_what_is_missing() -> None:
    lines = judged(公示天数="7").explain("H1", "en").splitlines()
    assert lines[0].startswith("Household H1: pending")
    assert lines[1] == "Category so far: deep hardship."
    assert lines[2].startswith("Counted as claim (")
    assert lines[2].endswith("): 1,234.50 yuan.")
    assert sum(line.startswith("  [?]") for line in lines) == 7
    assert "Other rules met: 6." in lines
    missing = next(line for line in lines if line.startswith("Still missing: "))
    assert "homes owned" in missing
    assert lines[-1] == "None of these alone is enough for recognition."


def test_a_letter_of_a_refused_household_tells_what_would_change_it_and_the_review() -> None:
    text = judged(公示天数="6", 工会会员="否").explain("H1")
    assert text.startswith("户编号 H1：不予认定")
    assert "[×] 公示不少于7个工作日：6，要求 ≥ 7，相差 1，不符合 [notice-days]" in text
    assert "公示工作日数增加 1 天（由 6 增为 7）" in text
    assert "，并且" in text, "two rules refuse, so two facts must change"
    assert "复核" in text.splitlines()[-1]


def test_a_letter_of_an_eligible_household_lists_what_is_met() -> None:
    met = {"评议结果": "通过", "公示异议": "无异议", "房产套数": "1", "机动车数": "0", "公示天数": "7",
           "住院记录": "有", "疾病证明书": "有", "医疗收据": "有"}  # fmt: skip
    found = judged(**met)
    assert found.decisions["outcome"].item() == "eligible"
    text = found.explain("H1")
    assert text.startswith("户编号 H1：予以认定（深度困难）")
    assert "符合的规定：" in text.splitlines()
    assert "复核" not in text


# --- changes ----------------------------------------------------------------------------------------


def change(**cells: Any) -> pd.DataFrame:
    met = {"评议结果": "通过", "公示异议": "无异议", "房产套数": "1", "机动车数": "0", "公示天数": "7",
           "住院记录": "有", "疾病证明书": "有", "医疗收据": "有"}  # fmt: skip
    return judged(**(met | cells)).counterfactual("H1")


def test_a_paper_that_lacks_can_be_handed_in() -> None:
    table = change(疾病证明书="无")
    assert table["text"].tolist() == [
        "有无疾病证明书由“否”变为“是”：认定（深度困难）",
        "提交疾病证明书：认定（深度困难）",
    ]
    assert table.iloc[1][["from", "to"]].tolist() == ["未提交", "已提交"]


def test_a_receipt_is_asked_for_with_the_least_amount() -> None:
    table = change(个人自付="0")
    assert table.loc[table["table"] == "documents", "text"].tolist() == [
        "提交医疗收据（金额 0.01 元即可），即当年医疗费用个人自付由 0.00 元升为 0.01 元：认定（深度困难）"
    ]


IMPUTED = {"inc": {**PACK, "of": "members", "amount": (
    'yuan(20000) if employment == "失业" and not held(documents, where=kind == "收入证明") else yuan(0)'
)}, "total": {**PACK, "amount": "sum(members, inc)"}}  # fmt: skip


def papers(most: int, employment: dict[str, str], **tables: Any) -> pd.DataFrame:
    """Return what is proposed about papers where every unemployed without one counts as earning 20,000."""
    pack = small([{"id": "low", "requires": f"total <= yuan({most})"}], measures=IMPUTED)
    members = [
        {"household_id": "H", "member_id": id_, "employment": word} for id_, word in employment.items()
    ]
    row = {"household_id": "H", "union_member": True, "out_of_pocket_fen": 1}
    frames = {"households": pd.DataFrame([row]), "members": pd.DataFrame(members), **tables}
    table = assess(frames, pack, on="2021-09-30").counterfactual("H")
    return table[table["table"] == "documents"]


@pytest.mark.parametrize("handed_in", [None, "医疗收据"])
def test_a_paper_of_one_person_can_be_handed_in(handed_in: str | None) -> None:
    tables = {}
    if handed_in:
        tables["documents"] = pd.DataFrame([{"household_id": "H", "member_id": "a", "kind": handed_in}])
    table = papers(100, {"a": "失业", "b": "在岗"}, **tables)
    assert table[["column", "row", "from", "to"]].iloc[0].tolist() == ["收入证明", "a", "未提交", "已提交"]
    assert len(table) == 1
    assert table["text"].item() == "为成员a提交收入证明，即某由 20,000.00 元降为 0.00 元：认定（深度困难）"


@pytest.mark.parametrize(
    ("most", "persons"), [(20_000, [["a", "b"], ["a", "c"], ["b", "c"]]), (100, [["a", "b", "c"]])]
)
def test_papers_of_several_persons_are_proposed_together(most: int, persons: list[list[str]]) -> None:
    table = papers(most, dict.fromkeys("abc", "失业"))
    alone = table[table.groupby("change")["row"].transform("size") == len(persons[0])]
    assert [group["row"].tolist() for _, group in alone.groupby("change")] == persons
    assert set(alone["outcome"]) == {"eligible"}


def test_a_day_that_is_past_and_a_place_are_not_proposed() -> None:
    table = change(入户日期="2021-10-01")
    assert not {"visited_on", "district", "residence", "cause"} & set(table["column"])


def test_a_fact_that_several_rules_want_is_not_changed_twice() -> None:
    table = change(公示天数="5", 房产套数="3", 机动车数="1")
    assert set(table["change"].value_counts()) == {3}
    assert set(table["outcome"]) == {"eligible"}
    assert (
        table["column"].tolist() == ["homes_count", "notice_working_days", "vehicles_count"]
        or len(table) == 3
    )


def test_two_households_have_their_own_figures() -> None:
    frame = pd.DataFrame([ROW, {**ROW, "户编号": "H2", "公示天数": "9"}], dtype=object)
    table = assess({"households": frame}, "jiangmen-2021", on="2021-09-30").reasons()
    days = table[table["rule_id"] == "notice-days"].set_index("household_id")["observed"]
    assert days.to_dict() == {"H1": "6", "H2": "9"}
    assert table["household_id"].tolist() == ["H1"] * 18 + ["H2"] * 18


def test_a_change_of_several_facts_holds_none_that_nothing_asks_for() -> None:
    rules = {"a": "union_member", "b": "in_service", "c": "on_subsistence"}
    categories = {"deep": "homes_count <= 1", "poor": "deposits_fen < yuan(100)"}
    row = {"household_id": "A", **dict.fromkeys(rules.values(), "否"), "homes_count": 1, "deposits": "500"}
    frame = pd.DataFrame([row], dtype=object).rename(columns={"deposits": "金融资产余额"})
    found = assess({"households": frame}, small_pack(rules=rules, categories=categories), on="2025-07-01")
    changes = found.counterfactual("A", "en")
    assert [set(change["column"]) for _, change in changes.groupby("change")] == [set(rules.values())]
