"""Tests of relief.sheets.faults."""

from __future__ import annotations

from relief.sheets.faults import Fault, fault_table, in_order

FAULT = Fault(
    "fault.money", "fault", "a.xlsx", "家庭", "households", 7, "out_of_pocket_fen", "自付", "H1", "约五千"
)


def test_a_fault_says_where_what_and_how_to_mend_it() -> None:
    assert FAULT.place() == "a.xlsx 工作表“家庭” 第 7 行 “自付”列"
    assert FAULT.place("en") == "a.xlsx, sheet 家庭, row 7, column 自付"
    assert FAULT.problem() == "“约五千”不是金额"
    assert FAULT.problem("en") == "'约五千' is not an amount of money"
    assert "最多两位小数" in FAULT.cure()
    assert "two decimals" in FAULT.cure("en")


def test_the_sheet_of_a_text_is_not_said_twice() -> None:
    assert Fault("fault.money", "fault", "家庭.csv", "家庭", row=2).place("en") == "家庭.csv, row 2"


def test_a_table_of_faults_masks_ids() -> None:
    table = fault_table([FAULT, Fault("fault.id_missing", "fault", household_id="440703198001011234")], "en")
    assert table["household_id"].tolist() == ["H1", "440*************34"]
    assert table["problem"].tolist()[1] == "the row has no household id"
    assert list(fault_table([]).columns) == list(table.columns)


def test_faults_are_gone_through_by_sheet_and_row() -> None:
    places = [("a", "x", 7), ("a", "y", 2), ("a", "x", 3), ("b", "x", 1), ("a", "y", 0)]
    faults = [Fault("fault.money", "fault", source, sheet, row=row) for source, sheet, row in places]
    assert [fault.at for fault in in_order(faults)] == [
        ("a", "x", 3), ("a", "x", 7), ("a", "y", 0), ("a", "y", 2), ("b", "x", 1),
    ]  # fmt: skip
