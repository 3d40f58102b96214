"""Whoever seals all steps anew can write any fact: what the round itself says otherwise is found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from relief.cli.deciding import read_papers
from relief.errors import ReliefError, RoundError, StepError
from relief.papers.notice import NoticeDetails
from relief.procedure import object_to, review
from relief.procedure.holding import hold, hold_fingerprint
from relief.procedure.noticing import give_notice
from relief.public import grouped
from relief.round.pipeline import Round, run, split
from relief.round.record import canonical, digest, sealed
from relief.round.verification import verified
from relief.steps.taking import Held, held

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROSTER = pd.DataFrame({"户编号": ["a", "b"], "区县": ["蓬江区"] * 2, "个人自付": [100, 300]})
MINUTES = {"纪要.txt": b"x"}
PUBLISHED = "papers/0002-noticed/published.json"
Steps = list[dict[str, Any]]


@pytest.fixture(scope="module")
def objected(tmp_path_factory: pytest.TempPathFactory) -> tuple[Held, Round]:
    folder = tmp_path_factory.mktemp("holding") / "round"
    split(ROSTER, 200_00).save(folder)
    review(folder, on="2021-10-08", by="工会", papers=MINUTES)
    give_notice(folder, NoticeDetails("某市总工会", "0750-1234567", "2021-10-11"), by="部", forms=["html"])
    object_to(folder, "b", on="2021-10-12", by="李", why="收入")
    found = held(folder_files(folder))
    return found, verified(found.files)


def folder_files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def forged(
    found: Held, change: Callable[[Steps], None], papers: dict[str, bytes] | None = None
) -> dict[str, bytes]:
    """Return the files with steps changed, each sealed anew and bound to the one before."""
    files = {name: data for name, data in found.files.items() if not name.startswith("steps/")}
    files |= papers or {}
    steps = [step.content for step in found.steps]
    change(steps)
    before = str(found.record["seal"])
    for step in steps:
        step["papers"] = {path: digest(files[path]) for path in step["papers"]}
        step["before"] = before
        data = sealed(step)
        before = json.loads(data)["seal"]
        files[f"steps/{int(step['number']):04d}-{step['name']}.json"] = data
    return files


def test_an_untouched_round_holds(objected: tuple[Held, Round]) -> None:
    found, round_ = objected
    hold(found, round_)
    hold(found, round_, own_rules=True)
    assert forged(found, lambda _steps: None) == found.files


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda steps: steps[1]["facts"].update(last_day="2021-10-13"), "chain.last_day"),
        (lambda steps: steps[1].update(on="2021-10-12"), "chain.last_day"),
        (lambda steps: steps[1]["facts"].update(fingerprint="0" * 64), "chain.other_fingerprint"),
        (lambda steps: steps[1]["papers"].pop(PUBLISHED), None),
        (lambda steps: steps[2]["facts"].update(household_id="nobody"), "chain.other_household"),
    ],
)
def test_a_fact_that_is_not_so_is_found_whatever_its_seal(
    objected: tuple[Held, Round], change: Callable[[Steps], None], code: str | None
) -> None:
    found, round_ = objected
    files = forged(found, change)
    if code is None:
        del files[PUBLISHED]
    with pytest.raises(RoundError) as refused:
        hold(held(files), round_)
    assert refused.value.code == (code or "chain.not_published")
    assert refused.value.facts["file"].startswith("steps/000")


@pytest.mark.parametrize("key", ["award_fen", "root", "round", "previous", "counts"])
def test_another_published_text_is_found_with_a_fingerprint_to_match(
    objected: tuple[Held, Round], key: str
) -> None:
    found, round_ = objected
    told = json.loads(found.files[PUBLISHED])
    told[key] = {"awarded": "2"} if key == "counts" else "0" * 64
    if key == "previous":
        told["previous"] = "zz"
    text = canonical(told)
    files = forged(found, lambda steps: steps[1]["facts"].update(fingerprint=digest(text)), {PUBLISHED: text})
    with pytest.raises(RoundError) as refused:
        hold(held(files), round_)
    assert refused.value.code == "chain.not_published"


@pytest.mark.parametrize(
    "change",
    [
        lambda steps: steps[1]["facts"].pop("days"),
        lambda steps: steps[1]["facts"].update(days="9" * 5000),
        lambda steps: steps[1]["facts"].update(households=5),
        lambda steps: steps[2]["facts"].clear(),
        lambda steps: steps[2].update(on="20211012"),
        lambda steps: steps[2].update(on="2021-W41-2"),
    ],
)
def test_a_step_without_its_facts_is_named(
    objected: tuple[Held, Round], change: Callable[[Steps], None]
) -> None:
    with pytest.raises(RoundError) as refused:
        held(forged(objected[0], change))
    assert refused.value.code == "round.record_shape"
    assert refused.value.facts["file"].startswith("steps/000")


def test_a_fraction_of_binary_digits_is_no_fact(objected: tuple[Held, Round]) -> None:
    with pytest.raises(RoundError, match="0003-objected"):
        held(forged(objected[0], lambda steps: steps[2]["facts"].update(fen=1.5)))


def test_nobody_behind_marks_that_cannot_be_seen_is_nobody(objected: tuple[Held, Round]) -> None:
    with pytest.raises(StepError) as refused:
        held(forged(objected[0], lambda steps: steps[2].update(by="\u200b ")))
    assert refused.value.code == "step.nobody"


@pytest.mark.parametrize("name", ["steps/.DS_Store", "steps/readme.txt", "steps/a/0004-approved.json"])
def test_what_is_no_step_was_added_not_changed(objected: tuple[Held, Round], name: str) -> None:
    with pytest.raises(RoundError) as refused:
        held({**objected[0].files, name: b"{}"})
    assert (refused.value.code, refused.value.facts["file"]) == ("round.added", name)


def test_each_fingerprint_of_a_round_is_told_apart_and_any_other_refused(
    objected: tuple[Held, Round],
) -> None:
    found, _ = objected
    notice = str(found.steps[1].facts["fingerprint"])
    assert hold_fingerprint(found, grouped(notice).upper()) == "notice"
    assert hold_fingerprint(found, found.head) == "step"
    assert hold_fingerprint(found, str(found.record["seal"])) == "record"
    with pytest.raises(RoundError) as refused:
        hold_fingerprint(found, "0" * 64)
    assert refused.value.code == "round.other_fingerprint"


def test_nothing_is_done_with_a_round_before_the_day_it_was_decided_by(tmp_path: Path) -> None:
    sheet = pd.DataFrame({"户编号": ["a"], "区县": ["蓬江区"], "工会会员": ["否"]})
    run(sheet, "jiangmen-2021", 1, on="2021-09-30").save(tmp_path / "round")
    with pytest.raises(StepError) as refused:
        review(tmp_path / "round", on="2021-09-29", by="工会", papers=MINUTES)
    assert refused.value.code == "step.before_round"
    review(tmp_path / "round", on="2021-09-30", by="工会", papers=MINUTES)


@pytest.mark.parametrize("name", ["CON.txt", "nul", "Com1 .pdf"])
def test_a_name_that_windows_keeps_for_itself_is_no_paper_s(tmp_path: Path, name: str) -> None:
    split(ROSTER, 200_00).save(tmp_path / "round")
    with pytest.raises(StepError) as refused:
        review(tmp_path / "round", on="2021-10-08", by="工会", papers={name: b"x"})
    assert refused.value.code == "step.paper_name"
    review(
        tmp_path / "round", on="2021-10-08", by="工会", papers={"公司会议.txt": b"x", "Contract.txt": b"y"}
    )


def test_papers_that_some_system_takes_for_one_are_refused(tmp_path: Path) -> None:
    for name in ("é.txt", "e\u0301.txt", "É.TXT"):
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(ReliefError) as refused:
        read_papers([tmp_path / "é.txt", tmp_path / "e\u0301.txt"])
    assert refused.value.code == "cli.paper_twice"
    with pytest.raises(ReliefError):
        read_papers([tmp_path / "é.txt", tmp_path / "É.TXT"])
    assert list(read_papers([tmp_path / "é.txt"])) == ["é.txt"]
