"""Rulings of named persons: which count, and what is said of the others, so that none is lost in silence.

In    `Tables` with a table of rulings, the pack, the date of the decision
Out   the same without the rulings that do not say what, by whom, when or why; and a finding per
      ruling that is incomplete, on something the pack does not know, on a later day, or against
      another of the same day; `rulings_on_facts`, those that settle a conflict with a department

A rule or category is ruled on by its id and with yes or no, a fact by the matter (不动产 …) and with what
the person holds to be so (核定值).
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import compress
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from relief.columns import DICTIONARY, normalised
from relief.intake.people import rows_of
from relief.rulepack.crosschecks import comparisons
from relief.rulepack.tree import rulings_in
from relief.sheets.faults import Fault

if TYPE_CHECKING:
    import datetime as dt

    from relief.intake.tables import Tables
    from relief.rulepack.pack import Pack
    from relief.sheets.faults import Severity

__all__ = ["Ruling", "rulings_on_facts", "weighed"]

_NO_WORD = re.compile(r"(?:[\W_]|无)*")
_NEEDED = ("rule_id", "value", "ruled_by", "ruled_on", "why")
_KINDS = DICTIONARY["registry"]["kind"].choices


class Ruling(NamedTuple):
    """What a named person holds of a matter on which statement and department differ."""

    household: str
    kind: str
    value: str
    by: str
    on: dt.date
    why: str
    source: str
    sheet: str
    row: int


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
    known = _ids(pack)
    tables = _completed(_named(_with_values(tables), known))
    rulings = tables["rulings"]
    known |= comparisons(pack).keys()
    strange = ~rulings["rule_id"].isin(known)
    later = rulings["ruled_on"] > pd.Timestamp(on)
    split = _split(rulings) & ~strange & ~later
    faults = [
        *_told(tables, strange, "warning.ruling_unknown", "warning", known="、".join(sorted(known))),
        *_told(tables, later & ~strange, "notice.ruling_later", "notice", on=on.isoformat()),
        *_told(tables, split, "warning.ruling_conflict", "warning"),
    ]
    return replace(tables, faults=(*tables.faults, *faults))


def _ids(pack: Pack) -> set[str]:
    """Return what of a pack can be ruled on: its rules, its categories, and what an expression asks for."""
    stated = [*pack.measures.values(), *pack.rules, *pack.categories, *([pack.claim] if pack.claim else [])]
    return {item.id for item in (*pack.rules, *pack.categories)}.union(*(rulings_in(s.node) for s in stated))


def _with_values(tables: Tables) -> Tables:
    """Give the rulings the column of yes and no, which a table about facts only may lack."""
    rulings = tables["rulings"]
    if "value" in rulings:
        return tables
    answered = rulings.assign(value=pd.array([pd.NA] * len(rulings), dtype="boolean"))
    return replace(tables, frames=tables.frames | {"rulings": answered})


def _named(tables: Tables, ids: set[str]) -> Tables:
    """Call each matter by its one name: a ruling on 房产 is one on 不动产."""
    rulings = tables["rulings"]
    names = {
        word: _KINDS[normalised(word)]
        for word in rulings["rule_id"].dropna().unique()
        if word not in ids and normalised(word) in _KINDS
    }
    if not names:
        return tables
    named = rulings.assign(rule_id=rulings["rule_id"].map(lambda word: names.get(word, word)))
    return replace(tables, frames=tables.frames | {"rulings": named})


def _split(rulings: pd.DataFrame) -> pd.Series:
    """Return which rulings stand against another on the same thing and day."""
    keys = [name for name in ("household_id", "rule_id", "member_id", "ruled_on") if name in rulings]
    case = rulings.groupby(keys, dropna=False)
    counts = [case[name].transform("nunique") > 1 for name in ("value", "fact_value") if name in rulings]
    return pd.concat(counts, axis=1).any(axis=1)


def rulings_on_facts(tables: Tables, on: dt.date) -> dict[tuple[Any, str, Any], Ruling]:
    """Return the rulings that settle a conflict with a department.

    Parameters
    ----------
    tables : Tables
        Whose rulings are weighed.
    on : date
        Rulings of later days wait.

    Returns
    -------
    dict of (household, kind, member id or None) to Ruling
        The latest of each; two of one day that differ settle nothing.
    """
    if "rulings" not in tables or "fact_value" not in tables["rulings"]:
        return {}
    origin = tables.origins["rulings"]
    names = ("household_id", "rule_id", "member_id", "fact_value", "ruled_by", "ruled_on", "why")
    found: dict[tuple[Any, str, Any], Ruling] = {}
    against = set[tuple[Any, str, Any]]()
    rows = zip(rows_of(tables["rulings"], *names), rows_of(origin, "source", "sheet", "row"), strict=True)
    for (household, kind, member, value, by, day, why), place in rows:
        if household is None or kind not in _MATTERS or value is None or day.date() > on:
            continue
        key, known = (household, kind, member), found.get((household, kind, member))
        ruling = Ruling(household, kind, str(value), str(by), day.date(), str(why), *place)
        if known is None or ruling.on > known.on:
            found[key] = ruling
            against.discard(key)
        elif ruling.on == known.on and ruling.value != known.value:
            against.add(key)
    return {key: ruling for key, ruling in found.items() if key not in against}


_MATTERS = frozenset(_KINDS.values())


def _completed(tables: Tables) -> Tables:
    """Drop the rulings that lack a part, each with a warning that names what it lacks."""
    rulings, origins = tables["rulings"], tables.origins["rulings"]
    empty = pd.Series(pd.NA, index=rulings.index, dtype=object)
    lacks = pd.DataFrame({name: _is_blank(rulings.get(name, empty)) for name in _NEEDED})
    on_facts = rulings["rule_id"].isin(_MATTERS)
    lacks["value"] &= ~on_facts
    lacks["fact_value"] = rulings.get("fact_value", empty).isna() & on_facts
    partial = lacks.any(axis=1)
    if not partial.any():
        return tables
    faults = []
    titles = [DICTIONARY["rulings"][str(name)].title for name in lacks]
    for parts in lacks[partial].drop_duplicates().to_numpy(dtype=bool):
        same = (lacks == parts).all(axis=1)
        missing = "、".join(compress(titles, parts))
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
