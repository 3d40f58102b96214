"""The bank's answer -> which payments came back, and why.

In    a CSV, a text or a workbook from the bank, the layout's words, the payments it answers
Out   a reason by reference; a row that fits no payment stops everything
"""

from __future__ import annotations

import csv
import io
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relief.errors import MoneyError, PaymentError
from relief.messages import mask
from relief.money import fen, yuan
from relief.sheets.delimited import decoded
from relief.sheets.files import read_sheets, read_sources
from relief.sheets.oldexcel import OLD_EXCEL
from relief.sheets.sheet import BadCell, Source, is_blank

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from relief.payment.layout import Answer, Layout
    from relief.payment.ledger import Payment

__all__ = ["read_returned"]

_MOST_BEFORE_HEADER = 20
_MOST_REASON = 200


@dataclass(frozen=True)
class _Row:
    """One row of an answer, its cells as text."""

    number: int
    cells: Sequence[str]

    def at(self, place: int | None) -> str:
        return self.cells[place] if place is not None and place < len(self.cells) else ""


def read_returned(source: str | Path | Source, layout: Layout, payments: Iterable[Payment]) -> dict[str, str]:
    r"""Read which payments came back.

    Parameters
    ----------
    source : str, Path or Source
        The bank's file: what it is, its content says.
    layout : Layout
        With an `answer`.
    payments : iterable of Payment
        Those that the answer may be about.

    Returns
    -------
    dict of str to str
        The bank's reason by reference, its status where it gives no reason. A payment that the answer does
        not name did not come back.

    Raises
    ------
    PaymentError
        If the layout has no answer, a column lacks, a row fits no payment, two rows are for one, an amount
        is another than was paid, or a status is not known. The rows are named.
    FileError
        If the file cannot be read.

    Examples
    --------
    >>> from relief.payment import Payment, load_layout
    >>> answer = Source("回盘.csv", "付款编号,金额,处理状态,失败原因\nR1-0001,1.00,失败,账号已销户".encode())
    >>> read_returned(answer, load_layout("generic"), [Payment("R1-0001", "a", "", 100)])
    {'R1-0001': '账号已销户'}
    """
    answer = layout.answer
    if answer is None:
        raise PaymentError("returned.no_answer", layout=layout.name)
    pinned = source if isinstance(source, Source) else _only(source)
    places, rows = _located(pinned.name, list(_rows(pinned, layout)), answer)
    known = {payment.ref: payment for payment in payments}
    seen: dict[str, int] = {}
    returned: dict[str, str] = {}
    for row in rows:
        ref, status = row.at(places["ref"]), row.at(places["status"])
        if _is_no_payment(row, ref, status, answer):
            continue
        facts = {"file": pinned.name, "row": row.number}
        payment = known.get(ref)
        if payment is None:
            raise PaymentError("returned.no_payment", **facts, ref=ref or "—")
        if ref in seen:
            raise PaymentError("returned.two_rows", **facts, ref=ref, other=seen[ref])
        seen[ref] = row.number
        _check_amount(row.at(places["amount"]), payment, places, facts)
        if _came_back(status, answer, facts, ref):
            returned[ref] = mask(row.at(places["reason"]) or status)[:_MOST_REASON]
    return returned


def _only(path: str | Path) -> Source:
    found = read_sources(path)
    if len(found) != 1:
        raise PaymentError("returned.many_files", count=len(found))
    return found[0]


def _rows(source: Source, layout: Layout) -> Iterator[_Row]:
    """Yield the rows that hold anything, with their number in the file."""
    if source.data.startswith((b"PK", OLD_EXCEL[:4])):
        sheets = [sheet for sheet in read_sheets(source) if len(sheet)]
        for sheet in sheets[:1]:
            for at, number in enumerate(sheet.rows):
                yield _Row(int(number), [_plain(cell) for cell in sheet.row(at)])
        return
    lines = csv.reader(
        io.StringIO(decoded(source), newline=""), delimiter=layout.separator,
        quoting=csv.QUOTE_NONE if layout.format == "txt" else csv.QUOTE_MINIMAL,
    )  # fmt: skip
    for at, cells in enumerate(lines, start=1):
        if any(map(str.strip, cells)):
            yield _Row(at, [_plain(cell) for cell in cells])


def _plain(cell: Any) -> str:
    """Return a cell as text; a whole number as its digits."""
    if isinstance(cell, BadCell) or is_blank(cell):
        return ""
    if isinstance(cell, float) and cell == int(cell):
        cell = int(cell)
    return unicodedata.normalize("NFKC", str(cell)).strip()


def _located(file: str, rows: Sequence[_Row], answer: Answer) -> tuple[dict[str, int | None], Sequence[_Row]]:
    """Return where each column is, from 0, and the rows below the header."""
    wanted = {name: getattr(answer, name) for name in ("ref", "status", "reason", "amount")}
    if not answer.header:
        return {name: place and place - 1 for name, place in wanted.items()}, rows
    for at, row in enumerate(rows[:_MOST_BEFORE_HEADER]):
        found = {name: _place(row.cells, place) for name, place in wanted.items()}
        if found["ref"] is not None:
            lacking = [str(wanted[name]) for name, place in found.items()
                       if place is None and wanted[name] is not None]  # fmt: skip
            if lacking:
                raise PaymentError("returned.no_column", file=file, header="、".join(lacking))
            return found, rows[at + 1 :]
    raise PaymentError("returned.no_column", file=file, header=str(answer.ref))


def _place(cells: Sequence[str], wanted: int | str | None) -> int | None:
    if isinstance(wanted, int):
        return wanted - 1
    name = unicodedata.normalize("NFKC", wanted or "")
    return cells.index(name) if name and name in cells else None


def _is_no_payment(row: _Row, ref: str, status: str, answer: Answer) -> bool:
    """Return whether a row is a line of totals or a remark: without a reference and a status."""
    if ref or status:
        return bool(set(row.cells) & set(answer.skip)) and not status
    return True


def _check_amount(
    text: str, payment: Payment, places: Mapping[str, int | None], facts: Mapping[str, Any]
) -> None:
    if places["amount"] is None:
        return
    try:
        amount = fen(text)
    except MoneyError:
        raise PaymentError("returned.no_amount", **facts, ref=payment.ref) from None
    if amount != payment.fen:
        raise PaymentError(
            "returned.other_amount", **facts, ref=payment.ref, told=yuan(amount), paid=yuan(payment.fen)
        )


def _came_back(status: str, answer: Answer, facts: Mapping[str, Any], ref: str) -> bool:
    if status in answer.returned:
        return True
    if status not in answer.paid:
        known = "、".join([*answer.paid, *answer.returned])
        raise PaymentError("returned.status", **facts, ref=ref, status=status or "—", known=known)
    return False
