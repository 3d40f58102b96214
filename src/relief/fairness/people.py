"""Axioms that compare a problem with one of other claims: more, fewer, larger, merged, cut.

In    an allocator, claims and a fund, 0 <= fund <= sum of the claims
Out   a `Witness`, or None where the axiom holds for every variation that was tried

Every claimant and every pair is tried where they are few, otherwise the first, the last and some
between.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import chain, combinations, permutations
from typing import TYPE_CHECKING

from relief.fairness.funds import differing, some
from relief.fairness.witness import Breach, Case, axiom

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relief.fairness.asking import Amount, Amounts, Asked

__all__ = [
    "anonymity", "claim_monotonicity", "claims_truncation_invariance", "consistency", "homogeneity",
    "minimal_rights_first", "no_gain_by_merging", "no_gain_by_splitting", "population_monotonicity",
]  # fmt: skip

_ALL_ORDERS = 3


@axiom
def anonymity(asked: Asked, claims: Amounts, fund: Amount) -> Breach | None:
    """Ask that in another order of the rows each claim gets the same; equal claims may swap."""
    awards = asked(claims, fund)
    for order in _orders(claims):
        other = tuple(claims[row] for row in order)
        found = asked(other, fund)
        back: list[Amount] = [0] * len(claims)
        for row, award in zip(order, found, strict=True):
            back[row] = award
        breach = differing(claims, awards, tuple(back), Case(other, fund, found))
        if breach:
            return breach
    return None


def _orders(claims: Amounts) -> Iterator[tuple[int, ...]]:
    rows = tuple(range(len(claims)))
    if len(rows) <= _ALL_ORDERS:
        yield from permutations(rows)
    else:
        upwards = tuple(sorted(rows, key=lambda row: claims[row]))
        yield from (rows[::-1], rows[1:] + rows[:1], (1, 0, *rows[2:]), upwards)


@axiom
def claim_monotonicity(asked: Asked, claims: Amounts, fund: Amount) -> Breach | None:
    """Ask that who claims more gets no less."""
    awards = asked(claims, fund)
    for row in some(range(len(claims))):
        more = (*claims[:row], claims[row] + 1, *claims[row + 1 :])
        found = asked(more, fund)
        if found[row] < awards[row]:
            return Breach(row, awards[row], "at_most", found[row], Case(more, fund, found))
    return None


@axiom
def population_monotonicity(asked: Asked, claims: Amounts, fund: Amount) -> Breach | None:
    """Ask that where somebody more claims a part of the same fund, nobody else gets more."""
    awards = asked(claims, fund)
    for gone in some(range(len(claims))):
        rest = (*claims[:gone], *claims[gone + 1 :])
        if not any(rest) or sum(rest) < fund:
            continue
        found = asked(rest, fund)
        kept = (*awards[:gone], *awards[gone + 1 :])
        for row, (award, alone) in enumerate(zip(kept, found, strict=True)):
            if award > alone:
                return Breach(row + (row >= gone), award, "at_most", alone, Case(rest, fund, found))
    return None


@axiom
def consistency(asked: Asked, claims: Amounts, fund: Amount) -> Breach | None:
    """Ask that where some take their awards and leave, dividing the rest gives those who stay the same."""
    awards, count = asked(claims, fund), len(claims)
    rows = range(count)
    without_one = ((*rows[:gone], *rows[gone + 1 :]) for gone in some(rows))
    for kept in chain(without_one, combinations(some(rows), 2) if count > _ALL_ORDERS else ()):
        rest, due = tuple(claims[row] for row in kept), tuple(awards[row] for row in kept)
        left = sum(due)
        if not any(rest) or not 0 <= left <= sum(rest):
            continue
        found = asked(rest, left)
        breach = differing(rest, due, found, Case(rest, left, found))
        if breach and breach.row is not None:
            return breach._replace(row=kept[breach.row])
    return None


@axiom
def no_gain_by_merging(asked: Asked, claims: Amounts, fund: Amount) -> Breach | None:
    """Ask that two who claim as one get no more than each for itself, however equal claims swap."""
    awards = asked(claims, fund)
    for one, two in combinations(some(range(len(claims))), 2):
        merged = (*claims[:one], claims[one] + claims[two], *claims[one + 1 : two], *claims[two + 1 :])
        found = asked(merged, fund)
        together, apart = min(_alike(merged, found, one)), _best(claims, awards, one, two)
        if together > apart:
            wanted = awards[one] + together - apart
            return Breach(one, awards[one], "at_least", wanted, Case(merged, fund, found))
    return None


@axiom
def no_gain_by_splitting(asked: Asked, claims: Amounts, fund: Amount) -> Breach | None:
    """Ask that one who claims as two gets no more than for itself, however equal claims swap."""
    awards = asked(claims, fund)
    for row in some(range(len(claims))):
        alone = max(_alike(claims, awards, row))
        for part in some(range(1, int(claims[row]) // 2 + 1)):
            split = (*claims[:row], claims[row] - part, *claims[row + 1 :], part)
            found = asked(split, fund)
            negative = tuple(-award for award in found)
            apart = -_best(split, negative, row, len(claims))
            if apart > alone:
                wanted = awards[row] + apart - alone
                return Breach(row, awards[row], "at_least", wanted, Case(split, fund, found))
    return None


def _alike(claims: Amounts, amounts: Amounts, row: int) -> list[Amount]:
    """Return the amounts of all whose claim is that of a row."""
    return [amount for claim, amount in zip(claims, amounts, strict=True) if claim == claims[row]]


def _best(claims: Amounts, amounts: Amounts, one: int, two: int) -> Amount:
    """Return the most that two rows can have together where equal claims swap."""
    first, second = _alike(claims, amounts, one), _alike(claims, amounts, two)
    return sum(sorted(first)[-2:]) if claims[one] == claims[two] else max(first) + max(second)


@axiom
def homogeneity(asked: Asked, claims: Amounts, fund: Amount) -> Breach | None:
    """Ask that twice the claims and twice the fund give twice the awards; so do three times."""
    awards = asked(claims, fund)
    for times in (2, 3):
        larger = tuple(claim * times for claim in claims)
        found = asked(larger, fund * times)
        wanted = tuple(Fraction(award) / times for award in found)
        breach = differing(claims, awards, wanted, Case(larger, fund * times, found))
        if breach:
            return breach
    return None


@axiom
def claims_truncation_invariance(asked: Asked, claims: Amounts, fund: Amount) -> Breach | None:
    """Ask that what a claim asks beyond the whole fund changes nothing."""
    cut = tuple(min(claim, fund) for claim in claims)
    if cut == claims or not fund:
        return None
    found = asked(cut, fund)
    return differing(claims, asked(claims, fund), found, Case(cut, fund, found))


@axiom
def minimal_rights_first(asked: Asked, claims: Amounts, fund: Amount) -> Breach | None:
    """Ask that each first gets what the others together leave to it; dividing the rest gives the same."""
    total = sum(claims)
    rights = tuple(max(0, fund - (total - claim)) for claim in claims)
    if not any(rights):
        return None
    left = tuple(claim - right for claim, right in zip(claims, rights, strict=True))
    rest = fund - sum(rights)
    found = asked(left, rest)
    wanted = tuple(right + award for right, award in zip(rights, found, strict=True))
    return differing(claims, asked(claims, fund), wanted, Case(left, rest, found))
