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
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.columns import COPY, MOST_COUNTED, normalised
from relief.messages import mask
from relief.money import problem, read_fen
from relief.sheets.sheet import BadCell, Cells, is_blank

if TYPE_CHECKING:
    from collections.abc import Callable

    from relief.columns import Column, Header
    from relief.money import Factor

__all__ = ["Read", "read_cells", "read_text", "shown"]

Bad = dict[int, str]  # position -> code of the fault
Read = tuple[Any, Bad]  # typed array, bad cells

_BLANK = frozenset({"", "-", "--", "—", "——", "/", "\\", "未知", "不详", "n/a", "na", "null", "none", "nan"})
_NONE = frozenset({"无", "没有"})
_DATE = re.compile(
    r"(?P<y>\d{4})(?P<a>[-/.年])(?P<m>\d{1,2})(?:(?P=a)|月)(?P<d>\d{1,2})日?"
    r"(?:[ T]?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?$"
)
_COMPACT_DATE = re.compile(r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?:\d{6})?$")
_MONTH = re.compile(r"\d{4}[-/.年](?:0?[1-9]|1[0-2])月?")
_NO_ID = frozenset(form(word) for word in _BLANK | _NONE for form in (str, str.upper, str.title)) | {"NaN"}
# An id may look like 1E5; only Excel writes 1.00E+05.
_ROUNDED_ID = re.compile(r"\d(\.\d+)?[eE]\+\d+$|\d\.\d+[eE]\d+$")
_FLOAT = re.compile(r"\d+\.\d+")
_ROUNDED = re.compile(r"\d(\.\d+)?[eE]\+?\d+$")
_MARKS = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"
_NO_MARKS = dict.fromkeys(map(ord, _MARKS))
# NFKC would turn 12² into 122, so an area is told from its unit before anything is folded.
_AREA = re.compile(
    r"(?P<number>[-+－＋−]?[0-9０-９.．,，]+)\s*(?:㎡|[mｍ][2２²]|平方米|平米)?", re.IGNORECASE
)
_NOT_MONEY = {"money.not_whole_fen": "fault.not_whole_fen", "money.too_large": "fault.too_large"}
# Before March 1900 the days of Excel are not those of the calendar, and a number may be an age.
_EARLIEST, _LATEST = dt.date(1900, 3, 2), dt.date(2199, 12, 31)
_EARLIEST_BIRTH = dt.date(1900, 1, 1)
_MOST = 2**63 - 1
_EXACT = 10**15  # Excel keeps 15 digits of a number


def shown(value: object, column: Column) -> str:
    """Return a cell as an error may show it: of a personal value its ends, of a long number too.

    Examples
    --------
    >>> from relief.columns import DICTIONARY
    >>> households = DICTIONARY["households"]
    >>> shown("张三", households["applicant_name"]), shown("3.5.1", households["out_of_pocket_fen"])
    ('张*', '3.5.1')
    """
    if isinstance(value, dt.datetime):
        value = value.date()
    text = unicodedata.normalize("NFKC", str(value))
    if column.is_personal or (column.dtype == "id" and isinstance(value, float)):
        last = text[-1:] if len(text) > 2 else ""
        return text[:1] + "*" * min(len(text) - 1 - len(last), 16) + last
    masked = mask(text)
    return (masked if masked != text else str(value))[:60]


def read_cells(cells: Cells, header: Header, *, factor: Factor, epoch_1904: bool) -> Read:
    """Read one column.

    Parameters
    ----------
    cells : ndarray of object, shape (n,)
    header : Header
        What the column is.
    factor : int or Fraction
        Yuan per unit of a bare amount; the header's own factor wins.
    epoch_1904 : bool
        Whether bare serial dates count from 1904.
    """
    column = header.column
    try:
        if column.dtype == "money" and not header.in_fen:
            return _read_money(cells, column, header.factor or factor)
        if column.dtype in ("id", "id_number", "account", "text", "name"):
            return _read_texts(cells, column)
        return _read_distinct(cells, column, epoch_1904)
    except TypeError:
        # A frame may hold lists or other things that cannot be compared or counted.
        known = (str, int, float, Decimal, Fraction, dt.date, BadCell, type(None))
        plain = np.empty(len(cells), dtype=object)
        plain[:] = [cell if isinstance(cell, known) else str(cell) for cell in cells]
        if all(ours is theirs for ours, theirs in zip(plain, cells, strict=True)):
            raise
        return read_cells(plain, header, factor=factor, epoch_1904=epoch_1904)


