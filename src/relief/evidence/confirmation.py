"""How much of what households state is confirmed, by source, and which missing source would settle most.

In    an `Assessment`
Out   per source and matter how many households were confirmed, contradicted, or are still unknown and
      why; per source how many of its rows found their household; per source the pending cases it could settle
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from relief.evidence.discrepancies import answers
from relief.intake.identifiers import folded
from relief.intake.people import column_of, rows_of
from relief.judging.departments import DECLARED, SOURCES, kinds_needed

if TYPE_CHECKING:
    import datetime as dt

    from relief.evidence.discrepancies import Answer
    from relief.intake.tables import Tables
    from relief.judging.eligibility import Assessment

__all__ = ["confirmation", "match_rates", "settling"]

_STATES = ["confirmed", "contradicted", "unknown", "unauthorised", "no_reply", "open", "stale"]
# Who could tell an income that nobody stated.
_INCOMES = {"income_fen": "税务局", "wage_income_fen": "人社局", "transfer_income_fen": "人社局"}


def confirmation(judged: Assessment, *, since: dt.date | None = None) -> pd.DataFrame:
    """Return how many households each matter is confirmed, contradicted or unknown for.

    Parameters
    ----------
    judged : Assessment
    since : date, optional
        Answers of an earlier day are stale: they confirm nothing.

    Returns
    -------
    DataFrame
        Index kind, of the matters that the rules read or a department answered; confirmed +
        contradicted + unknown are all households, and unknown is the sum of unauthorised, no_reply, open
        and stale. A household is confirmed when every member who counts was answered for and nothing
        differs; a fact that it did not state and a department found counts as confirmed.
    """
    tables = judged.tables
    found: dict[tuple[str, str], list[Any]] = {}
    for answer in answers(tables):
        found.setdefault((answer.household, answer.kind), []).append(answer)
    asked, members = _asked(tables), _counted(tables)
    kinds = kinds_needed(judged.pack) | {kind for _, kind in found}
    rows = {}
    for kind in [kind for kinds_of in SOURCES.values() for kind in kinds_of]:
        if kind in kinds and kind not in rows:
            counts = dict.fromkeys(_STATES, 0)
            for household in judged.decisions.index:
                at = (household, kind)
                state = _state(found.get(at, []), asked.get(at), members.get(household, {}), since)
                counts[state] += 1
                counts["unknown"] += state not in ("confirmed", "contradicted")
            rows[kind] = counts
    return pd.DataFrame.from_dict(rows, orient="index", columns=_STATES).rename_axis("kind")


def _asked(tables: Tables) -> dict[tuple[Any, Any], tuple[set[Any], Any, bool]]:
    """Return per household and matter whose answers there are, the oldest day, and whether one is open."""
    found: dict[tuple[Any, Any], tuple[set[Any], Any, bool]] = {}
    if "registry" not in tables:
        return found
    columns = ("household_id", "kind", "id_number", "value", "as_of")
    for household, kind, number, value, day in rows_of(tables["registry"], *columns):
        who, oldest, is_open = found.get((household, kind), (set(), None, False))
        oldest = day if oldest is None or (day is not None and day < oldest) else oldest
        found[household, kind] = (who | {folded(number)}, oldest, is_open or value is None)
    return found


def _state(found: list[Answer], asked: Any, counted: dict[Any, bool], since: dt.date | None) -> str:
    """Return what is known of one matter of one household, by the members who count."""
    if asked is None:
        return "no_reply" if not counted or any(counted.values()) else "unauthorised"
    who, oldest, is_open = asked
    if since is not None and (oldest is None or oldest.date() < since):
        return "stale"
    if any(answer.differs for answer in found):
        return "contradicted"
    if is_open:
        return "open"
    missing = [] if None in who else [number for number in counted if number not in who]
    if missing:
        return "no_reply" if any(counted[number] for number in missing) else "unauthorised"
    is_unsaid = any(answer.found is None and answer.member is None for answer in found)
    return "open" if is_unsaid else "confirmed"


def _counted(tables: Tables) -> dict[Any, dict[Any, bool]]:
    """Return per household the ID numbers of the members who count, and whether each authorised the check."""
    found: dict[Any, dict[Any, bool]] = {}
    if "members" not in tables:
        return found
    columns = ("household_id", "id_number", "counts_in_household", "authorised")
    for household, number, counts, authorised in rows_of(tables["members"], *columns):
        if counts is not False:
            found.setdefault(household, {})[folded(number)] = authorised is True
    return found


def match_rates(judged: Assessment) -> pd.DataFrame:
    """Return per source how many rows came, and how many are about a household here.

    Returns
    -------
    DataFrame
        Index source; rows, matched.
    """
    if "registry" not in judged.tables:
        return pd.DataFrame(columns=["rows", "matched"]).rename_axis("source")
    registry, origin = judged.tables["registry"], judged.tables.origins["registry"]
    rows: dict[str, dict[tuple[Any, ...], bool]] = {}
    places = zip(
        column_of(origin, "source"), column_of(origin, "sheet"), column_of(origin, "row"), strict=True
    )
    for place, (source, household) in zip(places, rows_of(registry, "source", "household_id"), strict=True):
        rows.setdefault(str(source), {})[place] = household is not None
    counts = {source: (len(found), sum(found.values())) for source, found in rows.items()}
    return pd.DataFrame.from_dict(counts, orient="index", columns=["rows", "matched"]).rename_axis("source")


def settling(judged: Assessment) -> pd.DataFrame:
    """Return which sources would settle pending cases, the one that settles most first.

    Returns
    -------
    DataFrame
        Index source; settles, pending households that one fact of it could decide while all else
        stays missing; helps, those where a fact of it is missing at all.
    """
    settles: dict[str, set[str]] = {}
    helps: dict[str, set[str]] = {}
    columns = ("household_id", "table", "column", "settles_alone")
    for household, table, column, alone in rows_of(judged.missing(), *columns):
        for source in _sources(table, column):
            helps.setdefault(source, set()).add(household)
            if alone:
                settles.setdefault(source, set()).add(household)
    counts = {source: (len(settles.get(source, ())), len(found)) for source, found in helps.items()}
    frame = pd.DataFrame.from_dict(counts, orient="index", columns=["settles", "helps"]).rename_axis("source")
    return frame.sort_values(["settles", "helps"], ascending=False, kind="stable")


def _sources(table: str, column: str) -> list[str]:
    """Return who can tell a fact that is missing: a cell, or the registry's rows of a kind."""
    if column in _INCOMES:
        return [_INCOMES[column]]
    kinds = (
        [column] if table == "registry" else [kind for kind, at in DECLARED.items() if at == (table, column)]
    )
    return [source for source, known in SOURCES.items() if set(kinds) & set(known)]
