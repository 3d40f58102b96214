"""What some methods ask for beside the claims: weights, categories, amounts, brackets, an order.

In    the arguments of `allocate` as a caller has them
Out   `Terms`, in the claims' order; an argument that is missing, wrong or of no use is an error
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.allocation import integers
from relief.allocation.claims import aligned
from relief.errors import MethodError

if TYPE_CHECKING:
    from collections.abc import Callable

    from relief.allocation.claims import Claims
    from relief.allocation.integers import Integers

__all__ = ["ASKED", "Bracket", "Terms", "chosen", "read_terms"]

ASKED = {
    "weighted": ("weights",),
    "flat_by_category": ("categories", "amounts_fen"),
    "by_priority": ("categories", "order"),
    "tiered": ("brackets",),
}
"""The arguments that a method cannot do without."""

_PAYING = ("flat_by_category", "tiered")


@dataclass(frozen=True)
class Bracket:
    """A stretch of claims and what a claim in it brings, up to where the next bracket begins.

    Attributes
    ----------
    from_fen : int
        Where it begins, in fen.
    share : Fraction, str or int
        Of the part of the claim that lies in the bracket: ``"7/10"``, ``Fraction(7, 10)``.
    amount_fen : int
        A fixed amount for every claim that ends in the bracket, in fen.
    included : bool
        Whether a claim of exactly `from_fen` belongs to it ("from") or not ("above").
    """

    from_fen: int
    share: Fraction | str | int = 0
    amount_fen: int = 0
    included: bool = True


@dataclass(frozen=True, eq=False)
class Terms:
    """What the methods of practice are told, checked; one entry per claim where there is one each."""

    weights: Integers = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    categories: pd.Index[Any] = field(default_factory=lambda: pd.Index([], dtype=object))
    amounts_fen: Mapping[Any, int] = field(default_factory=dict)
    order: tuple[Any, ...] = ()
    within: str = "proportional"
    brackets: tuple[Bracket, ...] = ()
    returns: bool = False
    scales: bool = False

    def at(self, positions: Integers) -> Terms:
        """Return the terms of some of the claims."""
        return replace(
            self,
            weights=self.weights[positions] if self.weights.size else self.weights,
            categories=self.categories[positions] if self.categories.size else self.categories,
        )


def read_terms(
    method: str, within: str, claims: Claims, given: dict[str, Any], *, surplus: str, shortage: str
) -> Terms:  # fmt: skip
    """Return the terms of a method, or raise MethodError for one that is missing, wrong or unused."""
    asked = ASKED.get(method, ())
    if method == "by_priority":
        if within == "by_priority":
            raise MethodError("allocation.within_itself")
        asked = tuple(dict.fromkeys((*asked, *ASKED.get(within, ()))))
    for name in asked:
        if given.get(name) is None:
            raise MethodError("allocation.term_missing", method=method, argument=name)
    for name, value in given.items():
        if value is not None and name not in asked:
            users = ", ".join(user for user, names in ASKED.items() if name in names)
            raise MethodError("allocation.term_unused", method=method, argument=name, users=users)
    pays = method in _PAYING or (method == "by_priority" and within in _PAYING)
    terms = Terms(
        within=within,
        returns=chosen("surplus", surplus, ("error", "return")) == "return",
        scales=chosen("shortage", shortage, ("error", "scale")) == "scale",
    )
    if terms.scales and not pays:
        raise MethodError("allocation.term_unused", method=method, argument="shortage",
                          users=", ".join(_PAYING))  # fmt: skip
    readers: dict[str, Callable[[Any, Claims], Any]] = {
        "weights": _weights, "categories": _categories, "amounts_fen": _amounts, "brackets": _brackets,
        "order": _order,
    }  # fmt: skip
    terms = replace(terms, **{name: readers[name](given[name], claims) for name in asked})
    _check_categories(terms)
    return terms


def chosen(argument: str, value: str, choices: tuple[str, ...]) -> str:
    """Return one of some words, or raise MethodError."""
    if value not in choices:
        raise MethodError("allocation.choice", argument=argument, value=str(value), known=", ".join(choices))
    return value


def _weights(values: Any, claims: Claims) -> Integers:
    """Return weights as whole numbers in the same proportions."""
    column, positions = _one_each(values, claims, "weights")
    ordered = column.iloc[np.argsort(positions)]
    if isinstance(ordered.dtype, np.dtype) and ordered.dtype.kind == "i" and ordered.min() >= 0:
        return ordered.to_numpy(dtype=np.int64, copy=True)
    exact = [_exact(value) for value in ordered]
    for place, weight in enumerate(exact):
        if weight is None or weight < 0:
            label = str(claims.labels[place])
            raise MethodError("allocation.weight_wrong", label=label, value=ordered.iloc[place])
    shares = [weight for weight in exact if weight is not None]
    common = lcm(*(share.denominator for share in shares))
    weights = np.empty(claims.fen.size, dtype=object)
    weights[:] = [int(share * common) for share in shares]
    return integers.narrow(weights)


def _categories(values: Any, claims: Claims) -> pd.Index[Any]:
    column, positions = _one_each(values, claims, "categories")
    if column.isna().any():
        label = str(claims.labels[positions[int(column.isna().to_numpy().argmax())]])
        raise MethodError("allocation.category_missing", label=label)
    ordered: pd.Index[Any] = pd.Index(column.astype(object).iloc[np.argsort(positions)])
    return ordered


def _one_each(values: Any, claims: Claims, argument: str) -> tuple[pd.Series[Any], Integers]:
    found = integers.column(values)
    if found is None:
        raise MethodError("allocation.argument_no_column", argument=argument, kind=type(values).__name__)
    column, positions = aligned(found, claims, argument, MethodError)
    if positions.size < claims.fen.size:
        left_out = np.setdiff1d(np.arange(claims.fen.size), positions)
        raise MethodError("allocation.argument_label_missing", argument=argument,
                          label=str(claims.labels[left_out[0]]))  # fmt: skip
    return column, positions


def _amounts(values: Any, _claims: Claims) -> dict[Any, int]:
    if not isinstance(values, Mapping) or not values:
        raise MethodError("allocation.amounts_no_mapping", value=values)
    for category, amount in values.items():
        if not integers.is_whole(amount) or amount < 0:
            raise MethodError("allocation.amount_wrong", category=str(category), value=amount)
    return {category: int(amount) for category, amount in values.items()}


def _order(values: Any, _claims: Claims) -> tuple[Any, ...]:
    if isinstance(values, str) or not isinstance(values, Sequence) or len(set(values)) < len(values):
        raise MethodError("allocation.order_wrong", value=values)
    return tuple(values)


def _brackets(values: Any, _claims: Claims) -> tuple[Bracket, ...]:
    """Return brackets with exact shares, each beginning above the one before it."""
    try:
        found = [value if isinstance(value, Bracket) else Bracket(**value) for value in values]
    except TypeError:
        raise MethodError("allocation.brackets_wrong", value=values) from None
    if not found:
        raise MethodError("allocation.brackets_wrong", value=values)
    checked: list[Bracket] = []
    for number, bracket in enumerate(found, start=1):
        share = _exact(bracket.share)
        whole = integers.is_whole(bracket.from_fen) and integers.is_whole(bracket.amount_fen)
        if (
            share is None
            or not 0 <= share <= 1
            or not whole
            or bracket.from_fen < 0
            or bracket.amount_fen < 0
        ):
            raise MethodError("allocation.bracket_wrong", number=number, value=bracket)
        if checked and bracket.from_fen <= checked[-1].from_fen:
            raise MethodError("allocation.bracket_order", number=number, value=bracket.from_fen)
        checked.append(replace(bracket, share=share))
    return tuple(checked)


def _exact(value: Any) -> Fraction | None:
    """Return an exact number, None for a float or what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer | Fraction | Decimal | str):
        return None
    try:
        return Fraction(int(value) if isinstance(value, np.integer) else value)
    except (ValueError, OverflowError, ZeroDivisionError):
        return None


def _check_categories(terms: Terms) -> None:
    """Hold the categories of the claims against those that have an amount or a place."""
    for argument, known in (("amounts_fen", terms.amounts_fen), ("order", terms.order)):
        if not known:
            continue
        unknown = [category for category in terms.categories.unique() if category not in known]
        if unknown:
            raise MethodError("allocation.category_unknown", argument=argument, category=str(unknown[0]),
                              known=", ".join(map(str, known)))  # fmt: skip
