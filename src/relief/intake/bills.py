"""What each bill of a hospital must satisfy by itself: sums by charge item, by payer, by duty, in words.

In    the typed frame of papers
Out   per identity that is broken: the row, the sentence, the column and both amounts in fen

An unknown amount is no zero: a sum with an unknown part is only held not to exceed its total.
Sources: docs/evidence.md.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

__all__ = ["FUNDS", "amount_in_words", "broken_identities"]

FUNDS = ("pooled_fund_fen", "major_illness_fund_fen", "medical_aid_fen", "other_fund_fen")
_PAID = ("account_fen", "cash_fen")
_BORNE = ("out_of_pocket_fen", "own_expense_fen")
_AFTERWARDS = ("commercial_fen", "mutual_aid_fen")
_WHOLES = ("fund_total_fen", "borne_total_fen", "hospital_borne_fen")
# Sentence, column of the finding, the sum, what it must equal.
_EQUAL = (
    ("warning.bill_payers", "total_fen", (*FUNDS, *_PAID), ("total_fen",)),
    ("warning.bill_duty", "total_fen", (*FUNDS, *_BORNE), ("total_fen",)),
    ("warning.bill_borne", "out_of_pocket_fen", _PAID, _BORNE),
    ("warning.bill_items", "items_total_fen", ("items_total_fen",), ("total_fen",)),
    ("warning.bill_funds", "fund_total_fen", FUNDS, ("fund_total_fen",)),
    ("warning.bill_share", "borne_total_fen", _PAID, ("borne_total_fen",)),
    ("warning.bill_parts", "total_fen", _WHOLES, ("total_fen",)),
)  # fmt: skip
_DIGITS = {word: at for at, word in enumerate("零壹贰叁肆伍陆柒捌玖")}
_DIGITS |= {word: at for at, word in enumerate("〇一二三四五六七八九")} | {"两": 2, "貳": 2, "參": 3, "陸": 6}
_IN_WORDS = re.compile(
    "(?:(?P<yuan>[^元圆角分]+)[元圆])?(?:(?P<jiao>[^元圆角分])角)?零?(?:(?P<fen>[^元圆角分])分)?"
)
_STEPS = {"拾": 10, "十": 10, "佰": 100, "百": 100, "仟": 1000, "千": 1000}


def broken_identities(papers: pd.DataFrame) -> Iterator[tuple[int, str, str, int, int]]:
    """Find the bills that contradict themselves.

    Yields
    ------
    tuple of int, str, str, int, int
        Position, sentence, column, and in fen the sum and what it should be.
    """
    inside = _paid_inside(papers)
    for code, column, parts, whole in _EQUAL:
        if not _has(papers, parts, whole):
            continue
        left, left_known = _sum(papers, parts)
        right, right_known = _sum(papers, whole)
        differs = (left > right) & right_known
        differs |= (
            (left < right) & left_known & right_known if len(whole) == 1 else left_known & (left < right)
        )
        if code in ("warning.bill_duty", "warning.bill_borne"):
            differs &= ~inside
        for at in np.flatnonzero(differs).tolist():
            yield at, code, column, int(left[at]), int(right[at])
    other = _fen(papers, "other_fund_fen")[0]
    for at in np.flatnonzero(inside).tolist():
        yield at, "warning.bill_inside", "other_fund_fen", int(other[at]), 0
    yield from _afterwards(papers)
    yield from _words(papers)


def _has(papers: pd.DataFrame, parts: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    return bool(set(parts) & set(papers.columns)) and bool(set(whole) & set(papers.columns))


def _fen(papers: pd.DataFrame, column: str) -> tuple[Any, Any]:
    """Return a column's amounts, zero where unknown, and which are known."""
    if column not in papers:
        return np.zeros(len(papers), dtype=np.int64), np.zeros(len(papers), dtype=bool)
    known = papers[column].notna().to_numpy()
    return papers[column].fillna(0).to_numpy(dtype=np.int64), known


