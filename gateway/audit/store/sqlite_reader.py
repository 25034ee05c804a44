"""Reads an SQLite audit store without ever writing to it, while others write."""

from __future__ import annotations

import contextlib
import math
import os
import sqlite3
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from gateway.audit.store.base import Reader, TooSlow
from gateway.audit.store.sqlite_file import check_schema, words
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["SqliteReader"]

_TIMEOUT: Final = 5.0
_STEPS: Final = 5000
"""Of SQLite's machine, between two looks at the clock: well under a millisecond."""


class SqliteReader(Reader):
    """A read-only connection; a ``gateway.audit.store.base.Reader``.

    Attributes:
        store: The random id of the store's file.

    Raises:
        AuditUnavailable: The file is missing, cannot be read, or is no store that this knows.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._end = path, math.inf
        try:
            found = path.stat()
            self._identity = found.st_dev, found.st_ino
            self._connection = _connect(path)
        except (sqlite3.Error, OSError) as error:
            raise AuditUnavailable(f"{path}: {words(error)}") from None
        try:
            with self._failures():
                self.store = check_schema(self._connection)
        except BaseException:
            self.close()
            raise

    @property
    def current(self) -> bool:
        """Whether the open file is still the one at its path."""
        try:
            found = os.stat(self._path)  # noqa: PTH116 - asked at every poll
        except OSError:
            return False
        return self._identity == (found.st_dev, found.st_ino)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Every row of a query.

        Raises:
            AuditUnavailable: It could not be read.
        """
        with self._failures():
            return self._connection.execute(sql, values).fetchall()

    def each(self, sql: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, one by one.

        Raises:
            AuditUnavailable: They could not be read.
        """
        with self._failures():
            yield from self._connection.execute(sql, values)

    @contextlib.contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        """All reads inside take no longer than so many seconds together.

        Raises:
            TooSlow: They do; the reader can go on being used.
        """
        self._end = time.monotonic() + seconds
        self._connection.set_progress_handler(lambda: time.monotonic() > self._end, _STEPS)
        try:
            yield
        finally:
            self._end = math.inf
            self._connection.set_progress_handler(None, 0)

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """All reads inside see the store as it is at the first of them."""
        self.rows("BEGIN")
        try:
            yield
        finally:
            # Ended by the statement itself where that was interrupted.
            if self._connection.in_transaction:
                self._connection.rollback()

    def close(self) -> None:
        """Closes the file."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()

    @contextlib.contextmanager
    def _failures(self) -> Iterator[None]:
        if time.monotonic() > self._end:
            # SQLite looks at the clock in long statements only.
            raise TooSlow("the search takes too long")
        try:
            yield
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
                raise TooSlow("the search takes too long") from None
            raise AuditUnavailable(f"{self._path}: {words(error)}") from None


def _connect(path: Path) -> sqlite3.Connection:
    """Opens read-only; a copy on a medium that cannot be written has no log beside it to share."""
    url = f"file://{quote(str(path.absolute()))}?mode=ro"
    connection = _open(url)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        connection.close()
        wal = path.with_name(f"{path.name}-wal")
        code = getattr(error, "sqlite_errorcode", 0)
        if code & 0xFF != sqlite3.SQLITE_CANTOPEN or wal.exists():
            raise
        return _open(f"{url}&immutable=1")
    return connection


def _open(url: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        url, uri=True, timeout=_TIMEOUT, isolation_level=None, check_same_thread=False
    )
    # Whoever tampers may put any bytes where a text should be.
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    return connection
