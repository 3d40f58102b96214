"""Text as a workbook's cell can hold it, whoever it came from."""

from __future__ import annotations

import re

__all__ = ["cell_text"]

_MOST = 32_767
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


def cell_text(text: str) -> str:
    """Return a text as a cell can hold it, and as it is wherever a cell can.

    Examples
    --------
    >>> cell_text("=1+1"), cell_text("a" + chr(0)) == "a" + chr(0xFFFD), cell_text("<r>b</r>")
    ('=1+1', True, '<r>b</r> ')
    """
    text = _UNFIT.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(text) > _MOST:
        text = text[: _MOST - 1] + "…"
    # XlsxWriter takes what stands between these two for XML of its own.
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text
