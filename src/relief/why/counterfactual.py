"""What would change an answer: the least changes of a household's own facts, each judged again.

In    `Facts`, the place of a household, a way to judge tables again
Out   changes of one fact, else of two, else one for each rule that refuses; each confirmed

A household's own facts are what it has, earns, spends, or can hand in: the columns of the data
dictionary that are `wished` to be one way or another. Excluded is what somebody else says, what
is past, and who and where somebody is. Once a household is decided, a cell that
is blank is a fact of its own too, whatever the column: it can be filled in.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.columns import DICTIONARY
from relief.rulepack.tree import Aggregate, Measure, Owner, walk
from relief.verdicts import INELIGIBLE, PENDING
from relief.why.exploring import (
    Course,
    agreeing,
    amount_of,
    explore,
    is_number,
    reads,
    roots,
    row_kinds,
    values_of,
)
from relief.why.variants import Fact, judged_variants
from relief.why.wanted import missing_facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from relief.rulepack.facts import Facts
    from relief.rulepack.pack import Pack
    from relief.why.variants import Assigned

__all__ = ["Change", "changes", "compared_measures", "is_asked_for"]

_OWN = "本人"
_MOST_PAIRS = 4000
_MOST_SHOWN = 12
_MOST_RULES = 6
_PAIR = 2
_MOST_PERSONS = 8
_HOLDS, _FAILS = 1, 2
# What an applicant fills in; departments and earlier rounds are asked by others.
_FILLED_IN = ("households", "members", "documents")
_IDS = ("id", "id_number")


@dataclass(frozen=True)
class Change:
    """Facts that are other than they are, and what is then decided."""

    facts: tuple[tuple[Fact, Any, Any], ...]
    outcome: int
    category: int

    @property
    def assigned(self) -> Assigned:
        """The facts as they would be."""
        return {fact: value for fact, _, value in self.facts}


def is_asked_for(facts: Facts, change: Change) -> bool:
    """Return whether a household would have a change be so: nobody wants to earn more or lose a paper."""
    return all(_is_asked_for(facts, *parts) for parts in change.facts)


def _is_asked_for(facts: Facts, fact: Fact, before: Any, after: Any) -> bool:
    if not fact.column or before is None:
        return True
    wished = DICTIONARY[fact.table][fact.column].wished
    relation = facts.series("members", "relation") if fact.table == "members" else None
    if fact.column == "counts_in_household" and relation is not None and relation.iloc[fact.at] == _OWN:
        return False
    return wished == "either" or bool(after > before) == (wished == "more")


def own_facts(facts: Facts, place: int) -> Iterator[tuple[Fact, Any]]:
    """Yield the facts of a household that decide and are its own, each as it is now."""
    read = sorted(set[tuple[str, str]]().union(*(reads(root, facts.pack) for root in roots(facts.pack))))
    for table, column in read:
        series = facts.series(table, column)
        if series is None or not DICTIONARY[table][column].wished:
            continue
        for row in [place] if table == "households" else _rows(facts, table, place):
            fact = Fact(table, column, row)
            if not pd.isna(series.iloc[row]):
                yield fact, series.iloc[row]
    yield from ((paper, ()) for paper in _papers(facts, place))


def _papers(facts: Facts, place: int) -> Iterator[Fact]:
    """Yield the papers that the rules ask of a household, and those that they ask of each person."""
    asked = [node for node in facts.pack.nodes if isinstance(node, Aggregate) and node.table == "documents"]
    persons = facts.series("members", "member_id")
    of_persons = [node for node in asked if node.of == "members" or _asks_whose(node, facts.pack)]
    of_all = [n for n in asked if n.of != "members" and (persons is None or n not in of_persons)]
    if of_all:
        stays = _stays(facts, place)
        for kind in row_kinds(facts, "documents", of_all):
            yield Fact("documents", word=kind)
            yield from (Fact("documents", word=kind, beside=row) for row in stays)
    if not of_persons or persons is None:
        return
    for row in (row for row in _rows(facts, "members", place) if pd.notna(persons.iloc[row])):
        for kind in row_kinds(facts, "documents", of_persons):
            yield Fact("documents", at=row, word=kind)


def _rows(facts: Facts, table: str, place: int) -> list[int]:
    return facts.in_order(table, np.flatnonzero(facts.owners(table) == place))


def _asks_whose(node: Aggregate, pack: Pack) -> bool:
    """Return whether a row counts by the person whom it is about."""
    return any(isinstance(below, Owner) and below.table == "members" for below in pack.reached(node))


def _stays(facts: Facts, place: int) -> list[int]:
    """Return a paper of each person and stay, where rules ask that papers agree in these."""
    keys = agreeing(facts.pack, "documents")
    columns = [facts.series("documents", name) for name in keys]
    first: dict[tuple[str, ...], int] = {}
    for row in _rows(facts, "documents", place) if keys else ():
        known = [
            str(column.iloc[row]) for column in columns if column is not None and pd.notna(column.iloc[row])
        ]
        if len(known) == len(keys):
            first.setdefault(tuple(known), row)
    return list(first.values())[:_MOST_PERSONS]


def _blanks(facts: Facts, place: int) -> list[Fact]:
    """Return the blank cells of a household that a rule could turn on."""
    asked = missing_facts(facts, np.array([place]))[0].facts
    return [
        fact for fact in asked
        if fact.column and fact.table in _FILLED_IN and DICTIONARY[fact.table][fact.column].dtype not in _IDS
    ]  # fmt: skip


def changes(facts: Facts, place: int, *, most: int = _MOST_SHOWN) -> list[Change]:
    """Return the least changes that give another outcome or category.

    Parameters
    ----------
    facts : Facts
    place : int
        Of the household.
    most : int
        How many combinations of several facts at most.

    Returns
    -------
    list of Change
        Of one fact each: for every fact and every other answer that it can give alone, the least
        change. Where none leads away from a refusal, of two facts, or of one per rule that refuses.
    """
    now = judged_variants(facts, [(place, {})])
    before = int(now.outcome[0]), int(now.category[0])
    courses = [_course(facts, place, fact, value) for fact, value in own_facts(facts, place)]
    if before[0] != PENDING:
        courses += [_course(facts, place, fact, None) for fact in _blanks(facts, place)]
    explore(facts, courses)
    found = [change for course in courses for change in _least(course, before)]
    if before[0] != INELIGIBLE or any(change.outcome != INELIGIBLE for change in found):
        return found
    return [*found, *_together(facts, place, courses, most)]


def _course(facts: Facts, place: int, fact: Fact, value: Any) -> Course:
    tried = values_of(facts, fact)
    if is_number(fact) and value is not None:
        value = int(value)
        least = DICTIONARY[fact.table][fact.column].minimum
        near = {value + sign * 16**power for power in range(10) for sign in (1, -1)}
        tried = sorted({*tried, *(v for v in near if least is None or v >= least)})
    elif fact.column and value is not None:
        value = bool(value) if DICTIONARY[fact.table][fact.column].dtype == "flag" else str(value)
    return Course(place, fact, list(dict.fromkeys([value, *tried])))


def _least(course: Course, before: tuple[int, int]) -> Iterator[Change]:
    """Yield for each other answer that one fact can give the least change of it."""
    now = course.tried[0]
    best: dict[tuple[int, int], Any] = {}
    for value, (answer, *_) in course.found.items():
        after = (answer[0], answer[1])
        if after != before and (after not in best or _rank(course, value) < _rank(course, best[after])):
            best[after] = value
    for after, value in sorted(best.items()):
        yield Change(((course.fact, now, value),), *after)


def _rank(course: Course, value: Any) -> tuple[bool, tuple[int, int]]:
    """Return how soon a value is named: the least change; of what is blank, first one at a limit."""
    now, found = course.tried[0], course.found
    is_limit = now is not None or not is_number(course.fact)
    if not is_limit:
        near = [found[beside][0][:2] for beside in (value - 1, value + 1) if beside in found]
        is_limit = any(answer != found[value][0][:2] for answer in near)
    return not is_limit, _size(now, value)


def _size(now: Any, value: Any) -> tuple[int, int]:
    """Return how large a change is: the difference of numbers; of rows, the least amount."""
    if isinstance(value, tuple):
        return len(value), amount_of(value) or 0
    if isinstance(value, int) and not isinstance(value, bool):
        return abs(value - (now or 0)), value
    return 0, 0


def compared_measures(pack: Pack) -> list[str]:
    """Return the measures of money that rules and categories compare directly."""
    roots_ = {node.name for root in roots(pack) for node in walk(root) if isinstance(node, Measure)}
    return [
        name for name, measure in pack.measures.items()
        if name in roots_ and measure.table == "households" and measure.node.kind.startswith("fen")
    ]  # fmt: skip


# --- several facts ------------------------------------------------------------------------------------


def _together(facts: Facts, place: int, courses: list[Course], most: int) -> list[Change]:
    """Return changes of two facts, or of one for each rule that refuses, that lead away from a refusal."""
    turns = {course.fact: _turning(course) or _paper(course) for course in courses}
    pairs = [
        ((one, turns_of_one), (other, turns_of_other))
        for (one, ones), (other, others) in combinations(turns.items(), 2)
        for turns_of_one, turns_of_other in product(ones, others)
    ]
    ways = [dict(pair) for pair in pairs[:_MOST_PAIRS]]
    ways += list(_one_per_rule(courses))
    ways += list(
        _of_several_persons({fact: found for fact, found in turns.items() if fact.word and fact.at >= 0})
    )
    now = {course.fact: course.tried[0] for course in courses}
    best: dict[Any, Change] = {}
    tried: set[frozenset[Any]] = set()
    while ways:
        result = judged_variants(facts, [(place, way) for way in ways])
        tried |= {frozenset(way.items()) for way in ways}
        led = []
        for at, way in enumerate(ways):
            after = int(result.outcome[at]), int(result.category[at])
            if after[0] == INELIGIBLE:
                continue
            led.append(way)
            change = Change(tuple((fact, now[fact], value) for fact, value in way.items()), *after)
            key = (frozenset(way), after)
            if key not in best or _total(change) < _total(best[key]):
                best[key] = change
        # A change of one fact for each rule may hold one that nothing asks for.
        ways = [way for way in _with_one_less(led) if frozenset(way.items()) not in tried]
    return _without_more(sorted(best.values(), key=lambda change: len(change.facts)))[:most]


def _with_one_less(ways: Iterable[dict[Fact, Any]]) -> Iterator[dict[Fact, Any]]:
    """Yield ways of more than two facts with one of them left as it is, each once."""
    fewer: dict[frozenset[Any], dict[Fact, Any]] = {}
    for way in ways:
        for left_out in way if len(way) > _PAIR else ():
            less = {fact: value for fact, value in way.items() if fact != left_out}
            fewer[frozenset(less.items())] = less
    yield from fewer.values()


def _total(change: Change) -> Any:
    return [_size(now, value) for _, now, value in change.facts]


def _without_more(found: Iterable[Change]) -> list[Change]:
    """Leave out what changes more facts than another change that does the same."""
    kept: list[Change] = []
    for change in found:
        if not any(
            set(less.assigned) < set(change.assigned) and less.outcome == change.outcome for less in kept
        ):
            kept.append(change)
    return kept


def _turning(course: Course) -> list[Any]:
    """Return the values nearest to the present one on the other side of some rule or comparison."""
    now = course.tried[0]
    seen = {course.found[now][1:]}
    found = []
    for value in sorted(course.found, key=lambda value: _size(now, value)):
        if course.found[value][1:] not in seen:
            seen.add(course.found[value][1:])
            found.append(value)
    return found


def _paper(course: Course) -> list[Any]:
    """Return a paper of one person or stay; a second one may turn what the first alone does not."""
    is_of_one = course.fact.word and (course.fact.at >= 0 or course.fact.beside >= 0)
    return [value for value in course.tried if value][:1] if is_of_one else []


def _of_several_persons(papers: dict[Fact, list[Any]]) -> Iterator[dict[Fact, Any]]:
    """Yield papers of one kind for three persons and more, the fewest first."""
    for kind in dict.fromkeys(fact.word for fact in papers):
        ours = [fact for fact, found in papers.items() if fact.word == kind and found][:_MOST_PERSONS]
        for count in range(_PAIR + 1, len(ours) + 1):
            yield from ({fact: papers[fact][0] for fact in some} for some in combinations(ours, count))


def _one_per_rule(courses: list[Course]) -> Iterator[dict[Fact, Any]]:
    """Yield one change per rule that refuses, each the least that makes the rule hold alone."""
    cures: dict[int, list[tuple[Fact, Any]]] = {}
    for course in courses:
        now = course.found[course.tried[0]][2]
        for value in _turning(course):
            then = course.found[value][2]
            for rule in (at for at, code in enumerate(now) if code == _FAILS and then[at] == _HOLDS):
                cures.setdefault(rule, []).append((course.fact, value))
    wanted = [cures[rule][:2] for rule in sorted(cures)]
    if _PAIR < len(wanted) <= _MOST_RULES:
        yield from (dict(way) for way in product(*wanted))
