"""The conformance suite: which promises an allocator keeps, and what shows that it breaks the others.

In    any function from a list of claims and a fund, in whole fen, to a list of awards
Out   a `Report`: the promises that broke, each with the smallest witness found
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from relief.errors import MethodError
from relief.fairness import AXIOMS
from relief.testing.problems import problems
from relief.testing.promises import DEFAULT, PROMISES, Breach, promise_named
from relief.testing.report import Report, Witness
from relief.testing.shrinking import shrunk
from relief.testing.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relief.testing.problems import Problem
    from relief.testing.promises import Promise
    from relief.testing.subject import Allocate

__all__ = ["conformance"]

_MOST_SMALLER = 1000
# Each of them takes the whole time that a call may take.
_MOST_HUNG = 4


def conformance(
    allocate: Allocate,
    *,
    promises: Iterable[str] = DEFAULT,
    max_examples: int = 4000,
    max_fen: int = 2**63 - 1,
    seed: int = 0,
    timeout_seconds: float = 2,
) -> Report:
    """Try an allocator on problems in which allocators are known to fail, and on many others.

    Parameters
    ----------
    allocate : callable
        ``allocate(claims, fund)`` takes a list of int, what each household claims in fen, and the
        fund in fen, and returns the awards in fen, in the order of the claims. It is asked only
        with claims >= 0, at least one of them above 0, and 0 <= fund <= sum of the claims.
    promises : iterable of str
        Names in `PROMISES` or in `relief.fairness.AXIOMS`; by default what proportional division
        with largest remainders promises.
    max_examples : int
        At most so many problems are tried; a witness is then made small.
    max_fen : int
        No claim is larger, in fen. For a program that is known to take no more.
    seed : int
        Same seed, same problems: the same report for the same function.
    timeout_seconds : float
        How long one call may take, in the main thread of a system with alarms (elsewhere there is no
        limit). No claim is then tried that is as large as those of a call that took longer.

    Returns
    -------
    Report
        `holds`; `broken`, a witness by promise; `assert_ok()`.

    Raises
    ------
    MethodError
        If there is no promise of a name, or a limit is below 1.

    Examples
    --------
    >>> def rounded(claims, fund):
    ...     return [round(fund * claim / sum(claims)) for claim in claims]
    >>> report = conformance(rounded, promises=["balance", "non_negativity"])
    >>> report.holds, list(report.broken)
    (False, ['balance'])
    >>> report.broken["balance"].claims, report.broken["balance"].fund, report.broken["balance"].awards
    ([1, 1], 1, [0, 0])
    """
    checks = _named(promises)
    for limit in (max_examples, max_fen):
        if type(limit) is not int or limit < 1:
            raise MethodError("conformance.limit", value=limit)
    subject = Subject(allocate, timeout_seconds)
    found: dict[str, Witness] = {}
    tried = 0
    for problem in problems(max_examples=max_examples, number=seed, max_fen=max_fen):
        if max(problem[0]) >= subject.too_large:
            continue
        tried += 1
        for name in [name for name in checks if name not in found]:
            if checks[name](subject, *problem) is not None:
                found[name] = _smallest(
                    subject, name, checks[name], problem, min(max_examples, _MOST_SMALLER)
                )
        if len(found) == len(checks):
            break
    broken = {name: found[name] for name in checks if name in found}
    return Report(tuple(checks), broken, tried, subject.calls)


def _named(promises: Iterable[str]) -> dict[str, Promise]:
    wanted: list[str] = [promises] if isinstance(promises, str) else list(promises)
    found = {name: promise_named(str(name)) for name in wanted}
    known = {name: promise for name, promise in found.items() if promise is not None}
    if not wanted or len(known) < len(found):
        unknown = ", ".join(str(name) for name in found if name not in known)
        names = ", ".join(dict.fromkeys([*PROMISES, *AXIOMS]))
        raise MethodError("conformance.unknown_promise", name=unknown, known=names)
    return known


def _smallest(subject: Subject, name: str, check: Promise, problem: Problem, tries: int) -> Witness:
    is_hung = subject(*problem).is_hung
    claims, fund = shrunk(problem, partial(_breaks, subject, check), tries=_MOST_HUNG if is_hung else tries)
    # One that answers now so, now otherwise may keep its promise when it is asked again.
    breach = check(subject, claims, fund)
    if breach is None:
        breach = Breach("conformance.unsteady", {})
    return Witness(name, list(claims), fund, list(subject(claims, fund).given), breach)


def _breaks(subject: Subject, check: Promise, problem: Problem) -> bool:
    return max(problem[0]) < subject.too_large and check(subject, *problem) is not None
