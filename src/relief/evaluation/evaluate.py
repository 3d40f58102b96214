"""The self-evaluation: both rates, scores, the grade, and what does not agree.

In    a `Plan`, the rounds that it refers to
Out   `Evaluation`: a pure function of both

Nothing is given full marks for want of data: an indicator without a figure is not measured, its points are
left open and told. A sum that does not come to its total is told with both figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from relief.errors import EvaluationError
from relief.evaluation.crossfoots import Sum, sums_of
from relief.evaluation.findings import Finding, findings_of
from relief.evaluation.model import BY_RATE, BY_SHARE, BY_TARGET, NOT_MEASURED
from relief.evaluation.quantities import Quantity, Target, in_words, points, read_target
from relief.evaluation.references import TOTAL, Figures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relief.evaluation.model import Indicator, Plan
    from relief.round.pipeline import Round

__all__ = ["Evaluation", "Line", "Result", "Verdict", "evaluate"]

Verdict = Literal["met", "missed", "worded", "no_target", "unclear", "unmeasured"]


@dataclass(frozen=True)
class Line:
    """One row of the budget, in fen, with both rates; None where nothing was to be used."""

    name: str
    budget_fen: int
    approved_fen: int
    used_fen: int
    stated_rate: str | None

    @property
    def of_approved(self) -> Fraction | None:
        """全年执行数 / 全年预算数: what the official form calls 执行率."""
        return Fraction(self.used_fen, self.approved_fen) if self.approved_fen else None

    @property
    def of_budget(self) -> Fraction | None:
        """全年执行数 / 年初预算数."""
        return Fraction(self.used_fen, self.budget_fen) if self.budget_fen else None


@dataclass(frozen=True)
class Result:
    """One indicator: its figure as shown, how it stands to its target, its points (None: left open)."""

    indicator: Indicator
    actual: str | None
    quantity: Quantity | None
    verdict: Verdict
    score: Decimal | None

    @property
    def is_open(self) -> bool:
        """Whether it has a weight and no points."""
        return self.indicator.weight is not None and self.score is None


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A self-evaluation that was worked out.

    Attributes
    ----------
    plan : Plan
    lines : tuple of Line
        Rows of the budget.
    total : Line
        Their sum, with the rate that the report states for it.
    budget_score : Decimal or None
    results : tuple of Result
        Per indicator.
    sums : tuple of Sum
        Everything that must add up, whether it does or not.
    """

    plan: Plan
    lines: tuple[Line, ...]
    total: Line
    budget_score: Decimal | None
    results: tuple[Result, ...]
    sums: tuple[Sum, ...]

    @property
    def score(self) -> Decimal | None:
        """Points together; None where nothing has a weight."""
        if not self.plan.model.is_scored:
            return None
        scores = (self.budget_score, *(each.score for each in self.results))
        return sum((each for each in scores if each is not None), Decimal(0))

    @property
    def open_points(self) -> Decimal:
        """Weight of what was left open: the score could be as much higher, and no higher."""
        model = self.plan.model
        weights = [each.indicator.weight or Decimal(0) for each in self.results if each.is_open]
        if model.budget.weight is not None and self.budget_score is None:
            weights.append(model.budget.weight)
        return sum(weights, Decimal(0))

    @property
    def grade(self) -> str | None:
        """The grade of the score; None where nothing has a weight."""
        return None if self.score is None else self.grade_of(self.score)

    @property
    def broken(self) -> tuple[Sum, ...]:
        """The sums that do not come to their totals."""
        return tuple(each for each in self.sums if each.holds is False)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What does not agree or is not known."""
        return findings_of(self)

    def grade_of(self, score: Decimal) -> str:
        """Return the grade of a score: the first whose limit it reaches.

        Limits are half-open: 89.5 is below 90, so it has the grade from 80 on.
        """
        return next(each.label for each in self.plan.model.grades if score >= each.at_least)


def evaluate(plan: Plan, rounds: Sequence[Round] = ()) -> Evaluation:
    """Work out a self-evaluation.

    Parameters
    ----------
    plan : Plan
        As `read_plan` gives it.
    rounds : sequence of Round
        The rounds that figures of the plan come from, each once; of a corrected one only the last.

    Returns
    -------
    Evaluation

    Raises
    ------
    EvaluationError
        If the plan refers to what is not there, or a round is given twice.

    Notes
    -----
    Headings and scoring are those of 项目支出绩效自评表. Grades have half-open limits, so that 89.5 has one.
    """
    # One round cannot repeat another, and its fingerprint is not asked for: that takes a while.
    if len(rounds) > 1 and len({each.seal for each in rounds}) < len(rounds):
        raise EvaluationError("evaluation.round_twice")
    model, figures = plan.model, Figures(plan, rounds)
    lines = tuple(Line(row.name, row.budget, row.approved, row.used, row.rate) for row in model.budget.rows)
    total = _total(plan, lines)
    results = tuple(_result(plan, figures, at, each) for at, each in enumerate(model.indicators))
    return Evaluation(plan, lines, total, _budget_score(plan, total), results, sums_of(plan, figures, rounds))


def _total(plan: Plan, lines: Sequence[Line]) -> Line:
    stated = plan.model.budget.total
    return Line(
        TOTAL,
        sum(line.budget_fen for line in lines),
        sum(line.approved_fen for line in lines),
        sum(line.used_fen for line in lines),
        stated.rate if stated else None,
    )


def _budget_score(plan: Plan, total: Line) -> Decimal | None:
    """Return the points for executing the budget: what was stated, or by 全年执行数 / 全年预算数."""
    budget = plan.model.budget
    if budget.weight is None:
        return None
    if budget.score != BY_RATE:
        return Decimal(budget.score)
    rate = total.of_approved
    return None if rate is None else points(Fraction(budget.weight) * min(rate, Fraction(1)))


def _result(plan: Plan, figures: Figures, at: int, indicator: Indicator) -> Result:
    text = indicator.actual
    if text is None or not text.strip() or text.strip() in NOT_MEASURED:
        return Result(indicator, None, None, "unmeasured", None)
    actual = figures.quantity(text, plan.at("绩效指标", at, "实际完成值"))
    if actual is None and text.startswith("="):
        return Result(indicator, None, None, "unmeasured", None)
    target = read_target(indicator.target) if indicator.target else None
    verdict = _verdict(indicator, target, actual)
    shown = in_words(actual) if actual is not None and text.startswith("=") else text
    return Result(indicator, shown, actual, verdict, _score(indicator, target, actual, verdict))


def _verdict(indicator: Indicator, target: Target | None, actual: Quantity | None) -> Verdict:
    if not indicator.target:
        return "no_target"
    if target is None:
        return "worded"
    is_met = None if actual is None else target.is_met(actual)
    return "unclear" if is_met is None else "met" if is_met else "missed"


def _score(
    indicator: Indicator, target: Target | None, actual: Quantity | None, verdict: Verdict
) -> Decimal | None:
    """Return the points: as stated, or by the rule that is named; None where it has nothing to go by."""
    if indicator.score is None or indicator.weight is None:
        return None
    if indicator.score not in (BY_TARGET, BY_SHARE):
        return Decimal(indicator.score)
    if verdict not in ("met", "missed") or target is None or actual is None:
        return None
    if verdict == "met":
        return indicator.weight
    share = _reached(target, actual) if indicator.score == BY_SHARE else Fraction(0)
    return points(Fraction(indicator.weight) * share)


def _reached(target: Target, actual: Quantity) -> Fraction:
    """Return how much of a target that was missed was reached: nothing of one that is a single value."""
    wanted, got = target.quantity.value, actual.value
    if target.sign in ("≥", ">"):
        return got / wanted if got < wanted else Fraction(0)
    if target.sign in ("≤", "<"):
        return wanted / got if got > wanted else Fraction(0)
    return Fraction(0)
