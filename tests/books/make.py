"""The corpus of workbooks, one per trouble: `python tests/books/make.py FOLDER` writes them all.

They are made rather than stored, so that each says in a few lines what is troublesome about it.
Beside each stands what must be read from it and what must be found: households as (id, district,
yuan of claim), members as (household, name, relation), findings as ``code`` or ``code:row``.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlwt

try:
    from tests.books.writers import Rows, csv, ods, xls, xlsx, xlsx_of_xlsxwriter, zipped
except ModuleNotFoundError:  # run as a script
    from writers import Rows, csv, ods, xls, xlsx, xlsx_of_xlsxwriter, zipped

Content = Mapping[str, bytes]
Household = tuple[str | None, str | None, str | None]
Member = tuple[str | None, str | None, str | None]

HEADER = ["户编号", "区县", "个人自付"]
ROWS: list[list[Any]] = [["H1", "新会区", 100], ["H2", "江海区", 200.5], ["H3", "台山市", "3万"]]
READ: tuple[Household, ...] = (("H1", "新会区", "100"), ("H2", "江海区", "200.5"), ("H3", "台山市", "30000"))
SHEET = {"名单": [HEADER, *ROWS]}


@dataclass(frozen=True)
class Book:
    """One trouble.

    Attributes
    ----------
    build : callable
        Returns the files by name: several are a folder.
    households, members : tuple
        What is read, None where a cell is unknown.
    findings : tuple of str
        Every fault, warning and notice.
    """

    build: Callable[[], Content]
    households: tuple[Household, ...] = READ
    members: tuple[Member, ...] = ()
    findings: tuple[str, ...] = ()

    def write(self, folder: Path) -> Path:
        """Write it, and return what is to be read: the file, or the folder of several."""
        content = self.build()
        for name, data in content.items():
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        return folder / next(iter(content)) if len(content) == 1 else folder


BY_NAME = (READ[2], READ[0], READ[1])  # 台山市, 新会区, 江海区: as the names are ordered
BOOKS: dict[str, Book] = {}


def book(*findings: str, **expected: Any) -> Callable[[Callable[[], Content]], Callable[[], Content]]:
    """Register a book under its function's name."""

    def added(build: Callable[[], Content]) -> Callable[[], Content]:
        BOOKS[build.__name__] = Book(build, findings=findings, **expected)
        return build

    return added


def rows(*more: Sequence[Any], header: Sequence[Any] = HEADER, above: Rows = ()) -> dict[str, Rows]:
    """Return the good households under a header, then more rows, from row 5 on."""
    return {"名单": [*above, header, *ROWS, *more]}


# --- every kind of file -------------------------------------------------------------------------


@book()
def plain_xlsx() -> Content:
    return {"名单.xlsx": xlsx(SHEET)}


@book()
def plain_xlsx_of_another_writer() -> Content:
    return {"名单.xlsx": xlsx_of_xlsxwriter(SHEET)}


@book()
def plain_xlsm() -> Content:
    return {"名单.xlsm": xlsx(SHEET)}


@book()
def plain_xls() -> Content:
    return {"名单.xls": xls(SHEET)}


@book()
def plain_et() -> Content:
    return {"名单.et": xls(SHEET)}


@book()
def plain_ods() -> Content:
    return {"名单.ods": ods(SHEET)}


@book()
def csv_with_a_mark() -> Content:
    return {"名单.csv": csv(SHEET["名单"])}


@book()
def csv_in_utf8() -> Content:
    return {"名单.csv": csv(SHEET["名单"], "utf-8")}


@book()
def csv_in_gb18030() -> Content:
    return {"名单.csv": csv(SHEET["名单"], "gb18030")}


@book()
def unicode_text_of_excel() -> Content:
    return {"名单.txt": csv(SHEET["名单"], "utf-16", "\t")}


@book("note.other_ending")
def xls_named_xlsx() -> Content:
    return {"名单.xlsx": xls(SHEET)}


@book("note.other_ending")
def xlsx_named_xls() -> Content:
    return {"名单.xls": xlsx(SHEET)}


