"""Which of two contradicting values counts, and the facts as if it were the only one.

In    tables, the pack's comparisons, the rulings of named persons
Out   the same with each settled conflict gone: statement and answer both say what counts

A ruling goes before the pack; where the pack asks a person and nobody ruled, both are unknown. What is
settled by neither stays as it is: the pack's measures say what they go by.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from relief.intake.answers import NOTHING
from relief.intake.people import column_of
from relief.judging.rulings import rulings_on_facts
from relief.judging.statements import MARRIED, SINGLE, answers, compared, is_stale
from relief.rulepack.crosschecks import EARNED, comparisons, typed
from relief.sheets.faults import Fault

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from relief.intake.tables import Tables
    from relief.judging.rulings import Ruling
    from relief.judging.statements import Answer
    from relief.rulepack.crosschecks import Crosscheck
    from relief.rulepack.pack import Pack

__all__ = ["Counts", "Edits", "counts", "settled"]

_DECLARED = frozenset({"申报", "申报属实", "以申报为准", "declared"})
_FOUND = frozenset({"部门反馈", "反馈", "部门", "以部门反馈为准", "registry"})


class Counts(NamedTuple):
    """What counts of a conflict.

    Attributes
    ----------
    side : {'declared', 'found', 'other', 'unknown', 'unreadable', ''}
        ``other`` is a value that only a person stated; ``''`` leaves it to the pack's measures.
    value : object
        What counts; None where that is not known.
    ruling : Ruling or None
        Who settled it.
    """

    side: str
    value: Any
    ruling: Ruling | None


def counts(answer: Answer, rulings: Mapping[tuple[Any, str, Any], Ruling], member: Any) -> Counts:
    """Return what counts of a conflict.

    Parameters
    ----------
    answer : Answer
        One that differs.
    rulings : mapping
        As `rulings_on_facts` gives them.
    member : object
        The id of the person whom it is about; None for a matter of the household.
    """
    ruling = rulings.get(
        (answer.household, answer.kind, member), rulings.get((answer.household, answer.kind, None))
    )
    if ruling is not None:
        side, value = _ruled(answer, ruling.value)
        return Counts(side, value, ruling)
    if answer.check.wins == "ask":
        return Counts("unknown", None, None)
    side = {"declared": "declared", "registry": "found"}.get(answer.check.wins or "", "")
    return Counts(side, answer.declared if side == "declared" else answer.found if side else None, None)


def _ruled(answer: Answer, text: str) -> tuple[str, Any]:
    """Return what a person means by a word or value."""
    if text in _DECLARED:
        return "unreadable" if answer.declared is None else "declared", answer.declared
    if text in _FOUND:
        return "found", answer.found
    if answer.check.found == "spouse" or answer.check.contradicts:
        return "unreadable", None
    value = typed(text, answer.check.table, answer.check.column)
    side = {answer.declared: "declared", answer.found: "found", None: "unreadable"}.get(value, "other")
    return side, value


def settled(tables: Tables, pack: Pack, on: dt.date) -> Tables:
    """Let what counts be what both sides say.

    Parameters
    ----------
    tables : Tables
        Registry rows name their household; rulings are weighed.
    pack : Pack
    on : date

    Returns
    -------
    Tables
        Without answers that are too old; statements and answers changed where a conflict is settled or
        waits for a person; ``faults`` may be longer. The same tables where nothing is to be settled.
    """
    rulings = rulings_on_facts(tables, on)
    if not (pack.crosschecks or rulings):
        return tables
    checks = comparisons(pack)
    if "registry" not in tables or tables["registry"].empty:
        return replace(tables, faults=(*tables.faults, *_idle(rulings.values())))
    told = [*_old(tables, checks, on)]
    now = compared(tables, pack, on)
    wanted = {
        kind: check for kind, check in checks.items() if check.wins or any(kind == key[1] for key in rulings)
    }
    ids = column_of(now["members"], "member_id") if "members" in now else []
    edits, used = Edits(now), set[object]()
    for answer in (answer for answer in answers(now, wanted) if _is_open(answer, rulings)):
        counted = counts(answer, rulings, None if answer.member is None else ids[answer.member])
        if counted.ruling is not None:
            used.add(counted.ruling)
        if counted.side in ("unknown", "unreadable"):
            told.append(_waiting(now, answer, counted.ruling))
        if counted.side:
            edits.put(answer, counted)
    told += _idle(ruling for ruling in rulings.values() if ruling not in used)
    made = edits.applied()
    return replace(made, faults=(*tables.faults, *told))


def _is_open(answer: Answer, rulings: Mapping[tuple[Any, str, Any], Ruling]) -> bool:
    """Return whether somebody must say what counts, or did: also of what the household left blank."""
    if answer.differs or answer.member is not None or answer.declared is not None or answer.found is None:
        return answer.differs
    return (answer.household, answer.kind, None) in rulings


# --- what is to be said --------------------------------------------------------------------------


def _old(tables: Tables, checks: Mapping[str, Crosscheck], on: dt.date) -> list[Fault]:
    """Return one warning per kind whose answers are too old."""
    old = is_stale(tables, checks, on)
    kinds, origin, found = tables["registry"]["kind"], tables.origins["registry"], []
    for kind in dict.fromkeys(kinds[old].astype(object)):
        rows = np.flatnonzero(old & (kinds == kind).to_numpy(dtype=bool))
        place = origin.iloc[int(rows[0])]
        facts = {"kind": str(kind), "count": len(rows), "months": checks[kind].months}
        found.append(
            Fault(
                "warning.registry_old", "warning", place["source"], place["sheet"], "registry",
                int(place["row"]), "as_of", facts=facts,
            )
        )  # fmt: skip
    return found


def _waiting(tables: Tables, answer: Answer, ruling: Ruling | None) -> Fault:
    """Return that a conflict waits for a person, or that a ruling on it cannot be read."""
    if ruling is not None:
        return _about(ruling, "warning.ruling_value", "warning")
    place = tables.origins["registry"].iloc[answer.places[0]]
    return Fault(
        "warning.crosscheck_ask", "warning", place["source"], place["sheet"], "registry", int(place["row"]),
        "kind", household_id=answer.household, facts={"kind": answer.kind},
    )  # fmt: skip


def _idle(rulings: Any) -> list[Fault]:
    return [_about(ruling, "notice.ruling_idle", "notice") for ruling in rulings]


def _about(ruling: Ruling, code: str, severity: Any) -> Fault:
    return Fault(
        code, severity, ruling.source, ruling.sheet, "rulings", ruling.row, "fact_value",
        household_id=ruling.household, facts={"kind": ruling.kind},
    )  # fmt: skip


# --- the facts as if only one value were stated --------------------------------------------------


class Edits:
    """Cells and answers that are to be others, all put in at once."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._cells: dict[tuple[str, str], dict[int, Any]] = {}
        self._rows: dict[int, list[tuple[int, Any, Any]]] = {}
        self._columns: dict[tuple[str, str], list[Any]] = {}
        self._homes: dict[Any, int] = {}
        self._spouses: dict[Any, list[int]] = {}
        self._joined: list[Any] = []

    def put(self, answer: Answer, counted: Counts) -> None:
        """Let both sides say what counts."""
        if counted.side != "declared":
            self._state(answer, counted)
        if counted.side != "found":
            self._reply(answer, counted)

    # --- the statement ----------------------------------------------------------------------------

    def _state(self, answer: Answer, counted: Counts) -> None:
        check = answer.check
        if answer.member is None:
            self._set("households", check.column, self._home(answer.household), counted.value)
        elif check.found == "spouse" or check.column == "counts_in_household":
            self._recount(answer, counted)
        elif check.found == "any":
            self._earns(answer, is_known=counted.side == "found")
        else:
            self._add(answer, counted.value)

    def _recount(self, answer: Answer, counted: Counts) -> None:
        """Let a member who died, or a spouse who is none, count no longer; or let a spouse be there too."""
        is_known, home = counted.side == "found", self._home(answer.household)
        size = self._get("households", "household_size", home)
        joins = answer.declared == SINGLE
        if joins and is_known:
            self._joined.append(answer.member)
        gone = [] if joins else self._gone(answer)
        for at in gone:
            self._set("members", "counts_in_household", at, False if is_known else None, new="boolean")
            if answer.check.found == "spouse" and is_known:
                self._set("members", "relation", at, "其他")
        other = None if size is None or not is_known else max(1, size + (1 if joins else -len(gone)))
        self._set("households", "household_size", home, other)

    def _gone(self, answer: Answer) -> list[Any]:
        """Return who counts no longer; one who does not count already makes the household no smaller."""
        people = self._married(answer.household) if answer.check.found == "spouse" else [answer.member]
        return [at for at in people if self._get("members", "counts_in_household", at) is not False]

    def _earns(self, answer: Answer, *, is_known: bool) -> None:
        """Let a statement be none, and let a member earn something that is not known; it was not nothing."""
        column = answer.check.column
        for name in EARNED.get(column, ()):
            self._set("members", name, answer.member, None)
            self._set("households", name, self._home(answer.household), None)
        working = "在岗" if column == "employment" and is_known else None
        self._set("members", column, answer.member, working)

    def _add(self, answer: Answer, value: Any) -> None:
        """State another amount of a member, and add the difference to what it is a part of."""
        column, home = answer.check.column, self._home(answer.household)
        sums = [("members", name, answer.member) for name in EARNED.get(column, ()) if name != column]
        sums += [("households", name, home) for name in EARNED.get(column, ())]
        for table, name, at in sums:
            before = self._get(table, name, at)
            known = before is not None and value is not None
            self._set(table, name, at, max(0, before + value - answer.declared) if known else None)
        self._set("members", column, answer.member, value)

    # --- the answer -------------------------------------------------------------------------------

    def _reply(self, answer: Answer, counted: Counts) -> None:
        """Let the department answer what counts."""
        first, values = answer.places[0], self._column("registry", "value")
        rows: list[tuple[int, Any, Any]]
        if counted.value is None:
            rows = [(at, None, None) for at in answer.places]
        elif answer.check.found == "spouse":
            rows = [(first, MARRIED if counted.value == MARRIED else "未婚", None)]
        elif answer.member is not None and answer.check.found == "any":
            rows = [(first, NOTHING, None)]
        elif answer.check.found == "count":
            things = [at for at in answer.places if values[at] != NOTHING] or [first]
            kept = [*things[: counted.value], *[things[-1]] * (counted.value - len(things))]
            rows = [(at, "有" if values[at] == NOTHING else values[at], None) for at in kept]
        else:
            amount = None if answer.check.found == "any" else counted.value
            rows = [(first, "有" if counted.value else NOTHING, amount)]
        for at in answer.places:
            self._rows[at] = []
        self._rows[first] = rows or [(first, NOTHING, None)]

    # --- cells ------------------------------------------------------------------------------------

    def _column(self, table: str, name: str) -> list[Any]:
        if (table, name) not in self._columns:
            self._columns[table, name] = column_of(self._tables[table], name)
        return self._columns[table, name]

    def _get(self, table: str, name: str, at: Any) -> Any:
        changed = self._cells.get((table, name), {})
        return changed[at] if at in changed else self._column(table, name)[at]

    def _set(self, table: str, name: str, at: Any, value: Any, *, new: str = "") -> None:
        if new or name in self._tables[table]:
            self._cells.setdefault((table, name), {})[at] = value

    def _home(self, household: str) -> int:
        if not self._homes:
            self._homes = {home: at for at, home in enumerate(self._column("households", "household_id"))}
        return self._homes[household]

    def _married(self, household: str) -> list[int]:
        if not self._spouses:
            rows = zip(
                self._column("members", "household_id"), self._column("members", "relation"), strict=True
            )
            for at, (home, relation) in enumerate(rows):
                if relation == "配偶":
                    self._spouses.setdefault(home, []).append(at)
        return self._spouses.get(household, [])

    # --- put in -----------------------------------------------------------------------------------

    def applied(self) -> Tables:
        """Return the tables with everything that was put in."""
        frames, origins = dict(self._tables.frames), dict(self._tables.origins)
        for (table, name), cells in self._cells.items():
            frames[table] = frames[table].assign(**{name: _changed(frames[table], name, cells)})
        if self._joined:
            frames["members"] = _with_spouses(frames["members"], self._joined)
            origins["members"] = _repeated(origins["members"], self._joined)
        if self._rows:
            registry = frames["registry"]
            rows = [row for at in range(len(registry)) for row in self._rows.get(at, [(at, _AS_IT_IS, None)])]
            taken = [at for at, _, _ in rows]
            frames["registry"] = _answered(registry.iloc[taken].reset_index(drop=True), rows)
            origins["registry"] = origins["registry"].iloc[taken].reset_index(drop=True)
        return replace(self._tables, frames=frames, origins=origins)


