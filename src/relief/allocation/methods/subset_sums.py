"""All sums that some of the claims can make, each told once, with what the sets that make it weigh.

In    claims, an end, and what one more claim does to the weight of a set
Out   {sum: weight of all sets of claims with that sum}, for the sums below the end, ascending

Claims in whole units make far fewer different sums than there are sets of claims: a hundred equal
claims make a hundred sums of 2**100 sets. The table of all claims but one follows from the table of
all in one pass, as in dividing a polynomial by ``1 + mark * x**claim``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from relief.errors import MethodError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["subset_sums", "without"]


def subset_sums(
    claims: list[int], end: int, mark: Callable[[int], int], most: int, method: str
) -> dict[int, int]:
    """Return every sum below `end`, with the weights of the sets that make it added up.

    Parameters
    ----------
    claims : list of int
        Above zero.
    end : int
        Sums of it and more are left out.
    mark : callable
        The weight of a set with one more claim, given its weight without; linear.
    most : int
        How many sums may be kept.
    method : str
        Who asks, for the error.

    Raises
    ------
    MethodError
        If there are more sums than `most`.

    Examples
    --------
    >>> subset_sums([1, 1, 2], 4, lambda weight: weight, 100, "random_arrival")
    {0: 1, 1: 2, 2: 2, 3: 2}
    >>> without({0: 1, 1: 2, 2: 2, 3: 2}, 2, lambda weight: weight)
    {0: 1, 1: 2, 2: 1, 3: 0}
    """
    table = {0: 1}
    for claim in claims:
        for made in sorted(table, reverse=True):
            if made + claim < end:
                table[made + claim] = table.get(made + claim, 0) + mark(table[made])
        if len(table) > most:
            raise MethodError("allocation.too_many_sums", method=method, count=len(claims), limit=most)
    return dict(sorted(table.items()))


def without(table: dict[int, int], claim: int, mark: Callable[[int], int]) -> dict[int, int]:
    """Return the table of all claims but one of `claim`."""
    rest: dict[int, int] = {}
    for made, weight in table.items():
        before = rest.get(made - claim)
        rest[made] = weight if before is None else weight - mark(before)
    return rest
