"""Tests of relief.intake.mapping, and of --map and --map-file on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from relief.cli.command import app
from relief.errors import TableError
from relief.intake.mapping import mapping_of, mapping_source
from relief.intake.tables import parse
from relief.sheets.sheet import Source

if TYPE_CHECKING:
    from pathlib import Path

TABLE = "户编号,区县,自付额（万元）\r\nH1,新会区,1.2\r\nH2,江海区,3\r\n"


def fen(sources: list[Source]) -> list[int]:
    return list(parse(sources)["households"]["out_of_pocket_fen"])


@pytest.mark.parametrize(
    "column", ["out_of_pocket", "out_of_pocket_fen", "个人自付", "households.out_of_pocket"]
)
def test_a_header_is_read_as_it_is_said_to_mean_with_its_unit(column: str) -> None:
    mapping = mapping_source("表头.map.csv", {"自付额": column})
    assert fen([Source("a.csv", TABLE.encode()), mapping]) == [1200000, 3000000]


def test_a_column_that_is_none_is_refused_with_the_nearest() -> None:
    with pytest.raises(TableError) as error:
        mapping_source("a.map.csv", {"自付额": "out_of_poket"})
    assert (error.value.code, error.value.facts["near_zh"]) == (
        "map.no_column",
        "（相近：out_of_pocket_fen）",
    )


def test_a_column_like_no_other_is_refused_without_a_guess() -> None:
    with pytest.raises(TableError) as error:
        mapping_source("a.map.csv", {"自付额": "⚙⚙⚙"})
    assert "near" not in error.value.text("en")
    assert "（相近" not in error.value.text("zh")


@pytest.mark.parametrize(
    ("text", "code"),
    [("表头,列\r\n自付额\r\n", "map.not_two"), ("表头,列\r\na,区县\r\na,城乡\r\n", "map.two_meanings")],
)
def test_a_mapping_that_says_nothing_or_two_things_is_refused(text: str, code: str) -> None:
    with pytest.raises(TableError) as error:
        mapping_of([Source("a.map.csv", text.encode("gb18030"))])
    assert error.value.code == code


def test_a_mapping_is_told_and_one_that_is_not_used_warned_of() -> None:
    mapping = mapping_source("表头.map.csv", {"自付额": "out_of_pocket", "月租": "rigid_other"})
    found = parse([Source("a.csv", TABLE.encode()), mapping]).faults
    told = [(f.code, f.severity) for f in found]
    assert told == [("notice.mapped", "notice"), ("warning.map_unused", "warning")]


def test_what_a_call_says_is_remembered_beside_the_workbook_and_verified(tmp_path: Path) -> None:
    place, split = tmp_path / "名单.csv", tmp_path / "split"
    place.write_text(TABLE, "utf-8")
    run = CliRunner().invoke
    assert (
        run(app, ["check", str(place), "--map", "自付额=out_of_pocket"], standalone_mode=False).return_value
        == 0
    )
    assert (tmp_path / "名单.csv.map.csv").read_text("utf-8-sig") == "表头,列\n自付额,out_of_pocket\n"
    call = ["allocate", str(place), "--fund", "10000", "--out", str(split)]
    assert run(app, call, standalone_mode=False).return_value == 0
    assert sorted(p.name for p in (split / "inputs").iterdir()) == ["名单.csv", "表头.map.csv"]
    assert run(app, ["verify", str(split)], standalone_mode=False).return_value == 0


def test_a_mapping_may_lie_elsewhere_or_in_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "报送"
    folder.mkdir()
    (folder / "新会.csv").write_text(TABLE, "utf-8")
    elsewhere = tmp_path / "表.csv"
    elsewhere.write_bytes(mapping_source("x", {"自付额": "out_of_pocket"}).data)

    def status(*more: str) -> int:
        return CliRunner().invoke(app, ["check", str(folder), *more], standalone_mode=False).return_value

    assert status("--map-file", str(elsewhere)) == 0
    assert not (folder / "表头.map.csv").exists()
    assert status("--map", "自付额=个人自付") == 0
    assert (folder / "表头.map.csv").exists()
    assert status() == 0


def test_half_a_pair_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "a.csv"
    place.write_text(TABLE, "utf-8")
    result = CliRunner().invoke(app, ["check", str(place), "--map", "自付额"], standalone_mode=False)
    assert isinstance(result.exception, TableError)
    assert result.exception.code == "map.not_a_pair"
