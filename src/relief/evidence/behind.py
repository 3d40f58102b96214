"""The papers behind each fen of a claim (每分钱的依据), and the stay that each proves.

In    an `Assessment`
Out   per household and paper its stay and by how much the claim rests on it; what rests on none is a row too

What a paper gives is found by working the claim out again with its amounts at zero, so it holds for any
claim base that a pack can state: a sum, a share, a cap.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.evidence.copies import Copier
from relief.evidence.stays import stays
from relief.intake.people import column_of
from relief.rulepack.facts import Facts
from relief.verdicts import Whole

if TYPE_CHECKING:
    from relief.judging.eligibility import Assessment

__all__ = ["papers_behind"]

_COLUMNS = [
    "household_id", "source", "sheet", "row", "document_id", "kind", "number", "issued_on", "stay",
    "amount_fen",
]  # fmt: skip
_BLOCK = 1 << 13
_TYPES = dict.fromkeys(_COLUMNS, "object") | {
    "row": "Int64", "stay": "Int64", "amount_fen": "Int64", "issued_on": "datetime64[s]",
}  # fmt: skip
_PAPER = ("document_id", "kind", "number", "issued_on")


def papers_behind(judged: Assessment) -> pd.DataFrame:
    """Return what each paper adds to its household's claim, and the stay that it proves.

    Parameters
    ----------
    judged : Assessment
        By a pack that has a claim base.

    Returns
    -------
    DataFrame
        household_id; source, sheet and row of the paper; document_id, kind, number, issued_on; stay, as
        `relief.evidence.stays.stays` numbers them; amount_fen (``Int64``), NA where the claim is not known.
        One row for each paper, in their order; then for each household whose claim does not rest on papers
        alone a row without a paper with the rest: a declared total, or a cap that takes from several papers
        together. The amounts of a household add up to its claim.
    """
    claims = judged.decisions["claim_fen"].dropna()
    papers = _papers(judged, set(claims.index))
    counted = papers.groupby("household_id")["amount_fen"].sum().reindex(claims.index, fill_value=0)
    rest = claims - counted.astype("Int64")
    rest = rest[rest != 0]
    told = dict.fromkeys(_COLUMNS, None) | {"household_id": rest.index, "amount_fen": rest.to_numpy()}
    lines = pd.DataFrame(told, columns=_COLUMNS)
    parts = [part.astype(_TYPES) for part in (papers, lines) if len(part)]
    return pd.concat(parts or [papers], ignore_index=True)


def _papers(judged: Assessment, known: set[Any]) -> pd.DataFrame:
    """Return a row per paper with what it adds to its household's claim, where that is known."""
    if "documents" not in judged.tables:
        return pd.DataFrame(columns=_COLUMNS).astype(_TYPES)
    papers, origin = judged.tables["documents"], judged.tables.origins["documents"]
    amounts = _amounts(judged)
    found = {name: papers[name].array for name in ("household_id", *_PAPER) if name in papers}
    found |= {name: origin[name].array for name in ("source", "sheet", "row")}
    found["stay"] = stays(judged.tables).array
    found["amount_fen"] = pd.array([amounts.get(at, 0) for at in range(len(papers))], dtype="Int64")
    frame = pd.DataFrame(found, columns=_COLUMNS)
    return frame.assign(amount_fen=frame["amount_fen"].where(frame["household_id"].isin(known)))


def _amounts(judged: Assessment) -> dict[int, int]:
    """Return by how much each paper moves its household's claim; one that moves nothing is left out."""
    claims = judged.decisions["claim_fen"].dropna().to_dict()
    households = column_of(judged.tables["documents"], "household_id")
    places = [at for at in _with_amounts(judged) if households[at] in claims]
    found: dict[int, int] = {}
    copier = Copier(judged.tables)
    for start in range(0, len(places), _BLOCK):
        block = places[start : start + _BLOCK]
        without = _without(judged, copier, block, [households[at] for at in block])
        known = zip(block, without.fen.tolist(), without.known.tolist(), strict=True)
        found |= {at: int(claims[households[at]]) - fen for at, fen, is_known in known if is_known}
    return {at: amount for at, amount in found.items() if amount}


def _read(judged: Assessment) -> list[str]:
    """Return the amounts on papers that the pack reads."""
    return [
        name for table, name in sorted(judged.pack.columns)
        if table == "documents" and name.endswith("_fen") and name in judged.tables["documents"]
    ]  # fmt: skip


def _with_amounts(judged: Assessment) -> list[int]:
    """Return the positions of the papers with an amount that the pack reads and that is not zero."""
    papers = judged.tables["documents"]
    known = np.zeros(len(papers), dtype=bool)
    for name in _read(judged):
        known |= papers[name].fillna(0).ne(0).to_numpy(dtype=bool)
    places: list[int] = np.flatnonzero(known).tolist()
    return places


def _without(judged: Assessment, copier: Copier, papers: list[int], households: list[Any]) -> Whole:
    """Return for some papers the claim of the household if the amounts of that one paper were zero."""
    copied = copier.copies(households)
    documents = copied.tables["documents"]
    zero = copied.rows["documents"] == np.array(papers)[copied.numbers["documents"]]
    changed = {name: documents[name].mask(zero, 0) for name in _read(judged)}
    frames = copied.tables.frames | {"documents": documents.assign(**changed)}
    facts = Facts(replace(copied.tables, frames=frames), judged.pack, judged.on)
    claims = Whole.empty(len(papers))
    if judged.pack.claim is not None:
        claims.put(facts.view(np.arange(len(papers))).amount(judged.pack.claim.node), slice(None))
    return claims
