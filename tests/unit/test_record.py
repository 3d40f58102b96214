"""Tests of relief.round.record."""

from __future__ import annotations

import json

import pytest

from relief.errors import RoundError
from relief.round.record import FORMAT, digest, parse_record, sealed, versions


def test_a_sealed_record_can_be_read_and_sealed_again() -> None:
    data = sealed({"format": FORMAT, "b": "区", "a": [1, {"c": None}]})
    told = parse_record(data)
    assert told["b"] == "区"
    assert sealed(told) == data
    assert data.decode().startswith('{\n  "a": [\n')
    assert data.endswith(b"}\n")


def test_the_seal_is_the_hash_of_the_rest() -> None:
    told = json.loads(sealed({"format": FORMAT}))
    assert told["seal"] == digest(b'{\n  "format": "relief-round/1"\n}\n')


def test_a_seal_that_was_given_is_not_taken() -> None:
    assert sealed({"format": FORMAT, "seal": "x"}) == sealed({"format": FORMAT})


@pytest.mark.parametrize(
    "data", [b"", b"x", b"[]", b"1", b'{"format": "relief-round/1"}', b'{"a": NaN}', b'{"a": "\\ud800"}']
)
def test_what_is_no_intact_record_is_refused(data: bytes) -> None:
    with pytest.raises(RoundError, match=r"record.json was changed: its seal does not fit its content"):
        parse_record(data)


def test_a_record_of_another_format_is_named() -> None:
    with pytest.raises(RoundError, match=r"format relief-round/2; this version reads relief-round/1"):
        parse_record(sealed({"format": "relief-round/2"}))


def test_no_float_without_a_meaning_gets_in() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        sealed({"a": float("nan")})


def test_versions_name_what_computed() -> None:
    assert set(versions()) == {"python", "relief", "pandas", "numpy"}
