"""Tests of relief.messages and relief.errors."""

from __future__ import annotations

import pickle

import pytest

from relief import errors
from relief.errors import ReliefError
from relief.messages import LANGUAGES, catalogue, mask, say


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("440703198001010013", "440*************13"),
        ("44070319800101001X", "440*************1X"),
        ("440703800101001", "440**********01"),
        ("13800138000", "138******00"),
        ("138 0013 8000", "138********00"),
        ("6222 0212 3456 7890 123", "622******************23"),
        ("1,234,567.89", "1,234,567.89"),
        ("2021-09-30", "2021-09-30"),
        ("123456789.12", "123456789.12"),
        ("H0042", "H0042"),
        ("", ""),
    ],
)
def test_long_numbers_are_masked(text: str, shown: str) -> None:
    assert mask(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("护照E12345678有误", "护照E******78有误"),
        ("EA1234567", "E******67"),
        ("E1234567", "E1234567"),
        ("E123456789", "E123456789"),
        ("JE12345678", "JE12345678"),
        ("H12345678", "H12345678"),
    ],
)
def test_the_number_of_a_passport_is_masked_and_of_a_household_is_not(text: str, shown: str) -> None:
    assert mask(text) == shown


def test_a_sentence_masks_its_facts() -> None:
    assert "13800138000" not in say("household.unknown", "en", household="13800138000")


def test_every_sentence_can_be_said_in_both_languages() -> None:
    assert all(set(sentence) == set(LANGUAGES) for sentence in catalogue().values())


def test_errors_are_values_and_survive_a_pickle() -> None:
    error = errors.RoundError("round.exists", folder="r")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert type(again) is errors.RoundError
    assert isinstance(again, ValueError)
    assert (again.code, again.facts, str(again)) == (error.code, error.facts, str(error))
    assert "请换一个文件夹" in again.text("zh")


def test_every_error_is_of_the_one_tree() -> None:
    for name in errors.__all__:
        assert issubclass(getattr(errors, name), ReliefError)
        assert name in (errors.__doc__ or "")


def test_a_number_after_letters_or_a_dot_is_masked_and_a_hash_or_a_decimal_is_not() -> None:
    digest = "a1" * 32
    assert mask("No.440703199001011234") == "No.440*************34"
    assert mask("a440703199001011234") == "a440*************34"
    assert mask(f"记录 {digest}") == f"记录 {digest}"
    assert mask("0.333333333333333333") == "0.333333333333333333"
