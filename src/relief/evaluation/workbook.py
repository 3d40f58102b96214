"""The self-evaluation as an .xlsx: totals, rates, scores, the grade and the sums are live formulas.

In    an `Evaluation`
Out   bytes, the same for the same evaluation: a fixed date, no macro, nothing from outside as a formula

The extra ``excel`` brings XlsxWriter.
"""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from relief.celltext import cell_text
from relief.errors import MissingExtraError
from relief.evaluation.model import BY_RATE
from relief.evaluation.quantities import in_digits
from relief.messages import mask, say
from relief.papers.paper import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relief.evaluation.crossfoots import Sum
    from relief.evaluation.evaluate import Evaluation, Line
    from relief.messages import Language

__all__ = ["evaluation_workbook"]

_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_CREATED = dt.datetime(2000, 1, 1)  # a fixed stamp keeps the bytes the same
_A4 = 9
_EDGE: dict[str, Any] = {"border": 1, "valign": "vcenter"}
_LOOKS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16, "align": "center"},
    "aside": {"align": "center"},
    "label": {"bold": True, "align": "center", "text_wrap": True, **_EDGE},
    # Outside text keeps its look and its apostrophe when somebody edits the cell.
    "text": {"num_format": "@", "quote_prefix": True, "text_wrap": True, **_EDGE},
    "middle": {"num_format": "@", "quote_prefix": True, "text_wrap": True, "align": "center", **_EDGE},
    "amount": {"num_format": "#,##0.00####", "align": "center", **_EDGE},
    "rate": {"num_format": "0.00%", "align": "center", **_EDGE},
    "points": {"num_format": "0.##", "align": "center", **_EDGE},
    "figure": {"num_format": "#,##0.######", "align": "center", **_EDGE},
}
_WIDTHS = (8, 12, 14, 24, 14, 14, 9, 12, 12, 12)
_NONE = "—"
_FIRST_LINE = 7  # of the budget on the form, below its total


@dataclass(eq=False)
class _Sheet:
    """A sheet being written; cells are named by letters and rows as people see them."""

    at: Any
    looks: dict[str, Any]
    lang: Language

    def say(self, code: str, **facts: object) -> str:
        return say(f"evaluation.form.{code}", self.lang, **facts)

    def label(self, area: str, code: str, **facts: object) -> None:
        self.text(area, self.say(code, **facts), "label")

    def text(self, area: str, text: str, look: str = "text") -> None:
        """Write text, over several cells if the area has two corners; it stays text however it begins."""
        first, _, last = area.partition(":")
        if last and last != first:
            self.at.merge_range(area, "", self.looks[look])
        self.at.write_string(first, _fit(text), self.looks[look])

    def number(self, cell: str, value: Decimal | float, look: str) -> None:
        self.at.write_number(cell, float(value), self.looks[look])

    def formula(self, cell: str, formula: str, value: Decimal | float | str, look: str) -> None:
        """Write a formula with what it comes to."""
        shown = float(value) if isinstance(value, Decimal) else value
        self.at.write_formula(cell, f"={formula}", self.looks[look], shown)


def evaluation_workbook(evaluation: Evaluation, lang: Language = "zh") -> bytes:
    """Return the self-evaluation as a workbook of three sheets: the form, the sums, what is to be explained.

    Parameters
    ----------
    evaluation : Evaluation
    lang : {'zh', 'en'}

    Returns
    -------
    bytes

    Raises
    ------
    MissingExtraError
        If XlsxWriter is not installed.
    """
    try:
        import xlsxwriter
    except ImportError as error:
        raise MissingExtraError("extra.missing", what="XlsxWriter", extra="excel") from error
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, _OPTIONS)
    book.set_properties({"title": say("evaluation.form.title", lang), "created": _CREATED})
    looks = {name: book.add_format(look) for name, look in _LOOKS.items()}
    sheets = []
    for name in ("sheet", "sums", "findings"):
        sheet = _Sheet(book.add_worksheet(say(f"evaluation.form.{name}", lang)), looks, lang)
        sheet.at.set_paper(_A4)
        sheet.at.fit_to_pages(1, 0)
        sheets.append(sheet)
    _write_form(sheets[0], evaluation)
    _write_sums(sheets[1], evaluation, sheets[0].say("sheet"))
    _write_findings(sheets[2], evaluation)
    book.close()
    return stream.getvalue()


def _fit(text: str) -> str:
    """Return a text as a cell can hold it, without the middle of what would identify a person."""
    return cell_text(mask(plain(text)))


