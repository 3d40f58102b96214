"""Layouts: those that ship, and every wrong one refused with its place, its key and a cure."""

from __future__ import annotations

from pathlib import Path

import pytest

from relief.errors import PaymentError
from relief.payment import layout_names, load_layout
from relief.payment.layout import GIVEN, parse_layout

GENERIC = """\
name: mine
title: 我的银行
format: csv
columns:
  - {header: 编号, what: ref}
  - {header: 户名, what: holder}
  - {header: 账号, what: account}
  - {header: 金额, what: amount}
answer:
  ref: 编号
  status: 状态
  paid: [成功]
  returned: [失败]
"""


def refused(text: str) -> PaymentError:
    with pytest.raises(PaymentError) as error:
        parse_layout("mine.yaml", text.encode())
    return error.value


def test_the_layouts_that_ship_can_be_read() -> None:
    assert layout_names() == ["generic", "icbc", "pipe"]
    assert {load_layout(name).format for name in layout_names()} == {"csv", "xlsx", "txt"}
    assert [column.header for column in load_layout("icbc").columns][:3] == [
        "付款账号开户行", "付款账号", "付款账号名称"
    ]  # fmt: skip


def test_a_layout_of_ones_own_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(GENERIC, encoding="utf-8")
    assert load_layout(path).name == "mine"
    with pytest.raises(PaymentError) as error:
        load_layout(tmp_path / "other.yaml")
    assert error.value.code == "layout.unreadable"


def test_a_name_that_does_not_exist_is_told_with_those_that_do() -> None:
    with pytest.raises(PaymentError) as error:
        load_layout("generik")
    assert "near: generic" in error.value.text("en")
    assert "icbc" in error.value.text("zh")


@pytest.mark.parametrize(
    ("old", "new", "place", "key"),
    [
        ("format: csv", "format: pdf", "3:9", "format"),
        ("format: csv", "fromat: csv", "3:1", "fromat"),
        ("format: csv", "format: csv\nencoding: big5", "4:11", "encoding"),
        ("format: csv", "format: csv\nseparator: '#'", "4:12", "separator"),
        ("format: csv", "format: csv\nmost_rows: 0", "4:12", "most_rows: this is no number of rows"),
        ("format: csv", "format: csv\nmost_rows: 1.5", "4:12", "most_rows"),
        ("format: csv", "format: csv\nheader: 是", "4:9", "header"),
        ("format: csv", "format: csv\ndecimals: 3", "4:11", "decimals"),
        ("format: csv", "format: csv\none_file_per: [union]", "4:16", "one_file_per.0"),
        ("format: csv", "format: csv\ntotal: {place: middle, cells: [{what: sum}]}", "4:16", "total.place"),
        ("what: amount", "what: amuont", "8:24", "columns.3.what"),
        ("what: amount", "what: source", "5:3", "columns"),
        ("what: amount}", "what: amount}\n  - {header: 再, what: ref}", "9:23", "columns.4.what"),
        ("header: 金额", "header: 账号", "8:14", "columns.3.header"),
        ("{header: 金额, what", "{what", "8:5", "columns.3"),
        ("what: amount}", "what: amount}\n  - {header: 备注, what: constant}", "9:5", "columns.4"),
        ("what: amount}", "what: amount, text: 元}", "8:38", "columns.3.text"),
        ("what: amount}", "what: amount}\n  - {header: x, what: remark, text: =1}", "9:37", "columns.4.text"),
        ("returned: [失败]", "returned: [失败, 成功]", "13:18", "answer.returned.1"),
        ("  ref: 编号", "  ref: 0", "10:8", "answer.ref: this is no column"),
        ("  ref: 编号", "  ref: [编号]", "10:8", "answer.ref"),
        ("format: csv", "format: csv\none_file_per: district", "4:15", "one_file_per: a list is needed"),
        ("returned: [失败]", "returned: []", "13:13", "answer.returned"),
        ("  ref: 编号", "  header: false\n  ref: 编号", "11:8", "answer.ref"),
        ("title: 我的银行", "title: 1", "2:8", "title"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_line_key_and_cure(old: str, new: str, place: str, key: str) -> None:
    assert old in GENERIC
    error = refused(GENERIC.replace(old, new, 1))
    assert f"mine.yaml:{place}: {key}" in error.text("en")
    assert f"mine.yaml:{place}" in error.text("zh")
    assert key.partition(":")[0] in error.text("zh")


@pytest.mark.parametrize("text", ["", "a: [", "- a", "name: mine\nname: mine", "name: &a mine", "\x00"])
def test_what_is_no_layout_at_all_is_refused(text: str) -> None:
    assert refused(text).code == "layout.invalid"


def test_a_text_that_the_encoding_lacks_is_refused() -> None:
    wrong = GENERIC.replace("format: csv", "format: csv\nencoding: gbk").replace("户名", "户名\U00020bb7")
    assert refused(wrong).code == "layout.cannot_hold"
    parse_layout("mine.yaml", wrong.replace("gbk", "gb18030").encode())


def test_the_layout_of_the_docs_can_be_read() -> None:
    page = (Path(__file__).parents[2] / "docs" / "payment.md").read_text("utf-8")
    shown = parse_layout("docs.yaml", page.partition("```yaml\n")[2].partition("```")[0].encode())
    assert [column.what for column in shown.columns] == ["account", "holder", "amount", "purpose", "ref"]
    for what in GIVEN:
        assert f"`{what}`" in page
