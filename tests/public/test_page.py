"""The page for a person without software, in a browser: it says what `check_proof` says, to nobody else."""

from __future__ import annotations

import hashlib
import json
import random
import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.public.rounds import SECRET, divided, judged, published

from relief.errors import PublicError
from relief.messages import catalogue
from relief.public import check_proof, fingerprint_of, grouped, proof, publish, verify_html
from relief.public.merkle import leaf_hash
from relief.round.record import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

CHROMIUM = Path("/usr/bin/chromium")
FINGERPRINT = published().fingerprint
SLIP = proof(published(), "H1")
SAID = catalogue()


def expects() -> Any:
    """Return what waits for a page without a script of its own: the policy of ours forbids those."""
    return pytest.importorskip("playwright.sync_api").expect


def test_the_page_is_one_file_that_allows_nothing_from_outside() -> None:
    page = verify_html().decode("utf-8")
    assert "default-src 'none'" in page
    assert not re.search(r"https?:|//[a-z]|url\(|@import|<link|<img|<iframe|unsafe", page.replace("// ", ""))
    assert "{{" not in page
    assert page.count("<script>") == page.count("<style>") == 1
    assert verify_html() == page.encode("utf-8")


def test_the_page_s_script_says_every_sentence_that_there_is_for_it() -> None:
    source = Path(__file__).parents[2] / "src" / "relief" / "public"
    page, script = ((source / name).read_text("utf-8") for name in ("page.html", "page.js"))
    shown = set(re.findall(r"\{\{(?:plain:)?([a-z]+)\}\}", page)) | set(re.findall(r'\["(\w+)", ', script))
    shown |= set(re.findall(r'"slip\.page\.(\w+)"', script))
    assert {code.removeprefix("slip.page.") for code in SAID if code.startswith("slip.page.")} <= shown
    refused = set(re.findall(r'"(slip\.[a-z_]+)"', script))
    assert refused == {code for code in SAID if code.startswith("slip.") and code.count(".") == 1}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, list[str]]]:
    """Open the page from the disk, and note every request that it makes."""
    api = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists():
        pytest.skip("no Chromium here")
    file = tmp_path_factory.mktemp("page") / "verify.html"
    file.write_bytes(verify_html())
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        page = browser.new_page()
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        page.goto(file.as_uri())
        yield page, requests
        assert requests == [file.as_uri()]
        browser.close()


pytestmark = pytest.mark.xdist_group("public")


def asked(page: Any, slip: str, fingerprint: str) -> tuple[str, str]:
    """Fill in and check; return what kind of answer there is, and its text."""
    page.fill("#slip", slip)
    page.fill("#fingerprint", fingerprint)
    page.click("button")
    return page.get_attribute("#answer", "class"), page.inner_text("#answer")


def code_of(page: Any, slip: str, fingerprint: str = FINGERPRINT) -> str:
    """Return by which code the script itself refuses a slip; empty if it does not."""
    script = "([slip, typed]) => { try { check(slip, typed); return ''; } catch (e) { return e.message; } }"
    answer: str = page.evaluate(script, [slip, fingerprint])
    return answer


def test_a_right_slip_is_told_with_its_amounts_in_both_languages(opened: tuple[Any, list[str]]) -> None:
    page, _ = opened
    kind, text = asked(page, SLIP.decode(), f" {grouped(FINGERPRINT).upper()} ")
    assert kind == "right"
    for shown in (
        "核对无误",
        "Right",
        "H1",
        "276.23",
        "1,234.50",
        "蓬江区",
        "认定 eligible",
        "500.00",
        "2021-09-30",
    ):
        assert shown in text
    for household in published().leaves:
        kind, text = asked(page, proof(published(), household).decode(), FINGERPRINT)
        assert (kind, household in text) == ("right", True)
    told = publish(divided(), SECRET)
    assert asked(page, proof(told, "=H6").decode(), told.fingerprint)[0] == "right"


