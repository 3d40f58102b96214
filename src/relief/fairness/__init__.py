"""Axioms of fair division as checkers, what each method and rounding promises, and what cannot be.

In    any allocator, a plan, or the name of a method and a rounding
Out   witnesses of broken axioms, reports, a matrix of what holds, and what no allocator can do
"""

from __future__ import annotations

from relief.fairness.axioms import AXIOMS, IMPLICATIONS
from relief.fairness.checking import Report, Verdict, check
from relief.fairness.impossible import Impossibility, impossible, together
from relief.fairness.promises import PROMISES, Promise
from relief.fairness.searching import Cell, Matrix, matrix, small_problems
from relief.fairness.witness import Witness

__all__ = [
    "AXIOMS", "IMPLICATIONS", "PROMISES", "Cell", "Impossibility", "Matrix", "Promise", "Report", "Verdict",
    "Witness", "check", "impossible", "matrix", "small_problems", "together",
]  # fmt: skip
