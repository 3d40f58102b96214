"""Accounts: the check digit, digits that Excel lost, the holder, corrections, reasons; no number told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.payment.banks import card

from relief.errors import PaymentError
from relief.intake.tables import read_tables
from relief.payment import Accounts, accounts_of
from relief.payment.accounts import is_card

if TYPE_CHECKING:
    from relief.intake.tables import Tables

GOOD, OTHER = card(101), card(202)
WRONG = GOOD[:-1] + str((int(GOOD[-1]) + 1) % 10)


def tables(*rows: dict[str, Any]) -> Tables:
    usual = {"申请人": "王小明", "收款户名": "王小明", "银行卡号": GOOD, "开户银行": "示例银行"}
    return read_tables(
        pd.DataFrame([{"户编号": f"H{at}", **usual, **row} for at, row in enumerate(rows, start=1)])
    )


def found(accounts: Accounts) -> list[tuple[str, str]]:
    return [(each.household_id, each.code.removeprefix("account.")) for each in accounts.held_back]


def one(row: dict[str, Any], **reasons: dict[str, str]) -> Accounts:
    return accounts_of(tables(row), ["H1"], **reasons)


@pytest.mark.parametrize(
    "number", ["4111111111111111", "5555555555554444", "6011000990139424", "79927398713"]
)
def test_numbers_that_are_known_to_have_a_right_check_digit_have_it(number: str) -> None:
    """Numbers of card companies for tests, and the usual example of the algorithm."""
    assert is_card(number)
    assert not is_card(number[:-1] + str((int(number[-1]) + 1) % 10))


@given(st.integers(0, 10**14 - 1), st.integers(0, 18), st.integers(1, 9))
def test_every_single_wrong_digit_of_a_card_is_found(body: int, place: int, change: int) -> None:
    number = card(body)
    changed = number[:place] + str((int(number[place]) + change) % 10) + number[place + 1 :]
    assert is_card(number)
    assert not is_card(changed)


@given(st.integers(0, 10**14 - 1), st.integers(0, 17))
def test_neighbours_that_are_swapped_are_found_but_for_0_and_9(body: int, place: int) -> None:
    number = card(body)
    pair = number[place : place + 2]
    swapped = number[:place] + pair[::-1] + number[place + 2 :]
    assert is_card(swapped) == (swapped == number or set(pair) == {"0", "9"})


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"银行卡号": WRONG}, "check_digit"),
        ({"银行卡号": WRONG[:-1]}, "check_digit"),
        ({"银行卡号": ""}, "none"),
        ({"银行卡号": "无"}, "not_digits"),
        ({"银行卡号": GOOD[:6] + "*" * 9 + GOOD[-4:]}, "not_digits"),
        ({"银行卡号": float(GOOD)}, "digits_lost"),
        ({"银行卡号": "6.20000E+18"}, "digits_lost"),
        ({"银行卡号": "6222020212345670000"}, "digits_lost"),
        ({"收款户名": "李四"}, "other_holder"),
        ({"收款户名": "王小"}, "other_holder"),
        ({"收款户名": "王*明"}, "masked_holder"),
        ({"收款户名": "", "申请人": ""}, "no_holder"),
        ({"收款户名": "=王小明", "申请人": "=王小明"}, "formula"),
        ({"开户银行": "+示例"}, "formula"),
        ({"开户银行": "示例\n银行"}, "unseen"),
    ],
)  # fmt: skip
def test_an_account_that_may_be_wrong_is_held_back_with_a_cure(row: dict[str, Any], code: str) -> None:
    if row.get("银行卡号") == WRONG[:-1]:
        assert not is_card(WRONG[:-1])
    accounts = one(row)
    assert found(accounts) == [("H1", code)]
    assert not accounts.usable
    for lang in ("zh", "en"):
        assert accounts.held_back[0].reason(lang) != accounts.held_back[0].cure(lang)


FULL_WIDTH = "".join(chr(ord(digit) + 0xFEE0) for digit in GOOD)


@pytest.mark.parametrize("written", [GOOD, f" {GOOD[:4]} {GOOD[4:]}", f"{GOOD[:4]}-{GOOD[4:]}", FULL_WIDTH])
def test_a_number_may_be_written_in_groups_and_at_full_width(written: str) -> None:
    assert one({"银行卡号": written}).usable["H1"].number == GOOD


@pytest.mark.parametrize("holder", ["王小明", "王 小明", "王　小　明", " 王小明 "])
def test_a_holder_may_be_written_with_blanks_and_the_bank_gets_it_without(holder: str) -> None:
    accounts = one({"收款户名": holder})
    assert accounts.usable["H1"].holder == "王小明"
    assert not accounts.told


def test_a_name_of_several_words_keeps_its_blanks() -> None:
    accounts = one({"申请人": "John  Smith", "收款户名": "JOHN SMITH"})
    assert accounts.usable["H1"].holder == "JOHN SMITH"


@pytest.mark.parametrize("number", ["123456789012", "12345678901234567890", "123456789012345"])
def test_an_account_that_is_no_card_is_used_and_told(number: str) -> None:
    accounts = one({"银行卡号": number})
    assert accounts.usable["H1"].number == number
    assert [each.code for each in accounts.told] == ["account.no_card"]


def test_only_a_reason_lifts_what_a_reason_can_lift_and_it_is_told() -> None:
    wrong = {"银行卡号": WRONG, "收款户名": "李四"}
    assert found(one(wrong, holders={"H1": "监护人"})) == [("H1", "check_digit")]
    assert found(one(wrong, numbers={"H1": "存折"})) == [("H1", "other_holder")]
    accounts = one(wrong, numbers={"H1": "存折"}, holders={"H1": "监护人，已核对"})
    assert accounts.usable["H1"].holder == "李四"
    assert [each.code for each in accounts.told] == ["account.check_excused", "account.holder_excused"]
    assert "监护人，已核对" in accounts.told[1].reason("zh")
    for bad in ({"H1": " "}, {"H9": "监护人"}):
        with pytest.raises(PaymentError):
            one(wrong, holders=bad)


def test_one_account_of_two_households_is_told_for_both() -> None:
    accounts = accounts_of(tables({}, {}, {"银行卡号": OTHER}), ["H1", "H2", "H3"])
    assert list(accounts.usable) == ["H1", "H2", "H3"]
    assert [(each.household_id, each.facts["others"]) for each in accounts.told] == [
        ("H1", "H2"),
        ("H2", "H1"),
    ]


def test_a_correction_replaces_all_of_an_account_but_not_who_applied() -> None:
    round_ = tables({"银行卡号": float(GOOD)}, {"收款户名": "李四"}, {})
    corrected = pd.DataFrame(
        {"户编号": ["H1", "H2"], "收款户名": ["王小明", ""], "银行卡号": [OTHER, OTHER],
         "申请人": ["", "张三"]}
    )  # fmt: skip
    assert found(accounts_of(round_, ["H1", "H2", "H3"])) == [("H1", "digits_lost"), ("H2", "other_holder")]
    accounts = accounts_of(round_, ["H1", "H2", "H3"], corrected)
    assert [each.number for each in accounts.usable.values()] == [OTHER, OTHER, GOOD]
    assert accounts.usable["H2"].holder == "王小明"
    assert accounts.usable["H1"].bank == ""


def test_a_correction_that_is_wrong_itself_is_held_back_or_refused() -> None:
    round_ = tables({})
    wrong = pd.DataFrame({"户编号": ["H1"], "银行卡号": [WRONG]})
    assert found(accounts_of(round_, ["H1"], wrong)) == [("H1", "check_digit")]
    for ids, code in ((["H9"], "unknown_household"), (["H1", "H1"], "correction_unclear")):
        table = pd.DataFrame({"户编号": ids, "银行卡号": [OTHER] * len(ids)})
        with pytest.raises(PaymentError) as error:
            accounts_of(round_, ["H1"], table)
        assert error.value.code == f"account.{code}"


def test_what_came_back_is_not_sent_to_the_same_account_again_without_a_reason() -> None:
    round_, back = tables({}, {}), {"H1": "账户已销户"}
    again = accounts_of(round_, ["H1", "H2"], returned=back)
    assert found(again) == [("H1", "came_back")]
    assert "账户已销户" in again.held_back[0].reason("zh")
    excused = accounts_of(round_, ["H1"], returned=back, numbers={"H1": "银行系统故障"})
    assert [each.code for each in excused.told] == ["account.sent_again"]
    first = read_tables(pd.DataFrame({"户编号": ["H1"], "银行卡号": [OTHER]}))
    second = pd.DataFrame({"户编号": ["H1"], "银行卡号": [card(303)]})
    assert found(accounts_of(round_, ["H1"], earlier=[first], returned=back)) == [("H1", "came_back")]
    right = accounts_of(round_, ["H1"], second, earlier=[first], returned=back)
    assert right.usable["H1"].number == card(303)
    assert [each.code for each in right.told] == ["account.holder_assumed"]
    kept = accounts_of(round_, ["H1"], earlier=[first], returned=back, numbers={"H1": "银行系统故障"})
    assert kept.usable["H1"].number == OTHER


def test_a_household_that_nobody_knows_is_held_back() -> None:
    assert found(accounts_of(tables({}), ["H1", "H7"])) == [("H7", "none")]


def test_no_sentence_or_repr_has_more_of_an_account_than_its_last_four_digits_nor_a_name() -> None:
    rows = [
        {"银行卡号": WRONG}, {"银行卡号": float(GOOD)}, {"收款户名": "李四"}, {}, {"银行卡号": GOOD},
        {"银行卡号": "123456789"},
    ]  # fmt: skip
    accounts = accounts_of(tables(*rows), [f"H{at}" for at in range(1, 8)])
    told = repr(accounts) + "".join(
        each.reason(lang) + each.cure(lang)
        for each in (*accounts.held_back, *accounts.told)
        for lang in ("zh", "en")
    )
    assert len(accounts.held_back) == 4
    assert not re.search(r"\d{5}|王|李四", told)
