"""What is missing, and what would change an answer, against brute force on generated packs and households.

Packs come from a small grammar: a few rules over a few columns, some of which bar a category or let
a missing fact fail, categories below a standard that is exact, known by residence or only a floor.
Brute force judges every way to give the missing facts, on grids of critical values.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import product
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relief.judging.eligibility import assess
from relief.rulepack.pack import Pack, parse_pack

ON = "2021-09-30"
STANDARD = 85_300
FLAGS = ("union_member", "notice_objection", "has_medical_receipt")
COUNTS = ("homes_count", "vehicles_count", "household_size")
MONEY = ("income_fen", "rigid_expenditure_fen", "out_of_pocket_fen")
COLUMNS = (*FLAGS, *COUNTS, *MONEY, "residence")
RULES = (
    "union_member",
    "not notice_objection",
    "homes_count <= {n}",
    "homes_count == {n}",
    "homes_count < {n} or vehicles_count < {n}",
    "union_member or homes_count <= {n}",
    "union_member and vehicles_count <= {n} or homes_count == 0",
    "coalesce(vehicles_count, 0) <= {n}",
    "homes_count + vehicles_count <= {n}",
    'has_medical_receipt or held(documents, where=kind == "医疗收据")',
    "income_fen >= rigid_expenditure_fen or union_member",
    "out_of_pocket_fen > yuan({n})",
)
STATED = {"title": "某", "title_en": "some", "status": "illustrative", "note": "test"}
Row = dict[str, Any]


@dataclass(frozen=True)
class Made:
    """A generated pack: its rules, and what is known of its standard."""

    rules: tuple[tuple[str, str, str], ...]
    standard: str
    second: str

    def pack(self, exactly: int | None = None) -> Pack:
        """Return the pack, with the standard at a known value instead of above its floor."""
        text = json.dumps(self._content(exactly), ensure_ascii=False, indent=1)
        return parse_pack({"made": {"pack.yaml": text.encode()}}, "made")

    def _content(self, exactly: int | None) -> dict[str, Any]:
        is_floor = self.standard == "floor" and exactly is None
        known = {"at_least" if is_floor else "exactly": (STANDARD if exactly is None else exactly) / 100}
        values: list[dict[str, Any]] = [known]
        if self.standard == "residence":
            values = [
                {"where": {"residence": [word]}, "exactly": value}
                for word, value in (("城镇", STANDARD / 100), ("农村", 551))
            ]
        written = [
            {**value, "from": "2021-01-01", "status": "illustrative", "note": "test"} for value in values
        ]
        by = ["residence"] if self.standard == "residence" else []
        net = "monthly((income_fen - rigid_expenditure_fen) / household_size)"
        rules = [
            {"id": f"r{at}", "requires": text, "missing": missing, **STATED}
            | ({"bars": ["deep"]} if does == "bars" else {})
            for at, (text, does, missing) in enumerate(self.rules)
        ]
        return {
            "name": "made",
            "title": "测试",
            "title_en": "test",
            "parameters": {"standard": {"per": "人·月", "by": by, "values": written}},
            "measures": {"net": {"amount": net, **STATED}},
            "rules": rules,
            "categories": [
                {"id": "deep", "when": "net < standard", **STATED, "title": "深"},
                {"id": "other", "when": self.second, **STATED, "title": "二"},
            ],
            "claim": {"amount": "out_of_pocket_fen", **STATED},
        }


MADE = st.builds(
    Made,
    st.lists(
        st.tuples(
            st.builds(lambda text, n: text.format(n=n), st.sampled_from(RULES), st.integers(0, 2)),
            st.sampled_from(["refuses", "refuses", "bars"]),
            st.sampled_from(["pending", "pending", "fail"]),
        ),
        min_size=1,
        max_size=3,
    ).map(tuple),
    st.sampled_from(["exact", "residence", "floor"]),
    st.sampled_from(["net < 2 * standard", "homes_count == 1", "net >= standard and net < 2 * standard"]),
)


def turning(size: int) -> list[int]:
    return [
        12 * size * factor * S + step for S in (STANDARD, 55_100) for factor in (1, 2) for step in (-1, 0)
    ]


GRID: dict[str, list[Any]] = {
    **{name: [True, False] for name in FLAGS},
    **{name: [0, 1, 2, 3] for name in COUNTS},
    "household_size": [1, 2, 3, 40],
    "income_fen": sorted({0, 10**9, *turning(1), *turning(2)}),
    "rigid_expenditure_fen": [0, 100, 10**6, 10**9],
    "out_of_pocket_fen": [0, 1, 100, 101, 201, 10**6],
    "residence": ["城镇", "农村"],
}
KNOWN = {
    **{name: st.sampled_from(values) for name, values in GRID.items()},
    "income_fen": st.sampled_from([0, 10**6, *turning(1), *turning(2), *turning(3)]),
    "rigid_expenditure_fen": st.sampled_from([0, 0, 100]),
}


@st.composite
def gaps(draw: st.DrawFn) -> Row:
    """Return a household with one to four facts missing."""
    row = {name: draw(KNOWN[name]) for name in COLUMNS}
    return row | dict.fromkeys(draw(st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=4)))


def judged(pack: Pack, rows: list[Row]) -> list[tuple[Any, ...]]:
    """Return outcome, category and claim of each household; the last two of the eligible."""
    if not rows:
        return []
    frame = pd.DataFrame([{"household_id": f"H{at}", **row} for at, row in enumerate(rows)], dtype=object)
    table = assess({"households": frame}, pack, on=ON).decisions
    return [
        (outcome, category, int(claim)) if outcome == "eligible" else (outcome, "", 0)
        for outcome, category, claim in zip(
            table["outcome"], table["category"], table["claim_fen"], strict=True
        )
    ]


def completions(made: Made, row: Row) -> tuple[list[str], dict[tuple[Any, ...], tuple[Any, ...]]]:
    """Return the missing facts, and the answer for every way to give them."""
    missing = [name for name in COLUMNS if row[name] is None]
    ways = list(product(*(GRID[name] for name in missing)))
    standards: list[int | None] = (
        [STANDARD, STANDARD + 1, 2 * STANDARD, 10**9] if made.standard == "floor" else [None]
    )
    answers: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for standard in standards:
        told = judged(made.pack(standard), [row | dict(zip(missing, way, strict=True)) for way in ways])
        answers |= {(*way, standard): answer for way, answer in zip(ways, told, strict=True)}
    return [*missing, "standard"], answers


def turned_by(at: int, answers: dict[tuple[Any, ...], tuple[Any, ...]]) -> bool:
    """Return whether some answer differs where only this fact differs."""
    seen: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    return any(seen.setdefault(way[:at] + way[at + 1 :], answer) != answer for way, answer in answers.items())


@settings(max_examples=40)
@given(made=MADE, row=gaps())
@example(
    # What bars a category matters only where the facts that are open too give that category.
    made=Made((("homes_count <= 0", "bars", "pending"),), "exact", "net >= standard and net < 2 * standard"),
    row={
        "union_member": True, "notice_objection": True, "has_medical_receipt": True, "homes_count": None,
        "vehicles_count": 0, "household_size": None, "income_fen": 1023600, "rigid_expenditure_fen": None,
        "out_of_pocket_fen": 0, "residence": "城镇",
    },
)  # fmt: skip
def test_what_is_missing_is_what_some_completion_turns_on(made: Made, row: Row) -> None:
    pack = made.pack()
    frame = pd.DataFrame([{"household_id": "H", **row}], dtype=object)
    found = assess({"households": frame}, pack, on=ON)
    table = found.missing()
    named = set(table["column"])
    alone = set(table.loc[table["settles_alone"], "column"])
    if found.decisions["outcome"].item() != "pending":
        assert not named
        return
    names, answers = completions(made, row)
    matters = {name for at, name in enumerate(names) if turned_by(at, answers)}
    cells = [name for name in names if name != "standard"]
    tried = [(name, value) for name in cells for value in GRID[name]]
    settled = judged(pack, [row | {name: value} for name, value in tried])
    settles = {name for (name, _), answer in zip(tried, settled, strict=True) if answer[0] != "pending"}
    if made.standard == "floor":
        ways = [judged(made.pack(value), [row])[0][0] for value in (STANDARD, 2 * STANDARD, 10**9)]
        settles |= {"standard"} if any(outcome != "pending" for outcome in ways) else set()
    assert settles <= alone, "what settles the case on the grid settles it"
    assert matters | settles <= named, "what matters on the grid is named"
    # Off the grid there is more to find, but never what no rule asks for.
    asked = {column for table_, column in pack.columns if table_ == "households"} | {"standard"}
    assert named <= asked & (set(names) | {"standard"})
    assert list(table["settles_alone"]) == sorted(table["settles_alone"], reverse=True)


@settings(max_examples=40)
@given(made=MADE, row=gaps())
def test_what_is_named_was_seen_to_matter(made: Made, row: Row) -> None:
    """The other direction: for every fact named, values close by the rules' limits turn the answer."""
    pack = made.pack()
    frame = pd.DataFrame([{"household_id": "H", **row}], dtype=object)
    found = assess({"households": frame}, pack, on=ON)
    if found.decisions["outcome"].item() != "pending" or made.standard == "floor":
        return
    case = found._lacking([0])[0]
    missing = [name for name in COLUMNS if row[name] is None]
    values = {fact.column: [v for v in tried if v is not None] for fact, tried in case.facts.items()}
    ways = list(product(*(values.get(name, [None]) for name in missing)))
    if len(ways) > 3000:
        return
    answers = dict(
        zip(ways, judged(pack, [row | dict(zip(missing, way, strict=True)) for way in ways]), strict=True)
    )
    matters = {name for at, name in enumerate(missing) if turned_by(at, answers)}
    settles = set()
    for name in missing:
        told = judged(pack, [row | {name: value} for value in values.get(name, [None])])
        settles |= {name} if any(answer[0] != "pending" for answer in told) else set()
    assert {fact.column for fact in case.named} == matters | settles
    assert {fact.column for fact in case.settles} == settles


