"""Flags and numbers as terms of a solver, folded where they are constant.

A flag is a truth of Python or of the solver. A number is a constant, a term, a `Choice` of a few, or
`Steps` over days; the last two keep what is compared and multiplied linear.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeAlias

import z3

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = [
    "Choice", "Flag", "Number", "Steps", "all_of", "any_of", "choose", "less", "negation", "number_term",
    "quotient", "same", "times", "total",
]  # fmt: skip

_MOST_WAYS = 48

Flag: TypeAlias = Any  # bool, or a z3 truth
Number: TypeAlias = Any  # Fraction, Choice, Steps, or a z3 real


# --- flags ------------------------------------------------------------------------------------------


def all_of(*flags: Flag) -> Flag:
    """Return whether all hold, folded."""
    if any(flag is False for flag in flags):
        return False
    left = [flag for flag in flags if flag is not True]
    return True if not left else left[0] if len(left) == 1 else z3.And(*left)


def any_of(*flags: Flag) -> Flag:
    """Return whether any holds, folded."""
    if any(flag is True for flag in flags):
        return True
    left = [flag for flag in flags if flag is not False]
    return False if not left else left[0] if len(left) == 1 else z3.Or(*left)


def negation(flag: Flag) -> Flag:
    """Return whether a flag does not hold, folded."""
    if isinstance(flag, bool):
        return not flag
    return flag.arg(0) if z3.is_not(flag) else z3.Not(flag)


# --- numbers ----------------------------------------------------------------------------------------


class Choice:
    """A number that is one of a few constants or terms; of the flags just one holds."""

    def __init__(self, ways: Iterable[tuple[Any, Flag]]) -> None:
        merged: dict[Any, tuple[Any, list[Flag]]] = {}
        for value, flag in ways:
            if flag is not False:
                key = value if isinstance(value, Fraction) else value.get_id()
                merged.setdefault(key, (value, []))[1].append(flag)
        self.ways = tuple((value, any_of(*flags)) for value, flags in merged.values())

    @property
    def is_constant(self) -> bool:
        """Whether all that it can be are constants."""
        return all(isinstance(value, Fraction) for value, _ in self.ways)

    def term(self) -> Any:
        """Return the number as a term."""
        (last, _), *others = self.ways[::-1]
        return reduce(lambda rest, way: z3.If(way[1], _leaf(way[0]), rest), others, _leaf(last))


@dataclass(frozen=True, eq=False)
class Steps:
    """A number that is one constant from each of some days on."""

    day: Any
    cuts: tuple[int, ...]
    values: tuple[Fraction, ...]

    def term(self) -> Any:
        """Return the number as a term: a tree of halves."""

        def branch(low: int, high: int) -> Any:
            if high - low == 1:
                return _leaf(self.values[low])
            middle = (low + high) // 2
            return z3.If(self.day < self.cuts[middle], branch(low, middle), branch(middle, high))

        return branch(0, len(self.cuts))

    def where(self, holds: Callable[[Fraction], bool]) -> Flag:
        """Return whether the number is one of those for which something holds: some stretches of days."""
        fits = [holds(value) for value in self.values]
        edges = [at for at in range(1, len(fits)) if fits[at] != fits[at - 1]]
        begins = [at for at in ([0] if fits[0] else []) + edges if fits[at]]
        stretches = []
        for begin in begins:
            end = next((at for at in edges if at > begin), None)
            after = True if begin == 0 else self.day >= self.cuts[begin]
            stretches.append(all_of(after, True if end is None else self.day < self.cuts[end]))
        return any_of(*stretches)


def _leaf(value: Any) -> Any:
    return z3.RealVal(str(value)) if isinstance(value, Fraction) else value


def number_term(number: Number) -> Any:
    """Return a number as a real term."""
    return number.term() if isinstance(number, (Choice, Steps)) else _leaf(number)


def _ways(number: Number) -> tuple[tuple[Any, Flag], ...]:
    if isinstance(number, Steps):
        number = number.term()
    return number.ways if isinstance(number, Choice) else ((number, True),)


def _plain(choice: Choice) -> Number:
    return choice.ways[0][0] if len(choice.ways) == 1 else choice


def _is_few(left: Number, right: Number) -> bool:
    return len(_ways(left)) * len(_ways(right)) <= _MOST_WAYS


def _on_leaves(operate: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return operate(left, right)
    return operate(_leaf(left), _leaf(right))


def _combined(operate: Callable[[Any, Any], Any], left: Number, right: Number) -> Number:
    """Apply an operation to each pair of ways where they are few, to terms otherwise."""
    if not _is_few(left, right):
        return operate(number_term(left), number_term(right))
    pairs = [(_on_leaves(operate, a, b), all_of(f, g)) for a, f in _ways(left) for b, g in _ways(right)]
    return _plain(Choice(pairs))


def total(left: Number, right: Number) -> Number:
    """Return the sum of two numbers."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Fraction) and one == 0:
            return other
    choices = [number for number in (left, right) if isinstance(number, Choice)]
    if len(choices) == 2 and not all(choice.is_constant for choice in choices):
        return number_term(left) + number_term(right)
    return _combined(lambda a, b: a + b, left, right)


def times(left: Number, right: Number) -> Number:
    """Return the product of two numbers, linear where one of them is one of a few constants."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Fraction) and one == 1:
            return other
        if isinstance(one, Choice) and one.is_constant and not _is_few(one, other):
            return _combined(lambda a, b: a * b, one, number_term(other))
    return _combined(lambda a, b: a * b, left, right)


def quotient(one: Number) -> Number:
    """Return one over a number that is not zero; over zero, nothing is said."""

    def inverse(value: Any) -> Any:
        return 1 / value if not isinstance(value, Fraction) else 1 / value if value else Fraction(0)

    return _plain(Choice([(inverse(value), flag) for value, flag in _ways(one)]))


def less(left: Number, right: Number, *, or_equal: bool) -> Flag:
    """Return whether a number is below another."""

    def compare(a: Any, b: Any) -> Any:
        return a <= b if or_equal else a < b

    if isinstance(left, Steps) and isinstance(right, Fraction):
        return left.where(lambda value: bool(compare(value, right)))
    if isinstance(right, Steps) and isinstance(left, Fraction):
        return right.where(lambda value: bool(compare(left, value)))
    if not _is_few(left, right):
        return compare(number_term(left), number_term(right))
    pairs = [(all_of(f, g), _on_leaves(compare, a, b)) for a, f in _ways(left) for b, g in _ways(right)]
    return any_of(*(all_of(flag, below) for flag, below in pairs))


def same(left: Number, right: Number) -> Flag:
    """Return whether two numbers are equal."""
    if left is right:
        return True
    return all_of(less(left, right, or_equal=True), less(right, left, or_equal=True))


def choose(flag: Flag, yes: Any, no: Any) -> Any:
    """Return one of two numbers, or of two flags."""
    if isinstance(flag, bool):
        return yes if flag else no
    if yes is no:
        return yes
    if isinstance(yes, (bool, z3.BoolRef)):
        return any_of(all_of(flag, yes), all_of(negation(flag), no))
    is_split = any(isinstance(number, (Choice, Fraction)) for number in (yes, no))
    if is_split and len(_ways(yes)) + len(_ways(no)) <= _MOST_WAYS:
        kept = [(value, all_of(flag, way)) for value, way in _ways(yes)]
        return _plain(Choice([*kept, *((value, all_of(negation(flag), way)) for value, way in _ways(no))]))
    return z3.If(flag, number_term(yes), number_term(no))
