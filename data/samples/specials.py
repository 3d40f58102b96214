"""What some cases change after the rest of their application is made."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, TypeAlias

from case import Application, answer

if TYPE_CHECKING:
    from collections.abc import Callable

    Change: TypeAlias = Callable[[Application], None]


def without(made: Application, *kinds: str) -> None:
    made.documents = [paper for paper in made.documents if paper["kind"] not in kinds]


def outpatient_only(made: Application) -> None:
    without(made, "住院记录", "医保结算单")
    for paper in made.documents:
        paper |= {"admission_on": None, "discharge_on": None}


def unsplit_receipt(made: Application) -> None:
    number = made.receipts[0]["number"]
    for paper in made.documents:
        if paper["number"] == number:
            paper |= {"out_of_pocket_fen": None, "own_expense_fen": None}


def over_new_year(made: Application) -> None:
    first = min(paper["admission_on"] for paper in made.documents if paper["admission_on"])
    for paper in made.documents:
        if paper["admission_on"] == first:
            paper["admission_on"] = dt.date(2020, 12, 28)


def open_member(made: Application) -> None:
    made.members[2] |= {"counts_in_household": None, "counts_reason": "在外就学，是否共同生活待核"}


def open_income(made: Application) -> None:
    for member in made.earners:
        member |= {"business_income_fen": None, "income_fen": None}


def declare_own_expense_too(made: Application) -> None:
    made.household["out_of_pocket_fen"] = sum(
        receipt["out_of_pocket_fen"] + receipt["own_expense_fen"] for receipt in made.receipts
    )


def found(source: str, kind: str, value: str) -> Change:
    return lambda made: answer(made, made.members[0], source, kind, value)


def ruled(rule_id: str, value: str, why: str, day: dt.date = dt.date(2021, 9, 24)) -> Change:
    ruling = {
        "rule_id": rule_id,
        "value": value,
        "ruled_by": "示例裁定人（合成）",
        "ruled_on": day,
        "why": why,
    }
    return lambda made: made.rulings.append({"household_id": made.id, **ruling})


SPECIALS: dict[str, Change] = {
    "": lambda _: None,
    "gross income": lambda _: None,
    "no certificate": lambda made: without(made, "疾病证明书"),
    "no papers": lambda made: made.documents.clear(),
    "no answer": lambda made: made.registry.clear(),
    "outpatient only": outpatient_only,
    "unsplit receipt": unsplit_receipt,
    "over new year": over_new_year,
    "open member": open_member,
    "open income": open_income,
    "declared with own expense": declare_own_expense_too,
    "home": found("自然资源局", "不动产", "示例路2号 住宅 96平方米（合成）"),
    "vehicle": found("公安局", "机动车", "示例号牌 小型轿车（合成）"),
    "ruled yes": ruled("still-in-hardship", "认定", "事故后长期治疗，家庭生活确有困难（示例）"),
    "ruled no": ruled("still-in-hardship", "不认定", "赔偿已到位，不再困难（示例）"),
    "ruled later": ruled("still-in-hardship", "认定", "十月补充材料后认定（示例）", dt.date(2021, 10, 12)),
    "objection answered": ruled("notice-objection", "通过", "异议经复核不成立（示例）"),
}
