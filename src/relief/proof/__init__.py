"""Prove what a pack promises of every household; the extra ``prove`` brings the solver.

In    a pack, the day of the decision
Out   `Proof`: what holds of every household, a household for what does not, and what stays open
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from relief.errors import MissingExtraError

if TYPE_CHECKING:
    import datetime as dt

    from relief.proof.findings import Proof
    from relief.rulepack.contents import Pack

__all__ = ["prove"]


def prove(pack: Pack, on: dt.date | None = None, *, seconds: float = 20.0) -> Proof:
    """Prove a pack's properties over all households.

    Parameters
    ----------
    pack : Pack
    on : date, optional
        The day of the decision; by default the latest on which a value of every parameter is in force.
    seconds : float
        How long a usual machine tries each property; what is not settled by then is reported as
        undecided. Counted in steps of the solver, so that the same comes out on every machine.

    Returns
    -------
    Proof

    Raises
    ------
    MissingExtraError
        If Z3 is not installed.
    ParameterError
        If a parameter has no value on the day.

    Examples
    --------
    >>> from relief import load_pack
    >>> prove(load_pack("huzhou")).holds
    True
    """
    try:
        import z3  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("extra.missing", what="Z3", extra="prove") from error
    from relief.proof.properties import proved

    return proved(pack, on, seconds)
