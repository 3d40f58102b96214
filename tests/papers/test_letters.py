"""Each household gets its own letter: the reason and how to answer, or the award and how it came about."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import docx
import pandas as pd
import pytest

import relief
from relief.errors import PaperError, UnknownHouseholdError
from relief.papers.capitals import in_capitals
from relief.papers.docx import to_docx
from relief.papers.letters import LetterDetails, in_one, letter, letters, slips
from relief.papers.paper import Grid, Paper
from relief.round.pipeline import Round, split

DETAILS = LetterDetails("某市总工会", "0750-1234567", "某路1号", "2021-10-08", "2021-10-22", "ab" * 32)
SHEET = pd.DataFrame(
    {
        "户编号": ["H1", "H2", "H3"], "申请人": ["王小明", "李四光", None], "区县": ["蓬江区"] * 3,
        "工会会员": ["否", "是", "是"], "个人自付": [100, 200, 300],
    }
)  # fmt: skip


@pytest.fixture(scope="module")
def judged() -> Round:
    return relief.run({"households": SHEET}, "jiangmen-2021", 100_00, on="2021-09-30")


def text_of(paper: Paper) -> str:
    parts: list[str] = [paper.title]
    for block in paper.blocks:
        parts += [cell for row in block.lines for cell in row] if isinstance(block, Grid) else [block.text]
    return "\n".join(parts)


def test_who_was_refused_or_waits_gets_a_letter_of_its_own(judged: Round) -> None:
    made = dict(letters(judged, DETAILS))
    assert list(made) == ["H1", "H2", "H3"]
    assert made["H1"].title == "困难职工帮扶认定结果告知书"
    assert made["H2"].title == "困难职工帮扶补充材料通知书"
    refused = text_of(made["H1"])
    assert refused.startswith("困难职工帮扶认定结果告知书\n王小明同志：")
    assert "申请人为工会会员：否" in refused
    assert "请于2021年10月22日（含当日）之前向某市总工会申请复核" in refused
    assert "0750-1234567" in refused
    assert refused.count("申请复核") == 1
    assert "户编号 H3 的申请人：" in text_of(made["H3"])
    for household, name in (("H1", "王小明"), ("H2", "李四光")):
        assert [other for other, paper in made.items() if name in text_of(paper)] == [household]


def test_a_slip_says_the_award_in_both_ways_and_how_it_came_about() -> None:
    round_ = split(SHEET, 100_01)
    for household, paper in slips(round_, DETAILS):
        fen = int(round_.allocation.awards_fen[household])  # type: ignore[union-attr]
        text = text_of(paper)
        assert f"{relief.yuan(fen):,}" in text
        assert in_capitals(fen) in text
        assert "abab abab" in text
        assert all(line in text for line in round_.explain(household).splitlines() if line[:2].strip())
    assert "abab" not in text_of(letter(round_, "H1", replace(DETAILS, fingerprint="")))


def test_an_award_is_only_proposed_before_the_round_is_approved() -> None:
    round_ = split(SHEET, 100_01)
    assert "获得帮扶资金如下：" in text_of(letter(round_, "H1", DETAILS))
    assert "拟" not in text_of(letter(round_, "H1", DETAILS))
    proposed = text_of(letter(round_, "H1", replace(DETAILS, approved=False)))
    assert "您家拟获得帮扶资金如下，公示期满并经审批后方为最终结果" in proposed


def test_many_are_one_paper_that_begins_a_page_for_each() -> None:
    made = list(slips(split(SHEET, 100_01), DETAILS))
    whole = in_one(made)
    assert whole is not None
    assert len(whole.new_page) == 2
    assert text_of(whole) == "\n".join(text_of(paper) for _, paper in made)
    assert in_one([]) is None
    document = docx.Document(io.BytesIO(to_docx(whole)))
    titles = [each.text for each in document.paragraphs if each.style.name == "Title"]
    assert titles == ["困难职工帮扶资金告知单"] * 3


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"organisation": " "}, "letters.lacks"),
        ({"address": ""}, "letters.lacks"),
        ({"ask_by": "2021-10-07"}, "letters.ask_before"),
    ],
)
def test_a_letter_that_says_not_where_or_until_when_is_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(PaperError) as refused:
        list(slips(split(SHEET, 100_01), replace(DETAILS, **change)))
    assert refused.value.code == code


def test_of_a_split_nobody_was_refused(judged: Round) -> None:
    with pytest.raises(PaperError, match="split"):
        list(letters(split(SHEET, 100_01), DETAILS))
    with pytest.raises(UnknownHouseholdError):
        letter(judged, "H9", DETAILS)
