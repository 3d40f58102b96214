"""Files made to exhaust the machine, or that are not what they say: each with how it has to end."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from tests.books.make import HEADER, ROWS, SHEET
from tests.books.writers import csv, ods, xls, xlsx, zipped

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_MB = 2**20
# By the name of a file: what it holds, and the code that it has to end with; "" where it is read.
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {}


def hostile(name: str, code: str) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    def added(build: Callable[[], bytes]) -> Callable[[], bytes]:
        HOSTILE[name] = build, code
        return build

    return added


def repacked(data: bytes, parts: dict[str, bytes]) -> bytes:
    """Return a package with some parts replaced or added."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for name in dict.fromkeys([*old.namelist(), *parts]):
            new.writestr(name, parts[name] if name in parts else old.read(name))
    return stream.getvalue()


def worksheet(rows: bytes, before: bytes = b"") -> bytes:
    """Return a workbook whose only sheet holds these rows."""
    xml = b'%s<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>' % (before, MAIN.encode(), rows)
    return repacked(xlsx(SHEET), {FIRST: xml})


def content(old: bytes, new: bytes) -> bytes:
    """Return an .ods whose content says something else at one place."""
    with zipfile.ZipFile(io.BytesIO(ods(SHEET))) as package:
        before = package.read("content.xml")
    assert old in before
    return repacked(ods(SHEET), {"content.xml": before.replace(old, new, 1)})


# --- workbooks ------------------------------------------------------------------------------------


@hostile("炸弹.xlsx", "file.bomb")
def a_bomb() -> bytes:
    return repacked(xlsx(SHEET), {FIRST: bytes(100 * _MB)})


@hostile("过多行.xlsx", "file.damaged")
def more_rows_than_excel_has() -> bytes:
    return worksheet(b'<row r="1048570"/>' + b'<row><c t="n"><v>1</v></c></row>' * 10)


@hostile("谎报大小.xlsx", "file.damaged")
def a_part_that_lies_about_its_size() -> bytes:
    data = bytearray(worksheet(b" " * 40 * _MB))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as package:
        real = package.getinfo(FIRST).file_size.to_bytes(4, "little")
    for _ in range(2):  # in front of the part and in the list of parts
        at = data.index(real)
        data[at : at + 4] = (1_000).to_bytes(4, "little")
    return bytes(data)


@hostile("笑声.xlsx", "file.entities")
def a_billion_laughs() -> bytes:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return worksheet(b"<row>&l9;</row>", f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]>'.encode())


@hostile("外部实体.xlsx", "file.entities")
def an_entity_outside() -> bytes:
    declared = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    return worksheet(b'<row><c t="str"><v>&e;</v></c></row>', b"<!--" + b"x" * 5_000 + b"-->" + declared)


@hostile("末角.xlsx", "")
def a_cell_at_the_last_corner() -> bytes:
    return xlsx(SHEET, lambda wb: wb["名单"].cell(1048576, 16384, "x"))


@hostile("空白行.xlsx", "")
def a_million_formatted_blank_rows() -> bytes:
    header = '<row r="1"><c t="str"><v>户编号</v></c><c t="str"><v>个人自付</v></c></row>'
    record = '<row r="2"><c t="str"><v>H1</v></c><c><v>5</v></c></row>'
    blank = (f'<row r="{at}" s="1" customFormat="1"><c r="A{at}" s="1"/></row>' for at in range(3, 10**6))
    return worksheet("".join([header, record, *blank]).encode())


@hostile("万列.xlsx", "file.too_wide")
def ten_thousand_columns() -> bytes:
    return worksheet(b"<row>%s</row>" % (b"<c><v>1</v></c>" * 10_000) * 50)


@hostile("稀疏.xlsx", "file.sparse")
def cells_far_apart() -> bytes:
    rows = (f'<row r="{at}"><c r="BXX{at}"><v>1</v></c></row>' for at in range(1, 20_000))
    return worksheet("".join(rows).encode())


@hostile("外部链接.xlsx", "")
def links_outside() -> bytes:
    link = b'<externalLink><externalBook r:id="rId1"/></externalLink>'
    return repacked(xlsx(SHEET), {"xl/externalLinks/externalLink1.xml": link})


