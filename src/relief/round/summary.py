"""The page that a clerk opens first: what came in, what came out, what is left to do.

In    a `Round`, its other files
Out   plain text in Chinese (or English), the same every time
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from relief.messages import LANGUAGES, say
from relief.money import yuan
from relief.round.headings import heading_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from relief.allocation import Allocation
    from relief.messages import Language
    from relief.round.pipeline import Round
    from relief.rulepack.pack import Pack

__all__ = [
    "aligned",
    "counts_lines",
    "district_lines",
    "divided_by",
    "evidence_lines",
    "money_lines",
    "text",
    "titles_of_claim",
]

_FILES = (
    "awards",
    "shares",
    "groups",
    "certificate",
    "decisions",
    "reasons",
    "missing",
    "discrepancies",
    "confirmation",
    "papers",
    "districts",
    "quarantine",
    "faults",
    "record",
)


def text(round_: Round, lang: Language = "zh", files: Mapping[str, bytes] | None = None) -> str:
    """Return the summary of a round, which names its other files and tells what their columns hold."""
    files = round_.tables_out if files is None else files
    lines = [*head_lines(round_, lang), ""]
    lines += counts_lines(round_, lang)
    lines += ["", *district_lines(round_, lang), ""]
    lines += money_lines(round_, lang)
    lines += [line for told in evidence_lines(round_, lang) for line in ("", told)]
    lines += _check_lines(round_, lang)
    lines += _not_sourced_lines(round_, lang)
    lines += ["", say("summary.files", lang)]
    lines += [f"  {file}  {say(f'summary.file.{name}', lang)}" for name, file in _present(files)]
    lines += ["", say("summary.words", lang), "", say("summary.note", lang)]
    lines += ["", say("folder.columns", lang)]
    ordered = {file: files[file] for _, file in _present(files) if file in files}
    lines += heading_lines(ordered, claim_title(round_, lang), _amounts(round_, lang), lang)
    return "\n".join(lines) + "\n"


def _present(files: Mapping[str, bytes]) -> Iterable[tuple[str, str]]:
    """Yield what a round's files are called here and there, in the order in which they are told."""
    for name in _FILES:
        file = f"{name}.json" if name in ("record", "certificate") else f"{name}.csv"
        if file in files or name == "record":
            yield name, file


def _amounts(round_: Round, lang: Language) -> dict[str, str]:
    """Return what the pack calls its measures and benefits, by their columns in decisions.csv."""
    stated = [*round_.pack.measures.values(), *round_.pack.benefits]
    return {f"{item.id}_yuan": item.title if lang == "zh" else item.title_en for item in stated}


def evidence_lines(round_: Round, lang: Language) -> list[str]:
    """Return how often departments say otherwise than households, and what hangs on it."""
    counts = round_.evidence.counts
    return [say("summary.discrepancies", lang, **counts)] if counts else []


def head_lines(round_: Round, lang: Language) -> list[str]:
    """Return what was divided, by which rules and as of which day."""
    if round_.assessment is None:
        return [say("summary.split_title", lang)]
    title = round_.pack.title if lang == "zh" else round_.pack.title_en
    return [say("summary.title", lang, pack=title, on=round_.assessment.on.isoformat())]


def counts_lines(round_: Round, lang: Language) -> list[str]:
    """Return how many households came in and where each went."""
    counts = round_.counts
    if round_.assessment is None:
        return [say("summary.split_counts", lang, rows=counts["households_in"], awarded=counts["awarded"],
                    quarantined=counts["quarantined"])]  # fmt: skip
    told = say(
        "summary.counts", lang,
        rows=counts["households_in"], judged=counts["judged"], quarantined=counts["quarantined"],
        eligible=counts["eligible"], ineligible=counts["ineligible"], pending=counts["pending"],
    )  # fmt: skip
    only = int((round_.decisions["unknown_rules"].astype(str) == "claim").sum())
    if not only:
        return [told]
    return [told, say("summary.claim_open", lang, count=only, claim=claim_title(round_, lang))]


