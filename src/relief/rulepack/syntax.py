"""The text of a rule -> Python's tree of it, no larger than can be walked; what is refused, and how.

The text borrows Python's grammar for reading only: nothing of it is ever run as Python.
"""

from __future__ import annotations

import ast
import re
import warnings
from fractions import Fraction
from typing import TYPE_CHECKING

from relief.errors import ExpressionError
from relief.messages import LANGUAGES, say
from relief.rulepack.tree import DEEPEST, Constant, Kind, Node, Operation
from relief.rulepack.units import PLAIN, is_quantity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relief.messages import Language

__all__ = [
    "common_kind", "is_written", "mixed", "no_quantity", "no_unit", "other_kind", "parsed", "refused",
    "shown",
]  # fmt: skip

_LONGEST = 1_000
_QUANTITY = re.compile(
    r"(?P<yuan>yuan\(\s*)?(?P<number>[0-9][0-9,.]*)\s*"
    r"(?P<unit>[十百千]?万元?|千元|万?亿元?|元|倍|[%％]|人|口|周?岁|年|个?月|[日天]|平方米|平米|㎡)(?(yuan)\s*\))"
)
# What to write for a number with a unit; any other unit is one of money.
_QUANTITIES = {
    "倍": "{} * …", "元": "yuan({})", "%": "percent({})", "％": "percent({})",
    "人": "persons({})", "口": "persons({})",
    "岁": "years({})", "周岁": "years({})", "年": "years({})", "月": "months({})", "个月": "months({})",
    "日": "days({})", "天": "days({})", "平方米": "{}", "平米": "{}", "㎡": "{}",
}  # fmt: skip
# Signs that a Chinese keyboard or another language gives, and what to write in their place.
_SIGNS = {
    "＜": "<", "＞": ">", "＝": "==", "≤": "<=", "≥": ">=", "≠": "!=", "=": "==",
    "（": "(", "）": ")", "，": ",", "、": ",", "“": '"', "”": '"', "‘": '"', "’": '"',
    "×": "*", "÷": "/", "－": "-", "＋": "+", "％": "percent(…)", "%": "percent(…)",
    "&": "and", "|": "or", "!": "not", "元": "yuan(…)", "万": 'yuan("…万")',
}  # fmt: skip


