"""When a notice has run its days: working days by the calendar that the pack carries (调休 included)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from relief.errors import StepError

if TYPE_CHECKING:
    from relief.rulepack.calendar import Calendar

__all__ = ["LEAST_DAYS", "day_of", "last_day"]

# 江门: at least seven working days (the self-evaluation report of 2021).
LEAST_DAYS = 7
_EPOCH = dt.date(1970, 1, 1)


def day_of(text: dt.date | str) -> dt.date:
    """Return a date from ISO text.

    Raises
    ------
    StepError
        If it is none.
    """
    try:
        return text if isinstance(text, dt.date) else dt.date.fromisoformat(str(text))
    except ValueError as error:
        raise StepError("step.no_date", value=str(text)) from error


def last_day(calendar: Calendar | None, posted: dt.date, days: int = LEAST_DAYS) -> dt.date:
    """Return the last day of a notice: the day it was posted does not count (民法典 art. 201).

    Parameters
    ----------
    calendar : Calendar or None
        Of the pack.
    posted : date
    days : int
        Working days, at least one.

    Raises
    ------
    StepError
        If the pack has no calendar, or none for a year that the notice reaches into.

    Examples
    --------
    Posted before the holidays of October 2021, of which two weekend days were worked for:

    >>> from relief import load_pack
    >>> last_day(load_pack("jiangmen-2021").calendar, dt.date(2021, 9, 29), 7).isoformat()
    '2021-10-14'
    """
    import numpy as np

    if calendar is None:
        raise StepError("step.no_calendar")
    # Seven working days lie within 40 days whatever is announced; more take as much more.
    upto = np.arange(1, 40 + 4 * days, dtype=np.int64) + (posted - _EPOCH).days
    worked, unknown = calendar.working_days(np.full_like(upto, (posted - _EPOCH).days), upto)
    at = int(np.argmax(worked >= days))
    if worked[at] < days or unknown[at]:
        reached = posted + dt.timedelta(days=int(np.argmax(unknown > 0)) + 1)
        raise StepError("step.year_not_announced", year=reached.year)
    return posted + dt.timedelta(days=at + 1)
