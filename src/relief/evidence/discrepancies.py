"""What a department answered against what the household stated (数据比对), and what hangs on it.

In    an `Assessment`
Out   one row per discrepancy: both values, both days, which of them the pack went by, and the effect

The effect is found by judging the household twice more: as if the register were right, and as if
the statement were. No answer, an open one or a missing authority is no discrepancy: it is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from relief.intake.answers import NOTHING
from relief.intake.identifiers import folded
from relief.intake.people import column_of, rows_of
from relief.intake.tables import Tables
from relief.judging.departments import DECLARED
from relief.judging.eligibility import assess
from relief.money import yuan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from relief.judging.eligibility import Assessment

__all__ = ["EFFECTS", "Answer", "answers", "discrepancies"]

EFFECTS = ("none", "amount", "outcome")
_COLUMNS = [
    "household_id", "kind", "source", "sheet", "row", "declared", "declared_on", "found", "found_on",
    "went_by", "effect", "outcome_if_declared", "outcome_if_found", "difference_fen",
]  # fmt: skip
_IDLE = frozenset({"失业", "下岗", "在校", "学龄前"})
_UNMARRIED = ("离", "丧", "未婚", NOTHING)
# Words of a pension that is paid; 参保 alone says that the person pays in.
_PAID = ("领取", "待遇", "退休", "发放")
_COUNTED = ("不动产", "机动车")
_FLAGS = ("商事登记", "低保")


@dataclass(frozen=True)
class Answer:
    """What was answered on one matter: of a household, or of one of its members.

    `found` is a count, a truth, an amount in fen or a word; None where the answer is open.
    """

    household: str
    kind: str
    member: int | None
    places: tuple[int, ...]
    declared: Any
    found: Any

    @property
    def differs(self) -> bool:
        """Whether statement and answer are both known and not the same."""
        return self.declared is not None and self.found is not None and self.declared != self.found


@dataclass
class _Case:
    """The rows of one household, to be judged as if a fact were another."""

    frames: dict[str, pd.DataFrame]
    places: dict[str, Any] = field(default_factory=dict)


def answers(tables: Tables) -> Iterator[Answer]:
    """Yield every answer that stands against a statement, in the order of the households.

    Parameters
    ----------
    tables : Tables
        As an assessment has them: registry rows name their household, one row per thing.
    """
    if "registry" not in tables:
        return
    of_households = {row[0]: dict(zip(_stated(), row[1:], strict=True))
                     for row in rows_of(tables["households"], "household_id", *_stated())}  # fmt: skip
    people = _people(tables)
    registry = tables["registry"]
    rows = list(rows_of(registry, "household_id", "kind", "id_number", "value", "amount_fen"))
    groups: dict[tuple[Any, Any, int | None], list[int]] = {}
    for at, (household, kind, number, _, _) in enumerate(rows):
        if kind not in DECLARED or household not in of_households:
            continue
        if DECLARED[kind][0] == "households":
            groups.setdefault((household, kind, None), []).append(at)
        elif (household, folded(number)) in people:
            groups.setdefault((household, kind, people[household, folded(number)]), []).append(at)
    for (household, kind, member), places in groups.items():
        values = [rows[at][3] for at in places]
        amounts = [rows[at][4] for at in places]
        if member is None:
            declared = of_households[household][DECLARED[kind][1]]
            found = _of_household(kind, values, amounts)
        else:
            declared, found = _of_member(kind, tables["members"], member, values)
        yield Answer(household, kind, member, tuple(places), declared, found)


def _stated() -> list[str]:
    return [column for table, column in DECLARED.values() if table == "households"]


def _people(tables: Tables) -> dict[tuple[Any, Any], int]:
    if "members" not in tables:
        return {}
    rows = rows_of(tables["members"], "household_id", "id_number")
    return {
        (household, folded(number)): at for at, (household, number) in enumerate(rows) if number is not None
    }


def _of_household(kind: str, values: list[Any], amounts: list[Any]) -> Any:
    """Return what the answers of a household come to; None where one is open."""
    if any(value is None for value in values):
        return None
    things = [value for value in values if value != NOTHING]
    if kind in _COUNTED:
        return len(things)
    if kind in _FLAGS:
        return bool(things)
    known = [0 if value == NOTHING else amount for value, amount in zip(values, amounts, strict=True)]
    return None if None in known else sum(known)


def _of_member(kind: str, members: pd.DataFrame, at: int, values: list[Any]) -> tuple[Any, Any]:
    """Return what is stated of a member and what was answered, as words that are alike where they agree."""
    member = members.iloc[at]
    if None in values:
        return None, None
    things = [str(value) for value in values if value != NOTHING]
    if kind == "死亡":
        counts = column_of(members, "counts_in_household")[at]
        return (
            None if counts is None else "在世" if counts else "不计入"
        ), "死亡" if things and counts else None
    if kind == "就业":
        work = member.get("employment")
        return (work if work in _IDLE else None), "就业" if things else None
    if kind == "养老保险":
        pension = column_of(members, "transfer_income_fen")[at]
        is_paid = any(word in value for value in things for word in _PAID)
        return (0 if pension == 0 else None), "领取" if is_paid else None
    household = members["household_id"] == member["household_id"]
    spouse = "配偶" in set(members.loc[household, "relation"].astype(object))
    if member.get("relation") != "本人":
        return None, None
    is_single = all(any(word in str(value) for word in _UNMARRIED) for value in values)
    return ("已婚" if spouse else "无配偶"), "无配偶" if is_single else "已婚"


# --- what hangs on it -----------------------------------------------------------------------------


def discrepancies(judged: Assessment) -> pd.DataFrame:
    """Return where a department's answer is not what the household stated.

    Parameters
    ----------
    judged : Assessment

    Returns
    -------
    DataFrame
        One row each: household_id; kind; source, sheet and row of the answer; declared and found with
        declared_on and found_on; went_by (``found``, ``declared`` or ``either``: whose outcome is the
        decision's); effect (one of `EFFECTS`); the two outcomes; difference_fen, how much more the
        claim and the benefits are if the answer is right (NA where not known).
    """
    found = [answer for answer in answers(judged.tables) if answer.differs]
    if not found:
        return pd.DataFrame(columns=_COLUMNS)
    cases = _Cases(judged.tables)
    sides = [(cases.copy(one, _as_found), cases.copy(one, _as_declared)) for one in found]
    again = assess(
        _stacked([case for pair in sides for case in pair], judged.tables), judged.pack, on=judged.on
    )
    rows = [_row(judged, again.decisions, at, answer) for at, answer in enumerate(found)]
    return pd.DataFrame(rows, columns=_COLUMNS).astype({"difference_fen": "Int64"})


class _Cases:
    """Copies single households out of tables."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._rows = {
            table: frame.groupby("household_id", sort=False).indices
            for table, frame in tables.frames.items()
            if "household_id" in frame
        }

    def copy(self, answer: Answer, change: Callable[[dict[str, pd.DataFrame], Answer], None]) -> _Case:
        """Return a household's rows, changed."""
        places = {table: rows.get(answer.household, []) for table, rows in self._rows.items()}
        # The rows go by their positions, as an answer does: others may have been set aside.
        frames = {
            table: self._tables[table].iloc[at].astype(object).set_axis(list(at))
            for table, at in places.items()
        }
        change(frames, answer)
        return _Case(frames, places)


