"""Axioms that look at the awards of one problem alone.

In    an allocator, claims and a fund, 0 <= fund <= sum of the claims
Out   a `Witness`, or None where the axiom holds
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import groupby, pairwise
from math import ceil, floor
from typing import TypeAlias

from relief.fairness.asking import Amount, Amounts, Asked, shares
from relief.fairness.witness import Breach, axiom

__all__ = [
    "balance", "claims_bounded", "equal_treatment", "equal_treatment_within_unit", "lower_quota",
    "non_negativity", "order_preservation", "order_preservation_of_awards", "order_preservation_of_losses",
    "quota", "quota_breach", "remainder_breach", "remainder_order", "upper_quota",
]  # fmt: skip

Exact: TypeAlias = Callable[[Amounts, Amount], Amounts]


@axiom
def balance(asked: Asked, claims: Amounts, fund: Amount) -> Breach | None:
    """Ask that the awards add up to the fund."""
    total = sum(asked(claims, fund))
    return Breach(None, total, "exactly", fund) if total != fund else None


@axiom
def claims_bounded(asked: Asked, claims: Amounts, fund: Amount) -> Breach | None:
    """Ask that no award is above its claim."""
    for row, (claim, award) in enumerate(zip(claims, asked(claims, fund), strict=True)):
        if award > claim:
            return Breach(row, award, "at_most", claim)
    return None


@axiom
def non_negativity(asked: Asked, claims: Amounts, fund: Amount) -> Breach | None:
    """Ask that no award is below zero."""
    for row, award in enumerate(asked(claims, fund)):
        if award < 0:
            return Breach(row, award, "at_least", 0)
    return None


# --- whole units around exact awards --------------------------------------------------------------


@axiom
def quota(asked: Asked, claims: Amounts, fund: Amount) -> Breach | None:
    """Ask that no award is below its proportional share rounded down, nor above it rounded up."""
    return quota_breach(asked(claims, fund), shares(claims, fund))


@axiom
def lower_quota(asked: Asked, claims: Amounts, fund: Amount) -> Breach | None:
    """Ask that no award is below its proportional share rounded down."""
    return quota_breach(asked(claims, fund), shares(claims, fund), upper=False)


@axiom
def upper_quota(asked: Asked, claims: Amounts, fund: Amount) -> Breach | None:
    """Ask that no award is above its proportional share rounded up."""
    return quota_breach(asked(claims, fund), shares(claims, fund), lower=False)


def quota_breach(awards: Amounts, exact: Amounts, *, lower: bool = True, upper: bool = True) -> Breach | None:
    """Return the first award that is not its exact award rounded down or up."""
    for row, (award, share) in enumerate(zip(awards, exact, strict=True)):
        if lower and award < floor(share):
            return Breach(row, award, "at_least", floor(share))
        if upper and award > ceil(share):
            return Breach(row, award, "at_most", ceil(share))
    return None


@axiom
def remainder_order(asked: Asked, claims: Amounts, fund: Amount) -> Breach | None:
    """Ask that spare units go to those whose proportional shares are nearest to the next unit.

    What largest remainders promise: nobody gets more than the whole part of its share before one with
    a larger remainder.
    """
    return remainder_breach(asked(claims, fund), shares(claims, fund))


def remainder_breach(awards: Amounts, exact: Amounts) -> Breach | None:
    """Return an award that was passed over by one with a smaller remainder."""
    remainders = [Fraction(share) - floor(share) for share in exact]
    above = [award > floor(share) for award, share in zip(awards, exact, strict=True)]
    served = [left for left, up in zip(remainders, above, strict=True) if up]
    least = min(served, default=Fraction(1))
    for row, (left, up) in enumerate(zip(remainders, above, strict=True)):
        if not up and left > least:
            return Breach(row, awards[row], "at_least", floor(exact[row]) + 1)
    return None


# --- equal and unequal claims ---------------------------------------------------------------------


@axiom
def equal_treatment(asked: Asked, claims: Amounts, fund: Amount) -> Breach | None:
    """Ask that equal claims get equal awards."""
    return _apart(claims, asked(claims, fund), 0)


@axiom
def equal_treatment_within_unit(asked: Asked, claims: Amounts, fund: Amount) -> Breach | None:
    """Ask that equal claims get awards that are at most a unit apart."""
    return _apart(claims, asked(claims, fund), 1)


def _apart(claims: Amounts, awards: Amounts, most: int) -> Breach | None:
    for low, high in _by_claim(claims, awards):
        if awards[high] - awards[low] > most:
            relation = "at_least" if most else "exactly"
            return Breach(low, awards[low], relation, awards[high] - most)
    return None


def _by_claim(claims: Amounts, amounts: Amounts) -> list[tuple[int, int]]:
    """Return for each claim, upwards, the rows with the least and the largest amount."""
    rows = sorted(range(len(claims)), key=lambda row: (claims[row], amounts[row]))
    alike = (list(group) for _, group in groupby(rows, key=lambda row: claims[row]))
    return [(group[0], group[-1]) for group in alike]


@axiom
def order_preservation_of_awards(asked: Asked, claims: Amounts, fund: Amount) -> Breach | None:
    """Ask that a larger claim gets no less."""
    return _out_of_order(claims, asked(claims, fund))


@axiom
def order_preservation_of_losses(asked: Asked, claims: Amounts, fund: Amount) -> Breach | None:
    """Ask that a larger claim loses no less: what is left of it unpaid is no smaller."""
    return _losses_out_of_order(claims, asked(claims, fund))


@axiom
def order_preservation(asked: Asked, claims: Amounts, fund: Amount) -> Breach | None:
    """Ask that a larger claim gets no less and loses no less."""
    awards = asked(claims, fund)
    return _out_of_order(claims, awards) or _losses_out_of_order(claims, awards)


def _losses_out_of_order(claims: Amounts, awards: Amounts) -> Breach | None:
    losses = tuple(claim - award for claim, award in zip(claims, awards, strict=True))
    for (_, smaller), (larger, _) in pairwise(_by_claim(claims, losses)):
        if losses[larger] < losses[smaller]:
            return Breach(larger, awards[larger], "at_most", claims[larger] - losses[smaller])
    return None


def _out_of_order(claims: Amounts, awards: Amounts) -> Breach | None:
    for (_, smaller), (larger, _) in pairwise(_by_claim(claims, awards)):
        if awards[larger] < awards[smaller]:
            return Breach(larger, awards[larger], "at_least", awards[smaller])
    return None
