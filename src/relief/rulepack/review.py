"""What of a pack that loads should still be looked at: times without a value, parts that nothing uses.

In    a `Pack`
Out   findings, each a sentence; a warning asks for a person, a notice only tells
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from relief.columns import DICTIONARY, normalised
from relief.intake.papers import CANCELLED
from relief.messages import nearest, say
from relief.rulepack.crosschecks import kinds_read, touched
from relief.rulepack.document import read_document
from relief.rulepack.tree import Among, Measure, Name, Operation, Owner, Tier, rulings_in, walk
from relief.rulepack.tree import Parameter as Named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from relief.columns import Column
    from relief.messages import Language
    from relief.rulepack.contents import Pack, Parameter, Stated
    from relief.rulepack.crosschecks import Crosscheck
    from relief.rulepack.model import ValueModel
    from relief.rulepack.tree import Node

__all__ = ["Finding", "own_ids", "review"]

_DAY = dt.timedelta(days=1)
Span: TypeAlias = tuple[dt.date, dt.date]


@dataclass(frozen=True)
class Finding:
    """Something to look at: `level` is ``warning`` or ``notice``, `code` names the sentence."""

    level: Literal["warning", "notice"]
    code: str
    facts: dict[str, str] = field(default_factory=dict)

    def text(self, lang: Language = "zh") -> str:
        """Return the finding in words."""
        return say(self.code, lang, **self.facts)


def review(pack: Pack) -> list[Finding]:
    """Look a pack through.

    Examples
    --------
    >>> import relief
    >>> [finding.code for finding in review(relief.load_pack("jiangmen-2021"))]
    ['review.ruled']
    """
    found = [finding for p in pack.parameters.values() for finding in _periods(p, pack)]
    own = [*_labels(pack), *_own_rulings(pack), *_idle(pack), *_ruled(pack)]
    return [*found, *_years(pack), *_unused(pack), *own]


def own_ids(pack: Pack) -> dict[str, set[str]]:
    """Return the ids that the pack's own folder states, per group."""
    content: dict[str, Any] = {}
    for file, data in pack.folders[pack.name].items():
        content |= read_document(file, data).content
    found = {
        group: {entry["id"] for entry in content.get(group, ())}
        for group in ("rules", "categories", "benefits")
    }
    found |= {group: set(content.get(group, ())) for group in ("measures", "tiers")}
    found["crosschecks"] = {entry["kind"] for entry in content.get("crosschecks", ())}
    found["parameters"] = {id_ for id_, entry in content.get("parameters", {}).items() if entry.get("values")}
    return found | {"claim": {"claim"} & content.keys()}


# --- periods --------------------------------------------------------------------------------------


def _periods(parameter: Parameter, pack: Pack) -> Iterator[Finding]:
    """Find places that have no value, times between two values, and values in force together."""
    if not parameter.layers:
        yield Finding("warning", "review.no_values", {"parameter": parameter.id})
        return
    keys = [_possible(column, pack) for column in parameter.model.by]
    told: dict[tuple[str, str], list[str]] = {}
    for words in product(*keys):
        key = dict(zip(parameter.model.by, words, strict=True))
        layers = [_for(layer, key) for layer in parameter.layers]
        for code, when in _faults_of(layers):
            told.setdefault((code, when), []).append("、".join(words))
    for (code, when), places in told.items():
        facts = {"parameter": parameter.id, "where": "；".join(filter(None, places)) or "—"}
        yield Finding("warning", code, facts | ({"when": when} if when else {}))


def _possible(column: str, pack: Pack) -> list[str]:
    if column == "district":
        return [district.name for district in pack.districts]
    known = DICTIONARY["households"].get(column) or DICTIONARY["members"][column]
    return list(dict.fromkeys(known.choices.values()))


def _for(layer: Sequence[ValueModel], key: dict[str, str]) -> list[ValueModel]:
    fits = [value for value in layer if all(key[column] in words for column, words in value.where.items())]
    return sorted(fits, key=lambda value: value.effective_from)


