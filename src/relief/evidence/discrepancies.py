"""What a department answered against what the household stated (数据比对), and what hangs on it.

In    an `Assessment`
Out   one row per discrepancy: both values, both days, what counts and who said so, and the effect

The effect is found by judging the household twice more: as if the answer were right, and as if
the statement were. No answer, an open one or a missing authority is no discrepancy: it is unknown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from relief.evidence.copies import Copier
from relief.intake.people import column_of
from relief.judging.eligibility import assess
from relief.judging.rulings import rulings_on_facts
from relief.judging.settling import Counts, Edits, counts
from relief.judging.statements import answers, compared, worded
from relief.rulepack.crosschecks import comparisons

if TYPE_CHECKING:
    from relief.intake.tables import Tables
    from relief.judging.eligibility import Assessment
    from relief.judging.statements import Answer

__all__ = ["EFFECTS", "discrepancies"]

EFFECTS = ("none", "amount", "outcome")
_COLUMNS = [
    "household_id", "kind", "source", "sheet", "row", "declared", "declared_on", "found", "found_on",
    "went_by", "effect", "outcome_if_declared", "outcome_if_found", "difference_fen",
    "counts", "settled_by", "settled_on", "settled_why",
]  # fmt: skip
_DECIDING = ("outcome", "category", "claim_fen", "failed_rules", "unknown_rules")


def discrepancies(judged: Assessment) -> pd.DataFrame:
    """Return where a department's answer is not what the household stated.

    Parameters
    ----------
    judged : Assessment

    Returns
    -------
    DataFrame
        One row each: household_id; kind; source, sheet and row of the answer; declared and found with
        declared_on and found_on; went_by: whose value the decision rests on (``found``, ``declared``,
        ``either`` where both give the same, ``ruling``, ``nobody`` where it waits for a person, or
        ``measures`` where the pack's own formulas weigh both); effect (one of `EFFECTS`); the two
        outcomes; difference_fen, how much more the claim and the benefits are if the answer is right
        (NA where one of both is not known, or neither; zero only where both are the same); counts, the
        value that a ruling or the pack lets count, None where neither says; settled_by,
        settled_on and settled_why of the ruling.
    """
    checks, stated = comparisons(judged.pack), judged.stated
    if "registry" not in stated or stated["registry"].empty:
        return pd.DataFrame(columns=_COLUMNS)
    tables = compared(stated, judged.pack, judged.on)
    found = [answer for answer in answers(tables, checks) if answer.differs]
    if not found:
        return pd.DataFrame(columns=_COLUMNS)
    cases = assess(_cases(tables, found), judged.pack, on=judged.on).decisions
    told = _Told(judged, tables)
    rows = [told.row(answer, cases.iloc[2 * at], cases.iloc[2 * at + 1]) for at, answer in enumerate(found)]
    return pd.DataFrame(rows, columns=_COLUMNS).astype({"difference_fen": "Int64"})


# --- what hangs on it -----------------------------------------------------------------------------


def _cases(tables: Tables, found: list[Answer]) -> Tables:
    """Return each household twice, once as if the answer were right and once as if the statement were."""
    twice = [answer for answer in found for _ in range(2)]
    copied = Copier(tables).copies([answer.household for answer in twice])
    registry = copied.moved("registry")
    members = copied.moved("members") if "members" in tables else {}
    edits = Edits(copied.tables)
    for case, answer in enumerate(twice):
        member = None if answer.member is None else members[case, answer.member]
        places = tuple(registry[case, at] for at in answer.places)
        own = replace(answer, household=str(case), member=member, places=places)
        side = ("declared", answer.declared) if case % 2 else ("found", answer.found)
        edits.put(own, Counts(*side, None))
    return edits.applied()


def _is_same(one: Any, other: Any) -> bool:
    return all(
        (pd.isna(one[name]) and pd.isna(other[name]))
        or (not pd.isna(one[name]) and not pd.isna(other[name]) and one[name] == other[name])
        for name in _DECIDING
    )


class _Told:
    """Words each discrepancy as a row."""

    def __init__(self, judged: Assessment, tables: Tables) -> None:
        self._judged = judged
        self._registry, self._origin = tables["registry"], tables.origins["registry"]
        self._days = column_of(self._registry, "as_of")
        households = tables["households"]
        days = zip(column_of(households, "household_id"), column_of(households, "applied_on"), strict=True)
        self._applied = dict(days)
        self._ids = column_of(tables["members"], "member_id") if "members" in tables else []
        self._rulings = rulings_on_facts(tables, judged.on)
        benefits = (f"{benefit.id}_fen" for benefit in judged.pack.benefits)
        self._amounts = [name for name in ("claim_fen", *benefits) if name in judged.decisions]

    def row(self, answer: Answer, found: Any, declared: Any) -> tuple[object, ...]:
        """Return a discrepancy with what is decided on either side."""
        place = self._origin.iloc[answer.places[0]]
        member = None if answer.member is None else self._ids[answer.member]
        counted = counts(answer, self._rulings, member)
        ruling = counted.ruling
        amounts = [(found[name], declared[name]) for name in self._amounts]
        amounts = [pair for pair in amounts if not all(map(pd.isna, pair))]
        difference = _difference(amounts)
        effect = "amount" if amounts and (difference is pd.NA or difference) else "none"
        if any(str(found[name]) != str(declared[name]) for name in ("outcome", "category")):
            effect = "outcome"
        days = [day for day in (self._days[at] for at in answer.places) if day is not None]
        return (
            answer.household, answer.kind, place["source"], place["sheet"], int(place["row"]),
            worded(answer, answer.declared, "declared"), self._applied[answer.household] or pd.NaT,
            worded(answer, answer.found, "found"), max(days, default=pd.NaT),
            self._went_by(answer, counted, found, declared), effect,
            str(declared["outcome"]), str(found["outcome"]), difference,
            None if counted.value is None else worded(answer, counted.value, counted.side),
            *((None, pd.NaT, None) if ruling is None else (ruling.by, pd.Timestamp(ruling.on), ruling.why)),
        )  # fmt: skip

    def _went_by(self, answer: Answer, counted: Counts, found: Any, declared: Any) -> str:
        if counted.side in ("unknown", "unreadable"):
            return "nobody"
        if counted.ruling is not None:
            return "ruling"
        if counted.side:
            return counted.side
        now: Any = self._judged.decisions.loc[answer.household]
        is_as_found, is_as_declared = _is_same(now, found), _is_same(now, declared)
        if is_as_found and is_as_declared:
            return "either"
        return "found" if is_as_found else "declared" if is_as_declared else "measures"


def _difference(amounts: list[tuple[Any, Any]]) -> Any:
    """Return how much more the amounts are if the answer is right; NA where one is not known."""
    if not amounts or any(pd.isna(amount) for pair in amounts for amount in pair):
        return pd.NA
    return sum(int(found) - int(declared) for found, declared in amounts)
