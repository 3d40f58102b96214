"""The same answers worked out another way: slow, plain, in fractions, one household at a time."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor


def bounds_in_units(
    claim: int, least: int, most: int | None, unit: int, above_claim: bool
) -> tuple[Fraction, Fraction | None]:
    """Return floor and cap in whole units; no cap is None."""
    if not above_claim:
        most = claim if most is None else min(most, claim)
    return Fraction(ceil(Fraction(least, unit))), None if most is None else Fraction(
        floor(Fraction(most, unit))
    )


def clip(amount: Fraction, bounds: tuple[Fraction, Fraction | None]) -> Fraction:
    least, most = bounds
    return max(least, amount if most is None else min(amount, most))


def proportional_quotas(
    claims: list[int], fund: int, bounds: list[tuple[Fraction, Fraction | None]]
) -> list[Fraction]:
    """Walk up the rates at which a bound is met, then draw a straight line to the fund (all in units)."""

    def spent(rate: Fraction) -> Fraction:
        return sum((clip(rate * claim, b) for claim, b in zip(claims, bounds, strict=True)), Fraction(0))

    corners = {Fraction(0)}
    for claim, pair in zip(claims, bounds, strict=True):
        corners |= {bound / claim for bound in pair if claim and bound is not None}
    below, above = Fraction(0), Fraction(1)
    for corner in sorted(corners):
        if spent(corner) > fund:
            above = corner
            break
        below, above = corner, corner + 1
    slope = (spent(above) - spent(below)) / (above - below)
    rate = below + (fund - spent(below)) / slope if slope else below
    return [clip(rate * claim, pair) for claim, pair in zip(claims, bounds, strict=True)]


def largest_remainder_awards(quotas: list[Fraction], claims: list[int], keys: list[object]) -> list[int]:
    """Give out the fund one unit at a time, each to whoever is then first in the queue."""
    awards = [floor(quota) for quota in quotas]
    waiting = sorted(range(len(claims)), key=lambda i: (awards[i] - quotas[i], -claims[i], keys[i]))
    for i in waiting[: int(sum(quotas)) - sum(awards)]:
        awards[i] += 1
    return awards


def allocate(
    claims: list[int],
    fund: int,
    *,
    unit: int = 1,
    floors: list[int] | None = None,
    caps: list[int | None] | None = None,
    above_claim: bool = False,
    keys: list[object] | None = None,
) -> tuple[list[Fraction], list[int]]:
    """Return exact quotas and awards, both in fen."""
    lows, highs = floors or [0] * len(claims), caps or [None] * len(claims)
    bounds = [
        bounds_in_units(claim, low, high, unit, above_claim)
        for claim, low, high in zip(claims, lows, highs, strict=True)
    ]
    quotas = proportional_quotas(claims, fund // unit, bounds)
    awards = largest_remainder_awards(quotas, claims, keys or list(range(len(claims))))
    return [quota * unit for quota in quotas], [award * unit for award in awards]


def with_check_digit(body: str) -> str:
    """Return the 17 digits of an ID number with the one that makes it add up (GB 11643)."""
    return body + "10X98765432"[sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(body)) % 11]