def _write_form(sheet: _Sheet, evaluation: Evaluation) -> None:
    model = evaluation.plan.model
    for place, width in enumerate(_WIDTHS):
        sheet.at.set_column(place, place, width)
    sheet.text("A1:J1", sheet.say("title"), "title")
    sheet.text("A2:J2", sheet.say("caption", year=model.year), "aside")
    sheet.label("A3:B3", "project")
    sheet.text("C3:J3", model.project)
    sheet.label("A4:B4", "department")
    sheet.text("C4:E4", model.department)
    sheet.label("F4", "unit")
    sheet.text("G4:J4", model.unit)
    first = _write_budget(sheet, evaluation)
    sheet.label(f"A{first}:A{first + 1}", "goals")
    sheet.label(f"B{first}:E{first}", "expected")
    sheet.label(f"F{first}:J{first}", "reached")
    sheet.text(f"B{first + 1}:E{first + 1}", model.goals.expected)
    sheet.text(f"F{first + 1}:J{first + 1}", model.goals.reached)
    longest = max(len(model.goals.expected), len(model.goals.reached))
    sheet.at.set_row(first, 18 * max(2, 1 + longest // 25))
    last = _write_indicators(sheet, evaluation, first + 2)
    _write_total(sheet, evaluation, first + 3, last)


def _write_budget(sheet: _Sheet, evaluation: Evaluation) -> int:
    """Write the budget from row 5 on, its total first; return the row below it."""
    first, last = _FIRST_LINE, _FIRST_LINE + len(evaluation.lines) - 1
    sheet.label(f"A5:A{last}", "money")
    sheet.label("B5:C5", "funds")
    sheet.at.set_row(4, 48)
    names = ("budget", "approved", "used", "weight", "of_approved", "of_budget", "score")
    for column, name in zip("DEFGHIJ", names, strict=True):
        sheet.label(f"{column}5", name)
    for row, line in enumerate(evaluation.lines, start=first):
        sheet.text(f"B{row}:C{row}", line.name)
        for column, amount in zip("DEF", _amounts(line), strict=True):
            sheet.number(f"{column}{row}", amount, "amount")
        _write_rates(sheet, row, line)
        sheet.text(f"G{row}", _NONE, "middle")
        sheet.text(f"J{row}", _NONE, "middle")
    sheet.label("B6:C6", "total_funds")
    for column, amount in zip("DEF", _amounts(evaluation.total), strict=True):
        sheet.formula(f"{column}6", f"ROUND(SUM({column}{first}:{column}{last}),6)", amount, "amount")
    _write_rates(sheet, 6, evaluation.total)
    _write_points(sheet, "G6", evaluation.plan.model.budget.weight)
    if evaluation.plan.model.budget.score == BY_RATE and evaluation.budget_score is not None:
        # 11 places: more than doubles are sure of here, less than one fen of any fund changes.
        formula = "IF(E6=0,0,ROUNDDOWN(ROUND(G6*MIN(1,F6/E6),11),2))"
        sheet.formula("J6", formula, evaluation.budget_score, "points")
    else:
        _write_points(sheet, "J6", evaluation.budget_score)
    return last + 1


def _amounts(line: Line) -> tuple[Decimal, ...]:
    """Return the amounts of a row in 万元."""
    return tuple(Decimal(fen).scaleb(-6) for fen in (line.budget_fen, line.approved_fen, line.used_fen))


def _write_rates(sheet: _Sheet, row: int, line: Line) -> None:
    for column, base, rate in (("H", "E", line.of_approved), ("I", "D", line.of_budget)):
        value = _NONE if rate is None else float(rate)
        sheet.formula(f"{column}{row}", f'IF({base}{row}=0,"{_NONE}",F{row}/{base}{row})', value, "rate")


def _write_points(sheet: _Sheet, cell: str, points: Decimal | None) -> None:
    if points is None:
        sheet.text(cell, _NONE, "middle")
    else:
        sheet.number(cell, points, "points")


def _write_indicators(sheet: _Sheet, evaluation: Evaluation, head: int) -> int:
    """Write a row per indicator below a row of headers; return the last row."""
    results = evaluation.results
    last = head + len(results)
    sheet.label(f"A{head}:A{last}", "indicators")
    names = ("level1", "level2", "level3", "target", "actual", "weight", "score")
    for column, name in zip("BCDEFGH", names, strict=True):
        sheet.label(f"{column}{head}", name)
    sheet.label(f"I{head}:J{head}", "reason")
    levels = [(each.indicator.level1, each.indicator.level2) for each in results]
    _write_runs(sheet, "B", head + 1, [(one,) for one, _ in levels])
    _write_runs(sheet, "C", head + 1, levels)
    unmeasured = sheet.say("unmeasured")
    for row, each in enumerate(results, start=head + 1):
        indicator = each.indicator
        sheet.text(f"D{row}", indicator.level3)
        sheet.text(f"E{row}", indicator.target or _NONE, "middle")
        sheet.text(f"F{row}", unmeasured if each.actual is None else each.actual, "middle")
        _write_points(sheet, f"G{row}", indicator.weight)
        if each.is_open and each.verdict == "unmeasured":
            sheet.text(f"H{row}", unmeasured, "middle")
        else:
            _write_points(sheet, f"H{row}", each.score)
        sheet.text(f"I{row}:J{row}", indicator.reason)
        sheet.at.set_row(row - 1, 18 * max(1, -(-len(indicator.reason) // 11)))
    return last


def _write_runs(sheet: _Sheet, column: str, first: int, keys: Sequence[tuple[str, ...]]) -> None:
    """Write each run of equal keys once, over all of its rows."""
    start = 0
    for at in range(1, len(keys) + 1):
        if at == len(keys) or keys[at] != keys[start]:
            sheet.text(f"{column}{first + start}:{column}{first + at - 1}", keys[start][-1], "label")
            start = at


def _write_total(sheet: _Sheet, evaluation: Evaluation, first: int, last: int) -> None:
    """Write the total as sums of the cells above, and the grade by its limits."""
    row, model = last + 1, evaluation.plan.model
    sheet.label(f"A{row}:F{row}", "total")
    if evaluation.score is None or evaluation.grade is None:
        sheet.text(f"G{row}", _NONE, "middle")
        sheet.text(f"H{row}", _NONE, "middle")
        told = "stated_grade" if model.stated_grade else "grade"
        sheet.text(f"I{row}:J{row}", sheet.say(told, grade=model.stated_grade or _NONE), "middle")
        return
    sheet.formula(f"G{row}", f"ROUND(N(G6)+SUM(G{first}:G{last}),2)", 100, "points")
    sheet.formula(f"H{row}", f"ROUND(N(J6)+SUM(H{first}:H{last}),2)", evaluation.score, "points")
    sheet.label(f"I{row}", "grade_label")
    below = range(row + 1, row + 1 + len(model.grades))
    formula = "".join(f"IF(H{row}>=I{at},J{at}," for at in below[:-1])
    sheet.formula(f"J{row}", f"{formula}J{below[-1]}" + ")" * (len(below) - 1), evaluation.grade, "label")
    sheet.label(f"A{below[0]}:H{below[-1]}", "limits_label")
    for at, each in zip(below, model.grades, strict=True):
        sheet.number(f"I{at}", each.at_least, "points")
        sheet.text(f"J{at}", each.label, "middle")


def _write_sums(sheet: _Sheet, evaluation: Evaluation, form: str) -> None:
    """Write every sum: its parts below each other, what they come to, the stated total, whether it agrees."""
    for place, width in enumerate((30, 34, 16, 8, 14, 14)):
        sheet.at.set_column(place, place, width)
    for column, name in zip("ABCDEF", ("sum", "part", "figure", "sign", "stated", "agrees"), strict=True):
        sheet.label(f"{column}1", name)
    row = 2
    # The first three add up the form's own columns, where the file states their totals.
    columns = "DEF" if evaluation.plan.model.budget.total else ""
    for at, each in enumerate(evaluation.sums):
        first, last = row, row + len(each.parts) - 1
        for place, (name, part) in enumerate(each.parts, start=_FIRST_LINE):
            sheet.text(f"A{row}", each.name)
            sheet.text(f"B{row}", name)
            source = f"'{form}'!{columns[at]}{place}" if at < len(columns) else None
            _write_figure(sheet, f"C{row}", None if part is None else Decimal(in_digits(part)), source)
            row += 1
        _write_check(sheet, each, first, last)
        row += 1


def _write_figure(sheet: _Sheet, cell: str, figure: Decimal | None, source: str | None) -> None:
    """Write a figure, or where it stands on the form already."""
    if figure is None:
        sheet.label(cell, "unmeasured")
    elif source is None:
        sheet.number(cell, figure, "figure")
    else:
        sheet.formula(cell, source, figure, "figure")


def _write_check(sheet: _Sheet, each: Sum, first: int, last: int) -> None:
    row, total = last + 1, each.total
    sheet.text(f"A{row}", each.name)
    sheet.label(f"B{row}", "comes_to")
    if each.sum is None or total is None:
        for column in "CDE":
            sheet.text(f"{column}{row}", _NONE, "middle")
        sheet.label(f"F{row}", "unknown")
        return
    comes_to = Decimal(in_digits(each.sum))
    sheet.formula(f"C{row}", f"ROUND(SUM(C{first}:C{last}),6)", comes_to, "figure")
    sheet.text(f"D{row}", total.sign, "middle")
    sheet.number(f"E{row}", Decimal(in_digits(total.quantity)), "figure")
    sign = {"≥": ">=", "≤": "<="}.get(total.sign, total.sign)
    yes, no = sheet.say("holds"), sheet.say("broken")
    formula = f'IF(C{row}{sign}E{row},"{yes}","{no}")'
    sheet.formula(f"F{row}", formula, yes if each.holds else no, "label")


def _write_findings(sheet: _Sheet, evaluation: Evaluation) -> None:
    sheet.at.set_column(0, 0, 6)
    sheet.at.set_column(1, 1, 90)
    texts = [each.text(sheet.lang) for each in evaluation.findings]
    for row, text in enumerate(texts, start=1):
        sheet.number(f"A{row}", row, "points")
        sheet.text(f"B{row}", text)
