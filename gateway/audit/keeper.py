"""The thread that keeps a store in order behind its writers: it indexes, merges and prunes.

It has connections of its own and works in short transactions, so no writer waits for it for long.
What it cannot do it tries again, later each time and at least once a minute, and none of its
duties waits for another. It tells what is wrong when that lasts, and again while it does: records
may still be written then, but what should have been pruned is kept.
"""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gateway.audit.indexing import index
from gateway.audit.merging import merge
from gateway.audit.pruning import prune
from gateway.audit.store.opening import open_reader, open_store
from gateway.audit.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.audit.pruning import Periods
    from gateway.audit.record import Record
    from gateway.audit.store.base import Reader, Store

__all__ = ["Keeper", "Retention", "Telling"]

_PAUSE: Final = 1.0
_PATIENCE: Final = 5.0
"""Seconds for its end, from when it is told. What it does is one transaction, or not done at all:
where a store is silent, nothing is lost by leaving it there."""
_LONGEST: Final = 60.0
"""Seconds between two tries of what failed, at most."""
_AGAIN: Final = 600.0
"""Seconds after which failures that last are told again."""
_EVERY: Final = 600.0
"""Seconds between two prunings."""
_REST: Final = 2.0
"""How much longer than a step of merging took the next one waits."""


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


@dataclass(frozen=True, slots=True)
class Telling:
    """Who hears of a keeper's failures, in its thread.

    Attributes:
        wrong: Told in one sentence when it fails for long, and again while that lasts.
        over: Told what works again, in one sentence.
    """

    wrong: Callable[[str], None]
    over: Callable[[str], None]


class Keeper:
    """Keeps one store in order, from ``start`` to ``close``.

    Args:
        url: The store, which somebody else has made.
        busy: Seconds to wait for another process's write.
        retention: What it prunes; nothing without it.
        telling: Who hears of failures.
    """

    def __init__(
        self,
        url: str,
        busy: float,
        retention: Retention | None = None,
        telling: Telling | None = None,
    ) -> None:
        self._url, self._busy, self._retention = url, busy, retention
        self._duties = [
            _Duty("indexed", index, telling),
            _Duty("merged in its index", self._merge, telling),
        ]
        if retention is not None:
            self._duties.append(_Duty("pruned", self._prune, telling))
        self._pruned = float("-inf")
        self._ended, self._until = threading.Event(), float("inf")
        self._thread = threading.Thread(target=self._run, name="audit-keeper", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def end(self) -> None:
        """Begins nothing more; what it is about, it ends."""
        if not self._ended.is_set():
            self._until = time.monotonic() + _PATIENCE
            self._ended.set()

    def close(self) -> None:
        """Ends, at most one block later; blocks until then, or until a silent store is given up."""
        self.end()
        self._thread.join(max(0.0, self._until - time.monotonic()))

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._keep()
            except Exception as error:  # noqa: BLE001 - the thread must outlive whatever fails in it
                for duty in self._duties:
                    duty.failed(error)
            # A store that failed is opened anew only when something is to be done in it.
            due = min(duty.due for duty in self._duties) - time.monotonic()
            self._ended.wait(max(_PAUSE, due))

    def _keep(self) -> None:
        """Works on the store that is at its place now, until it is replaced or something fails."""
        with open_reader(self._url) as reader:
            store = open_store(self._url, self._busy, "open")
            with contextlib.closing(store):
                while reader.current and not self._ended.is_set():
                    # Once a step, and in their order: a log that grows fast is still pruned.
                    done = [duty.step(reader, store) for duty in self._duties]
                    if None in done:
                        return
                    if not any(done):
                        self._ended.wait(_PAUSE)

    def _merge(self, reader: Reader, store: Store) -> bool:
        began = time.monotonic()
        if not merge(reader, store):
            return False
        store.tidy()
        # An older store may have much to be merged; those who write have most of the time.
        self._ended.wait(_REST * (time.monotonic() - began))
        return True

    def _prune(self, reader: Reader, store: Store) -> bool:
        retention, now = self._retention, time.monotonic()
        if retention is None or now - self._pruned < _EVERY or not retention.leads():
            return False
        more = prune(reader, store, retention.periods, retention.record)
        if not more:
            self._pruned = now
        return more


class _Duty:
    """One thing that a keeper does, step by step; what fails is tried again later.

    Attributes:
        due: When the next step may be tried, on the monotonic clock.
    """

    def __init__(
        self,
        done: str,
        work: Callable[[Reader, Store], bool],
        telling: Telling | None,
    ) -> None:
        self._work, self._pause = work, 0.0
        wrong = None if telling is None else telling.wrong
        over = None if telling is None else lambda: telling.over(f"the log is {done} again")
        self._trouble = Trouble(wrong, f"the log is not {done}", _AGAIN, over)
        self.due = float("-inf")

    def step(self, reader: Reader, store: Store) -> bool | None:
        """Gives whether there is more to do at once; None where it failed."""
        if time.monotonic() < self.due:
            return False
        try:
            more = self._work(reader, store)
        except Exception as error:  # noqa: BLE001 - one duty must not end the other
            self.failed(error)
            return None
        self._trouble.over()
        self._pause, self.due = 0.0, float("-inf")
        return more

    def failed(self, error: Exception) -> None:
        """It could not be done."""
        self._trouble.failed(error)
        self._pause = min(max(_PAUSE, 2 * self._pause), _LONGEST)
        self.due = time.monotonic() + self._pause
