"""What a log asks of a witness (c2sp.org/tlog-witness): ``POST <prefix>/add-checkpoint``.

The body is ``old <size>``, the hashes of a consistency proof from that size on, an empty line, and
the checkpoint as a signed note.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Final, Self

from gateway.audit.note_key import decode
from gateway.errors import VerificationError

__all__ = ["MAX_REQUEST", "SIZE_TYPE", "AddCheckpoint"]

MAX_REQUEST: Final = 2**16
"""Bytes of a request: a proof of 63 hashes, and room for a hundred signatures."""

SIZE_TYPE: Final = "text/x.tlog.size"
"""The media type of a 409, whose body is the size that the witness knows."""

_OLD: Final = re.compile(r"old (0|[1-9][0-9]{0,18})", re.ASCII)
_MAX_HASHES: Final = 63
_HASH: Final = 32


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A request, unchecked.

    Attributes:
        old: The size of the tree that the witness is thought to know.
        proof: Hashes of 32 bytes, from that tree to the checkpoint's.
        note: The signed checkpoint.
    """

    old: int
    proof: tuple[bytes, ...]
    note: str

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Reads a request's body.

        Raises:
            VerificationError: It is none.
        """
        if len(body) > MAX_REQUEST:
            raise VerificationError("the request is too long")
        try:
            head, gap, note = body.decode().partition("\n\n")
        except UnicodeDecodeError:
            raise VerificationError("the request is not UTF-8") from None
        first, *lines = head.split("\n")
        old = _OLD.fullmatch(first)
        if old is None or not gap or len(lines) > _MAX_HASHES:
            raise VerificationError("the request has no old size, or too many hashes")
        try:
            proof = tuple(map(decode, lines))
        except ValueError:
            raise VerificationError("a hash of the proof is no base64") from None
        if any(len(one) != _HASH for one in proof):
            raise VerificationError("a hash of the proof has not 32 bytes")
        return cls(int(old[1]), proof, note)

    @property
    def body(self) -> bytes:
        """As it is sent."""
        lines = [f"old {self.old}", *(base64.b64encode(one).decode() for one in self.proof)]
        return ("\n".join(lines) + f"\n\n{self.note}").encode()
