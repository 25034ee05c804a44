"""A sliding window: counts, and when each of them lapses."""

from __future__ import annotations

from array import array
from itertools import accumulate

__all__ = ["Window"]


class Window:
    """Counts by when they lapse; a kilobyte at most, as a quota has few grains.

    All times are whole microseconds of a clock that never goes back.
    """

    __slots__ = ("_counts", "_lapses", "total")

    def __init__(self) -> None:
        self.total = 0
        self._lapses = array("q")
        self._counts = array("q")

    def advance(self, now: int) -> None:
        """Forgets what has lapsed."""
        if not self._lapses or self._lapses[0] > now:
            return
        lapsed = 0
        for lapse, count in zip(self._lapses, self._counts, strict=True):
            if lapse > now:
                break
            lapsed += 1
            self.total -= count
        del self._lapses[:lapsed], self._counts[:lapsed]

    def add(self, lapse: int, count: int) -> None:
        """Counts until a moment; later, where something counts until later already."""
        if count <= 0:
            return
        self.total += count
        if self._lapses and lapse <= self._lapses[-1]:
            self._counts[-1] += count
            return
        self._lapses.append(lapse)
        self._counts.append(count)

    def last(self, now: int) -> int:
        """Microseconds until everything has lapsed."""
        return self._lapses[-1] - now if self._lapses else 0

    def wait(self, now: int, excess: int) -> int:
        """Microseconds until so much has lapsed; it must be there."""
        sums = zip(self._lapses, accumulate(self._counts), strict=True)
        return next(lapse for lapse, gone in sums if gone >= excess) - now
