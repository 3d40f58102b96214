"""Yuan as people write it, to whole fen and back.

In    text ("233.84万", "￥1,234.50元"), ints, Decimals, Fractions, floats, or columns of them: yuan
Out   fen: a Python int of any size for one amount, int64 for a column

Every amount is read as an exact ratio of whole numbers. A float is first written with 15
significant digits, as Excel shows it, because a cell that shows 0.3 may hold 0.30000000000000004.
Whatever is then not a whole number of fen is refused, never rounded. Columns are read in bulk
where the cells are plain, and cell by cell, by the same rules, where they are not.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from numbers import Rational
from typing import TYPE_CHECKING, Any, TypeAlias, overload

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray

from relief.errors import MoneyError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Column: TypeAlias = pd.Series[Any] | pd.Index[Any] | NDArray[Any] | ExtensionArray | Sequence[Any]
    Scalar: TypeAlias = str | int | float | Decimal | Fraction | np.number[Any] | None
    Factor: TypeAlias = int | Fraction
    Ints: TypeAlias = NDArray[np.int64]
    Bools: TypeAlias = NDArray[np.bool_]

__all__ = ["JIAO", "fen", "problem", "read_fen", "yuan"]

JIAO = Fraction(1, 10)
_COLUMNS = (pd.Series, pd.Index, np.ndarray, ExtensionArray, list, tuple)
_INT64_MAX = 2**63 - 1

# Full-width forms and the minus sign of typesetting. NFKC would also turn 12² into 122.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0xFFE5: 0xA5, 0x2212: 0x2D}
_SPACE = "\t\n\v\f\r \x85\xa0\u2002\u2003\u2009\u202f\u3000"
_AROUND = _SPACE + "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u2060\ufeff"

_UNITS = {"百": 2, "佰": 2, "千": 3, "仟": 3, "万": 4, "萬": 4, "十万": 5, "百万": 6, "千万": 7, "亿": 8}
_UNITS |= {"億": 8, "万亿": 12}
_AMOUNT = re.compile(
    r"""(?!.*[-+].*[-+]) [-+]? \s*
    (?: (?:人民币|RMB|CNY) \s* :? \s* )? (?: ¥ \s* )? [-+]?
    (?P<whole> [0-9]{1,3} (?:,[0-9]{3})+ | [0-9]+ ) (?: \. (?P<part> [0-9]+ ) )? \s*
    (?: (?P<unit> 万亿|[十百千]万|[百佰千仟万萬亿億] )? \s* (?P<yuan> (?:元|圆|圓) [整正]? | yuan )?
    | (?P<jiao> 角 ) ) \s* (?:人民币|RMB|CNY)?""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_LONGEST_TEXT = 500
_LARGEST_EXPONENT = 4_000


@overload
def fen(value: Scalar, *, negative: bool = ...) -> int: ...
@overload
def fen(value: Column, *, negative: bool = ...) -> pd.Series[int]: ...
def fen(value: Any, *, negative: bool = False) -> int | pd.Series[int]:
    """Read an amount in yuan, or a column of them, as whole fen.

    Parameters
    ----------
    value : str, int, float, Decimal, Fraction, or a Series, array or list of these
        Yuan. Text may carry 元, 百, 千, 万, 亿, 角, a currency sign, grouped thousands and full-width
        forms. A float counts at 15 significant digits.
    negative : bool, default False
        Accept amounts below zero.

    Returns
    -------
    int, or Series of int64
        Fen. A column keeps its index and name.

    Raises
    ------
    MoneyError
        If an amount is missing, not finite, no amount at all, negative, not a whole number of
        fen, or, in a column, beyond int64. `code` says which of these it is.

    Examples
    --------
    >>> fen("233.84万"), fen("￥1，234.50元"), fen(0.1 + 0.2)
    (233840000, 123450, 30)
    >>> fen(pd.Series(["30万元", 12, 0.5], index=["a", "b", "c"])).to_dict()
    {'a': 30000000, 'b': 1200, 'c': 50}
    >>> fen(1234.565)
    Traceback (most recent call last):
    relief.errors.MoneyError: 1234.565 yuan is not a whole number of fen. Give at most two ...
    """
    if not _is_column(value):
        return _read(value, 1, negative)
    column = _series(value)
    amounts_fen, ok = read_fen(column, negative=negative)
    if not ok.all():
        raise _first_problem(column, ok, negative)
    return pd.Series(amounts_fen, index=column.index, name=column.name)


