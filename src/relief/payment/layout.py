"""How a bank wants its batch file, and how it answers: data, not code.

In    a YAML file, or the name of a layout that ships
Out   `Layout`; every error names the file, the line, the key and the cure

The columns of ``icbc`` are those of an online-banking guide for batches; a bank changes its template
without notice, so compare it with the bank's own before the first payment.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from relief.errors import PackError, PaymentError
from relief.messages import nearest
from relief.payment.accounts import problem_of_text
from relief.rulepack.document import Document, read_document
from relief.rulepack.model import Word
from relief.rulepack.problems import form_error

__all__ = ["GIVEN", "Answer", "Layout", "LayoutColumn", "Total", "TotalCell", "layout_names", "load_layout"]

What = Literal[
    "ref", "holder", "account", "bank", "amount", "household", "district", "source", "number", "date",
    "constant", "purpose", "remark", "payer_bank", "payer_account", "payer_name", "province", "city",
]  # fmt: skip
GIVEN = ("purpose", "remark", "payer_bank", "payer_account", "payer_name", "province", "city")
"""What is the same in every row and told for each batch; a column's `text` stands in for it."""
_NEEDED: tuple[What, ...] = ("ref", "holder", "account", "amount")
_FOLDER = "layouts"
Separator = Literal[",", "|", "\t", ";"]
_MOST_ROWS, _MOST_COLUMNS = 100_000, 100


def _rows(value: Any) -> Any:
    if type(value) is not int or not 1 <= value <= _MOST_ROWS:
        raise PydanticCustomError("no_rows", "no number of rows")
    return value


def _place(value: Any) -> Any:
    is_number = type(value) is int and 1 <= value <= _MOST_COLUMNS
    if not (is_number or (isinstance(value, str) and value.strip())):
        raise PydanticCustomError("no_place", "no column")
    return value


