"""What each part of a pack may be by itself, but the pack as a whole may not.

In    the packs of a chain, merged, and where each part stands
Out   nothing, or a `PackError`: an id or name used twice, a value for a place that does not exist

A misspelt district in a value would silently leave that district with the floor below it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from relief.columns import DICTIONARY, normalised
from relief.errors import MoneyError, PackError
from relief.money import fen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from relief.rulepack.document import Document, Path
    from relief.rulepack.model import DistrictModel, PackModel, ParameterModel, ValueModel

__all__ = ["check_districts", "check_ids", "check_names", "check_values"]

_COLUMNS = {
    name: list(dict.fromkeys(column.choices.values()))
    for name, column in DICTIONARY["households"].items() if column.dtype in ("choice", "label")
}  # fmt: skip


def check_ids(model: PackModel, owners: Mapping[str, Document]) -> None:
    """Refuse two rules or categories of one id in one pack."""
    ids = [("rules", at, rule.id) for at, rule in enumerate(model.rules)]
    ids += [("categories", at, category.id) for at, category in enumerate(model.categories)]
    seen: set[str] = set()
    for group, at, id_ in ids:
        if id_ in seen:
            raise PackError("pack.same_id", place=owners[group].place((group, at, "id")), id=id_)
        seen.add(id_)


def check_names(model: PackModel, owners: Mapping[str, Document]) -> None:
    """Refuse a measure or parameter whose name an expression would read as something else."""
    taken = {*DICTIONARY["households"], "on"}
    for group, names in (("measures", model.measures), ("parameters", model.parameters)):
        for name in names:
            if name in taken:
                raise PackError("pack.name_taken", place=owners[group].place((group, name, "")), name=name)
        taken |= {*names}


def check_districts(districts: Sequence[DistrictModel], owners: Mapping[str, Document]) -> None:
    """Refuse two districts that are written the same."""
    seen: dict[str, int] = {}
    words = [(at, word) for at, d in enumerate(districts) for word in (d.name, d.code, *d.aliases) if word]
    for at, word in words:
        if seen.setdefault(normalised(word), at) != at:
            place = owners["districts"].place(("districts", at))
            raise PackError("pack.same_district", place=place, name=word)


def check_values(
    model: PackModel,
    owners: Mapping[str, Document],
    merged: Mapping[str, ParameterModel],
    districts: Sequence[DistrictModel],
) -> None:
    """Refuse values for places that do not exist, and amounts that are no whole number of fen."""
    known = {"district": [district.name for district in districts], **_COLUMNS}
    for id_, parameter in model.parameters.items():
        strange = [column for column in merged[id_].by if column not in known]
        if strange:
            place = owners["parameters"].place(("parameters", id_, "by"))
            raise PackError("pack.by", place=place, column=strange[0], known=", ".join(known))
        for number, value in enumerate(parameter.values):
            path = ("parameters", id_, "values", number)
            _check_where(
                value, path, owners["parameters"], {column: known[column] for column in merged[id_].by}
            )
            if merged[id_].unit == "yuan":
                _check_amounts(value, owners["parameters"].place(path))


def _check_where(value: ValueModel, path: Path, document: Document, known: Mapping[str, list[str]]) -> None:
    for column, words in value.where.items():
        if column not in known:
            place = document.place((*path, "where", column, ""))
            raise PackError("pack.where_key", place=place, column=column, known=", ".join(known) or "—")
        strange = [word for word in words if word not in known[column]]
        if strange:
            place, listed = document.place((*path, "where", column)), "、".join(known[column]) or "—"
            raise PackError("pack.where_word", place=place, word=strange[0], column=column, known=listed)


def _check_amounts(value: ValueModel, place: str) -> None:
    try:
        for amount in filter(None, (value.exactly, value.at_least, value.at_most)):
            fen(amount)
    except MoneyError as error:
        told = {"problem_en": error.text("en"), "problem_zh": error.text("zh")}
        raise PackError("pack.amount", place=place, **told) from error
