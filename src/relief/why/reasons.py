"""Why: the observed value, the limit, the margin, the formula and the source of each rule.

In    a `View` of some households, and the rules and categories with their verdicts
Out   texts and frames, made only when somebody asks

Amounts are shown in yuan rounded down to the fen, so that what is shown below a limit is
below it; where an amount and its limit would look alike though they differ, with more digits.
A bound that is open is shown as such, never as a number.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from relief.messages import say
from relief.rulepack.tree import Operation
from relief.rulepack.wording import source_text
from relief.why.figures import (
    COMPARED,
    MOST_DIGITS,
    Ends,
    Filling,
    as_ends,
    compared_kind,
    counted,
    figures_of,
    number,
    pair,
    shown,
    sign,
    truth_word,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from relief.messages import Language
    from relief.rulepack.contents import Pack, Stated
    from relief.rulepack.view import View
    from relief.verdicts import Item

__all__ = ["COLUMNS", "TOLD", "Told", "constants", "reason_table", "tell", "tell_claim"]

_RESULTS = ("unknown", "pass", "fail")
_BARS = 2

Told: TypeAlias = tuple[str, str, str, str, str, str]


def reason_table(view: View, items: list[Item], lang: Language, among: Sequence[Item] = ()) -> pd.DataFrame:
    """Return one row per household and rule.

    Parameters
    ----------
    view : View
        The households wanted, by their places.
    items : list of Item
    lang : {'zh', 'en'}
    among : sequence of Item
        Those that may bar a category: it is told with what bars it.

    Returns
    -------
    DataFrame
        household_id, rule_id, kind (rule, bar, check, category, benefit), title, result (pass, fail,
        unknown), observed, limit, margin, message, source, status, formula; households in the
        order of `view`, rules in the order of the pack.
    """
    ids = view.facts.ids.to_numpy()[view.rows]
    blocks = []
    for item in items:
        block = pd.DataFrame(tell(view, item, lang, among), columns=TOLD)
        blocks.append(block.assign(household_id=ids, **constants(item, lang))[COLUMNS])
    if not blocks:
        return pd.DataFrame(columns=COLUMNS)
    table = pd.concat(blocks, ignore_index=True)
    order = np.arange(len(table)).reshape(len(items), view.size).T.reshape(-1)
    return table.iloc[order].reset_index(drop=True)


TOLD = ["result", "observed", "limit", "margin", "message", "formula"]
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
    "formula",
]


def constants(item: Item, lang: Language) -> dict[str, str]:
    """Return what is the same for every household: rule_id, kind, title, source, status."""
    stated = item.stated
    return {
        "rule_id": stated.id,
        "kind": item.kind,
        "title": stated.title if lang == "zh" else stated.title_en,
        "source": _source(stated, lang),
        "status": stated.provenance.status,
    }


def _source(stated: Stated, lang: Language) -> str:
    """Return where a rule is written, and how it was read where it compares: the operator and its word."""
    source, node = source_text(stated.provenance, lang), stated.node
    if not isinstance(node, Operation) or node.operator not in COMPARED:
        return source
    told = {"sign": sign(node.operator), "word": _word(node, lang)}
    return source.rstrip("。.") + say("source.operator", lang, **told)


def _word(node: Operation, lang: Language) -> str:
    names = {"<": "below", "<=": "upto", ">": "above", ">=": "from", "==": "equal", "!=": "other"}
    is_date = any(part.kind == "date" for part in node.parts)
    return say(f"operator.{'date.' if is_date else ''}{names[node.operator]}", lang)


def tell(view: View, item: Item, lang: Language, among: Sequence[Item] = ()) -> list[Told]:
    """Return result, observed, limit, margin, message and formula, worded once per distinct figure.

    Households with the same figures share one tuple.
    """
    truth = item.truth.taken(view.rows)
    results = np.where(truth.yes, 1, np.where(truth.no, 2, 0)).tolist()
    ruled = item.ruled[view.rows].tolist()
    node = item.stated.node
    is_compared = isinstance(node, Operation) and node.operator in COMPARED
    sides = node.parts if is_compared and isinstance(node, Operation) else ()
    filling = Filling(view, node, lang)
    given = [item.stated.amount] if item.stated.amount is not None else []
    columns = [figures_of(view.value(part)) for part in (*sides, *given)]
    columns += [figures_of(slot) for slot in filling.slots]
    # A blank that the rule counts as not met; what a person ruled is none.
    blank = truth.no & ~item.ruled[view.rows] & view.truth(node).unknown & (item.stated.missing == "fail")
    wording = _Wording(item, view.facts.pack, filling, len(sides), lang)
    worded: dict[tuple[Any, ...], Told] = {}
    told = []
    for key in zip(results, ruled, blank.tolist(), *columns, strict=True):
        if key not in worded:
            worded[key] = wording.told(key[0], key[1], key[2], [as_ends(figure) for figure in key[3:]])
        told.append(worded[key])
    bars = [bar for bar in among if item.kind == "category" and item.stated.id in bar.stated.bars]
    return _with_bars(told, bars, view, lang) if bars else told


def _with_bars(told: list[Told], bars: list[Item], view: View, lang: Language) -> list[Told]:
    """Name beside a category that does not certainly hold what bars it, or may."""
    codes = list(zip(*((bar.codes[view.rows] & 3).tolist() for bar in bars), strict=True))
    titles = [bar.stated.title if lang == "zh" else bar.stated.title_en for bar in bars]
    named = {
        (entry, ours): _barred(entry, list(zip(titles, ours, strict=True)), lang)
        for entry, ours in dict.fromkeys(zip(told, codes, strict=True))
    }
    return [named[key] for key in zip(told, codes, strict=True)]


def _barred(entry: Told, bars: list[tuple[str, int]], lang: Language) -> Told:
    result, observed, limit, margin, message, formula = entry
    for title, code in bars if result != "pass" else ():
        if code == _BARS:
            message += say("reason.barred", lang, title=title)
        elif code == 0 and result == "unknown":
            message += say("reason.bar_open", lang, title=title)
    return result, observed, limit, margin, message, formula


def tell_claim(view: View, claim: Stated, lang: Language) -> dict[str, str]:
    """Return why the claim of one household is not known, as a reason is told."""
    filling = Filling(view, claim.node, lang)
    title = claim.title if lang == "zh" else claim.title_en
    observed = shown(as_ends(figures_of(view.value(claim.node))[0]), "fen", lang)
    message = say("reason.plain", lang, title=title, observed=observed, verdict=say("result.unknown", lang))
    formula = filling.text([as_ends(figures_of(slot)[0]) for slot in filling.slots])
    told = {"rule_id": "claim", "kind": "claim", "result": "unknown", "message": message, "formula": formula}
    return told | {"source": source_text(claim.provenance, lang)}


class _Wording:
    """How one rule is told, for the figures of any household."""

    def __init__(self, item: Item, pack: Pack, filling: Filling, sides: int, lang: Language) -> None:
        self.item, self.filling, self.sides, self.lang = item, filling, sides, lang
        self.title = item.stated.title if lang == "zh" else item.stated.title_en
        barred = [category for category in pack.categories if category.id in item.stated.bars]
        self.barred = [category.title if lang == "zh" else category.title_en for category in barred]
        node = item.stated.node
        self.kind = compared_kind(node.parts) if sides and isinstance(node, Operation) else ""
        self.operator = sign(node.operator) if sides and isinstance(node, Operation) else ""

    def told(self, code: int, is_ruled: bool, is_blank: bool, figures: list[Any]) -> Told:
        """Word the figures of one household: the two sides, what is given, the gaps of the formula."""
        is_given = self.item.stated.amount is not None
        formula = self.filling.text(figures[self.sides + is_given :])
        observed, limit, margin, is_at = truth_word(code, self.lang), "", "", False
        if self.sides:
            observed, limit = _both(figures[0], figures[1], self.kind, self.lang)
            margin = _margin(figures[0], figures[1], self.kind, self.lang)
            is_at = _known(*figures[:2]) and figures[0] == figures[1]
        is_exact = not self.sides or _known(figures[1])
        message = self._message(
            code, is_ruled, observed, limit, "" if is_at else margin, is_at=is_at, is_exact=is_exact
        )
        if is_given and code == 1:
            message += self._given(figures[self.sides])
        message += say("reason.blank", self.lang) if is_blank else ""
        stated = self.item.stated
        if code == 0 and stated.missing == "ask" and stated.liftable:
            message += say("reason.asked", self.lang, rule=stated.id)
        if self.barred and code == 2:
            message += say("reason.bars", self.lang, categories=say("list.join", self.lang).join(self.barred))
        return _RESULTS[code], observed, limit, margin, message, formula

    def _given(self, ends: Ends) -> str:
        """Word what a benefit gives, or what is known of it."""
        low, high = ends
        if low is not None and low == high:
            return say("reason.gives", self.lang, amount=number(low, "fen"))
        if not low and high is None:
            return say("reason.gives_open", self.lang)
        return say("reason.gives_between", self.lang, amount=shown(ends, "fen", self.lang))

    def _message(
        self,
        code: int,
        is_ruled: bool,
        observed: str,
        limit: str,
        margin: str,
        *,
        is_at: bool,
        is_exact: bool,
    ) -> str:
        facts = {"title": self.title, "verdict": say(f"result.{_RESULTS[code]}", self.lang)}
        if is_ruled:
            return say("reason.ruled", self.lang, **facts)
        facts |= {"observed": observed}
        if not self.sides:
            return say("reason.plain", self.lang, **facts)
        facts |= {"operator": self.operator, "limit": limit}
        if not is_exact:
            facts["limit"] = say("value.some", self.lang, known=limit)
        if is_at:
            return say("reason.at_limit", self.lang, **facts)
        if margin:
            return say("reason.measured", self.lang, margin=margin, **facts)
        return say("reason.open", self.lang, **facts)


# --- figures ------------------------------------------------------------------------------------------


def _both(left: Ends, right: Ends, kind: str, lang: Language) -> tuple[str, str]:
    """Return both sides of a comparison; where they differ but would look alike, with more digits."""
    low, limit = left[0], right[0]
    if low is None or limit is None or left == right or not _known(left, right):
        return _spans(left, right, kind, lang)
    texts = number(low, kind), number(limit, kind)
    return pair(low, limit, kind) if texts[0] == texts[1] else texts


def _spans(left: Ends, right: Ends, kind: str, lang: Language) -> tuple[str, str]:
    """Return what is known of two numbers so that ends that differ look different."""
    ends = {end for end in (*left, *right) if end is not None}
    apart = (n for n in range(2, MOST_DIGITS) if len({number(end, kind, n) for end in ends}) == len(ends))
    digits = next(apart, 2)
    return shown(left, kind, lang, digits), shown(right, kind, lang, digits)


def _known(*both: Iterable[Fraction | None]) -> bool:
    return all(low is not None and low == high for low, high in both)


def _margin(left: Ends, right: Ends, kind: str, lang: Language) -> str:
    low, limit = left[0], right[0]
    if low is None or limit is None or not _known(left, right):
        return ""
    if kind == "date":
        return counted(abs(limit - low), "day", lang)
    if kind.startswith("fen"):
        # From the figures as shown, so that a reader's subtraction gives the same.
        apart = abs(limit // 1 - low // 1)
        return number(Fraction(apart), kind) if apart or low == limit else say("margin.least", lang)
    return number(abs(limit - low), kind)
