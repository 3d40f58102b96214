"""Which papers prove which stay in hospital.

In    tables with papers
Out   for each paper the number of its stay inside the household, none where it is of no stay

Papers with one 住院号 are of one stay. One without it is of the stay of the same person whose days of
admission and discharge it shows, as far as both show them, if there is only one such.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.intake.people import rows_of

if TYPE_CHECKING:
    from relief.intake.tables import Tables

__all__ = ["stays"]

_READ = ("household_id", "stay_id", "member_id", "care")


@dataclass
class _Stay:
    """What the papers of one stay show, and their positions."""

    number: Any
    member: Any
    admitted: Any
    discharged: Any
    papers: list[int] = field(default_factory=list)

    def fits(self, member: Any, admitted: Any, discharged: Any) -> bool:
        """Return whether a paper without a number shows a day of this stay, and nothing against it."""
        pairs = ((self.admitted, admitted), (self.discharged, discharged))
        known = [one == other for one, other in pairs if one is not None and other is not None]
        is_same = self.member is None or member is None or self.member == member
        return is_same and bool(known) and all(known)

    def take(self, at: int, member: Any, admitted: Any, discharged: Any) -> None:
        """Add a paper, and what only it shows."""
        self.papers.append(at)
        self.member = self.member if self.member is not None else member
        self.admitted = self.admitted if self.admitted is not None else admitted
        self.discharged = self.discharged if self.discharged is not None else discharged


def stays(tables: Tables) -> pd.Series[Any]:
    """Return the number of the stay that each paper is of.

    Parameters
    ----------
    tables : Tables

    Returns
    -------
    Series of Int64
        By position of the paper: 1, 2 … inside its household by the day of admission; NA for a paper of
        none, as of an outpatient, and for one that fits several.

    Examples
    --------
    >>> import pandas as pd
    >>> from relief.intake.tables import read_tables
    >>> papers = pd.DataFrame({"户编号": ["H1"] * 3, "材料类型": ["住院记录", "医疗收据", "医疗收据"],
    ...     "住院号": ["7", "7", None], "入院日期": ["2021-03-01", None, "2021-01-01"]})
    >>> stays(read_tables({"households": pd.DataFrame({"户编号": ["H1"]}), "documents": papers})).tolist()
    [2, 2, 1]
    """
    papers = tables["documents"]
    of: dict[Any, list[tuple[int, Any, tuple[Any, ...]]]] = {}
    days = [_days(papers, name) for name in ("admission_on", "discharge_on")]
    rows = zip(rows_of(papers, *_READ), *days, strict=True)
    for at, ((household, number, member, care), admitted, discharged) in enumerate(rows):
        is_shown = number is not None or admitted is not None or discharged is not None
        if is_shown and care != "门诊" and household is not None:
            of.setdefault(household, []).append((at, number, (member, admitted, discharged)))
    numbers: list[int | None] = [None] * len(papers)
    for own in of.values():
        for turn, stay in enumerate(_grouped(own), start=1):
            for at in stay.papers:
                numbers[at] = turn
    return pd.Series(numbers, dtype="Int64")


def _days(papers: pd.DataFrame, name: str) -> list[int | None]:
    """Return a column of days as whole numbers, which costs less than as days."""
    if name not in papers:
        return [None] * len(papers)
    days = papers[name].to_numpy(dtype="datetime64[D]")
    return [None if is_none else day for day, is_none in zip(
        days.astype("int64").tolist(), np.isnat(days).tolist(), strict=True)]  # fmt: skip


def _grouped(papers: list[tuple[int, Any, tuple[Any, ...]]]) -> list[_Stay]:
    """Return the stays of one household in the order of their days."""
    by_number: dict[Any, _Stay] = {}
    for at, number, shown in papers:
        if number is not None:
            by_number.setdefault(number, _Stay(number, None, None, None)).take(at, *shown)
    found = list(by_number.values())
    # Those that show most come first, so that the order of the rows decides nothing.
    loose = sorted((paper for paper in papers if paper[1] is None), key=lambda paper: paper[2].count(None))
    for at, _, shown in loose:
        fitting = [stay for stay in found if stay.fits(*shown)]
        if len(fitting) == 1:
            fitting[0].take(at, *shown)
        elif not fitting:
            found.append(_Stay(None, None, None, None))
            found[-1].take(at, *shown)
    return sorted(found, key=_order)


def _order(stay: _Stay) -> tuple[float, str]:
    day = stay.admitted if stay.admitted is not None else stay.discharged
    return (math.inf if day is None else day, str(stay.number))
