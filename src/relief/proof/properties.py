"""The properties of a pack, each as a question whether some household violates it.

In    a pack, a day, a limit of work
Out   a `Proof`; a household that the solver finds counts only if `relief.assess` says the same

decided    who is known in every fact is eligible or refused, never pending
exclusive  no household fits two categories, where the pack says so
gapless    there too: whoever is poorer than a household with a category has one
monotone   more hardship never makes the answer worse: refused, pending, eligible
alone      every rule that refuses or bars can be the only one that fails
exact      an answer is pending only where two completions of the missing facts differ
"""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any, TypeAlias

import z3

from relief.errors import ParameterError
from relief.proof.exactness import coarser
from relief.proof.findings import PROPERTIES, Finding, Proof, Undecided, as_judged, case_of, judged
from relief.proof.household import Household, UnreadableError, known, partial
from relief.proof.numbers import all_of, any_of, negation
from relief.proof.outcome import decided, ruled_in
from relief.proof.solving import Budget, Query, Settled, begin
from relief.proof.symbols import Reading
from relief.rulepack.tree import Aggregate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from relief.proof.findings import Verdict
    from relief.proof.household import Fact, Key, World
    from relief.proof.numbers import Flag
    from relief.proof.outcome import Outcome
    from relief.review.cases import Case
    from relief.rulepack.contents import Pack

__all__ = ["proved"]

Agrees: TypeAlias = "Callable[[list[Verdict]], bool]"
_RANK = {"ineligible": 0, "pending": 1, "eligible": 2}
_WHEN_NOTHING_IS_DATED = dt.date(2025, 7, 1)


def proved(pack: Pack, on: dt.date | None, seconds: float) -> Proof:
    """Prove what can be proved with so much work."""
    begin()
    day = on if on is not None else _day(pack)
    prover = _Prover(pack, day, seconds)
    # Asked first, with a budget of its own: all that is proved depends on it.
    has_nobody = prover.has_nobody
    for name, prove in _PROOFS.items():
        prover.run(name, prove)
    if has_nobody:
        prover.take_back()
    open_ = {undecided.name for undecided in prover.undecided} | {found.name for found in prover.findings}
    used = {table for table, _ in pack.columns} - {"households", "rulings"}
    rows = {table: number for table, number in prover.household.rows.items() if table in used}
    names = tuple(name for name in PROPERTIES if name not in open_ and prover.applies(name))
    return Proof(pack.name, day, names, tuple(prover.findings), tuple(prover.undecided), rows)


def _day(pack: Pack) -> dt.date:
    """Return the latest day on which a value begins and all that is read has one."""
    values = [value for p in pack.parameters.values() for layer in p.layers for value in layer]
    days = sorted({max(v.effective_from, v.announced_on or v.effective_from) for v in values}, reverse=True)
    years = [dt.date(year.year, 7, 1) for year in pack.calendar.years[-1:]] if pack.calendar else []
    later = [day.replace(year=day.year + 1, day=1) for day in days]
    candidates = [*days, *later, *years, _WHEN_NOTHING_IS_DATED]
    for day in candidates:
        try:
            decided(Reading(Household(pack, day), known), pack, frozenset())
        except ParameterError:
            continue
        except UnreadableError:
            return day
        return day
    return candidates[0]


