"""Who stands behind a published text: an Ed25519 signature below it, as a signed note.

In    a text, a key from a file
Out   the text with a line per signature; who signed it, by the public keys that one trusts

A note is the text, an empty line, and lines ``— name base64``: any tool of that form checks it too. The
extra ``sign`` brings the cryptography.

Source: C2SP (2024), signed-note, https://c2sp.org/signed-note; keys in the form of Go's sumdb/note.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING, Any, TypeAlias

from relief.errors import MissingExtraError, SignatureError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["make_key", "public_part", "sign", "verify_signature"]

# The signer's name; the id of the key and the signature.
_Signature: TypeAlias = tuple[str, bytes]
_ED25519, _KEY_BYTES, _ID_BYTES = b"\x01", 32, 4
_PRIVATE = "PRIVATE+KEY+"
_NAME = re.compile(r"[^\s+]+")
_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+=*)")
# A signed text has no control character but the line's end.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


def make_key(name: str) -> str:
    """Return a new private key, as its file holds it.

    Parameters
    ----------
    name : str
        Who signs, as the signature's line says it: no space and no ``+``.

    Raises
    ------
    SignatureError
        If the name cannot be one.
    MissingExtraError
        If cryptography is not installed.
    """
    if not _NAME.fullmatch(name):
        raise SignatureError("signature.name")
    private = _ed25519().Ed25519PrivateKey.generate()
    return _PRIVATE + _key(name, _public_bytes(private), private.private_bytes_raw())


def public_part(key: str) -> str:
    """Return the public key of a private one: what others check a signature by.

    Raises
    ------
    SignatureError
        If it is no private key.
    MissingExtraError
        If cryptography is not installed.
    """
    name, private = _private(key)
    public = _public_bytes(private)
    return _key(name, public, public)


def sign(text: str, key: str) -> str:
    """Return a text, or a note that others signed already, with one signature more.

    Parameters
    ----------
    text : str
        Ends with a line's end; a published text does.
    key : str
        As `make_key` returned it.

    Raises
    ------
    SignatureError
        If the key is none, the text cannot be signed, or this key has signed it already.
    MissingExtraError
        If cryptography is not installed.
    """
    name, private = _private(key)
    body, stated = _parted(text)
    if not body.endswith("\n") or _CONTROL.search(body):
        raise SignatureError("signature.text")
    line = _line((name, _key_id(name, _public_bytes(private)) + private.sign(body.encode("utf-8"))))
    if line in map(_line, stated):
        raise SignatureError("signature.signed_already", name=name)
    return "\n".join([body, *map(_line, stated), line, ""])


def verify_signature(note: str, keys: Iterable[str]) -> tuple[str, list[str]]:
    """Return the text of a note, and who of some signers signed it.

    Parameters
    ----------
    note : str
        As `sign` returned it.
    keys : iterable of str
        Public keys, as `public_part` gives them; signatures of others are passed over.

    Returns
    -------
    str, list of str
        The text; the names of those who signed, in the order of the keys.

    Raises
    ------
    SignatureError
        If there is no signature, none of these keys, or one of these keys does not fit the text.
    MissingExtraError
        If cryptography is not installed.
    """
    ed25519 = _ed25519()
    text, stated = _parted(note)
    if not stated:
        raise SignatureError("signature.none")
    signers = []
    for name, public in map(_public, keys):
        key = ed25519.Ed25519PublicKey.from_public_bytes(public)
        mine = [data for who, data in stated if (who, data[:_ID_BYTES]) == (name, _key_id(name, public))]
        for data in mine:
            _check(key, data[_ID_BYTES:], text, name)
        signers += [name] if mine else []
    if not signers:
        raise SignatureError("signature.unknown", names="、".join(sorted({name for name, _ in stated})))
    return text, signers


def _ed25519() -> Any:
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as error:
        raise MissingExtraError("extra.missing", what="cryptography", extra="sign") from error
    return ed25519


def _check(key: Any, signature: bytes, text: str, name: str) -> None:
    from cryptography.exceptions import InvalidSignature

    try:
        key.verify(signature, text.encode("utf-8"))
    except InvalidSignature as error:
        raise SignatureError("signature.wrong", name=name) from error


def _parted(note: str) -> tuple[str, list[_Signature]]:
    """Return a note's text and its signatures; a text that nobody signed has none."""
    text, _, below = note.rpartition("\n\n")
    lines = below.split("\n")
    stated = [found for found in map(_signature, lines[:-1]) if found]
    if lines[-1] or not stated or len(stated) < len(lines) - 1:
        return note, []
    return text + "\n", stated


def _signature(line: str) -> _Signature | None:
    found = _LINE.fullmatch(line)
    return (found[1], data) if found and (data := _decoded(found[2])) else None


def _line(signature: _Signature) -> str:
    name, data = signature
    return f"— {name} {_encoded(data)}"


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _decoded(text: str) -> bytes:
    """Return what a text of base64 says; nothing where it is none, or is written in a second way."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return b""
    return data if _encoded(data) == text else b""


def _key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode("utf-8") + b"\n" + _ED25519 + public).digest()[:_ID_BYTES]


def _key(name: str, public: bytes, part: bytes) -> str:
    return f"{name}+{_key_id(name, public).hex()}+{_encoded(_ED25519 + part)}"


def _read(key: str) -> tuple[str, str, bytes] | None:
    """Return name, id and bytes of a key, None where it is none."""
    name, stated, data = ["", "", *key.split("+", 2)][-3:]
    part = _decoded(data)
    if not _NAME.fullmatch(name) or part[:1] != _ED25519 or len(part) != 1 + _KEY_BYTES:
        return None
    return name, stated, part[1:]


def _public(key: str) -> tuple[str, bytes]:
    found = _read(key.strip())
    if found is None or found[1] != _key_id(found[0], found[2]).hex():
        raise SignatureError("signature.no_public_key")
    return found[0], found[2]


def _private(key: str) -> tuple[str, Ed25519PrivateKey]:
    ed25519, plain = _ed25519(), key.strip()
    found = _read(plain.removeprefix(_PRIVATE)) if plain.startswith(_PRIVATE) else None
    if found is None:
        raise SignatureError("signature.no_private_key")
    name, stated, seed = found
    private: Ed25519PrivateKey = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
    if stated != _key_id(name, _public_bytes(private)).hex():
        raise SignatureError("signature.no_private_key")
    return name, private


def _public_bytes(private: Ed25519PrivateKey) -> bytes:
    return private.public_key().public_bytes_raw()