@overload
def yuan(fen: pd.Series[Any] | NDArray[Any] | list[Any]) -> pd.Series[Any]: ...
@overload
def yuan(fen: int | np.integer[Any]) -> Decimal: ...
def yuan(fen: Any) -> Decimal | pd.Series[Any]:
    """Show fen as yuan with two places.

    Parameters
    ----------
    fen : int, or a Series, array or list of ints
        Whole fen.

    Returns
    -------
    Decimal, or Series of Decimals
        Yuan with exactly two places. A column keeps its index and name.

    Raises
    ------
    MoneyError
        If `fen` is not a whole number: a float, a bool, text, or missing.

    Examples
    --------
    >>> yuan(233840000), yuan(-5)
    (Decimal('2338400.00'), Decimal('-0.05'))
    >>> yuan(pd.Series([30, 7])).tolist()
    [Decimal('0.30'), Decimal('0.07')]
    """
    if not _is_column(fen):
        return _yuan_of(fen)
    column = _series(fen)
    amounts = [_yuan_of(amount) for amount in column.to_numpy(dtype=object)]
    return pd.Series(amounts, index=column.index, name=column.name, dtype=object)


def read_fen(values: Column, *, factor: Factor = 1, negative: bool = False) -> tuple[Ints, Bools]:
    """Read a whole column of cells in yuan, marking the bad ones instead of raising.

    Parameters
    ----------
    values : Series, array or list
        Cells as they came: text, numbers, blanks.
    factor : int or Fraction, default 1
        Yuan in one unit of the header: `JIAO` (角), 1 (元), 100 (百元), 1_000 (千元), 10_000 (万元), 10**5,
        10**6 or 10**8 (亿元).
        A unit in the text of a cell (元, 万 …) counts instead of it.
    negative : bool, default False
        Accept amounts below zero.

    Returns
    -------
    amounts_fen, ok : array of int64, array of bool
        Fen, 0 where the cell is bad, and whether it is an amount. `problem` says why one is not.

    Examples
    --------
    >>> amounts_fen, ok = read_fen(["1.2", "1.2万", "12元", "无", None], factor=10_000)
    >>> amounts_fen.tolist(), ok.tolist()
    ([1200000, 1200000, 1200, 0, 0], [True, True, True, False, False])
    """
    if factor not in _FACTORS:
        raise MoneyError("money.factor", value=_shown(factor))
    column = _series(values)
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iuf":
        stored = column.to_numpy()
        reader = _from_floats if stored.dtype.kind == "f" else _from_ints
        amounts_fen, ok = reader(stored, factor)
        _one_by_one(stored, factor, amounts_fen, ok)
    else:
        amounts_fen, ok = _from_cells(column.to_numpy(dtype=object), factor)
    if not negative:
        ok &= amounts_fen >= 0
    amounts_fen[~ok] = 0
    return amounts_fen, ok


def problem(value: object, *, factor: Factor = 1, negative: bool = False) -> MoneyError | None:
    """Say why `read_fen` refuses a cell, or None where it does not.

    Parameters
    ----------
    value : object
        The cell.
    factor, negative
        As for `read_fen`.

    Examples
    --------
    >>> problem("-3").code, problem("5万余元").code, problem("5万")
    ('money.negative', 'money.not_an_amount', None)
    """
    result = _fen_or_error(value, factor, negative)
    return result if isinstance(result, MoneyError) else None


def _is_column(value: object) -> bool:
    return isinstance(value, _COLUMNS) and getattr(value, "ndim", 1) > 0


def _series(values: Any) -> pd.Series[Any]:
    """Make a column of anything list-like, without letting pandas turn big ints into floats."""
    if isinstance(values, pd.Series):
        return values
    if getattr(values, "ndim", 1) != 1:
        raise MoneyError("money.not_an_amount", value=_shown(values))
    return pd.Series(values, dtype=getattr(values, "dtype", object))


def _first_problem(column: pd.Series[Any], ok: Bools, negative: bool) -> MoneyError:
    at = int(np.argmin(ok))
    label, error = column.index[at], problem(column.iloc[at], negative=negative)
    return MoneyError(
        "money.column",
        count=int((~ok).sum()),
        label=label.item() if isinstance(label, np.generic) else label,
        problem=error,
        problem_en=error and error.text("en"),
        problem_zh=error and error.text("zh"),
    )