def _read_distinct(cells: Cells, column: Column, epoch_1904: bool) -> Read:
    """Read a column of which few distinct values exist: each once."""
    codes, distinct = pd.factorize(cells, use_na_sentinel=True)
    one = _reader(column, epoch_1904)
    values: list[Any] = []
    problems: dict[int, str] = {}
    for place, cell in enumerate(distinct):
        value, code = (None, cell.code) if isinstance(cell, BadCell) else one(cell)
        values.append(value)
        if code:
            problems[place] = code
    touched = np.flatnonzero(np.isin(codes, list(problems))) if problems else ()
    return _typed(codes, values, column), {int(at): problems[codes[at]] for at in touched}


def read_text(cells: Cells) -> Cells:
    """Return cells as trimmed NFKC text, None where blank; the same array where all are so already."""
    if _are_clean(cells):
        return cells
    texts = np.empty(len(cells), dtype=object)
    texts[:] = [_text(cell) for cell in cells]
    return texts


def _are_clean(cells: Cells) -> bool:
    try:
        joined = "\x1f".join(cells)
    except TypeError:
        return False
    as_they_are = cells.tolist()
    return (
        all(as_they_are)
        and list(map(str.strip, as_they_are)) == as_they_are
        and (
            joined.isascii()
            or (not any(mark in joined for mark in _MARKS) and unicodedata.is_normalized("NFKC", joined))
        )
    )


def _text(cell: object) -> str | None:
    if isinstance(cell, str) and cell.isascii():
        return cell.strip() or None
    if isinstance(cell, BadCell) or is_blank(cell):
        return None
    if isinstance(cell, (float, Decimal)) and -_EXACT < cell < _EXACT and cell == int(cell):
        cell = int(cell)
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        cell = cell.date()  # a workbook knows moments only; who wrote a day among words meant the day
    return unicodedata.normalize("NFKC", str(cell)).translate(_NO_MARKS).strip() or None


def _read_texts(cells: Cells, column: Column) -> Read:
    texts = read_text(cells)
    bad: Bad = {}
    if texts is not cells:
        bad = {at: cell.code for at, cell in enumerate(cells) if isinstance(cell, BadCell)}
    if column.dtype in ("id", "id_number", "account"):
        bad |= _rounded(cells, texts, column)
        if column.dtype == "id" and texts is not cells:
            bad |= _changed(cells, texts) | _no_id(cells)
        blank = [] if column.dtype == "account" else _blank_words(texts)
        if blank:
            texts = texts.copy()
            texts[blank] = None
    lost = [at for at, code in bad.items() if code != "notice.trimmed"]
    if lost:
        texts = texts.copy()
        texts[lost] = None
    return texts, bad


def _rounded(cells: Cells, texts: Cells, column: Column) -> Bad:
    """Find the long numbers that Excel kept to 15 digits."""
    if texts is cells and "e" not in "\x1f".join(cells).casefold():
        return {}
    return {
        at: "fault.rounded"
        for at, cell in enumerate(cells)
        if (isinstance(cell, str) and (_ROUNDED_ID if column.dtype == "id" else _ROUNDED).match(cell.strip()))
        or (isinstance(cell, (int, float, Decimal)) and not (is_blank(cell) or -_EXACT < cell < _EXACT))
    }


