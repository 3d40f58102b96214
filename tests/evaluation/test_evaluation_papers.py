"""The papers of a self-evaluation: what they say, live sums, nothing from outside that runs."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

import docx
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.audit import office
from tests.evaluation.plans import plan, scored, seed
from tests.papers.papers import EACH_FORM, FORMS, read, squeezed

from relief.evaluation import evaluate, evaluation_paper, evaluation_workbook
from relief.papers.docx import to_docx
from relief.papers.paper import Cell, Form, Paper

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOSTILE = '=HYPERLINK("http://x","y")'


def hostile() -> dict[str, Any]:
    """Return a plan whose every free text would run, were it no text."""
    content = scored()
    content |= {"项目名称": HOSTILE, "主管部门": "+1", "实施单位": "@SUM(1)", "存在问题": ["-1", "<r>x</r>"]}
    content["年度总体目标"] = {"预期目标": "<r><t>x</t></r>", "实际完成情况": "\t=1+1"}
    content["资金"]["各项"][0]["名称"] = "=1+1"
    content["绩效指标"][0] |= {"一级指标": "{=1}", "二级指标": "=2", "偏差原因": HOSTILE}
    content["绩效指标"][3] |= {"年度指标值": "-达成", "实际完成值": "\r=1"}
    content["勾稽关系"] = [{"名称": "=3", "各项": {"+4": 1}, "合计": 1}]
    content["等级标准"] = [{"等级": '=5"', "至少": 60}, {"等级": "=6", "至少": 0}]
    return content


def cells(data: bytes) -> Iterator[Any]:
    for sheet in openpyxl.load_workbook(io.BytesIO(data)):
        yield from (cell for row in sheet.iter_rows() for cell in row if cell.value is not None)


@EACH_FORM
def test_the_seeds_table_is_reproduced_in_every_form(form: str) -> None:
    text = read(form, FORMS[form](evaluation_paper(evaluate(seed()))))
    row = "".join(["专项会议费（劳模座谈会）", "7.65", "7.54", "7.54", "—", "100.00%填报100%", "98.56%", "—"])
    total = "".join(["年度资金总额", "132.65", "132.54", "132.54", "—", "100.00%填报100%", "99.92%", "—"])
    for expected in (
        row,
        total,
        "未测评",
        "等级：优秀（填报，未列得分）",
        "7+6+0+27+13+11+15+1",
        "1+1+1+8+13",
    ):
        if form != "pdf":  # its text comes line by line, cells of a row mixed
            assert squeezed(expected) in text
    for figure in ("132.65", "132.54", "99.92%", "98.56%", "24个", "80户", "60000人", "50.7万元", "177个"):
        assert figure in text
    assert squeezed("按年初预算数（132.54/132.65 万元）为 99.92%") in text
    assert squeezed("仅填报等级“优秀”，未列得分") in text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_finding_and_note_is_on_the_paper_and_in_the_workbook(lang: Any) -> None:
    done = evaluate(plan(scored()))
    text = read("docx", to_docx(evaluation_paper(done, lang)))
    values = [cell.value for cell in cells(evaluation_workbook(done, lang))]
    assert len(done.findings) == 2
    for each in done.findings:
        assert squeezed(each.text(lang)) in text
        assert each.text(lang) in values


def test_the_form_has_the_columns_of_the_official_one_with_merged_cells() -> None:
    document = docx.Document(io.BytesIO(to_docx(evaluation_paper(evaluate(plan(scored()))))))
    table = document.tables[0]
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    assert {len(row) for row in rows} == {10}
    heads = ["绩效指标", "一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分",
             "偏差原因分析及改进措施", "偏差原因分析及改进措施"]  # fmt: skip
    assert heads in rows
    first = rows.index(heads) + 1
    assert [row[:4] for row in rows[first : first + 2]] == [
        ["绩效指标", "产出指标", "数量指标", "帮扶户数"], ["绩效指标", "产出指标", "数量指标", "培训人数"],
    ]  # fmt: skip
    assert [row[6:8] for row in rows[first:]] == [
        ["20", "20"], ["20", "15"], ["10", "0"], ["30", "28.5"], ["10", "未测评"], ["100", "73.47"],
    ]  # fmt: skip
    assert rows[-1][-1] == "等级：中"
    assert document.core_properties.created.isoformat() == "2022-01-20T00:00:00+00:00"


def test_papers_are_the_same_every_time_and_bear_no_clock() -> None:
    first, again = (evaluate(plan(scored())) for _ in range(2))
    assert to_docx(evaluation_paper(first)) == to_docx(evaluation_paper(again))
    data = evaluation_workbook(first)
    assert data == evaluation_workbook(again)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert {part.date_time[0] for part in package.infolist()} == {1980}
        assert b"2000-01-01" in package.read("docProps/core.xml")


def test_nothing_from_outside_is_a_formula() -> None:
    content = hostile()
    done = evaluate(plan(content))
    data = evaluation_workbook(done)
    formulas = [cell.value for cell in cells(data) if cell.data_type == "f"]
    ours = re.compile(r"=(?:[A-Z0-9():,+*/<>=]|'项目支出绩效自评表'!|\"(?:—|一致|不一致)\")+")
    assert [each for each in formulas if not ours.fullmatch(each)] == []
    texts = [cell.value for cell in cells(data) if cell.data_type == "s"]
    for outside in (HOSTILE, "+1", "@SUM(1)", "=1+1", "{=1}", "=2", "=3", "+4", '=5"', "=6", "-达成"):
        assert outside in texts
        assert outside not in formulas
    paper = read("html", FORMS["html"](evaluation_paper(done)))
    assert squeezed("<r>x</r>") in paper


def planted(content: Any, number: str) -> Any:
    """Return a content with a number put behind every text that stays what it is with it."""
    kept = ("年度", "填报日期", "资金", "分值", "得分", "等级标准", "勾稽关系", "年度指标值")
    if isinstance(content, dict):
        return {key: part if key in kept else planted(part, number) for key, part in content.items()}
    if isinstance(content, list):
        return [planted(part, number) for part in content]
    return f"{content}（{number}）"


@pytest.mark.parametrize("number", ["440703199001010017", "6222000099990000117", "13800009991", "E12345678"])
def test_no_number_of_a_person_gets_through_a_text(number: str) -> None:
    content = planted(scored() | {"存在问题": ["甲"], "改进建议": ["乙"], "来源": ["丙"]}, number)
    content["勾稽关系"] = [{"名称": f"和{number}", "各项": {f"项{number}": 1}, "合计": 1}]
    content["资金"]["各项"][0]["名称"] += number
    done = evaluate(plan(content))
    for lang in ("zh", "en"):
        for form in ("docx", "html"):
            assert number not in read(form, FORMS[form](evaluation_paper(done, lang)))
        with zipfile.ZipFile(io.BytesIO(evaluation_workbook(done, lang))) as package:
            assert all(number.encode() not in package.read(name) for name in package.namelist())


FIGURES = st.integers(0, 10**9)


@given(st.lists(st.tuples(FIGURES, FIGURES, FIGURES), min_size=1, max_size=4))
@settings(max_examples=8)
def test_the_workbook_states_what_the_evaluation_comes_to(rows: list[tuple[int, int, int]]) -> None:
    content = scored()
    names = ("年初预算数", "全年预算数", "全年执行数")
    content["资金"]["各项"] = [
        {
            "名称": f"r{at}",
            **{name: f"{fen // 100}.{fen % 100:02}" for name, fen in zip(names, row, strict=True)},
        }
        for at, row in enumerate(rows)
    ]
    del content["资金"]["合计"]
    done = evaluate(plan(content))
    sheet = openpyxl.load_workbook(io.BytesIO(evaluation_workbook(done)), data_only=True).worksheets[0]
    sums = [sum(column) for column in zip(*rows, strict=True)]
    assert [round(sheet[f"{column}6"].value * 10**6) for column in "DEF"] == sums
    if done.total.of_approved is not None:
        assert sheet["H6"].value == float(done.total.of_approved)
        assert sheet["J6"].value == float(done.budget_score or 0)


@pytest.mark.xdist_group("evaluation-office")
@pytest.mark.skipif(office.OFFICE is None, reason="LibreOffice (soffice) is not installed")
def test_an_office_program_comes_to_the_same_and_follows_a_change(tmp_path: Path) -> None:
    evaluations = {
        "scored": evaluate(plan(scored())),
        "seed": evaluate(seed()),
        "hostile": evaluate(plan(hostile())),
    }
    written = {name: evaluation_workbook(each) for name, each in evaluations.items()}
    written["english"] = evaluation_workbook(evaluations["seed"], "en")
    changed = openpyxl.load_workbook(io.BytesIO(written["scored"]))
    form, sums, _ = changed.worksheets
    form["F7"].value = 30  # all that was approved is used now
    row = next(cell.row for cell in form["D"] if cell.value == "满意度")
    form[f"H{row}"].value = 10
    part = next(cell.row for cell in sums["B"] if cell.value == "江海区")
    sums[f"C{part}"].value = 1
    out = io.BytesIO()
    changed.save(out)
    files = {name: office.spoiled(data) for name, data in written.items()} | {"changed": out.getvalue()}
    done = {name: office.values(data) for name, data in office.recalculated(tmp_path, files).items()}
    for name, data in written.items():
        stored = office.values(data)
        assert done[name] == {
            title: {cell: pytest.approx(value, rel=1e-14) if isinstance(value, float) else value
                    for cell, value in sheet.items()}
            for title, sheet in stored.items()
        }  # fmt: skip
    form_now, sums_now = done["changed"]["项目支出绩效自评表"], done["changed"]["勾稽核对"]
    assert form_now["F6"] == pytest.approx(37.54)
    assert [form_now["J6"], form_now[f"H{row + 1}"], form_now[f"J{row + 1}"]] == [10, 83.5, "良"]
    agreed = {sums_now[f"A{cell[1:]}"]: value for cell, value in sums_now.items() if cell.startswith("F")}
    assert [agreed[name] for name in ("区县", "工种", "全年执行数")] == ["不一致", "一致", "不一致"]


@EACH_FORM
def test_a_form_shows_each_of_its_texts_once(form: str) -> None:
    rows = (
        (Cell("甲一", 1, 3, "label"), Cell("乙<b>", 2)),
        (Cell("丙=1", rows=2), Cell("丁#x")),
        (Cell("戊*", kind="number"),),
    )
    paper = Paper("表", (Form("表题", (1, 2, 3), rows),), "zh", "2022-01-01")
    text = read(form, FORMS[form](paper))
    assert [text.count(word) for word in ("甲一", "乙<b>", "丙=1", "丁#x", "戊*", "表题")] == [1] * 6


@pytest.mark.parametrize(
    "rows",
    [((Cell("a"),),), ((Cell("a", 3),),), ((Cell("a"), Cell("b"), Cell("c")),),
     ((Cell("a", rows=2), Cell("b")), (Cell("c", 2),))],
)  # fmt: skip
def test_a_form_whose_cells_do_not_fill_its_rows_is_refused(rows: tuple[tuple[Cell, ...], ...]) -> None:
    with pytest.raises(ValueError, match="do not fill"):
        _ = Form("", (1, 1), rows).laid
