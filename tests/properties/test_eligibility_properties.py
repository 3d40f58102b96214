"""The whole Jiangmen pack judged a second time, in plain Python, one household at a time.

The oracle knows nothing of packs, trees or columns: dicts, fractions, and ranges as pairs whose
open ends are None. It is compared with `relief.assess` on generated rounds with facts missing.
"""

from __future__ import annotations

import datetime as dt
import random
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from relief.judging.eligibility import assess

if TYPE_CHECKING:
    from relief.judging.assessment import Assessment

ON = dt.date(2021, 9, 30)
FIRST_DAY = dt.date(2021, 1, 1)
THIRD_CLASS = ("市直", "蓬江区", "江海区", "新会区", "鹤山市")
DISTRICTS = (*THIRD_CLASS, "台山市", "开平市", "恩平市")
INCOMES = tuple(f"{kind}_income_fen" for kind in ("wage", "business", "property", "transfer", "other"))
RIGIDS = tuple(f"rigid_{kind}_fen" for kind in ("illness", "schooling", "disability", "accident", "other"))
Row = dict[str, Any]
Range = tuple[Fraction | None, Fraction | None]
Three = bool | None


# --- the oracle -------------------------------------------------------------------------------------


def every(parts: list[Three]) -> Three:
    return False if False in parts else None if None in parts else True


def some(parts: list[Three]) -> Three:
    return True if True in parts else None if None in parts else False


def cell(row: Row, name: str, least: int | None = 0) -> Range:
    value = row[name]
    known = None if value is None else Fraction(value)
    return (known, known) if value is not None else (None if least is None else Fraction(least), None)


def is_known(value: Range) -> bool:
    return value[0] is not None and value[0] == value[1]


def total(parts: list[Range]) -> Range:
    lows, highs = [low for low, _ in parts], [high for _, high in parts]
    return (
        None if None in lows else sum(lows, Fraction(0)),
        None if None in highs else sum(highs, Fraction(0)),
    )


def either(one: Range, other: Range) -> Range:
    low = None if None in (one[0], other[0]) else min(one[0], other[0])
    return low, None if None in (one[1], other[1]) else max(one[1], other[1])


def depending(condition: Three, yes: Range, no: Range) -> Range:
    return either(yes, no) if condition is None else yes if condition else no


def counted(rows: list[tuple[Three, Range]]) -> Range:
    """Add up rows of which some may not count."""
    nothing = (Fraction(0), Fraction(0))
    parts = [amount if fits else either(nothing, amount) for fits, amount in rows if fits is not False]
    return total(parts) if parts else nothing


def below(value: Range, limit: Range) -> Three:
    if value[1] is not None and limit[0] is not None and value[1] < limit[0]:
        return True
    return False if value[0] is not None and limit[1] is not None and value[0] >= limit[1] else None


def at_least(value: Range, limit: int) -> Three:
    less = below(value, (Fraction(limit), Fraction(limit)))
    return None if less is None else not less


def standard(row: Row) -> Range:
    floors = {name: {85_300} if name in THIRD_CLASS else {80_000, 55_100} for name in DISTRICTS}
    possible = floors[row["district"]] if row["district"] else {80_000, 55_100, 85_300}
    if row["residence"]:
        possible -= {55_100} if row["residence"] == "城镇" else {80_000}
    return Fraction(min(possible)), None


def income(row: Row, members: list[Row]) -> Range:
    parts = [cell(row, name, None if "business" in name else 0) for name in INCOMES]
    theirs = counted([(m["counts_in_household"], cell(m, "income_fen")) for m in members])
    flags = [m["counts_in_household"] for m in members]
    listed, heads = (flags.count(True), len(flags) - flags.count(False)), row["household_size"]
    whole = at_least((Fraction(listed[0]), Fraction(listed[1])), heads or 1)
    if heads is not None:
        whole = every([whole, None if listed[0] <= heads < listed[1] else listed[1] <= heads])
    stated = cell(row, "income_fen")
    for value in (stated, total(parts)):
        if is_known(value):
            return value
    return depending(whole, theirs, stated)


