"""A YAML file -> plain values, each with the line and column it stands at.

YAML 1.2, so ``no`` is a word and not a falsehood. Duplicate keys, tags, anchors, binary floats
and excessive size or depth are refused: a pack is read by people and must hang nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, NodeEvent, ScalarEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from relief.errors import PackError

__all__ = ["LARGEST", "Document", "Path", "read_document"]

Path: TypeAlias = tuple[str | int, ...]
LARGEST = 2**20
_DEEPEST = 20
_MOST_DIGITS = 40
_TAG = "tag:yaml.org,2002:"


@dataclass
class Document:
    """The content of one file and where each part of it stands."""

    name: str
    content: Any = None
    places: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def place(self, path: Path) -> str:
        """Return ``file:line:column`` of the part at `path`, or of the nearest part that holds it."""
        while path and path not in self.places:
            path = path[:-1]
        line, column = self.places.get(path, (1, 1))
        return f"{self.name}:{line}:{column}"


def read_document(name: str, data: bytes) -> Document:
    """Read one file.

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
        raise PackError("pack.not_utf8", place=name, offset=error.start) from error
    try:
        _inspect(name, text)
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise PackError("pack.not_yaml", place=place, problem=error.problem or "") from error
    except (YAMLError, ValueError, RecursionError) as error:
        if isinstance(error, PackError):
            raise
        raise PackError("pack.not_yaml", place=name, problem=type(error).__name__) from error
    document = Document(name)
    document.content = _plain(document, node, ()) if node is not None else {}
    if not isinstance(document.content, dict):
        raise PackError("pack.not_a_mapping", place=f"{name}:1:1")
    return document


def _inspect(name: str, text: str) -> None:
    """Refuse depth, anchors and tags from the flat stream of events, before anything is built of it."""
    depth = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        place = f"{name}:{event.start_mark.line + 1}:{event.start_mark.column + 1}"
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > _DEEPEST:
            raise PackError("pack.too_deep", place=place, most=_DEEPEST)
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            raise PackError("pack.anchor", place=place)
        if (
            isinstance(event, (ScalarEvent, CollectionStartEvent))
            and event.ctag is not None
            and str(event.ctag) not in ("", "!")
        ):
            raise PackError("pack.tag", place=place, tag=str(event.ctag))


def _plain(document: Document, node: Node, path: Path) -> Any:
    document.places[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, MappingNode):
        content: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            mark = key_node.start_mark
            place = f"{document.name}:{mark.line + 1}:{mark.column + 1}"
            if not isinstance(key_node, ScalarNode):
                raise PackError("pack.key", place=place)
            if key in content:
                raise PackError("pack.duplicate_key", place=place, key=key)
            content[key] = _plain(document, value_node, (*path, key))
            # A key that is refused is shown where it stands, not where its value does.
            document.places[(*path, key, "")] = (mark.line + 1, mark.column + 1)
        return content
    if isinstance(node, SequenceNode):
        return [_plain(document, item, (*path, at)) for at, item in enumerate(node.value)]
    assert isinstance(node, ScalarNode)
    try:
        str(node.value).encode("utf-8")
    except UnicodeEncodeError as error:
        raise PackError("pack.not_text", place=document.place(path)) from error
    return _scalar(node)


def _scalar(node: ScalarNode) -> Any:
    kind = str(node.tag).removeprefix(_TAG)
    if kind == "null":
        return None
    if kind == "bool":
        return node.value.lower() == "true"
    if kind == "int" and len(node.value) <= _MOST_DIGITS and node.value.lstrip("+-").isdecimal():
        return int(node.value)
    if kind == "float":
        try:
            return Decimal(node.value)
        except ArithmeticError:
            return node.value
    return str(node.value)
