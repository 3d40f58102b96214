"""Tests of rulepack.crosschecks: what a pack may say of conflicts, in which words, and what is refused."""

from __future__ import annotations

import dataclasses

import pytest

from relief.errors import PackError
from relief.rulepack.changes import changes
from relief.rulepack.crosschecks import KINDS, USUAL, Crosscheck, comparisons, crosscheck_line
from relief.rulepack.pack import Pack, parse_pack
from relief.rulepack.review import review
from relief.rulepack.showing import pack_lines, pack_plain, part_plain, rule_lines

STATED = "status: illustrative, note: 例"
HEAD = f"""
name: small
title: 小
title_en: small
rules:
  - {{id: homes, title: 房, title_en: homes, requires: homes_count <= 1, {STATED}}}
"""


def pack(*entries: str, extends: str = "") -> Pack:
    listed = "".join(f"\n  - {{{entry}, {STATED}}}" for entry in entries)
    text = HEAD + (f"crosschecks:{listed}\n" if entries else "")
    folders = {"small": {"pack.yaml": text.encode()}}
    if extends:
        over = "name: over\ntitle: 上\ntitle_en: over\nextends: small\ncrosschecks:\n"
        over += f"  - {{{extends}, {STATED}}}\n"
        folders["over"] = {"pack.yaml": over.encode()}
    return parse_pack(folders, "over" if extends else "small")


def made(entry: str) -> Crosscheck:
    (found,) = pack(entry).crosschecks.values()
    return dataclasses.replace(found, model=None)


def test_a_pack_that_says_nothing_compares_as_usual() -> None:
    assert pack().crosschecks == {}
    assert comparisons(pack()) == USUAL


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("kind: 不动产, wins: registry", dataclasses.replace(USUAL["不动产"], wins="registry")),
        (
            "kind: 存款余额, tolerance: 1000.5, months: 3, wins: ask",
            dataclasses.replace(USUAL["存款余额"], tolerance=1_000_50, months=3, wins="ask"),
        ),
        ("kind: 机动车, tolerance: 1", dataclasses.replace(USUAL["机动车"], tolerance=1)),
        (
            "kind: 养老保险, words: [领取]",
            dataclasses.replace(USUAL["养老保险"], words=("领取",)),
        ),
        (
            "kind: 户籍, stated: local_hukou, found: any",
            Crosscheck("户籍", "households", "local_hukou", "any"),
        ),
        (
            "kind: 就业, stated: members.wage_income_fen, found: any, contradicts: ['0', 1.5万]",
            Crosscheck("就业", "members", "wage_income_fen", "any", contradicts=(0, 15_000_00)),
        ),
        (
            "kind: 就业, stated: members.able_to_work, found: any, contradicts: [否]",
            Crosscheck("就业", "members", "able_to_work", "any", contradicts=(False,)),
        ),
        (
            "kind: 养老保险, stated: members.transfer_income_fen, found: part, tolerance: 12",
            Crosscheck("养老保险", "members", "transfer_income_fen", "part", tolerance=12_00),
        ),
    ],
)
def test_an_entry_says_only_what_is_not_as_usual(entry: str, expected: Crosscheck) -> None:
    assert made(entry) == expected


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ("kind: 飞机", "pack.crosscheck_kind"),
        ("kind: 户籍", "pack.crosscheck_unusual"),
        ("kind: 户籍, stated: local_hukou", "pack.crosscheck_unusual"),
        ("kind: 不动产, months: 0", "pack.crosscheck_months"),
        ("kind: 不动产, months: 121", "pack.crosscheck_months"),
        ("kind: 不动产, stated: home_count, found: count", "pack.crosscheck_column"),
        ("kind: 不动产, stated: rulings.why, found: any", "pack.crosscheck_column"),
        ("kind: 就业, contradicts: [上天]", "pack.crosscheck_word"),
        ("kind: 不动产, found: sum", "pack.crosscheck_fit"),
        ("kind: 不动产, stated: deposits_fen, found: count", "pack.crosscheck_fit"),
        ("kind: 婚姻, stated: members.sex, found: spouse", "pack.crosscheck_fit"),
        ("kind: 就业, stated: members.health, found: any", "pack.crosscheck_fit"),
        ("kind: 低保, contradicts: [是]", "pack.crosscheck_fit"),
        ("kind: 低保, tolerance: 1", "pack.crosscheck_tolerance"),
        ("kind: 不动产, where: usee == 1", "expression.at"),
        ("kind: 不动产, where: area", "expression.at"),
        ("kind: 不动产, tolerance: 0.5", "pack.crosscheck_tolerance"),
        ("kind: 存款余额, tolerance: 0.001", "pack.crosscheck_tolerance"),
    ],
)
def test_an_entry_that_cannot_be_compared_is_refused_at_its_place(entry: str, code: str) -> None:
    with pytest.raises(PackError) as caught:
        pack(entry)
    assert caught.value.code == code
    assert str(caught.value).startswith("small/pack.yaml:8:")
    assert caught.value.text("zh") != caught.value.text("en")


