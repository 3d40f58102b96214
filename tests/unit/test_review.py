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


def unannounced(when: str) -> str:
    return (
        f"the parameter standard has no value for 甲区；乙区 for decisions of {when}: what was in force has "
        "ended, and what follows is announced only later. Leave out its 'until', so that it holds until then."
    )


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
            [EVERYWHERE + ", until: 2020-12-31", "from: 2021-01-01, announced_on: 2021-03-02, exactly: 900"],
            [unannounced("2021-01-01 – 2021-03-01")],
        ),
        (
            [EVERYWHERE + ", until: 2020-06-30", "from: 2021-01-01, announced_on: 2021-01-02, exactly: 900"],
            [
                "the parameter standard has no value for 甲区；乙区 in 2020-07-01 – 2020-12-31",
                unannounced("2021-01-01 – 2021-01-01"),
            ],
        ),
        ([EVERYWHERE, "from: 2021-01-01, announced_on: 2021-03-02, exactly: 900"], []),
        (["from: 2021-01-01, announced_on: 2021-03-02, exactly: 900"], []),
        ([f"{EVERYWHERE}, until: 2020-12-31", "from: 2021-01-01, announced_on: 2020-12-02, exactly: 9"], []),
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
"""
    more = f"  lone: {{title: 孤, title_en: lone, amount: homes_count, {STATED}}}\n"
    assert told(USED, more, standard(EVERYWHERE), unused) == [
        "nothing uses lone (measures)", "nothing uses award (tiers)",
    ]  # fmt: skip


NOTICE = f"""
rules:
  - id: notice
    title: 公示
    title_en: notice
    requires: working_days(noticed_from, noticed_until) >= 5
    status: illustrative
    note: test
calendar:
  - {{year: 2021, days_off: [2021-01-01], {STATED}}}
"""


@pytest.mark.parametrize(
    ("more", "values", "lacking"),
    [
        ("", [EVERYWHERE], ""),
        ("", [EVERYWHERE, "from: 2021-07-01, exactly: 900, announced_on: 2021-08-01"], ""),
        ("", [EVERYWHERE, "from: 2022-07-01, exactly: 900"], "2022"),
        ("", [EVERYWHERE, "from: 2021-07-01, exactly: 900, announced_on: 2022-01-05"], "2022"),
        ("", [EVERYWHERE + ", until: 2022-12-31", "from: 2023-01-01, exactly: 900"], "2022、2023"),
        (f"  - {{year: 2023, {STATED}}}\n", [EVERYWHERE], "2022"),
    ],
)
def test_years_that_the_calendar_lacks_are_told(more: str, values: list[str], lacking: str) -> None:
    """A year that the pack's own dates reach is a warning; that no other year can be counted, a notice."""
    text = "".join([HEAD, USED, standard(*values), NOTICE, more])
    pack = parse_pack({"small": {"pack.yaml": text.encode()}}, "small")
    found = [(finding.level, finding.text("en")) for finding in review(pack) if "calendar" in finding.code]
    warning = (
        "warning",
        f"the calendar lacks {lacking}, which the pack's dates reach: working days there cannot be counted, "
        "and who depends on them stays pending. Add these years under 'calendar'.",
    )
    years = "2021、2023" if more else "2021"
    notice = (
        "notice",
        f"working days are counted in {years} only: where days of another year come in, an answer may stay "
        "pending until the pack has its calendar",
    )
    assert found == ([warning] if lacking else []) + [notice]


def test_a_calendar_that_nothing_counts_by_needs_no_more_years() -> None:
    text = "".join([HEAD, USED, standard(EVERYWHERE), "calendar:", NOTICE.partition("calendar:")[2]])
    pack = parse_pack({"small": {"pack.yaml": text.encode()}}, "small")
    assert [f.code for f in review(pack) if f.code != "review.ruled"] == []


def test_what_a_person_must_rule_on_is_a_notice() -> None:
    pack = parse_pack({"small": {"pack.yaml": (HEAD + USED + standard(EVERYWHERE)).encode()}}, "small")
    (finding,) = review(pack)
    assert (finding.level, finding.text("en")) == ("notice", "deep: a named person must rule on 'poor'")
    assert "专人" in finding.text("zh")


def reviewed(requires: str, more: str = "", group: str = "rules", key: str = "requires") -> list[str]:
    text = (
        f"{HEAD}{more}\n{group}:\n  - {{id: kin, title: 亲, title_en: kin, {key}: '{requires}', {STATED}}}\n"
    )
    pack = parse_pack({"small": {"pack.yaml": text.encode()}}, "small")
    return [finding.text("en") for finding in review(pack) if finding.level == "warning"]


@pytest.mark.parametrize(
    ("requires", "found"),
    [
        ('held(members, where=relation == "子女")', []),
        ('held(members, where=relation in ["子女", "儿子"])',
         ["kin: '儿子' is no label of members.relation (near: 子女), so tables are hardly read into it. "
          "Labels: 本人、配偶、子女、父母、其他."]),
        ('not held(documents, where=members.relation != "夫")',
         ["kin: '夫' is no label of members.relation (near: 配偶), so"]),
        ('cause == "自然灾難" or cause == "自然灾難"',
         ["kin: '自然灾難' is no label of households.cause (near: 自然灾害), so"]),
        ('held(documents, where=kind == "收入证名")',
         ["kin: '收入证名' is no label of documents.kind (near: 收入证明), so"]),
    ],
)  # fmt: skip
def test_a_word_that_no_table_is_read_into_is_told_with_the_label(requires: str, found: list[str]) -> None:
    told = reviewed(requires)
    assert len(told) == len(found)
    assert all(text.startswith(start) for text, start in zip(told, found, strict=True))


def test_a_word_of_the_pack_below_is_told_there() -> None:
    more = f'measures: {{kin: {{title: 亲, title_en: kin, holds: cause == "灾", {STATED}}}}}'
    base = f"{HEAD}{more}\n".replace("name: small", "name: base")
    over = "name: small\ntitle: 小\ntitle_en: small\nextends: base\n"
    over += f"rules: [{{id: r, title: 甲, title_en: r, requires: kin, {STATED}}}]\n"
    folders = {name: {"pack.yaml": text.encode()} for name, text in (("base", base), ("small", over))}
    assert review(parse_pack(folders, "small")) == []
    assert [finding.code for finding in review(parse_pack(folders, "base"))] == [
        "review.unused",
        "review.label",
    ]


def test_a_ruling_on_the_item_that_asks_for_it_is_told() -> None:
    start = "kin: a ruling on 'kin' decides the whole of it, not only ruled('kin') inside."
    measure = f'measures: {{m: {{title: 甲, title_en: m, holds: ruled("kin"), {STATED}}}}}'
    (told,) = reviewed('ruled("kin") and homes_count < 2')
    assert told.startswith(start)
    assert reviewed('ruled("other") and homes_count < 2') == []
    assert reviewed('ruled("kin") and homes_count < 2', "", "categories", "when") == [told]
    assert reviewed("m and homes_count < 2", measure) == [told]
    assert reviewed('ruled("kin")', "", "rules", "liftable: false, requires") == []


def test_a_rule_that_asks_for_a_ruling_and_takes_none_is_told() -> None:
    assert reviewed("homes_count < 2", "", "rules", "missing: ask, requires") == []
    assert reviewed("homes_count < 2", "", "rules", "missing: ask, liftable: false, requires") == [
        "kin: missing: ask awaits a ruling that liftable: false does not take. Remove one of them"
    ]
