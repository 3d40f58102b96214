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
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.assessment import OUTCOMES, Assessment
from relief.crosscheck import attributed
from relief.errors import TableError
from relief.reasons import Item
from relief.rulepack.facts import Facts
from relief.rulepack.pack import Pack, Stated, load_pack
from relief.rulepack.values import Amount, Truth
from relief.rulings import weighed
from relief.tables import Tables, read_tables

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from relief.rulepack.values import Flags

__all__ = ["Assessment", "assess"]

# Who a person is decides which facts are about the household, whatever the rules read.
_IDENTITY = (
    ("households", "district"),
    ("households", "applicant_id_number"),
    ("members", "id_number"),
    ("registry", "id_number"),
    ("rulings", "rule_id"),
    ("rulings", "value"),
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
    read = weighed(attributed(read_tables(tables).located(rules.districts)), rules, day)
    usable, quarantine = read.usable({*rules.columns, *_IDENTITY})
    facts = Facts(usable, rules, day)
    items = [_item(facts, rule, "rule" if rule.effect == "refuse" else "check") for rule in rules.rules]
    items += [_item(facts, category, "category") for category in rules.categories]
    decisions = _decisions(facts, items)
    return Assessment(usable, rules, day, quarantine, len(read["households"]), decisions, facts, items)


def _date(on: dt.date | str) -> dt.date:
    try:
        if isinstance(on, dt.datetime):
            return on.date()
        return on if isinstance(on, dt.date) else dt.date.fromisoformat(str(on))
    except ValueError as error:
        raise TableError("date.not_iso", value=str(on)) from error


def _item(facts: Facts, stated: Stated, kind: str) -> Item:
    """Evaluate a rule; what a named person ruled goes before what the formula says."""
    truth, ruling = facts.truth(stated.node), facts.ruling(stated.id)
    decided = ruling.yes | ruling.no
    return Item(
        stated, kind, Truth(ruling.yes | (truth.yes & ~decided), ruling.no | (truth.no & ~decided)), decided
    )


def _decisions(facts: Facts, items: list[Item]) -> pd.DataFrame:
    size = len(facts.ids)
    rules = [item for item in items if item.kind == "rule"]
    all_hold = reduce(lambda a, b: a & b, (item.truth for item in rules), _everywhere(size))
    category, fits, none_fits = _category(items, size)
    claim = facts.amount(facts.pack.claim.node) if facts.pack.claim else None
    claim_fen = _whole(claim, size)
    known = ~np.asarray(claim_fen.isna(), dtype=bool)
    refused = all_hold.no | none_fits
    eligible = ~refused & all_hold.yes & fits & known
    outcome = np.array(OUTCOMES, dtype=object)[np.where(eligible, 0, np.where(refused, 1, 2))]
    frame = pd.DataFrame(index=facts.ids)
    households = facts.tables["households"]
    frame["district"] = households["district"].array if "district" in households else None
    frame["outcome"] = outcome
    frame["category"] = np.where(refused, "", category)
    frame["claim_fen"] = claim_fen
    for name, measure in facts.pack.measures.items():
        if measure.node.kind == "fen":
            frame[f"{name}_fen"] = _whole(facts.measure(name), size)
    frame["failed_rules"], frame["unknown_rules"] = _blamed(items, none_fits, known, size)
    return frame


def _blamed(items: list[Item], none_fits: Flags, claim_known: Flags, size: int) -> tuple[Any, Any]:
    """Return the ids of what refuses a household, and of what keeps its answer open.

    A category that does not hold refuses only where none holds; one that is open matters only
    until one before it is certain.
    """
    failed, unknown, ids = [], [], []
    undecided = np.ones(size, dtype=bool)
    for item in items:
        if item.kind == "check":
            continue
        is_category = item.kind == "category"
        ids.append(item.stated.id)
        failed.append(item.truth.no & none_fits if is_category else item.truth.no)
        unknown.append(item.truth.unknown & undecided)
        if is_category:
            undecided &= ~item.truth.yes
    everywhere = [*failed, np.zeros(size, dtype=bool)]
    return _joined([*ids, "claim"], everywhere, size), _joined(
        [*ids, "claim"], [*unknown, ~claim_known], size
    )


def _everywhere(size: int) -> Truth:
    return Truth(np.ones(size, dtype=bool), np.zeros(size, dtype=bool))


def _category(items: list[Item], size: int) -> tuple[np.ndarray[Any, Any], Flags, Flags]:
    """Return the title of the first category that holds; where that is certain; where none can hold."""
    categories = [item for item in items if item.kind == "category"]
    title = np.full(size, "", dtype=object)
    if not categories:
        return title, np.ones(size, dtype=bool), np.zeros(size, dtype=bool)
    still_open = np.ones(size, dtype=bool)
    fits = np.zeros(size, dtype=bool)
    for item in categories:
        here = still_open & item.truth.yes
        title[here] = item.stated.title
        fits |= here
        still_open &= item.truth.no
    return title, fits, still_open


def _whole(amount: Amount | None, size: int) -> Any:
    """Return an amount in whole fen, rounded down, NA where it is not exactly known."""
    if amount is None:
        return pd.array([pd.NA] * size, dtype="Int64")
    known = amount.known
    whole = np.where(known, amount.lo.num // amount.lo.den, 0)
    if whole.dtype == object and whole.size and max(abs(int(v)) for v in whole) > 2**63 - 1:
        known, whole = known & (abs(whole) < 2**63), np.where(abs(whole) < 2**63, whole, 0)
    return pd.arrays.IntegerArray(whole.astype(np.int64), ~known)


def _joined(ids: list[str], flags: list[Flags], size: int) -> Any:
    """Join the ids whose flag is set, once per combination that occurs."""
    bits = reduce(
        lambda mask, flag: mask * 2 + flag, flags, np.zeros(size, dtype=np.int64 if len(ids) < 62 else object)
    )
    at, combinations = pd.factorize(bits)
    texts = [
        ";".join(id_ for id_, bit in zip(ids, f"{int(c):0{len(ids)}b}", strict=True) if bit == "1")
        for c in combinations
    ]
    return np.array(texts, dtype=object)[at]
