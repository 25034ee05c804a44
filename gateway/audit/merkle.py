"""The Merkle tree of the log: roots, proofs and their verification (RFC 6962 §2.1).

A leaf is ``SHA-256(00 ‖ entry)`` (see ``chain.leaf``), an inner node ``SHA-256(01 ‖ left ‖
right)``, and the tree of n > 1 leaves has the largest power of two below n in its left half. All
hashes are 32 bytes. A *perfect* subtree, one of 2^level leaves that begins at a multiple of its
length, is named by its level and its number; every other range of a proof is folded from those.
"""

from __future__ import annotations

from functools import reduce
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from gateway.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Perfect = Callable[[int, int], bytes]

__all__ = [
    "EMPTY",
    "Frontier",
    "consistency",
    "inclusion",
    "node",
    "root",
    "verify_consistency",
    "verify_inclusion",
]

EMPTY: Final = sha256(b"").digest()
"""The root of a tree without leaves."""

_MAX_SIZE: Final = 2**62


def node(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def root(size: int, perfect: Perfect) -> bytes:
    """The root of the tree of the first leaves.

    Args:
        size: How many leaves.
        perfect: Gives the hash of the perfect subtree of a level and a number.
    """
    return _range(0, size, perfect) if size else EMPTY


def inclusion(index: int, size: int, perfect: Perfect) -> list[bytes]:
    """The proof that a leaf stands at an index of a tree: hashes from its sibling to the top.

    Raises:
        ValueError: There is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError("there is no such leaf")
    return [_range(start, end, perfect) for start, end in _path(index, size)]


def consistency(old: int, size: int, perfect: Perfect) -> list[bytes]:
    """The proof that a tree begins with an older one; empty where one of them says nothing.

    Raises:
        ValueError: The older tree is the larger one.
    """
    if not 0 <= old <= size:
        raise ValueError("the older tree is the larger one")
    if old in (0, size):
        return []
    # An older tree that is perfect is a node of the newer one: who verifies has its hash.
    return [
        _range(start, end, perfect)
        for start, end in _between(old, size)
        if (start, end) != (0, old)
    ]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes
) -> None:
    """Whether a leaf stands at an index of the tree with a root.

    Raises:
        VerificationError: The proof does not show it.
    """
    if not 0 <= index < size <= _MAX_SIZE:
        raise VerificationError("there is no leaf of this index in the tree")
    path = list(_path(index, size))
    if len(path) != len(proof):
        raise VerificationError("the inclusion proof has the wrong length")
    found = leaf
    for (start, _), other in zip(path, proof, strict=True):
        found = node(other, found) if start < index else node(found, other)
    if found != expected:
        raise VerificationError("the inclusion proof does not lead to the root of the tree")


def verify_consistency(
    old: int, size: int, proof: Sequence[bytes], old_root: bytes, expected: bytes
) -> None:
    """Whether a tree begins with an older one, given both roots.

    Raises:
        VerificationError: The proof does not show it.
    """
    if not 0 <= old <= size <= _MAX_SIZE:
        raise VerificationError("the older tree is the larger one")
    if old in (0, size):
        held = old_root == (expected if old else EMPTY)
        if proof or not held:
            raise VerificationError("the trees are not consistent")
        return
    pieces = list(_between(old, size))
    given = list(proof) if pieces[0] != (0, old) else [old_root, *proof]
    if len(given) != len(pieces):
        raise VerificationError("the consistency proof has the wrong length")
    first, rest = given[0], list(zip(pieces, given, strict=True))[1:]
    found_old = found = first
    for (start, _), other in rest:
        if start < old:
            found_old, found = node(other, found_old), node(other, found)
        else:
            found = node(found, other)
    if found_old != old_root or found != expected:
        raise VerificationError("the trees are not consistent")


class Frontier:
    """The right edge of a growing tree: enough to add leaves and to know the root.

    Attributes:
        size: How many leaves the tree has.
    """

    def __init__(self, size: int = 0, perfect: Perfect | None = None) -> None:
        self.size = size if perfect else 0
        self._hashes = [perfect(*piece) for piece in _perfects(0, size)] if perfect else []

    def append(self, leaf: bytes) -> list[bytes]:
        """Adds a leaf; gives the hashes of the perfect subtrees that it ends, by their levels.

        The first is the leaf itself. The number of the one of level l is the leaf's index >> l.
        """
        ended, number, hashes = [leaf], self.size, self._hashes
        while number & 1:
            leaf = sha256(b"\x01" + hashes.pop() + leaf).digest()
            ended.append(leaf)
            number >>= 1
        hashes.append(leaf)
        self.size += 1
        return ended

    def root(self) -> bytes:
        """The root of the tree as it is."""
        if not self._hashes:
            return EMPTY
        return reduce(lambda right, left: node(left, right), reversed(self._hashes))


def _split(size: int) -> int:
    """The leaves in the left half of a tree: the largest power of two below its size."""
    return 1 << ((size - 1).bit_length() - 1)


def _path(index: int, size: int) -> Iterator[tuple[int, int]]:
    """The ranges of leaves beside a leaf, from its sibling to the top."""
    ranges = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return reversed(ranges)


def _between(old: int, size: int) -> Iterator[tuple[int, int]]:
    """The ranges of leaves between an older tree and a newer one: its last piece, then upwards."""
    ranges = []
    start, end = 0, size
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    ranges.append((start, end))
    return reversed(ranges)


def _range(start: int, end: int, perfect: Perfect) -> bytes:
    """The hash of a range that a split of the tree made: perfect subtrees, folded to the left."""
    hashes = [perfect(*piece) for piece in _perfects(start, end)]
    return reduce(lambda right, left: node(left, right), reversed(hashes))


def _perfects(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Levels and numbers of the perfect subtrees that a range falls into, large ones first."""
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level