def district_lines(round_: Round, lang: Language) -> list[str]:
    """Return the district table as aligned text, with its total."""
    names = ("district", "households", "claim", "award", "share")
    header = [say(f"summary.column.{name}", lang, **_claim_of(round_, lang, name)) for name in names]
    table = round_.districts
    figures = zip(
        table.index, table["households"], table["claim_fen"], table["award_fen"], table["share"], strict=True
    )
    rows = [
        [str(name), str(count), f"{yuan(int(claim)):,}", f"{yuan(int(award)):,}", f"{float(share):.2%}"]
        for name, count, claim, award, share in figures
    ]
    claims, awards = (sum(map(int, table[name])) for name in ("claim_fen", "award_fen"))
    total = [
        say("summary.total", lang),
        str(int(table["households"].sum())),
        f"{yuan(claims):,}",
        f"{yuan(awards):,}",
        "",
    ]
    return list(aligned([header, *rows, total]))


def claim_title(round_: Round, lang: Language) -> str:
    """Return what the fund is divided by, as the pack calls it; of a roster its own column."""
    pack = round_.pack if round_.assessment is not None else None
    return titles_of_claim(pack)[f"claim_{lang}"]


def titles_of_claim(pack: Pack | None) -> dict[str, str]:
    """Return what a pack calls its claim, without one what a roster does: ``claim_zh``, ``claim_en``."""
    if pack is None or pack.claim is None:
        return {f"claim_{lang}": say("summary.claim", lang) for lang in LANGUAGES}
    return {"claim_zh": pack.claim.title, "claim_en": pack.claim.title_en}


def _claim_of(round_: Round, lang: Language, column: str) -> dict[str, str]:
    return {"claim": claim_title(round_, lang)} if column == "claim" else {}


