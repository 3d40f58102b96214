"""What was decided: outcomes, reasons and texts over the verdicts of one assessment.

In    facts, and every rule and category with its verdict
Out   `Assessment`: frames and texts, the costly ones made only when somebody asks
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.errors import PackError, UnknownHouseholdError
from relief.messages import say
from relief.money import yuan
from relief.reasons import Told, constants, missing_facts, reason_table, tell
from relief.rulepack.wording import source_text
from relief.verdicts import PENDING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from relief.faults import Fault
    from relief.messages import Language
    from relief.rulepack.facts import Facts
    from relief.rulepack.pack import Pack
    from relief.rulepack.tree import Node
    from relief.rulepack.values import Flags
    from relief.rulepack.view import View
    from relief.tables import Tables
    from relief.verdicts import Item, Verdicts

__all__ = ["OUTCOMES", "Assessment"]

OUTCOMES = ("eligible", "ineligible", "pending")


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
        What was judged.
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
        return reason_table(self._facts.view(places), items, lang)

    @property
    def _items(self) -> list[Item]:
        return [*self._verdicts.items, *self._verdicts.benefits]

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
        for value in self.parameters_used(lang):
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
        return self._reasons(self._verdicts.items, np.arange(len(self._facts.ids)), lang)

    def told(self, lang: Language = "zh") -> Iterator[tuple[dict[str, str], list[Told]]]:
        """Yield the same rule by rule: what all households share, and for each its figures and message."""
        everyone = self._facts.view(np.arange(len(self._facts.ids)))
        for item in self._verdicts.items:
            yield constants(item, lang), tell(everyone, item, lang)

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
        reasons = self._reasons(self._verdicts.items, np.array([place]), lang)
        told = zip(reasons["result"], reasons["message"], reasons["source"], strict=True)
        lines += [
            f"  {say(f'mark.{result}', lang)} {message}  [{source}]" for result, message, source in told
        ]
        missing = [title for title, _ in self._missing(np.array([place]), lang)]
        if row["outcome"] == "pending" and missing:
            lines.append(say("explain.missing", lang, facts=say("list.join", lang).join(missing)))
        return "\n".join(lines)

    def missing(self, lang: Language = "zh") -> pd.DataFrame:
        """Return the missing facts of each pending household, one row each.

        Returns
        -------
        DataFrame
            household_id, fact (its title).
        """
        places = np.flatnonzero(self._verdicts.outcome == PENDING)
        found = self._missing(places, lang)
        rows = [(int(place), title) for title, lacks in found for place in places[lacks]]
        rows.sort(key=lambda row: row[0])
        ids = self._facts.ids
        return pd.DataFrame([(ids[at], fact) for at, fact in rows], columns=["household_id", "fact"])

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

    def _missing(self, places: Any, lang: Language) -> list[tuple[str, Flags]]:
        """Return facts that keep rules open, and those of a category only while none before it is certain."""
        found: dict[str, Flags] = {}
        view = self._facts.view(places)
        still = np.ones(len(places), dtype=bool)
        for item in self._verdicts.items:
            if item.kind == "check":
                continue
            truth = item.truth.taken(places)
            self._collect(found, view, item.stated.node, still & truth.unknown, lang)
            if item.kind == "category":
                still &= ~truth.yes
        if self.pack.claim is not None:
            self._collect(found, view, self.pack.claim.node, np.ones(len(places), dtype=bool), lang)
        return list(found.items())

    def _collect(
        self, found: dict[str, Flags], view: View, node: Node, wanted: Flags, lang: Language
    ) -> None:
        for title, lacks in missing_facts(view, node, wanted, lang):
            found[title] = found[title] | lacks if title in found else lacks
