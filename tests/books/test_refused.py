"""What must be refused by name, quickly and in little memory; and damage, which is never a traceback."""

from __future__ import annotations

import io
import random
import zipfile
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.books.make import HEADER, READ, ROWS, SHEET
from tests.books.writers import csv, ods, xls, xlsx, zipped

from relief.errors import FileError, ReliefError
from relief.intake.tables import parse
from relief.sheets.archive import MOST_FILES
from relief.sheets.files import read_sheets, read_sources
from relief.sheets.sheet import Source

if TYPE_CHECKING:
    from pathlib import Path


def refused(data: bytes, name: str, folder: Path) -> tuple[str, dict[str, object]]:
    place = folder / name
    place.write_bytes(data)
    with pytest.raises(FileError) as error:
        [read_sheets(source) for source in read_sources(place)]
    return error.value.code, error.value.facts


def changed_ods(old: bytes, new: bytes) -> bytes:
    """Return an .ods whose content.xml says something else."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(ods(SHEET))) as before, zipfile.ZipFile(stream, "w") as after:
        for entry in before.infolist():
            data = before.read(entry)
            assert entry.filename != "content.xml" or old in data
            data = data.replace(old, new, 1) if entry.filename == "content.xml" else data
            after.writestr(entry.filename, data, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = zipped({"名单.csv": bytes(60 * 2**20)})
    code, facts = refused(bomb, "报送.zip", tmp_path)
    assert (code, facts["size"]) == ("file.bomb", 60 * 2**20)


def test_an_archive_of_very_many_files_is_refused(tmp_path: Path) -> None:
    many = zipped({f"{at}.csv": b"" for at in range(MOST_FILES + 1)})
    assert refused(many, "报送.zip", tmp_path) == (
        "file.too_many", {"name": "报送.zip", "count": MOST_FILES + 1, "most": MOST_FILES},
    )  # fmt: skip


def test_an_archive_with_a_password_is_refused(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.csv": b"x"}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert refused(bytes(data), "报送.zip", tmp_path)[0] == "file.encrypted_zip"


def test_an_archive_in_an_archive_is_named_and_not_opened(tmp_path: Path) -> None:
    place = tmp_path / "报送.zip"
    place.write_bytes(zipped({"里.zip": zipped({"a.csv": b"x"}), "名单.csv": csv(SHEET["名单"])}))
    tables = parse(read_sources(place))
    assert [(f.code, f.source) for f in tables.faults] == [("notice.file_unread", "里.zip")]


def test_a_path_out_of_the_archive_leads_nowhere(tmp_path: Path) -> None:
    place = tmp_path / "报送.zip"
    place.write_bytes(zipped({"../../etc/名单.csv": csv(SHEET["名单"]), "/root\\x.csv": b"a"}))
    assert [source.name for source in read_sources(place)] == ["etc - 名单.csv", "root - x.csv"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (
            b"<office:document-content",
            b'<!DOCTYPE a [<!ENTITY b "c">]><office:document-content',
            "file.entities",
        ),
        (b"<table:table-row>", b'<table:table-row table:number-rows-repeated="1000000">', "file.bomb"),
        (b"<table:table-cell ", b'<table:table-cell table:number-columns-repeated="10000" ', "file.too_wide"),
    ],
)
def test_an_ods_made_to_exhaust_the_machine_is_refused(
    old: bytes, new: bytes, code: str, tmp_path: Path
) -> None:
    assert refused(changed_ods(old, new), "名单.ods", tmp_path)[0] == code


def test_a_million_empty_rows_of_an_ods_are_counted_and_not_kept() -> None:
    old, new = (
        b"<table:table-row>",
        b'<table:table-row table:number-rows-repeated="1000000"/><table:table-row>',
    )
    (sheet,) = read_sheets(Source("a.ods", changed_ods(old, new)))
    assert sheet.rows.tolist() == [1000001, 1000002, 1000003, 1000004]


@pytest.mark.parametrize("size", [8, 512, 1500, 4000])
def test_a_truncated_xls_is_refused(size: int, tmp_path: Path) -> None:
    assert refused(xls(SHEET)[:size], "名单.xls", tmp_path)[0] in ("file.damaged", "file.not_a_table")


@pytest.mark.parametrize("write", [xls, ods, xlsx])
def test_damage_is_refused_in_words_or_read(write: object) -> None:
    """Of 150 copies with some bytes changed each ends in sheets or in an error of ours."""
    whole, chance = write(SHEET), random.Random(7)  # type: ignore[operator]  # noqa: S311
    ends = set()
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 12)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            parse([Source("名单.x", bytes(data))])
            ends.add("read")
        except ReliefError as error:
            ends.add(error.code)
    assert len(ends) > 1


WORDS = st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters=',;|"'), max_size=6)
CELLS = st.one_of(
    st.none(), WORDS, st.integers(-(10**6), 10**6), st.booleans(),
    st.sampled_from(["合计", "￥1,200.5元", "2021年9月", "1e400", "—", "H1", "=1+1"]),
)  # fmt: skip


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=6), st.randoms(use_true_random=False))
def test_shuffled_and_damaged_rows_are_all_accounted_for(
    more: list[tuple[object, ...]], chance: random.Random
) -> None:
    body = [*ROWS, *(list(row) for row in more)]
    chance.shuffle(body)
    tables = parse([Source("名单.csv", csv([HEADER, *body], "utf-8"))])
    filled = {at for at, row in enumerate(body, 2) if any(str(cell or "").strip() for cell in row)}
    usable, aside = tables.usable([("households", "district"), ("households", "out_of_pocket_fen")])
    used, out = set(usable.origins["households"]["row"]), set(aside["row"])
    ignored = {f.row for f in tables.faults if f.code in ("notice.footer", "notice.repeated_header")}
    assert len(used) + len(out) + len(ignored) == len(used | out | ignored)
    assert used | out | ignored >= filled
    sound = {(id_, int(Decimal(yuan or 0) * 100)) for id_, _, yuan in READ}
    kept = usable["households"].set_index("household_id")["out_of_pocket_fen"]
    twice = {row[0] for row in more}
    assert all(kept.get(id_) == fen for id_, fen in sound if id_ not in twice)
