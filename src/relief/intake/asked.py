"""Columns that a call asks for by their header, beside those of the dictionary.

In    the layout of a sheet of households, and headers with the kind of cell below each
Out   the layout with these columns in it, read and checked like any other

A cap, a group, a weight: what they are called is the caller's affair, so the dictionary does not
know them. A header of the dictionary is left to it; one that is nowhere is an error that names
the nearest.
"""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from relief.columns import Column, Header, match, normalised
from relief.errors import TableError
from relief.messages import LANGUAGES, say
from relief.units import Unit, unit_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from relief.intake.headers import Layout

__all__ = ["check_asked", "column_asked", "widened"]

_TABLE = "households"


def widened(layout: Layout, also: Mapping[str, str]) -> Layout:
    """Return a layout with the columns of some headers in it.

    Parameters
    ----------
    layout : Layout
        Of a sheet of households; any other is returned as it is.
    also : mapping of str to str
        Kind of cell by header: ``"money"`` or ``"text"``.

    Raises
    ------
    TableError
        If a header names a unit that is not understood.
    """
    if layout.table != _TABLE:
        return layout
    for header, dtype in also.items():
        place = _place(layout, header)
        if place is not None and place not in layout.columns:
            written = layout.labels[place]
            columns = layout.columns | {place: _header(layout, header, written, dtype)}
            unknown = tuple(label for label in layout.unknown if label != written)
            layout = replace(layout, columns=columns, unknown=unknown)
    return layout


def check_asked(also: Iterable[str], layouts: Iterable[Layout]) -> None:
    """Raise TableError for a header that no sheet of households has, with the nearest that one has."""
    sheets = [layout for layout in layouts if layout.table == _TABLE]
    labels = list(dict.fromkeys(label for sheet in sheets for label in sheet.labels.values() if label))
    for header in also:
        if not any(_place(sheet, header) is not None for sheet in sheets):
            raise TableError("asked.no_column", header=header, found="、".join(labels)[:300],
                             **_near(header, labels))  # fmt: skip


def _near(header: str, labels: Iterable[str]) -> dict[str, str]:
    """Return the header most like one, for words of two or three characters too."""
    bare = [re.sub(r"[(（][^()（）]*[)）]$", "", label) for label in labels]
    near = get_close_matches(header, bare, n=1, cutoff=0.4)
    return {f"near_{lang}": say("near", lang, word=near[0]) if near else "" for lang in LANGUAGES}


def column_asked(header: str, dtype: str) -> str:
    """Return the name of the frame's column that a header became.

    Raises
    ------
    TableError
        If it is a column of the dictionary that holds another kind, or who somebody is.
    """
    known = match(_TABLE, header)
    if known is None:
        return header
    column = known.column
    if column.is_personal or (dtype == "money" and column.dtype != "money"):
        raise TableError("asked.personal" if column.is_personal else "asked.no_money", header=header)
    return column.name


def _place(layout: Layout, header: str) -> int | None:
    """Return where a header stands: as written, without its unit, or as the dictionary's own."""
    wanted, known = normalised(header), match(_TABLE, header)
    for place, label in layout.labels.items():
        written = normalised(label)
        if wanted in (written, re.sub(r"[(][^()]*[)]$", "", written)):
            return place
    columns = layout.columns.items()
    return next((at for at, found in columns if known and found.column.name == known.column.name), None)


def _header(layout: Layout, name: str, written: str, dtype: str) -> Header:
    is_money = dtype == "money"
    column = Column(
        table=_TABLE, name=name, title=written, headers=(), dtype=dtype, unit="fen" if is_money else "",
        required=False, minimum=0 if is_money else None, choices={}, none_is_zero=False,
        is_personal=False, description="", description_zh="",
    )  # fmt: skip
    if not is_money:
        return Header(column, None, in_fen=False)
    unit = unit_of(re.findall(r"[(]([^()]*)[)]", normalised(written))) or Unit(None)
    if unit.is_unclear:
        raise TableError("table.unit", place=layout.table, headers=written, title=name)
    in_fen = unit.in_fen or normalised(written).endswith("_fen") or (layout.states_fen and not unit.factor)
    factor = 1 if normalised(written).endswith("_yuan") else unit.factor
    return Header(column, None if in_fen else factor, in_fen)
