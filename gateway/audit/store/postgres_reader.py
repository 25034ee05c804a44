"""Reads an audit store in PostgreSQL without ever writing to it, while others write."""

from __future__ import annotations

import contextlib
import math
import time
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg.pq import TransactionStatus

from gateway.audit.store.base import Reader, TooSlow
from gateway.audit.store.postgres_link import connect, failures, with_values
from gateway.audit.store.postgres_migrations import check_schema, store_id
from gateway.database_urls import shown
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["PostgresReader"]

_TIMEOUT: Final = 30.0
_SOON: Final = 2.0
"""Seconds for what is a moment's work: who follows a log all day, and looks at each turn whether it
is the same, need not wait for long where it is out of reach."""
_GRACE: Final = 0.5
_PAGE: Final = 500
_SLOW: Final = "the search takes too long"
_SETTINGS: Final = {
    "default_transaction_read_only": "on",
    # Whoever takes rows one by one may take their time, and holds nobody up.
    "idle_in_transaction_session_timeout": "60000",
    # A plan for any values is one for none.
    "plan_cache_mode": "force_custom_plan",
}
_PATH: Final = (
    "SELECT set_config('search_path', concat_ws(', ', quote_ident(current_schema() || '_read'),"
    " quote_ident(current_schema())), false)"
)


class PostgresReader(Reader):
    """A read-only connection; a ``gateway.audit.store.base.Reader``.

    It sees the records that have their place in the order of the log.

    Args:
        url: The database, as ``check_database_url`` takes it.
        limit: Seconds for one read, where ``limited`` does not say otherwise.

    Attributes:
        store: The random id of the store.

    Raises:
        AuditUnavailable: The database does not answer, or holds no store that this knows.
    """

    def __init__(self, url: str, limit: float = _TIMEOUT) -> None:
        self._name = shown(url)
        self._within, self._end = False, math.inf
        try:
            self._link = connect(url, limit, **_SETTINGS)
        except AuditUnavailable as error:
            raise AuditUnavailable(f"{self._name}: {error.reason}") from None
        try:
            with failures(), self._link.work():
                self.store = check_schema(self._link)
                self._link.execute(_PATH)
        except AuditUnavailable as error:
            self._link.close()
            raise AuditUnavailable(f"{self._name}: {error.reason}") from None

    @property
    def current(self) -> bool:
        """Whether the store is still the one that was opened, and soon says so."""
        return self.current_within(_SOON)

    def current_within(self, seconds: float) -> bool:
        """As ``current``; false where the database does not say so in so many seconds."""
        try:
            with failures(), self._link.work(seconds):
                return store_id(self._link) == self.store
        except AuditUnavailable:
            return False

    @property
    def idle(self) -> bool:
        """Whether the connection works and nothing is left under way on it."""
        return self._link.info.transaction_status is TransactionStatus.IDLE

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Every row of a query.

        Raises:
            AuditUnavailable: It could not be read.
        """
        with self._failures():
            self._limit()
            return self._link.execute(with_values(sql), values).fetchall()

    def each(self, sql: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, one by one; other queries may be asked between two of them.

        Raises:
            AuditUnavailable: They could not be read.
        """
        # No limit for all of it: whoever takes the rows may take their time.
        with self._slow(), failures(self._name), contextlib.ExitStack() as stack:
            self._limit()
            if not self._within:
                stack.enter_context(self._link.transaction())
            with self._link.cursor(f"each_{id(stack)}") as cursor:
                cursor.itersize = _PAGE
                yield from cursor.execute(with_values(sql), values)

    @contextlib.contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        """All reads inside take no longer than so many seconds together.

        Raises:
            TooSlow: They do; the reader can go on being used.
        """
        self._end = time.monotonic() + seconds
        try:
            yield
        finally:
            self._end = math.inf
            with contextlib.suppress(psycopg.Error):
                self._link.execute("RESET statement_timeout")

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """All reads inside see the store as it is at the first of them."""
        with self._failures():
            self._link.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        self._within = True
        try:
            yield
        finally:
            self._within = False
            with contextlib.suppress(psycopg.Error):
                self._link.execute("ROLLBACK")

    def close(self) -> None:
        """Closes the connection."""
        with contextlib.suppress(psycopg.Error):
            self._link.close()

    def _limit(self) -> None:
        """Lets the server end what would take longer than is left."""
        if self._end != math.inf:
            left = round((self._end - time.monotonic()) * 1000)
            if left <= 0:
                raise TooSlow(_SLOW)
            self._link.execute(f"SET statement_timeout = {left}".encode())

    @contextlib.contextmanager
    def _failures(self) -> Iterator[None]:
        # The server ends what takes too long; one that does not say so is waited for no longer.
        left = None if self._end == math.inf else self._end - time.monotonic() + _GRACE
        with self._slow(), failures(self._name), self._link.work(left):
            yield

    @contextlib.contextmanager
    def _slow(self) -> Iterator[None]:
        try:
            yield
        except TooSlow:
            raise
        except AuditUnavailable:
            if time.monotonic() > self._end:
                raise TooSlow(_SLOW) from None
            raise
