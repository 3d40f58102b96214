"""Strategies for the tables of the dictionary: a new column is generated without a line here."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pandas as pd
from hypothesis import strategies as st

from relief.columns import DICTIONARY
from relief.rulepack import load_pack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import SearchStrategy

    from relief.columns import Column

__all__ = ["districts", "documents", "households", "members", "rows"]

_FIRST, _LAST = dt.date(2020, 1, 1), dt.date(2022, 12, 31)
_HOUSEHOLDS = ("H0000", "H0001", "H0002")


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


def districts(*, pack: str = "jiangmen-2021", spellings: bool = False) -> SearchStrategy[str]:
    """Generate the districts of a pack, by name; with `spellings` also by code and alias.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(districts(spellings=True), lambda district: district == "440784")
    '440784'
    """
    known = load_pack(pack).districts
    ways = [[place.name, place.code, *place.aliases] if spellings else [place.name] for place in known]
    return st.sampled_from([way for each in ways for way in each if way])


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
    >>> find(households(min_size=2, columns=["homes_count"]), lambda frame: True)["household_id"].is_unique
    True
    """
    names = [name for name in columns or DICTIONARY["households"] if name not in ("household_id", "district")]
    place = st.sampled_from(districts) | st.none() if missing else st.sampled_from(districts)
    row = st.tuples(place, rows("households", columns=names, missing=missing))
    return st.lists(row, min_size=min_size, max_size=max_size).map(_households)


def members(
    *,
    households: Sequence[str] = _HOUSEHOLDS,
    min_size: int = 0,
    max_size: int = 8,
    columns: Sequence[str] | None = None,
    missing: bool = True,
) -> SearchStrategy[pd.DataFrame]:
    """Generate a members table of some households: nobody stands in it twice, some households are empty.

    Parameters
    ----------
    households : sequence of str
        The ids that members may have; those that `households()` draws first by default.
    min_size, max_size : int
        How many persons, together.
    columns : sequence of str, optional
        Those wanted beside the ids; all by default.
    missing : bool
        Whether facts may be missing.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(members(min_size=2, columns=["born_on"]), lambda frame: True)["member_id"].tolist()
    ['M0000', 'M0001']
    """
    return _belonging("members", "member_id", "M", households, min_size, max_size, columns, missing)


def documents(
    *,
    households: Sequence[str] = _HOUSEHOLDS,
    min_size: int = 0,
    max_size: int = 8,
    columns: Sequence[str] | None = None,
    missing: bool = True,
) -> SearchStrategy[pd.DataFrame]:
    """Generate a table of medical documents of some households: no receipt stands in it twice.

    Parameters
    ----------
    households : sequence of str
        The ids that documents may have.
    min_size, max_size : int
        How many documents, together.
    columns : sequence of str, optional
        Those wanted beside the ids and the kind; all by default.
    missing : bool
        Whether facts may be missing.

    Examples
    --------
    >>> from hypothesis import find
    >>> frame = find(documents(columns=["out_of_pocket_fen"]), lambda frame: len(frame) == 1)
    >>> frame.iloc[0].to_dict()
    {'household_id': 'H0000', 'document_id': 'D0000', 'out_of_pocket_fen': None, 'kind': '住院记录'}
    """
    wanted = None if columns is None else list(dict.fromkeys([*columns, "kind"]))
    return _belonging("documents", "document_id", "D", households, min_size, max_size, wanted, missing)


def _belonging(
    table: str, key: str, letter: str, households: Sequence[str],
    min_size: int, max_size: int, columns: Sequence[str] | None, missing: bool,
) -> SearchStrategy[pd.DataFrame]:  # fmt: skip
    names = [name for name in columns or DICTIONARY[table] if name not in ("household_id", key)]

    def frame(drawn: list[tuple[str, dict[str, Any]]]) -> pd.DataFrame:
        records = [
            {"household_id": household, key: f"{letter}{at:04d}", **_own(cells, f"{letter}{at:04d}")}
            for at, (household, cells) in enumerate(drawn)
        ]
        return pd.DataFrame(records, columns=["household_id", key, *names], dtype=object)

    row = st.tuples(st.sampled_from(households), rows(table, columns=names, missing=missing))
    return st.lists(row, min_size=min_size, max_size=max_size).map(frame)


def _households(drawn: list[tuple[str | None, dict[str, Any]]]) -> pd.DataFrame:
    records = [
        {"household_id": f"H{at:04d}", "district": district, **_own(cells, f"H{at:04d}")}
        for at, (district, cells) in enumerate(drawn)
    ]
    return pd.DataFrame(records or {"household_id": []}, dtype=object)


def _own(cells: dict[str, Any], mark: str) -> dict[str, Any]:
    """Give what names one person or paper only a mark of its own: nobody applies twice."""
    named = ("applicant_id_number", "id_number", "number")
    return cells | {name: f"{cells[name]}{mark}" for name in named if cells.get(name)}


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
