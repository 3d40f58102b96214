"""What a pack decides of a household, as terms.

In    a pack, a reading of a household
Out   `Outcome`: whether it is eligible or refused, its category and its claim
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

from relief.proof.numbers import all_of, any_of, negation, same
from relief.proof.terms import Amount, Truth
from relief.rulepack.tree import rulings_in

if TYPE_CHECKING:
    from relief.proof.numbers import Flag
    from relief.proof.symbols import Reading
    from relief.rulepack.contents import Pack, Stated

__all__ = ["Outcome", "decided"]


@dataclass(frozen=True, eq=False)
class Outcome:
    """What was decided.

    Attributes
    ----------
    eligible, refused : flag
        Pending where neither.
    certain : flag
        Whether it is eligible, in whatever category and for whatever claim.
    rules, categories : dict of str to Truth
        What each comes to: every rule that refuses or bars, every category with what bars it.
    fitting : tuple of flag
        Per category whether it certainly is the household's.
    claim : Amount or None
    """

    eligible: Flag
    refused: Flag
    certain: Flag
    rules: dict[str, Truth]
    categories: dict[str, Truth]
    fitting: tuple[Flag, ...]
    claim: Amount | None

    @property
    def pending(self) -> Flag:
        """Whether the answer is open."""
        return all_of(negation(self.eligible), negation(self.refused))

    def agrees(self, other: Outcome) -> Flag:
        """Return whether another household, of which all is known, gets the same answer."""
        both = [self.eligible, other.eligible]
        pairs = zip(self.fitting, other.fitting, strict=True)
        both += [any_of(negation(ours), theirs) for ours, theirs in pairs]
        if self.claim is not None and other.claim is not None:
            both.append(same(self.claim.lo.number, other.claim.lo.number))
        return any_of(all_of(self.refused, other.refused), all_of(*both))


def decided(reading: Reading, pack: Pack, ruled: frozenset[str]) -> Outcome:
    """Decide of a household; `ruled` are the ids on which a person may have ruled."""
    rules = {rule.id: _met(reading, rule, ruled) for rule in pack.rules if rule.effect == "refuse"}
    categories = {category.id: _met(reading, category, ruled) for category in pack.categories}
    everyone = [rules[rule.id] for rule in pack.rules if rule.effect == "refuse" and not rule.bars]
    all_hold = reduce(Truth.__and__, everyone, Truth.of(True))
    for category in pack.categories:
        bars = [rules[rule.id] for rule in pack.rules if category.id in rule.bars]
        categories[category.id] = reduce(Truth.__and__, bars, categories[category.id])
    still: Flag = True
    fitting: list[Flag] = []
    for truth in categories.values():
        fitting.append(all_of(still, truth.yes))
        still = all_of(still, truth.no)
    none_fits: Any = still if pack.categories else False
    claim = reading.amount(pack.claim.node) if pack.claim is not None else None
    refused = any_of(all_hold.no, none_fits)
    fits = any_of(*fitting) if pack.categories else True
    known = claim.known if claim is not None else True
    eligible = all_of(negation(refused), all_hold.yes, fits, known)
    some = any_of(*(truth.yes for truth in categories.values())) if pack.categories else True
    certain = all_of(all_hold.yes, some)
    return Outcome(eligible, refused, certain, rules, categories, tuple(fitting), claim)


def _met(reading: Reading, stated: Stated, ruled: frozenset[str]) -> Truth:
    truth = reading.truth(stated.node)
    if stated.id in ruled and stated.liftable:
        ruling = reading.ruling(stated.id)
        truth = ruling.where(ruling.known, truth)
    return Truth(truth.yes, negation(truth.yes)) if stated.missing == "fail" else truth


def ruled_in(pack: Pack) -> frozenset[str]:
    """Return what formulas ask a person to rule on."""
    stated = [item.node for item in pack.stated]
    return frozenset().union(*map(rulings_in, stated))
