"""The one key of a symmetric issuer: a secret in a file, which is read again when it changes."""

from __future__ import annotations

import stat
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gateway.errors import ConfigurationError, Place, Problem
from gateway.identity.jwk import Key
from gateway.identity.jwks import KeySet
from gateway.identity.watched_file import WatchedFile
from gateway.identity.weak_secrets import weakness_of

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["SecretKeys", "read_secret"]

_POLL: Final = 2.0
_MAX_BYTES: Final = 4096
_RANDOM: Final = "make one with `openssl rand -base64 64`, for the issuer as well"


class SecretKeys:
    """The secret that a symmetric issuer shares with the gateway (RFC 7518 §3.2).

    There is one secret for one algorithm, so a token's ``kid`` chooses nothing. A new secret
    counts within ``poll`` seconds, and from then on the old one no longer does. A file that is
    broken, weak or missing later on leaves the last good secret in place.
    """

    def __init__(self, path: Path, algorithm: str, *, poll: float = _POLL) -> None:
        self._path = path
        self._algorithm = algorithm
        self._file = WatchedFile(
            path, self._parse, limit=_MAX_BYTES, event="secret_file_refused", poll=poll
        )

    @property
    def keys(self) -> KeySet | None:
        """A set of the one secret as last read."""
        return self._file.value

    async def start(self) -> None:
        """Reads the file and watches it.

        Raises:
            ConfigurationError: It cannot be read, is open to others, or is a weak secret.
        """
        await self._file.start()

    async def close(self) -> None:
        """Stops watching."""
        await self._file.close()

    async def find(self, kid: str | None) -> Key | None:  # noqa: ARG002  # there is only one key
        """The secret, whatever the token calls its key."""
        return self.keys.only if self.keys else None

    def _parse(self, data: bytes, mode: int) -> KeySet:
        if mode & (stat.S_IRWXO | stat.S_IWGRP):
            raise self._problem("this secret is open to others", f"run `chmod 600 {self._path}`")
        secret = read_secret(data)
        weakness = weakness_of(secret, self._algorithm)
        if weakness is not None:
            raise self._problem(f"this secret {weakness}", _RANDOM)
        key = Key(None, self._algorithm, secret)
        return KeySet(MappingProxyType({}), key, sha256(secret).digest())

    def _problem(self, message: str, advice: str) -> ConfigurationError:
        return ConfigurationError(Problem(Place(str(self._path)), message, advice))


def read_secret(data: bytes) -> bytes:
    """The secret that a file holds.

    A file of printable ASCII is a text: its characters are the secret, as JWT libraries take them,
    and the line end that an editor leaves behind is none of them. In any other file every byte
    counts, so that a random secret that happens to end like a line is not cut short.
    """
    text = data.removesuffix(b"\n").removesuffix(b"\r")
    return text if text.isascii() and text.decode("latin-1").isprintable() else data
