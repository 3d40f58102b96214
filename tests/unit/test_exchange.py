"""Tests of evidence.exchange and evidence.confirmation: the least is asked, only that is taken back."""

from __future__ import annotations

import datetime as dt
import hmac
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import openpyxl
import pandas as pd
import pytest

from relief.cli import command as cli
from relief.columns import DICTIONARY
from relief.errors import ExchangeError
from relief.evidence.confirmation import confirmation, match_rates, settling
from relief.evidence.exchange import Reply, hashed, read_key, read_reply, reply_csv, request
from relief.intake.tables import Tables, read_tables
from relief.judging.departments import HELD, SOURCES
from relief.judging.eligibility import assess
from relief.judging.statements import answers
from relief.rulepack import load_pack
from relief.rulepack.crosschecks import USUAL
from relief.rulepack.pack import parse_pack

ON = dt.date(2021, 9, 30)
PACK = load_pack("jiangmen-2021")
KEY = b"0123456789abcdef0123456789abcdef"
ONE, TWO, THREE = "440703198001011234", "440703198001011242", "440703198001011269"
PEOPLE = [
    {
        "户编号": household,
        "姓名": f"示例{name}",
        "身份证号": number,
        "是否授权核对": signed,
        "是否计入家庭": counts,
    }
    for household, name, number, signed, counts in (
        ("H1", "甲", ONE, "是", "是"),
        ("H1", "乙", TWO, "否", "是"),
        ("H2", "丙", "440703 198001 011269", "是", None),
        ("H2", "丁", "440703198001011277", "是", "否"),
        ("H2", "戊", "440703********1285", "是", "是"),
    )
]


@pytest.fixture(scope="module")
def tables() -> Tables:
    households = pd.DataFrame(
        {"户编号": ["H1", "H2", "H3"], "机动车数": ["0", "1", "0"], "房产套数": ["1", "1", "1"]}
    )
    return read_tables({"households": households, "members": pd.DataFrame(PEOPLE)})


def reply(tables: Tables, tmp_path: Path, *rows: dict[str, Any], key: bytes | None = None) -> Reply:
    base = {"数据来源": "公安局", "核对事项": "机动车", "核对结果": "无", "数据日期": "2021-09-10"}
    person = "身份证哈希" if key else "身份证号"
    path = tmp_path / "数据比对.csv"
    pd.DataFrame([base | {person: hashed(ONE, key) if key else ONE} | row for row in rows]).to_csv(
        path, index=False
    )
    return read_reply(path, request(tables, PACK, "公安局", key=key), on=ON)


# --- the request ------------------------------------------------------------------------------------


def test_only_those_who_signed_and_count_are_asked_about(tables: Tables) -> None:
    asked = request(tables, PACK, "公安局")
    assert sorted(asked.people) == [ONE, THREE]
    assert asked.left_out == {"unauthorised": 1, "uncounted": 1, "unusable": 1}


def test_only_what_the_rules_read_is_asked(tables: Tables) -> None:
    assert request(tables, PACK, "公安局").kinds == ("机动车", "死亡")
    assert request(tables, PACK, "自然资源局").columns == ("value", "as_of")
    for department in ("市场监管局", "银行"):
        with pytest.raises(ExchangeError) as caught:
            request(tables, PACK, department)
        assert caught.value.code == "exchange.not_needed"
    with pytest.raises(ExchangeError, match="民政局"):
        request(tables, PACK, "气象局")


STATED = "status: illustrative, note: 例"
READS = f"""
name: reads
title: 读
title_en: reads
rules:
  - {{id: area, title: 面, title_en: a, requires: 'every(registry, area < 1, where=use != "祖屋")', {STATED}}}
  - {{id: wage, title: 工资, title_en: wage, requires: "every(members, wage_income_fen > 0)", {STATED}}}
  - {{id: saved, title: 存款, title_en: saved, requires: deposits_fen > yuan(1), {STATED}}}
claim: {{title: 付, title_en: paid, amount: out_of_pocket_fen, {STATED}}}
"""


