"""Facts from other departments -> the households they are about, one row per thing found.

In    `Tables` whose registry names people by ID number
Out   the same, each registry row with its household and its answer in plain form; rows about
      nobody here, or about a person of several households, are told

Which source wins and what counts as a conflict is said by the pack's measures.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.intake.answers import NOTHING, things
from relief.intake.identifiers import folded
from relief.intake.people import rows_of
from relief.rulepack.crosschecks import USUAL
from relief.sheets.faults import Fault

if TYPE_CHECKING:
    from relief.intake.tables import Tables

__all__ = ["attributed"]


def attributed(tables: Tables) -> Tables:
    """Give each registry row the household of the person it is about, and each thing found a row.

    Parameters
    ----------
    tables : Tables
        Registry rows that already name a household keep it.

    Returns
    -------
    Tables
        With ``registry.household_id`` filled in where the ID number belongs to a household, once
        for each if it belongs to several, and ``registry.value`` as `relief.intake.answers` reads it.
        One warning counts the rows that belong to none, one those that belong to several, one those
        that found something of a person without saying of whom, and one those that repeat another.
        One per household where several members have a home or car in the same words: it may be one.
    """
    tables = _numbered(tables)
    if "registry" not in tables:
        return tables
    registry = tables["registry"]
    people = _people(tables)
    empty = pd.Series(pd.NA, index=registry.index, dtype=object)
    named = registry.get("household_id", empty).astype(object)
    numbers = registry.get("id_number", empty).astype(object).map(folded)
    known = named.notna() | numbers.isin(people.index)
    shared = named.isna() & numbers.isin(people.index[people.index.duplicated()])
    faults = [
        *_told(tables, ~known, "warning.registry_nobody"),
        *_told(tables, shared, "warning.registry_several"),
        *_told(tables, named.notna() & _of_nobody(registry, numbers), "warning.registry_whom"),
        *_told(tables, _repeated(registry, tables.origins["registry"]), "warning.registry_twice"),
    ]
    unique = people[~people.index.duplicated()]
    placed = registry.assign(household_id=named.where(named.notna(), numbers.map(unique)))
    faults += _perhaps_one(tables, placed)
    if shared.any():
        each = people.groupby(level=0).agg(list)
        placed["household_id"] = placed["household_id"].where(~shared, numbers.map(each))
    return _spread(replace(tables, faults=(*tables.faults, *faults)), placed)


def _repeated(registry: pd.DataFrame, origins: pd.DataFrame) -> pd.Series:
    """Return which rows say what a later one says, day apart; several things that one row found are none."""
    rows = registry.drop(columns="as_of", errors="ignore")
    if not rows.duplicated().any():
        return pd.Series(data=False, index=registry.index)
    alike = rows.groupby(list(rows), dropna=False, sort=False, observed=True).ngroup()
    row = origins.groupby(["source", "sheet", "row"], dropna=False, sort=False).ngroup()
    if "as_of" in registry:
        alike = alike[registry["as_of"].sort_values(kind="stable", na_position="first").index]
    latest = row[alike.index].groupby(alike.to_numpy()).transform("last")
    return row != latest.reindex(row.index)


def _perhaps_one(tables: Tables, placed: pd.DataFrame) -> list[Fault]:
    """Return one warning per household of whose members the same was found, until somebody rules on it."""
    registry, origins = placed, tables.origins["registry"]
    if not {"household_id", "id_number"} <= set(registry.columns):
        return []
    about = registry["kind"].isin(_COUNTED) & registry[["household_id", "id_number", "value"]].notna().all(
        axis=1
    )
    rows = registry[about].astype(object)
    pairs = zip(rows["kind"], rows["value"], strict=True)
    rows = rows[[NOTHING not in (found := things(*pair)) and found != [None] for pair in pairs]]
    same = [name for name in rows if name not in ("id_number", "as_of", "source")]
    ruled = set(rows_of(tables["rulings"], "household_id", "rule_id")) if "rulings" in tables else set()
    told: dict[Any, Fault] = {}
    for _, alike in rows[rows.duplicated(same, keep=False)].groupby(same, dropna=False, sort=False):
        household, kind = alike["household_id"].iloc[0], str(alike["kind"].iloc[0])
        count = alike["id_number"].map(folded).nunique()
        if count > 1 and (household, kind) not in ruled:
            place = origins.loc[alike.index[-1]]
            fault = Fault(
                "warning.registry_shared", "warning", place["source"], place["sheet"], "registry",
                int(place["row"]), "value", household_id=household, facts={"kind": kind, "count": count},
            )  # fmt: skip
            told.setdefault((household, kind), fault)
    return list(told.values())


def _of_nobody(registry: pd.DataFrame, numbers: pd.Series) -> pd.Series:
    """Return which rows found something of a person and do not say of whom."""
    asked = registry["kind"].isin(_OF_PERSONS) & numbers.isna() & registry["value"].notna()
    pairs = zip(registry["kind"].astype(object)[asked], registry["value"].astype(object)[asked], strict=True)
    found = [things(*pair) not in ([NOTHING], [None]) for pair in pairs]
    asked[asked] = np.array(found, dtype=bool)
    return asked


_COUNTED = [kind for kind, check in USUAL.items() if check.found == "count"]
_OF_PERSONS = [kind for kind, check in USUAL.items() if not check.is_of_household]


def _numbered(tables: Tables) -> Tables:
    """Give each ID number its one form where rules match members with facts or awards by it."""
    others = [table for table in ("registry", "history") if table in tables and "id_number" in tables[table]]
    if not others or "members" not in tables or "id_number" not in tables["members"]:
        return tables
    frames = {
        table: tables[table].assign(id_number=tables[table]["id_number"].map(folded).astype(object))
        for table in ("members", *others)
    }
    return replace(tables, frames=tables.frames | frames)


def _spread(tables: Tables, registry: pd.DataFrame) -> Tables:
    """Replace the registry by one that has a row per household and thing; origins go with the rows."""
    answers = [*zip(registry["kind"].astype(object), registry["value"], strict=True)]
    read = {answer: things(*answer) for answer in dict.fromkeys(answers)}
    values = pd.Series([read[answer] for answer in answers], index=registry.index, dtype=object)
    rows = registry.assign(value=values, at=np.arange(len(registry)))
    rows = rows.explode("household_id").explode("value")
    origin: Any = tables.origins["registry"].iloc[rows["at"].to_numpy(dtype=np.int64)].reset_index(drop=True)
    frames = tables.frames | {"registry": rows.drop(columns="at").reset_index(drop=True)}
    return replace(tables, frames=frames, origins={**tables.origins, "registry": origin})


def _told(tables: Tables, flags: pd.Series, code: str) -> list[Fault]:
    """Return one warning for all rows of one kind, at the first of them."""
    if not flags.any():
        return []
    place = tables.origins["registry"].iloc[int(np.flatnonzero(flags)[0])]
    return [
        Fault(
            code, "warning", place["source"], place["sheet"], "registry", int(place["row"]), "id_number",
            facts={"count": int(flags.sum())},
        )
    ]  # fmt: skip


def _people(tables: Tables) -> pd.Series:
    """Return the household of every person, by ID number, each pair once."""
    parts = [tables["households"].rename(columns={"applicant_id_number": "id_number"})]
    if "members" in tables:
        parts.append(tables["members"])
    pairs = [part[["id_number", "household_id"]].astype(object) for part in parts if "id_number" in part]
    if not pairs:
        return pd.Series(dtype=object)
    known = pd.concat(pairs).dropna()
    known = known.assign(id_number=known["id_number"].map(folded)).drop_duplicates()
    return known.set_index("id_number")["household_id"]
