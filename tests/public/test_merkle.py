"""The tree is that of RFC 6962, and nothing but a leaf's own path leads to its root."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relief.public.merkle import Tree, leaf_hash, path_length, root_by

# Inputs and roots of the reference implementation of Certificate Transparency, one root per size.
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, as it is written."""
    if len(leaves) < 2:
        return sha256(b"\0" + leaves[0]).digest() if leaves else sha256(b"").digest()
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, section 2.1.1, as it is written."""
    if len(leaves) < 2:
        return []
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def tree(leaves: list[bytes]) -> Tree:
    return Tree(list(map(leaf_hash, leaves)))


def test_the_tree_of_nothing() -> None:
    assert tree([]).root.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_of_the_reference_implementation(size: int) -> None:
    assert tree([bytes.fromhex(text) for text in INPUTS[:size]]).root.hex() == ROOTS[size - 1]


def test_the_paths_of_the_rfc_s_seven_leaves() -> None:
    """RFC 6962, section 2.1.3: [b, h, l], [c, g, l], [f, j, k] and [i, k], by its letters."""
    leaves = [bytes([at]) for at in range(7)]
    a, b, c, d, e, f, j = map(leaf_hash, leaves)
    g, h, i = (sha256(b"\1" + left + right).digest() for left, right in ((a, b), (c, d), (e, f)))
    k, ell = sha256(b"\1" + g + h).digest(), sha256(b"\1" + i + j).digest()
    assert [tree(leaves).path(at) for at in (0, 3, 4, 6)] == [[b, h, ell], [c, g, ell], [f, j, k], [i, k]]


@given(st.lists(st.binary(max_size=3), min_size=1, max_size=40))
def test_root_and_paths_are_those_of_the_definition(leaves: list[bytes]) -> None:
    found = tree(leaves)
    assert found.root == naive_root(leaves)
    for at, leaf in enumerate(leaves):
        path = found.path(at)
        assert path == naive_path(at, leaves)
        assert len(path) == path_length(at, len(leaves))
        assert root_by(leaf_hash(leaf), at, len(leaves), path) == found.root


@given(st.data())
def test_no_other_leaf_place_size_or_path_leads_to_the_root(data: st.DataObject) -> None:
    leaves = data.draw(st.lists(st.binary(max_size=3), min_size=2, max_size=40, unique=True))
    at = data.draw(st.integers(0, len(leaves) - 1))
    found, size = tree(leaves), len(leaves)
    path = found.path(at)
    hashed = leaf_hash(leaves[at])

    def leads(*told: object) -> bool:
        try:
            return root_by(*told) == found.root  # type: ignore[arg-type]
        except ValueError:
            return False

    assert not any(leads(hashed, place, size, path) for place in range(-1, size + 2) if place != at)
    assert not any(leads(leaf_hash(leaf), at, size, path) for leaf in leaves if leaf != leaves[at])
    assert not leads(hashed, at, size, path[:-1])
    assert not leads(hashed, at, size, [*path, found.root])
    step = data.draw(st.integers(0, len(path) - 1))
    bent = bytes([path[step][0] ^ 1]) + path[step][1:]
    assert not leads(hashed, at, size, [*path[:step], bent, *path[step + 1 :]])


def test_a_node_is_no_leaf() -> None:
    leaves = [b"a", b"b", b"c", b"d"]
    found = tree(leaves)
    node = found.levels[0][0] + found.levels[0][1]
    with pytest.raises(ValueError, match="zip"):
        root_by(leaf_hash(node), 0, 4, found.path(0)[1:])
    assert root_by(leaf_hash(node), 0, 2, found.path(0)[1:]) != found.root
