"""A paper as one page of HTML: readable aloud, on a telephone, in the dark, and printed as A4.

In    `Paper`; ``paper.css``
Out   bytes of HTML in UTF-8 with nothing outside them: no script, no font, no picture, no address
"""

from __future__ import annotations

from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from relief.papers.paper import Form, Grid, Heading, Paper, Text, plain

if TYPE_CHECKING:
    from relief.papers.paper import Block, Cell

__all__ = ["to_html"]


def to_html(paper: Paper) -> bytes:
    """Return a paper as a self-contained page.

    Parameters
    ----------
    paper : Paper

    Returns
    -------
    bytes
        The same for the same paper.

    Examples
    --------
    >>> to_html(Paper("公示", (Text("现予公示。"),), "zh", "2021-09-30"))[:15]
    b'<!doctype html>'
    """
    style = files("relief.papers").joinpath("paper.css").read_text("utf-8")
    title = _shown(paper.title)
    page = "@page { size: A4 landscape; }\n" if paper.landscape else ""
    head = [
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f'<meta name="date" content="{escape(paper.dated)}">',
        f"<title>{title}</title>",
        f"<style>\n{style}{page}</style>",
    ]
    blocks = [_block(block, at, at in paper.new_page) for at, block in enumerate(paper.blocks)]
    spoken = "zh-CN" if paper.lang == "zh" else "en"
    text = "\n".join([
        "<!doctype html>", f'<html lang="{spoken}">', "<head>", *head, "</head>", "<body>", "<main>",
        f"<h1>{title}</h1>", *blocks, "</main>", "</body>", "</html>", "",
    ])  # fmt: skip
    return text.encode()


def _shown(text: str) -> str:
    return escape(plain(text))


def _block(block: Block, place: int, is_first: bool) -> str:
    begins = " page" if is_first else ""
    if isinstance(block, Heading):
        level = min(block.level, 5) + 1
        return f'<h{level} class="head{begins}">{_shown(block.text)}</h{level}>'
    if isinstance(block, Text):
        return f'<p class="{block.kind}{begins}">{_shown(block.text)}</p>'
    if isinstance(block, Form):
        rows = "\n".join(f"<tr>{''.join(map(_form_cell, cells))}</tr>" for cells in block.rows)
        return _frame(block.caption, f"<tbody>\n{rows}\n</tbody>", place, begins)
    return _grid(block, place, begins)


def _grid(grid: Grid, place: int, begins: str) -> str:
    head = "".join(
        f'<th scope="col"{_side(grid, at)}>{_shown(text)}</th>' for at, text in enumerate(grid.header)
    )
    rows = "\n".join(f"<tr>{_cells(grid, row)}</tr>" for row in grid.rows)
    foot = f"<tfoot><tr>{_cells(grid, grid.total)}</tr></tfoot>\n" if grid.total is not None else ""
    return _frame(
        grid.caption, f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n{foot}", place, begins
    )  # fmt: skip


def _form_cell(cell: Cell) -> str:
    """Return a cell of a form; a label stands for whatever is beside or below it, so it is no header."""
    reach = "".join(
        f' {name}="{count}"'
        for name, count in (("colspan", cell.columns), ("rowspan", cell.rows))
        if count > 1
    )
    kind = ' class="label"' if cell.kind == "label" else ' class="middle"' * (cell.kind == "number")
    return f"<td{kind}{reach}>{_shown(cell.text)}</td>"


def _frame(caption: str, table: str, place: int, begins: str) -> str:
    """Return a table in a frame that scrolls by itself on a narrow screen, and by keyboard."""
    name = f"caption-{place}"
    return (
        f'<div class="frame{begins}" role="region" aria-labelledby="{name}" tabindex="0">\n'
        f'<table>\n<caption id="{name}">{_shown(caption)}</caption>\n{table}</table>\n</div>'
    )


def _cells(grid: Grid, texts: tuple[str, ...]) -> str:
    first = f'<th scope="row"{_side(grid, 0)}>{_shown(texts[0])}</th>'
    rest = (f"<td{_side(grid, at)}>{_shown(text)}</td>" for at, text in enumerate(texts[1:], start=1))
    return first + "".join(rest)


def _side(grid: Grid, place: int) -> str:
    return ' class="number"' if place in grid.numbers else ""
