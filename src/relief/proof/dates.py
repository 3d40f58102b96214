"""Functions of days as terms: each a table of the calendar, cut where it changes.

In    a day as a number of days since 1970, constant or a term
Out   another day, or a number of years or days
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import z3

from relief.proof.household import EPOCH, days
from relief.proof.numbers import Steps, choose, number_term
from relief.rulepack.operations import age, plus_months

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from relief.proof.numbers import Flag, Number
    from relief.rulepack.calendar import Calendar

__all__ = ["aged", "by_day", "flag_by_day", "month_of", "moved", "worked", "year_start"]

_FIRST, _LAST = dt.date(1900, 1, 1), dt.date(2101, 1, 1)


def by_day(day: Number, cuts: Sequence[int], leaf: Callable[[int], Any]) -> Any:
    """Return what `leaf` gives for the stretch of days that a day is in.

    Stretch `i` begins on ``cuts[i]``; days before the first are taken to be in it.
    """
    if isinstance(day, Fraction):
        return leaf(max(0, bisect_right(cuts, int(day)) - 1))

    leaves = [leaf(at) for at in range(len(cuts))]
    if all(isinstance(value, Fraction) for value in leaves):
        return Steps(number_term(day), tuple(cuts), tuple(leaves))

    def branch(low: int, high: int) -> Any:
        if high - low == 1:
            return number_term(leaves[low])
        middle = (low + high) // 2
        return z3.If(number_term(day) < cuts[middle], branch(low, middle), branch(middle, high))

    return branch(0, len(cuts))


def flag_by_day(day: Number, cuts: Sequence[int], flags: Sequence[Flag]) -> Flag:
    """Return the flag of the stretch of days that a day is in."""
    found = flags[0]
    for cut, flag in zip(cuts[1:], flags[1:], strict=True):
        found = choose(number_term(day) >= cut, flag, found)
    return found


def _months(around: tuple[int, int]) -> list[int]:
    """Return the first days of the months from one year to another."""
    years = range(around[0], around[1] + 1)
    return [days(dt.date(year, month, 1)) for year in years for month in range(1, 13)]


def moved(day: Number, months: int, around: tuple[int, int]) -> Number:
    """Return a day moved by months, to the matching day or the last of the month."""
    if isinstance(day, Fraction):
        return Fraction(int(plus_months(np.array([int(day)]), months)[0]))
    cuts = _months(around)

    def leaf(at: int) -> Any:
        first = int(plus_months(np.array([cuts[at]]), months)[0])
        # Within a month the day moves along, but not past the end of the month it comes to.
        moved_on = number_term(day) + (first - cuts[at])
        month = EPOCH + dt.timedelta(days=first)
        following = dt.date(month.year + month.month // 12, month.month % 12 + 1, 1)
        latest = days(following) - 1
        return z3.If(moved_on > latest, z3.RealVal(latest), moved_on)

    return by_day(day, cuts, leaf)


def year_start(day: Number, around: tuple[int, int]) -> Number:
    """Return the first of January of a day's year."""
    cuts = [days(dt.date(year, 1, 1)) for year in range(around[0], around[1] + 1)]
    if isinstance(day, Fraction):
        return Fraction(days(dt.date((EPOCH + dt.timedelta(days=int(day))).year, 1, 1)))
    return by_day(day, cuts, lambda at: Fraction(cuts[at]))


def month_of(day: Number, around: tuple[int, int]) -> Number:
    """Return the number of a day's calendar month."""
    cuts = _months(around)
    return by_day(day, cuts, lambda at: Fraction(at))


def aged(born: Number, on: Number) -> Number | None:
    """Return whole years between two days; None where neither day is fixed."""
    if isinstance(born, Fraction) and isinstance(on, Fraction):
        return Fraction(int(age(np.array([int(born)]), np.array([int(on)]))[0]))
    if not isinstance(on, Fraction):
        return None
    span = np.arange(days(_FIRST), int(on) + 366 * 2)
    ages = age(span, np.full(len(span), int(on)))
    changes = [0, *(np.flatnonzero(np.diff(ages)) + 1).tolist()]
    return by_day(born, [int(span[at]) for at in changes], lambda at: Fraction(int(ages[changes[at]])))


def worked(after: Number, upto: Number, calendar: Calendar) -> tuple[Number, Number]:
    """Return the working days after one day up to another, and how many days may be such or not."""
    first, last = (dt.date(calendar.years[0].year, 1, 1), dt.date(calendar.years[-1].year + 1, 1, 1))
    start, end = days(first), days(last)
    # One day more on either side, of years that are not there: beyond them nothing is counted either.
    span = np.arange(start - 2, end + 1)
    counts, unannounced = calendar.working_days(np.full(len(span), start - 2), span)
    announced = span - (start - 2) - unannounced

    low, high = number_term(after), number_term(upto)
    number = _so_far(upto, span, counts) - _so_far(after, span, counts)
    open_days = high - low - _so_far(upto, span, announced) + _so_far(after, span, announced)
    nothing, backwards = z3.RealVal(0), high <= low
    return z3.If(backwards, nothing, number), z3.If(backwards, nothing, open_days)


def _so_far(day: Number, span: Any, counts: Any) -> Any:
    """Return how many days of a kind there are up to a day: steps of none or one a day."""
    steps = np.diff(counts, append=counts[-1])
    begins = [0, *(np.flatnonzero(np.diff(steps)) + 1).tolist()]
    cuts = [int(span[at]) for at in begins]

    def leaf(at: int) -> Any:
        so_far, step = int(counts[begins[at]]), int(steps[begins[at]])
        return so_far + (number_term(day) - cuts[at]) * step

    return number_term(by_day(day, cuts, leaf))
