"""Sums of shared layers too many for one common denominator: whole parts and order, exactly.

In    layers of a height, each shared by so many, from the bottom up; who reaches up to which
Out   `Layers`: quotas whose whole parts and order of remainders are exact; a fraction where asked for

The sum of 100000 layers, each divided by another number, has a denominator of 100 000 bits.
Whole parts and order need far fewer: the sums are taken to 120 bits, each at most one unit of the
last bit too small for each layer. Only sums that this leaves undecided, a whole number or two of
one remainder, are worked out in full.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import gcd
from typing import TYPE_CHECKING

import numpy as np

from relief.allocation import integers
from relief.allocation.problem import Quotas, Start
from relief.errors import MethodError

if TYPE_CHECKING:
    from relief.allocation.integers import Integers

__all__ = ["Layers", "added"]

_DIGIT = 30
_HALF = 2 * _DIGIT


class Layers(Quotas):
    """Quotas of claims that reach up to the top of one of the layers.

    `least` is whole units that each gets beside its layers.
    """

    def __init__(
        self, heights: Integers, shared_by: Integers, top: Integers, least: Integers, total: int
    ) -> None:
        self._set(_heights=heights, _shared_by=shared_by, _top=top, _exact={})
        sums, *fraction = _to_120_bits(heights, shared_by)
        self._settle_whole(sums, *fraction)
        self._set(whole=least + sums[top], total=total, held=None, rule=None, base=None)
        self._set(_rank=self._ranks(*fraction), _fraction=fraction)

    _heights: Integers
    _shared_by: Integers
    _top: Integers
    _rank: Integers
    _fraction: list[Integers]
    _exact: dict[int, Fraction]

    def _set(self, **facts: object) -> None:
        for name, value in facts.items():
            object.__setattr__(self, name, value)

    def _settle_whole(self, sums: Integers, high: Integers, low: Integers) -> None:
        """Raise sums that fell short of a whole number by no more than their error."""
        doubtful = (high == 2**_HALF - 1) & (low >= 2**_HALF - 2 - high.size)
        for layer in np.flatnonzero(doubtful):
            exact = self._up_to(int(layer))
            if exact >= int(sums[layer]) + 1:
                sums[layer], high[layer], low[layer] = int(exact), 0, 0

    def _ranks(self, high: Integers, low: Integers) -> Integers:
        """Return the place of each layer's remainder among the different ones, from the smallest."""
        order = np.lexsort((low, high))
        up, error = np.diff(high[order]), 2 + high.size
        # More than one apart in the upper half is far enough; the clip keeps the sum in 64 bits.
        apart = np.clip(up, 0, 4) * 2**_HALF + np.diff(low[order])
        close = np.flatnonzero(apart <= error)
        larger = np.ones(order.size, dtype=np.int64)
        for run in np.split(close, np.flatnonzero(np.diff(close) > 1) + 1) if close.size else []:
            places = slice(int(run[0]), int(run[-1]) + 2)
            layers = sorted(order[places].tolist(), key=self._remainder)
            order[places] = layers
            left = [self._remainder(layer) for layer in layers]
            larger[run + 1] = [after > before for before, after in pairwise(left)]
        rank = np.empty_like(order)
        rank[order] = np.cumsum(larger)
        return rank

    def _remainder(self, layer: int) -> Fraction:
        return self._up_to(layer) % 1

    def _up_to(self, layer: int) -> Fraction:
        """Return the exact sum of the layers up to one."""
        if layer not in self._exact:
            heights, shared_by = self._heights[: layer + 1].tolist(), self._shared_by[: layer + 1].tolist()
            self._exact[layer] = added(heights, shared_by)
        return self._exact[layer]

    @cached_property
    def turns(self) -> Integers:
        """Whole numbers in the order of the remainders."""
        return np.asarray(self._rank[self._top])

    def shown(self) -> tuple[Integers, Integers, int]:
        """Return whole parts, and remainders in parts of ``2**120``."""
        high, low = map(integers.widen, self._fraction)
        return self.whole, ((high << _HALF) + low)[self._top], 1 << 2 * _HALF

    def start(self) -> Start:
        """Return awards that are final but for the claims whose remainder is that at the cut."""
        turns, awards = self.turns, self.whole.copy()
        spare = self.total - integers.total(awards)
        if not spare:
            return super().start()
        cut = np.partition(turns, turns.size - spare)[turns.size - spare]
        awards += turns > cut
        near = np.flatnonzero(turns == cut)
        score = self.remainder_of(int(near[0]))
        return Start(awards, near, np.ones(near.size, dtype=np.int64), score)

    def remainder_of(self, position: int) -> Fraction:
        """Return the part of one quota that is less than a unit."""
        return self._remainder(int(self._top[position]))

    def fraction(self, position: int) -> Fraction:
        """Return one quota in units."""
        return int(self.whole[position]) + self.remainder_of(position)

    @cached_property
    def denominator(self) -> int:
        """1 where all quotas are whole; else too long to be told, as are all remainders in its parts."""
        if integers.total(self.whole) < self.total:
            raise MethodError("allocation.too_many_overlaps", count=self.whole.size)
        return 1

    @cached_property
    def remainder(self) -> Integers:
        """Zeros where all quotas are whole."""
        return np.zeros(self.whole.size, dtype=np.int64) * self.denominator


def added(heights: list[int], shared_by: list[int]) -> Fraction:
    """Return the exact sum of ``height / shared_by``, neighbours first, so that few numbers are long.

    Examples
    --------
    >>> added([1, 1, 1], [2, 3, 6])
    Fraction(1, 1)
    """
    parts = list(zip(heights, shared_by, strict=True))
    while len(parts) > 1:
        odd = [parts.pop()] if len(parts) % 2 else []
        parts = [_sum(one, other) for one, other in zip(parts[::2], parts[1::2], strict=True)] + odd
    return Fraction(*parts[0]) if parts else Fraction(0)


def _sum(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    common = gcd(one[1], other[1])
    mine, theirs = other[1] // common, one[1] // common
    return one[0] * mine + other[0] * theirs, mine * one[1]


def _to_120_bits(heights: Integers, shared_by: Integers) -> tuple[Integers, Integers, Integers]:
    """Return running sums of ``heights / shared_by``: whole parts, and two times 60 bits below them."""
    part = heights // shared_by
    columns, rest = [np.cumsum(part)], heights - part * shared_by
    for _ in range(4):
        part = (rest << _DIGIT) // shared_by
        columns.append(np.cumsum(part))
        rest = (rest << _DIGIT) - part * shared_by
    for above, below in zip(reversed(columns[:-1]), reversed(columns[1:]), strict=True):
        above += below >> _DIGIT
        below &= (1 << _DIGIT) - 1
    whole, first, second, third, last = columns
    return whole, first << _DIGIT | second, third << _DIGIT | last
