"""Tests of relief.cli.rules: checking and testing packs from the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from relief import console
from relief.cli import command as cli
from relief.review.cases import parse_cases

if TYPE_CHECKING:
    from pathlib import Path

Call = Callable[..., tuple[int, str]]
STATED = "status: illustrative, note: test"
PACK = f"""
name: small
title: 小
title_en: small
rules:
  - {{id: home, title: 住房, title_en: homes, requires: homes_count <= 1, {STATED}}}
claim: {{title: 自付, title_en: cost, amount: out_of_pocket_fen, {STATED}}}
"""
CASES = """
cases:
  - id: one
    title: 一套
    title_en: one home
    on: 2021-09-30
    household: {房产套数: 1, 个人自付: 10}
    expect: {outcome: eligible}
"""


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    """Run a command in this process; return its status and what it said."""

    def calling(*words: object, lang: str = "en") -> tuple[int, str]:
        monkeypatch.setattr(console, "LANG", lang)
        status = cli._status(lambda: cli.app(["rules", *map(str, words)], standalone_mode=False))
        sys.stdout.flush()
        out, err = capfd.readouterr()
        return status, out + err

    return calling


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "small"
    place.mkdir()
    (place / "pack.yaml").write_text(PACK, "utf-8")
    (place / "cases.yaml").write_text(CASES, "utf-8")
    return place


def test_a_pack_with_nothing_to_look_at_passes(call: Call, folder: Path) -> None:
    assert call("check", folder) == (0, "small: loads. To be looked at: 0.\n")
    assert call("check", folder, "--cases")[1].startswith("1 of 1 cases pass.\n")


def test_what_nothing_uses_asks_for_a_person(call: Call, folder: Path) -> None:
    more = f"measures: {{lone: {{title: 孤, title_en: lone, amount: homes_count, {STATED}}}}}\n"
    (folder / "pack.yaml").write_text(PACK + more, "utf-8")
    status, out = call("check", folder)
    assert (status, out.splitlines()[0]) == (1, "[warning] nothing uses lone (measures)")
    assert "［警告］" in call("check", folder, lang="zh")[1]
    content = json.loads(call("check", folder, "--json")[1])
    assert content["findings"] == [
        {"level": "warning", "code": "review.unused", "problem": "nothing uses lone (measures)"}
    ]


@pytest.mark.parametrize("command", ["check", "test"])
def test_a_pack_that_does_not_load_is_wrong(call: Call, folder: Path, command: str) -> None:
    (folder / "pack.yaml").write_text(PACK.replace("homes_count", "homes_number"), "utf-8")
    status, out = call(command, folder)
    assert status == 2
    assert "small/pack.yaml:6:" in out
    assert "Traceback" not in out


@pytest.mark.parametrize("words", [("check", "--cases"), ("test",)])
def test_a_case_that_fails_asks_for_a_person(call: Call, folder: Path, words: tuple[str, ...]) -> None:
    (folder / "cases.yaml").write_text(CASES.replace("eligible", "ineligible"), "utf-8")
    status, out = call(words[0], folder, *words[1:])
    assert status == 1
    assert "✗ one  one home\n    outcome\n      expected  ineligible\n      found     eligible\n" in out
    content = json.loads(call(words[0], folder, *words[1:], "--json")[1])
    assert content["status"] == 1
    assert content["failed"] == [{"id": "one", "problems": ["outcome: expected ineligible, found eligible"]}]


def test_a_pack_without_cases_is_not_tested(call: Call, folder: Path) -> None:
    (folder / "cases.yaml").unlink()
    assert call("test", folder) == (1, "0 of 0 cases pass.\n")


def test_what_the_cases_leave_unseen_is_told(call: Call, folder: Path) -> None:
    status, out = call("test", folder, "--coverage", "--mutate")
    assert status == 0
    assert out.splitlines() == [
        "1 of 1 cases pass.",
        "home: no case has it failing, open",
        "home: no case stands at the limit homes_count <= 1: just below, just above",
        "Changes made to the pack: 5; noticed by a case: 2 (40.0 %).",
        "home: not noticed: 3",
        "    homes_count <= [1 → 2]",
        "    removed (homes_count <= 1)",
        "    missing: pending → fail",
    ]
    content = json.loads(call("test", folder, "--coverage", "--mutate", "--json")[1])
    assert len(content["unseen"]) == 2
    assert content["mutation"]["survivors"][0] == "home: homes_count <= [1 → 2]"


def test_new_cases_can_be_appended_to_the_file(call: Call, folder: Path) -> None:
    status, out = call("test", folder, "--boundaries")
    assert status == 0
    with (folder / "cases.yaml").open("a", encoding="utf-8") as file:
        file.write(out)
    cases = parse_cases("cases.yaml", (folder / "cases.yaml").read_bytes())
    assert [case.id for case in cases] == ["one", "home-below", "home-above"]
    assert call("test", folder, "--mutate")[1].splitlines() == [
        "3 of 3 cases pass.",
        "Changes made to the pack: 5; noticed by a case: 4 (80.0 %).",
        "home: not noticed: 1",
        "    missing: pending → fail",
    ]


def test_a_day_that_is_none_is_refused(call: Call, folder: Path) -> None:
    status, out = call("prove", folder, "--on", "2021-13-01")
    assert status == 2
    assert "2021-13-01" in out


def test_a_pack_is_proved(call: Call, folder: Path) -> None:
    pytest.importorskip("z3")
    status, out = call("prove", folder, "--on", "2021-09-30")
    assert (status, out.splitlines()[0]) == (0, "small on 2021-09-30:")
    assert json.loads(call("prove", folder, "--json")[1])["holds"] is True
    status, out = call("prove", folder, "--seconds", "0", "--json")
    assert (status, {open_["why"] for open_ in json.loads(out)["undecided"]}) == (1, {"time"})


def test_a_rule_is_told_in_words(call: Call, folder: Path) -> None:
    status, out = call("explain", folder, "home")
    assert status == 0
    assert "homes" in out
    assert json.loads(call("explain", folder, "home", "--json")[1])["lines"] == out.splitlines()
    status, out = call("explain", folder, "hose")
    assert status == 2
    assert "hose" in out


def test_two_packs_are_told_apart(call: Call, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "pack.yaml").write_text(PACK.replace("<= 1", "<= 2").replace("small", "other"), "utf-8")
    rows = tmp_path / "rows.csv"
    rows.write_text("户编号,房产套数,个人自付\nH1,1,10\nH2,2,30\n", "utf-8")
    status, out = call("diff", folder, other)
    assert status == 0
    assert "homes" in out
    words = ("diff", folder, other, rows, "--on", "2021-09-30", "--fund", "8", "--json")
    content = json.loads(call(*words)[1])
    assert content["status"] == 0
    assert [row["household_id"] for row in content["households"]] == ["H1", "H2"]
    assert content["split"]["lose"] == 1
    assert call("diff", folder, other, rows)[0] == 2
