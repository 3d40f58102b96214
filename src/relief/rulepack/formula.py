"""A tree as a short line of text, close to what the pack's author wrote.

In    a node; or what the author wrote, its tree and the tree with one part changed
Out   the expression again, brackets only where they are needed; what was written, with the change in it
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

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
    parts_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["formula", "marked"]

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
        case Among(part=part, words=(word,)):
            return f'{_text(part, 5)} == "{word}"'
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


# --- a change within what was written -----------------------------------------------------------------

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_OPERATOR = re.compile(r"<=|>=|==|!=|<|>|\+|-|\*|/|\b(?:and|or|max|min)\b")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")
_OPERATORS = frozenset({"<", "<=", ">", ">=", "==", "!=", "+", "-", "and", "or", "max", "min"})
_CALLED = frozenset({"max", "min"})


def marked(text: str, node: Node, changed: Node) -> str:
    """Return a written expression with one operator or number that is changed in its place.

    Empty where it cannot be told which of those written is the one changed.

    Examples
    --------
    >>> size, at_most = Name("household_size", "person"), Constant(Fraction(3), "person")
    >>> below, upto = (Operation(sign, (size, at_most), "truth") for sign in ("<", "<="))
    >>> marked("household_size < 3", below, upto)
    'household_size [< → <=] 3'
    """
    plain = _QUOTED.sub(lambda found: " " * len(found.group()), text)
    return _marked(text, plain, _OPERATOR, _operators, node, changed) or _marked(
        text, plain, _NUMBER, _numbers, node, changed
    )


def _marked(
    text: str, plain: str, written_as: re.Pattern[str], tokens: Callable[[Node], Iterator[str]],
    node: Node, changed: Node,
) -> str:  # fmt: skip
    before, after = [*tokens(node)], [*tokens(changed)]
    turned = [at for at, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]]
    if len(before) != len(after) or len(turned) != 1:
        return ""
    (at,) = turned
    old, new = before[at], after[at]
    # Operators are told apart by what they are, numbers by where they stand.
    alike = [one for one in before if one == old] if tokens is _operators else before
    places = [one for one in written_as.finditer(plain) if tokens is _numbers or one.group() == old]
    if len(places) != len(alike):
        return ""
    place = places[before[:at].count(old) if tokens is _operators else at]
    new = new if tokens is _operators else _as_written(place.group(), Fraction(old), Fraction(new))
    return f"{text[: place.start()]}[{place.group()} → {new}]{text[place.end() :]}" if new else ""


def _as_written(text: str, old: Fraction, new: Fraction) -> str:
    """Return the number that stands for a new value as `text` stands for the old one."""
    return written(Fraction(text) * new / old) if old and abs(new) < 2 * abs(old) + 1 else ""


def _operators(node: Node) -> Iterator[str]:
    """Yield the operators of a tree in the order in which they are written."""
    own = node.operator if isinstance(node, Operation) else getattr(node, "function", "")
    own = own if own in _OPERATORS else ""
    if own in _CALLED:
        yield own
    for at, part in enumerate(_in_order(node)):
        if at and own and own not in _CALLED:
            yield own
        yield from _operators(part)


def _numbers(node: Node) -> Iterator[str]:
    """Yield the numbers of a tree in the order in which they are written."""
    if isinstance(node, Constant) and not isinstance(node.value, (bool, str)):
        yield str(node.value)
    for part in _in_order(node):
        yield from _numbers(part)


def _in_order(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Operation) and node.operator == "if":
        condition, yes, no = node.parts
        return yes, condition, no
    return parts_of(node)
