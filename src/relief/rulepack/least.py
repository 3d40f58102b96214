"""How small a quantity can be whatever the facts: what makes a divisor safe.

In    the tree of a quantity, and the least of each measure and parameter
Out   the least value, None where there is none
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from relief.rulepack.tree import Aggregate, Constant, Measure, Name, Operation, Owner, Parameter, Tier

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from relief.rulepack.tree import Node

__all__ = ["Least", "least"]

Least = Fraction | None


def least(node: Node, known: Mapping[tuple[str, str], Least]) -> Least:
    """Return the least value of a quantity; `known` has that of measures, parameters and tiers."""
    match node:
        case Constant(value=value):
            return value if isinstance(value, Fraction) else None
        case Name(column=column):
            return None if column is None or column.minimum is None else Fraction(column.minimum)
        case Measure(name=name, table=table):
            return known.get((table, name))
        case Parameter(name=name) | Tier(name=name):
            return known.get(("", name))
        case Owner(part=part):
            return least(part, known)
        case Aggregate():
            return _of_rows(node, known)
        case Operation(operator="/", parts=(dividend, _)):
            # The divisor is above zero, which was held when it was read: read again, it would be read
            # as often as divisions stand around it.
            low = least(dividend, known)
            return Fraction(0) if low is not None and low >= 0 else None
        case Operation(operator=operator, parts=parts) if operator in _OPERATIONS:
            return _OPERATIONS[operator]([least(part, known) for part in parts])
        case _:
            return None


def _of_rows(node: Aggregate, known: Mapping[tuple[str, str], Least]) -> Least:
    if node.function in ("count", "months_in_a_row"):
        return Fraction(0)
    inside = least(node.part, known) if node.part is not None else None
    if node.function == "sum":
        return Fraction(0) if inside is not None and inside >= 0 else None
    return inside


def _all(combine: Callable[[list[Fraction]], Fraction]) -> Callable[[list[Least]], Least]:
    def combined(parts: list[Least]) -> Least:
        known = [part for part in parts if part is not None]
        return combine(known) if len(known) == len(parts) else None

    return combined


def _largest(parts: list[Least]) -> Least:
    known = [part for part in parts if part is not None]
    return max(known) if known else None


def _times(parts: list[Least]) -> Least:
    known = [part for part in parts if part is not None]
    return known[0] * known[1] if len(known) == 2 and min(known) >= 0 else None


_OPERATIONS: dict[str, Callable[[list[Least]], Least]] = {
    "+": _all(lambda parts: sum(parts, Fraction(0))),
    "*": _times,
    "max": _largest,
    "min": _all(min),
    "coalesce": _all(min),
    "if": lambda parts: _all(min)(parts[1:]),
    "monthly": _all(lambda parts: parts[0] / 12),
    "yearly": _all(lambda parts: parts[0] * 12),
}
