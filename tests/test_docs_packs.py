"""The pages that are printed from packs and from their schema leave nothing out."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import relief
from relief.rulepack.keys import described, parts
from relief.rulepack.model import PackModel, Provenance
from tests.matrix import of_the_matrix, reckoned

if TYPE_CHECKING:
    from types import ModuleType

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def conf() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_conf", DOCS / "conf.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    vars(module)["matrix"] = reckoned
    return module


@pytest.mark.parametrize("name", relief.installed_packs())
def test_a_page_has_every_part_of_its_pack(conf: ModuleType, name: str) -> None:
    pack = relief.load_pack(name)
    page = conf.pack_page(pack)
    for item in pack.stated:
        assert f"```text\n{item.text}\n" in page
        assert f"`{item.id}` · " in page
    assert page.count("\n### ") == len(pack.stated)
    values = sum(len(layer) for parameter in pack.parameters.values() for layer in parameter.layers)
    bands = sum(len(tiers.model.bands) for tiers in pack.tiers.values())
    assert len(re.findall("^- ", page, flags=re.M)) >= values + bands
    assert ("{admonition} Partial" in page) == bool(pack.partial)


def test_the_index_names_every_pack_and_marks_the_partial_ones(conf: ModuleType) -> None:
    index = conf.pack_index()
    packs = [relief.load_pack(name) for name in relief.installed_packs()]
    assert all(f"[`{pack.name}`]({pack.name}.md)" in index for pack in packs)
    assert index.count("partial: ") == sum(bool(pack.partial) for pack in packs)
    assert "<!-- the packs -->" in (DOCS / "packs" / "index.md").read_text("utf-8")


def test_the_table_of_keys_has_every_key_of_every_part(conf: ModuleType) -> None:
    tables = dict(re.findall(r"^\*\*(\w+)\*\*[^\n]*\n\n((?:\|.*\n)+)", conf.keys(), flags=re.M))
    provenance = described(Provenance)
    for name, part in {**parts(PackModel), "Provenance": Provenance}.items():
        keys = re.findall(r"^\| `(\w+)`", tables.pop(name.lower()), flags=re.M)
        without = provenance if issubclass(part, Provenance) and part is not Provenance else {}
        assert keys == [key for key in described(part) if key not in without]
    assert tables == {}


OF_THE_MATRIX = pytest.param("fairness.md", marks=of_the_matrix)


@pytest.mark.parametrize("page", ["data-dictionary.md", "round-folder.md", "rule-packs.md", OF_THE_MATRIX])
def test_the_tables_that_stand_in_a_page_are_current(conf: ModuleType, page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    assert text.count("\n|") > 50
    assert conf.with_tables(page, text) == text, "run: python docs/conf.py"


def test_text_of_a_pack_is_no_markup(conf: ModuleType) -> None:
    assert conf._md("a_b*c <d> [e] `f` $g$") == r"a\_b\*c \<d\> \[e\] \`f\` \$g\$"
