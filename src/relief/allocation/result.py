"""The outcome of one division: awards, and everything needed to check and explain them.

In    a `Problem`, its exact quotas and their rounding
Out   `Allocation`: awards in fen on the caller's index, quotas, table, reconciliation, districts, text
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief import districts as district_tables
from relief.allocation import integers, wording
from relief.errors import FundError, UnknownHouseholdError
from relief.money import yuan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relief.allocation.integers import Integers
    from relief.allocation.problem import Problem, Quotas, Rounded
    from relief.messages import Language

__all__ = ["Allocation"]


@dataclass(frozen=True, eq=False, repr=False)
class Allocation:
    """One fund divided exactly; made by `allocate`.

    Attributes
    ----------
    method, rounding : str
        Their names.
    fund_fen, unit_fen : int
        In fen.
    awards_fen : Series of int64
        Award per claim in fen, on the claims' index in their order. The sum is `fund_fen`.
    """

    method: str
    rounding: str
    _problem: Problem
    _quotas: Quotas
    _rounded: Rounded
    fund_fen: int = field(init=False)
    unit_fen: int = field(init=False)
    awards_fen: pd.Series[Any] = field(init=False)

    def __post_init__(self) -> None:
        problem = self._problem
        object.__setattr__(self, "unit_fen", problem.unit)
        object.__setattr__(self, "fund_fen", problem.fund * problem.unit)
        object.__setattr__(self, "awards_fen", self._series(self._awards(), "award_fen"))

    def __repr__(self) -> str:
        return (
            f"Allocation({self.fund_fen} fen among {len(self.awards_fen)} claims, "
            f"method={self.method!r}, rounding={self.rounding!r})"
        )

    def _awards(self) -> Integers:
        awards = integers.times(self._rounded.awards, self.unit_fen)
        if awards.dtype == object:
            raise FundError("allocation.award_too_large", award_yuan=yuan(int(awards.max())))
        return awards

    def _series(self, values: Any, name: str) -> pd.Series[Any]:
        return pd.Series(values, index=self._problem.claims.labels, name=name)

    @cached_property
    def claims_fen(self) -> pd.Series[Any]:
        """Series of int64: the claims in fen."""
        return self._series(self._problem.claims.fen, "claim_fen")

    @cached_property
    def quotas(self) -> pd.Series[Any]:
        """Series of `fractions.Fraction`: the exact award in fen before rounding."""
        exact = [self._quotas.fraction(i) * self.unit_fen for i in range(len(self.awards_fen))]
        return self._series(np.array(exact, dtype=object), "quota_fen")

    @cached_property
    def table(self) -> pd.DataFrame:
        """DataFrame on the claims' index: how each award came about.

        `claim_fen`, `floor_fen`, `cap_fen` (whole units; missing where nothing limits the award),
        `quota_fen` (exact Fraction), `remainder` (exact Fraction of one unit), `got_leftover`
        (bool), `award_fen`.
        """
        problem = self._problem
        remainder = [self._quotas.remainder_of(i) for i in range(len(self.awards_fen))]
        return pd.DataFrame(
            {
                "claim_fen": self.claims_fen,
                "floor_fen": self._series(integers.times(problem.floors, self.unit_fen), "floor_fen"),
                "cap_fen": self._caps_fen(),
                "quota_fen": self.quotas,
                "remainder": self._series(np.array(remainder, dtype=object), "remainder"),
                "got_leftover": self._series(self._rounded.got_leftover, "got_leftover"),
                "award_fen": self.awards_fen,
            }
        )

    def _caps_fen(self) -> pd.Series[Any]:
        caps = self._series(integers.times(self._problem.caps, self.unit_fen), "cap_fen")
        if self._problem.capped.all():
            return caps
        if caps.dtype != object:
            caps = caps.astype("Int64")
        return caps.where(self._problem.capped, pd.NA)

    @cached_property
    def reconciliation(self) -> dict[str, Any]:
        """What an auditor checks first: that nothing is lost, and where the last unit went.

        ``fund_fen``, ``sum_fen``, ``difference_fen`` (0), ``unit_fen``; ``units_by_remainder``, the
        units handed out by remainder; ``cut``, the remainder (exact Fraction of a unit), claim and
        label of the last claim to get one, or None; ``ties_at_cut``, how many claims had that
        remainder, how many of them got a unit, and whether ``"claim"``, ``"ties"``, ``"label"`` or
        ``"position"`` told the last served from the first not served (None if nothing had to).
        """
        awarded = integers.total(self.awards_fen.to_numpy())
        cut, claims = self._rounded.cut, self._problem.claims
        return {
            "fund_fen": self.fund_fen,
            "sum_fen": awarded,
            "difference_fen": self.fund_fen - awarded,
            "unit_fen": self.unit_fen,
            "units_by_remainder": int(self._rounded.got_leftover.sum()),
            "cut": cut
            and {
                "remainder": self._quotas.remainder_of(cut.position),
                "claim_fen": int(claims.fen[cut.position]),
                "label": claims.labels[cut.position],
            },
            "ties_at_cut": {
                "count": cut.tied_count if cut else 0,
                "served": cut.tied_served if cut else 0,
                "broken_by": cut.broken_by if cut else None,
            },
        }

    def by(self, districts: Any, all_districts: Sequence[str] | None = None) -> pd.DataFrame:
        """Return totals per district; see `relief.districts.summarise`.

        Parameters
        ----------
        districts : Series of str, dict, or sequence in the claims' order
            District of each household.
        all_districts : sequence of str, optional
            Every district there is, in the order to show; one without a household is a row of zeros.

        Returns
        -------
        DataFrame
            Index: district; money in fen.

        Examples
        --------
        >>> from relief.allocation import allocate
        >>> plan = allocate({"a": 100, "b": 300}, 200)
        >>> plan.by({"a": "新会区", "b": "开平市"}, ["开平市", "江海区", "新会区"])["award_fen"].to_dict()
        {'开平市': 150, '江海区': 0, '新会区': 50}
        """
        return district_tables.summarise(self.claims_fen, self.awards_fen, districts, all_districts)

    def explain(self, label: object, lang: Language = "zh") -> str:
        """Return why `label` gets its award, as text; amounts in yuan, remainders exact.

        Parameters
        ----------
        label : object
            A household id of the claims' index; the position for an unlabelled input.
        lang : {"zh", "en"}
            Language of the text.

        Returns
        -------
        str
            One fact per line.

        Raises
        ------
        UnknownHouseholdError
            If no claim has this label.

        Examples
        --------
        >>> from relief.allocation import allocate
        >>> print(allocate({"a": 100, "b": 200}, 200).explain("a", "en"))
        a: claim 1.00 yuan, 33.3333 % of all claims of 3.00 yuan; fund 2.00 yuan.
        Exact award: 200/3 fen (proportional).
        Rounded to units of 0.01 yuan: 1/3 fen gained. By remainder (2/3 of a unit) it is
        number 1; units left over: 1, so it got one.
        Award: 0.67 yuan.
        """
        try:
            position = self._problem.claims.labels.get_loc(label)
        except (KeyError, TypeError, pd.errors.InvalidIndexError):
            raise UnknownHouseholdError("allocation.unknown_household", label=str(label)) from None
        if not isinstance(position, int):
            raise UnknownHouseholdError("allocation.unknown_household", label=str(label))
        award = int(self.awards_fen.iloc[position])
        lines = wording.lines(self._problem, self._quotas, self._rounded, position, award, self.method)
        return "\n".join(wording.worded(line, lang) for line in lines)
