"""Tests of evidence.stays: which papers are of one stay in hospital, however their rows are ordered."""

from __future__ import annotations

import random
from typing import Any

import pandas as pd
import pytest

from relief.evidence.stays import stays
from relief.intake.tables import read_tables

RECORD = {"材料类型": "住院记录", "成员编号": "M1", "入院日期": "2021-03-01", "出院日期": "2021-03-09"}
RECEIPT = {"材料类型": "医疗收据", "成员编号": "M1"}


def numbered(*papers: dict[str, Any]) -> list[int | None]:
    rows = [{"户编号": "H1", **paper} for paper in papers]
    read = read_tables(
        {"households": pd.DataFrame({"户编号": ["H1", "H2"]}), "documents": pd.DataFrame(rows)}
    )
    return [None if pd.isna(number) else int(number) for number in stays(read)]


@pytest.mark.parametrize(
    ("paper", "same"),
    [
        ({"住院号": "A1"}, True),
        ({"住院号": "A2", "入院日期": "2021-03-01"}, False),
        ({"入院日期": "2021-03-01"}, True),
        ({"出院日期": "2021-03-09"}, True),
        ({"入院日期": "2021-03-01", "出院日期": "2021-03-10"}, False),
        ({"入院日期": "2021-03-01", "成员编号": "M2"}, False),
        ({"入院日期": "2021-03-01", "成员编号": None}, True),
        ({"住院号": "A1", "户编号": "H2"}, False),
    ],
)
def test_a_paper_is_of_the_stay_whose_number_or_days_it_shows(paper: dict[str, Any], same: bool) -> None:
    found = numbered(RECORD | {"住院号": "A1"}, RECEIPT | paper)
    assert found == ([1, 1] if same or paper.get("户编号") else [1, 2])


def test_a_paper_without_days_or_of_an_outpatient_is_of_no_stay() -> None:
    clinic = {"就诊类型": "门诊", "入院日期": "2021-03-01"}
    assert numbered(RECORD, RECEIPT, RECEIPT | clinic, {"材料类型": "疾病证明书"}) == [1, None, None, None]


def test_a_paper_that_fits_two_stays_is_of_none() -> None:
    two = (RECORD | {"住院号": "A1"}, RECORD | {"住院号": "A2", "出院日期": "2021-03-20"})
    assert numbered(*two, RECEIPT | {"入院日期": "2021-03-01"}) == [1, 2, None]


def test_stays_are_numbered_by_their_days_whatever_the_order_of_the_rows() -> None:
    papers = [
        RECORD | {"住院号": "B", "入院日期": "2021-05-01", "出院日期": "2021-05-09"},
        RECORD, RECEIPT | {"住院号": "B"}, RECEIPT | {"出院日期": "2021-03-09"},
        RECEIPT | {"入院日期": "2021-01-02", "出院日期": "2021-01-05"},
    ]  # fmt: skip
    expected = [3, 2, 3, 2, 1]
    assert numbered(*papers) == expected
    for seed in range(20):
        order = list(range(len(papers)))
        random.Random(seed).shuffle(order)  # noqa: S311
        assert numbered(*(papers[at] for at in order)) == [expected[at] for at in order]
