"""Tests of relief.intake.districts."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from relief.errors import MoneyError, TableError
from relief.intake.districts import NOT_STATED, summarise

JIANGMEN = ["市直", "蓬江区", "江海区", "新会区", "台山市", "鹤山市", "恩平市", "开平市"]
HOUSEHOLDS = dict(zip(JIANGMEN, [7, 6, 0, 27, 13, 11, 15, 1], strict=True))


def fen(**amounts: int) -> pd.Series:
    return pd.Series(amounts, dtype="int64")


def test_every_district_asked_for_is_a_row_in_that_order() -> None:
    where = pd.Series([name for name, count in HOUSEHOLDS.items() for _ in range(count)]).sample(
        frac=1, random_state=1
    )
    claims = pd.Series(range(1, 81), index=where.index)
    table = summarise(claims, claims, where, JIANGMEN)
    assert table.index.tolist() == JIANGMEN
    assert table.index.name == "district"
    assert table["households"].to_dict() == HOUSEHOLDS
    assert table.loc["江海区"].tolist() == [0] * 8
    assert table["award_fen"].sum() == 80 * 81 // 2
    assert sum(table["share"]) == 1


def test_figures_of_a_district() -> None:
    table = summarise(fen(a=100, b=200, c=300, d=9), fen(a=10, b=25, c=20, d=5), ["x", "x", "x", "y"])
    assert table.loc["x"].to_dict() == {
        "households": 3,
        "claim_fen": 600,
        "award_fen": 55,
        "share": Fraction(55, 60),
        "mean_fen": 18,
        "median_fen": 20,
        "min_fen": 10,
        "max_fen": 25,
    }


@pytest.mark.parametrize(
    ("awards", "mean", "median"),
    [((1, 2), 2, 2), ((2, 3), 2, 2), ((1, 4), 2, 2), ((3, 4), 4, 4), ((1, 1, 2), 1, 1), ((1, 2, 2), 2, 2)],
)
def test_mean_and_median_round_half_to_even(awards: tuple[int, ...], mean: int, median: int) -> None:
    column = pd.Series(awards)
    row = summarise(column, column, ["x"] * len(awards)).loc["x"]
    assert (row["mean_fen"], row["median_fen"]) == (mean, median)


def test_sums_beyond_int64_are_exact() -> None:
    most = 2**63 - 1
    column = pd.Series([most, most, most - 1])
    row = summarise(column, column, ["x"] * 3).loc["x"]
    assert row["award_fen"] == 3 * most - 1
    assert row["median_fen"] == most
    assert row["mean_fen"] == most


def test_households_without_a_district_are_a_last_row() -> None:
    claims = fen(a=1, b=2, c=4, d=8)
    table = summarise(claims, claims, pd.Series({"a": "新会区", "b": None, "c": "  "}), ["新会区", "江海区"])
    assert table.index.tolist() == ["新会区", "江海区", NOT_STATED]
    assert table["award_fen"].tolist() == [1, 0, 14]
    assert NOT_STATED not in summarise(claims, claims, ["x"] * 4).index


def test_a_district_that_was_not_listed_is_shown_too() -> None:
    claims = fen(a=1, b=2, c=3)
    assert summarise(claims, claims, ["z", "y", "k"], ["k"]).index.tolist() == ["k", "y", "z"]


def test_categories_are_the_districts_there_are() -> None:
    claims = fen(a=1, b=2)
    where = pd.Series(["y", "x"], index=["b", "a"], dtype=pd.CategoricalDtype(["z", "y", "x"]))
    table = summarise(claims, claims, where)
    assert table["award_fen"].to_dict() == {"z": 0, "y": 2, "x": 1}
    assert summarise(claims, claims, where.array)["award_fen"].to_dict() == {"z": 0, "y": 1, "x": 2}


def test_columns_are_matched_by_label() -> None:
    where = {"c": "y", "b": "x", "a": "x", "stranger": "w"}
    table = summarise(fen(a=1, b=2, c=3), fen(c=30, a=10, b=20), where)
    assert table["claim_fen"].to_dict() == {"x": 3, "y": 3}
    assert table["award_fen"].to_dict() == {"x": 30, "y": 30}


def test_a_fund_of_nothing_has_shares_of_zero() -> None:
    table = summarise(fen(a=1), fen(a=0), ["x"])
    assert table["share"].tolist() == [Fraction(0)]


def test_columns_that_do_not_fit_are_refused() -> None:
    claims = fen(a=1, b=2)
    with pytest.raises(TableError, match="3 districts for 2 households"):
        summarise(claims, claims, ["x"] * 3)
    with pytest.raises(TableError, match="c is in one alone"):
        summarise(claims, fen(a=1, b=2, c=3), ["x", "x"])
    with pytest.raises(TableError, match="a stands in two rows of districts"):
        summarise(claims, claims, pd.Series(["x", "y"], index=["a", "a"]))
    with pytest.raises(MoneyError, match="awards_fen holds float64"):
        summarise(claims, claims / 2, ["x", "x"])
    with pytest.raises(MoneyError, match="claims_fen holds bool"):
        summarise(claims > 0, claims, ["x", "x"])


def test_input_is_left_alone() -> None:
    claims, where = fen(b=2, a=1), np.array(["x", "y"], dtype=object)
    summarise(claims, claims, where)
    assert claims.to_dict() == {"b": 2, "a": 1}
    assert where.tolist() == ["x", "y"]
