"""Households as they are but for some facts: what would be decided if a fact were another.

In    `Facts`, and per variant a household and the facts that are other than they are
Out   what is decided of each variant, and on which side of every comparison it stands

A fact is a cell, the rows of one kind that a table could have, a person's ruling, the value of a
parameter or the gift of bands of which only a bound is known, or a year that the calendar lacks.
Variants are judged as any household is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from relief.columns import DICTIONARY
from relief.errors import ParameterError
from relief.rulepack.facts import Facts
from relief.rulepack.parameters import Lookup
from relief.rulepack.tree import Operation
from relief.rulepack.values import Truth
from relief.verdicts import ELIGIBLE, PENDING, judged

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence
    from fractions import Fraction

    from relief.intake.tables import Tables
    from relief.rulepack.model import ValueModel
    from relief.rulepack.pack import Pack
    from relief.rulepack.parameters import Ends
    from relief.rulepack.tree import Node

__all__ = [
    "COMPARED", "NO_TABLES", "NO_VALUE", "Assigned", "Fact", "Judged", "Row", "compared", "judged_variants",
    "variant_tables",
]  # fmt: skip

Row: TypeAlias = tuple[tuple[str, Any], ...]
Cells: TypeAlias = dict[tuple[str, str], list[tuple[int, int, Any]]]
# Where facts are that no table has: parameters, rulings, years of the calendar, what bands give.
NO_TABLES = ("", "rulings", "calendar", "tiers")
_OF_RULES = ("", "calendar", "tiers")
NO_VALUE = "no value"
COMPARED = ("<", "<=", ">", ">=", "==", "!=")
_DTYPES = {"money": "Int64", "count": "Int64", "area": "Int64", "flag": "boolean", "date": "datetime64[s]"}


@dataclass(frozen=True, order=True)
class Fact:
    """A fact of a household that is, or could be, other than it is.

    Attributes
    ----------
    table : str
        Empty for a parameter, ``calendar`` for a year of it, ``tiers`` for what open bands give.
    column : str
        The column of a cell, or the parameter; empty for rows.
    at : int
        The place of a cell's row in its table; for rows, of the person whom they are about in
        the members table; -1 elsewhere.
    word : str
        The kind of rows, what is ruled upon, the year, or the name of the tiers; `NO_VALUE` for a
        parameter on days of which the pack has no value, where empty it has bounds.
    beside : int
        The place of a row that a paper must agree with: the same person and stay; -1 elsewhere.
    """

    table: str
    column: str = ""
    at: int = -1
    word: str = ""
    beside: int = -1


# What some facts are instead: a cell's value, rows to be added, a ruling, a parameter's value in its unit,
# which days of a year are worked.
Assigned: TypeAlias = Mapping[Fact, Any]
Pins: TypeAlias = tuple[tuple[Fact, Any], ...]


@dataclass(frozen=True)
class Judged:
    """What is decided of each variant: an outcome, category and claim; and the sides of comparisons.

    `answer` has a row per variant that is alike where all three are; `sides` a code per comparison,
    `rules` one per rule and category.
    """

    outcome: Any
    category: Any
    claim: Any
    sides: Any
    rules: Any

    @property
    def answer(self) -> Any:
        """Return outcome, category and claim as whole numbers; the last two only of the eligible."""
        return np.stack([self.outcome.astype(np.int64), self.category, self.claim], axis=1)


def compared(pack: Pack) -> list[Node]:
    """Return every comparison that decides about households, each once."""
    found: dict[int, Node] = {}
    items = [item for item in (*pack.rules, *pack.categories) if item.effect != "warn"]
    roots = [item.node for item in items] + ([pack.claim.node] if pack.claim else [])
    for root in roots:
        for node in pack.reached(root, rows=False):
            if isinstance(node, Operation) and node.operator in COMPARED:
                found[id(node)] = node
    return list(found.values())


# --- judging ------------------------------------------------------------------------------------------


def judged_variants(facts: Facts, variants: Sequence[tuple[int, Assigned]]) -> Judged:
    """Judge each variant.

    Parameters
    ----------
    facts : Facts
    variants : sequence of (place, Assigned)
        The household's place, and what is other than it is.
    """
    groups: dict[Any, list[int]] = {}
    for at, (_, assigned) in enumerate(variants):
        pins = tuple(sorted((f, value) for f, value in assigned.items() if f.table in _OF_RULES))
        groups.setdefault((frozenset(_tables_added(assigned)), pins), []).append(at)
    nodes = compared(facts.pack)
    count, items = len(variants), len(facts.pack.rules) + len(facts.pack.categories)
    outcome, category, claim = (np.zeros(count, dtype=np.int64) for _ in range(3))
    sides = np.zeros((count, len(nodes)), dtype=np.int8)
    whole = Judged(outcome, category, claim, sides, np.zeros((count, items), dtype=np.int8))
    for (_, pins), places in groups.items():
        _judge_where_possible(facts, variants, pins, nodes, whole, places)
    return whole


def _tables_added(assigned: Assigned) -> Iterator[str]:
    for fact, value in assigned.items():
        if fact.table not in NO_TABLES and not fact.column and value is not None:
            yield fact.table


def _judge_where_possible(
    facts: Facts,
    variants: Sequence[tuple[int, Assigned]],
    pins: Pins,
    nodes: list[Node],
    whole: Judged,
    places: list[int],
) -> None:
    """Judge variants; one for whose day or district the pack has no value is not decided."""
    try:
        _judge(facts, [variants[at] for at in places], pins, nodes, whole, np.array(places))
    except ParameterError:
        if len(places) == 1:
            whole.outcome[places] = PENDING
            return
        for half in (places[: len(places) // 2], places[len(places) // 2 :]):
            _judge_where_possible(facts, variants, pins, nodes, whole, half)


def _judge(
    facts: Facts,
    variants: Sequence[tuple[int, Assigned]],
    pins: Pins,
    nodes: list[Node],
    whole: Judged,
    at: Any,
) -> None:
    tables = variant_tables(facts, variants)
    ours = _Varied(facts, tables, variants)
    ours.pin(pins)
    verdicts, view = judged(ours), ours.view()
    eligible = verdicts.outcome == ELIGIBLE
    whole.outcome[at], whole.category[at] = verdicts.outcome, np.where(eligible, verdicts.category, 0)
    whole.claim[at] = np.where(eligible, verdicts.claim.fen, 0)
    for column, node in enumerate(nodes):
        truth = view.truth(node)
        whole.sides[at, column] = truth.yes + 2 * truth.no
    for column, item in enumerate(verdicts.items):
        whole.rules[at, column] = item.codes & 3 if item.kind != "check" else 1


class _Varied(Facts):
    """Variants as facts: what was ruled on a household stands for its variants too, unless it is other."""

    def __init__(self, facts: Facts, tables: Tables, variants: Sequence[tuple[int, Assigned]]) -> None:
        super().__init__(tables, facts.pack, facts.on)
        self._before = facts
        self._places = np.array([place for place, _ in variants], dtype=np.int64)
        self._ruled: dict[str, list[tuple[int, bool]]] = {}
        for number, fact, value in _listed(variants):
            if fact.table == "rulings" and value is not None:
                self._ruled.setdefault(fact.word, []).append((number, bool(value)))

    def pin(self, pins: Pins) -> None:
        """Take parameters and gifts of bands that are not known, and years of the calendar, to be so."""
        numbers: dict[str, dict[str, Fraction]] = {}
        for fact, value in pins:
            if fact.table == "tiers":
                tiers = self.pack.tiers | {fact.word: self.pack.tiers[fact.word].giving(value / 100)}
                self.pack = replace(self.pack, tiers=tiers)
            elif fact.table and self.calendar is not None:
                self.calendar = self.calendar.having(int(fact.word), worked=value)
            elif not fact.table:
                numbers.setdefault(fact.column, {})[fact.word] = value
        self.lookups |= {name: _Pinned(self.lookup(name), told) for name, told in numbers.items()}

    def ruling(self, rule_id: str) -> Truth | None:
        """Return what is ruled on a rule."""
        before = self._before.ruling(rule_id)
        if rule_id not in self._ruled:
            return None if before is None else before.taken(self._places)
        none = np.zeros(len(self._places), dtype=bool)
        yes, no = (none, none.copy()) if before is None else (
            before.yes[self._places], before.no[self._places])  # fmt: skip
        for number, value in self._ruled[rule_id]:
            yes[number], no[number] = value, not value
        return Truth(yes, no)


class _Pinned(Lookup):
    """A parameter taken to be a number where only a bound of it is known, or where it has no value."""

    def __init__(self, lookup: Lookup, pins: Mapping[str, Fraction]) -> None:
        super().__init__(lookup.parameter, lookup.on, lookup.pack)
        self.pins = pins

    def narrowed(self, day: dt.date, key: Mapping[str, str], values: list[ValueModel]) -> Ends:
        """Return the number instead of what is open of these keys; bounds that are known still hold."""
        low, high = super().narrowed(day, key, values)
        pin = self.pins.get("" if values else NO_VALUE)
        if pin is None or (low == high and values):
            return low, high
        pin = pin if low is None else max(low, pin)
        pin = pin if high is None else min(high, pin)
        return pin, pin


# --- tables -------------------------------------------------------------------------------------------


def variant_tables(facts: Facts, variants: Sequence[tuple[int, Assigned]]) -> Tables:
    """Return tables with one household per variant, ``"0"``, ``"1"`` …, all its rows with it."""
    places = np.array([place for place, _ in variants], dtype=np.int64)
    added: dict[str, list[dict[str, Any]]] = {
        table: [] for _, assigned in variants for table in _tables_added(assigned)
    }
    cells: Cells = {}
    for number, fact, value in _listed(variants):
        if fact.table and fact.column:
            cells.setdefault((fact.table, fact.column), []).append((number, fact.at, value))
        elif fact.table in added and value is not None:
            added[fact.table] += [{"household_id": str(number), **dict(row)} for row in value]
    frames: dict[str, pd.DataFrame] = {}
    for table, frame in facts.tables.frames.items():
        frames[table] = _copied(facts, table, frame, places, cells)
    for table, rows in added.items():
        frames[table] = _extended(table, frames.get(table), rows)
    origins = {table: _origin(len(frame)) for table, frame in frames.items()}
    return replace(facts.tables, frames=frames, origins=origins, faults=(), sources=())


def _listed(variants: Sequence[tuple[int, Assigned]]) -> Iterator[tuple[int, Fact, Any]]:
    for number, (_, assigned) in enumerate(variants):
        for fact, value in assigned.items():
            yield number, fact, value


def _origin(size: int) -> pd.DataFrame:
    return pd.DataFrame({"source": [""] * size, "sheet": [""] * size, "row": range(size)})


def _copied(
    facts: Facts, table: str, frame: pd.DataFrame, places: Any,
    cells: Cells,
) -> pd.DataFrame:  # fmt: skip
    """Return each household's rows once per variant, with the cells that are other."""
    rows, owners = _rows_of(facts, table, places)
    copy: pd.DataFrame = frame.iloc[rows].reset_index(drop=True)
    copy["household_id"] = pd.Series(owners, dtype=object).map(str).to_numpy(dtype=object)
    found = dict(zip(zip(owners.tolist(), rows.tolist(), strict=True), range(len(rows)), strict=True))
    for (of, column), changes in cells.items():
        if of != table:
            continue
        series = _blank(table, column, len(copy)) if column not in copy else copy[column]
        if isinstance(series.dtype, pd.CategoricalDtype):
            series = series.astype(object)
        array = series.array.copy()
        at = [found[number, row] for number, row, _ in changes]
        array[at] = _cells(table, column, [value for *_, value in changes]).array
        copy[column] = array
    return copy


