"""Spoil the bytes of a pack: what a slip of the hand, a broken transfer or an attacker makes of it.

In    bytes, and a source of chance (``random.Random``)
Out   other bytes
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from relief.rulepack.pack import installed_packs

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

__all__ = ["SPOILERS", "originals", "spoilt"]

_TESTS = Path(__file__).parents[1]
_RULES = _TESTS.parent / "src" / "relief" / "rules"
_FILES = ("pack.yaml", "parameters.yaml", "eligibility.yaml")

_SPECIALS = [
    "&a ", "*a", "!!str ", "!x ", "|", ">", ">-\n", "%", "%YAML 1.1\n", "---\n", "...\n", "@", "`",
    "? ", "- ", ": ", "#", ",", "[", "]", "{", "}", "'", '"', "~", "<<: ", "\t", "\r", "\r\n", "\n",
    "\0", "\x07", "\x85", "\u2028", "\ufeff", "\ufffe", "\U0010ffff", "＜", "（", "“", "\\",
    '"\\UFFFFFFFF"', '"\\ud800"', '"\\x00"',
]  # fmt: skip
_WORDS = [
    "null", "true", "no", ".inf", ".nan", "-0", "0x1F", "0o7", "1e999999999", "1_000", "9" * 5_000,
    "2021-02-30", "99999-01-01", "80 %%", "2/0", "on", "at(", "held(members, where=", "not ",
    " / 0", " ** 9", "lambda: 1", "f'{on}'", "(" * 80, "yuan(1e400)", "days(99999999999)",
    "1 if on else 0", " and ", "__import__('os')", "x" * 2_000,
]  # fmt: skip
_FORMULA = re.compile(
    rb"\b(amount|requires|when|holds|sum): |^\s*(sum|if|and|or|else|held|count|[a-z_]+ [-+*/<>=])"
)
_TOKEN = re.compile(rb"[A-Za-z_]+|[0-9.]+|[<>=!]+|[-+*/(),]|\"[^\"\n]*\"")


def originals() -> list[dict[str, bytes]]:
    """Return the files of every pack that ships, and of every malformed one.

    Those that load stand more often: what is refused at its first line is never read to its end.
    """
    folders = [_RULES / name for name in installed_packs()] * 20 + sorted((_TESTS / "bad_packs").iterdir())
    return [
        {file: (folder / file).read_bytes() for file in _FILES if (folder / file).is_file()}
        for folder in folders
    ]


def _slice(data: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + int(chance.paretovariate(0.7)))


def _flip(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]


def _delete(data: bytes, chance: random.Random) -> bytes:
    start, end = _slice(data, chance)
    return data[:start] + data[end:]


def _insert(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice([*_SPECIALS, *_WORDS]).encode() + data[at:]


def _raw(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.randbytes(chance.randrange(1, 5)) + data[at:]


def _repeat(data: bytes, chance: random.Random) -> bytes:
    start, end = _slice(data, chance)
    return data[:end] + data[start:end] * chance.choice([1, 1, 2, 50]) + data[end:]


def _move(data: bytes, chance: random.Random) -> bytes:
    start, end = _slice(data, chance)
    rest = data[:start] + data[end:]
    at = chance.randrange(len(rest) + 1)
    return rest[:at] + data[start:end] + rest[at:]


def _swap_lines(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    one, two = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[one]
    return b"\n".join(lines)


def _indent(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    lines[at] = chance.choice([b"  ", b" ", b"\t", b"- "]) + lines[at]
    return b"\n".join(lines)


def _other_value(data: bytes, chance: random.Random) -> bytes:
    """Put in place of a value what some other value is, or a word that means something in YAML."""
    lines = data.split(b"\n")
    at, other = chance.randrange(len(lines)), chance.choice(lines)
    key, colon, _ = lines[at].partition(b": ")
    value = other.partition(b": ")[2] if chance.random() < 0.6 else chance.choice(_WORDS).encode()
    lines[at] = key + (colon or b": ") + value
    return b"\n".join(lines)


def _other_token(data: bytes, chance: random.Random) -> bytes:
    """Put a name, number or sign of the pack in place of another, mostly inside an expression."""
    tokens = list(_TOKEN.finditer(data))
    if not tokens:
        return data
    formulas = [token for token in tokens if _is_in_formula(data, token.start())]
    source = formulas if formulas and chance.random() < 0.8 else tokens
    old, new = chance.choice(formulas or tokens), chance.choice(source)
    return data[: old.start()] + new[0] + data[old.end() :]


def _is_in_formula(data: bytes, at: int) -> bool:
    line = data[data.rfind(b"\n", 0, at) + 1 : at]
    return _FORMULA.search(line) is not None


SPOILERS: list[Callable[[bytes, random.Random], bytes]] = [
    _flip, _delete, _insert, _insert, _raw, _repeat, _move, _swap_lines, _indent, _other_value,
    _other_value, _other_token, _other_token, _other_token, _other_token,
]  # fmt: skip


def spoilt(data: bytes, chance: random.Random) -> bytes:
    """Return `data` after one to five mutations."""
    for _ in range(min(5, int(chance.paretovariate(1.2)))):
        if data:
            data = chance.choice(SPOILERS)(data, chance)
    # Most mutants stay UTF-8: of others only that is read.
    return data if chance.random() < 0.1 else data.decode("utf-8", "ignore").encode()
