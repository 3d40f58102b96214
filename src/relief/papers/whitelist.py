"""What a notice may show of a household: a white list, and whatever else somebody answers for by name.

In    a `Round`, the fields that a person adds (`Extra`) or leaves out
Out   `shown_rows`: the masked rows of a notice; `small_groups`: those that still point at a person

By default a notice shows the masked name, union, district, category, number of members and amount. Any
other field of a household needs a reason and a name, which go on the record. ID numbers, accounts, the
person's phone, illness, hospital, disability and whatever else the data dictionary calls personal are
refused whatever the reason; so is all that is held of single members, papers and departments' answers.

Sources: 个人信息保护法 arts. 28-29; 国务院办公厅, 2018年政务公开工作要点 (personal matter is de-identified).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from relief.columns import DICTIONARY, TABLES, match
from relief.errors import PaperError
from relief.messages import mask, say
from relief.money import yuan
from relief.papers.masking import masked
from relief.papers.paper import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from relief.allocation import Allocation
    from relief.columns import Column
    from relief.messages import Language
    from relief.round.pipeline import Round

__all__ = [
    "FEWEST", "HIDEABLE", "SHOWN", "Extra", "SmallGroup", "columns_of", "on_record", "plan_of", "shown_rows",
    "small_groups",
]  # fmt: skip

SHOWN = ("name", "union", "category", "members", "award_fen")
# A place may leave these out; a list without names and amounts would be no notice.
HIDEABLE = frozenset({"union", "category", "members"})
FEWEST = 3
_WHITE = frozenset({"household_id", "district", "union_name", "applicant_name", "household_size"})
# Not personal for the reader of a table, yet each tells of illness or disability, or where the money goes.
_SENSITIVE = frozenset({
    "bank_name", "cause", "has_hospital_record", "has_illness_certificate", "has_medical_receipt",
    "rigid_accident_fen", "rigid_disability_fen", "rigid_illness_fen",
})  # fmt: skip


@dataclass(frozen=True)
class Extra:
    """A further field on a notice: its column or Chinese header, why it is shown, and who answers for it."""

    field: str
    reason: str
    by: str


@dataclass(frozen=True)
class SmallGroup:
    """So few households that the shown fields have in common that a reader may know who they are.

    Attributes
    ----------
    values : tuple of str
        What is shown of them: district, then union and category as far as they are shown.
    members : str or None
        How many persons each has; None where the group is small already without it.
    households : int
    """

    values: tuple[str, ...]
    members: str | None
    households: int

    def text(self, lang: Language = "zh") -> str:
        """Return the warning in words."""
        group = say("list.join", lang).join(self.values)
        persons = "" if self.members is None else say("notice.persons", lang, count=self.members)
        return say("notice.small_group", lang, group=group, persons=persons, count=self.households)


def plan_of(round_: Round) -> Allocation:
    """Return how the fund was divided.

    Raises
    ------
    PaperError
        If nobody has an award.
    """
    if round_.allocation is None:
        raise PaperError("notice.nobody")
    return round_.allocation


def columns_of(extras: Iterable[Extra]) -> list[Column]:
    """Return the columns of further fields.

    Raises
    ------
    PaperError
        If a field may never be shown, does not exist, is shown anyway, or comes without reason or name.
    """
    return [_column_of(extra) for extra in extras]


def on_record(extras: Iterable[Extra]) -> list[dict[str, str]]:
    """Return further fields as the record keeps them: the column, its title, the reason, who answers for it.

    Raises
    ------
    PaperError
        As for `shown_rows`.
    """
    return [
        {"column": column.name, "title": column.title, "reason": extra.reason.strip(), "by": extra.by.strip()}
        for extra in extras
        for column in [_column_of(extra)]
    ]


def _column_of(extra: Extra) -> Column:
    found = _known(extra.field)
    if found is None:
        raise PaperError("notice.field_unknown", field=extra.field)
    facts = {"field": extra.field, "title_zh": found.title, "title_en": found.title_en}
    if found.table != "households" or found.is_personal or found.name in _SENSITIVE:
        raise PaperError("notice.field_refused", **facts)
    if found.name in _WHITE:
        raise PaperError("notice.field_shown", **facts)
    if not extra.reason.strip() or not extra.by.strip():
        raise PaperError("notice.field_without_reason", **facts)
    return found


def _known(field: str) -> Column | None:
    """Return what a name or header means: of a household if it can be, else of a member, paper or answer."""
    table, _, name = field.rpartition(".")
    for place in (table,) if table in TABLES else TABLES:
        if name in DICTIONARY[place]:
            return DICTIONARY[place][name]
        header = match(place, name)
        if header is not None:
            return header.column
    return None


def shown_rows(
    round_: Round, extras: Iterable[Extra] = (), hidden: Iterable[str] = (), lang: Language = "zh"
) -> pd.DataFrame:
    """Return what a notice shows of each household with an award.

    Parameters
    ----------
    round_ : Round
    extras : iterable of Extra
    hidden : iterable of str
        Which of union, category, members to leave out.
    lang : {'zh', 'en'}

    Returns
    -------
    DataFrame
        Index household_id, which is not shown, in the order of the roster. `district`, masked `name`,
        `union`, `category`, `members` (text, blank where unknown), `award_fen`, then each further field by
        its column's name, as text.

    Raises
    ------
    PaperError
        If a field may never be shown, does not exist, or comes without reason or name; if a field that
        cannot be left out is; or if nobody has an award.
    """
    wrong = set(hidden) - HIDEABLE
    if wrong:
        raise PaperError("notice.not_hideable", field=min(wrong))
    columns = columns_of(extras)
    awards = plan_of(round_).awards_fen
    told = _told(round_, awards.index)
    rows = pd.DataFrame(
        {
            "district": round_.household_districts.reindex(awards.index).astype(object),
            "name": [masked(name) for name in told("applicant_name")],
            "union": [mask(plain(union)) for union in told("union_name")],
            "category": _categories(round_, awards.index, lang),
            "members": _members(round_, awards.index),
            "award_fen": awards,
        },
        index=awards.index,
    )
    for column in columns:
        rows[column.name] = [_cell(column, value, lang) for value in told(column.name)]
    return rows.drop(columns=list(hidden))


def _told(round_: Round, households: pd.Index[Any]) -> Any:
    """Return a reader of a column of the households: text, blank where nothing is stated."""
    frame = round_.tables.frames["households"]
    frame = frame.drop_duplicates("household_id").set_index("household_id")

    def read(name: str) -> list[Any]:
        if name not in frame:
            return [""] * len(households)
        values = frame[name].astype(object).reindex(households)
        return ["" if pd.isna(value) else value for value in values]

    return read


def _categories(round_: Round, households: pd.Index[Any], lang: Language) -> list[str]:
    """Return each household's category; a roster that nobody was judged from has none."""
    if round_.assessment is None:
        return [""] * len(households)
    titles = {item.title: item.title if lang == "zh" else item.title_en for item in round_.pack.categories}
    return [titles.get(str(name), "") for name in round_.decisions["category"].reindex(households)]


