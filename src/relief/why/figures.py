"""Numbers, dates and truths as people read them; formulas with the numbers put in.

In    a `View` of some households, a checked tree
Out   texts; one per distinct set of figures

An amount is shown in yuan to the fen. One that has more digits is shown rounded down, in a
formula with ``…`` after it; where two that differ would look alike, as many digits as tell them
apart are shown.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from relief.messages import say
from relief.rulepack.tree import Aggregate, Among, Constant, Measure, Name, Operation, Outcome, Ruled
from relief.rulepack.values import Text, Truth
from relief.rulepack.words import column_title, ruling_title

if TYPE_CHECKING:
    from relief.messages import Language
    from relief.rulepack.pack import Pack
    from relief.rulepack.tree import Node
    from relief.rulepack.values import Value
    from relief.rulepack.view import View

__all__ = [
    "COMPARED",
    "MOST_DIGITS",
    "Ends",
    "Filling",
    "as_ends",
    "compared_kind",
    "counted",
    "figures_of",
    "number",
    "pair",
    "shown",
    "sign",
    "truth_word",
    "unit_word",
]

Ends: TypeAlias = tuple[Fraction | None, Fraction | None]
_EPOCH = dt.date(1970, 1, 1)
COMPARED = ("<", "<=", ">", ">=", "==", "!=")
_SIGNS = {
    "<=": "≤",
    ">=": "≥",
    "==": "=",
    "!=": "≠",
    "-": "−",
    "*": "×",
    "/": "÷",
    "days": "−",
    "plus_days": "+",
}
_BINDING = {"+": 1, "-": 1, "days": 1, "plus_days": 1, "*": 2, "/": 2, "monthly": 2, "yearly": 2, "neg": 3}
_COUNTED = frozenset({"person", "day", "month", "year"})
_MOST_LEAVES = 8
MOST_DIGITS = 14


def sign(operator: str) -> str:
    """Return an operator as it is printed."""
    return _SIGNS.get(operator, operator)


def number(value: Fraction, kind: str, digits: int = 2) -> str:
    """Return a number of a kind: money in yuan, rounded down to so many digits; dates as such.

    Examples
    --------
    >>> number(Fraction(196_666, 3), "fen"), number(Fraction(-1, 3), "fen"), number(Fraction(3), "person")
    ('655.55', '-0.01', '3')
    """
    if kind.startswith("m2"):
        return number(value * 100, "fen", digits)
    if kind.startswith("fen"):
        scaled = value * 10 ** (digits - 2)
        whole = scaled.numerator // scaled.denominator
        before, rest = divmod(abs(whole), 10**digits)
        return f"{'-' if whole < 0 else ''}{before:,}.{rest:0{digits}d}"
    if kind == "date":
        return (_EPOCH + dt.timedelta(days=int(value))).isoformat()
    return str(value)


def _written(value: Fraction, kind: str, digits: int = 2) -> str:
    """Return a number with ``…`` where there are more digits than are shown; these are cut, not rounded."""
    if not kind.startswith("fen") or (value * 10 ** (digits - 2)).denominator == 1:
        return number(value, kind, digits)
    cut = Fraction(int(value * 10 ** (digits - 2)), 10 ** (digits - 2))
    return ("-" if value < 0 and cut == 0 else "") + number(cut, kind, digits) + "…"


def pair(left: Fraction, right: Fraction, kind: str) -> tuple[str, str]:
    """Return two numbers so that two that differ look different.

    Examples
    --------
    >>> pair(Fraction(279_001, 3), Fraction(93_000), "fen")
    ('930.00…', '930.00')
    >>> pair(Fraction(279_001, 3), Fraction(279_002, 3), "fen")
    ('930.003…', '930.006…')
    """
    for digits in range(2, MOST_DIGITS):
        texts = _written(left, kind, digits), _written(right, kind, digits)
        if left == right or texts[0] != texts[1]:
            return texts
    return f"{Fraction(left) / 100}", f"{Fraction(right) / 100}"


def shown(ends: Ends, kind: str, lang: Language, digits: int = 2) -> str:
    """Return what is known of a number, rounded down."""
    low, high = (None if end is None else number(end, kind, digits) for end in ends)
    if low is not None and ends[0] == ends[1]:
        return low
    if high is None:
        return say("value.at_least", lang, low=low) if ends[0] else say("truth.unknown", lang)
    if low is None:
        return say("value.at_most", lang, high=high)
    return say("value.between", lang, low=low, high=high)


def truth_word(code: int, lang: Language) -> str:
    """Return yes, no or unknown, by its code."""
    return say(f"truth.{('unknown', 'pass', 'fail')[code]}", lang)


def unit_word(kind: str, lang: Language) -> str:
    """Return the unit of a kind in words; nothing for a bare number.

    Examples
    --------
    >>> unit_word("fen/person/month", "zh"), unit_word("number", "zh")
    ('元/人·月', '')
    """
    return "" if kind in ("number", "date", "truth", "text") else say(f"unit.{kind.replace('/', '_')}", lang)


def counted(value: Fraction, kind: str, lang: Language) -> str:
    """Return a number with its unit, in English in the singular where it is one.

    Examples
    --------
    >>> counted(Fraction(1), "person", "en"), counted(Fraction(2), "day", "en")
    ('1 person', '2 days')
    """
    unit = say(f"unit.one.{kind}", lang) if value == 1 and kind in _COUNTED else unit_word(kind, lang)
    return f"{number(value, kind)} {unit}".strip()


# --- formulas -----------------------------------------------------------------------------------------


class Filling:
    """A formula with gaps for the figures of one household.

    `slots` has the value of each gap for all households; `text` fills them for one.
    """

    def __init__(self, view: View, node: Node, lang: Language) -> None:
        self.lang = lang
        self.slots: list[Value] = []
        self._view = view
        self._pack: Pack = view.facts.pack
        self._kinds: list[str] = []
        self._labels: dict[int, str] = {}
        self._counted: dict[int, int] = {}
        self._parts: list[str | int | tuple[int, int, str, str]] = []
        self._condition(node, 0)

    def text(self, figures: list[Any]) -> str:
        """Return the formula for the figures of one household, one per slot: ends, a code or a word."""
        texts: list[str] = []
        for part in self._parts:
            if isinstance(part, str):
                texts.append(part)
            elif isinstance(part, int):
                texts.append(self._figure(figures[part], self._kinds[part]))
                texts.append(self._label(part, figures[part]))
            else:
                left, right, operator, kind = part
                texts.append(self._compared(figures[left], figures[right], operator, kind))
        return "".join(texts)

    def _label(self, slot: int, figure: Any) -> str:
        """Name a term of a sum that is nothing or not known, which no reader could find again."""
        title = self._labels.get(slot)
        is_told = isinstance(figure, tuple) and figure[0] == figure[1] and figure[0]
        return "" if title is None or is_told else say("formula.term", self.lang, title=title)

    def _figure(self, figure: Any, kind: str) -> str:
        if isinstance(figure, int):
            return truth_word(figure, self.lang)
        if isinstance(figure, str):
            return figure or say("truth.unknown", self.lang)
        low, high = figure
        return _written(low, kind) if low is not None and low == high else shown(figure, kind, self.lang)

    def _compared(self, left: Ends, right: Ends, operator: str, kind: str) -> str:
        low, limit = left[0], right[0]
        if low is None or low != left[1] or limit is None or limit != right[1]:
            return f"{self._figure(left, kind)} {operator} {self._figure(right, kind)}"
        return f" {operator} ".join(pair(low, limit, kind))

    # --- the tree -------------------------------------------------------------------------------------

    def _condition(self, node: Node, binding: int) -> None:
        match node:
            case Operation(operator="and" | "or" as word, parts=parts):
                self._joined(parts, say(f"formula.{word}", self.lang), 1 + (word == "and"), binding)
            case Operation(operator="not", parts=(part,)):
                self._parts.append(say("formula.not", self.lang))
                self._condition(part, 0)
                self._parts.append(say("formula.end", self.lang))
            case Operation(operator=operator, parts=(left, right)) if operator in COMPARED:
                if binding and isinstance(left, Name | Measure | Aggregate):
                    self._parts.append(self._title(left) + " ")
                self._comparison(left, right, sign(operator))
            case Operation(operator="coalesce", parts=(first, *others)) if self._worth(first):
                self._condition(first, 3)
                for other in others:
                    self._parts.append(say("formula.if_unknown", self.lang))
                    self._truth(other)
                    self._parts.append(say("formula.end", self.lang))
            case Operation(operator="if", parts=(condition, yes, no)):
                self._parts.append(say("formula.if", self.lang))
                self._condition(condition, 3)
                self._parts.append(say("formula.then", self.lang))
                self._truth(yes)
                self._parts.append(say("formula.else", self.lang))
                self._truth(no)
            case Measure(name=name) if self._worth(self._pack.measures[name].node):
                self._condition(self._pack.measures[name].node, binding)
            case _:
                self._parts += [self._title(node), say("formula.is", self.lang), self._slot(node)]

    def _truth(self, node: Node) -> None:
        """Show a condition, or the yes or no that stands for one."""
        if isinstance(node, Constant):
            self._parts.append(self._slot(node))
        else:
            self._condition(node, 3)

    def _worth(self, node: Node) -> bool:
        return isinstance(node, Operation) and node.operator in (*COMPARED, "and", "or", "not", "coalesce")

    def _joined(self, parts: tuple[Node, ...], word: str, own: int, binding: int) -> None:
        if own < binding:
            self._parts.append("(")
        for place, part in enumerate(parts):
            self._parts += [word] if place else []
            self._condition(part, own)
        if own < binding:
            self._parts.append(")")

    def _comparison(self, left: Node, right: Node, operator: str) -> None:
        kind = compared_kind((left, right))
        for side, after in ((left, True), (right, False)):
            if not self._is_sum(side):
                continue
            if after:
                self._amount(side, 0)
                self._parts.append(" = ")
        self._parts.append((self._slot(left), self._slot(right), operator, kind))
        if self._is_sum(right):
            self._parts.append(" = ")
            self._amount(right, 0)
        unit = unit_word(kind, self.lang)
        if unit:
            self._parts.append(say("formula.unit", self.lang, unit=unit))

    def _is_sum(self, node: Node) -> bool:
        """Return whether a quantity is shown by what it is made of."""
        inner = self._pack.measures[node.name].node if isinstance(node, Measure) else node
        return (
            isinstance(inner, Operation)
            and inner.operator in _BINDING
            and 1 < self._leaves(inner) <= _MOST_LEAVES
        )

    def _leaves(self, node: Node) -> int:
        key = id(node)
        if key not in self._counted:
            self._counted[key] = self._count(node)
        return self._counted[key]

    def _count(self, node: Node) -> int:
        if isinstance(node, Measure) and self._is_sum(node):
            return self._leaves(self._pack.measures[node.name].node)
        if isinstance(node, Operation) and node.operator in _BINDING:
            return sum(self._leaves(part) for part in node.parts)
        return 1

    def _amount(self, node: Node, binding: int, *, is_term: bool = False) -> None:
        if isinstance(node, Measure) and self._is_sum(node):
            node = self._pack.measures[node.name].node
        if not (isinstance(node, Operation) and node.operator in _BINDING):
            slot = self._slot(node)
            self._parts.append(slot)
            if is_term and isinstance(node, Name | Measure | Aggregate):
                self._labels[slot] = self._title(node)
            return
        own = _BINDING[node.operator]
        self._parts += ["("] if own < binding else []
        if node.operator == "neg":
            self._parts.append("−")
        for place, part in enumerate(node.parts):
            self._parts += [f" {sign(node.operator)} "] if place else []
            self._amount(part, own + (place > 0), is_term=node.operator in ("+", "-"))
        if node.operator in ("monthly", "yearly"):
            self._parts.append(" ÷ 12" if node.operator == "monthly" else " × 12")
        self._parts += [")"] if own < binding else []

    def _slot(self, node: Node) -> int:
        self.slots.append(self._view.value(node))
        self._kinds.append(node.kind)
        return len(self.slots) - 1

    def _title(self, node: Node) -> str:
        zh = self.lang == "zh"
        match node:
            case Name(name=name, column=column) if column is not None:
                return column_title(column.table, name, self.lang)
            case Measure(name=name):
                stated = self._pack.measures[name]
                return stated.title if zh else stated.title_en
            case Among(part=part, words=words):
                return say(
                    "formula.among",
                    self.lang,
                    title=self._title(part),
                    words=say("list.join", self.lang).join(words),
                )
            case Aggregate(table=table):
                return _asked(node, table, self.lang)
            case Ruled(rule_id=rule_id):
                title = ruling_title(self._pack, rule_id, self.lang)
                return say("missing.ruling", self.lang, title=title, rule=rule_id)
            case Outcome(name=name):
                return say(f"formula.{name}", self.lang)
            case _:
                return say("formula.condition", self.lang)


def _asked(node: Aggregate, table: str, lang: Language) -> str:
    """Return what rows are asked for, by their kind where one is named."""
    where = node.where
    while isinstance(where, Operation) and where.parts:
        where = where.parts[0]
    title = say(f"table.{table}", lang)
    if isinstance(where, Among):
        return say("formula.rows_of", lang, table=title, words=say("list.join", lang).join(where.words))
    return title


def compared_kind(parts: tuple[Node, ...]) -> str:
    """Return what a comparison measures: a written number takes the unit of what stands beside it."""
    kinds = {part.kind for part in parts}
    fen = next((kind for kind in sorted(kinds) if kind.startswith("fen")), None)
    return fen or min(sorted(kinds), key=lambda kind: kind == "number")


def figures_of(value: Value) -> list[Any]:
    """Return a value per household as the formula takes it: ends, a code or a word."""
    if isinstance(value, Truth):
        return (value.yes + 2 * value.no).tolist()  # type: ignore[no-any-return]
    if isinstance(value, Text):
        words = (*value.words, "")
        return [words[code] for code in value.codes.tolist()]
    return list(zip(_ends(value.lo), _ends(value.hi), strict=True))


def _ends(end: Any) -> list[Any]:
    """Return one end per household as it is compared: numerator and denominator, None where open."""
    den = [end.den] * len(end.num) if isinstance(end.den, int) else end.den.tolist()
    return [
        None if is_open else (num, below)
        for num, below, is_open in zip(end.num.tolist(), den, end.is_open.tolist(), strict=True)
    ]


def as_ends(figure: Any) -> Any:
    """Return a figure with its ends as numbers, whole ones as int; truths and words as they are."""
    if not isinstance(figure, tuple):
        return figure
    return tuple(None if end is None else end[0] if end[1] == 1 else Fraction(*end) for end in figure)
