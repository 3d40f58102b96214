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
from typing import Any

import pandas as pd
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.packs import small_pack

from relief.intake.tables import Tables
from relief.rulepack.facts import Facts
from relief.rulepack.values import Amount, Truth

ON = dt.date(2021, 9, 30)
DAYS = [dt.date(2020, 12, 31), dt.date(2021, 1, 1), dt.date(2021, 8, 31), ON, dt.date(2021, 10, 1)]
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
MEMBER = {
    "member_id": st.none(),  # numbered below, and never missing
    "born_on": st.sampled_from([dt.date(1961, 9, 30), dt.date(2004, 2, 29)]),
    "wage_income_fen": MONEY,
}
DOCUMENT = {
    "member_id": st.sampled_from(["1", "2"]),
    "kind": st.sampled_from(KINDS),
    "issued_on": st.sampled_from(DAYS),
    "out_of_pocket_fen": MONEY,
}
GRID: dict[str, list[Any]] = {
    "household_size": [1, 2, 4],
    "homes_count": [0, 1, 2],
    "income_fen": [0, 1, HUGE],
    "wage_income_fen": [0, 1, HUGE],
    "business_income_fen": [-HUGE, 0, 301],
    "out_of_pocket_fen": [0, 2, HUGE],
    "union_member": [True, False],
    "review_passed": [True, False],
    "visited_on": DAYS,
    "issued_on": DAYS,
    "born_on": [dt.date(1961, 10, 1), dt.date(2003, 9, 30)],
    "member_id": ["1", "2", "9"],
    "cause": [*CAUSES, "其他"],
    "kind": [*KINDS, "医保结算单"],
}
MOST_MISSING = 4
PARTS: dict[str, Any] = {
    "parameters": {
        "line": {
            "unit": "yuan",
            "values": [
                {"from": "1900-01-01", "until": "2021-08-31", "exactly": 2},
                {"from": "2021-09-01", "exactly": 5},
            ],
        }
    },
    "tiers": {"band": [{"from": 0, "below": 3, "exactly": 1}, {"from": 3, "upto": 700, "exactly": 4}]},
    "calendar": [{"year": 2021, "days_off": ["2021-01-01"]}],
}
Cells = dict[str, Any]


@dataclass
class Case:
    """One household with its people and papers, as handed in (None where missing) and as it might be."""

    given: Cells
    members: list[Cells]
    papers: list[Cells]
    now: Cells = field(default_factory=dict)
    members_now: list[Cells] = field(default_factory=list)
    papers_now: list[Cells] = field(default_factory=list)

    def papers_of(self, member: Cells) -> list[Cells]:
        """Return the papers that are about a person."""
        return [paper for paper in self.papers_now if paper["member_id"] == member["member_id"]]

    def member_of(self, paper: Cells) -> Cells:
        """Return the person that a paper is about."""
        ours = [member for member in self.members_now if member["member_id"] == paper["member_id"]]
        return ours[0] if ours else undefined()


Plain = Callable[[Case], Any]
Rule = tuple[str, Plain]


def undefined() -> Any:
    """Say that a rule comes to nothing that is known, such as the largest of no rows."""
    raise ZeroDivisionError


# --- rules, each as text and as a function ----------------------------------------------------------


