"""Sheets -> tables: typed, checked against the dictionary, with every fault collected.

In    a workbook, a CSV, a folder of them, or a mapping of frames
Out   `Tables`: a typed frame per table, where each row came from, and all faults at once

A fault in a cell makes that cell unknown and is written down; whether it sets the household
aside depends on what the job needs, so `Tables.usable` decides that later. A fault of the
table itself (no id column, no known header) is an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from relief.cells import read_cells, shown
from relief.columns import DICTIONARY, TABLES, match
from relief.errors import TableError
from relief.faults import Fault
from relief.files import Sheet, Source, read_sheets, read_sources
from relief.headers import Layout, footer_rows, similar_header, table_of
from relief.places import District, located, nearest

__all__ = ["Tables", "parse", "read_tables"]

Frames = Mapping[str, Any]
# A cell that Excel could not compute is an unknown; the household is judged without it.
_ONLY_UNKNOWN = frozenset({"cell.error", "cell.formula"})
_ONLY_TOLD = frozenset({"warning.label"})
_MOST_LISTED = 5


@dataclass(frozen=True)
class Tables:
    """What was read.

    Attributes
    ----------
    frames : dict of str to DataFrame
        A typed frame per table that was given: text as object, money and counts ``Int64``, flags
        ``boolean``, dates ``datetime64[s]``, closed lists categorical. Unknown is NA, never zero.
    origins : dict of str to DataFrame
        Per table, on the same index: source, sheet, row.
    faults : tuple of Fault
        Everything found, in the order of the tables.
    sources : tuple of Source
        The files, as they were.
    """

    frames: dict[str, pd.DataFrame]
    origins: dict[str, pd.DataFrame] = field(repr=False)
    faults: tuple[Fault, ...] = field(repr=False, default=())
    sources: tuple[Source, ...] = ()

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
            _row_fault(
                self, "households", at, "fault.district", "district",
                value=str(households["district"].iloc[at]),
                near=nearest(str(households["district"].iloc[at]), districts), known=listed,
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
            ids = frame["household_id"] if "household_id" in frame else pd.Series(pd.NA, index=frame.index)
            lost = {f.row for f in blocking if f.table == table and (not f.household_id or f.code == "fault.orphan")}
            keep = ~ids.isin(households) & ~(self.origins[table]["row"].isin(lost) & ~ids.isin(households))
            if table == "households":
                keep &= ids.notna()
            frames[table] = frame[keep] if not keep.all() else frame
            origins[table] = self.origins[table][keep] if not keep.all() else self.origins[table]
        return replace(self, frames=frames, origins=origins), self._set_aside(blocking, households)

    def _set_aside(self, blocking: list[Fault], households: set[str]) -> pd.DataFrame:
        """List the rows not used, each once, with everything that is wrong with it."""
        by_row: dict[tuple[str, str, str, int, str], list[Fault]] = {}
        for fault in blocking:
            own = fault.table == "households" or not fault.household_id or fault.code == "fault.orphan"
            if own:
                key = (fault.table, fault.source, fault.sheet, fault.row, fault.household_id)
                by_row.setdefault(key, []).append(fault)
        elsewhere: dict[str, list[Fault]] = {}
        for fault in blocking:
            if fault.household_id in households:
                elsewhere.setdefault(fault.household_id, []).append(fault)
        frame, origin = self.frames["households"], self.origins["households"]
        for at in np.flatnonzero(frame["household_id"].isin(households)):
            household = frame["household_id"].iloc[at]
            place = origin.iloc[at]
            key = ("households", place["source"], place["sheet"], int(place["row"]), household)
            by_row.setdefault(key, [f for f in elsewhere[household] if f.table != "households"])
        order = sorted(by_row, key=lambda key: (TABLES.index(key[0]), key[1], key[2], key[3], key[4]))
        return pd.DataFrame([_quarantined(key, by_row[key]) for key in order], columns=_QUARANTINE)


_QUARANTINE = "table source sheet row household_id column value problem cure".split()


def _quarantined(key: tuple[str, str, str, int, str], faults: list[Fault]) -> tuple[object, ...]:
    table, source, sheet, row, household_id = key

    def joined(parts: Iterable[str]) -> str:
        return "；".join(dict.fromkeys(filter(None, parts)))

    return (
        table, source, sheet, row, household_id,
        joined(fault.header or fault.column for fault in faults),
        joined(fault.value for fault in faults),
        joined(
            fault.problem() if (fault.sheet, fault.row) == (sheet, row) else f"{fault.place()}：{fault.problem()}"
            for fault in faults
        ),
        joined(fault.cure() for fault in faults),
    )  # fmt: skip


def read_tables(source: str | Path | Frames | Tables) -> Tables:
    """Read tables from a workbook, a CSV, a folder of either, or a mapping of frames.

    Parameters
    ----------
    source : path, mapping of str to DataFrame, or Tables
        A path; or frames by table name (``{"households": frame}``), pandas or anything with a
        ``to_pandas`` method. Headers may be Chinese or the dictionary's own names.

    Returns
    -------
    Tables

    Raises
    ------
    FileError
        If a file cannot be read as what it is.
    TableError
        If no sheet holds households, a required column lacks, or two mean the same.

    Examples
    --------
    >>> import pandas as pd
    >>> tables = read_tables({"households": pd.DataFrame({"户编号": ["H1"], "个人自付": ["1,200.50元"]})})
    >>> tables["households"]["out_of_pocket_fen"].tolist()
    [120050]
    """
    if isinstance(source, Tables):
        return source
    if isinstance(source, Mapping):
        return _assemble([_frame_sheet(name, frame) for name, frame in source.items()], ())
    return parse(read_sources(source))


def parse(sources: Iterable[Source]) -> Tables:
    """Read tables from files already in memory, as a round's record keeps them."""
    pinned = tuple(sources)
    return _assemble([sheet for source in pinned for sheet in read_sheets(source)], pinned)