def _members(round_: Round, households: pd.Index[Any]) -> list[str]:
    """Return how many persons count in each household, as stated or else as listed."""
    listed: dict[Any, int] = {}
    people = round_.tables.frames.get("members")
    if people is not None and "household_id" in people:
        if "counts_in_household" in people:
            people = people[people["counts_in_household"].fillna(True).astype(bool)]
        listed = people["household_id"].value_counts().to_dict()
    stated = _told(round_, households)("household_size")
    pairs = zip(households, stated, strict=True)
    return [str(listed.get(household, "") if size == "" else int(size)) for household, size in pairs]


def _cell(column: Column, value: Any, lang: Language) -> str:
    """Return a value of a further field as text; a long number inside a text is masked."""
    if value == "":
        return ""
    if column.dtype == "money":
        return f"{yuan(int(value)):,}"
    if column.dtype == "flag":
        return say(f"summary.value.{'yes' if value else 'no'}", lang)
    if column.dtype == "date":
        return str(pd.Timestamp(value).date())
    return mask(plain(str(value)))


def small_groups(rows: pd.DataFrame, fewest: int = FEWEST) -> list[SmallGroup]:
    """Return the groups of fewer than `fewest` households that what is shown has in common.

    Parameters
    ----------
    rows : DataFrame
        As `shown_rows` returns it.
    fewest : int
        The least number of households that hides each among the others.

    Returns
    -------
    list of SmallGroup
        By district, then with the union, the category, the number of members. A group within one that
        is small already is not told again.
    """
    fields = [field for field in ("district", "union", "category", "members") if field in rows]
    found: list[SmallGroup] = []
    left = rows
    for count in range(1, len(fields) + 1):
        sizes = left.groupby(fields[:count], sort=False, dropna=False)["name"].transform("size")
        found += _groups(left[sizes < fewest], fields[:count])
        left = left[sizes >= fewest]
    return found


def _groups(rows: pd.DataFrame, fields: list[str]) -> Iterator[SmallGroup]:
    for values, group in rows.groupby(fields, sort=False, dropna=False):
        told = dict(zip(fields, map(str, values), strict=True))
        members = told.pop("members", None)
        yield SmallGroup(tuple(filter(None, told.values())), members, len(group))