def column(name: str) -> Rule:
    def value(case: Case) -> Any:
        cell = case.now[name]
        return Fraction(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell

    # Brought to plain money and plain numbers, so that any two go together.
    period = {
        "income_fen": " * years(1)",
        "business_income_fen": " * years(1)",
        "household_size": " / persons(1)",
    }
    return f"({name}{period[name]})" if name in period else name, value


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

    return f"coalesce({', '.join(column(name)[0] for name in names)})", value


def over(top: Rule, below: Rule, otherwise: Rule) -> Rule:
    """Divide where the divisor is above zero, as the language asks."""
    text = f"({top[0]} / {below[0]} if {below[0]} > 0 else {otherwise[0]})"
    return text, lambda case: top[1](case) / below[1](case) if below[1](case) > 0 else otherwise[1](case)


def of_several(name: str, parts: list[Rule]) -> Rule:
    work = {"min": min, "max": max}[name]
    return f"{name}({', '.join(text for text, _ in parts)})", lambda case: work(
        part(case) for _, part in parts
    )


def pick(draw: st.DrawFn, depth: int, leaves: list[str], inner: list[str]) -> str:
    """Choose what a rule is: a leaf where no depth is left, and seldom before."""
    kind = draw(st.sampled_from([*inner, "leaf"])) if depth else "leaf"
    return draw(st.sampled_from(leaves)) if kind == "leaf" else kind


def next_month(day: dt.date) -> dt.date:
    return (pd.Timestamp(day) + pd.DateOffset(months=1)).date()


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
                ("issued_on + months(1) >= on", lambda paper: next_month(paper["issued_on"]) >= ON),
            ]
        )
    )


def run_of_months(days: list[dt.date]) -> Fraction:
    months = sorted({day.year * 12 + day.month for day in days})
    best = run = 0
    for at, month in enumerate(months):
        run = run + 1 if at and month == months[at - 1] + 1 else 1
        best = max(best, run)
    return Fraction(best)


def added(rows: list[Cells]) -> Fraction:
    return sum((Fraction(row["out_of_pocket_fen"]) for row in rows), Fraction(0))


def extreme(work: Callable[[list[Fraction]], Fraction], rows: list[Cells]) -> Fraction:
    return work([Fraction(row["out_of_pocket_fen"]) for row in rows]) if rows else undefined()


def largest(values: list[Fraction]) -> Fraction:
    return max(values) if values else undefined()


def alike(paper: Cells, other: Cells, keys: list[str]) -> bool:
    return all(paper[key] == other[key] for key in keys)


@st.composite
def aggregates(draw: st.DrawFn, function: str) -> Rule:
    """Draw something of the household's papers."""
    where, fits = draw(wheres())

    def ours(case: Case) -> list[Cells]:
        return [paper for paper in case.papers_now if fits(paper)]

    def paid(case: Case) -> bool:
        return all(paper["out_of_pocket_fen"] > 1 for paper in ours(case))

    known: dict[str, Rule] = {
        "sum": (f"sum(documents.out_of_pocket_fen, where={where})", lambda case: added(ours(case))),
        "shares": (
            f"sum(documents, out_of_pocket_fen / (3 if {where} else 7))",
            lambda case: sum((added([p]) / (3 if fits(p) else 7) for p in case.papers_now), Fraction(0)),
        ),
        "max": (f"max(documents.out_of_pocket_fen, where={where})", lambda case: extreme(max, ours(case))),
        "min": (f"min(documents.out_of_pocket_fen, where={where})", lambda case: extreme(min, ours(case))),
        "count": (f"count(documents, where={where})", lambda case: Fraction(len(ours(case)))),
        "months": (
            f"(months_in_a_row(documents.issued_on, where={where}) / months(1))",
            lambda case: run_of_months([paper["issued_on"] for paper in ours(case)]),
        ),
        "held": (f"held(documents, where={where})", lambda case: bool(ours(case))),
        "every": (f"every(documents, out_of_pocket_fen > yuan(0.01), where={where})", paid),
    }
    return known[function]


