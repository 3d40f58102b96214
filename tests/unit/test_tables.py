"""Tests of relief.intake.tables, relief.intake.records and relief.intake.identity."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from relief.errors import TableError
from relief.intake.tables import Tables, parse, read_tables
from relief.sheets.files import Source
from relief.sheets.places import District

NEEDED = {("households", "out_of_pocket_fen"), ("members", "income_fen")}
HOUSEHOLDS = pd.DataFrame(
    {"户编号": ["H1", "H2", "H3"], "区县": ["江海", "江海区", None], "个人自付": ["1", 2, 3.5]}
)


def csv(name: str, text: str) -> Source:
    return Source(name, text.encode())


def codes(tables: Tables) -> list[tuple[str, int]]:
    return [(fault.code, fault.row) for fault in tables.faults]


def test_frames_are_typed() -> None:
    tables = read_tables(
        {"households": HOUSEHOLDS.assign(申请日期="2021-09-30", 会员="是", 城乡="城镇", 房产套数=1)}
    )
    types = tables["households"].dtypes.astype(str).to_dict()
    assert types == {
        "household_id": "object", "district": "category", "out_of_pocket_fen": "Int64",
        "applied_on": "datetime64[s]", "union_member": "boolean",
        "residence": "category", "homes_count": "Int64",
    }  # fmt: skip
    assert tables["households"]["out_of_pocket_fen"].tolist() == [100, 200, 350]
    assert tables.origins["households"]["row"].tolist() == [1, 2, 3]
    assert "members" not in tables
    assert read_tables(tables) is tables


def test_an_index_that_names_a_column_is_one() -> None:
    read = read_tables({"households": HOUSEHOLDS.set_index("户编号")})
    assert read["households"]["household_id"].tolist() == ["H1", "H2", "H3"]


class Foreign:
    """A frame of another library."""

    def to_pandas(self) -> pd.DataFrame:
        """Return it as pandas has it."""
        return HOUSEHOLDS


def test_frames_of_other_libraries_are_welcome() -> None:
    assert len(read_tables({"households": Foreign()})["households"]) == 3


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ({}, "table.no_households"), ({"people": HOUSEHOLDS}, "table.unknown_name"),
        ({1: HOUSEHOLDS}, "table.unknown_name"),
        ({"households": [1]}, "table.no_frame"), ({"households": None}, "table.no_frame"),
        ({"households": pd.DataFrame()}, "table.no_households"),
        ({"households": HOUSEHOLDS[["区县"]]}, "table.no_column"),
        ({"households": HOUSEHOLDS.assign(自付金额=1)}, "table.two_columns"),
        ({"households": pd.DataFrame([["H1", "H2"]], columns=["户编号", "户编号"])}, "table.two_columns"),
    ],
)  # fmt: skip
def test_frames_that_cannot_be_used(frames: Any, code: str) -> None:
    with pytest.raises(TableError) as error:
        read_tables(frames)
    assert error.value.code == code
    assert error.value.text("zh")


def test_cells_of_any_kind_are_read_or_faults() -> None:
    odd = [[1], {2}, object, 1j, pd.Timedelta(1), b"x", float("inf"), pd.NaT]
    tables = read_tables(
        {"households": pd.DataFrame({"户编号": map(str, range(8)), "个人自付": odd, "会员": odd})}
    )
    assert [code for code, _ in codes(tables)].count("fault.money") == 7
    assert len(tables.usable(NEEDED)[0]["households"]) == 1


def test_a_fault_in_a_column_that_is_not_needed_stops_nobody() -> None:
    tables = parse([csv("名单.csv", "户编号,个人自付,申请日期\nH1,1,昨天\n")])
    assert len(tables.usable(NEEDED)[0]["households"]) == 1
    assert len(tables.usable({("households", "applied_on")})[0]["households"]) == 0


def test_all_faults_of_a_household_stand_in_one_row() -> None:
    tables = parse(
        [csv("家庭.csv", "户编号,个人自付\nH1,x\nH2,1\n"), csv("成员.csv", "户编号,年收入\nH1,y\nH2,z\n")]
    )
    usable, quarantine = tables.usable(NEEDED)
    assert usable["households"].empty
    assert usable["members"].empty
    assert quarantine["household_id"].tolist() == ["H1", "H2"]
    assert quarantine["value"].tolist() == ["x；y", "z"]
    assert quarantine["problem"].tolist()[1] == "成员.csv 第 3 行 “年收入”列：“z”不是金额"


def test_rows_are_told_apart_by_file_and_sheet() -> None:
    tables = parse(
        [csv("申请.csv", "户编号,个人自付\n,1\nH2,2\n"), csv("名单.csv", "户编号,个人自付\nH3,3\nH4,4\n")]
    )
    usable, quarantine = tables.usable(NEEDED)
    assert sorted(usable["households"]["household_id"]) == ["H2", "H3", "H4"]
    assert quarantine[["source", "row"]].to_numpy().tolist() == [["申请.csv", 2]]


def test_many_duplicates_take_no_longer_than_they_must() -> None:
    tables = read_tables({"households": pd.DataFrame({"户编号": ["H1"] * 3_000, "个人自付": 1})})
    assert len(tables.faults) == 3_000
    assert tables.faults[0].facts["others"] == "2, 3, 4, 5, 6"
    assert tables.usable(NEEDED)[0]["households"].empty


def test_a_total_beyond_64_bits_is_still_exact() -> None:
    most = "90000000000000000.00"
    text = f"户编号,个人自付\nH1,{most}\nH2,{most}\n合计,5\n"
    warning = next(fault for fault in parse([csv("名单.csv", text)]).faults if fault.code == "warning.total")
    assert (warning.facts["stated"], warning.facts["total"]) == ("5.00", "180,000,000,000,000,000.00")


def test_districts_are_resolved_and_unknown_ones_are_faults() -> None:
    tables = read_tables({"households": HOUSEHOLDS}).located([District("江海区", "440704", ("江海",))])
    assert tables["households"]["district"].astype(object).fillna("").tolist() == ["江海区", "江海区", ""]
    unknown = read_tables({"households": HOUSEHOLDS}).located([District("新会区")])
    assert codes(unknown) == [("fault.district", 1), ("fault.district", 2)]
    assert unknown.usable(NEEDED)[0]["households"].shape[0] == 3
    assert unknown.usable({("households", "district")})[0]["households"].shape[0] == 1


def test_registry_rows_need_no_household() -> None:
    registry = "数据来源,核对事项,核对结果,身份证号\n公安局,机动车,无,440703198001011234\n"
    assert parse([csv("家庭.csv", "户编号,个人自付\nH1,1\n"), csv("比对.csv", registry)]).faults == ()


def test_what_else_lay_in_a_folder_is_told() -> None:
    tables = parse([csv("家庭.csv", "户编号,个人自付\nH1,1\n"), Source("照片.jpg", b"")])
    assert codes(tables) == [("notice.file_unread", 0)]
    assert [source.name for source in tables.sources] == ["家庭.csv", "照片.jpg"]


def test_reading_does_not_change_what_was_given() -> None:
    before = HOUSEHOLDS.copy(deep=True)
    read_tables({"households": HOUSEHOLDS}).usable(NEEDED)
    pd.testing.assert_frame_equal(HOUSEHOLDS, before)


IDS = ("440703198001011234", "440703198502022345")


def sheets(**tables: dict[str, list[Any]]) -> Tables:
    return read_tables({name: pd.DataFrame(columns) for name, columns in tables.items()})


def test_a_receipt_that_stands_twice_sets_both_households_aside() -> None:
    documents = {
        "户编号": ["H1", "H2", "H3", "H3"],
        "材料类型": "医疗收据",
        "票据号码": ["77", "77", "78", None],
    }
    tables = sheets(households=HOUSEHOLDS.to_dict("list"), documents=documents)
    assert codes(tables) == [("fault.receipt_twice", 1), ("fault.receipt_twice", 2)]
    usable, quarantine = tables.usable({("documents", "kind")})
    assert usable["households"]["household_id"].tolist() == ["H3"]
    assert "票据 77 重复，另见第 2 行" in quarantine["problem"].iloc[0]


def test_a_paper_that_stands_twice_in_a_household_is_a_fault() -> None:
    documents = {"户编号": ["H1", "H1", "H2"], "材料类型": "医疗收据", "材料编号": ["1", "1", "1"]}
    tables = sheets(households=HOUSEHOLDS.to_dict("list"), documents=documents)
    assert codes(tables) == [("fault.receipt_twice", 1), ("fault.receipt_twice", 2)]


def test_a_member_who_stands_twice_is_a_fault() -> None:
    members = {
        "户编号": ["H1", "H1", "H2", "H2", "H2"],
        "成员编号": ["1", "2", "1", "1", "1"],
        "姓名": ["张三", "张三", "李四", "李四", "王五"],
        "身份证号": [IDS[0], f" {IDS[0]}", None, None, None],
    }
    tables = sheets(households=HOUSEHOLDS.to_dict("list"), members=members)
    assert [code for code in codes(tables) if code[0] == "fault.member_twice"] == [
        ("fault.member_twice", row) for row in (1, 2, 3, 4)
    ]
    assert not any(name in fault.problem("zh") for fault in tables.faults for name in (*IDS, "张三", "李四"))


@pytest.mark.parametrize("written", ["4.40703E+17", "1.00E+05", True, dt.date(2021, 1, 2)])
def test_what_excel_made_of_an_id_is_a_fault(written: Any) -> None:
    tables = sheets(households={"户编号": ["H1", written], "个人自付": [1, 2]})
    assert tables["households"]["household_id"].tolist() == ["H1", None]
    assert [fault.severity for fault in tables.faults] == ["fault"]


@pytest.mark.parametrize("written", ["-", "—", "/", "N/A", "无", "nan", "NaN"])
def test_words_for_nothing_are_no_id(written: str) -> None:
    tables = sheets(households={"户编号": ["H1", written], "个人自付": [1, 2]})
    assert codes(tables) == [("fault.id_missing", 2)]


def test_a_protected_text_is_the_text() -> None:
    for text in ('="001"', '"=""001"""'):
        tables = parse([csv("家庭.csv", f"户编号,个人自付\n{text},1\n")])
        assert tables["households"]["household_id"].tolist() == ["001"]


