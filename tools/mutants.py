"""What `make mutation` breaks: every line of a module in every way of a short list.

In    the text of a module
Out   its mutants, each one change of one expression or statement, and the module's tree with one of them

- A comparison loses or gains its equal case, or turns round; `and` becomes `or`; a condition holds always
  or never.
- An operator becomes its like: `+` and `-`, `*` and `/`, `//` and `/`, `&` and `|`, `<<` and `>>`.
- `not` and a minus go; a number is one more; a truth value turns; a text gets a mark in front.
- `min` and `max`, `any` and `all`, `floor` and `ceil`, and the like change places.
- A named argument is left out, except `strict`; a statement in a function is left out.

What says nothing to the running program is left alone: annotations, docstrings, decorators, imports and
`__all__`.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Mutant", "code_of", "mutants_of"]

_COMPARED: dict[type, list[type]] = {
    ast.Lt: [ast.LtE, ast.GtE], ast.LtE: [ast.Lt, ast.Gt],
    ast.Gt: [ast.GtE, ast.LtE], ast.GtE: [ast.Gt, ast.Lt],
    ast.Eq: [ast.NotEq], ast.NotEq: [ast.Eq], ast.Is: [ast.IsNot], ast.IsNot: [ast.Is],
    ast.In: [ast.NotIn], ast.NotIn: [ast.In],
}  # fmt: skip
_REPLACED: dict[type, type] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div,
    ast.Mod: ast.Div, ast.Pow: ast.Mult, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitAnd, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
_PAIRS = ("min max", "any all", "floor ceil", "argmin argmax", "minimum maximum", "insert append")
_LIKE = {a: b for pair in map(str.split, _PAIRS) for a, b in (pair, pair[::-1])}
_AROUND = 80
_STATEMENT = ast.Assign | ast.AugAssign | ast.Return | ast.Raise | ast.Expr | ast.Continue | ast.Break
_SCOPE = ast.FunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Mutant:
    """One change: `way` of the node at `place`, in the order of `ast.walk`."""

    path: str
    module: str
    name: str
    line: int
    place: int
    way: int


def mutants_of(path: Path) -> list[Mutant]:
    """Return every mutant of a module, named by function and change so that the name outlives a new line."""
    tree = ast.parse(path.read_text())
    silent, scopes, parents = _silent(tree), _scopes(tree), _parents(tree)
    module = ".".join(path.with_suffix("").parts[-2:]).removeprefix("relief.")
    found: list[Mutant] = []
    seen: Counter[str] = Counter()
    for place, node in enumerate(ast.walk(tree)):
        if node in silent:
            continue
        scope = scopes.get(node, "")
        for way, changed in enumerate(_ways(node, parents.get(node), is_inside=bool(scope))):
            name = f"{module}{scope}: {_told(node, changed, parents)}"
            seen[name] += 1
            name += f" #{seen[name]}" if seen[name] > 1 else ""
            found.append(Mutant(str(path), module, name, getattr(node, "lineno", 0), place, way))
    return found


def code_of(mutant: Mutant) -> ast.Module:
    """Return the module's tree with the change made."""
    tree = ast.parse(Path(mutant.path).read_text())
    node = list(ast.walk(tree))[mutant.place]
    scope, parent = _scopes(tree).get(node, ""), _parents(tree).get(node)
    changed = list(_ways(node, parent, is_inside=bool(scope)))[mutant.way]
    return ast.fix_missing_locations(_Change(node, changed).visit(tree))


class _Change(ast.NodeTransformer):
    def __init__(self, node: ast.AST, changed: ast.AST) -> None:
        self.node, self.changed = node, changed

    def visit(self, node: ast.AST) -> ast.AST:
        """Put the changed node where the node is."""
        if node is not self.node:
            return self.generic_visit(node)
        return ast.copy_location(self.changed, node)


def _ways(node: ast.AST, parent: ast.AST | None, *, is_inside: bool) -> Iterator[ast.AST]:
    """Yield what may stand in a node's place; the node itself is left as it was."""
    if isinstance(node, ast.expr) and _is_condition(node, parent):
        yield ast.Constant(value=False)
        if not isinstance(parent, ast.While):
            yield ast.Constant(value=True)
    if isinstance(node, ast.expr | ast.AugAssign):
        yield from _expressions(node)
    if isinstance(node, _STATEMENT) and is_inside:
        yield ast.Pass()


