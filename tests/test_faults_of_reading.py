"""What of the collected faults is about reading, and stands in no corpus: ids, odd characters, odd paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

import relief
from relief.intake.tables import parse
from relief.sheets.sheet import Source
from tests.bad_files.make import repacked, workbook_bytes
from tests.books.make import HEADER, ROWS, SHEET
from tests.books.writers import csv, xlsx

if TYPE_CHECKING:
    from pathlib import Path

IDS = [("households", "household_id")]


def book(*rows: list[object]) -> relief.Tables:
    return parse([Source("名单.xlsx", xlsx({"名单": [HEADER, *rows]}))])


def test_ids_are_one_after_trimming_only_and_never_by_their_number() -> None:
    tables = book(["001", "新会区", 1], [1, "新会区", 2], [1.0, "新会区", 3], ["1", "新会区", 4])
    usable, aside = tables.usable(IDS)
    assert usable["households"]["household_id"].tolist() == ["001"]
    assert aside["row"].tolist() == [3, 4, 5]


@pytest.mark.parametrize("around", ["\u3000", "\u00a0", "\u200b", "\ufeff", " ", "\t"])
def test_what_nobody_sees_makes_no_other_household(around: str) -> None:
    tables = book(["H1", "新会区", 1], [f"H1{around}", "新会区", 2], [f"{around}H2", "新会区", 3])
    usable, aside = tables.usable(IDS)
    assert usable["households"]["household_id"].tolist() == ["H2"]
    assert aside["row"].tolist() == [2, 3]
    assert ("width", "household_id") in {(c.code, c.column) for c in tables.changes}


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_name_like_a_formula_is_a_text(name: str) -> None:
    rows = [[*HEADER, "申请人"], [*ROWS[0], f'"{name}"']]
    tables = parse([Source("名单.csv", csv(rows))])
    assert tables["households"]["applicant_name"].tolist() == [name.strip()]


def test_amounts_beyond_every_integer_are_exact_or_set_aside() -> None:
    cells = ["90071992547409.93", "92233720368547758.07", "92233720368547758.08", "1e30", "-0.01"]
    frame = pd.DataFrame({"户编号": list("abcde"), "个人自付": cells})
    usable, aside = relief.read_tables(frame).usable([("households", "out_of_pocket_fen")])
    assert usable["households"]["out_of_pocket_fen"].tolist() == [9_007_199_254_740_993, 2**63 - 1]
    assert aside["household_id"].tolist() == ["c", "d", "e"]


def test_a_pivot_cache_is_no_table() -> None:
    parts = {"xl/pivotCache/pivotCacheDefinition1.xml": b"<pivotCacheDefinition/>"}
    tables = parse([Source("名单.xlsx", repacked(workbook_bytes(), parts))])
    assert len(tables["households"]) == 3


@pytest.mark.parametrize("folder", ["a b", "汉字（一）", "😀", "/".join(["长" * 60] * 5)])
def test_a_file_is_read_wherever_it_lies(folder: str, tmp_path: Path) -> None:
    place = tmp_path / folder / "名单 1.xlsx"
    place.parent.mkdir(parents=True)
    place.write_bytes(xlsx(SHEET))
    assert len(relief.read_tables(place)["households"]) == 3
