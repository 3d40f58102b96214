"""The notice of a round: its days, its list and sums, its refusals, and nothing personal in any form."""

from __future__ import annotations

import io
from dataclasses import replace

import docx
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.papers.papers import EACH_FORM, FORMS, everything, has_font, read, said, squeezed
from tests.papers.rounds import SECRETS, judged

import relief
from relief.errors import PaperError, PublicError, ReliefError, StepError
from relief.papers.notice import NoticeDetails, notice
from relief.papers.paper import Grid, Heading, Paper, Text
from relief.papers.whitelist import HIDEABLE, Extra

PRINT = "0123456789abcdef" * 4
DETAILS = NoticeDetails("江门市总工会", "0750-3333333", "2021-09-29", fingerprint=PRINT)


def grids(paper: Paper) -> list[Grid]:
    return [block for block in paper.blocks if isinstance(block, Grid)]


def told(paper: Paper) -> str:
    return "\n".join(said(paper))


def test_a_notice_says_what_people_ask_for_in_the_order_of_official_papers() -> None:
    paper = notice(judged(), DETAILS)
    heads = [block.text for block in paper.blocks if isinstance(block, Heading)]
    assert "".join(head[0] for head in heads) == "一二三四五六"
    assert " ".join(head[2:] for head in heads) == "依据 公示时间 拟帮扶名单 分配办法 监督与异议 公开记录"
    assert paper.title == "关于江门市困难职工因病致困专项帮扶（2021年度）拟帮扶名单的公示"
    assert "4户困难职工家庭发放帮扶金，合计10,000.01元（人民币壹万元零壹分）" in told(paper)
    assert "《中央财政专项帮扶资金使用管理办法》" in told(paper)
    assert "据平顶山市总工会" not in told(paper)
    assert "0750-3333333" in told(paper)
    assert paper.blocks[-1] == Text("江门市总工会\n2021年9月29日", "right")
    assert paper.dated == "2021-09-29"


def test_a_number_that_is_typed_into_a_text_of_the_notice_is_masked_the_telephones_are_not() -> None:
    number = "440703198103070008"
    typed = replace(
        DETAILS, title=f"关于{number}的公示", basis=(f"依据{number}",), contact="值班室 0750-4444444"
    )
    paper = notice(judged(), typed)
    assert number not in told(paper)
    assert "值班室 0750-4444444" in told(paper)


def test_the_days_are_working_days_after_the_day_of_posting() -> None:
    """Days off 1-7 October; Saturday 9 October is worked."""
    assert "2021年9月29日张贴，公示至2021年10月14日止" in told(notice(judged(), DETAILS))
    assert "公示至2021年10月15日止" in told(notice(judged(), replace(DETAILS, days=8)))
    with pytest.raises(StepError):
        notice(judged(), replace(DETAILS, days=6))


def test_a_year_that_is_not_announced_is_an_error_and_no_guess() -> None:
    with pytest.raises(StepError) as error:
        notice(judged(), replace(DETAILS, posted_on="2026-12-28"))
    assert (error.value.code, error.value.facts["year"]) == ("step.year_not_announced", 2027)
    without = replace(judged(), pack=replace(judged().pack, calendar=None))
    with pytest.raises(StepError):
        notice(without, DETAILS)


def test_districts_keep_their_order_and_their_zeros_and_the_sums_meet_the_fund() -> None:
    summary, *lists = grids(notice(judged(), DETAILS))
    assert [row[0] for row in summary.rows] == [district.name for district in judged().pack.districts]
    assert ("江海区", "0", "0.00") in summary.rows
    assert summary.total == ("合计", "4", "10,000.01")
    assert [grid.caption.partition("（")[0] for grid in lists] == ["蓬江区", "新会区", "台山市"]
    assert [row[0] for grid in lists for row in grid.rows] == ["1", "2", "3", "4"]
    shown = [relief.fen(row[-1]) for grid in lists for row in grid.rows]
    assert sum(shown) == sum(relief.fen(grid.total[-1]) for grid in lists if grid.total) == 10_000_01
    assert lists[0].header == ("序号", "姓名", "所属工会", "困难类别", "家庭人口", "帮扶金额（元）")
    assert lists[0].total == ("合计", "2户", "", "", "6", f"{relief.yuan(shown[0] + shown[1]):,}")


def test_the_fingerprint_stands_in_groups_of_four_and_must_be_one() -> None:
    paper = notice(judged(), DETAILS)
    printed = [block.text for block in paper.blocks if isinstance(block, Text) and block.kind == "code"]
    assert printed == ["\n".join(["0123 4567 89ab cdef 0123 4567 89ab cdef"] * 2)]
    with pytest.raises(PublicError):
        notice(judged(), replace(DETAILS, fingerprint=PRINT[:-1]))
    assert "公开记录" not in told(notice(judged(), replace(DETAILS, fingerprint="")))


def test_how_ties_go_is_told_in_words() -> None:
    assert "零头相同的，医疗费用个人自付较大者先得；仍相同的，按户编号先后" in told(notice(judged(), DETAILS))
    roster = pd.DataFrame({"户编号": ["a", "b"], "个人自付": [100, 300], "封顶（元）": ["", "120"]})
    capped = relief.split(roster, 200_00, caps_fen="封顶", rounding="webster")
    text = told(notice(capped, DETAILS))
    assert "取整（韦伯斯特除数法）：以0.01元为单位逐个分出" in text
    assert "每户上限" in text