def _frame_sheet(table: str, frame: Any) -> Sheet:
    if table not in DICTIONARY:
        raise TableError("table.unknown_name", name=table, known=", ".join(TABLES))
    data: pd.DataFrame = frame if isinstance(frame, pd.DataFrame) else frame.to_pandas()
    if data.index.name is not None and match(table, str(data.index.name)):
        data = data.reset_index()
    header = pd.DataFrame([[str(name) for name in data.columns]], dtype=object)
    cells = data.astype(object).where(data.notna(), None)
    cells.columns = header.columns
    rows = np.arange(len(data) + 1)
    return Sheet("", table, pd.concat([header, cells], ignore_index=True), rows)


def _assemble(sheets: Sequence[Sheet], sources: tuple[Source, ...]) -> Tables:
    parts: dict[str, list[tuple[pd.DataFrame, pd.DataFrame]]] = {}
    faults: list[Fault] = []
    for sheet in sheets:
        layout = table_of(sheet)
        faults += _sheet_notices(sheet, layout)
        if layout is not None:
            frame, origin, found = _read_sheet(sheet, layout)
            parts.setdefault(layout.table, []).append((frame, origin))
            faults += found
    if "households" not in parts:
        raise TableError("table.no_households", sheets=_described(sheets), near=_near(sheets))
    frames = {table: _stacked([frame for frame, _ in parts[table]]) for table in TABLES if table in parts}
    origins = {table: _stacked([origin for _, origin in parts[table]]) for table in frames}
    tables = Tables(frames, origins, tuple(faults), sources)
    return replace(tables, faults=(*tables.faults, *_identity_faults(tables)))


def _stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    if len(frames) == 1:
        return frames[0]
    plain = [f.astype({c: object for c in f.columns if isinstance(f[c].dtype, pd.CategoricalDtype)}) for f in frames]
    return pd.concat(plain, ignore_index=True)


def _read_sheet(sheet: Sheet, layout: Layout) -> tuple[pd.DataFrame, pd.DataFrame, list[Fault]]:
    footers = footer_rows(sheet, layout)
    at = np.setdiff1d(np.arange(layout.start, len(sheet.cells)), list(footers))
    body = sheet.cells.iloc[at]
    rows = sheet.rows[at]
    read = {
        place: read_cells(
            body[place].to_numpy(), header, factor=layout.factor, epoch_1904=sheet.epoch_1904
        )
        for place, header in layout.columns.items()
    }
    columns = {layout.columns[place].column.name: values for place, (values, _) in read.items()}
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(at)))
    origin = pd.DataFrame({"source": sheet.source, "sheet": sheet.name, "row": rows})
    ids = columns.get("household_id", [None] * len(at))
    faults: list[Fault] = []
    for place, (_, bad) in read.items():
        cells = body[place].to_numpy()
        faults += _cell_faults(sheet, layout, place, cells, rows, ids, bad)
    faults += _total_faults(sheet, layout, frame, footers)
    return frame, origin, faults


def _cell_faults(
    sheet: Sheet, layout: Layout, place: int, cells: Any, rows: Any, ids: Any, bad: dict[int, str]
) -> list[Fault]:
    column = layout.columns[place].column
    faults = []
    told: set[str] = set()
    for at, code in sorted(bad.items()):
        value = shown(cells[at], column)
        if code in _ONLY_TOLD:
            if value in told:
                continue
            told.add(value)
        severity = "warning" if code in _ONLY_UNKNOWN else "notice" if code in _ONLY_TOLD else "fault"
        faults.append(
            Fault(
                code, severity, sheet.source, sheet.name, column.table, int(rows[at]), column.name,
                layout.labels[place], ids[at] or "", value,
                {"known": "、".join(dict.fromkeys(column.choices.values())).replace("true", "是").replace("false", "否")},
            )
        )  # fmt: skip
    return faults


