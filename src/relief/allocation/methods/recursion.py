"""The recursive method: everybody's share of the truncated claim, again and again until all is given.

In    a `Problem`
Out   quotas in units

A round gives ``min(claim, fund) / n`` to each. As long as nobody changes sides, from a claim below
the fund to one of at least the fund, a round is linear, and many are one formula: the claims below
shrink by ``(n - 1) / n`` each round, the others get the same as each other. Once all claims are at
least the fund, the rest is divided equally. So there are no more stretches than distinct claims.

Source: D. Domínguez and W. Thomson (2006), A new solution to the problem of adjudicating
conflicting claims, Economic Theory 28.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from relief.allocation.methods.rest import rest_of
from relief.errors import MethodError

if TYPE_CHECKING:
    from relief.allocation.problem import Problem, Quotas

__all__ = ["dominguez_thomson"]

# Bits of the denominator, n**rounds, and of all quotas together: some seconds, and some 100 MB.
_MOST_BITS, _MOST_BITS_TOGETHER = 2**18, 2**29


def dominguez_thomson(problem: Problem) -> Quotas:
    """Give everybody an n-th of the claim or of the fund, whichever is less, and begin again with the rest.

    ``quota = sum over rounds of min(claim, fund) / n``, where claim and fund are what the rounds before
    have left and n counts all claims, those of zero too. Floors are set aside before; a cap
    truncates the claim.

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
        If so many rounds are needed that the fractions cannot be written down: many claims, or a very
        small one beside very large ones; if awards above the claim are allowed.

    References
    ----------
    Domínguez, D. and Thomson, W. (2006). A new solution to the problem of adjudicating conflicting
    claims. Economic Theory 28.

    Examples
    --------
    The first round gives 200/2 and 300/2, and leaves a fund of 50 for claims of 100 and 250; the
    second divides it equally.

    >>> from relief.allocation import allocate
    >>> allocate([200, 400], 300, method="dominguez_thomson").awards_fen.tolist()
    [125, 175]
    """
    rest = rest_of(problem, "dominguez_thomson")
    claims = rest.positive()
    if rest.fund in (0, rest.total):
        return rest.quotas(rest.claims if rest.fund else 0 * rest.claims, 1)
    n = len(rest.claims)
    bits = min(_MOST_BITS, _MOST_BITS_TOGETHER // len(set(claims)))
    rounds = _Rounds(n, rest.fund, rest.total, most=bits // n.bit_length())
    for claim, equals in groupby(reversed(claims)):
        rounds.run_until_at_fund(claim)
        rounds.join(claim, len(list(equals)))
    return rest.spread(*rounds.shares())


@dataclass
class _Rounds:
    """Where the rounds stand; amounts in parts of `scale`, which is ``n**done``.

    `below` is the sum of the claims below the fund as they were at first; ``shrunk / scale`` is what
    is left of each of them. `joined` is the number of the others, `common` what one of these has got
    since the first of them joined. `own` has what each distinct claim got before, less `common` then.
    """

    n: int
    fund: int
    below: int
    most: int
    done: int = 0
    scale: int = 1
    shrunk: int = 1
    joined: int = 0
    common: int = 0
    own: list[tuple[int, int, int]] = field(default_factory=list)

    def run_until_at_fund(self, claim: int) -> None:
        """Run as many rounds as it takes until the largest claim below is at least the fund."""
        few, many = 0, 0
        while self._is_below(claim, many):
            few, many = many + 1, max(1, 2 * many)
            if self.done + few > self.most:
                raise MethodError("allocation.too_many_rounds", method="dominguez_thomson", count=self.n,
                                  limit=self.most)  # fmt: skip
        while few < many:
            middle = (few + many) // 2
            if self._is_below(claim, middle):
                few = middle + 1
            else:
                many = middle
        if many:
            self._run(many)

    def _is_below(self, claim: int, rounds: int) -> bool:
        left, shrunk = self._after(rounds)
        return left > claim * shrunk

    def _after(self, rounds: int) -> tuple[int, int]:
        """Return the fund and `shrunk` some rounds from now, if nobody joins before."""
        once = (self.n - 1) ** rounds
        shrunk = self.shrunk * once
        if self.joined == 1:
            # (1 - 1/n) of the fund each round, less an n-th of the claims below, which shrink as fast.
            return self.fund * once - rounds * self.below * shrunk // (self.n - 1), shrunk
        others, below = self.joined - 1, self.below * self.shrunk
        kept = (self.fund * others + below) * (self.n - self.joined) ** rounds
        return (kept - self.below * shrunk) // others, shrunk

    def _run(self, rounds: int) -> None:
        times = self.n**rounds
        fund, shrunk = self._after(rounds)
        spent_below = self.below * (self.shrunk * times - shrunk)
        spent = self.fund * times - fund - spent_below
        self.common = self.common * times + (spent // self.joined if self.joined else 0)
        self.fund, self.shrunk = fund, shrunk
        self.done, self.scale = self.done + rounds, self.scale * times

    def join(self, claim: int, count: int) -> None:
        """Count equal claims as no longer below the fund."""
        self.own.append((claim, self.done, claim * (self.scale - self.shrunk) - self.common))
        self.below -= claim * count
        self.joined += count

    def shares(self) -> tuple[dict[int, int], int]:
        """Return what each distinct claim gets and the denominator; what is left is divided equally."""
        found, times, since = {}, self.joined, self.done
        for claim, done, own in reversed(self.own):
            times *= self.n ** (since - done)
            since = done
            found[claim] = own * times + self.common * self.joined + self.fund
        return found, self.scale * self.joined
