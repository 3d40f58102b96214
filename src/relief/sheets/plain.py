"""What programs and databases hand over -> the kinds of cells that a sheet has.

In    a value of a frame, of Arrow, of a database driver
Out   None, text, a truth, a whole number, a float, a Decimal, a Fraction, a day or a moment;
      anything else as its text
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from numbers import Integral
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

__all__ = ["exact", "plain"]

_ZONE = "Asia/Shanghai"
_MOST_KEPT = 10**15


def plain(cell: Any) -> Any:
    """Return a value as a kind of cell.

    A moment that knows its zone becomes the wall clock of China, where every day of a round is counted.

    Examples
    --------
    >>> plain(dt.datetime(2021, 9, 29, 16, tzinfo=dt.UTC)), plain(np.int64(3)), plain(["a"])
    (datetime.datetime(2021, 9, 30, 0, 0), 3, "['a']")
    """
    if cell is None or isinstance(cell, (str, Decimal, Fraction)):
        return cell
    if isinstance(cell, (bool, np.bool_)):
        return bool(cell)
    if isinstance(cell, Integral):
        return int(cell)
    if isinstance(cell, (float, np.floating)):
        return float(cell)
    if isinstance(cell, pd.Timestamp):
        cell = cell.floor("us").to_pydatetime()
    if isinstance(cell, dt.datetime) and cell.tzinfo is not None:
        return _in_china(cell)
    return cell if isinstance(cell, dt.date) else str(cell)


def _in_china(moment: dt.datetime) -> dt.datetime:
    try:
        return moment.astimezone(ZoneInfo(_ZONE)).replace(tzinfo=None)
    except OverflowError:  # the first and last day that there is
        return moment.replace(tzinfo=None)


def exact(cell: Any) -> Any:
    """Return a whole number of a typed column as it may stand in a sheet: a long one as text.

    A spreadsheet rounds numbers past 15 digits, so a reader of cells believes none; a column of
    integers holds each digit.

    Examples
    --------
    >>> exact(1_740_000_000_000_000_001), exact(42)
    ('1740000000000000001', 42)
    """
    return str(cell) if type(cell) is int and abs(cell) >= _MOST_KEPT else cell
