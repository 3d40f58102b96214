"""The workbook to fill in asks what the reader reads; its example is right and never slips into a round."""

from __future__ import annotations

import datetime as dt
import io
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import openpyxl
import pytest

import relief
from relief.cli.command import app
from relief.columns import DICTIONARY, EXAMPLE, EXAMPLE_SHEET, EXPLAINED_SHEET, TABLE_TITLES
from relief.errors import MissingExtraError
from relief.intake.identifiers import problem
from relief.intake.tables import Tables, parse
from relief.rulepack import Pack, installed_packs, load_pack
from relief.sheets.files import Source
from relief.template import template
from relief.template.checks import allowed, validation
from relief.template.example import examples
from relief.template.workbook import _explained

if TYPE_CHECKING:
    from pathlib import Path

OFFICE = shutil.which("soffice")
Lines = dict[str, list[dict[str, object]]]


def filled(rows: Lines, pack: Pack | None = None) -> Source:
    """Return the template with rows typed in under its headers."""
    book = openpyxl.load_workbook(io.BytesIO(template(pack)))
    for table, lines in rows.items():
        sheet = book[TABLE_TITLES[table][0]]
        places = {cell.value.strip("*"): cell.column for cell in sheet[1]}
        for number, line in enumerate(lines, start=2):
            for title, value in line.items():
                sheet.cell(number, places[title], value)
    stream = io.BytesIO()
    book.save(stream)
    return Source("模板.xlsx", stream.getvalue())


def example_lines(household_id: str = "001") -> Lines:
    """Return the example as a clerk would type it, under an id that counts."""
    return {
        table: [{title(table, name): typed(table, name, text) for name, text in row.items()} for row in rows]
        for table, rows in examples(household_id).items()
    }


def title(table: str, name: str) -> str:
    return DICTIONARY[table][name].title


def typed(table: str, name: str, text: str) -> object:
    dtype = DICTIONARY[table][name].dtype
    if dtype == "date":
        return dt.datetime.fromisoformat(text)
    return float(text) if dtype in ("money", "area", "count") else text


def headers(pack: Pack | None = None) -> dict[str, list[str]]:
    book = openpyxl.load_workbook(io.BytesIO(template(pack)))
    return {sheet.title: [cell.value for cell in sheet[1]] for sheet in book}


def equal(one: Tables, other: Tables) -> bool:
    return one.frames.keys() == other.frames.keys() and all(
        frame.astype(object).equals(other[table].astype(object)) for table, frame in one.frames.items()
    )


def test_the_template_has_every_column_of_every_table_and_marks_what_must_be_there() -> None:
    found = headers()
    for table, columns in DICTIONARY.items():
        wanted = [f"*{c.title}" if c.required else c.title for c in columns.values()]
        assert found[TABLE_TITLES[table][0]] == wanted
    assert [*found] == [EXPLAINED_SHEET, *(titles[0] for titles in TABLE_TITLES.values()), EXAMPLE_SHEET]


def offered_districts(pack: Pack) -> list[str]:
    sheet = openpyxl.load_workbook(io.BytesIO(template(pack)))["家庭"]
    checks = [check for check in sheet.data_validations.dataValidation if check.promptTitle == "区县"]
    return [word for check in checks if check.type == "list" for word in check.formula1.strip('"').split(",")]


@pytest.mark.parametrize("name", installed_packs())
def test_a_template_for_a_pack_has_what_the_pack_reads_and_who_it_is_about(name: str) -> None:
    pack = load_pack(name)
    found = headers(pack)
    asked = {
        (table, column.name)
        for table, columns in DICTIONARY.items()
        for column in columns.values()
        if {column.title, f"*{column.title}"} & set(found.get(TABLE_TITLES[table][0], ()))
    }
    required = {(t, c.name) for t in {t for t, _ in asked} for c in DICTIONARY[t].values() if c.required}
    assert pack.columns | required | {("households", "applicant_name"), ("members", "authorised")} <= asked
    assert len(asked) < sum(map(len, DICTIONARY.values()))
    assert offered_districts(pack) == [district.name for district in pack.districts]
    assert ("households", "phone") not in asked  # no rule reads it, and it is nobody's name


@pytest.mark.parametrize("name", installed_packs())
def test_each_ruling_of_the_example_says_what_was_ruled_in_the_template_of_a_pack_too(name: str) -> None:
    pack = load_pack(name)
    if TABLE_TITLES["rulings"][0] not in headers(pack):
        return
    sheet = openpyxl.load_workbook(io.BytesIO(template(pack)))[EXAMPLE_SHEET]
    shown = list(sheet.iter_rows(values_only=True))
    start = next(at for at, row in enumerate(shown) if row[0] == "示例：裁定")
    rulings = [dict(zip(shown[start], row, strict=True)) for row in shown[start + 1 : start + 3]]
    assert [row["裁定"] or row["核定值"] for row in rulings] == ["通过", "申报"]


