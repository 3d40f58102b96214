"""Tests of relief.rulepack.pack."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from relief.errors import PackError
from relief.judging.eligibility import assess
from relief.rulepack.pack import Pack, installed_packs, load_pack, parse_pack
from relief.rulepack.showing import pack_lines, pack_plain

OVERLAY = """\
name: my-city
title: 本市
title_en: my city
extends: jiangmen-2021
parameters:
  subsistence_standard:
    values:
      - where: {district: [蓬江区]}
        from: 2021-01-01
        exactly: 1000
        status: illustrative
        note: test
"""
RULE = """\
rules:
  - id: homes
    title: 住房不超过两套
    title_en: at most two homes
    requires: homes <= 2
    status: illustrative
    note: test
  - id: on-subsistence
    title: 非低保户
    title_en: not on subsistence
    requires: not on_subsistence
    status: illustrative
    note: test
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "rules"
    place.mkdir()
    (place / "pack.yaml").write_text(OVERLAY, encoding="utf-8")
    return place


def standard(pack: Pack, place: str) -> list[dict[str, object]]:
    household = pd.DataFrame({"户编号": ["H1"], "区县": [place], "城乡": ["城镇"]})
    return assess({"households": household}, pack, on="2021-09-30").parameters_used()


def test_a_pack_by_name() -> None:
    pack = load_pack("jiangmen-2021")
    assert [district.name for district in pack.districts] == [
        "市直", "蓬江区", "江海区", "新会区", "台山市", "鹤山市", "恩平市", "开平市",
    ]  # fmt: skip
    assert pack.claim is not None
    assert next(iter(pack.measures)) == "out_of_pocket"
    assert [category.id for category in pack.categories] == ["deep", "relative", "accidental"]
    assert ("documents", "kind") in pack.columns
    assert ("households", "residence") in pack.columns
    assert list(pack.folders) == ["national-calendar", "jiangmen-2021"]
    assert "jiangmen-2021" in installed_packs()


def test_every_rule_and_value_of_the_shipped_packs_says_where_it_is_written() -> None:
    for name in installed_packs():
        pack = load_pack(name)
        values = [value for p in pack.parameters.values() for layer in p.layers for value in layer]
        stated = [item.provenance for item in (*pack.measures.values(), *pack.rules, *pack.categories)]
        assert all(item.source or item.note for item in (*values, *stated))


def test_a_pack_by_path(folder: Path) -> None:
    for place in (folder, str(folder)):
        pack = load_pack(place)
        assert (pack.name, pack.title, list(pack.folders)) == (
            "my-city",
            "本市",
            ["national-calendar", "jiangmen-2021", "my-city"],
        )


def test_a_name_that_is_neither_pack_nor_folder() -> None:
    with pytest.raises(PackError, match=r"No pack is called 'jiangmen' \(near: jiangmen-2021\)"):
        load_pack("jiangmen")


@pytest.mark.parametrize("name", ["../../etc/nothing", "/nothing/there", "a b", "", "CON", "x" * 300])
def test_odd_names_are_refused(name: str) -> None:
    with pytest.raises(PackError):
        load_pack(name)


def test_a_local_folder_of_a_shipped_pack_s_name_does_not_replace_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "jiangmen-2021").mkdir()
    monkeypatch.chdir(tmp_path)
    assert load_pack("jiangmen-2021").claim is not None


def test_an_overlay_narrows_a_floor(folder: Path) -> None:
    pack = load_pack(folder)
    told = [{key: value.get(key) for key in ("at_least", "exactly")} for value in standard(pack, "蓬江区")]
    assert sorted(told, key=str) == [
        {"at_least": "853", "exactly": None},
        {"at_least": None, "exactly": "1000"},
    ]
    assert [value.get("exactly") for value in standard(pack, "新会区")] == [None]


def test_an_overlay_replaces_and_adds_rules(folder: Path) -> None:
    (folder / "eligibility.yaml").write_text(RULE, encoding="utf-8")
    base, pack = load_pack("jiangmen-2021"), load_pack(folder)
    assert [rule.id for rule in pack.rules] == [*(rule.id for rule in base.rules), "on-subsistence"]
    assert next(rule.text for rule in pack.rules if rule.id == "homes") == "homes <= 2"


def test_a_pack_can_be_made_again_from_its_folders(folder: Path) -> None:
    pack = load_pack(folder)
    again = parse_pack(pack.folders, pack.name)
    assert pack_plain(again) == pack_plain(pack)


FOSHAN = """\
name: foshan
title: 佛山
title_en: Foshan
extends: jiangmen-2021
districts: [{name: 禅城区}, {name: 南海区}]
parameters:
  subsistence_standard:
    values:
      - where: {district: [禅城区, 南海区]}
        from: 2021-01-01
        exactly: 1200
        status: illustrative
        note: test
"""
BELOW = "name: below\ntitle: 下\ntitle_en: below\nextends: foshan\n"


def test_another_city_keeps_the_rules_and_replaces_the_districts() -> None:
    pack = parse_pack({"foshan": {"pack.yaml": FOSHAN.encode()}}, "foshan")
    assert [district.name for district in pack.districts] == ["禅城区", "南海区"]
    assert [value.get("exactly") for value in standard(pack, "南海区")] == ["1200"]
    household = pd.DataFrame(
        {"户编号": ["H1", "H2"], "区县": ["禅城区", "蓬江区"], "是否工会会员": ["否", "否"]}
    )
    judged = assess({"households": household}, pack, on="2021-09-30")
    assert judged.decisions["outcome"].to_dict() == {"H1": "ineligible"}
    assert judged.quarantined == 1


def test_a_value_names_a_district_of_its_own_pack_or_of_those_below() -> None:
    child = BELOW + FOSHAN[FOSHAN.index("parameters:") :].replace(
        "{district: [禅城区, 南海区]}", "{{district: [{}]}}"
    )
    folders = {"foshan": {"pack.yaml": FOSHAN.encode()}}
    assert parse_pack({**folders, "below": {"pack.yaml": child.format("南海区").encode()}}, "below")
    with pytest.raises(PackError, match=r"'蓬江区' never occurs as district. Known: 禅城区、南海区"):
        parse_pack({**folders, "below": {"pack.yaml": child.format("蓬江区").encode()}}, "below")


def test_a_pack_in_words(folder: Path) -> None:
    lines = pack_lines(load_pack(folder), "en")
    assert lines[:2] == ["my-city  my city", "extends national-calendar、jiangmen-2021"]
    assert any("蓬江区: = 1000" in line for line in lines)
    assert "条件（须全部符合）" in pack_lines(load_pack(folder), "zh")
    assert json.loads(json.dumps(pack_plain(load_pack(folder))))["name"] == "my-city"


def test_a_folder_that_cannot_be_opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", fail)
    with pytest.raises(PackError, match="cannot be opened: Permission denied"):
        load_pack(folder)
