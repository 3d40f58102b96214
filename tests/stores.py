"""The same tables in other systems' stores: typed columns of what was read, as Arrow and in a database."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from relief.columns import DICTIONARY
from relief.intake.tables import read_tables
from relief.judging.eligibility import assess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import pandas as pd

    from relief.intake.tables import Tables

SAMPLE = Path(__file__).parents[1] / "data" / "samples" / "jiangmen-2021" / "申请.xlsx"
Money = Literal["yuan", "fen", "text", "float"]
Columns = dict[str, tuple[str, list[Any]]]


def columns_of(table: str, frame: pd.DataFrame, money: Money = "yuan", *, titled: bool = False) -> Columns:
    """Return the kind and the cells of each column by header: whole days, truths, amounts as asked for."""
    columns: Columns = {}
    for name in frame.columns:
        column = DICTIONARY[table][name]
        kind = f"money_{money}" if column.dtype == "money" else column.dtype
        yuan = column.title if titled else f"{name.removesuffix('_fen')}_yuan"
        header = (
            yuan
            if column.dtype == "money" and money != "fen"
            else column.title
            if titled and money != "fen"
            else name
        )
        read = _READERS.get(kind, str)
        cells = frame[name].astype(object)
        columns[header] = (
            kind,
            [None if missing else read(cell) for cell, missing in zip(cells, cells.isna(), strict=True)],
        )
    return columns


_READERS: dict[str, Callable[[Any], Any]] = {
    "money_fen": int,
    "money_yuan": lambda fen: Decimal(int(fen)).scaleb(-2),
    "money_text": lambda fen: f"{Decimal(int(fen)).scaleb(-2):,}元",
    "money_float": lambda fen: float(Decimal(int(fen)).scaleb(-2)),
    "area": lambda hundredths: Decimal(int(hundredths)).scaleb(-2),
    "date": lambda day: day.date(),
    "count": int,
    "flag": bool,
}


def sample(count: int) -> Tables:
    """Return some households of the sample workbook with all that belongs to them, one of them pending.

    What a pending household lacks takes longest to tell.
    """
    tables = read_tables(SAMPLE)
    outcome = assess(tables, "jiangmen-2021", on="2021-09-30").decisions["outcome"]
    waiting = outcome.index[outcome == "pending"]
    return _part(tables, [*outcome.index.drop(waiting)[: count - 1], waiting[-1]])


def _part(tables: Tables, first: list[str]) -> Tables:
    people = tables["members"].loc[tables["members"]["household_id"].isin(first), "id_number"]
    frames, origins = {}, {}
    for table, frame in tables.frames.items():
        known = (
            frame["household_id"].isin(first) if "household_id" in frame else frame["id_number"].isin(people)
        )
        if known.any():
            kept = frame[known].reset_index(drop=True)
            words = kept.select_dtypes("category")
            frames[table] = kept.assign(
                **{name: words[name].cat.remove_unused_categories() for name in words}
            )
            origins[table] = tables.origins[table][known].reset_index(drop=True)
    return replace(tables, frames=frames, origins=origins)


def stored(tables: Tables, money: Money = "yuan", *, titled: bool = False) -> dict[str, Columns]:
    """Return every table of what was read, as `columns_of` has it."""
    return {table: columns_of(table, frame, money, titled=titled) for table, frame in tables.frames.items()}


def as_arrow(columns: Columns) -> Any:
    """Return a table as Arrow: amounts decimal128 or int64, days date32."""
    import pyarrow as pa

    types = {
        "money_fen": pa.int64(), "money_yuan": pa.decimal128(20, 2), "area": pa.decimal128(12, 2),
        "money_float": pa.float64(), "date": pa.date32(), "count": pa.int32(), "flag": pa.bool_(),
    }  # fmt: skip
    arrays = [pa.array(cells, types.get(kind, pa.string())) for kind, cells in columns.values()]
    return pa.table(arrays, names=list(columns))


def into_database(
    url: str, tables: Mapping[str, Columns], order: Callable[[list[Any]], Iterable[Any]] = iter
) -> None:
    """Create a table for each and fill it, rows in another order if asked for."""
    import sqlalchemy as sa

    url = url.replace("postgresql://", "postgresql+psycopg://")
    exact = not url.startswith("sqlite")  # it has no decimals
    types = {
        "money_fen": sa.BigInteger, "money_yuan": sa.Numeric(20, 2) if exact else sa.Double,
        "area": sa.Numeric(12, 2) if exact else sa.Double, "money_float": sa.Double, "date": sa.Date,
        "count": sa.Integer, "flag": sa.Boolean,
    }  # fmt: skip
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    meta = sa.MetaData()
    with engine.begin() as connection:
        for name, columns in tables.items():
            made = sa.Table(
                name, meta, *(sa.Column(h, types.get(kind, sa.Text)) for h, (kind, _) in columns.items())
            )
            made.create(connection)
            cells = [
                [float(c) if isinstance(c, Decimal) and not exact else c for c in column]
                for _, column in columns.values()
            ]
            rows = [dict(zip(columns, row, strict=True)) for row in zip(*cells, strict=True)]
            if rows:
                connection.execute(made.insert(), list(order(rows)))
