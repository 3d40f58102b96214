"""Tests of relief.rulepack.review: what of a pack that loads should still be looked at."""

from __future__ import annotations

import pytest

from relief.rulepack.pack import parse_pack
from relief.rulepack.review import review

STATED = "status: illustrative, note: test"
HEAD = """
name: small
title: 小
title_en: small
districts: [{name: 甲区}, {name: 乙区}]
"""
USED = f"""
categories:
  - {{id: deep, title: 深度, title_en: deep, when: net < standard and ruled("poor"), {STATED}}}
measures:
  net: {{title: 净, title_en: net, amount: monthly(gross / household_size), {STATED}}}
  gross: {{title: 毛, title_en: gross, amount: 'income_fen', {STATED}}}
"""


def standard(*values: str, by: str = "[district]") -> str:
    rows = "".join(f"\n      - {{{value}, {STATED}}}" for value in values)
    return f"""
parameters:
  standard:
    title: 标准
    title_en: standard
    per: 人·月
    by: {by}
    values:{rows}
"""


def told(*parts: str) -> list[str]:
    pack = parse_pack({"small": {"pack.yaml": "".join([HEAD, *parts]).encode()}}, "small")
    return [finding.text("en") for finding in review(pack) if finding.level == "warning"]


EVERYWHERE = "from: 2020-01-01, exactly: 800"


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([EVERYWHERE], []),
        ([EVERYWHERE, "from: 2021-01-01, exactly: 900"], []),
        ([EVERYWHERE + ", until: 2020-12-31", "from: 2021-01-01, exactly: 900"], []),
        (
            ["where: {district: [甲区]}, from: 2020-01-01, exactly: 800"],
            ["the parameter standard has no value for 乙区"],
        ),
        (
            [EVERYWHERE + ", until: 2020-06-30", "from: 2021-01-01, exactly: 900"],
            ["the parameter standard has no value for 甲区；乙区 in 2020-07-01 – 2020-12-31"],
        ),
        (
            [EVERYWHERE + ", until: 2021-03-31", "where: {district: [乙区]}, from: 2021-01-01, exactly: 900"],
            ["the parameter standard has two values for 乙区 in 2021-01-01 – 2021-03-31; the later is used"],
        ),
        (
            [EVERYWHERE, "where: {district: [甲区]}, from: 2020-01-01, at_least: 700"],
            ["the parameter standard has two values for 甲区 in 2020-01-01 – …; the later is used"],
        ),
    ],
)
def test_times_without_a_value_or_with_two_are_told(values: list[str], found: list[str]) -> None:
    assert told(USED, standard(*values)) == found


def test_a_layer_below_fills_a_gap() -> None:
    base = f"{HEAD}{USED}{standard('from: 2019-01-01, at_least: 500')}".replace("name: small", "name: base")
    gap = standard("from: 2020-01-01, until: 2020-06-30, exactly: 800", "from: 2021-01-01, exactly: 900")
    over = f"name: small\ntitle: 小\ntitle_en: small\nextends: base\n{gap}"
    folders = {name: {"pack.yaml": text.encode()} for name, text in (("base", base), ("small", over))}
    assert [finding.code for finding in review(parse_pack(folders, "small"))] == ["review.ruled"]


def test_a_parameter_without_any_value_is_told() -> None:
    text = "\nparameters: {standard: {title: 标准, title_en: standard, per: 人·月}}\n"
    assert told(USED, text) == [
        "the parameter standard has no value at all; a pack that extends this one must give it"
    ]


def test_what_nothing_uses_is_told() -> None:
    unused = f"""
tiers: {{award: {{title: 奖, title_en: award, bands: [{{above: 0, exactly: 10, {STATED}}}]}}}}
calendar: [{{year: 2021, days_off: [2021-01-01], {STATED}}}]
"""
    more = f"  lone: {{title: 孤, title_en: lone, amount: homes_count, {STATED}}}\n"
    assert told(USED, more, standard(EVERYWHERE), unused) == [
        "nothing uses lone (measures)", "nothing uses award (tiers)", "nothing uses calendar (calendar)",
    ]  # fmt: skip


def test_what_a_person_must_rule_on_is_a_notice() -> None:
    pack = parse_pack({"small": {"pack.yaml": (HEAD + USED + standard(EVERYWHERE)).encode()}}, "small")
    (finding,) = review(pack)
    assert (finding.level, finding.text("en")) == ("notice", "deep: a named person must rule on 'poor'")
    assert "专人" in finding.text("zh")
