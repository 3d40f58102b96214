"""How the documentation is built: MyST pages, furo, and the reference from the docstrings."""

from __future__ import annotations

import csv
import re
import tomllib
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relief.allocation import METHODS
from relief.columns import TABLE_TITLES
from relief.fairness import impossible, matrix
from relief.messages import LANGUAGES, catalogue, say
from relief.rulepack import installed_packs, load_pack
from relief.rulepack.crosschecks import crosscheck_line
from relief.rulepack.keys import described, parts
from relief.rulepack.model import PackModel, Provenance
from relief.rulepack.showing import band_line, parameter_head, traits, value_line
from relief.rulepack.wording import source_text
from relief.rulepack.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sphinx.application import Sphinx

    from relief.fairness import Cell
    from relief.rulepack.contents import Pack, Stated

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


# --- tables that stand in the pages themselves, so that a code host shows them too -----------------
# ``python docs/conf.py`` writes them anew; the tests hold that they are current.


def _printed() -> dict[str, Callable[[], str]]:
    """Return what prints the part between the marks of each page that has any."""
    return {
        "data-dictionary.md": dictionary,
        "rule-packs.md": keys,
        "fairness.md": fairness,
        "round-folder.md": folder,
    }


def with_tables(page: str, text: str) -> str:
    """Return the text of a page with what is printed between its marks as it is now."""
    begin, end = "<!-- printed by docs/conf.py -->\n", "<!-- end of what is printed -->\n"
    before, _, rest = text.partition(begin)
    return f"{before}{begin}\n{_printed()[page]()}\n{end}{rest.partition(end)[2]}"


# --- the data dictionary, printed from the file that the code reads ------------------------------


def dictionary() -> str:
    """Return the data dictionary as one table of Markdown per table of the dictionary."""
    with _columns.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return "\n".join(
        line for table, columns in groupby(rows, lambda row: row["table"]) for line in _table(table, columns)
    )


def _table(table: str, columns: Iterator[dict[str, str]]) -> Iterator[str]:
    yield f"## {TABLE_TITLES[table][0]} `{table}`\n"
    yield "Sheets or files named " + "、".join((*TABLE_TITLES[table], table)) + " hold it.\n"
    yield from _head("column", "header, other headers", "type, unit", "allowed", "说明 description")
    for column in columns:
        yield _row(
            _lines(f"`{column['column']}`", column["title_en"], column["required"] and "*required*"),
            _lines(f"**{column['title']}**", column["headers"].replace("|", "、")),
            _lines(column["dtype"], column["unit"]),
            _allowed(column),
            _lines(column["description_zh"], column["description"], *_marks(column)),
        )
    yield ""


def _marks(column: dict[str, str]) -> Iterator[str]:
    """Yield what a column is marked as: personal, which way it is wished, whether it can be supplied."""
    if column["personal"]:
        yield "*personal*"
    if column["wished"]:
        yield f"*wished: {column['wished']}*"
    if column["supplied"]:
        yield "*supplied*"


def _lines(*parts: str | bool) -> str:
    return "<br>".join(str(part) for part in parts if part)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(text: str) -> str:
    """Return a text in which a bar does not end the cell."""
    return text.replace("|", "\\|")


def _head(*cells: str) -> tuple[str, str]:
    return _row(*cells), "|---" * len(cells) + "|"


def _allowed(column: dict[str, str]) -> str:
    words = []
    for group in filter(None, column["allowed"].split("|")):
        word, _, others = group.partition("=")
        word = {"true": "是", "false": "否"}.get(word, word)
        words.append(f"{word}（{others.replace(',', '、')}）" if others else word)
    least = column["minimum"] and f"≥ {column['minimum']}"
    return _lines("；".join(words), least, column["none_means"] == "zero" and "无 = 0")


# --- the keys of a pack, printed from the sentences that its JSON Schema is made of ----------------


def keys() -> str:
    """Return what every key of a pack means: one table of Markdown per part, that of provenance once."""
    found = parts(PackModel)
    stated = [name.lower() for name, part in found.items() if issubclass(part, Provenance)]
    lines = []
    for name, part in {**found, "Provenance": Provenance}.items():
        shared = Provenance.model_fields if name.lower() in stated else {}
        codes = [(key, code) for key, code in described(part).items() if key not in shared]
        where = f" of each {', '.join(stated)}" if part is Provenance else ""
        lines += [f"**{name.lower()}**{where}\n", *_head("key", "meaning")]
        lines += [_row(f"`{key}`", _cell(say(code, "en"))) for key, code in codes]
        lines.append("")
    return "\n".join(lines)


# --- the columns of a round's files, printed from the sentences of its first page ------------------


def folder() -> str:
    """Return what each column of a round's files holds, as one table of Markdown in both languages."""
    start, lines = "folder.column.", [*_head("column", "in", "说明", "description")]
    for code, sentence in catalogue().items():
        if code.startswith(start):
            file, _, name = code.removeprefix(start).rpartition(".")
            column = "from_…_yuan" if name == "from_source" else name
            told = (sentence[lang].format(claim="…", source="…") for lang in LANGUAGES)
            lines.append(_row(f"`{column}`", f"`{file}.csv`" if file else "", *map(_cell, told)))
    return "\n".join([*lines, ""])


# --- what is fair, found by search -----------------------------------------------------------------


