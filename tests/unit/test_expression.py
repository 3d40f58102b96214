"""Tests of relief.rulepack.expression and relief.rulepack.tree."""

from __future__ import annotations

import warnings
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from tests.patience import soon

from relief.errors import ExpressionError
from relief.rulepack.expression import Names, parse_expression
from relief.rulepack.functions import CALLS
from relief.rulepack.tree import (
    DEEPEST,
    Constant,
    Measure,
    Node,
    Operation,
    depth,
    names_in,
    rulings_in,
    shared,
)
from relief.rulepack.units import UNITS

NAMES = Names(
    "households",
    {("households", "net_income"): "fen/person/month", ("households", "share"): "number"}
    | {("members", "own_income"): "fen/year"},
    {"standard": "fen/person/month", "quota": "number", "subsidy": "fen/month"},
    {"standard": ("residence",)},
    {"band": ("fen", "fen")},
    {("", "standard"): Fraction(55_100)},
    districts=("甲区", "乙市"),
    has_calendar=True,
)
NET = ("households", "net_income")
AFTER = replace(NAMES, categories=("deep", "relative"))


def refused(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text, NAMES)
    return caught.value


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("net_income", "fen/person/month"),
        ("yuan(1234.5)", "fen"),
        ('yuan("30万")', "fen"),
        ("12", "number"),
        ("1.5", "number"),
        ("percent(80)", "number"),
        ("days(7)", "day"),
        ("months(12)", "month"),
        ("years(2)", "year"),
        ("persons(3)", "person"),
        ("on", "date"),
        ("year_start(on)", "date"),
        ("cause", "text"),
        ("union_member", "truth"),
        ("income_fen + wage_income_fen - other_income_fen", "fen/year"),
        ("-income_fen", "fen/year"),
        ("income_fen * 2", "fen/year"),
        ("2 * income_fen", "fen/year"),
        ("income_fen / household_size", "fen/person/year"),
        ("monthly(income_fen / household_size)", "fen/person/month"),
        ("monthly(income_fen)", "fen/month"),
        ("yearly(standard)", "fen/person/year"),
        ("yearly(subsidy)", "fen/year"),
        ("standard * household_size", "fen/month"),
        ("standard * household_size * months(3)", "fen"),
        ("yuan(853) / persons(1) / months(1)", "fen/person/month"),
        ("monthly(income_fen / household_size) / standard", "number"),
        ("share * share / 3 + quota - 1", "number"),
        ("household_size + 1", "person"),
        ("on - visited_on", "day"),
        ("on - visited_on < 7", "truth"),
        ("visited_on + days(7)", "date"),
        ("on - months(12) <= visited_on", "truth"),
        ("on - years(1)", "date"),
        ("net_income < 2 * standard", "truth"),
        ("out_of_pocket_fen > 0", "truth"),
        ("0 <= out_of_pocket_fen", "truth"),
        ("visited_on <= on", "truth"),
        ("homes_count == 1", "truth"),
        ("homes_count != 1", "truth"),
        ('residence == "城镇"', "truth"),
        ('residence != "城镇"', "truth"),
        ('district == "甲区"', "truth"),
        ('cause in ["自然灾害", "其他"]', "truth"),
        ('cause not in ("自然灾害", "其他")', "truth"),
        ("not union_member and (review_passed or notice_objection)", "truth"),
        ("coalesce(income_fen, wage_income_fen + other_income_fen)", "fen/year"),
        ("coalesce(income_fen, 0)", "fen/year"),
        ("coalesce(union_member, false)", "truth"),
        ("stated(income_fen) or stated(cause)", "truth"),
        ("max(net_income, standard, 0)", "fen/person/month"),
        ("max(1, household_size)", "person"),
        ("min(visited_on, on)", "date"),
        ("income_fen if union_member else 0", "fen/year"),
        ("review_passed if union_member else notice_objection", "truth"),
        ("age(visited_on, on)", "year"),
        ("age(visited_on, on) >= 60", "truth"),
        ("working_days(visited_on, on) <= 7", "truth"),
        ("at(standard, on - years(1))", "fen/person/month"),
        ("twelve_months(standard, visited_on)", "fen/person/year"),
        ("twelve_months(subsidy, visited_on)", "fen/year"),
        ("tier(band, out_of_pocket_fen)", "fen"),
        ("count(members)", "person"),
        ("count(documents)", "number"),
        ("count(members, where=counts_in_household)", "person"),
        ("count(members, where=held(documents))", "person"),
        ("count(members, where=age(born_on, on) < 18 and households.union_member)", "person"),
        ("sum(members.own_income)", "fen/year"),
        ("sum(members, own_income / 2)", "fen/year"),
        ("max(members.born_on)", "date"),
        ("min(documents.out_of_pocket_fen, where=stated(issued_on))", "fen"),
        ("every(members, income_fen >= 0, where=counts_in_household)", "truth"),
        ('held(documents, where=kind == "医疗收据" and issued_on <= on)', "truth"),
        ("held(documents, where=members.born_on < issued_on)", "truth"),
        ("count(documents, where=count(documents, same=[kind, issued_on]) > 1)", "number"),
        ("months_in_a_row(documents.issued_on)", "month"),
        ("sum(documents.out_of_pocket_fen)", "fen"),
        ('sum(documents.total_fen, where=kind in ["医疗收据"])', "fen"),
        ('ruled("still-in-hardship")', "truth"),
        ("  homes_count\n  <= 1 ", "truth"),
    ],
)
def test_what_the_grammar_takes(text: str, kind: str) -> None:
    assert parse_expression(text, NAMES).kind == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [("eligible", "truth"), ('category == "deep"', "truth"), ("claim", "fen"), ('category in [""]', "truth")],
)
def test_the_outcome_is_named_only_after_it(text: str, kind: str) -> None:
    assert parse_expression(text, AFTER).kind == kind
    with pytest.raises(ExpressionError, match="is known only once the outcome is decided"):
        parse_expression(text, NAMES)


