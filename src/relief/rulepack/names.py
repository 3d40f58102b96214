"""What names mean in an expression: columns of the row at hand, and what the pack names.

In    a name, and the table whose row is at hand
Out   a node of known kind, or the similar name that exists
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from relief.columns import DICTIONARY, match
from relief.errors import ExpressionError
from relief.messages import nearest
from relief.rulepack.tree import Constant, Kind, Measure, Name, Node, Outcome, Owner, Parameter
from relief.rulepack.units import is_quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from relief.columns import Column
    from relief.rulepack.least import Least

__all__ = ["Names", "column_kind", "join_keys", "listed"]

_KINDS: dict[str, Kind] = {
    "count": "number", "date": "date", "flag": "truth",
    "text": "text", "label": "text", "choice": "text", "district": "text",
}  # fmt: skip
_WORDS: dict[str, Node] = {
    "on": Name("on", "date"),
    "true": Constant(True, "truth"),
    "false": Constant(False, "truth"),
}
_OUTCOMES: dict[str, Kind] = {"eligible": "truth", "category": "text", "claim": "fen"}
# By what a row of one table belongs to a person of another, beside the household.
_PERSON = {"documents": "member_id", "registry": "id_number", "history": "id_number"}


def column_kind(column: Column) -> Kind | None:
    """Return the kind of a column's values in a rule; None for what no rule may read."""
    if column.dtype in ("money", "area") or column.unit in ("person", "day"):
        return column.unit
    return _KINDS.get(column.dtype)


def listed(names: Iterable[str], most: int = 12) -> str:
    """Return names for a message, no more than are read."""
    known = list(names)
    return ", ".join(known[:most] + ["…"] * (len(known) > most)) or "—"


def join_keys(of: str, table: str) -> tuple[str, ...]:
    """Return the columns by which rows of `table` belong to a row of `of`, beside the household."""
    if "members" in (of, table) and of != table:
        other = table if of == "members" else of
        return (_PERSON[other],) if other in _PERSON else ()
    return ()