def fairness() -> str:
    """Return which axioms hold, and which cannot hold together, as tables of Markdown."""
    found = matrix()
    names = list(found.methods)
    half = (len(names) + 1) // 2
    lines = ["### Methods, divided exactly\n"]
    for part in (names[:half], names[half:]):
        lines += [*_cells({name: found.methods[name] for name in part}), ""]
    lines += ["### Roundings, in whole units in proportion to the claims\n", *_cells(found.roundings), ""]
    lines += ["### What cannot be\n", *_head("promises", "claims / fund", "tried")]
    cannot = {each.axioms: each for method in METHODS for each in impossible(method, "largest_remainder")}
    for each in cannot.values():
        problems = "; ".join(f"{', '.join(map(str, claims))} / {fund}" for claims, fund in each.problems)
        lines.append(_row(", ".join(f"`{axiom}`" for axiom in each.axioms), problems, str(each.tried)))
    return "\n".join([*lines, ""])


def _cells(columns: dict[str, dict[str, Cell]]) -> Iterator[str]:
    yield from _head("axiom", *(f"`{name}`" for name in columns))
    for axiom in next(iter(columns.values())):
        yield _row(f"`{axiom}`", *(_mark(column[axiom]) for column in columns.values()))


def _mark(cell: Cell) -> str:
    if cell.witness is None:
        return "✓" if cell.promised else "(✓)"
    return f"✗ {', '.join(map(str, cell.witness.claims))} / {cell.witness.fund}"


# --- a page for each pack that ships, printed from the pack itself ----------------------------------


def pack_page(pack: Pack) -> str:
    """Return a pack as a MyST page in both languages."""
    lines = [f"# {_md(pack.title)}\n", f"`{pack.name}` · {_md(pack.title_en)}\n"]
    if pack.partial:
        notes = "\n\n".join(map(_md, filter(None, (pack.partial, pack.partial_en))))
        lines.append(f":::{{admonition}} Partial\n:class: warning\n\n{notes}\n:::\n")
    lines.append(f"{_md(' '.join(pack.about.split()))}\n")
    base = [name for name in pack.folders if name != pack.name]
    lines += [f"Extends {', '.join(f'[`{name}`]({name}.md)' for name in base)}.\n"] if base else []
    if pack.districts:
        lines.append(f"Districts: {'、'.join(_md(district.name) for district in pack.districts)}\n")
    for parameter in pack.parameters.values():
        values = [value_line(value, "zh") for layer in parameter.layers for value in layer]
        lines += _listed(parameter_head(parameter, "zh"), values or [say("show.no_value", "zh")])
    for tiers in pack.tiers.values():
        lines += _listed(
            f"{tiers.model.title}（{tiers.id}）", [band_line(b, "zh") for b in tiers.model.bands]
        )
    groups = {
        "rules": pack.rules,
        "categories": pack.categories,
        "benefits": pack.benefits,
        "claim": (pack.claim,) if pack.claim else (),
        "measures": tuple(pack.measures.values()),
    }
    for name, items in groups.items():
        lines += [f"## {say(f'show.{name}', 'zh')} {name}\n"] if items else []
        lines += [line for item in items for line in _item(item, pack)]
    checks = [f"{check.kind}：{crosscheck_line(check, 'zh')}" for check in pack.crosschecks.values()]
    lines += _listed(say("show.crosschecks", "zh"), checks) if checks else []
    return "\n".join(lines)


def _listed(head: str, entries: Iterable[str]) -> list[str]:
    return [f"## {_md(head)}\n", *(f"- {_md(entry)}" for entry in entries), ""]


def _item(item: Stated, pack: Pack) -> Iterator[str]:
    """Yield a rule or its like: titles, what it says in words, the formula, where it is written."""
    yield f"### {_md(item.title)}\n"
    yield f"`{item.id}` · {_md(item.title_en + traits(item, pack, 'en'))}\n"
    nodes = [node for node in (item.node, item.amount) if node is not None]
    yield "".join(f"> {_md(Words(pack, lang).of(node))}\n>\n" for node in nodes for lang in LANGUAGES)
    text = "\n".join(filter(None, (item.text, item.amount_text)))
    yield f"```text\n{text}\n```\n"
    yield f"{_md(source_text(item.provenance, 'zh'))}\n"
    note = " ".join(filter(None, (item.provenance.note, item.provenance.note_en)))
    if note and item.provenance.status == "sourced":
        yield f"{_md(note)}\n"


def _md(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>#|~$])", r"\\\1", text)


def pack_index() -> str:
    """Return the shipped packs as a table of Markdown."""
    rows = [*_head("pack", "", "what of it is known")]
    for pack in map(load_pack, installed_packs()):
        known = f"partial: {_md(pack.partial_en)}" if pack.partial else "complete"
        rows.append(
            _row(f"[`{pack.name}`]({pack.name}.md)", _lines(_md(pack.title), _md(pack.title_en)), known)
        )
    return "\n".join([*rows, ""])


def _write_packs(app: Sphinx) -> None:
    for pack in map(load_pack, installed_packs()):
        page, text = Path(app.srcdir, "packs", f"{pack.name}.md"), pack_page(pack)
        if not page.is_file() or page.read_text("utf-8") != text:
            page.write_text(text, encoding="utf-8")


def _print_index(_app: Sphinx, page: str, source: list[str]) -> None:
    # The pages that the table leads to are written by this build too, so it is not kept in the file.
    if page == "packs/index":
        source[0] = source[0].replace("<!-- the packs -->", pack_index())


def setup(app: Sphinx) -> None:
    """Connect what is above."""
    app.connect("autodoc-process-docstring", _one_attribute_a_line, priority=400)  # before napoleon
    app.connect("autodoc-process-docstring", _keep_lines)
    app.connect("autodoc-process-signature", _no_signature)
    app.connect("builder-inited", _write_packs)
    app.connect("source-read", _print_index)


if __name__ == "__main__":
    for name in _printed():
        file = Path(__file__).parent / name
        file.write_text(with_tables(name, file.read_text("utf-8")), encoding="utf-8")
