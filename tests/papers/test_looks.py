"""The papers in the programs that people open them with: a browser, and an office program."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader
from tests.papers.papers import PAPER, said, squeezed
from tests.papers.rounds import judged

from relief.papers.docx import to_docx
from relief.papers.html import to_html
from relief.papers.notice import NoticeDetails, notice

if TYPE_CHECKING:
    from collections.abc import Iterator

CHROMIUM, SOFFICE = shutil.which("chromium"), shutil.which("soffice")
DETAILS = NoticeDetails("江门市总工会", "0750-3333333", "2021-09-29", fingerprint="0123456789abcdef" * 4)


def opens_text() -> bool:
    """Return whether LibreOffice is here with the part that opens Word files."""
    return SOFFICE is not None and (Path(SOFFICE).resolve().parent / "libswlo.so").exists()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.mark.xdist_group("papers-browser")
@pytest.mark.parametrize(("width", "scheme"), [(1000, "light"), (340, "dark")])
def test_a_page_is_accessible_fits_a_telephone_and_asks_for_nothing(
    browser: Any, tmp_path: Path, width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    file = tmp_path / "notice.html"
    file.write_bytes(to_html(notice(judged(), DETAILS)))
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert asked == [file.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") == width
    report = axe.Axe().run(page)
    assert report.violations_count == 0, report.generate_report()
    page.close()


@pytest.mark.xdist_group("papers-office")
@pytest.mark.skipif(not opens_text(), reason="LibreOffice Writer is not installed")
def test_an_office_program_opens_the_word_files_and_shows_all_of_them(tmp_path: Path) -> None:
    papers = {"notice": notice(judged(), DETAILS), "paper": PAPER}
    for name, paper in papers.items():
        (tmp_path / f"{name}.docx").write_bytes(to_docx(paper))
    own = f"-env:UserInstallation={(tmp_path / 'office').as_uri()}"
    files = [str(tmp_path / f"{name}.docx") for name in papers]
    command = [str(SOFFICE), "--headless", own, "--convert-to", "pdf", "--outdir", str(tmp_path), *files]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    for name, paper in papers.items():
        reader = PdfReader(io.BytesIO((tmp_path / f"{name}.pdf").read_bytes()))
        pages = [page.extract_text() for page in reader.pages]
        text = squeezed("".join(pages))
        assert [line for line in said(paper) if squeezed(line) not in text] == []
        # The head of a table stands on every page of it, and each page bears its number.
        assert all("所属工会" in page for page in pages if "欧阳*" in page)
        assert all(f"—{at}—" in squeezed(page) for at, page in enumerate(pages, start=1))
