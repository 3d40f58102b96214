"""Small rounds to publish, and the files of their folders with the steps of a notice."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pandas as pd

import relief
from relief.public import Published, proof, publish
from relief.round.chain import Step, step_files
from relief.round.record import digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from relief.round.pipeline import Round

SECRET = b"a secret of this round, 32 bytes"
_ANSWERED = {
    "区县": "蓬江区", "城乡": "城镇", "工会会员": "是", "入户日期": "2021-06-01", "评议结果": "通过",
    "公示天数": "7", "公示异议": "无异议", "房产套数": "1", "机动车数": "0", "有无住院记录": "是",
    "有无疾病证明书": "是", "有无医疗收据": "是", "个人自付": "1234.50", "家庭年收入": "12000",
    "刚性支出": "0", "家庭人口": "3", "致困原因": "本人大病", "姓名": "陈小明",
}  # fmt: skip
_CHANGED = [
    {"家庭编号": "H1"},
    {"家庭编号": "H2", "区县": "台山市", "个人自付": "0.07"},
    {"家庭编号": "H3", "工会会员": "否"},
    {"家庭编号": "H4", "工会会员": "", "公示天数": ""},
    {"家庭编号": "H5", "个人自付": "-3"},
    {"家庭编号": "'=H6", "区县": "恩平市", "个人自付": "999.99"},
    {"家庭编号": "H7", "个人自付": ""},
]


@functools.cache
def judged(on: str = "2021-09-30") -> Round:
    """Return a judged round: households of each outcome, one set aside, an id like a formula."""
    return relief.run(pd.DataFrame([_ANSWERED | row for row in _CHANGED]), "jiangmen-2021", 500_00, on=on)


@functools.cache
def divided(unit_fen: int = 1) -> Round:
    """Return a split in which the label breaks a tie and, by whole yuan, caps hold."""
    roster = pd.DataFrame(
        {
            "户编号": ["H3", "H1", "H2", "H5", "H4", "=H6"],
            "区县": ["新会区", "江海区", "新会区", "台山市", "台山市", "市直"],
            "个人自付": ["100", "100", "100", "3000.07", "12.90", "0.05"],
        }
    )
    return relief.split(roster, 3300_00, unit_fen=unit_fen)


@functools.cache
def published() -> Published:
    return publish(judged(), SECRET)


def with_steps(round_: Round, told: Published, *, slips: bool = True) -> dict[str, bytes]:
    """Return the files of a round's folder that was reviewed and noticed."""
    files = round_.files()
    private = {
        f"slip-{at}.json": proof(told, household) for at, household in enumerate(told.leaves) if slips
    }  # fmt: skip
    papers = [
        ("reviewed", {"papers/0001-reviewed/评议.txt": b"minutes"}),
        (
            "noticed",
            {"papers/0002-noticed/published.json": told.text.encode()}
            | {f"private/0002-noticed/{name}": data for name, data in private.items()},
        ),
        ("approved", {"papers/0003-approved/会议.txt": b"approved"}),
    ]
    before = round_.seal
    for number, (name, own) in enumerate(papers, start=1):
        step = Step(number, name, f"2021-10-{number:02}", "市总工会", before, {"days": "7"}, _hashes(own))
        files |= step_files(step, own)
        before = step.seal
    return files


def _hashes(papers: Mapping[str, bytes]) -> dict[str, str]:
    return {path: digest(data) for path, data in papers.items()}
