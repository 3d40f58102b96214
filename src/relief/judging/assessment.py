"""What was decided: outcomes, reasons and texts over the verdicts of one assessment.

In    facts, and every rule and category with its verdict
Out   `Assessment`: frames and texts, the costly ones made only when somebody asks
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.errors import PackError, UnknownHouseholdError
from relief.judging.conflicts import conflicts
from relief.messages import say
from relief.money import yuan
from relief.rulepack.values import Truth, exactly
from relief.rulepack.view import Outcomes
from relief.rulepack.wording import source_text
from relief.verdicts import ELIGIBLE, INELIGIBLE, PENDING
from relief.why.counterfactual import changes, compared_measures, is_asked_for
from relief.why.letter import Ending, Letter, category_title, proposals
from relief.why.missing import Lacking, lacking
from relief.why.reasons import COLUMNS, Told, constants, reason_table, tell, tell_claim
from relief.why.seen import behind
from relief.why.telling import (
    asked_title,
    change_of,
    change_text,
    fact_title,
    is_supplied,
    row_of,
    value_word,
)
from relief.why.variants import judged_variants, variant_tables
from relief.why.wanted import missing_for

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator

    from relief.intake.tables import Tables
    from relief.messages import Language
    from relief.rulepack.facts import Facts
    from relief.rulepack.pack import Pack
    from relief.rulepack.view import View
    from relief.sheets.faults import Fault
    from relief.verdicts import Item, Verdicts
    from relief.why.counterfactual import Change
    from relief.why.variants import Fact

__all__ = ["OUTCOMES", "Assessment"]

OUTCOMES = ("eligible", "ineligible", "pending")
_MISSING = ["household_id", "fact", "settles_alone", "table", "column", "row"]
_CHANGES = [
    "change", "fact", "table", "column", "row", "from", "to", "difference", "outcome", "category",
    "supplied", "text",
]  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class Assessment:
    """What was decided, and why.

    Attributes
    ----------
    decisions : DataFrame
        Index household_id, in the order of the input: district, outcome, category, claim_fen
        (``Int64``), the pack's measures in fen where exactly known (``net_income_fen`` is
        rounded down to the fen), where the pack has benefits their titles and amounts
        (``<id>_fen``), failed_rules, unknown_rules (ids joined by ``;``). Words are categorical.
    quarantine : DataFrame
        Rows not used, each with place, problem and cure.
    tables : Tables
        What was judged: where statement and department differ and it is settled, the value that counts.
    stated : Tables
        The same as it was stated and answered.
    pack : Pack
    on : date
    """

    tables: Tables
    pack: Pack
    on: dt.date
    quarantine: pd.DataFrame
    rows_in: int
    decisions: pd.DataFrame
    _facts: Facts
    _verdicts: Verdicts
    _again: Callable[[Tables], Assessment]
    stated: Tables
    _found: dict[int, Lacking] = field(default_factory=dict)

    def __repr__(self) -> str:
        counts = ", ".join(f"{count} {outcome}" for outcome, count in self.counts.items())
        aside = f"{self.quarantined} quarantined"
        return f"Assessment({self.rows_in} households in: {counts}, {aside}; pack={self.pack.name!r})"

    @property
    def counts(self) -> dict[str, int]:
        """Households per outcome; all three are named even when none."""
        found = self.decisions["outcome"].value_counts()
        return {outcome: int(found[outcome]) for outcome in OUTCOMES}

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
        checks = [item for item in self._verdicts.items if item.kind == "check" and item.truth.no.any()]
        parts = [self._reasons([item], np.flatnonzero(item.truth.no), "zh") for item in checks]
        return pd.concat(parts, ignore_index=True) if parts else self._reasons([], np.array([], int), "zh")

    def _reasons(self, items: list[Item], places: Any, lang: Language) -> pd.DataFrame:
        return reason_table(self._view(places), items, lang, self._verdicts.items)

    def _view(self, places: Any) -> View:
        """Return some households, with what was decided of them: benefits may ask for it."""
        view, verdicts = self._facts.view(places), self._verdicts
        if verdicts.benefits:
            possible, still = {}, np.ones(view.size, dtype=bool)
            for item in verdicts.items:
                if item.kind == "category":
                    truth = item.truth.taken(places)
                    possible[item.stated.id], still = still & ~truth.no, still & ~truth.yes
            outcome = verdicts.outcome[places]
            claim = exactly(verdicts.claim.fen[places], ~verdicts.claim.known[places])
            eligible = Truth(outcome == ELIGIBLE, outcome == INELIGIBLE)
            view.outcomes = Outcomes(eligible, possible | {"": still}, claim)
        return view

    @property
    def _items(self) -> list[Item]:
        return [*self._verdicts.items, *self._verdicts.benefits]

    def benefit_totals(self, lang: Language = "zh") -> list[tuple[str, int, int | None, int]]:
        """Return per benefit its title, how many households have it, the sum in fen, how many are open.

        The sum is of what is known, None where the benefit gives no money; open is whether a
        household has it, or how much.
        """
        totals: list[tuple[str, int, int | None, int]] = []
        for item in self._verdicts.benefits:
            title = item.stated.title if lang == "zh" else item.stated.title_en
            gift = self._verdicts.gifts.get(item.stated.id)
            total = None if gift is None else int(gift.fen[gift.known & item.truth.yes].sum())
            still_open = item.truth.unknown if gift is None else ~gift.known & ~item.truth.no
            totals.append((title, int(item.truth.yes.sum()), total, int(still_open.sum())))
        return totals

    @cached_property
    def claims_fen(self) -> pd.Series[Any]:
        """Series of int64: the claims of the eligible households, in fen.

        Raises
        ------
        PackError
            If the pack names no claim base: it says who is eligible, not by what the fund is divided.
        """
        if self.pack.claim is None:
            raise PackError("pack.no_claim", name=self.pack.name)
        eligible = self.decisions["outcome"] == "eligible"
        return self.decisions.loc[eligible, "claim_fen"].astype("int64")

    def not_sourced(self, lang: Language = "zh") -> dict[str, str]:
        """Return what no source gives: title -> status and note, of every rule and parameter value used."""
        stated = [*self.pack.measures.values(), *(item.stated for item in self._items)]
        found = {
            item.title if lang == "zh" else item.title_en: source_text(item.provenance, lang)
            for item in stated
            if item.provenance.status != "sourced"
        }
        for check in self.pack.crosschecks.values():
            if check.model is not None and check.model.status != "sourced":
                found[say("crosscheck.title", lang, kind=check.kind)] = source_text(check.model, lang)
        for value in self.parameters_used(lang):
            if value["status"] != "sourced":
                found[f"{value['title']} {value['where']}".rstrip()] = str(value["source"])
        return found

    def reasons(self, lang: Language = "zh") -> pd.DataFrame:
        """Return one row per household and rule.

        Returns
        -------
        DataFrame
            household_id, rule_id, kind, title, result (pass, fail, unknown), observed, limit,
            margin, message, source, status, formula (with the numbers put in).
        """
        return self._reasons(self._items, np.arange(len(self._facts.ids)), lang)

    def told(self, lang: Language = "zh") -> Iterator[tuple[dict[str, str], list[Told]]]:
        """Yield the same rule by rule: what all households share, and for each its figures and message."""
        everyone = self._view(np.arange(len(self._facts.ids)))
        for item in self._items:
            yield constants(item, lang), tell(everyone, item, lang, self._verdicts.items)

    def explain(self, household_id: str, lang: Language = "zh") -> str:
        """Return why a household was decided as it was, as a letter that a person can read.

        Raises
        ------
        UnknownHouseholdError
            If no such household was judged.
        """
        place = self._place(household_id)
        row = self.decisions.iloc[place]
        outcome = str(row["outcome"])
        letter = Letter(
            household_id, outcome, category_title(self.pack, row["category"], lang), self.on.isoformat(),
            self.pack.title if lang == "zh" else self.pack.title_en,
            "" if pd.isna(row["claim_fen"]) else f"{yuan(int(row['claim_fen'])):,}", self._claim_title(lang),
            lang,
        )  # fmt: skip
        self._tell_rules(letter, place, lang)
        letter.conflicts = list(conflicts(self.stated, self.pack, self.on, household_id, lang))
        if outcome == "pending":
            case = self._lacking([place])[0]
            asked = partial(asked_title, self._facts, lang=lang)
            letter.missing = list(dict.fromkeys(map(asked, case.named)))
            letter.settling = list(dict.fromkeys(map(asked, self._recognising(case))))
        if outcome == "ineligible" or (outcome == "eligible" and letter.barred):
            wished = [found for found in self._changes(place) if self._is_proposed(place, found[0])]
            letter.changes, letter.recorded = proposals(self._facts, wished, self._ending(place, lang), lang)
        return letter.text()

    def _recognising(self, case: Lacking) -> list[Fact]:
        """Return the missing facts of which some value alone leads to recognition, not to a refusal."""
        ways = [(fact, value) for fact in case.named if fact in case.settles for value in case.facts[fact]]
        tried = judged_variants(self._facts, [(case.place, {fact: value}) for fact, value in ways])
        found = (fact for (fact, _), outcome in zip(ways, tried.outcome, strict=True) if outcome == ELIGIBLE)
        return list(dict.fromkeys(found))

    def _is_proposed(self, place: int, change: Change) -> bool:
        """Return whether a letter proposes a change: to one who is eligible, an earlier category."""
        if int(self._verdicts.outcome[place]) != ELIGIBLE:
            return is_asked_for(self._facts, change)
        is_better = change.outcome == ELIGIBLE and change.category < int(self._verdicts.category[place])
        return is_better and all(before is None for _, before, _ in change.facts)

    def _claim_title(self, lang: Language) -> str:
        claim = self.pack.claim
        return "" if claim is None else claim.title if lang == "zh" else claim.title_en

    def _tell_rules(self, letter: Letter, place: int, lang: Language) -> None:
        row = self.decisions.iloc[place]
        blamed = {"ineligible": "failed_rules", "pending": "unknown_rules"}.get(letter.outcome)
        ids = set(str(row[blamed]).split(";")) if blamed else set()
        table = self._reasons(self._items, np.array([place]), lang)
        for item, values in zip(self._items, table.itertuples(index=False), strict=True):
            rule = dict(zip(COLUMNS, map(str, values), strict=True))
            if rule["kind"] == "benefit":
                rule["message"] = self._benefit(item, place, rule["message"], lang)
            decides = item.stated.id in ids or (not blamed and rule["result"] == "pass")
            letter.take(rule, decides=decides)
            if decides and rule["result"] != "pass":
                letter.seen[item.stated.id] = behind(self._facts, place, item.stated.node, lang)
        if "claim" in ids and self.pack.claim is not None:
            letter.seen["claim"] = behind(self._facts, place, self.pack.claim.node, lang)
            letter.deciding.append(tell_claim(self._view(np.array([place])), self.pack.claim, lang))

    def _benefit(self, item: Item, place: int, message: str, lang: Language) -> str:
        """Return what is told of a benefit, with what is missing where it or its amount is open."""
        gift = self._verdicts.gifts.get(item.stated.id)
        is_open = item.truth.unknown[place] if gift is None else not (gift.known | item.truth.no)[place]
        if not is_open:
            return message
        nodes = [node for node in (item.stated.node, item.stated.amount) if node is not None]
        lacks = missing_for(self._facts, place, nodes, self._view(np.array([place])).outcomes)
        if lacks:
            titles = dict.fromkeys(asked_title(self._facts, fact, lang) for fact in lacks)
            told = say("missing.join", lang).join(titles)
            return say("benefit.missing", lang, message=message, facts=told)
        return say("benefit.undecided", lang, message=message) if item.truth.unknown[place] else message

    def missing(self, lang: Language = "zh") -> pd.DataFrame:
        """Return the missing facts of each pending household that could still change its answer.

        Returns
        -------
        DataFrame
            household_id, fact (its title), settles_alone (whether some value of it decides the case
            while the others stay missing), table, column, row (a member, paper or entry); those that
            could settle the case alone first.
        """
        rows = []
        for case in self._lacking(np.flatnonzero(self._verdicts.outcome == PENDING).tolist()):
            for fact in case.named:
                title, row = fact_title(self._facts, fact, lang), row_of(self._facts, fact)
                alone = fact in case.settles
                rows.append(
                    (self._facts.ids[case.place], title, alone, fact.table, fact.column or fact.word, row)
                )
        return pd.DataFrame(rows, columns=_MISSING).astype({"settles_alone": bool})

    def _lacking(self, places: list[int]) -> list[Lacking]:
        """Return what households lack, each worked out once."""
        new = [place for place in places if place not in self._found]
        self._found.update((case.place, case) for case in lacking(self._facts, np.array(new, dtype=np.int64)))
        return [self._found[place] for place in places]

    def counterfactual(self, household_id: str, lang: Language = "zh") -> pd.DataFrame:
        """Return the least changes of a household's own facts that would change its outcome or category.

        Each is judged again by the same rules before it is named. Where no single fact leads away
        from a refusal, combinations are named: of two facts, or one for each rule that refuses.

        Returns
        -------
        DataFrame
            change (a number: rows of one number belong together), fact, table, column, row, from, to,
            difference (``Int64``: fen, persons, days), outcome, category, supplied (whether the fact
            can still be supplied; else it can only have been recorded wrongly), text.

        Raises
        ------
        UnknownHouseholdError
            If no such household was judged.
        """
        place = self._place(household_id)
        rows: list[tuple[object, ...]] = []
        ending = self._ending(place, lang)
        for at, (change, after) in enumerate(self._changes(place), start=1):
            clauses = [change_text(self._facts, *parts, lang) for parts in change.facts]
            text = ending(say("change.join", lang).join(clauses), after)
            category = category_title(self.pack, after["category"], lang)
            rows += [
                (at, fact_title(self._facts, fact, lang), fact.table, fact.column or fact.word,
                 row_of(self._facts, fact), value_word(fact, before, lang), value_word(fact, value, lang),
                 change_of(fact, before, value), str(after["outcome"]), category,
                 is_supplied(fact, before), text)
                for fact, before, value in change.facts
            ]  # fmt: skip
        return pd.DataFrame(rows, columns=_CHANGES).astype({"difference": "Int64", "supplied": bool})

    def _changes(self, place: int) -> list[tuple[Change, Any]]:
        """Return the least changes, each with the decision when it is judged again."""
        found = changes(self._facts, place)
        tables = variant_tables(self._facts, [(place, change.assigned) for change in found])
        again = self._again(tables).decisions if found else self.decisions.iloc[:0]
        judged = [(change, str(at)) for at, change in enumerate(found) if str(at) in again.index]
        told = [(change, again.iloc[again.index.get_loc(at)]) for change, at in judged]
        return [(change, row) for change, row in told if str(row["outcome"]) == OUTCOMES[change.outcome]]

    def _ending(self, place: int, lang: Language) -> Ending:
        return Ending(self.pack, compared_measures(self.pack), self.decisions.iloc[place], lang)

    def parameters_used(self, lang: Language = "zh") -> list[dict[str, object]]:
        """Return every written parameter value that a decision came from, with its source."""
        found: dict[str, dict[str, object]] = {}
        for id_, lookup in self._facts.lookups.items():
            parameter = self.pack.parameters[id_]
            for values in lookup.used.values():
                for value in values:
                    entry = value.model_dump(
                        mode="json", exclude_none=True, exclude={"source", "note", "note_en", "where"}
                    )
                    words = [word for words in value.where.values() for word in words]
                    entry |= {
                        "parameter": id_,
                        "title": parameter.model.title if lang == "zh" else parameter.model.title_en,
                        "where": say("list.join", lang).join(words),
                        "source": source_text(value, lang),
                    }
                    found[str(entry)] = entry
        return [found[key] for key in sorted(found)]

    def _place(self, household_id: str) -> int:
        place = self._facts.ids.get_indexer([household_id])[0]
        if place < 0:
            raise UnknownHouseholdError("household.unknown", household=str(household_id))
        return int(place)
