"""Rounds to report on: small ones of every shape, and one with a planted value in every hidden column."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pandas as pd
from tests.packs import small_pack

import relief
from relief.columns import DICTIONARY
from relief.report.hiding import is_hidden

if TYPE_CHECKING:
    from relief import Round

HOSTILE = "</script><img src=x onerror=alert(1)>"
_DISTRICTS = [{"name": "甲区"}, {"name": "乙区"}, {"name": "空区"}]


@functools.cache
def judged() -> Round:
    """Return a judged round: households of each outcome, one set aside, one whose words are hostile."""
    rows = [
        ("H1", "王小明", "甲区", "1000.01", "是"), ("H2", "欧阳娜", "乙区", "2000.02", "是"),
        ("H3", HOSTILE, "乙区", "30.03", "是"), ("H4", "李四", "甲区", "40.04", "否"),
        ("H5", "赵五", "乙区", "50.05", ""), ("H6", "孙六", "甲区", "五十", "是"),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["户编号", "申请人", "区县", "个人自付", "是否工会会员"])
    pack = small_pack(
        districts=_DISTRICTS,
        rules={"member": "union_member", "cost": "out_of_pocket_fen > yuan(10)"},
        categories={"any": 'out_of_pocket_fen > yuan(0)', "none": "out_of_pocket_fen > yuan(1000000)"},
        measures={"cost": "out_of_pocket_fen"},
        claim="out_of_pocket_fen",
    )  # fmt: skip
    return relief.run(table.assign(所属工会=HOSTILE), pack, 100_00, on="2021-09-30")


@functools.cache
def divided(households: int = 23, fund_fen: int = 1_000_03) -> Round:
    """Return a split of a roster."""
    roster = pd.DataFrame(
        {
            "户编号": [f"R{at:04}" for at in range(households)],
            "区县": [("甲区", "乙区")[at % 2] for at in range(households)],
            "个人自付": [str(100 + at * at) for at in range(households)],
        }
    )
    return relief.split(roster, fund_fen, districts="any")


@functools.cache
def grouped() -> Round:
    """Return a split with groups that have funds of their own, and two sources."""
    roster = pd.DataFrame(
        {"户编号": list("abcd"), "个人自付": [100, 200, 300, 400], "类别": ["深度", "深度", "相对", "相对"]}
    )
    terms = {"groups": "类别", "group_funds_fen": {"深度": 10_000, "相对": 20_001}}
    return relief.split(
        roster, 30_001, districts="any", sources_fen={"省级": 10_000, "市级": 20_001}, **terms
    )


def _planted(table: str, name: str, at: int) -> str:
    """Return a value that a column takes and that stands nowhere else; empty where it takes none."""
    column = DICTIONARY[table][name]
    if not is_hidden(table, name) or name in ("household_id", "member_id", "document_id", "fact_value"):
        return ""
    match column.dtype:
        case "id_number":
            return _id_number(f"198{at}0307")
        case "account":
            return f"62220000999900001{at}"
        case "name":
            return f"陈密{'甲乙丙丁'[at]}"
        case "date":
            return f"198{at}-03-07"
        case "choice":
            return ""
    return f"1380000999{at}" if name == "phone" else f"密{column.title}{at}"


def _id_number(born: str) -> str:
    """Return an ID number with a right check digit and a sequence that is never given out."""
    digits = f"440703{born}000"
    total = sum(int(digit) * (2 ** (17 - at) % 11) for at, digit in enumerate(digits))
    return digits + "10X98765432"[total % 11]


@functools.cache
def planted() -> tuple[Round, frozenset[str]]:
    """Return a round in which what is missing names a member, and what no masked report may hold."""
    said = {
        "households": range(4),
        "members": range(3),
        "documents": range(3),
        "rulings": (),
        "history": range(2),
    }
    frames, secrets = {}, set[str]()
    for table, rows in said.items():
        lines = []
        for at in rows:
            cells = {name: _planted(table, name, at) for name in DICTIONARY[table]}
            secrets |= {cell for cell in cells.values() if cell}
            lines.append({name: cell for name, cell in cells.items() if cell} | _needed(table, at))
        if lines:
            frames[table] = pd.DataFrame(lines)
    frames["households"]["out_of_pocket_fen"] = [1000_01, 2000_02, 3000_03, None]
    pack = small_pack(
        districts=_DISTRICTS,
        rules={
            "cause": 'cause != "无"',
            "health": 'not held(members, where=health == "良好")',
            "rich": "not held(members, where=able_to_work)",
            "bank": 'bank_name != "无"',
            "size": "household_size <= 3",
        },
        categories={"any": "out_of_pocket_fen > yuan(0)"},
        claim="out_of_pocket_fen",
    )
    round_ = relief.run(frames, pack, 100_00, on="2021-09-30")
    return round_, frozenset(secrets | {f"家-密-{at}" for at in range(4)})


def _needed(table: str, at: int) -> dict[str, object]:
    own: dict[str, object] = {"household_id": f"家-密-{at}"}
    match table:
        case "households":
            return own | {
                "district": "甲区",
                "household_size": 3 if at < 3 else None,
                "applicant_id_kind": "居民身份证",
            }
        case "members":
            return own | {
                "member_id": f"密员{at}",
                "id_kind": "居民身份证",
                "able_to_work": "" if at == 2 else "否",
            }
        case "documents":
            return own | {"kind": "住院记录", "document_id": "1", "member_id": f"密员{at}"}
        case "history":
            return own | {"round": "上年", "amount_fen": 100}
    return own
