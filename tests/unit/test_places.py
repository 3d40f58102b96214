"""Tests of relief.sheets.places."""

from __future__ import annotations

import pandas as pd
import pytest

from relief.sheets.places import District, located, nearest

DISTRICTS = [
    District("市直", "", ("市本级",)),
    District("江海区", "440704", ("江海",)),
    District("新会区", "440705"),
]


@pytest.mark.parametrize("written", ["江海区", "江海", "440704", "江海区\u3000", "４４０７０４"])
def test_any_spelling_is_one_district(written: str) -> None:
    names, unknown = located(pd.Series([written], dtype=object), DISTRICTS)
    assert names.tolist() == ["江海区"]
    assert not unknown.any()


def test_an_unknown_one_is_marked_and_a_missing_one_stays_missing() -> None:
    names, unknown = located(pd.Series(["蓬江取", None, "市本级"], index=[7, 8, 9], dtype=object), DISTRICTS)
    assert names.isna().tolist() == [True, True, False]
    assert unknown.to_dict() == {7: True, 8: False, 9: False}
    assert names.cat.categories.tolist() == ["市直", "江海区", "新会区"]


def test_without_a_list_names_are_taken_as_written() -> None:
    names, unknown = located(pd.Series(["乙", "甲", "乙"], dtype=object), [])
    assert names.tolist() == ["乙", "甲", "乙"]
    assert not unknown.any()
    assert located(pd.Series([], dtype=object), [])[0].empty


def test_the_nearest_name_is_a_hint() -> None:
    assert nearest("江海取", DISTRICTS) == "江海区"
    assert nearest("广州", DISTRICTS) == ""