_AS_IT_IS = object()


def _repeated(frame: pd.DataFrame, rows: list[int]) -> pd.DataFrame:
    """Return a frame with some of its rows once more, at its end."""
    return frame.iloc[[*range(len(frame)), *rows]].reset_index(drop=True)


def _with_spouses(members: pd.DataFrame, applicants: list[int]) -> pd.DataFrame:
    """Return the members with a spouse of each applicant, who counts and of whom nothing else is known."""
    made = _repeated(members, applicants)
    new = range(len(members), len(made))
    known = {"relation": "配偶", "counts_in_household": True}
    for name in dict.fromkeys([*made.columns, "counts_in_household"]):
        if name != "household_id":
            made[name] = _changed(made, name, dict.fromkeys(new, known.get(name)))
    return made


def _changed(frame: pd.DataFrame, name: str, cells: dict[int, Any]) -> pd.Series:
    """Return a column with some cells changed, of the type that it had."""
    column = frame[name] if name in frame else pd.Series(pd.NA, index=frame.index, dtype="boolean")
    values = column.astype(object).to_numpy(copy=True)
    values[list(cells)] = [pd.NA if value is None else value for value in cells.values()]
    changed = pd.Series(values, index=frame.index, dtype=object)
    if isinstance(column.dtype, pd.CategoricalDtype):
        words = dict.fromkeys(
            [*column.cat.categories, *(value for value in cells.values() if value is not None)]
        )
        return changed.astype(pd.CategoricalDtype(list(words)))
    return changed.astype(column.dtype)


def _answered(registry: pd.DataFrame, rows: list[tuple[int, Any, Any]]) -> pd.DataFrame:
    """Put in other answers, and amounts where they are compared."""
    values = {at: value for at, (_, value, _) in enumerate(rows) if value is not _AS_IT_IS}
    amounts = {at: rows[at][2] for at in values if rows[at][2] is not None}
    registry = registry.assign(value=_changed(registry, "value", values))
    if amounts and "amount_fen" in registry:
        registry = registry.assign(amount_fen=_changed(registry, "amount_fen", amounts))
    return registry
