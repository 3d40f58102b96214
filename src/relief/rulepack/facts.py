"""What is known of the rows of one round: the store that every evaluation reads from.

In    usable `Tables`, a `Pack`, the date of the decision
Out   columns, owners, rulings and what rows add up to, each worked out once; `View`s of some rows
      evaluate trees over them
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.columns import DICTIONARY
from relief.rulepack.parameters import Lookup
from relief.rulepack.tallies import TALLIES
from relief.rulepack.tree import Parameter
from relief.rulepack.values import Text, Truth, Value, always
from relief.rulepack.view import View, nothing_known

if TYPE_CHECKING:
    import datetime as dt

    from relief.intake.tables import Tables
    from relief.rulepack.contents import Pack
    from relief.rulepack.tallies import Tally
    from relief.rulepack.tree import Aggregate, Node
    from relief.rulepack.values import Flags, Integers

__all__ = ["Facts"]

# Rows of a table that are worked on at once: their columns stay in the processor's cache.
_BLOCK = 2**16
_ROW_ID = {"members": "member_id", "documents": "document_id"}


class Facts:
    """What is known of the households of one round."""

    def __init__(self, tables: Tables, pack: Pack, on: dt.date) -> None:
        self.tables = tables
        self.pack = pack
        self.on = on
        self.ids = pd.Index(tables["households"]["household_id"], dtype=object, name="household_id")
        self.calendar = pack.calendar
        self.lookups: dict[str, Lookup] = {}
        self._owners: dict[str, Integers] = {}
        self._links: dict[tuple[str, str, tuple[str, ...]], Integers] = {}
        self._cells: dict[tuple[str, str], Any] = {}
        self._words: dict[tuple[str, str], Text] = {}
        self._rulings: dict[str, Truth] = {}
        self._aggregates: dict[int, Value] = {}

    # --- rows -------------------------------------------------------------------------------------

    def size(self, table: str = "households") -> int:
        """Return the number of rows of a table."""
        return len(self.tables[table]) if table in self.tables else 0

    def view(self, rows: Any = None, *, table: str = "households", complete: bool = False) -> View:
        """Return some rows of a table, to evaluate trees over.

        Parameters
        ----------
        rows : slice or ndarray of int, optional
            All of them by default.
        table : str
        complete : bool
            Take every cell of the table's columns as known; what comes out for a row of which one
            is not says nothing.
        """
        return View(self, table, slice(0, self.size(table)) if rows is None else rows, complete)

    def series(self, table: str, name: str) -> pd.Series[Any] | None:
        """Return one column as read, None where the table does not have it."""
        if table not in self.tables or name not in self.tables[table]:
            return None
        return self.tables[table][name]

    def cells(self, table: str, name: str) -> Any:
        """Return the cells of one column, None where the table does not have it."""
        key = (table, name)
        if key not in self._cells:
            series = self.series(table, name)
            self._cells[key] = None if series is None else series.array
        return self._cells[key]

    def words(self, table: str, name: str) -> Text | None:
        """Return a column of words for all rows, None where the table does not have it."""
        key = (table, name)
        series = self.series(table, name)
        if key not in self._words and series is not None:
            if isinstance(series.dtype, pd.CategoricalDtype):
                self._words[key] = Text(np.asarray(series.array.codes), tuple(series.cat.categories))
            else:
                codes, words = pd.factorize(series.astype(object), use_na_sentinel=True)
                self._words[key] = Text(codes, tuple(words))
        return self._words.get(key)

    def lookup(self, name: str) -> Lookup:
        """Return what finds a parameter's values for keys and days."""
        if name not in self.lookups:
            self.lookups[name] = Lookup(self.pack.parameters[name], self.on, self.pack)
        return self.lookups[name]

    # --- to whom a row belongs --------------------------------------------------------------------

    def owners(self, table: str) -> Integers:
        """Return for each row of `table` the position of its household, -1 where it has none here."""
        if table not in self._owners:
            ids = self.series(table, "household_id")
            self._owners[table] = (
                np.full(self.size(table), -1) if ids is None else self.ids.get_indexer(ids)
            )  # fmt: skip
        return self._owners[table]

    def in_order(self, table: str, rows: Integers) -> list[int]:
        """Return a few rows by their ids, else by what stands in them, not by the order of the table."""
        listed = [int(row) for row in rows]
        ids = self.series(table, _ROW_ID.get(table, ""))
        if len(listed) > 1 and ids is not None:
            known = ids.iloc[listed].dropna().astype(str).tolist()
            if len(set(known)) == len(listed):
                told = dict(zip(listed, known, strict=True))
                return sorted(listed, key=lambda row: (len(told[row]), told[row]))
        columns = [self.series(table, name) for name in DICTIONARY[table]] if len(listed) > 1 else []
        cells = [column for column in columns if column is not None]
        return sorted(listed, key=lambda row: [str(column.iloc[row]) for column in cells])

    def keyed(self, table: str, keys: tuple[str, ...], other: str) -> tuple[Integers, Integers]:
        """Return a group for each row of two tables: household and `keys` alike; -1 where one is unknown."""
        tables = (table, other)
        codes = np.concatenate([self.owners(name) for name in tables])
        known = codes >= 0
        for key in keys:
            columns = [self.series(name, key) for name in tables]
            cells = [
                np.full(self.size(name), None, dtype=object) if column is None
                else column.astype(object).to_numpy()
                for name, column in zip(tables, columns, strict=True)
            ]  # fmt: skip
            words, distinct = pd.factorize(np.concatenate(cells), use_na_sentinel=True)
            codes = codes * max(1, len(distinct)) + words
            known &= words >= 0
        groups, _ = pd.factorize(codes)
        groups = np.where(known, groups, -1)
        return groups[: self.size(table)], groups[self.size(table) :]

    def links(self, table: str, owner: str, keys: tuple[str, ...]) -> Integers:
        """Return for each row of `table` the position of its row in `owner`, -1 where that is not known."""
        key = (table, owner, keys)
        if key not in self._links:
            if owner == "households":
                self._links[key] = self.owners(table)
            else:
                ours, theirs = self.keyed(table, keys, owner)
                places = np.full(max(map(int, (ours.max(initial=-1), theirs.max(initial=-1)))) + 2, -1)
                places[theirs] = np.arange(len(theirs))
                places[-1] = -1
                self._links[key] = places[ours]
        return self._links[key]

    # --- what rows add up to ----------------------------------------------------------------------

    def aggregate(self, node: Aggregate) -> Value:
        """Return what a household's or person's rows come to, for all rows of the table they belong to."""
        key = id(node)
        if key not in self._aggregates:
            self._aggregates[key] = self._told(node, self._tally(node))
        return self._aggregates[key]

    def _told(self, node: Aggregate, tally: Tally | None) -> Value:
        size = self.size(node.of)
        if tally is None:
            # A table that was not handed in says nothing, but that no row of it lies before us.
            if node.function == "held":
                return always(False, size)
            return nothing_known(
                node.kind, size, 0 if node.function in ("count", "months_in_a_row") else None
            )
        amount = tally.amount()
        if node.kind != "truth":
            return amount
        some, none = amount.lo.num > 0, amount.hi.num == 0
        return Truth(none, some) if node.function == "every" else Truth(some, none)

    def _tally(self, node: Aggregate) -> Tally | None:
        """Add up the rows of a table for each row of another; a row of nobody has the empty last group."""
        if self.series(node.table, "household_id") is None:
            return None
        owners = self.owners(node.table)
        at = np.arange(self.size()) if node.of == "households" else self.owners(node.of)
        if not node.same:
            return self._added(node, owners, self.size(), owners >= 0).taken(at)
        ours, theirs = self.keyed(node.of, node.same, node.table)
        known, loose = ours >= 0, (theirs < 0) & (owners >= 0)
        groups = int(max(ours.max(initial=-1), theirs.max(initial=-1))) + 1
        tally = self._added(node, theirs, groups, theirs >= 0).taken(ours)
        if loose.any():
            # A row whose key is unknown may belong to anybody of its household.
            spread = self._added(node, owners, self.size(), loose, maybe=True)
            tally = tally.merged(spread.taken(np.where(known, at, -1)))
        if not known.all():
            spread = self._added(node, owners, self.size(), owners >= 0, maybe=True)
            tally = tally.merged(spread.taken(np.where(known, -1, at)))
        return tally

    def _added(
        self, node: Aggregate, groups: Integers, size: int, keep: Flags, *, maybe: bool = False
    ) -> Tally:
        tally: Tally = TALLIES[node.function](size + 1)
        rows = self.size(node.table)
        for start in range(0, rows, _BLOCK):
            block = slice(start, min(rows, start + _BLOCK))
            ours = keep[block]
            if not ours.any():
                continue
            places = block if ours.all() else np.flatnonzero(ours) + start
            view = self.view(places, table=node.table)
            counts = view.truth(node.where) if node.where else always(True, view.size)
            if node.part is not None and counts.no.any() and self._looks_up(node.part):
                # Whom a value is asked for must count: others may have a word for which there is none.
                kept = np.flatnonzero(~counts.no)
                places = np.arange(self.size(node.table))[places][kept]
                view, counts = self.view(places, table=node.table), counts.taken(kept)
            value = view.value(node.part) if node.part else None
            if node.function == "every":
                assert isinstance(value, Truth)
                counts = counts & ~value
            if maybe:
                counts = Truth(np.zeros(view.size, dtype=bool), counts.no)
            tally.add(groups[places], counts, value)
        return tally

    def _looks_up(self, root: Node) -> bool:
        return any(isinstance(node, Parameter) for node in self.pack.reached(root))

    # --- what people ruled ------------------------------------------------------------------------

    def ruling(self, rule_id: str) -> Truth | None:
        """Return the latest ruling on `rule_id` up to the date; two of one day that differ say nothing."""
        if "rulings" not in self.tables or not len(self.tables["rulings"]):
            return None
        if rule_id not in self._rulings:
            yes = np.zeros(self.size(), dtype=bool)
            no = yes.copy()
            rulings = self.tables["rulings"]
            ours = rulings[(rulings["rule_id"] == rule_id) & (rulings["ruled_on"] <= pd.Timestamp(self.on))]
            ours = ours.dropna(subset=["household_id", "value"])
            latest = ours[ours["ruled_on"] == ours.groupby("household_id")["ruled_on"].transform("max")]
            at = self.ids.get_indexer(latest["household_id"])
            value = latest["value"].to_numpy(dtype=bool)
            yes[at[value & (at >= 0)]] = True
            no[at[~value & (at >= 0)]] = True
            self._rulings[rule_id] = Truth(yes & ~no, no & ~yes)
        return self._rulings[rule_id]
