"""What was proved of a pack, what was not, and the households that show it.

In    a model of the solver, or what came of each property
Out   households as cases, judged again by `relief.assess`; `Proof`, in words and as plain data
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pandas as pd
import z3

from relief.columns import DICTIONARY, TABLES
from relief.errors import ReliefError
from relief.judging.eligibility import assess
from relief.messages import say
from relief.proof.household import EPOCH, MOST, PERSONS
from relief.proof.numbers import number_term
from relief.review.cases import overlaid
from relief.rulepack.casefile import Case, Expected, case_text
from relief.rulepack.words import column_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from relief.messages import Language
    from relief.proof.household import Fact, Household, Opened, World
    from relief.rulepack.contents import Pack

__all__ = ["PROPERTIES", "Finding", "Proof", "Undecided", "Verdict", "as_judged", "case_of", "judged"]

PROPERTIES = ("decided", "exclusive", "gapless", "monotone", "alone", "exact")


@dataclass(frozen=True)
class Verdict:
    """What `relief.assess` says of one household: the outcome, and which rules hold or fail."""

    outcome: str
    category: str
    claim: int | None
    failed: frozenset[str]
    holding: frozenset[str]


@dataclass(frozen=True)
class Finding:
    """A household for which a property does not hold.

    Attributes
    ----------
    name : str
        What does not hold: one of `PROPERTIES`.
    ids : tuple of str
        The rules, categories or columns that it is about.
    cases : tuple of Case
        The household; of two, the second is the poorer or more burdened one. None where the finding
        is that there is no household of a kind.
    outcomes : tuple of str
        What `relief.assess` said of each.
    """

    name: str
    ids: tuple[str, ...]
    cases: tuple[Case, ...] = ()
    outcomes: tuple[str, ...] = ()

    @property
    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """The rows of the last household by table, as a case has them."""
        return self.cases[-1].tables if self.cases else {}

    def text(self, lang: Language = "zh") -> str:
        """Return what was found, in one sentence."""
        outcomes = [say(f"outcome.{outcome}", lang) for outcome in self.outcomes]
        told = {"ids": _titles(self.ids, lang), "outcomes": " → ".join(outcomes) or "—"}
        # Who declares that a column may lose writes its name.
        names = {"columns": "、".join(id_.rpartition(".")[2] for id_ in self.ids)}
        return say(f"proof.violated.{self.name}", lang, **told, **(names if self.name == "monotone" else {}))

    def plain(self) -> dict[str, Any]:
        """Return the same as plain data, with the households as cases."""
        return {
            "property": self.name,
            "ids": list(self.ids),
            "outcomes": list(self.outcomes),
            "text": self.text("zh"),
            "text_en": self.text("en"),
            "cases": [_plain_case(case) for case in self.cases],
        }


def _titles(ids: Iterable[str], lang: Language) -> str:
    """Return columns by their titles, rules and categories by their ids."""
    return say("list.join", lang).join(_title(id_, lang) for id_ in ids) or "—"


def _title(id_: str, lang: Language) -> str:
    table, _, column = id_.partition(".")
    if column not in DICTIONARY.get(table, {}):
        return id_
    title = column_title(table, column, lang)
    if table == "households":
        return title
    return say("proof.column", lang, table=say(f"table.{table}", lang), title=title)


@dataclass(frozen=True)
class Undecided:
    """What was neither proved nor disproved, and why.

    ``time`` and ``unconfirmed`` say how far the solver came, ``form`` that it did not begin; with the
    rows that a household was taken to have, ``nobody`` is eligible, or a rule never fails (``rows``).
    """

    name: str
    ids: tuple[str, ...]
    why: str

    def text(self, lang: Language = "zh") -> str:
        """Return what is open, in one sentence."""
        told = {"property": say(f"proof.property.{self.name}", lang), "ids": _titles(self.ids, lang)}
        return say(f"proof.undecided.{self.why}", lang, **told)

    def plain(self) -> dict[str, Any]:
        """Return the same as plain data."""
        told = {"property": self.name, "ids": list(self.ids), "why": self.why}
        return told | {"text": self.text("zh"), "text_en": self.text("en")}


@dataclass(frozen=True)
class Proof:
    """What was proved of a pack on a day.

    Attributes
    ----------
    pack : str
    on : date
    proved : tuple of str
        Those of `PROPERTIES` that hold without exception.
    findings : tuple of Finding
    undecided : tuple of Undecided
    rows : dict of str to int
        Up to how many rows of each table a household was taken to have.
    """

    pack: str
    on: dt.date
    proved: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    undecided: tuple[Undecided, ...] = ()
    rows: dict[str, int] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether every property was proved."""
        return not self.findings and not self.undecided

    def lines(self, lang: Language = "zh") -> list[str]:
        """Return the proof in words: what holds, each finding with its household, what the proof covers."""
        lines = [say("proof.head", lang, pack=self.pack, on=self.on.isoformat())]
        proved = [say(f"proof.property.{name}", lang) for name in self.proved]
        lines += [say("proof.holds", lang, property=told) for told in proved]
        for finding in self.findings:
            lines.append(finding.text(lang))
            lines += [line for case in finding.cases for line in case_text(case).splitlines()]
        lines += [open_.text(lang) for open_ in self.undecided]
        rows = say("list.join", lang).join(
            f"{say(f'table.{table}', lang)} {number}" for table, number in self.rows.items()
        )
        covers = {"most": f"{MOST // 100:,}", "persons": PERSONS}
        if rows:
            lines.append(say("proof.covers", lang, rows=rows, **covers))
        else:
            lines.append(say("proof.covers_a_household", lang, **covers))
        return lines

    def plain(self) -> dict[str, Any]:
        """Return the proof as plain data, for JSON."""
        return {
            "pack": self.pack,
            "on": self.on.isoformat(),
            "holds": self.holds,
            "proved": list(self.proved),
            "findings": [finding.plain() for finding in self.findings],
            "undecided": [undecided.plain() for undecided in self.undecided],
            "rows": dict(self.rows),
        }


