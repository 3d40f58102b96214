"""Sums that must come to a total: columns of the budget, those that the file states, those of each round.

In    a plan, where its figures are looked up, the rounds
Out   `Sum`s, each with both figures
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from relief.errors import EvaluationError
from relief.evaluation.quantities import Quantity, Target, in_digits, in_words, read_target
from relief.evaluation.references import ALL_DISTRICTS, helped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from relief.evaluation.model import Crossfoot, Plan
    from relief.evaluation.references import Figures
    from relief.round.pipeline import Round

__all__ = ["Sum", "sums_of"]

_COLUMNS = (("年初预算数", "budget"), ("全年预算数", "approved"), ("全年执行数", "used"))


@dataclass(frozen=True)
class Sum:
    """Parts and what they must come to; a part without a figure leaves the sum unknown."""

    name: str
    parts: tuple[tuple[str, Quantity | None], ...]
    total: Target | None

    @property
    def sum(self) -> Quantity | None:
        """The parts together; None if one is not known."""
        known = [part for _, part in self.parts if part is not None]
        if len(known) < len(self.parts):
            return None
        unit = next((part.unit for part in known if part.unit), "")
        return Quantity(sum((part.value for part in known), Fraction(0)), unit)

    @property
    def holds(self) -> bool | None:
        """Whether the parts come to the total; None if a figure is not known."""
        if self.sum is None or self.total is None:
            return None
        return self.total.is_met(self.sum)

    @property
    def shown_parts(self) -> str:
        """The parts as people add them up, such as 7+6+0; money in 万元."""
        return "+".join("?" if part is None else in_digits(part) for _, part in self.parts)

    @property
    def shown_total(self) -> str:
        """The total as stated, with its sign where it is no plain figure."""
        if self.total is None:
            return "?"
        return self.total.sign.removeprefix("=") + in_words(self.total.quantity)


def sums_of(plan: Plan, figures: Figures, rounds: Sequence[Round]) -> tuple[Sum, ...]:
    """Return every sum that can be checked.

    Raises
    ------
    EvaluationError
        If a part or a total is no figure, or parts are counted in different units.
    """
    stated = (_stated(plan, figures, at, each) for at, each in enumerate(plan.model.crossfoots))
    of_rounds = (each for at, round_ in enumerate(rounds, start=1) for each in _of_round(round_, at))
    return (*_of_budget(plan), *stated, *of_rounds)


def _of_budget(plan: Plan) -> Iterator[Sum]:
    budget = plan.model.budget
    if budget.total is None:
        return
    for title, column in _COLUMNS:
        parts = tuple((row.name, _money(getattr(row, column))) for row in budget.rows)
        yield Sum(title, parts, _equal(_money(getattr(budget.total, column))))


def _stated(plan: Plan, figures: Figures, at: int, crossfoot: Crossfoot) -> Sum:
    place = plan.at("勾稽关系", at, "各项")
    one = crossfoot.parts.get("", "")
    if one.endswith(f".{ALL_DISTRICTS}"):
        parts: dict[str, Quantity | None] = {**figures.by_district(one, place)}
    else:
        parts = {
            name: _figure(figures, text, plan.at("勾稽关系", at, "各项", name))
            for name, text in crossfoot.parts.items()
        }
    units = {part.unit for part in parts.values() if part is not None}
    if len(units) > 1:
        raise EvaluationError("evaluation.units", place=place, units="、".join(sorted(units)))
    total = _target(figures, crossfoot.total, plan.at("勾稽关系", at, "合计"))
    made = Sum(crossfoot.name, tuple(parts.items()), total)
    if made.sum is not None and total is not None and not total.quantity.is_like(made.sum):
        told = "、".join((made.sum.unit or "—", total.quantity.unit or "—"))
        raise EvaluationError("evaluation.units", place=place, units=told)
    return made


def _figure(figures: Figures, text: str, place: str) -> Quantity | None:
    found = figures.quantity(text, place)
    if found is None and not text.startswith("="):
        raise EvaluationError("evaluation.no_figure", place=place)
    return found


def _target(figures: Figures, text: str, place: str) -> Target | None:
    """Return what a sum must be: a figure is to be met exactly."""
    if text.startswith("="):
        found = _figure(figures, text, place)
        return None if found is None else _equal(found)
    target = read_target(text)
    if target is None:
        raise EvaluationError("evaluation.no_figure", place=place)
    return target if target.sign else _equal(target.quantity)


def _of_round(round_: Round, number: int) -> Iterator[Sum]:
    """Districts against households, districts against awards, awards and what is left against the fund."""
    plan = round_.allocation
    if plan is None:
        return
    table, given = round_.districts["award_fen"].to_dict(), int(plan.awards_fen.astype(object).sum())
    names = list(map(str, table))
    counts = tuple((name, Quantity(Fraction(len(helped(round_, name))), "户")) for name in names)
    awards = tuple((name, _money(int(table[name]))) for name in names)
    fund = (("发放金额", _money(given)), ("结余", _money(int(plan.returned_fen))))
    everybody = Quantity(Fraction(len(helped(round_))), "户")
    yield Sum(f"第{number}轮各区县受助户数", counts, _equal(everybody))
    yield Sum(f"第{number}轮各区县发放金额", awards, _equal(_money(given)))
    yield Sum(f"第{number}轮资金总额", fund, _equal(_money(int(round_.call["fund_fen"]))))


def _equal(quantity: Quantity) -> Target:
    return Target("=", quantity)


def _money(amount_fen: int) -> Quantity:
    return Quantity(Fraction(amount_fen, 100), "元")
