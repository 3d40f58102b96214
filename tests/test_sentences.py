"""Every sentence is used, every code has its sentence, and both languages say the same."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from pathlib import Path
from string import Formatter

import pytest

from relief.messages import catalogue

SOURCE = Path(__file__).parents[1] / "src" / "relief"
TREES = {file: ast.parse(file.read_text("utf-8")) for file in sorted(SOURCE.rglob("*.py"))}
SENTENCES = catalogue()
FAMILIES = {code.partition(".")[0] for code in SENTENCES}
CODE = re.compile(r"(?!.*\.(?:csv|json|md|toml|txt|xlsx|yaml)$)[a-z_]+(\.[a-z0-9_]+)+")


def docstrings(tree: ast.AST) -> set[int]:
    """Return the ids of the constants that are docstrings: a code named there is no use of it."""
    return {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def constants() -> dict[str, str]:
    """Return every text in the code that is no docstring, with the place of one use."""
    return {
        node.value: f"{file.relative_to(SOURCE)}:{node.lineno}"
        for file, tree in TREES.items()
        for prose in [docstrings(tree)]
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose
    }


def patterns() -> list[re.Pattern[str]]:
    """Return a pattern for each code that is put together, as f"{code}.cure" is."""
    found = []
    for tree in TREES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
                fixed = "".join(str(part) for part in parts if part is not None)
                if re.fullmatch(r"[a-z0-9_.]*\.[a-z0-9_.]*", fixed) and fixed != ".":
                    found.append(
                        "".join("[a-z0-9_.]+" if part is None else re.escape(part) for part in parts)
                    )
    return [re.compile(pattern) for pattern in found]


def facts(sentence: str) -> set[str]:
    """Return the names that a sentence takes."""
    names = {
        re.split(r"[.\[]", field)[0] for _, field, _, _ in Formatter().parse(sentence) if field is not None
    }
    assert "" not in names, f"a fact without a name in {sentence!r}"
    return names


def first_arguments() -> dict[str, str]:
    """Return the constant codes given to errors, faults and `say`, with the place of one use."""
    found = {}
    for file, tree in TREES.items():
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant):
                name = ast.unparse(call.func).rpartition(".")[2]
                code = call.args[0].value
                if (
                    re.fullmatch(r"[A-Z]\w*Error|Fault|say", name)
                    and isinstance(code, str)
                    and CODE.fullmatch(code)
                ):
                    found[code] = f"{file.relative_to(SOURCE)}:{call.lineno}"
    return found


def test_every_code_has_its_sentence() -> None:
    named = {text: at for text, at in constants().items() if CODE.fullmatch(text)}
    of_a_family = {text: at for text, at in named.items() if text.partition(".")[0] in FAMILIES}
    codes = of_a_family | first_arguments()
    assert {code: at for code, at in codes.items() if code not in SENTENCES} == {}


def test_every_sentence_is_used() -> None:
    texts, composed = constants(), patterns()
    unused = [
        code for code in SENTENCES if code not in texts and not any(p.fullmatch(code) for p in composed)
    ]
    assert unused == []


def test_no_code_is_defined_in_two_files() -> None:
    files = sorted(SOURCE.joinpath("sentences").glob("*.toml"))
    codes = Counter(code for file in files for code in tomllib.loads(file.read_text("utf-8")))
    assert [code for code, count in codes.items() if count > 1] == []


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_a_sentence_says_the_same_in_both_languages(code: str) -> None:
    sentence = SENTENCES[code]
    assert set(sentence) == {"zh", "en"}
    assert all(sentence.values())
    # A sentence within a sentence comes as two facts, one in each language.
    common = [{fact.removesuffix(f"_{lang}") for fact in facts(text)} for lang, text in sentence.items()]
    assert common[0] == common[1]
