"""An application of another program: what it takes, what it says, what it becomes."""

from __future__ import annotations

import copy
import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from pydantic import ValidationError

import relief
from relief.cli.command import app
from relief.columns import DICTIONARY, TABLES
from relief.schema import field_name
from relief.template.example import examples

if TYPE_CHECKING:
    from pathlib import Path

Application = relief.Application
Sent = dict[str, Any]


@pytest.fixture
def sent() -> Sent:
    """Return the example of the template as a program would send it."""
    rows = {
        table: [
            {
                field_name(DICTIONARY[table][name]): text
                for name, text in row.items() if table == "households" or name != "household_id"
            }
            for row in lines
        ]
        for table, lines in examples("H1").items()
    }  # fmt: skip
    return {"household": rows.pop("households")[0], **rows}


def refused(sent: object, lang: str = "zh") -> list[dict[str, Any]]:
    with pytest.raises(ValidationError) as caught:
        Application.model_validate(sent, context={"lang": lang})
    return [dict(error) for error in caught.value.errors()]


def told(sent: object) -> list[tuple[tuple[str | int, ...], str]]:
    return [(error["loc"], error["type"]) for error in refused(sent)]


def test_values_are_read_as_cells_are(sent: Sent) -> None:
    sent["household"] |= {
        "income_yuan": "5.43万",
        "housing_area": "62.50㎡",
        "applied_on": "2021.7.5",
        "residence": "城市",
    }
    read = Application.model_validate(sent).household
    assert (read.income_yuan, read.housing_area) == (Decimal("54300.00"), Decimal("62.50"))
    assert (read.applied_on, read.residence) == (dt.date(2021, 7, 5), "城镇")
    assert (read.union_member, read.household_size, read.phone) == (True, 3, "10000000001")


def test_every_column_of_the_dictionary_is_a_field_and_its_rows_are_of_one_household(sent: Sent) -> None:
    application = Application.model_validate(sent)
    for table, key in zip(TABLES, Application.model_fields, strict=True):
        row = application.household if table == "households" else getattr(application, key)[0]
        names = {field_name(c) for c in DICTIONARY[table].values()}
        assert set(type(row).model_fields) == (names if table == "households" else names - {"household_id"})


def test_it_becomes_the_tables_that_the_workbook_gives(sent: Sent) -> None:
    application = Application.model_validate(sent)
    tables = application.tables()
    assert tables.faults == ()
    assert {table: len(frame) for table, frame in tables.frames.items()} == {
        table: len(rows) for table, rows in examples().items()
    }
    assert tables["households"]["out_of_pocket_fen"].tolist() == [1875050]
    judged = relief.assess(tables, "jiangmen-2021", on="2021-09-30")
    assert judged.quarantine.empty
    assert list(judged.decisions.index) == ["H1"]


def test_a_round_of_applications_is_computed_again_from_its_folder(sent: Sent, tmp_path: Path) -> None:
    tables = Application.together([Application.model_validate(sent)])
    round_ = relief.run(tables, "jiangmen-2021", 500_000, on="2021-09-30")
    assert round_.allocation is not None
    assert round_.allocation.awards_fen.to_dict() == {"H1": 500_000}
    round_.save(tmp_path / "round")
    assert relief.verify(tmp_path / "round").seal == round_.seal


def test_several_become_one_round_and_what_two_share_is_a_fault(sent: Sent) -> None:
    other = copy.deepcopy(sent)
    other["household"] |= {"household_id": "H2", "applicant_id_number": None, "applicant_name": None}
    other = {"household": other["household"], "documents": other["documents"]}
    both = Application.together(map(Application.model_validate, (sent, other)))
    assert both["households"]["household_id"].tolist() == ["H1", "H2"]
    assert both["documents"]["household_id"].tolist() == ["H1"] * 3 + ["H2"] * 3
    assert {fault.code for fault in both.faults if fault.severity == "fault"} == {
        "fault.receipt_twice", "fault.account_twice",
    }  # fmt: skip


