"""The conflicts of one household with departments, in words, for its letter.

In    tables as they were stated and answered, the pack, the household
Out   a sentence for each conflict that a person or the pack settles, or that waits for a person
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from relief.intake.people import column_of
from relief.judging.rulings import rulings_on_facts
from relief.judging.settling import counts
from relief.judging.statements import answers, compared, worded
from relief.messages import say
from relief.rulepack.crosschecks import comparisons

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from relief.intake.tables import Tables
    from relief.messages import Language
    from relief.rulepack.pack import Pack

__all__ = ["conflicts"]


def conflicts(tables: Tables, pack: Pack, on: dt.date, household: Any, lang: Language) -> Iterator[str]:
    """Yield what was stated, what was answered, and what counts; nobody who ruled is named.

    What the pack leaves to its measures is told by its rules, not here.
    """
    may_be_ruled = "rulings" in tables and "fact_value" in tables["rulings"]
    if "registry" not in tables or not (pack.crosschecks or may_be_ruled):
        return
    own = _only(tables, household)
    own, rulings = compared(own, pack, on), rulings_on_facts(own, on)
    ids = column_of(own["members"], "member_id") if "members" in own else []
    for answer in (answer for answer in answers(own, comparisons(pack)) if answer.differs):
        counted = counts(answer, rulings, None if answer.member is None else ids[answer.member])
        if not counted.side:
            continue
        waits = counted.side in ("unknown", "unreadable")
        code = "waits" if waits else "ruled" if counted.ruling is not None else counted.side
        yield say(
            f"conflict.{code}", lang, kind=answer.kind,
            declared=worded(answer, answer.declared, "declared"), found=worded(answer, answer.found, "found"),
            value="" if waits else worded(answer, counted.value, counted.side),
            on="" if counted.ruling is None else counted.ruling.on.isoformat(),
        )  # fmt: skip


def _only(tables: Tables, household: Any) -> Tables:
    """Return the rows of one household."""
    mine = {
        table: (frame["household_id"] == household).fillna(value=False).to_numpy(dtype=bool)
        for table, frame in tables.frames.items() if "household_id" in frame
    }  # fmt: skip
    frames = {table: tables[table][rows] for table, rows in mine.items()}
    origins = {table: tables.origins[table][rows] for table, rows in mine.items()}
    return replace(tables, frames=frames, origins=origins)
