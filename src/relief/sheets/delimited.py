"""Text of separated values, in any encoding that Excel writes -> a sheet.

In    the bytes of a CSV, a TSV or an Excel "Unicode text"
Out   a `Sheet` of str

The encoding is told apart strictly: a byte order mark, then UTF-8, then GB18030. A quotation
mark that is never closed would swallow the rows after it, so cells over several lines are
looked at before they are believed.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pandas as pd

from relief.errors import FileError
from relief.sheets.sheet import MOST_COLUMNS, Cells, Sheet, Source, make_sheet

__all__ = ["decoded", "read_text_file"]

_SEPARATORS = ",\t;|"
_WRAPPED = re.compile(r'="([^"]*)"')
_ENDINGS = (".csv", ".tsv", ".txt")


def read_text_file(source: Source) -> Sheet:
    """Read a file of separated values.

    Raises
    ------
    FileError
        If it is in no known encoding or in two, is no text, or is not regular.
    """
    text, data = _decode(source)
    if "\0" in text:
        raise FileError("file.not_a_table", name=source.name, kind="binary")
    if not re.search(r"\S", text):
        raise FileError("file.empty", name=source.name)
    head = text[:20_000].splitlines()[:30]
    separator = _separator(head)
    columns = _split(source, text, data, separator, max(line.count(separator) for line in head) + 1)
    while len(columns) > 1 and not any(columns[-1]):
        columns.pop()
    if text.count("\n") > len(columns[0]):
        _refuse_swallowed_rows(source, columns, separator)
    notes = () if Path(source.name).suffix.lower() in _ENDINGS else ("note.other_ending",)
    rows = np.arange(1, len(columns[0]) + 1)
    return make_sheet(source.name, Path(source.name).stem, columns, rows, kind="text", notes=notes)


def decoded(source: Source) -> str:
    """Return the text of a file.

    Raises
    ------
    FileError
        If it is in no known encoding, or in two.
    """
    return _decode(source)[0]


def _decode(source: Source) -> tuple[str, bytes]:
    """Return the text, and the same as plain UTF-8."""
    data = source.data
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decode_as(source, "utf-16")
    plain = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return plain.decode("utf-8"), plain
    except UnicodeDecodeError as error:
        if not data.startswith(b"\xef\xbb\xbf"):
            _refuse_two_encodings(source, error.start)
            return _decode_as(source, "gb18030")
        raise FileError("file.two_encodings", name=source.name, offset=error.start) from error


def _decode_as(source: Source, encoding: str) -> tuple[str, bytes]:
    try:
        text = source.data.decode(encoding)
    except UnicodeDecodeError as error:
        raise FileError("file.encoding", name=source.name, offset=error.start) from error
    return text, text.encode()


def _refuse_two_encodings(source: Source, failed_at: int) -> None:
    """Refuse a file of which some lines are UTF-8 Chinese: GB18030 would turn them into other words."""
    offset = 0
    for line in source.data.splitlines(keepends=True):
        if not line.isascii() and _is_utf8_chinese(line):
            raise FileError("file.two_encodings", name=source.name, offset=max(failed_at, offset))
        offset += len(line)


def _is_utf8_chinese(line: bytes) -> bool:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return sum("\u4e00" <= letter <= "\u9fff" for letter in text) > 1


def _separator(head: list[str]) -> str:
    """Return the mark that parts most lines; of those the one that occurs most often in a line."""

    def weight(mark: str) -> tuple[int, int]:
        counts = [line.count(mark) for line in head]
        return sum(map(bool, counts)), max(counts)

    return max(_SEPARATORS, key=weight)


def _split(source: Source, text: str, data: bytes, separator: str, width: int) -> list[Cells]:
    """Part the text into columns; a row longer than the first ones makes all of them wider."""
    if width > MOST_COLUMNS:
        raise FileError("file.too_wide", name=source.name, width=width, most=MOST_COLUMNS)
    try:
        return _parse(data, separator, width)
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        widest = max(line.count(separator) for line in text.splitlines()) + 1
        if "Expected" in str(error) and widest > width:
            return _split(source, text, data, separator, widest)
        found = re.search(r"line (\d+)|row (\d+)", str(error))
        row = (found[1] or int(found[2]) + 1) if found else "?"
        raise FileError("file.broken_csv", name=source.name, row=row) from error


def _parse(data: bytes, separator: str, width: int) -> list[Cells]:
    parsed = pd.read_csv(
        io.BytesIO(data),
        sep=separator,
        header=None,
        names=range(width),
        index_col=False,
        dtype=object,
        na_filter=False,
        skip_blank_lines=False,
        on_bad_lines="error",
    )
    columns = [parsed[place].to_numpy() for place in range(width)]
    return [_unwrapped(column) for column in columns] if b'="' in data else columns


def _unwrapped(cells: Cells) -> Cells:
    """Return ="001" as 001: so programs keep Excel from taking a text for a number."""
    found = [_WRAPPED.fullmatch(cell) for cell in cells]
    if any(found):
        cells = cells.copy()
        cells[:] = [match[1] if match else cell for match, cell in zip(found, cells, strict=True)]
    return cells


def _refuse_swallowed_rows(source: Source, columns: list[Cells], separator: str) -> None:
    """Refuse a cell that holds lines of the table, as behind a quotation mark that is not closed."""
    for place, column in enumerate(columns):
        for at, cell in enumerate(column):
            if "\n" in cell and _holds_rows(cell, separator, len(columns), len(columns) - place):
                raise FileError("file.broken_csv", name=source.name, row=at + 1)


def _holds_rows(cell: str, separator: str, width: int, remaining: int) -> bool:
    """Return whether a cell runs to the end of its own row, over a whole one, or into a quotation.

    A separator that a space follows is prose.
    """
    first, *others = [len(re.findall(rf"{re.escape(separator)}(?! )", line)) + 1 for line in cell.split("\n")]
    return first >= max(remaining, 2) or max(others) >= max(width, 2) or cell.count('"') % 2 == 1
