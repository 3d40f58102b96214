"""Tests of relief.rulepack.parameters."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relief.errors import ParameterError, ReliefError
from relief.rulepack.operations import plus_months
from relief.rulepack.pack import parse_pack
from relief.rulepack.parameters import Lookup
from relief.rulepack.values import Amount, Text, exactly

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
EPOCH = dt.date(1970, 1, 1)
Ends = tuple[Fraction | None, Fraction | None]


def value(where: str, start: str, **bounds: str) -> str:
    lines = [f"      - where: {{{where}}}", f"        from: {start}"]
    lines += [f"        {key}: {bound}" for key, bound in bounds.items()]
    return "\n".join([*lines, "        status: illustrative", "        note: test", ""])


def looked_up(
    values: str, *households: tuple[str | None, str | None], on: dt.date = ON, unit: str = "yuan",
    days: Amount | None = None, months: int = 0,
) -> list[Any]:  # fmt: skip
    text = HEAD.replace("    by:", f"    unit: {unit}\n    by:") + values
    pack = parse_pack({"test": {"pack.yaml": text.encode()}}, "test")
    words = ("甲区", "乙市", "城镇", "农村")
    keys = [
        Text(np.array([words.index(h[at]) if h[at] else -1 for h in households], dtype=np.int64), words)
        for at in (0, 1)
    ]
    found = Lookup(pack.parameters["s"], on, pack).amounts(keys, days, months, len(households))
    return [found.at(place) for place in range(len(households))]


def dated(*days: dt.date | None) -> Amount:
    numbers = np.array([(day - EPOCH).days if day else 0 for day in days])
    return exactly(numbers, np.array([day is None for day in days]))


TOWN = value("district: [乙市], residence: [城镇]", "2021-01-01", at_least="800")
LAND = value("district: [乙市], residence: [农村]", "2021-01-01", at_least="551")
CITY = value("district: [甲区]", "2021-01-01", exactly="853")
HERE = ("甲区", "城镇")


def test_the_value_of_the_place() -> None:
    found = looked_up(CITY + TOWN + LAND, ("甲区", None), ("乙市", "城镇"), ("乙市", "农村"))
    assert found == [(85300, 85300), (80000, None), (55100, None)]


def test_an_unknown_key_spans_what_it_could_be() -> None:
    found = looked_up(CITY + TOWN + LAND, ("乙市", None), (None, "城镇"), (None, None))
    assert found == [(55100, None), (80000, None), (55100, None)]
    exact = CITY + TOWN.replace("at_least", "exactly") + LAND.replace("at_least", "exactly")
    assert looked_up(exact, (None, None), ("乙市", None)) == [(55100, 85300), (55100, 80000)]


def test_where_one_of_the_words_has_no_value_nothing_is_known() -> None:
    assert looked_up(CITY + TOWN, ("乙市", None), (None, "农村")) == [(None, None)] * 2


def test_the_latest_value_in_force_holds() -> None:
    values = value("", "2020-01-01", exactly="700") + value("", "2021-07-01", exactly="900")
    values += value("", "2021-10-01", exactly="950")
    days = [dt.date(2020, 1, 1), dt.date(2021, 6, 30), dt.date(2021, 7, 1), ON, dt.date(2021, 10, 1)]
    found = [looked_up(values, HERE, on=day)[0][0] for day in days]
    assert found == [70000, 70000, 90000, 90000, 95000]


def test_a_value_ends_on_its_last_day() -> None:
    ended = value("", "2021-01-01", until="2021-09-30", exactly="700")
    assert looked_up(ended, HERE) == [(70000, 70000)]
    with pytest.raises(
        ParameterError,
        match=r"标准 has no value for 2021-10-01 \(甲区、城镇\). Values: 2021-01-01 – 2021-09-30.",
    ):
        looked_up(ended, HERE, on=dt.date(2021, 10, 1))


def test_a_known_place_without_a_value_is_told() -> None:
    with pytest.raises(ParameterError, match=r"标准 has no value for 2021-09-30 \(甲区、未知\)"):
        looked_up(TOWN, ("乙市", "城镇"), ("甲区", None))


def test_two_values_from_one_day_are_told() -> None:
    with pytest.raises(
        ParameterError, match="two values in force on 2021-09-30 for 甲区、城镇, both from 2021-01-01"
    ):
        looked_up(CITY + value("", "2021-01-01", exactly="900"), HERE)


def test_bounds_from_both_sides() -> None:
    both = value("", "2021-01-01", at_least="800", at_most="900.5")
    assert looked_up(both, HERE) == [(80000, 90050)]


def test_money_known_by_its_ceiling_alone_is_at_least_nothing() -> None:
    """No pack can state an amount below zero; another number it can."""
    ceiling = value("", "2021-01-01", at_most="700")
    assert looked_up(ceiling, ("甲区", "城镇")) == [(0, 70000)]
    assert looked_up(ceiling, ("甲区", "城镇"), unit="number") == [(None, 700)]


def test_a_divisor_above_a_ceiling_of_money_is_above_nothing() -> None:
    told = "status: illustrative, note: 例"
    text = HEAD + value("", "2021-01-01", at_most="700") + f"""\