@book("note.other_ending")
def ods_named_xls() -> Content:
    return {"名单.xls": ods(SHEET)}


@book("note.other_ending")
def text_named_xls() -> Content:
    return {"名单.xls": csv(SHEET["名单"], "gb18030", "\t")}


# --- folders and archives -----------------------------------------------------------------------


def of_districts(write: Callable[[Any], bytes], ending: str) -> Content:
    return {f"{row[1]}{ending}": write({"名单": [HEADER, row]}) for row in ROWS}


@book(households=BY_NAME)
def a_workbook_per_district() -> Content:
    return of_districts(xlsx, ".xlsx")


@book(households=BY_NAME)
def a_folder_of_three_kinds() -> Content:
    one, two, three = ({"名单": [HEADER, row]} for row in ROWS)
    return {"新会区.xls": xls(one), "江海区.ods": ods(two), "台山市.xlsx": xlsx(three)}


@book(households=BY_NAME)
def a_folder_per_district() -> Content:
    return {f"{row[1]}/名单.xlsx": xlsx({"名单": [HEADER, row]}) for row in ROWS}


@book(households=BY_NAME)
def a_zipped_folder() -> Content:
    return {"报送.zip": zipped(of_districts(xls, ".xls"))}


@book(households=BY_NAME)
def a_zipped_folder_of_windows() -> Content:
    return {
        "报送.zip": zipped({f"报送/{k}": v for k, v in of_districts(xlsx, ".xlsx").items()}, by_windows=True)
    }


@book("notice.file_unread", households=BY_NAME)
def a_zipped_folder_with_a_picture() -> Content:
    files = {**of_districts(xlsx, ".xlsx"), "照片.jpg": b"\xff\xd8\xff", "__MACOSX/._a.xlsx": b"x"}
    return {"报送.zip": zipped(files)}


@book(households=BY_NAME)
def archives_in_a_folder() -> Content:
    return {f"{row[1]}.zip": zipped({"名单.xlsx": xlsx({"名单": [HEADER, row]})}) for row in ROWS}


# --- around the table ---------------------------------------------------------------------------

TITLE = [["江门市困难职工医疗救助名单"], ["填报单位：市总工会", None, "2021年9月"]]


@book()
def titles_above() -> Content:
    return {"名单.xlsx": xlsx(rows(above=TITLE), lambda wb: wb.active.merge_cells("A1:C1"))}


@book()
def titles_above_in_xls() -> Content:
    return {"名单.xls": xls(rows(above=TITLE))}


@book("notice.footer:5", "notice.footer:6")
def a_total_and_signatures_below() -> Content:
    return {"名单.xlsx": xlsx(rows(["合计", None, 30300.5], ["制表人：张三", None, "审核：李四"]))}


@book("notice.footer:5", "warning.total:5")
def a_wrong_total_below() -> Content:
    return {"名单.ods": ods(rows(["合计", None, 30300]))}


@book("notice.repeated_header:5", households=(*READ, ("H4", "鹤山市", "5")))
def a_header_on_every_page() -> Content:
    return {"名单.xls": xls(rows(HEADER, ["H4", "鹤山市", 5]))}


@book("notice.sheet_unused")
def a_sheet_of_notes() -> Content:
    return {"名单.xlsx": xlsx({**SHEET, "便笺": [["今天", "天气"], ["晴", "25"], ["星座", "血型"]]})}


@book("notice.hidden_rows")
def a_hidden_row() -> Content:
    def hide(wb: Any) -> None:
        wb.active.row_dimensions[3].hidden = True

    return {"名单.xlsx": xlsx(SHEET, hide)}


@book("notice.hidden_rows")
def a_hidden_row_in_xls() -> Content:
    def hide(wb: Any) -> None:
        wb.get_sheet(0).row(2).hidden = True
        wb.get_sheet(0).row(2).height_mismatch = True

    return {"名单.xls": xls(SHEET, hide)}


