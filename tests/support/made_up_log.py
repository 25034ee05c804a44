"""A log of made-up leaves, with checkpoints of any size of it, and forks of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from naive_tree import proof, tree_hash

from gateway.audit.checkpoint import Checkpoint, origin_of, sign_checkpoint
from gateway.audit.note import Kind, Signer
from gateway.audit.witnessing import AddCheckpoint

__all__ = ["MadeUpLog", "new_signer"]

_STORE = "0123456789abcdef"


def new_signer(name: str, kind: Kind = Kind.ED25519) -> Signer:
    """A fresh key."""
    return Signer.of(name, Ed25519PrivateKey.generate(), kind)


@dataclass(frozen=True)
class MadeUpLog:
    """Leaf n is the hash of n; from leaf ``forked`` on, of n and the history's name."""

    signer: Signer
    store: str = _STORE
    forked: int = 10**9
    history: str = "other"

    def fork(self, at: int, history: str = "other") -> MadeUpLog:
        """Another history of the same log, alike in the first leaves."""
        return replace(self, forked=at, history=history)

    def leaves(self, size: int) -> list[bytes]:
        names = [f"{n}" if n < self.forked else f"{n} {self.history}" for n in range(size)]
        return [sha256(name.encode()).digest() for name in names]

    def checkpoint(self, size: int) -> Checkpoint:
        origin = origin_of(self.signer.name, self.store)
        return Checkpoint(origin, size, tree_hash(self.leaves(size)))

    def note(self, size: int) -> str:
        return sign_checkpoint(self.checkpoint(size), self.signer, 1_800_000_000)

    def proof(self, old: int, size: int) -> tuple[bytes, ...]:
        return tuple(proof(old, self.leaves(size))) if 0 < old < size else ()

    def request(self, old: int, size: int) -> bytes:
        """What the log sends to a witness that it thinks knows ``old``."""
        return AddCheckpoint(old, self.proof(old, size), self.note(size)).body
