"""The thread that keeps a store in order behind those who write it: it indexes and prunes.

It has connections of its own and works in short transactions, so no writer waits for it for long.
Where it cannot do its work it tries again, and tells once what is wrong when that lasts: records
may still be written then, but what should have been pruned is kept.
"""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gateway.audit.indexing import index
from gateway.audit.pruning import prune
from gateway.audit.store.opening import open_reader, open_store
from gateway.audit.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.pruning import Periods
    from gateway.audit.record import Record
    from gateway.audit.store.base import Reader, Store

__all__ = ["Keeper", "Retention"]

_FAILING: Final = "the log is not indexed and pruned"
_PAUSE: Final = 1.0
_EVERY: Final = 600.0
"""Seconds between two prunings."""


@dataclass(frozen=True, slots=True)
class Retention:
    """What a keeper prunes, and how it leaves a record of that.

    Attributes:
        periods: How long things are kept.
        record: Writes a record, and returns when it is durable.
        leads: Whether this process is the one that prunes.
    """

    periods: Periods
    record: Callable[[Record], object]
    leads: Callable[[], bool]


class Keeper:
    """Keeps one store in order, from ``start`` to ``close``.

    Args:
        url: The store, which somebody else has made.
        busy: Seconds to wait for another process's write.
        retention: What it prunes; nothing without it.
        on_incident: Told in one sentence, in the keeper's thread, when it fails for long.
    """

    def __init__(
        self,
        url: str,
        busy: float,
        retention: Retention | None = None,
        on_incident: Callable[[str], None] | None = None,
    ) -> None:
        self._url, self._busy, self._retention = url, busy, retention
        self._trouble = Trouble(on_incident, _FAILING)
        self._pruned = float("-inf")
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="audit-keeper", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def close(self) -> None:
        """Ends, at most one block later; blocks until then."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._keep()
            except Exception as error:  # noqa: BLE001 - the thread must outlive whatever fails in it
                self._trouble.failed(error)
            self._ended.wait(_PAUSE)

    def _keep(self) -> None:
        """Works on the store that is at its place now, until it is replaced or fails."""
        with open_reader(self._url) as reader:
            store = open_store(self._url, self._busy, "open")
            with contextlib.closing(store):
                while reader.current and not self._ended.is_set():
                    more = self._step(reader, store)
                    self._trouble.over()
                    if not more:
                        self._ended.wait(_PAUSE)

    def _step(self, reader: Reader, store: Store) -> bool:
        """One piece of work; false where there was none."""
        return index(reader, store) or self._prune(reader, store)

    def _prune(self, reader: Reader, store: Store) -> bool:
        retention, now = self._retention, time.monotonic()
        if retention is None or now - self._pruned < _EVERY or not retention.leads():
            return False
        more = prune(reader, store, retention.periods, retention.record)
        if not more:
            self._pruned = now
        return more
