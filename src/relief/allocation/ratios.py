"""Claims times a rate, cut into whole units and remainders, over columns that stay in the cache.

In    whole numbers, and a rate as a fraction
Out   floor(number * rate), and what is left over the rate's denominator

A product that passes 2**63 is not formed: the quotient is guessed in floating point, the
remainder follows from wrapped products, which are right modulo 2**64, and moves the guess to
the quotient that leaves a remainder between zero and the denominator. No float decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from relief.allocation import integers
from relief.allocation.integers import INT64_MAX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relief.allocation.integers import Integers

__all__ = ["Ratio", "blocks"]

_BLOCK = 2**15
# The guess is then at most three off, and three denominators stay below 2**63.
_EXACT_FLOAT, _SAFE_DENOMINATOR = 2**50, 2**60


def blocks(size: int) -> Iterator[slice]:
    """Yield slices that together are all rows."""
    for start in range(0, size, _BLOCK):
        yield slice(start, min(size, start + _BLOCK))


@dataclass(frozen=True, eq=False)
class Ratio:
    """Whole numbers times ``num / den``, num and den not reduced."""

    numbers: Integers
    num: int
    den: int
    largest: int

    @property
    def is_plain(self) -> bool:
        """Whether every product stays within 63 bits."""
        return self.numbers.dtype != object and max(self.largest * self.num, self.den) <= INT64_MAX

    @property
    def is_wrapped(self) -> bool:
        """Whether the quotients can be guessed in floating point and put right."""
        quotient = Fraction(self.largest * self.num, self.den)
        return self.numbers.dtype != object and quotient < _EXACT_FLOAT and self.den < _SAFE_DENOMINATOR

    def whole(self) -> Integers:
        """Return the whole parts: int64 where they fit."""
        if not (self.is_plain or self.is_wrapped):
            return integers.narrow(integers.widen(self.numbers) * self.num // self.den)
        whole = np.empty(self.numbers.size, dtype=np.int64)
        for rows in blocks(whole.size):
            if self.is_plain:
                np.multiply(self.numbers[rows], self.num, out=whole[rows])
                np.floor_divide(whole[rows], self.den, out=whole[rows])
            else:
                whole[rows] = self._guessed(self.numbers[rows])
        return whole

    def remainders(self, whole: Integers, rows: slice | Integers) -> Integers:
        """Return what the whole parts of some rows leave, in parts of the denominator."""
        numbers, taken = self.numbers[rows], whole[rows]
        if self.is_plain or self.is_wrapped:
            return _wrapped(numbers, self.num, taken, self.den)
        return integers.narrow(integers.widen(numbers) * self.num - integers.widen(taken) * self.den)

    def _guessed(self, numbers: Integers) -> Integers:
        guess = (numbers * (self.num / self.den)).astype(np.int64)
        left = _wrapped(numbers, self.num, guess, self.den)
        while (wrong := (left < 0) | (left >= self.den)).any():
            step = np.where(left < 0, -1, 1) * wrong
            guess += step
            left -= step * self.den
        return guess


def _wrapped(numbers: Integers, num: int, whole: Integers, den: int) -> Integers:
    """Return ``numbers * num - whole * den`` modulo 2**64, as int64."""
    with np.errstate(over="ignore"):
        left = numbers * _modulo(num)
        left -= whole * _modulo(den)
    return np.asarray(left)


def _modulo(value: int) -> np.int64:
    return np.uint64(value % 2**64).astype(np.int64)
