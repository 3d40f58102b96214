"""Tests of round.evidence: what departments and papers say lies in the round's folder, and is verified."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from relief.cli import command as cli
from relief.errors import RoundError
from relief.round.pipeline import Round, run
from relief.round.verification import verify

SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "jiangmen-2021"
ON = "2021-09-30"
NEW = {"discrepancies.csv", "confirmation.csv", "papers.csv"}


@pytest.fixture(scope="module")
def sample() -> Round:
    return run(SAMPLE / "申请.xlsx", SAMPLE / "rules", 30_000_000, on=ON)


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"))))


def small(**tables: Any) -> Round:
    household = {"户编号": "H1", "医疗费用个人自付": "100", "机动车数": "0"}
    return run({"households": pd.DataFrame([household])} | tables, "jiangmen-2021", 1_00, on=ON)


def test_without_answers_or_papers_there_is_no_such_file_and_nothing_is_worked_out() -> None:
    found = small()
    assert not NEW & found.tables_out.keys()
    assert (found.evidence.discrepancies, found.evidence.papers, found.evidence.counts) == (None, None, {})
    assert "discrepancies.csv" not in found.tables_out["说明.txt"].decode()


def test_each_file_comes_with_its_table() -> None:
    asked = pd.DataFrame(
        {"数据来源": ["公安局"], "核对事项": ["机动车"], "核对结果": ["有"], "户编号": ["H1"]}
    )
    paper = pd.DataFrame({"户编号": ["H1"], "材料类型": ["医疗收据"], "个人自付": ["30"], "材料编号": ["D1"],
                          "开具日期": ["2021-03-01"]})  # fmt: skip
    found = small(registry=asked)
    assert NEW & found.tables_out.keys() == {"discrepancies.csv", "confirmation.csv"}
    (row,) = rows(found.tables_out["discrepancies.csv"])
    assert (row["declared"], row["found"], row["found_on"], row["effect"]) == ("0", "1", "", "outcome")
    assert rows(found.tables_out["confirmation.csv"])[0]["source"] == "公安局"
    found = small(documents=paper)
    assert NEW & found.tables_out.keys() == {"papers.csv"}
    (row,) = rows(found.tables_out["papers.csv"])
    assert (row["document_id"], row["counted_yuan"], row["issued_on"]) == ("D1", "30.00", "2021-03-01")


def test_a_sheet_of_the_template_that_nobody_filled_in_makes_no_file() -> None:
    answers = pd.DataFrame(columns=["数据来源", "户编号", "身份证号", "核对事项", "核对结果", "数据日期"])
    papers = pd.DataFrame(columns=["户编号", "材料编号", "材料类型", "个人自付"])
    found = small(registry=answers, documents=papers)
    assert found.tables_out.keys() == small().tables_out.keys()
    assert "部门反馈" not in found.tables_out["说明.txt"].decode()


def test_the_papers_of_a_household_add_up_to_its_claim(sample: Round) -> None:
    sums: dict[str, int] = {}
    for row in rows(sample.tables_out["papers.csv"]):
        if row["counted_yuan"]:
            cents = int(row["counted_yuan"].replace(".", ""))
            sums[row["household_id"]] = sums.get(row["household_id"], 0) + cents
    decisions = rows(sample.tables_out["decisions.csv"])
    claims = {
        row["household_id"]: int(row["claim_yuan"].replace(".", "")) for row in decisions if row["claim_yuan"]
    }
    assert {household: fen for household, fen in sums.items() if fen} == {
        household: fen for household, fen in claims.items() if fen
    }


def test_the_summary_tells_how_many_and_what_each_file_is(sample: Round) -> None:
    told = sample.tables_out["说明.txt"].decode()
    assert "部门反馈与申报不一致 3 项：影响认定结果 2 项，影响金额 0 项，无影响 1 项" in told
    assert all(f"  {name}  " in told for name in NEW)


def test_the_files_are_recorded_and_verified(sample: Round, tmp_path: Path) -> None:
    assert sample.record["outputs"].keys() >= NEW
    folder = sample.save(tmp_path / "round")
    assert verify(folder).tables_out["papers.csv"] == sample.tables_out["papers.csv"]
    for name in sorted(NEW):
        spoilt = tmp_path / name
        shutil.copytree(folder, spoilt)
        (spoilt / name).write_bytes((folder / name).read_bytes().replace(b"0", b"1", 1))
        with pytest.raises(RoundError, match=name):
            verify(spoilt)


def test_a_ruling_stands_in_the_folder_with_its_name_and_not_on_the_screen(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    pd.DataFrame({"户编号": ["H1"], "医疗费用个人自付": ["100"], "机动车数": ["0"]}).to_csv(
        folder / "家庭.csv", index=False
    )
    registry = {
        "数据来源": ["公安局"],
        "核对事项": ["机动车"],
        "核对结果": ["有"],
        "户编号": ["H1"],
        "数据日期": ["2021-09-01"],
    }
    pd.DataFrame(registry).to_csv(folder / "数据比对.csv", index=False)
    ruled = {"户编号": ["H1"], "规则编号": ["机动车"], "核定值": ["0"], "裁定人": ["示例裁定员"],
             "裁定日期": ["2021-09-20"], "理由": ["已过户"]}  # fmt: skip
    pd.DataFrame(ruled).to_csv(folder / "裁定.csv", index=False)
    args = ["run", folder, "--rules", "jiangmen-2021", "--fund", "1", "--on", ON, "--out", tmp_path / "out"]
    for command in (args, ["exchange", "report", folder, "--rules", "jiangmen-2021", "--on", ON]):
        cli._status(lambda words=command: cli.app(list(map(str, words)), standalone_mode=False))
        told = "".join(capfd.readouterr())
        assert "示例裁定员" not in told
        assert "已裁定 1 项" in told or "2021-09-20 的裁定：0" in told
    (row,) = rows((tmp_path / "out" / "discrepancies.csv").read_bytes())
    assert (row["settled_by"], row["settled_on"], row["settled_why"]) == (
        "示例裁定员",
        "2021-09-20",
        "已过户",
    )
    assert (row["counts"], row["went_by"]) == ("0", "ruling")


def test_checking_tells_how_many_answers_differ(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def check(*words: str) -> str:
        cli._status(lambda: cli.app(["check", *words], standalone_mode=False))
        return capfd.readouterr().out

    assert "其中不一致 3 项" in check(str(SAMPLE / "申请.xlsx"))
    assert "其中不一致 3 项" in check(str(SAMPLE / "申请.xlsx"), "--districts", "any")
    assert json.loads(check(str(SAMPLE / "申请.xlsx"), "--json"))["differing"] == 3
    assert "不一致" not in check(str(SAMPLE / "名单.csv"))


@pytest.mark.parametrize(
    ("wins", "outcomes"),
    [
        ("registry", {}),
        ("declared", {"JM2021-0065": "eligible", "JM2021-0082": "eligible"}),
        ("ask", {"JM2021-0065": "pending", "JM2021-0082": "pending"}),
    ],
)
def test_a_pack_over_the_sample_says_who_wins_and_nobody_else_is_judged_otherwise(
    sample: Round, tmp_path: Path, wins: str, outcomes: dict[str, str]
) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(SAMPLE / "rules", rules)
    told = "".join(
        f"  - {{kind: {kind}, wins: {wins}, status: illustrative, note: 例}}\n"
        for kind in ("不动产", "机动车")
    )
    with (rules / "pack.yaml").open("a", encoding="utf-8") as file:
        file.write(f"\ncrosschecks:\n{told}")
    found = run(SAMPLE / "申请.xlsx", rules, 30_000_000, on=ON)
    before, after = sample.decisions["outcome"].astype(str), found.decisions["outcome"].astype(str)
    assert after[after != before].to_dict() == outcomes
    assert found.evidence.counts["all"] == sample.evidence.counts["all"] == 3
    assert found.evidence.counts["waiting"] == (3 if wins == "ask" else 0)
    assert verify(found.save(tmp_path / "round")).seal == found.seal
