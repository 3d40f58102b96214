"""The page says what the round says, is one file, and is the same every time."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from html.parser import HTMLParser

import pandas as pd
import pytest
from tests.report.rounds import HOSTILE, divided, grouped, judged

import relief
from relief.report import report


class Page(HTMLParser):
    """What a page is made of: tags with their attributes, and text outside scripts and styles."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._inside: list[str] = []
        self.feed(data.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside.append(tag)

    def handle_data(self, data: str) -> None:
        if not self._inside or self._inside[-1] not in ("script", "style"):
            self.texts.append(data)
        if self._inside and self._inside[-1] in ("script", "style"):
            self._inside.pop()


def rows(data: bytes, table: str) -> list[list[str]]:
    """Return the cells of the first table in the section `table`."""
    section = data.decode().split(f'id="{table}"')[1].split("</section>")[0]
    body = section.split("<tbody>")[1].split("</tbody>")[0]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in body.split("<tr")[1:]]
    return [[html.unescape(re.sub("<[^>]+>", "", cell)) for cell in row] for row in cells]


@pytest.mark.parametrize("full", [False, True])
def test_the_same_round_gives_the_same_bytes(full: bool) -> None:
    judged.cache_clear()
    first = report(judged(), full=full)
    judged.cache_clear()
    assert report(judged(), full=full) == first


@pytest.mark.parametrize("round_", [judged, divided, grouped])
def test_the_page_names_nothing_outside_it_and_its_policy_lets_only_its_own_script_run(
    round_: object,
) -> None:
    page = report(round_())  # type: ignore[operator]
    text = page.decode()
    assert re.findall(r"https?://[^\"' <]+", text.replace("http://www.w3.org/2000/svg", "")) == []
    tags = Page(page).tags
    assert not {tag for tag, _ in tags} & {"link", "iframe", "object", "embed", "base", "img"}
    assert [attrs for _, attrs in tags if {"src", "srcset", "style", "onclick"} & set(attrs)] == []
    policy = next(attrs["content"] or "" for tag, attrs in tags if attrs.get("http-equiv"))
    script = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)[-1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy.startswith("default-src 'none'; ")
    assert f"script-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_districts_keep_their_order_and_their_zero_rows_and_add_up() -> None:
    assert rows(report(judged()), "districts") == [
        ["甲区", "1", "1", "0", "1,000.01", "33.00", "33.00%"],
        ["乙区", "2", "0", "1", "2,030.05", "67.00", "67.00%"],
        ["空区", "0", "0", "0", "0.00", "0.00", "0.00%"],
        ["合计", "3", "1", "1", "3,030.06", "100.00", "100.00%"],
    ]


def test_every_household_has_a_row_with_its_outcome_and_why() -> None:
    assert rows(report(judged(), full=True), "households") == [
        ["H1", "王小明", "认定", "33.00", "1,000.01", "甲区", "项any", ""],
        ["H2", "欧阳娜", "认定", "66.01", "2,000.02", "乙区", "项any", ""],
        ["H3", HOSTILE, "认定", "0.99", "30.03", "乙区", "项any", ""],
        ["H4", "李四", "不予认定", "—", "40.04", "甲区", "", "项member"],
        ["H5", "赵五", "待补充", "—", "50.05", "乙区", "项any", "项member"],
    ]


def test_what_needs_a_person_comes_first() -> None:
    text = "".join(Page(report(judged())).texts)
    start = text.index("先看这些")
    assert text.index("1 行无法采用") > start
    assert text.index("1 户待补充") > text.index("1 行无法采用")
    assert text.index("条规则或取值没有公开依据") > text.index("1 户待补充")
    assert text.index("概况") > text.index("条规则或取值没有公开依据")


def test_a_row_set_aside_is_told_by_its_column_and_in_full_by_its_place() -> None:
    assert "家庭表 医疗费用个人自付：1 行" in report(judged()).decode()
    assert "第 6 行，户编号 H6" in report(judged(), full=True).decode()


def test_words_of_applications_never_become_markup() -> None:
    page = report(judged(), full=True).decode()
    assert "<img" not in page
    assert html.escape(HOSTILE, quote=False) in page


def test_the_cut_names_the_last_to_get_a_unit() -> None:
    told = divided().allocation.reconciliation
    units, last, by, tied, _ = rows(report(divided(), full=True), "remainders")[0]
    assert (units, last) == (str(told["units_by_remainder"]), told["cut"]["label"])
    assert by == str(told["cut"]["remainder"])
    assert (tied == "没有并列") == (told["ties_at_cut"]["count"] == 1)


def test_tenths_of_the_households_take_the_whole_fund() -> None:
    parts = rows(report(divided()), "slices")
    assert len(parts) == 10
    assert sum(int(part[1]) for part in parts) == 23
    assert sum(round(float(part[2].replace(",", "")) * 100) for part in parts) == 1_000_03


def test_groups_and_sources_show_what_became_of_their_funds() -> None:
    assert rows(report(grouped()), "funds") == [
        ["深度", "2", "100.00", "100.00", "0.00"],
        ["相对", "2", "200.01", "200.01", "0.00"],
        ["省级", "", "100.00", "100.00", "0.00"],
        ["市级", "", "200.01", "200.01", "0.00"],
    ]


def test_a_round_without_an_eligible_household_says_that_nothing_was_divided() -> None:
    table = pd.DataFrame({"户编号": ["H1"], "区县": ["市直"], "是否工会会员": ["否"], "个人自付": ["10"]})
    page = report(relief.run(table, "jiangmen-2021", 100_00, on="2021-09-30")).decode()
    assert "未作分配，资金 100.00 元保留" in page
    assert 'id="awards"' not in page


def test_the_reproduction_has_the_fingerprint_the_hashes_and_the_call() -> None:
    round_ = judged()
    page = report(round_, fingerprint="8f3a-11").decode().split('id="reproduction"')[1]
    assert "<code>8f3a-11</code>" in page
    assert round_.seal in page
    assert all(source["sha256"] in page for source in round_.record["inputs"])
    assert "&#34;fund_fen&#34;: &#34;10000&#34;" in page


def test_english_leaves_no_chinese_but_what_was_written_so() -> None:
    left = re.findall(r"[一-鿿]+", "".join(Page(report(divided(), lang="en")).texts))
    assert set("".join(left)) == set("甲乙区")
