"""Parquet and Arrow -> cells: decimals, days and texts as they are, floats no more exact than they are.

In    the bytes of a Parquet or Arrow file; a table of any library that speaks the Arrow C stream protocol
Out   a `Sheet`; the header and the cells of each column

Before anything is unpacked the file's own account is weighed: a few kilobytes may claim a
thousand million rows.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import numpy as np

from relief.errors import FileError, MissingExtraError
from relief.sheets.plain import exact
from relief.sheets.sheet import MOST_COLUMNS, Cells, Sheet, Source, make_sheet

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ARROW_MAGIC", "arrow_columns", "headed", "is_arrow_stream", "pyarrow_module", "read_arrow_file"]

_PARQUET, _LOCKED, _ARROW = b"PAR1", b"PARE", b"ARROW1"
ARROW_MAGIC = (_PARQUET, _LOCKED, _ARROW)
_ENDINGS = {_PARQUET: (".parquet",), _ARROW: (".arrow", ".feather")}
# What real tables stay below: a household's id alone takes some bytes.
_SMALL_TABLE, _CELLS_PER_BYTE = 5_000_000, 8
# Decimals of more places are written with an exponent.
_PLAIN_PLACES = 6
_NO_PARTITION = "__HIVE_DEFAULT_PARTITION__"
_SMALL, _LARGEST_RATIO, _LARGEST = 50 * 2**20, 200, 8 * 2**30


def pyarrow_module() -> Any:
    """Return pyarrow.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        import pyarrow as pa
    except ImportError as error:
        raise MissingExtraError("extra.missing", what="pyarrow (Parquet, Arrow)", extra="parquet") from error
    return pa


def is_arrow_stream(frame: object) -> bool:
    """Return whether an object can hand its rows over as an Arrow C stream, as polars and duckdb do."""
    return hasattr(frame, "__arrow_c_stream__")


def read_arrow_file(source: Source) -> Sheet:
    """Read a Parquet or an Arrow file: the names of its columns are the header, row 1 is the first below.

    Raises
    ------
    FileError
        If it is damaged, encrypted, or claims more than real tables hold.
    MissingExtraError
        If pyarrow is not installed.
    """
    if source.data.startswith(_LOCKED):
        raise FileError("arrow.encrypted", name=source.name)
    pa = pyarrow_module()
    magic = _PARQUET if source.data.startswith(_PARQUET) else _ARROW
    try:
        table = _parquet(source, pa) if magic == _PARQUET else _arrow(source, pa)
        columns = arrow_columns(table)
        columns += _partition(source, len(table), {name for name, _ in columns})
    except FileError:
        raise
    except Exception as error:
        # On damaged files pyarrow raises its own errors, and those of the system, of memory and of values.
        raise FileError("arrow.damaged", name=source.name) from error
    place = Path(source.name)
    notes = () if place.suffix.lower() in _ENDINGS[magic] else ("note.other_ending",)
    return headed(source.name, place.stem, columns, notes=notes)


def _partition(source: Source, rows: int, known: set[str]) -> list[tuple[str, Cells]]:
    """Return the columns that only the names of folders tell, as Hive and Spark write district=江海区."""
    parts = (part.partition("=") for part in source.name.split(" - ")[:-1])
    found = {name: value for name, equals, value in parts if equals and name not in known}
    return [
        (name, _objects([None if value == _NO_PARTITION else unquote(value)] * rows))
        for name, value in found.items()
    ]


def headed(source: str, name: str, columns: Iterable[tuple[str, Cells]], **about: Any) -> Sheet:
    """Make a sheet of columns whose names are known; the header is its row 0."""
    cells = [np.concatenate([np.array([header], dtype=object), column]) for header, column in columns]
    return make_sheet(source, name, cells, np.arange(len(cells[0]) if cells else 1), kind="frame", **about)


def _parquet(source: Source, pa: Any) -> Any:
    from pyarrow import parquet

    about = parquet.read_metadata(pa.BufferReader(source.data))
    size = sum(about.row_group(at).total_byte_size for at in range(about.num_row_groups))
    _weigh(source, about.num_columns, about.num_rows, size)
    texts = [field.name for field in about.schema.to_arrow_schema() if _is_text(pa, field.type)]
    return parquet.ParquetFile(pa.BufferReader(source.data), read_dictionary=texts).read(use_threads=False)


