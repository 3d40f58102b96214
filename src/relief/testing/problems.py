"""The problems that an allocator is tried on, the most telling first, always the same for a seed.

Out   pairs of claims and a fund in whole fen: at least one claim above zero, no fund above their sum

Three sources take turns: every small problem, upwards; families in which allocators are known to
fail; and plain chance. No claim is larger than the one that is named.
"""

from __future__ import annotations

import random
from itertools import count, islice, pairwise, product
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relief.testing.subject import Claims

__all__ = ["Problem", "problems"]

Problem: TypeAlias = "tuple[Claims, int]"
_MOST_ROWS = 40
# Number of claims and the largest of them: every problem of that size, a few thousand together.
_SMALL = ((1, 3), (2, 4), (3, 3), (2, 9), (4, 2), (3, 6), (4, 4))
_RATES = ((1, 10), (3, 10), (1, 3), (2, 3), (7, 10), (1, 7), (1, 2), (9, 10), (29, 100), (57, 100))


def problems(*, max_examples: int, number: int, max_fen: int) -> Iterator[Problem]:
    """Return at most `max_examples` different problems for the seed `number`."""
    sources = [_small(), _families(number), _drawn(number, max_fen)]
    # Where no claim may be large, most of what the families make does not fit: they end some day.
    made = islice(_in_turn(sources), 4 * max_examples)
    fitting = (
        (claims, fund)
        for claims, fund in made
        if claims and max(claims) <= max_fen and any(claims) and 0 <= fund <= sum(claims)
    )
    return islice(_different(fitting), max_examples)


def _different(found: Iterator[Problem]) -> Iterator[Problem]:
    seen: set[Problem] = set()
    for problem in found:
        if problem not in seen:
            seen.add(problem)
            yield problem


def _in_turn(sources: list[Iterator[Problem]]) -> Iterator[Problem]:
    while sources:
        for source in list(sources):
            found = next(source, None)
            if found is None:
                sources.remove(source)
            else:
                yield found


def _small() -> Iterator[Problem]:
    for rows, most in _SMALL:
        for claims in product(range(most + 1), repeat=rows):
            yield from ((claims, fund) for fund in range(sum(claims) + 1))


def _families(number: int) -> Iterator[Problem]:
    chance = random.Random(number)  # noqa: S311
    for turn in count():
        rows = 1 + turn % _MOST_ROWS
        for family in (_ladder, _equal_claims, _whole_quotas, _equal_remainders, _near_remainders, _large):
            yield from family(chance, rows)


def _ladder(chance: random.Random, rows: int) -> Iterator[Problem]:
    """Yield plain claims of every number of rows, with funds that leave something over."""
    claims = tuple(chance.randint(1, 10 ** chance.randint(1, 7)) for _ in range(rows))
    for fund in (sum(claims) // 2, sum(claims) - 1, chance.randint(0, sum(claims))):
        yield claims, fund


def _equal_claims(chance: random.Random, rows: int) -> Iterator[Problem]:
    """Yield equal claims, and some zeros, with a fund of a few fen."""
    amount = chance.choice((1, 2, 100, 33_333))
    claims = [amount] * rows + [0] * chance.randint(0, 2)
    chance.shuffle(claims)
    yield tuple(claims), chance.choice((1, rows - 1, chance.randint(0, amount * rows)))


def _whole_quotas(chance: random.Random, rows: int) -> Iterator[Problem]:
    """Yield exact shares that are whole: a float of fund over claims makes them a little less."""
    part, of = chance.choice(_RATES)
    claims = tuple(of * chance.randint(1, 10 ** chance.randint(1, 9)) for _ in range(rows))
    yield claims, sum(claims) // of * part


def _equal_remainders(chance: random.Random, rows: int) -> Iterator[Problem]:
    """Yield unlike claims with one remainder: half of them have to be rounded up."""
    part, of = chance.choice(_RATES)
    left = chance.randint(1, of - 1)
    claims = tuple(left + of * chance.randint(0, 99) for _ in range(rows + rows % 2))
    if sum(claims) % of == 0:
        yield claims, sum(claims) // of * part
    filler = of - sum(claims) % of
    yield (*claims, filler), (sum(claims) + filler) // of * part


def _near_remainders(chance: random.Random, rows: int) -> Iterator[Problem]:
    """Yield remainders that differ by the least there is, around 1e15: no float tells them apart."""
    total = 10 ** chance.randint(12, 18) + chance.randint(1, 10**6) * 2 + 1
    fund = chance.randint(total // 3, total // 2)
    try:
        inverse = pow(fund, -1, total)
    except ValueError:  # not coprime
        return
    for _ in range(20):
        left = chance.randint(total // 3, total // 2)
        near = (left * inverse % total, (left + 1) * inverse % total)
        if sum(near) < total:
            rest = total - sum(near)
            parts = sorted(chance.randint(0, rest) for _ in range(min(rows, 6) - 1))
            fillers = [high - low for low, high in pairwise([0, *parts, rest])]
            yield (*near, *fillers), fund
            yield (*near[::-1], *fillers), fund
            return


def _large(chance: random.Random, rows: int) -> Iterator[Problem]:
    """Yield claims whose sum, and whose products, pass 2**53 and 2**63."""
    most = chance.choice((2**53, 2**60, 2**62, 2**63 - 1))
    claims = tuple(most - chance.choice((0, 1, chance.randint(0, most))) for _ in range(min(rows, 9)))
    yield (
        claims,
        chance.choice((sum(claims), sum(claims) // 2, sum(claims) // 3, chance.randint(0, sum(claims)))),
    )


def _drawn(number: int, max_fen: int) -> Iterator[Problem]:
    """Yield plain chance, of a generator of our own: what Hypothesis draws depends on what is loaded."""
    chance = random.Random(f"drawn {number}")  # noqa: S311
    while True:
        amounts = [chance.randint(0, min(max_fen, chance.choice((9, 10**8, max_fen)))) for _ in range(12)]
        few = amounts[: chance.choice((1, 2, 3, 12, 12))]
        claims = tuple(chance.choice((*few, 0)) if len(few) < 12 else few[row] for row in _rows(chance))
        total = sum(claims)
        near = chance.randint(0, 9)
        yield claims, chance.choice((near, total - near, chance.randint(0, total), chance.randint(0, total)))


def _rows(chance: random.Random) -> range:
    return range(chance.randint(1, 12))
