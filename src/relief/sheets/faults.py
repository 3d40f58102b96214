"""A fault: what is wrong in which cell, and how to mend it.

A fault in one household's data never stops the others, so it is a row, not an exception.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import pandas as pd

from relief.messages import mask, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relief.messages import Language

__all__ = ["Fault", "Severity", "fault_table", "in_order"]

Severity = Literal["fault", "warning", "notice"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One finding.

    Attributes
    ----------
    code : str
        Sentence of ``sentences/faults.toml``; its cure is the sentence ``<code>.cure``.
    severity : {'fault', 'warning', 'notice'}
        A fault in a needed column sets the household aside; a warning asks a person to look;
        a notice only says what was done.
    source, sheet : str
        File and sheet; `row` and `header` as that sheet has them.
    table, column : str
        Names of the dictionary; `column` is empty where a whole row or sheet is meant.
    household_id : str
        Empty where the row names none.
    value : str
        What stood there, masked where it could identify a person.
    """

    code: str
    severity: Severity
    source: str = ""
    sheet: str = ""
    table: str = ""
    row: int = 0
    column: str = ""
    header: str = ""
    household_id: str = ""
    value: str = ""
    facts: dict[str, object] = field(default_factory=dict)

    @property
    def at(self) -> tuple[str, str, int]:
        """Return source, sheet and row, as a table's origin has them."""
        return self.source, self.sheet, self.row

    def problem(self, lang: Language = "zh") -> str:
        """Return what is wrong, as a sentence."""
        return say(self.code, lang, **{**self.facts, "value": self.value, "header": self.header})

    def cure(self, lang: Language = "zh") -> str:
        """Return how to mend it, as a sentence."""
        return say(f"{self.code}.cure", lang, **{**self.facts, "value": self.value, "header": self.header})

    def place(self, lang: Language = "zh") -> str:
        """Return where it is, as a person would say it.

        Examples
        --------
        >>> Fault("fault.money", "fault", "a.xlsx", "家庭", "households", 7, header="自付").place("en")
        'a.xlsx, sheet 家庭, row 7, column 自付'
        """
        parts = [self.source]
        if self.sheet and self.sheet != self.source.rpartition(".")[0]:
            parts.append(say("place.sheet", lang, sheet=self.sheet))
        if self.row:
            parts.append(say("place.row", lang, row=self.row))
        if self.header:
            parts.append(say("place.column", lang, header=self.header))
        return say("place.join", lang).join(filter(None, parts))


def in_order(faults: Iterable[Fault]) -> list[Fault]:
    """Return faults by file, sheet and row, as somebody goes through a workbook.

    Files and sheets in the order in which the faults name them; what is about a whole sheet comes first.
    """
    listed = list(faults)
    sheets = {place: at for at, place in enumerate(dict.fromkeys((f.source, f.sheet) for f in listed))}
    return sorted(listed, key=lambda fault: (sheets[fault.source, fault.sheet], fault.row))


def fault_table(faults: Iterable[Fault], lang: Language = "zh") -> pd.DataFrame:
    """Return faults as a frame, one row each: where, what, and how to mend it.

    Returns
    -------
    DataFrame
        Columns severity, code, source, sheet, table, row, column, header, household_id, value,
        problem, cure.
    """
    columns = [
        "severity", "code", "source", "sheet", "table", "row", "column", "header", "household_id", "value",
        "problem", "cure",
    ]  # fmt: skip
    rows = [
        (
            fault.severity, fault.code, fault.source, fault.sheet, fault.table, fault.row, fault.column,
            fault.header, mask(fault.household_id), fault.value, fault.problem(lang), fault.cure(lang),
        )
        for fault in faults
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)
