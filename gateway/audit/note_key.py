"""Named Ed25519 keys of signed notes, as text (c2sp.org/signed-note, c2sp.org/tlog-cosignature).

A verifier key is ``name+hex(key id)+base64(type ‖ public key)``, a signer key
``PRIVATE+KEY+name+hex(key id)+base64(type ‖ seed)``. The key id is the first four bytes of
``SHA-256(name ‖ 0A ‖ type ‖ public key)``, so the same key of another type is another key.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

__all__ = ["Kind", "Signer", "Verifier", "decode", "is_name"]

_PRIVATE: Final = "PRIVATE+KEY+"


class Kind(IntEnum):
    """What a key's signatures say; the type byte of signed notes."""

    ED25519 = 1
    """This is the text."""

    COSIGNATURE = 4
    """At this time the text was the newest that was seen (``cosignature/v1``)."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A named public key."""

    name: str
    key_id: bytes
    key: Ed25519PublicKey
    kind: Kind = Kind.ED25519

    @classmethod
    def parse(cls, text: str) -> Verifier:
        """Reads a verifier key.

        Raises:
            ValueError: The text is no verifier key of a known type, or its id is not that of its
                key.
        """
        name, key_id, kind, raw = _fields(text.strip())
        verifier = cls.of(name, Ed25519PublicKey.from_public_bytes(raw), kind)
        if verifier.key_id != key_id:
            raise ValueError("the key's id does not belong to the key")
        return verifier

    @classmethod
    def of(cls, name: str, key: Ed25519PublicKey, kind: Kind = Kind.ED25519) -> Verifier:
        """A verifier for a name and a key."""
        return cls(name, _key_id(name, key, kind), key, kind)

    @property
    def cosigner(self) -> Verifier:
        """The same name and key, for timestamped cosignatures."""
        return Verifier.of(self.name, self.key, Kind.COSIGNATURE)

    def __str__(self) -> str:
        """The verifier key as files hold it."""
        raw = base64.b64encode(bytes([self.kind]) + self.key.public_bytes_raw()).decode()
        return f"{self.name}+{self.key_id.hex()}+{raw}"


@dataclass(frozen=True, slots=True)
class Signer:
    """A named private key."""

    name: str
    key_id: bytes
    key: Ed25519PrivateKey = field(repr=False)
    kind: Kind = Kind.ED25519

    @classmethod
    def parse(cls, text: str) -> Signer:
        """Reads a signer key.

        Raises:
            ValueError: The text is no signer key of a known type, or its id is not that of its
                key.
        """
        text = text.strip()
        if not text.startswith(_PRIVATE):
            raise ValueError("the text is no signer key")
        name, key_id, kind, seed = _fields(text[len(_PRIVATE) :])
        signer = cls.of(name, Ed25519PrivateKey.from_private_bytes(seed), kind)
        if signer.key_id != key_id:
            raise ValueError("the key's id does not belong to the key")
        return signer

    @classmethod
    def of(cls, name: str, key: Ed25519PrivateKey, kind: Kind = Kind.ED25519) -> Signer:
        """A signer for a name and a key.

        Raises:
            ValueError: The name is empty or holds spaces, plus signs or control characters.
        """
        if not is_name(name):
            raise ValueError("a key's name has no spaces, plus signs or control characters")
        return cls(name, _key_id(name, key.public_key(), kind), key, kind)

    def secret(self) -> str:
        """The signer key as files hold it."""
        raw = base64.b64encode(bytes([self.kind]) + self.key.private_bytes_raw()).decode()
        return f"{_PRIVATE}{self.name}+{self.key_id.hex()}+{raw}"

    @property
    def cosigner(self) -> Signer:
        """The same name and key, for timestamped cosignatures."""
        return Signer.of(self.name, self.key, Kind.COSIGNATURE)

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(self.name, self.key_id, self.key.public_key(), self.kind)


def decode(text: str) -> bytes:
    """The bytes of base64 in its one canonical spelling.

    Raises:
        ValueError: It is none.
    """
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise ValueError("the text is not canonical base64")
    return raw


def is_name(name: str) -> bool:
    """Whether a key may be called so."""
    return bool(name) and name.isprintable() and "+" not in name and not any(map(str.isspace, name))


def _fields(text: str) -> tuple[str, bytes, Kind, bytes]:
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        raw, number = decode(encoded), bytes.fromhex(key_id)
    except ValueError:
        raise ValueError("the text is no note key") from None
    if not is_name(name) or len(number) != 4 or len(raw) != 33 or raw[0] not in tuple(Kind):
        raise ValueError("the text is no Ed25519 note key")
    return name, number, Kind(raw[0]), raw[1:]


def _key_id(name: str, key: Ed25519PublicKey, kind: Kind) -> bytes:
    return sha256(name.encode() + b"\n" + bytes([kind]) + key.public_bytes_raw()).digest()[:4]
