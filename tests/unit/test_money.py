"""Yuan in every spelling that people send, and every refusal with its reason."""

from __future__ import annotations

import pickle
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from relief.errors import MoneyError
from relief.money import JIAO, fen, problem, read_fen, yuan

READ = [
    ("233.84万", 233_840_000),
    ("1,234.50元", 123_450),
    ("￥1，234.50元", 123_450),
    ("１２３４．５０", 123_450),
    ("３万", 3_000_000),
    ("30万元", 30_000_000),
    ("12亿元", 120_000_000_000),
    ("1.2 亿", 12_000_000_000),
    ("1,234.50 元整", 123_450),
    ("CNY 300,000", 30_000_000),
    ("cny300000", 30_000_000),
    ("300,000 RMB", 30_000_000),
    ("300000 yuan", 30_000_000),
    ("¥12", 1_200),
    ("人民币12元", 1_200),
    ("人民币：12元", 1_200),
    ("人民币¥12.30元整", 1_230),
    ("12元人民币", 1_200),
    ("2百万元", 200_000_000),
    ("5千元", 500_000),
    ("3百元", 30_000),
    ("1.25佰", 12_500),
    ("2十万元", 20_000_000),
    ("5角", 50),
    ("0.1 角", 1),
    (" \u3000\u00a012\u200b\ufeff ", 1_200),
    ("\t\u202a12.5\u202c", 1_250),
    ("0", 0),
    ("007.10", 710),
    ("+12", 1_200),
    ("0.010000", 1),
    ("0.000001万", 1),
    (0, 0),
    (1234, 123_400),
    (10**30, 10**32),
    ("9" * 40, int("9" * 40) * 100),
    (1234.5, 123_450),
    (0.1 + 0.2, 30),
    (1e22, 10**24),
    (-0.0, 0),
    (Decimal("0.1"), 10),
    (Decimal("1E+3"), 100_000),
    (Decimal("0E+999999"), 0),
    (Fraction(1, 4), 25),
    (np.int8(7), 700),
    (np.uint64(2**64 - 1), (2**64 - 1) * 100),
    (np.float64(0.3), 30),
    (np.float32(0.5), 50),
    (np.str_("12元"), 1_200),
    (np.array(12.5), 1_250),
]

REFUSED = [
    *[
        (text, "not_an_amount")
        for text in (
            "—",
            "无",
            "1e5",
            "1e400",
            "5万余元",
            "1—2万元",
            "1-2万元",
            "1,23,4",
            "1234,567",
            ",123",
            "12,",
            "1.2.3",
            "12.",
            ".5",
            "1 234",
            "12²",
            "①",
            "١٢",
            "三万元",
            "12美元",
            "$12",
            "(12)",
            "--12",
            "-\n-12",
            "12元5角",
            "50%",
            "nan",
            "inf",
            "=1+1",
            "12\x00",
            "未知",
            "9" * 501,
        )
    ],
    (True, "not_an_amount"),
    (np.False_, "not_an_amount"),
    (b"12", "not_an_amount"),
    (1 + 2j, "not_an_amount"),
    (pd.Timestamp("2021-09-30"), "not_an_amount"),
    (np.datetime64("2021-09-30", "ns"), "not_an_amount"),
    (np.timedelta64(3, "ns"), "not_an_amount"),
    ({"amount": 12}, "not_an_amount"),
    (None, "not_finite"),
    ("", "not_finite"),
    (" \u3000\u200b", "not_finite"),
    (float("nan"), "not_finite"),
    (float("-inf"), "not_finite"),
    (np.float64("inf"), "not_finite"),
    (pd.NA, "not_finite"),
    (pd.NaT, "not_finite"),
    (Decimal("NaN"), "not_finite"),
    (Decimal("sNaN"), "not_finite"),
    (Decimal("Infinity"), "not_finite"),
    (1234.565, "not_whole_fen"),
    ("1234.565", "not_whole_fen"),
    ("0.0000001万", "not_whole_fen"),
    (Decimal("0.001"), "not_whole_fen"),
    (Decimal("1E-999999"), "not_whole_fen"),
    (Fraction(1, 3), "not_whole_fen"),
    (np.float32(0.1), "not_whole_fen"),
    (-1, "negative"),
    ("-0.01", "negative"),
    ("－１２", "negative"),
    ("¥−12", "negative"),
    (-(10**5000), "negative"),
    (Decimal("1E+999999"), "too_large"),
]


