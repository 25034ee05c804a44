"""Key files: written once and never over another, and refused where others could read them."""

from __future__ import annotations

import base64
import binascii
import os
import stat
from typing import TYPE_CHECKING, Final

from gateway.errors import ConfigurationError, Place, Problem

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Never

__all__ = [
    "PRIVATE",
    "PUBLIC",
    "create_key",
    "create_random_key",
    "prepare_folder",
    "random_key",
    "read_key_file",
    "read_random_key",
    "read_random_keys",
    "refuse_existing",
    "refuse_key",
]

PRIVATE: Final = 0o600
PUBLIC: Final = 0o644
_MAX_BYTES: Final = 65_536
_RANDOM_BYTES: Final = 32
_MOST: Final = 16
"""Keys in one file."""
_MAKE_RANDOM: Final = "make one with `openssl rand -base64 32`, readable by the gateway only"


def prepare_folder(folder: Path) -> None:
    """Makes a folder for keys where it is missing, for its owner only.

    Raises:
        ConfigurationError: It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        refuse_key(folder, f"the key cannot be written: {error.strerror}")


def refuse_existing(*paths: Path) -> None:
    """Looks, before any key is made, whether all of them can be written.

    Raises:
        ConfigurationError: One of them is there, if only as a link to nowhere.
    """
    for path in paths:
        if path.exists() or path.is_symlink():
            refuse_key(path, "the file exists", "keys are never overwritten; move it away first")


def create_key(path: Path, content: bytes, mode: int) -> None:
    """Writes a new file.

    Raises:
        ConfigurationError: It exists, or cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except OSError as error:
        refuse_key(path, f"the key cannot be written: {error.strerror}")


def read_key_file(path: Path, make: str, *, private: bool = False) -> bytes:
    """What stands in a key file, at most 64 KiB of it.

    Args:
        path: The file.
        make: What to do where there is none.
        private: Whether others must not be able to read it.

    Raises:
        ConfigurationError: It cannot be read, or others can.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            raw = file.read(_MAX_BYTES)
    except OSError as error:
        refuse_key(path, f"the key cannot be read: {error.strerror}", make)
    if private and mode & (stat.S_IRWXO | stat.S_IWGRP):
        refuse_key(path, "this private key is open to others", f"run `chmod 600 {path}`")
    return raw


def random_key() -> bytes:
    """32 random bytes: a key for the life of this process."""
    return os.urandom(_RANDOM_BYTES)


def create_random_key(path: Path, *earlier: bytes) -> Path:
    """Writes a new random key, for its owner only, and below it those before it, one a line.

    Raises:
        ConfigurationError: The file exists, or cannot be written; or they would be too many.
    """
    if len(earlier) >= _MOST:
        advice = "take out the last lines of the former file: what they found is lost then"
        refuse_key(path, f"a file holds at most {_MOST} keys", advice)
    lines = (base64.b64encode(key) + b"\n" for key in (random_key(), *earlier))
    create_key(path, b"".join(lines), PRIVATE)
    return path


def read_random_key(path: Path) -> bytes:
    """The random key in a file: 32 bytes in base64.

    Raises:
        ConfigurationError: It cannot be read, is open to others, or is no such key.
    """
    return _random_key(path, read_key_file(path, _MAKE_RANDOM, private=True))


def read_random_keys(path: Path) -> tuple[bytes, ...]:
    """The random keys in a file, one a line, the newest first: at least one and at most 16.

    Raises:
        ConfigurationError: It cannot be read, is open to others, or holds anything else.
    """
    raw = read_key_file(path, _MAKE_RANDOM, private=True)
    found = tuple(_random_key(path, line) for line in raw.strip().split(b"\n"))
    if len(found) > _MOST or len(set(found)) < len(found):
        refuse_key(path, f"holds more than {_MOST} keys, or one of them twice")
    return found


def _random_key(path: Path, raw: bytes) -> bytes:
    try:
        key = base64.b64decode(raw.strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != _RANDOM_BYTES or len(set(key)) < _RANDOM_BYTES // 4:
        refuse_key(path, "is no key of 32 random bytes in base64", _MAKE_RANDOM)
    return key


def refuse_key(path: Path, message: str, advice: str = "") -> Never:
    """Says what is wrong with a key file.

    Raises:
        ConfigurationError: Always.
    """
    raise ConfigurationError(Problem(Place(str(path)), message, advice)) from None
