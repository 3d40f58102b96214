"""A corrected round: what changed and why, household by household; the round before it is never overwritten.

In    a round's folder, and the folder of a draft made of the corrected inputs
Out   both folders one step further: the new one says what it corrects, the old one what replaces it
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from relief.errors import StepError
from relief.money import fen, yuan
from relief.procedure.deciding import said
from relief.procedure.paying import ledger_in
from relief.round.outputs import table_csv
from relief.steps.taking import Held, Taken, look, take

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["correct", "differences"]

HEADER = (
    "household_id", "outcome_before", "outcome", "category_before", "category", "failed_rules_before",
    "failed_rules", "claim_before_yuan", "claim_yuan", "award_before_yuan", "award_yuan", "difference_yuan",
    "paid_yuan",
)  # fmt: skip


def correct(
    before: str | Path, after: str | Path, *, on: dt.date | str, by: str, why: str,
    papers: Mapping[str, bytes] | None = None,
) -> tuple[Held, Held]:  # fmt: skip
    """Let a round replace another.

    Parameters
    ----------
    before : str or Path
        Folder of the round to be corrected, at any stage.
    after : str or Path
        Folder of the draft that replaces it.
    why : str
        What was wrong or came to be known.

    Returns
    -------
    tuple of Held
        Before and after. If the call died between the two, the same call again finishes it.

    Raises
    ------
    StepError
        If `after` is no draft, corrects another round, or `before` is replaced by another one already, or
        went on since its payments were counted.
    """
    old, new = look(before), look(after)
    seal = str(new.record["seal"])
    if old.record["seal"] == seal:
        raise StepError("step.same_round")
    if old.state.superseded not in ("", seal):
        raise StepError("step.replaced_already", seal=old.state.superseded)
    corrected = next((str(step.facts["record"]) for step in new.steps if step.name == "corrects"), "")
    if corrected not in ("", old.record["seal"]):
        raise StepError("step.corrects_other", seal=corrected)
    if not corrected:
        facts = _facts(old, new, said(why, "corrects"))
        given = {"更正差异.csv": table_csv(HEADER, differences(old, new)), **(papers or {})}
        new = take(after, lambda _held: Taken("corrects", on, by, facts, given))
    if not old.state.superseded:
        counted = next(str(step.facts["head"]) for step in new.steps if step.name == "corrects")

        def replaced(held: Held) -> Taken:
            # What was paid there since would not count here, and be paid twice.
            if held.head != counted:
                raise StepError("step.went_on")
            return Taken("superseded", on, by, {"record": seal, "why": why})

        old = take(before, replaced)
    return old, new


def differences(old: Held, new: Held) -> list[dict[str, str]]:
    """Return a row per household whose decision, claim or award is another, those that came or went included.

    Returns
    -------
    list of dict
        With the columns of `HEADER`; amounts in yuan, blank where there is no award.
    """
    one, other = _told(old), _told(new)
    paid: Counter[str] = Counter()
    for payment in ledger_in(old).kept:
        paid[payment.household_id] += payment.fen
    rows = []
    for household in sorted(one.keys() | other.keys()):
        was, now = one.get(household, {}), other.get(household, {})
        if was == now:
            continue
        row = {"household_id": household}
        for name in ("outcome", "category", "failed_rules", "claim_yuan", "award_yuan"):
            stem = name.removesuffix("_yuan")
            row[f"{stem}_before{'_yuan' if stem != name else ''}"] = was.get(name, "")
            row[name] = now.get(name, "")
        gained = fen(now.get("award_yuan") or "0") - fen(was.get("award_yuan") or "0")
        row |= {"difference_yuan": str(yuan(gained)), "paid_yuan": str(yuan(paid[household]))}
        rows.append(row)
    return rows


def _told(held: Held) -> dict[str, dict[str, str]]:
    """Return what was decided of each household, and its award."""
    columns = ("outcome", "category", "failed_rules", "claim_yuan", "award_yuan")
    found: dict[str, dict[str, str]] = {}
    for name in ("decisions", "awards"):
        for row in held.table(name):
            told = found.setdefault(row["household_id"], {})
            told |= {column: row[column] for column in columns if row.get(column)}
    return found


def _facts(old: Held, new: Held, why: str) -> dict[str, Any]:
    return {
        "record": str(old.record["seal"]),
        "head": old.head,
        "why": why,
        "changed": _changed(old.record, new.record),
        "payments": [payment.plain for payment in ledger_in(old).kept],
    }  # fmt: skip


def _changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return what the two rounds were made of that is not the same, by the names of the record."""
    return [name for name in ("inputs", "pack", "call", "counts") if old[name] != new[name]]
