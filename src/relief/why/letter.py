"""Letters: what a person is told of one household, and changes as the lines of one.

In    what was decided and why, changes that were judged again
Out   a text that a refused applicant can be answered with
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from relief.columns import DICTIONARY
from relief.messages import say
from relief.money import yuan
from relief.why.telling import (
    amount_of_change,
    change_of,
    change_text,
    fact_title,
    is_supplied,
    paper_of,
    recorded_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relief.messages import Language
    from relief.rulepack.facts import Facts
    from relief.rulepack.pack import Pack
    from relief.why.variants import Fact

__all__ = ["Ending", "Letter", "category_title", "proposals"]

_MOST_PROPOSED = 6


def proposals(
    facts: Facts, found: list[tuple[Any, Any]], ending: Ending, lang: Language
) -> tuple[list[str], list[str]]:
    """Return changes as lines of a letter: what can be supplied, and what could only be recorded wrongly.

    Parameters
    ----------
    facts : Facts
    found : list of (Change, decision then)
    ending : Ending
    lang : {'zh', 'en'}

    Returns
    -------
    tuple of (list of str, list of str)
        Papers first, alike amounts as one line, of a fact that only could be recorded wrongly the
        least difference; at most six lines together, and then how many more there are.
    """
    supplied = [pair for pair in found if _can_be_supplied(pair[0])]
    recorded = _least_of_each([pair for pair in found if not _can_be_supplied(pair[0])])
    lines = _lines(facts, supplied, ending, lang), _lines(facts, recorded, ending, lang)
    more = sum(map(len, lines)) - _MOST_PROPOSED
    if more <= 0:
        return lines
    first = lines[0][:_MOST_PROPOSED]
    second = lines[1][: _MOST_PROPOSED - len(first)]
    (second or first).append(say("change.more_ways", lang, count=more))
    return first, second


def _can_be_supplied(change: Any) -> bool:
    return all(is_supplied(fact, before) for fact, before, _ in change.facts)


def _least_of_each(found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Return of the changes of the same facts the one that is nearest to what was recorded."""
    least: dict[Any, tuple[Any, Any]] = {}
    for pair in sorted(found, key=lambda pair: _apart(pair[0])):
        least.setdefault(tuple(fact for fact, *_ in pair[0].facts), pair)
    return [pair for pair in found if pair in least.values()]


def _apart(change: Any) -> int:
    return sum(abs(change_of(fact, now, then) or 0) for fact, now, then in change.facts)


def _lines(facts: Facts, found: list[tuple[Any, Any]], ending: Ending, lang: Language) -> list[str]:
    groups: dict[Any, list[tuple[Any, Any]]] = {}
    for change, after in sorted(found, key=lambda pair: bool(pair[0].facts[0][0].column)):
        fact, before, value = change.facts[0]
        by = change_of(fact, before, value) if len(change.facts) == 1 else None
        # Amounts that change alike, and do the same, are one proposal.
        key = change if by is None else (by, _unit(fact), ending("", after))
        groups.setdefault(key, []).append((change, after))
    lines = [ending(_any_of(facts, [c for c, _ in group], lang), group[0][1]) for group in groups.values()]
    return list(dict.fromkeys(lines))


def _unit(fact: Fact) -> tuple[str, str]:
    column = DICTIONARY[fact.table][fact.column]
    return column.dtype, column.unit


def _any_of(facts: Facts, alike: list[Any], lang: Language) -> str:
    if len(alike) == 1:
        clauses = [_clause(facts, fact, now, then, lang) for fact, now, then in alike[0].facts]
        return say("change.join", lang).join(clauses)
    titles = [fact_title(facts, change.facts[0][0], lang) for change in alike]
    fact, before, value = alike[0].facts[0]
    by = int(value) - int(before)
    told = {"titles": say("list.join", lang).join(titles), "by": amount_of_change(fact, by, lang)}
    return say("recorded.any_less" if by < 0 else "recorded.any_more", lang, **told)


def _clause(facts: Facts, fact: Fact, before: Any, after: Any, lang: Language) -> str:
    if paper_of(fact):
        return say("change.hand_in", lang, kind=paper_of(fact))
    tell = change_text if is_supplied(fact, before) else recorded_text
    return tell(facts, fact, before, after, lang)


def category_title(pack: Pack, title: object, lang: Language) -> str:
    """Return a category, which decisions name in Chinese, in `lang`; nothing where there is none."""
    titles = {item.title: item.title if lang == "zh" else item.title_en for item in pack.categories}
    return titles.get(str(title), "")


