"""Tests of relief.evidence.behind: the amounts of the papers add up to the claim, to the fen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from relief.evidence.behind import papers_behind
from relief.judging.eligibility import Assessment, assess

SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "jiangmen-2021"
ON = "2021-09-30"


def judged(*papers: dict[str, Any], pack: str = "jiangmen-2021") -> Assessment:
    frames = {"households": pd.DataFrame({"户编号": ["H1", "H2"], "个人自付": ["700", "0.01"]})}
    rows = [{"户编号": "H1", "材料类型": "医疗收据", "开具日期": "2021-03-01", **paper} for paper in papers]
    return assess(frames | ({"documents": pd.DataFrame(rows)} if rows else {}), pack, on=ON)


PAPERS = (
    {"票据号码": "S1", "个人自付": "100.01"},
    {"票据号码": "S2", "个人自付": "50", "开具日期": "2020-12-31"},
    {"票据号码": "S3", "个人自付": "0.02"},
    {"票据号码": "S4", "个人自付": "9", "材料类型": "医保结算单"},
)


def test_each_receipt_of_the_year_is_named_with_its_part() -> None:
    table = papers_behind(judged(*PAPERS))
    own = table[table["household_id"] == "H1"]
    assert own[["number", "row", "amount_fen"]].to_numpy().tolist() == [
        ["S1", 1, 10001], ["S2", 2, 0], ["S3", 3, 2], ["S4", 4, 0],
    ]  # fmt: skip


def test_a_claim_that_is_not_known_rests_on_nothing() -> None:
    table = papers_behind(judged(*PAPERS, {"票据号码": "S5"}))
    assert table.loc[table["household_id"] == "H1", "amount_fen"].isna().all()
    assert set(table.loc[table["number"].isna(), "household_id"]) == {"H2"}


def test_a_declared_total_rests_on_no_paper() -> None:
    rows = papers_behind(judged()).to_dict("records")
    assert [(row["household_id"], row["number"], row["amount_fen"]) for row in rows] == [
        ("H1", None, 70000),
        ("H2", None, 1),
    ]


def test_the_sample_adds_up_household_by_household() -> None:
    round_ = assess(SAMPLE / "申请.xlsx", SAMPLE / "rules", on=ON)
    table = papers_behind(round_)
    claims = round_.decisions["claim_fen"].dropna()
    sums = table.groupby("household_id")["amount_fen"].sum()
    assert sums[sums != 0].to_dict() == claims[claims > 0].to_dict()
    assert len(table) == len(round_.tables["documents"]) + table["kind"].isna().sum()
    papers = table[table["amount_fen"].fillna(0) > 0].dropna(subset=["kind"])
    assert set(papers["kind"]) == {"医疗收据"}
    assert (papers["issued_on"].dt.year == 2021).all()
    eligible = table["household_id"].isin(round_.claims_fen.index)
    assert table.loc[eligible & (table["amount_fen"] != 0), "number"].notna().all()
    assert table.loc[eligible, "amount_fen"].sum() == 233_840_000
