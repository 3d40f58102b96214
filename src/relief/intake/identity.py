"""Identity: household ids that are missing, used twice or nobody's; people and receipts that stand twice.

In    the typed frames, where their rows came from, the faults found so far
Out   one fault per such row; each sets the row, or its household, aside
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from relief.columns import DICTIONARY
from relief.intake.cells import shown
from relief.intake.identifiers import folded, folded_number
from relief.messages import mask, near_facts
from relief.sheets.faults import Fault

__all__ = ["identity_faults", "row_fault"]

Frames = Mapping[str, pd.DataFrame]
_Row = tuple[pd.DataFrame, int]  # the origins of a table, a position in them
_MOST_LISTED = 5
_STRAY = re.compile(r"[^\S\x1f]+|\.0+(?=\x1f|$)")
# What a department or an earlier round says may be about a person, not a household.
_MAY_LACK_ID = frozenset({"registry", "history"})


def identity_faults(frames: Frames, origins: Frames, faults: Iterable[Fault]) -> Iterator[Fault]:
    """Find the rows without an id of their own household.

    Parameters
    ----------
    frames, origins : mapping of str to DataFrame
        As in `relief.intake.tables.Tables`.
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
    yield from _written_alike(frames["households"], origins["households"])
    yield from _orphans(frames, origins)
    yield from _receipts_twice(frames, origins)
    yield from _members_twice(frames, origins)
    yield from _people_of_two_households(frames, origins)


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
            others = _others([(origin, other) for other in same], (origin, at))
            yield row_fault(
                "households", frame, origin, at, "fault.duplicate", "household_id",
                value=household, others=others,
            )  # fmt: skip


def folded_id(text: str) -> str:
    """Return an id as a person may have meant it: blanks, case, zeros in front and a stray .0 aside.

    Examples
    --------
    >>> folded_id("h 001") == folded_id("H1"), folded_id("1.0"), folded_id("HOO1") == folded_id("H001")
    (True, '1', True)
    """
    plain = _STRAY.sub("", text.casefold())
    return re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"o(?=[o\d])", "0", plain))


def _written_alike(frame: pd.DataFrame, origin: pd.DataFrame) -> Iterator[Fault]:
    """Find households whose ids differ only in how they are written: they may be one, paid twice."""
    ids = frame["household_id"].tolist()
    known = list(dict.fromkeys(text for text in ids if isinstance(text, str)))
    if len(set(folded_id("\x1f".join(known)).split("\x1f"))) == len(known):
        return  # All are folded at once: what stands between ids is neither blank nor digit.
    written: dict[str, dict[str, int]] = {}
    for at, text in enumerate(ids):
        if isinstance(text, str):
            written.setdefault(folded_id(text), {}).setdefault(text, at)
    for same in written.values():
        for text, at in same.items() if len(same) > 1 else ():
            others = _others([(origin, other) for other in same.values()], (origin, at))
            fault = row_fault(
                "households", frame, origin, at, "warning.id_alike", "household_id", value=text, others=others
            )
            yield replace(fault, severity="warning")


def _others(rows: list[_Row], own: _Row) -> str:
    """Return where the other rows stand."""
    here = own[0].iloc[own[1]]
    others = [
        _place(origin.iloc[at], here)
        for origin, at in rows[: _MOST_LISTED + 1]
        if (origin is not own[0] or at != own[1])
    ]
    return ", ".join(others[:_MOST_LISTED])


def _place(there: pd.Series[Any], here: pd.Series[Any]) -> str:
    """Return a row's number, with sheet and file where they are not those of the row it is told at."""
    is_text = there["sheet"] == there["source"].rpartition(".")[0]
    parts = ("source",) if is_text else ("source", "sheet")
    return "!".join([*(there[part] for part in parts if there[part] != here[part]), str(there["row"])])


def _orphans(frames: Frames, origins: Frames) -> Iterator[Fault]:
    if len(frames) == 1:
        return
    homes = frames["households"]
    known = set(homes["household_id"].dropna())
    meant = {folded_id(text): text for text in known}
    sizes = homes.get("household_size", pd.Series(pd.NA, index=homes.index))
    counted = set(homes["household_id"][sizes.isna()])
    for table, frame in frames.items():
        if table == "households" or "household_id" not in frame:
            continue
        ids = frame["household_id"]
        for at in np.flatnonzero(ids.notna() & ~ids.isin(known)):
            value = str(ids.iloc[at])
            home = meant.get(folded_id(value), "")
            lost = row_fault(table, frame, origins[table], at, "fault.orphan", "household_id", value=value)
            yield replace(lost, facts={**near_facts(home)})
            if table == "members" and home in counted:
                yield replace(
                    lost,
                    code="warning.member_short",
                    severity="warning",
                    household_id=home,
                    facts={"home": home},
                )


