"""What must hold for every amount: exact, in every spelling, alone and in a column."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import example, given
from hypothesis import strategies as st

from relief.money import JIAO, fen, problem, read_fen, yuan

INT64 = st.integers(-(2**63), 2**63 - 1)
# Below 10 ** 15 fen a double still tells two amounts apart.
FLOAT_FEN = st.integers(-(10**15) + 1, 10**15 - 1)


def plain(amount_fen: int) -> str:
    whole, cents = divmod(abs(amount_fen), 100)
    return f"{'-' if amount_fen < 0 else ''}{whole}.{cents:02}"


def grouped(amount_fen: int) -> str:
    whole, cents = divmod(abs(amount_fen), 100)
    return f"{'-' if amount_fen < 0 else ''}{whole:,}.{cents:02}元"


def full_width(amount_fen: int) -> str:
    return grouped(amount_fen).translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})


def currency(amount_fen: int) -> str:
    return f"\u00a0人民币 ¥{grouped(amount_fen)}整\u200b"


def ten_thousands(amount_fen: int) -> str:
    whole, part = divmod(abs(amount_fen), 10**6)
    return f"{'-' if amount_fen < 0 else ''}{whole}.{part:06}万元"


SPELLINGS = [plain, grouped, full_width, currency, ten_thousands, yuan, lambda fen: Fraction(fen, 100)]


@given(INT64)
@example(2**63 - 1)
@example(-(2**63))
def test_every_spelling_gives_back_the_same_fen(amount_fen: int) -> None:
    cells = [spell(amount_fen) for spell in SPELLINGS]
    assert [fen(cell, negative=True) for cell in cells] == [amount_fen] * len(cells)
    assert fen(cells, negative=True).tolist() == [amount_fen] * len(cells)


@given(st.lists(INT64))
def test_a_column_of_fen_survives_being_shown(amounts_fen: list[int]) -> None:
    column = pd.Series(amounts_fen, dtype="int64")
    pd.testing.assert_series_equal(fen(yuan(column), negative=True), column)
    pd.testing.assert_series_equal(fen(yuan(column).astype(str), negative=True), column)


@given(st.lists(FLOAT_FEN))
def test_floats_and_their_columns_give_the_fen_they_stand_for(amounts_fen: list[int]) -> None:
    floats = [amount / 100 for amount in amounts_fen]
    assert [fen(value, negative=True) for value in floats] == amounts_fen
    assert fen(np.array(floats, dtype=float), negative=True).tolist() == amounts_fen


@given(st.lists(st.integers(0, 4 * 10**8), min_size=1, max_size=60))
@example([10, 20])
def test_a_sum_of_floats_recovers_the_exact_sum(amounts_fen: list[int]) -> None:
    total = 0.0
    for amount in amounts_fen:
        total += amount / 100
    assert fen(total) == sum(amounts_fen)
    assert fen(np.array([total])).tolist() == [sum(amounts_fen)]


CELLS = st.one_of(
    INT64.map(plain),
    INT64.map(grouped),
    st.from_regex(r"[-+]?[0-9]{0,20}(\.[0-9]{0,7})?", fullmatch=True),
    st.from_regex(r"[¥￥]?[0-9０-９,，]{1,8}[.．]?[0-9]{0,3} ?(万|元|亿元)?", fullmatch=True),
    st.text(alphabet="0123456789.,-+元万亿¥ 整\x00\n", max_size=30),
    st.text(max_size=5),
    st.integers(),
    INT64,
    st.floats(),
    st.floats(-1e9, 1e9).map(lambda value: round(value, 2)),
    st.decimals(),
    st.fractions(),
    st.booleans(),
    st.none(),
    st.sampled_from([pd.NA, pd.NaT, np.int64(3), np.float32(0.5), np.True_, np.str_("3万"), [1], (2, [3])]),
)
FACTORS = st.sampled_from([JIAO, 1, 100, 1_000, 10_000, 100_000])


def alone(cell: Any, negative: bool) -> int | None:
    """Return what a cell is read as by itself; None where a column refuses it."""
    return None if problem(cell, negative=negative) else fen(cell, negative=negative)


@given(st.lists(CELLS, max_size=12), st.booleans())
@example(["12\x00", "12"], False)
@example([1, True, 1.0, "1"], False)
def test_a_column_reads_each_cell_as_it_would_be_read_alone(cells: list[Any], negative: bool) -> None:
    expected = [alone(cell, negative) for cell in cells]
    amounts_fen, ok = read_fen(cells, negative=negative)
    assert ok.tolist() == [amount is not None for amount in expected]
    assert amounts_fen.tolist() == [amount or 0 for amount in expected]


@given(FLOAT_FEN, FACTORS)
def test_a_unit_in_the_header_multiplies_exactly(amount_fen: int, factor: int | Fraction) -> None:
    """Under 万元 every spelling of a number means ten thousand times as much."""
    places = Decimal(amount_fen).scaleb(-2)
    amounts_fen, ok = read_fen([str(places), places, amount_fen / 100], factor=factor, negative=True)
    fits = abs(amount_fen * factor) < 2**63 and (amount_fen * factor).denominator == 1
    assert ok.tolist() == [fits] * 3
    assert amounts_fen.tolist() == [amount_fen * factor if fits else 0] * 3


@given(st.lists(st.floats(), max_size=12), FACTORS)
def test_a_float_column_reads_as_its_cells_do(values: list[float], factor: int | Fraction) -> None:
    bulk = read_fen(np.array(values, dtype=float), factor=factor, negative=True)
    cells = read_fen([Decimal(f"{value:.15g}") for value in values], factor=factor, negative=True)
    assert bulk[0].tolist() == cells[0].tolist()
    assert bulk[1].tolist() == cells[1].tolist()


@given(st.lists(INT64, max_size=12), FACTORS)
def test_an_int_column_reads_as_its_cells_do(values: list[int], factor: int | Fraction) -> None:
    bulk = read_fen(np.array(values, dtype=np.int64), factor=factor, negative=True)
    cells = read_fen([Decimal(value) for value in values], factor=factor, negative=True)
    assert bulk[0].tolist() == cells[0].tolist()
    assert bulk[1].tolist() == cells[1].tolist()


@given(CELLS)
def test_whatever_is_refused_says_why_in_both_languages(cell: Any) -> None:
    error = problem(cell)
    assert error is None or (error.text("zh") and error.text("en"))


@given(st.floats(min_value=0, max_value=1e12))
def test_no_float_is_rounded_to_a_fen(value: float) -> None:
    """Whatever is accepted agrees with the float to its 15 digits; nothing is moved to the next fen."""
    error = problem(value)
    if error is None:
        assert math.isclose(fen(value) / 100, value, rel_tol=1e-14)
    else:
        assert error.code == "money.not_whole_fen"
