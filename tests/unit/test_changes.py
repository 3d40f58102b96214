"""Whatever reading changes is counted per column, in the record and for who checks; and no value is in it."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from tests.books.make import BOOKS
from tests.books.writers import xlsx
from typer.testing import CliRunner

import relief
from relief.cli.command import app
from relief.intake.mapping import mapping_source
from relief.intake.tables import parse
from relief.sheets.sheet import Source

if TYPE_CHECKING:
    from pathlib import Path

Kinds = dict[tuple[str, str], int]


def changed(*rows: list[Any], more: tuple[Source, ...] = ()) -> Kinds:
    tables = parse([Source("名单.xlsx", xlsx({"名单": list(rows)})), *more])
    return {(c.code, c.column): c.count for c in tables.changes}


def test_a_sheet_that_is_read_as_it_stands_tells_no_change() -> None:
    header = ["户编号", "区县", "医疗费用个人自付", "申请日期", "城乡", "是否低保"]
    assert changed(header, ["H1", "新会区", 100.5, dt.date(2021, 9, 30), "城镇", "是"]) == {}


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        ("医疗费用个人自付", [100, "1,200元", "3万", "5角"], {"unit_in_cell": 2, "amount_text": 1}),
        ("医疗费用个人自付（万元）", [1.2, "3元", None, "x"], {"synonym": 1, "unit": 1, "amount_text": 1}),
        ("家庭年收入", [1], {"synonym": 1}),
        ("申请日期", ["2021.9.30", "2021-09-30", 44469, "30/9/21"], {"date_text": 1, "date_serial": 1}),
        ("申请人", ["张 三", " 李四", "Ａ"], {"width": 2}),
        ("银行卡号", [62220200123, "62220200124"], {"number_as_text": 1}),
        ("城乡", ["城镇", "城市", "乡村"], {"word": 2}),
        ("房产套数", ["无", 1, "２", None], {"zero": 1}),
    ],
)
def test_each_kind_of_change_is_counted(header: str, cells: list[Any], expected: dict[str, int]) -> None:
    found = changed(["户编号", header], *([f"H{at}", cell] for at, cell in enumerate(cells)))
    assert {code: count for (code, _), count in found.items()} == expected


def test_the_star_of_a_required_header_in_the_template_is_no_change() -> None:
    assert changed(["*户编号", "*申请人"], ["H1", "示例甲"]) == {}


def test_amounts_longer_than_excel_shows_are_counted() -> None:
    for cells in ([0.1 + 0.2, 0.3], ["0.30000000000000004", "0.3"]):
        frame = pd.DataFrame({"户编号": ["a", "b"], "医疗费用个人自付": cells})
        assert [(c.code, c.count) for c in relief.read_tables(frame).changes] == [("fifteen_digits", 1)]


def test_rows_headers_and_hidden_parts_are_counted() -> None:
    found = {name: BOOKS[name].build() for name in BOOKS}
    for name, code in (
        ("a_total_and_signatures_below", "footer"), ("a_header_on_every_page", "repeated_header"),
        ("a_header_of_three_rows", "tall_header"), ("a_district_merged_over_rows", "merged"),
        ("a_hidden_row", "hidden_rows"), ("a_hidden_column", "hidden_columns"),
        ("a_hidden_sheet", "hidden_sheet"), ("members_side_by_side_with_numbers", "unfolded"),
    ):  # fmt: skip
        tables = parse([Source(file, data) for file, data in found[name].items()])
        assert code in {change.code for change in tables.changes}, name


def test_a_mapping_that_was_used_is_counted() -> None:
    mapping = mapping_source("表头.map.csv", {"花的钱": "out_of_pocket_fen"})
    found = changed(["户编号", "花的钱"], ["H1", 1], more=(mapping,))
    assert found[("mapped", "")] == 1


def test_the_record_holds_the_changes_and_no_value(tmp_path: Path) -> None:
    rows = [["户编号", "申请人", "个人自付（万元）"], ["H１", "张三丰 ", 1.2], ["合计", None, 1.2]]
    place = tmp_path / "名单.xlsx"
    place.write_bytes(xlsx({"名单": rows}))
    record = relief.split(place, 100_00).record
    assert [(c["change"], c.get("column", ""), c["count"]) for c in record["changes"]] == [
        ("footer", "", 1), ("width", "applicant_name", 1), ("width", "household_id", 1),
        ("synonym", "out_of_pocket_fen", 1), ("unit", "out_of_pocket_fen", 1),
    ]  # fmt: skip
    assert "张三丰" not in json.dumps(record["changes"], ensure_ascii=False)
    relief.split(place, 100_00).save(tmp_path / "round")
    assert relief.verify(tmp_path / "round").record["changes"] == record["changes"]


def test_check_shows_what_was_changed(tmp_path: Path) -> None:
    place = tmp_path / "名单.xlsx"
    place.write_bytes(xlsx({"名单": [["户编号", "个人自付（万元）"], ["H1", 1.2]]}))
    assert "1 个金额乘以 10000 换算为元" in CliRunner().invoke(app, ["check", str(place)]).output
    told = json.loads(CliRunner().invoke(app, ["check", str(place), "--json"]).output)
    assert [change["change"] for change in told["changes"]] == ["synonym", "unit"]
    words = [change.sentence("en") for change in relief.read_tables(place).changes]
    assert "multiplied by 10000" in words[1]
