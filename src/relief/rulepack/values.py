"""Values that may be unknown: truths of three values, amounts between two bounds, texts.

An amount is an interval per household, each bound an exact quotient of integers or open. A
fact that is known has equal bounds; one that is missing is open, above its least possible
value if it has one; a parameter known only as a floor is open above. So a comparison is true,
false or unknown exactly where the bounds say so, and unknown never turns into zero.

Sources: Kleene, S. C. (1952), Introduction to Metamathematics, §64, strong three-valued
logic; Moore, R. E. (1966), Interval Analysis, for the arithmetic of bounds.
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

__all__ = [
    "Amount",
    "Bound",
    "Text",
    "Truth",
    "Value",
    "always",
    "constant",
    "exactly",
    "plus",
    "times",
    "unknown",
]

Flags: TypeAlias = npt.NDArray[np.bool_]
Integers: TypeAlias = npt.NDArray[Any]
_MOST = 2**63 - 1
# Figures of households have some twenty digits; what grows past this is a pack that multiplies without end.
_HUGE = 2**2048


def _magnitude(values: Integers | int) -> int:
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
    sizes = _magnitude(left), _magnitude(right)
    return _exact(left, right, max(sizes[0] * sizes[1], *sizes), lambda a, b: a * b)


def plus(left: Integers | int, right: Integers | int) -> Any:
    """Add whole numbers; no sum wraps."""
    return _exact(left, right, _magnitude(left) + _magnitude(right), lambda a, b: a + b)


@dataclass(frozen=True)
class Truth:
    """A claim per household: `yes` where it certainly holds, `no` where it certainly does not."""

    yes: Flags
    no: Flags

    @property
    def unknown(self) -> Flags:
        """Where neither is certain."""
        return ~(self.yes | self.no)

    def __and__(self, other: Truth) -> Truth:
        return Truth(self.yes & other.yes, self.no | other.no)

    def __or__(self, other: Truth) -> Truth:
        return Truth(self.yes | other.yes, self.no & other.no)

    def __invert__(self) -> Truth:
        return Truth(self.no, self.yes)

    def taken(self, places: Any) -> Truth:
        """Return the truths of some households."""
        return Truth(self.yes[places], self.no[places])

    def opened(self, flags: Flags) -> Truth:
        """Return this truth, unknown also where `flags` hold."""
        return Truth(self.yes & ~flags, self.no & ~flags) if flags.any() else self


def always(holds: bool, size: int) -> Truth:
    """Return one truth for all."""
    yes = np.full(size, holds)
    return Truth(yes, ~yes)


@dataclass(frozen=True)
class Text:
    """A word per household: a code into `words`, -1 where unknown."""

    codes: Integers
    words: tuple[str, ...]

    def among(self, wanted: tuple[str, ...]) -> Truth:
        """Return where the word is one of `wanted`."""
        hits = [at for at, word in enumerate(self.words) if word in wanted]
        yes = np.isin(self.codes, hits) if len(hits) != 1 else self.codes == hits[0]
        return Truth(yes, ~yes & (self.codes >= 0))

    def taken(self, places: Any) -> Text:
        """Return the words of some households."""
        return Text(self.codes[places], self.words)

    def filled(self) -> Text:
        """Return these words with the first in place of any that is unknown."""
        return Text(np.maximum(self.codes, 0), self.words) if self.words else self

    def opened(self, flags: Flags) -> Text:
        """Return these words, unknown also where `flags` hold."""
        return Text(np.where(flags, -1, self.codes), self.words) if flags.any() else self


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
        return self.most if self.most >= 0 else _magnitude(self.num)

    def den_size(self) -> int:
        """Return how large any denominator can be."""
        if isinstance(self.den, int):
            return self.den
        return self.den_most if self.den_most >= 0 else _magnitude(self.den)

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


def _either(left: Flags | None, right: Flags | None) -> Flags | None:
    if left is None or right is None:
        return left if right is None else right
    return left | right


@dataclass(frozen=True, slots=True)
class Amount:
    """A number per household, somewhere from `lo` to `hi`; the same object where it is known throughout."""

    lo: Bound
    hi: Bound

    @property
    def is_exact(self) -> bool:
        """Whether the number is known for every household."""
        return self.lo is self.hi and self.lo.open is None

    @property
    def known(self) -> Flags:
        """Where both ends are the same number."""
        if self.lo is self.hi:
            return ~self.lo.is_open
        return self.lo.below(self.hi, or_equal=True) & self.hi.below(self.lo, or_equal=True)

    def each(self, make: Callable[[Bound], Bound]) -> Amount:
        """Return the amount with a rising function applied to both ends."""
        lo = make(self.lo)
        return Amount(lo, lo if self.lo is self.hi else make(self.hi))

    def taken(self, places: Any) -> Amount:
        """Return the amounts of some households."""
        return self.each(lambda end: end.taken(places))

    def opened(self, flags: Flags) -> Amount:
        """Return this amount, unknown also where `flags` hold."""
        return self.each(lambda end: end.opened(flags)) if flags.any() else self

    def __add__(self, other: Amount) -> Amount:
        lo = self.lo.plus(other.lo)
        same = self.lo is self.hi and other.lo is other.hi
        return Amount(lo, lo if same else self.hi.plus(other.hi))

    def __neg__(self) -> Amount:
        if self.lo is self.hi:
            return self.each(Bound.negative)
        return Amount(self.hi.negative(), self.lo.negative())

    def __sub__(self, other: Amount) -> Amount:
        lo = self.lo.minus(other.hi)
        same = self.lo is self.hi and other.lo is other.hi
        return Amount(lo, lo if same else self.hi.minus(other.lo))

    def __mul__(self, other: Amount) -> Amount:
        """Multiply, exactly what is known; of two ranges one must not go below zero, or all is open."""
        if self.is_exact and other.is_exact:
            return self.each(lambda end: end.scaled(other.lo))
        if not _from_zero(other).all():
            swap = ~_from_zero(other) & _from_zero(self)
            self, other = other.where(swap, self), self.where(swap, other)
        doubtful = ~_from_zero(other) & ~(self.known & other.known)
        # Nothing times an open end is still nothing; the figure of an open end is zero already.
        nothing = (self.known & (self.lo.num == 0)) | (other.known & (other.lo.num == 0))
        if self.lo is self.hi and other.lo is other.hi:
            return self.each(lambda end: end.scaled(other.lo).opened(doubtful).closed(nothing))
        lo_negative, hi_negative = self.lo.num < 0, self.hi.num < 0
        lo = self.lo.scaled(other.hi.where(lo_negative, other.lo))
        hi = self.hi.scaled(other.lo.where(hi_negative, other.hi))
        return Amount(lo.opened(doubtful).closed(nothing), hi.opened(doubtful).closed(nothing))

    def __truediv__(self, other: Amount) -> Amount:
        """Divide; where the divisor may be zero, or of either sign, the quotient is unknown."""
        if other.is_exact and other.lo.num.size and int(other.lo.num.min()) > 0:
            return self._over(other.lo)
        if other.lo.open is None and _is_plain(self) and _is_plain(other) and int(other.lo.num.min()) > 0:
            return self._over_range(other)
        negative = (other.hi.num < 0) & ~other.hi.is_open
        if negative.any():
            return (-self).where(negative, self) / (-other).where(negative, other)
        sure = (other.lo.num > 0) & ~other.lo.is_open
        hi = _inverse(other.lo, sure)
        if other.lo is other.hi:
            return (self * Amount(hi, hi)).opened(~sure)
        # One over a divisor without upper end comes as near to zero as can be.
        lo = _inverse(other.hi, sure & ~other.hi.is_open)
        lo = Bound(np.where(other.hi.is_open, 0, lo.num), lo.den, ~sure)
        return (self * Amount(lo, hi)).opened(~sure)

    def _over(self, divisor: Bound) -> Amount:
        """Divide by a known number that is above zero throughout."""
        num: Integers | int = divisor.num
        if not isinstance(num, int) and num.strides == (0,):
            num = int(num[0])

        def over(end: Bound) -> Bound:
            top = end.num if divisor.den == 1 else times(end.num, divisor.den)
            most = end.most if divisor.den == 1 else -1
            den_most = end.den_size() * divisor.size()
            fits = den_most <= _MOST and not (isinstance(end.den, int) and end.den == 1)
            den = end.den * num if fits else times(end.den, num)
            return Bound(top, den, end.open, most, den_most)

        return self.each(over)

    def _over_range(self, other: Amount) -> Amount:
        """Divide whole numbers by whole numbers that are above zero, however large they may be."""
        endless = other.hi.open
        # Over an endless divisor a quotient comes as near to zero as can be.
        most = other.hi.num if endless is None else np.where(endless, 1, other.hi.num)

        def end(top: Bound, is_small: Flags) -> Bound:
            num = top.num if endless is None else np.where(endless & ~is_small, 0, top.num)
            den = np.where(is_small, other.lo.num, most)
            return Bound(num, den, top.open, top.most, max(other.lo.size(), other.hi.size(), 1))

        return Amount(end(self.lo, self.lo.num < 0), end(self.hi, self.hi.num >= 0))

    def less(self, other: Amount, *, or_equal: bool) -> Truth:
        """Return where this is certainly less than `other` (or equal to it)."""
        yes = self.hi.below(other.lo, or_equal=or_equal)
        if self.is_exact and other.is_exact:
            return Truth(yes, ~yes)
        return Truth(yes, other.hi.below(self.lo, or_equal=not or_equal))

    def equals(self, other: Amount) -> Truth:
        """Return where both are certainly the same number, or certainly are not."""
        yes = self.lo.below(other.lo, or_equal=True) & other.lo.below(self.lo, or_equal=True)
        if self.is_exact and other.is_exact:
            return Truth(yes, ~yes)
        yes &= self.known & other.known
        apart = self.hi.below(other.lo, or_equal=False) | other.hi.below(self.lo, or_equal=False)
        return Truth(yes, apart)

    def where(self, flags: Flags, other: Amount) -> Amount:
        """Return this amount where `flags` hold, the other elsewhere."""
        lo = self.lo.where(flags, other.lo)
        same = self.lo is self.hi and other.lo is other.hi
        return Amount(lo, lo if same else self.hi.where(flags, other.hi))

    def hull(self, other: Amount) -> Amount:
        """Return the least interval that holds both."""
        lo = self.lo.where(self.lo.is_open | self.lo.below(other.lo, or_equal=True), other.lo)
        hi = self.hi.where(self.hi.is_open | other.hi.below(self.hi, or_equal=True), other.hi)
        return Amount(lo, hi)

    def larger(self, other: Amount) -> Amount:
        """Return the larger of two amounts."""
        lo = self.lo.where(other.lo.is_open | other.lo.below(self.lo, or_equal=True), other.lo)
        if self.is_exact and other.is_exact:
            return Amount(lo, lo)
        hi = self.hi.where(self.hi.is_open | other.hi.below(self.hi, or_equal=True), other.hi)
        return Amount(lo, hi)

    def smaller(self, other: Amount) -> Amount:
        """Return the smaller of two amounts."""
        return -((-self).larger(-other))

    def at(self, place: int) -> tuple[Fraction | None, Fraction | None]:
        """Return the two ends for one household, None where open."""
        return _end(self.lo, place), _end(self.hi, place)


Value: TypeAlias = Truth | Amount | Text


def _end(bound: Bound, place: int) -> Fraction | None:
    if bound.open is not None and bound.open[place]:
        return None
    den = bound.den if isinstance(bound.den, int) else int(bound.den[place])
    return Fraction(int(bound.num[place]), den)


def _column(value: Integers | int, size: int) -> Integers:
    if isinstance(value, int):
        return np.full(size, value, dtype=np.int64 if abs(value) <= _MOST else object)
    return value


def _inverse(bound: Bound, sure: Flags) -> Bound:
    """Return one over an end that is positive where `sure`, open elsewhere."""
    return Bound(_column(bound.den, len(sure)), np.where(sure, bound.num, 1), ~sure)


def _is_plain(amount: Amount) -> bool:
    """Return whether both ends are whole numbers of 64 bits, and there are some."""
    ends = (amount.lo, amount.hi)
    return len(amount.lo.num) > 0 and all(
        isinstance(end.den, int) and end.den == 1 and end.num.dtype != object for end in ends
    )


def _from_zero(amount: Amount) -> Flags:
    """Return where an amount is certainly not negative."""
    return np.asarray((amount.lo.num >= 0) & ~amount.lo.is_open, dtype=bool)


def constant(num: int, den: int, size: int) -> Amount:
    """Return one number for all, held once."""
    end = Bound(np.broadcast_to(np.asarray(num, dtype=np.int64), size), den, None, abs(num))
    return Amount(end, end)


def exactly(
    values: Integers, missing: Flags | None = None, least: int | None = None, *, den: int = 1
) -> Amount:
    """Return whole numbers over `den` as an amount; where `missing`, anything from `least` up."""
    most = _magnitude(values)
    if missing is None or not missing.any():
        end = Bound(values, den, None, most)
        return Amount(end, end)
    most = max(most, abs(least or 0))
    hi = Bound(np.where(missing, 0, values), den, missing, most)
    lo = Bound(np.where(missing, least or 0, values), den, None if least is not None else missing, most)
    return Amount(lo, hi)


def unknown(size: int, least: int | None = None) -> Amount:
    """Return an amount of which nothing is known but, if given, that it is `least` or more."""
    hi = Bound(np.zeros(size, dtype=np.int64), 1, np.ones(size, dtype=bool), 0)
    if least is None:
        return Amount(Bound(hi.num, 1, hi.open, 0), hi)
    return Amount(Bound(np.full(size, least, dtype=np.int64), 1, None, abs(least)), hi)
