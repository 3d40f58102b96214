"""Whether a round's folder is what its record says, and what its inputs give again.

In    a round's folder
Out   nothing if all holds; else the first difference, with the file and line

First every byte is held against the record's hashes, then everything is computed again from
the stored inputs with the stored pack, and compared byte for byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relief.arguments import from_record
from relief.errors import ReliefError, RoundError
from relief.intake.tables import parse
from relief.round import chain, parquet, record
from relief.round.folder import read_folder
from relief.round.pipeline import Round, run, split
from relief.rulepack.pack import parse_pack
from relief.sheets.files import Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from relief.rulepack.pack import Pack

__all__ = ["checked", "intact", "verified", "verify"]

_RECORD = "record.json"
_TABLES = (".csv", ".parquet")


def verify(folder: str | Path, pack: Pack | None = None) -> Round:
    """Check a round's folder and compute it again.

    Parameters
    ----------
    folder : str or Path
        As `Round.save` wrote it.
    pack : Pack, optional
        An own copy of the rules to compute by, in place of the one in the folder. Then the tables are
        compared, not the record.

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
    return verified(read_folder(Path(folder)), pack)


def verified(files: Mapping[str, bytes], pack: Pack | None = None) -> Round:
    """Do as `verify` with the files of a folder that were read already."""
    stored, told = _held(files)
    again = _computed(files, told, pack)
    for name in stored["outputs"]:
        if pack is not None and not name.endswith(_TABLES):
            continue
        if name not in again.tables_out:
            raise RoundError("round.added", file=name)
        if not parquet.same_rows(name, again.tables_out[name], files[name]):
            code = "round.differs" if pack is None else "round.differs_with"
            raise _first_difference(code, name, (files[name], again.tables_out[name]), told.made_by)
    if pack is not None:
        return again
    # Each output was held against the stored one; the same rows in Parquet may have other bytes.
    outputs = {name: stored["outputs"].get(name, sha) for name, sha in again.record["outputs"].items()}
    fresh = {**again.record, "versions": stored["versions"], "outputs": outputs}
    for key in sorted({*fresh, *stored} - {"seal"}):
        if fresh.get(key) != stored.get(key):
            raise RoundError("round.record_differs", key=key, version=told.made_by)
    return again


def intact(folder: str | Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the record of a round's folder and its outputs, each byte held against the record.

    Nothing is computed again, as `verify` does.

    Raises
    ------
    RoundError
        Naming the first file that was changed, added or removed.
    """
    files = read_folder(Path(folder))
    stored = checked(files)
    return stored, {name: files[name] for name in stored["outputs"]}


def checked(files: Mapping[str, bytes]) -> dict[str, Any]:
    """Return the record among the files of a round, each byte held against it and against the steps.

    Raises
    ------
    RoundError
        Naming the first file that was changed, added or removed.
    """
    return _held(files)[0]


def _held(files: Mapping[str, bytes]) -> tuple[dict[str, Any], _Told]:
    if _RECORD not in files:
        raise RoundError("round.removed", file=_RECORD)
    stored = record.parse_record(files[_RECORD])
    try:
        told = _told(stored)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise RoundError("round.record_shape", file=_RECORD) from error
    computed = {name: data for name, data in files.items() if not chain.belongs_to_steps(name)}
    _check_bytes(computed, told.hashes)
    chain.read_chain(files, str(stored["seal"]))
    return stored, told


@dataclass(frozen=True)
class _Told:
    """What a record says about how to compute its round again."""

    kind: str
    hashes: dict[str, str]
    inputs: list[str]
    pack: str
    pack_files: list[tuple[str, str]]
    fund_fen: int
    on: str
    any_district: bool
    certificate: bool
    file_format: str
    options: dict[str, Any]
    made_by: str


def _told(stored: Mapping[str, Any]) -> _Told:
    call = stored["call"]
    inputs = [str(entry["name"]) for entry in stored["inputs"]]
    pack_files = [str(name) for name in stored["pack"]["files"]]
    hashes = dict(stored["outputs"])
    hashes |= {f"inputs/{entry['name']}": entry["sha256"] for entry in stored["inputs"]}
    hashes |= {f"pack/{name}": sha for name, sha in stored["pack"]["files"].items()}
    return _Told(
        kind=str(stored["kind"]),
        hashes=hashes,
        inputs=inputs,
        pack=str(stored["pack"]["name"]),
        pack_files=[(folder, file) for folder, file in (name.split("/") for name in pack_files)],
        fund_fen=int(call["fund_fen"]),
        on=str(call.get("on", "")),
        any_district=bool(call.get("any_district", False)),
        certificate=bool(call.get("certificate", False)),
        file_format=str(call.get("format", "csv")),
        options={
            "method": call["method"],
            "rounding": call["rounding"],
            "unit_fen": int(call["unit_fen"]),
            **from_record(call.get("terms", {})),
        },
        made_by=str(stored["versions"].get("relief", "?")),
    )


def _check_bytes(files: Mapping[str, bytes], expected: Mapping[str, str]) -> None:
    for name in sorted({*expected, *files} - {_RECORD}):
        if name not in files:
            raise RoundError("round.removed", file=name)
        if name not in expected:
            raise RoundError("round.added", file=name)
        if record.digest(files[name]) != expected[name]:
            raise RoundError("round.changed", file=name)


def _computed(files: Mapping[str, bytes], told: _Told, own: Pack | None) -> Round:
    folders: dict[str, dict[str, bytes]] = {}
    for folder, file in told.pack_files:
        folders.setdefault(folder, {})[file] = files[f"pack/{folder}/{file}"]
    try:
        pack = own or parse_pack(folders, told.pack)
        tables = parse([Source(name, files[f"inputs/{name}"]) for name in told.inputs])
        if told.kind == "round":
            round_ = run(tables, pack, told.fund_fen, on=told.on, **told.options)
        else:
            round_ = split(
                tables, told.fund_fen, districts=pack, any_district=told.any_district,
                certificate=told.certificate, **told.options,
            )  # fmt: skip
        return round_.written_as(told.file_format)
    except ReliefError as error:
        raise RoundError(
            "round.cannot_compute", problem_en=error.text("en"), problem_zh=error.text("zh")
        ) from error


def _first_difference(code: str, name: str, pair: tuple[bytes, bytes], made_by: str) -> RoundError:
    stored, computed = pair
    lines = zip_longest(*(parquet.as_text(name, data).split(b"\n") for data in (computed, stored)))
    number, two = next((number, two) for number, two in enumerate(lines, start=1) if two[0] != two[1])
    new, old = ((line or b"").decode("utf-8", "replace")[:120] for line in two)
    return RoundError(code, file=name, line=number, computed=new, stored=old, version=made_by)
