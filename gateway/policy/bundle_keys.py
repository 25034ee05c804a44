"""The key files of signed policies: an Ed25519 pair in PEM, as ``openssl genpkey`` makes it.

``policy.key`` signs and belongs to those who release policies; ``policy.pub`` is all that a
gateway needs.
"""

from __future__ import annotations

import os
import stat
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

from gateway.errors import ConfigurationError, Place, Problem

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Never

__all__ = ["create_keys", "load_signing_key", "load_verifying_key"]

_MAX_BYTES: Final = 65_536
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
    for path in (private, public):
        if path.exists() or path.is_symlink():
            _refuse(path, "the file exists", "keys are never overwritten; move it away first")
    _create(private, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
    info = PublicFormat.SubjectPublicKeyInfo
    _create(public, key.public_key().public_bytes(Encoding.PEM, info), 0o644)
    return private, public


def load_signing_key(path: Path) -> Ed25519PrivateKey:
    """The private key that signs policies.

    Raises:
        ConfigurationError: The file is missing, open to others, or holds anything else.
    """
    raw = _read(path, private=True)
    if b"ENCRYPTED PRIVATE KEY" in raw:
        _refuse(path, "this key is encrypted", "decrypt it with `openssl pkey` first")
    try:
        key = load_pem_private_key(raw, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        _refuse(path, "this is no private key in PEM", "name the private half, policy.key")
    if not isinstance(key, Ed25519PrivateKey):
        _refuse(path, "this private key is not Ed25519", _MAKE)
    return key


def load_verifying_key(path: Path) -> Ed25519PublicKey:
    """The public key that a policy's signature is checked with.

    Raises:
        ConfigurationError: The file is missing, or holds anything else, a private key above all.
    """
    raw = _read(path)
    if b"PRIVATE KEY" in raw:
        advice = "name the public one (policy.pub) and keep the private one off this machine"
        _refuse(path, "this is a private key", advice)
    try:
        key = load_pem_public_key(raw)
    except (ValueError, UnsupportedAlgorithm):
        _refuse(path, "this is no public key in PEM", _MAKE)
    if not isinstance(key, Ed25519PublicKey):
        _refuse(path, "this public key is not Ed25519", _MAKE)
    return key


def _create(path: Path, content: bytes, mode: int) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except OSError as error:
        _refuse(path, f"the key cannot be written: {error.strerror}")


def _read(path: Path, *, private: bool = False) -> bytes:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            raw = file.read(_MAX_BYTES)
    except OSError as error:
        _refuse(path, f"the key cannot be read: {error.strerror}", _MAKE)
    if private and mode & (stat.S_IRWXO | stat.S_IWGRP):
        _refuse(path, "this private key is open to others", f"run `chmod 600 {path}`")
    return raw


def _refuse(path: Path, message: str, advice: str = "") -> Never:
    raise ConfigurationError(Problem(Place(str(path)), message, advice)) from None
