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
from typing import TYPE_CHECKING, Any, NamedTuple

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

    def at(self, rows: Integers) -> _Columns:
        """Return some rows."""
        return _Columns(self.numbers[rows], self.floors[rows], self.caps[rows])

    def block(self, rows: slice) -> tuple[Integers, Any, Any]:
        """Return some rows; a bound that all have is one number."""
        floors, caps = (
            bounds[0] if integers.is_constant(bounds) else bounds[rows] for bounds in (self.floors, self.caps)
        )
        return self.numbers[rows], floors, caps


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
    held = np.zeros(numbers.size, dtype=np.int8)
    start = _settled(columns, wanted, held) if numbers.size >= _MANY else None
    return _fixed(columns, start or _unsettled(columns, wanted, held), held)


class _Open(NamedTuple):
    """Who may be free or held, what is left for them and the free, and the numbers that surely are free."""

    near: Integers
    left: int
    surely: int


def _fixed(columns: _Columns, start: _Open, held: npt.NDArray[np.int8]) -> Found:
    """Fix one bound after the other among those that are not settled yet; mark them in `held`."""
    near, left, surely = start
    ours = columns.at(near)
    while together := surely + integers.total(ours.numbers):
        whole, remainder = _ratio(ours.numbers, left, together).divided(slice(None))
        low = whole < ours.floors
        high = (whole > ours.caps) | ((whole == ours.caps) & (remainder > 0))
        clipped = integers.total(np.where(low, ours.floors, np.where(high, ours.caps, whole)))
        clipped_rest = integers.total(remainder[~(low | high)])
        # Those who are surely free get left * surely / together.
        excess = together * (clipped - left) + clipped_rest + left * surely
        fixed = low | high if excess == 0 else low if excess > 0 else high
        held[near[fixed]] = np.where(low, AT_FLOOR, AT_CAP)[fixed]
        left -= integers.total(np.where(low, ours.floors, ours.caps)[fixed])
        near, ours = near[~fixed], ours.at(np.flatnonzero(~fixed))
        if excess == 0:
            return Found(held, left, surely + integers.total(ours.numbers))
    return Found(held, 0, 0)


def _unsettled(columns: _Columns, wanted: int, held: npt.NDArray[np.int8]) -> _Open:
    """Mark in `held` those of zero at their floors, and leave the others open."""
    nothing = np.flatnonzero(columns.numbers == 0)
    floors = columns.floors[nothing]
    held[:] = 0
    held[nothing] = np.where(floors > 0, AT_FLOOR, 0)
    return _Open(np.flatnonzero(columns.numbers), wanted - integers.total(floors), 0)


def _settled(columns: _Columns, wanted: int, held: npt.NDArray[np.int8]) -> _Open | None:
    """Mark in `held` who is at a bound at two rates that enclose the rate; None where they do not."""
    slow, fast = _guessed(columns, wanted)
    near, least, most, spent, surely = [], 0, 0, 0, 0
    for rows in blocks(held.size):
        numbers, floors, caps = columns.block(rows)
        slowly, _ = _ratio(numbers, slow.numerator, slow.denominator).divided(slice(None))
        quickly, _ = _ratio(numbers, fast.numerator, fast.denominator).divided(slice(None))
        most += integers.total(np.clip(slowly + 1, floors, caps))
        least += integers.total(np.clip(quickly, floors, caps))
        low, high = quickly < floors, slowly >= caps
        maybe = (slowly < floors) | (quickly >= caps)
        held[rows] = high.view(np.int8) - low.view(np.int8)
        spent += integers.total(np.broadcast_to(floors, low.shape)[low])
        spent += integers.total(np.broadcast_to(caps, high.shape)[high])
        surely += integers.total(numbers) - integers.total(numbers[maybe])
        near.append(np.flatnonzero(maybe ^ (low | high)) + rows.start)
    if not most <= wanted <= least:
        return None
    np.copyto(held, 0, where=(columns.numbers == 0) & (columns.floors == 0))
    return _Open(np.concatenate(near), wanted - spent, surely)


def _guessed(columns: _Columns, wanted: int) -> tuple[Fraction, Fraction]:
    """Return rates a little below and above that of every so-manieth row."""
    size = columns.numbers.size
    some = columns.at(np.arange(0, size, max(1, size // _SAMPLE)))
    share = wanted * some.numbers.size // size
    share = min(max(share, integers.total(some.floors)), integers.total(some.caps))
    held = np.zeros(some.numbers.size, dtype=np.int8)
    found = _fixed(some, _unsettled(some, share, held), held)
    rate = Fraction(found.left, max(1, found.numbers))
    slow, fast = ((rate * (1 + aside)).limit_denominator(_FINE) for aside in (-_ASIDE, _ASIDE))
    return slow, fast


def _ratio(numbers: Integers, num: int, den: int) -> Ratio:
    return Ratio(numbers, num, den, int(numbers.max(initial=0)))
