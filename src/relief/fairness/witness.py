"""A broken axiom, with everything that is needed to see it break again.

In    what a check of one problem found wrong
Out   `Witness`: the problem, the awards, the second problem if one was compared; text; a way to re-run
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import update_wrapper
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from relief.fairness.asking import Allocate, Amount, Amounts, Asked
from relief.messages import say

if TYPE_CHECKING:
    from relief.messages import Language

__all__ = ["Breach", "Case", "Checker", "Witness", "axiom"]

_MOST_SHOWN = 12


class Case(NamedTuple):
    """A problem and its awards."""

    claims: Amounts
    fund: Amount
    awards: Amounts


class Breach(NamedTuple):
    """What one award is and what the axiom asks of it; `row` is None where it is about all together.

    `relation` is "at_least", "at_most" or "exactly".
    """

    row: int | None
    award: Amount
    relation: str
    wanted: Amount
    other: Case | None = None


@dataclass(frozen=True, repr=False)
class Witness:
    """A problem on which an axiom breaks.

    Attributes
    ----------
    axiom : str
        Its name in `relief.fairness.AXIOMS`.
    claims : tuple of int
    fund : int
    awards : tuple of int or Fraction
        What the allocator gave, exact, in the unit of the claims.
    breach : Breach
        The award that is wrong and what the axiom asks of it.
    checker : callable
        What found it.
    """

    axiom: str
    claims: tuple[int, ...]
    fund: int
    awards: Amounts
    breach: Breach
    checker: Checker = field(compare=False)

    @property
    def other(self) -> Case | None:
        """The second problem and its awards, where two were compared."""
        return self.breach.other

    def rerun(self, allocate: Allocate) -> bool:
        """Return whether the axiom breaks again when an allocator is asked this problem.

        Examples
        --------
        >>> from relief.fairness import AXIOMS
        >>> def floors(claims, fund):
        ...     return [claim * fund // sum(claims) for claim in claims]
        >>> witness = AXIOMS["balance"](floors, [1, 1], 1)
        >>> witness.rerun(floors), witness.rerun(lambda claims, fund: [fund, 0])
        (True, False)
        """
        return self.checker(allocate, list(self.claims), self.fund) is not None

    def text(self, lang: Language = "en") -> str:
        """Return the problem and what is wrong, in Chinese (``"zh"``) or English (``"en"``)."""
        shown = _shown(Case(self.claims, self.fund, self.awards))
        return say("fairness.witness", lang, axiom=self.axiom, wrong=_Said(self.wrong(lang)), **shown)

    def wrong(self, lang: Language = "en") -> str:
        """Return what is wrong with the awards, and the problem that they were compared with."""
        found = self.breach
        about = "all" if found.row is None else "row"
        row = {} if found.row is None else {"row": found.row + 1}
        wrong = say(f"fairness.{about}.{found.relation}", lang, award=found.award, wanted=found.wanted, **row)
        compared = say("fairness.other", lang, **_shown(found.other)) if found.other else ""
        return say("fairness.wrong", lang, wrong=_Said(wrong), compared=_Said(compared))

    def __repr__(self) -> str:
        return f"Witness({self.text()})"


Checker: TypeAlias = Callable[[Allocate, Sequence[int], int], Witness | None]


def axiom(breach: Callable[[Asked, Amounts, Amount], Breach | None]) -> Checker:
    """Make the search for a breach a checker that returns a witness, or None."""

    def check(allocate: Allocate, claims: Sequence[int], fund: int) -> Witness | None:
        asked, given = Asked.of(allocate), tuple(map(int, claims))
        found = breach(asked, given, int(fund))
        return found and Witness(name, given, int(fund), asked(given, fund), found, check)

    name = breach.__name__
    return update_wrapper(check, breach, ("__module__", "__name__", "__qualname__", "__doc__"), ())


def _shown(case: Case) -> dict[str, object]:
    return {"claims": _Listed(case.claims), "fund": case.fund, "awards": _Listed(case.awards)}


class _Listed(tuple[Amount, ...]):
    """Amounts as people write them. They are no text, so that no long one is masked."""

    __slots__ = ()

    def __format__(self, _: str) -> str:
        more = f", … ({len(self)})" if len(self) > _MOST_SHOWN else ""
        return f"[{', '.join(map(str, self[:_MOST_SHOWN]))}{more}]"


@dataclass(frozen=True)
class _Said:
    """A sentence within a sentence, said already: its amounts identify nobody and are not masked again."""

    text: str

    def __format__(self, _: str) -> str:
        return self.text
