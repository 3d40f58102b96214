"""The self-evaluation as a paper in the official form (项目支出绩效自评表).

In    an `Evaluation`
Out   a `Paper`: the form, the sums that were checked, what does not agree, how figures are rounded

What is not known stays visible: 未测评 where there is no figure, a dash where the report has no weight.
A number long enough to identify a person, in whatever text of the file, is shown without its middle.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from relief.evaluation.quantities import in_words, percent, wan
from relief.messages import mask, say
from relief.papers.paper import Cell, Form, Grid, Heading, Paper, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from decimal import Decimal
    from fractions import Fraction

    from relief.evaluation.evaluate import Evaluation, Line, Result
    from relief.messages import Language
    from relief.papers.paper import Block

__all__ = ["evaluation_paper"]

# What it is about, three levels of indicators, target, actual, weight, score, and a reason over two.
# Chinese is read from above in a narrow column; English is not, and stands on a page that is turned.
_WIDTHS = {
    "zh": (7, 12, 14, 22, 17, 19, 10, 20, 20, 15),
    "en": (15, 13, 15, 20, 16, 18, 12, 17, 17, 14),
}
_NONE = "—"
_Row = tuple[Cell, ...]


def evaluation_paper(evaluation: Evaluation, lang: Language = "zh") -> Paper:
    """Return the self-evaluation as a paper; the same for the same evaluation.

    Parameters
    ----------
    evaluation : Evaluation
    lang : {'zh', 'en'}
        Language of the headings and of what is pointed out; what the file says stays as it is.

    Returns
    -------
    Paper
        For `relief.papers.docx.to_docx`, and `to_html` or `to_pdf` beside it.
    """
    model = evaluation.plan.model
    rows = (
        *_heads(evaluation, lang),
        *_budget(evaluation, lang),
        *_goals(evaluation, lang),
        *_indicators(evaluation, lang),
        _end(evaluation, lang),
    )
    shown = tuple(tuple(replace(cell, text=mask(cell.text)) for cell in row) for row in rows)
    blocks: list[Block] = [Form(say("evaluation.form.caption", lang, year=model.year), _WIDTHS[lang], shown)]
    blocks.append(Text(say("evaluation.form.signed", lang, day=_day(evaluation, lang)), "right"))
    blocks += _list("evaluation.form.findings", [each.text(lang) for each in evaluation.findings], lang)
    blocks.append(_sums(evaluation, lang))
    blocks += _list("evaluation.form.problems", model.problems, lang)
    blocks += _list("evaluation.form.suggestions", model.suggestions, lang)
    blocks += _list("evaluation.form.notes", [*_notes(evaluation, lang), *model.sources], lang)
    title = say("evaluation.form.title", lang)
    return Paper(title, tuple(blocks), lang, model.day.isoformat(), landscape=lang == "en")


def _label(code: str, lang: Language, columns: int = 1, rows: int = 1) -> Cell:
    return Cell(say(f"evaluation.form.{code}", lang), columns, rows, "label")


def _number(text: str, columns: int = 1) -> Cell:
    return Cell(text, columns, kind="number")


def _points(points: Decimal | None) -> str:
    return _NONE if points is None else f"{points.normalize():f}"


def _day(evaluation: Evaluation, lang: Language) -> str:
    """Return the day that the file states, or room for one."""
    model = evaluation.plan.model
    if model.dated is None:
        return say("evaluation.form.no_day", lang)
    day = model.day
    return say("evaluation.form.day", lang, y=day.year, m=day.month, d=day.day)


def _rate(rate: Fraction | None) -> str:
    return _NONE if rate is None else percent(rate)


def _heads(evaluation: Evaluation, lang: Language) -> Iterator[_Row]:
    model = evaluation.plan.model
    yield _label("project", lang, 2), Cell(model.project, 8)
    yield _label("department", lang, 2), Cell(model.department, 3), _label("unit", lang), Cell(model.unit, 4)


def _budget(evaluation: Evaluation, lang: Language) -> Iterator[_Row]:
    lines = (evaluation.total, *evaluation.lines)
    names = ("budget", "approved", "used", "weight", "of_approved", "of_budget", "score")
    first = _label("money", lang, rows=len(lines) + 1)
    yield first, _label("funds", lang, 2), *(_label(name, lang) for name in names)
    model = evaluation.plan.model.budget
    for line in lines:
        is_total = line is evaluation.total
        name = say("evaluation.form.total_funds", lang) if is_total else line.name
        weight = _points(model.weight) if is_total else _NONE
        score = _points(evaluation.budget_score) if is_total else _NONE
        amounts = (line.budget_fen, line.approved_fen, line.used_fen)
        yield (
            Cell(name, 2),
            *(_number(wan(amount)) for amount in amounts),
            _number(weight),
            _number(_of_approved(line, lang)),
            _number(_rate(line.of_budget)),
            _number(score),
        )


def _of_approved(line: Line, lang: Language) -> str:
    """Return the rate of the form, and the one that the report states below it."""
    if line.stated_rate is None:
        return _rate(line.of_approved)
    stated = say("evaluation.form.stated_rate", lang, rate=line.stated_rate)
    return f"{_rate(line.of_approved)}\n{stated}"


def _goals(evaluation: Evaluation, lang: Language) -> Iterator[_Row]:
    goals = evaluation.plan.model.goals
    yield _label("goals", lang, rows=2), _label("expected", lang, 4), _label("reached", lang, 5)
    yield Cell(goals.expected, 4), Cell(goals.reached, 5)


def _indicators(evaluation: Evaluation, lang: Language) -> Iterator[_Row]:
    """Yield a row per indicator; a first and a second level each stand once, beside all that they hold."""
    results = evaluation.results
    names = ("level1", "level2", "level3", "target", "actual", "weight", "score")
    first = _label("indicators", lang, rows=len(results) + 1)
    yield first, *(_label(name, lang) for name in names), _label("reason", lang, 2)
    for level1, of_one in groupby(results, key=lambda each: each.indicator.level1):
        held = list(of_one)
        before: _Row = (Cell(level1, rows=len(held), kind="label"),)
        for level2, of_two in groupby(held, key=lambda each: each.indicator.level2):
            below = list(of_two)
            before += (Cell(level2, rows=len(below), kind="label"),)
            for each in below:
                yield *before, *_indicator(each, lang)
                before = ()


def _indicator(result: Result, lang: Language) -> _Row:
    indicator = result.indicator
    unmeasured = say("evaluation.form.unmeasured", lang)
    score = unmeasured if result.is_open and result.verdict == "unmeasured" else _points(result.score)
    return (
        Cell(indicator.level3),
        _number(indicator.target or _NONE),
        _number(unmeasured if result.actual is None else result.actual),
        _number(_points(indicator.weight)),
        _number(score),
        Cell(indicator.reason, 2),
    )


def _end(evaluation: Evaluation, lang: Language) -> _Row:
    model = evaluation.plan.model
    grade = evaluation.grade or model.stated_grade
    told = "grade" if evaluation.grade or not grade else "stated_grade"
    weight = "100" if model.is_scored else _NONE
    return (
        _label("total", lang, 6), _number(weight), _number(_points(evaluation.score)),
        Cell(say(f"evaluation.form.{told}", lang, grade=grade or _NONE), 2, kind="number"),
    )  # fmt: skip


def _sums(evaluation: Evaluation, lang: Language) -> Grid:
    words = {True: "holds", False: "broken", None: "unknown"}
    rows = tuple(
        (
            mask(each.name),
            each.shown_parts,
            _NONE if each.sum is None else in_words(each.sum),
            each.shown_total,
            say(f"evaluation.form.{words[each.holds]}", lang),
        )
        for each in evaluation.sums
    )
    names = ("sum", "parts", "comes_to", "stated", "agrees")
    header = tuple(say(f"evaluation.form.{name}", lang) for name in names)
    return Grid(say("evaluation.form.sums", lang), header, rows)


def _notes(evaluation: Evaluation, lang: Language) -> Iterator[str]:
    yield say("evaluation.form.rounding", lang)
    grades = evaluation.plan.model.grades
    limits = "、".join(f"{each.label} ≥{each.at_least.normalize():f}" for each in grades)
    yield say("evaluation.form.limits", lang, limits=limits)


def _list(code: str, texts: Sequence[str], lang: Language) -> list[Block]:
    """Return a heading and numbered sentences below it; nothing where there is none."""
    if not texts:
        return []
    return [
        Heading(say(code, lang)),
        *(Text(f"{at}. {mask(text)}", "note") for at, text in enumerate(texts, 1)),
    ]