def _is_text(pa: Any, kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_binary(kind))


def _arrow(source: Source, pa: Any) -> Any:
    reader = pa.ipc.open_file(pa.BufferReader(source.data))
    batches, rows = [], 0
    _weigh(source, len(reader.schema), 0, 0)
    for at in range(reader.num_record_batches):
        batches.append(reader.get_batch(at))
        batches[-1].validate(full=True)  # offsets of the file are taken as they are
        rows += batches[-1].num_rows
        _weigh(source, len(reader.schema), rows, sum(batch.nbytes for batch in batches))
    return pa.Table.from_batches(batches, schema=reader.schema)


def _weigh(source: Source, columns: int, rows: int, size: int) -> None:
    if columns > MOST_COLUMNS:
        raise FileError("file.too_wide", name=source.name, width=columns, most=MOST_COLUMNS)
    data = len(source.data)
    if rows * columns > max(_SMALL_TABLE, _CELLS_PER_BYTE * data):
        raise FileError("arrow.too_long", name=source.name, rows=rows, columns=columns, size=data)
    if size > _LARGEST or (size > _SMALL and size > _LARGEST_RATIO * data):
        raise FileError("file.bomb", name=source.name, part="*", size=size)


# --- columns --------------------------------------------------------------------------------------


def arrow_columns(stream: Any) -> list[tuple[str, Cells]]:
    """Return the name and the cells of each column of an Arrow table, or of what streams one.

    Raises
    ------
    MissingExtraError
        If pyarrow is not installed.
    """
    pa = pyarrow_module()
    table = stream if isinstance(stream, pa.Table) else pa.table(stream)
    columns = zip(table.column_names, table.columns, strict=True)
    return [(str(name), _cells(pa, column)) for name, column in columns]


def _cells(pa: Any, column: Any) -> Cells:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _spread(pa, column)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        # Text of programs that do not say so: Hive and Impala write it like this.
        column = column.cast(pa.large_string())
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        column = column.cast(pa.timestamp(kind.unit, "UTC"))
    if pa.types.is_decimal(kind) and 0 <= kind.scale <= _PLAIN_PLACES:
        column = column.cast(pa.string())
    if pa.types.is_float16(kind) or pa.types.is_float32(kind):
        digits = 3 if pa.types.is_float16(kind) else 6
        return _objects(_short(cell, digits) for cell in column.to_numpy())
    listed = _listed(column)
    return _objects(listed if column.type == pa.string() else map(exact, listed))


def _objects(cells: Iterable[Any]) -> Cells:
    listed = list(cells)
    column = np.empty(len(listed), dtype=object)
    column[:] = listed
    return column


def _spread(pa: Any, column: Any) -> Cells:
    """Return a column that names each distinct value once, each value one object however often it stands."""
    whole = column.unify_dictionaries().combine_chunks()
    whole = whole if isinstance(whole, pa.Array) else pa.concat_arrays(whole.chunks)
    distinct = [*_cells(pa, pa.chunked_array([whole.dictionary])), None]
    codes = whole.indices.fill_null(len(distinct) - 1).to_numpy(zero_copy_only=False).astype(np.int64)
    spread: Cells = _objects(distinct)[codes]
    return spread


def _listed(column: Any) -> list[Any]:
    try:
        listed: list[Any] = column.to_pylist()
        return listed
    except (OverflowError, ValueError):
        return [_one(cell) for cell in column]


def _one(cell: Any) -> Any:
    """Return a cell, or its text where it is no day that Python knows."""
    try:
        return cell.as_py()
    except (OverflowError, ValueError):
        return f"{cell.type} {cell.value}"


def _short(cell: Any, digits: int) -> Any:
    """Return a short float as the decimal that it tells; one of more digits as text that is no amount."""
    told = float(f"{cell:.{digits}g}")
    if cell != cell:
        return None
    return told if type(cell)(told) == cell else f"≈{cell!s}"
