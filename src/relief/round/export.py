"""A round's folder -> tables of a database, all of them in one transaction or none.

In    a folder that `Round.save` wrote, each byte held against its record; the URL of a database
Out   a table per table of the folder, by its name; and ``relief_round``, which holds the record

Money is whole fen in a BIGINT, and the column's name ends in ``_fen``: not every database has
decimals. An empty field is NULL.
"""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

from relief.errors import StoreError
from relief.evidence.confirmation import STATES
from relief.round import record
from relief.round.outputs import GUARDED
from relief.round.parquet import arrow_table
from relief.round.verification import intact
from relief.sheets.database import connected, shown_url, tables_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

__all__ = ["MARK", "export"]

MARK = "relief_round"
"""The table that says that the tables beside it are a round's, and of which."""
_WRITABLE = ("sqlite", "postgresql")
_MARK_COLUMNS = ("seal", "record")
_GUARD = re.compile(f"'(?={GUARDED})")
_COUNTS = {
    ("districts", "households"), ("groups", "households"), ("quarantine", "row"), ("faults", "row"),
    ("discrepancies", "row"), ("papers", "row"), ("papers", "stay"),
    *(("confirmation", state) for state in STATES),
}  # fmt: skip
_SHARES = {("districts", "share"), ("groups", "share"), ("shares", "remainder")}
_TRUTHS = {("shares", "got_leftover"), ("missing", "settles_alone")}
_BATCH = 10_000


def export(folder: str | Path, url: str, *, overwrite: bool = False) -> dict[str, int]:
    """Write the tables of a round's folder into a database.

    Parameters
    ----------
    folder : str or Path
        As `Round.save` wrote it.
    url : str
        SQLAlchemy URL of SQLite or PostgreSQL.
    overwrite : bool
        Replace the tables of an earlier round. Tables of others are never touched.

    Returns
    -------
    dict
        How many rows each table got.

    Raises
    ------
    RoundError
        If the folder is no round, or was changed.
    StoreError
        If the database cannot be written, or holds such tables already; it is then as it was.

    Examples
    --------
    >>> export("round/", "sqlite:///union.db")  # doctest: +SKIP
    {'awards': 46, 'decisions': 122, 'districts': 8, ...}
    """
    stored, files = intact(folder)
    tables = {
        name.partition(".")[0]: (name, data)
        for name, data in files.items()
        if name.endswith((".csv", ".parquet"))
    }
    with connected(url, write=True) as connection:
        if connection.dialect.name not in _WRITABLE:
            raise StoreError("store.not_written_to", scheme=connection.dialect.name)
        _make_room(connection, {*tables, MARK}, shown_url(url), overwrite=overwrite)
        counts = {table: _fill(connection, table, *file) for table, file in tables.items()}
        seal = {"seal": stored["seal"], "record": record.canonical(stored).decode()}
        _fill_rows(connection, MARK, _MARK_COLUMNS, iter([tuple(seal.values())]))
    return counts


def _make_room(connection: Any, wanted: set[str], shown: str, *, overwrite: bool) -> None:
    """Drop the tables of an earlier round; refuse to where they are not one's, or nobody asked for it."""
    import sqlalchemy as sa

    there = set(tables_in(connection))
    taken = there & wanted
    if not taken:
        return
    is_ours = MARK in there and _columns_of(connection, MARK) == _MARK_COLUMNS
    earlier = _tables_of(connection) if is_ours else set()
    foreign = taken - earlier
    if foreign:
        raise StoreError("store.foreign", url=shown, names="、".join(sorted(foreign)))
    if not overwrite:
        raise StoreError("store.exists", url=shown, names="、".join(sorted(taken)))
    for name in sorted(earlier & there):
        sa.Table(name, sa.MetaData()).drop(connection)


def _columns_of(connection: Any, table: str) -> tuple[str, ...]:
    import sqlalchemy as sa

    return tuple(column["name"] for column in sa.inspect(connection).get_columns(table))


def _tables_of(connection: Any) -> set[str]:
    """Return the names of the tables that the round in a database was written to."""
    import sqlalchemy as sa

    mark = sa.table(MARK, sa.column("record"))
    records = connection.execute(sa.select(mark.c.record)).scalars()
    outputs = {name for text in records for name in record.parse_record(text.encode())["outputs"]}
    return {MARK, *(name.partition(".")[0] for name in outputs)}


def _fill(connection: Any, table: str, name: str, data: bytes) -> int:
    header, rows = _parquet_rows(name, data) if name.endswith(".parquet") else _csv_rows(data)
    return _fill_rows(connection, table, header, rows)


def _csv_rows(data: bytes) -> tuple[list[str], Iterator[Iterable[Any]]]:
    rows = csv.reader(io.TextIOWrapper(io.BytesIO(data), "utf-8", newline=""))
    return next(rows), (
        [_GUARD.sub("", cell, count=1) if cell[:1] == "'" else cell for cell in row] for row in rows
    )


def _parquet_rows(name: str, data: bytes) -> tuple[list[str], Iterator[Iterable[Any]]]:
    table = arrow_table(name, data)
    batches = table.to_batches(max_chunksize=_BATCH)
    rows = (row for batch in batches for row in zip(*(c.to_pylist() for c in batch.columns), strict=True))
    return table.column_names, rows


def _fill_rows(connection: Any, table: str, header: Iterable[str], rows: Iterator[Iterable[Any]]) -> int:
    """Create a table and write its rows in batches; each cell is read as its column's kind."""
    import sqlalchemy as sa

    columns = [_column(sa, table, name) for name in header]
    made = sa.Table(table, sa.MetaData(), *(column for column, _ in columns))
    made.create(connection)
    readers = [reader for _, reader in columns]
    typed = (
        tuple(
            None if cell is None or cell == "" else read(cell)
            for read, cell in zip(readers, row, strict=True)
        )
        for row in rows
    )
    written = 0
    while batch := list(islice(typed, _BATCH)):
        _insert(connection, made, batch)
        written += len(batch)
    if "household_id" in made.columns:
        sa.Index(f"ix_{table}_household_id", made.c.household_id).create(connection)
    return written


def _insert(connection: Any, table: Any, batch: list[tuple[Any, ...]]) -> None:
    if connection.dialect.name != "postgresql":
        connection.exec_driver_sql(str(table.insert().compile(dialect=connection.dialect)), batch)
        return
    from psycopg import sql

    names = [sql.Identifier(column.name) for column in table.columns]
    copying = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), sql.SQL(", ").join(names))
    with connection.connection.cursor() as cursor, cursor.copy(copying) as copy:
        for row in batch:
            copy.write_row(row)


def _column(sa: Any, table: str, name: str) -> tuple[Any, Callable[[Any], Any]]:
    place = (table, name)
    if name.endswith("_yuan"):
        return sa.Column(f"{name.removesuffix('_yuan')}_fen", sa.BigInteger), _fen
    if place in _COUNTS:
        return sa.Column(name, sa.BigInteger), int
    if place in _SHARES:
        return sa.Column(name, sa.Double), float
    if place in _TRUTHS:
        return sa.Column(name, sa.Boolean), lambda cell: cell in (True, "yes")
    return sa.Column(name, sa.Text), str


def _fen(yuan: str | Decimal) -> int:
    return int(Decimal(yuan).scaleb(2))
