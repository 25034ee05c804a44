"""The key files of the audit log.

``auditor.pub`` and ``auditor.key`` are an X25519 pair in PEM, as ``openssl genpkey -algorithm
X25519`` makes it, or an X-Wing pair: records are sealed to the public half, and only the private
half, which the gateway must not have, opens them. ``log.vkey`` and ``log.key`` are an Ed25519 pair
in the form of c2sp.org/signed-note: the gateway signs the log with the private half. After a
rotation a verifier file holds the key that signs now, and below it, one a line, those before it; so
does ``index.key``, which makes the tokens of matched values.
"""

from __future__ import annotations

import os
import re
from itertools import count
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)

from gateway.audit.blind import BlindIndex
from gateway.audit.ledger import Keys
from gateway.audit.note import Signer, Verifier
from gateway.audit.recipients import new_auditor, private_pem, public_pem
from gateway.audit.xwing import XWingPrivateKey, XWingPublicKey
from gateway.key_files import (
    PRIVATE,
    PUBLIC,
    create_key,
    create_random_key,
    prepare_folder,
    read_key_file,
    read_random_keys,
    refuse_existing,
    refuse_key,
)

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.audit.recipients import AuditorKey, RecipientKey, SuiteName
    from gateway.settings import AuditSettings

__all__ = [
    "create_auditor",
    "create_keys",
    "create_signer",
    "load_auditor",
    "load_index",
    "load_keys",
    "load_recipient",
    "load_signer",
    "load_verifiers",
    "next_name",
    "rotate_index",
]

_MAKE: Final = "make one with `gateway init`"
_PAIR: Final = "make a pair with `gateway keys new auditor`"
_UNKNOWN: Final = "this kind of key is not known to this machine's OpenSSL"
_NUMBER: Final = re.compile(r"[0-9]{1,6}", re.ASCII)


def create_keys(
    folder: Path, name: str | None = None, suite: SuiteName = "x25519"
) -> tuple[Path, ...]:
    """Writes a new auditor pair and a new signing pair; private files get mode 0600.

    Args:
        folder: Where to; made when it is missing.
        name: The log's name in its signatures; a random one if not given.
        suite: The kind of the auditor's key.

    Returns:
        The files that were written.

    Raises:
        ConfigurationError: One of the files exists, or the folder cannot be written.
    """
    refuse_existing(*(folder / name for name in ("log.key", "log.vkey")))
    auditor = create_auditor(folder, suite)
    signer = Signer.of(name or f"gateway-{os.urandom(4).hex()}", Ed25519PrivateKey.generate())
    return (*auditor, *create_signer(folder, signer))


def create_auditor(folder: Path, suite: SuiteName, stem: str = "auditor") -> tuple[Path, Path]:
    """Writes a new auditor pair, ``STEM.key`` and ``STEM.pub``.

    Raises:
        ConfigurationError: One of the files exists, or the folder cannot be written.
    """
    try:
        key = new_auditor(suite)
    except UnsupportedAlgorithm:
        refuse_key(folder, f"this machine's OpenSSL makes no {suite} keys", "use x25519")
    return _create_pair(folder, stem, ".pub", private_pem(key), public_pem(key.public_key()))


def create_signer(
    folder: Path, signer: Signer, stem: str = "log", earlier: tuple[Verifier, ...] = ()
) -> tuple[Path, Path]:
    """Writes a signing pair, ``STEM.key`` and ``STEM.vkey``, which also names earlier keys.

    Raises:
        ConfigurationError: One of the files exists, or the folder cannot be written.
    """
    lines = "".join(f"{one}\n" for one in (signer.verifier, *earlier))
    return _create_pair(folder, stem, ".vkey", f"{signer.secret()}\n".encode(), lines.encode())


def next_name(path: Path, *suffixes: str) -> str:
    """The stem of the next pair beside a key file: ``log-2`` after ``log``, with no file of it."""
    stem, dash, number = path.stem.rpartition("-")
    if not dash or _NUMBER.fullmatch(number) is None:
        stem, number = path.stem, "1"
    names = (f"{stem}-{following}" for following in count(int(number) + 1))
    return next(
        name for name in names if not any(_is_there(path.with_name(name + end)) for end in suffixes)
    )


