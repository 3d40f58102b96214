"""The large tables of a round as Parquet: the same rows and columns as the CSV, each with its type.

In    a round's files, the tables as CSV
Out   the same files with the tables of a row per household as Parquet; a table of either kind as Arrow

Amounts are decimals of two places, yes and no are truths, an empty field is null. The bytes are
the same for the same rows and version of pyarrow; another version is told by the rows.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from relief.errors import RoundError
from relief.round.outputs import GUARDED
from relief.sheets.arrow import pyarrow_module

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FORMATS", "LARGE", "arrow_table", "as_text", "check_format", "in_parquet", "renamed", "same_rows"]

FORMATS = ("csv", "parquet")
LARGE = ("awards", "decisions", "discrepancies", "missing", "papers", "reasons", "shares")
_SUMMARY = "说明.txt"
_TRUTHS = ("got_leftover", "settles_alone")
_ENDING = ".parquet"


def check_format(name: str) -> None:
    """Refuse, before any work is done, a format that is none or whose library is not there.

    Raises
    ------
    RoundError
        If there is no such format.
    MissingExtraError
        If it is Parquet and pyarrow is not installed.
    """
    if name not in FORMATS:
        raise RoundError("round.no_format", name=name, known=", ".join(FORMATS))
    if name == "parquet":
        pyarrow_module()


def in_parquet(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return a round's files with its large tables as Parquet, and their names in the summary so."""
    large = {f"{name}.csv" for name in LARGE} & files.keys()
    written = {
        renamed(name) if name in large else name: _parquet(data) if name in large else data
        for name, data in files.items()
    }
    return {**written, _SUMMARY: renamed(files[_SUMMARY].decode("utf-8")).encode("utf-8")}


def renamed(text: str) -> str:
    """Return a text with the names of the large tables as they are called in Parquet."""
    for name in LARGE:
        text = text.replace(f"{name}.csv", f"{name}{_ENDING}")
    return text


def arrow_table(name: str, data: bytes) -> Any:
    """Return a table of a round's folder, by its file's name and content, as a pyarrow Table."""
    pa = pyarrow_module()
    if name.endswith(_ENDING):
        from pyarrow import parquet

        return parquet.read_table(pa.BufferReader(data), use_threads=False)
    from pyarrow import compute as pc
    from pyarrow import csv as arrow_csv

    header = next(csv.reader(io.TextIOWrapper(io.BytesIO(data), "utf-8", newline="")))
    table = arrow_csv.read_csv(
        pa.BufferReader(data),
        read_options=arrow_csv.ReadOptions(use_threads=False),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            column_types={column: _type(pa, column) for column in header},
            null_values=[""], strings_can_be_null=True, true_values=["yes"], false_values=["no"],
        ),
    )  # fmt: skip
    columns = [
        pc.replace_substring_regex(column, f"^'({GUARDED})", r"\1") if column.type == pa.string() else column
        for column in table.columns
    ]
    return pa.table(columns, names=table.column_names).combine_chunks()


def _type(pa: Any, column: str) -> Any:
    if column.endswith("_yuan"):
        return pa.decimal128(38, 2)
    if column == "remainder":
        return pa.decimal128(38, 6)
    return pa.bool_() if column in _TRUTHS else pa.string()


def _parquet(data: bytes) -> bytes:
    pa = pyarrow_module()
    from pyarrow import parquet

    stream = pa.BufferOutputStream()
    parquet.write_table(arrow_table(".csv", data), stream, compression="zstd")
    return bytes(stream.getvalue().to_pybytes())


def same_rows(name: str, one: bytes, other: bytes) -> bool:
    """Return whether two files of a round are the same: byte for byte, or as Parquet row for row."""
    if one == other or not name.endswith(_ENDING):
        return one == other
    return bool(arrow_table(name, one).equals(arrow_table(name, other)))


def as_text(name: str, data: bytes) -> bytes:
    """Return a file as lines that can be told apart; of Parquet its rows as CSV."""
    if not name.endswith(_ENDING):
        return data
    from pyarrow import csv as arrow_csv

    stream = pyarrow_module().BufferOutputStream()
    arrow_csv.write_csv(arrow_table(name, data), stream)
    return bytes(stream.getvalue().to_pybytes())
