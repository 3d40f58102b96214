"""The ten rules in two-valued numpy and pandas, as one writes them without relief."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from judging.packs import CATEGORIES, STANDARDS_FEN, TEN_RULES

__all__ = ["by_hand"]

_TEXTS = [
    ";".join(name for at, name in enumerate(TEN_RULES) if code >> at & 1)
    for code in range(1 << len(TEN_RULES))
]


def _worded(codes: np.ndarray[Any, Any], words: list[str]) -> Any:
    return pd.Categorical.from_codes(codes, categories=pd.Index(words, dtype=object))


def by_hand(frame: pd.DataFrame, on: str) -> pd.DataFrame:
    """Judge by the ten rules with whole numbers; what is missing counts as 0 or no.

    The columns are those of `decisions`, of the same types, but for the unknown rules.
    """

    def whole(name: str) -> np.ndarray[Any, Any]:
        return frame[name].to_numpy(dtype="int64", na_value=0)

    size, income, cost = whole("household_size"), whole("income_fen"), whole("out_of_pocket_fen")
    urban, rural = (
        frame["district"].map(standards).astype("float64").fillna(0) for standards in STANDARDS_FEN.values()
    )
    standard = np.where(frame["residence"] == "城镇", urban, rural).astype("int64")
    # Per head and month against the standard, with both sides times 12 and the household's size.
    net, limit = income - whole("rigid_expenditure_fen"), 12 * standard * size
    relative = net < 2 * limit
    holds = [
        frame["union_member"].to_numpy(dtype=bool, na_value=False),
        frame["visited_on"].to_numpy() <= np.datetime64(on),
        frame["review_passed"].to_numpy(dtype=bool, na_value=False),
        whole("notice_working_days") >= 7,
        whole("homes_count") <= 1,
        whole("vehicles_count") <= 0,
        cost > 0,
        whole("deposits_fen") <= 2 * limit,
        income <= 3 * limit,
        relative,
    ]
    failed = np.zeros(len(frame), dtype=np.int16)
    for at, held in enumerate(holds):
        failed |= ~held * np.int16(1 << at)
    category = np.where(failed > 0, 0, np.where(net < limit, 1, 2))
    return pd.DataFrame(
        {
            "district": frame["district"],
            "outcome": _worded((failed == 0).astype(np.int8), ["ineligible", "eligible"]),
            "category": _worded(category.astype(np.int8), ["", *CATEGORIES]),
            "claim_fen": frame["out_of_pocket_fen"],
            "net_income_fen": net // np.maximum(12 * size, 1),
            "failed_rules": _worded(failed, _TEXTS),
        }
    ).set_axis(frame["household_id"])