def test_a_float_in_a_text_is_read_as_the_float() -> None:
    tables = parse(
        [csv("家庭.csv", "户编号,个人自付\nH1,0.30000000000000004\nH2,1234.565\nH3,1.0000000000000001\n")]
    )
    assert tables["households"]["out_of_pocket_fen"].fillna(-1).tolist() == [30, -1, -1]
    assert [fault.code for fault in tables.faults] == ["fault.not_whole_fen"] * 2


@pytest.mark.parametrize("header", ["个人自付", "个人自付（元）"])
def test_a_bare_outlier_among_few_is_told(header: str) -> None:
    amounts = [5000, 6000, 7000, 4000, 3000, 1.2]
    tables = sheets(households={"户编号": [f"H{at}" for at in range(6)], header: amounts})
    assert codes(tables) == [("warning.unit", 6)]


def test_a_person_of_two_households_is_told_at_both() -> None:
    households = HOUSEHOLDS.assign(申请人身份证号=[IDS[0], IDS[1], IDS[0]]).to_dict("list")
    members = {"户编号": ["H1", "H3"], "身份证号": [IDS[0], IDS[1]]}
    tables = sheets(households=households, members=members)
    assert {(f.table, f.row) for f in tables.faults} == {
        ("households", 1), ("households", 2), ("households", 3), ("members", 1), ("members", 2),
    }  # fmt: skip
    assert tables.usable(NEEDED)[1].empty
    assert len(tables.usable({("households", "applicant_id_number"), ("members", "id_number")})[1]) == 3


