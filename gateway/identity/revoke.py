"""Adds to the lists of revoked tokens, for people; gateways only read them."""

from __future__ import annotations

import fcntl
import os
from hashlib import sha256
from typing import TYPE_CHECKING

from gateway.errors import ConfigurationError, Place, Problem
from gateway.identity.revocation_lists import SHARED_KEY
from gateway.identity.revoked import BadRevocation, Revocation, read_lines, write_revocation

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.state.state import State

__all__ = ["append_revocation", "share_revocation"]


def append_revocation(path: Path, one: Revocation) -> None:
    """Adds a line to a file, made with mode 0600 when missing; it is on the disk afterwards.

    Several callers at the same time lose nothing of each other. A reader may see half a line for
    a moment, which it refuses, and the whole one the next time.

    Raises:
        ConfigurationError: The file cannot be written, or has lines that no gateway understands,
            so that what is added would not count.
    """
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(path, flags, 0o600), "r+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            before = file.read()
            read_lines(before)
            start = b"\n" if before and not before.endswith(b"\n") else b""
            file.write(start + write_revocation(one) + b"\n")
            os.fsync(file.fileno())
    except OSError as error:
        raise _problem(path, 0, f"cannot be written: {error.strerror}") from error
    except BadRevocation as error:
        raise _problem(path, error.line, f"revokes nothing: {error}") from None


async def share_revocation(state: State, one: Revocation) -> None:
    """Puts an entry into the shared state; the same one twice is one.

    Raises:
        StateLost: The state did not answer; the entry may or may not be there.
    """
    line = write_revocation(one)
    await state.put(SHARED_KEY, sha256(line).hexdigest()[:32], line.decode())


def _problem(path: Path, line: int, message: str) -> ConfigurationError:
    place = Place(str(path), line, 1 if line else 0)
    return ConfigurationError(Problem(place, message, "nothing was added"))
