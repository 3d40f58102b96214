"""Taking a step: under the folder's lock, after every byte was held against the record, all of it or nothing.

In    a round's folder, and what makes the step from what is in it
Out   the folder one step further, or untouched
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relief.errors import StepError
from relief.round import chain, parquet, record
from relief.round.folder import change_folder, read_folder
from relief.round.outputs import GUARDED
from relief.round.verification import checked
from relief.steps.deadlines import day_of
from relief.steps.state import State, state_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from relief.round.chain import Step

__all__ = ["Held", "Taken", "further", "held", "look", "take"]

_UNGUARDED = re.compile(f"^'({GUARDED})")
_UNSAFE = re.compile(
    r'[\x00-\x1f<>:"/\\|?*]|^\.|[. ]$|^(con|prn|aux|nul|com[0-9]|lpt[0-9]) *(\.|$)', re.IGNORECASE
)


@dataclass(frozen=True)
class Taken:
    """What somebody did: the name of the step, its day, who, facts, and papers by name.

    `private` papers are kept apart: they must not leave the folder.
    """

    name: str
    on: dt.date | str
    by: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    papers: Mapping[str, bytes] = field(default_factory=dict)
    private: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Held:
    """A round's folder as it was found intact.

    Attributes
    ----------
    record : dict
    files : dict of str to bytes
        Every file by its path.
    steps : list of Step
    state : State
    """

    record: dict[str, Any]
    files: Mapping[str, bytes]
    steps: list[Step]
    state: State

    @property
    def head(self) -> str:
        """The seal of the last step, of the record where there is none: the folder's fingerprint."""
        return chain.head(self.steps, str(self.record["seal"]))

    @property
    def ids(self) -> frozenset[str]:
        """The households that were judged, or given an award."""
        return frozenset(row["household_id"] for name in ("decisions", "awards") for row in self.table(name))

    def table(self, name: str) -> list[dict[str, str]]:
        """Return an output by its name without an ending; no row where the round has none.

        A mark that keeps a spreadsheet from taking text for a formula is taken off again.
        """
        for ending in (".csv", ".parquet"):
            data = self.files.get(f"{name}{ending}")
            if data is not None:
                text = parquet.as_text(f"{name}{ending}", data).decode("utf-8-sig")
                return [
                    {key: _UNGUARDED.sub(r"\1", value) for key, value in row.items()}
                    for row in csv.DictReader(io.StringIO(text, newline=""))
                ]
        return []

    def papers(self, step: str) -> dict[str, bytes]:
        """Return the papers of all steps of a name, by file name; of two alike the later."""
        return {
            Path(path).name: self.files[path]
            for taken in self.steps if taken.name == step for path in taken.papers
        }  # fmt: skip


def look(folder: str | Path) -> Held:
    """Return what a round's folder holds and where the round stands.

    Raises
    ------
    RoundError
        Naming the first file that was changed, added or removed.
    """
    return held(read_folder(Path(folder)))


def take(folder: str | Path, make: Callable[[Held], Taken]) -> Held:
    """Take a step.

    Parameters
    ----------
    folder : str or Path
    make : callable
        Gets what is in the folder while nobody else can change it, and returns what was done.

    Returns
    -------
    Held
        The folder after the step.

    Raises
    ------
    RoundError, StepError
        If the folder is not intact or in use, or the step must not happen now. Nothing is written then.
    """
    return held(change_folder(Path(folder), lambda files: further(files, make)))


def further(files: Mapping[str, bytes], make: Callable[[Held], Taken]) -> dict[str, bytes]:
    """Do as `take` with the files of a folder; write nothing."""
    found = held(files)
    step, papers = _step(found, make(found))
    found.state.after(step)
    return {**files, **chain.step_files(step, papers)}


def held(files: Mapping[str, bytes]) -> Held:
    """Do as `look` with the files of a folder."""
    stored = checked(files)
    steps = chain.read_chain(files, str(stored["seal"]))
    decided = str(stored["call"].get("on") or "")
    return Held(stored, files, steps, state_of(steps, day_of(decided) if decided else None))


def _step(held: Held, taken: Taken) -> tuple[Step, dict[str, bytes]]:
    number = len(held.steps) + 1
    bare = chain.Step(number, taken.name, day_of(taken.on).isoformat(), taken.by, held.head)
    papers = {
        f"{place}/{bare.folder}/{_safe(name)}": data
        for place, files in (("papers", taken.papers), ("private", taken.private))
        for name, data in files.items()
    }
    hashes = {path: record.digest(data) for path, data in papers.items()}
    step = chain.Step(number, bare.name, bare.on, bare.by, bare.before, dict(taken.facts), hashes)
    return step, papers


def _safe(name: str) -> str:
    if not name or _UNSAFE.search(name) or len(name.encode()) > 200:
        raise StepError("step.paper_name", name=name)
    return name
