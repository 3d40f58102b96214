"""The adjusted proportional method: what nobody else can claim first, the rest in proportion.

In    a `Problem`
Out   quotas in units

Source: I. J. Curiel, M. Maschler and S. H. Tijs (1987), Bankruptcy games, Zeitschrift für
Operations Research 31.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from relief.allocation import integers
from relief.allocation.methods.rest import rest_of
from relief.allocation.ratios import Ratio

if TYPE_CHECKING:
    from relief.allocation.problem import Problem, Quotas

__all__ = ["adjusted_proportional"]


def adjusted_proportional(problem: Problem) -> Quotas:
    """Give what all others together leave, then divide the rest in proportion to what is still claimed.

    With ``right = max(0, fund - all other claims)`` and ``left = fund - sum of rights``, the quota is
    ``right + left * still / sum of still``, where ``still = min(claim - right, left)``. Floors are set
    aside before; a cap truncates the claim.

    Parameters
    ----------
    problem : Problem

    Returns
    -------
    Quotas
        In units; exact.

    Raises
    ------
    MethodError
        If awards above the claim are allowed.

    References
    ----------
    Curiel, I. J., Maschler, M. and Tijs, S. H. (1987). Bankruptcy games. Zeitschrift für Operations
    Research 31; Thomson, W. (2019). How to Divide When There Isn't Enough.

    Examples
    --------
    Two people hold a garment; one claims all of it, the other half (Mishnah, Bava Metzia 2a).

    >>> from relief.allocation import allocate
    >>> allocate([200, 100], 200, method="adjusted_proportional").awards_fen.tolist()
    [150, 50]
    """
    rest = rest_of(problem, "adjusted_proportional")
    # Whoever lacks as much as the largest claim, or more, leaves nobody a right.
    lacking = min(rest.total - rest.fund, int(rest.claims.max(initial=0)))
    rights = np.maximum(rest.claims - lacking, 0)
    left = rest.fund - integers.total(rights)
    # Rights are never so large that a claim, cut to the fund, is above what they leave.
    still = rest.claims - rights
    together = max(1, integers.total(still))
    whole, remainder = Ratio(still, left, together, int(still.max(initial=0))).divided(slice(None))
    return rest.on_floors(rights + whole, remainder, together)
