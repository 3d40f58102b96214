"""What reading changed of what stood in the sheets, counted: units, days, widths, rows left out, synonyms.

In    the cells of a column beside what was read of them; a sheet, its layout and its notices
Out   `Change`: a code, where, and how often; never a value, so that a record may hold it
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.messages import mask, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from relief.columns import Header
    from relief.intake.headers import Layout
    from relief.messages import Language
    from relief.money import Factor
    from relief.sheets.faults import Fault
    from relief.sheets.sheet import Cells

__all__ = ["Change", "changes_of_cells", "changes_of_sheet", "summed", "told_changes"]

_TEXTS = frozenset({"id", "name", "id_number", "account", "text"})
_NOT_PLAIN = re.compile(r"[^0-9.\-]")
_LONGEST = 16  # 15 digits and a dot
_NUMBERS = frozenset({"count", "area", "money"})
_DIGIT = re.compile(r"\d")
_SERIAL = re.compile(r"\s*\d{5}(\.\d+)?\s*")
_UNIT = re.compile(r"[百佰千仟万萬亿億角]")
# Notices that say what reading did, each with what it counts: its fact, or itself.
_TOLD = {
    "notice.footer": "", "notice.repeated_header": "", "notice.example": "", "notice.tall_header": "",
    "notice.merged": "count", "notice.unfolded": "count", "notice.mapped": "", "notice.hidden_sheet": "",
    "notice.hidden_rows": "count", "notice.hidden_columns": "count", "warning.twin": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One kind of change to one column, or to the rows of one table.

    Attributes
    ----------
    code : str
        Sentence ``change.<code>`` of ``sentences/changes.toml``.
    table, column : str
        Names of the dictionary; `column` is empty where rows or sheets are meant.
    header : str
        As it stands in the sheet.
    count : int
        Cells, rows, columns or sheets.
    detail : str
        The unit, or the column that a header was taken for.
    """

    code: str
    table: str
    column: str = ""
    header: str = ""
    count: int = 1
    detail: str = ""

    def sentence(self, lang: Language = "zh") -> str:
        """Return what was done, as a sentence."""
        facts = {"header": self.header or self.column, "count": self.count, "detail": self.detail}
        table = say(f"table.{self.table}", lang) if self.table else ""
        return say(f"change.{self.code}", lang, table=table, **facts)

    def plain(self) -> dict[str, object]:
        """Return it as plain data for a record."""
        parts = {
            "table": self.table,
            "column": self.column,
            "header": mask(self.header),
            "detail": self.detail,
        }
        return {"change": self.code, "count": self.count, **{k: v for k, v in parts.items() if v}}


