"""The second verifier: written from the format's page, it finds and names every change, and no other."""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.public.rounds import SECRET, divided, judged, published, with_steps

import relief
from relief.errors import ReliefError
from relief.papers.notice import NoticeDetails
from relief.procedure import review
from relief.procedure.noticing import fingerprint_in, give_notice, household_slip, sign_round
from relief.public import grouped, make_key, proof, publish
from relief.public.leaves import read_leaf
from relief.public.merkle import leaf_hash
from relief.round.record import canonical, digest, sealed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

TOOL = Path(__file__).parents[2] / "tools" / "verify_round.py"
FILES = with_steps(judged(), published())
PUBLISHED = "papers/0002-noticed/published.json"
NOTICED = "steps/0002-noticed.json"


def loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_round", TOOL)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


verify_round = loaded()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return written(tmp_path / "round", FILES)


def written(place: Path, files: Mapping[str, bytes]) -> Path:
    if place.exists():
        shutil.rmtree(place)
    for name, data in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return place


def faults(place: Path, files: Mapping[str, bytes], **known: Any) -> list[str]:
    if "secret" in known:
        known["secret"] = place.parent / "secret"
        known["secret"].write_text(SECRET.hex())
    found: list[str] = verify_round.check_round(written(place, files), **known)
    return found


def names(found: list[str]) -> set[str]:
    return {fault.partition(":")[0] for fault in found}


def recorded_anew(change: Any) -> dict[str, bytes]:
    """Return a round without steps whose record was changed and sealed anew."""
    record = json.loads(judged().files()["record.json"])
    change(record)
    return judged().files() | {"record.json": sealed(record)}


def chained_anew(changed: Mapping[str, bytes], *, base: Mapping[str, bytes] = FILES) -> dict[str, bytes]:
    """Return a round whose steps were made to fit changed papers, each sealed anew."""
    files = {**base, **changed}
    before = json.loads(files["record.json"])["seal"]
    for name in sorted(name for name in files if name.startswith("steps/")):
        step = json.loads(files[name])
        step["papers"] = {path: digest(files[path]) for path in step["papers"]}
        files[name] = sealed({**step, "before": before})
        before = json.loads(files[name])["seal"]
    return files


# --- what it is ---------------------------------------------------------------------------------------


def test_it_is_short_and_needs_nothing_but_the_standard_library() -> None:
    text = TOOL.read_text("utf-8")
    assert len(text.splitlines()) <= 300
    imports = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = {
        name
        for node in imports
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
        )
    }
    assert modules <= sys.stdlib_module_names


def test_untouched_rounds_give_no_alarm(tmp_path: Path) -> None:
    for round_ in (judged(), divided(), divided(100), judged("2021-09-29")):
        told = publish(round_, SECRET, previous="ab" * 32)
        files = with_steps(round_, told)
        last = json.loads(files["steps/0003-approved.json"])["seal"]
        known = {"fingerprint": told.fingerprint, "previous": "ab" * 32, "secret": True, "last": last}
        assert faults(tmp_path / "round", files, **known) == []
        assert faults(tmp_path / "round", round_.files()) == []


def test_other_methods_groups_and_sources_give_no_alarm(tmp_path: Path) -> None:
    roster = pd.DataFrame({"户编号": ["a", "b", "c"], "个人自付": [100, 250, 70], "组": ["x", "x", "y"]})
    for options in (
        {"method": "talmud"}, {"rounding": "webster"}, {"method": "random_arrival"},
        {"sources_fen": {"市级": 100_00, "县级": 100_00}},
        {"groups": "组", "group_funds_fen": {"x": 150_00, "y": 50_00}}, {"surplus": "return"},
    ):  # fmt: skip
        round_ = relief.split(roster, 200_00, **options)
        assert faults(tmp_path / "round", with_steps(round_, publish(round_, SECRET)), secret=True) == []


def test_a_round_that_divided_nothing_gives_no_alarm(tmp_path: Path) -> None:
    round_ = relief.run(
        pd.DataFrame({"家庭编号": ["H1"], "工会会员": ["否"]}), "jiangmen-2021", 100, on="2021-09-30"
    )
    assert faults(tmp_path / "round", with_steps(round_, publish(round_, SECRET)), secret=True) == []


