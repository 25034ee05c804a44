"""The embedded audit store: one SQLite file in WAL mode, every commit on the disk before it counts.

A store belongs to one writer of one process and to the thread that writes; other processes may
write to the same file through stores of their own.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote

from gateway.audit.store.schema import COLUMNS, TABLES, VERSION
from gateway.errors import AuditUnavailable, ConfigurationError, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.audit.head import Head

__all__ = ["Batch", "Entry", "SqliteStore", "StoreGone", "check_schema", "store_path", "words"]

Row = TypeVar("Row")
_SCHEME: Final = "sqlite:///"
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
_RECORD: Final = (
    f"INSERT INTO records (id, writer, wseq, header, chain, {', '.join(COLUMNS)}) VALUES "  # noqa: S608 - made of constants
)
_SEALED: Final = "INSERT INTO sealed (seq, segment, ciphertext) VALUES "
_ROOM: Final = "INSERT INTO sealed (seq, segment, ciphertext) VALUES (?, ?, zeroblob(?))"
_SEGMENT: Final = "INSERT INTO segments (id, writer, envelope) VALUES (?, ?, ?)"
_HEAD: Final = "UPDATE writers SET wseq = ?, chain = ?, head = ? WHERE number = ? AND id = ?"
_WRITER: Final = (
    "INSERT INTO writers (id, wseq, chain, head) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE"
    " SET wseq = excluded.wseq, chain = excluded.chain, head = excluded.head RETURNING number"
)
_EFFECTIVE: Final = os.access in os.supports_effective_ids
_BUNCHES: Final = (64, 16, 4, 1)
"""Rows per statement: few sizes, so that prepared statements are used again."""
_CHECKPOINT_BYTES: Final = 4 * 2**20
_LARGE: Final = 2**18
_PIECE: Final = 2**16


class StoreGone(AuditUnavailable):
    """The store's file was deleted or replaced while it was open."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as it is stored: ``columns`` are those of the schema, ``sealed`` its ciphertext.

    ``segment`` is the id of the segment that the sealed part belongs to.
    """

    id: str
    wseq: int
    header: bytes
    chain: bytes
    columns: tuple[Any, ...]
    sealed: bytes | bytearray | None = None
    segment: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction writes: records, the segments they open, and the head after them.

    ``segments`` maps the ids of segments that are not stored yet to their envelopes.
    """

    entries: Sequence[Entry]
    segments: dict[str, bytes]
    head: Head
    note: str


