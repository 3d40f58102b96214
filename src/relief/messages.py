"""What people read: every sentence of the product, in Chinese and in English, from one folder.

In    a code such as ``claims.negative`` and the facts that belong into its sentence
Out   the sentence, with nothing in it that could identify a person

Sentences live in ``sentences/*.toml`` so that a translator never opens Python and a test can
check that each is used, complete and takes the same facts in both languages.
"""

from __future__ import annotations

import re
import tomllib
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["LANGUAGES", "Figure", "Language", "catalogue", "mask", "near_facts", "nearest", "say"]

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

# An ID number has 15 or 18 characters, a bank account 12 to 21 digits, a mobile phone 11. Decimals
# of a number, and digits inside a hash, are none of them. A passport has E and 8 more; other letters
# begin the numbers of households and bills.
_LONG_NUMBER = re.compile(
    r"(?P<hash>\b[0-9a-f]{40,64}\b)|(?<![0-9A-Za-z])E[0-9A-Z][0-9]{7}(?![0-9A-Za-z])"
    r"|(?<![0-9])(?<![0-9]\.)[0-9](?:[ -]?[0-9]){9,20}[Xx]?(?![0-9])"
)


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Return every sentence by code and language."""
    merged: dict[str, dict[str, str]] = {}
    for file in files("relief").joinpath("sentences").iterdir():
        merged |= tomllib.loads(file.read_text(encoding="utf-8"))
    return merged


def mask(text: str) -> str:
    """Hide the middle of every number that is long enough to identify a person.

    Parameters
    ----------
    text : str
        Anything that may end in a log, an error or on a screen.

    Returns
    -------
    str
        The same text; numbers of 11 to 21 digits keep their first three and last two, those of passports
        (E and 8 more) their letter and last two.

    Examples
    --------
    >>> mask("证件号 440703000002310015 有误")
    '证件号 440*************15 有误'
    >>> mask("1,234.50")
    '1,234.50'
    """
    return _LONG_NUMBER.sub(_hidden, text)


def _hidden(found: re.Match[str]) -> str:
    if found["hash"]:
        return found[0]
    shown = 1 if found[0].startswith("E") else 3
    return found[0][:shown] + "*" * (len(found[0]) - shown - 2) + found[0][-2:]


class Figure(str):
    """A number that was worked out, as text: it identifies nobody, however many digits it has."""


def say(code: str, lang: Language = "zh", /, **facts: object) -> str:
    """Return the sentence `code` in `lang` with `facts` put in; text among them is masked."""
    shown = {
        name: mask(fact) if isinstance(fact, str) and not isinstance(fact, Figure) else fact
        for name, fact in facts.items()
    }
    return catalogue()[code][lang].format(**shown)


def nearest(word: str, known: Iterable[str]) -> dict[str, str]:
    """Return the similar word that exists as the facts `near_zh` and `near_en`, in brackets; empty if none.

    Examples
    --------
    >>> nearest("incom_fen", ["income_fen", "area"])["near_en"], nearest("x", ["income_fen"])["near_en"]
    (' (near: income_fen)', '')
    """
    return near_facts(next(iter(get_close_matches(word, list(known), n=1)), ""))


def near_facts(word: str) -> dict[str, str]:
    """Return a similar word as the facts `near_zh` and `near_en`, in brackets; empty where there is none."""
    return {f"near_{lang}": say("near", lang, word=word) if word else "" for lang in LANGUAGES}
