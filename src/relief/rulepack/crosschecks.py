"""What counts as a conflict between a department's answer and a statement (数据比对), and who then counts.

In    the entries that packs state under `crosschecks`
Out   a `Crosscheck` per kind of answer; `comparisons` adds the usual ones of the kinds that a pack leaves out
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relief.columns import DICTIONARY, Header
from relief.errors import PackError
from relief.intake.cells import read_cells
from relief.messages import nearest, say
from relief.rulepack.model import written
from relief.rulepack.tree import Constant
from relief.rulepack.words import column_title

if TYPE_CHECKING:
    from relief.columns import Column
    from relief.messages import Language
    from relief.rulepack.contents import Pack
    from relief.rulepack.document import Document, Path
    from relief.rulepack.model import CrosscheckModel
    from relief.rulepack.tree import Node

__all__ = [
    "EARNED", "KINDS", "USUAL", "Crosscheck", "comparisons", "crosscheck", "crosscheck_line", "kinds_read",
    "touched", "typed",
]  # fmt: skip

KINDS = tuple(dict.fromkeys(DICTIONARY["registry"]["kind"].choices.values()))
_MOST_MONTHS = 120


@dataclass(frozen=True)
class Crosscheck:
    """How the answers of one kind are held against a statement.

    Attributes
    ----------
    kind : str
        What was asked, as ``registry.kind`` has it.
    table, column : str
        The statement: of the household, or of the person whom the answer is about.
    found : {'count', 'any', 'sum', 'part', 'spouse'}
        What of the answers is compared: how many things; whether there is any; the sum of 核对金额;
        that sum as a part of what is stated; whether there is a spouse.
    contradicts : tuple
        Of a person: the statements that a finding contradicts, as the table has them.
    words : tuple of str
        Only answers with one of these words are findings; empty for all but 无.
    where : Node or None
        Of a row of the registry: only one for which it holds is a finding, another is as 无.
    tolerance : int
        By how much both may differ, in the unit of the column.
    months : int or None
        How old an answer may be on the day of the decision; an older one is not used.
    wins : {'declared', 'registry', 'ask', None}
        What counts in a conflict; None leaves it to the pack's measures, ``ask`` to a person.
    model : CrosscheckModel or None
        The entry of the pack, None for a usual one.
    """

    kind: str
    table: str
    column: str
    found: str
    contradicts: tuple[Any, ...] = ()
    words: tuple[str, ...] = ()
    tolerance: int = 0
    months: int | None = None
    wins: str | None = None
    model: CrosscheckModel | None = None
    where: Node | None = None

    @property
    def is_of_household(self) -> bool:
        """Whether all answers about a household are compared together, not person by person."""
        return self.table == "households"


_IDLE = ("失业", "下岗", "在校", "学龄前")
# Words of a pension that is paid; 参保 alone says that the person pays in.
_PAID = ("领取", "待遇", "退休", "发放")
# Source: docs/evidence.md, "Other departments".
USUAL: dict[str, Crosscheck] = {
    check.kind: check
    for check in (
        Crosscheck("不动产", "households", "homes_count", "count"),
        Crosscheck("机动车", "households", "vehicles_count", "count"),
        Crosscheck("商事登记", "households", "business_registered", "any"),
        Crosscheck("低保", "households", "on_subsistence", "any"),
        Crosscheck("存款余额", "households", "deposits_fen", "sum"),
        Crosscheck("医保结算", "households", "out_of_pocket_fen", "sum"),
        Crosscheck("个人所得税", "members", "income_fen", "part"),
        Crosscheck("公积金", "members", "wage_income_fen", "any", contradicts=(0,)),
        Crosscheck("死亡", "members", "counts_in_household", "any", contradicts=(True,)),
        Crosscheck("就业", "members", "employment", "any", contradicts=_IDLE),
        Crosscheck("养老保险", "members", "transfer_income_fen", "any", contradicts=(0,), words=_PAID),
        Crosscheck("婚姻", "members", "relation", "spouse"),
    )
}
# What a person earns who was stated not to, by the statement; the household's column of that name too.
EARNED: dict[str, tuple[str, ...]] = {"employment": ("income_fen", "wage_income_fen")} | {
    name: tuple(dict.fromkeys(("income_fen", name)))
    for name in DICTIONARY["members"]
    if name.endswith("income_fen")
}
# What can be compared of answers about a household, by the type of the statement; of a person `any` too.
_FITS = {"count": ("count",), "flag": ("any",), "money": ("sum", "part")}


def comparisons(pack: Pack) -> dict[str, Crosscheck]:
    """Return every comparison by kind: the pack's own, and the usual ones of the other kinds."""
    return USUAL | pack.crosschecks


def kinds_read(pack: Pack) -> frozenset[str]:
    """Return the kinds of answers that the expressions of a pack name."""
    words = {node.value for node in pack.nodes if isinstance(node, Constant) and node.kind}
    return frozenset(KINDS) & words