def size(row: Row, members: list[Row]) -> Range:
    one = (Fraction(1), Fraction(1))
    stated = cell(row, "household_size", 1)
    if is_known(stated):
        return stated
    flags = [m["counts_in_household"] for m in members]
    fewest, most = counted([(flag, one) for flag in flags])
    # A household that is counted by its members has at least one.
    heads = (max(fewest or Fraction(1), Fraction(1)), None if most is None else max(most, Fraction(1)))
    return depending(some(flags), heads, stated)


def net_income(row: Row, members: list[Row]) -> Range:
    stated = cell(row, "rigid_expenditure_fen")
    rigid = stated if is_known(stated) else total([cell(row, name) for name in RIGIDS])
    gain = income(row, members)
    low = None if gain[0] is None or rigid[1] is None else gain[0] - rigid[1]
    high = None if gain[1] is None or rigid[0] is None else gain[1] - rigid[0]
    fewest, most = size(row, members)
    if fewest is None or fewest < 1:
        return None, None

    def shared(amount: Fraction | None, heads: Fraction | None) -> Fraction | None:
        return None if amount is None else Fraction(0) if heads is None else amount / heads / 12

    return (
        shared(low, most if low is not None and low >= 0 else fewest),
        shared(high, fewest if high is not None and high >= 0 else most),
    )


def registered(row: Row, registry: list[Row], kind: str, stated: str) -> Range:
    found = [entry for entry in registry if entry["kind"] == kind]
    return counted([(e["value"] != "无", (Fraction(1),) * 2) for e in found]) if found else cell(row, stated)


def cost(row: Row, papers: list[Row]) -> Range:
    receipts = [paper for paper in papers if paper["kind"] == "医疗收据"]
    if not receipts:
        return cell(row, "out_of_pocket_fen")
    days = [paper["issued_on"] for paper in receipts]
    fits = [None if day is None else FIRST_DAY <= day <= ON for day in days]
    return counted([(f, cell(p, "out_of_pocket_fen")) for f, p in zip(fits, receipts, strict=True)])


def ruled(rulings: list[Row], rule_id: str) -> Three:
    mine = [r for r in rulings if r["rule_id"] == rule_id and r["ruled_on"] <= ON]
    last = {r["value"] for r in mine if r["ruled_on"] == max(r["ruled_on"] for r in mine)}
    return last.pop() if len(last) == 1 else None


def oracle(case: dict[str, Any]) -> tuple[str, str, Fraction | None]:
    """Return outcome, category and claim."""
    row, members, papers = case["household"], case["members"], case["documents"]
    registry, rulings = case["registry"], case["rulings"]
    kinds = {paper["kind"] for paper in papers}
    claim, net, floor = cost(row, papers), net_income(row, members), standard(row)
    objection, visited = row["notice_objection"], row["visited_on"]
    rules: dict[str, Three] = {
        "union-member": row["union_member"],
        "visited": None if visited is None else visited <= ON,
        "review-passed": row["review_passed"],
        "notice-days": at_least(cell(row, "notice_working_days"), 7),
        "notice-objection": None if objection is None else not objection,
        "homes": below(registered(row, registry, "不动产", "homes_count"), (Fraction(2),) * 2),
        "vehicles": below(registered(row, registry, "机动车", "vehicles_count"), (Fraction(1),) * 2),
        "hospital-record": some([row["has_hospital_record"], "住院记录" in kinds]),
        "illness-certificate": some([row["has_illness_certificate"], "疾病证明书" in kinds]),
        "medical-receipt": some([row["has_medical_receipt"], "医疗收据" in kinds]),
        "out-of-pocket": at_least(claim, 1),
    }
    accident = None if row["cause"] is None else row["cause"] in ("重大意外事故", "自然灾害")
    categories: dict[str, tuple[str, Three]] = {
        "deep": ("深度困难", below(net, floor)),
        "relative": ("相对困难", below(net, (floor[0] * 2 if floor[0] is not None else None, None))),
        "accidental": ("意外致困", every([accident, ruled(rulings, "still-in-hardship")])),
    }
    for rule_id in rules:
        ruling = ruled(rulings, rule_id)
        rules[rule_id] = rules[rule_id] if ruling is None else ruling
    title = ""
    verdicts = [
        (name, verdict if ruled(rulings, key) is None else ruled(rulings, key))
        for key, (name, verdict) in categories.items()
    ]
    for name, verdict in verdicts:
        if verdict is not False:
            title = name if verdict else ""
            break
    no_category = all(verdict is False for _, verdict in verdicts)
    known = claim[0] if is_known(claim) else None
    if False in rules.values() or no_category:
        return "ineligible", "", known
    if every(list(rules.values())) and title and known is not None:
        return "eligible", title, known
    return "pending", title, known