def test_a_round_with_parquet_tables_is_held_against_its_hashes(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    files = judged().written_as("parquet").files()
    assert faults(tmp_path / "round", files) == []
    assert names(faults(tmp_path / "round", files | {"awards.parquet": b""})) == {"awards.parquet"}


def test_a_round_that_was_carried_through_its_steps_gives_no_alarm(tmp_path: Path) -> None:
    pytest.importorskip("cryptography")
    folder = divided().save(tmp_path / "round")
    review(folder, on="2021-10-08", by="基层工会", papers={"纪要.txt": b"minutes"})
    details = NoticeDetails("某市总工会", "0750-1234567", "2021-10-11")
    held = give_notice(folder, details, by="权益部", forms=["html"], previous="ab" * 32)
    sign_round(folder, make_key("某市总工会"), on="2021-10-11", by="某市总工会")
    secret = folder / "private" / "0002-noticed" / "secret.key"
    fingerprint = fingerprint_in(held)
    assert verify_round.check_round(folder, fingerprint, previous="ab" * 32, secret=secret) == []
    file = tmp_path / "slip.json"
    file.write_bytes(household_slip(folder, "=H6"))
    assert called("--slip", str(file), "--fingerprint", fingerprint) == (0, "nothing is wrong\n")
    (folder / "papers" / "0003-signed" / "published.note").write_bytes(b"")
    assert names(verify_round.check_round(folder)) == {"papers/0003-signed/published.note"}


@pytest.mark.parametrize(
    "settings_of",
    [
        {"LC_ALL": "C", "TZ": "America/New_York", "PYTHONHASHSEED": "1"},
        {"LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Shanghai", "PYTHONHASHSEED": "2"},
        {"LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "PYTHONHASHSEED": "3"},
    ],
)
def test_neither_language_nor_clock_nor_hash_seed_matters(place: Path, settings_of: dict[str, str]) -> None:
    def told(*options: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-S", TOOL, *options],
            capture_output=True, check=False, env={**os.environ, **settings_of},
        )  # fmt: skip
        assert done.stderr == b""
        return done.returncode, done.stdout.decode("ascii", "replace").strip()

    secret = place.parent / "secret"
    secret.write_text(SECRET.hex())
    fingerprint = grouped(published().fingerprint)
    right = (str(place), "--fingerprint", fingerprint, "--secret", str(secret))
    assert told(*right) == (0, "nothing is wrong")
    (place / "papers" / "0003-approved" / "会议.txt").write_bytes(b"changed")
    status, text = told(str(place))
    assert (status, text.count("was changed")) == (1, 1)


@pytest.mark.parametrize("python", ["python3.12", "python3.13"])
def test_other_versions_of_python_say_the_same(place: Path, python: str) -> None:
    tried = shutil.which(python) and subprocess.run([python, "--version"], capture_output=True, check=False)
    if not tried or tried.returncode:
        pytest.skip(f"no {python} here")
    done = subprocess.run([python, "-S", TOOL, str(place)], capture_output=True, check=False)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, b"nothing is wrong", b"")


# --- what it finds ------------------------------------------------------------------------------------


def test_every_region_of_every_file_is_watched(place: Path) -> None:
    for name, data in FILES.items():
        regions = {(len(data) - 1) * sixth // 6 for sixth in range(7)}
        for at in regions:
            (place / name).write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
            assert name in names(verify_round.check_round(place)), (name, at)
        (place / name).write_bytes(data)
    assert verify_round.check_round(place) == []


def test_files_removed_added_cut_and_linked_are_named(place: Path) -> None:
    for name in FILES:
        data = (place / name).read_bytes()
        for cut in (data[:-1], data + b"\n", b""):
            if cut != data:
                (place / name).write_bytes(cut)
                assert name in names(verify_round.check_round(place))
        (place / name).unlink()
        found = names(verify_round.check_round(place))
        assert name in found or (name.startswith("steps/") and found), name
        (place / name).write_bytes(data)
    for added in ("more.csv", "inputs/more.csv", "papers/0002-noticed/more.txt", "private/0009-x/y"):
        assert added in names(faults(place, {**FILES, added: b""}))
    written(place, FILES)
    (place / "empty").mkdir()
    (place / "link").symlink_to("awards.csv")
    assert names(verify_round.check_round(place)) >= {"empty", "link"}


def test_a_step_that_was_taken_away_from_the_end_needs_the_seal_that_was_told(place: Path) -> None:
    last = json.loads(FILES["steps/0003-approved.json"])["seal"]
    files = {name: data for name, data in FILES.items() if "0003-approved" not in name}
    assert faults(place, files) == []
    assert names(faults(place, files, last=last)) == {"steps/"}
    assert faults(place, FILES, last=last) == []


def test_a_chain_put_in_another_order_is_named(place: Path) -> None:
    first, second = "steps/0001-reviewed.json", NOTICED
    assert names(faults(place, FILES | {first: FILES[second], second: FILES[first]})) >= {first, second}
    moved = {name: data for name, data in FILES.items() if not name.startswith("steps/")}
    moved |= {"steps/0001-noticed.json": FILES[second], "steps/0002-reviewed.json": FILES[first]}
    found = names(faults(place, moved | {"steps/0003-approved.json": FILES["steps/0003-approved.json"]}))
    assert found >= {"steps/0001-noticed.json", "steps/0002-reviewed.json"}
    without = {name: data for name, data in FILES.items() if name != second}
    assert "steps/0003-approved.json" in names(faults(place, without))


def test_a_step_sealed_anew_or_of_another_round_is_named(place: Path) -> None:
    step = json.loads(FILES["steps/0001-reviewed.json"])
    bent = FILES | {"steps/0001-reviewed.json": sealed({**step, "by": "somebody else"})}
    assert names(faults(place, bent)) == {NOTICED}
    older = with_steps(judged("2021-09-29"), publish(judged("2021-09-29"), SECRET))
    assert names(faults(place, FILES | {NOTICED: older[NOTICED]})) >= {NOTICED, "steps/0003-approved.json"}
    foreign = sealed({**step, "papers": {**step["papers"], "awards.csv": digest(FILES["awards.csv"])}})
    assert "steps/0001-reviewed.json" in names(faults(place, FILES | {"steps/0001-reviewed.json": foreign}))


def test_an_older_round_played_again_is_not_the_one_of_the_notice(place: Path) -> None:
    older = publish(judged("2021-09-29"), SECRET)
    files = with_steps(judged("2021-09-29"), older)
    assert faults(place, files, fingerprint=older.fingerprint) == []
    assert names(faults(place, files, fingerprint=published().fingerprint)) == {PUBLISHED}
    assert names(faults(place, judged().files(), fingerprint=older.fingerprint)) == {"papers/"}
    assert names(faults(place, FILES, previous=older.fingerprint)) == {PUBLISHED}
    replayed = chained_anew({PUBLISHED: older.text.encode()})
    found = faults(place, replayed)
    assert f"{PUBLISHED}: round is not the round's" in found


def test_a_published_text_that_is_not_the_round_s_is_named_by_its_key(place: Path) -> None:
    told = json.loads(published().text)
    for key, value in told.items():
        other = (
            value + "1" if isinstance(value, str) else [] if isinstance(value, list) else {**value, "x": "1"}
        )
        bent = chained_anew(
            {PUBLISHED: canonical({**told, key: other})}, base=with_steps(judged(), published(), slips=False)
        )
        found = faults(place, bent, secret=True)
        if key in ("format", "previous"):
            continue  # Without its format it is some other paper; what came before only --previous can tell.
        assert found, key
        assert names(found) == {PUBLISHED}, key
    assert names(
        faults(place, chained_anew({PUBLISHED: canonical({**told, "previous": "1" * 64})}), previous="2" * 64)
    ) >= {PUBLISHED}


@pytest.mark.parametrize("change", [{"more": "x"}, {"root": ""}, {"root": "x" * 64}])
def test_a_published_text_of_another_shape_is_named(place: Path, change: dict[str, str]) -> None:
    told = canonical({**json.loads(published().text), **change})
    files = chained_anew({PUBLISHED: told}, base=with_steps(judged(), published(), slips=False))
    assert names(faults(place, files)) == {PUBLISHED}


def test_a_district_left_out_is_named(place: Path) -> None:
    files = judged().files()
    lines = files["districts.csv"].decode().splitlines(keepends=True)
    files["districts.csv"] = "".join(line for line in lines if not line.startswith("恩平市")).encode()
    record = json.loads(files["record.json"])
    record["outputs"]["districts.csv"] = digest(files["districts.csv"])
    files["record.json"] = sealed(record)
    assert faults(place, files) == ["districts.csv: 恩平市 is missing"]


def test_a_tree_over_other_households_is_named_with_the_secret(place: Path) -> None:
    other = publish(judged(), SECRET + b"!")
    files = with_steps(judged(), other)
    assert faults(place, files) == []
    assert faults(place, files, secret=True) == [f"{PUBLISHED}: root is not the round's"]


def test_forged_slips_are_named(place: Path, tmp_path: Path) -> None:
    told, older = published(), publish(judged("2021-09-29"), SECRET)
    slip, other = json.loads(proof(told, "H1")), json.loads(proof(told, "H2"))
    leaf = read_leaf(slip["leaf"]).text.replace('"27623"', '"99999"')
    forged = [
        {"leaf": leaf}, {"leaf": leaf, "leaf_hash": leaf_hash(leaf.encode()).hex()}, {"leaf": other["leaf"]},
        {"path": slip["path"][:-1]}, {"path": slip["path"][::-1]}, {"path": [*slip["path"], "0" * 64]},
        {"index": "6"}, {"index": "-1"}, {"index": "+1"}, {"index": other["index"]}, {"index": 1},
        {"path": None}, {"published": older.text}, {"published": ""}, {"leaf": ""}, {"more": ""},
        {"leaf_hash": "x"}, {"path": [step.upper() for step in slip["path"]]}, {"format": "relief-slip/2"},
    ]  # fmt: skip
    forged.append(
        {
            "leaf": (x := read_leaf(json.loads(proof(older, "H1"))["leaf"]).text),
            "leaf_hash": leaf_hash(x.encode()).hex(),
        }
    )
    name = next(name for name in FILES if "slip-" in name)
    mixed = faults(place, chained_anew({name: canonical({**slip, **forged[-1]})}))
    assert mixed == [f"{name}: the household's figures are another round's"]
    file = tmp_path / "slip.json"
    for change in forged:
        data = canonical({**slip, **change})
        file.write_bytes(data)
        assert called("--slip", str(file), "--fingerprint", told.fingerprint)[0] == 1, change
        if "format" not in change:
            assert names(faults(place, chained_anew({name: data}))) == {name}, change
    file.write_bytes(proof(told, "H1"))
    assert called("--slip", str(file), "--fingerprint", grouped(told.fingerprint).upper()) == (
        0,
        "nothing is wrong\n",
    )
    assert called("--slip", str(file), "--fingerprint", older.fingerprint)[0] == 1


def called(*options: str) -> tuple[int, str]:
    told = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(told):
        patch.setattr(sys, "argv", ["verify_round.py", *options])
        return verify_round.main(), told.getvalue()


# --- sealed anew: what the hashes no longer tell ------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("awards.csv", b"276.23", b"276.24"),
        ("awards.csv", "恩平市".encode(), "开平市".encode()),
        ("awards.csv", b"H1,", b"H8,"),
        ("shares.csv", b",yes,", b",no,"),
        ("shares.csv", b"276.23", b"276.24"),
        ("districts.csv", b"276.23,0.55246", b"276.24,0.55246"),
        ("districts.csv", "鹤山市,0".encode(), "鹤山市,1".encode()),
        ("districts.csv", b"0.447500", b"0.447501"),
        ("decisions.csv", b"ineligible", b"eligible"),
        ("decisions.csv", "H7,蓬江区,pending".encode(), "H7,蓬江区,ineligible".encode()),
    ],
)
def test_a_table_changed_with_its_hash_and_the_seal_is_named(
    place: Path, name: str, old: bytes, new: bytes
) -> None:
    files = judged().files()
    assert files[name].count(old) >= 1
    files[name] = files[name].replace(old, new)
    record = json.loads(files["record.json"])
    record["outputs"][name] = digest(files[name])
    found = faults(place, files | {"record.json": sealed(record)})
    assert any(fault.startswith((name, "shares.csv", "districts.csv")) for fault in found), found
    assert all("Error" not in fault for fault in found)


