"""What each operator and function does to values that may be unknown.

In    the values of an operation's parts
Out   the value of the whole
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from relief.rulepack.values import Amount, Bound, Truth, Value, times

if TYPE_CHECKING:
    from collections.abc import Callable

    from relief.rulepack.calendar import Calendar
    from relief.rulepack.values import Flags, Integers

__all__ = ["OPERATIONS", "age", "known", "plus_months", "working_days"]


def known(value: Value) -> Flags:
    """Return where a value is known."""
    if isinstance(value, Truth):
        return value.yes | value.no
    return value.known if isinstance(value, Amount) else value.codes >= 0


def _coalesce(parts: list[Any]) -> Any:
    """Return the first that is known; where none is, what the last leaves open."""
    if isinstance(parts[0], Truth):
        return reduce(lambda a, b: Truth(a.yes | (a.unknown & b.yes), a.no | (a.unknown & b.no)), parts)

    def first(one: Amount, other: Amount) -> Amount:
        is_known = one.known
        return one if bool(is_known.all()) else one.where(is_known, other)

    return reduce(first, parts)


def _stated(parts: list[Any]) -> Truth:
    is_known = known(parts[0])
    return Truth(is_known, ~is_known)


def _chosen(parts: list[Any]) -> Any:
    condition, yes, no = parts
    if isinstance(yes, Truth):
        both = Truth(yes.yes & no.yes, yes.no & no.no)
        return Truth(
            (condition.yes & yes.yes) | (condition.no & no.yes) | (condition.unknown & both.yes),
            (condition.yes & yes.no) | (condition.no & no.no) | (condition.unknown & both.no),
        )
    if condition.yes.all():
        return yes
    if condition.no.all():
        return no
    picked = yes.where(condition.yes, no)
    return yes.hull(no).where(condition.unknown, picked) if condition.unknown.any() else picked


def _by(factor: int, *, divide: bool) -> Callable[[list[Any]], Amount]:
    def scaled(end: Bound) -> Bound:
        if divide:
            den = end.den * factor if end.den_size() * factor < 2**63 else times(end.den, factor)
            return Bound(end.num, den, end.open, end.most, end.den_size() * factor)
        return Bound(times(end.num, factor), end.den, end.open)

    return lambda parts: parts[0].each(scaled)


def _of_days(change: Callable[[Integers], Integers]) -> Callable[[Amount], Amount]:
    """Return a rising function of dates, applied to both ends."""

    def changed(end: Bound) -> Bound:
        return Bound(change(end.num), 1, end.open)

    return lambda date: date.each(changed)


def _year_start(days: Integers) -> Integers:
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)


def _month_and_day(days: Integers) -> tuple[Integers, Integers]:
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    return months.astype(np.int64), (dates - months.astype("datetime64[D]")).astype(np.int64)


def _last_day(months: Integers) -> Integers:
    """Return how many days after its first a month ends."""
    first = months.astype("datetime64[M]").astype("datetime64[D]")
    last = (months + 1).astype("datetime64[M]").astype("datetime64[D]")
    return np.asarray((last - first).astype(np.int64) - 1)


def plus_months(days: Integers, months: int) -> Integers:
    """Move days by months: to the matching day, or the last of a month that has none (民法典 art. 202)."""
    month, day = _month_and_day(days)
    first = (month + months).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return np.asarray(first + np.minimum(day, _last_day(month + months)))


def age(born: Integers, on: Integers) -> Integers:
    """Return whole years between two days; a person born on 29 February is a year older on the 28th."""
    month, day = _month_and_day(born)
    now, today = _month_and_day(on)
    between = now - month
    early = (between % 12 == 0) & (today < np.minimum(day, _last_day(now)))
    return np.asarray(between // 12 - early)


def _age(parts: list[Any]) -> Amount:
    born, on = parts
    if born.lo is born.hi and on.lo is on.hi:
        end = _aged(born.lo, on.lo)
        return Amount(end, end)
    return Amount(_aged(born.hi, on.lo), _aged(born.lo, on.hi))


def _aged(born: Bound, on: Bound) -> Bound:
    is_open = born.is_open | on.is_open
    return Bound(age(born.num, on.num), 1, is_open if is_open.any() else None)


def working_days(parts: list[Any], calendar: Calendar) -> Amount:
    """Return the working days after one day up to another: open by the days of years not announced."""
    after, upto = parts
    lo, open_days = _worked(after.hi, upto.lo, calendar)
    same = after.lo is after.hi and upto.lo is upto.hi
    if not same:
        most, open_days = _worked(after.lo, upto.hi, calendar)
        return Amount(lo, Bound(most.num + open_days, 1, most.open))
    return Amount(lo, Bound(lo.num + open_days, 1, lo.open) if open_days.any() else lo)


def _worked(after: Bound, upto: Bound, calendar: Calendar) -> tuple[Bound, Integers]:
    days, open_days = calendar.working_days(after.num, upto.num)
    is_open = after.is_open | upto.is_open
    return Bound(days, 1, is_open if is_open.any() else None), open_days


def _months(parts: list[Any]) -> Amount:
    date, step = parts
    months = int(step.lo.num[0]) if len(step.lo.num) else 0
    return _of_days(lambda days: plus_months(days, months))(date)


OPERATIONS: dict[str, Callable[[list[Any]], Value]] = {
    "and": lambda parts: reduce(lambda a, b: a & b, parts),
    "or": lambda parts: reduce(lambda a, b: a | b, parts),
    "not": lambda parts: ~parts[0],
    "if": _chosen,
    "coalesce": _coalesce,
    "stated": _stated,
    "+": lambda p: p[0] + p[1],
    "-": lambda p: p[0] - p[1],
    "*": lambda p: p[0] * p[1],
    "/": lambda p: p[0] / p[1],
    "neg": lambda p: -p[0],
    "<": lambda p: p[0].less(p[1], or_equal=False),
    "<=": lambda p: p[0].less(p[1], or_equal=True),
    ">": lambda p: p[1].less(p[0], or_equal=False),
    ">=": lambda p: p[1].less(p[0], or_equal=True),
    "==": lambda p: p[0].equals(p[1]),
    "!=": lambda p: ~p[0].equals(p[1]),
    "max": lambda p: reduce(Amount.larger, p),
    "min": lambda p: reduce(Amount.smaller, p),
    "monthly": _by(12, divide=True),
    "yearly": _by(12, divide=False),
    "days": lambda p: p[0] - p[1],
    "plus_days": lambda p: p[0] + p[1],
    "plus_months": _months,
    "year_start": lambda p: _of_days(_year_start)(p[0]),
    "age": _age,
}
