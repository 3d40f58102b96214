"""Charts as files: well-formed, alone, and drawn in proportion."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from tests.report.rounds import divided, grouped, judged

from relief.errors import TableError
from relief.report import charts
from relief.report.charts import CHARTS, chart, percent
from relief.report.drawing import shortened, text_width, ticks
from relief.report.figures import figures_of

if TYPE_CHECKING:
    from relief.report.drawing import Drawing

_SVG = "{http://www.w3.org/2000/svg}"


def bars(drawing: Drawing, kind: str) -> list[float]:
    tree = ElementTree.fromstring(drawing.svg("", "", "x"))  # noqa: S314
    return [float(mark.get("width", "0")) for mark in tree.iter(f"{_SVG}rect") if mark.get("class") == kind]


@pytest.mark.parametrize("round_", [judged, divided, grouped])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_chart_is_a_file_that_stands_alone(round_: object, lang: str) -> None:
    files = charts(round_(), lang=lang)  # type: ignore[operator]
    assert files == charts(round_(), lang=lang)  # type: ignore[operator]
    for data in files.values():
        tree = ElementTree.fromstring(data)  # noqa: S314
        assert tree.find(f"{_SVG}title") is not None
        assert b"var(" not in data
        assert b"http" not in data.replace(b"http://www.w3.org/2000/svg", b"")


def test_bars_of_districts_are_as_long_as_their_awards() -> None:
    figures = figures_of(judged())
    first, second = bars(chart("districts", figures, 880, "zh").drawing, "award")
    awards = [row.award_fen for row in figures.districts]
    assert abs(first / second - awards[0] / awards[1]) < 0.001


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [320, 880])
def test_no_mark_of_any_chart_leaves_its_sheet(width: int, lang: str) -> None:
    for round_ in (judged(), divided(), divided(7, 99_99), divided(1, 1), grouped()):
        figures = figures_of(round_, lang)
        for name in CHARTS:
            drawn = chart(name, figures, width, lang)
            for mark in ElementTree.fromstring(drawn.drawing.svg("", "", "x")) if drawn else ():  # noqa: S314
                x, long = float(mark.get("x", "0")), float(mark.get("width", "0"))
                if mark.tag == f"{_SVG}text":
                    long = text_width(mark.text or "", 12)
                    x -= {"end": long, "middle": long / 2}.get(mark.get("text-anchor", ""), 0)
                assert x >= -4, (name, mark.text)
                assert x + long <= width + 4, (name, mark.text)


def test_remainders_are_filled_down_to_the_cut() -> None:
    figures = figures_of(divided())
    got = [remainder for remainder, is_served in figures.remainders if is_served]
    assert len(got) == divided().allocation.reconciliation["units_by_remainder"]
    assert min(got) == figures.cut
    assert all(remainder <= figures.cut for remainder, is_served in figures.remainders if not is_served)


def test_the_line_of_awards_is_the_exact_rate() -> None:
    figures = figures_of(divided())
    assert figures.rate == Fraction(1_000_03, int(divided().allocation.claims_fen.sum()))
    assert str(figures.rate) in chart("awards", figures, 880, "zh").told


def test_pdf_and_png_are_set_by_typst() -> None:
    pytest.importorskip("typst")
    made = charts(divided(1, 1), formats=("pdf", "png"))
    assert made["districts.pdf"][:5] == b"%PDF-"
    assert made["districts.png"][:8] == b"\x89PNG\r\n\x1a\n"
    assert made == charts(divided(1, 1), formats=("pdf", "png"))


def test_a_format_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(TableError, match="gif"):
        charts(divided(), formats=("gif",))


def test_texts_are_cut_to_their_room_and_axes_end_above_the_most() -> None:
    assert text_width(shortened("申请人为工会会员", 60), 13) <= 60
    assert all(ticks(most)[-1] >= most and len(ticks(most)) <= 6 for most in (1, 3, 99, 101, 12_345_678))
    assert percent(Fraction(1, 3), 4) == "33.3333%"
