"""A roster is divided without judging; what keeps a row out is said, also where nothing can be divided."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import relief
from relief.errors import ClaimsError, SurplusError, TableError

if TYPE_CHECKING:
    from pathlib import Path


def roster(**columns: list[object]) -> dict[str, pd.DataFrame]:
    return {"households": pd.DataFrame({"户编号": ["H1", "H2", "H3"], **columns})}


def test_a_blank_cost_is_set_aside_and_the_whole_fund_goes_to_the_rest() -> None:
    round_ = relief.split(roster(个人自付=["1", "", "3"]), 200)
    assert round_.allocation.awards_fen.to_dict() == {"H1": 50, "H3": 150}
    assert round_.quarantine["household_id"].tolist() == ["H2"]
    assert round_.needs_a_person


def test_a_roster_without_a_cost_says_which_column_it_needs() -> None:
    with pytest.raises(TableError, match="个人自付"):
        relief.split(roster(区县=["蓬江", "蓬江", "蓬江"]), 100)


def test_a_fund_above_the_usable_claims_says_what_was_set_aside() -> None:
    with pytest.raises(SurplusError) as refused:
        relief.split(roster(个人自付=["1", "2", "x"]), 10_000)
    assert "另有 1 行被隔离" in refused.value.text("zh")
    assert "“x”不是金额" in refused.value.text("zh")


def test_another_citys_roster_is_refused_with_the_way_out_and_divided_when_it_is_taken() -> None:
    tables = roster(区县=["禅城区", "南海区", "禅城区"], 个人自付=["1", "2", "3"])
    with pytest.raises(ClaimsError, match="--districts any"):
        relief.split(tables, 300)
    round_ = relief.split(tables, 300, districts="any")
    assert round_.districts["households"].to_dict() == {"南海区": 1, "禅城区": 2}
    assert "江门" not in round_.tables_out["说明.txt"].decode()


def test_two_files_with_a_sheet_of_one_name_do_not_hide_each_others_blanks(tmp_path: Path) -> None:
    for name, cost in (("甲.csv", "x"), ("乙.csv", "")):
        (tmp_path / name).write_text(f"户编号,个人自付\n{name[0]}1,{cost}\n{name[0]}2,5\n", encoding="utf-8")
    round_ = relief.split(tmp_path, 100)
    assert sorted(round_.quarantine["household_id"]) == ["乙1", "甲1"]


def test_the_shares_file_shows_the_exact_quota_and_what_rounding_made_of_it() -> None:
    round_ = relief.split(roster(个人自付=["1", "1", "1"]), 100)
    lines = [line.split(",") for line in round_.tables_out["shares.csv"].decode().splitlines()]
    assert lines[0] == ["household_id", "claim_yuan", "quota_fen", "remainder", "got_leftover", "award_yuan"]
    assert [Fraction(line[2]) for line in lines[1:]] == [Fraction(100, 3)] * 3
    assert [line[4] for line in lines[1:]] == ["yes", "no", "no"]
    assert [line[5] for line in lines[1:]] == ["0.34", "0.33", "0.33"]


def test_a_seal_is_told_whole_and_is_the_one_that_the_record_has() -> None:
    round_ = relief.split(roster(个人自付=["1", "1", "1"]), 100)
    assert len(round_.seal) == 64
    assert f'"seal": "{round_.seal}"'.encode() in round_.files()["record.json"]


def test_one_frame_is_the_households_and_no_repr_shows_a_person() -> None:
    frame = pd.DataFrame(
        {"户编号": ["H1"], "姓名": ["示例甲"], "银行卡号": ["6222000000000000001"], "个人自付": ["1"]}
    )
    tables = relief.read_tables(frame)
    assert relief.split(frame, 100).allocation.awards_fen.to_dict() == {"H1": 100}
    for shown in (
        repr(tables),
        repr(relief.split(tables, 100)),
        repr(relief.assess(tables, "jiangmen-2021", on="2021-09-30")),
    ):
        assert "示例甲" not in shown
        assert "6222" not in shown


def test_a_roster_whose_cost_has_another_meaning_is_told_what_is_like_it() -> None:
    with pytest.raises(TableError) as refused:
        relief.split({"households": pd.DataFrame({"户编号": ["H1"], "个人自付（%）": ["5"]})}, 100)
    assert "个人自付" in refused.value.text("zh")
