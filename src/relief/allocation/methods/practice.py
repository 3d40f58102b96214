"""What unions do beside sharing in proportion: fixed amounts, brackets of cost, classes in order.

In    a `Problem` with the `Terms` that the method asks for
Out   quotas in units

A fixed amount or a bracket says what each household is entitled to, in whole units, rounded down;
then the total floats and the fund does not. Above it the fund is too small: an error, or all
entitlements are scaled down in proportion (``shortage="scale"``). Below it something is left: an
error, or it is returned (``surplus="return"``).

Source: the notices of Xi'an 2017, Hunan 2022 and 2024, Sanming, Tianjin (amounts by tier) and
Shanghai 2019 (shares of parts of the cost, with a cap).
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, Any

import numpy as np

from relief.allocation import integers
from relief.allocation.bounds import spendable
from relief.allocation.methods.proportional import in_proportion
from relief.allocation.problem import AT_CAP, AT_FLOOR, Problem, Quotas
from relief.errors import ShortageError
from relief.money import yuan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from relief.allocation.integers import Integers
    from relief.allocation.problem import Method

__all__ = ["by_priority", "flat_by_category", "tiered"]


def flat_by_category(problem: Problem) -> Quotas:
    """Give every household the amount of its category.

    Parameters
    ----------
    problem : Problem
        With `categories` and `amounts_fen`.

    Returns
    -------
    Quotas
        In units; a household's amount, or its share of the fund where the amounts are scaled down.

    Raises
    ------
    ShortageError
        If the fund is less than the amounts, and scaling was not asked for.
    SurplusError
        If the fund is more, and returning the rest was not asked for.

    References
    ----------
    Jiangmen 2022: 1,500 yuan for each of 287 households.

    Examples
    --------
    >>> from relief.allocation import allocate
    >>> plan = allocate(
    ...     {"a": 900, "b": 500}, 500, method="flat_by_category",
    ...     categories={"a": "deep", "b": "relative"}, amounts_fen={"deep": 300, "relative": 200},
    ... )
    >>> plan.awards_fen.to_dict()
    {'a': 300, 'b': 200}
    """
    categories, amounts = problem.terms.categories, problem.terms.amounts_fen
    codes, distinct = categories.factorize()
    fen = integers.narrow(np.array([amounts[category] for category in distinct], dtype=object))
    return _entitled(problem, fen[codes])


def tiered(problem: Problem) -> Quotas:
    """Give every household what its claim brings by brackets.

    ``sum(share * part of the claim in the bracket) + the amount of the bracket it ends in``.

    Parameters
    ----------
    problem : Problem
        With `brackets`.

    Returns
    -------
    Quotas
        In units; rounded down household by household, or the share of the fund where scaled down.

    Raises
    ------
    ShortageError
        If the fund is less than the entitlements, and scaling was not asked for.
    SurplusError
        If the fund is more, and returning the rest was not asked for.

    References
    ----------
    Shanghai Federation of Trade Unions (2019), document 19: 90 % of the part up to 10,000 yuan,
    70 % of the rest, at most 20,000 yuan.

    Examples
    --------
    >>> from relief.allocation import allocate, Bracket
    >>> plan = allocate(
    ...     {"a": 5_000_00, "b": 50_000_00}, 24_500_00, method="tiered",
    ...     brackets=[Bracket(0, "9/10"), Bracket(10_000_00, "7/10")], caps_fen=20_000_00,
    ... )
    >>> plan.awards_fen.to_dict()
    {'a': 450000, 'b': 2000000}
    """
    return _entitled(problem, _by_bracket(problem))


def _by_bracket(problem: Problem) -> Integers:
    """Return what each claim brings, in fen, rounded down."""
    brackets, claims = problem.terms.brackets, integers.widen(problem.claims.fen)
    common = lcm(*(Fraction(bracket.share).denominator for bracket in brackets))
    brought = np.zeros_like(claims)
    ends = [bracket.from_fen for bracket in brackets[1:]] + [
        max(problem.claims.largest, brackets[-1].from_fen)
    ]
    for bracket, end in zip(brackets, ends, strict=True):
        inside = np.clip(claims - bracket.from_fen, 0, end - bracket.from_fen)
        brought += inside * int(Fraction(bracket.share) * common)
    amounts = np.zeros_like(claims)
    for bracket in brackets:
        reached = claims >= bracket.from_fen if bracket.included else claims > bracket.from_fen
        amounts[reached] = bracket.amount_fen
    return integers.narrow(brought // common + amounts)


def _entitled(problem: Problem, entitled_fen: Integers) -> Quotas:
    """Give what each is entitled to, within its bounds, or scale it down."""
    due = np.clip(integers.over(entitled_fen, problem.unit), problem.floors, problem.caps)
    needed = integers.total(due)
    if needed > problem.fund and not problem.terms.scales:
        raise ShortageError(
            "allocation.shortage_entitled",
            fund_yuan=yuan(problem.fund * problem.unit),
            needed_yuan=yuan(needed * problem.unit),
            short_yuan=yuan((needed - problem.fund) * problem.unit),
        )
    within = replace(problem, caps=due, capped=np.ones(due.size, dtype=bool), free=False)
    return replace(in_proportion(within, due), base=due)


def by_priority(problem: Problem, methods: Mapping[str, Method]) -> Quotas:
    """Serve the categories in order, each up to its caps before the next gets more than its floors.

    Parameters
    ----------
    problem : Problem
        With `categories`, their `order`, and the method `within` the category at which the fund
        runs out.
    methods : mapping of str to method
        Where that method is found.

    Returns
    -------
    Quotas
        In units; exact.

    Raises
    ------
    SurplusError
        If all categories together cannot take the fund.

    References
    ----------
    Moulin, H. (2000). Priority Rules and Other Asymmetric Rationing Methods. Econometrica 68.

    Examples
    --------
    >>> from relief.allocation import allocate
    >>> plan = allocate(
    ...     {"a": 300, "b": 100, "c": 100}, 400, method="by_priority",
    ...     categories={"a": "deep", "b": "relative", "c": "relative"}, order=["deep", "relative"],
    ... )
    >>> plan.awards_fen.to_dict()
    {'a': 300, 'b': 50, 'c': 50}
    """
    terms = problem.terms
    served, remainder = integers.widen(problem.floors), np.zeros(problem.floors.size, dtype=object)
    held = np.where(problem.floors > 0, AT_FLOOR, 0).astype(np.int8)
    left, denominator = problem.fund - integers.total(problem.floors), 1
    for category in terms.order:
        ours = np.flatnonzero(terms.categories == category)
        if not ours.size or not left:
            continue
        quotas = methods[terms.within](_of_class(problem, ours, left))
        left -= quotas.total - integers.total(problem.floors[ours])
        served[ours], remainder[ours] = quotas.whole, quotas.remainder
        held[ours] = _held(problem.at(ours, quotas.total), quotas)
        # Only the class at which the fund runs out gets less than whole units.
        if quotas.remainder.any():
            denominator = quotas.denominator
    reached = integers.narrow(served)
    total = spendable(problem, reached) if left else problem.fund
    return Quotas(reached, integers.narrow(remainder), denominator, total, held)


def _held(part: Problem, quotas: Quotas) -> Any:
    """Return the bounds that settled what a class gets: its caps where it is served in full."""
    if quotas.total < integers.total(part.caps):
        return 0 if quotas.held is None else quotas.held
    return (part.caps != integers.over(part.claims.fen, part.unit)) * np.int8(AT_CAP)


def _of_class(problem: Problem, ours: Integers, left: int) -> Problem:
    """Return the problem of one class: what it leaves goes on to the next."""
    floors, caps = integers.total(problem.floors[ours]), integers.total(problem.caps[ours])
    part = problem.at(ours, min(left + floors, caps))
    return replace(part, terms=replace(part.terms, returns=True))
