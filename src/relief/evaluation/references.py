"""References of a plan's file to figures that are known already, and what they come to.

In    ``=轮次.受助户数``, ``=轮次.发放金额.新会区``, ``=指标.帮扶户数``, ``=资金.合计.全年执行数``
Out   `Quantity`: households in 户, money in 元
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from relief.errors import EvaluationError
from relief.evaluation.quantities import Quantity, read_quantity
from relief.messages import near_facts, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from relief.evaluation.model import Plan
    from relief.round.pipeline import Round

__all__ = ["ALL_DISTRICTS", "TOTAL", "Figures", "helped"]

TOTAL, ALL_DISTRICTS = "合计", "各区县"
_COLUMNS = {"年初预算数": "budget", "全年预算数": "approved", "全年执行数": "used"}
_HELPED = "受助户数"
_FROM_ROUNDS = (_HELPED, "申请户数", "发放金额", "资金总额", "自付费用")
_BY_DISTRICT = {_HELPED: "", "发放金额": "award_fen", "自付费用": "claim_fen"}
_DEEPEST = 10


class Figures:
    """Where figures of a plan and of its rounds are looked up."""

    def __init__(self, plan: Plan, rounds: Sequence[Round]) -> None:
        self._plan = plan
        self._rounds = rounds

    def quantity(self, text: str, place: str, depth: int = 0) -> Quantity | None:
        """Return the figure that a text is or refers to; None if it is no figure.

        Raises
        ------
        EvaluationError
            If a reference names what is not here.
        """
        if not text.startswith("="):
            return read_quantity(text)
        kind, _, rest = text[1:].strip().partition(".")
        if kind == "轮次":
            return self._of_rounds(rest, place)
        if kind == "资金":
            return self._of_budget(rest, place)
        if kind == "指标":
            return self._of_indicator(rest, place, depth)
        raise _unknown(place, kind, ("轮次", "资金", "指标"))

    def by_district(self, text: str, place: str) -> dict[str, Quantity]:
        """Return a figure of the rounds for each district, those with nothing included."""
        name = text.removeprefix("=轮次.").removesuffix(f".{ALL_DISTRICTS}")
        if name not in _BY_DISTRICT:
            raise _unknown(place, name, _BY_DISTRICT)
        self._need_rounds(place)
        names = dict.fromkeys(str(each) for round_ in self._rounds for each in round_.districts.index)
        return {district: self._of_district(name, district, place) for district in names}

    def _need_rounds(self, place: str) -> None:
        if not self._rounds:
            raise EvaluationError("evaluation.no_round", place=place)

    def _of_rounds(self, rest: str, place: str) -> Quantity:
        name, _, district = rest.partition(".")
        self._need_rounds(place)
        if district:
            if name not in _BY_DISTRICT:
                raise _unknown(place, name, _BY_DISTRICT)
            return self._of_district(name, district, place)
        if name not in _FROM_ROUNDS:
            raise _unknown(place, name, _FROM_ROUNDS)
        if name == _HELPED:
            return _households(len(set[str]().union(*map(helped, self._rounds))))
        count = sum(_whole(name, round_) for round_ in self._rounds)
        return _households(count) if name == "申请户数" else _money(count)

    def _of_district(self, name: str, district: str, place: str) -> Quantity:
        known = dict.fromkeys(str(each) for round_ in self._rounds for each in round_.districts.index)
        if district not in known:
            raise _unknown(place, district, known)
        if name == _HELPED:
            there = (helped(round_, district) for round_ in self._rounds)
            return _households(len(set[str]().union(*there)))
        tables = (round_.districts[_BY_DISTRICT[name]].to_dict() for round_ in self._rounds)
        return _money(sum(int(table.get(district, 0)) for table in tables))

    def _of_budget(self, rest: str, place: str) -> Quantity:
        name, _, column = rest.rpartition(".")
        if column not in _COLUMNS:
            raise _unknown(place, column, _COLUMNS)
        rows = self._plan.model.budget.rows
        if name != TOTAL and name not in (row.name for row in rows):
            raise _unknown(place, name, [row.name for row in rows] + [TOTAL])
        chosen = [row for row in rows if name in (row.name, TOTAL)]
        return _money(sum(getattr(row, _COLUMNS[column]) for row in chosen))

    def _of_indicator(self, name: str, place: str, depth: int) -> Quantity | None:
        found = [each for each in self._plan.model.indicators if each.level3 == name]
        if len(found) > 1:
            raise EvaluationError("evaluation.name_twice", place=place, name=name)
        if not found:
            raise _unknown(place, name, [each.level3 for each in self._plan.model.indicators])
        if depth > _DEEPEST:
            raise EvaluationError("evaluation.circular", place=place)
        return self.quantity(found[0].actual or "", place, depth + 1)


def helped(round_: Round, district: str | None = None) -> set[str]:
    """Return the households that get something, of all districts or of one."""
    if round_.allocation is None:
        return set()
    awards = round_.allocation.awards_fen
    home = round_.household_districts.to_dict()
    return {
        str(label)
        for label, award in awards.to_dict().items()
        if award > 0 and (district is None or home[label] == district)
    }


def _whole(name: str, round_: Round) -> int:
    """Return a figure of one round, money in fen."""
    if name == "资金总额":
        return int(round_.call["fund_fen"])
    if name == "申请户数":
        return int(round_.counts["households_in"])
    if round_.allocation is None:
        return 0
    amounts = round_.allocation.awards_fen if name == "发放金额" else round_.allocation.claims_fen
    return int(amounts.astype(object).sum())


def _households(count: int) -> Quantity:
    return Quantity(Fraction(count), "户")


def _money(amount_fen: int) -> Quantity:
    return Quantity(Fraction(amount_fen, 100), "元")


def _unknown(place: str, name: str, known: Iterable[str]) -> EvaluationError:
    names = list(known)
    near = nearest(name, names) if name else near_facts("")
    return EvaluationError("evaluation.unknown", place=place, name=name, known="、".join(names), **near)
