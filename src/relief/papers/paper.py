"""A paper as data: what it says, in order, before anything decides how it looks.

In    texts and tables, already worded in the paper's language
Out   `Paper`, which `docx`, `html` and `pdf` each show in full
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relief.messages import Language

__all__ = ["Block", "Grid", "Heading", "Paper", "Text"]


@dataclass(frozen=True)
class Heading:
    """A heading within a paper; level 1 stands below the title."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Text:
    """A paragraph; `kind` is ``body``, ``strong``, ``note`` (small) or ``right`` (date, signature)."""

    text: str
    kind: str = "body"


@dataclass(frozen=True)
class Grid:
    """A table: the header repeats on every page, `numbers` are columns set to the right."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = frozenset()
    total: tuple[str, ...] | None = None


Block = Heading | Text | Grid


@dataclass(frozen=True)
class Paper:
    """A paper for people.

    Attributes
    ----------
    title : str
    blocks : tuple of Heading, Text or Grid
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
