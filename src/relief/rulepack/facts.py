"""A pack's trees over the columns of one round: every name, parameter and row looked up once.

In    usable `Tables`, a `Pack`, the date of the decision
Out   `Facts.value(node)`: a truth, amount or text per household, unknown where a fact is missing
"""

from __future__ import annotations

import datetime as dt
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.columns import DICTIONARY
from relief.rulepack.parameters import LookedUp, look_up
from relief.rulepack.tree import (
    Aggregate,
    Among,
    Constant,
    Measure,
    Name,
    Node,
    Operation,
    Parameter,
    Ruled,
)  # fmt: skip
from relief.rulepack.values import Amount, Bound, Flags, Integers, Text, Truth, Value, exactly, unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from relief.columns import Column
    from relief.rulepack.pack import Pack
    from relief.tables import Tables

__all__ = ["Facts"]

_EPOCH = dt.date(1970, 1, 1)
_MOST = 2**63 - 1


class Facts:
    """What is known of the households of one round."""

    def __init__(self, tables: Tables, pack: Pack, on: dt.date) -> None:
        self.tables = tables
        self.pack = pack
        self.on = on
        self.ids = pd.Index(tables["households"]["household_id"], dtype=object, name="household_id")
        self._columns: dict[tuple[str, str], Value] = {}
        self._values: dict[int, Value] = {}
        self._owners: dict[str, Integers] = {}
        self._parameters: dict[str, LookedUp] = {}

    def size(self, table: str = "households") -> int:
        """Return the number of rows of a table."""
        return len(self.tables[table]) if table in self.tables else 0

    def truth(self, node: Node, table: str = "households") -> Truth:
        """Evaluate a tree that is known to be a truth."""
        value = self.value(node, table)
        assert isinstance(value, Truth)
        return value

    def amount(self, node: Node, table: str = "households") -> Amount:
        """Evaluate a tree that is known to be a number, an amount of money or a date."""
        value = self.value(node, table)
        assert isinstance(value, Amount)
        return value

    def value(self, node: Node, table: str = "households") -> Value:
        """Evaluate a tree for every row of `table`, once."""
        key = id(node)
        if key not in self._values:
            self._values[key] = self._evaluated(node, table)
        return self._values[key]

    def measure(self, name: str) -> Amount:
        """Return a measure of the pack."""
        return self.amount(self.pack.measures[name].node)

    def parameter(self, name: str) -> LookedUp:
        """Return a parameter of the pack for every household, with the values it came from."""
        if name not in self._parameters:
            keys = {
                column: self.column("households", column) for column in self.pack.parameters[name].model.by
            }
            self._parameters[name] = look_up(
                self.pack.parameters[name], self.on, keys, self.pack, self.size()
            )
        return self._parameters[name]

    def column(self, table: str, name: str) -> Value:
        """Return one column of a table; unknown throughout where the table does not have it."""
        key = (table, name)
        if key not in self._columns:
            frame = self.tables[table] if table in self.tables else pd.DataFrame()
            column = DICTIONARY[table][name]
            self._columns[key] = _value(frame[name], column) if name in frame else _absent(column, len(frame))
        return self._columns[key]

    def _evaluated(self, node: Node, table: str) -> Value:
        match node:
            case Constant(value=value) if not isinstance(value, str):
                return _constant(value.numerator, value.denominator, self.size(table))
            case Name(name="on", column=None):
                return _constant((self.on - _EPOCH).days, 1, self.size(table))
            case Name(name=name):
                return self.column(table, name)
            case Measure(name=name):
                return self.measure(name)
            case Parameter(name=name):
                return self.parameter(name).amount
            case Operation():
                return self._operation(node, table)
            case Among(part=part, words=words):
                text = self.value(part, table)
                assert isinstance(text, Text)
                return text.among(words)
            case Aggregate():
                return self._aggregate(node)
            case Ruled(rule_id=rule_id):
                return self.ruling(rule_id)
            case _:
                raise NotImplementedError(node)

    def _operation(self, node: Operation, table: str) -> Value:
        if node.operator == "if":
            condition = self.truth(node.parts[0], table)
            yes, no = (self.value(part, table) for part in node.parts[1:])
            return _chosen(condition, yes, no)
        if node.operator in ("and", "or", "not"):
            truths = [self.truth(part, table) for part in node.parts]
            return _LOGIC[node.operator](truths)
        if node.operator == "coalesce" and node.kind == "truth":
            return reduce(_first_truth, [self.truth(part, table) for part in node.parts])
        amounts = [self.amount(part, table) for part in node.parts]
        return _AMOUNTS[node.operator](amounts)

    # --- rows of other tables ---------------------------------------------------------------------

    def owners(self, table: str) -> Integers:
        """Return for each row of `table` the position of its household, -1 where it has none here."""
        if table not in self._owners:
            self._owners[table] = self.ids.get_indexer(self.tables[table]["household_id"])
        return self._owners[table]

    def _aggregate(self, node: Aggregate) -> Value:
        size = self.size()
        if node.table not in self.tables or "household_id" not in self.tables[node.table]:
            none = np.zeros(size, dtype=bool)
            if node.function == "held":
                return Truth(none, ~none)
            return exactly(np.zeros(size, dtype=np.int64), ~none, 0 if node.function == "count" else None)
        owners, rows = self.owners(node.table), self.size(node.table)
        everything = Truth(np.ones(rows, dtype=bool), np.zeros(rows, dtype=bool))
        where = self.truth(node.where, node.table) if node.where else everything
        if node.function == "held":
            some = _spread(owners, where.yes, size) > 0
            maybe = _spread(owners, where.unknown, size) > 0
            return Truth(some, ~some & ~maybe)
        if node.column is None:
            certain, possible = _spread(owners, where.yes, size), _spread(owners, ~where.no, size)
            return _between(certain, possible)
        value = self.column(node.table, node.column.name)
        assert isinstance(value, Amount)
        return _summed(value, where, owners, size)

    def ruling(self, rule_id: str) -> Truth:
        """Return the latest ruling on `rule_id` up to the date; two of one day that differ say nothing."""
        yes = np.zeros(self.size(), dtype=bool)
        no = yes.copy()
        if "rulings" in self.tables and len(self.tables["rulings"]):
            rulings = self.tables["rulings"]
            ours = rulings[(rulings["rule_id"] == rule_id) & (rulings["ruled_on"] <= pd.Timestamp(self.on))]
            ours = ours.dropna(subset=["household_id", "value"])
            latest = ours[ours["ruled_on"] == ours.groupby("household_id")["ruled_on"].transform("max")]
            at = self.ids.get_indexer(latest["household_id"])
            value = latest["value"].to_numpy(dtype=bool)
            yes[at[value & (at >= 0)]] = True
            no[at[~value & (at >= 0)]] = True
        return Truth(yes & ~no, no & ~yes)


