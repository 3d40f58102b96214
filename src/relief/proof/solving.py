"""Questions to the solver, within the time there is.

In    claims about a household's facts
Out   a model, none, or that the question stays open
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import z3

if TYPE_CHECKING:
    from relief.proof.household import Household

__all__ = ["Query", "Settled"]

_LEAST_MS = 100
_WISH_MS = 300
_PLAIN_FEN = 10**8


@dataclass(frozen=True)
class Settled:
    """What came of a question: a model, none where there is none, or neither where it is open."""

    model: Any = None
    is_open: bool = False


class Query:
    """A question that grows."""

    def __init__(self, household: Household, deadline: float) -> None:
        self.household = household
        self.deadline = deadline
        self.solver = z3.SimpleSolver()

    def add(self, *claims: Any) -> None:
        """Add claims."""
        self.solver.add(*(z3.BoolVal(claim) if isinstance(claim, bool) else claim for claim in claims))

    def settled(self, *assumed: Any, is_simple: bool = True) -> Settled:
        """Return what came of it; if `is_simple`, of several models one with few rows and small amounts."""
        found = self._checked(assumed)
        if found != z3.sat:
            return Settled(is_open=found != z3.unsat)
        model = self.solver.model()
        for simple in self._simpler() if is_simple else ():
            if self._checked([*assumed, *simple], _WISH_MS) == z3.sat:
                return Settled(self.solver.model())
        return Settled(model)

    def _checked(self, assumed: Any, most_ms: int = 10**6) -> Any:
        left = int(1000 * (self.deadline - time.monotonic()))
        if left <= 0:
            return z3.unknown
        self.solver.set("timeout", min(max(left, _LEAST_MS), most_ms))
        return self.solver.check(*assumed)

    def _simpler(self) -> list[list[Any]]:
        """Return wishes for a household that is easy to read, the strongest first."""
        facts = self.household.facts.values()
        no_rows = [z3.Not(fact.var) for fact in facts if fact.key[2] == ""]
        small = [
            z3.And(fact.var <= _PLAIN_FEN, fact.var >= -_PLAIN_FEN)
            for fact in facts if fact.kind == "number" and fact.key[2].endswith("_fen")
        ]  # fmt: skip
        few = [fact.var <= max(fact.few[:-1]) for fact in facts if fact.few]
        return [[*no_rows, *small, *few], [*small, *few], no_rows]
