"""What a pack's cases would not notice: the pack changed in one place at a time, and judged again.

In    a pack and its cases
Out   every change that no case noticed, and the share that some case did

Only what the pack's own folder states is changed: what it inherits is the matter of the base
pack's cases. A change is noticed if a case that passes no longer does.

Source: DeMillo, R., Lipton, R., Sayward, F. (1978), Hints on test data selection.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from relief.errors import ReliefError
from relief.messages import say
from relief.review.cases import batched, results_of
from relief.rulepack.formula import formula, marked
from relief.rulepack.model import BandModel, ValueModel, written
from relief.rulepack.review import own_ids
from relief.rulepack.tree import Aggregate, Among, Constant, Node, Operation, Tier, parts_of
from relief.rulepack.tree import Parameter as Named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from relief.messages import Language
    from relief.review.cases import Batch, Case
    from relief.rulepack.contents import Pack, Parameter, Stated, Tiers

__all__ = ["Mutant", "Mutation", "mutants", "mutate"]

_SWAPPED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "and": "or", "or": "and"}
_SWAPPED |= {"+": "-", "-": "+", "max": "min", "min": "max"}
# Whether a missing fact leaves the answer open or a person is asked for it, the decision is the same.
_OTHER_POLICY = {"pending": "fail", "ask": "fail", "fail": "pending"}
_Change: TypeAlias = tuple[str, str, Node]


@dataclass(frozen=True)
class Mutant:
    """A pack with one change.

    Attributes
    ----------
    id : str
        The rule, category, measure, parameter … that was changed.
    kind : str
        What was done: ``changed``, ``removed``, ``swapped`` …
    before, after : str
    pack : Pack
    shown : str
        The change within the whole expression as it is written, where its place can be told.
    """

    id: str
    kind: str
    before: str
    after: str
    pack: Pack
    shown: str = ""

    def change(self, lang: Language = "zh") -> str:
        """Return what was done, in words."""
        return self.shown or say(f"mutant.{self.kind}", lang, before=self.before, after=self.after)

    def line(self, lang: Language = "zh") -> str:
        """Return what was changed and how, in words."""
        return say("mutant.of", lang, id=self.id, change=self.change(lang))


@dataclass(frozen=True)
class Mutation:
    """How much of a pack its cases hold fast.

    Attributes
    ----------
    made : int
        How many changes were made.
    survivors : tuple of Mutant
        Those that no case noticed.
    """

    made: int
    survivors: tuple[Mutant, ...]

    @property
    def score(self) -> Fraction:
        """The share that was noticed; one where nothing could be changed."""
        return Fraction(self.made - len(self.survivors), self.made) if self.made else Fraction(1)

    def lines(self, lang: Language = "zh") -> list[str]:
        """Return the share in words, then what was not noticed of each rule, category or measure."""
        noticed, percent = self.made - len(self.survivors), f"{float(100 * self.score):.1f}"
        told = [say("mutant.score", lang, made=self.made, noticed=noticed, percent=percent)]
        groups: dict[str, list[str]] = {}
        for mutant in self.survivors:
            groups.setdefault(mutant.id, []).append(f"    {mutant.change(lang)}")
        for id_, changes in groups.items():
            told += [say("mutant.unnoticed", lang, id=id_, count=len(changes)), *changes]
        return told


def mutate(pack: Pack, cases: Iterable[Case]) -> Mutation:
    """Change a pack in one place at a time, and judge its cases again.

    Parameters
    ----------
    pack : Pack
    cases : iterable of Case
        Those that do not pass by the pack itself are left out.
    """
    batches = [_passing(pack, batch) for batch in batched(pack, cases)]
    held = [batch for batch in batches if batch.cases]
    made, survivors = 0, []
    for mutant in mutants(pack):
        made += 1
        if not _is_noticed(mutant.pack, held):
            survivors.append(mutant)
    return Mutation(made, tuple(survivors))


def _passing(pack: Pack, batch: Batch) -> Batch:
    passed = tuple(result.case for result in results_of(pack, batch) if result.passed)
    return replace(batch, cases=passed)


def _is_noticed(pack: Pack, batches: list[Batch]) -> bool:
    """Return whether some case no longer passes; the batch that noticed stands first for the next change."""
    for at, batch in enumerate(batches):
        try:
            noticed = not all(result.passed for result in results_of(pack, batch))
        except (ReliefError, ArithmeticError):
            noticed = True
        if noticed:
            batches.insert(0, batches.pop(at))
            return True
    return False


def mutants(pack: Pack) -> Iterator[Mutant]:
    """Yield the pack with each single change of what its own folder states."""
    own = own_ids(pack)
    claim = {"claim": pack.claim} if pack.claim is not None else {}
    stated: dict[str, dict[str, Stated]] = {
        "measures": pack.measures,
        **{
            name: {item.id: item for item in getattr(pack, name)}
            for name in ("rules", "categories", "benefits")
        },
        "claim": claim,
    }
    for group, items in stated.items():
        for id_ in _of_own(items, own[group]):
            yield from _of_trees(pack, group, items[id_])
    for id_ in _of_own(stated["rules"], own["rules"]):
        yield from _of_rule(pack, stated["rules"][id_])
    yield from _of_categories(pack, own["categories"])
    for id_ in _of_own(pack.parameters, own["parameters"]):
        yield from _of_parameter(pack, pack.parameters[id_])
    for id_ in _of_own(pack.tiers, own["tiers"]):
        yield from _of_tiers(pack, pack.tiers[id_])


def _of_own(ids: Iterable[str], own: set[str]) -> list[str]:
    return [id_ for id_ in ids if id_ in own]


# --- expressions ----------------------------------------------------------------------------------


def _of_trees(pack: Pack, group: str, item: Stated) -> Iterator[Mutant]:
    for before, after, node in _variants(item.node):
        changed = _with(pack, group, replace(item, node=node))
        yield Mutant(item.id, "changed", before, after, changed, marked(item.text, item.node, node))
    given = item.amount
    for before, after, node in _variants(given) if given is not None else ():
        changed = _with(pack, group, replace(item, amount=node))
        shown = marked(item.amount_text, given, node) if given is not None else ""
        yield Mutant(item.id, "changed", before, after, changed, shown)


def _with(pack: Pack, group: str, item: Stated) -> Pack:
    if group == "measures":
        return replace(pack, measures=pack.measures | {item.id: item})
    if group == "claim":
        return replace(pack, claim=item)
    items = tuple(item if other.id == item.id else other for other in getattr(pack, group))
    changes: dict[str, Any] = {group: items}
    return replace(pack, **changes)


def _variants(node: Node) -> Iterator[_Change]:
    """Yield what a tree becomes by each single change: what stood there, what stands there now, the tree."""
    for changed in _changed(node):
        yield formula(node), formula(changed), changed
    for at, part in enumerate(parts_of(node)):
        for before, after, changed in _variants(part):
            if not _may_divide_by_zero(node, changed):
                yield before, after, _with_part(node, at, changed)


def _changed(node: Node) -> list[Node]:
    if isinstance(node, Operation) and node.operator in _SWAPPED:
        return [replace(node, operator=_SWAPPED[node.operator])]
    if isinstance(node, Operation) and node.operator == "not":
        return [node.parts[0]]
    if isinstance(node, Among):
        fewer = [replace(node, words=tuple(w for w in node.words if w != word)) for word in node.words]
        return [Operation("not", (node,), "truth"), *(fewer if len(fewer) > 1 else [])]
    if isinstance(node, Aggregate) and node.function in _SWAPPED:
        return [replace(node, function=_SWAPPED[node.function])]
    if isinstance(node, Constant) and isinstance(node.value, Fraction):
        step = Fraction(1) if node.value.denominator == 1 else Fraction(1, 100)
        return [replace(node, value=node.value + change) for change in (-step, step)]
    return []


def _may_divide_by_zero(node: Node, part: Node) -> bool:
    """Return whether a number that kept a divisor above zero became one that does not."""
    is_floor = isinstance(node, Operation) and node.operator in ("/", "max", "coalesce")
    return is_floor and isinstance(part, Constant) and part.kind != "fen" and part.value == 0


def _with_part(node: Node, at: int, part: Node) -> Node:
    match node:
        case Operation(parts=parts):
            return replace(node, parts=(*parts[:at], part, *parts[at + 1 :]))
        case Aggregate() if node.part is not None and at == 0:
            return replace(node, part=part)
        case Aggregate():
            return replace(node, where=part)
        case Named():
            return replace(node, day=part)
        case Among() | Tier():
            return replace(node, part=part)
        case _:
            raise TypeError(node)


# --- rules and categories -------------------------------------------------------------------------


def _of_rule(pack: Pack, rule: Stated) -> Iterator[Mutant]:
    others = tuple(other for other in pack.rules if other.id != rule.id)
    yield Mutant(rule.id, "removed", rule.text, "", replace(pack, rules=others))
    if rule.effect == "warn":
        return
    policy: Any = _OTHER_POLICY[rule.missing]
    other = _with(pack, "rules", replace(rule, missing=policy))
    yield Mutant(rule.id, "missing", rule.missing, policy, other)
    for category in rule.bars:
        rest = tuple(other for other in rule.bars if other != category)
        # A rule that bars nothing would refuse, so the last bar is dropped with the rule, above.
        if rest:
            yield Mutant(rule.id, "bar", category, "", _with(pack, "rules", replace(rule, bars=rest)))


def _of_categories(pack: Pack, own: Iterable[str]) -> Iterator[Mutant]:
    all_ = pack.categories
    for at, category in enumerate(all_):
        if category.id not in own:
            continue
        rest = (*all_[:at], *all_[at + 1 :])
        rules = tuple(_without_bar(rule, category.id) for rule in pack.rules)
        yield Mutant(category.id, "removed", category.text, "", replace(pack, categories=rest, rules=rules))
        # Where categories exclude each other, their order says nothing.
        if at and not pack.exclusive_categories:
            swapped = (*all_[: at - 1], category, all_[at - 1], *all_[at + 1 :])
            yield Mutant(category.id, "swapped", all_[at - 1].id, "", replace(pack, categories=swapped))


def _without_bar(rule: Stated, category: str) -> Stated:
    rest = tuple(other for other in rule.bars if other != category)
    return replace(rule, bars=rest) if rest else rule


# --- parameters and tiers -------------------------------------------------------------------------


def _of_parameter(pack: Pack, parameter: Parameter) -> Iterator[Mutant]:
    """Change each value of the pack's own layer, the last."""
    *below, own = parameter.layers
    step = Fraction(1, 100) if parameter.model.unit in ("yuan", "number") else Fraction(1)
    for at, value in enumerate(own):
        for name, before, changed in _moved(value, ("exactly", "at_least", "at_most"), step):
            layer = (*own[:at], changed, *own[at + 1 :])
            laid = replace(parameter, layers=(*below, layer))
            after = written(getattr(changed, name))
            what = f"{_where(value)} {name} {written(before)}"
            changed_pack = replace(pack, parameters=pack.parameters | {parameter.id: laid})
            yield Mutant(parameter.id, "changed", what, after, changed_pack)


