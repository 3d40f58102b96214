"""The table of households: a row each, and the reasons that it opens to.

In    a `Round`, whether names and ids may be shown
Out   `Row` per household, by household id; texts that many households share are told once
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import pandas as pd

from relief.messages import mask, say
from relief.papers.masking import masked
from relief.report.charts import money
from relief.report.figures import blamed, rule_titles
from relief.report.hiding import Hiding
from relief.round.outputs import GUARDED
from relief.sheets.places import UNSTATED
from relief.why.letter import category_title

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relief.judging.assessment import Assessment
    from relief.messages import Language
    from relief.round.pipeline import Round

__all__ = ["Row", "Rule", "Showing", "households_of", "packed", "showing"]

_RESULTS = {"fail": 0, "unknown": 1, "pass": 2}
# Amounts in yuan in the sentences of a division stand without separators; nothing else has two places.
_AMOUNT = re.compile(r"(?<![\d.,/])\d{4,}(?=\.\d{2}(?!\d))")


@dataclass(frozen=True)
class Rule:
    """What is the same of a rule for every household."""

    id: str
    title: str
    kind: str
    source: str


@dataclass
class Row:
    """One household.

    Attributes
    ----------
    label : str
        Its id, or in a masked report its number: the row of ``decisions.csv`` (``awards.csv`` of a split).
    claim_fen, award_fen : int or None
        None where it is not known, or nothing was divided.
    why : str
        The rules that refuse it or are open.
    results : list of (rule number, result, message, formula)
        Result 0 not met, 1 open, 2 met.
    deciding : frozenset of str
        Ids of the rules that the outcome, or the category of who is eligible, rests on.
    lines : list of str
        How the award came about.
    missing : list of str
        What it still has to supply.
    facts : list of (title, value)
        Measures of the pack, and the union.
    """

    label: str
    name: str
    district: str
    category: str
    outcome: str
    claim_fen: int | None
    award_fen: int | None
    why: str = ""
    results: list[tuple[int, int, str, str]] = field(default_factory=list)
    deciding: frozenset[str] = frozenset()
    lines: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Showing:
    """How households are named: by id and name, or by number and initial with their words hidden."""

    labels: dict[str, str]
    hiding: Hiding | None

    def label(self, household: object) -> str:
        """Return what stands for a household."""
        return self.labels.get(str(household), str(household) if self.hiding is None else "—")

    def text(self, household: str, text: str) -> str:
        """Return a text about a household as it may be shown."""
        return text if self.hiding is None else self.hiding.text(household, text)

    def formula(self, household: str, text: str) -> str:
        """Return a formula; none at all where a masked one would quote the household's own words."""
        if self.hiding is None:
            return text
        return "" if self.hiding.quotes(household, text) else self.hiding.text(household, text)


def showing(round_: Round, *, full: bool) -> Showing:
    """Return how the households of a round are named."""
    ids = sorted(map(str, _ids(round_)), key=_as_filed)
    if full:
        return Showing({household: household for household in ids}, None)
    digits = max(3, len(str(len(ids))))
    labels = {household: f"{number:0{digits}}" for number, household in enumerate(ids, start=1)}
    return Showing(labels, Hiding(round_.tables))


def _ids(round_: Round) -> pd.Index[Any]:
    if round_.assessment is not None:
        return round_.decisions.index
    return (
        round_.household_districts.index if round_.allocation is None else round_.allocation.awards_fen.index
    )


def _as_filed(household: str) -> str:
    """Return what a household is sorted by in the round's files: its id as it is written there."""
    return f"'{household}" if re.match(GUARDED, household) else household


def households_of(round_: Round, shown: Showing, lang: Language) -> tuple[list[Row], list[Rule]]:
    """Return every judged household, or every one of a split, by household id; and the rules they name."""
    rules: list[Rule] = []
    judged = round_.assessment
    if judged is None:
        rows = _divided(round_, shown)
    else:
        rows = _judged(judged, shown, lang)
        rules = _reasons(judged, shown, rows, lang)
    _name(round_, shown, rows, lang)
    plan = round_.allocation
    if plan is not None:
        for label, award in plan.awards_fen.items():
            row, id_ = rows[str(label)], mask(str(label))
            row.award_fen = int(award)
            row.lines = [_line(line, id_) for line in plan.explain(label, lang).splitlines()]
    return [rows[household] for household in sorted(rows, key=_as_filed)], rules


def _divided(round_: Round, shown: Showing) -> dict[str, Row]:
    plan = round_.allocation
    if plan is None:
        return {}
    homes = round_.household_districts.astype(object)
    return {
        str(label): Row(shown.label(label), "", _word(homes.get(label)), "", "awarded", int(claim), None)
        for label, claim in plan.claims_fen.items()
    }


