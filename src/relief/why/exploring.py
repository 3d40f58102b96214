"""The values of a fact at which something changes: where rules, comparisons and the answer turn.

In    `Facts`, a fact of a household
Out   values worth trying, and by halving the gaps between them the exact ones at which a
      comparison of the pack turns

Every comparison is a rising or falling function of most facts, so between two values with the
same sides of all comparisons nothing is looked for.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.columns import DICTIONARY
from relief.rulepack.tree import (
    Aggregate,
    Among,
    Constant,
    Measure,
    Name,
    Operation,
    Owner,
    Parameter,
    names_in,
    parts_of,
    walk,
)
from relief.why.variants import NO_TABLES, Fact, judged_variants

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from relief.rulepack.facts import Facts
    from relief.rulepack.model import BandModel, ValueModel
    from relief.rulepack.pack import Pack
    from relief.rulepack.tree import Node
    from relief.why.variants import Assigned

__all__ = [
    "Course", "agreeing", "amount_of", "explore", "is_number", "kinds_in", "reads", "roots", "row_kinds",
    "values_of",
]  # fmt: skip

_EPOCH = dt.date(1970, 1, 1)
_PARTS = 16
_MOST_DAYS = 12
_OTHER = "其他"
_MOST = 10**12
_MONEY = (0, 1, 100, 10**4, 10**5, 10**6, 10**7, 10**8, 10**10, _MOST)
_COUNTS = (*range(13), 30, 100, 1000)
_AREAS = (0, 1, 100, 3000, 6000, 9000, 14400, 10**6)
_SHARES = (*(Fraction(n, 100) for n in (0, 1, 10, 25, 50, 75)), *map(Fraction, (1, 2, 10, 100, 10**4, 10**6)))
_STANDARDS = (0, 10**5, 2 * 10**5, 10**9)
_LARGE = {"money": _MONEY, "count": _COUNTS, "area": _AREAS}
_NUMBERS = frozenset({"money", "count", "area", "date"})


def is_number(fact: Fact) -> bool:
    """Return whether a fact is a cell of an ordered quantity: money, a count, an area, a date."""
    return bool(fact.table and fact.column) and DICTIONARY[fact.table][fact.column].dtype in _NUMBERS


# --- what a tree reads --------------------------------------------------------------------------------


def reads(node: Node, pack: Pack, table: str = "households") -> set[tuple[str, str]]:
    """Return every (table, column) that a tree reads, those of its measures and parameters included."""
    found: set[tuple[str, str]] = set()
    waiting, followed = [(node, table)], set[str]()
    while waiting:
        root, home = waiting.pop()
        found |= {entry for entry in names_in(root) if entry[0]}
        for below, at_home in _homes(root, home):
            match below:
                case Measure(name=name) if name not in followed:
                    followed.add(name)
                    waiting.append((pack.measures[name].node, pack.measures[name].table))
                case Owner(part=part, table=owner):
                    waiting.append((part, owner))
                case Parameter(name=name):
                    columns = pack.parameters[name].model.by
                    found |= {(at_home if c in DICTIONARY[at_home] else "households", c) for c in columns}
                case _:
                    pass
    return found


def _homes(node: Node, home: str) -> Iterator[tuple[Node, str]]:
    """Yield a node and every node below it, each with the table whose rows it is worked out for."""
    yield node, home
    inside = node.table if isinstance(node, Aggregate) else home
    for part in parts_of(node):
        yield from _homes(part, inside)


def _words(pack: Pack, table: str, column: str) -> list[str]:
    """Return the words that the pack compares a column with."""
    found: list[str] = []
    for node in pack.nodes:
        part = node.part if isinstance(node, Among) else None
        name = part.part if isinstance(part, Owner) else part
        if isinstance(node, Among) and isinstance(name, Name) and name.column == DICTIONARY[table][column]:
            found += node.words
    keyed = [p.model for p in pack.parameters.values() if column in p.model.by]
    if keyed and column == "district":
        found += [district.name for district in pack.districts]
    elif keyed:
        found += DICTIONARY[table][column].choices.values()
    return list(dict.fromkeys(found))


def row_kinds(facts: Facts, table: str, within: Iterable[Node] | None = None) -> list[str]:
    """Return the kinds of rows that the pack asks a table for; one empty word where it asks for no kind.

    With `within` only what these trees ask for.
    """
    nodes = facts.pack.nodes if within is None else (n for tree in within for n in facts.pack.reached(tree))
    found = [word for root in nodes for word in kinds_in(root, table)]
    return list(dict.fromkeys(found)) or [""]


def kinds_in(root: Node, table: str) -> list[str]:
    """Return the kinds of rows of a table that a tree names."""
    return [
        word
        for node in walk(root)
        if isinstance(node, Among) and isinstance(node.part, Name)
        and node.part.name == "kind" and node.part.column == DICTIONARY[table].get("kind")
        for word in node.words
    ]  # fmt: skip


# --- values worth trying ------------------------------------------------------------------------------


def values_of(facts: Facts, fact: Fact) -> list[Any]:
    """Return values worth trying: words of the pack, numbers around its limits, dates around the day."""
    pack = facts.pack
    if fact.table in NO_TABLES:
        return _values_of_rules(pack, fact)
    if not fact.column:
        return [(), *_row_values(facts, fact)]
    column = DICTIONARY[fact.table][fact.column]
    if column.dtype == "flag":
        return [True, False]
    if column.dtype == "date":
        return _days(facts)
    if column.dtype in _NUMBERS:
        least = -_MOST if column.minimum is None else column.minimum
        own = {value + step for value in _constants(pack, column.dtype) for step in (-1, 0, 1)}
        return sorted(value for value in {least, *_LARGE[column.dtype], *own} if value >= least)
    words = _words(pack, fact.table, fact.column)
    if any(fact.column in parameter.model.by for parameter in pack.parameters.values()):
        return words
    choices = list(column.choices.values()) or [_OTHER]
    if column.dtype == "id" or column.dtype == "id_number":
        words += _ids(facts, fact)
    other = [word for word in choices if word not in words][:1]
    return [*words, *other]


def _ids(facts: Facts, fact: Fact) -> list[str]:
    """Return the ids that the other rows of the same household have in a column."""
    place = facts.owners(fact.table)[fact.at]
    found: list[str] = []
    for table in facts.tables.frames:
        column = facts.series(table, fact.column)
        if column is not None and table != "households":
            found += column[facts.owners(table) == place].dropna().astype(str).tolist()
    return list(dict.fromkeys(found))


def _constants(pack: Pack, dtype: str) -> set[int]:
    """Return the numbers that the pack writes, as they stand beside a column of a kind."""
    kinds = {"money": ("fen",), "count": ("number", "person", "day", "month", "year"), "area": ("number",)}[
        dtype
    ]
    factor = 100 if dtype == "area" else 1
    found = {
        int(node.value * factor)
        for node in pack.nodes
        if isinstance(node, Constant)
        and isinstance(node.value, Fraction)
        and node.kind.split("/")[0] in kinds
    }
    return {value for value in found if abs(value) < _MOST}


def _days(facts: Facts) -> list[int]:
    on = facts.on
    firsts = [dt.date(on.year + step, 1, 1) for step in (-60, -18, -2, -1, 0, 1)]
    days = {(day - _EPOCH).days for day in (on, *firsts)}
    return sorted({day + step for day in days for step in (-1, 0, 1)} | {(on - _EPOCH).days + 366})


def _values_of_rules(pack: Pack, fact: Fact) -> list[Any]:
    """Return values worth trying of what no table has."""
    if fact.table == "rulings":
        return [True, False]
    if fact.table == "calendar":
        return ["weekdays", "always", "never"]
    if fact.table == "tiers":
        return _open_values(pack.tiers[fact.word].model.bands, is_money=True)
    parameter = pack.parameters[fact.column]
    stated = [value for layer in parameter.layers for value in layer]
    return _open_values(stated, is_money=parameter.model.unit == "yuan")


def _open_values(stated: Iterable[ValueModel | BandModel], *, is_money: bool) -> list[Any]:
    """Return what may be given where only bounds are known: the bounds, and numbers small and large."""
    bounds = {
        Fraction(bound) * (100 if is_money else 1)
        for value in stated for bound in (value.at_least, value.at_most) if bound is not None
    }  # fmt: skip
    # Below a ceiling lie values that are neither all nor nothing of it.
    bounds |= {Fraction(bound // part) for bound in bounds if is_money for part in (2, 4)}
    return sorted(bounds | {Fraction(value) for value in (_STANDARDS if is_money else _SHARES)})


def _row_values(facts: Facts, fact: Fact) -> Iterator[Any]:
    """Yield rows that a household could have in a table: of the kind and day, of small and large amounts."""
    columns = sorted({c for root in roots(facts.pack) for t, c in reads(root, facts.pack) if t == fact.table})
    ids = facts.series("members", "member_id")
    person = {} if fact.at < 0 or ids is None else {"member_id": str(ids.iloc[fact.at])}
    if fact.beside >= 0:
        other = facts.tables[fact.table].iloc[fact.beside]
        person |= {key: str(other[key]) for key in agreeing(facts.pack, fact.table)}
    columns = [name for name in columns if name not in ("household_id", "kind", *person)]
    dtypes = {name: DICTIONARY[fact.table][name].dtype for name in columns}
    amounts = (1, 0, 10**6, 10**9) if "money" in dtypes.values() else (1,)
    truths = (True, False) if "flag" in dtypes.values() else (True,)
    words = {
        name: [*_words(facts.pack, fact.table, name), _OTHER][:2]
        for name in columns
        if dtypes[name] not in _LARGE
    }
    days = _days_of_papers(facts) if "date" in dtypes.values() and fact.table == "documents" else [facts.on]
    ways = (0, 1) if any(len(w) > 1 for w in words.values()) else (0,)
    for day, amount, truth, at in product(days, amounts, truths, ways):
        cells: dict[str, Any] = person | ({"kind": fact.word} if fact.word else {})
        for name, dtype in dtypes.items():
            if dtype in _LARGE:
                cells[name] = amount if dtype == "money" else 1
            elif dtype == "flag":
                cells[name] = truth
            else:
                word = words[name][min(at, len(words[name]) - 1)]
                cells[name] = pd.Timestamp(day) if dtype == "date" else word
        row = tuple(sorted(cells.items()))
        yield (row,)
        if not fact.word:
            yield (row,) * 3


def _days_of_papers(facts: Facts) -> list[dt.date]:
    """Return the day of the decision, then those about which a rule's time begins or ends, nearest first."""
    view, today = facts.view(np.array([0])), (facts.on - _EPOCH).days
    days = {today}
    for node in facts.pack.nodes:
        if isinstance(node, Operation) and node.kind == "date" and all(map(_is_fixed, walk(node))):
            day = int(view.amount(node).lo.num[0])
            days |= {day + step for step in (-1, 0, 1) if day + step < today}
    nearest = sorted(days, reverse=True)[:_MOST_DAYS]
    return [_EPOCH + dt.timedelta(days=day) for day in nearest]


