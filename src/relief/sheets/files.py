"""Files as people send them: a workbook, a CSV, a folder of either, a zipped folder.

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
from typing import TYPE_CHECKING

from relief.errors import FileError
from relief.sheets.archive import MOST_FILES, flat_name, unzipped
from relief.sheets.arrow import ARROW_MAGIC, read_arrow_file
from relief.sheets.delimited import read_text_file
from relief.sheets.frames import ENDING, read_frame_file
from relief.sheets.oldexcel import OLD_EXCEL, read_old_excel
from relief.sheets.opendocument import read_open_document
from relief.sheets.packages import package_kind
from relief.sheets.sheet import BadCell, Sheet, Source
from relief.sheets.workbook import read_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BadCell", "Sheet", "Source", "is_left_out", "read_sheets", "read_sources"]

# Of a folder also what can only be refused: who leaves a .xlsb there means it.
_TABLES = (
    ".xlsx", ".xlsm", ".xls", ".et", ".ods", ".csv", ".tsv", ".txt", ".parquet", ".arrow", ".feather",
    ".xlsb",
)  # fmt: skip
_READABLE = _TABLES[:-1]
_DEEPEST = 4
_OTHER_KINDS = {
    b"%PDF": "PDF", b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"Rar!": "RAR", b"7z\xbc\xaf": "7z",
    b"{\\rtf": "RTF", b"\x1f\x8b": "gzip",
}  # fmt: skip
_SQLITE = b"SQLite format 3\0"
_MARKUP = re.compile(rb"\s*<(!doctype html|html|table|meta|head|body|\?xml)", re.IGNORECASE)


def read_sources(path: str | Path) -> list[Source]:
    """Read a file, or every table of a folder or a zipped folder in the order of the names.

    Raises
    ------
    FileError
        If nothing is there, or a folder holds no file that can be read.
    """
    place = Path(path)
    try:
        found = _in_folder(place) if place.is_dir() else [Source(_name(place), place.read_bytes())]
        found = [file for source in found for file in _opened(source)]
    except FileError:
        raise
    except FileNotFoundError as error:
        raise FileError("file.not_found", name=str(path)) from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise FileError("file.cannot_open", name=str(path), why=why) from error
    if place.is_dir() and all(map(is_left_out, found)):
        raise FileError("file.folder_empty", name=place.name, endings=" ".join(_READABLE))
    return _told_apart(found)


def is_left_out(source: Source) -> bool:
    """Return whether it is something else that lay in the folder: its name is kept, its content is not."""
    return not source.data and not _is_table(source.name)


def _in_folder(folder: Path) -> list[Source]:
    """Return the files of a folder, and of the folders in it."""
    found: list[Source] = []
    for file in _listed(folder, _DEEPEST):
        name = flat_name([*map(_name, reversed(list(_parents(file, folder)))), _name(file)])
        wanted = file.is_file() and (_is_table(name) or file.suffix.lower() == ".zip")
        found.append(Source(name, file.read_bytes() if wanted else b""))
        if len(found) > MOST_FILES:
            raise FileError("file.too_many", name=folder.name, count=len(found), most=MOST_FILES)
    return found


def _parents(file: Path, folder: Path) -> Iterator[Path]:
    for parent in file.parents:
        if parent == folder:
            return
        yield parent


def _listed(folder: Path, deepest: int) -> Iterator[Path]:
    """List a folder without hidden files and the lock files of an open Excel."""
    for file in sorted(folder.iterdir()):
        if file.name.startswith(("~$", ".~", ".")):
            continue
        inner = list(_listed(file, deepest - 1)) if _is_folder(file) and deepest else []
        yield from inner or [file]


def _is_folder(file: Path) -> bool:
    return file.is_dir() and not file.is_symlink()


def _opened(source: Source) -> list[Source]:
    """Return the files of a zipped folder; anything else as it is.

    Raises
    ------
    FileError
        If a zip holds no table, so that it is something else.
    """
    if not source.data.startswith(b"PK") or package_kind(source) != "zip":
        return [source]
    found = unzipped(source, _is_table)
    if all(map(is_left_out, found)):
        raise FileError("file.not_xlsx", name=source.name, kind="zip")
    return found


def _told_apart(sources: list[Source]) -> list[Source]:
    """Give a second file of one name another, as from two archives."""
    seen: dict[str, int] = {}
    apart = []
    for source in sources:
        seen[source.name] = seen.get(source.name, 0) + 1
        again = seen[source.name]
        apart.append(source if again == 1 else Source(f"{again} - {source.name}", source.data))
    return apart


def _name(file: Path) -> str:
    """Return the name as text, also where its bytes are none, as in an archive from an old system."""
    return os.fsencode(file.name).decode("utf-8", "backslashreplace").replace("\\", "%")


def _is_table(name: str) -> bool:
    return name.lower().endswith(_TABLES)


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
        return _read_package(source)
    if data.startswith(ARROW_MAGIC):
        return [read_arrow_file(source)]
    if data.startswith(_SQLITE):
        raise FileError("file.database", name=name)
    if data.startswith(OLD_EXCEL[:4]):
        return read_old_excel(source)
    kind = next((kind for magic, kind in _OTHER_KINDS.items() if data.startswith(magic)), None)
    if _MARKUP.match(data[:300].removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").replace(b"\0", b"")):
        kind = "HTML/XML"
    if kind is not None:
        raise FileError("file.not_a_table", name=name, kind=kind)
    return [read_text_file(source)]


def _read_package(source: Source) -> list[Sheet]:
    kind = package_kind(source)
    if kind == "xlsx":
        return read_workbook(source)
    if kind == "ods":
        return read_open_document(source)
    raise FileError("file.not_xlsx", name=source.name, kind=kind)
