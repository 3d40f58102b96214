"""An application is accepted exactly when the same values as tables have no fault, and they read the same."""

from __future__ import annotations

import datetime as dt
import io
import json
import unicodedata
from decimal import Decimal
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

import relief
from relief.columns import DICTIONARY, TABLE_TITLES, TABLES, Column
from relief.intake.tables import Tables, parse, read_tables
from relief.schema import field_name
from relief.sheets.files import Source

SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]
ID_NUMBERS = [
    "440703197806120003", "44070319520305000X", " 440703200909180003",
    "440703780612000", "4407**********0003",
]  # fmt: skip
# What people write where it does not belong, and what belongs nowhere.
ODD = st.sampled_from(
    ["", " ", "无", "-", "未知", "合计", "示例1", "12.345", "-5", "1.2万", "1,200.50元", "５００", "3口",
     "1E+17", "12²", "2021-02-30", "2021.9.30", "2021年9月", "20210930", "44470", "是", "不通过", "√", "abc",
     "=1+1", "张三", 0, 1, -1, 3.5, 0.005, 7.0, 10000, 1e16, 2**70, True, False, None, ["一"], {"值": 1},
     dt.date(2021, 9, 30), dt.datetime(2021, 9, 30, 8, 0), dt.date(1850, 1, 1), Decimal("0.01"),
     Decimal("1E+3"), float("nan"), float("inf")]
)  # fmt: skip


def right(column: Column) -> st.SearchStrategy[Any]:
    """Generate what belongs into a column, in several spellings."""
    if column.dtype in ("money", "area"):
        whole = st.integers(0, 10**7)
        return st.one_of(
            whole.map(lambda fen: f"{fen // 100}.{fen % 100:02}"),
            whole.map(lambda fen: f"{fen // 100:,}元" if column.dtype == "money" else f"{fen // 100}㎡"),
            whole.map(lambda fen: Decimal(fen).scaleb(-2)),
            whole.map(lambda fen: fen / 100),
            st.integers(0, 10**6),
        )
    if column.dtype == "count":
        return st.integers(1, 12) | st.integers(1, 12).map(str)
    if column.dtype == "date":
        day = st.dates(dt.date(2000, 1, 1), dt.date(2022, 12, 31))
        return day | day.map(dt.date.isoformat) | day.map("{0:%Y}.{0.month}.{0.day}".format)
    if column.dtype == "id_number":
        return st.sampled_from(ID_NUMBERS)
    if column.choices:
        return st.sampled_from([*column.choices, *column.choices.values()]) | st.booleans()
    if column.name == "household_id":
        return st.sampled_from(["H1", "001", "户1", " H1"])
    return st.text("甲乙0123 ", min_size=1, max_size=20)


def cells(column: Column, oddness: int) -> st.SearchStrategy[Any]:
    return st.integers(0, 60).flatmap(lambda number: ODD if number < oddness else right(column))


@st.composite
def rows(draw: st.DrawFn, table: str, oddness: int, most: int) -> list[dict[str, Any]]:
    """Draw rows of some columns, as a program has them: a key may lack in one of them."""
    columns = [column for column in DICTIONARY[table].values() if column.name != "household_id"]
    wanted = draw(st.lists(st.sampled_from(columns), max_size=8, unique_by=lambda column: column.name))
    wanted = [*[c for c in columns if c.required], *[c for c in wanted if not c.required]]
    return [
        {field_name(c): draw(cells(c, oddness)) for c in wanted if c.required or draw(st.booleans())}
        for _ in range(draw(st.integers(0, most)))
    ]


@st.composite
def applications(draw: st.DrawFn) -> dict[str, Any]:
    oddness = draw(st.sampled_from([0, 0, 1, 8]))
    household_id = draw(cells(DICTIONARY["households"]["household_id"], oddness))
    own = draw(rows("households", oddness, 1)) or [{}]
    sent = {
        table: draw(rows(table, oddness, 3))
        for table in draw(st.sets(st.sampled_from(TABLES[1:]), max_size=3))
    }
    return {"household": {"household_id": household_id, **own[0]}, **sent}


def frames(sent: dict[str, Any]) -> dict[str, pd.DataFrame]:
    """Return the same values as a program would put them into frames."""
    household = sent["household"]
    own = {"household_id": household["household_id"]}
    return {"households": pd.DataFrame([household], dtype=object)} | {
        table: pd.DataFrame([own | row for row in given], dtype=object)
        for table, given in sent.items() if table != "household" and given
    }  # fmt: skip


def is_clean(tables: Tables, sent: dict[str, Any]) -> bool:
    """Return whether no fault is found, every row is read, and nothing required is blank in any of them."""
    given = {"households": 1} | {
        table: len(rows) for table, rows in sent.items() if table != "household" and rows
    }
    return (
        not any(fault.severity == "fault" for fault in tables.faults)
        and {table: len(frame) for table, frame in tables.frames.items()} == given
        and not any(
            tables[table][column.name].isna().any()
            for table in given for column in DICTIONARY[table].values() if column.required
        )
    )  # fmt: skip