def _plain_case(case: Case) -> dict[str, Any]:
    def plain(row: Mapping[str, Any]) -> dict[str, Any]:
        return {name: cell if isinstance(cell, (bool, int, str)) else str(cell) for name, cell in row.items()}

    tables = {table: [plain(row) for row in rows] for table, rows in case.tables.items()}
    (household,) = tables.pop("households")
    parameters = plain(case.parameters)
    return {
        "id": case.id,
        "on": case.on.isoformat(),
        "parameters": parameters,
        "household": household,
        "expect": case.expect.model_dump(exclude_unset=True),
    } | tables


# --- a household as a case ------------------------------------------------------------------------


def as_judged(case: Case, verdict: Verdict, number: int) -> Case:
    """Return a case to be kept as it is: it expects what was decided, and no other finding has its id."""
    told = {"outcome": verdict.outcome} | ({"category": verdict.category} if verdict.category else {})
    id_ = f"{case.id}-{number}"
    return replace(case, id=id_, title=id_, expect=Expected.model_validate(told))


def case_of(household: Household, model: Any, world: World, opened: Opened, id_: str) -> Case:
    """Return the household of a model, as a world has it, as a case.

    Its tables are all that the pack reads, handed in even where empty. What it expects stays to be
    judged.
    """
    tables: dict[str, list[dict[str, Any]]] = {"households": [{}]}
    used = {table for table, _ in household.pack.columns} | {table for table, _, _ in household.facts}
    for table in TABLES[1:]:
        if table in used and table != "rulings":
            rows = [
                (table, at) for at in range(household.rows[table]) if _is_there(household, model, table, at)
            ]
            tables[table] = [_named(household, *row) | _cells(household, model, world, row) for row in rows]
    tables["households"] = [_cells(household, model, world, ("households", 0))]
    if "rulings" in used:
        rulings = _cells(household, model, world, ("rulings", 0))
        tables["rulings"] = [{"rule_id": rule_id, "value": value} for rule_id, value in rulings.items()]
    parameters = {}
    for name, values in opened.items():
        wanted = [number for number, is_open in values if _holds(model, is_open)]
        if wanted:
            parameters[name] = _parameter(household, model, name, wanted[0])
    return Case(id_, id_, "", household.on, tables, Expected(outcome="pending"), parameters)


