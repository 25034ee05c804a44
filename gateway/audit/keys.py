"""The key files of the audit log.

``auditor.pub`` and ``auditor.key`` are an X25519 pair in PEM, as ``openssl genpkey -algorithm
X25519`` makes it: records are sealed to the public half, and only the private half, which the
gateway must not have, opens them. ``log.vkey`` and ``log.key`` are an Ed25519 pair in the form of
c2sp.org/signed-note: the gateway signs the heads of the log with the private half.
"""

from __future__ import annotations

import os
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

__all__ = ["create_keys", "load_auditor", "load_recipient", "load_signer", "load_verifier"]

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
    refuse_existing(*(folder / name for name in _NAMES))
    prepare_folder(folder)
    for file, content in contents.items():
        create_key(folder / file, content, PRIVATE if file.endswith(".key") else PUBLIC)
    return tuple(folder / name for name in _NAMES)


def load_recipient(path: Path) -> X25519PublicKey:
    """The public key of a recipient.

    Raises:
        ConfigurationError: The file is missing, or holds anything else, a private key above all.
    """
    raw = read_key_file(path, "make one with `gateway init`")
    if b"PRIVATE KEY" in raw:
        refuse_key(
            path,
            "this is an auditor's private key",
            "name the public one (auditor.pub) and keep the private one off this machine",
        )
    try:
        key = load_pem_public_key(raw)
    except (ValueError, UnsupportedAlgorithm):
        refuse_key(path, "this is no public key in PEM", "make a pair with `gateway init`")
    if not isinstance(key, X25519PublicKey):
        refuse_key(path, "this public key is not X25519", "make a pair with `gateway init`")
    return key


def load_auditor(path: Path) -> X25519PrivateKey:
    """The private key of an auditor.

    Raises:
        ConfigurationError: The file is missing, open to others, or holds anything else.
    """
    raw = read_key_file(path, "make one with `gateway init`", private=True)
    if b"ENCRYPTED PRIVATE KEY" in raw:
        refuse_key(path, "this key is encrypted", "decrypt it with `openssl pkey` first")
    try:
        key = load_pem_private_key(raw, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        refuse_key(path, "this is no private key in PEM", "name the auditor's private key")
    if not isinstance(key, X25519PrivateKey):
        refuse_key(path, "this private key is not X25519", "name the auditor's private key")
    return key


def load_signer(path: Path) -> Signer:
    """The private key that signs the log.

    Raises:
        ConfigurationError: The file is missing, open to others, or holds anything else.
    """
    raw = read_key_file(path, "make one with `gateway init`", private=True)
    try:
        return Signer.parse(raw.decode())
    except ValueError:
        refuse_key(path, "this is no log signing key", "make one with `gateway init`")


def load_verifier(path: Path) -> Verifier:
    """The public key of a log.

    Raises:
        ConfigurationError: The file is missing or holds anything else.
    """
    raw = read_key_file(path, "make one with `gateway init`")
    try:
        return Verifier.parse(raw.decode())
    except ValueError:
        refuse_key(path, "this is no log verifier key", "name the log's public key (log.vkey)")
