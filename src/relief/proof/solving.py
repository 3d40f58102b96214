"""Questions to the solver, within the work that there is for them.

In    claims about a household's facts
Out   a model, none, or that the question stays open

Work is counted in steps of the solver, never by a clock: every run on every machine finds the same,
shows the same household, and leaves the same undecided.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import z3

if TYPE_CHECKING:
    from relief.proof.household import Household

__all__ = ["Budget", "Query", "Settled", "begin"]

# What a usual machine does in a second.
_STEPS_PER_SECOND = 4_000_000
_WISH_STEPS = 600_000
_STEPS = "rlimit count"
_PLAIN_FEN = 10**8


@dataclass(frozen=True)
class Settled:
    """What came of a question: a model, none where there is none, or neither where it is open."""

    model: Any = None
    is_open: bool = False


def begin() -> None:
    """Begin a proof with a solver that has seen no other, which would sway what it finds."""
    # Z3 makes its one global context where there is none, and has no call that drops it.
    z3.z3._main_ctx = None


class Budget:
    """The steps of the solver that are left for a property."""

    def __init__(self, seconds: float) -> None:
        self.left = int(seconds * _STEPS_PER_SECOND)


class Query:
    """A question that grows."""

    def __init__(self, household: Household, budget: Budget) -> None:
        self.household = household
        self.budget = budget
        self.solver = z3.SimpleSolver()

    def add(self, *claims: Any) -> None:
        """Add claims."""
        self.solver.add(*(z3.BoolVal(claim) if isinstance(claim, bool) else claim for claim in claims))

    def settled(self, *assumed: Any, is_simple: bool = True) -> Settled:
        """Return what came of it; if `is_simple`, of several models one with few rows and small amounts."""
        if self.budget.left <= 0:
            return Settled(is_open=True)
        before = self._steps()
        found = self._checked(assumed, self.budget.left)
        self.budget.left -= self._steps() - before
        if found != z3.sat:
            return Settled(is_open=found != z3.unsat)
        model = self.solver.model()
        for simple in self._simpler() if is_simple else ():
            if self._checked([*assumed, *simple], _WISH_STEPS) == z3.sat:
                return Settled(self.solver.model())
        return Settled(model)

    def _checked(self, assumed: Any, steps: int) -> Any:
        self.solver.set("rlimit", steps)
        return self.solver.check(*assumed)

    def _steps(self) -> int:
        """Return how many steps the solver has done so far."""
        statistics = self.solver.statistics()
        return int(statistics.get_key_value(_STEPS)) if _STEPS in statistics.keys() else 0  # noqa: SIM118

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
