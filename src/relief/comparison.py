"""Methods, roundings and funds side by side over the same claims.

In    claims, funds, and names of methods and roundings
Out   `Comparison`: every household's award under each, and what the differences come to
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.allocation import METHODS, ROUNDINGS, Allocation, allocate
from relief.allocation.terms import ASKED
from relief.errors import MethodError
from relief.intake.districts import summarise
from relief.messages import mask, say
from relief.money import yuan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from relief.messages import Language

__all__ = ["Comparison", "compare", "plain_rows"]

_DECILES = 10
_MOST_SHOWN = 3


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Several divisions of the same claims; made by `compare`.

    Attributes
    ----------
    plans : dict of str to Allocation
        By name, in the order asked for; the first is what the others are held against.
    claims_fen : Series of int64
        In fen, on the households' index.
    """

    plans: dict[str, Allocation]
    claims_fen: pd.Series[Any]

    def __repr__(self) -> str:
        return f"Comparison({len(self.claims_fen)} claims: {', '.join(self.plans)})"

    @property
    def awards_fen(self) -> pd.DataFrame:
        """DataFrame of int64 on the claims' index: one column of awards in fen by division."""
        return pd.DataFrame({name: plan.awards_fen for name, plan in self.plans.items()})

    @property
    def summary(self) -> pd.DataFrame:
        """DataFrame, one row by division, money in fen.

        `fund_fen`, `award_fen`, `returned_fen`; of the awards `nothing` (how many are zero),
        `min_fen`, `median_fen` (rounded half to even), `max_fen`; `lowest_share`, the share of all
        awards that goes to the tenth of the households with the lowest claims (exact Fraction);
        held against the first: `gain`, `lose` (how many households), `moved_fen` (what changed
        hands: half of all differences, rounded down), `most_gained_fen`, `most_lost_fen`.
        """
        first = next(iter(self.plans.values())).awards_fen
        lowest = self._deciles() == 0
        rows = {name: _row(plan, first, lowest) for name, plan in self.plans.items()}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("division")

    @property
    def deciles(self) -> pd.DataFrame:
        """DataFrame, one row by tenth of the households by claim, the lowest first: awards in fen.

        Equal claims are told apart by their labels; the tenths differ by one household at most.
        """
        by = pd.Series(self._deciles() + 1, index=self.claims_fen.index).map(str)
        return self.by(by, [str(at) for at in range(1, _DECILES + 1)]).rename_axis("decile")

    def by(self, districts: Any, all_districts: Sequence[str] | None = None) -> pd.DataFrame:
        """Return households, claims and each division's awards in fen, added up by district.

        Parameters
        ----------
        districts, all_districts
            As in `relief.intake.districts.summarise`.
        """
        columns: dict[str, Any] = {}
        for name, plan in self.plans.items():
            table = summarise(self.claims_fen, plan.awards_fen, districts, all_districts)
            columns = columns or {"households": table["households"], "claim_fen": table["claim_fen"]}
            columns[name] = table["award_fen"]
        return pd.DataFrame(columns)

    def largest(self, name: str, most: int = _MOST_SHOWN) -> pd.DataFrame:
        """Return the households whose award differs most from the first division's, largest first.

        Returns
        -------
        DataFrame
            On the claims' index: `claim_fen`, `first_fen`, `award_fen`, `difference_fen`.
        """
        first, award = next(iter(self.plans.values())).awards_fen, self.plans[name].awards_fen
        table = pd.DataFrame(
            {"claim_fen": self.claims_fen, "first_fen": first, "award_fen": award,
             "difference_fen": award - first}
        )  # fmt: skip
        moved = table[table["difference_fen"] != 0]
        by_size = moved.assign(size=moved["difference_fen"].abs()).sort_values(
            "size", ascending=False, kind="stable"
        )
        return by_size.head(most).drop(columns="size")

    def _deciles(self) -> Any:
        labels = pd.Index(self.claims_fen.index.map(str))
        order = np.lexsort((labels.argsort().argsort(), self.claims_fen.to_numpy()))
        tenth = np.empty(len(order), dtype=np.int64)
        tenth[order] = np.arange(len(order)) * _DECILES // len(order)
        return tenth

    def lines(self, lang: Language = "zh") -> list[str]:
        """Return the comparison as text that a person reads."""
        table = self.summary
        first = table.index[0]
        lines = [say("compare.head", lang, count=len(self.claims_fen), first=str(first))]
        for name, row in table.to_dict("index").items():
            lines.append(_division_line(str(name), row, lang))
            if name != first:
                lines.append(_difference_line(row, lang))
                lines += [_household_line(label, told, lang) for label, told in self._told(str(name))]
        return lines

    def _told(self, name: str) -> Iterable[tuple[str, dict[Any, Any]]]:
        return [(str(label), row) for label, row in self.largest(name).to_dict("index").items()]

    def plain(self) -> dict[str, Any]:
        """Return the comparison as JSON may hold it: money as text of yuan."""
        return {
            "households": len(self.claims_fen),
            "divisions": [
                {
                    "division": str(name),
                    "method": self.plans[str(name)].method,
                    "rounding": self.plans[str(name)].rounding,
                    **_plain(row),
                    "largest": [{"household_id": mask(label), **_plain(told)}
                                for label, told in self._told(str(name))],
                }
                for name, row in self.summary.to_dict("index").items()
            ],
            "deciles": plain_rows(self.deciles),
        }  # fmt: skip


