"""What a pack's cases have seen: each rule holding, failing and open, each limit from both sides.

In    a pack and its cases
Out   what was seen; and cases for the limits that none stands at, made from those that there are

A limit is a comparison of two quantities, or the end of a tier. It was seen below, at and above
if some case stood one unit (one fen, person, day …) or less from it. Only what the pack's own
folder states is looked at.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from relief.columns import DICTIONARY
from relief.messages import LANGUAGES, say
from relief.review.cases import Case, batched, facts_of, run_cases
from relief.rulepack.formula import formula
from relief.rulepack.least import least
from relief.rulepack.model import written
from relief.rulepack.review import own_ids
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
    Ruled,
    Tier,
    names_in,
    parts_of,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from relief.messages import Language
    from relief.rulepack.contents import Pack, Stated
    from relief.rulepack.least import Least
    from relief.rulepack.view import View

__all__ = ["Boundary", "Coverage", "boundaries", "boundary_cases", "cover"]

Position: TypeAlias = Literal["below", "at", "above"]
POSITIONS: tuple[Position, ...] = ("below", "at", "above")
RESULTS = ("pass", "fail", "unknown")
_COMPARED = frozenset({"<", "<=", ">", ">=", "==", "!="})


@dataclass(frozen=True)
class Boundary:
    """A limit that the pack states.

    Attributes
    ----------
    id : str
        The rule, category, measure … that it stands in.
    text : str
    left, right : Node
        What is compared.
    possible : tuple of str
        Where a household can stand at all: none has fewer than no vehicles.
    """

    id: str
    text: str
    left: Node
    right: Node
    possible: tuple[Position, ...] = POSITIONS


@dataclass(frozen=True)
class Coverage:
    """What was seen.

    Attributes
    ----------
    results : dict of str to set of str
        Per rule, category and benefit: ``pass``, ``fail``, ``unknown``.
    positions : list of (Boundary, set of str)
        Per limit: ``below``, ``at``, ``above``.
    settled : frozenset of str
        What can never be open: papers are held or they are not.
    """

    results: dict[str, set[str]]
    positions: list[tuple[Boundary, set[Position]]]
    settled: frozenset[str] = frozenset()

    @property
    def unseen(self) -> list[tuple[Boundary, Position]]:
        """The sides of limits where no case stands though a household could."""
        return [(limit, side) for limit, at in self.positions for side in limit.possible if side not in at]

    def lines(self, lang: Language = "zh") -> list[str]:
        """Return what was not seen, in words."""
        told = []
        for id_, seen in self.results.items():
            possible = RESULTS[:-1] if id_ in self.settled else RESULTS
            lacking = [say(f"coverage.{result}", lang) for result in possible if result not in seen]
            if lacking:
                told.append(say("coverage.rule", lang, id=id_, lacking=say("list.join", lang).join(lacking)))
        for limit, seen_at in self.positions:
            sides = [say(f"coverage.{side}", lang) for side in limit.possible if side not in seen_at]
            if sides:
                listed = say("list.join", lang).join(sides)
                told.append(say("coverage.limit", lang, id=limit.id, limit=limit.text, lacking=listed))
        return told


def cover(pack: Pack, cases: Iterable[Case]) -> Coverage:
    """Return what cases have seen of a pack."""
    own = own_ids(pack)
    items = [
        item
        for group in ("rules", "categories", "benefits")
        for item in getattr(pack, group)
        if item.id in own[group] and not _asks_outcome(item.node)
    ]
    limits = boundaries(pack)
    results: dict[str, set[str]] = {item.id: set() for item in items}
    seen: list[set[Position]] = [set() for _ in limits]
    for batch in batched(pack, cases):
        view = facts_of(pack, batch).view()
        for item in items:
            results[item.id] |= _results(view, item.node)
        for limit, sides in zip(limits, seen, strict=True):
            sides.update(side for side in (_position(far, limit) for far in _distances(view, limit)) if side)
    settled = frozenset(item.id for item in items if not _may_be_open(pack, item.node))
    return Coverage(results, list(zip(limits, seen, strict=True)), settled)


def _may_be_open(pack: Pack, node: Node) -> bool:
    """Return whether a condition can be unknown of some household, as far as its form shows.

    Of a table that was not handed in nothing is held, and what a row must state every row states.
    """
    match node:
        case Constant():
            return False
        case Name(column=column) if column is not None:
            return not column.required
        case Measure(name=name):
            return _may_be_open(pack, pack.measures[name].node)
        case Aggregate(function="held", where=where, same=()):
            return where is not None and _may_be_open(pack, where)
        case Operation(operator="stated"):
            return False
        case Operation(operator="coalesce"):
            return _may_be_open(pack, node.parts[-1])
        case Operation(operator="and" | "or" | "not" | "if") | Among():
            return any(_may_be_open(pack, part) for part in parts_of(node))
        case _:
            return True


def _results(view: View, node: Node) -> set[str]:
    truth = view.truth(node)
    flags = (truth.yes, truth.no, truth.unknown)
    return {result for result, seen in zip(RESULTS, flags, strict=True) if seen.any()}


def _asks_outcome(node: Node) -> bool:
    return any(isinstance(below, Outcome) for below in walk(node))


# --- limits ---------------------------------------------------------------------------------------


def boundaries(pack: Pack) -> list[Boundary]:
    """Return every limit that the pack's own folder states for a household."""
    own, floors = own_ids(pack), _floors(pack)
    groups: dict[str, Iterable[Stated]] = {
        "rules": pack.rules, "categories": pack.categories, "benefits": pack.benefits,
        "claim": [pack.claim] if pack.claim else [],
        "measures": [measure for measure in pack.measures.values() if measure.table == "households"],
    }  # fmt: skip
    found: dict[tuple[str, str], Boundary] = {}
    for item in (item for group, items in groups.items() for item in items if item.id in own[group]):
        for root in (item.node, item.amount):
            for limit in _limits(pack, item.id, root, floors) if root is not None else ():
                found.setdefault((item.id, limit.text), limit)
    return list(found.values())


