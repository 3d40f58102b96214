"""Tests of reading Parquet and Arrow: relief.sheets.arrow, relief.sheets.plain, and frames that stream."""

from __future__ import annotations

import contextlib
import datetime as dt
import struct
import sys
import zipfile
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from tests.stores import as_arrow, sample, stored

from relief.errors import FileError, MissingExtraError, TableError
from relief.intake.tables import Tables, read_tables
from relief.sheets.arrow import read_arrow_file
from relief.sheets.files import read_sheets
from relief.sheets.sheet import Source

pa = pytest.importorskip("pyarrow", reason="pip install 'relief[parquet]'")
from pyarrow import parquet  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module", name="sample")
def read_sample() -> Tables:
    return sample(15)


def same(one: Tables, other: Tables) -> None:
    assert list(one.frames) == list(other.frames)
    for table, frame in one.frames.items():
        again = other[table][list(frame.columns)]
        assert set(other[table].columns) == set(frame.columns)
        pd.testing.assert_frame_equal(frame, again)


def to_parquet(table: Any, **options: Any) -> Source:
    stream = pa.BufferOutputStream()
    parquet.write_table(table, stream, **options)
    return Source("households.parquet", stream.getvalue().to_pybytes())


def cells(values: Any, kind: Any = None) -> list[Any]:
    """Return what becomes of a column of a Parquet file."""
    table = pa.table({"household_id": ["H"] * len(values), "x": pa.array(values, kind)})
    return read_arrow_file(to_parquet(table)).columns[1][1:].tolist()


def read_one(**columns: Any) -> Tables:
    count = len(next(iter(columns.values())))
    return read_tables(pa.table({"household_id": [f"H{n}" for n in range(count)], **columns}))


@pytest.mark.parametrize("money", ["yuan", "fen", "text", "float"])
def test_a_folder_of_parquet_gives_the_tables_of_the_workbook(
    money: Any, sample: Tables, tmp_path: Path
) -> None:
    for table, columns in stored(sample, money).items():
        parquet.write_table(as_arrow(columns), tmp_path / f"{table}.parquet")
    same(sample, read_tables(tmp_path))


@pytest.mark.parametrize("titled", [False, True], ids=["names", "titles"])
def test_tables_of_arrow_in_memory_give_the_tables_of_the_workbook(titled: bool, sample: Tables) -> None:
    same(sample, read_tables({name: as_arrow(c) for name, c in stored(sample, titled=titled).items()}))


def test_arrow_files_and_zipped_parquet_are_read_too(sample: Tables, tmp_path: Path) -> None:
    tables = {name: as_arrow(columns) for name, columns in stored(sample).items()}
    (tmp_path / "arrow").mkdir()
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as package:
        for name, table in tables.items():
            package.writestr(f"{name}.parquet", to_parquet(table).data)
            with pa.ipc.new_file(str(tmp_path / "arrow" / f"{name}.arrow"), table.schema) as writer:
                writer.write_table(table, max_chunksize=7)
    same(sample, read_tables(tmp_path / "all.zip"))
    same(sample, read_tables(tmp_path / "arrow"))


def test_a_file_of_any_name_is_read_as_the_table_that_its_columns_are_of(tmp_path: Path) -> None:
    table = pa.table({"户编号": ["H1"], "个人自付": [Decimal("3.10")]})
    parquet.write_table(table, tmp_path / "x.parquet")
    assert read_tables(tmp_path / "x.parquet")["households"]["out_of_pocket_fen"].tolist() == [310]


def test_a_table_of_many_files_is_one_and_folders_name_columns(tmp_path: Path) -> None:
    for number, folder in enumerate(
        ["district=江海区", "district=%E5%B8%82%E7%9B%B4", "district=__HIVE_DEFAULT_PARTITION__"]
    ):
        (tmp_path / "households.parquet" / folder).mkdir(parents=True)
        table = pa.table({"household_id": [f"H{number}"], "out_of_pocket_fen": [number]})
        parquet.write_table(table, tmp_path / "households.parquet" / folder / "part-0.parquet")
    frame = read_tables(tmp_path / "households.parquet")["households"].sort_values("household_id")
    assert frame["district"].astype(object).fillna("").tolist() == ["江海区", "市直", ""]
    assert frame["out_of_pocket_fen"].tolist() == [0, 1, 2]


