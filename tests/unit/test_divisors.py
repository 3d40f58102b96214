"""The divisor roundings against their plain definitions, one unit at a time in fractions, and each other."""

from __future__ import annotations

import random
from fractions import Fraction
from math import isqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.patience import soon

from relief.allocation import ROUNDINGS, allocate, divisors

if TYPE_CHECKING:
    from relief.allocation.result import Allocation

SQUARED = {
    "jefferson": lambda a: Fraction(a + 1) ** 2,
    "webster": lambda a: Fraction(2 * a + 1, 2) ** 2,
    "huntington_hill": lambda a: Fraction(a * (a + 1)),
    "dean": lambda a: Fraction(a * (a + 1)) ** 2 / Fraction(2 * a + 1, 2) ** 2,
    "adams": lambda a: Fraction(a) ** 2,
}
"""What every divisor is, squared, written down once more apart from the library."""


def priority(rounding: str, quota: Fraction, award: int) -> tuple[int, Fraction]:
    """Return what the next unit is given by: endless quotients come first, the larger quota before."""
    divisor = SQUARED[rounding](award)
    return (0, quota**2 / divisor) if divisor else (1, quota)


def one_by_one(
    rounding: str,
    quotas: list[Fraction],
    claims: list[int],
    keys: list[Any],
    floors: list[int],
    caps: list[int],
) -> list[int]:
    """Give every unit above the floors to whoever is first then."""
    awards = list(floors)
    # Of each who may have another unit what it would be given by; changed where one was given.
    waiting = {
        i: priority(rounding, quota, awards[i])
        for i, quota in enumerate(quotas) if quota and awards[i] < caps[i]
    }  # fmt: skip
    for _ in range(int(sum(quotas)) - sum(floors)):
        best = max(waiting.values())
        first = min((i for i in waiting if waiting[i] == best), key=lambda i: (-claims[i], keys[i]))
        awards[first] += 1
        waiting[first] = priority(rounding, quotas[first], awards[first])
        if awards[first] == caps[first]:
            del waiting[first]
    return awards


def problems(count: int, seed: int) -> list[dict[str, Any]]:
    """Return small problems rich in ties, zeros, floors and caps."""
    rng = random.Random(seed)  # noqa: S311
    found: list[dict[str, Any]] = []
    while len(found) < count:
        size, largest = rng.randint(1, 6), rng.choice([2, 6, 30, 300])
        claims = [rng.choice([0, 1, rng.randint(0, largest), largest]) for _ in range(size)]
        caps = [rng.randint(0, claim) if rng.random() < 0.3 else claim for claim in claims]
        floors = [rng.randint(0, cap) if rng.random() < 0.3 else 0 for cap in caps]
        if any(claims):
            fund = rng.randint(sum(floors), sum(caps))
            found.append({"claims_fen": claims, "fund_fen": fund, "floors_fen": floors, "caps_fen": caps})
    return found


@pytest.mark.parametrize("rounding", SQUARED)
@pytest.mark.parametrize("seed", range(100, 120))
def test_as_one_unit_at_a_time(rounding: str, seed: int) -> None:
    for problem in problems(30, seed):
        plan = allocate(**problem, rounding=rounding)
        claims = problem["claims_fen"]
        expected = one_by_one(
            rounding, plan.quotas.tolist(), claims, list(range(len(claims))), problem["floors_fen"],
            problem["caps_fen"],
        )  # fmt: skip
        assert plan.awards_fen.tolist() == expected, problem


@pytest.mark.parametrize("rounding", SQUARED)
def test_ties_go_by_claim_then_key_then_label_whatever_the_rows_are(rounding: str) -> None:
    rng = random.Random(2)  # noqa: S311
    for problem in problems(300, seed=3):
        labels = rng.sample("abcdefgh", len(problem["claims_fen"]))
        keys = [rng.randint(0, 1) for _ in labels]
        columns = {name: dict(zip(labels, column, strict=True)) for name, column in
                   {**problem, "ties": keys}.items() if name != "fund_fen"}  # fmt: skip
        plan = allocate(**columns, fund_fen=problem["fund_fen"], rounding=rounding)
        expected = one_by_one(
            rounding, plan.quotas.tolist(), problem["claims_fen"], list(zip(keys, labels, strict=True)),
            problem["floors_fen"], problem["caps_fen"],
        )  # fmt: skip
        assert plan.awards_fen.tolist() == expected, (columns, problem["fund_fen"])


@pytest.mark.parametrize("rounding", SQUARED)
@pytest.mark.parametrize("method", ["constrained_equal_losses", "talmud", "random_arrival", "equal"])
def test_any_method_can_be_rounded(rounding: str, method: str) -> None:
    for problem in problems(150, seed=4):
        plan = allocate(**problem, rounding=rounding, method=method, surplus="return")
        claims = problem["claims_fen"]
        caps = [min(pair) for pair in zip(claims, problem["caps_fen"], strict=True)]
        expected = one_by_one(
            rounding, plan.quotas.tolist(), claims, list(range(len(claims))), problem["floors_fen"], caps
        )
        assert plan.awards_fen.tolist() == expected, problem


