"""Generated rounds: ties, zeros, equal claims, bounds, units, big amounts; and what somebody changes."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

import relief
from relief.errors import ReliefError

if TYPE_CHECKING:
    from relief.round.pipeline import Round

BELOW = 10**12
DISTRICTS = ("蓬江区", "江海区", "新会区", "台山市", "")
KINDS = ("few", "equal", "wide", "zeros", "big")


@dataclass(frozen=True)
class Case:
    """A split, in fen; a bound or earlier payment that is None is blank."""

    ids: tuple[str, ...]
    claims: tuple[int, ...]
    floors: tuple[int | None, ...]
    caps: tuple[int | None, ...]
    paid: tuple[int | None, ...]
    fund: int
    unit: int
    above: bool
    returns: bool

    @cached_property
    def round(self) -> Round:
        """The round, read from a roster in yuan as a clerk would have typed it."""
        columns = {"保底": self.floors, "封顶": self.caps, "已发": self.paid}
        roster = pd.DataFrame(
            {
                "户编号": self.ids,
                "区县": [DISTRICTS[at % len(DISTRICTS)] for at in range(len(self.ids))],
                "个人自付": list(map(yuan, self.claims)),
                **{title: list(map(yuan, amounts)) for title, amounts in columns.items()},
            }
        )
        terms: dict[str, Any] = {"floors_fen": "保底", "caps_fen": "封顶", "paid_fen": "已发"}
        if self.above:
            terms["allow_above_claim"] = True
        if self.returns:
            terms["surplus"] = "return"
        return relief.split(roster, self.fund, unit_fen=self.unit, any_district=True, **terms)

    @cached_property
    def expected(self) -> dict[str, int] | None:
        """The awards in fen, or None where this cannot be divided."""
        given = [
            {label: amount for label, amount in zip(self.ids, amounts, strict=True) if amount is not None}
            for amounts in (self.floors, self.caps, self.paid)
        ]
        try:
            plan = relief.allocate(
                dict(zip(self.ids, self.claims, strict=True)), self.fund, unit_fen=self.unit,
                floors_fen=given[0] or None, caps_fen=given[1] or None, paid_fen=given[2] or None,
                allow_above_claim=self.above, surplus="return" if self.returns else "error",
            )  # fmt: skip
        except ReliefError:
            return None
        return {str(label): int(award) for label, award in plan.awards_fen.items()}

    @cached_property
    def between(self) -> tuple[int, int]:
        """The least and the most that can be given, in units."""
        floors = [-(-(floor or 0) // self.unit) for floor in self.floors]
        caps = []
        for claim, cap, paid in zip(self.claims, self.caps, self.paid, strict=True):
            most = None if cap is None else max(0, cap - (paid or 0))
            caps.append((min(amount for amount in (most, claim) if amount is not None)) // self.unit)
        return sum(floors), sum(caps)


def yuan(fen: int | None) -> str:
    """Return an amount as somebody types it; nothing for none."""
    return "" if fen is None else f"{fen // 100}.{fen % 100:02d}"


def cases(count: int, seed: int, most: int) -> list[Case]:
    """Return so many cases that can be divided, each of up to `most` households."""
    rng, found = random.Random(seed), []  # noqa: S311
    while len(found) < count:
        case = _case(rng, KINDS[len(found) % len(KINDS)], most)
        if case is not None and case.expected is not None:
            found.append(case)
    return found


def _case(rng: random.Random, kind: str, most: int) -> Case | None:
    size, unit = rng.randint(1, most), rng.choice([1, 1, 100, 1000])
    claims = _claims(rng, kind, size)
    bounded = rng.random() < 0.7
    caps = [_cap(rng, claim, unit) if bounded and rng.random() < 0.5 else None for claim in claims]
    paid = [rng.choice([None, cap // 3]) if cap is not None else None for cap in caps]
    room = [
        claim if cap is None else min(claim, max(0, cap - (before or 0)))
        for claim, cap, before in zip(claims, caps, paid, strict=True)
    ]
    floors = [
        rng.randint(0, amount) // unit * unit // rng.choice([1, 2])
        if bounded and rng.random() < 0.5
        else None
        for amount in room
    ]
    labels = [f"{rng.choice('HhZ户')}{number}" for number in rng.sample(range(10 * size), size)]
    case = Case(tuple(labels), *map(tuple, (claims, floors, caps, paid)), 0, unit, rng.random() < 0.1,
                rng.random() < 0.2)  # fmt: skip
    least, greatest = case.between
    if greatest < least:
        return None
    fund = rng.choice([least, greatest, *(rng.randint(least, greatest) for _ in range(4))]) * unit
    fund += rng.choice([0, 0, unit]) if case.returns else 0
    return replace(case, fund=fund) if fund < BELOW else None


def _claims(rng: random.Random, kind: str, size: int) -> list[int]:
    if kind == "big":
        return [rng.randint(1, (BELOW - 1) // size) for _ in range(size)]
    pool = {
        "few": [rng.randint(1, 600) for _ in range(3)],
        "equal": [rng.randint(1, 10**7)],
        "wide": [int(rng.lognormvariate(13, 2)) + 1 for _ in range(size)],
        "zeros": [0, 0, rng.randint(1, 10**6), rng.randint(1, 10**6)],
    }[kind]
    claims = [rng.choice(pool) for _ in range(size)]
    return claims if any(claims) else [*claims[1:], pool[-1] or 1]


def _cap(rng: random.Random, claim: int, unit: int) -> int:
    return min(BELOW - 1, rng.choice([claim, claim // 2, 2 * claim, claim // 3 + unit, 5 * unit]))


def changed(case: Case, seed: int) -> Case:
    """Return a case as an auditor might change it: some claims, a bound, the fund, the unit."""
    rng = random.Random(seed)  # noqa: S311
    claims, floors, caps = list(case.claims), list(case.floors), list(case.caps)
    for at in rng.sample(range(len(claims)), min(3, len(claims))):
        claims[at] = rng.choice([claims[at] // 2, claims[at] + rng.randint(1, 500), rng.choice(claims)])
    at = rng.randrange(len(claims))
    if rng.random() < 0.4:
        caps[at] = max(1, claims[at] // 2)
    if rng.random() < 0.3:
        floors[at] = min(claims[at], caps[at] or claims[at]) // 3
    unit = rng.choice([case.unit, case.unit, 1, 100])
    other = replace(case, claims=tuple(claims), floors=tuple(floors), caps=tuple(caps), unit=unit)
    least, greatest = other.between
    fund = rng.randint(least, max(least, greatest)) * unit if rng.random() < 0.8 else case.fund
    return (
        replace(other, fund=fund)
        if sum(claims) < BELOW and fund < BELOW
        else replace(case, fund=case.fund // 2)
    )