def _faults_of(layers: list[list[ValueModel]]) -> Iterator[tuple[str, str]]:
    values = [value for layer in layers for value in layer]
    spans = [_span(value) for value in values]
    if not spans:
        yield "review.no_value", ""
        return
    for layer in layers:
        for one, next_ in pairwise(layer):
            if one.effective_from == next_.effective_from or (
                one.until and one.until >= next_.effective_from
            ):
                last = min(_span(one)[1], _span(next_)[1])
                yield "review.overlap", _period((next_.effective_from, last))
    gaps = [*_gaps(spans)]
    yield from (("review.gap", _period(gap)) for gap in gaps)
    # On a day of decision only what was announced by then is known.
    known = [(max(v.effective_from, v.announced_on or v.effective_from), _span(v)[1]) for v in values]
    known = [(first, last) for first, last in known if first <= last]
    yield from (("review.unannounced", _period(gap)) for gap in _gaps([*known, *gaps]))


def _gaps(spans: list[Span]) -> Iterator[Span]:
    """Yield the days between the first and the last of some spans that none of them holds."""
    reached = min([first for first, _ in spans], default=dt.date.max)
    for first, last in sorted(spans):
        if first > reached:
            yield reached, first - _DAY
        reached = max(reached, last if last == dt.date.max else last + _DAY)


def _period(span: Span) -> str:
    return f"{_shown(span[0])} – {_shown(span[1])}"


def _span(value: ValueModel) -> Span:
    return value.effective_from, value.until or dt.date.max


def _shown(day: dt.date) -> str:
    return "…" if day == dt.date.max else day.isoformat()


# --- years ----------------------------------------------------------------------------------------


def _years(pack: Pack) -> Iterator[Finding]:
    """Find years that the pack's dates reach and its calendar lacks; tell in which it counts working days."""
    counts = any(isinstance(node, Operation) and node.operator == "working_days" for node in pack.nodes)
    if pack.calendar is None or not counts:
        return
    years = [entry.year for entry in pack.calendar.years]
    values = [value for p in pack.parameters.values() for layer in p.layers for value in layer]
    dates = [day for v in values for day in (v.effective_from, v.announced_on, v.until) if day is not None]
    lacking = pack.calendar.lacks(years[0], max([years[-1], *(day.year for day in dates)]))
    if lacking:
        yield Finding("warning", "review.no_calendar", {"years": "、".join(map(str, lacking))})
    yield Finding("notice", "review.calendar", {"years": "、".join(map(str, years))})


# --- what nothing uses ----------------------------------------------------------------------------


def _unused(pack: Pack) -> Iterator[Finding]:
    """Find what the pack itself states and no rule, category, benefit or claim comes to."""
    claim = (pack.claim,) if pack.claim else ()
    roots = [*pack.rules, *pack.categories, *pack.benefits, *claim]
    used: set[tuple[str, str]] = set()
    waiting: list[Node] = [node for item in roots for node in (item.node, item.amount) if node is not None]
    while waiting:
        for node in walk(waiting.pop()):
            group = next((name for kind, name in _GROUPS if isinstance(node, kind)), "")
            key = (group, getattr(node, "name", ""))
            if group == "measures" and key not in used:
                waiting.append(pack.measures[key[1]].node)
            used.add(key)
    own = own_ids(pack)
    for group in ("measures", "parameters", "tiers"):
        for id_ in getattr(pack, group):
            if id_ in own[group] and (group, id_) not in used:
                yield Finding("warning", "review.unused", {"group": group, "id": id_})


_GROUPS = ((Measure, "measures"), (Named, "parameters"), (Tier, "tiers"))


# --- words that no table has ---------------------------------------------------------------------


