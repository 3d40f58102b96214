"""Frames that a program hands over -> files, so that a round of them can be computed again.

In    a frame of a table: pandas, anything that streams Arrow, anything with a ``to_pandas`` method
Out   a `Source` that holds its cells as they are, text as text and numbers as numbers; and a
      `Sheet` from such a source

JSON keeps what a CSV would blur: an id that is the text 001, a number that is no text. What
JSON has no kind for, a day or a decimal number, stands as an object that names its kind.
"""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.columns import DICTIONARY, TABLES, match
from relief.errors import FileError, ReliefError, TableError
from relief.sheets.arrow import arrow_columns, headed, is_arrow_stream
from relief.sheets.plain import plain
from relief.sheets.sheet import Sheet, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["ENDING", "cells_source", "frame_source", "read_frame_file"]

ENDING = ".frame.json"


def frame_source(table: str, frame: Any) -> Source:
    """Write a frame as a file.

    Raises
    ------
    TableError
        If there is no such table, or what was given is no frame.
    """
    if table not in DICTIONARY:
        raise TableError("table.unknown_name", name=str(table), known=", ".join(TABLES))
    if is_arrow_stream(frame) and not isinstance(frame, (pd.DataFrame, pd.Series)):
        return cells_source(table, _streamed(table, frame))
    data = frame.to_pandas() if hasattr(frame, "to_pandas") else frame
    if not isinstance(data, pd.DataFrame):
        raise TableError("table.no_frame", name=table, kind=type(data).__name__)
    if data.index.name is not None and match(table, str(data.index.name)):
        data = data.reset_index()
    headers = map(str, data.columns)
    return cells_source(table, [(name, _cells(data.iloc[:, at])) for at, name in enumerate(headers)])


def cells_source(name: str, columns: Iterable[tuple[str, list[Any]]]) -> Source:
    """Write columns of plain cells as a file, whatever their table is called where they come from."""
    content = [{"header": header, "cells": cells} for header, cells in columns]
    text = json.dumps(content, ensure_ascii=False, default=_named)
    return Source(f"{name}{ENDING}", text.encode("utf-8", "surrogatepass"))


def read_frame_file(source: Source) -> Sheet:
    """Read a file that `frame_source` wrote.

    Raises
    ------
    FileError
        If it is none.
    """
    try:
        columns = json.loads(source.data.decode("utf-8", "surrogatepass"), object_hook=_unnamed)
        if not isinstance(columns, list):
            raise TypeError(columns)
        cells = [(c["header"], np.array([*c["cells"], None], dtype=object)[:-1]) for c in columns]
        return headed("", source.name.removesuffix(ENDING), cells)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise FileError("file.not_a_table", name=source.name, kind="JSON") from error


def _streamed(table: str, frame: Any) -> list[tuple[str, list[Any]]]:
    try:
        return [(name, cells.tolist()) for name, cells in arrow_columns(frame)]
    except (TypeError, ValueError) as error:
        if isinstance(error, ReliefError):
            raise
        raise TableError("table.no_frame", name=table, kind=type(frame).__name__) from error


def _cells(column: pd.Series) -> list[Any]:
    cells = column.astype(object)
    cells[column.isna()] = None
    return [cell if type(cell) in (str, int, float, bool) else plain(cell) for cell in cells]


def _named(cell: Any) -> dict[str, str]:
    if isinstance(cell, dt.datetime):
        return {"moment": cell.isoformat()}
    return {"day": cell.isoformat()} if isinstance(cell, dt.date) else {type(cell).__name__: str(cell)}


_KINDS: dict[str, Callable[[str], Any]] = {
    "moment": dt.datetime.fromisoformat,
    "day": dt.date.fromisoformat,
    "Decimal": Decimal,
    "Fraction": Fraction,
}


def _unnamed(content: dict[str, Any]) -> Any:
    if len(content) == 1:
        ((kind, text),) = content.items()
        return _KINDS[kind](text)
    return content
