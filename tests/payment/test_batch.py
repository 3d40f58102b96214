"""Batches: what is written is read back, each debt is paid once, totals add up, nobody's name is changed."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.payment.banks import GIVEN, RARE, account, card, made, names

from relief.errors import PaymentError
from relief.money import fen
from relief.payment import Accounts, Finding, Ledger, batch, load_layout
from relief.sheets.files import read_sheets
from relief.sheets.sheet import Source

if TYPE_CHECKING:
    from relief.payment import Batch, Layout

DEBTS = st.dictionaries(
    st.tuples(st.sampled_from([f"H{at}" for at in range(9)]), st.sampled_from(["", "市级", "=中央"[1:]])),
    st.integers(1, 10**12),
    min_size=1,
    max_size=9,
)
DISTRICTS = {f"H{at}": ("江海区", "市直", "新会/区")[at % 3] for at in range(8)}


def rows_of(data: bytes, layout: Layout) -> list[list[str]]:
    """Read a file as somebody would who knows its layout and not relief."""
    if layout.format == "xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
        return [["" if cell.value is None else str(cell.value) for cell in row] for row in sheet.iter_rows()]
    text = data.decode(layout.encoding)
    if layout.format == "txt":
        return [line.split(layout.separator) for line in text.removesuffix("\r\n").split("\r\n")]
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=layout.separator))


def payments_in(made_: Batch, layout: Layout) -> list[tuple[str, str, str, int]]:
    """Return reference, holder, account and fen of every payment in the files."""
    places = [
        next(at for at, column in enumerate(layout.columns) if column.what == what)
        for what in ("ref", "holder", "account", "amount")
    ]
    found = []
    for data in made_.files.values():
        rows = rows_of(data, layout)[1:]  # a header, or the line of totals of `pipe`
        found += [tuple(row[at] for at in places) for row in rows]
    return [(ref, holder, number, fen(amount)) for ref, holder, number, amount in found]


@settings(max_examples=25)
@given(owed=DEBTS, holders=st.lists(names(), min_size=9, max_size=9), most=st.integers(1, 4),
       layout=st.sampled_from(["generic", "icbc", "pipe", "generic gb18030"]))  # fmt: skip
def test_what_is_written_is_read_back_to_the_character_and_the_fen(
    owed: dict[tuple[str, str], int], holders: list[str], most: int, layout: str
) -> None:
    name, _, encoding = layout.partition(" ")
    chosen = load_layout(name).model_copy(
        update={"most_rows": most} | ({"encoding": encoding} if encoding else {})
    )
    who = {f"H{at}": holder for at, holder in enumerate(holders)}
    result = made(owed, who, chosen, DISTRICTS)
    accounts = {
        household: account(household, at, holder) for at, (household, holder) in enumerate(who.items(), 1)
    }
    expected = [
        (
            payment.ref,
            accounts[payment.household_id].holder,
            accounts[payment.household_id].number,
            payment.fen,
        )
        for payment in result.payments
    ]
    assert payments_in(result, chosen) == expected
    assert {payment.key: payment.fen for payment in result.payments} == owed
    assert len({payment.ref for payment in result.payments}) == len(owed)
    assert sum(total.fen for total in result.totals) == sum(owed.values())
    by_source = Counter[str]()
    for (_, source), amount in owed.items():
        by_source[source] += amount
    told = Counter[str]()
    for total in result.totals:
        told[total.source] += total.fen
        assert total.file in result.files
    assert told == by_source
    assert made(owed, who, chosen, DISTRICTS).files == result.files


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
@pytest.mark.parametrize("name", RARE)
def test_reliefs_own_reader_reads_rare_names_back(name: str, encoding: str) -> None:
    layout = load_layout("generic").model_copy(update={"encoding": encoding})
    result = made({("a", ""): 5}, {"a": name}, layout)
    (sheet,) = read_sheets(Source("a.csv", result.files["R1-01.csv"]))
    assert sheet.row(1)[:3] == ["R1-0001", name, card(1)]


def test_a_name_that_the_encoding_lacks_holds_the_household_back_and_is_never_replaced() -> None:
    layout = load_layout("generic").model_copy(update={"encoding": "gbk"})
    result = made({("a", ""): 5, ("b", ""): 7, ("b", "市"): 8}, {"a": "王小明", "b": "𠮷田"}, layout)
    assert [payment.household_id for payment in result.payments] == ["a"]
    (held,) = result.held_back
    assert (held.household_id, held.code) == ("b", "account.cannot_hold")
    assert "户名" in held.reason("zh")
    assert "gbk" in held.reason("zh")
    assert "𠮷" not in held.reason("zh") + held.cure("zh")


@pytest.mark.parametrize(("holder", "layout"), [("=1+1", "generic"), ("@王", "icbc"), ("王|明", "pipe"),
                                                ("王\n明", "generic"), ("王\u202e明", "icbc")])  # fmt: skip
def test_a_name_that_computes_or_parts_a_row_is_held_back(holder: str, layout: str) -> None:
    result = made({("a", ""): 5}, {"a": holder}, layout)
    assert not result.payments
    assert not result.files
    assert [held.household_id for held in result.held_back] == ["a"]


def test_whoever_has_no_usable_account_is_held_back_with_the_reason_that_was_found() -> None:
    wrong = Finding("b", "account.check_digit", {"tail": "1", "count": 19})
    accounts, owed = Accounts({"a": account("a", 1)}, (wrong,)), {("a", ""): 1, ("b", ""): 2, ("c", ""): 3}
    generic = load_layout("generic")
    result = batch(owed, accounts, generic, ref_prefix="X", dated="2021-11-01", districts={})
    assert [(held.household_id, held.code) for held in result.held_back] == [
        ("b", "account.check_digit"), ("c", "account.none")
    ]  # fmt: skip
    assert result.totals[0].district == "未注明"


@pytest.mark.parametrize(
    ("amount", "two", "least"),
    [
        (123456700, "1234567.00", "1234567"),
        (5, "0.05", "0.05"),
        (10000, "100.00", "100"),
        (50, "0.50", "0.5"),
    ],
)
def test_amounts_have_two_decimals_no_sign_and_nothing_between_thousands(
    amount: int, two: str, least: str
) -> None:
    for decimals, text in (("two", two), ("least", least)):
        layout = load_layout("generic").model_copy(update={"decimals": decimals})
        data = made({("a", ""): amount}, {"a": "王"}, layout).files["R1-01.csv"]
        assert rows_of(data, layout)[1][4] == text


def test_a_workbook_has_accounts_as_text_amounts_as_numbers_and_no_clock() -> None:
    data = made({("a", ""): 123450}, {"a": "王小明"}, "icbc").files["R1-01.xlsx"]
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    cells = {sheet.cell(1, at).value: sheet.cell(2, at) for at in range(1, sheet.max_column + 1)}
    assert cells["收款账号"].value == card(1)
    assert (cells["收款账号"].data_type, cells["收款账号"].number_format) == ("s", "@")
    assert (cells["金额"].value, cells["金额"].data_type, cells["金额"].number_format) == (
        1234.5,
        "n",
        "0.00",
    )
    assert cells["付款账号"].value == GIVEN["payer_account"]
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert {entry.date_time[:3] for entry in package.infolist()} == {(1980, 1, 1)}
        assert b"2021-11-01T00:00:00Z" in package.read("docProps/core.xml")


def test_a_line_of_totals_says_how_many_and_how_much_of_its_own_file() -> None:
    owed = {(f"H{at}", ""): at + 1 for at in range(4)}
    result = made(owed, {f"H{at}": "王" for at in range(4)}, "pipe", DISTRICTS)
    lines = {name: data.decode("gb18030").splitlines() for name, data in result.files.items()}
    assert {name: found[0] for name, found in lines.items()} == {
        "R1-01-江海区.txt": "20211101|2|0.05", "R1-02-市直.txt": "20211101|1|0.02",
        "R1-03-新会区.txt": "20211101|1|0.03",
    }  # fmt: skip
    assert [len(found) for found in lines.values()] == [3, 2, 2]


def test_files_are_parted_by_district_and_source_and_none_is_too_long() -> None:
    owed = {(f"H{at}", source): 1 for at in range(6) for source in ("甲", "乙")}
    layout = load_layout("generic").model_copy(
        update={"one_file_per": ("district", "source"), "most_rows": 1}
    )
    result = made(owed, {f"H{at}": "王" for at in range(6)}, layout, DISTRICTS)
    assert len(result.files) == 12
    assert all(total.count == 1 for total in result.totals)
    assert next(iter(result.files)) == "R1-01-江海区-甲.csv"


@pytest.mark.parametrize("prefix", ["", "=R", "R 1", "中", "-R", "R" * 40, "R\n"])
def test_a_prefix_that_a_bank_may_change_is_refused(prefix: str) -> None:
    with pytest.raises(PaymentError, match="cannot begin"):
        made({("a", ""): 1}, {"a": "王"}, prefix=prefix)


def test_nothing_is_paid_that_is_not_above_zero() -> None:
    for amount in (0, -1):
        with pytest.raises(PaymentError):
            made({("a", ""): amount}, {"a": "王"})


def test_what_a_layout_wants_must_be_given_and_what_it_does_not_know_must_not() -> None:
    accounts = Accounts({"a": account("a", 1)})

    def of(layout: str, given: dict[str, str]) -> Batch:
        return batch({("a", ""): 1}, accounts, load_layout(layout), ref_prefix="R", dated="2021-11-01",
                     districts={}, given=given)  # fmt: skip

    assert b"\xe6\x85\xb0\xe9\x97\xae" in of("generic", {"purpose": "慰问"}).files["R-01.csv"]
    for layout, told, code in [
        ("icbc", {}, "batch.lacks_given"), ("generic", {"payee": "x"}, "batch.no_given"),
        ("generic", {"purpose": "=1"}, "batch.given_text"),
        ("pipe", {"purpose": "甲|乙"}, "batch.given_text"),
    ]:  # fmt: skip
        with pytest.raises(PaymentError) as error:
            of(layout, told)
        assert error.value.code == code


def test_a_batch_whose_totals_are_not_its_payments_cannot_exist() -> None:
    right = made({("a", ""): 5, ("b", ""): 6}, {"a": "王", "b": "李"})
    wrong = replace(right.totals[0], fen=12)
    for changes in (
        {"totals": (wrong,)}, {"totals": ()}, {"files": {}}, {"payments": right.payments[:1]},
        {"payments": (right.payments[0], right.payments[0])},
        {"payments": (right.payments[0], replace(right.payments[0], ref="R1-0002", fen=6))},
    ):  # fmt: skip
        with pytest.raises(PaymentError):
            replace(right, **changes)


def test_paying_twice_from_the_ledger_pays_only_what_came_back() -> None:
    ledger = Ledger({("a", ""): 500, ("b", ""): 700}, 1200)
    who = {"a": "王", "b": "李"}
    first = made(ledger.owed, who, prefix="R1-")
    ledger = ledger.pay(first.payments)
    assert made(ledger.owed, who, prefix="R2-").files == {}
    ledger = ledger.take_back({first.payments[1].ref: "销户"})
    second = made(ledger.owed, who, prefix="R2-")
    assert [(payment.ref, payment.key, payment.fen) for payment in second.payments] == [
        ("R2-0001", ("b", ""), 700)
    ]
    assert ledger.pay(second.payments).owed == {}


def test_no_repr_of_a_batch_shows_a_name_or_an_account() -> None:
    result = made({("a", ""): 5}, {"a": "王小明"})
    assert "王小明" not in repr(result)
    assert card(1) not in repr(result)
