"""What is wrong with the form of a pack -> sentences with file, line, column and cure.

In    what the schema found, and where each part of the files stands
Out   a `PackError` that lists the first few, in both languages
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from relief.errors import PackError
from relief.messages import LANGUAGES, Language, say
from relief.rulepack.model import (
    CategoryModel,
    ClaimModel,
    MeasureModel,
    PackModel,
    ParameterModel,
    RuleModel,
    ValueModel,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import ValidationError

    from relief.rulepack.document import Document

__all__ = ["form_error"]

_MOST = 5
_CODES = {
    "extra_forbidden": "pack.key_unknown",
    "missing": "pack.key_missing",
    "literal_error": "pack.choice",
    "string_pattern_mismatch": "pack.word",
    "string_type": "pack.text",
    "string_too_short": "pack.length",
    "string_too_long": "pack.length",
    "tuple_type": "pack.list",
    "dict_type": "pack.keys",
    "model_type": "pack.keys",
    "no_source": "pack.no_source",
    "no_note": "pack.no_note",
    "no_amount": "pack.no_amount",
    "no_order": "pack.no_order",
    "no_date": "pack.no_date",
    "no_period": "pack.no_period",
    "reserved": "pack.reserved",
}
_MODELS = (PackModel, ParameterModel, ValueModel, MeasureModel, RuleModel, CategoryModel, ClaimModel)


def form_error(name: str, error: ValidationError, owners: Mapping[str, Document]) -> PackError:
    """Word what the schema found in the pack `name`; `owners` has the file of each top-level key."""
    found = error.errors()
    more = f"\n… +{len(found) - _MOST}" if len(found) > _MOST else ""
    told = {
        lang: "\n".join(_problem(name, detail, owners, lang) for detail in found[:_MOST]) + more
        for lang in LANGUAGES
    }  # fmt: skip
    return PackError("pack.invalid", problems_en=told["en"], problems_zh=told["zh"])


def _problem(name: str, detail: Any, owners: Mapping[str, Document], lang: Language) -> str:
    path = tuple(detail["loc"])
    about_key = detail["type"] == "extra_forbidden" or path[-1:] == ("[key]",)
    path = path[:-1] if path[-1:] == ("[key]",) else path
    document = owners.get(str(path[0])) if path else None
    place = document.place((*path, "") if about_key else path) if document else f"{name}/pack.yaml:1:1"
    facts = {
        "near": _near(str(path[-1])) if path else "—",
        "expected": str(detail.get("ctx", {}).get("expected", "")).replace(" or ", ", "),
    }
    kind = "no_date" if detail["type"].startswith("date") else detail["type"]
    code = _CODES.get(kind, "pack.number")
    return f"{place}: {'.'.join(map(str, path))}: {say(code, lang, **facts)}"


def _near(key: str) -> str:
    known = [field.alias or name for model in _MODELS for name, field in model.model_fields.items()]
    near = get_close_matches(key, known, n=1)
    return near[0] if near else "—"
