"""What another pack would change: the packs in words, and over a table who changes, why, and by how much.

In    two packs; with a table and a day also the households; with a fund also its division
Out   `Differences`: lines for people, plain data for programs, a frame of the households

The order of the rows never matters: households are in the order of their ids.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.allocation import allocate
from relief.errors import ReliefError
from relief.intake.tables import Tables, read_tables
from relief.judging.eligibility import Assessment, assess
from relief.messages import say
from relief.money import yuan
from relief.rulepack.changes import Change, changes

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from relief.messages import Language
    from relief.rulepack.contents import Pack
    from relief.verdicts import Item

__all__ = ["Differences", "compare"]

_VERDICTS = ("unknown", "pass", "fail", "absent")
_FAIL, _ABSENT = _VERDICTS.index("fail"), _VERDICTS.index("absent")
_SHOWN = 20
_DIGITS = 8


@dataclass(frozen=True, eq=False, repr=False)
class Differences:
    """What differs between two packs.

    Attributes
    ----------
    old, new : Pack
    before, after : Assessment or None
        The same table judged by each; None without a table.
    fund_fen : int or None
    """

    old: Pack
    new: Pack
    before: Assessment | None = None
    after: Assessment | None = None
    fund_fen: int | None = None

    def __repr__(self) -> str:
        return f"Differences({self.old.name!r} → {self.new.name!r}, {len(self.changes('en'))} changes)"

    def changes(self, lang: Language = "zh") -> list[Change]:
        """Return what differs between the packs themselves."""
        return changes(self.old, self.new, lang)

    @cached_property
    def households(self) -> pd.DataFrame:
        """The households that change: one row each, in the order of their ids.

        Index household_id; outcome, category (its id) and claim_fen each ``_before`` and
        ``_after``; with a fund award_fen, too. ``benefits`` and ``rules`` say what became of each
        benefit, rule and category whose verdict is another (``low-income: pass → fail``). A
        household that was set aside has no outcome.
        """
        if self.before is None or self.after is None:
            return pd.DataFrame()
        sides = [self._side(judged, n) for n, judged in enumerate((self.before, self.after))]
        ids = sides[0].index.union(sides[1].index, sort=False).sort_values()
        frame = pd.DataFrame(index=ids.rename("household_id"))
        differs = np.zeros(len(ids), dtype=bool)
        for column in sides[0]:
            one, other = (side[column].reindex(ids) for side in sides)
            frame[f"{column}_before"], frame[f"{column}_after"] = one, other
            same = (one == other).fillna(value=False) | (one.isna() & other.isna())
            differs |= ~same.to_numpy(dtype=bool)
        # A benefit that a pack does not know is one that nobody gets.
        frame["benefits"] = self._told(ids, lambda judged: judged._verdicts.benefits, _FAIL)
        differs |= (frame["benefits"] != "").to_numpy()
        frame["rules"] = self._told(ids, lambda judged: judged._verdicts.items, _ABSENT)
        return frame[differs]

    def _side(self, judged: Assessment, number: int) -> pd.DataFrame:
        """Return what one pack decides, by its own ids of categories."""
        decisions = judged.decisions
        ids = {category.title: category.id for category in reversed(judged.pack.categories)}
        frame = pd.DataFrame(index=decisions.index.astype(object))
        frame["outcome"] = decisions["outcome"].astype(object)
        frame["category"] = [ids.get(title, "") for title in decisions["category"]]
        frame["claim_fen"] = decisions["claim_fen"]
        for name in self._gifts:
            known = f"{name}_fen" in decisions
            frame[f"{name}_fen"] = (
                decisions[f"{name}_fen"] if known else pd.array([pd.NA] * len(frame), "Int64")
            )
        if self.fund_fen is not None:
            awards = self._divided[number][0].reindex(frame.index)
            frame["award_fen"] = awards.fillna(0).astype("Int64")
        return frame

    @property
    def _gifts(self) -> list[str]:
        given = [*self.old.benefits, *self.new.benefits]
        return list(dict.fromkeys(benefit.id for benefit in given if benefit.amount is not None))

    def _told(self, ids: pd.Index[Any], items_of: Any, lacking: int) -> list[str]:
        """Say per household which items have another verdict."""
        codes = [self._codes(ids, judged, items_of) for judged in (self.before, self.after)]
        told: list[list[str]] = [[] for _ in range(len(ids))]
        absent = np.full(len(ids), lacking)
        for id_ in dict.fromkeys([*codes[0], *codes[1]]):
            one, other = (side.get(id_, absent) for side in codes)
            for at in np.flatnonzero(one != other):
                told[at].append(f"{id_}: {_VERDICTS[one[at]]} → {_VERDICTS[other[at]]}")
        return ["; ".join(parts) for parts in told]

    @staticmethod
    def _codes(ids: pd.Index[Any], judged: Assessment | None, items_of: Any) -> dict[str, Any]:
        """Return the verdict of each item per household, `_ABSENT` for one that was set aside."""
        if judged is None:
            return {}
        places = judged.decisions.index.get_indexer(ids)
        items: list[Item] = items_of(judged)
        verdicts = {
            item.stated.id: np.where(item.truth.yes, 1, np.where(item.truth.no, 2, 0)) for item in items
        }
        return {
            id_: np.where(places < 0, _ABSENT, codes[places]) if len(codes) else np.full(len(ids), _ABSENT)
            for id_, codes in verdicts.items()
        }

    # --- the fund ---------------------------------------------------------------------------------

    @cached_property
    def _divided(self) -> list[tuple[pd.Series[Any], ReliefError | None]]:
        """Return the awards by each pack, or why it divides nothing."""
        return [_divided(judged, self.fund_fen) for judged in (self.before, self.after)]

    # --- for people and programs ------------------------------------------------------------------

    def lines(self, lang: Language = "zh") -> list[str]:
        """Return the differences as lines of text."""
        old, new = self._names(lang)
        lines = [say("diff.head", lang, old=old, new=new)]
        found = [change.line(lang) for change in self.changes(lang)]
        lines += found or [say("diff.same", lang)]
        if self.before is not None:
            lines += ["", *self._household_lines(lang)]
        if self.before is not None and self.fund_fen is not None:
            lines += list(self._split_lines(lang))
        return lines

    def _names(self, lang: Language) -> tuple[str, str]:
        """Return what the packs are called; of two of one name with what tells them apart."""
        packs = (self.old, self.new)
        if self.old.name != self.new.name:
            return self.old.name, self.new.name
        titles = [pack.title if lang == "zh" else pack.title_en for pack in packs]
        marks = titles if titles[0] != titles[1] else _prints(*packs)
        old, new = (say("diff.edition", lang, name=pack.name, mark=mark) if mark else pack.name
                    for pack, mark in zip(packs, marks, strict=True))  # fmt: skip
        return old, new

    def _household_lines(self, lang: Language) -> Iterator[str]:
        frame = self.households
        yield say("diff.households", lang, count=self._judged, changed=len(frame))
        ends = zip(
            *(map(_outcome(lang), frame[f"outcome_{end}"]) for end in ("before", "after")), strict=True
        )
        moved = Counter((before, after) for before, after in ends if before != after)
        for (before, after), number in sorted(moved.items(), key=lambda pair: (-pair[1], pair[0])):
            yield say("diff.moved", lang, before=before, after=after, count=number)
        titles = self._titles(lang)
        changed = Counter(entry for text in frame["rules"] if text for entry in text.split("; "))
        for entry, number in sorted(changed.items(), key=lambda pair: (-pair[1], pair[0])):
            id_, before, after = _entry(entry, lang)
            yield say(
                "diff.verdict", lang, id=id_, title=titles[id_], before=before, after=after, count=number
            )
        steady = frame["outcome_before"] == frame["outcome_after"]
        first = pd.concat([frame[~steady], frame[steady]]).head(_SHOWN)
        for household, row in first.iterrows():
            told = say("diff.join", lang).join(self._row_parts(row, lang))
            yield say("diff.household", lang, household=str(household), told=told)
        if len(frame) > _SHOWN:
            yield say("diff.more", lang, count=len(frame) - _SHOWN)

    def _row_parts(self, row: pd.Series[Any], lang: Language) -> Iterator[str]:
        """Yield what changes for one household."""
        ends = [row["outcome_before"], row["outcome_after"]]
        if ends[0] != ends[1]:
            before, after = map(_outcome(lang), ends)
            yield say("diff.of.outcome", lang, before=before, after=after)
        titles = self._titles(lang)
        for aspect, column in (("category", "category"), ("claim", "claim_fen"), ("award", "award_fen")):
            ends = [_shown(row.get(f"{column}_{end}", "")) for end in ("before", "after")]
            if ends[0] != ends[1]:
                before, after = (titles.get(end, end) for end in ends)
                yield say(f"diff.of.{aspect}", lang, before=before, after=after)
        for name in self._gifts:
            before, after = _shown(row[f"{name}_fen_before"]), _shown(row[f"{name}_fen_after"])
            if before != after:
                yield say("diff.of.gift", lang, title=titles[name], before=before, after=after)
        for text in filter(None, [*row["benefits"].split("; "), *row["rules"].split("; ")]):
            id_, before, after = _entry(text, lang)
            yield say("diff.of.rule", lang, title=titles[id_], before=before, after=after)

    def _titles(self, lang: Language) -> dict[str, str]:
        packs = (self.old, self.new)
        items = [item for pack in packs for item in (*pack.rules, *pack.categories, *pack.benefits)]
        return {item.id: item.title if lang == "zh" else item.title_en for item in items}

    def _split_lines(self, lang: Language) -> Iterator[str]:
        for name, (_, problem) in zip(self._names(lang), self._divided, strict=True):
            if problem is not None:
                yield say("diff.undivided", lang, pack=name, problem=problem.text(lang))
        told = self.split
        yield say(
            "diff.split",
            lang,
            **{key: _shown(value) if key in _MONEY else value for key, value in told.items()},
        )

    @property
    def split(self) -> dict[str, int]:
        """What the other pack does to the division: who shares, how many gain and lose, and how much."""
        (before, _), (after, _) = self._divided
        ids = before.index.union(after.index)
        change = after.reindex(ids).fillna(0).astype(object) - before.reindex(ids).fillna(0).astype(object)
        gained, lost = change[change > 0], change[change < 0]
        return {
            "fund": int(self.fund_fen or 0),
            "before": int((before > 0).sum()),
            "after": int((after > 0).sum()),
            "gain": len(gained),
            "more": int(gained.sum()),
            "lose": len(lost),
            "less": int(lost.sum()),
        }

    def plain(self, lang: Language = "zh") -> dict[str, Any]:
        """Return the differences as plain data, for another program; amounts in fen.

        ``changes`` between the packs; with a table ``judged`` (how many), ``moved`` and ``because``
        (how many change their outcome, and by which rule) and ``households``, each with its
        ``rules`` and ``benefits`` as id, before and after; with a fund ``split``, and in
        ``undivided`` why a pack divides nothing.
        """
        plain: dict[str, Any] = {
            "old": self.old.name,
            "new": self.new.name,
            "changes": [change.plain() for change in self.changes(lang)],
        }
        if self.before is not None:
            plain |= {"judged": self._judged, **self._household_plain()}
        if self.before is not None and self.fund_fen is not None:
            told = zip((self.old, self.new), self._divided, strict=True)
            plain["split"] = self.split
            plain["undivided"] = [
                {"pack": pack.name, "problem": problem.text(lang)} for pack, (_, problem) in told if problem
            ]
        return plain

    @property
    def _judged(self) -> int:
        return max(len(judged.decisions) for judged in (self.before, self.after) if judged is not None)

    def _household_plain(self) -> dict[str, Any]:
        frame = self.households.reset_index().astype(object)
        rows: list[dict[Any, Any]] = frame.where(frame.notna(), None).to_dict("records")
        for row in rows:
            row |= {key: _verdicts_of(row[key]) for key in ("benefits", "rules")}
        moved = Counter((row["outcome_before"], row["outcome_after"]) for row in rows)
        because = Counter(tuple(verdict.values()) for row in rows for verdict in row["rules"])
        return {
            "moved": [{"before": one, "after": other, "count": count}
                      for (one, other), count in moved.most_common() if one != other],
            "because": [{"id": id_, "before": one, "after": other, "count": count}
                        for (id_, one, other), count in because.most_common()],
            "households": rows,
        }  # fmt: skip


_MONEY = ("fund", "more", "less")


def compare(
    old: Pack,
    new: Pack,
    source: Tables | Mapping[str, Any] | pd.DataFrame | str | Path | None = None,
    *,
    on: dt.date | str | None = None,
    fund_fen: int | None = None,
) -> Differences:
    """Tell two packs apart.

    Parameters
    ----------
    old, new : Pack
    source : Tables, or anything that `relief.read_tables` takes, optional
        Households to judge by both.
    on : date or ISO text, optional
        The day of the decision; needed with `source`.
    fund_fen : int, optional
        A fund to divide among the eligible of each, in fen.

    Returns
    -------
    Differences

    Raises
    ------
    ReliefError
        If there is a table but no day.

    Examples
    --------
    >>> import relief
    >>> old, new = relief.load_pack("national-2020"), relief.load_pack("huzhou")
    >>> [change.aspect for change in compare(old, new).changes("en") if change.id == "relative"]
    ['formula', 'source']
    """
    if source is None:
        return Differences(old, new)
    if on is None:
        raise ReliefError("diff.no_day")
    tables = read_tables(source)
    return Differences(old, new, assess(tables, old, on=on), assess(tables, new, on=on), fund_fen)


def _divided(judged: Assessment | None, fund_fen: int | None) -> tuple[pd.Series[Any], ReliefError | None]:
    nothing = pd.Series(dtype="int64", index=pd.Index([], dtype=object))
    if judged is None or fund_fen is None:
        return nothing, None
    if judged.claims_fen.empty:
        return nothing, ReliefError("diff.nobody")
    try:
        return allocate(judged.claims_fen, fund_fen).awards_fen, None
    except ReliefError as error:
        return nothing, error


def _prints(old: Pack, new: Pack) -> tuple[str, str]:
    """Return the first file in which two packs differ, each with the start of its SHA-256."""
    files = [
        {f"{name}/{file}": data for name, folder in pack.folders.items() for file, data in folder.items()}
        for pack in (old, new)
    ]
    for file in sorted({*files[0], *files[1]}):
        one, other = (hashlib.sha256(side.get(file, b"")).hexdigest()[:_DIGITS] for side in files)
        if one != other:
            return f"{file} {one}", f"{file} {other}"
    return "", ""


def _outcome(lang: Language) -> Any:
    def told(outcome: object) -> str:
        return say(f"outcome.{outcome}" if isinstance(outcome, str) else "diff.aside", lang)

    return told


def _verdict(word: str, lang: Language) -> str:
    return say("diff.absent" if word == "absent" else f"result.{word}", lang)


def _entry(text: str, lang: Language) -> tuple[str, str, str]:
    """Read ``id: pass → fail`` and return the id and both verdicts in words."""
    id_, _, verdicts = text.partition(": ")
    before, after = (_verdict(word, lang) for word in verdicts.split(" → "))
    return id_, before, after


def _verdicts_of(text: str) -> list[dict[str, str]]:
    """Read ``id: pass → fail; …`` as plain data."""
    entries = [entry.partition(": ") for entry in text.split("; ") if entry]
    ends = [(id_, *verdicts.split(" → ")) for id_, _, verdicts in entries]
    return [{"id": id_, "before": before, "after": after} for id_, before, after in ends]


def _shown(value: object) -> str:
    if isinstance(value, str):
        return value or "—"
    return "—" if pd.isna(value) else f"{yuan(int(value)):,}"  # type: ignore[call-overload]
