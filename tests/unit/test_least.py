"""Tests of relief.rulepack.least: which divisors are above zero whatever the facts."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from relief.errors import ExpressionError
from relief.rulepack.expression import Names, parse_expression
from relief.rulepack.least import least

KNOWN = {
    ("", "limit"): Fraction(3),
    ("", "line"): Fraction(1200),
    ("", "open"): None,
    ("", "band"): Fraction(100),
    ("households", "heads"): Fraction(1),
    ("households", "rest"): None,
}
NAMES = Names(
    "households",
    {("households", "heads"): "person", ("households", "rest"): "fen"},
    {"limit": "number", "open": "number", "line": "fen/year"},
    tiers={"band": ("fen", "fen")},
    least=KNOWN,
)


@pytest.mark.parametrize(
    ("text", "lowest"),
    [
        ("7", 7),
        ("yuan(2)", 200),
        ("household_size", 1),
        ("homes_count", 0),
        ("income_fen", 0),
        ("business_income_fen", None),
        ("heads", 1),
        ("rest", None),
        ("limit", 3),
        ("open", None),
        ("tier(band, rest)", 100),
        ("limit + homes_count + 1", 4),
        ("limit + open", None),
        ("limit - 1", None),
        ("-limit", None),
        ("limit * 2", 6),
        ("limit * open", None),
        ("household_size * limit", 3),
        ("limit * (-2)", None),
        ("limit / 2", 0),
        ("max(1, open)", 1),
        ("max(open, open)", None),
        ("max(homes_count, limit)", 3),
        ("min(homes_count, limit)", 0),
        ("min(limit, open)", None),
        ("coalesce(homes_count, limit)", 0),
        ("coalesce(homes_count, open)", None),
        ("limit if union_member else 5", 3),
        ("limit if union_member else open", None),
        ("count(members)", 0),
        ("count(members) + 1", 1),
        ("max(1, count(members))", 1),
        ("months_in_a_row(documents.issued_on)", 0),
        ("sum(members.wage_income_fen)", 0),
        ("sum(members.business_income_fen)", None),
        ("min(documents, 5)", 5),
        ("max(members.business_income_fen)", None),
        ("monthly(line)", 100),
        ("yearly(monthly(line) + monthly(income_fen))", 1200),
        ("on - visited_on", None),
        ("age(visited_on, on)", None),
    ],
)
def test_the_least_that_a_quantity_can_be(text: str, lowest: int | None) -> None:
    tree = parse_expression(text, NAMES)
    assert least(tree, KNOWN) == lowest


def test_the_least_of_the_household_that_a_row_belongs_to() -> None:
    inside = replace(NAMES, table="members")
    assert least(parse_expression("households.household_size", inside), KNOWN) == 1
    assert least(parse_expression("households.heads", inside), KNOWN) == 1
    assert least(parse_expression("households.rest", inside), KNOWN) is None


@pytest.mark.parametrize(
    "divisor",
    [
        "household_size",
        "heads",
        "limit",
        "max(1, count(members))",
        "(count(members) + 1)",
        "months(12)",
        "2",
        "(heads if union_member else household_size)",
    ],
)
def test_a_divisor_that_is_never_zero(divisor: str) -> None:
    assert parse_expression(f"stated(out_of_pocket_fen / {divisor} / 1)", NAMES).kind == "truth"


@pytest.mark.parametrize(
    "divisor", ["homes_count", "count(members)", "open", "0", "(limit - 3)", "(-2)", "business_income_fen"]
)
def test_a_divisor_that_may_be_zero_is_refused(divisor: str) -> None:
    with pytest.raises(ExpressionError, match=r"may be zero or less\. Say what then holds"):
        parse_expression(f"stated(income_fen / {divisor})", NAMES)


@pytest.mark.parametrize(
    "text",
    [
        "income_fen / homes_count if homes_count > 0 else 0",
        "income_fen / homes_count if 0 < homes_count else 0",
        "0 if homes_count <= 0 else income_fen / homes_count",
        "0 if 0 >= homes_count else income_fen / homes_count",
        "0 if not homes_count > 0 else income_fen / homes_count",
        "income_fen / homes_count if union_member and homes_count > 0 else 0",
        "0 if union_member or homes_count <= 0 else income_fen / homes_count",
        "0 if not (union_member and 1 > 0) and homes_count <= 0 or homes_count <= 0"
        " else income_fen / homes_count",
        "(income_fen / homes_count if union_member else 0) if homes_count > 0 else 0",
        "income_fen / count(members) if count(members) > 0 else 0",
        "income_fen / homes_count / vehicles_count if homes_count > 0 and not vehicles_count <= 0 else 0",
    ],
)
def test_a_condition_around_it_keeps_a_divisor_above_zero(text: str) -> None:
    assert parse_expression(f"stated({text})", NAMES).kind == "truth"


@pytest.mark.parametrize(
    "text",
    [
        "income_fen / homes_count if homes_count >= 0 else 0",
        "income_fen / homes_count if homes_count != 0 else 0",
        "income_fen / homes_count if homes_count < 0 else 0",
        "0 if homes_count > 0 else income_fen / homes_count",
        "0 if homes_count < 0 else income_fen / homes_count",
        "income_fen / homes_count if union_member or homes_count > 0 else 0",
        "0 if union_member and homes_count <= 0 else income_fen / homes_count",
        "income_fen / homes_count if not homes_count > 0 else 0",
        "income_fen / homes_count if vehicles_count > 0 else 0",
        "(income_fen / homes_count) + (income_fen if homes_count > 0 else 0)",
        "max(members, income_fen / households.homes_count) if homes_count > 0 else 0",
        "sum(members, income_fen / households.household_size * 0 / households.homes_count)"
        " if homes_count > 0 else 0",
    ],
)
def test_a_condition_that_does_not_keep_it_there_is_no_help(text: str) -> None:
    with pytest.raises(ExpressionError, match="may be zero or less"):
        parse_expression(f"stated({text})", NAMES)
