"""The JSON Schema of a pack's files: shipped as generated, and of one mind with the models."""

from __future__ import annotations

import copy
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError

from relief.messages import catalogue
from relief.rulepack import casefile, model
from relief.rulepack.document import read_document
from relief.rulepack.keys import described, parts, schemas
from relief.rulepack.pack import FILES, installed_packs
from relief.schema import cases_schema, pack_schema

RULES = files("relief").joinpath("rules")
PACK = jsonschema.Draft202012Validator(pack_schema())
CASES = jsonschema.Draft202012Validator(cases_schema())
TOLD = {"status": "illustrative", "note": "例"}
SMALL: dict[str, Any] = {
    "name": "small",
    "title": "小",
    "title_en": "small",
    "parameters": {"limit": {"values": [{"from": "2024-01-01", "exactly": "2/37", **TOLD}]}},
    "tiers": {"t": {"title": "档", "title_en": "t", "bands": [{"from": 0, "upto": 9, "exactly": 5, **TOLD}]}},
    "measures": {"m": {"title": "量", "title_en": "m", "amount": "income_fen", **TOLD}},
    "rules": [{"id": "r", "title": "条", "title_en": "r", "requires": "true", **TOLD}],
}


def test_the_shipped_schemas_are_those_that_the_models_give() -> None:
    for file, text in schemas().items():
        assert files("relief").joinpath("rulepack", file).read_text("utf-8") == text, (
            "run python -m relief.rulepack.keys"
        )
    for validator in (PACK, CASES):
        jsonschema.Draft202012Validator.check_schema(validator.schema)


@pytest.mark.parametrize("name", installed_packs())
def test_every_file_of_a_shipped_pack_is_valid(name: str) -> None:
    checked = 0
    for file in (*FILES, "cases.yaml"):
        entry = RULES.joinpath(name, file)
        if entry.is_file():
            validator = CASES if file == "cases.yaml" else PACK
            found = validator.iter_errors(read_document(file, entry.read_bytes()).content)
            assert [f"{file}: {error.json_path}: {error.message}" for error in found] == []
            checked += 1
    assert checked


SENTENCES = Path(__file__).parents[1] / "sentences"
HEAD = {"name": "s", "title": "句", "title_en": "s"}


@pytest.mark.parametrize("file", sorted(SENTENCES.glob("[0-9]*.yaml")), ids=lambda file: file.stem)
def test_what_the_sentences_of_texts_say_is_valid(file: Path) -> None:
    for part in re.split(r"^---.*\n", file.read_text("utf-8"), flags=re.M)[1:]:
        content = read_document(file.name, part.encode()).content
        validator, head = (CASES, {}) if "cases" in content else (PACK, HEAD)
        found = validator.iter_errors({**head, **content})
        assert [f"{error.json_path}: {error.message}" for error in found] == []


def changed(*path: str | int, to: Any = None) -> dict[str, Any]:
    content = copy.deepcopy(SMALL)
    place: Any = content
    for step in path[:-1]:
        place = place[step]
    if to is None:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return content


BAND = ("tiers", "t", "bands", 0)
VALUE = ("parameters", "limit", "values", 0)


@pytest.mark.parametrize(
    "content",
    [
        changed("title"),
        changed("rule", to=[]),
        changed("rules", 0, "note"),
        changed("rules", 0, "note", to=""),
        changed("rules", 0, "status"),
        changed("rules", 0, "status", to="sourced"),
        changed("rules", 0, "effect", to="refuses"),
        changed("rules", 0, "id", to="Regel"),
        changed("rules", 0, "source", to={"document": "文件"}),
        changed("measures", "m", "holds", to="true"),
        changed("measures", "m", "amount"),
        changed("measures", "M", to=SMALL["measures"]["m"]),
        changed(*VALUE, "at_least", to=1),
        changed(*VALUE, "exactly"),
        changed(*VALUE, "exactly", to="viel"),
        changed(*VALUE, "from"),
        changed(*BAND, "above", to=0),
        changed(*BAND, "from"),
        changed(*BAND, "below", to=8),
    ],
)
def test_schema_and_model_refuse_the_same(content: dict[str, Any]) -> None:
    assert PACK.is_valid(SMALL)
    model.PackModel.model_validate(SMALL)
    assert not PACK.is_valid(content)
    with pytest.raises(ValidationError):
        model.PackModel.model_validate(content)


def test_every_key_is_described_and_no_description_is_of_a_key_that_is_not() -> None:
    roots = (model.PackModel, casefile._FileModel)
    used = {code for root in roots for part in parts(root).values() for code in described(part).values()}
    assert used == {code for code in catalogue() if code.startswith("key.")}


def test_an_editor_is_offered_the_headers_of_a_case() -> None:
    household = cases_schema()["$defs"]["Case"]["properties"]["household"]
    assert "家庭年度总收入" in household["properties"]
    assert household["additionalProperties"] is True
