"""Troubles planted in the sample: every one is found, nothing else is, and what hangs on each is right."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from relief.evidence.discrepancies import discrepancies
from relief.intake.tables import Tables, read_tables
from relief.judging.eligibility import Assessment, assess

SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "jiangmen-2021"
ON = "2021-09-30"
Rows = list[dict[str, Any]]


@dataclass
class Round:
    """The sample's rows, by table, to plant troubles in."""

    rows: dict[str, Rows]
    free: list[str]
    relative: frozenset[str] = frozenset()
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(500))

    def of(self, table: str, household: str, **wanted: Any) -> Rows:
        """Return a household's rows of a table that hold what is wanted."""
        return [
            row
            for row in self.rows[table]
            if row["household_id"] == household
            and all(row.get(name) == value for name, value in wanted.items())
        ]

    def household(self, household: str) -> dict[str, Any]:
        """Return a household's own row."""
        return self.of("households", household)[0]

    def take(self, fits: Callable[[str], Any] = lambda _: True) -> str:
        """Return a recognised household that fits and has no trouble yet."""
        found = next(household for household in self.free if fits(household))
        self.free.remove(found)
        return found

    def receipt(self, household: str) -> dict[str, Any]:
        """Return the first receipt of a stay."""
        return self.receipts(household)[0]

    def receipts(self, household: str) -> Rows:
        """Return the receipts of stays, the ones of this year that count."""
        return [
            row
            for row in self.of("documents", household, kind="医疗收据")
            if row["admission_on"] is not None and row["issued_on"].year == 2021
        ]

    def child(self, household: str) -> Any:
        """Return a member whom no department was asked about and no paper is about."""
        asked = {row["id_number"] for row in self.rows["registry"]}
        ill = {row["member_id"] for row in self.of("documents", household)}
        for row in self.of("members", household, relation="子女", counts_in_household=True):
            if row["id_number"] not in asked and row["member_id"] not in ill:
                return row
        return None

    def id_number(self) -> str:
        """Return a number that adds up and is nobody's."""
        body = f"44070319700101{next(self.numbers)}"
        return body + "10X98765432"[sum(int(digit) * 2 ** (17 - at) for at, digit in enumerate(body)) % 11]

    def answer(self, household: str, kind: str, value: str, who: str | None = None, **more: Any) -> None:
        """Let a department answer about the applicant, or another."""
        number = who or self.household(household)["applicant_id_number"]
        fact = {"source": "民政局", "household_id": None, "id_number": number, "kind": kind, "value": value}
        self.rows["registry"].append(fact | {"as_of": pd.Timestamp(2021, 9, 10)} | more)

    def replace_answers(self, household: str, kind: str, *values: str) -> None:
        """Let a department answer otherwise."""
        numbers = {row["id_number"] for row in self.of("members", household)}
        self.rows["registry"] = [
            row for row in self.rows["registry"] if row["kind"] != kind or row["id_number"] not in numbers
        ]
        for value in values:
            self.answer(household, kind, value)


@dataclass(frozen=True)
class Expected:
    """What a planted trouble must show: findings, what was decided, by how much the claim is another."""

    households: tuple[str, ...]
    codes: tuple[str, ...]
    outcome: str = "eligible"
    claim: int = 0
    kind: str = ""
    effect: str = ""


Trouble = Callable[[Round], Expected]
TROUBLES: dict[str, Trouble] = {}


def trouble(name: str) -> Callable[[Trouble], Trouble]:
    def keep(plant: Trouble) -> Trouble:
        TROUBLES[name] = plant
        return plant

    return keep


def amounts(name: str, by: dict[str, int], codes: tuple[str, ...], claim: int = 0) -> None:
    """Plant a receipt of which some amounts are off."""

    def plant(made: Round) -> Expected:
        household = made.take(made.receipts)
        receipt = made.receipt(household)
        drop_settlement(made, household)
        for column, fen in by.items():
            receipt[column] += fen
        return Expected((household,), codes, claim=claim)

    TROUBLES[name] = plant


def drop_settlement(made: Round, household: str) -> None:
    """Leave out the settlement sheets, which repeat the receipts."""
    made.rows["documents"] = [
        row
        for row in made.rows["documents"]
        if row["household_id"] != household or row["kind"] != "医保结算单"
    ]


