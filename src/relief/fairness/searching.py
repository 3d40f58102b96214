"""Which axiom holds for which method and rounding, found by trying every small problem.

In    nothing, or how small
Out   `Matrix`: method x axiom of the exact division, rounding x axiom in whole units of a division
      in proportion to the claims; each cell held on so many problems, or fails with its smallest witness

A cell that holds is no proof: the problems are those with few and small claims, and some that the
literature knows to be hard. A cell that fails is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import chain, combinations_with_replacement
from typing import TYPE_CHECKING, TypeAlias

import pandas as pd

from relief.allocation.division import METHODS, ROUNDINGS
from relief.fairness.asking import Asked
from relief.fairness.axioms import AXIOMS, OF_UNITS
from relief.fairness.dividing import exactly, in_units
from relief.fairness.promises import PROMISES
from relief.messages import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relief.fairness.asking import Allocate
    from relief.fairness.witness import Witness
    from relief.messages import Language

__all__ = ["KNOWN", "SIZES", "Cell", "Matrix", "matrix", "small_problems"]

Given: TypeAlias = tuple[tuple[int, ...], int]

SIZES: tuple[tuple[int, int], ...] = ((1, 3), (2, 5), (3, 4), (4, 3))
"""How many claims there are, and up to which size: all such lists, zeros included, with every fund."""

KNOWN: tuple[Given, ...] = (
    ((1, 1, 1, 6), 6),  # the smallest of this form on which webster falls below the lower quota
    ((2, 2, 2, 12), 12),  # huntington_hill above the upper quota
    ((3, 3, 3, 27), 28),  # dean above the upper quota
)
"""Problems beyond these that are known to break something."""


@dataclass(frozen=True)
class Cell:
    """What became of one axiom for one method or rounding.

    Attributes
    ----------
    problems : int
        On how many it held, the one with the witness not counted.
    witness : Witness, optional
        The smallest problem on which it fails.
    promised : bool
        Whether it is promised, that is proved in the literature.
    """

    problems: int
    witness: Witness | None
    promised: bool

    @property
    def holds(self) -> bool:
        """Whether no problem was found on which it fails."""
        return self.witness is None


@dataclass(frozen=True)
class Matrix:
    """What `matrix` found.

    Attributes
    ----------
    methods, roundings : dict of str to dict of str to Cell
        ``methods["talmud"]["consistency"]``.
    left_out : dict of str to str
        Methods without a row, and the reason ("terms" or "amounts").
    """

    methods: dict[str, dict[str, Cell]]
    roundings: dict[str, dict[str, Cell]]
    left_out: dict[str, str]

    def table(self, kind: str = "methods", lang: Language = "en") -> pd.DataFrame:
        """Return one axiom a row, one method or rounding a column, in short words.

        Parameters
        ----------
        kind : {"methods", "roundings"}
        lang : {"zh", "en"}
        """
        rows = self.methods if kind == "methods" else self.roundings
        shown = {
            name: {axiom: _shown(cell, lang) for axiom, cell in row.items()} for name, row in rows.items()
        }
        return pd.DataFrame(shown)


def _shown(cell: Cell, lang: Language) -> str:
    if cell.witness is None:
        return say("fairness.cell.holds" if cell.promised else "fairness.cell.seen", lang)
    claims = ", ".join(map(str, cell.witness.claims))
    return say("fairness.cell.fails", lang, claims=claims, fund=cell.witness.fund)


def small_problems(sizes: Iterable[tuple[int, int]] = SIZES) -> list[Given]:
    """Return every problem of these sizes, the smallest first.

    Parameters
    ----------
    sizes : list of pair of int
        Number of claims and the largest of them.

    Returns
    -------
    list
        Claims upwards, and a fund from nothing to all of them.

    Examples
    --------
    >>> small_problems([(2, 1)])
    [((0, 1), 0), ((0, 1), 1), ((1, 1), 0), ((1, 1), 1), ((1, 1), 2)]
    """
    lists = chain.from_iterable(
        combinations_with_replacement(range(most + 1), count) for count, most in sizes
    )
    found = [(claims, fund) for claims in lists if any(claims) for fund in range(sum(claims) + 1)]
    return sorted(found, key=lambda given: (len(given[0]), sum(given[0]), given[1], given[0]))


@cache
def matrix(sizes: tuple[tuple[int, int], ...] = SIZES) -> Matrix:
    """Try every axiom for every method and rounding on all small problems.

    Parameters
    ----------
    sizes : tuple of pair of int
        Number of claims and the largest of them; see `small_problems`.

    Returns
    -------
    Matrix
        The same every time; kept for the next call.

    Examples
    --------
    >>> found = matrix(((2, 2),))
    >>> found.methods["talmud"]["self_duality"].holds
    True
    >>> found.methods["constrained_equal_awards"]["self_duality"].witness.claims
    (1, 2)
    """
    problems = [*small_problems(sizes), *KNOWN]
    exact = [name for name in AXIOMS if name not in OF_UNITS]
    promises = PROMISES["methods"]
    return Matrix(
        methods={
            name: _row(exactly(name), exact, promises[name].axioms, problems)
            for name in METHODS
            if not promises[name].left_out
        },
        roundings={
            name: _row(in_units("proportional", name), AXIOMS, PROMISES["roundings"][name].axioms, problems)
            for name in ROUNDINGS
        },
        left_out={name: promises[name].left_out for name in METHODS if promises[name].left_out},
    )


def _row(
    allocate: Allocate, axioms: Iterable[str], promised: frozenset[str], problems: list[Given]
) -> dict[str, Cell]:
    asked = Asked(allocate)
    return {axiom: _cell(asked, axiom, axiom in promised, problems) for axiom in axioms}


def _cell(asked: Asked, axiom: str, promised: bool, problems: list[Given]) -> Cell:
    check = AXIOMS[axiom]
    for held, (claims, fund) in enumerate(problems):
        witness = check(asked, claims, fund)
        if witness:
            return Cell(held, witness, promised)
    return Cell(len(problems), None, promised)
