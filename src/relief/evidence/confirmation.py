"""How much of what households state is confirmed, by source, and which missing source would settle most.

In    an `Assessment`
Out   per source and matter how many households were confirmed, contradicted, or are still unknown and
      why; per source how many of its rows found their household; per source the pending cases it could settle
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from relief.intake.answers import NOTHING
from relief.intake.identifiers import folded
from relief.intake.people import column_of, rows_of
from relief.judging.departments import SOURCES, kinds_needed
from relief.judging.statements import answers, is_stale, left_out
from relief.rulepack.crosschecks import comparisons

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

    from relief.intake.tables import Tables
    from relief.judging.eligibility import Assessment
    from relief.rulepack.crosschecks import Crosscheck

__all__ = ["STATES", "confirmation", "match_rates", "settling"]

STATES = ["confirmed", "contradicted", "unknown", "unauthorised", "no_reply", "open", "stale"]
# Who could tell a fact that nobody stated and that no answer is usually held against.
_TELLERS = {
    "income_fen": "税务局", "wage_income_fen": "人社局", "transfer_income_fen": "人社局",
    "household_size": "公安局", "local_hukou": "公安局",
}  # fmt: skip


def confirmation(judged: Assessment, *, since: dt.date | None = None) -> pd.DataFrame:
    """Return how many households each source confirms, contradicts or leaves unknown, matter by matter.

    Parameters
    ----------
    judged : Assessment
    since : date, optional
        Answers of an earlier day are stale, as are those that the pack calls too old: they confirm nothing.

    Returns
    -------
    DataFrame
        Index source, kind: of the matters that the rules read or the source answered; confirmed +
        contradicted + unknown are all households, and unknown is the sum of unauthorised, no_reply, open
        and stale. A household is confirmed when every member who counts was answered for and nothing
        differs; a fact that it did not state and a department found counts as confirmed.
    """
    checks, needed = comparisons(judged.pack), kinds_needed(judged.pack)
    pairs = [(source, kind) for source, kinds in SOURCES.items() for kind in kinds if kind in needed]
    replies = {}
    if "registry" in judged.stated:
        replies = dict(_by_source(left_out(judged.stated, judged.pack, judged.on)))
    pairs += [(source, kind) for source, tables in replies.items()
              for kind in dict.fromkeys(column_of(tables["registry"], "kind")) if kind in checks]  # fmt: skip
    members = _counted(judged.stated)
    states = {source: _States(tables, checks, judged.on, since) for source, tables in replies.items()}
    rows = {}
    for source, kind in dict.fromkeys(pairs):
        counts = dict.fromkeys(STATES, 0)
        for household in judged.decisions.index:
            people = members.get(household, {})
            state = states[source].of(household, kind, people) if source in states else _silent(people)
            counts[state] += 1
            counts["unknown"] += state not in ("confirmed", "contradicted")
        rows[source, kind] = counts
    index = pd.MultiIndex.from_tuples(rows, names=["source", "kind"])
    return pd.DataFrame(list(rows.values()), columns=STATES, index=index)


def _by_source(tables: Tables) -> Iterator[tuple[str, Tables]]:
    """Yield for each source the tables with its own answers only."""
    registry, origin = tables["registry"], tables.origins["registry"]
    sources = registry["source"].astype(object)
    for source in dict.fromkeys(sources.dropna()):
        mine = (sources == source).to_numpy(dtype=bool)
        yield (
            str(source),
            replace(
                tables,
                frames=tables.frames | {"registry": registry[mine]},
                origins=tables.origins | {"registry": origin[mine]},
            ),
        )


def _silent(people: dict[Any, bool]) -> str:
    """Return why a source said nothing, by whether the members who count may be asked about."""
    return "no_reply" if not people or any(people.values()) else "unauthorised"


class _States:
    """What one source leaves known of each household."""

    def __init__(
        self, tables: Tables, checks: Mapping[str, Crosscheck], on: dt.date, since: dt.date | None
    ) -> None:
        old = is_stale(tables, checks, on)
        days = column_of(tables["registry"], "as_of")
        if since is not None:
            old |= [day is None or day.date() < since for day in days]
        self._differs: dict[tuple[Any, Any], bool] = {}
        self._unsaid: set[tuple[Any, Any]] = set()
        frames = tables.frames | {"registry": tables["registry"][~old]}
        for answer in answers(replace(tables, frames=frames), checks):
            at = (answer.household, answer.kind)
            self._differs[at] = self._differs.get(at, False) or answer.differs
            if answer.found is None:
                self._unsaid.add(at)
        self._told: dict[tuple[Any, Any], tuple[set[Any], set[Any]]] = {}
        rows = rows_of(tables["registry"], "household_id", "kind", "id_number", "value")
        for (household, kind, number, value), is_old in zip(rows, old, strict=True):
            fresh, stale = self._told.setdefault((household, kind), (set(), set()))
            (stale if is_old else fresh).add(folded(number))
            # What was found of a member without saying of whom is known of nobody.
            of_whom = number is not None or kind not in checks or checks[kind].is_of_household
            if not is_old and (value is None or (not of_whom and value != NOTHING)):
                self._unsaid.add((household, kind))

    def of(self, household: Any, kind: str, people: dict[Any, bool]) -> str:
        """Return what is known of one matter of one household, by the members who count."""
        at = (household, kind)
        if at not in self._told:
            return _silent(people)
        fresh, stale = self._told[at]
        if self._differs.get(at, False):
            return "contradicted"
        if not fresh:
            return "stale"
        if at in self._unsaid:
            return "open"
        missing = [] if None in fresh else [number for number in people if number not in fresh]
        if any(number in stale for number in missing):
            return "stale"
        return _silent({number: people[number] for number in missing}) if missing else "confirmed"


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
    if "registry" not in judged.stated:
        return pd.DataFrame(columns=["rows", "matched"]).rename_axis("source")
    registry, origin = judged.stated["registry"], judged.stated.origins["registry"]
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
    told = comparisons(judged.pack)
    kinds = {(check.table, check.column): kind for kind, check in told.items()}
    for household, table, column, alone in rows_of(judged.missing(), *columns):
        kind = column if table == "registry" else kinds.get((table, column), "")
        for source in _sources(column, kind):
            helps.setdefault(source, set()).add(household)
            if alone:
                settles.setdefault(source, set()).add(household)
    counts = {source: (len(settles.get(source, ())), len(found)) for source, found in helps.items()}
    frame = pd.DataFrame.from_dict(counts, orient="index", columns=["settles", "helps"]).rename_axis("source")
    return frame.sort_values(["settles", "helps"], ascending=False, kind="stable")


def _sources(column: str, kind: str) -> list[str]:
    """Return who can tell a fact that is missing: a cell, or the registry's rows of a kind."""
    sources = [source for source, known in SOURCES.items() if kind in known]
    return [_TELLERS[column]] if column in _TELLERS else sources
