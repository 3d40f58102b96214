"""What a notice may show: the white list, fields with a reason, fields never, groups too small."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.papers.rounds import judged, personal

import relief
from relief.columns import DICTIONARY
from relief.errors import PaperError
from relief.papers.whitelist import Extra, SmallGroup, on_record, shown_rows, small_groups

REASON = {"reason": "上级要求公示户籍", "by": "张三"}
FIELDS = ["district", "union", "category", "members"]


def test_the_white_list_is_what_is_shown_and_the_name_is_masked() -> None:
    rows = shown_rows(judged())
    assert list(rows) == ["district", "name", "union", "category", "members", "award_fen"]
    assert rows.loc["H2"].tolist()[:5] == ["台山市", "欧阳*", "第一工会", "深度困难", "2"]
    assert rows["name"].tolist() == ["陈*", "欧阳*", "陈*", "古*"]
    assert rows["award_fen"].sum() == judged().allocation.fund_fen


def test_a_number_inside_the_name_of_a_union_is_masked() -> None:
    assert shown_rows(judged()).loc["H4", "union"] == "第二工会(139******78)"


@pytest.mark.parametrize("field", personal())
def test_a_personal_field_is_refused_whatever_the_reason(field: str) -> None:
    with pytest.raises(PaperError) as error:
        shown_rows(judged(), [Extra(field, **REASON)])
    assert error.value.code == "notice.field_refused"


@pytest.mark.parametrize(
    "field",
    ["身份证号", "银行卡号", "开户银行", "联系电话", "手机", "健康状况", "残疾类别", "残疾等级", "医院",
     "姓名 ", "患者姓名", "主要致困原因", "cause", "rigid_illness_fen", "因残支出",
     "members.name", "members.relation", "members.counts_in_household", "documents.kind",
     "registry.value", "rulings.why", "history.amount_fen"],
)  # fmt: skip
def test_illness_accounts_and_what_is_held_of_single_persons_is_refused(field: str) -> None:
    for ask in (on_record, lambda extras: shown_rows(judged(), extras)):
        with pytest.raises(PaperError) as error:
            ask([Extra(field, **REASON)])
        assert error.value.code == "notice.field_refused"


@pytest.mark.parametrize("field", ["家庭住址", "现居住地", "address", "nonsense", ""])
def test_a_field_that_does_not_exist_is_refused(field: str) -> None:
    with pytest.raises(PaperError) as error:
        on_record([Extra(field, **REASON)])
    assert error.value.code == "notice.field_unknown"


@pytest.mark.parametrize(
    ("reason", "by"), [("", "张三"), ("上级要求", ""), ("  ", "张三"), ("上级要求", "\t")]
)
def test_a_further_field_needs_a_reason_and_a_name(reason: str, by: str) -> None:
    with pytest.raises(PaperError) as error:
        shown_rows(judged(), [Extra("local_hukou", reason, by)])
    assert error.value.code == "notice.field_without_reason"


def test_a_further_field_is_shown_and_goes_on_the_record() -> None:
    extras = [
        Extra("是否本地户籍", **REASON),
        Extra("applied_on", "公示申请时间", " 李四 "),
        Extra("income_fen", "同上", "李四"),
    ]
    rows = shown_rows(judged(), extras)
    assert rows.loc["H1", ["local_hukou", "applied_on", "income_fen"]].tolist() == [
        "是",
        "2021-05-04",
        "6,000.00",
    ]
    assert on_record(extras)[:2] == [
        {"column": "local_hukou", "title": "是否本地户籍", "reason": "上级要求公示户籍", "by": "张三"},
        {"column": "applied_on", "title": "申请日期", "reason": "公示申请时间", "by": "李四"},
    ]


def test_every_other_field_of_a_household_can_be_shown_with_a_reason() -> None:
    """So the two lists are all: nothing is refused by mistake."""
    asked = {name for name, column in DICTIONARY["households"].items() if not column.is_personal}
    refused = set()
    for name in asked:
        try:
            shown_rows(judged(), [Extra(name, **REASON)])
        except PaperError as error:
            refused.add((error.code, name))
    assert {name for code, name in refused if code == "notice.field_shown"} == {
        "household_id", "district", "union_name", "household_size",
    }  # fmt: skip
    assert {name for code, name in refused if code == "notice.field_refused"} == {
        "cause", "bank_name", "rigid_illness_fen", "rigid_disability_fen", "rigid_accident_fen",
        "has_hospital_record", "has_illness_certificate", "has_medical_receipt",
    }  # fmt: skip


def test_union_category_and_members_can_be_left_out_and_nothing_else() -> None:
    assert list(shown_rows(judged(), hidden={"union", "members"})) == [
        "district",
        "name",
        "category",
        "award_fen",
    ]
    with pytest.raises(PaperError) as error:
        shown_rows(judged(), hidden={"award_fen"})
    assert error.value.code == "notice.not_hideable"


def test_a_roster_that_was_only_split_shows_what_it_has() -> None:
    roster = pd.DataFrame({"户编号": ["a", "b"], "个人自付": [100, 300]})
    rows = shown_rows(relief.split(roster, 200_00))
    assert rows[["name", "union", "category", "members"]].to_numpy().tolist() == [["*", "", "", ""]] * 2


def rows_of(groups: list[tuple[str, str, str, str]]) -> pd.DataFrame:
    return pd.DataFrame(groups, columns=FIELDS).assign(name="王*", award_fen=1)


def test_the_smallest_group_that_tells_is_told_once() -> None:
    rows = rows_of(
        [("甲", "一", "深度", "3")] * 3 + [("甲", "一", "深度", "1")] + [("甲", "二", "深度", "3")] * 2
    )
    assert small_groups(rows) == [
        SmallGroup(("甲", "二"), None, 2),
        SmallGroup(("甲", "一", "深度"), "1", 1),
    ]
    assert small_groups(rows, fewest=2) == [SmallGroup(("甲", "一", "深度"), "1", 1)]
    assert small_groups(rows.drop(columns=["union", "members"])) == []
    text = small_groups(rows)[1].text("zh")
    assert "甲、一、深度、家庭人口 1" in text
    assert "1 户" in text


VALUES = st.tuples(*(st.sampled_from(["甲", "乙", ""]) for _ in FIELDS))


@settings(max_examples=25)
@given(groups=st.lists(VALUES, max_size=12), fewest=st.integers(1, 4))
def test_a_household_is_warned_of_exactly_if_too_few_share_what_is_shown(
    groups: list[tuple[str, str, str, str]], fewest: int
) -> None:
    sizes = Counter(groups)
    told = small_groups(rows_of(groups), fewest)
    assert all(group.households < fewest for group in told)
    warned = sum(group.households for group in told)
    alone = sum(size for size in sizes.values() if size < fewest)
    # A group is told at the first field that makes it small, so it can take larger ones along.
    assert warned >= alone
    assert (warned > 0) is (alone > 0) or any(len(group.values) < len(FIELDS) for group in told)