def _no_id(cells: Cells) -> Bad:
    """Find the ids that Excel took for a day or a truth; what was typed is lost."""
    return {at: "fault.id" for at, cell in enumerate(cells) if isinstance(cell, (dt.date, bool, np.bool_))}


def _blank_words(texts: Cells) -> list[int]:
    """Return the positions of words that say that there is no id."""
    words = set(texts.tolist()) & _NO_ID
    return [at for at, text in enumerate(texts) if text in words] if words else []


def _changed(cells: Cells, texts: Cells) -> Bad:
    """Find the ids that were trimmed or folded to half width."""
    return {
        at: "notice.trimmed"
        for at, (cell, text) in enumerate(zip(cells, texts, strict=True))
        if isinstance(cell, str) and text is not None and cell != text
    }


# --- amounts ----------------------------------------------------------------------------------


def _read_money(cells: Cells, column: Column, factor: Factor) -> Read:
    negative = column.minimum is None
    fen, ok = read_fen(cells, factor=factor, negative=negative)
    bad: Bad = {}
    if not ok.all():
        seen: dict[Any, tuple[int | None, str]] = {}
        for at in np.flatnonzero(~ok):
            cell = cells[at]
            key = (type(cell), cell)  # 1, 1.0 and True are equal, yet not the same cell
            if key not in seen:
                seen[key] = _not_money(cell, column, factor)
            value, code = seen[key]
            if value is not None:
                fen[at], ok[at] = value, True
            elif code:
                bad[int(at)] = code
    return pd.arrays.IntegerArray(fen, ~ok), bad


def _not_money(cell: object, column: Column, factor: Factor) -> tuple[int | None, str]:
    """Return what a cell that is no amount says: a stated zero, nothing, or something wrong."""
    if isinstance(cell, BadCell):
        return None, cell.code
    word = _word(cell)
    if word in _NONE and column.none_is_zero:
        return 0, ""
    if word is None or word in _NONE:
        return None, ""
    value = _of_float(cell, column, factor)
    if value is not None:
        return value, ""
    why = problem(cell, factor=factor, negative=True)
    if why is None:
        return None, "fault.negative"
    return None, _NOT_MONEY.get(why.code, "fault.money")


def _of_float(cell: object, column: Column, factor: Factor) -> int | None:
    """Return the amount of a text that a program wrote from a float, read as the float is: 15 digits."""
    text = cell.strip() if isinstance(cell, str) else ""
    sign, digits = text[:1] == "-", text.removeprefix("-")
    if (
        not _FLOAT.fullmatch(digits)
        or len(digits.replace(".", "").lstrip("0")) <= 15
        or repr(float(text)) != text
    ):
        return None
    amounts, ok = read_fen([float(text)], factor=factor, negative=sign and column.minimum is None)
    return int(amounts[0]) if ok[0] else None


def _word(cell: object) -> str | None:
    """Return the cell as one comparable word, None where it says nothing."""
    text = _text(cell)
    word = normalised(text) if text else ""
    return None if word in _BLANK else word


# --- everything of which few distinct values exist --------------------------------------------


def _reader(column: Column, epoch_1904: bool) -> Callable[[Any], tuple[Any, str]]:
    readers: dict[str, Callable[[Any], tuple[Any, str]]] = {
        "date": lambda cell: _date(cell, column, epoch_1904),
        "count": lambda cell: _whole(cell, column),
        "money": lambda cell: _whole(cell, column),
        "area": lambda cell: _area(cell, column),
        "flag": lambda cell: _choice(cell, column, "fault.flag"),
        "choice": lambda cell: _choice(cell, column, "fault.choice"),
        "label": lambda cell: _label(cell, column),
        "district": lambda cell: (_text(cell), ""),
    }
    return readers[column.dtype]


