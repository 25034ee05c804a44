"""A witness's key pair, of the kind that cosigns (c2sp.org/tlog-cosignature)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.note import Kind, Signer
from gateway.key_files import PRIVATE, PUBLIC, create_key, read_key_file, refuse_key

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["create_witness_keys", "load_cosigner"]

_MAKE: Final = "make one with `gateway witness init`"


def create_witness_keys(private: Path, public: Path, name: str) -> None:
    """Writes a new pair: the private half with mode 0600, the public one for those who verify.

    Raises:
        ConfigurationError: A file exists or cannot be written.
        ValueError: No key may have this name.
    """
    signer = Signer.of(name, Ed25519PrivateKey.generate(), Kind.COSIGNATURE)
    create_key(private, f"{signer.secret()}\n".encode(), PRIVATE)
    create_key(public, f"{signer.verifier}\n".encode(), PUBLIC)


def load_cosigner(path: Path) -> Signer:
    """The private key of a witness.

    Raises:
        ConfigurationError: The file is missing, open to others, or holds anything else.
    """
    raw = read_key_file(path, _MAKE, private=True)
    try:
        signer = Signer.parse(raw.decode())
    except ValueError:
        refuse_key(path, "this is no witness's key", _MAKE)
    if signer.kind is not Kind.COSIGNATURE:
        # A log's own key would cosign for the log whose word it is to check.
        refuse_key(path, "this key does not cosign", _MAKE)
    return signer
