"""Where a rule or value is written, as people read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relief.messages import say

if TYPE_CHECKING:
    from relief.messages import Language
    from relief.rulepack.model import Provenance

__all__ = ["source_text"]


def source_text(provenance: Provenance, lang: Language = "zh") -> str:
    """Return where a rule or value is written, or the plain word that no source gives it."""
    parts = []
    note = provenance.note if lang == "zh" else provenance.note_en or provenance.note
    source = provenance.source
    if source is not None:
        quote = f"“{source.quote}”" if source.quote else ""
        words = " ".join(filter(None, (source.document, source.number, source.article, quote)))
        parts.append(say("source.stated", lang, words=words, grade=source.grade))
    if provenance.status != "sourced":
        parts.append(say(f"source.{provenance.status}", lang, note=note))
    return "；".join(parts) if lang == "zh" else "; ".join(parts)
