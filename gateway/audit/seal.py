"""Sealed segments: who writes the log cannot read it, and it can forget a person.

A segment has a secret of 32 random bytes, kept in memory only and sealed to every recipient. HKDF
turns the secret into an encryption key, a key for salts and a commitment, without which AES-GCM
would let one ciphertext open to two texts under two keys. Each record has a key of its own, and
its associated data names the record, so that a ciphertext opens nowhere else.

Each subject has a salt of 32 random bytes in each segment, which goes into the keys of its
records. The store holds it sealed, in a row of its own: without the row nobody opens them any
more, auditors neither, while ciphertexts, headers and proofs stay what they were. A header names
the digest of its sealed salt, so that one that was changed or swapped is seen without any key.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM

from gateway.audit.envelope import VERSION, make_envelope, segment_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.ciphers import (
        AEADDecryptionContext,
        AEADEncryptionContext,
    )

    from gateway.audit.binding import Binding, Subject
    from gateway.audit.recipients import RecipientKey

__all__ = ["NONCE", "Salt", "SealedPart", "Segment"]

NONCE: Final = 12
"""Bytes of a nonce; it stands behind the version in sealed parts and salts."""

_HEAD: Final = 1 + NONCE
_TAG: Final = 16
_SLICE: Final = 2**16
_NONCES: Final = 64
_MAX_AGE: Final = 300.0
_MAX_RECORDS: Final = 10_000
_MAX_BYTES: Final = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Salt:
    """A subject's salt in a segment as the store holds it: version, nonce, ciphertext with tag."""

    segment: str
    subject: Subject
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealedPart:
    """A sealed part: version, nonce, ciphertext with its tag.

    Attributes:
        segment: The id of its segment.
        salt: The SHA-256, in hex, of the sealed salt that is needed to open it; None where the
            record has no subject.
        new_salt: That salt, where it is the subject's first record in the segment.
        sealed_salt: That salt as the store holds it; empty where the record has no subject.
    """

    segment: str
    sealed: bytes | bytearray = field(repr=False)
    salt: str | None = None
    new_salt: Salt | None = None
    sealed_salt: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class _Salting:
    """A salt in the memory of the writer, what the store holds of it, and the digest of that."""

    salt: bytes = field(repr=False)
    sealed: bytes = field(default=b"", repr=False)
    digest: str | None = None
    new: Salt | None = None


_UNSALTED: Final = _Salting(b"")


class Segment:
    """The segment that a writer is filling.

    Args:
        writer: The writer's id.
        recipients: Public keys that can open it; at least one.
    """

    __slots__ = (
        "_born",
        "_bytes",
        "_keys",
        "_nonces",
        "_records",
        "_salts",
        "envelope",
        "id",
        "writer",
    )

    def __init__(self, writer: str, recipients: Sequence[RecipientKey]) -> None:
        self.writer: Final = writer
        self.envelope, self._keys = make_envelope(writer, recipients)
        self.id: Final[str] = segment_id(self.envelope)
        self._salts: dict[Subject, _Salting] = {}
        self._nonces: list[bytes] = []
        self._born = time.monotonic()
        self._records = self._bytes = 0

    @property
    def full(self) -> bool:
        """Whether it has reached 5 minutes, 10 000 records or 64 MiB."""
        return (
            self._records >= _MAX_RECORDS
            or self._bytes >= _MAX_BYTES
            or time.monotonic() - self._born >= _MAX_AGE
        )

    def seal(self, plaintext: bytes | bytearray, binding: Binding) -> SealedPart:
        """Seals a part.

        A ``bytearray`` becomes its own sealed part: large ones have no room in memory twice.
        """
        salting = self._salting(binding.subject)
        nonce, key = self._nonce(), self._keys.record(salting.salt, binding.event)
        head, data = bytes((VERSION,)) + nonce, binding.associated_data(VERSION)
        sealed: bytes | bytearray
        if isinstance(plaintext, bytearray):
            sealed = plaintext
            encryptor = Cipher(AES(key), GCM(nonce)).encryptor()
            _update_in_place(sealed, encryptor, data)
            sealed += encryptor.tag
            sealed[:0] = head
        else:
            sealed = head + AESGCM(key).encrypt(nonce, plaintext, data)
        self._records += 1
        self._bytes += len(sealed)
        return SealedPart(self.id, sealed, salting.digest, salting.new, salting.sealed)

    def unseal(self, sealed: bytearray, binding: Binding) -> None:
        """Turns what was just sealed in its own place back into what it was."""
        key = self._keys.record(self._salting(binding.subject).salt, binding.event)
        nonce, tag = bytes(sealed[1:_HEAD]), bytes(sealed[-_TAG:])
        del sealed[-_TAG:], sealed[:_HEAD]
        decryptor = Cipher(AES(key), GCM(nonce, tag)).decryptor()
        _update_in_place(sealed, decryptor, binding.associated_data(VERSION))

    def _nonce(self) -> bytes:
        """Twelve random bytes, of many that are taken at once: it hands the interpreter over."""
        if not self._nonces:
            raw = os.urandom(NONCE * _NONCES)
            self._nonces = [raw[at : at + NONCE] for at in range(0, len(raw), NONCE)]
        return self._nonces.pop()

    def _salting(self, subject: Subject | None) -> _Salting:
        if subject is None:
            return _UNSALTED
        known = self._salts.get(subject)
        if known is not None:
            return known
        salt, nonce = os.urandom(32), os.urandom(NONCE)
        data = subject.associated_data(self.id)
        sealed = bytes((VERSION,)) + nonce + AESGCM(self._keys.salts).encrypt(nonce, salt, data)
        digest = sha256(sealed).hexdigest()
        self._salts[subject] = _Salting(salt, sealed, digest)
        return _Salting(salt, sealed, digest, Salt(self.id, subject, sealed))


def _update_in_place(
    text: bytearray, context: AEADEncryptionContext | AEADDecryptionContext, data: bytes
) -> None:
    context.authenticate_additional_data(data)
    with memoryview(text) as view:
        for at in range(0, len(text), _SLICE):
            view[at : at + _SLICE] = context.update(view[at : at + _SLICE])
    text += context.finalize()
