"""The functions of the rule language: how each is read, and of which kind it is.

In    a call, as Python's tree of it
Out   a checked node, or how the function is to be called
"""

from __future__ import annotations

import ast
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

from relief.columns import DICTIONARY
from relief.errors import ExpressionError, MoneyError
from relief.money import fen
from relief.rulepack.names import join_keys, listed
from relief.rulepack.syntax import common_kind, mixed, other_kind, shown
from relief.rulepack.tree import Aggregate, Constant, Node, Operation, Parameter, Ruled, Tier
from relief.rulepack.units import is_quantity, monthly, yearly

if TYPE_CHECKING:
    from collections.abc import Callable

    from relief.rulepack.names import Names
    from relief.rulepack.units import Kind

__all__ = ["CALLS", "misused"]

_LARGEST = 2**63 - 1


class Reader(Protocol):
    """What reads the parts of a call: `relief.rulepack.expression.Reader`."""

    @property
    def names(self) -> Names:
        """What names mean here."""

    def read(self, tree: ast.expr) -> Node:
        """Read a part."""

    def truth(self, tree: ast.expr) -> Node:
        """Read a part that must be a condition."""

    def inside(self, table: str) -> Reader:
        """Return a reader for the rows of another table."""


def misused(tree: ast.Call) -> ExpressionError:
    """Say how a function is called."""
    name = ast.unparse(tree.func)
    return ExpressionError("expression.call", what=shown(tree), usage=_USAGES.get(name, f"{name}(x)"))


def _arguments(tree: ast.Call, number: int) -> list[ast.expr]:
    """Return the arguments of a function that takes just so many."""
    if len(tree.args) != number or tree.keywords:
        raise misused(tree)
    return tree.args


def _date(reader: Reader, tree: ast.expr) -> Node:
    node = reader.read(tree)
    if node.kind != "date":
        raise other_kind(tree, node, "date")
    return node


# --- written quantities ---------------------------------------------------------------------------


def _yuan(_reader: Reader, _name: str, tree: ast.Call) -> Node:
    (amount,) = _arguments(tree, 1)
    value = amount.value if isinstance(amount, ast.Constant) else None
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        raise misused(tree)
    try:
        whole = fen(str(value))
    except MoneyError as error:
        raise ExpressionError(
            "expression.amount", problem_en=error.text("en"), problem_zh=error.text("zh")
        ) from error
    if whole > _LARGEST:
        raise misused(tree)
    return Constant(Fraction(whole), "fen")


def _written(reader: Reader, name: str, tree: ast.Call) -> Node:
    """Read ``days(7)``, ``months(12)``, ``years(1)``, ``persons(3)``: whole numbers with a unit."""
    node = reader.read(_arguments(tree, 1)[0])
    if not isinstance(node, Constant) or not isinstance(node.value, Fraction):
        raise misused(tree)
    if node.kind != "number" or node.value.denominator != 1 or node.value > _MOST_STEPS:
        raise ExpressionError("expression.whole", what=shown(tree), most=_MOST_STEPS, usage=f"{name}(3)")
    return replace(node, kind=name.removesuffix("s"))


_MOST_STEPS = 10_000


def _percent(reader: Reader, _name: str, tree: ast.Call) -> Node:
    node = reader.read(_arguments(tree, 1)[0])
    if not isinstance(node, Constant) or not isinstance(node.value, Fraction) or node.kind != "number":
        raise misused(tree)
    return Constant(node.value / 100, "number")


# --- values of the row at hand --------------------------------------------------------------------


def _several(reader: Reader, name: str, tree: ast.Call) -> Node:
    """Read ``coalesce(a, b, …)``, the first that is known, and ``max``, ``min`` of values or of rows."""
    if name != "coalesce" and (_table(tree.args[0], reader.names) or tree.keywords):
        return _aggregate(reader, name, tree)
    parts = tuple(reader.read(arg) for arg in tree.args)
    if tree.keywords:
        raise misused(tree)
    if parts[0].kind == "text" or (parts[0].kind == "truth" and name != "coalesce"):
        raise other_kind(tree.args[0], parts[0], "number")
    kind = common_kind(parts)
    if kind is None:
        other = next(part for part in parts if part.kind != parts[0].kind)
        raise mixed(tree, parts[0].kind, other.kind)
    return Operation(name, parts, kind)


