"""The average of all possible awards: the centre of what the claims and the fund allow.

In    a `Problem`
Out   quotas in units

All awards between zero and the claims that add up to the fund fill a polytope: a simplex with
corners cut off. Its volume and its moments are sums over sets of claims of ``(-1)**size`` times a
power of what a set leaves of the fund, so that sets are told apart by their sums alone.

Source: M. A. Mirás Calvo, C. Quinteiro Sandomingo and E. Sánchez-Rodríguez (2022), The
average-of-awards rule for claims problems, Social Choice and Welfare 59.
"""

from __future__ import annotations

from operator import neg
from typing import TYPE_CHECKING

from relief.allocation.methods.rest import rest_of
from relief.allocation.methods.subset_sums import subset_sums, without

if TYPE_CHECKING:
    from relief.allocation.problem import Problem, Quotas

__all__ = ["average_of_awards"]

# Sums times claims, in powers of this many bits: some seconds.
_MOST_STEPS, _BITS = 24_000_000, 8192


def average_of_awards(problem: Problem) -> Quotas:
    """Give the average of all awards between zero and the claims that add up to the fund.

    With ``V = sum over sets S of (-1)**|S| * max(0, fund - sum of S)**(n - 1) * n``, the quota is
    ``(sum over S of (-1)**|S| * max(0, fund - sum of S)**n + claim * the part of V of the S with i) / V``.
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
    Mirás Calvo, M. A., Quinteiro Sandomingo, C. and Sánchez-Rodríguez, E. (2022). The
    average-of-awards rule for claims problems. Social Choice and Welfare 59; the formula of the
    volume: Marichal, J.-L. and Mossinghoff, M. J. (2008). Slices, slabs, and sections of the unit
    hypercube. Online Journal of Analytic Combinatorics 3.

    Examples
    --------
    Two people hold a garment; one claims all of it, the other half (Mishnah, Bava Metzia 2a).

    >>> from relief.allocation import allocate
    >>> allocate([200, 100], 200, method="average_of_awards").awards_fen.tolist()
    [150, 50]
    """
    rest = rest_of(problem, "average_of_awards")
    claims = rest.positive()
    if rest.fund in (0, rest.total):
        return rest.quotas(rest.claims if rest.fund else 0 * rest.claims, 1)
    # What is given and what is lacking have the same centre, so the smaller of the two is worked out.
    lacks = 2 * rest.fund > rest.total
    moments, volume = _moments(claims, rest.total - rest.fund if lacks else rest.fund)
    if lacks:
        moments = {claim: claim * volume - lost for claim, lost in moments.items()}
    return rest.spread(moments, volume)


def _moments(claims: list[int], fund: int) -> tuple[dict[int, int], int]:
    """Return the moment of the awards of each distinct claim, and the volume."""
    count, distinct = len(claims), sorted(set(claims))
    steps = (count + len(distinct)) * (1 + count * fund.bit_length() // _BITS)
    table = subset_sums(claims, fund, neg, _MOST_STEPS // steps, "average_of_awards")
    powers = {made: (fund - made) ** (count - 1) for made in table}
    volume = count * sum(sign * powers[made] for made, sign in table.items())
    shared = sum(sign * powers[made] * (fund - made) for made, sign in table.items())
    found = {}
    for claim in distinct:
        others = without(table, claim, neg)
        cut_off = sum(sign * powers.get(made + claim, 0) for made, sign in others.items())
        found[claim] = shared - claim * count * cut_off
    return found, volume
