"""What lies behind a rule's figures: papers that do not count for their date, answers that do.

In    `Facts`, the place of a household, the tree of a rule
Out   a line per paper: which one, its dates or that it has none, and what they must be; a line
      that says which departments' answers were counted

A rule that asks for a paper of a time says only that there is none. Whoever handed one in is to
read that it was seen; and whoever stated one home, whence the second is known.
"""

from __future__ import annotations

from collections import Counter
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from relief.messages import say
from relief.rulepack.tree import Aggregate, Measure, Name, Operation, parts_of, walk
from relief.rulepack.words import Words, column_title
from relief.why.figures import as_ends, figures_of, shown
from relief.why.telling import row_title

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relief.columns import Column
    from relief.messages import Language
    from relief.rulepack.facts import Facts
    from relief.rulepack.pack import Pack
    from relief.rulepack.tree import Node
    from relief.rulepack.view import View

__all__ = ["answers_counted", "behind", "papers_seen"]

_TABLE = "documents"
_MOST = 4
# As the sentences of `relief.rulepack.words` name them; and each seen from its other side.
_SIGNS = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}
# Of which of its parts an operator wants less.
_TURNS = {"not": (0,), "neg": (0,), "-": (1,), "/": (1,), "<": (0,), "<=": (0,), ">": (1,), ">=": (1,)}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def behind(facts: Facts, place: int, root: Node, lang: Language) -> list[str]:
    """Return the lines to be read below a rule that is not met, or open."""
    return [*answers_counted(facts, place, root, lang), *papers_seen(facts, place, root, lang)]


def papers_seen(facts: Facts, place: int, root: Node, lang: Language) -> list[str]:
    """Return a line for each paper of a household that a rule passes over because of a date."""
    if _TABLE not in facts.tables:
        return []
    rows = np.array(facts.in_order(_TABLE, np.flatnonzero(facts.owners(_TABLE) == place)), dtype=np.int64)
    view, told = facts.view(rows, table=_TABLE), dict[str, None]()
    for node in _asked(root, facts.pack, set()):
        if node.table == _TABLE and node.where is not None:
            told |= dict.fromkeys(_passed_over(view, node, node.where, lang))
    more = len(told) - _MOST
    lines = list(told)
    return lines if more <= 0 else [*lines[:_MOST], say("seen.more", lang, count=more)]


def answers_counted(facts: Facts, place: int, root: Node, lang: Language) -> list[str]:
    """Return as one line from whom, of what and how many the answers are that a rule counts."""
    if "registry" not in facts.tables:
        return []
    rows = np.flatnonzero(facts.owners("registry") == place)
    view, counted = facts.view(rows, table="registry"), np.zeros(len(rows), dtype=bool)
    for node in facts.pack.reached(root):
        if isinstance(node, Aggregate) and node.table == "registry" and node.function != "held":
            counted |= view.truth(node.where).yes if node.where is not None else True
    if not counted.any():
        return []
    table = facts.tables["registry"].iloc[rows[counted]]
    pairs = Counter(zip(table["source"].astype(str), table["kind"].astype(str), strict=True))
    answers = [
        say("answers.of", lang, source=source, kind=kind, count=count)
        for (source, kind), count in sorted(pairs.items())
    ]
    return [say("answers.counted", lang, answers=say("missing.join", lang).join(answers))]


def _passed_over(view: View, node: Aggregate, where: Node, lang: Language) -> Iterator[str]:
    parts = list(_conjuncts(where, view.facts.pack))
    dated = [part for part in parts if _dates(part) and not _asks_for_rows(part)]
    if not dated or (node.function == "held" and not node.same and view.truth(where).yes.any()):
        return
    # What other papers must be beside it is told of them.
    others = [part for part in parts if part not in dated and not _asks_for_rows(part)]
    fits = reduce(lambda a, b: a & b, (~view.truth(part).no for part in others), np.full(view.size, True))
    in_time = reduce(lambda a, b: a & b, (view.truth(part).yes for part in dated))
    columns = list({column.name: column for part in dated for column in _dates(part)}.values())
    for at in np.flatnonzero(fits & ~in_time).tolist():
        yield say(
            "seen.paper",
            lang,
            paper=row_title(view.facts, _TABLE, int(view.rows[at]), lang),
            dates=say("list.join", lang).join(_date(view, column, at, lang) for column in columns),
            needed=say("seen.join", lang).join(_needed(view, part, at, lang) for part in dated),
        )


def _asked(node: Node, pack: Pack, followed: set[tuple[str, bool]], more: bool = True) -> Iterator[Aggregate]:
    """Yield what is asked of rows where more of them help; not what a rule wants none or little of."""
    if isinstance(node, Measure) and (node.name, more) not in followed:
        followed.add((node.name, more))
        yield from _asked(pack.measures[node.name].node, pack, followed, more)
    if isinstance(node, Aggregate) and more:
        yield node
    turned = _TURNS.get(node.operator, ()) if isinstance(node, Operation) else ()
    for at, part in enumerate(parts_of(node)):
        yield from _asked(part, pack, followed, more != (at in turned))


def _conjuncts(node: Node, pack: Pack) -> Iterator[Node]:
    """Yield the conditions that must all hold, those of the pack's own conditions included."""
    match node:
        case Operation(operator="and", parts=parts):
            for part in parts:
                yield from _conjuncts(part, pack)
        case Measure(name=name, kind="truth"):
            yield from _conjuncts(pack.measures[name].node, pack)
        case _:
            yield node


def _dates(node: Node) -> list[Column]:
    """Return the dates of a paper that a condition reads."""
    return [
        below.column for below in walk(node)
        if isinstance(below, Name) and below.column is not None
        and (below.column.table, below.column.dtype) == (_TABLE, "date")
    ]  # fmt: skip


def _asks_for_rows(node: Node) -> bool:
    return any(isinstance(below, Aggregate) for below in walk(node))


def _date(view: View, column: Column, at: int, lang: Language) -> str:
    title = column_title(_TABLE, column.name, lang)
    gaps = view.gaps(column.name)
    if view.facts.cells(_TABLE, column.name) is None or (gaps is not None and gaps[at]):
        return say("seen.undated", lang, title=title)
    if column.is_personal:
        return say("seen.personal", lang, title=title)
    return say("seen.dated", lang, title=title, date=_day(view.column(column.name), at, lang))


def _needed(view: View, node: Node, at: int, lang: Language) -> str:
    """Return what a date must be: beside a day, as that day; else in the words of the rule."""
    if isinstance(node, Operation) and node.operator in _SIGNS and node.parts[0].kind == "date":
        (left, right), operator = node.parts, node.operator
        if isinstance(right, Name) and right.column is not None:
            left, right, operator = right, left, _TURNED.get(operator, operator)
        if isinstance(left, Name) and not _dates(right):
            title, day = column_title(_TABLE, left.name, lang), _day(view.value(right), at, lang)
            return say(f"words.date.{_SIGNS[operator]}", lang, a=title, b=day)
    return Words(view.facts.pack, lang).of(node)


def _day(value: Any, at: int, lang: Language) -> str:
    return shown(as_ends(figures_of(value)[at]), "date", lang)
