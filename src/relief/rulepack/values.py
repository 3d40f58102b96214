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
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from relief.rulepack.bounds import Bound, Flags, Integers, magnitude, plus, times

if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction

__all__ = [
    "Amount",
    "Bound",
    "Flags",
    "Integers",
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

_MOST = 2**63 - 1


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
        """Divide by what is above zero, as the reader of rules sees to; elsewhere nothing is said.

        The less is known of the divisor the wider the quotient; nothing over anything is nothing.
        """
        if other.is_exact and other.lo.num.size and int(other.lo.num.min()) > 0:
            return self._over(other.lo)
        return Amount(
            _quotient(self.lo, other, by_least=self.lo.num < 0),
            _quotient(self.hi, other, by_least=self.hi.num > 0),
        )

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
        return self.lo.at(place), self.hi.at(place)


Value: TypeAlias = Truth | Amount | Text


def _quotient(top: Bound, divisor: Amount, *, by_least: Flags) -> Bound:
    """Return an end of a quotient: over the least divisor where `by_least`, over the largest elsewhere."""
    least, most = divisor.lo, divisor.hi
    # Over a divisor without end a quotient comes as near to zero as can be; near zero it has no end.
    endless, unsure = most.is_open & ~by_least, by_least & (least.is_open | (least.num <= 0))
    never = ~most.is_open & (most.num <= 0)
    chosen = least.where(by_least, most)
    num = np.where(endless, 0, times(top.num, chosen.den))
    below = np.where(endless | unsure | never, 1, chosen.num)
    is_open = unsure | never | top.is_open
    return Bound(num, times(top.den, below), is_open if is_open.any() else None)


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
    most = magnitude(values)
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
