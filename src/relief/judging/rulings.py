"""Rulings of named persons that decide nothing, told so that none is lost in silence.

In    `Tables` with a table of rulings, the pack, the date of the decision
Out   the same without the rulings that do not say what, by whom, when or why; and a finding per
      ruling that is incomplete, on something the pack does not know, on a later day, or against
      another of the same day
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from relief.columns import DICTIONARY
from relief.rulepack.tree import rulings_in
from relief.sheets.faults import Fault

if TYPE_CHECKING:
    import datetime as dt

    from relief.intake.tables import Tables
    from relief.rulepack.pack import Pack
    from relief.sheets.faults import Severity

__all__ = ["weighed"]

_NO_WORD = re.compile(r"(?:[\W_]|无)*")
_NEEDED = ("rule_id", "value", "ruled_by", "ruled_on", "why")


def weighed(tables: Tables, pack: Pack, on: dt.date) -> Tables:
    """Set incomplete rulings aside and add what is to be said of the others.

    Parameters
    ----------
    tables : Tables
    pack : Pack
        Its rules, categories and ``ruled("…")`` are what can be ruled on.
    on : date
        Rulings of later days wait for a later decision.

    Returns
    -------
    Tables
        Without the incomplete rulings; ``faults`` may be longer.
    """
    if "rulings" not in tables or tables["rulings"].empty:
        return tables
    tables = _completed(tables)
    rulings = tables["rulings"]
    stated = [*pack.measures.values(), *pack.rules, *pack.categories, *([pack.claim] if pack.claim else [])]
    known = {item.id for item in (*pack.rules, *pack.categories)}.union(*(rulings_in(s.node) for s in stated))
    strange = ~rulings["rule_id"].isin(known)
    later = rulings["ruled_on"] > pd.Timestamp(on)
    case = rulings.groupby(["household_id", "rule_id", "ruled_on"])["value"]
    split = (case.transform("nunique") > 1) & ~strange & ~later
    faults = [
        *_told(tables, strange, "warning.ruling_unknown", "warning", known="、".join(sorted(known))),
        *_told(tables, later & ~strange, "notice.ruling_later", "notice", on=on.isoformat()),
        *_told(tables, split, "warning.ruling_conflict", "warning"),
    ]
    return replace(tables, faults=(*tables.faults, *faults))


def _completed(tables: Tables) -> Tables:
    """Drop the rulings that lack a part, each with a warning that names what it lacks."""
    rulings, origins = tables["rulings"], tables.origins["rulings"]
    empty = pd.Series(pd.NA, index=rulings.index, dtype=object)
    lacks = pd.DataFrame({name: _is_blank(rulings.get(name, empty)) for name in _NEEDED})
    partial = lacks.any(axis=1)
    if not partial.any():
        return tables
    faults = []
    titles = np.array([DICTIONARY["rulings"][name].title for name in _NEEDED], dtype=object)
    for parts in lacks[partial].drop_duplicates().to_numpy(dtype=bool):
        same = (lacks == parts).all(axis=1)
        missing = "、".join(titles[parts])
        faults += _told(tables, same, "warning.ruling_incomplete", "warning", missing=missing)
    faults.sort(key=lambda fault: fault.at)
    keep = ~partial.to_numpy()
    return replace(
        tables,
        frames=tables.frames | {"rulings": rulings[keep]},
        origins={**tables.origins, "rulings": origins[keep]},
        faults=(*tables.faults, *faults),
    )


def _is_blank(cells: pd.Series) -> pd.Series:
    """Return which cells are empty, or hold a mark or 无 in place of an answer."""
    return cells.isna() | cells.astype(object).map(lambda cell: bool(_NO_WORD.fullmatch(str(cell))))


def _told(tables: Tables, flags: pd.Series, code: str, severity: Severity, **facts: object) -> list[Fault]:
    rulings, origins = tables["rulings"], tables.origins["rulings"]
    faults = []
    for at in np.flatnonzero(flags.fillna(value=False)):
        place, row = origins.iloc[at], rulings.iloc[at]
        household_id = "" if pd.isna(row["household_id"]) else str(row["household_id"])
        rule_id = "" if pd.isna(row["rule_id"]) else str(row["rule_id"])
        faults.append(
            Fault(
                code, severity, place["source"], place["sheet"], "rulings", int(place["row"]), "rule_id",
                household_id=household_id, value=rule_id, facts={**facts},
            )
        )  # fmt: skip
    return faults
