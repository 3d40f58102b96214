"""Whether what the steps of a round say is so, beyond their seals: who seals all anew can write any fact.

In    a round's folder that is intact, the round as computed again
Out   nothing if all holds; else the first step that says what is not so
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from relief.errors import PublicError, RoundError
from relief.public import fingerprint_of, republish
from relief.public.published import read_fingerprint
from relief.steps.deadlines import day_of, last_day

if TYPE_CHECKING:
    from relief.round.chain import Step
    from relief.round.pipeline import Round
    from relief.steps.taking import Held

__all__ = ["hold", "hold_fingerprint"]

_PUBLISHED, _SECRET = "published.json", "secret.key"


def hold(held: Held, round_: Round, *, own_rules: bool = False) -> None:
    """Hold the steps of a round against the round.

    Parameters
    ----------
    held : Held
    round_ : Round
        As computed again.
    own_rules : bool
        `round_` comes from an auditor's own copy of the pack: notices are counted by its calendar, and what
        was published is held against the fingerprint alone, as it names the pack of the folder.

    Raises
    ------
    RoundError
        Naming the step that says a day, a household or a fingerprint which is not the round's.
    StepError
        If the calendar lacks a year that a notice reached into.
    """
    published = ""
    for step in held.steps:
        _hold_households(held, step)
        if step.name == "noticed":
            _hold_days(step, round_)
            published = published or _published(held, step, None if own_rules else round_)
            if step.facts.get("fingerprint") != published:
                raise RoundError("chain.other_fingerprint", file=step.path)


def hold_fingerprint(held: Held, typed: str) -> str:
    """Return which fingerprint of the round was typed: ``notice``, ``step`` or ``record``.

    Raises
    ------
    RoundError
        If it is none of them.
    PublicError
        If it is no fingerprint.
    """
    told = {str(step.facts.get("fingerprint")): "notice" for step in held.steps if step.name == "noticed"}
    told |= {held.head: "step", str(held.record["seal"]): "record"}
    wanted = read_fingerprint(typed)
    if wanted not in told:
        raise RoundError("round.other_fingerprint")
    return told[wanted]


def _hold_days(step: Step, round_: Round) -> None:
    ends = last_day(round_.pack.calendar, day_of(step.on), int(step.facts["days"])).isoformat()
    if step.facts["last_day"] != ends:
        raise RoundError("chain.last_day", file=step.path, said=str(step.facts["last_day"]), last_day=ends)


def _hold_households(held: Held, step: Step) -> None:
    named = step.facts.get("household_id")
    if named is not None and named not in held.ids:
        raise RoundError("chain.other_household", file=step.path, household=str(named))


def _published(held: Held, step: Step, round_: Round | None) -> str:
    """Return the fingerprint of what the first notice published."""
    files = {path.rpartition("/")[2]: held.files[path] for path in step.papers}
    if not {_PUBLISHED, _SECRET} <= files.keys():
        raise RoundError("chain.not_published", file=step.path)
    try:
        text, secret = files[_PUBLISHED].decode("utf-8"), bytes.fromhex(files[_SECRET].decode())
        is_other = round_ is not None and json.loads(text)["round"] != held.record["seal"]
        if round_ is not None:
            republish(round_, secret, text)
    except (PublicError, KeyError, TypeError, ValueError) as error:
        raise RoundError("chain.not_published", file=step.path) from error
    if is_other:
        raise RoundError("chain.not_published", file=step.path)
    return fingerprint_of(text)
