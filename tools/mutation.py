"""Whether the tests notice when one line of dividing, rounding or fairness is broken (`make mutation`).

    python tools/mutation.py run --minutes 60    try mutants until the time is up; goes on where it stopped
    python tools/mutation.py again --budget 60   try the survivors once more, with more tests for each
    python tools/mutation.py page                the figures by module, and every survivor nobody explained

The tests are run once to see which of them execute which line. Then everything is imported and collected
once, and each mutant gets a fork of its own in which its function is changed as it stands in memory. It is
asked the tests that execute its line, the quickest first, until one fails or `--budget` seconds of tests
are through; of a test with many parameters, about `_PARAMETERS` of them. A line that runs on import is put
in before anything is imported. A mutant that runs on and on is stopped by the clock and counts as caught.

The rounding kernel is tried first and whole; the rest in an order drawn from a seed, so that wherever the
time is up, what was tried is a fair sample.

Results are kept in `.mutation/`; remove it to start over. `page` ends with status 1 if there is a survivor
that docs/mutation.md does not explain.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import gc
import importlib.machinery
import json
import os
import random
import resource
import signal
import sys
import time
from collections import Counter, defaultdict
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

import coverage
import hypothesis  # noqa: F401  what the tests need is imported once, before the fork
import numpy  # noqa: F401
import pandas  # noqa: F401
import pydantic  # noqa: F401
import pytest
from mutants import Mutant, code_of, mutants_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

_ROOT = Path(__file__).parents[1]
_KEPT = Path(".mutation")
_PACKAGES = ("src/relief/allocation", "src/relief/fairness")
_KERNEL = (
    "allocation.rounding",
    "allocation.divisors",
    "allocation.integers",
    "allocation.shares",
    "allocation.ratios",
)
_TESTS = [
    "tests/unit/test_allocation.py", "tests/unit/test_kernels.py", "tests/unit/test_certificate.py",
    "tests/unit/test_terms.py", "tests/unit/test_methods.py", "tests/unit/test_divisors.py",
    "tests/unit/test_fairness.py", "tests/unit/test_conformance.py", "tests/unit/test_comparison.py",
    "tests/unit/test_apportionment.py", "tests/unit/test_cli_allocate.py", "tests/unit/test_integers.py",
    "tests/properties/test_allocation_properties.py", "tests/properties/test_method_properties.py",
    "tests/properties/test_fairness_properties.py", *_PACKAGES,
]  # fmt: skip
_PARAMETERS, _SEED, _JOBS = 80, 1, 2
_SECONDS, _MEMORY = 2, 6 * 2**30
_PYTEST = ["-q", "-x", "--tb=no", "--no-header", "-p", "no:cacheprovider", "-p", "_hypothesis_pytestplugin",
           "-o", "markers=xdist_group"]  # fmt: skip
_Lines = dict[str, dict[str, list[str]]]


# In a fork


def _forked(work: Callable[[], int], seconds: int) -> int | None:
    """Return what `work` returns in a process of its own; None if it was stopped."""
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        code = 2
        try:
            code = int(work())
        finally:
            os._exit(code)
    status = os.waitpid(child, 0)[1]
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else None


class _Loop:
    """Has collected every test, and asks them of one mutant after the other, each in a fork."""

    def __init__(self, mutants: list[Mutant], trial: Trial, until: float) -> None:
        self.mutants, self.trial, self.until = mutants, trial, until

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[None]:
        signal.setitimer(signal.ITIMER_PROF, _SECONDS + 5 * self.trial.seconds[item.nodeid])
        return (yield from _until_it_fails())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self) -> Iterator[None]:
        return (yield from _until_it_fails())

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        functions = [kept for kept in gc.get_objects() if isinstance(kept, FunctionType)]
        gc.freeze()
        items = {item.nodeid: item for item in session.items}
        for mutant in self.mutants:
            if time.monotonic() > self.until:
                return True
            tests = self.trial.tests(mutant)
            asked = [items[test] for test in sorted(tests, key=tests.__getitem__)]
            code = _forked(partial(_ask, mutant, functions, asked), 60)
            _note(mutant, {0: "survived", 1: "caught", None: "stopped"}.get(code, "unfit"))
        return True


def _until_it_fails() -> Generator[None, None, None]:
    try:
        yield
    except pytest.skip.Exception:
        raise
    except BaseException:
        os._exit(1)  # the time to tell of a failure is saved


def _ask(mutant: Mutant, functions: list[FunctionType], items: list[pytest.Item]) -> int:
    """Change the functions as they are in memory, then ask one test after the other until one fails."""
    tree = compile(code_of(mutant), mutant.path, "exec")
    new = {(code.co_qualname, code.co_firstlineno): code for code in _codes(tree)}
    for function in functions:
        old = function.__code__
        if old.co_filename.endswith(mutant.path):
            function.__code__ = new[old.co_qualname, old.co_firstlineno]
    for item, after in zip(items, [*items[1:], None], strict=True):
        item.ihook.pytest_runtest_protocol(item=item, nextitem=after)
    return 0


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _codes(inner)


class _Put:
    """Lets a module be imported with its change, and asks the tests that it concerns, the quickest first."""

    def __init__(self, mutant: Mutant, wanted: dict[str, float]) -> None:
        self.wanted = wanted
        code = compile(code_of(mutant), mutant.path, "exec")
        name = ".".join(Path(mutant.path).with_suffix("").parts[1:]).removesuffix(".__init__")
        usual = importlib.machinery.SourceFileLoader.get_code

        def get_code(self: Any, fullname: str) -> Any:
            return code if fullname == name else usual(self, fullname)

        importlib.machinery.SourceFileLoader.get_code = get_code  # type: ignore[method-assign]

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted((i for i in items if i.nodeid in self.wanted), key=lambda i: self.wanted[i.nodeid])


def _anew(mutant: Mutant, trial: Trial) -> bool:
    """Return whether a test fails where the change was there before anything was imported."""
    tests = trial.tests(mutant)
    files = Counter(_file(test) for test in tests)
    for file, _ in sorted(files.items(), key=lambda pair: pair[1]):
        wanted = {test: seconds for test, seconds in tests.items() if _file(test) == file}

        def work(file: str = file, wanted: dict[str, float] = wanted) -> int:
            return int(pytest.main([*_PYTEST, file], [_Put(mutant, wanted)]))

        if _forked(work, 15 + 3 * int(sum(wanted.values()))) != 0:
            return True
    return False


def _file(test: str) -> str:
    return next(file for file in (*_PACKAGES, test.partition("::")[0]) if test.startswith(file))


# What the tests execute


class _Watch:
    """Notes how long each test takes and which lines it executes, with nothing kept from the tests before."""

    def __init__(self, tracer: coverage.Coverage) -> None:
        self.tracer, self.seconds, self.groups = tracer, dict[str, float](), dict[str, str]()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        alike: dict[str, list[pytest.Item]] = defaultdict(list)
        for item in items:
            alike[item.nodeid.partition("[")[0]].append(item)
        items[:] = [item for found in alike.values() for item in found[:: -(-len(found) // _PARAMETERS)]]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        modules = [vars(module) for name, module in sys.modules.items() if name.startswith("relief")]
        for kept in (value for names in modules for value in names.values()):
            if hasattr(kept, "cache_clear"):
                kept.cache_clear()
        for marker in item.iter_markers("xdist_group"):
            self.groups[item.nodeid] = str(marker.args or marker.kwargs)
        self.tracer.switch_context(item.nodeid)
        start = time.perf_counter()
        found = yield
        self.seconds[item.nodeid] = round(time.perf_counter() - start, 4)
        self.tracer.switch_context("")
        return found

    def costs(self) -> dict[str, float]:
        """Return the seconds of each test asked alone; what the first of a group reckons, each would."""
        dearest = {
            group: max(self.seconds[test] for test, of in self.groups.items() if of == group)
            for group in self.groups.values()
        }
        return {test: dearest.get(self.groups.get(test, ""), own) for test, own in self.seconds.items()}


def _watched(file: str) -> int:
    tracer = coverage.Coverage(source=list(_PACKAGES), data_file=None)
    tracer.start()
    watch = _Watch(tracer)
    status = int(pytest.main([*_PYTEST, file], [watch]))
    tracer.stop()
    data = tracer.get_data()
    lines: _Lines = {}
    for path in data.measured_files():
        by_line = data.contexts_by_lineno(path)
        lines[os.path.relpath(path)] = {str(line): sorted(tests) for line, tests in by_line.items()}
    if status == 0:
        _seen(file).write_text(json.dumps({"seconds": watch.costs(), "lines": lines}))
    return status


def _seen(file: str) -> Path:
    return _KEPT / (file.replace("/", "-") + ".json")


def watch() -> None:
    """Run the test files that are new, or all if the code is, and stop if one fails without any mutant."""
    _KEPT.mkdir(exist_ok=True)
    code = max(path.stat().st_mtime for package in _PACKAGES for path in Path(package).rglob("*.py"))
    for file in _TESTS:
        kept = _seen(file)
        if kept.exists() and kept.stat().st_mtime > max(code, Path(file).stat().st_mtime):
            continue
        print("Watching", file, flush=True)
        if _forked(partial(_watched, file), 3600) != 0:
            sys.exit("These tests fail without any mutant, so that each would seem caught.")


# One after the other


class Trial:
    """Finds the tests of a mutant and asks them."""

    def __init__(self, budget: float) -> None:
        self.budget = budget
        self.seconds: dict[str, float] = {}
        self.lines: dict[str, dict[str, set[str]]] = defaultdict(dict)
        for told in (json.loads(_seen(file).read_text()) for file in _TESTS):
            self.seconds |= told["seconds"]
            for path, lines in told["lines"].items():
                for line, tests in lines.items():
                    self.lines[path].setdefault(line, set()).update(tests)

    def runs_on_import(self, mutant: Mutant) -> bool:
        """Return whether the line is executed before any test, or nobody knows by which."""
        return "" in self.lines[mutant.path].get(str(mutant.line), {""})

    def tests(self, mutant: Mutant) -> dict[str, float]:
        """Return which tests are asked and how long each takes, the quickest first, while there is time."""
        lines = self.lines[mutant.path]
        tests = lines.get(str(mutant.line), set())
        if self.runs_on_import(mutant):
            tests = {test for found in lines.values() for test in found}
        asked: dict[str, float] = {}
        for test in sorted(tests - {""}, key=self.seconds.__getitem__):
            if sum(asked.values()) > self.budget:
                break
            asked[test] = self.seconds[test]
        return asked


def _note(mutant: Mutant, outcome: str) -> None:
    with (_KEPT / "results.json").open("a") as kept:
        print(json.dumps([mutant.name, outcome], ensure_ascii=False), file=kept, flush=True)
    print(outcome.ljust(8), mutant.name, file=sys.stderr, flush=True)


def all_mutants() -> list[Mutant]:
    """Return every mutant: the kernel's first, the others in an order drawn from the seed."""
    paths = [path for package in _PACKAGES for path in sorted(Path(package).rglob("*.py"))]
    found = [mutant for path in paths for mutant in mutants_of(path)]
    random.Random(_SEED).shuffle(found)  # noqa: S311  a sample, no secret
    return sorted(found, key=lambda mutant: (mutant.module != _KERNEL[0], mutant.module not in _KERNEL))


