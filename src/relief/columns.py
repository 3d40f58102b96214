"""The data dictionary: every table and column, and the headers they are known by.

One file, ``columns.csv``, says what each column is; the reader, the checks, the templates,
the docs page, the JSON Schema and the test strategies all come from it.

In    ``columns.csv``
Out   `DICTIONARY`, a `Column` per table and name; `match`, from a header as people write it
      to the column it means and the unit its amounts are in
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from relief.units import ASIDE, Unit, normalised, unit_of

if TYPE_CHECKING:
    from fractions import Fraction

__all__ = [
    "ASIDE_SHEETS",
    "COPY",
    "DICTIONARY",
    "EXAMPLE",
    "EXAMPLE_SHEET",
    "EXPLAINED_SHEET",
    "MOST_COUNTED",
    "TABLES",
    "TABLE_TITLES",
    "Column",
    "Header",
    "match",
    "normalised",
    "table_named",
]

TABLE_TITLES: dict[str, tuple[str, ...]] = {
    "households": ("家庭", "户", "申请", "困难职工", "名单", "花名册"),
    "members": ("成员", "家庭成员"),
    "documents": ("材料", "医疗材料", "票据", "医疗票据"),
    "registry": ("数据比对", "比对", "核对", "部门数据"),
    "rulings": ("裁定", "人工裁定"),
    "history": ("历史", "历史帮扶", "既往帮扶"),
}
TABLES: tuple[str, ...] = tuple(TABLE_TITLES)
EXPLAINED_SHEET, EXAMPLE_SHEET = "填写说明", "填写示例"
# Sheets that explain and hold no record, whatever stands on them.
ASIDE_SHEETS = frozenset({EXPLAINED_SHEET, EXAMPLE_SHEET, "说明"})
# An id that begins so is of an example, and its row never a record.
EXAMPLE = "示例"
# Words that say of a paper, or of its number, that it is a copy.
COPY = re.compile(r"[(]?(?:复印件|复印|影印件|副本|扫描件)[)]?")
# No household counts so many of anything; a telephone number in the wrong column does.
MOST_COUNTED = 9_999

_TRUE = "是 有 true yes y 1 √ ✓ 对"
_FALSE = "否 无 没有 false no n 0 × ✗ 不是"
_TAIL = re.compile(
    r"(?:[(](?P<inside>[^()]*)[)]|[-_/,:]?(?P<area>m2|平方米|平米)|[-_/,:](?P<last>[十百千万亿]*元|万|分|角)|(?P<bare>[十百千万亿]+元))$"
)
_YEARLY = re.compile(r"年|全年|年度|当年|本年度?|一年|(?:近|前|过去|最近)?(?:12个?月|十二个月|一年)")
_ASIDE_OF = {
    "count": re.compile(r"人|口|套|辆|天|日|个|(?:个)?工作日"),
    "area": re.compile(r"(?:单位:?)?(?:m2|平方米|平米)"),
    "date": re.compile(r"年[-/.]?月[-/.]?日|yyyy[-/.]?mm[-/.]?dd"),
    "id_number": re.compile(r"\d+位"),
    "account": re.compile(r"\d+位"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the dictionary.

    Attributes
    ----------
    table, name : str
        Where it stands; `name` ends in ``_fen`` for money, ``area`` for areas, and for dates in
        ``_on``, ``_from``, ``_until``, ``_since`` or ``as_of``.
    title, title_en : str
        The Chinese header that templates print; what letters and reasons call it in English.
    headers : tuple of str
        Other headers that mean it.
    dtype : str
        ``id text name id_number account label choice district flag count area money date``.
    unit : str
        ``fen``, ``fen/year``, ``m2``, ``person`` … or empty.
    required : bool
        Whether a table without this column cannot be used.
    minimum : int or None
        The least value, in the column's unit; None where negatives make sense.
    choices : dict
        Allowed spelling -> canonical value; empty where anything goes.
    none_is_zero : bool
        Whether 无 in a cell states a zero; elsewhere it is an unknown.
    is_personal : bool
        Whether the value may never appear in a log, an error or a notice.
    wished : str
        Of a fact of the household's own, the way in which somebody would have it be other: to
        ``more`` (or yes), to ``less`` (or no), ``either`` way; empty for what somebody else says,
        for days that are past and for who and where somebody is.
    is_supplied : bool
        Whether such a fact can still be supplied: a paper, a signature, a longer notice. Any
        other is as it is, and can only be recorded wrongly.
    """

    table: str
    name: str
    title: str
    headers: tuple[str, ...]
    dtype: str
    unit: str
    required: bool
    minimum: int | None
    choices: dict[str, str] = field(compare=False)
    none_is_zero: bool
    is_personal: bool
    description: str
    description_zh: str
    title_en: str = ""
    wished: str = ""
    is_supplied: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """A header of a sheet, understood: the column, and what one unit of its amounts is worth.

    `factor` is yuan per unit of the cells (1 for 元, 10,000 for 万元, 1/10 for 角), None where the header
    does not say; `in_fen` marks a column that holds whole fen already. `is_unclear` marks a
    header whose unit is not understood, or contradicts its name: such a sheet is refused.
    """

    column: Column
    factor: int | Fraction | None
    in_fen: bool
    is_unclear: bool = False


