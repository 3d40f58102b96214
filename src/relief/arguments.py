"""The arguments of a division over a roster: as asked for, as recorded, as `allocate` takes them.

In    keywords of `allocate`; where that takes a column, the header of one of the roster
Out   the columns to read, the values by household, and JSON that gives the same keywords again
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from relief.allocation.terms import Bracket
from relief.intake.asked import column_asked
from relief.messages import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["asked_columns", "by_household", "check_names", "from_record", "headers", "to_record"]

Terms = Mapping[str, Any]

COLUMNS = {
    "floors_fen": "money",
    "caps_fen": "money",
    "paid_fen": "money",
    "groups": "text",
    "categories": "text",
    "weights": "number",
}
"""What `allocate` takes by household, and what stands in such a column."""

_AMOUNTS = ("group_funds_fen", "sources_fen", "amounts_fen")
_ALL = (*COLUMNS, *_AMOUNTS, "order", "within", "brackets", "surplus", "shortage", "allow_above_claim")


def check_names(terms: Terms) -> None:
    """Raise TypeError for a keyword that a division over a roster does not take."""
    for name in terms:
        if name not in _ALL:
            raise TypeError(f"split() has no argument {name!r}{nearest(name, _ALL)['near_en']}")


def _asked(terms: Terms) -> Iterable[tuple[str, str, str]]:
    """Yield argument, header and kind of every argument that names a column."""
    for argument, kind in COLUMNS.items():
        if isinstance(terms.get(argument), str):
            yield argument, terms[argument], kind


def headers(terms: Terms) -> dict[str, str]:
    """Return the headers to read, each with the kind of its cells, as `read_tables` takes them."""
    return {header: "money" if kind == "money" else "text" for _, header, kind in _asked(terms)}


def asked_columns(terms: Terms) -> dict[str, str]:
    """Return the frame's columns that are asked for, each with its kind.

    Raises
    ------
    TableError
        If one holds another kind, or who somebody is.
    """
    return {column_asked(header, kind): kind for _, header, kind in _asked(terms)}


def by_household(terms: Terms, households: pd.DataFrame) -> dict[str, Any]:
    """Return the keywords of `allocate`, columns by household id; a blank amount is left out."""
    index = pd.Index(households["household_id"], dtype=object)
    values = dict(terms)
    for argument, header, kind in _asked(terms):
        column = households[column_asked(header, kind)]
        series = pd.Series(column.to_numpy(dtype=object), index=index, dtype=object)
        values[argument] = series.dropna().astype("int64") if kind == "money" else series.map(str)
    return values


# --- as the record keeps them ---------------------------------------------------------------------


def to_record(terms: Terms) -> dict[str, Any]:
    """Return the keywords as JSON: money as text of fen, pairs in their order, columns by header."""
    return {name: _told(name, terms[name]) for name in _ALL if name in terms}


def _told(name: str, value: Any) -> Any:
    if name in COLUMNS:
        return {"column": value} if isinstance(value, str) else str(value)
    if isinstance(value, Mapping):
        return [[str(key), str(amount)] for key, amount in value.items()]
    if name == "brackets":
        brackets = [bracket if isinstance(bracket, Bracket) else Bracket(**bracket) for bracket in value]
        return [
            {"from_fen": str(b.from_fen), "share": str(b.share), "amount_fen": str(b.amount_fen),
             "included": bool(b.included)}
            for b in brackets
        ]  # fmt: skip
    return list(value) if name == "order" else value


def from_record(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keywords that `to_record` told."""
    return {name: _read(name, value) for name, value in told.items()}


def _read(name: str, value: Any) -> Any:
    if name in COLUMNS:
        return str(value["column"]) if isinstance(value, Mapping) else int(value)
    if name in _AMOUNTS and isinstance(value, list):
        return {str(key): int(amount) for key, amount in value}
    if name == "brackets":
        return [
            Bracket(int(b["from_fen"]), str(b["share"]), int(b["amount_fen"]), bool(b["included"]))
            for b in value
        ]
    return value