def parsed(text: str) -> ast.expr:
    """Return Python's tree of a text.

    Raises
    ------
    ExpressionError
        If it is too long or too deep, or follows no grammar.
    """
    if len(text) > _LONGEST:
        raise ExpressionError("expression.too_long", length=len(text), most=_LONGEST)
    text = " ".join(line.strip() for line in text.splitlines()).strip()
    if "\\" in text:
        raise ExpressionError("expression.backslash", text=text[:80], offset=_bytes(text, text.index("\\")))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise _unreadable(text, error.offset or len(text) + 1) from error
    except (RecursionError, MemoryError, ValueError) as error:
        raise ExpressionError("expression.syntax", text=text[:80], at=0) from error
    level: list[ast.AST] = [tree]
    for _ in range(DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return tree
    raise ExpressionError("expression.too_deep", most=DEEPEST)


def _bytes(text: str, at: int) -> int:
    return len(text[:at].encode(errors="replace"))


def _unreadable(text: str, at: int) -> ExpressionError:
    """Say where a text leaves the grammar, and if by a unit or sign, what to write for it."""
    quantity = _QUANTITY.search(re.sub("\"[^\"]*\"|'[^']*'", lambda found: " " * len(found[0]), text))
    if quantity is not None:
        start, number = quantity.start(), quantity["number"].replace(",", "")
        money = f'yuan("{number}{quantity["unit"]}")'
        facts = {"what": quantity[0], "instead": _QUANTITIES.get(quantity["unit"], money).format(number)}
        return ExpressionError("expression.quantity", text=text[:80], at=start + 1,
                               offset=_bytes(text, start), **facts)  # fmt: skip
    sign, offset = text[at - 1 : at], _bytes(text, at - 1)
    if text[: at - 1].rstrip().endswith("%"):  # read as a remainder, whose right side is not there
        sign = "%"
    if sign in _SIGNS:
        facts = {"sign": sign, "instead": _SIGNS[sign]}
        return ExpressionError("expression.sign", text=text[:80], at=at, offset=offset, **facts)
    return ExpressionError("expression.syntax", text=text[:80], at=at, offset=offset)


def shown(tree: ast.AST) -> str:
    """Return a part of an expression, short enough for a message."""
    return ast.unparse(tree)[:60]


def refused(tree: ast.AST) -> ExpressionError:
    """Say that a part is not of the language."""
    return ExpressionError("expression.refused", what=shown(tree))


def other_kind(tree: ast.AST, node: Node, wanted: Kind) -> ExpressionError:
    """Say that a part is of another kind than is needed there."""
    cure = _cure(node.kind, wanted)
    if wanted == "truth" or node.kind == "truth":
        cure = "expression.cure.truth" if wanted == "truth" else "expression.cure.holds"
    elif cure in ("expression.cure.other", "expression.cure.date"):
        cure = "expression.cure.use"
    facts = _named(found=node.kind, wanted=wanted) | _told("cure", cure)
    return ExpressionError("expression.kind", text=ast.unparse(tree)[:80], **facts)


def no_quantity(text: str, node: Node) -> ExpressionError:
    """Say that an amount is a condition or a word."""
    return ExpressionError("expression.no_quantity", text=text[:80], **_named(found=node.kind))


def no_unit(tree: ast.AST, operator: str, left: Kind, right: Kind) -> ExpressionError:
    """Say that a product or quotient is no quantity that a rule knows."""
    examples = _told("kinds", "kind.fen", "kind.fen_month", "kind.fen_person_month")
    facts = _named(left=left, right=right) | examples
    return ExpressionError("expression.no_unit", what=shown(tree), operator=operator, **facts)


def _told(fact: str, *codes: str) -> dict[str, str]:
    """Return sentences as one fact in each language."""
    joint: dict[Language, str] = {"zh": "、", "en": ", "}
    return {f"{fact}_{lang}": joint[lang].join(say(code, lang) for code in codes) for lang in LANGUAGES}


def _named(**kinds: Kind) -> dict[str, str]:
    told: dict[str, str] = {}
    for fact, kind in kinds.items():
        told |= _told(fact, f"kind.{kind.replace('/', '_')}")
    return told


def mixed(tree: ast.AST, left: Kind, right: Kind) -> ExpressionError:
    """Say that two kinds do not go together, and what would bring them together."""
    facts = _named(left=left, right=right) | _told("cure", _cure(left, right))
    return ExpressionError("expression.mixed", what=shown(tree), **facts)


def _cure(left: Kind, right: Kind) -> str:
    kinds = {left, right}
    if "date" in kinds:
        return "expression.cure.date"
    if not all(map(is_quantity, kinds)):
        return "expression.cure.other"
    if not all(kind.startswith("fen") for kind in kinds):
        has_money = any(kind.startswith("fen") for kind in kinds)
        return "expression.cure.money" if "number" in kinds and has_money else "expression.cure.other"
    if "fen" in kinds:
        return "expression.cure.bare"
    if any("month" in kind for kind in kinds) != all("month" in kind for kind in kinds):
        return "expression.cure.period"
    if any("person" in kind for kind in kinds) != all("person" in kind for kind in kinds):
        return "expression.cure.person"
    return "expression.cure.other"


def is_written(node: Node) -> bool:
    """Return whether a node is a number as written, which takes the unit of its neighbour."""
    if isinstance(node, Operation) and node.operator == "neg":
        return is_written(node.parts[0])
    return isinstance(node, Constant) and node.kind == "number" and isinstance(node.value, Fraction)


def common_kind(nodes: Iterable[Node]) -> Kind | None:
    """Return the kind that all have; written numbers go with counts, and zero with every quantity."""
    found: Kind | None = None
    for node in sorted(nodes, key=is_written):
        if found is None or node.kind == found:
            found = node.kind
        elif not (is_written(node) and (found in PLAIN or (_is_zero(node) and is_quantity(found)))):
            return None
    return found


def _is_zero(node: Node) -> bool:
    return isinstance(node, Constant) and node.value == 0
