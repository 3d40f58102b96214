"""Tests of relief.compare and of the command: sums, who gains, tenths, words, refusals."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import relief
from relief import console
from relief.cli import command as cli
from relief.errors import MethodError, ShortageError

if TYPE_CHECKING:
    from pathlib import Path

METHODS = ["proportional", "constrained_equal_awards", "constrained_equal_losses", "talmud"]
Call = Callable[..., tuple[int, str, str]]


def claims(count: int = 57) -> pd.Series:
    fen = np.random.default_rng(5).integers(0, 90_000, count)
    return pd.Series(fen, index=[f"H{at}" for at in range(count)])


def test_every_division_is_what_allocate_gives() -> None:
    column = claims()
    found = relief.compare(column, 600_000, METHODS)
    assert list(found.plans) == METHODS
    for method in METHODS:
        expected = relief.allocate(column, 600_000, method=method).awards_fen
        pd.testing.assert_series_equal(found.awards_fen[method], expected, check_names=False)


def test_the_summary_is_what_a_loop_counts() -> None:
    column = claims()
    found = relief.compare(column, 600_000, METHODS)
    first = found.awards_fen["proportional"].tolist()
    lowest = sorted(column.index, key=lambda label: (column[label], label))[: -(-len(column) // 10)]
    for method, row in found.summary.to_dict("index").items():
        awards = found.awards_fen[method]
        change = [a - b for a, b in zip(awards.tolist(), first, strict=True)]
        assert row["gain"] == sum(c > 0 for c in change)
        assert row["lose"] == sum(c < 0 for c in change)
        assert row["moved_fen"] == sum(c for c in change if c > 0)
        assert row["most_gained_fen"] == max(change)
        assert row["most_lost_fen"] == -min(change)
        assert row["nothing"] == awards.tolist().count(0)
        assert row["award_fen"] == row["fund_fen"] == 600_000
        assert (row["min_fen"], row["max_fen"]) == (min(awards), max(awards))
        assert row["median_fen"] == sorted(awards)[28]
        assert row["lowest_share"] == Fraction(int(awards[lowest].sum()), 600_000)
    assert found.summary.loc["constrained_equal_awards", "gain"] > 0


def test_tenths_and_districts_add_up_to_the_fund() -> None:
    column = claims()
    found = relief.compare(column, 600_000, METHODS)
    where = {label: "新会区" if at % 3 else "开平市" for at, label in enumerate(column.index)}
    for table in (found.deciles, found.by(where, ["江海区", "开平市", "新会区"])):
        assert (table[METHODS].sum() == 600_000).all()
        assert table["households"].sum() == 57
        assert table["claim_fen"].sum() == column.sum()
    assert found.deciles["households"].max() - found.deciles["households"].min() <= 1
    mean = found.deciles["claim_fen"] / found.deciles["households"]
    assert mean.is_monotonic_increasing
    assert found.by(where, ["江海区", "开平市", "新会区"]).loc["江海区"].eq(0).all()


def test_the_order_of_rows_changes_no_figure() -> None:
    column = claims().replace({claims().iloc[3]: claims().iloc[4]})
    one, other = (relief.compare(c, 600_000, METHODS) for c in (column, column[::-1]))
    pd.testing.assert_frame_equal(one.summary, other.summary)
    pd.testing.assert_frame_equal(one.deciles, other.deciles)


def test_equal_claims_fall_into_tenths_by_their_labels() -> None:
    column = pd.Series(100, index=[f"H{at:02}" for at in range(20)])
    for rows in (column, column[::-1]):
        found = relief.compare(rows, 1005, ["proportional"])
        assert found.deciles["proportional"].tolist() == [102, 102, 101, *[100] * 7]
        assert found.summary["lowest_share"].tolist() == [Fraction(102, 1005)]


def test_the_largest_differences_come_first() -> None:
    found = relief.compare({"a": 100, "b": 200, "c": 900}, 600, ["proportional", "constrained_equal_awards"])
    table = found.largest("constrained_equal_awards", 2)
    assert table["difference_fen"].tolist() == [-150, 100]
    assert table.index.tolist() == ["c", "b"]
    assert found.largest("proportional").empty


def test_divisions_are_named_after_what_differs() -> None:
    found = relief.compare([100, 200], [100, 200], ["proportional", "talmud"])
    assert list(found.plans) == ["proportional 1.00", "proportional 2.00", "talmud 1.00", "talmud 2.00"]


def test_a_term_goes_to_the_methods_that_use_it() -> None:
    terms = {"weights": [1, 3], "categories": ["x", "y"], "amounts_fen": {"x": 70, "y": 80}}
    found = relief.compare([100, 100], 100, ["proportional", "weighted", "flat_by_category"],
                           shortage="scale", caps_fen=90, **terms)  # fmt: skip
    assert found.awards_fen.T.to_numpy().tolist() == [[50, 50], [25, 75], [47, 53]]
    with pytest.raises(ShortageError):
        relief.compare([100, 100], 100, ["flat_by_category"], **terms)


@pytest.mark.parametrize(
    ("methods", "roundings", "near"),
    [(["talmod"], ["largest_remainder"], "talmud"), (["talmud"], ["largest"], "largest_remainder")],
)
def test_an_unknown_name_is_refused_with_the_nearest(
    methods: list[str], roundings: list[str], near: str
) -> None:
    with pytest.raises(MethodError, match=near):
        relief.compare([1, 2], 1, methods, roundings)
    with pytest.raises(MethodError):
        relief.compare([1, 2], 1, [])


# --- the command ----------------------------------------------------------------------------------


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    def calling(*words: object, lang: str = "zh") -> tuple[int, str, str]:
        monkeypatch.setattr(console, "LANG", lang)
        status = cli._status(lambda: cli.app(["compare", *map(str, words)], standalone_mode=False))
        sys.stdout.flush()
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        return status, out, err

    return calling


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    place = tmp_path / "名单.csv"
    place.write_text("户编号,区县,个人自付,权重\na,蓬江区,100,1\nb,新会区,200,2\nc,新会区,900,1\n", "utf-8")
    return place


def test_the_command_tells_who_gains_in_both_languages(call: Call, roster: Path) -> None:
    words = [roster, "--fund", "600", "--methods", "proportional,constrained_equal_awards"]
    status, out, _ = call(*words)
    assert status == 0
    assert "增加 2 户，减少 1 户；转移金额 150.00；最多增加 100.00，最多减少 150.00" in out
    assert "c：申领额 900.00，由 450.00 变为 300.00（-150.00）" in out
    assert "新会区" in out
    status, out, _ = call(*words, lang="en")
    assert "gain: 2, lose: 1; 150.00 changes hands" in out


def test_the_command_gives_json_and_a_file_that_is_never_replaced(
    call: Call, roster: Path, tmp_path: Path
) -> None:
    out = tmp_path / "cmp.csv"
    words = [roster, "--fund", "600", "--funds", "300", "--methods", "proportional,weighted",
             "--weight", "权重", "--out", out, "--json"]  # fmt: skip
    status, told, _ = call(*words)
    plain = json.loads(told)
    assert status == 0
    assert [row["division"] for row in plain["divisions"]] == [
        "proportional 600.00", "proportional 300.00", "weighted 600.00", "weighted 300.00"
    ]  # fmt: skip
    assert {row["district"] for row in plain["districts"]} >= {"蓬江区", "新会区", "台山市"}
    assert plain["districts"][0]["award_yuan"].keys() == {row["division"] for row in plain["divisions"]}
    written = list(csv.DictReader(out.read_text("utf-8").splitlines()))
    assert [row["proportional 600.00_yuan"] for row in written] == ["50.00", "100.00", "450.00"]
    before = out.read_bytes()
    assert call(*words)[0] == 2
    assert out.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--methods", "talmod"], "最接近的是“talmud”"),
        (["--methods", "proportional,weighted"], "需要 --weight"),
        (["--methods", "weighted", "--weight", "权"], "没有“权”列（相近：权重）"),
        (["--methods", "proportional", "--roundings", "x"], "可用的取整方法"),
    ],
)
def test_the_command_refuses_what_it_does_not_know(
    call: Call, roster: Path, words: list[str], part: str
) -> None:
    status, _, err = call(roster, "--fund", "600", *words)
    assert status == 2
    assert part in err


def test_rows_set_aside_end_with_1(call: Call, tmp_path: Path) -> None:
    place = tmp_path / "a.csv"
    place.write_text("户编号,个人自付\na,100\nb,约200\n", "utf-8")
    status, out, _ = call(place, "--fund", "50", "--methods", "equal")
    assert status == 1
    assert "有 1 行未采用" in out
    place.write_text("户编号,个人自付\na,许多\n", "utf-8")
    assert call(place, "--fund", "50", "--methods", "equal")[0] == 2
