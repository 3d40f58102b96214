"""A rule pack: read from its folder, and from those of the packs that it extends.

In    a pack's name (packs that ship with relief) or a folder
Out   `Pack`: districts, parameters, measures, rules, categories and the claim, in order

A folder holds ``pack.yaml`` and, where a pack is long, ``parameters.yaml`` and
``eligibility.yaml`` with further top-level keys of the same pack; ``cases.yaml`` beside them holds
worked examples, which judge nobody. A pack extends one that ships, or the folder beside it.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import ValidationError

from relief.errors import PackError
from relief.messages import nearest
from relief.rulepack.compiling import Link, compiled
from relief.rulepack.contents import Folder, Pack, Parameter, Stated, Tiers
from relief.rulepack.document import LARGEST, MOST_PARTS, Document, read_document
from relief.rulepack.model import PackModel
from relief.rulepack.problems import form_error

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Pack", "Parameter", "Stated", "Tiers", "folder_name", "installed_packs", "load_pack", "parse_pack",
]  # fmt: skip

FILES = ("pack.yaml", "parameters.yaml", "eligibility.yaml")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
_LONGEST_CHAIN = 5
_Read: TypeAlias = tuple[dict[str, Any], dict[str, Document]]


def installed_packs() -> list[str]:
    """Return the names of the packs that ship with relief."""
    return sorted(entry.name for entry in files("relief").joinpath("rules").iterdir() if entry.is_dir())


def load_pack(name_or_path: str | Path) -> Pack:
    """Load a pack by name, or from a folder.

    Parameters
    ----------
    name_or_path : str or Path
        The name of a pack that ships with relief, or a folder that holds ``pack.yaml``.

    Returns
    -------
    Pack

    Raises
    ------
    PackError
        With file, line, column and the cure, if anything in it is not as it must be.

    Examples
    --------
    >>> load_pack("jiangmen-2021").claim.title
    '医疗费用个人自付'
    """
    place = Path(name_or_path)
    if _is_folder(place) and str(name_or_path) not in installed_packs():
        folder, label = _read_folder(place), folder_name(place)
        read = _merged_document(label, folder, MOST_PARTS)
        name = str(read[0].get("name") or label)
        return _chained({name: folder}, name, {name: label}, _absolute(place).parent, read)
    return _shipped_pack(str(name_or_path))


@cache
def _shipped_pack(name: str) -> Pack:
    return parse_pack({}, name)


def folder_name(place: Path) -> str:
    """Return the name of a folder, also of one that is called ``.`` or ``..`` from where we stand."""
    return _absolute(place).name


def _absolute(place: Path) -> Path:
    # A link stays as it is: what lies beside it is what its pack may extend.
    return place.resolve() if place.name in ("", "..") else place.absolute()


def _is_folder(place: Path) -> bool:
    try:
        return place.is_dir()
    except OSError:  # a name longer than any that the system can have
        return False


def parse_pack(
    folders: Mapping[str, Folder],
    name: str,
    labels: Mapping[str, str] | None = None,
    beside: Path | None = None,
) -> Pack:
    """Make the pack `name` from folders in memory, and for what they lack from the packs that ship.

    An error calls a folder by its label, if it has one, else by its pack's name. What does not
    ship is looked for among the folders in `beside`.
    """
    return _chained(folders, name, labels or {}, beside, None)


def _chained(
    folders: Mapping[str, Folder],
    name: str,
    labels: Mapping[str, str],
    beside: Path | None,
    read: _Read | None,
) -> Pack:
    """Make a pack and all that it extends; `read` is the content of the first, if it was read already."""
    chain: list[Link] = []
    place, left = "", MOST_PARTS
    while name:
        if len(chain) >= _LONGEST_CHAIN or any(name == link[0] for link in chain):
            raise PackError(
                "pack.circular", place=place, names=" → ".join([*(link[0] for link in chain), name])
            )
        folder = folders.get(name) or _found(name, beside, place)
        label = labels.get(name, name)
        content, documents = read or _merged_document(label, folder, left)
        model, read = _validated(label, content, documents), None
        left -= _parts(documents)
        chain.append((name, folder, model, documents))
        name = model.extends
        place = documents["extends"].place(("extends",)) if name else ""
    return compiled(chain[::-1])


def _found(name: str, beside: Path | None, place: str) -> Folder:
    neighbour = beside / name if beside is not None and _NAME.fullmatch(name) else None
    if neighbour is not None and name not in installed_packs() and _is_folder(neighbour):
        return _read_folder(neighbour)
    return _shipped(name, place)


def _shipped(name: str, place: str) -> Folder:
    known = installed_packs()
    if not _NAME.fullmatch(name) or name not in known:
        facts = {"name": name, "known": "、".join(known), **nearest(name, known)}
        raise (
            PackError("pack.no_base", place=place, **facts) if place else PackError("pack.not_found", **facts)
        )
    folder = files("relief").joinpath("rules", name)
    return {file: folder.joinpath(file).read_bytes() for file in FILES if folder.joinpath(file).is_file()}


def _read_folder(place: Path) -> Folder:
    try:
        found = {file: place / file for file in FILES if (place / file).is_file()}
        outside = [file for file, path in found.items() if place.resolve() not in path.resolve().parents]
        if outside:
            raise PackError("pack.outside", place=str(place / outside[0]))
        if FILES[0] not in found:
            raise PackError("pack.no_file", place=str(place), file=FILES[0])
        return {file: _read_start(path) for file, path in found.items()}
    except OSError as error:
        raise PackError("pack.cannot_open", place=str(place), why=error.strerror or "") from error


def _read_start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


# --- reading and checking -------------------------------------------------------------------------


def _merged_document(name: str, folder: Folder, most: int) -> _Read:
    content: dict[str, Any] = {}
    owners: dict[str, Document] = {}
    for file, data in folder.items():
        document = read_document(f"{name}/{file}", data, most - _parts(owners))
        for key, value in document.content.items():
            if key in content:
                raise PackError("pack.duplicate_key", place=document.place((key, "")), key=key)
            content[key], owners[key] = value, document
    return content, owners


def _parts(owners: Mapping[str, Document]) -> int:
    """Return how many keys and values were read: a pack and all that it extends has at most `MOST_PARTS`."""
    return sum(len(document.places) for document in {id(each): each for each in owners.values()}.values())


def _validated(name: str, content: dict[str, Any], owners: Mapping[str, Document]) -> PackModel:
    try:
        return PackModel.model_validate(content)
    except ValidationError as error:
        raise form_error(PackModel, name, error, owners) from None
