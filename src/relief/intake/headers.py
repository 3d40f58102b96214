"""Where the table stands inside a sheet: its header, its body, what is above and below it.

In    a `Sheet` and the table that it may hold
Out   `Layout`: which position is which column, where the rows start

People put titles above a table and split its header over merged rows. The
header is the one to three rows that name most columns of the dictionary; nothing else is
taken for one.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from relief.columns import (
    ASIDE_SHEETS,
    DICTIONARY,
    TABLES,
    Header,
    match,
    normalised,
    table_named,
)
from relief.errors import TableError
from relief.sheets.blocks import Block, find_blocks
from relief.sheets.sheet import Sheet, is_blank
from relief.units import Unit, group_units, title_units, unit_of

if TYPE_CHECKING:
    from fractions import Fraction

__all__ = ["Layout", "described", "lay_out", "looks_like_data", "similar_header", "table_of"]

_SEARCHED_ROWS = 30
_TALLEST_HEADER = 3
_LONGEST_WORDS = 1_000  # that are looked at; what is longer is no header
# What stands in a record, not in a header: an amount, a date, a code, a long number.
_DATUM = re.compile(
    r"[-+¥￥]?\d[\d,.]*(?:[万元%户人]|万元)?|\d{4}[-/.年]\d{1,2}\D.*|[A-Za-z]{0,4}[-_]?\d+[A-Za-z]?"
    r"|.*\d{6}.*",
    re.DOTALL,
)


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
    factor : int or Fraction
        Yuan per unit of a bare amount, from a 单位：万元 in the title or the sheet's name.
    height : int
        How many rows the header takes; they end before `start`.
    states_fen : bool
        Whether the title says that amounts are in 分.
    twins : tuple of (str, str)
        Headers not used, each with the one that was used because it means the same.
    unclear : tuple of str
        Headers and titles that name a unit which is not understood.
    blocks : tuple of Block
        Members that stand side by side in the household's row.
    """

    table: str
    start: int
    columns: dict[int, Header]
    labels: dict[int, str]
    unknown: tuple[str, ...]
    factor: int | Fraction
    height: int = 1
    states_fen: bool = False
    twins: tuple[tuple[str, str], ...] = ()
    unclear: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()

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
        If two headers of it mean the same column, or a unit is not understood.
    """
    return _checked(sheet, _laid_out(sheet, table))


def _checked(sheet: Sheet, layout: Layout) -> Layout:
    _refuse_twins(sheet, layout)
    if layout.unclear:
        column = next(h.column for h in layout.columns.values() if h.column.dtype == "money")
        raise TableError(
            "table.unit",
            place=f"{sheet.source} [{sheet.name}]" if sheet.source else sheet.name,
            headers="、".join(layout.unclear),
            title=column.title,
        )
    return layout


def _laid_out(sheet: Sheet, table: str) -> Layout:
    searched = sheet.head(1 if sheet.kind == "frame" else _SEARCHED_ROWS)
    rows = [[_label(cell) for cell in row] for row in searched]
    words = [["" if looks_like_data(cell) else cell for cell in row] for row in rows]
    is_data = [any(map(looks_like_data, row)) for row in searched]
    best: tuple[int, int, int] = (0, 0, 1)
    for height in range(1, min(_TALLEST_HEADER, len(rows)) + 1):
        for top in range(len(rows) - height + 1):
            if height > 1 and any(is_data[top : top + height]):
                continue
            block = words[top : top + height]
            found = len({h.column.name for h in _matches(block, table).values()})
            if found > best[0] and _is_header(block, table):
                best = (found, top, height)
    _, top, height = best
    while top + height < len(rows) and not is_data[top + height] and _goes_on(rows, top, height, table):
        height += 1
    name = "" if sheet.kind == "frame" else sheet.name
    return _layout(rows, top, height, table, name)


def _layout(rows: list[list[str]], top: int, height: int, table: str, name: str) -> Layout:
    block = rows[top : top + height]
    blocks = find_blocks(block) if table == "households" else []
    folded = {place for found in blocks for place in found}
    columns = {at: header for at, header in _matches(block, table).items() if at not in folded}
    labels = {place: _written(block, place) for place in range(len(block[0]) if block else 0)}
    titles = {text: title_units(text) for text in (" ".join(filter(None, row)) for row in rows[:top])}
    titles[name] = titles.get(name, set()) | _units_of_name(name)
    stated = {unit for units in titles.values() for unit in units}
    unknown = tuple(
        label for place, label in labels.items() if label and place not in columns and place not in folded
    )
    twins = _spare_twins(columns, labels)
    columns = {place: header for place, header in columns.items() if place not in twins}
    unclear = [labels[place] for place, header in columns.items() if header.is_unclear]
    money = {place for place, h in columns.items() if h.column.dtype == "money"}
    if money and (len(stated) > 1 or any(unit.is_unclear for unit in stated)):
        unclear += [title for title, units in titles.items() if units]
    unit = stated.pop() if len(stated) == 1 else Unit(None)
    if unit.in_fen:
        columns |= {at: replace(columns[at], in_fen=True) for at in money if columns[at].factor is None}
    return Layout(
        table=table,
        start=top + height,
        columns=columns,
        labels=labels,
        unknown=unknown,
        factor=unit.factor or 1,
        height=height,
        states_fen=unit.in_fen,
        twins=tuple((labels[spare], labels[used]) for spare, used in twins.items()),
        unclear=tuple(unclear),
        blocks=tuple(blocks),
    )


def _units_of_name(name: str) -> set[Unit]:
    """Return the units that a sheet's name states; 分 may be a part of something, so that is asked."""
    return {
        Unit(None, is_unclear=True) if unit.in_fen and "单位" not in name else unit
        for unit in title_units(name)
    }


