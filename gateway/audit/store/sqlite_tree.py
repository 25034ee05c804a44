"""The sequencing side of an SQLite store.

Commits to one file are serial, so records already stand in order: ``records.seq`` is one more than
a record's index. A turn reads what is there without holding anybody up, and writes all that it has
in one short transaction at its end, which first looks whether it still leads.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gateway.audit.record import MAX_HEADER
from gateway.audit.store.base import StoreGone
from gateway.audit.store.sqlite_file import check_schema, connect, identity, open_file, words
from gateway.audit.store.tree import Fenced, Kept, LeaseLost
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.audit.store.tree import Turn

__all__ = ["SqliteTree"]

_OPEN, _ENDED, _FENCED = 0, 1, 2
_TAKE: Final = (
    "UPDATE lease SET holder = ?, token = token + 1, until = ?"
    " WHERE holder = ? AND token = ? AND until = ?"
)
_KEEP: Final = "UPDATE lease SET until = ? WHERE holder = ? AND token = ?"
_RESIGN: Final = "UPDATE lease SET holder = '', until = 0 WHERE token = ?"
_SIZE: Final = "SELECT size FROM lease WHERE token = ? AND holder <> ''"
_PIECE: Final = 64
"""Entries of one row: each row hands the interpreter over, and waits for it again."""
# Their places and lengths, and then their texts; what is no header is asked for by itself.
_ENTRIES: Final = (
    "SELECT group_concat((seq - 1) || ' ' || length(text)), CAST(group_concat(text, '') AS BLOB)"  # noqa: S608 - made of constants
    f" FROM (SELECT seq, CASE WHEN typeof(header) = 'blob' AND length(header) <= {MAX_HEADER}"
    " THEN header ELSE x'' END AS text FROM records WHERE seq > ? ORDER BY seq LIMIT ?)"
)
_ENTRY: Final = "SELECT header FROM records WHERE seq = ?"
_LAST: Final = "SELECT seq - 1, header FROM records ORDER BY seq DESC LIMIT 1"
_NEWEST: Final = "SELECT number, size, time, note FROM checkpoints ORDER BY number DESC LIMIT 1"
_FENCED_WRITERS: Final = (
    "SELECT w.id, w.wseq, w.chain, coalesce(r.stage, '') = 'writer.close' FROM writers w"
    " LEFT JOIN records r ON r.writer = w.number AND r.wseq = w.wseq WHERE w.closed = ?"
)


class SqliteTree:
    """A ``gateway.audit.store.tree.TreeStore``.

    Args:
        path: The file, which must be there.
        busy: Seconds to wait for another's write.

    Raises:
        StoreGone: The file is missing.
        AuditUnavailable: The file cannot be opened and written.
    """

    pace: Final = 0.25

    def __init__(self, path: Path, busy: float) -> None:
        self._path, self._wal = path, Path(f"{path}-wal")
        self._watched: tuple[str, int, int] | None = None
        self._since = 0.0
        try:
            open_file(path, "open")
            self._identity = identity(path)
            self._connection = connect(path, busy)
        except (sqlite3.Error, OSError) as error:
            raise AuditUnavailable(words(error)) from None
        try:
            with self._failures():
                self._connection.execute("PRAGMA synchronous = FULL")
                self.id = check_schema(self._connection)
                self._wal_identity = identity(self._wal)
        except BaseException:
            self.close()
            raise

    def lead(self, holder: str, seconds: float) -> int | None:
        """Takes the lead or keeps it; see ``TreeStore``.

        A lease ends at the time that it names, or when nothing of it has changed for as long as
        it is given for: no clock that is set back holds it up.
        """
        with self._failures():
            found: tuple[str, int, int] = self._connection.execute(
                "SELECT holder, token, until FROM lease"
            ).fetchone()
            until = round((time.time() + seconds) * 1000)
            if found[0] == holder:
                kept = self._connection.execute(_KEEP, (until, holder, found[1])).rowcount
                return found[1] if kept else None
            if not self._is_free(found, seconds):
                return None
            taken = self._connection.execute(_TAKE, (holder, until, *found)).rowcount
            return found[1] + 1 if taken else None

    @contextlib.contextmanager
    def turn(self, token: int) -> Iterator[Turn]:
        """A turn of the leader; see ``TreeStore``."""
        with self._failures():
            turn = _SqliteTurn(self._connection, self._size(token))
        with self._failures():
            yield turn
            if turn.writes or turn.size != turn.begun:
                self._connection.execute("BEGIN IMMEDIATE")
                if self._size(token) != turn.begun:
                    raise LeaseLost("the tree has grown meanwhile")
                for statement, values in turn.writes:
                    self._connection.execute(statement, values)
                self._connection.execute("UPDATE lease SET size = ?", (turn.size,))
                self._connection.execute("COMMIT")

    def newest(self) -> Kept | None:
        """The newest checkpoint that is stored."""
        with self._failures():
            row = self._connection.execute(_NEWEST).fetchone()
        return Kept.of(row) if row else None

    def resign(self, token: int) -> None:
        """Gives up the lead."""
        with contextlib.suppress(AuditUnavailable), self._failures():
            self._connection.execute(_RESIGN, (token,))

    def check(self) -> None:
        """Whether the open file is still the one at its path.

        Raises:
            StoreGone: It was deleted or replaced.
        """
        try:
            if self._identity == identity(self._path) and self._wal_identity == identity(self._wal):
                return
        except OSError:
            raise StoreGone("the store's file is gone") from None
        raise StoreGone("the store's file was replaced")

    def close(self) -> None:
        """Closes the file."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()

    def _is_free(self, found: tuple[str, int, int], seconds: float) -> bool:
        now = time.monotonic()
        if found != self._watched:
            self._watched, self._since = found, now
        holder, _, until = found
        return not holder or until <= time.time() * 1000 or now - self._since > seconds

    def _size(self, token: int) -> int:
        row = self._connection.execute(_SIZE, (token,)).fetchone()
        if row is None:
            raise LeaseLost("another process leads")
        return int(row[0])

    @contextlib.contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            if self._connection.in_transaction:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error | OSError):
                raise AuditUnavailable(words(error)) from None
            raise


