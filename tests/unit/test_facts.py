"""Tests of relief.rulepack.facts: rules over the rows of several tables."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from relief.rulepack.expression import Names, parse_expression
from relief.rulepack.facts import Facts
from relief.rulepack.values import Amount, Truth
from relief.tables import read_tables

HOUSEHOLDS = pd.DataFrame(
    {"户编号": ["A", "B", "C"], "申请人": ["x", "y", "z"], "家庭人口": ["2", None, "1"]}
)
PAPERS = pd.DataFrame(
    [
        ("A", "医疗收据", "2021-03-01", "100"),
        ("A", "医疗收据", None, "20"),
        ("A", "住院记录", "2021-03-01", None),
        ("B", "医疗收据", "2021-03-01", None),
        ("Z", "医疗收据", "2021-03-01", "5000"),
    ],
    columns=["户编号", "类型", "票据日期", "自付"],
)


def value(text: str, **tables: pd.DataFrame) -> list[Any]:
    """Return what a rule gives for A, B and C: True, False, None, or the two ends of an amount."""
    names = Names("households", {}, {})
    pack: Any = SimpleNamespace(measures={}, parameters={})
    facts = Facts(read_tables({"households": HOUSEHOLDS, **tables}), pack, dt.date(2021, 9, 30))
    found = facts.value(parse_expression(text, names))
    if isinstance(found, Truth):
        return [True if yes else False if no else None for yes, no in zip(found.yes, found.no, strict=True)]
    assert isinstance(found, Amount)
    return [found.at(place) for place in range(3)]


RECEIPTS = 'where=kind == "医疗收据"'
BY_TODAY = "where=issued_on <= on"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("count(documents)", [(3, 3), (1, 1), (0, 0)]),
        (f"count(documents, {RECEIPTS})", [(2, 2), (1, 1), (0, 0)]),
        (f"count(documents, {BY_TODAY})", [(2, 3), (1, 1), (0, 0)]),
        (f"held(documents, {BY_TODAY})", [True, True, False]),
        ('held(documents, where=kind == "医疗收据" and issued_on > on)', [None, False, False]),
        (f"sum(documents.out_of_pocket_fen, {RECEIPTS})", [(12000, 12000), (0, None), (0, 0)]),
        (f"sum(documents.out_of_pocket_fen, {BY_TODAY})", [(10000, None), (0, None), (0, 0)]),
        (
            "sum(documents.out_of_pocket_fen, where=out_of_pocket_fen > yuan(50))",
            [(10000, None), (0, None), (0, 0)],
        ),
    ],
)
def test_rows_are_added_up_by_household(text: str, expected: list[Any]) -> None:
    """A row that may count widens the sum; rows of a household that is not here count for nobody."""
    assert value(text, documents=PAPERS) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("held(documents)", [False] * 3),
        ("count(documents)", [(0, None)] * 3),
        ("sum(documents.out_of_pocket_fen)", [(None, None)] * 3),
        ('ruled("x")', [None] * 3),
        ("income_fen", [(0, None)] * 3),
        ("business_income_fen", [(None, None)] * 3),
        ("union_member", [None] * 3),
        ("visited_on <= on", [None] * 3),
        ('cause in ["其他"]', [None] * 3),
        ("household_size", [(2, 2), (1, None), (1, 1)]),
        ("household_size >= 1", [True] * 3),
        ("yuan(1200) / household_size / 12", [(5000, 5000), (0, 10000), (10000, 10000)]),
        ("coalesce(household_size, 4)", [(2, 2), (4, 4), (1, 1)]),
        ("year_start(on) == on", [False] * 3),
        ("on - year_start(on)", [(272, 272)] * 3),
        ("max(household_size, 2)", [(2, 2), (2, None), (2, 2)]),
    ],
)
def test_a_table_or_column_that_lacks_is_unknown(text: str, expected: list[Any]) -> None:
    assert value(text) == expected


def test_an_exact_share() -> None:
    assert value("yuan(10) / 3")[0] == (Fraction(1000, 3), Fraction(1000, 3))
