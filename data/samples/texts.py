"""The words of the sample: sheet titles, the example rule pack, the README."""

from __future__ import annotations

SHEETS = {
    "households": ("家庭", "江门市困难职工因病致困帮扶申请汇总表（合成示例数据）"),
    "members": ("成员", "家庭成员情况表（合成示例数据）"),
    "documents": ("材料", "医疗材料登记表（合成示例数据）"),
    "registry": ("数据比对", "部门数据比对反馈表（合成示例数据）"),
    "rulings": ("裁定", "人工裁定登记表（合成示例数据）"),
}
SUBTITLE = "单位：元　　本表为合成示例数据，不涉及任何真实个人"

PACK = """\
name: jiangmen-2021-sample
title: 江门市困难职工因病致困专项帮扶（2021年度，示例低保标准）
title_en: Jiangmen medical relief for workers in hardship, 2021, with example standards
about: >-
  jiangmen-2021 with an exact 低保标准 for every district, so that the sample round can be decided.
  The values are examples: the city's own values of 2021 were not to be had.
extends: jiangmen-2021
"""

_PARAMETERS = """\
# Examples, not the city's values; each lies above the provincial minimum that jiangmen-2021 carries.
parameters:
  subsistence_standard:
    values:
"""
_VALUE = """\
      - where: {{{where}}}
        from: 2021-01-01
        until: 2021-12-31
        exactly: {yuan}
        status: illustrative
        note: 示例取值，仅供示例数据使用；该市标准未能取得。
        note_en: An example value for the sample round; the city's own value was not to be had.
"""


def parameters(standards: dict[tuple[str, str | None], tuple[int, int]]) -> str:
    """Return the parameters of the example pack, one value per group of districts that share it."""
    places: dict[int, list[tuple[str, str]]] = {}
    for (district, residence), (_, exactly) in standards.items():
        if residence:
            places.setdefault(exactly, []).append((district, residence))
    return _PARAMETERS + "".join(
        _VALUE.format(where=_where(keys), yuan=yuan) for yuan, keys in places.items()
    )


def _where(keys: list[tuple[str, str]]) -> str:
    districts = list(dict.fromkeys(district for district, _ in keys))
    residences = {residence for _, residence in keys}
    by_residence = f", residence: [{residences.pop()}]" if len(residences) == 1 else ""
    return f"district: [{', '.join(districts)}]{by_residence}"


README = """\
# A sample round: Jiangmen 2021

**合成示例数据：所有家庭、人员、医院、票据和账号均为虚构。** Everything here is synthetic: every name
says 示例, the ID numbers have a right check digit but the sequence 000, which is given to nobody, and
accounts and telephone numbers do not exist. Only the totals are real: 80 households, by district
7 / 6 / 0 / 27 / 13 / 11 / 15 / 1, with 2,338,400.00 yuan of 个人自付, as the federation's
self-evaluation for 2021 states them.

| file | holds |
|---|---|
| `申请.xlsx` | 122 applications: households, members, medical documents, answers of departments, rulings |
| `rules/` | `jiangmen-2021` with example values of 低保标准 (S) for every district |
| `名单.csv` | the 80 recognised households with their 个人自付, in no order |

`python data/samples/make.py` writes this folder again, the same to the byte (it needs XlsxWriter);
`data/samples/cases.csv` lists the cases it starts from. On 2021-09-30 and under `rules/`, 80 are
recognised, 23 refused and 19 open. Under the bare `jiangmen-2021`, which knows only the province's
floor of S, nobody else is recognised or refused: whoever hangs on S is open.

Inside each bill the sums add up by payer (医疗费总额 = 统筹 + 大病 + 救助 + 其他 + 个人账户 + 个人现金) and
by duty (个人账户 + 个人现金 = 个人自付 + 个人自费). 因病支出 is 自付 + 自费 of all receipts less what a
commercial insurance paid. Districts are written the way people write them.

## What is planted

| household | district | outcome | why |
|---|---|---|---|
"""