def _choices(dtype: str, allowed: str) -> dict[str, str]:
    spellings: dict[str, str] = {}
    if dtype == "flag":
        spellings |= dict.fromkeys(_TRUE.split(), "true") | dict.fromkeys(_FALSE.split(), "false")
    for group in filter(None, allowed.split("|")):
        value, _, others = group.partition("=")
        spellings |= dict.fromkeys([value, *filter(None, others.split(","))], value)
    return {normalised(spelling): value for spelling, value in spellings.items()}


def _in_words(name: str) -> str:
    """Return a column's name as English words, where these say enough."""
    return re.sub("_on$", "_date", name.removesuffix("_fen")).replace("_", " ")


def _column(row: dict[str, str]) -> Column:
    return Column(
        table=row["table"],
        name=row["column"],
        title=row["title"],
        headers=tuple(filter(None, row["headers"].split("|"))),
        dtype=row["dtype"],
        unit=row["unit"],
        required=row["required"] == "yes",
        minimum=int(row["minimum"]) if row["minimum"] else None,
        choices=_choices(row["dtype"], row["allowed"]),
        none_is_zero=row["none_means"] == "zero",
        is_personal=row["personal"] == "yes",
        description=row["description"],
        description_zh=row["description_zh"],
        title_en=row["title_en"] or _in_words(row["column"]),
        wished=row["wished"] or "",
        is_supplied=row["supplied"] == "yes",
    )


def _load() -> dict[str, dict[str, Column]]:
    text = files("relief").joinpath("columns.csv").read_text(encoding="utf-8")
    tables: dict[str, dict[str, Column]] = {table: {} for table in TABLES}
    for row in csv.DictReader(text.splitlines()):
        tables[row["table"]][row["column"]] = _column(row)
    return tables


DICTIONARY: dict[str, dict[str, Column]] = _load()


@cache
def _known(table: str) -> dict[str, tuple[Column, bool]]:
    known: dict[str, tuple[Column, bool]] = {}
    for column in DICTIONARY[table].values():
        spellings = [column.title, *column.headers]
        if column.dtype == "money":
            spellings.append(column.name.removesuffix("_fen") + "_yuan")
        known |= {normalised(spelling): (column, False) for spelling in spellings}
        known[column.name] = (column, column.dtype == "money")
    for name in DICTIONARY[table]:
        known.setdefault(name.replace("_", ""), known[name])  # "Household ID"
    return known


@lru_cache(maxsize=4096)
def match(table: str, header: str) -> Header | None:
    """Return the column of `table` that a header means, or None.

    Parameters
    ----------
    table : str
        One of `TABLES`.
    header : str
        As it stands in the sheet: marks, line breaks, brackets and units included.

    Examples
    --------
    >>> match("households", "*医疗费用个人自付（万元）").factor
    10000
    >>> match("households", "out_of_pocket_fen").in_fen
    True
    >>> match("households", "星座") is None, match("households", "工资性收入（元/月）") is None
    (True, True)
    """
    known, spelling = _known(table), normalised(header)
    tails: list[str] = []
    while spelling not in known:
        tail = _TAIL.search(spelling)
        if tail is None:
            return None
        tails.append(next(part for part in tail.groups() if part is not None))
        spelling = spelling[: tail.start()]
    column, in_fen = known[spelling]
    named = unit_of([tail for tail in tails if not _is_aside(tail, column)])
    if named is None:
        return None
    if column.dtype != "money":
        return Header(column, None, in_fen) if named == Unit(None) else None
    own = Unit(None, in_fen=True) if in_fen else Unit(1 if spelling.endswith("_yuan") else None)
    says = named if own == Unit(None) else own
    clash = Unit(None) not in (own, named) and own != named
    return Header(column, says.factor, says.in_fen, named.is_unclear or clash)


def _is_aside(words: str, column: Column) -> bool:
    """Return whether words in a bracket leave a header's meaning as it is."""
    of_year = column.unit == "fen/year" or (column.table, column.name) == ("households", "out_of_pocket_fen")
    pattern = _ASIDE_OF.get(column.dtype)
    return (
        words in ASIDE
        or (of_year and _YEARLY.fullmatch(words) is not None)
        or (pattern is not None and pattern.fullmatch(words) is not None)
        or all(word in column.choices for word in re.split("[/、,|或]", words))
    )


def table_named(sheet: str) -> str | None:
    """Return the table that a sheet or file of this name holds, or None if the name does not say.

    Examples
    --------
    >>> table_named("家庭成员表"), table_named("households"), table_named("Sheet1")
    ('members', 'households', None)
    """
    text = normalised(sheet).removesuffix("信息表").removesuffix("信息").removesuffix("表")
    for table, titles in TABLE_TITLES.items():
        if text in (table, table.removesuffix("s"), *titles):
            return table
    return None