# --- rounds -----------------------------------------------------------------------------------------


def mostly(usual: Any, *others: Any) -> st.SearchStrategy[Any]:
    """Return the usual value nine times in ten, else another or nothing: most rules then hold at once."""
    return st.sampled_from([usual] * 9 * (len(others) + 1) + [*others, None])


def seldom(rows: st.SearchStrategy[Row], max_size: int) -> st.SearchStrategy[list[Row]]:
    """Return no rows three times in four."""
    return st.integers(0, 3).flatmap(lambda die: st.just([]) if die else st.lists(rows, max_size=max_size))


MONEY = st.sampled_from([0, 100, 30_000_00, None])
HOUSEHOLDS = st.fixed_dictionaries(
    {
        "district": mostly("蓬江区", *DISTRICTS),
        "residence": st.sampled_from(["城镇", "农村", None]),
        "union_member": mostly(True, False),
        "visited_on": mostly(dt.date(2021, 6, 1), ON, dt.date(2021, 10, 1)),
        "review_passed": mostly(True, False),
        "notice_working_days": mostly(7, 6, 8),
        "notice_objection": mostly(False, True),
        "homes_count": st.sampled_from([0, 1, 1, 1, 2, None]),
        "vehicles_count": mostly(0, 1),
        "has_hospital_record": mostly(True, False),
        "has_illness_certificate": mostly(True, False),
        "has_medical_receipt": mostly(True, False),
        "out_of_pocket_fen": mostly(500_00, 0, 1),
        "household_size": st.sampled_from([1, 2, 3, 3, 3, None]),
        "cause": mostly("本人大病", "自然灾害", "重大意外事故"),
        "income_fen": st.sampled_from([30_708_00, 30_707_99, 0, 0, 100_00, 61_416_00, 19_835_99, None]),
        "rigid_expenditure_fen": st.sampled_from([0, 0, 100, 60_000_00, None]),
        **dict.fromkeys((*INCOMES, *RIGIDS), MONEY),
        "business_income_fen": st.sampled_from([0, -30_000_00, 30_000_00, None]),
    }
)
DAYS = mostly(dt.date(2021, 3, 1), dt.date(2020, 12, 31), FIRST_DAY, ON, dt.date(2021, 10, 1))
PAPER_KINDS = ["医疗收据", "医疗收据", "住院记录", "疾病证明书", "医保结算单"]
RULED = ["homes", "deep", "relative", "still-in-hardship", "union-member", "accidental"]
MEMBERS = st.fixed_dictionaries({"counts_in_household": mostly(True, False), "income_fen": MONEY})
PAPERS = st.fixed_dictionaries(
    {"kind": st.sampled_from(PAPER_KINDS), "issued_on": DAYS, "out_of_pocket_fen": mostly(70_00, 0, 1)}
)
REGISTERED = st.fixed_dictionaries(
    {"kind": st.sampled_from(["不动产", "机动车"]), "value": st.sampled_from(["无", "1", "有"])}
)
RULINGS = st.fixed_dictionaries(
    {
        "rule_id": st.sampled_from(RULED),
        "value": st.booleans(),
        "ruled_on": st.sampled_from([dt.date(2021, 9, 1), ON, dt.date(2021, 10, 1)]),
    }
)
CASES = st.fixed_dictionaries(
    {
        "household": HOUSEHOLDS,
        "members": st.lists(MEMBERS, max_size=3),
        "documents": seldom(PAPERS, 3),
        "registry": seldom(REGISTERED, 2),
        "rulings": seldom(RULINGS, 2),
    }
)
FIXED = {
    "registry": {"source": "自然资源局"},
    "rulings": {"ruled_by": "某人", "why": "测试"},
}