def results() -> dict[str, str]:
    """Return what became of each mutant that was tried."""
    kept = _KEPT / "results.json"
    return dict(json.loads(line) for line in kept.read_text().splitlines()) if kept.exists() else {}


def try_out(wanted: list[Mutant], minutes: float, budget: float) -> None:
    """Try mutants until the time is up, and write down each as it is found."""
    trial, until = Trial(budget), time.monotonic() + 60 * minutes
    anew = [mutant for mutant in wanted if trial.runs_on_import(mutant)]
    in_place = [mutant for mutant in wanted if not trial.runs_on_import(mutant)]

    def change_in_place(start: int) -> None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        pytest.main([*_PYTEST, *_TESTS], [_Loop(in_place[start::_JOBS], trial, until)])

    def import_anew(start: int) -> None:
        done = results()
        unfit = [mutant for mutant in in_place if done.get(mutant.name) == "unfit"]
        for mutant in [*unfit, *anew][start::_JOBS]:
            if time.monotonic() < until:
                _note(mutant, "caught" if _anew(mutant, trial) else "survived")

    for work in (change_in_place, import_anew):
        children = [get_context("fork").Process(target=work, args=(start,)) for start in range(_JOBS)]
        for child in children:
            child.start()
        for child in children:
            child.join()


def untried() -> list[Mutant]:
    """Return the mutants that no run has come to."""
    done = results()
    return [mutant for mutant in all_mutants() if done.get(mutant.name, "unfit") == "unfit"]


