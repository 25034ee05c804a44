"""The hash chain of one writer.

A record's leaf is ``SHA-256(00 ‖ header bytes)``, as in RFC 6962 §2.1, so that a tree over the
same leaves can be built later. Its chain value is ``SHA-256(02 ‖ previous ‖ leaf)``; before the
first record stands ``GENESIS``. 01 stays free for the tree's inner nodes.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

__all__ = ["GENESIS", "is_pruned", "leaf", "link", "link_leaf", "stored_leaf"]

_HASH: Final = 32
GENESIS: Final = bytes(32)
"""The chain value before a writer's first record."""


def leaf(header: bytes) -> bytes:
    """The leaf hash of a header, 32 bytes."""
    return sha256(b"\x00" + header).digest()


def link(previous: bytes, header: bytes) -> bytes:
    """The chain value after a header, given the one before it; both 32 bytes."""
    return link_leaf(previous, leaf(header))


def link_leaf(previous: bytes, leaf: bytes) -> bytes:
    """The chain value after a leaf, given the one before it; all 32 bytes."""
    return sha256(b"\x02" + previous + leaf).digest()


def is_pruned(stored: object) -> bool:
    """Whether a store holds the leaf hash of a header in its place: no header is that short."""
    return isinstance(stored, bytes) and len(stored) == _HASH


def stored_leaf(stored: bytes) -> bytes:
    """The leaf hash of what a store holds of a record: its header, or what is left of it."""
    return stored if is_pruned(stored) else leaf(stored)
