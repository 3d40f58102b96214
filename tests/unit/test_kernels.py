"""The kernels of a split at sizes where every path is walked: thresholds made small, plain oracles beside."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from tests import oracles

from relief.allocation import allocate, integers, rates, ratios, rounding, shares
from relief.allocation.methods import levels
from relief.allocation.methods.levels import level
from relief.allocation.ratios import Ratio
from relief.errors import ReliefError

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 2**63 - 1


def numbers(seed: int) -> Iterator[int]:
    """Yield the same whole numbers below 2**31 for the same seed."""
    state = seed * 2 + 1
    while True:
        state = state * 6364136223846793005 + 1442695040888963407 & 2**64 - 1
        yield state >> 33


@pytest.fixture(params=["small", "as it is"])
def thresholds(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a dozen claims be treated as a million are."""
    if request.param == "small":
        small: dict[Any, dict[str, int]] = {
            shares: {"_MANY": 12, "_SAMPLE": 6, "_MARGIN": 2},
            rates: {"_MANY": 6, "_SAMPLE": 6},
            levels: {"_MANY": 10, "_SAMPLE": 5, "_BLOCK": 4},
            ratios: {"_BLOCK": 5},
            integers: {"_BLOCK": 3},
        }
        for module, values in small.items():
            for name, value in values.items():
                monkeypatch.setattr(module, name, value)


def drawn(seed: int) -> tuple[list[int], Any]:
    """Return claims of very different sizes, many equal, and where more numbers come from."""
    more = numbers(seed)
    most = [2, 10, 1000, 10**7, 10**12, 10**17][next(more) % 6]
    claims = [
        most if next(more) % 5 == 0 else next(more) * next(more) % (most + 1)
        for _ in range(1 + next(more) % 50)
    ]
    return [*claims, 1], more


@pytest.mark.usefixtures("thresholds")
@pytest.mark.parametrize("seed", range(150))
def test_shares_without_bounds_are_those_of_the_oracle(seed: int) -> None:
    claims, more = drawn(seed)
    fund = next(more) * next(more) % (sum(claims) + 1) if seed % 5 else sum(claims) // (2 + seed % 7)
    plan = allocate(pd.Series(claims), fund)
    quotas, awards = oracles.allocate(claims, fund)
    assert plan.awards_fen.tolist() == awards
    assert plan.quotas.tolist() == quotas
    got = [award > quota for award, quota in zip(awards, quotas, strict=True)]
    assert plan.table["got_leftover"].tolist() == got
    cut = plan.reconciliation["cut"]
    assert (cut is not None) == any(got)
    if cut is not None:
        served = [quota % 1 for quota, one_more in zip(quotas, got, strict=True) if one_more]
        assert cut["remainder"] == min(served)
        ties = [quota % 1 == min(served) for quota in quotas]
        told = plan.reconciliation["ties_at_cut"]
        assert told["count"] == sum(ties)
        assert told["served"] == sum(map(all, zip(ties, got, strict=True)))