@book("notice.hidden_rows")
def a_filtered_row_in_ods() -> Content:
    def hide(document: Any) -> None:
        from odf.table import TableRow

        document.getElementsByType(TableRow)[2].setAttribute("visibility", "filter")

    return {"名单.ods": ods(SHEET, hide)}


@book("notice.hidden_columns")
def a_hidden_column() -> Content:
    def hide(wb: Any) -> None:
        wb.active.column_dimensions["B"].hidden = True

    return {"名单.xlsx": xlsx(SHEET, hide)}


@book("notice.hidden_sheet")
def a_hidden_sheet() -> Content:
    def hide(wb: Any) -> None:
        wb.create_sheet("说明")
        wb["名单"].sheet_state = "hidden"

    return {"名单.xlsx": xlsx(SHEET, hide)}


@book("notice.hidden_sheet")
def a_hidden_sheet_in_xls() -> Content:
    def hide(wb: Any) -> None:
        wb.add_sheet("说明")
        wb.get_sheet(0).visibility = 1
        wb.set_active_sheet(1)

    return {"名单.xls": xls(SHEET, hide)}


@book("notice.merged", households=(READ[0], ("H2", "新会区", "200.5"), ("H3", "台山市", "30000")))
def a_district_merged_over_rows() -> Content:
    table = [HEADER, ROWS[0], ["H2", None, 200.5], ROWS[2]]
    return {"名单.xlsx": xlsx({"名单": table}, lambda wb: wb.active.merge_cells("B2:B3"))}


@book()
def a_cell_far_out() -> Content:
    return {"名单.xlsx": xlsx(SHEET, lambda wb: wb.active.cell(1048576, 3, " "))}


@book("note.stray_cells")
def a_cell_at_the_last_corner() -> Content:
    return {"名单.xlsx": xlsx({**SHEET, "空": []}, lambda wb: wb["空"].cell(1048576, 16384, "x"))}


# --- headers ------------------------------------------------------------------------------------


@book()
def stars_breaks_and_spaces_in_headers() -> Content:
    return {"名单.xlsx": xlsx(rows(header=["*户 编 号", "﹡区\n县", " 个人自付 "]))}


@book()
def full_width_brackets_and_units() -> Content:
    return {"名单.xlsx": xlsx(rows(header=["户编号", "县（市、区）", "自付医疗费用（元）"]))}


@book("notice.tall_header")
def a_header_of_two_rows() -> Content:
    header = [["户编号", "区县", "医疗费用"], [None, None, "个人自付"]]
    return {"名单.xlsx": xlsx({"名单": [*header, *ROWS]}, lambda wb: wb.active.merge_cells("A1:A2"))}


@book("notice.tall_header")
def a_header_of_three_rows() -> Content:
    header = [["户编号", "区县", "费用"], [None, None, "医疗费用"], [None, None, "个人自付"]]
    return {"名单.ods": ods({"名单": [*header, *ROWS]})}


@book("notice.tall_header")
def a_row_of_units_below_the_header() -> Content:
    return {"名单.xls": xls({"名单": [HEADER, [None, None, "（元）"], *ROWS]})}


@book("notice.unknown_headers")
def a_header_nobody_knows() -> Content:
    table = [[*HEADER, "星座"], *([*row, "狮子"] for row in ROWS)]
    return {"名单.xlsx": xlsx({"名单": table})}


TEN_THOUSANDS: tuple[Household, ...] = (("H1", "新会区", "12000"), ("H2", "江海区", "5000"))


@book(households=TEN_THOUSANDS)
def ten_thousands_by_the_header() -> Content:
    table = [["户编号", "区县", "个人自付（万元）"], ["H1", "新会区", 1.2], ["H2", "江海区", 0.5]]
    return {"名单.xls": xls({"名单": table})}


@book("notice.unit", households=TEN_THOUSANDS)
def ten_thousands_by_the_title() -> Content:
    table = [["名单（单位：万元）"], HEADER, ["H1", "新会区", 1.2], ["H2", "江海区", 0.5]]
    return {"名单.ods": ods({"名单": table})}