def test_a_file_may_be_chosen_or_dropped(opened: tuple[Any, list[str]], tmp_path: Path) -> None:
    page, _ = opened
    file = tmp_path / "slip.json"
    file.write_bytes(SLIP)
    page.fill("#slip", "")
    page.set_input_files("#file", str(file))
    expects()(page.locator("#slip")).not_to_have_value("")
    page.fill("#fingerprint", FINGERPRINT)
    page.keyboard.press("Enter")
    assert page.get_attribute("#answer", "class") == "right"
    page.fill("#slip", "")
    page.evaluate(
        """text => {
          const data = new DataTransfer();
          data.items.add(new File([text], "slip.json"));
          const how = { dataTransfer: data, bubbles: true, cancelable: true };
          document.body.dispatchEvent(new DragEvent("drop", how));
        }""",
        SLIP.decode(),
    )
    expects()(page.locator("#slip")).not_to_have_value("")
    page.click("button")
    assert page.get_attribute("#answer", "class") == "right"


def mutants() -> Iterator[bytes]:
    """Yield slips with each field, each hash of the path and each figure changed, and parts of slips."""
    for told in (*bent_fields(), *bent_paths(), *bent_figures()):
        if canonical(told) != SLIP:
            yield canonical(told)
    yield from (SLIP[:cut] for cut in range(0, len(SLIP), 211))
    yield from (b"null", b"[]", b"{}", b"x", SLIP.replace(b'"index"', b'"index": "0", "index"'))
    yield from (SLIP.replace(b"H1", b"\\u0048\\u0031"), SLIP + SLIP)


def bent_fields() -> Iterator[dict[str, Any]]:
    slip, older = json.loads(SLIP), json.loads(proof(publish(judged("2021-09-29"), SECRET), "H1"))
    other = json.loads(proof(published(), "H2"))
    for name, value in slip.items():
        bent = [value + "1", value[:-1], value[::-1]] if isinstance(value, str) else []
        yield from ({**slip, name: x} for x in (*bent, "", None, 1, [], {}, other[name], older[name]))
        yield {key: kept for key, kept in slip.items() if key != name}
    yield {**slip, "more": ""}
    yield {**older, "published": published().text}


def bent_paths() -> Iterator[dict[str, Any]]:
    slip = json.loads(SLIP)
    path = slip["path"]
    for at, step in enumerate(path):
        for bent in (step[:-1] + "fe"[step[-1] == "f"], step[::-1], step.upper(), "", 1, slip["leaf_hash"]):
            yield {**slip, "path": [*path[:at], bent, *path[at + 1 :]]}
        yield {**slip, "path": path[:at] + path[at + 1 :]}
    yield {**slip, "path": [*path, "0" * 64]}
    for index in ("0", "1", "2", "3", "4", "5", "6", "7", "01", "+1", "1e0", "-1", "4294967296"):
        yield {**slip, "index": index}


def bent_figures() -> Iterator[dict[str, Any]]:
    slip = json.loads(SLIP)
    for key, value in json.loads(slip["leaf"]).items():
        bent = value + "1" if isinstance(value, str) else [*value, "x"]
        text = canonical({**json.loads(slip["leaf"]), key: bent}).decode()
        yield {**slip, "leaf": text}
        yield {**slip, "leaf": text, "leaf_hash": leaf_hash(text.encode()).hex()}
    for key, value in json.loads(published().text).items():
        bent = value + "1" if isinstance(value, str) else []
        yield {**slip, "published": canonical({**json.loads(published().text), key: bent}).decode()}


def test_every_mutated_slip_is_refused_for_the_same_reason_as_by_relief(
    opened: tuple[Any, list[str]],
) -> None:
    page, _ = opened
    seen = set()
    bent = list(mutants())
    for slip in bent:
        with pytest.raises(PublicError) as caught:
            check_proof(slip, FINGERPRINT)
        seen.add(caught.value.code)
        assert code_of(page, slip.decode()) == caught.value.code, slip
    assert len(bent) > 150
    assert seen == {
        f"slip.{name}" for name in ("malformed", "fingerprint", "leaf", "other_round", "index", "path")
    }


def test_texts_of_another_kind_are_refused_even_where_their_hashes_fit(opened: tuple[Any, list[str]]) -> None:
    page, _ = opened
    slip = json.loads(SLIP)
    figures = json.loads(slip["leaf"])
    texts = ["", "{}", "null", slip["leaf"] + " ", json.dumps(figures)]
    bent = {
        "category": 1,
        "failed_rules": "x",
        "unknown_rules": [1],
        "award_fen": "-1",
        "claim_fen": "x",
        "z": "",
    }
    texts += [canonical({**figures, key: value}).decode() for key, value in bent.items()]
    for text in texts:
        data = canonical({**slip, "leaf": text, "leaf_hash": leaf_hash(text.encode()).hex()})
        with pytest.raises(PublicError) as caught:
            check_proof(data, FINGERPRINT)
        assert code_of(page, data.decode()) == caught.value.code == "slip.malformed"
    for text in ("{}\n", "no", "[]", published().text.replace("relief-published/1", "relief-published/2")):
        data = canonical({**slip, "published": text}).decode()
        assert code_of(page, data, fingerprint_of(text)) == "slip.malformed"
    assert code_of(page, SLIP.decode() + " " * 2**20) == "slip.malformed"