def _receipts_twice(frames: Frames, origins: Frames) -> Iterator[Fault]:
    """Find receipts whose number stands twice anywhere, or whose own id twice in a household."""
    frame = frames.get("documents")
    if frame is None or not {"kind", "household_id"} <= set(frame.columns):
        return
    receipts = np.flatnonzero((frame["kind"].astype(object) == "医疗收据").to_numpy())
    told: set[int] = set()
    for keys in (["number"], ["household_id", "document_id"]):
        for same in _alike(frame, keys, receipts):
            fresh = [at for at in same if at not in told]
            told.update(fresh)
            # Told of the column that every rule about receipts reads, under the header that repeats.
            yield from _told_twice("documents", frame, origins["documents"], fresh, same, ("kind", keys[-1]))


def _members_twice(frames: Frames, origins: Frames) -> Iterator[Fault]:
    """Find members who stand twice in their household."""
    frame = frames.get("members")
    if frame is None or "household_id" not in frame:
        return
    told: set[int] = set()
    for keys in (["household_id", "id_number"], ["household_id", "name", "member_id"]):
        for same in _alike(frame, keys, np.arange(len(frame))):
            fresh = [at for at in same if at not in told]
            told.update(fresh)
            yield from _told_twice("members", frame, origins["members"], fresh, same, ("id_number", keys[-1]))


def _told_twice(
    table: str,
    frame: pd.DataFrame,
    origin: pd.DataFrame,
    rows: list[int],
    same: list[int],
    about: tuple[str, str],
) -> Iterator[Fault]:
    code = "fault.receipt_twice" if table == "documents" else "fault.member_twice"
    column, repeated = about[0], DICTIONARY[table][about[1]]
    for at in rows:
        value = shown(frame[repeated.name].iloc[at], repeated)
        others = _others([(origin, other) for other in same], (origin, at))
        fault = row_fault(table, frame, origin, at, code, column, value=value, others=others)
        yield replace(fault, header=repeated.title)


def _people_of_two_households(frames: Frames, origins: Frames) -> Iterator[Fault]:
    """Find people who stand in several households, as applicants or members."""
    places = (("households", "applicant_id_number"), ("members", "id_number"))
    numbers = {
        (table, column): _numbers(frames[table][column])
        for table, column in places
        if table in frames and {column, "household_id"} <= set(frames[table].columns)
    }
    known = [number for column in numbers.values() for number in column if number is not None]
    if len(set(known)) == len(known):
        return
    parts = [
        frames[table][["household_id"]]
        .astype(object)
        .assign(number=found, table=table, column=column, at=range(len(found)))
        for (table, column), found in numbers.items()
    ]
    people = pd.concat(parts, ignore_index=True)
    people = people[
        people["number"].notna() & people["household_id"].notna() & people["number"].duplicated(keep=False)
    ]
    for _, same in people.groupby("number", sort=False):
        if len(set(same["household_id"])) == 1:
            continue
        rows = [(origins[table], int(at)) for table, at in zip(same["table"], same["at"], strict=True)]
        for row, table, column in zip(rows, same["table"], same["column"], strict=True):
            value = shown(frames[table][column].iloc[row[1]], DICTIONARY[table][column])
            yield row_fault(
                table, frames[table], row[0], row[1], "fault.person_twice", column,
                value=value, others=_others(rows, row),
            )  # fmt: skip


def _numbers(column: pd.Series[Any]) -> Any:
    """Return ID numbers as they are compared, None where one is blank or masked."""
    numbers = [
        number if type(number) is str and len(number) == 18 and number.isdigit() else folded(number)
        for number in column.tolist()
    ]
    return [
        number if isinstance(number, str) and number and "*" not in number else None for number in numbers
    ]


def _alike(frame: pd.DataFrame, keys: list[str], rows: Any) -> list[list[int]]:
    """Return the positions among `rows` that agree in all of some columns, and leave none of them blank."""
    if not set(keys) <= set(frame.columns):
        return []
    found = frame[keys].iloc[rows].astype(object).reset_index(drop=True)
    if "id_number" in keys:
        found["id_number"] = pd.Series(_numbers(found["id_number"]), dtype=object)
    if "number" in keys:
        found["number"] = pd.Series(list(map(folded_number, found["number"])), dtype=object)
    found = found[found.notna().all(axis=1)]
    found = found[found.duplicated(keep=False)]
    return [[int(rows[at]) for at in group.index] for _, group in found.groupby(keys, sort=False)]


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
