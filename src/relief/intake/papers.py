"""Medical papers: each adds up, its dates run on, it is about a member, and nothing is handed in twice.

In    the typed frames, where their rows came from
Out   findings with the difference in yuan; `settled` takes out what a red bill cancels
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.columns import DICTIONARY
from relief.intake.bills import FUNDS, broken_identities
from relief.intake.cells import shown
from relief.intake.identifiers import agree, folded_number, same_name
from relief.intake.identity import row_fault
from relief.intake.people import column_of, rows_of
from relief.money import yuan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from relief.sheets.faults import Fault

    Frames = Mapping[str, pd.DataFrame]

__all__ = ["CANCELLED", "paper_faults", "without_cancelled"]

CANCELLED = "已冲销"
_RECEIPT = "医疗收据"
_REVERSALS = frozenset({"退费", "红冲"})
_DATES = ("admission_on", "discharge_on", "issued_on")
_AMOUNTS = ("total_fen", *FUNDS, "account_fen", "cash_fen", "out_of_pocket_fen", "own_expense_fen")


def paper_faults(frames: Frames, origins: Frames) -> Iterator[Fault]:
    """Find what is wrong with the papers.

    Parameters
    ----------
    frames, origins : mapping of str to DataFrame
        As in `relief.intake.tables.Tables`.

    Yields
    ------
    Fault
        A receipt counted in an earlier round, and a red bill that fits no receipt, are faults: the claim
        would be wrong. The rest are warnings with the difference; nothing is corrected.
    """
    papers, origin = frames.get("documents"), origins.get("documents")
    if papers is None or origin is None or not {"household_id", "kind"} <= set(papers.columns):
        return
    for at, code, column, left, right in broken_identities(papers):
        amounts = {
            "sum": f"{yuan(left):,}",
            "stated": f"{yuan(right):,}",
            "difference": f"{yuan(left - right):+,}",
        }
        yield _warning(papers, origin, at, code, column, **amounts)
    for at in np.flatnonzero(papers["kind"].isna().to_numpy()).tolist():
        yield _warning(papers, origin, at, "warning.paper_kind", "kind")
    yield from _dates(frames, papers, origin)
    yield from _patients(frames, papers, origin)
    yield from _stays_twice(papers, origin)
    yield from _earlier(frames, papers, origin)
    yield from _reversals(papers, origin)


def _warning(
    papers: pd.DataFrame, origin: pd.DataFrame, at: int, code: str, column: str, **facts: Any
) -> Fault:
    value = ""
    if column in papers and not pd.isna(papers[column].iloc[at]):
        value = shown(papers[column].iloc[at], DICTIONARY["documents"][column])
    fault = row_fault("documents", papers, origin, at, code, column, value=value, **facts)
    return replace(fault, severity="warning")


def _dates(frames: Frames, papers: pd.DataFrame, origin: pd.DataFrame) -> Iterator[Fault]:
    """Find papers of which a later step is dated before an earlier one."""
    households = frames["households"]
    applied = dict(rows_of(households, "household_id", "applied_on"))
    for at, (household, *days) in enumerate(rows_of(papers, "household_id", *_DATES)):
        steps = [
            (name, day)
            for name, day in zip((*_DATES, "applied_on"), (*days, applied.get(household)), strict=True)
            if day is not None
        ]
        for (earlier, first), (later, last) in pairwise(steps):
            if first > last:
                column = later if later != "applied_on" else earlier
                titles = {key: _title(name) for key, name in (("earlier", earlier), ("later", later))}
                days_said = {"first": f"{first:%Y-%m-%d}", "last": f"{last:%Y-%m-%d}"}
                yield _warning(papers, origin, at, "warning.paper_dates", column, **titles, **days_said)


def _title(name: str) -> str:
    return DICTIONARY["households" if name == "applied_on" else "documents"][name].title


# --- whose paper it is ----------------------------------------------------------------------------


def _patients(frames: Frames, papers: pd.DataFrame, origin: pd.DataFrame) -> Iterator[Fault]:
    """Find papers about somebody who is no member, or under another name or number."""
    members = frames.get("members")
    if members is None or "household_id" not in members:
        return
    of: dict[Any, list[tuple[Any, ...]]] = {}
    for household, *person in rows_of(members, "household_id", "member_id", "name", "id_number"):
        of.setdefault(household, []).append(tuple(person))
    columns = ("household_id", "member_id", "patient_name", "patient_id_number")
    for at, (household, member, name, number) in enumerate(rows_of(papers, *columns)):
        people = of.get(household, [])
        if not people or (member is None and name is None and number is None):
            continue
        code, column = _patient_problem(member, name, number, people)
        if code:
            yield _warning(papers, origin, at, code, column)


def _patient_problem(member: Any, name: Any, number: Any, people: list[tuple[Any, ...]]) -> tuple[str, str]:
    named = people if member is None else [person for person in people if person[0] in (member, None)]
    if not named:
        return "warning.paper_member", "member_id"
    alike = [person for person in named if name is None or person[1] is None or same_name(name, person[1])]
    if not alike:
        return "warning.paper_name", "patient_name"
    if number is not None and not any(person[2] is None or agree(number, person[2]) for person in alike):
        return "warning.paper_number", "patient_id_number"
    return "", ""


# --- handed in twice ------------------------------------------------------------------------------


def _receipts(papers: pd.DataFrame) -> Any:
    """Return which papers are receipts that count, neither refunds nor red bills."""
    bills = pd.Series(column_of(papers, "bill"), index=papers.index, dtype=object)
    return (papers["kind"].astype(object) == _RECEIPT).to_numpy() & ~bills.isin(_REVERSALS).to_numpy()


def _stays_twice(papers: pd.DataFrame, origin: pd.DataFrame) -> Iterator[Fault]:
    """Find receipts of one stay and one amount under two numbers; bills of part of a stay are none."""
    if not {"hospital", "admission_on", "discharge_on", "total_fen"} <= set(papers.columns):
        return
    bills = column_of(papers, "bill")
    same: dict[tuple[Any, ...], list[int]] = {}
    columns = ("hospital", "admission_on", "discharge_on", "total_fen")
    columns_too = ("stay_id", "patient_name", "number", "household_id", "member_id")
    rows = zip(rows_of(papers, *columns), rows_of(papers, *columns_too), strict=True)
    counted = _receipts(papers)
    numbers = column_of(papers, "number")
    for at, (stay, (stay_id, name, _, household, member)) in enumerate(rows):
        if not counted[at] or None in stay or bills[at] == "中途结算":
            continue
        # Without the stay's own number two patients of one day and price are told apart by who they are.
        who = (stay_id,) if stay_id is not None else (None, name, household, member)
        same.setdefault((*stay, *who), []).append(at)
    for places in same.values():
        different = {folded_number(numbers[at]) for at in places}
        if len(places) < 2 or (None not in different and len(different) < len(places)):
            continue  # One number twice is told already.
        for at in places:
            others = ", ".join(str(origin["row"].iloc[other]) for other in places if other != at)
            yield _warning(papers, origin, at, "warning.stay_twice", "number", others=others)


def _earlier(frames: Frames, papers: pd.DataFrame, origin: pd.DataFrame) -> Iterator[Fault]:
    """Find receipts that an earlier round counted."""
    history = frames.get("history")
    if history is None or "receipt_number" not in history:
        return
    rounds = {
        folded_number(number): batch
        for number, batch in rows_of(history, "receipt_number", "round")
        if number is not None
    }
    numbers = column_of(papers, "number")
    for at in np.flatnonzero(_receipts(papers)).tolist():
        if numbers[at] is not None and folded_number(numbers[at]) in rounds:
            # Told of the column that every rule about receipts reads, as `relief.intake.identity` does.
            fault = row_fault(
                "documents", papers, origin, at, "fault.receipt_earlier", "kind",
                value=str(numbers[at]), batch=str(rounds[folded_number(numbers[at])] or "—"),
            )  # fmt: skip
            yield replace(fault, header=DICTIONARY["documents"]["number"].title)


# --- refunds and red bills ------------------------------------------------------------------------


def _pairs(papers: pd.DataFrame) -> tuple[dict[int, int], dict[int, str]]:
    """Return which receipt each red bill cancels, and what is wrong with those that cancel none."""
    counted = _receipts(papers)
    numbers = list(map(folded_number, column_of(papers, "number")))
    households = column_of(papers, "household_id")
    receipts = {(households[at], numbers[at]): at for at in np.flatnonzero(counted).tolist() if numbers[at]}
    amounts = [column_of(papers, name) for name in _AMOUNTS if name in papers]
    pairs: dict[int, int] = {}
    wrong: dict[int, str] = {}
    cancelled: set[int] = set()
    rows = rows_of(papers, "household_id", "kind", "bill", "cancels")
    for at, (household, kind, bill, cancels) in enumerate(rows):
        if kind != _RECEIPT or (bill not in _REVERSALS and cancels is None):
            continue
        receipt = receipts.get((household, folded_number(cancels)))
        if bill not in _REVERSALS:
            wrong[at] = "fault.red_unsaid"
        elif receipt is None or receipt in cancelled:
            wrong[at] = "fault.red_unmatched"
        elif not _same_amounts(amounts, at, receipt):
            wrong[at] = "fault.red_partial"
        else:
            pairs[at] = receipt
            cancelled.add(receipt)
    return pairs, wrong


def _same_amounts(amounts: list[list[Any]], one: int, other: int) -> bool:
    pairs = [(column[one], column[other]) for column in amounts]
    known = [(a, b) for a, b in pairs if a is not None and b is not None]
    return bool(known) and all(a == b for a, b in known)


def _reversals(papers: pd.DataFrame, origin: pd.DataFrame) -> Iterator[Fault]:
    if not {"bill", "cancels"} & set(papers.columns):
        return
    pairs, wrong = _pairs(papers)
    numbers = column_of(papers, "number")
    for at, code in wrong.items():
        yield row_fault("documents", papers, origin, at, code, "kind", value=str(numbers[at] or "—"))
    for at, receipt in pairs.items():
        row = int(origin["row"].iloc[receipt])
        fault = row_fault(
            "documents", papers, origin, at, "notice.red_bill", "kind", value=str(numbers[receipt]), row=row
        )
        yield replace(fault, severity="notice")


def without_cancelled(papers: pd.DataFrame) -> pd.DataFrame:
    """Return the papers with each red bill, and the receipt that it cancels, of the kind 已冲销.

    Both stay in the table; no rule takes them for receipts.
    """
    if not {"bill", "kind", "household_id"} <= set(papers.columns):
        return papers
    pairs, _ = _pairs(papers)
    if not pairs:
        return papers
    kinds = papers["kind"].astype(object).to_numpy(copy=True)
    kinds[[*pairs, *pairs.values()]] = CANCELLED
    return papers.assign(kind=pd.Series(pd.Categorical(kinds), index=papers.index))
