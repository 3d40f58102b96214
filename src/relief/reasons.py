"""Why: the observed value, the limit, the margin and the source of each rule, as people read it.

In    a `View` of some households, and the rules and categories with their verdicts
Out   texts and frames, made only when somebody asks

Amounts are shown in yuan rounded down to the fen, so that what is shown below a limit is
below it. A bound that is open is shown as such, never as a number.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from relief.columns import DICTIONARY
from relief.messages import say
from relief.rulepack.operations import known
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
    Tier,
    names_in,
)  # fmt: skip
from relief.rulepack.values import Amount, Text
from relief.rulepack.wording import source_text

if TYPE_CHECKING:
    from relief.messages import Language
    from relief.rulepack.values import Flags
    from relief.rulepack.view import View
    from relief.verdicts import Item

__all__ = ["COLUMNS", "TOLD", "Told", "constants", "missing_facts", "reason_table", "tell"]

_EPOCH = dt.date(1970, 1, 1)
_RESULTS = ("unknown", "pass", "fail")
_COMPARED = ("<", "<=", ">", ">=", "==", "!=")

Told: TypeAlias = tuple[str, str, str, str, str]


def reason_table(view: View, items: list[Item], lang: Language) -> pd.DataFrame:
    """Return one row per household and rule.

    Parameters
    ----------
    view : View
        The households wanted, by their places.
    items : list of Item
    lang : {'zh', 'en'}

    Returns
    -------
    DataFrame
        household_id, rule_id, kind (rule, bar, check, category), title, result (pass, fail,
        unknown), observed, limit, margin, message, source, status; households in the order of
        `view`, rules in the order of the pack.
    """
    ids = view.facts.ids.to_numpy()[view.rows]
    blocks = []
    for item in items:
        block = pd.DataFrame(tell(view, item, lang), columns=TOLD)
        blocks.append(block.assign(household_id=ids, **constants(item, lang))[COLUMNS])
    if not blocks:
        return pd.DataFrame(columns=COLUMNS)
    table = pd.concat(blocks, ignore_index=True)
    order = np.arange(len(table)).reshape(len(items), view.size).T.reshape(-1)
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


def tell(view: View, item: Item, lang: Language) -> list[Told]:
    """Return result, observed, limit, margin and message per household, worded once per distinct figure.

    Households with the same figures share one tuple.
    """
    truth = item.truth.taken(view.rows)
    results = np.where(truth.yes, 1, np.where(truth.no, 2, 0)).tolist()
    ruled = item.ruled[view.rows].tolist()
    node = item.stated.node
    kind = _kind(node)
    sides = [view.amount(part) for part in node.parts] if kind and isinstance(node, Operation) else []
    columns = [column for side in sides for column in _ends(side)]
    worded: dict[tuple[Any, ...], Told] = {}
    told = []
    for key in zip(results, ruled, *columns, strict=True):
        if key not in worded:
            worded[key] = _told(item, key, kind, lang)
        told.append(worded[key])
    return told


def _ends(amount: Amount) -> list[list[Any]]:
    """Return both ends as lists: numerator, denominator, open; twice."""
    columns: list[list[Any]] = []
    for end in (amount.lo, amount.hi):
        den = [end.den] * len(end.num) if isinstance(end.den, int) else end.den.tolist()
        columns += [end.num.tolist(), den, end.is_open.tolist()]
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
    # A written number takes the unit of what stands beside it.
    return next(
        (kind for kind in sorted(kinds) if kind.startswith("fen")), min(kinds, key=lambda k: k == "number")
    )


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
    if kind.startswith("fen"):
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
    if kind.startswith("fen"):
        whole = value.numerator // value.denominator
        sign, rest = ("-", -whole) if whole < 0 else ("", whole)
        return f"{sign}{rest // 100:,}.{rest % 100:02d}"
    if kind == "date":
        return (_EPOCH + dt.timedelta(days=int(value))).isoformat()
    return str(value)


# --- what is missing --------------------------------------------------------------------------------


def missing_facts(view: View, node: Node, wanted: Flags, lang: Language) -> list[tuple[str, Flags]]:
    """Return the titles of the facts that keep a tree unknown, each with the households it lacks for.

    Only the parts that are unknown themselves are followed: a fact that cannot matter is not named.
    """
    lacking = _missing(view, node, wanted, lang, {})
    return [(title, lacks) for title, lacks in lacking if lacks.any()]


def _missing(
    view: View, node: Node, wanted: Flags, lang: Language, seen: dict[int, dict[str, Flags]]
) -> list[tuple[str, Flags]]:
    """Return what a part lacks; each is looked into once, however many others name it."""
    key = id(node)
    if key not in seen:
        seen[key] = {}
        open_ = ~_known(view, node)
        for title, lacks in _lacking(view, node, open_, lang, seen) if open_.any() else []:
            seen[key][title] = seen[key][title] | lacks if title in seen[key] else lacks
    return [(title, lacks & wanted) for title, lacks in seen[key].items()]


def _lacking(
    view: View, node: Node, open_: Flags, lang: Language, seen: dict[int, dict[str, Flags]]
) -> list[tuple[str, Flags]]:
    match node:
        case Measure(name=name):
            return _missing(view, view.facts.pack.measures[name].node, open_, lang, seen)
        case Among(part=part) | Tier(part=part):
            return _missing(view, part, open_, lang, seen)
        case Operation(operator="if", parts=(condition, yes, no)):
            truth = view.truth(condition)
            return [
                *_missing(view, condition, open_, lang, seen),
                *_missing(view, yes, open_ & truth.yes, lang, seen),
                *_missing(view, no, open_ & truth.no, lang, seen),
            ]
        case Operation(operator="coalesce", parts=parts):
            return _nearest(parts, [_missing(view, part, open_, lang, seen) for part in parts], open_)
        case Parameter(name=name, day=day):
            days = _missing(view, day, open_, lang, seen) if day is not None else []
            return [*days, *_missing_parameter(view, name, open_, lang)]
        case Aggregate():
            return _missing_cells(view, node, open_, lang)
        case Operation(parts=parts):
            return [entry for part in parts for entry in _missing(view, part, open_, lang, seen)]
        case Constant() | Name(column=None):
            return []
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


def _missing_parameter(view: View, name: str, open_: Flags, lang: Language) -> list[tuple[str, Flags]]:
    """Name the key where that is what lacks, such as the residence, else the parameter itself."""
    model = view.facts.pack.parameters[name].model
    found = []
    for column in model.by:
        if column not in DICTIONARY["households"]:
            continue
        value = view.column(column)
        lacks = open_ & (value.codes < 0) if isinstance(value, Text) else open_ & False
        found.append((DICTIONARY["households"][column].title if lang == "zh" else column, lacks))
        open_ = open_ & ~lacks
    return [*found, (model.title if lang == "zh" else model.title_en or name, open_)]


def _missing_cells(view: View, node: Aggregate, open_: Flags, lang: Language) -> list[tuple[str, Flags]]:
    """Name the columns of another table of which some cell that may count is blank."""
    facts = view.facts
    name = say(f"table.{node.table}", lang)
    if node.table not in facts.tables:
        return [(say("missing.rows", lang, table=name), open_)]
    found = []
    rows = facts.view(table=node.table)
    owners = facts.owners(node.table)
    for table, column in sorted(names_in(node)):
        if table != node.table or column == "household_id":
            continue
        gaps = rows.gaps(column)
        blank = np.zeros(rows.size, dtype=bool) if gaps is None else gaps
        blank = np.ones(rows.size, dtype=bool) if facts.series(table, column) is None else blank
        lacks = np.zeros(facts.size(), dtype=bool)
        lacks[owners[blank & (owners >= 0)]] = True
        lacks = lacks[view.rows] & open_
        if lacks.any():
            entry = DICTIONARY[node.table][column]
            title = say("missing.cell", lang, table=name, column=entry.title if lang == "zh" else entry.name)
            found.append((title, lacks))
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


def _known(view: View, node: Node) -> Flags:
    return np.ones(view.size, dtype=bool) if isinstance(node, Constant) else known(view.value(node))
