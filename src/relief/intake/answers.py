"""What a department answered -> the things that it found, one text each.

In    what was asked (不动产, 机动车 …) and the answer as it was written
Out   ``["无"]`` where nothing was found, else the answer; "2套" or "两辆" is two things

An answer of several numbers ("共2套：住宅1套，商铺1套") is at least the largest of them and may be
their sum, so what lies between is unknown. So is an answer that is none yet ("待查").
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["NOTHING", "things"]

NOTHING = "无"
_COUNTED = frozenset({"不动产", "机动车"})
_OPEN = frozenset(
    {"待查", "查询中", "待核实", "待反馈", "未反馈", "不详", "未知", "/", "-", "--", "—", "——", "n/a"}
)
_NONE = frozenset({"否", "未登记", "无登记信息", "不拥有", "none", "no"})
# What says of a person that there is no such thing, in words of its own.
_NONE_OF = {
    "死亡": frozenset({"健在", "在世", "存活", "生存", "未注销", "未死亡"}),
    "就业": frozenset({"失业", "无业", "待业", "未就业"}),
}
# Whom the department does not know by this number, it has not looked up.
_NOT_ASKED = re.compile(r"(?:查无|无|未找到|未查到)此人.*|身份证?(?:号码?)?(?:有误|错误|不符|不存在)")
_UNTIL = re.compile(r",?\((?:截至|截止|查询)[^()]*\)$|,?(?:截至|截止)[^,;()]*$")
_NO_SUCH = re.compile(
    r"(?:[经已]?查询?|核查|其|该人|本人|目前|名下|暂|[,:、])*"
    r"(?:无|没有|未有|未查到|未查询到|未查见|未见|未发现|未拥有|未持有|未办理|未登记|查无|不存在"
    r"|[未不](?:享受|领取|纳入|参加|属于)|非)(?:任何|相关|其他|此)*"
    r"(?:机动车辆?|车辆?|汽车|小汽车|房产|房屋|住房|房|不动产|产?权属?|商事|企业|存款|缴存|纳税|参保|结算|就诊|缴费"
    r"|(?:最低生活保障|低保)(?:对象|待遇|人员|户|金)*)*"
    r"(?:登记|查询|记录|信息|数据|结果)*"
)
_NUMBER = "[0-9]+|[零〇一二两三四五六七八九十百多数几]+"
_ALONE = re.compile(rf"(?:其?名下|共|有|合计|计)*({_NUMBER})(?:\.0+)?")
_WITH_UNIT = re.compile(rf"(?<![0-9./第零〇一二两三四五六七八九十])({_NUMBER})(?:余|个)?(?:套|辆|台|处|宗)")
_DIGITS = {word: at for at, word in enumerate("零一二三四五六七八九十")} | {"〇": 0, "两": 2}
_MOST = 99


def things(kind: object, value: object) -> list[object]:
    """Return what an answer says was found, one text per thing; None where that is not known.

    Examples
    --------
    >>> things("机动车", "名下无车辆")
    ['无']
    >>> things("不动产", "名下2套")
    ['第1项', '第2项']
    >>> things("不动产", "住宅1套、商铺1套")
    ['第1项', None]
    """
    if not isinstance(value, str):
        return [value]
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", value)).strip("。.;,!").casefold()
    text = _UNTIL.sub("", text)
    if text in _OPEN or _NOT_ASKED.fullmatch(text):
        return [None]
    if text in _NONE or text in _NONE_OF.get(str(kind), ()) or _NO_SUCH.fullmatch(text):
        return [NOTHING]
    least, most = _counts(text) if kind in _COUNTED else (1, 1)
    if most <= 1:
        return [value if most else NOTHING]
    return [f"第{at + 1}项" if at < least else None for at in range(most)]


def _counts(text: str) -> tuple[int, int]:
    """Return how many things an answer names at least and at most; one where it states no number."""
    alone = _ALONE.fullmatch(text)
    found = [alone[1]] if alone else _WITH_UNIT.findall(text)
    # A number of three digits or more without a word for what it counts is that of a paper.
    numbers = [] if alone and len(alone[1]) > 2 else [_whole(number) for number in found]
    return (max(numbers), min(sum(numbers), _MOST)) if numbers else (1, 1)


def _whole(number: str) -> int:
    """Return a number as it is written in digits or words, at most 99; 百, 多, 数 and 几 are two or more."""
    if number.isdecimal():
        return min(int((number.lstrip("0") or "0")[:4]), _MOST)
    if set(number) & set("百多数几"):
        return 2
    tens, ten, ones = number.rpartition("十")
    if not ten:
        return _DIGITS[number[-1]]
    return (_DIGITS.get(tens, 1) * 10 + _DIGITS.get(ones, 0)) if tens or ones else 10
