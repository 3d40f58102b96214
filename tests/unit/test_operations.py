"""Tests of relief.rulepack.operations: ages, dates that move, and what a choice leaves open."""

from __future__ import annotations

import calendar as month_of
import datetime as dt
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relief.rulepack.operations import OPERATIONS, age, known, plus_months
from relief.rulepack.values import Amount, Text, Truth, exactly, unknown

EPOCH = dt.date(1970, 1, 1)
DATES = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))


def number(day: dt.date) -> int:
    return (day - EPOCH).days


def days(*texts: str | None) -> Amount:
    given = [number(dt.date.fromisoformat(text)) if text else 0 for text in texts]
    return exactly(np.array(given), np.array([text is None for text in texts]))


def ends(amount: Amount) -> list[tuple[Fraction | None, Fraction | None]]:
    return [amount.at(place) for place in range(len(amount.lo.num))]


def truth(*values: bool | None) -> Truth:
    return Truth(np.array([v is True for v in values]), np.array([v is False for v in values]))


def told(value: Truth) -> list[bool | None]:
    return [True if yes else False if no else None for yes, no in zip(value.yes, value.no, strict=True)]


# --- ages -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        ("1961-09-30", "2021-09-30", 60),
        ("1961-10-01", "2021-09-30", 59),
        ("2021-09-30", "2021-09-30", 0),
        ("2004-02-29", "2022-02-27", 17),
        ("2004-02-29", "2022-02-28", 18),
        ("2004-02-29", "2022-03-01", 18),
        ("2004-02-29", "2024-02-28", 19),
        ("2004-02-29", "2024-02-29", 20),
        ("1899-12-31", "2000-01-01", 100),
        ("1969-12-31", "1970-01-01", 0),
        ("2021-10-01", "2021-09-30", -1),
    ],
)
def test_whole_years(born: str, on: str, years: int) -> None:
    found = OPERATIONS["age"]([days(born), days(on)])
    assert isinstance(found, Amount)
    assert ends(found) == [(years, years)]


@given(born=DATES, on=DATES)
def test_a_birthday_is_the_matching_day_or_the_last_of_the_month(born: dt.date, on: dt.date) -> None:
    last = month_of.monthrange(on.year, born.month)[1]
    birthday = dt.date(on.year, born.month, min(born.day, last))
    years = on.year - born.year - (on < birthday)
    assert age(np.array([number(born)]), np.array([number(on)])).tolist() == [years]


def test_an_unknown_birth_leaves_the_age_open() -> None:
    found = OPERATIONS["age"]([days(None, "2000-01-01"), days("2021-01-01", None)])
    assert isinstance(found, Amount)
    assert ends(found) == [(None, None)] * 2


def test_an_age_lies_between_those_of_the_first_and_last_birth() -> None:
    lo, hi = days("2000-01-01").lo, days("2003-06-01").lo
    found = OPERATIONS["age"]([Amount(lo, hi), days("2021-05-31")])
    assert isinstance(found, Amount)
    assert ends(found) == [(17, 21)]


# --- dates that move ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "months", "moved"),
    [
        ("2021-01-31", 1, "2021-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", -48, "2020-02-29"),
        ("2021-03-31", -1, "2021-02-28"),
        ("2021-05-31", 6, "2021-11-30"),
        ("2021-12-15", 1, "2022-01-15"),
        ("2021-01-15", -13, "2019-12-15"),
        ("1969-12-31", 2, "1970-02-28"),
        ("2021-02-28", 1, "2021-03-28"),
        ("2021-09-30", 0, "2021-09-30"),
    ],
)
def test_months_end_on_the_matching_day_or_the_last(day: str, months: int, moved: str) -> None:
    """民法典 arts. 201-202."""
    step = exactly(np.array([months]))
    found = OPERATIONS["plus_months"]([days(day), step])
    assert isinstance(found, Amount)
    assert ends(found) == ends(days(moved))


@given(day=DATES, months=st.integers(-1200, 1200))
def test_a_moved_date_is_in_its_month(day: dt.date, months: int) -> None:
    whole = day.year * 12 + day.month - 1 + months
    last = month_of.monthrange(whole // 12, whole % 12 + 1)[1]
    expected = dt.date(whole // 12, whole % 12 + 1, min(day.day, last))
    assert plus_months(np.array([number(day)]), months).tolist() == [number(expected)]


@given(first=DATES, second=DATES, months=st.integers(-50, 50))
def test_a_later_day_moves_no_earlier(first: dt.date, second: dt.date, months: int) -> None:
    """Both ends of an unknown day can be moved by themselves."""
    moved = plus_months(np.array(sorted(map(number, (first, second)))), months)
    assert moved[0] <= moved[1]


def test_days_and_years_of_dates() -> None:
    moved = OPERATIONS["plus_days"]([days("2021-02-27"), exactly(np.array([2]))])
    apart = OPERATIONS["days"]([days("2021-03-01", None), days("2021-02-27", "2021-01-01")])
    begin = OPERATIONS["year_start"]([days("2021-12-31", "1969-05-01", None)])
    assert isinstance(moved, Amount)
    assert isinstance(apart, Amount)
    assert isinstance(begin, Amount)
    assert ends(moved) == ends(days("2021-03-01"))
    assert ends(apart) == [(2, 2), (None, None)]
    assert ends(begin) == ends(days("2021-01-01", "1969-01-01", None))


# --- periods, choices -----------------------------------------------------------------------------


def test_a_month_is_an_exact_twelfth() -> None:
    amount = exactly(np.array([100, 0]), np.array([False, True]), 0)
    by_month = OPERATIONS["monthly"]([amount])
    assert isinstance(by_month, Amount)
    assert ends(by_month) == [(Fraction(25, 3), Fraction(25, 3)), (0, None)]
    again = OPERATIONS["yearly"]([by_month])
    assert isinstance(again, Amount)
    assert ends(again) == ends(amount)
    large = OPERATIONS["yearly"]([exactly(np.array([2**62]))])
    assert isinstance(large, Amount)
    assert ends(large) == [(12 * 2**62,) * 2]


def test_an_open_choice_is_known_where_both_sides_agree() -> None:
    condition = truth(True, False, None, None, None)
    chosen = OPERATIONS["if"](
        [condition, truth(True, True, True, True, None), truth(False, False, True, False, True)]
    )
    assert isinstance(chosen, Truth)
    assert told(chosen) == [True, False, True, None, None]
    amount = OPERATIONS["if"](
        [truth(True, False, None), exactly(np.array([1, 1, 1])), exactly(np.array([2, 2, 2]))]
    )
    assert isinstance(amount, Amount)
    assert ends(amount) == [(1, 1), (2, 2), (1, 2)]


def test_the_first_that_is_known() -> None:
    first = OPERATIONS["coalesce"]([truth(None, None, None, False), truth(True, False, None, True)])
    assert isinstance(first, Truth)
    assert told(first) == [True, False, None, False]
    amount = OPERATIONS["coalesce"]([exactly(np.array([0, 5]), np.array([True, False]), 0), unknown(2, 3)])
    assert isinstance(amount, Amount)
    assert ends(amount) == [(3, None), (5, 5)]


def test_what_is_stated_is_always_known() -> None:
    words = Text(np.array([-1, 0]), ("城镇",))
    amounts = exactly(np.array([0, 5]), np.array([True, False]), 0)
    for value in (words, amounts, truth(None, False)):
        assert known(value).tolist() == [False, True]
        stated = OPERATIONS["stated"]([value])
        assert isinstance(stated, Truth)
        assert told(stated) == [False, True]
