"""The text of a round that everybody may read: sums and one root, no household.

In    a `Round`, its secret, the fingerprint of the round before
Out   `Published`: canonical JSON, its fingerprint for the notice, and the leaves below its root

Amounts are text of whole fen. No claims, not even their total: with it a proportional split would give back
what an illness cost each household on the notice.
"""

from __future__ import annotations

import json
import secrets
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from relief.errors import PublicError
from relief.messages import Figure
from relief.public.leaves import texts_of
from relief.public.merkle import Tree, leaf_hash
from relief.round.record import canonical, digest

if TYPE_CHECKING:
    from relief.round.pipeline import Round

__all__ = [
    "PUBLISHED", "Published", "fingerprint_of", "grouped", "make_secret", "publish", "read_fingerprint",
    "republish",
]  # fmt: skip

PUBLISHED = "relief-published/1"
_SECRET_BYTES, _LEAST_BYTES = 32, 16
_HEX, _FINGERPRINT_DIGITS, _GROUP = frozenset("0123456789abcdef"), 64, 4


@dataclass(frozen=True, eq=False, repr=False)
class Published:
    """A round as published.

    Attributes
    ----------
    text : str
        What goes into ``published.json``, to the byte.
    leaves : dict of str to str
        The text of each household's leaf, in the order of the tree. Not for publication.
    """

    text: str
    leaves: dict[str, str]

    def __repr__(self) -> str:
        return f"Published({len(self.leaves)} leaves, fingerprint={grouped(self.fingerprint)!r})"

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the text, 64 hexadecimal digits: what the notice prints."""
        return fingerprint_of(self.text)

    @cached_property
    def tree(self) -> Tree:
        """The tree over the leaves."""
        return Tree([leaf_hash(leaf.encode()) for leaf in self.leaves.values()])

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each household's leaf in the tree, counted from 0."""
        return {household: place for place, household in enumerate(self.leaves)}


def publish(
    round_: Round, secret: bytes, previous: str | None = None, *, seal: str | None = None
) -> Published:
    """Return a round as it is published.

    Parameters
    ----------
    round_ : Round
    secret : bytes
        Of this round alone, at least 16 bytes, as `make_secret` gives; it stays out of the round's folder.
        The same secret gives the same bytes.
    previous : str, optional
        The fingerprint of the round published before this one.
    seal : str, optional
        The seal of the record in the folder. It tells by which versions a round was computed, so a round that
        was computed again may have another one.

    Raises
    ------
    PublicError
        If the secret is too short, or `previous` is no fingerprint.

    Examples
    --------
    >>> import pandas as pd
    >>> from relief import split
    >>> roster = pd.DataFrame({"户编号": ["a", "b", "c"], "个人自付": [100, 300, 50]})
    >>> published = publish(split(roster, 200_00), b"sixteen bytes or more")
    >>> json.loads(published.text)["award_fen"], sorted(published.leaves)
    ('20000', ['a', 'b', 'c'])
    """
    if len(secret) < _LEAST_BYTES:
        raise PublicError("public.short_secret", count=len(secret), least=_LEAST_BYTES)
    seal = seal or round_.seal
    texts = texts_of(round_, secret, seal)
    # Salted hashes are as good as drawn by lot, so their order tells nothing of the households.
    order = sorted(texts, key=lambda household: leaf_hash(texts[household].encode()))
    leaves = {household: texts[household] for household in order}
    root = Tree([leaf_hash(leaf.encode()) for leaf in leaves.values()]).root
    told = {
        **_told(round_),
        "round": seal,
        "leaves": str(len(leaves)),
        "root": root.hex(),
        "previous": "" if previous is None else read_fingerprint(previous),
    }
    return Published(canonical(told).decode("utf-8"), leaves)


def republish(round_: Round, secret: bytes, text: str) -> Published:
    """Return a round as it was published, to make slips of it.

    Raises
    ------
    PublicError
        If it is another round or another secret than the text was made from.
    """
    try:
        told = json.loads(text)
        previous, seal = told["previous"], told["round"]
    except (ValueError, KeyError, TypeError) as error:
        raise PublicError("public.unreadable") from error
    again = publish(round_, secret, previous or None, seal=str(seal))
    if again.text != text:
        raise PublicError("public.other")
    return again


def _told(round_: Round) -> dict[str, Any]:
    """Return what stands of a round in the published text, but for the tree."""
    record, call = round_.record, round_.call
    table = round_.districts
    rows = zip(map(str, table.index), table["households"], table["award_fen"], strict=True)
    districts = [
        {"district": name, "households": str(int(count)), "award_fen": str(int(award))}
        for name, count, award in rows
    ]
    return {
        "format": PUBLISHED,
        "kind": round_.kind,
        "pack": {"name": round_.pack.name, "sha256": digest(canonical(record["pack"]))},
        "on": call.get("on", ""),
        "method": call["method"],
        "rounding": call["rounding"],
        "unit_fen": call["unit_fen"],
        "fund_fen": call["fund_fen"],
        "award_fen": str(sum(map(int, round_.districts["award_fen"]))),
        "counts": {name: str(count) for name, count in round_.counts.items()},
        "districts": districts,
    }


def make_secret() -> bytes:
    """Return a new secret of 32 bytes, drawn by the system's lot."""
    return secrets.token_bytes(_SECRET_BYTES)


def fingerprint_of(text: str) -> str:
    """Return the SHA-256 of a published text, 64 hexadecimal digits."""
    return digest(text.encode("utf-8"))


def grouped(fingerprint: str) -> str:
    """Return a fingerprint as it is printed, in groups of four.

    Examples
    --------
    >>> grouped("0123456789ab")
    '0123 4567 89ab'
    """
    # A `Figure`: groups that happen to be digits alone would be masked like an account's number.
    return Figure(" ".join(fingerprint[at : at + _GROUP] for at in range(0, len(fingerprint), _GROUP)))


def read_fingerprint(typed: str) -> str:
    """Return a fingerprint as a person typed it: spaces, full width and capitals do not count.

    Raises
    ------
    PublicError
        If it does not have 64 hexadecimal digits.
    """
    plain = "".join(unicodedata.normalize("NFKC", typed).split()).lower()
    if len(plain) != _FINGERPRINT_DIGITS or not _HEX.issuperset(plain):
        raise PublicError("public.no_fingerprint", digits=_FINGERPRINT_DIGITS, count=len(plain))
    return plain
