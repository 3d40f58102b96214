"""The auditor's command: by the stored rules, by an own copy, and of one slip."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import relief
from relief.cli.command import app
from relief.errors import PublicError, ReliefError, RoundError
from relief.papers.notice import NoticeDetails
from relief.procedure import review
from relief.procedure.noticing import fingerprint_in, give_notice, household_slip
from relief.round.pipeline import split
from relief.steps.taking import look

SHEET = pd.DataFrame({"户编号": ["H1"], "工会会员": ["否"], "区县": ["蓬江区"], "个人自付": [100]})
RULES = Path(relief.__file__).parent / "rules"


def called(*arguments: object) -> str:
    done = CliRunner().invoke(app, ["verify", *map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def test_an_own_copy_of_the_rules_decides(tmp_path: Path) -> None:
    relief.run({"households": SHEET}, "jiangmen-2021", 100_00, on="2021-09-30").save(tmp_path / "round")
    assert "jiangmen-2021 计算，各表相同" in called(tmp_path / "round", "--with-pack", "jiangmen-2021")
    for name in ("jiangmen-2021", "national-calendar"):
        shutil.copytree(RULES / name, tmp_path / name)
    told = tmp_path / "jiangmen-2021" / "pack.yaml"
    told.write_text(told.read_text("utf-8") + "# mine\n", "utf-8")
    assert "您保存的 jiangmen-2021/pack.yaml" in called(
        tmp_path / "round", "--with-pack", tmp_path / "jiangmen-2021"
    )
    rules = tmp_path / "jiangmen-2021" / "eligibility.yaml"
    text = rules.read_text("utf-8")
    assert "requires: union_member\n" in text
    rules.write_text(text.replace("requires: union_member\n", "requires: not union_member\n", 1), "utf-8")
    with pytest.raises(RoundError) as refused:
        called(tmp_path / "round", "--with-pack", tmp_path / "jiangmen-2021")
    assert refused.value.code == "round.differs_with"
    assert refused.value.facts["file"] == "decisions.csv"


def test_a_slip_is_held_against_the_notice(tmp_path: Path) -> None:
    split(SHEET, 50_00).save(tmp_path / "round")
    review(tmp_path / "round", on="2021-10-08", by="工会", papers={"纪要.txt": b"x"})
    details = NoticeDetails("某市总工会", "0750-1234567", "2021-10-11")
    give_notice(tmp_path / "round", details, by="工会", forms=["html"])
    (tmp_path / "slip.json").write_bytes(household_slip(tmp_path / "round", "H1"))
    fingerprint = fingerprint_in(look(tmp_path / "round"))
    told = json.loads(
        called("--proof", tmp_path / "slip.json", "--fingerprint", fingerprint.upper(), "--json")
    )
    assert told == {"verified": True, "household_id": "H1", "award_yuan": "50.00"}
    assert "2 个步骤" in called(tmp_path / "round")
    with pytest.raises(PublicError):
        called("--proof", tmp_path / "slip.json", "--fingerprint", "0" * 64)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], "cli.folder_or_slip"),
        (["round", "--proof", "slip"], "cli.folder_or_slip"),
        (["--proof", "slip"], "cli.slip_fingerprint"),
        (["--proof", "no-such-slip", "--fingerprint", "00"], "cli.cannot_read"),
    ],
)
def test_a_call_that_says_too_little_is_refused(arguments: list[str], code: str) -> None:
    with pytest.raises(ReliefError) as refused:
        called(*arguments)
    assert refused.value.code == code
