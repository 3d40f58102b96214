"""Axioms that look at the awards alone, on the columns of a plan of any size.

In    an `Allocation`, and awards in fen in the order of its claims: its own, or another allocator's
Out   a `Breach`, or None; amounts in fen

The quota of a plan is its method's exact award, within its bounds; a unit is the plan's unit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from relief.allocation import integers
from relief.fairness.witness import Breach

if TYPE_CHECKING:
    from collections.abc import Callable

    from relief.allocation import Allocation
    from relief.allocation.groups import Part
    from relief.allocation.integers import Flags, Integers

__all__ = ["CHECKS"]

Check: TypeAlias = "Callable[[Allocation, Integers], Breach | None]"


def _balance(plan: Allocation, awards: Integers) -> Breach | None:
    for part in plan.parts:
        total = integers.total(awards[part.group.positions])
        due = part.quotas.total * plan.unit_fen
        if total != due:
            return Breach(None, total, "exactly", due)
    return None


def _claims_bounded(plan: Allocation, awards: Integers) -> Breach | None:
    return _first(awards, awards > plan.claims_fen.to_numpy(), "at_most", plan.claims_fen.to_numpy())


def _non_negativity(_plan: Allocation, awards: Integers) -> Breach | None:
    return _first(awards, awards < 0, "at_least", np.zeros_like(awards))


def _unit_exactness(plan: Allocation, awards: Integers) -> Breach | None:
    whole = awards - awards % plan.unit_fen
    return _first(awards, whole != awards, "exactly", whole)


def _bounds_respected(plan: Allocation, awards: Integers) -> Breach | None:
    def in_part(part: Part, own: Integers) -> Breach | None:
        floors, caps = (
            integers.times(ends, plan.unit_fen) for ends in (part.problem.floors, part.problem.caps)
        )
        above = part.problem.capped & (own > caps)
        return _first(own, own < floors, "at_least", floors) or _first(own, above, "at_most", caps)

    return _by_part(plan, awards, in_part)


def _lower_quota(plan: Allocation, awards: Integers) -> Breach | None:
    def in_part(part: Part, own: Integers) -> Breach | None:
        least = integers.times(part.quotas.whole, plan.unit_fen)
        return _first(own, own < least, "at_least", least)

    return _by_part(plan, awards, in_part)


def _upper_quota(plan: Allocation, awards: Integers) -> Breach | None:
    def in_part(part: Part, own: Integers) -> Breach | None:
        most = integers.times(part.quotas.whole + (part.quotas.remainder > 0), plan.unit_fen)
        return _first(own, own > most, "at_most", most)

    return _by_part(plan, awards, in_part)


def _quota(plan: Allocation, awards: Integers) -> Breach | None:
    return _lower_quota(plan, awards) or _upper_quota(plan, awards)


def _remainder_order(plan: Allocation, awards: Integers) -> Breach | None:
    def in_part(part: Part, own: Integers) -> Breach | None:
        least, left = integers.times(part.quotas.whole, plan.unit_fen), part.quotas.remainder
        above = own > least
        if not above.any():
            return None
        passed_over = ~above & (left > left[above].min())
        return _first(own, passed_over, "at_least", least + plan.unit_fen)

    return _by_part(plan, awards, in_part)


def _equal_treatment_within_unit(plan: Allocation, awards: Integers) -> Breach | None:
    order, starts = _by_claim(plan, awards)
    low, high = order[starts], order[np.append(starts[1:], order.size) - 1]
    apart = awards[high] - awards[low] > plan.unit_fen
    if not apart.any():
        return None
    at = int(apart.argmax())
    row = int(low[at])
    return Breach(row, int(awards[row]), "at_least", int(awards[high[at]]) - plan.unit_fen)


def _order_of_awards(plan: Allocation, awards: Integers) -> Breach | None:
    return _out_of_order(plan, awards, awards)


def _order_of_losses(plan: Allocation, awards: Integers) -> Breach | None:
    losses = plan.claims_fen.to_numpy() - awards
    found = _out_of_order(plan, losses, awards)
    if found is None or found.row is None:
        return None
    wanted = int(plan.claims_fen.iloc[found.row]) - found.wanted
    return found._replace(relation="at_most", wanted=wanted)


def _order_preservation(plan: Allocation, awards: Integers) -> Breach | None:
    return _order_of_awards(plan, awards) or _order_of_losses(plan, awards)


def _out_of_order(plan: Allocation, amounts: Integers, awards: Integers) -> Breach | None:
    order, starts = _by_claim(plan, amounts)
    low, high = order[starts], order[np.append(starts[1:], order.size) - 1]
    crossed = amounts[low[1:]] < amounts[high[:-1]]
    if not crossed.any():
        return None
    at = int(crossed.argmax())
    row = int(low[at + 1])
    return Breach(row, int(awards[row]), "at_least", int(amounts[high[at]]))


def _by_claim(plan: Allocation, amounts: Integers) -> tuple[Integers, Integers]:
    """Return rows by claim, then amount, and where each claim begins."""
    claims = plan.claims_fen.to_numpy()
    order = np.lexsort((amounts, claims))
    return order, np.flatnonzero(np.append(True, np.diff(claims[order]) != 0))


def _by_part(
    plan: Allocation, awards: Integers, in_part: Callable[[Part, Integers], Breach | None]
) -> Breach | None:
    for part in plan.parts:
        positions = part.group.positions
        found = in_part(part, awards[positions])
        if found and found.row is not None:
            rows = np.arange(awards.size)[positions]
            return found._replace(row=int(rows[found.row]))
    return None


def _first(awards: Integers, wrong: Flags, relation: str, wanted: Any) -> Breach | None:
    if not wrong.any():
        return None
    row = int(wrong.argmax())
    return Breach(row, int(awards[row]), relation, int(wanted[row]))


CHECKS: dict[str, Check] = {
    "balance": _balance,
    "claims_bounded": _claims_bounded,
    "non_negativity": _non_negativity,
    "quota": _quota,
    "lower_quota": _lower_quota,
    "upper_quota": _upper_quota,
    "remainder_order": _remainder_order,
    "equal_treatment_within_unit": _equal_treatment_within_unit,
    "order_preservation": _order_preservation,
    "order_preservation_of_awards": _order_of_awards,
    "order_preservation_of_losses": _order_of_losses,
    "unit_exactness": _unit_exactness,
    "bounds_respected": _bounds_respected,
}
