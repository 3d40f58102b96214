"""A round's folder: the same bytes every time, whole or not at all, and no byte changed unseen."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from relief.errors import RoundError
from relief.round import folder as folders
from relief.round import record
from relief.round.pipeline import Round, run, split
from relief.round.verification import verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ON = "2021-09-30"
FUND = 50_000
HOUSEHOLD = {
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
    "个人自付": "1234.50",
    "家庭年收入": "12000",
    "刚性支出": "0",
    "家庭人口": "3",
    "致困原因": "本人大病",
    "姓名": "陈小明",
}
ROWS = [
    HOUSEHOLD,
    HOUSEHOLD | {"家庭编号": "H2", "区县": "台山市", "个人自付": "0.07"},
    HOUSEHOLD | {"家庭编号": "H3", "工会会员": "否"},
    HOUSEHOLD | {"家庭编号": "H4", "工会会员": ""},
    HOUSEHOLD | {"家庭编号": "H5", "个人自付": "-3"},
    HOUSEHOLD | {"家庭编号": "H6", "区县": "恩平市", "个人自付": "999.99", "姓名": "=1+1"},
]
PAPERS = [
    {"家庭编号": "H1", "类型": "医疗收据", "票据日期": "2021-03-01", "自付": "800.10"},
    {"家庭编号": "H1", "类型": "医疗收据", "票据日期": "2021-04-01", "自付": "434.40"},
    {"家庭编号": "H6", "类型": "住院记录", "票据日期": "2021-04-01", "自付": ""},
]


def write_input(
    place: Path, rows: list[dict[str, str]] = ROWS, papers: list[dict[str, str]] = PAPERS
) -> Path:
    place.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).to_csv(place / "家庭.csv", index=False)
    pd.DataFrame(papers).to_csv(place / "材料.csv", index=False)
    return place


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Round]:
    source = write_input(tmp_path_factory.mktemp("in") / "tables")
    return {
        "round": run(source, "jiangmen-2021", FUND, on=ON),
        "split": split(source / "家庭.csv", FUND),
        "frames": run({"households": pd.DataFrame(ROWS)}, "jiangmen-2021", FUND, on=ON),
    }


@pytest.fixture
def saved(rounds: dict[str, Round], tmp_path: Path) -> Path:
    return rounds["round"].save(tmp_path / "round")


def content(place: Path) -> dict[str, bytes]:
    return {
        path.relative_to(place).as_posix(): path.read_bytes() for path in place.rglob("*") if path.is_file()
    }


# --- the same bytes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["round", "split", "frames"])
def test_a_round_as_written_verifies(kind: str, rounds: dict[str, Round], tmp_path: Path) -> None:
    place = rounds[kind].save(tmp_path / kind)
    again = verify(place)
    assert content(place) == again.files() == rounds[kind].files()
    assert {"awards.csv", "districts.csv", "quarantine.csv", "faults.csv", "record.json", "说明.txt"} <= set(
        content(place)
    )


def test_the_round_itself(rounds: dict[str, Round]) -> None:
    round_ = rounds["round"]
    assert round_.decisions["outcome"].to_dict() == {
        "H1": "eligible", "H2": "eligible", "H3": "ineligible", "H4": "pending", "H6": "eligible",
    }  # fmt: skip
    assert round_.allocation is not None
    assert round_.allocation.awards_fen.to_dict() == {"H1": 27623, "H2": 2, "H6": 22375}
    assert round_.counts == {
        "households_in": 6, "quarantined": 1, "judged": 5,
        "eligible": 3, "ineligible": 1, "pending": 1, "awarded": 3,
    }  # fmt: skip
    assert round_.needs_a_person
    assert round_.explain("H1").count("\n") > 10
    assert "H3" in round_.explain("H3")


def test_the_order_of_rows_changes_no_byte_of_the_results(rounds: dict[str, Round], tmp_path: Path) -> None:
    shuffled = random.Random(3)  # noqa: S311
    for at in range(3):
        rows, papers = ROWS.copy(), PAPERS.copy()
        shuffled.shuffle(rows)
        shuffled.shuffle(papers)
        mixed = run(write_input(tmp_path / str(at), rows, papers), "jiangmen-2021", FUND, on=ON)
        for name in ("awards.csv", "decisions.csv", "districts.csv", "reasons.csv", "missing.csv"):
            assert mixed.tables_out[name] == rounds["round"].tables_out[name], name


def test_neither_clock_nor_language_nor_hash_seed_changes_a_byte(
    rounds: dict[str, Round], tmp_path: Path
) -> None:
    source = write_input(tmp_path / "tables")
    code = (
        "import sys, relief; "
        + f"relief.run(sys.argv[1], 'jiangmen-2021', {FUND}, on='{ON}').save(sys.argv[2])"
    )
    odd = [
        {"TZ": "America/St_Johns", "LANG": "C", "LC_ALL": "C", "PYTHONHASHSEED": "1"},
        {"TZ": "Pacific/Kiritimati", "LANG": "tr_TR.UTF-8", "PYTHONHASHSEED": "2", "PYTHONUTF8": "0"},
    ]
    running = [
        subprocess.Popen([sys.executable, "-c", code, source, tmp_path / str(at)], env={**os.environ, **env})
        for at, env in enumerate(odd)
    ]
    assert [process.wait(60) for process in running] == [0, 0]
    assert content(tmp_path / "0") == content(tmp_path / "1") == rounds["round"].files()


# --- no byte changed unseen -------------------------------------------------------------------------


def refused(place: Path) -> str:
    with pytest.raises(RoundError) as caught:
        verify(place)
    return str(caught.value)


def test_one_byte_changed_anywhere_is_found_and_the_file_named(saved: Path) -> None:
    for name, data in content(saved).items():
        for at in {0, 1, len(data) // 3, len(data) // 2, len(data) - 2, len(data) - 1} & set(
            range(len(data))
        ):
            (saved / name).write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
            assert name in refused(saved), (name, at)
        (saved / name).write_bytes(data)
    verify(saved)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2],
        lambda _data: b"",
        lambda data: data + b"\n",
        lambda data: data + b"\0",
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"\n", b"\r\n"),
    ],
)
def test_every_file_shortened_or_lengthened_is_found(saved: Path, damage: Callable[[bytes], bytes]) -> None:
    for name, data in content(saved).items():
        (saved / name).write_bytes(damage(data))
        if damage(data) != data:
            assert name in refused(saved)
        (saved / name).write_bytes(data)


def test_every_file_removed_is_found(saved: Path) -> None:
    for name, data in content(saved).items():
        (saved / name).unlink()
        said = refused(saved)
        # Where it was alone, an empty folder is left and told.
        assert name in said or f"{name.rpartition('/')[0]}/ " in said
        assert any(cure in said for cure in ("Put it back", "Move it elsewhere", "Name the folder"))
        (saved / name).write_bytes(data)
    verify(saved)


def test_what_was_added_is_found(saved: Path) -> None:
    for name in (
        "extra.csv",
        ".hidden",
        "inputs/extra.csv",
        "pack/other/pack.yaml",
        "new/inside.txt",
        "awards.csv.bak",
    ):
        path = saved / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
        assert name in refused(saved)
        path.unlink()
        if not any(path.parent.iterdir()):
            path.parent.rmdir()
    (saved / "empty").mkdir()
    assert refused(saved).startswith("empty/ does not belong to the round: it was added. Move it elsewhere")
    (saved / "empty").rmdir()
    (saved / "link").symlink_to("awards.csv")
    assert "link does not belong" in refused(saved)
    (saved / "link").unlink()
    verify(saved)


def test_a_file_replaced_by_a_link_to_the_same_bytes_is_found(saved: Path, tmp_path: Path) -> None:
    shutil.copy(saved / "awards.csv", tmp_path / "awards.csv")
    (saved / "awards.csv").unlink()
    (saved / "awards.csv").symlink_to(tmp_path / "awards.csv")
    assert "awards.csv" in refused(saved)


def test_two_files_swapped_are_found(saved: Path) -> None:
    one, two = saved / "awards.csv", saved / "decisions.csv"
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    told = "awards.csv was changed: its content does not have the recorded hash. Take it from"
    assert told in refused(saved)


@pytest.mark.parametrize("as_text", [json.dumps, lambda told: json.dumps(told, indent=4, sort_keys=True)])
def test_a_record_written_another_way_is_refused(saved: Path, as_text: Callable[[Any], str]) -> None:
    path = saved / "record.json"
    path.write_text(as_text(json.loads(path.read_bytes())), "utf-8")
    assert "record.json was changed" in refused(saved)


def resealed(place: Path, change: Callable[[dict[str, Any]], None]) -> str:
    path = place / "record.json"
    told = json.loads(path.read_bytes())
    change(told)
    path.write_bytes(record.sealed(told))
    return refused(place)


def rehash(place: Path, name: str, data: bytes) -> Callable[[dict[str, Any]], None]:
    (place / name).write_bytes(data)
    return lambda told: told["outputs"].update({name: record.digest(data)})


def test_a_record_sealed_anew_with_another_fund_gives_other_awards(saved: Path) -> None:
    message = resealed(saved, lambda told: told["call"].update(fund_fen="50001"))
    assert message.startswith("awards.csv, line 4: computed again it is 'H6,恩平市,999.99,223.76'")


def test_an_award_changed_with_its_hash_and_seal_is_found_by_computing(saved: Path) -> None:
    data = (saved / "awards.csv").read_bytes().replace(b"276.23", b"276.24")
    message = resealed(saved, rehash(saved, "awards.csv", data))
    assert (
        "line 2: computed again it is 'H1,蓬江区,1234.50,276.23', the round has 'H1,蓬江区,1234.50,276.24'"
        in message
    )


@pytest.mark.parametrize("change", [lambda data: data.replace(b"\n", b"\r\n"), lambda data: data[:-1]])
def test_line_ends_changed_with_hash_and_seal_are_found(
    saved: Path, change: Callable[[bytes], bytes]
) -> None:
    data = change((saved / "districts.csv").read_bytes())
    assert "districts.csv, line" in resealed(saved, rehash(saved, "districts.csv", data))


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("counts", {}, "'counts'"),
        ("not_sourced", {}, "'not_sourced'"),
        ("reconciliation", {"fund": "1"}, "'reconciliation'"),
        ("extra", 1, "'extra'"),
        ("format", "relief-round/0", "relief-round/0"),
        ("kind", "split", "awards.csv"),
        ("call", {}, "record.json"),
        ("call", None, "record.json"),
        ("inputs", [], "inputs/"),
        ("inputs", "x", "record.json"),
        ("inputs", [{}], "record.json"),
        ("outputs", [], "awards.csv"),
        ("outputs", {}, "awards.csv"),
        ("pack", {"name": "x", "files": {}}, "pack/"),
        ("pack", {"name": "x", "files": {"a": "b"}}, "record.json"),
        ("versions", None, "record.json"),
    ],
)
def test_a_record_sealed_anew_with_other_content_is_refused(
    saved: Path, key: str, value: Any, named: str
) -> None:
    assert named in resealed(saved, lambda told: told.update({key: value}))


@pytest.mark.parametrize("key", ["call", "inputs", "outputs", "pack", "versions", "kind", "counts", "format"])
def test_a_record_sealed_anew_without_a_part_is_refused(saved: Path, key: str) -> None:
    assert "record.json" in resealed(saved, lambda told: told.pop(key))


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"null", b'{"seal": NaN}', b"[" * 5000, b'{"a": "\\ud800"}', b"\xff"]
)
def test_a_record_that_is_none_is_refused(saved: Path, data: bytes) -> None:
    (saved / "record.json").write_bytes(data)
    assert "record.json" in refused(saved)


def test_other_versions_that_gave_the_same_bytes_verify(saved: Path) -> None:
    path = saved / "record.json"
    told = json.loads(path.read_bytes())
    told["versions"]["python"] = "3.99.0"
    path.write_bytes(record.sealed(told))
    verify(saved)


def test_what_is_no_round_is_refused(tmp_path: Path) -> None:
    assert "holds no record.json, so it is no round" in refused(tmp_path)
    assert "holds no record.json" in refused(tmp_path / "nothing")


# --- whole or not at all ----------------------------------------------------------------------------

OLD = {"record.json": b"old", "inputs/a.csv": b"1", "awards.csv": b"a"}
NEW = {"awards.csv": b"b" * 10, "pack/p/pack.yaml": b"2", "record.json": b"new"}


@pytest.fixture(params=["exchange", "two renames"])
def swap(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Replace a folder as Linux can, and as other systems must."""
    if request.param == "two renames":
        monkeypatch.setattr(folders, "_exchanged", lambda *_: False)
    return str(request.param)


