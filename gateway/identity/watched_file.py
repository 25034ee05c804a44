"""A small file of the settings that is read again when it changes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import structlog

from gateway.errors import ConfigurationError, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["WatchedFile"]

T = TypeVar("T")
_DEADLINE: Final = 3.0
_log = structlog.get_logger("gateway.identity")


class WatchedFile(Generic[T]):
    """What a file says, as last read and understood.

    It is read in a thread, by one reader at a time. A file that is broken, missing or slow leaves
    the last good value in place, and is looked at again until it is good; each new cause is
    logged once.

    Args:
        path: The file.
        parse: Makes a value of its bytes and its mode; raises ``ConfigurationError``.
        limit: The most bytes that it may have.
        event: What a refusal is called in the log.
        poll: Seconds between two looks of its own; without it, only ``look`` looks.
        deadline: Seconds that a look may take.
    """

    def __init__(  # noqa: PLR0913  # each is a setting of its own, and most have names
        self,
        path: Path,
        parse: Callable[[bytes, int], T],
        *,
        limit: int,
        event: str,
        poll: float | None = None,
        deadline: float = _DEADLINE,
    ) -> None:
        self._path = path
        self._parse = parse
        self._limit = limit
        self._event = event
        self._poll = poll
        self._deadline = deadline
        self._stamp: tuple[int, ...] = ()
        self._complaint = ""
        self._flight: asyncio.Task[bool] | None = None
        self._watch: asyncio.Task[None] | None = None
        self.value: T | None = None

    @property
    def looking(self) -> bool:
        """Whether a look is under way, which the next caller of ``look`` would share."""
        return self._flight is not None and not self._flight.done()

    async def start(self) -> None:
        """Reads it for the first time, and watches it.

        Raises:
            ConfigurationError: It cannot be read, or is refused.
        """
        await asyncio.to_thread(self._read)
        if self._poll is not None:
            self._watch = asyncio.create_task(self._look_forever(self._poll))

    async def look(self) -> bool:
        """Reads it if it has changed; whether ``value`` is what it says now.

        Callers at the same time share one look; none waits longer than the deadline.
        """
        flight = self._flight
        if flight is None or flight.done():
            flight = self._flight = asyncio.create_task(self._look())
        await asyncio.wait({flight}, timeout=self._deadline)
        if not flight.done():
            self._complain(f"it could not be read in {self._deadline:g} seconds")
            return False
        return flight.result()

    async def close(self) -> None:
        """Stops watching, and ends a look that is under way."""
        for task in (self._watch, self._flight):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    async def _look_forever(self, poll: float) -> None:
        while True:
            await asyncio.sleep(poll)
            await self.look()

    async def _look(self) -> bool:
        try:
            await asyncio.to_thread(self._read)
        except ConfigurationError as error:
            self._complain("; ".join(problem.message for problem in error.problems))
            return False
        self._complaint = ""
        return True

    def _complain(self, cause: str) -> None:
        if cause != self._complaint:
            self._complaint = cause
            _log.warning(self._event, file=str(self._path), error=cause)

    def _read(self) -> None:
        # Not blocking, as opening a pipe that nobody writes to would wait for ever.
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK
        try:
            with os.fdopen(os.open(self._path, flags), "rb") as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    raise self._problem("cannot be read: it is no regular file")
                stamp = _stamp(status)
                if stamp == self._stamp:
                    return
                data = file.read(self._limit + 1)
        except OSError as error:
            raise self._problem(f"cannot be read: {error.strerror}") from error
        if len(data) > self._limit:
            raise self._problem(f"is larger than {self._limit} bytes")
        self.value = self._parse(data, status.st_mode)
        self._stamp = stamp

    def _problem(self, message: str) -> ConfigurationError:
        return ConfigurationError(Problem(Place(str(self._path)), message))


def _stamp(status: os.stat_result) -> tuple[int, ...]:
    return (
        status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
    )  # fmt: skip
