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

from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from relief.allocation import integers
from relief.allocation.bounds import spendable
from relief.allocation.integers import INT64_MAX, Flags, Integers
from relief.allocation.problem import AT_CAP, AT_FLOOR, Problem, Quotas, Rule
from relief.allocation.ratios import Ratio
from relief.allocation.shares import Shares

__all__ = ["in_proportion", "proportional", "weighted"]


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
    claims = problem.claims
    if problem.free and claims.total:
        return Shares(Ratio(claims.fen, problem.fund, claims.total, claims.largest))
    return in_proportion(problem, claims.fen)


def weighted(problem: Problem) -> Quotas:
    """Divide in proportion to claim times weight, no award outside its bounds.

    ``quota = clip(rate * weight * claim, floor, cap)`` with one rate for all. A weight is given by a
    rule, such as one that rises as net income per head falls.

    Parameters
    ----------
    problem : Problem
        With `weights`: >= 0, exact.

    Returns
    -------
    Quotas
        In units; exact.

    Raises
    ------
    SurplusError
        If claims of a weight above zero cannot take the fund.

    References
    ----------
    Moulin, H. (2000). Priority Rules and Other Asymmetric Rationing Methods. Econometrica 68.

    Examples
    --------
    >>> from relief.allocation import allocate
    >>> plan = allocate({"a": 100, "b": 100}, 90, method="weighted", weights={"a": 2, "b": 1})
    >>> plan.awards_fen.to_dict()
    {'a': 60, 'b': 30}
    """
    weights, claims = problem.terms.weights, problem.claims.fen
    base = integers.narrow(integers.widen(claims) * integers.widen(weights))
    return replace(in_proportion(problem, base), base=base)


def in_proportion(problem: Problem, base: Integers) -> Quotas:
    """Divide in proportion to any whole numbers, no award outside its bounds.

    Parameters
    ----------
    problem : Problem
    base : ndarray of int
        At least 0; one of zero is held at its floor.

    Returns
    -------
    Quotas

    Raises
    ------
    SurplusError
        If a base above zero cannot take the fund.
    """
    fund = spendable(problem, np.where(base > 0, problem.caps, problem.floors))
    base, floors, caps = _safe_columns(problem, base, fund)
    whole, remainder, held = floors.copy(), np.zeros_like(base), np.zeros(base.size, dtype=np.int8)
    held[(base == 0) & (floors > 0)] = AT_FLOOR
    free = np.flatnonzero(base > 0)
    left = fund - (integers.total(floors) - integers.total(floors[free]))
    rate, denominator = Fraction(0), 1
    while free.size:
        trial = _at_common_rate(base[free], floors[free], caps[free], left)
        whole[free], remainder[free] = trial.whole, trial.remainder
        held[free[trial.low]], held[free[trial.high]] = AT_FLOOR, AT_CAP
        rate, denominator = Fraction(left, trial.denominator), trial.denominator
        if trial.excess == 0:
            break
        fixed = trial.low if trial.excess > 0 else trial.high
        held[free[~fixed]] = 0
        left -= integers.total(trial.whole[fixed])
        free = free[~fixed]
    return Quotas(whole, remainder, denominator, fund, held, Rule("rate", rate))


class _Trial(NamedTuple):
    """Clipped quotas at one rate; `excess` has the sign of their sum less the fund."""

    whole: Integers
    remainder: Integers
    denominator: int
    low: Flags
    high: Flags
    excess: int


def _at_common_rate(base: Integers, floors: Integers, caps: Integers, left: int) -> _Trial:
    """Divide `left` by the base alone, then clip."""
    based = integers.total(base)
    scaled = base * left
    quota = scaled // based
    rest = scaled - quota * based
    low, high = quota < floors, (quota > caps) | ((quota == caps) & (rest > 0))
    quota = np.where(low, floors, np.where(high, caps, quota))
    rest[low | high] = 0
    excess = based * (integers.total(quota) - left) + integers.total(rest)
    return _Trial(quota, rest, based, low, high, excess)


def _safe_columns(problem: Problem, base: Integers, fund: int) -> tuple[Integers, Integers, Integers]:
    """Return base, floors and caps as int64, or as Python ints if a product could pass 2**63."""
    reachable = np.minimum(problem.caps, integers.filled(problem.caps.size, problem.fund))
    columns = base, problem.floors, reachable
    largest = max(fund * int(base.max(initial=0)), integers.total(base))
    change = integers.narrow if largest <= INT64_MAX else integers.widen
    base, floors, caps = map(change, columns)
    return base, floors, caps
