"""Quotas in proportion to the claims, between floors and caps, as exact fractions.

In    a `Problem`
Out   quota = clip(rate * claim, floor, cap) with one rate for all and the fund as the sum

Source: W. Thomson (2019), How to Divide When There Isn't Enough, on the proportional rule.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from relief.allocation import integers
from relief.allocation.bounds import spendable
from relief.allocation.problem import AT_CAP, AT_FLOOR, Problem, Quotas, Rule
from relief.allocation.rates import common_rate
from relief.allocation.ratios import Ratio
from relief.allocation.shares import Shares

if TYPE_CHECKING:
    from relief.allocation.integers import Integers

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
    largest = problem.claims.largest * integers.extent(weights)[1]
    change = integers.narrow if largest <= integers.INT64_MAX else integers.widen
    base = integers.narrow(change(claims) * change(weights))
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
    floors, caps = problem.floors, problem.caps
    zero = base == 0
    fund = spendable(problem, np.where(zero, floors, caps) if zero.any() else caps)
    found = common_rate(base, floors, caps, fund)
    ratio = Ratio(base, found.left, max(1, found.numbers), integers.extent(base)[1])
    whole, remainder = ratio.divided(slice(None))
    for bound, amounts in ((AT_FLOOR, floors), (AT_CAP, caps)):
        held = found.held == bound
        np.copyto(whole, amounts, where=held, casting="unsafe")
        np.copyto(remainder, 0, where=held)
    rate = Fraction(ratio.num, ratio.den)
    return Quotas(whole, remainder, ratio.den, fund, found.held, Rule("rate", rate))