amounts("a total one fen off", {"total_fen": 1}, ("bill_payers", "bill_duty"))
amounts("a fund one fen off", {"pooled_fund_fen": -1}, ("bill_payers", "bill_duty"))
amounts("the cash off", {"cash_fen": 100}, ("bill_payers", "bill_borne"))
amounts("自费 off", {"own_expense_fen": 5000}, ("bill_duty", "bill_borne"))
amounts("自付 too high", {"out_of_pocket_fen": 10000}, ("bill_duty", "bill_borne"), claim=10000)
amounts("more paid back than borne", {"commercial_fen": 10**9}, ("bill_back",))


def cell(name: str, code: str, change: Callable[[Round, dict[str, Any]], dict[str, Any]]) -> None:
    """Plant a receipt with other cells."""

    def plant(made: Round) -> Expected:
        household = made.take(made.receipts)
        receipt = made.receipt(household)
        receipt |= change(made, receipt)
        return Expected((household,), (code,))

    TROUBLES[name] = plant


DAY = pd.Timedelta(days=1)
cell("left before coming", "paper_dates", lambda _, r: {"admission_on": r["discharge_on"] + DAY})
cell("billed before leaving", "paper_dates", lambda _, r: {"issued_on": r["discharge_on"] - DAY})
cell("billed after applying", "paper_dates",
     lambda made, r: {"issued_on": made.household(r["household_id"])["applied_on"] + DAY})  # fmt: skip
cell("a paper of no member", "paper_member", lambda *_: {"member_id": "M9"})
cell("another patient's name", "paper_name", lambda *_: {"patient_name": "示例外人"})
cell("another patient's number", "paper_number", lambda *_: {"patient_id_number": "110101********9999"})
cell("another amount in words", "bill_words", lambda *_: {"total_in_words": "壹元整"})
cell("charge items off", "bill_items", lambda _, r: {"items_total_fen": r["total_fen"] - 1})


@trouble("one receipt in two households")
def _(made: Round) -> Expected:
    one, other = (made.take(made.receipts) for _ in range(2))
    drop_settlement(made, one)
    drop_settlement(made, other)
    made.receipt(other)["number"] = made.receipt(one)["number"]
    return Expected((one, other), ("receipt_twice",), "aside")


@trouble("one stay under two numbers")
def _(made: Round) -> Expected:
    household = made.take(made.receipts)
    again = made.receipt(household) | {"number": "SL-AGAIN", "document_id": "D-AGAIN"}
    made.rows["documents"].append(again)
    return Expected((household,), ("stay_twice", "stay_twice"), claim=again["out_of_pocket_fen"])


@trouble("a receipt of the year before's round")
def _(made: Round) -> Expected:
    household = made.take(made.receipts)
    made.rows["history"].append(
        {"household_id": household, "round": "2020年度", "receipt_number": made.receipt(household)["number"]}
    )
    return Expected((household,), ("receipt_earlier",), "aside")


def red(made: Round, household: str, **change: Any) -> dict[str, Any]:
    receipt = made.receipt(household)
    bill = receipt | {
        "number": f"RED-{household}",
        "document_id": "D-RED",
        "bill": "红冲",
        "cancels": receipt["number"],
    }
    made.rows["documents"].append(bill | change)
    return receipt


@trouble("a red bill with its receipt")
def _(made: Round) -> Expected:
    household = made.take(lambda h: len(made.receipts(h)) > 1)
    receipt = red(made, household)
    return Expected((household,), ("red_bill",), claim=-receipt["out_of_pocket_fen"])


@trouble("a red bill of no receipt")
def _(made: Round) -> Expected:
    household = made.take(made.receipts)
    red(made, household, cancels="SL-NOWHERE")
    return Expected((household,), ("red_unmatched",), "aside")


@trouble("a refund of a part")
def _(made: Round) -> Expected:
    household = made.take(made.receipts)
    receipt = made.receipt(household)
    less = {name: receipt[name] - 1000 for name in ("total_fen", "cash_fen", "out_of_pocket_fen")}
    red(made, household, bill="退费", **less)
    return Expected((household,), ("red_partial",), "aside")


@trouble("a paper of no household")
def _(made: Round) -> Expected:
    household = made.take(made.receipts)
    made.rows["documents"].append(
        made.receipt(household) | {"household_id": "JM2021-9999", "number": "SL-X", "member_id": None}
        | {"admission_on": None, "discharge_on": None}
    )  # fmt: skip
    return Expected((household,), (), outcome="eligible")


@trouble("a member twice")
def _(made: Round) -> Expected:
    household = made.take(made.child)
    made.rows["members"].append(made.child(household) | {"member_id": "M8"})
    return Expected((household,), ("member_twice", "member_twice"), "aside")


@trouble("one person in two households")
def _(made: Round) -> Expected:
    one, other = (made.take(made.child) for _ in range(2))
    made.child(other)["id_number"] = made.child(one)["id_number"]
    return Expected((one, other), ("person_twice",), "aside")


