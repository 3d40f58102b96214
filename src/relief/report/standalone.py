"""The charts as files of their own, for Word and for slides.

In    a `Round`
Out   SVG by file name, and PDF or PNG where they are asked for; nothing in them names a household

A file of its own has its title, and below the drawing what it shows and of which round.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from relief.errors import MissingExtraError, TableError
from relief.messages import say
from relief.report.charts import CHARTS, chart, money
from relief.report.drawing import folded, shortened
from relief.report.figures import figures_of
from relief.report.page import WIDE, shipped, title_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relief.messages import Language
    from relief.report.charts import Chart
    from relief.round.pipeline import Round

__all__ = ["FORMATS", "charts"]

FORMATS = ("svg", "pdf", "png")
_MARGIN = 28
_FONTS = "'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', 'WenQuanYi Micro Hei', sans-serif"
_ROOT = re.compile(r":root \{(.*?)\}", re.DOTALL)
_DOTS_PER_INCH = 220.0


def charts(round_: Round, *, lang: Language = "zh", formats: Iterable[str] = ("svg",)) -> dict[str, bytes]:
    """Return every chart of a round as a file of its own.

    Parameters
    ----------
    round_ : Round
    lang : {'zh', 'en'}
    formats : iterable of {'svg', 'pdf', 'png'}
        PDF and PNG are made with typst (extra ``pdf``) and the fonts of this machine.

    Returns
    -------
    dict of str to bytes
        By file name, such as ``districts.svg``, in the order of the report; a chart that a round
        has nothing for is left out.

    Raises
    ------
    TableError
        If a format is not known.
    MissingExtraError
        If PDF or PNG is asked for and typst is not installed.

    Examples
    --------
    >>> import pandas as pd, relief
    >>> roster = pd.DataFrame({"户编号": ["a", "b"], "个人自付": [100, 300]})
    >>> list(charts(relief.split(roster, 200_00, districts="any")))
    ['outcomes.svg', 'districts.svg', 'awards.svg', 'slices.svg']
    """
    wanted = tuple(formats)
    for name in wanted:
        if name not in FORMATS:
            raise TableError("report.no_format", format=name, known=", ".join(FORMATS))
    figures = figures_of(round_, lang)
    fund = say("report.yuan", lang, amount=money(figures.fund_fen))
    footer = say(
        "report.standalone", lang, title=title_of(round_, lang), fund=fund, on=round_.call.get("on", "")
    )
    files: dict[str, bytes] = {}
    for name in CHARTS:
        drawn = chart(name, figures, WIDE, lang)
        if drawn is not None:
            svg = _alone(drawn, footer.rstrip(" ·"))
            files |= {f"{name}.{form}": svg if form == "svg" else _set(svg, form) for form in wanted}
    return files


def _alone(drawn: Chart, footer: str) -> bytes:
    """Return a chart with margins, title and footer, its colours written in."""
    drawing = drawn.drawing
    lines = [*folded(drawn.told, drawing.width), shortened(footer, drawing.width, 12)]
    height = drawing.height + 76 + 20 * len(lines) + _MARGIN
    width = drawing.width + 2 * _MARGIN
    style = f"<style>text {{ font-family: {_FONTS}; }}\n{_coloured(shipped('chart.css'))}</style>"
    body = [
        f'<rect class="sheet" width="{width}" height="{height:g}"/>',
        f'<text class="ink strong title" x="{_MARGIN}" y="42">{escape(drawn.title)}</text>',
        f'<g transform="translate({_MARGIN} 66)">{"".join(drawing.marks)}</g>',
    ]
    for at, line in enumerate(lines):
        y = drawing.height + 94 + 20 * at
        body.append(f'<text class="mute small" x="{_MARGIN}" y="{y:g}">{escape(line)}</text>')
    opened = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" width="{width}" height="{height:g}" '
        f'viewBox="0 0 {width} {height:g}" role="img">'
    )
    head = f"<title>{escape(drawn.title)}</title><desc>{escape(drawn.told)}</desc>"
    return f"{opened}{head}{style}{''.join(body)}</svg>\n".encode()


def _coloured(style: str) -> str:
    """Put the light colours of the page in: Word and LibreOffice know no variables."""
    root = _ROOT.findall(shipped("page.css"))[0]
    colours = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", root))
    own = ".chart .sheet { fill: var(--paper); } .chart .title { font-size: 20px; }\n"
    return re.sub(r"var\(--([a-z]+)\)", lambda found: colours[found[1]], style + own)


def _set(svg: bytes, form: str) -> bytes:
    """Return a drawing as PDF or PNG, set by typst on a page of its own size."""
    try:
        import typst
    except ImportError as error:
        raise MissingExtraError("extra.missing", what="typst", extra="pdf") from error
    page = "#set page(width: auto, height: auto, margin: 0pt)\n#set document(date: none)\n"
    source = f'{page}#image(bytes("{_quoted(svg)}"), format: "svg")'.encode()
    if form == "png":
        return typst.compile(source, format="png", ppi=_DOTS_PER_INCH)
    return typst.compile(source, format="pdf")


def _quoted(svg: bytes) -> str:
    return svg.decode().replace("\\", "\\\\").replace('"', '\\"')
