"""A paper as a PDF that reads aloud (PDF/UA-1), set as official papers are (GB/T 9704).

In    `Paper`; ``paper.typ``, which sets it
Out   the bytes of a PDF: the same for the same paper and fonts, stamped with the paper's day

A PDF carries its fonts with it, and without a Chinese font it would be blank where Chinese stands.
So the fonts are looked for first, and a character that none of them has is an error.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from relief.errors import MissingExtraError
from relief.papers.paper import Form, Grid, Heading, plain, shares

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relief.papers.paper import Block, Paper

__all__ = ["to_pdf"]

# The fonts of an official paper first, then those that other systems have, for each of its parts.
_SERIF = ("Noto Serif CJK SC", "Source Han Serif SC", "Source Han Serif CN", "SimSun", "STSong", "Songti SC")
_SANS = ("Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei", "PingFang SC",
         "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback")  # fmt: skip
_FACES = {
    "title": ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "STZhongsong", *_SERIF),
    "body": ("FangSong_GB2312", "FangSong", "STFangsong", "FZFangSong-Z02", *_SERIF),
    "head": ("SimHei", "STHeiti", "FZHei-B01", *_SANS),
    "table": _SERIF,
}


def to_pdf(paper: Paper) -> bytes:
    """Return a paper as a PDF.

    Parameters
    ----------
    paper : Paper

    Returns
    -------
    bytes

    Raises
    ------
    MissingExtraError
        If typst is not installed, no Chinese font is, or none that has a character of the paper.
    """
    try:
        import typst
    except ImportError as error:
        raise MissingExtraError("extra.missing", what="typst", extra="pdf") from error
    content = {
        "title": plain(paper.title),
        "lang": paper.lang,
        "landscape": paper.landscape,
        "faces": _faces(),
        "blocks": [_block(block, at in paper.new_page) for at, block in enumerate(paper.blocks)],
    }
    day = dt.datetime.fromisoformat(paper.dated).replace(tzinfo=dt.UTC)
    try:
        made: bytes = typst.compile(
            files("relief.papers").joinpath("paper.typ").read_bytes(),
            sys_inputs={"paper": json.dumps(content, ensure_ascii=False)},
            pdf_standards="ua-1",
            timestamp=int(day.timestamp()),
        )
    except typst.TypstError as error:
        raise _unshown(error) from error
    return made


@cache
def _installed() -> frozenset[str]:
    import typst

    return frozenset(typst.Fonts().families())


def _faces() -> dict[str, list[str]]:
    """Return for each part of a paper the installed fonts in the order of preference, any Chinese one last.

    Typst sets Chinese without a Chinese font as nothing at all, and says nothing.
    """
    known = dict.fromkeys(face for faces in (*_FACES.values(), _SANS) for face in faces)
    chinese = [face for face in known if face in _installed()]
    if not chinese:
        raise MissingExtraError("pdf.no_font")
    own = {part: [face for face in faces if face in chinese] for part, faces in _FACES.items()}
    return {part: list(dict.fromkeys([*faces, *chinese])) for part, faces in own.items()}


def _block(block: Block, begins_page: bool) -> dict[str, Any]:
    common = {"kind": type(block).__name__.lower(), "begins": begins_page}
    if isinstance(block, Grid):
        sides = ["right" if at in block.numbers else "left" for at in range(len(block.header))]
        return common | {
            "caption": plain(block.caption), "header": _plain(block.header),
            "shares": shares(block), "sides": sides,
            "rows": [_plain(row) for row in block.rows],
            "total": None if block.total is None else _plain(block.total),
        }  # fmt: skip
    if isinstance(block, Form):
        cells = [
            {"text": plain(cell.text), "columns": cell.columns, "rows": cell.rows, "kind": cell.kind}
            for row in block.rows
            for cell in row
        ]
        return common | {"caption": plain(block.caption), "widths": block.widths, "cells": cells}
    form = block.level if isinstance(block, Heading) else block.kind
    return common | {"text": plain(block.text), "form": form}


def _plain(texts: Iterable[str]) -> list[str]:
    return [plain(text) for text in texts]


def _unshown(error: Any) -> Exception:
    """Return the error for a character that no font has; any other is ours, and left as it is."""
    found = re.search(r'the text `"(.+?)"` could not be displayed', error.message)
    return MissingExtraError("pdf.no_character", text=found[1]) if found else error
