"""Whatever an expression or a pack's file holds: a tree or a pack, or a refusal with its words.

Generated expressions are half of the language and half of what only looks like it; files are packs
whose bytes were spoilt. ``python -m tests.fuzz.fuzz_packs`` does the second for as long as one likes.
"""

from __future__ import annotations

import random
import re
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.fuzz.hostile import hostile_packs
from tests.fuzz.mutants import originals, spoilt
from tests.patience import soon

from relief.columns import DICTIONARY
from relief.errors import ExpressionError, ReliefError
from relief.messages import LANGUAGES
from relief.rulepack.expression import Names, parse_expression
from relief.rulepack.functions import CALLS
from relief.rulepack.least import least
from relief.rulepack.pack import Pack, parse_pack
from relief.rulepack.tree import depth, names_in, walk
from relief.rulepack.units import UNITS

NAMES = Names(
    "households",
    {
        ("households", "net"): "fen/person/month",
        ("households", "poor"): "truth",
        ("members", "age_now"): "year",
    },
    {"standard": "fen/person/month", "aid": "fen", "rate": "number", "since": "date"},
    {"standard": ("district", "residence"), "aid": ("education_stage",)},
    {"steps": ("fen", "fen")},
    {("households", "net"): Fraction(0), ("", "standard"): Fraction(1)},
    ("deep", "relative"),
    ("甲区", "乙市"),
    has_calendar=True,
)


# --- expressions ------------------------------------------------------------------------------------

columns = st.sampled_from(sorted({name for table in DICTIONARY.values() for name in table}))
tables = st.sampled_from([*DICTIONARY, "people"])
leaves = st.one_of(
    columns,
    columns,
    st.builds("{}.{}".format, tables, columns),
    st.sampled_from(["on", "true", "false", "net", "poor", "age_now", "standard", "aid", "rate", "since"]),
    st.sampled_from(["steps", "eligible", "category", "claim", "None", "True", "...", "__import__", "收入"]),
    st.integers(-5, 20).map(str),
    st.sampled_from(["1.5", "9" * 19, "9" * 800, "1e999", "0x1F", "1j", "0." + "1" * 20, "1e-9", "07"]),
    st.sampled_from(['"城镇"', "'甲区'", '"deep"', '"\\ud800"', '"\\N{DOT}"', 'b"x"', 'f"{on}"', '"\x00"'])
    | st.text(max_size=6).map(lambda text: f'"{text}"'),
)  # fmt: skip
OPERATORS = [
    "not in",
    "",
    *[
        "+",
        "-",
        "*",
        "/",
        "<",
        ">",
        "%",
        "&",
        "|",
        "^",
        "@",
        "=",
        "＜",
        "，",
        "<=",
        ">=",
        "==",
        "!=",
        "**",
        "//",
        "and",
        "or",
        "in",
        "is",
        ":=",
        ",",
    ],
]
SIGNS = ["+", "-", "*", "/", "<", ">=", "and", "or"]
BRACKETS = ["()", "[]", "{}", "(]"]