@st.composite
def whole(draw: st.DrawFn) -> Row:
    """Return a household of which every fact is known."""
    return {name: draw(KNOWN[name]) for name in COLUMNS}


def steps(name: str, now: Any) -> list[Any]:
    """Return values of a fact to try: all flags, all small counts, amounts near and far."""
    if name in FLAGS:
        return [True, False]
    if name in COUNTS:
        return list(range(1 if name == "household_size" else 0, 45))
    near = {now + step for step in range(-3, 4)} | {
        value for size in (1, 2, 3, 40) for value in turning(size)
    }
    return sorted(value for value in {0, 10**9, *near} if value >= 0)


@settings(max_examples=40)
@given(made=MADE, row=whole())
def test_a_change_of_one_fact_is_verified_and_least(made: Made, row: Row) -> None:
    pack = made.pack(None if made.standard != "floor" else STANDARD)
    frame = pd.DataFrame([{"household_id": "H", **row}], dtype=object)
    found = assess({"households": frame}, pack, on=ON)
    table = found.counterfactual("H")
    now = judged(pack, [row])[0][:2]
    single = table[~table["change"].duplicated(keep=False) & (table["table"] == "households")]
    told = {(c.column, c.outcome, c.category): c for c in single.itertuples()}
    names = {column for place, column in pack.columns if place == "households"} - {"residence"}
    tried = [(name, value) for name in sorted(names & set(COLUMNS)) for value in steps(name, row[name])]
    answers = judged(pack, [row | {name: value} for name, value in tried])
    for (name, value), (outcome, category, _) in zip(tried, answers, strict=True):
        if (outcome, category) == now:
            continue
        change = told[name, outcome, category]
        if name not in FLAGS:
            assert abs(change.difference) <= abs(value - row[name])
    after = judged(pack, [row | {c.column: _value(c, row)} for c in single.itertuples()])
    assert [answer[:2] for answer in after] == list(zip(single["outcome"], single["category"], strict=True))


