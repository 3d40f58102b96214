"""The allocator under test, called with care: what it answers, and what it does on the side.

In    a function from a list of claims and a fund, in whole fen, to a list of awards
Out   an `Answer` per problem: exact awards, or the misconduct that leaves none
"""

from __future__ import annotations

import math
import signal
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np

__all__ = ["Allocate", "Answer", "Claims", "Subject"]

Allocate: TypeAlias = Callable[[list[int], int], Any]
Claims: TypeAlias = tuple[int, ...]
_MOST_KEPT = 4096
_NO_LISTS = (str, bytes, Mapping, Set)


@dataclass(frozen=True)
class Answer:
    """What the function did with one problem.

    Attributes
    ----------
    given : tuple
        The awards as they came; empty if none came.
    awards : tuple of int or Fraction, optional
        The same, exact: a float counts at the value that it has in binary. None where they cannot
        be compared with the claims: an error, no list, another length, a value that is no number.
    error : str
        Kind and text of what was raised.
    raised : BaseException, optional
        The same, as it was raised.
    kept : bool
        Whether the list of claims was left as it was.
    is_hung : bool
        Whether it was stopped because it took too long.
    """

    given: tuple[Any, ...] = ()
    awards: tuple[Any, ...] | None = None
    error: str = ""
    raised: BaseException | None = None
    kept: bool = True
    is_hung: bool = False


class Subject:
    """An allocator that remembers its answers, so that many promises cost one call.

    Examples
    --------
    >>> Subject(lambda claims, fund: [fund / 2, fund / 2])((1, 4), 3).awards
    (Fraction(3, 2), Fraction(3, 2))
    """

    def __init__(self, allocate: Allocate, timeout_seconds: float = 2) -> None:
        self._allocate = allocate
        self._timeout = timeout_seconds
        # A problem with a claim as large as one that took too long is not tried: it would too.
        self.too_large = math.inf
        self._answers: dict[tuple[Claims, int], Answer] = {}
        self.calls = 0

    def __call__(self, claims: Claims, fund: int) -> Answer:
        """Return the first answer to a problem."""
        if (claims, fund) not in self._answers:
            if len(self._answers) >= _MOST_KEPT:
                self._answers.clear()
            self._answers[claims, fund] = self.again(claims, fund)
        return self._answers[claims, fund]

    def again(self, claims: Claims, fund: int) -> Answer:
        """Ask anew, with a list of its own."""
        self.calls += 1
        handed = list(claims)
        try:
            # Warnings are nobody's award: the answer alone is judged.
            with warnings.catch_warnings(), _stopped_after(self._timeout):
                warnings.simplefilter("ignore")
                answer = self._allocate(handed, fund)
        except _TooLong:
            self.too_large = min(self.too_large, max(claims))
            return Answer(kept=_same(handed, claims), is_hung=True)
        except (Exception, SystemExit) as error:
            return Answer(error=_told(error), raised=error, kept=_same(handed, claims))
        kept = _same(handed, claims)
        if not isinstance(answer, Iterable) or isinstance(answer, _NO_LISTS):
            return Answer(given=(answer,), kept=kept)
        given = tuple(answer)
        exact = tuple(_exact(award) for award in given)
        fits = len(exact) == len(claims) and None not in exact
        return Answer(given, exact if fits else None, kept=kept)


class _TooLong(BaseException):
    """Raised inside the function: no ``except Exception`` there takes it."""


@contextmanager
def _stopped_after(seconds: float) -> Iterator[None]:
    """Stop what takes longer, in the main thread of a system with alarms; elsewhere nothing is stopped."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".strip(": ")[:300]


def _same(handed: list[int], claims: Claims) -> bool:
    return tuple(handed) == claims and all(type(claim) is int for claim in handed)


def _exact(award: Any) -> Any:
    if isinstance(award, bool | np.bool_ | int | np.integer):
        return int(award)
    if isinstance(award, float | np.floating):
        return Fraction(float(award)) if math.isfinite(award) else None
    try:
        return Fraction(award)
    except (TypeError, ValueError, OverflowError):
        return None