def worst_pair(plan: Allocation, rounding: str, floors: list[int], caps: list[int]) -> tuple[Any, Any]:
    """Return the least priority that was served and the largest that was not."""
    rows = list(zip(plan.quotas, plan.awards_fen.tolist(), floors, caps, strict=True))
    served = [priority(rounding, q, a - 1) for q, a, floor, _ in rows if a > floor]
    waiting = [priority(rounding, q, a) for q, a, _, cap in rows if a < cap and q]
    return min(served, default=(2, 0)), max(waiting, default=(-1, 0))


@pytest.mark.parametrize("rounding", SQUARED)
def test_no_unit_would_rather_be_elsewhere(rounding: str) -> None:
    """By the inequality that defines the methods, where units are too many to be given one by one."""
    rng = random.Random(5)  # noqa: S311
    for _ in range(150):
        largest = 10 ** rng.choice([3, 9, 15, 17])
        claims = [
            rng.choice([rng.randint(0, largest), largest // 7, 3, largest]) for _ in range(rng.randint(2, 9))
        ]
        claims.append(largest)
        floors = [min(claim, rng.choice([0, 1, largest // 1000])) for claim in claims]
        fund = rng.choice([rng.randint(sum(floors) + 1, sum(claims)), sum(claims) - rng.randint(0, 2)])
        plan = allocate(claims, fund, rounding=rounding, floors_fen=floors)
        served, waiting = worst_pair(plan, rounding, floors, claims)
        assert served >= waiting, (claims, fund, floors)
        assert plan.awards_fen.sum() == fund
        assert plan.reconciliation["cut"] is not None


@pytest.mark.parametrize("rounding", SQUARED)
def test_the_cut_is_told_with_its_ties(rounding: str) -> None:
    for problem in problems(250, seed=6):
        plan = allocate(**problem, rounding=rounding)
        told = plan.reconciliation
        if problem["fund_fen"] == sum(problem["floors_fen"]):
            assert told["cut"] is None
            continue
        served, _ = worst_pair(plan, rounding, problem["floors_fen"], problem["caps_fen"])
        rows = list(
            zip(
                plan.quotas, plan.awards_fen.tolist(), problem["floors_fen"], problem["caps_fen"], strict=True
            )
        )
        key = "quotient_squared" if rounding == "huntington_hill" else "quotient"
        score = told["cut"][key]
        if served[0]:
            assert score is None
        else:
            assert (score if rounding == "huntington_hill" else score**2) == served[1]
        with_unit = [priority(rounding, q, a - 1) == served for q, a, floor, _ in rows if a > floor]
        without = [priority(rounding, q, a) == served for q, a, _, cap in rows if a < cap and q]
        ties = told["ties_at_cut"]
        assert (ties["count"], ties["served"]) == (sum(with_unit) + sum(without), sum(with_unit)), problem
        assert (ties["broken_by"] is None) == (sum(without) == 0)
        last = told["cut"]["label"]
        assert priority(rounding, plan.quotas[last], int(plan.awards_fen[last]) - 1) == served


def test_first_units_go_to_the_largest_quotas_where_the_fund_does_not_reach_all() -> None:
    for rounding in ("huntington_hill", "dean", "adams"):
        plan = allocate([1, 9, 3, 9, 0], 3, rounding=rounding)
        assert plan.awards_fen.tolist() == [0, 1, 1, 1, 0]
        plan = allocate([1, 9, 3, 9, 0], 1, rounding=rounding)
        assert plan.awards_fen.tolist() == [0, 1, 0, 0, 0]
        assert plan.reconciliation["ties_at_cut"] == {"count": 2, "served": 1, "broken_by": "position"}
        assert plan.certificate()["parts"][0]["cut"]["score"] is None


def test_squares_that_floats_cannot_tell_apart() -> None:
    """Two quotients of Huntington-Hill that differ by less than a float can say, either way round."""
    a, b = 10**8, 10**8 - 1
    for extra in (-1, 0, 1):
        small = isqrt(b * (b + 1) * 10**20)
        claims = [isqrt(a * (a + 1) * 10**20) + extra, small]
        fund = a + b + 1
        plan = allocate(claims, fund, rounding="huntington_hill", floors_fen=[a, b])
        quotas = plan.quotas.tolist()
        expected = one_by_one("huntington_hill", quotas, claims, [0, 1], [a, b], claims)
        assert plan.awards_fen.tolist() == expected
        cut = plan.reconciliation["cut"]
        assert cut["quotient_squared"] == quotas[cut["label"]] ** 2 / SQUARED["huntington_hill"](
            int(plan.awards_fen[cut["label"]]) - 1
        )


@pytest.mark.parametrize("rounding", SQUARED)
@pytest.mark.parametrize("proposed", [0.001, 1.0, 3.0])
def test_any_multiplier_may_be_proposed(
    rounding: str, proposed: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = problems(60, seed=8)
    right = [allocate(**problem, rounding=rounding).awards_fen.tolist() for problem in some]
    monkeypatch.setattr("relief.allocation.divisors._Division._proposed", lambda _: proposed)
    assert [allocate(**problem, rounding=rounding).awards_fen.tolist() for problem in some] == right


@pytest.mark.parametrize("rounding", SQUARED)
def test_a_unit_of_yuan_and_a_floor_of_one_unit(rounding: str) -> None:
    plan = allocate([900_00, 80_00, 10_00], 10_00, unit_fen=100, rounding=rounding, floors_fen=100)
    assert (plan.awards_fen.min(), plan.awards_fen.sum()) == (100, 10_00)
    assert (plan.awards_fen % 100 == 0).all()


@pytest.mark.parametrize("rounding", SQUARED)
def test_leftover_is_an_award_above_the_whole_part(rounding: str) -> None:
    plan = allocate([9061, 7179, 5259, 3319, 1182], 26, rounding=rounding)
    above = [award > quota // 1 for award, quota in zip(plan.awards_fen, plan.quotas, strict=True)]
    assert plan.table["got_leftover"].tolist() == above
    assert plan.reconciliation["units_by_remainder"] == sum(above)


def test_the_explanation_tells_the_quotients_that_decided() -> None:
    plan = allocate({"b": 7179, "c": 5259, "d": 3319}, 16, rounding="jefferson")
    assert plan.awards_fen.to_dict() == {"b": 8, "c": 5, "d": 3}
    assert plan.explain("b", "en").splitlines()[2:] == [
        "Rounded to units of 0.01 yuan by Jefferson's method (+11192/15757 fen): each unit goes where the "
        "exact award (114864/15757 units here), divided by the units it then has and 1, is largest.",
        "Units awarded: 8; for the last of them that quotient was 14358/15757.",
        "For one more unit it would be 38288/47271.",
        "The last unit of all went out at 14358/15757; households with that quotient: 1, of which served: 1.",
        "Award: 0.08 yuan.",
    ]
    assert "（杰斐逊除数法，-5359/15757 分）" in plan.explain("c")
    assert "最后一个的商为 14358/15757。" in plan.explain("b")


def test_the_explanation_tells_bounds_roots_and_endless_quotients() -> None:
    plan = allocate(
        {"a": 900, "b": 80, "c": 20, "z": 0},
        12,
        rounding="huntington_hill",
        floors_fen={"c": 1},
        caps_fen={"a": 9},
    )
    assert plan.awards_fen.to_dict() == {"a": 9, "b": 2, "c": 1, "z": 0}
    assert "Its cap, 9 in units, lets it have no more whatever the quotient." in plan.explain("a", "en")
    assert "was √(2)." in plan.explain("b", "en")
    assert "(0 fen)" in plan.explain("b", "en")
    assert "Its floor, 1 in units, gives it that much whatever the quotient." in plan.explain("c", "en")
    assert "nothing was rounded" in plan.explain("z", "en")
    short = allocate({"a": 9, "b": 9}, 1, rounding="adams")
    assert "went out at ∞; households with that quotient: 2, of which served: 1." in short.explain("b", "en")
    assert "Units awarded" not in short.explain("b", "en")
    nothing = allocate({"a": 9, "b": 9}, 2, rounding="dean", floors_fen=1)
    assert "went out" not in nothing.explain("a", "en")


def roots(rounding: str, awards: Any) -> Any:
    """Return the divisor at each award."""
    distinct, places = np.unique(awards, return_inverse=True)
    return np.sqrt([float(SQUARED[rounding](int(award))) for award in distinct])[places]


@pytest.mark.parametrize("rounding", SQUARED)
@pytest.mark.parametrize("kind", ["different", "alike"])
def test_a_hundred_thousand_claims(rounding: str, kind: str) -> None:
    rng = np.random.default_rng(7)
    claims = rng.integers(1, 10**7, 10**5) if kind == "different" else np.full(10**5, 12345)
    fund = 3 * 10**8 + 7
    with soon():
        plan = allocate(claims, fund, rounding=rounding, floors_fen=1)
    quota, award = plan.quotas.astype(float).to_numpy(), plan.awards_fen.to_numpy()
    root, up = roots(rounding, award - 1), roots(rounding, award)
    served = (quota / np.maximum(root, 1e-300))[award > 1].min()
    assert served * (1 + 1e-9) >= (quota / up)[award < claims].max()
    assert award.sum() == fund


def test_the_roundings_are_those_of_the_contract() -> None:
    assert set(ROUNDINGS) == {"largest_remainder", *SQUARED}


# The guess in floating point


def division(rounding: str, **problem: Any) -> divisors._Division:
    part = allocate(**problem, rounding=rounding).parts[0]
    return divisors._Division(getattr(divisors, rounding.upper()), part.problem, part.quotas)


GUESSED = [
    {"claims_fen": [9061, 7179, 5259, 3319, 1182], "fund_fen": 26},
    {"claims_fen": [9061, 7179, 5259, 3319, 1182], "fund_fen": 20_003},
    {"claims_fen": [3] * 40 + [10**9], "fund_fen": 10**6 + 7},
    {"claims_fen": [100, 200, 300], "fund_fen": 400, "floors_fen": [90, 0, 0], "caps_fen": [100, 120, 300]},
    {"claims_fen": [10, 1, 1, 1], "fund_fen": 12, "floors_fen": [0, 1, 1, 1], "caps_fen": [9, 1, 1, 1]},
]


@pytest.mark.parametrize("rounding", SQUARED)
@pytest.mark.parametrize("problem", GUESSED, ids=range(len(GUESSED)))
def test_the_guess_is_so_near_that_both_sides_of_it_enclose_the_fund(
    rounding: str, problem: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = division(rounding, **problem)
    tried = []
    awards = divisors._Division._awards

    def noted(self: divisors._Division, multiplier: Fraction) -> Any:
        tried.append(multiplier)
        return awards(self, multiplier)

    monkeypatch.setattr(divisors._Division, "_awards", noted)
    less, more = ours._around()
    assert less.sum() < problem["fund_fen"] <= more.sum()
    assert len(tried) == 2


@pytest.mark.parametrize("rounding", SQUARED)
@pytest.mark.parametrize("wrong", [0.25, 0.999, 1.001, 3.0, 1e-30, 1e30])
def test_a_wrong_guess_changes_no_award(rounding: str, wrong: float, monkeypatch: pytest.MonkeyPatch) -> None:
    for problem in GUESSED:
        right = allocate(**problem, rounding=rounding)
        with monkeypatch.context() as patched:
            guess = divisors._Division._proposed
            patched.setattr(divisors._Division, "_proposed", lambda self, guess=guess: wrong * guess(self))
            found = allocate(**problem, rounding=rounding)
        assert found.awards_fen.tolist() == right.awards_fen.tolist()
        assert found.reconciliation["cut"] == right.reconciliation["cut"]


@pytest.mark.parametrize("rounding", SQUARED)
def test_a_quotient_is_the_quota_over_the_signpost(rounding: str) -> None:
    divisor = getattr(divisors, rounding.upper())
    for quota, award in ((Fraction(7, 3), 2), (Fraction(5), 1), (Fraction(22, 7), 30)):
        exact = divisor.quotient(quota, award)
        assert (exact if divisor.power == 2 else exact**2) == quota**2 / SQUARED[rounding](award)
    assert (divisor.quotient(Fraction(1), 0) is None) == (SQUARED[rounding](0) == 0)


@pytest.mark.parametrize("rounding", SQUARED)
def test_a_fund_of_the_floors_alone_gives_the_floors(rounding: str) -> None:
    plan = allocate([5, 9, 4], 6, floors_fen=[1, 2, 3], rounding=rounding)
    assert plan.awards_fen.tolist() == [1, 2, 3]
    assert plan.reconciliation["cut"] is None
    assert plan.parts[0].rounded.divisor is getattr(divisors, rounding.upper())


@pytest.mark.parametrize("rounding", SQUARED)
def test_claims_beyond_any_float_are_rounded_exactly(rounding: str) -> None:
    claims = [3 * 10**18 + 1, 2 * 10**18 + 7, 10**18 + 3]
    fund = 4 * 10**18 + 1
    plan = allocate(claims, fund, rounding=rounding)
    assert plan.awards_fen.sum() == fund
    least, most = worst_pair(plan, rounding, [0, 0, 0], claims)
    assert least >= most


@pytest.mark.parametrize("rounding", SQUARED)
def test_a_claim_of_nothing_gets_nothing_even_where_nothing_limits_an_award(rounding: str) -> None:
    plan = allocate([0, 1, 1], 10, allow_above_claim=True, rounding=rounding)
    assert plan.awards_fen.tolist() == [0, 5, 5]


def test_a_divisor_has_the_name_it_is_asked_for_by() -> None:
    for rounding in SQUARED:
        assert allocate([3, 2], 4, rounding=rounding).parts[0].rounded.divisor is getattr(
            divisors, rounding.upper()
        )
        assert getattr(divisors, rounding.upper()).name == rounding
