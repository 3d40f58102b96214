"""Divide a fund among claims, exactly.

In    claims, a fund, a unit and bounds, all in whole fen; the names of a method and a rounding
Out   `Allocation`: awards in whole units, the fund as their sum

A method turns claims into exact quotas, a rounding turns quotas into whole units; each is found
by name in `METHODS` and `ROUNDINGS`.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

from relief.allocation.bounds import in_units, less_paid, read_bounds
from relief.allocation.claims import read_claims, read_fund, read_ties, read_unit
from relief.allocation.divisors import adams, dean, huntington_hill, jefferson, webster
from relief.allocation.groups import Part, read_groups, read_sources
from relief.allocation.methods.adjusted import adjusted_proportional
from relief.allocation.methods.arrival import random_arrival
from relief.allocation.methods.centroid import average_of_awards
from relief.allocation.methods.leveled import (
    constrained_egalitarian,
    constrained_equal_awards,
    constrained_equal_losses,
    equal,
    piniles,
    reverse_talmud,
    talmud,
)
from relief.allocation.methods.overlap import minimal_overlap
from relief.allocation.methods.practice import by_priority, flat_by_category, tiered
from relief.allocation.methods.proportional import proportional, weighted
from relief.allocation.methods.recursion import dominguez_thomson
from relief.allocation.result import Allocation
from relief.allocation.rounding import largest_remainder
from relief.allocation.terms import read_terms
from relief.errors import MethodError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from relief.allocation.problem import Method, Rounding
    from relief.allocation.terms import Bracket

__all__ = ["METHODS", "ROUNDINGS", "allocate"]

METHODS: dict[str, Method] = {
    "proportional": proportional,
    "adjusted_proportional": adjusted_proportional,
    "constrained_equal_awards": constrained_equal_awards,
    "constrained_equal_losses": constrained_equal_losses,
    "talmud": talmud,
    "reverse_talmud": reverse_talmud,
    "piniles": piniles,
    "random_arrival": random_arrival,
    "minimal_overlap": minimal_overlap,
    "constrained_egalitarian": constrained_egalitarian,
    "average_of_awards": average_of_awards,
    "dominguez_thomson": dominguez_thomson,
    "equal": equal,
    "flat_by_category": flat_by_category,
    "tiered": tiered,
    "by_priority": lambda problem: by_priority(problem, METHODS),
    "weighted": weighted,
}
ROUNDINGS: dict[str, Rounding] = {
    "largest_remainder": largest_remainder,
    "jefferson": jefferson,
    "webster": webster,
    "huntington_hill": huntington_hill,
    "dean": dean,
    "adams": adams,
}

_Entry = TypeVar("_Entry")


def allocate(
    claims_fen: Any,
    fund_fen: int,
    method: str = "proportional",
    rounding: str = "largest_remainder",
    unit_fen: int = 1,
    floors_fen: Any = None,
    caps_fen: Any = None,
    *,
    allow_above_claim: bool = False,
    ties: Any = None,
    paid_fen: Any = None,
    groups: Any = None,
    group_funds_fen: Any = None,
    sources_fen: Mapping[str, int] | None = None,
    surplus: str = "error",
    shortage: str = "error",
    weights: Any = None,
    categories: Any = None,
    amounts_fen: Mapping[Any, int] | None = None,
    brackets: Sequence[Bracket | Mapping[str, Any]] | None = None,
    order: Sequence[Any] | None = None,
    within: str = "proportional",
) -> Allocation:
    """Divide a fund among claims so that the awards are whole units and add up to it.

    Parameters
    ----------
    claims_fen : Series, dict, array or list of int
        What each household claims, in fen, >= 0. Labels (index or keys) are unique.
    fund_fen : int
        The sum to divide, in fen, >= 0; at most the total of the claims.
    method : str
        A name in `METHODS`.
    rounding : str
        A name in `ROUNDINGS`.
    unit_fen : int
        Every award is a multiple of it, in fen; it divides the fund.
    floors_fen, caps_fen : int, or Series, dict, array or list of int, optional
        Least and most of each award, in fen; floors are raised and caps lowered to whole units.
        A label without a floor has none. Caps are never above the claim.
    allow_above_claim : bool
        Let awards pass their claims; only `caps_fen` then limits them.
    ties : Series, dict, array or list, optional
        One key per claim: of equal remainders of equal claims the smaller key goes first. The
        label decides where keys are equal or not given.
    paid_fen : int, or Series, dict, array or list of int, optional
        What was paid before in the same year, in fen; `caps_fen` are then caps on the year.
    groups : Series, dict, array or list, optional
        Group of each claim, each with a fund of its own that no other group can touch.
    group_funds_fen : dict or Series of int, or "claims", optional
        The groups' funds in fen, together the fund; or to divide it by the groups' claims.
    sources_fen : dict of str to int, optional
        What the fund is paid from, in fen, in the order of spending; together the fund. See
        `Allocation.by_source`.
    surplus : {"error", "return"}
        What to do with what claims and caps cannot take.
    shortage : {"error", "scale"}
        What to do where the fund is less than fixed amounts: `flat_by_category` and `tiered`.
    weights : Series, dict, array or list of int, Fraction, Decimal or str, optional
        For `weighted`: >= 0, exact.
    categories : Series, dict, array or list, optional
        For `flat_by_category` and `by_priority`: the category of each claim.
    amounts_fen : dict, optional
        For `flat_by_category`: the amount of each category, in fen.
    brackets : list of Bracket or dict, optional
        For `tiered`: what a claim brings, bracket by bracket, upwards.
    order : list, optional
        For `by_priority`: the categories, the first served first.
    within : str
        For `by_priority`: the method inside a category.

    Returns
    -------
    Allocation
        The same for any order of the rows.

    Raises
    ------
    MethodError
        If no method or rounding has that name; if an argument that the method asks for is missing
        or wrong, or one is given that it has no use for; if the method cannot take so many claims.
    ClaimsError
        If a claim is negative, missing, no int64; if labels repeat; if there are no claims; if
        `ties` does not fit the claims.
    ZeroClaimsError
        If all claims are zero.
    FundError
        If the fund is negative or no int, or an award above its claim passes int64; if the groups'
        funds or the sources do not add up to it.
    UnitError
        If the unit is below 1 or does not divide the fund.
    BoundsError
        If bounds are negative, do not fit the claims, or a floor is above its cap.
    ShortageError
        If the floors together, or fixed amounts, are larger than the fund.
    SurplusError
        If the claims or caps together are smaller than the fund.

    References
    ----------
    Thomson, W. (2019). How to Divide When There Isn't Enough. Cambridge University Press.
    Balinski, M. L. and Young, H. P. (1982). Fair Representation. Yale University Press.

    Examples
    --------
    >>> plan = allocate({"H1": 1234_50, "H2": 800_00, "H3": 800_00}, 1500_00)
    >>> plan.awards_fen.to_dict()
    {'H1': 65329, 'H2': 42336, 'H3': 42335}
    >>> plan.reconciliation["ties_at_cut"]
    {'count': 2, 'served': 1, 'broken_by': 'label'}
    >>> allocate([100, 300], 200, caps_fen=120).awards_fen.tolist()
    [80, 120]
    """
    divide = _named(METHODS, method, "allocation.method_unknown")
    round_off = _named(ROUNDINGS, rounding, "allocation.rounding_unknown")
    _named(METHODS, within, "allocation.method_unknown")
    claims = read_claims(claims_fen)
    fund = read_fund(fund_fen)
    unit = read_unit(unit_fen, fund)
    given = {"weights": weights, "categories": categories, "amounts_fen": amounts_fen, "brackets": brackets,
             "order": order}  # fmt: skip
    terms = read_terms(method, within, claims, given, surplus=surplus, shortage=shortage)
    caps = read_bounds(caps_fen, claims, "caps_fen")
    if paid_fen is not None:
        caps = less_paid(caps, read_bounds(paid_fen, claims, "paid_fen"))
    problem = in_units(
        claims,
        fund,
        unit,
        floors=read_bounds(floors_fen, claims, "floors_fen"),
        caps=caps,
        tie_keys=read_ties(ties, claims),
        terms=terms,
        allow_above_claim=allow_above_claim,
    )
    sources = read_sources(sources_fen, fund)
    parts = []
    for group in read_groups(problem, groups, group_funds_fen):
        quotas = divide(group.problem)
        parts.append(Part(group, quotas, round_off(group.problem, quotas)))
    return Allocation(method, rounding, fund, problem, parts, sources)


def _named(known: Mapping[str, _Entry], name: str, code: str) -> _Entry:
    text = str(name)
    if text in known:
        return known[text]
    near = get_close_matches(text, known, n=1, cutoff=0.0)[0]
    raise MethodError(code, name=text, near=near, known=", ".join(known))
