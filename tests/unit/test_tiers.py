"""Tests of relief.rulepack.tiers: bands with ends in and out, against each point of an interval."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.packs import small_pack

from relief.errors import PackError
from relief.rulepack.values import Amount, Bound

Ends = tuple[Fraction | None, Fraction | None]

# 〔0, 100) nothing; then each end once in and once out; the last has no upper end.
BANDS: list[dict[str, Any]] = [
    {"above": 100, "upto": 200, "exactly": 10},
    {"above": 200, "upto": 300, "at_least": 20, "at_most": 25},
    {"above": 300, "below": 400, "at_most": 40},
    {"from": 400, "at_least": 50},
]


def bound(*ends: int | Fraction | None) -> Bound:
    is_open = np.array([end is None for end in ends])
    wholes = [Fraction(end or 0) for end in ends]
    num, den = np.array([w.numerator for w in wholes]), np.array([w.denominator for w in wholes])
    return Bound(num, den, is_open if is_open.any() else None)


def given_by(bands: list[dict[str, Any]], *ranges: tuple[Any, Any]) -> list[Ends]:
    lo = bound(*(low for low, _ in ranges))
    exact = all(low == high for low, high in ranges)
    amount = Amount(lo, lo if exact else bound(*(high for _, high in ranges)))
    found = small_pack(tiers={"t": bands}).tiers["t"].given(amount)
    return [found.at(place) for place in range(len(ranges))]


@pytest.mark.parametrize(
    ("fen", "low", "high"),
    [
        (0, 0, 0),
        (-5, 0, 0),
        (100_00, 0, 0),
        (100_01, 10_00, 10_00),
        (Fraction(100_00) + Fraction(1, 3), 10_00, 10_00),
        (200_00, 10_00, 10_00),
        (200_01, 20_00, 25_00),
        (299_99, 20_00, 25_00),
        (300_00, 20_00, 25_00),
        (Fraction(300_00) + Fraction(1, 10**6), 0, 40_00),
        (400_00, 50_00, None),
        (10**15, 50_00, None),
    ],
)
def test_the_band_that_a_quantity_is_in(fen: Any, low: int, high: int | None) -> None:
    assert given_by(BANDS, (fen, fen)) == [(low, high)]


@pytest.mark.parametrize(
    "band",
    [
        {"from": 300, "upto": 300, "exactly": 5},  # empty
        {"from": 300, "exactly": 5},  # 300 in two bands
        {"above": 301, "exactly": 5},  # a gap
    ],
)
def test_bands_meet_in_one_place(band: dict[str, Any]) -> None:
    with pytest.raises(PackError, match=r"30[01]"):
        given_by([*BANDS[:2], band], (0, 0))


@pytest.mark.parametrize(
    ("low", "high", "given"),
    [
        (100_00, 100_01, (0, 10_00)),
        (100_01, 200_00, (10_00, 10_00)),
        (150_00, 250_00, (10_00, 25_00)),
        (250_00, 350_00, (0, 40_00)),
        (0, None, (0, None)),
        (None, 50_00, (0, 0)),
        (None, 150_00, (0, 10_00)),
        (400_00, None, (50_00, None)),
        (None, None, (0, None)),
    ],
)
def test_an_interval_over_several_bands(low: Any, high: Any, given: Ends) -> None:
    assert given_by(BANDS, (low, high)) == [given]


def test_rows_are_given_each_its_own() -> None:
    assert given_by([BANDS[0]], (0, 0), (150_00, 150_00), (200_01, 200_01)) == [
        (0, 0),
        (10_00, 10_00),
        (0, 0),
    ]
    assert given_by([BANDS[0]], (0, 150_00), (150_00, 150_00), (None, None)) == [
        (0, 10_00), (10_00, 10_00), (0, 10_00),
    ]  # fmt: skip


# --- brute force ------------------------------------------------------------------------------------


@st.composite
def tariffs(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Draw bands that meet, with ends of whole yuan that belong to either side."""
    ends = sorted(draw(st.sets(st.integers(0, 9), min_size=2, max_size=5)))
    bands: list[dict[str, Any]] = []
    inside = draw(st.booleans())
    for at, (low, high) in enumerate(zip(ends, [*ends[1:], None], strict=True)):
        band: dict[str, Any] = {"from" if inside else "above": low}
        if high is None:
            if draw(st.booleans()):
                break
        else:
            taken = draw(st.booleans())
            band["upto" if taken else "below"] = high
            inside = not taken
        shape = draw(st.sampled_from(["exactly", "both", "at_least", "at_most"]))
        least = draw(st.integers(0, 5))
        if shape == "both":
            band |= {"at_least": least, "at_most": least + at}
        else:
            band |= {shape: least}
        bands.append(band)
    return bands


def at_point(bands: list[dict[str, Any]], point: Fraction) -> tuple[int, int | None]:
    """Return what the bands give at one point, in fen."""
    for band in bands:
        above = point >= band["from"] * 100 if "from" in band else point > band["above"] * 100
        upto = (
            point <= band["upto"] * 100
            if "upto" in band
            else "below" not in band or point < band["below"] * 100
        )
        if above and upto:
            if "exactly" in band:
                return band["exactly"] * 100, band["exactly"] * 100
            most = band.get("at_most")
            return band.get("at_least", 0) * 100, None if most is None else most * 100
    return 0, 0


HALVES = [Fraction(half * 50) for half in range(-2, 22)]
ENDS = st.sampled_from(HALVES) | st.none()


@given(bands=tariffs(), one=ENDS, other=ENDS)
def test_an_interval_gets_what_its_points_get(
    bands: list[dict[str, Any]], one: Fraction | None, other: Fraction | None
) -> None:
    """Every end of a band is a half of a yuan here or a whole one, so no band lies between two points."""
    low, high = (one, other) if one is None or other is None or one <= other else (other, one)
    points = [point for point in HALVES if (low is None or low <= point) and (high is None or point <= high)]
    possible = [at_point(bands, point) for point in points]
    highs = [most for _, most in possible]
    found = given_by(bands, (low, high))
    least = min(least for least, _ in possible)
    assert found == [(least, None if None in highs else max(most for most in highs if most is not None))]
