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

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.allocation import integers
from relief.allocation.problem import BrokenBy, Cut, Problem, Quotas, Rounded, Start

if TYPE_CHECKING:
    from fractions import Fraction

    from relief.allocation.integers import Flags, Integers

__all__ = ["first", "in_order", "largest_remainder", "leftover_rank"]

_LOOK, _FEW = 1024, 8


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
    awards, remainders = start.awards, start.remainders
    # What is given before the last units is less than the fund and one unit for each.
    is_safe = awards.dtype != object and quotas.total + awards.size <= integers.INT64_MAX
    spare = quotas.total - (int(awards.sum()) if is_safe else integers.total(awards))
    if not 0 < spare <= remainders.size:
        return None
    smallest_served = _at_place(remainders, spare)
    score = int(smallest_served) * start.step
    if start.inside and not start.inside[0] < score < start.inside[1]:
        return None
    near = slice(None) if start.near is None else start.near
    served = np.asarray(remainders > smallest_served)
    tied = np.asarray(remainders == smallest_served)
    cut = first(problem, near, served, tied, spare - int(np.count_nonzero(served)), score)
    awards[near] += served
    return Rounded(awards, quotas, cut)


def _at_place(values: Integers, place: int) -> Any:
    """Return the value at a place counted from the largest."""
    # To part many equal values takes long, to count them does not.
    some = np.unique(values[:: max(1, values.size // _LOOK)])
    for value in some[::-1] if some.size <= _FEW else some[:0]:
        ahead = np.count_nonzero(values > value)
        if ahead < place <= ahead + np.count_nonzero(values == value):
            return value
    return np.partition(values, values.size - place)[values.size - place]


def first(
    problem: Problem, near: Integers | slice, served: Flags, tied: Flags, count: int, score: Fraction | None
) -> Cut:
    """Serve the first `count` of those whom nothing but the order of ties tells apart.

    Parameters
    ----------
    problem : Problem
    near : ndarray of int, or slice
        Who is looked at.
    served, tied : ndarray of bool
        Of those: who is served, to which the first of those tied are added.
    count : int
        At least 1, at most as many as are tied.
    score : Fraction or None
        What is equal for them; None if it is endless.
    """
    fen, together = problem.claims.fen[near], int(np.count_nonzero(tied))
    last_claim = fen[tied].min() if count == together else _at_place(fen[tied], count)
    larger = tied & (fen > last_claim)
    served |= larger
    alike = np.flatnonzero(tied & (fen == last_claim))
    positions = alike if isinstance(near, slice) else near[alike]
    turn = _turns(problem, positions)
    more = count - int(np.count_nonzero(larger))
    served[alike[turn[:more]]] = True
    order = positions[turn[: more + 1]]
    last = int(order[more - 1])
    broken_by: BrokenBy | None = None
    if more < order.size:
        broken_by = _told_apart_by(problem, last, int(order[more]))
    elif count < together:
        broken_by = "claim"
    return Cut(last, together, count, broken_by, score)


def leftover_rank(problem: Problem, quotas: Quotas, position: int) -> int:
    """Return which place a claim has in the queue for leftover units, from 1."""
    turns = quotas.turns
    tied = in_order(problem, np.flatnonzero(turns == turns[position]))
    ahead = int((turns > turns[position]).sum())
    return ahead + int(np.flatnonzero(tied == position)[0]) + 1


def in_order(problem: Problem, positions: Integers) -> Integers:
    """Return claims of one remainder as leftover units reach them."""
    return np.asarray(positions[_turns(problem, positions)])


def _turns(problem: Problem, positions: Integers) -> Integers:
    """Return in which order claims of one remainder are reached, by their places in `positions`."""
    if positions.size == 1:
        return np.zeros(1, dtype=np.int64)
    labels = problem.claims.labels
    if isinstance(labels, pd.RangeIndex):
        # Its labels ascend with the rows, or descend.
        columns = [positions * (1 if labels.step > 0 else -1), -problem.claims.fen[positions]]
    else:
        columns = [_ranks(labels[positions]), -problem.claims.fen[positions]]
    if problem.tie_keys is not None:
        columns.insert(1, _ranks(problem.tie_keys[positions]))
    return np.lexsort(columns)


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