PART = "is not part of the rule language, or not in this place"


CALL = "is not how this function is called. Write"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' is not an expression (position 1). Write for example: net_income < 2 * subsistence"),
        ("income_fen <", "is not an expression (position 13)"),
        ("a\0b", "is not an expression"),
        ("net_income := 3", "is not an expression"),
        ("homes_count = 1", "has the sign = at position 13, which is not of the language. Write ==."),
        ("homes_count ≤ 1", "has the sign ≤ at position 13, which is not of the language. Write <=."),
        ("income", "Nothing is called 'income' in households. A similar name: net_income."),
        ("zzz", "Nothing is called 'zzz' in households, and nothing similar. Use a column"),
        ("bank_account", "'bank_account' only tells people and papers apart; no rule reads it."),
        ("applicant_id_number", "only tells people and papers apart"),
        (
            "born_on",
            "'born_on' is of members, not of households. Write held(members, where=born_on …), every(",
        ),
        (
            "homes_count < 1.5倍 * 2",
            "has 1.5倍 at position 15; a number and its unit are written otherwise here. Write 1.5 * ….",
        ),
        ("income_fen < 8 万", 'Write yuan("8万").'),
        ("income_fen < yuan(8万元)", "has yuan(8万元) at position 14; "),
        ("income_fen < 8,000元", "Write yuan(8000)."),
        ("on - 3个月 < applied_on", "Write months(3)."),
        ('cause == "8万" and', "is not an expression (position 18)"),
        (
            "家庭年收入 < 1",
            "'家庭年收入' is the header of a column; an expression names the column itself. Write income_f",
        ),
        ("年收入 < 1", "perhaps income_fen (家庭年度总收入) / sum(members.income_fen, where=…), held("),
        ("出生日期 < on", "perhaps held(members, where=born_on …), every(members, born_on …)."),
        (
            "每年 < 1",
            "Nothing is called '每年' in households. An expression names columns by the small letters",
        ),
        ("members.born_on", "'members.born_on' names many rows at once. Say what of them: held("),
        ("held(documents, where=notice_objection)", "Write households.notice_objection."),
        ("held(documents, where=born_on < on)", "Write members.born_on."),
        ("income_fen < 3", "mixes money per year with a number. Money is written yuan(853); money per"),
        ("income_fen + 1", "'income_fen + 1' mixes money per year with a number"),
        (
            "net_income < income_fen",
            "mixes money per person and month with money per year. Bring both to one",
        ),
        ("income_fen < yuan(3)", "mixes money per year with money. Money per person or period times its"),
        ("subsidy < standard", "mixes money per month with money per person and month."),
        ("homes_count + household_size", "mixes a number with a number of persons."),
        ("on - visited_on < months(1)", "mixes a number of days with a number of months."),
        (
            "income_fen * income_fen",
            "is money per year * money per year, which is nothing that a rule can use",
        ),
        ("income_fen / persons(1) / persons(1)", "which is nothing that a rule can use"),
        ("on * 2", "which is nothing that a rule can use"),
        ("on + 1", "'on + 1' mixes a date with a number. A date is moved by days(n), months(n) or"),
        ("on + days(household_size)", "is not how this function is called. Write days(7)."),
        ("days(1.5)", "'days(1.5)' needs a whole number from 0 to 10000, as in days(3)."),
        ("years(10001)", "needs a whole number from 0 to 10000"),
        ('on < "2021"', "mixes a date with a word"),
        ("max(1, income_fen)", "'max(1, income_fen)' mixes a number with money per year"),
        ("income_fen if union_member else 1", "mixes money per year with a number"),
        (
            "1 < homes_count < 3",
            "'1 < homes_count < 3' compares twice. Write two comparisons joined by 'and'.",
        ),
        (
            "union_member and income_fen",
            "'income_fen' is money per year; a condition is needed here. Compare",
        ),
        ("1 if homes_count else 2", "'homes_count' is a number; a condition is needed here."),
        ("year_start(income_fen)", "is money per year; a date is needed here."),
        ("age(on, 3)", "'3' is a number; a date is needed here."),
        ("monthly(subsidy)", "'subsidy' is money per month; money per year is needed here."),
        ("yearly(income_fen)", "'income_fen' is money per year; money per month is needed here."),
        ("twelve_months(quota, on)", "'quota' is a number; money per month is needed here."),
        ("at(income_fen, on)", "'income_fen' is no parameter, and only a parameter has values of other days"),
        ("tier(bands, out_of_pocket_fen)", "bands"),
        ("tier(band, income_fen)", "'income_fen' is money per year; money is needed here."),
        ("count(members, where=income_fen)", "'income_fen' is money per year; a condition is needed here."),
        ('income_fen in ["a"]', "'income_fen' is money per year; a word is needed here."),
        ('residence == "车祸"', "车祸"),
        ('district == "丙县"', "丙县"),
        (
            "sun(members.income_fen)",
            "There is no function 'sun' (near: sum). Functions: age, at, coalesce, count",
        ),
        ("eval('1')", "There is no function 'eval'"),
        ("__import__('os')", "There is no function '__import__'"),
        ("().__class__()", "There is no function '().__class__'"),
        ("count(households)", "There is no table 'households' to look into. Tables: members, documents"),
        ("count(persons)", "There is no table 'persons' to look into."),
        (
            "count(documents, same=[kind])",
            "compares columns with the row at hand, and a household is no such",
        ),
        (
            "held(documents, where=held(documents, same=[relation]))",
            "'relation' is no column of both documents and documents.",
        ),
        ("yuan(1.005)", "yuan(…) holds no amount: 1.005 yuan is not a whole number of fen."),
        ("yuan(1e400)", "yuan(…) holds no amount"),
        ('yuan("abc")', "yuan(…) holds no amount"),
        ("99999999999999999999", "has more digits than are read. Write at most 15 digits"),
        ("1e300", "has more digits than are read"),
        ("0.12345678901234", "has more digits than are read"),
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
        ("True", PART),
        ("None", PART),
        ("b'x'", PART),
        ("[1, 2]", PART),
        ("[x for x in cause]", PART),
        ("{1: 2}", PART),
        ("lambda: 1", PART),
        ("f'{1}'", PART),
        ("cause[0]", PART),
        ("union_member == review_passed", "compares a condition. Write the condition alone, or not …."),
        ('residence < "城镇"', PART),
        ("residence == union_name", PART),
        ('"a" == "b"', PART),
        ('"a" in ["a"]', PART),
        ("cause in []", PART),
        ("cause in [1]", PART),
        ("cause in residence", PART),
        ("cause is residence", PART),
        ("cause if union_member else residence", PART),
        ("min(union_member, union_member)", "'union_member' is a condition; a number is needed here."),
        ("max(cause, residence)", "'cause' is a word; a number is needed here."),
        ("max(1, 2, key=3)", "There is no table '1' to look into."),
        ("coalesce(*[1])", f"{CALL} coalesce(a, b, …)."),
        ("coalesce(1, key=2)", f"{CALL} coalesce(a, b, …)."),
        ("sum(members)", f"{CALL} sum(table.column, where=…) / sum(table, x, where=…)."),
        ("count(members.born_on)", f"{CALL} count(table, where=…)."),
        ("every(members)", f"{CALL} every(table, condition, where=…)."),
        ("count(members.name)", "'name' only tells people and papers apart"),
        ("sum(members.relation)", "'members.relation' is a word; a number is needed here."),
        ("months_in_a_row(members.income_fen)", "is money per year; a date is needed here."),
        ("sum(members.income_fen, 1)", f"{CALL} sum(table.column, where=…)"),
        ("count(members, wo=counts_in_household)", f"{CALL} count(table, where=…)."),
        (
            'count(members, where=ruled("x"))',
            "stands inside a row of members, but a ruling is about a household",
        ),
        ("ruled(homes)", f'{CALL} ruled("id").'),
        ('ruled("a", "b")', f'{CALL} ruled("id").'),
        ("year_start(on, on)", f"{CALL} year_start(day)."),
        ("yuan(99999999999999999999)", f"{CALL} yuan(1234.5)"),
        ("yuan(True)", f"{CALL} yuan(1234.5)"),
        ("yuan(-5)", f"{CALL} yuan(1234.5)"),
        ("yuan(1, 2)", f"{CALL} yuan(1234.5)"),
        ("yuan(1j)", f"{CALL} yuan(1234.5)"),
        ("yuan()", f"{CALL} yuan(1234.5)"),
    ],
)
def test_what_the_grammar_refuses_and_how_it_is_mended(text: str, message: str) -> None:
    error = refused(text)
    assert message in str(error)
    assert error.text("zh") != str(error)


