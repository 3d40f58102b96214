"""Hypothesis strategies for the tables of the dictionary, for claims and for funds.

They come from the data dictionary, so a new column is generated without a line here. All are
rich in what breaks things: missing facts, zeros, equal claims, one-fen funds, sums beyond 2^63.
The extra ``testing`` brings Hypothesis.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pandas as pd

from relief.columns import DICTIONARY
from relief.errors import MissingExtraError

try:
    from hypothesis import strategies as st
except ImportError as error:
    raise MissingExtraError("extra.missing", what="Hypothesis", extra="testing") from error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import SearchStrategy

    from relief.columns import Column

__all__ = ["claims", "funds", "households", "rows"]

_MOST = 2**63 - 1
_FIRST, _LAST = dt.date(2020, 1, 1), dt.date(2022, 12, 31)


def claims(
    *, min_size: int = 1, max_size: int = 12, min_fen: int = 0, max_fen: int = _MOST
) -> SearchStrategy[list[int]]:
    """Generate claims in fen, often equal, zero, or so large that their sum passes 2^63.

    Examples
    --------
    >>> from hypothesis import find
    >>> sum(find(claims(min_size=3), lambda c: sum(c) > 2**63)) > 2**63
    True
    """
    small = st.integers(min_fen, min(max_fen, min_fen + 9))
    amount = small | st.integers(min_fen, min(max_fen, 10**8)) | st.integers(min_fen, max_fen)
    mixed = st.lists(amount, min_size=min_size, max_size=max_size)
    equal = st.builds(
        lambda value, size: [value] * size, amount, st.integers(max(min_size, 1), max(max_size, 1))
    )
    return mixed | equal if max_size else mixed


def funds(*, min_fen: int = 0, max_fen: int = 10**12) -> SearchStrategy[int]:
    """Generate funds in fen, often of a few fen only."""
    return st.integers(min_fen, min(max_fen, min_fen + 9)) | st.integers(min_fen, max_fen)


def rows(
    table: str, *, columns: Sequence[str] | None = None, missing: bool = True
) -> SearchStrategy[dict[str, Any]]:
    """Generate rows of a table under the dictionary's names: amounts in fen, areas in m², None where unknown.

    Parameters
    ----------
    table : str
    columns : sequence of str, optional
        Those wanted; all of the table by default.
    missing : bool
        Whether facts may be missing; required columns never are.
    """
    wanted = columns or list(DICTIONARY[table])
    return st.fixed_dictionaries({name: _cells(DICTIONARY[table][name], missing) for name in wanted})


def households(
    *,
    min_size: int = 0,
    max_size: int = 8,
    columns: Sequence[str] | None = None,
    districts: Sequence[str] = ("市直", "蓬江区", "台山市"),
    missing: bool = True,
) -> SearchStrategy[pd.DataFrame]:
    """Generate a households table with unique ids, as `relief.read_tables` takes it.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(households(min_size=2), lambda frame: True)["household_id"].is_unique
    True
    """
    names = [name for name in columns or DICTIONARY["households"] if name not in ("household_id", "district")]
    place = st.sampled_from(districts) | st.none() if missing else st.sampled_from(districts)
    row = st.tuples(place, rows("households", columns=names, missing=missing))
    return st.lists(row, min_size=min_size, max_size=max_size).map(_frame)


def _frame(drawn: list[tuple[str | None, dict[str, Any]]]) -> pd.DataFrame:
    records = []
    for number, (district, cells) in enumerate(drawn):
        # Nobody applies for two households.
        person = {name: f"{cells[name]}{number}" for name in ("applicant_id_number",) if cells.get(name)}
        records.append({"household_id": f"H{number:04d}", "district": district, **cells, **person})
    return pd.DataFrame(records or {"household_id": []}, dtype=object)


def _cells(column: Column, missing: bool) -> SearchStrategy[Any]:
    cells = _known_cells(column)
    return cells if column.required or not missing else st.none() | cells


def _known_cells(column: Column) -> SearchStrategy[Any]:
    if column.dtype in ("money", "count"):
        least = -(10**6) if column.minimum is None else column.minimum
        most = 10**7 if column.dtype == "money" else 12
        return st.integers(least, least + 3) | st.integers(least, most)
    if column.dtype == "area":
        least = 100 * (column.minimum or 0)
        hundredths = st.integers(least, least + 3) | st.integers(least, 30_000)
        return hundredths.map(lambda whole: whole / 100)
    if column.dtype == "flag":
        return st.booleans()
    if column.dtype == "date":
        return st.dates(_FIRST, _LAST).map(dt.date.isoformat)
    if column.choices:
        return st.sampled_from(list(dict.fromkeys(column.choices.values())))
    return st.text("甲乙丙丁0123456789", min_size=1, max_size=6)
