"""Keys from a file that is read again when it changes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from gateway.errors import ConfigurationError, Place, Problem
from gateway.identity.jwk import BadKeySet
from gateway.identity.jwks import MAX_BYTES, KeySet, read_key_set
from gateway.identity.watched_file import WatchedFile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gateway.identity.jwk import Key

__all__ = ["FileKeys"]

_POLL: Final = 2.0
_COOLDOWN: Final = 1.0


class FileKeys:
    """The keys of a JWKS file.

    A change counts within ``poll`` seconds, and at once for a token whose key is not known, at
    most once a second. A key that is taken out is gone. A file that is broken or missing later on
    leaves the last good set in place.
    """

    def __init__(self, path: Path, algorithms: Sequence[str], *, poll: float = _POLL) -> None:
        self._path = path
        self._algorithms = tuple(algorithms)
        self._looked = 0.0
        self._file = WatchedFile(
            path, self._parse, limit=MAX_BYTES, event="jwks_file_refused", poll=poll
        )

    @property
    def keys(self) -> KeySet | None:
        """The set of the file as last read."""
        return self._file.value

    async def start(self) -> None:
        """Reads the file and watches it.

        Raises:
            ConfigurationError: The file cannot be read, or its keys are refused.
        """
        await self._file.start()

    async def close(self) -> None:
        """Stops watching."""
        await self._file.close()

    async def find(self, kid: str | None) -> Key | None:
        """The key of this name, looking into the file again if it is not known."""
        key = self.keys.find(kid) if self.keys else None
        if key is None and kid is not None and self._may_look():
            await self._file.look()
            key = self.keys.find(kid) if self.keys else None
        return key

    def _may_look(self) -> bool:
        if self._file.looking:
            return True
        now = time.monotonic()
        if now - self._looked < _COOLDOWN:
            return False
        self._looked = now
        return True

    def _parse(self, data: bytes, _mode: int) -> KeySet:
        try:
            return read_key_set(data, self._algorithms)
        except BadKeySet as error:
            advice = "identity.issuers needs a JWKS file with the issuer's public keys"
            place = Place(str(self._path))
            message = f"is no key set to trust: {error}"
            raise ConfigurationError(Problem(place, message, advice)) from error
