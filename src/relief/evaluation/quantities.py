"""Figures and targets as reports write them, each exactly: 80户, 50.7万, ≥95%, 不超过90万元, >50.

In    a text, or a number as text
Out   `Quantity`, `Target`, or None where a text is no figure (达成预期指标)
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING
from unicodedata import normalize

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "Quantity", "Target", "agrees", "in_digits", "in_words", "percent", "points", "read_quantity",
    "read_target", "shown_number", "wan",
]  # fmt: skip

_SIGNS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "≥": operator.ge, "≤": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq,
}  # fmt: skip
_WORDS = {
    ">=": "≥", "≧": "≥", "不少于": "≥", "不低于": "≥", "不小于": "≥", "至少": "≥", "大于等于": "≥",
    "<=": "≤", "≦": "≤", "不超过": "≤", "不高于": "≤", "不多于": "≤", "不大于": "≤", "至多": "≤",
    "小于等于": "≤", "超过": ">",
    "大于": ">", "多于": ">", "高于": ">", "低于": "<", "少于": "<", "小于": "<", "等于": "=",
}  # fmt: skip
_SIGN = re.compile("|".join(sorted(map(re.escape, {*_WORDS, *_SIGNS}), key=len, reverse=True)))
_NUMBER = re.compile(
    r"(?P<number>[0-9]{1,3}(?:,[0-9]{3}){1,3}(?:\.[0-9]{1,6})?|[0-9]{1,12}(?:\.[0-9]{1,6})?)\s*"
    r"(?P<factor>[万亿])?\s*(?P<unit>(?:(?![多余几约至到~-]|以上|以下|左右|上下)[^0-9\s]){0,12})"
)
_FACTORS = {None: 1, "万": 10**4, "亿": 10**8}
_UNITS = {"百分比": "%", "圆": "元"}
_HUNDREDTH = Decimal("0.01")
_RATE = re.compile(r"([0-9]{1,16}(?:\.([0-9]{1,20}))?)\s*%")
_FEN_PER_WAN = 10**6
# Units without which a bare number says nothing: 95 beside 95%, 30 beside 30万元.
_TOLD = frozenset({"%", "元"})


@dataclass(frozen=True)
class Quantity:
    """A figure: its exact value and its unit; 30万元 is 300,000 of 元."""

    value: Fraction
    unit: str = ""

    def is_like(self, other: Quantity) -> bool:
        """Whether both count the same: the same unit, or none on one side where that leaves no doubt.

        Examples
        --------
        >>> Quantity(Fraction(80)).is_like(Quantity(Fraction(80), "户"))
        True
        >>> Quantity(Fraction(95)).is_like(Quantity(Fraction(95), "%"))
        False
        """
        if self.unit == other.unit:
            return True
        return "" in (self.unit, other.unit) and not {self.unit, other.unit} & _TOLD


@dataclass(frozen=True)
class Target:
    """What a figure has to be: ``sign`` is one of ≥ ≤ > < =, or empty where none is written."""

    sign: str
    quantity: Quantity

    def is_met(self, actual: Quantity) -> bool | None:
        """Return whether a figure reaches the target; None if that cannot be told.

        Units that differ tell nothing. Without a sign only the very figure is certain to be meant.

        Examples
        --------
        >>> read_target("≥50个").is_met(read_quantity("50"))
        True
        >>> read_target("≤90万元").is_met(read_quantity("901000元"))
        False
        >>> read_target("80户").is_met(read_quantity("81户")) is None
        True
        """
        if not self.quantity.is_like(actual):
            return None
        if not self.sign:
            return True if actual.value == self.quantity.value else None
        return _SIGNS[self.sign](actual.value, self.quantity.value)


def read_quantity(text: str) -> Quantity | None:
    """Return the figure that a text is, or None if it is none.

    Examples
    --------
    >>> read_quantity("50.7万元"), read_quantity("100百分比").unit, read_quantity("效果明显") is None
    (Quantity(value=Fraction(507000, 1), unit='元'), '%', True)
    """
    found = _NUMBER.fullmatch(_plain(text))
    if found is None:
        return None
    value = Fraction(found["number"].replace(",", "")) * _FACTORS[found["factor"]]
    return Quantity(value, _UNITS.get(found["unit"], found["unit"]))


def read_target(text: str) -> Target | None:
    """Return the target that a text is, or None if it has no figure.

    Examples
    --------
    >>> read_target("不超过90万元").sign, read_target("> 50").quantity, read_target("达成预期指标") is None
    ('≤', Quantity(value=Fraction(50, 1), unit=''), True)
    """
    clean = _plain(text)
    sign = _SIGN.match(clean)
    quantity = read_quantity(clean[sign.end() :] if sign else clean)
    if quantity is None:
        return None
    return Target(_WORDS.get(sign[0], sign[0]) if sign else "", quantity)


def _plain(text: str) -> str:
    return normalize("NFKC", text).strip()


def points(value: Fraction) -> Decimal:
    """Return a computed score in hundredths of a point, what is less left off: only all gets full marks.

    Examples
    --------
    >>> points(Fraction(9996, 1000)), points(Fraction(10))
    (Decimal('9.99'), Decimal('10.00'))
    """
    return Decimal(value.numerator * 100 // value.denominator).scaleb(-2)


def percent(rate: Fraction) -> str:
    """Return a rate in per cent, half up to two places, and to more where 100 % would be shown and is not.

    Examples
    --------
    >>> percent(Fraction(13254, 13265)), percent(Fraction(1)), percent(Fraction(999999, 1000000))
    ('99.92%', '100.00%', '99.9999%')
    """
    shown = (_half_up(rate * 100, places) for places in range(2, 20))
    return f"{next((each for each in shown if rate == 1 or each != 100), Decimal(100)):f}%"


def _half_up(value: Fraction, places: int) -> Decimal:
    return Decimal((2 * value.numerator * 10**places // value.denominator + 1) // 2).scaleb(-places)


def agrees(stated: str, rate: Fraction) -> bool:
    """Return whether a rate as it is printed is this one, rounded half up; only all of it is 100 %.

    Examples
    --------
    >>> agrees("99.92%", Fraction(13254, 13265)), agrees("100%", Fraction(13254, 13265))
    (True, False)
    """
    found = _RATE.fullmatch(normalize("NFKC", stated).strip())
    if found is None:
        return False
    printed = Decimal(found[1])
    return printed == _half_up(rate * 100, len(found[2] or "")) and (printed != 100 or rate == 1)


def wan(amount_fen: int) -> str:
    """Return fen as 万元, exactly, with at least two places.

    Examples
    --------
    >>> wan(132650000), wan(30000000), wan(89974012)
    ('132.65', '30.00', '89.974012')
    """
    whole = Decimal(amount_fen) / _FEN_PER_WAN
    return f"{whole.quantize(_HUNDREDTH) if whole == whole.quantize(_HUNDREDTH) else whole:f}"


def shown_number(value: Fraction) -> str:
    """Return a figure in digits; one with an endless decimal as a quotient.

    Examples
    --------
    >>> shown_number(Fraction(24)), shown_number(Fraction(507, 10)), shown_number(Fraction(1, 3))
    ('24', '50.7', '1/3')
    """
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return f"{exact.normalize():f}" if Fraction(exact) == value else str(value)


def in_digits(quantity: Quantity) -> str:
    """Return a figure without its unit, money as 万元.

    Examples
    --------
    >>> in_digits(Quantity(Fraction(80), "户")), in_digits(Quantity(Fraction(300000), "元"))
    ('80', '30.00')
    """
    if quantity.unit != "元":
        return shown_number(quantity.value)
    amount_fen = quantity.value * 100
    return wan(int(amount_fen)) if amount_fen.denominator == 1 else shown_number(quantity.value / 10**4)


def in_words(quantity: Quantity) -> str:
    """Return a figure with its unit, money in 万元.

    Examples
    --------
    >>> in_words(Quantity(Fraction(80), "户")), in_words(Quantity(Fraction(300000), "元"))
    ('80户', '30.00万元')
    """
    return f"{in_digits(quantity)}{'万' * (quantity.unit == '元')}{quantity.unit}"
