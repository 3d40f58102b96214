"""Tests of relief.rulepack.units: what adds, multiplies and divides to what."""

from __future__ import annotations

from itertools import product

import pytest

from relief.rulepack.units import UNITS, divided, is_quantity, monthly, multiplied, yearly


@pytest.mark.parametrize(
    ("left", "right", "whole"),
    [
        ("fen/person/month", "person", "fen/month"),
        ("fen/person/month", "month", "fen/person"),
        ("fen/month", "month", "fen"),
        ("fen/year", "year", "fen"),
        ("fen/person", "person", "fen"),
        ("fen/person/year", "person", "fen/year"),
        ("number", "day", "day"),
        ("fen", "number", "fen"),
        ("fen", "fen", None),
        ("fen/year", "month", None),
        ("person", "person", None),
        ("fen", "person", None),
        ("truth", "number", None),
        ("date", "number", None),
        ("text", "fen", None),
    ],
)
def test_a_product_has_the_unit_of_both_or_none(left: str, right: str, whole: str | None) -> None:
    assert multiplied(left, right) == multiplied(right, left) == whole


@pytest.mark.parametrize(
    ("top", "below", "quotient"),
    [
        ("fen", "fen", "number"),
        ("fen/year", "fen/year", "number"),
        ("fen/year", "person", "fen/person/year"),
        ("fen", "person", "fen/person"),
        ("fen/person", "month", "fen/person/month"),
        ("fen", "month", "fen/month"),
        ("fen", "fen/month", "month"),
        ("fen/year", "fen/person/year", "person"),
        ("fen/year", "fen/month", None),
        ("number", "person", None),
        ("fen/person", "person", None),
        ("fen", "date", None),
    ],
)
def test_a_quotient_has_the_unit_of_both_or_none(top: str, below: str, quotient: str | None) -> None:
    assert divided(top, below) == quotient


@pytest.mark.parametrize(("left", "right"), [*product(UNITS, UNITS)])
def test_dividing_undoes_multiplying(left: str, right: str) -> None:
    whole = multiplied(left, right)
    if whole is not None:
        assert divided(whole, right) == left
        assert divided(whole, left) == right
    quotient = divided(left, right)
    if quotient is not None:
        assert multiplied(quotient, right) == left


@pytest.mark.parametrize("unit", UNITS)
def test_a_number_leaves_a_unit_as_it_is(unit: str) -> None:
    assert multiplied(unit, "number") == divided(unit, "number") == unit
    assert divided(unit, unit) == "number"


def test_periods_turn_into_each_other() -> None:
    turned = {unit: monthly(unit) for unit in UNITS if monthly(unit)}
    assert turned == {"fen/year": "fen/month", "fen/person/year": "fen/person/month"}
    assert {yearly(month): month for month in turned.values()} == turned
    assert [unit for unit in UNITS if yearly(unit) and unit not in turned.values()] == []
    assert monthly("truth") is None
    assert yearly("year") is None


def test_only_units_are_quantities() -> None:
    assert all(map(is_quantity, UNITS))
    assert not any(map(is_quantity, ["truth", "text", "date", ""]))
