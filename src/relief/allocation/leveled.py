"""The methods that raise or lower one level for all: equal awards, equal losses, and their mixtures.

In    a `Problem`
Out   quota = clip(a function of claim and level, floor, cap), one level for all, the fund as the sum

Each method is one or two phases; in a phase an award is what the claim begins with plus a level
held between two ends. Which phase a fund reaches is told by what the phase can give at most.
Amounts are counted in half fen where half the claim is where the phases meet.

Source: R. J. Aumann and M. Maschler (1985), Game theoretic analysis of a bankruptcy problem
from the Talmud, Journal of Economic Theory 36; W. Thomson (2019), How to Divide When There
Isn't Enough, chapters 2 and 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from relief.allocation import integers
from relief.allocation.bounds import spendable
from relief.allocation.integers import INT64_MAX, Flags, Integers
from relief.allocation.levels import level
from relief.allocation.problem import AT_CAP, AT_FLOOR, Problem, Quotas, Rule

if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction

    import numpy.typing as npt

__all__ = [
    "constrained_egalitarian",
    "constrained_equal_awards",
    "constrained_equal_losses",
    "equal",
    "piniles",
    "reverse_talmud",
    "talmud",
]


class _Ends(NamedTuple):
    """A phase for every claim: award = start + clip(level, low, high)."""

    start: Integers
    low: Integers
    high: Integers


class _Phase(NamedTuple):
    """A name in `relief.allocation.certificate.FORMS`, its ends, and -1 where the level is a loss.

    The ends are made of the claims, counted in `grains` to the fen.
    """

    form: str
    ends: Callable[[Integers], _Ends]
    sign: int = 1
    grains: int = 2


def _nothing(claims: Integers) -> Integers:
    return np.broadcast_to(np.int64(0), claims.shape)


_AWARD = _Phase("award", lambda claims: _Ends(_nothing(claims), _nothing(claims), claims), grains=1)
_LOSS = _Phase("loss", lambda claims: _Ends(claims, -claims, _nothing(claims)), -1, grains=1)
# In half fen, where half of a claim is as many as the claim has fen.
_HALF_AWARD = _Phase("half_award", lambda half: _Ends(_nothing(half), _nothing(half), half))
_HALF_LOSS = _Phase("half_loss", lambda half: _Ends(2 * half, -half, _nothing(half)), -1)
_HALF_LOSS_OF_HALF = _Phase("half_loss_of_half", lambda half: _Ends(half, -half, _nothing(half)), -1)
_HALF_AND_AWARD = _Phase("half_and_award", lambda half: _Ends(half, _nothing(half), half))
_AT_LEAST_HALF = _Phase("at_least_half", lambda half: _Ends(_nothing(half), half, 2 * half))


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
    return _first_that_reaches(problem, [_AWARD])


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
    return _first_that_reaches(problem, [_LOSS])


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
    return _first_that_reaches(problem, [_HALF_AWARD, _HALF_LOSS])


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
    return _first_that_reaches(problem, [_HALF_LOSS_OF_HALF, _HALF_AND_AWARD])


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
    return _first_that_reaches(problem, [_HALF_AWARD, _HALF_AND_AWARD])


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
    return _first_that_reaches(problem, [_HALF_AWARD, _AT_LEAST_HALF])


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
    phase = _Phase("equal", lambda claims: _Ends(_nothing(claims), _nothing(claims), highest), grains=1)
    return _first_that_reaches(problem, [phase])


def _first_that_reaches(problem: Problem, phases: list[_Phase]) -> Quotas:
    """Raise the level of the first phase that can give the fund."""
    grains = phases[0].grains * problem.unit
    claims, floors, caps = _in_grains(problem, grains)
    for phase in phases:
        free = phase.ends(claims)
        ends = free if problem.free else _between(free, floors, caps)
        if phase is phases[-1]:
            break
        if integers.total(ends.start) + integers.total(ends.high) >= grains * problem.fund:
            break
    fund = problem.fund
    if phase is phases[-1] and not problem.free:
        fund = spendable(problem, (ends.start + ends.high) // grains)
    height = level(ends.low, ends.high, grains * fund - integers.total(ends.start))
    whole, remainder = _levelled(ends, height, grains)
    held = None if problem.free else _held(free, ends, height)
    rule = Rule(phase.form, phase.sign * height / phase.grains)
    return Quotas(whole, remainder, grains * height.denominator, fund, held, rule)


def _in_grains(problem: Problem, grains: int) -> tuple[Integers, Integers, Integers]:
    """Return claims in fen and bounds in grains of a unit, safe to add."""
    if problem.free and 8 * problem.claims.largest <= INT64_MAX:
        return problem.claims.fen, problem.floors, problem.caps
    reachable = np.minimum(problem.caps, integers.filled(problem.caps.size, problem.fund))
    highest = max(integers.extent(problem.floors)[1], integers.extent(reachable)[1])
    safe = 8 * max(problem.claims.largest, highest * grains) <= INT64_MAX
    change = integers.narrow if safe else integers.widen
    claims, floors, caps = map(change, (problem.claims.fen, problem.floors, reachable))
    return claims, floors * grains, caps * grains


def _between(ends: _Ends, floors: Integers, caps: Integers) -> _Ends:
    """Return the ends of a phase drawn in to the bounds of the award."""
    start, low, high = ends
    floors, caps = floors - start, caps - start
    return _Ends(start, np.clip(low, floors, caps), np.clip(high, floors, caps))


def _levelled(ends: _Ends, height: Fraction, grains: int) -> tuple[Integers, Integers]:
    """Return the quotas at a level: whole units, and remainders in parts of the level's denominator."""
    base, rest = divmod(height.numerator, height.denominator)
    whole = np.clip(base, ends.low, ends.high)
    if not integers.is_constant(ends.start):
        whole += ends.start
    if grains == 1:
        return whole, _follows(ends, base) * rest
    award = whole
    whole = award // grains
    remainder = (award - whole * grains) * height.denominator
    if rest:
        remainder += _follows(ends, base) * rest
    return whole, remainder


def _follows(ends: _Ends, base: int) -> Flags:
    """Return whose award moves with the level just above a whole height."""
    return np.asarray((ends.low <= base) & (base < ends.high), dtype=bool)


def _held(free: _Ends, ends: _Ends, height: Fraction) -> npt.NDArray[np.int8]:
    """Return where an award stands at a bound that the method alone would have passed."""
    base, rest = divmod(height.numerator, height.denominator)
    freely, bounded = np.clip(base, free.low, free.high), np.clip(base, ends.low, ends.high)
    more = _follows(free, base) & ~_follows(ends, base) & bool(rest)
    at_cap = (freely > bounded) | ((freely == bounded) & more)
    return np.where(freely < bounded, AT_FLOOR, np.where(at_cap, AT_CAP, 0)).astype(np.int8)
