"""What a witness remembers: one table, the newest checkpoint of each origin.

A witness that forgot would cosign a fork, so its file is made once, by ``gateway witness init``,
and never again by the way.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gateway.audit.store.sqlite_file import connect, identity, words
from gateway.errors import ConfigurationError, Place, Problem
from gateway.witness.refusals import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Turn", "WitnessStore", "Witnessed", "create_store"]

_TABLE: Final = """CREATE TABLE witnessed (
    origin TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    note TEXT NOT NULL,
    time INTEGER NOT NULL) WITHOUT ROWID"""
_PUT: Final = "INSERT OR REPLACE INTO witnessed VALUES (?, ?, ?, ?, ?)"
_SELECT: Final = "SELECT origin, size, root, note, time FROM witnessed"
_BUSY: Final = 5.0


@dataclass(frozen=True, slots=True)
class Witnessed:
    """The newest checkpoint of an origin: its tree, its signed note, and when (Unix seconds)."""

    origin: str
    size: int
    root: bytes
    note: str
    time: int


def create_store(path: Path) -> None:
    """Makes the file, for its owner only.

    Raises:
        ConfigurationError: It exists, or cannot be made.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        with contextlib.closing(connect(path, _BUSY)) as connection:
            connection.execute(_TABLE)
    except (OSError, sqlite3.Error) as error:
        problem = Problem(Place(str(path)), f"the store cannot be made: {words(error)}")
        raise ConfigurationError(problem) from None


class WitnessStore:
    """The table, open for turns; several threads and processes may take them.

    Args:
        path: The file, as ``create_store`` made it.

    Raises:
        ConfigurationError: It is missing, or no witness's.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        try:
            self._identity = identity(path)
            self._connection = _opened(path)
        except (OSError, sqlite3.Error) as error:
            advice = (
                "a witness that forgot what it has seen protects from nothing: put its file back,"
                " or make a new witness with `gateway witness init`"
            )
            problem = Problem(Place(str(path)), f"no witness's store: {words(error)}", advice)
            raise ConfigurationError(problem) from None

    @contextlib.contextmanager
    def turn(self) -> Iterator[Turn]:
        """One transaction that nobody else's overlaps; it is on the disk when the block ends.

        Raises:
            Unavailable: It could not be begun, or is not on the disk.
        """
        if not self._lock.acquire(timeout=_BUSY):
            raise Unavailable("another request takes too long")
        try:
            yield from self._transaction()
        except (OSError, sqlite3.Error) as error:
            raise Unavailable(words(error)) from None
        finally:
            self._lock.release()

    def all(self) -> list[Witnessed]:
        """What is remembered, by origin.

        Raises:
            Unavailable: It cannot be read.
        """
        with self.turn() as turn:
            return turn.all()

    def close(self) -> None:
        """Closes the file, after the turn that somebody has."""
        with self._lock, contextlib.suppress(sqlite3.Error):
            self._connection.close()

    def _transaction(self) -> Iterator[Turn]:
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        try:
            yield Turn(self._connection)
            self._check_file()
            execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                execute("ROLLBACK")
            raise

    def _check_file(self) -> None:
        """What is written to a file that was deleted or replaced is not remembered."""
        if identity(self._path) != self._identity:
            raise Unavailable("the file was replaced")


def _opened(path: Path) -> sqlite3.Connection:
    connection = connect(path, _BUSY)
    try:
        connection.execute("PRAGMA synchronous = EXTRA")
        connection.execute("PRAGMA fullfsync = ON")
        connection.execute(_SELECT)
    except BaseException:
        connection.close()
        raise
    return connection


class Turn:
    """What can be asked and remembered within a transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def newest(self, origin: str) -> Witnessed | None:
        """The newest checkpoint of an origin."""
        row = self._connection.execute(f"{_SELECT} WHERE origin = ?", (origin,)).fetchone()
        return None if row is None else Witnessed(*row)

    def all(self) -> list[Witnessed]:
        """The newest checkpoint of each origin."""
        return [Witnessed(*row) for row in self._connection.execute(f"{_SELECT} ORDER BY origin")]

    def put(self, one: Witnessed) -> None:
        """Remembers a checkpoint in place of the one before."""
        self._connection.execute(_PUT, (one.origin, one.size, one.root, one.note, one.time))
