"""A paper as data: what it says, in order, before anything decides how it looks.

In    texts and tables, already worded in the paper's language
Out   `Paper`, which `docx`, `html` and `pdf` each show in full
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from unicodedata import east_asian_width

if TYPE_CHECKING:
    from relief.messages import Language

__all__ = ["Block", "Cell", "Form", "Grid", "Heading", "Paper", "Text", "TextKind", "plain", "shares"]

TextKind = Literal["body", "strong", "note", "right", "code"]
CellKind = Literal["label", "text", "number"]

# What no file format takes, or what turns the order of the characters that follow.
_UNSHOWN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_PADDING, _WIDEST = 2, 28


@dataclass(frozen=True)
class Heading:
    """A heading within a paper; level 1 stands below the title, 0 is the title of a paper within it."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Text:
    """A paragraph; a line break in it stays one.

    `kind` is ``body``, ``strong``, ``note`` (small), ``right`` (date, signature) or ``code`` (to be compared
    letter by letter: centred, every letter as wide as the next).
    """

    text: str
    kind: TextKind = "body"


@dataclass(frozen=True)
class Grid:
    """A table: the header repeats on every page, `numbers` are columns set to the right."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = frozenset()
    total: tuple[str, ...] | None = None

    @property
    def lines(self) -> tuple[tuple[str, ...], ...]:
        """The rows, and the total last where there is one."""
        return self.rows if self.total is None else (*self.rows, self.total)


@dataclass(frozen=True)
class Cell:
    """One cell of a form: its text, over how many columns and rows it reaches, how the text stands."""

    text: str
    columns: int = 1
    rows: int = 1
    kind: CellKind = "text"


@dataclass(frozen=True)
class Form:
    """A table as official forms have it: labels and answers in cells over several columns and rows.

    `widths` are those of the columns beside each other; each row has the cells that begin in it.
    """

    caption: str
    widths: tuple[int, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def laid(self) -> tuple[tuple[tuple[int, Cell, bool], ...], ...]:
        """Per row every cell that covers a part of it: its first column, the cell, whether it begins there.

        Raises
        ------
        ValueError
            If the cells do not fill the rows, or more.
        """
        reaching: dict[int, tuple[Cell, int]] = {}
        laid = []
        for cells in self.rows:
            waiting, row, column = list(cells), [], 0
            while column < len(self.widths):
                cell, rows_left = reaching.pop(column, (None, 0))
                begins = cell is None
                if cell is None:
                    cell = waiting.pop(0) if waiting else Cell("", len(self.widths) + 1)
                    rows_left = cell.rows
                row.append((column, cell, begins))
                if rows_left > 1:
                    reaching[column] = (cell, rows_left - 1)
                column += cell.columns
            if waiting or column > len(self.widths):
                raise ValueError("the cells of a form do not fill its rows")
            laid.append(tuple(row))
        return tuple(laid)


Block = Heading | Text | Grid | Form


@dataclass(frozen=True)
class Paper:
    """A paper for people.

    Attributes
    ----------
    title : str
    blocks : tuple of Heading, Text, Grid or Form
    lang : {'zh', 'en'}
    dated : str
        ISO date that the paper bears; files are stamped with it, never with the clock.
    landscape : bool
        For wide tables.
    new_page : frozenset of int
        Places of blocks that begin a page: the letters of one file.
    """

    title: str
    blocks: tuple[Block, ...]
    lang: Language
    dated: str
    landscape: bool = False
    new_page: frozenset[int] = frozenset()


def plain(text: str) -> str:
    r"""Return a text without the characters that no paper can show; line breaks stay.

    Examples
    --------
    >>> plain("王\x00小\u202e明")
    '王小明'
    """
    return _UNSHOWN.sub("", text)


def shares(grid: Grid) -> tuple[int, ...]:
    """Return how wide each column is beside the others, by its longest text and the space around it.

    A Chinese character counts 2.

    Examples
    --------
    >>> shares(Grid("", ("姓名", "所属工会"), (("欧阳*", "江门市第一建筑有限公司工会"),)))
    (7, 28)
    """
    columns = zip(*((grid.header, *grid.lines)), strict=True)
    return tuple(min(_WIDEST, _PADDING + max(map(_width, column))) for column in columns)


def _width(text: str) -> int:
    return max(
        (sum(2 if east_asian_width(c) in "WF" else 1 for c in line) for line in text.split("\n")), default=0
    )
