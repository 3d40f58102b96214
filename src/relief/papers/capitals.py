"""Amounts in capital numerals (人民币大写), as payment rosters and notices carry them beside the figures.

In    whole fen
Out   text such as 人民币壹仟陆佰捌拾元叁角贰分, which `relief.intake.bills.amount_in_words` reads back

Source: 支付结算办法 (中国人民银行, 银发〔1997〕393号), annex 1: 人民币 before the numerals; 整 after 元, none
after 分, free after 角; one 零 for zeros inside; 零 between 元 and 分 where there is no 角. Where it leaves
a choice (a zero at 万 or 元 before a 仟 or 角 that is none), the shorter form is written.
"""

from __future__ import annotations

from relief.errors import MoneyError

__all__ = ["in_capitals"]

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_STEPS = ("仟", "佰", "拾", "")
_SECTIONS = ("亿", "万", "")
# Twelve digits of yuan, as bills are read: no fund of a federation comes near.
_MOST_FEN = 10**14


def in_capitals(fen: int) -> str:
    """Return an amount in capital numerals.

    Parameters
    ----------
    fen : int
        Whole fen, zero or more, below a trillion yuan.

    Returns
    -------
    str

    Raises
    ------
    MoneyError
        If the amount is no whole number of fen, below zero or too large.

    Examples
    --------
    >>> in_capitals(168032), in_capitals(1640902), in_capitals(30000000)
    ('人民币壹仟陆佰捌拾元叁角贰分', '人民币壹万陆仟肆佰零玖元零贰分', '人民币叁拾万元整')
    >>> in_capitals(5), in_capitals(0)
    ('人民币伍分', '人民币零元整')
    """
    if isinstance(fen, bool) or not isinstance(fen, int):
        raise MoneyError("money.not_fen", value=fen)
    if fen < 0:
        raise MoneyError("money.negative", value=fen)
    if fen >= _MOST_FEN:
        raise MoneyError("money.too_large", value=fen)
    yuan, rest = divmod(fen, 100)
    jiao, cents = divmod(rest, 10)
    whole = f"{_whole(yuan)}元" if yuan else ""
    part = f"{_DIGITS[jiao]}角" if jiao else ""
    if cents:
        part += ("零" if whole and not jiao else "") + f"{_DIGITS[cents]}分"
    return f"人民币{whole or ('' if part else '零元')}{part or '整'}"


def _whole(yuan: int) -> str:
    """Return a whole number of yuan: sections of four digits, 零 before one that lacks its 仟."""
    text = ""
    for name, section in zip(_SECTIONS, (yuan // 10**8, yuan // 10**4 % 10**4, yuan % 10**4), strict=True):
        if section:
            text += ("零" if text and section < 1000 else "") + _section(section) + name
    return text


def _section(number: int) -> str:
    """Return one to four digits, without a leading 零."""
    text = ""
    for digit, step in zip(map(int, f"{number:04}"), _STEPS, strict=True):
        text += f"{_DIGITS[digit]}{step}" if digit else ("" if not text or text.endswith("零") else "零")
    return text.rstrip("零")
