"""The people of a household: their ID numbers, and whether what is written of them in several places agrees.

In    the typed frames, where their rows came from
Out   one finding per contradiction, at its row; none holds a whole number or name
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.columns import DICTIONARY
from relief.intake.cells import shown
from relief.intake.identifiers import (
    agree,
    born,
    folded,
    folded_name,
    is_masked,
    problem,
    problems,
    same_name,
    sex,
)
from relief.intake.identity import row_fault

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

    from relief.sheets.faults import Fault

    Frames = Mapping[str, pd.DataFrame]

__all__ = ["column_of", "people_faults", "rows_of"]

_NUMBERS = (("households", "applicant_id_number"), ("members", "id_number"))
_PAPERS = {"households": "applicant_id_kind", "members": "id_kind"}


def people_faults(frames: Frames, origins: Frames) -> Iterator[Fault]:
    """Find what contradicts itself among the people of each household.

    Parameters
    ----------
    frames, origins : mapping of str to DataFrame
        As in `relief.intake.tables.Tables`.

    Yields
    ------
    Fault
        An account of two households is a fault; the rest are warnings, for a person to look at.
    """
    yield from _numbers(frames, origins)
    if "members" in frames and "household_id" in frames["members"]:
        yield from _stated(frames, origins)
        yield from _applicants(frames, origins)
        yield from _relations(frames["members"], origins["members"])
        yield from _uncounted(frames["members"], origins["members"])
        yield from _perhaps_twice(frames["members"], origins["members"])
    yield from _accounts(frames["households"], origins["households"])
    yield from _holders(frames, origins)


def column_of(frame: pd.DataFrame, name: str) -> list[Any]:
    """Return a column as plain objects, None where a cell is blank or there is no such column."""
    if name not in frame:
        return [None] * len(frame)
    values = frame[name].astype(object).to_numpy(copy=True)
    values[frame[name].isna().to_numpy(dtype=bool)] = None
    found: list[Any] = values.tolist()
    return found


def rows_of(frame: pd.DataFrame, *names: str) -> Iterator[tuple[Any, ...]]:
    """Return some columns row by row, as `column_of` has them."""
    return zip(*(column_of(frame, name) for name in names), strict=True)


def _numbers(frames: Frames, origins: Frames) -> Iterator[Fault]:
    for table, column in _NUMBERS:
        if table in frames and column in frames[table]:
            papers = frames[table].get(_PAPERS[table])
            kinds = None if papers is None else column_of(frames[table], _PAPERS[table])
            found = problems(frames[table][column].tolist(), kinds)
            for at, code in found.items():
                yield _fault(table, frames, origins, at, code, column)


def _fault(
    table: str, frames: Frames, origins: Frames, at: int, code: str, column: str, **facts: object
) -> Fault:
    """Return a warning whose value is the cell, personal ones hidden."""
    cell = frames[table][column].iloc[at] if column in frames[table] else None
    value = "" if cell is None or pd.isna(cell) else shown(cell, DICTIONARY[table][column])
    fault = row_fault(table, frames[table], origins[table], at, code, column, value=value, **facts)
    return replace(fault, severity="warning")


# --- what an ID number says and what is stated -----------------------------------------------------


def _stated(frames: Frames, origins: Frames) -> Iterator[Fault]:
    """Compare the birthday, sex and age that are stated with those of the ID number."""
    members = frames["members"]
    if "id_number" not in members or not {"born_on", "sex", "age_years"} & set(members.columns):
        return
    applied = dict(
        zip(frames["households"]["household_id"], column_of(frames["households"], "applied_on"), strict=True)
    )
    rows = rows_of(members, "id_number", "household_id", "born_on", "sex", "age_years")
    for at, (number, household, stated_birth, stated_sex, stated_age) in enumerate(rows):
        if number is None or problem(number) is not None:
            continue
        day, is_of = born(number), sex(number)
        if stated_birth is not None and day is not None and stated_birth.date() != day:
            yield _fault("members", frames, origins, at, "warning.born_differs", "born_on")
        if stated_sex is not None and is_of is not None and stated_sex != is_of:
            yield _fault("members", frames, origins, at, "warning.sex_differs", "sex", found=is_of)
        on = applied.get(household)
        if stated_age is not None and day is not None and on is not None and stated_age != _age(day, on):
            yield _fault(
                "members", frames, origins, at, "warning.age_differs", "age_years", found=_age(day, on)
            )


def _age(day: dt.date, on: dt.date) -> int:
    return on.year - day.year - ((on.month, on.day) < (day.month, day.day))


# --- the applicant and the members ----------------------------------------------------------------


def _applicants(frames: Frames, origins: Frames) -> Iterator[Fault]:
    """Find applicants who are not among their members, or stand there under another number or name."""
    members, households = frames["members"], frames["households"]
    columns = ("household_id", "id_number", "name", "relation")
    of: dict[Any, list[tuple[Any, ...]]] = {}
    for household, *person in rows_of(members, *columns):
        of.setdefault(household, []).append(tuple(person))
    rows = rows_of(households, "household_id", "applicant_id_number", "applicant_name")
    for at, (household, number, name) in enumerate(rows):
        people = of.get(household, [])
        code, column = _applicant_problem(number, name, people)
        if code:
            yield _fault("households", frames, origins, at, code, column)


def _applicant_problem(number: Any, name: Any, people: list[tuple[Any, ...]]) -> tuple[str, str]:
    """Return what is wrong with an applicant among the members, or nothing where it cannot be told."""
    if not people or (number is None and name is None):
        return "", ""
    own = [person for person in people if person[2] == "本人"] or [
        person
        for person in people
        if (number and agree(number, person[0])) or (name and same_name(name, person[1]))
    ]
    if not own:
        is_open = any(person[0] is None and person[1] is None for person in people)
        return ("", "") if is_open else ("warning.applicant_absent", "applicant_name")
    if number and all(person[0] is not None and not agree(number, person[0]) for person in own):
        return "warning.applicant_number", "applicant_id_number"
    if name and all(person[1] is not None and not same_name(name, person[1]) for person in own):
        return "warning.applicant_name", "applicant_name"
    return "", ""


def _relations(members: pd.DataFrame, origin: pd.DataFrame) -> Iterator[Fault]:
    """Find second applicants and spouses of a household: one of them may be of another."""
    seen: dict[tuple[Any, Any], Any] = {}
    for at, (household, relation, name) in enumerate(rows_of(members, "household_id", "relation", "name")):
        if household is None or relation not in ("本人", "配偶"):
            continue
        first = seen.setdefault((household, relation), (at, name))
        if first[0] != at and not (
            name is not None and same_name(name, first[1])
        ):  # who stands twice is told
            fault = row_fault(
                "members", members, origin, at, "warning.relation_twice", "relation", value=relation
            )
            yield replace(fault, severity="warning")


def _uncounted(members: pd.DataFrame, origin: pd.DataFrame) -> Iterator[Fault]:
    """Find members who do not count and nobody wrote why."""
    for at, (counts, why) in enumerate(
        zip(column_of(members, "counts_in_household"), column_of(members, "counts_reason"), strict=True)
    ):
        if counts is False and why is None:
            fault = row_fault("members", members, origin, at, "warning.uncounted", "counts_in_household")
            yield replace(fault, severity="warning")


def _perhaps_twice(members: pd.DataFrame, origin: pd.DataFrame) -> Iterator[Fault]:
    """Find people of one name in two households of whom a masked number shows nothing against it."""
    columns = ("household_id", "name", "id_number")
    rows = list(rows_of(members, *columns))
    if not any(is_masked(number) for _, _, number in rows):
        return
    by_name: dict[str, list[int]] = {}
    for at, (_, name, number) in enumerate(rows):
        if name is not None and number is not None:
            by_name.setdefault(folded_name(name), []).append(at)
    for at, (household, name, number) in enumerate(rows):
        others = [
            other
            for other in by_name.get(folded_name(name), [])
            if rows[other][0] != household and agree(number, rows[other][2])
            and (is_masked(number) or is_masked(rows[other][2]))
        ]  # fmt: skip
        if others:
            numbers = ", ".join(str(origin["row"].iloc[other]) for other in others[:5])
            value = shown(number, DICTIONARY["members"]["id_number"])
            fault = row_fault(
                "members",
                members,
                origin,
                at,
                "warning.person_perhaps",
                "id_number",
                value=value,
                others=numbers,
            )
            yield replace(fault, severity="warning")


# --- accounts -------------------------------------------------------------------------------------


def _accounts(households: pd.DataFrame, origin: pd.DataFrame) -> Iterator[Fault]:
    """Find accounts of several households."""
    if "bank_account" not in households:
        return
    cells = households["bank_account"].astype(object).tolist()
    written = cells if _are_digits(cells) else list(map(_digits, cells))
    known = list(filter(None, written))
    if len(set(known)) == len(known):
        return
    accounts = pd.Series(written, dtype=object)
    shared = np.flatnonzero(accounts.duplicated(keep=False) & accounts.notna())
    same: dict[str, list[int]] = {}
    for at in shared.tolist():
        same.setdefault(accounts.iloc[at], []).append(at)
    for places in same.values():
        if len({str(households["household_id"].iloc[at]) for at in places}) < 2:
            continue
        for at in places:
            others = ", ".join(str(origin["row"].iloc[other]) for other in places[:6] if other != at)
            value = shown(households["bank_account"].iloc[at], DICTIONARY["households"]["bank_account"])
            yield row_fault(
                "households", households, origin, at, "fault.account_twice", "bank_account",
                value=value, others=others,
            )  # fmt: skip


def _are_digits(accounts: list[Any]) -> bool:
    """Return whether `_digits` leaves every account as it is."""
    if not all(type(account) is str for account in accounts):
        return False
    joined, lengths = "".join(accounts), set(map(len, accounts))
    return joined.isascii() and joined.isdecimal() and min(lengths) >= 8 and 15 not in lengths


def _digits(account: object) -> str | None:
    """Return an account's characters without what stands between; None of one that is hidden or blank."""
    if not isinstance(account, str) or "*" in account:
        return None
    if account.isdecimal() and account.isascii() and 8 <= len(account) != 15:
        return account
    plain = str(folded(account))
    return plain if len(plain) >= 8 else None


def _holders(frames: Frames, origins: Frames) -> Iterator[Fault]:
    """Find accounts whose holder is neither the applicant nor a member."""
    households = frames["households"]
    if "members" not in frames or not {"account_holder", "applicant_name"} <= set(households.columns):
        return  # Without the members nobody can say that the holder is none of them.
    members = frames["members"]
    names: dict[Any, set[str]] = {}
    for household, name in rows_of(members, "household_id", "name"):
        names.setdefault(household, set()).add(name)
    rows = rows_of(households, "household_id", "applicant_name", "account_holder")
    for at, (household, applicant, holder) in enumerate(rows):
        known = [name for name in (applicant, *names.get(household, ())) if name is not None]
        if holder is not None and household in names and not any(same_name(holder, name) for name in known):
            yield _fault("households", frames, origins, at, "warning.holder", "account_holder")
