"""The steps that people decide: review, objection and what became of it, approval.

Each takes the folder one step further, or raises `relief.errors.StepError` and leaves it untouched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from relief.errors import StepError, UnknownHouseholdError
from relief.steps.state import is_said
from relief.steps.taking import Held, Taken, take
from relief.steps.wording import step_named

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["approve", "object_to", "review", "settle"]

FINDINGS = ("upheld", "rejected")


def review(folder: str | Path, *, on: dt.date | str, by: str, papers: Mapping[str, bytes]) -> Held:
    """Enter the peer review (评议) of a round.

    Parameters
    ----------
    folder : str or Path
    on : date or ISO text
    by : str
        Who reviewed.
    papers : mapping of name to bytes
        Minutes and signatures; at least one.

    Raises
    ------
    StepError, RoundError
        If it is not the time for it, or the folder is not intact.
    """
    return take(folder, lambda _held: Taken("reviewed", on, by, papers=papers))


def object_to(folder: str | Path, household_id: str, *, on: dt.date | str, by: str, why: str) -> Held:
    """Enter an objection to a household's result during its notice: the case is open again.

    Raises
    ------
    StepError
        If no notice of the household runs on that day, or an objection is open already.
    UnknownHouseholdError
        If the round does not have the household.
    """
    facts = {"household_id": household_id, "why": said(why, "objected")}

    def made(held: Held) -> Taken:
        _check_household(held, household_id)
        return Taken("objected", on, by, facts)

    return take(folder, made)


def settle(
    folder: str | Path, household_id: str, *, on: dt.date | str, by: str, finding: str, why: str,
    papers: Mapping[str, bytes] | None = None,
) -> Held:  # fmt: skip
    """Enter what a new review (复核) made of an objection.

    Parameters
    ----------
    finding : {'upheld', 'rejected'}
        Upheld, a corrected round must follow; rejected, the household is noticed anew.

    Raises
    ------
    StepError
        If no objection to the household is open, or `finding` is neither.
    """
    if finding not in FINDINGS:
        raise StepError("step.finding", value=finding, known=" / ".join(FINDINGS))
    facts = {"household_id": household_id, "finding": finding, "why": said(why, "settled")}
    return take(folder, lambda _held: Taken("settled", on, by, facts, papers or {}))


def approve(folder: str | Path, *, on: dt.date | str, by: str, papers: Mapping[str, bytes]) -> Held:
    """Enter the approval (党组会议): every notice has run, no objection is open.

    Raises
    ------
    StepError
        Naming the households or the day that stand against it.
    """
    return take(folder, lambda _held: Taken("approved", on, by, papers=papers))


def said(why: str, step: str) -> str:
    if not is_said(why):
        raise StepError("step.no_why", **step_named(step))
    return why


def _check_household(held: Held, household_id: str) -> None:
    if household_id not in held.ids:
        raise UnknownHouseholdError("household.unknown", household=household_id)
