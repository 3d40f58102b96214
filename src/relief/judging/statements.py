"""What departments answered beside what the household stated, matter by matter.

In    tables whose registry rows name their household, and the pack's comparisons
Out   `Answer`: statement, answer, and whether they contradict each other

No answer, an open one or a missing authority is no contradiction: it is unknown. An answer older than the
pack allows is as none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.intake.answers import NOTHING
from relief.intake.identifiers import folded
from relief.intake.people import column_of, rows_of
from relief.money import yuan
from relief.rulepack.crosschecks import comparisons
from relief.rulepack.facts import Facts

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

    from relief.intake.tables import Tables
    from relief.rulepack.crosschecks import Crosscheck
    from relief.rulepack.pack import Pack

__all__ = ["MARRIED", "SINGLE", "Answer", "answers", "compared", "is_stale", "left_out", "worded"]

MARRIED, SINGLE = "已婚", "无配偶"
_UNMARRIED = ("离", "丧", "未婚", NOTHING)


@dataclass(frozen=True)
class Answer:
    """What was answered on one matter: of a household, or of one of its members.

    Attributes
    ----------
    household : str
    check : Crosscheck
    member : int or None
        Position of the person among the members, None for a matter of the household.
    places : tuple of int
        Positions of the answers in the registry.
    declared : object
        The statement; None where there is none, or none that such an answer could contradict.
    found : object
        A count, a truth, an amount in fen or a word; None where the answer is open.
    """

    household: str
    check: Crosscheck
    member: int | None
    places: tuple[int, ...]
    declared: Any
    found: Any

    @property
    def kind(self) -> str:
        """What was asked."""
        return self.check.kind

    @property
    def differs(self) -> bool:
        """Whether statement and answer are both known and contradict each other."""
        if self.declared is None or self.found is None:
            return False
        if self.check.found == "any" and self.member is not None:
            return bool(self.found)
        if self.check.found in ("count", "sum"):
            return bool(abs(self.found - self.declared) > self.check.tolerance)
        if self.check.found == "part":
            return bool(self.found - self.declared > self.check.tolerance)
        return bool(self.declared != self.found)


def worded(answer: Answer, value: Any, side: str) -> str:
    """Return a value as people read it; what was found of a person is no more than the matter itself."""
    check = answer.check
    if check.contradicts and side == "found":
        return check.words[0] if check.words else check.kind
    if isinstance(value, bool):
        if check.contradicts:
            return "在世" if check.column == "counts_in_household" else "是" if value else "否"
        return "有" if value else NOTHING
    return f"{yuan(value):,}" if check.column.endswith("_fen") else str(value)


def compared(tables: Tables, pack: Pack, on: dt.date) -> Tables:
    """Return the tables with the answers that the pack compares.

    Without those that are too old; one that the pack leaves out is as 无, and open where it cannot be told.
    """
    return _recent(left_out(tables, pack, on), comparisons(pack), on)


def left_out(tables: Tables, pack: Pack, on: dt.date) -> Tables:
    """Return the tables with 无 for each answer that is no finding by the pack's conditions."""
    registry = tables["registry"]
    values = registry["value"].astype(object).to_numpy(copy=True)
    conditions = {kind: check.where for kind, check in pack.crosschecks.items() if check.where is not None}
    if not conditions:
        return tables
    facts = Facts(tables, pack, on)
    for kind, where in conditions.items():
        mine = (registry["kind"] == kind) & ~registry["value"].isin([NOTHING]) & registry["value"].notna()
        rows = np.flatnonzero(mine.to_numpy(dtype=bool))
        truth = facts.view(rows, table="registry").truth(where)
        values[rows[truth.no]] = NOTHING
        values[rows[~(truth.yes | truth.no)]] = pd.NA
    told = registry.assign(value=pd.Series(values, index=registry.index, dtype=object))
    return replace(tables, frames=tables.frames | {"registry": told})


def _recent(tables: Tables, checks: Mapping[str, Crosscheck], on: dt.date) -> Tables:
    old = is_stale(tables, checks, on)
    if not old.any():
        return tables
    frames = tables.frames | {"registry": tables["registry"][~old]}
    return replace(
        tables, frames=frames, origins=tables.origins | {"registry": tables.origins["registry"][~old]}
    )


