"""A roster that is recognised already: what is missing here is a fault, for nobody is pending.

In    `Tables` whose households are to share a fund
Out   the same; a cost that is blank or was never computed is a fault, a blank district is told
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from relief.errors import TableError
from relief.faults import Fault
from relief.places import UNSTATED

if TYPE_CHECKING:
    import pandas as pd

    from relief.tables import Tables

__all__ = ["CLAIM", "as_roster"]

CLAIM = "out_of_pocket_fen"


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
