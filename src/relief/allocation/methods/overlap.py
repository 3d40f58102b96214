"""Minimal overlap: claims laid on the fund so that as few as possible lie on each other.

In    a `Problem`
Out   quotas in units

Each claims certain parts of the fund, and every part is divided equally among those who claim it.
Claims of the whole fund lie on all of it, and smaller ones inside them. Where no claim is as large
as the fund, each claim has a part for itself above a depth s, and below it they lie as if s were
the fund; at s the parts above and s together are the fund.

Source: B. O'Neill (1982), A problem of rights arbitration from the Talmud, Mathematical Social
Sciences 2.
"""

from __future__ import annotations

from math import lcm
from typing import TYPE_CHECKING

import numpy as np

from relief.allocation import integers
from relief.allocation.methods.layers import Layers
from relief.allocation.methods.rest import Rest, rest_of

if TYPE_CHECKING:
    from relief.allocation.integers import Integers
    from relief.allocation.problem import Problem, Quotas

__all__ = ["minimal_overlap"]

# Of all remainders together, in bits: above, no fraction is written that nobody asks for.
_MOST_BITS = 2**29


def minimal_overlap(problem: Problem) -> Quotas:
    """Divide every part of the fund equally among those who claim it, with the least overlap of claims.

    ``quota = sum over parts of the claim below s of part / number of claims that reach it
    + max(0, claim - s)``, where s is the fund if a claim is as large, else
    ``sum of max(0, claim - s) = fund - s``. Floors are set aside before; a cap truncates the claim.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    Quotas
        In units; exact.

    Raises
    ------
    MethodError
        If awards above the claim are allowed; later, if all exact quotas are asked for at once and their
        fractions are too long for so many claims.

    References
    ----------
    Abraham Ibn Ezra, Sefer ha-Mispar (1146), as told in O'Neill, B. (1982). A problem of rights
    arbitration from the Talmud. Mathematical Social Sciences 2.

    Examples
    --------
    Four sons claim all, a half, a third and a quarter of 120.

    >>> from relief.allocation import allocate
    >>> plan = allocate([120, 60, 40, 30], 120, method="minimal_overlap")
    >>> plan.quotas.map(str).tolist()
    ['485/6', '125/6', '65/6', '15/2']
    """
    rest = rest_of(problem, "minimal_overlap")
    distinct, which, counts = np.unique(rest.claims, return_inverse=True, return_counts=True)
    reach = np.cumsum(counts[::-1])[::-1]
    first = _first_alone(rest, distinct, counts, reach)
    # From the first that is not below s on, all get the same less than their claims.
    above = int((integers.widen(distinct[first:]) * counts[first:]).sum()) - rest.fund
    less, over = divmod(above + (int(distinct[first - 1]) if first else 0), int(reach[first]))
    heights = np.append(np.diff(distinct[:first], prepend=0), -over)
    alone = np.where(np.arange(distinct.size) < first, 0, distinct - less)
    denominator = _denominator(reach[: first + 1][heights != 0].tolist(), rest.claims.size)
    if denominator is None:
        least = problem.floors + alone[which]
        return Layers(heights, reach[: first + 1], np.minimum(which, first), least, problem.fund)
    sums = np.cumsum(integers.widen(heights) * (denominator // integers.widen(reach[: first + 1])))
    shares = integers.widen(alone) * denominator + sums[np.minimum(np.arange(distinct.size), first)]
    return rest.quotas(shares[which], denominator)


def _first_alone(rest: Rest, distinct: Integers, counts: Integers, reach: Integers) -> int:
    """Return the first distinct claim that is not below s."""
    values, many = integers.widen(distinct), integers.widen(reach)
    from_here = np.cumsum((values * counts)[::-1])[::-1]
    # What lies alone above a claim, and the claim itself, together are no more than the fund.
    lies = from_here - values * many + values
    return int((lies <= rest.fund).argmax())


def _denominator(reach: list[int], count: int) -> int | None:
    """Return the common denominator of parts shared by so many; None if it is too long."""
    together = 1
    for many in reach:
        together = lcm(together, many)
        if together.bit_length() * count > _MOST_BITS:
            return None
    return together
