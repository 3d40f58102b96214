"""What the shipped strategies promise, and what must hold for whatever they draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from hypothesis import Phase, assume, find, given, settings
from hypothesis import strategies as st

from relief import ReliefError, allocate, assess, load_pack, read_tables
from relief.testing import (
    bounds,
    claims,
    districts,
    documents,
    funds,
    households,
    members,
    rows,
    rule_packs,
)

if TYPE_CHECKING:
    from relief.testing import Bounds, DrawnPack

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
    assert set(judged.missing()["fact"]) <= {
        "低保标准",
        "专人对“意外致困”的裁定（规则编号 still-in-hardship）",
    }


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


@given(drawn=bounds(), data=st.data())
def test_drawn_bounds_are_kept_or_their_floors_refused(drawn: Bounds, data: st.DataObject) -> None:
    assert all(0 <= low <= high <= claim for claim, low, high in zip(*drawn, strict=True))
    assume(any(drawn.claims))
    fund = data.draw(funds(min_fen=sum(drawn.floors), max_fen=sum(drawn.caps)))
    awards = allocate(drawn.claims, fund, floors_fen=drawn.floors, caps_fen=drawn.caps).awards_fen.tolist()
    assert sum(awards) == fund
    assert all(
        low <= award <= high for low, award, high in zip(drawn.floors, awards, drawn.caps, strict=True)
    )


@settings(max_examples=40)
@given(place=districts(spellings=True))
def test_a_drawn_district_is_one_of_the_pack(place: str) -> None:
    tables = read_tables({"households": pd.DataFrame({"household_id": ["H1"], "district": [place]})})
    assert tables.located(PACK.districts).faults == ()


@settings(max_examples=40)
@given(people=members(min_size=1), papers=documents(min_size=1))
def test_drawn_people_and_papers_belong_and_stand_there_once(
    people: pd.DataFrame, papers: pd.DataFrame
) -> None:
    families = pd.DataFrame({"household_id": ["H0000", "H0001", "H0002"]}, dtype=object)
    tables = read_tables({"households": families, "members": people, "documents": papers})
    assert {len(tables["members"]), len(tables["documents"])} == {len(people), len(papers)}
    about_rows = {fault.code for fault in tables.faults} & {
        "fault.orphan", "fault.member_twice", "fault.receipt_twice", "fault.person_twice",
    }  # fmt: skip
    assert about_rows == set()


@settings(max_examples=40)
@given(drawn=rule_packs())
def test_a_drawn_pack_judges_its_households(drawn: DrawnPack) -> None:
    judged = assess({"households": drawn.households}, drawn.pack, on="2021-09-30")
    assert len(judged.decisions) == len(drawn.households)
    assert len(drawn.pack.rules) >= 1


def test_drawn_packs_lead_to_every_outcome() -> None:
    def outcomes(drawn: DrawnPack) -> set[str]:
        return set(assess({"households": drawn.households}, drawn.pack, on="2021-09-30").decisions["outcome"])

    unshrunk = settings(phases=[Phase.generate])
    for outcome in ("eligible", "ineligible", "pending"):
        find(rule_packs(), lambda drawn, wanted=outcome: wanted in outcomes(drawn), settings=unshrunk)
