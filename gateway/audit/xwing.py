"""X-Wing keys: ML-KEM-768 and X25519 in one, so that both must be broken.

They are those of the Internet-Draft draft-connolly-cfrg-xwing-kem. The private key is a seed of 32
bytes, from which SHAKE-256 makes both private keys. Files hold the keys in PEM under the draft's
object identifier, 1.3.6.1.4.1.62253.25722: SubjectPublicKeyInfo and PKCS #8, as every other key's.
"""

from __future__ import annotations

import base64
import os
import re
from dataclasses import dataclass, field
from hashlib import shake_256
from typing import Final, Self

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
)

__all__ = ["XWingPrivateKey", "XWingPublicKey"]

_SEED: Final = 32
_MLKEM_SEED: Final = 64
_MLKEM_PUBLIC: Final = 1184
_PUBLIC: Final = _MLKEM_PUBLIC + 32
_ALGORITHM: Final = bytes.fromhex("300d060b2b0601040183e62d81c87a")
# SEQUENCE { algorithm, BIT STRING of 1216 bytes }, SEQUENCE { 0, algorithm, OCTET STRING of 32 }.
_SPKI: Final = bytes.fromhex("308204d4") + _ALGORITHM + bytes.fromhex("038204c100")
_PKCS8: Final = bytes.fromhex("3034020100") + _ALGORITHM + bytes.fromhex("0420")
_PEM: Final = re.compile(
    rb"-----BEGIN (PUBLIC|PRIVATE) KEY-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END \1 KEY-----\s*"
)
_LINE: Final = 64


@dataclass(frozen=True, slots=True)
class XWingPublicKey:
    """The public half."""

    mlkem: MLKEM768PublicKey
    x25519: X25519PublicKey

    @classmethod
    def from_public_bytes(cls, raw: bytes) -> Self:
        """The key in its 1216 bytes: that of ML-KEM-768, then that of X25519.

        Raises:
            ValueError: The bytes are no such key.
        """
        if len(raw) != _PUBLIC:
            raise ValueError("an X-Wing public key has 1216 bytes")
        mlkem = MLKEM768PublicKey.from_public_bytes(raw[:_MLKEM_PUBLIC])
        return cls(mlkem, X25519PublicKey.from_public_bytes(raw[_MLKEM_PUBLIC:]))

    @classmethod
    def parse(cls, pem: bytes) -> Self | None:
        """The key in a PEM file; None where the file holds a key of another kind.

        Raises:
            ValueError: It says that it is X-Wing and is not.
        """
        raw = _content(pem, b"PUBLIC", _SPKI)
        return None if raw is None else cls.from_public_bytes(raw)

    @property
    def hpke(self) -> MLKEM768X25519PublicKey:
        """The key as ``cryptography`` takes it."""
        return MLKEM768X25519PublicKey(self.mlkem, self.x25519)

    def public_bytes_raw(self) -> bytes:
        """The key in its 1216 bytes."""
        return self.mlkem.public_bytes_raw() + self.x25519.public_bytes_raw()

    def pem(self) -> bytes:
        """The key as files hold it."""
        return _pem("PUBLIC", _SPKI + self.public_bytes_raw())


@dataclass(frozen=True, slots=True)
class XWingPrivateKey:
    """The private half, made of a seed of 32 bytes."""

    seed: bytes = field(repr=False)
    mlkem: MLKEM768PrivateKey = field(repr=False)
    x25519: X25519PrivateKey = field(repr=False)

    @classmethod
    def from_private_bytes(cls, seed: bytes) -> Self:
        """The key of a seed.

        Raises:
            ValueError: The seed has not 32 bytes.
        """
        if len(seed) != _SEED:
            raise ValueError("an X-Wing private key has 32 bytes")
        expanded = shake_256(seed).digest(_MLKEM_SEED + 32)
        return cls(
            seed,
            MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED]),
            X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED:]),
        )

    @classmethod
    def generate(cls) -> Self:
        """A new key."""
        return cls.from_private_bytes(os.urandom(_SEED))

    @classmethod
    def parse(cls, pem: bytes) -> Self | None:
        """The key in a PEM file; None where the file holds a key of another kind.

        Raises:
            ValueError: It says that it is X-Wing and is not.
        """
        raw = _content(pem, b"PRIVATE", _PKCS8)
        return None if raw is None else cls.from_private_bytes(raw)

    @property
    def hpke(self) -> MLKEM768X25519PrivateKey:
        """The key as ``cryptography`` takes it."""
        return MLKEM768X25519PrivateKey(self.mlkem, self.x25519)

    def public_key(self) -> XWingPublicKey:
        """The public half."""
        return XWingPublicKey(self.mlkem.public_key(), self.x25519.public_key())

    def pem(self) -> bytes:
        """The key as files hold it."""
        return _pem("PRIVATE", _PKCS8 + self.seed)


def _pem(kind: str, der: bytes) -> bytes:
    text = base64.b64encode(der).decode()
    lines = [text[at : at + _LINE] for at in range(0, len(text), _LINE)]
    return "\n".join(
        [f"-----BEGIN {kind} KEY-----", *lines, f"-----END {kind} KEY-----", ""]
    ).encode()


def _content(pem: bytes, kind: bytes, head: bytes) -> bytes | None:
    """What follows the algorithm in a PEM file; None where the algorithm is another one."""
    found = _PEM.fullmatch(pem.strip())
    if found is None or found[1] != kind:
        return None
    der = base64.b64decode(found[2].translate(None, b"\r\n"), validate=True)
    if _ALGORITHM not in der[: len(head)]:
        return None
    if not der.startswith(head):
        raise ValueError("the X-Wing key is malformed")
    return der[len(head) :]
