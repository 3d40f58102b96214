"""Working days by the notices that a pack carries: days off, and weekend days that are worked (调休).

In    the years of a pack
Out   `Calendar`: the working days between two days, unknown where a year in between was not announced
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from relief.rulepack.model import YearModel

__all__ = ["Calendar", "calendar_of"]

_EPOCH = dt.date(1970, 1, 1)
_SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    """The years that are announced, one after another."""

    years: tuple[YearModel, ...]

    @cached_property
    def _worked(self) -> tuple[int, npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        """Return the first day, how many days were worked before each day, and which days are announced."""
        first, last = self.years[0].year, self.years[-1].year
        start, end = (dt.date(first, 1, 1) - _EPOCH).days, (dt.date(last + 1, 1, 1) - _EPOCH).days
        days = [_EPOCH + dt.timedelta(days=at) for at in range(start, end)]
        off = {day for year in self.years for day in year.days_off}
        worked = {day for year in self.years for day in year.days_worked}
        announced = {year.year for year in self.years}
        works = [day in worked or (day.weekday() < _SATURDAY and day not in off) for day in days]
        known = [day.year in announced for day in days]
        return start, np.concatenate([[0], np.cumsum(works)]), np.concatenate([[0], np.cumsum(known)])

    def working_days(
        self, after: npt.NDArray[Any], upto: npt.NDArray[Any]
    ) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
        """Return the working days after one day up to another, and where that is known.

        Parameters
        ----------
        after, upto : ndarray of int64
            Days since 1970-01-01. The day `after` does not count (民法典 art. 201).

        Returns
        -------
        days : ndarray of int64
            None before `after`: zero.
        known : ndarray of bool
            Whether every day in between is in an announced year.
        """
        start, before, announced = self._worked
        last = len(before) - 1
        low, high = after + 1 - start, np.maximum(upto, after) + 1 - start
        inside = (low >= 0) & (high <= last)
        low, high = np.clip(low, 0, last), np.clip(high, 0, last)
        known = inside & (announced[high] - announced[low] == high - low)
        return before[high] - before[low], known | (upto <= after)


def calendar_of(years: Mapping[int, YearModel]) -> Calendar | None:
    """Return the calendar of a pack, None if it has none."""
    return Calendar(tuple(years[year] for year in sorted(years))) if years else None
