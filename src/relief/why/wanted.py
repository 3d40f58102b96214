"""Which missing facts the trees of a pack could ask for, before any of them is tried.

In    `Facts`, the places of some households
Out   per household the facts that are missing and that some rule, category or the claim reads
      where it is not decided without them

This may name more than matters, never less: what is not followed cannot change an answer.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from relief.rulepack.operations import known
from relief.rulepack.tree import (
    Aggregate,
    Constant,
    Measure,
    Name,
    Operation,
    Outcome,
    Owner,
    Parameter,
    Ruled,
    Tier,
    parts_of,
)
from relief.why.exploring import kinds_in, reads, row_kinds
from relief.why.variants import NO_VALUE, Fact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from relief.rulepack.facts import Facts
    from relief.rulepack.pack import Pack
    from relief.rulepack.tree import Node
    from relief.rulepack.view import Outcomes, View

    Flags = npt.NDArray[np.bool_]

__all__ = ["Wanted", "missing_facts", "missing_for"]

_EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True)
class Wanted:
    """What a household lacks that could matter.

    `spare` are facts that stand in for another that is missing too: once that is given they do not
    matter. `optional` are rulings that a rule asks for only as long as its own facts are missing.
    `together` has the facts that decide the same rule, category or the claim.
    """

    place: int
    facts: list[Fact]
    spare: frozenset[Fact]
    optional: frozenset[Fact]
    together: list[list[Fact]]


def missing_facts(facts: Facts, places: Any) -> list[Wanted]:
    """Return per household the facts that could matter."""
    trail = _Walk(facts, places)
    asked: dict[Fact, Flags] = {}
    still = everywhere = np.ones(trail.view.size, dtype=bool)
    bars: list[set[Fact]] = []
    barred = {category for rule in facts.pack.rules for category in rule.bars}
    for item in (*facts.pack.rules, *facts.pack.categories):
        if item.effect == "warn":
            continue
        if item not in facts.pack.categories:
            trail.begin()
            bars += [trail.groups[-1]] if item.bars else []
        ruling = trail.view.ruling(item.id) if item.liftable else None
        open_ = still if ruling is None else still & ruling.unknown
        trail.follow(item.node, open_)
        if item.missing == "ask" and item.liftable:
            asked[Fact("rulings", word=item.id)] = open_ & trail.view.truth(item.node).unknown
        if item in facts.pack.categories and item.id not in barred:
            sure = trail.view.truth(item.node).yes & ~trail.feels_gaps(item.node)
            still = still & ~(open_ & sure)
        # A category counts only if none before it holds, and so its facts go with theirs.
        if item in facts.pack.rules[-1:]:
            trail.begin()
    # Which category holds is decided by what bars one, too.
    trail.groups[-1].update(*bars)
    if facts.pack.claim is not None:
        trail.begin()
        trail.follow(facts.pack.claim.node, everywhere)
    for fact, flags in asked.items():
        trail.begin()
        trail.add(fact, flags)
    return [_wanted(trail, at, int(place), frozenset(asked)) for at, place in enumerate(places)]


def missing_for(facts: Facts, place: int, nodes: Iterable[Node], outcomes: Outcomes | None) -> list[Fact]:
    """Return the facts of one household, decided as `outcomes`, missing where trees are not known."""
    trail = _Walk(facts, np.array([place]))
    trail.view.outcomes = outcomes
    for node in nodes:
        trail.follow(node, np.ones(1, dtype=bool))
    return [own for fact in trail.found for own in _own(trail, fact, place)]


def _wanted(trail: _Walk, at: int, place: int, asked: frozenset[Fact]) -> Wanted:
    ours = [fact for fact, flags in trail.found.items() if flags[at]]
    spare = [fact for fact in ours if fact not in trail.needed or not trail.needed[fact][at]]
    return Wanted(
        place,
        [own for fact in ours for own in _own(trail, fact, place)],
        frozenset(own for fact in spare for own in _own(trail, fact, place)),
        asked,
        [
            [own for fact in ours if fact in group for own in _own(trail, fact, place)]
            for group in trail.groups
        ],
    )


def _own(trail: _Walk, fact: Fact, place: int) -> Iterator[Fact]:
    """Yield a household's own cells of a column; other facts as they are."""
    if not (fact.table and fact.column):
        yield fact
        return
    facts = trail.facts
    if fact.table == "households":
        yield Fact(fact.table, fact.column, place)
        return
    rows = np.flatnonzero((facts.owners(fact.table) == place) & trail.rows[fact.table, fact.column])
    yield from (Fact(fact.table, fact.column, row) for row in facts.in_order(fact.table, rows))


