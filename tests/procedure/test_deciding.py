"""A round's folder goes forward step by step, refuses what must not happen, and shows every change."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relief.errors import RoundError, StepError, UnknownHouseholdError
from relief.procedure import approve, close, look, object_to, review, settle
from relief.round import record
from relief.round.chain import Step
from relief.round.folder import read_folder
from relief.round.pipeline import split
from relief.round.verification import verify
from relief.steps.state import STAGES, State
from relief.steps.taking import Taken, held, take

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
    rows = [
        {"ref": name, "household_id": name, "source": "", "fen": str(fen)}
        for name, fen in (("a", 3333), ("b", 10000), ("c", 16667))
    ]
    take(noticed, lambda _held: Taken("paid", "2021-10-22", "财务", {"payments": rows[:2]}))
    with pytest.raises(StepError) as refused:
        close(noticed, on="2021-11-01", by="办公室")
    assert refused.value.facts["amount"] == "166.67"
    take(
        noticed, lambda _held: Taken("paid", "2021-10-23", "财务", {"payments": rows[2:]}, {"批次.csv": b"x"})
    )
    closed = close(noticed, on="2021-11-01", by="办公室")
    assert closed.state.stage == "closed"
    assert [step.name for step in closed.steps] == [
        "reviewed",
        "noticed",
        "approved",
        "paid",
        "paid",
        "closed",
    ]
    assert closed.head == look(noticed).head
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
        (lambda f: close(f, on="2021-10-21", by="工会"), "step.not_now"),
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


def test_every_byte_of_the_steps_and_their_papers_is_held(noticed: Path) -> None:
    whole = read_folder(noticed)
    names = [name for name in whole if name.startswith(("steps/", "papers/", "private/"))]
    assert len(names) == 5
    for name in names:
        data = whole[name]
        for at in range(len(data)):
            changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
            with pytest.raises(RoundError, match=name.split("/")[-1]):
                held(whole | {name: changed})


@pytest.mark.parametrize("name", ["0001-reviewed", "0002-noticed"])
def test_a_step_renamed_without_its_papers_or_alone_is_found(noticed: Path, name: str) -> None:
    whole = read_folder(noticed)
    renamed = {path.replace(name, f"{name[:3]}9{name[4:]}"): data for path, data in whole.items()}
    without = {path: data for path, data in whole.items() if f"papers/{name}" not in path}
    alone = {path: data for path, data in whole.items() if f"steps/{name}" not in path}
    for changed in (renamed, without, alone):
        with pytest.raises(RoundError):
            held(changed)


def test_a_step_that_was_sealed_anew_breaks_the_next(noticed: Path) -> None:
    whole = read_folder(noticed)
    content = json.loads(whole["steps/0001-reviewed.json"]) | {"by": "别人"}
    del content["seal"]
    with pytest.raises(RoundError, match="0002-noticed"):
        held(whole | {"steps/0001-reviewed.json": record.sealed(content)})


def test_steps_of_another_round_are_found(noticed: Path, tmp_path: Path) -> None:
    split(ROSTER, 200_00).save(tmp_path / "second")
    steps = {name: data for name, data in read_folder(noticed).items() if "000" in name}
    with pytest.raises(RoundError, match="0001-reviewed"):
        held(read_folder(tmp_path / "second") | steps)


# --- any order of steps ----------------------------------------------------------------------------

PAPER = {"papers/x": "0" * 64}
STEPS: dict[str, tuple[str, dict[str, Any], dict[str, str]]] = {
    "review": ("reviewed", {}, PAPER),
    "notice": ("noticed", {"days": "7"}, {}),
    "again": ("noticed", {"days": "7", "households": True}, {}),
    "object": ("objected", {}, {}),
    "uphold": ("settled", {"finding": "upheld"}, {}),
    "reject": ("settled", {"finding": "rejected"}, {}),
    "approve": ("approved", {}, PAPER),
    "pay": ("paid", {}, {}),
    "return": ("returned", {}, {}),
    "close": ("closed", {"outstanding_fen": "0"}, {}),
    "supersede": ("superseded", {"record": "f"}, {}),
}
ACTIONS = st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 6), st.sampled_from("ab"))


@settings(max_examples=200)
@given(wanted=st.lists(ACTIONS, max_size=40))
def test_no_order_of_steps_pays_before_every_notice_has_run(wanted: list[tuple[str, int, str]]) -> None:
    state, taken, day = State(), [], dt.date(2021, 10, 8)
    for action, later, household in [("review", 0, "a"), ("notice", 0, "a"), *wanted]:
        name, facts, papers = STEPS[action]
        on = day + dt.timedelta(days=later)
        told = {**facts, "household_id": household, "last_day": (on + dt.timedelta(days=9)).isoformat()}
        if "households" in facts:
            told["households"] = [household]
        try:
            after = state.after(Step(1, name, on.isoformat(), "x", "", told, papers))
        except StepError:
            continue
        assert STAGES.index(after.stage) >= STAGES.index(state.stage)
        if name == "approved":
            assert not state.objected | state.to_notice | state.to_correct
            assert all(on > last for last in state.ends.values())
        assert name not in ("paid", "returned", "closed") or "approved" in taken
        assert "superseded" not in taken
        state, day = after, on
        taken.append(name)
    assert state.on == day
