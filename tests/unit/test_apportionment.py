"""Seats of the U.S. House of Representatives from 1790 to 2020: results of law and literature, and paradoxes.

Sources stand with the cases, tests/cases/apportionment.toml and .csv.
"""

from __future__ import annotations

import csv
import tomllib
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from relief.allocation import ROUNDINGS, allocate
from relief.allocation.problem import Quotas
from relief.allocation.rounding import largest_remainder

CASES = Path(__file__).parents[1] / "cases"
TOLD = tomllib.loads((CASES / "apportionment.toml").read_text("utf-8"))
POPULATIONS: dict[int, dict[str, int]] = {}
"""Five times the number on which seats are based, which three fifths of the enslaved leave whole."""
SEATS: dict[int, dict[str, int]] = {}
for row in csv.DictReader((CASES / "apportionment.csv").read_text("utf-8").splitlines()):
    census, state = int(row["census"]), row["state"]
    POPULATIONS.setdefault(census, {})[state] = 5 * int(row["population"]) + 3 * int(row["enslaved"])
    if row["seats"]:
        SEATS.setdefault(census, {})[state] = int(row["seats"])
DIVISORS = [rounding for rounding in ROUNDINGS if rounding != "largest_remainder"]


def hamilton(populations: dict[str, int], house: int) -> dict[str, int]:
    """Round as the act of 1850 says, with one seat for a state that has not the population for one.

    That seat comes out of the house, and leaves the quotas of the others as they are, where a floor of
    `allocate` would lower them.
    """
    part = allocate(populations, house).parts[0]
    small = part.quotas.whole == 0
    whole, remainder = np.where(small, 1, part.quotas.whole), np.where(small, 0, part.quotas.remainder)
    rounded = largest_remainder(part.problem, Quotas(whole, remainder, part.quotas.denominator, house))
    return dict(zip(populations, rounded.awards.tolist(), strict=True))


def apportioned(census: int, house: int, method: str) -> dict[str, int]:
    """Return the seats that a method gives."""
    if method == "largest_remainder":
        return hamilton(POPULATIONS[census], house)
    plan = allocate(POPULATIONS[census], house, rounding=method, floors_fen=1)
    return {str(state): int(seats) for state, seats in plan.awards_fen.items()}


@pytest.mark.parametrize("case", TOLD["enacted"], ids=lambda case: f"{case['census']}-{case['method']}")
def test_seats_as_they_were_enacted(case: dict[str, Any]) -> None:
    seats = SEATS[case["census"]]
    assert apportioned(case["census"], sum(seats.values()), case["method"]) == seats


@pytest.mark.parametrize(
    "case", TOLD["published"], ids=lambda case: f"{case['census']}-{case['house']}-{case['method']}"
)
def test_seats_as_they_were_published(case: dict[str, Any]) -> None:
    found = apportioned(case["census"], case["house"], case["method"])
    if "enacted_but_for" in case:
        assert found == {**SEATS[case["census"]], **case["enacted_but_for"]}
    else:
        assert case["seats"].items() <= found.items()
    assert sum(found.values()) == case["house"]


@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_the_example_in_which_methods_differ(rounding: str) -> None:
    case = TOLD["example"]
    assert (
        allocate(case["populations"], case["house"], rounding=rounding).awards_fen.tolist() == case[rounding]
    )


@pytest.mark.parametrize("census", sorted(POPULATIONS))
@pytest.mark.parametrize("method", DIVISORS)
def test_every_census_by_every_method_has_a_multiplier_for_all(census: int, method: str) -> None:
    """No published table is known for most of these; a multiplier that gives all seats proves them."""
    populations = POPULATIONS[census]
    house = sum(SEATS.get(census, {}).values()) or 386
    seats = apportioned(census, house, method)
    assert sum(seats.values()) == house
    squared = {
        "jefferson": lambda a: Fraction(a + 1) ** 2,
        "webster": lambda a: Fraction(2 * a + 1, 2) ** 2,
        "huntington_hill": lambda a: Fraction(a * (a + 1)),
        "dean": lambda a: Fraction(2 * a * (a + 1), 2 * a + 1) ** 2,
        "adams": lambda a: Fraction(a) ** 2,
    }[method]
    least = max(squared(seats[s] - 1) / populations[s] ** 2 for s in seats if seats[s] > 1)
    most = min(squared(seats[s]) / populations[s] ** 2 for s in seats)
    assert least <= most


def paradox(name: str) -> tuple[dict[str, list[int]], dict[str, int], dict[str, int], list[int]]:
    """Return the seats told, the populations before and after, and the houses."""
    case = next(case for case in TOLD["paradox"] if case["name"] == name)
    before = POPULATIONS[case["census"]]
    after = before | {state: 5 * people for state, people in case.get("joins", {}).items()}
    return case["seats"], before, after, case["houses"]


def seats_of(states: Any, before: dict[str, int], after: dict[str, int]) -> dict[str, list[int]]:
    return {state: [before[state], after[state]] for state in states}


def test_a_larger_house_takes_a_seat_from_alabama() -> None:
    told, before, after, (smaller, larger) = paradox("Alabama")
    assert seats_of(told, hamilton(before, smaller), hamilton(after, larger)) == told


def test_oklahoma_takes_a_seat_from_new_york_and_brings_one_to_maine() -> None:
    told, before, after, (smaller, larger) = paradox("new states")
    enlarged = hamilton(after, larger)
    assert seats_of(told, hamilton(before, smaller), enlarged) == told
    assert enlarged["OK"] == larger - smaller


def test_virginia_grows_faster_than_maine_and_loses_a_seat_to_it() -> None:
    told, before, _, (house, _) = paradox("population")
    later = POPULATIONS[1910]
    after = {
        state: 5 * round(people / 5 * (later[state] / people) ** 0.1) for state, people in before.items()
    }
    assert after["VA"] / before["VA"] > after["ME"] / before["ME"]
    assert seats_of(told, hamilton(before, house), hamilton(after, house)) == told


@pytest.mark.parametrize("method", DIVISORS)
def test_no_divisor_method_has_these_paradoxes(method: str) -> None:
    def seats(populations: dict[str, int], house: int) -> dict[Any, int]:
        return dict(allocate(populations, house, rounding=method, floors_fen=1).awards_fen.items())

    before = seats(POPULATIONS[1880], 275)
    for house in range(276, 351):
        after = seats(POPULATIONS[1880], house)
        assert all(after[state] >= before[state] for state in before)
        before = after
    _, states, with_oklahoma, (_, larger) = paradox("new states")
    together = seats(with_oklahoma, larger)
    joined = together.pop("OK")
    assert seats(states, larger - joined) == together


@pytest.mark.parametrize(
    ("census", "house", "method", "rounded"),
    [(1820, 213, "jefferson", 34), (1830, 240, "jefferson", 40), (1830, 240, "adams", 37)],
)
def test_new_york_is_out_of_quota(census: int, house: int, method: str, rounded: int) -> None:
    """Jefferson's method gives more than the quota rounded up, Adams's less than the quota rounded down."""
    populations = POPULATIONS[census]
    quota = Fraction(populations["NY"] * house, sum(populations.values()))
    assert apportioned(census, house, method)["NY"] == rounded
    assert rounded > ceil(quota) if method == "jefferson" else rounded < int(quota)
