"""One round from application to closing, by the public calls; nothing personal in what may be shown."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import relief
from relief.papers.letters import LetterDetails, in_one, letters, slips
from relief.papers.notice import NoticeDetails
from relief.procedure import approve, look, review
from relief.procedure.noticing import fingerprint_in, give_notice, household_slip
from relief.procedure.paying import close, pay
from relief.public import check_proof
from relief.report import charts, report
from relief.round.verification import verify

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip("docx")

PLANTED = {
    "申请人": "司马青云", "申请人身份证号": "440703198001010016", "联系电话": "13900001234",
    "地址": "示例路77号", "开户银行": "示例银行分行", "银行卡号": "6222020000000000109",
}  # fmt: skip
CHILD, DIAGNOSIS, HOSPITAL = "司马小朵", "先天性示例病", "示例第三医院"
SECRETS = [*PLANTED.values(), CHILD, DIAGNOSIS, HOSPITAL, "440703201501010012"]
MINUTES = {"纪要.txt": b"x"}
HOUSEHOLDS = pd.DataFrame(
    {
        "户编号": ["H1", "H2"], "区县": ["蓬江区"] * 2, "所属工会": ["示例工会"] * 2, "共同生活人口": [2, 1],
        "工会会员": ["是", "否"], "入户调查日期": ["2021-05-01"] * 2, "评议结果": ["通过"] * 2,
        "公示工作日数": [8] * 2, "公示有无异议": ["否"] * 2, "住房套数": [1] * 2, "机动车数": [0] * 2,
        "家庭年度总收入": [6000] * 2, "刚性支出": [0] * 2, "户籍": ["城镇"] * 2,
        "收款户名": ["司马青云", "李四"],
        **{name: [value, ""] for name, value in PLANTED.items()},
    }
)  # fmt: skip
MEMBERS = pd.DataFrame(
    {
        "户编号": ["H1", "H1"], "成员编号": ["1", "2"], "姓名": [PLANTED["申请人"], CHILD],
        "关系": ["本人", "子女"],
        "身份证号": [PLANTED["申请人身份证号"], "440703201501010012"], "疾病名称": ["", DIAGNOSIS],
    }
)  # fmt: skip
PAPERS = pd.DataFrame(
    {
        "户编号": ["H1"] * 3, "成员编号": ["2"] * 3, "材料类型": ["住院记录", "疾病证明书", "医疗收据"],
        "医院": [HOSPITAL] * 3, "开具日期": ["2021-03-01"] * 3, "票据号码": ["", "", "R1"],
        "个人自付": ["", "", "5000"], "疾病名称": [DIAGNOSIS] * 3,
    }
)  # fmt: skip


def texts(name: str, data: bytes) -> Iterator[str]:
    """Yield what is in a file, each part of a zip and the text of a PDF."""
    if name.endswith(".pdf"):
        pypdf = pytest.importorskip("pypdf")
        reader = pypdf.PdfReader(io.BytesIO(data))
        yield "".join(page.extract_text() for page in reader.pages)
        yield str(reader.metadata)
    elif data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            for part in file.namelist():
                yield part + file.read(part).decode("utf-8", "replace")
    yield data.decode("utf-8", "replace")


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("life") / "round"
    tables = {"households": HOUSEHOLDS, "members": MEMBERS, "documents": PAPERS}
    round_ = relief.run(tables, "jiangmen-2021", 1000_00, on="2021-09-30")
    assert list(round_.allocation.awards_fen.index) == ["H1"]  # type: ignore[union-attr]
    round_.save(folder)
    review(folder, on="2021-10-08", by="基层工会", papers=MINUTES)
    details = NoticeDetails("示例总工会", "0750-1234567", "2021-10-11")
    give_notice(folder, details, by="权益部", forms=["docx", "html"])
    approve(folder, on="2021-10-21", by="党组会议", papers=MINUTES)
    pay(folder, "generic", on="2021-10-22", by="财务")
    close(folder, on="2021-10-29", by="办公室")
    return folder


def test_the_whole_life_leaves_a_round_that_verifies(closed: Path) -> None:
    held = look(closed)
    assert [step.name for step in held.steps] == ["reviewed", "noticed", "approved", "paid", "closed"]
    assert int(held.steps[-1].facts["paid_fen"]) == 1000_00
    leaf = check_proof(household_slip(closed, "H1"), fingerprint_in(held))
    assert (leaf.household_id, leaf.award_fen) == ("H1", 1000_00)


def test_nothing_personal_is_in_what_may_be_shown(closed: Path) -> None:
    held = look(closed)
    shown = {path: data for path, data in held.files.items() if path.startswith(("papers/", "steps/"))}
    round_ = verify(closed)
    shown["报告.html"] = report(round_, fingerprint=fingerprint_in(held))
    shown |= charts(round_)
    assert len(shown) >= 14
    assert "司马*" in held.papers("noticed")["公示.html"].decode("utf-8")
    found = [
        (name, secret) for name, data in shown.items() for text in texts(name, data)
        for secret in SECRETS if secret in text or secret.encode("utf-16-le").decode("latin-1") in text
    ]  # fmt: skip
    assert found == []
    # What is kept apart does hold them, so that they would have been found.
    kept = b"".join(data for path, data in held.files.items() if path.startswith("private/"))
    assert PLANTED["银行卡号"].encode() in kept


def test_a_letter_tells_its_household_alone(closed: Path) -> None:
    round_ = verify(closed)
    details = LetterDetails("示例总工会", "0750-1234567", "某路1号", "2021-10-11", "2021-10-25")
    refused, awarded = in_one(letters(round_, details)), in_one(slips(round_, details))
    assert refused is not None
    assert awarded is not None
    assert "司马青云" not in str(refused)
    assert "人民币壹仟元整" in str(awarded)
    assert "司马青云同志" in str(awarded)
