"""Tests of intake.identifiers: other papers than the ID card, and one form for all ways to write a number."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from relief.evidence.exchange import request
from relief.intake.identifiers import agree, born, folded, is_other_paper, problem, problems, sex
from relief.intake.tables import Tables, read_tables
from relief.judging.crosscheck import attributed
from relief.judging.eligibility import assess
from relief.rulepack.pack import load_pack, parse_pack

OTHERS = [
    "E12345678", "EA1234567", "G12345678", "TR1234567",  # passports
    "H12345678", "M1234567801", "12345678",  # 港澳居民, 台湾居民来往通行证
    "USA330012345678", "CHN440112345678",  # 外国人永久居留身份证
    "e 1234-5678", "Ｅ12345678", "E1234****",
]  # fmt: skip
STATED = "status: illustrative, note: 例"


@pytest.mark.parametrize("number", OTHERS)
def test_another_paper_has_no_check_digit_to_be_wrong(number: str) -> None:
    assert is_other_paper(number)
    assert problem(number) is None
    assert (born(number), sex(number)) == (None, None)


@pytest.mark.parametrize(
    "number",
    [
        "19800101",
        "1234567",
        "123456789",
        "4407031980010112",
        "E123",
        "ABCD1234567",
        "E123456789012",
        "张三",
        "",
        "********",
    ],
)
def test_what_is_no_number_of_any_paper_is_told(number: str) -> None:
    assert not is_other_paper(number)
    assert problem(number) == "warning.id_shape"


def test_a_number_of_a_residence_permit_is_checked_as_an_id_number() -> None:
    for number in ("830000", "810000", "820000"):
        body = f"{number}19900101123"
        digit = "10X98765432"[sum(int(d) * 2 ** (17 - at) for at, d in enumerate(body)) % 11]
        assert problem(body + digit) is None
        assert problem(body + ("1" if digit != "1" else "2")) == "warning.id_check"


def test_numbers_of_papers_agree_only_letter_by_letter() -> None:
    assert agree("E12345678", "e 1234 5678")
    assert agree("E1234****", "E12345678")
    assert not agree("E12345678", "E12345679")
    assert not agree("H12345678", "H1234567801")
    assert not agree("E12345678", "12345678")
    assert not agree("E12345678", None)


def test_a_column_of_them_is_told_all_at_once() -> None:
    numbers = ["440703198001011234", "E12345678", "440703800101123", "12", None, "H12345678"]
    assert problems(numbers) == {3: "warning.id_shape"}
    assert problems(["AB12", "12"], ["护照", "居民身份证"]) == {1: "warning.id_shape"}


def people(*numbers: str | None, **columns: Any) -> Tables:
    members = {
        "户编号": [f"H{at}" for at in range(len(numbers))],
        "身份证号": numbers,
        "是否授权核对": "是",
        **columns,
    }
    households = pd.DataFrame({"户编号": members["户编号"], "个人自付": "1"})
    return read_tables({"households": households, "members": pd.DataFrame(members)})


def test_a_passport_is_no_finding_and_is_masked_in_one() -> None:
    assert people("E12345678", "H12345678", "12345678").faults == ()
    assert people("AB12", 证件类型=["护照"]).faults == ()
    twice = people("E12345678", "e1234-5678").faults
    assert {fault.code for fault in twice} == {"fault.person_twice"}
    assert not any("2345" in f"{fault.value}{fault.problem('zh')}{fault.cure('en')}" for fault in twice)


def test_somebody_with_a_passport_is_asked_about() -> None:
    tables = people("E12345678", "AB12", "AB13", 证件类型=["护照", "其他证件", "居民身份证"])
    asked = request(tables, load_pack("jiangmen-2021"), "公安局")
    assert sorted(asked.people) == ["AB12", "E12345678"]
    assert asked.left_out["unusable"] == 1


def test_an_answer_about_a_passport_finds_its_household() -> None:
    tables = people("E12345678", "H12345678")
    registry = pd.DataFrame(
        {
            "数据来源": "公安局",
            "核对事项": "机动车",
            "核对结果": "有",
            "身份证号": ["e1234 5678", "E12345679"],
        }
    )
    frames = {"households": tables["households"], "members": tables["members"], "registry": registry}
    found = attributed(read_tables(frames))
    assert found["registry"]["household_id"].fillna("").tolist() == ["H0", ""]


@pytest.mark.parametrize("written", ["440703800101123", "440703 19800101 1234", "440703198001011234"])
@pytest.mark.parametrize("stated", ["440703800101123", "440703-19800101-1234", "440703198001011234"])
def test_a_number_of_15_digits_is_that_of_18_in_every_rule(stated: str, written: str) -> None:
    assert folded(written) == folded(stated)
    text = f"""
name: numbers
title: 号
title_en: numbers
measures:
  at_work:
    {{title: 就业, title_en: at work, of: members, holds: 'held(registry, where=kind == "就业")', {STATED}}}
  helped: {{title: 帮扶, title_en: helped, of: members, holds: 'held(history)', {STATED}}}
rules:
  - {{id: work, title: 就业, title_en: work, requires: 'held(members, where=at_work)', {STATED}}}
  - {{id: helped-before, title: 帮扶, title_en: helped, requires: 'held(members, where=helped)', {STATED}}}
"""
    frames = {
        "households": pd.DataFrame({"户编号": ["H1"]}),
        "members": pd.DataFrame({"户编号": ["H1"], "身份证号": [stated]}),
        "registry": pd.DataFrame(
            {"数据来源": ["人社局"], "核对事项": ["就业"], "核对结果": ["有"], "身份证号": [written]}
        ),
        "history": pd.DataFrame({"户编号": ["H1"], "批次": ["1"], "身份证号": [written]}),
    }
    judged = assess(frames, parse_pack({"numbers": {"pack.yaml": text.encode()}}, "numbers"), on="2021-09-30")
    assert judged.decisions.loc["H1", "failed_rules"] == ""
    assert judged.decisions.loc["H1", "unknown_rules"] == ""
