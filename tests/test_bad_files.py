"""Broken files, one per kind of fault: refused in words, or read with every household accounted for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import relief
from relief.errors import FileError, ReliefError, TableError
from tests.bad_files.make import KINDS

if TYPE_CHECKING:
    from pathlib import Path

    from relief.intake.tables import Tables

PACK = relief.load_pack("jiangmen-2021")
NEEDED = {
    ("households", "out_of_pocket_fen"),
    ("households", "district"),
    ("households", "applied_on"),
    ("documents", "out_of_pocket_fen"),
}
PEOPLE = ("张三丰", "李四光", "440703198001011234", "6222020012345678901", "6222020012345678902")

# kind: (error, the file or table it names and what is wrong, the cure in Chinese, the cure in English)
REFUSED: dict[str, tuple[type[ReliefError], str, str, str]] = {
    "no_id_column": (TableError, "缺少“户编号”列。现有列：区县、个人自付", "请补充该列", "Add a header row"),
    "unknown_headers": (
        TableError,
        "资料.csv [资料]: 户编码、星座",
        "户编码 → 户编号",
        "Name the columns as they are known",
    ),
    "no_header": (TableError, "现有列：张…、4…、1…", "请补充该列或更正表头", "Add a header row"),
    "two_columns_that_mean_the_same": (
        TableError,
        "个人自付、自付金额（元） 都表示",
        "请只保留一列",
        "Keep one",
    ),
    "members_without_id_column": (TableError, "[家庭成员]：缺少“户编号”", "请补充该列", "Add a header row"),
    "only_blank_rows": (TableError, "没有找到家庭表", "按模板填写", "start from an empty template"),
    "two_encodings": (FileError, "混有两种编码，约在第 89 字节", "另存为 CSV UTF-8", "Save the whole file"),
    "no_encoding": (
        FileError,
        "编码无法识别（可读 UTF-8、GB18030、UTF-16）",
        "另存为 CSV UTF-8",
        "as CSV UTF-8",
    ),
    "empty": (FileError, "名单.csv 是空文件", "请重新发送", "Send the file again"),
    "truncated": (FileError, "名单.xlsx 已损坏或不完整", "修复后另存为 .xlsx", "let it repair the file"),
    "a_damaged_part": (FileError, "名单.xlsx 已损坏或不完整", "修复后另存为 .xlsx", "let it repair the file"),
    "password_protected": (FileError, "设有打开密码", "另存一份不带密码的副本", "without the password"),
    "a_damaged_old_workbook": (FileError, "名单.xls 已损坏或不完整", "另存为 .xlsx", "save it as .xlsx"),
    "html_named_xls": (FileError, "不是表格，其内容是 HTML", "另存为 .xlsx 或 CSV", "as .xlsx or CSV"),
    "pdf": (FileError, "不是表格，其内容是 PDF", "另存为 .xlsx 或 CSV", "as .xlsx or CSV"),
    "a_damaged_ods": (FileError, "名单.ods 已损坏或不完整", "修复后另存为 .xlsx", "let it repair the file"),
    "a_zip_of_something_else": (FileError, "其内容是 zip", "另存为 .xlsx", "Save it as .xlsx"),
    "zip_bomb": (FileError, "sheet1.xml 解压后达 62914560 字节", "另存为 CSV", "Save the data as CSV"),
    "billion_laughs": (FileError, "其 XML 声明了实体", "另存为 CSV", "Save the data as CSV"),
    "external_entity": (FileError, "其 XML 声明了实体", "另存为 CSV", "Save the data as CSV"),
    "far_too_wide": (FileError, "2502 列，最多读取 2000 列", "请删除不需要的列", "Delete the columns"),
    "a_quote_never_closed": (FileError, "第 5 行的引号未闭合", "请补上引号", "Close it"),
    "a_quote_closed_rows_later": (FileError, "第 5 行的引号未闭合", "请补上引号", "Close it"),
    "a_folder_with_an_old_workbook": (
        FileError,
        "名单.xls 已损坏或不完整",
        "另存为 .xlsx",
        "save it as .xlsx",
    ),
    "a_folder_without_tables": (
        FileError,
        "中没有可读取的文件",
        "可读取的类型：.xlsx",
        "Expected one of: .xlsx",
    ),
    "nothing_there": (FileError, "找不到文件", "请检查路径", "Check the path"),
}

# kind: one (sheet, row, column, value, part of the problem, part of the cure) per row set aside
QUARANTINED: dict[str, list[tuple[str, int, str, str, str, str]]] = {
    "text_where_a_number_belongs": [("名单", 5, "个人自付", "约五千", "不是金额", "请用数字填写")],
    "negative_cost": [("名单", 5, "个人自付", "-12.00", "为负数", "不能填负数")],
    "a_fraction_of_a_fen": [("名单", 5, "个人自付", "1234.565", "不是整数分", "最多两位小数")],
    "not_finite": [
        ("名单", 5, "个人自付", "inf", "不是金额", "请用数字填写"),
        ("名单", 6, "个人自付", "1e400", "不是金额", "请用数字填写"),
        ("名单", 7, "个人自付", "999***************99", "超出金额的最大范围", "请核对金额及其单位"),
    ],
    "differing_duplicates": [
        ("名单", 3, "户编号", "H2", "重复，另见第 5 行", "保留正确的一行"),
        ("名单", 5, "户编号", "H2", "重复，另见第 3 行", "保留正确的一行"),
    ],
    "identical_duplicates": [
        ("名单", 3, "户编号", "H2", "重复，另见第 5 行", "删除另一行"),
        ("名单", 5, "户编号", "H2", "重复，另见第 3 行", "删除另一行"),
    ],
    "duplicates_after_folding": [
        ("名单", 3, "户编号", "H2", "重复，另见第 5 行", "更正编号"),
        ("名单", 5, "户编号", "H2", "重复，另见第 3 行", "更正编号"),
    ],
    "duplicates_in_two_files": [
        ("一季度", 2, "户编号", "H1", "重复，另见第 二季度.csv!3 行", "更正编号"),
        ("二季度", 3, "户编号", "H1", "重复，另见第 一季度.csv!2 行", "更正编号"),
    ],
    "unknown_district": [
        ("名单", 5, "区县", "蓬江取", "（相近：蓬江区）", "市直、蓬江区、江海区"),
        ("名单", 6, "区县", "天河区", "没有名为“天河区”的区县；已知", "市直、蓬江区、江海区"),
    ],
    "bad_dates": [
        ("名单", 2, "申请日期", "2021-13-40", "不是有效日期", "例如 2021-09-30"),
        ("名单", 3, "申请日期", "30/9/21", "不是有效日期", "例如 2021-09-30"),
        ("名单", 4, "申请日期", "60", "不是有效日期", "例如 2021-09-30"),
    ],
    "serial_dates": [("名单", 3, "申请日期", "1900-02-28", "不是有效日期", "例如 2021-09-30")],
    "error_values": [("名单", 6, "户编号", "#N/A", "表格计算错误", "修正公式后保存")],
    "blank_id": [
        ("名单", 5, "户编号", "", "该行没有户编号", "请填写户编号"),
        ("名单", 6, "户编号", "", "该行没有户编号", "请填写户编号"),
    ],
    "orphans": [
        ("名单", 2, "个人自付", "abc", "“个人自付”列：“abc”不是金额", "请用数字填写"),
        ("家庭成员", 3, "户编号", "H9", "家庭表中没有户编号 H9", "补充该户"),
        ("家庭成员", 4, "户编号", "", "该行没有户编号", "请填写户编号"),
        ("材料", 3, "户编号", "H8", "家庭表中没有户编号 H8", "补充该户"),
    ],
    "rows_of_two_sheets_share_numbers": [("申请", 2, "户编号", "", "该行没有户编号", "请填写户编号")],
    "a_row_with_too_many_fields": [("名单", 5, "个人自付", "", "多于表头的 3 列", "须加引号")],
    "a_late_row_with_too_many_fields": [("名单", 101, "个人自付", "", "多于表头的 3 列", "须加引号")],
    "one_bad_cell_in_100_000_rows": [("名单", 54_323, "个人自付", "10.00.00", "不是金额", "请用数字填写")],
    "ids_that_are_id_numbers": [
        ("名单", 5, "户编号", "440*************34", "重复，另见第 6 行", "更正编号"),
        ("名单", 6, "户编号", "440*************34", "重复，另见第 5 行", "更正编号"),
    ],
}

# kind: (code, severity, row or 0, part of the sentence) of what is told and stops nobody
TOLD: dict[str, list[tuple[str, str, int, str]]] = {
    "duplicates_after_folding": [("notice.trimmed", "notice", 5, "1 个编号含空格或全角字符")],
    "id_number_rounded_in_text": [("fault.rounded", "fault", 3, "末位已丢失")],
    "id_number_and_account_as_numbers": [
        ("fault.rounded", "fault", 3, "末位已丢失"),
        ("fault.rounded", "fault", 4, "末位已丢失"),
    ],
    "formulas_never_computed": [("cell.formula", "warning", 5, "公式没有已计算的结果")],
    "error_values": [("cell.error", "warning", 5, "“#DIV/0!”是表格计算错误")],
    "csv_named_xlsx": [("note.other_ending", "notice", 0, "已按实际内容读取")],
    "xlsx_named_csv": [("note.other_ending", "notice", 0, "已按实际内容读取")],
    "a_stray_cell": [("note.stray_cells", "notice", 0, "零星单元格")],
    "titles_totals_and_signatures": [
        ("notice.tall_header", "notice", 0, "第 3 至 4 行"),
        ("notice.footer", "notice", 7, "小计"),
        ("notice.footer", "notice", 9, "合计"),
        ("warning.total", "warning", 9, "合计行为 600.00，各行相加为 600.75"),
        ("notice.footer", "notice", 10, "“填表”"),
        ("notice.footer", "notice", 11, "“注:”"),
    ],
    "the_header_on_every_page": [("notice.repeated_header", "notice", 5, "重复表头")],
    "records_above_the_header": [("warning.rows_above", "warning", 0, "第 1 行像是数据")],
    "hidden_parts": [
        ("notice.hidden_rows", "notice", 0, "1 个隐藏行：3"),
        ("notice.hidden_columns", "notice", 0, "隐藏列，起始列号：2"),
        ("notice.hidden_sheet", "notice", 0, "处于隐藏状态，已使用"),
    ],
    "a_macro_workbook_with_links": [
        ("note.macros", "notice", 0, "含宏，未运行"),
        ("note.links", "notice", 0, "外部链接，未读取"),
    ],
    "ten_thousands_in_the_title": [("notice.unit", "notice", 0, "以 10,000 元为单位")],
    "a_bare_outlier": [("warning.unit", "warning", 10, "相差约一万倍，未作换算")],
    "full_width_everything": [("notice.trimmed", "notice", 2, "已规范化")],
    "cells_merged_downwards": [
        ("notice.merged", "notice", 0, "共补 2 格"),
        ("notice.merged", "notice", 0, "共补 1 格"),
    ],
    "a_folder_with_a_lock_file": [("notice.file_unread", "notice", 0, "未读取")],
    "a_sheet_in_nobodys_format": [("notice.sheet_unused", "notice", 0, "没有可识别的表头，未使用")],
}

# kind: the households read and their out-of-pocket cost in fen, None where unknown
READ: dict[str, dict[str, int | None]] = {
    "words_for_nothing": {"H3": 3_000_000, "H4": None, "H5": None, "H6": None, "H7": None},
    "formulas_never_computed": {"H3": 3_000_000, "H4": None},
    "formulas_with_results": {"H3": 3_000_000, "H4": 30, "H5": None},
    "error_values": {"H4": None},
    "gb18030": {"H1": 10_000, "H2": 20_050, "H3": 3_000_000},
    "unicode_text": {"H1": 10_000, "H2": 20_050, "H3": 3_000_000},
    "byte_order_mark": {"H1": 10_000, "H2": 20_050, "H3": 3_000_000},
    "csv_named_xlsx": {"H1": 10_000},
    "xlsx_named_csv": {"H1": 10_000},
    "a_stray_cell": {"H1": 10_000, "H2": 20_050, "H3": 3_000_000},
    "titles_totals_and_signatures": {"H1": 10_050, "H2": 20_025, "H3": 30_000},
    "a_record_below_the_header_that_looks_like_one": {"H一": None, "H二": None},
    "ten_thousands_in_the_title": {"H1": 1_200_000, "H2": 1_200_000, "H3": 1_200_000},
    "ten_thousands_in_the_header": {"H1": 1_200_000, "H2": 1_200_000},
    "a_bare_outlier": {"H9": 201},
    "full_width_everything": {"H1": 123_450},
    "rows_with_too_few_fields": {"H4": None},
    "tabs": {"H1": 10_000, "H3": 3_000_000},
    "semicolons": {"H2": 20_050, "H3": 3_000_000},
    "hidden_parts": {"H2": 20_050},
    "names_like_formulas": {"H1": 10_000},
    "cells_merged_downwards": {"H1": 10_000, "H2": 20_050, "H3": None},
    "only_a_header": {},
}

# Rows under the header of the households; four where three good ones and one more are written.
ROWS = {
    "cells_merged_downwards": 3,
    "not_finite": 6, "words_for_nothing": 7, "duplicates_in_two_files": 5, "unknown_district": 5,
    "bad_dates": 6,
    "serial_dates": 3, "blank_id": 5, "orphans": 3, "rows_of_two_sheets_share_numbers": 2, "error_values": 5,
    "id_number_rounded_in_text": 2, "id_number_and_account_as_numbers": 3, "dates_counted_from_1904": 2,
    "formulas_with_results": 5, "gb18030": 3, "unicode_text": 3, "byte_order_mark": 3, "only_a_header": 0,
    "csv_named_xlsx": 3, "xlsx_named_csv": 3, "a_stray_cell": 3, "titles_totals_and_signatures": 7,
    "the_header_on_every_page": 5, "a_record_below_the_header_that_looks_like_one": 2, "hidden_parts": 3,
    "records_above_the_header": 2, "a_macro_workbook_with_links": 3, "ten_thousands_in_the_title": 3,
    "ten_thousands_in_the_header": 2, "a_bare_outlier": 9, "full_width_everything": 1,
    "tabs": 3, "semicolons": 3,
    "a_late_row_with_too_many_fields": 100, "a_folder_with_a_lock_file": 3, "a_sheet_in_nobodys_format": 3,
    "one_bad_cell_in_100_000_rows": 100_000, "names_like_formulas": 3, "ids_that_are_id_numbers": 5,
}  # fmt: skip

LEFT_OUT = {"notice.footer", "notice.repeated_header"}
USABLE = sorted(KINDS.keys() - REFUSED)


def read(kind: str, folder: Path) -> Tables:
    return relief.read_tables(KINDS[kind](folder)).located(PACK.districts)


def test_there_are_many_and_each_has_an_outcome() -> None:
    assert len(KINDS) >= 60
    assert set(USABLE) <= QUARANTINED.keys() | TOLD.keys() | READ.keys() | {"dates_counted_from_1904"}
    assert REFUSED.keys() | QUARANTINED.keys() | TOLD.keys() | READ.keys() | ROWS.keys() <= KINDS.keys()


@pytest.mark.parametrize("kind", REFUSED)
def test_a_file_that_cannot_be_used_is_refused_with_its_cure(kind: str, tmp_path: Path) -> None:
    error, problem, cure, cure_en = REFUSED[kind]
    with pytest.raises(error) as refused:
        relief.read_tables(KINDS[kind](tmp_path))
    assert problem in refused.value.text("zh")
    assert cure in refused.value.text("zh")
    assert cure_en in refused.value.text("en")
    assert not any(person in refused.value.text(lang) for person in PEOPLE for lang in ("zh", "en"))


@pytest.mark.parametrize("kind", QUARANTINED)
def test_a_bad_row_is_set_aside_with_place_value_and_cure(kind: str, tmp_path: Path) -> None:
    _, quarantine = read(kind, tmp_path).usable(NEEDED)
    assert len(quarantine) == len(QUARANTINED[kind])
    for row, expected in zip(quarantine.itertuples(), QUARANTINED[kind], strict=True):
        sheet, number, column, value, problem, cure = expected
        assert (row.sheet, row.row, row.column, row.value) == (sheet, number, column, value)
        assert problem in row.problem
        assert cure in row.cure


@pytest.mark.parametrize("kind", TOLD)
def test_what_stops_nobody_is_told(kind: str, tmp_path: Path) -> None:
    tables = read(kind, tmp_path)
    found = [(fault.code, fault.severity, fault.row, fault.problem("zh")) for fault in tables.faults]
    for code, severity, row, words in TOLD[kind]:
        assert any(f[:3] == (code, severity, row) and words in f[3] for f in found), found
    assert all(fault.problem("en") and fault.cure("en") for fault in tables.faults)


@pytest.mark.parametrize("kind", READ)
def test_the_others_are_read_as_they_are(kind: str, tmp_path: Path) -> None:
    usable, _ = read(kind, tmp_path).usable(NEEDED)
    households = usable["households"].set_index("household_id")
    amounts = households.reindex(columns=["out_of_pocket_fen"])["out_of_pocket_fen"]
    found = {household: None if pd.isna(amount) else amount for household, amount in amounts.items()}
    assert READ[kind].items() <= found.items()


@pytest.mark.parametrize("kind", USABLE)
def test_no_household_is_lost(kind: str, tmp_path: Path) -> None:
    tables = read(kind, tmp_path)
    usable, quarantine = tables.usable(NEEDED)
    aside = quarantine[quarantine["table"] == "households"]
    places = set(zip(aside["source"], aside["sheet"], aside["row"], strict=True))
    left_out = [f for f in tables.faults if f.code in LEFT_OUT and f.table == "households"]
    assert len(places) == len(aside)
    assert len(usable["households"]) + len(aside) + len(left_out) == ROWS.get(kind, 4)
    kept = usable.origins["households"]
    assert places.isdisjoint(zip(kept["source"], kept["sheet"], kept["row"], strict=True))


@pytest.mark.parametrize("kind", [kind for kind in USABLE if kind != "one_bad_cell_in_100_000_rows"])
def test_the_rest_is_judged(kind: str, tmp_path: Path) -> None:
    tables = read(kind, tmp_path)
    judged = relief.assess(tables, PACK, on="2021-09-30")
    assert len(judged.decisions) + judged.quarantined == len(tables["households"])
    assert set(judged.reasons()["household_id"]) == set(judged.decisions.index)


@pytest.mark.parametrize("kind", USABLE)
def test_no_one_is_named_in_what_is_told(kind: str, tmp_path: Path) -> None:
    tables = read(kind, tmp_path)
    _, quarantine = tables.usable(NEEDED)
    told = [
        text
        for f in tables.faults
        for lang in ("zh", "en")
        for text in (f.value, f.problem(lang), f.cure(lang))
    ]
    told += [f"{fault.place()}" for fault in tables.faults]
    told += quarantine[["value", "problem", "cure"]].to_numpy().ravel().tolist()
    assert not [text for text in told for person in PEOPLE if person in text]
    assert not [text for text in told if re.search(r"\d{12}", text)]


def test_dates_count_from_the_day_the_workbook_says(tmp_path: Path) -> None:
    for kind in ("dates_counted_from_1904", "serial_dates", "bad_dates"):
        folder = tmp_path / kind
        folder.mkdir()
        days = read(kind, folder)["households"]["applied_on"].dropna()
        assert set(days.dt.strftime("%Y-%m-%d")) == {"2021-09-30"}


def test_a_merged_id_or_district_is_that_of_every_row_but_no_amount_is(tmp_path: Path) -> None:
    tables = read("cells_merged_downwards", tmp_path)
    assert tables["households"]["district"].tolist() == ["新会区"] * 3
    assert tables["members"]["household_id"].tolist() == ["H1", "H1", "H2"]
    assert tables["members"]["income_fen"].fillna(-1).tolist() == [500, -1, 700]


def test_names_like_formulas_stay_text(tmp_path: Path) -> None:
    names = read("names_like_formulas", tmp_path)["households"]["applicant_name"]
    assert names.tolist() == ['=HYPERLINK("http://x","y")', "+1", "@SUM(A1)"]


def test_a_district_is_one_name_however_it_is_written(tmp_path: Path) -> None:
    assert read("gb18030", tmp_path)["households"]["district"].tolist() == ["新会区", "江海区", "江海区"]


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    place = KINDS["titles_totals_and_signatures"](tmp_path)
    first, second = relief.read_tables(place), relief.read_tables(place)
    assert first.faults == second.faults
    assert first["households"].equals(second["households"])
