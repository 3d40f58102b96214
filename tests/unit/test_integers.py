"""Columns of whole numbers: which are taken, and that no value changes on the way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from relief.allocation import integers
from relief.allocation.integers import Fault

MOST = 2**63 - 1


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        (pd.Series([1, 2]), None),
        (pd.Series([1, 2], dtype="uint8"), None),
        (pd.Series([1, 2], dtype="Int64"), None),
        (pd.Series([1, None, None], dtype="Int64"), Fault("missing", 1, pd.NA)),
        (pd.Series([1, np.int32(2), 3], dtype=object), None),
        (pd.Series([1, None, "x"], dtype=object), Fault("missing", 1, None)),
        (pd.Series([1, "x", True], dtype=object), Fault("not_whole", 1, "x")),
        (pd.Series([1, True], dtype=object), Fault("not_whole", 1, True)),
        (pd.Series([1, np.float64(2.5)], dtype=object), Fault("not_whole", 1, 2.5)),
        (pd.Series([1.0, 2.0]), Fault("not_whole", 0, 1.0)),
        (pd.Series([True, False]), Fault("not_whole", 0, True)),
        (pd.Series([], dtype=float), None),
        (pd.Series([], dtype=object), None),
    ],
    ids=str,
)
def test_the_first_fault_of_a_column_is_found(values: pd.Series[Any], fault: Fault | None) -> None:
    found = integers.fault_in(values)
    assert str(found) == str(fault)
    if found is not None:
        assert not isinstance(found.value, np.generic)


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint64", "Int64", "UInt8", "object"])
def test_a_column_without_faults_is_int64(dtype: str) -> None:
    values = pd.Series([3, 0, 200], dtype=dtype)
    found = integers.whole(values)
    assert found.dtype == np.int64
    assert found.tolist() == [3, 0, 200]
    assert np.shares_memory(found, values.to_numpy()) == (dtype == "int64")


def test_what_no_int64_holds_stays_a_python_int() -> None:
    for values in (pd.Series([2**64, 1], dtype=object), pd.Series([2**63, 1], dtype="uint64")):
        assert integers.whole(values).dtype == object
        assert [type(value) for value in integers.whole(values)] == [int, int]


@pytest.mark.parametrize("end", [MOST, -MOST])
def test_a_column_is_narrow_up_to_the_ends_and_no_further(end: int) -> None:
    beyond = end + (1 if end > 0 else -1)
    for other in (0, -end):
        assert integers.narrow(np.array([end, other], dtype=object)).dtype == np.int64
        assert integers.narrow(np.array([beyond, other], dtype=object)).dtype == object
    assert integers.filled(2, end).dtype == np.int64
    assert integers.filled(2, beyond).tolist() == [beyond, beyond]
    assert integers.narrow(np.array([], dtype=object)).dtype == np.int64


def test_what_is_narrow_already_is_not_copied() -> None:
    values = np.array([4, 9])
    assert integers.narrow(values) is integers.over(values, 1) is integers.times(values, 1) is values
    assert integers.widen(values).dtype == object


@pytest.mark.parametrize("factor", [1, 2, 3, 10**6, MOST, 2**63, 2**70])
def test_products_and_quotients_are_exact(factor: int) -> None:
    for column in ([0, 1, 7], [MOST // 3, 1], [MOST, 0], [2**70, 5], [0, 0], []):
        values = np.array(column, dtype=np.int64 if max(column, default=0) <= MOST else object)
        for found, expected in (
            (integers.times(values, factor), [value * factor for value in column]),
            (integers.over(values, factor), [value // factor for value in column]),
        ):
            assert found.tolist() == expected
            assert (found.dtype == np.int64) == (max(expected, default=0) <= MOST)


def test_what_fits_is_reckoned_without_python_ints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(integers, "widen", lambda _: pytest.fail("widened"))
    assert integers.times(np.array([MOST // 7, 3]), 7).tolist() == [MOST // 7 * 7, 21]
    assert integers.times(np.array([1, 0]), MOST).tolist() == [MOST, 0]
    assert integers.over(np.array([MOST, 3]), MOST).tolist() == [1, 0]


def test_one_number_for_all_is_told_once() -> None:
    same = np.broadcast_to(np.int64(4), 3)
    assert integers.is_constant(same)
    assert integers.single(same) == 4
    for other in (np.broadcast_to(np.int64(4), 1), np.array([4, 4])):
        assert not integers.is_constant(other)
        assert integers.single(other) is other
    assert integers.is_constant(np.broadcast_to(np.int64(4), 2))
    # Rows beyond any count: whoever looks at each does not come back.
    assert integers.extent(np.broadcast_to(np.int64(7), 10**13)) == (7, 7, 7 * 10**13)


@pytest.mark.parametrize("low", [5, -9, 0])
def test_the_ends_of_a_column_are_its_own_not_zero(low: int) -> None:
    values = np.array([low + 2, low, low + 1])
    assert integers.extent(values) == (low, low + 2, 3 * low + 3)
    assert integers.extent(np.array([-5, -7])) == (-7, -5, -12)


@pytest.mark.parametrize(
    ("values", "kept", "has_index"),
    [
        (pd.Series([1, 2], index=["a", "b"]), [1, 2], True),
        ({"a": 1, "b": 2.5}, [1, 2.5], True),
        (np.array([1, 2]), [1, 2], False),
        ([1, 2.5, None], [1, 2.5, None], False),
        (iter([3, 4]), [3, 4], False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_column_keeps_each_value_as_it_came(values: Any, kept: list[Any], has_index: bool) -> None:
    found = integers.column(values)
    assert found is not None
    assert found[0].tolist() == kept
    assert [type(value) for value in found[0].tolist()] == [type(value) for value in kept]
    assert found[1] is has_index
    if has_index:
        assert list(found[0].index) == ["a", "b"]


@pytest.mark.parametrize(
    "values", ["12", b"12", 5, None, pd.DataFrame({"a": [1]}), np.zeros((2, 2))], ids=str
)
def test_what_is_no_column_is_none(values: Any) -> None:
    assert integers.column(values) is None


def test_a_column_of_an_array_is_the_caller_s_no_more() -> None:
    values = np.array([1, 2])
    found = integers.column(values)
    assert found is not None
    values[0] = 9
    assert found[0].tolist() == [1, 2]
