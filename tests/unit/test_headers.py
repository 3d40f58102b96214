"""Tests of relief.intake.headers and relief.sheets.footers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from relief.errors import TableError
from relief.intake.headers import described, lay_out, looks_like_data, similar_header, table_of
from relief.money import JIAO
from relief.sheets.footers import rows_left_out
from relief.sheets.sheet import Sheet, make_sheet

HEADER = ["户编号", "区县", "个人自付"]


def sheet(*rows: list[Any], name: str = "名单", kind: Any = "workbook") -> Sheet:
    width = max(map(len, rows), default=0)
    cells = np.empty((len(rows), width), dtype=object)
    for at, row in enumerate(rows):
        cells[at, : len(row)] = row
    return make_sheet("a.xlsx", name, list(cells.T), np.arange(1, len(rows) + 1), kind=kind)


def names(found: Sheet, table: str = "households") -> dict[int, str]:
    return {place: header.column.name for place, header in lay_out(found, table).columns.items()}


def test_a_header_is_found_below_titles() -> None:
    found = sheet(["名单"], ["单位：万元", None, "2021年9月"], HEADER, ["H1", "新会区", 1])
    layout = lay_out(found, "households")
    assert (layout.start, layout.height, layout.factor) == (3, 1, 10_000)
    assert names(found) == {0: "household_id", 1: "district", 2: "out_of_pocket_fen"}


@pytest.mark.parametrize(
    ("title", "factor"),
    [
        ("单位：元", 1),
        ("金额单位:千元", 1_000),
        ("单位（万元）", 10_000),
        ("填报单位：元氏县总工会", 1),
        ("单 位 ： 万 元", 10_000),
    ],
)
def test_the_title_says_the_unit(title: str, factor: int) -> None:
    assert lay_out(sheet([title], HEADER, ["H1"]), "households").factor == factor


def test_a_unit_in_one_header_is_not_that_of_the_others() -> None:
    assert (
        lay_out(sheet(["户编号", "个人自付（单位：万元）", "家庭年收入"], ["H1"]), "households").factor == 1
    )


def test_a_header_over_two_rows_is_one() -> None:
    found = sheet(["户编号", "刚性支出", None], [None, "医疗费用", "教育费用"], ["H1", 1, 2])
    assert names(found) == {0: "household_id", 1: "rigid_illness_fen", 2: "rigid_schooling_fen"}
    assert lay_out(found, "households").start == 2


@pytest.mark.parametrize(
    ("upper", "lower", "factor"),
    [
        ([*HEADER[:2], "金额（万元）", None], [None, None, "个人自付", "家庭年收入"], 10_000),
        (HEADER, [None, None, "（万元）"], 10_000),
        ([*HEADER[:2], "医疗费用", None], [None, None, "个人自付", "个人自费"], None),
    ],
)
def test_the_unit_may_stand_in_either_row(upper: list[Any], lower: list[Any], factor: int | None) -> None:
    layout = lay_out(sheet(upper, lower, ["H1", "新会区", 1]), "households")
    assert (layout.start, layout.columns[2].column.name) == (2, "out_of_pocket_fen")
    assert layout.columns[2].factor == factor


def test_the_words_below_decide_not_the_group_above() -> None:
    upper, lower = ["户编号", "区县", "医疗费用", None, None], [None, None, "总费用", "医保报销", "个人自付"]
    assert names(sheet(upper, lower, ["H1", "新会区", 3, 2, 1])) == {
        0: "household_id", 1: "district", 4: "out_of_pocket_fen",
    }  # fmt: skip


@pytest.mark.parametrize("title", ["单位：百美元", "单位：美元", "单位：元（万元）", "万元 百元"])
def test_a_title_with_a_unit_that_is_not_understood_stops_the_sheet(title: str) -> None:
    with pytest.raises(TableError, match="Write one unit"):
        lay_out(sheet([title], HEADER, ["H1", "新会区", 1]), "households")


@pytest.mark.parametrize(
    ("upper", "factor"),
    [
        ("金额万元", 10_000),
        ("医疗费用 百元", 100),
        ("费用（角）", JIAO),
        ("超过万元", None),
        ("三角", None),
        ("共三十万元", None),
    ],
)
def test_a_group_states_its_unit_without_brackets_too(upper: str, factor: object) -> None:
    rows = ([*HEADER[:2], upper, None], [None, None, "个人自付", "家庭年收入"])
    layout = lay_out(sheet(*rows, ["H1", "新会区", 1]), "households")
    assert layout.columns[2].factor == factor


@pytest.mark.parametrize(
    ("name", "factor"), [("名单（万元）", 10_000), ("名单（单位：角）", JIAO), ("名单", 1)]
)
def test_the_name_of_a_sheet_may_state_the_unit(name: str, factor: object) -> None:
    assert lay_out(sheet(HEADER, ["H1", "新会区", 1], name=name), "households").factor == factor


@pytest.mark.parametrize(
    ("name", "title"), [("名单（美元）", ""), ("名单（万元）", "单位：元"), ("名单（分）", "")]
)
def test_a_name_of_a_sheet_that_does_not_settle_the_unit_stops_it(name: str, title: str) -> None:
    with pytest.raises(TableError, match="Write one unit"):
        lay_out(sheet([title], HEADER, ["H1", "新会区", 1], name=name), "households")


def test_a_title_may_say_that_amounts_are_in_fen() -> None:
    layout = lay_out(sheet(["单位：分"], HEADER, ["H1", "新会区", 1]), "households")
    assert layout.columns[2].in_fen
    assert layout.states_fen


@pytest.mark.parametrize("record", [["H一", "低保", "城乡"], ["", "低保", 5], ["", "低保", "2021-01-01"]])
def test_a_record_is_never_part_of_the_header(record: list[Any]) -> None:
    assert lay_out(sheet(["户编号", "类别", "备注"], record), "households").start == 1


def test_a_frame_has_its_header_on_top() -> None:
    found = sheet(["户编号", "x", "y"], HEADER, kind="frame", name="households")
    assert lay_out(found, "households").start == 1


def test_two_headers_of_one_meaning_stop_only_where_they_are_used() -> None:
    twins = sheet(["户编号", "个人自付", "自付金额"], ["H1", 1, 2])
    with pytest.raises(TableError, match="Keep one"):
        table_of(twins)
    assert table_of(sheet(["姓名", "职工姓名"], ["a", "b"], name="其他")) is None


def test_a_sheet_is_the_table_that_its_header_fits_best() -> None:
    assert table_of(sheet(["户编号", "材料类型", "票据号码"], name="Sheet1")).table == "documents"
    assert table_of(sheet(["户编号", "与申请人关系", "姓名"], name="Sheet2")).table == "members"
    assert table_of(sheet(["说明", "户编号"], name="Sheet3")) is None
    assert table_of(sheet()) is None


@pytest.mark.parametrize(
    ("row", "word"),
    [
        (["合  计", None, 5], "合计"), ([None, "合计", 5], "合计"), (["新会区小计", None, 5], "小计"),
        (["共 80 户", None, 5], "共80户"), (["填表人：张三", "审核：李四"], "填表"), (["备注：略"], "备注"),
        (["（盖章）"], "盖章"), (["本表一式两份，由工会留存。"], "本表…"),
        ([None, "江门市总工会职工服务中心办公室"], "江门…"),
    ],
)  # fmt: skip
def test_rows_that_are_no_record_are_known(row: list[Any], word: str) -> None:
    found = sheet(HEADER, ["H1", "新会区", 1], row)
    assert rows_left_out(found, lay_out(found, "households")) == {2: ("notice.footer", word)}


@pytest.mark.parametrize(
    "row",
    [
        ["H2"],
        ["家01", "新会区", 1],
        [None, "新会区", 1],
        ["2021年3号", "新会区", 1],
        ["合计一户的人家", "新会区", None],
    ],
)
def test_rows_that_may_be_households_are_kept(row: list[Any]) -> None:
    found = sheet(HEADER, row)
    left_out = rows_left_out(found, lay_out(found, "households"))
    assert left_out == {} or row[0] == "合计一户的人家"


@pytest.mark.parametrize(
    "first",
    ["Total", "TOTAL", "Grand Total", "Subtotal", "Sum", "总和", "汇总", "蓬江区汇总", "总数", "总额", "平均",
     "平均值", "平均数", "最大值", "【合计】", "合計", "總計", "新会区小计（2户）", "全市总计2户",
     "应发合计（元）", "其中：低保户"],
)  # fmt: skip
def test_totals_are_known_by_many_words(first: str) -> None:
    for row in ([first, None, 5], [None, first, 5]):
        found = sheet(HEADER, ["H1", "新会区", 1], ["H2", "新会区", 4], row)
        assert rows_left_out(found, lay_out(found, "households"))[3][0] == "notice.footer"


@pytest.mark.parametrize("first", ["审核01", "日期1", "备注1", "小计1", "共5户", "Total", "合计", "制表工会"])
def test_a_row_like_a_total_and_like_a_record_is_for_a_person(first: str) -> None:
    found = sheet(HEADER, ["H1", "新会区", 1], ["H2", "新会区", 4], [first, "新会区", 5])
    assert rows_left_out(found, lay_out(found, "households"))[3][0] == "fault.total_row"


@pytest.mark.parametrize("row", [["Summer1", "新会区", 5], [None, "制表工会", 5]])
def test_a_word_alone_makes_no_total(row: list[Any]) -> None:
    found = sheet(HEADER, ["H1", "新会区", 1], row)
    assert rows_left_out(found, lay_out(found, "households")) == {}


def test_ids_of_the_usual_kind_are_records_whatever_their_word() -> None:
    found = sheet(HEADER, *([f"审核{at:02}", "新会区", 1] for at in range(4)), ["合计", None, 4])
    assert rows_left_out(found, lay_out(found, "households")) == {5: ("notice.footer", "合计")}


@pytest.mark.parametrize(
    ("first", "second", "used"),
    [
        ("所属工会", "工作单位", 3),
        ("手机", "联系电话", 4),
        ("支行名称", "开户银行", 4),
        ("姓名", "户主姓名", 3),
    ],
)
def test_of_two_headers_that_nobody_needs_one_is_used_and_told(first: str, second: str, used: int) -> None:
    layout = lay_out(sheet([*HEADER, first, second], ["H1", "新会区", 1, "a", "b"]), "households")
    assert {3, 4} & layout.columns.keys() == {used}
    assert len(layout.twins) == 1


def test_of_two_ids_the_one_named_so_is_used_and_amounts_still_stop() -> None:
    layout = lay_out(sheet(["编号", *HEADER], [1, "H1", "新会区", 1]), "households")
    assert layout.twins == (("编号", "户编号"),)
    with pytest.raises(TableError, match="Keep one"):
        lay_out(sheet(["户编号", "区县", "所属区"], ["H1", "新会区", "江海区"]), "households")


def test_a_repeated_header_is_known() -> None:
    found = sheet(HEADER, ["H1", "新会区", 1], HEADER)
    assert rows_left_out(found, lay_out(found, "households")) == {2: ("notice.repeated_header", "")}


def left_out(*rows: list[object]) -> set[str]:
    """Return the codes of the rows that are no record."""
    found = sheet(*rows)
    return {code for code, _ in rows_left_out(found, lay_out(found, "households")).values()}


@pytest.mark.parametrize(
    "other",
    [
        ["户编号", "区县", "个人自付（万元）"], ["户编号", "个人自付", "区县"],
        ["家庭编号", "姓名", "自付金额"],
        ["户编号", "姓名", "与申请人关系"],
    ],
)  # fmt: skip
def test_another_header_below_stops_for_its_columns_mean_other_things(other: list[object]) -> None:
    """By the first header 0.5万元 would have been half a yuan."""
    with pytest.raises(TableError, match="row 3 is another header"):
        left_out(["户编号", "区县", "个人自付（元）"], ["H1", "新会区", 1], other, ["H2", "新会区", 0.5])


@pytest.mark.parametrize("again", [["户编号", "区县", "个人自付（元）"], ["户编号", "区县", "个人自付"]])
def test_the_same_header_again_stops_nobody(again: list[object]) -> None:
    rows = [["户编号", "区县", "个人自付（元）"], ["H1", "新会区", 1], again, ["H2", "新会区", 0.5]]
    assert left_out(*rows) == {"notice.repeated_header"}


@pytest.mark.parametrize("title", ["第二批（单位：万元）", "注：表中金额单位为万元"])
def test_another_unit_between_or_below_the_rows_stops(title: str) -> None:
    with pytest.raises(TableError, match="unit of '3: "):
        left_out(["户编号", "区县", "个人自付"], ["H1", "新会区", 1], [title, None, None])
    assert left_out(["户编号", "区县", "个人自付（万元）"], ["H1", "新会区", 1], [title, None, None]) == {
        "notice.footer"
    }
    same = [
        ["单位：万元", None, None],
        ["户编号", "区县", "个人自付"],
        ["H1", "新会区", 1],
        [title, None, None],
    ]
    assert left_out(*same) == {"notice.footer"}


def test_a_row_of_units_with_one_per_month_is_header_all_the_same() -> None:
    rows = [["户编号", "个人自付", "家庭年度总收入"], [None, "万元", "元/月"], ["H1", 0.1, 2000]]
    layout = lay_out(sheet(*rows), "households")
    assert (layout.height, layout.columns[1].factor) == (2, 10_000)
    assert layout.unknown == ("家庭年度总收入元/月",)


@pytest.mark.parametrize(
    "cell",
    [1, 1.5, True, "12", "-3.50", "1,234元", "2021-9-30", "2021年9月30日", "H001", "440703198001011234"],
)
def test_data_looks_like_data(cell: object) -> None:
    assert looks_like_data(cell)


@pytest.mark.parametrize(
    "cell", [None, "", "户编号", "2021年度医疗费用", "单位：万元", float("nan"), "household_id"]
)
def test_headers_do_not(cell: object) -> None:
    assert not looks_like_data(cell)


def test_what_is_seen_is_described_without_naming_anyone() -> None:
    assert described(["户编号", "星座"]) == "户编号、星座"
    assert described(["张三丰", "440703198001011234"]) == "张…、4…"


def test_a_similar_header_is_a_hint() -> None:
    assert similar_header(["x", "户编码"], "households") == "户编码 → 户编号"
    assert similar_header(["个人自付（2019年）"], "households") == "个人自付（2019年） → 个人自付"
    assert similar_header(["x"], "households") == ""