def test_a_refusal_lists_the_language() -> None:
    assert str(refused("9 ** 9")).endswith("and the functions of the page on the rule language.")
    listed = str(refused("nosuch(1)"))
    for function in CALLS:
        assert f"{function}," in listed or listed.endswith(f"{function}.")


def test_the_page_on_the_language_has_every_function_and_unit() -> None:
    page = (Path(__file__).parents[2] / "docs" / "rule-language.md").read_text("utf-8")
    assert not [function for function in CALLS if f"`{function}(" not in page]
    assert not [unit for unit in UNITS if f"`{unit}`" not in page]


def test_without_a_calendar_nobody_counts_working_days() -> None:
    with pytest.raises(ExpressionError, match="calendar"):
        parse_expression("working_days(visited_on, on)", replace(NAMES, has_calendar=False))


def test_a_parameter_by_a_column_that_the_row_has_not() -> None:
    by_person = replace(NAMES, by={"standard": ("education_stage",)})
    assert parse_expression("max(members, standard)", by_person).kind == "fen/person/month"
    with pytest.raises(ExpressionError, match="education_stage"):
        parse_expression("standard", by_person)


def test_the_whole_must_be_of_the_kind_that_is_needed() -> None:
    with pytest.raises(ExpressionError, match="'homes_count' is a number; a condition is needed here"):
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
    with soon():
        error = refused(text)
    assert len(str(error)) < 500


