"""Tests of relief.rulepack.tallies: each against every way in which the unknown rows could turn out."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relief.rulepack.tallies import TALLIES
from relief.rulepack.values import Amount, Bound, Truth

GROUPS = 3
JANUARY = 18_628  # 2021-01-01
Ends = tuple[Fraction | None, Fraction | None]


@dataclass(frozen=True)
class Row:
    """A row of a group: whether it counts (None if not known), and where its value lies."""

    group: int
    counts: bool | None
    low: Fraction | None
    high: Fraction | None


def amount(rows: list[Row]) -> Amount:
    def bound(ends: list[Fraction | None]) -> Bound:
        is_open = np.array([end is None for end in ends], dtype=bool)
        dens = [1 if end is None else end.denominator for end in ends]
        nums = [0 if end is None else end.numerator for end in ends]
        large = any(abs(num) >= 2**63 for num in nums)
        num = np.array(nums, dtype=object if large else np.int64)
        den: Any = dens[0] if len(set(dens)) == 1 else np.array(dens, dtype=np.int64)
        return Bound(num, den, is_open if is_open.any() else None)

    lo = bound([row.low for row in rows])
    return Amount(lo, lo if all(r.low == r.high for r in rows) else bound([row.high for row in rows]))


def added(function: str, rows: list[Row], tally: Any = None) -> Any:
    """Add rows to a tally, as one block."""
    tally = TALLIES[function](GROUPS + 1) if tally is None else tally
    if rows:
        counts = Truth(
            np.array([r.counts is True for r in rows]), np.array([r.counts is False for r in rows])
        )
        tally.add(np.array([row.group for row in rows]), counts, amount(rows))
    return tally


def told(tally: Any) -> list[Ends]:
    found = tally.amount()
    return [found.at(group) for group in range(GROUPS)]


# --- what could be --------------------------------------------------------------------------------


def longest(days: list[Fraction]) -> Fraction:
    months = sorted({(np.datetime64(int(day), "D").astype("datetime64[M]").astype(int)) for day in days})
    best = run = 0
    for at, month in enumerate(months):
        run = run + 1 if at and month == months[at - 1] + 1 else 1
        best = max(best, run)
    return Fraction(best)


def combined(function: str, values: list[Fraction]) -> Fraction | None:
    if function == "count":
        return Fraction(len(values))
    if function == "sum":
        return sum(values, Fraction(0))
    if function == "months_in_a_row":
        return longest(values)
    return {"max": max, "min": min}[function](values) if values else None


def outcomes(function: str, rows: list[Row], far: list[Fraction]) -> list[Fraction | None]:
    """Return what the rows come to for every choice of what is not known; an open end is as far as `far`."""
    choices = []
    for row in rows:
        low = far[0] if row.low is None else row.low
        high = far[-1] if row.high is None else row.high
        inside = {low, high, *(value for value in far if low <= value <= high)}
        kept: list[Fraction | None] = [*inside] if row.counts is not False else []
        choices.append(kept + ([None] if row.counts is not True else []))
    return [combined(function, [v for v in chosen if v is not None]) for chosen in product(*choices)]


VALUES = st.sampled_from(
    [Fraction(v) for v in (-(2**63), -7, 0, 1, 2**62, 2**63 - 1, 2**65)] + [Fraction(1, 3), Fraction(-5, 7)]
)
FAR = [Fraction(-(2**80)), Fraction(2**80)]


@st.composite
def rows_of(draw: st.DrawFn, *, dates: bool = False) -> list[Row]:
    """Draw up to seven rows, of which at most three are not known."""
    value = st.integers(0, 11).map(lambda month: Fraction(JANUARY + 31 * month)) if dates else VALUES
    rows = []
    for at in range(draw(st.integers(0, 7))):
        counts, low = draw(st.sampled_from([True, True, False])), draw(value)
        high: Fraction | None = low
        if at < 3:
            counts = draw(st.sampled_from([True, None]))
            shape = draw(st.sampled_from(["known", "blank", "least"] if not dates else ["known", "blank"]))
            high = low if shape == "known" else None
            low = low if shape != "blank" else None
        rows.append(Row(draw(st.integers(0, GROUPS - 1)), counts, low, high))
    return draw(st.permutations(rows))


def assert_as_all_outcomes(function: str, rows: list[Row], far: list[Fraction]) -> None:
    for group, (low, high) in enumerate(told(added(function, rows))):
        possible = outcomes(function, [row for row in rows if row.group == group], far)
        known = [value for value in possible if value is not None]
        if None in possible:  # perhaps no row counts
            assert (low, high) == (None, None)
            continue
        assert low == (None if min(known) <= far[0] else min(known))
        assert high == (None if max(known) >= far[-1] else max(known))


@settings(max_examples=200)
@given(function=st.sampled_from(["count", "sum", "max", "min"]), rows=rows_of())
def test_the_ends_are_those_of_all_outcomes(function: str, rows: list[Row]) -> None:
    """Tight as well as sound, also beyond 2^63 and over several denominators."""
    far = FAR if function != "sum" else [Fraction(-(2**90)), Fraction(2**90)]
    if function == "sum":
        for group, (low, high) in enumerate(told(added(function, rows))):
            ours = [row for row in rows if row.group == group and row.counts is not False]
            lows = [_widest(row, row.low, min) for row in ours]
            highs = [_widest(row, row.high, max) for row in ours]
            assert low == (None if None in lows else sum(lows, Fraction(0)))
            assert high == (None if None in highs else sum(highs, Fraction(0)))
        return
    assert_as_all_outcomes(function, rows, far)


def _widest(row: Row, end: Fraction | None, pick: Any) -> Any:
    return end if end is None or row.counts else pick(end, Fraction(0))


@settings(max_examples=150)
@given(rows=rows_of(dates=True))
def test_the_longest_run_is_that_of_some_outcome(rows: list[Row]) -> None:
    far = [Fraction(JANUARY + 31 * month) for month in range(-3, 15)]
    for group, (low, high) in enumerate(told(added("months_in_a_row", rows))):
        possible = outcomes("months_in_a_row", [row for row in rows if row.group == group], far)
        assert low is not None
        assert high is not None
        assert low <= min(v for v in possible if v is not None)
        assert high == max(v for v in possible if v is not None)
    certain = [Row(r.group, bool(r.counts), r.low or JANUARY, r.low or JANUARY) for r in rows]
    for group, ends in enumerate(told(added("months_in_a_row", certain))):
        (only,) = outcomes("months_in_a_row", [row for row in certain if row.group == group], far)
        assert ends == (only, only)


@pytest.mark.parametrize("function", ["count", "sum", "max", "min", "months_in_a_row"])
@settings(max_examples=60)
@given(data=st.data())
def test_blocks_and_their_order_change_nothing(function: str, data: st.DataObject) -> None:
    rows = data.draw(rows_of(dates=function == "months_in_a_row"))
    whole = told(added(function, rows))
    mixed, cut = data.draw(st.permutations(rows)), data.draw(st.integers(0, len(rows)))
    assert told(added(function, mixed[cut:], added(function, mixed[:cut]))) == whole
    one_by_one = None
    for row in mixed:
        one_by_one = added(function, [row], one_by_one)
    assert told(added(function, [], one_by_one)) == whole
    assert told(added(function, mixed[:cut]).merged(added(function, mixed[cut:]))) == whole


@pytest.mark.parametrize("function", ["count", "sum", "max", "min", "months_in_a_row"])
@settings(max_examples=30)
@given(data=st.data())
def test_groups_can_be_taken_in_any_order_and_twice(function: str, data: st.DataObject) -> None:
    tally = added(function, data.draw(rows_of(dates=function == "months_in_a_row")))
    whole = tally.amount()
    places = data.draw(st.lists(st.integers(-1, GROUPS - 1), min_size=1, max_size=6))
    some = tally.taken(np.array(places)).amount()
    # The last group is that of rows of nobody, and has none.
    assert [some.at(at) for at in range(len(places))] == [whole.at(p if p >= 0 else GROUPS) for p in places]


def test_sums_pass_what_an_integer_of_the_machine_holds() -> None:
    rows = [Row(0, True, Fraction(2**62), Fraction(2**62))] * 9
    assert told(added("sum", rows))[0] == (9 * 2**62,) * 2
    tally = None
    for row in rows:
        tally = added("sum", [row], tally)
    assert told(tally)[0] == (9 * 2**62,) * 2


def test_two_receipts_of_one_month_are_one_month() -> None:
    days = [JANUARY, JANUARY + 30, JANUARY + 31, JANUARY + 365]
    rows = [Row(0, True, Fraction(day), Fraction(day)) for day in days]
    assert told(added("months_in_a_row", rows)) == [(2, 2), (0, 0), (0, 0)]
    # A row without a day could stand in February, March or December.
    assert told(added("months_in_a_row", [*rows, Row(0, True, None, None)]))[0] == (2, 3)


def test_the_largest_that_the_machine_holds_is_a_value_like_others() -> None:
    ends = [Row(0, True, Fraction(value), Fraction(value)) for value in (2**63 - 1, 2**65)]
    tally = added("min", ends[1:], added("min", ends[:1]))
    assert told(tally)[0] == (2**63 - 1,) * 2
    third, large = Fraction(1, 3), Fraction(2**62)
    parts = added("min", [Row(0, True, large, large)]), added("min", [Row(1, True, third, third)])
    assert told(parts[0].merged(parts[1])) == told(parts[1].merged(parts[0]))
    assert told(parts[0].merged(parts[1]))[0] == (large, large)
