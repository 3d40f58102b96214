"""The bank's answer: from every kind of file, and nothing taken over that does not fit a payment exactly."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relief.errors import PaymentError, ReliefError
from relief.payment import Ledger, Payment, load_layout, read_returned
from relief.sheets.sheet import Source

if TYPE_CHECKING:
    from pathlib import Path

    from relief.payment import Layout

PAYMENTS = [Payment(f"R1-000{at}", f"H{at}", "", at * 10050) for at in range(1, 5)]
HEADER = ["付款编号", "金额", "处理状态", "失败原因"]
GENERIC = load_layout("generic")


def right(*, returned: tuple[int, ...] = ()) -> list[list[Any]]:
    """Return the rows of an answer in which all was paid but some."""
    rows = []
    for at, payment in enumerate(PAYMENTS):
        amount = f"{payment.fen // 100:,}.{payment.fen % 100:02}"
        rows.append([payment.ref, amount, *(["失败", f"原因{at}"] if at in returned else ["成功", ""])])
    return rows


def as_csv(rows: list[list[Any]], encoding: str = "utf-8-sig", separator: str = ",") -> Source:
    lines = [
        separator.join(f'"{cell}"' if separator in str(cell) else str(cell) for cell in row) for row in rows
    ]
    return Source("回盘.csv", "\r\n".join(lines).encode(encoding))


def as_workbook(rows: list[list[Any]]) -> Source:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return Source("回盘.xlsx", stream.getvalue())


def read(source: Source, layout: Layout = GENERIC) -> dict[str, str]:
    return read_returned(source, layout, PAYMENTS)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030", "utf-16"])
def test_an_answer_is_read_from_text_in_any_encoding(encoding: str) -> None:
    rows = [HEADER, *right(returned=(1, 3))]
    assert read(as_csv(rows, encoding)) == {"R1-0002": "原因1", "R1-0004": "原因3"}


def test_an_answer_is_read_from_a_workbook_with_a_title_and_totals() -> None:
    rows = [
        ["某银行批量回盘"],
        [],
        HEADER,
        *right(returned=(0,)),
        ["合计", "1,005.00"],
        ["", "", "", "打印时间"],
    ]
    assert read(as_workbook(rows)) == {"R1-0001": "原因0"}
    numbers = [[ref, float(amount.replace(",", "")), *rest] for ref, amount, *rest in right(returned=(0,))]
    assert read(as_workbook([HEADER, *numbers])) == {"R1-0001": "原因0"}


def test_a_status_that_is_a_number_in_a_workbook_is_its_digits() -> None:
    answer = GENERIC.answer.model_copy(update={"paid": ("0",), "returned": ("17",)})
    layout = GENERIC.model_copy(update={"answer": answer})
    rows = [HEADER, ["R1-0001", 100.5, 0, ""], ["R1-0002", 201.0, 17, "销户"]]
    assert read(as_workbook(rows), layout) == {"R1-0002": "销户"}
    # As programs other than Excel write a whole number.
    whole, stream = zipfile.ZipFile(io.BytesIO(as_workbook(rows).data)), io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        for name in whole.namelist():
            package.writestr(name, whole.read(name).replace(b"<v>17</v>", b"<v>17.0</v>"))
    assert read(Source("回盘.xlsx", stream.getvalue()), layout) == {"R1-0002": "销户"}


def test_an_answer_without_a_header_is_read_by_the_numbers_of_its_columns() -> None:
    fields = [
        [str(at), "6200", "王", amount, "用途", ref, status, why]
        for at, (ref, amount, status, why) in enumerate(right(returned=(2,)), start=1)
    ]
    text = "\n".join(["20211101|4|1005.00", *("|".join(row).replace(",", "") for row in fields)])
    source = Source("a.txt", text.encode("gb18030"))
    assert read_returned(source, load_layout("pipe"), PAYMENTS) == {"R1-0003": "原因2"}


def test_an_answer_may_name_only_what_came_back_and_the_columns_stand_in_any_order() -> None:
    rows = [["处理状态", "备注", "金额", "失败原因", "付款编号"], ["退汇", "", "100.50", "", "R1-0001"]]
    assert read(as_csv(rows)) == {"R1-0001": "退汇"}


def test_an_answer_is_read_from_a_path(tmp_path: Path) -> None:
    path = tmp_path / "回盘.csv"
    path.write_bytes(as_csv([HEADER, *right(returned=(1,))]).data)
    assert read_returned(path, GENERIC, PAYMENTS) == {"R1-0002": "原因1"}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (["R9-0001", "1.00", "失败", ""], "no_payment"),
        (["", "1.00", "失败", ""], "no_payment"),
        (["R1-0001", "100.50", "成功", ""], "two_rows"),
        (["合计", "100.50", "失败", ""], "no_payment"),
    ],
)
def test_a_row_that_fits_no_payment_or_is_the_second_of_one_stops_all(row: list[str], code: str) -> None:
    with pytest.raises(PaymentError) as error:
        read(as_csv([HEADER, *right(returned=(1,)), row]))
    assert (error.value.code, error.value.facts["codes"]) == ("returned.refused", [f"returned.{code}"])
    assert error.value.facts["rows"] == "6"


@pytest.mark.parametrize(
    ("place", "cell", "code"),
    [
        (1, "100.51", "other_amount"), (1, "10050", "other_amount"), (1, "", "no_amount"),
        (1, "-100.50", "no_amount"), (1, "100.505", "no_amount"), (2, "处理中", "status"), (2, "", "status"),
        (2, "不成功", "status"), (2, "成功?", "status"), (0, "R1-00001", "no_payment"),
    ],
)  # fmt: skip
def test_a_cell_that_differs_or_is_not_known_is_refused(place: int, cell: str, code: str) -> None:
    rows = right(returned=(0, 2))
    rows[0][place] = cell
    with pytest.raises(PaymentError) as error:
        read(as_csv([HEADER, *rows]))
    assert error.value.facts["codes"] == [f"returned.{code}"]
    assert "第 2 行" in error.value.text("zh")


def test_all_that_is_wrong_is_told_at_once_and_of_much_the_first_few() -> None:
    rows = [["R9", "1", "成功", ""] for _ in range(9)]
    with pytest.raises(PaymentError) as error:
        read(as_csv([HEADER, *rows]))
    assert error.value.facts["rows"] == "2、3、4、5、6"
    assert "… +4" in error.value.text("en")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("", "returned.no_column"), ("付款编号,金额\nR1-0001,100.50", "returned.no_column"),
        ("编号,金额,处理状态,失败原因\nR1-0001,100.50,失败,", "returned.no_column"),
        ("付款编号|金额|处理状态|失败原因\nR1-0001|100.50|失败|", "returned.no_column"),
        ("付款编号,金额,处理状态,失败原因\n", "returned.empty"),
        ("付款编号,金额,处理状态,失败原因\n" + "x" * 200_000, "file.broken_csv"),
        ("<html><table><tr><td>付款编号</td></tr></table></html>", "file.not_a_table"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_answer_is_refused_and_never_taken_for_all_paid(data: str, code: str) -> None:
    with pytest.raises(ReliefError) as error:
        read(Source("回盘.csv", data.encode()))
    assert error.value.code == code


def test_a_layout_without_an_answer_reads_none() -> None:
    with pytest.raises(PaymentError) as error:
        read(as_csv([HEADER]), GENERIC.model_copy(update={"answer": None}))
    assert error.value.code == "returned.no_answer"


def test_a_number_in_the_banks_reason_is_masked() -> None:
    rows = [HEADER, ["R1-0001", "100.50", "失败", "账号6200000000000001019不存在"]]
    assert "000000001" not in read(as_csv(rows))["R1-0001"]


@settings(max_examples=60)
@given(places=st.sets(st.integers(0, 3)), order=st.permutations(range(4)))
def test_what_came_back_is_owed_again_and_nothing_else(places: set[int], order: list[int]) -> None:
    ledger = Ledger({payment.key: payment.fen for payment in PAYMENTS}, 10**9).pay(PAYMENTS)
    rows = right(returned=tuple(places))
    answer = read(as_csv([HEADER, *(rows[at] for at in order)]))
    assert answer == {PAYMENTS[at].ref: f"原因{at}" for at in places}
    assert ledger.take_back(answer).owed == {PAYMENTS[at].key: PAYMENTS[at].fen for at in sorted(places)}


WHOLE = [(GENERIC, as_csv([HEADER, *right()]).data), (GENERIC, as_workbook([HEADER, *right()]).data),
         (load_layout("pipe"), as_csv(right(), separator="|").data)]  # fmt: skip


@settings(max_examples=60)
@given(st.binary(max_size=80), st.integers(0, 200), st.integers(0, 40), st.sampled_from(WHOLE))
def test_damaged_bytes_are_refused_in_words(
    junk: bytes, place: int, length: int, kind: tuple[Layout, bytes]
) -> None:
    layout, whole = kind
    data = whole[:place] + junk + whole[place + length :]
    try:
        answer = read_returned(Source("a", data), layout, PAYMENTS)
    except ReliefError:
        return
    assert set(answer) <= {payment.ref for payment in PAYMENTS}
