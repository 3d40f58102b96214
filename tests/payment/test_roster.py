"""The roster: everybody once, with sums in figures and capitals; numbers masked unless asked for."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from tests.payment.banks import card

import relief
from relief.errors import PaperError
from relief.intake.bills import amount_in_words
from relief.money import fen
from relief.papers.docx import to_docx
from relief.papers.html import to_html
from relief.papers.paper import Grid, Paper
from relief.papers.roster import roster
from relief.payment import Accounts, Payment, accounts_of

if TYPE_CHECKING:
    from relief.messages import Language
    from relief.round.pipeline import Round

IDS = ["440703198103070008", "440703198203070003", "440703198303070009"]


@functools.cache
def round_() -> Round:
    rows = {
        "户编号": ["H1", "H2", "H3"], "申请人": ["王小明", "欧阳娜", "=李四"],
        "区县": ["台山市", "蓬江区", "台山市"], "所属工会": ["甲工会", "乙工会", "甲工会"],
        "申请人身份证号": IDS,
        "收款户名": ["王小明", "欧阳娜", "赵五"], "银行卡号": [card(1), card(2), "12345678"],
        "开户银行": ["示例银行"] * 3, "个人自付": [100, 300, 50],
    }  # fmt: skip
    return relief.split(pd.DataFrame(rows), 200_00)


def accounts() -> Accounts:
    return accounts_of(round_().tables, ["H1", "H2", "H3"], holders={"H3": "监护人"})


def payments() -> list[Payment]:
    awards = round_().allocation.awards_fen
    return [
        Payment(f"R1-{at}", household, "", int(awards[household]))
        for at, household in enumerate(awards.index)
    ]


def paper(*, full: bool = False, lang: Language = "zh", listed: list[Payment] | None = None) -> Paper:
    return roster(round_(), payments() if listed is None else listed, accounts(), full=full, lang=lang,
                  dated="2021-11-01", organisation="某市总工会")  # fmt: skip


def grids(of: Paper) -> list[Grid]:
    return [block for block in of.blocks if isinstance(block, Grid)]


def told(of: Paper) -> str:
    texts = [block.text for block in of.blocks if not isinstance(block, Grid)]
    return "\n".join(texts + ["\n".join(map("|".join, (grid.header, *grid.lines))) for grid in grids(of)])


def test_everybody_stands_once_by_district_with_sums_in_figures_and_capitals() -> None:
    found = grids(paper())
    assert [grid.caption for grid in found] == ["蓬江区（1笔，133.33元）", "台山市（2笔，66.67元）"]
    at = {name: place for place, name in enumerate(found[0].header)}
    assert [row[0] for grid in found for row in grid.rows] == ["1", "2", "3"]
    sums = []
    for grid in found:
        amounts = [fen(row[at["发放金额（元）"]]) for row in grid.rows]
        assert [amount_in_words(row[at["金额（大写）"]]) for row in grid.rows] == amounts
        assert fen(grid.total[at["发放金额（元）"]]) == sum(amounts)
        assert amount_in_words(grid.total[at["金额（大写）"]]) == sum(amounts)
        assert all(row[at["签字或按印"]] == "" for row in grid.rows)
        sums += amounts
    assert sum(sums) == 200_00
    assert "总计：3笔，200.00元，人民币贰佰元整" in told(paper())


def test_numbers_are_masked_unless_the_whole_is_asked_for_and_names_never_are() -> None:
    masked, whole = told(paper()), told(paper(full=True))
    numbers = [*IDS, card(1), card(2), "12345678"]
    assert not any(number in masked for number in numbers)
    assert not re.search(r"\d{8}|5678", masked)
    assert all(number in whole.replace(" ", "") for number in numbers)
    for grouped in ("440703 19810307 0008", f"{card(1)[:4]} {card(1)[4:8]} ", "1234 5678"):
        assert grouped in whole
    for name in ("王小明", "欧阳娜", "赵五", "440***********0008"):
        assert name in masked


def test_another_holder_has_a_column_in_every_table_if_there_is_one_at_all() -> None:
    everybody, some = grids(paper()), grids(paper(listed=payments()[:2]))
    assert [("收款户名" in grid.header) for grid in (*everybody, *some)] == [True, True, False, False]


def test_sources_are_told_apart() -> None:
    two = [Payment("R1", "H1", "市级", 100), Payment("R2", "H1", "中央", 200)]
    (grid,) = grids(paper(listed=two))
    assert [row[grid.header.index("资金来源")] for row in grid.rows] == ["市级", "中央"]


def test_the_same_roster_has_the_same_bytes_in_both_languages() -> None:
    for lang in ("zh", "en"):
        assert to_docx(paper(lang=lang)) == to_docx(paper(lang=lang))
        assert "欧阳娜" in to_html(paper(lang=lang)).decode()


def test_a_roster_of_nobody_for_nobody_or_without_an_account_is_refused() -> None:
    with pytest.raises(PaperError):
        paper(listed=[])
    with pytest.raises(PaperError):
        roster(round_(), payments(), accounts(), dated="2021-11-01", organisation=" ")
    with pytest.raises(PaperError) as error:
        roster(round_(), payments(), Accounts({}), dated="2021-11-01", organisation="某市总工会")
    assert error.value.code == "roster.no_account"