_LOGIC: dict[str, Callable[[list[Truth]], Truth]] = {
    "and": lambda parts: reduce(lambda a, b: a & b, parts),
    "or": lambda parts: reduce(lambda a, b: a | b, parts),
    "not": lambda parts: ~parts[0],
}


def _first_known(first: Amount, second: Amount) -> Amount:
    """Return the first where it is known, else the second, else what both leave open."""
    if bool(first.known.all()):
        return first
    return first.where(first.known, second)


def _first_truth(first: Truth, second: Truth) -> Truth:
    return Truth(first.yes | (first.unknown & second.yes), first.no | (first.unknown & second.no))


_AMOUNTS: dict[str, Callable[[list[Amount]], Value]] = {
    "+": lambda p: p[0] + p[1],
    "-": lambda p: p[0] - p[1],
    "*": lambda p: p[0] * p[1],
    "/": lambda p: p[0] / p[1],
    "neg": lambda p: -p[0],
    "<": lambda p: p[0].less(p[1], or_equal=False),
    "<=": lambda p: p[0].less(p[1], or_equal=True),
    ">": lambda p: p[1].less(p[0], or_equal=False),
    ">=": lambda p: p[1].less(p[0], or_equal=True),
    "==": lambda p: p[0].equals(p[1]),
    "!=": lambda p: ~p[0].equals(p[1]),
    "coalesce": lambda p: reduce(_first_known, p),
    "max": lambda p: reduce(Amount.larger, p),
    "min": lambda p: reduce(Amount.smaller, p),
    "year_start": lambda p: _year_start(p[0]),
}


