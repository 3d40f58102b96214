"""Every axiom by name: a checker ``(allocate, claims, fund) -> Witness | None`` over any allocator.

An allocator is a function from a list of claims and a fund to a list of awards, integers or
`Fraction`; a float counts at the value that it has in binary. The fund is never above the claims.

"Equal claims may swap": where awards of two problems must be the same, those of equal claims may
change places, so that a rule for ties breaks nothing.

Sources: W. Thomson (2019), How to Divide When There Isn't Enough; M. L. Balinski and H. P. Young
(1982), Fair Representation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from relief.fairness import funds, people, single

if TYPE_CHECKING:
    from relief.fairness.witness import Checker

__all__ = ["AXIOMS", "IMPLICATIONS", "OF_PLANS", "OF_UNITS"]

AXIOMS: dict[str, Checker] = {
    name: getattr(module, name)
    for module, names in (
        (single, ("balance", "claims_bounded", "non_negativity", "quota", "lower_quota", "upper_quota",
                  "remainder_order", "equal_treatment", "equal_treatment_within_unit")),
        (people, ("anonymity",)),
        (single, ("order_preservation", "order_preservation_of_awards", "order_preservation_of_losses")),
        (funds, ("resource_monotonicity",)),
        (people, ("claim_monotonicity", "population_monotonicity", "consistency")),
        (funds, ("composition_down", "composition_up", "self_duality", "self_duality_within_unit")),
        (people, ("no_gain_by_merging", "no_gain_by_splitting", "homogeneity",
                  "claims_truncation_invariance", "minimal_rights_first")),
    )
    for name in names
}  # fmt: skip
"""The checkers of any allocator."""

OF_UNITS = (
    "quota", "lower_quota", "upper_quota", "remainder_order", "equal_treatment_within_unit",
    "self_duality_within_unit",
)  # fmt: skip
"""Axioms about whole units, of which an exact division has nothing to say."""

OF_PLANS = ("unit_exactness", "bounds_respected")
"""Axioms about the unit and the bounds of a plan; see `relief.fairness.check`."""

IMPLICATIONS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("quota",), "lower_quota"),
    (("quota",), "upper_quota"),
    (("lower_quota", "upper_quota"), "quota"),
    (("quota",), "claims_bounded"),
    (("quota",), "non_negativity"),
    (("equal_treatment",), "equal_treatment_within_unit"),
    (("self_duality",), "self_duality_within_unit"),
    (("order_preservation",), "order_preservation_of_awards"),
    (("order_preservation",), "order_preservation_of_losses"),
    (("order_preservation_of_awards", "order_preservation_of_losses"), "order_preservation"),
    (("self_duality", "order_preservation_of_awards"), "order_preservation_of_losses"),
    (("composition_down", "claims_bounded"), "resource_monotonicity"),
    (("composition_up", "non_negativity"), "resource_monotonicity"),
    (("self_duality", "composition_down"), "composition_up"),
    (("self_duality", "composition_up"), "composition_down"),
    (("self_duality", "claims_truncation_invariance"), "minimal_rights_first"),
    (("self_duality", "minimal_rights_first"), "claims_truncation_invariance"),
    (("resource_monotonicity", "consistency"), "population_monotonicity"),
)
"""Which axioms together imply which other, for any allocator that keeps to balance."""
