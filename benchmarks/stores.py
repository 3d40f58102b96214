"""One round from a CSV, a workbook, Parquet, SQLite and PostgreSQL: the same bytes, and what each takes.

    python benchmarks/stores.py [ROWS]

The households of ``main_job.py`` are put into each store with types of its own (decimals, days,
truths), read, judged and divided; ``awards.csv``, ``decisions.csv`` and ``districts.csv`` are held
against those of the CSV byte for byte. Then the round is written into PostgreSQL and as Parquet,
and both are held against it. Without a PostgreSQL server (``tools/install-postgres.sh``) that part
is left out, and it says so.
"""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.main_job import flat_households
from tests.postgres import private_server
from tests.stores import as_arrow, into_database, stored

import relief

if TYPE_CHECKING:
    from collections.abc import Callable

    from relief import Round

SAME = ("awards.csv", "decisions.csv", "districts.csv")


def timed(what: str, work: Callable[[], Any]) -> Any:
    wall, own = time.perf_counter(), time.process_time()
    result = work()
    wall, own = time.perf_counter() - wall, time.process_time() - own
    print(f"  {what}: {own:.1f} s of this process, {wall:.1f} s by the clock", flush=True)
    return result


def workbook(place: Path, csv_file: Path) -> None:
    """Write the same cells as text, as a workbook that keeps them."""
    import csv

    import xlsxwriter

    with xlsxwriter.Workbook(str(place), {"constant_memory": True, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet("家庭")
        for at, row in enumerate(csv.reader(csv_file.open(encoding="utf-8"))):
            sheet.write_row(at, 0, row)


def result(source: Any) -> dict[str, bytes]:
    """Return the three files that must not depend on where the households came from."""
    round_: Round = relief.run(source, "jiangmen-2021", 3_000_000_00, on="2021-09-30")
    from relief.round import outputs

    assert round_.assessment is not None
    return {
        "awards.csv": outputs.awards_csv(round_.allocation, round_.household_districts),
        "decisions.csv": outputs.decisions_csv(round_.assessment),
        "districts.csv": outputs.districts_csv(round_.districts),
    }


def main(rows: int) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        flat_households(folder / "households.csv", rows)
        expected = timed("run, CSV", lambda: result(folder / "households.csv"))
        tables = stored(relief.read_tables(folder / "households.csv"))
        source: Any = None
        for name, make in stores(stack, folder).items():
            source = timed(f"write {name}", lambda make=make: make(tables))
            got = timed(f"run, {name}", lambda source=source: result(source))
            assert got == expected, name
        print(f"{rows} households: {', '.join(SAME)} are the same from every store", flush=True)
        back_again(source, folder, expected)


def back_again(url: str, folder: Path, expected: dict[str, bytes]) -> None:
    """Write the round of the last store into it, and as Parquet; hold both against the CSV."""
    import sqlalchemy as sa
    from pyarrow import parquet

    round_ = relief.run(url, "jiangmen-2021", 3_000_000_00, on="2021-09-30")
    timed("write the folder", lambda: round_.save(folder / "round"))
    assert all((folder / "round" / name).read_bytes() == data for name, data in expected.items())
    counts = timed("export into it", lambda: relief.export(folder / "round", url))
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        awarded, fen = connection.execute(sa.text("SELECT count(*), sum(award_fen) FROM awards")).one()
        told = connection.execute(sa.text("SELECT count(*) FROM reasons")).scalar()
    engine.dispose()
    assert (awarded, int(fen), told) == (counts["awards"], 3_000_000_00, counts["reasons"])
    timed("write the folder, Parquet", lambda: round_.written_as("parquet").save(folder / "parquet"))
    table = parquet.read_table(folder / "parquet" / "awards.parquet")
    assert table.num_rows == awarded
    timed("verify it", lambda: relief.verify(folder / "parquet"))
    sizes = [sum(f.stat().st_size for f in (folder / kind).glob("*")) for kind in ("round", "parquet")]
    print(f"{counts}; folders {sizes[0] / 1e6:.0f} MB, Parquet {sizes[1] / 1e6:.0f} MB", flush=True)


def stores(stack: ExitStack, folder: Path) -> dict[str, Callable[[Any], Any]]:
    def in_workbook(_: Any) -> Path:
        workbook(folder / "households.xlsx", folder / "households.csv")
        return folder / "households.xlsx"

    def in_parquet(tables: Any) -> Path:
        from pyarrow import parquet

        parquet.write_table(as_arrow(tables["households"]), folder / "households.parquet")
        return folder / "households.parquet"

    def in_database(url: str) -> Callable[[Any], str]:
        def fill(tables: Any) -> str:
            into_database(
                url, tables, order=lambda rows: sorted(rows, key=lambda row: hash(row["household_id"]))
            )
            return url

        return fill

    found: dict[str, Callable[[Any], Any]] = {
        "workbook": in_workbook, "Parquet": in_parquet, "SQLite": in_database(f"sqlite:///{folder / 'union.db'}")
    }  # fmt: skip
    try:
        found["PostgreSQL"] = in_database(stack.enter_context(private_server()).new_database())
    except pytest.skip.Exception as why:
        print(f"  PostgreSQL left out: {why}")
    return found


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
