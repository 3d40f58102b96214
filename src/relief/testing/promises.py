"""What an allocator can promise, each as a check of one answer that returns the breach, or None.

In    a `Subject`, claims and a fund in whole fen, 0 <= fund <= sum of the claims, which is above 0
Out   a `Breach`: the code of its sentence and the facts in it

All in integers and fractions. The first six look at how the function behaves, the rest at what it
awards: axioms of `relief.fairness`, silent where there are no awards to look at. `DEFAULT` is what
proportional division with largest remainders promises, whichever way it breaks ties between unequal
claims.

Source: Balinski and Young (1982), Fair Representation; Thomson (2019), How to Divide When There
Isn't Enough.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from relief.fairness import AXIOMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relief.fairness.witness import Checker
    from relief.testing.subject import Claims, Subject

__all__ = ["DEFAULT", "PROMISES", "Breach", "Promise", "promise_named"]

# An axiom asks for many other problems of a like size; those of machine words are large enough.
_MOST_OF_AXIOMS = 2**60


class Breach(NamedTuple):
    """A promise that was not kept: the code of a sentence, and its facts."""

    code: str
    facts: dict[str, Any]


Promise: TypeAlias = Callable[["Subject", "Claims", int], Breach | None]


# --- how it behaves -------------------------------------------------------------------------------


def answers(subject: Subject, claims: Claims, fund: int) -> Breach | None:
    """Raise no error, and come to an end."""
    answer = subject(claims, fund)
    if answer.is_hung:
        return Breach("conformance.hung", {})
    return Breach("conformance.answers", {"error": answer.raised}) if answer.error else None


def one_award_each(subject: Subject, claims: Claims, fund: int) -> Breach | None:
    """Return a list with one number per claim."""
    answer = subject(claims, fund)
    if answer.error or answer.is_hung or answer.awards is not None:
        return None
    return Breach("conformance.one_award_each", {"given": list(answer.given), "count": len(claims)})


def whole_numbers(subject: Subject, claims: Claims, fund: int) -> Breach | None:
    """Award integers, those of numpy included; no float, no truth value."""
    for award in subject(claims, fund).given:
        if isinstance(award, bool) or not isinstance(award, int | np.integer):
            return Breach("conformance.whole_numbers", {"award": award, "kind": type(award).__name__})
    return None


def input_kept(subject: Subject, claims: Claims, fund: int) -> Breach | None:
    """Leave the list of claims as it was."""
    return None if subject(claims, fund).kept else Breach("conformance.input_kept", {})


def same_answer_twice(subject: Subject, claims: Claims, fund: int) -> Breach | None:
    """Answer the same when asked the same again."""
    first, second = subject(claims, fund), subject.again(claims, fund)
    if (first.given, first.error) == (second.given, second.error) or _no_numbers(first.given):
        return None
    return Breach("conformance.same_answer_twice", {"other": list(second.given) or second.error})


def anonymity(subject: Subject, claims: Claims, fund: int) -> Breach | None:
    """Award each claim the same in any order of the rows; equal claims may swap."""
    first = _by_claim(subject, claims, fund)
    if first is None:
        return None
    for other in _orders(claims):
        second = _by_claim(subject, other, fund)
        if second is not None and second != first:
            awards = list(subject(other, fund).given)
            return Breach("conformance.anonymity", {"other": list(other), "awards": awards})
    return None


def _no_numbers(given: tuple[Any, ...]) -> bool:
    # What differs from itself, such as NaN, is a matter of `one_award_each`.
    return any(bool(award != award) for award in given if isinstance(award, float))


def _by_claim(subject: Subject, claims: Claims, fund: int) -> list[tuple[int, Any]] | None:
    awards = subject(claims, fund).awards
    return None if awards is None else sorted(zip(claims, awards, strict=True))


def _orders(claims: Claims) -> Iterator[Claims]:
    upwards = tuple(sorted(claims))
    yield from {upwards: 1, upwards[::-1]: 1, claims[::-1]: 1, claims[1:] + claims[:1]: 1}


# --- what it awards -------------------------------------------------------------------------------


def larger_claim_first(subject: Subject, claims: Claims, fund: int) -> Breach | None:
    """Round up the larger claim first where remainders are equal, as `relief.allocate` does."""
    awards = subject(claims, fund).awards
    if awards is None:
        return None
    total = sum(claims)
    least: dict[int, int] = {}
    for row, claim in enumerate(claims):
        whole, left = divmod(claim * fund, total)
        if awards[row] > whole and (left not in least or claim < claims[least[left]]):
            least[left] = row
    for row, claim in enumerate(claims):
        whole, left = divmod(claim * fund, total)
        if awards[row] <= whole and left in least and claim > claims[least[left]]:
            return _pair("conformance.larger_claim_first", claims, awards, row, least[left])
    return None


def _pair(code: str, claims: Claims, awards: Any, low: int, high: int) -> Breach:
    return Breach(code, {
        "low_row": low + 1, "low_claim": claims[low], "low_award": _shown(awards[low]),
        "high_row": high + 1, "high_claim": claims[high], "high_award": _shown(awards[high]),
    })  # fmt: skip


def _shown(amount: Any) -> Any:
    # A float is kept exactly, and told as people write it.
    return amount if isinstance(amount, int) or amount.denominator > 1 else int(amount)


class _NoAwardsError(Exception):
    """The allocator gave no awards that an axiom could compare."""


def _of_axiom(axiom: Checker, most: int | None = None) -> Promise:
    """Return an axiom as a promise: asked of the subject, and silent where there are no awards."""

    def check(subject: Subject, claims: Claims, fund: int) -> Breach | None:
        if most is not None and sum(claims) > most:
            return None

        def ask(others: list[int], amount: int) -> Any:
            awards = subject(tuple(others), amount).awards
            if awards is None:
                raise _NoAwardsError
            return awards

        try:
            witness = axiom(ask, list(claims), fund)
        except _NoAwardsError:
            return None
        return None if witness is None else Breach("conformance.axiom", {"witness": witness})

    return check


PROMISES: dict[str, Promise] = {
    **{
        promise.__name__: promise
        for promise in (
            answers, one_award_each, whole_numbers, input_kept, same_answer_twice, anonymity,
        )
    },
    **{
        name: _of_axiom(AXIOMS[name])
        for name in (
            "balance", "non_negativity", "claims_bounded", "quota", "equal_treatment_within_unit",
            "order_preservation", "remainder_order",
        )
    },
    "larger_claim_first": larger_claim_first,
}  # fmt: skip
"""What the suite tries by itself; `promise_named` knows the other axioms of `relief.fairness` too."""
DEFAULT: tuple[str, ...] = tuple(name for name in PROMISES if name != "larger_claim_first")


def promise_named(name: str) -> Promise | None:
    """Return the promise, or the axiom of `relief.fairness`, of a name; None if there is none.

    Examples
    --------
    >>> from relief.testing.subject import Subject
    >>> first_takes_all = Subject(lambda claims, fund: [fund, *[0] * (len(claims) - 1)])
    >>> promise_named("homogeneity")(first_takes_all, (1, 1), 1) is None
    True
    >>> promise_named("equal_treatment")(first_takes_all, (1, 1), 1) is None
    False
    """
    if name in PROMISES or name not in AXIOMS:
        return PROMISES.get(name)
    return _of_axiom(AXIOMS[name], _MOST_OF_AXIOMS)