def test_another_fingerprint_is_refused(opened: tuple[Any, list[str]]) -> None:
    page, _ = opened
    for at in range(0, 64, 7):
        typed = FINGERPRINT[:at] + "0f"[FINGERPRINT[at] == "0"] + FINGERPRINT[at + 1 :]
        assert code_of(page, SLIP.decode(), typed) == "slip.fingerprint"
    for typed in ("", FINGERPRINT[:-1], FINGERPRINT + "0", "g" * 64, published().text):
        assert code_of(page, SLIP.decode(), typed) == "public.no_fingerprint"
    kind, text = asked(page, SLIP.decode(), publish(divided(), SECRET).fingerprint)
    assert kind == "wrong"
    assert SAID["slip.fingerprint"]["zh"] in text
    assert SAID["slip.fingerprint"]["en"] in text
    assert "276.23" not in text
    assert "指纹由 64 位" in asked(page, SLIP.decode(), "abc")[1]


def test_spaces_around_and_between_do_not_hurt_what_is_pasted(opened: tuple[Any, list[str]]) -> None:
    page, _ = opened
    for slip in (
        "\ufeff" + SLIP.decode() + "\n\n",
        SLIP.decode().replace("\n", "\r\n"),
        json.dumps(json.loads(SLIP), ensure_ascii=False),
    ):
        assert code_of(page, slip) == ""


def test_the_page_s_own_sha_256_is_sha_256(opened: tuple[Any, list[str]]) -> None:
    page, _ = opened
    lot = random.Random(7)  # noqa: S311
    inputs = [lot.randbytes(size) for size in [*range(130), 1000, 4096, 65537]]
    inputs += [bytes([byte]) * 64 for byte in (0, 1, 127, 128, 255)]
    found = page.evaluate(
        "inputs => inputs.map(text => toHex(sha256(Uint8Array.from(text, letter => letter.charCodeAt(0)))))",
        [data.decode("latin-1") for data in inputs],
    )
    assert found == [hashlib.sha256(data).hexdigest() for data in inputs]


def test_what_a_slip_says_is_shown_as_text(opened: tuple[Any, list[str]]) -> None:
    """A round's own fields may hold anything; none of it becomes part of the page."""
    page, _ = opened
    leaf = dict.fromkeys(("district", "outcome", "claim_fen", "quota_fen"), "") | {"award_fen": "1"}
    leaf |= {"household_id": "<img src=x onerror=window.hit=1>", "category": "</dd><script>{digits}"}
    told = {"fund_fen": "5", "on": "", "pack": {"name": "<b>"}}
    found = {
        "fingerprint": "ab" * 32, "published": told, "leaf": leaf | {"failed_rules": [], "unknown_rules": []},
    }  # fmt: skip
    page.evaluate("found => { window.kept = check; check = () => found; }", found)
    _, text = asked(page, "", "")
    page.evaluate("() => { check = window.kept; }")
    assert "<img src=x onerror=window.hit=1>" in text
    assert "0.01" in text
    assert page.evaluate("window.hit") is None
    assert page.locator("#answer img, #answer script, #answer b").count() == 0


def test_axe_finds_no_violation_in_light_and_dark(opened: tuple[Any, list[str]]) -> None:
    page, _ = opened
    axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright")
    axe = axe_playwright.Axe()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for slip in (SLIP.decode(), "no slip"):
            asked(page, slip, FINGERPRINT)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = axe.run(page)
            assert found.violations_count == 0, found.generate_report()


def test_it_fits_a_narrow_screen(opened: tuple[Any, list[str]]) -> None:
    page, _ = opened
    page.set_viewport_size({"width": 320, "height": 640})
    asked(page, SLIP.decode(), FINGERPRINT)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
