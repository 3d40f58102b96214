"""Identity: rows whose household id is missing, used twice, or refers to nobody.

In    the typed frames, where their rows came from, the faults found so far
Out   one fault per such row; each sets the row, or its household, aside
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from relief.columns import DICTIONARY
from relief.faults import Fault
from relief.messages import mask

__all__ = ["identity_faults", "row_fault"]

Frames = Mapping[str, pd.DataFrame]
_MOST_LISTED = 5
# What a department or an earlier round says may be about a person, not a household.
_MAY_LACK_ID = frozenset({"registry", "history"})


def identity_faults(frames: Frames, origins: Frames, faults: Iterable[Fault]) -> Iterator[Fault]:
    """Find the rows without an id of their own household.

    Parameters
    ----------
    frames, origins : mapping of str to DataFrame
        As in `relief.tables.Tables`.
    faults : iterable of Fault
        Those of the cells: an id that could not be read is not told twice.
    """
    unread = [f for f in faults if f.column == "household_id" and f.severity == "fault"]
    told = {(f.table, f.source, f.sheet, f.row) for f in unread}
    for table, frame in frames.items():
        if "household_id" not in frame or table in _MAY_LACK_ID:
            continue
        for at in np.flatnonzero(frame["household_id"].isna()):
            place = origins[table].iloc[at]
            if (table, place["source"], place["sheet"], int(place["row"])) not in told:
                yield row_fault(table, frame, origins[table], at, "fault.id_missing", "household_id")
    yield from _repeated(frames["households"], origins["households"])
    yield from _orphans(frames, origins)


def _repeated(frame: pd.DataFrame, origin: pd.DataFrame) -> Iterator[Fault]:
    ids = frame["household_id"]
    if len(set(ids.tolist())) == len(ids):
        return
    twice = np.flatnonzero(ids.duplicated(keep=False) & ids.notna())
    rows: dict[str, list[Any]] = {}
    for at in twice:
        rows.setdefault(ids.iloc[at], []).append(at)
    for household, same in rows.items():
        for at in same:
            others = [_place(origin, other, at) for other in same[: _MOST_LISTED + 1] if other != at]
            yield row_fault(
                "households", frame, origin, at, "fault.duplicate", "household_id",
                value=household, others=", ".join(others[:_MOST_LISTED]),
            )  # fmt: skip


def _place(origin: pd.DataFrame, other: int, at: int) -> str:
    """Return a row's number, with sheet and file where they are not those of the row it is told at."""
    there, here = origin.iloc[other], origin.iloc[at]
    is_text = there["sheet"] == there["source"].rpartition(".")[0]
    parts = ("source",) if is_text else ("source", "sheet")
    return "!".join([*(there[part] for part in parts if there[part] != here[part]), str(there["row"])])


def _orphans(frames: Frames, origins: Frames) -> Iterator[Fault]:
    if len(frames) == 1:
        return
    known = set(frames["households"]["household_id"].dropna())
    for table, frame in frames.items():
        if table == "households" or "household_id" not in frame:
            continue
        ids = frame["household_id"]
        for at in np.flatnonzero(ids.notna() & ~ids.isin(known)):
            value = str(ids.iloc[at])
            yield row_fault(table, frame, origins[table], at, "fault.orphan", "household_id", value=value)


def row_fault(
    table: str, frame: pd.DataFrame, origin: pd.DataFrame, at: Any, code: str, column: str,
    *, value: str = "", **facts: object,
) -> Fault:  # fmt: skip
    """Return a fault about one column of the row at position `at`; a long number in `value` is masked."""
    place = origin.iloc[at]
    household_id = frame["household_id"].iloc[at] if "household_id" in frame else None
    return Fault(
        code, "fault", place["source"], place["sheet"], table, int(place["row"]), column,
        DICTIONARY[table][column].title, "" if pd.isna(household_id) else household_id, mask(value), facts,
    )  # fmt: skip
