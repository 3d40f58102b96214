"""The tree of a rule -> a value as terms over one household's facts.

In    a node, the row that it is about, a world
Out   a `Truth`, `Amount` or `Text`, computed as `relief.rulepack.operations` computes it

Nothing here decides what a rule means: it is the same arithmetic of intervals and of three truths,
over terms instead of columns. Every finding is judged again by `relief.assess` before it is told.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeAlias

from relief.columns import DICTIONARY
from relief.errors import ParameterError
from relief.proof import dates, tallies
from relief.proof.household import Opened, UnreadableError, days, value_of
from relief.proof.lookup import narrowed, spanned
from relief.proof.numbers import Flag, all_of, any_of, negation, times
from relief.proof.spans import span_of
from relief.proof.terms import Amount, End, Text, Truth, Value, constant
from relief.rulepack.tree import (
    Aggregate,
    Among,
    Constant,
    Measure,
    Name,
    Operation,
    Owner,
    Parameter,
    Ruled,
    Tier,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from relief.proof.household import Household, World
    from relief.rulepack.model import BandModel
    from relief.rulepack.parameters import Lookup
    from relief.rulepack.tree import Node

__all__ = ["Reading", "Row"]

Row: TypeAlias = tuple[str, int]
_HOUSEHOLD: Row = ("households", 0)
FIRST = days(dt.date(1900, 1, 1))


class Reading:
    """One household in one world: every node's value, worked out once."""

    def __init__(self, household: Household, world: World) -> None:
        self.household = household
        self.world = world
        self.assumed: list[Any] = []
        self.opened: Opened = {}
        self._values: dict[tuple[int, Row], tuple[Node, Value]] = {}

    def value(self, node: Node, row: Row = _HOUSEHOLD) -> Value:
        """Evaluate a tree for a row."""
        key = (id(node), row)
        if key not in self._values:
            self._values[key] = (node, self._evaluated(node, row))
        return self._values[key][1]

    def truth(self, node: Node, row: Row = _HOUSEHOLD) -> Truth:
        """Evaluate a condition."""
        value = self.value(node, row)
        assert isinstance(value, Truth)
        return value

    def amount(self, node: Node, row: Row = _HOUSEHOLD) -> Amount:
        """Evaluate a quantity or a date."""
        value = self.value(node, row)
        assert isinstance(value, Amount)
        return value

    def cell(self, table: str, row: int, name: str) -> Value:
        """Return what stands in a cell."""
        return value_of(self.household.cell(table, row, name), self.world)

    def ruling(self, rule_id: str) -> Truth:
        """Return what a person ruled."""
        value = value_of(self.household.ruling(rule_id), self.world)
        assert isinstance(value, Truth)
        return value

    def _evaluated(self, node: Node, row: Row) -> Value:
        match node:
            case Constant(value=bool() as holds):
                return Truth.of(holds)
            case Constant(value=Fraction() as number):
                return constant(number)
            case Name(name="on", column=None):
                return constant(Fraction(days(self.household.on)))
            case Name(name=name):
                return self.cell(*row, name)
            case Measure(name=name):
                return self.value(self.household.pack.measures[name].node, row)
            case Operation():
                return self._operation(node, row)
            case Among(part=part, words=words):
                return _text(self.value(part, row)).among(words)
            case _:
                return self._from_elsewhere(node, row)

    def _from_elsewhere(self, node: Node, row: Row) -> Value:
        """Return what other rows, the pack's parameters and tiers, or people say."""
        match node:
            case Parameter():
                return self._parameter(node, row)
            case Aggregate():
                return tallies.tallied(self, node, row)
            case Owner():
                return self._owner(node, row)
            case Ruled(rule_id=rule_id):
                return self.ruling(rule_id)
            case Tier():
                return self._tier(node, row)
            case _:
                raise UnreadableError(type(node).__name__)

    # --- operations -------------------------------------------------------------------------------

    def _operation(self, node: Operation, row: Row) -> Value:
        parts: list[Any] = [self.value(part, row) for part in node.parts]
        if node.operator in _OF_DATES:
            return self._of_dates(node, parts)
        value: Value = _OPERATIONS[node.operator](parts)
        return value

    def _of_dates(self, node: Operation, parts: list[Amount]) -> Amount:
        operator = node.operator
        if operator == "year_start":
            around = span_of(node.parts[0], self.household)
            return parts[0].each(lambda end: End(dates.year_start(end.number, around), end.open))
        if operator == "plus_months":
            step = parts[1].lo.number
            assert isinstance(step, Fraction)
            months, around = int(step), span_of(node.parts[0], self.household)
            return parts[0].each(lambda end: End(dates.moved(end.number, months, around), end.open))
        first, last = parts
        if operator == "working_days":
            return Amount(self._worked(first.hi, last.lo)[0], self._worked(first.lo, last.hi)[1])
        if first.lo is first.hi and last.lo is last.hi:
            end = _age(first.lo, last.lo)
            return Amount(end, end)
        return Amount(_age(first.hi, last.lo), _age(first.lo, last.hi))

    def _worked(self, after: End, upto: End) -> tuple[End, End]:
        """Return how many working days there are at least, and at most, between two days."""
        calendar = self.household.pack.calendar
        if calendar is None:
            raise UnreadableError("working_days")
        days_worked, open_days = dates.worked(after.number, upto.number, calendar)
        is_open = any_of(after.open, upto.open)
        return End(days_worked, is_open), End(days_worked + open_days, is_open)

    # --- what stands elsewhere --------------------------------------------------------------------

    def _owner(self, node: Owner, row: Row) -> Value:
        if node.table == "households":
            return self.value(node.part)
        (key,) = node.same
        ours = _text(self.cell(*row, key))
        found: Value | None = None
        for at in range(self.household.rows[node.table]):
            theirs = self.value(node.part, (node.table, at))
            here = all_of(ours.known, self.household.exists(node.table, at), ours.code == at)
            found = _unknown_like(theirs) if found is None else found
            found = theirs.where(here, found)  # type: ignore[arg-type]
        assert found is not None
        return found

    def _parameter(self, node: Parameter, row: Row) -> Amount:
        lookup = self.household.lookup(node.name)
        keys = [self._key(column, row) for column in lookup.parameter.model.by]
        if node.day is None:
            return self._opened(node, *spanned(lookup, None, node.months, keys))
        day = self.amount(node.day, row)
        if isinstance(day.lo.number, Fraction):
            on = int(day.lo.number)
            return self._opened(node, *spanned(lookup, (on, on), node.months, keys))
        cuts = [FIRST, *(days(change) for change in lookup._changes(node.months))]
        each = [_on_day(lookup, cut, node.months, keys) for cut in cuts]
        # Of a day that is not known, nothing is taken to be known.
        missing, number = negation(day.known), day.lo.number
        lo, hi = (
            End(
                dates.by_day(number, cuts, lambda at, ends=ends: ends[at].number),  # type: ignore[misc]
                any_of(missing, dates.flag_by_day(number, cuts, [end.open for end in ends])),
            )
            for ends in ([amount.lo for amount, _ in each], [amount.hi for amount, _ in each])
        )
        has_value = dates.flag_by_day(number, cuts, [flag for _, flag in each])
        return self._opened(node, Amount(lo, hi), any_of(missing, has_value))

    def _key(self, column: str, row: Row) -> Text:
        own = column in DICTIONARY[row[0]]
        return _text(self.cell(*row, column) if own else self.cell("households", 0, column))

    def _opened(self, node: Parameter, bounds: Amount, has_value: Flag) -> Amount:
        """Return a parameter that is known only between bounds as the world has it."""
        if has_value is not True:
            self.assumed.append(has_value)
        if bounds.lo is bounds.hi and bounds.lo.open is False:
            return bounds
        model = self.household.pack.parameters[node.name].model
        fact = self.household.open_parameter(node.name, 1 if model.unit == "yuan" else 100)
        value = value_of(fact, self.world)
        assert isinstance(value, Amount)
        if value.lo.open is not False:
            return bounds
        # On every day the same: a case states one value.
        exact = narrowed(bounds, times(Fraction(max(1, node.months)), value.lo.number))
        monthly = times(Fraction(1, max(1, node.months)), exact.lo.number)
        self.opened.setdefault(node.name, []).append((monthly, negation(bounds.known)))
        return exact

    def _tier(self, node: Tier, row: Row) -> Amount:
        """Return what bands give; where more than one is possible, the span of what they may give."""
        model = self.household.pack.tiers[node.name].model
        part = self.amount(node.part, row)
        found = constant(Fraction(0))
        for band in model.bands:
            inside = _inside(band, part, 100 if model.unit == "yuan" else 1)
            found = _chosen([inside, _gift(band), found])
        return found


