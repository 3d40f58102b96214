"""The keys of a pack's files as JSON Schema, from the models that read them, for editors.

In    the pydantic models, the sentences that say what each key means, the data dictionary
Out   ``pack.schema.json`` and ``cases.schema.json``, which ship beside this module

After a change of a model: ``python -m relief.rulepack.keys`` writes both anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relief.columns import DICTIONARY
from relief.messages import catalogue, say
from relief.rulepack import casefile, model
from relief.rulepack.model import parts, short_name

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["described", "parts", "schemas"]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_PACK, _CASES = "pack.schema.json", "cases.schema.json"


def schemas() -> dict[str, str]:
    """Return the text of each schema by the name of its file."""
    pack, cases = _schema(model.PackModel), _schema(casefile._FileModel)
    # A pack may be spread over three files, of which only one has these.
    pack["dependentRequired"] = {"name": pack.pop("required")}
    for name in ("household", "members", "documents", "registry", "rulings", "history"):
        _with_headers(cases["$defs"]["Case"]["properties"][name], name)
    return {
        file: json.dumps(schema, ensure_ascii=False, indent=1) + "\n"
        for file, schema in ((_PACK, pack), (_CASES, cases))
    }


def described(part: type[BaseModel]) -> dict[str, str]:
    """Return the code of the sentence that says what each key of a part means.

    Examples
    --------
    >>> described(model.CategoryModel)["when"]
    'key.category.when'
    """
    found = {}
    for name, field in part.model_fields.items():
        key = field.alias or name
        own, common = f"key.{short_name(part).lower()}.{key}", f"key.any.{key}"
        found[key] = own if own in catalogue() else common
    return found


def _schema(root: type[BaseModel]) -> dict[str, Any]:
    """Return the schema of a model, every part under its short name and every key described."""
    schema = root.model_json_schema()
    short = {part.__name__: name for name, part in parts(root).items()}
    schema["$defs"] = {short[name]: entry for name, entry in schema["$defs"].items()}
    for name, part in parts(root).items():
        entry = schema if part is root else schema["$defs"][name]
        entry["title"] = name
        for key, code in described(part).items():
            told = entry["properties"][key]
            told.pop("title", None)
            told["description"] = f"{say(code, 'zh')}\n{say(code, 'en')}"
        entry |= _asked(part)
    _tidied(schema, {f"#/$defs/{long}": f"#/$defs/{name}" for long, name in short.items()})
    return {"$schema": _DRAFT, **schema}


def _tidied(schema: Any, names: dict[str, str]) -> None:
    """Point to the short names, and refuse keys that match no pattern, in every part of a schema."""
    if isinstance(schema, dict):
        if schema.get("$ref") in names:
            schema["$ref"] = names[schema["$ref"]]
        if "patternProperties" in schema:
            schema["additionalProperties"] = False
        for inner in schema.values():
            _tidied(inner, names)
    elif isinstance(schema, list):
        for inner in schema:
            _tidied(inner, names)


def _asked(part: type[BaseModel]) -> dict[str, Any]:
    """Return what the checks of a model ask beyond the types of its keys."""
    wanted: list[dict[str, Any]] = []
    if issubclass(part, model.Provenance):
        unsourced = {"status": {"enum": ["illustrative", "derived", "unverified"]}}
        wanted.append({
            "if": {"properties": unsourced, "required": ["status"]},
            "then": {"required": ["note"], "properties": {"note": {"minLength": 1}}},
            "else": {"required": ["source"]},
        })  # fmt: skip
    if part is model.MeasureModel:
        wanted.append({"oneOf": [{"required": ["amount"]}, {"required": ["holds"]}]})
    if part in (model.ValueModel, model.BandModel):
        wanted.append({"oneOf": [
            {"required": ["exactly"]},
            {"anyOf": [{"required": ["at_least"]}, {"required": ["at_most"]}]},
        ]})  # fmt: skip
    if part is model.BandModel:
        wanted.append({"oneOf": [{"required": ["above"]}, {"required": ["from"]}]})
        wanted.append({"not": {"required": ["below", "upto"]}})
    return {"allOf": wanted} if wanted else {}


def _with_headers(entry: dict[str, Any], table: str) -> None:
    """Let an editor offer the headers of a table's rows; any other spelling stays allowed."""
    columns = DICTIONARY["households" if table == "household" else table].values()
    told = {
        column.title: {"description": f"{column.description_zh}\n{column.description}"}
        for column in columns
        if column.name != "household_id"
    }
    rows = [entry, *(choice.get("items", {}) for choice in entry.get("anyOf", ()))]
    for row in rows:
        if row.get("type") == "object":
            row["properties"] = told


if __name__ == "__main__":
    for file, text in schemas().items():
        Path(__file__).with_name(file).write_text(text, encoding="utf-8")
