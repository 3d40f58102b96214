"""The split as the workbook computes it: passes that fix bounds, then units by largest remainders.

In    a `Roll`
Out   `Worked`: the value of every cell that a formula fills, in whole numbers

Each pass shares what is left among those still free, in proportion. Where those who fall outside
their bounds would together get less at the bounds than by the rate, or as much, the rate is too
high: whoever is below its floor stays at it for good; else whoever is above its cap. A pass that
finds nobody outside has settled the split; every other one fixes at least one row, so there are
never more passes than rows with a claim.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from relief.audit.roll import AMOUNTS_BELOW

if TYPE_CHECKING:
    from relief.audit.roll import Roll

__all__ = ["LEAST_PASSES", "LIMB", "SPARE_PASSES", "Pass", "Served", "Share", "Worked", "worked"]

LIMB = 10**6
"""Amounts are cut into two parts of six digits, whose products are exact in a cell."""

SPARE_PASSES, LEAST_PASSES, LEAST_OF_MANY, MANY_ROWS = 4, 10, 6, 1000


@dataclass(frozen=True)
class Share:
    """`number * left / together` in the steps of the cells: a guess, what it leaves, and what is right."""

    guess: int
    rest: int
    whole: int
    remainder: int


@dataclass(frozen=True)
class Pass:
    """One pass; lists have an entry per household, bounds are -1 (floor), 1 (cap) or 0."""

    left: int
    together: int
    shares: list[Share]
    outside: list[int]
    claims_outside: int
    bounds_outside: int
    by_rate: Share
    fixes: int
    held: list[int]


@dataclass(frozen=True)
class Served:
    """Where the units ran out: the remainder, among its equals the claim, among these the place."""

    spare: int
    cut: int
    left_at_cut: int
    claim: int
    left_at_claim: int
    place: int


@dataclass(frozen=True)
class Worked:
    """Everything that the formulas come to; amounts in fen, bounds and quotas in units."""

    floors: list[int]
    caps: list[int]
    room: int
    given: int
    passes: list[Pass]
    whole: list[int]
    remainders: list[int]
    served: Served
    got: list[bool]
    awards: list[int]

    @property
    def together(self) -> int:
        """What remainders are parts of."""
        return self.passes[-1].together


def worked(roll: Roll) -> Worked:
    """Return the split of a roll, step by step."""
    floors = [-(-(floor or 0) // roll.unit) for floor in roll.floors]
    caps = _caps(roll)
    room = sum(cap if claim else floor for claim, floor, cap in zip(roll.claims, floors, caps, strict=True))
    units = roll.fund // roll.unit
    given = min(units, room) if roll.returns else units
    passes = _passes(roll, floors, caps, given) if roll.is_live else []
    if not passes:
        return Worked(floors, caps, room, given, [], [], [], Served(0, 0, 0, 0, 0, 0), [], roll.awards)
    last = passes[-1]
    settled = list(zip(last.held, last.shares, floors, caps, strict=True))
    whole = [(share.whole, cap, floor)[held] for held, share, floor, cap in settled]
    remainders = [0 if held else share.remainder for held, share, _, _ in settled]
    served = _cut(roll.claims, remainders, given - sum(whole))
    got = [
        _is_served(served, remainder, claim, place)
        for place, (remainder, claim) in enumerate(zip(remainders, roll.claims, strict=True), start=1)
    ]
    awards = [(part + more) * roll.unit for part, more in zip(whole, got, strict=True)]
    return Worked(floors, caps, room, given, passes, whole, remainders, served, got, awards)


def _caps(roll: Roll) -> list[int]:
    caps = []
    for claim, cap, paid in zip(roll.claims, roll.caps, roll.paid, strict=True):
        most = roll.fund if roll.above else claim
        left = most if cap is None else max(0, cap - (paid or 0))
        caps.append((left if roll.above else min(claim, left)) // roll.unit)
    return caps


def _passes(roll: Roll, floors: list[int], caps: list[int], given: int) -> list[Pass]:
    """Return the passes until the split is settled, and some more for who changes a figure."""
    held = [0 if claim else -1 for claim in roll.claims]
    least = LEAST_PASSES if len(held) <= MANY_ROWS else LEAST_OF_MANY
    passes: list[Pass] = []
    needed = 0
    while not needed or len(passes) < min(len(held), max(least, needed + SPARE_PASSES)):
        passes.append(_pass(roll.claims, floors, caps, given, held))
        held = passes[-1].held
        if not needed and not passes[-1].fixes:
            needed = len(passes)
    return passes


def _pass(claims: list[int], floors: list[int], caps: list[int], given: int, before: list[int]) -> Pass:
    rows = list(zip(claims, floors, caps, before, strict=True))
    left = given - sum((0, cap, floor)[held] for _, floor, cap, held in rows)
    together = sum(claim for claim, _, _, held in rows if not held)
    shares = [share_of(0 if held else claim, left, together) for claim, _, _, held in rows]
    outside = [
        0 if held else _outside(share, floor, cap)
        for share, (_, floor, cap, held) in zip(shares, rows, strict=True)
    ]
    claims_outside = sum(claim for claim, out in zip(claims, outside, strict=True) if out)
    bounds = sum((0, cap, floor)[out] for out, (_, floor, cap, _) in zip(outside, rows, strict=True))
    by_rate = share_of(claims_outside, left, together)
    fixes = 0 if not any(outside) else -1 if (bounds, 0) >= (by_rate.whole, by_rate.remainder) else 1
    held = [was or (out if out == fixes else 0) for was, out in zip(before, outside, strict=True)]
    return Pass(left, together, shares, outside, claims_outside, bounds, by_rate, fixes, held)


def share_of(number: int, left: int, together: int) -> Share:
    """Return a share in the steps of the cells; the guess is made of floats there, and here."""
    if not number or not together:
        return Share(0, 0, 0, 0)
    guess = math.floor(float(number) * float(left) / float(together))
    whole, remainder = divmod(number * left, together)
    return Share(guess, number * left - guess * together, whole, remainder)


def _outside(share: Share, floor: int, cap: int) -> int:
    if share.whole < floor:
        return -1
    return 1 if (share.whole, share.remainder) > (cap, 0) else 0


def _cut(claims: list[int], remainders: list[int], spare: int) -> Served:
    """Return where the units run out; a limit that nobody meets where there is none to hand out."""
    none = AMOUNTS_BELOW
    cut = sorted(remainders, reverse=True)[spare - 1] if spare else none
    left_at_cut = spare - sum(remainder > cut for remainder in remainders)
    tied = [
        (claim, place)
        for place, (claim, remainder) in enumerate(zip(claims, remainders, strict=True), start=1)
        if remainder == cut
    ]
    claim = sorted((claim for claim, _ in tied), reverse=True)[left_at_cut - 1] if left_at_cut else none
    left_at_claim = left_at_cut - sum(amount > claim for amount, _ in tied)
    places = sorted(place for amount, place in tied if amount == claim)
    return Served(spare, cut, left_at_cut, claim, left_at_claim, places[left_at_claim - 1] if places else 0)


def _is_served(served: Served, remainder: int, claim: int, place: int) -> bool:
    at_cut = remainder == served.cut
    return (
        remainder > served.cut
        or (at_cut and claim > served.claim)
        or (at_cut and claim == served.claim and place <= served.place)
    )
