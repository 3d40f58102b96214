"""The notice, its record, slips and signatures from a round's folder, and the commands that make them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from typer.testing import CliRunner

from relief.cli.command import app
from relief.errors import ReliefError, StepError
from relief.papers.notice import NoticeDetails
from relief.procedure import object_to, review, settle
from relief.procedure.correcting import correct
from relief.procedure.noticing import give_notice, household_slip, published_text, sign_round, slips_of
from relief.public import check_proof, fingerprint_of, make_key, public_part, verify_signature
from relief.round.folder import read_folder
from relief.round.pipeline import split
from relief.round.verification import verify
from relief.steps.taking import look

if TYPE_CHECKING:
    from pathlib import Path

ORGANISATION = ("--organisation", "某市总工会", "--phone", "0750-1234567")
ROSTER = pd.DataFrame(
    {
        "户编号": ["a", "b", "c"], "姓名": ["王小明", "欧阳娜", "李四"], "区县": ["蓬江区"] * 3,
        "个人自付": [100, 300, 500], "身份证号": ["440703198001010016"] * 3,
    }
)  # fmt: skip
DETAILS = NoticeDetails("某市总工会", "0750-1234567", "2021-10-11")
SECRET = b"a secret of thirty-two bytes ...."
MINUTES = {"纪要.txt": b"x"}


@pytest.fixture
def reviewed(tmp_path: Path) -> Path:
    split(ROSTER, 300_00).save(tmp_path / "round")
    review(tmp_path / "round", on="2021-10-08", by="基层工会", papers=MINUTES)
    return tmp_path / "round"


def test_the_notice_publishes_what_each_slip_is_held_against(reviewed: Path) -> None:
    held = give_notice(reviewed, DETAILS, by="权益部", forms=["html"], secret=SECRET)
    assert held.state.stage == "noticed"
    assert held.state.notice_ends is not None
    assert held.state.notice_ends.isoformat() == "2021-10-20"
    page = held.papers("noticed")["公示.html"].decode()
    fingerprint = fingerprint_of(published_text(held))
    assert fingerprint in re.sub(r"\s", "", page)
    assert "王小明" not in page
    papers = {"published.json", "verify.html", "公示.html", "secret.key"}
    assert set(held.papers("noticed")) == papers
    for household, slip in slips_of(reviewed).items():
        assert check_proof(slip, fingerprint).household_id == household
    assert slips_of(reviewed, ["b"]) == {"b": household_slip(reviewed, "b")}
    assert (reviewed / "private").stat().st_mode & 0o077 == 0
    verify(reviewed)


def test_the_same_secret_publishes_the_same_bytes(reviewed: Path, tmp_path: Path) -> None:
    split(ROSTER, 300_00).save(tmp_path / "again")
    review(tmp_path / "again", on="2021-10-08", by="基层工会", papers=MINUTES)
    for folder in (reviewed, tmp_path / "again"):
        give_notice(folder, DETAILS, by="权益部", forms=["docx", "html"], secret=SECRET)
    assert read_folder(reviewed) == read_folder(tmp_path / "again")


def test_a_notice_anew_names_one_household_and_bears_the_same_fingerprint(reviewed: Path) -> None:
    give_notice(reviewed, DETAILS, by="权益部", forms=["html"], secret=SECRET)
    object_to(reviewed, "b", on="2021-10-12", by="李", why="收入")
    settle(reviewed, "b", on="2021-10-21", by="复核组", finding="rejected", why="属实")
    again = NoticeDetails("某市总工会", "0750-1234567", "2021-10-22", households=frozenset({"b"}))
    held = give_notice(reviewed, again, by="权益部", forms=["html"])
    page = held.papers("noticed")["重新公示.html"].decode()
    assert "欧阳*" in page
    assert "王*" not in page
    assert held.steps[-1].facts["fingerprint"] == held.steps[1].facts["fingerprint"]
    assert not held.state.to_notice


def test_a_round_that_is_not_reviewed_or_not_noticed_is_refused(reviewed: Path, tmp_path: Path) -> None:
    split(ROSTER, 300_00).save(tmp_path / "draft")
    before = read_folder(tmp_path / "draft")
    with pytest.raises(StepError):
        give_notice(tmp_path / "draft", DETAILS, by="权益部", forms=["html"])
    assert read_folder(tmp_path / "draft") == before
    for call in (
        lambda: household_slip(reviewed, "a"),
        lambda: sign_round(reviewed, make_key("x"), on="2021-10-12", by="x"),
    ):
        with pytest.raises(StepError) as refused:
            call()
        assert refused.value.code == "step.not_published"
    with pytest.raises(StepError) as refused:
        give_notice(reviewed, DETAILS, by="权益部", forms=["odt"])
    assert refused.value.code == "step.no_form"


def test_a_signature_is_kept_and_holds(reviewed: Path) -> None:
    give_notice(reviewed, DETAILS, by="权益部", forms=["html"], secret=SECRET)
    key = make_key("zonggonghui")
    held = sign_round(reviewed, key, on="2021-10-12", by="办公室")
    note = held.papers("signed")["published.note"].decode()
    text, names = verify_signature(note, [public_part(key)])
    assert text == published_text(held)
    assert names == ["zonggonghui"]
    with pytest.raises(ReliefError):
        verify_signature(note, [public_part(make_key("zonggonghui"))])


# --- the commands ----------------------------------------------------------------------------------


def said(*arguments: str) -> str:
    done = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_from_review_to_proof_by_command(tmp_path: Path) -> None:
    split(ROSTER, 300_00).save(tmp_path / "round")
    folder, minutes, secret = str(tmp_path / "round"), tmp_path / "纪要.txt", tmp_path / "secret"
    minutes.write_text("同意", "utf-8")
    secret.write_text(SECRET.hex(), "utf-8")
    said("review", folder, "--on", "2021-10-08", "--by", "基层工会", "--paper", str(minutes))
    state = json.loads(said(
        "notice", folder, *ORGANISATION, "--on", "2021-10-11", "--by", "权益部", "--days", "8",
        "--hide", "members", "--forms", "html", "--secret", str(secret), "--json",
    ))  # fmt: skip
    assert (state["stage"], state["notice_ends"]) == ("noticed", "2021-10-21")
    said("proof", folder, "b", "--out", str(tmp_path / "slip.json"))
    assert said("proof", "b", folder).encode() == (tmp_path / "slip.json").read_bytes()
    fingerprint = fingerprint_of(published_text(look(folder)))
    assert check_proof((tmp_path / "slip.json").read_bytes(), fingerprint).household_id == "b"
    said("key", "zgh", "--out", str(tmp_path / "key"))
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
    said("sign", folder, "--on", "2021-10-12", "--by", "办公室", "--key", str(tmp_path / "key"))
    assert "zgh 的签名有效" in said("verify", folder)
    said("object", folder, "a", "--on", "2021-10-13", "--by", "李", "--why", "收入不实")
    assert "待复核的异议：a" in said("status", folder)
    said("settle", folder, "a", "--on", "2021-10-22", "--by", "组", "--finding", "rejected", "--why", "无据")
    assert "须重新公示：a" in said("status", folder)


def test_letters_by_command(reviewed: Path, tmp_path: Path) -> None:
    give_notice(reviewed, DETAILS, by="权益部", forms=["html"], secret=SECRET)
    out = tmp_path / "letters"
    said(
        "letters", str(reviewed), "--out", str(out), *ORGANISATION, "--on", "2021-10-11", "--address", "某路",
        "--ask-by", "2021-10-25",
    )  # fmt: skip
    found = {path.relative_to(out).as_posix() for path in out.rglob("*.*")}
    assert found == {"告知单.docx", "凭证/a.json", "凭证/b.json", "凭证/c.json"}


def test_a_report_and_a_workbook_by_command(reviewed: Path, tmp_path: Path) -> None:
    said("report", str(reviewed), "--out", str(tmp_path / "报告.html"), "--charts", str(tmp_path / "图"))
    assert "王小明" not in (tmp_path / "报告.html").read_text("utf-8")
    assert list((tmp_path / "图").glob("*.svg"))
    said("audit", str(reviewed), "--out", str(tmp_path / "审计.xlsx"))
    assert (tmp_path / "审计.xlsx").read_bytes()[:2] == b"PK"
    done = CliRunner().invoke(app, ["report", str(reviewed), "--out", str(tmp_path / "报告.html")])
    assert isinstance(done.exception, ReliefError)


LETTERS = (*ORGANISATION, "--on", "2021-10-11", "--address", "某路", "--ask-by", "2021-10-25")


def test_an_id_from_outside_leads_to_no_other_folder(tmp_path: Path) -> None:
    ids = ["../../evil", "a/b", "a:b", ".hidden", "a%2Fb"]
    split(ROSTER.loc[[0] * 5].assign(户编号=ids), 300_00).save(tmp_path / "round")
    review(tmp_path / "round", on="2021-10-08", by="基层工会", papers=MINUTES)
    give_notice(tmp_path / "round", DETAILS, by="权益部", forms=["html"], secret=SECRET)
    out = tmp_path / "in" / "letters"
    said("letters", str(tmp_path / "round"), "--out", str(out), *LETTERS)
    said("letters", str(tmp_path / "round"), "--out", str(out / "one"), "--household", "../../evil", *LETTERS)
    names = {"%2E.%2F..%2Fevil.json", "a%2Fb.json", "a%3Ab.json", "%2Ehidden.json", "a%252Fb.json"}
    assert {path.name for path in (out / "凭证").iterdir()} == names
    assert {path.name for path in tmp_path.iterdir()} == {"round", "in"}
    assert {path.name for path in (tmp_path / "in").iterdir()} == {"letters"}


def test_a_round_that_was_replaced_writes_no_letters(reviewed: Path, tmp_path: Path) -> None:
    split(ROSTER, 200_00).save(tmp_path / "mended")
    correct(reviewed, tmp_path / "mended", on="2021-10-12", by="办公室", why="收据补交")
    done = CliRunner().invoke(app, ["letters", str(reviewed), "--out", str(tmp_path / "out"), *LETTERS])
    assert isinstance(done.exception, ReliefError)
    assert done.exception.code == "letters.superseded"
