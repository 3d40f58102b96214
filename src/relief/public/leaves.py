"""One household's answer as it stands in the published tree: a text of its own, blinded by a salt.

In    a `Round` and its secret
Out   a text per household, in an order that tells nothing

The salt is a keyed hash of round and household: who knows a household's figures, or guesses them, still
cannot find its leaf, and the same secret gives the same bytes again.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from relief.allocation import wording
from relief.round.record import canonical
from relief.sheets.places import UNSTATED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relief.round.pipeline import Round

__all__ = ["LEAF", "Leaf", "leaves_of", "read_leaf", "texts_of"]

LEAF = "relief-leaf/1"


@dataclass(frozen=True)
class Leaf:
    """What a round says of one household.

    Attributes
    ----------
    round : str
        The seal of the round's record.
    household_id, district, outcome, category : str
        `outcome` and `category` are empty in a split, which judges nobody.
    claim_fen : int or None
        None where it is not known.
    award_fen : int
        0 for a household without an award.
    quota_fen : str
        The exact award before rounding, ``p/q``, as in ``shares.csv``.
    failed_rules, unknown_rules : tuple of str
    salt : str
        64 hexadecimal digits.
    """

    round: str
    household_id: str
    district: str
    outcome: str
    category: str
    claim_fen: int | None
    award_fen: int
    quota_fen: str
    failed_rules: tuple[str, ...]
    unknown_rules: tuple[str, ...]
    salt: str

    @property
    def text(self) -> str:
        """The leaf as it is hashed: canonical JSON."""
        amounts = {
            "claim_fen": "" if self.claim_fen is None else str(self.claim_fen),
            "award_fen": str(self.award_fen),
        }
        return canonical({"format": LEAF, **asdict(self), **amounts}).decode("utf-8")


def read_leaf(text: str) -> Leaf:
    """Return the leaf that a text says.

    Raises
    ------
    ValueError
        If the text is not exactly that of a leaf.
    """
    told: Any = json.loads(text)
    if (
        not isinstance(told, dict)
        or told.pop("format", None) != LEAF
        or not all(map(_is_plain, told.values()))
    ):
        raise ValueError(LEAF)
    try:
        rules = {name: tuple(told[name]) for name in ("failed_rules", "unknown_rules")}
        claim = int(told["claim_fen"]) if told["claim_fen"] else None
        leaf = Leaf(**{**told, **rules, "claim_fen": claim, "award_fen": int(told["award_fen"])})
    except (KeyError, TypeError) as error:
        raise ValueError(LEAF) from error
    if leaf.text != text or min(leaf.award_fen, leaf.claim_fen or 0) < 0:
        raise ValueError(LEAF)
    return leaf


def _is_plain(value: Any) -> bool:
    return all(isinstance(text, str) for text in (value if isinstance(value, list) else [value]))


def texts_of(round_: Round, secret: bytes, seal: str) -> dict[str, str]:
    """Return every household's leaf by household id."""
    return {leaf.household_id: leaf.text for leaf in leaves_of(round_, secret, seal)}


def leaves_of(round_: Round, secret: bytes, seal: str) -> Iterator[Leaf]:
    """Yield what a round says of each judged household; of a split, of each in it."""
    plan = round_.allocation
    shares = {} if plan is None else _by_household(plan.awards_fen, plan.shown_quotas)
    for household, told in _told(round_):
        award, quota = shares.get(household, (0, "0"))
        salted = hmac.digest(secret, f"{seal}\n{household}".encode(), "sha256")
        yield Leaf(
            round=seal, household_id=household, award_fen=award, quota_fen=quota, salt=salted.hex(), **told
        )


def _by_household(awards: Any, quotas: Any) -> dict[str, tuple[int, str]]:
    rows = zip(awards.index, awards, quotas, strict=True)
    return {str(label): (int(award), str(wording.told(quota))) for label, award, quota in rows}


def _told(round_: Round) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each household with what was decided of it."""
    table = round_.decisions
    if round_.assessment is None and round_.allocation is not None:
        claims = round_.allocation.claims_fen
        nothing = {"outcome": "", "category": "", "failed_rules": (), "unknown_rules": ()}
        homes = round_.household_districts.reindex(claims.index)
        for household, claim, home in zip(claims.index, claims, homes, strict=True):
            yield str(household), {"district": _text(home) or UNSTATED, "claim_fen": int(claim), **nothing}
        return
    names = ("district", "outcome", "category", "failed_rules", "unknown_rules", "claim_fen")
    columns = [table[name].tolist() for name in names] if len(table) else [[] for _ in names]
    for household, district, outcome, category, failed, unknown, claim in zip(
        table.index, *columns, strict=True
    ):
        yield (
            str(household),
            {
                "district": _text(district) or UNSTATED,
                "outcome": _text(outcome),
                "category": _text(category),
                "failed_rules": _rules(failed),
                "unknown_rules": _rules(unknown),
                "claim_fen": int(claim) if _text(claim) else None,
            },
        )


def _text(value: Any) -> str:
    """Return a cell as text; what is missing is empty."""
    return "" if pd.isna(value) else str(value)


def _rules(joined: Any) -> tuple[str, ...]:
    return tuple(rule for rule in _text(joined).split(";") if rule)
