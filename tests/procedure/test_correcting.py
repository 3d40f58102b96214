"""A corrected round says what changed, replaces the other one, and counts what that one paid."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from relief.cli.command import app
from relief.errors import ReliefError, StepError
from relief.procedure.correcting import correct, differences
from relief.procedure.paying import ledger_in
from relief.round.folder import read_folder, write_folder
from relief.round.pipeline import split
from relief.round.verification import verify
from relief.steps.taking import Taken, look, take

ROSTER = pd.DataFrame({"户编号": ["a", "b", "=c"], "区县": ["蓬江区"] * 3, "个人自付": [100, 300, 500]})
LATER = pd.DataFrame({"户编号": ["a", "b", "d"], "区县": ["蓬江区"] * 3, "个人自付": [100, 400, 500]})
MINUTES = {"纪要.txt": b"x"}


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    for name, roster in (("one", ROSTER), ("two", LATER)):
        split(roster, 300_00).save(tmp_path / name)
    return tmp_path / "one", tmp_path / "two"


def paid(folder: Path) -> None:
    steps = [
        Taken("reviewed", "2021-10-08", "x", papers=MINUTES),
        Taken("noticed", "2021-10-08", "x", {"days": "7", "last_day": "2021-10-18", "fingerprint": ""}),
        Taken("approved", "2021-10-19", "x", papers=MINUTES),
        Taken("paid", "2021-10-20", "x", {"payments": [
            {"ref": "1", "household_id": "a", "source": "", "fen": "3333"},
            {"ref": "2", "household_id": "b", "source": "", "fen": "10000"},
        ]}),
    ]  # fmt: skip
    for step in steps:
        take(folder, lambda _held, step=step: step)


def test_each_difference_is_told_and_both_rounds_hold(folders: tuple[Path, Path]) -> None:
    one, two = folders
    paid(one)
    old, new = correct(one, two, on="2021-10-25", by="办公室", why="补交收据")
    assert old.state.superseded == new.record["seal"]
    assert new.steps[0].facts["record"] == old.record["seal"]
    assert new.steps[0].facts["changed"] == ["inputs"]
    rows = {row["household_id"]: row for row in differences(old, new)}
    assert {name: row["difference_yuan"] for name, row in rows.items()} == {
        "=c": "-166.67", "a": "-3.33", "b": "20.00", "d": "150.00",
    }  # fmt: skip
    assert rows["b"]["paid_yuan"] == "100.00"
    text = new.papers("corrects")["更正差异.csv"].decode("utf-8-sig")
    assert "'=c,,,,,,,500.00,,166.67,,-166.67,0.00" in text
    assert verify(one).seal
    assert verify(two).seal


def test_what_was_paid_before_is_not_paid_again(folders: tuple[Path, Path]) -> None:
    one, two = folders
    paid(one)
    correct(one, two, on="2021-10-25", by="办公室", why="补交收据")
    ledger = ledger_in(look(two))
    assert ledger.owed == {("b", ""): 2000, ("d", ""): 15000}
    assert ledger.overpaid == {("a", ""): 333}
    sums = ledger.sums
    assert sums["paid"] + sums["owed"] + sums["unspent"] - sums["overpaid"] == sums["fund"] == 300_00


def test_a_call_that_died_between_the_two_is_finished_by_the_next(folders: tuple[Path, Path]) -> None:
    one, two = folders
    before = read_folder(one)
    correct(one, two, on="2021-10-25", by="办公室", why="补交收据")
    write_folder(one, before, overwrite=True)
    old, new = correct(one, two, on="2021-10-25", by="办公室", why="补交收据")
    assert old.state.superseded == new.record["seal"]
    assert [step.name for step in new.steps] == ["corrects"]
    assert correct(one, two, on="2021-10-25", by="办公室", why="补交收据")[0].head == old.head


def test_a_round_that_paid_since_it_was_counted_is_not_replaced(folders: tuple[Path, Path]) -> None:
    one, two = folders
    before = read_folder(one)
    correct(one, two, on="2021-10-25", by="办公室", why="补交收据")
    write_folder(one, before, overwrite=True)
    paid(one)
    with pytest.raises(StepError) as refused:
        correct(one, two, on="2021-10-25", by="办公室", why="补交收据")
    assert refused.value.code == "step.went_on"
    assert not look(one).state.superseded


def test_what_cannot_correct_is_refused(folders: tuple[Path, Path], tmp_path: Path) -> None:
    one, two = folders
    split(ROSTER, 300_00).save(tmp_path / "same")
    with pytest.raises(StepError) as refused:
        correct(one, tmp_path / "same", on="2021-10-25", by="办公室", why="x")
    assert refused.value.code == "step.same_round"
    with pytest.raises(StepError, match="why"):
        correct(one, two, on="2021-10-25", by="办公室", why="")
    correct(one, two, on="2021-10-25", by="办公室", why="x")
    split(LATER, 200_00).save(tmp_path / "three")
    with pytest.raises(StepError) as refused:
        correct(one, tmp_path / "three", on="2021-10-25", by="办公室", why="x")
    assert refused.value.code == "step.replaced_already"
    with pytest.raises(StepError) as refused:
        correct(tmp_path / "three", two, on="2021-10-25", by="办公室", why="x")
    assert refused.value.code == "step.corrects_other"


def test_a_round_that_is_replaced_is_not_evaluated(folders: tuple[Path, Path], tmp_path: Path) -> None:
    one, two = folders
    correct(one, two, on="2021-10-25", by="办公室", why="补交收据")
    plan = Path(__file__).parents[2] / "data" / "samples" / "evaluation-2021" / "自评.yaml"
    for folder, refused in ((two, False), (one, True)):
        call = ["evaluate", str(plan), "--round", str(folder), "--out", str(tmp_path / folder.name / "out")]
        done = CliRunner().invoke(app, call)
        assert (isinstance(done.exception, ReliefError) and "replaced" in str(done.exception)) == refused