@pytest.mark.parametrize(
    ("part", "key", "value", "name"),
    [
        ("counts", "awarded", 4, "awards.csv"), ("counts", "judged", 7, "decisions.csv"),
        ("counts", "pending", 3, "decisions.csv"), ("counts", "households_in", 6, "decisions.csv"),
        ("call", "fund_fen", "50001", "awards.csv"), ("reconciliation", "sum_fen", "50001", "awards.csv"),
        ("reconciliation", "returned_fen", "1", "awards.csv"),
    ],
)  # fmt: skip
def test_a_figure_of_the_record_changed_and_sealed_anew_is_named(
    place: Path, part: str, key: str, value: Any, name: str
) -> None:
    files = recorded_anew(lambda record: record[part].update({key: value}))
    assert name in names(faults(place, files))


def test_outcomes_swapped_between_two_households_are_named(place: Path) -> None:
    files = judged().files()
    text = files["decisions.csv"].decode()
    for one, other in (
        ("H2,台山市,eligible", "@"),
        ("H3,蓬江区,ineligible", "H3,蓬江区,eligible"),
        ("@", "H2,台山市,ineligible"),
    ):
        assert one in text
        text = text.replace(one, other)
    record = json.loads(files["record.json"])
    record["outputs"]["decisions.csv"] = digest(text.encode())
    found = faults(place, files | {"decisions.csv": text.encode(), "record.json": sealed(record)})
    assert names(found) == {"decisions.csv"}


