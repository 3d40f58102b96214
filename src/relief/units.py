"""Units of money as headers, titles and sheets name them.

In    the words of a header's bracket, of a title, of a group of headers
Out   `Unit`: yuan in one of it, or fen; unclear where it is not understood, so that somebody is asked
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ASIDE", "Unit", "group_units", "normalised", "title_units", "unit_of"]

_UNITS: dict[str, int | Fraction] = {
    "亿元": 10**8,
    "百万元": 10**6,
    "万元": 10**4,
    "万": 10**4,
    "十万元": 10**5,
    "千元": 1000,
    "百元": 100,
    "元": 1,
    "圆": 1,
    "yuan": 1,
    "角": Fraction(1, 10),
}
_FEN = frozenset({"分", "fen"})
# What else names money: read by nobody here, so a header or title with it stops the sheet.
_MONEY_WORD = re.compile(r"[元圆币角分万亿$¥€]|rmb|cny|usd|hkd|yuan|fen")
_AROUND_UNIT = re.compile(
    r"^(?:(?:金额|货币|计量)?单位(?:均?为)?|金额|均?为|[以按]|人民币|rmb|cny|税前|含税)+"
    r"|(?:为(?:金额)?单位|人民币|rmb|cny|计算?)+$"
)
# Every amount of the dictionary is of a year or of one paper: 元/月 is another quantity.
_PER = frozenset({"", "年", "户", "年户", "户年"})
# Words in a bracket that leave a header's meaning as it is.
_CHINESE = ("必填", "选填", "必填项", "选填项", "可选", "可不填", "非必填", "文本", "文本格式")
ASIDE = frozenset({*_CHINESE, "required", "optional"})
_STATED = re.compile(
    r"单位(?:均?为|[:(])+([^():;。\d]+)|金额(?:均?为|[:(])+([^():;。\d]+)|[以按]([^,:;。()]{1,6}?)(?:为(?:金额)?单位|计)"
    r"|[(]([^()]+)[)]"
)
_NAMED = re.compile(r"[十百千万亿]*[美港日欧]?[元圆币角分]|[十百千]?[万亿]|美金|英镑|usd|hkd|yuan|fen")
# A unit that stands alone beside a title, or ends the words of a group without brackets; no amount of it.
_ALONE = re.compile(r"[十百千万亿]*元|角")
_LAST = re.compile(r"(?<![\d.一二三四五六七八九十百千万亿超过上近满])([十百千万亿]+元)$")
_BRACKETS = str.maketrans("【〔[】〕]", "((()))")


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit that some words name: yuan in one of it, or fen; unclear where it is not understood."""

    factor: int | Fraction | None
    in_fen: bool = False
    is_unclear: bool = False


def normalised(text: object) -> str:
    r"""Return a header or an id as it is compared: NFKC, no white space or marks, lower case.

    Examples
    --------
    >>> normalised("＊出生\n日期 ")
    '出生日期'
    >>> normalised("县（市、区）")
    '县(市、区)'
    """
    folded = unicodedata.normalize("NFKC", str(text)).translate(_BRACKETS)
    return re.sub(r"[\s\u200b-\u200f\u2060\ufeff]+", "", folded).strip("*﹡:").casefold()


def unit_of(brackets: Iterable[str]) -> Unit | None:
    """Return the unit that the words in brackets name, or None where they say something else.

    Examples
    --------
    >>> unit_of(["税前,万元"]).factor, unit_of(["美元"]).is_unclear, unit_of(["月均"]) is None
    (10000, True, True)
    """
    found: set[Unit] = set()
    for words in brackets:
        parts = [_AROUND_UNIT.sub("", part) for part in re.split("[,、;:]", words)]
        units = [_unit(part) for part in parts if part and part not in _COUNTED]
        names_money = _MONEY_WORD.search(words) is not None
        is_other = any(_unit(part.partition("/")[0]) and part.partition("/")[2] not in _PER for part in parts)
        if is_other or not (units or names_money) or (None in units and not names_money):
            return None
        found |= {unit or Unit(None, is_unclear=True) for unit in units}
    if len(found) > 1:
        return Unit(None, is_unclear=True)
    return found.pop() if found else Unit(None)


_COUNTED = frozenset({*ASIDE, "户", "人"})


def _unit(words: str) -> Unit | None:
    unit, _, per = words.partition("/")
    if per not in _PER:
        return None
    return Unit(None, in_fen=True) if unit in _FEN else Unit(_UNITS[unit]) if unit in _UNITS else None


def title_units(title: str) -> set[Unit]:
    """Return the units that a title states for all amounts below it.

    Examples
    --------
    >>> [unit.factor for unit in title_units("2021年名单（单位：户、万元）")]
    [10000]
    >>> [unit.factor for unit in title_units("困难职工名单 百元")]
    [100]
    >>> title_units("填报单位：元氏县总工会")
    set()
    """
    folded = unicodedata.normalize("NFKC", title).translate(_BRACKETS).casefold()
    found: set[Unit] = set()
    for text in {re.sub(r"\s+", "", folded), *folded.split()}:
        for stated in _STATED.finditer(text):
            words = next(filter(None, stated.groups()))
            parts = [_AROUND_UNIT.sub("", part) for part in re.split("[,、;:/和]", words)]
            found |= {_unit(part) or Unit(None, is_unclear=True) for part in parts if _NAMED.fullmatch(part)}
    alone = [_unit(part) for part in folded.split() if _ALONE.fullmatch(part)]
    return found or {unit or Unit(None, is_unclear=True) for unit in alone}


def group_units(words: str) -> set[Unit]:
    """Return the units that the words above several headers state, in brackets or without.

    Examples
    --------
    >>> [unit.factor for words in ("收入万元", "收入（角）", "收入超万元") for unit in group_units(words)]
    [10000, Fraction(1, 10)]
    """
    last = _LAST.search(normalised(words))
    stated = {_unit(last[1]) or Unit(None, is_unclear=True)} if last else set()
    return stated | title_units(words)
