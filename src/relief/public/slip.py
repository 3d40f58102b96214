"""A household's slip: its leaf, the published text and the path between them; and whether one is right.

In    `Published` and a household; or a slip and the fingerprint from the notice
Out   JSON that shows nothing of anybody else; or the `Leaf` it proves, or the error that names what is wrong
"""

from __future__ import annotations

import json
import re
from typing import Any

from relief.errors import PublicError, UnknownHouseholdError
from relief.public.leaves import Leaf, read_leaf
from relief.public.merkle import leaf_hash, path_length, root_by
from relief.public.published import PUBLISHED, Published, fingerprint_of, read_fingerprint
from relief.round.record import canonical

__all__ = ["SLIP", "check_proof", "proof"]

SLIP = "relief-slip/1"
_COUNT = re.compile(r"0|[1-9][0-9]{0,8}")
_HASH = re.compile(r"[0-9a-f]{64}")
_KEYS = {"format", "index", "leaf", "leaf_hash", "path", "published"}
# A path has at most 30 hashes; what is longer than this was never a slip.
_MOST_BYTES = 2**20


def proof(published: Published, household_id: str) -> bytes:
    """Return a household's slip.

    Raises
    ------
    UnknownHouseholdError
        If the round says nothing of that household.

    Examples
    --------
    >>> import pandas as pd
    >>> from relief import split
    >>> from relief.public import publish
    >>> roster = pd.DataFrame({"户编号": ["a", "b", "c"], "个人自付": [100, 300, 50]})
    >>> published = publish(split(roster, 200_00), b"sixteen bytes or more")
    >>> leaf = check_proof(proof(published, "b"), published.fingerprint)
    >>> leaf.household_id, leaf.award_fen, leaf.quota_fen
    ('b', 13333, '40000/3')
    """
    if household_id not in published.leaves:
        raise UnknownHouseholdError("public.unknown_household", label=household_id)
    place, leaf = published.places[household_id], published.leaves[household_id]
    return canonical(
        {
            "format": SLIP,
            "published": published.text,
            "leaf": leaf,
            "leaf_hash": leaf_hash(leaf.encode()).hex(),
            "index": str(place),
            "path": [step.hex() for step in published.tree.path(place)],
        }
    )


def check_proof(data: bytes, fingerprint: str) -> Leaf:
    """Return what a slip proves of its household.

    Parameters
    ----------
    data : bytes
        The slip's file.
    fingerprint : str
        As the notice prints it; spaces and capitals do not count.

    Raises
    ------
    PublicError
        Its `code` names what is wrong: ``public.no_fingerprint`` (what was typed is none),
        ``slip.malformed`` (no slip, or cut off), ``slip.fingerprint`` (the slip's published text is not the
        one of the notice), ``slip.leaf`` (the household's figures were changed), ``slip.other_round`` (they
        are another round's), ``slip.index`` (no such place, or a path of another length),
        ``slip.path`` (the path does not lead to the published root).
    """
    wanted = read_fingerprint(fingerprint)
    slip = _read(data)
    if fingerprint_of(slip["published"]) != wanted:
        raise PublicError("slip.fingerprint")
    published, hashed = _published(slip["published"]), leaf_hash(slip["leaf"].encode())
    if hashed.hex() != slip["leaf_hash"]:
        raise PublicError("slip.leaf")
    leaf = _leaf(slip["leaf"])
    if leaf.round != published["round"]:
        raise PublicError("slip.other_round")
    index, size = int(slip["index"]), int(published["leaves"])
    if index >= size or len(slip["path"]) != path_length(index, size):
        raise PublicError("slip.index")
    if root_by(hashed, index, size, list(map(bytes.fromhex, slip["path"]))).hex() != published["root"]:
        raise PublicError("slip.path")
    return leaf


def _read(data: bytes) -> dict[str, Any]:
    """Return a slip's fields, each of the right kind."""
    try:
        slip: Any = json.loads(data) if len(data) <= _MOST_BYTES else {}
        is_slip = isinstance(slip, dict) and _is_slip(slip) and canonical(slip) == data
    except (ValueError, RecursionError) as error:
        raise PublicError("slip.malformed") from error
    if not is_slip:
        raise PublicError("slip.malformed")
    return dict(slip)


def _is_slip(slip: dict[str, Any]) -> bool:
    if slip.keys() != _KEYS or slip["format"] != SLIP or not isinstance(slip["path"], list):
        return False
    texts = [slip[name] for name in _KEYS - {"path"}] + slip["path"]
    if not all(isinstance(text, str) for text in texts):
        return False
    is_hashed = all(_HASH.fullmatch(step) for step in [slip["leaf_hash"], *slip["path"]])
    return is_hashed and _COUNT.fullmatch(slip["index"]) is not None


def _published(text: str) -> dict[str, Any]:
    try:
        told = json.loads(text)
        is_published = told["format"] == PUBLISHED and _COUNT.fullmatch(told["leaves"]) is not None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise PublicError("slip.malformed") from error
    if not is_published:
        raise PublicError("slip.malformed")
    return dict(told)


def _leaf(text: str) -> Leaf:
    try:
        return read_leaf(text)
    except (ValueError, RecursionError) as error:
        raise PublicError("slip.malformed") from error
