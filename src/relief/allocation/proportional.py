"""Quotas in proportion to the claims, between floors and caps, as exact fractions.

In    a `Problem`
Out   quota = clip(rate * claim, floor, cap) with one rate for all and the fund as the sum

The rate is found by fixing variables. At the rate that spends what is left on the claims that
are still free, a sum of clipped quotas above what is left shows the rate to be too high, so
claims at their floor stay there for good; a sum below shows the same of claims at their cap.
Every comparison multiplies across and stays in integers.

Source: W. Thomson (2019), How to Divide When There Isn't Enough, on the proportional rule;
raising one rate until the bounds and the fund meet is water-filling.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from relief.allocation import integers
from relief.allocation.bounds import check_surplus
from relief.allocation.integers import INT64_MAX, Flags, Integers
from relief.allocation.problem import AT_CAP, AT_FLOOR, Problem, Quotas

__all__ = ["proportional"]


def proportional(problem: Problem) -> Quotas:
    """Divide in proportion to the claims, no award outside its bounds.

    Parameters
    ----------
    problem : Problem
        Checked claims (fen), fund and bounds (units).

    Returns
    -------
    Quotas
        In units; exact. A claim of zero is held at its floor.

    Raises
    ------
    SurplusError
        If awards above the claim are allowed but only zero claims have room left.

    References
    ----------
    Thomson, W. (2019). How to Divide When There Isn't Enough. Cambridge University Press.

    Examples
    --------
    >>> from relief.allocation import allocate
    >>> plan = allocate({"a": 100, "b": 100, "c": 800}, 500, caps_fen={"c": 300})
    >>> [str(quota) for quota in plan.quotas]
    ['100', '100', '300']
    """
    check_surplus(problem, np.where(problem.claims.fen > 0, problem.caps, problem.floors))
    claims, floors, caps = _safe_columns(problem)
    whole, remainder, held = floors.copy(), np.zeros_like(claims), np.zeros(claims.size, dtype=np.int8)
    held[(claims == 0) & (floors > 0)] = AT_FLOOR
    free = np.flatnonzero(claims > 0)
    left = problem.fund - (integers.total(floors) - integers.total(floors[free]))
    while True:
        trial = _at_common_rate(claims[free], floors[free], caps[free], left)
        whole[free], remainder[free] = trial.whole, trial.remainder
        held[free[trial.low]], held[free[trial.high]] = AT_FLOOR, AT_CAP
        if trial.excess == 0:
            return Quotas(whole, remainder, trial.denominator, held)
        fixed = trial.low if trial.excess > 0 else trial.high
        held[free[~fixed]] = 0
        left -= integers.total(trial.whole[fixed])
        free = free[~fixed]


class _Trial(NamedTuple):
    """Clipped quotas at one rate; `excess` has the sign of their sum less the fund."""

    whole: Integers
    remainder: Integers
    denominator: int
    low: Flags
    high: Flags
    excess: int


def _at_common_rate(claims: Integers, floors: Integers, caps: Integers, left: int) -> _Trial:
    """Divide `left` by claims alone, then clip."""
    claimed = integers.total(claims)
    scaled = claims * left
    quota = scaled // claimed
    rest = scaled - quota * claimed
    low, high = quota < floors, (quota > caps) | ((quota == caps) & (rest > 0))
    quota = np.where(low, floors, np.where(high, caps, quota))
    rest[low | high] = 0
    excess = claimed * (integers.total(quota) - left) + integers.total(rest)
    return _Trial(quota, rest, claimed, low, high, excess)


def _safe_columns(problem: Problem) -> tuple[Integers, Integers, Integers]:
    """Return claims, floors and caps as int64, or as Python ints if a product could pass 2**63."""
    reachable = np.minimum(problem.caps, integers.filled(problem.caps.size, problem.fund))
    columns = problem.claims.fen, problem.floors, reachable
    largest = max(problem.fund * int(problem.claims.fen.max()), problem.claims.total)
    change = integers.narrow if largest <= INT64_MAX else integers.widen
    claims, floors, caps = map(change, columns)
    return claims, floors, caps
