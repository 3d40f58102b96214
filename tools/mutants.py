"""What `make mutation` left standing: tried again with more tests, then told by module.

    python tools/mutants.py again     each survivor once more, in a process of its own, by the wider tests
    python tools/mutants.py page      the table and the survivors, as Markdown

mutmut changes a line inside one process that has imported everything, so that it never sees a change
of what runs on import (a decorator, a table that is read once), and its tests are few, to be quick.
A survivor is therefore asked again: a fresh process, the property tests and doctests with it.
"""

from __future__ import annotations

import ast
import difflib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

MUTANTS = Path("mutants")
KILLED, SURVIVED, NO_TEST = 1, 0, 33
_WIDER = [
    "tests/unit/test_allocation.py",
    "tests/unit/test_kernels.py",
    "tests/unit/test_certificate.py",
    "tests/unit/test_terms.py",
    "tests/unit/test_methods.py",
    "tests/unit/test_divisors.py",
    "tests/unit/test_fairness.py",
    "tests/unit/test_conformance.py",
    "tests/unit/test_comparison.py",
    "tests/properties/test_allocation_properties.py",
    "tests/properties/test_method_properties.py",
    "tests/properties/test_fairness_properties.py",
    "src/relief/allocation",
    "src/relief/fairness",
]
_SECONDS = 400


def results() -> Iterator[tuple[Path, dict[str, dict[str, int | None]]]]:
    """Yield mutmut's file about each module, and what it holds."""
    for path in sorted(MUTANTS.glob("src/relief/**/*.py.meta")):
        yield path, json.loads(path.read_text())


def again(name: str) -> int:
    """Return the exit status of the wider tests with one mutant in force from the start."""
    call = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *_WIDER]
    try:
        found = subprocess.run(
            call, cwd=MUTANTS, env={**os.environ, "MUTANT_UNDER_TEST": name, "PYTHONPATH": "src"},
            capture_output=True, timeout=_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return KILLED
    return min(found.returncode, KILLED)


def try_again() -> None:
    """Ask the wider tests of every survivor, two at a time, and write down what they say."""
    if again("none") != SURVIVED:
        sys.exit("The wider tests fail without any mutant, so that each would seem caught.")
    with ThreadPoolExecutor(max_workers=2) as pool:
        for path, told in results():
            codes = told["exit_code_by_key"]
            left = [name for name, code in codes.items() if code in (SURVIVED, NO_TEST)]
            for name, code in zip(left, pool.map(again, left), strict=True):
                codes[name] = code
                print(name, "survives" if code == SURVIVED else "is caught", flush=True)
            path.write_text(json.dumps(told, indent=4))


@cache
def functions(path: Path) -> dict[str, str]:
    """Return the text of every function of a module with its mutants."""
    source = path.read_text()
    lines = source.splitlines()
    return {
        node.name: "\n".join(lines[node.lineno - 1 : node.end_lineno])
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
    }


def changed(path: Path, name: str) -> str:
    """Return the line that a mutant changes: before and after."""
    parts = functions(path.with_suffix(""))
    own = name.rpartition(".")[2]
    before, after = parts[re.sub(r"\d+$", "orig", own)], parts[own]
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    told = (line for line in lines if line[:3] not in ("+++", "---") and line[0] in "+-")
    kept = [line for line in told if "__mutmut_" not in line]
    return " ".join(f"{line[0]} {line[1:].strip()}" for line in kept)


def page() -> None:
    """Print a table by module, of the mutants that were tried, and every survivor."""
    survivors: list[str] = []
    print("| module | tried | caught | share | untried |\n|---|---|---|---|---|")
    everything: Counter[str] = Counter()
    for path, told in results():
        module = path.relative_to(MUTANTS / "src/relief").as_posix().removesuffix(".py.meta")
        codes = told["exit_code_by_key"]
        left = [name for name, code in codes.items() if code in (SURVIVED, NO_TEST)]
        untried = sum(code is None for code in codes.values())
        found = Counter(tried=len(codes) - untried, caught=len(codes) - untried - len(left), untried=untried)
        everything += found
        if codes:
            print(_line(module, found))
        survivors += [f"- `{name.removeprefix('relief.')}`: `{changed(path, name)}`" for name in left]
    print(_line("all", everything), *survivors, sep="\n")


def _line(module: str, found: Counter[str]) -> str:
    share = found["caught"] / max(1, found["tried"])
    return f"| {module} | {found['tried']} | {found['caught']} | {share:.0%} | {found['untried']} |"


if __name__ == "__main__":
    {"again": try_again, "page": page}[sys.argv[1]]()