def aligned(rows: list[list[str]]) -> Iterable[str]:
    """Return rows as lines of text, the first column to the left and figures to the right."""
    widths = [max(_width(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        first = row[0] + " " * (widths[0] - _width(row[0]))
        rest = (" " * (width - _width(cell)) + cell for cell, width in zip(row[1:], widths[1:], strict=True))
        yield "  ".join([first, *rest]).rstrip()


def _width(cell: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in cell)


def money_lines(round_: Round, lang: Language) -> list[str]:
    """Return fund, awards and their difference."""
    plan = round_.allocation
    if plan is None:
        undivided = say("summary.undivided", lang, fund=f"{yuan(int(round_.call['fund_fen'])):,}")
        return [undivided, *benefit_lines(round_, lang)]
    facts: dict[str, object] = {
        "fund": f"{yuan(plan.fund_fen):,}",
        "awards": f"{yuan(plan.reconciliation['sum_fen']):,}",
        "units": plan.reconciliation["units_by_remainder"],
        "unit": yuan(plan.unit_fen),
    }
    claim = claim_title(round_, lang)
    terms = round_.call.get("terms", {})
    if (plan.method, plan.rounding) == ("proportional", "largest_remainder") and not terms:
        method = say("summary.method", lang, claim=claim)
        money = say("summary.money", lang, difference=yuan(plan.reconciliation["difference_fen"]), **facts)
        return [method, money, *benefit_lines(round_, lang)]
    return [
        divided_by(plan.method, plan.rounding, claim, lang),
        *(_term_line(name, value, lang) for name, value in terms.items()),
        say(
            "summary.money_otherwise", lang, returned=f"{yuan(plan.returned_fen):,}",
            difference=yuan(plan.reconciliation["difference_fen"]), **facts,
        ),
        *_group_lines(plan, lang),
        *_source_lines(plan, lang),
        *benefit_lines(round_, lang),
    ]  # fmt: skip


def divided_by(method: str, rounding: str, claim: str, lang: Language) -> str:
    """Return in a sentence how a method and a rounding divide."""
    return say(
        "summary.divided_by",
        lang,
        title=say(f"methods.title.{method}", lang),
        how=say(f"methods.how.{method}", lang, claim=claim),
        rounding=say(f"methods.rounding.{rounding}", lang),
    )


def _term_line(name: str, value: Any, lang: Language) -> str:
    """Return one argument of a division, as the record keeps it, in words."""
    argument = say(f"summary.term.{name}", lang)
    return say("summary.term", lang, argument=argument, value=_term(name, value, lang))


def _term(name: str, value: Any, lang: Language) -> str:
    if isinstance(value, dict):
        return say("summary.value.column", lang, header=value["column"])
    if name == "allow_above_claim":
        return say(f"summary.value.{'yes' if value else 'no'}", lang)
    if name == "within":
        return say(f"methods.title.{value}", lang)
    if name in ("surplus", "shortage") or value == "claims":
        return say(f"summary.value.{value}", lang) if value != "error" else "—"
    if isinstance(value, str):
        return say("summary.value.yuan", lang, amount=f"{yuan(int(value)):,}")
    join = say("list.join", lang).join
    if name == "order":
        return join(map(str, value))
    if name == "brackets":
        return join(_bracket(bracket, lang) for bracket in value)
    pairs = ((key, f"{yuan(int(amount)):,}") for key, amount in value)
    return join(say("summary.value.pair", lang, name=key, amount=amount) for key, amount in pairs)


def _bracket(bracket: dict[str, Any], lang: Language) -> str:
    facts = {
        "start": f"{yuan(int(bracket['from_fen'])):,}",
        "share": bracket["share"],
        "amount": f"{yuan(int(bracket['amount_fen'])):,}",
    }
    return say(
        "summary.value.bracket" if bracket["included"] else "summary.value.bracket_above", lang, **facts
    )


def _group_lines(plan: Allocation, lang: Language) -> list[str]:
    if plan.parts[0].group.name is None:
        return []
    table = plan.groups
    return [
        say(
            "summary.group", lang, group=str(group), households=int(row["households"]),
            fund=f"{yuan(int(row['fund_fen'])):,}", awards=f"{yuan(int(row['award_fen'])):,}",
            returned=f"{yuan(int(row['returned_fen'])):,}",
        )
        for group, row in table.to_dict("index").items()
    ]  # fmt: skip


def _source_lines(plan: Allocation, lang: Language) -> list[str]:
    return [
        say(
            "summary.source", lang, source=source, fund=f"{yuan(money['fund_fen']):,}",
            spent=f"{yuan(money['sum_fen']):,}", returned=f"{yuan(money['returned_fen']):,}",
        )
        for source, money in plan.reconciliation.get("sources", {}).items()
    ]  # fmt: skip


def benefit_lines(round_: Round, lang: Language) -> list[str]:
    """Return for each benefit how many households have it, the sum of money, and of how many it is open."""
    judged = round_.assessment
    lines = []
    for title, count, fen, still_open in judged.benefit_totals(lang) if judged is not None else ():
        told = {"title": title, "count": count}
        if fen is None:
            lines.append(say("summary.benefit", lang, **told))
        else:
            lines.append(say("summary.benefit_money", lang, amount=f"{yuan(fen):,}", **told))
        if still_open:
            lines.append(say("summary.benefit_open", lang, title=title, count=still_open))
    return lines


def _check_lines(round_: Round, lang: Language) -> list[str]:
    checks = round_.assessment.attention if round_.assessment is not None else None
    if checks is None or checks.empty:
        return []
    told = zip(checks["household_id"], checks["message"], strict=True)
    return ["", say("summary.checks", lang), *(f"  {household}  {message}" for household, message in told)]


def _not_sourced_lines(round_: Round, lang: Language) -> list[str]:
    told = round_.assessment.not_sourced(lang) if round_.assessment is not None else {}
    if not told:
        return []
    lines = ["", say("summary.not_sourced", lang)]
    return lines + [
        f"  {title}：{note}" if lang == "zh" else f"  {title}: {note}" for title, note in told.items()
    ]
