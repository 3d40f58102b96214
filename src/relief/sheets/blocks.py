"""Members written side by side in the household's row -> rows of members, as another sheet has them.

In    the words of a header in which 姓名1 关系1 姓名2 关系2 …, or 姓名 关系 姓名 关系 …, stand
Out   per block its columns; and per block the part of the sheet that holds it, laid out as members

A block is taken for one only if another like it stands beside it and both say who a person is.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from relief.columns import Header, match, normalised
from relief.sheets.footers import rows_left_out
from relief.sheets.sheet import is_blank

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relief.intake.headers import Layout
    from relief.sheets.sheet import Sheet

__all__ = ["Block", "find_blocks", "unfolded"]

Block = dict[int, tuple[Header, str]]  # position -> the column of members, and what to call it

_MEMBERS = "members"
_WHO = frozenset({"name", "id_number", "relation"})
_DIGITS = "一二三四五六七八九十"
_COUNTED = rf"(?P<number>\d{{1,2}}|[{_DIGITS}])"
_NUMBERED = (
    re.compile(rf"(?:家庭)?成员[(]?{_COUNTED}[)]?[-_:.、]*(?P<what>\D+)"),
    re.compile(rf"(?P<what>\D+?)[-_(]?{_COUNTED}[)]?"),
)


def find_blocks(block: list[list[str]]) -> list[Block]:
    """Return the repeated blocks of a header, in their order; none where there are fewer than two.

    Examples
    --------
    >>> [sorted(found) for found in find_blocks([["户编号", "姓名1", "关系1", "姓名2", "关系2"]])]
    [[1, 2], [3, 4]]
    """
    words = list(_words(block))
    for found in (_numbered(words), _repeated([lowest for _, lowest in words])):
        named = [block for block in found if _WHO & {header.column.name for header, _ in block.values()}]
        if len(named) > 1:
            return named
    return []


def _words(block: list[list[str]]) -> Iterator[tuple[str, str]]:
    """Yield per position the word of the group above it, which reaches to its right, and its own."""
    group = ""
    for place in range(len(block[0]) if block else 0):
        column = [row[place] for row in block if row[place]]
        is_below = bool(column) and not block[0][place]
        group = "".join(column[:-1]) or (group if is_below else "")
        yield group, column[-1] if column else ""


def _member(word: str) -> Header | None:
    header = match(_MEMBERS, word) if word and len(word) < 60 else None
    return None if header is None or header.column.name == "household_id" else header


def _numbered(words: list[tuple[str, str]]) -> list[Block]:
    """Return blocks told apart by a number in each header, or in the group above them."""
    found: dict[int, Block] = {}
    for place, (group, word) in enumerate(words):
        for text in (word, f"{group}{word}"):
            told = next(filter(None, (form.fullmatch(normalised(text)) for form in _NUMBERED)), None)
            header = _member(told["what"]) if told else None
            if told and header:
                number = told["number"]
                at = int(number) if number.isdigit() else _DIGITS.index(number) + 1
                found.setdefault(at, {})[place] = (header, text)
                break
    return [found[number] for number in sorted(found)]


def _repeated(words: list[str]) -> list[Block]:
    """Return blocks that are told apart only by standing in a row: the same words at one distance."""
    headers = [_member(word) for word in words]
    related = [at for at, found in enumerate(headers) if found and found.column.name == "relation"]
    if len(related) < 2:
        return []
    size = related[1] - related[0]
    before = range(related[0], max(related[0] - size, -1), -1)
    first = next((at for at in before if (found := headers[at]) and found.column.name == "name"), related[0])
    starts = [first + size * at for at in range(len(related))]
    shape = [normalised(word) for word in words[first : first + size]]
    while shape and not shape[-1]:
        shape.pop()
    if any([normalised(word) for word in words[at : at + len(shape)]] != shape for at in starts):
        return []
    return [
        {
            at: (header, f"{words[at]}（{count}）")
            for at in range(start, start + len(shape))
            if (header := headers[at]) is not None
        }
        for count, start in enumerate(starts, 1)
    ]


def unfolded(sheet: Sheet, layout: Layout) -> Iterator[tuple[Sheet, Layout]]:
    """Yield the part of a sheet that holds a block, with its layout, for each; rows without one left out."""
    key = next((at for at, found in layout.columns.items() if found.column.name == "household_id"), None)
    own = match(_MEMBERS, "household_id")
    if key is None or own is None or not layout.blocks:
        return
    aside = rows_left_out(sheet, layout)
    body = [at for at in range(layout.start, len(sheet)) if at not in aside]
    for block in layout.blocks:
        filled = [at for at in body if any(not is_blank(sheet.columns[place][at]) for place in block)]
        columns = tuple(sheet.columns[place][filled] for place in (key, *block))
        part = replace(sheet, columns=columns, rows=sheet.rows[np.array(filled, dtype=np.intp)], merged=())
        titles = [text for _, text in block.values()]
        yield (
            part,
            replace(
                layout,
                table=_MEMBERS,
                start=0,
                height=0,
                columns=dict(enumerate([own, *(header for header, _ in block.values())])),
                labels=dict(enumerate([layout.labels[key], *titles])),
                unknown=(),
                twins=(),
                blocks=(),
            ),
        )