@book(households=TEN_THOUSANDS)
def ten_thousands_by_the_cell() -> Content:
    table = [HEADER, ["H1", "新会区", "1.2万元"], ["H2", "江海区", "５千元"]]
    return {"名单.xlsx": xlsx({"名单": table})}


@book(households=(("H1", "新会区", "120"), ("H2", "江海区", "50.5")))
def hundreds_by_the_header() -> Content:
    table = [["户编号", "区县", "个人自付（百元）"], ["H1", "新会区", 1.2], ["H2", "江海区", "50.5元"]]
    return {"名单.xlsx": xlsx({"名单": table})}


@book("notice.unit", households=(("H1", "新会区", "120000"), ("H2", "江海区", "0.5")))
def hundred_thousands_by_the_sheet() -> Content:
    table = [HEADER, ["H1", "新会区", 1.2], ["H2", "江海区", "5角"]]
    return {"名单.xls": xls({"名单（十万元）": table})}


@book("notice.tall_header", households=(("H1", "新会区", "0.1"), ("H2", "江海区", "12.3")))
def tenths_of_a_yuan_by_the_group() -> Content:
    header = [["户编号", "区县", "医疗费用（角）"], [None, None, "个人自付"]]
    return {"名单.ods": ods({"名单": [*header, ["H1", "新会区", 1], ["H2", "江海区", "123"]]})}


@book("notice.tall_header", households=TEN_THOUSANDS)
def ten_thousands_by_a_group_without_brackets() -> Content:
    header = [["户编号", "区县", "医疗费用万元"], [None, None, "个人自付"]]
    return {"名单.xlsx": xlsx({"名单": [*header, ["H1", "新会区", 1.2], ["H2", "江海区", 0.5]]})}


# --- members side by side -----------------------------------------------------------------------

FAMILY: tuple[Member, ...] = (("H1", "张三", "本人"), ("H2", "李四", "本人"), ("H1", "王五", "配偶"))
SIDE_BY_SIDE = [
    ["H1", "新会区", 100, "张三", "本人", "王五", "妻子"],
    ["H2", "江海区", 200.5, "李四", "本人", None, None],
    ["H3", "台山市", "3万", None, None, None, None],
]


@book("notice.unfolded", members=FAMILY)
def members_side_by_side_with_numbers() -> Content:
    header = [*HEADER, "姓名1", "关系1", "姓名2", "关系2"]
    return {"名单.xlsx": xlsx({"Sheet1": [header, *SIDE_BY_SIDE]})}


@book("notice.unfolded", members=FAMILY)
def members_side_by_side_with_chinese_numbers() -> Content:
    header = [*HEADER, "成员一姓名", "成员一关系", "成员二姓名", "成员二关系"]
    return {"名单.xls": xls({"名单": [header, *SIDE_BY_SIDE]})}


@book("notice.unfolded", members=FAMILY)
def members_side_by_side_without_numbers() -> Content:
    header = [*HEADER, "姓名", "与申请人关系", "姓名", "与申请人关系"]
    return {"名单.ods": ods({"Sheet1": [header, *SIDE_BY_SIDE]})}


@book("notice.unfolded", "notice.tall_header", members=FAMILY)
def members_side_by_side_under_merged_headers() -> Content:
    header = [[*HEADER, "家庭成员1", None, "家庭成员2"], [None, None, None, "姓名", "关系", "姓名", "关系"]]

    def merge(wb: Any) -> None:
        for cells in ("A1:A2", "B1:B2", "C1:C2", "D1:E1", "F1:G1"):
            wb.active.merge_cells(cells)

    return {"名单.xlsx": xlsx({"名单": [*header, *SIDE_BY_SIDE]}, merge)}


@book("notice.unfolded", "notice.footer:5", members=FAMILY)
def members_side_by_side_over_a_total() -> Content:
    header = [*HEADER, "姓名1", "关系1", "姓名2", "关系2"]
    total = ["合计", None, 30300.5, "2人", None, "1人", None]
    return {"名单.csv": csv([header, *SIDE_BY_SIDE, total])}


