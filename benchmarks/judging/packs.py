"""Two packs of ten rules, as text: over households only, and with members and papers joined in."""

from __future__ import annotations

from main_job import DISTRICTS

from relief.rulepack.pack import Pack, parse_pack

__all__ = ["CATEGORIES", "KINDS", "RESIDENCES", "STANDARDS_FEN", "TEN_RULES", "joined_rules", "ten_rules"]

RESIDENCES = ("城镇", "农村")
_URBAN = dict(zip(DISTRICTS, (95_000, 95_000, 95_000, 92_000, 90_000, 88_000, 86_000, 87_500), strict=True))
STANDARDS_FEN = {"城镇": _URBAN, "农村": {name: fen - 7_050 for name, fen in _URBAN.items()}}
CATEGORIES = ("深度困难", "相对困难")
KINDS = ("医疗收据", "住院记录", "疾病证明书", "医保结算单")

_HEAD = """
name: benchmark
title: 基准
title_en: benchmark
districts: [{districts}]
parameters:
  subsistence_standard: {{unit: yuan, per: 人·月, by: [district, residence], values: [{values}]}}
"""
_MARK = "status: illustrative, note: 基准"
_MEASURE = "  {name}: {{title: {name}, title_en: {name}, {mark}, amount: '{text}'}}"
_RULE = "  - {{id: {name}, title: {name}, title_en: {name}, {mark}, {key}: '{text}'}}"

TEN_RULES = {
    "union-member": "union_member",
    "visited": "visited_on <= on",
    "review-passed": "review_passed",
    "notice-days": "notice_working_days >= 7",
    "homes": "homes_count <= 1",
    "vehicles": "vehicles_count <= 0",
    "out-of-pocket": "out_of_pocket_fen > 0",
    "deposits": "deposits_fen / household_size <= months(24) * subsistence_standard",
    "gross-income": "monthly(income_fen) / household_size <= 3 * subsistence_standard",
    "net-income": "net_income < 2 * subsistence_standard",
}
JOINED_RULES = {
    "union-member": "union_member",
    "visited": "visited_on <= on",
    "review-passed": "review_passed",
    "notice-days": "notice_working_days >= 7",
    "members": "people >= 1",
    "hospital-record": 'held(documents, where=kind == "住院记录")',
    "illness-certificate": 'held(documents, where=kind == "疾病证明书")',
    "medical-receipt": 'held(documents, where=kind == "医疗收据")',
    "out-of-pocket": "cost > 0",
    "net-income": "net_income < 2 * subsistence_standard",
}
JOINED_MEASURES = {
    "people": "count(members, where=counts_in_household)",
    "net_income": "monthly(sum(members.income_fen, where=counts_in_household) - rigid_expenditure_fen)"
    " / max(1, people)",
    "cost": 'sum(documents.out_of_pocket_fen, where=kind == "医疗收据"'
    " and issued_on >= year_start(on) and issued_on <= on)",
}


def pack(rules: dict[str, str], measures: dict[str, str], claim: str) -> Pack:
    """Return a pack of these rules with the two categories, from its text."""
    categories = {
        "deep": "net_income < subsistence_standard",
        "relative": "net_income < 2 * subsistence_standard",
    }
    values = ", ".join(
        f"{{where: {{district: [{name}], residence: [{where}]}}, from: 2021-01-01, exactly: {fen / 100}, {_MARK}}}"
        for where, standards in STANDARDS_FEN.items()
        for name, fen in standards.items()
    )
    lines = [_HEAD.format(districts=", ".join(f"{{name: {name}}}" for name in DISTRICTS), values=values)]
    lines += ["measures:", *(_MEASURE.format(name=n, mark=_MARK, text=t) for n, t in measures.items())]
    lines += ["rules:", *(_RULE.format(name=n, mark=_MARK, key="requires", text=t) for n, t in rules.items())]
    lines += ["categories:"]
    lines += [
        _RULE.format(name=name, mark=_MARK, key="when", text=text).replace(
            f"title: {name}", f"title: {title}"
        )
        for (name, text), title in zip(categories.items(), CATEGORIES, strict=True)
    ]
    lines += [f"claim: {{title: 个人自付, title_en: out of pocket, {_MARK}, amount: {claim}}}"]
    return parse_pack({"benchmark": {"pack.yaml": "\n".join(lines).encode()}}, "benchmark")


def ten_rules() -> Pack:
    """Return the pack of ten rules over households only."""
    net_income = {"net_income": "monthly(income_fen - rigid_expenditure_fen) / household_size"}
    return pack(TEN_RULES, net_income, "out_of_pocket_fen")


def joined_rules() -> Pack:
    """Return the pack that reads members and papers."""
    return pack(JOINED_RULES, JOINED_MEASURES, "cost")