@pytest.mark.parametrize(
    ("department", "kinds", "columns"),
    [
        ("医保局", ("医保结算",), ("value", "amount_fen", "as_of")),
        ("公积金中心", ("公积金",), ("value", "as_of")),
        ("住房公积金管理中心", ("公积金",), ("value", "as_of")),
        ("公积金管理中心", ("公积金",), ("value", "as_of")),
        ("银行", ("存款余额",), ("value", "amount_fen", "as_of")),
        ("自然资源局", ("不动产",), ("value", "use", "area", "as_of")),
    ],
)
def test_a_department_is_asked_for_what_it_holds_and_the_rules_use(
    tables: Tables, department: str, kinds: tuple[str, ...], columns: tuple[str, ...]
) -> None:
    homes = "kind: 不动产, wins: registry"
    text = f"{READS}crosschecks:\n  - {{{homes}, {STATED}}}\n"
    asked = request(tables, parse_pack({"reads": {"pack.yaml": text.encode()}}, "reads"), department)
    assert (asked.kinds, asked.columns) == (kinds, columns)
    assert asked.department in SOURCES
    sheets = openpyxl.load_workbook(io.BytesIO(asked.workbook()))
    told = [row[0] for row in sheets["填写说明"].iter_rows(values_only=True)]
    assert told == ["核对事项", *kinds]


@pytest.mark.parametrize("department", SOURCES)
def test_a_department_is_told_to_fill_in_no_column_that_is_not_asked_for(
    tables: Tables, department: str
) -> None:
    asked = replace(request(tables, PACK, "公安局"), kinds=SOURCES[department], columns=("value", "as_of"))
    sheet = openpyxl.load_workbook(io.BytesIO(asked.workbook()))["填写说明"]
    told = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row]
    assert not [text for text in told if "核对金额" in text or "起始日期" in text or "终止日期" in text]
    assert all(told)


@pytest.mark.parametrize("kind", HELD)
def test_a_department_is_told_what_goes_into_each_column_that_a_matter_has(tables: Tables, kind: str) -> None:
    every = ("value", *(name for name in DICTIONARY["registry"] if name in HELD[kind]), "as_of")
    asked = replace(request(tables, PACK, "公安局"), kinds=(kind,), columns=every)
    sheet = openpyxl.load_workbook(io.BytesIO(asked.workbook()))["填写说明"]
    (_, (_, told)) = sheet.iter_rows(values_only=True)
    for name in HELD[kind]:
        assert re.search(f"；{DICTIONARY['registry'][name].title}[填：].", str(told))


def test_a_column_of_another_matter_is_not_explained(tables: Tables) -> None:
    asked = replace(request(tables, PACK, "公安局"), columns=("value", "valid_from", "valid_until", "as_of"))
    sheet = openpyxl.load_workbook(io.BytesIO(asked.workbook()))["填写说明"]
    assert dict(sheet.iter_rows(min_row=2, values_only=True)) == {
        "机动车": "每辆一行，核对结果填号牌和车型；名下没有的填“无”；"
        "起始日期：事项的起始日期；终止日期：事项的终止日期",
        "死亡": "已死亡的填“已注销”，否则填“无”；起始日期填死亡日期",
    }


def test_the_tax_office_is_asked_where_the_rules_read_a_persons_income(tables: Tables) -> None:
    assert request(tables, PACK, "税务局").kinds == ("个人所得税",)
    assert request(tables, PACK, "医保局").columns == ("value", "amount_fen", "as_of")
    with pytest.raises(ExchangeError) as caught:
        request(tables, PACK, "公积金中心")
    assert caught.value.code == "exchange.not_needed"


@pytest.mark.parametrize(
    ("fact", "declared", "found", "differs"),
    [
        ({"核对事项": "医保结算", "核对金额": "80.01", "核对结果": "有"}, 80_00, 80_01, True),
        ({"核对事项": "医保结算", "核对金额": "80", "核对结果": "有"}, 80_00, 80_00, False),
        ({"核对事项": "医保结算", "核对结果": "无就诊记录"}, 80_00, 0, True),
        ({"核对事项": "个人所得税", "核对金额": "30000.01", "核对结果": "有"}, 30_000_00, 30_000_01, True),
        ({"核对事项": "个人所得税", "核对金额": "100", "核对结果": "有"}, 30_000_00, 100_00, False),
        ({"核对事项": "个税", "核对结果": "无纳税记录"}, 30_000_00, 0, False),
        ({"核对事项": "住房公积金", "核对结果": "正常缴存"}, 0, True, True),
        ({"核对事项": "公积金", "核对结果": "无缴存记录"}, 0, False, False),
    ],
)
def test_what_they_answer_is_held_against_the_statement(
    fact: dict[str, Any], declared: int, found: Any, differs: bool
) -> None:
    frames = {
        "households": pd.DataFrame({"户编号": ["H1"], "医疗费用个人自付": ["80"]}),
        "members": pd.DataFrame([PEOPLE[0] | {"年收入": "30000", "工资性收入": "0"}]),
        "registry": pd.DataFrame([{"数据来源": "医保局", "身份证号": ONE, "数据日期": "2021-09-10"} | fact]),
    }
    (answer,) = answers(assess(frames, PACK, on=ON).stated, USUAL)
    assert (answer.declared, answer.found, answer.differs) == (declared, found, differs)