def _read(value: Any, factor: Factor, negative: bool) -> int:
    """Return the fen of one amount in units of `factor` yuan."""
    if isinstance(value, str):
        top, bottom = _ratio_of_text(value, factor)
    else:
        top, bottom = _ratio_of_number(value)
        top, bottom = top * factor.numerator, bottom * factor.denominator
    if top < 0 and not negative:
        raise MoneyError("money.negative", value=_shown(value))
    amount_fen, rest = divmod(top * 100, bottom)
    if rest:
        raise MoneyError("money.not_whole_fen", value=_shown(value))
    return amount_fen


def _ratio_of_text(text: str, factor: Factor) -> tuple[int, int]:
    clean = text.translate(_HALF_WIDTH).strip(_AROUND)
    if not clean:
        raise MoneyError("money.not_finite", value=_shown(text))
    match = _AMOUNT.fullmatch(clean) if len(clean) <= _LONGEST_TEXT else None
    if match is None:
        raise MoneyError("money.not_an_amount", value=_shown(text))
    if match["jiao"]:
        factor = JIAO
    elif match["unit"] or match["yuan"]:
        factor = 10 ** _UNITS.get(match["unit"], 0)
    part = match["part"] or ""
    top = int(match["whole"].replace(",", "") + part) * factor.numerator
    return -top if "-" in clean else top, 10 ** len(part) * factor.denominator


def _ratio_of_number(value: Any) -> tuple[int, int]:
    if isinstance(value, np.ndarray):
        value = value[()]
    if isinstance(value, bool | np.bool_ | np.timedelta64):
        raise MoneyError("money.not_an_amount", value=_shown(value))
    if isinstance(value, np.number):
        value = value.item()
    if isinstance(value, float):
        value = Decimal(f"{value:.15g}")
    if isinstance(value, Decimal):
        return _ratio_of_decimal(value)
    if isinstance(value, Rational):
        return int(value.numerator), int(value.denominator)
    missing = value is None or value is pd.NA or value is pd.NaT
    raise MoneyError("money.not_finite" if missing else "money.not_an_amount", value=_shown(value))


def _ratio_of_decimal(value: Decimal) -> tuple[int, int]:
    """Return the exact ratio; a vast exponent would otherwise fill the memory with zeros."""
    if not value.is_finite():
        raise MoneyError("money.not_finite", value=_shown(value))
    if not value:
        return 0, 1
    if abs(value.adjusted()) > _LARGEST_EXPONENT:
        reason = "money.too_large" if value.adjusted() > 0 else "money.not_whole_fen"
        raise MoneyError(reason, value=_shown(value))
    return value.as_integer_ratio()


def _yuan_of(amount_fen: Any) -> Decimal:
    if isinstance(amount_fen, bool) or not isinstance(amount_fen, int | np.integer):
        raise MoneyError("money.not_fen", value=_shown(amount_fen))
    sign, digits, _ = Decimal(int(amount_fen)).as_tuple()
    return Decimal((sign, digits, -2))


def _shown(value: object) -> object:
    """Return what an error shows of a value: short, and never a failure of its own."""
    if isinstance(value, bool | float) or value is None or value is pd.NA or value is pd.NaT:
        return value
    try:
        text = str(value)
    except ValueError:  # Python does not write ints of more than 4,300 digits
        bits = value.numerator.bit_length() if isinstance(value, int | Fraction) else 0
        return f"≈10^{bits * 3 // 10}"
    return text if len(text) <= 40 else text[:40] + "…"


def _from_cells(cells: NDArray[np.object_], factor: Factor) -> tuple[Ints, Bools]:
    """Read cells of mixed types: each plain type in bulk, the rest one by one."""
    amounts_fen, ok = np.zeros(len(cells), np.int64), np.zeros(len(cells), np.bool_)
    kinds = set(map(type, cells))
    for kind in kinds & _READERS.keys():
        at = np.array([type(cell) is kind for cell in cells]) if len(kinds) > 1 else np.s_[:]
        amounts_fen[at], ok[at] = _READERS[kind](cells[at], factor)
    _one_by_one(cells, factor, amounts_fen, ok)
    return amounts_fen, ok


