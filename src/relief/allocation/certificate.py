"""A whole split as plain data that anybody can check without this library.

In    the parts that were divided, with their quotas and awards
Out   a dict of text, whole numbers and lists: what every award follows from

Fractions are text, ``"375/2923"``; amounts are in units of `unit_fen`, claims in fen. A checker takes
the formula named in ``form`` with its ``multiplier``, holds it between the row's floor and cap, and
has the quota; rounds as ``rounding`` says, ties by ``place``; and has the award. Where no single
number tells all quotas (``form`` is empty) it takes the quotas as they are told and checks the rest.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from relief.allocation.rounding import in_order
from relief.errors import MethodError

if TYPE_CHECKING:
    from relief.allocation.groups import Part

__all__ = ["VERSION", "certificate_of"]

VERSION = "relief-split/1"
# Python reads no number of more than 4300 digits.
_MOST_BITS = 14_000


def certificate_of(
    method: str, rounding: str, fund_fen: int, unit_fen: int, parts: list[Part]
) -> dict[str, Any]:
    """Return a split as plain data, ready for `json.dumps`.

    Returns
    -------
    dict
        ``version``, ``method``, ``rounding``, ``fund_fen``, ``unit_fen``, ``returned_fen``, and
        ``parts``, each with ``group``, ``fund`` and ``total`` (units given and divided), ``form``,
        ``multiplier``, ``cut`` (``score``, ``tied``, ``served``) and ``rows``: ``id``, ``claim_fen``,
        ``base`` (what the form is applied to in place of the claim), ``floor``, ``cap`` (units, cap
        None where there is none), ``quota``, ``place`` (among equal scores, from 1), ``award``
        (units), ``held`` (-1 at its floor, 1 at its cap, else 0).
    """
    awarded = sum(int(award) for part in parts for award in part.rounded.awards) * unit_fen
    return {
        "version": VERSION,
        "method": method,
        "rounding": rounding,
        "fund_fen": fund_fen,
        "unit_fen": unit_fen,
        "returned_fen": fund_fen - awarded,
        "parts": [_part(part) for part in parts],
    }


def _part(part: Part) -> dict[str, Any]:
    quotas, cut = part.quotas, part.rounded.cut
    return {
        "group": None if part.group.name is None else str(part.group.name),
        "fund": part.problem.given,
        "total": quotas.total,
        "form": quotas.rule.form if quotas.rule else "",
        "multiplier": str(quotas.rule.multiplier) if quotas.rule else "",
        "cut": cut
        and {
            "score": None if cut.score is None else _text(cut.score),
            "tied": cut.tied_count,
            "served": cut.tied_served,
        },
        "rows": _rows(part),
    }


def _rows(part: Part) -> list[dict[str, Any]]:
    problem, quotas, awards = part.problem, part.quotas, part.rounded.awards
    place = np.empty(awards.size, dtype=np.int64)
    place[in_order(problem, np.arange(awards.size))] = np.arange(1, awards.size + 1)
    base = problem.claims.fen if quotas.base is None else quotas.base
    return [
        {
            "id": str(problem.claims.labels[i]),
            "claim_fen": int(problem.claims.fen[i]),
            "base": int(base[i]),
            "floor": int(problem.floors[i]),
            "cap": int(problem.caps[i]) if problem.capped[i] else None,
            "quota": _text(int(quotas.whole[i]) + Fraction(int(quotas.remainder[i]), quotas.denominator)),
            "place": int(place[i]),
            "award": int(awards[i]),
            "held": quotas.held_at(i),
        }
        for i in range(awards.size)
    ]


def _text(exact: Fraction) -> str:
    """Return a fraction as text, or raise MethodError where Python would not read it again."""
    if max(abs(exact.numerator), exact.denominator).bit_length() > _MOST_BITS:
        raise MethodError("allocation.fraction_too_long", bits=exact.denominator.bit_length())
    return str(exact)
