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
from relief.allocation.problem import BrokenBy, Cut, Problem, Quotas, Rounded
from relief.allocation.ratios import blocks

if TYPE_CHECKING:
    from relief.allocation.integers import Flags, Integers

__all__ = ["cut_at", "in_order", "largest_remainder", "leftover_rank"]

_MANY, _SAMPLE, _MARGIN = 2**17, 2**13, 2**8


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
    spare = quotas.total - integers.total(quotas.whole)
    served = np.zeros(quotas.whole.size, dtype=bool)
    if not spare:
        return Rounded(quotas.whole, served)
    near, ahead = _around_the_cut(quotas, spare, served)
    remainder = quotas.remainders(near)
    last = near.size - (spare - ahead)
    smallest_served = np.partition(remainder, last)[last]
    served[near] = remainder > smallest_served
    tied = near[remainder == smallest_served]
    open_units = spare - ahead - int(np.count_nonzero(served[near]))
    tied = in_order(problem, tied)
    served[tied[:open_units]] = True
    score = Fraction(int(smallest_served), quotas.denominator)
    return Rounded(quotas.whole + served, served, cut_at(problem, tied, open_units, score))


def _around_the_cut(quotas: Quotas, spare: int, served: Flags) -> tuple[Integers, int]:
    """Mark in `served` who is certainly before the cut; return who may be at it, and how many are marked.

    Two remainders are guessed from every so-manieth claim, one on each side of the cut; a guess
    that turns out to have missed it leaves everybody to be looked at.
    """
    size = served.size
    everybody = np.arange(size) if size < _MANY else None
    if everybody is None:
        some = quotas.remainders(np.arange(0, size, size // _SAMPLE))
        some.sort()
        place = some.size - some.size * spare // size
        low, high = some[max(0, place - _MARGIN)], some[min(some.size - 1, place + _MARGIN)]
        near = []
        for rows in blocks(size):
            remainder = quotas.remainders(rows)
            np.greater(remainder, high, out=served[rows])
            near.append(np.flatnonzero((remainder >= low) & ~served[rows]) + rows.start)
        found, ahead = np.concatenate(near), int(np.count_nonzero(served))
        if ahead < spare <= ahead + found.size:
            return found, ahead
        served[:] = False
        everybody = np.arange(size)
    return everybody, 0


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
    columns = [_ranks(problem.claims.labels[positions]), -problem.claims.fen[positions]]
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


def cut_at(problem: Problem, tied: Integers, served: int, score: Fraction) -> Cut:
    """Describe the last unit handed out; `tied` is in order and its first `served` have one."""
    last = int(tied[served - 1])
    broken_by = _broken_by(problem, last, int(tied[served])) if served < tied.size else None
    return Cut(last, int(tied.size), served, broken_by, score)


def _broken_by(problem: Problem, last: int, next_one: int) -> BrokenBy:
    if problem.claims.fen[last] != problem.claims.fen[next_one]:
        return "claim"
    if problem.tie_keys is not None and problem.tie_keys[last] != problem.tie_keys[next_one]:
        return "ties"
    return "label" if problem.claims.is_labelled else "position"