def test_reading_warns_of_nothing() -> None:
    """Python warns of odd texts while it parses; a clerk would see that on the screen."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parse_expression("1if union_member else 2", NAMES)


def test_the_tree_of_a_rule() -> None:
    node = parse_expression("net_income < 2 * standard", NAMES, "truth")
    assert isinstance(node, Operation)
    assert (node.operator, node.parts[0]) == ("<", Measure("net_income", "fen/person/month"))
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
    assert depth(node, {NET: 1}) == 3
    assert depth(node, {NET: 10}) == 12
    with pytest.raises(ExpressionError, match=f"nested more than {DEEPEST} levels deep. Simplify it"):
        depth(node, {NET: DEEPEST - 1})


# --- equal parts are one ------------------------------------------------------------------------------


class Counted(Fraction):
    """A number that knows how often it was looked up."""

    looked_up = 0

    def __hash__(self) -> int:
        Counted.looked_up += 1
        return super().__hash__()


def test_equal_parts_of_trees_are_one_and_each_is_looked_up_once() -> None:
    """However deep a part stands: a tree of so many levels must not be walked again on every level."""

    def nested(levels: int) -> Node:
        node: Node = Constant(Counted(7), "number")
        for _ in range(levels):
            node = Operation("neg", (node,), "number")
        return node

    pool: dict[object, Node] = {}
    deep = shared(nested(40), pool)
    assert 0 < Counted.looked_up <= 3
    assert shared(nested(40), pool) is deep
    assert isinstance(deep, Operation)
    assert shared(nested(39), pool) is deep.parts[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("count(members, where=full_time_student)", "count(members, where=authorised)"),
        ("count(members)", "count(documents)"),
        ("at(standard, on)", "at(standard, on - months(1))"),
        ("at(standard, on)", "standard"),
        ("twelve_months(subsidy, on)", "at(subsidy, on)"),
        ("max(1, homes_count)", "min(1, homes_count)"),
        ('cause == "本人大病"', 'cause == "收入低"'),
        ("tier(band, out_of_pocket_fen)", "tier(band, deposits_fen)"),
        ("homes_count - vehicles_count", "vehicles_count - homes_count"),
    ],
)
def test_parts_that_differ_stay_two(one: str, other: str) -> None:
    pool: dict[object, Node] = {}
    trees = [parse_expression(text, NAMES) for text in (one, other)]
    first, second = (shared(tree, pool) for tree in trees)
    assert first is not second
    assert [first, second] == trees
    assert shared(parse_expression(one, NAMES), pool) is first
