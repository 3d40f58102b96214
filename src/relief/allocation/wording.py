"""Why one household gets its award, as sentences.

In    a part that was divided, and the position of one claim in it
Out   codes of `sentences/allocation.toml` with their facts, in the order to read them
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from relief.allocation.integers import total
from relief.allocation.problem import AT_CAP, AT_FLOOR, Problem, Quotas
from relief.allocation.rounding import leftover_rank
from relief.messages import say
from relief.money import yuan

if TYPE_CHECKING:
    from relief.allocation.groups import Part
    from relief.messages import Language

__all__ = ["Line", "lines", "told", "worded"]

Line: TypeAlias = tuple[str, dict[str, Any]]

_LONG = 10**30


def worded(line: Line, lang: Language) -> str:
    """Return one line in `lang`."""
    code, facts = line
    return say(code, lang, **facts)


def told(exact: Fraction) -> str:
    """Return a number as a person can take it in: exact, or where that is very long to twelve places.

    Examples
    --------
    >>> told(Fraction(200, 3)), told(10**6 + Fraction(2, 3**99))
    ('200/3', '≈1000000.000000000000')
    """
    if exact.denominator < _LONG:
        return str(exact)
    twelve = round(exact * 10**12)
    return f"≈{twelve // 10**12}.{twelve % 10**12:012}"


def lines(part: Part, position: int, award_fen: int, method: str) -> list[Line]:
    """Return the facts about one award, from the claim to the amount."""
    problem, quotas = part.problem, part.quotas
    quota_fen = quotas.fraction(position) * problem.unit
    found = [_share(problem, position), _quota(quotas, position, quota_fen, method)]
    if part.group.name is not None:
        found.insert(0, ("allocation.explain.group", {"group": str(part.group.name)}))
    if quotas.rule is not None and quotas.rule.form != "rate":
        level = quotas.rule.multiplier
        found.append((f"allocation.explain.form.{quotas.rule.form}", {"level_fen": level}))
    found.append(_rounding(part, position, award_fen - quota_fen))
    return [*found, ("allocation.explain.award", {"award_yuan": yuan(award_fen)})]


def paid(by_source: dict[str, int]) -> Line:
    """Return what each source pays of an award."""
    amounts = "; ".join(f"{name} {yuan(amount)}" for name, amount in by_source.items())
    return "allocation.explain.paid", {"amounts": amounts}


def _share(problem: Problem, position: int) -> Line:
    claims = problem.claims
    claim = int(claims.fen[position])
    return "allocation.explain.share", {
        "label": str(claims.labels[position]),
        "claim_yuan": yuan(claim),
        "claims_yuan": yuan(claims.total),
        "percent": _percent(Fraction(claim, claims.total)),
        "fund_yuan": yuan(problem.fund * problem.unit),
    }


def _quota(quotas: Quotas, position: int, quota_fen: Fraction, method: str) -> Line:
    facts = {"quota_fen": told(quota_fen), "method": method}
    held = quotas.held_at(position)
    if held == AT_FLOOR:
        return "allocation.explain.quota_at_floor", facts
    if held == AT_CAP:
        return "allocation.explain.quota_at_cap", facts
    return "allocation.explain.quota", facts


def _rounding(part: Part, position: int, change: Fraction) -> Line:
    problem, quotas, rounded = part.problem, part.quotas, part.rounded
    unit_yuan = yuan(problem.unit)
    if not change:
        return "allocation.explain.exact", {"unit_yuan": unit_yuan}
    facts = {
        "unit_yuan": unit_yuan,
        "change_fen": told(abs(change)),
        "rank": leftover_rank(problem, quotas, position),
        "remainder": told(quotas.remainder_of(position)),
        "spare": quotas.total - total(quotas.whole),
    }
    if rounded.got_leftover[position]:
        return "allocation.explain.got_leftover", facts
    return "allocation.explain.no_leftover", facts


def _percent(share: Fraction) -> Decimal:
    """Return a share in per cent with four places, half to even."""
    return Decimal(round(share * 1_000_000)).scaleb(-4)
