"""Random arrival: first come, first served, averaged over all orders in which the claims can come.

In    a `Problem`
Out   quotas in units

Who comes k-th after a set of claims gets ``min(claim, what the set leaves)``. Only how many came
before and what they took together matters, so that sets are counted by size and sum and never
written down: the counts by size are packed into one whole number for each sum.

Source: B. O'Neill (1982), A problem of rights arbitration from the Talmud, Mathematical Social
Sciences 2; it is the Shapley value of the bankruptcy game.
"""

from __future__ import annotations

from math import factorial
from typing import TYPE_CHECKING

from relief.allocation.methods.rest import rest_of
from relief.allocation.methods.subset_sums import subset_sums, without

if TYPE_CHECKING:
    from relief.allocation.problem import Problem, Quotas

__all__ = ["random_arrival"]

# Sums times claims, in packed numbers of this many bits: some seconds.
_MOST_STEPS, _BITS = 24_000_000, 8192


def random_arrival(problem: Problem) -> Quotas:
    """Serve claims in full in the order in which they come, and average over all orders.

    ``quota = sum over sets S without i of |S|! (n - |S| - 1)! / n! * min(claim, max(0, fund - sum of S))``.
    Floors are set aside before; a cap truncates the claim.

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
        If the claims make too many different sums below the fund; if awards above the claim are
        allowed.

    References
    ----------
    O'Neill, B. (1982). A problem of rights arbitration from the Talmud. Mathematical Social Sciences 2.

    Examples
    --------
    >>> from relief.allocation import allocate
    >>> allocate([100, 200, 300], 200, method="random_arrival").quotas.map(str).tolist()
    ['100/3', '250/3', '250/3']
    """
    rest = rest_of(problem, "random_arrival")
    claims = rest.positive()
    # What is given and what is lacking follow the same rule, so the smaller of the two is averaged.
    lacks = 2 * rest.fund > rest.total
    fund = rest.total - rest.fund if lacks else rest.fund
    orders = factorial(len(claims))
    averages = _averages(claims, fund)
    if lacks:
        averages = {claim: claim * orders - lost for claim, lost in averages.items()}
    return rest.spread(averages, orders)


def _averages(claims: list[int], fund: int) -> dict[int, int]:
    """Return what each distinct claim gets, summed over all orders of the claims."""
    count, distinct = len(claims), sorted(set(claims))
    width = count + fund.bit_length()
    steps = (count + len(distinct)) * (1 + count * width // _BITS)

    def later(packed: int) -> int:
        return packed << width

    table = subset_sums(claims, fund, later, _MOST_STEPS // max(1, steps), "random_arrival")
    found = {}
    for claim in distinct:
        packed = sum(
            sets * min(claim, fund - made) for made, sets in without(table, claim, later).items() if sets
        )
        found[claim] = _over_orders(packed, width, count)
    return found


def _over_orders(packed: int, width: int, count: int) -> int:
    """Weigh what is got after each number of earlier claims by the orders in which that happens."""
    together, mask = 0, (1 << width) - 1
    for before in range(count):
        together += (packed >> width * before & mask) * factorial(before) * factorial(count - 1 - before)
    return together
