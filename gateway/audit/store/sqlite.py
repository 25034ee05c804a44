"""The embedded audit store: one SQLite file in WAL mode, every commit on the disk before it counts.

A store belongs to one writer of one process and to the thread that writes; other processes may
write to the same file through stores of their own.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from gateway.audit.store.base import SaltsErased, StoreGone, WriterClosed
from gateway.audit.store.migrations import migrate
from gateway.audit.store.sqlite_batch import (
    MOST,
    entry_rows,
    head_row,
    insert,
    prepare,
    salt_row,
)
from gateway.audit.store.sqlite_file import (
    check_schema,
    connect,
    identity,
    into_wal,
    open_file,
    schema_version,
    words,
)
from gateway.audit.store.sqlite_work import SqliteWork
from gateway.audit.store.values import number
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gateway.audit.head import Head
    from gateway.audit.store.base import Batch, Entry, Opening, Work
    from gateway.audit.store.sqlite_batch import Row

__all__ = ["SqliteStore"]

_PLACE: Final = "SELECT seq FROM records WHERE writer = ? AND wseq = ?"
# Of what a SELECT gives, SQLite makes room for the whole value three times over.
_ROOM: Final = "INSERT INTO sealed (seq, segment, ciphertext) VALUES (?, ?, zeroblob(?))"
_SEGMENT: Final = "INSERT INTO segments (id, writer, envelope) VALUES (?, ?, ?)"
_HEAD: Final = (
    "UPDATE writers SET wseq = ?, chain = ?, head = ?, seen = ?"
    " WHERE number = ? AND id = ? AND closed = 0"
)
_WRITER: Final = (
    "INSERT INTO writers (id, wseq, chain, head, seen) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (id) DO UPDATE SET wseq = excluded.wseq, chain = excluded.chain,"
    " head = excluded.head, seen = excluded.seen WHERE closed = 0 RETURNING number"
)
_ERASURES: Final = "SELECT value FROM meta WHERE key = 'erasures'"
_CHECKPOINT_BYTES: Final = 8 * 2**20
_COMMIT_BYTES: Final = 32 * 2**10
"""What a commit adds to the log besides: the last page of each table and index is written anew."""
_CHANGE_BYTES: Final = 80
"""What a changed row of the index adds to the log, about."""
_SCRUB_BUSY, _SCRUB_PAUSE = 50, 0.2
"""Milliseconds of one attempt to cut the log, and seconds between two."""
_LARGE: Final = 2**18
_PIECE: Final = 2**16


class SqliteStore:
    """The writing side of a store; a ``gateway.audit.store.base.Store``.

    Args:
        path: The file.
        busy: Seconds to wait for another process's write.
        opening: Whether a missing file is made, with mode 0600.

    Raises:
        StoreGone: The file is missing and was only to be opened.
        AuditUnavailable: The file cannot be opened and written.
    """

    def __init__(self, path: Path, busy: float, opening: Opening) -> None:
        self.path, self._busy = path, busy
        self.erasures = 0
        self._file, self._wal = str(path), f"{path}-wal"
        self._stored_bytes = 0
        self._segments: dict[str, int] = {}
        self._numbers: dict[str, int] = {}
        try:
            open_file(path, opening)
            self._identity = identity(path)
            self._connection = connect(path, busy)
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
            WriterClosed: The log has closed the batch's writer.
            SaltsErased: There were more erasures than the batch knows; nothing is written.
            AuditUnavailable: The batch could not be written.
        """
        if not self._write_at_once(batch):
            self._write_in_steps(batch)
        self._segments = {
            number: self._segments[number]
            for number in {entry.segment for entry in batch.entries}
            if number is not None
        } or self._segments
        self._stored_bytes += _COMMIT_BYTES
        self._stored_bytes += sum(len(e.header) + len(e.sealed or b"") for e in batch.entries)
        self._same()

    def check(self) -> None:
        """Whether the open file is still the one at its path; looks for erasures.

        Raises:
            StoreGone: It was deleted or replaced.
            AuditUnavailable: It cannot be read.
        """
        self._same()
        with self._failures():
            self._look()

    def _same(self) -> None:
        try:
            if self._identity == identity(self._file) and self._wal_identity == identity(self._wal):
                return
        except OSError:
            raise StoreGone("the store's file is gone") from None
        raise StoreGone("the store's file was replaced")

    def touch(self) -> None:
        """Writes without changing anything, to see whether writing works.

        Raises:
            AuditUnavailable: It does not.
        """
        with self._transaction():
            self._connection.execute("UPDATE meta SET value = value WHERE key = 'schema'")
        self._same()

    def alive(self, writer: str) -> None:
        """A sign of life of a writer that has nothing to write.

        Raises:
            StoreGone: The file was deleted or replaced.
            WriterClosed: The log has closed the writer.
            AuditUnavailable: It could not be written.
        """
        with self._transaction():
            found = self._connection.execute(
                "UPDATE writers SET seen = ? WHERE id = ? AND closed = 0", (_now(), writer)
            )
            if not found.rowcount:
                raise WriterClosed("the log has closed this writer")
            self._look()
        self._same()

    def tidy(self) -> None:
        """Moves the write-ahead log into the file where it has grown; never waits for readers."""
        if self._stored_bytes >= _CHECKPOINT_BYTES:
            self._stored_bytes = 0
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def scrub(self) -> None:
        """Sees that no byte of a salt that was deleted is left in the file or its log.

        ``secure_delete`` has overwritten it in its page; pages of before stand in the log until it
        is moved into the file and cut.

        Raises:
            AuditUnavailable: Somebody who reads holds on to the log, or it could not be written.
        """
        deadline = time.monotonic() + self._busy
        with self._failures():
            # Whoever waits here keeps writers waiting as well: often and shortly, then.
            self._connection.execute(f"PRAGMA busy_timeout = {_SCRUB_BUSY}")
            while not self._truncate():
                if time.monotonic() > deadline:
                    held = "somebody reads the store, and holds on to its former pages"
                    raise AuditUnavailable(held)
                time.sleep(_SCRUB_PAUSE)
            self._connection.execute(f"PRAGMA busy_timeout = {round(self._busy * 1000)}")

    def _truncate(self) -> bool:
        """Moves the log into the file and cuts it; false where somebody reads from it."""
        execute = self._connection.execute
        execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        return not execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]

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
        # What somebody has put there is no head of a writer; whoever verifies says so.
        return {
            writer: [wseq, chain.hex()]
            for writer, wseq, chain in rows
            if isinstance(writer, str) and isinstance(wseq, int) and isinstance(chain, bytes)
        }

    @contextlib.contextmanager
    def work(self) -> Iterator[Work]:
        """One transaction: all that is done in it is durable after it, or nothing of it counts.

        Raises:
            AuditUnavailable: It could not be written.
        """
        before = self._connection.total_changes
        with self._transaction():
            yield SqliteWork(self._connection)
        self._stored_bytes += _CHANGE_BYTES * (self._connection.total_changes - before)

    def close(self) -> None:
        """Closes the file; what is committed stays."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()

    def _write_at_once(self, batch: Batch) -> bool:
        """Writes a batch with one statement; false where that does not do, and nothing is done."""
        number = self._numbers.get(batch.head.writer)
        if number is None or batch.also is not None or batch.segments:
            return False
        if len(batch.entries) >= MOST or batch.erasures not in (None, self.erasures):
            return False
        if any(entry.sealed is not None and len(entry.sealed) > _LARGE for entry in batch.entries):
            return False
        head = head_row(batch.head, batch.note, number, self.erasures, _now())
        rows = [head, *self._rows(batch, number)]
        if len(rows) > MOST:
            return False
        try:
            insert(self._connection, rows)
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_CONSTRAINT_TRIGGER:
                return False
            raise AuditUnavailable(words(error)) from None
        return True

    def _write_in_steps(self, batch: Batch) -> None:
        with self._transaction():
            self._look()
            if batch.erasures not in (None, self.erasures):
                raise SaltsErased("somebody was erased meanwhile")
            if batch.also is not None:
                batch.also(SqliteWork(self._connection))
            number = self._number(batch.head, batch.note)
            for segment, envelope in batch.segments.items():
                cursor = self._connection.execute(_SEGMENT, (segment, number, envelope))
                self._segments[segment] = cursor.lastrowid or 0
            rows = self._rows(batch, number)
            while some := list(islice(rows, MOST)):
                insert(self._connection, some)
            for entry in batch.entries:
                if entry.sealed is not None and len(entry.sealed) > _LARGE:
                    self._insert_large(number, entry, entry.sealed)

    def _rows(self, batch: Batch, number: int) -> Iterator[Row]:
        for salt in batch.salts:
            yield salt_row(self._segments[salt.segment], salt)
        for entry in batch.entries:
            yield from entry_rows(entry, number, self._segments, _LARGE)

    def _insert_large(self, number: int, entry: Entry, sealed: bytes | bytearray) -> None:
        """Writes a sealed part piece by piece: SQLite copies a whole value twice to insert it."""
        execute = self._connection.execute
        (seq,) = execute(_PLACE, (number, entry.wseq)).fetchone()
        execute(_ROOM, (seq, self._segments[entry.segment or ""], len(sealed)))
        with (
            self._connection.blobopen("sealed", "ciphertext", seq) as blob,
            memoryview(sealed) as view,
        ):
            for at in range(0, len(view), _PIECE):
                blob.write(view[at : at + _PIECE])

    def _number(self, head: Head, note: str) -> int:
        """Moves a writer's head; gives the writer's number in this store."""
        number = self._numbers.get(head.writer)
        if number is not None:
            moved = (head.wseq, head.chain, note, _now(), number, head.writer)
            if self._connection.execute(_HEAD, moved).rowcount == 1:
                return number
        values = (head.writer, head.wseq, head.chain, note, _now())
        row = self._connection.execute(_WRITER, values).fetchone()
        if row is None:
            raise WriterClosed("the log has closed this writer")
        self._numbers = {head.writer: row[0]}
        return int(row[0])

    def _prepare(self, busy: float) -> None:
        execute = self._connection.execute
        into_wal(self._connection, busy)
        execute("PRAGMA synchronous = FULL")
        # On macOS a plain fsync leaves data in the drive's cache; elsewhere these say nothing.
        execute("PRAGMA fullfsync = ON")
        execute("PRAGMA checkpoint_fullfsync = ON")
        execute("PRAGMA foreign_keys = ON")
        # What is deleted is overwritten: a salt must not stay in a page's unused part.
        execute("PRAGMA secure_delete = ON")
        execute("PRAGMA wal_autocheckpoint = 0")
        with self._transaction():
            migrate(self._connection, schema_version(self._connection))
            self._look()
        prepare(self._connection)
        self._wal_identity = identity(self._wal)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._failures():
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            self._connection.execute("COMMIT")

    def _look(self) -> None:
        (found,) = self._connection.execute(_ERASURES).fetchone() or (None,)
        self.erasures = number(found, "how often somebody was erased")

    @contextlib.contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error | OSError):
                raise AuditUnavailable(words(error)) from None
            raise


def _now() -> int:
    """Unix milliseconds."""
    return round(time.time() * 1000)