def refusal(call: Any, *args: Any, **options: Any) -> MoneyError:
    with pytest.raises(MoneyError) as caught:
        call(*args, **options)
    return caught.value


def test_tenths_of_a_yuan_are_exact_to_the_fen() -> None:
    amounts_fen, ok = read_fen(["1.2", 3, 0.5, "4元", "5角", "1.25", 0.01], factor=JIAO)
    assert (amounts_fen.tolist(), ok.tolist()) == ([12, 30, 5, 400, 50, 0, 0], [True] * 5 + [False] * 2)
    assert refusal(fen, "1.25角").code == "money.not_whole_fen"


@pytest.mark.parametrize(("value", "expected"), READ, ids=repr)
def test_an_amount_in_yuan_is_read_as_whole_fen(value: Any, expected: int) -> None:
    assert fen(value) == expected
    assert type(fen(value)) is int


@pytest.mark.parametrize(("value", "reason"), REFUSED, ids=lambda value: ascii(type(value))[:30])
def test_what_is_no_amount_is_refused_with_its_reason(value: Any, reason: str) -> None:
    error = refusal(fen, value)
    assert error.code == f"money.{reason}"
    assert error.text("zh")
    assert error.text("en")
    assert len(error.text("en")) < 200


def test_the_message_shows_the_value() -> None:
    assert "'5万余元'" in str(refusal(fen, "5万余元"))
    assert "1234.565" in str(refusal(fen, 1234.565))


def test_a_negative_amount_is_read_only_where_asked_for() -> None:
    assert fen("-1.20元", negative=True) == -120
    assert fen(pd.Series(["-1", 2]), negative=True).tolist() == [-100, 200]
    assert refusal(fen, pd.Series([1, -2])).facts["problem"].code == "money.negative"


def test_a_column_keeps_its_index_and_name() -> None:
    column = pd.Series(["1", 2, 0.1 + 0.2], index=["b", "a", "c"], name="claim")
    expected = pd.Series([100, 200, 30], index=["b", "a", "c"], name="claim", dtype="int64")
    pd.testing.assert_series_equal(fen(column), expected)


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([1, 2], dtype="int64"),
        pd.Series([1, 2], dtype="uint8"),
        pd.Series([1, 2], dtype="Int64"),
        pd.Series([1, 2], dtype="float32"),
        pd.Series([1, 2], dtype="Float64"),
        pd.Series(["1", "2"], dtype="str"),
        pd.Series(["1", "2"], dtype="category"),
        pd.Series([1, 2], dtype="category"),
        pd.Index([1, 2]),
        np.array(["1", "2"]),
        np.array([1, 2], dtype=object),
        [1, "2"],
        (1.0, Decimal(2)),
    ],
    ids=lambda column: f"{type(column).__name__}-{getattr(column, 'dtype', '')}",
)
def test_a_column_of_any_dtype_is_read(column: Any) -> None:
    assert fen(column).tolist() == [100, 200]
    assert fen(column).dtype == np.int64


@pytest.mark.parametrize(
    "empty", [[], pd.Series([], dtype=object), pd.Series([], dtype=float), pd.Series([], dtype=str)]
)
def test_an_empty_column_gives_an_empty_column(empty: Any) -> None:
    assert fen(empty).empty
    assert fen(empty).dtype == np.int64


def test_a_bad_column_names_how_many_the_first_and_its_problem() -> None:
    error = refusal(fen, pd.Series(["1", "无", None], index=["H1", "H2", "H3"]))
    assert (error.code, error.facts["count"], error.facts["label"]) == ("money.column", 2, "H2")
    assert error.facts["problem"].code == "money.not_an_amount"
    assert "H2" in str(error)
    assert "'无' is not an amount" in str(error)
    assert "“无”不是金额" in error.text("zh")
    assert pickle.loads(pickle.dumps(error)).text("zh") == error.text("zh")  # noqa: S301


