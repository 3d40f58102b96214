"""The kernels of a split at sizes where every path is walked: thresholds made small, plain oracles beside."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from tests import oracles

from relief.allocation import allocate, integers, levels, rates, ratios, shares
from relief.allocation.levels import level
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
    [[5], [3, -4, 7, 0, -9, 2, 2], [MOST, MOST, -MOST, MOST], [0] * 7, [-MOST, -MOST], [2**70, -1, 5]],
)
def test_the_extent_of_a_column_is_exact(column: list[int]) -> None:
    values = np.array(column, dtype=object if max(column) > MOST else np.int64)
    least = min(0, *column) if values.dtype == object else min(column)
    assert integers.extent(values) == (least, max(column), sum(column))
    assert integers.total(values) == sum(column)


def test_one_number_told_for_all_rows_is_a_column_too() -> None:
    same = np.broadcast_to(np.int64(4), 6)
    assert integers.extent(same) == (4, 4, 24)
    assert integers.total(np.broadcast_to(np.int64(MOST), 3)) == 3 * MOST
    assert integers.extent(np.zeros(0, dtype=np.int64)) == (0, 0, 0)