def longer(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return expressions made of others."""
    arguments = st.lists(inner | tables, max_size=3).map(", ".join)
    keywords = st.sampled_from(["", "", ", where=", ", same=", ", were=", ", *", ", **"])
    return st.one_of(
        st.builds("{} {} {}".format, inner, st.sampled_from(OPERATORS), inner),
        st.builds("{} {} {}".format, inner, st.sampled_from(SIGNS), inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("{}({})".format, st.sampled_from(sorted(CALLS)) | leaves, arguments),
        st.builds("{}({}{}{})".format, st.sampled_from(sorted(CALLS)), arguments, keywords, inner),
        st.builds("{} {}".format, st.sampled_from(["not", "-", "+", "~", "await", "lambda:", "*"]), inner),
        st.builds(lambda signs, text: signs[0] + text + signs[1], st.sampled_from(BRACKETS), inner),
        st.builds("{} in [{}]".format, inner, arguments),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("[{} for x in {}]".format, inner, inner),
        st.builds(lambda text, times: "(" * times + text + ")" * times, inner, st.integers(1, 300)),
        st.builds(lambda text, times: "not " * times + text, inner, st.integers(1, 200)),
        st.builds(lambda text, times: " + ".join([text] * times), inner, st.integers(1, 120)),
    )  # fmt: skip


# What is sound by itself: conditions, and yearly amounts.
amounts = st.recursive(
    st.sampled_from(
        ["income_fen", "rigid_illness_fen", "sum(members.income_fen)", "yearly(net * household_size)"]
    ),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-"), inner),
        st.builds("{}({}, {})".format, st.sampled_from(["max", "min", "coalesce"]), inner, inner),
        st.builds("({} if {} else {})".format, inner, st.deferred(lambda: conditions), inner),
        st.builds("{} / max(1, homes_count)".format, inner),
        st.builds("({} / vehicles_count if vehicles_count > 0 else {})".format, inner, inner),
        st.builds("{} * percent({})".format, inner, st.integers(0, 100)),
    ),
    max_leaves=6,
)
conditions = st.recursive(
    st.sampled_from(
        [
            "union_member", "poor", 'residence == "城镇"', 'district in ["甲区", "乙市"]', "net <= standard",
            "visited_on + days(7) >= on", "count(members, where=age(born_on, on) >= 16) > 2", 'ruled("x")',
            "every(members, income_fen < yuan(1) / years(1) or able_to_work)", "stated(income_fen)",
            "max(documents.issued_on, where=households.union_member) > year_start(on)",
            "net < at(standard, applied_on) and working_days(noticed_from, noticed_until) >= 7",
            "tier(steps, out_of_pocket_fen) > yuan(1.5)", "months_in_a_row(documents.issued_on) >= 3",
        ]
    ),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner),
        st.builds("not {}".format, inner),
        st.builds("{} {} {}".format, amounts, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), amounts),
        st.builds("coalesce({}, false)".format, inner),
    ),
    max_leaves=6,
)  # fmt: skip
sound = conditions | amounts


@st.composite
def slips(draw: st.DrawFn) -> str:
    """Return a sound expression in which one token gave way to another."""
    text, token = draw(sound), re.compile(r'[a-z_.]+|[0-9]+|[<>=!]+|[-+*/(),]|"[^"]*"')
    found = list(token.finditer(text))
    old, new = draw(st.sampled_from(found)), draw(leaves | st.sampled_from(found).map(lambda one: one[0]))
    return text[: old.start()] + new + text[old.end() :]


noise = st.text(max_size=60) | st.text("()+-*/<=. a1\"'\n\t\\", max_size=60)
expressions = sound | slips() | st.recursive(leaves, longer, max_leaves=12) | noise
kinds = st.sampled_from([None, None, "truth", "fen", "date"])


def told(error: ReliefError) -> None:
    """Check that an error has its words in both languages, and that they can be printed."""
    for lang in LANGUAGES:
        assert error.text(lang).encode("utf-8")


@given(text=expressions, kind=kinds, table=st.sampled_from(["households", "members", "documents", "history"]))
@example('"\\ud800" == residence', None, "households")
@example("1e999 > 0", None, "households")
@example("9" * 900, None, "households")
@example("held(members, where=" * 30 + "on == on" + ")" * 30, "truth", "households")
@example("(" * 500 + "1" + ")" * 500, None, "households")
@example("1 /" + " max(1, 1 /" * 20 + " 1" + ")" * 20, None, "households")
def test_an_expression_is_a_tree_or_is_refused(text: str, kind: str | None, table: str) -> None:
    names = NAMES if table == "households" else NAMES.inside(table)
    try:
        node = parse_expression(text, names, kind)
    except ExpressionError as error:
        told(error)
        return
    assert kind in (None, node.kind)
    assert {below.kind for below in walk(node)} <= {*UNITS, "truth", "text", "date"}
    assert names_in(node) is not None
    lowest = least(node, NAMES.least)
    assert lowest is None or isinstance(lowest, Fraction)
    assert 1 <= depth(node, dict.fromkeys(NAMES.measures, 1)) <= 60


# --- files ------------------------------------------------------------------------------------------


def answered(folder: dict[str, bytes]) -> bool:
    """Return whether a pack loads; what is refused must be told."""
    with soon():
        try:
            loaded = parse_pack({"fuzzed": folder}, "fuzzed")
            assert isinstance(loaded, Pack)
        except ReliefError as error:
            told(error)
            return False
    return True


ORIGINALS = originals()


@given(at=st.integers(0, len(ORIGINALS) - 1), seed=st.integers(0, 2**32))
def test_a_spoilt_file_loads_or_is_refused(at: int, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    folder = dict(ORIGINALS[at])
    file = chance.choice(sorted(folder))
    folder[file] = spoilt(folder[file], chance)
    answered(folder)


@given(data=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_answered(data: bytes) -> None:
    assert not answered({"pack.yaml": data})


KEYS = st.sampled_from(
    ["name", "rules", "measures", "parameters", "tiers", "values", "id", "by", "p", "where", "bands"]
)
contents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | columns,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner),
    max_leaves=20,
)


@given(content=contents)
def test_any_content_is_answered(content: object) -> None:
    """What is right as YAML, of keys that a pack has, but never a pack: it has no title."""
    assert not answered({"pack.yaml": repr(content).replace("None", "~").encode("utf-8", "replace")})


@pytest.mark.parametrize("name", sorted(hostile_packs()))
def test_a_pack_made_to_hang_is_answered(name: str) -> None:
    answered(hostile_packs()[name])
