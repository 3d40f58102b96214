"""A masked report does not hold what it hides: not in the page, not in its data, not in the charts."""

from __future__ import annotations

import csv
import html
import json
import re

import pandas as pd
import pytest
from tests.report.rounds import judged, planted

import relief
from relief.report import charts, report
from relief.report.hiding import HIDDEN, Hiding


def texts(page: bytes) -> str:
    """Return a page as it stands and as it is read: entities and JSON undone."""
    text = page.decode()
    return "\n".join((text, html.unescape(text), text.replace("\\u003c", "<")))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_planted_is_in_a_masked_report_or_chart(lang: str) -> None:
    round_, secrets = planted()
    assert len(secrets) > 50
    public = [report(round_, lang=lang), *charts(round_, lang=lang).values()]
    for data in public:
        assert {secret for secret in secrets if secret in texts(data)} == set()
        assert "密" not in texts(data)


def test_the_full_report_shows_ids_and_names_so_the_search_for_them_can_fail() -> None:
    round_, _ = planted()
    page = report(round_, full=True).decode()
    assert {"家-密-1", "陈密甲"} <= set(re.findall(r"家-密-\d|陈密.", page))
    assert "密员2" in page


def test_no_form_shows_a_number_a_phone_or_an_account() -> None:
    round_, secrets = planted()
    page = texts(report(round_, full=True))
    numbers = {secret for secret in secrets if sum(map(str.isdigit, secret)) > 9}
    assert len(numbers) > 10
    assert {number for number in numbers if number in page} == set()


def test_a_masked_household_has_its_number_and_surname() -> None:
    page = report(judged()).decode()
    assert '<th scope="row">001</th><td>王*</td>' in page
    assert '<th scope="row">002</th><td>欧阳*</td>' in page
    assert "王小明" not in page


def test_the_number_of_a_household_is_its_row_in_the_files_also_where_an_id_looks_like_a_formula() -> None:
    roster = pd.DataFrame({"户编号": ["9", "=H2", "A-1", "-3"], "个人自付": [1000, 2000, 3000, 4000]})
    round_ = relief.split(roster, 1000_00, districts="any")
    filed = [row["claim_yuan"] for row in csv.DictReader(round_.files()["awards.csv"].decode().splitlines())]
    shown = re.findall(
        r'<th scope="row">(00\d)</th><td class="n">[^<]*</td><td class="n">([^<]*)<', report(round_).decode()
    )
    assert [(f"{number:03}", amount) for number, amount in enumerate(filed, start=1)] == [
        (number, amount.replace(",", "")) for number, amount in shown
    ]


def test_a_file_named_after_a_person_is_not_told_in_a_masked_report() -> None:
    page, full = report(judged()).decode(), report(judged(), full=True).decode()
    names = [source["name"] for source in judged().record["inputs"]]
    assert names
    assert all(f"<dt>{name}</dt>" in full for name in names)
    assert not any(f"<dt>{name}</dt>" in page for name in names)


def test_quoted_words_are_hidden_and_a_formula_that_quotes_is_left_out() -> None:
    round_, _ = planted()
    hiding = Hiding(round_.tables)
    assert hiding.text("家-密-1", "因为密主要致困原因1，12.50") == f"因为{HIDDEN}，12.50"
    assert hiding.quotes("家-密-1", "密主要致困原因1 ≠ 无")
    assert hiding.text("家-密-2", "12.50") == "12.50"


def test_ids_that_are_plain_numbers_leave_amounts_alone() -> None:
    roster = pd.DataFrame({"户编号": ["1", "2", "12345"], "个人自付": ["1.00", "12345.00", "2.00"]})
    page = report(relief.split(roster, 1000_00, districts="any")).decode()
    common, part = (
        json.loads(found)
        for found in re.findall(r'type="application/json" id="[a-z0-9-]+">(.*?)</script>', page)
    )
    lines = [common["shared"][line] if isinstance(line, int) else line for line in part[1][1]]
    assert lines[0].startswith("申领额 2.00 元，占申领额合计 12,348.00 元的")
    assert "12345：" not in page