def _stacked(cases: list[_Case], like: Tables) -> Tables:
    """Return cases as tables, each a household of its own id."""
    frames, origins = {}, {}
    for table in cases[0].frames:
        parts = [case.frames[table].assign(household_id=str(at)) for at, case in enumerate(cases)]
        dtypes = {
            name: dtype
            for name, dtype in like[table].dtypes.items()
            if name != "household_id" and not isinstance(dtype, pd.CategoricalDtype)
        }
        frames[table] = pd.concat(
            [part for part in parts if len(part)] or parts[:1], ignore_index=True
        ).astype(dtypes)
        blank = {"source": "", "sheet": "", "row": range(1, len(frames[table]) + 1)}
        origins[table] = pd.DataFrame(blank, index=frames[table].index)
    return Tables(frames, origins)


def _as_found(frames: dict[str, pd.DataFrame], answer: Answer) -> None:
    """State what the department found."""
    table, column = DECLARED[answer.kind]
    if table == "households":
        frames["households"] = frames["households"].assign(**{column: answer.found})
    elif answer.kind in ("就业", "养老保险"):
        _earns(frames, _position(frames, answer), answer.kind)
    else:
        _counts_otherwise(frames, answer)


def _earns(frames: dict[str, pd.DataFrame], at: int, kind: str) -> None:
    """Let a member earn something that is not known; it was not nothing."""
    for table in ("members", "households"):
        frame = frames[table].copy()
        rows = [at] if table == "members" else [*range(len(frame))]
        for name in ("income_fen", "wage_income_fen" if kind == "就业" else "transfer_income_fen"):
            if name in frame:
                frame.iloc[rows, list(frame.columns).index(name)] = pd.NA
        frames[table] = frame
    if kind == "就业":
        frames["members"].iloc[at, list(frames["members"].columns).index("employment")] = "在岗"


