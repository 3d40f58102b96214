"""Tests of intake.papers and intake.bills: every identity to the fen, a paper that holds is not told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.patience import soon

from relief.intake.bills import amount_in_words
from relief.intake.papers import without_cancelled
from relief.intake.tables import Tables, read_tables
from relief.judging.eligibility import assess

if TYPE_CHECKING:
    from relief.sheets.faults import Fault

STAY = {"医院": "示例医院", "入院日期": "2021-03-01", "出院日期": "2021-03-09", "开具日期": "2021-03-10"}
# The worked example of the insurer: 4,500 = 3,600 + 600 + 300.
BILL = {
    "材料类型": "医疗收据", "成员编号": "M1", "票据号码": "S1", **STAY,
    "医疗费总额": "4500", "统筹基金支付": "3000",
    "大病保险支付": "600", "医疗救助支付": "0", "其他支付": "0", "个人账户支付": "200", "个人现金支付": "700",
    "个人自付": "600", "个人自费": "300",
}  # fmt: skip
MEMBERS = [{"户编号": "H1", "成员编号": "M1", "姓名": "示例甲", "身份证号": "440703198001011234"}]
HOUSEHOLD = {"户编号": "H1", "申请日期": "2021-05-01", "个人自付": "600"}


def read(*papers: dict[str, Any], history: list[dict[str, str]] | None = None) -> Tables:
    frames = {
        "households": pd.DataFrame([HOUSEHOLD, HOUSEHOLD | {"户编号": "H2"}]),
        "members": pd.DataFrame(MEMBERS),
        "documents": pd.DataFrame([{"户编号": "H1", **paper} for paper in papers]),
    }
    return read_tables(frames | ({"history": pd.DataFrame(history)} if history else {}))


def found(*papers: dict[str, Any], **tables: Any) -> list[Fault]:
    return list(read(*papers, **tables).faults)


def test_many_red_bills_are_matched_without_looking_through_all_for_each() -> None:
    size = 30_000
    receipts = [{"number": f"S{at}", "cancels": None, "bill": None} for at in range(size)]
    reds = [{"number": f"R{at}", "cancels": f"S{at}", "bill": "红冲"} for at in range(size)]
    papers = pd.DataFrame([*receipts, *reds]).assign(household_id="H1", kind="医疗收据", total_fen=100)
    # Well below a second; each looking through all others took half a minute.
    with soon():
        used = without_cancelled(papers)
    assert (used["kind"].astype(object) == "已冲销").all()


OTHER = {"入院日期": "2021-03-21", "出院日期": "2021-03-29", "开具日期": "2021-03-30"}


def test_a_paper_without_its_kind_is_told_for_it_may_be_a_receipt() -> None:
    (fault,) = found(BILL | {"材料类型": None}, BILL | {"票据号码": "S2", "住院号": "Z2", **OTHER})
    assert (fault.code, fault.severity, fault.row) == ("warning.paper_kind", "warning", 1)
    assert (fault.header, "收据" in fault.problem("zh")) == ("材料类型", True)


@pytest.mark.parametrize("number", ["s1", "S 1", "Ｓ1", "S-1", "S1（复印件）", "S1复印件"])
def test_one_number_written_in_two_ways_is_one_receipt(number: str) -> None:
    told = found(BILL, BILL | OTHER | {"票据号码": number})
    assert [fault.code for fault in told if fault.severity == "fault"] == ["fault.receipt_twice"] * 2
    earlier = found(BILL, history=[{"户编号": "H1", "批次": "2020", "票据号码": number}])
    assert "fault.receipt_earlier" in [fault.code for fault in earlier]


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("医疗收据（复印件）", ("warning.copy", "warning")),
        ("复印件：出院小结", ("warning.copy", "warning")),
        ("出院小结复印件", ("warning.copy", "warning")), ("身份证复印件", ("warning.label", "notice")),
    ],
)  # fmt: skip
def test_a_copy_of_a_paper_that_rules_ask_for_is_told_and_is_not_that_paper(
    kind: str, told: tuple[str, str]
) -> None:
    papers = read({"材料类型": kind, "票据号码": "S1"})
    assert [(fault.code, fault.severity) for fault in papers.faults] == [told]
    assert papers["documents"]["kind"].astype(object).tolist()[0] not in ("医疗收据", "住院记录")


def test_a_number_that_lost_its_zeros_is_the_same_and_another_is_not() -> None:
    told = [{fault.code for fault in found(BILL | {"票据号码": "0012"}, BILL | OTHER | {"票据号码": one})}
            for one in ("12", "0120", "A12")]  # fmt: skip
    assert told == [{"fault.receipt_twice"}, set(), set()]


def test_a_red_bill_finds_its_receipt_however_the_number_is_written() -> None:
    red = BILL | {"票据号码": "R1", "票据性质": "红冲", "冲销票据号码": "s 1"}
    papers = read(BILL, red)["documents"]
    assert without_cancelled(papers)["kind"].astype(object).tolist() == ["已冲销", "已冲销"]


@pytest.mark.parametrize("bill", [None, "正常"])
def test_a_bill_that_cancels_and_is_called_usual_sets_the_household_aside(bill: str | None) -> None:
    """It was counted as a second receipt, though it takes the first one back."""
    told = found(BILL, BILL | OTHER | {"票据号码": "R1", "票据性质": bill, "冲销票据号码": "S1"})
    assert [(fault.code, fault.row, fault.value) for fault in told] == [("fault.red_unsaid", 2, "R1")]


def test_a_bill_that_adds_up_is_not_told() -> None:
    assert found(BILL) == []
    whole = {
        "收费项目合计": "4500.00",
        "大写金额": "肆仟伍佰元整",
        "基金支付总额": "3600",
        "个人负担总金额": "900",
    }
    assert found(BILL | whole | {"医院负担金额": "0", "商业保险": "400", "互助保障赔付": "500"}) == []


@pytest.mark.parametrize(
    ("change", "codes", "difference"),
    [
        ({"医疗费总额": "4500.01"}, ["payers", "duty"], "-0.01"),
        ({"统筹基金支付": "3000.01"}, ["payers", "duty"], "+0.01"),
        ({"个人现金支付": "700.01"}, ["payers", "borne"], "+0.01"),
        ({"个人自付": "599.99"}, ["duty", "borne"], None),
        ({"收费项目合计": "4499.99"}, ["items"], "-0.01"),
        ({"大写金额": "肆仟伍佰元零壹分"}, ["words"], "+0.01"),
        ({"基金支付总额": "3600.01"}, ["funds"], "-0.01"),
        ({"个人负担总金额": "1000"}, ["share"], "-100.00"),
        ({"基金支付总额": "3600", "个人负担总金额": "900", "医院负担金额": "1"}, ["parts"], "+1.00"),
        ({"商业保险": "900.01"}, ["back"], "+0.01"),
        ({"商业保险": "500", "互助保障赔付": "500"}, ["back"], "+100.00"),
        ({"其他支付": "50", "统筹基金支付": "2950", "个人自付": "650"}, ["inside"], "+50.00"),
    ],
)
def test_a_sum_that_is_off_is_told_with_the_difference(
    change: dict[str, str], codes: list[str], difference: str | None
) -> None:
    if codes == ["inside"]:
        change = change | {"医疗费总额": "4500", "个人现金支付": "700"}
    told = found(BILL | change)
    assert [fault.code for fault in told] == [f"warning.bill_{code}" for code in codes]
    for fault in told:
        assert (fault.severity, fault.table, fault.row, fault.household_id) == (
            "warning",
            "documents",
            1,
            "H1",
        )
        assert difference is None or fault.facts["difference"] == difference
        assert difference is None or codes == ["inside"] or difference in fault.problem("zh")


@given(
    parts=st.lists(st.integers(0, 10**9), min_size=4, max_size=4),
    wrong=st.integers(0, 3),
    by=st.integers(1, 99),
)
def test_one_fen_is_found_in_any_amount(parts: list[int], wrong: int, by: int) -> None:
    pooled, account, cash, own = parts
    own = min(own, account + cash)
    sums = {"医疗费总额": pooled + account + cash, "统筹基金支付": pooled, "大病保险支付": 0,
            "医疗救助支付": 0, "其他支付": 0, "个人账户支付": account, "个人现金支付": cash,
            "个人自付": account + cash - own,
            "个人自费": own}  # fmt: skip
    assert found({**BILL, **{name: _yuan(fen) for name, fen in sums.items()}}) == []
    name = ["医疗费总额", "统筹基金支付", "个人现金支付", "个人自付"][wrong]
    assert len(found({**BILL, **{n: _yuan(f + by * (n == name)) for n, f in sums.items()}})) == 2


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


def test_an_unknown_part_is_no_zero_but_a_sum_may_not_exceed_its_total() -> None:
    assert found({**BILL, "大病保险支付": None}) == []
    (fault,) = found({**BILL, "大病保险支付": None, "个人自费": None, "统筹基金支付": "3900"})
    assert fault.code == "warning.bill_payers"


@pytest.mark.parametrize(
    ("words", "fen"),
    [
        ("壹拾元整", 1000), ("拾元", 1000), ("壹佰零伍元贰角叁分", 10523), ("贰万零叁佰元正", 2030000),
        ("叁拾万元整", 30_000_000), ("伍角", 50), ("柒分", 7), ("壹亿贰仟万元", 12_000_000_000),
        ("壹元零伍分", 105), ("两千元", 200_000), ("", None), ("约肆佰元左右", None), ("4500", None),
        ("零拾零万伍仟零佰零拾零元零角零分", 500_000), ("贰萬零叁佰元", 2_030_000), ("四五〇〇元", None),
        ("一千零十元", 101_000), ("壹万零仟零佰伍拾元零角", 1_005_000),
    ],
)  # fmt: skip
def test_amounts_in_words(words: str, fen: int | None) -> None:
    assert amount_in_words(words) == fen


@pytest.mark.parametrize(
    ("change", "titles"),
    [
        ({"入院日期": "2021-03-10"}, "入院日期 2021-03-10 晚于 出院日期 2021-03-09"),
        ({"开具日期": "2021-03-08"}, "出院日期 2021-03-09 晚于 开具日期 2021-03-08"),
        ({"开具日期": "2021-05-02"}, "开具日期 2021-05-02 晚于 申请日期 2021-05-01"),
        ({"出院日期": None, "开具日期": "2021-02-28"}, "入院日期 2021-03-01 晚于 开具日期 2021-02-28"),
    ],
)
def test_days_that_run_backwards(change: dict[str, Any], titles: str) -> None:
    (fault,) = found(BILL | change)
    assert fault.code == "warning.paper_dates"
    assert fault.problem("zh") == titles


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"成员编号": "M9"}, "warning.paper_member"),
        ({"患者姓名": "示例乙"}, "warning.paper_name"),
        ({"患者身份证号": "440703********1235"}, "warning.paper_number"),
    ],
)
def test_a_paper_about_somebody_else(change: dict[str, str], code: str) -> None:
    (fault,) = found(BILL | change)
    assert fault.code == code
    assert found(BILL | {"患者姓名": "示例 甲", "患者身份证号": "440703********1234"}) == []
    assert found(BILL | {"成员编号": None, "患者姓名": "示例甲"}) == []


def test_one_stay_under_two_numbers_is_told_unless_it_was_billed_in_parts() -> None:
    told = found(BILL, BILL | {"票据号码": "S2"})
    assert [(fault.code, fault.row, fault.facts["others"]) for fault in told] == [
        ("warning.stay_twice", 1, "2"), ("warning.stay_twice", 2, "1"),
    ]  # fmt: skip
    assert found(BILL | {"票据性质": "中途结算"}, BILL | {"票据号码": "S2", "票据性质": "中途结算"}) == []
    assert found(BILL, BILL | {"票据号码": "S2", "出院日期": "2021-03-08"}) == []
    assert found(BILL | {"住院号": "A"}, BILL | {"票据号码": "S2", "住院号": "B"}) == []


def test_a_receipt_of_an_earlier_round_is_a_fault_that_sets_the_household_aside() -> None:
    tables = read(BILL, history=[{"户编号": "H1", "批次": "2020年度", "票据号码": "S1"}])
    (fault,) = tables.faults
    assert (fault.code, fault.severity) == ("fault.receipt_earlier", "fault")
    assert "2020年度" in fault.problem()
    assert "H1" in set(assess(tables, "jiangmen-2021", on="2021-09-30").quarantine["household_id"])
    assert found(BILL, history=[{"户编号": "H1", "批次": "2020年度", "票据号码": "S9"}]) == []


RED = BILL | {"票据号码": "S2", "票据性质": "红冲", "冲销票据号码": "S1", "开具日期": "2021-03-11"}


def claim(*papers: dict[str, Any]) -> int | None:
    judged = assess(read(*papers), "jiangmen-2021", on="2021-09-30").decisions
    if "H1" not in judged.index:
        return None
    return int(judged.loc["H1", "claim_fen"])


def test_a_red_bill_and_its_receipt_do_not_count() -> None:
    new = BILL | {"票据号码": "S3", "出院日期": "2021-03-08"}
    assert claim(new) == claim(BILL, RED, new) == 60000
    assert claim(BILL, new) == 120000
    (notice,) = found(BILL, RED)
    assert (notice.code, notice.severity, notice.row) == ("notice.red_bill", "notice", 2)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"冲销票据号码": "S9"}, "fault.red_unmatched"),
        ({"冲销票据号码": None}, "fault.red_unmatched"),
        ({"医疗费总额": "4400", "个人现金支付": "600", "个人自付": "500"}, "fault.red_partial"),
    ],
)
def test_a_refund_that_leaves_the_claim_open_is_a_fault(change: dict[str, Any], code: str) -> None:
    (fault,) = found(BILL, RED | change)
    assert (fault.code, fault.severity, fault.row) == (code, "fault", 2)
    assert claim(BILL, RED | change) is None


def test_a_red_bill_cancels_one_receipt_once() -> None:
    told = found(BILL, RED, RED | {"票据号码": "S4"})
    assert [(fault.code, fault.row) for fault in told] == [("fault.red_unmatched", 3), ("notice.red_bill", 2)]


def test_no_finding_holds_a_name_or_a_number() -> None:
    spoilt = BILL | {"患者姓名": "欧阳大明", "患者身份证号": "440703199901011235", "成员编号": None}
    text = " ".join(
        part for fault in found(spoilt) for part in (fault.problem(), fault.problem("en"), fault.value)
    )
    assert text
    assert not re.search("欧阳大明|440703199901011235", text)