def compare(
    claims_fen: Any,
    fund_fen: int | Sequence[int],
    methods: Sequence[str],
    roundings: Sequence[str] = ("largest_remainder",),
    **terms: Any,
) -> Comparison:
    """Divide the same claims by several methods, roundings and funds.

    Parameters
    ----------
    claims_fen : Series, dict, array or list of int
        As in `allocate`.
    fund_fen : int or list of int
        One fund, or several, in fen.
    methods, roundings : list of str
        Names in `METHODS` and `ROUNDINGS`.
    **terms
        What else `allocate` takes. What only some methods have a use for goes to those alone.

    Returns
    -------
    Comparison
        Divisions are named after what differs: ``"talmud"``, ``"talmud / webster"``,
        ``"talmud 3000.00"``.

    Raises
    ------
    AllocationError
        If one of the divisions cannot be made.

    Examples
    --------
    >>> found = compare({"a": 100, "b": 200, "c": 300}, 200, ["proportional", "constrained_equal_awards"])
    >>> found.awards_fen.T.to_dict("list")
    {'a': [33, 66], 'b': [67, 67], 'c': [100, 67]}
    >>> found.summary.loc["constrained_equal_awards", ["gain", "lose", "moved_fen"]].tolist()
    [1, 1, 33]
    """
    funds = [fund_fen] if isinstance(fund_fen, int | np.integer) else list(fund_fen)
    for known, names, code in (
        (METHODS, methods, "allocation.method_unknown"),
        (ROUNDINGS, roundings, "allocation.rounding_unknown"),
    ):
        _check(known, names, code)
    plans = {}
    for method, rounding, fund in product(methods, roundings, funds):
        parts = [method]
        parts += [f"/ {rounding}"] if len(roundings) > 1 else []
        parts += [str(yuan(fund))] if len(funds) > 1 else []
        used = _used(method, terms)
        plans[" ".join(parts)] = allocate(claims_fen, fund, method, rounding, **used)
    return Comparison(plans, next(iter(plans.values())).claims_fen)


def _check(known: Mapping[str, Any], names: Sequence[str], code: str) -> None:
    for name in names or [""]:
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.0)[0]
            raise MethodError(code, name=name, near=near, known=", ".join(known))


def _used(method: str, terms: Mapping[str, Any]) -> dict[str, Any]:
    """Return the terms that a method has a use for."""
    within = terms.get("within", "proportional")
    own = {*ASKED.get(method, ()), *(ASKED.get(within, ()) if method == "by_priority" else ())}
    special = {name for names in ASKED.values() for name in names} - own
    pays = {"flat_by_category", "tiered"} & {method, within if method == "by_priority" else ""}
    special |= set() if pays else {"shortage"}
    return {name: value for name, value in terms.items() if name not in special}


def _row(plan: Allocation, first: pd.Series[Any], lowest: Any) -> dict[str, Any]:
    awards = plan.awards_fen
    change = (awards - first).to_numpy()
    total = sum(awards.tolist())
    ordered = np.sort(awards.to_numpy())
    middle = int(ordered[(len(ordered) - 1) // 2]) + int(ordered[len(ordered) // 2])
    return {
        "fund_fen": plan.fund_fen,
        "award_fen": total,
        "returned_fen": plan.returned_fen,
        "nothing": int((awards == 0).sum()),
        "min_fen": int(ordered[0]),
        "median_fen": round(Fraction(middle, 2)),
        "max_fen": int(ordered[-1]),
        "lowest_share": Fraction(sum(awards.to_numpy()[lowest].tolist()), total or 1),
        "gain": int((change > 0).sum()),
        "lose": int((change < 0).sum()),
        "moved_fen": sum(np.abs(change).tolist()) // 2,
        "most_gained_fen": max(int(change.max()), 0),
        "most_lost_fen": max(-int(change.min()), 0),
    }


def plain_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return sums by division as JSON may hold them: counts, and money as text of yuan."""
    return [
        {
            str(table.index.name): str(label),
            "households": row.pop("households"),
            "claim_yuan": str(yuan(row.pop("claim_fen"))),
            "award_yuan": {name: str(yuan(int(fen))) for name, fen in row.items()},
        }
        for label, row in table.to_dict("index").items()
    ]


# --- in words -------------------------------------------------------------------------------------


def _money(row: Mapping[Any, Any]) -> dict[str, str]:
    return {str(name).removesuffix("_fen"): f"{yuan(int(fen)):,}" for name, fen in row.items()
            if str(name).endswith("_fen")}  # fmt: skip


def _division_line(name: str, row: Mapping[Any, Any], lang: Language) -> str:
    money = _money(row)
    facts = {key: money[key] for key in ("award", "returned", "min", "median", "max")}
    share = f"{float(row['lowest_share']):.2%}"
    return say("compare.division", lang, name=name, nothing=row["nothing"], share=share, **facts)


def _difference_line(row: Mapping[Any, Any], lang: Language) -> str:
    money = _money(row)
    facts = {key: money[key] for key in ("moved", "most_gained", "most_lost")}
    return say("compare.difference", lang, gain=row["gain"], lose=row["lose"], **facts)


def _household_line(label: str, row: Mapping[Any, Any], lang: Language) -> str:
    sign = "+" if row["difference_fen"] > 0 else ""
    money = _money(row)
    return say("compare.household", lang, label=label, claim=money["claim"], first=money["first"],
               award=money["award"], difference=sign + money["difference"])  # fmt: skip


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a row with its money as text of yuan and its shares as text of an exact fraction."""
    plain: dict[str, Any] = {}
    for name, value in row.items():
        if str(name).endswith("_fen"):
            plain[str(name).removesuffix("_fen") + "_yuan"] = str(yuan(int(value)))
        else:
            plain[str(name)] = str(value) if isinstance(value, Fraction) else value
    return plain