@trouble("perhaps one person in two households")
def _(made: Round) -> Expected:
    one, other = (made.take(made.child) for _ in range(2))
    number = made.child(one)["id_number"]
    made.child(other).update(id_number=number[:6] + "*" * 8 + number[14:], name=made.child(one)["name"])
    return Expected((one, other), ("person_perhaps",))


@trouble("one account of two households")
def _(made: Round) -> Expected:
    one, other = (made.take() for _ in range(2))
    account = made.household(one)["bank_account"]
    made.household(other)["bank_account"] = f"{account[:4]} {account[4:]}"
    return Expected((one, other), ("account_twice",))


def member(name: str, code: str, change: Callable[[Round, dict[str, Any]], dict[str, Any]]) -> None:
    """Plant a child with other cells."""

    def plant(made: Round) -> Expected:
        household = made.take(made.child)
        child = made.child(household)
        child |= change(made, child)
        return Expected((household,), (code,))

    TROUBLES[name] = plant


member(
    "a wrong digit",
    "id_check",
    lambda _, m: {"id_number": m["id_number"][:-1] + ("0" if m["id_number"][-1] != "0" else "1")},
)
member(
    "no such day", "id_date", lambda _, m: {"id_number": m["id_number"][:10] + "0231" + m["id_number"][14:]}
)
member("no such province", "id_region", lambda _, m: {"id_number": "18" + m["id_number"][2:]})
member("too short a number", "id_shape", lambda _, m: {"id_number": m["id_number"][:-2]})
member("another birthday", "born_differs", lambda *_: {"born_on": pd.Timestamp(1999, 9, 9)})
member("another sex", "sex_differs", lambda _, m: {"sex": "女" if int(m["id_number"][16]) % 2 else "男"})
member("another age", "age_differs", lambda *_: {"age_years": 99})


@trouble("the applicant is no member")
def _(made: Round) -> Expected:
    household = made.take()
    own = made.of("members", household, relation="本人")[0]
    own |= {"relation": "其他", "name": "示例外人", "id_number": made.id_number()}
    return Expected((household,), ("applicant_absent",))


@trouble("the applicant under another number")
def _(made: Round) -> Expected:
    household = made.take()
    made.household(household)["applicant_id_number"] = made.id_number()
    return Expected((household,), ("applicant_number",))


@trouble("the applicant under another name")
def _(made: Round) -> Expected:
    household = made.take()
    made.household(household).update(applicant_name="示例别名", account_holder=None)
    return Expected((household,), ("applicant_name",))


@trouble("somebody else's account")
def _(made: Round) -> Expected:
    household = made.take()
    made.household(household)["account_holder"] = "示例外人"
    return Expected((household,), ("holder",))


@trouble("left out without a reason")
def _(made: Round) -> Expected:
    household = made.take(lambda h: made.of("members", h, counts_in_household=False))
    made.of("members", household, counts_in_household=False)[0]["counts_reason"] = None
    return Expected((household,), ("uncounted",))


# --- against other departments ----------------------------------------------------------------------


@trouble("a second home")
def _(made: Round) -> Expected:
    household = made.take(lambda h: made.household(h)["homes_count"] == 1)
    made.replace_answers(household, "不动产", "示例路1号 住宅", "示例路2号 住宅")
    return Expected((household,), (), "ineligible", kind="不动产", effect="outcome")


@trouble("a car not declared")
def _(made: Round) -> Expected:
    household = made.take(lambda h: made.household(h)["vehicles_count"] == 0)
    made.replace_answers(household, "机动车", "示例牌")
    return Expected((household,), (), "ineligible", kind="机动车", effect="outcome")


@trouble("a business not declared")
def _(made: Round) -> Expected:
    household = made.take()
    made.household(household)["business_registered"] = False
    made.answer(household, "商事登记", "个体工商户")
    return Expected((household,), (), kind="商事登记", effect="none")


@trouble("more money in the bank than stated")
def _(made: Round) -> Expected:
    household = made.take()
    made.household(household)["deposits_fen"] = 1
    made.answer(household, "存款余额", "有", amount_fen=10**8)
    return Expected((household,), (), kind="存款余额", effect="none")


@trouble("on 低保 and not stated")
def _(made: Round) -> Expected:
    household = made.take()
    made.household(household)["on_subsistence"] = False
    made.answer(household, "低保", "享受")
    return Expected((household,), (), kind="低保", effect="none")


