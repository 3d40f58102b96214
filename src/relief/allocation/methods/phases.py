"""Phases of a level that rises for all: what an award begins with, and between which ends it follows.

In    a `Problem` and the phases of a method
Out   quotas at the one level that spends the fund, worked out as they are asked for

Each method is one or two phases; which of them a fund reaches is told by what the first can give
at most. Amounts are counted in half fen where half the claim is where the phases meet.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from math import floor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from relief.allocation import integers
from relief.allocation.bounds import spendable
from relief.allocation.integers import INT64_MAX
from relief.allocation.methods.levels import level
from relief.allocation.problem import AT_CAP, AT_FLOOR, Problem, Quotas, Rule, Start

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from relief.allocation.integers import Flags, Integers

__all__ = [
    "AT_LEAST_HALF", "AWARD", "HALF_AND_AWARD", "HALF_AWARD", "HALF_LOSS", "HALF_LOSS_OF_HALF", "LOSS",
    "equally", "first_that_reaches",
]  # fmt: skip


class _Ends(NamedTuple):
    """A phase for every claim: award = start + clip(level, low, high)."""

    start: Integers
    low: Integers
    high: Integers


class _Phase(NamedTuple):
    """The form that a certificate tells, its ends, and -1 where the level is a loss.

    The ends are made of the claims, counted in `grains` to the fen.
    """

    form: str
    ends: Callable[[Integers], _Ends]
    sign: int = 1
    grains: int = 2


def _nothing(claims: Integers) -> Integers:
    return np.broadcast_to(np.int64(0), claims.shape)


AWARD = _Phase("award", lambda claims: _Ends(_nothing(claims), _nothing(claims), claims), grains=1)
LOSS = _Phase("loss", lambda claims: _Ends(claims, -claims, _nothing(claims)), -1, grains=1)
# In half fen, where half of a claim is as many as the claim has fen.
HALF_AWARD = _Phase("half_award", lambda half: _Ends(_nothing(half), _nothing(half), half))
HALF_LOSS = _Phase("half_loss", lambda half: _Ends(2 * half, -half, _nothing(half)), -1)
HALF_LOSS_OF_HALF = _Phase("half_loss_of_half", lambda half: _Ends(half, -half, _nothing(half)), -1)
HALF_AND_AWARD = _Phase("half_and_award", lambda half: _Ends(half, _nothing(half), half))
AT_LEAST_HALF = _Phase("at_least_half", lambda half: _Ends(_nothing(half), half, 2 * half))


def equally(highest: Integers) -> _Phase:
    """Return the phase in which everybody gets the same, up to an end of its own (fen)."""
    return _Phase("equal", lambda claims: _Ends(_nothing(claims), _nothing(claims), highest), grains=1)


def first_that_reaches(problem: Problem, phases: list[_Phase]) -> Quotas:
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
    held = None if problem.free else _held(free, ends, height)
    rule = Rule(phase.form, phase.sign * height / phase.grains)
    return Levelled(ends, height, grains, fund, held, rule)


class Levelled(Quotas):
    """Quotas at a level, worked out as they are asked for."""

    def __init__(
        self, ends: _Ends, height: Fraction, grains: int, total: int, held: npt.NDArray[np.int8] | None,
        rule: Rule,
    ) -> None:  # fmt: skip
        facts = {"denominator": grains * height.denominator, "total": total, "held": held, "rule": rule}
        for name, value in {
            **facts,
            "base": None,
            "_ends": ends,
            "_height": height,
            "_grains": grains,
        }.items():
            object.__setattr__(self, name, value)

    _ends: _Ends
    _height: Fraction
    _grains: int

    @cached_property
    def whole(self) -> Integers:
        """Every whole part."""
        return integers.over(self._in_grains(), self._grains)

    @cached_property
    def remainder(self) -> Integers:
        """Every remainder."""
        return self._divided()[1]

    def start(self) -> Start:
        """Return awards before the spare units; of whole fen, only those that move with the level get one."""
        if self._grains > 1:
            whole, remainder = self._divided()
            return Start(whole, None, remainder, Fraction(1, self.denominator))
        step = self._height - floor(self._height)
        return Start(self._in_grains(), None, self._follows().view(np.int8), step)

    def _divided(self) -> tuple[Integers, Integers]:
        """Return whole parts and remainders, in columns of their own."""
        awards, rest = self._in_grains(), self._height.numerator % self._height.denominator
        whole = awards // self._grains
        over = awards - whole * self._grains
        if self.denominator > INT64_MAX:
            over = integers.widen(over)
        over *= self._height.denominator
        if rest:
            over += self._follows() * rest
        return whole, integers.narrow(over)

    def _in_grains(self) -> Integers:
        """Return the awards, rounded down to grains, in a column of their own."""
        start, low, high = self._ends
        awards = np.clip(floor(self._height), integers.single(low), integers.single(high))
        if not integers.is_constant(start):
            awards += start
        return np.asarray(awards)

    def _follows(self) -> Flags:
        """Return whose award moves with the level just above its whole height."""
        return _follows(self._ends, floor(self._height))


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


def _follows(ends: _Ends, base: int) -> Flags:
    """Return whose award moves with the level just above a whole height."""
    low, high = integers.single(ends.low), integers.single(ends.high)
    return np.asarray((low <= base) & (base < high), dtype=bool)


def _held(free: _Ends, ends: _Ends, height: Fraction) -> npt.NDArray[np.int8]:
    """Return where an award stands at a bound that the method alone would have passed."""
    base, rest = divmod(height.numerator, height.denominator)
    freely, bounded = np.clip(base, free.low, free.high), np.clip(base, ends.low, ends.high)
    more = _follows(free, base) & ~_follows(ends, base) & bool(rest)
    at_cap = (freely > bounded) | ((freely == bounded) & more)
    return np.where(freely < bounded, AT_FLOOR, np.where(at_cap, AT_CAP, 0)).astype(np.int8)
