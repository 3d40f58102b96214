"""Tests of relief.rulepack.calendar: working days by the notices, against a package that knows them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relief import load_pack
from relief.errors import StepError
from relief.rulepack.calendar import Calendar, calendar_of
from relief.rulepack.model import YearModel
from relief.rulepack.operations import working_days
from relief.rulepack.values import exactly
from relief.steps.deadlines import last_day

EPOCH = dt.date(1970, 1, 1)


def span(first: str, last: str) -> list[dt.date]:
    begin, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    return [begin + dt.timedelta(days=at) for at in range((end - begin).days + 1)]


# 国办发明电〔2020〕27 号: the days of 2021.
OFF = [
    *span("2021-01-01", "2021-01-03"),
    *span("2021-02-11", "2021-02-17"),
    *span("2021-04-03", "2021-04-05"),
    *span("2021-05-01", "2021-05-05"),
    *span("2021-06-12", "2021-06-14"),
    *span("2021-09-19", "2021-09-21"),
    *span("2021-10-01", "2021-10-07"),
]
WORKED = [
    dt.date(2021, *day) for day in ((2, 7), (2, 20), (4, 25), (5, 8), (9, 18), (9, 26), (10, 9))
]  # fmt: skip


def year(number: int, off: list[dt.date] | None = None, worked: list[dt.date] | None = None) -> YearModel:
    return YearModel(
        status="illustrative", note="test", year=number,
        days_off=tuple(map(str, off or [])), days_worked=tuple(map(str, worked or [])),
    )  # fmt: skip


def calendar(*years: YearModel) -> Calendar:
    found = calendar_of({entry.year: entry for entry in years})
    assert found is not None
    return found


YEAR = calendar(year(2021, OFF, WORKED))


def between(after: dt.date, upto: dt.date, of: Calendar = YEAR) -> int | None:
    days, open_days = of.working_days(np.array([(after - EPOCH).days]), np.array([(upto - EPOCH).days]))
    return None if open_days[0] else int(days[0])


@pytest.mark.parametrize(
    ("after", "upto", "days"),
    [
        ("2021-09-17", "2021-09-18", 1),  # a Saturday that is worked
        ("2021-09-18", "2021-09-21", 0),  # Mid-Autumn
        ("2021-09-30", "2021-10-09", 2),
        ("2021-09-13", "2021-09-13", 0),
        ("2021-09-14", "2021-09-13", 0),
        ("2020-12-31", "2021-12-31", 250),
        ("2021-01-01", "2022-01-01", None),
        ("2020-12-30", "2021-01-01", None),
        ("2023-01-05", "2023-01-04", 0),  # nothing in between needs no notice
    ],
)
def test_working_days_after_one_day_up_to_another(after: str, upto: str, days: int | None) -> None:
    assert between(dt.date.fromisoformat(after), dt.date.fromisoformat(upto)) == days


def test_the_days_of_2021_are_those_that_others_have() -> None:
    other = pytest.importorskip("chinese_calendar")
    for day in span("2021-01-01", "2021-12-31"):
        worked = between(day - dt.timedelta(days=1), day)
        assert worked == int(other.is_workday(day)), day


DAYS = st.dates(dt.date(2020, 12, 30), dt.date(2022, 1, 2))


@given(first=DAYS, middle=DAYS, last=DAYS)
def test_days_add_up_and_never_fall(first: dt.date, middle: dt.date, last: dt.date) -> None:
    first, middle, last = sorted((first, middle, last))
    parts = between(first, middle), between(middle, last)
    whole = between(first, last)
    if None in parts:
        assert whole is None
    else:
        assert whole == parts[0] + parts[1]


def test_a_year_between_two_that_is_not_announced_leaves_them_unknown() -> None:
    gap = calendar(year(2021), year(2023))
    assert between(dt.date(2021, 1, 1), dt.date(2021, 12, 31), gap) == 260
    assert between(dt.date(2023, 1, 1), dt.date(2023, 1, 8), gap) == 5
    assert between(dt.date(2021, 12, 31), dt.date(2023, 1, 1), gap) is None
    assert calendar_of({}) is None


def test_an_unknown_day_leaves_the_number_open_an_unknown_year_its_days() -> None:
    """From 17 September 2021 71 working days are left, and 500 days on one is in January 2023."""
    day = (dt.date(2021, 9, 17) - EPOCH).days
    after = exactly(np.array([day, day, day]), np.array([False, True, False]))
    upto = exactly(np.array([day + 1, day + 1, day + 500]))
    found = working_days([after, upto], YEAR)
    assert [found.at(place) for place in range(3)] == [(1, 1), (None, None), (71, 71 + 395)]


@given(after=DAYS, upto=DAYS)
def test_a_year_that_is_announced_comes_to_lie_within_what_was_open(after: dt.date, upto: dt.date) -> None:
    days, open_days = YEAR.working_days(*(np.array([(day - EPOCH).days]) for day in (after, upto)))
    for worked in ("never", "weekdays", "always"):
        whole = YEAR
        for number in YEAR.lacks(2020, 2022):
            whole = whole.having(number, worked=worked)
        told = between(after, upto, whole)
        assert told is not None
        assert days[0] <= told <= days[0] + open_days[0]
        assert worked == "weekdays" or told == days[0] + (open_days[0] if worked == "always" else 0)


def test_the_calendar_that_ships_is_that_of_others_and_says_where_it_ends() -> None:
    other = pytest.importorskip("chinese_calendar")
    ours = load_pack("national-calendar").calendar
    assert ours is not None
    for day in span("2016-01-01", "2026-12-31"):
        assert between(day - dt.timedelta(days=1), day, ours) == int(other.is_workday(day)), day
    assert last_day(ours, dt.date(2021, 9, 29)) == dt.date(2021, 10, 14)
    assert last_day(ours, dt.date(2026, 12, 22)) == dt.date(2026, 12, 31)
    with pytest.raises(StepError, match="2027"):
        last_day(ours, dt.date(2026, 12, 23))
    with pytest.raises(StepError, match="no calendar"):
        last_day(None, dt.date(2021, 9, 29))


@given(posted=st.dates(dt.date(2016, 1, 1), dt.date(2026, 11, 1)), days=st.integers(1, 20))
def test_the_last_day_is_the_first_on_which_as_many_were_worked(posted: dt.date, days: int) -> None:
    ours = load_pack("national-calendar").calendar
    assert ours is not None
    ends = last_day(ours, posted, days)
    assert between(posted, ends, ours) == days
    assert between(posted, ends - dt.timedelta(days=1), ours) == days - 1
