"""What a group of rows comes to, between what is certain and what is possible.

In    for each row its group, whether it counts (yes, no, unknown) and its value
Out   per group a count, sum, extreme or run of months as an interval

A row that may count widens the interval. Two tallies of the same groups merge, so rows may come
in blocks and in any order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import lcm
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from relief.rulepack.values import Amount, Bound, exactly, times

if TYPE_CHECKING:
    from relief.rulepack.values import Flags, Integers, Truth, Value

__all__ = ["TALLIES", "Count", "Extreme", "Months", "Sum", "Tally"]

_MOST = 2**63 - 1
# No number that `times` gives is as low.
_BELOW_ALL = -(2**2049)


class Tally(Protocol):
    """Something that adds rows up per group."""

    def add(self, groups: Integers, counts: Truth, value: Value | None) -> None:
        """Take rows into their groups."""

    def taken(self, places: Integers) -> Tally:
        """Return the tally of some groups, one after another."""

    def merged(self, other: Any) -> Tally:
        """Return the tally of both, group by group."""

    def amount(self) -> Amount:
        """Return what each group comes to."""


def _added(size: int, groups: Integers, numbers: Integers) -> Integers:
    """Add whole numbers up per group, exactly."""
    largest = max(abs(int(numbers.min())), abs(int(numbers.max()))) * len(numbers) if len(numbers) else 0
    sums = np.zeros(size, dtype=object if largest > _MOST or numbers.dtype == object else np.int64)
    np.add.at(sums, groups, numbers.astype(sums.dtype, copy=False))
    return sums


def _plus(left: Integers, right: Integers) -> Integers:
    if left.dtype == object or right.dtype == object:
        return np.asarray(left.astype(object) + right.astype(object))
    largest = sum(
        max(abs(int(side.min())), abs(int(side.max()))) if side.size else 0 for side in (left, right)
    )
    if largest > _MOST:
        return np.asarray(left.astype(object) + right.astype(object))
    return np.asarray(left + right)


@dataclass
class Count:
    """How many rows count: certainly, and possibly."""

    size: int
    least: Integers = field(init=False)
    most: Integers = field(init=False)

    def __post_init__(self) -> None:
        self.least = np.zeros(self.size, dtype=np.int64)
        self.most = np.zeros(self.size, dtype=np.int64)

    def add(self, groups: Integers, counts: Truth, value: Value | None) -> None:
        """Take rows into their groups; `value` says nothing here."""
        del value
        certain = np.bincount(groups[counts.yes], minlength=self.size)
        self.least += certain
        maybe = counts.unknown
        self.most += certain + np.bincount(groups[maybe], minlength=self.size) if maybe.any() else certain

    def taken(self, places: Integers) -> Count:
        """Return the counts of some groups."""
        some = Count(0)
        some.size, some.least, some.most = len(places), self.least[places], self.most[places]
        return some

    def merged(self, other: Count) -> Count:
        """Return the counts of both."""
        both = Count(0)
        both.size, both.least, both.most = self.size, self.least + other.least, self.most + other.most
        return both

    def amount(self) -> Amount:
        """Return the counts as an interval."""
        lo = Bound(self.least, 1)
        return Amount(lo, lo if np.array_equal(self.least, self.most) else Bound(self.most, 1))


@dataclass
class Sum:
    """The sum of an amount over the rows that count."""

    size: int
    den: int = 1
    lo: Integers = field(init=False)
    hi: Integers = field(init=False)
    lo_open: Flags = field(init=False)
    hi_open: Flags = field(init=False)

    def __post_init__(self) -> None:
        self.lo = np.zeros(self.size, dtype=np.int64)
        self.hi = self.lo
        self.lo_open = np.zeros(self.size, dtype=bool)
        self.hi_open = self.lo_open

    def add(self, groups: Integers, counts: Truth, value: Value | None) -> None:
        """Take rows into their groups."""
        assert isinstance(value, Amount)
        lo, hi, den = _over_one(value, self.den)
        self._rescale(den)
        is_sure = value.is_exact and not counts.unknown.any() and self.lo is self.hi
        self.lo = _plus(self.lo, _added(self.size, groups, _counted(lo, counts, np.minimum)))
        self.lo_open = _marked(self.lo_open, groups, lo.open, counts)
        if is_sure:
            self.hi, self.hi_open = self.lo, self.lo_open
            return
        self.hi = _plus(self.hi, _added(self.size, groups, _counted(hi, counts, np.maximum)))
        self.hi_open = _marked(self.hi_open, groups, hi.open, counts)

    def _rescale(self, den: int) -> None:
        factor, self.den = den // self.den, den
        if factor != 1:
            same, self.lo = self.lo is self.hi, times(self.lo, factor)
            self.hi = self.lo if same else times(self.hi, factor)

    def taken(self, places: Integers) -> Sum:
        """Return the sums of some groups."""
        some = Sum(0, self.den)
        some.size, some.lo, some.lo_open = len(places), self.lo[places], self.lo_open[places]
        some.hi, some.hi_open = (some.lo, some.lo_open) if self.lo is self.hi else (
            self.hi[places], self.hi_open[places])  # fmt: skip
        return some

    def merged(self, other: Sum) -> Sum:
        """Return the sums of both."""
        both = Sum(0, lcm(self.den, other.den))
        left, right = both.den // self.den, both.den // other.den
        both.size = self.size
        both.lo = _plus(times(self.lo, left), times(other.lo, right))
        both.hi = _plus(times(self.hi, left), times(other.hi, right))
        both.lo_open, both.hi_open = self.lo_open | other.lo_open, self.hi_open | other.hi_open
        return both

    def amount(self) -> Amount:
        """Return the sums as intervals."""
        lo = Bound(self.lo, self.den, self.lo_open if self.lo_open.any() else None)
        if self.lo is self.hi:
            return Amount(lo, lo)
        return Amount(lo, Bound(self.hi, self.den, self.hi_open if self.hi_open.any() else None))


def _counted(end: Bound, counts: Truth, pick: Any) -> Integers:
    """Return what each row adds to an end of the sum: one that may count, only what widens it."""
    maybe = counts.unknown
    whole = np.where(counts.yes, end.num, 0)
    if maybe.any():
        whole = np.where(maybe, pick(end.num, 0), whole)
    return whole if end.open is None else np.where(end.open, 0, whole)


def _marked(marks: Flags, groups: Integers, is_open: Flags | None, counts: Truth) -> Flags:
    if is_open is None:
        return marks
    marked = marks.copy()
    marked[groups[is_open & ~counts.no]] = True
    return marked


def _over_one(value: Amount, den: int) -> tuple[Bound, Bound, int]:
    """Return both ends over one common denominator."""
    dens = {den} if den != 1 else set()
    for end in (value.lo, value.hi):
        dens |= {end.den} if isinstance(end.den, int) else set(map(int, np.unique(end.den)))
    common = lcm(*dens)

    def brought(end: Bound) -> Bound:
        if isinstance(end.den, int):
            return Bound(times(end.num, common // end.den), common, end.open)
        return Bound(times(end.num, common // end.den), common, end.open)

    lo = brought(value.lo)
    return lo, (lo if value.lo is value.hi else brought(value.hi)), common


@dataclass
class Extreme:
    """The largest value among the rows that count; the least of turned signs for ``min``."""

    size: int
    sign: int = 1
    den: int = 1
    least: Integers = field(init=False)
    most: Integers = field(init=False)
    some: Flags = field(init=False)
    sure: Flags = field(init=False)
    endless: Flags = field(init=False)

    def __post_init__(self) -> None:
        self.least = np.full(self.size, -_MOST - 1)
        self.most = self.least.copy()
        self.some, self.sure, self.endless = (np.zeros(self.size, dtype=bool) for _ in range(3))

    def add(self, groups: Integers, counts: Truth, value: Value | None) -> None:
        """Take rows into their groups."""
        assert isinstance(value, Amount)
        lo, hi, den = _over_one(value if self.sign > 0 else -value, self.den)
        self._rescale(den, wide=object in (lo.num.dtype, hi.num.dtype))
        sure = counts.yes & ~lo.is_open
        np.maximum.at(self.least, groups[sure], lo.num[sure])
        self.sure[groups[sure]] = True
        self.some[groups[counts.yes]] = True
        maybe = ~counts.no & ~hi.is_open
        np.maximum.at(self.most, groups[maybe], hi.num[maybe])
        self.endless[groups[~counts.no & hi.is_open]] = True

    def _rescale(self, den: int, *, wide: bool) -> None:
        factor, self.den = den // self.den, den
        self.least = _widened(self.least, factor, wide=wide)
        self.most = _widened(self.most, factor, wide=wide)

    def taken(self, places: Integers) -> Extreme:
        """Return the extremes of some groups."""
        some = Extreme(0, self.sign, self.den)
        some.size, some.least, some.most = len(places), self.least[places], self.most[places]
        some.some, some.sure, some.endless = self.some[places], self.sure[places], self.endless[places]
        return some

    def merged(self, other: Extreme) -> Extreme:
        """Return the extremes of both."""
        both, last = self.taken(np.arange(self.size)), other.taken(np.arange(other.size))
        den = lcm(both.den, last.den)
        wide = False
        for _ in range(2):  # what one side comes to over the common denominator may widen the other
            both._rescale(den, wide=wide)
            last._rescale(den, wide=wide)
            wide = object in (both.least.dtype, both.most.dtype, last.least.dtype, last.most.dtype)
        both.least, both.most = np.maximum(both.least, last.least), np.maximum(both.most, last.most)
        both.some, both.sure = both.some | last.some, both.sure | last.sure
        both.endless = both.endless | last.endless
        return both

    def amount(self) -> Amount:
        """Return the extremes; unknown where no row is certain to count."""
        none = ~self.sure
        endless = self.endless | ~self.some
        lo = Bound(np.where(none, 0, self.least), self.den, none if none.any() else None)
        hi = Bound(np.where(endless, 0, self.most), self.den, endless if endless.any() else None)
        found = Amount(lo, lo if np.array_equal(lo.num, hi.num) and np.array_equal(none, endless) else hi)
        return found if self.sign > 0 else -found


def _widened(ends: Integers, factor: int, *, wide: bool) -> Integers:
    """Return ends times a factor, as Python ints if `wide`; an end of no rows stays below all others."""
    if factor == 1 and wide == (ends.dtype == object):
        return ends
    none = ends == _nothing(ends)
    whole = times(np.where(none, 0, ends), factor)
    whole = whole.astype(object) if wide else whole
    return np.where(none, _nothing(whole), whole)


def _nothing(ends: Integers) -> int:
    return _BELOW_ALL if ends.dtype == object else -_MOST - 1


@dataclass
class Months:
    """The longest run of calendar months each with a row that counts.

    A row without a date, or one that only may count, can stand in for a month that is missing.
    """

    size: int
    groups: list[Integers] = field(default_factory=list)
    months: list[Integers] = field(default_factory=list)
    sure: list[Flags] = field(default_factory=list)
    dated: list[Flags] = field(default_factory=list)

    def add(self, groups: Integers, counts: Truth, value: Value | None) -> None:
        """Take rows into their groups."""
        assert isinstance(value, Amount)
        keep = ~counts.no
        known = value.known
        days = np.where(known, value.lo.num, 0).astype("datetime64[D]")
        self.groups.append(groups[keep])
        self.months.append(days.astype("datetime64[M]").astype(np.int64)[keep])
        self.sure.append((counts.yes & known)[keep])
        self.dated.append(known[keep])

    def taken(self, places: Integers) -> Months:
        """Return the runs of some groups."""
        some = Months(len(places))
        if not self.groups:
            return some
        groups, months, sure, dated = map(np.concatenate, (self.groups, self.months, self.sure, self.dated))
        order = np.argsort(groups, kind="stable")
        first = np.searchsorted(groups[order], places, "left")
        counts = np.searchsorted(groups[order], places, "right") - first
        at = np.repeat(first - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts) + np.arange(
            counts.sum()
        )
        rows = order[at]
        some.groups, some.months = [np.repeat(np.arange(len(places)), counts)], [months[rows]]
        some.sure, some.dated = [sure[rows]], [dated[rows]]
        return some

    def merged(self, other: Months) -> Months:
        """Return the runs of both."""
        both = Months(self.size)
        for name in ("groups", "months", "sure", "dated"):
            setattr(both, name, getattr(self, name) + getattr(other, name))
        return both

    def amount(self) -> Amount:
        """Return the longest runs as an interval."""
        if not self.groups:
            return exactly(np.zeros(self.size, dtype=np.int64))
        groups, months, sure, dated = map(np.concatenate, (self.groups, self.months, self.sure, self.dated))
        least = _longest(self.size, groups[sure], months[sure])
        if sure.all():
            return exactly(least)
        most = least.copy()
        for group in np.unique(groups[~sure]):
            ours = groups == group
            loose = int((ours & ~dated).sum())
            most[group] = _reach(np.unique(months[ours & dated]), loose)
        lo = Bound(least, 1)
        return Amount(lo, Bound(most, 1))


def _longest(size: int, groups: Integers, months: Integers) -> Integers:
    """Return the longest run of consecutive months per group."""
    longest = np.zeros(size, dtype=np.int64)
    if not len(groups):
        return longest
    pairs = np.unique(np.stack([groups, months]), axis=1)
    # Months in a run keep their distance from their rank; a new run begins where it changes.
    begins = np.concatenate([[True], (np.diff(pairs[0]) != 0) | (np.diff(pairs[1]) != 1)])
    run = np.cumsum(begins) - 1
    np.maximum.at(longest, pairs[0][begins], np.bincount(run))
    return longest


def _reach(months: Integers, loose: int) -> int:
    """Return the longest run that so many rows without a month could make with those that have one."""
    best, first = loose, 0
    for last in range(len(months)):
        while months[last] - months[first] - (last - first) > loose:
            first += 1
        best = max(best, last - first + 1 + loose)
    return best


TALLIES: dict[str, Any] = {
    "count": Count,
    "held": Count,
    "every": Count,
    "sum": Sum,
    "max": Extreme,
    "min": lambda size: Extreme(size, -1),
    "months_in_a_row": Months,
}