def _judged(judged: Assessment, shown: Showing, lang: Language) -> dict[str, Row]:
    titles = {outcome: rule_titles(judged, outcome, lang) for outcome in ("ineligible", "pending")}
    measures = _measures(judged, lang)
    rows = {}
    for household, cells in judged.decisions.to_dict("index").items():
        outcome = str(cells["outcome"])
        ids = str(cells["failed_rules" if outcome == "ineligible" else "unknown_rules"])
        why = blamed(ids, titles[outcome]) if outcome in titles else []
        fits = [category.id for category in judged.pack.categories if category.title == cells["category"]]
        row = Row(
            shown.label(household), "", _word(cells["district"]),
            category_title(judged.pack, cells["category"], lang), outcome,
            None if pd.isna(cells["claim_fen"]) else int(cells["claim_fen"]), None,
            say("list.join", lang).join(why),
        )  # fmt: skip
        row.deciding = frozenset(ids.split(";") if outcome in titles else fits)
        row.facts = [
            (title, say("report.yuan", lang, amount=money(int(cells[name]))))
            for name, title in measures.items() if not pd.isna(cells[name])
        ]  # fmt: skip
        rows[str(household)] = row
    return rows


def _measures(judged: Assessment, lang: Language) -> dict[str, str]:
    """Return the amounts of the decisions by column, with their titles."""
    found = {}
    for name, stated in judged.pack.measures.items():
        column = name if name.endswith("_fen") else f"{name}_fen"
        if column in judged.decisions:
            found[column] = stated.title if lang == "zh" else stated.title_en
    return found


def _reasons(judged: Assessment, shown: Showing, rows: dict[str, Row], lang: Language) -> list[Rule]:
    """Put in what each rule found and what is missing; return the rules."""
    ids, rules = [str(household) for household in judged.decisions.index], []
    for number, (fixed, told) in enumerate(judged.told(lang)):
        rules.append(Rule(fixed["rule_id"], fixed["title"], fixed["kind"], fixed["source"]))
        for household, (result, _, _, _, message, formula) in zip(ids, told, strict=True):
            text = shown.text(household, message.removeprefix(fixed["title"]).lstrip("：: "))
            entry = (number, _RESULTS[result], text, shown.formula(household, formula))
            rows[household].results.append(entry)
    missing = judged.missing(lang)
    for household, fact in zip(missing["household_id"], missing["fact"], strict=True):
        lacks, told_fact = rows[str(household)].missing, shown.text(str(household), str(fact))
        if told_fact not in lacks:
            lacks.append(told_fact)
    return rules


def _name(round_: Round, shown: Showing, rows: dict[str, Row], lang: Language) -> None:
    """Put in names and unions where they were handed in."""
    frame = round_.tables["households"]
    columns = [frame[name].tolist() if name in frame else [] for name in ("applicant_name", "union_name")]
    ids = map(str, frame["household_id"].astype(object))
    for household, name, union in zip_longest(ids, *columns):
        row = rows.get(str(household))
        if row is None:
            continue
        if name is not None and not pd.isna(name):
            row.name = str(name) if shown.hiding is None else masked(str(name))
        if union is not None and not pd.isna(union):
            # A union may be written with a person's phone behind it.
            told = str(union) if shown.hiding is None else mask(shown.text(str(household), str(union)))
            row.facts.insert(0, (say("report.union", lang), told))


def _word(cell: Any) -> str:
    return UNSTATED if cell is None or pd.isna(cell) else str(cell)


def _line(line: str, label: str) -> str:
    """Return a line of a division without the id that begins it, amounts with separators."""
    for mark in ("：", ": "):
        line = line.removeprefix(label + mark)
    return _AMOUNT.sub(lambda found: f"{int(found[0]):,}", line)


def packed(rows: list[Row], rules: list[Rule], per_part: int) -> tuple[list[str], list[list[Any]]]:
    """Return the texts that several households share, and the details of the rows in parts as plain data.

    Each text of a row is either itself or the number of a shared one, so that a report of
    thousands of households stays small and opens one part at a time.
    """
    counts = Counter(text for row in rows for text in _texts(row))
    shared = [text for text, count in counts.most_common() if count > 1 and len(text) > _SHORT]
    place = {text: at for at, text in enumerate(shared)}

    def put(text: str) -> str | int:
        return place.get(text, text)

    details = [
        [
            [
                [number, result, put(message), put(formula)]
                for number, result, message, formula in row.results
            ],
            [put(line) for line in row.lines],
            [put(fact) for fact in row.missing],
            [[title, put(value)] for title, value in row.facts],
            [number for number, rule in enumerate(rules) if rule.id in row.deciding],
        ]
        for row in rows
    ]
    return shared, [details[at : at + per_part] for at in range(0, len(details), per_part)]


_SHORT = 4


def _texts(row: Row) -> Iterator[str]:
    for _, _, message, formula in row.results:
        yield message
        yield formula
    yield from row.lines
    yield from row.missing
    yield from (value for _, value in row.facts)