class _SqliteTurn:
    """A ``gateway.audit.store.tree.Turn``: reads at once, and keeps what it is to write."""

    def __init__(self, connection: sqlite3.Connection, size: int) -> None:
        self._connection = connection
        self.size = self.begun = size
        self.writes: list[tuple[str, tuple[object, ...]]] = []

    def entries(self, limit: int) -> list[tuple[int, bytes]]:
        found: list[tuple[int, bytes]] = []
        after = self.size
        while len(found) < limit:
            most = min(_PIECE, limit - len(found))
            piece = self._piece(after, most)
            found += piece
            if len(piece) < most:
                break
            after = piece[-1][0] + 1
        return found

    def _piece(self, after: int, most: int) -> list[tuple[int, bytes]]:
        places, text = self._connection.execute(_ENTRIES, (after, most)).fetchone()
        found: list[tuple[int, bytes]] = []
        at = 0
        for place in places.split(",") if places else ():
            index, size = map(int, place.split(" "))
            found.append((index, text[at : at + size] or self._header(index)))
            at += size
        # SQLite promises no order of what it puts together.
        return sorted(found)

    def _header(self, index: int) -> bytes:
        """What stands in a record's header, whatever that is."""
        found: tuple[bytes] | None = self._connection.execute(_ENTRY, (index + 1,)).fetchone()
        return found[0] if found else b""

    def tile(self, level: int, number: int) -> bytes:
        row = self._connection.execute(
            "SELECT hashes FROM tiles WHERE level = ? AND number = ?", (level, number)
        ).fetchone()
        return row[0] if row and isinstance(row[0], bytes) else b""

    def put_tile(self, level: int, number: int, hashes: bytes) -> None:
        self._write("INSERT OR REPLACE INTO tiles VALUES (?, ?, ?)", level, number, hashes)

    def last(self) -> tuple[int, bytes] | None:
        row: tuple[int, bytes] | None = self._connection.execute(_LAST).fetchone()
        return row

    def put_checkpoint(self, kept: Kept) -> None:
        values = (kept.number, kept.size, kept.time, kept.note)
        self._write("INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?)", *values)

    def open_writers(self) -> list[tuple[str, int]]:
        sql = "SELECT id, seen FROM writers WHERE closed = ?"
        return self._connection.execute(sql, (_OPEN,)).fetchall()

    def fence(self, writer: str, seen: int) -> None:
        sql = "UPDATE writers SET closed = ? WHERE id = ? AND seen = ? AND closed = ?"
        self._write(sql, _FENCED, writer, seen, _OPEN)

    def fenced(self) -> list[Fenced]:
        rows = self._connection.execute(_FENCED_WRITERS, (_FENCED,)).fetchall()
        return [Fenced(writer, wseq, chain, bool(ended)) for writer, wseq, chain, ended in rows]

    def end(self, writer: str) -> None:
        sql = "UPDATE writers SET closed = ? WHERE id = ? AND closed = ?"
        self._write(sql, _ENDED, writer, _FENCED)

    def _write(self, statement: str, *values: object) -> None:
        self.writes.append((statement, values))
