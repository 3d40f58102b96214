"""Whether a round's folder is what its record says, and what its inputs give again.

In    a round's folder
Out   nothing if all holds; else the first difference, with the file and line

First every byte is held against the record's hashes, then everything is computed again from
the stored inputs with the stored pack, and compared byte for byte.
"""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from relief import record
from relief.errors import ReliefError, RoundError
from relief.files import Source
from relief.folder import read_folder
from relief.pipeline import Round, run, split
from relief.rulepack.pack import Pack, parse_pack
from relief.tables import Tables, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["verify"]

_RECORD = "record.json"


def verify(folder: str | Path) -> Round:
    """Check a round's folder and compute it again.

    Parameters
    ----------
    folder : str or Path
        As `Round.save` wrote it.

    Returns
    -------
    Round
        The round as computed again; it equals the stored one in every byte.

    Raises
    ------
    RoundError
        Naming the first file that was changed, added or removed, or the first line that
        differs when computed again.
    """
    files = read_folder(Path(folder))
    stored = record.parse_record(files[_RECORD])
    _check_bytes(files, stored)
    again = _computed(files, stored)
    made_by = str(stored["versions"].get("relief", "?"))
    for name in stored["outputs"]:
        if name not in again.tables_out:
            raise RoundError("round.added", file=name)
        if again.tables_out[name] != files[name]:
            raise _first_difference(name, files[name], again.tables_out[name], made_by)
    fresh = {**again.record, "versions": stored["versions"]}
    for key in sorted({*fresh, *stored} - {"seal"}):
        if fresh.get(key) != stored.get(key):
            raise RoundError("round.record_differs", key=key, version=made_by)
    return again


def _check_bytes(files: Mapping[str, bytes], stored: Mapping[str, Any]) -> None:
    expected = dict(stored["outputs"])
    expected |= {f"inputs/{entry['name']}": entry["sha256"] for entry in stored["inputs"]}
    expected |= {f"pack/{name}": sha for name, sha in stored["pack"]["files"].items()}
    for name in sorted({*expected, *files} - {_RECORD}):
        if name not in files:
            raise RoundError("round.removed", file=name)
        if name not in expected:
            raise RoundError("round.added", file=name)
        if record.digest(files[name]) != expected[name]:
            raise RoundError("round.changed", file=name)


def _computed(files: Mapping[str, bytes], stored: Mapping[str, Any]) -> Round:
    call = dict(stored["call"])
    options: dict[str, Any] = {
        "method": call["method"], "rounding": call["rounding"], "unit_fen": int(call["unit_fen"]),
    }  # fmt: skip
    fund_fen = int(call["fund_fen"])
    pack = _pack(files, str(stored["pack"]["name"]))
    tables = _tables(files, stored)
    try:
        if stored["kind"] == "round":
            return run(tables, pack, fund_fen, on=call["on"], **options)
        return split(tables, fund_fen, districts=pack, any_district=bool(call["any_district"]), **options)
    except ReliefError as error:
        raise RoundError(
            "round.cannot_compute", problem_en=error.text("en"), problem_zh=error.text("zh")
        ) from error


def _tables(files: Mapping[str, bytes], stored: Mapping[str, Any]) -> Tables:
    names = [str(entry["name"]) for entry in stored["inputs"]]
    return parse([Source(name, files[f"inputs/{name}"]) for name in names])


def _pack(files: Mapping[str, bytes], name: str) -> Pack:
    folders: dict[str, dict[str, bytes]] = {}
    for path in files:
        parts = PurePosixPath(path).parts
        if parts[0] == "pack":
            folders.setdefault(parts[1], {})[parts[2]] = files[path]
    return parse_pack(folders, name)


def _first_difference(name: str, stored: bytes, computed: bytes, made_by: str) -> RoundError:
    lines = zip_longest(
        computed.decode().splitlines(), stored.decode("utf-8", "replace").splitlines(), fillvalue=""
    )
    number, (new, old) = next((n, pair) for n, pair in enumerate(lines, start=1) if pair[0] != pair[1])
    return RoundError(
        "round.differs", file=name, line=number, computed=new[:120], stored=old[:120], version=made_by
    )