def same(one: Tables, other: Tables) -> bool:
    """Return whether two read the same; a column of unknowns says no more than none."""
    return known(one) == known(other)


def known(tables: Tables) -> dict[str, dict[str, list[Any]]]:
    frames = {table: frame.dropna(axis=1, how="all").astype(object) for table, frame in tables.frames.items()}
    return {
        table: {name: [None if pd.isna(cell) else cell for cell in frame[name]] for name in frame}
        for table, frame in frames.items()
    }


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(sent=applications())
def test_it_is_accepted_exactly_when_the_reader_finds_no_fault_and_reads_the_same(
    sent: dict[str, Any],
) -> None:
    tables = read_tables(frames(sent))
    accepted = accept(sent)
    assert (accepted is not None) == is_clean(tables, sent)
    if accepted is not None:
        assert same(accepted.tables(), tables)
        assert relief.Application.model_validate_json(accepted.model_dump_json()) == accepted


def accept(sent: dict[str, Any]) -> relief.Application | None:
    try:
        return relief.Application.model_validate(sent)
    except ValidationError:
        return None


def workbook(sent: dict[str, Any]) -> Source:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for table, frame in frames(sent).items():
        sheet = book.create_sheet(TABLE_TITLES[table][0])
        sheet.append(list(frame.columns))
        for row in frame.itertuples(index=False):
            sheet.append([None if pd.isna(cell) else cell for cell in row])
    stream = io.BytesIO()
    book.save(stream)
    return Source("申请.xlsx", stream.getvalue())


def fits_a_workbook(cell: Any) -> bool:
    """Return whether a workbook holds a value as it is: no list, no day before its first, no formula."""
    if isinstance(cell, dt.date):
        return cell.year >= 1900
    if isinstance(cell, str):
        return not cell.startswith("=")
    return cell is None or isinstance(cell, bool) or (isinstance(cell, (int, float)) and abs(cell) < 2**53)


@settings(max_examples=20, deadline=None, suppress_health_check=SLOW)
@given(sent=applications())
def test_it_is_accepted_exactly_when_the_same_workbook_has_no_fault(sent: dict[str, Any]) -> None:
    values = [cell for frame in frames(sent).values() for cell in frame.to_numpy().ravel()]
    assume(all(map(fits_a_workbook, values)))
    tables = parse([workbook(sent)])
    accepted = accept(sent)
    assert (accepted is not None) == is_clean(tables, sent)
    assert accepted is None or same(accepted.tables(), tables)


NAMES = st.sampled_from(["欧阳鹏霄", "買買提·霆霓", "慕容鹄霖"])
NUMBERS = st.sampled_from(
    ["440703197806120003", "440703 19800305 000X", "44070319780612000", "６２２２００００００００００００１"]
)
SECRETS = NAMES | NUMBERS | st.sampled_from([440703197806120003, 6222000000000001.0, "13800138000"])
PERSONAL = [(t, field_name(c)) for t in TABLES for c in DICTIONARY[t].values() if c.is_personal]
LOOSE = [
    (t, field_name(c))
    for t in TABLES
    for c in DICTIONARY[t].values()
    if c.dtype in ("money", "count", "date")
]


@settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
@given(data=st.data(), lang=st.sampled_from(["zh", "en"]))
def test_no_error_and_no_repr_holds_a_personal_value(data: st.DataObject, lang: str) -> None:
    sent: dict[str, Any] = {"household": {"household_id": "H1"}}
    secrets: set[str] = set()
    planted = data.draw(st.lists(st.sampled_from(PERSONAL), min_size=1, max_size=6))
    planted += data.draw(st.lists(st.sampled_from(LOOSE), max_size=3))
    for table, key in planted:
        secret = data.draw(NUMBERS if (table, key) in LOOSE else SECRETS)
        row = sent["household"] if table == "households" else sent.setdefault(table, [{}])[0]
        row[key] = secret
        secrets.add(bare(secret))
    key = data.draw(SECRETS)
    if data.draw(st.booleans()):
        sent["household"][key] = data.draw(SECRETS)
        secrets.add(bare(key))
    try:
        read = relief.Application.model_validate(sent, context={"lang": lang})
        told = f"{read!r} {read} {read.household}"
    except ValidationError as error:
        told = f"{error} {error!r} {error.errors()} {error.json()}"
    assert not [secret for secret in secrets if secret in bare(told)]
    with pytest.raises(ValidationError) as caught:
        relief.Application.model_validate_json(json.dumps(sent, default=str)[:-1])
    assert not [secret for secret in secrets if secret in bare(f"{caught.value} {caught.value.errors()}")]


def bare(text: object) -> str:
    """Return a text without what may stand between the characters of a number."""
    plain = str(int(text)) if isinstance(text, float) else str(text)
    return unicodedata.normalize("NFKC", plain).replace(" ", "")
