"""How far proofs reach: the rows that a household is given, what they leave unsaid, what takes long."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from tests.packs import small_pack

from relief.proof import prove

pytest.importorskip("z3")

from relief.proof.findings import PROPERTIES, judged
from relief.review.cases import Case, Expected

if TYPE_CHECKING:
    from relief.proof.findings import Proof

ON = dt.date(2021, 6, 30)
OF_ONE = tuple(name for name in PROPERTIES if name not in ("exclusive", "gapless"))
THREE = {"values": [{"from": "2020-01-01", "exactly": 3}], "unit": "number"}


def proof_of(**rules: str) -> Proof:
    """Prove a pack of these rules, beside a measure that counts papers and a parameter of three."""
    papers = {"papers": "count(documents)"}
    return prove(small_pack(rules=rules, measures=papers, parameters={"three": THREE}), ON)


@pytest.mark.parametrize(
    ("rules", "table", "rows"),
    [
        ({"one": "held(documents)"}, "documents", 2),
        ({at: f'held(documents, where=kind == "{at}")' for at in "甲乙丙"}, "documents", 3),
        ({at: f'held(documents, where=kind == "{at}")' for at in "甲乙丙丁戊己庚"}, "documents", 7),
        (dict.fromkeys(("a", "b", "c"), 'held(documents, where=kind == "甲")'), "documents", 2),
        ({"five": "count(members) >= 5"}, "members", 6),
        ({"papers": "papers >= 4"}, "documents", 5),
        ({"three": "papers >= three"}, "documents", 4),
        ({"many": "count(members) >= 30"}, "members", 8),
        ({"many": "count(documents) >= 30"}, "documents", 13),
    ],
)
def test_a_household_has_the_rows_that_rules_ask_for(rules: dict[str, str], table: str, rows: int) -> None:
    ids = {f"rule-{at}": text for at, text in enumerate(rules.values())}
    assert proof_of(**ids).rows[table] == rows


def test_rows_that_are_asked_for_are_enough_for_a_proof() -> None:
    papers = {f"paper-{at}": f'held(documents, where=kind == "{kind}")' for at, kind in enumerate("甲乙丙丁")}
    for rules in (papers, {"five": "count(members) >= 5"}, {"papers": "papers >= three"}):
        proof = proof_of(member="union_member", **rules)
        assert proof.holds, proof.lines("en")
        assert proof.proved == OF_ONE


@pytest.mark.parametrize("many", ["count(members) >= 12", "count(documents) >= 40", "papers >= 40"])
def test_where_nobody_can_be_eligible_nothing_is_proved_and_nothing_found(many: str) -> None:
    proof = proof_of(many=many, member="union_member")
    assert (proof.proved, proof.findings) == ((), ())
    assert {(open_.name, open_.why) for open_ in proof.undecided} == {(name, "nobody") for name in OF_ONE}
    assert [open_.ids for open_ in proof.undecided if open_.name == "alone"] == [("member",)]
    assert "nobody" in proof.undecided[0].text("en")


def test_a_rule_that_counts_further_than_there_are_rows_is_not_called_idle() -> None:
    proof = proof_of(few="count(documents) < 40", member="union_member")
    (open_,) = proof.undecided
    assert (open_.name, open_.ids, open_.why) == ("alone", ("few",), "rows")
    assert (proof.proved, proof.findings) == (tuple(n for n in OF_ONE if n != "alone"), ())


def test_a_rule_that_another_makes_idle_is_still_found() -> None:
    proof = proof_of(one="count(documents) < 3", two="count(documents) < 4")
    assert [(found.name, found.ids) for found in proof.findings] == [("alone", ("two",))]
    assert proof.undecided == ()


def test_members_measures_under_flags_are_decided() -> None:
    idle = 'age(born_on, on) >= 16 and age(born_on, on) < 60 and employment in ["失业", "下岗"]'
    proven = 'held(documents, where=kind == "收入证明" and issued_on <= on)'
    counts = "where=counts_in_household"
    measures = {
        "idle": {"of": "members", "holds": idle},
        "counted": {"of": "members", "amount": f"yearly(wage) if idle and not {proven} else income_fen"},
        "fee": {"of": "members", "amount": 'min(schooling_fee_fen, cap) if relation == "子女" else 0'},
        "rigid": f"rigid_illness_fen + rigid_other_fen + sum(members, fee, {counts})",
        "net": f"monthly((sum(members, counted, {counts}) - rigid) / household_size)",
    }
    stages = [["高中", "中职"], ["大专", "本科"], ["学前", "小学", "初中", "研究生"]]
    caps = [{"where": {"education_stage": stage}, "from": "2020-01-01", "exactly": 10 * at}
            for at, stage in enumerate(stages)]  # fmt: skip
    pack = small_pack(
        measures=measures,
        parameters={
            "line": {"per": "人·月", "values": [{"from": "2020-01-01", "exactly": 900}]},
            "wage": {"per": "月", "values": [{"from": "2020-01-01", "exactly": 1900}]},
            "cap": {"per": "年", "by": ["education_stage"], "values": caps},
        },
        rules={"papers": "has_hospital_record and has_illness_certificate and has_medical_receipt"},
        categories={"deep": "net < line", "relative": "net <= 1.5 * line"},
    )
    proof = prove(pack, ON, seconds=10)
    assert {"decided", "monotone", "alone"} <= set(proof.proved), proof.lines("en")


def test_a_table_without_rows_was_handed_in() -> None:
    pack = small_pack(
        rules={"once": "count(history, where=awarded_on <= on) == 0"}, claim="out_of_pocket_fen"
    )
    tables = {"households": [{"out_of_pocket_fen": 100}], "history": []}
    case = Case("h1", "无", "", ON, tables, Expected(outcome="eligible"))
    assert judged(pack, [case])["h1"].outcome == "eligible"
