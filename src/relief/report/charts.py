"""The charts: one function each, from figures to a drawing of any width.

In    `Figures`
Out   `Chart`: a drawing, its title and one sentence that says what it shows

No chart needs its colours to be read: every bar has its number beside it, and what got a unit
is filled where what did not is hollow.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from relief.allocation import wording
from relief.messages import Figure, say
from relief.money import yuan
from relief.report.drawing import Drawing, Scale, folded, shortened, text_width, ticks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from relief.messages import Language
    from relief.report.figures import Figures, Kind, Tally

__all__ = ["CHARTS", "Chart", "chart", "money", "percent"]

_WIDE = 560
_ROW = 30
_TILE = 104
_PLOT = 300
_MOST_COLUMNS = 12
_OUTCOMES = ("eligible", "awarded", "pending", "ineligible", "quarantined")


@dataclass(frozen=True)
class Chart:
    """One chart: its name, title, what it shows in a sentence, and the drawing."""

    name: str
    title: str
    told: str
    drawing: Drawing


def chart(name: str, figures: Figures, width: int, lang: Language) -> Chart | None:
    """Return a chart by name, `width` pixels wide; None where a round has nothing to draw in it."""
    told = _told(name, figures, lang)
    if told is None:
        return None
    title = say(f"report.chart.{name}", lang, claim=figures.claim)
    return Chart(name, title, told, CHARTS[name](figures, width, lang))


def money(fen: int) -> str:
    """Return an amount in yuan, with separators."""
    return f"{yuan(fen):,}"


def percent(share: Fraction, places: int = 1) -> str:
    """Return a share in per cent, rounded half to even from the exact number.

    Examples
    --------
    >>> percent(Fraction(1, 8)), percent(Fraction(2, 3), 2)
    ('12.5%', '66.67%')
    """
    scaled = round(share * 100 * 10**places)
    return f"{scaled // 10**places}.{scaled % 10**places:0{places}}%"


def _told(name: str, figures: Figures, lang: Language) -> str | None:
    """Return the sentence of a chart, None where there is nothing to draw."""
    match name:
        case "outcomes":
            counts = {key: count for key, count in figures.counts.items() if count}
            parts = [_counted(key, count, lang) for key, count in counts.items()]
            return say("list.join", lang).join(parts) or None
        case "districts" if figures.districts:
            best = max(figures.districts, key=lambda row: row.award_fen)
            return say("report.told.districts", lang, count=len(figures.districts), most=best.name,
                       share=percent(best.share))  # fmt: skip
        case "awards" if figures.points:
            code = "report.told.rate" if figures.is_one_rate else "report.told.mean"
            return say(code, lang, claim=figures.claim, rate=Figure(_decimal(figures.rate, 6)),
                       exact=wording.told(figures.rate))  # fmt: skip
        case "remainders" if figures.remainders:
            got = sum(got for _, got in figures.remainders)
            return say("report.told.remainders", lang, count=f"{len(figures.remainders):,}", got=f"{got:,}",
                       unit=yuan(figures.unit_fen))  # fmt: skip
        case "slices" if figures.slices and figures.awarded_fen:
            first, last = figures.slices[0], figures.slices[-1]
            return say("report.told.slices", lang, parts=len(figures.slices), least=percent(first.share),
                       most=percent(last.share))  # fmt: skip
        case "categories" if any(kind.households for kind in figures.categories):
            best_kind = max(figures.categories, key=lambda kind: kind.award_fen)
            share = Fraction(best_kind.award_fen, figures.awarded_fen or 1)
            return say("report.told.categories", lang, most=best_kind.title, share=percent(share))
        case "refusals" | "open_rules" if getattr(figures, name):
            most: Tally = getattr(figures, name)[0]
            return say(f"report.told.{name}", lang, most=most.title, count=f"{most.households:,}")
        case "coverage" if figures.coverage:
            whole = sum(row.rows > 0 and row.known == row.rows for row in figures.coverage)
            return say("report.told.coverage", lang, columns=len(figures.coverage), whole=whole)
    return None


def _outcome(name: str, lang: Language) -> str:
    return say(f"report.outcome.{name}", lang)


def _decimal(exact: Fraction, places: int) -> str:
    scaled = round(exact * 10**places)
    return f"{scaled // 10**places}.{scaled % 10**places:0{places}}"


# --- where households went ----------------------------------------------------------------------------


def _outcomes(figures: Figures, width: int, lang: Language) -> Drawing:
    """Draw one bar of all households, by where each went, and a legend with the counts."""
    drawing, x = Drawing(width), 0.0
    counts = [(name, figures.counts[name]) for name in _OUTCOMES if figures.counts.get(name)]
    total = sum(count for _, count in counts)
    for name, count in counts:
        part = width * count / total
        drawing.rect(x, 0, max(part - 1.5, 1), 22, name)
        x += part
    _legend(drawing, 46, [(name, _counted(name, count, lang)) for name, count in counts])
    return drawing


def _counted(name: str, count: int, lang: Language) -> str:
    return say("report.count", lang, what=_outcome(name, lang), count=f"{count:,}")


def _legend(drawing: Drawing, y: float, entries: list[tuple[str, str]]) -> None:
    """Draw what each colour means, in as many lines as that takes."""
    x = 0.0
    for name, words in entries:
        room = text_width(words) + 40
        if x and x + room - 22 > drawing.width:
            x, y = 0.0, y + 24
        drawing.rect(x, y - 10, 11, 11, name)
        drawing.text(x + 18, y, words)
        x += room


def _districts(figures: Figures, width: int, lang: Language) -> Drawing:
    """Draw a tile per district: its awards as a bar, and its households by outcome as a strip."""
    drawing = Drawing(width)
    columns, gap = (4 if width > _WIDE else 2), (28 if width > _WIDE else 18)
    tile = (width - gap * (columns - 1)) / columns
    most = max((row.award_fen for row in figures.districts), default=0) or 1
    sizes = [sum(row.outcomes.values()) or row.households for row in figures.districts]
    largest = max(sizes, default=0) or 1
    for at, (row, size) in enumerate(zip(figures.districts, sizes, strict=True)):
        x, y = at % columns * (tile + gap), at // columns * _TILE
        muted = "ink strong" if row.households else "mute strong"
        drawing.text(x, y + 14, shortened(row.name, tile - 58), muted)
        drawing.text(x + tile, y + 14, percent(row.share), "mute", "end")
        drawing.line(x, y + 26, x + tile, y + 26, "rail")
        drawing.rect(x, y + 22, tile * row.award_fen / most, 8, "award")
        drawing.text(x, y + 48, say("report.yuan", lang, amount=money(row.award_fen)), "ink")
        counts = row.outcomes or {"awarded": row.households}
        left, unit = x, tile / largest
        for name in (name for name in _OUTCOMES if counts.get(name)):
            drawing.rect(left, y + 58, max(counts[name] * unit - 1, 1), 6, name)
            left += counts[name] * unit
        words = _households(row.households, size, lang)
        drawing.text(x, y + 80, words, "mute small")
    names = [name for name in _OUTCOMES if any(row.outcomes.get(name) for row in figures.districts)]
    _legend(drawing, -(-len(sizes) // columns) * _TILE + 6, [(name, _outcome(name, lang)) for name in names])
    return drawing


def _households(awarded: int, size: int, lang: Language) -> str:
    if size == awarded:
        return say("report.households", lang, count=f"{awarded:,}")
    return say("report.households_of", lang, awarded=f"{awarded:,}", count=f"{size:,}")


# --- money --------------------------------------------------------------------------------------------


def _frame(drawing: Drawing, x_axis: list[tuple[float, str]], y_axis: list[tuple[float, str]],
           left: float, right: float) -> None:  # fmt: skip
    """Draw the rules and numbers of both axes."""
    for y, words in y_axis:
        drawing.line(left, y, right, y, "grid")
        drawing.text(left - 8, y + 4, words, "mute small", "end")
    for x, words in x_axis:
        drawing.line(x, 24 + _PLOT, x, 28 + _PLOT, "grid")
        drawing.text(x, 44 + _PLOT, words, "mute small", "middle")


def _awards(figures: Figures, width: int, lang: Language) -> Drawing:
    """Draw each award over its claim, and the line of the rate."""
    drawing = Drawing(width)
    claims, awards = (max(column) for column in zip(*figures.points, strict=True))
    across = ticks(claims, 5 if width > _WIDE else 2)
    up = ticks(max(awards, 1), 4)
    left = max(text_width(f"{tick // 100:,}", 12) for tick in up) + 12
    right = width - text_width(f"{across[-1] // 100:,}", 12) / 2 - 2
    x_of, y_of = Scale(left, right, across[-1]), Scale(24 + _PLOT, 24, up[-1])
    _frame(
        drawing,
        [(x_of(tick), f"{tick // 100:,}") for tick in across],
        [(y_of(tick), f"{tick // 100:,}") for tick in up],
        left, right,
    )  # fmt: skip
    drawing.text(left, 12, say("report.axis.award", lang), "mute small")
    drawing.text(right, 62 + _PLOT, say("report.axis.claim", lang, claim=figures.claim), "mute small", "end")
    reach = min(Fraction(across[-1]), up[-1] / figures.rate) if figures.rate else Fraction(0)
    drawing.line(x_of(0), y_of(0), x_of(reach), y_of(reach * figures.rate), "rate")
    drawing.dots(((x_of(claim), y_of(award)) for claim, award in figures.points), "dot")
    return drawing


def _remainders(figures: Figures, width: int, lang: Language) -> Drawing:
    """Draw remainders from the largest to the least: filled who got a unit, hollow who did not."""
    drawing, left = Drawing(width), 40.0
    right, count = width - 8.0, len(figures.remainders)
    x_of, y_of = Scale(left + 8, right, max(1, count - 1)), Scale(24 + _PLOT, 24, 1)
    quarters = [Fraction(part, 4) for part in range(5)]
    ranks = sorted({0, count - 1})
    _frame(
        drawing,
        [(x_of(rank), f"{rank + 1:,}") for rank in ranks],
        [(y_of(part), f"{float(part):g}") for part in quarters],
        left, right,
    )  # fmt: skip
    drawing.text(left, 12, say("report.axis.remainder", lang), "mute small")
    drawing.text(right, 62 + _PLOT, say("report.axis.rank", lang), "mute small", "end")
    places = [(x_of(at), y_of(part), got) for at, (part, got) in enumerate(figures.remainders)]
    drawing.dots(((x, y) for x, y, got in places if not got), "dot outside")
    drawing.dots(((x, y) for x, y, got in places if not got), "dot inside")
    drawing.dots(((x, y) for x, y, got in places if got), "dot")
    if figures.cut is not None:
        y = y_of(figures.cut)
        drawing.line(left, y, right, y, "rate")
        words = say("report.cut", lang, remainder=Figure(_decimal(figures.cut, 4)))
        drawing.text(right, y - 7, words, "ink small", "end")
    return drawing


def _slices(figures: Figures, width: int, lang: Language) -> Drawing:
    """Draw the share of the fund of each tenth, with a line where all would get the same."""
    drawing, count = Drawing(width), len(figures.slices)
    most = max(part.share for part in figures.slices) or Fraction(1)
    step = width / count
    bar = min(step * 0.72, 64)
    even = 222 - 200 * float(1 / (count * most))
    for at, part in enumerate(figures.slices):
        x, tall = at * step + (step - bar) / 2, 200 * float(part.share / most)
        drawing.rect(x, 222 - tall, bar, tall, "award")
        words = percent(part.share).removesuffix("%" if width <= _WIDE else "")
        top = 216 - tall
        top = even - 6 if even - 4 < top < even + 14 else top  # never across the line
        drawing.text(x + bar / 2, top, words, "ink small", "middle")
        drawing.text(x + bar / 2, 240, str(at + 1), "mute small", "middle")
    drawing.line(0, 222, width, 222, "rail")
    drawing.line(0, even, width, even, "rate")
    words = say("report.axis.slices", lang, parts=count, share=percent(Fraction(1, count)))
    for at, line in enumerate(folded(words, width)):
        drawing.text(0, 262 + 18 * at, line, "mute small")
    return drawing


# --- bars ---------------------------------------------------------------------------------------------


def _bars(rows: Sequence[tuple[str, Fraction, str, str]], width: int) -> Drawing:
    """Draw a bar per row (title, part of the longest, number, class); the title above where it is narrow."""
    drawing = Drawing(width)
    is_narrow = width <= _WIDE
    label = 0.0 if is_narrow else min(max(text_width(row[0]) for row in rows) + 16, width * 0.4)
    room = max(text_width(row[2]) for row in rows) + 10
    tall = 46 if is_narrow else _ROW
    for at, (title, part, number, kind) in enumerate(rows):
        y = at * tall
        if is_narrow:
            drawing.text(0, y + 13, shortened(title, width))
        else:
            drawing.text(label - 12, y + 16, shortened(title, label - 12), "ink", "end")
        top = y + (20 if is_narrow else 3)
        long = float((width - label - room) * part)
        drawing.rect(label, top, max(long, 1 if part else 0), 18, kind)
        drawing.line(label, top - 2, label, top + 20, "rail")
        drawing.text(label + long + 8, top + 13, number)
    return drawing


def _categories(figures: Figures, width: int, lang: Language) -> Drawing:
    most = max(kind.award_fen for kind in figures.categories) or 1
    rows = [(kind.title, Fraction(kind.award_fen, most), _kind(kind, lang), "award")
            for kind in figures.categories]  # fmt: skip
    return _bars(rows, width)


def _kind(kind: Kind, lang: Language) -> str:
    return say("report.kind", lang, count=f"{kind.households:,}", amount=money(kind.award_fen))


def _tallied(rows: tuple[Tally, ...], width: int, lang: Language, kind: str) -> Drawing:
    most = rows[0].households
    bars = [
        (row.title, Fraction(row.households, most),
         say("report.households", lang, count=f"{row.households:,}"), kind)
        for row in rows
    ]  # fmt: skip
    return _bars(bars, width)


def _refusals(figures: Figures, width: int, lang: Language) -> Drawing:
    return _tallied(figures.refusals, width, lang, "ineligible")


def _open_rules(figures: Figures, width: int, lang: Language) -> Drawing:
    return _tallied(figures.open_rules, width, lang, "pending")


def _coverage(figures: Figures, width: int, lang: Language) -> Drawing:
    """Draw the known part of the dozen columns that are known least; those known throughout are left out."""
    lacking = [row for row in figures.coverage if not row.rows or row.known < row.rows]
    rows = [(f"{row.table} · {row.title}", row.share, percent(row.share), "fact")
            for row in sorted(lacking, key=lambda row: row.share)[:_MOST_COLUMNS]]  # fmt: skip
    if rows:
        return _bars(rows, width)
    drawing = Drawing(width)
    drawing.text(0, 16, say("report.covered", lang))
    return drawing


CHARTS: dict[str, Callable[[Figures, int, Language], Drawing]] = {
    "outcomes": _outcomes,
    "districts": _districts,
    "awards": _awards,
    "remainders": _remainders,
    "slices": _slices,
    "categories": _categories,
    "refusals": _refusals,
    "open_rules": _open_rules,
    "coverage": _coverage,
}
"""Every chart by name, in the order of the page."""
