"""Who shares the fund, by what bounds, and what the round gave: the figures that a workbook starts from.

In    a `Round`
Out   `Roll`: rows in the order of their ids, amounts in fen as they were asked for
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief import arguments
from relief.allocation import wording
from relief.errors import RoundError
from relief.money import yuan
from relief.sheets.places import UNSTATED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from relief.allocation import Allocation
    from relief.round.pipeline import Round

__all__ = ["AMOUNTS_BELOW", "MOST_ROWS", "Roll", "roll_of"]

AMOUNTS_BELOW = 10**12
"""Fen. Below it every number that a formula meets is a whole number of at most 13 digits: Excel counts in
15 digits, and both it and LibreOffice take numbers for equal that differ after those."""

MOST_ROWS = 10_000
"""Households; with six passes that is more than half a million formulas."""


@dataclass(frozen=True)
class Roll:
    """The households of a split, ascending by id, and what was asked of it.

    Attributes
    ----------
    claims, floors, caps, paid : list of int
        In fen; None where no such bound was given.
    awards : list of int
        What the round gave, in fen.
    quotas : list of str
        The exact award before rounding in fen, in words; empty where the workbook works it out.
    is_live : bool
        Whether the workbook computes the awards, or shows those of the round.
    """

    ids: list[str]
    districts: list[str]
    names: list[str] | None
    claims: list[int]
    floors: list[int | None]
    caps: list[int | None]
    paid: list[int | None]
    awards: list[int]
    quotas: list[str]
    fund: int
    unit: int
    returned: int
    above: bool
    returns: bool
    method: str
    rounding: str
    is_live: bool


def roll_of(round_: Round, *, names: bool) -> Roll:
    """Return the rows of a round's split, or raise RoundError if a spreadsheet cannot hold them exactly."""
    plan, call = round_.allocation, round_.call
    terms = arguments.from_record(call.get("terms", {}))
    asked: Mapping[str, Any] = arguments.by_household(terms, round_.tables["households"])
    index = pd.Index([]) if plan is None else plan.claims_fen.index
    order = np.argsort(index.to_numpy(dtype=object), kind="stable")
    ids = index[order]
    homes = round_.household_districts.reindex(ids).astype(object)
    roll = Roll(
        ids=[str(label) for label in ids],
        districts=[str(home) for home in homes.where(homes.notna(), UNSTATED)],
        names=_names(round_, ids) if names else None,
        claims=[] if plan is None else _whole(plan.claims_fen.iloc[order]),
        floors=_given(asked.get("floors_fen"), ids),
        caps=_given(asked.get("caps_fen"), ids),
        paid=_given(asked.get("paid_fen"), ids),
        awards=[] if plan is None else _whole(plan.awards_fen.iloc[order]),
        quotas=_quotas(plan, order),
        fund=int(call["fund_fen"]),
        unit=int(call["unit_fen"]),
        returned=int(call["fund_fen"]) if plan is None else plan.returned_fen,
        above=bool(asked.get("allow_above_claim")),
        returns=asked.get("surplus") == "return",
        method=call["method"],
        rounding=call["rounding"],
        is_live=_is_live(plan),
    )
    _check_size(roll)
    return roll


def _is_live(plan: Allocation | None) -> bool:
    """Return whether formulas can follow the split: one fund, in proportion, by largest remainders."""
    return (
        plan is not None
        and (plan.method, plan.rounding) == ("proportional", "largest_remainder")
        and plan.parts[0].group.name is None
    )


def _quotas(plan: Allocation | None, order: Any) -> list[str]:
    if plan is None or _is_live(plan):
        return []
    return [wording.told(quota) for quota in plan.shown_quotas.iloc[order]]


def _given(bound: Any, ids: pd.Index[Any]) -> list[int | None]:
    if bound is None or isinstance(bound, int):
        return [bound] * len(ids)
    return [None if value is None or value != value else int(value) for value in bound.reindex(ids)]


def _whole(column: pd.Series[Any]) -> list[int]:
    return [int(value) for value in column]


def _names(round_: Round, ids: pd.Index[Any]) -> list[str]:
    households = round_.tables["households"]
    if "applicant_name" not in households:
        return [""] * len(ids)
    by_id = dict(zip(households["household_id"], households["applicant_name"], strict=True))
    found = [by_id.get(label) for label in ids]
    return [name if isinstance(name, str) else "" for name in found]


def _check_size(roll: Roll) -> None:
    if len(roll.ids) > MOST_ROWS:
        raise RoundError("audit.too_many", count=len(roll.ids), most=MOST_ROWS)
    bounds: Iterable[int | None] = (*roll.floors, *roll.caps, *roll.paid)
    largest = max([roll.fund, sum(roll.claims), *(bound for bound in bounds if bound is not None)])
    if largest >= AMOUNTS_BELOW:
        raise RoundError("audit.too_large", amount=f"{yuan(largest):,}", below=f"{yuan(AMOUNTS_BELOW):,}")
