"""One writer's part of the log: numbers, seals, chains and stores what it is given.

It knows neither threads nor event loops: ``gateway.audit.writer`` calls it from the one thread
that writes. After a failure it opens the store anew and goes on from what is really there, so its
numbers stay dense. Where its records are no longer there, it starts a new writer, whose first
record says what was lost.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from gateway import __version__
from gateway.audit.blind import bind_tokens
from gateway.audit.chain import GENESIS, link
from gateway.audit.head import Head, sign_head
from gateway.audit.key_change import key_change, last_open
from gateway.audit.recipients import fingerprint
from gateway.audit.record import Record, SealedNote, encode
from gateway.audit.sealing import Sealing
from gateway.audit.store.base import Batch, Entry, SaltsErased, StoreGone, WriterClosed
from gateway.audit.store.opening import open_store
from gateway.audit.store.schema import columns
from gateway.errors import AuditUnavailable
from gateway.ids import uuid7

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from gateway.audit.blind import BlindIndex, Value
    from gateway.audit.note import Signer
    from gateway.audit.recipients import RecipientKey
    from gateway.audit.store.base import Store, Work

__all__ = ["Item", "Keys", "Ledger"]

_WITNESSED: Final = 32
_SIGN: Final = 10.0
"""Seconds between signs of life of a writer that has nothing to write."""
_ATTEMPTS: Final = 3
"""How often a batch is sealed where each time somebody is erased before it is stored."""
_TRIED: Final = 64
"""How many batches of which it is not known whether they were stored are remembered."""
_NOBODY: Final = Head("", -1, GENESIS)


@dataclass(frozen=True, slots=True)
class Keys:
    """Who signs the log, to whom it is sealed, and how values in it are indexed, if they are."""

    signer: Signer
    recipients: tuple[RecipientKey, ...]
    index: BlindIndex | None = None

    def names(self) -> dict[str, Any]:
        """As ``writer.open`` names them: the log, ids of its keys, fingerprints of recipients."""
        return {
            "log": self.signer.name,
            "key": self.signer.key_id.hex(),
            "recipients": [fingerprint(key) for key in self.recipients],
            "index": None if self.index is None else self.index.id,
        }


@dataclass(frozen=True, slots=True)
class Item:
    """A record to be written, the plaintext of its sealed part, and the values to index in it.

    A ``bytearray`` is sealed in its own place, so an item is written once.
    """

    record: Record
    plaintext: bytes | bytearray | None = None
    values: tuple[Value, ...] = ()


class Ledger:
    """The writer of this process.

    Args:
        url: The store; made when it is missing.
        keys: Signer and recipients.
        busy: Seconds to wait for another process's write.
        on_incident: Told in one sentence when records were lost and a new writer begins.

    Raises:
        AuditUnavailable: The store cannot be opened or written.
    """

    def __init__(
        self, url: str, keys: Keys, busy: float, on_incident: Callable[[str], None] | None = None
    ) -> None:
        self._url, self._keys, self._busy = url, keys, busy
        self._on_incident = on_incident
        self._head = _NOBODY
        self._attempts: deque[Head] = deque(maxlen=_TRIED)
        self._lost: str | None = None
        self._seen = 0.0
        self._sealing = Sealing(keys.recipients)
        self._store: Store | None = open_store(url, busy, "make")
        try:
            self._begin(self._store)
        except BaseException:
            self._drop()
            raise

    @property
    def head(self) -> Head:
        """This writer's last record."""
        return self._head

    def commit(self, items: Sequence[Item], also: Callable[[Work], None] | None = None) -> None:
        """Writes records: all of them are durable, or none of them counts.

        Args:
            items: The records.
            also: What else happens in the same transaction; what it raises undoes everything.

        Raises:
            AuditUnavailable: They could not be written.
        """
        self._write(self._ready(), items, also)

    def work(self) -> AbstractContextManager[Work]:
        """One transaction that writes no record.

        Raises:
            AuditUnavailable: It could not be written.
        """
        return self._ready().work()

    def scrub(self) -> None:
        """Sees that no byte of a salt that was deleted is left in the store's files.

        Raises:
            AuditUnavailable: Somebody who reads holds on to them, or it could not be written.
        """
        self._ready().scrub()

    def check(self) -> None:
        """Whether a record could be written now; recovers what can be recovered.

        Raises:
            AuditUnavailable: It could not.
        """
        try:
            if self._store is None:
                self._ready().touch()
            else:
                self._live(self._store)
        except (StoreGone, WriterClosed) as error:
            self._lose(error.reason)
            self._ready()
        except AuditUnavailable:
            self._drop()
            raise

    def tidy(self) -> None:
        """What the store does after a commit, when nobody waits for it."""
        if self._store is not None:
            self._store.tidy()

    def close(self) -> None:
        """Writes ``writer.close`` and closes the store.

        Raises:
            AuditUnavailable: The record could not be written; the store is closed all the same.
        """
        try:
            self.commit([Item(Record("writer.close"))])
        finally:
            self._drop()

    def _ready(self) -> Store:
        if self._store is not None:
            return self._store
        if self._lost is None:
            try:
                store = open_store(self._url, self._busy, "open")
            except StoreGone as error:
                self._lost = error.reason
            else:
                return self._resume(store)
        return self._adopt(open_store(self._url, self._busy, "again"))

    def _live(self, store: Store) -> None:
        """Looks whether the store is there, and gives a sign of life where it is time."""
        if time.monotonic() - self._seen < _SIGN:
            store.check()
        else:
            store.alive(self._head.writer)
            self._seen = time.monotonic()
        self._sealing.forget(store.erasures)

    def _resume(self, store: Store) -> Store:
        """Goes on where the store stands: before the batches that failed, or after one of them.

        A database may still finish one that was given up, also after the next was tried.
        """
        try:
            found = store.head(self._head.writer)
        except AuditUnavailable:
            store.close()
            raise
        known = {(head.wseq, head.chain): head for head in (self._head, *self._attempts)}
        if found in known:
            self._head, self._store = known[found], store
            return store
        self._lost = "the store does not hold this writer's last record"
        return self._adopt(store)

    def _adopt(self, store: Store) -> Store:
        self._store = store
        try:
            self._begin(store)
        except AuditUnavailable:
            self._drop()
            raise
        return store

    def _begin(self, store: Store) -> None:
        """Starts a new writer in a store; its first record names those that it found there."""
        former, lost = self._head, self._lost
        detail: dict[str, Any] = {
            "gateway": __version__,
            **self._keys.names(),
            "heads": store.heads(_WITNESSED),
            "checkpoint": _newest_checkpoint(store),
        }
        if lost is not None:
            last = {"writer": former.writer, "wseq": former.wseq, "chain": former.chain.hex()}
            detail["former"] = {**last, "reason": lost}
        self._head = Head(uuid7(), -1, GENESIS)
        records = [Record("writer.open", detail=detail)]
        try:
            changed = key_change(last_open(store), detail)
            if changed is not None:
                records.append(Record("key.changed", detail=changed))
            self._write(store, [Item(record) for record in records])
        except AuditUnavailable:
            self._head, self._lost = former, lost
            raise
        self._lost = None
        if lost is not None and self._on_incident is not None:
            self._on_incident(f"{lost}; a new writer begins after record {former.wseq}")

    def _write(
        self, store: Store, items: Sequence[Item], also: Callable[[Work], None] | None = None
    ) -> None:
        try:
            batch = self._stored(store, items, also)
        except (StoreGone, WriterClosed) as error:
            self._lose(error.reason)
            raise
        except Exception as error:
            self._drop()
            if isinstance(error, AuditUnavailable):
                raise
            raise AuditUnavailable(f"a record cannot be written: {type(error).__name__}") from error
        self._head, self._seen = batch.head, time.monotonic()
        self._attempts.clear()
        self._sealing.stored()

    def _stored(
        self,
        store: Store,
        items: Sequence[Item],
        also: Callable[[Work], None] | None,
        attempts: int = _ATTEMPTS,
    ) -> Batch:
        """Writes a batch; it is sealed anew where somebody was erased in the meantime."""
        batch = self._batch(items, store.erasures, also)
        self._attempts.append(batch.head)
        try:
            store.write(batch)
        except SaltsErased:
            if attempts == 1:
                raise
            self._sealing.undo()
            return self._stored(store, items, also, attempts - 1)
        return batch

    def _batch(
        self, items: Sequence[Item], erasures: int, also: Callable[[Work], None] | None
    ) -> Batch:
        wseq, chain, entries = self._head.wseq, self._head.chain, []
        for item in items:
            wseq += 1
            entry = self._entry(item, wseq, chain, erasures)
            chain = entry.chain
            entries.append(entry)
        head, sealing = Head(self._head.writer, wseq, chain), self._sealing
        note = sign_head(head, self._keys.signer)
        new = dict(sealing.segments), head, note, tuple(sealing.salts)
        return Batch(entries, *new, sealing.erasures, also)

    def _entry(self, item: Item, wseq: int, previous: bytes, erasures: int) -> Entry:
        header = item.record.header(self._head.writer, wseq)
        sealed, segment = None, None
        tokens = self._tokens(item, header)
        if item.plaintext is not None:
            part = self._sealing.seal(item.plaintext, header, erasures)
            sealed, segment = part.sealed, part.segment
            bound = bind_tokens(tokens, sealed, part.sealed_salt) if tokens else None
            digest = sha256(sealed).hexdigest()
            header["sealed"] = SealedNote(segment, digest, len(sealed), part.salt, bound).value()
        raw = encode(header)
        chain = link(previous, raw)
        return Entry(item.record.id, wseq, raw, chain, columns(header), sealed, segment, tokens)

    def _tokens(self, item: Item, header: dict[str, Any]) -> tuple[int, ...]:
        if self._keys.index is None or not item.values:
            return ()
        tokens, omitted = self._keys.index.tokens(item.values)
        if omitted:
            header["omitted"] = {"values": omitted}
        return tokens

    def _lose(self, reason: str) -> None:
        self._lost = reason
        self._drop()

    def _drop(self) -> None:
        """Closes the store after a failure; the segment may not have been stored, so it ends."""
        self._sealing.end()
        if self._store is not None:
            with contextlib.suppress(AuditUnavailable):
                self._store.close()
            self._store = None


def _newest_checkpoint(store: Store) -> list[int] | None:
    """Number and size of the newest checkpoint: from here on those before it are missed."""
    with store.work() as work:
        rows = work.rows("SELECT number, size FROM checkpoints ORDER BY number DESC LIMIT 1")
    return list(rows[0]) if rows else None