def _where(value: ValueModel) -> str:
    words = "、".join(word for words in value.where.values() for word in words)
    return f"{value.effective_from.isoformat()} {words}".strip()


def _moved(model: Any, names: Sequence[str], step: Fraction) -> Iterator[tuple[str, Fraction, Any]]:
    for name in names:
        before = getattr(model, name)
        for change in (-step, step) if before is not None else ():
            yield name, before, model.model_copy(update={name: before + change})


def _of_tiers(pack: Pack, tiers: Tiers) -> Iterator[Mutant]:
    bands = tiers.model.bands
    given = Fraction(1, 100)
    for at, band in enumerate(bands):
        for name, before, changed in _moved(band, ("exactly", "at_least", "at_most"), given):
            after = written(getattr(changed, name))
            new = (*bands[:at], changed, *bands[at + 1 :])
            what = f"{name} {written(before)}"
            yield Mutant(tiers.id, "changed", what, after, _with_bands(pack, tiers, new))
    for at in range(len(bands) + 1):
        for bound, moved, new in _of_bound(bands, at):
            yield Mutant(tiers.id, "changed", bound, moved, _with_bands(pack, tiers, new))


def _with_bands(pack: Pack, tiers: Tiers, bands: tuple[BandModel, ...]) -> Pack:
    changed = replace(tiers, model=tiers.model.model_copy(update={"bands": bands}))
    return replace(pack, tiers=pack.tiers | {tiers.id: changed})


def _of_bound(bands: tuple[BandModel, ...], at: int) -> Iterator[tuple[str, str, tuple[BandModel, ...]]]:
    """Move the bound before band `at` by one fen, and give what stands at it to the other side."""
    before, after = (bands[at - 1] if at else None), (bands[at] if at < len(bands) else None)
    if after is not None:
        bound, belongs_above = after.from_, True
        if bound is None:
            bound, belongs_above = after.above, False
    else:
        bound, belongs_above = bands[-1].below, True
        if bound is None:
            bound, belongs_above = bands[-1].upto, False
    if bound is None:
        return
    sign = ">=" if belongs_above else ">"
    for moved, above in ((bound - Fraction(1, 100), belongs_above), (bound + Fraction(1, 100), belongs_above),
                         (bound, not belongs_above)):  # fmt: skip
        low = {"from_": moved if above else None, "above": None if above else moved}
        high = {"below": moved if above else None, "upto": None if above else moved}
        new = list(bands)
        if before is not None:
            new[at - 1] = before.model_copy(update=high)
        if after is not None:
            new[at] = after.model_copy(update=low)
        yield f"{sign} {written(bound)}", f"{'>=' if above else '>'} {written(moved)}", tuple(new)