@dataclass(frozen=True)
class Names:
    """What may be named in an expression about rows of `table`.

    Attributes
    ----------
    table : str
    measures : dict of (table, name) to kind
    parameters : dict of name to kind
    by : dict of name to tuple of str
        The columns that the value of a parameter depends on.
    tiers : dict of name to (kind, kind)
        What goes into tiers, and what they give.
    least : dict
        The least value of measures (table, name), and of parameters and tiers ("", name).
    categories : tuple of str or None
        The ids of the pack's categories, where the outcome may be named.
    districts : tuple of str
        The districts of the pack and of those below it.
    has_calendar : bool
    """

    table: str
    measures: Mapping[tuple[str, str], Kind] = field(default_factory=dict)
    parameters: Mapping[str, Kind] = field(default_factory=dict)
    by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tiers: Mapping[str, tuple[Kind, Kind]] = field(default_factory=dict)
    least: Mapping[tuple[str, str], Least] = field(default_factory=dict)
    categories: tuple[str, ...] | None = None
    districts: tuple[str, ...] = ()
    has_calendar: bool = False

    def inside(self, table: str) -> Names:
        """Return what names mean for the rows of another table."""
        return replace(self, table=table, categories=None)

    def everything(self) -> list[str]:
        """Every name that may be used."""
        columns = [name for name, column in DICTIONARY[self.table].items() if column_kind(column)]
        measures = [name for table, name in self.measures if table == self.table]
        outcomes = _OUTCOMES if self.categories is not None else ()
        return [*columns, *measures, *self.parameters, *_WORDS, *outcomes]

    def named(self, name: str) -> Node:
        """Return what a bare name means.

        Raises
        ------
        ExpressionError
            If it means nothing here.
        """
        if name in _WORDS:
            return _WORDS[name]
        if self.categories is not None and name in _OUTCOMES:
            return Outcome(name, _OUTCOMES[name])
        if name in self.parameters:
            return self.parameter(name)
        return self._of_row(name, self.table)

    def parameter(self, name: str) -> Parameter:
        """Return a parameter, if every column that its value depends on is known here."""
        if name not in self.parameters:
            facts = {"known": listed(self.parameters), **nearest(name, self.parameters)}
            raise ExpressionError("expression.no_parameter", name=name, **facts)
        for column in self.by.get(name, ()):
            if column not in DICTIONARY[self.table] and column not in DICTIONARY["households"]:
                other = next((t for t in DICTIONARY if column in DICTIONARY[t]), "—")
                raise ExpressionError(
                    "expression.no_key", name=name, column=column, table=self.table, other=other
                )
        return Parameter(name, self.parameters[name])

    def owned(self, table: str, name: str) -> Node | None:
        """Return a column or measure of the household or person that the row belongs to; None for others."""
        if table == self.table:
            return self._of_row(name, table)
        if self.table == "households" or table not in ("households", "members"):
            return None
        if table == "members" and not join_keys(self.table, table):
            return None
        part = self._of_row(name, table)
        return Owner(table, part, part.kind, self.table, join_keys(self.table, table))

    def _of_row(self, name: str, table: str) -> Name | Measure:
        if (table, name) in self.measures:
            return Measure(name, self.measures[table, name], table)
        column = DICTIONARY[table].get(name)
        kind = column_kind(column) if column is not None else None
        if column is None or kind is None:
            raise self._unknown(name, self.inside(table).everything() if table != self.table else None, table)
        return Name(name, kind, column)

    def _unknown(self, name: str, known: list[str] | None, table: str = "") -> ExpressionError:
        table = table or self.table
        if name in DICTIONARY[table]:
            return ExpressionError("expression.identifier", name=name)
        if name in _OUTCOMES:
            return ExpressionError("expression.only_after", name=name)
        others = [other for other in DICTIONARY if other != table and self._has(other, name)]
        if others:
            return self._elsewhere(name, table, others)
        if not name.isascii():
            return self._header(name, table)
        near = get_close_matches(name, known or self.everything(), n=1)
        if not near:
            return ExpressionError("expression.unknown_alone", name=name, table=table)
        return ExpressionError("expression.unknown_name", name=name, table=table, near=near[0])

    def _header(self, header: str, table: str) -> ExpressionError:
        """Say which column a Chinese header is, here or in another table, and how it is reached."""
        exact = {
            other: found.column.name
            for other in DICTIONARY for found in [match(other, header)]
            if found is not None and self._has(other, found.column.name)
        }  # fmt: skip
        if table in exact:
            return ExpressionError("expression.header", header=header, usage=exact[table])
        columns = [column for column in DICTIONARY[table].values() if self._has(table, column.name)]
        spelled = {word: column for column in columns for word in (column.title, *column.headers)}
        near = [spelled[word] for word in get_close_matches(header, spelled, n=1)]
        ways = [f"{column.name} ({column.title})" for column in near]
        ways += [self._usage(name, [other]) for other, name in exact.items()][:1]
        if not ways:
            return ExpressionError("expression.unknown_header", header=header, table=table)
        return ExpressionError("expression.near_header", header=header, table=table, usage=" / ".join(ways))

    def _has(self, table: str, name: str) -> bool:
        column = DICTIONARY[table].get(name)
        return (table, name) in self.measures or (column is not None and column_kind(column) is not None)

    def _elsewhere(self, name: str, table: str, others: list[str]) -> ExpressionError:
        """Say in which other tables a name is, and how it is reached from here."""
        usage = self._usage(name, others)
        return ExpressionError(
            "expression.elsewhere", name=name, other=", ".join(others), table=table, usage=usage
        )

    def _usage(self, name: str, others: list[str]) -> str:
        """Return how a column or measure of other tables is reached from here."""
        owner = next((t for t in ("members", "households") if t in others and self._owns(t)), None)
        if owner:
            return f"{owner}.{name}"
        rows = others[0]
        kind = self.inside(rows).named(name).kind
        condition = name if kind == "truth" else f"{name} …"
        usages = [f"held({rows}, where={condition})", f"every({rows}, {condition})"]
        return ", ".join([f"sum({rows}.{name}, where=…)"] * is_quantity(kind) + usages)

    def _owns(self, table: str) -> bool:
        return self.table != "households" and (table == "households" or bool(join_keys(self.table, table)))

    def check_words(self, node: Node, words: tuple[str, ...]) -> None:
        """Refuse words that a column or the category never has.

        Raises
        ------
        ExpressionError
            If a word could never be met.
        """
        known: list[str] = []
        if isinstance(node, Outcome):
            known = [*(self.categories or ()), ""]
        if isinstance(node, Owner):
            node = node.part
        if isinstance(node, Name) and node.column is not None and node.column.dtype == "choice":
            known = list(dict.fromkeys(node.column.choices.values()))
        if isinstance(node, Name) and node.column is not None and node.column.dtype == "district":
            known = list(self.districts)
        strange = [word for word in words if known and word not in known]
        if strange:
            raise ExpressionError("expression.word", word=strange[0], known=listed(filter(None, known), 30))
