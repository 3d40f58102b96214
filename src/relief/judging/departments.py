"""Which department can prove what, and against which statement of the household it stands.

In    nothing but the words of the data dictionary
Out   `SOURCES`, `DECLARED`; `kinds_needed`, what of it the rules of a pack read
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from relief.rulepack.tree import Constant, walk

if TYPE_CHECKING:
    from relief.rulepack.pack import Pack

__all__ = ["DECLARED", "SOURCES", "kinds_needed"]

# Source: docs/evidence.md, "Other departments".
SOURCES: dict[str, tuple[str, ...]] = {
    "自然资源局": ("不动产",),
    "公安局": ("机动车", "户籍", "死亡"),
    "人社局": ("就业", "养老保险"),
    "民政局": ("低保", "婚姻", "死亡"),
    "市场监管局": ("商事登记",),
    "银行": ("存款余额",),
}
# The statement that each answer is held against.
DECLARED: dict[str, tuple[str, str]] = {
    "不动产": ("households", "homes_count"),
    "机动车": ("households", "vehicles_count"),
    "商事登记": ("households", "business_registered"),
    "低保": ("households", "on_subsistence"),
    "存款余额": ("households", "deposits_fen"),
    "死亡": ("members", "counts_in_household"),
    "就业": ("members", "employment"),
    "养老保险": ("members", "transfer_income_fen"),
    "婚姻": ("members", "relation"),
}


def kinds_needed(pack: Pack) -> frozenset[str]:
    """Return the kinds of answers that the rules of a pack read, or whose statement they read.

    Examples
    --------
    >>> from relief.rulepack import load_pack
    >>> sorted(kinds_needed(load_pack("jiangmen-2021")))
    ['不动产', '机动车', '死亡']
    """
    stated = [*pack.measures.values(), *pack.rules, *pack.categories, *([pack.claim] if pack.claim else [])]
    words = {
        node.value for part in stated for node in walk(part.node) if isinstance(node, Constant) and node.kind
    }
    known = {kind for kinds in SOURCES.values() for kind in kinds}
    return frozenset(
        kind for kind in known if kind in words or (kind in DECLARED and DECLARED[kind] in pack.columns)
    )
