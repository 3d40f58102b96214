"""Amounts in capitals: the examples of the central bank, another library, and the way back."""

from __future__ import annotations

import cn2an
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from relief.errors import MoneyError
from relief.intake.bills import amount_in_words
from relief.money import yuan
from relief.papers.capitals import in_capitals

AMOUNTS = st.one_of(
    st.integers(0, 10**14 - 1),
    # Amounts of few digits that are not zero: where the 零 stand is what goes wrong.
    st.lists(st.integers(0, 13), max_size=3).map(lambda places: sum(7 * 10**place for place in set(places))),
)


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (140950, "人民币壹仟肆佰零玖元伍角"),
        (600714, "人民币陆仟零柒元壹角肆分"),
        (168032, "人民币壹仟陆佰捌拾元叁角贰分"),
        (10700053, "人民币壹拾万柒仟元伍角叁分"),
        (1640902, "人民币壹万陆仟肆佰零玖元零贰分"),
        (32504, "人民币叁佰贰拾伍元零肆分"),
        (1000, "人民币壹拾元整"),
        (10, "人民币壹角"),
        (10_000_000_100, "人民币壹亿零壹元整"),
        (100_000_000_000, "人民币壹拾亿元整"),
    ],
)
def test_the_examples_of_the_rules_for_payments(fen: int, text: str) -> None:
    assert in_capitals(fen) == text


@given(AMOUNTS)
@example(0)
@example(10**14 - 1)
def test_another_library_writes_the_same(fen: int) -> None:
    assert in_capitals(fen) == "人民币" + cn2an.an2cn(str(yuan(fen)), "rmb")


@given(AMOUNTS)
def test_what_is_written_is_read_back(fen: int) -> None:
    assert amount_in_words(in_capitals(fen)) == fen


@pytest.mark.parametrize("wrong", [-1, 10**14, 1.0, True, "1"])
def test_what_is_no_amount_in_fen_is_refused(wrong: object) -> None:
    with pytest.raises(MoneyError):
        in_capitals(wrong)  # type: ignore[arg-type]