def _labels(pack: Pack) -> Iterator[Finding]:
    """Find words that a column of labels is compared with and that the dictionary does not list.

    Such a column keeps any other word that a table has, so the pack loads; but a word misspelt, or
    one that is read as another (儿子 as 子女), is never met.
    """
    stated: list[tuple[str, tuple[Node | None, ...]]] = []
    stated += [(item.id, (item.node, item.amount)) for _, item in _own_items(pack)]
    stated += [(check.kind, (check.where,)) for check in _own_crosschecks(pack)]
    for id_, nodes in stated:
        roots = [node for node in nodes if node is not None]
        words = dict.fromkeys(pair for root in roots for node in walk(root) for pair in _strange_words(node))
        for column, word in words:
            yield Finding("warning", "review.label", {"id": id_, **_label(column, word)})


def _own_items(pack: Pack) -> Iterator[tuple[str, Stated]]:
    """Yield what the pack's own folder states, each with its group."""
    own = own_ids(pack)
    groups = {
        "measures": pack.measures.values(),
        "rules": pack.rules,
        "categories": pack.categories,
        "benefits": pack.benefits,
        "claim": (pack.claim,) if pack.claim else (),
    }
    for group, items in groups.items():
        yield from ((group, item) for item in items if item.id in own[group])


def _own_crosschecks(pack: Pack) -> list[Crosscheck]:
    own = own_ids(pack)["crosschecks"]
    return [check for kind, check in pack.crosschecks.items() if kind in own]


def _strange_words(node: Node) -> Iterator[tuple[Column, str]]:
    if not isinstance(node, Among):
        return
    part = node.part.part if isinstance(node.part, Owner) else node.part
    column = part.column if isinstance(part, Name) else None
    if column is not None and column.dtype == "label":
        # A receipt that a red bill took back is read as 已冲销, which nobody writes.
        known = {*column.choices.values(), CANCELLED}
        yield from ((column, word) for word in node.words if word not in known)


def _label(column: Column, word: str) -> dict[str, str]:
    """Return the facts of a word that is no label: the column, its labels, and the label that is meant."""
    labels = list(dict.fromkeys(column.choices.values()))
    read_as = column.choices.get(normalised(word))
    near = nearest(word, labels) if read_as is None else nearest(read_as, labels)
    return {"word": word, "column": f"{column.table}.{column.name}", "known": "、".join(labels), **near}


def _own_rulings(pack: Pack) -> Iterator[Finding]:
    """Find items whose ruling does not do what they say.

    One that asks for a ruling by its own id: it would decide the whole, not only that part. One
    that asks for a ruling where evidence is missing, and takes none.
    """
    for group, item in _own_items(pack):
        may_be_ruled = group in ("rules", "categories", "benefits") and item.liftable
        if may_be_ruled and item.id in _rulings_below(pack, item.node):
            yield Finding("warning", "review.own_ruling", {"id": item.id})
        if item.missing == "ask" and not item.liftable:
            yield Finding("warning", "review.ask_nobody", {"id": item.id})


def _rulings_below(pack: Pack, root: Node) -> set[str]:
    """Return what an expression asks to be ruled on, by itself or in the measures that it uses."""
    found, seen, waiting = set[str](), set[str](), [root]
    while waiting:
        node = waiting.pop()
        found |= rulings_in(node)
        names = {below.name for below in walk(node) if isinstance(below, Measure)} - seen
        seen |= names
        waiting += [pack.measures[name].node for name in names]
    return found


def _idle(pack: Pack) -> Iterator[Finding]:
    """Find crosschecks that say what counts where nothing that it could change is read."""
    read = kinds_read(pack)
    for check in _own_crosschecks(pack):
        if check.wins and check.kind not in read and pack.columns.isdisjoint(touched(check)):
            facts = {"kind": check.kind, "column": f"{check.table}.{check.column}"}
            yield Finding("warning", "review.crosscheck_idle", facts)


# --- what people decide ---------------------------------------------------------------------------


def _ruled(pack: Pack) -> Iterator[Finding]:
    """Tell the categories, rules and benefits of which a named person must decide a part."""
    for item in (*pack.rules, *pack.categories, *pack.benefits):
        for rule_id in sorted(rulings_in(item.node)):
            yield Finding("notice", "review.ruled", {"id": item.id, "ruling": rule_id})