def test_a_long_number_in_a_message_is_masked() -> None:
    error = refusal(fen, pd.Series(["440703000002310015x"]))
    assert "000002310" not in str(error)
    assert "000002310" not in error.text("zh")


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([2**62]),
        pd.Series([-(2**62)]),
        pd.Series([2**64 - 1], dtype="uint64"),
        pd.Series([10**30], dtype=object),
        pd.Series([2**62, 1, "x"], dtype=object),
        pd.Series([1e17]),
        pd.Series(["92233720368547758.08"]),
        pd.Series(["999999999999999999999999"]),
        pd.Series(["1000000000万亿"]),
        pd.Series([Decimal("1E+999999")]),
    ],
    ids=lambda column: repr(column.iloc[0])[:30],
)
def test_an_amount_beyond_int64_is_refused_and_never_wraps(column: pd.Series) -> None:
    assert refusal(fen, column, negative=True).facts["problem"].code == "money.too_large"


def test_the_edges_of_int64_are_read() -> None:
    texts = pd.Series(["92233720368547758.07", "-92233720368547758.08"])
    assert fen(texts, negative=True).tolist() == [2**63 - 1, -(2**63)]
    assert fen(pd.Series([(2**63 - 1) // 100])).tolist() == [(2**63 - 1) // 100 * 100]


def test_missing_ints_do_not_cost_the_others_their_last_digits() -> None:
    amounts_fen, ok = read_fen(pd.Series([2**53 + 1, None], dtype="Int64"))
    assert amounts_fen.tolist() == [(2**53 + 1) * 100, 0]
    assert ok.tolist() == [True, False]


def test_true_among_ones_is_still_refused() -> None:
    amounts_fen, ok = read_fen([1, True, 1.0, "1", Decimal(1), np.int64(1), [1], np.True_])
    assert amounts_fen.tolist() == [100, 0, 100, 100, 100, 100, 0, 0]
    assert ok.tolist() == [True, False, True, True, True, True, False, False]


def test_true_is_refused_even_where_one_was_read_before_it() -> None:
    assert read_fen([1, True, 10**30])[1].tolist() == [True, False, False]


def test_a_half_in_a_list_does_not_cost_a_big_int_its_last_digit() -> None:
    assert fen([2**53 + 1, 0.5]).tolist() == [(2**53 + 1) * 100, 50]


def test_a_float_of_sixteen_digits_counts_fifteen_alone_and_in_a_column() -> None:
    assert fen(12345678901234.56) == 1_234_567_890_123_460
    assert fen(pd.Series([12345678901234.56])).tolist() == [1_234_567_890_123_460]


@pytest.mark.parametrize("cell", ["1.2", 1.2, Decimal("1.2"), "1.2万", "12000元", "¥1.2"])
def test_the_header_counts_unless_the_cell_names_its_unit(cell: Any) -> None:
    amounts_fen, ok = read_fen([cell], factor=10_000)
    assert (amounts_fen.tolist(), ok.tolist()) == ([1_200_000], [True])


def test_the_decimals_of_ten_thousands_reach_down_to_the_fen() -> None:
    amounts_fen, ok = read_fen(["1.234567", "1.2345678", 1.234567, 1.2345678, 3], factor=10_000)
    assert amounts_fen.tolist() == [1_234_567, 0, 1_234_567, 0, 3_000_000]
    assert ok.tolist() == [True, False, True, False, True]
    assert problem("1.2345678", factor=10_000).code == "money.not_whole_fen"


def test_an_unknown_unit_of_the_header_is_refused() -> None:
    assert refusal(read_fen, [1], factor=7).code == "money.factor"


def test_a_table_is_not_a_column() -> None:
    assert refusal(fen, np.zeros((2, 2))).code == "money.not_an_amount"
    assert refusal(fen, pd.DataFrame({"claim": [1]})).code == "money.not_an_amount"


def test_yuan_has_two_places_at_any_size() -> None:
    assert str(yuan(0)) == "0.00"
    assert str(yuan(-5)) == "-0.05"
    assert str(yuan(np.int64(2**63 - 1))) == "92233720368547758.07"
    assert str(yuan(10**60 + 1)) == f"1{'0' * 58}.01"


def test_yuan_of_a_column_keeps_its_index_and_name() -> None:
    column = yuan(pd.Series([30, 7], index=["b", "a"], name="award"))
    pd.testing.assert_series_equal(
        column, pd.Series([Decimal("0.30"), Decimal("0.07")], index=["b", "a"], name="award", dtype=object)
    )


@pytest.mark.parametrize("value", [1.0, True, "12", None, Decimal(1), np.float64(1), np.True_])
def test_yuan_takes_whole_fen_only(value: Any) -> None:
    assert refusal(yuan, value).code == "money.not_fen"
    assert refusal(yuan, pd.Series([value], dtype=object)).code == "money.not_fen"
