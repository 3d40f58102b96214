"""Households copied, each copy a household of its own, so that each can be judged as if a fact were another.

In    tables, the household of each copy
Out   `Copies`: tables of the copies, numbered from zero, and where each row came from
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.intake.tables import Tables

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Copier", "Copies"]

_NOWHERE = np.array([], dtype=np.int64)


@dataclass(frozen=True)
class Copies:
    """Copied households.

    Attributes
    ----------
    tables : Tables
        The id of a household is the number of its copy, as text.
    numbers, rows : dict of str to ndarray
        By table, for each of its rows the number of the copy and the position of the row copied.
    """

    tables: Tables
    numbers: dict[str, Any]
    rows: dict[str, Any]

    def moved(self, table: str) -> dict[tuple[int, int], int]:
        """Return where the copies of the rows stand, by number and position of the row copied."""
        pairs = zip(self.numbers[table].tolist(), self.rows[table].tolist(), strict=True)
        return {pair: at for at, pair in enumerate(pairs)}


class Copier:
    """Copies households of some tables; where the rows of each stand is looked up once."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._own = {
            table: frame.groupby("household_id", sort=False).indices
            for table, frame in tables.frames.items()
            if "household_id" in frame
        }

    def copies(self, households: Sequence[Any]) -> Copies:
        """Return the rows of households, once for each time that one is named."""
        frames, origins, numbers, rows = {}, {}, {}, {}
        for table, own in self._own.items():
            places = [own.get(household, _NOWHERE) for household in households]
            numbers[table] = np.repeat(np.arange(len(places)), [len(at) for at in places])
            rows[table] = np.concatenate([_NOWHERE, *places])
            copied = self._tables[table].iloc[rows[table]].reset_index(drop=True)
            ids = numbers[table].astype(str).astype(object)
            frames[table] = copied.assign(household_id=pd.Series(ids, dtype=object))
            origins[table] = pd.DataFrame({"source": "", "sheet": "", "row": np.arange(1, len(ids) + 1)})
        return Copies(Tables(frames, origins), numbers, rows)
