"""The rows under a header -> typed records, and everything that is wrong with them.

In    a `Sheet` and its `Layout`
Out   `Records`: a typed frame, where each row came from, the faults

A fault in a cell makes that cell unknown. Rows that are no record are left out by a named
reason; nothing else is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.columns import ASIDE_SHEETS, EXAMPLE, EXAMPLE_SHEET
from relief.intake.cells import read_cells, shown
from relief.intake.changes import Change, changes_of_cells, changes_of_sheet
from relief.intake.headers import Layout, looks_like_data, similar_header
from relief.messages import LANGUAGES, near_facts, say
from relief.money import yuan
from relief.sheets.faults import Fault, Severity
from relief.sheets.footers import rows_left_out
from relief.sheets.formats import shown_by
from relief.sheets.sheet import Cells, Sheet, is_blank

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relief.columns import Column, Header
    from relief.money import Factor
    from relief.sheets.formats import Shown

__all__ = ["Records", "read_records", "sheet_notices"]

# A cell that Excel could not compute is an unknown; the household is judged without it.
_ONLY_UNKNOWN = frozenset({"cell.error", "cell.formula"})
_ONLY_TOLD = frozenset({"warning.label", "notice.trimmed"})
_SPREAD = frozenset({"id", "name", "district", "choice", "label", "text"})
_FEWEST_TO_COMPARE = 3
_MOST_LISTED = 20
_WHOLE_TOTALS = frozenset({"合计", "总计", "共计", "总和", "合計", "總計", "total", "grandtotal", "sum"})


@dataclass(frozen=True)
class Records:
    """What one sheet holds of a table."""

    frame: pd.DataFrame
    origin: pd.DataFrame
    faults: list[Fault]
    changes: list[Change]


def read_records(sheet: Sheet, layout: Layout) -> Records:
    """Read every row below the header of a sheet."""
    sheet, spread = _spread_merged(sheet, layout)
    suspects = rows_left_out(sheet, layout)
    left_out = {at: why for at, why in suspects.items() if why[0].startswith("notice.")}
    doubtful = {int(sheet.rows[at]): word for at, (_, word) in suspects.items() if at not in left_out}
    at: Any = slice(layout.start, None)
    if left_out:
        at = np.setdiff1d(np.arange(layout.start, len(sheet)), list(left_out))
    rows = sheet.rows[at]
    cells = {place: sheet.columns[place][at] for place in layout.columns}
    read = {
        place: read_cells(cells[place], header, factor=layout.factor, epoch_1904=sheet.epoch_1904)
        for place, header in layout.columns.items()
    }
    columns = {layout.columns[place].column.name: values for place, (values, _) in read.items()}
    frame = _frame(columns, len(rows))
    ids = columns.get("household_id", np.full(len(rows), None, dtype=object))
    faults: list[Fault] = [*spread]
    for place, (values, bad) in read.items():
        faults += _cell_faults(sheet, layout, place, cells[place], rows, ids, bad)
        faults += _unit_warnings(sheet, layout, place, cells[place], rows, ids, values)
    faults += _odd_formats(sheet, layout)
    faults += _ragged_rows(sheet, layout, at, rows, ids)
    faults += _doubtful_rows(sheet, layout, rows, ids, doubtful)
    unread = {place: sum(map(_is_unread, bad.values())) for place, (_, bad) in read.items()}
    faults += _left_out_notices(sheet, layout, frame, left_out, unread)
    changes = [*changes_of_sheet(layout, faults)]
    for place, (values, _) in read.items():
        header, label = layout.columns[place], layout.labels[place]
        changes += changes_of_cells(cells[place], header, label, values, layout.factor)
    return Records(frame, _origin(sheet, rows), faults, changes)


def _spread_merged(sheet: Sheet, layout: Layout) -> tuple[Sheet, list[Fault]]:
    """Write what stands in a cell merged over several rows into each of them, where it is no quantity."""
    columns, told = list(sheet.columns), []
    for place, header in layout.columns.items():
        merged = [(first, last) for column, first, last in sheet.merged if column == place]
        if not merged or header.column.dtype not in _SPREAD:
            continue
        columns[place] = columns[place].copy()
        filled = [
            at for first, last in merged for at in _spread(columns[place], sheet.rows, layout, first, last)
        ]
        if filled:
            told.append(
                Fault(
                    "notice.merged", "notice", sheet.source, sheet.name, layout.table,
                    column=header.column.name, header=layout.labels[place], facts={"count": len(filled)},
                )
            )  # fmt: skip
    return (replace(sheet, columns=tuple(columns)) if told else sheet), told


def _spread(cells: Cells, rows: Any, layout: Layout, first: int, last: int) -> list[int]:
    start, end = np.searchsorted(rows, [first, last + 1])
    if start < layout.start or start == len(rows) or rows[start] != first or is_blank(cells[start]):
        return []
    blank = [at for at in range(start + 1, end) if is_blank(cells[at])]
    cells[blank] = cells[start]
    return blank


def _frame(columns: dict[str, Any], size: int) -> pd.DataFrame:
    # Said to be object, or pandas looks at every text to find a type for the column.
    typed = {
        name: pd.Series(values, dtype=object, copy=False) if isinstance(values, np.ndarray) else values
        for name, values in columns.items()
    }
    return pd.DataFrame(typed, index=pd.RangeIndex(size))


def _origin(sheet: Sheet, rows: Any) -> pd.DataFrame:
    same = np.zeros(len(rows), dtype=np.int8)
    return pd.DataFrame(
        {
            "source": pd.Categorical.from_codes(same, categories=pd.Index([sheet.source], dtype=object)),
            "sheet": pd.Categorical.from_codes(same, categories=pd.Index([sheet.name], dtype=object)),
            "row": rows,
        }
    )


def _cell_faults(
    sheet: Sheet, layout: Layout, place: int, cells: Cells, rows: Any, ids: Any, bad: dict[int, str]
) -> list[Fault]:
    column = layout.columns[place].column
    known = "、".join(dict.fromkeys(column.choices.values())).replace("true", "是").replace("false", "否")
    faults = []
    told: set[str] = set()
    for at, code in sorted(bad.items()):
        value = shown(cells[at], column)
        once = code if code == "notice.trimmed" else value
        if code in _ONLY_TOLD and once in told:
            continue
        told.add(once)
        count = sum(found == code for found in bad.values()) if code == "notice.trimmed" else 1
        faults.append(
            Fault(
                code, _severity(code, column), sheet.source, sheet.name, column.table, int(rows[at]),
                column.name, layout.labels[place], ids[at] or "", value, {"known": known, "count": count},
            )
        )  # fmt: skip
    return faults


def _severity(code: str, column: Column) -> Severity:
    if code in _ONLY_TOLD:
        return "notice"
    is_warning = code == "warning.copy" or (code in _ONLY_UNKNOWN and column.name != "household_id")
    return "warning" if is_warning else "fault"


def _unit_warnings(
    sheet: Sheet, layout: Layout, place: int, cells: Cells, rows: Any, ids: Any, values: Any
) -> Iterator[Fault]:
    """Warn of bare amounts that fit the others only if they were meant in 万元, or the others were."""
    header = layout.columns[place]
    if header.column.name != "out_of_pocket_fen" or header.in_fen:
        return
    amounts = values.to_numpy(dtype=np.float64, na_value=0.0)
    if np.count_nonzero(amounts) < _FEWEST_TO_COMPARE:
        return
    with np.errstate(divide="ignore"):
        distance = np.abs(np.log10(amounts / np.median(amounts[amounts > 0])))
    for at in np.flatnonzero((distance > 3.5) & (distance < 4.5)):
        value = shown(cells[at], header.column)
        if not any(unit in value for unit in "万元"):
            yield Fault(
                "warning.unit", "warning", sheet.source, sheet.name, layout.table, int(rows[at]),
                header.column.name, layout.labels[place], ids[at] or "", value,
            )  # fmt: skip


def _odd_formats(sheet: Sheet, layout: Layout) -> Iterator[Fault]:
    """Warn of cells that show a person another amount, count or day than is stored and read."""
    for place, code, numbers in sheet.formats:
        header = layout.columns.get(place)
        rows = [row for row in numbers if layout.start < len(sheet) and row >= sheet.rows[layout.start]]
        if header is None or not rows:
            continue
        told = _told_otherwise(shown_by(code), header, header.factor or layout.factor)
        if told:
            listed = ", ".join(map(str, rows[:_MOST_LISTED]))
            yield Fault(
                told, "warning", sheet.source, sheet.name, layout.table, rows[0], header.column.name,
                layout.labels[place], facts={"count": len(rows), "format": code[:40], "numbers": listed},
            )  # fmt: skip


def _told_otherwise(shown: Shown, header: Header, worth: Factor) -> str:
    """Return the code of a warning where a format and a column say different things."""
    kind = header.column.dtype
    if kind == "date":
        return "warning.month_shown" if shown.is_month else ""
    if kind == "money" and not header.in_fen:
        same = shown.times is not None and shown.times * (shown.unit or worth) == worth
    else:
        same = shown.times == 1 and (shown.unit is None or kind != "money")
    return "" if same or kind not in ("money", "count", "area") or shown.is_month else "warning.format"


def _ragged_rows(sheet: Sheet, layout: Layout, at: Any, rows: Any, ids: Any) -> Iterator[Fault]:
    """Find rows of a text with more fields than its header: their cells may stand in the wrong columns."""
    last = max((place for place, label in layout.labels.items() if label), default=-1)
    beyond = [column[at] for column in sheet.columns[last + 1 :]] if sheet.kind == "text" else []
    ragged = sorted({place for column in beyond for place, cell in enumerate(column) if not is_blank(cell)})
    for place in ragged:
        yield Fault(
            "fault.ragged", "fault", sheet.source, sheet.name, layout.table, int(rows[place]), "household_id",
            layout.labels[last], ids[place] or "", facts={"count": last + 1},
        )  # fmt: skip


def _doubtful_rows(
    sheet: Sheet, layout: Layout, rows: Any, ids: Any, doubtful: dict[int, str]
) -> Iterator[Fault]:
    """Set rows aside that look like a total as much as like a record."""
    label = next(
        (layout.labels[at] for at, h in layout.columns.items() if h.column.name == "household_id"), ""
    )
    for place, number in enumerate(rows if doubtful else ()):
        if number in doubtful:
            yield Fault(
                "fault.total_row", "fault", sheet.source, sheet.name, layout.table, int(number),
                "household_id", label, ids[place] or "", doubtful[number],
            )  # fmt: skip


def _left_out_notices(
    sheet: Sheet,
    layout: Layout,
    frame: pd.DataFrame,
    left_out: dict[int, tuple[str, str]],
    unread: dict[int, int],
) -> Iterator[Fault]:
    """Tell of every row that is no record, and hold a 合计 row against the sum of its column."""
    for at, (code, word) in left_out.items():
        here = Fault(code, "notice", sheet.source, sheet.name, layout.table, int(sheet.rows[at]), value=word)
        yield here
        if word not in _WHOLE_TOTALS:
            continue
        for place, header in layout.columns.items():
            if header.column.dtype != "money":
                continue
            stated, _ = read_cells(
                sheet.columns[place][at : at + 1], header, factor=layout.factor, epoch_1904=sheet.epoch_1904
            )
            total = sum(frame[header.column.name].dropna().tolist())
            if not stated.isna()[0] and int(stated[0]) != total:
                facts: dict[str, object] = {
                    "stated": f"{yuan(int(stated[0])):,}",
                    "total": f"{yuan(total):,}",
                    **_unread_facts(unread[place]),
                }
                yield replace(
                    here, code="warning.total", severity="warning", column=header.column.name,
                    header=layout.labels[place], value="", facts=facts,
                )  # fmt: skip


def _is_unread(code: str) -> bool:
    return code not in _ONLY_TOLD


def _unread_facts(count: int) -> dict[str, str]:
    """Return how many cells of a column could not be read, in words; nothing where all were."""
    return {
        f"unread_{lang}": say("warning.total.unread", lang, count=count) if count else ""
        for lang in LANGUAGES
    }


def sheet_notices(sheet: Sheet, layout: Layout | None) -> list[Fault]:
    """Tell what was done with a sheet that a person may not expect."""

    def told(code: str, severity: Severity = "notice", **facts: object) -> Fault:
        return Fault(code, severity, sheet.source, sheet.name, layout.table if layout else "", facts=facts)

    notices = [told(note) for note in sheet.notes]
    if layout is None:
        if sheet.name == EXAMPLE_SHEET and (strange := _not_examples(sheet)):
            notices.append(told("warning.example_sheet", "warning", numbers=strange))
        is_expected = not len(sheet) or sheet.name in ASIDE_SHEETS
        return notices if is_expected else [*notices, told("notice.sheet_unused")]
    if sheet.is_hidden:
        notices.append(told("notice.hidden_sheet"))
    for code, hidden in (
        ("notice.hidden_rows", sheet.hidden_rows),
        ("notice.hidden_columns", sheet.hidden_columns),
    ):
        if hidden:
            notices.append(told(code, count=len(hidden), numbers=", ".join(map(str, hidden[:20]))))
    return notices + _header_notices(sheet, layout)


def _not_examples(sheet: Sheet) -> str:
    """Return the rows of the sheet of examples that somebody wrote there, by their numbers."""
    marks = [str(cell or "") for cell in sheet.columns[0]] if sheet.columns else []
    return ", ".join(str(row) for mark, row in zip(marks, sheet.rows, strict=True) if EXAMPLE not in mark)


def _header_notices(sheet: Sheet, layout: Layout) -> list[Fault]:
    here = Fault("", "notice", sheet.source, sheet.name, layout.table)
    notices: list[Fault] = []
    top = layout.start - layout.height
    if any(sum(map(looks_like_data, row)) > 1 for row in sheet.head(top)):
        numbers = ", ".join(map(str, sheet.rows[:top]))
        notices.append(
            replace(here, code="warning.rows_above", severity="warning", facts={"numbers": numbers})
        )
    if layout.height > 1:
        first, last = sheet.rows[top], sheet.rows[layout.start - 1]
        notices.append(
            replace(here, code="notice.tall_header", facts={"first": int(first), "last": int(last)})
        )
    if layout.factor != 1 or layout.states_fen:
        factor = "0.01" if layout.states_fen else f"{layout.factor:,}" if layout.factor > 1 else "0.1"
        notices.append(replace(here, code="notice.unit", facts={"factor": factor}))
    if layout.blocks:
        labels = "、".join(label for _, label in layout.blocks[0].values())
        notices.append(
            replace(here, code="notice.unfolded", facts={"count": len(layout.blocks), "headers": labels})
        )
    for spare, used in layout.twins:
        notices.append(
            replace(here, code="warning.twin", severity="warning", facts={"spare": spare, "used": used})
        )
    if layout.unknown:
        near = near_facts(similar_header(list(layout.unknown), layout.table))
        unknown = "、".join(layout.unknown)[:300]
        notices.append(replace(here, code="notice.unknown_headers", facts={"headers": unknown, **near}))
    return notices
