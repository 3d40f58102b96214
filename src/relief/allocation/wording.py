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
from relief.messages import Figure, say
from relief.money import yuan

if TYPE_CHECKING:
    from relief.allocation.divisors import Divisor
    from relief.allocation.groups import Part
    from relief.messages import Language

__all__ = ["Line", "lines", "told", "worded"]

Line: TypeAlias = tuple[str, dict[str, Any]]

_LONG = 10**30


def worded(line: Line, lang: Language) -> str:
    """Return one line in `lang`."""
    code, facts = line
    if "method" in facts:
        facts = facts | {"method": say(f"methods.title.{facts['method']}", lang)}
    return say(code, lang, **facts)


def told(exact: Fraction) -> Figure:
    """Return a number as a person can take it in: exact, or where that is very long to twelve places.

    Examples
    --------
    >>> told(Fraction(200, 3)), told(10**6 + Fraction(2, 3**99))
    ('200/3', '≈1000000.000000000000')
    """
    if exact.denominator < _LONG:
        return Figure(exact)
    twelve = round(exact * 10**12)
    return Figure(f"≈{twelve // 10**12}.{twelve % 10**12:012}")


def lines(part: Part, position: int, award_fen: int, method: str) -> list[Line]:
    """Return the facts about one award, from the claim to the amount."""
    problem, quotas = part.problem, part.quotas
    quota_fen = quotas.fraction(position) * problem.unit
    found = [_share(problem, position), _quota(quotas, position, quota_fen, method)]
    if part.group.name is not None:
        found.insert(0, ("allocation.explain.group", {"group": str(part.group.name)}))
    if problem.terms.order:
        found.insert(-1, _class(part, position))
    found += _rule(problem, quotas, position)
    if part.rounded.divisor is None or not quota_fen:
        found.append(_rounding(part, position, award_fen - quota_fen))
    else:
        found += _by_divisor(part, part.rounded.divisor, position, award_fen - quota_fen)
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
        "percent": _percent(Fraction(claim, max(1, claims.total))),
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


def _class(part: Part, position: int) -> Line:
    """Return the place of a claim's class in the order, and what the classes before it took."""
    terms = part.problem.terms
    category = terms.categories[position]
    place = terms.order.index(category)
    before = terms.categories.isin(terms.order[:place])
    return "allocation.explain.class", {
        "category": str(category),
        "place": place + 1,
        "before_yuan": yuan(total(part.rounded.awards[before]) * part.problem.unit),
    }


def _rule(problem: Problem, quotas: Quotas, position: int) -> list[Line]:
    """Return the formula that all quotas follow; none where the share of all claims already tells it."""
    if quotas.rule is None:
        return []
    form, number = quotas.rule.form, quotas.rule.multiplier
    if form != "rate":
        return [(f"allocation.explain.form.{form}", {"level_fen": number})]
    if quotas.base is None:
        rate = {"rate": told(number * problem.unit)}
        return [] if quotas.held is None else [("allocation.explain.form.rate", rate)]
    base = int(quotas.base[position])
    if problem.terms.weights.size:
        weighed = {"weight": int(problem.terms.weights[position]), "rate": told(number * problem.unit)}
        return [("allocation.explain.form.weighted", weighed)]
    due = {"due_yuan": yuan(base * problem.unit), "rate": told(number)}
    return [("allocation.explain.form.entitled", due)]


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


def _by_divisor(part: Part, divisor: Divisor, position: int, change: Fraction) -> list[Line]:
    """Return the quotients of the last unit of an award, of one more, and of the last unit of all."""
    problem, cut = part.problem, part.rounded.cut
    quota, units = part.quotas.fraction(position), int(part.rounded.awards[position])
    facts = {
        "unit_yuan": yuan(problem.unit),
        "quota": told(quota),
        "change_fen": Figure(("" if change == 0 else "-" if change < 0 else "+") + told(abs(change))),
    }
    found: list[Line] = [(f"allocation.explain.divisor.{divisor.name}", facts)]
    if units > problem.floors[position]:
        last = _quotient(divisor, divisor.quotient(quota, units - 1))
        found.append(("allocation.explain.divisor_last", {"units": units, "quotient": last}))
    elif units:
        found.append(("allocation.explain.divisor_at_floor", {"units": units}))
    if units < problem.caps[position]:
        after = _quotient(divisor, divisor.quotient(quota, units))
        found.append(("allocation.explain.divisor_next", {"quotient": after}))
    else:
        found.append(("allocation.explain.divisor_at_cap", {"units": units}))
    if cut is not None:
        at_cut = {
            "quotient": _quotient(divisor, cut.score),
            "tied": cut.tied_count,
            "served": cut.tied_served,
        }
        found.append(("allocation.explain.divisor_cut", at_cut))
    return found


def _quotient(divisor: Divisor, exact: Fraction | None) -> Figure:
    """Return a quotient as text; the root of its square where that is what is known exactly."""
    if exact is None:
        return Figure("∞")
    return told(exact) if divisor.power == 1 else Figure(f"√({told(exact)})")


def _percent(share: Fraction) -> Decimal:
    """Return a share in per cent with four places, half to even."""
    return Decimal(round(share * 1_000_000)).scaleb(-4)