@book(
    "notice.unfolded", "fault.id_missing:3", "fault.id_missing:3",
    households=(READ[0], (None, "江海区", "200.5"), READ[2]),
    members=(FAMILY[0], (None, "阿卜杜热合曼·买买提·吐尔逊", None), FAMILY[2]),
)  # fmt: skip
def a_member_side_by_side_whose_long_name_stands_alone() -> Content:
    header = [*HEADER, "姓名1", "关系1", "姓名2", "关系2"]
    alone = [None, "江海区", 200.5, "阿卜杜热合曼·买买提·吐尔逊", None, None, None]
    return {"名单.xlsx": xlsx({"Sheet1": [header, SIDE_BY_SIDE[0], alone, SIDE_BY_SIDE[2]]})}


@book(
    "notice.unfolded", "fault.member_twice:2", "fault.member_twice:2",
    members=(("H1", "张三", "本人"), ("H1", "张三", "本人")), households=READ[:1],
)  # fmt: skip
def one_member_side_by_side_twice() -> Content:
    header = [*HEADER, "姓名1", "身份证号1", "关系1", "姓名2", "身份证号2", "关系2"]
    row = ["H1", "新会区", 100, *2 * ["张三", "11010519491231002X", "本人"]]
    return {"名单.xlsx": xlsx({"名单": [header, row]})}


# --- cells --------------------------------------------------------------------------------------


def dated(write: Callable[[Any], bytes], name: str, *days: Any) -> Content:
    table = [[*HEADER, "申请日期"], *([*row, day] for row, day in zip(ROWS, days, strict=True))]
    return {name: write({"名单": table})}


@book()
def dates_of_every_kind() -> Content:
    return dated(xlsx, "名单.xlsx", dt.date(2021, 9, 30), "2021.9.30", 44469)


@book()
def dates_of_every_kind_in_xls() -> Content:
    return dated(xls, "名单.xls", dt.date(2021, 9, 30), "2021年9月30日", 44469)


@book()
def dates_of_every_kind_in_ods() -> Content:
    return dated(ods, "名单.ods", dt.date(2021, 9, 30), "2021/9/30", "20210930")


@book("fault.date:2", "fault.date:3", "fault.date:4")
def days_that_never_were() -> Content:
    return dated(xlsx, "名单.xlsx", "2021-13-40", "30/9/21", 60)


@book("fault.month:2", "fault.month:3", "fault.month:4")
def months_without_their_day() -> Content:
    return dated(ods, "名单.ods", "2021年9月", "2021.9", "2021-09")


@book("cell.error:3", households=(READ[0], ("H2", "江海区", None), READ[2]))
def an_error_in_a_cell() -> Content:
    def spoil(wb: Any) -> None:
        wb.active["C3"] = "#DIV/0!"
        wb.active["C3"].data_type = "e"

    return {"名单.xlsx": xlsx(SHEET, spoil)}


@book("cell.error:3", households=(READ[0], ("H2", "江海区", None), READ[2]))
def an_error_in_a_cell_of_an_xls() -> Content:
    return {"名单.xls": xls(SHEET, lambda wb: rewrite(wb).row(2).set_cell_error(2, 42))}


def rewrite(wb: Any) -> Any:
    sheet = wb.get_sheet(0)
    sheet._cell_overwrite_ok = True
    return sheet


@book("cell.error:3", households=(READ[0], ("H2", "江海区", None), READ[2]))
def an_error_in_a_cell_of_an_ods() -> Content:
    return {"名单.ods": ods(SHEET, lambda document: in_ods(document, formula="of:=1/0", text="#DIV/0!"))}


@book("cell.formula:3", households=(READ[0], ("H2", "江海区", None), READ[2]))
def a_formula_never_computed() -> Content:
    return {"名单.xlsx": xlsx({"名单": [HEADER, ROWS[0], ["H2", "江海区", "=100+100.5"], ROWS[2]]})}


@book("cell.formula:3", households=(READ[0], ("H2", "江海区", None), READ[2]))
def a_formula_never_computed_in_ods() -> Content:
    return {"名单.ods": ods(SHEET, lambda document: in_ods(document, formula="of:=100+100.5", text=""))}