def test_whatever_streams_arrow_is_a_frame() -> None:
    class Streams:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return pa.table({"household_id": ["H1"], "个人自付": ["2元"]}).__arrow_c_stream__(
                requested_schema
            )

    for given in (Streams(), {"households": Streams()}):
        assert read_tables(given)["households"]["out_of_pocket_fen"].tolist() == [200]
    with pytest.raises(TableError) as caught:
        read_tables({"households": pa.array([1])})
    assert caught.value.code == "table.no_frame"


def test_faults_are_those_of_a_workbook_by_table_row_and_column(tmp_path: Path) -> None:
    rows = {
        "household_id": ["H1", "H2", "H2", None],
        "个人自付": ["12.345", "三千", "1", "2"],
        "申请日期": ["2021-13-01", "2021年9月", None, None],
    }
    parquet.write_table(pa.table(rows), tmp_path / "households.parquet")
    pd.DataFrame(rows).to_csv(tmp_path / "households.csv", index=False)
    found = read_tables(tmp_path / "households.parquet").faults
    known = read_tables(tmp_path / "households.csv").faults
    assert [(f.code, f.table, f.row + 1, f.column, f.header, f.value) for f in found] == [
        (f.code, f.table, f.row, f.column, f.header, f.value) for f in known
    ]
    assert {"fault.not_whole_fen", "fault.money", "fault.date", "fault.month"} <= {f.code for f in found}
    assert found[0].place("en") == "households.parquet, row 1, column 个人自付"


# --- kinds of columns ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([1_740_000_000_000_000_001, 42], pa.int64(), ["1740000000000000001", 42]),
        ([Decimal("1.50"), Decimal("100.00")], pa.decimal128(10, 2), ["1.50", "100.00"]),
        ([Decimal("0.0000000001")], pa.decimal128(20, 10), ["0.0000000001"]),
        ([b"\xe6\xb1\x9f"], pa.binary(), ["江"]),
        (["甲", "乙", None, "甲"], pa.dictionary(pa.int8(), pa.string()), ["甲", "乙", None, "甲"]),
        ([True, None], pa.bool_(), [True, None]),
        ([None], pa.null(), [None]),
        ([float("nan"), 0.5], pa.float64(), [None, 0.5]),
        ([dt.date(2021, 9, 30)], pa.date32(), [dt.date(2021, 9, 30)]),
        ([dt.datetime(2021, 9, 30, 8)], pa.timestamp("ns"), [dt.datetime(2021, 9, 30, 8)]),
        ([["a"]], pa.list_(pa.string()), ["['a']"]),
    ],
    ids=lambda value: str(value) if isinstance(value, pa.DataType) else "",
)
def test_a_column_becomes_cells(values: Any, kind: Any, expected: Any) -> None:
    assert cells(values, kind) == expected


def test_a_moment_with_a_zone_is_a_day_in_china() -> None:
    moment = pa.array([dt.datetime(2021, 9, 29, 16, tzinfo=dt.UTC)], pa.timestamp("us", "America/New_York"))
    assert read_one(applied_on=moment)["households"]["applied_on"].tolist() == [pd.Timestamp("2021-09-30")]
    summer = pa.array([dt.datetime(1988, 6, 30, 15, tzinfo=dt.UTC)], pa.timestamp("us", "UTC"))  # then UTC+9
    assert read_one(applied_on=summer)["households"]["applied_on"].tolist() == [pd.Timestamp("1988-07-01")]


