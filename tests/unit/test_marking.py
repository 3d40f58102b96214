"""Tests of relief.intake.marking."""

from __future__ import annotations

import io
import sqlite3
from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd
import pytest
from tests.books.make import BOOKS
from typer.testing import CliRunner

from relief.cli.command import app
from relief.intake.marking import marked
from relief.intake.tables import parse, read_tables
from relief.sheets.sheet import Source

if TYPE_CHECKING:
    from pathlib import Path


def opened(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def comments(sheet: Any) -> dict[str, str]:
    rows = sheet.iter_rows(max_row=20, max_col=20)
    return {cell.coordinate: cell.comment.text for row in rows for cell in row if cell.comment}


@pytest.mark.parametrize("name", [name for name in BOOKS if name != "a_cell_at_the_last_corner"])
def test_every_finding_is_in_the_list_and_every_place_is_marked(name: str, tmp_path: Path) -> None:
    tables = read_tables(BOOKS[name].write(tmp_path / name))
    listed, places = 0, 0
    for data in marked(tables, "en").values():
        book = opened(data)
        levels = [row[0] for row in book["检查结果"].iter_rows(min_row=3, values_only=True)]
        counts = [levels.count(level) for level in ("fault", "warning", "notice")]
        assert book["检查结果"]["A1"].value == "Faults: {}; warnings: {}; notices: {}.".format(*counts)
        listed += len(levels)
        places += sum(len(comments(sheet)) for sheet in book.worksheets[1:])
    told = [fault for fault in tables.faults if fault.source and not fault.code.startswith("notice.file")]
    assert listed == len(told)
    assert places == len({(f.source, f.sheet, f.row, f.header) for f in told if f.row})


@pytest.mark.parametrize("store", ["Parquet", "SQLite"])
def test_a_table_of_another_system_is_copied_below_its_header(store: str, tmp_path: Path) -> None:
    rows = {"household_id": ["H1", "H2"], "个人自付": ["1", "约三百"]}
    if store == "Parquet":
        pa = pytest.importorskip("pyarrow", reason="pip install 'relief[parquet]'")
        pa.parquet = pytest.importorskip("pyarrow.parquet")
        pa.parquet.write_table(pa.table(rows), tmp_path / "households.parquet")
        tables = read_tables(tmp_path / "households.parquet")
    else:
        pytest.importorskip("sqlalchemy", reason="pip install 'relief[sql]'")
        with sqlite3.connect(tmp_path / "union.db") as database:
            pd.DataFrame(rows).to_sql("households", database, index=False)
        database.close()
        tables = read_tables(f"sqlite:///{tmp_path / 'union.db'}")
    ((name, copy),) = marked(tables).items()
    assert name == "households.检查.xlsx"
    sheet = opened(copy)["households"]
    assert sheet["A1"].value == "household_id"
    assert list(comments(sheet)) == ["B3"]
    assert sheet["B3"].value == "约三百"


def test_a_bad_cell_is_coloured_where_it_stands_also_beyond_an_empty_column() -> None:
    book = openpyxl.Workbook()
    for row in (["名单"], ["户编号", None, "区县", "个人自付"], ["H1", None, "新会区", "约三百"]):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    (copy,) = marked(parse([Source("a.xlsx", stream.getvalue())])).values()
    sheet = opened(copy)["Sheet"]
    assert list(comments(sheet)) == ["D3"]
    assert "约三百" in comments(sheet)["D3"]
    assert sheet["D3"].fill.start_color.rgb == "00FFC7CE"
    assert sheet["D3"].value == "约三百"


def test_a_copy_of_a_csv_holds_no_formula() -> None:
    text = "户编号,姓名,个人自付\r\nH1,=1+1,-5\r\n"
    (copy,) = marked(parse([Source("a.csv", text.encode())])).values()
    cell = opened(copy)["a"]["B2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_check_writes_a_copy_and_never_over_another(tmp_path: Path) -> None:
    place, out = tmp_path / "名单.csv", tmp_path / "检查"
    place.write_text("户编号,区县,个人自付\r\nH1,新会区,-5\r\n", "utf-8")
    call = ["check", str(place), "--out", str(out)]
    assert CliRunner().invoke(app, call, standalone_mode=False).return_value == 1
    assert [made.name for made in out.iterdir()] == ["名单.检查.xlsx"]
    assert "File exists" in str(CliRunner().invoke(app, call, standalone_mode=False).exception)
