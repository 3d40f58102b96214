"""ID numbers and names as they are compared: whatever was written between their characters.

In    an ID number or a name as a person or a department wrote it
Out   the same in one form; what an ID number says of its person (GB 11643-1999), and what is wrong with it
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Any

import numpy as np

from relief.columns import COPY

__all__ = [
    "agree", "born", "folded", "folded_name", "folded_number", "is_masked", "is_other_paper",
    "problem", "problems", "same_name", "sex",
]  # fmt: skip

_CHECK_DIGITS = "10X98765432"
_WEIGHTS = [2 ** (17 - at) % 11 for at in range(17)]
# Provinces by the first two digits; 83 is on the permits of people from Taiwan, 9 begins those of foreigners.
_REGIONS = frozenset(
    f"{first}{last}"
    for first, lasts in zip(
        "1234568", ("12345", "123", "1234567", "123456", "01234", "12345", "123"), strict=True
    )
    for last in lasts
) | {"71"}
# Days of each month, none of the 0th; the 29th of February is looked at with its year.
_LENGTHS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
# Other papers than the ID card: passports (one or two letters), 港澳居民来往内地通行证 (H or M, also with the
# number of its issue), 台湾居民来往大陆通行证 (8 digits), 外国人永久居留身份证 (country, 12 digits).
_OTHERS = re.compile(r"[A-Z][0-9*]{8}|[A-Z]{2}[0-9*]{7}|[HM][0-9*]{10}|[A-Z]{3}[0-9*]{12}|[0-9*]{8}")
_CARDS = frozenset({"居民身份证", "港澳台居民居住证"})
_NOT_IN_NUMBERS = re.compile(r"[\s\-_.·/]+")
_NOT_IN_NAMES = re.compile(r"[\s·•‧∙・･．.。\-–—_'’]+")
# Forms of one character that registers and people mix up; the second is the one compared.
_VARIANTS = str.maketrans(
    "張陳劉黃呂鄧吳趙楊鄭馮蔣韓許關鍾鐘譚賴盧蘇葉麗華國強偉軍紅蓮蘭鳳鳯梅陽東龍寶貴榮慶學義雲鋼鐵銀"
    "歐馬鄒賈孫羅謝蕭閻龔齊顧龐湯嚴萬錢買爾羣峯昇髙槑栢竝澤潤濤燦煥輝棟樑勛勳贇淩凃讚",
    "张陈刘黄吕邓吴赵杨郑冯蒋韩许关钟钟谭赖卢苏叶丽华国强伟军红莲兰凤凤梅阳东龙宝贵荣庆学义云钢铁银"
    "欧马邹贾孙罗谢萧阎龚齐顾庞汤严万钱买尔群峰升高梅柏并泽润涛灿焕辉栋梁勋勋赟凌涂赞",
)


def folded(number: object) -> object:
    """Return an ID number without spaces and dashes, upper case, one of 15 digits as its 18.

    The number of another paper is what it is, without spaces and dashes.

    Examples
    --------
    >>> folded("440703 19800101-123x")
    '44070319800101123X'
    >>> folded("440703800101123")
    '440703198001011234'
    """
    if not isinstance(number, str) or (len(number) == 18 and number.isascii() and number.isdigit()):
        return number
    plain = re.sub(r"[^0-9A-Z*]", "", unicodedata.normalize("NFKC", number).upper())
    if not re.fullmatch("[0-9]{15}", plain):
        return plain
    body = f"{plain[:6]}19{plain[6:]}"
    return body + _check_digit(body)


def _check_digit(body: str) -> str:
    return _CHECK_DIGITS[sum(int(digit) * 2 ** (17 - at) for at, digit in enumerate(body)) % 11]


def is_masked(number: object) -> bool:
    """Return whether part of a number is hidden."""
    return isinstance(number, str) and "*" in unicodedata.normalize("NFKC", number)


def agree(one: object, other: object) -> bool:
    """Return whether two ID numbers may be one person's: no digit that both show differs.

    Examples
    --------
    >>> agree("440703********123X", "440703198001011 23x"), agree("440703********1230", "44070319800101123X")
    (True, False)
    """
    left, right = folded(one), folded(other)
    if not (isinstance(left, str) and isinstance(right, str)) or len(left) != len(right):
        return False
    return all(a == b or "*" in (a, b) for a, b in zip(left, right, strict=True))


def born(number: object) -> dt.date | None:
    """Return the day of birth that an ID number states; None where it states none."""
    plain = folded(number)
    if not isinstance(plain, str) or len(plain) != 18 or not plain[6:14].isdigit():
        return None
    try:
        return dt.date(int(plain[6:10]), int(plain[10:12]), int(plain[12:14]))
    except ValueError:
        return None


def sex(number: object) -> str | None:
    """Return the sex that an ID number states: 男 for an odd seventeenth digit, 女 for an even one.

    Examples
    --------
    >>> born("44070319800101123X").isoformat(), sex("44070319800101123X"), sex("440703********124X")
    ('1980-01-01', '男', '女')
    """
    plain = folded(number)
    if not isinstance(plain, str) or len(plain) != 18 or not plain[16].isdigit():
        return None
    return "男" if int(plain[16]) % 2 else "女"


def is_other_paper(number: object) -> bool:
    """Return whether a number may be that of a passport or permit, which has no check digit.

    Examples
    --------
    >>> is_other_paper("E12345678"), is_other_paper("H1234567801"), is_other_paper("19800101")
    (True, True, False)
    """
    plain = folded(number)
    if not isinstance(plain, str) or not _OTHERS.fullmatch(plain) or _is_day(plain):
        return False
    return any(letter.isdigit() for letter in plain)


def _is_day(plain: str) -> bool:
    """Return whether 8 digits are a birthday and not the number of a permit."""
    return plain.isdigit() and born(f"{'0' * 6}{plain}{'0' * 4}") is not None and plain[:2] in ("19", "20")


def problem(number: object, paper: object = None) -> str | None:
    """Return what is wrong with an ID number, as the code of its sentence; None where nothing is.

    Parameters
    ----------
    number : object
    paper : str, optional
        证件类型; a number of another paper than an ID card is taken as it is written.

    Examples
    --------
    >>> problem("440703198001011234"), problem("440703198002301239"), problem("440703198001011230")
    (None, 'warning.id_date', 'warning.id_check')
    """
    plain = folded(number)
    if (paper is not None and paper not in _CARDS and plain) or is_other_paper(plain):
        return None
    if not isinstance(plain, str) or not re.fullmatch(r"[0-9*]{17}[0-9X*]", plain):
        return "warning.id_shape"
    if "*" not in plain[:2] and plain[:2] not in _REGIONS and plain[0] != "9":
        return "warning.id_region"
    if "*" not in plain[6:14] and not _is_birthday(plain):
        return "warning.id_date"
    if "*" not in plain and _check_digit(plain[:17]) != plain[17]:
        return "warning.id_check"
    return None


def _is_birthday(plain: str) -> bool:
    day = born(plain)
    return day is not None and day.year >= 1900


def problems(numbers: list[Any], papers: list[Any] | None = None) -> dict[int, str]:
    """Return what is wrong with the numbers of a column, by position; blank ones are not looked at.

    Of `papers`, 证件类型, None is an ID card or a paper that its number shows.

    The numbers that plainly add up are told apart all at once, so a column of them costs little.
    """
    suspects = [
        at for at, number in enumerate(numbers) if isinstance(number, str) and number and len(number) != 18
    ]
    plain = [at for at, number in enumerate(numbers) if isinstance(number, str) and len(number) == 18]
    if plain:
        codes = np.array([numbers[at] for at in plain], dtype="U18").view(np.uint32).reshape(-1, 18)
        suspects += [plain[at] for at in np.flatnonzero(~_add_up(codes))]
    found = {at: problem(numbers[at], papers and papers[at]) for at in sorted(suspects)}
    return {at: code for at, code in found.items() if code}


def _add_up(codes: np.ndarray[Any, np.dtype[np.uint32]]) -> Any:
    """Return which rows of 18 characters are surely right; the others are looked at one by one."""
    digits = codes[:, :17].astype(np.int64) - 48
    are_digits = ((digits >= 0) & (digits <= 9)).all(axis=1)
    wanted = np.array([ord(digit) for digit in _CHECK_DIGITS])[(digits @ _WEIGHTS) % 11]
    month, day = digits[:, 10] * 10 + digits[:, 11], digits[:, 12] * 10 + digits[:, 13]
    year, region = digits[:, 6] * 10 + digits[:, 7], digits[:, 0] * 10 + digits[:, 1]
    usual = np.isin(region, [int(code) for code in _REGIONS]) & np.isin(year, [19, 20])
    return (
        are_digits
        & (codes[:, 17] == wanted)
        & usual
        & (month >= 1)
        & (month <= 12)
        & (day >= 1)
        & (day <= _LENGTHS[np.clip(month, 0, 12)])
    )


def folded_number(number: object) -> str | None:
    """Return the number of a bill as it is compared: without blanks, dashes, zeros in front, 复印件.

    Examples
    --------
    >>> folded_number("Ａ-001（复印件）") == folded_number("a 001"), folded_number("0012")
    (True, '12')
    """
    if not isinstance(number, str):
        return None
    if number.isdecimal() and number.isascii() and number[:1] != "0":
        return number
    plain = _NOT_IN_NUMBERS.sub("", COPY.sub("", unicodedata.normalize("NFKC", number))).casefold()
    return plain.lstrip("0") or plain[:1] or number


def folded_name(name: object) -> str:
    """Return a name without spaces and dots, its characters in the usual form.

    Examples
    --------
    >>> folded_name("買買提·吐爾遜") == folded_name("買買提 . 吐爾遜"), folded_name("張　峯")
    (True, '张峰')
    """
    if not isinstance(name, str):
        return ""
    return _NOT_IN_NAMES.sub("", unicodedata.normalize("NFKC", name)).translate(_VARIANTS).casefold()


def same_name(one: object, other: object) -> bool:
    """Return whether two names may be one person's: equal but for how they are written, or a masked one fits.

    Examples
    --------
    >>> same_name("张 三", "張三"), same_name("张*", "张三"), same_name("张三", "李四")
    (True, True, False)
    """
    left, right = folded_name(one), folded_name(other)
    if not ("*" in left or "*" in right):
        return left == right
    return len(left) == len(right) and all(a == b or "*" in (a, b) for a, b in zip(left, right, strict=True))