@st.composite
def nested(draw: st.DrawFn, function: str) -> Rule:
    """Draw something of rows of rows: a person's papers, a paper's person, papers alike."""
    where, fits = draw(wheres())
    keys = draw(st.sampled_from([["kind"], ["issued_on"], ["member_id"], ["kind", "issued_on"]]))
    same = f"[{', '.join(keys)}]"

    def theirs(case: Case, member: Cells) -> list[Cells]:
        return [paper for paper in case.papers_of(member) if fits(paper)]

    def twins(case: Case, paper: Cells) -> list[Cells]:
        return [other for other in case.papers_now if alike(paper, other, keys) and fits(other)]

    def earned(case: Case) -> Fraction:
        wages = (min(Fraction(case.member_of(p)["wage_income_fen"]), added([p])) for p in case.papers_now)
        return sum(wages, Fraction(0))

    def adult(case: Case) -> bool:
        return any(age_on(case.member_of(p)["born_on"], ON) >= 18 for p in case.papers_now if fits(p))

    known: dict[str, Rule] = {
        "held": (
            f"held(members, where=held(documents, where={where}))",
            lambda case: any(theirs(case, member) for member in case.members_now),
        ),
        "count": (
            f"(count(members, where=sum(documents.out_of_pocket_fen, where={where}) > yuan(1)) / persons(1))",
            lambda case: Fraction(sum(added(theirs(case, member)) > 100 for member in case.members_now)),
        ),
        "largest": (
            f"max(members, sum(documents.out_of_pocket_fen, where={where}))",
            lambda case: largest([added(theirs(case, m)) for m in case.members_now]),
        ),
        "alike": (
            f"count(documents, where=count(documents, where={where}, same={same}) > 1)",
            lambda case: Fraction(sum(len(twins(case, paper)) > 1 for paper in case.papers_now)),
        ),
        "owned": ("sum(documents, min(members.wage_income_fen * years(1), out_of_pocket_fen))", earned),
        "adult": (f"held(documents, where=({where}) and age(members.born_on, on) >= 18)", adult),
    }
    return known[function]


def age_on(born: dt.date, on: dt.date) -> int:
    last = (on.month, on.day) == (2, 28) and born.day == 29
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day) and not last)


def working(after: dt.date) -> Fraction:
    days = [after + dt.timedelta(days=at) for at in range(1, (ON - after).days + 1)]
    return Fraction(sum(day.weekday() < 5 and day != dt.date(2021, 1, 1) for day in days))


def band(fen: Fraction) -> Fraction:
    return Fraction(100 if 0 <= fen < 300 else 400 if 300 <= fen <= 70_000 else 0)


def line(day: dt.date) -> Fraction:
    return Fraction(500 if day >= dt.date(2021, 9, 1) else 200)


@st.composite
def numbers(draw: st.DrawFn, depth: int) -> Rule:
    """Draw a rule that is a plain number."""
    leaves = ["literal", "column", "column", "count", "days", "age", "working", "nested", "months"]
    kind = pick(draw, depth, leaves, ["+", "-", "*", "/", "ratio", "if"])
    if kind == "literal":
        value = draw(st.sampled_from(["0", "1", "2", "12", "0.5", "percent(30)"]))
        number = Fraction(3, 10) if "percent" in value else Fraction(value)
        return always(value, number)
    if kind == "column":
        return draw(st.sampled_from([column("household_size"), column("homes_count")]))
    if kind in ("count", "months"):
        return draw(aggregates(kind))
    if kind == "nested":
        return draw(nested(draw(st.sampled_from(["count", "alike"]))))
    if kind == "days":
        return "((on - visited_on) / days(1))", lambda case: Fraction((ON - case.now["visited_on"]).days)
    if kind == "age":
        return "(age(visited_on, on) / years(1))", lambda case: Fraction(age_on(case.now["visited_on"], ON))
    if kind == "working":
        return "(working_days(visited_on, on) / days(1))", lambda case: working(case.now["visited_on"])
    if kind == "if":
        return if_else(draw(truths(depth - 1)), draw(numbers(depth - 1)), draw(numbers(depth - 1)))
    if kind in ("/", "ratio"):
        sides = numbers if kind == "/" else amounts
        return over(draw(sides(depth - 1)), draw(sides(max(0, depth - 2))), draw(numbers(0)))
    work = {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
    }
    return both(kind, draw(numbers(depth - 1)), draw(numbers(depth - 1)), work[kind])


