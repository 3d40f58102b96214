"""Exact quotas made whole units that add up.

In    quotas in units, exact
Out   awards in whole units, the fund as their sum; who got a leftover unit and where they ran out

Every award starts at the whole part of its quota. The units left over go one each to the
largest remainders; among equal ones to the larger claim, then by the caller's key, then by
the label, never by the order of rows. An award with a remainder is below its cap by more
than the remainder, and there are fewer spare units than remainders, so no bound is passed.

Source: M. Balinski and H. P. Young (1982), Fair Representation, on the method of largest
remainders (Hamilton's).
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.allocation import integers
from relief.allocation.problem import BrokenBy, Cut, Problem, Quotas, Rounded, Start

if TYPE_CHECKING:
    from relief.allocation.integers import Integers

__all__ = ["first", "in_order", "largest_remainder", "leftover_rank"]


def largest_remainder(problem: Problem, quotas: Quotas) -> Rounded:
    """Round quotas down, then hand the spare units to the largest remainders.

    Parameters
    ----------
    problem : Problem
        Claims, labels and keys settle ties.
    quotas : Quotas
        In units; their sum is the fund.

    Returns
    -------
    Rounded
        Awards in units, int64 where they fit; the sum is the fund.

    References
    ----------
    Balinski, M. L. and Young, H. P. (1982). Fair Representation. Yale University Press.

    Examples
    --------
    >>> from relief.allocation import allocate
    >>> allocate({"a": 1, "b": 1, "c": 1}, 2).awards_fen.to_dict()
    {'a': 1, 'b': 1, 'c': 0}
    """
    start = quotas.start()
    rounded = _served(problem, quotas, start)
    return rounded or _served(problem, quotas, Quotas.start(quotas)) or Rounded(start.awards, quotas)


def _served(problem: Problem, quotas: Quotas, start: Start) -> Rounded | None:
    """Hand out the spare units; None where there are none, or the cut is not where it was looked for."""
    awards, near, remainders = start.awards, start.near, start.remainders
    # What is given before the last units is less than the fund and one unit for each.
    is_safe = awards.dtype != object and quotas.total + awards.size <= integers.INT64_MAX
    spare = quotas.total - (int(awards.sum()) if is_safe else integers.total(awards))
    if not 0 < spare <= remainders.size:
        return None
    smallest_served = np.partition(remainders, remainders.size - spare)[remainders.size - spare]
    score = Fraction(int(smallest_served), quotas.denominator)
    if start.inside and not start.inside[0] < score < start.inside[1]:
        return None
    before, tied = np.flatnonzero(remainders > smallest_served), np.flatnonzero(remainders == smallest_served)
    if near is not None:
        before, tied = near[before], near[tied]
    served, cut = first(problem, tied, spare - before.size, score)
    awards[before] += 1
    awards[served] += 1
    return Rounded(awards, quotas, cut)


def first(problem: Problem, tied: Integers, count: int, score: Fraction) -> tuple[Integers, Cut]:
    """Return the first `count` of claims that nothing but the order of ties tells apart, and their cut."""
    fen = problem.claims.fen[tied]
    last_claim = np.partition(fen, fen.size - count)[fen.size - count]
    larger = tied[fen > last_claim]
    alike = in_order(problem, tied[fen == last_claim])
    served = alike[: count - larger.size]
    last = int(served[-1])
    broken_by: BrokenBy | None = None
    if served.size < alike.size:
        broken_by = _told_apart_by(problem, last, int(alike[served.size]))
    elif count < tied.size:
        broken_by = "claim"
    return np.concatenate([larger, served]), Cut(last, int(tied.size), count, broken_by, score)


def leftover_rank(problem: Problem, quotas: Quotas, position: int) -> int:
    """Return which place a claim has in the queue for leftover units, from 1."""
    mine = quotas.remainder[position]
    tied = in_order(problem, np.flatnonzero(quotas.remainder == mine))
    ahead = int((quotas.remainder > mine).sum())
    return ahead + int(np.flatnonzero(tied == position)[0]) + 1


def in_order(problem: Problem, positions: Integers) -> Integers:
    """Return claims of one remainder as leftover units reach them."""
    if positions.size == 1:
        return positions
    labels = problem.claims.labels
    # A range's own labels ascend with the rows, or descend.
    of_labels = (
        positions * np.sign(labels.step) if isinstance(labels, pd.RangeIndex) else _ranks(labels[positions])
    )
    columns = [of_labels, -problem.claims.fen[positions]]
    if problem.tie_keys is not None:
        columns.insert(1, _ranks(problem.tie_keys[positions]))
    return positions[np.lexsort(columns)]


def _ranks(keys: pd.Index[Any]) -> Integers:
    """Return the place of each key among the distinct ones; keys that do not compare go by type."""
    if isinstance(keys, pd.CategoricalIndex):
        # Categories have an order of their own, often that of the rows; labels ascend by themselves.
        keys = pd.Index(keys.astype(object))
    try:
        return np.asarray(pd.factorize(keys, sort=True)[0])
    except TypeError:
        return np.asarray(pd.factorize(keys.map(lambda key: (type(key).__name__, repr(key))), sort=True)[0])


def _told_apart_by(problem: Problem, last: int, next_one: int) -> BrokenBy:
    if problem.tie_keys is not None and problem.tie_keys[last] != problem.tie_keys[next_one]:
        return "ties"
    return "label" if problem.claims.is_labelled else "position"