def test_awards_swapped_between_two_households_are_named(place: Path) -> None:
    changed = {}
    for name in ("awards.csv", "shares.csv"):
        text = judged().files()[name].decode()
        for one, other in (("276.23", "@"), ("223.75", "276.23"), ("@", "223.75")):
            text = text.replace(one, other)
        changed[name] = text.encode()
    files = judged().files() | changed
    record = json.loads(files["record.json"])
    record["outputs"] |= {name: digest(data) for name, data in changed.items()}
    found = faults(place, files | {"record.json": sealed(record)})
    assert "awards.csv: H1: the award is not what the split gives" in found
    assert any(fault.startswith("districts.csv: 蓬江区: award_yuan") for fault in found)


@settings(max_examples=25)
@given(data=st.data())
def test_the_split_is_that_of_relief_and_a_fen_elsewhere_is_found(
    data: st.DataObject, tmp_path_factory: Any
) -> None:
    claims = data.draw(st.lists(st.integers(0, 400) | st.integers(1, 10**9), min_size=2, max_size=9))
    unit = data.draw(st.sampled_from([1, 1, 100, 7]))
    fund = data.draw(st.integers(0, sum(claim // unit for claim in claims))) * unit
    roster = pd.DataFrame(
        {
            "户编号": [f"H{at}" for at in range(len(claims))],
            "个人自付": [f"{fen // 100}.{fen % 100:02}" for fen in claims],
        }
    )
    try:
        files = relief.split(roster, fund, unit_fen=unit).files()
    except ReliefError:
        return
    place = tmp_path_factory.mktemp("split") / "round"
    assert faults(place, files) == []
    rows = verify_round.table(files, "awards.csv")
    claimed = [
        row | {"award_yuan": f"{int(row['award_yuan'].replace('.', '')) + step:03}"}
        for row, step in zip(rows, [1, -1], strict=False)
    ]
    bent = [row | {"award_yuan": f"{row['award_yuan'][:-2]}.{row['award_yuan'][-2:]}"} for row in claimed]
    shares = verify_round.table(files, "shares.csv")
    if all("-" not in row["award_yuan"] for row in bent):
        own = [
            share | {"award_yuan": row["award_yuan"]}
            for share, row in zip(shares, [*bent, *rows[2:]], strict=True)
        ]
        assert list(verify_round.check_split(rows, own, fund, unit))


def test_whatever_a_sealed_record_or_step_says_ends_in_words(place: Path) -> None:
    """Every value of record and step replaced by one of another kind: found, and never a traceback."""
    record = json.loads(FILES["record.json"])
    for key in record:
        for value in (None, 1, "x", [], {}, [{}], {"x": 1}):
            if key in ("seal", "versions", "changes", "parameters", "not_sourced") or value == record[key]:
                continue
            assert names(faults(place, recorded_anew(lambda told, k=key, v=value: told.update({k: v})))), (
                key,
                value,
            )
    step = json.loads(FILES["steps/0003-approved.json"])
    for key in step:
        for value in (None, 1, [], {"x": 1}):
            bent = FILES | {"steps/0003-approved.json": sealed({**step, key: value})}
            if key not in ("facts", "seal", "by", "on"):
                assert "steps/0003-approved.json" in names(faults(place, bent)), (key, value)


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{}", b"null", b"[" * 100_000, b"\xff", b'{\n  "x": 1.5\n}\n', b'{\n  "x": NaN\n}\n'],
)
def test_what_is_no_record_is_said(place: Path, data: bytes) -> None:
    assert names(faults(place, FILES | {"record.json": data})) == {"record.json"}


def test_a_step_that_bears_another_fingerprint_than_what_was_published_is_found(place: Path) -> None:
    step = json.loads(FILES[NOTICED])
    for fingerprint, found in ((published().fingerprint, set()), ("0" * 64, {NOTICED})):
        facts = step["facts"] | {"fingerprint": fingerprint}
        files = chained_anew({}, base=FILES | {NOTICED: canonical({**step, "facts": facts})})
        assert names(faults(place, files)) == found
