"""One column of cells as they stood -> one typed column, and which cells were no such thing.

In    an object array of cells (text, numbers, dates, None, `BadCell`) and the `Column` it is
Out   a typed array with NA where nothing usable stood, and per bad cell the code of its fault

Blank is unknown, never zero. 无 is a zero only in columns whose dictionary entry says so.
Each distinct cell is read once, so a column costs little more than factorising it.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.columns import normalised
from relief.files import BadCell
from relief.money import read_fen

if TYPE_CHECKING:
    from relief.columns import Column, Header

__all__ = ["Read", "read_cells", "read_text", "shown"]

Cells = np.ndarray[Any, np.dtype[np.object_]]
Bad = dict[int, str]  # position -> code of the fault
Read = tuple[Any, Bad]  # typed array, bad cells

_BLANK = frozenset({"", "-", "--", "—", "——", "/", "\\", "未知", "不详", "n/a", "na", "null", "none", "nan"})
_NONE = frozenset({"无", "没有"})
_DATE = re.compile(
    r"(?P<y>\d{4})(?P<a>[-/.年])(?P<m>\d{1,2})(?:(?P=a)|月)(?P<d>\d{1,2})日?(?:[ T]?\d{1,2}:\d{2}(?::\d{2})?)?$"
)
_COMPACT_DATE = re.compile(r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?:\d{6})?$")
_ROUNDED = re.compile(r"\d(\.\d+)?[eE]\+?\d+$")
_EARLIEST, _LATEST = dt.date(1900, 3, 2), dt.date(2199, 12, 31)
_MOST = 2**63 - 1


def shown(value: object, column: Column) -> str:
    """Return a cell as an error may show it: personal values keep no more than two characters."""
    text = str(value)[:60]
    return text[:1] + "*" * (len(text) - 2) + text[-1:] if column.is_personal and len(text) > 2 else text


def read_cells(cells: Cells, header: Header, *, factor: int, epoch_1904: bool) -> Read:
    """Read one column.

    Parameters
    ----------
    cells : ndarray of object, shape (n,)
    header : Header
        What the column is.
    factor : int
        Yuan per unit of a bare amount; the header's own factor wins.
    epoch_1904 : bool
        Whether bare serial dates count from 1904.
    """
    column = header.column
    if column.dtype == "money" and not header.in_fen:
        return _read_money(cells, column, header.factor or factor)
    if column.dtype in ("id", "id_number", "account"):
        return _read_ids(cells, column)
    if column.dtype in ("text", "name"):
        return read_text(cells), _bad_cells(cells)
    codes, distinct = pd.factorize(cells, use_na_sentinel=True)
    one = _reader(column, epoch_1904)
    values: list[Any] = []
    problems: dict[int, str] = {}
    for place, cell in enumerate(distinct):
        value, code = (None, cell.code) if isinstance(cell, BadCell) else one(cell)
        values.append(value)
        if code:
            problems[place] = code
    bad = {int(at): problems[codes[at]] for at in np.flatnonzero(np.isin(codes, list(problems)))} if problems else {}
    return _typed(codes, values, column), bad


def read_text(cells: Cells) -> Cells:
    """Return cells as trimmed NFKC text, None where blank."""
    try:
        joined = "\x1f".join(cells)
        if not re.search(r"(^|\x1f)(\s|$|\x1f)|\s(\x1f|$)|[\u200b-\u200f\ufeff]", joined) and (
            unicodedata.is_normalized("NFKC", joined)
        ):
            return cells
    except TypeError:
        pass
    return np.array([_text(cell) for cell in cells], dtype=object)


def _text(cell: object) -> str | None:
    if cell is None or isinstance(cell, BadCell) or (isinstance(cell, float) and cell != cell):  # noqa: PLR0124
        return None
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    text = unicodedata.normalize("NFKC", str(cell))
    return re.sub(r"[\u200b-\u200f\ufeff]", "", text).strip() or None


def _bad_cells(cells: Cells) -> Bad:
    return {at: cell.code for at, cell in enumerate(cells) if isinstance(cell, BadCell)}


def _read_ids(cells: Cells, column: Column) -> Read:
    ids = read_text(cells)
    bad = _bad_cells(cells) if ids is not cells else {}
    for at, cell in enumerate(cells):
        if isinstance(cell, str):
            if column.dtype != "id" and "E" in cell.upper() and _ROUNDED.match(cell.strip()):
                bad[at] = "fault.rounded"
        elif isinstance(cell, (int, float)) and abs(cell) >= 1e15 and cell == cell:  # noqa: PLR0124
            bad[at] = "fault.rounded"
    if bad:
        ids = ids.copy()
        ids[list(bad)] = None
    return ids, bad


# --- amounts ----------------------------------------------------------------------------------


def _read_money(cells: Cells, column: Column, factor: int) -> Read:
    negative = column.minimum is None
    fen, ok = read_fen(cells, factor=factor, negative=negative)
    bad: Bad = {}
    if not ok.all():
        seen: dict[Any, tuple[int | None, str]] = {}
        for at in np.flatnonzero(~ok):
            cell = cells[at]
            key = (type(cell), cell)
            if key not in seen:
                seen[key] = _not_money(cell, column, factor)
            value, code = seen[key]
            if value is not None:
                fen[at], ok[at] = value, True
            elif code:
                bad[int(at)] = code
    return pd.arrays.IntegerArray(fen, ~ok), bad


def _not_money(cell: object, column: Column, factor: int) -> tuple[int | None, str]:
    """Return what a cell that is no amount says: a stated zero, nothing, or something wrong."""
    if isinstance(cell, BadCell):
        return None, cell.code
    word = _word(cell)
    if word in _NONE and column.none_is_zero:
        return 0, ""
    if word is None or word in _NONE:
        return None, ""
    if read_fen(np.array([cell], dtype=object), factor=factor, negative=True)[1][0]:
        return None, "fault.negative"
    return None, "fault.money"


def _word(cell: object) -> str | None:
    """Return the cell as one comparable word, None where it says nothing."""
    text = _text(cell)
    word = normalised(text) if text else ""
    return None if word in _BLANK else word


# --- everything of which few distinct values exist --------------------------------------------


def _reader(column: Column, epoch_1904: bool) -> Callable[[Any], tuple[Any, str]]:
    readers: dict[str, Callable[[Any], tuple[Any, str]]] = {
        "date": lambda cell: _date(cell, epoch_1904),
        "count": lambda cell: _whole(cell, column),
        "money": lambda cell: _whole(cell, column),
        "flag": lambda cell: _choice(cell, column, "fault.flag"),
        "choice": lambda cell: _choice(cell, column, "fault.choice"),
        "label": lambda cell: _label(cell, column),
        "district": lambda cell: (_text(cell), ""),
    }
    return readers[column.dtype]


def _typed(codes: np.ndarray[Any, np.dtype[np.intp]], values: list[Any], column: Column) -> Any:
    """Spread the values of the distinct cells over the column."""
    missing = np.array([value is None for value in values] + [True])[codes]
    if column.dtype in ("count", "money"):
        whole = np.array([value or 0 for value in values] + [0], dtype=np.int64)[codes]
        return pd.arrays.IntegerArray(whole, missing)
    if column.dtype == "flag":
        return pd.arrays.BooleanArray(np.array([value == "true" for value in values] + [False])[codes], missing)
    if column.dtype == "date":
        days = np.array([np.datetime64(value or "NaT", "D") for value in values] + [np.datetime64("NaT", "D")])
        return pd.array(days[codes].astype("datetime64[s]"))
    categories = sorted({value for value in values if value is not None})
    order = {value: place for place, value in enumerate(categories)}
    return pd.Categorical.from_codes(
        np.array([order.get(value, -1) for value in values] + [-1], dtype=np.int32)[codes], categories=categories
    )


def _whole(cell: Any, column: Column) -> tuple[int | None, str]:
    word = _word(cell)
    if word is None:
        return None, ""
    if word in _NONE:
        return (0 if column.none_is_zero else None), ""
    digits = re.fullmatch(r"(-?\d+)(\.0+)?[人口套辆天个]?", word.replace(",", ""))
    if digits is None or isinstance(cell, bool):
        return None, "fault.count"
    number = int(digits[1])
    if abs(number) > _MOST:
        return None, "fault.count"
    if column.minimum is not None and number < column.minimum:
        return None, "fault.minimum"
    return number, ""


def _choice(cell: Any, column: Column, code: str) -> tuple[str | None, str]:
    if isinstance(cell, (bool, np.bool_)):
        return str(bool(cell)).lower(), ""
    word = _word(cell)
    if word in column.choices:
        return column.choices[word], ""
    return None, "" if word is None else code


def _label(cell: Any, column: Column) -> tuple[str | None, str]:
    text = _text(cell)
    if text is None:
        return None, ""
    return (column.choices[normalised(text)], "") if normalised(text) in column.choices else (text, "warning.label")


def _date(cell: Any, epoch_1904: bool) -> tuple[str | None, str]:
    if isinstance(cell, dt.datetime):
        return _day(cell.year, cell.month, cell.day)
    if isinstance(cell, dt.date):
        return _day(cell.year, cell.month, cell.day)
    text = _text(cell)
    if text is None or normalised(text) in _BLANK:
        return None, ""
    if re.fullmatch(r"[2-9]\d{4}", text):
        epoch = dt.date(1904, 1, 1) if epoch_1904 else dt.date(1899, 12, 30)
        day = epoch + dt.timedelta(days=int(text))
        return _day(day.year, day.month, day.day)
    found = _DATE.match(text) or _COMPACT_DATE.match(text)
    return _day(int(found["y"]), int(found["m"]), int(found["d"])) if found else (None, "fault.date")


def _day(year: int, month: int, day: int) -> tuple[str | None, str]:
    try:
        date = dt.date(year, month, day)
    except ValueError:
        return None, "fault.date"
    return (date.isoformat(), "") if _EARLIEST <= date <= _LATEST else (None, "fault.date")