def survivors() -> list[Mutant]:
    """Return the mutants that no test has noticed."""
    done = results()
    return [mutant for mutant in all_mutants() if done.get(mutant.name) == "survived"]


# Told


def _explained() -> str:
    """Return what docs/mutation.md explains: not what it lists as open."""
    return Path("docs/mutation.md").read_text().partition("\n## Open")[0]


def page() -> None:
    """Print the figures by module, and the survivors that docs/mutation.md does not explain."""
    done, told = results(), _explained()
    figures: dict[str, Counter[str]] = defaultdict(Counter)
    for mutant in all_mutants():
        outcome = done.get(mutant.name, "untried")
        is_named = outcome == "survived" and f"`{mutant.name}`" in told
        for group in _groups(mutant):
            figures[group].update(["mutants", outcome, *(["named"] if is_named else [])])
    print("| module | mutants | tried | caught | survived | of these explained | caught of the others |")
    print("|---|---|---|---|---|---|---|")
    for group, count in sorted(figures.items()):
        caught, tried = count["caught"] + count["stopped"], count["mutants"] - count["untried"]
        share, rest = (caught / max(1, tried - less) for less in (0, count["named"]))
        print(f"| {group} | {count['mutants']} | {tried} | {caught} ({share:.1%}) | {count['survived']} "
              f"| {count['named']} | {rest:.1%} |")  # fmt: skip
    unexplained = [mutant for mutant in survivors() if f"`{mutant.name}`" not in told]
    print("", *(f"- `{mutant.name}`" for mutant in unexplained), sep="\n")
    sys.exit(bool(unexplained))


def _groups(mutant: Mutant) -> list[str]:
    package = Path(mutant.path).parts[2]
    kernel = ["(the rounding kernel)"] if mutant.module in _KERNEL else []
    return [mutant.module, f"(all of {package})", *kernel]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["run", "again", "page"])
    parser.add_argument("--minutes", type=float, default=600)
    parser.add_argument("--budget", type=float, default=3, help="seconds of tests for a mutant")
    options = parser.parse_args()
    os.chdir(_ROOT)
    sys.path[:0] = [str(_ROOT / "src"), str(_ROOT)]
    os.environ.update(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", HYPOTHESIS_PROFILE="mutation")
    if options.what == "page":
        page()
    else:
        watch()
        try_out(untried() if options.what == "run" else survivors(), options.minutes, options.budget)
