"""A step is taken whole or not at all, whatever fails, is killed, or comes at the same time."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from relief.errors import RoundError
from relief.round import folder as folders
from relief.round.folder import read_folder, write_folder
from relief.round.pipeline import split
from relief.steps.taking import Held, Taken, look, take

ROSTER = pd.DataFrame({"户编号": ["a", "b"], "个人自付": [100, 300]})
REVIEW = Taken("reviewed", "2021-10-08", "工会", papers={"纪要.txt": b"1" * 5000, "签到.txt": b"2"})
POINTS = [(os, "fsync"), (Path, "rename"), (Path, "open"), (Path, "mkdir"), (Path, "chmod"), (os, "open")]
IDS = [f"{owner.__name__}.{name}" for owner, name in POINTS]


@pytest.fixture(scope="module")
def draft() -> dict[str, bytes]:
    return split(ROSTER, 200_00).files()


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count the calls to flush, and leave out the waiting: no test here takes the power away."""
    monkeypatch.setattr(os, "fsync", lambda _handle: None)


def reviewed(_held: Held) -> Taken:
    return REVIEW


class Stop:
    """Do something in place of the n-th call of a function."""

    def __init__(self, owner: Any, name: str, at: int, instead: Any) -> None:
        self.real, self.calls, self.at, self.instead = getattr(owner, name), 0, at, instead

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.calls += 1
        return self.instead() if self.calls == self.at else self.real(*args, **kwargs)

    def __get__(self, instance: Any, _owner: Any = None) -> Any:
        return self if instance is None else lambda *args, **kwargs: self(instance, *args, **kwargs)


def disk_full() -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(("owner", "name"), POINTS, ids=IDS)
@pytest.mark.parametrize("swapped", [True, False])
def test_a_step_that_fails_anywhere_was_taken_or_was_not(
    owner: Any,
    name: str,
    swapped: bool,
    draft: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not swapped:
        monkeypatch.setattr(folders, "_exchanged", lambda *_: False)
    for at in range(1, 80):
        place = tmp_path / str(at) / "round"
        write_folder(place, draft, overwrite=False)
        stop, failed = Stop(owner, name, at, disk_full), ""
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, stop)
            try:
                take(place, reviewed)
            except RoundError as error:
                failed = str(error)
        stage = look(place).state.stage
        assert "No space left" in failed or not failed
        assert stage in (("draft", "reviewed") if failed else ("reviewed",)), at
        if stop.calls < at:
            break
        if stage == "draft":
            assert take(place, reviewed).state.stage == "reviewed"
    else:
        pytest.fail("never reached the end of the calls")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a copy of this process")
@pytest.mark.parametrize(("owner", "name"), POINTS, ids=IDS)
def test_a_step_that_is_killed_anywhere_was_taken_or_was_not(
    owner: Any, name: str, draft: dict[str, bytes], tmp_path: Path
) -> None:
    for at in range(1, 80):
        place = tmp_path / str(at) / "round"
        write_folder(place, draft, overwrite=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            setattr(owner, name, Stop(owner, name, at, lambda: os._exit(9)))
            try:
                take(place, reviewed)
            finally:
                os._exit(0)
        killed = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
        stage = look(place).state.stage
        assert stage in (("draft", "reviewed") if killed else ("reviewed",)), at
        if stage == "draft":
            assert take(place, reviewed).state.stage == "reviewed"
        # What the dead left is hidden, and swept away by the next that writes.
        assert {path.name for path in place.parent.iterdir() if not path.name.startswith(".")} == {"round"}
        if not killed:
            break
    else:
        pytest.fail("never reached the end of the calls")


def test_of_two_at_once_one_is_refused_and_none_is_lost(draft: dict[str, bytes], tmp_path: Path) -> None:
    write_folder(tmp_path / "round", draft, overwrite=False)

    def meanwhile(_held: Held) -> Taken:
        with pytest.raises(RoundError, match="Another run"):
            take(tmp_path / "round", reviewed)
        return REVIEW

    assert [step.name for step in take(tmp_path / "round", meanwhile).steps] == ["reviewed"]


def test_what_cannot_be_made_leaves_the_folder_as_it_was(draft: dict[str, bytes], tmp_path: Path) -> None:
    write_folder(tmp_path / "round", draft, overwrite=False)

    def broken(_held: Held) -> Taken:
        raise KeyError("nothing")

    with pytest.raises(KeyError):
        take(tmp_path / "round", broken)
    assert read_folder(tmp_path / "round") == draft
    assert [path.name for path in tmp_path.iterdir()] == ["round"]


def test_who_stands_in_the_folder_is_sent_out_of_it_first(
    draft: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_folder(tmp_path / "round", draft, overwrite=False)
    monkeypatch.chdir(tmp_path / "round" / "inputs")
    for path in (tmp_path / "round", Path("..")):
        with pytest.raises(RoundError) as refused:
            take(path, reviewed)
        assert refused.value.code == "round.step_out"
    assert look(tmp_path / "round").state.stage == "draft"
    monkeypatch.chdir(tmp_path)
    assert take(Path("round"), reviewed).state.stage == "reviewed"
