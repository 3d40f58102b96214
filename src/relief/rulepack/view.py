"""Some rows of a table, and what a tree comes to for each of them.

In    `Facts`, which rows, and a checked tree
Out   a truth, amount or word per row, unknown where a fact is missing
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.columns import DICTIONARY
from relief.rulepack.operations import OPERATIONS, known, working_days
from relief.rulepack.tree import (
    Aggregate,
    Among,
    Constant,
    Measure,
    Name,
    Node,
    Operation,
    Outcome,
    Owner,
    Parameter,
    Ruled,
    Tier,
)
from relief.rulepack.values import Amount, Text, Truth, Value, always, constant, exactly, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from relief.columns import Column
    from relief.rulepack.facts import Facts
    from relief.rulepack.values import Flags

__all__ = ["Outcomes", "View", "nothing_known"]

_EPOCH = dt.date(1970, 1, 1)
_HUNDREDTHS = 100


def nothing_known(kind: str, size: int, least: int | None = None) -> Value:
    """Return a value of which nothing is known."""
    if kind == "truth":
        none = np.zeros(size, dtype=bool)
        return Truth(none, none)
    return Text(np.full(size, -1), ()) if kind == "text" else unknown(size, least)


@dataclass(frozen=True)
class Outcomes:
    """What was decided of some households: for benefits, which come after.

    `possible` has for each category, and for none (``""``), where it is still possible.
    """

    eligible: Truth
    possible: Mapping[str, Flags]
    claim: Amount | None


class View:
    """Some rows of a table of `Facts`."""

    def __init__(self, facts: Facts, table: str, rows: Any, complete: bool) -> None:
        self.facts = facts
        self.table = table
        self.rows = rows
        self.complete = complete
        self.size = rows.stop - rows.start if isinstance(rows, slice) else len(rows)
        self.outcomes: Outcomes | None = None
        self._today = (facts.on - _EPOCH).days
        self._columns: dict[str, Value] = {}
        self._gaps: dict[str, Flags | None] = {}
        self._parameters: dict[str, Amount] = {}
        self._values: dict[int, Value] = {}

    def truth(self, node: Node) -> Truth:
        """Evaluate a tree that is known to be a truth."""
        value = self.value(node)
        assert isinstance(value, Truth)
        return value

    def amount(self, node: Node) -> Amount:
        """Evaluate a tree that is known to be a quantity or a date."""
        value = self.value(node)
        assert isinstance(value, Amount)
        return value

    def value(self, node: Node) -> Value:
        """Evaluate a tree for every row, once."""
        key = id(node)
        if key not in self._values:
            self._values[key] = self._evaluated(node)
        return self._values[key]

    def measure(self, name: str) -> Value:
        """Return a measure of the pack."""
        return self.value(self.facts.pack.measures[name].node)

    def _evaluated(self, node: Node) -> Value:
        match node:
            case Operation(operator="working_days", parts=parts):
                calendar = self.facts.calendar
                assert calendar is not None
                return working_days([self.value(part) for part in parts], calendar)
            case Operation(operator=operator, parts=parts):
                return OPERATIONS[operator]([self.value(part) for part in parts])
            case Name(name="on", column=None):
                return self._constant(self._today)
            case Name(name=name):
                return self.column(name)
            case Measure(name=name):
                return self.measure(name)
            case Constant(value=bool() as value):
                return always(value, self.size)
            case Constant(value=value) if not isinstance(value, str):
                return self._constant(value.numerator, value.denominator)
            case Among(part=part, words=words):
                return self._among(part, words)
            case Parameter():
                return self._parameter(node)
            case _:
                return self._from_elsewhere(node)

    def _from_elsewhere(self, node: Node) -> Value:
        """Return what other rows, the pack's tiers, people or the outcome say."""
        match node:
            case Aggregate():
                value = self.facts.aggregate(node).taken(self.rows)
                return _as_known(value) if self.complete else value
            case Owner(table=table, part=part, same=same):
                return self._owned(table, part, self.facts.links(self.table, table, same)[self.rows])
            case Tier(name=name, part=part):
                return self.facts.pack.tiers[name].given(self.amount(part))
            case Ruled(rule_id=rule_id):
                return self.ruling(rule_id) or nothing_known("truth", self.size)
            case Outcome(name=name):
                assert self.outcomes is not None
                if name == "eligible":
                    return self.outcomes.eligible
                return self.outcomes.claim or unknown(self.size)
            case _:
                raise NotImplementedError(node)

    def _parameter(self, node: Parameter) -> Amount:
        """Look a parameter up, the one of the day of the decision once."""
        lookup = self.facts.lookup(node.name)
        if node.day is not None:
            # What stands in for a missing day may have no value, which is nobody's mistake.
            known = self.facts.view(self.rows, table=self.table) if self.complete else self
            # The days of a row are its own: one without a value leaves the row open, and stops nobody.
            strict = not self.facts.pack.reads_rows(node.day)
            keys, day = self.keys(node.name), known.amount(node.day)
            return lookup.amounts(keys, day, node.months, self.size, strict=strict)
        if node.name not in self._parameters:
            self._parameters[node.name] = lookup.amounts(self.keys(node.name), None, 0, self.size)
        return self._parameters[node.name]

    def _constant(self, num: int, den: int = 1) -> Amount:
        return constant(num, den, self.size)

    def ruling(self, rule_id: str) -> Truth | None:
        """Return what was ruled on a rule, None where nobody ruled on anything."""
        ruling = self.facts.ruling(rule_id)
        return None if ruling is None else ruling.taken(self.rows)

    def _among(self, part: Node, words: tuple[str, ...]) -> Truth:
        if isinstance(part, Outcome):
            return self._category_among(words)
        text = self.value(part)
        assert isinstance(text, Text)
        return text.among(words)

    def _category_among(self, words: tuple[str, ...]) -> Truth:
        """Return whether the category is one of some: certain where all that are possible are among them."""
        assert self.outcomes is not None
        inside, outside = np.zeros(self.size, dtype=bool), np.zeros(self.size, dtype=bool)
        for id_, flags in self.outcomes.possible.items():
            if id_ in words:
                inside |= flags
            else:
                outside |= flags
        return Truth(inside & ~outside, outside & ~inside)

    def _owned(self, table: str, part: Node, places: Any) -> Value:
        """Return what a part comes to for the row that each row belongs to."""
        if not self.facts.size(table):
            return nothing_known(part.kind, self.size)
        rows, back = np.unique(np.maximum(places, 0), return_inverse=True)
        value = self.facts.view(rows, table=table).value(part).taken(back)
        return value.opened(places < 0)

    # --- columns ----------------------------------------------------------------------------------

    def column(self, name: str) -> Value:
        """Return one column; unknown throughout where the table does not have it."""
        if name not in self._columns:
            column, cells = DICTIONARY[self.table][name], self.facts.cells(self.table, name)
            if cells is None:
                self._columns[name] = nothing_known(_kind(column), self.size, column.minimum)
            elif _kind(column) == "text":
                words = self.facts.words(self.table, name)
                assert words is not None
                text = words.taken(self.rows)
                self._columns[name] = text.filled() if self.complete else text
            else:
                self._columns[name] = self._read(cells[self.rows], self.gaps(name), column)
        return self._columns[name]

    def _read(self, cells: Any, missing: Flags | None, column: Column) -> Value:
        gaps = None if self.complete else missing
        if column.dtype == "date":
            days = _days(cells)
            # In place of a day that is not known, one on which the parameters have values.
            return exactly(days if missing is None else np.where(missing, self._today, days), gaps)
        if column.dtype == "flag":
            yes = cells.to_numpy(dtype=bool, na_value=False)
            return Truth(yes, ~yes if gaps is None else ~yes & ~gaps)
        placeholder = column.minimum or 0
        whole = cells.to_numpy(dtype=np.int64, na_value=placeholder)
        den = _HUNDREDTHS if column.dtype == "area" else 1
        return exactly(whole, gaps, column.minimum, den=den)

    def gaps(self, name: str) -> Flags | None:
        """Return where a cell of a column that the table has is missing; None where none is."""
        if name not in self._gaps:
            cells = self.facts.cells(self.table, name)
            missing = None if cells is None else np.asarray(pd.isna(cells[self.rows]))
            self._gaps[name] = missing if missing is not None and missing.any() else None
        return self._gaps[name]

    def incomplete(self, names: Iterable[str], aggregates: Iterable[Aggregate]) -> Flags | None:
        """Return where a cell of these columns is missing, or what rows add up to is not known."""
        found = [self.gaps(name) for name in names]
        for node in aggregates:
            value = self.facts.aggregate(node).taken(self.rows)
            if not (isinstance(value, Amount) and value.is_exact):
                found.append(~known(value))
        flags = [gaps for gaps in found if gaps is not None and gaps.any()]
        return reduce(lambda a, b: a | b, flags) if flags else None

    def keys(self, name: str) -> list[Text]:
        """Return the words that a parameter's value depends on: of the row, else of its household."""
        found = []
        for column in self.facts.pack.parameters[name].model.by:
            if column in DICTIONARY[self.table]:
                value = self.column(column)
            else:
                places = self.facts.owners(self.table)[self.rows]
                words = self.facts.words("households", column)
                value = (
                    nothing_known("text", self.size)
                    if words is None
                    else words.taken(places).opened(places < 0)
                )
            assert isinstance(value, Text)
            found.append(value)
        return found


_DAY = 86_400


def _days(cells: Any) -> Any:
    """Return dates as days since 1970."""
    moments = np.asarray(cells)
    if moments.dtype == "datetime64[s]":
        return moments.view(np.int64) // _DAY
    return moments.astype("datetime64[D]").astype(np.int64)


def _kind(column: Column) -> str:
    if column.dtype in ("money", "count", "area", "date"):
        return "amount"
    return "truth" if column.dtype == "flag" else "text"


def _as_known(value: Value) -> Value:
    """Return a value as if it were known: the lower end of an amount, unknown truths as no."""
    if isinstance(value, Truth):
        return Truth(value.yes, ~value.yes)
    return Amount(value.lo, value.lo) if isinstance(value, Amount) and value.lo.open is None else value
