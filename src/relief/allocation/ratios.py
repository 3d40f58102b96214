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
from functools import cached_property
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
    """Whole numbers times ``num / den``, num and den not reduced.

    Attributes
    ----------
    numbers : ndarray of int
        At least 0; none above `largest`.
    num, den, largest : int
    """

    numbers: Integers
    num: int
    den: int
    largest: int

    @cached_property
    def is_plain(self) -> bool:
        """Whether every product stays within 63 bits."""
        return self.numbers.dtype != object and max(self.largest * self.num, self.den) <= INT64_MAX

    @cached_property
    def is_guessed(self) -> bool:
        """Whether a guessed quotient can be put right within 63 bits."""
        quotient = Fraction(self.largest * self.num, self.den)
        return self.numbers.dtype != object and quotient < _EXACT_FLOAT and self.den < _SAFE_DENOMINATOR

    def whole(self) -> Integers:
        """Return all whole parts, without a column for the remainders."""
        if not (self.is_plain or self.is_guessed):
            return self.divided(slice(None))[0]
        whole = np.empty(self.numbers.size, dtype=np.int64)
        remainder, other = np.empty((2, min(_BLOCK, whole.size)), dtype=np.int64)
        for part in blocks(whole.size):
            size = part.stop - part.start
            self._divide(self.numbers[part], whole[part], remainder[:size], other[:size])
        return whole

    def divided(self, rows: slice | Integers) -> tuple[Integers, Integers]:
        """Return whole parts and remainders of some numbers, int64 where they fit."""
        numbers = self.numbers[rows]
        if self.is_plain or self.is_guessed:
            whole, remainder = np.empty((2, numbers.size), dtype=np.int64)
            other = np.empty(min(_BLOCK, numbers.size), dtype=np.int64)
            for part in blocks(numbers.size):
                self._divide(numbers[part], whole[part], remainder[part], other[: part.stop - part.start])
            return whole, remainder
        product = integers.widen(numbers) * self.num
        quotient = product // self.den
        return integers.narrow(quotient), integers.narrow(product - quotient * self.den)

    def _divide(self, numbers: Integers, whole: Integers, remainder: Integers, other: Integers) -> None:
        """Fill in whole parts and remainders; products wrap, their difference does not."""
        np.multiply(numbers, _modulo(self.num), out=remainder)
        if self.is_plain:
            np.floor_divide(remainder, self.den, out=whole)
        else:
            np.multiply(numbers, self.num / self.den, out=other.view(np.float64))
            np.copyto(whole, other.view(np.float64), casting="unsafe")
        np.multiply(whole, _modulo(self.den), out=other)
        np.subtract(remainder, other, out=remainder)
        if not self.is_plain:
            self._put_right(whole, remainder)

    def _put_right(self, whole: Integers, remainder: Integers) -> None:
        # As an unsigned number a negative remainder is far above the denominator.
        while (wrong := remainder.view(np.uint64) >= np.uint64(self.den)).any():
            step = np.where(remainder < 0, -1, 1) * wrong
            whole += step
            remainder -= step * self.den


def _modulo(value: int) -> np.int64:
    return np.uint64(value % 2**64).astype(np.int64)
