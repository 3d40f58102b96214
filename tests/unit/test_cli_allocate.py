"""Tests of the ways to divide that the command line has: what they give, what they refuse, what verifies."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

import relief
from relief import console
from relief.allocation import METHODS
from relief.cli import command as cli
from relief.messages import LANGUAGES, say
from relief.round.record import parse_record, sealed

ROSTER = """户编号,区县,个人自付,封顶（元）,上年封顶（万元）,组,权重,类别,已付,保底
a,蓬江区,100,,0.005,甲,1,深度,,5
b,江海区,300,120,0.012,乙,3/2,相对,10,
c,蓬江区,250,200,0.02,甲,1.5,相对,0,
d,市直,90.5,80,0.008,乙,2,深度,5,
"""
CLAIMS = {"a": 10000, "b": 30000, "c": 25000, "d": 9050}
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    """Run a command in this process; return its status and what it said."""

    def calling(*words: object, lang: str = "zh") -> tuple[int, str, str]:
        monkeypatch.setattr(console, "LANG", lang)
        status = cli._status(lambda: cli.app([*map(str, words)], standalone_mode=False))
        sys.stdout.flush()
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        return status, out, err

    return calling


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    place = tmp_path / "名单.csv"
    place.write_text(ROSTER, "utf-8")
    return place


def rows(folder: Path, name: str = "awards.csv") -> list[dict[str, str]]:
    return list(csv.DictReader((folder / name).read_text("utf-8").splitlines()))


def awards(folder: Path) -> dict[str, int]:
    return {row["household_id"]: int(Decimal(row["award_yuan"]) * 100) for row in rows(folder)}


WAYS: dict[str, tuple[list[str], dict[str, Any]]] = {
    **{
        name: (["--method", name], {"method": name})
        for name in METHODS
        if name not in ("weighted", "flat_by_category", "tiered", "by_priority")
    },
    "cap of all": (["--cap", "80"], {"caps_fen": 8000}),
    "cap column": (["--cap", "封顶"], {"caps_fen": {"b": 12000, "c": 20000, "d": 8000}}),
    "cap column in 万元": (
        ["--cap", "上年封顶（万元）"],
        {"caps_fen": {"a": 5000, "b": 12000, "c": 20000, "d": 8000}},
    ),
    "floor column": (["--floor", "保底"], {"floors_fen": {"a": 500}}),
    "paid": (["--cap", "80", "--paid", "已付"], {"caps_fen": {"a": 8000, "b": 7000, "c": 8000, "d": 7500}}),
    "unit": (["--unit", "10"], {"unit_fen": 1000}),
    "returned": (
        ["--cap", "30", "--surplus", "return"],
        {"caps_fen": 3000, "surplus": "return"},
    ),
    "above the claim": (
        ["--method", "equal", "--cap", "95", "--floor", "60", "--allow-above-claim", "--surplus", "return"],
        {"method": "equal", "caps_fen": 9500, "floors_fen": 6000, "allow_above_claim": True,
         "surplus": "return"},
    ),
    "weighted": (
        ["--method", "weighted", "--weight", "权重"],
        {"method": "weighted", "weights": {"a": 1, "b": "3/2", "c": "3/2", "d": 2}},
    ),
    "flat": (
        ["--method", "flat_by_category", "--category", "类别", "--amount", "深度=70", "--amount", "相对=50",
         "--shortage", "scale"],
        {"method": "flat_by_category", "categories": {"a": 1, "b": 0, "c": 0, "d": 1},
         "amounts_fen": {1: 7000, 0: 5000}, "shortage": "scale"},
    ),
    "priority": (
        ["--method", "by_priority", "--category", "类别", "--order", "深度，相对", "--within", "talmud"],
        {"method": "by_priority", "categories": {"a": 1, "b": 2, "c": 2, "d": 1}, "order": [1, 2],
         "within": "talmud"},
    ),
    "groups": (
        ["--group", "组", "--group-fund", "甲=120", "--group-fund", "乙=80"],
        {"groups": {"a": 0, "b": 1, "c": 0, "d": 1}, "group_funds_fen": {0: 12000, 1: 8000}},
    ),
    "groups of a known column, by their claims": (
        ["--group", "district", "--group-funds", "claims"],
        {"groups": {"a": "蓬江区", "b": "江海区", "c": "蓬江区", "d": "市直"}, "group_funds_fen": "claims"},
    ),
    "sources": (["--source", "省级=150", "--source", "市级=50"], {"sources_fen": {"x": 15000, "y": 5000}}),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_a_call_gives_what_allocate_gives_and_verifies(way: str, call: Call, roster: Path) -> None:
    words, arguments = WAYS[way]
    fund = 360 if way == "above the claim" else 200
    out = roster.parent / "split"
    status, told, err = call("allocate", roster, "--fund", fund, "--out", out, *words)
    assert (status, err) == (0, "")
    expected = relief.allocate(CLAIMS, fund * 100, **arguments)
    assert awards(out) == expected.awards_fen.to_dict()
    assert call("verify", out)[0] == 0
    assert "None" not in told


def test_nothing_new_is_written_unless_it_is_asked_for(call: Call, roster: Path, tmp_path: Path) -> None:
    call("allocate", roster, "--fund", "200", "--out", tmp_path / "split")
    record = parse_record((tmp_path / "split" / "record.json").read_bytes())
    assert set(record["call"]) == {"method", "rounding", "unit_fen", "fund_fen", "any_district"}
    assert list(rows(tmp_path / "split")[0]) == ["household_id", "district", "claim_yuan", "award_yuan"]
    assert {"groups.csv", "certificate.json"}.isdisjoint(record["outputs"])


def test_groups_and_sources_are_told_to_the_fen(call: Call, roster: Path, tmp_path: Path) -> None:
    out = tmp_path / "split"
    _, told, _ = call("allocate", roster, "--fund", "200", "--out", out, "--group", "组",
                      "--group-fund", "甲=120", "--group-fund", "乙=80",
                      "--source", "省级=150", "--source", "市级=50")  # fmt: skip
    table = rows(out)
    assert [row["group"] for row in table] == ["甲", "乙", "甲", "乙"]
    for row in table:
        assert Decimal(row["from_省级_yuan"]) + Decimal(row["from_市级_yuan"]) == Decimal(row["award_yuan"])
    for name, fund in (("from_省级_yuan", 150), ("from_市级_yuan", 50)):
        assert sum(Decimal(row[name]) for row in table) == fund
        assert sum(Decimal(row[name]) for row in rows(out, "districts.csv")) == fund
    assert {row["group"]: row["award_yuan"] for row in rows(out, "groups.csv")} == {
        "甲": "120.00",
        "乙": "80.00",
    }
    assert "“甲”组：2 户，资金 120.00 元，发放 120.00 元，退回 0.00 元。" in told
    assert "来源“省级”：150.00 元，使用 150.00 元" in told


def test_json_has_groups_sources_and_what_is_returned(call: Call, roster: Path, tmp_path: Path) -> None:
    words = ["allocate", roster, "--fund", "200", "--json", "--out"]
    plain = json.loads(call(*words, tmp_path / "a")[1])
    assert plain["returned_yuan"] == "0.00"
    assert {"groups", "sources"}.isdisjoint(plain)
    plain = json.loads(call(*words, tmp_path / "b", "--group", "组", "--group-fund", "甲=50", "--group-fund",
                            "乙=150", "--cap", "60", "--surplus", "return",
                            "--source", "市=200")[1])  # fmt: skip
    assert plain["returned_yuan"] == "30.00"
    assert [(row["group"], row["fund_yuan"], row["award_yuan"]) for row in plain["groups"]] == [
        ("乙", "150.00", "120.00"), ("甲", "50.00", "50.00")
    ]  # fmt: skip
    assert plain["sources"] == [{"source": "市", "fund_yuan": "200.00", "award_yuan": "170.00"}]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("档.yaml", "tiers:\n- {from: 0, share: 50%}\n- {from: 100, share: 0.25, amount: 1, included: no}\n"),
        ("tiers.csv", "起点（元）,比例,定额（元）,含起点\n0,1/2,,\n100,25%,1,否\n"),
    ],
)
def test_tiers_come_from_a_file(call: Call, roster: Path, tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    out = tmp_path / "split"
    words = ["--method", "tiered", "--tiers", tmp_path / name, "--surplus", "return"]
    assert call("allocate", roster, "--fund", "700", "--out", out, *words)[0] == 0
    assert awards(out) == {"a": 5000, "b": 10100, "c": 8850, "d": 4525}
    (tmp_path / name).unlink()
    assert call("verify", out)[0] == 0


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("tiers: [{from: 0, share: much}]\n", "share 为“much”"),
        ("tiers: [{from: 0.005}]\n", "from 为“0.005”"),
        ("tiers: [{share: 1/2}]\n", "from 为“”"),
        ("tiers: [{from: 0, shares: 1/2}]\n", "shares 为“1/2”"),
        ("tiers: [{from: 0, included: perhaps}]\n", "included 为“perhaps”"),
        ("from: 0\n", "不是分档表"),
        ("[]\n", "不是分档表"),
        ("tiers: []\n", "不是分档表"),
        ("- {from: 0}\n", "不是分档表"),
        ("tiers: [1]\n", "不是分档表"),
        ("tiers: [{from: 0, from: 1}]\n", "t.yaml:1"),
    ],
)
def test_a_wrong_tier_is_named(call: Call, roster: Path, tmp_path: Path, text: str, part: str) -> None:
    (tmp_path / "t.yaml").write_text(text, "utf-8")
    status, _, err = call(
        "allocate", roster, "--fund", "9", "--out", tmp_path / "x", "--tiers", tmp_path / "t.yaml"
    )
    assert status == 2
    assert part in err


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--method", "talmod"], "最接近的是“talmud”"),
        (["--rounding", "larges_remainder"], "最接近的是“largest_remainder”"),
        (["--cap", "封项"], "没有“封项”列（相近：封顶）"),
        (["--cap", "组织"], "没有“组织”列（相近：组）"),
        (["--cap", "区县"], "“区县”列不是金额"),
        (["--group", "申请书", "--group-funds", "claims"], "没有“申请书”列"),
        (["--cap", "-5"], "-5"),
        (["--method", "weighted"], "需要 --weight"),
        (["--weight", "权重"], "不使用 --weight"),
        (["--shortage", "scale"], "不使用 --shortage"),
        (["--surplus", "keep"], "--surplus 为“keep”"),
        (["--group", "组"], "缺少 --group-fund / --group-funds"),
        (["--group", "组", "--group-fund", "甲=200"], "“乙”组没有资金。请在 --group-fund 中给出"),
        (["--group", "组", "--group-fund", "甲"], "--group-fund 为“甲”"),
        (["--group", "组", "--group-fund", "甲=1", "--group-fund", "甲=2"], "“甲”出现两次"),
        (["--group", "组", "--group-fund", "甲=1", "--group-funds", "claims"], "只能用其一"),
        (["--source", "省级=150"], "合计 150.00 元"),
        (["--cap", "10"], "请提高上限"),
        (
            [
                "--method",
                "flat_by_category",
                "--category",
                "类别",
                "--amount",
                "深度=999",
                "--amount",
                "相对=9",
            ],
            "用 --shortage scale 按比例缩减",
        ),
        (["--paid", "已付"], "没有上限"),
        (["--tiers", "没有.yaml"], "无法读取分档文件"),
    ],
)
def test_a_wrong_call_ends_with_2_and_says_what_to_do(
    call: Call, roster: Path, tmp_path: Path, words: list[str], part: str
) -> None:
    status, _, err = call("allocate", roster, "--fund", "200", "--out", tmp_path / "x", *words)
    assert status == 2
    assert part in err
    assert not (tmp_path / "x").exists()


def test_nobody_is_grouped_by_who_they_are(call: Call, tmp_path: Path) -> None:
    place = tmp_path / "a.csv"
    place.write_text("户编号,姓名,个人自付\na,欧阳,100\n", "utf-8")
    words = ["--group", "姓名", "--group-funds", "claims"]
    status, _, err = call("allocate", place, "--fund", "5", "--out", tmp_path / "x", *words)
    assert status == 2
    assert "个人身份信息" in err


@pytest.mark.parametrize(
    ("option", "header", "cell", "problem"),
    [
        ("--weight", "权重", "", "“权重”为空"),
        ("--weight", "权重", "-1", "不是有效的权重"),
        ("--weight", "权重", "1/0", "不是有效的权重"),
        ("--group", "组", "", "“组”为空"),
        ("--cap", "封顶", "约200", "不是金额"),
        ("--cap", "封顶", "#REF!", ""),
    ],
)
def test_a_row_that_the_division_cannot_go_by_is_set_aside(
    call: Call, tmp_path: Path, option: str, header: str, cell: str, problem: str
) -> None:
    place = tmp_path / "a.csv"
    place.write_text(f"户编号,个人自付,{header}\na,100,1\nb,200,{cell}\nc,300,3\n", "utf-8")
    more = {"--weight": ["--method", "weighted"], "--group": ["--group-funds", "claims"], "--cap": []}[option]
    out = tmp_path / "split"
    assert call("allocate", place, "--fund", "4", "--out", out, option, header, *more)[0] == 1
    (aside,) = rows(out, "quarantine.csv")
    assert (aside["household_id"], aside["column"]) == ("b", header)
    assert problem in aside["problem"]
    assert set(awards(out)) == {"a", "c"}
    assert sum(awards(out).values()) == 400
    assert call("verify", out)[0] == 0


def test_an_error_value_in_a_cap_is_no_missing_cap(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["户编号", "个人自付", "封顶"], ["a", 100, 50], ["b", 100, "#REF!"], ["c", 100, None]):
        sheet.append(row)
    sheet["C3"].data_type = "e"
    book.save(tmp_path / "a.xlsx")
    round_ = relief.split(tmp_path / "a.xlsx", 14000, caps_fen="封顶")
    assert round_.quarantine["household_id"].tolist() == ["b"]
    assert round_.allocation is not None
    assert round_.allocation.awards_fen.to_dict() == {"a": 5000, "c": 9000}


@pytest.mark.parametrize(
    ("header", "cap_fen"),
    [
        ("封顶", 50_000_000),
        ("封顶（元）", 5000),
        ("封顶(千元)", 5_000_000),
        ("cap_yuan", 5000),
        ("cap_fen", 50),
    ],
)
def test_a_column_says_its_unit_or_the_title_does(tmp_path: Path, header: str, cap_fen: int) -> None:
    place = tmp_path / "a.csv"
    place.write_text(f"单位：万元,,\n户编号,个人自付,{header}\na,100000,50\nb,100000,\n", "utf-8")
    round_ = relief.split(place, 100_000_00, caps_fen=header.partition("(")[0], surplus="return")
    assert round_.allocation is not None
    assert round_.allocation.table["cap_fen"].tolist() == [cap_fen, 100_000_000_000]


def test_a_unit_that_is_not_understood_is_refused(call: Call, tmp_path: Path) -> None:
    place = tmp_path / "a.csv"
    place.write_text("户编号,个人自付,封顶（百美元）\na,100,50\n", "utf-8")
    status, _, err = call("allocate", place, "--fund", "5", "--out", tmp_path / "x", "--cap", "封顶")
    assert status == 2
    assert "封顶（百美元）" in err


def test_a_certificate_is_written_on_demand_and_a_stranger_accepts_it(
    call: Call, roster: Path, tmp_path: Path
) -> None:
    out = tmp_path / "split"
    call("allocate", roster, "--fund", "200", "--out", out, "--method", "talmud", "--certificate")
    check = run_path(str(Path(__file__).parents[2] / "tools" / "check_split.py"))["check"]
    split = json.loads((out / "certificate.json").read_text("utf-8"))
    assert check(split) == []
    split["parts"][0]["rows"][0]["award"] += 1
    assert check(split) != []
    assert call("verify", out)[0] == 0


def test_a_changed_argument_in_the_record_is_found(call: Call, roster: Path, tmp_path: Path) -> None:
    out = tmp_path / "split"
    call("allocate", roster, "--fund", "200", "--out", out, "--cap", "80")
    record = parse_record((out / "record.json").read_bytes())
    assert record["call"]["terms"] == {"caps_fen": "8000"}
    record["call"]["terms"]["caps_fen"] = "7000"
    del record["seal"]
    (out / "record.json").write_bytes(sealed(record))
    status, _, err = call("verify", out)
    assert status == 2
    assert "awards.csv" in err


def test_a_workbook_gives_merged_groups_and_numbers_as_weights(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["户编号", "个人自付", "组", "权重"],
        ["a", 100, "甲", 1.5],
        ["b", 100, None, 3],
        ["c", 100, "乙", 1],
    ):
        sheet.append(row)
    sheet.merge_cells("C2:C3")
    book.save(tmp_path / "a.xlsx")
    round_ = relief.split(tmp_path / "a.xlsx", 15000, method="weighted", weights="权重", groups="组",
                          group_funds_fen={"甲": 9000, "乙": 6000})  # fmt: skip
    assert round_.allocation is not None
    assert round_.allocation.awards_fen.to_dict() == {"a": 3000, "b": 6000, "c": 6000}


def test_run_takes_a_method_and_returns_a_surplus(call: Call, tmp_path: Path) -> None:
    sample = Path(__file__).parents[2] / "data" / "samples" / "jiangmen-2021"
    words = [sample / "申请.xlsx", "--rules", sample / "rules", "--on", "2021-09-30"]
    for name, more in (("a", ["--fund", "300000", "--method", "talmud"]),
                       ("b", ["--fund", "9000000", "--surplus", "return"])):  # fmt: skip
        status, told, _ = call("run", *words, "--out", tmp_path / name, *more)
        assert status in (0, 1)
        assert call("verify", tmp_path / name)[0] == 0
        claims = relief.fen([row["claim_yuan"] for row in rows(tmp_path / name)])
        if name == "b":
            assert awards(tmp_path / name) == dict(zip(awards(tmp_path / name), claims, strict=True))
            assert "退回 6,661,600.00 元" in told
        else:
            assert "塔木德法" in told
    assert "terms" not in parse_record((tmp_path / "a" / "record.json").read_bytes())["call"]
    assert call("run", *words, "--fund", "9000000", "--out", tmp_path / "c")[0] == 2
    assert call("run", *words, "--fund", "1", "--out", tmp_path / "c", "--method", "tiered")[0] == 2


def test_an_unknown_keyword_of_split_is_named() -> None:
    with pytest.raises(TypeError, match="no argument 'cap_fen'"):
        relief.split({}, 1, cap_fen=3)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_its_words(method: str, lang: Any) -> None:
    assert say(f"methods.title.{method}", lang)
    assert "{" not in say(f"methods.how.{method}", lang, claim="X")