@trouble("a member who died")
def _(made: Round) -> Expected:
    # Near twice the standard: the same income over one person less is above it.
    household = made.take(lambda h: h in made.relative and made.of("members", h, relation="配偶"))
    spouse = made.of("members", household, relation="配偶")[0]
    made.answer(household, "死亡", "已注销", who=spouse["id_number"])
    return Expected((household,), (), kind="死亡", effect="outcome")


@trouble("a pension not stated")
def _(made: Round) -> Expected:
    household = made.take(lambda h: made.of("members", h, relation="本人", transfer_income_fen=0))
    made.replace_answers(household, "养老保险", "领取退休待遇")
    return Expected((household,), (), kind="养老保险", effect="outcome")


@trouble("employed, stated as unemployed")
def _(made: Round) -> Expected:
    household = made.take()
    made.of("members", household, relation="本人")[0]["employment"] = "失业"
    made.answer(household, "就业", "示例企业参保")
    return Expected((household,), (), kind="就业", effect="outcome")


@trouble("divorced, with a spouse who counts")
def _(made: Round) -> Expected:
    household = made.take(lambda h: made.of("members", h, relation="配偶"))
    made.answer(household, "婚姻", "离婚")
    return Expected((household,), (), kind="婚姻", effect="none")


@trouble("more borne by the insurer's account than stated")
def _(made: Round) -> Expected:
    household = made.take(lambda h: made.household(h)["out_of_pocket_fen"])
    stated = made.household(household)["out_of_pocket_fen"]
    made.answer(household, "医保结算", "有", source="医保局", amount_fen=stated + 1)
    # The receipts count, not the statement.
    return Expected((household,), (), kind="医保结算", effect="none")


@trouble("more declared for tax than stated")
def _(made: Round) -> Expected:
    household = made.take(lambda h: made.of("members", h, relation="本人")[0]["income_fen"])
    made.answer(household, "个人所得税", "有", source="税务局", amount_fen=TAXED)
    return Expected((household,), (), kind="个人所得税", effect="outcome")


@trouble("a housing fund and no wage")
def _(made: Round) -> Expected:
    household = made.take()
    made.of("members", household, relation="本人")[0]["wage_income_fen"] = 0
    made.answer(household, "公积金", "正常缴存", source="公积金中心")
    return Expected((household,), (), kind="公积金", effect="outcome")


TAXED = 10**8
FIRST = ("a red bill with its receipt", "left out without a reason", "a member who died")


# --- the round --------------------------------------------------------------------------------------


def rows(tables: Tables) -> dict[str, Rows]:
    plain = {
        table: [
            {name: None if pd.isna(value) else value for name, value in row.items()}
            for row in frame.astype(object).to_dict("records")
        ]
        for table, frame in tables.frames.items()
    }
    for row in plain["registry"]:
        row["household_id"] = None
    return plain


def judge(made: dict[str, Rows]) -> Assessment:
    frames = {table: pd.DataFrame(lines, dtype=object) for table, lines in made.items() if lines}
    return assess(frames, SAMPLE / "rules", on=ON)


@pytest.fixture(scope="module")
def clean() -> Assessment:
    return assess(read_tables(SAMPLE / "申请.xlsx"), SAMPLE / "rules", on=ON)


@pytest.fixture(scope="module")
def planted(clean: Assessment) -> tuple[Assessment, dict[str, Expected]]:
    recognised = clean.decisions.index[clean.decisions["outcome"] == "eligible"].tolist()
    near = clean.decisions.index[clean.decisions["net_income_fen"] > 130_000]
    made = Round(rows(clean.tables) | {"history": []}, recognised, frozenset(near))
    # Troubles that need a household of a certain kind choose first.
    order = sorted(TROUBLES, key=lambda name: name not in FIRST)
    expected = {name: TROUBLES[name](made) for name in order}
    return judge(made.rows), expected


@pytest.fixture(scope="module")
def conflicts(planted: tuple[Assessment, dict[str, Expected]]) -> pd.DataFrame:
    return discrepancies(planted[0])


def test_there_are_enough_and_each_has_its_own_household(
    planted: tuple[Assessment, dict[str, Expected]],
) -> None:
    expected = planted[1]
    assert len(expected) >= 25
    households = [household for one in expected.values() for household in one.households]
    assert len(set(households)) == len(households)


def test_the_sample_itself_has_no_finding(clean: Assessment) -> None:
    assert [fault.code for fault in judge(rows(clean.tables)).faults] == ["notice.ruling_later"]


