"""A drawing as SVG text: marks with classes, whose colours a style sheet gives.

In    places in pixels, texts, classes
Out   `Drawing`, whose `svg` is the same every time

Colours are never written at a mark, so that one drawing serves light, dark and print.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from fractions import Fraction
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Drawing", "Scale", "folded", "shortened", "text_width", "ticks"]

_STEPS = (1, 2, 5, 10)


@dataclass(frozen=True)
class Scale:
    """An axis: 0 lies at `start`, `most` at `end`, in pixels.

    Examples
    --------
    >>> Scale(100, 0, 50)(25), Scale(0, 90, 3)(Fraction(1, 2))
    (50.0, 15.0)
    """

    start: float
    end: float
    most: int

    def __call__(self, value: int | Fraction) -> float:
        """Return where a value lies."""
        return self.start + (self.end - self.start) * float(Fraction(value) / self.most)


@dataclass
class Drawing:
    """Marks on a sheet `width` pixels wide; `height` is as far as they reach."""

    width: int
    height: float = 0
    marks: list[str] = field(default_factory=list)

    def rect(self, x: float, y: float, width: float, height: float, kind: str) -> None:
        """Draw a filled rectangle; nothing where it has no width."""
        if width <= 0 or height <= 0:
            return
        place = f'x="{_at(x)}" y="{_at(y)}" width="{_at(width)}" height="{_at(height)}"'
        self._add(f'<rect class="{kind}" {place}/>', y + height)

    def line(self, x: float, y: float, to_x: float, to_y: float, kind: str) -> None:
        """Draw a straight line."""
        place = f'x1="{_at(x)}" y1="{_at(y)}" x2="{_at(to_x)}" y2="{_at(to_y)}"'
        self._add(f'<line class="{kind}" {place}/>', max(y, to_y))

    def text(self, x: float, y: float, words: str, kind: str = "ink", anchor: str = "start") -> None:
        """Write one line; `y` is its baseline."""
        side = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self._add(f'<text class="{kind}" x="{_at(x)}" y="{_at(y)}"{side}>{escape(words)}</text>', y + 4)

    def dots(self, places: Iterable[tuple[float, float]], kind: str) -> None:
        """Draw round dots as one path, those that fall on one place once: thousands stay small."""
        once = dict.fromkeys((_at(x), _at(y)) for x, y in places)
        if once:
            path = "".join(f"M{x} {y}h0" for x, y in once)
            self._add(f'<path class="{kind}" d="{path}"/>', 0)

    def svg(self, title: str, told: str, id_: str, style: str = "") -> str:
        """Return the drawing with its name and, for who cannot see it, what it shows."""
        box = f'viewBox="0 0 {self.width} {_at(self.height)}"'
        size = f' width="{self.width}" height="{_at(self.height)}"' if style else ""
        named = f'role="img" aria-labelledby="{id_}-t {id_}-d"'
        head = f'<title id="{id_}-t">{escape(title)}</title><desc id="{id_}-d">{escape(told)}</desc>'
        opened = f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" {box}{size} {named}>'
        return f"{opened}{head}{style}{''.join(self.marks)}</svg>"

    def _add(self, mark: str, bottom: float) -> None:
        self.marks.append(mark)
        self.height = max(self.height, bottom)


def _at(place: float) -> str:
    """Return a place to a tenth of a pixel, without a zero that says nothing."""
    return f"{round(place, 1):g}" if abs(place) < 100_000 else str(round(place))


def text_width(words: str, size: float = 13) -> float:
    """Return about how wide a text is, in pixels.

    Examples
    --------
    >>> text_width("区县", 10), text_width("ab", 10)
    (20.0, 11.6)
    """
    wide = sum(unicodedata.east_asian_width(letter) in "WFA" for letter in words)
    return (wide + 0.58 * (len(words) - wide)) * size


def shortened(words: str, room: float, size: float = 13) -> str:
    """Return a text cut to the room that it has, with … where it was.

    Examples
    --------
    >>> shortened("申请人为工会会员", 60, 10), shortened("区县", 60, 10)
    ('申请人为工…', '区县')
    """
    if text_width(words, size) <= room:
        return words
    while words and text_width(words + "…", size) > room:
        words = words[:-1]
    return words + "…"


def folded(words: str, room: float, size: float = 12) -> list[str]:
    """Return a text in lines of the room that there is, cut between words or Chinese signs.

    Examples
    --------
    >>> folded("家庭分 10 组，least awards first", 80, 10)
    ['家庭分 10 组，', 'least awards ', 'first']
    """
    lines = [""]
    for part in re.findall(r"[!-~]+ ?|.", words):
        if lines[-1] and text_width(lines[-1] + part.rstrip(), size) > room:
            lines.append("")
        lines[-1] += part
    return lines


def ticks(most: int, wanted: int = 5) -> list[int]:
    """Return round numbers from 0 up to at least `most`, about as many as wanted.

    Examples
    --------
    >>> ticks(43), ticks(0), ticks(12_201_738, 4)
    ([0, 10, 20, 30, 40, 50], [0, 1], [0, 5000000, 10000000, 15000000])
    """
    scale = 10 ** max(0, len(str(most // wanted)) - 1)
    step = next(step * scale for step in _STEPS if step * scale * wanted >= most)
    return [step * at for at in range(max(1, -(-most // step)) + 1)]
