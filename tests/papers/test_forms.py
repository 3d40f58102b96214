"""The three forms of a paper: each shows all of it, the same bytes every time, and nothing of its own."""

from __future__ import annotations

import io
import re
import sys
import zipfile
from dataclasses import replace

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from tests.papers.papers import EACH_FORM, FORMS, PAPER, everything, needs_font, read, said, squeezed

from relief.errors import MissingExtraError
from relief.papers import pdf
from relief.papers.docx import to_docx
from relief.papers.html import to_html
from relief.papers.paper import Grid, Heading, Paper, Text, plain
from relief.papers.pdf import to_pdf

HOSTILE = (
    "<script>alert(1)</script>", "</style><b>", "&amp; &lt;", "#panic()", "*strong* _emph_ $x$",
    '"quoted" \\ `raw`', "=1+1", "{{ title }}", "//不是注释", "@ref <label>", "]]> --",
)  # fmt: skip
WORDS = st.text(alphabet=st.sampled_from("王欧阳*<>&\"'#\\$_`@[]{}=/~-1.5 \n\t\x00\u202e"), max_size=12)


@EACH_FORM
def test_every_text_of_a_paper_is_there(form: str) -> None:
    text = read(form, FORMS[form](PAPER))
    assert [line for line in said(PAPER) if squeezed(line) not in text] == []


@EACH_FORM
def test_what_looks_like_markup_is_text(form: str) -> None:
    grid = Grid(HOSTILE[0], HOSTILE[:3], (HOSTILE[3:6], HOSTILE[6:9]), total=HOSTILE[8:11])
    paper = Paper(HOSTILE[0], (*map(Text, HOSTILE), *map(Heading, HOSTILE), grid), "zh", "2021-09-29")
    text = read(form, FORMS[form](paper))
    assert [line for line in said(paper) if squeezed(line) not in text] == []


@given(title=WORDS, words=st.lists(WORDS, min_size=2, max_size=2))
@settings(max_examples=15)
def test_any_text_can_be_shown(title: str, words: list[str]) -> None:
    grid = Grid(words[1], tuple(words), (tuple(words),))
    paper = Paper(title, (Text(words[0]), Heading(words[1]), grid), "en", "2021-09-29")
    expected = squeezed(plain("".join([title, words[0], *words[1:] * 2, *words * 2])))
    assert read("docx", to_docx(paper)) == expected
    # The page has its title in the head as well.
    assert read("html", to_html(paper)) == squeezed(plain(title)) + expected


@EACH_FORM
def test_the_same_paper_gives_the_same_bytes(form: str) -> None:
    assert FORMS[form](PAPER) == FORMS[form](PAPER)
    assert FORMS[form](PAPER) != FORMS[form](replace(PAPER, dated="2021-09-30"))


def test_a_word_file_is_stamped_with_the_day_of_the_paper_and_names_nobody() -> None:
    data = to_docx(PAPER)
    properties = docx.Document(io.BytesIO(data)).core_properties
    assert (properties.title, properties.language, properties.revision) == (PAPER.title, "zh-CN", 1)
    assert {properties.created.date().isoformat(), properties.modified.date().isoformat()} == {PAPER.dated}
    assert {properties.author, properties.last_modified_by, properties.comments, properties.keywords} == {""}
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert {info.date_time for info in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        links = "".join(parts.read(name).decode() for name in parts.namelist() if name.endswith(".rels"))
        assert "External" not in links
        assert "thumbnail" not in links


@needs_font
def test_a_pdf_is_stamped_with_the_day_of_the_paper_and_names_nobody() -> None:
    reader = PdfReader(io.BytesIO(to_pdf(PAPER)))
    assert reader.metadata is not None
    assert set(reader.metadata) == {"/Title", "/Creator", "/CreationDate", "/ModDate"}
    assert reader.metadata.title == PAPER.title
    assert reader.metadata["/CreationDate"] == reader.metadata["/ModDate"] == "D:20210929000000Z"
    assert reader.trailer["/Root"]["/Lang"] == "zh-CN"
    assert "<pdfuaid:part>1</pdfuaid:part>" in everything("pdf", to_pdf(PAPER))


def test_a_page_needs_nothing_from_outside() -> None:
    page = to_html(PAPER).decode()
    assert (
        re.findall(r"(?i)<script|<link|<img|<iframe|\ssrc=|\shref=|url\(|@import|https?:|\son\w+=", page)
        == []
    )
    assert '<html lang="zh-CN">' in page
    assert page.count('<th scope="col"') == 4
    assert page.count('<th scope="row"') == 61


@needs_font
def test_the_head_of_a_table_stands_on_every_page_and_numbers_to_the_right() -> None:
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(to_pdf(PAPER))).pages]
    with_rows = [page for page in pages if "欧阳*" in page]
    assert len(with_rows) > 1
    assert all("所属工会" in page for page in with_rows)
    table = docx.Document(io.BytesIO(to_docx(PAPER))).tables[0]
    heads = table._tbl.xpath("./w:tr[w:trPr/w:tblHeader]")
    assert heads == [table.rows[0]._tr]
    sides = [node.get(node.keys()[0]) for node in table.rows[1]._tr.xpath(".//w:jc")]
    assert sides == ["right", "left", "left", "right"]
    assert [cell.paragraphs[0].runs[0].bold for cell in table.rows[-1].cells] == [True] * 4


@needs_font
def test_a_block_begins_a_new_page_where_the_paper_says_so() -> None:
    last = len(PdfReader(io.BytesIO(to_pdf(PAPER))).pages)
    together = replace(PAPER, new_page=frozenset())
    assert len(PdfReader(io.BytesIO(to_pdf(together))).pages) == last - 1
    paragraphs = docx.Document(io.BytesIO(to_docx(PAPER))).paragraphs
    assert [p.text for p in paragraphs if p.paragraph_format.page_break_before] == ["另页"]
    assert to_html(PAPER).decode().count('class="head page"') == 1


@needs_font
def test_a_wide_paper_lies_on_its_side() -> None:
    wide = replace(PAPER, landscape=True)
    for paper, lies in ((PAPER, False), (wide, True)):
        section = docx.Document(io.BytesIO(to_docx(paper))).sections[0]
        box = PdfReader(io.BytesIO(to_pdf(paper))).pages[0].mediabox
        assert (section.page_width > section.page_height) is lies
        assert (box.width > box.height) is lies
        assert ("A4 landscape" in to_html(paper).decode()) is lies


@pytest.mark.parametrize(("form", "module", "extra"), [("docx", "docx", "report"), ("pdf", "typst", "pdf")])
def test_a_form_whose_extra_is_missing_says_which(
    form: str, module: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError) as error:
        FORMS[form](PAPER)
    assert error.value.facts["extra"] == extra


def test_without_a_chinese_font_no_pdf_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_installed", lambda: frozenset({"DejaVu Sans", "Libertinus Serif"}))
    with pytest.raises(MissingExtraError, match="fonts-noto-cjk"):
        to_pdf(PAPER)


@needs_font
def test_a_character_that_no_font_has_is_named_and_not_left_blank() -> None:
    with pytest.raises(MissingExtraError) as error:
        to_pdf(replace(PAPER, title="关于\U0003ff00的公示"))
    assert error.value.code == "pdf.no_character"
    assert "3ff00" in error.value.text("zh")
