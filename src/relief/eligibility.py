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
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.crosscheck import attributed
from relief.errors import TableError, UnknownHouseholdError
from relief.messages import say
from relief.money import yuan
from relief.reasons import Item, Told, constants, missing_facts, reason_table, tell
from relief.rulepack.facts import Facts
from relief.rulepack.pack import Pack, Stated, load_pack
from relief.rulepack.values import Amount, Truth
from relief.rulepack.wording import source_text
from relief.tables import Tables, read_tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from relief.faults import Fault
    from relief.messages import Language
    from relief.rulepack.tree import Node
    from relief.rulepack.values import Flags

__all__ = ["OUTCOMES", "Assessment", "assess"]

OUTCOMES = ("eligible", "ineligible", "pending")
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


@dataclass(frozen=True, eq=False, repr=False)
class Assessment:
    """What was decided, and why.

    Attributes
    ----------
    decisions : DataFrame
        Index household_id, in the order of the input: district, outcome, category, claim_fen
        (``Int64``), the pack's measures in fen where exactly known (``net_income_fen`` is
        rounded down to the fen), failed_rules, unknown_rules (ids joined by ``;``).
    quarantine : DataFrame
        Rows not used, each with place, problem and cure.
    tables : Tables
        What was judged.
    pack : Pack
    on : date
    """

    tables: Tables
    pack: Pack
    on: dt.date
    quarantine: pd.DataFrame
    rows_in: int
    _facts: Facts
    _items: list[Item]
    decisions: pd.DataFrame = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "decisions", _decisions(self._facts, self._items))

    def __repr__(self) -> str:
        counts = ", ".join(f"{count} {outcome}" for outcome, count in self.counts.items())
        aside = f"{self.quarantined} quarantined"
        return f"Assessment({self.rows_in} households in: {counts}, {aside}; pack={self.pack.name!r})"

    @property
    def counts(self) -> dict[str, int]:
        """Households per outcome; all three are named even when none."""
        found = Counter(self.decisions["outcome"])
        return {outcome: found[outcome] for outcome in OUTCOMES}

    @property
    def quarantined(self) -> int:
        """Rows of households that were set aside: rows in = judged + quarantined."""
        return int((self.quarantine["table"] == "households").sum())

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Everything that reading found."""
        return self.tables.faults

    @property
    def attention(self) -> pd.DataFrame:
        """Checks that failed, for a person to look at: rows of `reasons`."""
        checks = [item for item in self._items if item.kind == "check" and item.truth.no.any()]
        parts = [reason_table(self._facts, [item], np.flatnonzero(item.truth.no), "zh") for item in checks]
        return (
            pd.concat(parts, ignore_index=True)
            if parts
            else reason_table(self._facts, [], np.array([], int), "zh")
        )

    @cached_property
    def claims_fen(self) -> pd.Series[Any]:
        """Series of int64: the claims of the eligible households, in fen."""
        eligible = self.decisions["outcome"] == "eligible"
        return self.decisions.loc[eligible, "claim_fen"].astype("int64")

    @property
    def illustrative(self) -> dict[str, str]:
        """What no source gives: title -> status and note, of every rule and parameter value used."""
        stated = [*self.pack.measures.values(), *(item.stated for item in self._items)]
        found = {
            item.title: source_text(item.provenance) for item in stated if item.provenance.status != "sourced"
        }
        for value in self.parameters_used():
            if value["status"] != "sourced":
                found[f"{value['title']} {value['where']}"] = str(value["source"])
        return found

    def reasons(self, lang: Language = "zh") -> pd.DataFrame:
        """Return one row per household and rule.

        Returns
        -------
        DataFrame
            household_id, rule_id, kind, title, result (pass, fail, unknown), observed, limit,
            margin, message, source, status.
        """
        return reason_table(self._facts, self._items, np.arange(len(self._facts.ids)), lang)

    def told(self, lang: Language = "zh") -> Iterator[tuple[dict[str, str], list[Told]]]:
        """Yield the same rule by rule: what all households share, and for each its figures and message."""
        everyone = np.arange(len(self._facts.ids))
        for item in self._items:
            yield constants(item, lang), tell(self._facts, item, everyone, lang)

    def explain(self, household_id: str, lang: Language = "zh") -> str:
        """Return why a household was decided as it was, as text a person can read.

        Raises
        ------
        UnknownHouseholdError
            If no such household was judged.
        """
        place = self._place(household_id)
        row = self.decisions.iloc[place]
        title = self.pack.title if lang == "zh" else self.pack.title_en
        claim = "—" if pd.isna(row["claim_fen"]) else f"{yuan(int(row['claim_fen'])):,}"
        lines = [
            say("explain.head", lang, household=household_id, outcome=say(f"outcome.{row['outcome']}", lang),
                category=row["category"] or "—", on=self.on.isoformat(), pack=title),
            say("explain.claim", lang, claim=claim),
        ]  # fmt: skip
        reasons = reason_table(self._facts, self._items, np.array([place]), lang)
        told = zip(reasons["result"], reasons["message"], reasons["source"], strict=True)
        lines += [
            f"  {say(f'mark.{result}', lang)} {message}  [{source}]" for result, message, source in told
        ]
        only = np.zeros(len(self._facts.ids), dtype=bool)
        only[place] = True
        missing = [title for title, _ in self._missing(only, lang)]
        if row["outcome"] == "pending" and missing:
            lines.append(
                say("explain.missing", lang, facts="、".join(missing) if lang == "zh" else ", ".join(missing))
            )
        return "\n".join(lines)

    def missing(self, lang: Language = "zh") -> pd.DataFrame:
        """Return the missing facts of each pending household, one row each.

        Returns
        -------
        DataFrame
            household_id, fact (its title).
        """
        pending = (self.decisions["outcome"] == "pending").to_numpy()
        found = self._missing(pending, lang)
        rows = [(int(place), title) for title, lacks in found for place in np.flatnonzero(lacks)]
        rows.sort(key=lambda row: row[0])
        ids = self._facts.ids
        return pd.DataFrame([(ids[at], fact) for at, fact in rows], columns=["household_id", "fact"])

    def parameters_used(self) -> list[dict[str, object]]:
        """Return every written parameter value that a decision came from, with its source."""
        found: dict[str, dict[str, object]] = {}
        for id_, parameter in self.pack.parameters.items():
            for values in self._facts.parameter(id_).used.values():
                for value in values:
                    entry = value.model_dump(
                        mode="json", exclude_none=True, exclude={"source", "note", "note_en", "where"}
                    )
                    where = "、".join(word for words in value.where.values() for word in words)
                    entry |= {
                        "parameter": id_,
                        "title": parameter.model.title,
                        "where": where,
                        "source": source_text(value),
                    }
                    found[str(entry)] = entry
        return [found[key] for key in sorted(found)]

    def _place(self, household_id: str) -> int:
        place = self._facts.ids.get_indexer([household_id])[0]
        if place < 0:
            raise UnknownHouseholdError("household.unknown", household=str(household_id))
        return int(place)

    def _missing(self, wanted: Flags, lang: Language) -> list[tuple[str, Flags]]:
        """Return facts that keep rules open, and those of a category only while none before it is certain."""
        found: dict[str, Flags] = {}
        still = wanted.copy()
        for item in self._items:
            if item.kind == "check":
                continue
            self._collect(found, item.stated.node, still & item.truth.unknown, lang)
            if item.kind == "category":
                still &= ~item.truth.yes
        if self.pack.claim is not None:
            self._collect(found, self.pack.claim.node, wanted, lang)
        return list(found.items())

    def _collect(self, found: dict[str, Flags], node: Node, wanted: Flags, lang: Language) -> None:
        for title, lacks in missing_facts(self._facts, node, wanted, lang):
            found[title] = found[title] | lacks if title in found else lacks


def assess(
    tables: Tables | Mapping[str, Any] | str | Path, pack: Pack | str | Path, *, on: dt.date | str
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
    read = attributed(read_tables(tables).located(rules.districts))
    usable, quarantine = read.usable({*rules.columns, *_IDENTITY})
    facts = Facts(usable, rules, day)
    items = [_item(facts, rule, "rule" if rule.effect == "refuse" else "check") for rule in rules.rules]
    items += [_item(facts, category, "category") for category in rules.categories]
    return Assessment(usable, rules, day, quarantine, len(read["households"]), facts, items)


def _date(on: dt.date | str) -> dt.date:
    try:
        return on if isinstance(on, dt.date) else dt.date.fromisoformat(on)
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
    known = claim.known if claim else np.zeros(size, dtype=bool)
    refused = all_hold.no | none_fits
    eligible = ~refused & all_hold.yes & fits & known
    outcome = np.array(OUTCOMES, dtype=object)[np.where(eligible, 0, np.where(refused, 1, 2))]
    frame = pd.DataFrame(index=facts.ids)
    households = facts.tables["households"]
    frame["district"] = households["district"].to_numpy() if "district" in households else None
    frame["outcome"] = outcome
    frame["category"] = np.where(refused, "", category)
    frame["claim_fen"] = _whole(claim, size)
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
