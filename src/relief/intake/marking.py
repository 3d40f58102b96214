"""A copy of what somebody sent, with what is wrong marked in place: comments, colour, and a list.

In    `Tables`, which keep the files as they were
Out   .xlsx as bytes per file: a workbook of Excel with its own sheets and formats, anything else as
      its cells; a sheet 检查结果 with every finding, and the counts that add up

The copy is for the eyes of who mends it, and like the workbook it holds names and numbers of
people; the list shows values as masked as everywhere else.
"""

from __future__ import annotations

import io
import warnings
from collections import Counter
from typing import TYPE_CHECKING, Any

from relief.intake.headers import table_of
from relief.intake.mapping import NAME, is_mapping, mapping_of, renamed
from relief.messages import say
from relief.sheets.database import is_store
from relief.sheets.faults import fault_table
from relief.sheets.files import is_left_out, read_sheets
from relief.sheets.frames import ENDING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relief.intake.tables import Tables
    from relief.messages import Language
    from relief.sheets.faults import Fault, Severity
    from relief.sheets.sheet import Sheet, Source

__all__ = ["marked"]

_COLOURS = {"fault": "FFC7CE", "warning": "FFEB9C", "notice": "DDEBF7"}
_LEVELS: tuple[Severity, ...] = ("fault", "warning", "notice")
_SHEET = "检查结果"
_LISTED = ("severity", "source", "sheet", "row", "header", "value", "problem", "cure")
_WIDTHS = (8, 18, 14, 6, 20, 20, 50, 50)
_MOST_MARKED = 20_000


def marked(tables: Tables, lang: Language = "zh") -> dict[str, bytes]:
    """Return a marked copy of every file that was read, by name.

    Parameters
    ----------
    tables : Tables
        What was read, with its findings.
    lang : {'zh', 'en'}
        Language of the comments and the list.
    """
    mapping = mapping_of(tables.sources)
    copies = {}
    for source in tables.sources:
        if is_left_out(source) or is_mapping(source) or is_store(source):
            continue
        sheets = read_sheets(source)
        book = _copy(source, sheets)
        found = [fault for fault in tables.faults if _is_about(fault, source, sheets)]
        for sheet, named in zip(sheets, renamed(sheets, mapping)[0], strict=True):
            _mark(book[_title(sheet)], named, [fault for fault in found if fault.sheet == sheet.name], lang)
        _list(book, found, lang)
        stream = io.BytesIO()
        book.save(stream)
        name = (
            source.name.removesuffix(ENDING)
            if source.name.endswith(ENDING)
            else source.name.rpartition(".")[0]
        )
        name = source.name if not name or f"{name}.检查.xlsx" in copies else name
        copies[f"{name}.检查.xlsx"] = stream.getvalue()
    return copies


def _is_about(fault: Fault, source: Source, sheets: Sequence[Sheet]) -> bool:
    """Return whether a finding is about a file; frames and tables of a database are told by their names."""
    if fault.source:
        return fault.source in (NAME, source.name)
    return any(not sheet.source and sheet.name == fault.sheet for sheet in sheets)


def _title(sheet: Sheet) -> str:
    """Return what the copy calls a sheet: Excel takes 31 letters and some of them not."""
    return "".join("_" if letter in r"[]:*?/\'" else letter for letter in sheet.name)[:31] or "Sheet"


def _copy(source: Source, sheets: Sequence[Sheet]) -> Any:
    """Return the workbook itself where Excel can be kept as it is, else its cells in a new one."""
    import openpyxl

    if source.data.startswith(b"PK") and all(sheet.name == _title(sheet) for sheet in sheets):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return openpyxl.load_workbook(io.BytesIO(source.data))
        except Exception as error:  # an .ods, or a workbook of which openpyxl reads the cells only
            del error
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        _write(book.create_sheet(_title(sheet)), sheet)
    return book


def _write(target: Any, sheet: Sheet) -> None:
    for place, column in enumerate(sheet.columns):
        filled = [at for at, cell in enumerate(column) if cell is not None]
        for at in filled:
            written = target.cell(int(sheet.rows[at]) + _shift(sheet), _number(sheet, place))
            _put(written, column[at])


def _put(written: Any, cell: Any) -> None:
    """Store a cell as it is; text that begins with = is no formula."""
    written.value = cell if isinstance(cell, (int, float)) or hasattr(cell, "year") else str(cell)
    if isinstance(written.value, str):
        written.data_type = "s"


def _shift(sheet: Sheet) -> int:
    """Return by how many rows the copy is below what it copies: a frame's header is no row of it."""
    return 1 if sheet.kind == "frame" else 0


def _number(sheet: Sheet, place: int) -> int:
    return sheet.places[place] if sheet.places else place + 1


def _mark(target: Any, sheet: Sheet, found: list[Fault], lang: Language) -> None:
    """Colour the cells that something is wrong with, and say in a comment what and how to mend it."""
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    layout = table_of(sheet)
    places = {label: at for at, label in layout.labels.items() if label} if layout else {}
    places |= {text: at for block in (layout.blocks if layout else ()) for at, (_, text) in block.items()}
    cells: dict[tuple[int, int], list[Fault]] = {}
    for fault in found:
        if fault.row and len(cells) < _MOST_MARKED:
            at = places.get(fault.header, 0) if len(sheet.columns) else 0
            cells.setdefault((fault.row + _shift(sheet), _number(sheet, at)), []).append(fault)
    fills = {level: PatternFill("solid", start_color=colour) for level, colour in _COLOURS.items()}
    for (row, column), faults in cells.items():
        cell = target.cell(row, column)
        while type(cell).__name__ == "MergedCell":  # only the first cell of a merged one takes a comment
            row, column = _first(target, row, column)
            cell = target.cell(row, column)
        cell.fill = fills[min((fault.severity for fault in faults), key=_LEVELS.index)]
        said = dict.fromkeys(f"{fault.problem(lang)} {fault.cure(lang)}" for fault in faults)
        cell.comment = Comment("\n".join(said), "relief", width=360, height=80 + 30 * len(said))


def _first(target: Any, row: int, column: int) -> tuple[int, int]:
    name = target.cell(row, column).coordinate
    merged = next(area for area in target.merged_cells.ranges if name in area)
    return merged.min_row, merged.min_col


def _list(book: Any, found: list[Fault], lang: Language) -> None:
    """Add a sheet in front with every finding, the worst first, and how many of each there are."""
    from openpyxl.styles import Font, PatternFill

    title = _SHEET
    while title in book.sheetnames:
        title += "_"
    sheet = book.create_sheet(title, 0)
    book.active = 0
    counts = Counter(fault.severity for fault in found)
    facts = {f"{level}s": counts[level] for level in _LEVELS}
    sheet.append([say("cli.checked", lang, **facts)])
    sheet.append([say(f"marking.{name}", lang) for name in _LISTED])
    for cell in sheet[2]:
        cell.font = Font(bold=True)
    ordered = sorted(found, key=lambda fault: _LEVELS.index(fault.severity))
    for row in fault_table(ordered, lang)[list(_LISTED)].itertuples(index=False):
        at = sheet.max_row + 1
        for place, value in enumerate(row, 1):
            shown = say(f"cli.level.{value}", lang) if place == 1 else value or None
            cell = sheet.cell(at, place, None)
            cell.value = int(shown) if place == 4 and shown else shown
            if isinstance(shown, str):
                cell.data_type = "s"
        sheet.cell(at, 1).fill = PatternFill("solid", start_color=_COLOURS[row[0]])
    for letter, width in zip("ABCDEFGH", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A3"
