"""A tree as a short line of text, close to what the pack's author wrote.

In    a node
Out   the expression again, brackets only where they are needed
"""

from __future__ import annotations

from fractions import Fraction

from relief.rulepack.model import written
from relief.rulepack.tree import (
    Aggregate,
    Among,
    Constant,
    Measure,
    Name,
    Node,
    Operation,
    Outcome,
    Owner,
    Parameter,
    Ruled,
    Tier,
)

__all__ = ["formula"]

_BINDING = {"if": 0, "or": 1, "and": 2, "not": 3}
_BINDING |= dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), 4)
_BINDING |= {"+": 5, "-": 5, "days": 5, "plus_days": 5, "plus_months": 5, "*": 6, "/": 6, "neg": 7}
_STEPS = {"plus_days": "days", "plus_months": "months"}


def formula(node: Node) -> str:
    """Return the text of a tree.

    Examples
    --------
    >>> income = Name("income_fen", "fen/year")
    >>> formula(Operation("<", (income, Constant(Fraction(150), "fen")), "truth"))
    'income_fen < yuan(1.5)'
    """
    return _text(node, 0)


def _text(node: Node, binding: int) -> str:
    match node:
        case Name(name=name) | Measure(name=name) | Outcome(name=name):
            return name
        case Parameter():
            return _parameter(node)
        case Constant():
            return _constant(node)
        case Aggregate():
            return _aggregate(node)
        case Operation():
            return _operation(node, binding)
        case _:
            return _other(node)


def _other(node: Node) -> str:
    match node:
        case Tier(name=name, part=part):
            return f"tier({name}, {_text(part, 0)})"
        case Among(part=part, words=words):
            listed = ", ".join(f'"{word}"' for word in words)
            return f"{_text(part, 5)} in [{listed}]"
        case Owner(table=table, part=part):
            return f"{table}.{part.name}"
        case Ruled(rule_id=rule_id):
            return f'ruled("{rule_id}")'
        case _:
            raise TypeError(node)


def _parameter(node: Parameter) -> str:
    if node.day is None:
        return node.name
    return f"{'twelve_months' if node.months else 'at'}({node.name}, {_text(node.day, 0)})"


def _constant(node: Constant) -> str:
    if isinstance(node.value, bool):
        return "true" if node.value else "false"
    if isinstance(node.value, str):
        return f'"{node.value}"'
    if node.kind.startswith("fen"):
        return f"yuan({written(node.value / 100)})"
    text = written(Fraction(node.value))
    return text if node.kind == "number" else f"{node.kind}s({text})"


def _aggregate(node: Aggregate) -> str:
    parts = [node.table, *([_text(node.part, 0)] if node.part is not None else [])]
    if node.where is not None:
        parts.append(f"where={_text(node.where, 0)}")
    return f"{node.function}({', '.join(parts)})"


def _operation(node: Operation, binding: int) -> str:
    own = _BINDING.get(node.operator)
    if own is None:
        return f"{node.operator}({', '.join(_text(part, 0) for part in node.parts)})"
    if node.operator == "if":
        condition, yes, no = (_text(part, 1) for part in node.parts)
        text = f"{yes} if {condition} else {no}"
    elif node.operator in _STEPS:
        date, step = node.parts
        count = Fraction(step.value) if isinstance(step, Constant) else Fraction(0)
        sign = "-" if count < 0 else "+"
        text = f"{_text(date, own)} {sign} {_STEPS[node.operator]}({written(abs(count))})"
    elif node.operator in ("not", "neg"):
        text = ("not " if node.operator == "not" else "-") + _text(node.parts[0], own)
    else:
        sign = "-" if node.operator == "days" else node.operator
        first, *rest = node.parts
        text = f" {sign} ".join([_text(first, own), *(_text(part, own + 1) for part in rest)])
    return f"({text})" if own < binding else text