def _is_there(file: Path) -> bool:
    return file.exists() or file.is_symlink()


def load_keys(settings: AuditSettings) -> Keys:
    """The keys that every writer of a log has.

    Raises:
        ConfigurationError: A file is missing, open to others, or holds anything else.
    """
    recipients = tuple(load_recipient(path) for path in settings.recipients)
    index = load_index(settings.index_key) if settings.index_key is not None else None
    return Keys(load_signer(settings.signing_key), recipients, index)


def load_index(path: Path) -> BlindIndex:
    """The index of values under the keys in a file, the newest first.

    Raises:
        ConfigurationError: The file is missing, open to others, or holds anything else.
    """
    return BlindIndex(*read_random_keys(path))


def rotate_index(path: Path) -> Path:
    """Writes a new key of the index, with those in a file below it, beside that file.

    Raises:
        ConfigurationError: The file holds no such keys, or the new one cannot be written.
    """
    earlier = read_random_keys(path)
    return create_random_key(path.with_name(f"{next_name(path, '.key')}.key"), *earlier)


def load_recipient(path: Path) -> RecipientKey:
    """The public key of a recipient.

    Raises:
        ConfigurationError: The file is missing, or holds anything else, a private key above all.
    """
    raw = read_key_file(path, _MAKE)
    if b"PRIVATE KEY" in raw:
        refuse_key(
            path,
            "this is an auditor's private key",
            "name the public one (auditor.pub) and keep the private one off this machine",
        )
    try:
        key = XWingPublicKey.parse(raw) or load_pem_public_key(raw)
    except UnsupportedAlgorithm:
        refuse_key(path, _UNKNOWN, _PAIR)
    except ValueError:
        refuse_key(path, "this is no public key in PEM", _PAIR)
    if not isinstance(key, X25519PublicKey | XWingPublicKey):
        refuse_key(path, "this public key is neither X25519 nor X-Wing", _PAIR)
    return key


def load_auditor(path: Path) -> AuditorKey:
    """The private key of an auditor.

    Raises:
        ConfigurationError: The file is missing, open to others, or holds anything else.
    """
    raw = read_key_file(path, _MAKE, private=True)
    if b"ENCRYPTED PRIVATE KEY" in raw:
        refuse_key(path, "this key is encrypted", "decrypt it with `openssl pkey` first")
    advice = "name the auditor's private key"
    try:
        key = XWingPrivateKey.parse(raw) or load_pem_private_key(raw, password=None)
    except UnsupportedAlgorithm:
        refuse_key(path, _UNKNOWN, advice)
    except (ValueError, TypeError):
        refuse_key(path, "this is no private key in PEM", advice)
    if not isinstance(key, X25519PrivateKey | XWingPrivateKey):
        refuse_key(path, "this private key is neither X25519 nor X-Wing", advice)
    return key


def load_signer(path: Path) -> Signer:
    """The private key that signs the log.

    Raises:
        ConfigurationError: The file is missing, open to others, or holds anything else.
    """
    raw = read_key_file(path, _MAKE, private=True)
    try:
        return Signer.parse(raw.decode())
    except ValueError:
        refuse_key(path, "this is no log signing key", _MAKE)


def load_verifiers(path: Path) -> tuple[Verifier, ...]:
    """The public keys of a log, the newest first.

    Raises:
        ConfigurationError: The file is missing or holds anything else.
    """
    raw = read_key_file(path, _MAKE)
    try:
        found = tuple(Verifier.parse(line) for line in raw.decode().splitlines() if line.strip())
    except ValueError:
        found = ()
    if not found:
        refuse_key(path, "this is no log verifier key", "name the log's public key (log.vkey)")
    return found


def _create_pair(
    folder: Path, stem: str, suffix: str, private: bytes, public: bytes
) -> tuple[Path, Path]:
    files = folder / f"{stem}.key", folder / f"{stem}{suffix}"
    refuse_existing(*files)
    prepare_folder(folder)
    create_key(files[0], private, PRIVATE)
    create_key(files[1], public, PUBLIC)
    return files
