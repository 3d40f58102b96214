"""A fund of its own for each group, and the sources that a fund is paid from.

In    the group of each claim, and the groups' funds or "claims" (by the groups' claims)
Out   one `Problem` per group, with the groups' funds adding up to the fund
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.allocation import integers
from relief.allocation.bounds import spendable
from relief.allocation.claims import Claims, aligned
from relief.allocation.methods.proportional import in_proportion
from relief.allocation.rounding import largest_remainder
from relief.errors import FundError, MethodError, ShortageError
from relief.money import yuan

if TYPE_CHECKING:
    from relief.allocation.integers import Integers
    from relief.allocation.problem import Problem, Quotas, Rounded

__all__ = ["Group", "Part", "by_source", "read_groups", "read_sources"]


@dataclass(frozen=True, eq=False)
class Group:
    """Claims that share a fund; `name` is None where all claims do."""

    name: Any
    positions: Integers | slice
    problem: Problem


@dataclass(frozen=True, eq=False)
class Part:
    """A group, the exact quotas of its claims, and their awards in whole units."""

    group: Group
    quotas: Quotas
    rounded: Rounded

    @property
    def problem(self) -> Problem:
        """What was divided."""
        return self.group.problem


def read_groups(problem: Problem, groups: Any, group_funds_fen: Any) -> list[Group]:
    """Return the problem of each group, ascending by name; one for all where no groups are given.

    Raises
    ------
    MethodError
        If groups are given without their funds, or funds without groups, or do not fit the claims.
    FundError
        If the groups' funds are not whole units, are not for these groups, or do not add up.
    ShortageError, SurplusError
        If a group's fund is less than its floors, or more than its claims can take.
    """
    if groups is None and group_funds_fen is None:
        return [Group(None, slice(None), problem)]
    for argument, value in (("groups", groups), ("group_funds_fen", group_funds_fen)):
        if value is None:
            raise MethodError("allocation.groups_and_funds", argument=argument)
    names, positions = _positions(groups, problem.claims)
    funds = (
        _by_claims(problem, names, positions) if isinstance(group_funds_fen, str)
        else _funds(problem, names, group_funds_fen)
    )  # fmt: skip
    if isinstance(group_funds_fen, str) and group_funds_fen != "claims":
        raise MethodError(
            "allocation.choice", argument="group_funds_fen", value=group_funds_fen, known="claims"
        )
    return [
        Group(name, ours, _of_group(problem, name, ours, fund))
        for name, ours, fund in zip(names, positions, funds, strict=True)
    ]


def _positions(groups: Any, claims: Claims) -> tuple[list[Any], list[Integers]]:
    """Return the groups' names, ascending, and where their claims stand."""
    found = integers.column(groups)
    if found is None:
        raise MethodError("allocation.argument_no_column", argument="groups", kind=type(groups).__name__)
    column, places = aligned(found, claims, "groups", MethodError)
    codes = np.full(claims.fen.size, -1)
    ours, names = pd.factorize(column.astype(object), use_na_sentinel=True)
    codes[places] = ours
    if (codes < 0).any():
        label = str(claims.labels[int((codes < 0).argmax())])
        raise MethodError("allocation.argument_label_missing", argument="groups", label=label)
    order = sorted(range(len(names)), key=lambda code: (type(names[code]).__name__, names[code]))
    return [names[code] for code in order], [np.flatnonzero(codes == code) for code in order]


def _funds(problem: Problem, names: list[Any], given: Any) -> list[int]:
    """Return the groups' funds in units, as they were given."""
    given = given.to_dict() if isinstance(given, pd.Series) else given
    if not isinstance(given, Mapping):
        raise FundError("allocation.group_funds_no_mapping", value=given)
    for name in names:
        if name not in given:
            raise FundError("allocation.group_without_fund", group=str(name))
    for name, fund in given.items():
        if name not in names:
            raise FundError("allocation.fund_without_group", group=str(name))
        if not integers.is_whole(fund) or fund < 0 or fund % problem.unit:
            raise FundError("allocation.group_fund_wrong", group=str(name), value=fund,
                            unit_yuan=yuan(problem.unit))  # fmt: skip
    together, fund = sum(int(fund) for fund in given.values()), problem.given * problem.unit
    if together != fund:
        raise FundError("allocation.group_funds_differ", together_yuan=yuan(together), fund_yuan=yuan(fund))
    return [int(given[name]) // problem.unit for name in names]


def _by_claims(problem: Problem, names: list[Any], positions: list[Integers]) -> list[int]:
    """Divide the fund among the groups in proportion to their claims, within their bounds together."""

    def together(values: Integers) -> Integers:
        return integers.narrow(np.array([integers.total(values[ours]) for ours in positions], dtype=object))

    fen, caps = together(problem.claims.fen), together(problem.caps)
    claims = Claims(fen, problem.claims.total, pd.Index(range(len(names))), False, int(fen.max()))
    whole = replace(
        problem, claims=claims, floors=together(problem.floors), caps=caps,
        capped=np.ones(len(names), dtype=bool), tie_keys=None, free=False,
    )  # fmt: skip
    quotas = in_proportion(whole, fen)
    return [int(fund) for fund in largest_remainder(whole, quotas).awards]


def _of_group(problem: Problem, name: Any, ours: Integers, fund: int) -> Problem:
    part = problem.at(ours, fund)
    needed = integers.total(part.floors)
    if needed > fund:
        raise ShortageError("allocation.group_shortage", group=str(name), fund_yuan=yuan(fund * part.unit),
                            floors_yuan=yuan(needed * part.unit))  # fmt: skip
    return replace(part, fund=spendable(part, part.caps, str(name)))


# --- sources --------------------------------------------------------------------------------------


def read_sources(sources_fen: Any, fund: int) -> dict[str, int]:
    """Return the sources in the order in which they are spent, in fen; empty where none are given.

    Raises
    ------
    FundError
        If an amount is not whole fen, or the sources do not add up to the fund.
    """
    if sources_fen is None:
        return {}
    if not isinstance(sources_fen, Mapping) or not sources_fen:
        raise FundError("allocation.sources_no_mapping", value=sources_fen)
    for name, amount in sources_fen.items():
        if not integers.is_whole(amount) or amount < 0:
            raise FundError("allocation.source_wrong", source=str(name), value=amount)
    sources = {str(name): int(amount) for name, amount in sources_fen.items()}
    if sum(sources.values()) != fund:
        raise FundError("allocation.sources_differ", together_yuan=yuan(sum(sources.values())),
                        fund_yuan=yuan(fund))  # fmt: skip
    return sources


def by_source(problem: Problem, awards_fen: Integers, sources: dict[str, int]) -> dict[str, Integers]:
    """Return what each source pays of each award, in fen.

    The sources are spent in order. Each is divided in proportion to what the awards still lack, in
    whole fen by largest remainders, so that every source is met to the fen and so is every award.
    """
    lacking, paid = awards_fen.copy(), {}
    for name, amount in sources.items():
        spent = min(amount, integers.total(lacking))
        claims = Claims(lacking, integers.total(lacking), problem.claims.labels, problem.claims.is_labelled,
                        int(lacking.max(initial=0)))  # fmt: skip
        part = replace(
            problem, claims=claims, fund=spent, unit=1, floors=np.zeros_like(lacking), caps=lacking,
            capped=np.ones(lacking.size, dtype=bool), free=False,
        )  # fmt: skip
        paid[name] = largest_remainder(part, in_proportion(part, lacking)).awards
        lacking = lacking - paid[name]
    return paid
