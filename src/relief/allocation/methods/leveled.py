"""The methods that raise or lower one level for all: equal awards, equal losses, and their mixtures.

In    a `Problem`
Out   quota = clip(a function of claim and level, floor, cap), one level for all, the fund as the sum

Source: R. J. Aumann and M. Maschler (1985), Game theoretic analysis of a bankruptcy problem
from the Talmud, Journal of Economic Theory 36; W. Thomson (2019), How to Divide When There
Isn't Enough, chapters 2 and 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from relief.allocation import integers
from relief.allocation.methods.phases import (
    AT_LEAST_HALF,
    AWARD,
    HALF_AND_AWARD,
    HALF_AWARD,
    HALF_LOSS,
    HALF_LOSS_OF_HALF,
    LOSS,
    equally,
    first_that_reaches,
)

if TYPE_CHECKING:
    from relief.allocation.problem import Problem, Quotas

__all__ = [
    "constrained_egalitarian",
    "constrained_equal_awards",
    "constrained_equal_losses",
    "equal",
    "piniles",
    "reverse_talmud",
    "talmud",
]


def constrained_equal_awards(problem: Problem) -> Quotas:
    """Give everybody the same, but nobody more than the claim.

    ``quota = clip(min(claim, level), floor, cap)``.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    Quotas
        In units; exact.

    Raises
    ------
    SurplusError
        If the claims together are less than the fund.

    References
    ----------
    Maimonides, Laws of Lending and Borrowing 20:4; Thomson, W. (2019), section 2.1.1.

    Examples
    --------
    >>> from relief.allocation import allocate
    >>> allocate([100, 200, 300], 400, method="constrained_equal_awards").awards_fen.tolist()
    [100, 150, 150]
    """
    return first_that_reaches(problem, [AWARD])


def constrained_equal_losses(problem: Problem) -> Quotas:
    """Let everybody lose the same, but nobody more than the claim.

    ``quota = clip(max(0, claim - level), floor, cap)``.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    Quotas
        In units; exact.

    Raises
    ------
    SurplusError
        If the claims together are less than the fund.

    References
    ----------
    Maimonides, as told in Aumann, R. J. and Maschler, M. (1985); Thomson, W. (2019), section 2.1.1.

    Examples
    --------
    >>> from relief.allocation import allocate
    >>> allocate([100, 200, 300], 300, method="constrained_equal_losses").awards_fen.tolist()
    [0, 100, 200]
    """
    return first_that_reaches(problem, [LOSS])


def talmud(problem: Problem) -> Quotas:
    """Give equal awards up to half of each claim, then let everybody lose the same.

    Up to half of all claims ``min(claim / 2, level)``; beyond it ``claim - min(claim / 2, level)``.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    Quotas
        In units; exact.

    Raises
    ------
    SurplusError
        If the claims together are less than the fund.

    References
    ----------
    Mishnah, Ketubot 93a; Aumann, R. J. and Maschler, M. (1985). Game theoretic analysis of a
    bankruptcy problem from the Talmud. Journal of Economic Theory 36.

    Examples
    --------
    >>> from relief.allocation import allocate
    >>> allocate([100, 200, 300], 200, method="talmud").awards_fen.tolist()
    [50, 75, 75]
    >>> allocate([100, 200, 300], 300, method="talmud").awards_fen.tolist()
    [50, 100, 150]
    """
    return first_that_reaches(problem, [HALF_AWARD, HALF_LOSS])


def reverse_talmud(problem: Problem) -> Quotas:
    """Let everybody lose the same up to half of each claim, then give equal awards on top.

    Up to half of all claims ``claim / 2 - min(claim / 2, level)``; beyond it
    ``claim / 2 + min(claim / 2, level)``.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    Quotas
        In units; exact.

    Raises
    ------
    SurplusError
        If the claims together are less than the fund.

    References
    ----------
    Chun, Y., Schummer, J. and Thomson, W. (2001). Constrained egalitarianism: a new solution to
    bankruptcy problems. Seoul Journal of Economics 14.

    Examples
    --------
    >>> from relief.allocation import allocate
    >>> allocate([100, 200, 300], 200, method="reverse_talmud").quotas.map(str).tolist()
    ['50/3', '200/3', '350/3']
    """
    return first_that_reaches(problem, [HALF_LOSS_OF_HALF, HALF_AND_AWARD])


def piniles(problem: Problem) -> Quotas:
    """Give equal awards up to half of each claim, then equal awards again on top.

    Up to half of all claims ``min(claim / 2, level)``; beyond it ``claim / 2 + min(claim / 2, level)``.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    Quotas
        In units; exact.

    Raises
    ------
    SurplusError
        If the claims together are less than the fund.

    References
    ----------
    Piniles, H. M. (1861), as told in Aumann, R. J. and Maschler, M. (1985).

    Examples
    --------
    >>> from relief.allocation import allocate
    >>> allocate([100, 200, 300], 450, method="piniles").awards_fen.tolist()
    [100, 150, 200]
    """
    return first_that_reaches(problem, [HALF_AWARD, HALF_AND_AWARD])


def constrained_egalitarian(problem: Problem) -> Quotas:
    """Give equal awards, but everybody half of the claim before anybody gets more than half.

    Up to half of all claims ``min(claim / 2, level)``; beyond it
    ``max(claim / 2, min(claim, level))``.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    Quotas
        In units; exact.

    Raises
    ------
    SurplusError
        If the claims together are less than the fund.

    References
    ----------
    Chun, Y., Schummer, J. and Thomson, W. (2001). Constrained egalitarianism: a new solution to
    bankruptcy problems. Seoul Journal of Economics 14.

    Examples
    --------
    >>> from relief.allocation import allocate
    >>> allocate([100, 200, 300], 400, method="constrained_egalitarian").awards_fen.tolist()
    [100, 150, 150]
    """
    return first_that_reaches(problem, [HALF_AWARD, AT_LEAST_HALF])


def equal(problem: Problem) -> Quotas:
    """Give everybody the same, whatever is claimed; only floors and caps make a difference.

    ``quota = clip(level, floor, cap)``. A cap is never above the claim unless that is allowed, so
    that without ``allow_above_claim`` these are the constrained equal awards.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    Quotas
        In units; exact.

    Raises
    ------
    SurplusError
        If the caps together are less than the fund.

    References
    ----------
    Thomson, W. (2019). How to Divide When There Isn't Enough. Cambridge University Press.

    Examples
    --------
    >>> from relief.allocation import allocate
    >>> allocate([100, 200, 300], 450, method="equal", allow_above_claim=True).awards_fen.tolist()
    [150, 150, 150]
    """
    highest = integers.times(problem.caps, problem.unit)
    return first_that_reaches(problem, [equally(highest)])
