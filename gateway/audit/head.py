"""A writer's head: its last record, signed.

The head is replaced in the same transaction as each batch of records, so a store whose tail was
cut off holds a head that its records do not reach. The signed text is::

    <log name>/writer/<writer>
    <wseq>
    <base64 chain>
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.audit.note import Signer, Verifier, sign, verify
from gateway.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Head", "sign_head", "verify_head"]


@dataclass(frozen=True, slots=True)
class Head:
    """The number and chain value of a writer's last record."""

    writer: str
    wseq: int
    chain: bytes


def sign_head(head: Head, signer: Signer) -> str:
    """The head as a signed note."""
    chain = base64.b64encode(head.chain).decode()
    return sign(f"{signer.name}/writer/{head.writer}\n{head.wseq}\n{chain}\n", signer)


def verify_head(note: str, verifiers: Iterable[Verifier]) -> Head:
    """The head in a note that a known key has signed under its own name.

    Raises:
        VerificationError: The signature does not hold, or the text is no head.
    """
    known = list(verifiers)
    text = verify(note, known)
    lines = text.split("\n")
    if len(lines) != 4:
        raise VerificationError("the signed text is no head of a writer")
    name, _, writer = lines[0].rpartition("/writer/")
    if all(name != verifier.name for verifier in known):
        raise VerificationError("the head is that of another log")
    try:
        return Head(writer, int(lines[1]), base64.b64decode(lines[2], validate=True))
    except ValueError:
        raise VerificationError("the signed text is no head of a writer") from None
