"""The JSON Schema says the same as the dictionary."""

from __future__ import annotations

import jsonschema
import pytest

from relief.columns import DICTIONARY
from relief.schema import json_schema


def test_the_schema_is_valid_and_takes_a_minimal_application() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate({"households": [{"household_id": "H1", "out_of_pocket_fen": 120050}]}, schema)
    jsonschema.validate({"households": [{"household_id": "H1", "housing_area": 0.07}]}, schema)


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"household_id": None},
        {"household_id": "H1", "out_of_pocket_fen": -1},
        {"household_id": "H1", "out_of_pocket_fen": 0.5},
        {"household_id": "H1", "out_of_pocket_fen": 2**63},
        {"household_id": "H1", "residence": "郊区"},
        {"household_id": "H1", "union_member": "是"},
        {"household_id": "H1", "star_sign": "天秤座"},
        {"household_id": "H1", "household_size": 0},
        {"household_id": "H1", "housing_area": -0.01},
        {"household_id": "H1", "housing_area": "89.56㎡"},
    ],
)
def test_the_schema_refuses_what_the_reader_would(row: dict[str, object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"households": [row]}, json_schema())


def test_every_column_is_in_the_schema_and_personal_ones_say_so() -> None:
    tables = json_schema()["properties"]
    for table, columns in DICTIONARY.items():
        fields = tables[table]["items"]["properties"]
        assert set(fields) == set(columns)
        for name, column in columns.items():
            assert fields[name]["description"] == f"{column.description_zh}\n{column.description}"
        assert {n for n, f in fields.items() if f.get("x-personal")} == {
            n for n, c in columns.items() if c.is_personal
        }