@pytest.mark.parametrize("name", TROUBLES)
def test_a_planted_trouble_is_found_where_it_is(
    planted: tuple[Assessment, dict[str, Expected]], clean: Assessment, name: str
) -> None:
    judged, expected = planted[0], planted[1][name]
    for household in expected.households:
        found = Counter(f.code.partition(".")[2] for f in judged.faults if f.household_id == household)
        assert found == Counter(expected.codes)
        aside = household in set(judged.quarantine["household_id"])
        assert aside == (expected.outcome == "aside")
        if not aside:
            assert judged.decisions.loc[household, "outcome"] == expected.outcome
            claim = clean.decisions.loc[household, "claim_fen"] + expected.claim
            assert judged.decisions.loc[household, "claim_fen"] == claim


def test_nothing_else_is_found(planted: tuple[Assessment, dict[str, Expected]], clean: Assessment) -> None:
    judged, expected = planted
    troubled = {household for one in expected.values() for household in one.households}
    elsewhere = sorted(fault.code for fault in judged.faults if fault.household_id not in troubled)
    assert elsewhere == ["fault.orphan", "notice.ruling_later"]
    others = clean.decisions.drop(index=list(troubled))
    pd.testing.assert_frame_equal(
        judged.decisions.loc[others.index].astype(object), others.astype(object), check_dtype=False
    )


def test_each_conflict_is_found_and_no_other(
    planted: tuple[Assessment, dict[str, Expected]], clean: Assessment, conflicts: pd.DataFrame
) -> None:
    wanted = {(one.households[0], one.kind) for one in planted[1].values() if one.kind}
    already = set(discrepancies(clean)[["household_id", "kind"]].itertuples(index=False, name=None))
    assert len(already) == 3
    assert set(conflicts[["household_id", "kind"]].itertuples(index=False, name=None)) == wanted | already
    assert len(conflicts) == len(wanted | already)


@pytest.mark.parametrize("name", list(TROUBLES))
def test_the_effect_is_what_judging_by_hand_gives(
    planted: tuple[Assessment, dict[str, Expected]], conflicts: pd.DataFrame, name: str
) -> None:
    judged, expected = planted[0], planted[1][name]
    if not expected.kind:
        return
    (row,) = conflicts[conflicts["household_id"] == expected.households[0]].to_dict("records")
    assert row["effect"] == expected.effect
    by_hand = corrected(judged, expected)
    outcome, category = (
        str(by_hand.decisions.loc[expected.households[0], part]) for part in ("outcome", "category")
    )
    assert row["outcome_if_found"] == outcome
    now = judged.decisions.loc[expected.households[0]]
    changes = (outcome, category) != (str(now["outcome"]), str(now["category"]))
    assert row["went_by"] in ("found", "either") or (row["effect"] == "outcome") == changes


def corrected(judged: Assessment, one: Expected) -> Assessment:
    """Judge again with the household's statement mended by hand."""
    made, household = rows(judged.tables), one.households[0]
    own = next(row for row in made["households"] if row["household_id"] == household)
    people = [row for row in made["members"] if row["household_id"] == household]
    if one.kind in ("死亡", "婚姻"):
        next(row for row in people if row["relation"] == "配偶")["counts_in_household"] = False
        own["household_size"] = own["household_size"] and own["household_size"] - 1
    if one.kind == "个人所得税":
        worker = next(row for row in people if row["relation"] == "本人")
        more = TAXED - worker["income_fen"]
        worker["income_fen"] = TAXED
        own["income_fen"] = own["income_fen"] and own["income_fen"] + more
    if one.kind in ("养老保险", "就业", "公积金"):
        kind = "transfer_income_fen" if one.kind == "养老保险" else "wage_income_fen"
        own |= {"income_fen": None, kind: None}
        next(row for row in people if row["relation"] == "本人").update({"income_fen": None, kind: None})
    return judge(made)


def test_no_finding_or_table_for_people_holds_a_whole_number(
    planted: tuple[Assessment, dict[str, Expected]],
) -> None:
    judged = planted[0]
    told = " ".join(
        f"{fault.problem()} {fault.problem('en')} {fault.cure()} {fault.value}" for fault in judged.faults
    )
    told += judged.quarantine.drop(columns="household_id").to_csv()
    members, households = judged.tables["members"], judged.tables["households"]
    secrets = {*members["id_number"], *members["name"], *households["bank_account"], *households["phone"]}
    assert not [
        secret for secret in secrets if isinstance(secret, str) and "*" not in secret and secret in told
    ]


def test_days_of_the_answers_are_told(conflicts: pd.DataFrame) -> None:
    assert {day.date() for day in conflicts["found_on"]} == {dt.date(2021, 9, 10)}
    assert conflicts["declared_on"].notna().all()
