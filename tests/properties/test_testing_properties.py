"""What the shipped strategies promise, and what must hold for whatever they draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings

from relief import ReliefError, allocate, assess, load_pack, read_tables
from relief.testing import claims, funds, households, rows

if TYPE_CHECKING:
    import pandas as pd

PACK = load_pack("jiangmen-2021")


@settings(max_examples=60)
@given(frame=households(min_size=1))
def test_every_household_drawn_is_judged(frame: pd.DataFrame) -> None:
    judged = assess({"households": frame}, PACK, on="2021-09-30")
    assert len(judged.decisions) + judged.quarantined == judged.rows_in == len(frame)
    assert judged.quarantined == 0
    assert sum(judged.counts.values()) == len(frame)


@settings(max_examples=40)
@given(frame=households(min_size=1, columns=["housing_area", "out_of_pocket_fen"], missing=False))
def test_an_area_drawn_is_read_to_the_hundredth(frame: pd.DataFrame) -> None:
    tables = read_tables({"households": frame})
    assert tables.faults == ()
    assert tables["households"]["housing_area"].tolist() == [
        round(area * 100) for area in frame["housing_area"]
    ]


@settings(max_examples=40)
@given(frame=households(min_size=1, missing=False))
def test_a_fact_that_is_known_stays_known(frame: pd.DataFrame) -> None:
    judged = assess({"households": frame}, PACK, on="2021-09-30")
    assert judged.decisions["annual_income_fen"].notna().all()
    assert set(judged.missing()["fact"]) <= {"低保标准", "对“still-in-hardship”的裁定"}


@given(drawn=claims(), fund=funds())
def test_a_drawn_problem_is_divided_or_refused_by_name(drawn: list[int], fund: int) -> None:
    try:
        plan = allocate(drawn, fund)
    except ReliefError:
        assert fund > sum(drawn) or sum(drawn) == 0
    else:
        assert int(plan.awards_fen.astype(object).sum()) == fund


@given(row=rows("documents", missing=False))
def test_a_row_has_every_column_of_its_table(row: dict[str, object]) -> None:
    assert all(value is not None for value in row.values())
