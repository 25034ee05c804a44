"""Connections to PostgreSQL for reading, kept and lent: a question need not open one of its own.

There are only so many, apart from those that write. Each is tried when it is lent, so that a server
which was stopped is gone on with when it is back. Whoever asks opens the connection that is
missing, and hears at once why there is none.
"""

from __future__ import annotations

import threading
import time
from typing import Final

from gateway.audit.store.postgres_reader import PostgresReader
from gateway.database_urls import shown
from gateway.errors import AuditUnavailable

__all__ = ["PostgresPool"]

_MOST: Final = 5


class PostgresPool:
    """A ``gateway.audit.store.base.Readers``.

    Args:
        url: The database, as ``check_database_url`` takes it.
        busy: Seconds to wait for a reader that is free and works, and for one read.
        most: How many readers there are at once.
    """

    def __init__(self, url: str, busy: float, most: int = _MOST) -> None:
        self._url, self._busy = url, busy
        self._free = threading.BoundedSemaphore(most)
        self._lock = threading.Lock()
        self._idle: list[_Lent] = []
        self._closed = False

    def lend(self) -> PostgresReader:
        """A reader; ``close`` gives it back.

        Raises:
            AuditUnavailable: The database does not answer, or none came free in time.
        """
        until = time.monotonic() + self._busy
        if self._closed or not self._free.acquire(timeout=self._busy):
            raise AuditUnavailable(f"{shown(self._url)}: too many read the log at once")
        try:
            return self._kept(until) or _Lent(self._url, self._busy, self)
        except BaseException:
            self._free.release()
            raise

    def take_back(self, reader: _Lent) -> None:
        """Keeps a reader that was lent, if it still works."""
        with self._lock:
            keeps = reader.idle and not self._closed
            if keeps:
                self._idle.append(reader)
        if not keeps:
            reader.end()
        self._free.release()

    def close(self) -> None:
        """Ends those that are not lent; one that is, when it comes back. None is lent any more."""
        self._closed = True
        self._drop()

    def _kept(self, until: float) -> _Lent | None:
        """The reader that was used last; None where a new one is needed."""
        with self._lock:
            reader = self._idle.pop() if self._idle else None
        if reader is None:
            return None
        if reader.current_within(until - time.monotonic()):
            return reader.lent()
        # The others were kept for the same server or store, and would each be waited for.
        reader.end()
        self._drop()
        if time.monotonic() > until:
            raise AuditUnavailable(f"{shown(self._url)}: the store does not answer in time")
        return None

    def _drop(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for reader in idle:
            reader.end()


class _Lent(PostgresReader):
    """A reader that goes back to its pool when it is closed."""

    def __init__(self, url: str, limit: float, pool: PostgresPool) -> None:
        super().__init__(url, limit)
        self._home = pool
        self._pool: PostgresPool | None = pool

    def lent(self) -> _Lent:
        """This reader, in the hands of somebody else."""
        self._pool = self._home
        return self

    def close(self) -> None:
        """Goes back, once."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.take_back(self)

    def end(self) -> None:
        """Closes the connection."""
        super().close()
