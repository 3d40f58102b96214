"""A strategy for small rule packs that are valid, each with households whose facts lie at its limits.

Every column of the households is a rule waiting to be written: an amount, a count or an area has a
limit, a flag is wanted or not. The facts drawn are the limit itself, one less and one more, or missing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
from hypothesis import strategies as st

from relief.columns import DICTIONARY
from relief.rulepack.pack import parse_pack

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

    from relief.columns import Column
    from relief.rulepack import Pack

__all__ = ["DrawnPack", "rule_packs"]

_NOTE = {"status": "illustrative", "note": "drawn for a test"}
_DISTRICTS = ("甲区", "乙市")
_COLUMNS = [
    column
    for column in DICTIONARY["households"].values()
    if column.dtype in ("money", "count", "area", "flag") and column.name != "out_of_pocket_fen"
]


@dataclass(frozen=True)
class DrawnPack:
    """A pack and households that fit it.

    Attributes
    ----------
    text : str
        ``pack.yaml``, in the part of YAML that is JSON.
    pack : Pack
        The same, loaded.
    households : DataFrame
        As `relief.read_tables` takes it: every column that the pack reads, and the district.
    """

    text: str
    pack: Pack
    households: pd.DataFrame


def rule_packs(
    *, max_rules: int = 4, min_households: int = 1, max_households: int = 6, missing: bool = True
) -> SearchStrategy[DrawnPack]:
    """Generate small rule packs with households at their limits.

    Parameters
    ----------
    max_rules : int
        Most rules of a pack; there is always one.
    min_households, max_households : int
        How many households.
    missing : bool
        Whether facts may be missing.

    Examples
    --------
    >>> from hypothesis import find
    >>> drawn = find(rule_packs(missing=False), lambda drawn: True)
    >>> [rule.id for rule in drawn.pack.rules], len(drawn.households)
    (['rule-1'], 1)
    """
    return _drawn(max_rules, min_households, max_households, missing)


@st.composite
def _drawn(draw: DrawFn, max_rules: int, least: int, most: int, missing: bool) -> DrawnPack:
    read = draw(st.lists(st.sampled_from(_COLUMNS), min_size=1, max_size=max_rules, unique=True))
    limits = [draw(st.integers(0, 1 if column.dtype == "flag" else 200)) for column in read]
    content: dict[str, Any] = {
        "name": "drawn", "title": "试用规则包", "title_en": "a pack drawn for a test",
        "districts": [{"name": name} for name in _DISTRICTS],
        "parameters": {}, "measures": {}, "rules": [], "categories": [],
        "claim": _entry("个人自付", "out-of-pocket cost", amount="out_of_pocket_fen"),
    }  # fmt: skip
    for number, (column, limit) in enumerate(zip(read, limits, strict=True), start=1):
        _add_rule(draw, content, number, column, limit)
    if draw(st.booleans()):
        when = content["rules"][0]["requires"]
        content["categories"] = [
            _entry("深度困难", "deep", id="deep", when=when),
            _entry("相对困难", "relative", id="relative", when="true"),
        ]
    text = json.dumps(content, ensure_ascii=False, indent=1)
    cells = {column.name: _near(column, limit) for column, limit in zip(read, limits, strict=True)}
    cells["out_of_pocket_fen"] = st.sampled_from((0, 1, 100)) | st.integers(0, 10**7)
    row = st.fixed_dictionaries({name: st.none() | cell if missing else cell for name, cell in cells.items()})
    drawn = draw(st.lists(st.tuples(st.sampled_from(_DISTRICTS), row), min_size=least, max_size=most))
    records = [
        {"household_id": f"H{at:04d}", "district": place, **facts} for at, (place, facts) in enumerate(drawn)
    ]
    frame = pd.DataFrame(records, columns=["household_id", "district", *cells], dtype=object)
    return DrawnPack(text, parse_pack({"drawn": {"pack.yaml": text.encode()}}, "drawn"), frame)


def _entry(title: str, title_en: str, **rest: Any) -> dict[str, Any]:
    return {"title": title, "title_en": title_en, **_NOTE, **rest}


def _add_rule(draw: DrawFn, content: dict[str, Any], number: int, column: Column, limit: int) -> None:
    """Add a rule about a column; the limit of an amount is written out, a parameter, or within a measure."""
    sign = draw(st.sampled_from(("<=", "<", ">=", ">")))
    way = draw(st.sampled_from(("plain", "parameter", "measure")))
    written = f"yuan({limit})" if column.dtype == "money" else str(limit)
    # An amount a year is compared with an amount a year, which only a parameter says.
    if column.dtype == "money" and (way == "parameter" or column.unit == "fen/year"):
        written = f"limit_{number}"
        content["parameters"][written] = {
            "title": "限额", "title_en": "limit", "per": "年" if column.unit == "fen/year" else "",
            "values": [{"from": "2000-01-01", "exactly": limit, **_NOTE}],
        }  # fmt: skip
    requires = f"{column.name} {sign} {written}"
    if column.dtype == "flag":
        requires = column.name if limit else f"not {column.name}"
    if way == "measure":
        content["measures"][f"met_{number}"] = _entry("符合条件", "condition met", holds=requires)
        requires = f"met_{number}"
    titles = (f"{column.title}条件", f"condition on {column.name}")
    missing = draw(st.sampled_from(("pending", "fail", "ask")))
    content["rules"].append(_entry(*titles, id=f"rule-{number}", requires=requires, missing=missing))


def _near(column: Column, limit: int) -> SearchStrategy[Any]:
    """Generate facts at a limit in yuan, persons or m²: itself, the least bit less, the least bit more."""
    if column.dtype == "flag":
        return st.booleans()
    exact = 100 * limit if column.dtype in ("money", "area") else limit
    near = st.sampled_from([fact for fact in (exact - 1, exact, exact + 1) if fact >= (column.minimum or 0)])
    return near.map(lambda fact: fact / 100) if column.dtype == "area" else near