def _typed(codes: np.ndarray[Any, np.dtype[np.intp]], values: list[Any], column: Column) -> Any:
    """Spread the values of the distinct cells over the column."""
    missing = np.array([value is None for value in values] + [True])[codes]
    if column.dtype in ("count", "money", "area"):
        whole = np.array([value or 0 for value in values] + [0], dtype=np.int64)[codes]
        return pd.arrays.IntegerArray(whole, missing)
    if column.dtype == "flag":
        holds = np.array([value == "true" for value in values] + [False])[codes]
        return pd.arrays.BooleanArray(holds, missing)
    if column.dtype == "date":
        days = np.array([value or "NaT" for value in [*values, None]], dtype="datetime64[D]")
        return pd.array(days[codes].astype("datetime64[s]"))
    categories = sorted({value for value in values if value is not None})
    order = {value: place for place, value in enumerate(categories)}
    places = np.array([order.get(value, -1) for value in [*values, None]], dtype=np.int32)[codes]
    return pd.Categorical.from_codes(places, categories=pd.Index(categories, dtype=object))


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
    if column.dtype == "count" and number > MOST_COUNTED:
        return None, "fault.count_large"
    if column.minimum is not None and number < column.minimum:
        return None, "fault.minimum"
    return number, ""


def _area(cell: Any, column: Column) -> tuple[int | None, str]:
    """Return square metres in hundredths, read as exactly as money is."""
    word = _word(cell)
    if word is None:
        return None, ""
    if word in _NONE:
        return (0 if column.none_is_zero else None), ""
    if isinstance(cell, str):
        found = _AREA.fullmatch(cell.translate(_NO_MARKS).strip())
        if found is None:
            return None, "fault.area"
        cell = found["number"]
    hundredths = _of_float(cell, column, 1)
    if hundredths is None:
        why = problem(cell, negative=True)
        if why is not None:
            return None, "fault.area_decimals" if why.code == "money.not_whole_fen" else "fault.area"
        hundredths = int(read_fen([cell], negative=True)[0][0])
    if column.minimum is not None and hundredths < column.minimum * 100:
        return None, "fault.minimum"
    return hundredths, ""


def _choice(cell: Any, column: Column, code: str) -> tuple[str | None, str]:
    word = _word(cell)
    if word in column.choices:
        return column.choices[word], ""
    return None, "" if word is None else code


def _label(cell: Any, column: Column) -> tuple[str | None, str]:
    text = _text(cell)
    if text is None:
        return None, ""
    usual = column.choices.get(normalised(text))
    if usual is None and normalised(COPY.sub("", text)) in column.choices:
        return text, "warning.copy"
    return (text, "warning.label") if usual is None else (usual, "")


def _date(cell: Any, column: Column, epoch_1904: bool) -> tuple[str | None, str]:
    is_birth = column.name == "born_on"
    earliest = _EARLIEST_BIRTH if is_birth else _EARLIEST
    if isinstance(cell, dt.datetime):
        return _day(cell.year, cell.month, cell.day)
    if isinstance(cell, dt.date):
        return _day(cell.year, cell.month, cell.day, earliest)
    text = _text(cell)
    if text is None or normalised(text) in _BLANK:
        return None, ""
    if re.fullmatch(r"[1-9]\d{4}(\.\d+)?" if is_birth else r"[2-9]\d{4}(\.\d+)?", text):
        epoch = dt.date(1904, 1, 1) if epoch_1904 else dt.date(1899, 12, 30)
        day = epoch + dt.timedelta(days=int(float(text)))
        return _day(day.year, day.month, day.day)
    found = _DATE.match(text) or _COMPACT_DATE.match(text)
    if found is None:
        return None, "fault.month" if _MONTH.fullmatch(text) else "fault.date"
    return _day(int(found["y"]), int(found["m"]), int(found["d"]), earliest)


def _day(year: int, month: int, day: int, earliest: dt.date = _EARLIEST) -> tuple[str | None, str]:
    try:
        date = dt.date(year, month, day)
    except ValueError:
        return None, "fault.date"
    return (date.isoformat(), "") if earliest <= date <= _LATEST else (None, "fault.date")
