"""Strategies for problems of division: claims, funds, bounds. All in whole fen."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import SearchStrategy

__all__ = ["Bounds", "bounds", "claims", "funds"]

_MOST = 2**63 - 1


def claims(
    *, min_size: int = 1, max_size: int = 12, min_fen: int = 0, max_fen: int = _MOST
) -> SearchStrategy[list[int]]:
    """Generate claims in fen, often equal, zero, or so large that their sum passes 2^63.

    Examples
    --------
    >>> from hypothesis import find
    >>> sum(find(claims(min_size=3), lambda c: sum(c) > 2**63)) > 2**63
    True
    """
    small = st.integers(min_fen, min(max_fen, min_fen + 9))
    amount = small | st.integers(min_fen, min(max_fen, max(min_fen, 10**8))) | st.integers(min_fen, max_fen)
    mixed = st.lists(amount, min_size=min_size, max_size=max_size)
    if not max_size:
        return mixed
    sizes = st.integers(max(min_size, 1), max_size)
    equal = st.builds(lambda value, size: [value] * size, amount, sizes)
    # A few amounts among many households: ties that only a part of the tied can win.
    tied = st.lists(amount, min_size=1, max_size=3).flatmap(
        lambda few: st.lists(st.sampled_from([*few, min_fen]), min_size=min_size, max_size=max_size)
    )
    return mixed | equal | tied


def funds(*, min_fen: int = 0, max_fen: int = 10**12) -> SearchStrategy[int]:
    """Generate funds in fen, often of a few fen only, or a few less than the most.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(funds(min_fen=1), lambda fund: True)
    1
    """
    few = st.integers(min_fen, min(max_fen, min_fen + 9))
    return few | st.integers(max(min_fen, max_fen - 9), max_fen) | st.integers(min_fen, max_fen)


class Bounds(NamedTuple):
    """Claims with a floor and a cap each, in fen: 0 <= floor <= cap <= claim."""

    claims: list[int]
    floors: list[int]
    caps: list[int]


def bounds(*, claims: Sequence[int] | None = None, max_size: int = 12) -> SearchStrategy[Bounds]:
    """Generate floors and caps, often equal, zero or the claim itself.

    Parameters
    ----------
    claims : sequence of int, optional
        The claims to bound, in fen; drawn too, at most `max_size`, if they are not given.
    max_size : int

    Examples
    --------
    >>> from hypothesis import find
    >>> find(bounds(claims=[5, 7]), lambda drawn: drawn.floors[1] > 6)
    Bounds(claims=[5, 7], floors=[0, 7], caps=[0, 7])
    """
    if claims is None:
        return _claims(max_size).flatmap(_bounds_of)
    return _bounds_of(list(claims))


def _claims(max_size: int) -> SearchStrategy[list[int]]:
    return claims(max_size=max_size)


def _bounds_of(amounts: list[int]) -> SearchStrategy[Bounds]:
    pairs = st.tuples(*(_pair(claim) for claim in amounts))
    return pairs.map(lambda drawn: Bounds(amounts, [low for low, _ in drawn], [high for _, high in drawn]))


def _pair(claim: int) -> SearchStrategy[tuple[int, int]]:
    amount = st.sampled_from((0, claim)) | st.integers(0, min(claim, 9)) | st.integers(0, claim)
    return st.tuples(amount, amount).map(lambda both: (min(both), max(both)))
