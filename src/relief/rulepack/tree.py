"""The tree of a rule: the few nodes that the rule language has, each of a known kind.

In    what `relief.rulepack.expression` read
Out   what a tree reads, and how deep it goes
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from relief.errors import ExpressionError
from relief.rulepack.units import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from fractions import Fraction

    from relief.columns import Column

__all__ = [
    "DEEPEST",
    "Aggregate",
    "Among",
    "Constant",
    "Kind",
    "Measure",
    "Name",
    "Node",
    "Operation",
    "Outcome",
    "Owner",
    "Parameter",
    "Ruled",
    "Tier",
    "depth",
    "names_in",
    "parts_of",
    "rulings_in",
    "shared",
    "walk",
]

DEEPEST = 60


@dataclass(frozen=True)
class Constant:
    """A number (money in fen), a truth or a word."""

    value: Fraction | bool | str
    kind: Kind


@dataclass(frozen=True)
class Name:
    """A column of the table at hand, or the date of the decision (``on``)."""

    name: str
    kind: Kind
    column: Column | None = None


@dataclass(frozen=True)
class Measure:
    """A quantity, date or condition that the pack names, of the rows of `table`."""

    name: str
    kind: Kind
    table: str = "households"


@dataclass(frozen=True)
class Parameter:
    """A dated parameter of the pack, on the day of the decision or on `day`.

    With `months` it is summed over that many months from `day`, each at its own value.
    """

    name: str
    kind: Kind
    day: Node | None = None
    months: int = 0


@dataclass(frozen=True)
class Tier:
    """What the tiers `name` give for a quantity."""

    name: str
    part: Node
    kind: Kind


@dataclass(frozen=True)
class Operation:
    """An operator or function over quantities, dates or truths: ``+ - * / < <= == and or not …``."""

    operator: str
    parts: tuple[Node, ...]
    kind: Kind


@dataclass(frozen=True)
class Among:
    """Whether a word is one of some."""

    part: Node
    words: tuple[str, ...]
    kind: Kind = "truth"


@dataclass(frozen=True)
class Aggregate:
    """Something about the rows of another table that belong to the row at hand.

    `part` is what is summed, compared or tested per row; `of` is the table of the row at hand,
    and `same` the columns in which both rows must agree beside the household.
    """

    function: str
    table: str
    part: Node | None
    where: Node | None
    kind: Kind
    of: str = "households"
    same: tuple[str, ...] = ()


@dataclass(frozen=True)
class Owner:
    """A column or measure of the household or person that the row at hand belongs to."""

    table: str
    part: Name | Measure
    kind: Kind
    of: str
    same: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ruled:
    """What a named person ruled."""

    rule_id: str
    kind: Kind = "truth"


@dataclass(frozen=True)
class Outcome:
    """What was decided of the household: ``eligible``, ``category`` or ``claim``."""

    name: str
    kind: Kind


Node: TypeAlias = (
    Constant | Name | Measure | Parameter | Tier | Operation | Among | Aggregate | Owner | Ruled | Outcome
)


def parts_of(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below a node; a measure's own tree is not among them."""
    match node:
        case Operation(parts=parts):
            return parts
        case Among(part=part) | Tier(part=part) | Owner(part=part):
            return (part,)
        case Aggregate(part=part, where=where):
            return tuple(below for below in (part, where) if below is not None)
        case Parameter(day=day) if day is not None:
            return (day,)
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and every node below it."""
    yield node
    for part in parts_of(node):
        yield from walk(part)


def shared(node: Node, pool: dict[object, Node]) -> Node:
    """Return a tree of which equal parts, here and in other trees of the pool, are one and the same.

    So each is worked out once per household, however many rules name it.
    """
    # Parts that are shared are told apart by what they are, not by all that stands below them.
    key: object = node
    changed: dict[str, Any] = {}
    match node:
        case Operation(operator=operator, parts=parts, kind=kind):
            changed["parts"] = tuple(shared(part, pool) for part in parts)
            key = (operator, kind, *map(id, changed["parts"]))
        case Among(part=part, words=words):
            changed["part"] = shared(part, pool)
            key = (Among, words, id(changed["part"]))
        case Tier(name=name, part=part, kind=kind):
            changed["part"] = shared(part, pool)
            key = (Tier, name, kind, id(changed["part"]))
        case Aggregate(part=part, where=where):
            for name, below in (("part", part), ("where", where)):
                changed[name] = None if below is None else shared(below, pool)
            key = (replace(node, part=None, where=None), id(changed["part"]), id(changed["where"]))
        case Parameter(day=day) if day is not None:
            changed["day"] = shared(day, pool)
            key = (replace(node, day=None), id(changed["day"]))
        case _:
            pass
    if key not in pool:
        pool[key] = replace(node, **changed) if changed else node
    return pool[key]


def depth(node: Node, measures: Mapping[tuple[str, str], int]) -> int:
    """Return how many levels a tree has, those of the measures that it names included.

    Raises
    ------
    ExpressionError
        If they are more than can be followed.
    """
    levels = measures[node.table, node.name] if isinstance(node, Measure) else 0
    levels = 1 + max([levels, *(depth(part, measures) for part in parts_of(node))])
    if levels > DEEPEST:
        raise ExpressionError("expression.too_deep", most=DEEPEST)
    return levels


def rulings_in(node: Node) -> set[str]:
    """Return what a tree asks a named person to rule on."""
    return {below.rule_id for below in walk(node) if isinstance(below, Ruled)}


def names_in(node: Node) -> set[tuple[str, str]]:
    """Return every (table, column) that a tree reads, and ``("", name)`` for each measure and parameter."""
    found: set[tuple[str, str]] = set()
    for below in walk(node):
        match below:
            case Name(name=name, column=column) if column is not None:
                found.add((column.table, name))
            case Measure(name=name) | Parameter(name=name) | Tier(name=name):
                found.add(("", name))
            case Aggregate(table=table, same=same, of=of):
                found |= {
                    (table, "household_id"),
                    *((table, key) for key in same),
                    *((of, key) for key in same),
                }
            case Owner(table=table, of=of, same=same):
                found |= {(of, "household_id"), *((table, key) for key in same), *((of, key) for key in same)}
            case Ruled():
                found.add(("rulings", "value"))
            case _:
                pass
    return found
