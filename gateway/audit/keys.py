"""The key files of the audit log.

``auditor.pub`` and ``auditor.key`` are an X25519 pair in PEM, as ``openssl genpkey -algorithm
X25519`` makes it: records are sealed to the public half, and only the private half, which the
gateway must not have, opens them. ``log.vkey`` and ``log.key`` are an Ed25519 pair in the form of
c2sp.org/signed-note: the gateway signs the heads of the log with the private half.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from gateway.audit.note import Signer, Verifier
from gateway.errors import ConfigurationError, Place, Problem

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Never

__all__ = ["create_keys", "load_auditor", "load_recipient", "load_signer", "load_verifier"]

_MAX_BYTES: Final = 65_536
_NAMES: Final = ("auditor.key", "auditor.pub", "log.key", "log.vkey")


def create_keys(folder: Path, name: str | None = None) -> tuple[Path, ...]:
    """Writes a new auditor pair and a new signing pair; private files get mode 0600.

    Args:
        folder: Where to; made when it is missing.
        name: The log's name in its signatures; a random one if not given.

    Returns:
        The files that were written.

    Raises:
        ConfigurationError: One of the files exists, or the folder cannot be written.
    """
    auditor = X25519PrivateKey.generate()
    signer = Signer.of(name or f"gateway-{os.urandom(4).hex()}", Ed25519PrivateKey.generate())
    contents = {
        "auditor.key": auditor.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "auditor.pub": auditor.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        ),
        "log.key": f"{signer.secret()}\n".encode(),
        "log.vkey": f"{signer.verifier}\n".encode(),
    }
    for existing in (folder / name for name in _NAMES):
        if existing.exists() or existing.is_symlink():
            _refuse(existing, "the file exists", "keys are never overwritten; move it away first")
    for file, content in contents.items():
        _create(folder / file, content, 0o600 if file.endswith(".key") else 0o644)
    return tuple(folder / name for name in _NAMES)


def load_recipient(path: Path) -> X25519PublicKey:
    """The public key of a recipient.

    Raises:
        ConfigurationError: The file is missing, or holds anything else, a private key above all.
    """
    raw = _read(path)
    if b"PRIVATE KEY" in raw:
        _refuse(
            path,
            "this is an auditor's private key",
            "name the public one (auditor.pub) and keep the private one off this machine",
        )
    try:
        key = load_pem_public_key(raw)
    except (ValueError, UnsupportedAlgorithm):
        _refuse(path, "this is no public key in PEM", "make a pair with `gateway init`")
    if not isinstance(key, X25519PublicKey):
        _refuse(path, "this public key is not X25519", "make a pair with `gateway init`")
    return key


def load_auditor(path: Path) -> X25519PrivateKey:
    """The private key of an auditor.

    Raises:
        ConfigurationError: The file is missing, open to others, or holds anything else.
    """
    raw = _read(path, private=True)
    if b"ENCRYPTED PRIVATE KEY" in raw:
        _refuse(path, "this key is encrypted", "decrypt it with `openssl pkey` first")
    try:
        key = load_pem_private_key(raw, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        _refuse(path, "this is no private key in PEM", "name the auditor's private key")
    if not isinstance(key, X25519PrivateKey):
        _refuse(path, "this private key is not X25519", "name the auditor's private key")
    return key


def load_signer(path: Path) -> Signer:
    """The private key that signs the log.

    Raises:
        ConfigurationError: The file is missing, open to others, or holds anything else.
    """
    raw = _read(path, private=True)
    try:
        return Signer.parse(raw.decode())
    except ValueError:
        _refuse(path, "this is no log signing key", "make one with `gateway init`")


def load_verifier(path: Path) -> Verifier:
    """The public key of a log.

    Raises:
        ConfigurationError: The file is missing or holds anything else.
    """
    raw = _read(path)
    try:
        return Verifier.parse(raw.decode())
    except ValueError:
        _refuse(path, "this is no log verifier key", "name the log's public key (log.vkey)")


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
        _refuse(path, f"the key cannot be read: {error.strerror}", "make one with `gateway init`")
    if private and mode & (stat.S_IRWXO | stat.S_IWGRP):
        _refuse(path, "this private key is open to others", f"run `chmod 600 {path}`")
    return raw


def _refuse(path: Path, message: str, advice: str = "") -> Never:
    raise ConfigurationError(Problem(Place(str(path)), message, advice)) from None
