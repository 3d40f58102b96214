"""A dated parameter -> its value by the household's keys, as a term.

In    a parameter's `Lookup`, a day, the household's district, residence …
Out   an amount: one number for each combination of keys, open ends where the pack has bounds only
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any, TypeAlias

from relief.errors import ParameterError
from relief.proof.numbers import Choice, all_of, any_of, choose, less, negation
from relief.proof.terms import Amount, End, constant

if TYPE_CHECKING:
    from relief.proof.numbers import Flag
    from relief.proof.terms import Text
    from relief.rulepack.parameters import Lookup

__all__ = ["narrowed", "spanned"]

Ends: TypeAlias = tuple[Fraction | None, Fraction | None]


def spanned(
    lookup: Lookup, days: tuple[int, int] | None, months: int, keys: list[Text]
) -> tuple[Amount, Flag]:
    """Return a parameter's bounds by the household's keys, and for which keys it has any.

    Parameters
    ----------
    lookup : Lookup
    days : tuple of int or None
        The first and the last day that may be meant; None for the day of the decision.
    months : int
        Over how many months it is summed; 0 for the value of the day.
    keys : list of Text
        What its value depends on.

    Raises
    ------
    ParameterError
        If no combination of keys has a value.
    """
    ways: dict[Ends, list[Flag]] = {}
    error: ParameterError | None = None
    first, last = days if days is not None else (None, None)
    for key in product(*(_words(text) for text in keys)):
        flag = all_of(*(flag for _, flag in key))
        try:
            ends = lookup._span(tuple(word for word, _ in key), first, last, months)
        except ParameterError as lacking:
            if lacking.code not in ("parameter.no_value", "parameter.not_announced"):
                raise
            error = lacking
            continue
        ways.setdefault(ends, []).append(flag)
    if error is not None and not ways:
        raise error
    merged = [(ends, any_of(*flags)) for ends, flags in ways.items()]
    lo = _end([(low, flag) for (low, _), flag in merged])
    exact = all(low is not None and low == high for low, high in ways)
    hi = lo if exact else _end([(high, flag) for (_, high), flag in merged])
    return Amount(lo, hi), True if error is None else any_of(*(flag for _, flag in merged))


def _words(text: Text) -> list[tuple[str | None, Flag]]:
    """Return what a word can be, each with the flag that says so; None stands for unknown."""
    ways: list[tuple[str | None, Flag]] = [
        (word, all_of(text.known, text.code == at)) for at, word in enumerate(text.words)
    ]
    return ways if text.known is True else [*ways, (None, negation(text.known))]


def _end(ways: list[tuple[Fraction | None, Flag]]) -> End:
    if len(ways) == 1:
        return End(Fraction(0), True) if ways[0][0] is None else End(ways[0][0])
    choice = Choice([(Fraction(0) if end is None else end, flag) for end, flag in ways])
    number: Any = choice.ways[0][0] if len(choice.ways) == 1 else choice
    return End(number, any_of(*(flag for end, flag in ways if end is None)))


def narrowed(bounds: Amount, value: Any) -> Amount:
    """Return a value kept between bounds: what a parameter is where only its bounds are known."""
    lo, hi = bounds.lo, bounds.hi
    if lo.open is not True:
        value = choose(all_of(negation(lo.open), less(value, lo.number, or_equal=False)), lo.number, value)
    if hi.open is not True:
        value = choose(all_of(negation(hi.open), less(hi.number, value, or_equal=False)), hi.number, value)
    return constant(value)