def _is_fixed(node: Node) -> bool:
    """Return whether a part of a tree is the same for all households."""
    return isinstance(node, Operation | Constant) or (isinstance(node, Name) and node.column is None)


def agreeing(pack: Pack, table: str) -> list[str]:
    """Return the columns in which rows of a table must agree with one another."""
    asked = [node for node in pack.nodes if isinstance(node, Aggregate) and node.table == node.of == table]
    return list(dict.fromkeys(key for node in asked for key in node.same))


def roots(pack: Pack) -> list[Node]:
    """Return the trees that decide: of rules that refuse or bar, categories, the claim."""
    items = [item for item in (*pack.rules, *pack.categories) if item.effect != "warn"]
    return [item.node for item in items] + ([pack.claim.node] if pack.claim else [])


# --- where something turns ----------------------------------------------------------------------------


@dataclass
class Course:
    """What is decided as one fact takes one value after another, the rest as it is.

    `found` has per value tried the answer (outcome, category, claim), the sides of all
    comparisons, and a code per rule and category.
    """

    place: int
    fact: Fact
    tried: list[Any]
    base: Assigned = field(default_factory=dict)
    found: dict[Any, tuple[Any, Any, Any]] = field(default_factory=dict)

    def assigned(self, value: Any) -> Assigned:
        """Return the variant in which the fact has this value."""
        return {**self.base, self.fact: value}


