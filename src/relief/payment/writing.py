"""One file for a bank: rows of text in the bank's encoding, or a workbook whose accounts are text.

In    payments with their accounts, a layout
Out   bytes, the same for the same payments
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relief.celltext import cell_text
from relief.errors import MissingExtraError
from relief.money import yuan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from relief.payment.accounts import Account
    from relief.payment.layout import Layout, LayoutColumn, What
    from relief.payment.ledger import Payment

__all__ = ["Line", "amount_text", "written"]

_WIDTH = 22
_NUMBERS = {"two": "0.00", "least": "0.##"}


@dataclass(frozen=True)
class Line:
    """One payment as a file needs it; `number` counts the rows of the file from 1."""

    payment: Payment
    account: Account
    district: str
    number: int


@dataclass(frozen=True)
class _Amount:
    """A cell of money: in a workbook a number, in a text its figures."""

    fen: int


_Cell = str | _Amount


def written(lines: Sequence[Line], layout: Layout, dated: dt.date, given: Mapping[What, str]) -> bytes:
    """Return the file of some payments."""
    rows: list[list[_Cell]] = [[_cell(column, line, layout, dated, given) for column in layout.columns]
                               for line in lines]  # fmt: skip
    if layout.total is not None:
        line = _total(lines, layout, dated)
        rows = [line, *rows] if layout.total.place == "first" else [*rows, line]
    header = [column.header for column in layout.columns] if layout.header else None
    if layout.format == "xlsx":
        return _workbook(header, rows, layout, dated)
    texts = [[_text(cell, layout) for cell in row] for row in rows]
    return _separated([header, *texts] if header else texts, layout)


def amount_text(fen: int, layout: Layout) -> str:
    """Return an amount as a layout wants it: no sign of currency, nothing between thousands.

    Examples
    --------
    >>> from relief.payment import load_layout
    >>> generic = load_layout("generic")
    >>> amount_text(123450, generic), amount_text(123450, generic.model_copy(update={"decimals": "least"}))
    ('1234.50', '1234.5')
    """
    text = str(yuan(fen))
    return text if layout.decimals == "two" else text.rstrip("0").rstrip(".")


def _cell(
    column: LayoutColumn, line: Line, layout: Layout, dated: dt.date, given: Mapping[What, str]
) -> _Cell:
    payment, account = line.payment, line.account
    cells: dict[str, _Cell] = {
        "ref": payment.ref, "holder": account.holder, "account": account.number, "bank": account.bank,
        "amount": _Amount(payment.fen), "household": payment.household_id, "source": payment.source,
        "district": line.district, "number": str(line.number), "date": _day(dated, layout),
        "constant": column.text,
    }  # fmt: skip
    return given[column.what] if column.what in given else cells[column.what]


def _total(lines: Sequence[Line], layout: Layout, dated: dt.date) -> list[_Cell]:
    cells: dict[str, _Cell] = {
        "count": str(len(lines)), "sum": _Amount(sum(line.payment.fen for line in lines)),
        "date": _day(dated, layout), "blank": "",
    }  # fmt: skip
    return [cells.get(cell.what, cell.text) for cell in (layout.total.cells if layout.total else ())]


def _day(dated: dt.date, layout: Layout) -> str:
    return dated.isoformat() if layout.date == "YYYY-MM-DD" else dated.strftime("%Y%m%d")


def _text(cell: _Cell, layout: Layout) -> str:
    return amount_text(cell.fen, layout) if isinstance(cell, _Amount) else cell


def _separated(rows: Sequence[Sequence[str]], layout: Layout) -> bytes:
    if layout.format == "txt":
        text = "".join(layout.separator.join(row) + "\r\n" for row in rows)
    else:
        stream = io.StringIO(newline="")
        csv.writer(stream, delimiter=layout.separator, lineterminator="\r\n").writerows(rows)
        text = stream.getvalue()
    return text.encode(layout.encoding)


def _workbook(
    header: Sequence[str] | None, rows: Sequence[Sequence[_Cell]], layout: Layout, dated: dt.date
) -> bytes:
    try:
        import xlsxwriter
    except ImportError as error:
        raise MissingExtraError("extra.missing", what="XlsxWriter", extra="excel") from error
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        # A fixed stamp: the same payments give the same bytes.
        book.set_properties({"created": dt.datetime(dated.year, dated.month, dated.day)})
        looks = [book.add_format({"num_format": code}) for code in ("@", _NUMBERS[layout.decimals])]
        sheet = book.add_worksheet()
        sheet.set_column(0, len(layout.columns) - 1, _WIDTH)
        for at, row in enumerate([header, *rows] if header else rows):
            _write_row(sheet, at, row, *looks)
    return stream.getvalue()


def _write_row(sheet: Any, at: int, row: Sequence[_Cell], as_text: Any, as_yuan: Any) -> None:
    for place, cell in enumerate(row):
        if isinstance(cell, _Amount):
            sheet.write_number(at, place, yuan(cell.fen), as_yuan)
        else:
            sheet.write_string(at, place, cell_text(cell), as_text)
