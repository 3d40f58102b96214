"""Quotas that are nothing but one rate times the claims, worked out only as far as they are asked for.

In    a `Ratio`: the claims, the fund and the claims together
Out   `Shares`, and awards in which only the claims near the cut are still undecided

Whether a claim far from the cut gets a spare unit needs no exact remainder: a product in floating
point is off by less than `_SLACK`, so outside a band that much wider than the one looked at, it
tells on which side of the cut the claim is. Who is inside is worked out exactly, and the cut must
be found there, at a distance from the ends of the band; else everybody is worked out exactly.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from relief.allocation.problem import Quotas, Rule, Start
from relief.allocation.ratios import blocks

if TYPE_CHECKING:
    from relief.allocation.integers import Integers
    from relief.allocation.ratios import Ratio

__all__ = ["Shares"]

_MANY, _SAMPLE, _MARGIN = 2**17, 2**14, 2**8
# Below 2**32 units a quota is off by no more than 2**-20 in floating point, its distance to a
# whole number by no more than twice as much.
_MOST_UNITS, _MOST_CLAIM, _SLACK = 2**32, 2**53, Fraction(1, 2**18)
_HEAP = 2**-12


class Shares(Quotas):
    """Quotas in proportion to the claims, without bounds."""

    def __init__(self, ratio: Ratio) -> None:
        rule = Rule("rate", Fraction(ratio.num, ratio.den))
        facts = {"denominator": ratio.den, "total": ratio.num, "held": None, "rule": rule, "base": None}
        for name, value in {"_ratio": ratio, **facts}.items():
            object.__setattr__(self, name, value)

    _ratio: Ratio

    @cached_property
    def whole(self) -> Integers:
        """Every whole part."""
        return self._ratio.whole()

    @cached_property
    def remainder(self) -> Integers:
        """Every remainder."""
        return self._ratio.divided(slice(None))[1]

    def divided(self, positions: Integers) -> tuple[Integers, Integers]:
        """Return whole parts and remainders of some quotas."""
        return self._ratio.divided(positions)

    def start(self) -> Start:
        """Return awards that are final but for the claims near the cut; of all claims where there are few."""
        ratio = self._ratio
        is_small = ratio.largest * ratio.num < _MOST_UNITS * ratio.den and ratio.largest < _MOST_CLAIM
        if ratio.numbers.size < _MANY or not is_small:
            return super().start()
        low, high = self._band()
        awards, near = self._beside(low, high)
        awards[near], remainders = ratio.divided(near)
        inside = (Fraction(low) + _SLACK, Fraction(high) - _SLACK)
        return Start(awards, near, remainders, Fraction(1, ratio.den), inside)

    def _band(self) -> tuple[float, float]:
        """Return two shares of a unit that probably enclose the cut, by every so-manieth claim."""
        ratio = self._ratio
        some = np.arange(0, ratio.numbers.size, ratio.numbers.size // _SAMPLE)
        remainders = np.sort(ratio.divided(some)[1] / ratio.den)
        cut = some.size - round(float(remainders.sum()))
        low, high = remainders[max(0, cut - _MARGIN)], remainders[min(some.size - 1, cut + _MARGIN)]
        # Where remainders lie in heaps, the cut is likely to lie in the heap at an end.
        return float(low) - _HEAP, float(high) + _HEAP

    def _beside(self, low: float, high: float) -> tuple[Integers, Any]:
        """Return awards as if the band were the cut, and who is in the band."""
        numbers, rate = self._ratio.numbers, self._ratio.num / self._ratio.den
        awards, near = np.empty(numbers.size, dtype=np.int64), []
        quota, above = np.empty((2, min(numbers.size, 2**15)))
        for rows in blocks(numbers.size):
            size = rows.stop - rows.start
            x, y = quota[:size], above[:size]
            np.multiply(numbers[rows], rate, out=x)
            np.subtract(x, high, out=x)
            np.ceil(x, out=y)
            np.copyto(awards[rows], y, casting="unsafe")
            np.subtract(y, x, out=y)
            near.append(np.flatnonzero(y <= high - low) + rows.start)
        return awards, np.concatenate(near)
