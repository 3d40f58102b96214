"""Frames that a program hands over -> files, so that a round of them can be computed again.

In    a frame of a table, pandas or anything with a ``to_pandas`` method
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
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.columns import DICTIONARY, TABLES, match
from relief.errors import FileError, TableError
from relief.sheets.sheet import Sheet, Source, make_sheet

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ENDING", "frame_source", "read_frame_file"]

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
    data = frame.to_pandas() if hasattr(frame, "to_pandas") else frame
    if not isinstance(data, pd.DataFrame):
        raise TableError("table.no_frame", name=table, kind=type(data).__name__)
    if data.index.name is not None and match(table, str(data.index.name)):
        data = data.reset_index()
    columns = [
        {"header": str(data.columns[place]), "cells": _cells(data.iloc[:, place])}
        for place in range(data.shape[1])
    ]
    text = json.dumps(columns, ensure_ascii=False, default=_named)
    return Source(f"{table}{ENDING}", text.encode("utf-8", "surrogatepass"))


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
        cells = [np.array([*column["cells"], None], dtype=object)[:-1] for column in columns]
        headed = [
            np.concatenate([np.array([c["header"]], dtype=object), cs])
            for c, cs in zip(columns, cells, strict=False)
        ]
        rows = np.arange(len(headed[0]) if headed else 1)
        return make_sheet("", source.name.removesuffix(ENDING), headed, rows, kind="frame")
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise FileError("file.not_a_table", name=source.name, kind="JSON") from error


def _cells(column: pd.Series) -> list[Any]:
    cells = column.astype(object)
    cells[column.isna()] = None
    return [cell if type(cell) in (str, int, float, bool) else _plain(cell) for cell in cells]


def _plain(cell: Any) -> Any:
    """Return a cell as one of the kinds that the file has; anything else counts as its text."""
    if cell is None or isinstance(cell, (str, Decimal, Fraction)):
        return cell
    if isinstance(cell, (bool, np.bool_)):
        return bool(cell)
    if isinstance(cell, Integral):
        return int(cell)
    if isinstance(cell, (float, np.floating)):
        return float(cell)
    if isinstance(cell, pd.Timestamp):
        return cell.floor("us").to_pydatetime()
    return cell if isinstance(cell, dt.date) else str(cell)


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
