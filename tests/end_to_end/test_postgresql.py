"""A real PostgreSQL: the round of the workbook from its tables, and back into it; started by the tests."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from tests.postgres import Server, private_server
from tests.stores import into_database, sample, stored

from relief.cli import command as cli
from relief.errors import StoreError
from relief.intake.tables import read_tables
from relief.money import fen
from relief.round import export as exporting
from relief.round.export import export
from relief.round.pipeline import run
from relief.sheets import database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip("sqlalchemy", reason="pip install 'relief[sql]'")

ON = "2021-09-30"


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with private_server() as running:
        yield running


def relief(*words: object) -> int:
    return cli._status(lambda: cli.app([*map(str, words)], standalone_mode=False))


def test_the_round_of_the_workbook_comes_from_postgresql_byte_for_byte_and_goes_back_into_it(
    server: Server, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    url = server.new_database()
    workbook = sample(30)
    into_database(url, stored(workbook, titled=True), reversed)
    words = ["--rules", "jiangmen-2021", "--fund", "30000", "--on", ON, "--out", tmp_path / "round"]
    assert relief("run", "--from", url, *words) == 1
    expected = run(workbook, "jiangmen-2021", fen("30000"), on=ON).tables_out
    for name in ("awards.csv", "decisions.csv", "districts.csv", "reasons.csv", "missing.csv", "shares.csv"):
        assert (tmp_path / "round" / name).read_bytes() == expected[name], name
    assert relief("export", tmp_path / "round", "--to", url) == 0
    assert sum(award for (award,) in ask(url, "SELECT award_fen FROM awards")) == fen("30000")
    assert len(ask(url, "SELECT * FROM decisions")) == len(workbook["households"])
    server.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")
    assert relief("verify", tmp_path / "round") == 0
    said = "".join(capfd.readouterr())
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert server.password not in said
    assert server.password.encode() not in kept
    record = json.loads((tmp_path / "round" / "record.json").read_bytes())
    assert re.fullmatch(r"postgresql://relief:\*\*\*@127\.0\.0\.1:\d+/t\w+", record["stores"][0]["url"])


def ask(url: str, statement: str) -> list[tuple[Any, ...]]:
    import psycopg

    with psycopg.connect(url) as connection:
        return connection.execute(statement.encode()).fetchall()


def test_the_view_of_another_system_in_a_schema_of_its_own_will_do(server: Server) -> None:
    url = server.new_database()
    name = url.rpartition("/")[2]
    for statement in (
        'CREATE SCHEMA "工会"',
        'CREATE TABLE "工会".jt (id bigint, "自付" numeric, "日期" timestamptz, "在职" boolean)',
        "INSERT INTO \"工会\".jt VALUES (1740000000000000001, 12.50, '2021-09-29T16:00Z', true)",
        "INSERT INTO \"工会\".jt VALUES (7, 'NaN', NULL, NULL)",
        'CREATE VIEW "工会"."家庭" AS'
        ' SELECT id AS "户编号", "自付" AS "个人自付", "日期" AS "申请日期" FROM "工会".jt',
    ):
        server.execute(statement, name)
    tables = read_tables(f"{url}?options=-csearch_path%3D工会")
    assert tables["households"]["household_id"].tolist() == ["7", "1740000000000000001"]
    assert tables["households"]["out_of_pocket_fen"].tolist() == [pd.NA, 1250]
    assert tables["households"]["applied_on"].tolist() == [pd.NaT, pd.Timestamp("2021-09-30")]


def test_all_tables_are_of_one_moment_and_reading_may_not_write(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.new_database()
    name = url.rpartition("/")[2]
    server.execute("CREATE TABLE households (household_id text)", name)
    server.execute("CREATE TABLE members (household_id text, name text)", name)
    server.execute("INSERT INTO households VALUES ('H1')", name)
    rows = database._rows

    def meanwhile(connection: Any, table: str) -> Any:
        found = rows(connection, table)
        server.execute("INSERT INTO members VALUES ('H2', 'x')", name)
        return found

    monkeypatch.setattr(database, "_rows", meanwhile)
    assert len(read_tables(url)["members"]) == 0
    with pytest.raises(StoreError), database.connected(url) as connection:
        connection.exec_driver_sql("INSERT INTO households VALUES ('H3')")
    assert ask(url, "SELECT * FROM households") == [("H1",)]


def test_a_write_that_fails_leaves_nothing_in_postgresql(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.new_database()
    small = sample(5)
    place = run(small, "jiangmen-2021", 100, on=ON).save(tmp_path / "round")
    insert = exporting._insert

    def failing(connection: Any, table: Any, batch: list[Any]) -> None:
        if table.name == "reasons":
            batch = [("\0", *row[1:]) for row in batch]  # what PostgreSQL takes in no text
        insert(connection, table, batch)

    monkeypatch.setattr(exporting, "_insert", failing)
    with pytest.raises(StoreError) as caught:
        export(place, url)
    assert caught.value.code == "store.cannot_write"
    assert ask(url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


def test_who_may_not_read_is_told_without_a_password(
    server: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    assert relief("check", "--from", server.url("postgres", "wr0ng-secret")) == 2
    said = "".join(capfd.readouterr())
    assert "wr0ng-secret" not in said
    assert "password authentication failed" in said
    url = server.new_database()
    server.execute("CREATE TABLE households (household_id text)", url.rpartition("/")[2])
    server.execute("CREATE ROLE guest LOGIN PASSWORD 'gu3st-secret'", url.rpartition("/")[2])
    with pytest.raises(StoreError) as caught:
        read_tables(url.replace(f"relief:{server.password}", "guest:gu3st-secret"))
    assert caught.value.code == "store.cannot_read"
    assert caught.value.facts["why"] == "InsufficientPrivilege 42501"
