"""What relief reads as JSON Schema: tables for systems that send many rows, packs for editors.

In    `DICTIONARY`; the schemas that ship beside the models of a pack
Out   a schema (draft 2020-12) of an object of tables, each an array of rows; of a pack's files; of a
      field of one application, whose models `relief.Application` holds

In tables amounts are whole fen under the dictionary's own names, in an application yuan under names in
``_yuan``. Areas are square metres; unknown is ``null`` or absent, never zero.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from relief.columns import DICTIONARY, MOST_COUNTED, TABLES

if TYPE_CHECKING:
    from relief.columns import Column

__all__ = ["application_field", "cases_schema", "field_name", "json_schema", "pack_schema"]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TYPES: dict[str, dict[str, Any]] = {
    "money": {"type": ["integer", "null"], "maximum": 2**63 - 1},
    "count": {"type": ["integer", "null"], "maximum": MOST_COUNTED},
    # No multipleOf 0.01: validators that divide floats refuse 0.07 by it.
    "area": {"type": ["number", "null"], "maximum": (2**63 - 1) // 100},
    "date": {"type": ["string", "null"], "format": "date"},
    "flag": {"type": ["boolean", "null"]},
}


def json_schema() -> dict[str, Any]:
    """Return the schema of every table.

    Returns
    -------
    dict
        JSON Schema; ``households`` is required, rows take no other keys than the dictionary's.

    Examples
    --------
    >>> row = json_schema()["properties"]["households"]["items"]
    >>> row["required"], row["properties"]["out_of_pocket_fen"]["minimum"]
    (['household_id'], 0)
    """
    return {
        "$schema": _DRAFT,
        "title": "relief tables",
        "type": "object",
        "properties": {table: {"type": "array", "items": _row(table)} for table in TABLES},
        "required": ["households"],
        "additionalProperties": False,
    }


def pack_schema() -> dict[str, Any]:
    """Return the schema of a pack's files, every key with what it means in Chinese and English.

    Returns
    -------
    dict
        JSON Schema of ``pack.yaml``, ``parameters.yaml`` and ``eligibility.yaml``.

    Examples
    --------
    >>> rule = pack_schema()["$defs"]["Rule"]
    >>> rule["required"]
    ['id', 'title', 'title_en', 'requires']
    >>> print(rule["properties"]["requires"]["description"])
    须符合的条件。
    The condition that must hold.
    """
    return _shipped("pack.schema.json")


def cases_schema() -> dict[str, Any]:
    """Return the schema of a pack's ``cases.yaml``."""
    return _shipped("cases.schema.json")


def field_name(column: Column) -> str:
    """Return what a column is called in an application: as in the dictionary, amounts in ``_yuan``.

    Examples
    --------
    >>> field_name(DICTIONARY["households"]["income_fen"])
    'income_yuan'
    """
    return f"{column.name.removesuffix('_fen')}_yuan" if column.dtype == "money" else column.name


def application_field(column: Column) -> dict[str, Any]:
    """Return the schema of a column in an application: amounts and areas as text or a number.

    Examples
    --------
    >>> application_field(DICTIONARY["households"]["income_fen"])["type"]
    ['string', 'number', 'null']
    """
    field = _field(column)
    if column.dtype in ("money", "area"):
        sign = "-?" if column.minimum is None else ""
        field |= {
            "type": ["string", "number", "null"],
            "pattern": rf"^{sign}[0-9]{{1,15}}([.][0-9]{{1,2}})?$",
            "maximum": (2**63 - 1) // 100,
        }
    if column.dtype == "money":
        field["x-unit"] = column.unit.replace("fen", "yuan")
    return field


def _shipped(file: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files("relief").joinpath("rulepack", file).read_text("utf-8"))
    return found


def _row(table: str) -> dict[str, Any]:
    columns = DICTIONARY[table]
    return {
        "type": "object",
        "properties": {name: _field(column) for name, column in columns.items()},
        "required": [name for name, column in columns.items() if column.required],
        "additionalProperties": False,
    }


def _field(column: Column) -> dict[str, Any]:
    meaning = f"{column.description_zh}\n{column.description}"
    field: dict[str, Any] = {"title": column.title, "description": meaning}
    field |= _TYPES.get(column.dtype, {"type": ["string", "null"]})
    if column.required:
        field["type"] = field["type"][0]
    if column.minimum is not None:
        field["minimum"] = column.minimum
    if column.dtype == "choice":
        field["enum"] = [*dict.fromkeys(column.choices.values()), None]
    if column.dtype == "label" and column.choices:
        field["examples"] = list(dict.fromkeys(column.choices.values()))
    if column.unit:
        field["x-unit"] = column.unit
    if column.is_personal:
        field["x-personal"] = True
    return field
