"""Proofs over days: what the prover says of them is what judging says, for the days of a whole life."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from tests.packs import small_pack

from relief import assess
from relief.proof import prove

pytest.importorskip("z3")

if TYPE_CHECKING:
    from relief.rulepack.pack import Pack

ON = "2025-07-01"
UNION = "union_member"


def exclusive(condition: str) -> Pack:
    """Return a pack that says of a condition that no union member meets it."""
    return small_pack(categories={"one": condition, "other": UNION}, exclusive_categories=True)


def in_both(pack: Pack, *births: str) -> bool:
    """Return whether a union member's household of these births passes both categories."""
    households = {"household_id": ["A"], UNION: ["是"]}
    members = {
        "household_id": ["A"] * len(births),
        "member_id": [f"M{at}" for at in range(len(births))],
        "born_on": list(births),
    }
    tables = {"households": pd.DataFrame(households), "members": pd.DataFrame(members)}
    results = assess(tables, pack, on=ON).reasons()
    return set(results.loc[results["rule_id"].isin(["one", "other"]), "result"]) == {"pass"}


@pytest.mark.parametrize(
    ("condition", "births"),
    [
        ("held(members, where=age(year_start(born_on), on) >= 60)", ["1950-05-05"]),
        ("months_in_a_row(members.born_on) >= 2 and every(members, born_on < on - years(20))",
         ["1950-05-05", "1950-06-05"]),
        ("held(members, where=year_start(born_on + months(1)) > year_start(born_on))", ["1950-12-05"]),
    ],
)  # fmt: skip
def test_births_of_long_ago_are_within_the_proof(condition: str, births: list[str]) -> None:
    pack = exclusive(condition)
    assert in_both(pack, *births)
    proof = prove(pack, dt.date.fromisoformat(ON), seconds=3)
    assert "exclusive" not in proof.proved
    assert [finding.name for finding in proof.findings if finding.name == "exclusive"]


@pytest.mark.parametrize("months", [20, 30])
@pytest.mark.parametrize(("limit", "outcome"), [(200, "pending"), (900, "eligible")])
def test_a_year_that_the_calendar_lacks_leaves_a_case_open(months: int, limit: int, outcome: str) -> None:
    """From June 2024 to July 2025 there are between 130 and 341 working days, whatever 2024 had."""
    note: dict[str, Any] = {"status": "illustrative", "note": "x"}
    calendar = [{**note, "year": year, "days_off": [], "days_worked": []} for year in (2023, 2025)]
    near = f"applied_on > on - months({months}) and applied_on <= on"
    pack = small_pack(
        rules={"a": f"working_days(applied_on, on) <= {limit} if {near} else true"}, calendar=calendar
    )
    households = pd.DataFrame({"household_id": ["A"], "applied_on": ["2024-06-03"]})
    assert assess({"households": households}, pack, on=ON).decisions["outcome"].tolist() == [outcome]
    proof = prove(pack, dt.date.fromisoformat(ON), seconds=2)
    assert ("decided" in proof.proved) == (outcome != "pending")


@pytest.mark.parametrize(("limit", "can_fail"), [(259, True), (260, True), (261, False), (262, False)])
def test_days_between_announced_years_are_counted_as_judging_counts_them(limit: int, can_fail: bool) -> None:
    # From 2024-07-01, not counted, to 2025-07-01 there are 261 days from Monday to Friday.
    note: dict[str, Any] = {"status": "illustrative", "note": "x"}
    calendar = [{**note, "year": year, "days_off": [], "days_worked": []} for year in (2024, 2025)]
    near = "applied_on >= on - months(12) and applied_on <= on"
    rule = f"working_days(applied_on, on) <= {limit} if {near} else true"
    proof = prove(small_pack(rules={"a": rule}, calendar=calendar), dt.date.fromisoformat(ON), seconds=2)
    assert "decided" in proof.proved
    assert ("alone" in proof.proved) == can_fail


def test_papers_alike_in_a_day_or_an_amount_are_told() -> None:
    for column in ("issued_on", "total_fen"):
        pack = small_pack(rules={"a": f"every(documents, count(documents, same=[{column}]) <= 1)"})
        proof = prove(pack, dt.date.fromisoformat(ON), seconds=2)
        assert {"decided", "alone"} <= set(proof.proved)
