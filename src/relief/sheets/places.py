"""Districts by any of their names -> the one name that tables, rules and totals use.

In    district names, aliases or GB/T 2260 codes as people write them
Out   the district's own name, or nothing where no district is called that
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.columns import normalised

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["UNSTATED", "District", "located", "nearest"]

UNSTATED = "未注明"


@dataclass(frozen=True, slots=True)
class District:
    """A district: the name used everywhere, its GB/T 2260 code if it has one, other names."""

    name: str
    code: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every way to write it, compared by `relief.columns.normalised`."""
        return tuple(normalised(word) for word in (self.name, self.code, *self.aliases) if word)


def located(values: pd.Series[Any], districts: Sequence[District]) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Resolve a column of districts.

    Parameters
    ----------
    values : Series
        Names, aliases or codes; missing ones stay missing.
    districts : sequence of District
        Those of the pack; empty means that names are taken as written.

    Returns
    -------
    tuple of Series
        The names, categorical in the order of `districts`; and whether a value is no district.

    Examples
    --------
    >>> written = pd.Series(["江海", "440704", "江海取", None])
    >>> names, unknown = located(written, [District("江海区", "440704", ("江海",))])
    >>> list(names), list(unknown)
    (['江海区', '江海区', nan, nan], [False, False, True, False])
    """
    codes, distinct = _factorized(values)
    if not districts:
        names: list[str] = sorted({str(value) for value in distinct})
        found = {value: names.index(str(value)) for value in distinct}
    else:
        names = [district.name for district in districts]
        known = {spelling: at for at, district in enumerate(districts) for spelling in district.spellings}
        found = {value: known.get(normalised(value), -1) for value in distinct}
    if list(distinct) == names and isinstance(values.dtype, pd.CategoricalDtype):
        return values, pd.Series(np.zeros(len(values), dtype=bool), index=values.index)
    places = pd.Series([found[value] for value in distinct] + [-1], dtype="int64").to_numpy()[codes]
    named = pd.Categorical.from_codes(places, categories=pd.Index(names, dtype=object))
    resolved = pd.Series(named, index=values.index, name=values.name)
    return resolved, pd.Series((places < 0) & (codes >= 0), index=values.index)


def _factorized(values: pd.Series[Any]) -> tuple[Any, Any]:
    """Return the distinct values and the place of each, -1 where missing."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return np.asarray(values.cat.codes), values.cat.categories
    return pd.factorize(values.astype(object), use_na_sentinel=True)


def nearest(value: str, districts: Sequence[District]) -> str:
    """Return the district whose name is most like `value`, or an empty string."""
    near = get_close_matches(value, [district.name for district in districts], n=1, cutoff=0.5)
    return near[0] if near else ""
