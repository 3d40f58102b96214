"""Tests of round.headings: 说明.txt says of every column of every file what it holds."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd
import pytest

from relief.messages import LANGUAGES, Language, catalogue, say
from relief.round.headings import heading_lines
from relief.round.pipeline import Round, run, split
from relief.round.summary import text
from relief.rulepack.pack import parse_pack

SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "jiangmen-2021"
GIFTS = """
name: gifts
title: 赠
title_en: gifts
measures:
  spare: {title: 结余, title_en: what is left, amount: income_fen, status: illustrative, note: 例}
claim: {title: 自付, title_en: own cost, amount: out_of_pocket_fen, status: illustrative, note: 例}
categories:
  - {id: any, title: 困难, title_en: a, when: spare < yuan(1000) / years(1), status: illustrative, note: 例}
benefits:
  - {id: heating, title: 取暖补贴, title_en: heating, when: spare < yuan(1000) / years(1), amount: yuan(100),
     status: illustrative, note: 例}
"""


@pytest.fixture(scope="module")
def rounds() -> list[Round]:
    roster = pd.DataFrame({"户编号": ["H1", "H2"], "个人自付": ["10", "20"], "组": ["一", "二"]})
    household = {"户编号": "H1", "区县": "某区", "家庭年度总收入": "5", "个人自付": "10"}
    pack = parse_pack({"gifts": {"pack.yaml": GIFTS.encode()}}, "gifts")
    return [
        run(SAMPLE / "申请.xlsx", SAMPLE / "rules", 30_000_000, on="2021-09-30"),
        run({"households": pd.DataFrame([household])}, pack, 1_00, on="2021-09-30"),
        split(
            {"households": roster}, 3_00, any_district=True, groups="组", group_funds_fen="claims",
            sources_fen={"省级": 2_00, "市级": 1_00},
        ),
    ]  # fmt: skip


def told(found: Round, lang: Language) -> dict[tuple[str, str], str]:
    """Return by file and column what the last part of 说明.txt says."""
    _, _, last = text(found, lang).partition(say("folder.columns", lang))
    meanings, file = {}, ""
    for line in last.strip("\n").splitlines():
        if line.startswith("    "):
            column, _, meaning = line.strip().partition("  ")
            meanings[file, column] = meaning
        else:
            file = line.strip()
    return meanings


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_column_of_every_file_is_explained(rounds: list[Round], lang: Language) -> None:
    for found in rounds:
        headers = {
            (name, column): data
            for name, data in found.tables_out.items()
            if name.endswith(".csv")
            for column in next(csv.reader(io.StringIO(data.decode("utf-8"))))
        }
        meanings = told(found, lang)
        assert meanings.keys() == headers.keys()
        assert all(meanings.values())
        others = say("folder.column.from_source", lang, source="|").partition("|")[0]
        assert {column for (_, column), means in meanings.items() if means.startswith(others)} == {
            column for _, column in headers if column.startswith("from_")
        }


def test_no_sentence_is_about_a_column_that_no_file_has(rounds: list[Round]) -> None:
    meanings = {means for found in rounds for means in told(found, "zh").values()}
    claims = ("医疗费用个人自付", "自付", "个人自付")
    unused = [
        code
        for code in catalogue()
        if code.startswith("folder.column.") and code != "folder.column.from_source"
        if not meanings & {say(code, "zh", claim=claim) for claim in claims}
    ]
    assert unused == []


def test_amounts_are_called_what_the_pack_calls_them(rounds: list[Round]) -> None:
    sample, gifts, roster = (told(found, "zh") for found in rounds)
    assert sample["decisions.csv", "net_income_yuan"] == "家庭人均月净收入"
    assert gifts["decisions.csv", "spare_yuan"] == "结余"
    assert gifts["decisions.csv", "heating_yuan"] == "取暖补贴"
    assert gifts["awards.csv", "claim_yuan"] == "分配基数：自付"
    assert roster["awards.csv", "from_省级_yuan"] == "其中由“省级”支付的金额"


def test_what_a_file_calls_by_a_common_name_is_told_as_it_is_there() -> None:
    files = {"reasons.csv": b"kind,source\n", "confirmation.csv": b"kind,source\n", "record.json": b"{}"}
    assert [line.split("  ")[-1] for line in heading_lines(files, "", {}, "zh")] == [
        "reasons.csv", say("folder.column.reasons.kind"), say("folder.column.reasons.source"),
        "confirmation.csv", "核对事项", "部门",
    ]  # fmt: skip
