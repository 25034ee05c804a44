"""When to stop asking a server that does not answer, and when to try again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FAILURES", "PAUSE", "Circuit"]

FAILURES: Final = 3
"""So many failures in a row open it."""

PAUSE: Final = 1.0
"""Seconds between two tries while it is open."""


class Circuit:
    """Open after several failures in a row; then one try per pause, until one succeeds.

    Args:
        clock: Seconds that only ever rise.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._next = 0.0

    @property
    def open(self) -> bool:
        """Whether the server counts as lost."""
        return self._failures >= FAILURES

    def admits(self) -> bool:
        """Whether to ask now; while it is open, True for one caller per pause."""
        if not self.open:
            return True
        now = self._clock()
        if now < self._next:
            return False
        # A try that is cancelled tells nothing, so the next one depends on the time alone.
        self._next = now + PAUSE
        return True

    def failed(self) -> None:
        """Notes that the server did not answer."""
        self._failures += 1
        self._next = self._clock() + PAUSE

    def succeeded(self) -> None:
        """Notes that the server answered."""
        self._failures = 0
