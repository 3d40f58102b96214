"""Axioms that compare a problem with the same claims and another fund.

In    an allocator, claims and a fund, 0 <= fund <= sum of the claims
Out   a `Witness`, or None where the axiom holds for every other fund that was tried

All funds are tried where they are few, otherwise those next to the fund and a few between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from relief.fairness.witness import Breach, Case, axiom

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from relief.fairness.asking import Amount, Amounts, Asked

__all__ = [
    "composition_down", "composition_up", "differing", "resource_monotonicity", "self_duality",
    "self_duality_within_unit", "some",
]  # fmt: skip

_FEW = 12
_Item = TypeVar("_Item")


def some(items: Sequence[_Item]) -> Iterator[_Item]:
    """Yield all items where they are few; the first, the last and some between where they are many.

    Examples
    --------
    >>> list(some(range(5))), list(some(range(100)))
    ([0, 1, 2, 3, 4], [0, 1, 50, 98, 99])
    >>> len(list(some(range(2**70))))
    5
    """
    if not items:
        return iter(())
    # The length of a long range passes what `len` can tell.
    last = items[-1] - items[0] if isinstance(items, range) else len(items) - 1
    at = range(last + 1) if last < _FEW else (0, 1, (last + 1) // 2, last - 1, last)
    return (items[place] for place in at)


def differing(claims: Amounts, awards: Amounts, wanted: Amounts, other: Case) -> Breach | None:
    """Return the first award that is not the one wanted; equal claims may swap theirs."""
    if awards == wanted:
        return None
    got, due = (sorted(zip(claims, amounts, range(len(claims)), strict=True)) for amounts in (awards, wanted))
    for (_, award, row), (_, asked_for, _) in zip(got, due, strict=True):
        if award != asked_for:
            return Breach(row, award, "exactly", asked_for, other)
    return None


@axiom
def resource_monotonicity(asked: Asked, claims: Amounts, fund: Amount) -> Breach | None:
    """Ask that of a larger fund nobody gets less (no Alabama paradox)."""
    awards, total, fund = asked(claims, fund), int(sum(claims)), int(fund)
    near = [other for other in (fund - 1, fund + 1) if 0 <= other <= total]
    for other in dict.fromkeys((*near, *some(range(total + 1)))):
        found = asked(claims, other)
        for row, (before, after) in enumerate(zip(awards, found, strict=True)):
            if (after < before) if other > fund else (after > before):
                relation = "at_most" if other > fund else "at_least"
                return Breach(row, before, relation, after, Case(claims, other, found))
    return None


@axiom
def composition_down(asked: Asked, claims: Amounts, fund: Amount) -> Breach | None:
    """Ask that where the fund turns out smaller, dividing by the awards promised gives the same."""
    awards = asked(claims, fund)
    if min(awards) < 0 or sum(awards) != fund:
        return None
    for less in some(range(int(fund))):
        again, straight = asked(awards, less), asked(claims, less)
        found = differing(claims, straight, again, Case(awards, less, again))
        if found:
            return found
    return None


@axiom
def composition_up(asked: Asked, claims: Amounts, fund: Amount) -> Breach | None:
    """Ask that where the fund turns out larger, dividing the rest by what is still claimed gives the same."""
    awards = asked(claims, fund)
    for less in some(range(int(fund))):
        first = asked(claims, less)
        left = tuple(claim - award for claim, award in zip(claims, first, strict=True))
        if min(left) < 0 or sum(left) < fund - less:
            continue
        second = asked(left, fund - less)
        both = tuple(one + two for one, two in zip(first, second, strict=True))
        found = differing(claims, awards, both, Case(left, fund - less, second))
        if found:
            return found
    return None


@axiom
def self_duality(asked: Asked, claims: Amounts, fund: Amount) -> Breach | None:
    """Ask that what is missing is divided as what there is: awards and losses change places."""
    return _dual(asked, claims, fund, 0)


@axiom
def self_duality_within_unit(asked: Asked, claims: Amounts, fund: Amount) -> Breach | None:
    """Ask that what is missing is divided as what there is, but for a unit."""
    return _dual(asked, claims, fund, 1)


def _dual(asked: Asked, claims: Amounts, fund: Amount, most: int) -> Breach | None:
    missing = sum(claims) - fund
    awards, losses = asked(claims, fund), asked(claims, missing)
    for row, (claim, award, loss) in enumerate(zip(claims, awards, losses, strict=True)):
        least, highest = claim - loss - most, claim - loss + most
        if not least <= award <= highest:
            wanted = highest if award > highest else least
            relation = "exactly" if not most else "at_most" if award > highest else "at_least"
            return Breach(row, award, relation, wanted, Case(claims, missing, losses))
    return None