def _by_period(reader: Reader, name: str, tree: ast.Call) -> Node:
    """Read ``monthly(x)`` of a yearly quantity, ``yearly(x)`` of a monthly one."""
    part = reader.read(_arguments(tree, 1)[0])
    kind = (monthly if name == "monthly" else yearly)(part.kind)
    if kind is None:
        raise other_kind(tree.args[0], part, "fen/year" if name == "monthly" else "fen/month")
    return Operation(name, (part,), kind)


def _stated(reader: Reader, name: str, tree: ast.Call) -> Node:
    return Operation(name, (reader.read(_arguments(tree, 1)[0]),), "truth")


def _of_dates(kind: Kind, number: int) -> Callable[[Reader, str, ast.Call], Node]:
    def read(reader: Reader, name: str, tree: ast.Call) -> Node:
        parts = tuple(_date(reader, arg) for arg in _arguments(tree, number))
        if name == "working_days" and not reader.names.has_calendar:
            raise ExpressionError("expression.no_calendar")
        return Operation(name, parts, kind)

    return read


# --- what the pack and people say -----------------------------------------------------------------


def _parameter(reader: Reader, tree: ast.expr) -> Parameter:
    return reader.names.parameter(tree.id if isinstance(tree, ast.Name) else shown(tree))


def _at(reader: Reader, _name: str, tree: ast.Call) -> Node:
    parameter, day = _arguments(tree, 2)
    return replace(_parameter(reader, parameter), day=_date(reader, day))


def _twelve_months(reader: Reader, _name: str, tree: ast.Call) -> Node:
    first, day = _arguments(tree, 2)
    parameter = _parameter(reader, first)
    kind = yearly(parameter.kind)
    if kind is None:
        raise other_kind(first, parameter, "fen/month")
    return replace(parameter, kind=kind, day=_date(reader, day), months=12)


def _tier(reader: Reader, _name: str, tree: ast.Call) -> Node:
    first, second = _arguments(tree, 2)
    tiers = reader.names.tiers
    if not isinstance(first, ast.Name) or first.id not in tiers:
        raise ExpressionError("expression.no_tiers", name=ast.unparse(first)[:40], known=listed(tiers))
    part = reader.read(second)
    wanted, given = tiers[first.id]
    if part.kind != wanted:
        raise other_kind(second, part, wanted)
    return Tier(first.id, part, given)


def _ruled(reader: Reader, _name: str, tree: ast.Call) -> Node:
    (rule,) = _arguments(tree, 1)
    if reader.names.table != "households":
        raise ExpressionError("expression.ruled_in_rows", what=shown(tree), table=reader.names.table)
    if not isinstance(rule, ast.Constant) or not isinstance(rule.value, str):
        raise misused(tree)
    return Ruled(rule.value)


# --- rows of other tables -------------------------------------------------------------------------


def _table(tree: ast.expr, names: Names) -> str:
    """Return the table that an argument such as ``members`` or ``members.income_fen`` names, if any."""
    named = tree.value if isinstance(tree, ast.Attribute) else tree
    if not isinstance(named, ast.Name) or named.id not in DICTIONARY or named.id == "households":
        return ""
    is_row = (
        isinstance(tree, ast.Attribute) and named.id == "members" and names.table in ("documents", "members")
    )
    return "" if is_row or named.id in DICTIONARY[names.table] else named.id


def _aggregate(reader: Reader, name: str, tree: ast.Call) -> Node:
    """Read ``count(table, where=…)``, ``sum(table.column, where=…)`` and their like."""
    target, of = tree.args[0], reader.names.table
    table = _table(target, reader.names)
    if not table:
        raise ExpressionError(
            "expression.unknown_table", name=ast.unparse(target)[:40], known=", ".join([*DICTIONARY][1:])
        )
    keywords = {keyword.arg: keyword.value for keyword in tree.keywords}
    if not keywords.keys() <= {"where", "same"} or len(tree.args) > 2:
        raise misused(tree)
    inside = reader.inside(table)
    where = inside.truth(keywords["where"]) if "where" in keywords else None
    same = join_keys(of, table) or _same(keywords.get("same"), tree, of, table)
    part = _part(inside, name, tree)
    return Aggregate(name, table, part, where, _row_kind(name, table, part, tree), of, same)


