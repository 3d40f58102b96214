"""Sheets -> tables: typed, checked against the dictionary, with every fault collected.

In    a workbook, a CSV, a folder of them, a database, or a mapping of frames
Out   `Tables`: a typed frame per table, where each row came from, and all faults at once

A fault in a cell makes that cell unknown and is written down; whether it sets the household
aside depends on what the job needs, so `Tables.usable` decides that later. A fault of the
table itself (no id column, no known header) is an error.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.columns import DICTIONARY, TABLES
from relief.errors import FileError, TableError
from relief.intake.asked import check_asked, widened
from relief.intake.changes import Change, summed, told_changes
from relief.intake.headers import described, similar_header, table_of
from relief.intake.identity import identity_faults, row_fault
from relief.intake.mapping import is_mapping, mapping_of, renamed
from relief.intake.papers import paper_faults
from relief.intake.people import people_faults
from relief.intake.records import Records, read_records, sheet_notices
from relief.messages import near_facts
from relief.sheets.arrow import is_arrow_stream
from relief.sheets.blocks import unfolded
from relief.sheets.database import is_store, is_url, read_database
from relief.sheets.faults import Fault
from relief.sheets.files import is_left_out, read_sheets, read_sources
from relief.sheets.footers import LEFT_OUT
from relief.sheets.frames import frame_source
from relief.sheets.places import District, located, nearest

if TYPE_CHECKING:
    from pathlib import Path

    from relief.sheets.sheet import Sheet, Source

__all__ = ["Tables", "parse", "read_tables"]

Frames = Mapping[str, Any]
_MOST_LISTED = 5


@dataclass(frozen=True, repr=False)
class Tables:
    """What was read.

    Attributes
    ----------
    frames : dict of str to DataFrame
        A typed frame per table that was given: text as object, money and counts ``Int64``, areas ``Int64``
        hundredths of a square metre, flags
        ``boolean``, dates ``datetime64[s]``, closed lists categorical. Unknown is NA, never zero.
    origins : dict of str to DataFrame
        Per table, on the same index: source, sheet, row.
    faults : tuple of Fault
        Everything found, in the order of the tables.
    sources : tuple of Source
        The files, as they were.
    changes : tuple of Change
        What reading changed, counted per column; without values.
    """

    frames: dict[str, pd.DataFrame]
    origins: dict[str, pd.DataFrame]
    faults: tuple[Fault, ...] = ()
    sources: tuple[Source, ...] = ()
    changes: tuple[Change, ...] = ()

    def __repr__(self) -> str:
        rows = ", ".join(f"{table}: {len(frame)} rows" for table, frame in self.frames.items())
        return f"Tables({rows}; {len(self.faults)} findings)"

    def __getitem__(self, table: str) -> pd.DataFrame:
        return self.frames[table]

    def __contains__(self, table: object) -> bool:
        return table in self.frames

    def located(self, districts: Sequence[District]) -> Tables:
        """Return the same tables with every district by its own name; unknown ones are faults."""
        households = self.frames["households"]
        if "district" not in households:
            return self
        names, unknown = located(households["district"], districts)
        listed = "、".join(district.name for district in districts)
        faults = [
            row_fault(
                "households", households, self.origins["households"], at, "fault.district", "district",
                value=str(households["district"].iloc[at]),
                known=listed, **near_facts(nearest(str(households["district"].iloc[at]), districts)),
            )
            for at in np.flatnonzero(unknown)
        ]  # fmt: skip
        frames = self.frames | {"households": households.assign(district=names)}
        return replace(self, frames=frames, faults=(*self.faults, *faults))

    def usable(self, needed: Iterable[tuple[str, str]]) -> tuple[Tables, pd.DataFrame]:
        """Set aside what cannot be used.

        Parameters
        ----------
        needed : iterable of (table, column)
            What the job reads. A fault elsewhere is told but stops nobody.

        Returns
        -------
        Tables
            Without the households that a fault in a needed cell, or in their identity, touches.
        DataFrame
            One row per row not used: table, source, sheet, row, household_id, column, value,
            problem, cure (Chinese); rows of `households` first.
        """
        wanted = {*needed, *((table, "household_id") for table in TABLES)}
        blocking = [f for f in self.faults if f.severity == "fault" and (f.table, f.column) in wanted]
        households = {f.household_id for f in blocking if f.household_id and f.code != "fault.orphan"}
        frames, origins = {}, {}
        for table, frame in self.frames.items():
            lost = {_place(f) for f in blocking if f.table == table and _stands_alone(f)}
            keep = self._kept(table, households, lost)
            frames[table] = frame if keep.all() else frame[keep]
            origins[table] = self.origins[table] if keep.all() else self.origins[table][keep]
        return replace(self, frames=frames, origins=origins), self._set_aside(blocking, households)

    def accounted(self) -> dict[str, dict[str, int]]:
        """Return per table the rows below its headers, and where each went; they add up.

        Returns
        -------
        dict of str to dict
            `rows` = `sound` + `faulty` (with a fault, or of a household with one) + `left_out`, by a named
            reason each.
        """
        sound, _ = self.usable((table, name) for table in TABLES for name in DICTIONARY[table])
        left_out = Counter(fault.table for fault in self.faults if fault.code in LEFT_OUT)
        return {
            table: {
                "rows": len(frame) + left_out[table],
                "sound": len(sound[table]),
                "faulty": len(frame) - len(sound[table]),
                "left_out": left_out[table],
            }
            for table, frame in self.frames.items()
        }

    def _kept(self, table: str, households: set[str], lost: set[_Place]) -> Any:
        frame, origin = self.frames[table], self.origins[table]
        keep = np.ones(len(frame), dtype=bool)
        if "household_id" in frame:
            if households:
                keep = ~frame["household_id"].isin(households).to_numpy()
            if table == "households" and any(fault.column == "household_id" for fault in self.faults):
                keep &= frame["household_id"].notna().to_numpy()
        if lost:
            places = zip(origin["source"], origin["sheet"], origin["row"], strict=True)
            keep &= np.fromiter((place not in lost for place in places), dtype=bool, count=len(keep))
        return keep

    def _set_aside(self, blocking: list[Fault], households: set[str]) -> pd.DataFrame:
        """List the rows not used, each once, with everything that is wrong with it."""
        by_row: dict[tuple[str, _Place, str], list[Fault]] = {}
        elsewhere: dict[str, list[Fault]] = {}
        for fault in blocking:
            if fault.table == "households" or _stands_alone(fault):
                by_row.setdefault((fault.table, _place(fault), fault.household_id), []).append(fault)
            else:
                elsewhere.setdefault(fault.household_id, []).append(fault)
        frame, origin = self.frames["households"], self.origins["households"]
        for at in np.flatnonzero(frame["household_id"].isin(households)) if households else ():
            place, household = origin.iloc[at], frame["household_id"].iloc[at]
            key = ("households", (place["source"], place["sheet"], int(place["row"])), household)
            by_row[key] = by_row.get(key, []) + elsewhere.get(household, [])
        order = sorted(by_row, key=lambda key: (TABLES.index(key[0]), *key[1:]))
        return pd.DataFrame([_quarantined(key, by_row[key]) for key in order], columns=_QUARANTINE)


_Place = tuple[str, str, int]


def _place(fault: Fault) -> _Place:
    return fault.source, fault.sheet, fault.row


def _stands_alone(fault: Fault) -> bool:
    """Return whether a fault costs only its own row, because no household here is named by it."""
    return not fault.household_id or fault.code == "fault.orphan"


_QUARANTINE = ["table", "source", "sheet", "row", "household_id", "column", "value", "problem", "cure"]


def _quarantined(key: tuple[str, _Place, str], faults: list[Fault]) -> tuple[object, ...]:
    table, place, household_id = key

    def joined(parts: Iterable[str]) -> str:
        return "；".join(dict.fromkeys(filter(None, parts)))

    return (
        table, *place, household_id,
        joined(fault.header or fault.column for fault in faults),
        joined(fault.value for fault in faults),
        joined(
            fault.problem() if _place(fault) == place else f"{fault.place()}：{fault.problem()}"
            for fault in faults
        ),
        joined(fault.cure() for fault in faults),
    )  # fmt: skip


def read_tables(
    source: str | Path | Frames | pd.DataFrame | Tables, also: Mapping[str, str] | None = None
) -> Tables:
    """Read tables from a workbook, a CSV, a folder of either, a database, or a mapping of frames.

    Parameters
    ----------
    source : path, mapping of str to DataFrame, DataFrame, or Tables
        A path; the URL of a database (``sqlite:///union.db``); one frame of households; or frames by
        table name (``{"households": frame}``): pandas, whatever streams Arrow (polars, pyarrow, duckdb),
        or has a ``to_pandas`` method. Headers may be Chinese or the dictionary's own names.
    also : mapping of str to str, optional
        Headers of households that the dictionary does not know and that are wanted all the same,
        each ``"money"`` or ``"text"``.

    Returns
    -------
    Tables

    Raises
    ------
    FileError
        If a file cannot be read as what it is.
    TableError
        If the source is none of these, no sheet holds households, a required column lacks, two mean
        the same, or a header asked for is nowhere.

    Examples
    --------
    >>> import pandas as pd
    >>> tables = read_tables({"households": pd.DataFrame({"户编号": ["H1"], "个人自付": ["1,200.50元"]})})
    >>> tables["households"]["out_of_pocket_fen"].tolist()
    [120050]
    """
    if isinstance(source, Tables):
        return parse(source.sources, also) if also else source
    if isinstance(source, pd.DataFrame) or is_arrow_stream(source):
        source = {"households": source}
    if isinstance(source, Mapping):
        return parse([frame_source(name, frame) for name, frame in source.items()], also)
    if is_url(source):
        return parse(read_database(str(source)), also)
    if not isinstance(source, str | os.PathLike):
        raise TableError("table.no_source", kind=type(source).__name__)
    return parse(read_sources(source), also)


def parse(sources: Iterable[Source], also: Mapping[str, str] | None = None) -> Tables:
    """Read tables from files already in memory, as a round's record keeps them."""
    pinned = tuple(sources)
    used = [s for s in pinned if not (is_left_out(s) or is_mapping(s) or is_store(s))]
    if pinned and not used:
        raise FileError("file.empty", name=pinned[0].name)
    sheets = [sheet for source in used for sheet in read_sheets(source)]
    found = [Fault("notice.file_unread", "notice", source.name) for source in pinned if is_left_out(source)]
    sheets, told = renamed(sheets, mapping_of(pinned))
    return _assemble(sheets, pinned, found + told, also or {})


def _assemble(
    sheets: Sequence[Sheet], sources: tuple[Source, ...], faults: list[Fault], also: Mapping[str, str]
) -> Tables:
    parts: dict[str, list[Records]] = {}
    changes = [*told_changes(faults)]  # of the mapping
    layouts = [table_of(sheet) for sheet in sheets]
    if also:
        check_asked(also, filter(None, layouts))
        layouts = [layout and widened(layout, also) for layout in layouts]
    for sheet, layout in zip(sheets, layouts, strict=True):
        notices = sheet_notices(sheet, layout)
        faults += notices
        if layout is not None:
            records = read_records(sheet, layout)
            changes += [*told_changes(notices), *records.changes]
            parts.setdefault(layout.table, []).append(records)
            faults += records.faults
            for part, folded in unfolded(sheet, layout):
                members = read_records(part, folded)
                changes += members.changes
                parts.setdefault(folded.table, []).append(members)
                faults += members.faults
    if "households" not in parts:
        raise TableError("table.no_households", sheets=_described(sheets), **near_facts(_near(sheets)))
    found = [table for table in TABLES if table in parts]
    frames = {table: _stacked([part.frame for part in parts[table]]) for table in found}
    origins = {table: _stacked([part.origin for part in parts[table]]) for table in found}
    findings = (
        *faults,
        *identity_faults(frames, origins, faults),
        *people_faults(frames, origins),
        *paper_faults(frames, origins),
    )
    return Tables(frames, origins, findings, sources, summed(changes))


def _stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    if len(frames) == 1:
        return frames[0]
    # Categories of two sheets are two lists; the values are put together as they are.
    plain = [frame.astype(dict.fromkeys(frame.select_dtypes("category"), object)) for frame in frames]
    return pd.concat(plain, ignore_index=True)


# --- words for the errors -----------------------------------------------------------------------


def _described(sheets: Sequence[Sheet]) -> str:
    seen = []
    for sheet in sheets[:_MOST_LISTED]:
        first = [str(cell) for cell in sheet.row(0) if cell is not None][:8] if len(sheet) else []
        seen.append(f"{sheet.source} [{sheet.name}]: {described(first) or '—'}"[:200])
    return "; ".join(seen)


def _near(sheets: Sequence[Sheet]) -> str:
    for sheet in sheets:
        for row in sheet.head(3):
            near = similar_header([cell for cell in row if isinstance(cell, str)], "households")
            if near:
                return near
    return ""
