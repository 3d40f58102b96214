"""Why: the observed value, the limit, the margin and the source of each rule, as people read it.

In    `Facts`, and the rules and categories with their verdicts
Out   texts and frames, made only when somebody asks

Amounts are shown in yuan rounded down to the fen, so that what is shown below a limit is
below it. A bound that is open is shown as such, never as a number.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from relief.columns import DICTIONARY
from relief.messages import say
from relief.rulepack.tree import (
    Aggregate,
    Among,
    Constant,
    Measure,
    Name,
    Node,
    Operation,
    Parameter,
    Ruled,
    names_in,
)  # fmt: skip
from relief.rulepack.values import Amount, Text, Truth
from relief.rulepack.wording import source_text

if TYPE_CHECKING:
    from relief.messages import Language
    from relief.rulepack.facts import Facts
    from relief.rulepack.pack import Stated
    from relief.rulepack.values import Flags

__all__ = ["COLUMNS", "TOLD", "Item", "Told", "constants", "missing_facts", "reason_table", "tell"]

_EPOCH = dt.date(1970, 1, 1)
_RESULTS = ("unknown", "pass", "fail")
_COMPARED = ("<", "<=", ">", ">=", "==", "!=")

Told: TypeAlias = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Item:
    """A rule or category with its verdict per household; `ruled` marks where a person decided."""

    stated: Stated
    kind: str
    truth: Truth
    ruled: Flags


def reason_table(
    facts: Facts, items: list[Item], places: np.ndarray[Any, Any], lang: Language
) -> pd.DataFrame:
    """Return one row per household and rule.

    Parameters
    ----------
    facts : Facts
    items : list of Item
    places : ndarray of int
        Positions of the households wanted.
    lang : {'zh', 'en'}

    Returns
    -------
    DataFrame
        household_id, rule_id, kind (rule, check, category), title, result (pass, fail,
        unknown), observed, limit, margin, message, source, status; households in the order of
        `places`, rules in the order of the pack.
    """
    ids = facts.ids.to_numpy()[places]
    blocks = []
    for item in items:
        block = pd.DataFrame(tell(facts, item, places, lang), columns=TOLD)
        blocks.append(block.assign(household_id=ids, **constants(item, lang))[COLUMNS])
    if not blocks:
        return pd.DataFrame(columns=COLUMNS)
    table = pd.concat(blocks, ignore_index=True)
    order = np.arange(len(table)).reshape(len(items), len(places)).T.reshape(-1)
    return table.iloc[order].reset_index(drop=True)


TOLD = ["result", "observed", "limit", "margin", "message"]
COLUMNS = [
    "household_id",
    "rule_id",
    "kind",
    "title",
    "result",
    "observed",
    "limit",
    "margin",
    "message",
    "source",
    "status",
]


def constants(item: Item, lang: Language) -> dict[str, str]:
    """Return what is the same for every household: rule_id, kind, title, source, status."""
    stated = item.stated
    return {
        "rule_id": stated.id,
        "kind": item.kind,
        "title": stated.title if lang == "zh" else stated.title_en,
        "source": source_text(stated.provenance, lang),
        "status": stated.provenance.status,
    }


def tell(facts: Facts, item: Item, places: np.ndarray[Any, Any], lang: Language) -> list[Told]:
    """Return result, observed, limit, margin and message per household, worded once per distinct figure.

    Households with the same figures share one tuple.
    """
    results = np.where(item.truth.yes[places], 1, np.where(item.truth.no[places], 2, 0)).tolist()
    ruled = item.ruled[places].tolist()
    node = item.stated.node
    kind = _kind(node)
    sides = [facts.amount(part) for part in node.parts] if kind and isinstance(node, Operation) else []
    columns = [column for side in sides for column in _ends(side, places)]
    worded: dict[tuple[Any, ...], Told] = {}
    told = []
    for key in zip(results, ruled, *columns, strict=True):
        if key not in worded:
            worded[key] = _told(item, key, kind, lang)
        told.append(worded[key])
    return told


def _ends(amount: Amount, places: np.ndarray[Any, Any]) -> list[list[Any]]:
    """Return both ends as lists: numerator, denominator, open; twice."""
    columns: list[list[Any]] = []
    for end in (amount.lo, amount.hi):
        den = [end.den] * len(places) if isinstance(end.den, int) else end.den[places].tolist()
        columns += [end.num[places].tolist(), den, end.open[places].tolist()]
    return columns


def _told(item: Item, key: tuple[Any, ...], kind: str, lang: Language) -> Told:
    result = _RESULTS[key[0]]
    title = item.stated.title if lang == "zh" else item.stated.title_en
    verdict = say(f"result.{result}", lang)
    ends = [None if key[at + 2] else Fraction(key[at], key[at + 1]) for at in range(2, len(key), 3)]
    if not ends:
        truth = _truth_word(key[0], lang)
        code = "reason.ruled" if key[1] else "reason.plain"
        facts = {"title": title, "verdict": verdict} | ({} if key[1] else {"observed": truth})
        return result, truth, "", "", say(code, lang, **facts)
    left, right = (ends[0], ends[1]), (ends[2], ends[3])
    observed, limit, margin = (
        _shown(left, kind, lang),
        _shown(right, kind, lang),
        _margin(left, right, kind, lang),
    )
    if key[1]:
        return result, observed, limit, margin, say("reason.ruled", lang, title=title, verdict=verdict)
    measured = {"title": title, "observed": observed, "operator": _operator(item.stated.node), "limit": limit,
                "verdict": verdict}  # fmt: skip
    if margin:
        return result, observed, limit, margin, say("reason.measured", lang, margin=margin, **measured)
    return result, observed, limit, margin, say("reason.open", lang, **measured)


def _truth_word(result: int, lang: Language) -> str:
    return say(f"truth.{_RESULTS[result]}", lang)


# --- figures --------------------------------------------------------------------------------------


def _kind(node: Node) -> str:
    """Return what a comparison measures, fen before number; empty if the node is no comparison."""
    if not isinstance(node, Operation) or node.operator not in _COMPARED:
        return ""
    kinds = {part.kind for part in node.parts}
    return "fen" if "fen" in kinds else min(kinds)


def _operator(node: Node) -> str:
    signs = {"<=": "≤", ">=": "≥", "==": "=", "!=": "≠"}
    return signs.get(node.operator, node.operator) if isinstance(node, Operation) else ""


def _margin(
    left: tuple[Fraction | None, Fraction | None], right: tuple[Fraction | None, Fraction | None],
    kind: str, lang: Language,
) -> str:  # fmt: skip
    low, high = left
    if low is None or low != high or right[0] is None or right[0] != right[1]:
        return ""
    if kind == "date":
        return say("unit.days", lang, number=int(abs(right[0] - low)))
    if kind == "fen":
        # From the figures as shown, so that a reader's subtraction gives the same.
        return _number(Fraction(abs(right[0] // 1 - low // 1)), kind)
    return _number(abs(right[0] - low), kind)


def _shown(ends: tuple[Fraction | None, Fraction | None], kind: str, lang: Language) -> str:
    low, high = ends
    if low is not None and low == high:
        return _number(low, kind)
    if low is None and high is None:
        return say("truth.unknown", lang)
    if high is None:
        return say("value.at_least", lang, low=_number(low, kind)) if low else say("truth.unknown", lang)
    if low is None:
        return say("value.at_most", lang, high=_number(high, kind))
    return say("value.between", lang, low=_number(low, kind), high=_number(high, kind))


def _number(value: Fraction | None, kind: str) -> str:
    if value is None:
        return ""
    if kind == "fen":
        whole = value.numerator // value.denominator
        sign, rest = ("-", -whole) if whole < 0 else ("", whole)
        return f"{sign}{rest // 100:,}.{rest % 100:02d}"
    if kind == "date":
        return (_EPOCH + dt.timedelta(days=int(value))).isoformat()
    return str(value)


# --- what is missing --------------------------------------------------------------------------------


def missing_facts(facts: Facts, node: Node, wanted: Flags, lang: Language) -> list[tuple[str, Flags]]:
    """Return the titles of the facts that keep a tree unknown, each with the households it lacks for.

    Only the parts that are unknown themselves are followed: a fact that cannot matter is not named.
    """
    lacking = _missing(facts, node, wanted, lang, {})
    return [(title, lacks) for title, lacks in lacking if lacks.any()]


def _missing(
    facts: Facts, node: Node, wanted: Flags, lang: Language, seen: dict[int, dict[str, Flags]]
) -> list[tuple[str, Flags]]:
    """Return what a part lacks; each is looked into once, however many others name it."""
    key = id(node)
    if key not in seen:
        seen[key] = {}
        open_ = ~_known(facts, node)
        for title, lacks in _lacking(facts, node, open_, lang, seen) if open_.any() else []:
            seen[key][title] = seen[key][title] | lacks if title in seen[key] else lacks
    return [(title, lacks & wanted) for title, lacks in seen[key].items()]


def _lacking(
    facts: Facts, node: Node, open_: Flags, lang: Language, seen: dict[int, dict[str, Flags]]
) -> list[tuple[str, Flags]]:
    match node:
        case Measure(name=name):
            return _missing(facts, facts.pack.measures[name].node, open_, lang, seen)
        case Among(part=part):
            return _missing(facts, part, open_, lang, seen)
        case Operation(operator="if", parts=(condition, yes, no)):
            truth = facts.truth(condition)
            return [
                *_missing(facts, condition, open_, lang, seen),
                *_missing(facts, yes, open_ & truth.yes, lang, seen),
                *_missing(facts, no, open_ & truth.no, lang, seen),
            ]
        case Operation(operator="coalesce", parts=parts):
            return _nearest(parts, [_missing(facts, part, open_, lang, seen) for part in parts], open_)
        case Parameter(name=name):
            return _missing_parameter(facts, name, open_, lang)
        case Aggregate():
            return _missing_cells(facts, node, open_, lang)
        case Operation(parts=parts):
            return [entry for part in parts for entry in _missing(facts, part, open_, lang, seen)]
        case _:
            return [(_missing_title(node, lang), open_)]


def _nearest(
    parts: tuple[Node, ...], found: list[list[tuple[str, Flags]]], open_: Flags
) -> list[tuple[str, Flags]]:
    """Of alternatives, name what the one lacks that is known best: the least share of its facts missing."""
    none = np.zeros(len(open_))
    shares = [
        sum((lacks.astype(float) for _, lacks in lacking), none) / max(1, len(names_in(part)))
        for part, lacking in zip(parts, found, strict=True)
    ]
    best = np.argmin(np.array(shares), axis=0)
    return [(title, lacks & (best == at)) for at, lacking in enumerate(found) for title, lacks in lacking]


def _missing_parameter(facts: Facts, name: str, open_: Flags, lang: Language) -> list[tuple[str, Flags]]:
    """Name the key where that is what lacks, such as the residence, else the parameter itself."""
    model = facts.pack.parameters[name].model
    found = []
    for column in model.by:
        value = facts.column("households", column)
        lacks = open_ & (value.codes < 0) if isinstance(value, Text) else open_ & False
        found.append((DICTIONARY["households"][column].title if lang == "zh" else column, lacks))
        open_ = open_ & ~lacks
    return [*found, (model.title if lang == "zh" else model.title_en or name, open_)]


def _missing_cells(facts: Facts, node: Aggregate, open_: Flags, lang: Language) -> list[tuple[str, Flags]]:
    """Name the columns of another table of which some cell that may count is blank."""
    name = say(f"table.{node.table}", lang)
    if node.table not in facts.tables:
        return [(say("missing.rows", lang, table=name), open_)]
    found = []
    for _, column in sorted(names_in(node) - {(node.table, "household_id")}):
        value = facts.column(node.table, column)
        blank = ~(value.yes | value.no) if isinstance(value, Truth) else (
            ~value.known if isinstance(value, Amount) else value.codes < 0)  # fmt: skip
        owners = facts.owners(node.table)
        lacks = np.zeros(facts.size(), dtype=bool)
        lacks[owners[blank & (owners >= 0)]] = True
        if (lacks & open_).any():
            entry = DICTIONARY[node.table][column]
            title = say("missing.cell", lang, table=name, column=entry.title if lang == "zh" else entry.name)
            found.append((title, lacks & open_))
    told = np.any([lacks for _, lacks in found], axis=0) if found else np.zeros_like(open_)
    return [*found, (say("missing.rows", lang, table=name), open_ & ~told)]


def _missing_title(node: Node, lang: Language) -> str:
    match node:
        case Name(name=name):
            return DICTIONARY["households"][name].title if lang == "zh" else name
        case Ruled(rule_id=rule_id):
            return say("missing.ruling", lang, rule=rule_id)
        case _:
            return ""


def _known(facts: Facts, node: Node) -> Flags:
    if isinstance(node, Constant):
        return np.ones(facts.size(), dtype=bool)
    value = facts.value(node)
    if isinstance(value, Truth):
        return value.yes | value.no
    return value.known if isinstance(value, Amount) else value.codes >= 0
