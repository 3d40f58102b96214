"""What every method is given, what it answers, and what every rounding makes of the answer.

A method is a function ``(Problem) -> Quotas``, a rounding ``(Problem, Quotas) -> Rounded``.
Inside, money is counted in units (`Problem.unit` fen each), so that "whole" means one thing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from relief.allocation.terms import Terms

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from relief.allocation.claims import Claims
    from relief.allocation.divisors import Divisor
    from relief.allocation.integers import Flags, Integers

__all__ = [
    "AT_CAP", "AT_FLOOR", "BrokenBy", "Cut", "Method", "Problem", "Quotas", "Rounded", "Rounding", "Rule",
    "Start",
]  # fmt: skip

AT_FLOOR, AT_CAP = -1, 1

BrokenBy: TypeAlias = Literal["claim", "ties", "label", "position"]


@dataclass(frozen=True, eq=False)
class Problem:
    """One fund, its claims and the bounds of each award.

    Attributes
    ----------
    claims : Claims
        In fen.
    fund, floors, caps
        In units; floors never above caps, and their totals enclose the fund.
    given : int
        The fund before what nobody can take was set aside to be returned, in units.
    capped : array of bool
        False where nothing limits an award; its entry in `caps` is then at least the whole fund.
    unit : int
        Fen in one unit.
    tie_keys : Index or None
        What orders equal remainders of equal claims; the labels if None.
    terms : Terms
        What some methods ask for beside the claims.
    free : bool
        True where no bound can touch an award that is no more than its claim.
    """

    claims: Claims
    fund: int
    given: int
    unit: int
    floors: Integers
    caps: Integers
    capped: Flags
    tie_keys: pd.Index[Any] | None
    terms: Terms = field(default_factory=Terms)
    free: bool = False

    def at(self, positions: Integers, fund: int) -> Problem:
        """Return the problem of some of the claims, with a fund of their own."""
        return replace(
            self,
            claims=self.claims.at(positions),
            fund=fund,
            given=fund,
            floors=self.floors[positions],
            caps=self.caps[positions],
            capped=self.capped[positions],
            tie_keys=None if self.tie_keys is None else self.tie_keys[positions],
            terms=self.terms.at(positions),
        )


@dataclass(frozen=True)
class Rule:
    """The formula that every quota follows, and the number in it that all share.

    `form` is one of those that a certificate tells (docs/allocation.md); `multiplier` a rate (units for each
    fen of claim) or a level (in fen). A quota is the formula's value held between its bounds.
    """

    form: str
    multiplier: Fraction


@dataclass(frozen=True, eq=False)
class Quotas:
    """Exact awards in units: ``whole + remainder / denominator``, 0 <= remainder < denominator.

    Attributes
    ----------
    whole, remainder : ndarray of int
    denominator : int
    total : int
        What the quotas add up to, in whole units: the fund, or less where the rest is returned.
    held : ndarray of int8, optional
        AT_FLOOR or AT_CAP where a bound and not the method settled the quota, else 0.
    rule : Rule, optional
        None where no single number tells all quotas.
    base : ndarray of int, optional
        What the rule is applied to in place of the claims.
    """

    whole: Integers
    remainder: Integers
    denominator: int
    total: int
    held: npt.NDArray[np.int8] | None = None
    rule: Rule | None = None
    base: Integers | None = None

    @property
    def turns(self) -> Integers:
        """Whole numbers in the order of the remainders."""
        return self.remainder

    def shown(self) -> tuple[Integers, Integers, int]:
        """Return whole parts, remainders and their denominator, right to thirty places or exact."""
        return self.whole, self.remainder, self.denominator

    def start(self) -> Start:
        """Return awards that are final but for those who may get a spare unit."""
        return Start(self.whole.copy(), None, self.remainder, Fraction(1, self.denominator))

    def divided(self, positions: Integers) -> tuple[Integers, Integers]:
        """Return whole parts and remainders of some quotas."""
        return self.whole[positions], self.remainder[positions]

    def held_at(self, position: int) -> int:
        """Return which bound settled one quota."""
        return 0 if self.held is None else int(self.held[position])

    def fraction(self, position: int) -> Fraction:
        """Return one quota in units."""
        whole, _ = self.divided(np.array([position]))
        return int(whole[0]) + self.remainder_of(position)

    def remainder_of(self, position: int) -> Fraction:
        """Return the part of one quota that is less than a unit."""
        return Fraction(int(self.divided(np.array([position]))[1][0]), self.denominator)


@dataclass(frozen=True, eq=False)
class Start:
    """Awards before the spare units are handed out among those whose turn may come.

    Attributes
    ----------
    awards : ndarray of int
        In units; the caller's to change.
    near : ndarray of int, optional
        Positions of those who have the whole part of their quota and may get a unit; all others
        have what they get. None is everybody.
    remainders : ndarray of int
        Of those, each counting for `step` of a unit.
    step : Fraction
    inside : pair of Fraction, optional
        Between which shares of a unit the cut must be found for that to be true.
    """

    awards: Integers
    near: Integers | None
    remainders: Integers
    step: Fraction
    inside: tuple[Fraction, Fraction] | None = None


@dataclass(frozen=True)
class Cut:
    """Where the units ran out: the last claim served, and who stood exactly where it did.

    `score` is what the claims were ordered by: a remainder of a unit, or a divisor method's quotient
    (its square for `huntington_hill`), None where that is endless.
    """

    position: int
    tied_count: int
    tied_served: int
    broken_by: BrokenBy | None
    score: Fraction | None


@dataclass(frozen=True, eq=False)
class Rounded:
    """Awards in whole units, the quotas that they were made of, and the last to get a unit.

    `divisor` is None where the units went by remainder.
    """

    awards: Integers
    quotas: Quotas
    cut: Cut | None = field(default=None)
    divisor: Divisor | None = None

    @cached_property
    def got_leftover(self) -> Flags:
        """Who got more than the whole part of its quota."""
        return np.asarray(self.awards > self.quotas.whole, dtype=bool)


Method: TypeAlias = Callable[[Problem], Quotas]
Rounding: TypeAlias = Callable[[Problem, Quotas], Rounded]