def _named(household: Household, table: str, row: int) -> dict[str, Any]:
    """Return who a member is, where other rows are about members."""
    if table != "members":
        return {}
    about = {name for other, _, name in household.facts if other != table}
    return {name: household.persons(name)[row] for name in ("member_id", "id_number") if name in about}


def _holds(model: Any, flag: Any) -> bool:
    return flag if isinstance(flag, bool) else z3.is_true(model.eval(flag, model_completion=True))


def _is_there(household: Household, model: Any, table: str, row: int) -> bool:
    fact = household.facts.get((table, row, ""))
    return fact is not None and _holds(model, fact.var)


def _cells(household: Household, model: Any, world: World, row: tuple[str, int]) -> dict[str, Any]:
    cells = {}
    for (table, at, name), fact in household.facts.items():
        if (table, at) == row and name:
            value, is_known = world(fact)
            if _holds(model, is_known):
                cells[name] = _cell(fact, model.eval(value, model_completion=True))
    return cells


def _cell(fact: Fact, value: Any) -> Any:
    if fact.kind == "truth":
        return bool(z3.is_true(value))
    whole = int(value.as_long())
    if fact.kind == "text":
        return fact.words[whole]
    if fact.kind == "date":
        return EPOCH + dt.timedelta(days=whole)
    return whole if fact.scale == 1 else Decimal(whole) / fact.scale


def _parameter(household: Household, model: Any, name: str, number: Any) -> Fraction:
    value = model.eval(number_term(number), model_completion=True).as_fraction()
    is_yuan = household.pack.parameters[name].model.unit == "yuan"
    return Fraction(value.numerator, value.denominator) / (100 if is_yuan else 1)


def judged(pack: Pack, cases: Iterable[Case]) -> dict[str, Verdict]:
    """Judge households by `relief.assess`; one that it does not judge has no verdict."""
    found: dict[str, Verdict] = {}
    for together in _together(cases):
        try:
            found |= _verdicts(pack, together)
        except ReliefError:
            if len(together) > 1:
                found |= {id_: v for case in together for id_, v in judged(pack, [case]).items()}
    return found


def _verdicts(pack: Pack, cases: list[Case]) -> dict[str, Verdict]:
    """Judge households that can stand in one file."""
    result = assess(_frames(cases), overlaid(pack, cases[0].parameters), on=cases[0].on)
    reasons, decisions = result.reasons("zh"), result.decisions
    told: dict[tuple[str, str], set[str]] = {}
    columns = (reasons[name] for name in ("household_id", "rule_id", "result"))
    for id_, rule_id, word in zip(*columns, strict=True):
        told.setdefault((id_, word), set()).add(rule_id)
    ids = {category.title: category.id for category in pack.categories}
    rows = zip(decisions["outcome"], decisions["category"], decisions["claim_fen"], strict=True)
    return {
        id_: Verdict(
            str(outcome),
            ids.get(str(category), ""),
            None if pd.isna(claim) else int(claim),
            failed=frozenset(told.get((id_, "fail"), ())),
            holding=frozenset(told.get((id_, "pass"), ())),
        )
        for id_, (outcome, category, claim) in zip(decisions.index, rows, strict=True)
    }


def _together(cases: Iterable[Case]) -> list[list[Case]]:
    """Return cases that one assessment can judge: of one day, by the same values, no person in two."""
    groups: dict[Any, list[Case]] = {}
    for case in cases:
        numbered = any("id_number" in row for rows in case.tables.values() for row in rows)
        key = case.id if numbered else (tuple(case.parameters.items()), tuple(case.tables))
        groups.setdefault(key, []).append(case)
    return list(groups.values())


_SIGNED = {"ruled_by": "甲", "why": "证明"}


def _frames(cases: list[Case]) -> dict[str, pd.DataFrame]:
    frames = {}
    for table in cases[0].tables:
        told: dict[str, Any] = _SIGNED | {"ruled_on": cases[0].on} if table == "rulings" else {}
        rows = [{"household_id": case.id, **told, **row} for case in cases for row in case.tables[table]]
        # The id links rows to households, in a table without rows as well.
        required = ["household_id", *(n for n, column in DICTIONARY[table].items() if column.required)]
        names = dict.fromkeys([*required, *(name for row in rows for name in row)])
        frames[table] = pd.DataFrame(rows, columns=[*names], dtype=object)
    return frames
