"""The sequencing side of a store in PostgreSQL.

A turn gives places to what writers have written (``gateway.audit.store.postgres_order``), reads
what is in order without holding anybody up, and writes all that it has in one short transaction at
its end, which first looks whether it still leads.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Final

from gateway.audit.store.base import StoreGone
from gateway.audit.store.postgres_link import connect, failures
from gateway.audit.store.postgres_migrations import check_schema, store_id
from gateway.audit.store.postgres_order import order_now
from gateway.audit.store.tree import Fenced, Kept, LeaseLost
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.audit.store.postgres_link import Link
    from gateway.audit.store.tree import Turn

__all__ = ["PostgresTree"]

_OPEN, _ENDED, _FENCED = 0, 1, 2
_AT_ONCE: Final = 20_000
_PATIENCE: Final = 120.0
"""Seconds for more records than so many, which wait for their places after a long silence."""
_NOW: Final = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
_KEEP: Final = f"UPDATE lease SET until = {_NOW} + %s WHERE holder = %s RETURNING token"  # noqa: S608 - made of constants
_LEASE: Final = f"SELECT holder, token, until, until <= {_NOW} FROM lease"  # noqa: S608 - made of constants
_TAKE: Final = (
    f"UPDATE lease SET holder = %s, token = token + 1, until = {_NOW} + %s"  # noqa: S608 - made of constants
    " WHERE holder = %s AND token = %s AND until = %s RETURNING token"
)
_RESIGN: Final = "UPDATE lease SET holder = '', until = 0 WHERE token = %s"
_SIZE: Final = "SELECT size FROM lease WHERE token = %s AND holder <> ''"
_ENTRIES: Final = "SELECT l.seq - 1, e.header FROM leaves l JOIN entries e ON e.id = l.id"
_NEXT: Final = f"{_ENTRIES} WHERE l.seq > %s ORDER BY l.seq LIMIT %s"
_LAST: Final = f"{_ENTRIES} ORDER BY l.seq DESC LIMIT 1"
_TILE: Final = "SELECT hashes FROM tiles WHERE level = %s AND number = %s"
_PUT_TILES: Final = (
    "INSERT INTO tiles SELECT * FROM unnest(%s::int4[], %s::int8[], %s::bytea[])"
    " ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes"
)
_NEWEST: Final = "SELECT number, size, time, note FROM checkpoints ORDER BY number DESC LIMIT 1"
_PUT_CHECKPOINT: Final = (
    "INSERT INTO checkpoints VALUES (%s, %s, %s, %s) ON CONFLICT (number) DO UPDATE"
    " SET size = excluded.size, time = excluded.time, note = excluded.note"
)
_OPEN_WRITERS: Final = "SELECT id, seen FROM writers WHERE closed = %s"
_FENCE: Final = "UPDATE writers SET closed = %s WHERE id = %s AND seen = %s AND closed = %s"
_END: Final = "UPDATE writers SET closed = %s WHERE id = %s AND closed = %s"
# Only those whose last record has its place: what is said of their end must stand after it.
_FENCED_WRITERS: Final = (
    "SELECT w.id, w.wseq, w.chain, coalesce(e.stage, '') = 'writer.close' FROM writers w"
    " JOIN ordered o ON o.writer = w.number AND o.wseq = w.wseq"
    " LEFT JOIN leaves l ON l.writer = w.number AND l.wseq = w.wseq"
    " LEFT JOIN entries e ON e.id = l.id WHERE w.closed = %s"
)


class PostgresTree:
    """A ``gateway.audit.store.tree.TreeStore``.

    Args:
        url: The database, as ``check_database_url`` takes it.
        busy: Seconds for one piece of work.

    Raises:
        StoreGone: There is no store.
        AuditUnavailable: The database does not answer.
    """

    pace: Final = 0.25

    def __init__(self, url: str, busy: float) -> None:
        self._watched: tuple[str, int, int] | None = None
        self._since = 0.0
        self._url, self._busy = url, busy
        self._link = connect(url, busy)
        try:
            with self._work():
                self.id = check_schema(self._link)
        except BaseException:
            self.close()
            raise

    def lead(self, holder: str, seconds: float) -> int | None:
        """Takes the lead or keeps it; see ``TreeStore``.

        A lease ends at the time that it names by the database's clock, or when nothing of it has
        changed for as long as it is given for: no clock that is set back holds it up.
        """
        with self._work():
            lasts = round(seconds * 1000)
            kept = self._link.execute(_KEEP, (lasts, holder)).fetchone()
            if kept is not None:
                return int(kept[0])
            *found, ended = self._link.execute(_LEASE).fetchone() or ("", 0, 0, True)
            if not self._is_free((found[0], found[1], found[2]), seconds, ended=ended):
                return None
            taken = self._link.execute(_TAKE, (holder, lasts, *found)).fetchone()
            return int(taken[0]) if taken is not None else None

    @contextlib.contextmanager
    def turn(self, token: int) -> Iterator[Turn]:
        """A turn of the leader; see ``TreeStore``."""
        with self._work():
            turn = _PostgresTurn(self._link, self._size(token, ""))
        with failures():
            yield turn
        if turn.tiles or turn.writes or turn.size != turn.begun:
            with self._work(), self._link.transaction():
                if self._size(token, " FOR UPDATE") != turn.begun:
                    raise LeaseLost("the tree has grown meanwhile")
                if turn.tiles:
                    levels, numbers = zip(*turn.tiles, strict=True)
                    hashes = list(turn.tiles.values())
                    self._link.execute(_PUT_TILES, (list(levels), list(numbers), hashes))
                for statement, values in turn.writes:
                    self._link.execute(statement.encode(), values)
                self._link.execute("UPDATE lease SET size = %s", (turn.size,))

    def newest(self) -> Kept | None:
        """The newest checkpoint that is stored."""
        with self._work():
            row = self._link.execute(_NEWEST).fetchone()
        return Kept.of(row) if row else None

    def resign(self, token: int) -> None:
        """Gives up the lead."""
        with contextlib.suppress(AuditUnavailable), self._work():
            self._link.execute(_RESIGN, (token,))

    def check(self) -> None:
        """Whether the open store is still the one in the database.

        Raises:
            StoreGone: It is not.
            AuditUnavailable: It does not answer.
        """
        with self._work():
            if store_id(self._link) != self.id:
                raise StoreGone("the store was replaced")

    def close(self) -> None:
        """Closes the connection."""
        self._link.close()

    def _is_free(self, found: tuple[str, int, int], seconds: float, *, ended: bool) -> bool:
        now = time.monotonic()
        if found != self._watched:
            self._watched, self._since = found, now
        return not found[0] or ended or now - self._since > seconds

    def _size(self, token: int, lock: str) -> int:
        row = self._link.execute(f"{_SIZE}{lock}".encode(), (token,)).fetchone()
        if row is None:
            raise LeaseLost("another process leads")
        return int(row[0])

    @contextlib.contextmanager
    def _work(self) -> Iterator[None]:
        """With a new connection where the last one was lost."""
        if self._link.closed:
            self._link = connect(self._url, self._busy)
        with failures(), self._link.work():
            yield


class _PostgresTurn:
    """A ``gateway.audit.store.tree.Turn``: reads at once, and keeps what it is to write."""

    def __init__(self, link: Link, size: int) -> None:
        self._link = link
        self.size = self.begun = size
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.writes: list[tuple[str, tuple[object, ...]]] = []

    def entries(self, limit: int) -> list[tuple[int, bytes]]:
        with self._link.work():
            enough = order_now(self._link, _AT_ONCE)
        if not enough:
            with self._link.patient(_PATIENCE):
                order_now(self._link)
        with self._link.work():
            return self._link.execute(_NEXT, (self.size, limit)).fetchall()

    def tile(self, level: int, number: int) -> bytes:
        with self._link.work():
            row = self._link.execute(_TILE, (level, number)).fetchone()
        return row[0] if row else b""

    def put_tile(self, level: int, number: int, hashes: bytes) -> None:
        self.tiles[level, number] = hashes

    def last(self) -> tuple[int, bytes] | None:
        with self._link.work():
            row: tuple[int, bytes] | None = self._link.execute(_LAST).fetchone()
        return row

    def put_checkpoint(self, kept: Kept) -> None:
        self._write(_PUT_CHECKPOINT, kept.number, kept.size, kept.time, kept.note)

    def open_writers(self) -> list[tuple[str, int]]:
        with self._link.work():
            return self._link.execute(_OPEN_WRITERS, (_OPEN,)).fetchall()

    def fence(self, writer: str, seen: int) -> None:
        self._write(_FENCE, _FENCED, writer, seen, _OPEN)

    def fenced(self) -> list[Fenced]:
        with self._link.work():
            rows = self._link.execute(_FENCED_WRITERS, (_FENCED,)).fetchall()
        return [Fenced(writer, wseq, chain, bool(ended)) for writer, wseq, chain, ended in rows]

    def end(self, writer: str) -> None:
        self._write(_END, _ENDED, writer, _FENCED)

    def _write(self, statement: str, *values: object) -> None:
        self.writes.append((statement, values))
