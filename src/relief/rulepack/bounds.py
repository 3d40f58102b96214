"""One end of an interval per household: an exact quotient of whole numbers, or nothing where open.

No operation wraps or rounds: int64 as long as no result can pass its range, Python's whole numbers
beyond.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from relief.errors import ExpressionError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Bound", "Flags", "Integers", "magnitude", "plus", "times"]

Flags: TypeAlias = npt.NDArray[np.bool_]
Integers: TypeAlias = npt.NDArray[Any]
_MOST = 2**63 - 1
# Figures of households have some twenty digits; what grows past this is a pack that multiplies without end.
_HUGE = 2**2048


def magnitude(values: Integers | int) -> int:
    """Return the largest absolute value."""
    if isinstance(values, int):
        return abs(values)
    return max(abs(int(values.min())), abs(int(values.max()))) if values.size else 0


def _exact(
    left: Integers | int, right: Integers | int, largest: int, operate: Callable[[Any, Any], Any]
) -> Integers:
    """Apply an operation on int64 if no result can pass its range, on Python ints otherwise."""
    if largest > _HUGE:
        raise ExpressionError("expression.too_large", digits=len(str(_HUGE)))
    if largest > _MOST:
        left, right = (x if isinstance(x, int) else x.astype(object) for x in (left, right))
    result: Integers = operate(left, right)
    return result


def times(left: Integers | int, right: Integers | int) -> Any:
    """Multiply whole numbers; no product wraps."""
    if isinstance(right, int) and right == 1:
        return left
    if isinstance(left, int) and left == 1:
        return right
    sizes = magnitude(left), magnitude(right)
    return _exact(left, right, max(sizes[0] * sizes[1], *sizes), lambda a, b: a * b)


def plus(left: Integers | int, right: Integers | int) -> Any:
    """Add whole numbers; no sum wraps."""
    return _exact(left, right, magnitude(left) + magnitude(right), lambda a, b: a + b)


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of an interval per household: `num` / `den`, or nothing where `open`.

    `open` is None where no end is; `most` and `den_most` are at least as large as any `num` and
    `den`, so that most operations need not look for the largest again.
    """

    num: Integers
    den: Integers | int
    open: Flags | None = None
    most: int = -1
    den_most: int = -1

    def size(self) -> int:
        """Return how large any numerator can be."""
        return self.most if self.most >= 0 else magnitude(self.num)

    def den_size(self) -> int:
        """Return how large any denominator can be."""
        if isinstance(self.den, int):
            return self.den
        return self.den_most if self.den_most >= 0 else magnitude(self.den)

    @property
    def is_open(self) -> Flags:
        """Where the end is open, as flags."""
        return np.zeros(len(self.num), dtype=bool) if self.open is None else self.open

    def plus(self, other: Bound) -> Bound:
        """Return the sum of two ends."""
        return self._joined(other, plus, np.add)

    def minus(self, other: Bound) -> Bound:
        """Return the difference of two ends."""
        return self._joined(other, lambda left, right: plus(left, times(right, -1)), np.subtract)

    def _joined(
        self, other: Bound, exact: Callable[[Any, Any], Any], fast: Callable[[Any, Any], Any]
    ) -> Bound:
        is_open = _either(self.open, other.open)
        if isinstance(self.den, int) and isinstance(other.den, int) and self.den == other.den:
            most = self.size() + other.size()
            if most <= _MOST:
                return Bound(fast(self.num, other.num), self.den, is_open, most)
            return Bound(exact(self.num, other.num), self.den, is_open)
        num = exact(times(self.num, other.den), times(other.num, self.den))
        return Bound(num, times(self.den, other.den), is_open)

    def negative(self) -> Bound:
        """Return this end with its sign turned."""
        if self.size() <= _MOST:
            return Bound(-self.num, self.den, self.open, self.most)
        return Bound(times(self.num, -1), self.den, self.open)

    def below(self, other: Bound, *, or_equal: bool) -> Flags:
        """Return where this end is certainly below the other; never where one is open."""
        left, right = self._beside(other), other._beside(self)
        below = np.asarray((left <= right) if or_equal else (left < right), dtype=bool)
        is_open = _either(self.open, other.open)
        return below if is_open is None else below & ~is_open

    def _beside(self, other: Bound) -> Any:
        """Return this end's numerator brought to a common denominator with another's."""
        if isinstance(self.den, int) and isinstance(other.den, int) and self.den == other.den:
            return self.num
        if isinstance(other.den, int) and other.den == 1:
            return self.num
        if self.size() * other.den_size() <= _MOST:
            return self.num * other.den
        return times(self.num, other.den)

    def where(self, flags: Flags, other: Bound) -> Bound:
        """Return this end where `flags` hold, the other elsewhere."""
        den: Integers | int = self.den
        if not (isinstance(self.den, int) and isinstance(other.den, int) and self.den == other.den):
            den = np.where(flags, _column(self.den, len(flags)), _column(other.den, len(flags)))
        is_open = None
        if self.open is not None or other.open is not None:
            is_open = np.where(flags, self.is_open, other.is_open)
        most = max(self.most, other.most) if min(self.most, other.most) >= 0 else -1
        return Bound(np.where(flags, self.num, other.num), den, is_open, most)

    def opened(self, flags: Flags | None) -> Bound:
        """Return this end, open also where `flags` hold."""
        if flags is None or not flags.any():
            return self
        return Bound(self.num, self.den, _either(self.open, flags), self.most)

    def closed(self, flags: Flags) -> Bound:
        """Return this end, open nowhere where `flags` hold."""
        if self.open is None or not flags.any():
            return self
        return Bound(self.num, self.den, self.open & ~flags, self.most)

    def scaled(self, factor: Bound) -> Bound:
        """Return the product of two ends."""
        is_open, den = _either(self.open, factor.open), times(self.den, factor.den)
        most = self.size() * factor.size()
        if most <= _MOST and self.num.dtype != object and factor.num.dtype != object:
            return Bound(self.num * factor.num, den, is_open, most, self.den_size() * factor.den_size())
        return Bound(times(self.num, factor.num), den, is_open)

    def taken(self, places: Any) -> Bound:
        """Return the ends of some households."""
        den = self.den if isinstance(self.den, int) else self.den[places]
        is_open = None if self.open is None else self.open[places]
        return Bound(self.num[places], den, is_open, self.most, self.den_most)

    def at(self, place: int) -> Fraction | None:
        """Return the end for one household, None where open."""
        if self.open is not None and self.open[place]:
            return None
        den = self.den if isinstance(self.den, int) else int(self.den[place])
        return Fraction(int(self.num[place]), den)


def _either(left: Flags | None, right: Flags | None) -> Flags | None:
    if left is None or right is None:
        return left if right is None else right
    return left | right


def _column(value: Integers | int, size: int) -> Integers:
    if isinstance(value, int):
        return np.full(size, value, dtype=np.int64 if abs(value) <= _MOST else object)
    return value
