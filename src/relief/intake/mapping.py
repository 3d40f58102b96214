"""Headers that a person says the meaning of: asked, never guessed, and remembered beside the workbook.

In    ``自付额=out_of_pocket`` from a call, or a CSV of two columns, 表头 and 列
Out   a file that is read with the workbook and kept in a round's record; a sheet whose headers
      are written as the dictionary writes them

The file is a source like any other, so a round of it is computed again from its own folder.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from relief.columns import DICTIONARY, TABLES, match, normalised
from relief.errors import TableError
from relief.messages import near_facts
from relief.sheets.delimited import decoded
from relief.sheets.faults import Fault
from relief.sheets.sheet import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from relief.sheets.sheet import Sheet

__all__ = ["ENDING", "NAME", "is_mapping", "mapping_of", "mapping_source", "renamed"]

ENDING = ".map.csv"
NAME = f"表头{ENDING}"
_HEAD = ("表头", "列")
_SEARCHED_ROWS = 30
_UNIT = r"([(（].*[)）])?"


def is_mapping(source: Source) -> bool:
    """Return whether a file says what headers mean."""
    return source.name.endswith(ENDING)


def mapping_source(name: str, mapping: Mapping[str, str]) -> Source:
    """Write a mapping as a file that Excel opens.

    Raises
    ------
    TableError
        If a column is none of the dictionary.
    """
    stream = io.StringIO()
    rows = csv.writer(stream, lineterminator="\r\n")
    rows.writerow(_HEAD)
    for header, column in mapping.items():
        _title(column)
        rows.writerow((header, column))
    return Source(name, stream.getvalue().encode("utf-8-sig"))


def mapping_of(sources: Iterable[Source]) -> dict[str, str]:
    """Read the mappings among some files: column by header, as written.

    Raises
    ------
    TableError
        If a file has no two columns, names a column that is none, or two of them disagree.
    """
    mapping: dict[str, str] = {}
    for source in filter(is_mapping, sources):
        for number, row in enumerate(csv.reader(io.StringIO(decoded(source))), 1):
            if len(row) != 2 or not row[0].strip():
                raise TableError("map.not_two", name=source.name, row=number)
            if number == 1:
                continue
            header, column = row[0].strip(), row[1].strip()
            if mapping.setdefault(header, column) != column:
                raise TableError("map.two_meanings", header=header, one=mapping[header], other=column)
            _title(column)
    return mapping


def _title(column: str) -> str:
    """Return how the dictionary writes a column: named in full, by its stem, or by any of its headers."""
    table, _, name = column.rpartition(".")
    for known in [table] if table in DICTIONARY else TABLES:
        columns = DICTIONARY[known]
        found = columns.get(name) or columns.get(f"{name}_fen")
        header = match(known, name)
        if found or header:
            return found.title if found else header.column.title if header else ""
    names = [name for columns in DICTIONARY.values() for c in columns.values() for name in (c.name, c.title)]
    near = get_close_matches(column, names, n=1, cutoff=0.3)
    raise TableError("map.no_column", column=column, **near_facts(near[0] if near else ""))


def renamed(sheets: Sequence[Sheet], mapping: Mapping[str, str]) -> tuple[list[Sheet], list[Fault]]:
    """Write the headers of sheets as the dictionary does, and tell of each; a unit in brackets stays."""
    faults: list[Fault] = []
    found: set[str] = set()
    changed = []
    for sheet in sheets:
        for header, column in mapping.items():
            again = _with_header(sheet, header, _title(column))
            if again is not None:
                sheet = again
                found.add(header)
                facts: dict[str, object] = {"from": header, "to": _title(column)}
                faults.append(Fault("notice.mapped", "notice", sheet.source, sheet.name, facts=facts))
        changed.append(sheet)
    lost = [header for header in mapping if header not in found]
    faults += [Fault("warning.map_unused", "warning", NAME, facts={"from": header}) for header in lost]
    return changed, faults


def _with_header(sheet: Sheet, header: str, title: str) -> Sheet | None:
    """Return the sheet with a header written otherwise, where it first stands; None where it does not."""
    form = re.compile(re.escape(normalised(header)) + _UNIT)
    for at in range(min(_SEARCHED_ROWS, len(sheet))):
        for place, cell in enumerate(sheet.row(at)):
            told = form.fullmatch(normalised(cell)) if isinstance(cell, str) else None
            if told:
                columns = list(sheet.columns)
                columns[place] = columns[place].copy()
                columns[place][at] = title + (told[1] or "")
                return replace(sheet, columns=tuple(columns))
    return None
