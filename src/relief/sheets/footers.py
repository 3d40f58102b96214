"""Which rows below a header are no record: totals, signatures, remarks, headers printed again, examples.

In    a `Sheet` and its `Layout`
Out   the positions of such rows, each with the code that says why

A word alone decides nothing: a row that could be a household as well is for a person to look at.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from relief.columns import DICTIONARY, EXAMPLE, TABLES, match, normalised
from relief.errors import TableError
from relief.sheets.sheet import Cells, Sheet, is_blank
from relief.units import Unit, title_units

if TYPE_CHECKING:
    from relief.intake.headers import Layout

__all__ = ["LEFT_OUT", "rows_left_out"]

_LONGEST_LABEL = 60
_ID = DICTIONARY["households"]["household_id"]
_ID_LABELS = frozenset(map(normalised, (_ID.name, _ID.title, *_ID.headers)))

# The notices of rows that are no record.
LEFT_OUT = frozenset({"notice.footer", "notice.repeated_header", "notice.example"})

_SIGNED = re.compile(
    r"[(]?(制表|填表|填报|审核|复核|经办|负责人|单位负责|签字|签名|盖章|备注|附注|说明|日期|本页|注:|注$)"
)
_TOTAL_WORDS = (
    r"合计|总计|小计|共计|累计|总和|汇总|总数|总额|平均[值数]?|最[大小]值|合計|總計|小計|總和"
    r"|共\d+[户人]|(?:grand)?total|sub-?total|sum|average|mean"
)
_TOTAL = re.compile(rf"[(]?.{{0,12}}?({_TOTAL_WORDS})[)]?(?:[(].*[)])?(?:共?\d+[户人])?:?|(其中)(?::.*)?")
_BEGINS_AS_TOTAL = re.compile(rf"[(]?({_TOTAL_WORDS}|本页)")
_ASCII_TOTAL = re.compile(
    r"(?:^|\x1f)\s*(?:grand\s*total|total|sub-?\s*total|sum|average|mean)(?![a-z0-9])", re.IGNORECASE
)
_ASCII_WORDS = ("total", "sum", "average", "mean")
_SENTENCE = re.compile(r"[:：。，；]|\d{4}\s*年")


def rows_left_out(sheet: Sheet, layout: Layout) -> dict[int, tuple[str, str]]:
    """Return the positions of rows that are no record, each with the code that says why, and its key word.

    Totals, signatures and remarks; and headers that are printed again on every page. A row that
    looks like a total and like a record has the code of a fault, and is for a person to look at.
    """
    key = next((place for place, h in layout.columns.items() if h.column.name == "household_id"), None)
    if key is None or not layout.height:  # of a block, whose rows were told apart with the whole sheet
        return {}
    ids = sheet.columns[key][layout.start :]
    suspects = _suspects(ids, layout.labels[key])
    usual = _usual_shape(ids) if suspects else ""
    left_out: dict[int, tuple[str, str]] = {}
    for at in suspects:
        row = sheet.row(layout.start + at)
        if _names_columns(row, key, layout):
            _refuse_other_header(sheet, layout, layout.start + at)
            left_out[layout.start + at] = ("notice.repeated_header", "")
        elif (why := _why_no_record(row, key, layout, usual)) is not None:
            _refuse_other_unit(sheet, layout, layout.start + at)
            left_out[layout.start + at] = why
    return left_out


def _shape(text: str) -> str:
    """Return how an id is built, empty where it has no digit: 家01 and 村12 are alike, H1 is not."""
    if not any(map(str.isdigit, text)):
        return ""
    return re.sub(r"\d+", "0", re.sub(r"[A-Za-z]+", "a", re.sub(r"[\u4e00-\u9fff]+", "字", text)))


def _usual_shape(ids: Cells) -> str:
    """Return the shape of most ids, empty where they have none in common."""
    shape, count = Counter(_shape(str(value).strip()) for value in ids).most_common(1)[0]
    return shape if count > 1 and 2 * count > len(ids) else ""


def _id_of(row: list[Any], key: int) -> str:
    return "" if is_blank(row[key]) else str(row[key]).strip()


def _suspects(ids: Cells, label: str) -> list[int]:
    """Return the positions of ids that are blank, or that hardly any household would have."""
    if _are_plain(ids, label):
        return []
    texts = ["" if is_blank(value) else str(value).strip() for value in ids]
    return [
        at
        for at, text in enumerate(texts)
        if not text
        or text == label
        or normalised(text) in _ID_LABELS
        or (_ASCII_TOTAL.match(text) if text.isascii() else _is_worded(text))
    ]


def _are_plain(ids: Cells, label: str) -> bool:
    try:
        joined = "\x1f".join(ids)
    except TypeError:
        return False
    if not joined.isascii() or label in joined or not all(map(str.strip, ids)):
        return False
    folded = joined.casefold()
    return not any(word in folded for word in _ASCII_WORDS) or not _ASCII_TOTAL.search(joined)


def _is_worded(text: str) -> bool:
    folded = normalised(text)
    if folded.startswith(EXAMPLE) or _SENTENCE.search(text) is not None:
        return True
    return any(pattern.match(folded) for pattern in (_SIGNED, _BEGINS_AS_TOTAL, _TOTAL))


def _names_columns(row: list[Any], key: int, layout: Layout) -> bool:
    """Return whether a row is a header: the id's label stands there again, and most cells are labels."""
    if _id_of(row, key) != layout.labels[key] and normalised(_id_of(row, key)) not in _ID_LABELS:
        return False
    words = [str(cell).strip() for cell in row if not is_blank(cell)]
    known = sum(any(match(table, word) for table in TABLES) for word in words if len(word) < _LONGEST_LABEL)
    return 2 * known > len(words)


