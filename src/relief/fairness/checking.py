"""What a plan promises, held against its awards: each axiom holds, is broken, or was never promised.

In    an `Allocation`
Out   `Report`: a verdict for each axiom, the broken ones with a witness that anyone can re-run

Axioms about the awards alone are checked on the whole columns. Those that compare two problems are
asked of the plan's method and rounding again, a handful of times; they are promised only where
nothing but the claims decides: no bounds, groups, terms or returned money, and a unit that divides
every claim.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from relief.allocation import integers
from relief.allocation.division import allocate
from relief.fairness import columns
from relief.fairness.axioms import AXIOMS, OF_PLANS
from relief.fairness.promises import ALWAYS, PROMISES, kept_together
from relief.fairness.witness import Witness
from relief.messages import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relief.allocation import Allocation
    from relief.fairness.asking import Allocate
    from relief.messages import Language

__all__ = ["Report", "Verdict", "check"]


@dataclass(frozen=True)
class Verdict:
    """What became of one axiom.

    Attributes
    ----------
    axiom : str
    status : {"holds", "broken", "not_promised"}
    witness : Witness, optional
        If broken.
    source : str
        Where the promise is proved or written down; empty if there is none.
    """

    axiom: str
    status: Literal["holds", "broken", "not_promised"]
    witness: Witness | None = None
    source: str = ""


@dataclass(frozen=True, repr=False)
class Report:
    """What `check` found.

    Attributes
    ----------
    verdicts : dict of str to Verdict
        By axiom.
    """

    verdicts: dict[str, Verdict]

    @property
    def broken(self) -> dict[str, Witness]:
        """The broken promises, each with its witness."""
        return {name: found.witness for name, found in self.verdicts.items() if found.witness}

    @property
    def holds(self) -> bool:
        """Whether no promise is broken."""
        return not self.broken

    @property
    def table(self) -> pd.DataFrame:
        """DataFrame on `axiom`: `status`, `witness` (text, empty if none), `source`."""
        rows = [
            {"axiom": found.axiom, "status": found.status, "source": found.source,
             "witness": found.witness.text() if found.witness else ""}
            for found in self.verdicts.values()
        ]  # fmt: skip
        return pd.DataFrame(rows).set_index("axiom")[["status", "witness", "source"]]

    def text(self, lang: Language = "en") -> str:
        """Return the report in Chinese (``"zh"``) or English (``"en"``), a line per broken promise."""
        named = {
            status: ", ".join(name for name, found in self.verdicts.items() if found.status == status) or "-"
            for status in ("holds", "not_promised")
        }
        lines = [witness.text(lang) for witness in self.broken.values()]
        return "\n".join([*lines, say("fairness.report", lang, **named)])

    def __repr__(self) -> str:
        return self.text()


def check(plan: Allocation) -> Report:
    """Hold a plan against every axiom that its method and rounding promise.

    Parameters
    ----------
    plan : Allocation
        Of `relief.allocate`, or of a round.

    Returns
    -------
    Report
        One verdict for each axiom.

    Examples
    --------
    >>> from relief import allocate
    >>> report = check(allocate({"a": 100, "b": 200}, 200))
    >>> report.holds, report.verdicts["quota"].status, report.verdicts["resource_monotonicity"].status
    (True, 'holds', 'not_promised')
    """
    promised = _promised(plan)
    return Report({name: _verdict(plan, name, promised) for name in (*AXIOMS, *OF_PLANS)})


def _verdict(plan: Allocation, axiom: str, promised: dict[str, str]) -> Verdict:
    if axiom not in promised:
        return Verdict(axiom, "not_promised")
    if axiom in columns.CHECKS:
        witness = _of_columns(plan, axiom)
    else:
        claims, fund, divide = _asked_again(plan)
        witness = AXIOMS[axiom](divide, claims, fund)
    return Verdict(axiom, "broken" if witness else "holds", witness, promised[axiom])


def _promised(plan: Allocation) -> dict[str, str]:
    """Return what a plan promises, each with its source."""
    method, rounding = PROMISES["methods"][plan.method], PROMISES["roundings"][plan.rounding]
    kept = kept_together(plan.method, plan.rounding)
    if not _only_claims(plan):
        largest = rounding.of_quotas if {"lower_quota", "upper_quota"} <= rounding.of_quotas else frozenset()
        kept = (ALWAYS.axioms - {"anonymity"}) | largest
        kept -= set() if plan.parts[0].problem.capped.all() else {"claims_bounded"}
    sources = {
        **dict.fromkeys(method.axioms, method.source),
        **dict.fromkeys(rounding.axioms, rounding.source),
        **dict.fromkeys(ALWAYS.axioms, ALWAYS.source),
    }
    return {name: sources.get(name, rounding.source) for name in kept}


def _only_claims(plan: Allocation) -> bool:
    """Return whether nothing but the claims decides, in units that fit them."""
    problem, fen = plan.parts[0].problem, plan.parts[0].problem.claims.fen
    return (
        len(plan.parts) == 1
        and not PROMISES["methods"][plan.method].left_out
        and not problem.floors.any()
        and bool(problem.capped.all())
        and not plan.returned_fen
        and not (fen % plan.unit_fen).any()
        and bool((problem.caps == integers.over(fen, plan.unit_fen)).all())
    )


def _asked_again(plan: Allocation) -> tuple[list[int], int, Allocate]:
    """Return the plan's problem counted in units, and its method and rounding as an allocator."""
    claims = integers.over(plan.parts[0].problem.claims.fen, plan.unit_fen).tolist()

    def divide(claims: Sequence[int], fund: int) -> list[int]:
        given = np.array(claims, dtype=np.int64)
        awards: list[int] = allocate(given, fund, plan.method, plan.rounding).awards_fen.tolist()
        return awards

    return claims, plan.fund_fen // plan.unit_fen, divide


def _of_columns(plan: Allocation, axiom: str) -> Witness | None:
    """Return where the awards of a plan break an axiom that looks at them alone."""
    claims, awards = plan.claims_fen.to_numpy(), plan.awards_fen.to_numpy()
    breach = columns.CHECKS[axiom](plan, awards)
    if breach is None:
        return None

    def again(divide: Allocate, claims: Sequence[int], fund: int) -> Witness | None:
        given: Any = integers.narrow(np.array(divide(list(claims), fund), dtype=object))
        found = columns.CHECKS[axiom](plan, given)
        return found and Witness(axiom, tuple(claims), fund, tuple(given.tolist()), found, again)

    return Witness(axiom, tuple(claims.tolist()), plan.fund_fen, tuple(awards.tolist()), breach, again)