def touched(check: Crosscheck) -> frozenset[tuple[str, str]]:
    """Return the facts that are others if an answer is right and the statement is not.

    A person who died or is no spouse makes the household smaller, one who works or has a pension
    earns something.
    """
    own = (check.table, check.column)
    if check.is_of_household:
        return frozenset({own})
    if check.found == "spouse" or check.column == "counts_in_household":
        return frozenset({own, ("members", "counts_in_household"), ("households", "household_size")})
    earned = EARNED.get(check.column)
    if earned is None:
        return frozenset({own})
    return frozenset({own, *((table, name) for table in ("members", "households") for name in earned)})


def crosscheck(model: CrosscheckModel, document: Document, path: Path) -> Crosscheck:
    """Return an entry with what it leaves out as usual for its kind.

    Raises
    ------
    PackError
        If there is no such kind or column, or they cannot be compared so.
    """

    def refused(code: str, key: str, **facts: Any) -> PackError:
        return PackError(code, place=document.place((*path, key) if key else path), **facts)

    if model.kind not in KINDS:
        facts = {"kind": model.kind, "known": "、".join(KINDS)}
        raise refused("pack.crosscheck_kind", "kind", **facts)
    usual = USUAL.get(model.kind) if model.stated is None else None
    if usual is None and (model.stated is None or model.found is None):
        raise refused("pack.crosscheck_unusual", "kind", kind=model.kind)
    if model.months is not None and not 1 <= model.months <= _MOST_MONTHS:
        raise refused("pack.crosscheck_months", "months", most=_MOST_MONTHS)
    table, name = (usual.table, usual.column) if usual else _split(str(model.stated))
    if table not in ("households", "members") or name not in DICTIONARY[table]:
        known = [*DICTIONARY["households"], *(f"members.{name}" for name in DICTIONARY["members"])]
        stated = str(model.stated)
        raise refused("pack.crosscheck_column", "stated", name=stated, **nearest(stated, known))
    column = DICTIONARY[table][name]
    made = Crosscheck(
        model.kind, table, name, model.found or (usual.found if usual else ""),
        usual.contradicts if usual else (), model.words or (usual.words if usual else ()),
        months=model.months, wins=model.wins, model=model,
    )  # fmt: skip
    contradicts = tuple(typed(word, table, name) for word in model.contradicts) or made.contradicts
    if None in contradicts:
        word = model.contradicts[contradicts.index(None)]
        raise refused("pack.crosscheck_word", "contradicts", word=word, name=name)
    made = replace(made, contradicts=contradicts)
    if not _fits(made, column):
        raise refused("pack.crosscheck_fit", "found" if model.found else "kind", found=made.found, name=name)
    tolerance = model.tolerance * (100 if column.dtype == "money" else 1)
    if tolerance and (made.found not in ("count", "sum", "part") or tolerance < 0 or tolerance % 1):
        raise refused("pack.crosscheck_tolerance", "tolerance")
    return replace(made, tolerance=int(tolerance))


def _split(stated: str) -> tuple[str, str]:
    table, _, name = stated.rpartition(".")
    return table or "households", name


def _fits(made: Crosscheck, column: Column) -> bool:
    """Return whether what was found can be told apart from what was stated."""
    if made.found == "spouse":
        return (made.table, made.column) == ("members", "relation")
    if made.found == "any" and not made.is_of_household:
        return bool(made.contradicts)
    return made.found in _FITS.get(column.dtype, ()) and not made.contradicts


def typed(word: str, table: str, name: str) -> Any:
    """Return a statement as a table has it once it is read; None for one that cannot be read.

    Examples
    --------
    >>> typed("1.5万", "households", "deposits_fen"), typed("无", "households", "business_registered")
    (1500000, False)
    """
    column = DICTIONARY[table][name]
    cells = np.array([word], dtype=object)
    values, bad = read_cells(cells, Header(column, None, in_fen=False), factor=1, epoch_1904=False)
    value = pd.Series(values).astype(object).iloc[0]
    known = column.choices.values() if column.dtype in ("choice", "label") else None
    if bad or pd.isna(value) or (known is not None and value not in known):
        return None
    return value


def crosscheck_line(check: Crosscheck, lang: Language) -> str:
    """Return in words what a crosscheck compares, how old answers may be, and what counts in a conflict."""
    stated = column_title(check.table, check.column, lang)
    told = [say(f"crosscheck.{check.found}", lang, stated=stated)]
    join = say("list.join", lang).join
    if check.contradicts:
        told.append(say("crosscheck.contradicts", lang, words=join(map(_statement, check.contradicts))))
    if check.words:
        told.append(say("crosscheck.words", lang, words=join(check.words)))
    if check.model is not None and check.model.where is not None:
        told.append(say("crosscheck.where", lang, text=check.model.where))
    if check.model is not None and check.tolerance:
        told.append(say("crosscheck.tolerance", lang, amount=written(check.model.tolerance)))
    if check.months is not None:
        told.append(say("crosscheck.months", lang, months=check.months))
    told.append(say(f"crosscheck.wins.{check.wins or 'measures'}", lang))
    return say("crosscheck.join", lang).join(told)


def _statement(value: Any) -> str:
    return {True: "是", False: "否"}[value] if isinstance(value, bool) else str(value)
