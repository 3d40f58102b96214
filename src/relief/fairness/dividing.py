"""The library's own methods and roundings as allocators of a list of claims and a fund.

In    the name of a method, and of a rounding for whole units
Out   a function ``(claims, fund)`` that returns exact fractions, or whole units

They ask the method itself, without reading labels, bounds and terms: thousands of small problems a
second.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.allocation import integers
from relief.allocation.claims import Claims
from relief.allocation.division import METHODS, ROUNDINGS
from relief.allocation.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["exactly", "in_units"]


def exactly(method: str) -> Callable[[Sequence[int], int], list[Fraction]]:
    """Return the exact division of a method.

    Examples
    --------
    >>> exactly("talmud")([100, 200, 300], 200)
    [Fraction(50, 1), Fraction(75, 1), Fraction(75, 1)]
    """

    def divide(claims: Sequence[int], fund: int) -> list[Fraction]:
        quotas = METHODS[method](_problem(claims, fund))
        columns = zip(quotas.whole.tolist(), quotas.remainder.tolist(), strict=True)
        return [whole + Fraction(left, quotas.denominator) for whole, left in columns]

    return divide


def in_units(method: str, rounding: str) -> Callable[[Sequence[int], int], list[int]]:
    """Return a method with a rounding.

    Examples
    --------
    >>> in_units("proportional", "webster")([66, 21, 13], 10)
    [7, 2, 1]
    """

    def divide(claims: Sequence[int], fund: int) -> list[int]:
        problem = _problem(claims, fund)
        awards: list[int] = ROUNDINGS[rounding](problem, METHODS[method](problem)).awards.tolist()
        return awards

    return divide


def _problem(claims: Sequence[int], fund: int) -> Problem:
    fen: Any = integers.narrow(np.array(claims, dtype=object))
    labels, floors, capped = _columns(len(claims))
    return Problem(
        claims=Claims(fen, sum(claims), labels, False, max(claims)),
        fund=fund,
        given=fund,
        unit=1,
        floors=floors,
        caps=fen,
        capped=capped,
        tie_keys=None,
        free=True,
    )


@cache
def _columns(count: int) -> tuple[pd.RangeIndex, Any, Any]:
    """Return what is the same for every problem of so many claims: labels, no floor, a cap."""
    floors, capped = np.zeros(count, dtype=np.int64), np.ones(count, dtype=bool)
    floors.flags.writeable = capped.flags.writeable = False
    return pd.RangeIndex(count), floors, capped
