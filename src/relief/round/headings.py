"""What each column of a round's files holds, in words.

In    the headers of the files, and what the pack calls its amounts
Out   a block of lines per file, for ``说明.txt``; docs/round-folder.md is printed from the same sentences

A column that means the same in every file has one sentence, ``folder.column.<name>``; where it means
something else in one of them, ``folder.column.<file>.<name>`` goes before it.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from relief.messages import catalogue, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from relief.messages import Language

__all__ = ["heading_lines"]

_FROM_SOURCE = re.compile(r"from_(?P<source>.*)_yuan", re.DOTALL)


def heading_lines(
    files: Mapping[str, bytes], claim: str, amounts: Mapping[str, str], lang: Language
) -> Iterator[str]:
    """Yield the name of each CSV, then below it each of its columns with what it holds.

    Parameters
    ----------
    files : mapping of str to bytes
        By name; those that are no CSV are passed over.
    claim : str
        What the fund is divided by, as the pack calls it.
    amounts : mapping of str to str
        What the pack calls its measures and benefits, by their columns in ``decisions.csv``.
    lang : {'zh', 'en'}
    """
    for name, data in files.items():
        table, _, ending = name.rpartition(".")
        if ending != "csv":
            continue
        yield f"  {name}"
        own = amounts if table == "decisions" else {}
        for column in next(csv.reader(io.TextIOWrapper(io.BytesIO(data), "utf-8", newline=""))):
            yield f"    {column}  {own.get(column) or _meaning(table, column, claim, lang)}"


def _meaning(table: str, column: str, claim: str, lang: Language) -> str:
    code = f"folder.column.{table}.{column}"
    if code in catalogue():
        return say(code, lang, claim=claim)
    code = f"folder.column.{column}"
    if code in catalogue():
        return say(code, lang, claim=claim)
    # Any other column is one that a source of the fund pays from.
    paid = _FROM_SOURCE.fullmatch(column)
    return say("folder.column.from_source", lang, source=paid["source"] if paid else column)
