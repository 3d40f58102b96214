"""Each sentence of the study's list, in the rule language: packs, and households on both sides.

A file of `tests/sentences` opens with the sentence; then come a pack and its cases, by turns. The
cases are written as in a pack's ``cases.yaml``, the packs as in ``pack.yaml``; most extend the
basis beside them. ``docs/sentences.md`` prints the packs.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from relief.judging.eligibility import assess
from relief.messages import LANGUAGES
from relief.review.cases import Case, batched, overlaid, parse_cases, run_cases
from relief.rulepack.document import read_document
from relief.rulepack.pack import Pack, parse_pack

HERE = Path(__file__).parent / "sentences"
FILES = sorted(HERE.glob("[0-9]*.yaml"))
PAGE = Path(__file__).parents[1] / "docs" / "sentences.md"
BASIS = b"name: basis\ntitle: basis\ntitle_en: basis\n" + (HERE / "basis.yaml").read_bytes()
_PART = re.compile(r"^--- # (pack|cases).*\n", flags=re.M)


@cache
def parts(file: Path) -> tuple[dict[str, str], list[tuple[str, tuple[Case, ...]]]]:
    """Return what a file opens with, and its pairs of pack and cases."""
    head, *rest = _PART.split(file.read_text(encoding="utf-8"))
    kinds, texts = rest[::2], rest[1::2]
    assert kinds == ["pack", "cases"] * (len(kinds) // 2), file.name
    cases = [parse_cases(file.name, text.encode()) for text in texts[1::2]]
    return read_document(file.name, head.encode()).content, list(zip(texts[::2], cases, strict=True))


def pack_of(file: Path, text: str) -> Pack:
    """Make the pack of a snippet; its file's name is its name and title."""
    name = file.stem
    named = f"{text}\nname: sentence-{name}\ntitle: {name}\ntitle_en: {name}\n"
    folders = {f"sentence-{name}": {"pack.yaml": named.encode()}, "basis": {"pack.yaml": BASIS}}
    return parse_pack(folders, f"sentence-{name}")


def test_all_31_are_there() -> None:
    assert [int(file.name[:2]) for file in FILES] == [*range(1, 32)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_sentence_judges_as_it_is_meant(file: Path) -> None:
    _, pairs = parts(file)
    results = [result for text, cases in pairs for result in run_cases(pack_of(file, text), cases)]
    wrong = [f"{result.case.id}: {result.lines('en')}" for result in results if not result.passed]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_assessment_decides_the_same_and_tells_why(file: Path) -> None:
    _, pairs = parts(file)
    for text, cases in pairs:
        pack = pack_of(file, text)
        for batch in batched(pack, cases):
            judged = assess(batch.tables, overlaid(pack, batch.parameters), on=batch.on)
            expected = {case.id: case.expect.outcome for case in batch.cases}
            assert judged.decisions["outcome"].to_dict() == expected
            for lang in LANGUAGES:
                told = judged.reasons(lang)
                assert all(told["message"])
                assert set(told["household_id"]) <= expected.keys()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_sentence_has_its_text_and_cases_with_a_fact_missing(file: Path) -> None:
    head, pairs = parts(file)
    assert head.keys() == {"sentence", "english", "source", "say"}
    found = [case for _, cases in pairs for case in cases]
    missing = [case for case in found if case.id.startswith("missing")]
    assert missing
    told = {repr(case.expect) for case in found if case not in missing}
    assert len(told) > 1, "every household gets the same answer"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_page_tells_each_sentence_and_prints_each_pack(file: Path) -> None:
    head, pairs = parts(file)
    page = PAGE.read_text(encoding="utf-8")
    assert all(head[key] in page for key in ("sentence", "english", "say"))
    assert page.count(f"tests/sentences/{file.name}\n") == len(pairs)