def _same(keys: ast.expr | None, tree: ast.Call, of: str, table: str) -> tuple[str, ...]:
    if keys is None:
        return ()
    parts = keys.elts if isinstance(keys, (ast.List, ast.Tuple)) else [keys]
    names = [key.id for key in parts if isinstance(key, ast.Name)]
    if of == "households":
        raise ExpressionError("expression.same_nowhere", what=shown(tree), table=table)
    if not names or len(names) != len(parts):
        raise misused(tree)
    both = [name for name in DICTIONARY[of] if name in DICTIONARY[table]]
    strange = [name for name in names if name not in both]
    if strange:
        facts = {"name": strange[0], "of": of, "table": table, "known": listed(both)}
        raise ExpressionError("expression.same_column", **facts)
    return tuple(names)


def _part(inside: Reader, name: str, tree: ast.Call) -> Node | None:
    """Read what is summed, compared or tested in each row."""
    target, *rest = tree.args
    if name == "every":
        if isinstance(target, ast.Attribute) or len(rest) != 1:
            raise misused(tree)
        return inside.truth(rest[0])
    if isinstance(target, ast.Attribute) and not rest:
        return inside.read(ast.copy_location(ast.Name(target.attr), target))
    if rest and not isinstance(target, ast.Attribute):
        return inside.read(rest[0])
    if rest or name not in ("count", "held"):
        raise misused(tree)
    return None


def _row_kind(name: str, table: str, part: Node | None, tree: ast.Call) -> Kind:
    if name == "every":
        return "truth"
    if part is None:
        return "truth" if name == "held" else "person" if table == "members" else "number"
    if name in ("count", "held"):
        raise misused(tree)
    if name == "months_in_a_row":
        if part.kind != "date":
            raise other_kind(tree.args[0], part, "date")
        return "month"
    if is_quantity(part.kind) or (part.kind == "date" and name in ("max", "min")):
        return part.kind
    raise other_kind(tree.args[-1], part, "number")


_USAGES = {
    "age": "age(born_on, on)",
    "at": "at(parameter, day)",
    "coalesce": "coalesce(a, b, …)",
    "count": "count(table, where=…)",
    "days": "days(7)",
    "every": "every(table, condition, where=…)",
    "held": "held(table, where=…)",
    "max": "max(a, b, …) / max(table.column, where=…)",
    "min": "min(a, b, …) / min(table.column, where=…)",
    "months": "months(12)",
    "months_in_a_row": "months_in_a_row(table.date, where=…)",
    "percent": "percent(80)",
    "persons": "persons(1)",
    "ruled": 'ruled("id")',
    "sum": "sum(table.column, where=…) / sum(table, x, where=…)",
    "tier": "tier(name, x)",
    "twelve_months": "twelve_months(parameter, day)",
    "working_days": "working_days(after, upto)",
    "year_start": "year_start(day)",
    "years": "years(1)",
    "yuan": 'yuan(1234.5) / yuan("1.2万")',
}

CALLS: dict[str, Callable[[Reader, str, ast.Call], Node]] = {
    "age": _of_dates("year", 2),
    "at": _at,
    "coalesce": _several,
    "count": _aggregate,
    "days": _written,
    "every": _aggregate,
    "held": _aggregate,
    "max": _several,
    "min": _several,
    "monthly": _by_period,
    "months": _written,
    "months_in_a_row": _aggregate,
    "percent": _percent,
    "persons": _written,
    "ruled": _ruled,
    "stated": _stated,
    "sum": _aggregate,
    "tier": _tier,
    "twelve_months": _twelve_months,
    "working_days": _of_dates("day", 2),
    "year_start": _of_dates("date", 1),
    "yearly": _by_period,
    "years": _written,
    "yuan": _yuan,
}
