"""Reads the log for an event loop, in a few threads of its own.

A question may take seconds. In the threads that the loop has for everything, a few such questions
would hold up whatever else is done there: long texts are scanned in them. Here questions hold up
each other and nothing else. Only so many wait, and only for so long.
"""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from typing import TYPE_CHECKING, Concatenate, Final, ParamSpec, TypeVar

from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.store.base import Readers

__all__ = ["Reading"]

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")

_THREADS: Final = 4
_SECONDS: Final = 2.5
_WAITING: Final = 64
"""Callers that may wait for a thread at once."""
_FULL: Final = "too many read the log at once"


class Reading:
    """Reads one store; for one event loop.

    Args:
        source: The store's URL, or who lends readers of it.
        seconds: How long a caller waits for a thread that is free.
        threads: How many read at once.
    """

    def __init__(
        self, source: str | Readers, seconds: float = _SECONDS, threads: int = _THREADS
    ) -> None:
        self.source, self._seconds = source, seconds
        self._threads = ThreadPoolExecutor(threads, "audit-read")
        self._places: tuple[_Places, ...] = (_Places(threads),)

    def narrowed(self, most: int) -> Reading:
        """The same for callers who may keep no more than so many of the threads busy."""
        other = copy(self)
        other._places = (_Places(most), *self._places)  # noqa: SLF001 - of this class
        return other

    async def __call__(
        self,
        read: Callable[Concatenate[str | Readers, _Given], _Result],
        *args: _Given.args,
        **named: _Given.kwargs,
    ) -> _Result:
        """What a function reads that takes the store and these arguments.

        Raises:
            AuditUnavailable: Too many read already; or it says so itself, as it may anything.
        """
        await self._take()
        loop = asyncio.get_running_loop()
        try:
            done = self._threads.submit(read, self.source, *args, **named)
        except RuntimeError:
            self._give()
            raise AuditUnavailable("the gateway is stopping") from None
        # The place is free once the thread is, and not when whoever asked has gone away.
        done.add_done_callback(lambda _: _tell(loop, self._give))
        return await asyncio.wrap_future(done)

    def afterwards(self, act: Callable[[], None]) -> None:
        """Does something in a thread, after all that was asked before where there is one thread."""
        with contextlib.suppress(RuntimeError):  # Closed: what nobody reads any more is let go.
            self._threads.submit(act)

    def close(self) -> None:
        """Nothing is read any more; what is being read comes to its end."""
        self._threads.shutdown(wait=False)

    async def _take(self) -> None:
        taken = list[_Places]()
        try:
            async with asyncio.timeout(self._seconds):
                for one in self._places:
                    await one.take()
                    taken.append(one)
        except BaseException as error:
            for one in taken:
                one.give()
            if isinstance(error, TimeoutError):
                raise AuditUnavailable(_FULL) from None
            raise

    def _give(self) -> None:
        for one in self._places:
            one.give()


class _Places:
    """So many may be taken at once; only so many wait for one."""

    def __init__(self, count: int) -> None:
        self._free, self._waiting = asyncio.Semaphore(count), 0
        self.give = self._free.release

    async def take(self) -> None:
        if self._waiting >= _WAITING:
            raise AuditUnavailable(_FULL)
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1


def _tell(loop: asyncio.AbstractEventLoop, act: Callable[[], None]) -> None:
    with contextlib.suppress(RuntimeError):  # The loop may have ended before the thread.
        loop.call_soon_threadsafe(act)
