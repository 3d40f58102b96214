"""Values that may be unknown, as terms of a solver: what `relief.rulepack.values` has per household.

In    the values of an operation's parts, each a constant or a term over a household's facts
Out   the value of the whole, folded where it is constant

A truth is a pair of flags (certainly, certainly not), an amount two ends, each open or a number.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import z3

from relief.proof.numbers import all_of, any_of, choose, less, negation, quotient, same, times, total

if TYPE_CHECKING:
    from collections.abc import Callable

    from relief.proof.numbers import Flag, Number

__all__ = ["Amount", "End", "Text", "Truth", "Value", "constant"]


@dataclass(frozen=True, eq=False)
class Truth:
    """A claim: `yes` where it certainly holds, `no` where it certainly does not."""

    yes: Flag
    no: Flag

    @staticmethod
    def of(flag: Flag) -> Truth:
        """Return a claim that is known."""
        return Truth(flag, negation(flag))

    @property
    def is_sure(self) -> bool:
        """Whether it is known whatever the facts, as far as its form shows.

        What is made of such claims keeps the form, so that the solver has one side to look at, not two.
        """
        if isinstance(self.yes, bool) or isinstance(self.no, bool):
            return self.yes is True or self.no is True
        return bool(z3.eq(self.no, negation(self.yes)))

    @property
    def known(self) -> Flag:
        """Whether either is certain."""
        return True if self.is_sure else any_of(self.yes, self.no)

    @property
    def unknown(self) -> Flag:
        """Whether neither is certain."""
        return False if self.is_sure else all_of(negation(self.yes), negation(self.no))

    def __and__(self, other: Truth) -> Truth:
        yes = all_of(self.yes, other.yes)
        return self._with(other, yes, lambda: any_of(self.no, other.no))

    def __or__(self, other: Truth) -> Truth:
        yes = any_of(self.yes, other.yes)
        return self._with(other, yes, lambda: all_of(self.no, other.no))

    def __invert__(self) -> Truth:
        return Truth(self.no, self.yes)

    def where(self, flag: Flag, other: Truth) -> Truth:
        """Return this where `flag` holds, the other elsewhere."""
        yes = choose(flag, self.yes, other.yes)
        return self._with(other, yes, lambda: choose(flag, self.no, other.no))

    def _with(self, other: Truth, yes: Flag, no: Callable[[], Flag]) -> Truth:
        """Return what is made of two claims; of two that are sure, `no` is what `yes` is not."""
        return Truth.of(yes) if self.is_sure and other.is_sure else Truth(yes, no())

    def hull(self, other: Truth) -> Truth:
        """Return what both say."""
        return Truth(all_of(self.yes, other.yes), all_of(self.no, other.no))


@dataclass(frozen=True, eq=False)
class Text:
    """A word: a code into `words`, if it is known."""

    code: Any
    words: tuple[str, ...]
    known: Flag

    def among(self, wanted: tuple[str, ...]) -> Truth:
        """Return whether the word is one of `wanted`."""
        hits = any_of(*(self.code == at for at, word in enumerate(self.words) if word in wanted))
        return Truth(all_of(self.known, hits), all_of(self.known, negation(hits)))

    def where(self, flag: Flag, other: Text) -> Text:
        """Return this word where `flag` holds, the other elsewhere."""
        return Text(z3.If(flag, self.code, other.code), self.words, choose(flag, self.known, other.known))


@dataclass(frozen=True, eq=False)
class End:
    """One end of an interval: a number, or nothing where `open`."""

    number: Number
    open: Flag = False

    def below(self, other: End, *, or_equal: bool) -> Flag:
        """Return whether this end is certainly below the other."""
        if self.open is True or other.open is True:
            return False
        below = less(self.number, other.number, or_equal=or_equal)
        return all_of(below, negation(self.open), negation(other.open))

    def plus(self, other: End) -> End:
        """Return the sum of two ends."""
        return End(total(self.number, other.number), any_of(self.open, other.open))

    def scaled(self, other: End) -> End:
        """Return the product of two ends."""
        return End(times(self.number, other.number), any_of(self.open, other.open))

    def where(self, flag: Flag, other: End) -> End:
        """Return this end where `flag` holds, the other elsewhere."""
        if self is other or flag is True:
            return self
        return other if flag is False else End(
            choose(flag, self.number, other.number), choose(flag, self.open, other.open))  # fmt: skip

    def opened(self, flag: Flag) -> End:
        """Return this end, open also where `flag` holds."""
        return End(self.number, any_of(self.open, flag))

    def closed(self, flag: Flag) -> End:
        """Return this end, open nowhere where `flag` holds."""
        return self if self.open is False else End(self.number, all_of(self.open, negation(flag)))


@dataclass(frozen=True, eq=False)
class Amount:
    """A number somewhere from `lo` to `hi`; the same object where it has no width."""

    lo: End
    hi: End

    @property
    def known(self) -> Flag:
        """Whether both ends are the same number."""
        if self.lo is self.hi:
            return negation(self.lo.open)
        return all_of(negation(self.lo.open), negation(self.hi.open), same(self.lo.number, self.hi.number))

    def each(self, make: Callable[[End], End]) -> Amount:
        """Return the amount with a rising function applied to both ends."""
        lo = make(self.lo)
        return Amount(lo, lo if self.lo is self.hi else make(self.hi))

    def __add__(self, other: Amount) -> Amount:
        lo = self.lo.plus(other.lo)
        return Amount(lo, lo if self.lo is self.hi and other.lo is other.hi else self.hi.plus(other.hi))

    def __neg__(self) -> Amount:
        turned = Amount(self.hi, self.lo)
        return turned.each(lambda end: End(times(Fraction(-1), end.number), end.open))

    def __sub__(self, other: Amount) -> Amount:
        return self + (-other)

    def __mul__(self, other: Amount) -> Amount:
        """Multiply; of two ranges one must not go below zero, or all is open."""
        if self.lo is self.hi and other.lo is other.hi:
            return self.each(lambda end: end.scaled(other.lo).closed(_nothing(self, other)))
        swap = all_of(negation(_from_zero(other)), _from_zero(self))
        one, by = other.where(swap, self), self.where(swap, other)
        doubtful = all_of(negation(_from_zero(by)), negation(all_of(one.known, by.known)))
        nothing = _nothing(one, by)
        lo_negative, hi_negative = (less(end.number, Fraction(0), or_equal=False) for end in (one.lo, one.hi))
        lo = one.lo.scaled(by.hi.where(lo_negative, by.lo))
        hi = one.hi.scaled(by.lo.where(hi_negative, by.hi))
        return Amount(lo.opened(doubtful).closed(nothing), hi.opened(doubtful).closed(nothing))

    def __truediv__(self, other: Amount) -> Amount:
        """Divide by what is above zero; elsewhere the quotient is unknown."""
        sure = all_of(less(Fraction(0), other.lo.number, or_equal=False), negation(other.lo.open))
        hi = End(quotient(other.lo.number), negation(sure))
        if other.lo is other.hi:
            return (self * Amount(hi, hi)).each(lambda end: end.opened(negation(sure)))
        lo = End(choose(other.hi.open, Fraction(0), quotient(other.hi.number)), negation(sure))
        return (self * Amount(lo, hi)).each(lambda end: end.opened(negation(sure)))

    def less(self, other: Amount, *, or_equal: bool) -> Truth:
        """Return whether this is certainly less than `other` (or equal to it)."""
        if self.lo is self.hi and other.lo is other.hi:
            # One comparison and what it is not: of two the solver would have to find out that they are.
            below = less(self.lo.number, other.lo.number, or_equal=or_equal)
            both = all_of(negation(self.lo.open), negation(other.lo.open))
            return Truth(all_of(both, below), all_of(both, negation(below)))
        yes = self.hi.below(other.lo, or_equal=or_equal)
        return Truth(yes, other.hi.below(self.lo, or_equal=not or_equal))

    def equals(self, other: Amount) -> Truth:
        """Return whether both are certainly the same number, or certainly are not."""
        both, alike = all_of(self.known, other.known), same(self.lo.number, other.lo.number)
        yes = all_of(both, alike)
        if self.lo is self.hi and other.lo is other.hi:
            return Truth(yes, all_of(both, negation(alike)))
        apart = any_of(self.hi.below(other.lo, or_equal=False), other.hi.below(self.lo, or_equal=False))
        return Truth(yes, apart)

    def where(self, flag: Flag, other: Amount) -> Amount:
        """Return this amount where `flag` holds, the other elsewhere."""
        lo = self.lo.where(flag, other.lo)
        narrow = self.lo is self.hi and other.lo is other.hi
        return Amount(lo, lo if narrow else self.hi.where(flag, other.hi))

    def hull(self, other: Amount) -> Amount:
        """Return the least interval that holds both."""
        lo = self.lo.where(any_of(self.lo.open, self.lo.below(other.lo, or_equal=True)), other.lo)
        hi = self.hi.where(any_of(self.hi.open, other.hi.below(self.hi, or_equal=True)), other.hi)
        return Amount(lo, hi)

    def larger(self, other: Amount) -> Amount:
        """Return the larger of two amounts."""
        lo = self.lo.where(any_of(other.lo.open, other.lo.below(self.lo, or_equal=True)), other.lo)
        if all(one.lo is one.hi and one.lo.open is False for one in (self, other)):
            return Amount(lo, lo)
        hi = self.hi.where(any_of(self.hi.open, other.hi.below(self.hi, or_equal=True)), other.hi)
        return Amount(lo, hi)

    def smaller(self, other: Amount) -> Amount:
        """Return the smaller of two amounts."""
        return -((-self).larger(-other))


Value: TypeAlias = Truth | Amount | Text


def constant(number: Number, unknown: Flag = False) -> Amount:
    """Return a number that is known, or where `unknown` open at both ends."""
    end = End(number, unknown)
    return Amount(end, end)


def _from_zero(amount: Amount) -> Flag:
    return all_of(less(Fraction(0), amount.lo.number, or_equal=True), negation(amount.lo.open))


def _nothing(left: Amount, right: Amount) -> Flag:
    """Return where one of two amounts is known to be zero."""
    zero = Fraction(0)
    return any_of(*(all_of(one.known, same(one.lo.number, zero)) for one in (left, right)))
