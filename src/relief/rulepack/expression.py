"""The text of a rule -> a checked tree.

In    a line such as ``net_income < 2 * subsistence_standard`` and what names mean there
Out   a tree of the few nodes below, each of a known kind; anything else is refused with its cure

The text borrows Python's grammar for reading only: nothing of it is ever run as Python. The
whole language is what `_NODES` and `_CALLS` list.
"""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from relief.columns import DICTIONARY
from relief.errors import ExpressionError, MoneyError
from relief.money import fen
from relief.rulepack.tree import (
    DEEPEST,
    Aggregate,
    Among,
    Constant,
    Kind,
    Measure,
    Name,
    Node,
    Operation,
    Parameter,
    Ruled,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Names", "parse_expression"]

_LONGEST = 1_000
_LARGEST = 2**63 - 1
_KINDS: dict[str, Kind] = {
    "money": "fen", "count": "number", "date": "date", "flag": "truth",
    "text": "text", "label": "text", "choice": "text", "district": "text",
}  # fmt: skip


@dataclass(frozen=True)
class Names:
    """What names mean in an expression: columns of `table`, and the pack's own."""

    table: str
    measures: Mapping[str, Kind]
    parameters: Mapping[str, Kind]

    def everything(self) -> list[str]:
        """Every name that may be used."""
        columns = [name for name, column in DICTIONARY[self.table].items() if column.dtype in _KINDS]
        return [*columns, *self.measures, *self.parameters, "on"]


def parse_expression(text: str, names: Names, kind: Kind | None = None) -> Node:
    """Read one expression.

    Parameters
    ----------
    text : str
        At most 1,000 characters.
    names : Names
        What may be named.
    kind : {'truth', 'fen', 'number', 'date', 'text'}, optional
        What the whole must be.

    Raises
    ------
    ExpressionError
        If it does not follow the grammar, names something unknown, or mixes kinds.

    Examples
    --------
    >>> names = Names("households", {"net_income": "fen"}, {"standard": "fen"})
    >>> parse_expression("net_income < 2 * standard", names, "truth").operator
    '<'
    """
    if len(text) > _LONGEST:
        raise ExpressionError("expression.too_long", length=len(text), most=_LONGEST)
    text = " ".join(line.strip() for line in text.splitlines()).strip()
    node = _read(_parsed(text), names)
    if kind is not None and node.kind != kind:
        raise ExpressionError("expression.kind", text=text[:80], found=node.kind, wanted=kind)
    return node


# --- from Python's syntax to ours ---------------------------------------------------------------


def _parsed(text: str) -> ast.expr:
    """Return Python's tree of a text; no deeper than can be walked safely."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        at = error.offset or len(text) + 1
        raise ExpressionError("expression.syntax", text=text[:80], at=at) from error
    except (RecursionError, MemoryError, ValueError) as error:
        raise ExpressionError("expression.syntax", text=text[:80], at=0) from error
    level: list[ast.AST] = [tree]
    for _ in range(DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return tree
    raise ExpressionError("expression.too_deep", most=DEEPEST)


def _read(tree: ast.expr, names: Names) -> Node:
    reader = _NODES.get(type(tree))
    if reader is None:
        raise _refused(tree)
    return reader(tree, names)


def _refused(tree: ast.AST) -> ExpressionError:
    return ExpressionError("expression.refused", what=ast.unparse(tree)[:60], known=", ".join(sorted(_CALLS)))


def _constant(tree: ast.Constant, _names: Names) -> Node:
    if isinstance(tree.value, str):
        return Constant(tree.value, "text")
    if isinstance(tree.value, int) and not isinstance(tree.value, bool) and tree.value <= _LARGEST:
        return Constant(Fraction(tree.value), "number")
    raise _refused(tree)


def _name(tree: ast.Name, names: Names) -> Node:
    name = tree.id
    if name == "on":
        return Name("on", "date")
    if name in names.measures:
        return Measure(name, names.measures[name])
    if name in names.parameters:
        return Parameter(name, names.parameters[name])
    column = DICTIONARY[names.table].get(name)
    if column is None or column.dtype not in _KINDS:
        near = get_close_matches(name, names.everything(), n=1)
        raise ExpressionError(
            "expression.unknown_name", name=name, table=names.table, near=near[0] if near else "—"
        )
    return Name(name, _KINDS[column.dtype], column)


_BINARY = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}


def _binary(tree: ast.BinOp, names: Names) -> Node:
    operator = _BINARY.get(type(tree.op))
    if operator is None:
        raise _refused(tree)
    left, right = _read(tree.left, names), _read(tree.right, names)
    kind = _arithmetic_kind(operator, left.kind, right.kind)
    if kind is None:
        raise ExpressionError(
            "expression.mixed", what=ast.unparse(tree)[:60], left=left.kind, right=right.kind
        )
    return Operation(operator, (left, right), kind)


def _arithmetic_kind(operator: str, left: Kind, right: Kind) -> Kind | None:
    table: dict[tuple[str, Kind, Kind], Kind] = {
        ("+", "fen", "fen"): "fen", ("-", "fen", "fen"): "fen", ("*", "fen", "number"): "fen",
        ("*", "number", "fen"): "fen", ("/", "fen", "number"): "fen", ("/", "fen", "fen"): "number",
        ("-", "date", "date"): "number",
    }  # fmt: skip
    if left == right == "number":
        return "number"
    return table.get((operator, left, right))


def _unary(tree: ast.UnaryOp, names: Names) -> Node:
    part = _read(tree.operand, names)
    if isinstance(tree.op, ast.Not) and part.kind == "truth":
        return Operation("not", (part,), "truth")
    if isinstance(tree.op, ast.USub) and part.kind in ("fen", "number"):
        return Operation("neg", (part,), part.kind)
    raise _refused(tree)


def _logic(tree: ast.BoolOp, names: Names) -> Node:
    parts = tuple(_read(value, names) for value in tree.values)
    for part, value in zip(parts, tree.values, strict=True):
        if part.kind != "truth":
            raise _other_kind(value, part, "truth")
    return Operation("and" if isinstance(tree.op, ast.And) else "or", parts, "truth")


def _other_kind(tree: ast.AST, node: Node, wanted: str) -> ExpressionError:
    return ExpressionError("expression.kind", text=ast.unparse(tree)[:80], found=node.kind, wanted=wanted)


def _compare(tree: ast.Compare, names: Names) -> Node:
    if len(tree.ops) > 1:
        raise ExpressionError("expression.chained", what=ast.unparse(tree)[:60])
    left = _read(tree.left, names)
    operator, right_tree = tree.ops[0], tree.comparators[0]
    if isinstance(left, Constant) and left.kind == "text":
        raise _refused(tree)
    if isinstance(operator, (ast.In, ast.NotIn)):
        if left.kind != "text":
            raise _other_kind(tree.left, left, "text")
        among = Among(left, _words(right_tree))
        return Operation("not", (among,), "truth") if isinstance(operator, ast.NotIn) else among
    sign = _COMPARISONS.get(type(operator))
    right = _read(right_tree, names)
    if sign is None:
        raise _refused(tree)
    zero = any(isinstance(side, Constant) and side.value == 0 for side in (left, right))
    if left.kind != right.kind and not (zero and {left.kind, right.kind} == {"fen", "number"}):
        raise ExpressionError(
            "expression.mixed", what=ast.unparse(tree)[:60], left=left.kind, right=right.kind
        )
    if left.kind == "text":
        if sign not in ("==", "!=") or not isinstance(right, Constant):
            raise _refused(tree)
        among = Among(left, (str(right.value),))
        return Operation("not", (among,), "truth") if sign == "!=" else among
    if left.kind == "truth":
        raise _refused(tree)
    return Operation(sign, (left, right), "truth")


def _words(tree: ast.expr) -> tuple[str, ...]:
    if isinstance(tree, (ast.List, ast.Tuple)):
        words = [item.value for item in tree.elts if isinstance(item, ast.Constant)]
        if words and len(words) == len(tree.elts) and all(isinstance(word, str) for word in words):
            return tuple(map(str, words))
    raise _refused(tree)


def _if(tree: ast.IfExp, names: Names) -> Node:
    condition, yes, no = (_read(part, names) for part in (tree.test, tree.body, tree.orelse))
    if condition.kind != "truth":
        raise _other_kind(tree.test, condition, "truth")
    if yes.kind == "text":
        raise _refused(tree)
    if yes.kind != no.kind:
        raise ExpressionError("expression.mixed", what=ast.unparse(tree)[:60], left=yes.kind, right=no.kind)
    return Operation("if", (condition, yes, no), yes.kind)


# --- functions ------------------------------------------------------------------------------------


def _call(tree: ast.Call, names: Names) -> Node:
    name = tree.func.id if isinstance(tree.func, ast.Name) else ""
    reader = _CALLS.get(name)
    if reader is None:
        near = get_close_matches(name, _CALLS, n=1)
        raise ExpressionError("expression.unknown_function", name=name or ast.unparse(tree.func)[:40],
                              near=near[0] if near else "—", known=", ".join(sorted(_CALLS)))  # fmt: skip
    if not tree.args or any(isinstance(arg, ast.Starred) for arg in tree.args):
        raise _refused(tree)
    return reader(name, tree, names)


def _only(tree: ast.Call) -> ast.expr:
    """Return the one argument of a function that takes no other."""
    if len(tree.args) > 1 or tree.keywords:
        raise _refused(tree)
    return tree.args[0]


def _several(name: str, tree: ast.Call, names: Names) -> Node:
    """Read ``coalesce(a, b, …)``, the first that is known, and ``max``, ``min``."""
    parts = tuple(_read(arg, names) for arg in tree.args)
    if tree.keywords or parts[0].kind == "text" or (parts[0].kind == "truth" and name != "coalesce"):
        raise _refused(tree)
    if len({part.kind for part in parts}) > 1:
        raise ExpressionError(
            "expression.mixed", what=ast.unparse(tree)[:60], left=parts[0].kind, right=parts[-1].kind
        )
    return Operation(name, parts, parts[0].kind)


def _year_start(name: str, tree: ast.Call, names: Names) -> Node:
    part = _read(_only(tree), names)
    if part.kind != "date":
        raise _other_kind(tree, part, "date")
    return Operation(name, (part,), "date")


def _yuan(_name: str, tree: ast.Call, _names: Names) -> Node:
    """Read ``yuan(1234.5)``: an amount written in yuan, held in fen."""
    amount = _only(tree)
    value = amount.value if isinstance(amount, ast.Constant) else None
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        raise _refused(tree)
    try:
        whole = fen(str(value))
    except MoneyError as error:
        raise ExpressionError(
            "expression.amount", problem_en=error.text("en"), problem_zh=error.text("zh")
        ) from error
    if whole > _LARGEST:
        raise _refused(tree)
    return Constant(Fraction(whole), "fen")


def _ruled(_name: str, tree: ast.Call, names: Names) -> Node:
    rule = _only(tree)
    if names.table != "households":
        raise _refused(tree)
    if not isinstance(rule, ast.Constant) or not isinstance(rule.value, str):
        raise _refused(tree)
    return Ruled(rule.value)


def _aggregate(name: str, tree: ast.Call, names: Names) -> Node:
    """Read ``count(table, where=…)``, ``held(table, where=…)`` or ``sum(table.column, where=…)``."""
    target = tree.args[0]
    # Rows of a table belong to a household; rows of that table's rows do not exist.
    if names.table != "households":
        raise _refused(tree)
    table, column = (
        (ast.unparse(target.value), target.attr)
        if isinstance(target, ast.Attribute)
        else (ast.unparse(target), None)
    )
    if table not in DICTIONARY or table == names.table:
        raise ExpressionError("expression.unknown_table", name=table[:40], known=", ".join([*DICTIONARY][1:]))
    if len(tree.args) > 1 or any(keyword.arg != "where" for keyword in tree.keywords):
        raise _refused(tree)
    inside = Names(table, {}, {})
    where = _read(tree.keywords[0].value, inside) if tree.keywords else None
    if where is not None and where.kind != "truth":
        raise _other_kind(tree.keywords[0].value, where, "truth")
    if (column is None) == (name == "sum"):
        raise _refused(tree)
    if name != "sum":
        return Aggregate(name, table, None, where, "number" if name == "count" else "truth")
    field = _name(ast.Name(str(column)), inside)
    if not isinstance(field, Name) or field.kind not in ("fen", "number"):
        raise _refused(tree)
    return Aggregate(name, table, field.column, where, field.kind)


_CALLS: dict[str, Callable[[str, ast.Call, Names], Node]] = {
    "coalesce": _several,
    "count": _aggregate,
    "held": _aggregate,
    "max": _several,
    "min": _several,
    "ruled": _ruled,
    "sum": _aggregate,
    "year_start": _year_start,
    "yuan": _yuan,
}
_NODES: dict[type[ast.AST], Callable[[Any, Names], Node]] = {
    ast.BinOp: _binary,
    ast.BoolOp: _logic,
    ast.Call: _call,
    ast.Compare: _compare,
    ast.Constant: _constant,
    ast.IfExp: _if,
    ast.Name: _name,
    ast.UnaryOp: _unary,
}
