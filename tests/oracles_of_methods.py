"""Every method straight from its definition: plain fractions, one household at a time, small problems only.

Amounts are in units. ``bounds`` are pairs of floor and cap in whole units; no cap is None.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import combinations, pairwise, permutations
from math import factorial, floor
from typing import Any, TypeAlias

from tests.oracles import clip, proportional_quotas

Bounds: TypeAlias = Sequence[tuple[Fraction, Fraction | None]]
Shape: TypeAlias = Callable[[Fraction, Fraction], Fraction]
Division: TypeAlias = Callable[[list[Fraction], Fraction], list[Fraction]]
Bounded: TypeAlias = Callable[[list[Fraction], Fraction, Bounds], list[Fraction]]
ZERO = Fraction(0)


# --- one level, found by walking the places where an award changes its course ---------------------


def leveled(shape: Shape) -> Bounded:
    """Return the method that gives clip(shape(claim, level)) with the level that spends the fund.

    `shape` grows with the level, and turns only where that is zero or a claim or half of one; it
    meets a bound at a difference of two of the amounts of a problem.
    """

    def divide(claims: list[Fraction], fund: Fraction, bounds: Bounds) -> list[Fraction]:
        def awards(level: Fraction) -> list[Fraction]:
            return [clip(shape(claim, level), pair) for claim, pair in zip(claims, bounds, strict=True)]

        amounts = {ZERO, fund, *claims, *(claim / 2 for claim in claims)}
        amounts |= {bound for pair in bounds for bound in pair if bound is not None}
        low = -2 * max(amounts) - 1
        for high in sorted({one - other for one in amounts for other in amounts} | {-low}):
            if sum(awards(high)) >= fund:
                break
            low = high
        start, end = sum(awards(low), ZERO), sum(awards(high), ZERO)
        steep = (end - start) / (high - low)
        return awards(low + (fund - start) / steep if steep else high)

    return divide


def halved(first: Shape, second: Shape) -> Bounded:
    """Return the method that follows `first` until half of all claims is given, then `second`."""

    def divide(claims: list[Fraction], fund: Fraction, bounds: Bounds) -> list[Fraction]:
        halves = sum((clip(claim / 2, pair) for claim, pair in zip(claims, bounds, strict=True)), ZERO)
        return leveled(first if fund <= halves else second)(claims, fund, bounds)

    return divide


def _award_of_half(claim: Fraction, level: Fraction) -> Fraction:
    return max(ZERO, min(claim / 2, level))


def _loss_of_half(claim: Fraction, level: Fraction) -> Fraction:
    return max(ZERO, min(claim / 2, -level))


LEVELED: dict[str, Bounded] = {
    "constrained_equal_awards": leveled(lambda claim, level: max(ZERO, min(claim, level))),
    "constrained_equal_losses": leveled(lambda claim, level: max(ZERO, min(claim, claim + level))),
    "equal": leveled(lambda _, level: level),
    "talmud": halved(_award_of_half, lambda claim, level: claim - _loss_of_half(claim, level)),
    "reverse_talmud": halved(
        lambda claim, level: claim / 2 - _loss_of_half(claim, level),
        lambda claim, level: claim / 2 + _award_of_half(claim, level),
    ),
    "piniles": halved(_award_of_half, lambda claim, level: claim / 2 + _award_of_half(claim, level)),
    "constrained_egalitarian": halved(_award_of_half, lambda claim, level: max(claim / 2, min(claim, level))),
}


def proportional(claims: list[Fraction], fund: Fraction, bounds: Bounds) -> list[Fraction]:
    """Walk the rates at which a bound is met."""
    return proportional_quotas(claims, fund, list(bounds))  # type: ignore[arg-type]


# --- methods that divide what is left above the floors --------------------------------------------


def on_floors(divide: Division) -> Bounded:
    """Return the method with floors set aside first and claims truncated at the caps."""

    def bounded(_claims: list[Fraction], fund: Fraction, bounds: Bounds) -> list[Fraction]:
        rest = [cap - least for least, cap in bounds if cap is not None]
        given = sum((least for least, _ in bounds), ZERO)
        shares = divide(rest, fund - given)
        return [least + share for (least, _), share in zip(bounds, shares, strict=True)]

    return bounded


def _random_arrival(claims: list[Fraction], fund: Fraction) -> list[Fraction]:
    got = [ZERO] * len(claims)
    for order in permutations(range(len(claims))):
        left = fund
        for i in order:
            got[i] += min(claims[i], left)
            left -= min(claims[i], left)
    return [amount / factorial(len(claims)) for amount in got]


def _adjusted_proportional(claims: list[Fraction], fund: Fraction) -> list[Fraction]:
    rights = [max(ZERO, fund - (sum(claims) - claim)) for claim in claims]
    left = fund - sum(rights)
    still = [min(claim - right, left) for claim, right in zip(claims, rights, strict=True)]
    return [right + (left * rest / sum(still) if left else 0)
            for right, rest in zip(rights, still, strict=True)]  # fmt: skip


def _minimal_overlap(claims: list[Fraction], fund: Fraction) -> list[Fraction]:
    """Lay the claims on each other from zero up to `depth`, layer by layer; what is above stands alone."""
    claims = [min(claim, fund) for claim in claims]
    depth = fund
    if max(claims) < fund:

        def covered(depth: Fraction) -> Fraction:
            return sum((max(ZERO, claim - depth) for claim in claims), depth)

        stops = sorted({ZERO, *claims})
        low, high = next((low, high) for low, high in pairwise(stops) if covered(high) <= fund)
        steep = (covered(low) - covered(high)) / (high - low)
        depth = low + ((covered(low) - fund) / steep if steep else 0)
    layers = sorted({ZERO, depth, *(claim for claim in claims if claim < depth)})
    got = [max(ZERO, claim - depth) for claim in claims]
    for low, high in pairwise(layers):
        inside = [i for i, claim in enumerate(claims) if claim >= high]
        for i in inside:
            got[i] += (high - low) / len(inside)
    return got


def _dominguez_thomson(claims: list[Fraction], fund: Fraction) -> list[Fraction]:
    """Follow the rounds until all claims above zero are at least the fund: then all get the same."""
    if fund == sum(claims):
        return claims
    got, left = [ZERO] * len(claims), list(claims)
    while any(0 < claim < fund for claim in left):
        shares = [min(claim, fund) / len(claims) for claim in left]
        got = [mine + share for mine, share in zip(got, shares, strict=True)]
        left = [claim - share for claim, share in zip(left, shares, strict=True)]
        fund -= sum(shares)
    equals = sum(claim > 0 for claim in left)
    return [mine + (fund / equals if claim else 0) for mine, claim in zip(got, left, strict=True)]


# --- the average of awards, by cutting the set of awards into pieces -------------------------------

Piece: TypeAlias = tuple[Fraction, Fraction, list[Fraction]]


def _average_of_awards(claims: list[Fraction], fund: Fraction) -> list[Fraction]:
    """Integrate one claim after the other: volume and moments as piecewise polynomials of the fund."""
    if fund in (0, sum(claims)):
        return claims if fund else [ZERO] * len(claims)
    averages = []
    for i, claim in enumerate(claims):
        others = [other for j, other in enumerate(claims) if j != i and other]
        volume, moment = _against(others, fund, claim)
        averages.append(moment / volume if claim else ZERO)
    return averages


def _against(others: list[Fraction], fund: Fraction, claim: Fraction) -> tuple[Fraction, Fraction]:
    """Return integrals over 0 <= x <= claim of the others' volume at fund - x, and of x times it."""
    if not others:
        return Fraction(1), fund
    pieces: list[Piece] = [(ZERO, others[0], [Fraction(1)])]
    for other in others[1:]:
        pieces = _spread(pieces, other)
    volume = moment = ZERO
    for low, high, terms in pieces:
        start, end = max(low, fund - claim), min(high, fund)
        if start < end:
            volume += _integral(terms, start, end)
            moment += fund * _integral(terms, start, end) - _integral([ZERO, *terms], start, end)
    return volume, moment


