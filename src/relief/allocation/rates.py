"""One rate for all: at which numbers times the rate, held between floors and caps, add up to a sum.

In    whole numbers, their floors and caps, and the sum to reach
Out   who is held at a bound, and the rate of the others, exactly

The rate is found by fixing variables. At the rate that spends what is left on those still free, a
sum of clipped amounts above what is left shows the rate to be too high, so whoever is at its floor
there stays at it for good; a sum below shows the same of those at their caps. Every comparison is
between whole numbers. For many rows, two rates around that of every so-manieth row settle most of
them first: they enclose the rate if what they give out encloses the sum, which is counted exactly.

Source: W. Thomson (2019), How to Divide When There Isn't Enough, on the proportional rule;
raising one rate until the bounds and the fund meet is water-filling.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from relief.allocation import integers
from relief.allocation.problem import AT_CAP, AT_FLOOR
from relief.allocation.ratios import Ratio, blocks

if TYPE_CHECKING:
    import numpy.typing as npt

    from relief.allocation.integers import Integers

__all__ = ["Found", "common_rate"]

_MANY, _SAMPLE = 2**17, 2**13
# Wide enough for the error of a sample, with a denominator that keeps products within 128 bits.
_ASIDE, _FINE = Fraction(1, 64), 2**40


class Found(NamedTuple):
    """Who is held (AT_FLOOR, AT_CAP, 0), what is left for the others, and their numbers together."""

    held: npt.NDArray[np.int8]
    left: int
    numbers: int


class _Columns(NamedTuple):
    """The numbers, and between which amounts each is held."""

    numbers: Integers
    floors: Integers
    caps: Integers

    def at(self, rows: slice | Integers) -> _Columns:
        return _Columns(self.numbers[rows], self.floors[rows], self.caps[rows])


def common_rate(numbers: Integers, floors: Integers, caps: Integers, wanted: int) -> Found:
    """Return who is held at a bound at the rate that spends `wanted`, and what the others share.

    Parameters
    ----------
    numbers, floors, caps : ndarray of int
        floors <= caps; a number of zero is held at its floor.
    wanted : int
        Between the floors together and what the rows can take.

    Returns
    -------
    Found
        The rate is ``left / numbers``; both are 0 where nobody is free.

    Examples
    --------
    >>> common_rate(np.array([100, 100, 800]), np.array([0, 0, 0]), np.array([100, 100, 300]), 500)
    Found(held=array([0, 0, 1], dtype=int8), left=200, numbers=200)
    """
    columns = _Columns(numbers, floors, caps)
    held = np.where(numbers > 0, 0, AT_FLOOR).astype(np.int8)
    held[(numbers == 0) & (floors == 0)] = 0
    near = np.flatnonzero(numbers > 0)
    if near.size >= _MANY:
        near = _settled(columns, wanted, held)
    return _fixed(columns, near, wanted, held)


def _fixed(columns: _Columns, near: Integers, wanted: int, held: npt.NDArray[np.int8]) -> Found:
    """Fix one bound after the other among those that are not settled yet; mark them in `held`."""
    settled = np.ones(held.size, dtype=bool)
    settled[near] = False
    free = settled & (held == 0) & (columns.numbers > 0)
    left = wanted - integers.total(columns.floors[settled & ~free & (held != AT_CAP)])
    left -= integers.total(columns.caps[settled & (held == AT_CAP)])
    surely = integers.total(columns.numbers[free])
    ours = columns.at(near)
    while True:
        together = surely + integers.total(ours.numbers)
        if not together:
            return Found(held, 0, 0)
        whole, remainder = _ratio(ours.numbers, left, together).divided(slice(None))
        low = whole < ours.floors
        high = (whole > ours.caps) | ((whole == ours.caps) & (remainder > 0))
        clipped = integers.total(np.where(low, ours.floors, np.where(high, ours.caps, whole)))
        clipped_rest = integers.total(remainder[~(low | high)])
        # What the rows that are surely free get is left * surely / together.
        excess = together * (clipped - left) + clipped_rest + left * surely
        if excess == 0:
            held[near[low]], held[near[high]] = AT_FLOOR, AT_CAP
            fixed = low | high
        else:
            fixed = low if excess > 0 else high
            held[near[fixed]] = AT_FLOOR if excess > 0 else AT_CAP
        left -= integers.total(np.where(low, ours.floors, ours.caps)[fixed])
        near, ours = near[~fixed], ours.at(np.flatnonzero(~fixed))
        if excess == 0:
            return Found(held, left, surely + integers.total(ours.numbers))


def _settled(columns: _Columns, wanted: int, held: npt.NDArray[np.int8]) -> Integers:
    """Mark in `held` who is at a bound at two rates that enclose the rate; return who may or may not be."""
    everybody = np.flatnonzero(columns.numbers > 0)
    slow, fast = _guessed(columns, everybody, wanted)
    near, at_bounds, least, most = [], np.zeros(held.size, dtype=np.int8), 0, 0
    for rows in blocks(held.size):
        numbers, floors, caps = columns.at(rows)
        slowly, _ = _ratio(numbers, slow.numerator, slow.denominator).divided(slice(None))
        quickly, _ = _ratio(numbers, fast.numerator, fast.denominator).divided(slice(None))
        most += integers.total(np.clip(slowly + 1, floors, caps))
        least += integers.total(np.clip(quickly, floors, caps))
        low, high = quickly < floors, slowly >= caps
        free = (slowly >= floors) & (quickly < caps)
        at_bounds[rows] = np.where(low, AT_FLOOR, np.where(high, AT_CAP, 0))
        near.append(np.flatnonzero(~(low | high | free)) + rows.start)
    if not most <= wanted <= least:
        return everybody
    claims_nothing = columns.numbers == 0
    held[:] = np.where(claims_nothing, held, at_bounds)
    found = np.concatenate(near)
    return np.asarray(found[~claims_nothing[found]])


def _guessed(columns: _Columns, everybody: Integers, wanted: int) -> tuple[Fraction, Fraction]:
    """Return rates a little below and above that of every so-manieth row."""
    some = columns.at(everybody[:: everybody.size // _SAMPLE])
    wanted = wanted * some.numbers.size // everybody.size
    wanted = min(max(wanted, integers.total(some.floors)), integers.total(some.caps))
    near, held = np.arange(some.numbers.size), np.zeros(some.numbers.size, dtype=np.int8)
    found = _fixed(some, near, wanted, held)
    rate = Fraction(found.left, found.numbers) if found.numbers else Fraction(0)
    return tuple((rate * (1 + aside)).limit_denominator(_FINE) for aside in (-_ASIDE, _ASIDE))  # type: ignore[return-value]


def _ratio(numbers: Integers, num: int, den: int) -> Ratio:
    return Ratio(numbers, num, den, int(numbers.max(initial=0)))
