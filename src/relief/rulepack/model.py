"""What a rule pack may say: its keys, each with its type; unknown keys are refused.

Every rule, measure, category, benefit, band and parameter value names its source or says
``illustrative``, ``derived`` or ``unverified`` with a note; the schema holds that.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetPydanticSchema,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError, core_schema

__all__ = [
    "BandModel", "BenefitModel", "CategoryModel", "ClaimModel", "CrosscheckModel", "DistrictModel",
    "ExceptionModel", "MeasureModel", "PackModel", "ParameterModel", "Provenance", "RuleModel", "Source",
    "TiersModel", "ValueModel", "YearModel", "parts", "short_name", "written",
]  # fmt: skip

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
RuleId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]
Word = Annotated[str, Field(min_length=1, max_length=400)]
Formula = Annotated[str, Field(min_length=1)]
# Digits are counted with the decimals kept free: 16 before the point, 12 behind.
Number = Annotated[Decimal, Field(max_digits=28, decimal_places=12)]
_SHARE = re.compile(r"([0-9]{1,16}(?:\.[0-9]{1,12})?) ?(?:/ ?([1-9][0-9]{0,15})|%)")


def _exact(value: Any, handler: Any) -> Fraction:
    """Read a number, ``80%`` or ``2/37``, each exactly."""
    share = _SHARE.fullmatch(value) if isinstance(value, str) else None
    if share is None:
        return Fraction(handler(value))
    return Fraction(share[1]) / int(share[2] or 100)


def written(value: Fraction) -> str:
    """Return a quantity of a pack as it was written: as a decimal where it is one, else as a quotient.

    Examples
    --------
    >>> written(Fraction(1705, 2)), written(Fraction(2, 37))
    ('852.5', '2/37')
    """
    places = next((places for places in range(13) if (value * 10**places).denominator == 1), None)
    return str(value) if places is None else f"{Decimal(int(value * 10**places)).scaleb(-places):f}"


Quantity = Annotated[
    Fraction,
    GetPydanticSchema(
        lambda _source, handler: core_schema.no_info_wrap_validator_function(_exact, handler(Number))
    ),
    PlainSerializer(written),
    WithJsonSchema(
        {
            "anyOf": [{"type": "number"}, {"type": "string", "pattern": f"^{_SHARE.pattern}$"}],
            "description": "A number, or a share such as 80% or 2/37, kept exactly.",
        }
    ),
]


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


def _check_bounds(exactly: Fraction | None, at_least: Fraction | None, at_most: Fraction | None) -> None:
    bounds = [exactly, at_least, at_most]
    if all(bound is None for bound in bounds) or (exactly is not None and bounds.count(None) < 2):
        raise PydanticCustomError("no_amount", "no amount")
    if at_least is not None and at_most is not None and at_least > at_most:
        raise PydanticCustomError("no_order", "no order")


class ValueModel(Provenance):
    """One value of a parameter: for whom, from when, and whether exact or only a bound."""

    where: dict[str, tuple[str, ...]] = {}
    effective_from: Day = Field(alias="from")
    until: Day | None = None
    announced_on: Day | None = None
    exactly: Quantity | None = None
    at_least: Quantity | None = None
    at_most: Quantity | None = None
    sum: Formula | None = Field(default=None, description="For a derived value: the sum it comes from.")

    @model_validator(mode="after")
    def _says_one_thing(self) -> ValueModel:
        _check_bounds(self.exactly, self.at_least, self.at_most)
        if self.status == "derived" and self.sum is None:
            raise PydanticCustomError("no_sum", "no sum")
        if self.until is not None and self.until < self.effective_from:
            raise PydanticCustomError("no_period", "no period")
        return self


class ParameterModel(_Strict):
    """A dated parameter. An amount in yuan is held in fen; `per` says of whom and of which period."""

    title: str = ""
    title_en: str = ""
    unit: Literal["yuan", "number", "person", "day", "month", "year", "m2"] = "yuan"
    per: Literal["", "人", "月", "年", "人·月", "人·年"] = ""
    by: tuple[Identifier, ...] = ()
    values: tuple[ValueModel, ...] = ()


class BandModel(Provenance):
    """One band of a tariff: its ends in yuan, each in or out, and what it gives."""

    above: Quantity | None = Field(default=None, description="The lower end, itself outside.")
    from_: Quantity | None = Field(default=None, alias="from", description="The lower end, itself inside.")
    below: Quantity | None = Field(default=None, description="The upper end, itself outside.")
    upto: Quantity | None = Field(default=None, description="The upper end, itself inside.")
    exactly: Quantity | None = None
    at_least: Quantity | None = None
    at_most: Quantity | None = None

    @model_validator(mode="after")
    def _has_two_ends(self) -> BandModel:
        _check_bounds(self.exactly, self.at_least, self.at_most)
        if (self.above is None) == (self.from_ is None):
            raise PydanticCustomError("no_lower_end", "no lower end")
        if self.below is not None and self.upto is not None:
            raise PydanticCustomError("two_upper_ends", "two upper ends")
        return self


class TiersModel(_Strict):
    """Bands of a quantity in yuan, each giving an amount; below the first and between two, nothing."""

    title: Word
    title_en: Word
    unit: Literal["yuan", "number"] = "yuan"
    bands: tuple[BandModel, ...] = Field(min_length=1)


class YearModel(Provenance):
    """The days of one year that a notice moved: days off, and weekend days that are worked (调休)."""

    year: int = Field(ge=1990, le=2100)
    days_off: tuple[Day, ...] = ()
    days_worked: tuple[Day, ...] = ()

    @model_validator(mode="after")
    def _of_its_year(self) -> YearModel:
        days = [*self.days_off, *self.days_worked]
        seen: set[dt.date] = set()
        for day in days:
            if day.year != self.year or day in seen:
                raise PydanticCustomError("no_year", "not of the year", {"day": str(day)})
            seen.add(day)
        return self


class MeasureModel(Provenance):
    """A quantity (`amount`) or condition (`holds`) with a name, of each row of a table."""

    title: Word
    title_en: Word
    of: Literal["households", "members", "documents", "registry", "history"] = "households"
    amount: Formula | None = None
    holds: Formula | None = None

    @model_validator(mode="after")
    def _says_one_of_both(self) -> MeasureModel:
        if (self.amount is None) == (self.holds is None):
            raise PydanticCustomError("no_formula", "no formula")
        return self


class RuleModel(Provenance):
    """A condition that every household must meet.

    One that fails refuses the household, or only bars some categories (`bars`), or only asks a
    person to look (``effect: warn``). `missing` says what an unknown answer means: the household stays
    pending, fails, or a named person is asked for a ruling.
    """

    id: RuleId
    title: Word
    title_en: Word
    requires: Formula
    effect: Literal["refuse", "warn"] = "refuse"
    bars: tuple[RuleId, ...] = Field(
        default=(), description="Categories that a household which fails cannot have."
    )
    missing: Literal["pending", "fail", "ask"] = "pending"
    liftable: bool = Field(
        default=True, description="Whether a named person's ruling goes before the formula."
    )

    @model_validator(mode="after")
    def _does_one_thing(self) -> RuleModel:
        if self.effect == "warn" and (self.bars or self.missing != "pending"):
            raise PydanticCustomError("only_warns", "a warning refuses nobody")
        return self


class CategoryModel(Provenance):
    """A category of hardship; the first whose condition holds is the household's."""

    id: RuleId
    title: Word
    title_en: Word
    when: Formula


