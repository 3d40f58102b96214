"""Which missing facts could still change an answer, and which of them could settle it alone.

In    `Facts`, the places of pending households
Out   per household its missing facts, those that could settle the case first

A missing fact is named if, with all others given in some way, the outcome, category or claim
depends on it; or if some value of it decides the case while the others stay missing. First the
trees say what could matter; then each fact is tried: every named one comes with two ways to give
it that were judged differently. Where all ways to give the facts are few they are all tried;
where they are many, a bounded search looks for a case that turns on each.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from relief.columns import DICTIONARY
from relief.verdicts import ELIGIBLE, PENDING
from relief.why.exploring import Course, explore, is_number, values_of
from relief.why.patterns import Patterns
from relief.why.variants import judged_variants
from relief.why.wanted import missing_facts

if TYPE_CHECKING:
    from relief.rulepack.facts import Facts
    from relief.why.variants import Fact
    from relief.why.wanted import Wanted

__all__ = ["Lacking", "lacking"]

_ROUNDS = 6
_ALL = 2048
_TOGETHER = 100
_SAMPLES = 150
_FIRST = 10
_BATCH = 300_000


@dataclass
class Lacking:
    """What a pending household lacks: each fact with whether it could settle the case alone."""

    place: int
    facts: dict[Fact, list[Any]]
    spare: frozenset[Fact]
    optional: frozenset[Fact]
    together: list[list[Fact]]
    settles: set[Fact] = field(default_factory=set)
    matters: set[Fact] = field(default_factory=set)
    base: dict[Fact, Any] = field(default_factory=dict)
    score: tuple[bool, int] = (False, -1)
    sharp: bool = False
    stuck: bool = False

    @property
    def named(self) -> list[Fact]:
        """The facts that could still change the answer, those that could settle it alone first."""
        found = [fact for fact in self.facts if fact in self.settles | self.matters]
        return sorted(found, key=lambda fact: fact not in self.settles)

    @property
    def doubtful(self) -> list[Fact]:
        """The facts not yet seen to matter."""
        return [fact for fact in self.given if fact not in self.matters]

    @property
    def given(self) -> dict[Fact, list[Any]]:
        """The facts that are given where all are, each with the values tried."""
        return {fact: values for fact, values in self.facts.items() if fact not in self.spare}


def lacking(facts: Facts, places: Any) -> list[Lacking]:
    """Return what each of some pending households lacks."""
    values, wanted = _Values(facts), missing_facts(facts, places)
    patterns = Patterns(facts, places)
    first: dict[Any, Wanted] = {}
    keys = [patterns.key(want) for want in wanted]
    for key, want in zip(keys, wanted, strict=True):
        first.setdefault(key, want)
    tried = dict(zip(first, _tried(facts, list(first.values()), values), strict=True))
    return [_moved(tried[key], want, patterns) for key, want in zip(keys, wanted, strict=True)]


def _moved(case: Lacking, want: Wanted, patterns: Patterns) -> Lacking:
    """Return what was found for one household as of another with the same pattern."""
    if case.place == want.place:
        return case
    ours = {patterns.relative(fact, want.place): fact for fact in want.facts}
    own = {fact: ours[patterns.relative(fact, case.place)] for fact in case.facts}
    return Lacking(
        want.place,
        {own[fact]: values for fact, values in case.facts.items()},
        want.spare,
        want.optional,
        want.together,
        {own[fact] for fact in case.settles},
        {own[fact] for fact in case.matters},
    )


def _tried(facts: Facts, wanted: list[Wanted], values: _Values) -> list[Lacking]:
    """Try what some households lack."""
    cases = [
        Lacking(
            want.place,
            {fact: values.of(fact) for fact in want.facts},
            want.spare,
            want.optional,
            want.together,
        )
        for want in wanted
    ]
    per_batch = max(1, _BATCH // max([1, *(sum(map(len, case.facts.values())) for case in cases)]))
    for start in range(0, len(cases), per_batch):
        batch = cases[start : start + per_batch]
        _settle(facts, batch)
        _search(facts, batch)
        _search(facts, _try_together(facts, [case for case in batch if case.doubtful]))
        _try_all(facts, [case for case in batch if case.doubtful])
    return cases


class _Values:
    """The values worth trying, worked out once for all households where they are the same for all."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._known: dict[tuple[str, str, str], list[Any]] = {}

    def of(self, fact: Fact) -> list[Any]:
        """Return the values worth trying of a fact."""
        column = DICTIONARY[fact.table].get(fact.column) if fact.column and fact.table else None
        if column is not None and column.dtype in ("id", "id_number"):
            return values_of(self._facts, fact)
        key = (fact.table, fact.column, fact.word)
        if key not in self._known:
            self._known[key] = values_of(self._facts, fact)
        return list(self._known[key])


def _settle(facts: Facts, cases: list[Lacking]) -> None:
    """Give one fact at a time, the others missing, and see whether the case is decided."""
    courses = {
        (case.place, fact): Course(case.place, fact, values)
        for case in cases for fact, values in case.facts.items()
    }  # fmt: skip
    explore(facts, list(courses.values()), sharpen=False)
    explore(facts, [course for course in courses.values() if not _decides(course)])
    for case in cases:
        for fact in case.facts:
            course = courses[case.place, fact]
            if _decides(course):
                case.settles.add(fact)
            # Where something turned between the values tried, its neighbours are worth trying too.
            case.facts[fact] = _worth(case.facts[fact], course)
            if fact in case.optional:
                case.facts[fact] = [None, *case.facts[fact]]


def _decides(course: Course) -> bool:
    return any(answer[0] != PENDING for answer, *_ in course.found.values())


