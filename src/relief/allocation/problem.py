"""What every method is given, what it answers, and what every rounding makes of the answer.

A method is a function ``(Problem) -> Quotas``, a rounding ``(Problem, Quotas) -> Rounded``.
Inside, money is counted in units (`Problem.unit` fen each), so that "whole" means one thing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from relief.allocation.claims import Claims
    from relief.allocation.integers import Flags, Integers

__all__ = ["AT_CAP", "AT_FLOOR", "BrokenBy", "Cut", "Method", "Problem", "Quotas", "Rounded", "Rounding"]

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
    capped : array of bool
        False where nothing limits an award; its entry in `caps` is then the whole fund.
    unit : int
        Fen in one unit.
    tie_keys : Index or None
        What orders equal remainders of equal claims; the labels if None.
    """

    claims: Claims
    fund: int
    unit: int
    floors: Integers
    caps: Integers
    capped: Flags
    tie_keys: pd.Index[Any] | None


@dataclass(frozen=True, eq=False)
class Quotas:
    """Exact awards in units: ``whole + remainder / denominator``, 0 <= remainder < denominator.

    `held` is AT_FLOOR or AT_CAP where a bound and not the method settled the quota, else 0.
    """

    whole: Integers
    remainder: Integers
    denominator: int
    held: npt.NDArray[np.int8]

    def fraction(self, position: int) -> Fraction:
        """Return one quota in units."""
        return int(self.whole[position]) + self.remainder_of(position)

    def remainder_of(self, position: int) -> Fraction:
        """Return the part of one quota that is less than a unit."""
        return Fraction(int(self.remainder[position]), self.denominator)


@dataclass(frozen=True)
class Cut:
    """Where the leftover units ran out: the last claim served, and who shared its remainder."""

    position: int
    tied_count: int
    tied_served: int
    broken_by: BrokenBy | None


@dataclass(frozen=True, eq=False)
class Rounded:
    """Awards in whole units, who got a leftover unit, and the last to get one."""

    awards: Integers
    got_leftover: Flags
    cut: Cut | None = field(default=None)


Method: TypeAlias = Callable[[Problem], Quotas]
Rounding: TypeAlias = Callable[[Problem, Quotas], Rounded]