def _counts_otherwise(frames: dict[str, pd.DataFrame], answer: Answer) -> None:
    """Let a member who died, or a spouse who is none, count no longer; or one more person count."""
    people, households = frames["members"].copy(), frames["households"]
    by = 1 if answer.found == "已婚" else -1
    if by < 0:
        spouses = [at for at, relation in enumerate(column_of(people, "relation")) if relation == "配偶"]
        gone = [_position(frames, answer)] if answer.kind == "死亡" else spouses
        people["counts_in_household"] = people.get("counts_in_household", pd.NA)
        people.iloc[gone, list(people.columns).index("counts_in_household")] = False
    if "household_size" in households:
        size = households["household_size"].iloc[0]
        other = None if pd.isna(size) else max(1, int(size) + by)
        frames["households"] = households.assign(household_size=pd.array([other], dtype="Int64"))
    frames["members"] = people


def _position(frames: dict[str, pd.DataFrame], answer: Answer) -> int:
    return list(frames["members"].index).index(answer.member)


def _as_declared(frames: dict[str, pd.DataFrame], answer: Answer) -> None:
    """Let the department answer what the household stated."""
    registry = frames["registry"]
    mine = registry.index.isin(answer.places)
    kept, one = registry[~mine], registry[mine].iloc[:1]
    count = answer.declared if answer.kind in _COUNTED else 1
    value = "是" if answer.declared and answer.kind in (*_FLAGS, *_COUNTED) else NOTHING
    if answer.kind == "存款余额" and answer.declared:
        one, value = one.assign(amount_fen=answer.declared), "有"
    if answer.kind == "婚姻":
        value = "已婚" if answer.declared == "已婚" else "未婚"
    frames["registry"] = pd.concat([kept, *[one.assign(value=value)] * max(1, int(count))])


def _row(judged: Assessment, again: pd.DataFrame, at: int, answer: Answer) -> tuple[object, ...]:
    place = judged.tables.origins["registry"].iloc[answer.places[0]]
    registry = judged.tables["registry"].iloc[list(answer.places)]
    found, declared = again.iloc[2 * at], again.iloc[2 * at + 1]
    now: Any = judged.decisions.iloc[_place(judged, answer.household)]
    went_by = "found" if _same(now, found) else "declared"
    if _same(now, found) and _same(now, declared):
        went_by = "either"
    amounts = ["claim_fen", *(f"{benefit.id}_fen" for benefit in judged.pack.benefits)]
    difference = _money(found, declared, [name for name in amounts if name in again])
    if str(found["outcome"]) != str(declared["outcome"]) or str(found["category"]) != str(
        declared["category"]
    ):
        effect = "outcome"
    else:
        effect = "amount" if difference is pd.NA or difference else "none"
    return (
        answer.household, answer.kind, place["source"], place["sheet"], int(place["row"]),
        _word(answer.declared, answer.kind), _day(judged, answer.household), _word(answer.found, answer.kind),
        _latest(registry), went_by, effect, str(declared["outcome"]), str(found["outcome"]), difference,
    )  # fmt: skip


def _same(one: pd.Series[Any], other: pd.Series[Any]) -> bool:
    pairs = [
        (one[name], other[name])
        for name in ("outcome", "category", "claim_fen", "failed_rules", "unknown_rules")
    ]
    return all(
        (pd.isna(a) and pd.isna(b)) or (not pd.isna(a) and not pd.isna(b) and a == b) for a, b in pairs
    )


def _money(found: pd.Series[Any], declared: pd.Series[Any], names: list[str]) -> Any:
    """Return how much more the amounts are if the answer is right; NA where one of them is not known."""
    total = 0
    for name in names:
        one, other = found[name], declared[name]
        if pd.isna(one) and pd.isna(other):
            continue
        if pd.isna(one) or pd.isna(other):
            return pd.NA
        total += int(one) - int(other)
    return total


def _place(judged: Assessment, household: str) -> int:
    return list(judged.decisions.index).index(household)


def _day(judged: Assessment, household: str) -> Any:
    households = judged.tables["households"]
    if "applied_on" not in households:
        return pd.NaT
    return households["applied_on"].iloc[_place(judged, household)]


def _latest(registry: pd.DataFrame) -> Any:
    return registry["as_of"].max() if "as_of" in registry else pd.NaT


def _word(value: Any, kind: str) -> str:
    if isinstance(value, bool):
        return "有" if value else NOTHING
    if kind in ("存款余额", "养老保险") and isinstance(value, int):
        return f"{yuan(value):,}"
    return str(value)
