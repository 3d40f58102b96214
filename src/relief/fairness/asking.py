"""An allocator asked with care: every answer exact, none asked for twice.

In    a function from a list of claims and a fund to a list of awards
Out   awards as integers or fractions; a problem that is no whole number is counted in smaller units
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import lcm
from typing import Any, TypeAlias

import numpy as np

from relief.errors import AllocationError

__all__ = ["Allocate", "Amount", "Amounts", "Asked", "shares"]

Amount: TypeAlias = int | Fraction
Amounts: TypeAlias = tuple[Amount, ...]
Allocate: TypeAlias = Callable[[list[int], int], Any]


class Asked:
    """An allocator that remembers its answers.

    Examples
    --------
    >>> asked = Asked(lambda claims, fund: [fund / 2, fund / 2])
    >>> asked([1, 4], 3)
    (Fraction(3, 2), Fraction(3, 2))
    >>> asked([Fraction(1, 3), 1], 1)
    (Fraction(1, 2), Fraction(1, 2))
    """

    def __init__(self, allocate: Allocate) -> None:
        self._allocate = allocate
        self._answers: dict[tuple[tuple[int, ...], int], Amounts] = {}

    @classmethod
    def of(cls, allocate: Allocate) -> Asked:
        """Return the allocator with a memory, the one that it has if it has one."""
        return allocate if isinstance(allocate, cls) else cls(allocate)

    def __call__(self, claims: Sequence[Amount], fund: Amount) -> Amounts:
        """Return the awards; nothing for everybody where nobody claims anything."""
        if not any(claims):
            return (0,) * len(claims)
        unit = lcm(fund.denominator, *(claim.denominator for claim in claims))
        if unit == 1:
            return self._whole(tuple(map(int, claims)), int(fund))
        awards = self._whole(tuple(int(claim * unit) for claim in claims), int(fund * unit))
        return tuple(Fraction(award) / unit for award in awards)

    def _whole(self, claims: tuple[int, ...], fund: int) -> Amounts:
        key = claims, fund
        if key not in self._answers:
            awards = tuple(map(_exact, self._allocate(list(claims), fund)))
            if len(awards) != len(claims):
                raise AllocationError("fairness.one_award_each", awards=len(awards), claims=len(claims))
            self._answers[key] = awards
        return self._answers[key]


def shares(claims: Sequence[Amount], fund: Amount) -> Amounts:
    """Return the exact proportional shares of a fund.

    Examples
    --------
    >>> shares([1, 2], 2)
    (Fraction(2, 3), Fraction(4, 3))
    """
    total = sum(claims)
    return tuple(Fraction(claim * fund) / total if total else 0 for claim in claims)


def _exact(award: Any) -> Amount:
    if isinstance(award, Fraction):
        return int(award) if award.denominator == 1 else award
    if isinstance(award, int | np.integer):
        return int(award)
    # A float counts at the value that it has in binary.
    return _exact(Fraction(float(award) if isinstance(award, np.floating) else award))
