"""What needs a person first: pending, set aside, checks that did not hold, rules without a source.

In    a `Round`, its rows and rules as they are shown
Out   `Alert` per matter, the most urgent first; none is left out because it is small
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from relief.columns import match
from relief.messages import say
from relief.report.charts import money
from relief.rulepack.words import column_title

if TYPE_CHECKING:
    from relief.messages import Language
    from relief.report.households import Row, Rule, Showing
    from relief.round.pipeline import Round

__all__ = ["Alert", "alerts"]

_MOST_CELLS = 200


@dataclass(frozen=True)
class Alert:
    """One matter.

    Attributes
    ----------
    kind : {'stop', 'look', 'note'}
    text : str
    outcome : str
        The rows of the table that it is about; empty for none.
    items : tuple of str
        The single cases, to unfold.
    """

    kind: str
    text: str
    outcome: str = ""
    items: tuple[str, ...] = ()


def alerts(round_: Round, shown: Showing, rows: list[Row], rules: list[Rule], lang: Language) -> list[Alert]:
    """Return everything that a person should look at."""
    found = [*_money(round_, lang), *_quarantine(round_, shown, lang)]
    judged = round_.assessment
    if judged is not None:
        pending = judged.counts["pending"]
        if pending:
            text = say("report.alert.pending", lang, count=f"{pending:,}")
            found.append(Alert("look", text, "pending"))
        found += _checks(rows, rules, lang) + _discrepancies(round_, lang)
    warnings = sum(fault.severity == "warning" for fault in round_.tables.faults)
    if warnings:
        found.append(Alert("look", say("report.alert.warnings", lang, count=f"{warnings:,}")))
    return found + _unsourced(round_, lang)


def _money(round_: Round, lang: Language) -> list[Alert]:
    plan = round_.allocation
    if plan is None:
        fund = money(int(round_.call["fund_fen"]))
        return [Alert("stop", say("report.alert.undivided", lang, fund=fund))]
    if plan.returned_fen:
        return [Alert("note", say("report.alert.returned", lang, amount=money(plan.returned_fen)))]
    return []


def _quarantine(round_: Round, shown: Showing, lang: Language) -> list[Alert]:
    """Return the rows not used: each with its place, or in a masked report only what columns are wrong."""
    table = round_.quarantine
    if not len(table):
        return []
    if shown.hiding is None:
        items = [
            say("report.alert.row", lang, source=row["source"], row=int(row["row"]),
                household=row["household_id"] or "—", problem=row["problem"], cure=row["cure"])
            for row in table.to_dict("records")
        ]  # fmt: skip
    else:
        counts: dict[str, int] = {}
        for name, column in zip(table["table"], table["column"], strict=True):
            where = _where(str(name), str(column), lang)
            counts[where] = counts.get(where, 0) + 1
        items = [say("report.alert.rows", lang, where=where, count=f"{count:,}")
                 for where, count in counts.items()]  # fmt: skip
    rest = len(items) - _MOST_CELLS
    if rest > 0:
        items = [*items[:_MOST_CELLS], say("report.alert.more", lang, count=f"{rest:,}")]
    return [Alert("stop", say("report.alert.quarantined", lang, count=f"{len(table):,}"), "", tuple(items))]


def _where(table: str, stated: str, lang: Language) -> str:
    """Return a table and those of its columns that the dictionary knows; nothing that a sheet wrote."""
    found = [match(table, header) for header in stated.split("；") if header]
    titles = [column_title(table, header.column.name, lang) for header in found if header is not None]
    return say("report.alert.where", lang, table=say(f"table.{table}", lang),
               columns=say("list.join", lang).join(dict.fromkeys(titles)) or "—")  # fmt: skip


def _checks(rows: list[Row], rules: list[Rule], lang: Language) -> list[Alert]:
    """Return the checks that did not hold: they refuse nobody, so only a person can act on them."""
    items = tuple(
        say("report.alert.check", lang, household=row.label, title=rules[number].title, message=message)
        for row in rows
        for number, result, message, _ in row.results
        if rules[number].kind == "check" and result == 0
    )
    return (
        [Alert("look", say("report.alert.checks", lang, count=f"{len(items):,}"), "", items)] if items else []
    )


def _discrepancies(round_: Round, lang: Language) -> list[Alert]:
    counts = round_.evidence.counts
    if not counts.get("all"):
        return []
    told = {
        name: f"{count:,}"
        for name, count in counts.items()
        if name in ("all", "outcome", "amount", "waiting")
    }
    return [Alert("look", say("report.alert.discrepancies", lang, **told))]


def _unsourced(round_: Round, lang: Language) -> list[Alert]:
    judged = round_.assessment
    notes = {} if judged is None else judged.not_sourced(lang)
    if not notes:
        return []
    items = tuple(
        say("report.alert.unsourced_item", lang, title=title, note=note) for title, note in notes.items()
    )
    return [Alert("look", say("report.alert.unsourced", lang, count=f"{len(items):,}"), "", items)]
