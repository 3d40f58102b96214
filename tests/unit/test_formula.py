"""Tests of relief.rulepack.formula: a tree as text reads back as the same tree."""

from __future__ import annotations

import pytest

from relief.rulepack.expression import Names, parse_expression
from relief.rulepack.formula import formula

NAMES = Names(
    "households",
    {("households", "net"): "fen/person/month", ("members", "minor"): "truth"},
    {"standard": "fen/person/month"},
    {"standard": ()},
    {"award": ("fen", "fen")},
)


@pytest.mark.parametrize(
    "text",
    [
        "net < 2 * standard",
        "not (union_member and review_passed) or notice_objection",
        "union_member and (review_passed or notice_objection)",
        "(income_fen - rigid_illness_fen) * 0.5 > income_fen - (rigid_illness_fen - yuan(1.5) / years(1))",
        "-income_fen < -(income_fen + rigid_illness_fen)",
        'cause in ["自然灾害", "重大意外事故"]',
        "(household_size if union_member else household_size + persons(2)) >= persons(3)",
        "at(standard, year_start(on)) <= monthly(twelve_months(standard, on - months(12)))",
        "tier(award, out_of_pocket_fen) == yuan(500)",
        'ruled("hardship") and held(members)',
        'sum(documents, total_fen, where=kind == "医疗收据" and issued_on <= on - days(7)) > yuan(0)',
        "count(members, where=minor and households.union_member) >= persons(1)",
        "coalesce(union_member, false) and stated(income_fen)",
        "on - visited_on >= days(7)",
    ],
)
def test_a_formula_reads_back_as_the_same_tree(text: str) -> None:
    node = parse_expression(text, NAMES, "truth")
    assert formula(node) == text
    assert parse_expression(formula(node), NAMES, "truth") == node