def _goes_on(rows: list[list[str]], top: int, height: int, table: str) -> bool:
    """Return whether the row below a header belongs to it: without an id, it names columns or units."""
    upper, row = rows[top : top + height], rows[top + height]
    columns = _matches(upper, table)
    if height >= _TALLEST_HEADER or not columns or not any(row):
        return False
    required = {c.name for c in DICTIONARY[table].values() if c.required}
    ids = [place for place, header in columns.items() if header.column.name in required]
    if not ids or any(row[place] for place in ids):
        return False
    if any(_is_unit(cell) for cell in row if cell):
        return True
    return any(cell and match(table, cell) for cell in row) or any(
        row[place] and not _written(upper, place) and any(row[:place]) for place in range(len(row))
    )


def _is_unit(cell: str) -> bool:
    inside = re.fullmatch(r"[(]?(.+?)[)]?", normalised(cell))
    return inside is not None and unit_of([inside[1]]) not in (None, Unit(None))


def _is_header(block: list[list[str]], table: str) -> bool:
    """Return whether all rows of a block are header: a record below one would be lost with it."""
    if len(block) == 1:
        return True
    required = {c.name for c in DICTIONARY[table].values() if c.required}
    places = [place for place, header in _matches(block, table).items() if header.column.name in required]
    return all(
        not row[place] or match(table, row[place]) or match(table, "".join(row[place] for row in block))
        for row in block[1:]
        for place in places
    )


def looks_like_data(cell: object) -> bool:
    """Return whether a cell could stand in a record but hardly in a header or title.

    Examples
    --------
    >>> [looks_like_data(cell) for cell in ("户编号", "H0042", "1,234.50", "2021年医疗费用", 3, None)]
    [False, True, True, False, True, False]
    """
    if isinstance(cell, str):
        return bool(_DATUM.fullmatch(unicodedata.normalize("NFKC", cell[:_LONGEST_WORDS]).strip()))
    return not is_blank(cell)


def table_of(sheet: Sheet) -> Layout | None:
    """Return the table that a sheet holds: by its name, else the one that its header fits best.

    Raises
    ------
    TableError
        If the name says which table it is and a required column lacks.
    """
    if not len(sheet) or sheet.name in ASIDE_SHEETS:
        return None
    named = table_named(sheet.name)
    if named is not None:
        layout = _laid_out(sheet, named)
        if layout.missing:
            raise TableError(
                "table.no_column",
                place=f"{sheet.source} [{sheet.name}]" if sheet.source else sheet.name,
                missing="、".join(layout.missing),
                found=described([label for label in layout.labels.values() if label]),
            )
    else:
        laid_out = [_laid_out(sheet, table) for table in TABLES]
        fits = [layout for layout in laid_out if len(layout.columns) > 1 and not layout.missing]
        if not fits:
            return None
        layout = max(fits, key=lambda layout: len(layout.columns) + sum(map(len, layout.blocks)))
    return _checked(sheet, layout)


