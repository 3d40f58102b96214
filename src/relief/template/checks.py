"""What a cell of the template takes: the data validation of each column, as Excel and WPS know it.

In    a `Column` and where it begins
Out   the options of XlsxWriter's ``data_validation``, with the words that a clerk sees

Excel checks what is typed, not what is pasted; `relief check` sees the rest.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from relief.columns import MOST_COUNTED, TABLE_TITLES
from relief.messages import say

if TYPE_CHECKING:
    from relief.columns import Column
    from relief.messages import Language

__all__ = ["LAST_ROW", "allowed", "validation"]

LAST_ROW = 5_000
# A column's own words for yes and no, where it has them, before 是 and 否.
_FLAG_WORDS = (("通过", "不通过"), ("有异议", "无异议"), ("是", "否"))
# The days that are read; a birth may be earlier, yet Excel knows no day before 1900 either.
_FIRST, _LAST = dt.date(1900, 3, 2), dt.date(2199, 12, 31)
_LONGEST = 255
# GB 11643: the last character must fit the seventeen before it.
_CHECK_DIGIT = (
    'MID("10X98765432",MOD(SUMPRODUCT(MID({0},ROW($1:$17),1)*2^(18-ROW($1:$17))),11)+1,1)=UPPER(RIGHT({0}))'
)
_CURES = {
    "money": "fault.money.cure", "area": "fault.area.cure", "count": "fault.count.cure",
    "date": "fault.date.cure", "flag": "template.check.list", "choice": "template.check.list",
    "label": "template.check.label", "district": "template.check.list",
    "id_number": "template.check.id_number", "account": "template.check.text", "id": "template.check.text",
}  # fmt: skip


def allowed(column: Column) -> list[str]:
    """Return what a drop-down offers: the words that the reader takes, canonical ones only.

    Examples
    --------
    >>> from relief.columns import DICTIONARY
    >>> households = DICTIONARY["households"]
    >>> allowed(households["review_passed"]), allowed(households["residence"])
    (['通过', '不通过'], ['城镇', '农村'])
    """
    if column.dtype != "flag":
        return list(dict.fromkeys(column.choices.values()))
    if column.title.startswith("有无"):
        return ["有", "无"]
    return list(next(words for words in _FLAG_WORDS if words[0] in column.choices))


def validation(column: Column, letter: str, words: list[str], lang: Language = "zh") -> dict[str, Any]:
    """Return the check of a column.

    Parameters
    ----------
    column : Column
    letter : str
        The column's letter in its sheet; the first record stands in row 2.
    words : list of str
        What its drop-down offers; empty for none.
    lang : {'zh', 'en'}
        Language of what the clerk is told.
    """
    rule = _list(column, words) if words else _rule(column, f"{letter}2", letter)
    message = column.description_zh if lang == "zh" else column.description
    told = {"input_title": column.title, "input_message": message[:_LONGEST]}
    if rule["validate"] != "any":
        code = _CURES[column.dtype] if column.name != "household_id" else _id_cure(column)
        told |= {"error_title": column.title, "error_message": say(code, lang)[:_LONGEST]}
    return rule | told


def _list(column: Column, words: list[str]) -> dict[str, Any]:
    is_open = column.dtype == "label"
    return {"validate": "list", "source": words, "error_type": "information" if is_open else "stop"}


def _rule(column: Column, cell: str, letter: str) -> dict[str, Any]:
    if column.dtype == "date":
        return {"validate": "date", "criteria": "between", "minimum": _FIRST, "maximum": _LAST}
    if column.dtype == "count":
        least = column.minimum or 0
        return {"validate": "integer", "criteria": "between", "minimum": least, "maximum": MOST_COUNTED}
    if column.dtype in ("money", "area"):
        least_amount = "" if column.minimum is None else f",{cell}>={column.minimum}"
        # Beyond 12 digits before the point Excel loses the fen.
        return _custom(f"=AND(ISNUMBER({cell}){least_amount},ROUND({cell},2)={cell},ABS({cell})<1E+12)")
    if column.dtype == "id_number":
        parts = [f"ISTEXT({cell})", f"LEN({cell})=18"]
        if column.table != "documents":  # There part of the number may be hidden.
            parts.append(_CHECK_DIGIT.format(cell))
        return _custom(f"=AND({','.join(parts)})", "warning")  # a passport's number may stand here
    if column.name == "household_id":
        return _id_rule(column, cell, letter)
    if column.dtype in ("id", "account"):
        return _custom(f"=ISTEXT({cell})")
    return {"validate": "any"}


def _custom(formula: str, error_type: str = "stop") -> dict[str, Any]:
    return {"validate": "custom", "value": formula, "error_type": error_type}


def _id_rule(column: Column, cell: str, letter: str) -> dict[str, Any]:
    """Return the rule of a household's id: once among the households, and one of theirs elsewhere."""
    if column.table == "households":
        ids = f"${letter}$2:${letter}${LAST_ROW}"
        return _custom(f"=AND(ISTEXT({cell}),SUMPRODUCT(--EXACT({ids},{cell}))=1)")
    ids = f"'{TABLE_TITLES['households'][0]}'!$A$2:$A${LAST_ROW}"
    return _custom(f"=AND(ISTEXT({cell}),SUMPRODUCT(--EXACT({ids},{cell}))=1)", "warning")


def _id_cure(column: Column) -> str:
    return "template.check.own_id" if column.table == "households" else "template.check.known_id"