def test_a_roster_that_was_only_split_is_noticed_with_what_it_has() -> None:
    roster = pd.DataFrame({"户编号": ["a", "b"], "姓名": ["王小明", "欧阳娜"], "个人自付": [100, 300]})
    paper = notice(relief.split(roster, 200_00), replace(DETAILS, basis=("某办法第三条",)))
    assert grids(paper)[-1].header == ("序号", "姓名", "帮扶金额（元）")
    assert "某办法第三条" in told(paper)
    assert "拟向已认定的以下2户" in told(paper)


def test_a_household_is_noticed_again_alone() -> None:
    paper = notice(judged(), replace(DETAILS, households=frozenset({"H2"})))
    assert paper.title.endswith("重新公示")
    assert [row[1] for grid in grids(paper)[1:] for row in grid.rows] == ["欧阳*"]
    assert grids(paper)[0].total == ("合计", "1", grids(paper)[1].rows[0][-1])
    for nobody in ("H3", "H9"):
        with pytest.raises(PaperError, match=nobody):
            notice(judged(), replace(DETAILS, households=frozenset({nobody})))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"phone": " "}, "notice.lacks"),
        ({"organisation": ""}, "notice.lacks"),
        ({"phone": "138 0000 9991"}, "notice.phone_of_applicant"),
        ({"phone": "0750-3333333、13800009991"}, "notice.phone_of_applicant"),
        ({"contact": "王科长 138-0000-9991"}, "notice.phone_of_applicant"),
        ({"hidden": frozenset({"name"})}, "notice.not_hideable"),
        ({"extras": (Extra("联系电话", "便于联系", "张三"),)}, "notice.field_refused"),
    ],
)
def test_what_must_not_be_noticed_is_refused(change: dict[str, object], code: str) -> None:
    with pytest.raises(ReliefError) as error:
        notice(judged(), replace(DETAILS, **change))
    assert error.value.code == code


def test_a_round_without_awards_has_nothing_to_notice() -> None:
    with pytest.raises(PaperError) as error:
        notice(replace(judged(), allocation=None), DETAILS)
    assert error.value.code == "notice.nobody"


def test_many_further_fields_turn_the_page() -> None:
    extras = tuple(Extra(field, "上级要求", "张三") for field in ("是否本地户籍", "申请日期", "工会会员"))
    paper = notice(judged(), replace(DETAILS, extras=extras))
    assert paper.landscape
    assert grids(paper)[1].rows[0][6:] == ("是", "2021-05-04", "是")
    assert not notice(judged(), replace(DETAILS, extras=extras[:1])).landscape
    assert "张三" not in told(paper)


def test_a_notice_in_english_has_no_chinese_but_names() -> None:
    paper = notice(judged(), replace(DETAILS, lang="en", organisation="JFTU"))
    assert "7 working days" in told(paper)
    assert "14 October 2021" in told(paper)
    assert grids(paper)[1].header[1:] == ("name", "union", "category", "persons", "award (yuan)")
    assert grids(paper)[1].rows[0][3] == "deep hardship"


OPTIONS = st.builds(
    replace,
    st.just(DETAILS),
    lang=st.sampled_from(["zh", "en"]),
    hidden=st.frozensets(st.sampled_from(sorted(HIDEABLE))),
    households=st.frozensets(st.sampled_from(["H1", "H2", "H4", "H5"]), max_size=2),
    fingerprint=st.sampled_from(["", PRINT]),
    extras=st.lists(
        st.sampled_from(["是否本地户籍", "income_fen", "residence", "visited_on"]),
        unique=True,
        max_size=4,
    ).map(lambda fields: tuple(Extra(field, "上级要求", "张三") for field in fields)),
)


@given(details=OPTIONS)
@settings(max_examples=6, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_no_form_holds_anything_personal_that_was_planted(details: NoticeDetails) -> None:
    paper = notice(judged(), details)
    for form, to_form in HERE.items():
        held = everything(form, to_form(paper))
        assert "0750-3333333" in held, "what is looked for can be found"
        assert [secret for secret in SECRETS if squeezed(secret) in held] == []


HERE = {form: to_form for form, to_form in FORMS.items() if form != "pdf" or has_font()}
LEAK = Paper("公示", (), "zh", "2021-09-29")


def test_what_is_planted_would_be_found() -> None:
    for form, to_form in HERE.items():
        for secret in ("密", "440703198103070008"):
            for leak in (replace(LEAK, title=secret), replace(LEAK, blocks=(Text(secret),))):
                assert secret in everything(form, to_form(leak)), form


@EACH_FORM
def test_every_form_of_a_notice_holds_the_figures(form: str) -> None:
    paper = notice(judged(), DETAILS)
    text = read(form, FORMS[form](paper))
    assert [line for line in said(paper) if squeezed(line) not in text] == []
    if form == "docx":
        tables = docx.Document(io.BytesIO(FORMS[form](paper))).tables
        assert [len(table.rows) for table in tables] == [len(grid.lines) + 1 for grid in grids(paper)]
