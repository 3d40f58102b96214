"""Quotas made whole units by a divisor: one multiplier for all, and a rule when a number is rounded up.

In    quotas in units, exact; floors and caps of the awards
Out   awards in whole units, the fund as their sum; the last claim to get a unit, by its quotient

A divisor method is told by its signposts: ``d(a)`` between `a` and ``a + 1`` is the number from which
on `a` and something is rounded up. Every quota is multiplied by one and the same multiplier, rounded
at the signposts and held between floor and cap; the multiplier is one that spends the fund. The same
awards come of handing out the units one at a time, from the floors upwards, each to the largest
quotient ``quota / d(award)`` of those below their caps.

==================  =========================
``jefferson``       ``d(a) = a + 1``
``webster``         ``d(a) = a + 1/2``
``huntington_hill`` ``d(a) = sqrt(a (a + 1))``
``dean``            ``d(a) = a (a + 1) / (a + 1/2)``
``adams``           ``d(a) = a``
==================  =========================

Floating point proposes a multiplier; two fractions beside it are then tried in whole numbers, moved
apart until the fund lies between what they spend and together until no award differs by more than a
unit. Which of those units are given is settled by cross-multiplying. No float decides.

A quota of zero gets its floor. Where the first signpost is zero, the first units have an endless
quotient; if the fund does not reach so far, they go to the largest quotas.

Source: M. L. Balinski and H. P. Young (1982), Fair Representation, appendix A.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from relief.allocation import integers
from relief.allocation.problem import Rounded
from relief.allocation.ratios import blocks
from relief.allocation.rounding import first

if TYPE_CHECKING:
    from collections.abc import Callable

    from relief.allocation.integers import Integers
    from relief.allocation.problem import Problem, Quotas

__all__ = ["Divisor", "adams", "dean", "huntington_hill", "jefferson", "webster"]


@dataclass(frozen=True)
class Divisor:
    """A divisor method.

    Attributes
    ----------
    name : str
        As in `ROUNDINGS`.
    signpost : callable
        Numerator and denominator of ``d(a) ** power`` for a column of awards `a`.
    power : int
        2 where only the square of a signpost is a fraction; quotients are then told squared.
    """

    name: str
    signpost: Callable[[Any], tuple[Any, Any]]
    power: int = 1

    def quotient(self, quota: Fraction, award: int) -> Fraction | None:
        """Return ``(quota / d(award)) ** power``; None where it is endless."""
        above, below = self.signpost(award)
        return quota**self.power * below / above if above else None


JEFFERSON = Divisor("jefferson", lambda a: (a + 1, 1))
WEBSTER = Divisor("webster", lambda a: (2 * a + 1, 2))
HUNTINGTON_HILL = Divisor("huntington_hill", lambda a: (a * (a + 1), 1), power=2)
DEAN = Divisor("dean", lambda a: (2 * a * (a + 1), 2 * a + 1))
ADAMS = Divisor("adams", lambda a: (a, 1))

_CLOSE, _FARTHER, _DOUBLINGS = Fraction(1, 2**46), 16, 200


@dataclass(frozen=True, eq=False)
class _Division:
    """What one divisor method makes of one column of quotas."""

    divisor: Divisor
    problem: Problem
    quotas: Quotas

    @cached_property
    def weights(self) -> Integers:
        """Quotas as whole numbers of ``1 / denominator``."""
        return np.asarray(integers.widen(self.quotas.whole) * self.quotas.denominator + self.quotas.remainder)

    def rounded(self) -> Rounded:
        """Return awards that spend the fund, and who got the last unit."""
        awards, more = self._around()
        spare = self.quotas.total - integers.total(awards)
        if not spare:
            return Rounded(awards, self.quotas, divisor=self.divisor)
        near = np.flatnonzero(more > awards)
        turns = self._turns(near, awards[near], spare)
        served, tied = turns < 0, turns == 0
        last = int(near[tied.argmax()])
        score = self.divisor.quotient(self.quotas.fraction(last), int(awards[last]))
        cut = first(self.problem, near, served, tied, spare - int(np.count_nonzero(served)), score)
        awards[near] += served
        return Rounded(awards, self.quotas, cut, self.divisor)

    def _awards(self, multiplier: Fraction) -> Integers:
        """Return all awards at a multiplier; a quota exactly on a signpost is rounded up."""
        found = [self._block(rows, multiplier) for rows in blocks(self.weights.size)]
        return integers.narrow(np.concatenate(found))

    def _block(self, rows: slice, multiplier: Fraction) -> Integers:
        power, one = self.divisor.power, self.quotas.denominator * multiplier.denominator
        product = self.weights[rows] * multiplier.numerator
        award = product // one
        above, below = self.divisor.signpost(award)
        award += (above * one**power <= below * product**power) & (product > 0)
        return np.asarray(np.clip(award, self.problem.floors[rows], self.problem.caps[rows]))

    def _around(self) -> tuple[Integers, Integers]:
        """Return awards below the fund and at least the fund, nowhere more than a unit apart."""
        total, floors = self.quotas.total, np.array(self.problem.floors)
        at_once = self._awards_of_endless(floors)
        if integers.total(at_once) >= total:
            return floors, at_once
        guess = Fraction(self._proposed())
        (slow, less), (fast, more) = self._beside(guess, -1), self._beside(guess, 1)
        while (more - less > 1).any():
            middle = (slow + fast) / 2
            awards = self._awards(middle)
            if integers.total(awards) < total:
                slow, less = middle, awards
            else:
                fast, more = middle, awards
        return less, more

    def _awards_of_endless(self, floors: Integers) -> Integers:
        """Return the floors, and a unit for each whose quotient there is endless."""
        if self.divisor.signpost(0)[0]:
            return floors
        return np.asarray(floors + ((floors == 0) & (self.weights > 0)))

    def _beside(self, guess: Fraction, way: int) -> tuple[Fraction, Integers]:
        """Return a multiplier below the guess that spends less than the fund, or one above that spends it."""
        aside = _CLOSE
        while True:
            # One below zero leaves the floors.
            multiplier = guess * (1 + way * aside)
            awards = self._awards(multiplier)
            if (integers.total(awards) >= self.quotas.total) == (way > 0):
                return multiplier, awards
            aside *= _FARTHER

    def _proposed(self) -> float:
        """Return about the least multiplier that spends the fund, in floating point."""
        quota = (self.weights / self.quotas.denominator).astype(float)
        floors, caps = self.problem.floors.astype(float), self.problem.caps.astype(float)

        def spent(multiplier: float) -> float:
            product = multiplier * quota
            award = np.floor(product)
            above, below = self.divisor.signpost(award)
            award += (above <= below * product**self.divisor.power) & (product > 0)
            return float(np.clip(award, floors, caps).sum())

        fast = next((2.0**i for i in range(_DOUBLINGS) if spent(2.0**i) >= self.quotas.total), 1.0)
        slow = next(
            (fast / 2.0**i for i in range(1, _DOUBLINGS) if spent(fast / 2**i) < self.quotas.total), 0.0
        )
        while fast - slow > fast * 2.0**-50:
            middle = (slow + fast) / 2
            if spent(middle) < self.quotas.total:
                slow = middle
            else:
                fast = middle
        return fast

    def _turns(self, near: Integers, awards: Integers, place: int) -> Integers:
        """Return -1, 0 or 1 where a claim's turn is before, with or after that of the one at a place.

        Turns are compared by ``d(award) / quota`` as fractions of whole numbers; endless quotients,
        where all of that is zero, by the quotas themselves.
        """
        above, below = self.divisor.signpost(integers.widen(awards))
        below = below * self.weights[near] ** self.divisor.power
        if not above.any():
            above, below = -below, np.ones_like(below)

        def turns(rows: Any, other: int) -> Integers:
            cross = above[rows] * below[other] - above[other] * below[rows]
            return np.asarray(np.sign(cross), dtype=np.int8)

        rows = np.arange(near.size)
        while True:
            middle = int(rows[rows.size // 2])
            found = turns(rows, middle)
            before, alike = (int(np.count_nonzero(found == turn)) for turn in (-1, 0))
            if before < place <= before + alike:
                return turns(slice(None), middle)
            rows = rows[found == (-1 if place <= before else 1)]
            place -= 0 if place <= before else before + alike


def jefferson(problem: Problem, quotas: Quotas) -> Rounded:
    """Round down at one multiplier: ``d(a) = a + 1`` (d'Hondt, greatest divisors).

    ``award = clip(floor(multiplier * quota), floor, cap)``. Never below the whole part of the quota
    where no bound holds; large claims may get more than the quota rounded up.

    Parameters
    ----------
    problem : Problem
        Floors and caps are requirements; claims, labels and keys settle ties.
    quotas : Quotas
        In units; exact.

    Returns
    -------
    Rounded
        Awards in units. The score of the cut is the quotient ``quota / d(award - 1)`` of the last
        unit, exact.

    References
    ----------
    Balinski, M. L. and Young, H. P. (1982). Fair Representation. Yale University Press.

    Examples
    --------
    >>> from relief.allocation import allocate
    >>> allocate([9061, 7179, 5259, 3319, 1182], 26, rounding="jefferson").awards_fen.tolist()
    [10, 7, 5, 3, 1]
    """
    return _Division(JEFFERSON, problem, quotas).rounded()


def webster(problem: Problem, quotas: Quotas) -> Rounded:
    """Round to the nearest at one multiplier: ``d(a) = a + 1/2`` (Sainte-Laguë, major fractions).

    ``award = clip(floor(multiplier * quota + 1/2), floor, cap)``. The one divisor method that favours
    neither large nor small claims.

    Parameters
    ----------
    problem : Problem
        Floors and caps are requirements; claims, labels and keys settle ties.
    quotas : Quotas
        In units; exact.

    Returns
    -------
    Rounded
        Awards in units. The score of the cut is the quotient ``quota / d(award - 1)`` of the last
        unit, exact.

    References
    ----------
    Balinski, M. L. and Young, H. P. (1982). Fair Representation. Yale University Press.

    Examples
    --------
    >>> from relief.allocation import allocate
    >>> allocate([9061, 7179, 5259, 3319, 1182], 26, rounding="webster").awards_fen.tolist()
    [9, 8, 5, 3, 1]
    """
    return _Division(WEBSTER, problem, quotas).rounded()


def huntington_hill(problem: Problem, quotas: Quotas) -> Rounded:
    """Round at the geometric mean at one multiplier: ``d(a) = sqrt(a (a + 1))`` (equal proportions).

    No unit moved from one claim to another brings their awards per claim closer in proportion. Every
    claim above zero gets a unit before any gets a second.

    Parameters
    ----------
    problem : Problem
        Floors and caps are requirements; claims, labels and keys settle ties.
    quotas : Quotas
        In units; exact.

    Returns
    -------
    Rounded
        Awards in units. The score of the cut is the SQUARE of the quotient ``quota / d(award - 1)``
        of the last unit, exact; None if that unit was its first, whose quotient is endless.

    References
    ----------
    Balinski, M. L. and Young, H. P. (1982). Fair Representation. Yale University Press.

    Examples
    --------
    >>> from relief.allocation import allocate
    >>> plan = allocate([9061, 7179, 5259, 3319, 1182], 26, rounding="huntington_hill")
    >>> plan.awards_fen.tolist(), plan.reconciliation["cut"]["quotient_squared"]
    ([9, 7, 6, 3, 1], Fraction(9219027, 10000000))
    """
    return _Division(HUNTINGTON_HILL, problem, quotas).rounded()


def dean(problem: Problem, quotas: Quotas) -> Rounded:
    """Round at the harmonic mean at one multiplier: ``d(a) = a (a + 1) / (a + 1/2)``.

    No unit moved from one claim to another brings their claims per unit closer. Every claim above
    zero gets a unit before any gets a second.

    Parameters
    ----------
    problem : Problem
        Floors and caps are requirements; claims, labels and keys settle ties.
    quotas : Quotas
        In units; exact.

    Returns
    -------
    Rounded
        Awards in units. The score of the cut is the quotient ``quota / d(award - 1)`` of the last
        unit, exact; None if that unit was its first, whose quotient is endless.

    References
    ----------
    Balinski, M. L. and Young, H. P. (1982). Fair Representation. Yale University Press.

    Examples
    --------
    >>> from relief.allocation import allocate
    >>> allocate([9061, 7179, 5259, 3319, 1182], 26, rounding="dean").awards_fen.tolist()
    [9, 7, 5, 4, 1]
    """
    return _Division(DEAN, problem, quotas).rounded()


def adams(problem: Problem, quotas: Quotas) -> Rounded:
    """Round up at one multiplier: ``d(a) = a`` (smallest divisors).

    ``award = clip(ceil(multiplier * quota), floor, cap)``. Never above the quota rounded up where no
    bound holds; large claims may get less than the whole part of it. Every claim above zero gets a
    unit before any gets a second.

    Parameters
    ----------
    problem : Problem
        Floors and caps are requirements; claims, labels and keys settle ties.
    quotas : Quotas
        In units; exact.

    Returns
    -------
    Rounded
        Awards in units. The score of the cut is the quotient ``quota / d(award - 1)`` of the last
        unit, exact; None if that unit was its first, whose quotient is endless.

    References
    ----------
    Balinski, M. L. and Young, H. P. (1982). Fair Representation. Yale University Press.

    Examples
    --------
    >>> from relief.allocation import allocate
    >>> allocate([9061, 7179, 5259, 3319, 1182], 26, rounding="adams").awards_fen.tolist()
    [9, 7, 5, 3, 2]
    """
    return _Division(ADAMS, problem, quotas).rounded()
