"""A folder written all at once: a crash leaves the old one or the new one, never half of one.

In    files by relative path
Out   a folder of exactly these files

All files go to a hidden folder beside the target and onto the disk; then one rename puts it in
place. Where the system can exchange two folders in one step (Linux), replacing is one step too;
elsewhere the old one is moved aside first and a crash between leaves it under its hidden name.
"""

from __future__ import annotations

import contextlib
import ctypes
import glob
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from relief.errors import RoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["change_folder", "check_target", "read_folder", "write_folder"]

_MARK = "record.json"
_PRIVATE = "private"
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


def check_target(target: Path, *, overwrite: bool) -> None:
    """Refuse, before any work is done, a folder that may not be written.

    Raises
    ------
    RoundError
        If something else than a round is there, or a round and `overwrite` was not asked for.
    """
    try:
        _check_content(target, overwrite=overwrite)
        parent = next(p for p in target.resolve().parents if p.exists())
    except OSError as error:
        raise _cannot_write(target, error) from error
    if not parent.is_dir():
        raise RoundError("round.not_a_folder", folder=str(parent))
    if not os.access(parent, os.W_OK):
        raise RoundError("round.cannot_write", folder=str(target), why="read-only")


def _check_content(target: Path, *, overwrite: bool) -> None:
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise RoundError("round.not_a_folder", folder=str(target))
    if target.exists() and any(target.iterdir()):
        if not (target / _MARK).is_file():
            raise RoundError("round.foreign", folder=str(target))
        if not overwrite:
            raise RoundError("round.exists", folder=str(target))


def _cannot_write(target: Path, error: OSError | UnicodeEncodeError) -> RoundError:
    why = getattr(error, "strerror", None) or str(error)
    return RoundError("round.cannot_write", folder=str(target), why=why)


def write_folder(target: Path, files: Mapping[str, bytes], *, overwrite: bool) -> None:
    """Write `files` as the folder `target`.

    Raises
    ------
    RoundError
        If the target may not be written, another run is writing it, or the disk refuses.
    """
    check_target(target, overwrite=overwrite)
    place = target.resolve()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with _locked(place):
            _take_back(place)
            check_target(target, overwrite=overwrite)
            _replace(place, files)
    except (OSError, UnicodeEncodeError) as error:
        raise _cannot_write(target, error) from error


def change_folder(
    target: Path, change: Callable[[dict[str, bytes]], Mapping[str, bytes]]
) -> Mapping[str, bytes]:
    """Replace the files of a folder by what `change` makes of them; nobody else writes in between.

    Raises
    ------
    RoundError
        If the folder is no round or the one that this program stands in, another run is writing it, or the
        disk refuses.
    """
    place = target.resolve()
    if Path.cwd().is_relative_to(place):
        # The folder is exchanged whole: whoever stands in it would stand in the one that is gone.
        raise RoundError("round.step_out", folder=place.name)
    try:
        with _locked(place):
            _take_back(place)
            files = change(read_folder(place))
            _replace(place, files)
            return files
    except (OSError, UnicodeEncodeError) as error:
        raise _cannot_write(target, error) from error


def read_folder(place: Path) -> dict[str, bytes]:
    """Read every file below a folder by its relative path; links and empty folders count as foreign.

    Raises
    ------
    RoundError
        If the folder is not there, or something in it is no plain file.
    """
    if not (place / _MARK).is_file():
        raise RoundError("round.no_record", folder=str(place))
    found: dict[str, bytes] = {}
    for path in sorted(place.rglob("*")):
        name = path.relative_to(place).as_posix()
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                raise RoundError("round.added", file=name + "/")
            continue
        if path.is_symlink() or not path.is_file():
            raise RoundError("round.added", file=name)
        try:
            found[name] = path.read_bytes()
        except OSError as error:
            raise RoundError("round.cannot_read", file=name, why=error.strerror or "") from error
    return found


def _replace(place: Path, files: Mapping[str, bytes]) -> None:
    for stale in place.parent.glob(f".{glob.escape(place.name)}.writing-*"):
        shutil.rmtree(stale, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{place.name}.writing-", dir=place.parent))
    try:
        draft.chmod(0o755)
        for name, data in files.items():
            _write_through(draft / name, data)
        if (draft / _PRIVATE).is_dir():
            (draft / _PRIVATE).chmod(0o700)
        for folder in {draft, *(path.parent for path in map(draft.joinpath, files))}:
            _sync(folder)
        _put_in_place(draft, place)
        _sync(place.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _write_through(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _put_in_place(draft: Path, place: Path) -> None:
    if not place.exists():
        draft.rename(place)
    elif not _exchanged(draft, place):
        # The old round leaves under a hidden name; the next run takes it back if we die between the two.
        aside = _aside(place)
        place.rename(aside)
        try:
            draft.rename(place)
        except OSError:
            aside.rename(place)
            raise
        shutil.rmtree(aside, ignore_errors=True)


def _aside(place: Path) -> Path:
    return place.with_name(f".{place.name}.writing-old")


def _take_back(place: Path) -> None:
    """Put back the old round that a run left aside when it died before the new one was in place."""
    if _aside(place).is_dir() and not place.exists():
        _aside(place).rename(place)


def _exchanged(one: Path, other: Path) -> bool:
    """Swap two folders in one step, where the system can."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        exchange = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    result: int = exchange(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    return result == 0


@contextlib.contextmanager
def _locked(place: Path) -> Iterator[None]:
    """Hold the folder's lock; the system lets it go when the process dies."""
    lock = place.with_name(f".{place.name}.lock")
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _take(handle, place)
        if not lock.exists() or not os.path.samestat(os.fstat(handle), lock.stat()):
            # Another run finished and removed this file between our opening and taking it.
            raise RoundError("round.in_use", folder=str(place))
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                lock.unlink()
    finally:
        os.close(handle)


def _take(handle: int, place: Path) -> None:
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise RoundError("round.in_use", folder=str(place)) from error
    else:
        import fcntl

        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise RoundError("round.in_use", folder=str(place)) from error