measures: {{m: {{title: 比, title_en: m, amount: deposits_fen / (s + yuan(1)), {told}}}}}
"""  # fmt: skip
    assert parse_pack({"test": {"pack.yaml": text.encode()}}, "test").measures["m"].node.kind == "number"
    number = text.replace("    by:", "    unit: number\n    by:").replace("yuan(1)", "1")
    with pytest.raises(ReliefError, match="may be zero or"):
        parse_pack({"test": {"pack.yaml": number.encode()}}, "test")


def test_a_number_is_no_money() -> None:
    share = value("", "2021-01-01", exactly="0.125")
    assert looked_up(share, HERE, unit="number") == [(Fraction(1, 8), Fraction(1, 8))]
    small = value("", "2021-01-01", exactly="0.000000000001")
    assert looked_up(small, HERE, unit="number") == [(Fraction(1, 10**12),) * 2]
    quotient = value("", "2021-01-01", exactly="2/37")
    assert looked_up(quotient, HERE, unit="number") == [(Fraction(2, 37),) * 2]


def test_nobody_needs_no_value() -> None:
    assert looked_up(value("", "2030-01-01", exactly="1")) == []


# --- on another day -------------------------------------------------------------------------------

YEARS = value("", "2020-01-01", exactly="700") + value("", "2021-07-01", exactly="900")


def test_each_row_has_the_value_of_its_day() -> None:
    days = dated(dt.date(2020, 9, 30), dt.date(2021, 6, 30), dt.date(2021, 7, 1), ON)
    found = looked_up(YEARS, *[HERE] * 4, days=days)
    assert found == [(70000,) * 2, (70000,) * 2, (90000,) * 2, (90000,) * 2]


def test_an_unknown_day_spans_all_values() -> None:
    assert looked_up(YEARS, HERE, HERE, days=dated(None, ON)) == [(None, None), (90000, 90000)]
    always = value("", "1900-01-01", exactly="600") + YEARS
    assert looked_up(always, HERE, days=dated(None)) == [(60000, 90000)]


def test_a_day_between_two_spans_what_holds_between_them() -> None:
    first, last = dated(dt.date(2021, 6, 1)), dated(dt.date(2021, 7, 2))
    more = YEARS + value("", "2021-07-03", exactly="5000")
    assert looked_up(more, HERE, days=Amount(first.lo, last.lo)) == [(70000, 90000)]
    assert looked_up(more, HERE, days=Amount(first.lo, dated(dt.date(2021, 6, 30)).lo)) == [(70000, 70000)]


def test_a_day_before_every_value_is_told() -> None:
    with pytest.raises(ParameterError, match="标准 has no value for 2019-12-31"):
        looked_up(YEARS, HERE, days=dated(dt.date(2019, 12, 31)))


def test_what_was_announced_later_was_not_known() -> None:
    """The value of a past day is the one that was known on the day of the decision."""
    late = value("", "2020-01-01", exactly="700")
    late += value("", "2021-07-01", announced_on="2021-10-15", exactly="900")
    assert looked_up(late, HERE) == [(70000, 70000)]
    assert looked_up(late, HERE, on=dt.date(2021, 10, 14)) == [(70000, 70000)]
    assert looked_up(late, HERE, on=dt.date(2021, 10, 15)) == [(90000, 90000)]
    backdated = looked_up(late, HERE, on=dt.date(2021, 10, 15), days=dated(dt.date(2021, 8, 1)))
    assert backdated == [(90000, 90000)]
    with pytest.raises(ParameterError, match="2021-10-15"):
        looked_up(value("", "2021-07-01", announced_on="2021-10-15", exactly="900"), HERE)


def test_twelve_months_each_at_its_own_value() -> None:
    days = dated(dt.date(2020, 7, 1), dt.date(2020, 10, 1), dt.date(2021, 7, 1), dt.date(2021, 1, 31))
    found = looked_up(YEARS, *[HERE] * 4, days=days, months=12)
    assert found == [
        (12 * 70000,) * 2, (9 * 70000 + 3 * 90000,) * 2, (12 * 90000,) * 2, (6 * 70000 + 6 * 90000,) * 2,
    ]  # fmt: skip


def test_twelve_months_of_floors_are_a_floor() -> None:
    floors = value("", "2020-01-01", at_least="700", at_most="800") + value("", "2021-07-01", at_least="900")
    days = dated(dt.date(2020, 1, 1), dt.date(2021, 1, 1))
    assert looked_up(floors, HERE, HERE, days=days, months=12) == [
        (12 * 70000, 12 * 80000), (6 * 70000 + 6 * 90000, None),
    ]  # fmt: skip


def test_twelve_months_that_begin_before_every_value() -> None:
    with pytest.raises(ParameterError, match="标准 has no value for 2019-12-15"):
        looked_up(YEARS, HERE, days=dated(dt.date(2019, 12, 15)), months=12)


@given(
    first=st.dates(dt.date(2020, 1, 1), dt.date(2022, 1, 1)), width=st.integers(0, 400), months=st.just(12)
)
def test_a_span_of_days_holds_the_sum_from_each_of_them(first: dt.date, width: int, months: int) -> None:
    """The sum changes inside a month too, as each month's own day passes a change."""
    last = first + dt.timedelta(days=width)
    (span,) = looked_up(YEARS, HERE, days=Amount(dated(first).lo, dated(last).lo), months=months)
    change = dt.date(2021, 7, 1)
    sums = []
    for day in range(width + 1):
        start = np.array([(first - EPOCH).days + day])
        steps = [EPOCH + dt.timedelta(days=int(plus_months(start, step)[0])) for step in range(months)]
        sums.append(sum(90000 if step >= change else 70000 for step in steps))
    assert span[0] <= min(sums)
    assert span[1] >= max(sums)
