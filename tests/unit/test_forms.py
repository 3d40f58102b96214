"""The printed forms ask for what the dictionary holds, and need nothing outside them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

import relief
from relief.cli.command import app
from relief.columns import DICTIONARY
from relief.template import FORMS, form
from relief.template.checks import allowed
from relief.template.form import _layout

if TYPE_CHECKING:
    from pathlib import Path

    from relief.messages import Language

# What only the federation knows, after the application and the visit.
LATER = {
    "visit_signed", "review_passed",
    "noticed_from", "noticed_until", "notice_working_days", "notice_objection",
}  # fmt: skip
# What the ID number says, or an office numbers.
SAID_ELSEWHERE = {"household_id", "member_id", "id_number", "born_on"}


class Page(HTMLParser):
    """Texts and tags of a page; an end tag that fits no start tag is an error."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(data.decode())
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a tag."""
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the tag that is open."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep what is read."""
        if self._open and self._open[-1] != "style":
            self.texts.append(data)

    @property
    def text(self) -> str:
        """Everything that is read, in one."""
        return "".join(self.texts)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_one_page_that_fetches_and_runs_nothing(name: str, lang: Language) -> None:
    data = form(name, lang)
    page = Page(data)
    assert data == form(name, lang)
    assert not {"script", "img", "link", "iframe", "form", "input"} & {tag for tag, _ in page.tags}
    assert not {key for _, attrs in page.tags for key in attrs} & {"src", "href", "action"}
    assert not re.search(rb"https?:|url\(|@import", data)
    assert b"size: A4" in data
    assert dict(page.tags)["html"] == {"lang": "zh-CN" if lang == "zh" else "en"}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_prints_every_column_of_its_parts_with_unit_and_words(name: str) -> None:
    text = Page(form(name)).text
    for part in _layout()[name]:
        for column in part.get("columns", ()):
            described = DICTIONARY[part["table"]][column]
            assert described.title in text
            assert all(word in text for word in allowed(described))
            assert described.dtype != "money" or "元" in text
            assert described.dtype != "date" or "rows" in part or f"{described.title}______ 年" in text
    assert text.count("年 ____ 月 ____ 日") >= 4


def test_every_fact_about_a_household_and_its_members_is_asked_on_one_of_them() -> None:
    asked = {
        (part["table"], column)
        for parts in _layout().values() for part in parts for column in part.get("columns", ())
    }  # fmt: skip
    wanted = {
        (table, name) for table in ("households", "members") for name in DICTIONARY[table]
        if name not in LATER | SAID_ELSEWHERE
    }  # fmt: skip
    assert wanted - asked == set()


def test_the_application_asks_for_consent_and_says_what_happens_with_the_data() -> None:
    text = Page(form("application")).text
    for words in (
        "家庭经济状况核对授权书",
        "监护人代签",
        "不视为“没有”",
        "签名、捺印",
        "公示时不公开身份证号",
        "申请人（签名）",
    ):
        assert words in text
    for matter in allowed(DICTIONARY["registry"]["kind"]):
        assert f"□{matter}" in text


def test_two_investigators_and_the_person_visited_sign_the_visit() -> None:
    text = Page(form("survey")).text
    assert text.count("调查人（签名）") - text.count("被调查人（签名）") == 2
    assert text.count("被调查人（签名）") == 1


def test_in_english_every_label_has_its_name() -> None:
    page = Page(form("application", "en"))
    assert "applicant id number" in page.texts
    assert "申请人身份证号" in page.text
    assert "Authority to check" in page.text


@pytest.mark.parametrize("name", FORMS)
def test_the_command_writes_it(name: str, tmp_path: Path) -> None:
    out = tmp_path / "表.html"
    assert app(["template", "--form", name, "--out", str(out)], standalone_mode=False) == 0
    assert out.read_bytes() == form(name)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--form", "survey", "--out", "表.xlsx"], "cli.ending"),
        (["--out", "表.html"], "cli.ending"),
        (["--form", "letter", "--out", "表.html"], "cli.no_form"),
        (["--form", "survey", "--rules", "huzhou", "--out", "表.html"], "cli.form_rules"),
    ],
)
def test_a_call_that_cannot_be_meant_is_refused(
    options: list[str], code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(relief.ReliefError) as caught:
        app(["template", *options], standalone_mode=False)
    assert caught.value.code == code
    assert list(tmp_path.iterdir()) == []
