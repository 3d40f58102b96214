"""The tree of a rule: the few nodes that the rule language has, each of a known kind.

In    what `relief.rulepack.expression` read
Out   what a tree reads, and how deep it goes
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from relief.errors import ExpressionError

if TYPE_CHECKING:
    from collections.abc import Mapping
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
    "Parameter",
    "Ruled",
    "depth",
    "names_in", "rulings_in",
]  # fmt: skip

Kind = Literal["truth", "fen", "number", "date", "text"]
DEEPEST = 60


@dataclass(frozen=True)
class Constant:
    """A number (money in fen) or a word."""

    value: Fraction | str
    kind: Kind


@dataclass(frozen=True)
class Name:
    """A column of the table at hand, or the date of the decision (``on``)."""

    name: str
    kind: Kind
    column: Column | None = None


@dataclass(frozen=True)
class Measure:
    """An amount that the pack names."""

    name: str
    kind: Kind


@dataclass(frozen=True)
class Parameter:
    """A dated parameter of the pack."""

    name: str
    kind: Kind


@dataclass(frozen=True)
class Operation:
    """An operator or function over amounts, dates or truths: ``+ - * / < <= == and or not …``."""

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
    """Something about the rows of another table that belong to the household."""

    function: str
    table: str
    column: Column | None
    where: Node | None
    kind: Kind


@dataclass(frozen=True)
class Ruled:
    """What a named person ruled."""

    rule_id: str
    kind: Kind = "truth"


Node: TypeAlias = Constant | Name | Measure | Parameter | Operation | Among | Aggregate | Ruled


def depth(node: Node, measures: Mapping[str, int]) -> int:
    """Return how many levels a tree has, those of the measures that it names included.

    Raises
    ------
    ExpressionError
        If they are more than can be followed.
    """
    levels = measures[node.name] if isinstance(node, Measure) else 0
    levels = 1 + max([levels, *(depth(part, measures) for part in _parts(node))])
    if levels > DEEPEST:
        raise ExpressionError("expression.too_deep", most=DEEPEST)
    return levels


def _parts(node: Node) -> tuple[Node, ...]:
    match node:
        case Operation(parts=parts):
            return parts
        case Among(part=part):
            return (part,)
        case Aggregate(where=where) if where is not None:
            return (where,)
        case _:
            return ()


def rulings_in(node: Node) -> set[str]:
    """Return what a tree asks a named person to rule on."""
    if isinstance(node, Ruled):
        return {node.rule_id}
    return set().union(*map(rulings_in, _parts(node)))


def names_in(node: Node) -> set[tuple[str, str]]:
    """Return every (table, column) that a tree reads, and ``("", name)`` for each measure and parameter."""
    match node:
        case Name(name=name, column=column):
            return {(column.table, name)} if column else set()
        case Measure(name=name) | Parameter(name=name):
            return {("", name)}
        case Operation(parts=parts):
            return set().union(*map(names_in, parts))
        case Among(part=part):
            return names_in(part)
        case Aggregate(table=table, column=column, where=where):
            own = {(table, column.name if column else "household_id")}
            return own | (names_in(where) if where else set())
        case Ruled():
            return {("rulings", "value")}
        case _:
            return set()
