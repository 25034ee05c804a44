"""A segment's envelope, and the keys that its secret makes.

The envelope holds a commitment to the keys and the segment's secret, sealed to every recipient. It
is stored once per segment. A segment's id is the SHA-256 of its envelope, and stands in every
header that belongs to it: the chain covers it.
"""

from __future__ import annotations

import base64
import hmac
import os
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import orjson
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.audit.recipients import fingerprint, open_with, seal_to, suite_of
from gateway.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.audit.recipients import AuditorKey, RecipientKey

__all__ = ["VERSION", "SegmentKeys", "make_envelope", "open_envelope", "segment_id"]

VERSION: Final = 2
"""The version that is written; version 1, whose records have no salts, is still read."""

_VERSIONS: Final = (1, 2)
_LABEL: Final = "llm-security-gateway audit segment v"


@dataclass(frozen=True, slots=True)
class SegmentKeys:
    """The keys that a segment's secret makes; ``salts`` seals salts, and version 1 has none."""

    version: int
    records: bytes = field(repr=False)
    salts: bytes = field(repr=False)
    _expanding: hmac.HMAC = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # ``hmac.digest`` would read the key each time, and hand over to other threads.
        object.__setattr__(self, "_expanding", hmac.new(self.records, digestmod="sha256"))

    def record(self, salt: bytes, event: str) -> bytes:
        """The key of one record: HKDF-Expand (RFC 5869 §2.3) of one block, HMAC(key, info ‖ 01)."""
        block = self._expanding.copy()
        block.update(b"rec" + salt + event.encode() + b"\x01")
        return block.digest()


def make_envelope(writer: str, recipients: Sequence[RecipientKey]) -> tuple[bytes, SegmentKeys]:
    """A new segment of a writer: its envelope and its keys."""
    secret, salt = os.urandom(32), os.urandom(16)
    keys, commitment = _derive(VERSION, secret, writer, salt)
    info = _info(VERSION, writer, salt)
    envelope = orjson.dumps(
        {
            "version": VERSION,
            "writer": writer,
            "salt": _text(salt),
            "commitment": _text(commitment),
            "recipients": [
                {
                    "key": fingerprint(key),
                    "suite": suite_of(key),
                    "sealed": _text(seal_to(key, secret, info)),
                }
                for key in recipients
            ],
        }
    )
    return envelope, keys


def open_envelope(envelope: bytes, writer: str, key: AuditorKey) -> SegmentKeys:
    """The keys of a writer's segment.

    Raises:
        VerificationError: The envelope is malformed or of an unknown version, is not sealed to
            this key or for this writer, or breaks its commitment.
    """
    try:
        fields = orjson.loads(envelope)
        version = fields["version"]
        salt, commitment = _bytes(fields["salt"]), _bytes(fields["commitment"])
        sealed = {entry["key"]: _bytes(entry["sealed"]) for entry in fields["recipients"]}
    except (ValueError, KeyError, TypeError):
        raise VerificationError("the segment's envelope is malformed") from None
    if version not in _VERSIONS:
        raise VerificationError("the segment's envelope has an unknown version")
    name = fingerprint(key.public_key())
    if name not in sealed:
        raise VerificationError(f"the segment is not sealed to the key {name}")
    secret = open_with(key, sealed[name], _info(version, writer, salt))
    keys, expected = _derive(version, secret, writer, salt)
    if not hmac.compare_digest(expected, commitment):
        raise VerificationError("the segment's key is not the one it commits to")
    return keys


def segment_id(envelope: bytes) -> str:
    """The id of the segment that an envelope belongs to."""
    return sha256(envelope).hexdigest()


def _derive(version: int, secret: bytes, writer: str, salt: bytes) -> tuple[SegmentKeys, bytes]:
    """The keys, and the commitment to the secret they were made of."""
    length = 64 if version == 1 else 96
    made = HKDF(SHA256(), length, salt, _info(version, writer, salt)).derive(secret)
    return SegmentKeys(version, made[:32], made[64:]), made[32:64]


def _info(version: int, writer: str, salt: bytes) -> bytes:
    return f"{_LABEL}{version} {len(writer)}:{writer} ".encode() + salt


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: Any) -> bytes:
    return base64.b64decode(text, validate=True)
