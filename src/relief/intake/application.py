"""One household's application as another program sends it: models made from the data dictionary.

In    an object, or its JSON: ``household``, and lists of rows for the other tables
Out   `Application`, its values typed; or pydantic's ValidationError with a message for every field

The object is read as a workbook of one household is, by the same reader, so it is accepted exactly
when that reader finds no fault, leaves no row out, and no required field is blank. No error holds a
whole ID number, account or name, and no `repr` a personal value.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Self

import pandas as pd
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    create_model,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from relief.columns import DICTIONARY, TABLES, Column, match
from relief.intake.people import column_of
from relief.intake.tables import Tables, read_tables
from relief.messages import Language, mask, nearest, say
from relief.money import yuan
from relief.schema import application_field, field_name
from relief.sheets.faults import Fault

__all__ = ["Application", "Document", "Household", "Member", "PastAward", "RegistryFact", "Row", "Ruling"]

Loc = tuple[str | int, ...]
Rows = dict[str, list[dict[str, Any]]]
_TYPES: dict[str, Any] = {"money": Decimal, "area": Decimal, "count": int, "flag": bool, "date": dt.date}
_PLAIN_KEY = re.compile("[A-Za-z_]{1,40}")


class Row(BaseModel):
    """A row of a table, its values as they were read; what is unknown is None."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    def __repr__(self) -> str:
        return mask(super().__repr__())  # a long number may stand in the wrong field

    def __str__(self) -> str:
        return repr(self)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


@cache
def _fields(table: str) -> dict[str, Column]:
    """Return the columns of a table by their names here; an application's rows are all of one household."""
    columns = DICTIONARY[table].values()
    return {
        field_name(column): column
        for column in columns
        if table == "households" or column.name != "household_id"
    }


def _model(name: str, table: str) -> type[Row]:
    fields: dict[str, Any] = {}
    for key, column in _fields(table).items():
        kind: Any = Annotated[_TYPES.get(column.dtype, str) | None, WithJsonSchema(application_field(column))]
        fields[key] = (kind, Field(... if column.required else None, repr=not column.is_personal))
    return create_model(name, __base__=Row, __module__=__name__, __doc__=f"A row of `{table}`.", **fields)


if TYPE_CHECKING:
    from pydantic.functional_validators import ModelWrapValidatorHandler

    class Household(Row):
        """The household itself."""

    class Member(Row):
        """A person of it."""

    class Document(Row):
        """A paper."""

    class RegistryFact(Row):
        """What a department answered."""

    class Ruling(Row):
        """What a person judged."""

    class PastAward(Row):
        """What was given before."""

else:
    Household = _model("Household", "households")
    Member = _model("Member", "members")
    Document = _model("Document", "documents")
    RegistryFact = _model("RegistryFact", "registry")
    Ruling = _model("Ruling", "rulings")
    PastAward = _model("PastAward", "history")


