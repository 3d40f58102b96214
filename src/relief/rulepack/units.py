"""The kinds of values in a rule: truths, words, dates, and quantities with a unit.

A unit is written as people write it, ``fen/person/month``; the few that a rule can have are
`UNITS`. Adding asks for one unit on both sides, multiplying and dividing combine units, and a
result that is no unit of the list is a mistake in the rule.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TypeAlias

__all__ = ["COUNTS", "PLAIN", "UNITS", "Kind", "divided", "is_quantity", "monthly", "multiplied", "yearly"]

Kind: TypeAlias = str

UNITS: tuple[Kind, ...] = (
    "number", "person", "day", "month", "year", "fen", "fen/person", "fen/month", "fen/year",
    "fen/person/month", "fen/person/year", "m2", "m2/person",
)  # fmt: skip
# What a written number may stand for beside a bare number: three persons, 7 days.
COUNTS: frozenset[Kind] = frozenset({"person", "day", "month", "year"})
# … and 60 square metres. Money is never written as a bare number: it could be yuan or fen.
PLAIN: frozenset[Kind] = COUNTS | {"m2", "m2/person"}


def _powers(unit: Kind) -> Counter[str]:
    top, *below = unit.split("/")
    powers = Counter({top: 1} if top != "number" else {})
    powers.subtract(below)
    return powers


_BY_POWERS = {
    frozenset((symbol, power) for symbol, power in _powers(unit).items() if power): unit for unit in UNITS
}


def is_quantity(kind: Kind) -> bool:
    """Return whether values of a kind can be added and compared by size."""
    return kind in UNITS


@cache
def _combined(left: Kind, right: Kind, sign: int) -> Kind | None:
    if not (is_quantity(left) and is_quantity(right)):
        return None
    powers = _powers(left)
    for symbol, power in _powers(right).items():
        powers[symbol] += sign * power
    return _BY_POWERS.get(frozenset((symbol, power) for symbol, power in powers.items() if power))


def multiplied(left: Kind, right: Kind) -> Kind | None:
    """Return the unit of a product; None if a rule knows no such unit.

    Examples
    --------
    >>> multiplied("month", "fen/person/month")
    'fen/person'
    >>> multiplied("fen", "fen") is None
    True
    """
    return _combined(left, right, 1)


def divided(left: Kind, right: Kind) -> Kind | None:
    """Return the unit of a quotient; None if a rule knows no such unit.

    Examples
    --------
    >>> divided("fen/year", "person")
    'fen/person/year'
    >>> divided("fen/year", "fen/year")
    'number'
    """
    return _combined(left, right, -1)


def monthly(kind: Kind) -> Kind | None:
    """Return the monthly unit of a yearly one."""
    return kind.removesuffix("year") + "month" if kind in ("fen/year", "fen/person/year") else None


def yearly(kind: Kind) -> Kind | None:
    """Return the yearly unit of a monthly one."""
    return kind.removesuffix("month") + "year" if kind in ("fen/month", "fen/person/month") else None
