"""Where a round stands, and what must not happen next.

In    the steps so far, a step that somebody wants to take
Out   `State`; a refusal that says what is missing

draft → reviewed (评议) → noticed (公示) → approved (党组会议) → paid → closed. An objection during
the notice reopens its case: settled against the objection the household is noticed anew, settled
for it only a corrected round can go on.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from relief.errors import ReliefError, RoundError, StepError
from relief.money import yuan
from relief.steps.deadlines import LEAST_DAYS, day_of
from relief.steps.wording import stages_named, step_named

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable

    from relief.round.chain import Step

__all__ = ["STAGES", "State", "is_said", "state_of"]

STAGES = ("draft", "reviewed", "noticed", "approved", "paid", "closed")
EVERYBODY = ""


@dataclass(frozen=True)
class State:
    """What the steps of a round add up to.

    Attributes
    ----------
    stage : str
        One of `STAGES`.
    on : date or None
        Of the last step.
    ends : dict of str to date
        Last day of the notice; of a household that was noticed anew by its id, of all others by ``""``.
    objected : frozenset of str
        Households whose objection is not settled.
    to_notice : frozenset of str
        Settled against the objection, and not noticed anew.
    to_correct : frozenset of str
        Settled for the objection: a corrected round has to follow.
    superseded : str
        Seal of the record of the round that corrects this one.
    since : date or None
        The day that the round was decided by: nothing was done with it before.
    """

    stage: str = "draft"
    on: dt.date | None = None
    ends: dict[str, dt.date] = field(default_factory=dict)
    objected: frozenset[str] = frozenset()
    to_notice: frozenset[str] = frozenset()
    to_correct: frozenset[str] = frozenset()
    superseded: str = ""
    since: dt.date | None = None

    @property
    def notice_ends(self) -> dt.date | None:
        """The last day of all notices, None before the first."""
        return max(self.ends.values(), default=None)

    def after(self, step: Step) -> State:
        """Return the state after a step.

        Raises
        ------
        StepError
            If it must not happen now; says why, and what has to come first.
        RoundError
            If it lacks what such a step holds.
        """
        day = day_of(step.on)
        if day.isoformat() != step.on:
            raise RoundError("round.record_shape", file=step.path)
        if not is_said(step.by):
            raise StepError("step.nobody", **step_named(step.name))
        if self.since and day < self.since:
            decided = self.since.isoformat()
            raise StepError("step.before_round", **step_named(step.name), on=step.on, decided=decided)
        if self.on and day < self.on:
            raise StepError("step.earlier", **step_named(step.name), on=step.on, before=self.on.isoformat())
        if self.superseded:
            raise StepError("step.superseded", **step_named(step.name), seal=self.superseded)
        if step.name not in _TAKEN:
            raise StepError("step.unknown", **step_named(step.name))
        stages, take = _TAKEN[step.name]
        if self.stage not in stages:
            raise StepError("step.not_now", **step_named(step.name), **stages_named(self.stage, stages))
        try:
            return replace(take(self, step), on=day)
        except ReliefError:
            raise
        except (KeyError, TypeError, ValueError) as error:
            raise RoundError("round.record_shape", file=step.path) from error


def is_said(text: str) -> bool:
    """Return whether a text says anything: blanks, and marks that cannot be seen, do not."""
    return any(map(str.isalnum, text))


def state_of(steps: Iterable[Step], since: dt.date | None = None) -> State:
    """Return the state that steps lead to, each refused if it must not have happened."""
    state = State(since=since)
    for step in steps:
        state = state.after(step)
    return state


def _reviewed(state: State, step: Step) -> State:
    _needs_paper(step)
    return replace(state, stage="reviewed")


def _noticed(state: State, step: Step) -> State:
    if int(step.facts["days"]) < LEAST_DAYS:
        raise StepError("step.too_few_days", days=step.facts["days"], least=LEAST_DAYS)
    of = [str(name) for name in step.facts.get("households", [])]
    ends = day_of(step.facts["last_day"])
    if not of:
        if state.ends:
            raise StepError("step.noticed_already")
        return replace(state, stage="noticed", ends={EVERYBODY: ends})
    for household in of:
        if household not in state.to_notice:
            raise StepError("step.nothing_to_notice", household=household)
    return replace(
        state, ends=state.ends | dict.fromkeys(of, ends), to_notice=state.to_notice - set(of)
    )  # fmt: skip


def _objected(state: State, step: Step) -> State:
    household = str(step.facts["household_id"])
    ends = state.ends.get(household, state.ends[EVERYBODY])
    if day_of(step.on) > ends:
        raise StepError("step.objected_late", household=household, last_day=ends.isoformat())
    if household in state.objected:
        raise StepError("step.objected_already", household=household)
    return replace(state, objected=state.objected | {household}, to_notice=state.to_notice - {household})


def _settled(state: State, step: Step) -> State:
    household = str(step.facts["household_id"])
    if household not in state.objected:
        raise StepError("step.not_objected", household=household)
    rest = state.objected - {household}
    if step.facts["finding"] == "upheld":
        return replace(state, objected=rest, to_correct=state.to_correct | {household})
    return replace(state, objected=rest, to_notice=state.to_notice | {household})


def _approved(state: State, step: Step) -> State:
    _needs_paper(step)
    for code, open_ones in (
        ("step.objections_open", state.objected),
        ("step.to_correct", state.to_correct),
        ("step.to_notice", state.to_notice),
    ):
        if open_ones:
            raise StepError(code, households=", ".join(sorted(open_ones)))
    ends = max(state.ends.values())
    if day_of(step.on) <= ends:
        raise StepError("step.notice_runs", on=step.on, last_day=ends.isoformat())
    return replace(state, stage="approved")


def _paid(state: State, step: Step) -> State:  # noqa: ARG001
    return replace(state, stage="paid")


def _closed(state: State, step: Step) -> State:
    outstanding = int(step.facts["outstanding_fen"])
    if outstanding:
        raise StepError("step.outstanding", amount=f"{yuan(outstanding):,}")
    return replace(state, stage="closed")


def _superseded(state: State, step: Step) -> State:
    return replace(state, superseded=str(step.facts["record"]))


def _same(state: State, step: Step) -> State:  # noqa: ARG001
    return state


def _needs_paper(step: Step) -> None:
    if not step.papers:
        raise StepError("step.no_paper", **step_named(step.name))


_TAKEN: dict[str, tuple[tuple[str, ...], Callable[[State, Step], State]]] = {
    "corrects": (("draft",), _same),
    "reviewed": (("draft",), _reviewed),
    "noticed": (("reviewed", "noticed"), _noticed),
    "objected": (("noticed",), _objected),
    "settled": (("noticed",), _settled),
    "approved": (("noticed",), _approved),
    "paid": (("approved", "paid"), _paid),
    "returned": (("paid",), _same),
    "closed": (("paid",), _closed),
    "signed": (STAGES, _same),
    "superseded": (STAGES, _superseded),
}