@pytest.mark.usefixtures("thresholds")
@pytest.mark.parametrize("seed", range(200))
def test_shares_between_bounds_are_those_of_the_oracle(seed: int) -> None:
    claims, more = drawn(seed + 1000)
    floors = [claim // (3 + next(more) % 5) * (next(more) % 2) for claim in claims]
    caps = [
        floor + next(more) * next(more) % (claim - floor + 1) if next(more) % 2 else claim
        for claim, floor in zip(claims, floors, strict=True)
    ]
    unit = [1, 1, 1, 2, 100][seed % 5]
    fund = sum(floors) + next(more) * next(more) % (sum(caps) - sum(floors) + 1)
    fund -= fund % unit
    try:
        plan = allocate(pd.Series(claims), fund, unit_fen=unit, floors_fen=floors, caps_fen=caps)
    except ReliefError:
        least = sum(-(-floor // unit) for floor in floors) * unit
        most = sum(cap // unit for cap in caps) * unit
        crossed = any(-(-floor // unit) > cap // unit for floor, cap in zip(floors, caps, strict=True))
        assert crossed or not least <= fund <= most
        return
    quotas, awards = oracles.allocate(claims, fund, unit=unit, floors=floors, caps=caps)
    assert plan.awards_fen.tolist() == awards
    assert plan.quotas.tolist() == quotas


@pytest.mark.usefixtures("thresholds")
@pytest.mark.parametrize("seed", range(200))
def test_a_level_is_the_lowest_that_reaches_the_sum(seed: int) -> None:
    more = numbers(seed)
    most = [3, 10, 1000, 10**15][seed % 4]
    size = 1 + next(more) % 30
    low = [0 if seed % 3 == 0 else next(more) % (2 * most) - most for _ in range(size)]
    high = [end + (next(more) * next(more) % (most + 1) if next(more) % 4 else 0) for end in low]
    wanted = sum(low) + next(more) * next(more) % (sum(high) - sum(low) + 1)
    ends = np.broadcast_to(np.int64(0), size) if seed % 3 == 0 else np.array(low)
    found = level(ends, np.array(high), wanted)

    def reached(height: Fraction) -> Fraction:
        return sum(
            (min(max(height, Fraction(a)), Fraction(b)) for a, b in zip(low, high, strict=True)), Fraction(0)
        )

    assert reached(found) == wanted
    if found > min(low):
        assert reached(found - Fraction(1, 10**6)) < wanted


@pytest.mark.usefixtures("thresholds")
@pytest.mark.parametrize("seed", range(120))
def test_a_ratio_is_whole_parts_and_remainders(seed: int) -> None:
    more = numbers(seed)
    most = [10, 10**9, 10**15, MOST][seed % 4]
    column = [next(more) * next(more) * next(more) % (most + 1) for _ in range(1 + next(more) % 20)]
    den = 1 + next(more) * next(more) % [10, 10**9, 2**59, 2**61, 2**70][seed % 5]
    num = next(more) * next(more) % (den + 1)
    ratio = Ratio(np.array(column), num, den, max(column))
    whole, remainder = ratio.divided(slice(None))
    expected = [divmod(number * num, den) for number in column]
    assert list(zip(whole.tolist(), remainder.tolist(), strict=True)) == expected
    assert ratio.whole().tolist() == [quotient for quotient, _ in expected]
    some = np.arange(0, len(column), 2)
    assert ratio.divided(some)[1].tolist() == [rest for _, rest in expected[::2]]


@pytest.mark.usefixtures("thresholds")
@pytest.mark.parametrize(
    "column",
    [
        [5], [3, -4, 7, 0, -9, 2, 2], [MOST, MOST, -MOST, MOST], [0] * 7, [-MOST, -MOST],
        [2**70, -1, 5], [2**70, 7],
    ],
)  # fmt: skip
def test_the_extent_of_a_column_is_exact(column: list[int]) -> None:
    values = np.array(column, dtype=object if max(column) > MOST else np.int64)
    assert integers.extent(values) == (min(column), max(column), sum(column))
    assert integers.total(values) == sum(column)


def test_one_number_told_for_all_rows_is_a_column_too() -> None:
    same = np.broadcast_to(np.int64(4), 6)
    assert integers.extent(same) == (4, 4, 24)
    assert integers.total(np.broadcast_to(np.int64(MOST), 3)) == 3 * MOST
    assert integers.extent(np.zeros(0, dtype=np.int64)) == (0, 0, 0)


# What is guessed is only ever a short cut: wrong guesses change nothing, right ones are taken


def many(seed: int, size: int = 400) -> list[int]:
    more = numbers(seed)
    return [1 + next(more) % 10**6 for _ in range(size)]


@pytest.fixture
def short_cuts(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Let four hundred claims be guessed at."""
    for module, sample in ((shares, 50), (rates, 402), (levels, 50)):
        monkeypatch.setattr(module, "_MANY", 100)
        monkeypatch.setattr(module, "_SAMPLE", sample)
    monkeypatch.setattr(shares, "_MARGIN", 12)
    return monkeypatch


@pytest.mark.parametrize("seed", range(8))
def test_right_guesses_are_taken(seed: int, short_cuts: pytest.MonkeyPatch) -> None:
    claims = many(seed)
    quotas, awards = oracles.allocate(claims, sum(claims) // 3 + seed)
    looked_at: list[int] = []
    served = rounding._served

    def noted(problem: Any, quotas: Any, start: Any) -> Any:
        looked_at.append(len(start.remainders))
        return served(problem, quotas, start)

    short_cuts.setattr(rounding, "_served", noted)
    plan = allocate(pd.Series(claims), sum(claims) // 3 + seed)
    assert plan.awards_fen.tolist() == awards
    assert plan.awards_fen.dtype == np.int64
    assert plan.quotas.tolist() == quotas
    assert len(looked_at) == 1
    assert looked_at[0] < 300


@pytest.mark.parametrize("band", [(0.0, 0.2), (0.4, 0.4), (0.9, 1.0), (0.2, 0.8), (-0.1, 1.1)])
def test_a_wrong_band_changes_no_award(band: tuple[float, float], short_cuts: pytest.MonkeyPatch) -> None:
    short_cuts.setattr(shares.Shares, "_band", lambda _self: band)
    for seed in range(12):
        claims = many(seed, 150)
        fund = sum(claims) * (1 + seed) // 13
        quotas, awards = oracles.allocate(claims, fund)
        plan = allocate(pd.Series(claims), fund)
        assert plan.awards_fen.tolist() == awards
        served = [q % 1 for q, award in zip(quotas, awards, strict=True) if award > q]
        assert plan.reconciliation["cut"]["remainder"] == min(served)


def test_a_cut_at_the_end_of_the_band_is_not_trusted(short_cuts: pytest.MonkeyPatch) -> None:
    claims = many(3, 150)
    fund = sum(claims) // 2 + 1
    quotas, awards = oracles.allocate(claims, fund)
    cut = min(float(q % 1) for q, award in zip(quotas, awards, strict=True) if award > q)
    for low, high in ((cut, 1.0), (0.0, cut), (cut - 1e-7, 1.0), (0.0, cut + 1e-7)):
        short_cuts.setattr(shares.Shares, "_band", lambda _self, low=low, high=high: (low, high))
        start = allocate(pd.Series(claims), fund).parts[0].quotas.start()
        assert start.inside is not None
        assert not start.inside[0] < Fraction(cut) < start.inside[1]
        assert allocate(pd.Series(claims), fund).awards_fen.tolist() == awards


@pytest.mark.parametrize("seed", range(8))
def test_rates_that_enclose_settle_most_claims_and_wrong_ones_change_nothing(
    seed: int, short_cuts: pytest.MonkeyPatch
) -> None:
    claims = [*many(seed), 0, 0]
    floors = [claim // 40 for claim in claims]
    caps: list[Any] = [claim // 2 if claim % 3 else claim for claim in claims]
    floors[5], caps[7] = claims[5] // 2, claims[7] // 3
    fund = sum(floors) + (sum(caps) - sum(floors)) // 3
    quotas, awards = oracles.allocate(claims, fund, floors=floors, caps=caps)
    opened: list[Any] = []
    settled = rates._settled

    def noted(columns: Any, wanted: int, held: Any) -> Any:
        found = settled(columns, wanted, held)
        opened.append(None if found is None else len(found.near))
        return found

    short_cuts.setattr(rates, "_settled", noted)
    arguments: dict[str, Any] = {"floors_fen": floors, "caps_fen": caps}
    plan = allocate(pd.Series(claims), fund, **arguments)
    assert (plan.awards_fen.tolist(), plan.quotas.tolist()) == (awards, quotas)
    assert opened[0] is not None
    assert opened[0] < 100
    held = plan.parts[0].quotas.held
    assert held is not None
    assert [int(mark) for mark in held[-2:]] == [0, 0]
    for slow, fast in (
        (Fraction(0), Fraction(1, 9)),
        (Fraction(9, 10), Fraction(1)),
        (Fraction(0), Fraction(1)),
    ):
        short_cuts.setattr(rates, "_guessed", lambda *_, slow=slow, fast=fast: (slow, fast))
        assert allocate(pd.Series(claims), fund, **arguments).quotas.tolist() == quotas
    assert opened[1] is opened[2] is None
    assert opened[3] is not None


METHODS_OF_LEVELS = ["constrained_equal_awards", "constrained_equal_losses", "talmud", "reverse_talmud"]


@pytest.mark.parametrize("method", METHODS_OF_LEVELS)
@pytest.mark.parametrize("seed", range(10))
def test_the_cut_of_a_level_is_the_least_remainder_served(method: str, seed: int) -> None:
    claims = many(seed, 15)
    plan = allocate(claims, sum(claims) * (1 + seed) // 12, method=method)
    pairs = list(zip(plan.quotas, plan.awards_fen, strict=True))
    served = [quota % 1 for quota, award in pairs if award > quota]
    cut = plan.reconciliation["cut"]
    assert (cut["remainder"] if cut else None) == min(served, default=None)
    if served:
        assert max(quota % 1 for quota, award in pairs if award < quota or quota == award) <= min(served)
        assert plan.reconciliation["ties_at_cut"]["count"] == sum(
            quota % 1 == min(served) for quota, _ in pairs
        )


@pytest.mark.parametrize("num", [10**17, 3 * 10**17, 10**17 - 1])
def test_a_guess_beside_a_whole_quotient_is_put_right(num: int) -> None:
    den = 7 * 10**17
    column = [7 * step + more for step in range(10**6, 10**6 + 400) for more in (0, 1)]
    ratio = Ratio(np.array(column), num, den, max(column))
    assert ratio.is_guessed
    assert not ratio.is_plain
    whole, remainder = ratio.divided(slice(None))
    expected = [divmod(number * num, den) for number in column]
    assert list(zip(whole.tolist(), remainder.tolist(), strict=True)) == expected
    for off in (-3, -1, 1, 2):
        moved, left = whole + off, remainder - off * den
        ratio._put_right(moved, left)
        assert (moved.tolist(), left.tolist()) == (whole.tolist(), remainder.tolist())


@pytest.mark.parametrize(
    ("claim", "fund_share", "guessed"),
    [(10**6, 2, True), (2**34, 2, False), (2**34, 8, True), (2**54, 2**40, False)],
)
def test_only_quotas_that_floats_tell_apart_are_guessed(
    claim: int, fund_share: int, guessed: bool, short_cuts: pytest.MonkeyPatch
) -> None:
    claims = [claim - step for step in range(150)]
    quotas = allocate(pd.Series(claims), sum(claims) // fund_share).parts[0].quotas
    assert (quotas.start().near is not None) == guessed


# A value at a place: few values are counted, many are parted


def test_few_distinct_values_are_counted_not_parted(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.array([7] * 900 + [3] * 1100 + [1] * 48)
    expected = np.sort(values)[::-1]
    monkeypatch.setattr(np, "partition", lambda *_: pytest.fail("parted"))
    for place in (1, 2, 899, 900, 901, 2000, 2001, 2047, 2048):
        assert rounding._at_place(values, place) == expected[place - 1]
    eight = np.arange(8)
    assert [rounding._at_place(eight, place) for place in range(1, 9)] == list(range(7, -1, -1))


def test_a_lone_value_that_the_look_passes_over_is_found_by_parting() -> None:
    values = np.full(4096, 5)
    values[1::2] = np.arange(2048) + 10
    assert [rounding._at_place(values, place) for place in (1, 2, 2048, 2049)] == [2057, 2056, 10, 5]


def test_many_distinct_values_are_parted_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(np, "count_nonzero", lambda *_: pytest.fail("counted"))
    values = np.arange(4096)
    assert [rounding._at_place(values, place) for place in (1, 5, 4096)] == [4095, 4091, 0]
    assert rounding._at_place(np.arange(9), 9) == 0


# Where the cut is not where it was looked for, and who is reached first where nothing else tells


def test_a_cut_at_an_end_or_outside_is_looked_for_again() -> None:
    part = allocate([1, 1, 1, 3], 3).parts[0]
    start = part.quotas.start()
    half = Fraction(1, 2)
    for low, high, is_inside in (
        (Fraction(0), Fraction(1), True),
        (half, Fraction(1), False),
        (Fraction(0), half, False),
        (Fraction(3, 4), Fraction(1), False),
        (Fraction(0), Fraction(1, 4), False),
    ):
        guessed = replace(start, awards=start.awards.copy(), inside=(low, high))
        assert (rounding._served(part.problem, part.quotas, guessed) is not None) == is_inside


@pytest.mark.parametrize("seed", range(6))
def test_a_tie_within_the_band_goes_to_the_lower_label(seed: int, short_cuts: pytest.MonkeyPatch) -> None:
    once = many(seed, 200)
    labels = [f"{(7 * row + 3) % 400:03}" for row in range(400)]
    claims = pd.Series([*once, *once[::-1]], index=labels)
    cuts = set()
    for fund in range(sum(once) // 2, sum(once) // 2 + 6):
        plan = allocate(claims, fund)
        assert plan.parts[0].quotas.start().near is not None
        ordered = claims.sort_index()
        awards = pd.Series(oracles.allocate(ordered.tolist(), fund)[1], index=ordered.index)
        assert plan.awards_fen.to_dict() == awards.to_dict()
        cut = plan.reconciliation["ties_at_cut"]
        cuts.add((cut["count"], cut["served"]))
    assert (2, 1) in cuts


@pytest.mark.parametrize("step", [1, -1, 3, -3])
def test_rows_numbered_downwards_are_reached_from_the_lowest_number(step: int) -> None:
    labels = pd.RangeIndex(10 if step < 0 else 0, 10 + 6 * step if step < 0 else 6 * step, step)
    plan = allocate(pd.Series([1] * 6, index=labels), 2)
    assert sorted(plan.awards_fen[plan.awards_fen == 1].index) == sorted(labels)[:2]


def test_the_queue_goes_by_claim_then_by_key_then_by_label() -> None:
    plan = allocate({"d": 2, "c": 4, "b": 2, "a": 2}, 5, ties=pd.Series({"a": 2, "b": 1, "c": 3, "d": 1}))
    queue = rounding.in_order(plan.parts[0].problem, np.arange(4))
    assert [plan.awards_fen.index[place] for place in queue] == ["c", "b", "d", "a"]


@pytest.mark.parametrize(
    ("num", "den"), [(2**64 + 5, 2**59 + 1), (2**65 + 1, 2**59 - 1), (5, 2**59), (7, 2**62), (MOST // 3, 1)]
)
def test_what_fits_64_bits_is_reckoned_in_them(num: int, den: int, monkeypatch: pytest.MonkeyPatch) -> None:
    column = [1, 0, 3, 2]
    monkeypatch.setattr(integers, "widen", lambda _: pytest.fail("widened"))
    ratio = Ratio(np.array(column), num, den, 3)
    whole, remainder = ratio.divided(slice(None))
    expected = [divmod(number * num, den) for number in column]
    assert list(zip(whole.tolist(), remainder.tolist(), strict=True)) == expected
    assert ratio.whole().tolist() == [quotient for quotient, _ in expected]


def test_claims_of_unlike_size_queue_by_size_where_rows_are_only_numbered() -> None:
    problem = allocate([1, 3, 3, 5], 6).parts[0].problem
    assert rounding.in_order(problem, np.arange(4)).tolist() == [3, 1, 2, 0]


@pytest.mark.parametrize("seed", range(6))
def test_rates_enclose_where_floors_and_caps_lie_close_around_the_rate(
    seed: int, short_cuts: pytest.MonkeyPatch
) -> None:
    short_cuts.setattr(ratios, "_BLOCK", 90)
    claims = many(seed)
    floors, caps = [0] * 400, list(claims)
    for row, claim in enumerate(claims):
        near = 585 + row * 7 % 30
        if row % 4 == 1:
            floors[row] = claim * near // 1000
        elif row % 4 == 2:
            caps[row] = claim * near // 1000
        elif row % 4 == 3:
            floors[row], caps[row] = claim * 7 // 10, claim * 8 // 10
    caps[::8] = [claim // 2 for claim in claims[::8]]
    fund = sum(claims) * 61 // 100 + seed
    quotas, awards = oracles.allocate(claims, fund, floors=floors, caps=caps)
    settled, opened = rates._settled, list[Any]()
    short_cuts.setattr(rates, "_settled", lambda *given: opened.append(settled(*given)) or opened[-1])
    plan = allocate(pd.Series(claims), fund, floors_fen=floors, caps_fen=caps)
    assert opened[0] is not None
    assert (plan.awards_fen.tolist(), plan.quotas.tolist()) == (awards, quotas)


@pytest.mark.parametrize("seed", range(12))
def test_held_at_a_bound_is_who_the_level_alone_would_give_otherwise(seed: int) -> None:
    claims = many(seed, 9)
    floors = [claim // 3 if row % 3 == 0 else 0 for row, claim in enumerate(claims)]
    caps = [claim // 2 if row % 3 == 1 else claim for row, claim in enumerate(claims)]
    fund = sum(floors) + (sum(caps) - sum(floors)) * (1 + seed) // 14
    plan = allocate(claims, fund, method="constrained_equal_awards", floors_fen=floors, caps_fen=caps)
    quotas = plan.parts[0].quotas
    assert quotas.rule is not None
    for row, claim in enumerate(claims):
        alone = min(Fraction(claim), quotas.rule.multiplier)
        given = quotas.fraction(row)
        assert quotas.held_at(row) == (alone > given) - (alone < given)
    unbounded = allocate(claims, fund, method="constrained_equal_awards").parts[0].quotas
    assert [unbounded.held_at(row) for row in range(9)] == [0] * 9


@pytest.mark.parametrize("method", METHODS_OF_LEVELS)
@pytest.mark.parametrize("is_bounded", [False, True])
def test_levels_of_claims_near_63_bits_are_those_of_small_ones(method: str, is_bounded: bool) -> None:
    claims, floors, caps = [7, 5, 3, 1], [0, 2, 0, 1], [7, 5, 1, 1]
    for fund in range(4, 14):
        for times in (2**57, 2**58, 2**59, 2**60):
            bounds: dict[str, Any] = {"floors_fen": floors, "caps_fen": caps} if is_bounded else {}
            larger = {name: [bound * times for bound in column] for name, column in bounds.items()}
            small = allocate(claims, fund, method=method, **bounds)
            large = allocate(
                [claim * times for claim in claims], fund * times, method=method, unit_fen=2, **larger
            )
            assert [quota / times for quota in large.quotas] == small.quotas.tolist()