def in_ods(document: Any, formula: str, text: str) -> None:
    """Put a formula without a value into the third row's claim."""
    from odf.table import TableCell, TableRow
    from odf.text import P

    row = document.getElementsByType(TableRow)[2]
    row.removeChild(row.childNodes[2])
    cell = TableCell(formula=formula)
    cell.addElement(P(text=text))
    row.addElement(cell)


@book()
def a_formula_with_its_value() -> Content:
    def compute(_: Any, sheet: Any) -> None:
        sheet.write_formula("C3", "=100+100.5", None, 200.5)

    return {"名单.xlsx": xlsx_of_xlsxwriter(SHEET, compute)}


@book("fault.negative:2", "fault.not_whole_fen:3", "fault.money:4",
      households=(("H1", "新会区", None), ("H2", "江海区", None), ("H3", "台山市", None)))  # fmt: skip
def amounts_that_are_none() -> Content:
    table = [HEADER, ["H1", "新会区", -5], ["H2", "江海区", 1234.565], ["H3", "台山市", "约三百"]]
    return {"名单.xlsx": xlsx({"名单": table})}


@book(households=(("H1", "新会区", "12300"), ("H2", "江海区", "0.3"), ("H3", "台山市", "30000")))
def amounts_as_text() -> Content:
    table = [
        HEADER,
        ["H1", "新会区", "１２,300.00元"],
        ["H2", "江海区", 0.1 + 0.2],
        ["H3", "台山市", "￥３万"],
    ]
    return {"名单.xls": xls({"名单": table})}


@book("fault.rounded:2", households=((None, "新会区", "100"), *READ[1:]))
def an_id_that_excel_rounded() -> Content:
    return {"名单.xlsx": xlsx({"名单": [HEADER, [440703198001011234, "新会区", 100], *ROWS[1:]]})}


@book("fault.duplicate:4", "fault.duplicate:2", households=(READ[0], READ[1], ("H1", "台山市", "30000")))
def a_household_twice() -> Content:
    return {"名单.xls": xls({"名单": [HEADER, *ROWS[:2], ["H1", "台山市", "3万"]]})}


@book("notice.trimmed:2")
def full_width_and_spaces_in_ids() -> Content:
    return {"名单.ods": ods({"名单": [HEADER, ["\u3000Ｈ１ ", "新会区", 100], *ROWS[1:]]})}


def formatted(code: str) -> Callable[[Any], None]:
    """Show the third row's claim by a number format."""

    def change(wb: Any) -> None:
        wb.active["C3"].number_format = code

    return change


@book("warning.format:3")
def a_format_that_shows_ten_thousands() -> Content:
    return {"名单.xlsx": xlsx(SHEET, formatted('0.00"万元"'))}


@book("warning.format:3")
def a_format_that_shows_another_number() -> Content:
    return {"名单.xlsx": xlsx(SHEET, formatted('"12300"'))}


@book("warning.format:3")
def a_format_that_divides_by_a_thousand() -> Content:
    return {"名单.xlsx": xlsx(SHEET, formatted("#,##0,"))}


@book()
def a_format_that_shows_the_same_amount_in_ten_thousands() -> Content:
    return {"名单.xlsx": xlsx(SHEET, formatted('0!.0000"万"'))}


@book("warning.format:3")
def a_format_of_percent_in_xls() -> Content:
    style = xlwt.easyxf(num_format_str="0%")
    return {"名单.xls": xls(SHEET, lambda wb: rewrite(wb).write(2, 2, 200.5, style))}


@book("warning.month_shown:2")
def a_day_of_which_only_the_month_is_shown() -> Content:
    def month(wb: Any) -> None:
        wb.active["D2"].number_format = 'yyyy"年"m"月"'

    table = [[*HEADER, "申请日期"], [*ROWS[0], dt.date(2021, 9, 1)], *ROWS[1:]]
    return {"名单.xlsx": xlsx({"名单": table}, month)}


def main(folder: Path) -> None:
    """Write every book into a folder of its own."""
    for name, made in BOOKS.items():
        made.write(folder / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
