"""What holds for every division, on thousands of generated problems."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from tests import oracles

from relief.allocation import allocate
from relief.errors import ShortageError, SurplusError

MOST = 2**63 - 1
MANY = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])

fen = st.one_of(
    st.integers(0, 4),
    st.integers(0, 200),
    st.integers(0, 10**9),
    st.integers(0, MOST),
    st.integers(MOST - 3, MOST),
)
claims = st.lists(fen, min_size=1, max_size=7).filter(any)
few_values = st.lists(st.sampled_from([0, 1, 3, 3, 7]), min_size=2, max_size=9).filter(any)


@dataclass
class Case:
    """A problem that has an answer."""

    claims: list[int]
    fund: int
    unit: int = 1
    floors: list[int] = field(default_factory=list)
    caps: list[int | None] = field(default_factory=list)
    above_claim: bool = False
    keys: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        size = len(self.claims)
        self.floors, self.caps = self.floors or [0] * size, self.caps or [None] * size
        self.keys = self.keys or [0] * size
        self.labels = [f"H{i}" for i in range(size)]

    def solve(self, order: list[int] | None = None) -> Any:
        """Return the plan, with the rows in `order`."""
        order = order or list(range(len(self.claims)))
        labels = [self.labels[i] for i in order]
        return allocate(
            pd.Series([self.claims[i] for i in order], index=labels, dtype=object),
            self.fund,
            unit_fen=self.unit,
            floors_fen={label: self.floors[i] for i, label in enumerate(self.labels)},
            caps_fen={
                label: cap for label, cap in zip(self.labels, self.caps, strict=True) if cap is not None
            },
            allow_above_claim=self.above_claim,
            ties=dict(zip(self.labels, self.keys, strict=True)),
        )

    def expected(self) -> Any:
        """Return quotas and awards by the oracle."""
        return oracles.allocate(
            self.claims, self.fund, unit=self.unit, floors=self.floors, caps=self.caps,
            above_claim=self.above_claim, keys=list(zip(self.keys, self.labels, strict=True)),
        )  # fmt: skip


@st.composite
def cases(draw: st.DrawFn, amounts: st.SearchStrategy[list[int]] = claims | few_values) -> Case:
    """Draw bounds first and then a fund between them, so that nothing is thrown away."""
    wanted = draw(amounts)
    size, unit = len(wanted), draw(st.sampled_from([1, 1, 1, 2, 7, 100]))
    above_claim = draw(st.booleans())
    limits = draw(st.lists(st.none() | fen, min_size=size, max_size=size))
    bounds = [
        oracles.bounds_in_units(c, 0, cap, unit, above_claim) for c, cap in zip(wanted, limits, strict=True)
    ]
    tops = [int(top) if top is not None else max(wanted) // unit for _, top in bounds]
    floors = [draw(st.just(0) | st.integers(0, top * unit)) for top in tops]
    floor_units = [-(-floor // unit) for floor in floors]
    reach = [top if claim else low for top, claim, low in zip(tops, wanted, floor_units, strict=True)]
    least, most = sum(floor_units), sum(reach)
    if above_claim:
        assume(least * unit <= MOST)
        most = min(most, MOST // unit)
    fund = draw(st.integers(least, most) | st.sampled_from([least, most]))
    keys = draw(st.just([0] * size) | st.lists(st.integers(0, 2), min_size=size, max_size=size))
    return Case(wanted, fund * unit, unit, floors, limits, above_claim, keys)


def check(case: Case) -> None:
    plan = case.solve()
    quotas, awards = case.expected()
    assert plan.quotas.tolist() == quotas
    assert plan.awards_fen.tolist() == awards
    assert sum(awards) == case.fund
    assert plan.reconciliation["difference_fen"] == 0


@MANY
@given(cases())
@example(Case([1, 1], 1))
@example(Case([MOST, MOST, MOST], 3 * MOST))
@example(Case([100, 100, 200], 200, 1, [60, 0, 0], [100, 40, 100]))
def test_awards_and_quotas_are_those_of_the_oracle(case: Case) -> None:
    """Floors, caps, units, keys, zeros and amounts past 64 bits, together."""
    check(case)


@MANY
@given(cases(few_values))
def test_ties_are_broken_as_the_oracle_breaks_them(case: Case) -> None:
    """Small equal claims, where remainders tie all the time."""
    check(case)


@MANY
@given(cases(st.lists(st.integers(1, 2000), min_size=8, max_size=12)))
def test_many_bounds_are_fixed_in_several_passes(case: Case) -> None:
    """A dozen claims with bounds of their own, so that floors and caps take turns."""
    check(case)


@MANY
@given(claims, st.data())
def test_without_bounds_every_quota_is_its_exact_share(wanted: list[int], data: st.DataObject) -> None:
    """Every award is the quota rounded down or up; a whole quota is kept."""
    fund = data.draw(st.just(1) | st.integers(0, sum(wanted)))
    plan = allocate(wanted, fund)
    assert plan.awards_fen.sum() == fund or sum(plan.awards_fen.tolist()) == fund
    for claim, award, got in zip(wanted, plan.awards_fen.tolist(), plan.table["got_leftover"], strict=True):
        assert award == claim * fund // sum(wanted) + got
        assert award <= claim
        assert not (got and claim * fund % sum(wanted) == 0)


@MANY
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(case: Case, random: Any) -> None:
    """Each household keeps its award, quota, place at the cut and explanation when rows are shuffled."""
    order = list(range(len(case.claims)))
    random.shuffle(order)
    plan, shuffled = case.solve(), case.solve(order)
    assert shuffled.awards_fen.index.tolist() == [case.labels[i] for i in order]
    assert shuffled.awards_fen.to_dict() == plan.awards_fen.to_dict()
    assert shuffled.quotas.to_dict() == plan.quotas.to_dict()
    assert shuffled.reconciliation == plan.reconciliation
    assert shuffled.explain("H0") == plan.explain("H0")


@MANY
@given(cases())
def test_awards_are_whole_units_within_their_bounds(case: Case) -> None:
    """Rounding never passes a bound that the quota keeps."""
    table = case.solve().table
    assert table["award_fen"].dtype == "int64"
    assert all(award % case.unit == 0 for award in table["award_fen"])
    assert all(table["floor_fen"] <= table["award_fen"])
    assert all(
        pd.isna(cap) or award <= cap for award, cap in zip(table["award_fen"], table["cap_fen"], strict=True)
    )
    assert case.above_claim or all(table["award_fen"] <= table["claim_fen"])
    assert all(0 <= part < 1 for part in table["remainder"])
    assert table["got_leftover"].sum() == sum(table["remainder"])


@MANY
@given(cases(), st.integers(2, 50))
def test_scaling_all_money_scales_all_awards(case: Case, times: int) -> None:
    """Fen or any other unit of account: the same shares."""
    assume(max(case.claims) * times <= MOST)
    assume(not case.above_claim or case.fund * times <= MOST)
    scaled = Case(
        [claim * times for claim in case.claims], case.fund * times, case.unit * times,
        [floor * times for floor in case.floors], [cap and cap * times for cap in case.caps],
        case.above_claim, case.keys,
    )  # fmt: skip
    assert scaled.solve().awards_fen.tolist() == [award * times for award in case.solve().awards_fen.tolist()]


@MANY
@given(claims, st.integers(1, 10**25), st.integers(1, 9))
def test_a_fund_out_of_reach_is_refused(wanted: list[int], beyond: int, unit: int) -> None:
    """Any fund above the claims is a surplus, any floors above the fund a shortage."""
    with pytest.raises(SurplusError):
        allocate(wanted, sum(wanted) + beyond)
    short = sum(wanted) - 1
    with pytest.raises(ShortageError):
        allocate(wanted, short - short % unit, floors_fen=wanted, unit_fen=unit, allow_above_claim=True)


@MANY
@given(cases())
def test_districts_add_up_to_the_fund(case: Case) -> None:
    """Every fen of the fund is in exactly one district."""
    where = [["x", "y", None][i % 3] for i in range(len(case.claims))]
    table = case.solve().by(where, ["y", "z", "x"])
    assert sum(table["award_fen"]) == case.fund
    assert sum(table["claim_fen"]) == sum(case.claims)
    assert sum(table["share"]) == (1 if case.fund else 0)
