"""Every book of the corpus gives the tables and the findings that stand beside it, and loses no row."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from tests.books.make import BOOKS, Book

from relief.columns import DICTIONARY
from relief.intake.headers import table_of
from relief.intake.tables import Tables, read_tables
from relief.sheets.files import is_left_out, read_sheets

if TYPE_CHECKING:
    from pathlib import Path

EVERYTHING = [(table, name) for table, columns in DICTIONARY.items() for name in columns]
IGNORED = ("notice.footer", "notice.repeated_header")


def told(tables: Tables) -> list[str]:
    return sorted(f"{f.code}:{f.row}" if f.row else f.code for f in tables.faults)


def plain(tables: Tables, table: str, *names: str) -> list[tuple[Any, ...]]:
    frame = tables.frames.get(table)
    if frame is None:
        return []
    columns = [frame[name].astype(object) if name in frame else [None] * len(frame) for name in names]
    rows = zip(*columns, strict=True)
    return [tuple(None if pd.isna(cell) else cell for cell in row) for row in rows]


def fen(yuan: str | None) -> int | None:
    return None if yuan is None else int(Decimal(yuan) * 100)


@pytest.mark.parametrize("name", BOOKS)
def test_a_book_gives_its_tables_and_its_findings(name: str, tmp_path: Path) -> None:
    made: Book = BOOKS[name]
    tables = read_tables(made.write(tmp_path / name))
    households = [(id_, district, fen(yuan)) for id_, district, yuan in made.households]
    found = plain(tables, "households", "household_id", "district", "out_of_pocket_fen")
    assert found == households
    assert plain(tables, "members", "household_id", "name", "relation") == list(made.members)
    assert told(tables) == sorted(made.findings)


@pytest.mark.parametrize("name", BOOKS)
def test_no_row_of_a_book_is_lost(name: str, tmp_path: Path) -> None:
    tables = read_tables(BOOKS[name].write(tmp_path / name))
    rows = {
        (sheet.source, sheet.name, int(row))
        for source in tables.sources
        if not is_left_out(source)
        for sheet in read_sheets(source)
        for layout in [table_of(sheet)]
        if layout is not None
        for row in sheet.rows[layout.start :]
    }
    usable, aside = tables.usable(EVERYTHING)
    used = places(usable.origins.values())
    quarantined = set(zip(aside["source"], aside["sheet"], aside["row"], strict=True))
    ignored = {(f.source, f.sheet, f.row) for f in tables.faults if f.code in IGNORED}
    assert used | quarantined | ignored == rows
    assert not ignored & (used | quarantined)
    assert not used & quarantined


def places(origins: Any) -> set[tuple[str, str, int]]:
    return {
        (source, sheet, int(row))
        for origin in origins
        for source, sheet, row in zip(origin["source"], origin["sheet"], origin["row"], strict=True)
    }
