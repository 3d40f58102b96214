"""Tests of relief.rulepack.facts and relief.rulepack.view: rules over the rows of several tables."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from tests.packs import small_pack

from relief.intake.tables import read_tables
from relief.rulepack import facts as store
from relief.rulepack.facts import Facts
from relief.rulepack.values import Amount, Text, Truth

HOUSEHOLDS = pd.DataFrame(
    {"户编号": ["A", "B", "C"], "申请人": ["x", "y", "z"], "家庭人口": ["2", None, "1"]}
)
PAPERS = pd.DataFrame(
    [
        ("A", "1", "医疗收据", "2021-03-01", "100"),
        ("A", "2", "医疗收据", None, "20"),
        ("A", "1", "住院记录", "2021-03-01", None),
        ("B", None, "医疗收据", "2021-03-01", None),
        ("Z", "1", "医疗收据", "2021-03-01", "5000"),
    ],
    columns=["户编号", "成员编号", "类型", "票据日期", "自付"],
)
MEMBERS = pd.DataFrame(
    [
        ("A", "1", "1961-09-30", "是", "3000"),
        ("A", "2", "2010-01-01", "是", "0"),
        ("A", "3", None, "否", None),
        ("B", "1", "2004-02-29", None, "100"),
        ("Z", "1", "1950-01-01", "是", "7"),
    ],
    columns=["户编号", "成员编号", "出生日期", "是否计入家庭", "年收入"],
)
ON = dt.date(2021, 9, 30)


def told(found: Any) -> list[Any]:
    """Return True, False, None, or the two ends of an amount, per row."""
    if isinstance(found, Truth):
        return [True if yes else False if no else None for yes, no in zip(found.yes, found.no, strict=True)]
    if isinstance(found, Text):
        return [found.words[code] if code >= 0 else None for code in found.codes]
    assert isinstance(found, Amount)
    return [found.at(place) for place in range(len(found.lo.num))]


def value(text: str, *, of: str = "households", measures: Any = None, on: dt.date = ON, **tables: Any) -> Any:
    """Return what a rule gives for A, B and C, or for the rows of another table."""
    for key in ("amount", "holds"):
        try:
            pack = small_pack(measures={**(measures or {}), "x": {"of": of, key: text}})
            break
        except Exception as error:
            if key == "holds":
                raise
            other = error
    else:
        raise other
    facts = Facts(read_tables({"households": HOUSEHOLDS, **tables}), pack, on)
    return told(facts.view(table=of).measure("x"))


RECEIPTS = 'where=kind == "医疗收据"'
BY_TODAY = "where=issued_on <= on"


@pytest.mark.parametrize("block", [1, 2, 2**16])
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
        (
            "sum(documents, out_of_pocket_fen / 3, where=stated(out_of_pocket_fen))",
            [(4000, 4000), (0, 0), (0, 0)],
        ),
        ("every(documents, out_of_pocket_fen > 0)", [None, None, True]),
        ("every(documents, issued_on > on)", [False, False, True]),
        ("every(documents, issued_on <= on, where=stated(issued_on))", [True, True, True]),
        (f"max(documents.out_of_pocket_fen, {RECEIPTS})", [(10000, 10000), (0, None), (None, None)]),
        (f"min(documents.out_of_pocket_fen, {RECEIPTS})", [(2000, 2000), (0, None), (None, None)]),
        ("max(documents.issued_on) == min(documents.issued_on)", [None, True, None]),
        ("months_in_a_row(documents.issued_on)", [(1, 2), (1, 1), (0, 0)]),
        # of the person whom a paper is about, and of the household
        ("count(documents, where=members.income_fen > 0)", [(2, 2), (0, 1), (0, 0)]),
        ("count(documents, where=age(members.born_on, issued_on) >= 18)", [(2, 3), (0, 1), (0, 0)]),
        ("count(documents, where=households.household_size == 2)", [(3, 3), (0, 1), (0, 0)]),
        ("count(members, where=held(documents))", [(2, 2), (0, 1), (0, 0)]),
        ("count(members, where=sum(documents.out_of_pocket_fen) >= yuan(100))", [(1, 1), (0, 1), (0, 0)]),
        ("count(documents, where=count(documents, same=[issued_on]) >= 2)", [(2, 3), (0, 0), (0, 0)]),
        ("count(documents, where=count(documents, same=[kind]) >= 2)", [(2, 2), (0, 0), (0, 0)]),
        (
            "count(documents, where=max(documents.issued_on, same=kind) == issued_on)",
            [(1, 3), (1, 1), (0, 0)],
        ),
        ("count(members, where=age(born_on, on) >= 60)", [(1, 2), (0, 0), (0, 0)]),
        ("count(members, where=counts_in_household)", [(2, 2), (0, 1), (0, 0)]),
    ],
)
def test_rows_are_added_up_by_household(
    text: str, expected: list[Any], block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row that may count widens the sum; rows of a household that is not here count for nobody."""
    monkeypatch.setattr(store, "_BLOCK", block)
    assert value(text, documents=PAPERS, members=MEMBERS) == expected