def _value(change: Any, row: Row) -> Any:
    if pd.isna(change.difference):
        return not row[change.column]
    return row[change.column] + int(change.difference)


def read(name: str, text: str) -> Any:
    """Return a value of a fact as it was told in Chinese."""
    if name in FLAGS:
        return text == "是"
    if name in MONEY:
        return round(100 * float(text.replace(",", "")))
    return int(text) if name in COUNTS else text


@settings(max_examples=40)
@given(made=MADE, row=gaps())
def test_of_a_decided_household_every_blank_that_turns_the_answer_is_named_and_verified(
    made: Made, row: Row
) -> None:
    pack = made.pack(None if made.standard != "floor" else STANDARD)
    found = assess({"households": pd.DataFrame([{"household_id": "H", **row}], dtype=object)}, pack, on=ON)
    now = judged(pack, [row])[0][:2]
    blanks = [name for name in COLUMNS if row[name] is None]
    table = found.counterfactual("H")
    single = table[~table["change"].duplicated(keep=False) & table["column"].isin(blanks)]
    told = {
        (c.column, c.outcome, c.category if c.outcome == "eligible" else ""): read(c.column, c.to)
        for c in single.itertuples()
    }
    if now[0] == "pending":
        assert not told, "what it lacks is missing, and no change"
        return
    tried = [(name, value) for name in blanks for value in GRID[name]]
    answers = judged(pack, [row | {name: value} for name, value in tried])
    turning_ = {
        (name, *answer[:2]) for (name, _), answer in zip(tried, answers, strict=True) if answer[:2] != now
    }
    assert turning_ <= set(told)
    again = judged(pack, [row | {name: value} for (name, *_), value in told.items()])
    assert [answer[:2] for answer in again] == [tuple(key[1:]) for key in told]
    assert single["supplied"].all()


@settings(max_examples=40)
@given(made=MADE, row=whole())
def test_of_a_refusal_every_change_that_is_named_leads_away_from_it_or_is_one_fact(
    made: Made, row: Row
) -> None:
    pack = made.pack(None if made.standard != "floor" else STANDARD)
    found = assess({"households": pd.DataFrame([{"household_id": "H", **row}], dtype=object)}, pack, on=ON)
    table = found.counterfactual("H")
    for _, rows in table.groupby("change"):
        several = rows[rows["table"] == "households"]
        if len(rows) < 2 or len(several) < len(rows):
            continue
        changed = row | {c.column: _value(c, row) for c in several.itertuples()}
        outcome, category, _ = judged(pack, [changed])[0]
        assert (outcome, category) == (rows["outcome"].iloc[0], rows["category"].iloc[0])
        assert outcome != "ineligible"
    lines = found.explain("H").splitlines()
    assert sum(line.startswith("  - ") for line in lines) <= 7


@pytest.mark.parametrize("text", RULES)
def test_every_rule_of_the_grammar_is_a_rule(text: str) -> None:
    assert Made(((text.format(n=1), "refuses", "pending"),), "exact", "homes_count == 1").pack().rules
