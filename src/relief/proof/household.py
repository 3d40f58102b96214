"""A household of which nothing is fixed: each cell, ruling and open parameter a variable.

In    a pack, the day of the decision, how many rows other tables may have
Out   `Fact`: a variable with its range; worlds that say which facts are known and what they are

Ranges are wide but finite, and said with every proof: an amount has up to `MOST` fen, a household
one to eight persons or very many. What a missing fact could be reaches further than what a known
one is, so that no end of the range settles a question.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import z3

from relief.columns import DICTIONARY
from relief.intake.identifiers import folded
from relief.proof.hardship import direction
from relief.proof.numbers import Choice, choose, negation
from relief.proof.terms import Amount, End, Text, Truth
from relief.rulepack.parameters import Lookup
from relief.rulepack.tree import Aggregate, Among, Constant, Node, Operation, Parameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from relief.columns import Column
    from relief.proof.numbers import Flag
    from relief.proof.terms import Value
    from relief.rulepack.contents import Pack

__all__ = [
    "EPOCH", "MOST", "PERSONS", "ROWS", "Fact", "Household", "Key", "Opened", "World", "days", "known",
    "partial", "value_of",
]  # fmt: skip

MOST = 10**12
PERSONS = 8
ROWS = 2
EPOCH = dt.date(1970, 1, 1)
_FURTHER = 1000
_MOST_COUNT = 1000
_MOST_ROWS = 13
_YEARS = 10
_LIFE = 100
# And so many after it.
YEARS_AFTER = 2
_NOBODY = {"member_id": "M0", "id_number": "110101199001040035"}
_NUMBERS = tuple(str(folded(f"11010190010{at}00{at}")) for at in range(1, PERSONS + 1))

Key: TypeAlias = tuple[str, int, str]
# What open parameters are in a world: each value that was looked up, and whether the pack leaves it open.
Opened: TypeAlias = dict[str, list[tuple[Any, Any]]]


class UnreadableError(Exception):
    """Something that no term is made of; what depends on it cannot be proved."""


def years_before(name: str) -> int:
    """Return how many years before the decision a date may lie: a life for a birth."""
    return _LIFE if "born" in name else _YEARS


def days(day: dt.date) -> int:
    """Return a day as the whole number that dates are in rules."""
    return (day - EPOCH).days


@dataclass(frozen=True, eq=False)
class Fact:
    """One thing that may be so or otherwise.

    Attributes
    ----------
    key : (table, row, name)
    kind : {'number', 'date', 'truth', 'text'}
    var : z3 term
        What it is, where known: a whole number or a truth.
    known : flag
        Whether it is known, in a world where it need not be.
    least, most : int
        The range of a known one; that of a missing one reaches from `floor` to `ceiling`.
    scale : int
        How many of the whole number make one.
    words : tuple of str
        What a text can be.
    hard : int
        1 where more is more hardship, -1 where less is.
    """

    key: Key
    kind: str
    var: Any
    known: Any
    least: int = 0
    most: int = 0
    floor: int | None = 0
    ceiling: int = 0
    scale: int = 1
    words: tuple[str, ...] = ()
    few: tuple[int, ...] = ()
    hard: int = 0

    @property
    def within(self) -> list[Any]:
        """What keeps the variable in its range."""
        return self.bounded(self.var, self.least, self.most)

    def bounded(self, term: Any, least: int, most: int) -> list[Any]:
        """Return what keeps a term of this fact between two values."""
        if self.kind == "truth":
            return []
        if self.few:
            return [z3.Or(*(term == value for value in self.few if least <= value <= most))]
        return [term >= least, term <= most]


class World(Protocol):
    """What facts are, and which of them are known."""

    def __call__(self, fact: Fact) -> tuple[Any, Flag]:
        """Return the value of a fact, and whether it is known."""


def known(fact: Fact) -> tuple[Any, Flag]:
    """Return the fact as known."""
    return fact.var, True


def partial(fact: Fact) -> tuple[Any, Flag]:
    """Return the fact as known or missing."""
    return fact.var, fact.known


@dataclass
class Household:
    """The facts of one household, made when a rule first asks for them."""

    pack: Pack
    on: dt.date
    facts: dict[Key, Fact] = field(default_factory=dict)
    rows: dict[str, int] = field(init=False)
    short: frozenset[str] = field(init=False)
    _lookups: dict[str, Lookup] = field(default_factory=dict)
    _words: dict[tuple[str, str], tuple[str, ...]] = field(init=False)

    def __post_init__(self) -> None:
        wished = _wished(self.pack)
        most = dict.fromkeys(wished, _MOST_ROWS) | {"members": PERSONS}
        self.rows = {table: min(number, most[table]) for table, number in wished.items()}
        self.short = frozenset(table for table, number in wished.items() if number > most[table])
        self._words = _words(self.pack)

    def cell(self, table: str, row: int, name: str) -> Fact:
        """Return the fact in a cell."""
        key = (table, row, name)
        if key not in self.facts:
            self.facts[key] = self._cell(key, DICTIONARY[table][name])
        return self.facts[key]

    def lookup(self, name: str) -> Lookup:
        """Return what finds a parameter's values for keys and days."""
        if name not in self._lookups:
            self._lookups[name] = Lookup(self.pack.parameters[name], self.on, self.pack)
        return self._lookups[name]

    def exists(self, table: str, row: int) -> Any:
        """Return whether a table has so many rows of the household."""
        key = (table, row, "")
        if key not in self.facts:
            self.facts[key] = Fact(key, "truth", z3.Bool(f"{table} {row}"), True)
        return self.facts[key].var

    def ruling(self, rule_id: str) -> Fact:
        """Return what a person ruled."""
        key = ("rulings", 0, rule_id)
        if key not in self.facts:
            self.facts[key] = Fact(key, "truth", z3.Bool(f"ruled {rule_id}"), z3.Bool(f"is ruled {rule_id}"))
        return self.facts[key]

    def open_parameter(self, name: str, scale: int) -> Fact:
        """Return the value of a parameter of which the pack has only bounds."""
        key = ("parameters", 0, name)
        if key not in self.facts:
            reach = _FURTHER * MOST
            self.facts[key] = Fact(
                key, "number", z3.Int(name), z3.BoolVal(False), 0, MOST, None, reach, scale, hard=1
            )
        return self.facts[key]

    def _cell(self, key: Key, column: Column) -> Fact:
        name = " ".join(map(str, key))
        var = z3.Bool(name) if column.dtype == "flag" else z3.Int(name)
        is_known: Any = z3.Bool(f"known {name}")
        hard = direction(*key[::2])
        if column.dtype == "flag":
            return Fact(key, "truth", var, is_known)
        if column.dtype == "date":
            reach = (-years_before(key[2]), YEARS_AFTER)
            first, last = (days(dt.date(self.on.year + years, 1, 1)) for years in reach)
            return Fact(key, "date", var, is_known, first, last, None, last)
        if column.dtype in ("money", "count", "area"):
            return _number(key, column, var, is_known, hard)
        # A row says what it is about: one that does not is no row of its table.
        is_known = is_known if not (column.required and column.dtype == "label") else True
        words = self._words.get((key[0], key[2]), ()) or ("甲", "乙")
        if key[0] == "members" and key[2] in ("member_id", "id_number"):
            # Members differ, and who they are is known.
            return Fact(key, "text", z3.IntVal(key[1]), True, key[1], key[1], words=self.persons(key[2]))
        if key[2] in ("member_id", "id_number"):
            # The last is nobody who is listed.
            words = (*self.persons(key[2]), _NOBODY[key[2]])
        return Fact(key, "text", var, is_known, 0, len(words) - 1, 0, len(words) - 1, words=words)

    def persons(self, name: str) -> tuple[str, ...]:
        """Return what the members are called in a column that names them."""
        number = self.rows["members"]
        return _NUMBERS[:number] if name == "id_number" else tuple(f"M{at + 1}" for at in range(number))

    def constraints(self) -> list[Any]:
        """Return what holds of every household: ranges, rows one after another, papers of listed persons."""
        found: list[Any] = []
        for (table, row, name), fact in self.facts.items():
            found += fact.within
            if name == "" and row and (table, row - 1, "") in self.facts:
                found.append(z3.Implies(fact.var, self.facts[table, row - 1, ""].var))
            if name in ("member_id", "id_number") and table != "members" and ("members", 0, "") in self.facts:
                members = range(self.rows["members"])
                listed = z3.Or(*(z3.And(fact.var == at, self.exists("members", at)) for at in members))
                found.append(z3.Implies(z3.And(self.exists(table, row), fact.known), listed))
        return found


