"""Tests of relief.sheets.database on SQLite; PostgreSQL: tests/end_to_end/test_postgresql.py."""

from __future__ import annotations

import json
import sqlite3
import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.stores import as_arrow, into_database, sample, stored

from relief.cli import command as cli
from relief.errors import MissingExtraError, ReliefError, StoreError, TableError
from relief.intake.tables import Tables, read_tables
from relief.judging.eligibility import assess
from relief.round.pipeline import run
from relief.round.verification import verify
from relief.sheets.database import _veiled, read_database, shown_url

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytest.importorskip("sqlalchemy", reason="pip install 'relief[sql]'")


@pytest.fixture(scope="module", name="sample")
def read_sample() -> Tables:
    return sample(15)


@pytest.fixture
def database(tmp_path: Path) -> Callable[..., str]:
    """Run statements in a new database and return its URL."""

    def made(*statements: str) -> str:
        with sqlite3.connect(tmp_path / "union.db") as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()
        return f"sqlite:///{tmp_path / 'union.db'}"

    return made


@pytest.mark.parametrize(("money", "titled"), [("fen", False), ("float", True), ("text", True)])
def test_a_database_gives_the_tables_of_the_workbook_whatever_the_order_of_its_rows(
    money: Any, titled: bool, sample: Tables, tmp_path: Path
) -> None:
    sources = []
    for number in range(2):
        url = f"sqlite:///{tmp_path / f'{number}' / 'union.db'}"
        (tmp_path / f"{number}").mkdir()
        tables = stored(sample, money, titled=titled)
        into_database(url, tables, reversed if number else iter)
        read = read_tables(url)
        for table, frame in sample.frames.items():
            key = [name for name in frame.columns if name != "area"]
            ours, theirs = (
                f[frame.columns]
                .astype(object)
                .sort_values(key, key=lambda c: c.astype(str))
                .reset_index(drop=True)
                for f in (frame, read[table])
            )
            pd.testing.assert_frame_equal(ours, theirs)
        sources.append([(source.name, source.data) for source in read.sources])
    assert sources[0] == sources[1]


def test_a_round_of_a_database_is_the_round_of_the_workbook_and_verifies_without_it(
    sample: Tables, tmp_path: Path
) -> None:
    place = tmp_path / "union.db"
    into_database(f"sqlite:///{place}", stored(sample, "fen"), reversed)
    ours = run(f"sqlite:///{place}", "jiangmen-2021", 30_000_00, on="2021-09-30")
    texts = {name: as_arrow(columns) for name, columns in stored(sample, "text", titled=True).items()}
    theirs = run(texts, "jiangmen-2021", 30_000_00, on="2021-09-30")
    for name in ("awards.csv", "decisions.csv", "districts.csv", "reasons.csv", "missing.csv", "shares.csv"):
        assert ours.tables_out[name] == theirs.tables_out[name], name
    ours.save(tmp_path / "round")
    place.unlink()
    assert verify(tmp_path / "round").seal == ours.seal
    (store,) = json.loads((tmp_path / "round" / "record.json").read_bytes())["stores"]
    assert store["url"] == "sqlite:///union.db"
    assert store["tables"]["members"]["rows"] == len(sample["members"])
    inputs = {entry["name"]: entry["sha256"] for entry in ours.record["inputs"]}
    assert {name: about["sha256"] for name, about in store["tables"].items()} == {
        name: inputs[f"{name}.frame.json"] for name in sample.frames
    }


def test_tables_and_views_go_by_chinese_names_and_others_are_left_alone(database: Callable[..., str]) -> None:
    url = database(
        'CREATE TABLE "t_jt" (编号 INTEGER, "自付金额（元）" REAL, 多余 TEXT)',
        "INSERT INTO t_jt VALUES (1740000000000000001, 0.30000000000000004, 'x'), (2, 12, NULL)",
        'CREATE VIEW "家庭信息表" AS SELECT * FROM t_jt',
        "CREATE TABLE log (household_id TEXT)",
    )
    tables = read_tables(url)
    assert tables["households"]["household_id"].tolist() == ["2", "1740000000000000001"]
    assert tables["households"]["out_of_pocket_fen"].tolist() == [1200, 30]
    assert [fault.code for fault in tables.faults] == ["notice.unknown_headers"]
    assert [source.name for source in tables.sources] == ["家庭信息表.frame.json", "union.db.store.json"]


def test_what_is_no_date_in_a_date_column_is_a_fault_of_its_cell(database: Callable[..., str]) -> None:
    url = database(
        "CREATE TABLE households (household_id TEXT, applied_on DATE, visited_on DATETIME,"
        " out_of_pocket_fen INTEGER)",
        "INSERT INTO households VALUES ('H1', '2021.9.30', '2021-09-01 00:00:00.000000', 5)",
        "INSERT INTO households VALUES ('H2', '下周', NULL, '5x')",
    )
    tables = read_tables(url)
    assert tables["households"]["applied_on"].dt.strftime("%F").fillna("NaT").tolist() == [
        "2021-09-30",
        "NaT",
    ]
    assert tables["households"]["visited_on"].dt.strftime("%F").fillna("NaT").tolist() == [
        "2021-09-01",
        "NaT",
    ]
    found = [(fault.code, fault.sheet, fault.row, fault.column) for fault in tables.faults]
    assert found == [
        ("fault.date", "households", 2, "applied_on"),
        ("fault.count", "households", 2, "out_of_pocket_fen"),
    ]


