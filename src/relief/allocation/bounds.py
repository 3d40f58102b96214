"""Floors and caps, tightened to whole units and held against the claims and the fund.

In    floors and caps in fen: a number for all, or one per label
Out   a `Problem` whose bounds are whole units: floors rounded up, caps rounded down

A cap is never above its claim unless the caller allows it. A label that the floors leave out
has none; one that the caps leave out is held by its claim, if anything holds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from relief.allocation import integers
from relief.allocation.claims import Claims, aligned
from relief.allocation.integers import Flags, Integers
from relief.allocation.problem import Problem
from relief.errors import BoundsError, ShortageError, SurplusError
from relief.money import yuan

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Bounds", "check_surplus", "in_units", "read_bounds"]

Bounds = tuple[Integers, Flags]


def read_bounds(values: Any, claims: Claims, argument: str) -> Bounds:
    """Return one bound per claim in fen, and where the caller gave one; elsewhere it is 0."""
    size = claims.fen.size
    if values is None:
        return np.zeros(size, dtype=np.int64), np.zeros(size, dtype=bool)
    if integers.is_whole(values):
        values = integers.filled(size, int(values))
    found = integers.column(values)
    if found is None:
        raise BoundsError("allocation.bound_no_column", argument=argument, value=values)
    given, positions = aligned(found, claims, argument, BoundsError)
    fen = _read_fen(given, claims.labels[positions], argument)
    bounds = np.zeros(size, dtype=fen.dtype)
    is_given = np.zeros(size, dtype=bool)
    bounds[positions], is_given[positions] = fen, True
    return bounds, is_given


def _read_fen(given: pd.Series[Any], labels: pd.Index[Any], argument: str) -> Integers:
    fault = integers.fault_in(given)
    if fault:
        raise BoundsError("allocation.bound_not_whole", argument=argument, value=fault.value,
                          label=str(labels[fault.position]))  # fmt: skip
    fen = integers.whole(given)
    negative = fen < 0
    if negative.any():
        at = int(negative.argmax())
        raise BoundsError("allocation.bound_negative", argument=argument, label=str(labels[at]),
                          bound_yuan=yuan(int(fen[at])))  # fmt: skip
    return fen


def in_units(
    claims: Claims, fund: int, unit: int, floors: Bounds, caps: Bounds, tie_keys: pd.Index[Any] | None, *,
    allow_above_claim: bool,
) -> Problem:  # fmt: skip
    """Return the problem counted in units, or raise BoundsError, ShortageError or SurplusError."""
    caps_fen, capped = _caps(claims, fund, caps, allow_above_claim)
    problem = Problem(
        claims=claims,
        fund=fund // unit,
        unit=unit,
        floors=-integers.over(-floors[0], unit),
        caps=integers.over(caps_fen, unit),
        capped=capped,
        tie_keys=tie_keys,
    )
    _check_order(problem)
    _check_shortage(problem)
    if fund > claims.total and not allow_above_claim:
        raise SurplusError("allocation.surplus_claims", fund_yuan=yuan(fund), claims_yuan=yuan(claims.total),
                           surplus_yuan=yuan(fund - claims.total))  # fmt: skip
    check_surplus(problem, problem.caps)
    return problem


def _caps(claims: Claims, fund: int, caps: Bounds, allow_above_claim: bool) -> Bounds:
    """Return the highest award of each claim in fen, and where there is such a limit."""
    fen, is_given = caps
    if allow_above_claim:
        # No award can pass the fund, so the fund stands in for "no cap".
        return np.where(is_given, fen, integers.filled(fen.size, fund)), is_given
    return np.where(is_given, np.minimum(fen, claims.fen), claims.fen), np.ones_like(is_given)


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


def check_surplus(problem: Problem, caps: Integers) -> None:
    """Raise SurplusError if awards up to `caps` (in units) cannot use up the fund."""
    room = integers.total(caps)
    if room < problem.fund:
        raise SurplusError(
            "allocation.surplus_caps",
            fund_yuan=yuan(problem.fund * problem.unit),
            caps_yuan=yuan(room * problem.unit),
            surplus_yuan=yuan((problem.fund - room) * problem.unit),
        )
