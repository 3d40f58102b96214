"""One malformed pack for each defect: what it says, where, and how to mend it."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest

from relief.errors import PackError
from relief.judging.eligibility import assess
from relief.review.cases import read_cases
from relief.rulepack.document import LARGEST
from relief.rulepack.pack import Pack, load_pack, parse_pack
from tests.patience import soon

PACKS = Path(__file__).parent / "bad_packs"

ON_THE_DATE = ("below-the-floor", "no-value-for-the-date", "two-values-on-one-date", "value-of-the-future")
WHEN_READ = sorted({path.name for path in PACKS.iterdir()} - {*ON_THE_DATE, "good"})


def message(name: str) -> str:
    """Return what the pack must be answered with: its place, the problem and the cure."""
    return (PACKS / name / "message.txt").read_text("utf-8").strip()


def judge(pack: Pack) -> None:
    place = "台山市" if pack.name == "over" else "甲区"
    household = pd.DataFrame({"户编号": ["H1"], "区县": [place], "城乡": ["城镇"], "家庭人口": [1]})
    assess({"households": household}, pack, on="2021-09-30")


def test_there_is_a_pack_for_each_kind_of_defect() -> None:
    assert len(WHEN_READ) >= 75


def test_the_pack_that_they_spoil_is_good() -> None:
    judge(load_pack(PACKS / "good"))


@pytest.mark.parametrize("name", WHEN_READ)
def test_a_defect_is_told_with_place_and_cure(name: str) -> None:
    with pytest.raises(PackError) as caught:
        load_pack(PACKS / name)
    assert message(name) in str(caught.value)
    assert str(PACKS) not in str(caught.value) or name == "without-pack-file"
    assert caught.value.text("zh") != str(caught.value)


@pytest.mark.parametrize("name", sorted({*WHEN_READ} - {"without-pack-file"}))
def test_a_defect_is_told_by_file_line_and_column(name: str) -> None:
    assert re.match(rf"{name}/[a-z]+\.yaml:\d+:\d+: ", message(name))


@pytest.mark.parametrize("name", ON_THE_DATE)
def test_a_parameter_without_one_value_on_the_date_is_told(name: str) -> None:
    pack = load_pack(PACKS / name)
    with pytest.raises(PackError) as caught:
        judge(pack)
    assert message(name) in str(caught.value)


@pytest.mark.parametrize("amount", ["10000", "1234567890123.45", "9999999999999999"])
def test_large_amounts_are_no_defect(amount: str) -> None:
    data = good().replace(b"at_least: 853", f"at_least: {amount}".encode())
    (value,) = parse_pack({"bad": {"pack.yaml": data}}, "bad").parameters["standard"].layers[0]
    assert value.at_least == Fraction(amount)


def test_problems_are_worded_in_chinese_too() -> None:
    with pytest.raises(PackError) as caught:
        load_pack(PACKS / "key-unknown")
    assert "rules.0.require: 没有这个键（相近：requires）。请更正或删除。" in caught.value.text("zh")


def test_only_the_first_problems_are_listed() -> None:
    text = "name: bad\n" + "".join(f"key{at}: 1\n" for at in range(20))
    with pytest.raises(PackError) as caught:
        parse_pack({"bad": {"pack.yaml": text.encode()}}, "bad")
    assert len(str(caught.value).splitlines()) == 7
    assert str(caught.value).endswith("… +17")


def good(**changes: str) -> bytes:
    text = (PACKS / "good" / "pack.yaml").read_text("utf-8")
    for old, new in changes.items():
        text = text.replace(f"{old}:", new, 1)
    return text.encode()


def test_a_file_that_leads_out_of_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "pack"
    folder.mkdir()
    (tmp_path / "elsewhere.yaml").write_bytes(good())
    (folder / "pack.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    with pytest.raises(
        PackError, match=r"leads out of the pack's folder. Put the file itself into the folder"
    ):
        load_pack(folder)


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_bytes(good() + b"#" * LARGEST)
    with pytest.raises(PackError, match=f"a pack's file may have {LARGEST}"):
        load_pack(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "name: " + "[" * 5_000,
        "name: " + "{a: " * 5_000,
        "- " * 5_000 + "a",
        "a: &a [x]\n"
        + "".join(
            f"{c}: &{c} [{', '.join(['*' + p] * 9)}]\n" for p, c in zip("abcdefg", "bcdefgh", strict=True)
        ),
        "name: !!python/object/apply:os.system ['true']",
        "%TAG ! tag:evil,2000:\n---\nname: !x y",
    ],
)
def test_bombs_are_refused_quickly(text: str) -> None:
    with soon(), pytest.raises(PackError):
        parse_pack({"bad": {"pack.yaml": text.encode()}}, "bad")


def chained(amount: str, rule: str) -> Pack:
    """Return a pack of 28 measures, each made of the one before it."""
    rest = "status: illustrative, note: test"
    body = f"measures:\n  m0: {{title: m, title_en: m, amount: homes_count, {rest}}}\n"
    for at in range(1, 28):
        text = amount.replace("m", f"m{at - 1}")
        body += f"  m{at}: {{title: m, title_en: m, amount: {text}, {rest}}}\n"
    data = good(measures=body).replace(b"requires: union_member", f"requires: {rule}".encode())
    return parse_pack({"bad": {"pack.yaml": data}}, "bad")


def test_measures_that_square_each_other_are_refused() -> None:
    """27 squarings would make a number of some 10**8 digits."""
    household = pd.DataFrame({"户编号": ["H1"], "区县": ["甲区"], "住房套数": [9]})
    with soon(), pytest.raises(PackError, match="grows beyond 617 digits"):
        assess({"households": household}, chained("m * m", "m27 > 1"), on="2021-09-30")


def test_measures_that_double_each_other_are_followed_once() -> None:
    """What a household lacks is found in each measure once, not 2, 4, 8 … times."""
    household = pd.DataFrame({"户编号": ["H1"], "区县": ["甲区"]})
    with soon():
        judged = assess({"households": household}, chained("m + m", "m27 > 2"), on="2021-09-30")
        assert "房产套数" in set(judged.missing()["fact"])


def test_a_chain_of_measures_that_is_too_long_is_refused() -> None:
    body = "measures:\n  m0: {title: m, title_en: m, amount: homes_count, status: illustrative, note: test}\n"
    for at in range(1, 100):
        body += f"  m{at}: {{title: m, title_en: m, amount: m{at - 1}, status: illustrative, note: test}}\n"
    with pytest.raises(
        PackError, match=r"bad/pack.yaml:\d+:\d+: The expression, with the measures that it uses"
    ):
        parse_pack({"bad": {"pack.yaml": good(measures=body)}}, "bad")


def test_a_chain_of_packs_has_no_more_parts_than_one() -> None:
    names = ["p0", "p1", "p2"]
    lines = "".join(f"  - {{name: 区{at}, code: ''}}\n" for at in range(1_300))
    folders = {
        name: {
            "pack.yaml": good(districts=f"districts:\n{lines}").replace(
                b"name: bad", f"name: {name}\nextends: {base}".encode(), 1
            )
        }
        for name, base in zip(names, [*names[1:], "jiangmen-2021"], strict=True)
    }
    with pytest.raises(
        PackError, match=r"p2/pack.yaml:[0-9]+:[0-9]+: a pack and all that it extends may have"
    ):
        parse_pack(folders, "p0")


def test_two_packs_that_extend_each_other() -> None:
    one, two = (good().replace(b"name: bad", f"name: {a}\nextends: {b}".encode(), 1) for a, b in ("ab", "ba"))
    with pytest.raises(PackError, match="extend each other in a circle, or too many of them: a → b → a"):
        parse_pack({"a": {"pack.yaml": one}, "b": {"pack.yaml": two}}, "a")


def test_a_chain_of_packs_that_is_too_long() -> None:
    names = [f"p{at}" for at in range(7)]
    folders = {
        name: {"pack.yaml": good().replace(b"name: bad", f"name: {name}\nextends: {base}".encode(), 1)}
        for name, base in zip(names, [*names[1:], ""], strict=True)
    }
    with pytest.raises(PackError, match="or too many of them: p0 → p1 → p2 → p3 → p4 → p5"):
        parse_pack(folders, "p0")


def test_a_key_that_another_part_has_is_not_offered_for_itself() -> None:
    data = good().replace(b"    requires: union_member", b"    when: union_member\n    missin: fail")
    with pytest.raises(PackError) as caught:
        parse_pack({"bad": {"pack.yaml": data}}, "bad")
    assert "rules.0.when: there is no such key. Correct or remove it." in str(caught.value)
    assert "rules.0.missin: there is no such key (near: missing)." in str(caught.value)


def test_the_folder_where_we_stand_is_told_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / "over" / "notes"
    inside.mkdir(parents=True)
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "pack.yaml").write_bytes(good().replace(b"name: bad", b"name: base"))
    (tmp_path / "over" / "pack.yaml").write_bytes(b"name: over\ntitle: o\ntitle_en: o\nextends: base\n")
    for place, here in ((".", inside.parent), ("..", inside)):
        monkeypatch.chdir(here)
        assert [*load_pack(place).folders] == ["base", "over"]
    (tmp_path / "over" / "pack.yaml").write_bytes(b"name: over\n")
    (tmp_path / "over" / "cases.yaml").write_bytes(b"case: []\n")
    with pytest.raises(PackError, match=r"\nover/pack.yaml:1:1: title: this key is missing"):
        load_pack("..")
    with pytest.raises(PackError, match=r"\nover/cases.yaml:1:1: case: there is no such key \(near: cases\)"):
        read_cases("..")
