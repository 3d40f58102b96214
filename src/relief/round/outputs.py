"""The tables of a round as files: the same rows in the same order whatever order they came in.

In    decisions, awards, districts and what was set aside
Out   CSV as bytes: UTF-8, one header, money in yuan with two places, rows by household id

A text that a spreadsheet would run as a formula gets an apostrophe before it (the OWASP list
of first characters); ``说明.txt`` says so.
"""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.allocation import wording
from relief.sheets.faults import fault_table
from relief.sheets.places import UNSTATED
from relief.why.reasons import COLUMNS, TOLD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from fractions import Fraction

    from relief.allocation import Allocation
    from relief.judging.eligibility import Assessment
    from relief.sheets.faults import Fault

__all__ = [
    "GUARDED",
    "awards_csv",
    "compared_csv",
    "confirmation_csv",
    "decisions_csv",
    "discrepancies_csv",
    "districts_csv",
    "faults_csv",
    "groups_csv",
    "missing_csv",
    "papers_csv",
    "quarantine_csv",
    "reasons_csv",
    "shares_csv",
    "table_csv",
]

GUARDED = r"'*[=+\-@\t\r\n]"
"""What a text begins with that gets an apostrophe, more apostrophes before it or not: so it can be undone."""
_IS_GUARDED = re.compile(GUARDED)


def awards_csv(allocation: Allocation | None, districts: pd.Series[Any]) -> bytes:
    """Write household_id, district, claim_yuan, award_yuan of every household with a share.

    Where groups have funds of their own the column `group` follows, and where the fund has sources
    one column in yuan by source, `from_<source>_yuan`.
    """
    header = ["household_id", "district", "claim_yuan", "award_yuan"]
    if allocation is None:
        return _csv(header, [])
    claims, awards = allocation.claims_fen, allocation.awards_fen
    places = districts.reindex(claims.index).astype(object)
    columns = [
        _safe(claims.index), _safe(places.where(places.notna(), UNSTATED)), _yuan(claims), _yuan(awards)
    ]  # fmt: skip
    if allocation.parts[0].group.name is not None:
        header.append("group")
        columns.append(_safe(_groups(allocation)))
    paid = allocation.by_source
    header += [f"from_{source}_yuan" for source in paid.columns]
    columns += [_yuan(paid[source]) for source in paid.columns]
    return _csv(header, sorted(zip(*columns, strict=True)))


def _groups(allocation: Allocation) -> list[str]:
    names = [""] * len(allocation.awards_fen)
    for part in allocation.parts:
        for at in np.arange(len(names))[part.group.positions]:
            names[at] = str(part.group.name)
    return names


def compared_csv(claims_fen: pd.Series[Any], awards_fen: pd.DataFrame, districts: pd.Series[Any]) -> bytes:
    """Write household_id, district, claim_yuan and one column of awards in yuan by division."""
    places = districts.reindex(claims_fen.index).astype(object)
    columns = [_safe(claims_fen.index), _safe(places.where(places.notna(), UNSTATED)), _yuan(claims_fen)]
    columns += [_yuan(awards_fen[name]) for name in awards_fen.columns]
    header = ["household_id", "district", "claim_yuan", *(f"{name}_yuan" for name in awards_fen.columns)]
    return _csv(header, sorted(zip(*columns, strict=True)))


def groups_csv(allocation: Allocation) -> bytes:
    """Write one row per group that has a fund of its own."""
    return districts_csv(allocation.groups, "group")


def shares_csv(allocation: Allocation | None) -> bytes:
    """Write how each award came about: the exact quota in fen, and what rounding made of it.

    A quota that is too long to be told is shown to twelve places, with a sign that it is.
    """
    header = ["household_id", "claim_yuan", "quota_fen", "remainder", "got_leftover", "award_yuan"]
    if allocation is None:
        return _csv(header, [])
    quotas, awards, unit = allocation.shown_quotas, allocation.awards_fen, allocation.unit_fen
    rows = zip(
        _safe(quotas.index),
        _yuan(allocation.claims_fen),
        map(wording.told, quotas),
        [_places(quota / unit % 1, 6) for quota in quotas],
        ["yes" if award > quota else "no" for award, quota in zip(awards, quotas, strict=True)],
        _yuan(awards),
        strict=True,
    )
    return _csv(header, sorted(rows))


def decisions_csv(judged: Assessment) -> bytes:
    """Write one row per judged household: outcome, category, claim, measures, rules not met or open."""
    table = judged.decisions
    columns: dict[str, list[str]] = {"household_id": _safe(table.index)}
    for name in table.columns:
        if name.endswith("_fen"):
            columns[name.removesuffix("_fen") + "_yuan"] = _yuan(table[name])
        else:
            columns[name] = _safe(table[name])
    return _csv(list(columns), sorted(zip(*columns.values(), strict=True)))


