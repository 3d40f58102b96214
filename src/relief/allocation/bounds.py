"""Floors and caps, tightened to whole units and held against the claims and the fund.

In    floors and caps in fen: a number for all, or one per label
Out   a `Problem` whose bounds are whole units: floors rounded up, caps rounded down

A cap is never above its claim unless the caller allows it. A label that the floors leave out
has none; one that the caps leave out is held by its claim, if anything holds it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from relief.allocation import integers
from relief.allocation.claims import Claims, aligned
from relief.allocation.problem import Problem
from relief.errors import BoundsError, ShortageError, SurplusError
from relief.money import yuan

if TYPE_CHECKING:
    import pandas as pd

    from relief.allocation.integers import Flags, Integers
    from relief.allocation.terms import Terms

__all__ = ["Bounds", "in_units", "less_paid", "read_bounds", "spendable"]


class Bounds(NamedTuple):
    """One bound per claim in fen, 0 where none was given; where one was, and whether anywhere."""

    fen: Integers
    is_given: Flags
    some: bool


def read_bounds(values: Any, claims: Claims, argument: str) -> Bounds:
    """Return one bound per claim in fen, and where the caller gave one; elsewhere it is 0."""
    size = claims.fen.size
    if values is None:
        return Bounds(np.broadcast_to(np.int64(0), size), np.broadcast_to(np.False_, size), some=False)
    if integers.is_whole(values) and values >= 0:
        fen = np.broadcast_to(integers.filled(1, int(values))[0], size)
        return Bounds(fen, np.broadcast_to(np.True_, size), some=True)
    if integers.is_whole(values):
        values = integers.filled(size, int(values))
    found = integers.column(values)
    if found is None:
        raise BoundsError("allocation.bound_no_column", argument=argument, value=values)
    if len(found[0]) == size and (not found[1] or found[0].index.equals(claims.labels)):
        fen = _read_fen(found[0], claims.labels, argument)
        return Bounds(fen, np.broadcast_to(np.True_, size), some=True)
    given, positions = aligned(found, claims, argument, BoundsError)
    fen = _read_fen(given, claims.labels[positions], argument)
    bounds = np.zeros(size, dtype=fen.dtype)
    is_given = np.zeros(size, dtype=bool)
    bounds[positions], is_given[positions] = fen, True
    return Bounds(bounds, is_given, some=True)


def less_paid(caps: Bounds, paid: Bounds) -> Bounds:
    """Return what is left of each cap after what was paid before: a cap on the year, not on the award."""
    if not caps.is_given[paid.fen > 0].all():
        raise BoundsError("allocation.paid_without_cap")
    return caps._replace(fen=np.maximum(caps.fen - paid.fen, 0))


def _read_fen(given: pd.Series[Any], labels: pd.Index[Any], argument: str) -> Integers:
    fault = integers.fault_in(given)
    if fault:
        raise BoundsError("allocation.bound_not_whole", argument=argument, value=fault.value,
                          label=str(labels[fault.position]))  # fmt: skip
    fen = integers.whole(given)
    if integers.extent(fen)[0] < 0:
        at = int((fen < 0).argmax())
        raise BoundsError("allocation.bound_negative", argument=argument, label=str(labels[at]),
                          bound_yuan=yuan(int(fen[at])))  # fmt: skip
    return fen


def in_units(
    claims: Claims, fund: int, unit: int, floors: Bounds, caps: Bounds, tie_keys: pd.Index[Any] | None,
    terms: Terms, *, allow_above_claim: bool,
) -> Problem:  # fmt: skip
    """Return the problem counted in units, or raise BoundsError, ShortageError or SurplusError."""
    caps_fen, capped = _caps(claims, fund, caps, allow_above_claim)
    unbounded = caps_fen is claims.fen and not floors.some
    problem = Problem(
        claims=claims,
        fund=fund // unit,
        given=fund // unit,
        unit=unit,
        floors=-integers.over(-floors.fen, unit) if floors.some else floors.fen,
        caps=integers.over(caps_fen, unit),
        capped=capped,
        tie_keys=tie_keys,
        terms=terms,
        free=unbounded and unit == 1 and not allow_above_claim,
    )
    if not problem.free:
        _check_order(problem)
        _check_shortage(problem)
    if fund > claims.total and not allow_above_claim and not terms.returns:
        raise SurplusError("allocation.surplus_claims", fund_yuan=yuan(fund), claims_yuan=yuan(claims.total),
                           surplus_yuan=yuan(fund - claims.total))  # fmt: skip
    return replace(problem, fund=min(problem.fund, spendable(problem, problem.caps)))


def _caps(claims: Claims, fund: int, caps: Bounds, allow_above_claim: bool) -> tuple[Integers, Flags]:
    """Return the highest award of each claim in fen, and where there is such a limit."""
    fen, is_given, some = caps
    if allow_above_claim:
        # No award can pass the fund, so the fund stands in for "no cap".
        return np.where(is_given, fen, integers.filled(fen.size, fund)), is_given
    everywhere = np.broadcast_to(np.True_, fen.size)
    if not some:
        return claims.fen, everywhere
    if integers.is_constant(is_given):
        return np.minimum(fen, claims.fen), everywhere
    return np.where(is_given, np.minimum(fen, claims.fen), claims.fen), everywhere


def _check_order(problem: Problem) -> None:
    crossed = problem.capped & (problem.floors > problem.caps)
    if crossed.any():
        at = int(crossed.argmax())
        raise BoundsError(
            "allocation.floor_above_cap",
            label=str(problem.claims.labels[at]),
            floor_yuan=yuan(int(problem.floors[at]) * problem.unit),
            cap_yuan=yuan(int(problem.caps[at]) * problem.unit),
            claim_yuan=yuan(int(problem.claims.fen[at])),
        )


def _check_shortage(problem: Problem) -> None:
    needed = integers.total(problem.floors)
    if needed > problem.fund:
        raise ShortageError(
            "allocation.shortage",
            fund_yuan=yuan(problem.fund * problem.unit),
            floors_yuan=yuan(needed * problem.unit),
            short_yuan=yuan((needed - problem.fund) * problem.unit),
        )


def spendable(problem: Problem, caps: Integers, group: str = "") -> int:
    """Return how much of the fund awards up to `caps` (in units) can use up.

    Raises
    ------
    SurplusError
        If that is not all of it, and the caller did not ask for the rest to be returned.
    """
    room = problem.claims.total if caps is problem.claims.fen else integers.total(caps)
    if room >= problem.fund:
        return problem.fund
    if problem.terms.returns:
        return room
    raise SurplusError(
        "allocation.group_surplus" if group else "allocation.surplus_caps",
        **({"group": group} if group else {}),
        fund_yuan=yuan(problem.fund * problem.unit),
        caps_yuan=yuan(room * problem.unit),
        surplus_yuan=yuan((problem.fund - room) * problem.unit),
    )