def _number(key: Key, column: Column, var: Any, is_known: Any, hard: int) -> Fact:
    scale = 100 if column.dtype == "area" else 1
    least = column.minimum
    if key[2] == "household_size":
        few = (*range(1, PERSONS + 1), MOST)
        return Fact(key, "number", var, is_known, 1, PERSONS, 1, MOST, few=few, hard=hard)
    most = {"money": MOST, "count": _MOST_COUNT, "area": _MOST_COUNT * scale}[column.dtype]
    floor = None if least is None else least * scale
    return Fact(key, "number", var, is_known, -most if floor is None else floor, most, floor, most * _FURTHER,
                scale, hard=hard)  # fmt: skip


def value_of(fact: Fact, world: World) -> Value:
    """Return a fact as a value: a truth, a word, or an amount that is open above its floor where unknown."""
    value, is_known = world(fact)
    if fact.kind == "truth":
        return Truth(choose(is_known, value, False), choose(is_known, negation(value), False))
    if fact.kind == "text":
        return Text(value, fact.words, is_known)
    whole: Any = z3.ToReal(value) if z3.is_int(value) else value
    number: Any = whole if fact.scale == 1 else whole / fact.scale
    if fact.few:
        number = Choice([(Fraction(few), value == few) for few in fact.few])
    missing = negation(is_known)
    if missing is False:
        end = End(number)
        return Amount(end, end)
    if fact.floor is None:
        return Amount(End(number, missing), End(number, missing))
    lowest = choose(is_known, number, Fraction(fact.floor, fact.scale))
    return Amount(End(lowest), End(number, missing))


