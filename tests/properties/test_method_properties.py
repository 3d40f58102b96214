"""Every method and every way to combine it, against the plain definitions, on thousands of small problems."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import oracles
from tests import oracles_of_methods as definitions

from relief.allocation import allocate
from relief.errors import ShortageError, SurplusError

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SLOW_ORACLES = ("random_arrival", "average_of_awards")

small = st.one_of(st.integers(0, 4), st.sampled_from([0, 6, 6, 12]), st.integers(0, 40), st.integers(0, 700))


@dataclass
class Case:
    """Claims and bounds in fen, and a fund between what the bounds need and can take."""

    claims: list[int]
    fund: int
    unit: int = 1
    floors: list[int] = field(default_factory=list)
    caps: list[int | None] = field(default_factory=list)
    above_claim: bool = False

    @property
    def in_units(self) -> tuple[list[Fraction], Fraction, definitions.Bounds]:
        """Return what the definitions are told."""
        claims = [Fraction(claim, self.unit) for claim in self.claims]
        return claims, Fraction(self.fund // self.unit), self.bounds

    @property
    def bounds(self) -> definitions.Bounds:
        """Return floors and caps in whole units."""
        return [
            oracles.bounds_in_units(claim, low, high, self.unit, self.above_claim)
            for claim, low, high in zip(self.claims, self.floors, self.caps, strict=True)
        ]

    def solve(self, method: str, **terms: Any) -> Any:
        """Return the plan."""
        caps = {i: cap for i, cap in enumerate(self.caps) if cap is not None}
        return allocate(
            dict(enumerate(self.claims)), self.fund, method=method, unit_fen=self.unit,
            floors_fen=dict(enumerate(self.floors)), caps_fen=caps, allow_above_claim=self.above_claim,
            **terms,
        )  # fmt: skip

    def agrees(self, plan: Any, quotas: list[Fraction], claims: list[int] | None = None) -> None:
        """Hold quotas and awards against what a definition gives, in units."""
        assert [quota / self.unit for quota in plan.quotas] == quotas
        awards = oracles.largest_remainder_awards(quotas, claims or self.claims, list(range(len(quotas))))
        assert plan.awards_fen.tolist() == [award * self.unit for award in awards]
        assert plan.reconciliation["difference_fen"] == 0


@st.composite
def cases(draw: st.DrawFn, *, size: int = 6, above_claim: bool = False, bounded: bool = True) -> Case:
    claims = draw(st.lists(small, min_size=1, max_size=size).filter(any))
    unit = draw(st.sampled_from([1, 1, 2, 5]))
    caps = draw(st.lists(st.none() | small, min_size=len(claims), max_size=len(claims)))
    floors = [0] * len(claims)
    if not bounded or draw(st.booleans()):
        caps = [None] * len(claims)
    case = Case(claims, 0, unit, floors, caps, above_claim)
    tops = [700 if cap is None else int(cap) * unit for _, cap in case.bounds]
    if bounded and draw(st.booleans()):
        case.floors = [draw(st.just(0) | st.integers(0, top)) for top in tops]
    least = sum(int(low) for low, _ in case.bounds)
    reach = [
        top // unit if claim else int(low)
        for (low, _), top, claim in zip(case.bounds, tops, claims, strict=True)
    ]
    case.fund = unit * draw(st.integers(least, sum(reach)) | st.sampled_from([least, sum(reach)]))
    return case


@pytest.mark.parametrize("method", definitions.BOUNDED)
def test_methods_are_what_their_definitions_say(method: str) -> None:
    @QUICK
    @given(cases(size=4 if method in SLOW_ORACLES else 6))
    def check(case: Case) -> None:
        case.agrees(case.solve(method), definitions.BOUNDED[method](*case.in_units))

    check()


@QUICK
@given(cases(size=7, bounded=False))
def test_the_average_of_awards_is_that_of_its_simplices(case: Case) -> None:
    case.claims, case.unit = [claim + 1 for claim in case.claims], 1
    if 0 < case.fund < sum(case.claims):
        claims, fund, _ = case.in_units
        assert case.solve("average_of_awards").quotas.tolist() == definitions.average_by_inclusion(
            claims, fund
        )


@pytest.mark.parametrize("method", ["proportional", "equal", "weighted"])
@QUICK
@given(cases(above_claim=True), st.data())
def test_awards_above_the_claim(method: str, case: Case, data: st.DataObject) -> None:
    weights = [data.draw(st.sampled_from(["1", "3/2", "2", "0.1"])) for _ in case.claims]
    claims, fund, bounds = case.in_units
    if method == "weighted":
        based = [claim * Fraction(weight) for claim, weight in zip(claims, weights, strict=True)]
        case.agrees(case.solve(method, weights=weights), definitions.proportional(based, fund, bounds))
    else:
        case.agrees(case.solve(method), definitions.BOUNDED[method](claims, fund, bounds))


@QUICK
@given(cases(), st.data())
def test_weights_multiply_claims(case: Case, data: st.DataObject) -> None:
    weights = [data.draw(st.sampled_from(["1", "3/2", "2", "0.1"])) for _ in case.claims]
    claims, fund, bounds = case.in_units
    based = [claim * Fraction(weight) for claim, weight in zip(claims, weights, strict=True)]
    case.agrees(case.solve("weighted", weights=weights), definitions.proportional(based, fund, bounds))


@pytest.mark.parametrize(
    "within", ["proportional", "talmud", "constrained_equal_losses", "random_arrival", "minimal_overlap"]
)
@settings(QUICK, max_examples=30)
@given(cases(size=5), st.data())
def test_classes_are_served_in_order(within: str, case: Case, data: st.DataObject) -> None:
    classes = [data.draw(st.sampled_from("abc")) for _ in case.claims]
    order = data.draw(st.permutations("abc"))
    plan = case.solve("by_priority", categories=classes, order=order, within=within)
    case.agrees(plan, definitions.by_priority(*case.in_units, classes, order, within))


def check_entitled(case: Case, due: list[Fraction], method: str, **terms: Any) -> None:
    """Hold a method of fixed amounts against its definition, short and in surplus."""
    _, fund, bounds = case.in_units
    needed = sum(oracles.clip(amount, pair) for amount, pair in zip(due, bounds, strict=True))
    if needed > fund:
        with pytest.raises(ShortageError):
            case.solve(method, **terms)
    if needed < fund:
        with pytest.raises(SurplusError):
            case.solve(method, **terms)
    plan = case.solve(method, shortage="scale", surplus="return", **terms)
    case.agrees(plan, definitions.entitled(due, fund, bounds))
    assert plan.returned_fen == max(0, fund - needed) * case.unit


@QUICK
@given(cases(), st.data())
def test_amounts_of_categories(case: Case, data: st.DataObject) -> None:
    classes = [data.draw(st.sampled_from("ab")) for _ in case.claims]
    amounts = {name: data.draw(small) for name in "ab"}
    due = [Fraction(amounts[name] // case.unit) for name in classes]
    check_entitled(case, due, "flat_by_category", categories=classes, amounts_fen=amounts)


@QUICK
@given(cases(), st.data())
def test_brackets_of_claims(case: Case, data: st.DataObject) -> None:
    starts = sorted(data.draw(st.sets(st.sampled_from([0, 1, 6, 12, 40]), min_size=1)))
    brackets = [
        {
            "from_fen": start, "share": data.draw(st.sampled_from(["0", "1/3", "0.7", "1"])),
            "amount_fen": data.draw(st.integers(0, 9)), "included": data.draw(st.booleans()),
        }
        for start in starts
    ]  # fmt: skip
    due = [Fraction(definitions.by_brackets(claim, brackets) // case.unit) for claim in case.claims]
    check_entitled(case, due, "tiered", brackets=brackets)


@pytest.mark.parametrize("method", ["proportional", "talmud", "random_arrival", "minimal_overlap", "equal"])
@settings(QUICK, max_examples=30)
@given(cases(size=3), cases(size=3))
def test_groups_are_divided_each_for_itself(method: str, one: Case, other: Case) -> None:
    for case in (one, other):
        case.unit, case.floors = 1, [0] * len(case.claims)
        case.fund = sum(int(cap) for _, cap in case.bounds if cap is not None) // 2
    both = Case(one.claims + other.claims, one.fund + other.fund, 1, one.floors + other.floors,
                one.caps + other.caps)  # fmt: skip
    groups = ["A"] * len(one.claims) + ["B"] * len(other.claims)
    plan = both.solve(method, groups=groups, group_funds_fen={"A": one.fund, "B": other.fund})
    alone = [case.solve(method) for case in (one, other)]
    assert plan.quotas.tolist() == alone[0].quotas.tolist() + alone[1].quotas.tolist()
    assert plan.awards_fen.tolist() == alone[0].awards_fen.tolist() + alone[1].awards_fen.tolist()


@QUICK
@given(cases(), st.data())
def test_groups_share_the_fund_by_their_claims(case: Case, data: st.DataObject) -> None:
    groups = [data.draw(st.sampled_from("AB")) for _ in case.claims]
    plan = case.solve("proportional", groups=groups, group_funds_fen="claims")
    names = sorted(set(groups))
    members = [[i for i, group in enumerate(groups) if group == name] for name in names]
    claims = [sum(case.claims[i] for i in ours) for ours in members]
    bounds = [
        (sum((case.bounds[i][0] for i in ours), Fraction(0)),
         sum((cap for i in ours if (cap := case.bounds[i][1]) is not None), Fraction(0)))
        for ours in members
    ]  # fmt: skip
    quotas = definitions.proportional([Fraction(claim) for claim in claims], case.in_units[1], bounds)
    funds = oracles.largest_remainder_awards(quotas, claims, list(range(len(names))))
    assert plan.groups["fund_fen"].tolist() == [fund * case.unit for fund in funds]
    for ours, fund in zip(members, funds, strict=True):
        assert sum(plan.awards_fen.iloc[ours]) == fund * case.unit


@QUICK
@given(cases(), st.data())
def test_sources_are_spent_in_order_to_the_fen(case: Case, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, case.fund))
    plan = case.solve("talmud", sources_fen={"省级": first, "市级": case.fund - first})
    lacking = plan.awards_fen.tolist()
    for name, amount in {"省级": first, "市级": case.fund - first}.items():
        together = max(1, sum(lacking))
        quotas = [Fraction(amount * award, together) for award in lacking]
        paid = oracles.largest_remainder_awards(quotas, lacking, list(range(len(lacking))))
        assert plan.by_source[name].tolist() == paid
        lacking = [award - part for award, part in zip(lacking, paid, strict=True)]
    assert not any(lacking)


@pytest.mark.parametrize("method", ["proportional", "piniles", "dominguez_thomson"])
@settings(QUICK, max_examples=30)
@given(cases(bounded=False), st.data())
def test_what_was_paid_counts_against_the_cap_of_the_year(
    method: str, case: Case, data: st.DataObject
) -> None:
    caps = [data.draw(small) for _ in case.claims]
    paid = [data.draw(small) for _ in case.claims]
    left = [max(0, cap - before) for cap, before in zip(caps, paid, strict=True)]
    of_year = allocate(
        case.claims, case.fund, method=method, caps_fen=caps, paid_fen=paid, unit_fen=case.unit,
        surplus="return",
    )  # fmt: skip
    now = allocate(case.claims, case.fund, method=method, caps_fen=left, unit_fen=case.unit, surplus="return")
    assert of_year.quotas.tolist() == now.quotas.tolist()
    assert of_year.awards_fen.tolist() == now.awards_fen.tolist()
    room = sum(min(cap, claim) // case.unit for cap, claim in zip(left, case.claims, strict=True))
    assert of_year.returned_fen == max(0, case.fund - room * case.unit)


@pytest.mark.parametrize("method", definitions.BOUNDED)
@settings(QUICK, max_examples=20)
@given(cases(size=4), st.integers(1, 50))
def test_a_surplus_is_an_error_or_goes_back(method: str, case: Case, more: int) -> None:
    room = case.unit * sum(int(cap) for _, cap in case.bounds if cap is not None)
    case.fund = room + more * case.unit
    with pytest.raises(SurplusError):
        case.solve(method)
    plan = case.solve(method, surplus="return")
    assert plan.returned_fen == more * case.unit
    assert plan.awards_fen.tolist() == [int(cap) * case.unit for _, cap in case.bounds if cap is not None]
