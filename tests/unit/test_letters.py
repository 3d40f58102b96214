"""Tests of what a refused or waiting applicant reads: relief.why, told by relief.judging.assessment."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from tests.packs import small_pack

from relief.judging.eligibility import assess

if TYPE_CHECKING:
    from relief.judging.assessment import Assessment
    from relief.rulepack.pack import Pack


def judged(pack: Pack, row: dict[str, Any], **tables: list[dict[str, Any]]) -> Assessment:
    """Judge one household H, with the rows of its other tables."""
    frames = {"households": pd.DataFrame([{"household_id": "H"} | row], dtype=object)}
    for name, rows in tables.items():
        frames[name] = pd.DataFrame([{"household_id": "H"} | own for own in rows], dtype=object)
    return assess(frames, pack, on="2021-09-30")


def letter(pack: Pack, row: dict[str, Any], lang: Any = "zh", **tables: list[dict[str, Any]]) -> list[str]:
    return judged(pack, row, **tables).explain("H", lang).splitlines()


# --- a blank that counts as not met -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("requires", "column", "texts"),
    [
        (
            "homes_count <= 1",
            "homes_count",
            [
                "补填房产套数（目前空白；例如 1）：认定",
                "fill in homes owned (blank now; for example 1): eligible",
            ],
        ),
        (
            "union_member",
            "union_member",
            [
                "补填是否工会会员（目前空白），且为“是”：认定",
                "fill in union member (blank now) as yes: eligible",
            ],
        ),
        (
            "applied_on >= year_start(on)",
            "applied_on",
            [
                "补填申请日期（目前空白；例如 2021-01-01）：认定",
                "fill in day of application (blank now; for example 2021-01-01): eligible",
            ],
        ),
    ],
)
def test_a_blank_that_counts_as_not_met_is_told_and_can_be_filled_in(
    requires: str, column: str, texts: list[str]
) -> None:
    pack = small_pack(rules={"x": {"requires": requires, "missing": "fail"}})
    for lang, text, told in zip(("zh", "en"), texts, ("视为不符合", "counts that as not met"), strict=True):
        found = judged(pack, {})
        table = found.counterfactual("H", lang)
        assert table[["column", "text"]].to_numpy().tolist() == [[column, text]]
        lines = found.explain("H", lang).splitlines()
        assert told in next(line for line in lines if line.startswith("  ["))
        assert f"  - {text}" in lines


def test_a_fact_that_is_stated_and_fails_is_not_told_as_a_blank() -> None:
    pack = small_pack(rules={"x": {"requires": "homes_count <= 1", "missing": "fail"}})
    assert "视为不符合" not in "\n".join(letter(pack, {"homes_count": 2}))
    ruled = [{"rule_id": "x", "value": False, "ruled_by": "示例", "ruled_on": "2021-09-01", "why": "示例"}]
    assert "视为不符合" not in "\n".join(letter(pack, {}, rulings=ruled))


def test_a_blank_is_filled_in_beside_another_change() -> None:
    pack = small_pack(rules={"x": {"requires": "homes_count <= 1", "missing": "fail"}, "y": "union_member"})
    changes = judged(pack, {"union_member": False}).counterfactual("H")
    assert [set(change["column"]) for _, change in changes.groupby("change")] == [
        {"homes_count", "union_member"}
    ]


def test_a_blank_that_bars_a_category_can_be_filled_in() -> None:
    pack = small_pack(
        rules={"x": {"requires": "homes_count <= 1", "missing": "fail", "bars": ["deep"]}},
        categories={"deep": "true", "other": "true"},
    )
    lines = letter(pack, {})
    assert any("视为不符合" in line for line in lines)
    assert "  - 补填房产套数（目前空白；例如 1）：认定（项deep）" in lines


def test_what_a_waiting_household_lacks_is_missing_and_no_change() -> None:
    found = judged(small_pack(rules={"x": "homes_count <= 1"}), {})
    assert found.counterfactual("H").empty
    assert found.missing()["column"].tolist() == ["homes_count"]


# --- papers that were seen and do not count ----------------------------------------------------------

DATED = 'kind == "疾病证明书" and issued_on >= year_start(on) and issued_on <= on'
TURNED = 'year_start(on) <= issued_on and on >= issued_on and kind == "疾病证明书"'
OLD = {"document_id": "D1", "kind": "疾病证明书", "issued_on": "2020-12-31"}
UNDATED = {"document_id": "D2", "kind": "疾病证明书", "issued_on": None}
OTHER = {"document_id": "D3", "kind": "医疗收据", "issued_on": "2020-12-31"}
WINDOW = {
    "zh": "须开具日期不早于2021-01-01，且开具日期不晚于2021-09-30",
    "en": "needed: day of issue is no earlier than 2021-01-01 and day of issue is no later than 2021-09-30",
}
MEASURED = 'held(documents, where=kind == "疾病证明书" and {})'


def seen(requires: str, *papers: dict[str, Any], lang: Any = "zh", **parts: Any) -> list[str]:
    lines = letter(small_pack(rules={"x": requires}, **parts), {}, lang, documents=list(papers))
    return [line.strip() for line in lines if line.strip().startswith(("已见", "seen:", "另有"))]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "requires",
    [
        f"held(documents, where={DATED})",
        f"count(documents, where={TURNED}) > 0",
    ],
)
def test_a_paper_that_is_too_old_is_told_with_its_date_and_the_one_needed(requires: str, lang: Any) -> None:
    told = {
        "zh": f"已见材料D1（疾病证明书），开具日期 2020-12-31；{WINDOW['zh']}",
        "en": f"seen: paper D1 (疾病证明书), day of issue 2020-12-31; {WINDOW['en']}",
    }
    assert seen(requires, OLD, OTHER, lang=lang) == [told[lang]]


def test_a_paper_without_a_date_is_told_as_such() -> None:
    requires = f"held(documents, where={DATED})"
    assert seen(requires, UNDATED) == [f"已见材料D2（疾病证明书），开具日期空白；{WINDOW['zh']}"]
    assert seen(requires, UNDATED, lang="en") == [
        f"seen: paper D2 (疾病证明书), day of issue blank; {WINDOW['en']}"
    ]
    assert len(seen(requires, OLD, UNDATED)) == 2


def test_a_paper_is_found_in_a_measure_and_by_a_length_of_time() -> None:
    measures = {"fresh": {"of": "documents", "holds": "issued_on > on - days(180)"}}
    assert seen(MEASURED.format("fresh"), OLD, measures=measures) == [
        "已见材料D1（疾病证明书），开具日期 2020-12-31；须开具日期晚于2021-04-03"
    ]
    assert seen(
        MEASURED.format("discharge_on - issued_on < days(30)"), OLD | {"discharge_on": "2021-06-01"}
    ) == [
        "已见材料D1（疾病证明书），出院日期 2021-06-01、开具日期 2020-12-31；"
        "须开具日期至出院日期的天数少于30日"
    ]


def test_a_paper_that_counts_hides_those_beside_it_and_many_are_counted() -> None:
    requires = f"held(documents, where={DATED}) and homes_count < 1"
    assert seen(requires, OLD, UNDATED | {"issued_on": "2021-01-01"}) == []
    told = seen(f"held(documents, where={DATED})", *(OLD | {"document_id": f"D{at}"} for at in range(9)))
    assert len(told) == 5
    assert told[-1] == "另有 5 份材料因日期不计入"


def test_a_paper_of_which_a_rule_wants_none_is_not_told_as_one_that_it_needs() -> None:
    none = f"held(documents, where={DATED})"
    assert seen(f"not {none} and homes_count < 1", OLD) == []
    assert seen(f"count(documents, where={DATED}) <= 0 and homes_count < 1", OLD) == []
    assert len(seen(f"5 - count(documents, where={DATED}) < 5", OLD)) == 1
    both = MEASURED.format(
        "issued_on >= year_start(on) and not held(documents, where=issued_on < year_start(on))"
    )
    assert seen(both, OLD) == ["已见材料D1（疾病证明书），开具日期 2020-12-31；须开具日期不早于2021-01-01"]


def test_a_day_that_nobody_else_may_read_is_not_shown() -> None:
    assert seen(MEASURED.format("diagnosed_on >= year_start(on)"), OLD | {"diagnosed_on": "2020-05-05"}) == [
        "已见材料D1（疾病证明书），首次确诊日期不在要求之内；须首次确诊日期不早于2021-01-01"
    ]


# --- what is open beside what refuses ------------------------------------------------------------------


def test_what_is_open_beside_what_refuses_is_named_with_why_it_does_not_matter() -> None:
    pack = small_pack(
        rules={"x": "homes_count <= 1", "y": "union_member", "z": "in_service"},
        categories={"deep": "on_subsistence"},
    )
    row = {"homes_count": 2, "in_service": True}
    zh, en = (letter(pack, row, lang) for lang in ("zh", "en"))
    assert "尚不能判断：项y、项deep。上述不符合的规定已足以不予认定，补充这些事实本身不改变结果。" in zh
    assert (
        "Cannot be told yet: item, item. What is not met above refuses by itself, "
        "so these facts alone change nothing."
    ) in en
    assert not any(
        "尚不能判断" in line for line in letter(pack, row | {"union_member": True, "on_subsistence": True})
    )


# --- benefits that are open ----------------------------------------------------------------------------


def beside(benefit: dict[str, Any], row: dict[str, Any], lang: Any = "zh", **parts: Any) -> list[str]:
    """Return what a letter says of a benefit called 金 or money."""
    stated = {"title": "金", "title_en": "money", "when": "eligible", **benefit}
    lines = letter(small_pack(benefits={"gift": stated}, **parts), row, lang)
    return [line.removeprefix("  - ") for line in lines if line.startswith(("  - 金", "  - money"))]


def test_an_amount_that_hangs_on_a_missing_fact_is_told_as_open() -> None:
    gift = {"amount": "min(deposits_fen, yuan(100))"}
    assert beside(gift, {"deposits_fen": 500}) == ["金：是，符合；5.00 元"]
    assert beside(gift, {}) == ["金：是，符合；金额尚不能确定（0.00 至 100.00 元）；尚缺：金融资产余额"]
    assert beside(gift, {}, "en") == [
        "money: yes — met; the amount cannot be told yet (0.00 to 100.00 yuan); still missing: deposits"
    ]
    assert beside({"amount": "deposits_fen - vehicle_price_fen"}, {}) == [
        "金：是，符合；金额尚不能确定；尚缺：金融资产余额、车辆购置价"
    ]
    assert beside({"amount": "yuan(3) + deposits_fen"}, {}) == [
        "金：是，符合；金额尚不能确定（不低于 3.00 元）；尚缺：金融资产余额"
    ]


def test_of_papers_that_each_person_has_only_those_that_count_are_missing() -> None:
    borne = 'sum(documents.out_of_pocket_fen, where=kind == "医疗收据")'
    gift = {"amount": "sum(members, borne)"}
    papers = [
        {"document_id": id_, "member_id": "M1", "kind": kind, "out_of_pocket_fen": None}
        for id_, kind in (("D1", "医疗收据"), ("D2", "住院记录"))
    ]
    pack = small_pack(
        measures={"borne": {"of": "members", "amount": borne}},
        benefits={"gift": {**gift, "when": "eligible"}},
    )
    (line,) = (
        line
        for line in letter(pack, {}, "en", members=[{"member_id": "M1"}], documents=papers)
        if "still missing" in line
    )
    assert line.endswith("still missing: paper D1 (医疗收据): out-of-pocket cost")


def test_a_tier_by_a_value_that_is_only_a_floor_is_told_as_open() -> None:
    floor = {"s": {"title": "标准", "values": [{"from": "2020-01-01", "at_least": 9}]}}
    bands = {"t": [{"from": 0, "below": 10, "exactly": 1}, {"from": 10, "exactly": 2}]}
    told = beside({"amount": "tier(t, s)"}, {}, parameters=floor, tiers=bands)
    assert told == ["金：是，符合；金额尚不能确定（1.00 至 2.00 元）；尚缺：标准（由规则给出，无需您提交）"]


def test_a_benefit_of_which_it_is_open_whether_it_is_due_is_told() -> None:
    assert beside({"when": "eligible and on_subsistence"}, {}) == ["金：未知，尚不能判断；尚缺：是否低保"]
    assert beside({"when": 'eligible and ruled("aid")'}, {}) == [
        "金：未知，尚不能判断；尚缺：专人对“金”的裁定（规则编号 aid）"
    ]
    assert beside({"when": "eligible and on_subsistence"}, {"on_subsistence": False}) == []


def test_a_benefit_of_a_waiting_household_waits_for_the_decision() -> None:
    assert beside({}, {}, rules={"x": "union_member"}) == ["金：未知，尚不能判断；取决于认定结果"]
    assert beside({}, {}, "en", rules={"x": "union_member"}) == [
        "money: unknown — cannot be told yet; depends on the decision"
    ]
    claimed = {"when": "claim > yuan(1)"}
    assert beside(claimed, {}, claim="deposits_fen") == [
        "金：未知，要求 > 1.00，尚不能判断；尚缺：金融资产余额"
    ]


# --- what can be supplied, and what could only be recorded wrongly -------------------------------------

RECORDED = {"zh": "下列事实不能由您改变", "en": "Facts that you cannot change"}


def sections(lines: list[str], lang: Any = "zh") -> tuple[list[str], list[str]]:
    """Return what a letter says could be supplied, and what could only be recorded wrongly."""
    at = next((at for at, line in enumerate(lines) if line.startswith(RECORDED[lang])), len(lines))
    told = [[line[4:] for line in part if line.startswith("  - ")] for part in (lines[:at], lines[at:])]
    return told[0], told[1]


def test_a_fact_of_life_is_no_remedy_but_may_be_recorded_wrongly() -> None:
    pack = small_pack(rules={"x": "income_fen / household_size < yuan(12000) / persons(1) / years(1)"})
    row = {"household_size": 2, "income_fen": 3_000_000}
    assert sections(letter(pack, row)) == (
        [],
        [
            "共同生活人口登记为 2，如实际为 3（相差 1 人）：认定",
            "家庭年度总收入登记为 30,000.00，如实际为 23,999.99（相差 6,000.01 元）：认定",
        ],
    )
    assert sections(letter(pack, row, "en"), "en")[1] == [
        "household size, recorded as 2, if it is 3 (apart by 1 person): eligible",
        "annual household income, recorded as 30,000.00, if it is 23,999.99 (apart by 6,000.01 yuan): "
        "eligible",
    ]
    table = judged(pack, row).counterfactual("H")
    assert table[["column", "supplied"]].to_numpy().tolist() == [
        ["household_size", False],
        ["income_fen", False],
    ]
    assert table["text"].str.startswith("共同生活人口增加 1 人（由 2 增为 3）").iloc[0], (
        "of the facts, not of the letter"
    )


def test_what_can_be_supplied_comes_first_and_beside_a_fact_of_life_is_none_alone() -> None:
    pack = small_pack(rules={"x": "has_illness_certificate or on_subsistence"})
    row = {"has_illness_certificate": False, "on_subsistence": False}
    assert sections(letter(pack, row)) == (
        ["提交疾病证明书：认定"],
        ["是否低保登记为“否”，如实际为“是”：认定"],
    )
    both = small_pack(rules={"x": "has_illness_certificate", "y": "on_subsistence"})
    assert sections(letter(both, row)) == (
        [],
        ["提交疾病证明书，并且是否低保登记为“否”，如实际为“是”：认定"],
    )


def test_of_a_fact_of_life_only_the_least_difference_is_told() -> None:
    pack = small_pack(
        rules={"x": "union_member"},
        categories={"deep": "deposits_fen < yuan(100)", "other": "deposits_fen < yuan(200)"},
    )
    row = {"union_member": True, "deposits_fen": 20_000}
    assert sections(letter(pack, row))[1] == [
        "金融资产余额登记为 200.00，如实际为 199.99（相差 0.01 元）：认定（项other）"
    ]
    assert len(judged(pack, row).counterfactual("H")) == 2, "the list itself is whole"


def test_nobody_is_told_to_lose_work_and_the_applicant_always_counts() -> None:
    requires = 'count(members, where=employment == "在岗" and counts_in_household) == 0'
    people = [{"member_id": "a", "relation": "本人", "counts_in_household": True, "employment": "在岗"}]
    supplied, recorded = sections(letter(small_pack(rules={"x": requires}), {}, members=people))
    assert supplied == []
    assert all("工作状态”登记为“在岗”" in line for line in recorded)
    assert len(recorded) == 1


# --- papers that must agree with others ----------------------------------------------------------------

STAY = {"member_id": "a", "stay_id": "Z1"}
RECORD = {"document_id": "D1", "kind": "住院记录", **STAY, "hospital": "示例医院",
          "admission_on": "2021-03-01", "discharge_on": "2021-03-09"}  # fmt: skip
CERTIFICATE = {"document_id": "D2", "kind": "疾病证明书", **STAY}
RECEIPT = {"document_id": "D3", "kind": "医疗收据", **STAY}
ALIKE = (
    'held(documents, where=kind == "住院记录" and held(documents, where=kind == "疾病证明书", same=[{same}])'
    ' and held(documents, where=kind == "医疗收据", same=[{same}]))'
)
OF_THE_STAY = "（须与材料D1（住院记录）同属一次住院：示例医院，入院日期 2021-03-01，出院日期 2021-03-09）"


def handed_in(*papers: dict[str, Any], same: str = "member_id, stay_id", lang: Any = "zh") -> list[str]:
    """Return what is proposed to a household with these papers, and hold that it would do."""
    pack = small_pack(rules={"x": ALIKE.format(same=same)})
    members = [{"member_id": "a", "relation": "本人"}]
    found = judged(pack, {}, members=members, documents=list(papers))
    table = found.counterfactual("H", lang)
    assert set(table["outcome"]) <= {"eligible"}
    assert sections(found.explain("H", lang).splitlines(), lang)[0] == list(dict.fromkeys(table["text"]))
    return list(dict.fromkeys(table["text"]))


def test_a_paper_that_must_be_of_a_stay_is_proposed_with_the_stay() -> None:
    assert handed_in(RECORD, CERTIFICATE) == [f"提交医疗收据{OF_THE_STAY}：认定"]
    assert handed_in(RECORD, CERTIFICATE, lang="en") == [
        "hand in: 医疗收据 (of the same stay as paper D1 (住院记录): 示例医院, day of admission 2021-03-01, "
        "day of discharge 2021-03-09): eligible"
    ]
    assert handed_in(CERTIFICATE, RECEIPT) == ["提交住院记录（须与材料D2（疾病证明书）同属一次住院）：认定"]
    assert handed_in(RECORD, CERTIFICATE, RECEIPT | {"stay_id": "Z2"}) == [f"提交医疗收据{OF_THE_STAY}：认定"]


def test_two_papers_of_one_stay_are_proposed_together_and_each_stay_apart() -> None:
    two = f"提交疾病证明书{OF_THE_STAY}，并且提交医疗收据{OF_THE_STAY}：认定"
    assert handed_in(RECORD) == [two]
    other = {
        key: value
        for key, value in (RECORD | {"document_id": "D9", "stay_id": "Z9"}).items()
        if key != "hospital"
    }
    assert len(handed_in(RECORD, other)) == 2


def test_a_paper_that_must_be_of_a_person_is_proposed_with_the_person() -> None:
    assert handed_in(RECORD, CERTIFICATE, same="member_id") == [
        "提交医疗收据（须与材料D1（住院记录）属同一人）：认定"
    ]


# --- the letter itself ---------------------------------------------------------------------------------


def test_a_refusal_counts_no_amount_and_tells_categories_as_ways_of_which_one_is_enough() -> None:
    pack = small_pack(
        rules={"x": "homes_count <= 1"},
        categories={"deep": "deposits_fen < yuan(100)", "other": "deposits_fen < yuan(200)"},
        claim="deposits_fen",
    )
    lines = letter(pack, {"homes_count": 1, "deposits_fen": 20_000})
    assert lines[0] == "户编号 H：不予认定。按“项”的规定，截至 2021-09-30 作出。"
    assert not any(line.startswith("计入分配的金额") for line in lines)
    assert "不符合的规定：" not in lines
    at = lines.index("不属于任何一类（符合其中一类即可）：")
    assert [line.split("：")[0] for line in lines[at + 1 :] if line.startswith("  [×]")] == [
        "  [×] 项deep",
        "  [×] 项other",
    ]
    both = letter(pack, {"homes_count": 2, "deposits_fen": 20_000})
    assert both.index("不符合的规定：") < both.index("不属于任何一类（符合其中一类即可）：")
    waiting = letter(pack, {"deposits_fen": 0})
    assert "目前类别：项deep。" in waiting
    assert "计入分配的金额（项claim）：0.00 元。" in waiting


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("zh", "所据部门数据：住建局“不动产”1 条、自然资源局“不动产”2 条"),
        ("en", "from departments: 住建局, 不动产 (1); 自然资源局, 不动产 (2)"),
    ],
)
def test_whose_answers_a_figure_comes_from_is_told(lang: Any, told: str) -> None:
    homes = """count(registry, where=kind == "不动产" and value != "无")
            if held(registry, where=kind == "不动产") else homes_count"""
    pack = small_pack(measures={"homes": homes}, rules={"x": "homes <= 1"})
    found = {"kind": "不动产", "value": "一处"}
    answers = [{"source": source, **found} for source in ("自然资源局", "自然资源局", "住建局")] + [
        {"source": "银行", "kind": "存款余额", "value": "一处"},
        {"source": "公安局", "kind": "不动产", "value": "无"},
    ]
    assert f"      {told}" in letter(pack, {"homes_count": 1}, lang, registry=answers)
    assert not any("部门" in line or "departments" in line for line in letter(pack, {"homes_count": 2}, lang))


def test_a_pack_without_categories_recognises_without_one() -> None:
    pack = small_pack(rules={"x": "union_member"})
    assert (
        letter(pack, {"union_member": True})[0] == "户编号 H：予以认定。按“项”的规定，截至 2021-09-30 作出。"
    )


@pytest.mark.parametrize(
    ("operator", "income", "told"),
    [
        ("<", 30_000, "项x：100.00，要求 < 100.00，恰等于限值，不符合"),
        ("<=", 30_000, "项x：100.00，要求 ≤ 100.00，恰等于限值，符合"),
        ("<=", 30_001, "项x：100.00…，要求 ≤ 100.00，相差 不足 0.01，不符合"),
        ("<=", 30_003, "项x：100.01，要求 ≤ 100.00，相差 0.01，不符合"),
    ],
)
def test_at_a_limit_and_within_a_fen_of_it_a_reason_says_so(operator: str, income: int, told: str) -> None:
    pack = small_pack(rules={"x": f"income_fen / 3 {operator} rigid_expenditure_fen"})
    row = {"income_fen": income, "rigid_expenditure_fen": 10_000}
    assert judged(pack, row).reasons()["message"].item() == told


def test_what_is_compared_itself_is_not_told_twice() -> None:
    pack = small_pack(measures={"income": "income_fen"}, rules={"x": "income < wage_income_fen"})
    lines = letter(pack, {"income_fen": 20_000, "wage_income_fen": 10_000})
    assert "  - 家庭年度总收入登记为 200.00，如实际为 99.99（相差 100.01 元）：认定" in lines


def test_a_flag_is_asked_for_as_one() -> None:
    pack = small_pack(rules={"x": "union_member and homes_count < 2"})
    assert "Still missing: union member (yes or no); homes owned." in letter(pack, {}, "en")
    assert "尚缺：是否工会会员、房产套数。" in letter(pack, {})


def test_a_paper_is_asked_for_and_proposed_once_whether_as_a_flag_or_as_a_paper() -> None:
    pack = small_pack(rules={"x": 'has_illness_certificate or held(documents, where=kind == "疾病证明书")'})
    assert sections(letter(pack, {"has_illness_certificate": False}))[0] == ["提交疾病证明书：认定"]
    assert len(judged(pack, {"has_illness_certificate": False}).counterfactual("H")) == 2
    assert "尚缺：疾病证明书。" in letter(pack, {})
    assert "Still missing: the paper 疾病证明书." in letter(pack, {}, "en")


def test_a_limit_that_is_only_bounded_is_told_as_not_known() -> None:
    floor = {"s": {"title": "标准", "values": [{"from": "2020-01-01", "at_least": 9}]}}
    lines = letter(small_pack(rules={"x": "deposits_fen < s"}, parameters=floor), {"deposits_fen": 1000})
    assert lines[3] == "  [？] 项x：10.00，要求 < 尚未确定的数值（不低于 9.00），尚不能判断 [x]"
    assert lines[-1] == "尚缺：标准（由规则给出，无需您提交）。"


def test_what_alone_could_lead_to_recognition_is_told_and_not_what_alone_could_refuse() -> None:
    both = small_pack(rules={"x": "union_member", "y": "in_service"})
    assert letter(both, {})[-1] == "仅补充其中一项，尚不足以予以认定。"
    assert judged(both, {}).missing()["settles_alone"].all(), "a refusal takes one"
    either = small_pack(rules={"x": "union_member or in_service"})
    assert letter(either, {})[-1] == "下列任一项单独补充，即可能予以认定：是否工会会员、是否在职。"
    mixed = small_pack(rules={"x": "homes_count < 2", "y": "union_member or in_service and homes_count < 1"})
    assert letter(mixed, {"union_member": True})[-1] == "尚缺：房产套数。"


def test_a_refusal_that_nothing_of_the_household_can_change_says_so() -> None:
    pack = small_pack(rules={"x": 'held(registry, where=kind == "低保")', "y": "applied_on <= on"})
    lines = letter(pack, {"applied_on": "2021-10-01"})
    assert lines[-2] == "未找到由您补充或更正即可改变结果的事项。"
    assert "按“≤”（不晚于）执行" in "".join(lines)
    changeable = small_pack(rules={"x": "homes_count < 2"})
    assert not any("未找到" in line for line in letter(changeable, {"homes_count": 3}))


def test_a_fact_of_a_member_that_a_parameter_depends_on_is_asked_of_the_member() -> None:
    fee = {"fee": {"by": ["education_stage"], "values": [
        {"where": {"education_stage": [stage]}, "from": "2020-01-01", "exactly": exactly}
        for stage, exactly in (("高中", 20), ("本科", 60))
    ]}}  # fmt: skip
    pack = small_pack(parameters=fee, rules={"x": "sum(members, fee) < deposits_fen"})
    members = [{"member_id": "a", "education_stage": "高中"}, {"member_id": "b", "education_stage": None}]
    assert letter(pack, {"deposits_fen": 5000}, members=members)[-1] == "尚缺：成员b的“就学阶段”。"


# --- papers of a time and of a person ------------------------------------------------------------------

WINDOW_OF = """sum(documents.total_fen, where=kind == "医疗收据" and members.covered
    and issued_on >= year_start(on - years(1)) and issued_on < year_start(on))"""
COVERED = {"covered": {"of": "members", "holds": 'relation in ["本人", "配偶"]'}}


def test_a_paper_of_a_time_that_is_past_and_of_a_person_is_proposed_with_both() -> None:
    pack = small_pack(measures={**COVERED, "cost": WINDOW_OF}, rules={"x": "cost > yuan(100)"})
    members = [{"member_id": "a", "relation": "本人"}, {"member_id": "b", "relation": "子女"}]
    other = [{"document_id": "D1", "kind": "住院记录"}]
    told = (
        "为成员a（本人）提交医疗收据（金额 100.01 元即可，例如开具日期 2020-12-31），"
        "即项cost由 0.00 元升为 100.01 元：认定"
    )
    assert sections(letter(pack, {}, members=members, documents=other))[0] == [told]
    english = sections(letter(pack, {}, "en", members=members, documents=other), "en")[0]
    assert english[0].startswith(
        "hand in: 医疗收据 (an amount of 100.01 yuan would do, for example day of issue 2020-12-31) "
        "for member a (本人), that is"
    )


def test_a_paper_of_today_has_no_date() -> None:
    pack = small_pack(rules={"x": f"held(documents, where={DATED})"})
    assert sections(letter(pack, {}, documents=[OTHER]))[0] == ["提交疾病证明书：认定"]


def test_the_order_of_the_rows_says_nothing() -> None:
    """Of changes that do alike only some are named: the same ones, whatever stands first in the tables."""
    rules = {
        "few": "deposits_fen < yuan(3000)",
        "bills": 'count(documents, where=kind == "医疗收据") >= 2',
        "homes": "homes_count != 1",
    }
    categories = {
        "serving": "coalesce(in_service, false)",
        "student": "held(members, where=full_time_student)",
    }
    pack = small_pack(rules=rules, categories=categories)
    household = {"户编号": ["A"], "是否在职": ["否"], "房产套数": [1], "金融资产余额": [7]}
    members = {"户编号": "A", "成员编号": ["M2", "M10", "M1"], "是否全日制在读": ["否", "否", "否"]}
    papers = {"户编号": "A", "材料类型": ["医疗收据", "住院记录", "诊断证明"], "个人自付": [5, None, 7]}
    told = set()
    for order in permutations(range(3)):
        tables = {"households": pd.DataFrame(household).astype(object)}
        tables |= {
            name: pd.DataFrame(rows).astype(object).iloc[list(order)]
            for name, rows in (("members", members), ("documents", papers))
        }
        judged = assess(tables, pack, on="2021-09-30")
        table = judged.counterfactual("A", "en").to_csv() + judged.missing("en").to_csv()
        told.add(table + judged.explain("A", "zh"))
    assert len(told) == 1
    assert "full-time student" in next(iter(told))