@contextlib.contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, at: int) -> Iterator[list[int]]:
    """Let the n-th call fail as on a full disk, and count the calls."""
    calls, real = [0], getattr(owner, name)

    def call(*args: Any, **kwargs: Any) -> Any:
        calls[0] += 1
        if calls[0] == at:
            raise OSError(28, "No space left on device")
        return real(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, call)
        yield calls


POINTS = [(os, "fsync"), (Path, "rename"), (Path, "open"), (Path, "mkdir"), (Path, "chmod"), (os, "open")]


@pytest.mark.parametrize(("owner", "name"), POINTS, ids=[f"{o.__name__}.{n}" for o, n in POINTS])
@pytest.mark.parametrize("had_one", [False, True])
def test_a_write_that_fails_anywhere_leaves_the_old_or_the_new(
    owner: Any, name: str, had_one: bool, swap: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in range(1, 60):
        place = tmp_path / str(at) / "round"
        place.parent.mkdir()
        if had_one:
            folders.write_folder(place, OLD, overwrite=False)
        with failing(monkeypatch, owner, name, at) as calls:
            failed = None
            try:
                folders.write_folder(place, NEW, overwrite=had_one)
            except RoundError as error:
                failed = error
        if calls[0] < at:
            assert content(place) == NEW
            break
        # Where only the cleaning up failed, the new round stands and nothing is raised.
        assert failed is None or "No space left on device" in str(failed)
        left = content(place) if place.exists() else None
        assert left in ((OLD, NEW) if had_one else (None, NEW)), (at, left)
        assert failed is not None or left == NEW
        strays = {path.name for path in place.parent.iterdir()} - {"round"}
        assert not strays or (owner, name) == (os, "open")
        assert all(stray.startswith(".round.writing-") for stray in strays)
        folders.write_folder(place, NEW, overwrite=True)
        assert content(place) == NEW
        assert [path.name for path in place.parent.iterdir()] == ["round"]
    else:
        pytest.fail("never reached the end of the calls")


def test_a_round_left_aside_by_a_crash_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the two renames of systems that cannot exchange, the old round has a hidden name."""
    place = tmp_path / "round"
    folders.write_folder(place, OLD, overwrite=False)
    place.rename(tmp_path / ".round.writing-old")
    with pytest.raises(RoundError, match="holds a round already"):
        folders.write_folder(place, NEW, overwrite=False)
    assert content(place) == OLD
    folders.write_folder(place, NEW, overwrite=True)
    assert content(place) == NEW
    assert [path.name for path in tmp_path.iterdir()] == ["round"]


WRITER = """
import sys
from pathlib import Path
from relief.round.folder import write_folder
for at in range(10_000):
    body = str(at).encode() * 2000
    files = {"a.csv": body, "inputs/b.csv": body, "record.json": body}
    write_folder(Path(sys.argv[1]), files, overwrite=True)
    print(at, flush=True)
"""


def test_a_writer_killed_at_any_moment_leaves_a_whole_round(tmp_path: Path) -> None:
    moments = random.Random(11)  # noqa: S311
    place = tmp_path / "round"
    for _ in range(4):
        process = subprocess.Popen([sys.executable, "-c", WRITER, place], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(moments.random() / 10)
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        process.stdout.close()
        kept = content(place)
        assert set(kept) == {"a.csv", "inputs/b.csv", "record.json"}
        assert len(set(kept.values())) == 1
    folders.write_folder(place, NEW, overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["round"]


def test_two_runs_into_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second is refused while the first writes; whichever came through is whole."""
    place, real = tmp_path / "round", folders._replace

    def replace(*args: Any) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(folders, "_replace", real)
            with pytest.raises(RoundError, match="Another run is writing"):
                folders.write_folder(place, OLD, overwrite=True)
        real(*args)

    monkeypatch.setattr(folders, "_replace", replace)
    folders.write_folder(place, NEW, overwrite=False)
    assert content(place) == NEW


def test_a_run_beside_another_of_a_like_name_leaves_its_draft_alone(tmp_path: Path) -> None:
    draft = tmp_path / ".round1.writing-x"
    draft.mkdir()
    folders.write_folder(tmp_path / "round?", NEW, overwrite=False)
    folders.write_folder(tmp_path / "round[1]", NEW, overwrite=False)
    folders.write_folder(tmp_path / "round*", NEW, overwrite=False)
    assert draft.exists()


@pytest.mark.parametrize(
    "name", ["with space", "汉字", "😀", "a/b/c", "x" * 200, "-dash", "it's [1]*?", "点."]
)
def test_folders_of_odd_names(name: str, tmp_path: Path) -> None:
    folders.write_folder(tmp_path / name, NEW, overwrite=False)
    assert content(tmp_path / name) == NEW
    folders.write_folder(tmp_path / name, OLD, overwrite=True)
    assert content(tmp_path / name) == OLD


def test_targets_that_are_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "letter.docx").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "foreign")
    folders.write_folder(tmp_path / "round", OLD, overwrite=False)
    (tmp_path / "to-round").symlink_to(tmp_path / "round")
    cases = {
        "file": "is not a folder",
        "file/inside": "is not a folder",
        "foreign": "holds other files than a round and is left alone",
        "link": "is not a folder",
        "to-round": "is not a folder",
        "x" * 300: "cannot be written: File name too long",
    }
    for name, message in cases.items():
        for overwrite in (False, True):
            with pytest.raises(RoundError, match=message):
                folders.check_target(tmp_path / name, overwrite=overwrite)
            with pytest.raises(RoundError, match=message):
                folders.write_folder(tmp_path / name, NEW, overwrite=overwrite)
    with pytest.raises(RoundError, match=r"holds a round already. Choose another folder, or add --overwrite"):
        folders.check_target(tmp_path / "round", overwrite=False)
    assert content(tmp_path / "foreign") == {"letter.docx": b"x"}
    assert content(tmp_path / "round") == OLD


def test_an_empty_folder_may_be_used(tmp_path: Path) -> None:
    (tmp_path / "round").mkdir()
    folders.write_folder(tmp_path / "round", NEW, overwrite=False)
    assert content(tmp_path / "round") == NEW


def test_a_parent_that_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(RoundError, match="cannot be written: read-only"):
        folders.check_target(tmp_path / "round", overwrite=False)


def test_the_exchange_is_one_step_where_the_system_can(tmp_path: Path) -> None:
    if not sys.platform.startswith("linux") or not hasattr(ctypes.CDLL(None), "renameat2"):
        pytest.skip("this system cannot exchange two folders")
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "name").write_text(name)
    assert folders._exchanged(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "a" / "name").read_text() == "b"


def test_the_names_of_files_are_the_round_s_own(rounds: dict[str, Round]) -> None:
    for round_ in rounds.values():
        names = set(round_.files())
        assert all(not name.startswith("/") and ".." not in name for name in names)
        text = round_.files()["record.json"].decode()
        assert str(Path.cwd()) not in text
        assert os.sep + "tmp" not in text
