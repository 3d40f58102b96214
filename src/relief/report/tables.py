"""The tables that stand beside charts: the same figures for who reads, or hears, rather than looks.

In    a `Round`, `Figures`
Out   `Table` by the name of its chart, cells already as text
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from relief.allocation import wording
from relief.judging.assessment import OUTCOMES
from relief.messages import Figure, say
from relief.money import yuan
from relief.report.charts import money, percent
from relief.report.figures import District

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relief.messages import Language
    from relief.report.figures import Figures, Tally
    from relief.report.households import Showing
    from relief.round.pipeline import Round

__all__ = ["Table", "tables_of"]


@dataclass(frozen=True)
class Table:
    """A table; `texts` are the places of columns set to the left, all others are numbers."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    texts: frozenset[int] = frozenset({0})


def tables_of(round_: Round, figures: Figures, shown: Showing, lang: Language) -> dict[str, Table]:
    """Return the table of each chart that has one; one without rows is left out."""
    made = {
        "districts": _districts(round_, figures, lang),
        "remainders": _cuts(round_, shown, lang),
        "slices": _table(
            ("part", "households", "award", "share", "claim_share"),
            ((str(at), f"{part.households:,}", money(part.award_fen), percent(part.share, 2),
              percent(part.claim_share, 2)) for at, part in enumerate(figures.slices, start=1)),
            figures, lang,
        ),
        "categories": _table(
            ("category", "households", "claim", "award"),
            ((kind.title, f"{kind.households:,}", money(kind.claim_fen), money(kind.award_fen))
             for kind in figures.categories),
            figures, lang,
        ),
        "refusals": _tallies(figures.refusals, figures, lang),
        "open_rules": _tallies(figures.open_rules, figures, lang),
        "coverage": _table(
            ("table", "column", "known", "rows", "share"),
            ((row.table, row.title, f"{row.known:,}", f"{row.rows:,}", percent(row.share))
             for row in figures.coverage),
            figures, lang, texts=frozenset({0, 1}),
        ),
        "funds": _funds(round_, figures, lang),
    }  # fmt: skip
    return {name: table for name, table in made.items() if table.rows}


def _table(
    names: tuple[str, ...],
    rows: Iterable[tuple[str, ...]],
    figures: Figures,
    lang: Language,
    texts: frozenset[int] = frozenset({0}),
) -> Table:
    header = tuple(say(f"report.column.{name}", lang, claim=figures.claim) for name in names)
    return Table(header, tuple(rows), texts)


def _tallies(rows: tuple[Tally, ...], figures: Figures, lang: Language) -> Table:
    return _table(
        ("reason", "households"), ((row.title, f"{row.households:,}") for row in rows), figures, lang
    )


def _districts(round_: Round, figures: Figures, lang: Language) -> Table:
    """Return the districts with a total; of a judged round also how many were refused or are pending."""
    is_judged = round_.assessment is not None
    names = ("district", *(OUTCOMES if is_judged else ("households",)), "claim", "award", "share")
    rows = [_district(row, is_judged=is_judged) for row in figures.districts]
    if rows:
        rows.append((say("summary.total", lang), *_district(_whole(figures), is_judged=is_judged)[1:]))
    return _table(names, rows, figures, lang)


def _whole(figures: Figures) -> District:
    rows = figures.districts
    return District(
        name="",
        households=sum(row.households for row in rows),
        claim_fen=sum(row.claim_fen for row in rows),
        award_fen=sum(row.award_fen for row in rows),
        share=sum((row.share for row in rows), Fraction(0)),
        outcomes={name: sum(row.outcomes.get(name, 0) for row in rows) for name in OUTCOMES},
    )


def _district(row: District, *, is_judged: bool) -> tuple[str, ...]:
    counts = [row.outcomes.get(name, 0) for name in OUTCOMES] if is_judged else [row.households]
    amounts = (money(row.claim_fen), money(row.award_fen), percent(row.share, 2))
    return (row.name, *(f"{count:,}" for count in counts), *amounts)


def _cuts(round_: Round, shown: Showing, lang: Language) -> Table:
    """Return the last to get a unit in each group: by what, and who had the same."""
    plan = round_.allocation
    if plan is None:
        return Table((), ())
    told = plan.reconciliation
    cuts = told.get("cuts", {None: told})
    units = {part.group.name: int(part.rounded.got_leftover.sum()) for part in plan.parts}
    rows = [
        (str(group), f"{units[group]:,}", shown.label(found["cut"]["label"]), *_cut(found, lang))
        for group, found in cuts.items() if found["cut"] is not None
    ]  # fmt: skip
    names = ("group", "units", "last", "by", "tied", "broken_by")
    header = tuple(say(f"report.column.{name}", lang, unit=yuan(plan.unit_fen)) for name in names)
    if None not in cuts:
        return Table(header, tuple(rows), frozenset({0, 2, 4, 5}))
    return Table(header[1:], tuple(row[1:] for row in rows), frozenset({0, 1, 3, 4}))


def _cut(found: dict[str, Any], lang: Language) -> tuple[str, str, str]:
    score = next(value for name, value in found["cut"].items() if name not in ("claim_fen", "label"))
    ties = found["ties_at_cut"]
    counts = {name: f"{ties[name]:,}" for name in ("count", "served")}
    tied = say("report.tied", lang, **counts) if ties["count"] > 1 else say("report.untied", lang)
    broken = say(f"report.broken_by.{ties['broken_by'] or 'nothing'}", lang)
    return (Figure("∞") if score is None else wording.told(score), tied, broken)


def _funds(round_: Round, figures: Figures, lang: Language) -> Table:
    """Return what each group's fund, and each source, became."""
    plan = round_.allocation
    rows: list[tuple[str, ...]] = []
    if plan is not None and plan.parts[0].group.name is not None:
        rows += [
            (str(group), f"{int(row['households']):,}", money(int(row["fund_fen"])),
             money(int(row["award_fen"])), money(int(row["returned_fen"])))
            for group, row in plan.groups.to_dict("index").items()
        ]  # fmt: skip
    if plan is not None:
        rows += [
            (source, "", money(spent["fund_fen"]), money(spent["sum_fen"]), money(spent["returned_fen"]))
            for source, spent in plan.reconciliation.get("sources", {}).items()
        ]
    return _table(("fund_of", "households", "fund", "award", "returned"), rows, figures, lang)
