"""A dated parameter -> its value for each row, as far as it is known.

In    a `Parameter`, the date of the decision; the keys (district, residence …) and days wanted
Out   an amount per row, and which written values it came from

Each pack of the chain gives a layer. In a layer the latest value holds that is in force on the
day wanted and was announced by the day of the decision; layers narrow each other, so a city's own
value stands inside the province's floor or is an error. A row whose key is unknown gets the span
of all values it could have.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from functools import lru_cache
from itertools import product
from math import prod
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from relief.columns import DICTIONARY
from relief.errors import ParameterError
from relief.money import fen, yuan
from relief.rulepack.model import written
from relief.rulepack.operations import plus_months
from relief.rulepack.values import Amount, Bound

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from relief.rulepack.contents import Pack, Parameter
    from relief.rulepack.model import ValueModel
    from relief.rulepack.values import Integers, Text

__all__ = ["Ends", "Lookup"]

Ends: TypeAlias = tuple[Fraction | None, Fraction | None]
Key: TypeAlias = tuple[str | None, ...]
_EPOCH = dt.date(1970, 1, 1)
_DAY = dt.timedelta(days=1)
# Days that a date of the tables can be; an unknown day is anything between.
_FIRST, _LAST = (dt.date(1900, 1, 1) - _EPOCH).days, (dt.date(2200, 1, 1) - _EPOCH).days


class Lookup:
    """A parameter, as known on the day of the decision.

    Attributes
    ----------
    used : dict of key to tuple of ValueModel
        Per combination of keys that occurred, the written values that were looked up.
    """

    def __init__(self, parameter: Parameter, on: dt.date, pack: Pack) -> None:
        self.parameter = parameter
        self.on = on
        self.pack = pack
        self.used: dict[Key, tuple[ValueModel, ...]] = {}
        self._spans = lru_cache(maxsize=None)(self._span)

    def amounts(
        self, keys: list[Text], day: Amount | None, months: int, size: int, *, strict: bool = True
    ) -> Amount:
        """Look the parameter up for every row.

        Parameters
        ----------
        keys : list of Text
            One per column that the value depends on.
        day : Amount or None
            The day wanted per row; None for the day of the decision.
        months : int
            Over how many months from that day it is summed, each at its own value; 0 for the
            value of the day itself.
        size : int
            How many rows.
        strict : bool
            Refuse a known day without a value; else nothing is known of the parameter on it.

        Raises
        ------
        ParameterError
            If no value, or two, are in force for a row whose keys and day are known, or if two
            layers contradict each other.
        """
        first, last = (
            (self._days(day.lo, _FIRST), self._days(day.hi, _LAST)) if day is not None else (None, None)
        )
        at, distinct = _distinct(keys, first, last, size)
        ends = {
            number: self._spans(_unmixed(combination, keys), begin, end, months, strict=strict)
            for number, combination, begin, end in distinct
        }
        lo = _bound({number: low for number, (low, _) in ends.items()}, at)
        exact = all(low is not None and low == high for low, high in ends.values())
        return Amount(lo, lo if exact else _bound({number: high for number, (_, high) in ends.items()}, at))

    @staticmethod
    def _days(end: Bound, otherwise: int) -> Integers:
        return end.num if end.open is None else np.where(end.open, otherwise, end.num)

    def _span(
        self, key: Key, first: int | None, last: int | None, months: int, *, strict: bool = True
    ) -> Ends:
        """Return the bounds for one combination of keys over the days it could be wanted for."""
        begin = self.on if first is None else _EPOCH + dt.timedelta(days=first)
        end = begin if last is None else _EPOCH + dt.timedelta(days=last)
        days = [begin, *(day for day in self._changes(months) if begin < day <= end)]
        spans = [self._summed(key, day, months, strict=strict and len(days) == 1) for day in days]
        return _hull(spans)

    def _changes(self, months: int) -> list[dt.date]:
        """Return the days from which a wish may come to something else: where a value begins, or ends.

        Of a sum over months, also those whose later months pass such a day; where an earlier month
        has no matching day, the first of the next.
        """
        layers = self.parameter.layers
        days = {value.effective_from for layer in layers for value in layer}
        days |= {value.until + _DAY for layer in layers for value in layer if value.until}
        numbers = np.array([(day - _EPOCH).days for day in days])
        earlier = {_EPOCH + int(at) * _DAY for step in range(1, months) for at in plus_months(numbers, -step)}
        return sorted(days | earlier | {day + _DAY for day in earlier})

    def _summed(self, key: Key, day: dt.date, months: int, *, strict: bool) -> Ends:
        if not months:
            return self._of_day(key, day, strict=strict)
        start = np.array([(day - _EPOCH).days])
        steps = [int(plus_months(start, step)[0]) for step in range(months)]
        ends = [self._of_day(key, _EPOCH + dt.timedelta(days=step), strict=strict) for step in steps]
        lows, highs = [low for low, _ in ends], [high for _, high in ends]
        return _total(lows), _total(highs)

    def _of_day(self, key: Key, day: dt.date, *, strict: bool) -> Ends:
        """Return the bounds on one day: the span over what an unknown key could be."""
        columns = self.parameter.model.by
        choices = [
            [word] if word is not None else _possible(column, self.pack)
            for column, word in zip(columns, key, strict=True)
        ]
        spans: list[Ends] = []
        used: list[ValueModel] = []
        for words in product(*choices):
            named = dict(zip(columns, words, strict=True))
            values = self._in_force(day, named)
            # Where one of the words that could be meant has no value, nothing is known of the parameter.
            spans.append(self.narrowed(day, named, values))
            used += [value for value in values if value not in used]
        if not used and strict:
            raise self._no_value(day, dict(zip(columns, key, strict=True)))
        before = self.used.get(key, ())
        self.used[key] = (*before, *(value for value in used if value not in before))
        return _hull(spans)

    def _in_force(self, day: dt.date, key: Mapping[str, str]) -> list[ValueModel]:
        """Return one value per layer that has one for this key and day."""
        found = []
        for layer in self.parameter.layers:
            fits = [value for value in layer if self._fits(value, day, key)]
            if not fits:
                continue
            latest = max(value.effective_from for value in fits)
            current = [value for value in fits if value.effective_from == latest]
            if len(current) > 1:
                raise ParameterError(
                    "parameter.two_values", title=self._title, on=day.isoformat(), where=_shown(key),
                    since=latest.isoformat(),
                )  # fmt: skip
            found += current
        return found

    def _fits(self, value: ValueModel, day: dt.date, key: Mapping[str, str]) -> bool:
        if value.announced_on is not None and value.announced_on > self.on:
            return False
        if day < value.effective_from or (value.until is not None and day > value.until):
            return False
        return all(key.get(column) in words for column, words in value.where.items())

    @property
    def _title(self) -> str:
        return self.parameter.model.title or self.parameter.id

    def _no_value(self, day: dt.date, key: Mapping[str, str | None]) -> ParameterError:
        values = [value for layer in self.parameter.layers for value in layer]
        later = [v.announced_on for v in values if v.announced_on is not None and v.announced_on > self.on]
        told: dict[str, object] = {
            "title": self._title, "on": day.isoformat(), "where": _shown(key), "periods": _periods(values),
        }  # fmt: skip
        if later:
            return ParameterError("parameter.not_announced", day=min(later).isoformat(), **told)
        return ParameterError("parameter.no_value", **told)

    def narrowed(self, day: dt.date, key: Mapping[str, str], values: list[ValueModel]) -> Ends:
        """Return the bounds that the values of a day and known keys leave together, in fen if it is money."""
        in_fen = self.parameter.model.unit == "yuan"

        def number(value: Fraction) -> Fraction:
            return Fraction(fen(value)) if in_fen else value

        lows = [number(end) for v in values for end in (v.exactly, v.at_least) if end is not None]
        highs = [number(end) for v in values for end in (v.exactly, v.at_most) if end is not None]
        # No pack states money below zero, so what is known by its ceiling alone is not below it either.
        nothing = Fraction(0) if in_fen and values else None
        low, high = max(lows, default=nothing), min(highs, default=None)
        if low is not None and high is not None and low > high:
            shown = [str(yuan(int(end))) if in_fen else written(end) for end in (low, high)]
            raise ParameterError(
                "parameter.contradiction", title=self._title, on=day.isoformat(), where=_shown(key),
                low=shown[0], high=shown[1],
            )  # fmt: skip
        return low, high


def _distinct(
    keys: list[Text], first: Integers | None, last: Integers | None, size: int
) -> tuple[Integers, list[tuple[int, int, int | None, int | None]]]:
    """Return for each row the number of its wish, and the wishes: number, keys, first day, last day."""
    mixed = _mixed(keys, size)
    if first is None or last is None:
        return _counted(mixed)
    table = np.stack([mixed, first, last], axis=1)
    rows, at = np.unique(table, axis=0, return_inverse=True)
    return at.reshape(-1), [(number, *_wish(row)) for number, row in enumerate(rows)]


def _wish(row: Integers) -> tuple[int, int, int]:
    keys, first, last = map(int, row)
    return keys, first, last


def _mixed(keys: list[Text], size: int) -> Integers:
    """Return one whole number per row for its combination of words, the unknown word included."""
    mixed: Integers = np.zeros(size, dtype=np.intp)
    few = prod(len(text.words) + 1 for text in keys) <= _FEW
    for number, text in enumerate(keys):
        codes = np.add(text.codes, 1, dtype=np.int16 if few else np.intp)
        mixed = mixed * codes.dtype.type(len(text.words) + 1) + codes if number else codes
    return np.asarray(mixed, dtype=np.intp)


_FEW = 10_000


def _counted(mixed: Integers) -> tuple[Integers, list[tuple[int, int, int | None, int | None]]]:
    """Return the numbers that occur; where they are small they count themselves."""
    if int(mixed.max(initial=0)) > _FEW:
        at, distinct = pd.factorize(mixed, sort=True)
        return at, [(number, int(keys), None, None) for number, keys in enumerate(distinct)]
    occurring = np.flatnonzero(np.bincount(mixed, minlength=1)) if len(mixed) else ()
    return mixed, [(int(keys), int(keys), None, None) for keys in occurring]


def _unmixed(combination: int, texts: list[Text]) -> Key:
    words: list[str | None] = []
    for text in reversed(texts):
        combination, code = divmod(combination, len(text.words) + 1)
        words.append(text.words[code - 1] if code else None)
    return tuple(reversed(words))


def _hull(spans: Iterable[Ends]) -> Ends:
    """Return the least interval that holds all."""
    lows, highs = zip(*spans, strict=True)
    low = None if None in lows else min(lows)
    high = None if None in highs else max(highs)
    return low, high


def _total(ends: list[Fraction | None]) -> Fraction | None:
    known = [end for end in ends if end is not None]
    return sum(known, Fraction(0)) if len(known) == len(ends) else None


def _bound(ends: Mapping[int, Fraction | None], at: Integers) -> Bound:
    """Return an end per row from those of the distinct wishes, by their numbers."""
    size = max(ends, default=0) + 1
    num, den, is_open = (
        np.zeros(size, dtype=np.int64),
        np.ones(size, dtype=np.int64),
        np.zeros(size, dtype=bool),
    )
    for number, end in ends.items():
        is_open[number] = end is None
        if end is not None:
            num[number], den[number] = end.numerator, end.denominator
    dens = {end.denominator for end in ends.values() if end is not None}
    whole = dens.pop() if len(dens) == 1 else None if dens else 1
    return Bound(
        num.take(at), den.take(at) if whole is None else whole, is_open.take(at) if is_open.any() else None,
        int(np.abs(num).max()),
    )  # fmt: skip


def _possible(column: str, pack: Pack) -> list[str]:
    if column == "district":
        return [district.name for district in pack.districts]
    table = "households" if column in DICTIONARY["households"] else "members"
    return list(dict.fromkeys(DICTIONARY[table][column].choices.values()))


def _shown(key: Mapping[str, str | None]) -> str:
    return "、".join(word or "未知" for word in key.values()) or "—"


def _periods(values: Iterable[ValueModel]) -> str:
    spans = {f"{v.effective_from.isoformat()} – {v.until.isoformat() if v.until else '…'}" for v in values}
    return ", ".join(sorted(spans)) or "—"
