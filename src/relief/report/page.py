"""The report: one HTML file that holds everything it shows and asks nothing of a network.

In    a `Round`, whether names and ids are shown
Out   HTML as bytes, the same every time

A Content-Security-Policy by hash lets only the style and script of this file run; names and
texts reach the script as data, never as markup. Without script the page shows everything but
the reasons of single households.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from relief.errors import MissingExtraError
from relief.messages import catalogue, say
from relief.report.alerts import alerts
from relief.report.charts import CHARTS, Chart, chart, money, percent
from relief.report.figures import figures_of
from relief.report.households import households_of, packed, showing
from relief.report.reproduction import reproduction
from relief.report.tables import tables_of
from relief.round.summary import divided_by

if TYPE_CHECKING:
    from relief.messages import Language
    from relief.report.figures import Figures
    from relief.report.households import Row, Rule
    from relief.round.pipeline import Round

__all__ = ["WIDE", "report", "shipped", "title_of"]

WIDE, NARROW = 880, 320
_PER_PART = 100
_TEXT = "report.text."


def report(
    round_: Round, *, full: bool = False, lang: Language = "zh", fingerprint: str | None = None
) -> bytes:
    """Return the report of a round as one HTML file.

    Parameters
    ----------
    round_ : Round
    full : bool
        Show household ids and names. Otherwise the file holds none: households are numbered as the
        rows of ``decisions.csv`` (``awards.csv`` of a split), names are an initial, and texts lose
        whatever they quote of names, numbers, papers or free text.
    lang : {'zh', 'en'}
    fingerprint : str, optional
        What the notice prints for the round; the record's seal if not given.

    Returns
    -------
    bytes
        UTF-8.

    Raises
    ------
    MissingExtraError
        If jinja2 is not installed.

    Examples
    --------
    >>> import pandas as pd, relief
    >>> roster = pd.DataFrame({"户编号": ["a", "b"], "个人自付": [100, 300]})
    >>> page = report(relief.split(roster, 200_00, districts="any"))
    >>> page[:15], page == report(relief.split(roster, 200_00, districts="any"))
    (b'<!doctype html>', True)
    """
    template = _template()
    shown = showing(round_, full=full)
    figures = figures_of(round_, lang)
    rows, rules = households_of(round_, shown, lang)
    style, script = shipped("page.css") + shipped("chart.css"), shipped("page.js")
    page = template.render(
        lang={"zh": "zh-CN", "en": "en"}[lang],
        t=_texts(figures, rows, lang),
        policy=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
               "base-uri 'none'; form-action 'none'",
        style=style, script=script, title=title_of(round_, lang), facts=_facts(round_, figures, lang),
        as_of=_as_of(round_, lang), method=_method(round_, figures, lang),
        is_full=full, alerts=alerts(round_, shown, rows, rules, lang), charts=_charts(figures, lang),
        tables=tables_of(round_, figures, shown, lang), rows=rows, has_names=any(row.name for row in rows),
        is_judged=round_.assessment is not None, districts=[row.name for row in figures.districts],
        outcomes={name: say(f"report.outcome.{name}", lang) for name in figures.counts
                  if name != "quarantined"},
        money=money, data=_data(rows, rules, lang),
        reproduction=reproduction(round_, fingerprint, full=full, lang=lang),
    )  # fmt: skip
    return str(page).encode()


def _texts(figures: Figures, rows: list[Row], lang: Language) -> dict[str, str]:
    """Return the words of the template: every sentence of its own, by the last part of its code."""
    facts = {"claim": figures.claim, "rows": f"{len(rows):,}"}
    names = [code.removeprefix(_TEXT) for code in catalogue() if code.startswith(_TEXT)]
    return {name: say(f"report.text.{name}", lang, **facts) for name in names}


def title_of(round_: Round, lang: Language) -> str:
    """Return what a round is called: by its pack, or that it is a split of a roster."""
    if round_.assessment is None:
        return say("summary.split_title", lang)
    return round_.pack.title if lang == "zh" else round_.pack.title_en


def _as_of(round_: Round, lang: Language) -> str:
    return say("report.as_of", lang, on=round_.call["on"]) if "on" in round_.call else ""


def _method(round_: Round, figures: Figures, lang: Language) -> str:
    """Return in words how the fund was divided; nothing where it was not."""
    plan = round_.allocation
    return "" if plan is None else divided_by(plan.method, plan.rounding, figures.claim, lang)


def _facts(round_: Round, figures: Figures, lang: Language) -> list[tuple[str, str]]:
    """Return the few numbers that stand at the top, each with its name."""
    found = [("fund", say("report.yuan", lang, amount=money(figures.fund_fen)))]
    if round_.allocation is not None:
        found.append(("awarded", say("report.yuan", lang, amount=money(figures.awarded_fen))))
        found.append(("households", say("report.awarded_count", lang, count=f"{len(figures.points):,}")))
        found.append(("rate", percent(figures.rate, 2)))
    return [(say(f"report.fact.{name}", lang, claim=figures.claim), value) for name, value in found]


def _charts(figures: Figures, lang: Language) -> dict[str, tuple[Chart, str, str]]:
    """Return the charts that there are, each drawn for a wide and for a narrow screen."""
    found = {}
    for name in CHARTS:
        wide, narrow = (chart(name, figures, width, lang) for width in (WIDE, NARROW))
        if wide is not None and narrow is not None:
            drawn = (wide.drawing.svg(wide.title, wide.told, f"{name}-w"),
                     narrow.drawing.svg(narrow.title, narrow.told, f"{name}-n"))  # fmt: skip
            found[name] = (wide, *drawn)
    return found


def _data(rows: list[Row], rules: list[Rule], lang: Language) -> dict[str, Any]:
    """Return what the script opens: shared texts, the rules, and the details in parts, each as JSON."""
    shared, parts = packed(rows, rules, _PER_PART)
    words = {name: say(f"report.script.{name}", lang, **_GAPS) for name in _SCRIPT_WORDS}
    common = {"shared": shared, "rules": [[rule.title, rule.source] for rule in rules],
              "per_part": _PER_PART, "words": words}  # fmt: skip
    return {"common": _json(common), "parts": [_json(part) for part in parts]}


_SCRIPT_WORDS = ("found", "none", "range", "page", "sorted", "up", "down", "award", "missing", "facts",
                 "deciding", "rest", "met", "failed", "open", "source")  # fmt: skip
# The script fills these gaps.
_GAPS = {
    name: f"{{{name}}}" for name in ("count", "first", "last", "page", "pages", "column", "way", "source")
}


def _json(content: object) -> str:
    """Return plain data as JSON that no markup can be read out of."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def shipped(name: str) -> str:
    """Return a file of the page's template."""
    return files("relief.report").joinpath("templates", name).read_text("utf-8")


@cache
def _template() -> Any:
    try:
        from jinja2 import Environment, StrictUndefined
    except ImportError as error:
        raise MissingExtraError("extra.missing", what="jinja2", extra="report") from error
    shown = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return shown.from_string(shipped("page.html"))
