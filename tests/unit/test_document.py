"""Tests of relief.rulepack.document."""

from __future__ import annotations

from decimal import Decimal

import pytest

from relief.errors import PackError
from relief.rulepack.document import read_document


def content(text: str) -> object:
    return read_document("p.yaml", text.encode()).content


@pytest.mark.parametrize("word", ["no", "yes", "off", "on", "是", "否", "无", "y", "NO"])
def test_words_of_other_yaml_versions_stay_words(word: str) -> None:
    assert content(f"a: {word}") == {"a": word}
    assert content(f"{word}: 1") == {word: 1}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("853", 853),
        ("-5", -5),
        ("0.1", Decimal("0.1")),
        ("1e3", Decimal("1e3")),
        ("true", True),
        ("false", False),
        ("null", None),
        ("", None),
        ("2021-01-01", "2021-01-01"),
        ("'853'", "853"),
        ('"是"', "是"),
        ("9" * 41, "9" * 41),
        ("0x10", "0x10"),
        ("[a, 1]", ["a", 1]),
        ("{b: c}", {"b": "c"}),
    ],
)
def test_plain_values(text: str, value: object) -> None:
    found = content(f"a: {text}")
    assert found == {"a": value}
    assert type(found["a"]) is type(value)


def test_each_part_knows_its_place() -> None:
    document = read_document("p.yaml", b"a: 1\nb:\n  - c: 2\n    d: 3\n")
    assert document.place(("a",)) == "p.yaml:1:4"
    assert document.place(("b", 0, "d")) == "p.yaml:4:8"
    assert document.place(("b", 0, "d", "")) == "p.yaml:4:5"
    assert document.place(("b", 0, "lacks")) == "p.yaml:3:5"
    assert document.place(("lacks",)) == "p.yaml:1:1"


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("a: x < y", 8),  # y, five letters behind the x at column 4 less one
        ("a: 'x < y'", 9),
        ('a: "x < y"', 9),
        ("a: 区 == y", 7),  # three bytes are one letter
        ("a: 'x''< y'", 4),  # not written as it is: the text's own place
        ("a: >-\n  x < y", 4),
        ("a: x\n  < y", 4),
    ],
)
def test_a_part_of_a_text_on_one_line_has_its_own_place(text: str, column: int) -> None:
    assert (
        read_document("p.yaml", text.encode())
        .place(("a",), 5 if "区" in text else 4)
        .endswith(f":1:{column}")
    )


def test_keys_and_values_are_counted() -> None:
    assert read_document("p.yaml", b"a: [b, c]", most=5).content == {"a": ["b", "c"]}
    with pytest.raises(PackError, match=r"p.yaml:1:8: a pack and all that it extends may have 15000 keys"):
        read_document("p.yaml", b"a: [b, c]", most=4)


def test_a_long_number_is_read_in_no_time() -> None:
    """Not digit by digit over and over: 200,000 of them took minutes."""
    assert content("a: " + "9" * 200_000) == {"a": "9" * 200_000}


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    assert read_document("p.yaml", "a: 1".encode("utf-8-sig")).content == {"a": 1}


def test_an_empty_file_says_nothing() -> None:
    assert content("") == {}
    assert content("# only a note\n") == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2", "p.yaml:2:1: the key 'a' stands twice"),
        ("a:\n  b: 1\n  b: 2", "p.yaml:3:3: the key 'b' stands twice"),
        ("- a", "p.yaml:1:1: expected keys with values"),
        ("text", "p.yaml:1:1: expected keys with values"),
        ("a: &x 1", "p.yaml:1:4: anchors and aliases"),
        ("a: *x", "p.yaml:1:4: anchors and aliases"),
        ("a: !!str 1", "p.yaml:1:4: the tag tag:yaml.org,2002:str is not allowed"),
        ("a: !own 1", "p.yaml:1:4: the tag !own is not allowed"),
        ("a: !!set {b}", "p.yaml:1:4: the tag"),
        ("{[a]: 1}", "p.yaml:1:2: a key must be a plain word"),
        ("a:\n\t- b", "p.yaml:2:1: this is not YAML"),
        ("a: 'b", "p.yaml:1:6: this is not YAML"),
        ("a: b: c", "p.yaml:1:5: this is not YAML"),
        ("a: 1\n---\nb: 2", "p.yaml:2:1: a second document begins"),
        ("a: " + "[" * 21 + "]" * 21, "p.yaml:1:23: nested more than 20 levels deep"),
        ("b: 1\na: \x07", "p.yaml:2:4: the character U+0007 is not allowed"),
        ('a: "\\UFFFFFFFF"', "p.yaml:1:1: this is not YAML"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(PackError) as caught:
        content(text)
    assert message in str(caught.value)


def test_a_value_that_is_not_utf8() -> None:
    with pytest.raises(PackError, match=r"p.yaml:1:4: this byte is not UTF-8. Save the file as UTF-8."):
        read_document("p.yaml", "a: 区".encode("gb18030"))
