"""Which promises no allocator of whole units can keep together, each with the smallest problem that shows it.

In    names of axioms; or a method and a rounding
Out   `Impossibility`: the axioms, a problem, and how many tables of awards were tried in vain

The search asks of a problem what its axioms compare it with, and tries for each such problem every
list of whole awards that adds up to the fund, none below zero or above its claim. Where no choice
satisfies all axioms at the problem, there is no allocator, whatever it does elsewhere. Awards go by
claims, not by rows: anonymity is part of every impossibility, and of equal claims the first may be
taken to get no less.

Source of the paradox: Balinski and Young (1982), Fair Representation, appendix A.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache
from itertools import permutations, product
from typing import TYPE_CHECKING, TypeAlias

from relief.allocation.division import METHODS, ROUNDINGS
from relief.errors import MethodError
from relief.fairness.asking import Asked
from relief.fairness.axioms import AXIOMS
from relief.fairness.promises import PROMISES, kept_together
from relief.fairness.searching import Given, small_problems
from relief.messages import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from relief.messages import Language

__all__ = ["RATIO_MONOTONICITY", "Impossibility", "impossible", "together"]

Table: TypeAlias = dict[Given, tuple[int, ...]]

RATIO_MONOTONICITY = "ratio_monotonicity"
"""Nobody whose claim did not shrink against another's loses units while the other gains (no population
paradox): what Balinski and Young call population monotonicity."""

_TWO: tuple[Given, Given] = (((155, 21, 21, 20), 7), ((124, 62, 15, 16), 7))
"""Two problems in the manner of Balinski and Young's proof, the smallest of their form."""

_SIZES = ((1, 3), (2, 5), (3, 5), (4, 3))

_SINGLE = frozenset({
    "quota", "lower_quota", "upper_quota", "remainder_order", "equal_treatment",
    "equal_treatment_within_unit", "order_preservation", "order_preservation_of_awards",
    "order_preservation_of_losses",
})  # fmt: skip
"""Axioms that look at one problem alone; they are asked of every problem that comes up."""


@dataclass(frozen=True)
class Impossibility:
    """Promises that no allocator of whole units keeps together.

    Attributes
    ----------
    axioms : tuple of str
    claims : tuple of int
    fund : int
        The smallest problem at which nothing satisfies them all.
    problems : tuple of pair
        The problems, claims and fund, whose awards had to be chosen to see it.
    tried : int
        How many choices of awards were made, all in vain.
    given_up : tuple of str
        Which of the axioms the chosen rounding does not promise.
    """

    axioms: tuple[str, ...]
    claims: tuple[int, ...]
    fund: int
    problems: tuple[Given, ...]
    tried: int
    given_up: tuple[str, ...] = ()

    def text(self, lang: Language = "en") -> str:
        """Return it as a sentence in Chinese (``"zh"``) or English (``"en"``)."""
        problems = "; ".join(f"[{', '.join(map(str, claims))}] / {fund}" for claims, fund in self.problems)
        facts = {"axioms": ", ".join(self.axioms), "problems": problems, "tried": self.tried}
        line = say("fairness.impossible", lang, **facts)
        return line + (
            say("fairness.given_up", lang, axioms=", ".join(self.given_up)) if self.given_up else ""
        )


# --- which there are ----------------------------------------------------------------------------

_COMBINATIONS: tuple[tuple[str, ...], ...] = (
    ("equal_treatment",),
    ("self_duality",),
    ("homogeneity", "equal_treatment_within_unit"),
    ("homogeneity", "quota"),
    ("quota", "remainder_order", "resource_monotonicity"),
    ("quota", "remainder_order", "population_monotonicity"),
    ("quota", "remainder_order", "consistency"),
    ("quota", "order_preservation_of_awards", RATIO_MONOTONICITY),
    ("no_gain_by_merging", "order_preservation_of_awards"),
    ("no_gain_by_splitting", "order_preservation_of_losses"),
    ("claims_truncation_invariance", "order_preservation_of_awards", "self_duality_within_unit"),
    ("claims_truncation_invariance", "order_preservation_of_awards", "composition_up"),
    ("minimal_rights_first", "order_preservation", "composition_down"),
)
"""What the exact division of some method keeps together and whole units cannot."""


def impossible(method: str, rounding: str) -> list[Impossibility]:
    """Return what a method promises exactly and no rounding can keep in whole units.

    Parameters
    ----------
    method, rounding : str
        Names in `relief.allocation.METHODS` and `ROUNDINGS`.

    Returns
    -------
    list of Impossibility
        Each with the smallest problem that shows it, and what this rounding gives up of it.

    Raises
    ------
    MethodError
        If no method or rounding has that name.

    Examples
    --------
    >>> for found in impossible("proportional", "largest_remainder")[:2]:
    ...     print(found.axioms, found.claims, found.fund, found.given_up)
    ('equal_treatment',) (1, 1) 1 ('equal_treatment',)
    ('self_duality',) (1, 1) 1 ('self_duality',)
    """
    for known, name, code in ((METHODS, method, "method"), (ROUNDINGS, rounding, "rounding")):
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.0)[0]
            raise MethodError(f"allocation.{code}_unknown", name=name, near=near, known=", ".join(known))
    hoped = _hoped(method)
    kept = kept_together(method, rounding)
    found = (together(axioms) for axioms in _COMBINATIONS if hoped.issuperset(axioms))
    return [
        replace(each, given_up=tuple(name for name in each.axioms if name not in kept))
        for each in found
        if each is not None
    ]


