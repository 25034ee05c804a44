"""State in the memory of one process."""

from __future__ import annotations

import time
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final

from gateway.errors import StateLost

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["CAPACITY", "KEPT_CHARS", "MemoryState"]

CAPACITY: Final = 500_000
"""The most marks, and the most names, that are kept: some 100 MB."""
KEPT_CHARS: Final = 64 * 2**20
"""The most characters of values."""


class MemoryState:
    """Marks, names and values of one process.

    When it is full, nothing is forgotten before its time: what needs room raises ``StateLost``.

    Args:
        clock: Seconds that only ever rise.
        capacity: The most marks, and the most names.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, capacity: int = CAPACITY
    ) -> None:
        self._clock = clock
        self._capacity = capacity
        self._marks: set[str] = set()
        self._lapses: list[tuple[float, str]] = []
        self._names: dict[str, dict[str, str]] = {}
        self._count = 0
        self._kept: dict[str, tuple[float, str]] = {}
        self._kept_chars = 0

    async def add(self, key: str, seconds: float) -> bool:
        """Sets a mark that lapses after so many seconds; whether it was not there.

        Raises:
            StateLost: There is no room for it.
        """
        now = self._clock()
        while self._lapses and self._lapses[0][0] <= now:
            self._marks.discard(heappop(self._lapses)[1])
        if key in self._marks:
            return False
        if len(self._marks) >= self._capacity:
            raise StateLost("memory: no room for another mark")
        self._marks.add(key)
        heappush(self._lapses, (now + seconds, key))
        return True

    async def entries(self, key: str) -> Mapping[str, str]:
        """All names under a key with their values."""
        return dict(self._names.get(key, {}))

    async def put(self, key: str, name: str, value: str) -> None:
        """Sets a name under a key.

        Raises:
            StateLost: There is no room for it.
        """
        names = self._names.get(key, {})
        if name not in names:
            if self._count >= self._capacity:
                raise StateLost("memory: no room for another name")
            self._count += 1
            names = self._names.setdefault(key, {})
        names[name] = value

    async def keep(self, key: str, value: str, seconds: float) -> None:
        """Keeps a value for so many seconds, in place of the one before.

        Raises:
            StateLost: There is no room for it.
        """
        self._forget(key)
        if self._kept_chars + len(value) > KEPT_CHARS:
            now = self._clock()
            for lapsed in [one for one, (until, _) in self._kept.items() if until <= now]:
                self._forget(lapsed)
        if self._kept_chars + len(value) > KEPT_CHARS or len(self._kept) >= self._capacity:
            raise StateLost("memory: no room for another value")
        self._kept[key] = (self._clock() + seconds, value)
        self._kept_chars += len(value)

    async def kept(self, key: str) -> str | None:
        """The value kept under a key; None where there is none, or it has lapsed."""
        until, value = self._kept.get(key, (0.0, ""))
        if until > self._clock():
            return value
        self._forget(key)
        return None

    def _forget(self, key: str) -> None:
        _, value = self._kept.pop(key, (0.0, ""))
        self._kept_chars -= len(value)

    async def close(self) -> None:
        """Does nothing: the memory goes with the process."""
