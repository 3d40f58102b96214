"""A roster that is recognised already: what is missing here is a fault, for nobody is pending.

In    `Tables` whose households are to share a fund, and what a division asks of their columns
Out   `Roster`, ready to divide; a cost that is blank or was never computed is a fault, as is a blank
      group, category or weight, and a blank district is told
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief import arguments
from relief.errors import TableError
from relief.intake.tables import Tables, read_tables
from relief.rulepack.pack import Pack, load_pack
from relief.sheets.faults import Fault
from relief.sheets.places import UNSTATED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from relief.sheets.places import District

__all__ = ["CLAIM", "HOME_PACK", "Roster", "as_roster", "hold_to", "read_roster"]

HOME_PACK = "jiangmen-2021"

CLAIM = "out_of_pocket_fen"


@dataclass(frozen=True, eq=False)
class Roster:
    """The claims of a roster and what its columns say of each, ready to divide."""

    tables: Tables
    claims_fen: pd.Series[Any]
    terms: dict[str, Any]
    home: pd.Series[Any]
    districts: Sequence[District]
    quarantine: pd.DataFrame
    pack: Pack
    any_district: bool
    rows_in: int


def read_roster(
    tables: Tables | Mapping[str, Any] | pd.DataFrame | str | Path,
    districts: Pack | str | Path = HOME_PACK,
    *,
    any_district: bool = False,
    terms: Mapping[str, Any] | None = None,
) -> Roster:
    """Return what `split` divides: its arguments say what is read."""
    asked = terms or {}
    is_any = any_district or districts == "any"
    pack = districts if isinstance(districts, Pack) else load_pack(HOME_PACK if is_any else districts)
    known: Sequence[District] = () if is_any else pack.districts
    columns = arguments.asked_columns(asked)
    read = as_roster(read_tables(tables, arguments.headers(asked)).located(known))
    needed = [("households", name) for name in (CLAIM, "district", *columns)]
    usable, quarantine = hold_to(read, columns).usable(needed)
    households = usable["households"]
    claims = pd.Series(
        households[CLAIM].to_numpy(dtype=np.int64),
        index=pd.Index(households["household_id"], dtype=object, name="household_id"),
        name="claim_fen",
    )
    has_districts = "district" in households
    home = households["district"].to_numpy() if has_districts else None
    return Roster(
        tables=usable,
        claims_fen=claims,
        terms=arguments.by_household(asked, households),
        home=pd.Series(home, index=claims.index, dtype=object),
        districts=known if has_districts else (),
        quarantine=quarantine,
        pack=pack,
        any_district=is_any,
        rows_in=len(read["households"]),
    )


def as_roster(tables: Tables) -> Tables:
    """Turn what cannot be divided into faults.

    Raises
    ------
    TableError
        If the roster has no column for the out-of-pocket cost.
    """
    frame = tables["households"]
    if CLAIM not in frame:
        raise TableError("split.no_claim", found="、".join(map(str, frame.columns)))
    faults = [*tables.faults]
    blank = frame[CLAIM].isna().to_numpy()
    bad = {f.at: at for at, f in enumerate(faults) if f.table == "households" and f.column == CLAIM}
    origin = tables.origins["households"]
    for at in np.flatnonzero(blank):
        place = origin.iloc[at]
        known = bad.get(tuple(place))
        if known is None:
            faults.append(_roster_fault("fault.claim_missing", "fault", frame, place, int(at), CLAIM))
        else:
            faults[known] = replace(faults[known], severity="fault")
    if "district" in frame:
        unknown = {f.at for f in faults if f.code == "fault.district"}
        for at in np.flatnonzero(frame["district"].isna()):
            place = origin.iloc[at]
            if tuple(place) not in unknown:
                faults.append(
                    _roster_fault("warning.no_district", "warning", frame, place, int(at), "district")
                )
    else:
        told: dict[str, object] = {"name": UNSTATED}
        where = tables.sources[0].name if tables.sources else "households"
        faults.append(Fault("warning.no_district_column", "notice", where, table="households", facts=told))
    return replace(tables, faults=tuple(faults))


def _roster_fault(code: str, severity: Any, frame: pd.DataFrame, place: Any, at: int, column: str) -> Fault:
    return Fault(
        code, severity, place["source"], place["sheet"], "households", int(place["row"]), column,
        "", frame["household_id"].iloc[at] or "",
    )  # fmt: skip


def hold_to(tables: Tables, asked: Mapping[str, str]) -> Tables:
    """Turn into faults what cannot be used of the columns that a division asks for.

    Parameters
    ----------
    tables : Tables
    asked : mapping of str to str
        By column of the households: ``"money"`` may be blank (no bound, nothing paid), ``"text"``
        and ``"number"`` may not.
    """
    frame, origin = tables["households"], tables.origins["households"]
    faults = [
        replace(f, severity="fault") if f.column in asked and f.code.startswith("cell.") else f
        for f in tables.faults
    ]
    told = {(f.at, f.column) for f in faults if f.severity == "fault"}
    for name, kind in asked.items():
        for at in np.flatnonzero(_unusable(frame[name], kind)):
            place, value = origin.iloc[at], frame[name].iloc[at]
            blank = value is None or value != value
            if (tuple(place), name) not in told:
                code = "fault.asked_missing" if blank else "fault.weight"
                fault = _roster_fault(code, "fault", frame, place, int(at), name)
                faults.append(replace(fault, header=name, value="" if blank else str(value)))
    return replace(tables, faults=tuple(faults))


def _unusable(column: pd.Series[Any], kind: str) -> Any:
    if kind == "money":
        return np.zeros(len(column), dtype=bool)
    blank = column.isna().to_numpy()
    if kind == "number":
        return blank | ~column.map(_is_weight).to_numpy(dtype=bool)
    return blank


def _is_weight(value: object) -> bool:
    try:
        return Fraction(str(value)) >= 0
    except (ValueError, ZeroDivisionError):
        return False
