"""A pack in a few lines: what a test leaves unsaid is filled in, and everything is an example."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from relief.rulepack.pack import parse_pack

if TYPE_CHECKING:
    from relief.rulepack.pack import Pack

__all__ = ["small_pack"]

_NOTE = {"status": "illustrative", "note": "test"}
_TITLES = {"title": "项", "title_en": "item"}


def _filled(entry: dict[str, Any], at: object) -> dict[str, Any]:
    return {**_NOTE, **_TITLES, "title": f"项{at}", **entry}


def small_pack(**parts: Any) -> Pack:
    """Return a pack of these parts.

    ``measures={"x": "income_fen * 2"}`` is an amount, ``{"of": …, "holds": …}`` is written out;
    ``rules={"id": "requires" or {…}}``, ``categories`` and ``benefits`` likewise;
    ``parameters={"p": {"unit": …, "values": [{…}]}}``; ``tiers={"t": [{…}]}``; ``claim="…"``.
    """
    said: dict[str, Any] = {
        "name": "test",
        **_TITLES,
        "districts": parts.get("districts", [{"name": "甲区"}]),
    }
    said["measures"] = {
        name: _filled({"amount": entry} if isinstance(entry, str) else entry, name)
        for name, entry in parts.get("measures", {}).items()
    }
    for group, key in (("rules", "requires"), ("categories", "when"), ("benefits", "when")):
        said[group] = [
            _filled({"id": name, **({key: entry} if isinstance(entry, str) else entry)}, name)
            for name, entry in parts.get(group, {}).items()
        ]
    said["parameters"] = {
        name: {**_TITLES, **model, "values": [{**_NOTE, **value} for value in model["values"]]}
        for name, model in parts.get("parameters", {}).items()
    }
    said["tiers"] = {
        name: {**_TITLES, "bands": [{**_NOTE, **band} for band in bands]}
        for name, bands in parts.get("tiers", {}).items()
    }
    said["calendar"] = [{**_NOTE, **year} for year in parts.get("calendar", [])]
    said["exclusive_categories"] = parts.get("exclusive_categories", False)
    if "claim" in parts:
        claim = parts["claim"]
        said["claim"] = _filled({"amount": claim} if isinstance(claim, str) else claim, "claim")
    # JSON is YAML.
    text = json.dumps(said, ensure_ascii=False, default=str)
    return parse_pack({"test": {"pack.yaml": text.encode()}}, "test")
