"""Recalculation by LibreOffice without a screen: every formula anew, whatever a file says it comes to."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl

from relief.audit.places import ASKED, ASKED_ROW, LIVE
from relief.audit.sheet import FIRST_ROW

if TYPE_CHECKING:
    from pathlib import Path

    from tests.audit.generated import Case

OFFICE = shutil.which("soffice")
SPOILED = "7"
AT_ONCE = 50
"""Files for one start of LibreOffice; it stops without a word at about 250."""
# Where a program asks whether to recalculate a workbook of another program: always.
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>"""


def spoiled(data: bytes) -> bytes:
    """Return a workbook in which every formula is stored with a wrong value."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name.startswith("xl/worksheets/sheet"):
                part = re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1<v>" + SPOILED.encode() + rb"</v>", part)
                part = re.sub(rb'(<c [^>]*) t="(?:str|b|e)"(><f>)', rb"\1\2", part)
            new.writestr(name, part)
    return out.getvalue()


def edited(data: bytes, case: Case) -> bytes:
    """Return a workbook with the amounts of a case typed into its inputs, as an auditor would."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book.worksheets[0]
    at = {sheet[f"{ASKED.id}{row}"].value: row for row in range(FIRST_ROW, sheet.max_row + 1)}
    sheet[f"{ASKED.fund}{ASKED_ROW}"].value = case.fund / 100
    sheet[f"{ASKED.unit}{ASKED_ROW}"].value = case.unit / 100
    for column, amounts in ((ASKED.claim, case.claims), (ASKED.floor, case.floors), (ASKED.cap, case.caps),
                            (ASKED.paid, case.paid)):  # fmt: skip
        for label, amount in zip(case.ids, amounts, strict=True):
            sheet[f"{column}{at[label]}"].value = None if amount is None else amount / 100
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def typed(data: bytes, cells: dict[str, Any]) -> bytes:
    """Return a workbook with something else in some cells, named as ``sheet!cell``."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    for place, value in cells.items():
        sheet, _, cell = place.partition("!")
        book[sheet][cell].value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def recalculated(folder: Path, files: dict[str, bytes]) -> dict[str, bytes]:
    """Return workbooks as LibreOffice writes them after working out every formula."""
    assert OFFICE is not None
    user = folder / "profile" / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(_SETTINGS, "utf-8")
    for name, data in files.items():
        (folder / f"{name}.xlsx").write_bytes(data)
    paths = [str(folder / f"{name}.xlsx") for name in files]
    call = [OFFICE, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
    call += ["--convert-to", "xlsx", "--outdir", str(folder / "out")]
    for start in range(0, len(paths), AT_ONCE):
        some = paths[start : start + AT_ONCE]
        subprocess.run([*call, *some], check=True, capture_output=True, timeout=1800)
    return {name: (folder / "out" / f"{name}.xlsx").read_bytes() for name in files}


def values(data: bytes) -> dict[str, dict[str, Any]]:
    """Return what every cell shows, by sheet and cell; a blank is no cell."""
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    return {
        sheet.title: {
            cell.coordinate: cell.value
            for row in sheet.iter_rows()
            for cell in row
            if cell.value not in (None, "")
        }
        for sheet in book
    }


def awards(shown: dict[str, dict[str, Any]], case: Case) -> dict[str, Any]:
    """Return the awards in fen that a workbook shows, by household."""
    split = shown["分配"]
    rows = range(FIRST_ROW, FIRST_ROW + len(case.ids))
    return {split[f"A{row}"]: split[f"{LIVE.award}{row}"] for row in rows}


def failed(shown: dict[str, dict[str, Any]]) -> list[str]:
    """Return the sentences of the checks that are not TRUE."""
    checks = shown["核对"]
    rows = [int(cell[1:]) for cell in checks if cell.startswith("E") and int(cell[1:]) >= FIRST_ROW]
    return [checks[f"B{row}"] for row in rows if checks[f"E{row}"] is not True]
