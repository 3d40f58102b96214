"""The page as a person uses it: by keyboard, on a phone, in the dark, on paper; one browser for all."""

from __future__ import annotations

import io
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import relief
from relief.report import report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator
    from playwright.sync_api import Page as Tab

CHROMIUM = Path("/usr/bin/chromium")
SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "jiangmen-2021"
pytestmark = [
    pytest.mark.xdist_group("report"),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is not installed: tools/install-browser.sh"),
]


def expects() -> Any:
    """Return what waits for a page without a script of its own: the policy of ours forbids those."""
    return pytest.importorskip("playwright.sync_api").expect


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    round_ = relief.run(SAMPLE / "申请.xlsx", SAMPLE / "rules", 300_000_00, on="2021-09-30")
    path = tmp_path_factory.mktemp("report") / "报告.html"
    path.write_bytes(report(round_, full=True))
    return path


@contextmanager
def opened(browser: Browser, file: Path, width: int = 1280, scheme: str = "light") -> Iterator[Tab]:
    """Open the file in a window; whatever it asks for beyond itself, and any error in it, fails the test."""
    tab = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    asked: list[str] = []
    told: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: told.append(message.text))
    tab.on("pageerror", lambda error: told.append(str(error)))
    tab.goto(file.as_uri())
    yield tab
    tab.close()
    assert asked == [file.as_uri()]
    assert told == []


def households(tab: Tab) -> list[list[str]]:
    return tab.locator("#table tbody tr:not(.detail)").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )


def count(tab: Tab) -> str:
    return tab.locator("#count").inner_text()


def heading(tab: Tab, name: str) -> Locator:
    return tab.locator("#table thead").get_by_role("button", name=name)


def test_search_finds_by_id_name_district_and_amount(browser: Browser, file: Path) -> None:
    with opened(browser, file) as tab:
        assert count(tab) == "找到 122 户，显示第 1–50 户"
        search = tab.get_by_label("搜索")
        search.fill("jm2021-0006")
        assert [row[0] for row in households(tab)] == ["JM2021-0006"]
        search.fill("新会区 认定")
        assert {(row[2], row[5]) for row in households(tab)} == {("认定", "新会区"), ("不予认定", "新会区")}
        search.fill("12201738")
        assert count(tab) == "没有找到符合条件的家庭"
        search.fill("122017.38")
        assert [row[4] for row in households(tab)] == ["122,017.38"]
        tab.get_by_role("button", name="清除").click()
        expects()(tab.locator("#count")).to_contain_text("122")


def test_outcome_and_district_are_filters_and_an_alert_leads_to_its_households(
    browser: Browser, file: Path
) -> None:
    with opened(browser, file) as tab:
        tab.get_by_role("link", name="列出这些家庭").click()
        expects()(tab.locator("#count")).to_contain_text("19")
        assert {row[2] for row in households(tab)} == {"待补充"}
        tab.locator("#district").select_option("恩平市")
        assert {(row[2], row[5]) for row in households(tab)} == {("待补充", "恩平市")}


def test_a_household_opens_by_keyboard_to_its_reasons(browser: Browser, file: Path) -> None:
    with opened(browser, file) as tab:
        tab.get_by_label("搜索").fill("JM2021-0004")
        button = tab.get_by_role("button", name="JM2021-0004")
        button.focus()
        tab.keyboard.press("Enter")
        assert button.get_attribute("aria-expanded") == "true"
        detail = tab.locator(f"#{button.get_attribute('aria-controls')}")
        assert "公示期间无异议 否，不符合" in detail.inner_text()
        assert "JM2021-0004" in tab.evaluate("document.activeElement.textContent")
        tab.keyboard.press("Space")
        assert button.get_attribute("aria-expanded") == "false"
        assert detail.count() == 0


