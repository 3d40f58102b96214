"""What does not agree in a self-evaluation, or is not known: told, never mended.

In    an `Evaluation`
Out   `Finding`s in the order of the form: budget, indicators, sums, score and grade
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from relief.evaluation.quantities import agrees, in_words, percent, wan
from relief.messages import Figure, say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from relief.evaluation.evaluate import Evaluation, Line, Verdict
    from relief.messages import Language

__all__ = ["Finding", "findings_of"]

_SAME = {"优秀": "优", "良好": "良", "中等": "中"}


@dataclass(frozen=True)
class Finding:
    """One thing to look at."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)

    def text(self, lang: Language = "zh") -> str:
        """Return it as a sentence."""
        return say(self.code, lang, **self.facts)


def findings_of(evaluation: Evaluation) -> tuple[Finding, ...]:
    """Return everything that does not agree or is not known."""
    found = [finding for line in (*evaluation.lines, evaluation.total) for finding in _of_line(line)]
    return (*found, *_of_indicators(evaluation), *_of_sums(evaluation), *_of_score(evaluation))


def _of_line(line: Line) -> Iterator[Finding]:
    if line.used_fen > line.approved_fen:
        yield Finding("evaluation.overspent", {"name": line.name, **_amounts(line)})
    stated, approved, budget = line.stated_rate, line.of_approved, line.of_budget
    if stated is None:
        return
    facts = {"name": line.name, "stated": stated, **_amounts(line), **_rates(line)}
    by_approved = approved is not None and agrees(stated, approved)
    by_budget = budget is not None and agrees(stated, budget)
    if not by_approved and not by_budget:
        yield Finding("evaluation.rate_wrong", facts)
    elif not by_budget:
        yield Finding("evaluation.rate_of_approved", facts)
    elif not by_approved:
        yield Finding("evaluation.rate_of_budget", facts)


def _amounts(line: Line) -> dict[str, Figure]:
    names = ("budget", "approved", "used")
    return {name: Figure(wan(getattr(line, f"{name}_fen"))) for name in names}


def _rates(line: Line) -> dict[str, Figure]:
    rates = {"of_approved": line.of_approved, "of_budget": line.of_budget}
    return {name: Figure("—" if rate is None else percent(rate)) for name, rate in rates.items()}


def _of_indicators(evaluation: Evaluation) -> Iterator[Finding]:
    kinds: dict[Verdict, str] = {
        "unmeasured": "evaluation.unmeasured", "no_target": "evaluation.no_target",
        "unclear": "evaluation.unclear",
    }  # fmt: skip
    for verdict, code in kinds.items():
        names = [each.indicator.level3 for each in evaluation.results if each.verdict == verdict]
        if names:
            yield Finding(code, {"names": "、".join(names), "count": len(names)})
    for each in evaluation.results:
        indicator = each.indicator
        facts = {"name": indicator.level3, "target": indicator.target, "actual": each.actual}
        if each.verdict == "missed" and each.score is not None and each.score == indicator.weight:
            yield Finding("evaluation.full_though_missed", facts)
        if each.verdict == "missed" and not indicator.reason.strip():
            yield Finding("evaluation.no_reason", facts)
        if each.verdict == "unmeasured" and indicator.score and indicator.score[0].isdigit():
            yield Finding(
                "evaluation.scored_unmeasured", {"name": indicator.level3, "score": indicator.score}
            )


def _of_sums(evaluation: Evaluation) -> Iterator[Finding]:
    for each in evaluation.sums:
        if each.holds is None:
            yield Finding("evaluation.sum_unknown", {"name": each.name})
        elif not each.holds and each.sum is not None:
            facts = {"sum": in_words(each.sum), "total": each.shown_total, "parts": each.shown_parts}
            yield Finding(
                "evaluation.sum_broken",
                {"name": each.name, **{key: Figure(text) for key, text in facts.items()}},
            )


def _of_score(evaluation: Evaluation) -> Iterator[Finding]:
    model, score = evaluation.plan.model, evaluation.score
    if score is None:
        if model.stated_grade is not None and model.stated_score is None:
            yield Finding("evaluation.grade_without_score", {"grade": model.stated_grade})
        if model.stated_score is not None:
            yield Finding("evaluation.score_without_weights", {"score": f"{model.stated_score:f}"})
        yield from _of_grade(evaluation, model.stated_score)
        return
    if evaluation.open_points:
        most = score + evaluation.open_points
        grades = (evaluation.grade_of(score), evaluation.grade_of(most))
        facts = {"open": evaluation.open_points, "least": score, "most": most}
        told = {name: f"{value:f}" for name, value in facts.items()}
        yield Finding("evaluation.open", {**told, "grades": "—".join(dict.fromkeys(grades))})
    if model.stated_score is not None and model.stated_score != score:
        facts = {"stated": model.stated_score, "score": score}
        yield Finding("evaluation.score_differs", {name: f"{value:f}" for name, value in facts.items()})
    yield from _of_grade(evaluation, score)


def _of_grade(evaluation: Evaluation, score: Decimal | None) -> Iterator[Finding]:
    stated = evaluation.plan.model.stated_grade
    if stated is None or score is None:
        return
    grade = evaluation.grade_of(score)
    if _SAME.get(stated, stated) != _SAME.get(grade, grade):
        yield Finding("evaluation.grade_differs", {"stated": stated, "grade": grade, "score": f"{score:f}"})
