"""How the documentation is built: MyST pages, furo, and the reference from the docstrings."""

from __future__ import annotations

import csv
import re
import tomllib
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relief.columns import TABLE_TITLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

_root = Path(__file__).parents[1]
_columns = _root / "src" / "relief" / "columns.csv"
_project = tomllib.loads((_root / "pyproject.toml").read_text("utf-8"))["project"]

project = "relief"
author = _project["authors"][0]["name"]
copyright = author
version = release = _project["version"]

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["_build"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
nitpicky = True

html_theme = "furo"
html_title = "relief"
html_copy_source = False

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

# Types stand in the docstrings, in words; a link to each would need the network.
napoleon_numpy_docstring = True
napoleon_google_docstring = False
napoleon_use_param = False
napoleon_use_rtype = False
napoleon_use_ivar = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
nitpick_ignore_regex = [("py:class", r"(?!relief\.).*")]
default_role = "code"


def _one_attribute_a_line(*event: Any) -> None:
    """Give each of several attributes that share a line its own, as they are meant."""
    lines = event[-1]
    several = re.compile(r"(\w+(?:, \w+)+) : (.+)")
    found = (several.fullmatch(line) if "Attributes" in lines[:at] else None for at, line in enumerate(lines))
    parts = [
        [f"{name} : {match[2]}" for name in match[1].split(", ")] if match else [line]
        for line, match in zip(lines, found, strict=True)
    ]
    lines[:] = [line for part in parts for line in part]


def _no_signature(*event: Any) -> tuple[str, None] | None:
    """Leave out how a result is made: users get it from a function."""
    _, what, name, *_ = event
    return ("", None) if what == "class" and not name.startswith("relief.errors.") else None


def _keep_lines(*event: Any) -> None:
    """Keep the lines of the In / Out paragraph that opens a module's docstring."""
    _, what, _, _, _, lines = event
    if what == "module":
        paragraphs = "\n".join(lines).split("\n\n")
        kept = [
            re.sub("^", "| ", text, flags=re.M) if text.startswith("In ") else text for text in paragraphs
        ]
        lines[:] = "\n\n".join(kept).splitlines()


# --- the data dictionary, printed from the file that the code reads ------------------------------


def dictionary() -> str:
    """Return the data dictionary as one MyST table per table of the dictionary."""
    with _columns.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return "\n".join(
        line for table, columns in groupby(rows, lambda row: row["table"]) for line in _table(table, columns)
    )


def _table(table: str, columns: Iterator[dict[str, str]]) -> Iterator[str]:
    yield f"## {TABLE_TITLES[table][0]} `{table}`\n"
    yield "Sheets or files named " + "、".join((*TABLE_TITLES[table], table)) + " hold it.\n"
    yield ":::{list-table}\n:header-rows: 1\n:widths: 18 22 10 18 32\n"
    yield _row("column", "header, other headers", "type, unit", "allowed", "说明 description")
    for column in columns:
        yield _row(
            _lines(f"`{column['column']}`", column["required"] and "*required*"),
            _lines(f"**{column['title']}**", column["headers"].replace("|", "、")),
            _lines(column["dtype"], column["unit"]),
            _allowed(column),
            _lines(column["description_zh"], column["description"], column["personal"] and "*personal*"),
        )
    yield ":::\n"


def _lines(*parts: str | bool) -> str:
    return "\n\n    ".join(str(part) for part in parts if part)


def _row(*cells: str) -> str:
    return "\n".join(f"{'  -' if at else '* -'} {cell}" for at, cell in enumerate(cells))


def _allowed(column: dict[str, str]) -> str:
    words = []
    for group in filter(None, column["allowed"].split("|")):
        word, _, others = group.partition("=")
        word = {"true": "是", "false": "否"}.get(word, word)
        words.append(f"{word}（{others.replace(',', '、')}）" if others else word)
    least = column["minimum"] and f"≥ {column['minimum']}"
    return _lines("；".join(words), least, column["none_means"] == "zero" and "无 = 0")


def _print_dictionary(app: Sphinx, page: str, source: list[str]) -> None:
    if page == "data-dictionary":
        app.env.note_dependency(str(_columns))
        source[0] = source[0].replace("<!-- the tables -->", dictionary())


def setup(app: Sphinx) -> None:
    """Connect what is above."""
    app.connect("autodoc-process-docstring", _one_attribute_a_line, priority=400)  # before napoleon
    app.connect("autodoc-process-docstring", _keep_lines)
    app.connect("autodoc-process-signature", _no_signature)
    app.connect("source-read", _print_dictionary)