@hostile("截断.xlsx", "file.damaged")
def half_a_workbook() -> bytes:
    return xlsx(SHEET)[:3_000]


@hostile("加密.xlsx", "file.encrypted")
def a_workbook_with_a_password() -> bytes:
    return xls(SHEET)[:512] + "EncryptedPackage".encode("utf-16-le") + bytes(512)


# --- other kinds of workbooks -----------------------------------------------------------------------


@hostile("末角.xls", "")
def the_last_corner_of_an_old_sheet() -> bytes:
    return xls(SHEET, lambda wb: wb.get_sheet(0).write(65_535, 255, "x"))


@hostile("截断.xls", "file.damaged")
def half_an_old_workbook() -> bytes:
    return xls(SHEET)[:4_000]


@hostile("网页.xls", "file.not_a_table")
def a_page_named_as_an_old_workbook() -> bytes:
    return "<html><table><tr><td>户编号</td></tr></table></html>".encode()


@hostile("炸弹.ods", "file.bomb")
def a_bomb_of_an_ods() -> bytes:
    return repacked(ods(SHEET), {"content.xml": bytes(60 * _MB)})


@hostile("重复行.ods", "file.bomb")
def rows_repeated_without_end() -> bytes:
    return content(b"<table:table-row>", b'<table:table-row table:number-rows-repeated="1000000">')


@hostile("重复块.ods", "file.bomb")
def blocks_repeated_many_times() -> bytes:
    cell = (
        b'<table:table-cell table:number-columns-repeated="1900" office:value-type="float" office:value="1"/>'
    )
    row = b'<table:table-row table:number-rows-repeated="2000">%s</table:table-row>' % cell
    return content(b"<table:table-row>", row * 500 + b"<table:table-row>")


@hostile("实体.ods", "file.entities")
def entities_in_an_ods() -> bytes:
    return content(b"<office:document-content", b'<!DOCTYPE a [<!ENTITY b "c">]><office:document-content')


@hostile("万列.ods", "file.too_wide")
def ten_thousand_columns_of_an_ods() -> bytes:
    repeated = b'<table:table-cell table:number-columns-repeated="10000" '
    return content(b"<table:table-cell ", repeated)


# --- text ---------------------------------------------------------------------------------------------


@hostile("一行.csv", "table.no_households")
def one_huge_line() -> bytes:
    return b"x" * 40 * _MB


@hostile("逗号.csv", "file.too_wide")
def one_huge_line_of_cells() -> bytes:
    return csv(SHEET["名单"]) + b"," * 20 * _MB


@hostile("引号.csv", "file.broken_csv")
def a_quotation_over_everything() -> bytes:
    return csv(SHEET["名单"]) + b'"H4,' + b"a,b,c\n" * (20 * _MB // 6)


@hostile("万列.csv", "file.too_wide")
def ten_thousand_columns_of_text() -> bytes:
    return csv([HEADER, *ROWS, ["1"] * 10_000])


@hostile("空.csv", "file.empty")
def nothing_at_all() -> bytes:
    return b""


@hostile("零.csv", "file.empty")
def only_zeros() -> bytes:
    return bytes(20 * _MB)


# --- archives -----------------------------------------------------------------------------------------


@hostile("炸弹.zip", "file.bomb")
def a_bomb_in_an_archive() -> bytes:
    return zipped({"名单.csv": bytes(60 * _MB)})


@hostile("多个.zip", "file.bomb")
def many_parts_that_are_a_bomb_together() -> bytes:
    return zipped({f"{at}.csv": b"\n" * 5 * _MB for at in range(11)})


@hostile("嵌套.zip", "file.not_xlsx")
def archives_in_archives() -> bytes:
    data = zipped({"名单.csv": bytes(10 * _MB)})
    for at in range(20):
        data = zipped({f"{at}.zip": data, f"b{at}.zip": data})
    return data


@hostile("损坏.zip", "file.damaged")
def half_an_archive() -> bytes:
    return zipped({"名单.csv": csv(SHEET["名单"])})[:60]
