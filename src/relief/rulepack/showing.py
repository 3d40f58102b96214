"""A pack in words: what it asks, with which numbers, from which texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relief.messages import say
from relief.rulepack.wording import source_text

if TYPE_CHECKING:
    from relief.messages import Language
    from relief.rulepack.model import ValueModel
    from relief.rulepack.pack import Pack, Stated

__all__ = ["pack_lines", "pack_plain"]


def pack_lines(pack: Pack, lang: Language) -> list[str]:
    """Return a pack as lines of text."""
    zh = lang == "zh"
    lines = [f"{pack.name}  {pack.title if zh else pack.title_en}"]
    chain = [name for name in pack.folders if name != pack.name]
    if chain:
        lines.append(say("show.extends", lang, names="、".join(chain)))
    lines.append(say("show.districts", lang, names="、".join(district.name for district in pack.districts)))
    for parameter in pack.parameters.values():
        title = parameter.model.title if zh else parameter.model.title_en
        lines += ["", say("show.parameter", lang, title=title, id=parameter.id, per=parameter.model.per)]
        lines += [f"  {_value_line(value, lang)}" for layer in parameter.layers for value in layer]
    groups = {
        "show.measures": list(pack.measures.values()),
        "show.rules": list(pack.rules),
        "show.categories": list(pack.categories),
        "show.claim": [pack.claim] if pack.claim else [],
    }
    for code, items in groups.items():
        lines += ["", say(code, lang)] if items else []
        for item in items:
            lines += _stated_lines(item, lang)
    return lines


def _stated_lines(item: Stated, lang: Language) -> list[str]:
    title = item.title if lang == "zh" else item.title_en
    warns = say("show.warns", lang) if item.effect == "warn" else ""
    return [f"  {item.id}  {title}{warns}", f"    {item.text}", f"    {source_text(item.provenance, lang)}"]


def _value_line(value: ValueModel, lang: Language) -> str:
    bounds = ((">=", value.at_least), ("=", value.exactly), ("<=", value.at_most))
    amounts = " ".join(f"{sign} {amount}" for sign, amount in bounds if amount is not None)
    where = "、".join(word for words in value.where.values() for word in words) or "—"
    until = value.until.isoformat() if value.until else "…"
    period = f"{value.effective_from.isoformat()} – {until}"
    announced = (
        f" ({say('show.announced', lang, on=value.announced_on.isoformat())})" if value.announced_on else ""
    )
    return f"{where}: {amounts}  {period}{announced}  {source_text(value, lang)}"


def pack_plain(pack: Pack) -> dict[str, Any]:
    """Return a pack as plain data, for another program."""
    told = {"source", "status", "note", "note_en"}

    def stated(item: Stated) -> dict[str, Any]:
        return {
            "id": item.id,
            "title": item.title,
            "title_en": item.title_en,
            "text": item.text,
            "effect": item.effect,
            **item.provenance.model_dump(mode="json", include=told, exclude_none=True),
        }

    return {
        "name": pack.name,
        "title": pack.title,
        "title_en": pack.title_en,
        "chain": list(pack.folders),
        "districts": [{"name": d.name, "code": d.code, "aliases": list(d.aliases)} for d in pack.districts],
        "parameters": {
            id_: [value.model_dump(mode="json", exclude_none=True) for layer in p.layers for value in layer]
            for id_, p in pack.parameters.items()
        },
        "measures": [stated(item) for item in pack.measures.values()],
        "rules": [stated(item) for item in pack.rules],
        "categories": [stated(item) for item in pack.categories],
        "claim": stated(pack.claim) if pack.claim else None,
    }