class Application(BaseModel):
    """One household's application, valid as the library understands it.

    Fields are those of the data dictionary: amounts in yuan under names in ``_yuan``, areas in square
    metres. Values may be written in every way that a cell may be (``"1,234.50元"``, ``"是"``,
    ``"2021.9.30"``); what was read stands in the fields: Decimal, int, bool, date, str or None.

    What is refused raises pydantic's ``ValidationError`` with an error for each fault: its place, the
    fault's code as its type, a message in Chinese, and the value with what is personal hidden.
    ``context={"lang": "en"}`` words them in English.

    Examples
    --------
    >>> sent = {"household": {"household_id": "H1", "out_of_pocket_yuan": "1,200.50元"}}
    >>> Application.model_validate(sent).household.out_of_pocket_yuan
    Decimal('1200.50')
    >>> sent["members"] = [{"id_number": 440703198001010004, "born_on": "1980-02-30"}]
    >>> try:
    ...     Application.model_validate(sent, context={"lang": "en"})
    ... except ValueError as error:
    ...     print([(one["loc"], one["type"], one["input"]) for one in error.errors()])
    [(('members', 0, 'id_number'), 'fault.rounded', '4****************4'),
     (('members', 0, 'born_on'), 'fault.date', '1********0')]
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    household: Household
    members: tuple[Member, ...] = ()
    documents: tuple[Document, ...] = ()
    registry: tuple[RegistryFact, ...] = ()
    rulings: tuple[Ruling, ...] = ()
    history: tuple[PastAward, ...] = ()

    def __str__(self) -> str:
        return repr(self)

    @model_validator(mode="wrap")
    @classmethod
    def _as_read(cls, data: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        if isinstance(data, cls):
            return handler(data)
        found: dict[Loc, Fault] = {}
        try:
            typed = _read(data, found)
            if not found:
                return handler(typed)
        except ValueError:  # Whatever it is, what it holds may be personal.
            found = {(): Fault("application.unreadable", "fault")}
        raise _refused(found, (info.context or {}).get("lang", "zh"))

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:
        """Read the JSON text of an application; decimals are taken to the last digit.

        A text that is no JSON is refused as any other fault is, and nothing of it is repeated.
        """
        try:
            data = json.loads(json_data, parse_float=Decimal)
        except (ValueError, RecursionError):
            lang = (options.get("context") or {}).get("lang", "zh")
            raise _refused({(): Fault("application.not_json", "fault")}, lang) from None
        return cls.model_validate(data, **options)

    def tables(self) -> Tables:
        """Return the application as `relief.assess`, `relief.run` and `relief.split` take it."""
        return self.together([self])

    @staticmethod
    def together(applications: Iterable[Application]) -> Tables:
        """Return several applications as one round's tables; what stands in two of them is a fault there."""
        rows: Rows = {table: [] for table in TABLES}
        for application in applications:
            content = application.model_dump()
            household = content.pop("household")
            rows["households"].append(household)
            for table, own in content.items():
                rows[table] += [{"household_id": household["household_id"], **row} for row in own]
        return read_tables(_frames(rows))


# --- there: an object -> frames as the reader takes them -------------------------------------------


def _read(data: Any, found: dict[Loc, Fault]) -> dict[str, Any]:
    """Return the fields with their values as read; what is wrong is written down."""
    rows = _rows(data, found)
    tables = read_tables(_frames(rows))
    for loc, fault in _faults(tables, rows):
        # What is said of a field, or of the row or object that it stands in, is not said twice.
        if not any(loc[:end] in found for end in range(len(loc) + 1)) and not _follows(fault, found):
            found[loc] = fault
    typed: dict[str, Any] = dict(_typed(tables))
    households = typed.pop("households")
    return typed if found else {"household": households[0], **typed}


def _rows(data: Any, found: dict[Loc, Fault]) -> Rows:
    """Return the rows by table; what is no field or no row is written down."""
    content = _object(data, (), Application.model_fields, found)
    households = [_row("households", content.get("household", {}), ("household",), found)]
    rows: Rows = {"households": households}
    for table in TABLES[1:]:
        given = content.get(table)
        if not isinstance(given, (list, tuple, type(None))):
            found[table,] = Fault("application.not_rows", "fault", table=table)
            given = ()
        rows[table] = [
            {"household_id": households[0].get("household_id"), **_row(table, row, (table, at), found)}
            for at, row in enumerate(given or ())
        ]
    return rows


def _row(table: str, given: Any, loc: Loc, found: dict[Loc, Fault]) -> dict[str, Any]:
    fields = _fields(table)
    row = _object(given, loc, fields, found, table)
    return {key: row.get(key) for key, column in fields.items() if column.required or key in row}


