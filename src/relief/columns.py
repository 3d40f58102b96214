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
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

__all__ = ["DICTIONARY", "TABLES", "TABLE_TITLES", "Column", "Header", "match", "normalised", "table_named"]

TABLE_TITLES: dict[str, tuple[str, ...]] = {
    "households": ("家庭", "户", "申请", "困难职工", "名单", "花名册"),
    "members": ("成员", "家庭成员"),
    "documents": ("材料", "医疗材料", "票据", "医疗票据"),
    "registry": ("数据比对", "比对", "核对", "部门数据"),
    "rulings": ("裁定", "人工裁定"),
    "history": ("历史", "历史帮扶", "既往帮扶"),
}
TABLES: tuple[str, ...] = tuple(TABLE_TITLES)

_TRUE = "是 有 true yes y 1 √ ✓ 对"
_FALSE = "否 无 没有 false no n 0 × ✗ 不是"
_UNITS = {"亿元": 10**8, "百万元": 10**6, "万元": 10**4, "万": 10**4, "千元": 1000, "元": 1, "yuan": 1}
_UNIT = re.compile(
    rf"[(](?:(?:金额)?单位:?)?(?:人民币)?(?P<unit>{'|'.join(_UNITS)}|分|fen)(?:/(?P<per>[^()]*))?[)]"
    r"|[-_/,:](?P<bare>万元|元)$|(?P<last>万元)$"
)
_TAIL = re.compile(r"(?:[(][^()]*[)]|[-_/,:](?:万元|元)|万元)$")
# Every amount of the dictionary is of a year or of one paper: 元/月 is another quantity.
_PER = frozenset({None, "年", "户", "户年", "年户"})
_BRACKETS = str.maketrans("【〔[】〕]", "((()))")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the dictionary.

    Attributes
    ----------
    table, name : str
        Where it stands; `name` ends in ``_fen`` for money, ``_on`` for dates.
    title : str
        The Chinese header that templates print.
    headers : tuple of str
        Other headers that mean it.
    dtype : str
        ``id text name id_number account label choice district flag count money date``.
    unit : str
        ``fen``, ``fen/year``, ``person`` … or empty.
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
    """

    table: str
    name: str
    title: str
    headers: tuple[str, ...]
    dtype: str
    unit: str
    required: bool
    minimum: int | None
    choices: dict[str, str]
    none_is_zero: bool
    is_personal: bool
    description: str
    description_zh: str


@dataclass(frozen=True, slots=True)
class Header:
    """A header of a sheet, understood: the column, and what one unit of its amounts is worth.

    `factor` is yuan per unit of the cells (1 for 元, 10,000 for 万元), None where the header
    does not say; `in_fen` marks a column that holds whole fen already.
    """

    column: Column
    factor: int | None
    in_fen: bool


def normalised(text: object) -> str:
    r"""Return a header or an id as it is compared: NFKC, no white space or marks, lower case.

    Examples
    --------
    >>> normalised("＊出生\n日期 ")
    '出生日期'
    >>> normalised("县（市、区）")
    '县(市、区)'
    """
    folded = unicodedata.normalize("NFKC", str(text)).translate(_BRACKETS)
    return re.sub(r"[\s\u200b-\u200f\u2060\ufeff]+", "", folded).strip("*﹡:").casefold()


def _choices(dtype: str, allowed: str) -> dict[str, str]:
    spellings: dict[str, str] = {}
    if dtype == "flag":
        spellings |= dict.fromkeys(_TRUE.split(), "true") | dict.fromkeys(_FALSE.split(), "false")
    for group in filter(None, allowed.split("|")):
        value, _, others = group.partition("=")
        spellings |= dict.fromkeys([value, *filter(None, others.split(","))], value)
    return {normalised(spelling): value for spelling, value in spellings.items()}


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
    text = normalised(header)
    known, unit = _known(table), _UNIT.search(text)
    spellings = [text]
    while tail := _TAIL.search(spellings[-1]):
        spellings.append(spellings[-1][: tail.start()])
    spelling = next((spelling for spelling in spellings if spelling in known), None)
    if spelling is None or (unit is not None and unit["per"] not in _PER):
        return None
    column, in_fen = known[spelling]
    stated = next(filter(None, unit.group("unit", "bare", "last"))) if unit else ""
    factor = 1 if spelling.endswith("_yuan") else _UNITS.get(stated)
    return Header(column, factor, in_fen or stated in ("分", "fen"))


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
