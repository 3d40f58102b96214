"""Tests of relief.rulepack.values."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from relief.errors import ExpressionError
from relief.rulepack.values import Amount, Text, Truth, exactly, plus, times, unknown

MOST = 2**63 - 1


def amount(*values: int | None, least: int | None = None) -> Amount:
    """Return an amount per household, None where missing."""
    missing = np.array([value is None for value in values])
    return exactly(np.array([value or 0 for value in values]), missing, least)


def truth(text: str) -> Truth:
    """Read ``ynu``: yes, no, unknown."""
    letters = np.array(list(text))
    return Truth(letters == "y", letters == "n")


def written(value: Truth) -> str:
    return "".join("y" if yes else "n" if no else "u" for yes, no in zip(value.yes, value.no, strict=True))


def ends(value: Amount) -> list[Any]:
    return [value.at(place) for place in range(len(value.lo.num))]


def test_kleene_tables() -> None:
    left, right = truth("yyynnnuuu"), truth("ynuynuynu")
    assert written(left & right) == "ynunnnunu"
    assert written(left | right) == "yyyynuyuu"
    assert written(~truth("ynu")) == "nyu"
    assert truth("ynu").unknown.tolist() == [False, False, True]


def test_a_missing_fact_is_open_above_its_least_value() -> None:
    assert ends(amount(5, None, least=1)) == [(5, 5), (1, None)]
    assert ends(amount(5, None)) == [(5, 5), (None, None)]
    assert ends(unknown(1)) == [(None, None)]


def test_comparisons_say_only_what_the_bounds_say() -> None:
    observed = amount(9, 10, 11, None, None)
    limit = amount(10, 10, 10, 10, None)
    assert written(observed.less(limit, or_equal=False)) == "ynnuu"
    assert written(observed.less(limit, or_equal=True)) == "yynuu"
    assert written(observed.equals(limit)) == "nynuu"
    assert written(amount(None, None, least=10).less(amount(10, 9), or_equal=False)) == "nn"
    assert written(amount(None, least=10).equals(amount(9))) == "n"


@pytest.mark.parametrize(
    ("dividend", "divisor", "expected"),
    [
        (amount(100), amount(3), (Fraction(100, 3), Fraction(100, 3))),
        (amount(-100), amount(3), (Fraction(-100, 3), Fraction(-100, 3))),
        (amount(100), amount(-3), (None, None)),
        (amount(100), amount(0), (None, None)),
        (amount(100), amount(None, least=2), (0, 50)),
        (amount(-100), amount(None, least=2), (-50, 0)),
        (amount(100), amount(None, least=0), (0, None)),
        (amount(-100), amount(None), (None, 0)),
        (amount(0), amount(None, least=0), (0, 0)),
        (amount(None, least=6), amount(2), (3, None)),
        (amount(None, least=6), amount(None, least=2), (0, None)),
    ],
)
def test_division(dividend: Amount, divisor: Amount, expected: tuple[Any, Any]) -> None:
    assert (dividend / divisor).at(0) == expected


def test_one_household_without_a_divisor_leaves_the_others_alone() -> None:
    """Nobody is pending because somebody else's household has no members yet."""
    quotient = amount(100, 100, -100, 100) / amount(2, 0, 4, None, least=0)
    assert ends(quotient) == [(50, 50), (None, None), (-25, -25), (0, None)]
    assert quotient.known.tolist() == [True, False, True, False]


def test_an_open_divisor_never_makes_a_certain_no() -> None:
    per_head = amount(120_000) / amount(None, least=1)
    assert written(per_head.less(amount(85_300), or_equal=False)) == "u"
    assert written(per_head.less(amount(120_001), or_equal=False)) == "y"


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (amount(-3), amount(-4), (12, 12)),
        (amount(-3), amount(None, least=2), (None, -6)),
        (amount(0), amount(None, least=2), (0, 0)),
        (amount(None, least=1), amount(None, least=2), (2, None)),
        (amount(None, least=-1), amount(None, least=-1), (None, None)),
        (amount(None, least=2), amount(-3), (None, -6)),
    ],
)
def test_multiplication(left: Amount, right: Amount, expected: tuple[Any, Any]) -> None:
    assert (left * right).at(0) == expected
    assert (right * left).at(0) == expected


def test_larger_and_smaller() -> None:
    left, right = amount(1, None, None, least=3), amount(2, 5, None, least=4)
    assert ends(left.larger(right)) == [(2, 2), (5, None), (4, None)]
    assert ends(left.smaller(right)) == [(1, 1), (3, 5), (3, None)]


def test_the_hull_holds_both() -> None:
    assert ends(amount(1, 7, None, least=3).hull(amount(2, 5, 4))) == [(1, 2), (5, 7), (3, None)]


@pytest.mark.parametrize("size", [2**31, 2**62, 2**63 - 1])
def test_nothing_wraps_beyond_int64(size: int) -> None:
    value = amount(size, -size)
    assert ends(value + value) == [(2 * size, 2 * size), (-2 * size, -2 * size)]
    assert ends(value * value) == [(size**2, size**2)] * 2
    assert ends(value - (value + value)) == [(-size, -size), (size, size)]
    per_head = value * value / amount(3, 7)
    assert ends(per_head) == [(Fraction(size**2, 3),) * 2, (Fraction(size**2, 7),) * 2]
    assert written(per_head.less(value, or_equal=False)) == "nn"
    assert ends((value * value).where(np.array([True, False]), value)) == [(size**2, size**2), (-size, -size)]


def test_denominators_beyond_int64_stay_whole_numbers() -> None:
    """Between 2**63 and 2**64 numpy would pick an unsigned type, and a float with the next product."""
    ninth = amount(1, 1) / amount(2**32, 2**32) / amount(2**31, 2**31)
    picked = ninth.where(np.array([True, False]), amount(5, 5))
    assert ends(picked) == [(Fraction(1, 2**63),) * 2, (5, 5)]
    assert ends(picked * picked) == [(Fraction(1, 2**126),) * 2, (25, 25)]


def test_whole_numbers_beside_the_edge() -> None:
    assert times(np.array([MOST]), 1).tolist() == [MOST]
    assert times(np.array([0]), 2**70).tolist() == [0]
    assert times(np.array([MOST, 0]), np.array([MOST, MOST])).tolist() == [MOST * MOST, 0]
    assert plus(np.array([MOST]), np.array([1])).tolist() == [MOST + 1]
    assert plus(np.array([], dtype=np.int64), 2**70).tolist() == []


def test_a_number_that_grows_without_end_is_refused() -> None:
    large = amount(2**1100)
    with pytest.raises(ExpressionError, match=r"grows beyond 617 digits. Multiply less"):
        _ = large * large


def test_words() -> None:
    text = Text(np.array([0, 1, -1]), ("城镇", "农村"))
    assert written(text.among(("农村", "别处"))) == "nyu"
    assert written(text.among(())) == "nnu"


def test_no_household_at_all() -> None:
    none = exactly(np.array([], dtype=np.int64))
    assert ends(none / none * none + none - none) == []
    assert written(none.less(none, or_equal=True)) == ""