def test_a_wrong_word_or_a_missing_source_is_refused() -> None:
    with pytest.raises(PackError, match="wins"):
        pack("kind: 不动产, wins: me")
    text = HEAD + "crosschecks:\n  - {kind: 不动产, wins: ask}\n"
    with pytest.raises(PackError, match="source"):
        parse_pack({"small": {"pack.yaml": text.encode()}}, "small")


def test_one_kind_stands_once_in_a_pack_and_a_pack_over_it_replaces_it() -> None:
    with pytest.raises(PackError) as caught:
        pack("kind: 不动产, wins: ask", "kind: 不动产, wins: registry")
    assert caught.value.code == "pack.same_kind"
    over = pack(
        "kind: 不动产, wins: ask, months: 6", "kind: 低保, wins: ask", extends="kind: 不动产, tolerance: 1"
    )
    assert [(check.kind, check.wins, check.months) for check in over.crosschecks.values()] == [
        ("不动产", None, None), ("低保", "ask", None),
    ]  # fmt: skip


def test_a_comparison_is_shown_in_words_with_its_source() -> None:
    entry = "kind: 存款余额, tolerance: 1000, months: 3, wins: ask"
    shown = "\n".join(pack_lines(pack(entry), "en"))
    assert "存款余额" in shown
    rows = "kind: 不动产, where: 'use != \"祖屋\"'"
    assert 'only answers of which use != "祖屋"' in "\n".join(pack_lines(pack(rows), "en"))
    assert "may differ by 1000; answers of at most 3 months; a named person rules" in shown
    assert "例" in shown
    assert pack_plain(pack(entry))["crosschecks"][0]["wins"] == "ask"
    assert rule_lines(pack(entry), "存款余额", "en")[0].endswith("a named person rules")
    assert part_plain(pack(entry), "存款余额")["tolerance"] == "1000"
    with pytest.raises(PackError, match="存款余额"):
        rule_lines(pack(entry), "低保", "en")
    assert all(crosscheck_line(check, "zh") for check in USUAL.values())


def test_two_packs_differ_in_their_comparisons() -> None:
    found = changes(pack("kind: 不动产, wins: ask"), pack("kind: 不动产, wins: declared"), "en")
    assert [(change.what, change.id, change.aspect) for change in found] == [
        ("crosscheck", "不动产", "compared")
    ]
    (added,) = changes(pack(), pack("kind: 低保, wins: ask"), "zh")
    assert "低保" in added.line("zh")
    assert "由专人裁定" in added.line("zh")


def test_a_comparison_whose_winner_no_rule_reads_is_told() -> None:
    found = [f.code for f in review(pack("kind: 存款余额, wins: registry", "kind: 不动产, wins: registry"))]
    assert found == ["review.crosscheck_idle"]
    assert review(pack("kind: 存款余额, tolerance: 10")) == []


def test_a_word_of_a_condition_that_no_table_has_is_told_in_the_pack_that_says_it() -> None:
    odd = pack("kind: 不动产, where: 'use in [\"住宅楼\"]'")
    (found,) = review(odd)
    assert (found.level, found.code, found.facts["id"]) == ("warning", "review.label", "不动产")
    assert review(pack("kind: 不动产, where: 'use in [\"住宅\"]'")) == []
    assert review(pack("kind: 存款余额, wins: ask", extends="kind: 不动产, tolerance: 1")) == []


def test_every_kind_of_the_dictionary_is_known() -> None:
    assert set(USUAL) <= set(KINDS)
