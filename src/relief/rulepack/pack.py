"""A rule pack: read from its folder, merged with what it extends, every rule a checked tree.

In    a pack's name (packs that ship with relief) or a folder
Out   `Pack`: districts, parameters, measures, rules, categories and the claim, in order

A folder holds ``pack.yaml`` and, where a pack is long, ``parameters.yaml`` and
``eligibility.yaml`` with further top-level keys of the same pack.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import ValidationError

from relief.errors import ExpressionError, PackError
from relief.places import District
from relief.rulepack.checks import check_districts, check_ids, check_names, check_values
from relief.rulepack.document import LARGEST, Document, read_document
from relief.rulepack.expression import Names, parse_expression
from relief.rulepack.model import (
    CategoryModel,
    ClaimModel,
    DistrictModel,
    MeasureModel,
    PackModel,
    ParameterModel,
    Provenance,
    RuleModel,
    ValueModel,
)  # fmt: skip
from relief.rulepack.problems import form_error
from relief.rulepack.tree import Kind, Node, depth, names_in

__all__ = ["Pack", "Parameter", "Stated", "installed_packs", "load_pack", "parse_pack"]

FILES = ("pack.yaml", "parameters.yaml", "eligibility.yaml")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
_LONGEST_CHAIN = 5

Folder = Mapping[str, bytes]


@dataclass(frozen=True)
class Stated:
    """A rule, measure, category or claim: what the pack says of it, and its tree."""

    id: str
    title: str
    title_en: str
    text: str
    node: Node
    provenance: Provenance
    effect: str = "refuse"


@dataclass(frozen=True)
class Parameter:
    """A dated parameter; each pack of the chain adds a layer of values that narrows the one below."""

    id: str
    model: ParameterModel
    layers: tuple[tuple[ValueModel, ...], ...]


@dataclass(frozen=True, repr=False)
class Pack:
    """A pack, ready to judge with.

    Attributes
    ----------
    name, title, title_en : str
    districts : tuple of District
        In the order of the tables.
    parameters : dict of str to Parameter
    measures : dict of str to Stated
        In an order in which each uses only earlier ones.
    rules, categories : tuple of Stated
    claim : Stated or None
        The claim base.
    folders : dict of str to Folder
        The files of this pack and of those it extends, as read, by pack name.
    """

    name: str
    title: str
    title_en: str
    districts: tuple[District, ...]
    parameters: dict[str, Parameter]
    measures: dict[str, Stated]
    rules: tuple[Stated, ...]
    categories: tuple[Stated, ...]
    claim: Stated | None
    folders: dict[str, Folder] = field(repr=False, default_factory=dict)

    def __repr__(self) -> str:
        return f"Pack({self.name!r}, {len(self.rules)} rules, {len(self.categories)} categories)"

    @property
    def columns(self) -> frozenset[tuple[str, str]]:
        """Every (table, column) that a rule, category, measure or the claim reads."""
        stated = [*self.measures.values(), *self.rules, *self.categories]
        nodes = [item.node for item in stated] + ([self.claim.node] if self.claim else [])
        used = set().union(*map(names_in, nodes)) if nodes else set()
        used |= {("households", column) for p in self.parameters.values() for column in p.model.by}
        return frozenset(item for item in used if item[0])


def installed_packs() -> list[str]:
    """Return the names of the packs that ship with relief."""
    return sorted(entry.name for entry in files("relief").joinpath("rules").iterdir() if entry.is_dir())


def load_pack(name_or_path: str | Path) -> Pack:
    """Load a pack by name, or from a folder.

    Parameters
    ----------
    name_or_path : str or Path
        The name of a pack that ships with relief, or a folder that holds ``pack.yaml``.

    Returns
    -------
    Pack

    Raises
    ------
    PackError
        With file, line, column and the cure, if anything in it is not as it must be.

    Examples
    --------
    >>> load_pack("jiangmen-2021").claim.title
    '医疗费用个人自付'
    """
    place = Path(name_or_path)
    if _is_folder(place) and str(name_or_path) not in installed_packs():
        folder = _read_folder(place)
        name = str(_merged_document(place.name, folder)[0].get("name", place.name))
        return parse_pack({name: folder}, name, {name: place.name})
    return _shipped_pack(str(name_or_path))


@cache
def _shipped_pack(name: str) -> Pack:
    return parse_pack({}, name)


def _is_folder(place: Path) -> bool:
    try:
        return place.is_dir()
    except OSError:  # a name longer than any that the system can have
        return False


def parse_pack(folders: Mapping[str, Folder], name: str, labels: Mapping[str, str] | None = None) -> Pack:
    """Make the pack `name` from folders in memory, and for what they lack from the packs that ship.

    An error calls a folder by its label, if it has one, else by its pack's name.
    """
    chain: list[tuple[str, Folder, PackModel, dict[str, Document]]] = []
    while name:
        if len(chain) >= _LONGEST_CHAIN or any(name == link[0] for link in chain):
            raise PackError(
                "pack.circular", place=chain[0][0], names=" → ".join([*(link[0] for link in chain), name])
            )
        folder = folders.get(name) or _shipped(name)
        model, documents = _validated((labels or {}).get(name, name), folder)
        chain.append((name, folder, model, documents))
        name = model.extends
    return _compiled(chain[::-1])


def _shipped(name: str) -> Folder:
    known = installed_packs()
    if not _NAME.fullmatch(name) or name not in known:
        near = get_close_matches(name, known, n=1)
        raise PackError("pack.not_found", name=name, near=near[0] if near else "—", known="、".join(known))
    folder = files("relief").joinpath("rules", name)
    return {file: folder.joinpath(file).read_bytes() for file in FILES if folder.joinpath(file).is_file()}


def _read_folder(place: Path) -> Folder:
    try:
        found = {file: place / file for file in FILES if (place / file).is_file()}
        outside = [file for file, path in found.items() if place.resolve() not in path.resolve().parents]
        if outside:
            raise PackError("pack.outside", place=str(place / outside[0]))
        if FILES[0] not in found:
            raise PackError("pack.no_file", place=str(place), file=FILES[0])
        return {file: _read_start(path) for file, path in found.items()}
    except OSError as error:
        raise PackError("pack.cannot_open", place=str(place), why=error.strerror or "") from error


def _read_start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


# --- reading and checking -------------------------------------------------------------------------


def _merged_document(name: str, folder: Folder) -> tuple[dict[str, Any], dict[str, Document]]:
    content: dict[str, Any] = {}
    owners: dict[str, Document] = {}
    for file, data in folder.items():
        document = read_document(f"{name}/{file}", data)
        for key, value in document.content.items():
            if key in content:
                raise PackError("pack.duplicate_key", place=document.place((key, "")), key=key)
            content[key], owners[key] = value, document
    return content, owners


def _validated(name: str, folder: Folder) -> tuple[PackModel, dict[str, Document]]:
    content, owners = _merged_document(name, folder)
    try:
        return PackModel.model_validate(content), owners
    except ValidationError as error:
        raise form_error(name, error, owners) from None


# --- merging and compiling ------------------------------------------------------------------------


_StatedModel: TypeAlias = MeasureModel | RuleModel | CategoryModel | ClaimModel
Link: TypeAlias = tuple[str, Folder, PackModel, dict[str, Document]]


@dataclass
class _Draft:
    """A pack in the making, base first."""

    kinds: dict[str, Kind] = field(default_factory=dict)
    depths: dict[str, int] = field(default_factory=dict)
    places: dict[tuple[str, str], str] = field(default_factory=dict)
    measures: dict[str, MeasureModel] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    rules: dict[str, RuleModel] = field(default_factory=dict)
    categories: dict[str, CategoryModel] = field(default_factory=dict)
    claim: ClaimModel | None = None


def _compiled(chain: list[Link]) -> Pack:
    draft = _Draft()
    for _, _, model, owners in chain:
        _add(draft, model, owners)
    districts = _checked(chain, draft)
    top = chain[-1][2]
    return Pack(
        name=top.name,
        title=top.title,
        title_en=top.title_en,
        districts=tuple(District(d.name, d.code, d.aliases) for d in districts),
        parameters=draft.parameters,
        measures={id_: _stated(draft, "measures", id_, m, m.amount) for id_, m in draft.measures.items()},
        rules=tuple(_stated(draft, "rules", r.id, r, r.requires, "truth") for r in draft.rules.values()),
        categories=tuple(
            _stated(draft, "categories", c.id, c, c.when, "truth") for c in draft.categories.values()
        ),
        claim=_stated(draft, "claim", "claim", draft.claim, draft.claim.amount, "fen")
        if draft.claim
        else None,
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
    return districts


def _stated(
    draft: _Draft, group: str, id_: str, model: _StatedModel, text: str, kind: Kind | None = None
) -> Stated:
    """Read the text of a rule, measure, category or claim; a measure may be named by those after it."""
    parameters: dict[str, Kind] = {
        name: "fen" if parameter.model.unit == "yuan" else "number"
        for name, parameter in draft.parameters.items()
    }
    try:
        node = parse_expression(text, Names("households", draft.kinds, parameters), kind)
        levels = depth(node, draft.depths)
        if node.kind not in ("fen", "number", "date") and group == "measures":
            raise ExpressionError(
                "expression.kind", text=text[:80], found=node.kind, wanted="fen, number, date"
            )
    except ExpressionError as error:
        told = {"problem_en": error.text("en"), "problem_zh": error.text("zh")}
        raise ExpressionError("expression.at", place=draft.places[group, id_], **told) from error
    if group == "measures":
        draft.kinds[id_], draft.depths[id_] = node.kind, levels
    return Stated(id_, model.title, model.title_en, text, node, model, getattr(model, "effect", "refuse"))


def _add(draft: _Draft, model: PackModel, owners: dict[str, Document]) -> None:
    """Lay one pack of the chain over those before it: same id replaces, values of parameters add a layer."""
    for id_, measure in model.measures.items():
        draft.measures[id_] = measure
        draft.places["measures", id_] = owners["measures"].place(("measures", id_, "amount"))
    for id_, parameter in model.parameters.items():
        below = draft.parameters.get(id_)
        told = parameter.model_dump(include=parameter.model_fields_set - {"values"})
        merged = (below.model if below else ParameterModel()).model_copy(update=told)
        layers = (*(below.layers if below else ()), parameter.values)
        draft.parameters[id_] = Parameter(id_, merged, tuple(filter(None, layers)))
    for at, rule in enumerate(model.rules):
        draft.rules[rule.id] = rule
        draft.places["rules", rule.id] = owners["rules"].place(("rules", at, "requires"))
    for at, category in enumerate(model.categories):
        draft.categories[category.id] = category
        draft.places["categories", category.id] = owners["categories"].place(("categories", at, "when"))
    if model.claim is not None:
        draft.claim = model.claim
        draft.places["claim", "claim"] = owners["claim"].place(("claim", "amount"))