def test_the_same_bytes_come_out_every_time() -> None:
    assert template() == template()


def test_a_filled_template_reads_without_a_finding() -> None:
    household = {
        "户编号": "001",
        "区县": "蓬江区",
        "城乡": "城镇",
        "评议结果": "通过",
        "公示有无异议": "无异议",
        "医疗费用个人自付": 1200.5,
        "住房面积": 89.56,
        "申请人身份证号": "440703198001010004",
    }
    tables = parse(
        [filled({"households": [household], "documents": [{"户编号": "001", "材料类型": "医疗收据"}]})]
    )
    assert tables.faults == ()
    assert tables["households"]["household_id"].tolist() == ["001"]
    assert tables["households"]["out_of_pocket_fen"].tolist() == [120050]
    assert tables["households"]["housing_area"].tolist() == [8956]
    assert tables["documents"]["kind"].tolist() == ["医疗收据"]


def test_the_example_reads_without_a_finding_and_has_every_column() -> None:
    tables = parse([filled(example_lines())])
    assert tables.faults == ()
    lacking = {
        (table, name) for table, columns in DICTIONARY.items() for name in columns
        if name not in tables[table] or tables[table][name].isna().all()
    }  # fmt: skip
    assert lacking == {("documents", "cancels")}  # only a refund has it
    judged = relief.assess(tables, "jiangmen-2021", on="2021-09-30")
    assert {fault.severity for fault in judged.faults} <= {"notice"}
    assert judged.counts["eligible"] == 1


def test_who_is_in_the_example_is_nobody() -> None:
    for table, rows in examples().items():
        for row in rows:
            assert row["household_id"].startswith(EXAMPLE)
            for name, text in row.items():
                dtype = DICTIONARY[table][name].dtype
                assert dtype != "name" or text.startswith(EXAMPLE)
                assert dtype != "id_number" or text[14:17] in ("000", "***")
                assert dtype != "id_number" or problem(text) is None


def test_nothing_of_the_example_is_ever_read() -> None:
    untouched = parse([Source("模板.xlsx", template())])
    assert untouched.faults == ()
    assert all(frame.empty for frame in untouched.frames.values())
    # Copied to where households are filled in, it is left out by name.
    copied = parse([filled(example_lines(f" {EXAMPLE}001"))])
    assert all(frame.empty for frame in copied.frames.values())
    assert {fault.code for fault in copied.faults} == {"notice.example"}
    assert len(copied.faults) == sum(map(len, examples().values()))


def test_rows_that_somebody_wrote_on_the_sheet_of_examples_are_named() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template()))
    sheet = book[EXAMPLE_SHEET]
    sheet.cell(3, 2, "H9")
    stream = io.BytesIO()
    book.save(stream)
    tables = parse([Source("模板.xlsx", stream.getvalue())])
    assert [(f.code, f.facts["numbers"]) for f in tables.faults] == [("warning.example_sheet", "3")]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_column_is_explained(lang: relief.messages.Language) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(template(lang=lang)))[EXPLAINED_SHEET]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    columns = [column for table in DICTIONARY.values() for column in table.values()]
    told = rows[-len(columns) :]
    assert [row[1].strip("*") for row in told] == [column.title for column in columns]
    assert [row[6] for row in told] == [c.description_zh if lang == "zh" else c.description for c in columns]
    assert [bool(row[8]) for row in told] == [column.is_personal for column in columns]
    assert all(row[2] and row[3] for row in told)
    # No program but Excel makes room for wrapped text by itself.
    longest = max(told, key=lambda row: len(row[5] or ""))
    assert sheet.row_dimensions[len(rows) - len(told) + told.index(longest) + 1].height >= 45


def test_every_drop_down_word_is_a_word_that_the_reader_takes() -> None:
    offered = [
        (column, words) for table in DICTIONARY.values() for column in table.values()
        if (words := allowed(column))
    ]  # fmt: skip
    assert len(offered) > 25
    for column, words in offered:
        assert set(words) <= set(column.choices), (column.table, column.name)
        assert len(",".join(words)) <= 255, "Excel refuses a longer list"