Place = Annotated[int | str, BeforeValidator(_place)]
_Truth = Annotated[bool, Field(strict=True)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LayoutColumn(_Strict):
    """One column: what stands in it, under which header."""

    header: str = Field(default="", max_length=400)
    what: What
    text: str = Field(default="", max_length=400)


class TotalCell(_Strict):
    """One cell of the line of totals."""

    what: Literal["text", "count", "sum", "date", "blank"]
    text: str = Field(default="", max_length=400)


class Total(_Strict):
    """A line with the number of payments and their sum, before the first or after the last."""

    place: Literal["first", "last"]
    cells: tuple[TotalCell, ...] = Field(min_length=1)


class Answer(_Strict):
    """The bank's answer: columns by header, or by number from 1 where it has none."""

    header: _Truth = True
    ref: Place
    status: Place
    reason: Place | None = None
    amount: Place | None = None
    paid: tuple[Word, ...] = Field(min_length=1)
    returned: tuple[Word, ...] = Field(min_length=1)
    skip: tuple[Word, ...] = ("合计", "总计", "小计")


class Layout(_Strict):
    """How one bank wants its file.

    Attributes
    ----------
    format : {'csv', 'xlsx', 'txt'}
        ``txt`` has separated values without quotation marks.
    encoding : {'utf-8-sig', 'utf-8', 'gb18030', 'gbk'}
        Of csv and txt. ``gbk`` lacks rare characters of names.
    decimals : {'two', 'least'}
        100 yuan as ``100.00`` or as ``100``; never a sign of currency, never thousands apart.
    most_rows : int
        Payments in one file.
    one_file_per : tuple of {'district', 'source'}
    total : Total or None
    answer : Answer or None
        None where the bank does not answer by file.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)]
    title: Word
    title_en: str = Field(default="", max_length=400)
    format: Literal["csv", "xlsx", "txt"]
    encoding: Literal["utf-8-sig", "utf-8", "gb18030", "gbk"] = "utf-8-sig"
    separator: Separator = ","
    header: _Truth = True
    decimals: Literal["two", "least"] = "two"
    date: Literal["YYYY-MM-DD", "YYYYMMDD"] = "YYYYMMDD"
    most_rows: Annotated[int, BeforeValidator(_rows)] = 500
    one_file_per: tuple[Literal["district", "source"], ...] = ()
    columns: tuple[LayoutColumn, ...] = Field(min_length=1, max_length=_MOST_COLUMNS)
    total: Total | None = None
    answer: Answer | None = None


def layout_names() -> list[str]:
    """Return the names of the layouts that ship.

    Examples
    --------
    >>> layout_names()
    ['generic', 'icbc', 'pipe']
    """
    return sorted(_shipped())


def load_layout(layout: str | Path) -> Layout:
    """Read a layout.

    Parameters
    ----------
    layout : str or Path
        A name of `layout_names`, or the path of a YAML file.

    Returns
    -------
    Layout

    Raises
    ------
    PaymentError
        If there is no such layout, or it says something it must not: with file, line, key and cure.

    Examples
    --------
    >>> load_layout("generic").title_en
    'A plain table, CSV in UTF-8'
    """
    shipped = _shipped()
    if str(layout) in shipped:
        return parse_layout(f"{layout}.yaml", shipped[str(layout)])
    path = Path(layout)
    if path.suffix.lower() not in (".yaml", ".yml"):
        raise PaymentError("layout.unknown", name=str(layout), known="、".join(sorted(shipped)),
                           **nearest(str(layout), shipped))  # fmt: skip
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PaymentError("layout.unreadable", name=str(layout), why=error.strerror or str(error)) from error
    return parse_layout(path.name, data)


def parse_layout(name: str, data: bytes) -> Layout:
    """Read a layout from the bytes of a file; `name` is what errors call it.

    Raises
    ------
    PaymentError
        As `load_layout`.
    """
    try:
        document = read_document(name, data)
        layout = Layout.model_validate(document.content)
    except PackError as error:
        raise _invalid(error) from error
    except ValidationError as error:
        raise _invalid(form_error(Layout, name, error, dict.fromkeys(document.content, document))) from None
    _check_columns(layout, document)
    _check_texts(layout, document)
    _check_answer(layout, document)
    return layout


def _shipped() -> dict[str, bytes]:
    folder = files("relief.payment").joinpath(_FOLDER)
    return {
        file.name.removesuffix(".yaml"): file.read_bytes()
        for file in folder.iterdir()
        if file.name.endswith(".yaml")
    }


def _invalid(error: PackError) -> PaymentError:
    told = {lang: error.facts.get(f"problems_{lang}", error.text(lang)) for lang in ("zh", "en")}
    return PaymentError("layout.invalid", problems_zh=told["zh"], problems_en=told["en"])


def _refuse(code: str, document: Document, *path: str | int, **facts: object) -> None:
    key = ".".join(map(str, path))
    raise PaymentError(f"layout.{code}", place=document.place(path), key=key, **facts)


def _check_columns(layout: Layout, document: Document) -> None:
    """Refuse a layout that lacks a column it needs, has one twice, or two under one header."""
    whats = [column.what for column in layout.columns]
    for what in _NEEDED:
        if what not in whats:
            _refuse("lacks", document, "columns", what=what)
    headers: set[str] = set()
    for at, column in enumerate(layout.columns):
        if column.what in _NEEDED and column.what in whats[:at]:
            _refuse("twice", document, "columns", at, "what", what=column.what)
        if not layout.header:
            continue
        if not column.header.strip():
            _refuse("no_header", document, "columns", at)
        if column.header in headers:
            _refuse("header_twice", document, "columns", at, "header", header=column.header)
        headers.add(column.header)


def _check_texts(layout: Layout, document: Document) -> None:
    """Refuse a text that has no use, that lacks, or that holds what the file cannot."""
    for at, column in enumerate(layout.columns):
        if column.what == "constant" and not column.text:
            _refuse("no_text", document, "columns", at)
        if column.text and column.what not in (*GIVEN, "constant"):
            _refuse("unused_text", document, "columns", at, "text", what=column.what)
        for key, text in (("header", column.header), ("text", column.text)):
            if not can_hold(layout, text):
                _refuse("cannot_hold", document, "columns", at, key)
    for at, cell in enumerate(layout.total.cells if layout.total else ()):
        if not can_hold(layout, cell.text):
            _refuse("cannot_hold", document, "total", "cells", at, "text")


def can_hold(layout: Layout, text: str) -> bool:
    """Return whether a file of a layout can hold a text: in its encoding, and unmistakably.

    Examples
    --------
    >>> can_hold(load_layout("pipe"), "王小明"), can_hold(load_layout("pipe"), "王|小明")
    (True, False)
    """
    if problem_of_text(text):
        return False
    if layout.format == "txt" and layout.separator in text:
        return False
    try:
        text.encode("utf-8" if layout.format == "xlsx" else layout.encoding)
    except UnicodeEncodeError:
        return False
    return True


def _check_answer(layout: Layout, document: Document) -> None:
    """Refuse an answer whose columns cannot be found, or whose words mean two things."""
    answer = layout.answer
    if answer is None:
        return
    for key in ("ref", "status", "reason", "amount"):
        place = getattr(answer, key)
        if not answer.header and isinstance(place, str):
            _refuse("needs_number", document, "answer", key)
    for at, word in enumerate(answer.returned):
        if word in answer.paid:
            _refuse("two_meanings", document, "answer", "returned", at, word=word)
