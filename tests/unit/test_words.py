"""Tests of relief.rulepack.words and relief.rulepack.showing: a pack as a lawyer reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest
from tests.packs import small_pack

from relief.errors import PackError
from relief.messages import LANGUAGES
from relief.review.differences import compare
from relief.rulepack import Pack, installed_packs, load_pack, parse_pack
from relief.rulepack.model import ParameterModel
from relief.rulepack.showing import pack_lines, pack_plain, part_plain, rule_lines
from relief.rulepack.words import Words

if TYPE_CHECKING:
    from relief.messages import Language

TOLD = "status: illustrative, note: 例"
PACK = f"""\
name: small
title: 小
title_en: small
partial: 只见摘要
partial_en: only a summary was seen
districts: [{{name: 东区}}]
calendar:
  - {{year: 2024, days_off: [2024-05-01], days_worked: [2024-05-11], {TOLD}}}
parameters:
  standard:
    title: 低保标准
    title_en: the standard
    per: 人·月
    by: [district]
    values:
      - {{where: {{district: [东区]}}, from: 2024-01-01, at_least: 852.5, announced_on: 2023-12-01, {TOLD}}}
  open: {{unit: number}}
tiers:
  help:
    title: 档次
    title_en: the tariff
    bands:
      - {{above: 0, upto: 30000, exactly: 5000, {TOLD}}}
      - {{above: 30000, below: 60000, exactly: 6500.5, {TOLD}}}
      - {{from: 60000, at_least: 7000, {TOLD}}}
measures:
  net: {{title: 人均净收入, title_en: net income, amount: "monthly(income_fen / household_size)", {TOLD}}}
  kin: {{title: 近亲属, title_en: close kin, of: members, holds: "relation in ['本人', '配偶']", {TOLD}}}
rules:
  - id: r
    title: 甲
    title_en: A
    requires: REQUIRES
    source: {{document: 某文件, article: 第三条, quote: 低于标准, grade: A}}
    note: 按严格小于
    note_en: strictly less
  - {{id: b, title: 乙, title_en: B, requires: homes_count <= 1, bars: [deep], missing: fail, liftable: false,
     {TOLD}}}
  - {{id: ask, title: 丙, title_en: C, requires: union_member, missing: ask, {TOLD}}}
  - {{id: w, title: 丁, title_en: D, requires: union_member, effect: warn, {TOLD}}}
exclusive_categories: true
categories:
  - {{id: deep, title: 深度困难, title_en: deep hardship, when: net < standard, {TOLD}}}
benefits:
  - {{id: gift, title: 补助, title_en: a gift, when: "eligible and category == 'deep'",
     amount: "tier(help, claim)", {TOLD}}}
