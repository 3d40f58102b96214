"""An Excel workbook (.xlsx, .xlsm) -> its sheets, read without running anything in it.

In    the bytes of a package of XML parts
Out   a `Sheet` per worksheet: stored values, errors, formulas that were never computed

XML that declares entities is refused before anything is parsed. What the workbook says of its
sheets, texts and styles is read here, the cells themselves by `relief.sheets.worksheet`.
"""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from relief.errors import FileError
from relief.sheets.formats import PLAIN, shown_by
from relief.sheets.packages import open_package, refuse_entities
from relief.sheets.sheet import Sheet, Source, columns_of, formats_of, make_sheet
from relief.sheets.worksheet import Book, Found, read_texts, read_worksheet

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

__all__ = ["read_workbook"]

_WORKBOOK = "xl/workbook.xml"
_LARGEST_PART = 2**26  # of what describes the sheets; the sheets themselves are read as a stream
# Days as Excel writes them in Chinese: formats that it knows by number and no file spells out.
_CHINESE_DAYS = frozenset({*range(27, 37), *range(50, 59)})


def read_workbook(source: Source) -> list[Sheet]:
    """Read every worksheet.

    Raises
    ------
    FileError
        If it is damaged, declares entities, or its cells stand too far apart.
    """
    from defusedxml.common import DefusedXmlException

    try:
        with open_package(source) as package:
            refuse_entities(source, package)
            return list(_worksheets(source, package))
    except FileError:
        raise
    except DefusedXmlException as error:
        raise FileError("file.entities", name=source.name) from error
    except Exception as error:
        # Whatever a damaged package raises: of the archive, of the XML, of a number in it.
        raise FileError("file.damaged", name=source.name) from error


def _worksheets(source: Source, package: zipfile.ZipFile) -> Iterator[Sheet]:
    workbook, targets = _part(package, _WORKBOOK), _targets(package, _WORKBOOK)
    book = _book(source, package, workbook, targets)
    notes = _notes(source, package)
    for sheet in _named(workbook, "sheet"):
        kind, part = targets[_value(sheet, "id")]
        if kind == "worksheet":
            with package.open(part) as stream:
                found = read_worksheet(stream, book)
            is_hidden = sheet.get("state", "visible") != "visible"
            yield _sheet(source, sheet.get("name", ""), found, book, notes, is_hidden=is_hidden)


def _notes(source: Source, package: zipfile.ZipFile) -> tuple[str, ...]:
    """Tell what will not be run, and of an ending that says something else."""
    names = package.namelist()
    told = {
        "note.macros": any(name.endswith("vbaProject.bin") for name in names),
        "note.links": any(name.startswith("xl/externalLinks/") for name in names),
        "note.other_ending": Path(source.name).suffix.lower() not in (".xlsx", ".xlsm"),
    }
    return tuple(code for code, holds in told.items() if holds)


# --- what the workbook says of its sheets -------------------------------------------------------


def _part(package: zipfile.ZipFile, name: str) -> Element:
    from defusedxml.ElementTree import fromstring

    if package.getinfo(name).file_size > _LARGEST_PART:
        raise ValueError(name)
    root: Element = fromstring(package.read(name), forbid_dtd=True)
    return root


def _named(root: Element, name: str) -> Iterator[Element]:
    """Yield the elements of a name, whichever of its two namespaces the workbook is written in."""
    return (found for found in root.iter() if found.tag.rpartition("}")[2] == name)


def _value(element: Element, name: str) -> str:
    """Return an attribute that stands in a namespace."""
    return next(value for key, value in element.items() if key.endswith(f"}}{name}"))


def _targets(package: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Return what a part refers to: by id the kind, and the part that it is."""
    folder, name = posixpath.split(part)
    found = {}
    for link in _part(package, f"{folder}/_rels/{name}.rels"):
        target = posixpath.normpath(posixpath.join(f"/{folder}", link.get("Target", ""))).lstrip("/")
        found[link.get("Id", "")] = (link.get("Type", "").rpartition("/")[2], target)
    return found


def _book(
    source: Source, package: zipfile.ZipFile, workbook: Element, targets: dict[str, tuple[str, str]]
) -> Book:
    parts, names = dict(targets.values()), frozenset(package.namelist())
    texts: list[str] = []
    if parts.get("sharedStrings") in names:
        with package.open(parts["sharedStrings"]) as stream:
            texts = read_texts(stream, source.name)
    formats = _formats(_part(package, parts["styles"])) if parts.get("styles") in names else []
    epoch_1904 = any(found.get("date1904") in ("1", "true") for found in _named(workbook, "workbookPr"))
    odd = {str(at): code for at, (_, code) in enumerate(formats) if shown_by(code) != PLAIN}
    return Book(source.name, texts, *_styles_of_days(formats), odd, epoch_1904)


def _formats(styles: Element) -> list[tuple[int, str]]:
    """Return the number format of each style, as its number and as it is written."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS

    written = {
        int(found.get("numFmtId", 0)): found.get("formatCode", "") for found in _named(styles, "numFmt")
    }
    known = BUILTIN_FORMATS | written
    numbers = [
        int(style.get("numFmtId", 0))
        for styled in _named(styles, "cellXfs")
        for style in _named(styled, "xf")
    ]
    return [(number, known.get(number, "")) for number in numbers]


def _styles_of_days(formats: list[tuple[int, str]]) -> tuple[frozenset[str], frozenset[str]]:
    from openpyxl.styles.numbers import is_date_format, is_timedelta_format

    spans = {str(at) for at, (_, code) in enumerate(formats) if is_timedelta_format(code)}
    days = {
        str(at)
        for at, (number, code) in enumerate(formats)
        if is_date_format(code) or (not code and number in _CHINESE_DAYS)
    }
    return frozenset(days | spans), frozenset(spans)


# --- one worksheet ------------------------------------------------------------------------------


def _sheet(
    source: Source, name: str, found: Found, book: Book, notes: tuple[str, ...], *, is_hidden: bool
) -> Sheet:
    used = sorted(found.used)
    return make_sheet(
        source.name,
        name,
        columns_of(found.lines, used),
        np.array(found.rows, dtype=np.int64),
        hidden_rows=tuple(found.hidden_rows),
        hidden_columns=tuple(found.hidden_columns),
        is_hidden=is_hidden,
        epoch_1904=book.epoch_1904,
        merged=tuple((used.index(at), first, last) for at, first, last in found.merged if at in used),
        places=tuple(place + 1 for place in used),
        formats=formats_of(found.formats, used),
        notes=(*notes, "note.stray_cells") if found.stray else notes,
    )