@dataclass(frozen=True)
class Ending:
    """Puts what a change leads to after its clause: the amounts that rules compare, and the decision.

    `measures` are the amounts compared, `before` is the household's decision.
    """

    pack: Pack
    measures: list[str]
    before: Any
    lang: Language

    def __call__(self, text: str, after: Any) -> str:
        """Return a change with what it does to the amounts compared, and what is decided then."""
        lang, measures = self.lang, list(self._changed(text, after))
        if measures:
            text = say("change.with", lang, change=text, measures=say("list.join", lang).join(measures))
        category = category_title(self.pack, after["category"], lang)
        told = {"change": text, "outcome": say(f"outcome.{after['outcome']}", lang)}
        if category:
            return say("change.leads_to_category", lang, category=category, **told)
        return say("change.leads_to", lang, **told)

    def _changed(self, text: str, after: Any) -> Iterator[str]:
        for name in self.measures:
            old, new = self.before[f"{name}_fen"], after[f"{name}_fen"]
            if pd.isna(old) or pd.isna(new) or old == new:
                continue
            amounts = f"{yuan(int(old)):,}", f"{yuan(int(new)):,}"
            # A fact that is itself what rules compare is told already.
            if all(amount in text for amount in amounts):
                continue
            stated = self.pack.measures[name]
            title = stated.title if self.lang == "zh" else stated.title_en
            code = "change.measure_less" if new < old else "change.measure_more"
            yield say(code, self.lang, title=title, before=amounts[0], after=amounts[1])


# --- letters ------------------------------------------------------------------------------------------


@dataclass
class Letter:
    """What is told about one household, part by part."""

    household: str
    outcome: str
    category: str
    on: str
    pack: str
    claim: str
    claim_title: str
    lang: Language
    deciding: list[dict[str, str]] = field(default_factory=list)
    seen: dict[str, list[str]] = field(default_factory=dict)
    others: list[dict[str, str]] = field(default_factory=list)
    barred: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    benefits: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    settling: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    recorded: list[str] = field(default_factory=list)

    def take(self, rule: dict[str, str], *, decides: bool) -> None:
        """Take a rule to where it is told: one that decides, or another."""
        kind, result = rule["kind"], rule["result"]
        if kind == "check":
            self.checks += [rule["message"]] if result == "fail" else []
        elif kind == "benefit":
            self.benefits += [rule["message"]] if result != "fail" else []
        elif kind == "bar" and result == "fail" and not decides:
            self.barred.append(rule["message"])
        else:
            (self.deciding if decides else self.others).append(rule)

    def text(self) -> str:
        """Return the letter."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        lang = self.lang
        told = {"household": self.household, "on": self.on, "pack": self.pack}
        if self.outcome == "eligible" and not self.category:
            yield say("letter.recognised", lang, **told)
        else:
            told |= {"category": self.category} if self.outcome == "eligible" else {}
            yield say(f"letter.{self.outcome}", lang, **told)
        if self.outcome == "pending" and self.category:
            yield say("letter.so_far", lang, category=self.category)
        # Of a refusal no amount is counted.
        if self.claim_title and self.claim and self.outcome != "ineligible":
            yield say("explain.claim", lang, title=self.claim_title, claim=self.claim)
        elif self.claim_title and self.outcome != "ineligible":
            yield say("explain.claim_open", lang, title=self.claim_title)
        yield from self._decided()
        met = sum(rule["result"] == "pass" for rule in self.others)
        if met and self.outcome != "eligible":
            yield say("letter.others", lang, count=met)
        still_open = [rule["title"] for rule in self.others if rule["result"] == "unknown"]
        if still_open and self.outcome == "ineligible":
            yield say("letter.open", lang, titles=say("list.join", lang).join(still_open))
        yield from self._listed("letter.barred", self.barred)
        yield from self._listed("letter.benefits", self.benefits)
        yield from self._listed("letter.conflicts", self.conflicts)
        yield from self._listed("letter.checks", self.checks)
        yield from self._what_next()

    def _decided(self) -> Iterator[str]:
        """Yield the rules that decided; of a refusal the categories apart, of which one would be enough."""
        categories = [rule for rule in self.deciding if rule["kind"] == "category"]
        apart = categories if self.outcome == "ineligible" else []
        rules = [rule for rule in self.deciding if rule not in apart]
        for code, told in ((f"letter.decided.{self.outcome}", rules), ("letter.no_category", apart)):
            if told:
                yield ""
                yield say(code, self.lang)
                for rule in told:
                    yield from self._rule(rule)

    def _rule(self, rule: dict[str, str]) -> Iterator[str]:
        mark = say(f"mark.{rule['result']}", self.lang)
        yield f"  {mark} {rule['message']} [{rule['rule_id']}]"
        is_joined = any(say(f"formula.{word}", self.lang) in rule["formula"] for word in ("and", "or"))
        if is_joined or any(digit.isdigit() for digit in rule["formula"]):
            yield f"      {rule['formula']}"
        yield from (f"      {line}" for line in self.seen.get(rule["rule_id"], ()))
        yield f"      {say('letter.source', self.lang, source=rule['source'])}"

    def _what_next(self) -> Iterator[str]:
        lang = self.lang
        join = say("missing.join", lang).join
        if self.missing:
            yield ""
            yield say("explain.missing", lang, facts=join(self.missing))
            if self.settling and len(self.missing) > 1:
                yield say("letter.settling", lang, facts=join(self.settling))
            elif len(self.missing) > 1:
                yield say("letter.together", lang)
        yield from self._listed("letter.changes", self.changes)
        yield from self._listed("letter.recorded", self.recorded)
        if self.outcome == "ineligible":
            yield ""
            if not self.changes and not self.recorded:
                yield say("letter.nothing", lang)
            yield say("letter.review", lang)

    def _listed(self, code: str, lines: list[str]) -> Iterator[str]:
        if lines:
            yield ""
            yield say(code, self.lang)
            yield from (f"  - {line}" for line in lines)
