"""Sealed segments: who writes the log cannot read it.

A segment has a secret of 32 random bytes, kept in memory only and sealed with HPKE (RFC 9180,
single shot) to every recipient. HKDF turns the secret into an
encryption key and a commitment to it, without which AES-GCM would let one ciphertext open to two
texts under two keys. Each record has a key of its own, and its associated data names the record,
so that a ciphertext opens nowhere else.

The envelope (commitment and sealed secrets) is stored once per segment. A segment's id is the
SHA-256 of its envelope, and stands in every header that belongs to it: the chain covers it.
"""

from __future__ import annotations

import base64
import hmac
import os
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.audit.recipients import fingerprint, open_with, seal_to
from gateway.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.ciphers import AEADEncryptionContext

    from gateway.audit.recipients import AuditorKey, RecipientKey

__all__ = ["Binding", "Opener", "Segment", "segment_id"]

_VERSION: Final = 1
_LABEL: Final = b"llm-security-gateway audit segment v1"
_NONCE: Final = 12
_SLICE: Final = 2**16
_MAX_AGE: Final = 300.0
_MAX_RECORDS: Final = 10_000
_MAX_BYTES: Final = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Binding:
    """What a sealed part belongs to; it opens with exactly this and nothing else."""

    tenant: str | None
    event: str
    writer: str
    wseq: int
    segment: str
    field: str = "content"

    def associated_data(self) -> bytes:
        """Version and every part, each with its length, so that no two bindings look alike."""
        tenant = "-" if self.tenant is None else f"{len(self.tenant)}:{self.tenant}"
        return (
            f"{_VERSION},{tenant},{len(self.event)}:{self.event},{len(self.writer)}:{self.writer},"
            f"{self.wseq},{len(self.segment)}:{self.segment},{len(self.field)}:{self.field}"
        ).encode()


class Segment:
    """The segment that a writer is filling.

    Args:
        writer: The writer's id.
        recipients: Public keys that can open it; at least one.
    """

    __slots__ = ("_born", "_bytes", "_key", "_records", "envelope", "id")

    def __init__(self, writer: str, recipients: Sequence[RecipientKey]) -> None:
        secret, salt = os.urandom(32), os.urandom(16)
        self._key, commitment = _derive(secret, writer, salt)
        self.envelope: Final[bytes] = orjson.dumps(
            {
                "version": _VERSION,
                "writer": writer,
                "salt": _text(salt),
                "commitment": _text(commitment),
                "recipients": [
                    {
                        "key": fingerprint(key),
                        "sealed": _text(seal_to(key, secret, _info(writer, salt))),
                    }
                    for key in recipients
                ],
            }
        )
        self.id: Final[str] = segment_id(self.envelope)
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

    def seal(self, plaintext: bytes | bytearray, binding: Binding) -> bytes | bytearray:
        """The sealed part: version, nonce, ciphertext with its tag.

        A ``bytearray`` becomes its own sealed part: large ones have no room in memory twice.
        """
        nonce, key = os.urandom(_NONCE), _record_key(self._key, binding)
        head, data = bytes((_VERSION,)) + nonce, binding.associated_data()
        sealed: bytes | bytearray
        if isinstance(plaintext, bytearray):
            sealed = plaintext
            _encrypt_in_place(sealed, Cipher(AES(key), GCM(nonce)).encryptor(), data)
            sealed[:0] = head
        else:
            sealed = head + AESGCM(key).encrypt(nonce, plaintext, data)
        self._records += 1
        self._bytes += len(sealed)
        return sealed


class Opener:
    """Opens sealed parts with one recipient's private key; keeps the keys of segments it opened."""

    __slots__ = ("_fingerprint", "_keys", "_private")

    def __init__(self, private: AuditorKey) -> None:
        self._private = private
        self._fingerprint = fingerprint(private.public_key())
        self._keys: dict[str, bytes] = {}

    def open(self, envelope: bytes, sealed: bytes, binding: Binding) -> bytes:
        """The plaintext of a sealed part.

        Raises:
            VerificationError: The envelope is not that of the binding's segment, is not sealed
                to this key or breaks its commitment, or the sealed part belongs elsewhere.
        """
        key = self._keys.get(binding.segment)
        if key is None:
            if segment_id(envelope) != binding.segment:
                raise VerificationError("the segment's envelope was changed")
            key = self._keys[binding.segment] = self._segment_key(envelope, binding.writer)
        if len(sealed) <= _NONCE or sealed[0] != _VERSION:
            raise VerificationError("the sealed part has an unknown version")
        cipher = AESGCM(_record_key(key, binding))
        try:
            return cipher.decrypt(
                sealed[1 : _NONCE + 1], sealed[_NONCE + 1 :], binding.associated_data()
            )
        except InvalidTag:
            raise VerificationError("the sealed part does not belong to this record") from None

    def _segment_key(self, envelope: bytes, writer: str) -> bytes:
        try:
            fields = orjson.loads(envelope)
            salt, commitment = _bytes(fields["salt"]), _bytes(fields["commitment"])
            sealed = {entry["key"]: _bytes(entry["sealed"]) for entry in fields["recipients"]}
        except (ValueError, KeyError, TypeError):
            raise VerificationError("the segment's envelope is malformed") from None
        if self._fingerprint not in sealed:
            raise VerificationError(f"the segment is not sealed to the key {self._fingerprint}")
        secret = open_with(self._private, sealed[self._fingerprint], _info(writer, salt))
        key, expected = _derive(secret, writer, salt)
        if not hmac.compare_digest(expected, commitment):
            raise VerificationError("the segment's key is not the one it commits to")
        return key


def _encrypt_in_place(text: bytearray, encryptor: AEADEncryptionContext, data: bytes) -> None:
    encryptor.authenticate_additional_data(data)
    with memoryview(text) as view:
        for at in range(0, len(text), _SLICE):
            view[at : at + _SLICE] = encryptor.update(view[at : at + _SLICE])
    text += encryptor.finalize() + encryptor.tag


def segment_id(envelope: bytes) -> str:
    """The id of the segment that an envelope belongs to."""
    return sha256(envelope).hexdigest()


def _derive(secret: bytes, writer: str, salt: bytes) -> tuple[bytes, bytes]:
    keys = HKDF(SHA256(), 64, salt, _info(writer, salt)).derive(secret)
    return keys[:32], keys[32:]


def _record_key(key: bytes, binding: Binding) -> bytes:
    # HKDF-Expand (RFC 5869 §2.3) of one block: HMAC(key, info ‖ 01).
    return hmac.digest(key, b"rec" + binding.event.encode() + b"\x01", "sha256")


def _info(writer: str, salt: bytes) -> bytes:
    return _LABEL + f" {len(writer)}:{writer} ".encode() + salt


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: Any) -> bytes:
    return base64.b64decode(text, validate=True)
