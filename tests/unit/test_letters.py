"""Tests of what a refused or waiting applicant reads: relief.why, told by relief.judging.assessment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from tests.packs import small_pack

from relief.judging.eligibility import assess

if TYPE_CHECKING:
    from relief.judging.assessment import Assessment
    from relief.rulepack.pack import Pack


def judged(pack: Pack, row: dict[str, Any], **tables: list[dict[str, Any]]) -> Assessment:
    """Judge one household H, with the rows of its other tables."""
    frames = {"households": pd.DataFrame([{"household_id": "H"} | row], dtype=object)}
    for name, rows in tables.items():
        frames[name] = pd.DataFrame([{"household_id": "H"} | own for own in rows], dtype=object)
    return assess(frames, pack, on="2021-09-30")


def letter(pack: Pack, row: dict[str, Any], lang: Any = "zh", **tables: list[dict[str, Any]]) -> list[str]:
    return judged(pack, row, **tables).explain("H", lang).splitlines()


# --- a blank that counts as not met -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("requires", "column", "texts"),
    [
        (
            "homes_count <= 1",
            "homes_count",
            [
                "补填房产套数（目前空白；例如 1）：认定",
                "fill in homes count (blank now; for example 1): eligible",
            ],
        ),
        (
            "union_member",
            "union_member",
            [
                "补填是否工会会员（目前空白），且为“是”：认定",
                "fill in union member (blank now) as yes: eligible",
            ],
        ),
        (
            "applied_on >= year_start(on)",
            "applied_on",
            [
                "补填申请日期（目前空白；例如 2021-01-01）：认定",
                "fill in applied date (blank now; for example 2021-01-01): eligible",
            ],
        ),
    ],
)
def test_a_blank_that_counts_as_not_met_is_told_and_can_be_filled_in(
    requires: str, column: str, texts: list[str]
) -> None:
    pack = small_pack(rules={"x": {"requires": requires, "missing": "fail"}})
    for lang, text, told in zip(("zh", "en"), texts, ("视为不符合", "counts that as not met"), strict=True):
        found = judged(pack, {})
        table = found.counterfactual("H", lang)
        assert table[["column", "text"]].to_numpy().tolist() == [[column, text]]
        lines = found.explain("H", lang).splitlines()
        assert told in next(line for line in lines if line.startswith("  ["))
        assert f"  - {text}" in lines


def test_a_fact_that_is_stated_and_fails_is_not_told_as_a_blank() -> None:
    pack = small_pack(rules={"x": {"requires": "homes_count <= 1", "missing": "fail"}})
    assert "视为不符合" not in "\n".join(letter(pack, {"homes_count": 2}))
    ruled = [{"rule_id": "x", "value": False, "ruled_by": "示例", "ruled_on": "2021-09-01", "why": "示例"}]
    assert "视为不符合" not in "\n".join(letter(pack, {}, rulings=ruled))


def test_a_blank_is_filled_in_beside_another_change() -> None:
    pack = small_pack(rules={"x": {"requires": "homes_count <= 1", "missing": "fail"}, "y": "union_member"})
    changes = judged(pack, {"union_member": False}).counterfactual("H")
    assert [set(change["column"]) for _, change in changes.groupby("change")] == [
        {"homes_count", "union_member"}
    ]


def test_a_blank_that_bars_a_category_can_be_filled_in() -> None:
    pack = small_pack(
        rules={"x": {"requires": "homes_count <= 1", "missing": "fail", "bars": ["deep"]}},
        categories={"deep": "true", "other": "true"},
    )
    lines = letter(pack, {})
    assert any("视为不符合" in line for line in lines)
    assert "  - 补填房产套数（目前空白；例如 1）：认定（项deep）" in lines


def test_what_a_waiting_household_lacks_is_missing_and_no_change() -> None:
    found = judged(small_pack(rules={"x": "homes_count <= 1"}), {})
    assert found.counterfactual("H").empty
    assert found.missing()["column"].tolist() == ["homes_count"]
