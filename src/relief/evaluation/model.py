"""The file of a self-evaluation: its keys are the headings of the official form (绩效自评表).

In    YAML, safe as that of rule packs
Out   `Plan`, or an `EvaluationError` with file, line, column and cure

A text that begins with ``=`` is a reference: the figure is computed, not typed.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from relief.errors import EvaluationError, MoneyError, PackError
from relief.money import fen
from relief.rulepack.document import LARGEST, Document, read_document
from relief.rulepack.document import Path as Place
from relief.rulepack.problems import form_error

__all__ = [
    "BY_RATE", "BY_SHARE", "BY_TARGET", "FULL", "NOT_MEASURED", "BudgetModel", "Crossfoot", "Grade",
    "Indicator", "Plan", "PlanModel", "parse_plan", "read_plan",
]  # fmt: skip

FULL = 100
BY_RATE, BY_TARGET, BY_SHARE = "按执行率得分", "达标得分", "按比例得分"
NOT_MEASURED = frozenset({"未测评", "not measured"})
_MOST_FEN = 10**15  # ten trillion yuan: up to there the numbers of a workbook hold each fen
_POINTS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,2})?")


def _text(value: Any) -> Any:
    """Take a number as the text that was written."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value) if type(value) is int else value


def _amount(value: Any) -> Any:
    try:
        amount_fen = fen(value)
    except MoneyError as error:
        raise PydanticCustomError("no_money", "no amount of money") from error
    if amount_fen > _MOST_FEN:
        raise PydanticCustomError("no_money", "too large")
    return amount_fen


def _parts(value: Any) -> Any:
    return {"": value} if isinstance(value, str) else value


