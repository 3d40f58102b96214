"""What was done with a round after it was divided: sealed steps, each holding the hash of the one before.

In    the files of a round's folder, the seal of its record
Out   the steps in their order, every byte of them and of their papers held against the hashes

``steps/0002-noticed.json`` is step 2. Its papers lie in ``papers/0002-noticed/``, what must not be
published in ``private/0002-noticed/``. Changing a step breaks its seal, sealing it anew breaks the
next step's ``before``; that nobody took the last steps away needs a fingerprint kept elsewhere.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from relief.errors import RoundError
from relief.round.record import canonical, digest, seal_of, sealed

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FORMAT", "Step", "belongs_to_steps", "head", "read_chain", "step_files"]

FORMAT = "relief-step/1"
_NAME = re.compile(r"steps/([0-9]{4})-([a-z_]+)\.json")
_FOLDERS = ("steps/", "papers/", "private/")
_KEYS = {"format", "number", "name", "on", "by", "before", "facts", "papers", "seal"}


@dataclass(frozen=True)
class Step:
    """One step: what, by whom, on which day, with which papers.

    Attributes
    ----------
    name : str
        Such as ``noticed``.
    on : str
        ISO date.
    by : str
        Who did it, or which meeting.
    before : str
        The seal of the step before; of the record for the first.
    facts : dict
        Plain data without floats; amounts are fen as text.
    papers : dict of str to str
        SHA-256 by path within the folder.
    """

    number: int
    name: str
    on: str
    by: str
    before: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    papers: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Where the step stands in the folder."""
        return f"steps/{self.number:04d}-{self.name}.json"

    @property
    def folder(self) -> str:
        """The last part of where its papers stand."""
        return f"{self.number:04d}-{self.name}"

    @property
    def content(self) -> dict[str, Any]:
        """The step as plain data, without its seal."""
        return {
            "format": FORMAT, "number": str(self.number), "name": self.name, "on": self.on, "by": self.by,
            "before": self.before, "facts": dict(self.facts), "papers": dict(self.papers),
        }  # fmt: skip

    @property
    def seal(self) -> str:
        """What the next step holds as ``before``."""
        return seal_of(self.content)


def head(steps: list[Step], record_seal: str) -> str:
    """Return the seal of the last step, of the record where there is none."""
    return steps[-1].seal if steps else record_seal


def belongs_to_steps(name: str) -> bool:
    """Return whether a file of the folder is a step's, and not the record's."""
    return name.startswith(_FOLDERS)


def step_files(step: Step, papers: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files that a step adds to its folder."""
    return {**papers, step.path: sealed(step.content)}


def read_chain(files: Mapping[str, bytes], record_seal: str) -> list[Step]:
    """Read the steps of a folder.

    Raises
    ------
    RoundError
        Naming the file that was changed, added, removed or put elsewhere.
    """
    names = sorted(name for name in files if name.startswith("steps/"))
    steps: list[Step] = []
    for name in names:
        if not _NAME.fullmatch(name):
            raise RoundError("round.added", file=name)
    for number, name in enumerate(names, start=1):
        step = _read(name, files[name])
        if step.number != number or step.path != name:
            raise RoundError("chain.out_of_order", file=name, number=number)
        if step.before != head(steps, record_seal):
            raise RoundError("chain.broken", file=name)
        steps.append(step)
    _check_papers(files, steps)
    return steps


def _read(name: str, data: bytes) -> Step:
    try:
        # A fraction of binary digits is nobody's amount: no step holds one.
        content = json.loads(data, parse_float=int)
        is_intact = isinstance(content, dict) and content.keys() == _KEYS and sealed(content) == data
    except (ValueError, RecursionError) as error:
        raise RoundError("round.record_changed", file=name) from error
    if not is_intact:
        raise RoundError("round.record_changed", file=name)
    if content["format"] != FORMAT:
        raise RoundError("chain.unknown_format", file=name, found=str(content["format"]), known=FORMAT)
    try:
        step = Step(
            int(content["number"]), str(content["name"]), str(content["on"]), str(content["by"]),
            str(content["before"]), dict(content["facts"]), dict(content["papers"]),
        )  # fmt: skip
    except (TypeError, ValueError) as error:
        raise RoundError("round.record_shape", file=name) from error
    if canonical(step.content | {"seal": content["seal"]}) != data:
        raise RoundError("round.record_shape", file=name)
    return step


def _check_papers(files: Mapping[str, bytes], steps: list[Step]) -> None:
    expected: dict[str, str] = {}
    for step in steps:
        for path, sha in step.papers.items():
            if not path.startswith((f"papers/{step.folder}/", f"private/{step.folder}/")):
                raise RoundError("round.record_shape", file=step.path)
            expected[path] = str(sha)
    found = {name for name in files if belongs_to_steps(name) and not name.startswith("steps/")}
    for name in sorted({*expected, *found}):
        if name not in files:
            raise RoundError("round.removed", file=name)
        if name not in expected:
            raise RoundError("round.added", file=name)
        if digest(files[name]) != expected[name]:
            raise RoundError("round.changed", file=name)