def frames(cases: list[dict[str, Any]], shuffled: random.Random | None = None) -> dict[str, pd.DataFrame]:
    """Return the rounds' tables; a table in which nobody has a row is left out."""
    ids = [f"H{at:02}" for at in range(len(cases))]
    households = [{"household_id": id_, **case["household"]} for id_, case in zip(ids, cases, strict=True)]
    tables = {"households": households}
    for table in ("members", "documents", "registry", "rulings"):
        rows = [
            {"household_id": id_, **FIXED.get(table, {}), **row}
            for id_, case in zip(ids, cases, strict=True)
            for row in case[table]
        ]
        tables |= {table: rows} if rows else {}
    if shuffled is not None:
        for rows in tables.values():
            shuffled.shuffle(rows)
    return {table: pd.DataFrame(rows, dtype=object) for table, rows in tables.items()}


def decided(judged: Assessment) -> dict[str, tuple[str, str, Fraction | None]]:
    table = judged.decisions
    claims = [None if pd.isna(claim) else Fraction(int(claim)) for claim in table["claim_fen"]]
    return dict(zip(table.index, zip(table["outcome"], table["category"], claims, strict=True), strict=True))


@settings(max_examples=25)
@given(cases=st.lists(CASES, min_size=1, max_size=8))
def test_the_pack_decides_as_the_oracle_does(cases: list[dict[str, Any]]) -> None:
    judged = assess(frames(cases), "jiangmen-2021", on=ON)
    assert judged.quarantine.empty
    assert decided(judged) == {f"H{at:02}": oracle(case) for at, case in enumerate(cases)}


@settings(max_examples=15)
@given(cases=st.lists(CASES, min_size=2, max_size=6), seed=st.integers(0, 99))
def test_the_order_of_rows_decides_nothing(cases: list[dict[str, Any]], seed: int) -> None:
    straight = assess(frames(cases), "jiangmen-2021", on=ON)
    mixed = assess(frames(cases, random.Random(seed)), "jiangmen-2021", on=ON)  # noqa: S311
    pd.testing.assert_frame_equal(straight.decisions, mixed.decisions.sort_index())
    told = [
        table.sort_values(["household_id", "rule_id"], kind="stable").reset_index(drop=True)
        for table in (straight.reasons(), mixed.reasons())
    ]
    pd.testing.assert_frame_equal(told[0], told[1])


@settings(max_examples=25)
@given(cases=st.lists(CASES, min_size=1, max_size=6))
def test_every_decision_can_be_read_from_its_reasons(cases: list[dict[str, Any]]) -> None:
    """Eligible: nothing fails or is open; ineligible: a rule fails, or every category; pending: the rest."""
    judged = assess(frames(cases), "jiangmen-2021", on=ON)
    table = judged.reasons()
    missing = set(judged.missing()["household_id"])
    for household_id, row in judged.decisions.iterrows():
        mine = table[table["household_id"] == household_id]
        rules = set(mine.loc[mine["kind"] == "rule", "result"])
        categories = set(mine.loc[mine["kind"] == "category", "result"])
        if row["outcome"] == "eligible":
            assert rules == {"pass"}
            assert "pass" in categories
        elif row["outcome"] == "ineligible":
            assert "fail" in rules or categories == {"fail"}
            assert row["failed_rules"]
        else:
            assert "fail" not in rules
            assert row["unknown_rules"]
            assert household_id in missing
        assert judged.explain(household_id)