class _Prover:
    """The properties of one pack, and what came of them."""

    def __init__(self, pack: Pack, on: dt.date, seconds: float) -> None:
        self.pack = pack
        self.seconds = seconds
        self.budget = Budget(seconds)
        self.household = Household(pack, on)
        self.ruled = ruled_in(pack)
        self.findings: list[Finding] = []
        self.undecided: list[Undecided] = []
        self._read: dict[Any, tuple[Reading, Outcome]] = {}

    def applies(self, name: str) -> bool:
        """Return whether a property means something for the pack."""
        return self.pack.exclusive_categories or name not in ("exclusive", "gapless")

    def run(self, name: str, prove: Callable[[_Prover], None]) -> None:
        """Prove one property."""
        if not self.applies(name):
            return
        self.budget = Budget(self.seconds)
        try:
            prove(self)
        except UnreadableError as error:
            self.undecided.append(Undecided(name, (str(error),), "form"))

    @cached_property
    def has_nobody(self) -> bool:
        """Whether no household of so few rows is eligible: then nothing that is said of it says anything."""
        try:
            reading, outcome = self.outcome(known)
        except UnreadableError:
            return False
        settled = self.ask([reading], outcome.eligible, is_simple=False)
        return settled.model is None and not settled.is_open

    def take_back(self) -> None:
        """Let what holds only as nobody is eligible stay undecided."""
        told = {open_.name for open_ in self.undecided} | {found.name for found in self.findings}
        # That each rule can be the only one that fails was shown by households that there are.
        for name in PROPERTIES:
            if name not in told and name != "alone" and self.applies(name):
                self.undecided.append(Undecided(name, (), "nobody"))

    def outcome(self, world: World) -> tuple[Reading, Outcome]:
        """Return what is decided of the household in a world."""
        if world not in self._read:
            reading = Reading(self.household, world)
            self._read[world] = (reading, decided(reading, self.pack, self.ruled))
        return self._read[world]

    def ask(self, readings: Iterable[Reading], *claims: Any, is_simple: bool = True) -> Settled:
        """Ask for a household of which all claims hold."""
        query = Query(self.household, self.budget)
        listed = list(readings)
        if any(reading.world is known for reading in listed):
            query.add(*(fact.known for fact in self.household.facts.values() if fact.key[0] != "parameters"))
        assumed = [flag for reading in listed for flag in reading.assumed]
        query.add(*self.household.constraints(), *assumed, *claims)
        return query.settled(is_simple=is_simple)

    def report(
        self, name: str, ids: tuple[str, ...], cases: tuple[Case, ...], agrees: Agrees, shown: int = 2
    ) -> None:
        """Add a finding, with the first cases shown, if `relief.assess` confirms it."""
        verdicts = judged(self.pack, cases)
        found = [verdicts[case.id] for case in cases if case.id in verdicts]
        if len(found) == len(cases) and agrees(found):
            number = len(self.findings) + 1
            told = [as_judged(*pair, number) for pair in zip(cases[:shown], found, strict=False)]
            self.findings.append(Finding(name, ids, tuple(told), tuple(v.outcome for v in found[:shown])))
        else:
            self.undecided.append(Undecided(name, ids, "unconfirmed"))

    def open(self, name: str, ids: tuple[str, ...]) -> None:
        """Add what the solver could not settle within its budget."""
        self.undecided.append(Undecided(name, ids, "time"))

    # --- two households that differ in facts of hardship --------------------------------------------

    def directed(self) -> list[Fact]:
        """Return the facts of hardship that rules read, but those that may lose by the pack's own word."""
        may_lose = {entry.column.rpartition(".")[2] for entry in self.pack.may_lose}
        facts = [fact for fact in self.household.facts.values() if fact.hard and fact.key[0] != "parameters"]
        return [fact for fact in facts if fact.key[2] not in may_lose]


def _harder(facts: list[Fact], base: World) -> tuple[World, list[Any]]:
    """Return the world in which some facts are more hardship, and what makes them so."""
    moved: dict[Key, Any] = {fact.key: z3.Int(f"harder {fact.var}") for fact in facts}
    makes = []
    for fact in facts:
        new = moved[fact.key]
        makes += fact.bounded(new, fact.least, fact.most)
        makes.append(new >= fact.var if fact.hard > 0 else new <= fact.var)

    def world(fact: Fact) -> tuple[Any, Flag]:
        value, is_known = base(fact)
        return moved.get(fact.key, value), is_known

    return world, makes


def _decided(prover: _Prover) -> None:
    reading, outcome = prover.outcome(known)
    settled = prover.ask([reading], outcome.pending)
    if settled.is_open:
        prover.open("decided", ())
    if settled.model is not None:
        case = case_of(prover.household, settled.model, known, reading.opened, "pending")
        prover.report("decided", (), (case,), lambda found: found[0].outcome == "pending")