def explore(facts: Facts, courses: Sequence[Course], *, sharpen: bool = True) -> None:
    """Judge every value of every course, and between two numbers where something turns the exact one."""
    wanted = [
        (course, value)
        for course in courses
        for value in dict.fromkeys(course.tried)
        if value not in course.found
    ]
    wanted += _steps_of(courses) if sharpen and not wanted else []
    while wanted:
        result = judged_variants(facts, [(course.place, course.assigned(value)) for course, value in wanted])
        answers = result.answer
        for at, (course, value) in enumerate(wanted):
            told = tuple(answers[at].tolist()), result.sides[at].tobytes(), tuple(result.rules[at].tolist())
            course.found[value] = told
        wanted = _steps_of(courses) if sharpen else []


def _steps_of(courses: Sequence[Course]) -> list[tuple[Course, Any]]:
    return [(course, value) for course in courses for value in _between(course)]


def _between(course: Course) -> Iterator[Any]:
    """Yield values between two on different sides of something: of a number, or of the amount on a paper."""
    if is_number(course.fact):
        yield from _steps({value: value for value in course.found if value is not None}, course)
    elif not course.fact.column and course.fact.table not in NO_TABLES:
        papers: dict[Any, dict[int, Any]] = {}
        for rows in course.found:
            amount = amount_of(rows)
            if amount is not None:
                papers.setdefault(_with_amount(rows, 0), {})[amount] = rows
        for paper, amounts in papers.items():
            yield from (_with_amount(paper, amount) for amount in _steps(amounts, course))


def _steps(values: dict[int, Any], course: Course) -> Iterator[int]:
    for low, high in pairwise(sorted(values)):
        if high - low > 1 and _turns(course.found[values[low]], course.found[values[high]]):
            steps = min(_PARTS, high - low)
            yield from {low + (high - low) * step // steps for step in range(1, steps)}


def amount_of(rows: Any) -> int | None:
    """Return the amount of money on some rows, None where they have none."""
    return next((cell for row in rows or () for name, cell in row if name.endswith("_fen")), None)


def _with_amount(rows: Any, amount: int) -> Any:
    return tuple(
        tuple((name, amount if name.endswith("_fen") else cell) for name, cell in row) for row in rows
    )


def _turns(left: tuple[Any, Any, Any], right: tuple[Any, Any, Any]) -> bool:
    return left[1:] != right[1:] or left[0][:2] != right[0][:2]
