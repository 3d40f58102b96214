"""Tests of relief.round.pipeline, relief.round.summary and relief.round.verification on rounds in memory."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.packs import small_pack

from relief.errors import FundError, SurplusError, TableError, UnitError
from relief.round.pipeline import run, split
from relief.round.summary import text
from relief.round.verification import verify
from relief.rulepack.pack import parse_pack

ROSTER = pd.DataFrame(
    {"户编号": ["a", "b", "c"], "区县": ["市直", "蓬江区", ""], "个人自付": ["1", "2", "#N/A"]}
)


def test_a_split_sets_aside_what_has_no_amount() -> None:
    round_ = split({"households": ROSTER}, 30)
    assert round_.allocation is not None
    assert round_.allocation.awards_fen.to_dict() == {"a": 10, "b": 20}
    assert round_.quarantine["household_id"].tolist() == ["c"]
    assert round_.counts == {"households_in": 3, "quarantined": 1, "awarded": 2}
    assert round_.needs_a_person
    assert round_.decisions.empty
    assert len(round_.districts) == 8


def test_a_split_without_districts_has_one_row_that_says_so() -> None:
    round_ = split({"households": ROSTER[["户编号", "个人自付"]].iloc[:2]}, 30)
    assert round_.districts.index.tolist() == ["未注明"]
    assert not round_.needs_a_person
    assert [fault.code for fault in round_.tables.faults] == ["warning.no_district_column"]


def test_a_split_of_no_amounts_is_refused() -> None:
    with pytest.raises(TableError, match="no column for the out-of-pocket cost"):
        split({"households": ROSTER[["户编号"]]}, 30)


@pytest.mark.parametrize("fund", [np.int64(30), 30.0, Decimal(30)])
def test_a_fund_of_another_type_is_recorded_as_a_whole_number(fund: Any, tmp_path: Any) -> None:
    try:
        round_ = split({"households": ROSTER}, fund)
    except FundError:
        return
    assert round_.call["fund_fen"] == "30"
    assert verify(round_.save(tmp_path / "round")).call == round_.call


@pytest.mark.parametrize("work", ["run", "split"])
def test_fund_and_unit_are_checked_before_anything_is_read(work: str) -> None:
    def call(fund: Any, unit: int = 1) -> None:
        if work == "run":
            run("nothing.csv", "jiangmen-2021", fund, on="2021-09-30", unit_fen=unit)
        else:
            split("nothing.csv", fund, unit_fen=unit)

    for fund in (-1, 0.5, "30", None, float("nan")):
        with pytest.raises(FundError):
            call(fund)
    for unit in (0, -1, 7):
        with pytest.raises(UnitError):
            call(30, unit)


def test_stages_are_told_in_their_order() -> None:
    told: list[str] = []
    run({"households": ROSTER}, "jiangmen-2021", 0, on="2021-09-30", progress=told.append)
    assert told == ["stage.read", "stage.judge", "stage.divide"]


def test_a_fund_beyond_the_claims_says_who_is_pending(tmp_path: Any) -> None:
    with pytest.raises(SurplusError):
        split({"households": ROSTER}, 301)


def test_a_fund_beyond_the_claims_is_told_by_what_the_pack_calls_them() -> None:
    claim = {"title": "自费医疗费", "title_en": "own medical cost", "amount": "out_of_pocket_fen"}
    pack = small_pack(claim=claim)
    rows = [
        {"household_id": "H", "out_of_pocket_fen": 1500},
        {"household_id": "P", "out_of_pocket_fen": None},
    ]
    with pytest.raises(SurplusError) as refused:
        run({"households": pd.DataFrame(rows, dtype=object)}, pack, 9999, on="2021-09-30")
    assert "自费医疗费合计（15.00 元）" in refused.value.text("zh")
    assert "自付" not in refused.value.text("zh")
    assert "(own medical cost, 15.00 yuan)" in refused.value.text("en")


def test_the_page_that_a_clerk_opens_first() -> None:
    round_ = split({"households": ROSTER}, 30)
    page = text(round_)
    assert "名单 3 户 = 参与分配 2 户 + 隔离 1 户" in page
    assert "decisions.csv" not in page
    assert "awards.csv" in text(round_, "en")
    judged = run({"households": ROSTER}, "jiangmen-2021", 30, on="2021-09-30")
    assert "decisions.csv" in text(judged)
    assert "没有公开依据" in text(judged)


def test_explaining_one_household() -> None:
    round_ = split({"households": ROSTER}, 30)
    assert "b" in round_.explain("b")
    assert round_.explain("c") == ""


def test_benefits_the_claim_and_the_kinds_are_told_by_the_pack() -> None:
    stated = {"title_en": "x", "status": "illustrative", "note": "test"}
    content = {
        "name": "small", "title": "测试", "title_en": "test",
        "rules": [{"id": "x", "requires": "union_member", **stated, "title": "会员"}],
        "categories": [{"id": "deep", "when": "true", **stated, "title": "深度困难"}],
        "claim": {"amount": "out_of_pocket_fen", **stated, "title": "自费医疗费"},
        "benefits": [
            {"id": "gift", "when": "eligible", "amount": "min(claim, yuan(20))", **stated, "title": "慰问金"},
            {"id": "care", "when": "true", **stated, "title": "互助保障"},
        ],
    }  # fmt: skip
    pack = parse_pack({"small": {"pack.yaml": json.dumps(content).encode()}}, "small")
    rows = [{"household_id": f"H{at}", "union_member": True, "out_of_pocket_fen": fen}
            for at, fen in enumerate((1500, 9900, None))]  # fmt: skip
    page = text(run({"households": pd.DataFrame(rows, dtype=object)}, pack, 100, on="2021-09-30"))
    assert "另享受“慰问金”：2 户，合计 35.00 元。" in page
    assert "“慰问金”另有 1 户尚不能确定。" in page
    assert "另享受“互助保障”：3 户。" in page
    assert "自费医疗费（元）" in page
    assert "仅因“自费医疗费”尚不能确定的：1 户" in page
    assert "个人自付" not in page
    assert "bar 限制" in page
    assert "benefit 另享受的待遇" in page
