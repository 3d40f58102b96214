"""A dated parameter -> its value for each household, as far as it is known.

In    a `Parameter`, the date of the decision, the households' keys (district, residence …)
Out   an amount per household, and which written values it came from

Each pack of the chain gives a layer. In a layer the latest value in force on the date holds;
layers narrow each other, so a city's own value stands inside the province's floor or is an
error. A household whose key is unknown gets the span of all values it could have.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from relief.columns import DICTIONARY
from relief.errors import ParameterError
from relief.money import fen, yuan
from relief.rulepack.values import Amount, Bound, Text, Value

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from relief.rulepack.model import ValueModel
    from relief.rulepack.pack import Pack, Parameter

__all__ = ["LookedUp", "look_up"]

Ends: TypeAlias = tuple[Fraction | None, Fraction | None]
Key: TypeAlias = tuple[str | None, ...]


@dataclass(frozen=True)
class LookedUp:
    """A parameter per household.

    Attributes
    ----------
    amount : Amount
    used : dict of key to tuple of ValueModel
        Per combination of keys that occurs, the written values it came from.
    """

    amount: Amount
    used: dict[Key, tuple[ValueModel, ...]]


def look_up(parameter: Parameter, on: dt.date, keys: Mapping[str, Value], pack: Pack, size: int) -> LookedUp:
    """Look a parameter up for every household.

    Raises
    ------
    ParameterError
        If no value, or two, are in force on the date for a household whose keys are known, or
        if two layers contradict each other.
    """
    texts = [text for text in keys.values() if isinstance(text, Text)]
    at, distinct = pd.factorize(_mixed(texts, size), sort=True)
    ends: list[Ends] = []
    used: dict[Key, tuple[ValueModel, ...]] = {}
    for combination in distinct:
        key = _unmixed(int(combination), texts)
        both, values = _ends(parameter, on, dict(zip(keys, key, strict=False)), pack)
        ends.append(both)
        used[key] = values
    lo = _bound([low for low, _ in ends], at)
    exact = all(low is not None and low == high for low, high in ends)
    return LookedUp(Amount(lo, lo if exact else _bound([high for _, high in ends], at)), used)


def _mixed(texts: list[Text], size: int) -> np.ndarray[Any, Any]:
    """Return one whole number per household for its combination of words, the unknown word included."""
    mixed = np.zeros(size, dtype=np.int64)
    for text in texts:
        mixed = mixed * (len(text.words) + 1) + text.codes + 1
    return mixed


def _unmixed(combination: int, texts: list[Text]) -> Key:
    words: list[str | None] = []
    for text in reversed(texts):
        combination, code = divmod(combination, len(text.words) + 1)
        words.append(text.words[code - 1] if code else None)
    return tuple(reversed(words))


def _bound(ends: list[Fraction | None], at: np.ndarray[Any, Any]) -> Bound:
    num = np.array([end.numerator if end is not None else 0 for end in ends] or [0], dtype=np.int64)[at]
    den = np.array([end.denominator if end is not None else 1 for end in ends] or [1], dtype=np.int64)
    is_open = np.array([end is None for end in ends] or [True])[at]
    return Bound(num, 1 if (den == 1).all() else den[at], is_open)


def _ends(
    parameter: Parameter, on: dt.date, key: dict[str, str | None], pack: Pack
) -> tuple[Ends, tuple[ValueModel, ...]]:
    """Return the bounds for one combination of keys: the span over what an unknown key could be."""
    choices = [[word] if word is not None else _possible(column, pack) for column, word in key.items()]
    spans: list[Ends] = []
    used: list[ValueModel] = []
    for words in product(*choices):
        values = _in_force(parameter, on, dict(zip(key, words, strict=True)))
        # Where one of the words that could be meant has no value, nothing is known of the parameter.
        spans.append(_narrowed(parameter, on, dict(zip(key, words, strict=True)), values))
        used += [value for value in values if value not in used]
    if not used:
        raise ParameterError(
            "parameter.no_value",
            title=parameter.model.title or parameter.id,
            on=on.isoformat(),
            where=_shown(key),
            periods=_periods(value for layer in parameter.layers for value in layer),
        )
    lows, highs = [low for low, _ in spans], [high for _, high in spans]
    low = None if None in lows else min(end for end in lows if end is not None)
    high = None if None in highs else max(end for end in highs if end is not None)
    return (low, high), tuple(used)


def _possible(column: str, pack: Pack) -> list[str]:
    if column == "district":
        return [district.name for district in pack.districts]
    return list(dict.fromkeys(DICTIONARY["households"][column].choices.values()))


def _in_force(parameter: Parameter, on: dt.date, key: dict[str, str]) -> list[ValueModel]:
    """Return one value per layer that has one for this key and date."""
    found = []
    for layer in parameter.layers:
        fits = [
            value for value in layer
            if value.effective_from <= on and (value.until is None or on <= value.until)
            and all(key.get(column) in words for column, words in value.where.items())
        ]  # fmt: skip
        if not fits:
            continue
        latest = max(value.effective_from for value in fits)
        current = [value for value in fits if value.effective_from == latest]
        if len(current) > 1:
            raise ParameterError(
                "parameter.two_values",
                title=parameter.model.title or parameter.id,
                on=on.isoformat(),
                where=_shown(key),
                since=latest.isoformat(),
            )
        found += current
    return found


def _narrowed(parameter: Parameter, on: dt.date, key: dict[str, str], values: list[ValueModel]) -> Ends:
    in_fen = parameter.model.unit == "yuan"

    def number(value: Any) -> Fraction:
        return Fraction(fen(value)) if in_fen else Fraction(value)

    lows = [number(end) for v in values for end in (v.exactly, v.at_least) if end is not None]
    highs = [number(end) for v in values for end in (v.exactly, v.at_most) if end is not None]
    low, high = max(lows, default=None), min(highs, default=None)
    if low is not None and high is not None and low > high:
        shown = [yuan(int(end)) if in_fen else end for end in (low, high)]
        raise ParameterError(
            "parameter.contradiction",
            title=parameter.model.title or parameter.id,
            on=on.isoformat(), where=_shown(key), low=shown[0], high=shown[1],
        )  # fmt: skip
    return low, high


def _shown(key: Mapping[str, str | None]) -> str:
    return "、".join(word or "未知" for word in key.values()) or "—"


def _periods(values: Iterable[ValueModel]) -> str:
    spans = {f"{v.effective_from.isoformat()} – {v.until.isoformat() if v.until else '…'}" for v in values}
    return ", ".join(sorted(spans)) or "—"
