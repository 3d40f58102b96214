"""What must hold for every sheet: nobody is lost, nobody else touched, whatever the form of the file."""

from __future__ import annotations

import csv
import datetime as dt
import io
import unicodedata
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests import oracles

from relief.columns import DICTIONARY
from relief.errors import ReliefError
from relief.intake.tables import Tables, parse, read_tables
from relief.sheets.files import Source

NEEDED = {("households", column) for column in DICTIONARY["households"]}
HEADER = {
    "户编号": "household_id", "区县": "district", "医疗费用个人自付（元）": "out_of_pocket_fen",
    "城乡": "residence", "*申请人": "applicant_name", "申请人身份证号": "applicant_id_number",
    "共同生活人口": "household_size", "是否低保": "on_subsistence",
    "申请日期": "applied_on", "银行卡号": "bank_account",
}  # fmt: skip
ID = st.integers(0, 99_999).map(lambda number: f"H{number:05}")
IDS = st.lists(ID, unique=True, min_size=1, max_size=12)
CELLS = {
    "区县": st.sampled_from(["新会区", "江海", "440703", ""]),
    "医疗费用个人自付（元）": st.integers(0, 10**9).map(lambda fen: f"{fen // 100}.{fen % 100:02}"),
    "城乡": st.sampled_from(["城镇", "农村", ""]),
    "*申请人": st.sampled_from(["张三", "李四光", "阿依古丽", ""]),
    "申请人身份证号": st.integers(0, 999).map(
        lambda number: oracles.with_check_digit(f"44070319000101{number:03}")
    ),
    "共同生活人口": st.integers(1, 9).map(str),
    "是否低保": st.sampled_from(["是", "否", ""]),
    "申请日期": st.dates(dt.date(1901, 1, 1), dt.date(2199, 12, 31)).map(str),
    "银行卡号": st.integers(0, 9_999).map(lambda number: f"622202001234567{number:04}"),
}
TEXTS = st.text(st.characters(codec="gb18030", exclude_characters="\0"), max_size=12)
ODD_TEXTS = [
    "-1", "1e400", "NaN", "—", "无", "３万", "#N/A", "0.001", "合计", "户编号", "=1+1", "4.40703E+17", "60",
    "2021-13-40", "\ufeff", '"', "a,b", "x\ny", "H00001",
]  # fmt: skip
DAMAGE = TEXTS | st.sampled_from(ODD_TEXTS)
NUMBERS = st.booleans() | st.floats() | st.integers()
ODD = DAMAGE | NUMBERS | st.none() | st.dates() | st.lists(NUMBERS, max_size=1)
BYTES = st.binary(max_size=300) | TEXTS.map(str.encode) | st.binary(max_size=200).map(b"PK\x03\x04".__add__)

# What is said about clean cells all the same: the drawn amounts and ID numbers are anyhow.
_NOT_OF_A_CELL = {"warning.unit", "fault.person_twice", "fault.account_twice"}

Row = dict[str, Any]


@st.composite
def sheets(draw: st.DrawFn) -> list[Row]:
    return [{"户编号": id_} | {header: draw(cell) for header, cell in CELLS.items()} for id_ in draw(IDS)]


def as_csv(rows: list[Row], encoding: str = "utf-8", header: list[str] | None = None) -> Source:
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, header or list(HEADER))
    writer.writeheader()
    writer.writerows(rows)
    return Source("名单.csv", buffer.getvalue().encode(encoding))


def as_xlsx(rows: list[Row]) -> Source:
    book = openpyxl.Workbook()
    book.active.title = "名单"
    book.active.append(list(HEADER))
    for row in rows:
        book.active.append([row[header] or None for header in HEADER])
    buffer = io.BytesIO()
    book.save(buffer)
    return Source("名单.xlsx", buffer.getvalue())


def as_frames(rows: list[Row]) -> dict[str, pd.DataFrame]:
    return {"households": pd.DataFrame(rows, columns=list(HEADER), dtype=object)}


def records(tables: Tables) -> dict[str, Row]:
    """Return what was read of each household, by its id; unknown as None."""
    frame = tables["households"]
    plain = frame.astype(object).where(frame.notna(), None)
    return {row["household_id"]: row for row in plain.to_dict("records")}