def _rows_of(facts: Facts, table: str, places: Any) -> tuple[Any, Any]:
    """Return the rows of some households one after another, and to which of them each belongs."""
    if table == "households":
        return places, np.arange(len(places))
    if facts.series(table, "household_id") is None:
        return np.array([], dtype=np.int64), np.array([], dtype=np.int64)
    owners = facts.owners(table)
    order = np.argsort(owners, kind="stable")
    first = np.searchsorted(owners[order], places, "left")
    counts = np.searchsorted(owners[order], places, "right") - first
    begin = np.repeat(first - (np.cumsum(counts) - counts), counts)
    return order[begin + np.arange(counts.sum())], np.repeat(np.arange(len(places)), counts)


def _extended(table: str, frame: pd.DataFrame | None, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return a table with more rows, and the columns that those need."""
    empty = pd.DataFrame(columns=["household_id"]) if frame is None else frame
    names = [*empty.columns, *(name for row in rows for name in row)]
    columns: dict[str, Any] = {}
    for name in dict.fromkeys(names):
        old = empty[name] if name in empty else _blank(table, name, len(empty))
        new = _cells(table, name, [row.get(name) for row in rows])
        columns[name] = pd.concat([old.astype(new.dtype), new], ignore_index=True) if len(empty) else new
    return pd.DataFrame(columns)


def _blank(table: str, column: str, size: int) -> Any:
    return _cells(table, column, [None] * size)


def _cells(table: str, column: str, values: list[Any]) -> Any:
    dtype = _DTYPES.get(DICTIONARY[table][column].dtype, "object")
    if dtype.startswith("date"):
        # A day may come as its number.
        values = [pd.Timestamp(v, unit="D") if isinstance(v, int) else v for v in values]
    return pd.Series(pd.array(values, dtype=dtype) if dtype != "object" else np.array(values, dtype=object))  # type: ignore[call-overload]
