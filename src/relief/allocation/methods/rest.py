"""What is left to claim and to divide once every floor is set aside, for methods without a rate or level.

In    a `Problem`
Out   claims = caps - floors, fund = fund - sum of floors, in units; and quotas of exact shares of them

Methods defined by orders of arrival, by overlaps or by the shape of the set of awards have no single
number that could be clipped. Their floor is given first, their cap truncates the claim, and the
method divides the rest. None of them looks at the part of a claim that is above the whole fund.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from relief.allocation import integers
from relief.allocation.problem import Problem, Quotas
from relief.errors import MethodError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from relief.allocation.integers import Integers

__all__ = ["Rest", "rest_of"]


@dataclass(frozen=True, eq=False)
class Rest:
    """Claims and fund without the floors, in units; no claim is above the fund."""

    problem: Problem
    claims: Integers
    fund: int
    total: int

    def positive(self) -> list[int]:
        """Return the claims above zero, ascending."""
        return [int(claim) for claim in np.sort(self.claims) if claim]

    def quotas(self, numerators: Integers, denominator: int) -> Quotas:
        """Return the floors and on top ``numerators / denominator``, both whole numbers, one per claim."""
        whole = numerators // denominator
        remainder = integers.narrow(numerators - whole * denominator)
        return self.on_floors(integers.narrow(whole), remainder, denominator)

    def on_floors(self, whole: Integers, remainder: Integers, denominator: int) -> Quotas:
        """Return the floors and this on top, together no more than the caps."""
        return Quotas(whole + self.problem.floors, remainder, denominator, self.problem.fund)

    def spread(self, by_claim: Mapping[int, int], denominator: int) -> Quotas:
        """Return the quotas where equal claims get the same; a claim of zero gets its floor."""
        distinct, which = np.unique(self.claims, return_inverse=True)
        numerators = np.array([by_claim[int(claim)] if claim else 0 for claim in distinct], dtype=object)
        common = int(np.gcd.reduce(np.append(numerators, denominator)))
        return self.quotas((numerators // common)[which], denominator // common)


def rest_of(problem: Problem, method: str) -> Rest:
    """Return what is left once the floors are set aside.

    Raises
    ------
    MethodError
        If awards above the claim are allowed: these methods give no such award.
    """
    most = integers.over(problem.claims.fen, problem.unit)
    if not problem.capped.all() or (problem.caps > most).any():
        raise MethodError("allocation.never_above_claim", method=method)
    fund = problem.fund - integers.total(problem.floors)
    room = problem.caps - problem.floors
    # No wider than the fund needs, so that what is made of the claims stays small.
    claims = integers.narrow(np.minimum(room, integers.filled(1, fund)))
    return Rest(problem, claims, fund, integers.total(claims))
