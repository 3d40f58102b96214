"""Every rule of a pack held against every household, in blocks that stay in the processor's cache.

In    `Facts`
Out   `Verdicts`: a code per rule and household, the outcome, category, claim and measures

Most households have every fact that a rule reads, so each expression is first worked out as if
all had; then again over intervals for those few of whom one of its own facts is missing. Both go
through the same trees.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from relief.rulepack.tree import Aggregate, Measure, Name, Parameter, parts_of
from relief.rulepack.values import Amount, Truth, always
from relief.rulepack.view import Outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from relief.rulepack.contents import Pack, Stated
    from relief.rulepack.facts import Facts
    from relief.rulepack.tree import Node
    from relief.rulepack.values import Flags, Integers
    from relief.rulepack.view import View

__all__ = ["ELIGIBLE", "INELIGIBLE", "PENDING", "Item", "Marks", "Verdicts", "Whole", "judged"]

ELIGIBLE, INELIGIBLE, PENDING = range(3)
_YES, _NO, _RULED = 1, 2, 4
_BLOCK = 2**16
# So many households with gaps are worth a view of their own.
_ENOUGH = 2**15
_MOST = 2**63 - 1
_BITS = 56


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
        return _decoded(self.codes)

    @property
    def ruled(self) -> Flags:
        """Where a named person decided."""
        return np.asarray((self.codes & _RULED) > 0)

    def put(self, view: View, at: Any) -> None:
        """Evaluate for the households of a view; what a person ruled goes before the formula."""
        stated = self.stated
        truth = view.truth(stated.node)
        if stated.missing == "fail":
            truth = Truth(truth.yes, ~truth.yes)
        ruling = view.ruling(stated.id) if stated.liftable else None
        if ruling is None:
            self.codes[at] = _coded(truth)
            return
        decided = ruling.yes | ruling.no
        weighed = Truth(ruling.yes | (truth.yes & ~decided), ruling.no | (truth.no & ~decided))
        self.codes[at] = _coded(weighed) + (decided.view(np.uint8) << 2)


def _coded(truth: Truth) -> npt.NDArray[np.uint8]:
    return np.asarray(truth.yes.view(np.uint8) + truth.no.view(np.uint8) * np.uint8(_NO))


def _decoded(codes: npt.NDArray[np.uint8]) -> Truth:
    return Truth((codes & np.uint8(_YES)) != 0, (codes & np.uint8(_NO)) != 0)


@dataclass(frozen=True)
class Whole:
    """An amount per household in whole fen, rounded down, where it is known."""

    fen: Integers
    known: Flags

    @classmethod
    def empty(cls, size: int) -> Whole:
        """Return amounts of which nothing is known yet."""
        return cls(np.zeros(size, dtype=np.int64), np.zeros(size, dtype=bool))

    def put(self, amount: Amount, at: Any) -> None:
        """Take the amounts of some households."""
        end = amount.lo
        known = amount.known
        whole = end.num if isinstance(end.den, int) and end.den == 1 else end.num // end.den
        if whole.dtype == object:
            fits = np.array([abs(int(value)) <= _MOST for value in whole], dtype=bool)
            known, whole = known & fits, np.where(fits, whole, 0).astype(np.int64)
        self.fen[at], self.known[at] = whole, known


@dataclass(frozen=True)
class Marks:
    """Which of some items are marked, per household: one bit each, in one whole number or more."""

    bits: list[Integers]
    count: int

    @classmethod
    def empty(cls, count: int, size: int) -> Marks:
        """Return marks of which none is set, in the smallest numbers that hold them."""
        dtype = next((small for small in (np.uint16, np.uint32) if count <= 8 * small().itemsize), np.int64)
        return cls([np.zeros(size, dtype=dtype) for _ in range(max(1, -(-count // _BITS)))], count)

    def put(self, at: Any, flags: list[Flags | None]) -> None:
        """Take the marks of some households, eight to a byte first."""
        for word, bits in enumerate(self.bits):
            ours = flags[word * _BITS : (word + 1) * _BITS]
            whole: Any = 0
            for first in range(0, len(ours), 8):
                byte = _byte(ours[first : first + 8])
                if byte is not None:
                    whole = whole | (byte.astype(bits.dtype) << first if first else byte)
            bits[at] = whole

    def flags(self, number: int) -> Flags:
        """Return where an item is marked."""
        return np.asarray(self.bits[number // _BITS] >> (number % _BITS) & 1, dtype=bool)

    def whole(self) -> Integers:
        """Return all marks of a household as one whole number."""
        if len(self.bits) == 1:
            return self.bits[0]
        return reduce(lambda a, b: a | b, (
            bits.astype(object) << (word * _BITS) for word, bits in enumerate(self.bits)
        ))  # fmt: skip


def _byte(flags: list[Flags | None]) -> npt.NDArray[np.uint8] | None:
    """Return up to eight flags per household in one byte, None where none can be set."""
    bits = [
        flag.view(np.uint8) * np.uint8(1 << place) for place, flag in enumerate(flags) if flag is not None
    ]
    return reduce(lambda a, b: a | b, bits) if bits else None


class Verdicts:
    """What was decided, household by household.

    Attributes
    ----------
    items, benefits : list of Item
    outcome : ndarray of int8
        `ELIGIBLE`, `INELIGIBLE` or `PENDING`.
    category : ndarray of int8
        The number, from 1, of the household's category; 0 where none is certain.
    claim : Whole
    measures, gifts : dict of str to Whole
        The pack's amounts of money per household; what its benefits give.
    failed, unknown : Marks
        By item: what refuses a household, and what keeps its answer open (last: the claim).
    """

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
        self.claim = Whole.empty(size)
        self.measures = {name: Whole.empty(size) for name in _shown_measures(pack)}
        self.gifts = {b.id: Whole.empty(size) for b in pack.benefits if b.amount is not None}
        self.failed = Marks.empty(len(self.items), size)
        self.unknown = Marks.empty(len(self.items) + 1, size)

    def tasks(self) -> list[_Task]:
        """Return what has to be worked out, by the facts that it reads."""
        wanted: list[tuple[Node, Put]] = [(item.stated.node, item.put) for item in self.items]
        wholes = [(self.pack.measures[name].node, whole) for name, whole in self.measures.items()]
        if self.pack.claim is not None:
            wholes.append((self.pack.claim.node, self.claim))
        wanted += [(node, _putting(node, whole)) for node, whole in wholes]
        tasks: list[_Task] = []
        for node, put in wanted:
            task = _Task(*_read_by(node, self.pack), [put])
            near = [other for other in tasks if other.shares(task)]
            tasks = [other for other in tasks if not other.shares(task)]
            tasks.append(reduce(_Task.joined, near, task))
        return tasks

    def decide(self, facts: Facts, at: slice) -> None:
        """Decide some households from their codes."""
        truths = [_decoded(item.codes[at]) for item in self.items]
        self._bar(truths, at)
        size = at.stop - at.start
        kinds = [item.kind for item in self.items]
        rules = [truth for kind, truth in zip(kinds, truths, strict=True) if kind == "rule"]
        fitting = [truth for kind, truth in zip(kinds, truths, strict=True) if kind == "category"]
        holds = reduce(lambda a, b: a & b, rules) if rules else always(True, size)
        first, fits, none_fits = _first(fitting, size)
        known = self.claim.known[at] if self.pack.claim else np.ones(size, dtype=bool)
        refused = holds.no | none_fits
        eligible = ~refused & holds.yes & fits & known
        self.outcome[at] = (
            np.int8(PENDING) - refused.view(np.int8) - eligible.view(np.int8) * np.int8(PENDING)
        )
        self.category[at] = first * (~refused).view(np.int8)
        self._blame(at, truths, fits, none_fits)
        if self.benefits:
            self._give(facts.view(at), at, Truth(eligible, refused), _possible(self.pack, fitting, size))

    def _bar(self, truths: list[Truth], at: slice) -> None:
        """Let a category hold only where nothing bars it."""
        for place, item in enumerate(self.items):
            bars = [truths[n] for n, bar in enumerate(self.items) if item.stated.id in bar.stated.bars]
            if item.kind == "category" and bars:
                truths[place] = reduce(lambda a, b: a & b, bars, truths[place])
                item.codes[at] = _coded(truths[place]) + (item.codes[at] & _RULED)

    def _blame(self, at: slice, truths: list[Truth], fits: Flags, none_fits: Flags) -> None:
        """Mark what refuses a household, and what keeps its answer open.

        A category, and what bars one, refuses only where none fits; a category that is open
        matters only until one before it is certain, and an open bar only until one is.
        """
        undecided = np.ones(len(none_fits), dtype=bool)
        failed: list[Flags | None] = []
        unknown: list[Flags | None] = []
        for item, truth in zip(self.items, truths, strict=True):
            if item.kind == "check":
                failed.append(None)
                unknown.append(None)
                continue
            failed.append(truth.no if item.kind == "rule" else truth.no & none_fits)
            is_category = item.kind == "category"
            open_until = undecided if is_category else ~fits if item.kind == "bar" else None
            unknown.append(truth.unknown if open_until is None else truth.unknown & open_until)
            if is_category:
                undecided &= ~truth.yes
        self.failed.put(at, failed)
        self.unknown.put(at, [*unknown, None if self.pack.claim is None else ~self.claim.known[at]])

    def _give(self, view: View, at: slice, eligible: Truth, possible: dict[str, Flags]) -> None:
        """Work the benefits out, which may ask for the outcome."""
        claim = view.amount(self.pack.claim.node) if self.pack.claim else None
        view.outcomes = Outcomes(eligible, possible, claim)
        for item in self.benefits:
            truth = view.truth(item.stated.node)
            item.codes[at] = _coded(truth)
            if item.stated.amount is not None:
                self.gifts[item.stated.id].put(view.amount(item.stated.amount).opened(~truth.yes), at)


Put = Any


@dataclass(frozen=True)
class _Task:
    """Expressions that read some of the same facts of a household, and where their values go."""

    names: set[str]
    aggregates: dict[int, Aggregate]
    puts: list[Callable[[View, Any], None]]

    def shares(self, other: _Task) -> bool:
        """Return whether both read one of the same facts."""
        return not (
            self.names.isdisjoint(other.names) and self.aggregates.keys().isdisjoint(other.aggregates)
        )

    def joined(self, other: _Task) -> _Task:
        """Return both as one."""
        return _Task(self.names | other.names, self.aggregates | other.aggregates, [*self.puts, *other.puts])

    def put(self, view: View, at: Any) -> None:
        """Work all of them out for the households of a view."""
        for put in self.puts:
            put(view, at)


def _putting(node: Node, whole: Whole) -> Callable[[View, Any], None]:
    return lambda view, at: whole.put(view.amount(node), at)


def _kind(rule: Stated) -> str:
    if rule.effect == "warn":
        return "check"
    return "bar" if rule.bars else "rule"


def _shown_measures(pack: Pack) -> list[str]:
    return [
        name for name, measure in pack.measures.items()
        if measure.table == "households" and measure.node.kind.startswith("fen")
    ]  # fmt: skip


def _first(fitting: list[Truth], size: int) -> tuple[Integers, Flags, Flags]:
    """Return the number (from 1) of the first category that holds, where one does, and where none can."""
    first = np.zeros(size, dtype=np.int8)
    if not fitting:
        return first, np.ones(size, dtype=bool), np.zeros(size, dtype=bool)
    still_open = np.ones(size, dtype=bool)
    for number, truth in enumerate(fitting, start=1):
        first += (still_open & truth.yes).view(np.int8) * np.int8(number)
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
    tasks = verdicts.tasks()
    again: list[list[Integers]] = [[] for _ in tasks]
    for block in _blocks(facts.size()):
        view = facts.view(block, complete=True)
        for task, places in zip(tasks, again, strict=True):
            gaps = view.incomplete(task.names, task.aggregates.values())
            if gaps is not None:
                places.append(np.flatnonzero(gaps) + block.start)
            if gaps is None or not gaps.all():
                task.put(view, block)
            if sum(map(len, places)) >= _ENOUGH:
                _again(facts, task, places)
    for task, places in zip(tasks, again, strict=True):
        _again(facts, task, places)
    for block in _blocks(facts.size()):
        verdicts.decide(facts, block)
    return verdicts


def _again(facts: Facts, task: _Task, waiting: list[Integers]) -> None:
    """Work a task out over intervals for the households that wait for it."""
    places = np.concatenate([np.zeros(0, dtype=np.int64), *waiting])
    waiting.clear()
    if len(places):
        task.put(facts.view(places), places)


def _blocks(size: int) -> Iterator[slice]:
    for start in range(0, max(1, size), _BLOCK):
        yield slice(start, min(size, start + _BLOCK))


def _read_by(node: Node, pack: Pack) -> tuple[set[str], dict[int, Aggregate]]:
    """Return the columns of households that an expression reads, and what of their rows."""
    names, aggregates = set[str](), dict[int, Aggregate]()
    waiting, followed = [node], set[str]()
    while waiting:
        match node := waiting.pop():
            case Name(name=name, column=column) if column is not None:
                names.add(name)
            case Parameter(name=name):
                names |= set(pack.parameters[name].model.by)
            case Measure(name=name) if name not in followed:
                followed.add(name)
                waiting.append(pack.measures[name].node)
            case Aggregate():
                aggregates[id(node)] = node
            case _:
                pass
        if not isinstance(node, Aggregate):
            waiting += parts_of(node)
    return names, aggregates
