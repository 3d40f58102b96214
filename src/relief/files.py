"""Files as people send them: a workbook, a CSV, a folder of either.

In    a path
Out   `Source`: the bytes as they were, with their hash; and from it the sheets it holds

What a file is, its content says, not its ending. Nothing is guessed: a file that cannot be
read rightly is refused by a message that names what it is. Macros, links and formulas never
run; XML is read by a parser that refuses entities.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from relief.delimited import read_text_file
from relief.errors import FileError
from relief.frames import ENDING, read_frame_file
from relief.sheet import BadCell, Sheet, Source
from relief.workbook import read_workbook

__all__ = ["BadCell", "Sheet", "Source", "is_left_out", "read_sheets", "read_sources"]

# Of a folder also what can only be refused: who leaves a .xls there means it.
_TABLES = (".xlsx", ".xlsm", ".csv", ".tsv", ".txt", ".xls", ".ods", ".et", ".xlsb")
_READABLE = _TABLES[:5]
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_OTHER_KINDS = {
    b"%PDF": "PDF", b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"Rar!": "RAR", b"7z\xbc\xaf": "7z",
    b"{\\rtf": "RTF", b"\x1f\x8b": "gzip",
}  # fmt: skip
_MARKUP = re.compile(rb"\s*<(!doctype html|html|table|meta|head|body|\?xml)", re.IGNORECASE)


def read_sources(path: str | Path) -> list[Source]:
    """Read a file, or every table of a folder in the order of the names.

    Raises
    ------
    FileError
        If nothing is there, or a folder holds no file that can be read.
    """
    place = Path(path)
    try:
        if not place.is_dir():
            return [Source(_name(place), place.read_bytes())]
        found = [
            Source(_name(file), file.read_bytes() if _is_table(file) else b"") for file in _listed(place)
        ]
        if all(map(is_left_out, found)):
            raise FileError("file.folder_empty", name=place.name, endings=" ".join(_READABLE))
        return found
    except FileError:
        raise
    except FileNotFoundError as error:
        raise FileError("file.not_found", name=str(path)) from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise FileError("file.cannot_open", name=str(path), why=why) from error


def is_left_out(source: Source) -> bool:
    """Return whether it is something else that lay in the folder: its name is kept, its content is not."""
    return not source.data and Path(source.name).suffix.lower() not in _TABLES


def _name(file: Path) -> str:
    """Return the name as text, also where its bytes are none, as in an archive from an old system."""
    return os.fsencode(file.name).decode("utf-8", "backslashreplace").replace("\\", "%")


def _is_table(file: Path) -> bool:
    return file.is_file() and file.suffix.lower() in _TABLES


def _listed(folder: Path) -> list[Path]:
    """List a folder without hidden files and the lock files of an open Excel."""
    return sorted(file for file in folder.iterdir() if not file.name.startswith(("~$", ".~", ".")))


def read_sheets(source: Source) -> list[Sheet]:
    """Read every sheet of a file.

    Raises
    ------
    FileError
        If the content is not a workbook or a table of text, is damaged, protected or a bomb.
    """
    data, name = source.data, source.name
    if name.endswith(ENDING):
        return [read_frame_file(source)]
    if not re.search(rb"[^\0 \r\n\t]", data):
        raise FileError("file.empty", name=name)
    if data.startswith(b"PK"):
        return read_workbook(source)
    if data.startswith(_OLD_EXCEL):
        locked = "EncryptedPackage".encode("utf-16-le") in data
        raise FileError("file.encrypted" if locked else "file.old_excel", name=name)
    kind = next((kind for magic, kind in _OTHER_KINDS.items() if data.startswith(magic)), None)
    if _MARKUP.match(data[:300].removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").replace(b"\0", b"")):
        kind = "HTML/XML"
    if kind is not None:
        raise FileError("file.not_a_table", name=name, kind=kind)
    return [read_text_file(source)]
