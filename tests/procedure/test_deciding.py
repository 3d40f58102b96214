"""A round's folder goes forward step by step, refuses what must not happen, and shows every change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relief.errors import ReliefError, RoundError, StepError, UnknownHouseholdError
from relief.procedure import approve, close, look, object_to, review, settle
from relief.round import record
from relief.round.folder import read_folder, write_folder
from relief.round.pipeline import split
from relief.round.verification import verify
from relief.steps.state import STAGES, state_of
from relief.steps.taking import Taken, take

if TYPE_CHECKING:
    from pathlib import Path

MINUTES = {"纪要.txt": "同意".encode()}
ROSTER = pd.DataFrame({"户编号": ["a", "b", "c"], "区县": ["蓬江区"] * 3, "个人自付": [100, 300, 500]})


def notice(folder: Path, on: str, last_day: str, households: list[str] | None = None, days: int = 7) -> None:
    facts: dict[str, Any] = {"days": str(days), "last_day": last_day}
    if households:
        facts["households"] = households
    take(
        folder, lambda _held: Taken("noticed", on, "张三", facts, {"公示.txt": b"notice"}, {"key": b"secret"})
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    split(ROSTER, 300_00).save(tmp_path / "round")
    return tmp_path / "round"


@pytest.fixture
def noticed(folder: Path) -> Path:
    review(folder, on="2021-10-08", by="基层工会", papers=MINUTES)
    notice(folder, "2021-10-11", "2021-10-20")
    return folder


def test_a_round_goes_from_draft_to_closed_and_stays_verifiable(noticed: Path) -> None:
    approve(noticed, on="2021-10-21", by="党组会议", papers=MINUTES)
    take(noticed, lambda _held: Taken("paid", "2021-10-22", "财务", {}, {"批次.csv": b"x"}))
    held = close(noticed, on="2021-11-01", by="办公室", outstanding_fen=0)
    assert held.state.stage == "closed"
    assert [step.name for step in held.steps] == ["reviewed", "noticed", "approved", "paid", "closed"]
    assert held.head == look(noticed).head
    assert verify(noticed).allocation is not None
    assert (noticed / "private" / "0002-noticed" / "key").read_bytes() == b"secret"


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (lambda f: approve(f, on="2021-10-20", by="党组", papers=MINUTES), "step.notice_runs"),
        (lambda f: approve(f, on="2021-10-21", by="党组", papers={}), "step.no_paper"),
        (lambda f: approve(f, on="2021-10-21", by=" ", papers=MINUTES), "step.nobody"),
        (lambda f: approve(f, on="2021-10-01", by="党组", papers=MINUTES), "step.earlier"),
        (lambda f: approve(f, on="10月21日", by="党组", papers=MINUTES), "step.no_date"),
        (lambda f: approve(f, on="2021-10-21", by="党组", papers={"../x": b""}), "step.paper_name"),
        (lambda f: review(f, on="2021-10-21", by="工会", papers=MINUTES), "step.not_now"),
        (lambda f: close(f, on="2021-10-21", by="工会", outstanding_fen=0), "step.not_now"),
        (lambda f: object_to(f, "a", on="2021-10-21", by="李四", why="收入"), "step.objected_late"),
        (lambda f: object_to(f, "a", on="2021-10-12", by="李四", why=" "), "step.no_why"),
        (lambda f: settle(f, "a", on="2021-10-12", by="李", finding="upheld", why="x"), "step.not_objected"),
        (lambda f: settle(f, "a", on="2021-10-12", by="李", finding="yes", why="x"), "step.finding"),
        (lambda f: notice(f, "2021-10-12", "2021-10-21"), "step.noticed_already"),
        (lambda f: notice(f, "2021-10-12", "2021-10-21", ["a"]), "step.nothing_to_notice"),
        (lambda f: notice(f, "2021-10-12", "2021-10-21", ["a"], 6), "step.too_few_days"),
        (lambda f: take(f, lambda _h: Taken("paid", "2021-10-22", "财务")), "step.not_now"),
        (lambda f: take(f, lambda _h: Taken("burnt", "2021-10-22", "财务")), "step.unknown"),
    ],
)
def test_what_must_not_happen_is_refused_and_writes_nothing(noticed: Path, step: Any, code: str) -> None:
    before = read_folder(noticed)
    with pytest.raises(StepError) as refused:
        step(noticed)
    assert refused.value.code == code
    assert refused.value.text("zh")
    assert read_folder(noticed) == before


def test_an_objection_reopens_its_case_and_restarts_its_notice(noticed: Path) -> None:
    object_to(noticed, "b", on="2021-10-12", by="李四", why="收入不实")
    with pytest.raises(StepError, match="b"):
        approve(noticed, on="2021-10-21", by="党组会议", papers=MINUTES)
    settle(noticed, "b", on="2021-10-22", by="复核组", finding="rejected", why="已核实")
    with pytest.raises(StepError) as refused:
        approve(noticed, on="2021-10-25", by="党组会议", papers=MINUTES)
    assert refused.value.code == "step.to_notice"
    notice(noticed, "2021-10-25", "2021-11-03", ["b"])
    with pytest.raises(StepError) as refused:
        approve(noticed, on="2021-11-03", by="党组会议", papers=MINUTES)
    assert refused.value.facts["last_day"] == "2021-11-03"
    assert approve(noticed, on="2021-11-04", by="党组会议", papers=MINUTES).state.stage == "approved"


def test_an_objection_that_is_upheld_needs_a_corrected_round(noticed: Path) -> None:
    object_to(noticed, "b", on="2021-10-12", by="李四", why="收入不实")
    with pytest.raises(StepError, match="already"):
        object_to(noticed, "b", on="2021-10-12", by="王五", why="同上")
    settle(noticed, "b", on="2021-10-22", by="复核组", finding="upheld", why="属实")
    with pytest.raises(StepError) as refused:
        approve(noticed, on="2021-10-25", by="党组会议", papers=MINUTES)
    assert refused.value.code == "step.to_correct"
    with pytest.raises(UnknownHouseholdError):
        object_to(noticed, "z", on="2021-10-22", by="王五", why="收入")


def test_a_superseded_round_goes_no_further(noticed: Path) -> None:
    take(noticed, lambda _held: Taken("superseded", "2021-10-12", "办公室", {"record": "f" * 64}))
    with pytest.raises(StepError, match="superseded"):
        approve(noticed, on="2021-10-25", by="党组会议", papers=MINUTES)


# --- tampering -------------------------------------------------------------------------------------


def test_every_byte_of_the_steps_and_their_papers_is_held(noticed: Path, tmp_path: Path) -> None:
    whole = read_folder(noticed)
    names = [name for name in whole if name.startswith(("steps/", "papers/", "private/"))]
    assert len(names) == 5
    for name in names:
        data = whole[name]
        for at in range(0, len(data), max(1, len(data) // 40)):
            changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
            write_folder(tmp_path / "other", whole | {name: changed}, overwrite=True)
            with pytest.raises(RoundError, match=name.split("/")[-1]):
                look(tmp_path / "other")


@pytest.mark.parametrize("kept", ["0001-reviewed", "0002-noticed"])
def test_a_step_taken_away_put_elsewhere_or_sealed_anew_is_found(
    noticed: Path, tmp_path: Path, kept: str
) -> None:
    whole = read_folder(noticed)
    other = {"0001-reviewed": "0002-noticed", "0002-noticed": "0001-reviewed"}[kept]
    renumbered = {name.replace(kept, kept[:3] + "9" + kept[4:]): data for name, data in whole.items()}
    for changed in (
        renumbered,
        {name: data for name, data in whole.items() if f"papers/{other}" not in name},
    ):
        write_folder(tmp_path / "other", changed, overwrite=True)
        with pytest.raises(RoundError):
            look(tmp_path / "other")
    content = json.loads(whole["steps/0001-reviewed.json"]) | {"by": "别人"}
    del content["seal"]
    forged = whole | {"steps/0001-reviewed.json": record.sealed(content)}
    write_folder(tmp_path / "other", forged, overwrite=True)
    with pytest.raises(RoundError, match="0002-noticed"):
        look(tmp_path / "other")


def test_steps_of_another_round_are_found(noticed: Path, tmp_path: Path) -> None:
    split(ROSTER, 200_00).save(tmp_path / "second")
    steps = {name: data for name, data in read_folder(noticed).items() if "000" in name}
    write_folder(tmp_path / "second", read_folder(tmp_path / "second") | steps, overwrite=True)
    with pytest.raises(RoundError, match="0001-reviewed"):
        look(tmp_path / "second")


# --- any order of steps ----------------------------------------------------------------------------

DAYS = [f"2021-10-{day:02}" for day in range(8, 29)]
ACTIONS = st.sampled_from(
    ["review", "notice", "again", "object", "uphold", "reject", "approve", "pay", "close"]
)


def attempted(folder: Path, action: str, on: str, household: str) -> Any:
    later = f"2021-11-{int(on[-2:]):02}"
    return {
        "review": lambda: review(folder, on=on, by="x", papers=MINUTES),
        "notice": lambda: notice(folder, on, later),
        "again": lambda: notice(folder, on, later, [household]),
        "object": lambda: object_to(folder, household, on=on, by="x", why="x"),
        "uphold": lambda: settle(folder, household, on=on, by="x", finding="upheld", why="x"),
        "reject": lambda: settle(folder, household, on=on, by="x", finding="rejected", why="x"),
        "approve": lambda: approve(folder, on=on.replace("-10-", "-12-"), by="x", papers=MINUTES),
        "pay": lambda: take(folder, lambda _h: Taken("paid", on.replace("-10-", "-12-"), "x")),
        "close": lambda: close(folder, on=on.replace("-10-", "-12-"), by="x", outstanding_fen=0),
    }[action]()


@settings(max_examples=15)
@given(wanted=st.lists(st.tuples(ACTIONS, st.integers(0, 20), st.sampled_from("abc")), max_size=12))
def test_no_order_of_steps_pays_before_every_notice_has_run(
    wanted: list[tuple[str, int, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("steps") / "round"
    split(ROSTER, 300_00).save(folder)
    for action, day, household in wanted:
        before = read_folder(folder)
        try:
            attempted(folder, action, DAYS[day], household)
        except ReliefError:
            assert read_folder(folder) == before
    held = look(folder)
    names = [step.name for step in held.steps]
    order = [STAGES.index(state_of(held.steps[:at]).stage) for at in range(len(names) + 1)]
    assert order == sorted(order)
    if "paid" in names:
        approved = held.steps[names.index("approved")]
        settled = state_of(held.steps[: approved.number])
        assert not settled.objected | settled.to_notice | settled.to_correct
        assert all(approved.on > last.isoformat() for last in settled.ends.values())
