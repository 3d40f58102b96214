"""Tests of relief.sheets.files, relief.sheets.delimited and relief.sheets.workbook."""

from __future__ import annotations

import io
import sqlite3
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from relief.errors import FileError, MissingExtraError, TableError
from relief.intake.tables import read_tables
from relief.sheets.files import BadCell, Sheet, Source, is_left_out, read_sheets, read_sources

if TYPE_CHECKING:
    from pathlib import Path


def only_sheet(data: bytes | str, name: str = "a.csv") -> Sheet:
    (sheet,) = read_sheets(Source(name, data.encode() if isinstance(data, str) else data))
    return sheet


def cells(sheet: Sheet) -> list[list[object]]:
    return sheet.head(len(sheet))


def refused(data: bytes | str, name: str = "a.csv") -> FileError:
    with pytest.raises(FileError) as error:
        only_sheet(data, name)
    return error.value


def test_a_source_is_pinned_by_its_hash() -> None:
    source = Source("a.csv", b"abc")
    assert source.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert "abc" not in repr(source)


@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
def test_the_separator_is_the_one_that_parts_every_line(separator: str) -> None:
    rows = [["户编号", "备注"], ["H1", "x，y"], ["H2", "z"]]
    text = "\n".join(separator.join(row) for row in rows)
    assert cells(only_sheet(text)) == rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding_gives_the_same_cells(encoding: str) -> None:
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    assert cells(only_sheet(f"{mark}户编号,区县\r\nH1,新会区\r\n".encode(encoding))) == [
        ["户编号", "区县"],
        ["H1", "新会区"],
    ]


def test_rows_are_counted_as_the_file_has_them() -> None:
    sheet = only_sheet('a,b\n\n1,"two\nlines"\n , \n3,4\n')
    assert sheet.rows.tolist() == [1, 3, 5]
    assert cells(sheet)[1] == ["1", "two\nlines"]


def test_a_cell_over_several_lines_is_kept_and_one_that_swallows_rows_is_not() -> None:
    assert cells(only_sheet('a,b,c\n1,"x, y\nz, w",2\n'))[1][1] == "x, y\nz, w"
    assert refused('a,b,c\n1,"x,2\n3,4,5\n6,"y",7\n').facts["row"] == 2


def test_short_rows_are_filled_and_long_ones_make_the_table_wider() -> None:
    assert cells(only_sheet("a,b\n1\n1,2,3\n")) == [["a", "b", ""], ["1", "", ""], ["1", "2", "3"]]
    late = "a,b\n" + "1,2\n" * 5_000 + "1,2,3,4\n"
    assert cells(only_sheet(late))[-1] == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.4", "PDF"), (b"\x89PNG\r\n", "PNG"), (b"\xff\xd8\xff\xe0", "JPEG"), (b"{\\rtf1", "RTF"),
        (b"<?xml version='1.0'?>", "HTML/XML"), (b"\xef\xbb\xbf<HTML>", "HTML/XML"), (b"id,\0\0", "binary"),
        ("<html>".encode("utf-16"), "HTML/XML"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_named(data: bytes, kind: str) -> None:
    error = refused(data, "a.xls")
    assert (error.code, error.facts["kind"]) == ("file.not_a_table", kind)


def test_a_database_in_place_of_a_table_is_named_with_the_way_to_read_it(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "union.db") as database:
        database.execute("create table households (户编号 text)")
    error = refused((tmp_path / "union.db").read_bytes(), "union.db")
    assert error.code == "file.database"
    assert "sqlite:///" in error.text("zh")


@pytest.mark.parametrize("source", [None, 5, [{"户编号": "H1"}], sqlite3])
def test_what_is_no_source_of_tables_is_refused_in_words(source: Any) -> None:
    with pytest.raises(TableError) as error:
        read_tables(source)
    assert error.value.code == "table.no_source"
    assert type(source).__name__ in error.value.text("zh")


@pytest.mark.parametrize(
    ("part", "kind"), [("xl/workbook.bin", "xlsb"), ("word/document.xml", "docx"), ("a", "zip")]
)
def test_other_packages_are_named(part: str, kind: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr(part, "x")
    assert refused(buffer.getvalue()).facts["kind"] == kind


@pytest.mark.parametrize("data", [b"", b"\0\0\0", b" \r\n\t"])
def test_an_empty_file_is_empty(data: bytes) -> None:
    assert refused(data).code == "file.empty"


def test_a_folder_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ("b.csv", "a.CSV", "~$a.xlsx", ".hidden.csv", "照片.jpg"):
        (tmp_path / name).write_text("x", "utf-8")
    (tmp_path / "folder.csv").mkdir()
    sources = read_sources(tmp_path)
    assert [source.name for source in sources] == ["a.CSV", "b.csv", "folder.csv", "照片.jpg"]
    assert [source.name for source in sources if is_left_out(source)] == ["照片.jpg"]


@pytest.mark.parametrize(("name", "code"), [("none.csv", "file.not_found"), ("a\0b", "file.cannot_open")])
def test_what_cannot_be_opened_says_so(name: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(FileError) as error:
        read_sources(f"{tmp_path}/{name}")
    assert error.value.code == code


def test_a_workbook_gives_values_and_bad_cells() -> None:
    book = openpyxl.Workbook()
    book.active.append(["a", None, 1.5, True, "=1+1"])
    book.active["H9"] = "#N/A"
    buffer = io.BytesIO()
    book.save(buffer)
    sheet = only_sheet(buffer.getvalue(), "a.xlsx")
    assert cells(sheet) == [
        ["a", 1.5, True, BadCell("cell.formula", "=1+1"), None],
        [None, None, None, None, BadCell("cell.error", "#N/A")],
    ]
    assert sheet.rows.tolist() == [1, 9]
    assert str(BadCell("cell.error", "#N/A")) == "#N/A"


def test_many_cells_far_out_are_refused_and_few_are_dropped() -> None:
    book = openpyxl.Workbook()
    book.active.append(["a"])
    for row in range(1, 12):
        book.active.cell(row, 5_000, "x")
    buffer = io.BytesIO()
    book.save(buffer)
    assert refused(buffer.getvalue(), "a.xlsx").code == "file.too_wide"


def test_an_xls_without_its_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlrd", None)
    with pytest.raises(MissingExtraError) as error:
        only_sheet(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.xls")
    assert "pip install 'relief[excel]'" in error.value.text("en")
