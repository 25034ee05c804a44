"""The key files of signed policies: an Ed25519 pair in PEM, as ``openssl genpkey`` makes it.

``policy.key`` signs and belongs to those who release policies; ``policy.pub`` is all that a
gateway needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from gateway.key_files import (
    PRIVATE,
    PUBLIC,
    create_key,
    prepare_folder,
    read_key_file,
    refuse_existing,
    refuse_key,
)

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["create_keys", "load_signing_key", "load_verifying_key"]

_MAKE: Final = "make a pair with `gateway policy keygen`"


def create_keys(folder: Path) -> tuple[Path, Path]:
    """Writes a new pair, ``policy.key`` with mode 0600 and ``policy.pub``.

    Args:
        folder: Where to; made when it is missing.

    Returns:
        The private file, and the public one.

    Raises:
        ConfigurationError: One of the files exists, or the folder cannot be written.
    """
    key = Ed25519PrivateKey.generate()
    private, public = folder / "policy.key", folder / "policy.pub"
    refuse_existing(private, public)
    prepare_folder(folder)
    create_key(
        private, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), PRIVATE
    )
    info = PublicFormat.SubjectPublicKeyInfo
    create_key(public, key.public_key().public_bytes(Encoding.PEM, info), PUBLIC)
    return private, public


def load_signing_key(path: Path) -> Ed25519PrivateKey:
    """The private key that signs policies.

    Raises:
        ConfigurationError: The file is missing, open to others, or holds anything else.
    """
    raw = read_key_file(path, _MAKE, private=True)
    if b"ENCRYPTED PRIVATE KEY" in raw:
        refuse_key(path, "this key is encrypted", "decrypt it with `openssl pkey` first")
    try:
        key = load_pem_private_key(raw, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        refuse_key(path, "this is no private key in PEM", "name the private half, policy.key")
    if not isinstance(key, Ed25519PrivateKey):
        refuse_key(path, "this private key is not Ed25519", _MAKE)
    return key


def load_verifying_key(path: Path) -> Ed25519PublicKey:
    """The public key that a policy's signature is checked with.

    Raises:
        ConfigurationError: The file is missing, or holds anything else, a private key above all.
    """
    raw = read_key_file(path, _MAKE)
    if b"PRIVATE KEY" in raw:
        advice = "name the public one (policy.pub) and keep the private one off this machine"
        refuse_key(path, "this is a private key", advice)
    try:
        key = load_pem_public_key(raw)
    except (ValueError, UnsupportedAlgorithm):
        refuse_key(path, "this is no public key in PEM", _MAKE)
    if not isinstance(key, Ed25519PublicKey):
        refuse_key(path, "this public key is not Ed25519", _MAKE)
    return key