def test_a_day_beyond_the_calendar_is_a_fault_and_stops_no_other() -> None:
    days = pa.array([10**7, 18900], pa.int32()).cast(pa.date32())
    tables = read_one(applied_on=days)
    assert tables["households"]["applied_on"].isna().tolist() == [True, False]
    assert [fault.code for fault in tables.faults] == ["fault.date"]


def test_a_short_float_tells_six_digits_and_no_more() -> None:
    tables = read_one(个人自付=pa.array([0.1, 1234.56, 12345.67, None], pa.float32()))
    assert tables["households"]["out_of_pocket_fen"].tolist() == [10, 123456, pd.NA, pd.NA]
    assert [(fault.code, fault.value) for fault in tables.faults] == [("fault.money", "≈12345.67")]


def test_floats_are_read_at_15_digits_and_numbers_of_many_digits_are_whole() -> None:
    tables = read_one(
        个人自付=pa.array([0.30000000000000004, 1234.565]), phone=pa.array([1_740_000_000_000_000_001, 2])
    )
    assert tables["households"]["out_of_pocket_fen"].tolist() == [30, pd.NA]
    assert tables["households"]["phone"].tolist() == ["1740000000000000001", "2"]
    assert [fault.code for fault in tables.faults] == ["fault.not_whole_fen"]


# --- files that are refused ----------------------------------------------------------------------


def refused(data: bytes, name: str = "households.parquet") -> str:
    with pytest.raises(FileError) as caught:
        read_sheets(Source(name, data))
    return caught.value.code


def test_a_cut_or_changed_file_is_refused_or_read_and_nothing_else_is_raised() -> None:
    whole = to_parquet(pa.table({"household_id": [f"H{n}" for n in range(50)], "个人自付": [1.5] * 50})).data
    for at in range(4, len(whole), 37):
        assert refused(whole[:at]) == "arrow.damaged"
        changed = bytearray(whole)
        changed[at] ^= 1 << at % 8
        with contextlib.suppress(FileError):
            read_sheets(Source("households.parquet", bytes(changed)))


def test_offsets_that_lead_out_of_an_arrow_file_are_refused() -> None:
    stream = pa.BufferOutputStream()
    table = pa.table({"household_id": ["H1", "H2", "H3"]})
    with pa.ipc.new_file(stream, table.schema) as writer:
        writer.write_table(table)
    whole, offsets = stream.getvalue().to_pybytes(), struct.pack("<4i", 0, 2, 4, 6)
    assert whole.count(offsets) == 1
    assert refused(whole.replace(offsets, struct.pack("<4i", 0, 2, 4, 7)), "a.arrow") == "arrow.damaged"


def test_a_few_kilobytes_that_claim_far_more_rows_or_columns_are_refused_unread() -> None:
    long = to_parquet(pa.table({"household_id": pa.nulls(6_000_000)})).data
    assert len(long) < 20_000
    assert refused(long) == "arrow.too_long"
    assert refused(to_parquet(pa.table({f"c{n}": [1] for n in range(2_001)})).data) == "file.too_wide"
    texts = pa.table({"household_id": ["x" * 1_000_000] * 60})
    big = to_parquet(texts, compression="zstd", use_dictionary=False, write_statistics=False).data
    assert refused(big) == "file.bomb"
    assert refused(b"PARE" + b"x" * 100) == "arrow.encrypted"
    assert refused(b"ARROW1" + b"x" * 100, "a.arrow") == "arrow.damaged"


def test_another_ending_is_told(tmp_path: Path) -> None:
    (tmp_path / "households.csv").write_bytes(
        to_parquet(pa.table({"household_id": ["H1"], "自付": [1]})).data
    )
    assert (
        "note.other_ending"
        in read_sheets(Source("a.csv", (tmp_path / "households.csv").read_bytes()))[0].notes
    )


def test_without_pyarrow_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    source = to_parquet(pa.table({"household_id": ["H1"]}))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError) as caught:
        read_sheets(source)
    assert "pip install 'relief[parquet]'" in str(caught.value)