def test_every_cell_of_a_table_is_checked_or_explained() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template()))
    for table, columns in DICTIONARY.items():
        sheet = book[TABLE_TITLES[table][0]]
        checks = {
            cells.min_col: check
            for check in sheet.data_validations.dataValidation for cells in check.sqref.ranges
        }  # fmt: skip
        assert sheet.freeze_panes == "B2"
        for place, column in enumerate(columns.values(), start=1):
            check = checks[place]
            assert check.prompt == column.description_zh[:255]
            assert (check.type is None) == (column.dtype in ("name", "text", "district")), column.name
            shape = sheet.column_dimensions[sheet.cell(1, place).column_letter]
            assert shape.width >= 12
            assert (shape.number_format == "@") == (column.dtype not in ("money", "count", "area", "date"))
    assert book[EXAMPLE_SHEET].protection.sheet


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for LibreOffice to work in."""
    if OFFICE is None:
        pytest.skip("LibreOffice is not here")
    return tmp_path_factory.mktemp("office")


def converted(folder: Path, source: Source, ending: str) -> Path:
    """Return the workbook as LibreOffice opens it and saves it again."""
    made = folder / ending / source.name
    made.parent.mkdir(exist_ok=True)
    made.write_bytes(source.data)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    target = folder / ending / "saved"
    call = [OFFICE, profile, "--headless", "--convert-to", ending, "--outdir", target, made]
    subprocess.run(call, check=True, capture_output=True, timeout=180)
    return target / f"模板.{ending.partition(':')[0]}"


@pytest.mark.parametrize("ending", ["ods", "xls", "xlsx"])
def test_saved_by_libreoffice_it_reads_the_same(office: Path, ending: str) -> None:
    source = filled(example_lines())
    again = relief.read_tables(converted(office, source, ending))
    assert equal(again, parse([source]))
    assert again.faults == ()


def test_the_checks_of_the_cells_hold_for_what_is_right_and_for_nothing_else(office: Path) -> None:
    """Each check is a formula, so LibreOffice can say what it makes of a cell."""
    households, members = DICTIONARY["households"], DICTIONARY["members"]
    tried = [
        (members["id_number"], ["440703197806120003", "44070319800305000X", "44070319800305000x"],
         ["440703197806120004", "44070319780612000", 440703197806120003, "440703********0003"]),
        (DICTIONARY["documents"]["patient_id_number"], ["440703********0003"], ["4407", 1]),
        (households["out_of_pocket_fen"], [0, 0.07, 18750.5, 999999999999.99], [-0.01, 0.005, "12元", 1e12]),
        (members["business_income_fen"], [-0.01], [0.001]),
        (households["housing_area"], [62.5], [62.505, -1]),
        (households["bank_account"], ["6200000000000000001"], [6200000000000000001]),
        (households["household_id"], ["001", "01", "1"], [1, "007", "007"]),
    ]  # fmt: skip
    book = openpyxl.Workbook()
    wanted = []
    for at, (column, right, wrong) in enumerate(tried):
        sheet = book.active if at == 0 else book.create_sheet()
        for row, value in enumerate([*right, *wrong], start=2):
            formula = str(validation(column, "A", [])["value"]).replace("A2", f"A{row}")
            sheet.cell(row, 1, value)
            sheet.cell(row, 2, formula)
        wanted += [[True] * len(right) + [False] * len(wrong)]
    stream = io.BytesIO()
    book.save(stream)
    path = converted(office, Source("模板.xlsx", stream.getvalue()), "xlsx:Calc MS Excel 2007 XML")
    saved = openpyxl.load_workbook(path, data_only=True)
    # A formula that ends in an error refuses the cell as well.
    found = [
        [sheet.cell(row, 2).value in (True, 1) for row in range(2, sheet.max_row + 1)] for sheet in saved
    ]
    assert found == wanted


def test_without_xlsxwriter_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'relief\[excel\]'"):
        template()


def test_the_command_writes_it_and_replaces_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "模板.xlsx"
    call = ["template", "--out", str(out), "--rules", "huzhou"]
    assert app(call, standalone_mode=False) == 0
    assert out.read_bytes() == template(load_pack("huzhou"))
    assert "模板.xlsx" in capsys.readouterr().out
    with pytest.raises(relief.ReliefError) as caught:
        app(call, standalone_mode=False)
    assert caught.value.code == "cli.cannot_write"


def test_homes_and_vehicles_have_each_their_own_measure_word() -> None:
    units = [
        _explained(DICTIONARY["households"][name], None, "zh")[4]
        for name in ("homes_count", "vehicles_count")
    ]
    assert units == ["套", "辆"]
