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
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.columns import DICTIONARY
from relief.messages import say
from relief.rulepack.expression import (
    Aggregate, Among, Literal_, Measure, Name, Node, Operation, Parameter, Ruled,
)  # fmt: skip
from relief.rulepack.values import Amount, Truth
from relief.rulepack.wording import source_text

if TYPE_CHECKING:
    from relief.messages import Language
    from relief.rulepack.facts import Facts
    from relief.rulepack.pack import Stated
    from relief.rulepack.values import Flags

__all__ = ["Item", "missing_facts", "reason_table"]

_EPOCH = dt.date(1970, 1, 1)
_RESULTS = ("unknown", "pass", "fail")
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


@dataclass(frozen=True)
class Item:
    """A rule or category with its verdict per household; `ruled` marks where a person decided."""

    stated: Stated
    kind: str
    truth: Truth
    ruled: Flags


def reason_table(facts: Facts, items: list[Item], places: np.ndarray[Any, Any], lang: Language) -> pd.DataFrame:
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
    blocks = [_block(facts, item, places, lang) for item in items]
    if not blocks:
        return pd.DataFrame(columns=_COLUMNS)
    table = pd.concat(blocks, ignore_index=True)
    order = np.arange(len(table)).reshape(len(items), len(places)).T.reshape(-1)
    return table.iloc[order].reset_index(drop=True)


_COLUMNS = "household_id rule_id kind title result observed limit margin message source status".split()


def _block(facts: Facts, item: Item, places: np.ndarray[Any, Any], lang: Language) -> pd.DataFrame:
    results = np.array(_RESULTS, dtype=object)[
        np.where(item.truth.yes[places], 1, np.where(item.truth.no[places], 2, 0))
    ]
    observed, limit, margin = _figures(facts, item.stated.node, places, lang)
    title = item.stated.title if lang == "zh" else item.stated.title_en
    operator = _operator(item.stated.node)
    messages = [
        _message(title, result, seen, operator, most, short, ruled, lang)
        for result, seen, most, short, ruled in zip(
            results, observed, limit, margin, item.ruled[places], strict=True
        )
    ]
    return pd.DataFrame(
        {
            "household_id": facts.ids.to_numpy()[places],
            "rule_id": item.stated.id,
            "kind": item.kind,
            "title": title,
            "result": results,
            "observed": observed,
            "limit": limit,
            "margin": margin,
            "message": messages,
            "source": source_text(item.stated.provenance, lang),
            "status": item.stated.provenance.status,
        }
    )


def _message(
    title: str, result: str, observed: str, operator: str, limit: str, margin: str, ruled: bool, lang: Language
) -> str:
    verdict = say(f"result.{result}", lang)
    if ruled:
        return say("reason.ruled", lang, title=title, verdict=verdict)
    if not limit:
        return say("reason.plain", lang, title=title, observed=observed, verdict=verdict)
    code = "reason.measured" if margin else "reason.open"
    return say(code, lang, title=title, observed=observed, operator=operator, limit=limit, margin=margin, verdict=verdict)


# --- figures --------------------------------------------------------------------------------------


def _comparison(node: Node) -> tuple[Node, Node] | None:
    if isinstance(node, Operation) and node.operator in _MIRRORED:
        return node.parts[0], node.parts[1]
    return None


def _operator(node: Node) -> str:
    signs = {"<=": "≤", ">=": "≥", "==": "=", "!=": "≠"}
    return signs.get(node.operator, node.operator) if isinstance(node, Operation) else ""


def _figures(
    facts: Facts, node: Node, places: np.ndarray[Any, Any], lang: Language
) -> tuple[list[str], list[str], list[str]]:
    """Return observed value, limit and margin as texts; the limit is empty where nothing is measured."""
    sides = _comparison(node)
    if sides is None:
        truth = facts.truth(node)
        words = [say(f"truth.{_RESULTS[1 if truth.yes[p] else 2 if truth.no[p] else 0]}", lang) for p in places]
        return words, [""] * len(places), [""] * len(places)
    left, right = (facts.amount(side) for side in sides)
    kind = "fen" if "fen" in (sides[0].kind, sides[1].kind) else sides[0].kind
    observed = [_shown(left.at(place), kind, lang) for place in places]
    limit = [_shown(right.at(place), kind, lang) for place in places]
    margin = [_margin(left.at(place), right.at(place), kind, lang) for place in places]
    return observed, limit, margin


def _margin(
    left: tuple[Fraction | None, Fraction | None], right: tuple[Fraction | None, Fraction | None],
    kind: str, lang: Language,
) -> str:  # fmt: skip
    low, high = left
    if low is None or low != high or right[0] is None or right[0] != right[1]:
        return ""
    difference = abs(right[0] - low)
    if kind == "date":
        return say("unit.days", lang, number=int(difference))
    return _number(difference, kind)


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
    found: dict[str, Flags] = {}
    for title, lacks in _missing(facts, node, wanted, lang):
        found[title] = found[title] | lacks if title in found else lacks
    return list(found.items())


def _missing(facts: Facts, node: Node, wanted: Flags, lang: Language) -> list[tuple[str, Flags]]:
    open_ = wanted & ~_known(facts, node)
    if not open_.any():
        return []
    match node:
        case Measure(name=name):
            return _missing(facts, facts.pack.measures[name].node, open_, lang)
        case Among(part=part):
            return _missing(facts, part, open_, lang)
        case Operation(operator="if", parts=(condition, yes, no)):
            truth = facts.truth(condition)
            return [
                *_missing(facts, condition, open_, lang),
                *_missing(facts, yes, open_ & truth.yes, lang),
                *_missing(facts, no, open_ & truth.no, lang),
            ]
        case Operation(operator="coalesce", parts=parts):
            return _missing(facts, parts[0], open_, lang)
        case Operation(parts=parts):
            return [entry for part in parts for entry in _missing(facts, part, open_, lang)]
        case _:
            return [(_missing_title(facts, node, lang), open_)]


def _missing_title(facts: Facts, node: Node, lang: Language) -> str:
    match node:
        case Name(name=name):
            return DICTIONARY["households"][name].title if lang == "zh" else name
        case Parameter(name=name):
            model = facts.pack.parameters[name].model
            return model.title if lang == "zh" else model.title_en or name
        case Ruled(rule_id=rule_id):
            return say("missing.ruling", lang, rule=rule_id)
        case Aggregate(table=other):
            return say("missing.rows", lang, table=say(f"table.{other}", lang))
        case _:
            return ""


def _known(facts: Facts, node: Node) -> Flags:
    if isinstance(node, Literal_):
        return np.ones(facts.size(), dtype=bool)
    value = facts.value(node)
    if isinstance(value, Truth):
        return value.yes | value.no
    return value.known if isinstance(value, Amount) else value.codes >= 0
