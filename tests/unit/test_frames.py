"""Tests of relief.sheets.frames."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from relief.errors import FileError
from relief.intake.tables import parse, read_tables
from relief.sheets.frames import frame_source, read_frame_file
from relief.sheets.sheet import Source

CELLS: list[Any] = [
    "001",
    "",
    " 汉字\n😀 ",
    "=1+1",
    440703198001010123,
    2**70,
    0.1,
    0.30000000000000004,
    float("inf"),
    True,
    Decimal("1234.50"),
    Fraction(1, 3),
    dt.date(2021, 9, 30),
    dt.datetime(2021, 9, 30, 23, 59, 59),
    None,
]


def test_a_cell_comes_back_as_it_was() -> None:
    frame = pd.DataFrame({"a": pd.Series(CELLS, dtype=object)})
    (column,) = read_frame_file(frame_source("households", frame)).columns
    kept = [cell for cell in column[1:] if cell is not None]
    expected = [cell for cell in CELLS if cell not in (None, "")]
    assert column[0] == "a"
    assert kept == expected
    assert [type(cell) for cell in kept] == [type(cell) for cell in expected]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([1, 2], dtype=np.int64), [1, 2]),
        (pd.array([1, None], dtype="Int64"), [1, None]),
        (pd.array([True, None], dtype="boolean"), [True, None]),
        (np.array([1.5, np.nan]), [1.5, None]),
        (pd.to_datetime(["2021-09-30", None]), [dt.datetime(2021, 9, 30), None]),
        (pd.Categorical(["a", None]), ["a", None]),
        (pd.Series([np.int64(3), np.bool_(False)], dtype=object), [3, False]),
        (pd.Series([b"x", ["y"]], dtype=object), ["b'x'", "['y']"]),
    ],
)
def test_columns_of_every_type(values: Any, expected: list[Any]) -> None:
    frame = pd.DataFrame({"id": ["r1", "r2"], "a": values})
    assert list(read_frame_file(frame_source("members", frame)).columns[1][1:]) == expected


def test_the_file_gives_the_same_tables_as_the_frame() -> None:
    frame = pd.DataFrame({"个人自付（万元）": [1.5, 2]}, index=pd.Index(["001", "2"], name="户编号"))
    tables = read_tables({"households": frame})
    assert [source.name for source in tables.sources] == ["households.frame.json"]
    again = parse([Source(source.name, source.data) for source in tables.sources])
    pd.testing.assert_frame_equal(again["households"], tables["households"])
    assert tables["households"]["out_of_pocket_fen"].tolist() == [1_500_000, 2_000_000]
    assert tables["households"]["household_id"].tolist() == ["001", "2"]


def test_the_same_frame_gives_the_same_bytes() -> None:
    frame = pd.DataFrame({"id": ["a"], "phone": ["13800000000"]})
    assert frame_source("households", frame).data == frame_source("households", frame.copy()).data


@pytest.mark.parametrize(
    "data", [b"x", b"{}", b"[1]", b'[{"header": "a"}]', b'[{"header": "a", "cells": [{"b": "c"}]}]']
)
def test_a_file_that_is_no_frame_is_refused(data: bytes) -> None:
    with pytest.raises(FileError, match="is not a table"):
        read_frame_file(Source("households.frame.json", data))
