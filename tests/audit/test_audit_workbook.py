"""What the workbook holds before anything recalculates it: formulas, outside text, limits, other methods."""

from __future__ import annotations

import io
import math
import re
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.audit import generated, office
from tests.papers import rounds

import relief
from relief.audit import audit_workbook, products, reasons, roll
from relief.audit.products import Halved
from relief.errors import MissingExtraError, RoundError
from relief.round.verification import verify

if TYPE_CHECKING:
    from pathlib import Path

# What Excel has had since 2007, and LibreOffice too.
FUNCTIONS = {
    "AND", "COUNTIF", "EXACT", "IF", "IFERROR", "INT", "ISNUMBER", "LARGE", "MAX", "MIN", "NA", "OR", "ROUND",
    "SMALL", "SUM", "SUMIF", "SUMPRODUCT",
}  # fmt: skip
HOSTILE = [
    "=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "'=1", '=HYPERLINK("http://a.b","c")', "{=1}",
    "<r><t>x</t></r>", "_x0041_", "http://a.b", "file:///etc/passwd", "#N/A", "TRUE", "1E5", "007",
]  # fmt: skip


def split_of(ids: list[str], districts: list[str] | None = None, **terms: Any) -> Any:
    roster = pd.DataFrame(
        {
            "户编号": ids,
            "区县": districts or ["新会区"] * len(ids),
            "个人自付": [f"{100 + at}.5" for at in range(len(ids))],
            "组": ["甲" if at % 2 else "乙" for at in range(len(ids))],
        }
    )
    return relief.split(roster, terms.pop("fund_fen", 150_00), any_district=True, **terms)


def cells(data: bytes) -> list[Any]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


def formulas(data: bytes) -> list[str]:
    return [cell.value for cell in cells(data) if cell.data_type == "f"]


def test_the_same_round_gives_the_same_bytes() -> None:
    first, again = (audit_workbook(split_of(["a", "b", "c"])) for _ in range(2))
    assert first == again


def test_a_round_read_back_from_its_folder_gives_the_same_bytes(tmp_path: Path) -> None:
    case = next(case for case in generated.cases(12, 3, 6) if any(case.caps) and any(case.floors))
    case.round.save(tmp_path / "round")
    assert audit_workbook(verify(tmp_path / "round")) == audit_workbook(case.round)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_formulas_use_what_every_spreadsheet_knows_and_no_words_from_outside(lang: Any) -> None:
    """Sheets are in both languages; a formula holds cells, numbers, and our own two words of each choice."""
    found = formulas(audit_workbook(split_of(HOSTILE, HOSTILE), lang))
    assert {name for formula in found for name in re.findall(r"([A-Z]+)\(", formula)} == FUNCTIONS
    texts = {text for formula in found for text in re.findall(r'"([^"]*)"', formula)}
    assert texts <= {"", "—", "是", "否", "yes", "no", "封顶", "保底", "cap", "floor", "<>0"}
    assert not [formula for formula in found if any(text in formula for text in ("http", "cmd", "[", "_x"))]


def test_headers_stay_in_sight_and_on_every_page() -> None:
    book = openpyxl.load_workbook(io.BytesIO(audit_workbook(split_of(["a", "b"]))))
    assert {name: (book[name].freeze_panes, book[name].print_title_rows) for name in book.sheetnames} == {
        **dict.fromkeys(["输入", "分配", "核对", "演算"], ("B8", "$7:$7")),
        **dict.fromkeys(["区县", "理由", "轮次"], ("B5", "$4:$4")),
        "来源": ("A3", None),
    }


def test_text_from_outside_stays_text() -> None:
    data = audit_workbook(split_of(HOSTILE, HOSTILE))
    outside = {cell.value: cell for cell in cells(data) if cell.data_type != "f"}
    for text in HOSTILE:
        shown = f"{text} " if text.startswith("<r>") else text
        cell = outside[shown]
        assert cell.data_type == "s"
        assert cell.quotePrefix
        assert cell.number_format == "@"
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert not [name for name in file.namelist() if "externalLink" in name or "vba" in name]
        assert b"hyperlink" not in b"".join(file.read(name) for name in file.namelist())


def test_a_formula_stays_one_when_somebody_edits_its_cell() -> None:
    found = [cell for cell in cells(audit_workbook(split_of(["a", "b"]))) if cell.data_type == "f"]
    assert not [cell.coordinate for cell in found if cell.quotePrefix or cell.number_format == "@"]


def test_every_formula_is_stored_with_its_value() -> None:
    case = generated.cases(8, 5, 6)[-1]
    data = audit_workbook(case.round)
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        parts = [file.read(name).decode() for name in file.namelist() if name.startswith("xl/worksheets/")]
    assert sum(part.count("</f>") for part in parts) == len(formulas(data)) > 100
    assert not [found for part in parts for found in re.findall(r"</f></c>|</f><v></v>(?!</c>)", part)]
    assert office.awards(office.values(data), case) == case.expected
    assert office.failed(office.values(data)) == []


@pytest.fixture(scope="module")
def judged() -> bytes:
    return audit_workbook(rounds.judged())


def test_nobody_is_named_unless_asked(judged: bytes) -> None:
    """Ids tell who it is; a workbook has no account, telephone or ID number even with names."""
    books = judged, audit_workbook(rounds.judged(), names=True)
    plain, named = ("\n".join(str(cell.value) for cell in cells(data)) for data in books)
    people = {"陈密甲", "欧阳密乙", "林密丙", "陈密丁", "古丽密", "何密己"}
    assert not [name for name in people if name in plain]
    assert "陈密甲" in named
    never = [text for text in rounds.SECRETS if text not in ("密", "残疾", "病症", "小学")]
    assert not [text for text in never if text in plain + named]