# --- what a pack asks for ---------------------------------------------------------------------------


def _wished(pack: Pack) -> dict[str, int]:
    """Return how many rows of each table are enough: two, the kinds asked for, or what is counted and one."""
    rows = dict.fromkeys(DICTIONARY, ROWS) | {"households": 1}
    for table, asked in _asked(pack).items():
        rows[table] = max(ROWS, len(asked))
    for node in pack.nodes:
        if isinstance(node, Operation) and node.kind == "truth":
            limits = [int(limit) + 1 for part in node.parts for limit in _limits(pack, part)]
            for table in {table for part in node.parts for table in _counted(pack, part)}:
                rows[table] = max(rows[table], *limits, ROWS)
    return rows


def _limits(pack: Pack, part: Node) -> Iterator[Fraction]:
    """Yield the numbers that something is held against: a constant, or each value of a parameter."""
    match part:
        case Constant(value=Fraction() as number):
            yield number
        case Parameter(name=name):
            values = (value for layer in pack.parameters[name].layers for value in layer)
            ends = (end for value in values for end in (value.exactly, value.at_least, value.at_most))
            yield from (end for end in ends if end is not None)


def _counted(pack: Pack, part: Node) -> Iterator[str]:
    """Yield the tables of which a quantity counts rows or months."""
    if part.kind in ("number", "person", "month"):
        for below in pack.reached(part):
            if isinstance(below, Aggregate) and below.function in ("count", "months_in_a_row"):
                yield below.table


def _asked(pack: Pack) -> dict[str, set[Node | None]]:
    """Return for each table the conditions under which a household must have a row of it."""
    asked: dict[str, set[Node | None]] = {}
    for node in pack.nodes:
        if isinstance(node, Aggregate) and node.function == "held" and node.of == "households":
            asked.setdefault(node.table, set()).add(node.where)
    return asked


def _words(pack: Pack) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return for each column of words those that rules name, and one that none does."""
    named: dict[tuple[str, str], list[str]] = {}
    for node in pack.nodes:
        if isinstance(node, Among):
            part = getattr(node.part, "part", node.part)
            column = getattr(part, "column", None)
            if column is not None:
                named.setdefault((column.table, column.name), []).extend(node.words)
    named.setdefault(("households", "district"), []).extend(district.name for district in pack.districts)
    for table, columns in DICTIONARY.items():
        for column in columns.values():
            if column.dtype == "choice":
                named.setdefault((table, column.name), []).extend(column.choices.values())
    return {key: tuple(dict.fromkeys([*words, *_other(key, words)])) for key, words in named.items()}


def _other(key: tuple[str, str], words: Iterable[str]) -> list[str]:
    column = DICTIONARY[key[0]][key[1]]
    if column.dtype in ("choice", "district"):
        return []
    return [next(word for word in (*column.choices.values(), "其他", "其它") if word not in words)]
