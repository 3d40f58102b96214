"""Tests of relief.rulepack.expression and relief.rulepack.tree."""

from __future__ import annotations

import time
import warnings
from fractions import Fraction

import pytest

from relief.errors import ExpressionError
from relief.rulepack.expression import Names, parse_expression
from relief.rulepack.tree import DEEPEST, Constant, Measure, Operation, depth, names_in, rulings_in

NAMES = Names("households", {"net_income": "fen", "share": "number"}, {"standard": "fen", "days": "number"})


def refused(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text, NAMES)
    return caught.value


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("net_income", "fen"),
        ("yuan(1234.5)", "fen"),
        ('yuan("30万")', "fen"),
        ("12", "number"),
        ("on", "date"),
        ("year_start(on)", "date"),
        ("cause", "text"),
        ("union_member", "truth"),
        ("income_fen + net_income - yuan(3)", "fen"),
        ("-income_fen", "fen"),
        ("income_fen * 2", "fen"),
        ("2 * income_fen", "fen"),
        ("income_fen / household_size", "fen"),
        ("income_fen / standard", "number"),
        ("share * share / 3 + days - 1", "number"),
        ("on - visited_on", "number"),
        ("income_fen < 2 * standard", "truth"),
        ("out_of_pocket_fen > 0", "truth"),
        ("0 <= out_of_pocket_fen", "truth"),
        ("visited_on <= on", "truth"),
        ("homes_count == 1", "truth"),
        ("homes_count != 1", "truth"),
        ('residence == "城镇"', "truth"),
        ('residence != "城镇"', "truth"),
        ('cause in ["自然灾害", "其他"]', "truth"),
        ('cause not in ("自然灾害", "其他")', "truth"),
        ("not union_member and (review_passed or notice_objection)", "truth"),
        ("coalesce(income_fen, wage_income_fen + other_income_fen)", "fen"),
        ("coalesce(union_member, review_passed)", "truth"),
        ("max(income_fen, yuan(1), standard)", "fen"),
        ("min(visited_on, on)", "date"),
        ("income_fen if union_member else yuan(0)", "fen"),
        ("review_passed if union_member else notice_objection", "truth"),
        ("count(members)", "number"),
        ("count(members, where=counts_in_household)", "number"),
        ('held(documents, where=kind == "医疗收据" and issued_on <= on)', "truth"),
        ("sum(documents.out_of_pocket_fen)", "fen"),
        ('sum(documents.total_fen, where=kind in ["医疗收据"])', "fen"),
        ('ruled("still-in-hardship")', "truth"),
        ("  homes_count\n  <= 1 ", "truth"),
    ],
)
def test_what_the_grammar_takes(text: str, kind: str) -> None:
    assert parse_expression(text, NAMES).kind == kind


PART = "is not part of the rule language, or not in this place"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "",
            "'' is not an expression (position 1). Write for example: net_income < 2 * subsistence_standard.",
        ),
        ("income_fen <", "is not an expression (position 13)"),
        ("a\0b", "is not an expression"),
        ("net_income := 3", "is not an expression"),
        ("income", "Nothing is called 'income' in households. A similar name: net_income."),
        ("zzz", "Nothing is called 'zzz' in households. A similar name: —."),
        ("bank_account", "Nothing is called 'bank_account' in households"),
        ("applicant_id_number", "Nothing is called 'applicant_id_number' in households"),
        (
            "income_fen < 3",
            "'income_fen < 3' mixes a fen with a number. Amounts of money are written yuan(…)",
        ),
        ("income_fen + 1", "'income_fen + 1' mixes a fen with a number"),
        ("income_fen * income_fen", "mixes a fen with a fen"),
        ("on + 1", "'on + 1' mixes a date with a number"),
        ('on < "2021"', "mixes a date with a text"),
        ("max(1, income_fen)", "'max(1, income_fen)' mixes a number with a fen"),
        ("income_fen if union_member else 1", "mixes a fen with a number"),
        (
            "1 < homes_count < 3",
            "'1 < homes_count < 3' compares twice. Write two comparisons joined by 'and'.",
        ),
        ("union_member and income_fen", "'income_fen' is a fen; a truth is needed here."),
        ("1 if homes_count else 2", "'homes_count' is a number; a truth is needed here."),
        ("year_start(income_fen)", "is a fen; a date is needed here."),
        ("count(members, where=income_fen)", "'income_fen' is a fen; a truth is needed here."),
        ('income_fen in ["a"]', "'income_fen' is a fen; a text is needed here."),
        (
            "sun(members.income_fen)",
            "There is no function 'sun' (near: sum). Functions: coalesce, count, held",
        ),
        ("eval('1')", "There is no function 'eval'"),
        ("__import__('os')", "There is no function '__import__'"),
        ("().__class__()", "There is no function '().__class__'"),
        (
            "count(households)",
            "There is no table 'households' to look into. Tables: members, documents, registry",
        ),
        ("count(persons)", "There is no table 'persons' to look into."),
        ("yuan(1.005)", "yuan(…) holds no amount: 1.005 yuan is not a whole number of fen."),
        ("yuan(1e400)", "yuan(…) holds no amount"),
        ('yuan("abc")', "yuan(…) holds no amount"),
        ("().__class__", PART),
        ("income_fen.real", PART),
        ("9 ** 9 ** 9", PART),
        ("homes_count // 2", PART),
        ("homes_count % 2", PART),
        ("homes_count & 2", PART),
        ("~homes_count", PART),
        ("+homes_count", PART),
        ("not homes_count", PART),
        ("-union_member", PART),
        ("1.5", PART),
        ("True", PART),
        ("None", PART),
        ("b'x'", PART),
        ("99999999999999999999", PART),
        ("yuan(99999999999999999999)", PART),
        ("yuan(True)", PART),
        ("yuan(-5)", PART),
        ("yuan(1, 2)", PART),
        ("yuan(1j)", PART),
        ("yuan()", PART),
        ("[1, 2]", PART),
        ("[x for x in cause]", PART),
        ("{1: 2}", PART),
        ("lambda: 1", PART),
        ("f'{1}'", PART),
        ("cause[0]", PART),
        ("union_member == review_passed", PART),
        ('residence < "城镇"', PART),
        ("residence == union_name", PART),
        ('"a" == "b"', PART),
        ('"a" in ["a"]', PART),
        ("cause in []", PART),
        ("cause in [1]", PART),
        ("cause in residence", PART),
        ("cause is residence", PART),
        ("min(union_member, union_member)", PART),
        ("max(cause, residence)", PART),
        ("max(1, 2, key=3)", PART),
        ("coalesce(*[1])", PART),
        ("cause if union_member else residence", PART),
        ("sum(members)", PART),
        ("count(members.name)", PART),
        ("sum(members.relation)", PART),
        ("sum(members.income_fen, 1)", PART),
        ("count(members, wo=counts_in_household)", PART),
        ("count(members, where=held(documents))", PART),
        ('count(members, where=ruled("x"))', PART),
        ("ruled(homes)", PART),
        ('ruled("a", "b")', PART),
        ("year_start(on, on)", PART),
    ],
)
def test_what_the_grammar_refuses_and_how_it_is_mended(text: str, message: str) -> None:
    error = refused(text)
    assert message in str(error)
    assert error.text("zh") != str(error)