def test_everything_that_is_wrong_is_said_at_once_with_its_place(sent: Sent) -> None:
    sent["household"] |= {"income_yuan": "12.345", "income_fen": 3, "residence": "郊区"}
    del sent["documents"][0]["kind"]
    sent["documents"][1]["kind"] = " "
    sent["members"].append(sent["members"][0])
    sent["history"] = {}
    sent["rulings"] = [1]
    assert set(told(sent)) == {
        (("household", "income_yuan"), "fault.not_whole_fen"),
        (("household", "income_fen"), "application.unknown"),
        (("household", "residence"), "fault.choice"),
        (("documents", 0, "kind"), "application.required"),
        (("documents", 1, "kind"), "application.required"),
        (("members", 0, "id_number"), "fault.member_twice"),
        (("members", 3, "id_number"), "fault.member_twice"),
        (("history",), "application.not_rows"),
        (("rulings", 0), "application.not_an_object"),
    }


@pytest.mark.parametrize(
    ("household_id", "code"),
    [(None, "application.required"), ("无", "fault.id_missing"), (4.4e17, "fault.rounded"),
     ("合计", "application.no_record"), ("示例001", "application.no_record")],
)  # fmt: skip
def test_a_household_that_is_none_is_told_once(household_id: object, code: str) -> None:
    sent = {"household": {"household_id": household_id}, "members": [{}, {"name": "示例甲"}]}
    errors = told(sent)
    assert [error[1] for error in errors] == [code]
    assert errors[0][0][0] == "household"


def test_a_row_that_would_be_a_remark_is_told() -> None:
    household = {"household_id": "第一户：甲", "income_yuan": 1}
    assert told({"household": household, "members": [{}]}) == [(("members", 0), "application.no_record")]


@pytest.mark.parametrize("data", [None, 3, "申请", [], {"members": []}, {"household": 7}])
def test_what_is_no_application_is_refused(data: object) -> None:
    assert {code for _, code in told(data)} <= {"application.not_an_object", "application.required"}


def test_a_key_is_answered_with_the_field_that_is_meant_and_never_repeated_if_it_is_no_name() -> None:
    household = {"household_id": "H1", "income_fen": 1, "医疗费用个人自付": 1, "440703197806120003": 1}
    messages = {error["loc"][-1]: error["msg"] for error in refused({"household": household}, "en")}
    assert "near: income_yuan" in messages["income_fen"]
    assert "near: out_of_pocket_yuan" in messages["医…"]
    assert set(messages) == {"income_fen", "医…", "4…"}


def test_messages_are_chinese_unless_english_is_asked_for() -> None:
    household = {"household_id": "H1", "income_yuan": "{0}两"}
    chinese, english = (refused({"household": household}, lang)[0]["msg"] for lang in ("zh", "en"))
    assert chinese == "“{0}两”不是金额。请用数字填写金额（元），最多两位小数。"
    assert english.startswith("'{0}两' is not an amount of money. Write the amount in digits")


def test_no_whole_number_or_name_is_repeated() -> None:
    member = {"id_number": 440703197806120003, "name": "示例甲", "born_on": "四月", "relation": "本人"}
    with pytest.raises(ValidationError) as caught:
        Application.model_validate({"household": {"household_id": "H1"}, "members": [member, member]})
    text = f"{caught.value} {caught.value.errors()} {caught.value.json()}"
    assert not [secret for secret in ("440703197806120003", "示例甲") if secret in text]
    own = {"household_id": "H1", "applicant_name": "示例甲", "income_yuan": "44070319780612000"}
    read = Application.model_validate({"household": own})
    for shown in (repr(read), str(read), repr(read.household), f"{read.household}"):
        assert "H1" in shown
        assert "示例甲" not in shown
        assert "44070319780612000" not in shown