class _Walk:
    """A walk down trees, to the facts that are missing where a part is not decided."""

    def __init__(self, facts: Facts, places: Any) -> None:
        self.facts = facts
        self.view: View = facts.view(places)
        self.found: dict[Fact, Flags] = {}
        self.needed: dict[Fact, Flags] = {}
        self.rows: dict[tuple[str, str], Flags] = {}
        self.groups: list[set[Fact]] = [set()]
        self._aside = 0
        self._feels: dict[int, Flags] = {}
        self._counts: dict[tuple[int, str], Flags] = {}
        self._followed: dict[tuple[int, int, bool], Flags] = {}

    def begin(self) -> None:
        """Begin with what decides another rule."""
        self.groups.append(set())

    def add(self, fact: Fact, flags: Flags) -> None:
        """Mark a fact as wanted for some households."""
        if flags.any():
            self.groups[-1].add(fact)
            for marks in (self.found, *([] if self._aside else [self.needed])):
                marks[fact] = marks[fact] | flags if fact in marks else flags

    def follow(self, node: Node, wanted: Flags) -> None:
        """Look for what is missing below a node."""
        if isinstance(node, Constant):
            return
        wanted = wanted & self._unsure(node)
        # A part that many name is followed once for each household and rule.
        key = (id(node), len(self.groups), bool(self._aside))
        if key in self._followed:
            wanted = wanted & ~self._followed[key]
        if wanted.any():
            self._followed[key] = self._followed.get(key, wanted) | wanted
            self._below(node, wanted)

    def _below(self, node: Node, wanted: Flags) -> None:
        match node:
            case Measure(name=name):
                self.follow(self.facts.pack.measures[name].node, wanted)
            case Name(name=name, column=column) if column is not None:
                self.add(Fact("households", name, 0), wanted & ~known(self.view.column(name)))
            case Outcome(name="claim") if self.facts.pack.claim is not None:
                self.follow(self.facts.pack.claim.node, wanted)
            case Ruled(rule_id=rule_id):
                self.add(Fact("rulings", word=rule_id), wanted & ~known(self.view.value(node)))
            case Parameter() | Tier():
                self._of_rules(node, wanted)
            case Aggregate():
                self._rows(node, wanted)
            case Operation(operator="coalesce", parts=parts):
                self._first_known(parts, wanted)
            case Operation(operator="if", parts=(condition, yes, no)):
                self._branches(condition, yes, no, wanted)
            case _:
                self._years(node, wanted)
                for part in parts_of(node):
                    self.follow(part, wanted)

    def _years(self, root: Node, wanted: Flags) -> None:
        """Mark the years without a calendar in which working days are counted here, or in rows below."""
        for table, node in _counted(root, self.facts.pack):
            view = self.view if table == "households" else self.facts.view(table=table)
            first, last = _spanned(view, node)
            calendar = self.facts.calendar
            for year in calendar.lacks(int(first.min()), int(last.max())) if calendar and len(first) else ():
                flags = (first <= year) & (year <= last)
                ours = flags if table == "households" else self._of_rows(table, flags)
                self.add(Fact("calendar", word=str(year)), wanted & ours)

    def _of_rows(self, table: str, rows: Flags) -> Flags:
        """Return which households have one of some rows of a table."""
        owners, found = self.facts.owners(table), np.zeros(self.facts.size(), dtype=bool)
        found[owners[rows & (owners >= 0)]] = True
        return np.asarray(found[self.view.rows])

    def _branches(self, condition: Node, yes: Node, no: Node, wanted: Flags) -> None:
        self.follow(condition, wanted)
        truth, moves = self.view.truth(condition), self.feels_gaps(condition)
        self.follow(yes, wanted & (moves | ~truth.no))
        self.follow(no, wanted & (moves | ~truth.yes))

    def _first_known(self, parts: tuple[Node, ...], wanted: Flags) -> None:
        before = self._aside
        for part in parts:
            self.follow(part, wanted)
            wanted = wanted & self._unsure(part)
            self._aside += _known_once_given(part, self.facts.pack)
        self._aside = before

    def _of_rules(self, node: Parameter | Tier, wanted: Flags) -> None:
        if isinstance(node, Parameter):
            self._parameter(node, wanted)
            return
        if any(band.exactly is None for band in self.facts.pack.tiers[node.name].model.bands):
            self.add(Fact("tiers", word=node.name), wanted)
        self.follow(node.part, wanted)

    def _parameter(self, node: Parameter, wanted: Flags) -> None:
        parameter, keyed = self.facts.pack.parameters[node.name], np.ones(self.view.size, dtype=bool)
        for name, words in zip(parameter.model.by, self.view.keys(node.name), strict=True):
            self.add(Fact("households", name, 0), wanted & (words.codes < 0))
            keyed = keyed & (words.codes >= 0)
        if node.day is not None:
            self.follow(node.day, wanted)
            is_day = known(self.view.value(node.day))
            self.add(Fact("", node.name, word=NO_VALUE), wanted & is_day & keyed)
        self._bounded(node, wanted)

    def _bounded(self, node: Parameter, wanted: Flags) -> None:
        layers = self.facts.pack.parameters[node.name].layers
        if any(value.exactly is None for layer in layers for value in layer):
            self.add(Fact("", node.name), wanted)

    def _rows(self, node: Aggregate, wanted: Flags) -> None:
        for table, column in sorted(reads(node, self.facts.pack)):
            if table not in self.facts.tables:
                for kind in kinds_in(node, table) or row_kinds(self.facts, table):
                    self.add(Fact(table, word=kind), wanted)
            elif table == "households":
                if column != "household_id":
                    self.add(Fact(table, column, 0), wanted & ~known(self.view.column(column)))
            elif column != "household_id":
                self.add(
                    Fact(table, column, 0), wanted & self._blank(table, column, self._counting(node, table))
                )
        for parameter in _parameters(node, self.facts):
            # Its keys and day are cells of the rows, named above.
            self._bounded(parameter, wanted)
            if parameter.day is not None:
                self.add(Fact("", parameter.name, word=NO_VALUE), wanted)
        self._years(node, wanted)

    def _counting(self, node: Aggregate, table: str) -> Flags:
        """Return which rows of a table may count: not those that certainly are none of those asked for.

        A row that does not count itself may be one that another row asks for, and whom a row is about counts.
        """
        key = id(node), table
        if key not in self._counts:
            below = list(self.facts.pack.reached(node))
            asked = [part for part in below if isinstance(part, Aggregate) and part.table == table]
            owned = any(isinstance(part, Owner) and part.table == table for part in below)
            everyone = np.ones(self.facts.size(table), dtype=bool)
            ours = [everyone] if owned or not asked else [self._may_count(part, everyone) for part in asked]
            self._counts[key] = reduce(np.logical_or, ours)
        return self._counts[key]

    def _may_count(self, node: Aggregate, everyone: Flags) -> Flags:
        if node.where is None or self._rows_feel(node.where):
            return everyone
        return np.asarray(~self.facts.view(table=node.table).truth(node.where).no)

    def _blank(self, table: str, column: str, counts: Flags) -> Flags:
        series = self.facts.series(table, column)
        blank = counts if series is None else counts & np.asarray(pd.isna(series.array))
        before = self.rows.get((table, column))
        self.rows[table, column] = blank if before is None else before | blank
        return self._of_rows(table, blank)

    def feels_gaps(self, node: Node) -> Flags:
        """Return where a tree may be known now and other once a missing fact is given."""
        key = id(node)
        if key not in self._feels:
            self._feels[key] = self._feeling(node)
        return self._feels[key]

    def _feeling(self, node: Node) -> Flags:
        match node:
            case Measure(name=name):
                return self.feels_gaps(self.facts.pack.measures[name].node)
            case Aggregate():
                return self._everywhere(self._rows_feel(node))
            case Operation(operator="coalesce", parts=parts):
                return self._unsure(parts[0])
            case Operation(operator="stated", parts=(part,)):
                return self._unsure(part)
            case Operation(operator="if", parts=(condition, yes, no)):
                truth, moves = self.view.truth(condition), self.feels_gaps(condition)
                return moves | (self.feels_gaps(yes) & ~truth.no) | (self.feels_gaps(no) & ~truth.yes)
            case Operation(operator="and" | "or" as operator, parts=parts):
                feels = self._any(parts)
                for part in parts:
                    truth = self.view.truth(part)
                    settled = truth.no if operator == "and" else truth.yes
                    feels = feels & ~(settled & ~self.feels_gaps(part))
                return feels
            case _:
                return self._any(parts_of(node))

    def _unsure(self, part: Node) -> Flags:
        return self.feels_gaps(part) | ~known(self.view.value(part))

    def _any(self, parts: tuple[Node, ...]) -> Flags:
        return reduce(lambda a, b: a | b, map(self.feels_gaps, parts), self._everywhere(False))

    def _everywhere(self, value: bool) -> Flags:
        return np.full(self.view.size, value)

    def _rows_feel(self, node: Node) -> bool:
        """Return whether what rows come to may be known now and other once a fact is given."""
        return any(
            isinstance(below, Operation) and below.operator in ("coalesce", "stated")
            for below in self.facts.pack.reached(node)
        )


