"""Names as a notice shows them: the surname and one star, never more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relief.papers.masking import STAR, masked

NAMES = st.one_of(
    st.text(
        alphabet="王李欧阳司马端木诸葛小明·•．* 　（）(1380阿依买提JohnSmith\u3400\U00020bb7\U000e0100",
        max_size=12,
    ),
    st.text(max_size=8),
)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("王小明", "王*"), ("王明", "王*"), (" 王 小 明 ", "王*"), ("王　明", "王*"), ("王某某", "王*"),
        ("欧阳娜", "欧阳*"), ("欧阳娜娜", "欧阳*"), ("欧阳", "欧*"), ("歐陽修", "歐陽*"), ("阳欧娜", "阳*"),
        ("司马相如", "司马*"), ("单于明", "单*"),
        ("王", "*"), ("", "*"), (None, "*"), ("12345", "*"), ("***", "*"), ("（空）", "*"),
        ("王*", "王*"), ("王**", "王*"), ("王*明", "王*"),
        ("阿依古丽·买买提", "阿*"), ("欧阳·买买提江", "欧*"), ("欧阳古丽买买提", "欧*"), ("次仁", "次*"),
        ("John Smith", "J*"), ("王小明13800138000", "王*"), ("王小明（440703000002310015）", "王*"),
        ("\U00020bb7\U000e0100明", "\U00020bb7*"),
    ],
)  # fmt: skip
def test_the_surname_stays_and_nothing_else(name: str | None, shown: str) -> None:
    assert masked(name) == shown


@given(NAMES)
def test_never_more_than_two_letters_and_never_the_whole_name(name: str) -> None:
    shown = masked(name)
    kept = shown.removesuffix(STAR)
    assert shown == kept + STAR
    assert len(kept) <= 2
    assert kept.isalpha() or not kept
    letters = [letter for letter in name if letter.isalnum()]
    assert len(kept) < len(letters) or "*" in name or not kept
    assert masked(shown) in (shown, kept[:1] + STAR)


@given(st.text(alphabet="王小明李", min_size=2, max_size=4))
def test_the_star_does_not_tell_how_long_a_name_is(name: str) -> None:
    assert masked(name) == name[0] + STAR
