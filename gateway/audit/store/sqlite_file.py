"""The file of an SQLite audit store: where it is, how it is opened, and what its errors mean."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from gateway.audit.store.base import StoreGone
from gateway.audit.store.migrations import VERSION
from gateway.database_urls import shown
from gateway.errors import AuditUnavailable, ConfigurationError, Place, Problem

if TYPE_CHECKING:
    from gateway.audit.store.base import Opening

__all__ = [
    "SCHEME",
    "check_schema",
    "connect",
    "identity",
    "into_wal",
    "open_file",
    "schema_version",
    "store_path",
    "words",
]

SCHEME: Final = "sqlite:///"
"""How the URL of such a store begins."""

_ADVICE: Final = "write sqlite:///PATH or postgresql://USER@HOST:PORT/DATABASE"
_EFFECTIVE: Final = os.access in os.supports_effective_ids
_WORDS: Final = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_BUSY: "the store is locked by another process",
    sqlite3.SQLITE_LOCKED: "the store is locked",
    sqlite3.SQLITE_READONLY: "the store is read-only",
    sqlite3.SQLITE_CANTOPEN: "the store cannot be opened",
    sqlite3.SQLITE_PERM: "the store may not be opened",
    sqlite3.SQLITE_IOERR: "the disk does not work",
    sqlite3.SQLITE_CORRUPT: "the store is damaged",
    sqlite3.SQLITE_NOTADB: "the file is no SQLite database",
    sqlite3.SQLITE_CONSTRAINT: "a record with this id or number is there already",
}


def store_path(url: str) -> Path:
    """The file of ``sqlite:///relative/path`` or ``sqlite:////absolute/path``.

    Raises:
        ConfigurationError: The URL is of another kind.
    """
    path = url.removeprefix(SCHEME)
    if not url.startswith(SCHEME) or not path or "\x00" in path:
        raise ConfigurationError(Problem(Place(shown(url)), "this is no audit store", _ADVICE))
    return Path(path)


def words(error: sqlite3.Error | OSError) -> str:
    """What went wrong, in words; never a statement or its values."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return _WORDS.get(code, f"the store failed ({getattr(error, 'sqlite_errorname', 'unknown')})")


def check_schema(connection: sqlite3.Connection) -> str:
    """The random id of the store behind a connection.

    Raises:
        AuditUnavailable: The database is no audit store, or one of another version.
    """
    version = schema_version(connection)
    if not version:
        raise AuditUnavailable("the database is no audit store")
    if version < VERSION:
        raise AuditUnavailable(
            f"the store has schema {version}, this gateway reads {VERSION}: a gateway that is"
            " started on it, or `gateway check`, brings it there"
        )
    row = connection.execute("SELECT value FROM meta WHERE key = 'store'").fetchone()
    if row is None:
        raise AuditUnavailable("the store has no id: it is damaged")
    return str(row[0])


def schema_version(connection: sqlite3.Connection) -> int:
    """The version of the store behind a connection; 0 where there is nothing yet.

    Raises:
        AuditUnavailable: The database is no audit store, or a newer one.
    """
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    if not tables:
        return 0
    if "meta" not in tables or "records" not in tables:
        raise AuditUnavailable("the database is no audit store")
    row = connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
    version = str(row[0]) if row else ""
    if not version.isdecimal() or not 1 <= int(version) <= VERSION:
        raise AuditUnavailable(
            f"the store has schema {version or '?'}, this gateway knows up to {VERSION}:"
            " use the newer gateway"
        )
    return int(version)


def open_file(path: Path, opening: Opening) -> None:
    """Makes the file where that is wanted, with mode 0600, and sees that it can be written.

    Raises:
        StoreGone: The file is missing, and only an old one was to be opened.
        AuditUnavailable: The folder is gone, or the file may not be written.
        OSError: The file cannot be made.
    """
    if opening == "make":
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    elif opening == "again" and not path.parent.is_dir():
        # It is not made again: where a volume was unmounted, records belong nowhere else.
        raise AuditUnavailable("the store's folder is gone")
    if opening != "open":
        _make(path)
    elif not path.exists():
        raise StoreGone("the store's file is gone")
    # SQLite would open it to read, and make its log with the same useless mode.
    if not os.access(path, os.R_OK | os.W_OK, effective_ids=_EFFECTIVE):
        raise AuditUnavailable("the store is read-only")


def _make(path: Path) -> None:
    # Never opened where it exists: closing it would release the locks that SQLite holds in this
    # process (POSIX advisory locks belong to the process, not to the descriptor).
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def connect(path: Path, busy: float) -> sqlite3.Connection:
    """A connection that writes and waits ``busy`` seconds for others; transactions are explicit."""
    return sqlite3.connect(
        f"file://{quote(str(path.absolute()))}?mode=rw",
        uri=True,
        timeout=busy,
        isolation_level=None,
        check_same_thread=False,
    )


def into_wal(connection: sqlite3.Connection, busy: float) -> None:
    """Switches the file to a write-ahead log.

    Several processes may switch one new file at once; SQLite does not wait for this lock.

    Raises:
        AuditUnavailable: The file system has none.
        sqlite3.Error: The file cannot be switched in ``busy`` seconds.
    """
    deadline = time.monotonic() + busy
    while True:
        try:
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
            continue
        if mode != "wal":
            raise AuditUnavailable("the store's file system has no write-ahead log")
        return


def identity(path: Path | str) -> tuple[int, int]:
    """What tells a file from another at the same path.

    Raises:
        OSError: There is none.
    """
    found = os.stat(path)  # noqa: PTH116 - once per commit, and a third of Path.stat's cost
    return found.st_dev, found.st_ino
