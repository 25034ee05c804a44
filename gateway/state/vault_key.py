"""The key file from which pseudonyms and the vault's keys are derived."""

from __future__ import annotations

import base64
import binascii
import os
from typing import TYPE_CHECKING, Final

from gateway.key_files import PRIVATE, create_key, read_key_file, refuse_key

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["create_vault_key", "new_vault_key", "read_vault_key"]

_BYTES: Final = 32
_MAKE: Final = "make one with `openssl rand -base64 32`, readable by the gateway only"


def new_vault_key() -> bytes:
    """A key for the life of this process."""
    return os.urandom(_BYTES)


def create_vault_key(path: Path) -> Path:
    """Writes a new key.

    Raises:
        ConfigurationError: The file exists, or cannot be written.
    """
    create_key(path, base64.b64encode(new_vault_key()) + b"\n", PRIVATE)
    return path


def read_vault_key(path: Path) -> bytes:
    """The key in a file: 32 bytes in base64.

    Raises:
        ConfigurationError: It cannot be read, is open to others, or is no such key.
    """
    raw = read_key_file(path, _MAKE, private=True)
    try:
        key = base64.b64decode(raw.strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != _BYTES or len(set(key)) < _BYTES // 4:
        refuse_key(path, "is no key of 32 random bytes in base64", _MAKE)
    return key
