"""What the commands share: the language of a call, and how words and JSON are printed."""

from __future__ import annotations

import json
import os
import sys
from typing import Annotated

import typer

from relief.errors import ReliefError
from relief.messages import LANGUAGES, Language, say

__all__ = ["AsJson", "Lang", "check_lang", "print_json", "spoken", "t"]


def _language(arguments: list[str]) -> Language:
    """Return the language that a call asks for, before any of it is parsed: help texts need it."""
    wanted = os.environ.get("RELIEF_LANG", "zh")
    for at, word in enumerate(arguments):
        if word == "--lang" and at + 1 < len(arguments):
            wanted = arguments[at + 1]
        elif word.startswith("--lang="):
            wanted = word.removeprefix("--lang=")
    return "en" if wanted == "en" else "zh"


LANG: Language = _language(sys.argv[1:])


def spoken() -> Language:
    """Return the language of this call."""
    return LANG


def t(code: str, /, **facts: object) -> str:
    """Return a sentence in the language of this call."""
    return say(code, LANG, **facts)


AsJson = Annotated[bool, typer.Option("--json", help=t("cli.help.json"))]
Lang = Annotated[str, typer.Option("--lang", metavar="zh|en", help=t("cli.help.lang"))]


def check_lang(lang: str) -> None:
    """Refuse a language that there is not."""
    if lang not in LANGUAGES:
        raise ReliefError("cli.unknown_lang", value=lang)


def print_json(content: object) -> None:
    """Print plain data for another program."""
    typer.echo(json.dumps(content, ensure_ascii=False, indent=2))
