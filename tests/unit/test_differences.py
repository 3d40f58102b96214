"""Tests of relief.rulepack.changes and relief.review.differences: what another pack would change."""

from __future__ import annotations

import hashlib
import json

import pandas as pd
import pytest

from relief.errors import ReliefError
from relief.review.differences import compare
from relief.rulepack import Pack, load_pack, parse_pack

TOLD = "status: illustrative, note: 例"
BASE = f"""\
name: base
title: 旧
title_en: old
districts: [{{name: 东区}}, {{name: 西区}}]
parameters:
  limit:
    title: 上限
    title_en: the limit
    per: 人·月
    by: [district]
    values:
      - {{where: {{district: [东区]}}, from: 2024-01-01, exactly: 1000, {TOLD}}}
      - {{where: {{district: [西区]}}, from: 2024-01-01, exactly: 800, {TOLD}}}
tiers:
  help: {{title: 档, title_en: bands, bands: [{{above: 0, below: 900, exactly: 50, {TOLD}}}]}}
measures:
  net: {{title: 人均收入, title_en: income per member, amount: monthly(income_fen / household_size), {TOLD}}}
rules:
  - {{id: member, title: 会员, title_en: a member, requires: union_member, {TOLD}}}
categories:
  - {{id: deep, title: 深度, title_en: deep hardship, when: net < limit, {TOLD}}}
  - {{id: near, title: 相对, title_en: relative hardship, when: net < 2 * limit, {TOLD}}}
benefits:
  - {{id: gift, title: 慰问, title_en: a gift, when: eligible, amount: "tier(help, claim)", {TOLD}}}
claim: {{title: 自付, title_en: own cost, amount: out_of_pocket_fen, {TOLD}}}
"""
HOUSEHOLDS = pd.DataFrame(
    {
        "户编号": ["H2", "H1", "H4", "H3"],
        "区县": ["东区", "东区", "西区", "西区"],
        "家庭年度总收入": [12000, 11999.99, 30000, 6000],
        "共同生活人口": [1, 1, 1, 1],
        "是否工会会员": ["是", "是", "是", "否"],
        "个人自付": [300, 600, 900, 100],
    }
)


def pack(*swaps: tuple[str, str]) -> Pack:
    text = BASE
    for one, other in swaps:
        assert text.count(one) == 1, one
        text = text.replace(one, other)
    return parse_pack({"base": {"pack.yaml": text.encode()}}, "base")


@pytest.mark.parametrize(
    ("swap", "line"),
    [
        (("net < limit", "net <= limit"),
         "~ category deep, formula: income per member is below the limit"
         " → income per member is at most the limit"),
        (("exactly: 800", "at_least: 850"),
         "~ value of limit 西区 2024-01-01, amount: "
         "= 800  2024-01-01 – …  illustrative, no source gives it: 例"
         " → >= 850  2024-01-01 – …  illustrative, no source gives it: 例"),
        (("above: 0, below: 900", "from: 0, upto: 900"),
         "~ tiers help, bands: (0, 900) = 50  illustrative, no source gives it: 例"
         " → [0, 900] = 50  illustrative, no source gives it: 例"),
        (("requires: union_member", "requires: union_member, missing: fail"),
         "~ rule member, effect: as usual → (missing evidence: fails)"),
        (("requires: union_member", "requires: union_member, liftable: false"),
         "~ rule member, effect: as usual → (no ruling lifts it)"),
        (("title_en: a member", "title_en: member of a union"),
         "~ rule member, title: a member → member of a union"),
        (("when: eligible", "when: not eligible"),
         "~ benefit gift, formula: the household is recognised → the household is not recognised"),
        (("tier(help, claim)", "claim"),
         "~ benefit gift, amount: what 'bands' gives for the claim base → the claim base"),
        (("id: member", "id: unionist"),
         "− rule member  a member  union member: yes  illustrative, no source gives it: 例"),
        (("id: member", "id: unionist"),
         "+ rule unionist  a member  union member: yes  illustrative, no source gives it: 例"),
        ((", {name: 西区}", ", {name: 西区}, {name: 北区}"),
         "~ pack, districts: 东区, 西区 → 东区, 西区, 北区"),
        (("categories:", "exclusive_categories: true\ncategories:"),
         "~ pack, categories exclude each other: no → yes"),
        (("title_en: old", "title_en: old\npartial: 缺\npartial_en: a part"),
         "~ pack, partial: as usual → a part"),
        (("title_en: old", "title_en: old\nmay_lose: [{column: household_size, note: 例}]"),
         "~ pack, facts that may lose eligibility: as usual → household size"),
        (("title_en: old", f"title_en: old\ncalendar: [{{year: 2024, days_off: [2024-05-01], {TOLD}}}]"),
         "+ calendar 2024  −2024-05-01"),
    ],
)  # fmt: skip
def test_a_change_of_the_pack_in_words(swap: tuple[str, str], line: str) -> None:
    lines = compare(pack(), pack(swap)).lines("en")
    assert lines[0].startswith("base (")
    assert line in lines
    assert len(lines) == (3 if "unionist" in swap[1] else 2)


