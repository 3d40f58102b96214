"""Exact shares in cells: ``number * left / together`` where the product is beyond 15 digits.

In    the cells of a number, of what is left and of the numbers together, each with its two halves
Out   the formulas of a guess, of what the guess leaves, and of the whole part and the remainder

The guess is rounded like any number of a spreadsheet, and is wrong by at most one. What it leaves,
``number * left - guess * together``, is less than twice `together`: worked out in halves of six
digits no step of it has more than thirteen digits, so it is exact and tells whether the guess was
one too many or too few.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Halved", "guess", "high", "low", "remainder", "rest", "whole"]


class Halved(NamedTuple):
    """Where a number of up to twelve digits stands, and its upper and lower six."""

    number: str
    high: str
    low: str


def high(number: str) -> str:
    """Return the formula of the upper digits."""
    return f"INT({number}/1000000)"


def low(number: str, upper: str) -> str:
    """Return the formula of the lower six digits."""
    return f"{number}-{upper}*1000000"


def guess(number: str, left: str, together: str) -> str:
    """Return the formula of the whole part, wrong by at most one."""
    return f"INT({number}*{left}/{together})"


def rest(number: Halved, left: Halved, tried: Halved, together: Halved) -> str:
    """Return the formula of what a guess leaves of the product; exact."""
    upper = f"{number.high}*{left.high}-{tried.high}*{together.high}"
    middle = (
        f"{number.high}*{left.low}+{number.low}*{left.high}"
        f"-{tried.high}*{together.low}-{tried.low}*{together.high}"
    )
    lower = f"{number.low}*{left.low}-{tried.low}*{together.low}"
    return f"(({upper})*1000000+{middle})*1000000+{lower}"


def whole(tried: str, left_over: str, together: str) -> str:
    """Return the formula of the whole part: the guess, put right by what it leaves."""
    return f"{tried}-({left_over}<0)+({left_over}>={together})"


def remainder(tried: str, left_over: str, right: str, together: str) -> str:
    """Return the formula of the remainder."""
    return f"{left_over}+({tried}-{right})*{together}"