def is_stale(tables: Tables, checks: Mapping[str, Crosscheck], on: dt.date) -> Any:
    """Return which rows of the registry are too old, or without a day where the comparison asks for one."""
    registry = tables["registry"]
    old = np.zeros(len(registry), dtype=bool)
    for kind, check in checks.items():
        if check.months is not None:
            first = pd.Timestamp(on) - pd.DateOffset(months=check.months)
            days = registry["as_of"] if "as_of" in registry else pd.Series(pd.NaT, index=registry.index)
            old |= ((registry["kind"] == kind) & ~(days >= first)).to_numpy(dtype=bool)
    return old


def answers(tables: Tables, checks: Mapping[str, Crosscheck]) -> Iterator[Answer]:
    """Yield every answer that stands against a statement, in the order of the registry.

    Parameters
    ----------
    tables : Tables
        As an assessment has them: registry rows name their household, one row per thing.
    checks : mapping of str to Crosscheck
        By kind.
    """
    if "registry" not in tables or tables["registry"].empty:
        return
    registry = tables["registry"]
    asked = registry[registry["kind"].isin(list(checks)).to_numpy(dtype=bool)]
    rows = list(rows_of(asked, "household_id", "kind", "id_number", "value", "amount_fen"))
    places = np.flatnonzero(registry["kind"].isin(list(checks)).to_numpy(dtype=bool)).tolist()
    homes = {home: at for at, home in enumerate(column_of(tables["households"], "household_id"))}
    people = _people(
        tables, {row[0] for row in rows if row[1] in checks and not checks[row[1]].is_of_household}
    )
    groups: dict[tuple[Any, Any, int | None], list[int]] = {}
    for at, (household, kind, number, _, _) in enumerate(rows):
        if household not in homes:
            continue
        if checks[kind].is_of_household:
            groups.setdefault((household, kind, None), []).append(at)
        elif (household, folded(number)) in people:
            groups.setdefault((household, kind, people[household, folded(number)]), []).append(at)
    stated = _Stated(tables)
    for (household, kind, member), own in groups.items():
        check, values = checks[kind], [rows[at][3] for at in own]
        declared = stated.of(check, homes[household] if member is None else member)
        found = _found(check, values, [rows[at][4] for at in own])
        yield Answer(household, check, member, tuple(places[at] for at in own), declared, found)


def _people(tables: Tables, households: set[Any]) -> dict[tuple[Any, Any], int]:
    """Return the position of each person of some households, by household and ID number."""
    if "members" not in tables or not households:
        return {}
    rows = rows_of(tables["members"], "household_id", "id_number")
    return {
        (household, folded(number)): at
        for at, (household, number) in enumerate(rows)
        if number is not None and household in households
    }


class _Stated:
    """What the households stated; each column is read once."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._columns: dict[tuple[str, str], list[Any]] = {}
        self._married: set[Any] | None = None

    def _column(self, table: str, name: str) -> list[Any]:
        if (table, name) not in self._columns:
            self._columns[table, name] = column_of(self._tables[table], name)
        return self._columns[table, name]

    def of(self, check: Crosscheck, at: int) -> Any:
        """Return the statement that an answer about the row at a position can contradict, or None."""
        value = self._column(check.table, check.column)[at]
        if check.found == "spouse":
            return self._spouse(at) if value == "本人" else None
        if check.contradicts:
            return (
                value if any(type(value) is type(one) and value == one for one in check.contradicts) else None
            )
        return value

    def _spouse(self, at: int) -> str:
        households = self._column("members", "household_id")
        if self._married is None:
            relations = self._column("members", "relation")
            pairs = zip(households, relations, strict=True)
            self._married = {household for household, relation in pairs if relation == "配偶"}
        return MARRIED if households[at] in self._married else SINGLE


def _found(check: Crosscheck, values: list[Any], amounts: list[Any]) -> Any:
    """Return what some answers come to; None where one is open, or an amount is not stated."""
    if any(value is None for value in values):
        return None
    if check.found == "spouse":
        return SINGLE if all(any(word in str(value) for word in _UNMARRIED) for value in values) else MARRIED
    things = [
        amount for value, amount in zip(values, amounts, strict=True) if _is_finding(value, check.words)
    ]
    if check.found == "count":
        return len(things)
    if check.found == "any":
        return bool(things)
    return None if None in things else sum(things)


def _is_finding(value: Any, words: tuple[str, ...]) -> bool:
    return value != NOTHING and (not words or any(word in str(value) for word in words))
