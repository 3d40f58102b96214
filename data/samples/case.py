"""What a case of the sample is made to show, and what an application made for it holds.

In    a row of ``cases.csv``, or the wish for one more plain household
Out   `Case`; `Application`: the rows of every table, by the dictionary's column names, money in fen
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
# As people write a district; the first is its name. ID numbers start with its area code.
SPELLINGS = {
    "市直": ["市直", "市直", "江门市直", "市直单位"],
    "蓬江区": ["蓬江区", "蓬江区", "蓬江", "440703"],
    "江海区": ["江海区", "江海", "440704"],
    "新会区": ["新会区", "新会区", "新会区", "新会", "江门市新会区", "440705"],
    "台山市": ["台山市", "台山市", "台山", "440781"],
    "鹤山市": ["鹤山市", "鹤山市", "鹤山", "440784"],
    "恩平市": ["恩平市", "恩平市", "恩平", "440785"],
    "开平市": ["开平市", "开平", "440783"],
}
AREAS = {district: names[-1] for district, names in SPELLINGS.items()} | {"市直": "440703"}
# Yuan per person and month: the province's floor, the example value of the city.
STANDARDS: dict[tuple[str, str | None], tuple[int, int]] = {
    **{(district, residence): (853, 930) for district in SPELLINGS for residence in ("城镇", "农村", None)},
    **{(district, "城镇"): (800, 880) for district in ("台山市", "开平市", "恩平市")},
    **{
        (district, rural): (551, 640)
        for district in ("台山市", "开平市", "恩平市")
        for rural in ("农村", None)
    },
}
ACCIDENT = "重大意外事故"
EARNS = {"在岗": "wage", "病休": "wage", "农民工": "wage", "务农": "business", "退休": "transfer"}


@dataclass(frozen=True, eq=False)
class Case:
    """What one application is made to show.

    Attributes
    ----------
    net : str or int
        Net income per member and month: ``deep`` below the floor, ``city`` from there to S,
        ``relative`` from S to 2 S, or exactly so many percent of S.
    divisor : int
        How many members `net` is per; 0 for all.
    year : int
        Of the receipts.
    changes : dict
        Columns of the household that are stated otherwise, or not at all.
    """

    outcome: str
    district: str
    residence: str | None
    net: str | int
    size: int = 0
    divisor: int = 0
    year: int = 2021
    special: str = ""
    changes: Row = field(default_factory=dict)
    note: str = ""


@dataclass
class Application:
    """The rows of one household."""

    case: Case
    household: Row
    members: list[Row] = field(default_factory=list)
    documents: list[Row] = field(default_factory=list)
    registry: list[Row] = field(default_factory=list)
    rulings: list[Row] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Return the household's id."""
        return str(self.household["household_id"])

    @property
    def receipts(self) -> list[Row]:
        """Return the receipts."""
        return [paper for paper in self.documents if paper["kind"] == "医疗收据"]

    @property
    def counted(self) -> list[Row]:
        """Return the members who count."""
        return [member for member in self.members if member["counts_in_household"] == "是"]

    @property
    def earners(self) -> list[Row]:
        """Return the counted members who have an income."""
        return [member for member in self.counted if member["employment"] in EARNS]


def answer(made: Application, member: Row, source: str, kind: str, value: str) -> None:
    fact = {"source": source, "id_number": member["id_number"], "kind": kind, "value": value}
    made.registry.append(fact | {"as_of": dt.date(2021, 9, 10)})
