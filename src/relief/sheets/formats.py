"""What a number format shows of a number: another magnitude, a unit, or no number at all.

In    a format as a workbook writes it, ``0!.0,"万"``
Out   `Shown`, which says how many times the number is shown, and in which unit
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["PLAIN", "Shown", "shown_by"]

_LITERAL = re.compile(r'"([^"]*)"|[\\!](.)|([\u4e00-\u9fff]+)')
_ASIDE = re.compile(r"\[[^\]]*\]|_.|\*.")
_SCALED = re.compile(r"[0#?](,+)(?![0#?,])")
_POINT = "\x1f"  # a dot that is written and parts nothing
_SHIFTED = re.compile(rf"[0#?]{_POINT}([0#?]+)")
_UNIT = re.compile(r"[十百千]?万|十?亿|[百千]|角|元")
_POWERS = {"元": 0, "百": 2, "千": 3, "万": 4, "十万": 5, "百万": 6, "千万": 7, "亿": 8, "十亿": 9}
_UNITS = {word: Fraction(10**power) for word, power in _POWERS.items()} | {"角": Fraction(1, 10)}


@dataclass(frozen=True, slots=True)
class Shown:
    """How a number is shown.

    Attributes
    ----------
    times : Fraction or None
        What the number shown is of the number stored; None where no number is shown.
    unit : Fraction or None
        Yuan in one of the unit that stands behind it, if one does.
    is_month : bool
        Whether of a day only year and month are shown.
    """

    times: Fraction | None = Fraction(1)
    unit: Fraction | None = None
    is_month: bool = False


PLAIN = Shown()


def shown_by(code: str) -> Shown:
    r"""Return what a format shows.

    Examples
    --------
    >>> ten_thousands = shown_by('0!.0,"万"')
    >>> str(ten_thousands.times), str(ten_thousands.unit)
    ('1/10000', '10000')
    >>> shown_by('"12300"').times is None, shown_by("#,##0.00") == PLAIN, shown_by('yyyy"年"m"月"').is_month
    (True, True, True)
    """
    words: list[str] = []

    def taken(found: re.Match[str]) -> str:
        words.append(next(filter(None, found.groups()), ""))
        return _POINT if words[-1] == "." else ""

    if code.casefold() in ("", "general", "@"):
        return PLAIN
    bare = _ASIDE.sub("", _LITERAL.sub(taken, _first_section(code))).casefold()
    if re.search("[ymdhs]", bare):
        return Shown(is_month="y" in bare and "m" in bare and "d" not in bare)
    named = _UNIT.search("".join(words))
    unit = _UNITS[named[0]] if named else None
    if "general" in bare or "@" in bare:
        return Shown(unit=unit)
    if not re.search("[0#?]", bare):
        return Shown(None, unit)
    return Shown(_times(bare), unit)


def _first_section(code: str) -> str:
    """Return the format of positive numbers."""
    quoted = re.match(r'(?:"[^"]*"|[\\!].|[^;"])*', code)
    return quoted[0] if quoted else code


def _times(bare: str) -> Fraction:
    times = Fraction(100) ** bare.count("%")
    scaled, shifted = _SCALED.search(bare), _SHIFTED.search(bare)
    if scaled:
        times /= 1000 ** len(scaled[1])
    return times / 10 ** len(shifted[1]) if shifted else times
