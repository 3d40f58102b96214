"""Which facts stand so in a pack that lacking them may leave an answer more open than it is.

In    a pack
Out   the columns, rulings and parameters of which that can be

A fact that stands once in all that decides does no harm. Every operator gives, for an unknown part,
the least that holds all that its known values would give, so an answer that is open for lack of
such a fact is open for one of its values too: what is lost is lost by the facts that stand twice.
Left are those, and facts under what looks at whether a part is known (``coalesce``, ``stated``,
``missing: fail``), tells apart what an interval holds together (``==``, tiers, runs of months), or gives
up where signs are open (a product of what may be negative, a quotient by what may be zero).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

from relief.rulepack.least import least
from relief.rulepack.tree import (
    Aggregate,
    Measure,
    Name,
    Operation,
    Owner,
    Parameter,
    Ruled,
    Tier,
    parts_of,
)

if TYPE_CHECKING:
    from relief.rulepack.contents import Pack
    from relief.rulepack.least import Least
    from relief.rulepack.tree import Node

__all__ = ["Stand", "doubtful"]

# A column by (table, name); a ruling and a parameter under the name of its table here.
Stand: TypeAlias = tuple[str, str]
_TWICE = 2
_LOOKS_AT_KNOWING = frozenset({"coalesce", "stated", "==", "!="})


def doubtful(pack: Pack) -> set[Stand]:
    """Return the facts that stand where lacking them may matter more than it must."""
    counting = _Counting(pack)
    total: Counter[Stand] = Counter()
    for rule in pack.rules:
        if rule.effect == "refuse":
            found = counting.of(rule.node)
            # A rule that bars several categories stands in each, and for itself.
            weight = _TWICE if rule.missing == "fail" else max(1, len(rule.bars))
            total += Counter({key: number * weight for key, number in found.items()})
    for category in pack.categories:
        total += counting.of(category.node)
    if pack.claim is not None:
        total += counting.of(pack.claim.node)
    return {key for key, number in total.items() if number >= _TWICE}


class _Counting:
    """How often each fact stands below a node, its measures written out."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._measures: dict[str, Counter[Stand]] = {}
        self._least: dict[tuple[str, str], Least] = {}
        for name, measure in pack.measures.items():
            self._least[measure.table, name] = least(measure.node, self._least)

    def of(self, node: Node) -> Counter[Stand]:
        """Return how often each fact stands below a node; twice where it is looked at."""
        found = self._here(node)
        for part in parts_of(node):
            found += self.of(part)
        if self._is_coarse(node):
            found = Counter({key: max(number, _TWICE) for key, number in found.items()})
        return found

    def _is_coarse(self, node: Node) -> bool:
        """Return whether a node may give more than what holds all that its parts' known values would give."""
        match node:
            case Operation(operator="*", parts=(left, right)):
                return not any(self._is_from_zero(part) for part in (left, right))
            case Operation(operator="/", parts=(_, divisor)):
                lowest = least(divisor, self._least)
                return lowest is None or lowest <= 0
            case Operation(operator=operator):
                return operator in _LOOKS_AT_KNOWING
            case Aggregate(function=function):
                return function == "months_in_a_row"
            case _:
                return isinstance(node, Tier)

    def _is_from_zero(self, node: Node) -> bool:
        lowest = least(node, self._least)
        return lowest is not None and lowest >= 0

    def _here(self, node: Node) -> Counter[Stand]:
        match node:
            case Name(name=name, column=column) if column is not None:
                return Counter([(column.table, name)])
            case Measure(name=name):
                if name not in self._measures:
                    self._measures[name] = self.of(self.pack.measures[name].node)
                return Counter(self._measures[name])
            case Parameter(name=name):
                keys = [("households", column) for column in self.pack.parameters[name].model.by]
                members = [("members", column) for column in self.pack.parameters[name].model.by]
                return Counter([("parameters", name), *keys, *members])
            case Ruled(rule_id=rule_id):
                return Counter([("rulings", rule_id)])
            case Aggregate(table=table, same=same, of=of) | Owner(table=table, same=same, of=of):
                return Counter([(side, key) for side in (table, of) for key in same])
            case _:
                return Counter()