def _total_faults(sheet: Sheet, layout: Layout, frame: pd.DataFrame, footers: dict[int, str]) -> list[Fault]:
    """Hold a 合计 row against the sum of its column; it is never counted as a household."""
    faults: list[Fault] = []
    for at, words in footers.items():
        row = int(sheet.rows[at])
        base = {"source": sheet.source, "sheet": sheet.name, "table": layout.table, "row": row}
        faults.append(Fault("notice.footer", "notice", value=words, **base))
        if not words.replace(" ", "").startswith(("合计", "总计", "共计")):
            continue
        for place, header in layout.columns.items():
            if header.column.dtype != "money":
                continue
            stated, _ = read_cells(
                sheet.cells[place].to_numpy()[at : at + 1],
                header, factor=layout.factor, epoch_1904=sheet.epoch_1904,
            )  # fmt: skip
            total = int(frame[header.column.name].sum())
            if stated.isna()[0] or int(stated[0]) == total:
                continue
            facts = {"stated": f"{int(stated[0]) / 100:,.2f}", "total": f"{total / 100:,.2f}"}
            faults.append(
                Fault("warning.total", "warning", column=header.column.name, header=layout.labels[place],
                      facts=facts, **base)
            )  # fmt: skip
    return faults


def _sheet_notices(sheet: Sheet, layout: Layout | None) -> list[Fault]:
    def told(code: str, **facts: object) -> Fault:
        return Fault(code, "notice", sheet.source, sheet.name, layout.table if layout else "", facts=facts)

    notices = [told(note) for note in sheet.notes]
    if layout is None:
        return [*notices, told("notice.sheet_unused")] if len(sheet.cells) else notices
    if sheet.is_hidden:
        notices.append(told("notice.hidden_sheet"))
    for code, numbers in (
        ("notice.hidden_rows", sheet.hidden_rows),
        ("notice.hidden_columns", sheet.hidden_columns),
    ):
        if numbers:
            notices.append(told(code, count=len(numbers), numbers=", ".join(map(str, numbers[:20]))))
    if layout.unknown:
        near = similar_header(list(layout.unknown), layout.table)
        notices.append(told("notice.unknown_headers", headers="、".join(layout.unknown)[:300], near=near or "—"))
    return notices


# --- identity: ids that are missing, used twice, or refer to nobody -----------------------------


def _identity_faults(tables: Tables) -> list[Fault]:
    households = tables.frames["households"]
    ids = households["household_id"]
    faults = [
        _row_fault(tables, "households", at, "fault.id_missing", "household_id")
        for at in np.flatnonzero(ids.isna())
        if not _has_cell_fault(tables, "households", at)
    ]
    twice = ids.duplicated(keep=False) & ids.notna()
    rows = tables.origins["households"]["row"]
    for at in np.flatnonzero(twice):
        same = rows[(ids == ids.iloc[at])].tolist()
        others = [str(row) for row in same if row != rows.iloc[at]][:_MOST_LISTED]
        faults.append(
            _row_fault(
                tables, "households", at, "fault.duplicate", "household_id",
                value=ids.iloc[at], others=", ".join(others) or str(rows.iloc[at]),
            )
        )  # fmt: skip
    known = set(ids.dropna())
    for table, frame in tables.frames.items():
        if table == "households" or "household_id" not in frame:
            continue
        missing = frame["household_id"].isna() & (table not in ("registry", "history"))
        orphans = frame["household_id"].notna() & ~frame["household_id"].isin(known)
        for at in np.flatnonzero(missing):
            faults.append(_row_fault(tables, table, at, "fault.id_missing", "household_id"))
        for at in np.flatnonzero(orphans):
            value = str(frame["household_id"].iloc[at])
            faults.append(_row_fault(tables, table, at, "fault.orphan", "household_id", value=value))
    return faults


def _has_cell_fault(tables: Tables, table: str, at: int) -> bool:
    row = int(tables.origins[table]["row"].iloc[at])
    return any(f.table == table and f.row == row and f.column == "household_id" for f in tables.faults)


def _row_fault(
    tables: Tables, table: str, at: int, code: str, column: str, *, value: str = "", **facts: object
) -> Fault:
    place = tables.origins[table].iloc[at]
    frame = tables.frames[table]
    household_id = frame["household_id"].iloc[at] if "household_id" in frame else None
    return Fault(
        code, "fault", place["source"], place["sheet"], table, int(place["row"]), column,
        DICTIONARY[table][column].title, household_id or "", value, facts,
    )  # fmt: skip


# --- words for the errors -----------------------------------------------------------------------


def _described(sheets: Sequence[Sheet]) -> str:
    seen = []
    for sheet in sheets[:_MOST_LISTED]:
        first = [str(cell) for cell in sheet.cells.iloc[0] if cell is not None][:8] if len(sheet.cells) else []
        seen.append(f"{sheet.source} [{sheet.name}]: {'、'.join(first) or '—'}"[:200])
    return "; ".join(seen)


def _near(sheets: Sequence[Sheet]) -> str:
    for sheet in sheets:
        for row in sheet.cells.iloc[:3].to_numpy():
            near = similar_header([str(cell) for cell in row if isinstance(cell, str)], "households")
            if near:
                return near
    return "—"


