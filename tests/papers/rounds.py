"""A small judged round in which every personal column holds a value that must never be published."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pandas as pd

import relief
from relief.columns import DICTIONARY

if TYPE_CHECKING:
    from relief.round.pipeline import Round

_ANSWERED = {
    "区县": "蓬江区", "城乡": "城镇", "是否本地户籍": "是", "所属工会": "第一工会", "工会会员": "是",
    "入户日期": "2021-06-01", "评议结果": "通过", "公示天数": "7", "公示异议": "无异议", "房产套数": "1",
    "机动车数": "0", "有无住院记录": "是", "有无疾病证明书": "是", "有无医疗收据": "是",
    "个人自付": "12340.50", "家庭年收入": "6000", "刚性支出": "0", "家庭人口": "3", "致困原因": "本人残疾",
    "申请日期": "2021-05-04",
}  # fmt: skip
_CHANGED = [
    {"户编号": "H1", "姓名": "陈密甲"},
    {"户编号": "H2", "姓名": "欧阳密乙", "区县": "台山市", "个人自付": "10000.07", "家庭人口": ""},
    {"户编号": "H3", "姓名": "林密丙", "工会会员": "否"},
    {"户编号": "H4", "姓名": "陈密丁", "所属工会": "第二工会（13912345678）"},
    {"户编号": "H5", "姓名": "古丽密·密戊", "区县": "新会区", "家庭人口": "1"},
    {"户编号": "H6", "姓名": "何密己", "家庭年收入": ""},
]


def _id_number(born: str) -> str:
    """Return an ID number with a right check digit and a sequence that is never given out."""
    digits = f"440703{born}000"
    total = sum(int(digit) * (2 ** (17 - at) % 11) for at, digit in enumerate(digits))
    return digits + "10X98765432"[total % 11]


def _planted(at: int) -> dict[str, str]:
    return {
        "申请人身份证号": _id_number(f"198{at}0307"), "联系电话": f"1380000999{at}",
        "银行卡号": f"622200009999000011{at}", "收款户名": _CHANGED[at]["姓名"], "开户银行": "密开户支行",
    }  # fmt: skip


_MEMBERS = [
    {"户编号": "H2", "成员编号": "1", "姓名": "欧阳密乙", "与申请人关系": "本人",
     "身份证号": _id_number("19810307")},
    {"户编号": "H2", "成员编号": "2", "姓名": "欧阳密小童", "与申请人关系": "子女",
     "出生日期": "2015-03-07", "残疾类别": "密残疾二级", "健康状况": "密病症", "在读学校": "密小学"},
]  # fmt: skip
_DOCUMENTS = [
    {"户编号": "H1", "材料类型": "住院记录", "患者姓名": "陈密甲", "医院": "密医院",
     "住院号": "ZY00009999", "票据号码": "PJ00009999"},
]  # fmt: skip
# What no reader may find in anything that is published; the given names and most other texts have a 密.
SECRETS = tuple(
    {text for at in range(len(_CHANGED)) for name, text in _planted(at).items() if name != "收款户名"}
    | {"密", "0307000", "00009999", "13912345678", "残疾", "病症", "小学", "2015-03-07", "2015年3月7日"}
)


@functools.cache
def judged(fund_fen: int = 10_000_01, on: str = "2021-09-28") -> Round:
    """Return a round of four awards, one refusal and one household that waits."""
    households = pd.DataFrame([_ANSWERED | _planted(at) | row for at, row in enumerate(_CHANGED)])
    tables = {
        "households": households,
        "members": pd.DataFrame(_MEMBERS),
        "documents": pd.DataFrame(_DOCUMENTS),
    }
    return relief.run(tables, "jiangmen-2021", fund_fen, on=on)


def personal() -> list[str]:
    """Return every column of the dictionary that is personal, as a field is asked for."""
    return [
        f"{table}.{column.name}"
        for table, columns in DICTIONARY.items()
        for column in columns.values()
        if column.is_personal
    ]