def _object(
    given: Any, loc: Loc, known: Iterable[str], found: dict[Loc, Fault], table: str = ""
) -> dict[str, Any]:
    """Return what is known of an object; a key that is not, and what is no object, is written down."""
    content = given.model_dump() if isinstance(given, BaseModel) else given
    if not isinstance(content, Mapping):
        found[loc] = Fault("application.not_an_object", "fault", table=table)
        return {}
    known = list(known)
    for key in content:
        if key not in known:
            is_plain = isinstance(key, str) and _PLAIN_KEY.fullmatch(key)
            shown = key if is_plain else _printable(str(key)[:1]) + "…"
            meant = match(table, str(key)) if table else None
            near = nearest(field_name(meant.column) if meant else shown, known)
            found[*loc, shown] = Fault("application.unknown", "fault", header=shown, facts=dict(near))
    return {key: content[key] for key in known if key in content}


def _frames(rows: Rows) -> dict[str, pd.DataFrame]:
    """Return a frame for each table that has rows, with the fields that any of them has."""
    frames = {}
    for table, given in rows.items():
        if given:
            names = dict.fromkeys(("household_id", *_fields(table)))
            keys = [key for key in names if any(key in row for row in given)]
            cells = [[row.get(key) for key in keys] for row in given]
            frames[table] = pd.DataFrame(cells, columns=keys, dtype=object)
    return frames


# --- and back: tables -> what is wrong, or typed values --------------------------------------------


def _place(table: str, at: int) -> Loc:
    return ("household",) if table == "households" else (table, at)


def _faults(tables: Tables, rows: Rows) -> Iterator[tuple[Loc, Fault]]:
    """Yield what is wrong with its place: fields, required ones that are blank, rows that are no record.

    The household's id stands in the household alone, so what is wrong with it is said there alone.
    """
    for fault in tables.faults:
        if fault.severity == "fault" and (fault.table == "households" or fault.column != "household_id"):
            key = field_name(DICTIONARY[fault.table][fault.column])
            yield (*_place(fault.table, fault.row - 1), key), fault
    for table, given in rows.items():
        place = {int(row) - 1: at for at, row in enumerate(tables.origins[table]["row"])} if given else {}
        for key, column in _fields(table).items():
            if column.required:
                read = column_of(tables[table], column.name) if given else []
                cells = [read[place[at]] if at in place else row.get(key) for at, row in enumerate(given)]
                blank = Fault("application.required", "fault", table=table, header=column.title)
                yield from (
                    ((*_place(table, at), key), blank) for at, cell in enumerate(cells) if cell is None
                )
        lost = [at for at in range(len(given)) if at not in place]
        yield from ((_place(table, at), Fault("application.no_record", "fault", table=table)) for at in lost)


def _follows(fault: Fault, found: Mapping[Loc, Fault]) -> bool:
    """Return whether a row is no record only because of the household's id."""
    of_the_id = ("household",), ("household", "household_id")
    return fault.code == "application.no_record" and any(loc in found for loc in of_the_id)


def _typed(tables: Tables) -> Rows:
    typed: Rows = {}
    for table, frame in tables.frames.items():
        typed[table] = [{} for _ in range(len(frame))]
        for key, column in _fields(table).items():
            cells = column_of(frame, column.name) if column.name in frame else []
            for row, cell in zip(typed[table], cells, strict=False):
                row[key] = _value(cell, column.dtype)
    return typed


def _value(cell: Any, dtype: str) -> Any:
    if cell is None:
        return None
    if dtype == "money":
        return yuan(int(cell))
    if dtype == "area":
        return Decimal(int(cell)).scaleb(-2)
    return cell.date() if dtype == "date" else cell


def _refused(found: Mapping[Loc, Fault], lang: Language) -> ValidationError:
    details = [
        InitErrorDetails(
            type=PydanticCustomError(fault.code, _said(fault, lang)),
            loc=loc,
            input=_printable(fault.value),
        )
        for loc, fault in found.items()
    ]
    return ValidationError.from_exception_data("Application", details, hide_input=True)


def _said(fault: Fault, lang: Language) -> Any:
    return _printable(say("application.said", lang, problem=fault.problem(lang), cure=fault.cure(lang)))


def _printable(text: str) -> str:
    """Return a text without halves of characters, which JSON may hold and no output can."""
    return text.encode("utf-8", "replace").decode()