def _floors(pack: Pack) -> dict[tuple[str, str], Least]:
    # Below the first band tiers give nothing, and no band gives less.
    floors: dict[tuple[str, str], Least] = {("", id_): Fraction(0) for id_ in pack.tiers}
    for measure in pack.measures.values():
        floors[measure.table, measure.id] = least(measure.node, floors)
    return floors


def _limits(pack: Pack, id_: str, root: Node, floors: dict[tuple[str, str], Least]) -> Iterator[Boundary]:
    for node in _of_household(root):
        if isinstance(node, Operation) and node.operator in _COMPARED and not _asks_outcome(node):
            left, right = node.parts
            lowest, end = least(left, floors), least(right, {}) if isinstance(right, Constant) else None
            is_least = lowest is not None and end is not None and lowest >= end
            yield Boundary(id_, formula(node), left, right, POSITIONS[1:] if is_least else POSITIONS)
        if isinstance(node, Tier) and not _asks_outcome(node):
            for bound in _bounds(pack, node.name):
                text = f"{formula(node)} {written(bound)}"
                yield Boundary(id_, text, node.part, Constant(bound * 100, "fen"))


def _of_household(node: Node) -> Iterator[Node]:
    """Yield a node and what stands below it, but nothing that is asked of other tables' rows."""
    if not isinstance(node, Aggregate):
        yield node
        for part in parts_of(node):
            yield from _of_household(part)


def _bounds(pack: Pack, tiers: str) -> list[Fraction]:
    bands = pack.tiers[tiers].model.bands
    ends = {end for band in bands for end in (band.from_, band.above, band.upto, band.below)}
    return sorted(end for end in ends if end is not None)


def _distances(view: View, limit: Boundary) -> list[Fraction | None]:
    """Return how far each household stands from a limit; None where that is not known."""
    left, right = _side(view, limit.left), _side(view, limit.right)
    return [None if a is None or b is None else a - b for a, b in zip(left, right, strict=True)]


def _side(view: View, node: Node) -> list[Fraction | None]:
    """Return a side where it is known; of a bound that the pack itself states, its lower end."""
    amount, of_pack = view.amount(node), _is_of_pack(node)
    ends = [amount.at(place) for place in range(view.size)]
    if of_pack:
        return [low if low is not None else high for low, high in ends]
    return [low if low == high else None for low, high in ends]


def _is_of_pack(node: Node) -> bool:
    facts = (Measure, Aggregate, Owner, Ruled, Outcome)
    return not any(isinstance(n, facts) or (isinstance(n, Name) and n.column is not None) for n in walk(node))


def _position(distance: Fraction | None, limit: Boundary) -> Position | None:
    """Return on which side of a limit and near it a household stands; near is a hundredth for shares."""
    is_share = limit.left.kind == "number" and distance is not None and distance.denominator > 1
    if distance is None or abs(distance) > (Fraction(1, 100) if is_share else 1):
        return None
    return "at" if distance == 0 else "below" if distance < 0 else "above"


# --- cases for limits that were not seen ----------------------------------------------------------

_Cell: TypeAlias = tuple[str, int, str]


def boundary_cases(pack: Pack, cases: Sequence[Case]) -> list[Case]:
    """Make a case for each side of a limit that none stands at, by changing one fact of one that there is.

    What the pack decides of it is taken as expected: a person must hold that against the text. A
    side that no single fact of any case leads to gets none.
    """
    wanted: dict[str, tuple[Boundary, list[Position]]] = {}
    for limit, side in cover(pack, cases).unseen:
        wanted.setdefault(f"{limit.id} {limit.text}", (limit, []))[1].append(side)
    made: list[Case] = []
    for limit, sides in wanted.values():
        made += _made(pack, limit, sides, cases, {case.id for case in (*cases, *made)})
    return made


