"""What a masked report holds back: the names, numbers, papers and free texts of each household.

In    the tables of a round
Out   `Hiding`, which takes a household's own words out of a text about it

By construction a masked report is given no cell of a personal column. This is the second wall:
a formula or message that quotes a cell of free text loses it, whatever column a pack reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from relief.columns import DICTIONARY

if TYPE_CHECKING:
    from relief.intake.tables import Tables

__all__ = ["HIDDEN", "Hiding"]

HIDDEN = "●●"
# Words from short lists that stand for kinds of papers and answers, and what a notice may show anyway.
_TOLD = {
    "households": {"district", "union_name", "residence", "applicant_id_kind"},
    "members": {"relation", "id_kind", "sex"},
    "documents": {"kind", "care", "bill"},
    "registry": {"kind", "source"},
    "rulings": {"rule_id"},
    "history": {"programme", "round"},
}
_TEXTS = frozenset({"text", "name", "id_number", "account", "label", "choice", "id"})
_LEAST, _LEAST_DIGITS = 2, 5


class Hiding:
    """The words of each household that its texts must not hold.

    Parameters
    ----------
    tables : Tables
        Everything that was read.
    """

    def __init__(self, tables: Tables) -> None:
        self._words: dict[str, set[str]] = {}
        for table, frame in tables.frames.items():
            if "household_id" not in frame:
                continue
            owners = frame["household_id"].astype(object).tolist()
            for name in frame.columns:
                if is_hidden(table, str(name)):
                    self._gather(owners, frame[name])

    def _gather(self, owners: list[object], cells: pd.Series[Any]) -> None:
        days = pd.api.types.is_datetime64_any_dtype(cells.dtype)
        known = cells.notna().tolist()
        for owner, cell, is_known in zip(owners, cells.astype(object).tolist(), known, strict=True):
            if is_known:
                word = str(cell)[:10] if days else str(cell).strip()
                if len(word) >= (_LEAST_DIGITS if word.isdigit() else _LEAST):
                    self._words.setdefault(str(owner), set()).add(word)

    def text(self, household: str, text: str) -> str:
        """Return a text about a household without its words."""
        words = [word for word in self._words.get(household, ()) if word in text]
        for word in sorted(words, key=len, reverse=True):
            text = text.replace(word, HIDDEN)
        return text

    def quotes(self, household: str, text: str) -> bool:
        """Return whether a text holds a word of the household."""
        return any(word in text for word in self._words.get(household, ()))


def is_hidden(table: str, name: str) -> bool:
    """Return whether a masked report holds back the cells of a column."""
    column = DICTIONARY.get(table, {}).get(name)
    if column is None:
        return True
    if name in _TOLD.get(table, ()):
        return False
    return column.is_personal or column.dtype in _TEXTS
