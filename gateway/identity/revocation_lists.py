"""Where revocations stand: a file, the shared state."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Protocol

import structlog

from gateway.errors import ConfigurationError, Place, Problem, StateLost
from gateway.identity.revoked import BadRevocation, Revocation, read_lines, read_revocation
from gateway.identity.watched_file import WatchedFile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gateway.settings import RevocationSettings
    from gateway.state.state import State

__all__ = [
    "SHARED_KEY",
    "FileList",
    "RevocationList",
    "SharedList",
    "read_entries",
    "revocation_lists",
]

SHARED_KEY: Final = "revoked"
"""The key in the shared state; each value under it is what would be a line of the file."""

_MAX_BYTES: Final = 64 * 2**20
_MAX_NAME: Final = 64
_log = structlog.get_logger("gateway.identity")


class RevocationList(Protocol):
    """One place where revocations stand."""

    @property
    def entries(self) -> tuple[Revocation, ...]:
        """Those that were read last."""

    async def start(self) -> None:
        """Makes ready; raises ``ConfigurationError`` where only an operator can help."""

    async def read(self) -> bool:
        """Reads them anew; False where it could not, and ``entries`` stay."""

    async def close(self) -> None:
        """Ends what is under way."""


class FileList:
    """Revocations in a file, one JSON object a line, at most 64 MiB."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = WatchedFile(
            path, self._parse, limit=_MAX_BYTES, event="revocation_file_refused"
        )

    @property
    def entries(self) -> tuple[Revocation, ...]:
        """Those of the last good file."""
        return self._file.value or ()

    async def start(self) -> None:
        """Reads the file.

        Raises:
            ConfigurationError: It cannot be read, or a line of it is not understood.
        """
        await self._file.start()

    async def read(self) -> bool:
        """Reads it again if it has changed; whether ``entries`` are what it says now."""
        return await self._file.look()

    async def close(self) -> None:
        """Ends a look that is under way."""
        await self._file.close()

    def _parse(self, data: bytes, _mode: int) -> tuple[Revocation, ...]:
        try:
            return read_lines(data)
        except BadRevocation as error:
            place = Place(str(self._path), error.line, 1)
            message = f"line {error.line} revokes nothing: {error}"
            raise ConfigurationError(Problem(place, message, "mend or remove it")) from None


class SharedList:
    """Revocations in the shared state, under ``SHARED_KEY``."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._complaint = ""
        self._raw: Mapping[str, str] = {}
        self.entries: tuple[Revocation, ...] = ()

    async def start(self) -> None:
        """Nothing: a state that is down is tried again, and no token is taken until it is read."""

    async def read(self) -> bool:
        """Reads them anew; False where the state does not answer or an entry is not understood."""
        try:
            raw = await self._state.entries(SHARED_KEY)
            if raw != self._raw:
                self.entries = await asyncio.to_thread(read_entries, raw)
                self._raw = raw
        except StateLost:
            return self._complain("the shared state does not answer")
        except BadRevocation as error:
            return self._complain(str(error))
        self._complaint = ""
        return True

    async def close(self) -> None:
        """Nothing: the state belongs to whoever opened it."""

    def _complain(self, cause: str) -> bool:
        if cause != self._complaint:
            self._complaint = cause
            _log.warning("shared_revocations_refused", key=SHARED_KEY, error=cause)
        return False


def read_entries(raw: Mapping[str, str]) -> tuple[Revocation, ...]:
    """What stands under ``SHARED_KEY``.

    Raises:
        BadRevocation: An entry is not understood; says which, and quotes nothing of its value.
    """
    found = []
    for name, value in raw.items():
        try:
            found.append(read_revocation(value.encode()))
        except BadRevocation as error:
            known = name[:_MAX_NAME] if name.isascii() and name.isprintable() else "?"
            raise BadRevocation(f"entry {known} revokes nothing: {error}") from None
    return tuple(found)


def revocation_lists(settings: RevocationSettings, state: State | None) -> list[RevocationList]:
    """Every place that the settings name.

    Raises:
        ConfigurationError: They name the shared state and there is none.
    """
    found: list[RevocationList] = []
    if settings.file is not None:
        found.append(FileList(settings.file))
    if settings.shared:
        if state is None:
            place = Place("identity.revocation.shared")
            raise ConfigurationError(Problem(place, "there is no shared state to read"))
        found.append(SharedList(state))
    return found
