"""Tests of relief.cli.command: exit status, words and silence about persons. Most run in this process."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests import oracles

from relief import console
from relief.cli import command as cli

PERSON = {
    "申请人身份证号": "440703198001010012",
    "联系电话": "13800138000",
    "银行卡号": "6222021234567890123",
    "姓名": "欧阳小明",
    "收款户名": "欧阳大明",
}
GOOD = {
    "家庭编号": "H1",
    "区县": "蓬江区",
    "城乡": "城镇",
    "工会会员": "是",
    "入户日期": "2021-06-01",
    "评议结果": "通过",
    "公示天数": "7",
    "公示异议": "无异议",
    "房产套数": "1",
    "机动车数": "0",
    "有无住院记录": "是",
    "有无疾病证明书": "是",
    "有无医疗收据": "是",
    "个人自付": "1000.00",
    "家庭年收入": "12000",
    "刚性支出": "0",
    "家庭人口": "3",
    "致困原因": "本人大病",
    **PERSON,
}
CHINESE = re.compile(r"[\u4e00-\u9fff]{6,}")
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    """Run a command in this process; return its status and what it said."""

    def calling(*words: object, lang: str = "zh") -> tuple[int, str, str]:
        monkeypatch.setattr(console, "LANG", lang)
        arguments = [*map(str, words), *(["--lang", lang] if lang != "zh" else [])]
        status = cli._status(lambda: cli.app(arguments, standalone_mode=False))
        sys.stdout.flush()
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        return status, out, err

    return calling


def id_number(at: int) -> str:
    """Return a number that adds up (GB 11643), another for each row."""
    return oracles.with_check_digit(f"44070319800101{at:03}")


def sheet(place: Path, *changes: dict[str, str]) -> Path:
    rows = [
        {
            **GOOD,
            "家庭编号": f"H{at}",
            **({"申请人身份证号": id_number(at), "银行卡号": f"62220212345678{at:05}"} if at > 1 else {}),
            **change,
        }
        for at, change in enumerate(changes or ({},), start=1)
    ]
    pd.DataFrame(rows).to_csv(place, index=False)
    return place


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return sheet(tmp_path / "申请.csv", {}, {"区县": "台山市", "个人自付": "500"})


def run(source: Path, out: Path, **options: str) -> list[str]:
    told = {"rules": "jiangmen-2021", "fund": "300", "on": "2021-09-30", "out": str(out), **options}
    return ["run", str(source), *(word for name, value in told.items() for word in (f"--{name}", value))]


def process(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "relief", *map(str, words)],
        capture_output=True, encoding="utf-8", timeout=60, check=False, env={**os.environ, **environment},
    )  # fmt: skip


# --- what comes out ---------------------------------------------------------------------------------


def test_a_clean_round_ends_with_0_and_verifies(call: Call, good: Path, tmp_path: Path) -> None:
    status, out, err = call(*run(good, tmp_path / "round"))
    assert (status, err) == (0, "")
    assert "申请 2 户 = 参与认定 2 户 + 隔离 0 户；其中认定 2 户" in out
    assert "合计" in out
    assert "300.00" in out
    assert f"已写出：{tmp_path / 'round'}" in out
    status, out, _ = call("verify", tmp_path / "round")
    assert status == 0
    assert "逐字节相同" in out


def test_a_fund_above_the_claims_names_the_way_out(call: Call, good: Path, tmp_path: Path) -> None:
    status, _, err = call(*run(good, tmp_path / "round", fund="90000"))
    assert status == 2
    assert "--surplus return" in err
    assert call(*run(good, tmp_path / "round", fund="90000", surplus="return"))[0] == 0


@pytest.mark.parametrize(
    "change",
    [{"工会会员": ""}, {"家庭年收入": "-1"}, {"区县": "天河区"}, {"家庭编号": "H1"}, {"个人自付": "#N/A"}],
)
def test_what_a_person_must_look_at_ends_with_1(call: Call, tmp_path: Path, change: dict[str, str]) -> None:
    source = sheet(tmp_path / "a.csv", {}, {"区县": "台山市"}, {}, change)
    status, out, _ = call(*run(source, tmp_path / "round"))
    assert status == 1
    assert "尚有需要人工处理的事项" in out
    assert call("verify", tmp_path / "round")[0] == 0


def test_nobody_eligible_divides_nothing_and_ends_with_1(call: Call, tmp_path: Path) -> None:
    source = sheet(tmp_path / "a.csv", {"工会会员": "否"})
    status, out, _ = call(*run(source, tmp_path / "round"))
    assert status == 1
    assert "未作分配" in out
    assert (tmp_path / "round" / "awards.csv").read_text("utf-8").splitlines() == [
        "household_id,district,claim_yuan,award_yuan"
    ]
    assert call("verify", tmp_path / "round")[0] == 0


def test_allocate_and_run_give_the_same_awards(call: Call, good: Path, tmp_path: Path) -> None:
    call(*run(good, tmp_path / "run"))
    status, out, _ = call("allocate", good, "--fund", "300", "--out", tmp_path / "split")
    assert status == 0
    assert "参与分配 2 户" in out
    names = [tmp_path / kind / "awards.csv" for kind in ("run", "split")]
    assert names[0].read_bytes() == names[1].read_bytes()
    rows = list(csv.DictReader(io.StringIO(names[0].read_text("utf-8"))))
    assert [row["award_yuan"] for row in rows] == ["200.00", "100.00"]
    assert call("verify", tmp_path / "split")[0] == 0


def test_allocate_takes_districts_as_written(call: Call, tmp_path: Path) -> None:
    source = sheet(tmp_path / "a.csv", {"区县": "天河区"}, {})
    assert call("allocate", source, "--fund", "300", "--out", tmp_path / "a")[0] == 1
    assert call("allocate", source, "--fund", "300", "--out", tmp_path / "b", "--districts", "any")[0] == 0
    assert "天河区" in (tmp_path / "b" / "districts.csv").read_text("utf-8")
    assert call("verify", tmp_path / "b")[0] == 0


def test_json_can_be_read(call: Call, good: Path, tmp_path: Path) -> None:
    status, out, _ = call(*run(good, tmp_path / "round"), "--json")
    told = json.loads(out)
    assert told["status"] == status == 0
    assert told["counts"]["eligible"] == 2
    assert told["awards_yuan"] == told["fund_yuan"] == "300.00"
    assert len(told["districts"]) == 8
    assert json.loads(call("check", good, "--json")[1])["rows"] == {"households": 2}
    assert json.loads(call("verify", tmp_path / "round", "--json")[1])["verified"] is True
    assert "jiangmen-2021" in json.loads(call("rules", "list", "--json")[1])
    assert json.loads(call("rules", "show", "jiangmen-2021", "--json")[1])["claim"]["id"] == "claim"


def test_english_has_no_chinese_sentence(call: Call, tmp_path: Path) -> None:
    source = sheet(tmp_path / "a.csv", {}, {"工会会员": ""}, {"家庭年收入": "-1"}, {"家庭编号": ""})
    status, out, _ = call(*run(source, tmp_path / "round"), lang="en")
    assert status == 1
    assert "Households in 4 = judged 2 + quarantined 2; judged: 1 eligible, 0 ineligible, 1 pending." in out
    assert CHINESE.findall(re.sub(r"“[^”]*”|'[^']*'", "", out)) == []
    checked = call("check", source, lang="en")[1]
    assert CHINESE.findall(re.sub(r"'[^']*'", "", checked)) == []
    assert "Written" not in call(*run(source, tmp_path / "zh"))[1]


def test_check_lists_every_finding(call: Call, tmp_path: Path) -> None:
    source = sheet(tmp_path / "a.csv", {}, {"家庭年收入": "-1", "入户日期": "2021-13-01"}, {"家庭编号": "H1"})
    status, out, _ = call("check", source)
    assert status == 1
    assert out.count("［问题］") == 4
    assert call("check", sheet(tmp_path / "b.csv"))[0] == 0


def test_packs_can_be_listed_and_shown(call: Call) -> None:
    assert "jiangmen-2021  江门市" in call("rules", "list")[1]
    status, out, _ = call("rules", "show", "jiangmen-2021")
    assert status == 0
    assert "subsistence_standard" in out
    assert "条件（须全部符合）" in out
    assert "rules, all of which must hold" in call("rules", "show", "jiangmen-2021", lang="en")[1]


# --- wrong calls ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fund", "message"),
    [
        ("-5", "为负数"),
        ("abc", "不是"),
        ("", ""),
        ("0.001", "分"),
        ("nan", ""),
        ("1e400", ""),
        ("99999999999999999999999999", "合计"),
        ("1500.01", "合计"),
    ],
)
def test_a_fund_that_cannot_be_is_refused(
    call: Call, good: Path, tmp_path: Path, fund: str, message: str
) -> None:
    for words in (
        [*run(good, tmp_path / "round", fund=fund)],
        ["allocate", good, "--fund", fund, "--out", tmp_path / "round"],
    ):
        status, out, err = call(*words)
        assert (status, out) == (2, "")
        assert err.startswith("错误：")
        assert message in err
    assert not (tmp_path / "round").exists()


@pytest.mark.parametrize(
    ("fund", "total"),
    [
        ("0", "0.00"),
        ("0.01", "0.01"),
        ("0.1万", "1000.00"),
        ("1500", "1500.00"),
        ("１，２３４.５元", "1234.50"),
    ],
)
def test_funds_as_people_write_them(call: Call, good: Path, tmp_path: Path, fund: str, total: str) -> None:
    status, out, err = call(*run(good, tmp_path / "round", fund=fund), "--json")
    assert (status, err) == (0, "")
    assert json.loads(out)["awards_yuan"] == total


def test_a_fund_is_checked_even_where_nobody_is_eligible(call: Call, tmp_path: Path) -> None:
    source = sheet(tmp_path / "a.csv", {"工会会员": "否"})
    assert call(*run(source, tmp_path / "round", fund="-5"))[0] == 2
    assert not (tmp_path / "round").exists()


@pytest.mark.parametrize("day", ["2021/9/30", "2021-02-30", "yesterday", "30.9.2021"])
def test_what_is_no_day_is_refused(call: Call, good: Path, tmp_path: Path, day: str) -> None:
    status, _, err = call(*run(good, tmp_path / "round", on=day))
    assert status == 2
    assert f"“{day}”不是日期" in err


def test_a_date_without_parameters_is_refused(call: Call, good: Path, tmp_path: Path) -> None:
    status, _, err = call(*run(good, tmp_path / "round", on="2019-09-30"), lang="en")
    assert status == 2
    assert "has no value for 2019-09-30" in err


def test_units(call: Call, good: Path, tmp_path: Path) -> None:
    status, out, _ = call(*run(good, tmp_path / "a", unit="100"), "--json")
    assert status == 0
    assert {row["award_yuan"] for row in json.loads(out)["districts"]} == {"200.00", "100.00", "0.00"}
    for unit in ("7", "0", "-1", "x"):
        assert call(*run(good, tmp_path / "b", unit=unit))[0] == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["rnu"], "rnu"),
        (["rules", "lits"], "lits"),
        (["run", "a.csv"], "--"),
        (["run"], "--rules"),
        (["check"], "--from"),
        (["verify"], "--proof"),
        (["verify", "nothing"], "没有 record.json"),
        (["run", "a.csv", "--colour"], "--colour"),
        (["check", "nothing.xlsx"], "nothing.xlsx"),
        (["rules", "show", "jiangmen"], "jiangmen-2021"),
        (["rules", "list", "--lang", "fr"], "fr"),
        (["verify", "a", "b"], "b"),
    ],
)
def test_a_wrong_call_is_told_in_one_line(call: Call, words: list[str], message: str) -> None:
    status, out, err = call(*words)
    assert (status, out) == (2, "")
    assert err.startswith("错误：")
    assert message in err
    assert len(err.strip().splitlines()) == 1


def test_files_that_cannot_be_read(call: Call, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"\x00\x01\x02" * 50)
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    (tmp_path / "other.csv").write_text("星座,血型\n狮子,O\n", encoding="utf-8")
    for name in ("a.xlsx", "empty.csv", "folder", "other.csv", "lacking.csv"):
        status, out, err = call(*run(tmp_path / name, tmp_path / "round"))
        assert (status, out) == (2, ""), name
        assert err.startswith("错误：")
    assert not (tmp_path / "round").exists()


def test_an_existing_folder_is_refused_before_any_work(call: Call, good: Path, tmp_path: Path) -> None:
    out = tmp_path / "round"
    assert call(*run(good, out))[0] == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    status, _, err = call(*run(tmp_path / "lacking.csv", out))
    assert status == 2
    assert "--overwrite" in err
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    assert call(*run(good, out, fund="150"), "--overwrite")[0] == 0
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "letter.txt").write_text("x")
    assert call(*run(good, tmp_path / "own"), "--overwrite")[0] == 2
    assert [path.name for path in (tmp_path / "own").iterdir()] == ["letter.txt"]


def test_a_changed_round_ends_with_2_and_names_the_file(call: Call, good: Path, tmp_path: Path) -> None:
    call(*run(good, tmp_path / "round"))
    (tmp_path / "round" / "districts.csv").write_bytes(b"x")
    status, out, err = call("verify", tmp_path / "round")
    assert (status, out) == (2, "")
    assert "districts.csv 已被改动" in err


@pytest.mark.parametrize("error", [RuntimeError("secret 13800138000"), MemoryError(), KeyboardInterrupt()])
def test_the_unforeseen_is_never_a_traceback(
    call: Call, good: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr("relief.intake.tables.parse", fail)
    status, out, err = call("check", good)
    assert status == (130 if isinstance(error, KeyboardInterrupt) else 2)
    assert out == ""
    assert len(err.splitlines()) == 1
    assert "13800138000" not in err


# --- silence about persons --------------------------------------------------------------------------


def test_personal_data_stays_in_the_inputs(call: Call, tmp_path: Path) -> None:
    spoilt = "4.40703198001010013E+17"
    broken = {
        "申请人身份证号": spoilt,
        "家庭人口": "三",
        "银行卡号": "6222 0212 3456 7890 123",
    }
    source = sheet(
        tmp_path / "a.csv",
        {},
        {"工会会员": ""},
        broken,
        {"家庭编号": "H1"},
        {"家庭年收入": PERSON["银行卡号"]},
    )
    said = ""
    for lang in ("zh", "en"):
        for more in ([], ["--json"]):
            status, out, err = call(*run(source, tmp_path / "round"), "--overwrite", *more, lang=lang)
            assert status == 1
            said += out + err
        said += "".join(call("check", source, lang=lang)[1:])
    files = {
        path.relative_to(tmp_path / "round"): path
        for path in (tmp_path / "round").rglob("*")
        if path.is_file()
    }
    written = "".join(path.read_text("utf-8") for name, path in files.items() if name.parts[0] != "inputs")
    for secret in [*PERSON.values(), spoilt, "6222 0212 3456 7890 123"]:
        assert secret not in said
        assert secret not in written
    assert PERSON["姓名"] in (tmp_path / "round" / "inputs" / "a.csv").read_text("utf-8")


# --- as a process of its own ------------------------------------------------------------------------


def test_help_needs_no_pandas() -> None:
    code = (
        "import sys; sys.argv = ['relief', '--help']\n"
        "from relief.cli import command as cli\n"
        "try: cli.main()\n"
        "except SystemExit as end: print(end.code, {'pandas', 'numpy'} & {*sys.modules}, file=sys.stderr)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", timeout=60, check=True
    )
    assert ended.stderr == "0 set()\n"
    assert "allocate" in ended.stdout


def test_languages_of_the_help() -> None:
    assert "帮扶资金" in process("--help").stdout
    assert "Relief funds" in process("--lang", "en", "--help").stdout
    assert "Relief funds" in process("--help", RELIEF_LANG="en").stdout


def test_the_process_says_and_ends_as_told(good: Path, tmp_path: Path) -> None:
    """Even where the system knows no UTF-8, in a folder with a name of its own."""
    out = tmp_path / "结果 😀"
    ended = process(*run(good, out), LC_ALL="C", PYTHONIOENCODING="ascii")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "合计" in ended.stdout
    assert process("verify", out, "--lang=en").returncode == 0
    wrong = process("run", "nothing.csv", "--fund", "1", "--lang", "en")
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("Error: ")
    assert "Traceback" not in wrong.stderr


def test_where_names_cannot_be_written_nothing_is(good: Path, tmp_path: Path) -> None:
    ended = process(*run(good, tmp_path / "round"), LC_ALL="C", PYTHONUTF8="0")
    assert ended.returncode == 2
    assert "无法写入" in ended.stderr
    assert list(tmp_path.iterdir()) == [good]


def test_a_file_name_from_an_old_system(good: Path, tmp_path: Path) -> None:
    old = os.fsencode(tmp_path) + "/申请.csv".encode("gb18030")
    try:
        good.rename(os.fsdecode(old))
    except OSError:
        pytest.skip("this system takes only names of text")
    assert process(*run(Path(os.fsdecode(old)), tmp_path / "round")).returncode == 0
    assert process("verify", tmp_path / "round").returncode == 0
    assert [path.name for path in (tmp_path / "round" / "inputs").iterdir()] == ["%xc9%xea%xc7%xeb.csv"]


def test_a_reader_that_has_seen_enough() -> None:
    words = [sys.executable, "-m", "relief", "rules", "show", "jiangmen-2021", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.read(1)
        running.stdout.close()
        assert running.stderr.read() == b""


def test_the_version_needs_no_command_but_all_else_does(call: Call) -> None:
    status, out, _ = call("--version")
    assert (status, out.split()[0]) == (0, "relief")
    status, _, err = call(lang="en")
    assert (status, "there is no command" in err) == (2, True)