def _made(
    pack: Pack, limit: Boundary, sides: Sequence[Position], cases: Sequence[Case], taken: set[str]
) -> list[Case]:
    read = _columns(pack, limit.left) | _columns(pack, limit.right)
    cells = [(case, cell) for case in cases for cell in _cells(case) if (cell[0], cell[2]) in read]
    probes = [_moved(case, cell, step) for case, cell in cells for step in (0, 1)]
    measured = _measured(pack, limit, probes)
    tried: dict[Position, list[Case]] = {side: [] for side in sides}
    for (case, cell), here, there in zip(cells, measured[::2], measured[1::2], strict=True):
        if here is None or there is None or here == there:
            continue
        for side, step in _steps(here, there - here).items():
            if side in tried:
                tried[side].append(_moved(case, cell, step))
    return [
        _told(pack, limit, side, fits, taken)
        for side, candidates in tried.items()
        for fits in _first(pack, limit, side, candidates)
    ]


def _steps(here: Fraction, slope: Fraction) -> dict[Position, int]:
    """Return by how many units a fact must change to stand at a limit, and just on either side of it."""
    to_limit = -here / slope
    before, after = ceil(to_limit) - 1, floor(to_limit) + 1
    below, above = (before, after) if slope > 0 else (after, before)
    steps: dict[Position, int] = {"below": below, "above": above}
    return steps | ({"at": int(to_limit)} if to_limit.denominator == 1 else {})


def _first(pack: Pack, limit: Boundary, side: Position, candidates: list[Case]) -> list[Case]:
    measured = _measured(pack, limit, candidates)
    pairs = zip(candidates, measured, strict=True)
    return [case for case, distance in pairs if _position(distance, limit) == side][:1]


def _told(pack: Pack, limit: Boundary, side: Position, case: Case, taken: set[str]) -> Case:
    """Name a made case, and write down what the pack decides of it."""
    stem = f"{limit.id.replace('_', '-')}-{side}"
    id_ = next(name for name in (stem, *(f"{stem}-{n}" for n in range(2, 10_000))) if name not in taken)
    taken.add(id_)
    zh, en = (
        say("boundary.title", lang, limit=limit.text[:300], side=say(f"coverage.{side}", lang))
        for lang in LANGUAGES
    )
    named = replace(case, id=id_, title=zh, title_en=en, titled_like="")
    (result,) = run_cases(pack, [named])
    return named if result.found is None else replace(named, expect=result.found)


def _columns(pack: Pack, root: Node) -> set[tuple[str, str]]:
    """Return every (table, column) that a tree comes to read, measures followed."""
    found, waiting, known = set[tuple[str, str]](), [root], set[str]()
    while waiting:
        node = waiting.pop()
        found |= names_in(node)
        named = {name for table, name in names_in(node) if not table}
        named |= {below.part.name for below in walk(node) if isinstance(below, Owner)}
        fresh = (named & pack.measures.keys()) - known
        known |= fresh
        waiting += [pack.measures[name].node for name in fresh]
    return found


def _cells(case: Case) -> Iterator[_Cell]:
    """Yield the facts of a case that have a size, money first."""
    cells = [
        (DICTIONARY[table][name].dtype, (table, at, name))
        for table, rows in case.tables.items() for at, row in enumerate(rows) for name in row
    ]  # fmt: skip
    for dtype in ("money", "count", "area", "date"):
        yield from (cell for kind, cell in cells if kind == dtype)


def _moved(case: Case, cell: _Cell, steps: int) -> Case:
    table, at, name = cell
    rows = [dict(row) for row in case.tables[table]]
    rows[at][name] = _shifted(rows[at][name], DICTIONARY[table][name].dtype, steps)
    return replace(case, tables=case.tables | {table: rows})


def _shifted(cell: Any, dtype: str, steps: int) -> Any:
    if dtype == "date":
        try:
            return (dt.date.fromisoformat(str(cell)) + dt.timedelta(days=steps)).isoformat()
        except (ValueError, OverflowError):
            return cell
    if isinstance(cell, str):
        return cell
    if dtype == "area":
        return cell + Decimal(steps) / 100 if isinstance(cell, Decimal) else cell + Fraction(steps, 100)
    return cell + steps


def _measured(pack: Pack, limit: Boundary, cases: Sequence[Case]) -> list[Fraction | None]:
    """Return how far each case stands from a limit; None where it cannot be judged."""
    named = [replace(case, id=f"case-{at}") for at, case in enumerate(cases)]
    found: dict[str, Fraction | None] = {}
    for batch in batched(pack, named):
        facts = facts_of(pack, batch)
        found |= zip(facts.ids, _distances(facts.view(), limit), strict=True)
    return [found.get(case.id) for case in named]
