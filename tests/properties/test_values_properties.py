"""What relief says of a rule with facts missing, against every way in which they could turn out.

A rule is drawn together with the same rule as a plain Python function over fractions. For every
completion of the missing facts on a small grid the function's answer must lie inside what relief
said: coarser is allowed, wrong is not. With nothing missing the answers are equal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from types import SimpleNamespace
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from relief.rulepack.expression import Names, parse_expression
from relief.rulepack.facts import Facts
from relief.rulepack.values import Amount, Truth
from relief.tables import Tables

ON = dt.date(2021, 9, 30)
DAYS = [dt.date(2020, 12, 31), dt.date(2021, 1, 1), dt.date(2021, 9, 30), dt.date(2021, 10, 1)]
KINDS = ["医疗收据", "住院记录"]
CAUSES = ["本人大病", "自然灾害"]
HUGE = 2**62

# Column -> the values that a known cell may have; a missing one may turn out as any of `grid`.
MONEY = st.sampled_from([0, 1, 300, 70_000, HUGE])
HOUSEHOLD = {
    "household_size": st.sampled_from([1, 2, 5]),
    "homes_count": st.sampled_from([0, 1, 3]),
    "income_fen": MONEY,
    "business_income_fen": st.sampled_from([-HUGE, -300, 0, 300, HUGE]),
    "out_of_pocket_fen": MONEY,
    "union_member": st.booleans(),
    "review_passed": st.booleans(),
    "visited_on": st.sampled_from(DAYS),
    "cause": st.sampled_from(CAUSES),
}
DOCUMENT = {
    "kind": st.sampled_from(KINDS),
    "issued_on": st.sampled_from(DAYS),
    "out_of_pocket_fen": MONEY,
}
GRID: dict[str, list[Any]] = {
    "household_size": [1, 2, 4],
    "homes_count": [0, 1, 2],
    "income_fen": [0, 1, HUGE],
    "business_income_fen": [-HUGE, 0, 301],
    "out_of_pocket_fen": [0, 2, HUGE],
    "union_member": [True, False],
    "review_passed": [True, False],
    "visited_on": DAYS,
    "issued_on": DAYS,
    "cause": [*CAUSES, "其他"],
    "kind": [*KINDS, "医保结算单"],
}
MOST_MISSING = 4
Cells = dict[str, Any]


@dataclass
class Case:
    """One household with its papers, as handed in (None where missing) and as it might be."""

    given: Cells
    papers: list[Cells]
    now: Cells = field(default_factory=dict)
    papers_now: list[Cells] = field(default_factory=list)


Plain = Callable[[Case], Any]
Rule = tuple[str, Plain]


# --- rules, each as text and as a function ----------------------------------------------------------


def column(name: str) -> Rule:
    def value(case: Case) -> Any:
        cell = case.now[name]
        return Fraction(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell

    return name, value


def always(text: str, value: Fraction) -> Rule:
    return text, lambda _case: value


def both(sign: str, left: Rule, right: Rule, work: Callable[[Any, Any], Any]) -> Rule:
    return f"({left[0]} {sign} {right[0]})", lambda case: work(left[1](case), right[1](case))


def if_else(condition: Rule, yes: Rule, no: Rule) -> Rule:
    text = f"({yes[0]} if {condition[0]} else {no[0]})"
    return text, lambda case: yes[1](case) if condition[1](case) else no[1](case)


def first_given(*names: str) -> Rule:
    def value(case: Case) -> Any:
        stated = [name for name in names if case.given[name] is not None]
        return column(stated[0] if stated else names[-1])[1](case)

    return f"coalesce({', '.join(names)})", value


def of_several(name: str, parts: list[Rule]) -> Rule:
    work = {"min": min, "max": max}[name]
    return f"{name}({', '.join(text for text, _ in parts)})", lambda case: work(
        part(case) for _, part in parts
    )


def pick(draw: st.DrawFn, depth: int, leaves: list[str], inner: list[str]) -> str:
    """Choose what a rule is: a leaf where no depth is left, and seldom before."""
    kind = draw(st.sampled_from([*inner, "leaf"])) if depth else "leaf"
    return draw(st.sampled_from(leaves)) if kind == "leaf" else kind


@st.composite
def wheres(draw: st.DrawFn) -> tuple[str, Callable[[Cells], bool]]:
    kind, day = draw(st.sampled_from(KINDS)), dt.date(ON.year, 1, 1)
    return draw(
        st.sampled_from(
            [
                (f'kind == "{kind}"', lambda paper: paper["kind"] == kind),
                (f'kind != "{kind}"', lambda paper: paper["kind"] != kind),
                (
                    "issued_on >= year_start(on) and issued_on <= on",
                    lambda paper: day <= paper["issued_on"] <= ON,
                ),
                (
                    f'kind in ["{kind}"] or out_of_pocket_fen > yuan(3)',
                    lambda paper: paper["kind"] == kind or paper["out_of_pocket_fen"] > 300,
                ),
                (
                    "not year_start(issued_on) == year_start(on)",
                    lambda paper: paper["issued_on"].year != ON.year,
                ),
            ]
        )
    )


@st.composite
def aggregates(draw: st.DrawFn, function: str) -> Rule:
    where, fits = draw(wheres())
    if function == "sum":
        text = f"sum(documents.out_of_pocket_fen, where={where})"
        return text, lambda case: sum(
            (Fraction(paper["out_of_pocket_fen"]) for paper in case.papers_now if fits(paper)), Fraction(0)
        )
    if function == "count":
        return f"count(documents, where={where})", lambda case: Fraction(sum(map(fits, case.papers_now)))
    return f"held(documents, where={where})", lambda case: any(map(fits, case.papers_now))


@st.composite
def numbers(draw: st.DrawFn, depth: int) -> Rule:
    """Draw a rule that is a plain number."""
    kind = pick(
        draw, depth, ["literal", "column", "column", "count", "days"], ["+", "-", "*", "/", "ratio", "if"]
    )
    if kind == "literal":
        value = draw(st.sampled_from([0, 1, 2, 12]))
        return always(str(value), Fraction(value))
    if kind == "column":
        return draw(st.sampled_from([column("household_size"), column("homes_count")]))
    if kind == "count":
        return draw(aggregates("count"))
    if kind == "days":
        return "(on - visited_on)", lambda case: Fraction((ON - case.now["visited_on"]).days)
    if kind == "ratio":
        return both("/", draw(amounts(depth - 1)), draw(amounts(depth - 1)), lambda a, b: a / b)
    if kind == "if":
        return if_else(draw(truths(depth - 1)), draw(numbers(depth - 1)), draw(numbers(depth - 1)))
    work = {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b,
    }
    return both(kind, draw(numbers(depth - 1)), draw(numbers(depth - 1)), work[kind])


@st.composite
def amounts(draw: st.DrawFn, depth: int) -> Rule:
    """Draw a rule that is an amount of money."""
    leaves = ["literal", "column", "column", "sum", "coalesce"]
    kind = pick(draw, depth, leaves, ["+", "-", "*", "/", "/", "if", "min", "max", "neg"])
    if kind == "literal":
        return always("yuan(3)", Fraction(300))
    if kind == "column":
        return column(draw(st.sampled_from(["income_fen", "business_income_fen", "out_of_pocket_fen"])))
    if kind == "sum":
        return draw(aggregates("sum"))
    if kind == "coalesce":
        return first_given("income_fen", "business_income_fen")
    if kind == "neg":
        text, part = draw(amounts(depth - 1))
        return f"(-{text})", lambda case: -part(case)
    if kind in ("min", "max"):
        return of_several(kind, [draw(amounts(depth - 1)) for _ in range(2)])
    if kind == "if":
        return if_else(draw(truths(depth - 1)), draw(amounts(depth - 1)), draw(amounts(depth - 1)))
    if kind in "+-":
        work = (lambda a, b: a + b) if kind == "+" else (lambda a, b: a - b)
        return both(kind, draw(amounts(depth - 1)), draw(amounts(depth - 1)), work)
    work = (lambda a, b: a * b) if kind == "*" else (lambda a, b: a / b)
    return both(kind, draw(amounts(depth - 1)), draw(numbers(depth - 1)), work)


SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


@st.composite
def truths(draw: st.DrawFn, depth: int) -> Rule:
    """Draw a rule that holds or does not."""
    leaves = ["column", "coalesce", "held", "day", "cause"]
    kind = pick(draw, depth, leaves, ["and", "or", "not", "compare", "compare", "compare", "if"])
    if kind == "column":
        return column(draw(st.sampled_from(["union_member", "review_passed"])))
    if kind == "coalesce":
        return first_given("union_member", "review_passed")
    if kind == "held":
        return draw(aggregates("held"))
    if kind == "day":
        sign = draw(st.sampled_from([*SIGNS]))
        return f"(visited_on {sign} on)", lambda case: SIGNS[sign](case.now["visited_on"], ON)
    if kind == "cause":
        return '(cause in ["自然灾害", "其他"])', lambda case: case.now["cause"] in ("自然灾害", "其他")
    if kind == "compare":
        sides = draw(st.sampled_from([numbers, amounts]))
        sign = draw(st.sampled_from([*SIGNS]))
        return both(sign, draw(sides(max(0, depth - 1))), draw(sides(max(0, depth - 1))), SIGNS[sign])
    if kind == "not":
        text, part = draw(truths(depth - 1))
        return f"(not {text})", lambda case: not part(case)
    if kind == "if":
        return if_else(draw(truths(depth - 1)), draw(truths(depth - 1)), draw(truths(depth - 1)))
    work = (lambda a, b: a and b) if kind == "and" else (lambda a, b: a or b)
    return both(kind, draw(truths(depth - 1)), draw(truths(depth - 1)), work)


# --- households, with facts missing -----------------------------------------------------------------


@st.composite
def cases(draw: st.DrawFn, missing: bool = True) -> Case:
    own = draw(st.fixed_dictionaries(HOUSEHOLD))
    papers = draw(st.lists(st.fixed_dictionaries(DOCUMENT), max_size=2))
    cells = [(own, name) for name in own] + [(paper, name) for paper in papers for name in paper]
    if missing:
        blank = draw(
            st.lists(st.sampled_from(range(len(cells))), min_size=2, max_size=MOST_MISSING, unique=True)
        )
        for at in blank:
            cells[at][0][cells[at][1]] = None
    return Case(own, papers)


def completions(case: Case) -> list[Case]:
    """Return the case with every combination of values for its missing cells."""
    cells = [(-1, name) for name, value in case.given.items() if value is None]
    cells += [
        (at, name) for at, paper in enumerate(case.papers) for name, value in paper.items() if value is None
    ]
    found = []
    for values in product(*(GRID[name] for _, name in cells)):
        own, papers = {**case.given}, [{**paper} for paper in case.papers]
        for (at, name), value in zip(cells, values, strict=True):
            (own if at < 0 else papers[at])[name] = value
        found.append(Case(case.given, case.papers, own, papers))
    return found


def frame(rows: list[Cells], columns: list[str]) -> pd.DataFrame:
    table = pd.DataFrame(index=range(len(rows)))
    for name in columns:
        values = [row[name] for row in rows]
        if name.endswith("_on"):
            table[name] = pd.Series(pd.to_datetime(pd.Series(values, dtype=object)), dtype="datetime64[s]")
        elif name in ("union_member", "review_passed"):
            table[name] = pd.array(values, dtype="boolean")
        elif name in ("cause", "kind"):
            table[name] = pd.Categorical(values)
        elif name == "household_id":
            table[name] = pd.Series(values, dtype=object)
        else:
            table[name] = pd.array(values, dtype="Int64")
    return table


def said(text: str, households: list[Case]) -> Truth | Amount:
    ids = [f"H{at}" for at in range(len(households))]
    rows = [{"household_id": id_, **case.given} for id_, case in zip(ids, households, strict=True)]
    papers = [
        {"household_id": id_, **paper}
        for id_, case in zip(ids, households, strict=True)
        for paper in case.papers
    ]
    frames = {
        "households": frame(rows, ["household_id", *HOUSEHOLD]),
        "documents": frame(papers, ["household_id", *DOCUMENT]),
    }
    pack: Any = SimpleNamespace(measures={}, parameters={})
    return Facts(Tables(frames, {}), pack, ON).value(parse_expression(text, Names("households", {}, {})))


def answer(rule: Plain, case: Case) -> Any:
    """Return what a completed case gives, None where the rule divides by nothing."""
    try:
        return rule(case)
    except ZeroDivisionError:
        return None


def assert_inside(value: Truth | Amount, place: int, truth: Any) -> None:
    if isinstance(value, Truth):
        assert not (value.yes[place] if truth is False else value.no[place])
        assert not (value.yes[place] and value.no[place])
        return
    low, high = value.at(place)
    assert low is None or low <= truth
    assert high is None or truth <= high


@settings(max_examples=150)
@given(
    rule=st.one_of(truths(3), amounts(2), numbers(2)), households=st.lists(cases(), min_size=1, max_size=2)
)
def test_no_completion_contradicts_what_was_said(rule: Rule, households: list[Case]) -> None:
    """Kleene and interval arithmetic are sound: a missing fact is never taken for a value."""
    value = said(rule[0], households)
    for place, case in enumerate(households):
        for completed in completions(case):
            truth = answer(rule[1], completed)
            if truth is not None:
                assert_inside(value, place, truth)


@settings(max_examples=150)
@given(
    rule=st.one_of(truths(3), amounts(2), numbers(2)),
    households=st.lists(cases(missing=False), min_size=1, max_size=3),
)
def test_known_facts_give_the_exact_answer(rule: Rule, households: list[Case]) -> None:
    """Nothing missing: nothing unknown, and no product or sum beyond int64 wraps."""
    value = said(rule[0], households)
    for place, case in enumerate(households):
        truth = answer(rule[1], completions(case)[0])
        if truth is None:
            continue
        if isinstance(value, Truth):
            assert (value.yes[place], value.no[place]) == (truth, not truth)
        else:
            assert value.at(place) == (truth, truth)


@settings(max_examples=150)
@given(rule=truths(3), households=st.lists(cases(), min_size=2, max_size=4))
def test_a_household_is_judged_by_its_own_facts(rule: Rule, households: list[Case]) -> None:
    """What another household lacks, or divides by zero, changes nothing here."""
    together = said(rule[0], households)
    for place, case in enumerate(households):
        alone = said(rule[0], [case])
        assert (together.yes[place], together.no[place]) == (alone.yes[0], alone.no[0])