def store_path(url: str) -> Path:
    """The file of ``sqlite:///relative/path`` or ``sqlite:////absolute/path``.

    Raises:
        ConfigurationError: The URL is of another kind.
    """
    path = url.removeprefix(_SCHEME)
    if not url.startswith(_SCHEME) or not path or "\x00" in path:
        raise ConfigurationError(
            Problem(Place(url), "this is no audit store", "write sqlite:///PATH")
        )
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
        AuditUnavailable: The database is no audit store, or a newer one.
    """
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    if "meta" not in tables or "records" not in tables:
        raise AuditUnavailable("the database is no audit store")
    meta = dict(connection.execute("SELECT key, value FROM meta"))
    version = meta.get("schema", "")
    if not version.isdecimal() or int(version) > VERSION:
        raise AuditUnavailable(
            f"the store has schema {version or '?'}, this gateway knows up to {VERSION}:"
            " use the newer gateway"
        )
    return str(meta.get("store", ""))


class SqliteStore:
    """The writing side of a store.

    Args:
        path: The file.
        busy: Seconds to wait for another process's write.
        create: Whether a missing file is made, with mode 0600.

    Raises:
        StoreGone: The file is missing and ``create`` is false.
        AuditUnavailable: The file cannot be opened and written.
    """

    def __init__(self, path: Path, busy: float, *, create: bool) -> None:
        self.path = path
        self._wal = Path(f"{path}-wal")
        self._stored_bytes = 0
        self._segments: dict[str, int] = {}
        self._numbers: dict[str, int] = {}
        try:
            if create:
                _make(path)
            elif not path.exists():
                raise StoreGone("the store's file is gone")
            # SQLite would open it to read, and make its log with the same useless mode.
            if not os.access(path, os.R_OK | os.W_OK, effective_ids=_EFFECTIVE):
                raise AuditUnavailable("the store is read-only")
            self._identity = _identity(path)
            self._connection = _connect(path, busy)
        except (sqlite3.Error, OSError) as error:
            raise AuditUnavailable(words(error)) from None
        try:
            with self._failures():
                self._prepare(busy)
                self.id = check_schema(self._connection)
        except BaseException:
            self.close()
            raise

    def write(self, batch: Batch) -> None:
        """Writes a batch: all of it is on the disk, or nothing of it counts.

        Raises:
            StoreGone: The file was deleted or replaced; what was written is lost.
            AuditUnavailable: The batch could not be written.
        """
        with self._failures():
            self._connection.execute("BEGIN IMMEDIATE")
            self._insert(batch)
            self._connection.execute("COMMIT")
        self._segments = {
            number: self._segments[number]
            for number in {entry.segment for entry in batch.entries}
            if number is not None
        } or self._segments
        self._stored_bytes += sum(len(e.header) + len(e.sealed or b"") for e in batch.entries)
        self.check()

    def check(self) -> None:
        """Whether the open file is still the one at its path.

        Raises:
            StoreGone: It was deleted or replaced.
        """
        try:
            if self._identity == _identity(self.path) and self._wal_identity == _identity(
                self._wal
            ):
                return
        except OSError:
            raise StoreGone("the store's file is gone") from None
        raise StoreGone("the store's file was replaced")

    def touch(self) -> None:
        """Writes without changing anything, to see whether writing works.

        Raises:
            AuditUnavailable: It does not.
        """
        with self._failures():
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute("UPDATE meta SET value = value WHERE key = 'schema'")
            self._connection.execute("COMMIT")
        self.check()

    def checkpoint(self) -> None:
        """Moves the write-ahead log into the file where it has grown; never waits for readers."""
        if self._stored_bytes >= _CHECKPOINT_BYTES:
            self._stored_bytes = 0
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def head(self, writer: str) -> tuple[int, bytes] | None:
        """The number and chain value of a writer's last record."""
        with self._failures():
            row = self._connection.execute(
                "SELECT wseq, chain FROM writers WHERE id = ?", (writer,)
            ).fetchone()
        return (row[0], row[1]) if row else None

    def heads(self, limit: int) -> dict[str, list[Any]]:
        """The newest writers' last numbers and chain values in hex, by the writers' ids."""
        with self._failures():
            rows = self._connection.execute(
                "SELECT id, wseq, chain FROM writers ORDER BY number DESC LIMIT ?", (limit,)
            ).fetchall()
        return {writer: [wseq, chain.hex()] for writer, wseq, chain in rows}

    def close(self) -> None:
        """Closes the file; what is committed stays."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()

    def _insert(self, batch: Batch) -> None:
        """Writes rows in bunches: each statement lets other threads run, and costs a hand-over."""
        head = batch.head
        number = self._number(head, batch.note)
        for segment, envelope in batch.segments.items():
            cursor = self._connection.execute(_SEGMENT, (segment, number, envelope))
            self._segments[segment] = cursor.lastrowid or 0
        sealed: list[tuple[Any, ...]] = []
        for entries in _bunches(batch.entries):
            rows = [(e.id, number, e.wseq, e.header, e.chain, *e.columns) for e in entries]
            last = self._insert_rows(_RECORD, rows)
            # The transaction is the only one, so one statement numbers its rows densely.
            sealed += [
                (seq, self._segments[entry.segment or ""], entry.sealed)
                for seq, entry in enumerate(entries, last - len(entries) + 1)
                if entry.sealed is not None
            ]
        for bunch in _bunches([row for row in sealed if len(row[2]) <= _LARGE]):
            self._insert_rows(_SEALED, bunch)
        for row in sealed:
            if len(row[2]) > _LARGE:
                self._insert_large(*row)

    def _insert_large(self, seq: int, segment: int, sealed: bytes) -> None:
        """Writes a sealed part piece by piece: SQLite copies a whole value twice to insert it."""
        self._connection.execute(_ROOM, (seq, segment, len(sealed)))
        with (
            self._connection.blobopen("sealed", "ciphertext", seq) as blob,
            memoryview(sealed) as view,
        ):
            for at in range(0, len(view), _PIECE):
                blob.write(view[at : at + _PIECE])

    def _insert_rows(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> int:
        """Inserts rows with one statement; gives the last one's number."""
        sql = _many(statement, len(rows), len(rows[0]))
        return self._connection.execute(sql, [*chain.from_iterable(rows)]).lastrowid or 0

    def _number(self, head: Head, note: str) -> int:
        """Moves a writer's head; gives the writer's number in this store."""
        number = self._numbers.get(head.writer)
        if number is not None:
            values = (head.wseq, head.chain, note, number, head.writer)
            if self._connection.execute(_HEAD, values).rowcount == 1:
                return number
        row = self._connection.execute(_WRITER, (head.writer, head.wseq, head.chain, note))
        (number,) = row.fetchone()
        self._numbers = {head.writer: number}
        return int(number)

    def _prepare(self, busy: float) -> None:
        execute = self._connection.execute
        _into_wal(self._connection, busy)
        execute("PRAGMA synchronous = FULL")
        # On macOS a plain fsync leaves data in the drive's cache; elsewhere these say nothing.
        execute("PRAGMA fullfsync = ON")
        execute("PRAGMA checkpoint_fullfsync = ON")
        execute("PRAGMA foreign_keys = ON")
        execute("PRAGMA wal_autocheckpoint = 0")
        execute("BEGIN IMMEDIATE")
        if execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
            for statement in TABLES:
                execute(statement)
            rows = [("schema", str(VERSION)), ("store", os.urandom(8).hex())]
            self._connection.executemany("INSERT INTO meta VALUES (?, ?)", rows)
        execute("COMMIT")
        self._wal_identity = _identity(self._wal)

    @contextlib.contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise AuditUnavailable(words(error)) from None


def _bunches(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """The rows in their order, in pieces of the sizes of ``_BUNCHES``, large ones first."""
    start = 0
    for size in _BUNCHES:
        while len(rows) - start >= size:
            yield rows[start : start + size]
            start += size


@lru_cache(16)
def _many(statement: str, rows: int, values: int) -> str:
    row = f"({', '.join('?' * values)})"
    return statement + ", ".join([row] * rows)


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Never opened where it exists: closing it would release the locks that SQLite holds in this
    # process (POSIX advisory locks belong to the process, not to the descriptor).
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _connect(path: Path, busy: float) -> sqlite3.Connection:
    return sqlite3.connect(
        f"file://{quote(str(path.absolute()))}?mode=rw",
        uri=True,
        timeout=busy,
        isolation_level=None,
        check_same_thread=False,
    )


def _into_wal(connection: sqlite3.Connection, busy: float) -> None:
    """Several processes may switch one new file at once; SQLite does not wait for this lock."""
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


def _identity(path: Path) -> tuple[int, int]:
    found = os.stat(path)  # noqa: PTH116 - once per commit, and a third of Path.stat's cost
    return found.st_dev, found.st_ino
