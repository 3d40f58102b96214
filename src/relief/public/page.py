"""The page for a person without any software: drop a slip, type the fingerprint, read whether it holds.

In    ``page.html``, ``page.css``, ``page.js``; the sentences of slips in both languages
Out   one file of HTML, opened in any browser, without a network

The page's own policy forbids every connection and every script but its own, by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html import escape
from importlib.resources import files

from relief.messages import LANGUAGES, catalogue, say

__all__ = ["verify_html"]

_PLACE = re.compile(r"\{\{([a-z:-]+)\}\}")
_ELSEWHERE = ("public.no_fingerprint", "outcome.eligible", "outcome.ineligible", "outcome.pending")


def verify_html() -> bytes:
    """Return the page that checks a slip.

    Returns
    -------
    bytes
        HTML in UTF-8; the same bytes every time.

    Examples
    --------
    >>> verify_html()[:15]
    b'<!doctype html>'
    """
    style, script = _file("page.css"), _file("page.js").replace("{{said}}", _said())
    parts = {"style": style, "script": script, "style-hash": _hash(style), "script-hash": _hash(script)}
    return _PLACE.sub(lambda found: _part(found[1], parts), _file("page.html")).encode("utf-8")


def _file(name: str) -> str:
    return files("relief.public").joinpath(name).read_text("utf-8")


def _hash(text: str) -> str:
    """Return a text's SHA-256 as a policy names it."""
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _part(name: str, parts: dict[str, str]) -> str:
    """Return what stands at a place of the page; sentences in both languages."""
    if name in parts:
        return parts[name]
    zh, en = (escape(say(f"slip.page.{name.removeprefix('plain:')}", lang)) for lang in LANGUAGES)
    return f"{zh} · {en}" if name.startswith("plain:") else f'{zh}<span lang="en">{en}</span>'


def _said() -> str:
    """Return the sentences that the script says, as an object of JavaScript."""
    told = {
        code: sentence for code, sentence in sorted(catalogue().items())
        if code.startswith("slip.") or code in _ELSEWHERE
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, sort_keys=True).replace("</", "<\\/")
