"""Where the table stands inside a sheet: its header, its body, what is above and below it.

In    a `Sheet` and the table that it may hold
Out   `Layout`: which position is which column, where the rows start, which rows at the foot
      are totals, signatures or remarks

People put titles above a table, split its header over merged rows and sign below it. The
header is the one to three rows that name most columns of the dictionary; nothing else is
taken for one.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from difflib import get_close_matches

from relief.columns import DICTIONARY, TABLES, Header, match, normalised, table_named
from relief.errors import TableError
from relief.files import BadCell, Sheet

__all__ = ["Layout", "footer_rows", "lay_out", "similar_header", "table_of"]

_SEARCHED_ROWS = 30
_TALLEST_HEADER = 3
_TITLE_UNIT = re.compile(r"单位[::]\s*(?:人民币)?(万元|元)")
_FOOTER = re.compile(
    r"\s*(合\s*计|总\s*计|小\s*计|共\s*计|本页|制表|填表|填报|审核|复核|经办|负责人|单位负责|签字|签名|盖章|备注|附注|说明|日期|注\s*[::]|注$)"
)
_FOOTER_INSIDE = re.compile(r"(^|\x1f)" + _FOOTER.pattern)


@dataclass(frozen=True)
class Layout:
    """A table found in a sheet.

    Attributes
    ----------
    table : str
    start : int
        Position of the first row of the body.
    columns : dict of int to Header
        What stands at which position.
    labels : dict of int to str
        The headers as written.
    unknown : tuple of str
        Headers that mean nothing here.
    factor : int
        Yuan per unit of a bare amount, from a 单位：万元 in the title.
    """

    table: str
    start: int
    columns: dict[int, Header]
    labels: dict[int, str]
    unknown: tuple[str, ...]
    factor: int

    @property
    def missing(self) -> list[str]:
        """Titles of the required columns that the header lacks."""
        found = {header.column.name for header in self.columns.values()}
        return [c.title for c in DICTIONARY[self.table].values() if c.required and c.name not in found]


def lay_out(sheet: Sheet, table: str) -> Layout:
    """Find `table` in a sheet, as well as it can be found; `Layout.missing` says what lacks.

    Raises
    ------
    TableError
        If two headers of it mean the same column.
    """
    rows = [[_label(cell) for cell in row] for row in sheet.cells.iloc[:_SEARCHED_ROWS].to_numpy()]
    best: tuple[int, int, int] = (0, 0, 1)
    for height in range(1, min(_TALLEST_HEADER, len(rows)) + 1):
        for top in range(len(rows) - height + 1):
            found = len({h.column.name for h in _matches(rows[top : top + height], table).values()})
            if found > best[0]:
                best = (found, top, height)
    _, top, height = best
    block = rows[top : top + height]
    columns = _matches(block, table)
    labels = {place: _written(block, place) for place in range(len(block[0]) if block else 0)}
    _refuse_twins(sheet, columns, labels)
    title = "".join(cell for row in rows[: top + height] for cell in row)
    unit = _TITLE_UNIT.search(title)
    return Layout(
        table=table,
        start=top + height,
        columns=columns,
        labels=labels,
        unknown=tuple(label for place, label in labels.items() if label and place not in columns),
        factor=10_000 if unit and unit[1] == "万元" else 1,
    )


def table_of(sheet: Sheet) -> Layout | None:
    """Return the table that a sheet holds: by its name, else the one that its header fits best.

    Raises
    ------
    TableError
        If the name says which table it is and a required column lacks.
    """
    if sheet.cells.empty:
        return None
    named = table_named(sheet.name)
    if named is not None:
        layout = lay_out(sheet, named)
        if layout.missing:
            raise TableError(
                "table.no_column",
                place=f"{sheet.source} [{sheet.name}]",
                missing="、".join(layout.missing),
                found="、".join(filter(None, layout.labels.values()))[:300],
            )
        return layout
    fits = [layout for table in TABLES if not (layout := lay_out(sheet, table)).missing]
    return max(fits, key=lambda layout: len(layout.columns), default=None)


def footer_rows(sheet: Sheet, layout: Layout) -> dict[int, str]:
    """Return the positions of rows that are no record: totals, signatures, remarks; each with its first words."""
    body = sheet.cells.iloc[layout.start :]
    key = next((place for place, h in layout.columns.items() if h.column.name == "household_id"), None)
    if key is None or body.empty:
        return {}
    ids = body[key].to_numpy()
    texts = ["" if value is None else str(value) for value in ids]
    suspects = [at for at, text in enumerate(texts) if not text.strip()]
    if _FOOTER_INSIDE.search("\x1f".join(texts)):
        suspects += [at for at, text in enumerate(texts) if _FOOTER.match(text)]
    footers: dict[int, str] = {}
    for at in sorted(suspects):
        cells = [str(c) for c in body.iloc[at] if c is not None and c == c and str(c).strip()]
        if cells and (_FOOTER.match(cells[0]) or (len(cells) == 1 and len(cells[0]) > 12)):
            footers[layout.start + at] = cells[0][:20]
    return footers


def _label(cell: object) -> str:
    return str(cell).strip() if isinstance(cell, str) and not isinstance(cell, BadCell) else ""


def _written(block: list[list[str]], place: int) -> str:
    return "".join(dict.fromkeys(filter(None, (row[place] for row in block))))


def _matches(block: list[list[str]], table: str) -> dict[int, Header]:
    """Match each position by its lowest words, all its words, or any of them: merged headers leave blanks."""
    found: dict[int, Header] = {}
    for place in range(len(block[0])):
        words = [row[place] for row in block if row[place]]
        for text in dict.fromkeys([*words[-1:], "".join(words), *reversed(words)]):
            header = match(table, text) if len(text) < 60 else None
            if header is not None:
                found[place] = header
                break
    return found


def _refuse_twins(sheet: Sheet, columns: dict[int, Header], labels: dict[int, str]) -> None:
    counts = Counter(header.column.name for header in columns.values())
    for name, count in counts.items():
        if count > 1:
            twins = [labels[place] for place, header in columns.items() if header.column.name == name]
            raise TableError(
                "table.two_columns",
                place=f"{sheet.source} [{sheet.name}]",
                headers="、".join(twins),
                title=next(h.column.title for h in columns.values() if h.column.name == name),
            )


def similar_header(labels: list[str], table: str) -> str:
    """Return a header of `table` that is most like one of `labels`, for a hint; empty if none is."""
    titles = [title for c in DICTIONARY[table].values() for title in (c.title, *c.headers)]
    for label in labels:
        near = get_close_matches(normalised(label), titles, n=1, cutoff=0.6)
        if near:
            return f"{label} → {near[0]}"
    return ""
