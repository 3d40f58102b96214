"""Every book of the corpus gives the tables and the findings that stand beside it, and loses no row."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.books.make import BOOKS, Book

from relief.columns import DICTIONARY
from relief.errors import TableError
from relief.intake.headers import table_of
from relief.intake.tables import Tables, _assemble, read_tables
from relief.sheets.files import is_left_out, read_sheets, read_sources
from relief.sheets.sheet import BadCell, Sheet, is_blank

if TYPE_CHECKING:
    import random

EVERYTHING = [(table, name) for table, columns in DICTIONARY.items() for name in columns]
IGNORED = ("notice.footer", "notice.repeated_header", "notice.example")


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
    return {place for origin in origins for place in places_in_order(origin)}


def places_in_order(origin: pd.DataFrame) -> list[tuple[str, str, int]]:
    return [
        (s, t, int(row)) for s, t, row in zip(origin["source"], origin["sheet"], origin["row"], strict=True)
    ]


class _Sheets(dict[str, list[Sheet]]):
    """The sheets of each book, read once."""

    def __missing__(self, name: str) -> list[Sheet]:
        with TemporaryDirectory() as folder:
            sources = read_sources(BOOKS[name].write(Path(folder)))
        self[name] = [s for source in sources if not is_left_out(source) for s in read_sheets(source)]
        return self[name]


SHEETS = _Sheets()


DAMAGE = st.one_of(
    st.none(), st.text(max_size=4), st.integers(-5, 10**19), st.floats(),
    st.sampled_from(["合计", "小计：", "制表人：张三", "2021年9月", "H1", "户编号", "示例1", "=1+1"]),
    st.just(BadCell("cell.error", "#N/A")),
)  # fmt: skip


def damaged(sheet: Sheet, chance: random.Random, damage: list[Any]) -> Sheet:
    """Return a sheet whose rows below the header are in another order, some cells something else."""
    layout = table_of(sheet)
    if layout is None or layout.start >= len(sheet):
        return sheet
    body = list(range(layout.start, len(sheet)))
    order = [*range(layout.start), *chance.sample(body, len(body))]
    columns = [column[order] for column in sheet.columns]
    for value in damage:
        columns[chance.randrange(len(columns))][chance.choice(body)] = value
    kept = [at for at in range(len(sheet)) if any(not is_blank(column[at]) for column in columns)]
    return replace(sheet, columns=tuple(column[kept] for column in columns), rows=sheet.rows[kept])


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=False), st.lists(DAMAGE, max_size=5))
@pytest.mark.parametrize("name", BOOKS)
def test_no_row_is_lost_however_a_book_is_shuffled_and_damaged(
    name: str, chance: random.Random, damage: list[Any]
) -> None:
    sheets = [damaged(sheet, chance, damage) for sheet in SHEETS[name]]
    try:
        tables = _assemble(sheets, (), [], {})
    except TableError:
        return
    rows = {
        (sheet.source, sheet.name, int(row))
        for sheet in sheets for layout in [table_of(sheet)] if layout for row in sheet.rows[layout.start :]
    }  # fmt: skip
    usable, aside = tables.usable(EVERYTHING)
    used = places(usable.origins.values())
    quarantined = set(zip(aside["source"], aside["sheet"], aside["row"], strict=True))
    gone = set(filter(None, aside["household_id"]))
    with_household = {
        place
        for table, frame in tables.frames.items() if "household_id" in frame
        for place, id_ in zip(places_in_order(tables.origins[table]), frame["household_id"], strict=True)
        if id_ in gone
    }  # fmt: skip
    ignored = {(f.source, f.sheet, f.row) for f in tables.faults if f.code in IGNORED}
    assert used | quarantined | with_household | ignored == rows
    counts = tables.accounted().values()
    assert all(c["rows"] == c["sound"] + c["faulty"] + c["left_out"] for c in counts)
    assert not ignored & (used | quarantined)
    if len(tables.frames) == 1:
        assert not used & quarantined
        told = tables.accounted()["households"]
        assert [told[part] for part in told] == list(map(len, (rows, used, quarantined, ignored)))
