"""Two packs -> what differs between them, in words: parts added, removed and changed.

In    two packs
Out   `Change` per part and aspect, in the order of the packs

What counts is what a pack says, not how it came to say it: a pack over another is compared with
all that it takes over. Formulas are compared without their blanks and shown in words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from relief.messages import say
from relief.rulepack.crosschecks import crosscheck_line
from relief.rulepack.showing import band_line, parameter_head, titled, traits, value_line
from relief.rulepack.wording import source_text
from relief.rulepack.words import Words, column_title

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relief.messages import Language
    from relief.rulepack.contents import Pack, Parameter, Stated

__all__ = ["Change", "changes"]

_SEPARATOR = "; "


@dataclass(frozen=True)
class Change:
    """One difference. `aspect` is empty for a part that was added (nothing before) or removed.

    Of a formula or amount, `before` and `after` are words, `written_before` and `written_after` the
    expressions as the packs write them.
    """

    what: str
    id: str
    aspect: str
    before: str
    after: str
    written_before: str = ""
    written_after: str = ""

    def plain(self) -> dict[str, str]:
        """Return the difference as plain data, the expressions only where there are any."""
        return {key: text for key, text in vars(self).items() if text or not key.startswith("written")}

    def line(self, lang: Language) -> str:
        """Return the difference as a line of text."""
        what = f"{say(f'diff.what.{self.what}', lang)} {self.id}".strip()
        if not self.aspect:
            code, text = ("diff.removed", self.before) if self.before else ("diff.added", self.after)
            return say(code, lang, what=what, text=text)
        aspect = say(f"diff.aspect.{self.aspect}", lang)
        usual = say("diff.usual", lang)
        return say("diff.changed", lang, what=what, aspect=aspect,
                   before=self.before or usual, after=self.after or usual)  # fmt: skip


class _Fact(NamedTuple):
    """What is compared, and how it is shown; of a list, of which `parts` are many, only what differs is."""

    key: str
    shown: str
    parts: tuple[str, ...] = ()

    def beside(self, other: _Fact) -> str:
        """Return what is shown beside another fact of the kind."""
        if not (self.parts and other.parts):
            return self.shown
        return _SEPARATOR.join(part for part in self.parts if part not in other.parts) or "—"


_Parts: TypeAlias = dict[tuple[str, str], dict[str, _Fact]]


def changes(old: Pack, new: Pack, lang: Language) -> list[Change]:
    """Return what differs between two packs.

    Examples
    --------
    >>> import relief
    >>> old, new = relief.load_pack("jiangmen-2021"), relief.load_pack("jiangmen-2022-tiered")
    >>> [(change.what, change.id) for change in changes(old, new, "en") if change.what == "benefit"]
    [('benefit', 'temporary_aid')]
    >>> changes(old, old, "en")
    []
    """
    before, after = _parts(old, lang), _parts(new, lang)
    found = []
    for part in dict.fromkeys([*before, *after]):
        found += list(_compared(part, before.get(part), after.get(part)))
    return found


def _compared(
    part: tuple[str, str], before: dict[str, _Fact] | None, after: dict[str, _Fact] | None
) -> Iterator[Change]:
    if before is None or after is None:
        text = "  ".join(fact.shown for fact in (before or after or {}).values() if fact.shown)
        yield Change(*part, "", "" if before is None else text, "" if after is None else text)
        return
    for aspect in dict.fromkeys([*before, *after]):
        one, other = before.get(aspect, _Fact("", "")), after.get(aspect, _Fact("", ""))
        if one.key != other.key:
            written = [fact.key if fact.key != fact.shown else "" for fact in (one, other)]
            yield Change(*part, aspect, one.beside(other), other.beside(one), *written)


def _parts(pack: Pack, lang: Language) -> _Parts:
    found: _Parts = {("pack", ""): _whole(pack, lang)}
    for year in pack.calendar.years if pack.calendar else ():
        days = [f"{'−' if day in year.days_off else '+'}{day}" for day in (*year.days_off, *year.days_worked)]
        found["year", str(year.year)] = {"days": _list(days)}
    for parameter in pack.parameters.values():
        found["parameter", parameter.id] = {"title": _plain(parameter_head(parameter, lang))}
        found |= _values(parameter, lang)
    for tiers in pack.tiers.values():
        bands = _list([band_line(band, lang) for band in tiers.model.bands])
        found["tiers", tiers.id] = {"title": _plain(titled(tiers.model, lang)), "bands": bands}
    groups = {
        "measure": tuple(pack.measures.values()),
        "rule": pack.rules,
        "category": pack.categories,
        "benefit": pack.benefits,
        "claim": (pack.claim,) if pack.claim else (),
    }
    words = Words(pack, lang)
    for what, items in groups.items():
        found |= {(what, item.id): _stated(item, pack, words, lang) for item in items}
    for kind, check in pack.crosschecks.items():
        source = source_text(check.model, lang) if check.model is not None else ""
        found["crosscheck", kind] = {
            "compared": _plain(crosscheck_line(check, lang)),
            "source": _plain(source),
        }
    return found


def _plain(text: str) -> _Fact:
    return _Fact(text, text)


def _list(parts: list[str]) -> _Fact:
    text = _SEPARATOR.join(parts)
    return _Fact(text, text, tuple(parts))


def _whole(pack: Pack, lang: Language) -> dict[str, _Fact]:
    def joined(words: list[str]) -> _Fact:
        return _plain(say("list.join", lang).join(words))

    truth = say("truth.pass" if pack.exclusive_categories else "truth.fail", lang)
    return {
        "districts": joined([district.name for district in pack.districts]),
        "order": joined([category.id for category in pack.categories]),
        "exclusive": _plain(truth),
        "partial": _plain(pack.partial if lang == "zh" else pack.partial_en or pack.partial),
        "may_lose": joined([column_title("households", entry.column, lang) for entry in pack.may_lose]),
    }


def _values(parameter: Parameter, lang: Language) -> _Parts:
    """Return each value under whom and when it is for, so that a new amount is a change of the old."""
    found: _Parts = {}
    for value in (value for layer in parameter.layers for value in layer):
        where = "、".join(word for words in value.where.values() for word in words)
        id_ = " ".join(filter(None, (parameter.id, where, value.effective_from.isoformat())))
        # A pack over another may say the same place and day anew.
        same = sum(known.startswith(id_) for _, known in found)
        id_ = f"{id_} ({same + 1})" if same else id_
        found["value", id_] = {"amount": _plain(value_line(value, lang, with_where=False))}
    return found


def _stated(item: Stated, pack: Pack, words: Words, lang: Language) -> dict[str, _Fact]:
    facts = {
        "title": _plain(titled(item, lang)),
        "formula": _Fact(_bare(item.text), words.of(item.node)),
        "traits": _plain(traits(item, pack, lang).strip()),
        "source": _plain(source_text(item.provenance, lang)),
    }
    if item.amount is not None:
        facts["amount"] = _Fact(_bare(item.amount_text), words.of(item.amount))
    return facts


def _bare(text: str) -> str:
    return " ".join(text.split())