@st.composite
def simple_amounts(draw: st.DrawFn) -> Rule:
    """Draw an amount of money that has no parts."""
    known: dict[str, st.SearchStrategy[Rule]] = {
        "literal": st.just(always("yuan(3)", Fraction(300))),
        "column": st.sampled_from([*map(column, ["income_fen", "business_income_fen", "out_of_pocket_fen"])]),
        "rows": st.sampled_from(["sum", "shares", "max", "min"]).flatmap(aggregates),
        "nested": st.sampled_from(["largest", "owned"]).flatmap(nested),
        "coalesce": st.just(first_given("income_fen", "business_income_fen")),
        "line": st.sampled_from(LINES),
        "monthly": st.just(
            (
                "(monthly(business_income_fen) * months(5))",
                lambda case: Fraction(case.now["business_income_fen"]) * 5 / 12,
            )
        ),
    }
    return draw(known[draw(st.sampled_from([*known, "column"]))])


LINES: list[Rule] = [
    ("line", lambda _case: line(ON)),
    ("at(line, visited_on)", lambda case: line(case.now["visited_on"])),
    ("at(line, visited_on + months(1))", lambda case: line(next_month(case.now["visited_on"]))),
]


@st.composite
def amounts(draw: st.DrawFn, depth: int) -> Rule:
    """Draw a rule that is an amount of money."""
    kind = pick(draw, depth, ["simple"], ["+", "-", "*", "/", "/", "if", "min", "max", "neg", "tier"])
    if kind == "simple":
        return draw(simple_amounts())
    if kind == "if":
        return if_else(draw(truths(depth - 1)), draw(amounts(depth - 1)), draw(amounts(depth - 1)))
    text, part = one = draw(amounts(depth - 1))
    if kind == "tier":
        return f"tier(band, {text})", lambda case: band(part(case))
    if kind == "neg":
        return f"(-{text})", lambda case: -part(case)
    if kind in ("min", "max"):
        return of_several(kind, [one, draw(amounts(depth - 1))])
    if kind in "+-":
        work = (lambda a, b: a + b) if kind == "+" else (lambda a, b: a - b)
        return both(kind, one, draw(amounts(depth - 1)), work)
    if kind == "/":
        return over(one, draw(numbers(max(0, depth - 2))), draw(amounts(0)))
    return both(kind, one, draw(numbers(depth - 1)), lambda a, b: a * b)


SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


def stated(name: str) -> Rule:
    return f"stated({name})", lambda case: case.given[name] is not None


def by_today(sign: str) -> Rule:
    return f"(visited_on {sign} on)", lambda case: SIGNS[sign](case.now["visited_on"], ON)


@st.composite
def simple_truths(draw: st.DrawFn) -> Rule:
    """Draw a condition that has no parts."""
    misfortune = '(cause in ["自然灾害", "其他"])', lambda case: case.now["cause"] in ("自然灾害", "其他")
    known: dict[str, st.SearchStrategy[Rule]] = {
        "column": st.sampled_from([*map(column, ["union_member", "review_passed"])]),
        "coalesce": st.just(first_given("union_member", "review_passed")),
        "rows": st.sampled_from(["held", "every"]).flatmap(aggregates),
        "nested": st.sampled_from(["held", "adult"]).flatmap(nested),
        "stated": st.sampled_from([*map(stated, ["income_fen", "visited_on", "cause"])]),
        "day": st.sampled_from([*map(by_today, SIGNS)]),
        "cause": st.just(misfortune),
    }
    return draw(known[draw(st.sampled_from([*known]))])


@st.composite
def truths(draw: st.DrawFn, depth: int) -> Rule:
    """Draw a rule that holds or does not."""
    kind = pick(draw, depth, ["simple"], ["and", "or", "not", "compare", "compare", "compare", "if"])
    if kind == "simple":
        return draw(simple_truths())
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
    members = draw(st.lists(st.fixed_dictionaries(MEMBER), max_size=2))
    papers = draw(st.lists(st.fixed_dictionaries(DOCUMENT), max_size=2))
    cells = [(row, name) for row in (own, *members, *papers) for name in row]
    if missing:
        cells = [(row, name) for row, name in cells if row[name] is not None]
        places = st.sampled_from(range(len(cells)))
        for at in draw(st.lists(places, min_size=2, max_size=MOST_MISSING, unique=True)):
            cells[at][0][cells[at][1]] = None
    for number, member in enumerate(members, start=1):
        member["member_id"] = str(number)
    return Case(own, members, papers)


