"""Proofs that a record stands in the log, checked offline (c2sp.org/tlog-proof).

A proof holds the record's index, the hashes from its leaf to the root, and a signed checkpoint.
Ours hold the record's header as ``extra``, so that the file is all that is needed beside the log's
public key: the header is trusted only because the proof leads from its hash to the root.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from gateway.audit.chain import leaf
from gateway.audit.checkpoint import SignedCheckpoint, read_checkpoint
from gateway.audit.merkle import verify_inclusion
from gateway.audit.note_key import decode
from gateway.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.audit.note import Verifier

__all__ = ["Proof", "verify_proof"]

_HEADER: Final = "c2sp.org/tlog-proof@v1"
_EXTRA: Final = "extra "
_INDEX: Final = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)
_MAX_HASHES: Final = 63
_MAX_LENGTH: Final = 2**21


@dataclass(frozen=True, slots=True)
class Proof:
    """What a proof file says, unchecked.

    Attributes:
        index: The record's number in the tree, from 0.
        hashes: From the leaf's sibling to the root's child, 32 bytes each.
        checkpoint: The signed note, verbatim.
        extra: Anything; here the record's header as it was hashed.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads a proof file.

        Raises:
            VerificationError: It is none.
        """
        head, gap, checkpoint = text.partition("\n\n")
        lines = head.split("\n")
        if len(text) > _MAX_LENGTH or not gap or lines.pop(0) != _HEADER:
            raise VerificationError(f"this is no proof: its first line is not {_HEADER}")
        extra = lines.pop(0)[len(_EXTRA) :] if lines and lines[0].startswith(_EXTRA) else None
        found = _INDEX.fullmatch(lines.pop(0)) if lines else None
        if found is None or len(lines) > _MAX_HASHES:
            raise VerificationError("the proof has no index, or too many hashes")
        try:
            hashes = tuple(map(decode, lines))
            raw = None if extra is None else decode(extra)
        except ValueError:
            raise VerificationError("the proof holds a line that is no base64") from None
        if any(len(one) != 32 for one in hashes):
            raise VerificationError("the proof holds a hash that has not 32 bytes")
        return cls(int(found[1]), hashes, checkpoint, raw)

    @property
    def text(self) -> str:
        """The file."""
        lines = [_HEADER]
        if self.extra is not None:
            lines.append(_EXTRA + _encode(self.extra))
        lines += [f"index {self.index}", *map(_encode, self.hashes)]
        return "\n".join(lines) + f"\n\n{self.checkpoint}"


def verify_proof(proof: Proof, entry: bytes, vkeys: Iterable[Verifier]) -> SignedCheckpoint:
    """Whether a log's key signed a tree that holds an entry at the proof's index.

    Args:
        proof: The proof.
        entry: The bytes that were logged: a record's header.
        vkeys: The log's public keys.

    Raises:
        VerificationError: The checkpoint or the proof does not hold.
    """
    signed = read_checkpoint(proof.checkpoint, vkeys)
    tree = signed.checkpoint
    verify_inclusion(leaf(entry), proof.index, tree.size, proof.hashes, tree.root)
    return signed


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
