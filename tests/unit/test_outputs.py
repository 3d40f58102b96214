"""Tests of relief.round.outputs."""

from __future__ import annotations

import csv
import io
from fractions import Fraction

import pandas as pd
import pytest

from relief.allocation import allocate
from relief.judging.eligibility import assess
from relief.round.outputs import (
    awards_csv,
    decisions_csv,
    districts_csv,
    missing_csv,
    quarantine_csv,
    reasons_csv,
)


def rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8"))))


def claims(**fen: int) -> pd.Series:
    return pd.Series(fen, dtype="int64")


def test_awards_stand_in_the_order_of_the_ids() -> None:
    plan = allocate(claims(b=100, a=200, c=2), 150)
    places = pd.Series({"a": "甲区", "b": None, "c": "乙市"})
    assert rows(awards_csv(plan, places)) == [
        ["household_id", "district", "claim_yuan", "award_yuan"],
        ["a", "甲区", "2.00", "0.99"],
        ["b", "未注明", "1.00", "0.50"],
        ["c", "乙市", "0.02", "0.01"],
    ]


def test_no_awards_is_a_header() -> None:
    assert awards_csv(None, pd.Series(dtype=object)) == b"household_id,district,claim_yuan,award_yuan\n"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("x")'])
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    plan = allocate(pd.Series([100], index=[text]), 1)
    shown = "'" + text.replace("\r", "\n")
    assert rows(awards_csv(plan, pd.Series({text: text})))[1][:2] == [shown, shown]


def test_amounts_beyond_every_float_are_whole() -> None:
    plan = allocate(claims(a=2**63 - 1, b=1), 2**63 - 1)
    assert rows(awards_csv(plan, pd.Series({"a": "x", "b": "x"})))[1][2] == "92233720368547758.07"


def test_shares_have_six_places() -> None:
    table = pd.DataFrame(
        {"households": [1, 0], "award_fen": [5, 0], "share": [Fraction(1, 3), Fraction(0)]},
        index=["甲", "乙"],
    )
    assert rows(districts_csv(table))[1:] == [
        ["甲", "1", "0.05", "0.333333"],
        ["乙", "0", "0.00", "0.000000"],
    ]


def test_a_judged_round_as_files() -> None:
    frame = pd.DataFrame(
        {"户编号": ["H2", "H1", "=H3"], "工会会员": ["是", "否", "是"], "个人自付": ["1", "2", "-1"]}
    )
    judged = assess({"households": frame}, "jiangmen-2021", on="2021-09-30")
    decisions = rows(decisions_csv(judged))
    assert [row[:3] for row in decisions[1:]] == [["H1", "", "ineligible"], ["H2", "", "pending"]]
    assert decisions[0][:5] == ["household_id", "district", "outcome", "category", "claim_yuan"]
    assert decisions[1][4] == "2.00"
    reasons = rows(reasons_csv(judged))
    assert [row[0] for row in reasons[1:]] == sorted(row[0] for row in reasons[1:])
    table = judged.reasons()
    order = table.sort_values("household_id", kind="stable")
    assert reasons == [list(table.columns), *order.astype(str).to_numpy().tolist()]
    missing = rows(missing_csv(judged))
    assert missing[0][:2] == ["household_id", "fact"]
    assert {row[0] for row in missing[1:]} == {"H2"}
    (row,) = rows(quarantine_csv(judged.quarantine))[1:]
    assert "'=H3" in row