def _spread(pieces: list[Piece], claim: Fraction) -> list[Piece]:
    """Return the function x -> integral of the old one from x - claim to x."""
    ends = sorted({end + shift for low, high, _ in pieces for end in (low, high) for shift in (ZERO, claim)})
    found = []
    for low, high in pairwise(ends):
        # A polynomial is known by its values at as many places as it has terms.
        places = [low + (high - low) * Fraction(k, len(ends)) for k in range(len(ends))]
        places = places[: max(len(terms) for _, _, terms in pieces) + 1]
        values = [
            sum(
                (_integral(terms, max(a, x - claim), min(b, x))
                 for a, b, terms in pieces if max(a, x - claim) < min(b, x)), ZERO,
            )
            for x in places
        ]  # fmt: skip
        found.append((low, high, _through(places, values)))
    return found


def _integral(terms: list[Fraction], low: Fraction, high: Fraction) -> Fraction:
    return sum((term * (high ** (k + 1) - low ** (k + 1)) / (k + 1) for k, term in enumerate(terms)), ZERO)


def _through(places: list[Fraction], values: list[Fraction]) -> list[Fraction]:
    """Return the terms of the polynomial through some points (Lagrange)."""
    terms = [ZERO] * len(places)
    for i, (place, value) in enumerate(zip(places, values, strict=True)):
        basis, scale = [Fraction(1)], Fraction(1)
        for j, other in enumerate(places):
            if j != i:
                shifted = [ZERO, *basis]
                basis = [up - other * same for up, same in zip(shifted, [*basis, ZERO], strict=True)]
                scale *= place - other
        terms = [term + value * part / scale for term, part in zip(terms, basis, strict=True)]
    return terms