@pytest.mark.parametrize(
    ("of", "text", "expected"),
    [
        ("members", "count(documents)", [(2, 2), (1, 1), (0, 0), (0, 1), (0, 0)]),
        ("members", "households.household_size", [(2, 2)] * 3 + [(1, None), (None, None)]),
        ("members", "count(members)", [(3, 3)] * 3 + [(1, 1), (0, 0)]),
        (
            "documents",
            "members.income_fen",
            [(300000,) * 2, (0, 0), (300000,) * 2, (None, None), (None, None)],
        ),
        ("documents", "count(documents, same=[kind])", [(2, 2), (2, 2), (1, 1), (1, 1), (0, 0)]),
        ("documents", "count(documents, same=[issued_on])", [(2, 3), (0, 3), (2, 3), (1, 1), (0, 0)]),
        ("documents", "count(documents, same=[kind, issued_on])", [(1, 2), (0, 3), (1, 2), (1, 1), (0, 0)]),
    ],
)
def test_the_rows_that_belong_to_a_row(of: str, text: str, expected: list[Any]) -> None:
    """A paper of nobody known may be anybody's of its household; a stranger has no rows."""
    assert value(text, of=of, documents=PAPERS, members=MEMBERS) == expected


def test_measures_of_other_tables() -> None:
    measures = {
        "elderly": {"of": "members", "holds": "age(born_on, on) >= 60"},
        "cost": {"of": "documents", "amount": "coalesce(out_of_pocket_fen, yuan(1))"},
        "per_head": "income_fen / household_size",
    }
    tables = {"documents": PAPERS, "members": MEMBERS}
    assert value("count(members, where=elderly)", measures=measures, **tables) == [(1, 2), (0, 0), (0, 0)]
    assert value("sum(documents.cost)", measures=measures, **tables) == [(12100,) * 2, (100, 100), (0, 0)]
    assert value("held(documents, where=members.elderly)", measures=measures, **tables) == [True, None, False]
    assert value("max(members, households.per_head)", measures=measures, members=MEMBERS)[2] == (None, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("held(documents)", [False] * 3),
        ("count(documents)", [(0, None)] * 3),
        ("months_in_a_row(documents.issued_on)", [(0, None)] * 3),
        ("sum(documents.out_of_pocket_fen)", [(None, None)] * 3),
        ("max(documents.out_of_pocket_fen)", [(None, None)] * 3),
        ("every(documents, issued_on <= on)", [None] * 3),
        ("stated(count(documents))", [False] * 3),
        ('ruled("x")', [None] * 3),
        ("income_fen", [(0, None)] * 3),
        ("business_income_fen", [(None, None)] * 3),
        ("union_member", [None] * 3),
        ("visited_on <= on", [None] * 3),
        ('cause in ["其他"]', [None] * 3),
        ("household_size", [(2, 2), (1, None), (1, 1)]),
        ("household_size >= 1", [True] * 3),
        ("monthly(yuan(1200) / years(1) / household_size)", [(5000, 5000), (0, 10000), (10000, 10000)]),
        ("coalesce(household_size, 4)", [(2, 2), (4, 4), (1, 1)]),
        ("coalesce(union_member, false)", [False] * 3),
        ("stated(household_size)", [True, False, True]),
        ("year_start(on) == on", [False] * 3),
        ("on - year_start(on)", [(272, 272)] * 3),
        ("max(household_size, 2)", [(2, 2), (2, None), (2, 2)]),
        ("0 if homes_count <= 0 else household_size / 2", [(0, 1), (0, None), (0, Fraction(1, 2))]),
    ],
)
def test_a_table_or_column_that_lacks_is_unknown(text: str, expected: list[Any]) -> None:
    assert value(text) == expected


def test_members_that_were_not_handed_in() -> None:
    asked = "held(documents, where=members.union_member)"
    assert value(asked, documents=PAPERS) == [None, None, False]
    assert value("members.income_fen", of="documents", documents=PAPERS) == [(None, None)] * 5


def test_an_exact_share() -> None:
    assert value("yuan(10) / 3")[0] == (Fraction(1000, 3), Fraction(1000, 3))


def test_a_sum_of_shares_of_many_denominators(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each block of rows may bring its own; what was added before is brought to the common one."""
    share = "sum(documents, out_of_pocket_fen / households.household_size / {})"
    whole = {"documents": PAPERS.assign(自付=["100", "20", "0", "3", "1"])}
    thirds = 'sum(documents, out_of_pocket_fen / (3 if kind == "医疗收据" else 7))'
    halves = 'max(documents, out_of_pocket_fen / (3 if kind == "医疗收据" else 7))'
    for block in (1, 2, 2**16):
        monkeypatch.setattr(store, "_BLOCK", block)
        assert value(share.format(7), **whole)[0] == (Fraction(12000, 14),) * 2
        mixed = {"documents": PAPERS.assign(自付=["100", "20", "7", "3", "1"])}
        assert value(thirds, **mixed)[0] == (Fraction(4100),) * 2
        assert value(halves, **mixed)[0] == (Fraction(10000, 3),) * 2
