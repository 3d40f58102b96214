"""Tests of plan.certificate and of the checker that needs nothing but it."""

from __future__ import annotations

import json
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

from relief.allocation import METHODS, ROUNDINGS, allocate

CHECKER = run_path(str(Path(__file__).parents[2] / "tools" / "check_split.py"))
TERMS: dict[str, dict[str, Any]] = {
    "weighted": {"weights": [1, "3/2", 2, 1, 1]},
    "flat_by_category": {"categories": list("aabbb"), "amounts_fen": {"a": 90, "b": 50}, "shortage": "scale"},
    "tiered": {
        "brackets": [{"from_fen": 0, "share": "9/10"}, {"from_fen": 100, "share": "1/2"}],
        "shortage": "scale",
    },
    "by_priority": {"categories": list("aabbb"), "order": ["a", "b"]},
}
CLAIMS = {"e": 90, "d": 150, "c": 60, "b": 60, "a": 61}


def faults(split: dict[str, Any]) -> list[str]:
    found: list[str] = CHECKER["check"](json.loads(json.dumps(split)))
    return found


@pytest.mark.parametrize("rounding", ROUNDINGS)
@pytest.mark.parametrize("method", METHODS)
def test_every_split_is_accepted_and_every_changed_award_is_not(method: str, rounding: str) -> None:
    plan = allocate(CLAIMS, 260, method=method, rounding=rounding, **TERMS.get(method, {}))
    split = plan.certificate()
    assert faults(split) == []
    rows = split["parts"][0]["rows"]
    for row in rows:
        for change in (-1, 1):
            row["award"] += change
            assert faults(split), (row["id"], change)
            row["award"] -= change
    for one in rows:
        for other in rows:
            if one is not other and one["award"]:
                one["award"], other["award"] = one["award"] - 1, other["award"] + 1
                assert faults(split), (one["id"], other["id"])
                one["award"], other["award"] = one["award"] + 1, other["award"] - 1
    assert faults(split) == []


@pytest.mark.parametrize("rounding", ROUNDINGS)
@pytest.mark.parametrize("method", ["proportional", "talmud", "constrained_equal_losses", "reverse_talmud"])
def test_bounds_units_and_groups_are_in_it(method: str, rounding: str) -> None:
    for start in range(40):
        claims = [(start * 137 + place * place * 61) % 500 for place in range(7)] + [500]
        floors = [claim // 70 * 10 for claim in claims]
        plan = allocate(
            claims, sum(claims) // 20 * 10, method=method, rounding=rounding, unit_fen=10,
            caps_fen=[claim - claim // 8 for claim in claims], floors_fen=floors,
            groups=list("abababab"), group_funds_fen="claims",
        )  # fmt: skip
        assert faults(plan.certificate()) == []


def test_what_goes_back_is_told() -> None:
    split = allocate([10, 20], 100, surplus="return").certificate()
    assert (split["returned_fen"], faults(split)) == (70, [])
    split["returned_fen"] = 60
    assert faults(split) == ["the awards and what is returned do not add up to the fund"]


def test_a_bent_quota_is_found() -> None:
    split = allocate([10, 20], 15).certificate()
    first, second = split["parts"][0]["rows"]
    first["quota"], second["quota"] = "6", "9"
    first["award"], second["award"] = 6, 9
    assert "0: the quota is not what rate says" in faults(split)


def test_a_certificate_tells_each_fact_by_its_name() -> None:
    split = allocate({"a": 3, "b": 3, "c": 1}, 5).certificate()
    assert list(split) == ["version", "method", "rounding", "fund_fen", "unit_fen", "returned_fen", "parts"]
    assert (split["method"], split["rounding"], split["fund_fen"]) == ("proportional", "largest_remainder", 5)
    (part,) = split["parts"]
    assert list(part) == ["group", "fund", "total", "form", "multiplier", "cut", "rows"]
    assert (part["group"], part["fund"], part["total"]) == (None, 5, 5)
    assert (part["form"], part["multiplier"]) == ("rate", "5/7")
    assert part["cut"] == {"score": "5/7", "tied": 1, "served": 1}
    assert {row["id"]: row["award"] for row in part["rows"]} == {"a": 2, "b": 2, "c": 1}
    assert all(row["held"] == 0 for row in part["rows"])
    (part,) = allocate([3, 2], 4, method="random_arrival").certificate()["parts"]
    assert (part["form"], part["multiplier"]) == ("", "")
    named = allocate([3, 2], 4, groups=["x", "y"], group_funds_fen={"x": 3, "y": 1}).certificate()["parts"]
    assert [part["group"] for part in named] == ["x", "y"]
