"""Keys from a file that is read again when it changes."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Final

import structlog

from gateway.errors import ConfigurationError, Place, Problem
from gateway.identity.jwk import BadKeySet
from gateway.identity.jwks import MAX_BYTES, read_key_set

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gateway.identity.jwk import Key
    from gateway.identity.jwks import KeySet

__all__ = ["FileKeys"]

_POLL: Final = 2.0
_COOLDOWN: Final = 1.0
_log = structlog.get_logger("gateway.identity")


class FileKeys:
    """The keys of a JWKS file.

    A change counts within ``poll`` seconds, and at once for a token whose key is not known, at
    most once a second. A key that is taken out is gone. A file that is broken or missing later on
    leaves the last good set in place.
    """

    def __init__(self, path: Path, algorithms: Sequence[str], *, poll: float = _POLL) -> None:
        self._path = path
        self._algorithms = tuple(algorithms)
        self._poll = poll
        self._keys: KeySet | None = None
        self._stamp: tuple[int, ...] = ()
        self._looked = 0.0
        self._lock = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    @property
    def keys(self) -> KeySet | None:
        """The set of the file as last read."""
        return self._keys

    async def start(self) -> None:
        """Reads the file and watches it.

        Raises:
            ConfigurationError: The file cannot be read, or its keys are refused.
        """
        try:
            self._stamp, self._keys = await asyncio.to_thread(self._read)
        except OSError as error:
            raise self._problem(f"cannot be read: {error.strerror}") from error
        except BadKeySet as error:
            raise self._problem(f"is no key set to trust: {error}") from error
        self._task = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Stops watching."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def find(self, kid: str | None) -> Key | None:
        """The key of this name, looking into the file again if it is not known."""
        key = self._keys.find(kid) if self._keys else None
        if key is None and kid is not None and time.monotonic() - self._looked >= _COOLDOWN:
            await self._look()
            key = self._keys.find(kid) if self._keys else None
        return key

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._poll)
            await self._look()

    async def _look(self) -> None:
        """Reads the file if it has changed since it was last looked at."""
        async with self._lock:
            self._looked = time.monotonic()
            try:
                stamp = await asyncio.to_thread(self._read_stamp)
                if stamp != self._stamp:
                    self._stamp = stamp
                    _, self._keys = await asyncio.to_thread(self._read)
            except (OSError, BadKeySet) as error:
                _log.warning("jwks_file_refused", file=str(self._path), error=str(error))

    def _read_stamp(self) -> tuple[int, ...]:
        status = self._path.stat()
        return status.st_mtime_ns, status.st_size, status.st_ino

    def _read(self) -> tuple[tuple[int, ...], KeySet]:
        stamp = self._read_stamp()
        with self._path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        return stamp, read_key_set(data, self._algorithms)

    def _problem(self, message: str) -> ConfigurationError:
        advice = "identity.issuers needs a JWKS file with the issuer's public keys"
        return ConfigurationError(Problem(Place(str(self._path)), message, advice))
