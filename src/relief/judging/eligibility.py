"""Who is eligible: every rule of a pack held against every household, with three outcomes.

In    `Tables`, a `Pack`, the date of the decision
Out   `Assessment`: decisions, reasons, texts; and what was set aside before judging

eligible    every rule holds, one category is certain, the claim is known to the fen
ineligible  a rule certainly fails, or certainly no category holds
pending     anything else: a missing fact could still change the answer

A household is recognised (认定) in a category, so as long as the category is open the answer is.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.errors import TableError
from relief.intake.papers import without_cancelled
from relief.intake.tables import Tables, read_tables
from relief.judging.assessment import OUTCOMES, Assessment
from relief.judging.crosscheck import attributed
from relief.judging.rulings import weighed
from relief.judging.settling import settled
from relief.rulepack.facts import Facts
from relief.rulepack.pack import Pack, load_pack
from relief.verdicts import Marks, Verdicts, Whole, judged

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Assessment", "assess"]

# Who a person is decides which facts are about the household, whatever the rules read.
_IDENTITY = (
    ("households", "district"),
    ("households", "applicant_id_number"),
    ("members", "id_number"),
    ("registry", "id_number"),
    ("rulings", "rule_id"),
    ("rulings", "value"),
    ("rulings", "fact_value"),
    ("rulings", "ruled_on"),
)


def assess(
    tables: Tables | Mapping[str, Any] | pd.DataFrame | str | Path,
    pack: Pack | str | Path,
    *,
    on: dt.date | str,
) -> Assessment:
    """Judge every household by a pack.

    Parameters
    ----------
    tables : Tables, or anything that `read_tables` takes
    pack : Pack, or a name or folder that `load_pack` takes
    on : date or ISO text
        The day of the decision: parameters are those in force, papers those issued by then.

    Returns
    -------
    Assessment

    Raises
    ------
    ParameterError
        If the pack has no value, or two, for the date.

    Examples
    --------
    >>> import pandas as pd
    >>> sheet = pd.DataFrame({"户编号": ["H1"], "工会会员": ["否"]})
    >>> judged = assess({"households": sheet}, "jiangmen-2021", on="2021-09-30")
    >>> judged.decisions["outcome"].to_dict()
    {'H1': 'ineligible'}
    """
    rules = pack if isinstance(pack, Pack) else load_pack(pack)
    day = _date(on)
    read = weighed(attributed(_uncancelled(read_tables(tables)).located(rules.districts)), rules, day)
    usable, quarantine = read.usable({*rules.columns, *rules.compared, *_IDENTITY})
    counted = settled(usable, rules, day)
    facts = Facts(counted, rules, day)
    verdicts = judged(facts)
    decisions = _decisions(facts, verdicts)
    again = partial(assess, pack=rules, on=day)
    rows = len(read["households"])
    return Assessment(counted, rules, day, quarantine, rows, decisions, facts, verdicts, again, usable)


def _uncancelled(tables: Tables) -> Tables:
    """Take the receipts out that a red bill cancels."""
    if "documents" not in tables:
        return tables
    papers = without_cancelled(tables["documents"])
    return replace(tables, frames=tables.frames | {"documents": papers})


def _date(on: dt.date | str) -> dt.date:
    try:
        if isinstance(on, dt.datetime):
            return on.date()
        return on if isinstance(on, dt.date) else dt.date.fromisoformat(str(on))
    except ValueError as error:
        raise TableError("date.not_iso", value=str(on)) from error


def _decisions(facts: Facts, verdicts: Verdicts) -> pd.DataFrame:
    """Return the decisions as a frame; words are categories, so a million households share them."""
    households = facts.tables["households"]
    district = households["district"].array if "district" in households else [None] * verdicts.size
    columns: dict[str, Any] = {
        "district": district,
        "outcome": _worded(verdicts.outcome, list(OUTCOMES)),
        "category": _worded(verdicts.category, ["", *(item.title for item in facts.pack.categories)]),
        "claim_fen": _nullable(verdicts.claim),
        **{f"{name}_fen": _nullable(whole) for name, whole in verdicts.measures.items()},
    }
    if verdicts.benefits:
        titles = [item.stated.title for item in verdicts.benefits]
        given = Marks.empty(len(titles), verdicts.size)
        given.put(slice(None), [item.truth.yes for item in verdicts.benefits])
        columns["benefit"] = joined(titles, given, "、")
    columns |= {f"{name}_fen": _nullable(whole) for name, whole in verdicts.gifts.items()}
    ids = [item.stated.id for item in verdicts.items]
    columns["failed_rules"] = joined(ids, verdicts.failed)
    columns["unknown_rules"] = joined([*ids, "claim"], verdicts.unknown)
    return pd.DataFrame(columns, index=facts.ids, copy=False)


def _nullable(whole: Whole) -> Any:
    return pd.arrays.IntegerArray(whole.fen, ~whole.known)


def _worded(codes: Any, words: list[str]) -> Any:
    """Return words by their number; two of one wording are one."""
    distinct = list(dict.fromkeys(words))
    if len(distinct) < len(words):
        codes = np.array([distinct.index(word) for word in words], dtype=np.int32)[codes]
    return pd.Categorical.from_codes(codes, categories=pd.Index(distinct, dtype=object))


_FEW_BITS = 16


def joined(words: list[str], marks: Marks, separator: str = ";") -> Any:
    """Join the words that are marked, once per combination that occurs."""
    at, distinct = _combinations(marks)
    texts = [
        separator.join(word for place, word in enumerate(words) if combination >> place & 1)
        for combination in distinct
    ]
    return _worded(at, texts)


def _combinations(marks: Marks) -> tuple[Any, list[int]]:
    """Return the combinations of marks that occur, and which of them each household has."""
    if marks.count <= _FEW_BITS:
        bits = marks.bits[0].astype(np.intp)
        found = np.flatnonzero(np.bincount(bits, minlength=1))
        places = np.zeros(1 << marks.count, dtype=np.int16 if len(found) < 2**15 else np.int32)
        places[found] = np.arange(len(found))
        return places.take(bits), found.tolist()
    at, distinct = pd.factorize(marks.whole(), sort=True)
    return at, list(map(int, distinct))
