"""Facts and changes of facts, as people read them.

In    facts that are missing or could change
Out   titles and clauses
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pandas as pd

from relief.columns import DICTIONARY
from relief.messages import mask, say
from relief.rulepack.words import column_title, ruling_title
from relief.why.figures import counted, number, truth_word

if TYPE_CHECKING:
    from relief.messages import Language
    from relief.rulepack.facts import Facts
    from relief.why.variants import Fact

__all__ = [
    "amount_of_change",
    "asked_title",
    "change_of",
    "change_text",
    "fact_title",
    "is_supplied",
    "paper_of",
    "recorded_text",
    "row_of",
    "row_title",
    "value_word",
]

_HAS = "有无"
_EPOCH = dt.date(1970, 1, 1)
_ROW_ID = {"members": "member_id", "documents": "document_id"}
_STAY = ("hospital", "admission_on", "discharge_on")
_ROW_WORD = {"members": "relation", "documents": "kind", "registry": "kind"}


def fact_title(facts: Facts, fact: Fact, lang: Language) -> str:
    """Return what a fact is called."""
    if not fact.table:
        model = facts.pack.parameters[fact.column].model
        title = (model.title if lang == "zh" else model.title_en) or fact.column
        return say("missing.no_value", lang, title=title) if fact.word else title
    if fact.table == "rulings":
        return say("missing.ruling", lang, title=ruling_title(facts.pack, fact.word, lang), rule=fact.word)
    if fact.table == "tiers":
        tiers = facts.pack.tiers[fact.word].model
        return tiers.title if lang == "zh" else tiers.title_en
    if fact.table == "calendar":
        return say("missing.calendar", lang, year=fact.word)
    if not fact.column:
        return _rows_title(facts, fact, lang)
    title = column_title(fact.table, fact.column, lang)
    if fact.table == "households":
        return title
    return say("missing.cell", lang, row=row_title(facts, fact.table, fact.at, lang), column=title)


def asked_title(facts: Facts, fact: Fact, lang: Language) -> str:
    """Return what a fact is called where somebody is asked for it: a paper, a yes or no, a value."""
    title = fact_title(facts, fact, lang)
    if fact.table in ("", "tiers"):
        return say("missing.parameter", lang, title=title)
    if paper_of(fact):
        return say("missing.paper", lang, kind=paper_of(fact))
    is_flag = fact.column and DICTIONARY[fact.table][fact.column].dtype == "flag"
    return say("missing.flag", lang, title=title) if is_flag else title


def paper_of(fact: Fact) -> str:
    """Return the paper of which a flag says whether it was handed in, 有无疾病证明书; empty for any other."""
    column = DICTIONARY[fact.table].get(fact.column) if fact.table in DICTIONARY else None
    is_paper = column is not None and column.is_supplied and column.title.startswith(_HAS)
    return column.title.removeprefix(_HAS) if column is not None and is_paper else ""


def _rows_title(facts: Facts, fact: Fact, lang: Language) -> str:
    table = say(f"table.{fact.table}", lang)
    if not fact.word:
        return say("missing.rows", lang, table=table)
    title = say("missing.kind", lang, table=table, kind=fact.word)
    if fact.at < 0:
        return title
    return say("missing.of_person", lang, person=row_title(facts, "members", fact.at, lang), what=title)


def row_title(facts: Facts, table: str, at: int, lang: Language) -> str:
    """Return by what people know a row: a person by id and relation, a paper by id and kind; never a name."""
    id_ = _row_id(facts, table, at)
    if mask(id_) != id_ or not _has_id(facts, table, at):
        id_ = say("row.number", lang, number=_row_number(facts, table, at))
    title = say(f"row.{table}", lang, id=id_)
    words = facts.series(table, _ROW_WORD.get(table, ""))
    if words is None or pd.isna(words.iloc[at]):
        return title
    return say("row.with_word", lang, row=title, word=str(words.iloc[at]))


def row_of(facts: Facts, fact: Fact) -> str:
    """Return by what a cell's row, or the person whom a paper is about, is known: its id, else its number."""
    if fact.beside >= 0:
        return _row_id(facts, fact.table, fact.beside)
    if fact.at < 0 or fact.table == "households":
        return ""
    return _row_id(facts, fact.table if fact.column else "members", fact.at)


def _has_id(facts: Facts, table: str, at: int) -> bool:
    ids = facts.series(table, _ROW_ID.get(table, ""))
    return ids is not None and not pd.isna(ids.iloc[at])


def _row_id(facts: Facts, table: str, at: int) -> str:
    ids = facts.series(table, _ROW_ID.get(table, ""))
    if ids is not None and not pd.isna(ids.iloc[at]):
        return str(ids.iloc[at])
    return str(_row_number(facts, table, at))


def _row_number(facts: Facts, table: str, at: int) -> int:
    """Return which row of its household a row is, from 1."""
    owners = facts.owners(table)
    return int((owners[: at + 1] == owners[at]).sum())


# --- changes ------------------------------------------------------------------------------------------


