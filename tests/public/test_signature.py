"""Who signed a published text: notes and keys as the C2SP form has them, and a clear word for each fault."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relief.errors import MissingExtraError, SignatureError
from relief.public import make_key, public_part, sign, verify_signature

pytest.importorskip("cryptography")

TEXT = '{\n  "format": "relief-published/1"\n}\n'
KEY, OTHER = make_key("江门市总工会"), make_key("auditor.example")
PUBLIC = public_part(KEY)
# Key, note and signature of the documentation of golang.org/x/mod/sumdb/note.
GO_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
)


def refused(code: str, note: str, *keys: str) -> bool:
    with pytest.raises(SignatureError) as caught:
        verify_signature(note, keys or [PUBLIC])
    return caught.value.code == code


def test_a_signed_text_names_its_signer_and_keeps_its_bytes() -> None:
    note = sign(TEXT, KEY)
    assert verify_signature(note, [PUBLIC]) == (TEXT, ["江门市总工会"])
    assert note.startswith(TEXT + "\n— 江门市总工会 ")
    assert note.endswith("\n")
    assert sign(TEXT, KEY) == note


def test_keys_and_signatures_are_those_of_other_tools_of_the_form() -> None:
    assert public_part(GO_PRIVATE) == GO_PUBLIC
    assert verify_signature(sign(GO_TEXT, GO_PRIVATE), [GO_PUBLIC]) == (GO_TEXT, ["PeterNeumann"])
    assert "— PeterNeumann x08go" in sign(GO_TEXT, GO_PRIVATE)


def test_a_second_signer_adds_a_line() -> None:
    note = sign(sign(TEXT, KEY), OTHER)
    assert verify_signature(note, [public_part(OTHER), PUBLIC]) == (TEXT, ["auditor.example", "江门市总工会"])
    assert verify_signature(note, [PUBLIC])[1] == ["江门市总工会"]
    with pytest.raises(SignatureError) as caught:
        sign(note, KEY)
    assert caught.value.code == "signature.signed_already"


@settings(max_examples=40)
@given(st.data())
def test_no_changed_text_and_no_changed_signature_passes(data: st.DataObject) -> None:
    note = sign(TEXT, KEY)
    at = data.draw(st.integers(0, len(note) - 1))
    letter = data.draw(st.characters(codec="utf-8").filter(lambda c: c != note[at]))
    bent = note[:at] + letter + note[at + 1 :]
    with pytest.raises(SignatureError):
        verify_signature(bent, [PUBLIC])


def test_each_fault_has_its_name() -> None:
    note = sign(TEXT, KEY)
    assert refused("signature.wrong", note.replace("published", "publishes"))
    assert refused("signature.none", TEXT)
    assert refused("signature.none", note.removesuffix("\n"))
    assert refused("signature.unknown", note, public_part(OTHER))
    assert refused("signature.unknown", note, public_part(make_key("江门市总工会")))
    assert refused("signature.no_public_key", note, KEY)
    assert refused("signature.no_public_key", note, "江门市总工会")
    assert refused("signature.no_public_key", note, PUBLIC.replace("江门市", "佛山市"))
    assert refused("signature.no_public_key", note, PUBLIC[:-5])


def test_what_is_no_private_key_signs_nothing() -> None:
    bent = [KEY.replace("江门", "佛山"), KEY[:-4], KEY + "=", KEY[12:], f"{KEY[:-1]}!", KEY[:12] + KEY]
    for key in ["", "PRIVATE+KEY+a", PUBLIC, *bent]:
        with pytest.raises(SignatureError) as caught:
            sign(TEXT, key)
        assert caught.value.code == "signature.no_private_key"
        assert key == "" or key not in str(caught.value)


@pytest.mark.parametrize("text", ["", "no end", "a\tb\n", "a\r\n", "\x7f\n"])
def test_what_cannot_be_signed(text: str) -> None:
    with pytest.raises(SignatureError) as caught:
        sign(text, KEY)
    assert caught.value.code == "signature.text"


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a　b"])
def test_what_cannot_be_a_name(name: str) -> None:
    with pytest.raises(SignatureError) as caught:
        make_key(name)
    assert caught.value.code == "signature.name"


def test_keys_are_drawn_anew_and_stand_on_one_line() -> None:
    assert make_key("a") != make_key("a")
    assert "\n" not in KEY + PUBLIC
    assert sign(TEXT, f"{KEY}\n") == sign(TEXT, KEY)


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric", None)
    with pytest.raises(MissingExtraError, match=r"relief\[sign\]"):
        make_key("a")