class BenefitModel(Provenance):
    """What a household gets beside its share: decided after the outcome, for those refused too."""

    id: Identifier
    title: Word
    title_en: Word
    when: Formula
    amount: Formula | None = None


class ClaimModel(Provenance):
    """What a household claims: the base on which the fund is divided."""

    title: Word
    title_en: Word
    amount: Formula


class CrosscheckModel(Provenance):
    """When an answer of a department contradicts a statement (数据比对), and which of them counts.

    What is not said is as usual for its kind (`relief.rulepack.crosschecks.USUAL`). Without `wins` the
    pack's measures say which side they go by.
    """

    kind: Word
    stated: Word | None = None
    found: Literal["count", "any", "sum", "part", "spouse"] | None = None
    contradicts: tuple[Word, ...] = ()
    words: tuple[Word, ...] = ()
    where: Formula | None = None
    tolerance: Quantity = Fraction(0)
    months: int | None = None
    wins: Literal["declared", "registry", "ask"] | None = None


class ExceptionModel(_Strict):
    """A fact of which more hardship may lose a household its eligibility, and why that is meant."""

    column: str
    note: Word
    note_en: str = ""


class PackModel(_Strict):
    """A whole pack, or with ``extends`` only its differences from another."""

    name: PackName
    title: Word
    title_en: Word
    about: str = ""
    partial: str = Field(default="", description="What of the text is not known, so that the pack lacks it.")
    partial_en: str = ""
    extends: str = ""
    districts: tuple[DistrictModel, ...] = ()
    calendar: tuple[YearModel, ...] = ()
    parameters: dict[Identifier, ParameterModel] = {}
    tiers: dict[Identifier, TiersModel] = {}
    measures: dict[Identifier, MeasureModel] = {}
    rules: tuple[RuleModel, ...] = ()
    categories: tuple[CategoryModel, ...] = Field(default=(), max_length=100)
    exclusive_categories: bool = Field(default=False, description="Whether no household fits two categories.")
    benefits: tuple[BenefitModel, ...] = ()
    claim: ClaimModel | None = None
    crosschecks: tuple[CrosscheckModel, ...] = ()
    may_lose: tuple[ExceptionModel, ...] = ()


def parts(root: Any) -> dict[str, type[BaseModel]]:
    """Return a model and every model that its keys hold, by short name, in the order of the keys.

    `root` may be the type of a key as well, such as a tuple of models.
    """
    found: dict[str, type[BaseModel]] = {}

    def follow(annotation: Any) -> None:
        is_part = isinstance(annotation, type) and issubclass(annotation, BaseModel)
        if is_part and short_name(annotation) not in found:
            found[short_name(annotation)] = annotation
            for field in annotation.model_fields.values():
                follow(field.annotation)
        for inner in getattr(annotation, "__args__", ()):
            follow(inner)

    follow(root)
    return found


def short_name(part: type[BaseModel]) -> str:
    """Return what a model is called in the schema: ``Rule`` for `RuleModel`."""
    return part.__name__.removeprefix("_").removesuffix("Model")