def test_two_tables_that_mean_the_same_are_one_and_empty_ones_hold_nothing(
    database: Callable[..., str],
) -> None:
    url = database(
        "CREATE TABLE households (household_id TEXT, 个人自付 REAL)",
        "CREATE TABLE 家庭 (户编号 TEXT, 个人自付 REAL)",
        "CREATE TABLE members (household_id TEXT, name TEXT)",
        "INSERT INTO households VALUES ('H1', 1)",
        "INSERT INTO 家庭 VALUES ('H2', 2)",
    )
    tables = read_tables(url)
    assert tables["households"]["out_of_pocket_fen"].tolist() == [100, 200]
    assert len(tables["members"]) == 0
    assert assess(tables, "jiangmen-2021", on="2021-09-30").counts["pending"] == 2


def test_a_database_without_households_says_what_they_would_be_called(database: Callable[..., str]) -> None:
    with pytest.raises(StoreError) as caught:
        read_tables(database("CREATE TABLE t_jt (a TEXT)"))
    assert caught.value.code == "store.no_households"
    assert "t_jt" in str(caught.value)
    assert "花名册" in str(caught.value)


def test_a_table_without_an_id_is_refused_as_a_sheet_is(database: Callable[..., str]) -> None:
    with pytest.raises(TableError):
        read_tables(database("CREATE TABLE households (a TEXT)", "INSERT INTO households VALUES ('x')"))


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        read_tables(f"sqlite:///{tmp_path / 'nowhere.db'}")
    assert caught.value.code == "store.not_found"
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_database_is_told_without_a_row_of_it(tmp_path: Path) -> None:
    (tmp_path / "union.db").write_bytes(b"440703000002310015" * 100)
    with pytest.raises(StoreError) as caught:
        read_tables(f"sqlite:///{tmp_path / 'union.db'}")
    assert caught.value.code in ("store.cannot_connect", "store.cannot_read")
    assert "440703" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("nosuch://u:s3cret@h/d", "store.no_dialect"),
        ("postgresql://u:s3@cret@h/d", "store.no_url"),
        ("postgresql://u:s3cret@h:port/d", "store.no_url"),
        ("mysql+nosuchdriver://u:s3cret@h/d", "store.no_dialect"),
        ("postgresql://u:s3cret@127.0.0.1:1/d?password=s3cret", "store.cannot_connect"),
        ("sqlite:////no/such/s3cret-free.db", "store.not_found"),
    ],
)
def test_a_url_that_leads_nowhere_is_refused_without_its_password(url: str, code: str) -> None:
    with pytest.raises(ReliefError) as caught:
        read_tables(url)
    assert caught.value.code == code
    for lang in ("zh", "en"):
        assert "s3cret@" not in caught.value.text(lang)
        assert "u:s3" not in caught.value.text(lang)


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=20))
@example("pass@word")
@example("a/b?c#d:e@f")
def test_no_password_is_in_what_is_shown(password: str) -> None:
    try:
        shown = shown_url(f"postgresql://relief:{password}@db.example/union")
    except StoreError as error:
        shown = f"{error} {error.text('zh')} {error!r} {error.facts}"
    assert password not in shown.replace("postgresql", "").replace("relief", "").replace("db.example", "")


def test_what_a_driver_says_is_shown_without_the_secrets_of_the_url() -> None:
    url = "postgresql://relief:s3%40cret@h/d?sslpassword=0ther&application_name=x"
    said = "no entry for s3@cret and 0ther, account 6222020000000000123\nDETAIL: H1"
    assert _veiled(said, url) == "no entry for *** and ***, account 622**************23"


def test_a_mapping_means_columns_of_a_database_and_a_call_names_one_source(
    database: Callable[..., str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    url = database(
        "CREATE TABLE households (户编号 TEXT, zf REAL)", "INSERT INTO households VALUES ('H1', 2)"
    )
    place = tmp_path / "meanings.csv"
    words = ["allocate", "--fund", "1", "--districts", "any", "--out"]
    assert command([*words, "a", "--from", url, "--map", "zf=out_of_pocket"], tmp_path) == 0
    assert command([*words, "b", url, "--map", "zf=out_of_pocket", "--map-file", place], tmp_path) == 0
    assert command([*words, "c", url, "--map-file", place], tmp_path) == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"a", "b", "c", "union.db", "meanings.csv"}
    for folder in "abc":
        assert verify(tmp_path / folder).allocation.awards_fen.to_dict() == {"H1": 100}  # type: ignore[union-attr]
    assert command(["compare", url, "--fund", "1", "--methods", "equal"], tmp_path) == 2
    capfd.readouterr()
    assert command([*words, "d", url, "--from", url], tmp_path) == 2
    assert command([*words, "d"], tmp_path) == 2
    assert capfd.readouterr().err.count("--from") == 2


def command(words: list[object], folder: Path) -> int:
    """Run a command; `--out` is inside the folder."""
    texts = [
        str(folder / word) if before == "--out" else str(word) for before, word in pairwise(["", *words])
    ]
    return cli._status(lambda: cli.app(texts, standalone_mode=False))


def test_without_sqlalchemy_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(MissingExtraError) as caught:
        read_database("sqlite:///union.db")
    assert "pip install 'relief[sql]'" in str(caught.value)