@pytest.mark.parametrize(("size", "is_short"), [(None, True), ("3", False)])
def test_a_member_whose_household_is_mistyped_is_not_silently_missing(
    size: str | None, is_short: bool
) -> None:
    """The household's size would be counted from the members, one short."""
    homes = pd.DataFrame({"户编号": ["H001", "H002"], "共同生活人口": [size, "1"], "个人自付": 1})
    read = read_tables({"households": homes, "members": pd.DataFrame({"户编号": ["H001", "HOO1", "x9"]})})
    assert [(f.code, f.row, f.household_id) for f in read.faults] == [
        ("fault.orphan", 2, "HOO1"),
        *([("warning.member_short", 2, "H001")] if is_short else []),
        ("fault.orphan", 3, "x9"),
    ]


def test_ids_that_differ_only_in_how_they_are_written_are_told() -> None:
    homes = pd.DataFrame({"户编号": ["H1", "h 1", "H01", "H10", "1-01", "10-1", "2", "2.0"], "个人自付": 1})
    told = {f.row: f.facts["others"] for f in read_tables({"households": homes}).faults}
    assert told == {1: "2, 3", 2: "1, 3", 3: "1, 2", 7: "8", 8: "7"}


@pytest.mark.parametrize(("cell", "said"), [("一千", "without 1 cells"), ("1000.5", "")])
def test_a_total_that_does_not_agree_names_the_cells_that_could_not_be_read(cell: str, said: str) -> None:
    text = f"户编号,区县,个人自付\nH1,蓬江区,{cell}\nH2,蓬江区,2000\n合计,,3000\n"
    (told,) = [fault for fault in parse([csv("名单.csv", text)]).faults if fault.code == "warning.total"]
    assert ("could not be read" in told.problem("en")) is bool(said)
    assert said in told.problem("en")


def test_a_column_of_the_bank_account_is_known_by_its_longest_name() -> None:
    homes = pd.DataFrame({"户编号": ["H1"], "开户银行账号": ["6222020000000001"], "开户行": ["示例银行"]})
    read = read_tables({"households": homes.assign(个人自付=1)})
    assert read["households"][["bank_account", "bank_name"]].iloc[0].tolist() == [
        "6222020000000001",
        "示例银行",
    ]
