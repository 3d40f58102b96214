"""Households that lack the same in the same circumstances: what is tried for one holds for all of them.

In    `Facts`, what some households lack
Out   per household a key; two of one key are answered alike whatever is given instead of the missing

A rule that reads nothing that is missing says the same whatever is given, so only its answer
belongs to the key; of the others every cell that they read does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.columns import DICTIONARY
from relief.rulepack.tree import Operation, Parameter, Ruled, Tier
from relief.why.exploring import reads

if TYPE_CHECKING:
    from collections.abc import Hashable

    from relief.rulepack.facts import Facts
    from relief.why.variants import Fact
    from relief.why.wanted import Wanted

__all__ = ["Patterns"]

_IDS = ("id", "id_number")


class Patterns:
    """The keys of some households, and the facts of one in the place of another's."""

    def __init__(self, facts: Facts, places: Any) -> None:
        self._facts = facts
        self._at = {int(place): at for at, place in enumerate(places)}
        pack, view = facts.pack, facts.view(places)
        self._items = [item for item in (*pack.rules, *pack.categories) if item.effect != "warn"]
        self._nodes = [item.node for item in self._items] + ([pack.claim.node] if pack.claim else [])
        self._reads = [reads(node, pack) for node in self._nodes]
        truths = [view.truth(item.node) for item in self._items]
        self._codes = [(truth.yes + 2 * truth.no).tolist() for truth in truths]
        self._codes += [view.amount(pack.claim.node).known.tolist()] if pack.claim else []
        asked = {node.rule_id for node in pack.nodes if isinstance(node, Ruled)}
        rulings = [facts.ruling(id_) for id_ in sorted(asked | {item.id for item in self._items})]
        self._rulings = [(r.yes + 2 * r.no)[places].tolist() for r in rulings if r is not None]
        self._columns: dict[tuple[str, str], list[int]] = {}
        self._rows: dict[str, dict[int, list[int]]] = {}
        self._touched: dict[frozenset[tuple[str, str, str]], tuple[list[int], list[tuple[str, str]]]] = {}

    def key(self, want: Wanted) -> Hashable:
        """Return what decides how a household is answered, whatever is given instead of what it lacks."""
        if any(fact.table and fact.column and self._is_id(fact) for fact in want.facts):
            return want.place
        at = self._at[want.place]
        touched, columns = self._touched_by(frozenset((f.table, f.column, f.word) for f in want.facts))
        return (
            tuple(self.relative(fact, want.place) for fact in want.facts),
            frozenset(self.relative(fact, want.place) for fact in want.spare),
            tuple(tuple(self.relative(fact, want.place) for fact in group) for group in want.together),
            tuple(codes[at] for number, codes in enumerate(self._codes) if number not in touched),
            tuple(codes[at] for codes in self._rulings),
            tuple(self._cells(table, column, want.place) for table, column in columns),
        )

    def relative(self, fact: Fact, place: int) -> tuple[str, str, int, str]:
        """Return a fact by its row's number within the household."""
        is_cell = bool(fact.table and fact.column) and fact.table != "households"
        at = self._rows_of(fact.table)[place].index(fact.at) if is_cell else -1
        return fact.table, fact.column, at, fact.word

    def _is_id(self, fact: Fact) -> bool:
        return DICTIONARY[fact.table][fact.column].dtype in _IDS

    def _touched_by(
        self, missing: frozenset[tuple[str, str, str]]
    ) -> tuple[list[int], list[tuple[str, str]]]:
        """Return the rules that what is missing touches, and every column that these read."""
        if missing not in self._touched:
            touched = [n for n in range(len(self._nodes)) if any(self._touches(n, *fact) for fact in missing)]
            columns = set[tuple[str, str]]().union(*(self._reads[n] for n in touched))
            self._touched[missing] = touched, sorted(columns)
        return self._touched[missing]

    def _touches(self, number: int, table: str, column: str, word: str) -> bool:
        reached = list(self._facts.pack.reached(self._nodes[number]))
        if not table:
            return any(isinstance(node, Parameter) and node.name == column for node in reached)
        if table == "calendar":
            return any(isinstance(node, Operation) and node.operator == "working_days" for node in reached)
        if table == "tiers":
            return any(isinstance(node, Tier) and node.name == word for node in reached)
        if table == "rulings":
            is_own = number < len(self._items) and self._items[number].id == word
            return is_own or any(isinstance(node, Ruled) and node.rule_id == word for node in reached)
        return any(table == of and column in (name, "") for of, name in self._reads[number])

    def _cells(self, table: str, column: str, place: int) -> Hashable:
        codes = self._coded(table, column)
        if table == "households":
            return codes[place] if codes else None
        return tuple(codes[row] if codes else None for row in self._rows_of(table).get(place, ()))

    def _coded(self, table: str, column: str) -> list[int]:
        key = (table, column)
        if key not in self._columns:
            series = self._facts.series(table, column) if column != "household_id" else None
            self._columns[key] = [] if series is None else pd.factorize(series)[0].tolist()
        return self._columns[key]

    def _rows_of(self, table: str) -> dict[int, list[int]]:
        """Return the rows of each household in a table."""
        if table not in self._rows:
            rows: dict[int, list[int]] = {}
            self._rows[table] = rows
            if self._facts.series(table, "household_id") is not None:
                for row, place in enumerate(np.asarray(self._facts.owners(table)).tolist()):
                    rows.setdefault(place, []).append(row)
        return self._rows[table]