def test_a_judged_round_has_a_reason_for_every_household_and_a_source_for_every_rule(judged: bytes) -> None:
    shown, round_ = office.values(judged), rounds.judged()
    told = round_.assessment.reasons()
    ids = [
        value for cell, value in shown["理由"].items() if re.fullmatch(r"A\d+", cell) and int(cell[1:]) > 4
    ]
    assert ids == told["household_id"].tolist()
    said = set(shown["来源"].values())
    assert set(told["source"]) <= said
    assert round_.seal in said


def test_reasons_that_do_not_fit_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reasons, "MOST_REASONS", 3)
    households = pd.DataFrame([{"户编号": "H1", "区县": "蓬江区", "工会会员": "否", "个人自付": "10"}])
    shown = office.values(audit_workbook(relief.run(households, "jiangmen-2021", 100, on="2021-09-28")))
    assert [shown["理由"][f"A{row}"] for row in (5, 6, 7)] == ["H1"] * 3
    assert shown["理由"]["A8"].endswith("reasons.csv")


@pytest.mark.parametrize(
    "terms",
    [
        {"method": "talmud"},
        {"method": "constrained_equal_awards", "unit_fen": 100},
        {"rounding": "webster"},
        {"groups": "组", "group_funds_fen": "claims"},
        {"method": "weighted", "weights": "户编号"},
        {"method": "flat_by_category", "categories": "组", "amounts_fen": {"甲": 30_00, "乙": 20_00},
         "surplus": "return"},
    ],
    ids=lambda terms: terms.get("method") or terms.get("rounding") or "groups",
)  # fmt: skip
def test_what_formulas_cannot_follow_is_shown_and_said(terms: dict[str, Any]) -> None:
    done = split_of(["1", "2", "3"], **terms)
    data = audit_workbook(done)
    shown = office.values(data)
    assert "轮次" not in shown
    assert "不重算" in shown["输入"]["A2"]
    awards = {shown["分配"][f"A{row}"]: shown["分配"][f"G{row}"] for row in (8, 9, 10)}
    assert awards == done.allocation.awards_fen.to_dict()
    assert "=SUM('分配'!$G$8:$G$10)" in formulas(data)
    assert office.failed(shown) == []


def test_a_round_that_divides_nothing_still_has_its_reasons() -> None:
    households = pd.DataFrame([{"户编号": "H1", "区县": "蓬江区", "工会会员": "否", "个人自付": "10"}])
    shown = office.values(audit_workbook(relief.run(households, "jiangmen-2021", 100, on="2021-09-28")))
    assert shown["理由"]["A5"] == "H1"
    assert office.failed(shown) == []


def test_what_would_not_be_exact_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    roster = pd.DataFrame({"户编号": ["a", "b"], "个人自付": ["9999999999.98", "0.01"]})
    audit_workbook(relief.split(roster, 100))
    roster.loc[1, "个人自付"] = "0.02"
    with pytest.raises(RoundError) as raised:
        audit_workbook(relief.split(roster, 100))
    assert raised.value.code == "audit.too_large"
    monkeypatch.setattr(roll, "MOST_ROWS", 2)
    with pytest.raises(RoundError) as raised:
        audit_workbook(split_of(["a", "b", "c"]))
    assert raised.value.code == "audit.too_many"


def test_without_its_extra_it_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(MissingExtraError, match="excel"):
        audit_workbook(split_of(["a", "b"]))


# --- exact in doubles -----------------------------------------------------------------------------


class Counted(float):
    """A double that notes the largest whole number that any step came to, products of a guess apart."""

    largest = 0.0

    def _noted(self, value: float) -> Counted:
        Counted.largest = max(Counted.largest, abs(value))
        return Counted(value)

    def __add__(self, other: float) -> Counted:
        return self._noted(float(self) + float(other))

    def __sub__(self, other: float) -> Counted:
        return self._noted(float(self) - float(other))

    def __mul__(self, other: float) -> Counted:
        return self._noted(float(self) * float(other))

    __radd__ = __add__


below = st.one_of(st.integers(0, 10**12 - 1), st.integers(10**12 - 50, 10**12 - 1), st.integers(0, 3000))


# The guess is one too few, one too many, one too few of a share without remainder.
@example(212_907_967_715, 764_714_779_412, 707_517_339_813 - 212_907_967_715)
@example(106_772_817_299, 849_820_561_744, 141_260_899_281 - 106_772_817_299)
@example(99_787_843_620, 385_004_738_152, 157_783_441_104 - 99_787_843_620)
@given(below, below, below)
def test_shares_are_exact_and_no_step_has_more_than_thirteen_digits(
    number: int, left: int, more: int
) -> None:
    together = min(10**12 - 1, number + more) or 1
    guess = math.floor(float(number) * float(left) / float(together))
    values = {
        name: Counted(value)
        for base, amount in (("n", number), ("l", left), ("g", guess), ("t", together))
        for name, value in ((base, amount), (f"{base}h", amount // 10**6), (f"{base}o", amount % 10**6))
    }
    Counted.largest = 0.0
    halves = [Halved(name, f"{name}h", f"{name}o") for name in ("n", "l", "g", "t")]
    rest = eval(products.rest(*halves), {}, values)  # noqa: S307
    assert Counted.largest < 10**13
    values["r"] = rest
    whole = eval(products.whole("g", "r", "t"), {}, values)  # noqa: S307
    values["w"] = whole
    remainder = eval(products.remainder("g", "r", "w", "t"), {}, values)  # noqa: S307
    assert (whole, remainder) == divmod(number * left, together)