def _label(cell: object) -> str:
    return cell[:_LONGEST_WORDS].strip() if isinstance(cell, str) else ""


def _written(block: list[list[str]], place: int) -> str:
    return "".join(dict.fromkeys(filter(None, (row[place] for row in block))))


def _matches(block: list[list[str]], table: str) -> dict[int, Header]:
    """Match each position by its lowest words or all its words, never by words of a group above others.

    A merged header leaves blanks, so the words of a group reach over the columns to its right.
    """
    found: dict[int, Header] = {}
    groups = [""] * len(block)
    for place in range(len(block[0]) if block else 0):
        words = [row[place] for row in block if row[place]]
        header = _match(words, table)
        lowest = max((at for at, row in enumerate(block) if row[place]), default=0)
        groups = [row[place] or (groups[at] if at < lowest else "") for at, row in enumerate(block)]
        if header is not None:
            found[place] = _with_unit_above(header, groups[:lowest])
        groups = groups if lowest else [""] * len(block)
    return found


def _match(words: list[str], table: str) -> Header | None:
    bare = [cell.strip("()（）") if _is_unit(cell) else "" for cell in words[1:]]
    with_unit = [cell if not unit else f"({unit})" for cell, unit in zip(words[1:], bare, strict=True)]
    texts = [*words[-1:], "".join([*words[:1], *with_unit]), "".join(words[-2:])]
    return next(filter(None, (match(table, text) for text in texts if len(text) < 60)), None)


def _with_unit_above(header: Header, groups: list[str]) -> Header:
    """Return a header in the unit that a group above it names, where it names none itself."""
    if header.column.dtype != "money" or not any(groups):
        return header
    stated = {unit for group in groups if group for unit in group_units(group)}
    if not stated:
        return header
    own = Unit(header.factor, header.in_fen)
    unit = stated.pop() if len(stated) == 1 else Unit(None, is_unclear=True)
    clash = own not in (Unit(None), unit)
    return replace(
        header,
        factor=unit.factor,
        in_fen=unit.in_fen,
        is_unclear=header.is_unclear or unit.is_unclear or clash,
    )


def _spare_twins(columns: dict[int, Header], labels: dict[int, str]) -> dict[int, int]:
    """Return the places that are not needed, each with the place that means the same and is used.

    Which of two amounts or districts counts is not ours to say; of two ids the one named 户编号 is.
    """
    spare: dict[int, int] = {}
    for column in {header.column.name: header.column for header in columns.values()}.values():
        places = [place for place, header in columns.items() if header.column.name == column.name]
        titled = [place for place in places if normalised(labels[place]) == normalised(column.title)]
        is_id = column.name == "household_id" and len(titled) == 1
        if is_id or not (column.required or column.dtype in ("money", "district", "id")):
            used = (titled or places)[0]
            spare |= {place: used for place in places if place != used}
    return spare


def _refuse_twins(sheet: Sheet, layout: Layout) -> None:
    counts = Counter(header.column.name for header in layout.columns.values())
    for name, count in counts.items():
        if count > 1:
            twins = {place: h.column for place, h in layout.columns.items() if h.column.name == name}
            raise TableError(
                "table.two_columns",
                place=f"{sheet.source} [{sheet.name}]" if sheet.source else sheet.name,
                headers="、".join(layout.labels[place] for place in twins),
                title=next(iter(twins.values())).title,
            )


def described(cells: list[str]) -> str:
    """Return a row's words for an error: as headers are written, but veiled if they look like a record."""
    is_record = any(looks_like_data(cell) for cell in cells)
    return "、".join(cell[:1] + "…" if is_record else cell for cell in cells)[:300]


def similar_header(labels: list[str], table: str) -> str:
    """Return a header of `table` that is most like one of `labels`, for a hint; empty if none is."""
    titles = [title for c in DICTIONARY[table].values() for title in (c.title, *c.headers)]
    for label in (label[:_LONGEST_WORDS] for label in labels):
        if match(table, label):
            continue
        bare = re.sub(r"[(][^()]*[)]$", "", normalised(label))
        near = get_close_matches(bare, titles, n=1, cutoff=0.6)
        if near:
            return f"{label} → {near[0]}"
    return ""
