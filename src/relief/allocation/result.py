"""The outcome of one division: awards, and everything needed to check and explain them.

In    the parts that were divided, each with its exact quotas and their rounding
Out   `Allocation`: awards in fen on the caller's index, quotas, table, reconciliation, districts, text
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.allocation import integers, wording
from relief.allocation.certificate import certificate_of
from relief.allocation.groups import by_source
from relief.errors import FundError, UnknownHouseholdError
from relief.intake import districts as district_tables
from relief.money import yuan

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from relief.allocation.groups import Part
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
        Award per claim in fen, on the claims' index in their order. The sum is `fund_fen`, less
        what is returned.
    """

    method: str
    rounding: str
    fund_fen: int
    _problem: Problem
    _parts: list[Part]
    _sources: dict[str, int] = field(default_factory=dict)
    unit_fen: int = field(init=False)
    awards_fen: pd.Series[Any] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "unit_fen", self._problem.unit)
        object.__setattr__(self, "awards_fen", self._series(self._awards(), "award_fen"))

    def __repr__(self) -> str:
        return (
            f"Allocation({self.fund_fen} fen among {len(self.awards_fen)} claims, "
            f"method={self.method!r}, rounding={self.rounding!r})"
        )

    def _awards(self) -> Integers:
        awards = integers.times(self._gathered(lambda part: part.rounded.awards), self.unit_fen)
        if awards.dtype == object:
            raise FundError("allocation.award_too_large", award_yuan=yuan(int(awards.max())))
        return awards

    def _gathered(self, column: Callable[[Part], Any]) -> Any:
        """Return a column of all parts in the claims' order."""
        if isinstance(self._parts[0].group.positions, slice):
            return column(self._parts[0])
        columns = [column(part) for part in self._parts]
        whole = np.empty(len(self._problem.claims.labels), dtype=np.result_type(*columns))
        for part, values in zip(self._parts, columns, strict=True):
            whole[part.group.positions] = values
        return whole

    def _series(self, values: Any, name: str) -> pd.Series[Any]:
        return pd.Series(values, index=self._problem.claims.labels, name=name, copy=False)

    @property
    def parts(self) -> list[Part]:
        """What was divided for itself: all claims, or each group's."""
        return self._parts

    @cached_property
    def claims_fen(self) -> pd.Series[Any]:
        """Series of int64: the claims in fen."""
        return self._series(self._problem.claims.fen, "claim_fen")

    @cached_property
    def quotas(self) -> pd.Series[Any]:
        """Series of `fractions.Fraction`: the exact award in fen before rounding."""
        return self._series(
            self._gathered(lambda part: _fractions(_exact(part.quotas), self.unit_fen)), "quota_fen"
        )

    @property
    def shown_quotas(self) -> pd.Series[Any]:
        """Series of `fractions.Fraction`: `quotas`, to thirty places where they are too long to be told."""
        return self._series(
            self._gathered(lambda part: _fractions(part.quotas.shown(), self.unit_fen)), "quota_fen"
        )

    @cached_property
    def table(self) -> pd.DataFrame:
        """DataFrame on the claims' index: how each award came about.

        `claim_fen`, `floor_fen`, `cap_fen` (whole units; missing where nothing limits the award),
        `quota_fen` (exact Fraction), `remainder` (exact Fraction of one unit), `got_leftover`
        (bool), `award_fen`.
        """
        problem = self._problem
        whole = self._gathered(lambda part: part.quotas.whole) * self.unit_fen
        remainder = (self.quotas.to_numpy() - whole) / Fraction(self.unit_fen)
        got = self._gathered(lambda part: part.rounded.got_leftover)
        return pd.DataFrame(
            {
                "claim_fen": self.claims_fen,
                "floor_fen": self._series(integers.times(problem.floors, self.unit_fen), "floor_fen"),
                "cap_fen": self._caps_fen(),
                "quota_fen": self.quotas,
                "remainder": self._series(remainder, "remainder"),
                "got_leftover": self._series(got, "got_leftover"),
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
    def returned_fen(self) -> int:
        """What nobody can take and goes back, in fen; 0 unless ``surplus="return"`` was asked for."""
        return self.fund_fen - integers.total(self.awards_fen.to_numpy())

    @cached_property
    def groups(self) -> pd.DataFrame:
        """DataFrame, one row per group that has a fund of its own: what its fund became.

        Index `group`; `households`, `claim_fen`, `fund_fen`, `award_fen`, `returned_fen`,
        `units_by_remainder`. One row without a name where all claims share the fund.
        """
        rows = [
            {
                "group": "" if part.group.name is None else part.group.name,
                "households": part.rounded.awards.size,
                "claim_fen": part.problem.claims.total,
                "fund_fen": part.problem.given * self.unit_fen,
                "award_fen": integers.total(part.rounded.awards) * self.unit_fen,
                "returned_fen": (part.problem.given - integers.total(part.rounded.awards)) * self.unit_fen,
                "units_by_remainder": int(part.rounded.got_leftover.sum()),
            }
            for part in self._parts
        ]
        return pd.DataFrame(rows).set_index("group")

    @cached_property
    def by_source(self) -> pd.DataFrame:
        """DataFrame on the claims' index: what each source pays of each award, in fen (int64).

        One column per source, in the order of spending; each row adds up to the award, each column
        to the source, unless the last of them are returned. No column where no sources were given.
        """
        paid = by_source(self._problem, self.awards_fen.to_numpy(), self._sources)
        return pd.DataFrame(paid, index=self._problem.claims.labels)

    @cached_property
    def reconciliation(self) -> dict[str, Any]:
        """What an auditor checks first: that nothing is lost, and where the last unit went.

        ``fund_fen``, ``sum_fen``, ``returned_fen``, ``difference_fen`` (0), ``unit_fen``;
        ``units_by_remainder``, how many awards are above the whole part of their quota; ``cut``, the
        last claim to get a unit, or None: its ``remainder`` (exact Fraction of a unit), or by divisor
        methods the ``quotient`` (``quotient_squared`` for `huntington_hill`) by which it got it (None
        if endless), its claim and label; ``ties_at_cut``, how many claims had the same remainder or
        quotient, how many of them got a unit, and whether ``"claim"``,
        ``"ties"``, ``"label"`` or ``"position"`` told the last served from the first not served
        (None if nothing had to); ``sources``, in fen for each source what there was, what was
        spent and what is returned. Where groups have funds of their own, ``cuts`` has a cut and its
        ties for each, and ``cut`` is None.
        """
        awarded = integers.total(self.awards_fen.to_numpy())
        cuts = {part.group.name: self._cut(part) for part in self._parts}
        alone = cuts.get(None, {"cut": None, "ties_at_cut": {"count": 0, "served": 0, "broken_by": None}})
        return {
            "fund_fen": self.fund_fen,
            "sum_fen": awarded,
            "returned_fen": self.returned_fen,
            "difference_fen": self.fund_fen - awarded - self.returned_fen,
            "unit_fen": self.unit_fen,
            "units_by_remainder": sum(int(part.rounded.got_leftover.sum()) for part in self._parts),
            **alone,
            **({"cuts": cuts} if None not in cuts else {}),
            **({"sources": self._spent()} if self._sources else {}),
        }

    def _cut(self, part: Part) -> dict[str, Any]:
        cut, claims = part.rounded.cut, part.problem.claims
        return {
            "cut": cut
            and {
                _measure(part.rounded): cut.score,
                "claim_fen": int(claims.fen[cut.position]),
                "label": claims.labels[cut.position],
            },
            "ties_at_cut": {
                "count": cut.tied_count if cut else 0,
                "served": cut.tied_served if cut else 0,
                "broken_by": cut.broken_by if cut else None,
            },
        }

    def _spent(self) -> dict[str, dict[str, int]]:
        spent = {name: integers.total(self.by_source[name].to_numpy()) for name in self._sources}
        return {
            name: {"fund_fen": fund, "sum_fen": spent[name], "returned_fen": fund - spent[name]}
            for name, fund in self._sources.items()
        }

    def by(self, districts: Any, all_districts: Sequence[str] | None = None) -> pd.DataFrame:
        """Return totals per district; see `relief.intake.districts.summarise`.

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
        part, place = self._part_of(position)
        lines = wording.lines(part, place, award, self.method)
        if self._sources:
            paid = {name: int(self.by_source[name].iloc[position]) for name in self._sources}
            lines.append(wording.paid(paid))
        return "\n".join(wording.worded(line, lang) for line in lines)

    def certificate(self) -> dict[str, Any]:
        """Return the whole split as plain data by which a program of anybody's can check every award.

        Returns
        -------
        dict
            Text, whole numbers and lists only; see `relief.allocation.certificate`.

        Examples
        --------
        >>> from relief.allocation import allocate
        >>> part = allocate({"a": 100, "b": 200}, 200).certificate()["parts"][0]
        >>> part["form"], part["multiplier"], part["rows"][0]["quota"], part["rows"][0]["award"]
        ('rate', '2/3', '200/3', 67)
        """
        return certificate_of(self.method, self.rounding, self.fund_fen, self.unit_fen, self._parts)

    def _part_of(self, position: int) -> tuple[Part, int]:
        """Return the part that a claim is in, and its place there."""
        for part in self._parts:
            if isinstance(part.group.positions, slice):
                return part, position
            found = np.flatnonzero(part.group.positions == position)
            if found.size:
                return part, int(found[0])
        raise AssertionError(position)


def _measure(rounded: Rounded) -> str:
    """Return by what the last unit was given."""
    if rounded.divisor is None:
        return "remainder"
    return "quotient" if rounded.divisor.power == 1 else "quotient_squared"


def _exact(quotas: Quotas) -> tuple[Integers, Integers, int]:
    return quotas.whole, quotas.remainder, quotas.denominator


def _fractions(columns: tuple[Integers, Integers, int], unit: int) -> Any:
    """Return whole parts and remainders in units as fractions in fen."""
    whole, remainder, denominator = columns
    exact = np.empty(whole.size, dtype=object)
    exact[:] = [
        Fraction((int(part) * denominator + int(rest)) * unit, denominator)
        for part, rest in zip(whole, remainder, strict=True)
    ]
    return exact