def average_by_inclusion(claims: list[Fraction], fund: Fraction) -> list[Fraction]:
    """Take away, for each set of claims, the simplex of those who all pass their claims."""
    n, volume, moments = len(claims), ZERO, [ZERO] * len(claims)
    for size in range(n + 1):
        for passed in combinations(range(n), size):
            left = fund - sum((claims[i] for i in passed), ZERO)
            if left > 0:
                simplex = (-1) ** size * left ** (n - 1)
                volume += simplex
                centre = [left / n + (claim if i in passed else 0) for i, claim in enumerate(claims)]
                moments = [total + simplex * at for total, at in zip(moments, centre, strict=True)]
    return [moment / volume for moment in moments]


ON_FLOORS: dict[str, Division] = {
    "random_arrival": _random_arrival,
    "adjusted_proportional": _adjusted_proportional,
    "minimal_overlap": _minimal_overlap,
    "dominguez_thomson": _dominguez_thomson,
    "average_of_awards": _average_of_awards,
}

BOUNDED: dict[str, Bounded] = {
    "proportional": proportional,
    **LEVELED,
    **{name: on_floors(divide) for name, divide in ON_FLOORS.items()},
}


# --- methods of practice --------------------------------------------------------------------------


def by_priority(
    claims: list[Fraction], fund: Fraction, bounds: Bounds, classes: list[str], order: list[str], within: str
) -> list[Fraction]:
    """Give all floors, then fill class after class up to its caps; `within` divides where the fund ends."""
    quotas = [least for least, _ in bounds]
    left = fund - sum(quotas)
    for name in order:
        ours = [i for i, other in enumerate(classes) if other == name]
        if not ours:
            continue
        given = sum((bounds[i][0] for i in ours), ZERO)
        most = sum((cap for i in ours if (cap := bounds[i][1]) is not None), ZERO)
        part = min(left + given, most)
        shares = BOUNDED[within]([claims[i] for i in ours], part, [bounds[i] for i in ours])
        for i, share in zip(ours, shares, strict=True):
            quotas[i] = share
        left -= part - given
    return quotas


def entitled(due: list[Fraction], fund: Fraction, bounds: Bounds) -> list[Fraction]:
    """Give what is due between the bounds, or scale it down to the fund."""
    due = [clip(amount, pair) for amount, pair in zip(due, bounds, strict=True)]
    if sum(due) <= fund:
        return due
    return proportional(due, fund, [(least, amount) for (least, _), amount in zip(bounds, due, strict=True)])


def by_brackets(claim: int, brackets: list[dict[str, Any]]) -> int:
    """Return what one claim brings, fen by fen of the claim."""
    shares, amount = ZERO, 0
    for at in range(claim):
        inside = [bracket for bracket in brackets if bracket["from_fen"] <= at]
        shares += Fraction(inside[-1]["share"]) if inside else 0
    for bracket in brackets:
        if claim > bracket["from_fen"] or (claim == bracket["from_fen"] and bracket["included"]):
            amount = bracket["amount_fen"]
    return floor(shares) + amount