def accounted(tables: Tables) -> int:
    """Return how many rows are used, set aside, or left out by a named reason."""
    usable, quarantine = tables.usable(NEEDED)
    left_out = [f for f in tables.faults if f.code in ("notice.footer", "notice.repeated_header")]
    return len(usable["households"]) + int((quarantine["table"] == "households").sum()) + len(left_out)


@given(sheets())
def test_a_clean_sheet_reads_without_a_fault(rows: list[Row]) -> None:
    tables = parse([as_csv(rows)])
    assert not [fault for fault in tables.faults if fault.code not in _NOT_OF_A_CELL]
    assert list(tables["households"].columns) == list(HEADER.values())
    assert tables["households"]["household_id"].tolist() == [row["户编号"] for row in rows]
    amounts = [int(row["医疗费用个人自付（元）"].replace(".", "")) for row in rows]
    assert tables["households"]["out_of_pocket_fen"].tolist() == amounts


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(sheets())
def test_the_form_of_the_file_does_not_matter(rows: list[Row]) -> None:
    first = parse([as_csv(rows)])["households"]
    sources = [as_csv(rows, encoding) for encoding in ("gb18030", "utf-16", "utf-8-sig")]
    for tables in (*(parse([source]) for source in [*sources, as_xlsx(rows)]), read_tables(as_frames(rows))):
        pd.testing.assert_frame_equal(tables["households"], first)


@given(sheets(), st.randoms(use_true_random=False))
def test_order_of_rows_and_columns_does_not_matter(rows: list[Row], random: Any) -> None:
    header, shuffled = list(HEADER), list(rows)
    random.shuffle(header)
    random.shuffle(shuffled)
    assert records(parse([as_csv(shuffled, header=header)])) == records(parse([as_csv(rows)]))


def read_or_refused(source: Source | dict[str, pd.DataFrame]) -> Tables | None:
    """Read anything; the only exception that may come out is one that says in words what is wrong."""
    try:
        return parse([source]) if isinstance(source, Source) else read_tables(source)
    except ReliefError as error:
        texts = error.text("zh"), error.text("en")
        return None if all(texts) else pytest.fail("an error without words")


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(sheets(), st.data())
@pytest.mark.parametrize("form", [as_csv, as_frames])
def test_damage_costs_only_the_household_it_is_done_to(
    form: Any, rows: list[Row], data: st.DataObject
) -> None:
    before = records(parse([as_csv(rows)]))
    damaged: dict[int, Row] = {}
    for at in data.draw(st.sets(st.integers(0, len(rows) - 1), min_size=1, max_size=4)):
        header = data.draw(st.sampled_from(list(HEADER)))
        damaged[at] = rows[at] | {header: data.draw(DAMAGE if form is as_csv else ODD)}
    tables = read_or_refused(form([damaged.get(at, row) for at, row in enumerate(rows)]))
    if tables is None:
        return
    assert accounted(tables) == len(rows)
    after = records(tables)
    ids_now = {unicodedata.normalize("NFKC", str(row["户编号"])).strip() for row in damaged.values()}
    for at, row in enumerate(rows):
        if at not in damaged and row["户编号"] not in ids_now:
            assert after[row["户编号"]] == before[row["户编号"]]
    assert all(fault.problem(lang) and fault.cure(lang) for fault in tables.faults for lang in ("zh", "en"))


@given(BYTES)
@example(b"\xff\xfe")
@example(b"\xef\xbb\xbf")
@example(b'"')
@example(b"\xd0\xcf\x11\xe0")
def test_bytes_are_read_or_refused(data: bytes) -> None:
    read_or_refused(Source("名单.csv", data))


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=30)
@given(st.data())
def test_a_damaged_workbook_is_read_or_refused(data: st.DataObject) -> None:
    whole = bytearray(as_xlsx([{"户编号": "H1"} | dict.fromkeys(CELLS, "1")]).data)
    for _ in range(data.draw(st.integers(1, 5))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    read_or_refused(Source("名单.xlsx", bytes(whole)))