def _known_once_given(node: Node, pack: Pack) -> bool:
    """Return whether a tree is known in any case once all facts that it reads are given."""
    for below in pack.reached(node):
        match below:
            case Parameter() | Aggregate(function="max" | "min") | Operation(operator="/" | "working_days"):
                return False
            case _:
                pass
    return True


def _parameters(node: Node, facts: Facts) -> Iterator[Parameter]:
    """Yield the parameters that rows are compared with."""
    for below in facts.pack.reached(node):
        if isinstance(below, Parameter):
            yield below


def _counted(root: Node, pack: Pack) -> Iterator[tuple[str, Operation]]:
    """Yield the counts of working days that a node is, or that rows below it make, each with its table."""
    waiting, followed = [("households", root)], set[str]()
    while waiting:
        table, node = waiting.pop()
        if isinstance(node, Operation) and node.operator == "working_days":
            yield table, node
        match node:
            case Aggregate(table=of) | Owner(table=of):
                waiting += [(of, part) for part in parts_of(node)]
            case Measure(name=name, table=of) if name not in followed and node is not root:
                followed.add(name)
                waiting.append((of, pack.measures[name].node))
            case _ if isinstance(root, Aggregate):
                waiting += [(table, part) for part in parts_of(node)]
            case _:
                pass


def _spanned(view: View, node: Operation) -> tuple[Any, Any]:
    """Return the first and last year of the days that a row counts; an end not known may be today."""
    after, upto = map(view.amount, node.parts)
    today = (view.facts.on - _EPOCH).days
    is_open = after.lo.is_open | upto.hi.is_open
    begin, end = (np.where(bound.is_open, today, bound.num) for bound in (after.lo, upto.hi))
    first = np.where(is_open, np.minimum(begin, end), begin + 1)
    last = np.where(is_open, np.maximum(begin, end), end)
    return _year(first), np.where(last < first, 0, _year(last))


def _year(days: Any) -> Any:
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