def test_without_a_signature_nothing_is_asked() -> None:
    people = pd.DataFrame(PEOPLE).drop(columns="是否授权核对")
    read = read_tables(
        {"households": pd.DataFrame({"户编号": ["H1", "H2"], "个人自付": 1}), "members": people}
    )
    with pytest.raises(ExchangeError) as caught:
        request(read, PACK, "公安局")
    assert caught.value.code == "exchange.nobody"


@pytest.mark.parametrize("key", [None, KEY])
def test_the_workbook_holds_the_questions_and_nothing_else(tables: Tables, key: bytes | None) -> None:
    asked = request(tables, PACK, "公安局", key=key)
    sheet = openpyxl.load_workbook(io.BytesIO(asked.workbook()))["数据比对"]
    header, *rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert header == ["数据来源", "身份证哈希" if key else "身份证号", "核对事项", "核对结果", "数据日期"]
    assert [tuple(row) for row in rows] == [(*row, None, None) for row in asked.rows]
    assert asked.workbook() == asked.workbook()
    text = str(rows)
    assert not any(person["姓名"] in text or person["户编号"] in text for person in PEOPLE)
    assert (ONE in text) is (key is None)


def test_the_schema_takes_a_right_answer_and_no_other(tables: Tables) -> None:
    schema = json.loads(request(tables, PACK, "公安局").schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    right = {"source": "公安局", "id_number": ONE, "kind": "死亡", "value": "无", "as_of": "2021-09-10"}
    check = jsonschema.Draft202012Validator(schema)
    assert check.is_valid([right])
    for wrong in ({"kind": "低保"}, {"source": "民政局"}, {"value": None}, {"phone": "1"}):
        assert not check.is_valid([right | wrong])
    assert not check.is_valid([{name: right[name] for name in right if name != "as_of"}])


def test_a_hash_is_one_for_all_ways_to_write_a_number_and_another_for_another_key() -> None:
    ways = {hashed(written, KEY) for written in (ONE, "440703 19800101 1234", "440703800101123")}
    assert len(ways) == 1
    assert hashed(ONE, KEY) != hashed(ONE, KEY[::-1])
    assert hashed("440703198001011234", b"\x0b" * 20) == (
        hmac.new(b"\x0b" * 20, b"440703198001011234", "sha256").hexdigest().upper()
    )
    with pytest.raises(ExchangeError, match="32"):
        read_key(b"short\n")
    assert read_key(KEY + b"\n") == KEY


# --- the way back -----------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [None, KEY])
def test_a_valid_answer_comes_back_with_its_household(
    tables: Tables, tmp_path: Path, key: bytes | None
) -> None:
    person = "身份证哈希" if key else "身份证号"
    other = hashed(THREE, key).lower() if key else THREE
    found = reply(
        tables, tmp_path, {}, {person: other, "核对结果": "粤J·示例"}, {"核对事项": "死亡"}, key=key
    )
    assert found.faults == ()
    assert (found.rows_in, len(found.rows), found.answered, found.asked) == (3, 3, 3, 4)
    assert found.rows[["household_id", "id_number"]].to_numpy().tolist() == [
        ["H1", ONE],
        ["H2", THREE],
        ["H1", ONE],
    ]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"数据来源": "民政局"}, "fault.reply_source"),
        ({"身份证号": TWO}, "fault.reply_person"),
        ({"身份证号": None}, "fault.reply_person"),
        ({"核对事项": "低保"}, "fault.reply_kind"),
        ({"核对结果": None}, "fault.reply_blank"),
        ({"数据日期": None}, "fault.reply_undated"),
        ({"数据日期": "2021-10-01"}, "fault.reply_later"),
        ({"数据日期": "2021-13-01"}, "fault.date"),
    ],
)
def test_an_answer_that_is_none_is_quarantined_at_its_row(
    tables: Tables, tmp_path: Path, wrong: dict[str, Any], code: str
) -> None:
    found = reply(tables, tmp_path, {}, wrong)
    (fault,) = found.faults
    assert (fault.code, fault.row, len(found.rows), found.rows_in) == (code, 3, 1, 2)
    assert TWO not in fault.problem() + fault.problem("en") + fault.value