def _constant(num: int, den: int, size: int) -> Amount:
    end = Bound(np.full(size, num, dtype=np.int64), den, np.zeros(size, dtype=bool))
    return Amount(end, end)


def _value(series: pd.Series[Any], column: Column) -> Value:
    missing: Flags = series.isna().to_numpy()
    if column.dtype in ("money", "count"):
        whole = (
            series.to_numpy(dtype=np.int64, na_value=0) if missing.any() else series.to_numpy(dtype=np.int64)
        )
        return exactly(whole, missing, column.minimum)
    if column.dtype == "date":
        days = series.to_numpy(dtype="datetime64[D]").astype(np.int64)
        return exactly(np.where(missing, 0, days), missing)
    if column.dtype == "flag":
        yes = series.to_numpy(dtype=bool, na_value=False)
        return Truth(yes, ~yes & ~missing)
    if isinstance(series.dtype, pd.CategoricalDtype):
        return Text(series.cat.codes.to_numpy(), tuple(series.cat.categories))
    codes, words = pd.factorize(series.astype(object), use_na_sentinel=True)
    return Text(codes, tuple(words))


def _absent(column: Column, size: int) -> Value:
    none = np.zeros(size, dtype=bool)
    if column.dtype in ("money", "count", "date"):
        return unknown(size, column.minimum)
    if column.dtype == "flag":
        return Truth(none, none)
    return Text(np.full(size, -1), ())


def _chosen(condition: Truth, yes: Value, no: Value) -> Value:
    if isinstance(yes, Truth) and isinstance(no, Truth):
        both = Truth(yes.yes & no.yes, yes.no & no.no)
        return Truth(
            (condition.yes & yes.yes) | (condition.no & no.yes) | (condition.unknown & both.yes),
            (condition.yes & yes.no) | (condition.no & no.no) | (condition.unknown & both.no),
        )
    assert isinstance(yes, Amount) and isinstance(no, Amount)
    if condition.yes.all():
        return yes
    if condition.no.all():
        return no
    picked = yes.where(condition.yes, no)
    return yes.hull(no).where(condition.unknown, picked) if condition.unknown.any() else picked


def _year_start(date: Amount) -> Amount:
    def first_day(end: Bound) -> Bound:
        years = end.num.astype("datetime64[D]").astype("datetime64[Y]")
        return Bound(years.astype("datetime64[D]").astype(np.int64), 1, end.open)

    lo = first_day(date.lo)
    return Amount(lo, lo if date.lo is date.hi else first_day(date.hi))


def _spread(owners: Integers, values: Integers, size: int) -> Integers:
    """Add up whole numbers per household, exactly."""
    ours = owners >= 0
    numbers = np.asarray(values)[ours]
    largest = int(np.abs(numbers).max()) * len(numbers) if len(numbers) else 0
    sums = np.zeros(size, dtype=object if largest > _MOST or numbers.dtype == object else np.int64)
    np.add.at(sums, owners[ours], numbers.astype(sums.dtype))
    return sums


def _between(least: Integers, most: Integers) -> Amount:
    none = np.zeros(len(least), dtype=bool)
    lo = Bound(least, 1, none)
    return Amount(lo, lo if np.array_equal(least, most) else Bound(most, 1, none))


def _summed(value: Amount, where: Truth, owners: Integers, size: int) -> Amount:
    """Add up an amount over the rows that count; a row that may count widens the sum."""

    def end(bound: Bound, *, pick: Callable[[Any, int], Any]) -> Bound:
        maybe = np.where(where.unknown, pick(bound.num, 0), 0)
        counted = np.where(where.yes, bound.num, maybe)
        is_open = _spread(owners, bound.open & ~where.no, size) > 0
        return Bound(_spread(owners, np.where(bound.open, 0, counted), size), 1, is_open)

    lo = end(value.lo, pick=np.minimum)
    if value.lo is value.hi and not where.unknown.any():
        return Amount(lo, lo)
    return Amount(lo, end(value.hi, pick=np.maximum))
