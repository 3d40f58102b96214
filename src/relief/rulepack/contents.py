"""What a pack holds once it is read: districts, parameters, tiers, measures, rules, outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from relief.rulepack.tiers import Tiers
from relief.rulepack.tree import Aggregate, Kind, Measure, Name, Node, Owner, names_in, parts_of, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relief.rulepack.calendar import Calendar
    from relief.rulepack.crosschecks import Crosscheck
    from relief.rulepack.model import ExceptionModel, ParameterModel, Provenance, ValueModel
    from relief.sheets.places import District

__all__ = ["Folder", "Pack", "Parameter", "Stated", "Tiers"]

Folder: TypeAlias = Mapping[str, bytes]


@dataclass(frozen=True)
class Stated:
    """A rule, measure, category, benefit or claim: what the pack says of it, and its tree.

    Attributes
    ----------
    id, title, title_en : str
    text : str
        The expression as written.
    node : Node
        Its tree.
    provenance : Provenance
    effect : {'refuse', 'warn'}
    bars : tuple of str
        The categories that a household which fails cannot have; empty for one that refuses.
    missing : {'pending', 'fail', 'ask'}
        What an unknown answer means.
    liftable : bool
        Whether a ruling goes before the formula.
    table : str
        Whose rows a measure is of.
    amount, amount_text
        What a benefit gives, if it is an amount.
    """

    id: str
    title: str
    title_en: str
    text: str
    node: Node
    provenance: Provenance
    effect: str = "refuse"
    bars: tuple[str, ...] = ()
    missing: Literal["pending", "fail", "ask"] = "pending"
    liftable: bool = True
    table: str = "households"
    amount: Node | None = None
    amount_text: str = ""


@dataclass(frozen=True)
class Parameter:
    """A dated parameter; each pack of the chain adds a layer of values that narrows the one below."""

    id: str
    model: ParameterModel
    layers: tuple[tuple[ValueModel, ...], ...]
    kind: Kind = "fen"


@dataclass(frozen=True, repr=False)
class Pack:
    """A pack, ready to judge with.

    Attributes
    ----------
    name, title, title_en, about : str
    partial, partial_en : str
        What of the text is not known; empty for a pack that has all of it.
    districts : tuple of District
        In the order of the tables.
    calendar : Calendar or None
    parameters : dict of str to Parameter
    tiers : dict of str to Tiers
    measures : dict of str to Stated
        In an order in which each uses only earlier ones.
    rules, categories, benefits : tuple of Stated
    exclusive_categories : bool
        Whether the pack says that no household fits two categories.
    claim : Stated or None
        The claim base.
    crosschecks : dict of str to Crosscheck
        By kind of answer, those that the pack states; see `relief.rulepack.crosschecks.comparisons`.
    may_lose : tuple of ExceptionModel
        Facts of which more hardship may lose a household its eligibility.
    folders : dict of str to Folder
        The files of this pack and of those it extends, as read, by pack name.
    """

    name: str
    title: str
    title_en: str
    about: str
    partial: str
    partial_en: str
    districts: tuple[District, ...]
    calendar: Calendar | None
    parameters: dict[str, Parameter]
    tiers: dict[str, Tiers]
    measures: dict[str, Stated]
    rules: tuple[Stated, ...]
    categories: tuple[Stated, ...]
    exclusive_categories: bool
    benefits: tuple[Stated, ...]
    claim: Stated | None
    crosschecks: dict[str, Crosscheck]
    may_lose: tuple[ExceptionModel, ...]
    folders: dict[str, Folder] = field(repr=False, default_factory=dict)

    def __repr__(self) -> str:
        return f"Pack({self.name!r}, {len(self.rules)} rules, {len(self.categories)} categories)"

    @property
    def stated(self) -> tuple[Stated, ...]:
        """Everything with an expression: measures, rules, categories, benefits, the claim."""
        claim = (self.claim,) if self.claim else ()
        return (*self.measures.values(), *self.rules, *self.categories, *self.benefits, *claim)

    @property
    def nodes(self) -> Iterator[Node]:
        """Every node of every expression."""
        for item in self.stated:
            yield from walk(item.node)
            if item.amount is not None:
                yield from walk(item.amount)

    def reached(self, root: Node, *, rows: bool = True) -> Iterator[Node]:
        """Yield every node of a tree and of the measures that it names, each measure once.

        Without `rows` what stands inside an expression about rows of other tables is left out.
        """
        waiting, followed = [root], set[str]()
        while waiting:
            node = waiting.pop()
            yield node
            if isinstance(node, Measure) and node.name not in followed:
                followed.add(node.name)
                waiting.append(self.measures[node.name].node)
            if rows or not isinstance(node, Aggregate | Owner):
                waiting += reversed(parts_of(node))

    def reads_rows(self, root: Node) -> bool:
        """Return whether a tree reads a cell, of whatever row: else it is the same for everybody."""
        return any(
            isinstance(node, Aggregate | Owner) or (isinstance(node, Name) and node.column is not None)
            for node in self.reached(root)
        )

    @property
    def compared(self) -> frozenset[tuple[str, str]]:
        """Every (table, column) that a crosscheck reads to tell which answers are findings."""
        roots = [check.where for check in self.crosschecks.values() if check.where is not None]
        return frozenset(item for item in set[tuple[str, str]]().union(*map(names_in, roots)) if item[0])

    @property
    def columns(self) -> frozenset[tuple[str, str]]:
        """Every (table, column) that a rule, category, measure, benefit or the claim reads."""
        roots = [root for item in self.stated for root in (item.node, item.amount) if root is not None]
        used = set[tuple[str, str]]().union(*map(names_in, roots))
        used |= {("households", column) for p in self.parameters.values() for column in p.model.by}
        return frozenset(item for item in used if item[0])
