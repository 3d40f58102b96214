"""What was decided from what: enough to compute it again, sealed so that no byte changes unseen.

In    the call, the inputs, the pack, the outputs
Out   ``record.json``: UTF-8, keys sorted, two spaces of indent, no floats; money as text of fen

The seal is the SHA-256 of the record without its seal. It finds every accident; against
somebody who seals anew it needs a signature, which a later stage adds.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from fractions import Fraction
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from relief.allocation import wording
from relief.errors import RoundError

if TYPE_CHECKING:
    from relief.sheets.sheet import Source

__all__ = [
    "FORMAT", "canonical", "digest", "parse_record", "pinned", "plain", "seal_of", "sealed", "versions",
]  # fmt: skip

FORMAT = "relief-round/1"


def digest(data: bytes) -> str:
    """Return the SHA-256 of some bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def pinned(source: Source) -> dict[str, Any]:
    """Return an input as a record names it."""
    return {"name": source.name, "bytes": len(source.data), "sha256": source.sha256}


def versions() -> dict[str, str]:
    """Return what computed a round; told, and not part of what is compared."""
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in ("relief", "pandas", "numpy")},
    }


def seal_of(content: Mapping[str, Any]) -> str:
    """Return the seal of a record."""
    return digest(canonical({key: value for key, value in content.items() if key != "seal"}))


def sealed(content: Mapping[str, Any]) -> bytes:
    """Return a record as bytes, with its seal."""
    return canonical({**content, "seal": seal_of(content)})


def canonical(content: Mapping[str, Any]) -> bytes:
    """Return plain data as JSON that is the same every time: keys sorted, no floats."""
    return (
        json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False) + "\n"
    ).encode()


def parse_record(data: bytes) -> dict[str, Any]:
    """Read a record and check its seal.

    Raises
    ------
    RoundError
        If it is no record, of an unknown format, or any byte of it was changed.
    """
    try:
        content = json.loads(data)
        is_intact = isinstance(content, dict) and sealed(content) == data
    except (ValueError, RecursionError) as error:
        raise RoundError("round.record_changed", file="record.json") from error
    if not is_intact:
        raise RoundError("round.record_changed", file="record.json")
    if content.get("format") != FORMAT:
        raise RoundError("round.unknown_format", found=str(content.get("format")), known=FORMAT)
    return dict(content)


def plain(value: Any) -> Any:
    """Return a reconciliation as JSON may hold it: amounts and exact numbers as text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, Fraction):
        return wording.told(value)
    return value if value is None or isinstance(value, (bool, str)) else str(value)
