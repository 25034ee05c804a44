"""Ends writers that vanished: one that gives no sign of life for a minute may write no more.

Whether a writer lives is judged by changes that this process sees, on its own clock: no clock of
another machine, and none that is set back, ends a writer that works.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from gateway.audit.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from gateway.audit.store.tree import Fenced, Turn

__all__ = ["Watch"]

PATIENCE: Final = 60.0
"""Seconds without a sign of life after which a writer has vanished."""

PACE: Final = 5.0
"""Seconds between two looks."""


class Watch:
    """Looks after the writers of one store.

    Args:
        record: Begins to write a record, in the own writer's part of the log.
    """

    def __init__(self, record: Callable[[Record], Future[str]]) -> None:
        self._record = record
        self._looked = float("-inf")
        self._seen: dict[str, tuple[int, float]] = {}
        self._records: dict[str, Future[str]] = {}

    def look(self, turn: Turn) -> None:
        """Stops writers that vanished, and sees that the log says so, where it is time to look."""
        now = time.monotonic()
        if now - self._looked < PACE:
            return
        self._looked = now
        for one in turn.fenced():
            if one.ended or self._is_recorded(one):
                turn.end(one.writer)
        former, self._seen = self._seen, {}
        for writer, seen in turn.open_writers():
            before, since = former.get(writer, (None, now))
            self._seen[writer] = seen, since if before == seen else now
            if now - self._seen[writer][1] >= PATIENCE:
                turn.fence(writer, seen)

    def _is_recorded(self, one: Fenced) -> bool:
        """Whether the record of a writer's end is durable; begins to write it where it is not."""
        written = self._records.pop(one.writer, None)
        if written is None or (written.done() and written.exception() is not None):
            detail = {"writer": one.writer, "wseq": one.wseq, "chain": one.chain.hex()}
            written = self._record(Record("writer.lost", detail=detail))
        if not written.done():
            self._records[one.writer] = written
            return False
        return written.exception() is None