def summed(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Add up what is of one kind, in an order that no sheet's place decides."""
    counts: Counter[tuple[str, ...]] = Counter()
    for c in changes:
        counts[c.table, c.column, c.code, c.header, c.detail] += c.count
    return tuple(
        Change(code, table, column, header, count, detail)
        for (table, column, code, header, detail), count in sorted(counts.items())
    )


def told_changes(faults: Iterable[Fault]) -> Iterator[Change]:
    """Yield what was done, as notices tell it."""
    for fault in faults:
        if fault.code in _TOLD:
            count = int(str(fault.facts.get(_TOLD[fault.code], 1)))
            yield Change(fault.code.partition(".")[2], fault.table, fault.column, fault.header, count)


def changes_of_sheet(layout: Layout, faults: Iterable[Fault]) -> Iterator[Change]:
    """Yield what was done with a sheet's rows, as its findings tell, and with its headers."""
    yield from told_changes(faults)
    for place, header in layout.columns.items():
        column, label = header.column, layout.labels[place]
        # The template marks what must be there by a star: its own headers are no synonyms.
        if label and label.lstrip("*") not in (column.title, column.name):
            yield Change("synonym", layout.table, column.name, label, 1, column.title)


def changes_of_cells(
    cells: Cells, header: Header, label: str, values: Any, factor: Factor
) -> Iterator[Change]:
    """Yield what was done to the cells of one column on the way to its values."""
    column = header.column
    worth: Factor = 0 if header.in_fen else header.factor or factor
    if column.dtype in _TEXTS:
        counts = _of_texts(cells, values)
    elif column.dtype == "money" and not header.in_fen:
        counts = _of_amounts(cells, values, worth)
    else:
        counts = _of_words(cells, values, column.dtype)
    for code, count in counts.items():
        detail = str(worth) if code == "unit" else ""
        if count:
            yield Change(code, column.table, column.name, label, count, detail)


def _of_texts(cells: Cells, texts: Any) -> dict[str, int]:
    if texts is cells:
        return {}
    pairs = list(zip(cells, texts, strict=True))
    return {
        "width": sum(isinstance(a, str) and b is not None and a != b for a, b in pairs),
        "number_as_text": sum(isinstance(a, (int, float)) and b is not None for a, b in pairs),
    }


def _of_amounts(cells: Cells, values: Any, worth: Factor) -> dict[str, int]:
    read = cells[~np.asarray(values.isna())]
    kinds = set(map(type, read))
    texts = read.tolist() if kinds == {str} else [cell for cell in read if isinstance(cell, str)]
    digits = "".join(texts).replace(".", "").replace("-", "")
    is_plain = not digits or (digits.isascii() and digits.isdecimal())
    own = [] if is_plain else [text for text in texts if _NOT_PLAIN.search(text)]
    named = sum(_UNIT.search(text) is not None for text in own)
    units = sum("元" in text or _UNIT.search(text) is not None for text in own)
    is_long = not own and max(map(len, texts), default=0) > _LONGEST
    long = sum(len(text) > _LONGEST for text in texts) if is_long else 0
    return {
        "unit": len(read) - units if worth != 1 else 0,
        "unit_in_cell": named,
        "amount_text": len(own) - named,
        "fifteen_digits": long + (_beyond(read, float(100 * worth)) if float in kinds else 0),
    }


def _beyond(cells: Cells, scale: float) -> int:
    """Count the floats that are not the nearest to a whole number of fen."""
    floats = np.array([cell for cell in cells if isinstance(cell, float)], dtype=np.float64)
    return int(np.count_nonzero(np.rint(floats * scale) / scale != floats))


def _of_words(cells: Cells, values: Any, dtype: str) -> dict[str, int]:
    """Count what each distinct cell became; of numbers only those written without a digit."""
    if dtype == "flag" or (dtype in _NUMBERS and not any(map(_is_word, set(cells)))):
        return {}
    codes, distinct = pd.factorize(cells, use_na_sentinel=True)
    places = np.flatnonzero(codes >= 0)
    first = np.zeros(len(distinct), dtype=np.intp)
    first[codes[places][::-1]] = places[::-1]
    times = np.bincount(codes[places], minlength=len(distinct))
    found: Counter[str] = Counter()
    for code, cell in enumerate(distinct):
        kind = _became(cell, values, int(first[code]), dtype)
        if kind:
            found[kind] += int(times[code])
    return found


def _is_word(cell: Any) -> bool:
    return isinstance(cell, str) and not _DIGIT.search(cell)


def _became(cell: Any, values: Any, at: int, dtype: str) -> str:
    """Return what was done to a cell on the way to its value at a place, empty where nothing was."""
    if isinstance(cell, dt.date) or (dtype != "date" and not isinstance(cell, str)) or pd.isna(values[at]):
        return ""
    if dtype in _NUMBERS:
        return "zero" if _is_word(cell) else ""
    if dtype == "date":
        is_serial = isinstance(cell, (int, float)) or _SERIAL.fullmatch(cell)
        return "date_serial" if is_serial else "" if cell == f"{values[at]:%Y-%m-%d}" else "date_text"
    plain = unicodedata.normalize("NFKC", cell).strip()
    if dtype in ("choice", "label") and plain != values[at]:
        return "word"
    return "width" if cell != plain else ""
