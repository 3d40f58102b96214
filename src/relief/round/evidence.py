"""What a round says of other departments and of papers: its tables, and how many discrepancies there are.

In    an `Assessment`, None for a roster that was recognised already
Out   `Evidence`: discrepancies.csv, confirmation.csv and papers.csv, where their tables have rows; counts
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from relief.evidence.behind import papers_behind
from relief.evidence.confirmation import confirmation
from relief.evidence.discrepancies import EFFECTS, discrepancies
from relief.round import outputs

if TYPE_CHECKING:
    import pandas as pd

    from relief.judging.eligibility import Assessment

__all__ = ["Evidence", "evidence_of"]


@dataclass(frozen=True, repr=False)
class Evidence:
    """What others say, and the papers.

    Attributes
    ----------
    discrepancies, confirmation : DataFrame or None
        None where no answers of departments were handed in; a sheet without a row holds none.
    papers : DataFrame or None
        None where no papers were handed in.
    """

    discrepancies: pd.DataFrame | None = None
    confirmation: pd.DataFrame | None = None
    papers: pd.DataFrame | None = None

    @property
    def counts(self) -> dict[str, int]:
        """Discrepancies by effect and all together, those a ruling settled, and those that wait for one."""
        if self.discrepancies is None:
            return {}
        found = self.discrepancies
        by_effect = {effect: int((found["effect"] == effect).sum()) for effect in EFFECTS}
        settled, waiting = (int((found["went_by"] == side).sum()) for side in ("ruling", "nobody"))
        return {"all": len(found), **by_effect, "settled": settled, "waiting": waiting}

    def files(self) -> dict[str, bytes]:
        """Return the tables as files, by name."""
        files = {}
        if self.discrepancies is not None and self.confirmation is not None:
            files["discrepancies.csv"] = outputs.discrepancies_csv(self.discrepancies)
            files["confirmation.csv"] = outputs.confirmation_csv(self.confirmation)
        if self.papers is not None:
            files["papers.csv"] = outputs.papers_csv(self.papers)
        return files


def evidence_of(judged: Assessment | None) -> Evidence:
    """Return what the answers and papers of an assessment come to; nothing is done where there are none."""
    if judged is None:
        return Evidence()
    # The sheets of the template that nobody filled in are tables too, without a row.
    answered = "registry" in judged.stated and len(judged.stated["registry"]) > 0
    has_papers = "documents" in judged.tables and len(judged.tables["documents"]) > 0
    return Evidence(
        discrepancies(judged) if answered else None,
        confirmation(judged) if answered else None,
        papers_behind(judged) if has_papers else None,
    )
