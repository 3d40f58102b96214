"""Tests of rounds in other systems' stores: relief.round.parquet and relief.round.export."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import subprocess
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from relief.cli import command as cli
from relief.errors import MissingExtraError, RoundError, StoreError
from relief.round import export as exporting
from relief.round import record
from relief.round.export import export
from relief.round.parquet import arrow_table
from relief.round.pipeline import Round, run, split
from relief.round.verification import verify

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pa = pytest.importorskip("pyarrow", reason="pip install 'relief[parquet]'")
pytest.importorskip("sqlalchemy", reason="pip install 'relief[sql]'")
from pyarrow import parquet  # noqa: E402

ON = "2021-09-30"
HOUSEHOLD = {
    "户编号": "H1", "区县": "蓬江区", "城乡": "城镇", "是否工会会员": "是", "入户调查日期": "2021-06-01",
    "评议结果": "通过", "公示工作日数": "7", "公示有无异议": "无异议", "房产套数": "1", "机动车数": "0",
    "有无住院记录": "是", "有无疾病证明书": "是", "有无医疗收据": "是", "个人自付": "1234.50",
    "家庭年收入": "12000", "刚性支出": "0", "家庭人口": "3", "主要致困原因": "本人大病",
}  # fmt: skip
ROWS = [
    HOUSEHOLD,
    HOUSEHOLD | {"户编号": "=H2", "区县": "台山市", "个人自付": "0.29"},
    HOUSEHOLD | {"户编号": "'=H3", "区县": "市直", "个人自付": "999.99"},
    HOUSEHOLD | {"户编号": "H4", "是否工会会员": "否"},
    HOUSEHOLD | {"户编号": "H5", "是否工会会员": ""},
    HOUSEHOLD | {"户编号": "H6", "个人自付": "-3"},
    HOUSEHOLD | {"户编号": 'H"7,\n', "区县": "恩平市"},
]


def made(rows: list[dict[str, str]] = ROWS) -> Round:
    return run(pd.DataFrame(rows), "jiangmen-2021", 500_00, on=ON)


@pytest.fixture(scope="module")
def plain() -> Round:
    return made()


@pytest.fixture(scope="module")
def folders(plain: Round, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("rounds")
    return {kind: plain.written_as(kind).save(place / kind) for kind in ("csv", "parquet")}


# --- Parquet --------------------------------------------------------------------------------------


def test_the_large_tables_are_parquet_of_the_same_rows_with_types(
    folders: dict[str, Path], plain: Round
) -> None:
    names = {path.name for path in folders["parquet"].iterdir() if path.is_file()}
    large = {"awards", "decisions", "reasons", "missing", "shares"}
    assert names == {
        *(f"{name}.parquet" for name in large),
        "districts.csv", "quarantine.csv", "faults.csv", "record.json", "说明.txt",
    }  # fmt: skip
    for name in large:
        table = parquet.read_table(folders["parquet"] / f"{name}.parquet")
        text = (folders["csv"] / f"{name}.csv").read_bytes().decode()
        lines = list(csv.reader(io.StringIO(text, newline="")))
        assert [table.column_names, table.num_rows] == [lines[0], len(lines) - 1]
    awards = parquet.read_table(folders["parquet"] / "awards.parquet")
    assert awards.schema.field("award_yuan").type == pa.decimal128(38, 2)
    assert sum(awards["award_yuan"].to_pylist()) == Decimal("500.00")
    assert set(awards["household_id"].to_pylist()) == set(plain.allocation.awards_fen.index)  # type: ignore[union-attr]
    shares = parquet.read_table(folders["parquet"] / "shares.parquet")
    assert shares.schema.field("got_leftover").type == pa.bool_()
    told = (folders["parquet"] / "说明.txt").read_text("utf-8")
    assert "reasons.parquet" in told
    assert "reasons.csv" not in told


def test_the_bytes_are_the_same_from_run_to_run_and_whatever_the_order_of_the_rows(
    folders: dict[str, Path],
) -> None:
    again = made(ROWS[::-1]).written_as("parquet").tables_out
    for name in ("awards", "decisions", "reasons", "missing", "shares"):
        assert again[f"{name}.parquet"] == (folders["parquet"] / f"{name}.parquet").read_bytes()


def test_a_round_in_parquet_verifies_and_a_changed_byte_is_found(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    assert verify(folders["parquet"]).call["format"] == "parquet"
    place = made().written_as("parquet").save(tmp_path / "round")
    data = bytearray((place / "awards.parquet").read_bytes())
    data[len(data) // 2] ^= 1
    (place / "awards.parquet").write_bytes(data)
    with pytest.raises(RoundError) as caught:
        verify(place)
    assert (caught.value.code, caught.value.facts["file"]) == ("round.changed", "awards.parquet")


def resealed(place: Path, name: str, table: Any, **options: Any) -> None:
    """Write a table anew and make the record agree, as another version of pyarrow, or a forger, would."""
    parquet.write_table(table, place / name, **options)
    content = json.loads((place / "record.json").read_bytes())
    content["outputs"][name] = record.digest((place / name).read_bytes())
    (place / "record.json").write_bytes(record.sealed({k: v for k, v in content.items() if k != "seal"}))


def test_other_bytes_of_the_same_rows_verify_and_another_row_does_not(tmp_path: Path) -> None:
    place = made().written_as("parquet").save(tmp_path / "round")
    table = parquet.read_table(place / "awards.parquet")
    resealed(place, "awards.parquet", table, compression="gzip", use_dictionary=False)
    verify(place)
    awards = table["award_yuan"].to_pylist()
    awards[0] += 1
    forged = table.set_column(3, "award_yuan", pa.array(awards, pa.decimal128(38, 2)))
    resealed(place, "awards.parquet", forged)
    with pytest.raises(RoundError) as caught:
        verify(place)
    assert (caught.value.code, caught.value.facts["file"]) == ("round.differs", "awards.parquet")
    assert str(awards[0]) in caught.value.facts["stored"]


def test_a_split_is_written_as_parquet_too(tmp_path: Path) -> None:
    roster = pd.DataFrame({"户编号": ["a", "b"], "个人自付": [1, 2]})
    place = (
        split(roster, 100, districts="any", certificate=True).written_as("parquet").save(tmp_path / "split")
    )
    assert (place / "certificate.json").exists()
    assert verify(place).call["format"] == "parquet"


def test_a_format_that_is_none_is_refused_before_any_work(
    plain: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert plain.written_as("parquet").written_as("csv").record == plain.record
    with pytest.raises(RoundError) as caught:
        plain.written_as("orc")
    assert caught.value.code == "round.no_format"
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError):
        plain.written_as("parquet")


def test_a_round_is_the_same_where_pandas_holds_text_without_pyarrow(plain: Round, tmp_path: Path) -> None:
    """Pandas keeps text in pyarrow where that is installed; nothing may depend on it."""
    code = (
        "import json, sys; sys.modules['pyarrow'] = None\n"
        "import relief, pandas as pd\n"
        "assert pd.Series(['a']).dtype.storage == 'python'\n"
        "frame = pd.DataFrame(json.loads(sys.argv[1]))\n"
        f"relief.run(frame, 'jiangmen-2021', 500_00, on={ON!r}).save(sys.argv[2])\n"
    )
    subprocess.run([sys.executable, "-c", code, json.dumps(ROWS), tmp_path / "round"], check=True)
    assert record.parse_record((tmp_path / "round" / "record.json").read_bytes()) == {
        **plain.record,
        "seal": plain.seal,
    }


@pytest.mark.parametrize("words", [["run", "--rules", "jiangmen-2021", "--on", ON], ["allocate"]])
def test_the_command_line_writes_parquet_and_exports_it(
    words: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pd.DataFrame(ROWS[:3]).to_csv(tmp_path / "a.csv", index=False)
    call = [
        words[0],
        tmp_path / "a.csv",
        *words[1:],
        "--fund",
        "500",
        "--out",
        tmp_path / "round",
        "--format",
    ]
    assert relief(*call, "orc") == 2
    assert not (tmp_path / "round").exists()
    assert relief(*call, "parquet") in (0, 1)
    assert (tmp_path / "round" / "awards.parquet").exists()
    assert relief("verify", tmp_path / "round") == 0
    said = capfd.readouterr().out
    assert "shares.parquet" in said
    assert "shares.csv" not in said
    out = ["export", tmp_path / "round", "--to", f"sqlite:///{tmp_path / 'out.db'}"]
    assert relief(*out, "--json") == 0
    told = json.loads(capfd.readouterr().out)
    assert (told["url"], told["rows"]["awards"]) == ("sqlite:///out.db", 3)
    assert relief(*out) == 2
    assert relief(*out, "--overwrite") == 0
    assert "awards：3 行" in capfd.readouterr().out


def relief(*words: object) -> int:
    return cli._status(lambda: cli.app([*map(str, words)], standalone_mode=False))


# --- databases ------------------------------------------------------------------------------------


@pytest.fixture
def database(tmp_path: Path) -> tuple[str, Callable[[str], list[tuple[Any, ...]]]]:
    """Return the URL of a new database, and how to ask it."""
    place = tmp_path / "out.db"

    def ask(statement: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(place)
        with connection:
            rows = connection.execute(statement).fetchall()
        connection.close()
        return rows

    return f"sqlite:///{place}", ask


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_round_becomes_tables_of_whole_fen_and_bare_texts(
    kind: str, folders: dict[str, Path], database: Any, plain: Round
) -> None:
    url, ask = database
    counts = export(folders[kind], url)
    assert counts["decisions"] == 6
    assert counts["quarantine"] == 1
    plan = plain.allocation
    assert plan is not None
    assert dict(ask("SELECT household_id, award_fen FROM awards")) == plan.awards_fen.to_dict()
    assert dict(ask("SELECT household_id, claim_fen FROM awards")) == plan.claims_fen.to_dict()
    assert ask("SELECT sum(award_fen), typeof(award_fen) FROM awards") == [(500_00, "integer")]
    assert ask("SELECT household_id FROM decisions WHERE household_id LIKE '%H3'") == [("'=H3",)]
    assert ask("SELECT count(*) FROM decisions WHERE unknown_rules = ''") == [(0,)]
    assert ask("SELECT households FROM districts WHERE district = '台山市'") == [(1,)]
    assert ask("SELECT got_leftover FROM shares ORDER BY 1")[0] == (0,)
    ((seal, text),) = ask("SELECT seal, record FROM relief_round")
    assert record.parse_record(text.encode())["seal"] == seal


def test_both_formats_give_the_same_tables(folders: dict[str, Path], tmp_path: Path) -> None:
    dumps = []
    for kind in ("csv", "parquet"):
        export(folders[kind], f"sqlite:///{tmp_path / kind}")
        connection = sqlite3.connect(tmp_path / kind)
        dumps.append([line for line in connection.iterdump() if "relief_round" not in line])
        connection.close()
    assert dumps[0] == dumps[1]


def test_an_earlier_round_is_replaced_only_if_asked_and_whole(
    folders: dict[str, Path], database: Any
) -> None:
    url, ask = database
    export(folders["csv"], url)
    with pytest.raises(StoreError) as caught:
        export(folders["parquet"], url)
    assert caught.value.code == "store.exists"
    ((before,),) = ask("SELECT seal FROM relief_round")
    ask("INSERT INTO awards VALUES ('H9', '蓬江区', 1, 1)")
    export(folders["parquet"], url, overwrite=True)
    ((after,),) = ask("SELECT seal FROM relief_round")
    assert after != before
    assert ask("SELECT count(*) FROM awards WHERE household_id = 'H9'") == [(0,)]


def test_a_table_that_the_new_round_lacks_goes_with_the_old_one(
    folders: dict[str, Path], database: Any, tmp_path: Path
) -> None:
    url, ask = database
    export(folders["csv"], url)
    split(pd.DataFrame({"户编号": ["a"], "个人自付": [1]}), 100, districts="any").save(tmp_path / "split")
    export(tmp_path / "split", url, overwrite=True)
    names = {name for (name,) in ask("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert names == {"awards", "districts", "faults", "quarantine", "relief_round", "shares"}


@pytest.mark.parametrize("overwrite", [False, True])
def test_tables_of_others_are_never_touched(overwrite: bool, folders: dict[str, Path], database: Any) -> None:
    url, ask = database
    ask("CREATE TABLE awards (prize TEXT)")
    with pytest.raises(StoreError) as caught:
        export(folders["csv"], url, overwrite=overwrite)
    assert caught.value.code == "store.foreign"
    assert caught.value.facts["names"] == "awards"
    assert ask("SELECT name FROM sqlite_master") == [("awards",)]


@pytest.mark.parametrize("earlier", [False, True])
def test_a_write_that_fails_leaves_the_database_as_it_was(
    earlier: bool, folders: dict[str, Path], database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, ask = database
    if earlier:
        export(folders["csv"], url)
    before = ask("SELECT name, sql FROM sqlite_master ORDER BY 1")
    insert = exporting._insert

    def failing(connection: Any, table: Any, batch: list[Any]) -> None:
        if table.name == "reasons":
            raise OSError("李小明")
        insert(connection, table, batch)

    monkeypatch.setattr(exporting, "_insert", failing)
    with pytest.raises(StoreError) as caught:
        export(folders["csv"], url, overwrite=True)
    assert caught.value.code == "store.cannot_write"
    assert "李小明" not in str(caught.value)
    assert ask("SELECT name, sql FROM sqlite_master ORDER BY 1") == before
    if earlier:
        assert ask("SELECT count(*) FROM decisions") == [(6,)]


def test_a_folder_that_was_changed_is_not_written(tmp_path: Path, plain: Round, database: Any) -> None:
    url, ask = database
    place = plain.save(tmp_path / "round")
    (place / "awards.csv").write_bytes((place / "awards.csv").read_bytes().replace(b"500", b"501"))
    (place / "districts.csv").write_bytes(b"")
    with pytest.raises(RoundError):
        export(place, url)
    assert ask("SELECT name FROM sqlite_master") == []


def test_other_kinds_of_database_are_read_only(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "_WRITABLE", ("postgresql",))
    with pytest.raises(StoreError) as caught:
        export(folders["csv"], "sqlite://")
    assert caught.value.code == "store.not_written_to"


def test_an_apostrophe_that_guards_a_formula_is_undone_and_no_other(plain: Round) -> None:
    texts = arrow_table("decisions.csv", plain.tables_out["decisions.csv"])["household_id"].to_pylist()
    assert {"=H2", "'=H3"} < set(texts)
