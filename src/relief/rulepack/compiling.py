"""The packs of a chain, base first -> one pack, every expression a checked tree.

In    validated models, and where each part stands in its file
Out   a `Pack`, or a `PackError` with file, line, column and cure
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, TypeAlias

from relief.errors import ExpressionError
from relief.rulepack.calendar import calendar_of
from relief.rulepack.checks import (
    check_districts,
    check_ids,
    check_names,
    check_outcomes,
    check_tiers,
    check_values,
)
from relief.rulepack.contents import Folder, Pack, Parameter, Stated, Tiers
from relief.rulepack.crosschecks import Crosscheck, crosscheck
from relief.rulepack.document import Document, Path
from relief.rulepack.expression import Names, parse_expression
from relief.rulepack.least import Least, least
from relief.rulepack.model import (
    BenefitModel,
    CategoryModel,
    ClaimModel,
    DistrictModel,
    MeasureModel,
    PackModel,
    ParameterModel,
    RuleModel,
    TiersModel,
    YearModel,
)
from relief.rulepack.syntax import no_quantity
from relief.rulepack.tree import DEEPEST, Kind, Node, depth, shared
from relief.rulepack.units import is_quantity
from relief.sheets.places import District

__all__ = ["Link", "compiled"]

_StatedModel: TypeAlias = MeasureModel | RuleModel | CategoryModel | BenefitModel | ClaimModel
Link: TypeAlias = tuple[str, Folder, PackModel, dict[str, Document]]
_PER = {
    "": "",
    "人": "/person",
    "月": "/month",
    "年": "/year",
    "人·月": "/person/month",
    "人·年": "/person/year",
}


@dataclass
class _Draft:
    """A pack in the making, base first: what its parts say, and where each stands."""

    places: dict[tuple[str, str], tuple[Document, Path]] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    tiers: dict[str, TiersModel] = field(default_factory=dict)
    measures: dict[str, MeasureModel] = field(default_factory=dict)
    rules: dict[str, RuleModel] = field(default_factory=dict)
    categories: dict[str, CategoryModel] = field(default_factory=dict)
    benefits: dict[str, BenefitModel] = field(default_factory=dict)
    years: dict[int, YearModel] = field(default_factory=dict)
    crosschecks: dict[str, Crosscheck] = field(default_factory=dict)
    claim: ClaimModel | None = None


def compiled(chain: list[Link]) -> Pack:
    """Make one pack of a chain, base first.

    Raises
    ------
    PackError
        If any expression or value is not as it must be.
    """
    draft = _Draft()
    for _, _, model, owners in chain:
        _add(draft, model, owners)
    districts = _checked(chain, draft)
    named = dict.fromkeys(d.name for _, _, model, _ in chain for d in model.districts)
    reader = _Reader(draft, tuple(named))
    # Read first, so that every measure is known to all others, in whatever order they stand.
    for id_ in draft.measures:
        reader.measure(id_)
    top = chain[-1][2]
    return Pack(
        name=top.name,
        title=top.title,
        title_en=top.title_en,
        about=top.about,
        partial=top.partial,
        partial_en=top.partial_en,
        districts=tuple(District(d.name, d.code, d.aliases) for d in districts),
        calendar=calendar_of(draft.years),
        parameters=draft.parameters,
        tiers={id_: Tiers(id_, model) for id_, model in draft.tiers.items()},
        measures=reader.measures,
        rules=tuple(reader.stated("rules", r.id, r, r.requires, "truth") for r in draft.rules.values()),
        categories=tuple(
            reader.stated("categories", c.id, c, c.when, "truth") for c in draft.categories.values()
        ),
        exclusive_categories=any(model.exclusive_categories for _, _, model, _ in chain),
        benefits=tuple(reader.benefit(b) for b in draft.benefits.values()),
        claim=reader.stated("claim", "claim", draft.claim, draft.claim.amount, "fen")
        if draft.claim
        else None,
        crosschecks={kind: reader.crosscheck(check) for kind, check in draft.crosschecks.items()},
        may_lose=tuple(entry for _, _, model, _ in chain for entry in model.may_lose),
        folders={name: folder for name, folder, _, _ in chain},
    )


def _checked(chain: list[Link], draft: _Draft) -> tuple[DistrictModel, ...]:
    """Check each pack and return the districts of the last.

    A pack's values name its own districts or those below it: a base stays as it is under a pack
    that replaces them.
    """
    districts: tuple[DistrictModel, ...] = ()
    merged = {id_: parameter.model for id_, parameter in draft.parameters.items()}
    for _, _, model, owners in chain:
        check_ids(model, owners)
        check_names(model, owners)
        check_districts(model.districts, owners)
        districts = model.districts or districts
        check_values(model, owners, merged, districts)
        check_tiers(model, owners)
        check_outcomes(model, owners, draft.categories)
    return districts


def _add(draft: _Draft, model: PackModel, owners: dict[str, Document]) -> None:
    """Lay one pack of the chain over those before it: same id replaces, values of parameters add a layer."""
    for id_, measure in model.measures.items():
        draft.measures[id_] = measure
        key = "amount" if measure.holds is None else "holds"
        draft.places["measures", id_] = owners["measures"], ("measures", id_, key)
    for id_, parameter in model.parameters.items():
        below = draft.parameters.get(id_)
        told = parameter.model_dump(include=parameter.model_fields_set - {"values"})
        merged = (below.model if below else ParameterModel()).model_copy(update=told)
        layers = (*(below.layers if below else ()), parameter.values)
        kind = ("fen" if merged.unit == "yuan" else merged.unit) + _PER[merged.per]
        draft.parameters[id_] = Parameter(id_, merged, tuple(filter(None, layers)), kind)
    draft.tiers |= model.tiers
    draft.years |= {year.year: year for year in model.calendar}
    for at, check in enumerate(model.crosschecks):
        document = owners["crosschecks"]
        draft.crosschecks[check.kind] = crosscheck(check, document, ("crosschecks", at))
        draft.places["crosschecks", check.kind] = document, ("crosschecks", at, "where")
    groups: tuple[tuple[str, tuple[Any, ...], str], ...] = (
        ("rules", model.rules, "requires"),
        ("categories", model.categories, "when"),
        ("benefits", model.benefits, "when"),
    )
    for group, entries, key in groups:
        for at, entry in enumerate(entries):
            getattr(draft, group)[entry.id] = entry
            draft.places[group, entry.id] = owners[group], (group, at, key)
            draft.places[f"{group} amount", entry.id] = owners[group], (group, at, "amount")
    if model.claim is not None:
        draft.claim = model.claim
        draft.places["claim", "claim"] = owners["claim"], ("claim", "amount")


class _Kinds(Mapping[tuple[str, str], Kind]):
    """The kind of each measure by (table, name); asking for one reads it first."""

    def __init__(self, reader: _Reader) -> None:
        self._reader = reader

    def __getitem__(self, key: tuple[str, str]) -> Kind:
        model = self._reader.draft.measures.get(key[1])
        if model is None or model.of != key[0]:
            raise KeyError(key)
        return self._reader.measure(key[1]).node.kind

    def __contains__(self, key: object) -> bool:
        return (
            isinstance(key, tuple)
            and key[1] in self._reader.draft.measures
            and (self._reader.draft.measures[key[1]].of == key[0])
        )

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((model.of, id_) for id_, model in self._reader.draft.measures.items())

    def __len__(self) -> int:
        return len(self._reader.draft.measures)


class _Reader:
    """Reads the expressions of a draft, each measure when another first names it."""

    def __init__(self, draft: _Draft, districts: tuple[str, ...]) -> None:
        self.draft = draft
        self.measures: dict[str, Stated] = {}
        self._open: list[str] = []
        self._pool: dict[object, Node] = {}
        self._trees: dict[tuple[str, Kind | None, str, bool], Node] = {}
        self._depths: dict[tuple[str, str], int] = {}
        parameters = draft.parameters.items()
        self._least: dict[tuple[str, str], Least] = {("", id_): _least_value(p) for id_, p in parameters}
        self._names = Names(
            "households",
            _Kinds(self),
            {id_: p.kind for id_, p in parameters},
            {id_: p.model.by for id_, p in parameters},
            {id_: ("fen" if t.unit == "yuan" else "number", "fen") for id_, t in draft.tiers.items()},
            self._least,
            districts=districts,
            has_calendar=bool(draft.years),
        )
        self._names_after = replace(self._names, categories=tuple(draft.categories))

    def measure(self, id_: str) -> Stated:
        """Return a measure, read now if it was not before."""
        if id_ in self.measures:
            return self.measures[id_]
        model = self.draft.measures[id_]
        if id_ in self._open:
            raise ExpressionError("expression.circular", names=" → ".join([*self._open, id_]))
        if len(self._open) >= DEEPEST:
            raise ExpressionError("expression.too_deep", most=DEEPEST)
        self._open.append(id_)
        text, kind = (model.amount, None) if model.amount is not None else (model.holds, "truth")
        stated = self.stated("measures", id_, model, str(text), kind, table=model.of)
        self._open.pop()
        self.measures[id_] = stated
        self._least[model.of, id_] = (
            least(stated.node, self._least) if is_quantity(stated.node.kind) else None
        )
        return stated

    def benefit(self, model: BenefitModel) -> Stated:
        """Return a benefit, whose condition and amount may name the outcome."""
        stated = self.stated("benefits", model.id, model, model.when, "truth", outcomes=True)
        if model.amount is None:
            return stated
        given = self._node("benefits amount", model.id, model.amount, "fen", self._names_after)
        return replace(stated, amount=given, amount_text=model.amount)

    def crosscheck(self, check: Crosscheck) -> Crosscheck:
        """Return a crosscheck with the condition on the rows of the registry that it compares."""
        if check.model is None or check.model.where is None:
            return check
        names = replace(self._names, table="registry")
        return replace(check, where=self._node("crosschecks", check.kind, check.model.where, "truth", names))

    def stated(
        self, group: str, id_: str, model: _StatedModel, text: str, kind: Kind | None,
        *, table: str = "households", outcomes: bool = False,
    ) -> Stated:  # fmt: skip
        """Read the text of a rule, measure, category, benefit or claim."""
        names = self._names_after if outcomes else replace(self._names, table=table)
        node = self._node(group, id_, text, kind, names)
        told: dict[str, Any] = {}
        if isinstance(model, RuleModel):
            told = {
                "effect": model.effect,
                "bars": model.bars,
                "missing": model.missing,
                "liftable": model.liftable,
            }
        return Stated(id_, model.title, model.title_en, text, node, model, table=table, **told)

    def _node(self, group: str, id_: str, text: str, kind: Kind | None, names: Names) -> Node:
        try:
            # The same text says the same: many rules of a pack may begin alike.
            asked = (text, kind, names.table, names.categories is None)
            if asked not in self._trees:
                self._trees[asked] = shared(parse_expression(text, names, kind), self._pool)
            node = self._trees[asked]
            levels = depth(node, self._depths)
            if kind is None and not (is_quantity(node.kind) or node.kind == "date"):
                raise no_quantity(text, node)
        except ExpressionError as error:
            # One that stands in a measure named here has its place already.
            if error.code == "expression.at":
                raise
            told = {"problem_en": error.text("en"), "problem_zh": error.text("zh")}
            document, path = self.draft.places[group, id_]
            place = document.place(path, error.facts.get("offset", 0))
            raise ExpressionError("expression.at", place=place, **told) from error
        if group == "measures":
            self._depths[names.table, id_] = levels
        return node


def _least_value(parameter: Parameter) -> Least:
    """Return the least value that any written value of a parameter allows, in the parameter's unit."""
    values = [value for layer in parameter.layers for value in layer]
    is_money = parameter.model.unit == "yuan"
    nothing = Fraction(0) if is_money else None
    lows = [
        v.exactly if v.exactly is not None else nothing if v.at_least is None else v.at_least for v in values
    ]
    known = [low for low in lows if low is not None]
    if not known or len(known) < len(lows):
        return None
    return Fraction(min(known)) * (100 if is_money else 1)
