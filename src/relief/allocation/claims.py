"""Claims, fund and unit as callers give them, read into whole numbers or refused.

In    claims in fen (Series, dict, array or list), the fund and the unit in fen, keys for ties
Out   `Claims`: int64 fen in the caller's order, their labels, and what orders equal claims
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.allocation import integers
from relief.errors import AllocationError, ClaimsError, FundError, UnitError, ZeroClaimsError
from relief.money import yuan

if TYPE_CHECKING:
    from relief.allocation.integers import Integers

__all__ = ["Claims", "aligned", "read_claims", "read_fund", "read_ties", "read_unit"]


@dataclass(frozen=True, eq=False)
class Claims:
    """Checked claims: `fen` is int64, `total` exact, `labels` unique and without gaps.

    `source` keeps a hold on the column that `fen` may look into, so that what the caller later
    writes there goes into a copy.
    """

    fen: Integers
    total: int
    labels: pd.Index[Any]
    is_labelled: bool
    largest: int
    source: Any = field(default=None, repr=False)

    def at(self, positions: Integers) -> Claims:
        """Return some of the claims."""
        fen = self.fen[positions]
        largest = int(fen.max(initial=0))
        return Claims(fen, integers.total(fen), self.labels[positions], self.is_labelled, largest)


def read_claims(claims_fen: Any) -> Claims:
    """Return the claims, or raise ClaimsError or ZeroClaimsError naming the first that cannot be used."""
    found = integers.column(claims_fen)
    if found is None:
        raise ClaimsError("allocation.claims_no_column", kind=type(claims_fen).__name__)
    values, is_labelled = found
    values = values.copy(deep=False)
    if values.empty:
        raise ClaimsError("allocation.claims_empty")
    labels = values.index if is_labelled else pd.RangeIndex(len(values))
    _check_labels(labels)
    fen = _read_fen(values, labels)
    least, largest, claimed = integers.extent(fen)
    if least < 0:
        at = int((fen < 0).argmax())
        raise ClaimsError("allocation.claim_negative", label=str(labels[at]), claim_yuan=yuan(int(fen[at])))
    if fen.dtype == object:
        at = int(fen.argmax())
        raise ClaimsError("allocation.claim_too_large", label=str(labels[at]), claim_yuan=yuan(largest))
    if not claimed:
        raise ZeroClaimsError("allocation.claims_zero", count=fen.size)
    return Claims(fen, claimed, labels, is_labelled, largest, values)


def _check_labels(labels: pd.Index[Any]) -> None:
    if isinstance(labels, pd.RangeIndex):
        return
    missing = labels.to_frame(index=False).isna().any(axis=1).to_numpy()
    if missing.any():
        raise ClaimsError("allocation.label_missing", position=int(missing.argmax()) + 1)
    if not labels.is_unique:
        raise ClaimsError("allocation.label_repeated", label=str(labels[labels.duplicated()][0]))


def _read_fen(values: pd.Series[Any], labels: pd.Index[Any]) -> Integers:
    fault = integers.fault_in(values)
    if fault and fault.kind == "missing":
        raise ClaimsError("allocation.claim_missing", label=str(labels[fault.position]))
    if fault:
        raise ClaimsError("allocation.claim_not_whole", label=str(labels[fault.position]), value=fault.value)
    return integers.whole(values)


def read_fund(fund_fen: Any) -> int:
    """Return the fund as a Python int, or raise FundError."""
    if not integers.is_whole(fund_fen):
        raise FundError("allocation.fund_not_whole", value=fund_fen)
    if fund_fen < 0:
        raise FundError("allocation.fund_negative", fund_yuan=yuan(int(fund_fen)))
    return int(fund_fen)


def read_unit(unit_fen: Any, fund: int) -> int:
    """Return the unit as a Python int, or raise UnitError; it must divide the fund."""
    if not integers.is_whole(unit_fen) or unit_fen < 1:
        raise UnitError("allocation.unit_not_positive", value=unit_fen)
    unit = int(unit_fen)
    if fund % unit:
        raise UnitError("allocation.unit_not_divisor", unit_yuan=yuan(unit), fund_yuan=yuan(fund),
                        rest_yuan=yuan(fund % unit))  # fmt: skip
    return unit


def read_ties(ties: Any, claims: Claims) -> pd.Index[Any] | None:
    """Return the keys that order tied claims in the claims' order; None where the labels do."""
    if ties is None:
        return None
    found = integers.column(ties)
    if found is None:
        raise ClaimsError("allocation.argument_no_column", argument="ties", kind=type(ties).__name__)
    keys, positions = aligned(found, claims, "ties", ClaimsError)
    have = np.zeros(claims.fen.size, dtype=bool)
    have[positions[keys.notna().to_numpy()]] = True
    if not have.all():
        raise ClaimsError("allocation.tie_missing", label=str(claims.labels[int(have.argmin())]))
    ordered: pd.Index[Any] = pd.Index(keys.iloc[np.argsort(positions)])
    return ordered


def aligned(
    found: tuple[pd.Series[Any], bool], claims: Claims, argument: str, error: type[AllocationError]
) -> tuple[pd.Series[Any], Integers]:
    """Return a column and the position of the claim that each of its values belongs to."""
    values, is_labelled = found
    if not is_labelled:
        if len(values) != claims.fen.size:
            raise error("allocation.argument_length", argument=argument, count=len(values),
                        expected=claims.fen.size)  # fmt: skip
        return values, np.arange(claims.fen.size)
    if not values.index.is_unique:
        raise error("allocation.argument_label_repeated", argument=argument,
                    label=str(values.index[values.index.duplicated()][0]))  # fmt: skip
    positions = claims.labels.get_indexer(values.index)
    if (positions < 0).any():
        unknown = values.index[int((positions < 0).argmax())]
        raise error("allocation.argument_label_unknown", argument=argument, label=str(unknown))
    return values, positions
