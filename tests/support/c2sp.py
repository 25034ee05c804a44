"""A second implementation of what C2SP and RFC 6962 ask of a verifier, as short as they allow.

It shares nothing with the gateway: it reads the log as a stranger would, who has the log's public
key and the specifications.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import naive_tree
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

if TYPE_CHECKING:
    from collections.abc import Callable


class Refused(Exception):
    """The thing does not verify."""


@dataclass(frozen=True)
class Tree:
    """A signed tree head."""

    origin: str
    size: int
    root: bytes


def open_note(note: str, vkey: str) -> str:
    """The text of a signed note (c2sp.org/signed-note), by one Ed25519 key."""
    name, hash_, key = vkey.strip().split("+", 2)
    raw = base64.b64decode(key)
    if raw[0] != 1 or sha256(f"{name}\n".encode() + raw).digest()[:4].hex() != hash_:
        raise Refused("the key is none")
    text, _, lines = note.rpartition("\n\n")
    text += "\n"
    for line in lines.splitlines():
        dash, who, signature = line.split(" ")
        decoded = base64.b64decode(signature)
        if (dash, who, decoded[:4].hex()) == ("\u2014", name, hash_):
            Ed25519PublicKey.from_public_bytes(raw[1:]).verify(decoded[4:], text.encode())
            return text
    raise Refused("the key has not signed this")


def tree_of(note: str, vkey: str) -> Tree:
    """The checkpoint in a note (c2sp.org/tlog-checkpoint)."""
    origin, size, root, *_ = open_note(note, vkey).split("\n")
    return Tree(origin, int(size), base64.b64decode(root))


def proved(text: str, vkey: str) -> tuple[int, bytes]:
    """Index and entry of a proof whose entry is its extra data (c2sp.org/tlog-proof)."""
    head, checkpoint = text.split("\n\n", 1)
    kind, extra, index, *hashes = head.split("\n")
    if kind != "c2sp.org/tlog-proof@v1":
        raise Refused("this is no proof")
    entry = base64.b64decode(extra.removeprefix("extra "))
    number = int(index.removeprefix("index "))
    tree = tree_of(checkpoint, vkey)
    proof = [base64.b64decode(one) for one in hashes]
    if number >= tree.size or _climb(entry, number, tree.size, proof) != tree.root:
        raise Refused("the proof does not lead to the root")
    return number, entry


def whole_tree(get: Callable[[str], bytes], size: int) -> bytes:
    """The root of a tree of a size, from its tiles of leaves (c2sp.org/tlog-tiles)."""
    leaves: list[bytes] = []
    while len(leaves) < size:
        tile = get(f"tile/0/{_path(len(leaves) // 256)}{_partial(size - len(leaves))}")
        leaves += [tile[at : at + 32] for at in range(0, len(tile), 32)]
    return naive_tree.tree_hash(leaves)


def entries(get: Callable[[str], bytes], size: int) -> list[bytes]:
    """All entries of a log, from its bundles."""
    found: list[bytes] = []
    while len(found) < size:
        raw = get(f"tile/entries/{_path(len(found) // 256)}{_partial(size - len(found))}")
        while raw:
            length = int.from_bytes(raw[:2], "big")
            found.append(raw[2 : 2 + length])
            raw = raw[2 + length :]
    return found


def leaf(entry: bytes) -> bytes:
    """The hash of an entry."""
    return sha256(b"\0" + entry).digest()


def _climb(entry: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    """RFC 9162 §2.1.3.2, step by step."""
    fn, sn, r = index, size - 1, leaf(entry)
    for p in proof:
        if sn == 0:
            raise Refused("the proof is too long")
        if fn & 1 or fn == sn:
            r = sha256(b"\1" + p + r).digest()
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = sha256(b"\1" + r + p).digest()
        fn, sn = fn >> 1, sn >> 1
    if sn:
        raise Refused("the proof is too short")
    return r


def _path(number: int) -> str:
    groups = [number % 1000]
    while number := number // 1000:
        groups.append(number % 1000)
    first, *rest = groups
    return "".join(f"x{group:03d}/" for group in reversed(rest)) + f"{first:03d}"


def _partial(left: int) -> str:
    return "" if left >= 256 else f".p/{left}"
