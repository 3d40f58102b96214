"""ID numbers as they are compared: 18 digits, whatever was written between them.

In    an ID number as a person or a department wrote it
Out   the same number in one form (GB 11643-1999); masked or broken ones match nobody
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["folded"]


def folded(number: object) -> object:
    """Return an ID number without spaces and dashes, upper case, one of 15 digits as its 18.

    Examples
    --------
    >>> folded("440703 19800101-123x")
    '44070319800101123X'
    >>> folded("440703800101123")
    '440703198001011234'
    """
    if not isinstance(number, str):
        return number
    plain = re.sub(r"[^0-9A-Z*]", "", unicodedata.normalize("NFKC", number).upper())
    if not re.fullmatch("[0-9]{15}", plain):
        return plain
    body = f"{plain[:6]}19{plain[6:]}"
    weighted = sum(int(digit) * 2 ** (17 - at) for at, digit in enumerate(body))
    return body + "10X98765432"[weighted % 11]