def _sum(papers: pd.DataFrame, columns: tuple[str, ...]) -> tuple[Any, Any]:
    parts = [_fen(papers, column) for column in columns]
    return sum(amounts for amounts, _ in parts), np.logical_and.reduce([known for _, known in parts])


def _paid_inside(papers: pd.DataFrame) -> Any:
    """Find bills whose duties exceed the total by 其他支付, or the payments fall short by it.

    A supplement that pays inside 个人自付 does so, and no amount is wrong: told once, never corrected.
    """
    total, total_known = _fen(papers, "total_fen")
    other, other_known = _fen(papers, "other_fund_fen")
    duty, duty_known = _sum(papers, (*FUNDS, *_BORNE))
    paid, paid_known = _sum(papers, (*FUNDS, *_PAID))
    known = total_known & other_known & duty_known & paid_known
    return known & (other > 0) & (duty - total == other) & (paid == total)


def _afterwards(papers: pd.DataFrame) -> Iterator[tuple[int, str, str, int, int]]:
    """Find bills of which more was paid back afterwards than the person bore."""
    back, _ = _sum(papers, _AFTERWARDS)
    borne, known = _sum(papers, _PAID)
    duty, duty_known = _sum(papers, _BORNE)
    borne, known = np.where(known, borne, duty), known | duty_known
    for at in np.flatnonzero((back > borne) & known).tolist():
        column = max(_AFTERWARDS, key=lambda name: _fen(papers, name)[0][at])
        yield at, "warning.bill_back", column, int(back[at]), int(borne[at])


def _words(papers: pd.DataFrame) -> Iterator[tuple[int, str, str, int, int]]:
    """Find bills whose total in words is another than in figures; unreadable words are left alone."""
    if "total_in_words" not in papers:
        return
    total, known = _fen(papers, "total_fen")
    for at in np.flatnonzero(papers["total_in_words"].notna().to_numpy() & known).tolist():
        said = amount_in_words(papers["total_in_words"].iloc[at])
        if said is not None and said != total[at]:
            yield at, "warning.bill_words", "total_in_words", said, int(total[at])


def amount_in_words(text: object) -> int | None:
    """Return an amount in Chinese words in fen; None where it cannot be read.

    Examples
    --------
    >>> amount_in_words("壹万贰仟零叁拾元伍角"), amount_in_words("人民币肆仟伍佰圆整")
    (1203050, 450000)
    >>> amount_in_words("约四千") is None
    True
    """
    plain = re.sub(r"[\s:]+|^(?:人民币|大写)+|[整正]$", "", unicodedata.normalize("NFKC", str(text)))
    found = _IN_WORDS.fullmatch(plain)
    if not found or not plain:
        return None
    yuan = _whole(found["yuan"]) if found["yuan"] else 0
    jiao, fen = (_DIGITS.get(found[part] or "零") for part in ("jiao", "fen"))
    return None if yuan is None or jiao is None or fen is None else yuan * 100 + jiao * 10 + fen


def _whole(words: str) -> int | None:
    """Return a whole number in Chinese words below 10^12.

    A printed form has every step with a digit, so its 零佰零拾 is nothing. Where a step is skipped
    (一千零十), 零 only joins and 拾 is ten. Two digits in a row (四五〇〇) are no such number.
    """
    high = low = section = digit = 0
    before = ""
    for word in re.sub("(?<=[万萬仟千])零(?=[拾十])", "", words):
        if word in _DIGITS and not digit:
            digit = _DIGITS[word]
        elif word in _STEPS:
            section, digit = section + (digit if before in _DIGITS else 1) * _STEPS[word], 0
        elif word in "万萬":
            low, section, digit = low + (section + digit) * 10**4, 0, 0
        elif word in "亿億":
            high, low, section, digit = (low + section + digit) * 10**8, 0, 0, 0
        else:
            return None
        before = word
    return high + low + section + digit