@pytest.mark.parametrize(
    ("bands", "line"),
    [
        (["from: 900, below: 2000, exactly: 75", "from: 2000, exactly: 90"],
         "[900, 2000) = 70{told} → [900, 2000) = 75{told}"),
        (["from: 900, exactly: 70"],
         "[900, 2000) = 70{told}; [2000, ∞) = 90{told} → [900, ∞) = 70{told}"),
        (["from: 900, below: 2000, exactly: 70"],
         "[2000, ∞) = 90{told} → —"),
    ],
)  # fmt: skip
def test_of_tiers_only_the_bands_that_differ_are_told(bands: list[str], line: str) -> None:
    first = "above: 0, below: 900, exactly: 50"
    before = ["from: 900, below: 2000, exactly: 70", "from: 2000, exactly: 90"]

    def of(listed: list[str]) -> Pack:
        told = ", ".join(f"{{{band}, {TOLD}}}" for band in (first, *listed))
        return pack((f"{{{first}, {TOLD}}}", told))

    told = line.format(told="  illustrative, no source gives it: 例")
    assert compare(of(before), of(bands)).lines("en")[1:] == [f"~ tiers help, bands: {told}"]


def test_two_editions_of_one_name_are_told_apart() -> None:
    """By their titles; where these are alike too, by the first file that differs, as sha256sum prints it."""
    titled = compare(pack(), pack(("title: 旧", "title: 新"), ("title_en: old", "title_en: new")))
    assert titled.lines("en")[0] == "base (old) → base (new)"
    assert titled.lines("zh")[0] == "base（旧） → base（新）"
    one, other = pack(), pack(("net < 2 * limit", "net < limit"))
    marks = [hashlib.sha256(each.folders["base"]["pack.yaml"]).hexdigest()[:8] for each in (one, other)]
    assert compare(one, other).lines("zh")[0] == (
        f"base（base/pack.yaml {marks[0]}） → base（base/pack.yaml {marks[1]}）"
    )
    assert compare(one, one).lines("en")[0] == "base → base"


def test_blanks_in_a_formula_are_no_change() -> None:
    found = compare(pack(), pack(("net < 2 * limit", '"net  <  2 * limit"')))
    assert found.changes() == []
    assert found.lines("zh")[1:] == ["两个规则包内容一致。"]
    assert found.households.empty


def test_another_order_of_the_categories_is_a_change() -> None:
    line = "~ pack, order of the categories: deep, near → near, deep"
    lines = [row for row in BASE.splitlines(keepends=True) if row.startswith("  - {id: deep")]
    swapped = BASE.replace(lines[0], "").replace("benefits:", f"{lines[0]}benefits:")
    other = parse_pack({"base": {"pack.yaml": swapped.encode()}}, "base")
    assert line in compare(pack(), other).lines("en")


def test_a_value_laid_over_another_is_told_beside_it() -> None:
    over = f"""\
name: over
title: 上
title_en: over
extends: base
parameters:
  limit:
    values: [{{where: {{district: [东区]}}, from: 2024-01-01, exactly: 1000, {TOLD}}}]
"""
    folders = {"base": {"pack.yaml": BASE.encode()}, "over": {"pack.yaml": over.encode()}}
    (change,) = compare(pack(), parse_pack(folders, "over")).changes("en")
    assert (change.what, change.id, change.before) == ("value", "limit 东区 2024-01-01 (2)", "")


def test_who_changes_and_why() -> None:
    other = pack(("net < 2 * limit", "net < limit"), ("exactly: 1000", "exactly: 1000.01"))
    frame = compare(pack(), other, {"households": HOUSEHOLDS}, on="2024-06-01").households
    assert frame.index.tolist() == ["H2"]
    assert frame.loc["H2"].to_dict() == {
        "outcome_before": "eligible", "outcome_after": "eligible",
        "category_before": "near", "category_after": "deep",
        "claim_fen_before": 30000, "claim_fen_after": 30000,
        "gift_fen_before": 5000, "gift_fen_after": 5000,
        "benefits": "", "rules": "deep: fail → pass",
    }  # fmt: skip


