"""Facts from other departments -> the households they are about.

In    `Tables` whose registry names people by ID number
Out   the same, each registry row with its household; rows about nobody here are told

Thin for now: which source wins and what counts as a conflict is said by the pack's measures.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from relief.faults import Fault

if TYPE_CHECKING:
    from relief.tables import Tables

__all__ = ["attributed"]


def attributed(tables: Tables) -> Tables:
    """Give each registry row the household of the person it is about.

    Parameters
    ----------
    tables : Tables
        Registry rows that already name a household keep it.

    Returns
    -------
    Tables
        With ``registry.household_id`` filled in where the ID number belongs to exactly one
        household; one notice counts the rows that belong to none or to several.
    """
    if "registry" not in tables:
        return tables
    registry = tables["registry"]
    people = _people(tables)
    unique = people[~people.index.duplicated(keep=False)]
    empty = pd.Series(pd.NA, index=registry.index, dtype=object)
    named = registry.get("household_id", empty)
    numbers = registry.get("id_number", empty)
    household = named.where(named.notna(), numbers.map(_folded).map(unique))
    lost = household.isna()
    faults = tables.faults
    if lost.any():
        place = tables.origins["registry"].iloc[int(np.flatnonzero(lost)[0])]
        about: dict[str, object] = {"count": int(lost.sum())}
        fault = Fault(
            "notice.registry_nobody", "notice", place["source"], place["sheet"], "registry",
            int(place["row"]), "id_number", "", facts=about,
        )  # fmt: skip
        faults = (*faults, fault)
    frames = tables.frames | {"registry": registry.assign(household_id=household)}
    return replace(tables, frames=frames, faults=faults)


def _folded(number: object) -> object:
    return number.upper() if isinstance(number, str) else number


def _people(tables: Tables) -> pd.Series:
    """Return the household of every person, by ID number, each pair once."""
    parts = [tables["households"].rename(columns={"applicant_id_number": "id_number"})]
    if "members" in tables:
        parts.append(tables["members"])
    pairs = [part[["id_number", "household_id"]] for part in parts if "id_number" in part]
    if not pairs:
        return pd.Series(dtype=object)
    known = pd.concat(pairs).dropna()
    known = known.assign(id_number=known["id_number"].map(_folded)).drop_duplicates()
    return known.set_index("id_number")["household_id"]
