"""How to get the same round again: pack, hashes, versions and the call.

In    a `Round`
Out   `Reproduction`; in a masked report inputs have numbers, since a file may be named after a person
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from relief.messages import say
from relief.round.record import canonical

if TYPE_CHECKING:
    from relief.messages import Language
    from relief.round.pipeline import Round

__all__ = ["Reproduction", "reproduction"]


@dataclass(frozen=True)
class Reproduction:
    """What a report tells of where its figures come from.

    Attributes
    ----------
    fingerprint, seal : str
        What the notice prints, and the record's own.
    pack : str
    inputs, pack_files : tuple of (name, SHA-256)
    versions : tuple of (name, version)
    call : str
        What was asked for, as the record keeps it, as JSON.
    """

    fingerprint: str
    seal: str
    pack: str
    inputs: tuple[tuple[str, str], ...]
    pack_files: tuple[tuple[str, str], ...]
    versions: tuple[tuple[str, str], ...]
    call: str


def reproduction(round_: Round, fingerprint: str | None, *, full: bool, lang: Language) -> Reproduction:
    """Return what is needed to compute a round again, and to see that it is the same."""
    kept = round_.record
    inputs = [
        (source["name"] if full else say("report.input", lang, number=number), source["sha256"])
        for number, source in enumerate(kept["inputs"], start=1)
    ]
    return Reproduction(
        fingerprint=fingerprint or round_.seal,
        seal=round_.seal,
        pack=round_.pack.name,
        inputs=tuple(inputs),
        pack_files=tuple(sorted(kept["pack"]["files"].items())),
        versions=tuple(kept["versions"].items()),
        call=canonical(kept["call"]).decode().strip(),
    )
