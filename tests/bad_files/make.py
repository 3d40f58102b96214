"""Make one broken file per kind of fault: `python tests/bad_files/make.py FOLDER` writes them all.

They are made rather than stored, so that each says in a line of code what is wrong with it.
"""

from __future__ import annotations

import datetime as dt
import io
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter

HEADER = ["户编号", "区县", "个人自付"]
GOOD = [["H1", "新会区", "100.00"], ["H2", "江海", "200.50"], ["H3", "440704", "3万"]]
KINDS: dict[str, Callable[[Path], Path]] = {}

Rows = Sequence[Sequence[Any]]


def kind(build: Callable[[Path], Path]) -> Callable[[Path], Path]:
    KINDS[build.__name__] = build
    return build


def text(rows: Rows, separator: str = ",") -> str:
    return "".join(separator.join(map(str, row)) + "\r\n" for row in rows)


def write(place: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    place.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return place


def flat(folder: Path, *bad: Sequence[Any], header: Sequence[str] = HEADER, name: str = "名单.csv") -> Path:
    """Write three good households, then the bad rows, which begin at row 5."""
    return write(folder / name, text([header, *GOOD, *bad]))


def book(folder: Path, sheets: dict[str, Rows], name: str = "名单.xlsx") -> tuple[openpyxl.Workbook, Path]:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return workbook, folder / name


def saved(workbook: openpyxl.Workbook, place: Path) -> Path:
    workbook.save(place)
    return place


def workbook_bytes(rows: Rows = (HEADER, *GOOD)) -> bytes:
    buffer = io.BytesIO()
    book(Path(), {"名单": rows})[0].save(buffer)
    return buffer.getvalue()


def repacked(data: bytes, changed: dict[str, bytes]) -> bytes:
    """Write a package again with some parts replaced or added."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part not in changed:
                new.writestr(part, old.read(part))
        for part, content in changed.items():
            new.writestr(part, content)
    return buffer.getvalue()


# --- the table cannot be used ---------------------------------------------------------------------


@kind
def no_id_column(folder: Path) -> Path:
    return write(folder / "名单.csv", text([["区县", "个人自付"], ["新会区", "1"]]))


@kind
def unknown_headers(folder: Path) -> Path:
    return write(folder / "资料.csv", text([["户编码", "星座", "血型"], ["一", "白羊", "A"]]))


@kind
def no_header(folder: Path) -> Path:
    return write(folder / "名单.csv", text([["张三丰", "440703198001011234", "100"]]))


@kind
def two_columns_that_mean_the_same(folder: Path) -> Path:
    return flat(folder, ["H4", "新会区", "1", "2"], header=[*HEADER, "自付金额（元）"])


@kind
def members_without_id_column(folder: Path) -> Path:
    return saved(*book(folder, {"名单": [HEADER, *GOOD], "家庭成员": [["姓名", "关系"], ["张三丰", "本人"]]}))


# --- a cell holds no such thing -------------------------------------------------------------------


@kind
def text_where_a_number_belongs(folder: Path) -> Path:
    return flat(folder, ["H4", "新会区", "约五千"])


@kind
def negative_cost(folder: Path) -> Path:
    return flat(folder, ["H4", "新会区", "-12.00"])


@kind
def a_fraction_of_a_fen(folder: Path) -> Path:
    return flat(folder, ["H4", "新会区", "1234.565"])


@kind
def not_finite(folder: Path) -> Path:
    return flat(
        folder, ["H4", "新会区", "inf"], ["H5", "新会区", "1e400"], ["H6", "新会区", "99999999999999999999"]
    )


@kind
def words_for_nothing(folder: Path) -> Path:
    return flat(
        folder, *([f"H{at}", "新会区", word] for at, word in enumerate(["NaN", "—", "无", " "], start=4))
    )


@kind
def differing_duplicates(folder: Path) -> Path:
    return flat(folder, ["H2", "江海", "999"])


@kind
def identical_duplicates(folder: Path) -> Path:
    return flat(folder, GOOD[1])


@kind
def duplicates_after_folding(folder: Path) -> Path:
    return flat(folder, ["Ｈ２\u3000", "江海", "1"])


@kind
def duplicates_in_two_files(folder: Path) -> Path:
    write(folder / "一季度.csv", text([HEADER, *GOOD]))
    write(folder / "二季度.csv", text([HEADER, ["H9", "新会区", "1"], GOOD[0]]))
    return folder


@kind
def unknown_district(folder: Path) -> Path:
    return flat(folder, ["H4", "蓬江取", "1"], ["H5", "天河区", "1"])


@kind
def id_number_rounded_in_text(folder: Path) -> Path:
    rows = [[*HEADER, "身份证号"], [*GOOD[0], "440703198001011234"], [*GOOD[1], "4.40703E+17"]]
    return write(folder / "名单.csv", text(rows))


@kind
def id_number_and_account_as_numbers(folder: Path) -> Path:
    rows = [[*HEADER, "身份证号", "银行卡号"], [*GOOD[0], "440703198001011234", "6222020012345678901"]]
    rows += [[*GOOD[1], 440703198001011234.0, "6222020012345678902"], [*GOOD[2], None, 6222020012345678903]]
    return saved(*book(folder, {"名单": rows}))


@kind
def bad_dates(folder: Path) -> Path:
    days = ["2021-13-40", "30/9/21", "60", "2021年9月30日", "2021.9.30", "44469"]
    rows = [[f"H{at}", "新会区", "1", day] for at, day in enumerate(days)]
    return write(folder / "名单.csv", text([[*HEADER, "申请日期"], *rows]))


@kind
def serial_dates(folder: Path) -> Path:
    rows = [[*HEADER, "申请日期"], [*GOOD[0], 44469], [*GOOD[1], 60], [*GOOD[2], dt.date(2021, 9, 30)]]
    workbook, place = book(folder, {"名单": rows})
    workbook["名单"]["D3"].number_format = "yyyy-mm-dd"
    return saved(workbook, place)


@kind
def dates_counted_from_1904(folder: Path) -> Path:
    workbook, place = book(
        folder, {"名单": [[*HEADER, "申请日期"], [*GOOD[0], 43007], [*GOOD[1], dt.date(2021, 9, 30)]]}
    )
    workbook.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    workbook["名单"]["D3"].value = dt.datetime(2021, 9, 30)
    return saved(workbook, place)


@kind
def formulas_never_computed(folder: Path) -> Path:
    return saved(*book(folder, {"名单": [HEADER, *GOOD, ["H4", "新会区", "=1+1"]]}))


@kind
def formulas_with_results(folder: Path) -> Path:
    place = folder / "名单.xlsx"
    with xlsxwriter.Workbook(place) as workbook:
        sheet = workbook.add_worksheet("名单")
        for at, row in enumerate([HEADER, *GOOD]):
            sheet.write_row(at, 0, row)
        sheet.write_row(4, 0, ["H4", "新会区"])
        sheet.write_formula(4, 2, "=0.1+0.2", None, 0.30000000000000004)
        sheet.write_row(5, 0, ["H5", "新会区"])
        sheet.write_formula(5, 2, '=IF(1,"",2)', None, "empty")
    part = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(place) as package:
        xml = package.read(part).replace(b"<v>empty</v>", b"<v></v>")
    return write(place, repacked(place.read_bytes(), {part: xml}))


@kind
def error_values(folder: Path) -> Path:
    workbook, place = book(folder, {"名单": [HEADER, *GOOD, ["H4", "新会区"], ["#N/A", "新会区", "1"]]})
    workbook["名单"]["C5"].value = "#DIV/0!"
    return saved(workbook, place)


@kind
def blank_id(folder: Path) -> Path:
    return flat(folder, ["", "新会区", "77"], ["\u3000", "江海区", "78"])


@kind
def orphans(folder: Path) -> Path:
    sheets = {
        "名单": [HEADER, *GOOD],
        "家庭成员": [["户编号", "姓名"], ["H1", "张三丰"], ["H9", "李四光"], [None, "王五"]],
        "材料": [["户编号", "材料类型", "个人自付"], ["H1", "医疗收据", "abc"], ["H8", "医疗收据", "1"]],
    }
    return saved(*book(folder, sheets))


@kind
def rows_of_two_sheets_share_numbers(folder: Path) -> Path:
    return saved(
        *book(folder, {"申请": [HEADER, ["", "新会区", "1"]], "申请表": [HEADER, ["H7", "新会区", "2"]]})
    )


@kind
def cells_merged_downwards(folder: Path) -> Path:
    sheets = {
        "名单": [HEADER, ["H1", "新会区", "100.00"], ["H2", None, "200.50"], ["H3", None, None]],
        "家庭成员": [
            ["户编号", "姓名", "年收入"],
            ["H1", "张三丰", 5],
            [None, "李四光", None],
            ["H2", "王五", 7],
        ],
    }
    workbook, place = book(folder, sheets)
    workbook["名单"].merge_cells("B2:B4")
    workbook["名单"].merge_cells("C3:C4")
    workbook["家庭成员"].merge_cells("A2:A3")
    workbook["家庭成员"].merge_cells("C2:C3")
    return saved(workbook, place)


# --- what a file is -------------------------------------------------------------------------------


@kind
def gb18030(folder: Path) -> Path:
    return write(folder / "名单.csv", text([HEADER, *GOOD]), "gb18030")


@kind
def unicode_text(folder: Path) -> Path:
    return write(folder / "名单.txt", text([HEADER, *GOOD], "\t"), "utf-16")


@kind
def byte_order_mark(folder: Path) -> Path:
    return write(folder / "名单.csv", text([HEADER, *GOOD]), "utf-8-sig")


@kind
def two_encodings(folder: Path) -> Path:
    return write(folder / "名单.csv", text([HEADER, *GOOD]).encode() + "H4,新会区,5\r\n".encode("gb18030"))


@kind
def no_encoding(folder: Path) -> Path:
    return write(folder / "名单.csv", b"id,\xff\xff\xff\r\n")


@kind
def empty(folder: Path) -> Path:
    return write(folder / "名单.csv", b"")


@kind
def only_blank_rows(folder: Path) -> Path:
    return write(folder / "名单.csv", ",,\r\n , ,\r\n,,\r\n")


@kind
def only_a_header(folder: Path) -> Path:
    return write(folder / "名单.csv", text([HEADER]))


@kind
def truncated(folder: Path) -> Path:
    data = workbook_bytes()
    return write(folder / "名单.xlsx", data[: len(data) // 2])


@kind
def a_damaged_part(folder: Path) -> Path:
    return write(
        folder / "名单.xlsx",
        repacked(workbook_bytes(), {"xl/worksheets/sheet1.xml": b"<worksheet><sheetData><row"}),
    )


@kind
def password_protected(folder: Path) -> Path:
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    return write(folder / "名单.xlsx", head + "EncryptedPackage".encode("utf-16-le") + bytes(512))


@kind
def a_damaged_old_workbook(folder: Path) -> Path:
    return write(
        folder / "名单.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "Workbook".encode("utf-16-le")
    )


@kind
def html_named_xls(folder: Path) -> Path:
    return write(folder / "名单.xls", "<html><table><tr><td>户编号</td></tr></table></html>")


@kind
def csv_named_xlsx(folder: Path) -> Path:
    return flat(folder, name="名单.xlsx")


@kind
def xlsx_named_csv(folder: Path) -> Path:
    return write(folder / "名单.csv", workbook_bytes())


@kind
def pdf(folder: Path) -> Path:
    return write(folder / "名单.xlsx", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n")


@kind
def a_damaged_ods(folder: Path) -> Path:
    place = folder / "名单.ods"
    with zipfile.ZipFile(place, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", "<office:document-content/>")
    return place


@kind
def a_zip_of_something_else(folder: Path) -> Path:
    place = folder / "名单.xlsx"
    with zipfile.ZipFile(place, "w") as package:
        package.writestr("readme.md", "hello")
    return place


@kind
def zip_bomb(folder: Path) -> Path:
    return write(
        folder / "名单.xlsx", repacked(workbook_bytes(), {"xl/worksheets/sheet1.xml": bytes(60 * 2**20)})
    )


@kind
def billion_laughs(folder: Path) -> Path:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    xml = f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><worksheet><sheetData>&l9;</sheetData></worksheet>'
    return write(folder / "名单.xlsx", repacked(workbook_bytes(), {"xl/worksheets/sheet1.xml": xml.encode()}))


@kind
def external_entity(folder: Path) -> Path:
    xml = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><sst>&e;</sst>'
    return write(
        folder / "名单.xlsx", repacked(workbook_bytes(), {"xl/sharedStrings.xml": xml.encode("utf-16")})
    )


@kind
def a_stray_cell(folder: Path) -> Path:
    workbook, place = book(folder, {"名单": [HEADER, *GOOD]})
    workbook["名单"]["XFD1048576"] = "x"
    return saved(workbook, place)


@kind
def far_too_wide(folder: Path) -> Path:
    return flat(folder, ["H4", "新会区", *["1"] * 2_500])


# --- how people lay tables out --------------------------------------------------------------------


@kind
def titles_totals_and_signatures(folder: Path) -> Path:
    rows = [
        ["江门市困难职工医疗救助申请名单"],
        ["填报单位：江门市总工会", None, None, "单位：元"],
        ["序号", "户编号", "区县", "医疗费用", None],
        [None, None, None, "总额", "个人自付"],
        [1, "H1", "新会区", 150, 100.5],
        [2, "H2", "江海区", 250, 200.25],
        [None, "新会区小计", None, None, 300.75],
        [3, "H3", "台山市", 350, 300],
        ["合 计", None, None, 750, 600],
        ["填表人：张三丰", None, "审核：李四光"],
        ["注：金额以票据为准，如有疑问请与工会联系"],
    ]
    workbook, place = book(folder, {"Sheet1": rows})
    sheet = workbook["Sheet1"]
    for merged in ("A1:E1", "A3:A4", "B3:B4", "C3:C4", "D3:E3"):
        sheet.merge_cells(merged)
    return saved(workbook, place)


@kind
def the_header_on_every_page(folder: Path) -> Path:
    return flat(folder, HEADER, ["H4", "新会区", "1"])


@kind
def a_record_below_the_header_that_looks_like_one(folder: Path) -> Path:
    return write(
        folder / "名单.csv",
        text([["户编号", "类别", "备注"], ["H一", "低保", "其他支出"], ["H二", "城镇", ""]]),
    )


@kind
def records_above_the_header(folder: Path) -> Path:
    return write(folder / "名单.csv", text([GOOD[0], HEADER, *GOOD[1:]]))


@kind
def hidden_parts(folder: Path) -> Path:
    workbook, place = book(folder, {"名单": [HEADER, *GOOD], "成员": [["户编号", "姓名"], ["H1", "张三丰"]]})
    workbook["名单"].row_dimensions[3].hidden = True
    workbook["名单"].column_dimensions["B"].hidden = True
    workbook["成员"].sheet_state = "veryHidden"
    return saved(workbook, place)


@kind
def a_macro_workbook_with_links(folder: Path) -> Path:
    parts = {"xl/vbaProject.bin": b"\0macro", "xl/externalLinks/externalLink1.xml": b"<externalLink/>"}
    return write(folder / "名单.xlsm", repacked(workbook_bytes(), parts))


@kind
def ten_thousands_in_the_title(folder: Path) -> Path:
    rows = [["困难职工名单", "", "", "单位：万元"], [*HEADER, "家庭年收入（元）"]]
    rows += [
        ["H1", "新会区", "1.2", "30000"],
        ["H2", "新会区", "12000元", "1"],
        ["H3", "新会区", "1.2万", "1"],
    ]
    return write(folder / "名单.csv", text(rows))


@kind
def ten_thousands_in_the_header(folder: Path) -> Path:
    rows = [
        ["户编号", "*个人自付（单位：万元）（必填）", "家庭年收入"],
        ["H1", "1.2", "30000"],
        ["H2", "1.2万", "5"],
    ]
    return write(folder / "名单.csv", text(rows))


@kind
def a_bare_outlier(folder: Path) -> Path:
    rows = [[f"H{at}", "新会区", f"{20_000 + at}.00"] for at in range(4, 9)]
    return flat(folder, *rows, ["H9", "新会区", "2.01"])


@kind
def full_width_everything(folder: Path) -> Path:
    rows = [
        ["＊户编号", "县（市、区）", "“个人自付\n（元）”".strip("“”")],
        ["Ｈ１", "新会区\u3000", "１，２３４．５０元"],
    ]
    return saved(*book(folder, {"名单": rows}))


@kind
def a_row_with_too_many_fields(folder: Path) -> Path:
    return flat(folder, ["H4", "新会区", "1", "234.50"])


@kind
def a_late_row_with_too_many_fields(folder: Path) -> Path:
    rows = [[f"H{at}", "新会区", "10"] for at in range(4, 100)]
    return flat(folder, *rows, ["H100", "新会区", "1", "234", "567.50"])


@kind
def rows_with_too_few_fields(folder: Path) -> Path:
    return flat(folder, ["H4"])


@kind
def a_quote_never_closed(folder: Path) -> Path:
    return flat(folder, ['"H4', "新会区", "1"], ["H5", "新会区", "2"])


@kind
def a_quote_closed_rows_later(folder: Path) -> Path:
    return flat(folder, ["H4", '"新会区', "1"], ["H5", "新会区", "2"], ["H6", '"新会区"', "3"])


@kind
def tabs(folder: Path) -> Path:
    return write(folder / "名单.tsv", text([HEADER, *GOOD[:2], ["H3", "440704", '"30,000.00"']], "\t"))


@kind
def semicolons(folder: Path) -> Path:
    rows = [["户编号", "个人自付"], ["H1", "100.00"], ["H2", "200.50"], ["H3", "30,000.00"]]
    return write(folder / "名单.csv", text(rows, ";"))


@kind
def a_folder_with_a_lock_file(folder: Path) -> Path:
    write(folder / "家庭.csv", text([HEADER, *GOOD]))
    write(folder / "成员.csv", text([["户编号", "姓名"], ["H1", "张三丰"]]))
    write(folder / "~$家庭.xlsx", b"\x05owner")
    write(folder / "说明.docx", b"PK\x03\x04")
    return folder


@kind
def a_folder_with_an_old_workbook(folder: Path) -> Path:
    write(folder / "家庭.csv", text([HEADER, *GOOD]))
    a_damaged_old_workbook(folder)
    return folder


@kind
def a_folder_without_tables(folder: Path) -> Path:
    write(folder / "照片.jpg", b"\xff\xd8\xff")
    return folder


@kind
def nothing_there(folder: Path) -> Path:
    return folder / "没有.xlsx"


@kind
def a_sheet_in_nobodys_format(folder: Path) -> Path:
    notes = [["今天", "天气"], ["晴", 25], ["星座", "血型"]]
    return saved(*book(folder, {"名单": [HEADER, *GOOD], "便笺": notes}))


@kind
def one_bad_cell_in_100_000_rows(folder: Path) -> Path:
    rows = [[f"H{at:06}", "新会区", "10.00"] for at in range(100_000)]
    rows[54_321][2] = "10.00.00"
    return write(folder / "名单.csv", text([HEADER, *rows]))


@kind
def names_like_formulas(folder: Path) -> Path:
    names = ['=HYPERLINK("http://x","y")', "+1", "@SUM(A1)"]
    place = folder / "名单.xlsx"
    with xlsxwriter.Workbook(place, {"strings_to_formulas": False}) as workbook:
        sheet = workbook.add_worksheet("名单")
        sheet.write_row(0, 0, [*HEADER, "申请人"])
        for at, (row, name) in enumerate(zip(GOOD, names, strict=True), start=1):
            sheet.write_row(at, 0, [*row, name])
    return place


@kind
def ids_that_are_id_numbers(folder: Path) -> Path:
    bad = ["440703198001011234", "新会区", "1"]
    return flat(folder, bad, bad)


def make_all(folder: Path) -> None:
    for name, build in KINDS.items():
        (folder / name).mkdir(parents=True)
        build(folder / name)


if __name__ == "__main__":
    make_all(Path(sys.argv[1]))