def value_word(fact: Fact, value: Any, lang: Language) -> str:
    """Return a value of a fact as people write it."""
    if value is None or value is pd.NA:
        return say("truth.unknown", lang)
    if not fact.column:
        return say("change.held" if value else "change.none", lang)
    column = DICTIONARY[fact.table][fact.column]
    if column.dtype == "flag":
        return truth_word(1 if value else 2, lang)
    if column.dtype == "money":
        return number(Fraction(int(value)), "fen")
    if column.dtype == "area":
        return f"{int(value) / 100:.2f}"
    if column.dtype == "date":
        return (_EPOCH + dt.timedelta(days=int(value))).isoformat()
    return str(value)


def change_of(fact: Fact, before: Any, after: Any) -> int | None:
    """Return by how much a number changes, in its own unit (fen, persons, days); None for what is none."""
    is_number = isinstance(after, int) and not isinstance(after, bool) and fact.column and before is not None
    return int(after) - int(before) if is_number else None


def change_text(facts: Facts, fact: Fact, before: Any, after: Any, lang: Language) -> str:
    """Return one change as a clause: what, from where, to where, by how much."""
    if not fact.column:
        return _paper_text(facts, fact, after, lang)
    title, by = fact_title(facts, fact, lang), change_of(fact, before, after)
    told = {"title": title, "before": value_word(fact, before, lang), "after": value_word(fact, after, lang)}
    if before is None:
        is_amount = DICTIONARY[fact.table][fact.column].dtype in ("money", "count", "area", "date")
        return say(
            "change.fill_in" if is_amount else "change.fill_in_as", lang, title=title, after=told["after"]
        )
    if by is None:
        return say("change.becomes", lang, **told)
    return say("change.less" if by < 0 else "change.more", lang, by=amount_of_change(fact, by, lang), **told)


def is_supplied(fact: Fact, before: Any) -> bool:
    """Return whether a fact can still be supplied: a paper, a blank, a signature, a longer notice."""
    return not fact.column or before is None or DICTIONARY[fact.table][fact.column].is_supplied


def recorded_text(facts: Facts, fact: Fact, before: Any, after: Any, lang: Language) -> str:
    """Return as a clause that a fact, which nobody can change, is other than it was recorded."""
    by = change_of(fact, before, after)
    told = {
        "title": fact_title(facts, fact, lang),
        "before": value_word(fact, before, lang), "after": value_word(fact, after, lang),
    }  # fmt: skip
    if by is None:
        return say("recorded.becomes", lang, **told)
    return say("recorded.apart", lang, by=amount_of_change(fact, by, lang), **told)


def amount_of_change(fact: Fact, by: int, lang: Language) -> str:
    """Return by how much a number changes, with its unit, whichever way."""
    column = DICTIONARY[fact.table][fact.column]
    if column.dtype == "money":
        return counted(Fraction(abs(by)), "fen", lang)
    if column.dtype == "date" or column.unit in _UNITS:
        return counted(Fraction(abs(by)), column.unit if column.unit in _UNITS else "day", lang)
    return value_word(fact, abs(by), lang)


def _paper_text(facts: Facts, fact: Fact, after: Any, lang: Language) -> str:
    kind = fact.word or fact_title(facts, fact, lang)
    details = []
    amounts = [cell for row in after for name, cell in row if name.endswith("_fen") and cell]
    if amounts:
        details.append(say("change.enough", lang, amount=number(Fraction(max(amounts)), "fen")))
    days = {cell.date() for row in after for _, cell in row if isinstance(cell, pd.Timestamp)}
    if days and max(days) != facts.on:
        title = column_title(fact.table, "issued_on", lang)
        dated = say("seen.dated", lang, title=title, date=max(days).isoformat())
        details.append(say("change.dated", lang, dated=dated))
    text = say("change.hand_in", lang, kind=kind)
    if details:
        text = say("change.hand_in_with", lang, kind=kind, details=say("stay.join", lang).join(details))
    if fact.beside >= 0:
        return _beside_text(facts, fact, text, "stay_id" in dict(after[0]), lang)
    if fact.at < 0:
        return text
    return say("change.of_person", lang, change=text, person=row_title(facts, "members", fact.at, lang))


def _beside_text(facts: Facts, fact: Fact, text: str, is_stay: bool, lang: Language) -> str:
    """Name beside a paper the one that it must agree with, and what that says of the stay."""
    told = {"change": text, "paper": row_title(facts, fact.table, fact.beside, lang)}
    if not is_stay:
        return say("change.same_person", lang, **told)
    stay = []
    for name in _STAY:
        column = facts.series(fact.table, name)
        if column is None or pd.isna(column.iloc[fact.beside]):
            continue
        value = column.iloc[fact.beside]
        if DICTIONARY[fact.table][name].dtype != "date":
            stay.append(str(value))
            continue
        title = column_title(fact.table, name, lang)
        stay.append(say("seen.dated", lang, title=title, date=value.date().isoformat()))
    if not stay:
        return say("change.same_stay", lang, **told)
    return say("change.same_stay_of", lang, stay=say("stay.join", lang).join(stay), **told)


_UNITS = frozenset({"person", "day"})
