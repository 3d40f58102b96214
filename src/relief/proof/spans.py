"""In which years the day of an expression can lie: what a table of the calendar has to cover.

In    a tree that gives a day, and the household whose cells it reads
Out   the first and the last year, never narrower than the days that the cells may hold
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from relief.proof.household import YEARS_AFTER, UnreadableError, years_before
from relief.rulepack.tree import Aggregate, Constant, Measure, Name, Operation, Owner

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relief.proof.household import Household
    from relief.rulepack.tree import Node

__all__ = ["Span", "span_of"]

Span = tuple[int, int]
_HULLS = frozenset({"max", "min", "coalesce", "if"})
_DAYS_OF_A_YEAR = 365


def span_of(node: Node, household: Household) -> Span:
    """Return the years that a day can lie in.

    Raises
    ------
    UnreadableError
        If that cannot be told from the tree.
    """
    year = household.on.year
    match node:
        case Name(name="on", column=None):
            return year, year
        case Name(column=column) if column is not None and column.dtype == "date":
            return year - years_before(column.name), year + YEARS_AFTER
        case Measure(name=name):
            return span_of(household.pack.measures[name].node, household)
        case Owner(part=part):
            return span_of(part, household)
        case Aggregate(function="max" | "min", part=part) if part is not None:
            return span_of(part, household)
        case Operation(operator=operator, parts=parts):
            return _moved(operator, parts, household)
        case _:
            raise UnreadableError(type(node).__name__)


def _moved(operator: str, parts: tuple[Node, ...], household: Household) -> Span:
    if operator in _HULLS:
        return _hull(span_of(part, household) for part in parts if part.kind == "date")
    first, last = span_of(parts[0], household)
    if operator == "year_start":
        return first, last
    step = _constant(parts[1]) if len(parts) > 1 else None
    if step is None or operator not in ("plus_months", "plus_days"):
        raise UnreadableError(operator)
    years = step / (12 if operator == "plus_months" else _DAYS_OF_A_YEAR)
    # One more on either side for what does not come out in whole years.
    return first + int(years // 1) - 1, last + int(-(-years // 1)) + 1


def _hull(spans: Iterable[Span]) -> Span:
    found = list(spans)
    return min(first for first, _ in found), max(last for _, last in found)


def _constant(node: Node) -> Fraction | None:
    match node:
        case Constant(value=Fraction() as number):
            return number
        case Operation(operator="neg", parts=(part,)):
            number_below = _constant(part)
            return None if number_below is None else -number_below
        case _:
            return None
