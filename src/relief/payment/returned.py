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

from relief.errors import FileError, MoneyError, PaymentError
from relief.messages import LANGUAGES, Figure, mask
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
_MOST_TOLD = 5


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
    if layout.answer is None:
        raise PaymentError("returned.no_answer", layout=layout.name)
    pinned = source if isinstance(source, Source) else _only(source)
    reading = _Reading(layout.answer, {payment.ref: payment for payment in payments})
    places, rows = _located(pinned.name, list(_rows(pinned, layout)), layout.answer)
    for row in rows:
        reading.take(row, places)
    if reading.problems:
        raise _refused(pinned.name, reading.problems)
    if not reading.seen:
        raise PaymentError("returned.empty", file=pinned.name)
    return reading.returned


class _Reading:
    """Goes through the rows of an answer and collects what is wrong with them, to tell all at once."""

    def __init__(self, answer: Answer, payments: Mapping[str, Payment]) -> None:
        self._skip, self._paid, self._returned = (
            [_plain(word) for word in words] for words in (answer.skip, answer.paid, answer.returned)
        )
        self._payments = payments
        self.seen: dict[str, int] = {}
        self.returned: dict[str, str] = {}
        self.problems: list[PaymentError] = []

    def take(self, row: _Row, places: Mapping[str, int | None]) -> None:
        """Take over one row, or what is wrong with it."""
        ref, status, reason, amount = (row.at(places[name]) for name in ("ref", "status", "reason", "amount"))
        if not status and (not ref or set(row.cells) & set(self._skip)):
            return  # a line of totals, or a remark
        problem = self._problem(row, ref, status)
        if problem is None and places["amount"] is not None:
            problem = _amount_problem(row, self._payments[ref], amount)
        if problem is not None:
            self.problems.append(problem)
        elif status in self._returned:
            self.returned[ref] = mask(reason or status)[:_MOST_REASON]
        self.seen.setdefault(ref, row.number)

    def _problem(self, row: _Row, ref: str, status: str) -> PaymentError | None:
        if ref not in self._payments:
            return PaymentError("returned.no_payment", row=row.number, ref=ref or "—")
        facts: dict[str, Any] = {"row": row.number, "ref": Figure(ref)}  # ours, and nobody's number
        if ref in self.seen:
            return PaymentError("returned.two_rows", **facts, other=self.seen[ref])
        known = [*self._paid, *self._returned]
        if status not in known:
            return PaymentError("returned.status", **facts, status=status or "—", known="、".join(known))
        return None


def _amount_problem(row: _Row, payment: Payment, text: str) -> PaymentError | None:
    try:
        amount = fen(text)
    except MoneyError:
        return PaymentError("returned.no_amount", row=row.number, ref=Figure(payment.ref))
    if amount == payment.fen:
        return None
    return PaymentError(
        "returned.other_amount",
        row=row.number,
        ref=Figure(payment.ref),
        told=yuan(amount),
        paid=yuan(payment.fen),
    )


def _refused(file: str, problems: Sequence[PaymentError]) -> PaymentError:
    """Return the error that tells the first few rows that are wrong."""
    more = f"\n… +{len(problems) - _MOST_TOLD}" if len(problems) > _MOST_TOLD else ""
    told = {
        f"problems_{lang}": Figure("\n".join(problem.text(lang) for problem in problems[:_MOST_TOLD]) + more)
        for lang in LANGUAGES
    }
    rows = "、".join(str(problem.facts["row"]) for problem in problems[:_MOST_TOLD])
    return PaymentError(
        "returned.refused", file=file, rows=rows, codes=[each.code for each in problems], **told
    )


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
    if source.data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise FileError("file.not_a_table", name=source.name, kind="HTML/XML")
    stream = io.StringIO(decoded(source), newline="")
    lines = csv.reader(
        stream, delimiter=layout.separator,
        quoting=csv.QUOTE_NONE if layout.format == "txt" else csv.QUOTE_MINIMAL,
    )  # fmt: skip
    number = 0
    try:
        for number, cells in enumerate(lines, start=1):
            if any(map(str.strip, cells)):
                yield _Row(number, [_plain(cell) for cell in cells])
    except csv.Error as error:
        raise FileError("file.broken_csv", name=source.name, row=number + 1) from error


def _plain(cell: Any) -> str:
    """Return a cell as text; a whole number as its digits."""
    if isinstance(cell, BadCell) or is_blank(cell):
        return ""
    if isinstance(cell, float) and cell.is_integer():
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
