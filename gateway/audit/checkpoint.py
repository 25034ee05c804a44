"""Checkpoints of the log: origin, size and root of its tree, signed (c2sp.org/tlog-checkpoint).

The origin is ``<log name>/<store id>``. A store that was begun anew is another log, so no two
checkpoints of one origin may contradict each other. The log's key signs the text, and cosigns it
to say when; witnesses add their cosignatures behind.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from gateway.audit.note import Kind, open_note, read_note, sign
from gateway.audit.note_key import decode
from gateway.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.audit.note import Signature, Signer, Verifier

__all__ = [
    "Checkpoint",
    "SignedCheckpoint",
    "check_quorum",
    "is_checkpoint",
    "origin_of",
    "read_checkpoint",
    "sign_checkpoint",
    "witnesses_of",
]

_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_STORE: Final = re.compile(r"[0-9a-f]{16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree at a moment: ``size`` leaves and their root, 32 bytes."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads the text of a note; extension lines are not looked at.

        Raises:
            VerificationError: It is no checkpoint's.
        """
        lines = text.split("\n")
        if len(lines) < 4 or not all(lines[:-1]) or lines[-1] or not _SIZE.fullmatch(lines[1]):
            raise VerificationError("the signed text is no checkpoint")
        try:
            root = decode(lines[2])
        except ValueError:
            root = b""
        if len(root) != 32:
            raise VerificationError("the signed text is no checkpoint")
        return cls(lines[0], int(lines[1]), root)

    @property
    def store(self) -> str:
        """The id of the store that the origin names."""
        return self.origin.rpartition("/")[2]

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint that the log's key signed.

    Attributes:
        checkpoint: What it says.
        note: The signed note, with all its lines.
        time: Unix seconds at which the log signed it; None where it does not say.
        key: The id of the log's key that signed it; empty where that was not checked.
    """

    checkpoint: Checkpoint
    note: str
    time: int | None = None
    key: bytes = b""


def origin_of(log: str, store: str) -> str:
    """The origin of a log's checkpoints, from the name of its key and the id of its store."""
    return f"{log}/{store}"


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer, time: int) -> str:
    """The signed note of a checkpoint, with a line that says when (Unix seconds)."""
    return sign(checkpoint.text, signer, signer.cosigner, time=time)


def is_checkpoint(note: str, size: int) -> bool:
    """Whether a note is that of a checkpoint over so many records, whoever signed it.

    It is for those who pass on what a store holds: they know no keys, and whoever asks does.
    """
    try:
        text = read_note(note, []).text
        checkpoint = Checkpoint.parse(text)
    except VerificationError:
        return False
    return checkpoint.size == size and checkpoint.text == text


def read_checkpoint(
    note: str, vkeys: Iterable[Verifier], store: str | None = None
) -> SignedCheckpoint:
    """The checkpoint in a note that a key of the log has signed under its own name.

    Args:
        note: The signed note; signatures of others are not looked at.
        vkeys: The log's public keys, the present one and former ones.
        store: The id of the store that it must be of; any store's if not given.

    Raises:
        VerificationError: The note does not hold, or is another log's or another store's.
    """
    known = list(vkeys)
    opened = open_note(note, [*known, *(key.cosigner for key in known)])
    checkpoint = Checkpoint.parse(opened.text)
    name, _, found = checkpoint.origin.rpartition("/")
    by = {
        one.verifier.name: one.verifier.key_id
        for one in opened.signatures
        if one.verifier.kind is Kind.ED25519
    }
    if name not in by:
        raise VerificationError("the checkpoint is that of another log")
    # Heads of writers have the same three lines, but no store's id behind the log's name.
    if not _STORE.fullmatch(found) or (store is not None and found != store):
        raise VerificationError("the checkpoint is that of another store")
    times = [one.time for one in opened.signatures if one.time is not None]
    return SignedCheckpoint(checkpoint, note, max(times, default=None), by[name])


def witnesses_of(note: str, witnesses: Iterable[Verifier]) -> tuple[Signature, ...]:
    """The cosignatures of witnesses on a note, one for each key: that with the latest time.

    Args:
        note: The signed note.
        witnesses: Their keys; those that are not of cosignatures prove no observation and are not
            looked at.

    Raises:
        VerificationError: A witness's cosignature is wrong, or the note is malformed.
    """
    cosigners = [one for one in witnesses if one.kind is Kind.COSIGNATURE]
    found: dict[bytes, Signature] = {}
    for one in sorted(read_note(note, cosigners).signatures, key=lambda one: one.time or 0):
        found[one.verifier.key.public_bytes_raw()] = one
    return tuple(found.values())


def check_quorum(note: str, witnesses: Iterable[Verifier], quorum: int) -> tuple[Signature, ...]:
    """The cosignatures of witnesses on a note, of as many as are needed.

    Raises:
        VerificationError: Too few have cosigned it, or a witness's cosignature is wrong.
    """
    found = witnesses_of(note, witnesses)
    if len(found) < quorum:
        raise VerificationError(f"{len(found)} witnesses have cosigned it, {quorum} are needed")
    return found
