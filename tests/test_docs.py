"""The documentation says what is there: each command and option, each public name, links that lead on."""

from __future__ import annotations

import csv
import importlib.util
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer

import relief
from relief.cli.command import app

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md"), *DOCS.glob("decisions/*.md")])
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


def commands(command: Any, name: str = "relief") -> Iterator[tuple[str, Any]]:
    yield name, command
    for child, below in getattr(command, "commands", {}).items():
        yield from commands(below, f"{name} {child}")


COMMANDS = dict(commands(typer.main.get_command(app)))
HELP = {"--help"}


def section(name: str) -> str:
    """Return what the command line page says of one command, up to the next heading."""
    page = (DOCS / "command-line.md").read_text("utf-8")
    found = re.search(rf"^#+ {re.escape(name)}\n(.*?)(?=^#|\Z)", page, flags=re.M | re.S)
    assert found, f"docs/command-line.md has no heading '{name}'"
    return found[1]


def declared(command: Any) -> set[str]:
    return {option for param in command.params for option in param.opts if option.startswith("-")} - HELP


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_in_its_section_and_no_other(name: str) -> None:
    text = section(name)
    rows = "\n".join(line for line in text.splitlines() if line.startswith("| `"))
    assert set(OPTION.findall(rows)) == declared(COMMANDS[name])
    missing = [param.metavar for param in COMMANDS[name].params if f"`{param.metavar}`" not in text
               and param.param_type_name == "argument"]  # fmt: skip
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_command_that_a_page_shows_exists_with_its_options(page: Path) -> None:
    for line in re.findall(r"^relief .*(?:\\\n.*)*", page.read_text("utf-8"), flags=re.M):
        words = line.partition("#")[0].split()
        name = next((n for n in (" ".join(words[:3]), " ".join(words[:2])) if n in COMMANDS), None)
        assert name or words[1].isupper(), line
        if name:
            assert set(OPTION.findall(line.partition("#")[0])) <= declared(COMMANDS[name]) | HELP, line


@pytest.mark.parametrize("name", relief.__all__)
def test_every_public_name_is_in_the_reference(name: str) -> None:
    reference = (DOCS / "reference.md").read_text("utf-8")
    if name == "ReliefError":
        assert "automodule:: relief.errors" in reference
    else:
        assert re.search(rf":: relief\.{name}$", reference, flags=re.M)


def test_every_column_is_in_the_printed_dictionary() -> None:
    spec = importlib.util.spec_from_file_location("docs_conf", DOCS / "conf.py")
    assert spec is not None
    assert spec.loader is not None
    conf = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(conf)
    printed = conf.dictionary()
    text = (ROOT / "src" / "relief" / "columns.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    for row in rows:
        assert f"`{row['column']}`" in printed
        assert row["title"] in printed
        assert row["description_zh"] in printed
    assert printed.count("\n| `") == len(rows)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_to_a_file_leads_to_one(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    lost = [to for to in targets if "://" not in to and not (page.parent / to).exists()]
    assert not lost


@pytest.mark.parametrize(("readme", "title"), [("README.md", "title_en"), ("README.zh-CN.md", "title")])
def test_the_readme_names_what_the_pack_has_no_source_for(readme: str, title: str) -> None:
    pack = relief.load_pack("jiangmen-2021")
    stated = [*pack.measures.values(), *pack.rules, *pack.categories]
    text = " ".join((ROOT / readme).read_text("utf-8").replace("*", "").split())
    unnamed = [
        item.id for item in stated if item.provenance.status != "sourced" and getattr(item, title) not in text
    ]
    assert not unnamed