def _one_by_one(stored: NDArray[Any], factor: Factor, amounts_fen: Ints, ok: Bools) -> None:
    """Read whatever is not ok yet, each distinct cell once, into `amounts_fen` and `ok`."""
    seen: dict[object, int | MoneyError] = {}
    rest = np.flatnonzero(~ok)
    for cell, place in zip(stored[rest].tolist(), rest.tolist(), strict=True):
        # 1, 1.0 and True are equal, yet not the same cell; a list or a signalling NaN has no hash.
        key = (type(cell), cell) if isinstance(cell, str | int | float) else id(cell)
        if key not in seen:
            seen[key] = _fen_or_error(cell, factor, negative=True)
        result = seen[key]
        if isinstance(result, int):
            amounts_fen[place], ok[place] = result, True


def _fen_or_error(cell: object, factor: Factor, negative: bool) -> int | MoneyError:
    try:
        amount_fen = _read(cell, factor, negative)
    except MoneyError as error:
        return error
    fits = -_INT64_MAX - 1 <= amount_fen <= _INT64_MAX
    return amount_fen if fits else MoneyError("money.too_large", value=_shown(cell))


def _from_texts(texts: Sequence[str], factor: Factor) -> tuple[Ints, Bools]:
    """Read texts of digits with at most one dot, in blocks that stay in the processor's cache."""
    blocks = [_from_block(texts[at : at + _BLOCK], factor) for at in range(0, len(texts), _BLOCK)]
    return np.concatenate([block[0] for block in blocks]), np.concatenate([block[1] for block in blocks])


def _from_block(texts: Sequence[str], factor: Factor) -> tuple[Ints, Bools]:
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    width = max(1, min(int(lengths.max()), _LONGEST_PLAIN_TEXT))
    points = np.array(texts, dtype=f"U{width}").view(np.uint32).reshape(-1, width)
    code = np.ascontiguousarray(points.T)
    digit = code - np.uint32(ord("0"))  # whatever sorts before "0" wraps to far above 9
    is_digit, is_dot = digit <= 9, code == ord(".")

    places = _FACTORS[factor]
    digit_count, dot_count = np.count_nonzero(is_digit, axis=0), np.count_nonzero(is_dot, axis=0)
    decimals = np.where(dot_count == 1, lengths - 1 - is_dot.argmax(axis=0), 0)
    ok = is_digit[0] & (digit_count + dot_count == lengths) & (digit_count <= 18 - places)
    ok &= (dot_count == 0) | ((dot_count == 1) & (decimals >= 1) & (decimals <= places))

    amount = np.zeros(len(texts), np.int64)
    for column, is_used in zip(digit, is_digit, strict=True):
        amount = np.where(is_used, amount * 10 + column, amount)
    power = 10 ** np.arange(places + 1, dtype=np.int64)
    return amount * power[places - np.where(ok, decimals, 0)], ok


def _from_floats(values: NDArray[Any], factor: Factor) -> tuple[Ints, Bools]:
    """Read floats that are the nearest double to an amount of at most 15 digits."""
    yuan = values.astype(np.float64)
    scale = float(100 * factor)
    with np.errstate(all="ignore"):
        nearest = np.rint(yuan * scale)
        ok = (np.abs(nearest) < 1e15) & (nearest / scale == yuan)
    return np.where(ok, nearest, 0).astype(np.int64), ok


def _from_ints(values: NDArray[Any], factor: Factor) -> tuple[Ints, Bools]:
    """Read ints; one that would not fit int64 once in fen is not ok, and never wraps."""
    try:
        whole = values.astype(np.int64) if values.dtype == object else values
    except OverflowError:
        return np.zeros(len(values), np.int64), np.zeros(len(values), np.bool_)
    scale = int(100 * factor)
    limit = _INT64_MAX // scale
    ok = (whole <= limit) & (whole >= -limit)
    return np.where(ok, whole, 0).astype(np.int64) * scale, ok


_BLOCK = 1 << 15
_LONGEST_PLAIN_TEXT = 24
# Decimals that an amount may have in units of 1, 1,000 … yuan and still be whole fen.
_FACTORS: dict[Factor, int] = {JIAO: 1, **{10**power: power + 2 for power in (0, 2, 3, 4, 5, 6, 8)}}
_READERS: dict[type, Callable[[Any, Factor], tuple[Ints, Bools]]] = {
    str: _from_texts,
    float: _from_floats,
    int: _from_ints,
}