def _worth(values: list[Any], course: Course) -> list[Any]:
    """Return the values tried before, and of those found since the ones at which something turns."""
    new = [value for value in course.found if value not in values]
    if not is_number(course.fact):
        seen = {course.found.get(value) for value in values}
        return [*values, *(value for value in new if course.found[value] not in seen)]
    found = course.found
    return [
        *values,
        *(v for v in sorted(new) if any(found.get(w, found[v]) != found[v] for w in (v - 1, v + 1))),
    ]


# --- all facts given ----------------------------------------------------------------------------------


def _search(facts: Facts, cases: list[Lacking]) -> None:
    """Walk from one way to give all facts to another that fewer rules fail, and see what turns the answer."""
    for case in cases:
        case.base = case.base or {fact: values[0] for fact, values in case.given.items()}
    for _ in range(_ROUNDS):
        cases = [case for case in cases if case.doubtful and not case.stuck]
        if not cases:
            return
        courses = {
            case.place: [Course(case.place, fact, values, case.base) for fact, values in case.given.items()]
            for case in cases
        }
        explore(facts, [c for case in cases for c in courses[case.place] if not case.sharp], sharpen=False)
        explore(facts, [c for case in cases for c in courses[case.place] if case.sharp])
        for case in cases:
            _walk(case, courses[case.place])


def _walk(case: Lacking, courses: list[Course]) -> None:
    better: dict[Fact, Any] = {}
    for course in courses:
        now = course.found[case.base[course.fact]]
        case.score = _score(now)
        if any(told[0] != now[0] for told in course.found.values()):
            case.matters.add(course.fact)
        case.facts[course.fact] = _worth(case.facts[course.fact], course)
        scored = {value: _score(told) for value, told in course.found.items()}
        best = max(scored, key=lambda value: scored[value])
        if scored[best] > scored[case.base[course.fact]]:
            better[course.fact] = best
            case.facts[course.fact] = list(dict.fromkeys([*case.facts[course.fact], best]))
    # All that helps at once: facts of different rules do not disturb each other.
    case.base = {**case.base, **better}
    # Where nothing helps any more, what lies between the values tried is looked at once.
    case.stuck, case.sharp = case.sharp and not better, case.sharp or not better


def _score(told: tuple[Any, Any, Any]) -> tuple[bool, int]:
    answer, _, rules = told
    return answer[0] == ELIGIBLE, sum(code == 1 for code in rules)


def _try_together(facts: Facts, cases: list[Lacking]) -> list[Lacking]:
    """Give the facts that decide one rule in every way, or many ways, the others as they fare best.

    Returns the households of which a way was found that fares better than any before.
    """
    better: dict[int, Lacking] = {}
    waiting = [(case, fact, _others(case, fact)) for case in cases for fact in case.doubtful]
    share = _FIRST
    while waiting:
        tried = [
            (case, Course(case.place, fact, case.facts[fact], {**case.base, **others}))
            for case, fact, ways in waiting for others in ways[:share]
        ]  # fmt: skip
        explore(facts, [course for _, course in tried], sharpen=False)
        for case, course in tried:
            if len({told[0] for told in course.found.values()}) > 1:
                case.matters.add(course.fact)
            if _take_better(case, course):
                better[case.place] = case
        # Most facts are seen to matter soon; the rest are tried in all ways.
        waiting = [
            (case, fact, ways[share:]) for case, fact, ways in waiting
            if fact not in case.matters and len(ways) > share
        ]  # fmt: skip
        share *= 3
    return list(better.values())


def _take_better(case: Lacking, course: Course) -> bool:
    """Take what fares better than the way to give all facts from which the search went on, if it does."""
    best = max(course.found, key=lambda value: _score(course.found[value]))
    score = _score(course.found[best])
    if score <= case.score:
        return False
    case.base, case.score = {**course.base, course.fact: best}, score
    case.sharp = case.stuck = False
    return True


def _others(case: Lacking, fact: Fact) -> list[dict[Fact, Any]]:
    """Return ways to give the other facts of the rules that a fact decides, in no order."""
    given = case.given
    dice = random.Random(0)  # noqa: S311
    ways: list[dict[Fact, Any]] = []
    for group in case.together:
        names = [other for other in group if other != fact and other in given]
        if fact not in group or not names:
            continue
        values = [given[name] for name in names]
        if prod(map(len, values)) <= _SAMPLES:
            ways += [dict(zip(names, way, strict=True)) for way in product(*values)]
            continue
        ways += [{name: value} for name in names for value in given[name]]
        ways += [{name: dice.choice(given[name]) for name in names} for _ in range(_SAMPLES)]
    dice.shuffle(ways)
    return ways


def _try_all(facts: Facts, cases: list[Lacking]) -> None:
    """Give all facts in every way, where the ways are few, and see which facts the answer depends on."""
    few = [case for case in cases if prod(map(len, case.given.values())) <= _ALL]
    for start in range(0, len(few), _TOGETHER):
        batch = few[start : start + _TOGETHER]
        ways = [
            (case.place, dict(zip(case.given, values, strict=True)))
            for case in batch
            for values in product(*case.given.values())
        ]
        answers, first = judged_variants(facts, ways).answer, 0
        for case in batch:
            shape = [len(values) for values in case.given.values()]
            table = answers[first : first + prod(shape)].reshape([*shape, answers.shape[1]])
            first += prod(shape)
            turning = ((table != np.take(table, [0], axis=axis)).any() for axis in range(len(shape)))
            case.matters |= {fact for fact, turns in zip(case.given, turning, strict=True) if turns}
