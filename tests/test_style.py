"""The size budgets of the code, printed (pytest -rP) and held: small functions, flat, typed, few comments."""

from __future__ import annotations

import ast
import io
import statistics
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(__file__).parents[1] / "src" / "relief"
FILES = sorted(SOURCE.rglob("*.py"))
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
BRANCH = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)


@dataclass(frozen=True)
class Function:
    """One function as the budgets see it."""

    name: str
    body: int
    nesting: int
    is_annotated: bool


def docstring_lines(node: ast.AST) -> range:
    if not isinstance(node, ast.Module | ast.ClassDef | FUNCTION) or ast.get_docstring(node) is None:
        return range(0)
    return range(node.body[0].lineno, node.body[0].end_lineno + 1)


def nesting(node: ast.AST) -> int:
    """Return how deep branches and loops go; ``elif`` is flat and an inner function counts for itself."""
    deepest = 0
    for child in ast.iter_child_nodes(node):
        if isinstance(child, FUNCTION | ast.Lambda | ast.ClassDef):
            continue
        is_elif = isinstance(node, ast.If) and isinstance(child, ast.If) and child in node.orelse
        own = isinstance(child, BRANCH) and not (is_elif and len(node.orelse) == 1)
        deepest = max(deepest, own + nesting(child))
    return deepest


def is_annotated(node: FUNCTION) -> bool:
    args = node.args
    named = [*args.posonlyargs, *args.args, *args.kwonlyargs, *filter(None, (args.vararg, args.kwarg))]
    if named and named[0].arg in ("self", "cls"):
        named = named[1:]
    return node.returns is not None and all(arg.annotation for arg in named)


def functions() -> Iterator[Function]:
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            overload = isinstance(node, FUNCTION) and "overload" in map(ast.unparse, node.decorator_list)
            if isinstance(node, FUNCTION) and not overload:
                size = node.end_lineno - node.lineno + 1 - len(docstring_lines(node))
                name = f"{file.relative_to(SOURCE)}:{node.lineno} {node.name}"
                yield Function(name, size, nesting(node), is_annotated(node))


def comments_and_code(text: str) -> tuple[int, int]:
    """Return how many comments, and how many lines of code: neither blank nor docstring nor comment."""
    comments = [t for t in tokenize.generate_tokens(io.StringIO(text).readline) if t.type == tokenize.COMMENT]
    prose = {line for node in ast.walk(ast.parse(text)) for line in docstring_lines(node)}
    lines = enumerate(text.splitlines(), start=1)
    code = [
        at for at, line in lines if line.strip() and not line.lstrip().startswith("#") and at not in prose
    ]
    return sum(not comment.string.startswith("# fmt:") for comment in comments), len(code)


def show(figure: str) -> None:
    print(figure)  # noqa: T201


@pytest.fixture(scope="module")
def measured() -> list[Function]:
    return list(functions())


def test_functions_are_short(measured: list[Function]) -> None:
    bodies = sorted(function.body for function in measured)
    median, p90 = statistics.median(bodies), bodies[len(bodies) * 9 // 10]
    longest = max(measured, key=lambda function: function.body)
    show(f"{len(bodies)} functions, body median {median}, p90 {p90}, longest {longest.body}: {longest.name}")
    assert median <= 10
    assert p90 <= 30
    assert [f"{f.name}: {f.body} lines" for f in measured if f.body > 60] == []


def test_functions_are_flat(measured: list[Function]) -> None:
    show(f"deepest nesting {max(function.nesting for function in measured)}")
    assert [f"{f.name}: {f.nesting} deep" for f in measured if f.nesting > 3] == []


def test_functions_are_annotated(measured: list[Function]) -> None:
    assert [function.name for function in measured if not function.is_annotated] == []


def test_modules_are_short() -> None:
    lengths = {str(file.relative_to(SOURCE)): len(file.read_text("utf-8").splitlines()) for file in FILES}
    show(f"{len(lengths)} modules, longest {max(lengths.values())} lines")
    assert {name: lines for name, lines in lengths.items() if lines > 400} == {}


def test_comments_are_rare() -> None:
    counts = [comments_and_code(file.read_text("utf-8")) for file in FILES]
    comments, code = (sum(column) for column in zip(*counts, strict=True))
    show(f"{comments} comments in {code} lines of code: {100 * comments / code:.1f} per 100")
    assert 100 * comments / code <= 8


def test_the_measure_sees_what_it_should() -> None:
    """The budgets are only as good as the measure, so it is tried on code whose answers are known."""
    text = '''
def short(a: int, *rest: int) -> int:
    """Not counted,
    over two lines."""
    if a:  # why
        for b in rest:
            a += b
    elif rest:
        return 1
    else:
        return 2
    return a
def untyped(a): return a
'''
    first, second = [node for node in ast.walk(ast.parse(text)) if isinstance(node, FUNCTION)]
    assert first.end_lineno - first.lineno + 1 - len(docstring_lines(first)) == 9
    assert nesting(first) == 2
    assert is_annotated(first)
    assert not is_annotated(second)
    assert comments_and_code(text) == (1, 10)
