"""Working days by the notices that a pack carries: days off, and weekend days that are worked (调休).

In    the years of a pack
Out   `Calendar`: the working days between two days, and how many days lie in years that it does not have
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from relief.rulepack.model import YearModel

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Calendar", "calendar_of"]

_EPOCH = dt.date(1970, 1, 1)
_SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    """The years that are announced, one after another."""

    years: tuple[YearModel, ...]

    @cached_property
    def _worked(self) -> tuple[int, npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        """Return the first day, how many days were worked and how many announced before each day."""
        first, last = self.years[0].year, self.years[-1].year
        start, end = _number(dt.date(first, 1, 1)), _number(dt.date(last + 1, 1, 1))
        days = [_day(at) for at in range(start, end)]
        off = {day for year in self.years for day in year.days_off}
        worked = {day for year in self.years for day in year.days_worked}
        announced = {year.year for year in self.years}
        known = [day.year in announced for day in days]
        works = [
            is_known and (day in worked or (day.weekday() < _SATURDAY and day not in off))
            for is_known, day in zip(known, days, strict=True)
        ]
        return start, np.concatenate([[0], np.cumsum(works)]), np.concatenate([[0], np.cumsum(known)])

    def working_days(
        self, after: npt.NDArray[Any], upto: npt.NDArray[Any]
    ) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """Return the working days after one day up to another, and how many days may be such or not.

        Parameters
        ----------
        after, upto : ndarray of int64
            Days since 1970-01-01. The day `after` does not count (民法典 art. 201).

        Returns
        -------
        days : ndarray of int64
            In announced years. None before `after`: zero.
        open_days : ndarray of int64
            The days of years that are not announced: each may be a working day or not.
        """
        start, before, announced = self._worked
        last = len(before) - 1
        upto = np.maximum(upto, after)
        low, high = np.clip(after + 1 - start, 0, last), np.clip(upto + 1 - start, 0, last)
        return before[high] - before[low], upto - after - (announced[high] - announced[low])

    def lacks(self, first: int, last: int) -> list[int]:
        """Return the years from one to another that are not announced."""
        announced = {year.year for year in self.years}
        return [year for year in range(first, last + 1) if year not in announced]

    def having(self, year: int, *, worked: Literal["never", "weekdays", "always"]) -> Calendar:
        """Return the calendar with a year as it could be announced: the two extremes, or the usual."""
        days = [_day(at) for at in range(_number(dt.date(year, 1, 1)), _number(dt.date(year + 1, 1, 1)))]
        weekdays = {day for day in days if day.weekday() < _SATURDAY}
        entry = YearModel.model_construct(
            year=year,
            days_off=tuple(sorted(weekdays)) if worked == "never" else (),
            days_worked=tuple(sorted({*days} - weekdays)) if worked == "always" else (),
        )
        return Calendar(tuple(sorted((*self.years, entry), key=lambda one: one.year)))


def _number(day: dt.date) -> int:
    return (day - _EPOCH).days


def _day(number: int) -> dt.date:
    return _EPOCH + dt.timedelta(days=number)


def calendar_of(years: Mapping[int, YearModel]) -> Calendar | None:
    """Return the calendar of a pack, None if it has none."""
    return Calendar(tuple(years[year] for year in sorted(years))) if years else None
