"""Tests of intake.people and intake.identifiers: contradictions are found, what agrees is not told."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relief.intake.identifiers import agree, born, folded, folded_name, problem, problems, same_name, sex
from relief.intake.tables import read_tables

if TYPE_CHECKING:
    from relief.sheets.faults import Fault

DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31))


def number(day: dt.date = dt.date(1980, 1, 1), sequence: int = 123, area: int = 440703) -> str:
    body = f"{area}{day:%Y%m%d}{sequence:03}"
    return body + "10X98765432"[sum(int(digit) * 2 ** (17 - at) for at, digit in enumerate(body)) % 11]


def found(
    household: dict[str, Any], *people: dict[str, Any], others: tuple[dict[str, Any], ...] = ()
) -> list[Fault]:
    frames = {"households": pd.DataFrame([{"户编号": "H1", "个人自付": "1", **household}, *others])}
    if people:
        frames["members"] = pd.DataFrame([{"户编号": "H1", **person} for person in people])
    return list(read_tables(frames).faults)


OWN = {"姓名": "欧阳小明", "身份证号": number(), "关系": "本人"}
APPLICANT = {"姓名": "欧阳小明", "身份证号": number()}


@given(day=DAYS, sequence=st.integers(0, 999))
def test_a_number_says_who_it_is(day: dt.date, sequence: int) -> None:
    made = number(day, sequence)
    assert problem(made) is None
    assert problems([made, f" {made} ", None]) == {}
    assert born(made) == day
    assert sex(made) == ("男" if sequence % 2 else "女")


@given(day=DAYS, sequence=st.integers(0, 999), at=st.integers(0, 17), digit=st.sampled_from("0123456789"))
def test_one_wrong_digit_is_always_found(day: dt.date, sequence: int, at: int, digit: str) -> None:
    made = number(day, sequence)
    spoilt = made[:at] + digit + made[at + 1 :]
    assert (problem(spoilt) is None) == (spoilt == made)
    assert set(problems([spoilt])) == (set() if spoilt == made else {0})


@given(day=DAYS, sequence=st.integers(0, 999), at=st.integers(0, 16))
def test_two_digits_swapped_are_always_found(day: dt.date, sequence: int, at: int) -> None:
    made = number(day, sequence)
    swapped = made[:at] + made[at + 1] + made[at] + made[at + 2 :]
    assert (problem(swapped) is None) == (swapped == made)


@given(day=DAYS, hidden=st.sets(st.integers(0, 17)))
def test_a_masked_number_agrees_by_what_it_shows(day: dt.date, hidden: set[int]) -> None:
    made = number(day)
    masked = "".join("*" if at in hidden else digit for at, digit in enumerate(made))
    assert agree(masked, made)
    assert problem(masked) is None
    for at in set(range(17)) - hidden:
        other = masked[:at] + str((int(masked[at]) + 1) % 10) + masked[at + 1 :]
        assert not agree(other, made)


def test_a_number_of_15_digits_is_that_of_18() -> None:
    assert folded("440703800101123") == number()
    assert (born("440703800101123"), sex("440703800101123"), problem("440703800101123")) == (
        dt.date(1980, 1, 1), "男", None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("買買提·吐爾遜", "買買提.吐爾遜", True),
        ("阿依古丽•买买提", "阿依古丽 · 买买提", True),
        ("张 三", "張三", True),
        ("张*", "张三", True),
        ("*三", "张三", True),
        ("张*", "张三丰", False),
        ("张三", "张四", False),
        ("峯", "峰", True),
    ],
)
def test_names_as_they_are_written(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same
    assert folded_name(folded_name(one)) == folded_name(one)


@pytest.mark.parametrize(
    ("spoilt", "code"),
    [
        (number()[:-1] + "0", "warning.id_check"),
        (number(area=170703), "warning.id_region"), ("440703198002301231", "warning.id_date"),
        ("H1234567", "warning.id_shape"), ("4407031980010112", "warning.id_shape"),
    ],
)  # fmt: skip
def test_a_number_that_cannot_be_one_is_told_with_its_cell(spoilt: str, code: str) -> None:
    told = found({}, OWN | {"身份证号": spoilt})
    assert [fault.code for fault in told] == [code]
    for fault in told:
        assert (fault.severity, fault.table, fault.row, fault.column) == (
            "warning",
            "members",
            1,
            "id_number",
        )
        for lang in ("zh", "en"):
            assert spoilt not in fault.problem(lang) + fault.cure(lang) + fault.value


@pytest.mark.parametrize(
    ("person", "household", "code", "column"),
    [
        ({"出生日期": "1981-01-01"}, {}, "warning.born_differs", "born_on"),
        ({"性别": "女"}, {}, "warning.sex_differs", "sex"),
        ({"年龄": "40"}, {"申请日期": "2021-12-31"}, "warning.age_differs", "age_years"),
        ({"是否计入家庭": "否"}, {}, "warning.uncounted", "counts_in_household"),
    ],
)
def test_a_statement_against_the_number(
    person: dict[str, str], household: dict[str, str], code: str, column: str
) -> None:
    (fault,) = found(APPLICANT | household, OWN | person)
    assert (fault.code, fault.column, fault.household_id, fault.row) == (code, column, "H1", 1)


def test_what_agrees_is_not_told() -> None:
    stated = {"出生日期": "1980-01-01", "性别": "男", "年龄": "41", "是否计入家庭": "是"}
    card = {"申请日期": "2021-12-31", "银行卡号": "6200 0000 0000 0001", "收款户名": "歐陽小明"}
    assert found(APPLICANT | card, OWN | stated) == []
    assert found(APPLICANT | {"身份证号": "440703800101123"}, OWN | {"姓名": "欧阳 小明"}) == []
    assert found(APPLICANT, OWN | {"身份证号": number()[:6] + "********" + number()[14:]}) == []
    assert found({"申请日期": "2021-01-01"}, {"姓名": "甲", "身份证号": number(), "年龄": "41"}) == []


@pytest.mark.parametrize(
    ("household", "person", "code"),
    [
        (
            APPLICANT,
            {"姓名": "甲乙", "身份证号": number(sequence=125), "关系": "配偶"},
            "warning.applicant_absent",
        ),
        (APPLICANT, OWN | {"身份证号": number(sequence=125)}, "warning.applicant_number"),
        (APPLICANT, OWN | {"姓名": "甲乙"}, "warning.applicant_name"),
        (APPLICANT | {"收款户名": "丙丁"}, OWN, "warning.holder"),
    ],
)
def test_the_applicant_among_the_members(
    household: dict[str, str], person: dict[str, str], code: str
) -> None:
    (fault,) = found(household, person)
    assert (fault.code, fault.table, fault.row) == (code, "households", 1)
    assert "欧阳小明" not in fault.problem() + fault.problem("en")


def test_an_account_of_two_households_is_a_fault_at_both() -> None:
    other = {"户编号": "H2", "个人自付": "1", "银行卡号": "6200000000000001"}
    told = found(
        {"银行卡号": "6200 0000 0000 0001"}, others=(other, other | {"户编号": "H3", "银行卡号": None})
    )
    assert [(fault.code, fault.severity, fault.row) for fault in told] == [
        ("fault.account_twice", "fault", 1), ("fault.account_twice", "fault", 2),
    ]  # fmt: skip
    assert [fault.facts["others"] for fault in told] == ["2", "1"]


def test_a_masked_number_of_another_household_is_perhaps_the_same_person() -> None:
    masked = number()[:6] + "********" + number()[14:]
    people = [OWN | {"姓名": "张三"}, {"户编号": "H2", "姓名": "張三", "身份证号": masked}]
    told = found({}, *people, others=({"户编号": "H2", "个人自付": "1"},))
    assert [(fault.code, fault.row) for fault in told] == [
        ("warning.person_perhaps", 1),
        ("warning.person_perhaps", 2),
    ]
    people[1] |= {"姓名": "李四"}
    assert found({}, *people, others=({"户编号": "H2", "个人自付": "1"},)) == []


@pytest.mark.parametrize(("relations", "rows"), [(["本人", "配偶"], []), (["本人", "妻", "丈夫"], [3]),
                                                 (["本人", "本人", "子", "女"], [2])])  # fmt: skip
def test_a_second_applicant_or_spouse_may_be_of_another_household(
    relations: list[str], rows: list[int]
) -> None:
    members = pd.DataFrame(
        {"户编号": "H1", "姓名": [f"示例{at}" for at in range(len(relations))], "关系": relations}
    )
    read = read_tables({"households": pd.DataFrame({"户编号": ["H1"], "个人自付": [1]}), "members": members})
    assert [fault.row for fault in read.faults if fault.code == "warning.relation_twice"] == rows