def _alone(prover: _Prover) -> None:
    """Look for a household that fails each rule and no other; all of them are judged together."""
    reading, outcome = prover.outcome(known)
    cases: dict[str, Case] = {}
    for id_, truth in outcome.rules.items():
        others = all_of(*(other.yes for name, other in outcome.rules.items() if name != id_))
        settled = prover.ask([reading], truth.no, others)
        if settled.is_open:
            prover.open("alone", (id_,))
        elif settled.model is None:
            _never_alone(prover, id_)
        else:
            cases[id_] = case_of(prover.household, settled.model, known, reading.opened, id_)
    verdicts = judged(prover.pack, cases.values())
    for id_ in cases:
        verdict = verdicts.get(id_)
        if verdict is None or verdict.failed & outcome.rules.keys() != {id_}:
            prover.undecided.append(Undecided("alone", (id_,), "unconfirmed"))


def _never_alone(prover: _Prover, id_: str) -> None:
    """Say that no household fails one rule only, unless that is for want of rows."""
    pack, short = prover.pack, prover.household.short
    (node,) = (rule.node for rule in pack.rules if rule.id == id_)
    is_short = any(isinstance(below, Aggregate) and below.table in short for below in pack.reached(node))
    if prover.has_nobody or is_short:
        prover.undecided.append(Undecided("alone", (id_,), "nobody" if prover.has_nobody else "rows"))
    else:
        prover.findings.append(Finding("alone", (id_,)))


def _exclusive(prover: _Prover) -> None:
    reading, outcome = prover.outcome(known)
    for (one, ours), (other, theirs) in combinations(outcome.categories.items(), 2):
        settled = prover.ask([reading], ours.yes, theirs.yes)
        if settled.is_open:
            prover.open("exclusive", (one, other))
        if settled.model is not None:
            case = case_of(prover.household, settled.model, known, reading.opened, "overlap")
            ids = {one, other}
            prover.report("exclusive", (one, other), (case,), lambda found, ids=ids: ids <= found[0].holding)  # type: ignore[misc]


def _compared(
    prover: _Prover, name: str, base: World,
    worse: Callable[[Outcome, Outcome], Flag], agrees: Agrees,
) -> None:  # fmt: skip
    """Look for a household that more hardship makes worse off: first by all facts at once, then by each."""
    first, before = prover.outcome(base)
    columns: dict[str, list[Fact]] = {}
    for fact in prover.directed():
        columns.setdefault(f"{fact.key[0]}.{fact.key[2]}", []).append(fact)

    def ask(facts: list[Fact]) -> tuple[Settled, World, Reading]:
        world, makes = _harder(facts, base)
        reading = Reading(prover.household, world)
        after = decided(reading, prover.pack, prover.ruled)
        return prover.ask([first, reading], *makes, worse(before, after)), world, reading

    everything = ask([fact for facts in columns.values() for fact in facts])[0]
    if not everything.is_open and everything.model is None:
        return
    for column, facts in columns.items():
        settled, world, reading = ask(facts)
        if settled.is_open:
            prover.open(name, (column,))
        if settled.model is not None:
            cases = (
                case_of(prover.household, settled.model, base, first.opened, "before"),
                case_of(prover.household, settled.model, world, reading.opened, "after"),
            )
            prover.report(name, (column,), cases, agrees)


def _gapless(prover: _Prover) -> None:
    def lost(before: Outcome, after: Outcome) -> Flag:
        had = any_of(*(truth.yes for truth in before.categories.values()))
        return all_of(had, *(truth.no for truth in after.categories.values()))

    ids = {category.id for category in prover.pack.categories}

    def agrees(found: list[Verdict]) -> bool:
        return bool(ids & found[0].holding) and not ids & found[1].holding

    _compared(prover, "gapless", known, lost, agrees)


def _monotone(prover: _Prover) -> None:
    def worse(before: Outcome, after: Outcome) -> Flag:
        # That a category or the claim comes open loses nobody anything.
        fell = all_of(before.eligible, negation(after.certain))
        return any_of(fell, all_of(negation(before.refused), after.refused))

    def agrees(found: list[Verdict]) -> bool:
        return _RANK[found[1].outcome] < _RANK[found[0].outcome]

    _compared(prover, "monotone", partial, worse, agrees)


def _exact(prover: _Prover) -> None:
    coarser(prover)


_PROOFS: dict[str, Callable[[_Prover], None]] = {
    "decided": _decided,
    "exclusive": _exclusive,
    "gapless": _gapless,
    "monotone": _monotone,
    "alone": _alone,
    "exact": _exact,
}
