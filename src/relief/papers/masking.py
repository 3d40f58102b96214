"""A person's name as a notice shows it: 姓*, however long the rest is.

In    a name as it stands in a roster
Out   the surname and one star; never the whole name, and never more than the surname

A name that does not begin with a Chinese surname (阿依古丽·买买提, John Smith) begins with the person's
own name, so only its first character stays.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["STAR", "masked"]

STAR = "*"
# 复姓 that are still borne. Whoever is left out is shown with less, not with more.
_COMPOUND_NAMES = """
欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶
太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良
漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐 段干 百里 呼延 东郭 南门 羊舌 微生 梁丘 左丘 西门 第五 南荣
东里 仲长 即墨 达奚 褚师 纳兰 叶赫 那拉 完颜 歐陽 東方 獨孤 諸葛 尉遲 聞人 澹臺 濮陽 鍾離 長孫 鮮于
司馬 軒轅 公孫
"""
_COMPOUND = frozenset(_COMPOUND_NAMES.split())
# A Chinese name with a compound surname has three or four characters.
_LENGTHS = (3, 4)
_NO_NAME = re.compile(r"[^\w]|_|\d")


def masked(name: str | None) -> str:
    """Return a name with all but the surname behind one star.

    Parameters
    ----------
    name : str or None
        As written; spaces and a number behind it do not count. None where there is none.

    Returns
    -------
    str

    Examples
    --------
    >>> [masked(name) for name in ("王小明", "欧阳娜", "欧阳", "王", "阿依古丽·买买提", "王**", None)]
    ['王*', '欧阳*', '欧*', '*', '阿*', '王*', '*']
    """
    text = unicodedata.normalize("NFKC", name or "")
    letters = _NO_NAME.sub("", text)
    if len(letters) < 2 and STAR not in text:
        return STAR
    is_han = all("CJK" in unicodedata.name(letter, "") for letter in letters)
    has_compound = is_han and len(letters) in _LENGTHS and letters[:2] in _COMPOUND
    return letters[: 2 if has_compound else 1] + STAR