def _expressions(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare():
            for at, operator in enumerate(node.ops):
                for other in _COMPARED[type(operator)]:
                    yield _with(node, ops=[*node.ops[:at], other(), *node.ops[at + 1 :]])
        case ast.BinOp() | ast.BoolOp() | ast.AugAssign() if type(node.op) in _REPLACED:
            yield _with(node, op=_REPLACED[type(node.op)]())
        case ast.UnaryOp():
            yield node.operand
        case ast.Constant():
            yield from _constants(node.value)
        case ast.Name(id=word) | ast.Attribute(attr=word) if word in _LIKE:
            yield _with(node, **{"id" if isinstance(node, ast.Name) else "attr": _LIKE[word]})
        case ast.Call():
            yield from _shorter(node)


def _shorter(call: ast.Call) -> Iterator[ast.AST]:
    for word in call.keywords:
        if word.arg not in (None, "strict"):
            yield _with(call, keywords=[other for other in call.keywords if other is not word])


def _is_condition(node: ast.expr, parent: ast.AST | None) -> bool:
    if isinstance(parent, ast.comprehension):
        return node in parent.ifs
    return isinstance(parent, ast.If | ast.IfExp | ast.While) and node is parent.test


def _constants(value: object) -> Iterator[ast.AST]:
    if isinstance(value, bool):
        yield ast.Constant(value=not value)
    elif isinstance(value, int | float):
        yield ast.Constant(value=value + 1)
    elif isinstance(value, str):
        yield ast.Constant(value=f"XX{value}")


def _with(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _told(node: ast.AST, changed: ast.AST, parents: dict[ast.AST, ast.AST]) -> str:
    """Return before and after, with the expression around a mere number, name or text."""
    parent = parents.get(node)
    is_small = isinstance(node, ast.Constant | ast.Name) and isinstance(parent, ast.expr | ast.keyword)
    if is_small and parent is not None and len(_text(parent)) <= _AROUND:
        whole = copy.deepcopy(parent)
        at = list(ast.walk(parent)).index(node)
        around = _Change(list(ast.walk(whole))[at], changed).visit(whole)
        return f"{_text(parent)} → {_text(around)}"
    if isinstance(changed, ast.Pass):
        return f"{_text(node)} left out"
    return f"{_text(node)} → {_text(changed)}"


def _text(node: ast.AST) -> str:
    return " ".join(ast.unparse(ast.fix_missing_locations(node)).split())


def _silent(tree: ast.Module) -> set[ast.AST]:
    """Return the nodes that say nothing to the running program."""
    roots = [root for node in ast.walk(tree) for root in _silent_parts(node)]
    return {inner for root in roots if root is not None for inner in ast.walk(root)}


def _silent_parts(node: ast.AST) -> list[ast.AST | None]:
    match node:
        case ast.FunctionDef():
            return [node.returns, *node.decorator_list]
        case ast.ClassDef():
            return [*node.decorator_list]
        case ast.arg():
            return [node.annotation]
        case ast.AnnAssign():
            return [node.annotation, node.value if _text(node.annotation) == "TypeAlias" else None]
        case ast.FormattedValue():
            return [node.format_spec]
    is_silent = (
        isinstance(node, ast.Import | ast.ImportFrom)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        or (isinstance(node, ast.If) and _text(node.test) == "TYPE_CHECKING")
        or (isinstance(node, ast.Assign) and _text(node.targets[0]) == "__all__")
    )
    return [node] if is_silent else []


def _scopes(tree: ast.AST, name: str = "") -> dict[ast.AST, str]:
    """Return by node the function or class that it stands in."""
    found: dict[ast.AST, str] = {}
    for node in ast.iter_child_nodes(tree):
        found[node] = name
        found |= _scopes(node, f"{name}.{node.name}" if isinstance(node, _SCOPE) else name)
    return found


def _parents(tree: ast.AST) -> dict[ast.AST, ast.AST]:
    return {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