def test_an_outcome_lost_with_its_benefit_and_what_it_does_to_the_split() -> None:
    other = pack(("net < 2 * limit", "net < limit"))
    found = compare(pack(), other, {"households": HOUSEHOLDS}, on="2024-06-01", fund_fen=30000)
    assert found.households["outcome_after"].to_dict() == {"H1": "eligible", "H2": "ineligible"}
    assert found.households["award_fen_before"].to_dict() == {"H1": 20000, "H2": 10000}
    assert found.households["award_fen_after"].to_dict() == {"H1": 30000, "H2": 0}
    assert found.households.loc["H2", "benefits"] == "gift: pass → fail"
    assert found.split == {
        "fund": 30000, "before": 2, "after": 1, "gain": 1, "more": 10000, "lose": 1, "less": -10000,
    }  # fmt: skip
    assert found.lines("en")[-5:] == [
        "  eligible → ineligible: 1",
        "  because of relative hardship (near), met → not met: 1",
        "  H2: eligible → ineligible; category relative hardship → —; award 100.00 → 0.00; a gift 50.00 → —; "
        "a gift: met → not met; relative hardship: met → not met",
        "  H1: award 200.00 → 300.00",
        "The fund of 300.00: 2 → 1 households share it; 1 get more (100.00), 1 less (-100.00).",
    ]
    plain = json.loads(json.dumps(found.plain("en")))
    assert [row["household_id"] for row in plain["households"]] == ["H1", "H2"]
    assert plain["households"][1]["rules"] == [{"id": "near", "before": "pass", "after": "fail"}]
    assert plain["households"][1]["benefits"] == [{"id": "gift", "before": "pass", "after": "fail"}]
    assert plain["households"][0]["rules"] == []
    assert plain["judged"] == 4
    assert plain["moved"] == [{"before": "eligible", "after": "ineligible", "count": 1}]
    assert plain["because"] == [{"id": "near", "before": "pass", "after": "fail", "count": 1}]
    assert (plain["split"]["gain"], plain["undivided"]) == (1, [])
    assert plain["changes"] == [{
        "what": "category", "id": "near", "aspect": "formula",
        "before": "income per member is below 2 times the limit",
        "after": "income per member is below the limit",
        "written_before": "net < 2 * limit", "written_after": "net < limit",
    }]  # fmt: skip


def test_a_new_benefit_changes_only_those_who_may_get_it() -> None:
    without = pack((BASE[BASE.index("benefits:") : BASE.index("claim:")], ""))
    frame = compare(without, pack(), {"households": HOUSEHOLDS}, on="2024-06-01").households
    assert frame["benefits"].to_dict() == {"H1": "gift: fail → pass", "H2": "gift: fail → pass"}
    assert frame["gift_fen_after"].to_dict() == {"H1": 5000, "H2": 5000}
    assert frame["gift_fen_before"].isna().all()


def test_the_order_of_the_rows_never_matters() -> None:
    other = pack(("net < 2 * limit", "net < limit"), ("requires: union_member", "requires: homes_count < 1"))
    one, two = (
        compare(pack(), other, {"households": rows}, on="2024-06-01", fund_fen=30000)
        for rows in (HOUSEHOLDS, HOUSEHOLDS.iloc[::-1].reset_index(drop=True))
    )
    pd.testing.assert_frame_equal(one.households, two.households)
    assert one.lines() == two.lines()
    assert one.plain() == two.plain()


def test_a_household_that_only_one_pack_can_judge_is_set_aside_by_the_other() -> None:
    value = "      - {where: {district: [东区]}, from: 2024-01-01, exactly: 1000, " + TOLD + "}\n"
    other = pack(("{name: 东区}, ", ""), (value, ""))
    found = compare(pack(), other, {"households": HOUSEHOLDS}, on="2024-06-01")
    changed = found.households.loc["H1"]
    assert changed["outcome_before"] == "eligible"
    assert pd.isna(changed["outcome_after"])
    assert "deep: pass → absent" in changed["rules"]
    assert "  eligible → set aside: 2" in found.lines("en")


def test_a_fund_that_cannot_be_divided_is_told_and_the_rest_compared() -> None:
    nobody = pack(("requires: union_member", "requires: household_size > 9"))
    found = compare(pack(), nobody, {"households": HOUSEHOLDS}, on="2024-06-01", fund_fen=30000)
    undivided = [line for line in found.lines("en") if "does not divide it: no household is eligible" in line]
    assert [line.split(" does not")[0] for line in undivided] == [found.lines("en")[0].split(" → ")[1]]
    assert found.split["after"] == 0
    assert found.plain("en")["undivided"] == [{"pack": "base", "problem": "no household is eligible"}]
    surplus = compare(pack(), nobody, {"households": HOUSEHOLDS}, on="2024-06-01", fund_fen=10**9)
    assert sum("does not divide it" in line for line in surplus.lines("en")) == 2


def test_a_table_without_a_day_is_refused() -> None:
    with pytest.raises(ReliefError, match="day of the decision"):
        compare(pack(), pack(), {"households": HOUSEHOLDS})


def test_shipped_packs_are_told_apart_in_both_languages() -> None:
    old, new = load_pack("jiangmen-2021"), load_pack("yixing")
    for lang in ("zh", "en"):
        lines = compare(old, new).lines(lang)  # type: ignore[arg-type]
        assert any("gross_income" in line for line in lines)
        assert not any("None" in line for line in lines)
