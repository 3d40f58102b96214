"""Which department can prove what.

In    nothing but the words of the data dictionary
Out   `SOURCES`; `kinds_needed`, what of it the rules of a pack read, or the pack says how to compare
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from relief.rulepack.crosschecks import USUAL, kinds_read

if TYPE_CHECKING:
    from relief.rulepack.pack import Pack

__all__ = ["SOURCES", "kinds_needed"]

# Source: docs/evidence.md, "Other departments".
SOURCES: dict[str, tuple[str, ...]] = {
    "自然资源局": ("不动产",),
    "公安局": ("机动车", "户籍", "死亡"),
    "人社局": ("就业", "养老保险"),
    "民政局": ("低保", "婚姻", "死亡"),
    "市场监管局": ("商事登记",),
    "银行": ("存款余额",),
}


def kinds_needed(pack: Pack) -> frozenset[str]:
    """Return the kinds of answers that a pack reads, compares, or whose statement its rules read.

    Examples
    --------
    >>> from relief.rulepack import load_pack
    >>> sorted(kinds_needed(load_pack("jiangmen-2021")))
    ['不动产', '机动车', '死亡']
    """
    read = {kind for kind, check in USUAL.items() if (check.table, check.column) in pack.columns}
    known = {kind for kinds in SOURCES.values() for kind in kinds}
    return frozenset(known & (kinds_read(pack) | read | pack.crosschecks.keys()))
