"""Every rule of a pack held against every household, in blocks that stay in the processor's cache.

In    `Facts`
Out   `Verdicts`: a code per rule and household, the outcome, category, claim and measures

Most households have every fact that the rules read, so a block is first judged as if all had; the
few of which a fact is missing are judged again over intervals. Both go through the same trees.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from relief.rulepack.tree import Aggregate, Measure, Name, Parameter, parts_of
from relief.rulepack.values import Amount, Truth, always
from relief.rulepack.view import Outcomes, nothing_known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relief.rulepack.contents import Pack, Stated
    from relief.rulepack.facts import Facts
    from relief.rulepack.tree import Node
    from relief.rulepack.values import Flags, Integers
    from relief.rulepack.view import View

__all__ = ["ELIGIBLE", "INELIGIBLE", "PENDING", "Item", "Verdicts", "Whole", "judged"]

ELIGIBLE, INELIGIBLE, PENDING = range(3)
_YES, _NO, _RULED = 1, 2, 4
_BLOCK = 2**16
_MOST = 2**63 - 1


@dataclass(frozen=True)
class Item:
    """A rule, check, category or benefit with its verdict per household.

    `kind` is ``rule`` (refuses), ``bar`` (bars categories), ``check`` (a person looks), ``category``
    or ``benefit``.
    """

    stated: Stated
    kind: str
    codes: npt.NDArray[np.uint8] = field(repr=False)

    @property
    def truth(self) -> Truth:
        """Where it certainly holds, and where it certainly does not."""
        return Truth((self.codes & _YES) > 0, (self.codes & _NO) > 0)

    @property
    def ruled(self) -> Flags:
        """Where a named person decided."""
        return np.asarray((self.codes & _RULED) > 0)


@dataclass(frozen=True)
class Whole:
    """An amount per household in whole fen, rounded down, where it is known."""

    fen: Integers
    known: Flags

    @classmethod
    def empty(cls, size: int) -> Whole:
        """Return amounts of which nothing is known yet."""
        return cls(np.zeros(size, dtype=np.int64), np.zeros(size, dtype=bool))

    def put(self, at: Any, amount: Amount) -> None:
        """Take the amounts of some households."""
        end = amount.lo
        known = amount.known
        whole = end.num if isinstance(end.den, int) and end.den == 1 else end.num // end.den
        if whole.dtype == object:
            fits = np.array([abs(int(value)) <= _MOST for value in whole], dtype=bool)
            known, whole = known & fits, np.where(fits, whole, 0).astype(np.int64)
        self.fen[at], self.known[at] = whole, known


class Verdicts:
    """What was decided, household by household."""

    def __init__(self, pack: Pack, size: int) -> None:
        self.pack = pack
        self.size = size
        self.items = [
            *(Item(rule, _kind(rule), np.zeros(size, dtype=np.uint8)) for rule in pack.rules),
            *(Item(category, "category", np.zeros(size, dtype=np.uint8)) for category in pack.categories),
        ]
        self.benefits = [
            Item(benefit, "benefit", np.zeros(size, dtype=np.uint8)) for benefit in pack.benefits
        ]
        self.outcome = np.zeros(size, dtype=np.int8)
        self.category = np.zeros(size, dtype=np.int8)
        self.none_fits = np.zeros(size, dtype=bool)
        self.claim = Whole.empty(size)
        self.measures = {name: Whole.empty(size) for name in _shown_measures(pack)}
        self.gifts = {b.id: Whole.empty(size) for b in pack.benefits if b.amount is not None}

    def fill(self, view: View, at: Any) -> None:
        """Judge the households of a view, and write what was found where they stand."""
        truths = [_verdict(view, item) for item in self.items]
        for place, item in enumerate(self.items):
            if item.kind == "category":
                bars = [truths[n] for n, bar in enumerate(self.items) if item.stated.id in bar.stated.bars]
                truths[place] = reduce(lambda a, b: a & b, bars, truths[place])
        for item, truth in zip(self.items, truths, strict=True):
            codes = truth.yes.view(np.uint8) + (truth.no.view(np.uint8) << 1)
            ruling = view.ruling(item.stated.id) if item.stated.liftable else None
            if ruling is not None:
                codes = codes + ((ruling.yes | ruling.no).view(np.uint8) << 2)
            item.codes[at] = codes
        self._decide(view, at, truths)

    def _decide(self, view: View, at: Any, truths: list[Truth]) -> None:
        rules = [truth for item, truth in zip(self.items, truths, strict=True) if item.kind == "rule"]
        holds = reduce(lambda a, b: a & b, rules) if rules else always(True, view.size)
        fitting = [truth for item, truth in zip(self.items, truths, strict=True) if item.kind == "category"]
        first, fits, none_fits = _first(fitting, view.size)
        claim = view.amount(self.pack.claim.node) if self.pack.claim else None
        if claim is not None:
            self.claim.put(at, claim)
        known = self.claim.known[at]
        refused = holds.no | none_fits
        eligible = ~refused & holds.yes & fits & known
        self.outcome[at] = np.where(eligible, ELIGIBLE, np.where(refused, INELIGIBLE, PENDING))
        self.category[at] = np.where(refused, 0, first)
        self.none_fits[at] = none_fits
        for name, whole in self.measures.items():
            amount = view.measure(name)
            assert isinstance(amount, Amount)
            whole.put(at, amount)
        if self.benefits:
            possible = _possible(self.pack, fitting, view.size)
            anything = nothing_known("fen", view.size)
            assert isinstance(anything, Amount)
            view.outcomes = Outcomes(Truth(eligible, refused), possible, claim or anything)
            self._give(view, at)

    def _give(self, view: View, at: Any) -> None:
        for item in self.benefits:
            truth = view.truth(item.stated.node)
            item.codes[at] = truth.yes.view(np.uint8) + (truth.no.view(np.uint8) << 1)
            if item.stated.amount is not None:
                amount = view.amount(item.stated.amount)
                self.gifts[item.stated.id].put(at, amount.opened(~truth.yes))

    @cached_property
    def failed(self) -> list[Flags]:
        """Per item, where it refuses the household: a category and its bars only where none fits."""
        only = ("category", "bar")
        return [
            np.zeros(self.size, dtype=bool) if item.kind == "check"
            else item.truth.no & self.none_fits if item.kind in only
            else item.truth.no
            for item in self.items
        ]  # fmt: skip

    @cached_property
    def unknown(self) -> list[Flags]:
        """Per item, where it keeps the answer open: a category only until one before it is certain."""
        undecided = np.ones(self.size, dtype=bool)
        found = []
        for item in self.items:
            if item.kind == "check":
                found.append(np.zeros(self.size, dtype=bool))
                continue
            unknown = (item.codes & (_YES | _NO)) == 0
            if item.kind == "category":
                unknown &= undecided
                undecided &= (item.codes & _YES) == 0
            found.append(unknown)
        return found


def _kind(rule: Stated) -> str:
    if rule.effect == "warn":
        return "check"
    return "bar" if rule.bars else "rule"


def _shown_measures(pack: Pack) -> list[str]:
    return [
        name for name, measure in pack.measures.items()
        if measure.table == "households" and measure.node.kind.startswith("fen")
    ]  # fmt: skip


def _verdict(view: View, item: Item) -> Truth:
    """Evaluate a rule; what a named person ruled goes before what the formula says."""
    stated = item.stated
    truth = view.truth(stated.node)
    if stated.missing == "fail":
        truth = Truth(truth.yes, ~truth.yes)
    ruling = view.ruling(stated.id) if stated.liftable else None
    if ruling is None:
        return truth
    decided = ruling.yes | ruling.no
    return Truth(ruling.yes | (truth.yes & ~decided), ruling.no | (truth.no & ~decided))


def _first(fitting: list[Truth], size: int) -> tuple[Integers, Flags, Flags]:
    """Return the number (from 1) of the first category that holds, where one does, and where none can."""
    first = np.zeros(size, dtype=np.int8)
    if not fitting:
        return first, np.ones(size, dtype=bool), np.zeros(size, dtype=bool)
    still_open = np.ones(size, dtype=bool)
    for number, truth in enumerate(fitting, start=1):
        first[still_open & truth.yes] = number
        still_open &= truth.no
    return first, first > 0, still_open


def _possible(pack: Pack, fitting: list[Truth], size: int) -> dict[str, Flags]:
    """Return for each category, and for none, where it is still possible."""
    possible, still = {}, np.ones(size, dtype=bool)
    for category, truth in zip(pack.categories, fitting, strict=True):
        possible[category.id] = still & ~truth.no
        still = still & ~truth.yes
    return possible | {"": still}


# --- blocks ---------------------------------------------------------------------------------------


def judged(facts: Facts) -> Verdicts:
    """Judge every household.

    Raises
    ------
    ParameterError
        If the pack has no value, or two, for the date.
    """
    verdicts = Verdicts(facts.pack, facts.size())
    names, aggregates = _read_directly(facts.pack)
    for start in range(0, max(1, facts.size()), _BLOCK):
        block = slice(start, min(facts.size(), start + _BLOCK))
        gaps = facts.view(block).incomplete(names, aggregates)
        missing = np.flatnonzero(gaps)
        if 2 * len(missing) > len(gaps):
            verdicts.fill(facts.view(block), block)
            continue
        verdicts.fill(facts.view(block, complete=True), block)
        if len(missing):
            verdicts.fill(facts.view(missing + start), missing + start)
    return verdicts


def _read_directly(pack: Pack) -> tuple[set[str], list[Aggregate]]:
    """Return the columns of households, and what their rows come to, that expressions about them read."""
    names, aggregates = set[str](), dict[int, Aggregate]()
    for item in pack.stated:
        roots = [root for root in (item.node, item.amount) if root is not None and item.table == "households"]
        for node in (below for root in roots for below in _of_household(root)):
            match node:
                case Name(name=name, column=column) if column is not None:
                    names.add(name)
                case Parameter(name=name):
                    names |= set(pack.parameters[name].model.by)
                case Aggregate():
                    aggregates[id(node)] = node
                case Measure():
                    pass
    return names, list(aggregates.values())


def _of_household(node: Node) -> Iterator[Node]:
    yield node
    if not isinstance(node, Aggregate):
        for part in parts_of(node):
            yield from _of_household(part)
