"""Bands of a quantity, each giving an amount (分档): a table of the pack.

In    the written bands, and a quantity per row
Out   what the band gives that the quantity is in; an interval where more than one is possible
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from relief.money import fen
from relief.rulepack.values import Amount, Bound, exactly

if TYPE_CHECKING:
    from fractions import Fraction

    from relief.rulepack.model import BandModel, TiersModel
    from relief.rulepack.values import Flags

__all__ = ["Tiers"]

_MOST = 2**63 - 1


@dataclass(frozen=True)
class Tiers:
    """Bands in ascending order; below the first and above the last, nothing is given."""

    id: str
    model: TiersModel

    def given(self, amount: Amount) -> Amount:
        """Return what the bands give for a quantity, in fen."""
        size = len(amount.lo.num)
        low = np.full(size, _MOST)
        high = np.zeros(size, dtype=np.int64)
        endless = np.zeros(size, dtype=bool)
        outside = np.ones(size, dtype=bool)
        for band in self.model.bands:
            possible, certain = self._inside(amount, band)
            outside &= ~certain
            least, most = _gift(band)
            low = np.where(possible, np.minimum(low, least), low)
            if most is None:
                endless |= possible
            else:
                high = np.where(possible, np.maximum(high, most), high)
        # Bands meet, so what is certainly in some of them is in one; the rest may get nothing.
        outside &= ~self._spanned(amount)
        low = np.where(outside | (low == _MOST), 0, low)
        if not endless.any() and np.array_equal(low, high):
            return exactly(low)
        return Amount(Bound(low, 1), Bound(np.where(endless, 0, high), 1, endless if endless.any() else None))

    def giving(self, amount: Fraction) -> Tiers:
        """Return the bands if each of which only bounds are known gave so many yuan, or what is nearest."""
        bands = [
            band if band.exactly is not None else band.model_copy(update={"exactly": _within(amount, band)})
            for band in self.model.bands
        ]
        return replace(self, model=self.model.model_copy(update={"bands": tuple(bands)}))

    def _limit(self, end: Fraction, size: int) -> Amount:
        whole = fen(end) if self.model.unit == "yuan" else end
        return exactly(np.full(size, int(whole) if self.model.unit == "yuan" else end.numerator),
                       den=1 if self.model.unit == "yuan" else end.denominator)  # fmt: skip

    def _above(self, amount: Amount, band: BandModel) -> tuple[Flags, Flags]:
        """Return where a quantity may be, and certainly is, past the lower end of a band."""
        end = band.from_ if band.from_ is not None else band.above
        assert end is not None
        below = amount.less(self._limit(end, len(amount.lo.num)), or_equal=band.from_ is None)
        return ~below.yes, below.no

    def _within(self, amount: Amount, band: BandModel) -> tuple[Flags, Flags]:
        """Return where a quantity may be, and certainly is, not past the upper end of a band."""
        end = band.upto if band.upto is not None else band.below
        if end is None:
            everywhere = np.ones(len(amount.lo.num), dtype=bool)
            return everywhere, everywhere
        inside = amount.less(self._limit(end, len(amount.lo.num)), or_equal=band.upto is not None)
        return ~inside.no, inside.yes

    def _inside(self, amount: Amount, band: BandModel) -> tuple[Flags, Flags]:
        above, within = self._above(amount, band), self._within(amount, band)
        return above[0] & within[0], above[1] & within[1]

    def _spanned(self, amount: Amount) -> Flags:
        """Return where a quantity is certainly between the first lower and the last upper end."""
        return self._above(amount, self.model.bands[0])[1] & self._within(amount, self.model.bands[-1])[1]


def _within(amount: Fraction, band: BandModel) -> Fraction:
    amount = amount if band.at_least is None else max(band.at_least, amount)
    return amount if band.at_most is None else min(band.at_most, amount)


def _gift(band: BandModel) -> tuple[int, int | None]:
    if band.exactly is not None:
        return fen(band.exactly), fen(band.exactly)
    least = fen(band.at_least) if band.at_least is not None else 0
    return least, None if band.at_most is None else fen(band.at_most)
