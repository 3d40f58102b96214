"""Columns of whole numbers, exact at any size.

In    a Series, dict, array or list as a caller has it
Out   int64 where every value fits, otherwise Python ints in an object array

An int64 sum or product that passes 2**63 wraps without a word, so callers ask here first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, TypeGuard

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = [
    "INT64_MAX",
    "Fault",
    "Flags",
    "Integers",
    "column",
    "extent",
    "fault_in",
    "filled",
    "is_constant",
    "is_whole",
    "narrow",
    "over",
    "single",
    "times",
    "total",
    "whole",
    "widen",
]

Integers: TypeAlias = npt.NDArray[Any]
Flags: TypeAlias = npt.NDArray[np.bool_]

INT64_MAX = 2**63 - 1
_LOW_HALF = 0xFFFF_FFFF
_BLOCK = 2**15
_SAFE = INT64_MAX // _BLOCK


@dataclass(frozen=True)
class Fault:
    """The first value of a column that is no whole number, and where it stands."""

    kind: Literal["missing", "not_whole"]
    position: int
    value: Any


def is_whole(value: object) -> TypeGuard[int | np.integer[Any]]:
    """Return whether `value` is an integer and not a truth value."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def column(values: Any) -> tuple[pd.Series[Any], bool] | None:
    """Return `values` as a Series and whether its index is the caller's, or None if it is no column."""
    if isinstance(values, pd.Series):
        return values, True
    if isinstance(values, Mapping):
        return pd.Series(list(values.values()), index=pd.Index(list(values)), dtype=object), True
    if isinstance(values, np.ndarray):
        return (pd.Series(values.copy()), False) if values.ndim == 1 else None
    if isinstance(values, str | bytes | pd.DataFrame) or not isinstance(values, Iterable):
        return None
    return pd.Series(list(values), dtype=object), False


def fault_in(values: pd.Series[Any]) -> Fault | None:
    """Return the first value that is missing, or else the first that is no integer."""
    missing = values.isna().to_numpy()
    if missing.any():
        return _fault("missing", values, int(missing.argmax()))
    if values.dtype.kind in "iu":
        return None
    # An object column of a million ints is told by its few types, not value by value.
    if all(issubclass(t, int | np.integer) and t is not bool for t in set(map(type, values.array))):
        return None
    return _fault("not_whole", values, next(i for i, value in enumerate(values) if not is_whole(value)))


def _fault(kind: Literal["missing", "not_whole"], values: pd.Series[Any], position: int) -> Fault:
    value = values.iloc[position]
    return Fault(kind, position, value.item() if isinstance(value, np.generic) else value)


def whole(values: pd.Series[Any]) -> Integers:
    """Return a column without faults as an array of integers, a look into the column where it can be."""
    if values.dtype == np.int64:
        return values.to_numpy()
    if values.dtype.kind == "i":
        return values.to_numpy(dtype=np.int64, copy=True)
    return narrow(np.array([int(value) for value in values], dtype=object))


def filled(size: int, value: int) -> Integers:
    """Return `value` `size` times."""
    return np.full(size, value, dtype=np.int64 if abs(value) <= INT64_MAX else object)


def narrow(values: Integers) -> Integers:
    """Return `values` as int64 if all of them fit, unchanged otherwise."""
    if values.dtype != object:
        return values
    if values.size and not (values.min() >= -INT64_MAX and values.max() <= INT64_MAX):
        return values
    return values.astype(np.int64)


def widen(values: Integers) -> Integers:
    """Return `values` as Python ints, which nothing overflows."""
    return values.astype(object)


def total(values: Integers) -> int:
    """Return the exact sum.

    Examples
    --------
    >>> total(np.array([2**63 - 1, 2**63 - 1]))
    18446744073709551614
    """
    return extent(values)[2]


def is_constant(values: Integers) -> bool:
    """Return whether a column is one number told once for all rows."""
    return values.size > 1 and values.strides == (0,)


def single(values: Integers) -> Any:
    """Return the number that all rows have where it is told once for all, else the column."""
    return values[0] if is_constant(values) else values


def extent(values: Integers) -> tuple[int, int, int]:
    """Return the least value, the largest and the exact sum, in one pass; zeros where there is none."""
    if is_constant(values):
        value = int(values[0])
        return value, value, value * values.size
    if not values.size:
        return 0, 0, 0
    least = most = together = 0
    for start in range(0, values.size, _BLOCK):
        block = values[start : start + _BLOCK]
        low, high = int(block.min()), int(block.max())
        least, most = (min(least, low), max(most, high)) if start else (low, high)
        safe = max(high, -low) <= _SAFE
        together += int(block.sum()) if safe else _by_halves(block)
    return least, most, together


def _by_halves(block: Integers) -> int:
    """Return the sum of a block in halves of 32 bits, neither of which can pass 63."""
    return (int((block >> 32).sum()) << 32) + int((block & _LOW_HALF).sum())


def over(values: Integers, divisor: int) -> Integers:
    """Return ``values // divisor``, as int64 where it fits."""
    if divisor == 1:
        return values
    return narrow((values if divisor <= INT64_MAX else widen(values)) // divisor)


def times(values: Integers, factor: int) -> Integers:
    """Return ``values * factor`` for a factor of 1 or more, as int64 where it fits."""
    if factor == 1:
        return narrow(values)
    largest = max(1, int(values.max(initial=0))) * factor
    return narrow((values if largest <= INT64_MAX else widen(values)) * factor)
