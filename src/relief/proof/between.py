"""A value between two limits, said in terms of the facts that set the limits.

In    a formula over a variable, a model of it
Out   a term for the variable: the middle between the limits that are next to it in the model

The idea is that of virtual substitution: R. Loos and V. Weispfenning (1993), Applying linear
quantifier elimination, The Computer Journal 36(5), with the limits picked by a model.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import z3

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Between"]

_COMPARISONS = (z3.Z3_OP_LE, z3.Z3_OP_LT, z3.Z3_OP_GE, z3.Z3_OP_GT, z3.Z3_OP_EQ)


class Between:
    """The comparisons in which a formula holds a real variable against something."""

    def __init__(self, formula: Any, variable: Any) -> None:
        self.variable = variable
        start, end = (_leaf(Fraction(value)) for value in (0, 1))
        gaps = [left - right for left, right in _compared(formula, variable)]
        self._ends = [tuple(z3.substitute(gap, (variable, value)) for value in (start, end)) for gap in gaps]

    def term(self, model: Any, others: list[tuple[Any, Any]]) -> Any:
        """Return a term for the variable: the middle between the limits that are next to it in a model.

        Parameters
        ----------
        model : z3 model
        others : list of (term, value)
            What further variables of the formula are to be.
        """
        at = _fraction(model, self.variable)
        below: tuple[Fraction, Any] | None = None
        above: tuple[Fraction, Any] | None = None
        for value, limit in self._limits(model):
            if value <= at and (below is None or value > below[0]):
                below = value, limit
            if value >= at and (above is None or value < above[0]):
                above = value, limit
        if below is None or above is None:
            return _leaf(at)
        return z3.substitute((below[1] + above[1]) / 2, *others)

    def _limits(self, model: Any) -> Iterator[tuple[Fraction, Any]]:
        """Yield each limit that a comparison sets for the variable, in the model and as a term."""
        for start, end in self._ends:
            first = _fraction(model, start)
            slope = _fraction(model, end) - first
            if slope:
                yield -first / slope, start * _leaf(-1 / slope)


def _compared(formula: Any, variable: Any) -> Iterator[tuple[Any, Any]]:
    """Yield both sides of every comparison of numbers that a variable stands in, each once."""
    has: dict[int, bool] = {}

    def holds(part: Any) -> bool:
        key = part.get_id()
        if key not in has:
            has[key] = z3.eq(part, variable) or _any(holds, part.children())
            if has[key] and part.decl().kind() in _COMPARISONS and z3.is_arith(part.arg(0)):
                found.append((part.arg(0), part.arg(1)))
        return has[key]

    found: list[tuple[Any, Any]] = []
    holds(formula)
    yield from found


def _any(holds: Callable[[Any], bool], parts: list[Any]) -> bool:
    """Return whether any part holds; all are asked."""
    answers = [holds(part) for part in parts]
    return any(answers)


def _leaf(value: Fraction) -> Any:
    return z3.RealVal(str(value))


def _fraction(model: Any, term: Any) -> Fraction:
    value = z3.simplify(model.eval(term, model_completion=True)).as_fraction()
    return Fraction(value.numerator, value.denominator)