def completions(case: Case) -> list[Case]:
    """Return the case with every combination of values for its missing cells."""
    rows = [case.given, *case.members, *case.papers]
    blank = [(at, name) for at, row in enumerate(rows) for name, value in row.items() if value is None]
    found = []
    for values in product(*(GRID[name] for _, name in blank)):
        now = [{**row} for row in rows]
        for (at, name), value in zip(blank, values, strict=True):
            now[at][name] = value
        heads = 1 + len(case.members)
        found.append(Case(case.given, case.members, case.papers, now[0], now[1:heads], now[heads:]))
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
        elif name in ("household_id", "member_id"):
            table[name] = pd.Series(values, dtype=object)
        else:
            table[name] = pd.array(values, dtype="Int64")
    return table


def tables(households: list[Case]) -> Tables:
    """Return the rows of all, without those of nobody."""
    named = [(f"H{at}", case) for at, case in enumerate(households)]
    own = [{"household_id": id_, **case.given} for id_, case in named]
    members = [{"household_id": id_, **row} for id_, case in named for row in case.members]
    papers = [{"household_id": id_, **row} for id_, case in named for row in case.papers]
    frames = {
        "households": frame(own, ["household_id", *HOUSEHOLD]),
        "members": frame(members, ["household_id", *MEMBER]),
        "documents": frame(papers, ["household_id", *DOCUMENT]),
    }
    return Tables(frames, {})


def said(text: str, households: list[Case], key: str) -> Any:
    """Return what relief says of each household; `key` is holds for a truth, amount for a quantity."""
    assume(len(text) <= 1_000)
    pack = small_pack(measures={"x": {key: text}}, **PARTS)
    return Facts(tables(households), pack, ON).view().measure("x")


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


RULES = st.one_of(
    st.tuples(st.just("holds"), truths(3)),
    st.tuples(st.just("amount"), amounts(2)),
    st.tuples(st.just("amount"), numbers(2)),
)


@settings(max_examples=75)
@given(drawn=RULES, households=st.lists(cases(), min_size=1, max_size=2))
def test_no_completion_contradicts_what_was_said(drawn: tuple[str, Rule], households: list[Case]) -> None:
    """Kleene and interval arithmetic are sound: a missing fact is never taken for a value."""
    key, rule = drawn
    value = said(rule[0], households, key)
    for place, case in enumerate(households):
        for completed in completions(case):
            truth = answer(rule[1], completed)
            if truth is not None:
                assert_inside(value, place, truth)


@settings(max_examples=75)
@given(drawn=RULES, households=st.lists(cases(missing=False), min_size=1, max_size=3))
def test_known_facts_give_the_exact_answer(drawn: tuple[str, Rule], households: list[Case]) -> None:
    """Nothing missing: nothing unknown, and no product or sum beyond int64 wraps."""
    key, rule = drawn
    value = said(rule[0], households, key)
    for place, case in enumerate(households):
        truth = answer(rule[1], completions(case)[0])
        if truth is None:
            continue
        if isinstance(value, Truth):
            assert (value.yes[place], value.no[place]) == (truth, not truth)
        else:
            assert value.at(place) == (truth, truth)


@settings(max_examples=75)
@given(rule=truths(3), households=st.lists(cases(), min_size=2, max_size=4))
def test_a_household_is_judged_by_its_own_facts(rule: Rule, households: list[Case]) -> None:
    """What another household lacks, or divides by zero, changes nothing here."""
    together = said(rule[0], households, "holds")
    for place, case in enumerate(households):
        alone = said(rule[0], [case], "holds")
        assert (together.yes[place], together.no[place]) == (alone.yes[0], alone.no[0])
