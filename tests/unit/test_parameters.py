"""Tests of relief.rulepack.parameters."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from relief.errors import ParameterError
from relief.rulepack.pack import parse_pack
from relief.rulepack.parameters import look_up
from relief.rulepack.values import Text

HEAD = """\
name: test
title: 测试
title_en: test
districts: [{name: 甲区}, {name: 乙市}]
parameters:
  s:
    title: 标准
    by: [district, residence]
    values:
"""
ON = dt.date(2021, 9, 30)
Ends = tuple[Fraction | None, Fraction | None]


def value(where: str, start: str, **bounds: str) -> str:
    lines = [f"      - where: {{{where}}}", f"        from: {start}"]
    lines += [f"        {key}: {bound}" for key, bound in bounds.items()]
    return "\n".join([*lines, "        status: illustrative", "        note: test", ""])


def looked_up(
    values: str, *households: tuple[str | None, str | None], on: dt.date = ON, unit: str = "yuan"
) -> list[Any]:
    text = HEAD.replace("    by:", f"    unit: {unit}\n    by:") + values
    pack = parse_pack({"test": {"pack.yaml": text.encode()}}, "test")
    words = ("甲区", "乙市", "城镇", "农村")
    keys = {
        name: Text(np.array([words.index(h[at]) if h[at] else -1 for h in households]), words)
        for at, name in enumerate(("district", "residence"))
    }
    found = look_up(pack.parameters["s"], on, keys, pack, len(households))
    return [found.amount.at(place) for place in range(len(households))]


TOWN = value("district: [乙市], residence: [城镇]", "2021-01-01", at_least="800")
LAND = value("district: [乙市], residence: [农村]", "2021-01-01", at_least="551")
CITY = value("district: [甲区]", "2021-01-01", exactly="853")


def test_the_value_of_the_place() -> None:
    found = looked_up(CITY + TOWN + LAND, ("甲区", None), ("乙市", "城镇"), ("乙市", "农村"))
    assert found == [(85300, 85300), (80000, None), (55100, None)]


def test_an_unknown_key_spans_what_it_could_be() -> None:
    found = looked_up(CITY + TOWN + LAND, ("乙市", None), (None, "城镇"), (None, None))
    assert found == [(55100, None), (80000, None), (55100, None)]
    exact = CITY + TOWN.replace("at_least", "exactly") + LAND.replace("at_least", "exactly")
    assert looked_up(exact, (None, None), ("乙市", None)) == [(55100, 85300), (55100, 80000)]


def test_the_latest_value_in_force_holds() -> None:
    values = value("", "2020-01-01", exactly="700") + value("", "2021-07-01", exactly="900")
    values += value("", "2021-10-01", exactly="950")
    days = [dt.date(2020, 1, 1), dt.date(2021, 6, 30), dt.date(2021, 7, 1), ON, dt.date(2021, 10, 1)]
    found = [looked_up(values, ("甲区", "城镇"), on=day)[0][0] for day in days]
    assert found == [70000, 70000, 90000, 90000, 95000]


def test_a_value_ends_on_its_last_day() -> None:
    ended = value("", "2021-01-01", until="2021-09-30", exactly="700")
    assert looked_up(ended, ("甲区", "城镇")) == [(70000, 70000)]
    with pytest.raises(
        ParameterError,
        match=r"标准 has no value for 2021-10-01 \(甲区、城镇\). Values: 2021-01-01 – 2021-09-30.",
    ):
        looked_up(ended, ("甲区", "城镇"), on=dt.date(2021, 10, 1))


def test_a_known_place_without_a_value_is_told() -> None:
    with pytest.raises(ParameterError, match=r"标准 has no value for 2021-09-30 \(甲区、未知\)"):
        looked_up(TOWN, ("乙市", "城镇"), ("甲区", None))


def test_two_values_from_one_day_are_told() -> None:
    with pytest.raises(
        ParameterError, match="two values in force on 2021-09-30 for 甲区、城镇, both from 2021-01-01"
    ):
        looked_up(CITY + value("", "2021-01-01", exactly="900"), ("甲区", "城镇"))


def test_bounds_from_both_sides() -> None:
    both = value("", "2021-01-01", at_least="800", at_most="900.5")
    assert looked_up(both, ("甲区", "城镇")) == [(80000, 90050)]


def test_a_number_is_no_money() -> None:
    share = value("", "2021-01-01", exactly="0.125")
    assert looked_up(share, ("甲区", "城镇"), unit="number") == [(Fraction(1, 8), Fraction(1, 8))]
    small = value("", "2021-01-01", exactly="0.000000000001")
    assert looked_up(small, ("甲区", "城镇"), unit="number") == [(Fraction(1, 10**12),) * 2]


def test_nobody_needs_no_value() -> None:
    assert looked_up(value("", "2030-01-01", exactly="1")) == []
