"""What each method and rounding promises, with its source: `promises.toml`, read.

In    a name of a method or a rounding
Out   its `Promise`: the axioms, and who proved them or wrote them down
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

__all__ = ["ALWAYS", "PROMISES", "Promise", "kept_together"]


@dataclass(frozen=True)
class Promise:
    """What one method or rounding promises.

    Attributes
    ----------
    axioms : frozenset of str
        Of a method: what its exact division keeps. Of a rounding: what it keeps in whole units when
        the division is in proportion to the claims.
    source : str
    of_quotas : frozenset of str
        Of a rounding: what it keeps of any method, measured by that method's exact awards.
    left_out : str
        Of a method: why the matrix has no row of it ("terms" or "amounts"); empty if it has.
    """

    axioms: frozenset[str]
    source: str
    of_quotas: frozenset[str] = frozenset()
    left_out: str = ""


def _read() -> tuple[Promise, dict[str, dict[str, Promise]]]:
    text = files("relief").joinpath("fairness", "promises.toml").read_text(encoding="utf-8")
    found: dict[str, Any] = tomllib.loads(text)
    always = frozenset(found["always"]["axioms"])
    of_any = {"methods": always - {"unit_exactness", "bounds_respected"}, "roundings": always}
    promises = {
        kind: {name: _promise(entry, of_any[kind]) for name, entry in found[kind].items()} for kind in of_any
    }
    return Promise(always, found["always"]["source"]), promises


def _promise(entry: dict[str, Any], always: frozenset[str]) -> Promise:
    of_quotas = frozenset(entry.get("of_quotas", ()))
    # A method that divides by terms keeps the order of rows only where its terms move with them.
    own = always - {"anonymity"} if "left_out" in entry else always
    return Promise(own | of_quotas | frozenset(entry["axioms"]), entry["source"], of_quotas,
                   entry.get("left_out", ""))  # fmt: skip


ALWAYS, PROMISES = _read()


def kept_together(method: str, rounding: str) -> frozenset[str]:
    """Return what a method with a rounding promises in whole units, where nothing but claims decides.

    Examples
    --------
    >>> "quota" in kept_together("talmud", "largest_remainder")
    True
    >>> "resource_monotonicity" in kept_together("proportional", "largest_remainder")
    False
    """
    exact, whole = PROMISES["methods"][method], PROMISES["roundings"][rounding]
    if method == "proportional":
        return whole.axioms
    kept = (ALWAYS.axioms & (exact.axioms | {"unit_exactness", "bounds_respected"})) | whole.of_quotas
    if "equal_treatment" in exact.axioms:
        kept |= {"equal_treatment_within_unit"}
    if "order_preservation_of_awards" in exact.axioms:
        kept |= {"order_preservation_of_awards"}
    if "self_duality" in exact.axioms and "quota" in whole.of_quotas:
        # Awards and losses are each an exact amount rounded down or up, and these add up to the claim.
        kept |= {"self_duality_within_unit"}
    return kept
