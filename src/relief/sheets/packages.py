"""A zip archive, weighed before anything in it is unpacked, and told apart by what it holds.

In    the bytes of a zip: a workbook of Excel or OpenDocument, a zipped folder, something else
Out   its kind, and the archive opened; or the reason why it is refused
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from relief.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relief.sheets.sheet import Source

__all__ = ["open_package", "package_kind", "refuse_entities"]

_LARGEST_PART = 2**30
_LARGEST_RATIO = 200
_SMALL_PART = 50 * 2**20
_KINDS = {
    "xl/workbook.xml": "xlsx",
    "xl/workbook.bin": "xlsb",
    "word/document.xml": "docx",
    "ppt/presentation.xml": "pptx",
}
# What zipfile raises on archives of which some bytes were changed.
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, KeyError, NotImplementedError, OSError,
    RuntimeError, ValueError,
)  # fmt: skip


@contextmanager
def open_package(source: Source) -> Iterator[zipfile.ZipFile]:
    """Open an archive that is no bomb.

    Raises
    ------
    FileError
        If it is damaged, or would unpack to far more than real tables.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(source.data)) as package:
            _weigh(source, package.infolist())
            yield package
    except FileError:
        raise
    except _DAMAGED as error:
        raise FileError("file.damaged", name=source.name) from error


def package_kind(source: Source) -> str:
    """Return what an archive is: ``xlsx``, ``ods``, another document, or ``zip``."""
    with open_package(source) as package:
        names = set(package.namelist())
        if "content.xml" in names and "mimetype" in names:
            kind = package.read("mimetype")[:80].decode("ascii", "replace")
            return "ods" if kind.endswith("spreadsheet") else kind
        return next((kind for part, kind in _KINDS.items() if part in names), "zip")


def _weigh(source: Source, parts: list[zipfile.ZipInfo]) -> None:
    for part in parts:
        bomb = part.file_size > _SMALL_PART and part.file_size > _LARGEST_RATIO * max(part.compress_size, 1)
        if bomb or part.file_size > _LARGEST_PART:
            raise FileError("file.bomb", name=source.name, part=part.filename, size=part.file_size)
    total = sum(part.file_size for part in parts)
    if (total > _SMALL_PART and total > _LARGEST_RATIO * len(source.data)) or total > 2 * _LARGEST_PART:
        raise FileError("file.bomb", name=source.name, part="*", size=total)


def refuse_entities(source: Source, package: zipfile.ZipFile) -> None:
    """Raise FileError if a part of XML declares entities, which no real workbook does."""
    for part in package.infolist():
        if part.filename.endswith((".xml", ".rels")):
            with package.open(part) as opened:
                head = opened.read(2_000).replace(b"\0", b"")
            if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                raise FileError("file.entities", name=source.name)
