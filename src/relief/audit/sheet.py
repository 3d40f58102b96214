"""One sheet of the workbook: writing cells, and naming them in formulas.

In    an XlsxWriter workbook, a worksheet to fill
Out   cells; text from outside that no program takes for a formula
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from relief.celltext import cell_text
from relief.messages import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relief.messages import Language

__all__ = ["FIRST_ROW", "HEAD_ROW", "Book", "Sheet", "lines_of"]

HEAD_ROW, FIRST_ROW = 7, 8
"""Where households are listed, their headers and the first of them: row n is one household on every sheet."""

_A4 = 9
_EDGE = {"border": 1, "border_color": "#BFBFBF", "valign": "vcenter"}
_HEAD = {"bold": True, "text_wrap": True, "align": "center", "bg_color": "#DDEBF7"}
_LOOKS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14},
    "note": {"text_wrap": True, "valign": "top", "font_color": "#595959"},
    "aside": {"font_color": "#595959"},
    "warning": {"text_wrap": True, "valign": "top", "bold": True, "font_color": "#9C0006"},
    "head": {**_HEAD, **_EDGE},
    # Outside text keeps its look and its apostrophe when somebody edits the cell.
    "outside": {"num_format": "@", "quote_prefix": True, **_EDGE},
    "wrapped": {**_EDGE, "num_format": "@", "quote_prefix": True, "text_wrap": True, "valign": "top"},
    "shown": _EDGE,
    "said": {"text_wrap": True, **_EDGE},
    "asked_yuan": {"num_format": "#,##0.00", "bg_color": "#FFF2CC", **_EDGE},
    "asked_word": {"align": "center", "bg_color": "#FFF2CC", **_EDGE},
    "yuan": {"num_format": "#,##0.00", **_EDGE},
    "total_yuan": {"num_format": "#,##0.00", "bold": True, **_EDGE},
    "whole": {"num_format": "#,##0", **_EDGE},
    "total_whole": {"num_format": "#,##0", "bold": True, **_EDGE},
    "total": {"bold": True, **_EDGE},
    "if_any": {"num_format": '[>=1000000000000]"—";[<0]"";#,##0', "align": "right", **_EDGE},
    "share": {"num_format": "0.000000", **_EDGE},
    "percent": {"num_format": "0.00%", **_EDGE},
    "yes_if_one": {"num_format": '"✓";;""', "align": "center", **_EDGE},
    "fixes": {"align": "center", **_EDGE},
    "held": {"align": "center", **_EDGE},
    "state": {"align": "center", **_EDGE},
    "truth": {"align": "center", "bold": True, "font_color": "#006100", **_EDGE},
}
"""Looks of cells by name: a yellow one is there to be changed."""
_WORDED = {"fixes": "audit.format.fixes", "held": "audit.format.held"}
"""Numbers that are shown as words."""


@dataclass(eq=False)
class Book:
    """A workbook being written.

    Attributes
    ----------
    book : xlsxwriter.Workbook
    lang : {'zh', 'en'}
    rows : int
        Households.
    """

    book: Any
    lang: Language
    rows: int
    _looks: dict[str, Any] = field(default_factory=dict)

    def look(self, name: str) -> Any:
        """Return the format of a name, made once."""
        if name not in self._looks:
            words = {"num_format": self.say(_WORDED[name])} if name in _WORDED else {}
            self._looks[name] = self.book.add_format(_LOOKS[name] | words)
        return self._looks[name]

    def say(self, code: str, **facts: object) -> str:
        """Return a sentence in the workbook's language."""
        return say(code, self.lang, **facts)

    def sheet(self, name: str) -> Sheet:
        """Add the sheet of a name."""
        title = self.say(f"audit.sheet.{name}")
        sheet = Sheet(self, title, self.book.add_worksheet(title))
        sheet.at.set_landscape()
        sheet.at.set_paper(_A4)
        sheet.at.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.at.set_footer(f"&L{title}&R&P / &N")
        sheet.at.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        return sheet


@dataclass(eq=False)
class Sheet:
    """One sheet: cells are named by letters and rows as people see them, from A and 1."""

    book: Book
    title: str
    at: Any

    @property
    def last_row(self) -> int:
        """The last household's row; one is kept where there are none."""
        return FIRST_ROW + max(1, self.book.rows) - 1

    def cell(self, column: str, row: int) -> str:
        """Return a cell as formulas of any sheet name it."""
        return f"'{self.title}'!${column}${row}"

    def column(self, column: str, until: str = "") -> str:
        """Return a column of all households as formulas of any sheet name it; or several side by side."""
        return f"'{self.title}'!${column}${FIRST_ROW}:${until or column}${self.last_row}"

    def widths(self, widths: Sequence[float]) -> None:
        """Set how wide the columns are, from A on, in letters."""
        for place, width in enumerate(widths):
            self.at.set_column(place, place, width)

    def head(self, row: int, titles: Sequence[str]) -> None:
        """Write a row of headers."""
        for place, title in enumerate(titles):
            self.at.write_string(row - 1, place, title, self.book.look("head"))

    def said(self, cell: str, text: str, look: str = "said") -> None:
        """Write one of our own sentences."""
        self.at.write_string(cell, text, self.book.look(look))

    def outside(self, cell: str, text: object, look: str = "outside") -> None:
        """Write text that came from outside: it stays text whatever it begins with."""
        self.at.write_string(cell, cell_text(str(text)), self.book.look(look))

    def number(self, cell: str, value: float | None, look: str) -> None:
        """Write a number, or leave a cell to be filled in."""
        if value is None:
            self.at.write_blank(cell, None, self.book.look(look))
        else:
            self.at.write_number(cell, value, self.book.look(look))

    def formula(self, cell: str, formula: str, value: float | str | bool, look: str) -> None:
        """Write a formula with what it comes to."""
        self.at.write_formula(cell, f"={formula}", self.book.look(look), value)

    def wide(self, row: int, until: str, text: str, look: str, width: float) -> None:
        """Write a sentence over several columns, as high as it needs."""
        self.at.merge_range(f"A{row}:{until}{row}", text, self.book.look(look))
        self.at.set_row(row - 1, 15 * lines_of(text, width))

    def freeze(self, row: int, column: int = 1) -> None:
        """Keep what is above and before a cell on the screen, and its row of headers on each page."""
        self.at.freeze_panes(row - 1, column)
        self.at.repeat_rows(row - 2)


def lines_of(text: str, width: float) -> int:
    """Return how many lines a wrapped text takes; a Chinese character is as wide as two letters."""
    letters = (sum(2 if ord(letter) > 0x2E7F else 1 for letter in line) for line in text.split("\n"))
    return sum(max(1, -(-count // int(width))) for count in letters)
