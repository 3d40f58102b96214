"""The text of a rule -> a checked tree.

In    a line such as ``net_income < 2 * subsistence_standard`` and what names mean there
Out   a tree of the few nodes of `relief.rulepack.tree`, each of a known kind; anything else is
      refused with its cure

The whole language is what `_NODES` here and `CALLS` of `relief.rulepack.functions` list.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from relief.columns import DICTIONARY
from relief.errors import ExpressionError
from relief.messages import nearest
from relief.rulepack.functions import CALLS, misused
from relief.rulepack.least import least
from relief.rulepack.names import Names
from relief.rulepack.syntax import common_kind, mixed, no_unit, other_kind, parsed, refused, shown
from relief.rulepack.tree import Among, Constant, Kind, Node, Operation
from relief.rulepack.units import divided, is_quantity, multiplied

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Names", "parse_expression"]

_LARGEST = 2**63 - 1
_MOST_DIGITS = 15


def parse_expression(text: str, names: Names, kind: Kind | None = None) -> Node:
    """Read one expression.

    Parameters
    ----------
    text : str
        At most 1,000 characters.
    names : Names
        What may be named.
    kind : str, optional
        What the whole must be: ``truth``, ``text``, ``date`` or a unit such as ``fen``.

    Raises
    ------
    ExpressionError
        If it does not follow the grammar, names something unknown, or mixes kinds.

    Examples
    --------
    >>> names = Names("households", {("households", "net_income"): "fen"}, {"standard": "fen"})
    >>> parse_expression("net_income < 2 * standard", names, "truth").operator
    '<'
    """
    tree = parsed(text)
    node = Reader(names).read(tree)
    if kind is not None and node.kind != kind:
        raise other_kind(tree, node, kind)
    return node


@dataclass(frozen=True)
class Reader:
    """Reads parts of one expression; `positive` are divisors that a condition keeps above zero."""

    names: Names
    positive: tuple[Node, ...] = field(default=())

    def read(self, tree: ast.expr) -> Node:
        """Return the checked node of one part."""
        reader = _NODES.get(type(tree))
        if reader is None:
            raise refused(tree)
        try:
            return reader(self, tree)
        except ExpressionError as error:
            # The innermost part that cannot be read is where the mistake stands.
            error.facts.setdefault("offset", tree.col_offset)
            raise

    def truth(self, tree: ast.expr) -> Node:
        """Read a part that must be a condition."""
        node = self.read(tree)
        if node.kind != "truth":
            raise other_kind(tree, node, "truth")
        return node

    def inside(self, table: str) -> Reader:
        """Return a reader for the rows of another table."""
        return Reader(self.names.inside(table))


def _constant(_reader: Reader, tree: ast.Constant) -> Node:
    value = tree.value
    if isinstance(value, str):
        return Constant(value, "text")
    if isinstance(value, int) and not isinstance(value, bool) and value <= _LARGEST:
        return Constant(Fraction(value), "number")
    # A float is written with an exponent, or inf, where its digits are not those of the text.
    if isinstance(value, float) and re.fullmatch(rf"[0-9.]{{1,{_MOST_DIGITS}}}", repr(value)):
        return Constant(Fraction(repr(value)), "number")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise ExpressionError("expression.number", what=shown(tree))
    raise refused(tree)


def _name(reader: Reader, tree: ast.Name) -> Node:
    return reader.names.named(tree.id)


def _attribute(reader: Reader, tree: ast.Attribute) -> Node:
    if not isinstance(tree.value, ast.Name):
        raise refused(tree)
    owner = reader.names.owned(tree.value.id, tree.attr)
    if owner is None and tree.value.id in DICTIONARY:
        raise ExpressionError("expression.rows", what=shown(tree), table=tree.value.id)
    if owner is None:
        raise refused(tree)
    return owner


_BINARY = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_STEPS = ("day", "month", "year")


def _binary(reader: Reader, tree: ast.BinOp) -> Node:
    operator = _BINARY.get(type(tree.op))
    if operator is None:
        raise refused(tree)
    left, right = reader.read(tree.left), reader.read(tree.right)
    if operator == "/" and right not in reader.positive:
        lowest = least(right, reader.names.least)
        if is_quantity(right.kind) and (lowest is None or lowest <= 0):
            raise ExpressionError("expression.may_be_zero", what=shown(tree.right), whole=shown(tree))
    if left.kind == "date" and operator in "+-":
        return _moved(tree, operator, left, right)
    kind = _result(operator, left, right)
    if kind is None and operator in "*/":
        raise no_unit(tree, operator, left.kind, right.kind)
    if kind is None:
        raise mixed(tree, left.kind, right.kind)
    return Operation(operator, (left, right), kind)


def _result(operator: str, left: Node, right: Node) -> Kind | None:
    if operator == "*":
        return multiplied(left.kind, right.kind)
    if operator == "/":
        return divided(left.kind, right.kind)
    kind = common_kind((left, right))
    return kind if kind is not None and is_quantity(kind) else None


def _moved(tree: ast.BinOp, operator: str, left: Node, right: Node) -> Node:
    """Read a date minus a date, or a date moved by a whole number of days, months or years."""
    if operator == "-" and right.kind == "date":
        return Operation("days", (left, right), "day")
    written = right if isinstance(right, Constant) else None
    if written is None or right.kind not in _STEPS or not isinstance(written.value, Fraction):
        raise mixed(tree, left.kind, right.kind)
    step = -written.value if operator == "-" else written.value
    months = step * 12 if right.kind == "year" else step
    return Operation(
        "plus_days" if right.kind == "day" else "plus_months", (left, Constant(months, "number")), "date"
    )


def _unary(reader: Reader, tree: ast.UnaryOp) -> Node:
    part = reader.read(tree.operand)
    if isinstance(tree.op, ast.Not) and part.kind == "truth":
        return Operation("not", (part,), "truth")
    if isinstance(tree.op, ast.USub) and is_quantity(part.kind):
        return Operation("neg", (part,), part.kind)
    raise refused(tree)


def _logic(reader: Reader, tree: ast.BoolOp) -> Node:
    parts = tuple(reader.truth(value) for value in tree.values)
    return Operation("and" if isinstance(tree.op, ast.And) else "or", parts, "truth")


def _compare(reader: Reader, tree: ast.Compare) -> Node:
    if len(tree.ops) > 1:
        raise ExpressionError("expression.chained", what=shown(tree))
    left = reader.read(tree.left)
    operator, right_tree = tree.ops[0], tree.comparators[0]
    if isinstance(left, Constant) and left.kind == "text":
        raise refused(tree)
    if isinstance(operator, (ast.In, ast.NotIn)):
        if left.kind != "text":
            raise other_kind(tree.left, left, "text")
        return _among(reader, left, _words(right_tree), isinstance(operator, ast.NotIn))
    sign = _COMPARISONS.get(type(operator))
    right = reader.read(right_tree)
    if sign is None:
        raise refused(tree)
    if common_kind((left, right)) is None:
        raise mixed(tree, left.kind, right.kind)
    if left.kind == "text":
        if sign not in ("==", "!=") or not isinstance(right, Constant):
            raise refused(tree)
        return _among(reader, left, (str(right.value),), sign == "!=")
    if left.kind == "truth":
        raise ExpressionError("expression.truth_compared", what=shown(tree))
    return Operation(sign, (left, right), "truth")


def _among(reader: Reader, left: Node, words: tuple[str, ...], negated: bool) -> Node:
    reader.names.check_words(left, words)
    among = Among(left, words)
    return Operation("not", (among,), "truth") if negated else among


def _words(tree: ast.expr) -> tuple[str, ...]:
    if isinstance(tree, (ast.List, ast.Tuple)):
        words = [item.value for item in tree.elts if isinstance(item, ast.Constant)]
        if words and len(words) == len(tree.elts) and all(isinstance(word, str) for word in words):
            return tuple(map(str, words))
    raise refused(tree)


def _if(reader: Reader, tree: ast.IfExp) -> Node:
    condition = reader.truth(tree.test)
    yes = Reader(reader.names, (*reader.positive, *_above_zero(condition, holds=True))).read(tree.body)
    no = Reader(reader.names, (*reader.positive, *_above_zero(condition, holds=False))).read(tree.orelse)
    kind = common_kind((yes, no))
    if kind == "text":
        raise refused(tree)
    if kind is None:
        raise mixed(tree, yes.kind, no.kind)
    return Operation("if", (condition, yes, no), kind)


def _above_zero(condition: Node, *, holds: bool) -> list[Node]:
    """Return what is above zero where a condition holds, or where it does not."""
    if not isinstance(condition, Operation):
        return []
    operator, parts = condition.operator, condition.parts
    if operator == "not":
        return _above_zero(parts[0], holds=not holds)
    if operator == ("and" if holds else "or"):
        return [node for part in parts for node in _above_zero(part, holds=holds)]
    if operator not in _COMPARISONS.values():
        return []
    (left, right), zero = parts, Constant(Fraction(0), "number")
    if (operator, right) in ((">", zero), ("<=", zero)) and (operator == ">") == holds:
        return [left]
    if (operator, left) in (("<", zero), (">=", zero)) and (operator == "<") == holds:
        return [right]
    return []


def _call(reader: Reader, tree: ast.Call) -> Node:
    name = tree.func.id if isinstance(tree.func, ast.Name) else ""
    call = CALLS.get(name)
    if call is None:
        facts = {"known": ", ".join(sorted(CALLS)), **nearest(name, CALLS)}
        raise ExpressionError("expression.unknown_function", name=name or shown(tree.func)[:40], **facts)
    if not tree.args or any(isinstance(arg, ast.Starred) for arg in tree.args):
        raise misused(tree)
    return call(reader, name, tree)


_NODES: dict[type[ast.AST], Callable[[Reader, Any], Node]] = {
    ast.Attribute: _attribute,
    ast.BinOp: _binary,
    ast.BoolOp: _logic,
    ast.Call: _call,
    ast.Compare: _compare,
    ast.Constant: _constant,
    ast.IfExp: _if,
    ast.Name: _name,
    ast.UnaryOp: _unary,
}