def _on_day(lookup: Lookup, day: int, months: int, keys: list[Text]) -> tuple[Amount, Flag]:
    try:
        return spanned(lookup, (day, day), months, keys)
    except ParameterError:
        return constant(Fraction(0), unknown=True), False


def _gift(band: BandModel) -> Amount:
    if band.exactly is not None:
        return constant(band.exactly * 100)
    hi = End(Fraction(0), True) if band.at_most is None else End(band.at_most * 100)
    return Amount(End((band.at_least or Fraction(0)) * 100), hi)


def _inside(band: BandModel, part: Amount, unit: int) -> Truth:
    low = band.above if band.above is not None else band.from_
    assert low is not None
    inside = constant(low * unit).less(part, or_equal=band.above is None)
    high = band.below if band.below is not None else band.upto
    return inside if high is None else inside & part.less(constant(high * unit), or_equal=band.below is None)


def _text(value: Value) -> Text:
    assert isinstance(value, Text)
    return value


def _unknown_like(value: Value) -> Value:
    if isinstance(value, Truth):
        return Truth(False, False)
    if isinstance(value, Text):
        return Text(value.code, value.words, False)
    return constant(Fraction(0), unknown=True)


def _age(born: End, on: End) -> End:
    number = dates.aged(born.number, on.number)
    if number is None:
        raise UnreadableError("age")
    return End(number, any_of(born.open, on.open))


def _coalesce(parts: list[Any]) -> Value:
    found: Value = reduce(lambda one, other: one.where(one.known, other), parts)
    return found


def _chosen(parts: list[Any]) -> Any:
    condition, yes, no = parts
    picked = yes.where(condition.yes, no)
    if condition.is_sure:
        return picked
    return yes.hull(no).where(condition.unknown, picked)


def _scaled(factor: Fraction) -> Callable[[list[Any]], Amount]:
    return lambda p: p[0].each(lambda end: End(times(factor, end.number), end.open))


_OF_DATES = frozenset({"year_start", "plus_months", "age", "working_days"})
_OPERATIONS: dict[str, Callable[[list[Any]], Any]] = {
    "and": lambda p: reduce(lambda a, b: a & b, p),
    "or": lambda p: reduce(lambda a, b: a | b, p),
    "not": lambda p: ~p[0],
    "if": _chosen,
    "coalesce": _coalesce,
    "stated": lambda p: Truth.of(p[0].known),
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
    "max": lambda p: reduce(Amount.larger, p),
    "min": lambda p: reduce(Amount.smaller, p),
    "monthly": _scaled(Fraction(1, 12)),
    "yearly": _scaled(Fraction(12)),
    "days": lambda p: p[0] - p[1],
    "plus_days": lambda p: p[0] + p[1],
}