def test_what_was_not_asked_for_is_not_taken_and_told(tables: Tables, tmp_path: Path) -> None:
    more = {"面积": "众多", "用途": "住宅", "核对金额": "1", "姓名": "示例甲", "户编号": "H9"}
    found = reply(tables, tmp_path, more)
    assert (found.faults, len(found.rows)) == ((), 1)
    assert list(found.rows.columns) == ["source", "household_id", "id_number", "kind", "value", "as_of"]
    assert found.rows["household_id"].tolist() == ["H1"]
    assert found.unasked == ("面积", "用途", "核对金额", "姓名")
    assert reply(tables, tmp_path, {}).unasked == ()


def test_a_file_without_answers_is_refused(tables: Tables, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    with pytest.raises(ExchangeError, match="核对事项"):
        read_reply(tmp_path / "a.csv", request(tables, PACK, "公安局"), on=ON)


def test_what_is_written_is_read_by_a_round(tables: Tables, tmp_path: Path) -> None:
    found = reply(tables, tmp_path, {"核对结果": "=1+1"})
    (tmp_path / "数据比对.csv").write_bytes(reply_csv(found))
    pd.DataFrame({"户编号": ["H1"], "机动车数": ["0"]}).to_csv(tmp_path / "家庭.csv", index=False)
    read = read_tables(tmp_path)
    assert read["registry"]["household_id"].tolist() == ["H1"]
    assert read["registry"]["value"].tolist() == ["'=1+1"]


# --- what is known ----------------------------------------------------------------------------------


def known(*facts: dict[str, Any], since: dt.date | None = None) -> dict[str, int]:
    base = {"数据来源": "公安局", "核对事项": "机动车", "核对结果": "无", "数据日期": "2021-09-10"}
    people = [PEOPLE[0], PEOPLE[2]]
    frames = {
        "households": pd.DataFrame({"户编号": ["H1", "H2"], "机动车数": ["0", "1"]}),
        "members": pd.DataFrame(people),
        "registry": pd.DataFrame([base | fact for fact in facts]),
    }
    table = confirmation(assess(frames, PACK, on=ON), since=since)
    assert (table[["confirmed", "contradicted", "unknown"]].sum(axis=1) == 2).all()
    counts = table.loc["公安局", "机动车"].to_dict()
    assert counts["unknown"] == sum(counts[why] for why in ("unauthorised", "no_reply", "open", "stale"))
    return {state: count for state, count in counts.items() if count and state != "unknown"}


def test_each_household_is_confirmed_contradicted_or_unknown() -> None:
    assert known({"身份证号": ONE}, {"身份证号": THREE}) == {"confirmed": 1, "contradicted": 1}
    assert known({"身份证号": ONE}) == {"confirmed": 1, "no_reply": 1}
    assert known({"身份证号": ONE, "核对结果": "待查"}, {"身份证号": THREE, "核对结果": "有"}) == {
        "confirmed": 1,
        "open": 1,
    }
    assert known({"身份证号": ONE}, since=dt.date(2021, 9, 11)) == {"stale": 1, "no_reply": 1}
    assert known({"身份证号": ONE, "核对结果": "有"}) == {"contradicted": 1, "no_reply": 1}


@pytest.mark.parametrize(("value", "state"), [("无", "confirmed"), ("已注销", "open"), ("待查", "open")])
def test_a_finding_about_nobody_in_particular_confirms_no_member(value: str, state: str) -> None:
    fact = {
        "数据来源": "公安局",
        "户编号": "H1",
        "核对事项": "死亡",
        "核对结果": value,
        "数据日期": "2021-09-10",
    }
    frames = {
        "households": pd.DataFrame({"户编号": ["H1"], "机动车数": ["0"]}),
        "members": pd.DataFrame(PEOPLE[:1]),
        "registry": pd.DataFrame([fact]),
    }
    table = confirmation(assess(frames, PACK, on=ON))
    assert table.loc[("公安局", "死亡"), state] == 1


def test_no_authority_is_unknown_not_nothing(tables: Tables) -> None:
    frames = {**tables.frames, "registry": pd.DataFrame({"数据来源": ["公安局"], "核对事项": ["机动车"],
              "核对结果": ["无"], "身份证号": [ONE], "数据日期": ["2021-09-10"]})}  # fmt: skip
    table = confirmation(assess({name: frames[name] for name in ("households", "registry")}, PACK, on=ON))
    assert table.loc[("公安局", "机动车"), "no_reply"] == 3
    people = {"members": pd.DataFrame(PEOPLE[:2])}
    households = pd.DataFrame({"户编号": ["H1"], "机动车数": ["0"]})
    judged = assess({"households": households, **people, "registry": frames["registry"]}, PACK, on=ON)
    assert confirmation(judged).loc[("公安局", "机动车"), ["confirmed", "unauthorised"]].tolist() == [0, 1]
    assert match_rates(judged).to_dict("index") == {"公安局": {"rows": 1, "matched": 1}}


def test_a_source_settles_a_case_that_lacks_only_what_it_knows() -> None:
    text = f"""
name: two
title: 二
title_en: two
rules:
  - {{id: homes, title: 房, title_en: homes, requires: homes_count <= 1, {STATED}}}
  - {{id: income, title: 收入, title_en: income, requires: income_fen < yuan(10) / years(1), {STATED}}}
  - {{id: cars, title: 车, title_en: cars, requires: vehicles_count < 1, {STATED}}}
categories: [{{id: any, title: 困难, title_en: any, when: household_size > 0, {STATED}}}]
claim: {{title: 付, title_en: paid, amount: out_of_pocket_fen, {STATED}}}
"""
    known = {
        "房产套数": "1",
        "家庭年度总收入": "5",
        "机动车数": "0",
        "共同生活人口": "2",
        "医疗费用个人自付": "9",
    }
    lacking = [
        ["房产套数"],
        ["房产套数"],
        ["家庭年度总收入"],
        ["医疗费用个人自付"],
        ["房产套数", "机动车数"],
        [],
    ]
    households = pd.DataFrame(
        [{"户编号": f"H{at}", **known, **dict.fromkeys(names)} for at, names in enumerate(lacking)]
    )
    pack = parse_pack({"two": {"pack.yaml": text.encode()}}, "two")
    table = settling(assess({"households": households}, pack, on=ON))
    assert table.index[0] == "自然资源局"
    # One that lacks two things is settled by either only if it says that the household owns too much.
    assert table.to_dict("index") == {
        "自然资源局": {"settles": 3, "helps": 3},
        "税务局": {"settles": 1, "helps": 1},
        "医保局": {"settles": 1, "helps": 1},
        "公安局": {"settles": 1, "helps": 1},
    }


def test_the_source_that_settles_most_comes_first() -> None:
    sample = Path(__file__).parents[2] / "data" / "samples" / "jiangmen-2021"
    judged = assess(sample / "申请.xlsx", sample / "rules", on=ON)
    table = settling(judged)
    missing = judged.missing()
    homes = set(missing.loc[missing["column"] == "homes_count", "household_id"])
    assert table.loc["自然资源局", "helps"] == len(homes) > 0
    assert table["settles"].is_monotonic_decreasing
    assert (table["settles"] <= table["helps"]).all()


# --- the commands -----------------------------------------------------------------------------------


def test_the_commands_ask_and_read_back(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "申请"
    folder.mkdir()
    pd.DataFrame({"户编号": ["H1", "H2"], "机动车数": ["0", "1"]}).to_csv(folder / "家庭.csv", index=False)
    pd.DataFrame(PEOPLE).to_csv(folder / "成员.csv", index=False)
    told = ["--rules", "jiangmen-2021", "--hashed"]
    monkeypatch.setenv("RELIEF_EXCHANGE_KEY", KEY.decode())

    def call(*words: object) -> tuple[int, str]:
        status = cli._status(lambda: cli.app(list(map(str, words)), standalone_mode=False))
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        assert not any(secret in out + err for secret in (ONE, TWO, THREE, "示例甲", KEY.decode()))
        return status, out + err

    asked = ["exchange", "request", folder, *told, "--to", "公安局", "--out", tmp_path / "请求"]
    status, text = call(*asked)
    assert status == 0
    assert "2 人" in text
    assert call(*asked)[0] == 2
    book = pd.read_excel(tmp_path / "请求" / "核对请求.xlsx", dtype=str, engine="openpyxl")
    book["核对结果"], book["数据日期"] = "无", "2021-09-10"
    book.loc[0, "数据日期"] = None
    book.to_csv(tmp_path / "数据比对.csv", index=False)
    back = folder / "数据比对.csv"
    read = [
        "exchange",
        "read",
        folder,
        tmp_path / "数据比对.csv",
        *told,
        "--from",
        "公安局",
        "--on",
        ON,
        "--out",
        back,
    ]
    status, text = call(*read)
    assert status == 1
    assert "采用 3 行，隔离 1 行" in text
    status, text = call("exchange", "report", folder, "--rules", "jiangmen-2021", "--on", ON)
    assert status == 1
    assert "H2 机动车" in text
    status, text = call("exchange", "report", folder, "--rules", "jiangmen-2021", "--on", ON, "--json")
    assert json.loads(text)["discrepancies"][0]["household_id"] == "H2"
    monkeypatch.delenv("RELIEF_EXCHANGE_KEY")
    assert call(*read)[0] == 2
