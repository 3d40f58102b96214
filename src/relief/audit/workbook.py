"""The audit workbook: a round's split as live formulas that an auditor can follow and change.

In    a `Round`
Out   .xlsx as bytes: inputs, split, districts, checks, reasons, sources, and how bounds were fixed

Formulas count in whole fen and in halves of six digits, so every award is exact; there is no macro,
no link, and nothing that came from outside is ever a formula. The extra ``excel`` brings XlsxWriter.
"""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING

from relief.audit.checks import write_checks
from relief.audit.districts import write_districts
from relief.audit.inputs import write_inputs
from relief.audit.passes import worked
from relief.audit.places import Sheets, Working
from relief.audit.reasons import write_reasons, write_sources
from relief.audit.roll import roll_of
from relief.audit.sheet import Book
from relief.audit.split import write_split
from relief.audit.work import write_passes, write_work
from relief.errors import MissingExtraError

if TYPE_CHECKING:
    from relief.messages import Language
    from relief.round.pipeline import Round

__all__ = ["audit_workbook"]

_CREATED = dt.datetime(2000, 1, 1)  # a fixed stamp keeps the bytes the same
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_ORDER = ("inputs", "split", "districts", "checks", "reasons", "sources")


def audit_workbook(round_: Round, lang: Language = "zh", *, names: bool = False) -> bytes:
    """Return the workbook of a round.

    Parameters
    ----------
    round_ : Round
        As `relief.run` or `relief.split` gives it, or read back from its folder.
    lang : {'zh', 'en'}
        Language of sheet names, headers and notes.
    names : bool
        Also show the applicants' names, where they are known; else ids alone tell who it is.

    Returns
    -------
    bytes
        An .xlsx, the same for the same round.

    Raises
    ------
    MissingExtraError
        If XlsxWriter is not installed.
    RoundError
        If there are too many households, or amounts too large for exact formulas.

    Examples
    --------
    >>> import pandas as pd, relief
    >>> roster = pd.DataFrame({"户编号": ["a", "b"], "个人自付": [100, 300]})
    >>> audit_workbook(relief.split(roster, 200_00))[:2]
    b'PK'
    """
    try:
        import xlsxwriter
    except ImportError as error:
        raise MissingExtraError("extra.missing", what="XlsxWriter", extra="excel") from error
    roll = roll_of(round_, names=names)
    done = worked(roll)
    stream = io.BytesIO()
    file = xlsxwriter.Workbook(stream, _OPTIONS)
    book = Book(file, lang, len(roll.ids))
    file.set_properties({"title": book.say("audit.title"), "created": _CREATED})
    sheets = Sheets(*(book.sheet(name) for name in _ORDER))
    working = Working(book.sheet("passes"), book.sheet("work")) if roll.is_live else None
    districts = [str(name) for name in round_.districts.index]
    write_inputs(sheets.inputs, roll)
    write_split(sheets, working, roll, done)
    write_districts(sheets, roll, districts)
    write_checks(sheets, working, roll, done, districts)
    write_reasons(sheets.reasons, round_, roll)
    write_sources(sheets.sources, round_)
    if working:
        write_passes(sheets, working, done)
        write_work(sheets, working, roll, done)
    file.close()
    return stream.getvalue()
