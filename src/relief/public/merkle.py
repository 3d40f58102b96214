"""A tree of hashes: one root stands for all leaves, a short path shows one of them without the others.

In    leaves as bytes, in their order
Out   the root; of each leaf the path of hashes that leads from it to the root

Each level pairs the hashes of the one below from the left; a last one without a neighbour goes up as it
is. That is the tree of RFC 6962, where the left half holds the largest power of two below the size.
Leaves and nodes are hashed behind different bytes, so that no node can be passed off as a leaf.

Source: B. Laurie, A. Langley and E. Kasper (2013), Certificate Transparency, RFC 6962, section 2.1.
"""

from __future__ import annotations

from hashlib import sha256
from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Tree", "leaf_hash", "path_length", "root_by"]


def leaf_hash(leaf: bytes) -> bytes:
    """Return the SHA-256 of a leaf, 32 bytes."""
    return sha256(b"\0" + leaf).digest()


def _node(left: bytes, right: bytes | None) -> bytes:
    return left if right is None else sha256(b"\1" + left + right).digest()


class Tree:
    """The tree over some leaves.

    Parameters
    ----------
    hashes : sequence of bytes
        `leaf_hash` of each leaf, in order.

    Examples
    --------
    >>> leaves = [leaf_hash(b"a"), leaf_hash(b"b"), leaf_hash(b"c")]
    >>> tree = Tree(leaves)
    >>> root_by(leaves[2], 2, 3, tree.path(2)) == tree.root
    True
    >>> len(tree.path(0)), len(tree.path(2))
    (2, 1)
    """

    def __init__(self, hashes: Sequence[bytes]) -> None:
        self.levels = [list(hashes)]
        while len(below := self.levels[-1]) > 1:
            self.levels.append([_node(left, right) for left, right in zip_longest(below[::2], below[1::2])])

    @property
    def root(self) -> bytes:
        """The hash that stands for all leaves; of none the SHA-256 of nothing."""
        return self.levels[-1][0] if self.levels[0] else sha256().digest()

    def path(self, index: int) -> list[bytes]:
        """Return the neighbours on the way from the leaf at `index`, counted from 0, up to the root."""
        found = []
        for level in self.levels[:-1]:
            if (index ^ 1) < len(level):
                found.append(level[index ^ 1])
            index //= 2
        return found


def _steps(index: int, size: int) -> list[str]:
    """Return for each level on which the node has a neighbour on which side that stands."""
    found = []
    while size > 1:
        if (index ^ 1) < size:
            found.append("left" if index % 2 else "right")
        index, size = index // 2, (size + 1) // 2
    return found


def path_length(index: int, size: int) -> int:
    """Return how many hashes lead from a leaf to the root of a tree of `size` leaves."""
    return len(_steps(index, size))


def root_by(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Return the root to which a path leads from a leaf's hash.

    Parameters
    ----------
    leaf : bytes
        `leaf_hash` of the leaf.
    index, size : int
        Its place, counted from 0, and how many leaves there are.
    path : sequence of bytes
        As many hashes as `path_length` says.

    Raises
    ------
    ValueError
        If the index is none of the tree's or the path has another length.
    """
    if not 0 <= index < size:
        raise ValueError(index)
    here = leaf
    for side, other in zip(_steps(index, size), path, strict=True):
        here = _node(other, here) if side == "left" else _node(here, other)
    return here