def test_an_award_opens_to_how_it_came_about(browser: Browser, file: Path) -> None:
    with opened(browser, file) as tab:
        tab.get_by_role("button", name="JM2021-0002").click()
        told = tab.locator(".detail").inner_text()
        assert "取整前的精确金额：670750500/2923 分" in told
        assert "(44,510.00 − 28,421.63) ÷ 3 ÷ 12 = 446.89… < 640.00（元/人·月）" in told


def test_columns_sort_by_number_by_order_and_back(browser: Browser, file: Path) -> None:
    with opened(browser, file) as tab:
        heading(tab, "金额").click()
        amounts = [float(row[3].replace(",", "")) for row in households(tab)]
        assert amounts == sorted(amounts, reverse=True)
        header = tab.locator("#table thead th[aria-sort]")
        assert header.get_attribute("aria-sort") == "descending"
        assert count(tab).endswith("按金额（元）降序")
        heading(tab, "金额").click()
        assert header.get_attribute("aria-sort") == "ascending"
        least = [row[3] for row in households(tab)]
        assert "—" not in least
        heading(tab, "区县").click()
        assert header.count() == 1
        districts = [row[5] for row in households(tab)]
        order = ["市直", "蓬江区", "江海区", "新会区", "台山市", "鹤山市", "恩平市", "开平市"]
        assert districts == sorted(districts, key=order.index)


def test_pages_turn_and_a_household_stays_open(browser: Browser, file: Path) -> None:
    with opened(browser, file) as tab:
        tab.get_by_role("button", name="JM2021-0001").click()
        tab.get_by_role("button", name="下一页").click()
        assert households(tab)[0][0] == "JM2021-0051"
        tab.get_by_role("button", name="下一页").click()
        assert tab.get_by_role("button", name="下一页").is_disabled()
        assert count(tab) == "找到 122 户，显示第 101–122 户"
        for _ in range(2):
            tab.get_by_role("button", name="上一页").click()
        assert tab.locator(".detail").count() == 1


def test_print_lists_every_household_found_and_shows_no_controls(browser: Browser, file: Path) -> None:
    pypdf = pytest.importorskip("pypdf")
    with opened(browser, file) as tab:
        paper = pypdf.PdfReader(io.BytesIO(tab.pdf(format="A4")))
        sheets = ["".join(page.extract_text().split()) for page in paper.pages]
        text = "".join(sheets)
        assert [f"JM2021-{number:04}" in text for number in range(1, 123)] == [True] * 122
        # The header stands on every sheet that the table goes on to.
        assert sum("申请人结果金额（元）" in sheet for sheet in sheets) >= 3
        assert "2,338,400.00" in text
        assert "300,000.00" in text
        assert "找到122户" in text
        assert "搜索" not in text
        assert "下一页" not in text
        assert count(tab) == "找到 122 户，显示第 1–50 户"


@pytest.mark.parametrize("width", [360, 768])
def test_no_page_scrolls_sideways(browser: Browser, file: Path, width: int) -> None:
    with opened(browser, file, width=width) as tab:
        for name in ("JM2021-0002", "JM2021-0004"):
            tab.get_by_role("button", name=name).click()
        for summary in tab.locator("summary:visible").all():
            summary.click()
        assert tab.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_axe_finds_no_violation(browser: Browser, file: Path, scheme: str, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    with opened(browser, file, width=width, scheme=scheme) as tab:
        tab.get_by_label("搜索").fill("JM2021-000")
        heading(tab, "金额").click()
        for name in ("JM2021-0002", "JM2021-0004", "JM2021-0001"):
            tab.get_by_role("button", name=name).click()
        tab.locator("summary:visible").first.click()
        found = axe.Axe().run(tab).response["violations"]
        assert [(one["id"], [node["html"][:120] for node in one["nodes"]][:3]) for one in found] == []


def test_without_script_every_household_is_still_listed(browser: Browser, file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(file.as_uri())
    assert tab.locator("#table tbody tr").count() == 122
    assert tab.locator("#controls").is_hidden()
    assert "此浏览器不运行脚本" in tab.locator("noscript").inner_text()
    context.close()
