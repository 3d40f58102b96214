"""Steps and stages by their names, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relief.messages import LANGUAGES, catalogue, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relief.messages import Language

__all__ = ["stage_name", "stages_named", "step_name", "step_named"]


def step_name(step: str, lang: Language) -> str:
    """Return what a step is called; one that nobody knows as it is written."""
    code = f"step.name.{step}"
    return say(code, lang) if code in catalogue() else step


def stage_name(stage: str, lang: Language) -> str:
    """Return what a stage is called."""
    return say(f"stage.name.{stage}", lang)


def step_named(step: str) -> dict[str, str]:
    """Return a step as the facts ``step_zh`` and ``step_en`` of an error."""
    return {f"step_{lang}": step_name(step, lang) for lang in LANGUAGES}


def stages_named(stage: str, following: Iterable[str]) -> dict[str, str]:
    """Return a stage, and those that a step may follow on, as facts of an error."""
    names = {lang: [stage_name(one, lang) for one in following] for lang in LANGUAGES}
    return {f"stage_{lang}": stage_name(stage, lang) for lang in LANGUAGES} | {
        f"stages_{lang}": " / ".join(names[lang]) for lang in LANGUAGES
    }
