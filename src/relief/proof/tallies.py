"""What the rows that belong to a household or person come to, over a few rows that may be there.

In    an aggregate, the row at hand
Out   its value: between what is certain and what is possible, as `relief.rulepack.tallies` has it
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING, Any

import z3

from relief.proof import dates
from relief.proof.household import UnreadableError
from relief.proof.numbers import Choice, all_of, any_of, choose, less, negation, number_term, total
from relief.proof.spans import span_of
from relief.proof.terms import Amount, End, Text, Truth, constant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relief.proof.numbers import Flag
    from relief.proof.spans import Span
    from relief.proof.symbols import Reading, Row
    from relief.proof.terms import Value
    from relief.rulepack.tree import Aggregate

__all__ = ["tallied"]

_ZERO = Fraction(0)


def tallied(reading: Reading, node: Aggregate, row: Row) -> Value:
    """Evaluate an aggregate for a row."""
    counts, values = [], []
    for at in range(reading.household.rows[node.table]):
        other: Row = (node.table, at)
        here = Truth.of(reading.household.exists(*other)) & _alike(reading, node.same, row, other)
        counts.append(here & reading.truth(node.where, other) if node.where is not None else here)
        values.append(reading.value(node.part, other) if node.part is not None else None)
    if node.function == "held":
        return reduce(Truth.__or__, counts)
    if node.function == "every":
        return reduce(Truth.__and__, (~here | value for here, value in zip(counts, values, strict=True)))  # type: ignore[operator]
    if node.function == "count":
        return _counted(counts)
    amounts: list[Any] = values
    if node.function == "sum":
        return _summed(counts, amounts)
    if node.function == "months_in_a_row":
        assert node.part is not None
        return _months(counts, amounts, span_of(node.part, reading.household))
    if node.function == "max":
        return _largest(counts, amounts)
    return -_largest(counts, [-amount for amount in amounts])


def _alike(reading: Reading, keys: Sequence[str], ours: Row, theirs: Row) -> Truth:
    """Return whether two rows agree in some columns."""
    found = Truth.of(True)
    for key in keys:
        one, other = (reading.cell(*row, key) for row in (ours, theirs))
        if isinstance(one, Truth) or isinstance(other, Truth):
            raise UnreadableError(key)
        known = all_of(one.known, other.known)
        if ours == theirs:
            # A row agrees with itself where its own key is known.
            found &= Truth(known, False)
            continue
        if isinstance(one, Text) and isinstance(other, Text):
            alike: Flag = one.code == other.code
        else:
            assert isinstance(one, Amount)
            assert isinstance(other, Amount)
            alike = number_term(one.lo.number) == number_term(other.lo.number)
        found &= Truth(all_of(known, alike), all_of(known, negation(alike)))
    return found


def _number(flags: list[Flag]) -> Any:
    """Return how many of some flags hold."""
    number: Any = _ZERO
    for flag in flags:
        number = total(number, choose(flag, Fraction(1), _ZERO))
    return number


def _counted(counts: list[Truth]) -> Amount:
    lo = End(_number([here.yes for here in counts]))
    if all(here.is_sure for here in counts):
        return Amount(lo, lo)
    return Amount(lo, End(_number([negation(here.no) for here in counts])))


def _summed(counts: list[Truth], amounts: list[Amount]) -> Amount:
    """Add up; a row that only may count adds to an end only what widens it."""

    def end(high: bool) -> End:
        found = End(_ZERO)
        for here, amount in zip(counts, amounts, strict=True):
            own = amount.hi if high else amount.lo
            low, top = (_ZERO, own.number) if high else (own.number, _ZERO)
            widens = less(low, top, or_equal=False)
            adds = any_of(here.yes, all_of(here.unknown, widens))
            found = found.plus(End(choose(adds, own.number, _ZERO), all_of(own.open, negation(here.no))))
        return found

    if all(here.is_sure for here in counts) and all(amount.lo is amount.hi for amount in amounts):
        found = End(_ZERO)
        for here, amount in zip(counts, amounts, strict=True):
            own = amount.lo
            found = found.plus(End(choose(here.yes, own.number, _ZERO), all_of(here.yes, own.open)))
        return Amount(found, found)
    return Amount(end(high=False), end(high=True))


def _largest(counts: list[Truth], amounts: list[Amount]) -> Amount:
    """Return the largest of the rows that count; unknown where none is certain to."""
    sure: Flag = False
    least: Any = _ZERO
    most: Any = _ZERO
    some: Flag = False
    endless: Flag = False
    for here, amount in zip(counts, amounts, strict=True):
        counted = all_of(here.yes, negation(amount.lo.open))
        above = any_of(negation(sure), less(least, amount.lo.number, or_equal=False))
        least = choose(all_of(counted, above), amount.lo.number, least)
        sure = any_of(sure, counted)
        maybe = all_of(negation(here.no), negation(amount.hi.open))
        above = any_of(negation(some), less(most, amount.hi.number, or_equal=False))
        most = choose(all_of(maybe, above), amount.hi.number, most)
        some = any_of(some, maybe)
        endless = any_of(endless, all_of(negation(here.no), amount.hi.open))
    if all(here.is_sure for here in counts) and all(amount.lo is amount.hi for amount in amounts):
        return constant(least, any_of(negation(sure), endless))
    return Amount(End(least, negation(sure)), End(most, any_of(endless, negation(sure))))


def _months(counts: list[Truth], amounts: list[Amount], around: Span) -> Amount:
    """Return the longest run of months; a row that only may count can stand in for any month."""
    months = [number_term(dates.month_of(amount.lo.number, around)) for amount in amounts]
    sure = [all_of(here.yes, amount.known) for here, amount in zip(counts, amounts, strict=True)]
    possible = [negation(here.no) for here in counts]
    least = _run(months, sure)
    if all(here.is_sure for here in counts) and all(amount.known is True for amount in amounts):
        return constant(least)
    loose = [all_of(maybe, negation(certain)) for maybe, certain in zip(possible, sure, strict=True)]
    most = _run(months, sure, loose)
    return Amount(End(least), End(most))


def _run(months: list[Any], counts: list[Flag], loose: list[Flag] | None = None) -> Choice:
    """Return the longest run among rows that count, each loose one filling a month where it helps."""
    size = len(months)
    spare = number_term(_number(loose)) if loose else z3.RealVal(0)
    reaches: list[Flag] = []
    for length in range(1, size + 1):
        starts = []
        for first in months:
            held = [any_of(*(all_of(c, m == first + step) for m, c in zip(months, counts, strict=True)))
                    for step in range(length)]  # fmt: skip
            lacking = number_term(_number([negation(flag) for flag in held]))
            starts.append(lacking <= spare)
        reaches.append(any_of(*starts, spare >= length))
    ways = [(_ZERO, negation(reaches[0]))]
    for length in range(1, size + 1):
        longer = reaches[length] if length < size else False
        ways.append((Fraction(length), all_of(reaches[length - 1], negation(longer))))
    return Choice(ways)
