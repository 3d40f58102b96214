"""A zipped folder -> the files in it, as if they lay in a folder.

In    the bytes of a zip that is no workbook
Out   a `Source` per file in it, in the order of the names

Nothing is written to a disk, so a path that leads out of the folder leads nowhere. An archive
inside the archive is named and not opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from relief.errors import FileError
from relief.sheets.packages import open_package
from relief.sheets.sheet import Source

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Callable, Iterable

__all__ = ["MOST_FILES", "flat_name", "unzipped"]

MOST_FILES = 2_000
_UTF8_NAME = 0x800
_PROTECTED = 0x1


def unzipped(source: Source, is_table: Callable[[str], bool]) -> list[Source]:
    """Return the files of an archive; of what is no table the name only.

    Raises
    ------
    FileError
        If it is damaged, a bomb, protected by a password, or holds too many files.
    """
    with open_package(source) as package:
        entries = [(_name(entry), entry) for entry in package.infolist() if not entry.is_dir()]
        kept = sorted(
            ((name, entry) for name, entry in entries if not _is_clutter(name)), key=lambda found: found[0]
        )
        if len(kept) > MOST_FILES:
            raise FileError("file.too_many", name=source.name, count=len(kept), most=MOST_FILES)
        if any(entry.flag_bits & _PROTECTED for _, entry in kept):
            raise FileError("file.encrypted_zip", name=source.name)
        return [Source(name, package.read(entry) if is_table(name) else b"") for name, entry in kept]


def _is_clutter(name: str) -> bool:
    """Return whether a file is hidden, the lock of an open Excel, or what macOS adds."""
    return any(part.startswith((".", "~$", "__MACOSX")) for part in name.split(" - "))


def _name(entry: zipfile.ZipInfo) -> str:
    """Return the name of an entry; Chinese Windows writes it in GB18030 and does not say so."""
    name = entry.filename
    if not entry.flag_bits & _UTF8_NAME:
        written = name.encode("cp437", "replace")
        name = next(filter(None, (_decoded(written, code) for code in ("utf-8", "gb18030"))), name)
    return flat_name(name.replace("\\", "/").split("/"))


def _decoded(written: bytes, encoding: str) -> str:
    try:
        return written.decode(encoding)
    except UnicodeDecodeError:
        return ""


def flat_name(parts: Iterable[str]) -> str:
    """Return one name for a file in a folder, so that it can lie beside others in a round.

    Examples
    --------
    >>> flat_name(["新会区", "..", "名单.xlsx"])
    '新会区 - 名单.xlsx'
    """
    return " - ".join(part for part in parts if part.strip(". "))
