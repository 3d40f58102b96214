"""What is published of a round shows no household, is the same each time, and every forged slip is named."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.public.rounds import SECRET, divided, judged, published

import relief
from relief.errors import PublicError, UnknownHouseholdError
from relief.messages import say
from relief.public import check_proof, fingerprint_of, grouped, make_secret, proof, publish, republish
from relief.public.leaves import read_leaf
from relief.public.merkle import leaf_hash
from relief.public.published import read_fingerprint
from relief.round.record import canonical

FINGERPRINT = published().fingerprint
SLIP = proof(published(), "H1")


def code(data: bytes, fingerprint: str = FINGERPRINT) -> str:
    """Return the name of what is wrong with a slip."""
    with pytest.raises(PublicError) as caught:
        check_proof(data, fingerprint)
    assert caught.value.text("zh") != caught.value.text("en")
    return caught.value.code


def changed(**fields: Any) -> bytes:
    return canonical({**json.loads(SLIP), **fields})


# --- what is published --------------------------------------------------------------------------------


def test_the_published_text_holds_sums_and_no_household() -> None:
    told = json.loads(published().text)
    assert told["counts"]["eligible"] == "3"
    assert told["award_fen"] == told["fund_fen"] == "50000"
    assert sum(int(row["award_fen"]) for row in told["districts"]) == 50000
    assert len(told["districts"]) == 8
    assert told["leaves"] == str(len(published().leaves)) == "6"
    assert told["round"] == judged().seal
    for household in judged().decisions.index:
        assert f'"{household}"' not in published().text


def test_no_claim_is_published_nor_anything_that_gives_one_back_from_an_award() -> None:
    told = published().text
    assert "claim" not in told
    assert str(sum(map(int, judged().allocation.claims_fen))) not in told


def test_a_fingerprint_is_printed_whole_however_many_of_its_groups_are_digits() -> None:
    told = grouped("01234567890123456789" * 3 + "abcd")
    assert "0123 4567 8901 2345 6789 0123" in say("cli.noticed", "zh", fingerprint=told)


def test_nothing_personal_of_the_inputs_is_published_or_on_a_slip() -> None:
    planted = {
        "姓名": "欧阳某某", "身份证号": "440703198001010016", "联系电话": "13800138000",
        "银行账号": "6222020111122220000", "家庭住址": "某路一号", "致困原因": "本人大病",
    }  # fmt: skip
    rows = [
        {"户编号": "a", "区县": "新会区", "个人自付": 100} | planted,
        {"户编号": "b", "区县": "新会区", "个人自付": 70},
    ]
    told = publish(relief.split(pd.DataFrame(rows), 100_00), SECRET)
    for text in (told.text, *told.leaves.values(), proof(told, "a").decode()):
        assert not [value for value in planted.values() if value in text]


def test_all_values_are_text() -> None:
    def texts(value: Any) -> bool:
        if isinstance(value, dict):
            return all(map(texts, value.values()))
        return all(map(texts, value)) if isinstance(value, list) else isinstance(value, str)

    for text in (published().text, *published().leaves.values(), SLIP):
        assert texts(json.loads(text))


def test_the_same_secret_gives_the_same_bytes_and_another_one_another_root_and_order() -> None:
    again, other = publish(judged(), SECRET), publish(judged(), SECRET + b"!")
    assert (again.text, again.leaves, proof(again, "H1")) == (published().text, published().leaves, SLIP)
    assert json.loads(other.text)["root"] != json.loads(again.text)["root"]
    orders = {tuple(publish(judged(), SECRET + bytes([at])).leaves) for at in range(20)}
    assert len(orders) > 10


def test_a_leaf_says_what_was_decided_and_divided() -> None:
    leaves = {household: read_leaf(text) for household, text in published().leaves.items()}
    awards, shares = judged().allocation.awards_fen, judged().allocation.quotas
    for household, row in judged().decisions.iterrows():
        leaf = leaves[household]
        assert (leaf.outcome, leaf.category) == (row["outcome"], row["category"])
        assert leaf.award_fen == awards.get(household, 0)
        assert leaf.quota_fen == str(shares.get(household, 0))
        assert ";".join(leaf.failed_rules) == row["failed_rules"]
        assert ";".join(leaf.unknown_rules) == row["unknown_rules"]
    assert leaves["H7"].claim_fen is None
    assert leaves["H3"].claim_fen == 123450
    assert len({leaf.salt for leaf in leaves.values()}) == len(leaves)


def test_a_slip_of_one_round_does_not_unblind_the_same_household_s_leaf_in_another() -> None:
    later = publish(judged("2021-09-29"), SECRET)
    assert read_leaf(later.leaves["H1"]).salt != read_leaf(published().leaves["H1"]).salt


def test_the_leaves_of_a_split_are_its_households_unjudged() -> None:
    told = publish(divided(), SECRET)
    leaves = [read_leaf(text) for text in told.leaves.values()]
    assert {leaf.household_id for leaf in leaves} == set(divided().allocation.awards_fen.index)
    assert {(leaf.outcome, leaf.category) for leaf in leaves} == {("", "")}
    assert sum(leaf.award_fen for leaf in leaves) == 3300_00
    assert all(check_proof(proof(told, leaf.household_id), told.fingerprint) == leaf for leaf in leaves)


def test_a_round_in_which_nobody_is_eligible_is_published_too() -> None:
    nobody = {"家庭编号": ["H1"], "工会会员": ["否"]}
    told = publish(relief.run(pd.DataFrame(nobody), "jiangmen-2021", 1, on="2021-09-30"), SECRET)
    assert json.loads(told.text)["award_fen"] == "0"
    assert check_proof(proof(told, "H1"), told.fingerprint).award_fen == 0


def test_rounds_are_chained_by_the_fingerprint_of_the_one_before() -> None:
    first = publish(judged("2021-09-29"), SECRET)
    second = publish(judged(), SECRET, previous=grouped(first.fingerprint).upper())
    assert json.loads(second.text)["previous"] == first.fingerprint
    assert json.loads(first.text)["previous"] == ""
    assert republish(judged(), SECRET, second.text).text == second.text


def test_a_round_computed_again_by_other_versions_gives_the_published_bytes() -> None:
    stored = publish(judged(), SECRET, seal="ab" * 32)
    again = republish(judged(), SECRET, stored.text)
    assert (again.text, again.leaves) == (stored.text, stored.leaves)
    assert judged().seal not in stored.text


@pytest.mark.parametrize(
    ("secret", "text", "told"),
    [
        (SECRET[::-1], published().text, "public.other"),
        (SECRET, published().text.replace("50000", "50001"), "public.other"),
        (SECRET, publish(judged("2021-09-29"), SECRET).text, "public.other"),
        (SECRET, "{}", "public.unreadable"),
        (SECRET, "no", "public.unreadable"),
        (SECRET, "[]", "public.unreadable"),
        (b"fifteen bytes !", published().text, "public.short_secret"),
    ],
)
def test_another_secret_or_text_gives_no_slips(secret: bytes, text: str, told: str) -> None:
    with pytest.raises(PublicError) as caught:
        republish(judged(), secret, text)
    assert caught.value.code == told


def test_secrets_are_drawn_anew() -> None:
    assert len(make_secret()) == 32
    assert make_secret() != make_secret()


@pytest.mark.parametrize("typed", ["", "ab" * 31, "ab" * 33, "xy" * 32, "0x" + "ab" * 31])
def test_what_is_no_fingerprint(typed: str) -> None:
    assert code(SLIP, typed) == "public.no_fingerprint"
    with pytest.raises(PublicError):
        publish(judged(), SECRET, previous=typed)


def test_a_fingerprint_may_be_typed_as_people_do() -> None:
    wide = FINGERPRINT.translate({ord(a): ord(a) + 0xFEE0 for a in "0123456789abcdef"})
    for typed in (
        grouped(FINGERPRINT),
        FINGERPRINT.upper(),
        f"  {grouped(FINGERPRINT)}\n",
        wide,
        wide[:8] + "　" + wide[8:],
    ):
        assert read_fingerprint(typed) == FINGERPRINT


# --- slips --------------------------------------------------------------------------------------------


def test_every_household_s_slip_proves_its_own_leaf_and_shows_nobody_else() -> None:
    for household, text in published().leaves.items():
        slip = proof(published(), household)
        assert check_proof(slip, grouped(FINGERPRINT)).text == text
        others = [leaf for other, leaf in published().leaves.items() if other != household]
        assert not any(read_leaf(leaf).salt in slip.decode() for leaf in others)


def test_a_household_that_is_not_there_has_no_slip() -> None:
    with pytest.raises(UnknownHouseholdError):
        proof(published(), "H99")


def test_figures_that_were_changed_are_named() -> None:
    leaf = read_leaf(published().leaves["H1"])
    for name, value in dataclasses.asdict(leaf).items():
        other = (
            value + 1
            if isinstance(value, int)
            else (*value, "x")
            if isinstance(value, tuple)
            else value + "1"
        )
        bent = dataclasses.replace(leaf, **{name: other})
        assert code(changed(leaf=bent.text)) == "slip.leaf"
        # Hashed anew the leaf fits its own hash, but nothing else.
        hashed = leaf_hash(bent.text.encode()).hex()
        told = "slip.other_round" if name == "round" else "slip.path"
        assert code(changed(leaf=bent.text, leaf_hash=hashed)) == told


def test_figures_in_another_form_are_no_leaf() -> None:
    for text in (
        "",
        "[]",
        "{}",
        "null",
        published().leaves["H1"] + " ",
        published().leaves["H1"].replace("}", ',"x":1}'),
    ):
        assert code(changed(leaf=text, leaf_hash=leaf_hash(text.encode()).hex())) == "slip.malformed"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("category", 1), ("category", None), ("failed_rules", "x"), ("failed_rules", [1]), ("award_fen", "x"),
        ("award_fen", "-1"), ("award_fen", "01"), ("award_fen", 1), ("claim_fen", "-1"), ("more", "x"),
    ],
)  # fmt: skip
def test_a_leaf_with_a_part_of_another_kind_is_no_leaf(key: str, value: Any) -> None:
    text = canonical({**json.loads(published().leaves["H1"]), key: value}).decode()
    assert code(changed(leaf=text, leaf_hash=leaf_hash(text.encode()).hex())) == "slip.malformed"


def test_another_household_s_figures_on_a_slip_are_named() -> None:
    other = json.loads(proof(published(), "H2"))
    assert code(changed(leaf=other["leaf"])) == "slip.leaf"
    assert code(changed(leaf=other["leaf"], leaf_hash=other["leaf_hash"])) == "slip.path"


def test_a_slip_of_another_round_is_named() -> None:
    older = publish(judged("2021-09-29"), SECRET)
    slip = proof(older, "H1")
    assert code(slip) == "slip.fingerprint"
    assert code(SLIP, older.fingerprint) == "slip.fingerprint"
    mixed = {**json.loads(slip), "published": published().text}
    assert code(canonical(mixed)) == "slip.other_round"


def test_a_changed_published_text_is_named() -> None:
    assert code(changed(published=published().text.replace('"50000"', '"50001"'))) == "slip.fingerprint"
    assert code(changed(published="")) == "slip.fingerprint"


@pytest.mark.parametrize("text", ["{}\n", "no", '{"format": "relief-published/1", "leaves": "-1"}', "[]"])
def test_a_text_that_is_no_published_one_is_named_even_with_its_fingerprint(text: str) -> None:
    assert code(changed(published=text), fingerprint_of(text)) == "slip.malformed"


def test_another_place_or_path_is_named() -> None:
    slip = json.loads(SLIP)
    place, path = int(slip["index"]), slip["path"]
    for index in range(6):
        if index != place:
            assert code(changed(index=str(index))) in ("slip.index", "slip.path")
    for index in (6, 7, 999_999_999):
        assert code(changed(index=str(index))) == "slip.index"
    for at, step in enumerate(path):
        for bent in (step[::-1], path[at - 1] if len(path) > 1 else "0" * 64, "0" * 64):
            if bent != step:
                assert code(changed(path=[*path[:at], bent, *path[at + 1 :]])) == "slip.path"
    assert code(changed(path=path[:-1])) == code(changed(path=[*path, path[0]])) == "slip.index"
    assert code(changed(path=path[::-1])) == "slip.path"


MALFORMED = [
    b"", SLIP[:-1], SLIP[: len(SLIP) // 2], b"\xef\xbb\xbf" + SLIP, SLIP + b"\n",
    SLIP.replace(b"\n", b"\r\n"),
    b"[" * 100_000, b"null", b"\xff", SLIP.replace(b"relief-slip/1", b"relief-slip/2"),
    SLIP.replace(b'"index"', b'"Index"'), SLIP.replace(b'"leaf_hash"', b'"index": "0", "leaf_hash"'),
    changed(index="+1"), changed(index="01"), changed(index=1), changed(index="١"), changed(path="ab"),
    changed(path=[1]), changed(path=["AB" * 32]), changed(leaf=None), changed(more="x"),
    changed(leaf="x" * 2**20),
]  # fmt: skip


@pytest.mark.parametrize("at", range(len(MALFORMED)))
def test_what_is_no_slip_is_malformed(at: int) -> None:
    assert code(MALFORMED[at]) == "slip.malformed"


@given(st.data())
def test_no_changed_byte_passes(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(SLIP) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != SLIP[at]))
    assert code(SLIP[:at] + bytes([byte]) + SLIP[at + 1 :]).startswith("slip.")


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_anything_else_is_refused(data: bytes) -> None:
    assert code(data) == "slip.malformed"
