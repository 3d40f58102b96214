"""From a problem that breaks a promise to the smallest one found that still does.

In    a problem, and whether another breaks the promise too
Out   a problem with fewer claims, then smaller ones, then a smaller fund
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from relief.testing.problems import Problem

__all__ = ["shrunk"]


def shrunk(problem: Problem, breaks: Callable[[Problem], bool], *, tries: int) -> Problem:
    """Return the smallest problem found that `breaks`, after at most `tries` others.

    Examples
    --------
    >>> shrunk(((70, 0, 41), 50), lambda problem: max(problem[0]) > 9 and problem[1] > 2, tries=200)
    ((10,), 3)
    """
    seen = {problem}
    better: Problem | None = problem
    while better is not None:
        problem, better = better, None
        for candidate in _smaller(problem):
            if candidate in seen or _size(candidate) >= _size(problem):
                continue
            if tries <= 0:
                return problem
            tries -= 1
            seen.add(candidate)
            if breaks(candidate):
                better = candidate
                break
    return problem


def _size(problem: Problem) -> tuple[object, ...]:
    claims, fund = problem
    return len(claims), sum(claims), fund, claims


def _smaller(problem: Problem) -> Iterator[Problem]:
    """Yield problems that are smaller, the boldest first."""
    for claims, fund in _candidates(problem):
        if 0 <= fund <= sum(claims) and any(claims):
            yield claims, fund


def _candidates(problem: Problem) -> Iterator[Problem]:
    claims, fund = problem
    total = sum(claims)
    for size in (len(claims) // 2, len(claims) // 4, 1):
        for at in range(0, len(claims), max(size, 1)):
            left = claims[:at] + claims[at + size :]
            for less in (
                fund,
                fund * sum(left) // total,
                -(-fund * sum(left) // total),
                fund - total + sum(left),
            ):
                yield left, less
    for divisor in (10**6, 1000, 10, 2):
        yield tuple(claim // divisor for claim in claims), fund // divisor
    yield tuple(min(claim, 1) for claim in claims), min(fund, 1)
    for at, claim in enumerate(claims):
        for less in (0, 1, claim // 1000, claim // 2, claim - 10, claim - 2, claim - 1):
            other = (*claims[:at], less, *claims[at + 1 :])
            if 0 <= less < claim:
                yield other, fund
                yield other, fund * sum(other) // total
                yield other, fund - total + sum(other)
    for less in (0, 1, fund // 1000, fund // 2, fund - 10, fund - 1):
        yield claims, less
    yield tuple(sorted(claims)), fund
