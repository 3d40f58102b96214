"""Awards added up per district.

In    claims and awards in fen per household, the district of each, the districts there are
Out   one row per district: households, sums, share of the fund, mean, median, least and most

Sums are exact at any size. Every district asked for is a row, of zeros if it has no household,
because a district that is missing from a published table looks forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from relief.errors import MoneyError, TableError

__all__ = ["NOT_STATED", "summarise"]

NOT_STATED = "未注明"

_Ints: TypeAlias = npt.NDArray[Any]
_LOW_HALF = 0xFFFF_FFFF


def summarise(
    claims_fen: pd.Series[Any],
    awards_fen: pd.Series[Any],
    districts: Any,
    all_districts: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Add up claims and awards per district.

    Parameters
    ----------
    claims_fen, awards_fen : Series of int
        Per household, in fen; the same labels.
    districts : Series, dict, categorical, array or list of str
        District of each household, by label (Series, dict; other labels in it are ignored) or in
        the claims' order. A household without one counts under 未注明, the last row.
    all_districts : sequence of str, optional
        Every district there is, in the order to show. If not given: the categories of categorical
        districts, else the names found, ascending. Names found but not listed follow, ascending.

    Returns
    -------
    DataFrame
        Index `district`. `households` (count); `claim_fen`, `award_fen` (sums: int64, or Python
        ints if one passes int64); `share` of all awards (exact `Fraction`); of the awards
        `mean_fen`, `median_fen`, `min_fen`, `max_fen`. Mean and median are rounded to whole fen,
        half to even; the median of an even number of awards is the mean of the middle two. A
        district without a household has zeros.

    Raises
    ------
    TableError
        If the columns are not about the same households, or a label repeats where labels count.
    MoneyError
        If claims or awards are not integers.

    Examples
    --------
    >>> fen = pd.Series([100, 300, 51], index=["a", "b", "c"])
    >>> where = pd.Series({"a": "新会区", "b": "新会区", "c": "开平市"})
    >>> table = summarise(fen, fen, where, ["开平市", "江海区", "新会区"])
    >>> table[["households", "award_fen", "mean_fen"]].to_dict("index")
    {'开平市': {'households': 1, 'award_fen': 51, 'mean_fen': 51},
     '江海区': {'households': 0, 'award_fen': 0, 'mean_fen': 0},
     '新会区': {'households': 2, 'award_fen': 400, 'mean_fen': 200}}
    >>> str(table.loc["新会区", "share"])
    '400/451'
    """
    claims, awards = _fen(claims_fen, "claims_fen"), _fen(_matched(awards_fen, claims_fen), "awards_fen")
    names, code = _located(districts, claims_fen.index, all_districts)
    order = np.lexsort((awards, code))
    edges = np.searchsorted(code[order], np.arange(len(names) + 1))
    fund = _total(awards)
    rows = [_row(claims[order[a:b]], awards[order[a:b]], fund) for a, b in pairwise(edges)]
    columns = list(_row(claims[:0], awards[:0], 0))
    return pd.DataFrame(rows, index=pd.Index(names, name="district"), columns=columns)


def _row(claims: _Ints, awards: _Ints, fund: int) -> dict[str, Any]:
    """Return one district's figures; `awards` ascend."""
    count, awarded = awards.size, _total(awards)
    middle = (int(awards[(count - 1) // 2]), int(awards[count // 2])) if count else (0, 0)
    return {
        "households": count,
        "claim_fen": _total(claims),
        "award_fen": awarded,
        "share": Fraction(awarded, fund) if fund else Fraction(0),
        "mean_fen": round(Fraction(awarded, count or 1)),
        "median_fen": round(Fraction(sum(middle), 2)),
        "min_fen": int(awards[0]) if count else 0,
        "max_fen": int(awards[-1]) if count else 0,
    }


def _total(fen: _Ints) -> int:
    """Return the exact sum: of 32-bit halves, which stay within 63 bits."""
    return (int((fen >> 32).sum()) << 32) + int((fen & _LOW_HALF).sum())


def _fen(column: pd.Series[Any], argument: str) -> _Ints:
    if column.dtype.kind not in "iu" or column.isna().any():
        raise MoneyError("districts.not_fen", argument=argument, kind=str(column.dtype))
    return column.to_numpy(dtype=np.int64)


def _matched(awards_fen: pd.Series[Any], claims_fen: pd.Series[Any]) -> pd.Series[Any]:
    """Return the awards in the claims' order."""
    if awards_fen.index.equals(claims_fen.index):
        return awards_fen
    for argument, index in (("claims_fen", claims_fen.index), ("awards_fen", awards_fen.index)):
        _check_unique(index, argument)
    lonely = claims_fen.index.symmetric_difference(awards_fen.index, sort=False)
    if len(lonely):
        raise TableError("districts.awards_differ", label=str(lonely[0]))
    return awards_fen.reindex(claims_fen.index)


def _check_unique(index: pd.Index[Any], argument: str) -> None:
    if not index.is_unique:
        label = str(index[index.duplicated()][0])
        raise TableError("districts.label_repeated", argument=argument, label=label)


def _located(
    districts: Any, households: pd.Index[Any], all_districts: Sequence[str] | None
) -> tuple[list[str], _Ints]:
    """Return the names of the rows, and for each household which row is its own."""
    codes, found = pd.factorize(np.asarray(_placed(districts, households), dtype=object))
    stated = [str(name) if str(name).strip() else NOT_STATED for name in found]
    names = _names([*stated, *[NOT_STATED] * bool((codes < 0).any())], _listed(districts, all_districts))
    row = {name: number for number, name in enumerate(names)}
    # The last entry serves code -1, a household without a district.
    return names, np.array([*(row[name] for name in stated), row.get(NOT_STATED, -1)])[codes]


def _placed(districts: Any, households: pd.Index[Any]) -> Any:
    """Return the districts in the households' order."""
    if isinstance(districts, Mapping):
        districts = pd.Series(list(districts.values()), index=pd.Index(list(districts)), dtype=object)
    if not isinstance(districts, pd.Series):
        values = list(districts)
        if len(values) != len(households):
            raise TableError("districts.length", count=len(values), expected=len(households))
        return values
    if districts.index.equals(households):
        return districts
    _check_unique(districts.index, "districts")
    return districts.reindex(households)


def _listed(districts: Any, all_districts: Sequence[str] | None) -> list[str]:
    """Return the districts to show whether or not they occur."""
    if all_districts is not None:
        return list(map(str, all_districts))
    if isinstance(getattr(districts, "dtype", None), pd.CategoricalDtype):
        return list(map(str, districts.dtype.categories))
    return []


def _names(found: list[str], listed: list[str]) -> list[str]:
    """Return the rows in order: those listed, those only found, 未注明."""
    extra = sorted(set(found) - {NOT_STATED})
    last = [NOT_STATED] if NOT_STATED in found else []
    return list(dict.fromkeys([*listed, *extra, *last]))