@pytest.mark.parametrize("text", ["{", "", "440703197806120003x", b"\xff", "[" * 100_000])
def test_a_text_that_is_no_json_is_refused_and_not_repeated(text: str | bytes) -> None:
    with pytest.raises(ValidationError) as caught:
        Application.model_validate_json(text, context={"lang": "en"})
    (error,) = caught.value.errors()
    assert (error["type"], error["input"]) == ("application.not_json", "")
    assert error["msg"].startswith("the text is no JSON")


def test_decimals_of_json_are_taken_to_the_last_digit() -> None:
    text = '{"household": {"household_id": "H1", "income_yuan": 12345678901234.56, "deposits_yuan": NaN}}'
    assert Application.model_validate_json(text).household.income_yuan == Decimal("12345678901234.56")


def test_an_application_is_taken_again_as_it_is_and_does_not_change(sent: Sent) -> None:
    application = Application.model_validate(sent)
    assert Application.model_validate(application) is application
    assert Application.model_validate_json(application.model_dump_json()) == application
    assert (
        Application(household=application.household, members=application.members).members
        == application.members
    )
    with pytest.raises(ValidationError):
        application.household = application.household


@pytest.mark.parametrize(
    "value",
    ["\ud800", 10**400, float("inf"), [[1]] * 100, {"a": {}}, object(), b"H1", "{x}{0}{", "\x1f1\x00"],
)
def test_whatever_a_field_holds_it_is_answered_and_the_answer_can_be_sent(value: object) -> None:
    household = {
        "household_id": "H1",
        "income_yuan": value,
        "residence": value,
        "applied_on": value,
        "\ud800": 1,
    }
    errors = refused({"household": household})
    assert {error["loc"][-1] for error in errors} == {"income_yuan", "residence", "applied_on", "?…"}
    json.dumps(errors, ensure_ascii=False).encode()


def test_what_the_reader_cannot_take_at_all_is_refused_without_a_word_of_it(
    sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(frames: object) -> None:
        raise relief.ReliefError("file.empty", name="示例甲")

    monkeypatch.setattr("relief.intake.application.read_tables", fail)
    (error,) = refused(sent)
    assert (error["type"], error["loc"], error["input"]) == ("application.unreadable", (), "")
    assert "示例甲" not in str(error)


# --- the schema -----------------------------------------------------------------------------------


def test_the_schema_takes_what_is_written_and_refuses_what_the_reader_would(sent: Sent) -> None:
    schema = Application.model_json_schema()
    checker = jsonschema.Draft202012Validator(schema)
    checker.check_schema(schema)
    written = json.loads(Application.model_validate(sent).model_dump_json())
    checker.validate(written)
    for key, value in [
        ("income_yuan", "12.345"), ("income_yuan", -1), ("income_fen", 1), ("household_size", 10_000),
        ("residence", "郊区"), ("household_id", None), ("housing_area", "-1.00"), ("union_member", 2),
    ]:  # fmt: skip
        wrong = written | {"household": written["household"] | {key: value}}
        assert not checker.is_valid(wrong), key
        assert told(wrong), key


def test_every_field_of_the_schema_says_what_it_is() -> None:
    definitions = Application.model_json_schema()["$defs"]
    assert len(definitions) == len(TABLES)
    columns = {field_name(c): c for table in TABLES for c in DICTIONARY[table].values()}
    for definition in definitions.values():
        assert definition["additionalProperties"] is False
        for key, field in definition["properties"].items():
            assert field["title"]
            assert field["description"]
            assert field.get("x-unit", "").startswith("yuan") == (columns[key].dtype == "money")


@pytest.mark.parametrize("of", ["application", "tables", "pack", "cases"])
def test_the_command_prints_a_schema_or_writes_it(
    of: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app(["schema", of], standalone_mode=False) == 0
    printed = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(printed)
    assert app(["schema", of, "--out", str(tmp_path / "s.json")], standalone_mode=False) == 0
    assert json.loads((tmp_path / "s.json").read_text("utf-8")) == printed


def test_the_command_names_the_schemas_that_there_are() -> None:
    with pytest.raises(relief.ReliefError, match="application, tables, pack, cases"):
        app(["schema", "formular"], standalone_mode=False)