Name = Annotated[str, BeforeValidator(_text), Field(min_length=1, max_length=400)]
Words = Annotated[str, BeforeValidator(_text)]
Fen = Annotated[int, BeforeValidator(_amount)]
Points = Annotated[Decimal, Field(max_digits=5, decimal_places=2)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Amounts(_Strict):
    """The figures of one row of the budget; a stated rate is compared, never used."""

    budget: Fen = Field(alias="年初预算数")
    approved: Fen = Field(alias="全年预算数")
    used: Fen = Field(alias="全年执行数")
    rate: Words | None = Field(default=None, alias="执行率")


class BudgetRow(Amounts):
    """One sub-project."""

    name: Name = Field(alias="名称")


class BudgetModel(_Strict):
    """The budget: rows, the total that the report states, and what executing it is worth."""

    rows: tuple[BudgetRow, ...] = Field(alias="各项", min_length=1)
    total: Amounts | None = Field(default=None, alias="合计")
    weight: Points | None = Field(default=None, alias="分值")
    score: Words = Field(default=BY_RATE, alias="得分")


class Goals(_Strict):
    """What was to be reached in the year, and what was."""

    expected: Words = Field(alias="预期目标")
    reached: Words = Field(alias="实际完成情况")


class Indicator(_Strict):
    """One indicator; `level1` to `level3` are 一级, 二级 and 三级指标."""

    level1: Name = Field(alias="一级指标")
    level2: Name = Field(alias="二级指标")
    level3: Name = Field(alias="三级指标")
    target: Words | None = Field(default=None, alias="年度指标值")
    actual: Words | None = Field(default=None, alias="实际完成值")
    weight: Points | None = Field(default=None, alias="分值")
    score: Words | None = Field(default=None, alias="得分")
    reason: Words = Field(default="", alias="偏差原因")


class Grade(_Strict):
    """A grade, and the score from which on it is given."""

    label: Name = Field(alias="等级")
    at_least: Points = Field(alias="至少")


class Crossfoot(_Strict):
    """Parts that must add up to a total; a total such as ``>50`` is what the sum must be."""

    name: Name = Field(alias="名称")
    parts: Annotated[dict[str, Words], BeforeValidator(_parts)] = Field(alias="各项", min_length=1)
    total: Words = Field(alias="合计")


GRADES = tuple(
    Grade(等级=label, 至少=Decimal(limit)) for label, limit in (("优", 90), ("良", 80), ("中", 60), ("差", 0))
)


class PlanModel(_Strict):
    """The whole file."""

    project: Name = Field(alias="项目名称")
    year: Name = Field(alias="年度")
    department: Name = Field(alias="主管部门")
    unit: Name = Field(alias="实施单位")
    dated: Words | None = Field(default=None, alias="填报日期")
    sources: tuple[Words, ...] = Field(default=(), alias="来源")
    budget: BudgetModel = Field(alias="资金")
    goals: Goals = Field(alias="年度总体目标")
    indicators: tuple[Indicator, ...] = Field(alias="绩效指标", min_length=1)
    grades: tuple[Grade, ...] = Field(default=GRADES, alias="等级标准", min_length=1)
    stated_score: Points | None = Field(default=None, alias="自评得分")
    stated_grade: Name | None = Field(default=None, alias="自评等级")
    crossfoots: tuple[Crossfoot, ...] = Field(default=(), alias="勾稽关系")
    problems: tuple[Words, ...] = Field(default=(), alias="存在问题")
    suggestions: tuple[Words, ...] = Field(default=(), alias="改进建议")

    @property
    def is_scored(self) -> bool:
        """Whether anything has a weight."""
        return self.budget.weight is not None or any(each.weight is not None for each in self.indicators)

    @property
    def day(self) -> dt.date:
        """The day that the file bears; without one the last of the year it is about."""
        return dt.date.fromisoformat(self.dated) if self.dated else dt.date(int(self.year), 12, 31)


@dataclass(frozen=True)
class Plan:
    """A file that was read and holds together; `at` has where each part stands."""

    model: PlanModel
    document: Document

    def at(self, *path: str | int) -> str:
        """Return file, line and column of a part by the keys that lead to it."""
        return self.document.place(path)


def read_plan(file: str | Path) -> Plan:
    """Read the file of a self-evaluation.

    Parameters
    ----------
    file : str or Path

    Returns
    -------
    Plan

    Raises
    ------
    EvaluationError
        If it cannot be opened, or as `parse_plan`.
    """
    place = Path(file)
    try:
        with place.open("rb") as opened:
            return parse_plan(place.name, opened.read(LARGEST + 1))
    except OSError as error:
        raise EvaluationError("evaluation.cannot_open", file=place.name, why=error.strerror or "") from error


def parse_plan(name: str, data: bytes) -> Plan:
    """Make a plan of the bytes of a file called `name`.

    Raises
    ------
    EvaluationError
        With file, line, column and cure: no YAML, a key or value that the form has not, weights that are not
        100 together, grades that leave a gap, a score that its weight does not allow.
    PackError
        If it is not YAML as packs may have it.
    """
    if len(data) > LARGEST:
        raise EvaluationError("evaluation.too_large", file=name, most=LARGEST)
    document = read_document(name, data)
    keys = [field.alias or key for key, field in PlanModel.model_fields.items()]
    owners = dict.fromkeys([*document.content, *keys], document)
    try:
        model = PlanModel.model_validate(document.content)
    except ValidationError as error:
        told: PackError = form_error(PlanModel, name, error, owners)
        raise EvaluationError("evaluation.invalid", **told.facts) from None
    plan = Plan(model, document)
    for check in (_check_day, _check_weights, _check_scores, _check_grades, _check_names):
        check(plan)
    return plan


def _check_day(plan: Plan) -> None:
    if not re.fullmatch(r"(?:19|20)[0-9]{2}", plan.model.year):
        raise EvaluationError("evaluation.year", place=plan.at("年度"))
    try:
        plan.model.day  # noqa: B018
    except ValueError as error:
        raise EvaluationError("evaluation.day", place=plan.at("填报日期")) from error


def _check_weights(plan: Plan) -> None:
    """Weights are on all of it and come to 100, or on none of it."""
    if not plan.model.is_scored:
        return
    missing = next((at for at, each in enumerate(plan.model.indicators) if each.weight is None), None)
    if missing is not None:
        raise EvaluationError("evaluation.no_weight", place=plan.at("绩效指标", missing))
    stated = [plan.model.budget.weight, *(each.weight for each in plan.model.indicators)]
    weights = [weight or Decimal(0) for weight in stated]
    negative = next((at for at, weight in enumerate(weights) if weight < 0), None)
    if negative is not None:
        path = ("绩效指标", negative - 1, "分值") if negative else ("资金", "分值")
        raise EvaluationError("evaluation.negative_weight", place=plan.at(*path))
    if sum(weights) != FULL:
        raise EvaluationError("evaluation.weights", place=plan.at("绩效指标"), sum=f"{sum(weights):f}")


def _check_scores(plan: Plan) -> None:
    """Take as a score a rule by its name, or points within the weight."""
    stated: list[tuple[str | None, Decimal | None, tuple[str, ...], Place]]
    model = plan.model
    stated = [(model.budget.score, model.budget.weight, (BY_RATE,), ("资金", "得分"))]
    stated += [
        (each.score, each.weight, (BY_TARGET, BY_SHARE), ("绩效指标", at, "得分"))
        for at, each in enumerate(model.indicators)
    ]
    for score, weight, rules, path in stated:
        if score is None or score in rules:
            continue
        if not _POINTS.fullmatch(score):
            raise EvaluationError("evaluation.score", place=plan.at(*path), rules="、".join(rules))
        if weight is None or Decimal(score) > weight:
            raise EvaluationError(
                "evaluation.above_weight", place=plan.at(*path), score=score, weight=f"{weight or 0:f}"
            )


def _check_grades(plan: Plan) -> None:
    limits = [grade.at_least for grade in plan.model.grades]
    falls = all(above > below for above, below in pairwise(limits))
    if not falls or limits[-1] != 0 or limits[0] > FULL:
        raise EvaluationError("evaluation.grades", place=plan.at("等级标准"))


def _check_names(plan: Plan) -> None:
    """Rows of the budget are told apart by their names."""
    names = [row.name for row in plan.model.budget.rows]
    for at, name in enumerate(names):
        if name in names[:at]:
            raise EvaluationError(
                "evaluation.name_twice", place=plan.at("资金", "各项", at, "名称"), name=name
            )
