"""A spreadsheet of LibreOffice or WPS in OpenDocument form (.ods) -> its sheets.

In    the bytes of a package whose ``content.xml`` holds the tables
Out   a `Sheet` per table, with the same cells as an .xlsx of the same content

Read as a stream by a parser that refuses entities. What the format repeats by a number, such as
a million empty rows, is counted and never spread out; only cells that hold something are.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from relief.errors import FileError
from relief.sheets.formats import PLAIN, shown_by
from relief.sheets.sheet import MOST_COLUMNS, BadCell, Sheet, Source, columns_of, formats_of, make_sheet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

__all__ = ["read_open_document"]

_NS = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0"
_TABLE, _OFFICE, _TEXT = (f"{{{_NS.format(kind)}}}" for kind in ("table", "office", "text"))
_STYLE = f"{{{_NS.format('style')}}}"
_MANIFEST = "META-INF/manifest.xml"
_MOST_REPEATED = 2_000  # of a row that holds something
_MOST_ROWS = 2_000_000
_MOST_CELLS = 50_000_000
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_POWER = re.compile(r"\d[eE][-+]?\d")
_LITERAL = re.compile(r"[\u4e00-\u9fff]+")
_SCALES = (("0", 1), ("0,", 1000), ("0!.0,", 10**4), ("0,,", 10**6))
_HIDDEN = ("collapse", "filter")


@dataclass
class _Table:
    """One table while it is read."""

    name: str
    style: str
    lines: dict[int, list[Any]] = field(default_factory=dict)
    hidden: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    merged: list[tuple[int, int, int]] = field(default_factory=list)
    formats: dict[tuple[int, str], list[int]] = field(default_factory=dict)
    row: int = 0
    column: int = 0
    width: int = 0


def read_open_document(source: Source) -> list[Sheet]:
    """Read every table of an .ods.

    Raises
    ------
    FileError
        If it is damaged, protected by a password, too wide, or declares entities.
    """
    from defusedxml.common import DefusedXmlException

    try:
        with zipfile.ZipFile(io.BytesIO(source.data)) as package:
            if _MANIFEST in package.namelist() and b"encryption-data" in package.read(_MANIFEST):
                raise FileError("file.encrypted", name=source.name)
            with package.open("content.xml") as content:
                return _sheets(source, content)
    except FileError:
        raise
    except DefusedXmlException as error:
        raise FileError("file.entities", name=source.name) from error
    except Exception as error:
        # Whatever a damaged package raises: of the archive, of the XML, of a number in it.
        raise FileError("file.damaged", name=source.name) from error


def _sheets(source: Source, content: Any) -> list[Sheet]:
    from defusedxml.ElementTree import iterparse

    tables: list[_Table] = []
    unseen: set[str] = set()
    depth = 0
    for event, element in iterparse(content, events=("start", "end"), forbid_dtd=True):
        if element.tag == f"{_TABLE}table":
            depth += 1 if event == "start" else -1
            if event == "start" and depth == 1:
                tables.append(
                    _Table(element.get(f"{_TABLE}name", ""), element.get(f"{_TABLE}style-name", ""))
                )
            elif event == "end":
                element.clear()
        elif event == "end" and element.tag == f"{_STYLE}style":
            unseen |= {element.get(f"{_STYLE}name", "") for part in element if _is_hiding(part)}
        elif event == "end" and depth == 1:
            _take(source, tables[-1], element)
    return [_sheet(source, table, table.style in unseen) for table in tables]


def _is_hiding(properties: Element) -> bool:
    return properties.get(f"{_TABLE}display") == "false"


def _take(source: Source, table: _Table, element: Element) -> None:
    """Take a column or a row that has been read to its end, and forget its XML."""
    if element.tag == f"{_TABLE}table-column":
        repeated = int(element.get(f"{_TABLE}number-columns-repeated", 1))
        if element.get(f"{_TABLE}visibility") in _HIDDEN:
            table.hidden_columns += range(table.column + 1, table.column + min(repeated, MOST_COLUMNS) + 1)
        table.column += repeated
    elif element.tag == f"{_TABLE}table-row":
        _take_row(source, table, element)
        element.clear()


def _take_row(source: Source, table: _Table, element: Element) -> None:
    repeated = int(element.get(f"{_TABLE}number-rows-repeated", 1))
    line: list[Any] = []
    for cell in element:
        times = int(cell.get(f"{_TABLE}number-columns-repeated", 1))
        value = _value(cell)
        rows = int(cell.get(f"{_TABLE}number-rows-spanned", 1))
        if rows > 1 and value is not None:
            table.merged.append((len(line), table.row + 1, table.row + rows))
        if value is not None and len(line) + times > MOST_COLUMNS:
            raise FileError("file.too_wide", name=source.name, width=len(line) + times, most=MOST_COLUMNS)
        code = _format(value, cell) if type(value) in (int, float) else ""
        if code:
            table.formats.setdefault((len(line), code), []).append(table.row + 1)
        line += [value] * min(times, MOST_COLUMNS)
    while line and line[-1] is None:
        line.pop()
    if line:
        table.width = max(table.width, len(line))
        cells = table.width * (len(table.lines) + repeated)
        if repeated > _MOST_REPEATED or table.row + repeated > _MOST_ROWS or cells > _MOST_CELLS:
            raise FileError("file.bomb", name=source.name, part="content.xml", size=repeated)
        for at in range(repeated):
            table.lines[table.row + at + 1] = line
        if element.get(f"{_TABLE}visibility") in _HIDDEN:
            table.hidden += range(table.row + 1, table.row + repeated + 1)
    table.row += repeated


def _value(cell: Element) -> Any:
    """Return a cell as openpyxl would give it from the same sheet in an .xlsx."""
    kind, written = cell.get(f"{_OFFICE}value-type"), cell.get(f"{_OFFICE}value")
    formula = cell.get(f"{_TABLE}formula")
    text = "\n".join(_texts(cell)) or cell.get(f"{_OFFICE}string-value", "")
    if any(name.endswith("}value-type") and value == "error" for name, value in cell.items()) or (
        formula and text.startswith(("#", "Err:")) and kind != "date"
    ):
        return BadCell("cell.error", text)
    if kind in ("float", "currency", "percentage") and written is not None:
        number = float(written)
        return int(number) if number.is_integer() and abs(number) < 2**53 else number
    if kind == "date":
        return _moment(cell.get(f"{_OFFICE}date-value", ""))
    if kind == "boolean":
        return cell.get(f"{_OFFICE}boolean-value") == "true"
    if formula and kind is None and not text:
        return BadCell("cell.formula", formula.partition(":")[2][:40] or formula[:40])
    return text or None


def _format(number: float, cell: Element) -> str:
    """Return the format by which a number is shown as its text is; empty where that shows the same number.

    The text tells it whichever styles the number's format was put together from.
    """
    text = "".join(_texts(cell))
    found = _NUMBER.search(text)
    if found is None or _POWER.search(text):
        return ""
    digits = found[0].replace(",", "")
    half = 0.5 * 0.1 ** len(digits.partition(".")[2]) * 1.000001
    times = 100 if "%" in text else 1
    scales = (code for code, by in _SCALES if abs(abs(float(digits)) / times - abs(number) / by) <= half)
    literal = "".join(_LITERAL.findall(text))
    code = next(scales, "0") + ("%" if times == 100 else "") + (f'"{literal}"' if literal else "")
    return "" if shown_by(code) == PLAIN else code


def _texts(cell: Element) -> Iterator[str]:
    """Yield the paragraphs of a cell, without the comments that hang on it."""
    for part in cell:
        if part.tag == f"{_TEXT}p":
            yield "".join(_words(part))


def _words(part: Element) -> Iterator[str]:
    yield part.text or ""
    for inner in part:
        if inner.tag == f"{_TEXT}s":
            yield " " * min(int(inner.get(f"{_TEXT}c", 1)), 1_000)
        elif inner.tag == f"{_TEXT}line-break":
            yield "\n"
        elif inner.tag == f"{_TEXT}tab":
            yield "\t"
        else:
            yield from _words(inner)
        yield inner.tail or ""


def _moment(text: str) -> dt.datetime | str:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return text


def _sheet(source: Source, table: _Table, is_hidden: bool) -> Sheet:
    rows = sorted(table.lines)
    width = max(map(len, table.lines.values()), default=0)
    used = sorted({at for line in table.lines.values() for at, cell in enumerate(line) if cell is not None})
    ending = () if Path(source.name).suffix.lower() in (".ods", ".fods") else ("note.other_ending",)
    return make_sheet(
        source.name,
        table.name,
        columns_of([table.lines[row] for row in rows], used),
        np.array(rows, dtype=np.int64),
        hidden_rows=tuple(table.hidden),
        hidden_columns=tuple(place for place in table.hidden_columns if place <= width),
        is_hidden=is_hidden,
        merged=tuple((used.index(at), first, last) for at, first, last in table.merged if at in used),
        notes=ending,
        places=tuple(place + 1 for place in used),
        formats=formats_of(table.formats, used),
    )
