"""Whether a pack's answer is ever more open than the facts leave it.

In    a prover of a pack
Out   a finding for a household that is pending though every completion of it gets the same answer

Only facts can be lacking of which `relief.proof.occurrences` says that it may matter.
A household and the facts that it lacks are sought such that some completions, few at first, all
agree. Each that the solver offers is held against all completions: one that differs joins the few,
and where none does the household is a finding. Where no household is left, the answers are exact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import z3

from relief.proof.between import Between
from relief.proof.findings import case_of, judged
from relief.proof.numbers import negation
from relief.proof.occurrences import doubtful
from relief.proof.outcome import decided
from relief.proof.solving import Query, Settled
from relief.proof.symbols import Reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from relief.proof.findings import Verdict
    from relief.proof.household import Fact, Household, Key, World
    from relief.proof.numbers import Flag
    from relief.proof.outcome import Outcome
    from relief.proof.solving import Budget
    from relief.review.cases import Case
    from relief.rulepack.contents import Pack

__all__ = ["coarser"]

Agrees: TypeAlias = "Callable[[list[Verdict]], bool]"
_MOST_TRIES = 200
_MOST_SHOWN = 8


class Prover(Protocol):
    """What proves a pack: `relief.proof.properties`."""

    pack: Pack
    budget: Budget
    household: Household
    ruled: frozenset[str]

    def outcome(self, world: World) -> tuple[Reading, Outcome]:
        """Return what is decided in a world."""

    def report(
        self, name: str, ids: tuple[str, ...], cases: tuple[Case, ...], agrees: Agrees, shown: int = 2
    ) -> None:
        """Add a finding if it is confirmed."""

    def open(self, name: str, ids: tuple[str, ...]) -> None:
        """Add what stays open."""


def coarser(prover: Prover) -> None:
    """Look for a household that is pending without need."""
    search = _Search(prover)
    for _ in range(_MOST_TRIES):
        offered = search.offered()
        if offered.is_open:
            return prover.open("exact", ())
        if offered.model is None:
            return None
        other = search.differing(offered.model)
        if other.is_open:
            return prover.open("exact", ())
        if other.model is None:
            return search.report(search.simpler(offered.model))
        search.learn(other.model)
    return prover.open("exact", ())


class _Search:
    """The completions that count so far, and the questions about them."""

    def __init__(self, prover: Prover) -> None:
        self.prover = prover
        self.lacking = doubtful(prover.pack)
        self.reading, outcome = self._read(self._gaps)
        self.worlds = [self._filled(_end(hard, low)) for hard in (1, -1) for low in (True, False)]
        self.fresh: dict[Key, Any] = {}
        self.any_world = self._filled(self._fresh)
        (first, self.first), *others = [self._read(world) for world in self.worlds]
        self.opened = first.opened
        any_reading, any_outcome = self._read(self.any_world)
        household = prover.household
        base = [*household.constraints(), *self.reading.assumed]
        self.asked = Query(household, prover.budget)
        self.asked.add(*base, outcome.pending, *(self.first.agrees(other) for _, other in others))
        self.checked = Query(household, prover.budget)
        ranges = [c for key, term in self.fresh.items() for c in _reach(household.facts[key], term)]
        agreed = self.first.agrees(any_outcome)
        self.checked.add(*base, *ranges, negation(agreed))
        open_ = {key: term for key, term in self.fresh.items() if key[0] == "parameters"}
        self.between = {key: Between(agreed, term) for key, term in open_.items()}
        self.any_opened = any_reading.opened

    def _gaps(self, fact: Fact) -> tuple[Any, Flag]:
        """Return a fact as known, or as one that may be lacking."""
        table, _, name = fact.key
        may_lack = table == "parameters" or (table, name) in self.lacking
        return fact.var, fact.known if may_lack else True

    def _filled(self, values: Callable[[Fact], Any]) -> World:
        def world(fact: Fact) -> tuple[Any, Flag]:
            value, is_known = self._gaps(fact)
            return (value if is_known is True else z3.If(is_known, value, values(fact))), True

        return world

    def _read(self, world: World) -> tuple[Reading, Outcome]:
        reading = Reading(self.prover.household, world)
        return reading, decided(reading, self.prover.pack, self.prover.ruled)

    def _fresh(self, fact: Fact) -> Any:
        if fact.key not in self.fresh:
            name = f"filled {fact.key}"
            # A parameter that is open can be any amount, also between two fen.
            sort = z3.RealSort() if fact.key[0] == "parameters" else fact.var.sort()
            self.fresh[fact.key] = z3.Const(name, sort)
        return self.fresh[fact.key]

    def offered(self) -> Settled:
        """Return a household that is pending and of which the completions so far agree."""
        return self.asked.settled(is_simple=False)

    def simpler(self, model: Any) -> Any:
        """Return a household that is easier to read, if one is a finding too."""
        other = self.asked.settled(is_simple=True)
        is_one = other.model is not None and self.differing(other.model) == Settled()
        return other.model if is_one else model

    def differing(self, model: Any) -> Settled:
        """Return a completion of a household that comes out differently: where it can be, one at the ends.

        What stands at an end of its range says something of other households too.
        """
        fixed = _as_in(self.prover.household, model)
        found = self.checked.settled(*fixed, is_simple=False)
        if found.model is None:
            return found
        for key, term in self.fresh.items():
            fact = self.prover.household.facts[key]
            if not z3.is_true(model.eval(fact.known, model_completion=True)):
                found = self._closer(found, fixed, term, fact)
        return found

    def _closer(self, found: Settled, fixed: list[Any], term: Any, fact: Fact) -> Settled:
        """Return a completion with a fact at an end of its range, if there is one, and hold it there."""
        for end in (_end(1, low=True)(fact), _end(-1, low=False)(fact)):
            at_end = z3.is_true(found.model.eval(term == end))
            other = found if at_end else self.checked.settled(*fixed, term == end, is_simple=False)
            if other.model is not None:
                fixed.append(term == end)
                return other
        return found

    def learn(self, model: Any) -> None:
        """Let a completion count from now on."""
        values = {key: model.eval(term, model_completion=True) for key, term in self.fresh.items()}
        others = [(term, values[key]) for key, term in self.fresh.items() if key[0] != "parameters"]
        for key in self.between:
            if not self._is_at_end(key, values[key]):
                values[key] = self.between[key].term(model, others)
        world = self._filled(lambda fact: values[fact.key] if fact.key in values else _end(1, low=True)(fact))
        self.worlds.append(world)
        self.asked.add(self.first.agrees(self._read(world)[1]))

    def _is_at_end(self, key: Key, value: Any) -> bool:
        fact = self.prover.household.facts[key]
        return any(z3.eq(z3.simplify(z3.ToReal(_end(hard, low=True)(fact))), value) for hard in (1, -1))

    def report(self, model: Any) -> None:
        """Report the household, with the completions that were tried on it."""
        household = self.prover.household
        case = case_of(household, model, self._gaps, {}, "pending")
        readings = [(world, self._read(world)[0]) for world in self.worlds[:_MOST_SHOWN]]
        whole = [
            case_of(household, model, world, reading.opened, f"complete-{at}")
            for at, (world, reading) in enumerate(readings)
        ]

        def agrees(found: list[Verdict]) -> bool:
            return found[0].outcome == "pending" and _is_one(found[1:])

        # The assessment takes parameters to the fen, and no such numbers as end a range without end.
        to_the_fen = [
            one for one in whole if all((100 * v).denominator == 1 for v in one.parameters.values())
        ]
        taken = judged(self.prover.pack, to_the_fen)
        told = [one for one in to_the_fen if one.id in taken]
        self.prover.report("exact", (), (case, *told), agrees, shown=1)


def _is_one(found: list[Verdict]) -> bool:
    """Return whether all completions have one answer: refused, or one category and one claim."""
    answers = {(v.outcome, v.category, v.claim) if v.outcome == "eligible" else v.outcome for v in found}
    return len(answers) == 1 and "pending" not in answers


def _end(hard: int, low: bool) -> Callable[[Fact], Any]:
    """Return a completion at the ends of ranges: of hardship or ease, low or high where neither is."""

    def value(fact: Fact) -> Any:
        if fact.kind == "truth":
            return z3.BoolVal(low)
        lowest = fact.floor if fact.floor is not None else -fact.ceiling
        if fact.kind == "date":
            lowest = fact.least
        upward = hard * fact.hard > 0 if fact.hard else not low
        return z3.IntVal(fact.ceiling if upward else lowest)

    return value


def _reach(fact: Fact, term: Any) -> list[Any]:
    lowest = fact.least if fact.kind == "date" else fact.floor if fact.floor is not None else -fact.ceiling
    return fact.bounded(term, lowest, fact.ceiling)


def _as_in(household: Household, model: Any) -> list[Any]:
    """Return what makes every fact as a model has it."""
    fixed = []
    for fact in household.facts.values():
        if fact.known is not True:
            fixed.append(fact.known == model.eval(fact.known, model_completion=True))
        fixed.append(fact.var == model.eval(fact.var, model_completion=True))
    return fixed