def test_a_refusal_lists_the_language() -> None:
    assert str(refused("9 ** 9")).endswith(
        "and the functions coalesce, count, held, max, min, ruled, sum, year_start, yuan."
    )


def test_the_whole_must_be_of_the_kind_that_is_needed() -> None:
    with pytest.raises(ExpressionError, match="'homes_count' is a number; a truth is needed here"):
        parse_expression("homes_count", NAMES, "truth")


@pytest.mark.parametrize(
    "text",
    [
        "1" * 1_001,
        "x" * 1_000_000,
        "(" * 100_000,
        "(" * 400 + "1" + ")" * 400,
        "-" * 990 + "1",
        "not " * 240 + "on",
        "+".join(["1"] * 400),
        "(1if on else " * 70 + "1" + ")" * 70,
        "[" * 500,
        "9" * 999,
        "max(" * 200 + "1" + ")" * 200,
        "'" + "\\x" * 300 + "'",
    ],
)
def test_length_and_depth_bombs_are_refused_at_once(text: str) -> None:
    start = time.process_time()
    error = refused(text)
    assert time.process_time() - start < 0.1
    assert len(str(error)) < 500


def test_reading_warns_of_nothing() -> None:
    """Python warns of odd texts while it parses; a clerk would see that on the screen."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parse_expression(r'cause == "\d"', NAMES)
        parse_expression("1if union_member else 2", NAMES)


def test_the_tree_of_a_rule() -> None:
    node = parse_expression("net_income < 2 * standard", NAMES, "truth")
    assert isinstance(node, Operation)
    assert (node.operator, node.parts[0]) == ("<", Measure("net_income", "fen"))
    assert node.parts[1].parts[0] == Constant(Fraction(2), "number")
    assert parse_expression("yuan(12.5)", NAMES) == Constant(Fraction(1250), "fen")


def test_names_in_a_tree() -> None:
    text = 'held(documents, where=kind == "医疗收据") and net_income < standard and not union_member'
    assert names_in(parse_expression(text, NAMES)) == {
        ("documents", "household_id"),
        ("documents", "kind"),
        ("", "net_income"),
        ("", "standard"),
        ("households", "union_member"),
    }
    asked = parse_expression('cause in ["其他"] and (ruled("a") or not ruled("b"))', NAMES)
    assert rulings_in(asked) == {"a", "b"}
    assert ("rulings", "value") in names_in(asked)


def test_depth_counts_the_measures_that_a_tree_names() -> None:
    node = parse_expression("net_income < 2 * standard", NAMES)
    assert depth(node, {"net_income": 1}) == 3
    assert depth(node, {"net_income": 10}) == 12
    with pytest.raises(ExpressionError, match=f"nested more than {DEEPEST} levels deep. Simplify it"):
        depth(node, {"net_income": DEEPEST - 1})
