"""The worked examples of a pack: ``cases.yaml`` -> households with the answer that each must get.

In    the bytes of the file; or cases that a program made
Out   `Case`, each with its tables by dictionary name and money in fen; and a case as YAML again

A case that is ``like`` another takes over all of it and says what differs: a fact given replaces
that fact, null removes it, a table given replaces that table.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from relief.columns import DICTIONARY, TABLES, match
from relief.errors import MoneyError, PackError
from relief.messages import nearest
from relief.money import fen
from relief.rulepack.document import Document, Path, read_document
from relief.rulepack.model import Day, Identifier, Quantity, Word, written
from relief.rulepack.problems import form_error

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relief.columns import Header

__all__ = ["Case", "Expected", "Row", "Tables", "case_text", "parse_cases"]

Row: TypeAlias = dict[str, Any]
Tables: TypeAlias = dict[str, list[Row]]
_CaseId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=100)]
_Rows = tuple[dict[str, Any], ...]
_MOST_DIGITS = 40
_LARGEST = 2**63 - 1
_TEXTS = frozenset({"account", "id", "id_number", "name", "text"})


def _plain_number(value: Any) -> Any:
    """Let a program hand over a quotient as it is."""
    return written(value) if isinstance(value, Fraction) else value


_Amount = Annotated[Quantity, BeforeValidator(_plain_number)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Expected(_Strict):
    """What must come out. Only what is given is compared, and then exactly."""

    outcome: Literal["eligible", "ineligible", "pending"]
    category: str | None = None
    claim: _Amount | None = None
    benefits: dict[Identifier, _Amount | bool | None] = {}
    failed: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    checks: tuple[str, ...] = Field(default=(), description="The rules that only warn, and do not hold.")


class _CaseModel(_Strict):
    id: _CaseId
    title: Word | None = None
    title_en: str = ""
    like: str = ""
    on: Day | None = None
    parameters: dict[Identifier, Quantity] | None = None
    household: dict[str, Any] = {}
    members: _Rows | None = None
    documents: _Rows | None = None
    registry: _Rows | None = None
    rulings: _Rows | None = None
    history: _Rows | None = None
    expect: Expected


class _FileModel(_Strict):
    cases: tuple[_CaseModel, ...] = ()


@dataclass(frozen=True)
class Case:
    """One worked example.

    Attributes
    ----------
    id, title, title_en : str
    on : date
    tables : dict of str to list of dict
        Rows by dictionary name, money in fen; ``households`` has one. A table that is not there
        was not handed in; one without rows was, and is empty.
    expect : Expected
    parameters : dict of str to Fraction
        Example values of parameters that the pack leaves open, as in the pack's file (yuan).
    titled_like : str
        The case whose title it has, for want of one of its own.
    place : str
        File, line and column.
    """

    id: str
    title: str
    title_en: str
    on: dt.date
    tables: Tables
    expect: Expected
    parameters: dict[str, Fraction] = field(default_factory=dict)
    titled_like: str = field(default="", compare=False)
    place: str = field(default="", compare=False)


def parse_cases(name: str, data: bytes) -> tuple[Case, ...]:
    """Read the cases of one file, called `name` in errors.

    Raises
    ------
    PackError
        With file, line, column and the cure, if anything in it is not as it must be.
    """
    document = read_document(name, data)
    try:
        model = _FileModel.model_validate(document.content)
    except ValidationError as error:
        raise form_error(_FileModel, name, error, dict.fromkeys(document.content, document)) from None
    cases: dict[str, Case] = {}
    for at, entry in enumerate(model.cases):
        path: Path = ("cases", at)
        if entry.id in cases:
            raise PackError("cases.same_id", place=document.place((*path, "id")), id=entry.id)
        base = None
        if entry.like:
            base = cases.get(entry.like)
            if base is None:
                raise _unknown_case(document, (*path, "like"), entry.like, cases)
        cases[entry.id] = _case(entry, base, document, path)
    return tuple(cases.values())


def _unknown_case(document: Document, path: Path, id_: str, cases: Iterable[str]) -> PackError:
    return PackError("cases.like", place=document.place(path), id=id_, **nearest(id_, cases))


def _case(entry: _CaseModel, base: Case | None, document: Document, path: Path) -> Case:
    on = entry.on or (base.on if base else None)
    title = entry.title or (base.title if base else "")
    if on is None or not title:
        key = "title" if on else "on"
        raise PackError("cases.incomplete", place=document.place(path), key=key)
    inherited = base.title_en if base and not entry.title else ""
    tables = dict(base.tables) if base else {"households": [{}]}
    told = _row("households", entry.household, document, (*path, "household"))
    household = tables["households"][0] | told
    tables["households"] = [{key: cell for key, cell in household.items() if cell is not None}]
    for table in TABLES[1:]:
        if table in entry.model_fields_set:
            given: _Rows | None = getattr(entry, table)
            rows = enumerate(given or ())
            tables[table] = [_known(_row(table, row, document, (*path, table, at))) for at, row in rows]
            if given is None:
                del tables[table]
    own = entry.parameters
    parameters = own if own is not None else base.parameters if base else {}
    like = (base.titled_like or base.id) if base and not entry.title else ""
    title_en, place = entry.title_en or inherited, document.place(path)
    return Case(entry.id, title, title_en, on, tables, entry.expect, parameters, like, place)


def _known(row: Row) -> Row:
    return {key: cell for key, cell in row.items() if cell is not None}


def _row(table: str, row: Mapping[str, Any], document: Document, path: Path) -> Row:
    """Return a row by dictionary name, with money in fen."""
    read: Row = {}
    for header, cell in row.items():
        place = document.place((*path, header, ""))
        found = match(table, header)
        if found is None or found.is_unclear:
            known = [word for column in DICTIONARY[table].values() for word in (column.title, column.name)]
            raise PackError("cases.header", place=place, header=header, table=table, **nearest(header, known))
        name = found.column.name
        if name in read or name == "household_id":
            raise PackError("cases.header_twice", place=place, header=header, name=name)
        read[name] = _cell(found, cell, document.inline.get((*path, header)), place)
    return read


def _cell(header: Header, cell: Any, written_as: str | None, place: str) -> Any:
    """Return a fact as its column has it: money in fen, a text as it was written."""
    kind = header.column.dtype
    worth = 1 if header.in_fen else 100 * (header.factor or 1)
    is_vast = isinstance(cell, Decimal) and abs(cell.adjusted()) > _MOST_DIGITS
    # A text may name another unit than its header does.
    is_unclear = kind == "money" and isinstance(cell, str) and worth != 100
    if is_vast or is_unclear or isinstance(cell, (list, dict)):
        raise PackError("cases.cell", place=place, header=header.column.title)
    if kind in _TEXTS and isinstance(cell, (int, Decimal)):
        # So that an ID number or 007 needs no quotes.
        return written_as or str(cell)
    return _fen(cell, worth, place) if kind == "money" and cell is not None else cell


def _fen(cell: Any, factor: int | Fraction, place: str) -> int:
    """Return an amount in fen; `factor` is what one unit of the cell is worth in fen."""
    try:
        is_number = isinstance(cell, (int, Decimal)) and not isinstance(cell, bool)
        amount_fen = fen(Fraction(cell) * factor / 100 if is_number else cell, negative=True)
        if abs(amount_fen) > _LARGEST:
            raise MoneyError("money.too_large", value=str(cell))
    except MoneyError as error:
        told = {"problem_en": error.text("en"), "problem_zh": error.text("zh")}
        raise PackError("pack.amount", place=place, **told) from error
    return amount_fen


# --- a case as text -------------------------------------------------------------------------------

_PLAIN = re.compile(r"[\u4e00-\u9fffA-Za-z_][\u4e00-\u9fff\w-]*|[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WORDS = re.compile(r"(?i:true|false|null|yes|no|on|off|y|n|nan|inf)")


def case_text(case: Case) -> str:
    """Return a case as an entry of ``cases.yaml``, headers and yuan as in a workbook.

    Examples
    --------
    >>> expect = Expected(outcome="pending", failed=())
    >>> case = Case("a", "甲", "", dt.date(2021, 9, 30), {"households": [{"income_fen": 150}]}, expect)
    >>> print(case_text(case), end="")
      - id: a
        title: 甲
        on: 2021-09-30
        household: {家庭年度总收入: 1.5}
        expect: {outcome: pending, failed: []}
    """
    lines = [f"  - id: {case.id}", f"    title: {_scalar(case.title)}"]
    if case.title_en:
        lines.append(f"    title_en: {_scalar(case.title_en)}")
    lines.append(f"    on: {case.on.isoformat()}")
    if case.parameters:
        lines.append(f"    parameters: {_flow(case.parameters)}")
    (household,) = case.tables["households"]
    lines.append(f"    household: {_row_text('households', household)}")
    for table in TABLES[1:]:
        rows = case.tables.get(table)
        if rows is not None:
            lines.append(f"    {table}:" if rows else f"    {table}: []")
            lines += [f"      - {_row_text(table, row)}" for row in rows]
    told = {
        key: getattr(case.expect, key) for key in Expected.model_fields if key in case.expect.model_fields_set
    }
    lines.append(f"    expect: {_flow(told)}")
    return "\n".join(lines) + "\n"


def _row_text(table: str, row: Row) -> str:
    cells = {}
    for name, cell in row.items():
        column = DICTIONARY[table][name]
        cells[column.title] = Fraction(cell, 100) if column.dtype == "money" and cell is not None else cell
    return _flow(cells)


def _flow(content: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{_scalar(key)}: {_value(value)}" for key, value in content.items()) + "}"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return _flow(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_value, value)) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Fraction):
        return written(value)
    text = str(value.isoformat() if isinstance(value, dt.date) else value)
    if not isinstance(value, str) or (_PLAIN.fullmatch(text) and not _WORDS.fullmatch(text)):
        return text
    return json.dumps(text, ensure_ascii=False)