def _refuse_other_header(sheet: Sheet, layout: Layout, at: int) -> None:
    """Stop at a header that is not the first one again: below it the columns mean other things.

    Raises
    ------
    TableError
        If it names another column, order or unit.
    """
    row = sheet.row(at)
    cells = {place: "" if is_blank(cell) else str(cell).strip() for place, cell in enumerate(row)}
    for place, cell in cells.items():
        label = layout.labels.get(place, "")
        if normalised(cell) not in normalised(label) and (
            place in layout.columns or match(layout.table, cell)
        ):
            raise TableError(
                "table.second_header",
                place=f"{sheet.source} [{sheet.name}]" if sheet.source else sheet.name,
                row=int(sheet.rows[at]), found=cell, expected=label or "—",
            )  # fmt: skip


def _refuse_other_unit(sheet: Sheet, layout: Layout, at: int) -> None:
    """Stop at a title or remark that states another unit than the amounts without one were read in.

    Raises
    ------
    TableError
        If it does; whether it is meant for the rows above or below it, a person must say.
    """
    row, money = sheet.row(at), [(at, h) for at, h in layout.columns.items() if h.column.dtype == "money"]
    bare = [header for _, header in money if header.factor is None and header.in_fen == layout.states_fen]
    if not bare or any(not is_blank(row[place]) for place, _ in money):
        return
    words = " ".join(str(cell).strip() for cell in row if not is_blank(cell))
    taken = Unit(None, in_fen=True) if layout.states_fen else Unit(layout.factor)
    if title_units(words) - {taken}:
        raise TableError(
            "table.unit",
            place=f"{sheet.source} [{sheet.name}]" if sheet.source else sheet.name,
            headers=f"{int(sheet.rows[at])}: {words[:_LONGEST_LABEL]}", title=bare[0].column.title,
        )  # fmt: skip


def _why_no_record(row: list[Any], key: int, layout: Layout, usual: str) -> tuple[str, str] | None:
    """Return the code and the word that show a row to be no record, or None; never the names beside it."""
    cells = [str(cell).strip() for cell in row if not is_blank(cell)]
    if not cells:
        return None
    own = _id_of(row, key)
    if normalised(own).startswith(EXAMPLE):
        return "notice.example", own
    first = own or cells[0]
    told = {place for place in layout.columns if not is_blank(row[place]) and not _is_worded(str(row[place]))}
    filled = {layout.columns[place].column.dtype for place in told}
    total = _TOTAL.fullmatch(normalised(first))
    if total is None and usual and _shape(own) == usual:
        return None
    found = total or _SIGNED.match(normalised(first)) or _BEGINS_AS_TOTAL.match(normalised(first))
    if found is None:
        longest_id = 20 if own else 12
        is_remark = len(cells) == 1 and (len(first) > longest_id or _SENTENCE.search(first))
        return ("notice.footer", first[:2] + "…") if is_remark else None
    word = next(filter(None, found.groups()))
    if own:
        is_record = "district" in filled or ("money" in filled and total is None)
        return ("fault.total_row" if is_record else "notice.footer", word)
    return None if "money" in filled and total is None else ("notice.footer", word)
