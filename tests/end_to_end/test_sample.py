"""The sample round is what its README says: made by its script, synthetic, consistent, decided as planted."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from tests import oracles

from relief.allocation import allocate
from relief.intake.tables import Tables, read_tables
from relief.judging.eligibility import Assessment, assess
from relief.rulepack.pack import load_pack

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
SAMPLE = SAMPLES / "jiangmen-2021"
ON = "2021-09-30"
DISTRICTS = {
    "市直": 7,
    "蓬江区": 6,
    "江海区": 0,
    "新会区": 27,
    "台山市": 13,
    "鹤山市": 11,
    "恩平市": 15,
    "开平市": 1,
}
OUTCOMES = {"认定": "eligible", "不予认定": "ineligible", "待补充": "pending"}
# What each planted case fails or leaves open, of the rules and categories; by the words of its note.
FAILED = {
    "not a member of a union": "union-member",
    "review not passed": "review-passed",
    "objection during": "notice-objection",
    "posted for": "notice-days",
    "two in the register": "homes",
    "two homes declared": "homes",
    "vehicle": "vehicles",
    "net income above 2 S": "relative",
    "net income exactly 2 S": "relative",
    "rural, net income": "relative",
    "from 2020": "out-of-pocket",
    "outpatient only": "hospital-record",
}
OPEN = {
    "no 疾病证明书": "illness-certificate",
    "no medical papers": "medical-receipt",
    "household size": "relative",
    "income from business": "relative",
    "income not stated": "deep",
    "an accident": "accidental",
    "does not split": "",
    "days of the notice": "notice-days",
    "days and result": "notice-objection",
    "no result of the review": "review-passed",
    "no visit": "visited",
    "residence unknown": "relative",
    "membership": "union-member",
    "homes not stated": "homes",
    "vehicles not stated": "vehicles",
    "cause not stated": "accidental",
    "schooling not stated": "relative",
}


@pytest.fixture(scope="module")
def tables() -> Tables:
    return read_tables(SAMPLE / "申请.xlsx")


@pytest.fixture(scope="module")
def judged(tables: Tables) -> Assessment:
    return assess(tables, SAMPLE / "rules", on=ON)


@pytest.fixture(scope="module")
def bare(tables: Tables) -> Assessment:
    return assess(tables, "jiangmen-2021", on=ON)


@pytest.fixture(scope="module")
def planted() -> pd.DataFrame:
    """Read what the README says was planted."""
    rows = re.findall(
        r"^\| (JM\S+) \| (\S+) \| (\S+) \| (.+) \|$", (SAMPLE / "README.md").read_text("utf-8"), re.M
    )
    return pd.DataFrame(rows, columns=["household_id", "district", "outcome", "note"]).set_index(
        "household_id"
    )


def of(judged: Assessment, outcome: str) -> pd.DataFrame:
    return judged.decisions[judged.decisions["outcome"] == outcome]


def cells(tables: Tables, table: str, *columns: str) -> pd.DataFrame:
    """Return amounts as plain integers, of the rows where all are known."""
    return tables[table][list(columns)].dropna().astype("int64")


# --- how it was made ----------------------------------------------------------------------------


def test_the_script_makes_the_committed_files_to_the_byte(tmp_path: Path) -> None:
    subprocess.run([sys.executable, SAMPLES / "make.py", tmp_path], check=True, timeout=120)

    made = {
        str(file.relative_to(tmp_path)): file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()
    }
    kept = {str(file.relative_to(SAMPLE)): file.read_bytes() for file in SAMPLE.rglob("*") if file.is_file()}
    assert (
        made.keys()
        == kept.keys()
        == {"README.md", "申请.xlsx", "名单.csv", "rules/pack.yaml", "rules/parameters.yaml"}
    )
    assert [name for name in made if made[name] != kept[name]] == []


def test_everybody_is_plainly_synthetic(tables: Tables) -> None:
    households, members = tables["households"], tables["members"]
    names = pd.concat([households["applicant_name"], households["account_holder"], members["name"]])
    assert names.str.startswith("示例").all()
    assert households["applicant_name"].is_unique
    assert households["bank_account"].str.fullmatch(r"6200000000000\d{6}").all()
    assert households["phone"].str.fullmatch(r"1000000\d{4}").all()
    for column in (households["bank_name"], households["union_name"], tables["documents"]["hospital"]):
        assert column.str.contains("示例").all()
    assert tables["rulings"]["ruled_by"].str.contains("示例").all()


def test_id_numbers_check_but_cannot_be_anybodys(tables: Tables) -> None:
    numbers = list(tables["members"]["id_number"])
    assert len(set(numbers)) == len(numbers)
    for number in numbers:
        assert re.fullmatch(r"4407\d{2}(19|20)\d{6}000[\dX]", number)
        digits = [10 if digit == "X" else int(digit) for digit in number]
        assert sum(digit * pow(2, 17 - at) for at, digit in enumerate(digits)) % 11 == 1
    applicants = tables["members"].query("relation == '本人'").set_index("household_id")["id_number"]
    assert (
        tables["households"].set_index("household_id")["applicant_id_number"].to_dict()
        == applicants.to_dict()
    )
    assert set(tables["registry"]["id_number"]) <= set(numbers)


# --- what it holds --------------------------------------------------------------------------------


def test_the_workbook_is_clean(tables: Tables, judged: Assessment) -> None:
    assert set(tables.frames) == {"households", "members", "documents", "registry", "rulings"}
    assert len(tables["households"]) == 122
    assert [fault.code for fault in judged.faults] == ["notice.ruling_later"]
    assert judged.quarantine.empty
    assert judged.rows_in == len(judged.decisions) == 122


def test_households_fit_their_members(tables: Tables) -> None:
    members, households = tables["members"], tables["households"].set_index("household_id")
    counted = members[members["counts_in_household"].fillna(False)].groupby("household_id").size()
    sizes = households["household_size"].dropna()
    assert (counted[sizes.index] == sizes).all()
    assert sizes.between(1, 5).all()
    assert sizes.nunique() == 5
    outside = members[~members["counts_in_household"].fillna(True)]
    assert len(outside) >= 5
    assert outside["counts_reason"].notna().all()


def test_stated_totals_are_the_sums_of_their_kinds(tables: Tables) -> None:
    incomes = [f"{kind}_income_fen" for kind in ("wage", "business", "property", "transfer", "other")]
    rigid = [f"rigid_{kind}_fen" for kind in ("illness", "schooling", "disability", "accident", "other")]
    for total, kinds in (("income_fen", incomes), ("rigid_expenditure_fen", rigid)):
        stated = cells(tables, "households", total, *kinds)
        assert len(stated) > 60
        assert (stated[total] == stated[kinds].sum(axis=1)).all()


def test_sums_add_up_inside_each_document(tables: Tables) -> None:
    papers = tables["documents"]
    bills = papers[papers["kind"].isin(["医疗收据", "医保结算单"])]
    funds = ["pooled_fund_fen", "major_illness_fund_fen", "medical_aid_fen", "other_fund_fen"]
    by_payer = cells(tables, "documents", "total_fen", *funds, "account_fen", "cash_fen")
    assert len(by_payer) == len(bills)
    assert (by_payer["total_fen"] == by_payer.drop(columns="total_fen").sum(axis=1)).all()
    by_duty = cells(tables, "documents", "account_fen", "cash_fen", "out_of_pocket_fen", "own_expense_fen")
    assert len(by_duty) >= len(bills) - 4
    borne = by_duty["out_of_pocket_fen"] + by_duty["own_expense_fen"]
    assert (by_duty["account_fen"] + by_duty["cash_fen"] == borne).all()
    commercial = bills["commercial_fen"].astype("int64")
    assert (commercial <= bills["account_fen"].astype("int64") + bills["cash_fen"].astype("int64")).all()
    assert commercial.gt(0).any()


def test_a_settlement_repeats_the_receipt_of_its_number(tables: Tables) -> None:
    papers = tables["documents"].drop(columns="document_id")
    settled = papers[papers["kind"] == "医保结算单"].set_index("number").drop(columns="kind")
    receipts = papers[papers["kind"] == "医疗收据"].set_index("number").drop(columns="kind")
    assert len(settled) > 20
    assert receipts.index.is_unique
    pd.testing.assert_frame_equal(settled, receipts.loc[settled.index])


def test_dates_run_from_admission_to_application(tables: Tables) -> None:
    households = tables["households"].set_index("household_id")
    papers = tables["documents"].join(households["applied_on"], on="household_id")
    stays = papers.dropna(subset=["admission_on"])
    assert (stays["admission_on"] <= stays["discharge_on"]).all()
    assert (stays["discharge_on"] <= stays["issued_on"]).all()
    assert (papers["issued_on"] <= papers["applied_on"]).all()
    assert (households["applied_on"] <= pd.Timestamp(ON)).all()
    visited = households.dropna(subset=["visited_on"])
    assert (visited["applied_on"] <= visited["visited_on"]).all()
    assert (visited["visited_on"] <= pd.Timestamp(ON)).all()
    assert (stays["admission_on"].dt.year < stays["issued_on"].dt.year).any()


def test_papers_are_about_a_member_of_the_household(tables: Tables) -> None:
    members = pd.MultiIndex.from_frame(tables["members"][["household_id", "member_id"]])
    papers = tables["documents"]
    assert members.is_unique
    assert pd.MultiIndex.from_frame(papers[["household_id", "member_id"]]).isin(members).all()
    assert not papers.duplicated(["household_id", "document_id"]).any()


# --- how it is decided ----------------------------------------------------------------------------


def test_eighty_are_recognised_in_the_districts_of_the_report(judged: Assessment) -> None:
    found = of(judged, "eligible")["district"].value_counts().to_dict()
    assert {name: found.get(name, 0) for name in DISTRICTS} == DISTRICTS
    assert judged.counts == {"eligible": 80, "ineligible": 23, "pending": 19}


def test_their_claims_are_the_sum_of_the_report_and_skewed(judged: Assessment) -> None:
    claims = judged.claims_fen
    assert int(claims.sum()) == 233_840_000
    assert claims.between(800_000, 6_000_000).sum() >= 60
    assert (claims > 10_000_000).sum() >= 2
    assert claims.median() < claims.mean()


def test_the_awards_are_those_of_the_oracle(judged: Assessment) -> None:
    claims = judged.claims_fen.sort_index()
    awards = allocate(claims, 30_000_000).awards_fen
    assert awards.sum() == 30_000_000
    assert awards.tolist() == oracles.allocate(claims.tolist(), 30_000_000, keys=list(claims.index))[1]


def test_one_was_recognised_by_a_ruling_after_an_accident(judged: Assessment) -> None:
    accidents = of(judged, "eligible").query("category == '意外致困'")
    assert len(accidents) == 1
    rulings = judged.tables["rulings"].set_index("household_id")
    assert rulings.loc[accidents.index, "rule_id"].tolist() == ["still-in-hardship"]


def test_planted_cases_come_out_as_the_readme_says(judged: Assessment, planted: pd.DataFrame) -> None:
    found = judged.decisions.loc[planted.index]
    assert (found["outcome"] == planted["outcome"].map(OUTCOMES)).all()
    assert (found["district"].astype(str) == planted["district"]).all()
    assert set(planted.index) >= set(judged.decisions.index[judged.decisions["outcome"] != "eligible"])


@pytest.mark.parametrize(
    ("outcome", "column", "words"), [("不予认定", "failed_rules", FAILED), ("待补充", "unknown_rules", OPEN)]
)
def test_each_is_refused_or_open_for_its_own_reason(
    judged: Assessment, planted: pd.DataFrame, outcome: str, column: str, words: dict[str, str]
) -> None:
    for household, note in planted[planted["outcome"] == outcome]["note"].items():
        wanted = next(rule for start, rule in words.items() if start in note)
        assert not wanted or wanted in judged.decisions.loc[household, column].split(";"), note
        assert outcome == "不予认定" or household in set(judged.missing()["household_id"])


def test_a_claim_that_cannot_be_told_keeps_a_household_open(
    judged: Assessment, planted: pd.DataFrame
) -> None:
    unsplit = planted.index[planted["note"].str.contains("does not split")]
    assert len(unsplit) == 2
    assert judged.decisions.loc[unsplit, "claim_fen"].isna().all()


def test_only_the_two_planted_declarations_differ_from_the_receipts(
    judged: Assessment, planted: pd.DataFrame
) -> None:
    differing = judged.attention.query("rule_id == 'declared-cost'")["household_id"]
    assert sorted(differing) == sorted(planted.index[planted["note"].str.contains("declared cost")])
    assert len(differing) == 2
    assert set(judged.attention["rule_id"]) == {"declared-cost"}


def test_the_floor_alone_decides_nobody_otherwise(judged: Assessment, bare: Assessment) -> None:
    both = judged.decisions["outcome"].to_frame("city").join(bare.decisions["outcome"].rename("floor"))
    decided = both[both["floor"] != "pending"]
    assert (decided["city"] == decided["floor"]).all()
    assert len(bare.claims_fen) >= 25
    assert bare.claims_fen.sum() > 30_000_000
    opened = both.query("city == 'eligible' and floor == 'pending'")
    assert len(opened) >= 10
    assert (bare.decisions.loc[opened.index, "unknown_rules"].str.contains("deep")).all()


def test_the_standards_are_marked_and_above_the_floors() -> None:
    floor, city = load_pack("jiangmen-2021"), load_pack(SAMPLE / "rules")
    assert city.name == "jiangmen-2021-sample"
    values = city.parameters["subsistence_standard"].layers[-1]
    assert {value.status for value in values} == {"illustrative"}
    assert [float(value.exactly) for value in values] == [930, 880, 640]
    floors = [float(value.at_least) for value in floor.parameters["subsistence_standard"].layers[0]]
    assert all(above > below for above, below in zip([930, 880, 640], floors, strict=True))


def test_the_roster_is_the_eighty_in_no_order(judged: Assessment) -> None:
    raw = (SAMPLE / "名单.csv").read_bytes()
    assert b"\r" not in raw
    rows = list(csv.DictReader(raw.decode("utf-8").splitlines()))
    ids = [row["户编号"] for row in rows]
    assert ids != sorted(ids)
    read = read_tables(SAMPLE / "名单.csv")
    roster = read["households"].set_index("household_id")
    assert read.faults == ()
    assert roster["out_of_pocket_fen"].astype("int64").to_dict() == judged.claims_fen.to_dict()
    assert roster["district"].to_dict() == of(judged, "eligible")["district"].astype(str).to_dict()