def reasons_csv(judged: Assessment) -> bytes:
    """Write one row per household and rule, in Chinese; rows by household, rules in the pack's order."""
    ids = _safe(judged.decisions.index)
    blocks = []
    for fixed, told in judged.told("zh"):
        lines: dict[tuple[str, ...], str] = {}
        for entry in told:
            if entry not in lines:
                fields = fixed | dict(zip(TOLD, entry, strict=True))
                lines[entry] = _csv(_safe(fields[name] for name in COLUMNS[1:]), []).decode()
        blocks.append([lines[entry] for entry in told])
    keys = [_csv([household], []).decode().rstrip("\n") for household in ids]
    rows = [
        ",".join((keys[at], block[at]))
        for at in sorted(range(len(ids)), key=ids.__getitem__)
        for block in blocks
    ]
    return _csv(COLUMNS, []) + "".join(rows).encode("utf-8")


def missing_csv(judged: Assessment) -> bytes:
    """Write household_id, fact and settles_alone for every missing fact that keeps a household pending."""
    table = judged.missing("zh")
    # A fact that several people or papers lack is told once.
    alone: dict[tuple[str, str], bool] = {}
    for household, fact, settles in zip(
        _safe(table["household_id"]), _safe(table["fact"]), table["settles_alone"].tolist(), strict=True
    ):
        alone[household, fact] = alone.get((household, fact), False) or settles
    rows = [(*key, "yes" if settles else "no") for key, settles in sorted(alone.items())]
    return _csv(["household_id", "fact", "settles_alone"], rows)


def districts_csv(districts: pd.DataFrame, index: str = "district") -> bytes:
    """Write one row per district, zero rows kept; `share` is of the fund, to six places."""
    header = [index]
    columns: list[list[str]] = [_safe(districts.index)]
    for name in districts.columns:
        values = districts[name]
        if name.endswith("_fen"):
            header.append(name.removesuffix("_fen") + "_yuan")
            columns.append(_yuan(values))
        elif name == "share":
            header.append(name)
            columns.append([_places(share, 6) for share in values])
        else:
            header.append(name)
            columns.append([str(value) for value in values])
    return _csv(header, zip(*columns, strict=True))


def discrepancies_csv(found: pd.DataFrame) -> bytes:
    """Write one row per conflict of a statement with an answer: both values, both days, what hangs on it."""
    return _mixed(found)


def confirmation_csv(table: pd.DataFrame) -> bytes:
    """Write per source and matter for how many households it is confirmed, contradicted, unknown and why."""
    return _mixed(table.reset_index())


def papers_csv(papers: pd.DataFrame) -> bytes:
    """Write one row per paper: the stay that it proves, and `counted_yuan`, what the claim rests on it by.

    A row without a paper holds what a claim rests on no paper, so the amounts of a household add up.
    """
    places = ["source", "sheet", "row"]
    rest = [name for name in papers.columns if name not in places]
    return _mixed(papers[[*rest, *places]].rename(columns={"amount_fen": "counted_fen"}))


def _mixed(table: pd.DataFrame) -> bytes:
    """Write a table whose columns are amounts, days, numbers and texts, its rows in one order."""
    columns = {}
    for name in map(str, table.columns):
        values = table[name]
        if name.endswith("_fen"):
            columns[name.removesuffix("_fen") + "_yuan"] = _yuan(values)
        elif name.endswith("_on"):
            days = pd.to_datetime(values).to_numpy(dtype="datetime64[D]").astype(str)
            columns[name] = ["" if day == "NaT" else day for day in days.tolist()]
        else:
            columns[name] = _safe(values.astype(object).where(values.notna(), None))
    return _csv(list(columns), sorted(zip(*columns.values(), strict=True)))


def quarantine_csv(quarantine: pd.DataFrame) -> bytes:
    """Write the rows not used, each with its place, problem and cure."""
    return _frame(quarantine)


def faults_csv(faults: Iterable[Fault]) -> bytes:
    """Write everything that reading found: faults, warnings, notices."""
    return _frame(fault_table(faults, "zh"))


def _frame(table: pd.DataFrame) -> bytes:
    columns = [_safe(table[name]) if table[name].dtype == object or str(table[name].dtype) == "str" else
               [str(value) for value in table[name]] for name in table.columns]  # fmt: skip
    return _csv(list(table.columns), zip(*columns, strict=True))


def _safe(values: Iterable[Any]) -> list[str]:
    texts = ["" if value is None or value != value or value is pd.NA else str(value) for value in values]
    safe = ["'" + text if _IS_GUARDED.match(text) else text for text in texts]
    # The writer would leave a lone carriage return bare, and readers would take it for the end of a row.
    return [text.replace("\r\n", "\n").replace("\r", "\n") for text in safe]


def _yuan(values: pd.Series[Any]) -> list[str]:
    return ["" if fen is pd.NA else _amount(int(fen)) for fen in values.tolist()]


def _amount(fen: int) -> str:
    sign, rest = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{rest // 100}.{rest % 100:02d}"


def _places(share: Fraction, places: int) -> str:
    scaled = Decimal(round(share * 10**places))
    return str(scaled.scaleb(-places))


def table_csv(header: Sequence[str], rows: Sequence[Mapping[str, str]]) -> bytes:
    """Write rows of text, each cell but amounts (``_yuan``) safe to open in a spreadsheet."""
    columns = [[row[name] for row in rows] for name in header]
    safe = [
        column if name.endswith("_yuan") else _safe(column)
        for name, column in zip(header, columns, strict=True)
    ]
    return _csv(header, zip(*safe, strict=True))


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")
