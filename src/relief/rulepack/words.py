"""The tree of an expression -> a sentence that a lawyer can read beside the regulation.

In    a tree, and the pack that its names are of
Out   the same in Chinese or English: titles for names, words for operators
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from relief.columns import DICTIONARY
from relief.messages import say
from relief.rulepack.model import written
from relief.rulepack.tree import (
    Aggregate,
    Among,
    Constant,
    Measure,
    Name,
    Node,
    Operation,
    Outcome,
    Owner,
    Parameter,
    Ruled,
    Tier,
    rulings_in,
)
from relief.rulepack.units import COUNTS

if TYPE_CHECKING:
    from relief.messages import Language
    from relief.rulepack.contents import Pack

__all__ = ["Words", "column_title", "number", "ruling_title"]

_SIGNS = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}
_JOINED = {"and": "and", "or": "or", "+": "plus", "-": "minus", "*": "times", "/": "over"}
# A part is bracketed where it binds less than what stands around it, as in a formula.
_BINDING = {"if": 0, "coalesce": 0, "or": 1, "and": 2, "+": 4, "-": 4, "*": 5, "/": 5, "neg": 6}
_BINDING |= dict.fromkeys((*_SIGNS, "not"), 3) | {"monthly": 5, "yearly": 5}
_INSIDE = 7


def column_title(table: str, name: str, lang: Language) -> str:
    """Return what a column is called: its Chinese header, or its English title.

    Examples
    --------
    >>> column_title("households", "income_fen", "zh"), column_title("households", "income_fen", "en")
    ('家庭年度总收入', 'annual household income')
    """
    column = DICTIONARY[table][name]
    return column.title if lang == "zh" else column.title_en


def ruling_title(pack: Pack, rule_id: str, lang: Language) -> str:
    """Return what a person rules upon: what has this id, else what first asks for the ruling."""
    stated = (*pack.rules, *pack.categories, *pack.benefits, *pack.measures.values())
    named = [item for item in stated if item.id == rule_id]
    asking = [item for item in stated if rule_id in rulings_in(item.node)]
    if not (named or asking):
        return rule_id
    item = (named or asking)[0]
    return item.title if lang == "zh" else item.title_en


def number(value: Fraction, kind: str, lang: Language) -> str:
    """Return a written quantity with its unit; money comes in fen.

    Examples
    --------
    >>> number(Fraction(85350), "fen/month", "en"), number(Fraction(12), "month", "zh")
    ('853.5 yuan', '12个月')
    """
    if kind.startswith("fen"):
        return say("words.unit.yuan", lang, a=_grouped(value / 100))
    if kind not in COUNTS:
        return _grouped(value)
    return say(f"words.{'one' if value == 1 else 'unit'}.{kind}", lang, a=_grouped(value))


def _grouped(value: Fraction) -> str:
    text = written(value)
    whole, point, rest = text.partition(".")
    return text if "/" in text else f"{int(whole):,}{point}{rest}"


class Words:
    """Puts expressions of one pack into one language."""

    def __init__(self, pack: Pack, lang: Language) -> None:
        self._pack = pack
        self._lang = lang

    def of(self, node: Node) -> str:
        """Return an expression in words."""
        return self._told(node, 0)

    def title(self, name: str) -> str:
        """Return the title of a measure, tiers or parameter."""
        pack = self._pack
        held: Any = pack.tiers.get(name) or pack.parameters.get(name)
        item: Any = pack.measures.get(name) or held.model
        return str((item.title if self._lang == "zh" else item.title_en) or name)

    def _say(self, code: str, **parts: str) -> str:
        return say(code, self._lang, **parts)

    def _told(self, node: Node, binding: int) -> str:
        if isinstance(node, Operation):
            own = _BINDING.get(node.operator, _INSIDE)
            text = self._operation(node, own)
            return self._say("words.bracket", a=text) if own < binding else text
        if node.kind == "truth":
            return self._condition(node, holds=True)
        return self._value(node)

    def _value(self, node: Node) -> str:
        match node:
            case Constant(value=value, kind=kind):
                return self._constant(value, kind)
            case Name(column=None):
                return self._say("words.on")
            case Name(name=name, column=column) if column is not None:
                return column_title(column.table, name, self._lang)
            case Measure(name=name):
                return self.title(name)
            case Outcome(name=name):
                return self._say(f"words.{name}")
            case Owner(table=table, part=part):
                return self._say(f"words.owner.{table}", a=self._value(part))
            case Tier(name=name, part=part):
                return self._say("words.tier", a=self.title(name), b=self.of(part))
            case Parameter():
                return self._parameter(node)
            case Aggregate():
                return self._rows_value(node)
            case _:
                return self._told(node, _INSIDE)

    def _parameter(self, node: Parameter) -> str:
        title = self.title(node.name)
        if node.day is None:
            return title
        code = "words.twelve_months" if node.months else "words.at"
        return self._say(code, a=title, b=self.of(node.day))

    def _constant(self, value: Fraction | bool | str, kind: str) -> str:
        if isinstance(value, str):
            return self._say("words.quoted", a=value)
        return number(Fraction(value), kind, self._lang)

    # --- conditions -------------------------------------------------------------------------------

    def _condition(self, node: Node, *, holds: bool) -> str:
        """Return a condition that is no operation, or its opposite."""
        match node:
            case Constant(value=value):
                return self._say("words.true" if bool(value) == holds else "words.false")
            case Name() | Owner(part=Name()):
                return self._say("words.yes" if holds else "words.no", a=self._value(node))
            case Measure():
                return self._say("words.holds" if holds else "words.holds_not", a=self._value(node))
            case Owner(table=table, part=part):
                return self._say(f"words.fact.{table}", a=self._condition(part, holds=holds))
            case Outcome():
                return self._say("words.eligible" if holds else "words.not_eligible")
            case Ruled(rule_id=rule_id):
                return self._say("words.ruled" if holds else "words.ruled_not", a=rule_id)
            case Among(part=part, words=words):
                code = "words.among" if holds else "words.not_among"
                return self._say(code, a=self._told(part, _INSIDE), b=self._alternatives(part, words))
            case Aggregate(function="held"):
                return self._say("words.held" if holds else "words.not_held", a=self._rows(node))
            case Aggregate(part=part):
                text = self._say("words.every", a=self._rows(node), b=self.of(part) if part else "")
                return text if holds else self._say("words.not", a=text)
            case _:
                return self._say("words.not", a=self.of(node))

    def _alternatives(self, part: Node, words: tuple[str, ...]) -> str:
        titles = {c.id: c.title if self._lang == "zh" else c.title_en for c in self._pack.categories}
        shown = [titles.get(word, word) if isinstance(part, Outcome) else word for word in words]
        return self._say("words.alternatives").join(self._say("words.quoted", a=word) for word in shown)

    # --- operators and functions ------------------------------------------------------------------

    def _operation(self, node: Operation, own: int) -> str:
        operator, parts = node.operator, node.parts
        if operator in _SIGNS:
            return self._comparison(node)
        if operator == "not":
            inner = parts[0]
            if isinstance(inner, Operation) and inner.operator == "stated":
                return self._say("words.not_stated", a=self._told(inner.parts[0], _INSIDE))
            if isinstance(inner, Operation):
                return self._say("words.not", a=self.of(inner))
            return self._condition(inner, holds=False)
        if operator == "*":
            return self._product(node)
        if operator in _JOINED:
            first, *rest = parts
            # In speech "and" binds no tighter than "or"; what is taken away or divided by needs brackets.
            loose = 3 if operator == "or" else own
            told = [
                self._told(first, loose),
                *(self._told(part, loose + (operator in "-/")) for part in rest),
            ]
            return self._say(f"words.{_JOINED[operator]}").join(told)
        return self._called(node)

    def _comparison(self, node: Operation) -> str:
        left, right = node.parts
        kinds = {left.kind, right.kind}
        family = "date" if "date" in kinds else "truth" if "truth" in kinds else "amount"
        if kinds & COUNTS or self._is_count(left):
            family = "count"
        parts = {"a": self._told(left, 4), "b": self._told(right, 4)}
        return self._say(f"words.{family}.{_SIGNS[node.operator]}", **parts)

    def _is_count(self, node: Node) -> bool:
        """Return whether a quantity is a number of things, which is more or less and not higher or lower."""
        match node:
            case Name(column=column) if column is not None:
                return column.dtype == "count"
            case Measure(name=name):
                return self._is_count(self._pack.measures[name].node)
            case Operation(operator="if" | "coalesce" | "max" | "min", parts=parts):
                return any(map(self._is_count, parts))
            case _:
                return isinstance(node, Aggregate) and node.function == "count"

    def _product(self, node: Operation) -> str:
        for factor, other in (node.parts, node.parts[::-1]):
            if isinstance(factor, Constant) and factor.kind == "number" and not isinstance(other, Constant):
                value = Fraction(factor.value)
                part = self._told(other, _INSIDE)
                if 0 < value < 1:
                    return self._say("words.share", a=part, b=_share(value))
                return self._say("words.multiple", a=part, b=_grouped(value))
        return self._say("words.times").join(self._told(part, 5) for part in node.parts)

    def _called(self, node: Operation) -> str:
        operator, parts = node.operator, node.parts
        if operator == "coalesce":
            told = [self._told(part, 1) for part in parts]
            text = told[-1]
            code = "words.coalesce" if node.kind != "truth" else "words.coalesce_truth"
            last = parts[-1]
            if len(told) > 1 and isinstance(last, Constant) and isinstance(last.value, bool):
                text = self._say("words.counted_yes" if last.value else "words.counted_no", a=told[-2])
                told.pop()
            for part in reversed(told[:-1]):
                text = self._say(code, a=part, b=text)
            return text
        if operator in ("max", "min"):
            return self._say(f"words.{operator}", a=self._say("words.list").join(map(self.of, parts)))
        if operator in ("plus_days", "plus_months"):
            return self._moved(node)
        tight = 1 if operator == "if" else _BINDING.get(operator, 4)
        return self._say(
            f"words.{operator}",
            **dict(zip("abc", (self._told(part, tight) for part in parts), strict=False)),
        )

    def _moved(self, node: Operation) -> str:
        start, step = node.parts
        assert isinstance(step, Constant)
        value = Fraction(step.value)
        unit = "day" if node.operator == "plus_days" else "month" if value % 12 else "year"
        length = number(abs(value) / (12 if unit == "year" else 1), unit, self._lang)
        code = "words.earlier" if value < 0 else "words.later"
        return self._say(code, a=self._told(start, _INSIDE), b=length)

    # --- rows of other tables ---------------------------------------------------------------------

    def _rows(self, node: Aggregate) -> str:
        rows = self._say(f"words.table.{node.table}")
        if node.same:
            columns = [column_title(node.table, name, self._lang) for name in node.same]
            rows = self._say("words.same", a=rows, b=say("list.join", self._lang).join(columns))
        return rows if node.where is None else self._say("words.such", a=rows, b=self.of(node.where))

    def _rows_value(self, node: Aggregate) -> str:
        function = node.function
        if node.kind == "date":
            function = {"max": "latest", "min": "earliest"}.get(function, function)
        part = self._told(node.part, _INSIDE) if node.part is not None else ""
        return self._say(f"words.rows.{function}", a=self._rows(node), b=part)


def _share(value: Fraction) -> str:
    percent = written(100 * value)
    return str(value) if "/" in percent else f"{percent}%"