claim: {{title: 自付, title_en: own cost, amount: out_of_pocket_fen, {TOLD}}}
may_lose: [{{column: household_size, note: 例外, note_en: an exception}}]
"""


def small(requires: str = "net < standard") -> Pack:
    return parse_pack({"small": {"pack.yaml": PACK.replace("REQUIRES", requires).encode()}}, "small")


@pytest.mark.parametrize(
    ("requires", "zh", "en"),
    [
        ("net < standard", "人均净收入低于低保标准", "net income is below the standard"),
        (
            "net <= 1.5 * standard",
            "人均净收入不高于低保标准的1.5倍",
            "net income is at most 1.5 times the standard",
        ),
        ("rigid_illness_fen > percent(50) * income_fen", "因病支出高于家庭年度总收入的50%",
         "cost of illness is above 50% of annual household income"),
        ("net >= 2/37 * standard", "人均净收入不低于2 ÷ 37 × 低保标准",
         "net income is at least 2 ÷ 37 × the standard"),
        ("deposits_fen == yuan('1.2万')", "金融资产余额等于12,000元", "deposits equals 12,000 yuan"),
        ("homes_count <= 1", "房产套数不超过1", "homes owned is no more than 1"),
        ("visited_on <= on - days(7)", "入户调查日期不晚于认定日前7日",
         "day of the visit is no later than 7 days before the day of the decision"),
        ("visited_on >= year_start(on - years(1))", "入户调查日期不早于认定日前1年当年1月1日",
         "day of the visit is no earlier than 1 January of the year of 1 year before "
         "the day of the decision"),
        ("on - visited_on < 30", "入户调查日期至认定日的天数少于30",
         "days from day of the visit to the day of the decision is less than 30"),
        ("not union_member", "是否工会会员为“否”", "union member: no"),
        ("cause not in ['本人大病', '自然灾害']", "主要致困原因不为“本人大病”或“自然灾害”",
         "main cause of hardship is not '本人大病' or '自然灾害'"),
        ("union_member or in_service and local_hukou",
         "是否工会会员为“是”，或（是否在职为“是”，且是否本地户籍为“是”）",
         "union member: yes, or (in service: yes, and local hukou: yes)"),
        ("not (union_member and in_service)", "并非（是否工会会员为“是”，且是否在职为“是”）",
         "not (union member: yes, and in service: yes)"),
        ("coalesce(union_member, false)", "是否工会会员为“是”（未知时视为否）",
         "union member: yes (counted as not so where it is not known)"),
        ("not coalesce(union_member, in_service, true)",
         "并非（是否工会会员为“是”，未知时看是否在职为“是”（未知时视为是））",
         "not (union member: yes, or where that is not known: in service: yes"
         " (counted as so where it is not known))"),
        ("coalesce(union_member, in_service)", "是否工会会员为“是”，未知时看是否在职为“是”",
         "union member: yes, or where that is not known: in service: yes"),
        ("coalesce(false)", "从不", "never"),
        ("not stated(income_fen)", "家庭年度总收入未知", "annual household income is not known"),
        ("ruled('x')", "专人裁定“x”成立", "a named person has ruled that 'x' holds"),
        ("not held(members, where=kin)", "没有〔“近亲属”成立〕的家庭成员",
         "there are no members with ['close kin' holds]"),
        ("every(documents, members.kin, where=care == '住院')",
         "〔就诊类型为“住院”〕的材料均符合〔本人“近亲属”成立〕",
         "all papers with [kind of care is '住院'] have [of the person 'close kin' holds]"),
        ("count(members) >= 3", "家庭成员的数目不少于3", "the number of members is no less than 3"),
        ("sum(documents, out_of_pocket_fen - mutual_aid_fen) > 0",
         "材料的（个人自付 － 互助保障赔付）合计高于0",
         "the total (out-of-pocket cost − paid by mutual aid) of papers is above 0"),
        ("max(documents.issued_on) < on", "材料的最晚开具日期早于认定日",
         "the latest day of issue of papers is before the day of the decision"),
        ("months_in_a_row(documents.issued_on) >= 6", "材料的开具日期所在月份连续的最长月数不少于6",
         "the longest run of calendar months with day of issue among papers is no less than 6"),
        ("working_days(visited_on, on) >= 5", "入户调查日期之后至认定日的工作日数不少于5",
         "working days after day of the visit up to the day of the decision is no less than 5"),
        ("at(standard, year_start(on)) > net", "认定日当年1月1日时执行的低保标准高于人均净收入",
         "the standard as in force on 1 January of the year of the day of the decision is above net income"),
        ("twelve_months(standard, on) > yearly(net)", "自认定日起12个月的低保标准之和高于人均净收入 × 12",
         "the standard summed over the twelve months from the day of the decision is above net income × 12"),
        ("coalesce(income_fen, wage_income_fen) - (rigid_illness_fen - rigid_other_fen) > 0",
         "（家庭年度总收入，未知时取工资性收入） － （因病支出 － 其他刚性支出）高于0",
         "(annual household income, or where that is not known wage income) − "
         "(cost of illness − other rigid expenditure) is above 0"),
        ("max(homes_count, vehicles_count) < 2 if union_member else false",
         "若是否工会会员为“是”，则为（房产套数；机动车数）中的最大者少于2，否则为从不",
         "if union member: yes, "
         "the largest of (homes owned; motor vehicles) is less than 2; otherwise never"),
    ],
)  # fmt: skip
def test_an_expression_in_words(requires: str, zh: str, en: str) -> None:
    pack = small(requires)
    assert [Words(pack, lang).of(pack.rules[0].node) for lang in LANGUAGES] == [zh, en]


def test_a_rule_in_words_beside_its_text() -> None:
    assert rule_lines(small(), "r", "en") == [
        "r  A",
        "Rule: a household that fails it is refused.",
        "The text says: “低于标准”",
        "Source: 某文件 第三条 “低于标准” (grade A)",
        "Note: strictly less",
        "In words: net income is below the standard",
        "As written: net < standard",
        "Where",
        "  net income = annual household income ÷ household size ÷ 12",
        "    Source: illustrative, no source gives it: 例",
        "Values",
        "  parameter the standard (standard), in yuan per person and month, by district",
        "    东区: >= 852.5  2024-01-01 – … (announced 2023-12-01)  illustrative, no source gives it: 例",
        "Where evidence is missing the household stays pending, unless the rest decides.",
        "A named person may rule otherwise, with a reason: a row of the rulings with rule_id r.",
    ]


@pytest.mark.parametrize(
    ("id_", "told"),
    [
        ("b", ["条件：不符合的不得认定为深度困难，但不因此不予认定。",
               "缺少证据的，视为不符合。", "不得以裁定变更。"]),
        ("ask", ["条件：不符合的不予认定。", "缺少证据的，请专人裁定。"]),
        ("w", ["提示：不成立时提请人工查看，不影响认定。"]),
        ("deep", ["困难类别：取首个符合者。", "含义：人均净收入低于低保标准"]),
        ("gift", ["待遇：认定之后确定。", "含义：该户获得认定，且困难类别为“深度困难”",
                  "给付：按“档次”分档，分配基数对应的数额",
                  "    (0, 30000] = 5000  示例性规定，无公开依据：例",
                  "    (30000, 60000) = 6500.5  示例性规定，无公开依据：例",
                  "    [60000, ∞) >= 7000  示例性规定，无公开依据：例"]),
        ("kin", ["计算项，逐行计算：成员表。", "含义：与申请人关系为“本人”或“配偶”"]),
        ("claim", ["分配基数：资金按此分配。"]),
    ],
)  # fmt: skip
def test_what_a_part_of_a_pack_does_is_told(id_: str, told: list[str]) -> None:
    lines = rule_lines(small(), id_, "zh")
    assert [line for line in told if line not in lines] == []


def test_a_measure_that_several_others_use_is_told_once() -> None:
    lines = rule_lines(load_pack("yixing"), "relative", "zh")
    assert sum(line.startswith("  家庭年度总收入 ＝") for line in lines) == 1


def test_an_unknown_rule_is_refused_with_a_similar_one() -> None:
    with pytest.raises(PackError, match=r"called 'gfit' \(near: gift\)"):
        rule_lines(small(), "gfit", "en")


def test_a_whole_pack_is_shown_with_all_that_is_not_as_usual() -> None:
    lines = pack_lines(small(), "en")
    for line in (
        "PARTIAL: only a summary was seen",
        "calendar 2024: off 2024-05-01; worked 2024-05-11",
        "parameter open (open), in a plain number",
        "  no value: a pack over this one gives it",
        "tiers the tariff (help), of yuan",
        "  (0, 30000] = 5000  illustrative, no source gives it: 例",
        "  kin  close kin (of each row of members)",
        "  b  B (bars only deep hardship) (missing evidence: fails) (no ruling lifts it)",
        "  ask  C (missing evidence: a named person rules)",
        "  w  D (only told)",
        "  no household fits two of them",
        "    gives tier(help, claim)",
        "more of household size may lose eligibility: an exception",
    ):
        assert line in lines


@pytest.mark.parametrize("unit", get_args(ParameterModel.model_fields["unit"].annotation))
def test_every_unit_of_a_parameter_has_its_word(unit: str) -> None:
    text = PACK.replace("{unit: number}", f"{{unit: {unit}}}").replace("REQUIRES", "union_member")
    pack = parse_pack({"small": {"pack.yaml": text.encode()}}, "small")
    assert any(line.startswith("parameter open (open), in ") for line in pack_lines(pack, "en"))


def test_plain_data_has_every_part() -> None:
    plain = pack_plain(small())
    assert plain["rules"][1]["bars"] == ["deep"]
    assert plain["rules"][1]["missing"] == "fail"
    assert plain["tiers"]["help"]["bands"][2]["from"] == "60000"
    assert plain["benefits"][0]["amount"] == "tier(help, claim)"
    assert plain["calendar"][0]["days_worked"] == ["2024-05-11"]


@pytest.mark.parametrize("name", installed_packs())
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_part_of_a_shipped_pack_can_be_told(name: str, lang: str) -> None:
    pack = load_pack(name)
    for item in pack.stated:
        text = "\n".join(rule_lines(pack, item.id, lang))  # type: ignore[arg-type]
        assert "None" not in text
        assert "_fen" not in "\n".join(
            line for line in text.splitlines() if line.startswith(("In words", "含义"))
        )


@pytest.mark.parametrize("name", installed_packs())
def test_no_line_has_a_blank_before_a_colon_or_a_chinese_unit_in_english(name: str) -> None:
    lines = pack_lines(load_pack(name), "en")
    assert not [line for line in lines if "—:" in line or "yuan/" in line or " ," in line]


def test_a_parameter_and_tiers_are_told_with_what_uses_them() -> None:
    pack = small()
    assert rule_lines(pack, "standard", "en") == [
        "parameter the standard (standard), in yuan per person and month, by district",
        "  东区: >= 852.5  2024-01-01 – … (announced 2023-12-01)  illustrative, no source gives it: 例",
        "Used by: r (A), deep (deep hardship)",
    ]
    assert rule_lines(pack, "open", "en")[-2:] == ["  no value: a pack over this one gives it", "Used by: —"]
    assert part_plain(pack, "standard")["values"][0]["at_least"] == "852.5"
    assert part_plain(pack, "help")["bands"][0]["exactly"] == "5000"
    assert part_plain(pack, "deep")["kind"] == "category"
    told = rule_lines(pack, "help", "en")
    assert told[0] == "tiers the tariff (help), of yuan"
    assert len(told) == 5
    assert told[-1] == "Used by: gift (a gift)"
    with pytest.raises(PackError, match=r"near: standard.*standard, open, help"):
        rule_lines(pack, "standart", "en")


@pytest.mark.parametrize(("lang", "stage"), [("zh", "就学阶段"), ("en", "education stage")])
def test_a_parameter_that_depends_on_a_column_of_members_is_told(lang: Language, stage: str) -> None:
    value = {"where": {"education_stage": ["高中"]}, "from": "2024-01-01", "exactly": 2000}
    fee = {"per": "年", "by": ["education_stage"], "values": [value]}
    pack = small_pack(parameters={"fee": fee}, rules={"modest": "every(members, schooling_fee_fen <= fee)"})
    told = [pack_lines(pack, lang), *(rule_lines(pack, id_, lang) for id_ in ("fee", "modest"))]
    for lines in (*told, compare(small_pack(), pack).lines(lang)):
        assert any(stage in line for line in lines)
