"""One level for all: the height at which clipped awards meet the fund, found exactly.

In    for each claim the ends between which its award follows the level, and the sum to reach
Out   the level as a fraction: sum of clip(level, low, high) = the sum, exactly

Filling vessels until the water is used up: the level lies between two of the ends, and between
them the sum is a straight line. For many vessels two heights around the level of every so-manieth
are tried first; the ends that remain between them are halved until none is left.

Source: C. W. Kaminski (2000), 'Hydraulic' rationing, Mathematical Social Sciences 40.
"""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Any

import numpy as np

from relief.allocation import integers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relief.allocation.integers import Integers

__all__ = ["level"]

_BLOCK = 2**15
_MANY, _SAMPLE = 2**17, 2**12
# Wide enough for the error of a sample.
_ASIDE = Fraction(1, 40)


def level(low: Integers, high: Integers, wanted: int) -> Fraction:
    """Return the height at which the clipped level adds up to `wanted`.

    Parameters
    ----------
    low, high : ndarray of int
        Ends of each vessel, low <= high.
    wanted : int
        Between the totals of `low` and of `high`.

    Returns
    -------
    Fraction
        The lowest such height.

    Examples
    --------
    >>> level(np.array([0, 0, 0]), np.array([100, 200, 300]), 350)
    Fraction(125, 1)
    """
    vessels = _Vessels(low, high)
    for guess in _guesses(low, high, wanted):
        vessels.narrow(guess, wanted)
    vessels.close()
    ends = vessels.ends()
    while ends.size:
        middle = ends.size // 2
        vessels.narrow(int(ends[middle]), wanted)
        ends = ends[middle + 1 :] if vessels.below == ends[middle] else ends[:middle]
    vessels.close()
    return vessels.meeting(wanted)


class _Vessels:
    """Vessels between two heights that enclose the level, and how full all of them are at the lower."""

    def __init__(self, low: Integers, high: Integers) -> None:
        self.low, self.high = low, high
        self.below, _, self.held = integers.extent(low)
        _, self.above, _ = integers.extent(high)
        self.rising, self.aside = 0, 0

    def narrow(self, height: int, wanted: int) -> None:
        """Move the upper or the lower of the two heights to `height`."""
        if not self.below < height < self.above:
            return
        aside = self.aside + self.rising * (height - self.below)
        held = aside + sum(integers.total(np.clip(height, low, high)) for low, high in self._blocks())
        if held < wanted:
            self.below, self.held, self.aside = height, held, aside
        else:
            self.above = height

    def close(self) -> None:
        """Put aside the vessels without an end between the heights: they stay as they are, or rise."""
        lows, highs = [], []
        for low, high in self._blocks():
            moving = (low < self.above) & (high > self.below)
            still = moving & ((low > self.below) | (high < self.above))
            self.rising += int(np.count_nonzero(moving)) - int(np.count_nonzero(still))
            lows.append(np.broadcast_to(low, still.shape)[still])
            highs.append(np.broadcast_to(high, still.shape)[still])
        self.low, self.high = np.concatenate(lows), np.concatenate(highs)
        self.aside = self.held - integers.total(np.clip(self.below, self.low, self.high))

    def _blocks(self) -> Iterator[tuple[Any, Any]]:
        """Yield the vessels' ends; an end that all have is one number, but not both."""
        both = integers.is_constant(self.low) and integers.is_constant(self.high)
        low, high = (self.low, self.high) if both else map(integers.single, (self.low, self.high))
        for start in range(0, max(1, self.low.size), _BLOCK):
            rows = slice(start, start + _BLOCK)
            yield low[rows] if np.ndim(low) else low, high[rows] if np.ndim(high) else high

    def ends(self) -> Integers:
        """Return the ends strictly between the two heights, upwards."""
        ends = np.concatenate([self.low, self.high])
        return np.sort(ends[(ends > self.below) & (ends < self.above)])

    def meeting(self, wanted: int) -> Fraction:
        """Return the height on the straight line that is left between the two."""
        short = wanted - self.held
        return self.below + Fraction(short, self.rising) if short > 0 else Fraction(self.below)


def _guesses(low: Integers, high: Integers, wanted: int) -> list[int]:
    """Return heights a little below and above the level of every so-manieth vessel."""
    if low.size < _MANY:
        return []
    some = slice(None, None, low.size // _SAMPLE)
    lows, highs = low[some].copy(), high[some]
    least, most = integers.total(lows), integers.total(highs)
    share = Fraction(wanted, low.size) * lows.size
    margin = (most - least) * _ASIDE
    ends = (max(Fraction(least), share - margin), min(Fraction(most), share + margin))
    return [floor(level(lows, highs, floor(end))) for end in ends if least <= end <= most]
