"""What is wrong with the form of a pack -> sentences with file, line, column and cure.

In    what the schema found, and where each part of the files stands
Out   a `PackError` that lists the first few, in both languages
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from relief.errors import MoneyError, PackError
from relief.messages import LANGUAGES, Language, nearest, say
from relief.money import fen
from relief.rulepack.model import parts, written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel, ValidationError

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
    "no_money": "evaluation.money",
    "no_rows": "layout.rows",
    "no_place": "layout.place",
    "no_order": "pack.no_order",
    "no_date": "pack.no_date",
    "no_period": "pack.no_period",
    "reserved": "pack.reserved",
    "no_sum": "pack.no_sum",
    "no_lower_end": "pack.no_lower_end",
    "two_upper_ends": "pack.two_upper_ends",
    "no_year": "pack.no_year",
    "no_formula": "pack.no_formula",
    "only_warns": "pack.only_warns",
    "bool_type": "pack.truth",
    "bool_parsing": "pack.truth",
    "too_short": "pack.list_empty",
    "too_long": "pack.list_long",
    "greater_than_equal": "pack.year",
    "less_than_equal": "pack.year",
}


def form_error(
    root: type[BaseModel], name: str, error: ValidationError, owners: Mapping[str, Document]
) -> PackError:
    """Word what the schema `root` found in the pack or file `name`; `owners` has the file of each key."""
    found = error.errors()
    spoilt = [detail["loc"] for detail in found]
    # A list is called empty too when its only entry is not as it must be; that entry is told already.
    found = [
        detail
        for detail in found
        if detail["type"] != "too_short"
        or detail["loc"] == ()
        or not any(loc[: len(detail["loc"])] == detail["loc"] and loc != detail["loc"] for loc in spoilt)
    ]
    more = f"\n… +{len(found) - _MOST}" if len(found) > _MOST else ""
    told = {
        lang: "\n".join(_problem(root, name, detail, owners, lang) for detail in found[:_MOST]) + more
        for lang in LANGUAGES
    }  # fmt: skip
    return PackError("pack.invalid", problems_en=told["en"], problems_zh=told["zh"])


def _problem(
    root: type[BaseModel], name: str, detail: Any, owners: Mapping[str, Document], lang: Language
) -> str:
    path = tuple(detail["loc"])
    about_key = detail["type"] == "extra_forbidden" or path[-1:] == ("[key]",)
    path = path[:-1] if path[-1:] == ("[key]",) else path
    document = owners.get(str(path[0])) if path else None
    place = document.place((*path, "") if about_key else path) if document else f"{name}/pack.yaml:1:1"
    facts = {
        **(_near(root, path) if path else {}),
        "expected": str(detail.get("ctx", {}).get("expected", "")).replace(" or ", ", "),
    }
    facts |= {key: str(fact) for key, fact in detail.get("ctx", {}).items() if key not in facts}
    facts["instead"] = _without_unit(detail["input"])
    return f"{place}: {'.'.join(map(str, path))}: {say(_code(detail, path), lang, **facts)}"


def _code(detail: Any, path: tuple[Any, ...]) -> str:
    kind = "no_date" if detail["type"].startswith("date") else detail["type"]
    if kind == "extra_forbidden" and any(sign in str(path[-1]) for sign in "()<>="):
        return "pack.rest_of_formula"
    if detail["input"] is None and kind not in ("extra_forbidden", "missing"):
        return "pack.nothing"
    if kind not in _CODES and _without_unit(detail["input"]):
        return "pack.number_with_unit"
    return _CODES.get(kind, "pack.number")


def _without_unit(value: Any) -> str:
    """Return the number that a text such as ``1万`` or ``1.5倍`` means; nothing for any other."""
    if not isinstance(value, str):
        return ""
    counted = _COUNTED.fullmatch(value.strip())
    if counted is not None:
        return counted[1]
    try:
        return written(Fraction(fen(value), 100))
    except MoneyError:
        return ""


_COUNTED = re.compile(r"([0-9]{1,16}(?:\.[0-9]{1,12})?)\s*(?:倍|人|口|周?岁|年|个?月|[日天]|平方米|平米|㎡)")


def _near(root: type[BaseModel], path: tuple[Any, ...]) -> dict[str, str]:
    """Return the key that a part of the file has and that is like the last of `path`."""
    part = root
    for step in path[:-1]:
        field = next((f for name, f in part.model_fields.items() if (f.alias or name) == step), None)
        if field is not None:  # else the number of an entry, or its own name
            part = next(iter(parts(field.annotation).values()), part)
    return nearest(str(path[-1]), [field.alias or name for name, field in part.model_fields.items()])
