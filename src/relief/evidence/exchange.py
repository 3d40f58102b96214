"""Asking another department for the least that is needed, and taking its answer back.

In    the applications, a pack, a department; for the way back its answer
Out   `Request`: who is asked about what, as a workbook and a JSON Schema; `Reply`: the answers that are
      valid, each with its household, and the others with what is wrong

Only persons who signed the authority are asked about, only matters that the pack's rules read. With a
key the request holds no ID number but its HMAC-SHA-256; what that protects: docs/evidence.md.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from relief.celltext import cell_text
from relief.columns import DICTIONARY, normalised
from relief.errors import ExchangeError, MissingExtraError
from relief.intake.headers import table_of
from relief.intake.identifiers import folded, is_masked, problem
from relief.intake.people import column_of, rows_of
from relief.intake.records import read_records
from relief.judging.departments import HELD, SOURCES, columns_needed, kinds_needed
from relief.messages import catalogue, say
from relief.schema import json_schema
from relief.sheets.faults import Fault
from relief.sheets.files import read_sheets, read_sources

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from pathlib import Path

    from relief.intake.headers import Layout
    from relief.intake.records import Records
    from relief.intake.tables import Tables
    from relief.rulepack.pack import Pack
    from relief.sheets.sheet import Sheet

__all__ = ["Reply", "Request", "hashed", "read_key", "read_reply", "reply_csv", "request"]

_SHEET, _EXPLANATION = "数据比对", "填写说明"
# What the sentence is called that tells a department what to answer.
_ASKED = {
    "不动产": "homes",
    "机动车": "vehicles",
    "户籍": "register",
    "死亡": "death",
    "就业": "work",
    "养老保险": "pension",
    "低保": "subsistence",
    "婚姻": "marriage",
    "商事登记": "business",
    "医保结算": "settlements",
    "个人所得税": "tax",
    "公积金": "housing_fund",
    "存款余额": "balances",
}
_FEWEST_BYTES = 32
_FILLED = 3  # the columns of a request that we fill in: source, person, matter


@dataclass(frozen=True, repr=False)
class Request:
    """What a department is asked.

    Attributes
    ----------
    department : str
    kinds : tuple of str
        Matters, of those that it can answer the ones that the rules read.
    people : dict of str to (str, str)
        By ID number, or its hash where there is a key: the number and the household.
    columns : tuple of str
        Columns of `registry` that the answer has.
    left_out : dict of str to int
        Persons not asked about, by reason.
    is_hashed : bool
    """

    department: str
    kinds: tuple[str, ...]
    people: dict[str, tuple[str, str]]
    columns: tuple[str, ...]
    left_out: dict[str, int]
    is_hashed: bool

    def __repr__(self) -> str:
        return f"Request({self.department}, {len(self.people)} people, {'、'.join(self.kinds)})"

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        """Department, person and matter, one row per question; sorted, so that the order tells nothing."""
        return [(self.department, person, kind) for person in sorted(self.people) for kind in self.kinds]

    def headers(self) -> list[str]:
        """Return the headers of the workbook."""
        titles = [DICTIONARY["registry"][name].title for name in self.columns]
        return ["数据来源", "身份证哈希" if self.is_hashed else "身份证号", "核对事项", *titles]

    def workbook(self) -> bytes:
        """Return the questions as a workbook, its answer columns empty.

        Raises
        ------
        MissingExtraError
            If XlsxWriter is not installed.
        """
        try:
            import xlsxwriter
        except ImportError as error:
            raise MissingExtraError("extra.missing", what="XlsxWriter", extra="excel") from error
        stream = io.BytesIO()
        book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False})
        book.set_properties({"created": pd.Timestamp(2000, 1, 1).to_pydatetime()})
        sheet = book.add_worksheet(_SHEET)
        text = book.add_format({"num_format": "@"})
        sheet.set_column(0, len(self.headers()) - 1, 20, text)
        for line, row in enumerate([tuple(self.headers()), *self.rows]):
            for place, cell in enumerate(row):
                sheet.write_string(line, place, cell_text(cell))
        sheet.freeze_panes(1, _FILLED)
        _explain(book, self.kinds, self.columns)
        book.close()
        return stream.getvalue()

    def schema(self) -> bytes:
        """Return the JSON Schema of the answer: an array of rows that takes no other key."""
        row = json_schema()["properties"]["registry"]["items"]
        names = ["source", "id_number", "kind", *self.columns]
        fields = {name: row["properties"][name] for name in names}
        fields |= {"source": {"const": self.department}, "kind": {"enum": list(self.kinds)}}
        needed = ["source", "id_number", "kind", "value", "as_of"]
        item = {"type": "object", "properties": fields, "required": needed, "additionalProperties": False}
        content = {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "array", "items": item}
        return json.dumps(content, ensure_ascii=False, indent=2).encode() + b"\n"


def _explain(book: Any, kinds: tuple[str, ...], columns: tuple[str, ...]) -> None:
    """Add a sheet that tells the department what to answer on each matter, in the columns that are there."""
    sheet = book.add_worksheet(_EXPLANATION)
    sheet.set_column(1, 1, 100)
    told = [(kind, "；".join(_told(kind, columns))) for kind in kinds]
    for line, row in enumerate([("核对事项", say("exchange.asked", "zh")), *told]):
        sheet.write_row(line, 0, row)


def _told(kind: str, columns: tuple[str, ...]) -> Iterator[str]:
    """Yield what to answer on a matter, then a sentence for each column beside the answer that it has."""
    yield say(f"exchange.asked.{_ASKED[kind]}", "zh")
    for name in columns:
        own = f"exchange.asked.{_ASKED[kind]}.{name}"
        if own in catalogue():
            yield say(own, "zh")
        elif name in HELD[kind]:
            column = DICTIONARY["registry"][name]
            descriptions = {
                "description_zh": column.description_zh.rstrip("。"),
                "description_en": column.description.rstrip("."),
            }
            yield say("exchange.asked.column", "zh", title=column.title, **descriptions)


def request(tables: Tables, pack: Pack, department: str, *, key: bytes | None = None) -> Request:
    """Return the least that a department has to be asked.

    Parameters
    ----------
    tables : Tables
    pack : Pack
    department : str
        One of `relief.judging.departments.SOURCES`, or another name of it.
    key : bytes, optional
        A secret that the department holds too: the request then holds hashes.

    Raises
    ------
    ExchangeError
        If there is no such department, the rules need nothing of it, or nobody may be asked about.
    """
    department = DICTIONARY["registry"]["source"].choices.get(normalised(department), department)
    if department not in SOURCES:
        raise ExchangeError("exchange.no_department", name=department, known="、".join(SOURCES))
    kinds = tuple(kind for kind in SOURCES[department] if kind in kinds_needed(pack))
    if not kinds:
        raise ExchangeError("exchange.not_needed", name=department, pack=pack.name)
    left_out = {"unauthorised": 0, "uncounted": 0, "unusable": 0}
    people: dict[str, tuple[str, str]] = {}
    for household, number, why in _everybody(tables):
        if why:
            left_out[why] += 1
        else:
            people.setdefault(hashed(number, key) if key else number, (number, household))
    if not people:
        raise ExchangeError("exchange.nobody", **left_out)
    wanted = {"value", "as_of"} | columns_needed(pack, kinds)
    columns = tuple(name for name in DICTIONARY["registry"] if name in wanted)
    return Request(department, kinds, people, columns, left_out, key is not None)


def _everybody(tables: Tables) -> Iterator[tuple[str, str, str]]:
    """Yield household and ID number of every member, and why the person is not asked about."""
    if "members" not in tables:
        return
    columns = ("household_id", "id_number", "id_kind", "counts_in_household", "authorised")
    for household, number, paper, counts, authorised in rows_of(tables["members"], *columns):
        why = ""
        if counts is False:
            why = "uncounted"
        elif authorised is not True:
            why = "unauthorised"
        elif household is None or number is None or is_masked(number) or problem(number, paper) is not None:
            why = "unusable"
        yield str(household), str(folded(number)), why


def hashed(number: str, key: bytes) -> str:
    """Return the HMAC-SHA-256 of an ID number in its one form, as upper-case hexadecimal digits.

    Examples
    --------
    >>> hashed("440703 800101 123", b"k" * 32) == hashed("440703198001011234", b"k" * 32)
    True
    """
    return hmac.new(key, str(folded(number)).encode("ascii"), hashlib.sha256).hexdigest().upper()


def read_key(text: bytes) -> bytes:
    """Return a shared key: its bytes without white space around.

    Raises
    ------
    ExchangeError
        If it is shorter than 32 bytes: a short one can be guessed.
    """
    key = text.strip()
    if len(key) < _FEWEST_BYTES:
        raise ExchangeError("exchange.short_key", least=_FEWEST_BYTES)
    return key


# --- the way back ---------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class Reply:
    """What came back: `rows` of `registry` with household and ID number, `faults`, and counts.

    `unasked` are the headers of columns that nobody asked for; nothing of them is taken.
    """

    rows: pd.DataFrame
    faults: tuple[Fault, ...]
    rows_in: int
    asked: int
    unasked: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Reply({self.rows_in} rows in: {len(self.rows)} used)"

    @property
    def answered(self) -> int:
        """Questions that have an answer."""
        return len(set(zip(self.rows["id_number"], self.rows["kind"], strict=True)))


def read_reply(path: str | Path, asked: Request, *, on: dt.date) -> Reply:
    """Read a department's answer, keep what was asked for, and set the rest aside.

    Parameters
    ----------
    path : path
        A workbook or CSV; its sheet of answers has the headers of the request.
    asked : Request
        Made from the same applications, pack and key.
    on : date
        The day of reading: no answer is dated later.

    Raises
    ------
    ExchangeError
        If no sheet holds answers.
    """
    sheets = [sheet for source in read_sources(path) for sheet in read_sheets(source)]
    laid = [(sheet, layout) for sheet in sheets if (layout := table_of(sheet)) is not None]
    parts = [read_records(sheet, layout) for sheet, layout in laid if layout.table == "registry"]
    if not parts:
        raise ExchangeError("exchange.no_answers", headers="、".join(asked.headers()))
    wanted = {"source", "id_number", "kind", *asked.columns}
    kept: list[dict[str, Any]] = []
    faults: list[Fault] = []
    for part in parts:
        about = [fault for fault in part.faults if fault.severity == "fault" and fault.column in wanted]
        faults += about
        kept += _taken(part, asked, on, wanted, {fault.row for fault in about}, faults)
    names = [name for name in DICTIONARY["registry"] if any(name in row for row in kept)]
    frame = pd.DataFrame(kept, columns=names or ["id_number", "kind"])
    rows_in = sum(len(part.frame) for part in parts)
    return Reply(frame, tuple(faults), rows_in, len(asked.rows), _unasked(laid, wanted))


def _unasked(laid: list[tuple[Sheet, Layout]], wanted: set[str]) -> tuple[str, ...]:
    """Return the headers of what came back and was not asked for."""
    layouts = [layout for _, layout in laid if layout.table == "registry"]
    known = [
        layout.labels[place]
        for layout in layouts
        for place, header in layout.columns.items()
        if header.column.name not in wanted | {"household_id"}
    ]
    return tuple(dict.fromkeys([*known, *(header for layout in layouts for header in layout.unknown)]))


def _taken(
    part: Records, asked: Request, on: dt.date, wanted: set[str], bad: set[int], faults: list[Fault]
) -> Iterator[dict[str, Any]]:
    """Yield the answers of a sheet that are valid, and add what is wrong with the others to the faults."""
    columns = [name for name in DICTIONARY["registry"] if name in part.frame and name in wanted]
    places = zip(*(column_of(part.origin, name) for name in ("source", "sheet", "row")), strict=True)
    for row, (source, sheet, line) in zip(rows_of(part.frame, *columns), places, strict=True):
        answer = dict(zip(columns, row, strict=True))
        code, column = _problem(answer, asked, on)
        if line in bad:
            continue
        if code:
            title = DICTIONARY["registry"][column].title
            # The cell itself is not shown: it may be about anybody.
            faults.append(Fault(code, "fault", source, sheet, "registry", line, column, title))
            continue
        number, household = asked.people[str(folded(answer["id_number"]))]
        yield answer | {"household_id": household, "id_number": number}


def _problem(answer: dict[str, Any], asked: Request, on: dt.date) -> tuple[str, str]:
    """Return what is wrong with one answer, and the column."""
    if answer.get("source") != asked.department:
        return "fault.reply_source", "source"
    if str(folded(answer.get("id_number"))) not in asked.people:
        return "fault.reply_person", "id_number"
    if answer.get("kind") not in asked.kinds:
        return "fault.reply_kind", "kind"
    if answer.get("value") is None:
        return "fault.reply_blank", "value"
    if answer.get("as_of") is None:
        return "fault.reply_undated", "as_of"
    return ("fault.reply_later", "as_of") if answer["as_of"].date() > on else ("", "")


def reply_csv(reply: Reply) -> bytes:
    """Return the answers as a CSV that lies beside the applications as 数据比对.csv."""
    frame = reply.rows.copy()
    for name in frame.columns:
        column = DICTIONARY["registry"][name]
        values = column_of(frame, name)
        frame[name] = [None if value is None else _written(value, column.dtype) for value in values]
    frame.columns = [DICTIONARY["registry"][name].title for name in frame.columns]
    return frame.to_csv(index=False, lineterminator="\n").encode()


def _written(value: Any, dtype: str) -> str:
    if dtype == "date":
        return f"{value:%Y-%m-%d}"
    if dtype in ("money", "area"):
        return f"{int(value) // 100}.{int(value) % 100:02}"
    if dtype == "flag":
        return "是" if value else "否"
    # What a spreadsheet would run as a formula gets an apostrophe before it.
    return f"'{value}" if str(value).startswith(("=", "+", "-", "@")) else str(value)
