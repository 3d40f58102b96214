"""The papers behind each fen of a claim (每分钱的依据).

In    an `Assessment`
Out   per household and paper by how much the claim rests on it; what rests on no paper is a row too

What a paper gives is found by judging again with its amounts at zero, so it holds for any claim base
that a pack can state: a sum, a share, a cap.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.intake.people import column_of
from relief.judging.eligibility import assess

if TYPE_CHECKING:
    from relief.judging.eligibility import Assessment

__all__ = ["papers_behind"]

_COLUMNS = ["household_id", "source", "sheet", "row", "kind", "number", "issued_on", "amount_fen"]


def papers_behind(judged: Assessment) -> pd.DataFrame:
    """Return what each paper adds to its household's claim.

    Parameters
    ----------
    judged : Assessment
        By a pack that has a claim base.

    Returns
    -------
    DataFrame
        household_id; source, sheet and row of the paper; kind, number, issued_on; amount_fen (``Int64``).
        Only papers that the claim rests on. A row without a paper holds the rest: a declared
        total, or a cap that takes from several papers together. The amounts of a household add up to
        its claim.
    """
    claims = judged.decisions["claim_fen"]
    places = _amounts(judged)
    parts: dict[Any, list[tuple[Any, ...]]] = {household: [] for household in claims.dropna().index}
    for turn in range(max((len(at) for at in places.values()), default=0)):
        here = {household: at[turn] for household, at in places.items() if len(at) > turn}
        without = _without(judged, list(here.values()))
        for household, at in here.items():
            if household in parts and not pd.isna(without[household]):
                amount = int(claims[household]) - int(without[household])
                parts[household] += [_paper(judged, household, at, amount)] if amount else []
    rows = []
    for household, papers in parts.items():
        rest = int(claims[household]) - sum(paper[-1] for paper in papers)
        rows += [*papers, *([(household, None, None, None, None, None, pd.NaT, rest)] if rest else [])]
    return pd.DataFrame(rows, columns=_COLUMNS).astype({"row": "Int64", "amount_fen": "Int64"})


def _read(judged: Assessment) -> list[str]:
    """Return the amounts on papers that the pack reads."""
    return [
        name for table, name in sorted(judged.pack.columns)
        if table == "documents" and name.endswith("_fen") and name in judged.tables["documents"]
    ]  # fmt: skip


def _amounts(judged: Assessment) -> dict[Any, list[int]]:
    """Return the positions of each household's papers with an amount that the pack reads."""
    if "documents" not in judged.tables:
        return {}
    papers = judged.tables["documents"]
    known = np.zeros(len(papers), dtype=bool)
    for name in _read(judged):
        known |= papers[name].fillna(0).ne(0).to_numpy(dtype=bool)
    found: dict[Any, list[int]] = {}
    households = column_of(papers, "household_id")
    for at in np.flatnonzero(known).tolist():
        found.setdefault(households[at], []).append(at)
    return found


def _without(judged: Assessment, at: list[int]) -> pd.Series[Any]:
    """Return the claims if the amounts of some papers were zero."""
    papers = judged.tables["documents"].copy()
    for name in _read(judged):
        papers.iloc[at, list(papers.columns).index(name)] = 0
    tables = replace(judged.tables, frames=judged.tables.frames | {"documents": papers})
    return assess(tables, judged.pack, on=judged.on).decisions["claim_fen"]


def _paper(judged: Assessment, household: Any, at: int, amount: int) -> tuple[Any, ...]:
    papers, place = judged.tables["documents"], judged.tables.origins["documents"].iloc[at]
    kind, number, issued = (column_of(papers.iloc[[at]], name)[0] for name in ("kind", "number", "issued_on"))
    return household, place["source"], place["sheet"], int(place["row"]), kind, number, issued, amount
