"""Which department can prove what.

In    nothing but the words of the data dictionary
Out   `SOURCES`, `HELD`; `kinds_needed` and `columns_needed`, what of it the rules of a pack read or compare
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from relief.rulepack.crosschecks import USUAL, comparisons, kinds_read

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relief.rulepack.pack import Pack

__all__ = ["HELD", "SOURCES", "columns_needed", "kinds_needed"]

# Source: docs/evidence.md, "Other departments".
SOURCES: dict[str, tuple[str, ...]] = {
    "自然资源局": ("不动产",),
    "公安局": ("机动车", "户籍", "死亡"),
    "人社局": ("就业", "养老保险"),
    "民政局": ("低保", "婚姻", "死亡"),
    "市场监管局": ("商事登记",),
    "医保局": ("医保结算",),
    "税务局": ("个人所得税",),
    "公积金中心": ("公积金",),
    "银行": ("存款余额",),
}
_SPAN = ("valid_from", "valid_until")
# What a department can say beside the answer itself: columns of the registry, by kind.
HELD: dict[str, tuple[str, ...]] = {
    "不动产": ("use", "lived_in", "area", "amount_fen", "valid_from"),
    "机动车": ("amount_fen", *_SPAN),
    "户籍": ("valid_from",),
    "死亡": ("valid_from",),
    "就业": ("amount_fen", *_SPAN),
    "养老保险": ("amount_fen", *_SPAN),
    "低保": ("amount_fen", *_SPAN),
    "婚姻": ("valid_from",),
    "商事登记": _SPAN,
    "医保结算": ("amount_fen", *_SPAN),
    "个人所得税": ("amount_fen", *_SPAN),
    "公积金": ("amount_fen", *_SPAN),
    "存款余额": ("amount_fen",),
}


def kinds_needed(pack: Pack) -> frozenset[str]:
    """Return the kinds of answers that a pack reads, compares, or whose statement its rules read.

    Examples
    --------
    >>> from relief.rulepack import load_pack
    >>> sorted(kinds_needed(load_pack("jiangmen-2021")))
    ['不动产', '个人所得税', '医保结算', '机动车', '死亡']
    """
    read = {kind for kind, check in USUAL.items() if (check.table, check.column) in pack.columns}
    known = {kind for kinds in SOURCES.values() for kind in kinds}
    return frozenset(known & (kinds_read(pack) | read | pack.crosschecks.keys()))


def columns_needed(pack: Pack, kinds: Iterable[str]) -> frozenset[str]:
    """Return what beside the answers of some kinds a pack reads or compares: columns of the registry."""
    read = {column for table, column in pack.columns | pack.compared if table == "registry"}
    checks = comparisons(pack)
    found = set[str]()
    for kind in kinds:
        is_summed = kind in checks and checks[kind].found in ("sum", "part")
        found |= set(HELD[kind]) & (read | ({"amount_fen"} if is_summed else set()))
    return frozenset(found)