def _hoped(method: str) -> frozenset[str]:
    """Return what the exact division keeps, and what of it whole units might."""
    exact = PROMISES["methods"][method].axioms
    hoped = exact | {f"{name}_within_unit" for name in ("equal_treatment", "self_duality") if name in exact}
    if method == "proportional":
        # Quotas are measured by the proportional shares, of which these are true without rounding.
        hoped |= {"quota", "remainder_order", RATIO_MONOTONICITY}
    return frozenset(hoped)


@cache
def together(axioms: tuple[str, ...], sizes: tuple[tuple[int, int], ...] = _SIZES) -> Impossibility | None:
    """Return the smallest problem at which no whole awards satisfy all axioms.

    Parameters
    ----------
    axioms : tuple of str
        Names in `AXIOMS`, or `RATIO_MONOTONICITY` beside others that look at the awards of one problem.
    sizes : tuple of pair of int
        How far to search: number of claims and the largest of them.

    Returns
    -------
    Impossibility or None
        None where every problem of these sizes has such awards, each for itself.

    Examples
    --------
    >>> together(("quota", "resource_monotonicity"), ((3, 3),)) is None
    True
    >>> print(together(("quota", "remainder_order", "resource_monotonicity")).text())
    No allocator of whole units keeps quota, remainder_order, resource_monotonicity together. Claims and
    funds: [1, 3, 3] / 3; [1, 3, 3] / 2; [1, 3, 3] / 4. All 11 choices of awards that were tried fail.
    """
    if RATIO_MONOTONICITY in axioms:
        return _paradox(axioms)
    for claims, fund in small_problems(sizes):
        search = _Search(axioms, (claims, fund))
        if not search.found():
            return Impossibility(axioms, claims, fund, tuple(search.asked), search.tried)
    return None


# --- the population paradox -----------------------------------------------------------------------


def _paradox(axioms: tuple[str, ...]) -> Impossibility | None:
    """Return the two problems of `_TWO` if any awards of both break ratio monotonicity."""
    single = tuple(name for name in axioms if name in _SINGLE)
    before, after = (list(_whole_awards_of_rows(*given)) for given in _TWO)
    kept = ([awards for awards in all_of_it if _keeps(single, given, awards)]
            for given, all_of_it in zip(_TWO, (before, after), strict=True))  # fmt: skip
    if all(_shifts(one, two) for one, two in product(*kept)):
        return Impossibility(axioms, *_TWO[0], _TWO, len(before) * len(after))
    return None


def _shifts(before: tuple[int, ...], after: tuple[int, ...]) -> bool:
    """Return whether one loses units to another although its claim did not shrink against the other's."""
    (first, _), (second, _) = _TWO
    return any(
        after[one] < before[one]
        and after[two] > before[two]
        and second[one] * first[two] >= first[one] * second[two]
        for one, two in permutations(range(len(first)), 2)
    )


def _keeps(axioms: tuple[str, ...], given: Given, awards: tuple[int, ...]) -> bool:
    return all(AXIOMS[name](lambda _claims, _fund: awards, *given) is None for name in axioms)


def _whole_awards_of_rows(claims: Sequence[int], fund: int) -> Iterator[tuple[int, ...]]:
    """Yield every list of whole awards, equal claims in any order."""
    ranges = [range(min(claim, fund) + 1) for claim in claims]
    return (awards for awards in product(*ranges) if sum(awards) == fund)


# --- the search -----------------------------------------------------------------------------------


class _OpenError(Exception):
    """A problem whose awards are not chosen yet."""

    def __init__(self, given: Given) -> None:
        super().__init__(given)
        self.given = given


@dataclass
class _Search:
    """Tables of awards that satisfy axioms at one problem, tried one after another."""

    axioms: tuple[str, ...]
    centre: Given
    table: Table = field(default_factory=dict)
    asked: dict[Given, None] = field(default_factory=dict)
    tried: int = 0

    def __call__(self, claims: Sequence[int], fund: int) -> list[int]:
        """Answer as the table has it, by claims whatever the order of the rows."""
        rows = sorted(range(len(claims)), key=lambda row: claims[row])
        given = tuple(claims[row] for row in rows), fund
        if given not in self.table:
            raise _OpenError(given)
        awards = [0] * len(claims)
        for row, award in zip(rows, self.table[given], strict=True):
            awards[row] = award
        return awards

    def found(self) -> bool:
        """Return whether there are awards that break nothing; the table has them then."""
        try:
            asked = Asked(self)
            return all(AXIOMS[name](asked, *self.centre) is None for name in self.axioms)
        except _OpenError as error:
            return self._chosen(error.given)

    def _chosen(self, given: Given) -> bool:
        self.asked[given] = None
        for awards in _whole_awards(*given):
            self.table[given] = awards
            self.tried += 1
            alone = Asked(self)
            kept = all(AXIOMS[name](alone, *given) is None for name in self.axioms if name in _SINGLE)
            if kept and self.found():
                return True
            del self.table[given]
        return False


def _whole_awards(claims: Sequence[int], fund: int) -> Iterator[tuple[int, ...]]:
    """Yield every list of whole awards; of equal claims, the first gets no less than the next."""
    if not claims:
        if not fund:
            yield ()
        return
    room = sum(claims[1:])
    for award in range(max(0, fund - room), min(claims[0], fund) + 1):
        for rest in _whole_awards(claims[1:], fund - award):
            if not rest or claims[1] > claims[0] or rest[0] <= award:
                yield (award, *rest)
