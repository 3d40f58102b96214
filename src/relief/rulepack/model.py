"""What a rule pack may say: its keys, each with its type; unknown keys are refused.

Every rule, measure, category and parameter value names its source or says ``illustrative``,
``derived`` or ``unverified`` with a note; the schema holds that.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

__all__ = [
    "CategoryModel", "ClaimModel", "DistrictModel", "MeasureModel", "PackModel", "ParameterModel",
    "Provenance", "RuleModel", "Source", "ValueModel",
]  # fmt: skip

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
RuleId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]
Word = Annotated[str, Field(min_length=1, max_length=400)]
Formula = Annotated[str, Field(min_length=1)]
Number = Annotated[Decimal, Field(max_digits=16, decimal_places=12)]


def _day(value: Any) -> Any:
    """Refuse what only looks like a day: a whole number would count as seconds since 1970."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", str(value)):
        raise PydanticCustomError("no_date", "not a day")
    return value


def _portable(name: str) -> str:
    """Refuse names that some systems keep for devices, or cannot write."""
    if re.fullmatch(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?|.*\.", name):
        raise PydanticCustomError("reserved", "reserved name")
    return name


Day = Annotated[dt.date, BeforeValidator(_day)]
PackName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=60), AfterValidator(_portable)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Strict):
    """Where something is written. `grade`: A issuer's own text, B press, C repost, D garbled."""

    document: Word
    number: str = ""
    article: str = ""
    quote: str = ""
    grade: Literal["A", "B", "C", "D"]


class Provenance(_Strict):
    """A source, or the plain word that there is none. `note` is Chinese, `note_en` English."""

    source: Source | None = None
    status: Literal["sourced", "illustrative", "derived", "unverified"] = "sourced"
    note: str = ""
    note_en: str = ""

    @model_validator(mode="after")
    def _is_stated(self) -> Provenance:
        if self.status == "sourced" and self.source is None:
            raise PydanticCustomError("no_source", "no source")
        if self.status != "sourced" and not self.note:
            raise PydanticCustomError("no_note", "no note")
        return self


class DistrictModel(_Strict):
    """A district: the name used everywhere, its GB/T 2260 code, other names."""

    name: Word
    code: str = ""
    aliases: tuple[str, ...] = ()


class ValueModel(Provenance):
    """One value of a parameter: for whom, from when, and whether exact or only a bound."""

    where: dict[str, tuple[str, ...]] = {}
    effective_from: Day = Field(alias="from")
    until: Day | None = None
    announced_on: Day | None = None
    exactly: Number | None = None
    at_least: Number | None = None
    at_most: Number | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> ValueModel:
        bounds = [self.exactly, self.at_least, self.at_most]
        if all(bound is None for bound in bounds) or (self.exactly is not None and bounds.count(None) < 2):
            raise PydanticCustomError("no_amount", "no amount")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise PydanticCustomError("no_order", "no order")
        if self.until is not None and self.until < self.effective_from:
            raise PydanticCustomError("no_period", "no period")
        return self


class ParameterModel(_Strict):
    """A dated parameter. `unit` yuan is held in fen; `per` is for showing only."""

    title: str = ""
    title_en: str = ""
    unit: Literal["yuan", "number"] = "yuan"
    per: str = ""
    by: tuple[Identifier, ...] = ()
    values: tuple[ValueModel, ...] = ()


class MeasureModel(Provenance):
    """An amount with a name, from an expression."""

    title: Word
    title_en: Word
    amount: Formula


class RuleModel(Provenance):
    """A condition that every household must meet, or (``effect: warn``) that a person should look at."""

    id: RuleId
    title: Word
    title_en: Word
    requires: Formula
    effect: Literal["refuse", "warn"] = "refuse"


class CategoryModel(Provenance):
    """A category of hardship; the first whose condition holds is the household's."""

    id: RuleId
    title: Word
    title_en: Word
    when: Formula


class ClaimModel(Provenance):
    """What a household claims: the base on which the fund is divided."""

    title: Word
    title_en: Word
    amount: Formula


class PackModel(_Strict):
    """A whole pack, or with ``extends`` only its differences from another."""

    name: PackName
    title: Word
    title_en: Word
    about: str = ""
    extends: str = ""
    districts: tuple[DistrictModel, ...] = ()
    measures: dict[Identifier, MeasureModel] = {}
    parameters: dict[Identifier, ParameterModel] = {}
    rules: tuple[RuleModel, ...] = ()
    categories: tuple[CategoryModel, ...] = ()
    claim: ClaimModel | None = None
