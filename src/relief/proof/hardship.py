"""Which facts are hardship: more of one column is more of it, less of another.

In    a table and a column
Out   1, -1, or 0 for a column that says nothing of it

A poorer household has less income, fewer things and smaller balances; a more burdened one has more
persons to feed from the same income, spends more that it cannot avoid, and bears more of the cost
of illness. Columns that are not listed (what insurance paid, what schools cost …) mean one thing in
one text and another in the next.
"""

from __future__ import annotations

__all__ = ["direction"]

_INCOMES = (
    "income_fen", "wage_income_fen", "business_income_fen", "property_income_fen", "transfer_income_fen",
    "other_income_fen",
)  # fmt: skip
_THINGS = ("homes_count", "housing_area", "vehicles_count", "vehicle_price_fen", "deposits_fen")
_BURDENS = (
    "household_size", "rigid_expenditure_fen", "rigid_illness_fen", "rigid_schooling_fen",
    "rigid_disability_fen", "rigid_accident_fen", "rigid_other_fen", "out_of_pocket_fen",
)  # fmt: skip
_DIRECTIONS: dict[tuple[str, str], int] = {
    **{("households", name): -1 for name in (*_INCOMES, *_THINGS)},
    **{("members", name): -1 for name in _INCOMES},
    **{("households", name): 1 for name in _BURDENS},
    ("documents", "out_of_pocket_fen"): 1,
}


def direction(table: str, name: str) -> int:
    """Return 1 where more of a column is more hardship, -1 where less of it is, 0 elsewhere.

    Examples
    --------
    >>> direction("households", "income_fen"), direction("households", "household_size")
    (-1, 1)
    """
    return _DIRECTIONS.get((table, name), 0)
