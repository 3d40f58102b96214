"""A YAML file -> plain values, each with the line and column it stands at.

YAML 1.2, so ``no`` is a word and not a falsehood. Duplicate keys, tags, anchors, binary floats
and excessive size or depth are refused: a pack is read by people and must hang nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)
from ruamel.yaml.reader import ReaderError

from relief.errors import PackError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LARGEST", "MOST_PARTS", "Document", "Path", "read_document"]

Path: TypeAlias = tuple[str | int, ...]
LARGEST = 2**18
MOST_PARTS = 15_000
_DEEPEST = 20
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_MOST_DIGITS = 40
_WHOLE = re.compile(r"[-+]?[0-9]+")
_DECIMAL = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")


@dataclass
class Document:
    """The content of one file and where each part of it stands; `inline` has texts written on one line."""

    name: str
    content: Any = None
    places: dict[Path, tuple[int, int]] = field(default_factory=dict)
    inline: dict[Path, str] = field(default_factory=dict)

    def place(self, path: Path, offset: int = 0) -> str:
        """Return ``file:line:column`` of the part at `path`, or of the nearest part that holds it.

        `offset` is how many bytes of UTF-8 into a text: told to the letter if the text is written
        on one line as it is, else the text's own place is.
        """
        text = self.inline.get(path)
        while path and path not in self.places:
            path = path[:-1]
        line, column = self.places.get(path, (1, 1))
        if text is not None and offset:
            quote = text[:1] in ("'", '"')
            column += len(text[quote:].encode()[:offset].decode(errors="ignore")) + quote
        return f"{self.name}:{line}:{column}"


def read_document(name: str, data: bytes, most: int = MOST_PARTS) -> Document:
    """Read one file of no more than `most` keys and values.

    Raises
    ------
    PackError
        With file, line and column, if it is not such a file.
    """
    if len(data) > LARGEST:
        raise PackError("pack.too_large", place=name, size=len(data), most=LARGEST)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _position(name, data[: error.start].decode("utf-8-sig"))
        raise PackError("pack.not_utf8", place=place) from error
    document = Document(name)
    builder = _Builder(document, most)
    try:
        document.content = builder.built(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise PackError("pack.not_yaml", place=place, problem=error.problem or "") from error
    except ReaderError as error:
        place = _position(name, text[: error.position])
        raise PackError("pack.not_a_character", place=place, code=f"U+{error.character:04X}") from error
    except PackError:
        raise
    except (YAMLError, ValueError, ArithmeticError, RecursionError) as error:
        raise PackError("pack.not_yaml", place=builder.last, problem=type(error).__name__) from error
    if not isinstance(document.content, dict):
        raise PackError("pack.not_a_mapping", place=f"{name}:1:1")
    return document


def _position(name: str, before: str) -> str:
    """Return the place after a text from the beginning of a file."""
    lines = before.split("\n")
    return f"{name}:{len(lines)}:{len(lines[-1]) + 1}"


class _Builder:
    """Builds plain values from the flat stream of events, so that nothing is built of what is refused."""

    def __init__(self, document: Document, most: int) -> None:
        self._document = document
        self._most = most
        self._events: Iterator[Event] = iter(())
        self.last = f"{document.name}:1:1"

    def built(self, text: str) -> Any:
        """Return the content of a whole file; no keys if it is empty."""
        content: Any = {}
        self._events = iter(YAML(typ="safe", pure=True).parse(text))
        begun = False
        for event in self._events:
            if begun and isinstance(event, DocumentStartEvent):
                raise PackError("pack.two_documents", place=self._place(event))
            if isinstance(event, NodeEvent):
                content, begun = self._value(event, ()), True
        return content

    def _place(self, event: Event) -> str:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        self.last = f"{self._document.name}:{line}:{column}"
        return self.last

    def _value(self, event: Event, path: Path) -> Any:
        place = self._place(event)
        self._check(event, place, path)
        self._document.places[path] = (event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, CollectionStartEvent):
            return [self._value(item, (*path, at)) for at, item in enumerate(self._parts())]
        assert isinstance(event, ScalarEvent)
        if event.start_mark.line == event.end_mark.line:
            quote = event.style or ""
            if event.end_mark.column - event.start_mark.column == len(event.value) + 2 * len(quote):
                self._document.inline[path] = quote + event.value
        return _scalar(event)

    def _parts(self) -> Iterator[Event]:
        for event in self._events:
            if isinstance(event, CollectionEndEvent):
                return
            yield event

    def _mapping(self, path: Path) -> dict[str, Any]:
        content: dict[str, Any] = {}
        for event in self._parts():
            place = self._place(event)
            if not isinstance(event, ScalarEvent):
                raise PackError("pack.key", place=place)
            self._check(event, place, path)
            key = str(event.value)
            if key in content:
                raise PackError("pack.duplicate_key", place=place, key=key)
            # A key that is refused is shown where it stands, not where its value does.
            self._document.places[(*path, key, "")] = (event.start_mark.line + 1, event.start_mark.column + 1)
            content[key] = self._value(next(self._events), (*path, key))
            if content[key] is None:  # What stands nowhere is shown by its key.
                self._document.places[*path, key] = self._document.places[*path, key, ""]
        return content

    def _check(self, event: Event, place: str, path: Path) -> None:
        self._most -= 1
        if self._most < 0:
            raise PackError("pack.too_many", place=place, most=MOST_PARTS)
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            raise PackError("pack.anchor", place=place)
        if not isinstance(event, (ScalarEvent, CollectionStartEvent)):
            return
        if event.ctag is not None and str(event.ctag) not in ("", "!"):
            raise PackError("pack.tag", place=place, tag=str(event.ctag))
        if isinstance(event, CollectionStartEvent) and len(path) >= _DEEPEST:
            raise PackError("pack.too_deep", place=place, most=_DEEPEST)
        if isinstance(event, ScalarEvent) and not event.value.isascii():
            try:
                event.value.encode("utf-8")
            except UnicodeEncodeError as error:
                raise PackError("pack.not_text", place=place) from error


def _scalar(event: ScalarEvent) -> Any:
    """Return what a plain scalar means by the core schema of YAML 1.2; what is quoted is a text."""
    text = str(event.value)
    if not event.implicit[0]:
        return text
    if text in _NULL:
        return None
    if text in _TRUTHS:
        return _TRUTHS[text]
    if len(text) > _MOST_DIGITS:
        return text
    if _WHOLE.fullmatch(text):
        return int(text)
    return Decimal(text) if _DECIMAL.fullmatch(text) else text
