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
_AS_THEY_ARE = frozenset({str, type(None), bool, int, float, Decimal, Fraction, dt.date})


def plain(cell: Any) -> Any:
    """Return a value as a kind of cell.

    A moment that knows its zone becomes the wall clock of China, where every day of a round is counted.

    Examples
    --------
    >>> plain(dt.datetime(2021, 9, 29, 16, tzinfo=dt.UTC)), plain(np.int64(3)), plain(["a"])
    (datetime.datetime(2021, 9, 30, 0, 0), 3, "['a']")
    """
    if type(cell) in _AS_THEY_ARE or isinstance(cell, (str, Decimal, Fraction)):
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


def exact(value: Any) -> Any:
    """Return a value of a typed column as it may stand in a sheet: `plain`, and each digit kept.

    A spreadsheet rounds numbers past 15 digits, so a reader of cells believes none of them; a column
    of integers or decimals holds each digit, and as text it is read so. Not a number is nothing.

    Examples
    --------
    >>> exact(1_740_000_000_000_000_001), exact(42), exact(Decimal("1E+3")), exact(float("nan"))
    ('1740000000000000001', 42, '1000', None)
    """
    cell = plain(value)
    kind = type(cell)
    if kind is str or cell is None:
        return cell
    if kind is int:
        return cell if -_MOST_KEPT < cell < _MOST_KEPT else str(cell)
    if kind is Decimal:
        return f"{cell:f}"
    return None if kind is float and cell != cell else cell
