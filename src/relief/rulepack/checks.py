"""What each part of a pack may be by itself, but the pack as a whole may not.

In    the packs of a chain, merged, and where each part stands
Out   nothing, or a `PackError`: an id or name used twice, a value for a place that does not exist

A misspelt district in a value would silently leave that district with the floor below it.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from relief.columns import DICTIONARY, normalised
from relief.errors import ExpressionError, MoneyError, PackError
from relief.messages import nearest
from relief.money import fen
from relief.rulepack.expression import Names, parse_expression
from relief.rulepack.model import written
from relief.rulepack.tree import Constant, Node, Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from relief.rulepack.document import Document, Path
    from relief.rulepack.model import (
        BandModel,
        CategoryModel,
        DistrictModel,
        PackModel,
        ParameterModel,
        ValueModel,
    )

__all__ = ["check_districts", "check_ids", "check_names", "check_outcomes", "check_tiers", "check_values"]

# The keys of a parameter's values: what a household has, and a person of it.
_COLUMNS = {
    name: list(dict.fromkeys(column.choices.values()))
    for table in ("members", "households")
    for name, column in DICTIONARY[table].items() if column.dtype in ("choice", "label")
}  # fmt: skip


def check_ids(model: PackModel, owners: Mapping[str, Document]) -> None:
    """Refuse two rules, categories or benefits of one id in a pack, two years, two crosschecks of a kind."""
    ids = [("rules", at, rule.id) for at, rule in enumerate(model.rules)]
    ids += [("categories", at, category.id) for at, category in enumerate(model.categories)]
    ids += [("benefits", at, benefit.id) for at, benefit in enumerate(model.benefits)]
    seen: set[str] = set()
    for group, at, id_ in ids:
        if id_ in seen:
            raise PackError("pack.same_id", place=owners[group].place((group, at, "id")), id=id_)
        seen.add(id_)
    years: set[int] = set()
    for at, entry in enumerate(model.calendar):
        if entry.year in years:
            place = owners["calendar"].place(("calendar", at, "year"))
            raise PackError("pack.same_year", place=place, year=entry.year)
        years.add(entry.year)
    kinds: set[str] = set()
    for at, check in enumerate(model.crosschecks):
        if check.kind in kinds:
            place = owners["crosschecks"].place(("crosschecks", at, "kind"))
            raise PackError("pack.same_kind", place=place, kind=check.kind)
        kinds.add(check.kind)


def check_names(model: PackModel, owners: Mapping[str, Document]) -> None:
    """Refuse a measure or parameter whose name an expression would read as something else."""
    words = {"on", "true", "false", "eligible", "category", "claim"}
    taken = {*DICTIONARY, *words}
    for group, names in (
        ("measures", model.measures),
        ("parameters", model.parameters),
        ("tiers", model.tiers),
    ):
        for name in names:
            table = model.measures[name].of if group == "measures" else "households"
            if name in taken or name in DICTIONARY[table]:
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
                amounts = {"exactly": value.exactly, "at_least": value.at_least, "at_most": value.at_most}
                _check_amounts(amounts, owners["parameters"], path)
            if value.sum is not None:
                _check_sum(value, owners["parameters"].place((*path, "sum")))


def _check_where(value: ValueModel, path: Path, document: Document, known: Mapping[str, list[str]]) -> None:
    for column, words in value.where.items():
        if column not in known:
            place = document.place((*path, "where", column, ""))
            raise PackError("pack.where_key", place=place, column=column, known=", ".join(known) or "—")
        strange = [word for word in words if word not in known[column]]
        if strange:
            place, listed = document.place((*path, "where", column)), "、".join(known[column]) or "—"
            raise PackError("pack.where_word", place=place, word=strange[0], column=column, known=listed)


def _check_amounts(amounts: Mapping[str, Fraction | None], document: Document, path: Path) -> None:
    for key, amount in amounts.items():
        try:
            fen(written(amount or Fraction(0)))
        except MoneyError as error:
            told = {"problem_en": error.text("en"), "problem_zh": error.text("zh")}
            raise PackError("pack.amount", place=document.place((*path, key)), **told) from error


def _check_sum(value: ValueModel, place: str) -> None:
    """Compute the sum of a derived value; texts round to whole units, so it may differ by less than one."""
    try:
        node = parse_expression(str(value.sum), Names("households"), "number")
        result = _computed(node)
    except ExpressionError as error:
        if error.code in _NO_NUMBERS:
            raise PackError("pack.sum_of_numbers", place=place, sum=value.sum) from error
        told = {"problem_en": error.text("en"), "problem_zh": error.text("zh")}
        raise ExpressionError("expression.at", place=place, **told) from error
    if result is None:
        raise PackError("pack.sum_of_numbers", place=place, sum=value.sum)
    for stated in (value.exactly, value.at_least, value.at_most):
        if stated is not None and abs(result - stated) >= 1:
            told = {"result": written(result), "value": written(stated)}
            raise PackError("pack.not_the_sum", place=place, sum=value.sum, **told)


_NO_NUMBERS = {
    "expression.unknown_name",
    "expression.unknown_alone",
    "expression.elsewhere",
    "expression.identifier",
}
_SUMS: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b,
}  # fmt: skip


def _computed(node: Node) -> Fraction | None:
    """Return what an expression of written numbers comes to; None for any other."""
    if isinstance(node, Constant) and isinstance(node.value, Fraction):
        return node.value
    if not isinstance(node, Operation) or node.operator not in _SUMS:
        return None
    left, right = map(_computed, node.parts)
    return None if left is None or right is None else _SUMS[node.operator](left, right)


def check_tiers(model: PackModel, owners: Mapping[str, Document]) -> None:
    """Refuse bands that overlap, leave a gap, or do not go upwards."""
    for id_, tiers in model.tiers.items():
        for at, band in enumerate(tiers.bands):
            path: Path = ("tiers", id_, "bands")
            place = owners["tiers"].place((*path, at))
            low = (band.from_, "[") if band.from_ is not None else (band.above, "(")
            high = (band.upto, "]") if band.upto is not None else (band.below, ")")
            before = tiers.bands[at - 1] if at else None
            if high[0] is not None and low[0] is not None and high[0] <= low[0]:
                raise PackError("pack.band_empty", place=place, low=_shown(low[0]), high=_shown(high[0]))
            if not _meet(before, band):
                end = None if before is None else before.below if before.upto is None else before.upto
                raise PackError("pack.band_order", place=place, low=_shown(low[0]), high=_shown(end))
            ends = {"above": band.above, "from": band.from_, "below": band.below, "upto": band.upto}
            given = {"exactly": band.exactly, "at_least": band.at_least, "at_most": band.at_most}
            _check_amounts(given | (ends if tiers.unit == "yuan" else {}), owners["tiers"], (*path, at))


def _meet(before: BandModel | None, band: BandModel) -> bool:
    """Return whether a band begins where the one before it ends, with the end in one of both."""
    if before is None:
        return True
    if band.above is not None:
        return before.upto == band.above
    return before.below is not None and before.below == band.from_


def _shown(end: Fraction | None) -> str:
    return "—" if end is None else written(end)


def check_outcomes(
    model: PackModel, owners: Mapping[str, Document], categories: Mapping[str, CategoryModel]
) -> None:
    """Refuse a veto of a category that the pack does not have, and an exception for no column."""
    for at, rule in enumerate(model.rules):
        for number, id_ in enumerate(rule.bars):
            if id_ not in categories:
                place = owners["rules"].place(("rules", at, "bars", number))
                known = ", ".join(categories) or "—"
                raise PackError("pack.unknown_category", place=place, id=id_, known=known)
    columns = list(DICTIONARY["households"])
    for at, entry in enumerate(model.may_lose):
        if entry.column not in columns:
            place = owners["may_lose"].place(("may_lose", at, "column"))
            raise PackError(
                "pack.unknown_column", place=place, name=entry.column, **nearest(entry.column, columns)
            )
