"""The audit store for many replicas: tables in a PostgreSQL database.

A store belongs to one writer of one process and to the thread that writes; it has one connection.
Records go in by ``COPY``, in one transaction with the writer's head. That transaction holds only
where the head is still the one that the writer left: one that the server finishes after its client
gave up cannot number a record twice.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any, Final

from psycopg import errors

from gateway.audit.store.base import SaltsErased, StoreGone, WriterClosed
from gateway.audit.store.migrations import VERSION
from gateway.audit.store.postgres_batch import copy_batch, insert_batch, is_small
from gateway.audit.store.postgres_link import connect, failures
from gateway.audit.store.postgres_migrations import check_schema, migrate, schema_version
from gateway.audit.store.postgres_order import order, order_now
from gateway.audit.store.postgres_work import PostgresWork
from gateway.errors import AuditUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.audit.store.base import Batch, Opening, Work

__all__ = ["PostgresStore"]

_SEGMENT: Final = "INSERT INTO segments (id, writer, envelope) VALUES (%s, %s, %s) RETURNING number"
_WORK: Final = 7_166_071_507
_BESIDE: Final = f"SELECT pg_advisory_xact_lock_shared({_WORK})"
_KEEPING: Final = "SELECT pg_advisory_xact_lock(7166071508)"
"""Work is done piece by piece: what is being taken out is put under no hold meanwhile."""
_ALONE: Final = (
    _KEEPING,
    f"SELECT pg_advisory_xact_lock({_WORK})",
    "LOCK TABLE salts IN SHARE ROW EXCLUSIVE MODE",
)
"""Salts are written beside each other, and never while somebody is erased."""
_HEAD: Final = (
    "UPDATE writers SET wseq = %s, chain = %s, head = %s, seen = %s"
    " WHERE id = %s AND wseq = %s AND closed = 0 RETURNING number"
)
_WRITER: Final = (
    "INSERT INTO writers (id, wseq, chain, head, seen) VALUES (%s, %s, %s, %s, %s)"
    " ON CONFLICT (id) DO NOTHING RETURNING number"
)
_TOUCH: Final = "UPDATE writers SET seen = seen WHERE number = (SELECT max(number) FROM writers)"
_MAY_DELETE: Final = "SELECT has_table_privilege('salts', 'DELETE')"
_META: Final = "SELECT key, value FROM meta WHERE key IN ('store', 'erasures') ORDER BY key"
_PATH: Final = (
    # The store's own tables come first; of the views only those that have no such table are seen.
    "SELECT set_config('search_path', concat_ws(', ', quote_ident(current_schema()),"
    " quote_ident(current_schema() || '_read')), false)"
)
_SETTINGS: Final = "SELECT current_setting('fsync'), current_setting('synchronous_commit')"
_WORDS: Final = (
    "the database does not write to its disk (fsync is off)",
    "the database answers before it has written (synchronous_commit is off)",
)
_SALT_TABLE: Final = (
    "SELECT pg_has_role(relowner, 'MEMBER'), pg_total_relation_size(oid) FROM pg_class"
    " WHERE oid = 'salts'::regclass"
)
_SMALL: Final = 64 * 2**20
_MONTHS: Final = 2
"""For how many months after this one there are partitions."""
_AT_ONCE: Final = 20_000
"""Records that get their places while a writer waits; the leader sees to more."""
_MIGRATING: Final = 60.0
_MAKE: Final = 3600.0
"""Seconds between two looks whether there are."""


class PostgresStore:
    """The writing side of a store; a ``gateway.audit.store.base.Store``.

    Args:
        url: The database, as ``check_database_url`` takes it.
        busy: Seconds for one piece of work: a batch, a look, an order.
        opening: Whether missing tables are made; the database itself never is.

    Raises:
        StoreGone: The tables are missing, and were only to be opened.
        AuditUnavailable: The database does not answer, or cannot be written.
    """

    def __init__(self, url: str, busy: float, opening: Opening) -> None:
        self.erasures = 0
        self._segments: dict[str, int] = {}
        self._sound = True
        self._made = -_MAKE
        self._link = connect(url, busy)
        try:
            with self._work():
                self._prepare(opening)
                self._look()
        except BaseException:
            self.close()
            raise

    def write(self, batch: Batch) -> None:
        """Writes a batch: all of it is on the server's disk, or nothing of it counts.

        Raises:
            StoreGone: The tables are gone or others; what was written is lost.
            WriterClosed: The log has closed the batch's writer.
            SaltsErased: There were more erasures than the batch knows; nothing is written.
            AuditUnavailable: The batch could not be written.
        """
        with self._work():
            if is_small(batch):
                found = insert_batch(self._link, batch, self.id, _now(), self._segments)
                if found is not None:
                    self.erasures = found
                    return
            # Nothing was written: this writes it, or finds out why it cannot be.
            with self._link.transaction():
                self._insert(batch)
        used = {entry.segment for entry in batch.entries if entry.segment is not None}
        if used:
            self._segments = {segment: self._segments[segment] for segment in used}

    def alive(self, writer: str) -> None:
        """A sign of life of a writer that has nothing to write.

        Raises:
            StoreGone: The tables are gone or others.
            WriterClosed: The log has closed the writer.
            AuditUnavailable: It could not be written.
        """
        with self._work(), self._link.transaction():
            self._look()
            sign = "UPDATE writers SET seen = %s WHERE id = %s AND closed = 0"
            if not self._link.execute(sign, (_now(), writer)).rowcount:
                raise WriterClosed("the log has closed this writer")

    def check(self) -> None:
        """Whether the store is still the one that was opened, and answers.

        Raises:
            StoreGone: It is not.
            AuditUnavailable: It does not answer.
        """
        with self._work():
            self._look()
        self.tidy()

    def touch(self) -> None:
        """Writes without changing anything, to see whether writing works.

        Raises:
            AuditUnavailable: It does not.
        """
        with self._work():
            self._link.execute(_TOUCH)

    def tidy(self) -> None:
        """Orders what was written, so that readers see it, and makes partitions ahead of time."""
        if not self._sound:
            return
        with contextlib.suppress(AuditUnavailable), self._work():
            order_now(self._link, _AT_ONCE)
            if time.monotonic() - self._made > _MAKE:
                self._made = time.monotonic()
                self._partitions()

    def head(self, writer: str) -> tuple[int, bytes] | None:
        """The number and chain value of a writer's last record.

        A transaction of an earlier connection that is still under way is waited for.

        Raises:
            AuditUnavailable: It could not be read.
        """
        with self._work():
            asked = "SELECT wseq, chain FROM writers WHERE id = %s FOR UPDATE"
            row = self._link.execute(asked, (writer,)).fetchone()
        return (row[0], row[1]) if row else None

    def heads(self, limit: int) -> dict[str, list[Any]]:
        """The newest writers' last numbers and chain values in hex, by the writers' ids.

        Raises:
            AuditUnavailable: They could not be read.
        """
        with self._work():
            asked = "SELECT id, wseq, chain FROM writers ORDER BY number DESC LIMIT %s"
            rows = self._link.execute(asked, (limit,)).fetchall()
        return {writer: [wseq, chain.hex()] for writer, wseq, chain in rows}

    @contextlib.contextmanager
    def work(self) -> Iterator[Work]:
        """One transaction: all that is done in it is durable after it, or nothing of it counts.

        No writer waits for it.

        Raises:
            AuditUnavailable: It could not be written.
        """
        self.tidy()
        with self._work(), self._link.transaction():
            self._link.execute(_KEEPING)
            yield PostgresWork(self._link)

    def scrub(self) -> None:
        """Rewrites the table of salts, so that no byte of a deleted one is left in its file.

        A large table is only vacuumed: to rewrite it would hold up writers. The server's log of
        changes and its backups keep what they keep for as long as they are kept.

        Raises:
            AuditUnavailable: The user does not own the table, or somebody holds on to it.
        """
        with self._work(), self._link.patient(_MIGRATING):
            mine, size = self._link.execute(_SALT_TABLE).fetchone() or (False, 0)
            if not mine:
                raise AuditUnavailable("only the owner of the store's tables can clean them")
            self._link.execute("VACUUM FULL salts" if size <= _SMALL else "VACUUM salts")

    def close(self) -> None:
        """Closes the connection; what is committed stays."""
        self.tidy()
        self._sound = False
        self._link.close()

    def _insert(self, batch: Batch) -> None:
        """Writes a batch in the transaction that is open."""
        if batch.also is not None:
            # What was written before has its place before: a record of an erasure must follow
            # all that it reached.
            self._alone()
            order(self._link)
        number = self._number(batch)
        if batch.also is None and batch.erasures is not None:
            self._link.execute(_BESIDE)
        self._look()
        if batch.erasures not in (None, self.erasures):
            raise SaltsErased("somebody was erased meanwhile")
        if batch.also is not None:
            batch.also(PostgresWork(self._link))
        for segment, envelope in batch.segments.items():
            cursor = self._link.execute(_SEGMENT, (segment, number, envelope))
            self._segments[segment] = (cursor.fetchone() or (0,))[0]
        copy_batch(self._link, batch, number, self._segments)
        if batch.also is not None:
            order(self._link)  # And what is written after it has its place after.

    def _alone(self) -> None:
        """Waits until nobody writes salts, and lets nobody until the transaction ends.

        Who may delete none erases nobody, and need not wait.
        """
        if self._link.execute(_MAY_DELETE).fetchone() == (True,):
            for statement in _ALONE:
                self._link.execute(statement)

    def _number(self, batch: Batch) -> int:
        """Moves a writer's head; gives the writer's number in this store."""
        head = batch.head
        now, before = _now(), head.wseq - len(batch.entries)
        moved = (head.wseq, head.chain, batch.note, now, head.writer, before)
        row = self._link.execute(_HEAD, moved).fetchone()
        if row is None and before == -1:
            new = (head.writer, head.wseq, head.chain, batch.note, now)
            row = self._link.execute(_WRITER, new).fetchone()
        if row is None:
            raise self._refused(head.writer)
        return int(row[0])

    def _refused(self, writer: str) -> AuditUnavailable:
        """Why a writer's head could not be moved."""
        asked = "SELECT closed FROM writers WHERE id = %s"
        row = self._link.execute(asked, (writer,)).fetchone()
        if row is not None and row[0]:
            return WriterClosed("the log has closed this writer")
        return AuditUnavailable("the store does not stand where this writer left it")

    def _look(self) -> None:
        """Sees that the store is the one that was opened, and how often subjects were erased."""
        found = dict(self._link.execute(_META).fetchall())
        if found.get("store") != self.id:
            raise StoreGone("the store was replaced")
        self.erasures = int(found.get("erasures", 0))

    def _prepare(self, opening: Opening) -> None:
        found = self._link.execute(_SETTINGS).fetchone() or ("off", "off")
        for value, words in zip(found, _WORDS, strict=True):
            if value == "off":
                raise AuditUnavailable(words)
        version = schema_version(self._link)
        if version != VERSION and (version or opening != "open"):
            with self._link.patient(_MIGRATING):
                migrate(self._link)
                self._partitions()
        self.id = check_schema(self._link)
        self._link.execute(_PATH)

    def _partitions(self) -> None:
        # Without them records go where those of all other times go: slower to prune, and no loss.
        with contextlib.suppress(errors.InsufficientPrivilege, errors.LockNotAvailable):
            self._link.execute("SELECT make_partitions(%s)", (_MONTHS,))

    @contextlib.contextmanager
    def _work(self) -> Iterator[None]:
        """After whatever fails inside the connection is used no more."""
        try:
            with failures(), self._link.work():
                yield
        except SaltsErased:
            raise  # Nothing is wrong with the connection: the batch comes again.
        except BaseException:
            self._sound = False
            raise


def _now() -> int:
    """Unix milliseconds."""
    return round(time.time() * 1000)
