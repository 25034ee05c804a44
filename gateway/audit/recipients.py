"""The two kinds of key that a segment's secret is sealed to: X25519 and X-Wing.

Both go through HPKE (RFC 9180, single shot, HKDF-SHA256, AES-256-GCM). X-Wing also holds against
who records today and has a quantum computer later.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final, Literal, assert_never

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from gateway.audit.xwing import XWingPrivateKey, XWingPublicKey
from gateway.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "SUITES",
    "AuditorKey",
    "RecipientKey",
    "SuiteName",
    "fingerprint",
    "new_auditor",
    "open_with",
    "private_pem",
    "public_pem",
    "seal_to",
    "suite_of",
]

RecipientKey = X25519PublicKey | XWingPublicKey
AuditorKey = X25519PrivateKey | XWingPrivateKey
SuiteName = Literal["x25519", "x-wing"]
SUITES: Final[Sequence[SuiteName]] = ("x25519", "x-wing")
_X25519: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_XWING: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def new_auditor(suite: SuiteName) -> AuditorKey:
    """A new private key."""
    match suite:
        case "x25519":
            return X25519PrivateKey.generate()
        case "x-wing":
            return XWingPrivateKey.generate()
        case _:
            assert_never(suite)


def suite_of(key: RecipientKey | AuditorKey) -> SuiteName:
    """The name of a key's kind."""
    return "x-wing" if isinstance(key, XWingPublicKey | XWingPrivateKey) else "x25519"


def fingerprint(key: RecipientKey) -> str:
    """A short name of a recipient's key: the first 8 bytes of its SHA-256, in hex."""
    return sha256(key.public_bytes_raw()).hexdigest()[:16]


def seal_to(key: RecipientKey, secret: bytes, info: bytes) -> bytes:
    """A secret that only the holder of the private key opens, and only with the same ``info``."""
    if isinstance(key, XWingPublicKey):
        return _XWING.encrypt(secret, key.hpke, info=info)
    return _X25519.encrypt(secret, key, info=info)


def open_with(key: AuditorKey, sealed: bytes, info: bytes) -> bytes:
    """The secret that was sealed to a key.

    Raises:
        VerificationError: It was sealed to another key or with another ``info``, or changed.
    """
    try:
        if isinstance(key, XWingPrivateKey):
            return _XWING.decrypt(sealed, key.hpke, info=info)
        return _X25519.decrypt(sealed, key, info=info)
    except (InvalidTag, ValueError):
        raise VerificationError("the segment's secret does not open") from None


def public_pem(key: RecipientKey) -> bytes:
    """A recipient's key as files hold it."""
    if isinstance(key, XWingPublicKey):
        return key.pem()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def private_pem(key: AuditorKey) -> bytes:
    """An auditor's key as files hold it."""
    if isinstance(key, XWingPrivateKey):
        return key.pem()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
